//go:build linux || darwin

package simd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The generated files are what gen writes.
func TestGeneratedFiles(t *testing.T) {
	goIn := func(args ...string) ([]byte, error) {
		cmd := exec.Command("go", args...)
		cmd.Dir = "gen"
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off", "GOOS=", "GOARCH=")
		return cmd.CombinedOutput()
	}
	if out, err := goIn("list", "-deps", "."); err != nil {
		t.Skipf("it needs avo: run go mod download in internal/simd/gen (%s)", bytes.TrimSpace(out))
	}
	dir := t.TempDir()
	if out, err := goIn("run", ".", "-dir", dir); err != nil {
		t.Fatalf("gen: %v\n%s", err, out)
	}
	for _, name := range []string{"kernels_amd64.s", "kernels_amd64.go", "kernels_other.go"} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what gen writes: run go generate ./internal/simd", name)
		}
	}
}
