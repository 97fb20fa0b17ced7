package main

import (
	"bytes"
	_ "embed"
	"math/rand/v2"

	"unroll/lesson"
)

// The parameters of a character model of 80 units, trained on package lesson's
// source; TestWriterParameters makes them.
//
//go:embed writing.safetensors
var writerParameters []byte

// Its alphabet.
//
//go:embed writing.txt
var writerAlphabet string

func newWriter(rng *rand.Rand, tokens int) *lesson.LanguageModel {
	return lesson.NewLanguageModel(rng, lesson.LanguageConfig{Tokens: tokens, EmbeddingDim: 16, Encoder: "LSTM", HiddenSize: 80})
}

// writer returns the trained model and its alphabet.
func writer() (*lesson.LanguageModel, *lesson.Alphabet) {
	a := lesson.NewAlphabet(writerAlphabet, 1)
	m := newWriter(rand.New(rand.NewPCG(0, 0)), a.Len())
	values := lesson.Must(lesson.ReadSafetensors(bytes.NewReader(writerParameters)))
	for _, p := range m.Parameters() {
		copy(p.Value.Data(), values[p.Name].Data())
	}
	return m, a
}
