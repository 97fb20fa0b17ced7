package lesson

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
