package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The committed texts are those that the program makes, where the checkout has its
// history.
func TestTextsAreThoseOfTheCommit(t *testing.T) {
	for _, c := range []string{commit, koreanCommit} {
		if err := exec.Command("git", "cat-file", "-e", c+"^{commit}").Run(); err != nil {
			t.Skip("no history here that goes back to " + c)
		}
	}
	made, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	if len(made) != 3 {
		t.Fatalf("%d texts, want 3", len(made))
	}
	for name, text := range made {
		committed, err := os.ReadFile("../../notebooks/data/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if text != string(committed) {
			t.Errorf("%s is not what the program makes: run go run ./tools/corpus", name)
		}
	}
}

func TestProse(t *testing.T) {
	for markdown, want := range map[string]string{
		"## A title here\n\nTwo lines of **bold** text,\nand a [link](x.ipynb#a).": "A title here\nTwo lines of bold text, and a link.\n",
		"Before it.\n\n```go\nfmt.Println()\n```\n\nAfter it.":                     "Before it.\nAfter it.\n",
		"| a table | here |\n|---|---|":                                            "",
		"With $x$ in it.\n\n$$\ny z\n$$\n\n나는 말한다.\n\nOne.":                        "",
		"<details>\n<summary>In a box</summary>\n\nInside it.\n\n</details>":       "In a box\nInside it.\n",
	} {
		if got := prose(markdown, latin); got != want {
			t.Errorf("%q gives %q, want %q", markdown, got, want)
		}
	}
}

func TestKoreanProse(t *testing.T) {
	for markdown, want := range map[string]string{
		"## 문장 뒤집기\n\n**RNN**은 [순서대로](x.ipynb#a) 읽습니다.": "문장 뒤집기\nRNN은 순서대로 읽습니다.\n",
		"[English](../01.ipynb)\n\nOnly English here.":  "",
		"$x$는 이제 5입니다.\n\nλ는 그리스 글자입니다.":                "",
	} {
		if got := prose(markdown, hangul); got != want {
			t.Errorf("%q gives %q, want %q", markdown, got, want)
		}
	}
}

func TestPiecesStandInTheOrderOfAHash(t *testing.T) {
	pieces := []piece{{"a", "1"}, {"b", "2"}, {"c", "3"}}
	other := []piece{{"c", "3"}, {"a", "1"}, {"b", "2"}}
	if one, two := join(pieces), join(other); one != two || len(one) != 3 {
		t.Errorf("%s and %s", one, two)
	}
}

func TestMarkdownOfABrokenNotebook(t *testing.T) {
	if _, err := markdown("a.ipynb", "{", latin); err == nil || !strings.HasPrefix(err.Error(), "a.ipynb: ") {
		t.Errorf("%v", err)
	}
}
