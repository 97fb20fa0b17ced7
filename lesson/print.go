package lesson

import (
	"math"
	"strconv"
	"strings"
)

// PyTorch's defaults for printing: torch.set_printoptions(profile="default").
const (
	printPrecision = 4    // decimals
	printThreshold = 1000 // more elements than this, and long axes are cut
	printEdge      = 3    // elements shown at each end of a cut axis
	printWidth     = 80   // columns before a row continues in the next line
)

// printArray prints an array as PyTorch does: "tensor([...])", in columns.
// texts writes the elements at the given positions and tells how wide a column
// is.
func printArray(shape Shape, texts func(at []int) ([]string, int)) string {
	p := printer{cut: shape.Size() > printThreshold}
	p.texts, p.width = texts(p.shown(nil, shape, 0))
	p.WriteString("tensor(")
	p.write(shape, len("tensor("))
	p.WriteByte(')')
	return p.String()
}

type printer struct {
	strings.Builder
	cut   bool
	texts []string // of the elements still to be written
	width int      // each is padded to this width with blanks on the left
}

// edges returns where the part of an axis of length n that is left out begins and ends.
func (p *printer) edges(n int) (end, resume int) {
	if p.cut && n > 2*printEdge {
		return printEdge, n - printEdge
	}
	return n, n
}

// shown appends the positions of the elements that are printed.
func (p *printer) shown(at []int, shape Shape, from int) []int {
	if len(shape) == 0 {
		return append(at, from)
	}
	inner := shape[1:].Size()
	end, resume := p.edges(shape[0])
	for i := 0; i < shape[0]; i++ {
		if i == end {
			i = resume
		}
		at = p.shown(at, shape[1:], from+i*inner)
	}
	return at
}

// write prints one bracket that begins in the given column.
func (p *printer) write(shape Shape, column int) {
	between := "," + strings.Repeat("\n", len(shape)-1) + strings.Repeat(" ", column+1)
	room := 0
	if len(shape) == 1 {
		between = ", "
		room = max(1, (printWidth-column)/(p.width+len(between)))
	}
	p.WriteByte('[')
	end, resume := p.edges(shape[0])
	for i, n := 0, 0; i < shape[0]; i, n = i+1, n+1 {
		separate := func() {
			switch {
			case n == 0:
			case room > 0 && n%room == 0:
				p.WriteString(",\n" + strings.Repeat(" ", column+1))
			default:
				p.WriteString(between)
			}
		}
		separate()
		if i == end {
			if len(shape) == 1 {
				p.WriteByte(' ')
			}
			p.WriteString("...")
			i, n = resume, n+1
			separate()
		}
		if len(shape) == 1 {
			p.WriteString(strings.Repeat(" ", max(0, p.width-len(p.texts[0]))))
			p.WriteString(p.texts[0])
			p.texts = p.texts[1:]
		} else {
			p.write(shape[1:], column+1)
		}
	}
	p.WriteByte(']')
}

// floatTexts writes numbers as PyTorch does: with four decimals; in scientific
// notation where they are small, large or far apart; and whole numbers as "2.".
// The width is that of the widest number that is finite and not zero.
func floatTexts(values []float64) (texts []string, width int) {
	whole, smallest, largest := true, math.Inf(1), 0.0
	for _, v := range values {
		if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		whole = whole && v == math.Trunc(v)
		smallest = min(smallest, math.Abs(v))
		largest = max(largest, math.Abs(v))
	}
	wide := largest > 0 && (largest/smallest > 1000 || largest > 1e8)
	texts = make([]string, len(values))
	for i, v := range values {
		switch {
		case math.IsNaN(v):
			texts[i] = "nan"
		case math.IsInf(v, 0):
			texts[i] = strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(v, 'f', 0, 64)), "+")
		case wide || !whole && smallest < 1e-4:
			texts[i] = strconv.FormatFloat(v, 'e', printPrecision, 64)
		case whole:
			texts[i] = strconv.FormatFloat(v, 'f', 0, 64) + "."
		default:
			texts[i] = strconv.FormatFloat(v, 'f', printPrecision, 64)
		}
		if v != 0 && !math.IsNaN(v) && !math.IsInf(v, 0) {
			width = max(width, len(texts[i]))
		}
	}
	return texts, max(width, 1)
}
