package plots_test

import (
	"os"
	"testing"
)

// Examples show figures, which go to a folder of their own.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "figures")
	if err != nil {
		panic(err)
	}
	os.Setenv("UNROLL_FIGURES", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}
