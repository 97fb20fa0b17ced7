package plots_test

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the figures of the examples to testdata")

// Examples show figures, which go to a folder of their own.
func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "figures")
	if err != nil {
		panic(err)
	}
	os.Setenv("UNROLL_FIGURES", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}
