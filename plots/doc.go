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
//	Alignment         where a decoder looks at each step, as a heat map
//	Gates             gates and states of an LSTM over the tokens, one tile below another
//	LSTMCell          one step of an LSTM as a diagram, with parts of it lit
//	GRUCell           the same of a GRU
//	Unrolled          a network with one step for each token, with paths through it lit
//	TrainingCurves    a quantity over training, every seed thin, the median thick
//	SeedScores        the score of every seed of every arm, as dots
//	Lines             any other curves over a common x axis
//	LossSurface       a loss over two weights as a map, with the paths of trainings
//
// A computation that takes longer than two seconds shows its progress with
// [NewProgress].
//
// # To change a figure
//
// A figure holds the plot, or the tiles, that it draws. Before it is shown, all of
// gonum/plot can change it, and fig.Add adds any of gonum's plotters:
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
// SVG and PNG show the same: shapes, text and lines, with their widths and dashes,
// under the transformation of the canvas, as in gonum's vgsvg. Its vgimg does not
// scale widths, which plotter.Field relies on: give the lines of a Field a width
// in parts of its longest vector, such as 0.04.
//
// # Accessibility
//
// Every figure has a description, made from its data ("tanh RNN: falls from 1 at
// distance 0 to 3e-9 at distance 50"), and its numbers as a table. A value that an
// axis cannot show, such as zero on a logarithmic one, is marked at the edge and
// named, in the picture and in the description. Lines are named at their ends, in a
// palette that is safe for colour-blind readers.
//
// # Styles of a page
//
// An SVG is a light card that reads well on any page. One that is within a
// page can take the page's colours: the root has the class unroll-figure, and
// what is drawn in a colour of the figure's own, rather than one that stands for
// a value, has a class and takes its colour from the CSS property color:
//
//	card           the background
//	ink soft muted text: titles and names, numbers and notes, the word PAD
//	axis grid pad  axis lines, grid lines, what belongs to padding
//	c1 … c6        lines and bars, in the order of the palette
//	t1 … t6        text in those colours, dark enough to read
//
// The same figure gives the same bytes. A function with a wrong argument panics
// with an [Error], as in package lesson.
package plots
