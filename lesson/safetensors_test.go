package lesson

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// module is the one whose state_dict testdata/parity/parts.py saved with PyTorch.
func module() []*Parameter {
	rng := newRand(1)
	params := WithPrefix("embedding.", NewEmbedding(rng, 5, 3).Parameters())
	params = append(params, WithPrefix("rnn.", NewLSTM(rng, 3, 2, Bidirectional).Parameters())...)
	return append(params, WithPrefix("linear.", NewLinear(rng, 4, 2).Parameters())...)
}

// What PyTorch saved is loaded, and saved again the same bytes.
func TestSafetensorsBothWays(t *testing.T) {
	const path = "testdata/parity/module.safetensors"
	params := module()
	if err := LoadParameters(path, params); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again.safetensors")
	if err := SaveParameters(again, params); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(again); err != nil || !bytes.Equal(got, want) {
		t.Errorf("saved %d bytes, %v, want the %d that PyTorch saved", len(got), err, len(want))
	}
}

func TestSafetensorsElements(t *testing.T) {
	tensors, err := LoadTensors("testdata/parity/types.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f64 := tensors["f64"].data
	for name, largest := range map[string]float64{"f32": 0x1p-24, "f16": 0x1p-11, "bf16": 0x1p-8} {
		for i, got := range tensors[name].data {
			want := f64[i]
			near := math.Abs(got-want) <= largest*math.Abs(want)+0x1p-25 // half of the smallest f16
			if same := got == want && math.Signbit(got) == math.Signbit(want); !same && !near && !(got != got && want != want) {
				t.Errorf("%s: element %d is %v, want %v", name, i, got, want)
			}
		}
	}
	if got := tensors["f16"].data[4:8]; got[0] != 65504 || got[1] != 0x1p-24 || !math.IsInf(got[2], 1) || !math.IsInf(got[3], -1) {
		t.Errorf("f16 has %v, want the largest, the smallest and both infinities", got)
	}
	if got := tensors["bf16"].data[1]; got != 0 || !math.Signbit(got) {
		t.Errorf("bf16 has %v, want -0", got)
	}
}

// file returns a safetensors file with a header and so many bytes of data.
func file(header string, data int) string {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return string(length) + header + strings.Repeat("\x00", data)
}

const damage = ". It is damaged or no safetensors file: copy it or save it again"

// broken are files with what ReadSafetensors says of each.
var broken = []struct{ file, want string }{
	{"", "the file ends in its first 8 bytes, the length of the header" + damage},
	{"\x01\x00", "the file ends in its first 8 bytes, the length of the header" + damage},
	{"\xff\xff\xff\xff\xff\xff\xff\xff{}", "the header claims 18446744073709551615 bytes, want at most 100000000" + damage},
	{"\x00\xe1\xf5\x05\x00\x00\x00\x00{}", "the file ends in the header: it claims 100000000 bytes and has 2" + damage},
	{file("", 0), "the header is no JSON object of tensors: it ends too early" + damage},
	{file("[]", 0), "the header is no JSON object of tensors: it begins with [" + damage},
	{file(`{"a":`, 0), "the header is no JSON object of tensors: it ends too early" + damage},
	{file(`{}{}`, 0), "the header is no JSON object of tensors: it goes on behind the closing brace" + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}`, 16), `the header names "a" twice` + damage},
	{file(`{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}`, 8), `tensor "a" has dtype "I64", want F64, F32, F16 or BF16: convert it before saving, in PyTorch with .double()`},
	{file(`{"a":{"dtype":"F64","shape":[1,1,1,1],"data_offsets":[0,8]}}`, 8), `tensor "a" has shape [1 1 1 1], want 1 to 3 axes, each at least 1 long: reshape it before saving`},
	{file(`{"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}`, 8), `tensor "a" has shape [], want 1 to 3 axes, each at least 1 long: reshape it before saving`},
	{file(`{"a":{"dtype":"F64","shape":[0],"data_offsets":[0,0]}}`, 0), `tensor "a" has shape [0], want 1 to 3 axes, each at least 1 long: reshape it before saving`},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}`, 8), `tensor "a" has data_offsets [8 0], want where it begins and where it ends` + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0]}}`, 8), `tensor "a" has data_offsets [0], want where it begins and where it ends` + damage},
	{file(`{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}`, 8), `tensor "a" has 8 bytes for shape [2] of F64` + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,9]}}`, 9), `tensor "a" has 9 bytes for shape [1] of F64` + damage},
	// Products that overflow to what the offsets say.
	{file(`{"a":{"dtype":"F64","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}`, 0), `tensor "a" has 0 bytes for shape [4294967296 4294967296 4294967296] of F64` + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}`, 16), `tensor "a" begins at byte 8, which leaves a gap: want 0` + damage},
	{file(`{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"b":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}`, 16), `tensor "b" begins at byte 8, which overlaps another: want 16` + damage},
	{file(`{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}`, 15), `the file ends in tensor "a": it claims 16 bytes and has 15` + damage},
	{file(`{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}`, 4), `the file ends in tensor "a": it claims 4398046511104 bytes and has 4` + damage},
	{file(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 9), "it goes on behind its last tensor, which ends at byte 8 of the data" + damage},
}

func TestReadSafetensorsBroken(t *testing.T) {
	for _, c := range broken {
		tensors, err := ReadSafetensors(strings.NewReader(c.file))
		if tensors != nil || err == nil || err.Error() != c.want {
			t.Errorf("%.90q:\n\t%v, want\n\t%s", c.file, err, c.want)
		}
	}
}

// What a file claims takes no memory: only what it has.
func TestReadSafetensorsHugeClaim(t *testing.T) {
	const claim = `{"a":{"dtype":"F64","shape":[137438953472],"data_offsets":[0,1099511627776]}}`
	bytes := testing.Benchmark(func(b *testing.B) {
		for range b.N {
			ReadSafetensors(strings.NewReader(file(claim, 1000)))
		}
	}).AllocedBytesPerOp()
	if bytes > 1e6 {
		t.Errorf("a file of 1 kB took %d bytes", bytes)
	}
}

func TestLoadParametersWrongTensors(t *testing.T) {
	const path = "testdata/parity/module.safetensors"
	params := module()
	params[0].Name = "embedding.weights"                                         // and so weight is no parameter
	params[1] = &Parameter{"rnn.weight_ih_l0", NewTensor(8, 4), NewTensor(8, 4)} // of other sizes
	before := params[2].Value.Clone()
	err := LoadParameters(path, params)
	want := "lesson: loading " + path + `: the file's tensors are not the parameters: "embedding.weights" is missing; ` +
		`"rnn.weight_ih_l0" is 8×3, want 8×4; "embedding.weight" is no parameter. ` +
		"Load into layers made with the sizes and options of those that were saved, under the same names (WithPrefix)"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want\n%s", err, want)
	}
	if MaxAbsDiff(params[2].Value, before) != 0 {
		t.Error("a parameter has changed all the same")
	}
	for name, want := range map[string]string{
		"linear.bias":  `two parameters are called "linear.bias": tell them apart with WithPrefix`,
		"__metadata__": `a parameter is called "__metadata__", which safetensors does not allow: give it another name`,
		"\xff":         `a parameter is called "\xff", which safetensors does not allow: give it another name`,
	} {
		params := module()
		params[0].Name = name
		if err := WriteSafetensors(io.Discard, params); err == nil || err.Error() != want {
			t.Errorf("WriteSafetensors: %v, want %s", err, want)
		}
	}
}

// When it cannot be saved, the file that was there is as before.
func TestSaveParametersKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.safetensors")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	params := module()
	params[0].Name = params[1].Name
	if err := SaveParameters(path, params); err == nil || !strings.HasPrefix(err.Error(), "lesson: saving "+path+": two parameters") {
		t.Errorf("SaveParameters: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "old" {
		t.Errorf("the file is %q, want it as before", text)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("it left %v", left)
	}
}

// Whatever the bytes, they are refused with a reason, or read as tensors that are written and read the same.
func FuzzReadSafetensors(f *testing.F) {
	for _, c := range broken {
		f.Add([]byte(c.file))
	}
	for _, name := range []string{"module", "types"} {
		text, err := os.ReadFile("testdata/parity/" + name + ".safetensors")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tensors, err := ReadSafetensors(bytes.NewReader(text))
		if err != nil {
			if tensors != nil || err.Error() == "" {
				t.Fatalf("%v with %v", tensors, err)
			}
			return
		}
		var params []*Parameter
		for name, x := range tensors {
			params = append(params, &Parameter{Name: name, Value: x})
		}
		var again bytes.Buffer
		if err := WriteSafetensors(&again, params); err != nil {
			t.Fatal(err)
		}
		back, err := ReadSafetensors(&again)
		if err != nil {
			t.Fatal(err)
		}
		if len(back) != len(tensors) {
			t.Fatalf("%d tensors came back, want %d", len(back), len(tensors))
		}
		for name, x := range tensors {
			if got, want := fmt.Sprint(back[name].shape, back[name].data), fmt.Sprint(x.shape, x.data); got != want {
				t.Fatalf("%q came back as %s, want %s", name, got, want)
			}
		}
	})
}
