// Package hangul has the letters of Korean that the font of the figures lacks.
package hangul

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"sync"

	"golang.org/x/image/font/opentype"
)

//go:embed hangul.otf.gz
var packed []byte

// Has reports whether a letter is one of Hangul: a syllable, or a letter that
// syllables are made of. The font draws a box for syllables outside KS X 1001.
func Has(letter rune) bool {
	return letter >= 0xac00 && letter <= 0xd7a3 || letter >= 0x3131 && letter <= 0x3163
}

// Advance is the width of every syllable, as a part of the font's size.
const Advance = 0.92

// Font returns the font, unpacked when it is first asked for.
var Font = sync.OnceValue(func() *opentype.Font {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err) // the file is part of this package
	}
	data, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	font, err := opentype.Parse(data)
	if err != nil {
		panic(err)
	}
	return font
})
