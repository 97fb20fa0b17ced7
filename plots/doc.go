// Package plots draws what the lessons compute, with gonum/plot.
//
// Each function takes results and returns a [Figure], which [Show] puts into the
// notebook, or into a file outside one:
//
//	norms := lesson.GradientNorms(rnn, x, nil)
//	plots.Show(plots.GradientDecay([]plots.Curve{{Name: "tanh RNN", Values: norms}}))
//
// The figures, by what they show:
//
//	GradientDecay     gradient norms against distance, bounds dashed
//	InputGradient     the same for a result and the inputs it was made from
//	GradientByLength  the gradient norm at the first token against sequence length
//	TokenInfluence    how much each token moves the last state: bars under the words
//	HiddenStates      hidden states after each token, as a heat map
//	AttentionWeights  where each step of an attention layer looks, as a heat map
//	Gates             gates and states of an LSTM over the tokens, tile under tile
//	LSTMCell          one step of an LSTM as a diagram, with parts of it lit
//	GRUCell           the same of a GRU
//	Unrolled          a network with one step for each token, with ways through it lit
//	TrainingCurves    a quantity over training, every seed thin, the median thick
//	SeedScores        what every seed of every arm came to, as dots
//	Lines             any other curves over a common x axis
//	LossSurface       a loss over two weights as a map, with ways of training through it
//
// Work that takes longer than two seconds shows how far it has come with
// [NewProgress].
//
// # To change a figure
//
// A figure holds the plot, or the tiles, that it draws, so all of gonum/plot is at
// hand before it is shown:
//
//	fig := plots.GradientDecay(curves)
//	fig.Title = "Half of the gradient is gone after two steps"
//	fig.X.Label.Text = "steps back"
//	fig.Y.Min = 1e-12
//	plots.Show(fig)
//
// In titles, names and axes _{…} sets a subscript and ^{…} a superscript:
// "bound σ^{k}", "h_{T−k}". One point is one pixel of a page; figures are 720
// wide, and as high as what they show needs.
//
// # For those who do not see it
//
// Every figure says in words what it shows, made from its data ("tanh RNN: falls
// from 1 at distance 0 to 3e-9 at distance 50"), and carries its numbers as a
// table. A value that an axis has no place for, such as zero on a logarithmic
// one, is marked at the edge and named, in the picture and in the words. Lines are
// named at their ends and told apart by a palette that is safe for colour-blind
// readers.
//
// # For those who make pages
//
// An SVG is a light card that reads well on any page. One that lies within a
// page can take the page's colours: the root has the class unroll-figure, and
// what is drawn in a colour of the figure's own, rather than one that stands for
// a value, has a class and takes its colour from the CSS property color:
//
//	card           the ground
//	ink soft muted text: titles and names, numbers and notes, the word PAD
//	axis grid pad  axis lines, grid lines, what belongs to padding
//	c1 … c6        lines and bars, in the order of the palette
//	t1 … t6        text in those colours, dark enough to read
//
// The same figure gives the same bytes. A function that is called wrongly panics
// with an [Error], as in package lesson.
package plots
