package lesson

import (
	"math/rand/v2"
	"strings"
)

// The words of [WordOrderTask], in English and Korean.
var (
	wordOrderNouns = [][2]string{
		{"teacher", "선생님"}, {"friend", "친구"}, {"mother", "어머니"}, {"student", "학생"}, {"doctor", "의사"}, {"child", "아이"},
		{"house", "집"}, {"picture", "그림"}, {"book", "책"}, {"chair", "의자"}, {"tree", "나무"}, {"bird", "새"},
	}
	wordOrderAdjectives = [][2]string{{"old", "오래된"}, {"small", "작은"}, {"pretty", "예쁜"}, {"quiet", "조용한"}, {"red", "빨간"}, {"good", "좋은"}}
	wordOrderVerbs      = [][2]string{{"saw", "보았다"}, {"found", "찾았다"}, {"drew", "그렸다"}, {"remembered", "기억했다"}, {"liked", "좋아했다"}}
	wordOrderPlaces     = [][2]string{{"in the garden", "정원 에서"}, {"in the park", "공원 에서"}, {"at school", "학교 에서"}, {"at home", "집 에서"}}
	wordOrderTimes      = [][2]string{{"yesterday", "어제"}, {"today", "오늘"}, {"last week", "지난주 에"}, {"in the morning", "아침 에"}}
)

// WordOrderTask returns n made sentences in English and the same in Korean. English
// has subject, verb and object in this order, Korean subject, object and verb, and
// the place before the object:
//
//	yesterday the teacher found the red book in the park
//	어제 선생님 이 공원 에서 빨간 책 을 찾았다
//
// A noun has up to two adjectives. Time and place stand in every second sentence,
// the time at the beginning or, in English, at the end. Particles are words of
// their own here: 이 and 을 after a consonant, 가 and 를 after a vowel. It panics when
// n is below 1 and when rng is nil.
func WordOrderTask(rng *rand.Rand, n int) (english, korean []string) {
	checkSample("WordOrderTask", rng, n)
	pick := func(from [][2]string) [2]string { return from[rng.IntN(len(from))] }
	phrase := func(afterConsonant, afterVowel string) (p [2]string) {
		noun := pick(wordOrderNouns)
		e, k := []string{"the"}, []string(nil)
		for _, i := range rng.Perm(len(wordOrderAdjectives))[:rng.IntN(3)] {
			e, k = append(e, wordOrderAdjectives[i][0]), append(k, wordOrderAdjectives[i][1])
		}
		particle := afterVowel
		if endsInConsonant(noun[1]) {
			particle = afterConsonant
		}
		p[0] = strings.Join(append(e, noun[0]), " ")
		p[1] = strings.Join(append(k, noun[1], particle), " ")
		return p
	}
	for range n {
		subject, verb, object := phrase("이", "가"), pick(wordOrderVerbs), phrase("을", "를")
		e := []string{subject[0], verb[0], object[0]}
		k := []string{subject[1], object[1], verb[1]}
		if rng.IntN(2) == 1 {
			place := pick(wordOrderPlaces)
			e, k = append(e, place[0]), []string{k[0], place[1], k[1], k[2]}
		}
		if rng.IntN(2) == 1 {
			when := pick(wordOrderTimes)
			k = append([]string{when[1]}, k...)
			if rng.IntN(2) == 1 {
				e = append([]string{when[0]}, e...)
			} else {
				e = append(e, when[0])
			}
		}
		english, korean = append(english, strings.Join(e, " ")), append(korean, strings.Join(k, " "))
	}
	return english, korean
}

// endsInConsonant reports whether the last syllable of a Korean word has a final
// consonant (받침): Unicode orders syllables by first consonant, vowel and 28 finals,
// of which the first is none.
func endsInConsonant(word string) bool {
	syllables := []rune(word)
	return (syllables[len(syllables)-1]-'가')%28 != 0
}
