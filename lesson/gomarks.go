package lesson

// GoMarks are where each character of Go source stands, after it was read: what a
// unit of a network that reads Go may have learned to know.
type GoMarks struct {
	InString  []float64 // 1 inside a string or rune literal, else 0
	InComment []float64 // 1 inside a comment, else 0
	Round     []float64 // how many round brackets are open
	Braces    []float64 // how many braces are open
}

// ReadGoMarks returns the marks of a text, one for each character. It reads as a
// Go scanner does: quotes and brackets inside comments and strings do not count.
// Where the text is no whole program it does not fail: a string in quotes ends
// with its line at the latest, no count falls below 0, and a line that begins with
// "func" closes everything.
func ReadGoMarks(text string) GoMarks {
	var m GoMarks
	var (
		quote         rune // that closes the literal; 0 outside
		line, block   bool // in a comment
		escaped       bool // the next character of a literal
		last          rune
		begin         string // of the line, up to "func"
		round, braces float64
	)
	for _, c := range text {
		if c == '\n' {
			begin = ""
		} else if len(begin) < len("func ") {
			begin += string(c)
		}
		if begin == "func " && quote != '`' && !block {
			round, braces = 0, 0
			begin += " " // once a line
		}
		switch {
		case line:
			line = c != '\n'
		case block:
			block = !(last == '*' && c == '/')
		case escaped:
			escaped = false
		case quote != 0:
			switch {
			case c == '\\' && quote != '`':
				escaped = true
			case c == quote, c == '\n' && quote != '`':
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case last == '/' && c == '/':
			line = true
		case last == '/' && c == '*':
			block, c = true, 0 // the star of /*/ closes nothing
		case c == '(':
			round++
		case c == ')':
			round = max(round-1, 0)
		case c == '{':
			braces++
		case c == '}':
			braces = max(braces-1, 0)
		}
		last = c
		m.InString = append(m.InString, truth(quote != 0))
		m.InComment = append(m.InComment, truth(line || block))
		m.Round = append(m.Round, round)
		m.Braces = append(m.Braces, braces)
	}
	return m
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
