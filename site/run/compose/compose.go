// Command compose makes one Go program of the cells of a page, by the rules of
// GoNB, the kernel that runs the lessons elsewhere.
//
//	compose IN OUT
//
// reads a [Request] as JSON and writes an [Answer]. In the page it runs as
// WebAssembly. Called explain, it reads an [Error] and writes an
// [explain.Report]: one program, for both parse cells.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"

	"unroll/internal/explain"
)

// A Cell is the Go of a notebook's cell.
type Cell struct {
	ID     string `json:"id"`
	Source string `json:"source"`
}

// A Request has the cells that were run, in order; the last is to run now.
type Request struct {
	Cells    []Cell            `json:"cells"`
	Broken   []string          `json:"broken"`   // cells that do not compile, and are left out
	Packages map[string]string `json:"packages"` // what cells may import: names by import path
	Whole    bool              `json:"whole"`    // the program runs what all cells have below %%, cell by cell
}

// An Answer has the program, or why there is none.
type Answer struct {
	Program string            `json:"program"`
	Nothing bool              `json:"nothing"` // the cell has nothing to run, nor to declare
	Args    []string          `json:"args"`    // of the command line
	Left    []string          `json:"left"`    // cells that do not parse, and are left out
	Lost    map[string]string `json:"lost"`    // the names that only cells left out declare, of methods too, with the last such cell
	Kind    string            `json:"kind"`    // of the error: syntax, command, import or compile; empty if there is none
	Places  []Place           `json:"places"`  // of the error
}

// A Place is a line of a cell, and what is wrong there. Lines and columns count from 1.
type Place struct {
	Cell   string `json:"cell"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Text   string `json:"text"`
}

// a problem ends the making of a program.
type problem struct {
	kind   string
	places []Place
}

func compose(r Request) Answer {
	if r.Whole {
		return whole(r)
	}
	all := declarations{}.copy()
	answer := Answer{Lost: map[string]string{}}
	lost := map[string]string{}
	lose := func(cell Cell) {
		for _, key := range explain.Declares(cell.Source) {
			lost[key] = cell.ID
		}
	}
	for i, cell := range r.Cells {
		last := i == len(r.Cells)-1
		if !last && slices.Contains(r.Broken, cell.ID) {
			lose(cell)
			continue
		}
		parsed, problem := parse(cell, r.Packages, last)
		switch {
		case problem == nil:
		case last:
			return Answer{Left: answer.Left, Kind: problem.kind, Places: problem.places}
		default:
			answer.Left = append(answer.Left, cell.ID)
			lose(cell)
			continue
		}
		all.merge(parsed.declarations)
		if last {
			answer.Program, answer.Args, answer.Nothing = all.program(parsed.main, r.Packages), parsed.args, parsed.empty
		}
	}
	for key, cell := range lost {
		if !all.has(key) {
			answer.Lost[key[strings.Index(key, "~")+1:]] = cell
		}
	}
	return answer
}

// has reports whether there is a declaration of a key.
func (d declarations) has(key string) bool {
	_, isType := d.types[key]
	_, isFunction := d.functions[key]
	return isType || isFunction || d.constants[key] != nil || d.variables[key] != nil
}

// whole makes one program of all cells, for people: what a cell has below %% is a function of its own. Cells that do
// not parse, and those with commands, are left out.
func whole(r Request) (answer Answer) {
	all := declarations{}.copy()
	main := "func main() {\n"
	for _, cell := range r.Cells {
		parsed, problem := parse(cell, r.Packages, true)
		if problem != nil {
			answer.Left = append(answer.Left, cell.ID)
			continue
		}
		for name := range parsed.functions {
			if _, before := all.functions[name]; before && !strings.Contains(name, "~") {
				all.rename(name, name+"Before"+cell.ID) // earlier cells use that one
			}
		}
		all.merge(parsed.declarations)
		if body, ok := strings.CutPrefix(parsed.main.text, "func main()"); ok {
			name := "cell" + cell.ID
			all.functions[name] = code{text: "func " + name + "()" + strings.Replace(body, "flag.Parse();", "", 1)}
			main += name + "()\n"
		}
	}
	answer.Program = directives.ReplaceAllString(all.program(code{text: main + "}"}, r.Packages), "")
	return answer
}

// rename gives a function another name, wherever functions and variables use it.
func (d declarations) rename(name, to string) {
	in := func(text string) string {
		var s scanner.Scanner
		set := token.NewFileSet()
		s.Init(set.AddFile("", -1, len(text)), []byte(text), nil, 0)
		var b strings.Builder
		from, last := 0, token.ILLEGAL
		for {
			position, tok, word := s.Scan()
			if tok == token.EOF {
				return b.String() + text[from:]
			}
			if tok == token.IDENT && word == name && last != token.PERIOD {
				at := set.Position(position).Offset
				b.WriteString(text[from:at] + to)
				from = at + len(name)
			}
			last = tok
		}
	}
	for key, c := range d.functions {
		c.text = in(c.text)
		d.functions[key] = c
	}
	for _, v := range d.variables {
		v.text = in(v.text)
	}
	d.functions[to] = d.functions[name]
	delete(d.functions, name)
}

var directives = regexp.MustCompile(`/\*line [^*\n]*\*/`)

// code is Go as it stands in a cell: what a line directive names.
type code struct {
	text, cell   string
	line, column int
}

// The declarations of cells, by the keys of GoNB: a later one replaces an earlier one of the same key.
type declarations struct {
	imports   map[string]code
	types     map[string]code
	constants map[string]*constant
	variables map[string]*variable
	functions map[string]code
}

// A constant is one name of a block. Those of a block stay together, for iota counts them.
type constant struct {
	code
	previous, next *constant
}

// A variable is one that has a value of its own, or those that share a call's values.
type variable struct {
	code
	names []string // their keys
}

func (d declarations) copy() declarations {
	c := declarations{map[string]code{}, map[string]code{}, map[string]*constant{}, map[string]*variable{}, map[string]code{}}
	c.merge(d)
	return c
}

func (d declarations) merge(new declarations) {
	maps.Copy(d.imports, new.imports)
	maps.Copy(d.types, new.types)
	maps.Copy(d.constants, new.constants)
	for name, v := range new.variables {
		if old := d.variables[name]; old != nil && old != v {
			for _, shared := range old.names {
				if d.variables[shared] == old {
					delete(d.variables, shared)
				}
			}
		}
		d.variables[name] = v
	}
	maps.Copy(d.functions, new.functions)
}

// parsed is what a cell has.
type parsed struct {
	declarations
	main  code
	args  []string
	empty bool // there is no line of Go
}

// importKey matches what GoNB takes for a package's name: the last word of its path.
var importKey = regexp.MustCompile(`\w+$`)

func parse(cell Cell, packages map[string]string, runs bool) (p parsed, failed *problem) {
	p.declarations = declarations{}.copy()
	text, failed := p.goOf(cell, runs)
	if failed != nil {
		return p, failed
	}
	const head = "package main\n"
	text = head + text
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		failed := &problem{kind: "syntax"}
		for _, e := range err.(scanner.ErrorList) {
			line := min(max(1, e.Pos.Line-1), strings.Count(cell.Source, "\n")+1)
			failed.places = append(failed.places, Place{cell.ID, line, e.Pos.Column, e.Msg})
		}
		return p, failed
	}
	at := func(node ast.Node) code {
		position := set.PositionFor(node.Pos(), false)
		end := set.PositionFor(node.End(), false)
		return code{text[position.Offset:end.Offset], cell.ID, position.Line - 1, position.Column}
	}
	for _, s := range file.Imports {
		path := strings.Trim(s.Path.Value, "\"`")
		if _, ok := packages[path]; !ok {
			c := at(s.Path)
			kind, text := "import", path
			if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") && path != "C" && !explain.InLibrary(path) {
				kind, text = "compile", "package "+path+" is not in std"
			}
			return p, &problem{kind, []Place{{cell.ID, c.line, c.column, text}}}
		}
		key := importKey.FindString(path)
		if s.Name != nil {
			key = s.Name.Name
			if key == "." {
				key += "~" + path
			}
		}
		p.imports[key] = at(s)
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			p.function(decl, at)
		case *ast.GenDecl:
			var block *constant
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					p.types[spec.Name.Name] = at(spec)
				case *ast.ValueSpec:
					if decl.Tok == token.VAR {
						p.variable(spec, at)
					} else {
						block = p.constant(spec, block, at)
					}
				}
			}
		}
	}
	return p, nil
}

func (p *parsed) function(decl *ast.FuncDecl, at func(ast.Node) code) {
	c, key := at(decl), decl.Name.Name
	if decl.Recv != nil && len(decl.Recv.List) > 0 {
		receiver := decl.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		switch generic := receiver.(type) {
		case *ast.IndexExpr:
			receiver = generic.X
		case *ast.IndexListExpr:
			receiver = generic.X
		}
		key = at(receiver).text + "~" + key
	}
	if key == "main" {
		p.main = c
		return
	}
	// Any number of functions init_… may be declared, and each is an init.
	if strings.HasPrefix(key, "init_") {
		c.text = strings.Replace(c.text, key, "init", 1)
	}
	p.functions[key] = c
}

func (p *parsed) variable(spec *ast.ValueSpec, at func(ast.Node) code) {
	kind := ""
	if spec.Type != nil {
		kind = " " + at(spec.Type).text
	}
	key := func(name *ast.Ident) string {
		if name.Name != "_" {
			return name.Name
		}
		c := at(name)
		return fmt.Sprintf("_~%s:%06d:%06d", c.cell, c.line, c.column)
	}
	if len(spec.Values) == 1 { // of one name, or of more
		v := &variable{code: at(spec)}
		for _, name := range spec.Names {
			v.names = append(v.names, key(name))
			p.variables[key(name)] = v
		}
		return
	}
	for i, name := range spec.Names {
		c := at(name)
		c.text += kind
		if i < len(spec.Values) {
			c.text += " = " + at(spec.Values[i]).text
		}
		p.variables[key(name)] = &variable{c, []string{key(name)}}
	}
}

func (p *parsed) constant(spec *ast.ValueSpec, previous *constant, at func(ast.Node) code) *constant {
	for i, name := range spec.Names {
		c := &constant{code: at(name), previous: previous}
		if spec.Type != nil {
			c.text += " " + at(spec.Type).text
		}
		if i < len(spec.Values) {
			c.text += " = " + at(spec.Values[i]).text
		}
		if previous != nil {
			previous.next = c
		}
		p.constants[name.Name], previous = c, c
	}
	return previous
}

// program writes the declarations in GoNB's order, which is the order in which variables get
// their values and functions init run.
func (d declarations) program(main code, packages map[string]string) string {
	var body bytes.Buffer
	put := func(before string, c code) {
		body.WriteString(before)
		if c.cell != "" {
			fmt.Fprintf(&body, "/*line /cell/%s:%d:%d*/", c.cell, c.line, c.column)
		}
		body.WriteString(c.text + "\n")
	}
	for _, key := range slices.Sorted(maps.Keys(d.types)) {
		put("type ", d.types[key])
	}
	for _, key := range slices.Sorted(maps.Keys(d.constants)) {
		if d.constants[key].previous != nil {
			continue
		}
		if d.constants[key].next == nil {
			put("const ", d.constants[key].code)
			continue
		}
		body.WriteString("const (\n")
		for c := d.constants[key]; c != nil; c = c.next {
			put("", c.code)
		}
		body.WriteString(")\n")
	}
	if len(d.variables) > 0 {
		body.WriteString("var (\n")
		for _, key := range slices.Sorted(maps.Keys(d.variables)) {
			if v := d.variables[key]; v.names[0] == key {
				put("", v.code)
			}
		}
		body.WriteString(")\n")
	}
	for _, key := range slices.Sorted(maps.Keys(d.functions)) {
		put("", d.functions[key])
	}
	if main.text == "" {
		main.text = "func main() { flag.Parse() }"
	}
	put("", main)
	rest := body.String()
	body.Reset()
	body.WriteString("package main\nimport (\n")
	used := selectors(rest)
	for _, key := range slices.Sorted(maps.Keys(d.imports)) {
		c := d.imports[key]
		alias, path, _ := strings.Cut(c.text, " ")
		path = strings.Trim(strings.TrimSpace(path), "\"`")
		name := alias
		if path == "" {
			path = strings.Trim(alias, "\"`")
			name = packages[path]
		}
		if used[name] != nil || name == "." || name == "_" {
			put("", c)
			delete(used, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(used)) { // those that a cell forgot
		if path := find(name, used[name], packages); path != "" {
			fmt.Fprintf(&body, "%q\n", path)
		}
	}
	return body.String() + ")\n" + rest
}

// selectors returns the names that stand before a dot and are declared nowhere, with what
// stands behind the dot.
func selectors(body string) map[string][]string {
	used := map[string][]string{}
	file, _ := parser.ParseFile(token.NewFileSet(), "", "package main\n"+body, 0)
	if file == nil {
		return used
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Obj == nil {
				used[x.Name] = append(used[x.Name], s.Sel.Name)
			}
		}
		return true
	})
	return used
}

// find returns the import path of a package by its name: of two that have the name, the
// standard library's, and of the two packages rand that which has what is used.
func find(name string, symbols []string, packages map[string]string) string {
	best := ""
	for path, has := range packages {
		if has != name {
			continue
		}
		outside := func(path string) bool { return strings.Contains(path, ".") }
		if best == "" || outside(best) && !outside(path) || outside(best) == outside(path) && len(path) < len(best) {
			best = path
		}
	}
	if best == "math/rand" && !slices.ContainsFunc(symbols, oldRand.MatchString) {
		best = "math/rand/v2"
	}
	return best
}

// oldRand matches what math/rand has and math/rand/v2 has not.
var oldRand = regexp.MustCompile(`^(Int(31|63)?n|Int31|Int63|NewSource|Read|Seed|Source64)$`)
