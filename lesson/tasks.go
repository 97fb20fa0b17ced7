package lesson

import "math/rand/v2"

// A Task draws sentences, as indices of words, and their classes: a [CueTask], a
// [FirstWordTask], a [MarkedWordTask], a [ParityTask] or a [BracketTask].
type Task interface {
	Words() int // indices, PAD included: the NumEmbeddings of an [Embedding]
	Sample(rng *rand.Rand, n int) (seqs [][]int, classes []int)
}

// CueTask makes sentences whose class depends on one word alone, the cue, which is
// the first or the last among distractors. Lengths differ from sentence to sentence.
//
// Index 0 is [PAD], which no sentence holds; 1 to Classes are the cues, of
// class 0 to Classes−1; the Distractors follow. Without the cue one can only
// guess, and is right in one of Classes cases.
type CueTask struct {
	Classes     int
	Distractors int // different words, the same for all classes
	MinLength   int // words of a sentence, the cue included
	MaxLength   int
	CueLast     bool
}

// NewCueTask returns a task with two cues, one of which is first, and so
// many distractors after it, of four kinds: after Bengio et al. (1994), whose
// inputs are real numbers with noise. It panics when distractors is negative.
//
// It tests whether a word is carried through a state that is read at the end,
// not whether a reader knows about order: a [BagOfWords] solves it.
func NewCueTask(distractors int) CueTask {
	checkCount("NewCueTask", "distractors", distractors, 0)
	n := distractors + 1
	return CueTask{Classes: 2, Distractors: 4, MinLength: n, MaxLength: n}
}

// Words returns the number of indices, PAD included.
func (t CueTask) Words() int { return 1 + t.Classes + t.Distractors }

// Sample draws n sentences and their classes. Class, length and each distractor
// are uniform and independent. It panics when n or a field is out of range.
func (t CueTask) Sample(rng *rand.Rand, n int) (seqs [][]int, classes []int) {
	const fn = "CueTask.Sample"
	checkSample(fn, rng, n)
	switch {
	case t.Classes < 1:
		failf(fn, "Classes is %d, want at least 1", t.Classes)
	case t.Classes > maxElements || t.Distractors > maxElements || t.MaxLength > maxElements:
		failf(fn, "%+v, more than any memory holds", t)
	case t.MinLength < 1 || t.MaxLength < t.MinLength:
		failf(fn, "MinLength is %d and MaxLength %d, want 1 ≤ MinLength ≤ MaxLength", t.MinLength, t.MaxLength)
	case t.Distractors < 0 || t.Distractors == 0 && t.MaxLength > 1:
		failf(fn, "Distractors is %d, want at least 1", t.Distractors)
	}
	seqs, classes = make([][]int, n), make([]int, n)
	for i := range seqs {
		class := rng.IntN(t.Classes)
		words := make([]int, t.MinLength+rng.IntN(t.MaxLength-t.MinLength+1))
		for j := range words {
			if t.Distractors > 0 {
				words[j] = 1 + t.Classes + rng.IntN(t.Distractors)
			}
		}
		cue := 0
		if t.CueLast {
			cue = len(words) - 1
		}
		words[cue] = 1 + class
		seqs[i], classes[i] = words, class
	}
	return seqs, classes
}

// FirstWordTask makes sentences of so many words, an even number. Half of them
// are A, of index 1, half B, of index 2, in random order. The class is the first
// word: 0 for A, 1 for B. Every sentence has the same words, so a reader that does
// not know their order answers the same to all, and is right for one class.
type FirstWordTask int

// Words returns 3, the number of indices, PAD included.
func (FirstWordTask) Words() int { return 3 }

// Sample draws n sentences and their classes, each order with the same
// probability. It panics when n is below 1 and unless the number of words is even
// and at least 2.
func (t FirstWordTask) Sample(rng *rand.Rand, n int) (seqs [][]int, classes []int) {
	const fn = "FirstWordTask.Sample"
	checkSample(fn, rng, n)
	checkCount(fn, "the number of words", int(t), 2)
	if t%2 != 0 {
		failf(fn, "the number of words is %d, want an even one", int(t))
	}
	seqs, classes = make([][]int, n), make([]int, n)
	for i := range seqs {
		words := make([]int, t)
		for j := range words {
			words[j] = 1 + j%2
		}
		rng.Shuffle(len(words), func(a, b int) { words[a], words[b] = words[b], words[a] })
		seqs[i], classes[i] = words, words[0]-1
	}
	return seqs, classes
}

// MarkedWordTask makes sentences whose class is told by the word after a marker:
// class 0 for A, class 1 for B. Index 0 is [PAD], which no sentence holds, 1 is A,
// 2 is B, 3 the marker. The marker occurs once, and half of the other words are A,
// half B, in random order. So all sentences of one length have the same words, and
// a reader that does not know their order is right for one class.
//
// A reader that sees two neighbouring words at once knows the class: the task tests
// how that knowledge reaches the answer.
type MarkedWordTask struct {
	MinLength int // words of a sentence, an odd number of at least 3
	MaxLength int // likewise
	Place     Place
}

// A Place says where in a sentence the marker and the word after it are.
type Place int

// The places.
const (
	First  Place = iota // the marker is the first word
	Middle              // it is the word in the middle
	Last                // it is the last word but one
)

// Words returns 4, the number of indices, PAD included.
func (MarkedWordTask) Words() int { return 4 }

// Sample draws n sentences and their classes. The length, uniform among the odd
// numbers, and the order of the words are independent. It panics when n or a
// field is out of range.
func (t MarkedWordTask) Sample(rng *rand.Rand, n int) (seqs [][]int, classes []int) {
	const fn = "MarkedWordTask.Sample"
	checkSample(fn, rng, n)
	switch {
	case t.MinLength < 3 || t.MaxLength < t.MinLength || t.MinLength%2 == 0 || t.MaxLength%2 == 0:
		failf(fn, "MinLength is %d and MaxLength %d, want odd numbers, 3 ≤ MinLength ≤ MaxLength", t.MinLength, t.MaxLength)
	case t.MaxLength > maxElements:
		failf(fn, "MaxLength is %d, more than any memory holds", t.MaxLength)
	case t.Place < First || t.Place > Last:
		failf(fn, "Place is %d, want First, Middle or Last", int(t.Place))
	}
	seqs, classes = make([][]int, n), make([]int, n)
	for i := range seqs {
		words := make([]int, t.MinLength+2*rng.IntN((t.MaxLength-t.MinLength)/2+1))
		rest := words[1:]
		for j := range rest {
			rest[j] = 1 + j%2
		}
		rng.Shuffle(len(rest), func(a, b int) { rest[a], rest[b] = rest[b], rest[a] })
		marker := int(t.Place) * (len(rest) - 1) / 2
		copy(words, rest[:marker])
		words[marker] = 3
		seqs[i], classes[i] = words, words[marker+1]-1
	}
	return seqs, classes
}

// AddingTask draws n sequences of the adding problem (Hochreiter & Schmidhuber,
// 1997; in the form of Arjovsky et al., 2016). Each step of x, (n, steps, 2), is a
// number uniform in [0, 1) and a mark: 1 at one step of the first half and at
// one of the second, else 0. The target, (n, 1), is the sum of the two marked
// numbers. Always answering 1 has a mean squared error of 1/6. It panics when n
// is below 1 or steps below 2.
func AddingTask(rng *rand.Rand, n, steps int) (x, target *Tensor) {
	checkSample("AddingTask", rng, n)
	checkCount("AddingTask", "steps", steps, 2)
	checkShape("AddingTask", []int{n, steps, 2})
	x, target = NewTensor(n, steps, 2), NewTensor(n, 1)
	for i := range n {
		row := x.data[i*steps*2:][:steps*2]
		for t := range steps {
			row[2*t] = rng.Float64()
		}
		first := rng.IntN(steps / 2)
		second := steps/2 + rng.IntN(steps-steps/2)
		for _, t := range []int{first, second} {
			row[2*t+1] = 1
			target.data[i] += row[2*t]
		}
	}
	return x, target
}

// The indices of [CopyTask].
const (
	CopySymbols   = 8 // 0 to 7 are the symbols to copy
	CopyBlank     = 8
	CopyDelimiter = 9
	CopyLength    = 10 // symbols of a sequence
)

// CopyTask draws n sequences of the copy task (Arjovsky et al., 2016), delay+20
// steps long. The inputs are ten random symbols, blanks, and, delay steps after
// the last symbol, a delimiter, which asks for the symbols again, and blanks.
// The targets are blanks and, in the last ten steps, the symbols. Without a
// memory one can do no better than a cross entropy of 10 ln 8 / (delay + 20).
// It panics when n or delay is below 1.
func CopyTask(rng *rand.Rand, n, delay int) (inputs, targets Indices) {
	checkSample("CopyTask", rng, n)
	checkCount("CopyTask", "delay", delay, 1)
	inputs, targets = make(Indices, n), make(Indices, n)
	steps := delay + 2*CopyLength
	for i := range n {
		in, out := make([]int, steps), make([]int, steps)
		for t := range steps {
			in[t], out[t] = CopyBlank, CopyBlank
		}
		for t := range CopyLength {
			symbol := rng.IntN(CopySymbols)
			in[t], out[steps-CopyLength+t] = symbol, symbol
		}
		in[CopyLength+delay-1] = CopyDelimiter
		inputs[i], targets[i] = in, out
	}
	return inputs, targets
}

func checkSample(fn string, rng *rand.Rand, n int) {
	checkRand(fn, rng)
	checkCount(fn, "n", n, 1)
}

// ParityTask makes sentences of As, of index 1, and Bs, of index 2. The class is 1
// where the number of Bs is odd, else 0: every B changes the answer, whatever it
// was. Who does not see one word can only guess.
type ParityTask struct {
	MinLength int // words of a sentence
	MaxLength int
}

// Words returns 3, the number of indices, PAD included.
func (ParityTask) Words() int { return 3 }

// Sample draws n sentences and their classes. Length and words are uniform and
// independent. It panics when n or a field is out of range.
func (t ParityTask) Sample(rng *rand.Rand, n int) (seqs [][]int, classes []int) {
	return sampleAutomaton("ParityTask.Sample", rng, n, t.MinLength, t.MaxLength, 2, func(odd, word int) int {
		return (odd + word - 1) % 2
	})
}

// BracketTask makes sentences of opening brackets, of index 1, closing ones, of
// index 2, and other characters, of index 3. The class is how many brackets are open
// in the end, 0 to 3: a closing bracket where none is open changes nothing, and
// neither does an opening one where three are.
type BracketTask struct {
	MinLength int // characters of a sentence
	MaxLength int
}

// Words returns 4, the number of indices, PAD included.
func (BracketTask) Words() int { return 4 }

// Sample draws n sentences and their classes. Length and characters are uniform and
// independent. It panics when n or a field is out of range.
func (t BracketTask) Sample(rng *rand.Rand, n int) (seqs [][]int, classes []int) {
	return sampleAutomaton("BracketTask.Sample", rng, n, t.MinLength, t.MaxLength, 3, func(open, character int) int {
		return min(max(open+[]int{0, 1, -1, 0}[character], 0), 3)
	})
}

// sampleAutomaton draws n sentences of the words 1 to kinds. The class is the state
// in which an automaton is that began in 0.
func sampleAutomaton(fn string, rng *rand.Rand, n, shortest, longest, kinds int, next func(state, word int) int) (seqs [][]int, classes []int) {
	checkSample(fn, rng, n)
	switch {
	case longest > maxElements:
		failf(fn, "MaxLength is %d, more than any memory holds", longest)
	case shortest < 1 || longest < shortest:
		failf(fn, "MinLength is %d and MaxLength %d, want 1 ≤ MinLength ≤ MaxLength", shortest, longest)
	}
	seqs, classes = make([][]int, n), make([]int, n)
	for i := range seqs {
		seqs[i] = make([]int, shortest+rng.IntN(longest-shortest+1))
		for t := range seqs[i] {
			seqs[i][t] = 1 + rng.IntN(kinds)
			classes[i] = next(classes[i], seqs[i][t])
		}
	}
	return seqs, classes
}
