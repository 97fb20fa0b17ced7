//go:build !js

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// With -answer each line of standard input is a request and gets its answer in
// a line; otherwise all figures are described, for the build of the pages.
func main() {
	if len(os.Args) > 1 && os.Args[1] == "-answer" {
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			fmt.Printf("%s\n", answer(in.Bytes()))
		}
		return
	}
	type page struct {
		Figure
		Answer
		Wide, Narrow string // the drawing for two widths
	}
	var pages []page
	for _, f := range figures {
		wide := Run(f.Name, nil, 720)
		narrow := Run(f.Name, nil, 340)
		p := page{f.spoken(), wide, wide.SVG("wide"), narrow.SVG("narrow")}
		p.Marks = nil
		pages = append(pages, p)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(pages); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
