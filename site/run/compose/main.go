package main

import (
	"encoding/json"
	"fmt"
	"os"

	"unroll/internal/explain"
	"unroll/internal/words"
)

func main() {
	if err := run(os.Args[0], os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// An Error is what Go says of a cell, to be explained.
type Error struct {
	explain.Input
	Language string `json:"language"` // of the page
	Status   string `json:"status"`   // how a program ended; empty if there is none
}

func run(what, in, out string) error {
	text, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	var answer any
	if what == "explain" {
		var e Error
		if err := json.Unmarshal(text, &e); err != nil {
			return err
		}
		words.Language = e.Language
		if e.Status == "" {
			answer = explain.Build(e.Input)
		} else {
			answer = explain.Crash(e.Input, e.Status)
		}
	} else {
		var request Request
		if err := json.Unmarshal(text, &request); err != nil {
			return err
		}
		answer = compose(request)
	}
	if text, err = json.Marshal(answer); err != nil {
		return err
	}
	return os.WriteFile(out, text, 0o644)
}
