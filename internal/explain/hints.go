package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// hint returns what a learner can do about a problem, or "".
func (s *sources) hint(p Problem) string {
	if p.Cell != "" && p.Cell != s.here().ID {
		name := s.declarationAt(p.Place)
		if name == "" {
			return fmt.Sprintf("This is in cell %s, which ran before: change it there and run it again.", p.Cell)
		}
		return fmt.Sprintf("Cell %s, which ran before, declares %s, and that does not fit what this cell declares. "+
			"Change it there and run it again", p.Cell, code(name)) + s.remove(name)
	}
	hints := compiling
	if s.syntax {
		hints = parsing
	}
	message, _, _ := strings.Cut(p.Message, "\n")
	for _, h := range hints {
		if m := h.pattern.FindStringSubmatch(message); m != nil {
			if text := h.say(s, p, m); text != "" {
				return text
			}
		}
	}
	return ""
}

// hintAnywhere returns what to do about an error that has no line.
func (s *sources) hintAnywhere(message string) string { return s.hint(Problem{Message: message}) }

// remove ends a sentence with the way to remove a declaration.
func (s *sources) remove(name string) string {
	if s.Page {
		return "."
	}
	return fmt.Sprintf(", or remove it: a cell with `%%rm %s`.", name)
}

// list is how a reader finds the names of a package or a type, where the editor completes them.
func (s *sources) list(typed string) string {
	if s.Page {
		return ""
	}
	return fmt.Sprintf(": type %s and press Tab, which lists what there is", typed)
}

type hint struct {
	pattern *regexp.Regexp // of the message
	say     func(s *sources, p Problem, m []string) string
}

// on makes a hint of a sentence: $1 is what the pattern's first group matched.
func on(pattern, sentence string) hint {
	r := regexp.MustCompile(pattern)
	return hint{r, func(_ *sources, p Problem, m []string) string {
		return string(r.ExpandString(nil, sentence, m[0], r.FindStringSubmatchIndex(m[0])))
	}}
}

func when(pattern string, say func(s *sources, p Problem, m []string) string) hint {
	return hint{regexp.MustCompile(pattern), say}
}

const endOfLine = "The line ends too early, or the next one begins too late: Go takes the end of a line for the end of a statement. " +
	"An opening { stands at the end of its line, and an operator or a comma at the end of a line carries on."

// parsing is for cells that are no Go yet.
var parsing = []hint{
	when(`.`, func(s *sources, p Problem, _ []string) string {
		switch {
		case strings.HasPrefix(p.Code, "%%") || strings.HasPrefix(p.Code, "%main"):
			return "The `%%` must be at the very beginning of its line, without a space before it."
		case strings.HasPrefix(p.Code, "while "):
			return "Go has no while: write `for` in its place."
		case strings.HasPrefix(p.Code, "def "):
			return "A function begins with `func` in Go: `func name(x float64) float64 { … }`, above the line `%%`."
		}
		return ""
	}),
	on(`illegal character U\+0023`, "A comment begins with `//` in Go."),
	on(`illegal character U\+003F`, "Go has no `?`: write `if … { … } else { … }`."),
	on(`^curly quotation mark|illegal character U\+(?:201[89CDE]|00AB|00BB)`, "These are typographic quotes, as word processors make them: type `\"` in their place."),
	on(`illegal character U\+(?:2212|2013|2014)`, "This is a typographic dash: type `-` in its place."),
	on(`illegal character U\+00A0`, "There is a space here that Go does not know (a no-break space, which copying can bring): type it again."),
	on(`illegal rune literal|more than one character in rune literal`, "Text stands between double quotes, `\"`; single quotes hold one character."),
	on(`string literal not terminated|newline in string`, "The text has no closing quote on its line. Text over more than one line stands between backticks."),
	on(`raw string literal not terminated`, "The text has no closing backtick."),
	on(`comment not terminated`, "The comment has no closing `*/`."),
	on(`missing ',' before newline in (\S+ \S+)`, "Where a list goes on below, its last line ends in a comma too, or in the closing bracket."),
	on(`missing ',' in`, "A comma is missing here, or a bracket was not closed before."),
	on(`imports must appear before other declarations|found 'import'`, "Imports stand at the top of a cell, before all else."),
	when(`expected '\(', found (\w+)`, func(_ *sources, p Problem, m []string) string {
		if !strings.HasPrefix(p.Code, "func ") {
			return ""
		}
		return fmt.Sprintf("A function with a name stands above the line `%%%%`: move it there. Below `%%%%`, a function is a value: `%s := func(…) { … }`.", m[1])
	}),
	when(`expected declaration, found (.+)|non-declaration statement outside function body`, func(s *sources, p Problem, m []string) string {
		line := mainLine(s.here().Source)
		switch {
		case strings.HasPrefix(m[1], "'}'"):
			return "There is one } more than there are {."
		case line == 0:
			return "A line `%%` is missing: put it above this one. Below it are the statements that are run; above it stand declarations (`func`, `type`, `var`, `const`, `import`), which later cells have too."
		case p.Line < line:
			return fmt.Sprintf("Statements stand below the line `%%%%`, which is line %d. Above it, only declarations do: `func`, `type`, `var`, `const`, `import`.", line)
		}
		return "A } above this line closes more than it should: from there on, only declarations may follow."
	}),
	on(`(?:found|unexpected) (?:keyword )?'?else`, "Write `} else {` in one line: where a line ends in }, the `if` has ended."),
	on(`unexpected (?:semicolon or )?newline|found newline|found '\\n'`, endOfLine),
	on(`found 'EOF'|found EOF|unexpected EOF`, "A bracket that was opened is not closed: count the {, ( and [ of the cell."),
	on(`cannot use .* as value|expected boolean expression, found assignment|assignment .* used as value`, "To compare, write `==`; `=` gives a variable a value."),
	on(`expected ';', found '?(\+\+|--)`, "`x++` is a statement of its own in Go, not a part of another."),
	on(`missing (?:return|parameter) type|mixed named and unnamed parameters|missing parameter`, "Each parameter needs a type, behind its name: `func f(a, b int)`."),
	on(`expected ';', found`, "Go expected the statement to end before this. An operator or a comma may be missing, or two statements stand in one line: give each its own."),
	on(`expected operand|expected expression`, "A value is missing here."),
}

// compiling is for cells that are Go, but do not fit together.
var compiling = []hint{
	when(`^declared and not used: (\S+)`, func(_ *sources, p Problem, m []string) string {
		return fmt.Sprintf("Go refuses a variable that nothing uses: use %s, for example print it, or write `_` in its place.", code(m[1]))
	}),
	on(`imported and not used`, "Go refuses an import that nothing uses: remove the line, or use the package."),
	when(`^undefined: (\w+)$`, (*sources).undefined),
	on(`^undefined: (\w+)\.(\w+) \(but have (\w+)\)`, "Go tells capitals from small letters: write `$1.$3`."),
	when(`^undefined: (\w+)\.(\w+)$`, func(s *sources, _ Problem, m []string) string {
		return fmt.Sprintf("The package `%s` has no `%s`%s.", m[1], m[2], s.list(code(m[1]+".")))
	}),
	when(`^name (\w+) not exported by package (\w+)`, func(_ *sources, p Problem, m []string) string {
		return fmt.Sprintf("What others may use of a package begins with a capital letter: try `%s.%s`.", m[2], capital(m[1]))
	}),
	on(`undefined \(type .* has no field or method (\w+), but does have (?:field|method) (\w+)\)`, "Go tells capitals from small letters: write `$2`."),
	when(`^(\S+) undefined \(type (.*) has no field or method (\w+)\)`, func(s *sources, _ Problem, m []string) string {
		return fmt.Sprintf("A value of type `%s` has no `%s`%s.", m[2], m[3], s.list("its name and a dot"))
	}),
	when(`mismatched types (?:untyped )?(\S+) and (?:untyped )?(\S+)\)`, func(_ *sources, p Problem, m []string) string {
		if number(m[1]) && number(m[2]) {
			to := m[1]
			if strings.HasPrefix(m[2], "float") {
				to = m[2]
			}
			return fmt.Sprintf("Go does not convert numbers by itself: write `%s(…)` around the one of the other type.", to)
		}
		if m[1] == "string" || m[2] == "string" {
			return "Text is joined with text only: `fmt.Sprint(…)` makes text of a number, and `fmt.Println` takes both, with a comma between them."
		}
		return "Both sides must be of one type."
	}),
	on(`cannot use (\S+) \(untyped float constant.*\) as (\w+) value in .*\(truncated\)`, "$1 is no whole number, and `$2` holds only those: make it a `float64`."),
	when(`^cannot use .* \((?:.*of type (\S+)|untyped (\S+) constant.*)\) as (\S+) value`, func(_ *sources, p Problem, m []string) string {
		from, to := m[1]+m[2], m[3]
		switch {
		case number(from) && number(to):
			return fmt.Sprintf("Go does not convert numbers by itself: write `%s(…)` around it.", to)
		case to == "string" && number(from):
			return "Make text of it: `fmt.Sprint(…)`."
		case m[2] == "string" && number(to):
			return "Text is no number: leave out the quotes."
		case from == "string" && number(to):
			return "Text becomes a number by `strconv.Atoi` or `strconv.ParseFloat`."
		case to == "*"+from:
			return "A pointer is wanted: write `&` before it."
		case from == "*"+to:
			return "A value is wanted, and this is a pointer: write `*` before it."
		case strings.HasPrefix(to, "[]") && strings.TrimPrefix(to, "[]") == from:
			return fmt.Sprintf("A slice is wanted, also for one: write `%s{…}` around it.", to)
		}
		return ""
	}),
	on(`cannot use .* as string value`, "Text is wanted here: `fmt.Sprint(…)` makes text of any value."),
	on(`^missing return`, "Every way through the function must end in a `return`, the way past each `if` too."),
	on(`^not enough arguments in call`, "Values are missing between the brackets: below stand what the call has and what the function wants."),
	on(`^too many arguments in call`, "There are too many values between the brackets: below stand what the call has and what the function wants."),
	on(`^(?:not enough|too many) return values`, "The values behind `return` must be those that the function's first line names."),
	when(`^assignment mismatch: (\d+) variables? but (.*) returns? (\d+) values?`, func(_ *sources, p Problem, m []string) string {
		if m[3] == "0" {
			return "The function returns nothing: call it without `=`."
		}
		return fmt.Sprintf("Take as many values as it returns, %s: write `_` for those that you do not need.", m[3])
	}),
	on(`^assignment mismatch`, "There must be as many names on the left as values on the right."),
	on(`multiple-value .* in (?:single-value context|argument)`, "It returns more than one value: take them first, as in `a, b := …`, and then use one."),
	on(`used as value$|\(no value\) used as value`, "The function returns nothing that could be used here."),
	on(`^no new variables on left side of :=`, "The variable is there already: give it a new value by `=`, without the colon."),
	when(`^(main|\w+) redeclared in this block`, func(s *sources, p Problem, m []string) string {
		if m[1] == "main" {
			return "A line `%%` makes a `func main` of what stands below it: keep one of the two."
		}
		if i := strings.LastIndex(p.Message, ": cell "); i >= 0 {
			return fmt.Sprintf("An older cell declares %s as something else. Take another name here, or change that one", code(m[1])) + s.remove(m[1])
		}
		return "The cell declares the name twice: rename one, or, to give a variable a new value, write `=`."
	}),
	when(`^method (\w+)\.(\w+) already declared`, func(s *sources, p Problem, m []string) string {
		return "If an older cell declares it, change it there" + s.remove(m[1]+"~"+m[2])
	}),
	when(`^(.*) \((?:value|variable|constant|untyped|address).*\) is not used$|^(.*) is not used$`, func(_ *sources, p Problem, m []string) string {
		what := m[1] + m[2]
		return fmt.Sprintf("A cell does not show the value of its last line by itself: print it, `fmt.Println(%s)`.", what)
	}),
	on(`^non-boolean condition`, "A condition is a comparison in Go, such as `n != 0` or `len(s) > 0`."),
	on(`^invalid argument: index (\S+) (?:\(.*\) )?out of bounds \[0:(\d+)\]`, "The first index is 0, and the last one less than the length, $2."),
	on(`^cannot assign to .* \(neither addressable|cannot assign to struct field`, "A value in a map cannot be changed in part: take it out, change it and put it back."),
	on(`^(?:package )?(\S+) is not in std`, "There is no package `$1` in Go's library. Look for its name at https://pkg.go.dev/std; the lessons' packages are `unroll/lesson`, `unroll/plots` and `unroll/exercise`."),
	when(`no required module provides package ([^\s;:]+)|cannot find module providing package ([^\s;:]+)`, func(s *sources, _ Problem, m []string) string {
		if s.Page {
			return fmt.Sprintf("The package `%s` is not in this page.", m[1]+m[2])
		}
		return fmt.Sprintf("The package `%s` is not on this machine. With a network, a cell with `!*go get %s` fetches it for this notebook.", m[1]+m[2], m[1]+m[2])
	}),
	on(`invalid operation: operator ! not defined`, "`!` turns `true` and `false` around; a number is compared: `n == 0`."),
	on(`invalid operation: operator (\S+) not defined on (\S+)`, "The operator `$1` does not work on values of this type."),
	on(`cannot range over`, "`range` takes a slice, a map, text, a channel, a whole number or a function that yields."),
	on(`label .* defined and not used`, "A colon behind a name makes a label in Go. Leave it out, or write `:=`."),
	on(`does not implement`, "The type lacks a method that is wanted, or has it with other parameters: the end of the message names it."),
	on(`cannot infer`, "Go cannot tell the type from the arguments: write it behind the name, in square brackets."),
}

// undefined says what to do about a name that Go does not know.
func (s *sources) undefined(p Problem, m []string) string {
	name := m[1]
	if parameters := s.untyped(p.Place, name); parameters != nil {
		list := strings.Join(parameters, ", ")
		return fmt.Sprintf("A parameter needs a type behind its name: `(%s int)` or `(%s float64)`.", list, list)
	}
	switch name {
	case "Println", "Printf", "Print", "Sprint", "Sprintf", "Sprintln", "Errorf":
		return fmt.Sprintf("It is in package fmt: write `fmt.%s`.", name)
	case "lesson", "plots", "exercise":
		return fmt.Sprintf("The package must be imported, at the cell's top or in one before: `import \"unroll/%s\"`.", name)
	case "None", "null", "NULL", "nullptr":
		return "Go writes `nil`."
	case "True", "False":
		return fmt.Sprintf("Go writes `%s`.", strings.ToLower(name))
	}
	for i := len(s.Cells) - 2; i >= 0; i-- {
		if s.Cells[i].ID == s.here().ID {
			continue
		}
		declared, inMain := s.names(i)
		if slices.Contains(declared, name) {
			return fmt.Sprintf("Cell %s declares %s, but it is not remembered: that cell ended with an error, or the name was removed. Run it again first.", s.Cells[i].ID, code(name))
		}
		if slices.Contains(inMain, name) {
			return fmt.Sprintf("%s was a variable below the `%%%%` of cell %s, and such values end with their cell: only what stands above `%%%%` carries over. "+
				"Compute it again in this cell, or, in cell %s, declare it above `%%%%`: `var %s = …`.", code(name), s.Cells[i].ID, s.Cells[i].ID, name)
		}
	}
	if regexp.MustCompile(`^` + name + `\s*(,\s*\w+\s*)*=[^=]`).MatchString(p.Code) {
		return fmt.Sprintf("A new variable begins with `:=`: `%s := …`.", name)
	}
	if m := regexp.MustCompile(`\b` + name + `\.(\w+)`).FindStringSubmatch(p.Code); m != nil {
		if first := m[1][:1]; first == strings.ToLower(first) {
			return fmt.Sprintf("What others may use of a package begins with a capital letter: try `%s.%s`.", name, capital(m[1]))
		}
		return fmt.Sprintf("There is no variable %s here, and no package that is called so and has `%s` was found. Is the name behind the dot right? "+
			"Else import the package, at the cell's top: `import \"…/%s\"`.", code(name), m[1], name)
	}
	if other := s.similar(name); other != "" {
		return fmt.Sprintf("Did you mean %s?", code(other))
	}
	return fmt.Sprintf("No cell that has run declares %s. Run the cell that does, or look for a letter that is wrong.", code(name))
}

// mainLine returns the number of the line %% of a cell, or 0.
func mainLine(source string) int {
	for i, line := range strings.Split(source, "\n") {
		if main.MatchString(line) {
			return i + 1
		}
	}
	return 0
}

func number(kind string) bool {
	return regexp.MustCompile(`^(?:u?int\d*|float\d+|byte|rune|complex\d+)$`).MatchString(kind)
}

func capital(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// crashes is for programs that ended by themselves; each is tried on the message.
var crashes = []hint{
	on(`index out of range \[(-?\d+)\] with length (\d+)`, "The first index is 0 and the last one less than the length, which is $2 here."),
	on(`index out of range \[-`, "An index may not be below 0."),
	on(`slice bounds out of range`, "The part that was asked for reaches beyond the end of the slice or the text."),
	on(`assignment to entry in nil map`, "A map must be made before something is put into it: `m := map[string]int{}`."),
	on(`invalid memory address or nil pointer dereference`, "Something on this line is `nil`: a pointer, a function or an interface that has got no value yet."),
	on(`integer divide by zero`, "The number below the line was 0. (A float64 would have given Inf or NaN.)"),
	on(`all goroutines are asleep - deadlock`, "The program waits for something that nobody does any more: a channel that no one sends to or reads, a WaitGroup that is not done, a lock that is not released."),
	on(`stack overflow|goroutine stack exceeds`, "A function calls itself without an end: it needs a case in which it returns."),
	on(`interface conversion: .* is (\S+), not (\S+)`, "The value is a `$1`. Ask first: `v, ok := x.($2)`."),
	on(`send on closed channel|close of closed channel`, "The channel was closed before: who sends closes it, once, at the end."),
	on(`makeslice: len out of range|makeslice: cap out of range`, "The length is negative or far too large."),
	on(`cannot allocate memory|out of memory`, "The program wanted more memory than there is: take smaller sizes."),
	on(`concurrent map (?:writes|read and map write|iteration)`, "Two goroutines use the map at once: guard it with a `sync.Mutex`."),
	on(`negative shift amount`, "A shift may not be negative."),
	on(`negative WaitGroup counter`, "`Done` was called more often than `Add` announced."),
	on(`strconv\.\w+: parsing`, "The text is no number."),
	on(`mat: dimension mismatch|blas: |bad length|length of .* mismatch`, "The sizes do not fit together: print the shapes before this line."),
}

func crashHint(message string) string {
	for _, h := range crashes {
		if m := h.pattern.FindStringSubmatch(message); m != nil {
			return h.say(nil, Problem{Message: message}, m)
		}
	}
	return ""
}

func statusHint(status string) string {
	switch {
	case strings.Contains(status, "signal: killed"):
		return "The system ended the program. Most often it took more memory than there is: take smaller sizes."
	case strings.HasPrefix(status, "exit status"):
		return "The program ended itself, by `os.Exit` or `log.Fatal`."
	}
	return ""
}
