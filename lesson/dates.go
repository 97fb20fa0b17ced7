package lesson

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// DateForms are the ways in which [DateTask] writes a date, as layouts of package
// time: each shows Monday, 2 January 2006. 2nd, 월 for the day of the week and 월요일,
// its long form, are no layouts of that package; the others are.
var DateForms = []string{
	"2 January 2006", "January 2, 2006", "Jan 2, 2006", "2 Jan 2006", "2nd of January 2006",
	"Monday, January 2, 2006", "Mon 2 Jan 2006", "1/2/2006", "01/02/06",
	"2006년 1월 2일", "06년 1월 2일", "2006년 1월 2일 월요일", "2006. 1. 2.", "2006.01.02(월)",
}

// A WrittenDate is a date as people write it.
type WrittenDate struct {
	Text string // in the form
	Form string // one of DateForms
	ISO  string // the same date in ISO 8601, such as 2026-11-28
}

// firstDate and lastDate are those between which a year of two digits means one
// year: package time reads 69 as 1969 and 68 as 2068.
var (
	firstDate = time.Date(1969, time.January, 1, 0, 0, 0, 0, time.UTC)
	lastDate  = time.Date(2068, time.December, 31, 0, 0, 0, 0, time.UTC)
)

// DateTask returns n dates from 1969 to 2068, every day as probable as any other,
// each in a form drawn from DateForms. Dates in slashes begin with the month, as in
// the United States. It panics when n is below 1 and when rng is nil.
func DateTask(rng *rand.Rand, n int) []WrittenDate {
	checkSample("DateTask", rng, n)
	days := int(lastDate.Sub(firstDate).Hours())/24 + 1
	dates := make([]WrittenDate, n)
	for i := range dates {
		t := firstDate.AddDate(0, 0, rng.IntN(days))
		form := DateForms[rng.IntN(len(DateForms))]
		dates[i] = WrittenDate{Text: writeDate(t, form), Form: form, ISO: t.Format(time.DateOnly)}
	}
	return dates
}

// writeDate is t.Format with the two things that package time does not write.
func writeDate(t time.Time, form string) string {
	text := t.Format(strings.Replace(form, "2nd of", "2 of", 1))
	if strings.HasPrefix(form, "2nd") {
		text = strings.Replace(text, " of", ordinal(t.Day())+" of", 1)
	}
	day := []string{"일", "월", "화", "수", "목", "금", "토"}[t.Weekday()]
	text = strings.Replace(text, "월요일", day+"요일", 1)
	return strings.Replace(text, "(월)", "("+day+")", 1)
}

// ordinal returns what English hangs onto a number: 1st, 2nd, 3rd, 4th, 11th.
func ordinal(n int) string {
	if s := strconv.Itoa(n); !strings.HasPrefix(s, "1") || len(s) == 1 {
		switch s[len(s)-1] {
		case '1':
			return "st"
		case '2':
			return "nd"
		case '3':
			return "rd"
		}
	}
	return "th"
}
