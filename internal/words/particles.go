package words

import (
	"regexp"
	"strings"
	"unicode"
)

// particle matches a Korean particle that depends on the sound before it: the
// form after a consonant and that after a vowel, as in {은/는}.
var particle = regexp.MustCompile(`\{(은/는|이/가|을/를|과/와|으로/로|이라/라|이라고/라고|이고/고|이다/다)\}`)

// particles gives every particle of a text the form that follows the last sound
// before it, of a word, a number or a letter.
func particles(text string) string {
	if !strings.Contains(text, "/") {
		return text
	}
	var b strings.Builder
	for {
		at := particle.FindStringSubmatchIndex(text)
		if at == nil {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:at[0]])
		closed, open, _ := strings.Cut(text[at[2]:at[3]], "/")
		sound := lastSound(b.String())
		if sound == vowel || sound == rieul && open == "로" {
			closed = open
		}
		b.WriteString(closed)
		text = text[at[1]:]
	}
}

// sound is what a word ends with when it is read in Korean.
type sound int

const (
	vowel sound = iota
	rieul       // ㄹ, after which 로 stands, not 으로
	consonant
)

// aside matches what stands in brackets at the end, which is not read aloud: a
// particle goes with the word before it.
var aside = regexp.MustCompile(`\s*\([^()]*\)$`)

// lastSound returns the sound of the last word, number or letter of a text,
// without the quotes and marks behind it.
func lastSound(text string) sound {
	if bare := aside.ReplaceAllString(text, ""); bare != "" {
		text = bare
	}
	letters := []rune(strings.TrimRightFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '%'
	}))
	if len(letters) == 0 {
		return vowel
	}
	last := letters[len(letters)-1]
	switch {
	case last >= '가' && last <= '힣':
		switch (last - '가') % 28 {
		case 0:
			return vowel
		case 8:
			return rieul
		}
		return consonant
	case last >= '0' && last <= '9':
		// 영 일 이 삼 사 오 육 칠 팔 구; and of 10, 100, 1000 십 백 천.
		return [...]sound{consonant, rieul, vowel, consonant, vowel, vowel, consonant, rieul, rieul, vowel}[last-'0']
	case last > unicode.MaxASCII || last == '%':
		return vowel // of a Greek letter, and 퍼센트
	}
	var before rune
	if len(letters) > 1 {
		before = letters[len(letters)-2]
	}
	if !unicode.IsLower(last) || !unicode.IsLetter(before) { // the letter's name: 엘, 엠 엔 알; an abbreviation is spelt
		switch unicode.ToUpper(last) {
		case 'L', 'R':
			return rieul
		case 'M', 'N':
			return consonant
		}
		return vowel
	}
	switch last { // an English word: step 스텝, unit 유닛, gate 게이트, batch 배치, seed 시드
	case 'l':
		return rieul
	case 'm', 'n':
		return consonant
	case 'g':
		if before == 'n' {
			return consonant
		}
	case 'p', 't', 'k', 'b', 'c':
		if strings.ContainsRune("aeiou", before) {
			return consonant
		}
	}
	return vowel
}
