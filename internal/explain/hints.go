package explain

import (
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"unroll/internal/words"
)

// hint returns what a learner can do about a problem, or "".
func (s *sources) hint(p Problem) string {
	if p.Cell != "" && p.Cell != s.here().ID {
		name := s.declarationAt(p.Place)
		switch {
		case s.Page && name == "":
			return words.Sprintf("This error is in cell %s: change it there.", p.Cell)
		case s.Page: // without this cell, it would have no error
			return words.Sprintf("Cell %s declares %s, and that does not fit what this cell declares.", p.Cell, code(name)) + " " + s.change(p.Cell, name)
		case name == "":
			return words.Sprintf("This is in cell %s, which ran before: change it there and run it again.", p.Cell)
		}
		return words.Sprintf("Cell %s, which ran before, declares %s, and that does not fit what this cell declares.", p.Cell, code(name)) + " " + s.change(p.Cell, name)
	}
	if p.bracket != token.ILLEGAL {
		return words.Sprintf("Add the `%s` that closes it.", closing[p.bracket])
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

// change says what to do about a declaration of an older cell.
func (s *sources) change(cell, name string) string {
	if s.Page {
		return words.Sprintf("Change it in cell %s.", cell)
	}
	return words.Sprintf("Change it in cell %s and run that again, or remove it: a cell with `%%rm %s`.", cell, name)
}

const letters = `[\pL\pN_]+`

type hint struct {
	pattern *regexp.Regexp // of the message
	say     func(s *sources, p Problem, m []string) string
}

// on makes a hint of a sentence, in which %[1]s is what the pattern's first group matched.
func on(pattern, sentence string) hint {
	return when(pattern, func(_ *sources, _ Problem, m []string) string {
		if !strings.Contains(sentence, "%[") {
			return words.Of(sentence)
		}
		groups := make([]any, len(m)-1)
		for i := range groups {
			groups[i] = m[i+1]
		}
		return words.Sprintf(sentence, groups...)
	})
}

// In a pattern, NAME stands for a name of Go, of whatever letters.
func when(pattern string, say func(s *sources, p Problem, m []string) string) hint {
	return hint{regexp.MustCompile(strings.ReplaceAll(pattern, "NAME", letters)), say}
}

var endOfLine = words.Text("The line ends too early, or the next one begins too late: Go takes the end of a line for the end of a statement. " +
	"An opening { stands at the end of its line, and an operator or a comma at the end of a line carries on.")

var forIn = regexp.MustCompile(`^for ` + letters + `(\s*,\s*` + letters + `)* in `)

// parsing is for cells that are no Go yet.
var parsing = []hint{
	when(`.`, func(s *sources, p Problem, _ []string) string {
		switch {
		case (strings.HasPrefix(p.Code, "%%") || strings.HasPrefix(p.Code, "%main")) && !main.MatchString(s.line(p.Place)):
			return words.Of("The `%%` must be at the very beginning of its line, without a space before it.")
		case strings.HasPrefix(p.Code, "while "):
			return words.Of("Go has no while: write `for` in its place.")
		case forIn.MatchString(p.Code):
			return words.Of("Go writes `for i := range n { … }`: `range` in place of `in`, and braces in place of the colon.")
		case strings.HasPrefix(p.Code, "def "):
			return words.Of("A function begins with `func` in Go: `func name(x float64) float64 { … }`, above the line `%%`.")
		}
		return ""
	}),
	on(`illegal character U\+0023`, words.Text("A comment begins with `//` in Go.")),
	on(`illegal character U\+003F`, words.Text("Go has no `?`: write `if … { … } else { … }`.")),
	on(`^curly quotation mark|illegal character U\+(?:201[89CDE]|00AB|00BB)`, words.Text("These are typographic quotes, as word processors make them: type `\"` in their place.")),
	on(`illegal character U\+(?:2212|2013|2014)`, words.Text("This is a typographic dash: type `-` in its place.")),
	on(`illegal character U\+3000`, words.Text("There is a full-width space here, which Go does not know: type it again.")),
	when(`U\+(FF[0-5][0-9A-F]) '(.)'`, func(_ *sources, _ Problem, m []string) string {
		const above = 0xFF01 - '!' // full-width characters stand in the order of ASCII
		code, _ := strconv.ParseInt(m[1], 16, 32)
		return words.Sprintf("This is the full-width character `%s`, which a Korean, Chinese or Japanese keyboard can write: type `%s` in its place.", m[2], string(rune(code-above)))
	}),
	on(`illegal character U\+00A0`, words.Text("There is a space here that Go does not know (a no-break space, which copying can bring): type it again.")),
	on(`illegal rune literal|more than one character in rune literal`, words.Text("Text stands between double quotes, `\"`; single quotes hold one character.")),
	on(`string literal not terminated|newline in string`, words.Text("The text has no closing quote on its line. Text over more than one line stands between backticks.")),
	on(`raw string literal not terminated`, words.Text("The text has no closing backtick.")),
	on(`comment not terminated`, words.Text("The comment has no closing `*/`.")),
	on(`missing ',' before newline in (\S+ \S+)`, words.Text("Where a list goes on below, its last line ends in a comma too, or in the closing bracket.")),
	on(`missing ',' in`, words.Text("A comma is missing here, or a bracket was not closed before.")),
	on(`imports must appear before other declarations|found 'import'`, words.Text("Imports stand at the top of a cell, before all else.")),
	when(`expected '\(', found (\w+)`, func(_ *sources, p Problem, m []string) string {
		if !strings.HasPrefix(p.Code, "func ") || m[1] == "newline" {
			return ""
		}
		return words.Sprintf("A function with a name stands above the line `%%%%`: move it there. Below `%%%%`, a function is a value: `%s := func(…) { … }`.", m[1])
	}),
	when(`expected declaration, found (.+)|non-declaration statement outside function body`, func(s *sources, p Problem, m []string) string {
		_, line := goOf(s.here().Source)
		switch {
		case strings.HasPrefix(m[1], "'}'"):
			return words.Of("There is one } more than there are {.")
		case line == 0:
			return words.Of("A line `%%` is missing: put it above this one. Below it are the statements that are run; above it stand declarations (`func`, `type`, `var`, `const`, `import`), which later cells have too.")
		case p.Line < line:
			return words.Sprintf("Statements stand below the line `%%%%`, which is line %d. Above it, only declarations do: `func`, `type`, `var`, `const`, `import`.", line)
		}
		return words.Of("A } above this line closes more than it should: from there on, only declarations may follow.")
	}),
	on(`(?:found|unexpected) (?:keyword )?'?else`, words.Text("Write `} else {` in one line: where a line ends in }, the `if` has ended.")),
	on(`unexpected (?:semicolon or )?newline|found newline|found '\\n'`, endOfLine),
	on(`expected operand|expected expression`, words.Text("A value is missing here.")),
	on(`found 'EOF'|found EOF|unexpected EOF`, words.Text("A bracket that was opened is not closed: count the {, ( and [ of the cell.")),
	on(`cannot use .* as value|expected boolean expression, found assignment|assignment .* used as value`, words.Text("To compare, write `==`; `=` gives a variable a value.")),
	on(`expected ';', found '?(\+\+|--)`, words.Text("`x++` is a statement of its own in Go, not a part of another.")),
	on(`missing (?:return|parameter) type|mixed named and unnamed parameters|missing parameter`, words.Text("Each parameter needs a type, behind its name: `func f(a, b int)`.")),
	on(`expected ';', found`, words.Text("Go expected the statement to end before this. An operator or a comma may be missing, or two statements stand in one line: give each its own.")),
}

// compiling is for cells that are Go, but do not fit together.
var compiling = []hint{
	when(`^declared and not used: (\S+)`, func(_ *sources, p Problem, m []string) string {
		return words.Sprintf("Go refuses a variable that nothing uses: use %s, for example print it, or write `_` in its place.", code(m[1]))
	}),
	on(`imported and not used`, words.Text("Go refuses an import that nothing uses: remove the line, or use the package.")),
	when(`^undefined: (NAME)$`, (*sources).undefined),
	on(`^undefined: (NAME)\.(NAME) \(but have (NAME)\)`, words.Text("Go tells capitals from small letters: write `%[1]s.%[3]s`.")),
	when(`^undefined: (NAME)\.(NAME)$`, func(s *sources, _ Problem, m []string) string {
		if s.Page {
			return words.Sprintf("The package `%s` has no `%s`.", m[1], m[2])
		}
		return words.Sprintf("The package `%[1]s` has no `%[2]s`: type `%[1]s.` and press Tab, which lists what there is.", m[1], m[2])
	}),
	when(`^name (NAME) not exported by package (NAME)`, func(_ *sources, p Problem, m []string) string {
		return words.Sprintf("What others may use of a package begins with a capital letter: try `%s.%s`.", m[2], capital(m[1]))
	}),
	on(`undefined \(type .* has no field or method (NAME), but does have (?:field|method) (NAME)\)`, words.Text("Go tells capitals from small letters: write `%[2]s`.")),
	when(`^(\S+) undefined \(type (.*) has no field or method (NAME)\)`, func(s *sources, _ Problem, m []string) string {
		if s.Page {
			return words.Sprintf("A value of type `%s` has no `%s`.", m[2], m[3])
		}
		return words.Sprintf("A value of type `%s` has no `%s`: type its name and a dot and press Tab, which lists what there is.", m[2], m[3])
	}),
	when(`mismatched types (?:untyped )?(\S+) and (?:untyped )?(\S+)\)`, func(_ *sources, p Problem, m []string) string {
		if number(m[1]) && number(m[2]) {
			to := m[1]
			if strings.HasPrefix(m[2], "float") {
				to = m[2]
			}
			return words.Sprintf("Go does not convert numbers by itself: write `%s(…)` around the one of the other type.", to)
		}
		if m[1] == "string" || m[2] == "string" {
			return words.Of("Text is joined with text only: `fmt.Sprint(…)` makes text of a number, and `fmt.Println` takes both, with a comma between them.")
		}
		return words.Of("Both sides must be of one type.")
	}),
	on(`cannot use (\S+) \(untyped float constant.*\) as (NAME) value in .*\(truncated\)`, words.Text("%[1]s is no whole number, and `%[2]s` holds only those: make it a `float64`.")),
	when(`^cannot use .* \((?:.*of type (\S+)|untyped (\S+) constant.*)\) as (\S+) value`, func(_ *sources, p Problem, m []string) string {
		from, to := m[1]+m[2], m[3]
		switch {
		case number(from) && number(to):
			return words.Sprintf("Go does not convert numbers by itself: write `%s(…)` around it.", to)
		case to == "string" && number(from):
			return words.Of("Make text of it: `fmt.Sprint(…)`.")
		case m[2] == "string" && number(to):
			return words.Of("Text is no number: leave out the quotes.")
		case from == "string" && number(to):
			return words.Of("Text becomes a number by `strconv.Atoi` or `strconv.ParseFloat`.")
		case to == "*"+from:
			return words.Of("A pointer is wanted: write `&` before it.")
		case from == "*"+to:
			return words.Of("A value is wanted, and this is a pointer: write `*` before it.")
		case strings.HasPrefix(to, "[]") && strings.TrimPrefix(to, "[]") == from:
			return words.Sprintf("A slice is wanted, also for one: write `%s{…}` around it.", to)
		}
		return ""
	}),
	on(`cannot use .* as string value`, words.Text("Text is wanted here: `fmt.Sprint(…)` makes text of any value.")),
	on(`^missing return`, words.Text("Every way through the function must end in a `return`, the way past each `if` too.")),
	on(`^not enough arguments in call`, words.Text("Values are missing between the brackets: below stand what the call has and what the function wants.")),
	on(`^too many arguments in call`, words.Text("There are too many values between the brackets: below stand what the call has and what the function wants.")),
	on(`^(?:not enough|too many) return values`, words.Text("The values behind `return` must be those that the function's first line names.")),
	when(`^assignment mismatch: (\d+) variables? but (.*) returns? (\d+) values?`, func(_ *sources, p Problem, m []string) string {
		if m[3] == "0" {
			return words.Of("The function returns nothing: call it without `=`.")
		}
		return words.Sprintf("Take as many values as it returns, %s: write `_` for those that you do not need.", m[3])
	}),
	on(`^assignment mismatch`, words.Text("There must be as many names on the left as values on the right.")),
	on(`multiple-value .* in (?:single-value context|argument)`, words.Text("It returns more than one value: take them first, as in `a, b := …`, and then use one.")),
	on(`used as value$|\(no value\) used as value`, words.Text("The function returns nothing that could be used here.")),
	on(`^no new variables on left side of :=`, words.Text("The variable is there already: give it a new value by `=`, without the colon.")),
	when(`^(main|NAME) redeclared in this block`, func(s *sources, p Problem, m []string) string {
		if m[1] == "main" {
			return words.Of("A line `%%` makes a `func main` of what stands below it: keep one of the two.")
		}
		if p.older && s.Page {
			return words.Sprintf("An older cell declares %s as something else. Take another name here, or change that one.", code(m[1]))
		}
		if p.older {
			return words.Sprintf("An older cell declares %s as something else. Take another name here, or change that one, or remove it: a cell with `%%rm %s`.", code(m[1]), m[1])
		}
		return words.Of("The cell declares the name twice: rename one, or, to give a variable a new value, write `=`.")
	}),
	when(`^method (NAME)\.(NAME) already declared`, func(s *sources, p Problem, m []string) string {
		if s.Page {
			return words.Of("If an older cell declares it, change it there.")
		}
		return words.Sprintf("If an older cell declares it, change it there, or remove it: a cell with `%%rm %s~%s`.", m[1], m[2])
	}),
	when(`^(.*) \((?:value|variable|constant|untyped|address).*\) is not used$|^(.*) is not used$`, func(_ *sources, p Problem, m []string) string {
		what := m[1] + m[2]
		return words.Sprintf("A cell does not show the value of its last line by itself: print it, `fmt.Println(%s)`.", what)
	}),
	on(`^non-boolean condition`, words.Text("A condition is a comparison in Go, such as `n != 0` or `len(s) > 0`.")),
	on(`^invalid argument: index (\S+) (?:\(.*\) )?out of bounds \[0:(\d+)\]`, words.Text("The first index is 0, and the last one less than the length, %[2]s.")),
	on(`^cannot assign to .* \(neither addressable|cannot assign to struct field`, words.Text("A value in a map cannot be changed in part: take it out, change it and put it back.")),
	on(`^(?:package )?(\S+) is not in std`, words.Text("There is no package `%[1]s` in Go's library. Look for its name at https://pkg.go.dev/std; the lessons' packages are `unroll/lesson`, `unroll/plots` and `unroll/exercise`.")),
	when(`no required module provides package ([^\s;:]+)|cannot find module providing package ([^\s;:]+)`, func(s *sources, _ Problem, m []string) string {
		if s.Page {
			return words.Sprintf("The package `%s` is not in this page.", m[1]+m[2])
		}
		return words.Sprintf("The package `%s` is not on this machine. With a network, a cell with `!*go get %s` fetches it for this notebook.", m[1]+m[2], m[1]+m[2])
	}),
	on(`invalid operation: operator ! not defined`, words.Text("`!` turns `true` and `false` around; a number is compared: `n == 0`.")),
	on(`invalid operation: operator (\S+) not defined on (\S+)`, words.Text("The operator `%[1]s` does not work on values of this type.")),
	on(`cannot range over`, words.Text("`range` takes a slice, a map, text, a channel, a whole number or a function that yields.")),
	on(`label .* defined and not used`, words.Text("A colon behind a name makes a label in Go. Leave it out, or write `:=`.")),
	on(`does not implement`, words.Text("The type lacks a method that is wanted, or has it with other parameters: the end of the message names it.")),
	on(`cannot infer`, words.Text("Go cannot tell the type from the arguments: write it behind the name, in square brackets.")),
}

// undefined says what to do about a name that Go does not know.
func (s *sources) undefined(p Problem, m []string) string {
	name := m[1]
	if parameters := s.untyped(p.Place, name); parameters != nil {
		list := strings.Join(parameters, ", ")
		return words.Sprintf("A parameter needs a type behind its name: `(%s int)` or `(%s float64)`.", list, list)
	}
	switch name {
	case "Println", "Printf", "Print", "Sprint", "Sprintf", "Sprintln", "Errorf":
		return words.Sprintf("It is in package fmt: write `fmt.%s`.", name)
	case "lesson", "plots", "exercise":
		return words.Sprintf("The package must be imported, at the cell's top or in one before: `import \"unroll/%s\"`.", name)
	case "None", "null", "NULL", "nullptr":
		return words.Of("Go writes `nil`.")
	case "True", "False":
		return words.Sprintf("Go writes `%s`.", strings.ToLower(name))
	}
	for i := len(s.Cells) - 2; i >= 0; i-- {
		if s.Cells[i].ID == s.here().ID {
			continue
		}
		declared, inMain := s.names(i)
		if slices.Contains(declared, name) && s.Page && !slices.Contains(s.Left, s.Cells[i].ID) {
			return words.Sprintf("Cell %s declares %s together with a name that a later cell declares again, so both are gone: choose another name in the later cell.", s.Cells[i].ID, code(name))
		}
		if slices.Contains(declared, name) && s.Page {
			return words.Sprintf("Cell %s declares %s, but was left out: there is an error in it, or in a cell that it needs. Run it to see the error.", s.Cells[i].ID, code(name))
		}
		if slices.Contains(declared, name) {
			return words.Sprintf("Cell %s declares %s, but it is not remembered: that cell ended with an error, or the name was removed. Run it again first.", s.Cells[i].ID, code(name))
		}
		if slices.Contains(inMain, name) {
			return words.Sprintf("%s was a variable below the `%%%%` of cell %s, and such values end with their cell: only what stands above `%%%%` carries over. "+
				"Compute it again in this cell, or, in cell %s, declare it above `%%%%`: `var %s = …`.", code(name), s.Cells[i].ID, s.Cells[i].ID, name)
		}
	}
	if regexp.MustCompile(`^` + name + `\s*(,\s*` + letters + `\s*)*=[^=]`).MatchString(p.Code) {
		return words.Sprintf("A new variable begins with `:=`: `%s := …`.", name)
	}
	if m := regexp.MustCompile(`(?:^|[^\pL\pN_])` + name + `\.(\w+)`).FindStringSubmatch(p.Code); m != nil {
		if first := m[1][:1]; first == strings.ToLower(first) {
			return words.Sprintf("What others may use of a package begins with a capital letter: try `%s.%s`.", name, capital(m[1]))
		}
		if path := inLibrary(name); path != "" && s.Page {
			return words.Sprintf("There is no variable %s here, and the page does not have Go's package `%s`: it has the lessons' packages and a part of the standard library. JupyterLab has all.", code(name), path)
		}
		return words.Sprintf("There is no variable %s here, and no package that is called so and has `%s` was found. Is the name behind the dot right? "+
			"Else import the package, at the cell's top: `import \"…/%s\"`.", code(name), m[1], name)
	}
	if other := s.similar(name); other != "" {
		return words.Sprintf("Did you mean %s?", code(other))
	}
	if s.Page {
		return words.Sprintf("No cell above declares %s, and cells below do not count. Put its declaration above, or look for a letter that is wrong.", code(name))
	}
	return words.Sprintf("No cell that has run declares %s. Run the cell that does, or look for a letter that is wrong.", code(name))
}

func number(kind string) bool {
	return regexp.MustCompile(`^(?:u?int\d*|float\d+|byte|rune|complex\d+)$`).MatchString(kind)
}

func capital(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// crashes is for programs that ended by themselves; each is tried on the message.
var crashes = []hint{
	on(`index out of range \[(-?\d+)\] with length (\d+)`, words.Text("The first index is 0 and the last one less than the length, which is %[2]s here.")),
	on(`index out of range \[-`, words.Text("An index may not be below 0.")),
	on(`slice bounds out of range`, words.Text("The part that was asked for reaches beyond the end of the slice or the text.")),
	on(`assignment to entry in nil map`, words.Text("A map must be made before something is put into it: `m := map[string]int{}`.")),
	on(`invalid memory address or nil pointer dereference`, words.Text("Something on this line is `nil`: a pointer, a function or an interface that has got no value yet.")),
	on(`integer divide by zero`, words.Text("The number below the line was 0. (A float64 would have given Inf or NaN.)")),
	on(`all goroutines are asleep - deadlock`, words.Text("The program waits for something that nobody does any more: a channel that no one sends to or reads, a WaitGroup that is not done, a lock that is not released.")),
	on(`stack overflow|goroutine stack exceeds`, words.Text("A function calls itself without an end: it needs a case in which it returns.")),
	on(`interface conversion: .* is (\S+), not (\S+)`, words.Text("The value is a `%[1]s`. Ask first: `v, ok := x.(%[2]s)`.")),
	on(`send on closed channel|close of closed channel`, words.Text("The channel was closed before: who sends closes it, once, at the end.")),
	on(`makeslice: len out of range|makeslice: cap out of range`, words.Text("The length is negative or far too large.")),
	on(`cannot allocate memory|out of memory`, words.Text("The program wanted more memory than there is: take smaller sizes.")),
	on(`concurrent map (?:writes|read and map write|iteration)`, words.Text("Two goroutines use the map at once: guard it with a `sync.Mutex`.")),
	on(`negative shift amount`, words.Text("A shift may not be negative.")),
	on(`negative WaitGroup counter`, words.Text("`Done` was called more often than `Add` announced.")),
	on(`strconv\.\w+: parsing`, words.Text("The text is no number.")),
	on(`mat: dimension mismatch|blas: |bad length|length of .* mismatch`, words.Text("The sizes do not fit together: print the shapes before this line.")),
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
		return words.Of("The system ended the program. Most often it took more memory than there is: take smaller sizes.")
	case strings.HasPrefix(status, "exit status"):
		return words.Of("The program ended itself, by `os.Exit` or `log.Fatal`.")
	}
	return ""
}
