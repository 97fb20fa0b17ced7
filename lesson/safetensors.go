package lesson

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"unroll/internal/safetensors"
)

// WithPrefix returns the same parameters under names with a prefix: with
// "rnn.", weight_hh_l0 becomes rnn.weight_hh_l0, its name in the state_dict of
// a PyTorch module that calls the layer rnn. Values and gradients are shared. It
// panics when a parameter is nil.
func WithPrefix(prefix string, params []*Parameter) []*Parameter {
	out := make([]*Parameter, len(params))
	for i, p := range params {
		checkNotNil("WithPrefix", fmt.Sprintf("parameter %d", i), p)
		out[i] = &Parameter{Name: prefix + p.Name, Value: p.Value, Grad: p.Grad}
	}
	return out
}

// SaveParameters writes the parameters' values to a safetensors file, which
// PyTorch reads with safetensors.torch.load_file. A file of that name is
// replaced, but only by a whole one: when an error is returned it is as before.
func SaveParameters(path string, params []*Parameter) (err error) {
	checkValues("SaveParameters", params)
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
	if err = writeSafetensors(f, params); err == nil {
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
	checkValues("LoadParameters", params)
	defer func() {
		if err != nil {
			err = fmt.Errorf("lesson: loading %s: %w", path, err)
		}
	}()
	tensors, err := readTensors(path)
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
	tensors, err := readTensors(path)
	if err != nil {
		return nil, fmt.Errorf("lesson: loading %s: %w", path, err)
	}
	return tensors, nil
}

func readTensors(path string) (map[string]*Tensor, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readSafetensors(f)
}

// checkNames returns an error unless the parameters can share one file.
func checkNames(params []*Parameter) error {
	seen := map[string]bool{}
	for _, p := range params {
		switch {
		case seen[p.Name]:
			return fmt.Errorf("two parameters are called %q: tell them apart with WithPrefix", p.Name)
		case !safetensors.ValidName(p.Name):
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
	const fn = "WriteSafetensors"
	if w == nil {
		failf(fn, "w is nil, want something to write to")
	}
	checkValues(fn, params)
	return writeSafetensors(w, params)
}

// checkValues panics unless each parameter has a value. What a file holds is
// the values alone: a parameter that is only saved needs no gradient.
func checkValues(fn string, params []*Parameter) {
	for i, p := range params {
		if p == nil || len(p.Value.axes()) == 0 {
			failf(fn, "parameter %d is %s, want a value of 1 to 3 axes", i, p.describe())
		}
	}
}

func writeSafetensors(w io.Writer, params []*Parameter) error {
	if err := checkNames(params); err != nil {
		return err
	}
	tensors := make([]safetensors.Tensor, len(params))
	for i, p := range params {
		tensors[i] = safetensors.Tensor{Name: p.Name, Shape: p.Value.shape, Data: p.Value.data}
	}
	return safetensors.Write(w, tensors)
}

// ReadSafetensors reads all tensors of a safetensors file by their names, with
// elements of type F64, F32, F16 or BF16; a scalar becomes a tensor of one axis, 1
// long. It returns an error that says what is wrong when the file is cut, damaged,
// of another format, or holds what a [Tensor] can't, such as no elements. It never
// takes more memory than a few times the bytes that r really has.
func ReadSafetensors(r io.Reader) (map[string]*Tensor, error) {
	if r == nil {
		failf("ReadSafetensors", "r is nil, want something to read")
	}
	return readSafetensors(r)
}

func readSafetensors(r io.Reader) (map[string]*Tensor, error) {
	read, err := safetensors.Read(r)
	if err != nil {
		return nil, err
	}
	tensors := make(map[string]*Tensor, len(read))
	for _, t := range read {
		tensors[t.Name] = TensorOf(t.Data, t.Shape...)
	}
	return tensors, nil
}
