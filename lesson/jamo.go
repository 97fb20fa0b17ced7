package lesson

import "strings"

// Hangul in Unicode. A syllable block is a number: which of 19 leading consonants,
// which of 21 vowels and which of 27 trailing consonants or none.
const (
	firstBlock, firstLead, firstVowel, beforeTrail = 0xAC00, 0x1100, 0x1161, 0x11A7
	leads, vowels, trails                          = 19, 21, 28 // trails: none is one of them
)

// SyllableBlocks is how many syllable blocks of Hangul there are in Unicode, 가 to 힣.
const SyllableBlocks = leads * vowels * trails

// Jamo returns a text with every syllable block of Hangul taken apart into its two
// or three jamo, 한 into ᄒ, ᅡ and ᆫ, and all else as it is. A consonant at the end
// is another character than at the beginning, so that [Syllables] can put them
// together again. (Of Hangul, this is Unicode's normal form D.)
func Jamo(text string) string {
	var out strings.Builder
	for _, c := range text {
		k := c - firstBlock
		if k < 0 || k >= SyllableBlocks {
			out.WriteRune(c)
			continue
		}
		out.WriteRune(firstLead + k/(vowels*trails))
		out.WriteRune(firstVowel + k/trails%vowels)
		if k%trails > 0 {
			out.WriteRune(beforeTrail + k%trails)
		}
	}
	return out.String()
}

// Syllables returns a text with jamo put together into syllable blocks, the reverse
// of [Jamo]. Jamo that do not stand in the order of a syllable are left as they are.
func Syllables(jamo string) string {
	var out []rune
	for _, c := range jamo {
		last := rune(-1)
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		lead, vowel, trail, block := last-firstLead, c-firstVowel, c-beforeTrail, last-firstBlock
		switch {
		case lead >= 0 && lead < leads && vowel >= 0 && vowel < vowels:
			out[len(out)-1] = firstBlock + (lead*vowels+vowel)*trails
		case block >= 0 && block < SyllableBlocks && block%trails == 0 && trail > 0 && trail < trails:
			out[len(out)-1] += trail
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
