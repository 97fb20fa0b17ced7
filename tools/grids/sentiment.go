package main

import (
	"math/rand/v2"
	"os"
	"strings"
	"sync"

	"unroll/lesson"
)

// What the lesson on reviews measures: who can tell the verdict of a review.

type sentimentRow struct {
	Language   string  `json:"language"`
	Tokens     string  `json:"tokens"` // words or syllables
	Reader     string  `json:"reader"`
	Dropout    float64 `json:"dropout"`
	Rate       float64 `json:"rate"`
	Seed       uint64  `json:"seed"`
	Parameters int     `json:"parameters"`
	Kept       int     `json:"kept"`  // the epoch that early stopping keeps, from 1 on
	Valid      number  `json:"valid"` // accuracy on the validation reviews, then
	Seen       number  `json:"seen"`  // and on new sentences of the templates of the training
	New        number  `json:"new"`   // and on those of new templates, and of these by kind:
	Plain      number  `json:"plain"`
	Negation   number  `json:"negation"`
	Contrast   number  `json:"contrast"`
	Late       number  `json:"late"`
	Early      number  `json:"early"`
	End        number  `json:"end"` // as new, after all epochs and without early stopping
}

const (
	sentimentEpochs   = 20
	sentimentPatience = 5
)

var sentimentRates = []float64{0.01, 0.003, 0.03, 0.1} // the lesson's first, for the row that tests compute

// sentimentReaders are the models compared. The hidden sizes give the recurrent
// ones the same number of parameters, within 3%.
var sentimentReaders = []struct {
	name      string
	config    lesson.ClassifierConfig
	pairs     bool
	dropout   []float64
	syllables bool
}{
	{name: "bag of words", syllables: true},
	{name: "words and pairs", pairs: true},
	{name: "mean pool", config: lesson.ClassifierConfig{Reading: lesson.MeanPool}},
	{name: "max pool", config: lesson.ClassifierConfig{Reading: lesson.MaxPool}, syllables: true},
	{name: "RNN", config: lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 71}},
	{name: "RNN, max of states", config: lesson.ClassifierConfig{Encoder: "RNN", HiddenSize: 71, Reading: lesson.MaxPool}},
	{name: "GRU", config: lesson.ClassifierConfig{Encoder: "GRU", HiddenSize: 38}},
	{name: "LSTM", config: lesson.ClassifierConfig{Encoder: "LSTM", HiddenSize: 32}, syllables: true},
	{name: "LSTM both ways", config: lesson.ClassifierConfig{Encoder: "LSTM", HiddenSize: 21, Options: []lesson.Option{lesson.Bidirectional}}},
	{name: "two LSTMs", config: lesson.ClassifierConfig{Encoder: "LSTM", HiddenSize: 32, Options: []lesson.Option{lesson.Layers(2)}}, dropout: []float64{0, 0.3, 0.5}},
}

func init() {
	g := &grid{
		name:  "sentiment",
		about: "Accuracy on 400 made reviews of templates seen in training, and on 400 of new templates.",
		seeds: 10,
		settings: map[string]any{
			"embedding": 16, "forget bias": 1, "optimizer": "Adam", "batch": 32,
			"clipped to norm": 1, "epochs": sentimentEpochs, "patience": sentimentPatience,
		},
	}
	for _, data := range [][2]string{{"en", "words"}, {"ko", "words"}, {"ko", "syllables"}} {
		for place, reader := range sentimentReaders {
			rates, dropouts := sentimentRates, []float64{0}
			if reader.dropout != nil { // which compares dropouts, not rates
				rates, dropouts = rates[:1], reader.dropout
			}
			if data[1] == "syllables" && !reader.syllables || data[0] == "ko" && reader.dropout != nil {
				continue // they take long
			}
			for _, rate := range rates {
				for _, dropout := range dropouts {
					for seed := range uint64(g.seeds) {
						g.rows = append(g.rows, func() any {
							row := sentimentRow{Language: data[0], Tokens: data[1], Reader: reader.name, Dropout: dropout, Rate: rate, Seed: seed}
							row.measure(place)
							return row
						})
					}
				}
			}
		}
	}
	register(g)
}

// measure trains one reader as the lesson does.
func (row *sentimentRow) measure(place int) {
	reader := sentimentReaders[place]
	corpus := sentimentCorpus(row.Language, row.Tokens)
	rng := rand.New(rand.NewPCG(9, 10+row.Seed))
	m, encode := lesson.Model(nil), func(e lesson.Examples) lesson.Examples { return e }
	switch {
	case reader.pairs:
		pairs := lesson.NewWordPairs(corpus.Train.Seqs, corpus.Words.Len(), 2)
		m, encode = lesson.NewBagOfWords(pairs.Len(), 2), pairs.Examples
	case reader.config.Encoder == "" && reader.config.Reading == 0:
		m = lesson.NewBagOfWords(corpus.Words.Len(), 2)
	default:
		m = sentimentNetwork(rng, reader.config, corpus.Words.Len(), row.Dropout)
	}
	for _, p := range m.Parameters() {
		row.Parameters += p.Value.Shape().Size()
	}
	accuracy := func(begin string) number {
		_, right := lesson.Evaluate(m, encode(corpus.TestOf(begin)))
		return number(float64(lesson.CountTrue(right)) / float64(len(right)))
	}
	// One training measures both: the accuracy after each epoch, and which epoch early
	// stopping would have kept.
	best, lowest, stopped := 0, 0.0, false
	epoch := 0
	how := lesson.FitConfig{Epochs: sentimentEpochs, BatchSize: 32, LR: row.Rate, ClipNorm: 1, Patience: sentimentEpochs}
	how.Each = func(e lesson.Epoch) {
		if epoch++; epoch == 1 || !stopped && e.ValidLoss < lowest {
			best, lowest = epoch, e.ValidLoss
			row.Kept, row.Valid = best, number(e.ValidAccuracy)
			row.Seen, row.New = accuracy("seen"), accuracy("new")
			row.Plain, row.Negation, row.Contrast = accuracy("new-plain"), accuracy("new-negation"), accuracy("new-contrast")
			row.Late, row.Early = accuracy("new-late"), accuracy("new-early")
		}
		stopped = stopped || epoch-best >= sentimentPatience
		if epoch == sentimentEpochs {
			row.End = accuracy("new")
		}
	}
	lesson.Fit(rng, m, encode(corpus.Train), encode(corpus.Valid), how)
}

func sentimentNetwork(rng *rand.Rand, config lesson.ClassifierConfig, words int, dropout float64) *lesson.Classifier {
	config.Words, config.EmbeddingDim, config.Classes = words, 16, 2
	if config.Encoder != "" && config.Reading == 0 {
		config.Reading = lesson.Packed
	}
	if dropout > 0 {
		config.Options = append(config.Options[:len(config.Options):len(config.Options)], lesson.Dropout(dropout))
	}
	m := lesson.NewClassifier(rng, config)
	if lstm, ok := m.Encoder.(*lesson.LSTM); ok {
		lstm.SetForgetBias(1)
	}
	return m
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

var corporaRead sync.Map

// sentimentCorpus returns the lesson's reviews of a language.
func sentimentCorpus(language, tokens string) *lesson.Corpus {
	name := language + " " + tokens
	if c, ok := corporaRead.Load(name); ok {
		return c.(*lesson.Corpus)
	}
	folder := "notebooks/data/" // from the top, or from a test's folder
	if _, err := os.Stat(folder); err != nil {
		folder = "../../" + folder
	}
	read := func(set string) []lesson.Review {
		r := lesson.Must(lesson.LoadReviews(folder + "reviews-" + language + "-" + set + ".tsv"))
		if tokens == "syllables" {
			return syllables(r)
		}
		return r
	}
	c := lesson.NewCorpus(read("train"), read("valid"), read("test"))
	corporaRead.Store(name, c)
	return c
}
