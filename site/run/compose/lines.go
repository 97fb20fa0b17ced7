package main

import (
	"fmt"
	"strings"

	"unroll/internal/explain"
)

// goOf returns the Go of a cell, line by line where it stands there: GoNB's commands are
// empty lines, and %% begins main. It returns the arguments of the program too.
func goOf(cell Cell) (text string, args []string, failed *problem) {
	lines := strings.Split(cell.Source, "\n")
	var b strings.Builder
	inMain, going := false, false
	inside := explain.Inside(lines)
	for i, line := range lines {
		if inside[i] { // a raw string or a comment, whatever it looks like
			b.WriteString(line + "\n")
			continue
		}
		if going { // a command goes on behind a backslash
			going = strings.HasSuffix(line, `\`)
			b.WriteByte('\n')
			continue
		}
		line, marked := strings.CutPrefix(line, "//gonb:")
		command := len(line) > 1 && (line[0] == '%' || line[0] == '!')
		var words []string
		if command {
			words = split(line)
		}
		switch {
		case command && len(words) == 1 && len(words[0]) == 1: // a lone % or !
		case command && (words[0] == "%%" || words[0] == "%main"):
			if !inMain {
				b.WriteString("func main() { flag.Parse();")
			}
			inMain = true
			args = words[1:]
		case command && words[0] == "%exec" && len(words) > 1:
			fmt.Fprintf(&b, "func main() { flag.Parse(); %s() }", words[1])
			args = words[2:]
		case command && words[0] == "%args":
			args = words[1:]
		case command && (words[0] == "%noautoget" || words[0] == "%autoget"):
		case command:
			return "", nil, &problem{"command", []Place{{cell.ID, i + 1, 1, line}}}
		case strings.HasPrefix(line, "package"):
		case marked:
			b.WriteString("//gonb:" + line)
		default:
			b.WriteString(line)
		}
		going = command && strings.HasSuffix(line, `\`)
		b.WriteByte('\n')
	}
	if inMain {
		b.WriteString("\n}\n")
	}
	return b.String(), args, nil
}

// split returns the words of a command; quotes hold words together.
func split(command string) (words []string) {
	word, started, quoted := "", false, false
	end := func() {
		if started {
			words = append(words, word)
		}
		word, started = "", false
	}
	for i := 0; i < len(command); i++ {
		c := command[i]
		switch {
		case !quoted && (c == ' ' || c == '\t'):
			end()
		case c == '"':
			quoted, started = !quoted, true
		case quoted && c == '\\' && i+1 < len(command):
			i++
			word += string(command[i])
		default:
			word, started = word+string(c), true
		}
	}
	end()
	return words
}
