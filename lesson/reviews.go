package lesson

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
)

// A Review is a text with its verdict.
type Review struct {
	ID    string // "" where the file has no column for it
	Text  string
	Label int // 1: favourable, 0: not
	Line  int // of the file, the header being line 1
}

const (
	maxLine   = 1 << 20 // bytes; a longer line of a file of reviews is broken
	maxBroken = 1000    // lines of which BrokenLines says what is wrong
	shownRows = 10      // of them in its message
)

// A BrokenLine is a line that holds no review.
type BrokenLine struct {
	Line int    // the header is line 1
	Why  string // what is wrong, and what to do about it
}

// BrokenLines is the error of [ReadReviews] where lines hold no review. It says
// of the first thousand what is wrong, and counts them all.
type BrokenLines struct {
	Lines []BrokenLine
	Total int // of broken lines
	Read  int // reviews that were read
}

// Error names the first ten lines and counts the others.
func (e *BrokenLines) Error() string {
	checkNotNil("BrokenLines.Error", "the receiver", e)
	var b strings.Builder
	fmt.Fprintf(&b, "lesson: %d of %d lines hold no review", e.Total, e.Total+e.Read)
	shown := e.Lines[:min(len(e.Lines), shownRows)]
	for _, l := range shown {
		fmt.Fprintf(&b, "\n  line %d: %s", l.Line, l.Why)
	}
	if more := e.Total - len(shown); more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return b.String()
}

// add notes a broken line.
func (e *BrokenLines) add(line int, format string, args ...any) {
	if e.Total++; len(e.Lines) < maxBroken {
		e.Lines = append(e.Lines, BrokenLine{line, fmt.Sprintf(format, args...)})
	}
}

// LoadReviews reads a file as [ReadReviews] does.
func LoadReviews(path string) ([]Review, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("lesson: loading %s: %w", path, err)
	}
	defer f.Close()
	return ReadReviews(f)
}

// ReadReviews reads reviews from lines whose columns a tab separates, and whose
// first line names the columns. The text is in a column called document, as in
// the Naver Sentiment Movie Corpus, or text, review or sentence; the verdict in
// one called label or sentiment, as 1 or 0, positive or negative, pos or neg. A
// column id is kept, all others are ignored. Quotes are characters like any
// other.
//
// The file is UTF-8, or UTF-16 if it begins with the byte order mark of that.
// Its lines end with LF or CR LF, or with CR if the first line does. A byte order
// mark belongs to no text. A text stays in the Unicode form that the file has;
// [Tokenize] makes the forms equal.
//
// Where lines are broken the error is a [BrokenLines], and the reviews are those
// of the other lines, so that a caller may continue with them. With any other
// error there are no reviews. It panics when r is nil.
func ReadReviews(r io.Reader) ([]Review, error) {
	if r == nil {
		failf("ReadReviews", "r is nil, want something to read")
	}
	lines := newLineReader(r)
	header, err := lines.next()
	switch {
	case err == io.EOF:
		return nil, errors.New("lesson: the file is empty: want a first line with the names of the columns, such as id, document, label")
	case err != nil:
		return nil, fmt.Errorf("lesson: reading reviews: %w", err)
	case strings.ContainsRune(header, 0):
		return nil, errors.New("lesson: line 1 has zero bytes, which no text has: if the file is UTF-16 it lacks the byte order mark: save it as UTF-8")
	}
	columns, err := findColumns(header)
	if err != nil {
		return nil, err
	}
	columns.utf16 = lines.utf16
	var reviews []Review
	broken := new(BrokenLines)
	for {
		line, err := lines.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("lesson: reading reviews, after line %d: %w", lines.n, err)
		}
		review, why := columns.read(line, lines.tooLong)
		if why != "" {
			broken.add(lines.n, "%s", why)
			continue
		}
		review.Line = lines.n
		reviews = append(reviews, review)
	}
	broken.Read = len(reviews)
	switch {
	case broken.Total > 0:
		return reviews, broken
	case len(reviews) == 0:
		return nil, errors.New("lesson: there is no line below the names of the columns: want a review on each")
	}
	return reviews, nil
}

// reviewColumns are the places of what a review has; id is −1 without one.
type reviewColumns struct {
	names           []string
	id, text, label int
	utf16           bool // the file's encoding
}

func findColumns(header string) (reviewColumns, error) {
	c := reviewColumns{names: strings.Split(header, "\t")}
	find := func(names ...string) (place int, err error) {
		place = -1
		for i, name := range c.names {
			if !slices.Contains(names, strings.ToLower(strings.TrimSpace(name))) {
				continue
			}
			if place >= 0 {
				return 0, fmt.Errorf("lesson: line 1 has two columns for the same, %q and %q: rename one", c.names[place], name)
			}
			place = i
		}
		return place, nil
	}
	var err error
	for _, f := range []struct {
		place *int
		names []string
	}{
		{&c.id, []string{"id"}},
		{&c.text, []string{"document", "text", "review", "sentence"}},
		{&c.label, []string{"label", "sentiment"}},
	} {
		if *f.place, err = find(f.names...); err != nil {
			return c, err
		}
	}
	if c.text < 0 || c.label < 0 {
		hint := ""
		if len(c.names) == 1 && strings.Contains(header, ",") {
			hint = "; this line has commas, and columns are separated by tabs here: save the table with tabs"
		}
		return c, fmt.Errorf("lesson: line 1 is %q, want the names of the columns: one is document or text, one is label%s", shorten(header), hint)
	}
	return c, nil
}

// verdicts are the words for a label.
var verdicts = map[string]int{"0": 0, "1": 1, "negative": 0, "positive": 1, "neg": 0, "pos": 1}

// read returns the review of a line, or why there is none.
func (c reviewColumns) read(line string, tooLong bool) (r Review, why string) {
	switch {
	case tooLong:
		return r, fmt.Sprintf("longer than %d bytes: shorten the text, or look for a line break that is missing", maxLine)
	case line == "":
		return r, "empty: remove it"
	case c.utf16 && strings.ContainsRune(line, utf8.RuneError):
		return r, "not UTF-16: half of a letter is missing, or was lost before (U+FFFD): look at it in an editor"
	case !utf8.ValidString(line):
		return r, "not UTF-8: save the file as UTF-8 (Korean files from Windows are often CP949)"
	case strings.ContainsRune(line, 0):
		return r, "has a zero byte, which no text has: save the file as UTF-8"
	}
	fields := strings.Split(line, "\t")
	if len(fields) != len(c.names) {
		hint := ""
		if strings.Contains(line, `"`) {
			hint = "; quotes do not hide tabs or line breaks here: write the file without them"
		}
		return r, fmt.Sprintf("%s, want %d (%s)%s", plural(len(fields), "column"), len(c.names), strings.Join(c.names, ", "), hint)
	}
	if c.id >= 0 {
		r.ID = strings.TrimSpace(fields[c.id])
	}
	r.Text = strings.TrimSpace(fields[c.text])
	if r.Text == "" {
		return r, fmt.Sprintf("the %s is empty", c.names[c.text])
	}
	label, known := verdicts[strings.ToLower(strings.TrimSpace(fields[c.label]))]
	if !known {
		return r, fmt.Sprintf("the %s is %q, want 0 or 1, negative or positive", c.names[c.label], shorten(fields[c.label]))
	}
	r.Label = label
	return r, ""
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// shorten limits what a message quotes to a readable length.
func shorten(s string) string {
	const most = 60
	if letters := []rune(s[:min(len(s), 4*most)]); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return s
}

// A lineReader reads lines of UTF-8 or UTF-16 in bounded memory.
type lineReader struct {
	r       *bufio.Reader // of UTF-8, after the byte order mark
	utf16   bool          // what the file is
	cr      bool          // a carriage return alone ends a line, as it ended the first
	n       int           // of the line that next returned last
	tooLong bool          // whether that is longer than maxLine, and cut
	line    []byte
}

func newLineReader(r io.Reader) *lineReader {
	l := &lineReader{r: bufio.NewReaderSize(r, 1<<16)}
	start, _ := l.r.Peek(3) // an error comes again in next
	switch begin := string(start); {
	case strings.HasPrefix(begin, "\xff\xfe"), strings.HasPrefix(begin, "\xfe\xff"):
		decoder := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder()
		l.r, l.utf16 = bufio.NewReaderSize(decoder.Reader(l.r), 1<<16), true
	case begin == "\ufeff":
		l.r.Discard(len(begin))
	}
	return l
}

// next returns the next line without its end, and io.EOF after the last.
func (l *lineReader) next() (string, error) {
	l.line, l.tooLong = l.line[:0], false
	for read := 0; ; read++ {
		c, err := l.r.ReadByte()
		if err == io.EOF && read > 0 {
			break
		}
		if err != nil {
			return "", err
		}
		if c == '\r' {
			switch after, _ := l.r.Peek(1); {
			case len(after) == 0: // the end of the file
				continue
			case after[0] == '\n':
				c, _ = l.r.ReadByte()
			default:
				l.cr = l.cr || l.n == 0
			}
		}
		if c == '\n' || c == '\r' && l.cr {
			break
		}
		if len(l.line) <= maxLine {
			l.line = append(l.line, c)
		}
	}
	l.n++
	l.tooLong = len(l.line) > maxLine
	return string(l.line), nil
}

// Texts returns the texts of reviews, from which a vocabulary is made.
func Texts(reviews []Review) []string {
	texts := make([]string, len(reviews))
	for i, r := range reviews {
		texts[i] = r.Text
	}
	return texts
}

// Examples returns reviews as indices of their words, with their labels.
func (v *Vocabulary) Examples(reviews []Review) Examples {
	checkNotNil("Vocabulary.Examples", "the receiver", v)
	var e Examples
	for _, r := range reviews {
		e.Seqs = append(e.Seqs, v.Encode(r.Text))
		e.Classes = append(e.Classes, r.Label)
	}
	return e
}

// SplitReviews divides reviews at random into three sets, so that no text is
// in two of them: reviews of the same text, in whatever Unicode form, go to the
// same set. valid and test are
// shares of the different texts, and training gets the rest. The order of the
// reviews stays. It panics when a share is below 0, and when both leave nothing
// for training.
func SplitReviews(rng *rand.Rand, reviews []Review, valid, test float64) (forTraining, forValidation, forTest []Review) {
	const fn = "SplitReviews"
	checkRand(fn, rng)
	if !(valid >= 0 && test >= 0 && valid+test < 1) {
		failf(fn, "the shares are %v and %v, want none below 0 and both together below 1", valid, test)
	}
	place := map[string]int{} // of a text among the different ones
	for _, r := range reviews {
		text := norm.NFC.String(r.Text)
		if _, seen := place[text]; !seen {
			place[text] = len(place)
		}
	}
	order := rng.Perm(len(place))
	first := int(math.Round(valid * float64(len(order))))
	second := first + int(math.Round(test*float64(len(order))))
	for _, r := range reviews {
		switch at := order[place[norm.NFC.String(r.Text)]]; {
		case at < first:
			forValidation = append(forValidation, r)
		case at < second:
			forTest = append(forTest, r)
		default:
			forTraining = append(forTraining, r)
		}
	}
	return forTraining, forValidation, forTest
}
