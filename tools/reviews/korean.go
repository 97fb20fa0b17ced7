package main

import "strings"

// In Korean a slot names the form as well: {a는} is an aspect with the particle
// 는 or 은, {good.지만} an adjective that ends in 지만.
var korean = language{name: "ko", seed: 2, fill: fillKorean, templates: map[string]templates{
	"plain": {
		train: []string{
			"{open} {a는} {adv} {good.다} .",
			"{a도} {good.고} {a도} {adv} {good.다} .",
			"{open} {adv} {good.은} 영화였다 .",
			"{name} 감독의 {adv} {good.은} 영화 .",
			"{a가} {adv} {good.은} 영화였다 .",
			"나는 {a가} {adv} {good.다} !",
			"{open} {good.은} {a} , {adv} {good.은} {a} .",
			"{name} 감독의 {a는} {good.다} .",
		},
		valid: []string{"내게는 {a가} {adv} {good.다} .", "{open} {name} 감독의 영화는 {adv} {good.다} ."},
		test: []string{
			"보는 내내 {a가} {adv} {good.다} .",
			"{name} 감독은 {adv} {good.은} 영화를 만들었다 .",
			"{open} 영화는 {good.고} {a는} {adv} {good.다} .",
		},
	},
	"negation": {
		train: []string{
			"{open} {a는} {neg} {bad.지} 않았다 .",
			"{a가} {neg} {bad.지} 않은 영화였다 .",
			"{open} {a는} {neg} {bad.은} 편이 아니었다 .",
			"{name} 감독의 {bad.은} 영화가 아니었다 .",
			"{open} {a도} {a도} {neg} {bad.지} 않았다 .",
			"나는 {a가} {neg} {bad.지} 않았다 !",
			"{open} {a가} {bad.다고} 할 수 없다 .",
			"{a는} {neg} {bad.지} 않았고 {a는} {good.다} .",
			"{name} 감독의 {a는} {neg} {bad.지} 않았다 .",
			"{a가} {bad.은} 영화라고 할 수 없다 .",
		},
		valid: []string{"내게는 {a가} {neg} {bad.지} 않았다 .", "{open} {name} 감독의 영화가 {bad.다고} 할 수 없다 ."},
		test: []string{
			"보는 내내 {a가} {neg} {bad.지} 않았다 .",
			"{open} {a는} {neg} {bad.지} 않았고 {a도} {bad.지} 않았다 .",
			"{name} 감독은 {bad.은} 영화를 만들지 않았다 .",
		},
	},
	"contrast": {
		train: []string{
			"{open} {a는} {bad.지만} {a는} {adv} {good.다} .",
			"{a는} {adv} {bad.다} . 하지만 {a는} {good.다} .",
			"비록 {a는} {bad.지만} {a는} {adv} {good.다} .",
			"{open} {a가} {bad.은} 것은 사실이지만 {a는} {good.다} .",
			"{a는} {bad.지만} {a는} {bad.지} 않았다 .",
			"{open} {a는} {adv} {good.다} . {a는} {bad.지만} .",
			"{a는} {good.지} 않았지만 {name} 감독의 {good.은} 영화였다 .",
			"{name} 감독의 {good.은} 영화였다 . {a는} {adv} {bad.지만} .",
			"{open} {good.은} 영화였다 . {a가} {good.지} 않았지만 .",
			"나는 {a가} {bad.다} . 하지만 {adv} {good.은} 영화였다 .",
		},
		valid: []string{"내게는 {a가} {bad.지만} {a는} {adv} {good.다} .", "{open} {name} 감독의 {a는} {bad.다} . 하지만 영화는 {good.다} .", "나는 {a가} {adv} {good.다} . {a는} {bad.지만} ."},
		test: []string{
			"{open} {a는} {good.지} 않았지만 {a는} {adv} {good.다} .",
			"보는 내내 {a가} {adv} {bad.다} . 하지만 나는 {a가} {good.다} .",
			"{name} 감독의 영화는 {good.다} . {a는} {adv} {bad.지만} .",
		},
	},
	"late": {
		train: []string{
			"처음에는 {a도} {bad.고} {a도} {bad.다} . {filler} . 결국 {adv} {good.은} 영화였다 .",
			"{open} {bad.은} 영화일 줄 알았다 . {filler} . 내가 틀렸다 .",
			"{open} {good.은} 영화일 줄 알았다 . {filler} . 내가 맞았다 .",
			"앞의 한 시간은 {adv} {bad.다} . {filler} . 뒤의 한 시간은 {good.다} .",
			"{name} 기자는 영화가 {bad.다고} 했다 . {filler} . 그가 틀렸다 .",
			"{name} 기자는 {a가} {good.다고} 했다 . {filler} . 그가 맞았다 .",
			"한동안 {a가} {bad.고} {bad.다} . {filler} . 끝은 {adv} {good.다} .",
			"나는 {a가} {bad.다고} 생각했다 . {filler} . {filler} . 내가 틀렸다 .",
			"나는 {a가} {good.다고} 생각했다 . {filler} . {filler} . 내가 맞았다 .",
			"처음에는 {a가} {adv} {bad.다} . {filler} . 결국 {a는} {neg} {bad.지} 않았다 .",
		},
		valid: []string{
			"시작은 {bad.고} {a도} {bad.다} . {filler} . 결국 {a가} {adv} {good.다} .",
			"모두 {bad.은} 영화라고 했다 . {filler} . 모두 틀렸다 .",
			"모두 {good.은} 영화라고 했다 . {filler} . 모두 맞았다 .",
		},
		test: []string{
			"처음에는 {a가} {bad.고} {bad.다} . {filler} . 결국 {neg} {bad.지} 않은 영화였다 .",
			"나는 {a가} {bad.을} 줄 알았다 . {filler} . {filler} . 내가 틀렸다 .",
			"나는 {a가} {good.을} 줄 알았다 . {filler} . {filler} . 내가 맞았다 .",
		},
	},
	"early": {
		train: []string{
			"{open} {adv} {good.은} 영화였다 . {filler} . {filler} .",
			"나는 {a가} {adv} {good.다} . {filler} . {filler} .",
			"{open} {a는} {neg} {bad.지} 않았다 . {filler} . {filler} .",
			"{adv} {good.은} {a} ! {filler} . {filler} . {filler} .",
			"{bad.은} 영화가 아니었다 . {filler} . {filler} .",
			"{a는} {bad.지만} {a는} {good.다} . {filler} . {filler} .",
			"{name} 감독의 {a가} {bad.다고} 할 수 없다 . {filler} . {filler} .",
			"{a는} {good.다} . {a는} {bad.지만} . {filler} . {filler} .",
		},
		valid: []string{"내게는 {adv} {good.은} 영화였다 . {filler} . {filler} . {filler} .", "{open} 영화는 {neg} {bad.지} 않았다 . {filler} . {filler} ."},
		test: []string{
			"{open} 영화는 {good.다} . {filler} . {filler} . {filler} .",
			"{a가} {bad.은} 영화라고 할 수 없다 . {filler} . {filler} . {filler} .",
			"비록 {a는} {bad.지만} {a는} {good.다} . {filler} . {filler} .",
		},
	},
}}

// The forms of an adjective, in the order of koreanForms.
var (
	koreanForms = []string{"지", "다", "지만", "고", "은", "다고", "을"}

	koreanGood = [][]string{
		{"좋지", "좋았다", "좋았지만", "좋았고", "좋은", "좋다고", "좋을"},
		{"재미있지", "재미있었다", "재미있었지만", "재미있었고", "재미있는", "재미있다고", "재미있을"},
		hada("훌륭"), hada("신선"), hada("따뜻"), hada("참신"), ida("감동적"), ida("인상적"),
		{"아름답지", "아름다웠다", "아름다웠지만", "아름다웠고", "아름다운", "아름답다고", "아름다울"},
		{"즐겁지", "즐거웠다", "즐거웠지만", "즐거웠고", "즐거운", "즐겁다고", "즐거울"},
	}
	koreanBad = [][]string{
		{"나쁘지", "나빴다", "나빴지만", "나빴고", "나쁜", "나쁘다고", "나쁠"},
		{"재미없지", "재미없었다", "재미없었지만", "재미없었고", "재미없는", "재미없다고", "재미없을"},
		hada("지루"), hada("어색"), hada("유치"), hada("산만"), hada("답답"), ida("형식적"),
		{"실망스럽지", "실망스러웠다", "실망스러웠지만", "실망스러웠고", "실망스러운", "실망스럽다고", "실망스러울"},
		{"어설프지", "어설펐다", "어설펐지만", "어설펐고", "어설픈", "어설프다고", "어설플"},
	}

	koreanAspects  = []string{"연기", "음악", "이야기", "결말", "대사", "영상", "연출", "각본", "전개", "분위기", "편집", "배우들"}
	koreanOpenings = []string{"", "", "", "솔직히", "역시", "내 생각에", "한마디로"}
	koreanAdverbs  = []string{"", "", "정말", "매우", "아주", "꽤", "참"}
	koreanNever    = []string{"", "", "그다지", "별로", "전혀"} // before "not"
	koreanFillers  = []string{"금요일에 보았다", "극장에 사람이 많았다", "동생과 함께 갔다", "하루 종일 비가 왔다", "셋째 줄에 앉았다", "두 시간짜리 영화다", "비행기에서 보았다", "밤늦게 시작했다", "{name} 감독의 첫 영화다", "집에 오니 열 시였다", "표는 두 장 샀다", "친구가 표를 샀다"}
	koreanFamily   = []string{"김", "이", "박", "최", "정", "강", "조", "윤", "장", "임"}
	koreanGiven    = []string{"민", "서", "준", "우", "지", "현", "수", "영", "하", "은", "도", "윤", "태", "호", "진", "혜"}
)

// hada returns the forms of an adjective in 하다, and ida of one in 이다.
func hada(stem string) []string {
	return []string{stem + "하지", stem + "했다", stem + "했지만", stem + "했고", stem + "한", stem + "하다고", stem + "할"}
}

func ida(stem string) []string {
	return []string{stem + "이지", stem + "이었다", stem + "이었지만", stem + "이었고", stem + "인", stem + "이라고", stem + "일"}
}

func fillKorean(d *draw, slot string) string {
	adjective, form, _ := strings.Cut(slot, ".")
	switch slot {
	case "a":
		return d.fresh(koreanAspects)
	case "a는", "a가", "a도":
		return withParticle(d.fresh(koreanAspects), strings.TrimPrefix(slot, "a"))
	case "adv":
		return d.pick(koreanAdverbs)
	case "filler":
		return d.fresh(koreanFillers)
	case "open":
		return d.pick(koreanOpenings)
	case "neg":
		return d.pick(koreanNever)
	case "name":
		return d.person(func() string { return d.pick(koreanFamily) + d.pick(koreanGiven) + d.pick(koreanGiven) })
	}
	from := koreanBad
	if d.favourable(adjective) {
		from = koreanGood
	}
	for i, f := range koreanForms {
		if f == form {
			for {
				if word := from[d.rng.IntN(len(from))]; !d.used[word[0]] {
					d.used[word[0]] = true
					return word[i]
				}
			}
		}
	}
	panic("no slot " + slot)
}

// withParticle appends a particle in the form that the last syllable asks for:
// 는 and 가 after a vowel, 은 and 이 after a consonant.
func withParticle(noun, particle string) string {
	letters := []rune(noun)
	if closed := (letters[len(letters)-1]-0xac00)%28 != 0; closed {
		particle = map[string]string{"는": "은", "가": "이", "도": "도"}[particle]
	}
	return noun + particle
}
