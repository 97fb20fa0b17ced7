package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	text, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	var request Request
	if err := json.Unmarshal(text, &request); err != nil {
		return err
	}
	if text, err = json.Marshal(compose(request)); err != nil {
		return err
	}
	return os.WriteFile(out, text, 0o644)
}
