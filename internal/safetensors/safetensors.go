// Package safetensors reads and writes tensors in the safetensors format, in
// which PyTorch saves weights too.
//
// A file is the length of its header (8 bytes, little-endian), the header in
// JSON, and the elements of all tensors one after another:
//
//	{"weight": {"dtype": "F64", "shape": [2, 3], "data_offsets": [0, 48]}, …}
//
// https://github.com/huggingface/safetensors has the whole format. This package
// reads floating-point tensors of up to three axes, without an empty axis; a scalar
// as a tensor of one axis, 1 long.
package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxHeader = 100_000_000    // bytes; a longer header is refused, as by the reference library
	metadata  = "__metadata__" // the one key of the header that is no tensor
	chunk     = 1 << 16        // bytes read or written at once
)

// A Tensor is an array with a name.
type Tensor struct {
	Name  string
	Shape []int     // length of each axis, outermost first
	Data  []float64 // the last axis contiguous
}

// header is what the header says of one tensor.
type header struct {
	DType   string  `json:"dtype"`
	Shape   []int   `json:"shape"`
	Offsets []int64 `json:"data_offsets"` // first byte, and the one after the last

	name string
}

// ValidName reports whether the format allows the name for a tensor.
func ValidName(name string) bool { return name != metadata && utf8.ValidString(name) }

// Write writes tensors in F64 and in the order of their names, byte for byte
// what safetensors.torch.save_file writes with the metadata {"format": "pt"}.
// It returns an error when a name is not valid or occurs twice, and when w does.
func Write(w io.Writer, tensors []Tensor) error {
	tensors = slices.SortedFunc(slices.Values(tensors), func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	var head bytes.Buffer
	head.WriteString(`{"` + metadata + `":{"format":"pt"}`)
	at := int64(0)
	for i, t := range tensors {
		if !ValidName(t.Name) || i > 0 && t.Name == tensors[i-1].Name {
			return fmt.Errorf("the name %q occurs twice or is not allowed: give each tensor a name of its own, in UTF-8", t.Name)
		}
		size := 8 * int64(len(t.Data))
		name, _ := json.Marshal(t.Name) // of a string: no error
		info, _ := json.Marshal(header{DType: "F64", Shape: t.Shape, Offsets: []int64{at, at + size}})
		fmt.Fprintf(&head, ",%s:%s", name, info)
		at += size
	}
	head.WriteByte('}')
	for head.Len()%8 != 0 { // so that the elements are aligned
		head.WriteByte(' ')
	}
	out := bufio.NewWriterSize(w, chunk)
	var word [8]byte
	put := func(v uint64) {
		binary.LittleEndian.PutUint64(word[:], v)
		out.Write(word[:]) // an error stays, and Flush returns it
	}
	put(uint64(head.Len()))
	out.Write(head.Bytes())
	for _, t := range tensors {
		for _, v := range t.Data {
			put(math.Float64bits(v))
		}
	}
	return out.Flush()
}

// Read reads all tensors of a file, in the order of their elements, of type
// F64, F32, F16 or BF16. It returns an error that says what is wrong when the
// file is cut, damaged, or holds another kind of tensor. It never takes more
// memory than a few times the bytes that r really has.
func Read(r io.Reader) ([]Tensor, error) {
	headers, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(headers, func(a, b header) int { return int(min(max(a.Offsets[0]-b.Offsets[0], -1), 1)) })
	at := int64(0)
	for _, h := range headers {
		if h.Offsets[0] != at {
			what := "leaves a gap"
			if h.Offsets[0] < at {
				what = "overlaps another"
			}
			return nil, damaged("tensor %q begins at byte %d, which %s: want %d", h.name, h.Offsets[0], what, at)
		}
		at = h.Offsets[1]
	}
	tensors := make([]Tensor, len(headers))
	buffer := make([]byte, chunk)
	for i, h := range headers {
		data, err := readElements(r, buffer, h)
		if err != nil {
			return nil, err
		}
		tensors[i] = Tensor{h.name, h.Shape, data}
	}
	switch _, err := io.ReadFull(r, buffer[:1]); err {
	case io.EOF:
		return tensors, nil
	case nil:
		return nil, damaged("it has more bytes after its last tensor, which ends at byte %d of the data", at)
	default:
		return nil, err
	}
}

// damaged is an error in what the file says.
func damaged(format string, args ...any) error {
	return fmt.Errorf(format+". It is damaged or no safetensors file: copy it or save it again", args...)
}

// cut turns the end of the file where more was due into an error that says so.
func cut(err error, format string, args ...any) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return damaged("the file ends in "+format, args...)
	}
	return err
}

// others are the files that are usually taken for one of this format, by how they begin.
var others = []struct{ begins, is string }{
	{"PK\x03\x04", "a zip archive, as torch.save writes .pt, .pth and .bin files: load it in Python and save it with safetensors.torch.save_file"},
	{"\x80\x02", "a pickle, as torch.save wrote .pt, .pth and .bin files: load it in Python and save it with safetensors.torch.save_file"},
	{"\x80\x03", "a pickle of Python: load it there and save it with safetensors.torch.save_file"},
	{"\x80\x04", "a pickle of Python: load it there and save it with safetensors.torch.save_file"},
	{"\x80\x05", "a pickle of Python: load it there and save it with safetensors.torch.save_file"},
	{"\x89HDF", "an HDF5 file, as Keras writes .h5: load it in Python and save it with safetensors.numpy.save_file"},
	{"\x93NUMPY", "an array of NumPy (.npy): load it in Python and save it with safetensors.numpy.save_file"},
	{"GGUF", "a GGUF file, as llama.cpp reads: take the model's safetensors file"},
	{"\x1f\x8b", "packed by gzip: unpack it first"},
	{"version ", "a note of Git LFS that stands for the file: git lfs pull fetches it"},
	{"<!", "a page of HTML, which a server may send in place of a file: download it again"},
	{"<html", "a page of HTML, which a server may send in place of a file: download it again"},
	{"{", "JSON, as the index of a model in several files: load these one by one"},
}

// readHeader returns what the header says, each tensor checked by itself.
func readHeader(r io.Reader) ([]header, error) {
	var word [8]byte
	if _, err := io.ReadFull(r, word[:]); err != nil {
		return nil, cut(err, "its first 8 bytes, the length of the header")
	}
	n := binary.LittleEndian.Uint64(word[:])
	if n > maxHeader {
		for _, kind := range others {
			if strings.HasPrefix(string(word[:]), kind.begins) {
				return nil, fmt.Errorf("it is no safetensors file but %s", kind.is)
			}
		}
		return nil, damaged("the header claims %d bytes, want at most %d", n, maxHeader)
	}
	var text bytes.Buffer // grows with what is read, not with what is claimed
	if _, err := io.CopyN(&text, r, int64(n)); err != nil {
		return nil, cut(err, "the header: it claims %d bytes and has %d", n, text.Len())
	}
	unreadable := func(err error) error {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = errors.New("it ends too early")
		}
		return damaged("the header is no JSON object of tensors: %v", err)
	}
	d := json.NewDecoder(&text)
	if t, err := d.Token(); err != nil {
		return nil, unreadable(err)
	} else if t != json.Delim('{') {
		return nil, unreadable(fmt.Errorf("it begins with %v", t))
	}
	var headers []header
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, unreadable(err)
		}
		name := key.(string) // a key of an object is one
		if seen[name] {
			return nil, damaged("the header names %q twice", name)
		}
		seen[name] = true
		if name == metadata {
			if err := d.Decode(new(map[string]string)); err != nil {
				return nil, unreadable(err)
			}
			continue
		}
		h := header{name: name}
		if err := d.Decode(&h); err != nil {
			return nil, unreadable(err)
		}
		if err := h.check(); err != nil {
			return nil, err
		}
		headers = append(headers, h)
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return nil, unreadable(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, unreadable(errors.New("it has more bytes after the closing brace"))
	}
	return headers, nil
}

// check returns an error unless a tensor can be what the header says of it.
func (h *header) check() error {
	size := elementSize[h.DType]
	if size == 0 {
		return fmt.Errorf("tensor %q has dtype %q, want F64, F32, F16 or BF16: convert it before saving, in PyTorch with .double()", h.name, h.DType)
	}
	if h.Shape == nil {
		return damaged("tensor %q has no shape", h.name)
	}
	if len(h.Shape) == 0 { // a scalar
		h.Shape = []int{1}
	}
	switch {
	case len(h.Shape) > 3:
		return fmt.Errorf("tensor %q has shape %v, want at most 3 axes: reshape it before saving", h.name, h.Shape)
	case slices.Min(h.Shape) == 0:
		return fmt.Errorf("tensor %q has shape %v, and no elements: leave it out when saving", h.name, h.Shape)
	case slices.Min(h.Shape) < 0:
		return damaged("tensor %q has shape %v, and no axis is shorter than 0", h.name, h.Shape)
	}
	if len(h.Offsets) != 2 || h.Offsets[0] < 0 || h.Offsets[1] < h.Offsets[0] {
		return damaged("tensor %q has data_offsets %v, want where it begins and where it ends", h.name, h.Offsets)
	}
	// Divide rather than multiply: a product of claims may overflow.
	rest := h.Offsets[1] - h.Offsets[0]
	fits := rest%size == 0
	rest /= size
	for _, d := range h.Shape {
		fits = fits && rest%int64(d) == 0
		rest /= int64(d)
	}
	if !fits || rest != 1 {
		return damaged("tensor %q has %d bytes for shape %v of %s", h.name, h.Offsets[1]-h.Offsets[0], h.Shape, h.DType)
	}
	return nil
}

// elementSize is the number of bytes of an element.
var elementSize = map[string]int64{"F64": 8, "F32": 4, "F16": 2, "BF16": 2}

// readElements reads one tensor's elements. The slice grows with what is read,
// not with what is claimed.
func readElements(r io.Reader, buffer []byte, h header) ([]float64, error) {
	var data []float64
	claim, size := h.Offsets[1]-h.Offsets[0], int(elementSize[h.DType])
	for rest := claim; rest > 0; {
		b := buffer[:min(rest, int64(len(buffer)))]
		n, err := io.ReadFull(r, b)
		if err != nil {
			return nil, cut(err, "tensor %q: it claims %d bytes and has %d", h.name, claim, claim-rest+int64(n))
		}
		rest -= int64(len(b))
		for ; len(b) > 0; b = b[size:] {
			data = append(data, element(h.DType, b))
		}
	}
	return data, nil
}

// element returns the first element of b.
func element(dtype string, b []byte) float64 {
	switch dtype {
	case "F64":
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case "F32":
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case "BF16": // the upper half of an F32
		return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16))
	default:
		return float16(binary.LittleEndian.Uint16(b))
	}
}

// float16 returns the value of an IEEE 754 half: sign, 5 bits of exponent, 10
// of fraction.
func float16(b uint16) float64 {
	sign, exponent, fraction := 1-2*float64(b>>15), int(b>>10&31), float64(b&1023)
	switch {
	case exponent == 31 && fraction > 0:
		return math.NaN()
	case exponent == 31:
		return sign * math.Inf(1)
	case exponent == 0:
		return sign * math.Ldexp(fraction, -24)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}
