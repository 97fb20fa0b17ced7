package lesson

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"
)

func TestReadReviews(t *testing.T) {
	for _, c := range []struct {
		name, file string
		want       []Review
	}{
		{"NSMC", "id\tdocument\tlabel\n8112052\t어릴때보고 지금다시봐도 재밌어요ㅋㅋ\t1\n4655635\t별로다.\t0\n",
			[]Review{{"8112052", "어릴때보고 지금다시봐도 재밌어요ㅋㅋ", 1, 2}, {"4655635", "별로다.", 0, 3}}},
		{"IMDb-like", "text\tlabel\nA moving film.\tpos\nDull.\tneg\n", []Review{{"", "A moving film.", 1, 2}, {"", "Dull.", 0, 3}}},
		{"other names and order", "Sentiment\tyear\tReview\npositive\t1999\tgood\nnegative\t2001\tbad\n", []Review{{"", "good", 1, 2}, {"", "bad", 0, 3}}},
		{"byte order mark", "\ufeffid\tdocument\tlabel\n1\tgood\t1\n", []Review{{"1", "good", 1, 2}}},
		{"CRLF", "id\tdocument\tlabel\r\n1\tgood\t1\r\n2\tbad\t0\r\n", []Review{{"1", "good", 1, 2}, {"2", "bad", 0, 3}}},
		{"CR", "id\tdocument\tlabel\r1\tgood\t1\r2\tbad\t0\r", []Review{{"1", "good", 1, 2}, {"2", "bad", 0, 3}}},
		{"CR and others", "text\tlabel\rgood\t1\r\nbad\t0\nfine\t1", []Review{{"", "good", 1, 2}, {"", "bad", 0, 3}, {"", "fine", 1, 4}}},
		{"a CR in a text", "text\tlabel\ngood\rfilm\t1\n", []Review{{"", "good\rfilm", 1, 2}}},
		{"UTF-16 little endian", "\xff\xfe" + utf16Bytes(binary.LittleEndian, "id\tdocument\tlabel\r\n1\t정말 좋았다 😀\t1\r\n"), []Review{{"1", "정말 좋았다 😀", 1, 2}}},
		{"UTF-16 big endian", "\xfe\xff" + utf16Bytes(binary.BigEndian, "id\tdocument\tlabel\r1\t정말 좋았다\t1"), []Review{{"1", "정말 좋았다", 1, 2}}},
		{"decomposed", "text\tlabel\n" + "\u110c\u1169\u11c0\u1103\u1161" + "\t1\n", []Review{{"", "\u110c\u1169\u11c0\u1103\u1161", 1, 2}}},
		{"no newline at the end", "text\tlabel\ngood\t1", []Review{{"", "good", 1, 2}}},
		{"quotes are characters", "text\tlabel\n\"good\"\t1\nhe said \"no\t0\n", []Review{{"", `"good"`, 1, 2}, {"", `he said "no`, 0, 3}}},
		{"spaces", "text\tlabel\n  good \t 1 \n", []Review{{"", "good", 1, 2}}},
		{"as long as can be", "text\tlabel\n" + strings.Repeat("x", maxLine-2) + "\t1\r\n", []Review{{"", strings.Repeat("x", maxLine-2), 1, 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadReviews(strings.NewReader(c.file))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v, %v, want %v", got, err, c.want)
			}
		})
	}
}

// Each broken line is reported by its number, and the others are read.
func TestReadReviewsBrokenLine(t *testing.T) {
	for _, c := range []struct{ name, line, why string }{
		{"a column too few", "1\tgood", "2 columns, want 3 (id, document, label)"},
		{"no tab", "good", "1 column, want 3 (id, document, label)"},
		{"a column too many", "1\tgood\tvery\t1", "4 columns, want 3 (id, document, label)"},
		{"a quoted line break", "1\t\"good", "2 columns, want 3 (id, document, label); quotes do not hide tabs or line breaks here: write the file without them"},
		{"empty line", "", "empty: remove it"},
		{"empty document", "1\t\t1", "the document is empty"},
		{"blank document", "1\t \u3000\t1", "the document is empty"},
		{"no label", "1\tgood\t", `the label is "", want 0 or 1, negative or positive`},
		{"a label of its own", "1\tgood\t2", `the label is "2", want 0 or 1, negative or positive`},
		{"a long label", "1\tgood\t" + strings.Repeat("아", 200), `the label is "` + strings.Repeat("아", 60) + `…", want 0 or 1, negative or positive`},
		{"CP949", "1\t\xc1\xc1\xb4\xd9\t1", "not UTF-8: save the file as UTF-8 (Korean files from Windows are often CP949)"},
		{"a zero byte", "1\tgo\x00od\t1", "has a zero byte, which no text has: save the file as UTF-8"},
		{"too long", "1\t" + strings.Repeat("x", 3*maxLine) + "\t1", "longer than 1048576 bytes: shorten the text, or look for a line break that is missing"},
		{"too long by one", strings.Repeat("x", maxLine+1), "longer than 1048576 bytes: shorten the text, or look for a line break that is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadReviews(strings.NewReader("id\tdocument\tlabel\n1\tgood\t1\n" + c.line + "\n3\tbad\t0\n"))
			if want := []Review{{"1", "good", 1, 2}, {"3", "bad", 0, 4}}; !reflect.DeepEqual(got, want) {
				t.Errorf("the other lines are read as %v, want %v", got, want)
			}
			var broken *BrokenLines
			if !errors.As(err, &broken) {
				t.Fatalf("error %v, want BrokenLines", err)
			}
			if want := (&BrokenLines{[]BrokenLine{{3, c.why}}, 1, 2}); !reflect.DeepEqual(broken, want) {
				t.Errorf("%v, want %v", broken, want)
			}
			if want := "lesson: 1 of 3 lines hold no review\n  line 3: " + c.why; err.Error() != want {
				t.Errorf("message\n%v\nwant\n%v", err, want)
			}
		})
	}
}

// utf16Bytes returns a text in UTF-16, without a byte order mark.
func utf16Bytes(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// Half of a surrogate pair in UTF-16 is not a letter, and is reported, not replaced.
func TestReadReviewsHalfOfAPair(t *testing.T) {
	file := "\xff\xfe" + utf16Bytes(binary.LittleEndian, "text\tlabel\ngood ") + "\x3d\xd8" + utf16Bytes(binary.LittleEndian, "\t1\nbad\t0\n")
	got, err := ReadReviews(strings.NewReader(file))
	if want := []Review{{"", "bad", 0, 3}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if want := "lesson: 1 of 2 lines hold no review\n  line 2: not UTF-16: half of a letter is missing, or was lost before (U+FFFD): look at it in an editor"; err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
}

func TestReadReviewsOtherErrors(t *testing.T) {
	for _, c := range []struct{ name, file, message string }{
		{"empty", "", "lesson: the file is empty: want a first line with the names of the columns, such as id, document, label"},
		{"header alone", "id\tdocument\tlabel\n", "lesson: there is no line below the names of the columns: want a review on each"},
		{"no header", "1\tgood\t1\n", `lesson: line 1 is "1\tgood\t1", want the names of the columns: one is document or text, one is label`},
		{"commas", "review,sentiment\ngood,positive\n", `lesson: line 1 is "review,sentiment", want the names of the columns: one is document or text, one is label; this line has commas, and columns are separated by tabs here: save the table with tabs`},
		{"two texts", "text\treview\tlabel\n", `lesson: line 1 has two columns for the same, "text" and "review": rename one`},
		{"UTF-16 without its mark", "t\x00e\x00x\x00t\x00\t\x00", "lesson: line 1 has zero bytes, which no text has: if the file is UTF-16 it lacks the byte order mark: save it as UTF-8"},
		{"a byte order mark alone", "\xff\xfe", "lesson: the file is empty: want a first line with the names of the columns, such as id, document, label"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := ReadReviews(strings.NewReader(c.file)); got != nil || err == nil || err.Error() != c.message {
				t.Errorf("%v, error\n%v\nwant\n%v", got, err, c.message)
			}
		})
	}
	if got, err := ReadReviews(iotest.TimeoutReader(strings.NewReader("text\tlabel\n" + strings.Repeat("good\t1\n", 20000)))); got != nil || !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("%d reviews, error %v from a reader that fails", len(got), err)
	}
	if _, err := LoadReviews(filepath.Join(t.TempDir(), "none.tsv")); err == nil || !strings.Contains(err.Error(), "no such file: give its path from") {
		t.Errorf("error %v for a file that is not there", err)
	}
}

// The list of broken lines is limited, their count is not.
func TestReadReviewsManyBrokenLines(t *testing.T) {
	_, err := ReadReviews(strings.NewReader("text\tlabel\ngood\t1\n" + strings.Repeat("good\n", 5000)))
	var broken *BrokenLines
	if !errors.As(err, &broken) || len(broken.Lines) != 1000 || broken.Total != 5000 || broken.Lines[999].Line != 1002 {
		t.Fatalf("error %.200v", err)
	}
	message := err.Error()
	if n := strings.Count(message, "\n"); n != 11 || !strings.HasSuffix(message, "\n  and 4990 more") || !strings.HasPrefix(message, "lesson: 5000 of 5001 lines") {
		t.Errorf("message of %d lines:\n%s", n, message)
	}
}

// For any bytes, every line below the header is a review or reported, in
// order, and reviews written again are read again.
func FuzzReadReviews(f *testing.F) {
	for _, s := range []string{"", "id\tdocument\tlabel\n1\tgood\t1\n", "\ufefftext\tlabel\r\ngood\tpos\r\n\r\n", "text\tlabel\n\"a\tb\"\t0\n\xff\t1\n\t1\n", "label\ttext\n1\ta\rb\n2\tc", "text\tlabel\rgood\t1\r", "\xff\xfe" + utf16Bytes(binary.LittleEndian, "text\tlabel\ngood\t1\n")} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		reviews, err := ReadReviews(strings.NewReader(string(data)))
		var broken *BrokenLines
		if err != nil && !errors.As(err, &broken) {
			if reviews != nil {
				t.Errorf("%d reviews with the error %v", len(reviews), err)
			}
			return
		}
		lines := strings.Count(strings.TrimSuffix(string(data), "\n"), "\n")
		total := len(reviews)
		if broken != nil {
			total += broken.Total
			if broken.Total < 1 || broken.Read != len(reviews) {
				t.Errorf("%d broken, %d read, of %d reviews", broken.Total, broken.Read, len(reviews))
			}
		}
		if marked := strings.HasPrefix(string(data), "\xff\xfe") || strings.HasPrefix(string(data), "\xfe\xff"); marked || strings.Contains(string(data), "\r") {
			lines = total // other line ends than LF are counted in TestReadReviews
		}
		if total != lines {
			t.Errorf("%d lines, %d are reviews or broken", lines, total)
		}
		var again strings.Builder
		again.WriteString("text\tlabel\n")
		for i, r := range reviews {
			if r.Label != 0 && r.Label != 1 || !utf8.ValidString(r.Text) || len(Tokenize(r.Text)) == 0 {
				t.Errorf("review %+v", r)
			}
			if i > 0 && r.Line <= reviews[i-1].Line {
				t.Errorf("line %d after line %d", r.Line, reviews[i-1].Line)
			}
			fmt.Fprintf(&again, "%s\t%d\n", r.Text, r.Label)
		}
		if len(reviews) == 0 {
			return
		}
		second, err := ReadReviews(strings.NewReader(again.String()))
		if err != nil || len(second) != len(reviews) {
			t.Fatalf("read again: %d of %d, %v", len(second), len(reviews), err)
		}
		for i := range second {
			if second[i].Text != reviews[i].Text || second[i].Label != reviews[i].Label {
				t.Errorf("%+v is read again as %+v", reviews[i], second[i])
			}
		}
	})
}

func TestLoadReviews(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reviews.tsv")
	if err := os.WriteFile(path, []byte("text\tlabel\ngood\t1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := LoadReviews(path)
	if want := []Review{{"", "good", 1, 2}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
}

func TestSplitReviews(t *testing.T) {
	var all []Review
	for i := range 1000 {
		all = append(all, Review{Text: fmt.Sprint("text ", i%400), Label: i % 2, Line: i + 2})
	}
	train, valid, test := SplitReviews(rand.New(rand.NewPCG(1, 0)), all, 0.1, 0.25)
	sets := map[string]int{}
	var lines []int
	for k, set := range [][]Review{train, valid, test} {
		different := map[string]bool{}
		for i, r := range set {
			if was, seen := sets[r.Text]; seen && was != k {
				t.Errorf("%q is in set %d and in set %d", r.Text, was, k)
			}
			if i > 0 && r.Line < set[i-1].Line {
				t.Errorf("line %d after line %d", r.Line, set[i-1].Line)
			}
			sets[r.Text], different[r.Text] = k, true
			lines = append(lines, r.Line)
		}
		if want := []int{260, 40, 100}[k]; len(different) != want {
			t.Errorf("set %d has %d different texts, want %d", k, len(different), want)
		}
	}
	slices.Sort(lines)
	for i, line := range lines {
		if len(lines) != 1000 || line != i+2 {
			t.Fatalf("line %d in place %d of %d: want each review once", line, i, len(lines))
		}
	}
	again, _, _ := SplitReviews(rand.New(rand.NewPCG(2, 0)), all, 0.1, 0.25)
	if reflect.DeepEqual(train, again) {
		t.Error("another seed gives the same split")
	}
	wantPanic(t, "lesson: SplitReviews: the shares are 0.5 and 0.5, want none below 0 and both together below 1", func() { SplitReviews(rand.New(rand.NewPCG(1, 0)), all, 0.5, 0.5) })
}

func TestExamples(t *testing.T) {
	reviews := []Review{{Text: "the plot is dull", Label: 0}, {Text: "the end is not", Label: 1}}
	v := NewVocabulary(Texts(reviews))
	got := v.Examples(append(reviews, Review{Text: "the acting", Label: 1}))
	if want := (Examples{Seqs: [][]int{{2, 3, 4, 5}, {2, 6, 4, 7}, {2, UNK}}, Classes: []int{0, 1, 1}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// The same text in two Unicode forms is never in two sets.
func TestSplitReviewsOfDecomposedText(t *testing.T) {
	for seed := range uint64(20) {
		a, b, c := SplitReviews(newRand(seed), []Review{{Text: "café"}, {Text: "cafe\u0301"}, {Text: "bar"}}, 0.5, 0)
		for _, set := range [][]Review{a, b, c} {
			if n := len(set) - CountTrue([]bool{slices.ContainsFunc(set, func(r Review) bool { return r.Text == "bar" })}); n == 1 {
				t.Fatalf("seed %d: the two forms are in different sets: %v, %v, %v", seed, a, b, c)
			}
		}
	}
}
