package explain

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"unroll/internal/words"
)

// sources are the cells, and what a hint wants to know about them.
type sources struct {
	Input
	files  []*ast.File // by cell; as much of it as the parser understood
	set    *token.FileSet
	syntax bool // the last cell does not parse
	ends   bool // it is its end that the parser did not expect
}

func newSources(in Input) *sources {
	if in.Locate == nil {
		in.Locate = func(file string, line int) (string, int) {
			if _, id, ok := strings.Cut(file, "/cell/"); ok {
				return id, line
			}
			return "", 0
		}
	}
	if len(in.Cells) == 0 {
		in.Cells = []Cell{{}}
	}
	s := &sources{Input: in, set: token.NewFileSet()}
	for _, cell := range in.Cells {
		text, _ := goOf(cell.Source)
		file, err := parser.ParseFile(s.set, "", text, 0)
		if file == nil {
			file = &ast.File{}
		}
		s.files = append(s.files, file)
		s.syntax = err != nil
		errors, _ := err.(scanner.ErrorList)
		s.ends = s.syntax && errors[0].Pos.Line-1 > strings.Count(cell.Source, "\n")+1
	}
	return s
}

// main matches the line below which statements stand.
var main = regexp.MustCompile(`^(//gonb:)?%(%|main\b)`)

// goOf returns the Go of a cell, each line where it stands there but one lower, and the number of its line %%, or 0.
func goOf(source string) (text string, begins int) {
	lines := strings.Split(source, "\n")
	inside := Inside(lines)
	for i, line := range lines {
		switch {
		case inside[i]:
		case main.MatchString(line) && begins == 0:
			lines[i], begins = "func main() {", i+1
		case strings.HasPrefix(line, "%"), strings.HasPrefix(line, "!"), strings.HasPrefix(line, "package"):
			lines[i] = ""
		}
	}
	if begins > 0 {
		lines = append(lines, "}")
	}
	return "package main\n" + strings.Join(lines, "\n") + "\n", begins
}

func (s *sources) here() Cell { return s.Cells[len(s.Cells)-1] }

// find returns the number of the latest cell with the id, or -1.
func (s *sources) find(id string) int {
	for i := len(s.Cells) - 1; i >= 0; i-- {
		if s.Cells[i].ID == id {
			return i
		}
	}
	return -1
}

func (s *sources) place(file, line string) Place {
	id, n := s.Locate(file, atoi(line))
	if id == "" {
		return Place{}
	}
	return s.placeIn(id, n)
}

func (s *sources) placeIn(id string, n int) Place {
	at := Place{Cell: id, Line: n}
	if i := s.find(id); i >= 0 {
		at.Line = max(1, min(n, strings.Count(s.Cells[i].Source, "\n")+1)) // the end of the file is below the last line
		at.Code = strings.TrimSpace(s.line(at))
	}
	return at
}

// line returns the text of a line that the cells have.
func (s *sources) line(at Place) string {
	return strings.Split(s.Cells[s.find(at.Cell)].Source, "\n")[at.Line-1]
}

// name returns what a sentence calls a place.
func (s *sources) name(at Place) string {
	if at.Cell == s.here().ID {
		return words.Sprintf("line %d", at.Line)
	}
	return words.Sprintf("cell %s, line %d", at.Cell, at.Line)
}

// plain returns Go's text with the places as a reader knows them.
func (s *sources) plain(text string) string {
	return strings.TrimSpace(anywhere.ReplaceAllStringFunc(text, func(found string) string {
		file, rest, _ := strings.Cut(found, ":")
		line, _, _ := strings.Cut(rest, ":")
		at := s.place(file, line)
		if at.Cell == "" {
			return found
		}
		return s.name(at)
	}))
}

// lineOf returns the cell's line of a position.
func (s *sources) lineOf(p token.Pos) int { return s.set.PositionFor(p, false).Line - 1 }

// declarationAt returns the key by which %rm knows the declaration at a place.
func (s *sources) declarationAt(at Place) string {
	i := s.find(at.Cell)
	if i < 0 {
		return ""
	}
	on := func(node ast.Node) bool { return s.lineOf(node.Pos()) <= at.Line && at.Line <= s.lineOf(node.End()) }
	for _, decl := range s.files[i].Decls {
		if !on(decl) {
			continue
		}
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Name.Name == "main" && decl.Recv == nil {
				return ""
			}
			return key(decl)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if !on(spec) {
					continue
				}
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					return spec.Names[0].Name
				case *ast.TypeSpec:
					return spec.Name.Name
				}
			}
		}
	}
	return ""
}

// key returns a function's name as %ls and %rm have it.
func key(decl *ast.FuncDecl) string {
	if decl.Recv == nil || len(decl.Recv.List) == 0 {
		return decl.Name.Name
	}
	kind := decl.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	if name, ok := kind.(*ast.Ident); ok {
		return name.Name + "~" + decl.Name.Name
	}
	return decl.Name.Name
}

// names returns the names that a cell declares for later cells, and those that live in its main only.
func (s *sources) names(i int) (declared, inMain []string) {
	for _, decl := range s.files[i].Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv != nil {
				continue
			}
			if decl.Name.Name != "main" {
				declared = append(declared, decl.Name.Name)
				continue
			}
			ast.Inspect(decl, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.AssignStmt:
					if node.Tok != token.DEFINE {
						break
					}
					for _, left := range node.Lhs {
						if name, ok := left.(*ast.Ident); ok {
							inMain = append(inMain, name.Name)
						}
					}
				case *ast.ValueSpec:
					for _, name := range node.Names {
						inMain = append(inMain, name.Name)
					}
				case *ast.TypeSpec:
					inMain = append(inMain, node.Name.Name)
				}
				return true
			})
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						declared = append(declared, name.Name)
					}
				case *ast.TypeSpec:
					declared = append(declared, spec.Name.Name)
				}
			}
		}
	}
	_, begins := goOf(s.Cells[i].Source)
	for n, line := range strings.Split(s.Cells[i].Source, "\n") {
		if n+1 == begins {
			break
		}
		if m := declaration.FindStringSubmatch(line); m != nil && m[1] == "" && m[2] != "main" {
			declared = append(declared, m[2])
		}
	}
	return declared, inMain
}

// Declares returns what a cell declares for later cells, methods as Type~Name, as far as the parser understands it.
func Declares(source string) []string {
	s := newSources(Input{Cells: []Cell{{Source: source}}})
	declared, _ := s.names(0)
	for _, decl := range s.files[0].Decls {
		if method, ok := decl.(*ast.FuncDecl); ok && method.Recv != nil {
			declared = append(declared, key(method))
		}
	}
	for _, m := range declaration.FindAllStringSubmatch(source, -1) {
		if m[1] != "" {
			declared = append(declared, m[1]+"~"+m[2])
		}
	}
	return declared
}

// declaration matches the beginning of one. A bracket that is not closed hides what follows from the parser.
var declaration = regexp.MustCompile(`(?m)^(?:func(?: \((?:` + letters + ` )?\*?(` + letters + `)\S*\))?|type|var|const) (` + letters + `)`)

// similar returns the name nearest to this one of those that the cells declare, or "".
func (s *sources) similar(name string) string {
	best, least := "", 1+len([]rune(name))/3
	for i := range s.Cells {
		declared, inMain := s.names(i)
		if i == len(s.Cells)-1 {
			declared = append(declared, inMain...)
		}
		slices.Sort(declared)
		for _, other := range declared {
			d := distance(strings.ToLower(name), strings.ToLower(other))
			if other != name && other != "_" && len(name) > 1 && d < least {
				best, least = other, d
			}
		}
	}
	return best
}

// distance is Levenshtein's: the least number of letters to insert, remove or change.
func distance(one, other string) int {
	a, b := []rune(one), []rune(other)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		last := row[0]
		row[0] = i + 1
		for j := range b {
			change := last
			if a[i] != b[j] {
				change++
			}
			last = row[j+1]
			row[j+1] = min(change, last+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// untyped returns the names of a function's parameters on the line, if none of them has a type: Go then
// takes the names for types.
func (s *sources) untyped(at Place, name string) (parameters []string) {
	i := s.find(at.Cell)
	if i < 0 {
		return nil
	}
	ast.Inspect(s.files[i], func(node ast.Node) bool {
		function, ok := node.(*ast.FuncType)
		if !ok || s.lineOf(function.Pos()) != at.Line {
			return true
		}
		var all []string
		for _, field := range function.Params.List {
			if kind, ok := field.Type.(*ast.Ident); ok && len(field.Names) == 0 {
				all = append(all, kind.Name)
			}
		}
		if slices.Contains(all, name) {
			parameters = all
		}
		return true
	})
	return parameters
}

// A bracket is one that is not closed.
type bracket struct {
	token.Token
	line, indent int // where it stands
	last         int // the line on which the code ends in which it should be closed
}

var closing = map[token.Token]token.Token{token.LPAREN: token.RPAREN, token.LBRACK: token.RBRACK, token.LBRACE: token.RBRACE}

// unclosed returns a bracket of the cell that is not closed where the code above %%, or below, ends, another function
// begins, or another bracket is closed. A cell that parses has none.
func (s *sources) unclosed() (bracket, bool) {
	if !s.syntax {
		return bracket{}, false
	}
	source := s.here().Source
	text, main := goOf(source)
	if main > 0 {
		text = strings.TrimSuffix(text, "}\n")
	}
	lines := strings.Split(text, "\n")
	file := token.NewFileSet().AddFile("", -1, len(text))
	var scan scanner.Scanner
	scan.Init(file, []byte(text), nil, 0)
	var open, dedented []bracket // dedented: what closes it stands below an earlier one
	last, line, indent := 0, -1, 0
	for {
		pos, tok, literal := scan.Scan()
		at := file.PositionFor(pos, false) // whatever a //line in the cell says
		if line != at.Line-1 {
			line = at.Line - 1
			indent = len(lines[line]) - len(strings.TrimLeft(lines[line], " \t"))
		}
		if scan.ErrorCount > 0 {
			return bracket{}, false
		}
		named := tok == token.FUNC && at.Column == 1 && declaration.MatchString(lines[line]) // it is in no other function
		if tok == token.EOF || line == main && main > 0 || named && len(open) > 0 {
			if len(open) > 0 {
				b := append(dedented, open...)[0]
				b.last = last
				return b, true
			}
			if tok == token.EOF {
				return bracket{}, false
			}
			continue
		}
		if closing[tok] != 0 {
			open = append(open, bracket{tok, line, indent, 0})
		}
		if tok == token.RPAREN || tok == token.RBRACK || tok == token.RBRACE {
			if !slices.ContainsFunc(open, func(b bracket) bool { return closing[b.Token] == tok }) {
				return bracket{}, false // one that was not opened
			}
			b := open[len(open)-1]
			if closing[b.Token] != tok {
				b.last = last
				return b, true
			}
			open = open[:len(open)-1]
			if line != last && indent < b.indent && slices.ContainsFunc(open, func(b bracket) bool { return b.indent == indent }) {
				dedented = append(dedented, b)
			}
			if len(open) == 0 {
				dedented = nil
			}
		}
		if tok != token.SEMICOLON || literal == ";" {
			last = line
		}
	}
}

// Inside reports, for each line of a cell, whether it begins inside a raw string or a comment: there a
// line with % or ! is no command.
func Inside(lines []string) []bool {
	inside := make([]bool, len(lines))
	end := ""      // of the raw string or the comment
	going := false // a command goes on behind a backslash
	for i, line := range lines {
		inside[i] = end != ""
		if end == "" && (going || command.MatchString(line)) {
			going = strings.HasSuffix(line, `\`)
			continue
		}
		for line != "" {
			if end != "" {
				_, rest, ended := strings.Cut(line, end)
				if !ended {
					break
				}
				line, end = rest, ""
				continue
			}
			switch token := opening.FindStringIndex(line); {
			case token == nil:
				line = ""
			case line[token[0]] == '`':
				line, end = line[token[1]:], "`"
			case line[token[0]:token[1]] == "/*":
				line, end = line[token[1]:], "*/"
			case line[token[0]:token[1]] == "//":
				line = ""
			default: // text or a character, which end on their line
				line = line[token[1]:]
			}
		}
	}
	return inside
}

var (
	command = regexp.MustCompile(`^(?://gonb:)?[%!].`)
	opening = regexp.MustCompile("`|/\\*|//|\"(?:[^\"\\\\]|\\\\.)*\"?|'(?:[^'\\\\]|\\\\.)*'?")
)
