package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unroll/lesson"
)

// controls has, for each grid that compares readers, the column of the readers
// and those that read without order: what a claim about memory is compared with.
// Where a grid compares no readers, it says so.
var controls = map[string]struct {
	column string
	blind  []string
	none   string
}{
	"attention-first-word":          {column: "arm", blind: []string{"words and places, mean", "words and places, largest"}},
	"attention-looks":               {none: "one reader, before training and after"},
	"both-directions-marked":        {column: "arm", blind: []string{"mean of words", "largest of words"}},
	"both-directions-training":      {none: "one reader, followed through its training"},
	"flip-reversal-readings":        {column: "reader", blind: []string{"max pool, no RNN", "mean pool, no RNN"}},
	"flip-reversal-distance":        {none: "one reading of one network, at several distances"},
	"forget-bias-cue":               {column: "arm", blind: []string{"max of words", "mean of words"}},
	"forget-bias-counting":          {none: "one network, followed through its training"},
	"forget-bias-differs":           {none: "networks of forget-bias-cue, asked at other distances"},
	"forget-bias-first-word":        {column: "arm", blind: []string{"max of words", "mean of words"}},
	"forget-bias-memory":            {none: "what training does to the memory of two LSTMs"},
	"language-model-bits":           {none: "n-grams, which remember n − 1 characters, and compressors"},
	"language-model-hangul":         {none: "n-grams and compressors stand in the same file"},
	"language-model-networks":       {none: "stands beside language-model-bits in the lesson"},
	"language-model-tau":            {none: "one network, with its state carried and begun from zeros"},
	"language-model-units":          {none: "untrained networks stand in the same file"},
	"long-memory-adding":            {none: "beside a closed form, the error of always answering 1"},
	"long-memory-clipping":          {none: "one network with and without clipping"},
	"long-memory-cue":               {column: "reader", blind: []string{"bag of words", "word vectors, max pool", "word vectors, mean pool"}},
	"long-memory-first-word":        {column: "reader", blind: []string{"bag of words", "word vectors, max pool", "word vectors, mean pool"}},
	"long-memory-training":          {none: "one network, followed through its training"},
	"sentiment":                     {column: "reader", blind: []string{"bag of words", "mean pool", "max pool"}},
	"what-came-after-tasks":         {column: "arm", blind: []string{"mean of words", "words and places, largest", "attention, largest"}},
	"what-came-after-text":          {none: "a language model, beside n-grams in the lesson on these"},
	"what-came-after-time":          {none: "arithmetic and time"},
	"sequence-to-sequence-beam":     {none: "one network, searched at several widths"},
	"sequence-to-sequence-length":   {none: "the target is the order itself: without it one of all orders is right"},
	"sequence-to-sequence-order":    {none: "without order subject and object cannot be told apart: right in half of the sentences at most"},
	"sequence-to-sequence-reversal": {none: "one network, its source as it is and reversed"},
}

// Whatever task and distance a network is tried on, the readers without order are
// tried on it too, with as many seeds.
func TestReadersWithoutOrderStandInTheSameTable(t *testing.T) {
	for _, g := range grids {
		control, ok := controls[g.name]
		if !ok || (control.none == "") == (control.column == "") {
			t.Errorf("%s: say in controls which of its readers read without order, or that it compares no readers", g.name)
			continue
		}
		if control.none != "" {
			continue
		}
		results, err := lesson.ReadResults(filepath.Join("../../notebooks/data", g.name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		seeds := map[string]map[string]int{} // by task and reader
		for _, row := range results.Rows {
			var task []string
			for _, name := range []string{"task", "place", "steps", "language"} {
				if v, ok := row[name]; ok {
					task = append(task, fmt.Sprintf("%s %v", name, v))
				}
			}
			if tokens, ok := row["tokens"]; ok && tokens != "words" {
				continue // the same reviews, cut otherwise
			}
			key := strings.Join(task, ", ")
			if seeds[key] == nil {
				seeds[key] = map[string]int{}
			}
			seeds[key][row[control.column].(string)]++
		}
		for _, key := range slices.Sorted(maps.Keys(seeds)) {
			if len(seeds[key]) == 1 {
				continue // one network at several rates: nothing is compared
			}
			for _, reader := range control.blind {
				if n := seeds[key][reader]; n < 10 {
					t.Errorf("%s, %s: %q has %d rows, want ten seeds or more", g.name, key, reader, n)
				}
			}
		}
	}
	if len(controls) != len(grids) {
		t.Errorf("%d controls for %d grids", len(controls), len(grids))
	}
}
