package main

import (
	"maps"
	"testing"
)

// What a cell that is left out would have declared is lost, unless another cell declares it.
func TestLost(t *testing.T) {
	cells := []Cell{
		{"1", "type T int\n\nfunc kept() int { return 1 }"},
		{"2", "func kept() int { return \"\" }\n\nfunc (t *T) Step() {}\n\nvar a, b = 1, 2"},
		{"3", "const c = 1\n\ntype U struct{}\n\nfunc f() {\n\nfunc (u U) Get() {}\n\ntype V int\n\n%%\nvar hidden = 1"},
		{"4", "func b() {}"},
		{"5", "%%\nf()"},
	}
	got := compose(Request{Cells: cells, Broken: []string{"2", "5"}})
	want := map[string]string{"Step": "2", "a": "2", "c": "3", "U": "3", "f": "3", "Get": "3", "V": "3"}
	if !maps.Equal(got.Lost, want) {
		t.Errorf("lost are %v, want %v", got.Lost, want)
	}
	if got.Program == "" || len(got.Left) != 1 || got.Left[0] != "3" {
		t.Errorf("%+v: the last cell is to run, and the third is no Go", got)
	}
	if got := compose(Request{Cells: cells[:2]}); len(got.Lost) > 0 {
		t.Errorf("%v are lost, and no cell is left out", got.Lost)
	}
}
