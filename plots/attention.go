package plots

import (
	"math"

	"unroll/internal/words"
	"unroll/lesson"

	"gonum.org/v1/plot"
)

// AttentionWeights draws the weights of an attention layer as a heat map: weights
// is (steps, steps), as lesson.Attention returns it for one sequence. Row t has what
// step t takes from each token, from white at 0 to dark blue at 1.
//
// It panics without tokens, and unless weights has a row and a column for each.
func AttentionWeights(tokens []string, weights *lesson.Tensor) *Figure {
	const fn = "AttentionWeights"
	checkTokens(fn, tokens)
	rows := perToken(fn, "weights", tokens, weights)
	n := len(tokens)
	if len(rows[0]) != n {
		failf(fn, "weights is %v, want [%d %d], a row and a column for each token", weights.Shape(), n, n)
	}
	columns := make([][]float64, n)
	for s := range columns {
		columns[s] = make([]float64, n)
		for t := range rows {
			columns[s][t] = rows[t][s]
		}
	}
	p := newPlot()
	overTokens(p, n)
	p.Add(&heatMap{values: columns, scale: sequential()}, newTokenAxis(tokens, figureWidth-160, false))
	p.Y.Label.Text = words.Of("step that looks")
	p.Y.Min, p.Y.Max = 0.5, float64(n)+0.5
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	p.Y.Tick.Marker = linearTicks{n: 8, whole: true}
	p.Y.Padding = 4
	f := &Figure{
		Plot:  p,
		Title: words.Of("Where each step looks"),
		Alt:   attentionWords(tokens, rows, columns),
		Table: unitTable(tokens, []quantity{{name: words.Text("from step %d"), first: 1, values: rows}}),
	}
	return f.fit(cellHeight(n, 320))
}

func attentionWords(tokens []string, rows, columns [][]float64) string {
	text := words.Sprintf("Heat map of the weights of %s.", counted(len(tokens), "step"))
	if _, _, broken := extent(rows); broken > 0 {
		return text + words.Sprintf(" %s NaN or infinite.", counted(broken, "cell"))
	}
	most, top := 0, math.Inf(-1)
	for s, column := range columns {
		sum := 0.0
		for _, v := range column {
			sum += v
		}
		if sum > top {
			most, top = s, sum
		}
	}
	lo, hi, _ := extent(columns[most : most+1])
	return text + words.Sprintf(" Most looked at is %s, with a mean weight of %s, from %s to %s.",
		position(tokens, most), number(top/float64(len(tokens)), 2), number(lo, 2), number(hi, 2))
}
