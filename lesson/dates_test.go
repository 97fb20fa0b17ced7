package lesson

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Package time reads each date back, but for what it cannot read, which is
// checked beside it.
func TestDatesAreReadBack(t *testing.T) {
	ends := regexp.MustCompile(`^(\d+)(st|nd|rd|th) of`)
	weekday := regexp.MustCompile(` ?(.)요일|\((.)\)`)
	seen := map[string]int{}
	for _, d := range DateTask(newRand(1), 20000) {
		seen[d.Form]++
		text, form := d.Text, d.Form
		if m := ends.FindStringSubmatch(text); m != nil {
			text, form = ends.ReplaceAllString(text, "$1 of"), strings.Replace(form, "2nd", "2", 1)
			end := map[string]string{"1": "st", "2": "nd", "3": "rd", "21": "st", "22": "nd", "23": "rd", "31": "st"}[m[1]]
			if end == "" {
				end = "th"
			}
			if m[2] != end {
				t.Errorf("%q, want %s%s", d.Text, m[1], end)
			}
		}
		day := ""
		if m := weekday.FindStringSubmatch(text); m != nil {
			day = m[1] + m[2]
			text, form = weekday.ReplaceAllString(text, ""), weekday.ReplaceAllString(form, "")
		}
		date, err := time.Parse(form, text)
		if err != nil || date.Format("2006-01-02") != d.ISO {
			t.Fatalf("%+v is read as %v, %v", d, date, err)
		}
		if want := strings.Split("일월화수목금토", "")[date.Weekday()]; day != "" && day != want {
			t.Errorf("%q is a %s요일", d.Text, want)
		}
		if strings.HasPrefix(form, "Mon") && !strings.HasPrefix(date.Weekday().String(), text[:3]) {
			t.Errorf("%q is a %v", d.Text, date.Weekday())
		}
		if date.Year() < 1969 || date.Year() > 2068 {
			t.Errorf("%v is out of range", d)
		}
	}
	if len(seen) != len(DateForms) {
		t.Errorf("%d forms of %d: %v", len(seen), len(DateForms), seen)
	}
	day := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	want := "28 November 2026|November 28, 2026|Nov 28, 2026|28 Nov 2026|28th of November 2026|Saturday, November 28, 2026|Sat 28 Nov 2026|" +
		"11/28/2026|11/28/26|2026년 11월 28일|26년 11월 28일|2026년 11월 28일 토요일|2026. 11. 28.|2026.11.28(토)"
	for i, form := range DateForms {
		if got, want := writeDate(day, form), strings.Split(want, "|")[i]; got != want {
			t.Errorf("%s is written %q, want %q", form, got, want)
		}
	}
}

func TestWordOrder(t *testing.T) {
	english, korean := WordOrderTask(newRand(2), 5000)
	sentence := regexp.MustCompile(`^(?:(\S+|last week|in the morning) )?the ((?:\w+ )*)(\w+) (saw|found|drew|remembered|liked) the (.*)$`)
	korean1 := map[string]string{"saw": "보았다", "found": "찾았다", "drew": "그렸다", "remembered": "기억했다", "liked": "좋아했다"}
	for i, e := range english {
		m := sentence.FindStringSubmatch(e)
		if m == nil || !strings.HasSuffix(korean[i], " "+korean1[m[4]]) {
			t.Fatalf("%q is %q", e, korean[i])
		}
		e = strings.NewReplacer("in the garden", "at garden", "in the park", "at park", "in the morning", "morning", "last week", "last").Replace(e)
		words, particles := len(strings.Fields(e)), 2
		particles += strings.Count(korean[i], " 에") // a place or a time
		words -= 2 + strings.Count(e, "at ")        // the articles, and what stands before a place
		if k := len(strings.Fields(korean[i])); k != words+particles {
			t.Errorf("%q has %d words, %q %d with particles", e, words, korean[i], k)
		}
		for _, wrong := range []string{"님 가", "구 이", "니 이", "생 가", "집 가", "집 를", "림 가", "책 를", "자 을", "무 을", "새 을", "님 를", "구 을"} {
			if strings.Contains(korean[i], wrong) {
				t.Errorf("%q has a particle that does not fit: %s", korean[i], wrong)
			}
		}
	}
}

func ExampleWordOrderTask() {
	english, korean := WordOrderTask(newRand(8), 1)
	fmt.Println(english[0])
	fmt.Println(korean[0])
	// Output:
	// last week the pretty good house drew the teacher at school
	// 지난주 에 예쁜 좋은 집 이 학교 에서 선생님 을 그렸다
}
