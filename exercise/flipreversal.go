package exercise

import (
	"fmt"
	"math"
	"slices"

	"unroll/lesson"
)

func init() {
	register("flip-reversal", &Flip, &ToTheFront, &ReverseWords, &WashOut, &LastLag)
}

// Row is a row of a batch: the indices of the words, PADs behind them, and the
// number of words.
type Row struct {
	Indices []int
	Length  int
}

func (r Row) String() string { return fmt.Sprintf("%v with %d words", r.Indices, r.Length) }

var rows = []Row{
	{[]int{1, 2, 3, 0, 0}, 3},
	{[]int{4, 5, 6, 7, 0}, 4},
	{[]int{8, 9, 2, 4, 6}, 5},
}

func (r Row) reversed() []int {
	return lesson.ReversePadded(lesson.Indices{r.Indices}, []int{r.Length})[0]
}

func (r Row) flipped() []int { return lesson.Indices{r.Indices}.Flip(1)[0] }

func (r Row) toTheFront() []int {
	pre, _ := lesson.PadPre([][]int{r.Indices[:r.Length]}, len(r.Indices))
	return pre[0]
}

// Flip asks for what torch.flip does to a row.
var Flip = Exercise[[]int, []int]{
	Name:     "flip-reversal/flip",
	Inputs:   [][]int{rows[0].Indices, rows[1].Indices, rows[2].Indices},
	Solution: func(x []int) []int { return rowOf(x).flipped() },
	Mistakes: []Mistake[[]int, []int]{
		{
			slices.Clone[[]int],
			"That is the row as it came. If you swap in place, go to the middle only: to the end, every pair is swapped twice.",
		}, {
			func(x []int) []int { return rowOf(x).toTheFront() },
			"You have moved the PADs and kept the order of the words. flip knows nothing of PADs: it turns everything round.",
		}, {
			func(x []int) []int { return rowOf(x).reversed() },
			"You have left the PADs in place. flip knows nothing of PADs: it turns everything round.",
		}, {
			func(x []int) []int {
				y := rowOf(x).flipped()
				return append(y[1:], y[0])
			},
			"Everything is one place off: the last one comes first. Its index is len(x)−1.",
		},
	},
}

// rowOf returns a row whose words end where the PADs begin.
func rowOf(x []int) Row {
	if n := slices.Index(x, lesson.PAD); n >= 0 {
		return Row{x, n}
	}
	return Row{x, len(x)}
}

// ToTheFront asks for the PADs in front and the words in their order.
var ToTheFront = Exercise[Row, []int]{
	Name:     "flip-reversal/to-the-front",
	Inputs:   rows,
	Solution: Row.toTheFront,
	Mistakes: []Mistake[Row, []int]{
		{Row.flipped, "You have reversed the words too. Only the PADs change places; the words keep their order."},
		{Row.reversed, "You have reversed the words and left the PADs where they were. It is to be the other way round."},
		{func(r Row) []int { return r.Indices }, "That is the row as it came, with the PADs behind."},
		{func(r Row) []int { return r.Indices[:r.Length] }, "The PADs are gone. The row has to stay as long as it was."},
	},
}

// ReverseWords asks for the words reversed and the PADs left behind them, as
// lesson.ReversePadded does.
var ReverseWords = Exercise[Row, []int]{
	Name:     "flip-reversal/reverse-padded",
	Inputs:   rows,
	Solution: Row.reversed,
	Mistakes: []Mistake[Row, []int]{
		{Row.flipped, "You have moved the PADs to the front too. Turn round the first Length indices only."},
		{func(r Row) []int { return r.Indices }, "That is the row as it came. If you swap in place, go to the middle of the words only."},
		{Row.toTheFront, "You have moved the PADs and left the words in their order. It is to be the other way round."},
		{
			func(r Row) []int {
				return Row{r.Indices, r.Length - 1}.reversed()
			},
			"The last word has stayed where it was. It stands at Length−1, and has to go to 0.",
		}, {
			func(r Row) []int { return r.reversed()[:r.Length] },
			"The PADs are gone. The row has to stay as long as it was.",
		},
	},
}

// WashOut asks after how many PADs less than a millionth is left of a distance,
// when each PAD leaves 0.6 of it.
var WashOut = Question[int]{
	Name:   "flip-reversal/wash-out",
	Hidden: true,
	Truth:  func() int { return int(math.Floor(math.Log(1e-6)/math.Log(0.6))) + 1 },
	WrongAnswers: []WrongAnswer[int]{
		{27, "Close. Is what is left after 27 PADs below a millionth already?"},
		{20, "That would do if each PAD left a half. It leaves 0.6."},
		{16, "That would do if each PAD left 0.4. It takes 0.4 away and leaves 0.6."},
		{3, "Each PAD takes 0.4 of what is left, not of what there was at first."},
	},
	Why: "0.6^27 is 1.02e-06 and 0.6^28 is 6.1e-07. Sentences are often padded with more.",
}

// LastLag asks how many steps lie between the last source word and its target
// word, in a reversed source of ten words.
var LastLag = Question[int]{
	Name: "flip-reversal/last-lag",
	Truth: func() int {
		const n, word = 10, 9            // of 0 to 9
		return n + word - (n - 1 - word) // written at step n+word, read at n−1−word
	},
	WrongAnswers: []WrongAnswer[int]{
		{10, "That is the distance without reversal, and the average with it."},
		{1, "That is the distance of the first pair. The last source word is now read first of all."},
		{20, "One too many: count the steps from the first one, 0, to the last, 19."},
		{18, "One too few: the reading of the last word is step 0, and the last of 20 steps is step 19."},
	},
	Why: "What the first pair wins, the last pair pays.",
}
