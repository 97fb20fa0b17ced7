package lesson

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestCorpus(t *testing.T) {
	path := filepath.Join(t.TempDir(), "films")
	for set, text := range map[string]string{
		"train": "id\tdocument\tlabel\n1\ta good film\t1\n2\ta dull film\t0\n",
		"valid": "id\tdocument\tlabel\n3\ta film\t1\n",
		"test":  "id\tdocument\tlabel\nnew-1\tfilm a\t1\nseen-1\tgood a\t0\nnew-2\tfilm\t0\n",
	} {
		if err := os.WriteFile(path+"-"+set+".tsv", []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c, err := LoadCorpus(path)
	if err != nil {
		t.Fatal(err)
	}
	// a and film occur twice; good and dull once, so they are <UNK>.
	if want := (Examples{[][]int{{2, UNK, 3}, {2, UNK, 3}}, []int{1, 0}}); !reflect.DeepEqual(c.Train, want) {
		t.Errorf("training %v, want %v", c.Train, want)
	}
	if want := (Examples{[][]int{{2, 3}}, []int{1}}); !reflect.DeepEqual(c.Valid, want) {
		t.Errorf("validation %v, want %v", c.Valid, want)
	}
	if want := (Examples{[][]int{{3, 2}, {3}}, []int{1, 0}}); !reflect.DeepEqual(c.TestOf("new"), want) {
		t.Errorf("new test %v, want %v", c.TestOf("new"), want)
	}
	if got := c.TestOf("none"); len(got.Seqs) != 0 {
		t.Errorf("test of no id: %v", got)
	}
	if err := os.WriteFile(path+"-valid.tsv", []byte("text\tlabel\nfilm\tgood\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadCorpus(path); err == nil || !strings.Contains(err.Error(), "line 2: the label is") {
		t.Errorf("a broken line: error %v", err)
	}
}

func TestMust(t *testing.T) {
	if got := Must(3, nil); got != 3 {
		t.Errorf("%d, want 3", got)
	}
	defer func() {
		if err, _ := recover().(error); err != os.ErrNotExist {
			t.Errorf("panic %v, want the error", err)
		}
	}()
	Must(3, os.ErrNotExist)
}
