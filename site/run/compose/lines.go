package main

import (
	"fmt"
	"strings"

	"unroll/internal/explain"
)

// goOf returns the Go of a cell, line by line where it stands there: GoNB's commands are
// empty lines, and %% begins main. It keeps the arguments of the program too. Commands that the page does not have are
// a problem of the cell that runs; of others their declarations count.
func (p *parsed) goOf(cell Cell, runs bool) (text string, failed *problem) {
	lines := strings.Split(cell.Source, "\n")
	var b strings.Builder
	inMain, going := false, false
	p.empty = true
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
			parts := []string{line}
			for next := i + 1; strings.HasSuffix(lines[next-1], `\`) && next < len(lines); next++ {
				parts = append(parts, strings.TrimPrefix(lines[next], "//gonb:"))
			}
			for k, part := range parts[:len(parts)-1] {
				parts[k] = strings.TrimSuffix(part, `\`)
			}
			words = split(strings.Join(parts, " "))
		}
		switch {
		case command && len(words) == 1 && len(words[0]) == 1: // a lone % or !
		case command && (words[0] == "%%" || words[0] == "%main"):
			if !inMain {
				b.WriteString("func main() { flag.Parse();")
			}
			inMain = true
			p.args = words[1:]
		case command && words[0] == "%exec" && len(words) > 1:
			fmt.Fprintf(&b, "func main() { flag.Parse(); %s() }", words[1])
			p.args = words[2:]
			p.empty = false
		case command && words[0] == "%args":
			p.args = words[1:]
		case command && (words[0] == "%noautoget" || words[0] == "%autoget" || !runs):
		case command:
			return "", &problem{"command", []Place{{cell.ID, i + 1, 1, line}}}
		case strings.HasPrefix(line, "package"):
		case marked:
			b.WriteString("//gonb:" + line)
		default:
			b.WriteString(line)
			p.empty = p.empty && strings.TrimSpace(line) == ""
		}
		going = command && strings.HasSuffix(line, `\`)
		b.WriteByte('\n')
	}
	if inMain {
		b.WriteString("\n}\n")
	}
	return b.String(), nil
}

// split returns the words of a command; quotes hold words together.
func split(command string) (words []string) {
	var word strings.Builder
	started, quoted := false, false
	end := func() {
		if started {
			words = append(words, word.String())
		}
		word.Reset()
		started = false
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
			switch c = command[i]; c {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			}
			word.WriteRune(rune(c)) // GoNB takes a byte for a letter
		default:
			word.WriteRune(rune(c))
			started = true
		}
	}
	end()
	return words
}
