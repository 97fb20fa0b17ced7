package lesson

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// A safetensors file is the length of its header (8 bytes, little-endian), the
// header in JSON, and the elements of all tensors behind one another:
//
//	{"weight": {"dtype": "F64", "shape": [2, 3], "data_offsets": [0, 48]}, …}
//
// https://github.com/huggingface/safetensors has the whole format.

const (
	maxHeader = 100_000_000    // bytes; more is refused, as the reference library does
	metadata  = "__metadata__" // the one key of the header that is no tensor
	chunk     = 1 << 16        // bytes read or written at once
)

// tensorInfo is what the header says of one tensor.
type tensorInfo struct {
	DType   string  `json:"dtype"`
	Shape   []int   `json:"shape"`
	Offsets []int64 `json:"data_offsets"` // first byte, and the one behind the last

	name string
}

// WithPrefix returns the same parameters under names with a prefix: with
// "rnn.", weight_hh_l0 becomes rnn.weight_hh_l0, its name in the state_dict of
// a PyTorch module that calls the layer rnn. Values and gradients are shared.
func WithPrefix(prefix string, params []*Parameter) []*Parameter {
	out := make([]*Parameter, len(params))
	for i, p := range params {
		out[i] = &Parameter{Name: prefix + p.Name, Value: p.Value, Grad: p.Grad}
	}
	return out
}

// SaveParameters writes the parameters' values to a safetensors file, which
// PyTorch reads with safetensors.torch.load_file. A file of that name is
// replaced, but only by a whole one: when an error is returned it is as before.
func SaveParameters(path string, params []*Parameter) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("lesson: saving %s: %w", path, err)
		}
	}()
	temporary := fmt.Sprintf("%s.%016x.tmp", path, rand.Uint64())
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if err = WriteSafetensors(f, params); err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		os.Remove(temporary)
	}
	return err
}

// LoadParameters sets the parameters to the values in a safetensors file. The
// file must hold tensors of exactly their names and shapes; PyTorch's names
// are theirs, see [WithPrefix] for those of a larger module. When an error is
// returned no parameter has changed.
func LoadParameters(path string, params []*Parameter) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("lesson: loading %s: %w", path, err)
		}
	}()
	tensors, err := readFile(path)
	if err != nil {
		return err
	}
	if err := checkNames(params); err != nil {
		return err
	}
	var wrong []string
	unknown := maps.Clone(tensors)
	for _, p := range params {
		switch t := tensors[p.Name]; {
		case t == nil:
			wrong = append(wrong, fmt.Sprintf("%q is missing", p.Name))
		case !t.shape.Equal(p.Value.shape):
			wrong = append(wrong, fmt.Sprintf("%q is %s, want %s", p.Name, t.shape.times(), p.Value.shape.times()))
		}
		delete(unknown, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		wrong = append(wrong, fmt.Sprintf("%q is no parameter", name))
	}
	if wrong != nil {
		return fmt.Errorf("the file's tensors are not the parameters: %s. Load into layers made with the sizes and options of those that were saved, under the same names (WithPrefix)", strings.Join(wrong, "; "))
	}
	for _, p := range params {
		copy(p.Value.data, tensors[p.Name].data)
	}
	return nil
}

// LoadTensors returns all tensors in a safetensors file by their names, as
// [ReadSafetensors] does.
func LoadTensors(path string) (map[string]*Tensor, error) {
	tensors, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("lesson: loading %s: %w", path, err)
	}
	return tensors, nil
}

func readFile(path string) (map[string]*Tensor, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		here, _ := os.Getwd()
		return nil, fmt.Errorf("no such file: give its path from %s, or a full one", here)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadSafetensors(f)
}

// checkNames returns an error unless the parameters can share one file.
func checkNames(params []*Parameter) error {
	seen := map[string]bool{}
	for _, p := range params {
		switch {
		case seen[p.Name]:
			return fmt.Errorf("two parameters are called %q: tell them apart with WithPrefix", p.Name)
		case p.Name == metadata || !utf8.ValidString(p.Name):
			return fmt.Errorf("a parameter is called %q, which safetensors does not allow: give it another name", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

// WriteSafetensors writes the parameters' values as safetensors, in F64 and in
// the order of their names, byte for byte what safetensors.torch.save_file
// writes with the metadata {"format": "pt"}. It returns an error when two
// parameters have the same name and when w does.
func WriteSafetensors(w io.Writer, params []*Parameter) error {
	if err := checkNames(params); err != nil {
		return err
	}
	params = slices.SortedFunc(slices.Values(params), func(a, b *Parameter) int { return strings.Compare(a.Name, b.Name) })
	var header bytes.Buffer
	header.WriteString(`{"` + metadata + `":{"format":"pt"}`)
	at := int64(0)
	for _, p := range params {
		size := 8 * int64(len(p.Value.data))
		name, _ := json.Marshal(p.Name) // of a string: no error
		info, _ := json.Marshal(tensorInfo{DType: "F64", Shape: p.Value.shape, Offsets: []int64{at, at + size}})
		fmt.Fprintf(&header, ",%s:%s", name, info)
		at += size
	}
	header.WriteByte('}')
	for header.Len()%8 != 0 { // so that the elements are aligned
		header.WriteByte(' ')
	}
	out := bufio.NewWriterSize(w, chunk)
	var word [8]byte
	put := func(v uint64) {
		binary.LittleEndian.PutUint64(word[:], v)
		out.Write(word[:]) // an error stays, and Flush returns it
	}
	put(uint64(header.Len()))
	out.Write(header.Bytes())
	for _, p := range params {
		for _, v := range p.Value.data {
			put(math.Float64bits(v))
		}
	}
	return out.Flush()
}

// ReadSafetensors reads all tensors of a safetensors file by their names, with
// elements of type F64, F32, F16 or BF16. It returns an error that says what is
// wrong when the file is cut, damaged, or holds what a [Tensor] can't. It never
// takes more memory than a few times the bytes that r really has.
func ReadSafetensors(r io.Reader) (map[string]*Tensor, error) {
	infos, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(infos, func(a, b tensorInfo) int { return int(min(max(a.Offsets[0]-b.Offsets[0], -1), 1)) })
	at := int64(0)
	for _, t := range infos {
		if t.Offsets[0] != at {
			what := "leaves a gap"
			if t.Offsets[0] < at {
				what = "overlaps another"
			}
			return nil, damaged("tensor %q begins at byte %d, which %s: want %d", t.name, t.Offsets[0], what, at)
		}
		at = t.Offsets[1]
	}
	tensors := make(map[string]*Tensor, len(infos))
	buffer := make([]byte, chunk)
	for _, t := range infos {
		data, err := readElements(r, buffer, t)
		if err != nil {
			return nil, err
		}
		tensors[t.name] = TensorOf(data, t.Shape...)
	}
	switch _, err := io.ReadFull(r, buffer[:1]); err {
	case io.EOF:
		return tensors, nil
	case nil:
		return nil, damaged("it goes on behind its last tensor, which ends at byte %d of the data", at)
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

// readHeader returns what the header says, each tensor checked by itself.
func readHeader(r io.Reader) ([]tensorInfo, error) {
	var word [8]byte
	if _, err := io.ReadFull(r, word[:]); err != nil {
		return nil, cut(err, "its first 8 bytes, the length of the header")
	}
	n := binary.LittleEndian.Uint64(word[:])
	if n > maxHeader {
		return nil, damaged("the header claims %d bytes, want at most %d", n, maxHeader)
	}
	var header bytes.Buffer // grows with what is read, not with what is claimed
	if _, err := io.CopyN(&header, r, int64(n)); err != nil {
		return nil, cut(err, "the header: it claims %d bytes and has %d", n, header.Len())
	}
	unreadable := func(err error) error {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = errors.New("it ends too early")
		}
		return damaged("the header is no JSON object of tensors: %v", err)
	}
	d := json.NewDecoder(&header)
	if t, err := d.Token(); err != nil {
		return nil, unreadable(err)
	} else if t != json.Delim('{') {
		return nil, unreadable(fmt.Errorf("it begins with %v", t))
	}
	var infos []tensorInfo
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
		t := tensorInfo{name: name}
		if err := d.Decode(&t); err != nil {
			return nil, unreadable(err)
		}
		if err := t.check(); err != nil {
			return nil, err
		}
		infos = append(infos, t)
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return nil, unreadable(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, unreadable(errors.New("it goes on behind the closing brace"))
	}
	return infos, nil
}

// check returns an error unless a tensor can be what the header says of it.
func (t *tensorInfo) check() error {
	size := elementSize[t.DType]
	if size == 0 {
		return fmt.Errorf("tensor %q has dtype %q, want F64, F32, F16 or BF16: convert it before saving, in PyTorch with .double()", t.name, t.DType)
	}
	if len(t.Shape) < 1 || len(t.Shape) > 3 || slices.Min(t.Shape) < 1 {
		return fmt.Errorf("tensor %q has shape %v, want 1 to 3 axes, each at least 1 long: reshape it before saving", t.name, t.Shape)
	}
	if len(t.Offsets) != 2 || t.Offsets[0] < 0 || t.Offsets[1] < t.Offsets[0] {
		return damaged("tensor %q has data_offsets %v, want where it begins and where it ends", t.name, t.Offsets)
	}
	// Divide rather than multiply: a product of claims may overflow.
	rest := t.Offsets[1] - t.Offsets[0]
	fits := rest%size == 0
	rest /= size
	for _, d := range t.Shape {
		fits = fits && rest%int64(d) == 0
		rest /= int64(d)
	}
	if !fits || rest != 1 {
		return damaged("tensor %q has %d bytes for shape %v of %s", t.name, t.Offsets[1]-t.Offsets[0], t.Shape, t.DType)
	}
	return nil
}

// elementSize is the number of bytes of an element.
var elementSize = map[string]int64{"F64": 8, "F32": 4, "F16": 2, "BF16": 2}

// readElements reads one tensor's elements. The slice grows with what is read,
// not with what is claimed.
func readElements(r io.Reader, buffer []byte, t tensorInfo) ([]float64, error) {
	var data []float64
	claim, size := t.Offsets[1]-t.Offsets[0], int(elementSize[t.DType])
	for rest := claim; rest > 0; {
		b := buffer[:min(rest, int64(len(buffer)))]
		n, err := io.ReadFull(r, b)
		if err != nil {
			return nil, cut(err, "tensor %q: it claims %d bytes and has %d", t.name, claim, claim-rest+int64(n))
		}
		rest -= int64(len(b))
		for ; len(b) > 0; b = b[size:] {
			data = append(data, element(t.DType, b))
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
