package lesson

import (
	"fmt"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// Unicode's normal forms, of every syllable block and of what is none.
func TestJamoIsNormalFormD(t *testing.T) {
	all := "a \n1힣z\uabff\ud7a4ㄱㅏ漢\u1100\u1161"
	for c := rune(0xABF0); c < 0xD7B0; c++ {
		all += string(c)
	}
	if got, want := Jamo(all), norm.NFD.String(all); got != want {
		t.Error("Jamo is not NFD")
	}
}

func TestSyllablesIsNormalFormC(t *testing.T) {
	// A trailing consonant behind a block that has one, a vowel behind a vowel, a lead alone.
	for _, text := range []string{"", "각\u11a8", "\u1100\u1161\u1161", "\u1100", "\u1100\u1100\u1161\u11a8", "가\u11a7", "가\u11c2\u11c3", "\u1161\u11a8"} {
		if got, want := Syllables(text), norm.NFC.String(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
	rng, signs := newRand(1), []rune("가각\u1100\u1112\u1113\u1160\u1161\u1175\u1176\u11a7\u11a8\u11c2\u11c3a")
	for range 2000 {
		var text []rune
		for range 8 {
			text = append(text, signs[rng.IntN(len(signs))])
		}
		if got, want := Syllables(string(text)), norm.NFC.String(string(text)); got != want {
			t.Fatalf("%q gives %q, want %q", string(text), got, want)
		}
	}
}

func ExampleJamo() {
	spelled := Jamo("한글")
	for _, c := range spelled {
		fmt.Printf("%c ", c)
	}
	fmt.Println(Syllables(spelled))
	// Output: ᄒ ᅡ ᆫ ᄀ ᅳ ᆯ 한글
}
