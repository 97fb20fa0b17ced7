package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestReadElements(t *testing.T) {
	f, err := os.Open("testdata/types.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	read, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	tensors := map[string][]float64{}
	for _, x := range read {
		tensors[x.Name] = x.Data
	}
	f64 := tensors["f64"]
	for name, largest := range map[string]float64{"f32": 0x1p-24, "f16": 0x1p-11, "bf16": 0x1p-8} {
		for i, got := range tensors[name] {
			want := f64[i]
			near := math.Abs(got-want) <= largest*math.Abs(want)+0x1p-25 // half of the smallest f16
			if same := got == want && math.Signbit(got) == math.Signbit(want); !same && !near && !(got != got && want != want) {
				t.Errorf("%s: element %d is %v, want %v", name, i, got, want)
			}
		}
	}
	if got := tensors["f16"][4:8]; got[0] != 65504 || got[1] != 0x1p-24 || !math.IsInf(got[2], 1) || !math.IsInf(got[3], -1) {
		t.Errorf("f16 has %v, want the largest, the smallest and both infinities", got)
	}
	if got := tensors["bf16"][1]; got != 0 || !math.Signbit(got) {
		t.Errorf("bf16 has %v, want -0", got)
	}
}

// file returns a safetensors file with a header and so many bytes of data.
func file(header string, data int) string {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return string(length) + header + strings.Repeat("\x00", data)
}

const damage = ". It is damaged or no safetensors file: copy it or save it again"

// broken are files with what Read says of each.
var broken = []struct{ file, want string }{
	{"", "the file ends in its first 8 bytes, the length of the header" + damage},
	{"\x01\x00", "the file ends in its first 8 bytes, the length of the header" + damage},
	{"\xff\xff\xff\xff\xff\xff\xff\xff{}", "the header claims 18446744073709551615 bytes, want at most 100000000" + damage},
	{"\x00\xe1\xf5\x05\x00\x00\x00\x00{}", "the file ends in the header: it claims 100000000 bytes and has 2" + damage},
	{file("", 0), "the header is no JSON object of tensors: it ends too early" + damage},
	{file("[]", 0), "the header is no JSON object of tensors: it begins with [" + damage},
	{file(`{"a":`, 0), "the header is no JSON object of tensors: it ends too early" + damage},
	{file(`{}{}`, 0), "the header is no JSON object of tensors: it has more bytes after the closing brace" + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}`, 16), `the header names "a" twice` + damage},
	{file(`{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}`, 8), `tensor "a" has dtype "I64", want F64, F32, F16 or BF16: convert it before saving, in PyTorch with .double()`},
	{file(`{"a":{"dtype":"F64","shape":[1,1,1,1],"data_offsets":[0,8]}}`, 8), `tensor "a" has shape [1 1 1 1], want at most 3 axes: reshape it before saving`},
	{file(`{"a":{"dtype":"F64","data_offsets":[0,8]}}`, 8), `tensor "a" has no shape` + damage},
	{file(`{"a":{"dtype":"F64","shape":null,"data_offsets":[0,8]}}`, 8), `tensor "a" has no shape` + damage},
	{file(`{"a":{"dtype":"F64","shape":[],"data_offsets":[0,16]}}`, 16), `tensor "a" has 16 bytes for shape [1] of F64` + damage},
	{file(`{"a":{"dtype":"F64","shape":[0],"data_offsets":[0,0]}}`, 0), `tensor "a" has shape [0], and no elements: leave it out when saving`},
	{file(`{"a":{"dtype":"F64","shape":[2,0],"data_offsets":[0,0]}}`, 0), `tensor "a" has shape [2 0], and no elements: leave it out when saving`},
	{file(`{"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}`, 8), `tensor "a" has shape [-1], and no axis is shorter than 0` + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}`, 8), `tensor "a" has data_offsets [8 0], want where it begins and where it ends` + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0]}}`, 8), `tensor "a" has data_offsets [0], want where it begins and where it ends` + damage},
	{file(`{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}`, 8), `tensor "a" has 8 bytes for shape [2] of F64` + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,9]}}`, 9), `tensor "a" has 9 bytes for shape [1] of F64` + damage},
	// Products of axes that overflow to the size in the offsets.
	{file(`{"a":{"dtype":"F64","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}`, 0), `tensor "a" has 0 bytes for shape [4294967296 4294967296 4294967296] of F64` + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}`, 16), `tensor "a" begins at byte 8, which leaves a gap: want 0` + damage},
	{file(`{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"b":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}`, 16), `tensor "b" begins at byte 8, which overlaps another: want 16` + damage},
	{file(`{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}`, 15), `the file ends in tensor "a": it claims 16 bytes and has 15` + damage},
	{file(`{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}`, 4), `the file ends in tensor "a": it claims 4398046511104 bytes and has 4` + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 9), "it has more bytes after its last tensor, which ends at byte 8 of the data" + damage},
}

// The bytes are the first that each program writes.
func TestReadOtherFiles(t *testing.T) {
	for begins, want := range map[string]string{
		"PK\x03\x04\x00\x00\x08\x08\x00\x00":               "zip archive",
		"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.":         "pickle",
		"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00}":    "pickle",
		"\x89HDF\r\n\x1a\n\x00":                            "HDF5",
		"\x93NUMPY\x01\x00v\x00{":                          "NumPy",
		"GGUF\x03\x00\x00\x00\x93\x00":                     "GGUF",
		"\x1f\x8b\x08\x08\x7f\x5e\x01\x00\x03w":            "gzip",
		"version https://git-lfs.github.com/spec/v1\n":     "git lfs pull",
		"<!DOCTYPE html>\n":                                "HTML",
		"<html><head>":                                     "HTML",
		"{\n  \"metadata\": {\n    \"total_size\": 1\n  }": "JSON",
		"these are no tensors at all":                      "the header claims",
	} {
		_, err := Read(strings.NewReader(begins))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want one with %q", begins, err, want)
		}
	}
}

func TestReadScalar(t *testing.T) {
	tensors, err := Read(strings.NewReader(file(`{"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}`, 16)))
	if got, want := fmt.Sprint(tensors, err), "[{a [1] [0]} {b [2] [0 0]}] <nil>"; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}

func TestReadBroken(t *testing.T) {
	for _, c := range broken {
		tensors, err := Read(strings.NewReader(c.file))
		if tensors != nil || err == nil || err.Error() != c.want {
			t.Errorf("%.90q:\n\t%v, want\n\t%s", c.file, err, c.want)
		}
	}
}

// The memory depends on the bytes that a file has, not on the sizes that it claims.
func TestReadHugeClaim(t *testing.T) {
	const claim = `{"a":{"dtype":"F64","shape":[137438953472],"data_offsets":[0,1099511627776]}}`
	bytes := testing.Benchmark(func(b *testing.B) {
		for range b.N {
			Read(strings.NewReader(file(claim, 1000)))
		}
	}).AllocedBytesPerOp()
	if bytes > 1e6 {
		t.Errorf("a file of 1 kB took %d bytes", bytes)
	}
}

// Any bytes are refused with a reason, or read as tensors that stay the same when written and read again.
func FuzzRead(f *testing.F) {
	for _, c := range broken {
		f.Add([]byte(c.file))
	}
	text, err := os.ReadFile("testdata/types.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		tensors, err := Read(bytes.NewReader(text))
		if err != nil {
			if tensors != nil || err.Error() == "" {
				t.Fatalf("%v with %v", tensors, err)
			}
			return
		}
		var again bytes.Buffer
		if err := Write(&again, tensors); err != nil {
			t.Fatal(err)
		}
		back, err := Read(&again)
		if err != nil {
			t.Fatal(err)
		}
		byName := func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) }
		slices.SortFunc(tensors, byName) // as they are written
		if got, want := fmt.Sprint(back), fmt.Sprint(tensors); got != want {
			t.Fatalf("%s came back, want %s", got, want)
		}
	})
}

func TestWriteRefusesNames(t *testing.T) {
	for _, names := range [][]string{{"a", "b", "a"}, {"__metadata__"}, {"\xff"}} {
		var tensors []Tensor
		for _, name := range names {
			tensors = append(tensors, Tensor{name, []int{1}, []float64{0}})
		}
		var out bytes.Buffer
		want := fmt.Sprintf("the name %q occurs twice or is not allowed: give each tensor a name of its own, in UTF-8", names[0])
		if err := Write(&out, tensors); err == nil || err.Error() != want || out.Len() > 0 {
			t.Errorf("%q: %v with %d bytes written, want %s", names, err, out.Len(), want)
		}
	}
}
