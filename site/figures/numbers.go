package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	say "unroll/internal/words"
)

// short prints a number for reading: three digits, or a power of ten.
func short(v float64) string {
	switch a := math.Abs(v); {
	case a == 0:
		return "0"
	case a >= 9999.5 || a < 0.0005:
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 1, 64), "e")
		e, _ := strconv.Atoi(exponent)
		return minus(mantissa) + "·" + power(e)
	case a < 0.0995:
		return minus(strconv.FormatFloat(v, 'f', 4, 64))
	case a < 9.95:
		return minus(strconv.FormatFloat(v, 'f', 2, 64))
	case a < 99.5:
		return minus(strconv.FormatFloat(v, 'f', 1, 64))
	default:
		return minus(strconv.FormatFloat(v, 'f', 0, 64))
	}
}

// minus sets a true minus sign.
func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// subscript writes a whole number as an index: h₁₂.
func subscript(n int) string {
	s := ""
	for _, r := range fmt.Sprint(n) {
		s += string('₀' + r - '0')
	}
	return s
}

// power writes 10 to a whole power.
func power(e int) string {
	if e == 0 {
		return "1"
	}
	s := ""
	for _, r := range fmt.Sprint(e) {
		if r == '-' {
			s += "⁻"
		} else {
			s += string([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0'])
		}
	}
	return "10" + s
}

// brief prints a number with two decimals.
func brief(v float64) string {
	return minus(fmt.Sprintf("%.2f", math.Round(v*100)/100+0)) // + 0 makes −0 a 0
}

func percent(v float64) string {
	if v > 0 && v < 0.0005 {
		return say.Of("less than 0.05%")
	}
	return num(math.Round(v*1000)/10) + "%"
}
