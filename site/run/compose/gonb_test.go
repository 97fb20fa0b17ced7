package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What GoNB makes of the cells of sessions: a program, or an empty text where it fails.
const (
	inGoexec = `package goexec

import . "github.com/janpfeifer/gonb/common"

func (s *State) Program(id int, lines []string, skip Set[int]) (string, error) {
	decls, main, _, places, err := s.parseLinesAndComposeMain(nil, id, lines, skip, NoCursor)
	if err != nil {
		return "", err
	}
	if _, _, err := s.GoImports(nil, decls, main, places); err != nil {
		return "", err
	}
	s.Definitions = decls
	return s.readMainGo()
}
`
	programs = `package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	. "github.com/janpfeifer/gonb/common"
	"github.com/janpfeifer/gonb/internal/goexec"
	"github.com/janpfeifer/gonb/internal/specialcmd"
)

func main() {
	var sessions [][]string
	if err := json.NewDecoder(os.Stdin).Decode(&sessions); err != nil {
		panic(err)
	}
	out := make([][]string, len(sessions))
	for i, cells := range sessions {
		s, err := goexec.New(nil, fmt.Sprintf("c%d", i), false, true)
		if err != nil {
			panic(err)
		}
		s.AutoGet = false
		for k, cell := range cells {
			lines, used := strings.Split(cell, "\n"), MakeSet[int]()
			program := ""
			if err := specialcmd.Parse(nil, s, true, lines, used); err == nil {
				s.AutoGet = false
				program, _ = s.Program(k, lines, used)
			}
			out[i] = append(out[i], program)
		}
		s.Stop()
	}
	json.NewEncoder(os.Stdout).Encode(out)
}
`
)

// Every program is GoNB's, token for token, those of all lessons' cells and of awkward ones.
func TestProgramsAreGoNBs(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(root, ".unroll/bin")
	if _, err := os.Stat(filepath.Join(bin, "goimports")); err != nil {
		t.Skip("it needs goimports and GoNB: make setup")
	}
	names, sessions := awkward(t)
	notebooks, _ := filepath.Glob(filepath.Join(root, "notebooks/*.ipynb"))
	for _, file := range notebooks {
		names, sessions = append(names, filepath.Base(file)), append(sessions, cells(t, file))
	}
	if len(names) < 60 {
		t.Fatalf("%d sessions, want more", len(names))
	}
	want := gonb(t, root, bin, sessions)
	packages := importable(t, root)
	for i, session := range sessions {
		request := Request{Packages: packages}
		for k, source := range session {
			request.Cells = append(request.Cells, Cell{"c" + strconv.Itoa(k), source})
			got := compose(request)
			switch {
			case want[i][k] == "" && got.Kind == "":
				t.Errorf("%s, cell %d: GoNB refuses it, and here it is\n%s", names[i], k, got.Program)
			case want[i][k] == "":
			case got.Kind != "":
				t.Errorf("%s, cell %d: %s: %v", names[i], k, got.Kind, got.Places)
			default:
				if a, b := tokens(t, got.Program), tokens(t, blankOnce(want[i][k])); a != b {
					t.Errorf("%s, cell %d: the program is\n%s\nGoNB's is\n%s\n%s\n%s", names[i], k, got.Program, want[i][k], a, b)
				}
			}
		}
	}
}

// blankOnce returns a program of GoNB's with one declaration of each blank variable. GoNB names them by chance, and
// reads its own program again, so it declares them twice; here each gets its value once, as in Go.
func blankOnce(program string) string {
	return strings.Join(slices.CompactFunc(strings.Split(program, "\n"), func(a, b string) bool {
		return a == b && strings.HasPrefix(strings.TrimSpace(a), "_ ")
	}), "\n")
}

func awkward(t *testing.T) (names []string, sessions [][]string) {
	text, err := os.ReadFile("testdata/awkward.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, session := range strings.Split("\n"+string(text), "\n== ")[1:] {
		name, source, _ := strings.Cut(session, "\n")
		names = append(names, name)
		sessions = append(sessions, strings.Split(source, "\n-- \n"))
	}
	return names, sessions
}

func cells(t *testing.T, file string) (sources []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var notebook struct {
		Cells []struct {
			Kind   string `json:"cell_type"`
			Source any
		}
	}
	if err := json.Unmarshal(text, &notebook); err != nil {
		t.Fatal(err)
	}
	for _, cell := range notebook.Cells {
		if cell.Kind != "code" {
			continue
		}
		source, ok := cell.Source.(string)
		if !ok {
			for _, line := range cell.Source.([]any) {
				source += line.(string)
			}
		}
		sources = append(sources, source)
	}
	return sources
}

func importable(t *testing.T, root string) map[string]string {
	list, err := os.ReadFile("../packages.txt")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", append([]string{"list", "-f", "{{.ImportPath}} {{.Name}}"}, strings.Fields(string(list))...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		packages[path] = name
	}
	return packages
}

func gonb(t *testing.T, root, bin string, sessions [][]string) (programs_ [][]string) {
	module := filepath.Join(t.TempDir(), "gonb")
	const patched = "import install, pathlib, sys\nwith install.lock(): install.patched_gonb(pathlib.Path(sys.argv[1]))"
	copied := exec.Command(filepath.Join(root, ".venv/bin/python"), "-c", patched, module)
	copied.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join(root, "kernel"), "PYTHONDONTWRITEBYTECODE=1")
	if out, err := copied.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	write := func(name, text string) {
		path := filepath.Join(module, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("internal/goexec/program.go", inGoexec)
	write("programs/main.go", programs)
	input, _ := json.Marshal(sessions)
	for _, name := range []string{"go.mod", "go.sum"} { // the kernel's versions
		text, err := os.ReadFile(filepath.Join(root, "kernel", name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "go.mod" {
			text = append(text, "\nreplace github.com/janpfeifer/gonb => "+module+"\n"...)
		}
		write("../"+name, string(text))
	}
	build := exec.Command("go", "build", "-modfile="+filepath.Join(module, "../go.mod"), "-o", filepath.Join(module, "../programs"), "github.com/janpfeifer/gonb/programs")
	build.Dir = filepath.Join(root, "kernel")
	build.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tools := filepath.Join(module, "../bin") // without gopls, which GoNB would start
	if err := os.Mkdir(tools, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(bin, "goimports"), filepath.Join(tools, "goimports")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(module, "../programs"))
	cmd.Env = append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH"), "TMPDIR="+t.TempDir())
	cmd.Stdin = strings.NewReader(string(input))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		said := stderr.String()
		t.Fatalf("%v\n%s", err, said[max(0, len(said)-3000):])
	}
	if err := json.Unmarshal(out, &programs_); err != nil {
		t.Fatal(err)
	}
	return programs_
}

// tokens returns a program's imports in order, and its tokens without comments.
func tokens(t *testing.T, program string) string {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", program, parser.ImportsOnly)
	if err != nil {
		t.Fatalf("%v\n%s", err, program)
	}
	var imports []string
	end := file.Name.End()
	for _, spec := range file.Imports {
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name + " "
		}
		imports = append(imports, name+spec.Path.Value)
	}
	for _, decl := range file.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.IMPORT {
			end = d.End()
		}
	}
	slices.Sort(imports)
	rest := program[set.PositionFor(end, false).Offset:]
	words := imports
	var s scanner.Scanner
	s.Init(set.AddFile("rest", -1, len(rest)), []byte(rest), nil, 0)
	for {
		_, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON || text == "" {
			text = tok.String()
		}
		last := words[max(0, len(words)-1):]
		if text == ";" && (len(last) == 0 || last[0] == ";" || last[0] == "{" || last[0] == "}" || last[0] == "(" || last[0] == ")") {
			continue
		}
		if (text == "}" || text == ")") && len(last) > 0 && last[0] == ";" {
			words = words[:len(words)-1]
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}
