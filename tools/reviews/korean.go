package main

import (
	"slices"
	"strings"
)

// In Korean a slot names the form as well: {a는} is an aspect of the film with
// the particle 는 or 은. What an adjective can be said of depends on the
// language: music is beautiful, a cut is not warm. So the slot of an adjective
// names what it speaks of: {a.good.지만} praises the aspect a and ends in 지만,
// {영화.bad.은} is before 영화, the film, and {ab.bad.지} speaks of two
// aspects. The aspects x and y can be one way at first and another later: not the
// ending, and not the script.
var korean = language{name: "ko", seed: 2, fill: fillKorean, templates: map[string]templates{
	"plain": {
		train: []string{
			"{open} {a는} {adv} {a.good.다} .",
			"{a도} {a.good.고} {b도} {adv} {b.good.다} .",
			"{sum} {adv} {영화.good.은} 영화였다 .",
			"{name} 감독의 영화는 {adv} {영화.good.다} .",
			"{a가} {adv} {a.good.은} 영화였다 .",
			"{a가} {adv} {a.good.다} !",
			"{sum} {a.good.은} {a} , {adv} {b.good.은} {b} .",
			"{name} 감독의 영화는 {a가} {adv} {a.good.다} .",
			"나는 {a가} {adv} {a.good.다}고 생각한다 .",
		},
		valid: []string{"내게는 {a가} {adv} {a.good.다} .", "{open} {name} 감독의 연출은 {adv} {연출.good.다} ."},
		test: []string{
			"무엇보다 {a가} {adv} {a.good.다} .",
			"{name} 감독은 {adv} {영화.good.은} 영화를 만들었다 .",
			"{open} 영화는 {영화.good.고} {a도} {adv} {a.good.다} .",
		},
	},
	"negation": {
		train: []string{
			"{open} {a는} {neg} {a.bad.지} 않았다 .",
			"{a가} {neg} {a.bad.지} 않은 영화였다 .",
			"{open} {a는} 그다지 {a.bad.은} 편은 아니었다 .",
			"{name} 감독의 영화는 {neg} {영화.bad.지} 않았다 .",
			"{open} {a도} {b도} {neg} {ab.bad.지} 않았다 .",
			"나는 {a가} {a.bad.다}고 생각하지 않는다 .",
			"{open} {a가} {a.bad.다고}는 할 수 없다 .",
			"{a는} {neg} {a.bad.지} 않았고 {b도} {b.good.다} .",
			"{name} 감독의 연출은 {neg} {연출.bad.지} 않았다 .",
			"{a가} {a.bad.은} 영화라고는 할 수 없다 .",
			"{a가} {a.bad.은} 영화는 아니었다 .",
		},
		valid: []string{"내게는 {a가} {neg} {a.bad.지} 않았다 .", "{open} {name} 감독의 영화가 {영화.bad.다고}는 할 수 없다 ."},
		test: []string{
			"무엇보다 {a가} 전혀 {a.bad.지} 않았다 .",
			"{open} {a는} {neg} {a.bad.지} 않았고 {b도} {b.bad.지} 않았다 .",
			"{name} 감독이 {영화.bad.은} 영화를 만들었다고는 할 수 없다 .",
		},
	},
	"contrast": {
		train: []string{
			"{open} {a는} {a.bad.지만} {b는} {adv} {b.good.다} .",
			"{a는} {adv} {a.bad.다} . 하지만 {b는} {b.good.다} .",
			"비록 {a는} {a.bad.지만} {b는} {adv} {b.good.다} .",
			"{open} {a가} {a.bad.은} 것은 사실이지만 {b는} {b.good.다} .",
			"{a는} {a.bad.지만} {b는} {b.bad.지} 않았다 .",
			"{open} {a는} {adv} {a.good.다} . {b는} {b.bad.지만} .",
			"{a는} {a.good.지} 않았지만 {name} 감독의 영화는 {영화.good.다} .",
			"{adv} {영화.good.은} 영화였다 . {a는} {a.bad.지만} .",
			"{open} {영화.good.은} 영화였다 . {a는} {a.good.지} 않았지만 .",
			"나는 {a가} {a.bad.다고} 느꼈다 . 하지만 {adv} {영화.good.은} 영화였다 .",
		},
		valid: []string{"내게는 {a가} {a.bad.지만} {b는} {adv} {b.good.다} .", "{open} {name} 감독의 연출은 {연출.bad.다} . 하지만 영화는 {영화.good.다} .", "나는 {a가} {adv} {a.good.다}고 생각한다 . {b는} {b.bad.지만} ."},
		test: []string{
			"{open} {a는} {a.good.지} 않았지만 {b는} {adv} {b.good.다} .",
			"물론 {a는} {adv} {a.bad.다} . 하지만 {b는} {b.good.다} .",
			"{name} 감독의 영화는 {영화.good.다} . {a는} {adv} {a.bad.지만} .",
		},
	},
	"late": {
		train: []string{
			"처음에는 {x도} {x.bad.고} {y도} {y.bad.다} . {during} . 다 보고 나니 {adv} {영화.good.은} 영화였다 .",
			"{영화.bad.은} 영화일 거라고 예상했다 . {visit} . 예상이 빗나갔다 .",
			"{영화.good.은} 영화일 거라고 예상했다 . {visit} . 예상이 맞았다 .",
			"처음 한 시간은 {adv} {시간.bad.다} . {during} . 나머지 한 시간은 {시간.good.다} .",
			"{name} 기자는 영화가 {영화.bad.다고} 했다 . {visit} . 기자의 말은 틀렸다 .",
			"{name} 기자는 {a가} {a.good.다고} 했다 . {visit} . 기자의 말이 맞았다 .",
			"한동안 {x가} {x.bad.다} . {during} . {during} . 하지만 결말은 {adv} {결말.good.다} .",
			"처음 십 분을 보고 {x가} {x.bad.다고} 생각했다 . {during} . {during} . 내 생각이 틀렸다 .",
			"처음 십 분을 보고 {x가} {x.good.다고} 생각했다 . {during} . {during} . 내 생각이 맞았다 .",
			"처음에는 {x가} {adv} {x.bad.다} . {during} . 하지만 다 보고 나니 영화는 {neg} {영화.bad.지} 않았다 .",
		},
		valid: []string{
			"시작은 {시작.bad.고} {x도} {x.bad.다} . {during} . 끝까지 보니 {adv} {영화.good.은} 영화였다 .",
			"다들 {영화.bad.은} 영화라고 했다 . {visit} . 소문은 틀렸다 .",
			"다들 {영화.good.은} 영화라고 했다 . {visit} . 소문이 맞았다 .",
		},
		test: []string{
			"처음에는 {x가} {x.bad.고} {y도} {y.bad.다} . {during} . 하지만 다 보고 나니 {neg} {영화.bad.지} 않은 영화였다 .",
			"나는 {a가} {a.bad.을} 거라고 예상했다 . {visit} . {visit} . 예상이 빗나갔다 .",
			"나는 {a가} {a.good.을} 거라고 예상했다 . {visit} . {visit} . 예상이 맞았다 .",
		},
	},
	"early": {
		train: []string{
			"{sum} {adv} {영화.good.은} 영화였다 . {visit} . {visit} .",
			"{a가} {adv} {a.good.다} . {visit} . {visit} .",
			"{open} {a는} {neg} {a.bad.지} 않았다 . {visit} . {visit} .",
			"{adv} {a.good.은} {a} ! {visit} . {visit} . {visit} .",
			"{open} {영화.bad.은} 영화는 아니었다 . {visit} . {visit} .",
			"{a는} {a.bad.지만} {b는} {b.good.다} . {visit} . {visit} .",
			"{name} 감독의 연출이 {연출.bad.다고}는 할 수 없다 . {visit} . {visit} .",
			"{a는} {a.good.다} . {b는} {b.bad.지만} . {visit} . {visit} .",
		},
		valid: []string{"내게는 {adv} {영화.good.은} 영화였다 . {visit} . {visit} . {visit} .", "{open} 영화는 {neg} {영화.bad.지} 않았다 . {visit} . {visit} ."},
		test: []string{
			"{open} 영화는 {영화.good.다} . {visit} . {visit} . {visit} .",
			"{a가} {a.bad.은} 영화라고는 할 수 없다 . {visit} . {visit} . {visit} .",
			"비록 {a는} {a.bad.지만} {b는} {b.good.다} . {visit} . {visit} .",
		},
	},
}}

// An adjective's forms, in the order of koreanForms. 재미없다 has no form
// before 않다, "not": nobody says 재미없지 않았다.
var (
	koreanForms = []string{"지", "다", "지만", "고", "은", "다고", "을"}

	koreanAdjectives = map[string][]string{
		"좋다":    {"좋지", "좋았다", "좋았지만", "좋았고", "좋은", "좋다고", "좋을"},
		"재미있다":  {"재미있지", "재미있었다", "재미있었지만", "재미있었고", "재미있는", "재미있다고", "재미있을"},
		"아름답다":  {"아름답지", "아름다웠다", "아름다웠지만", "아름다웠고", "아름다운", "아름답다고", "아름다울"},
		"훌륭하다":  hada("훌륭"),
		"신선하다":  hada("신선"),
		"따뜻하다":  hada("따뜻"),
		"탄탄하다":  hada("탄탄"),
		"유쾌하다":  hada("유쾌"),
		"감동적이다": ida("감동적"),
		"인상적이다": ida("인상적"),

		"재미없다":  {"", "재미없었다", "재미없었지만", "재미없었고", "재미없는", "재미없다고", "재미없을"},
		"실망스럽다": {"실망스럽지", "실망스러웠다", "실망스러웠지만", "실망스러웠고", "실망스러운", "실망스럽다고", "실망스러울"},
		"어설프다":  {"어설프지", "어설펐다", "어설펐지만", "어설펐고", "어설픈", "어설프다고", "어설플"},
		"지루하다":  hada("지루"),
		"어색하다":  hada("어색"),
		"유치하다":  hada("유치"),
		"산만하다":  hada("산만"),
		"답답하다":  hada("답답"),
		"밋밋하다":  hada("밋밋"),
		"상투적이다": ida("상투적"),
	}
)

// A subject is what adjectives are said of, with those that praise it and those
// that blame it.
type subject struct{ good, bad []string }

var koreanSubjects = map[string]subject{
	"영화":  said("좋다 재미있다 훌륭하다 신선하다 따뜻하다 탄탄하다 유쾌하다 감동적이다 인상적이다 아름답다", "지루하다 재미없다 유치하다 산만하다 답답하다 밋밋하다 상투적이다 실망스럽다 어설프다"),
	"시간":  said("좋다 재미있다 신선하다 유쾌하다 감동적이다 인상적이다", "지루하다 재미없다 산만하다 답답하다 밋밋하다 실망스럽다"),
	"시작":  said("좋다 재미있다 신선하다 유쾌하다 인상적이다", "지루하다 산만하다 답답하다 밋밋하다 어설프다 상투적이다"),
	"연기":  said("좋다 훌륭하다 감동적이다 인상적이다 탄탄하다", "어색하다 밋밋하다 실망스럽다 어설프다"),
	"음악":  said("좋다 훌륭하다 신선하다 감동적이다 인상적이다 아름답다", "지루하다 어색하다 밋밋하다 상투적이다 실망스럽다"),
	"이야기": said("좋다 재미있다 신선하다 따뜻하다 탄탄하다 유쾌하다 감동적이다 아름답다", "지루하다 재미없다 유치하다 산만하다 답답하다 밋밋하다 상투적이다 어설프다"),
	"대사":  said("좋다 재미있다 훌륭하다 신선하다 따뜻하다 유쾌하다 인상적이다", "지루하다 어색하다 유치하다 밋밋하다 상투적이다"),
	"영상":  said("좋다 훌륭하다 신선하다 인상적이다 아름답다", "산만하다 밋밋하다 실망스럽다 어설프다"),
	"연출":  said("좋다 훌륭하다 신선하다 탄탄하다 인상적이다", "어색하다 유치하다 산만하다 답답하다 밋밋하다 상투적이다 실망스럽다 어설프다"),
	"각본":  said("좋다 재미있다 훌륭하다 신선하다 탄탄하다", "유치하다 산만하다 밋밋하다 상투적이다 실망스럽다 어설프다"),
	"전개":  said("좋다 재미있다 훌륭하다 신선하다 탄탄하다", "지루하다 어색하다 산만하다 답답하다 밋밋하다 상투적이다 어설프다"),
	"분위기": said("좋다 따뜻하다 유쾌하다 인상적이다 아름답다", "지루하다 어색하다 산만하다 답답하다 밋밋하다"),
	"편집":  said("좋다 훌륭하다 신선하다 탄탄하다 인상적이다", "어색하다 산만하다 밋밋하다 실망스럽다 어설프다"),
	"설정":  said("좋다 재미있다 신선하다 탄탄하다 인상적이다", "어색하다 유치하다 밋밋하다 상투적이다 실망스럽다 어설프다"),
	"결말":  said("좋다 훌륭하다 신선하다 따뜻하다 감동적이다 인상적이다 아름답다", "어색하다 유치하다 답답하다 밋밋하다 상투적이다 실망스럽다 어설프다"),
}

func said(good, bad string) subject { return subject{strings.Fields(good), strings.Fields(bad)} }

// What fills the other slots. No two of the visit's circumstances contradict
// each other, in whatever order they are, and none of them is a verdict; nor
// do two of the things that happen during the film.
var (
	koreanAspects  = []string{"연기", "음악", "이야기", "대사", "영상", "연출", "전개", "분위기", "편집", "각본", "설정", "결말"}
	koreanChanging = koreanAspects[:9] // for x and y
	koreanOpenings = []string{"", "", "", "솔직히", "확실히", "내 생각에", "돌이켜 보면"}
	koreanSums     = []string{"", "", "한마디로", "솔직히"}
	koreanAdverbs  = []string{"", "", "정말", "매우", "아주", "꽤", "참"}
	koreanNever    = []string{"", "", "그다지", "별로", "전혀"} // before "not"
	koreanVisit    = []string{"금요일 저녁에 보았다", "동생과 함께 갔다", "그날은 비가 왔다", "셋째 줄에 앉았다", "객석은 거의 다 찼다", "상영 시간은 두 시간이다", "집 근처 극장이었다", "표는 미리 예매했다", "원작은 소설이다", "개봉 첫 주였다", "광고가 십 분쯤 나왔다", "팝콘을 하나 샀다"}
	koreanDuring   = []string{"옆 사람은 팝콘을 먹었다", "뒷자리에서 휴대전화가 울렸다", "중간에 물을 한 모금 마셨다", "곧 새 인물이 나왔다", "배경이 부산으로 바뀌었다", "계절이 겨울로 바뀌었다", "주인공이 고향으로 돌아갔다", "앞사람이 기침을 했다", "화면에 긴 자막이 나왔다", "누군가 늦게 들어왔다"}
	// No name that these two lists make is meant to be that of a director; given
	// names of some who are known are left out.
	koreanFamily = strings.Fields("김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 홍 문")
	koreanGiven  = strings.Fields("건우 규민 다은 다현 도연 도현 도훈 동민 민경 민규 민서 민아 민영 민주 민혁 상민 상호 서연 서영 서윤 서준 서현 성민 세영 세진 세현 소연 소영 수민 수빈 수아 수현 승민 승우 승현 승호 시윤 시현 아영 연우 연주 영민 영주 영호 예나 예린 예림 예원 예준 예진 우빈 우영 원준 유진 윤서 윤아 윤호 은경 은서 은우 은주 은호 인호 재민 재영 재원 재현 정연 주연 주원 주현 준서 준영 준혁 준호 지민 지수 지영 지윤 지은 지현 지호 진경 진아 진우 진호 찬우 채원 채은 태민 태영 태현 태호 하람 하연 하영 하준 하진 한별 해인 현서 현아 현우 현준 혜린 혜미 혜원 혜인 혜정 혜진 호준 효진")
)

// hada returns the forms of an adjective in 하다, and ida of one in 이다.
func hada(stem string) []string {
	return []string{stem + "하지", stem + "했다", stem + "했지만", stem + "했고", stem + "한", stem + "하다고", stem + "할"}
}

func ida(stem string) []string {
	return []string{stem + "이지", stem + "이었다", stem + "이었지만", stem + "이었고", stem + "인", stem + "이라고", stem + "일"}
}

func fillKorean(d *draw, slot string) string {
	switch slot {
	case "adv":
		return d.pick(koreanAdverbs)
	case "visit":
		return d.fresh(koreanVisit)
	case "during":
		return d.fresh(koreanDuring)
	case "open":
		return d.pick(koreanOpenings)
	case "sum":
		return d.pick(koreanSums)
	case "neg":
		return d.pick(koreanNever)
	case "name":
		return d.person(koreanName(d))
	}
	if of, rest, found := strings.Cut(slot, "."); found {
		verdict, form, _ := strings.Cut(rest, ".")
		return koreanAdjective(d, of, d.favourable(verdict), form)
	}
	return withParticle(koreanAspect(d, slot[0]), slot[1:])
}

// koreanName makes a name in which no syllable occurs twice.
func koreanName(d *draw) func() string {
	return func() string {
		for {
			family, given := d.pick(koreanFamily), d.pick(koreanGiven)
			if !strings.Contains(given, family) {
				return family + given
			}
		}
	}
}

// koreanAspect returns the aspect of a letter, the same throughout a review.
func koreanAspect(d *draw, letter byte) string {
	if d.aspects[letter] == "" {
		from := koreanAspects
		if letter >= 'x' {
			from = koreanChanging
		}
		d.aspects[letter] = d.fresh(from)
	}
	return d.aspects[letter]
}

// koreanAdjective returns an adjective that the review does not have yet. It is
// said of a subject, or of all aspects whose letters are given.
func koreanAdjective(d *draw, of string, praise bool, form string) string {
	subjects := []string{of}
	if _, found := koreanSubjects[of]; !found {
		subjects = nil
		for _, letter := range []byte(of) {
			subjects = append(subjects, koreanAspect(d, letter))
		}
	}
	f := slices.Index(koreanForms, form)
	var choice []string
	for _, word := range koreanSubjects[subjects[0]].adjectives(praise) {
		fits := !d.used[word] && koreanAdjectives[word][f] != ""
		for _, s := range subjects {
			fits = fits && slices.Contains(koreanSubjects[s].adjectives(praise), word)
		}
		if fits {
			choice = append(choice, word)
		}
	}
	word := d.pick(choice)
	d.used[word] = true
	return koreanAdjectives[word][f]
}

func (s subject) adjectives(praise bool) []string {
	if praise {
		return s.good
	}
	return s.bad
}

// withParticle appends a particle in the form that the last syllable asks for:
// 는 and 가 after a vowel, 은 and 이 after a consonant.
func withParticle(noun, particle string) string {
	letters := []rune(noun)
	if closed := (letters[len(letters)-1]-0xac00)%28 != 0; closed {
		switch particle {
		case "는":
			particle = "은"
		case "가":
			particle = "이"
		}
	}
	return noun + particle
}
