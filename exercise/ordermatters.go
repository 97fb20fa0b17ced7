package exercise

import (
	"fmt"
	"math"
	"strings"
)

func init() {
	register("order-matters", &EncodeWords, &CountWords, &MaxPool, &Orders, &OrderBlind)
}

// Words is a sentence and the index that a vocabulary gives each word it knows.
type Words struct {
	Sentence []string
	Index    map[string]int
}

// EncodeWords asks for the indices of a sentence's words, 1 for one that the
// vocabulary does not know.
var EncodeWords = Exercise[Words, []int]{
	Name: "order-matters/encode",
	Inputs: func() []Words {
		index := map[string]int{"<PAD>": 0, "<UNK>": 1, "the": 2, "dog": 3, "bit": 4, "man": 5}
		return []Words{
			{strings.Fields("the dog bit the man"), index},
			{strings.Fields("the cat bit the dog"), index},
			{strings.Fields("man bit <PAD> <PAD>"), index},
		}
	}(),
	Solution: func(w Words) []int {
		return w.encode(func(i int, known bool) []int {
			if !known {
				i = 1
			}
			return []int{i}
		})
	},
	Mistakes: []Mistake[Words, []int]{
		{
			func(w Words) []int { return w.encode(func(i int, known bool) []int { return []int{i} }) },
			"A word that the map does not know comes out as 0, which is <PAD>. <UNK> is 1.",
		}, {
			func(w Words) []int {
				return w.encode(func(i int, known bool) []int {
					if !known {
						return nil
					}
					return []int{i}
				})
			},
			"You leave unknown words out. The sentence gets shorter, and what stood apart becomes neighbours: put <UNK> in the place.",
		}, {
			func(w Words) []int {
				return w.encode(func(i int, known bool) []int {
					if !known {
						i = len(w.Index)
					}
					return []int{i}
				})
			},
			"You give an unknown word a new index. The embedding has no row for it: use that of <UNK>.",
		}, {
			func(w Words) []int {
				return w.encode(func(i int, known bool) []int {
					if i == 0 {
						i = 1
					}
					return []int{i}
				})
			},
			"Index 0 is a word too: <PAD> is known. Ask the map whether it has the word, i, known := w.Index[word].",
		},
	},
	Show: func(w Words) string { return fmt.Sprintf("%q", strings.Join(w.Sentence, " ")) },
}

// encode appends what look makes of each word's index.
func (w Words) encode(look func(i int, known bool) []int) (indices []int) {
	for _, word := range w.Sentence {
		i, known := w.Index[word]
		indices = append(indices, look(i, known)...)
	}
	return indices
}

// Bag is a sentence in indices, and how many words the vocabulary has.
type Bag struct {
	Sentence []int
	Words    int
}

// count adds up what each word of the sentence gives, at its place.
func (b Bag) count(put func(counts []float64, word int)) []float64 {
	counts := make([]float64, b.Words)
	for _, word := range b.Sentence {
		put(counts, word)
	}
	return counts
}

// CountWords asks for the bag of words of a sentence: how often each word of the
// vocabulary stands in it.
var CountWords = Exercise[Bag, []float64]{
	Name: "order-matters/bag",
	Inputs: []Bag{
		{[]int{2, 3, 4, 2, 5}, 7},
		{[]int{6, 6, 6, 1}, 7},
		{[]int{0, 2}, 3},
	},
	Solution: func(b Bag) []float64 { return b.count(func(counts []float64, word int) { counts[word]++ }) },
	Mistakes: []Mistake[Bag, []float64]{
		{
			func(b Bag) []float64 { return b.count(func(counts []float64, word int) { counts[word] = 1 }) },
			"You say whether a word is there. How often is it?",
		}, {
			func(b Bag) []float64 {
				return b.count(func(counts []float64, word int) { counts[word] += 1 / float64(len(b.Sentence)) })
			},
			"Those are shares, which add up to 1. Counts add up to the length of the sentence.",
		}, {
			func(b Bag) []float64 { return b.count(func(counts []float64, word int) { counts[word-1]++ }) },
			"You are one place off: index 0 has a place too, the first.",
		}, {
			func(b Bag) (counts []float64) {
				for _, word := range b.Sentence {
					counts = append(counts, float64(word))
				}
				return counts
			},
			"That is the sentence itself. A bag has a place for each word of the vocabulary, and says how often it occurs.",
		}, {
			func(b Bag) []float64 {
				return b.count(func(counts []float64, word int) { counts[word] += float64(word) })
			},
			"You add the index. Every occurrence counts as one, whichever word it is.",
		},
	},
	Show: func(b Bag) string { return fmt.Sprintf("%v of a vocabulary of %d words", b.Sentence, b.Words) },
}

// pool joins the columns of rows by f, from start, or from the first row if
// start is NaN.
func pool(rows [][]float64, start float64, f func(a, b float64) float64) []float64 {
	pooled := make([]float64, len(rows[0]))
	for j := range pooled {
		pooled[j] = start
		for i, row := range rows {
			if i == 0 && math.IsNaN(start) {
				pooled[j] = row[j]
			} else {
				pooled[j] = f(pooled[j], row[j])
			}
		}
	}
	return pooled
}

// MaxPool asks for the largest number of each column: max pooling over the
// vectors of a sentence's words, a row each.
var MaxPool = Exercise[[][]float64, []float64]{
	Name: "order-matters/max-pool",
	Inputs: [][][]float64{
		{{1, -2}, {0.5, -3}, {4, -0.5}},
		{{-1, 2, 0}, {-3, 1, -1}},
	},
	Solution: func(rows [][]float64) []float64 { return pool(rows, math.NaN(), math.Max) },
	Mistakes: []Mistake[[][]float64, []float64]{
		{
			func(rows [][]float64) []float64 { return pool(rows, 0, math.Max) },
			"You begin with 0, so a column of negative numbers comes out as 0. Begin with the first word.",
		}, {
			func(rows [][]float64) (largest []float64) {
				for _, row := range rows {
					m := row[0]
					for _, v := range row {
						m = math.Max(m, v)
					}
					largest = append(largest, m)
				}
				return largest
			},
			"You have taken the largest number of each word. Go down the columns: for each feature the largest over all words.",
		}, {
			func(rows [][]float64) []float64 {
				sum := pool(rows, 0, func(a, b float64) float64 { return a + b })
				for j := range sum {
					sum[j] /= float64(len(rows))
				}
				return sum
			},
			"That is the mean. It is blind to order as well, but what is asked for is the largest.",
		}, {
			func(rows [][]float64) []float64 {
				return pool(rows, 0, func(a, b float64) float64 { return a + b })
			},
			"That is the sum. What is asked for is the largest.",
		}, {
			func(rows [][]float64) []float64 {
				return pool(rows, math.NaN(), func(a, b float64) float64 {
					if math.Abs(b) > math.Abs(a) {
						return b
					}
					return a
				})
			},
			"You compare sizes without their signs. The largest of −2 and −0.5 is −0.5.",
		},
	},
}

// Orders asks how many different sentences have the bag of words of "the dog
// bit the man".
var Orders = Question[int]{
	Name:   "order-matters/orders",
	Hidden: true,
	Truth: func() int {
		words := strings.Fields("the dog bit the man")
		different := map[string]bool{}
		arrange(words, len(words), func() { different[strings.Join(words, " ")] = true })
		return len(different)
	},
	WrongAnswers: []WrongAnswer[int]{
		{120, "That is every order of five different words. Two of these are the same: swap them, and it is the same sentence."},
		{24, "That is every order of four words, but the sentence has five."},
		{30, "You have halved once too often, or counted only some places for the verb. Begin with 5! and think of the two “the”s."},
		{2, "Those two make sense. The bag does not ask for sense: count every order of the five words."},
		{25, "A word that is used is gone from the bag: five choices for the first place, four for the second, and so on."},
	},
	Why: "5! = 120 orders, and each occurs twice, since the two “the”s can be swapped unseen.",
}

// arrange calls visit for every order of the first n words, by Heap's algorithm.
func arrange(words []string, n int, visit func()) {
	if n <= 1 {
		visit()
		return
	}
	for i := range n {
		arrange(words, n-1, visit)
		if n%2 == 0 {
			words[i], words[n-1] = words[n-1], words[i]
		} else {
			words[0], words[n-1] = words[n-1], words[0]
		}
	}
}

// OrderBlind asks for the best accuracy of a classifier that is blind to order,
// on 100 sentences in 50 pairs of the same words and different classes, and 50
// sentences that have their words for themselves.
var OrderBlind = Question[float64]{
	Name:      "order-matters/order-blind",
	Hidden:    true,
	Tolerance: 0.005,
	Truth:     func() float64 { return (50 + 50) / 150.0 },
	WrongAnswers: []WrongAnswer[float64]{
		{0.5, "That is the best on the pairs. There are 50 more sentences, and those it can get right."},
		{0.75, "You have taken the mean of the two shares. There are twice as many sentences in pairs as outside."},
		{1.0 / 3, "Of each pair it does get one right, whatever it answers: both get the same answer, and one of them is true."},
		{200 / 3.0, "That is right in percent. As a share it is a number from 0 to 1."},
		{1, "Both sentences of a pair get the same answer, and only one of them is right."},
	},
	Why: "One of each pair, 50, and the 50 others: 100 of 150.",
}
