package lesson

import "strings"

// A Corpus is reviews as a classifier takes them, in three sets: each word
// replaced by its index in the vocabulary of the training reviews.
type Corpus struct {
	Words              *Vocabulary
	Train, Valid, Test Examples
	Reviews            []Review // of the test
}

// NewCorpus returns the corpus of three sets, such as those of [SplitReviews].
// Its vocabulary has the words that occur twice or more in training, so that
// training meets <UNK> too.
func NewCorpus(train, valid, test []Review) *Corpus {
	words := NewCommonVocabulary(Texts(train), 2)
	return &Corpus{words, words.Examples(train), words.Examples(valid), words.Examples(test), test}
}

// LoadCorpus returns the corpus of three files, which [LoadReviews] reads: of
// "data/reviews-en" these are data/reviews-en-train.tsv, -valid.tsv and
// -test.tsv. A broken line is an error here.
func LoadCorpus(path string) (*Corpus, error) {
	var sets [3][]Review
	for i, name := range []string{"train", "valid", "test"} {
		var err error
		if sets[i], err = LoadReviews(path + "-" + name + ".tsv"); err != nil {
			return nil, err
		}
	}
	return NewCorpus(sets[0], sets[1], sets[2]), nil
}

// TestOf returns the test examples whose review has an id with this prefix: in
// the generated reviews "new-late" is for late verdicts in new templates.
func (c *Corpus) TestOf(begin string) Examples {
	checkNotNil("Corpus.TestOf", "the receiver", c)
	var some Examples
	for i, r := range c.Reviews {
		if strings.HasPrefix(r.ID, begin) {
			some.Seqs, some.Classes = append(some.Seqs, c.Test.Seqs[i]), append(some.Classes, c.Test.Classes[i])
		}
	}
	return some
}
