package exercise

import (
	"fmt"
	"strings"
)

func init() {
	register("order-matters", &EncodeWords, &Bigrams, &Orders, &OrderBlind, &MissingControl)
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

// count adds up how often each row of words occurs that rows makes of a sentence.
func count(rows func(sentence []string) []string) func(sentence []string) map[string]int {
	return func(sentence []string) map[string]int {
		counts := map[string]int{}
		for _, row := range rows(sentence) {
			counts[row]++
		}
		return counts
	}
}

// neighbours returns the words of a sentence in pairs, each beginning so many
// words after the one before.
func neighbours(sentence []string, step int) (pairs []string) {
	for i := 0; i+1 < len(sentence); i += step {
		pairs = append(pairs, sentence[i]+" "+sentence[i+1])
	}
	return pairs
}

// Bigrams asks how often each pair of neighbouring words occurs in a sentence.
var Bigrams = Exercise[[]string, map[string]int]{
	Name: "order-matters/bigrams",
	Inputs: [][]string{
		strings.Fields("the dog bit the man"),
		strings.Fields("the dog saw the dog and the dog ran"),
		strings.Fields("go go go"),
		strings.Fields("stop"),
	},
	Solution: count(func(s []string) []string { return neighbours(s, 1) }),
	Mistakes: []Mistake[[]string, map[string]int]{
		{
			count(func(s []string) []string { return neighbours(s, 2) }),
			"You begin the next pair after the end of the one before. Pairs overlap: each word but the last begins one.",
		}, {
			count(func(s []string) []string { return s }),
			"Those are the words one by one. A pair is a word, a space and the word after it.",
		}, {
			func(s []string) map[string]int {
				seen := map[string]int{}
				for _, pair := range neighbours(s, 1) {
					seen[pair] = 1
				}
				return seen
			},
			"You say whether a pair is there. How often is it?",
		}, {
			count(func(s []string) []string {
				pairs := neighbours(s, 1)
				for i, pair := range pairs {
					pairs[i] = strings.ReplaceAll(pair, " ", "")
				}
				return pairs
			}),
			"There is no space between the words of a pair.",
		}, {
			count(func(s []string) (pairs []string) {
				for i, a := range s {
					for _, b := range s[i+1:] {
						pairs = append(pairs, a+" "+b)
					}
				}
				return pairs
			}),
			"You take each word with every later one. Neighbours stand directly one after the other.",
		}, {
			count(func(s []string) (pairs []string) {
				for i := range len(s) - 1 {
					pairs = append(pairs, s[i+1]+" "+s[i])
				}
				return pairs
			}),
			"The words of each pair are exchanged: the one that stands first in the sentence stands first in the pair.",
		}, {
			count(func(s []string) []string { return neighbours(s[:len(s)-1], 1) }),
			"The last pair is missing.",
		},
	},
	Show: func(s []string) string { return fmt.Sprintf("%q", strings.Join(s, " ")) },
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
	Why: "5! = 120 orders, and each occurs twice, since swapping the two “the”s changes nothing.",
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

// OrderBlind asks for the best accuracy of a classifier that does not know the order of words,
// on 100 sentences in 50 pairs of the same words and different classes, and 50
// sentences that have their words for themselves.
var OrderBlind = Question[float64]{
	Name:      "order-matters/order-blind",
	Hidden:    true,
	Tolerance: 0.006, // two decimals will do
	Truth:     func() float64 { return (50 + 50) / 150.0 },
	WrongAnswers: []WrongAnswer[float64]{
		{0.5, "That is the best on the pairs. There are 50 more sentences, and those it can get right."},
		{0.75, "You have taken the mean of the two shares. There are twice as many sentences in pairs as outside."},
		{1.0 / 3, "Of each pair it does get one right, whatever it answers: both get the same answer, and one of them is true."},
		{0.66, "That is cut off, not rounded: write it as a fraction."},
		{200 / 3.0, "That is right in percent. As a share it is a number from 0 to 1."},
		{1, "Both sentences of a pair get the same answer, and only one of them is right."},
	},
	Why: "One of each pair, 50, and the 50 others: 100 of 150.",
}

// MissingControl asks what is missing most in a claim about memory, where the
// last word gives the answer away.
var MissingControl = Question[int]{
	Name:    "order-matters/missing-control",
	Hidden:  true,
	Options: 4,
	Truth:   func() int { return 3 },
	WrongAnswers: []WrongAnswer[int]{
		{1, "Ten of ten were right. More seeds would say the same, and still not say what the networks look at."},
		{2, "However large it is, max pooling gives both sentences of a pair the same answer. You have proved it."},
		{4, "Max pooling shows that the order counts. How many words at the end of a sentence does one need to know the order?"},
	},
	Why: "The last noun alone gives the answer away, so nothing need be remembered. A claim about memory stands beside a reader that has none.",
}
