package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"unroll/lesson"
)

// What the lesson on reviews measures: who can tell the verdict of a review.

type sentimentRow struct {
	Language string `json:"language"`
	Tokens   string `json:"tokens"` // words or syllables
	Reader   string `json:"reader"`
	Seed     uint64 `json:"seed"`
	Kept     int    `json:"kept"` // the epoch that early stopping keeps, from 1 on
	Seen     number `json:"seen"` // accuracy on new sentences of the templates of the training
	Fresh    number `json:"fresh"`
	End      number `json:"end"` // as fresh, after all epochs and without early stopping
}

const (
	sentimentEpochs   = 30
	sentimentPatience = 5
)

// sentimentReaders are the models compared, by name; embedding and hidden size
// are those of the lesson.
var sentimentReaders = []struct {
	name string
	make func(rng *rand.Rand, words int) lesson.Model
}{
	{"bag of words", nil},
	{"words and pairs", nil},
	{"RNN", func(rng *rand.Rand, words int) lesson.Model {
		return lesson.NewRNNClassifier(rng, lesson.Packed, words, 16, 32, 2)
	}},
	{"GRU", func(rng *rand.Rand, words int) lesson.Model {
		return lesson.NewGRUClassifier(rng, lesson.Packed, words, 16, 32, 2)
	}},
	{"LSTM", func(rng *rand.Rand, words int) lesson.Model {
		c := lesson.NewLSTMClassifier(rng, lesson.Packed, words, 16, 32, 2)
		c.LSTM.SetForgetBias(1)
		return c
	}},
	{"LSTM both ways", func(rng *rand.Rand, words int) lesson.Model {
		c := lesson.NewLSTMClassifier(rng, lesson.Packed, words, 16, 32, 2)
		c.LSTM = lesson.NewLSTM(rng, 16, 16, lesson.BatchFirst, lesson.Bidirectional)
		c.LSTM.SetForgetBias(1)
		return c
	}},
}

func init() {
	e := &grid{
		name:  "sentiment",
		about: "Accuracy on 400 made reviews of templates seen in training, and on 400 of fresh templates.",
		seeds: 10,
		settings: map[string]any{
			"embedding": 16, "units": 32, "forget bias": 1, "optimizer": "Adam", "learning rate": 0.01, "batch": 32,
			"clipped to norm": 1, "epochs": sentimentEpochs, "patience": sentimentPatience,
		},
	}
	for _, data := range [][2]string{{"en", "words"}, {"ko", "words"}, {"ko", "syllables"}} {
		for _, reader := range sentimentReaders {
			for seed := range uint64(e.seeds) {
				e.rows = append(e.rows, func() any {
					row := sentimentRow{Language: data[0], Tokens: data[1], Reader: reader.name, Seed: seed}
					row.measure(reader.make)
					return row
				})
			}
		}
	}
	register(e)
}

// measure trains one reader as the lesson does.
func (row *sentimentRow) measure(make func(*rand.Rand, int) lesson.Model) {
	train, valid, test := reviews(row.Language, "train"), reviews(row.Language, "valid"), reviews(row.Language, "test")
	if row.Tokens == "syllables" {
		train, valid, test = syllables(train), syllables(valid), syllables(test)
	}
	words := lesson.NewCommonVocabulary(lesson.Texts(train), 2)
	a, b, c := words.Examples(train), words.Examples(valid), words.Examples(test)
	rng := rand.New(rand.NewPCG(9, 10+row.Seed))
	var m lesson.Model
	switch {
	case make != nil:
		m = make(rng, words.Len())
	case row.Reader == "words and pairs":
		pairs := lesson.NewWordPairs(a.Seqs, words.Len(), 2)
		a, b, c = pairs.Examples(a), pairs.Examples(b), pairs.Examples(c)
		m = lesson.NewBagOfWords(pairs.Len(), 2)
	default:
		m = lesson.NewBagOfWords(words.Len(), 2)
	}
	// One training measures both: what each epoch would have come to, and which
	// of them early stopping would have kept.
	best, lowest, stopped := 0, 0.0, false
	epoch := 0
	how := lesson.Fitting{
		Training: lesson.Training{Epochs: sentimentEpochs, BatchSize: 32, LR: 0.01, ClipNorm: 1},
		Patience: sentimentEpochs,
	}
	how.Each = func(e lesson.Epoch) {
		if epoch++; epoch == 1 || !stopped && e.ValidLoss < lowest {
			best, lowest = epoch, e.ValidLoss
		}
		stopped = stopped || epoch-best >= sentimentPatience
		if epoch != best && epoch != sentimentEpochs {
			return
		}
		seen, fresh := bySet(m, c, test)
		if epoch == best {
			row.Kept, row.Seen, row.Fresh = best, number(seen), number(fresh)
		}
		row.End = number(fresh)
	}
	lesson.Fit(rng, m, a, b, how)
}

// bySet returns the accuracies on the test's reviews of seen and of fresh
// templates.
func bySet(m lesson.Model, data lesson.Examples, reviews []lesson.Review) (seen, fresh float64) {
	_, right := lesson.Evaluate(m, data)
	var count, of [2]float64
	for i, r := range reviews {
		k := 0
		if strings.HasPrefix(r.ID, "new-") {
			k = 1
		}
		of[k]++
		if right[i] {
			count[k]++
		}
	}
	return count[0] / of[0], count[1] / of[1]
}

// syllables returns the reviews with a space between all letters, and an
// underscore where a space was.
func syllables(reviews []lesson.Review) []lesson.Review {
	apart := make([]lesson.Review, len(reviews))
	for i, r := range reviews {
		letters := strings.Split(strings.ReplaceAll(r.Text, " ", "_"), "")
		r.Text = strings.Join(letters, " ")
		apart[i] = r
	}
	return apart
}

var reviewsRead sync.Map

// reviews returns a set of the lesson's reviews.
func reviews(language, set string) []lesson.Review {
	name := "reviews-" + language + "-" + set + ".tsv"
	if r, ok := reviewsRead.Load(name); ok {
		return r.([]lesson.Review)
	}
	folder := filepath.Join("notebooks", "data") // from the top, or from a test's folder
	if _, err := os.Stat(folder); err != nil {
		folder = filepath.Join("..", "..", folder)
	}
	r, err := lesson.LoadReviews(filepath.Join(folder, name))
	if err != nil {
		panic(err)
	}
	reviewsRead.Store(name, r)
	return r
}
