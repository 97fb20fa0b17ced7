package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"unroll/lesson"
)

// unnatural are patterns that no Korean writes, each with an example.
var unnatural = []struct{ why, example, pattern string }{
	{"나는 X가 takes an adjective of feeling: 나는 X가 …다고 생각한다", "나는 편집이 매우 산만했다 !", `나는 \S+[이가] (?:(?:정말|매우|아주|꽤|참|그다지|별로|전혀) )*(?:\S+지 않았다|\S+다) [.!]`},
	{"not a person is borne out or mistaken, but what was expected or said", "유치한 영화일 거라고 예상했다 . 내가 틀렸다 .", `(?:내가|그가|그녀가|모두|다들) (?:맞|틀)`},
	{"라고는 할 수 없다, with 는", "역시 음악이 훌륭하다고 할 수 없다 .", `[다라]고 할 수 없`},
	{"actors are not dull, their acting is", "배우들은 지루했다 .", `배우들[은이도]`},
	{"the film is the subject: X 감독의 영화는 지루했다", "김민서 감독의 재미없는 영화였다 .", `감독의 (?:\S+ )?\S+[한인은는운쁜픈] 영화(?:였다| \.|가)`},
	{"영화는 아니었다, with 는", "유치한 영화가 아니었다 .", `영화가 아니`},
	{"처음 한 시간, 나머지 한 시간", "뒤의 한 시간은 즐거웠다 .", `[앞뒤]의 한 시간`},
	{"영화를 만들었다고는 할 수 없다", "김민서 감독은 유치한 영화를 만들지 않았다 .", `만들지 (?:는 )?않`},
	{"편은 아니었다, with 은", "결말은 별로 나쁜 편이 아니었다 .", `편이 아니`},
	{"전혀 allows no degrees, 편 is one", "결말은 전혀 지루한 편은 아니었다 .", `전혀 \S+ 편`},
	{"a film that follows the rules of its kind is 상투적, not 형식적", "각본은 형식적이었다 .", `형식적`},
	{"줄 알았다 is said of what turned out otherwise", "좋은 영화일 줄 알았다 . 예상이 맞았다 .", `줄 알았`},
	{"a cinema does not fly", "비행기에서 보았다 . 극장에 사람이 많았다 .", `비행기`},
	{"an ending does not last throughout", "보는 내내 결말이 좋았다 .", `보는 내내 결말`},
	{"an ending is not seen at first, and a script does not change on the way", "처음에는 결말이 지루했다 .", `(?:처음에는|한동안|시작은 \S+고|분을 보고) (?:결말|각본|설정)`},
	{"a director answers for the direction, not for the music", "김민서 감독의 음악은 나빴다 .", `감독의 (?:연기|음악|이야기|대사|영상|전개|분위기|편집|각본|설정|결말|배우)`},
	{"재미없지 않았다 is said by nobody", "연출은 별로 재미없지 않았다 .", `재미없지`},
	{"a cut has no temperature, and acting no plot", "편집이 참 따뜻했다 .", `(?:편집|영상|연출|각본|전개|설정|음악)[이가은는도] (?:\S+ )?따뜻|(?:연기|음악|영상)[이가은는도] (?:\S+ )?재미`},
	{"a particle goes with the last sound", "결말는 좋았다 .", `(?:음악|영상|연출|각본|편집|설정|결말)[는가] |(?:연기|이야기|대사|전개|분위기|영화)[은이] `},
}

var koreanPerson = regexp.MustCompile(`([가-힣]{3}) (?:감독|기자)`)

// repeated returns what is wrong with the names of a review.
func repeated(text string) string {
	roles := map[string]bool{}
	for _, m := range koreanPerson.FindAllStringSubmatch(text, -1) {
		syllables := map[rune]bool{}
		for _, s := range m[1] {
			if syllables[s] {
				return "a name has a syllable twice"
			}
			syllables[s] = true
		}
		if roles[m[1]] {
			return "a name occurs twice"
		}
		roles[m[1]] = true
	}
	return ""
}

func TestKoreanIsNatural(t *testing.T) {
	patterns := make([]*regexp.Regexp, len(unnatural))
	for i, u := range unnatural {
		patterns[i] = regexp.MustCompile(u.pattern)
		if !patterns[i].MatchString(u.example) {
			t.Errorf("%q is not refused: %s", u.example, u.why)
		}
	}
	for _, text := range []string{"김수수 감독의 영화는 좋았다 .", "김민서 기자는 영화가 좋다고 했다 . 김민서 감독의 첫 영화다 ."} {
		if repeated(text) == "" {
			t.Errorf("%q is not refused", text)
		}
	}
	for set := range korean.sets() {
		reviews, err := lesson.LoadReviews(dataPath(korean, set))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reviews {
			text := r.Text
			for i, p := range patterns {
				if found := p.FindString(text); found != "" {
					t.Errorf("%q has %q: %s", text, found, unnatural[i].why)
				}
			}
			if why := repeated(text); why != "" {
				t.Errorf("%q: %s", text, why)
			}
		}
	}
}

// The verdict follows from the words: the test reads it back by rules of its
// own. The last adjective that nothing concedes (…지만) counts, unless it is
// negated, or what somebody said or expected turns out to be wrong.
func TestVerdictsOfKoreanReviews(t *testing.T) {
	praises := map[string]bool{}
	for word, forms := range koreanAdjectives {
		for _, form := range forms {
			// 어색하다 is said of parts of a film only.
			praises[form] = slices.Contains(koreanSubjects["영화"].good, word)
		}
	}
	var (
		clause   = regexp.MustCompile(`.*?(?:않았고|[.!])`)
		conceded = regexp.MustCompile(`[^.]*[^하 ]지만 `)
		negation = regexp.MustCompile(`지 않|할 수 없다|[는은] 아니었다`)
		wrong    = regexp.MustCompile(`틀렸다|빗나갔다`)
	)
	for _, rows := range korean.sets() {
		for _, r := range rows {
			praise, known := false, false
			for _, c := range clause.FindAllString(r.text, -1) {
				c = conceded.ReplaceAllString(c, "")
				for _, word := range strings.Fields(c) {
					for _, particle := range []string{"", "는", "고"} { // as in 좋다고는, 좋았다고
						word = strings.TrimSuffix(word, particle)
						if p, found := praises[word]; found {
							praise, known = p != negation.MatchString(c), true
						}
					}
				}
			}
			if praise = praise != wrong.MatchString(r.text); !known || praise != (r.verdict == 1) {
				t.Errorf("%q has verdict %d", r.text, r.verdict)
			}
		}
	}
}
