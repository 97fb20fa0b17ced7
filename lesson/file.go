package lesson

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// openFile opens a file for reading. Where there is none, the error says from
// which folder a relative path begins.
func openFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		here, _ := os.Getwd()
		return nil, fmt.Errorf("no such file: give its path from %s, or a full one", here)
	}
	return f, err
}

// readFile returns the content of a file, with the errors of openFile.
func readFile(path string) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
