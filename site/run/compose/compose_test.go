package main

import (
	"maps"
	"slices"
	"strings"
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

// A package that the page does not have is another matter than one that nobody has.
func TestImports(t *testing.T) {
	for path, want := range map[string]Answer{
		"net/http":       {Kind: "import", Places: []Place{{"1", 1, 8, "net/http"}}},
		"C":              {Kind: "import", Places: []Place{{"1", 1, 8, "C"}}},
		"github.com/x/y": {Kind: "import", Places: []Place{{"1", 1, 8, "github.com/x/y"}}},
		"maths":          {Kind: "compile", Places: []Place{{"1", 1, 8, "package maths is not in std"}}},
		"unroll/lessons": {Kind: "compile", Places: []Place{{"1", 1, 8, "package unroll/lessons is not in std"}}},
	} {
		got := compose(Request{Cells: []Cell{{"1", "import \"" + path + "\""}}, Packages: map[string]string{"fmt": "fmt"}})
		if got.Kind != want.Kind || !slices.Equal(got.Places, want.Places) {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

// A cell that has no Go has nothing to run.
func TestNothing(t *testing.T) {
	for source, want := range map[string]bool{
		"": true, " \n\t\n": true, "%%": true, "%% a b\n\n": true, "%noautoget": true, "%args 1": true,
		"// a comment": false, "var a = 1": false, "%%\nprintln()": false,
	} {
		if got := compose(Request{Cells: []Cell{{"1", "var x = f()"}, {"2", source}}}); got.Nothing != want || got.Program == "" {
			t.Errorf("%q: nothing is %v, want %v; the program is %q", source, got.Nothing, want, got.Program)
		}
	}
}

// Of an earlier cell with a command the declarations count; the cell that runs is refused.
func TestCommands(t *testing.T) {
	cells := []Cell{{"1", "!echo hi\nfunc f() int { return 1 }"}, {"2", "%time\nvar a = f()"}, {"3", "%%\nprintln(a)"}}
	got := compose(Request{Cells: cells})
	if got.Kind != "" || len(got.Left) > 0 || len(got.Lost) > 0 || !strings.Contains(got.Program, "func f()") {
		t.Errorf("%+v", got)
	}
	if got := compose(Request{Cells: cells[:2]}); got.Kind != "command" || got.Places[0] != (Place{"2", 1, 1, "%time"}) {
		t.Errorf("%+v", got)
	}
}

// A command may be as long as a cell.
func TestLongCommands(t *testing.T) {
	const n = 200_000
	got := compose(Request{Cells: []Cell{{"1", "%% \"" + strings.Repeat("가", n) + "\"" + strings.Repeat(" x\\\n", n) + "\n"}}})
	if len(got.Args) != n+1 || !got.Nothing {
		t.Errorf("%d arguments, want %d", len(got.Args), n+1)
	}
}
