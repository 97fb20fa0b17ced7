package lesson

import (
	"bytes"
	"io"
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

// A file that PyTorch saved is loaded, and saving it again gives the same bytes.
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

func TestLoadParametersWrongTensors(t *testing.T) {
	const path = "testdata/parity/module.safetensors"
	params := module()
	params[0].Name = "embedding.weights"                                         // so weight is not a parameter
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
		t.Error("a parameter has changed in spite of the error")
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

// If saving fails, the earlier file is unchanged.
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

func TestLoadTensors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "two.safetensors")
	a, b := TensorOf([]float64{1, 2, 3, 4, 5, 6}, 2, 3), TensorOf([]float64{-0.5}, 1)
	if err := SaveParameters(path, []*Parameter{NewParameter("a", a), NewParameter("b", b)}); err != nil {
		t.Fatal(err)
	}
	got, err := LoadTensors(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || MaxAbsDiff(got["a"], a) != 0 || MaxAbsDiff(got["b"], b) != 0 {
		t.Errorf("loaded %v, want a = %v and b = %v", got, a, b)
	}
}

func TestLoadTensorsErrors(t *testing.T) {
	dir := t.TempDir()
	cut := filepath.Join(dir, "cut.safetensors")
	if err := os.WriteFile(cut, []byte{1, 2, 3}, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want string }{
		{filepath.Join(dir, "none.safetensors"), "no such file: give its path from"},
		{cut, "lesson: loading " + cut + ": "},
	} {
		tensors, err := LoadTensors(c.path)
		if tensors != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("LoadTensors(%q): %v, %v, want an error with %q", c.path, tensors, err, c.want)
		}
	}
}
