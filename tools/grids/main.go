// Command grids computes what takes too long for a lesson's cell: grids
// over seeds, lengths and ways to train. It writes each as a small file that the
// lesson reads with lesson.ReadResults, notebooks/data/long-memory-cue.json:
//
//	make grids                     all of them
//	make grids ONLY=long-memory    those whose name begins so
//
// A row is a function of its own seed and nothing else, so the files are the
// same whatever the number of cores and the order of the work. A row that is
// done is kept in build/grids, and an interrupted run continues from there; after
// a change of the program all rows are computed again.
//
// To add a grid, write it into the file of its lesson, longmemory.go, beside
// the others: a struct for its rows, a function that computes one of them,
// and a call of register. The first row is the one that the tests compute again
// and compare with the committed file, so let it be one that takes a second or
// two. Then run make grids ONLY=its-name, look at the file, and commit
// both.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A grid is a table whose rows are computed each on its own.
type grid struct {
	name     string         // of its file, such as "long-memory-cue"
	about    string         // what the rows measure, in a sentence
	seeds    int            // how many of each setting
	settings map[string]any // what is the same in every row
	rows     []func() any   // each computes one row, a struct that becomes JSON
}

// grids are all of them, by name.
var grids []*grid

func register(g *grid) {
	at, found := slices.BinarySearchFunc(grids, g, func(a, b *grid) int { return strings.Compare(a.name, b.name) })
	if found {
		panic("two grids are called " + g.name)
	}
	grids = slices.Insert(grids, at, g)
}

func main() {
	data := flag.String("data", "notebooks/data", "the folder for the results")
	kept := flag.String("kept", "build/grids", "the folder for finished rows")
	checks := flag.Bool("check", false, "compute first rows only, and compare them with the results")
	flag.Parse()
	do := func() error { return runAll(flag.Args(), *data, *kept) }
	if *checks {
		do = func() error { return checkAll(*data) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runAll computes the grids whose names begin with one of only, or all.
func runAll(only []string, data, kept string) error {
	chosen := func(g *grid) bool {
		return len(only) == 0 || slices.ContainsFunc(only, func(begin string) bool { return strings.HasPrefix(g.name, begin) })
	}
	if !slices.ContainsFunc(grids, chosen) {
		var names []string
		for _, g := range grids {
			names = append(names, g.name)
		}
		return fmt.Errorf("no grid begins with %s; there are %s", strings.Join(only, " or "), strings.Join(names, ", "))
	}
	program, err := programDigest()
	if err != nil {
		return err
	}
	for _, g := range grids {
		if !chosen(g) {
			continue
		}
		rows, err := g.run(program, filepath.Join(kept, g.name+".jsonl"))
		if err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		path := filepath.Join(data, g.name+".json")
		if err := g.write(path, rows); err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: %d rows in %s\n", g.name, len(rows), path)
	}
	return nil
}
