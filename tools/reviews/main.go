// Command reviews makes the short reviews that a lesson classifies, in English and in Korean:
//
//	go run ./tools/reviews
//
// writes notebooks/data/reviews-{en,ko}-{train,valid,test}.tsv, the same bytes
// every time. The reviews are generated, nobody wrote them: a sentence comes from a
// template, whose slots are filled with words drawn from lists, in english.go
// and korean.go.
//
// A template does not say which verdict it gives. Its slot "good" is filled with
// an adjective of the verdict that is wanted and "bad" with one of the other, so
// "the {a} is {bad} but the {b} is {good} ." gives as many favourable reviews as
// unfavourable ones, of the same words. There are five kinds of templates:
//
//	plain     the verdict is said as it is
//	negation  "not" or a word like it reverses an adjective
//	contrast  two adjectives disagree, and "but" says which one counts
//	late      the verdict comes after many other words
//	early     the verdict comes before many other words
//
// Training, validation and test have templates of their own, so that a network
// that has only memorised the templates is detected. Beside the new
// templates ("new" in the id) the test has sentences of the templates of the
// training ("seen"). No sentence is in two places.
package main

import (
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Sizes of the sets; every one is half favourable, and has as many reviews of
// each kind.
const (
	trainSize = 2400
	validSize = 400
	seenSize  = 400
	newSize   = 400
)

var kinds = []string{"plain", "negation", "contrast", "late", "early"}

// A language has templates and what fills their slots.
type language struct {
	name      string // in the names of the files
	seed      uint64
	templates map[string]templates // by kind
	fill      func(d *draw, slot string) string
}

// templates are those of one kind. A word in braces is a slot.
type templates struct{ train, valid, test []string }

// A draw fills the slots of one review.
type draw struct {
	rng     *rand.Rand
	verdict int // 1: favourable
	used    map[string]bool
	name    string          // of the person that the review names, if it does
	aspects map[byte]string // by the letter of their slot, in Korean
}

// A row is a review.
type row struct {
	set, kind, text string
	verdict         int
}

func main() {
	log.SetFlags(0)
	for _, l := range []language{english, korean} {
		for set, rows := range l.sets() {
			path := filepath.Join("notebooks", "data", fileName(l, set))
			if err := os.WriteFile(path, tsv(rows), 0o666); err != nil {
				log.Fatalf("reviews: %v. Run it at the top of the checkout", err)
			}
		}
	}
}

func fileName(l language, set string) string {
	return fmt.Sprintf("reviews-%s-%s.tsv", l.name, set)
}

// sets makes all reviews of a language: "train", "valid" and "test".
func (l language) sets() map[string][]row {
	rng := rand.New(rand.NewPCG(9, l.seed))
	made := map[string]bool{}
	known := l.make(rng, made, trainSize+seenSize, func(t templates) []string { return t.train })
	valid := l.make(rng, made, validSize, func(t templates) []string { return t.valid })
	fresh := l.make(rng, made, newSize, func(t templates) []string { return t.test })
	train, seen := known[:trainSize], known[trainSize:]
	sets := map[string][]row{
		"train": named("train", train),
		"valid": named("valid", valid),
		"test":  append(named("seen", seen), named("new", fresh)...),
	}
	for _, set := range []string{"train", "valid", "test"} {
		rows := sets[set]
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	}
	return sets
}

func named(set string, rows []row) []row {
	for i := range rows {
		rows[i].set = set
	}
	return rows
}

// make makes n reviews that are not among those made before, with the kinds in
// turn, and within a kind the verdicts in turn.
func (l language) make(rng *rand.Rand, made map[string]bool, n int, of func(templates) []string) []row {
	var rows []row
	for len(rows) < n {
		i := len(rows)
		r := row{kind: kinds[i%len(kinds)], verdict: i / len(kinds) % 2}
		choice := of(l.templates[r.kind])
		for r.text == "" || made[r.text] {
			d := &draw{rng: rng, verdict: r.verdict, used: map[string]bool{}, aspects: map[byte]string{}}
			r.text = l.sentence(d, choice[rng.IntN(len(choice))])
		}
		made[r.text] = true
		rows = append(rows, r)
	}
	return rows
}

// sentence fills the slots of a template.
func (l language) sentence(d *draw, template string) string {
	var words []string
	for _, word := range strings.Fields(template) {
		open, end := strings.Index(word, "{"), strings.Index(word, "}")
		if open >= 0 {
			word = word[:open] + l.fill(d, word[open+1:end]) + word[end+1:]
		}
		if strings.Contains(word, "{") { // what filled the slot has slots of its own
			word = l.sentence(d, word)
		}
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// pick returns one of some words.
func (d *draw) pick(from []string) string { return from[d.rng.IntN(len(from))] }

// fresh returns one of some words that the review does not have yet.
func (d *draw) fresh(from []string) string {
	for {
		if w := d.pick(from); !d.used[w] {
			d.used[w] = true
			return w
		}
	}
}

// person returns the one name of the review.
func (d *draw) person(make func() string) string {
	if d.name == "" {
		d.name = make()
	}
	return d.name
}

// favourable reports whether an adjective of the slot "good" or "bad" praises.
func (d *draw) favourable(slot string) bool { return (slot == "good") == (d.verdict == 1) }

// tsv returns the rows in the form of NSMC, the Naver Sentiment Movie Corpus: a
// header, and for each review its id, the document and the label, with tabs
// between. The id holds the set, the kind and a number.
func tsv(rows []row) []byte {
	var b strings.Builder
	b.WriteString("id\tdocument\tlabel\n")
	for i, r := range rows {
		fmt.Fprintf(&b, "%s-%s-%d\t%s\t%d\n", r.set, r.kind, i+1, r.text, r.verdict)
	}
	return []byte(b.String())
}
