package lesson_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"unroll/lesson"
)

// A network without weights, so that at every step token 0 has the probability 0.5,
// token 1 has 0.2 and EOS 0.3. Greedy search would write token 0 for ever.
func ExampleSeq2Seq_Beam() {
	m := lesson.NewSeq2Seq(rand.New(rand.NewPCG(1, 2)), lesson.Seq2SeqConfig{
		SourceTokens: 2, TargetTokens: 2, EmbeddingDim: 1, HiddenSize: 1,
	})
	clear(m.Linear.Weight.Value.Data())
	for i, p := range []float64{0.5, 0.2, 0.3} {
		m.Linear.Bias.Value.Set(math.Log(p), i)
	}

	fmt.Println("greedy", m.Translate([][]int{{0, 1}}, 3))
	for _, h := range m.Beam([]int{0, 1}, lesson.BeamSearch{Width: 3, Steps: 3}) {
		fmt.Printf("%v ended %-5v %.3f\n", h.Tokens, h.Ended, math.Exp(h.LogProb))
	}
	// Output:
	// greedy [[0 0 0]]
	// [] ended true  0.300
	// [0] ended true  0.150
	// [0 0 0] ended false 0.125
}

func ExampleBLEU() {
	candidates := [][]string{strings.Fields("the cat sat on the mat today")}
	references := [][]string{strings.Fields("the cat sat on the mat")}

	b := lesson.BLEU(candidates, references)
	fmt.Println(b.Matches, "of", b.Totals)
	fmt.Printf("%.4f\n", b.Score) // (6/7 · 5/6 · 4/5 · 3/4)^¼ = (3/7)^¼
	// Output:
	// [6 5 4 3] of [7 6 5 4]
	// 0.8091
}

// Running sums, and which steps each combination joins.
func ExampleScan() {
	fmt.Println(lesson.Scan([]int{1, 2, 3, 4}, func(earlier, later int) int { return earlier + later }))

	lesson.Scan([]string{"1", "2", "3", "4"}, func(earlier, later string) string {
		fmt.Println(earlier, "then", later)
		return earlier + later
	})
	// Output:
	// [1 3 6 10]
	// 1 then 2
	// 3 then 4
	// 12 then 34
	// 12 then 3
}
