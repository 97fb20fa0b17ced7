package plots

import (
	"slices"
	"strings"

	"unroll/internal/words"
	"unroll/lesson"

	"gonum.org/v1/plot"
)

// Alignment draws where a decoder looked at each step as a heat map: weights is
// (targets, sources), as lesson.Seq2Seq.Alignment returns it. A row stands for each
// token that was written, from top to bottom, a column for each of the source, from
// white at 0 to dark blue at 1.
//
// It panics without tokens, and unless weights has a row for each of target and a
// column for each of source.
func Alignment(source, target []string, weights *lesson.Tensor) *Figure {
	const fn = "Alignment"
	checkTokens(fn, source)
	checkTokens(fn, target)
	rows := perToken(fn, "weights", target, weights)
	if len(rows[0]) != len(source) {
		failf(fn, "weights is %v, want [%d %d], a row for each target token and a column for each source token", weights.Shape(), len(target), len(source))
	}
	columns := make([][]float64, len(source))
	for s := range columns {
		for t := range rows {
			columns[s] = append(columns[s], rows[t][s])
		}
	}
	p := newPlot()
	overTokens(p, len(source))
	p.Add(&heatMap{values: columns, scale: sequential()}, newTokenAxis(source, figureWidth-160, false))
	p.Y.Min, p.Y.Max = 0.5, float64(len(target))+0.5
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	var names plot.ConstantTicks
	for t, token := range target {
		names = append(names, plot.Tick{Value: float64(t + 1), Label: token})
	}
	p.Y.Tick.Marker = names
	p.Y.Padding = 4
	f := &Figure{
		Plot:  p,
		Title: words.Of("Where the decoder looks"),
		Alt:   alignmentWords(source, target, rows),
		Table: Table{Columns: append([]string{words.Of("written")}, source...)},
	}
	for t, row := range rows {
		cells := []string{target[t]}
		for _, v := range row {
			cells = append(cells, number(v, 2))
		}
		f.Table.Rows = append(f.Table.Rows, cells)
	}
	return f.fit(cellHeight(len(target), 400))
}

func alignmentWords(source, target []string, rows [][]float64) string {
	text := words.Sprintf("Heat map of %s written, over %s read.", counted(len(target), "token"), counted(len(source), "token"))
	if _, _, broken := extent(rows); broken > 0 {
		return text + words.Sprintf(" %s NaN or infinite.", counted(broken, "cell"))
	}
	var looks []string
	for t, row := range rows {
		most := slices.Max(row)
		looks = append(looks, words.Sprintf("for “%s” at %s with %s", target[t], position(source, slices.Index(row, most)), number(most, 2)))
	}
	return text + words.Sprintf(" It looks most, %s.", strings.Join(looks, "; "))
}
