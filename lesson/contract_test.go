package lesson

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// A call is a function or a method expression, whose first argument is the
// receiver, with valid arguments.
type call struct {
	function any
	args     []any
}

// name returns the function's name as an Error has it, such as "RNN.Forward".
func (c call) name() string {
	_, name, _ := strings.Cut(runtime.FuncForPC(reflect.ValueOf(c.function).Pointer()).Name(), "/lesson.")
	return strings.NewReplacer("(*", "", ")", "", "[...]", "").Replace(name)
}

// validCalls returns a call of every exported function and method of the
// package, with values of its own, not shared between calls.
func validCalls(dir string) []call {
	rng := newRand(1)
	seqs, classes := [][]int{{2, 3, 4}, {1, 2}}, []int{0, 1}
	words, lengths := PadPost(seqs, 0)
	x := Randn(rng, 3, 2, 4) // steps, batch, features
	one := Randn(rng, 3, 1, 4)
	matrix, vector := mat.NewDense(2, 2, []float64{1, 2, 3, 4}), func(n int) mat.Vector { return mat.NewVecDense(n, nil) }
	into := func() *Tensor { return new(Tensor) }

	linear := NewLinear(rng, 4, 2)
	linearOut := linear.Forward(x)
	embedding := NewEmbedding(rng, 5, 4, PaddingIdx(PAD))
	embedded := embedding.Forward(words)
	rnn, lstm, gru := NewRNN(rng, 4, 4), NewLSTM(rng, 4, 4), NewGRU(rng, 4, 4)
	output, hidden := rnn.Forward(x, nil)
	gru.Forward(x, nil)
	minGRU := NewMinGRU(rng, 4, 4)
	minGRU.SetScan(true)
	minGRU.Forward(x, nil)
	_, state := lstm.Forward(x, nil)
	attention := NewAttention(rng, 4)
	attended, _ := attention.Forward(x)
	config := func(encoder string, hiddenSize int, reading Reading, options ...Option) ClassifierConfig {
		return ClassifierConfig{Words: 5, EmbeddingDim: 4, Encoder: encoder, HiddenSize: hiddenSize, Options: options, Reading: reading, Classes: 2}
	}
	classifier := NewClassifier(rng, config("LSTM", 4, PostPad))
	logits := classifier.Forward(seqs)
	gather := NewClassifier(rng, config("RNN", 4, Gather))
	gathered := gather.Forward(seqs)
	bag := NewBagOfWords(5, 2)
	bag.Forward(seqs)
	alphabet, text := NewAlphabet("abcd", 1), []int{1, 2, 3, 4, 1, 2}
	language := NewLanguageModel(rng, LanguageConfig{Tokens: 5, EmbeddingDim: 4, Encoder: "LSTM", HiddenSize: 4})
	followed, languageState := language.Forward(words, nil)
	ngram := NewNGram(text, 5, 2, KneserNey, 0.5)
	languageFit := LanguageFit{Steps: 1, Streams: 1, Tau: 2, LR: 0.1, ClipNorm: 1, Each: func(int, float64) {}}
	writer := Seq2SeqConfig{SourceTokens: 5, TargetTokens: 5, EmbeddingDim: 4, HiddenSize: 4, Attention: "additive"}
	seq2seq := NewSeq2Seq(rng, writer)
	translated := seq2seq.Forward(seqs, seqs)
	decoder := NewDecoderAttention(rng, 4, "additive")
	context, _ := decoder.Forward(x, Randn(rng, 3, 5, 4), []int{5, 1, 2})
	ones := [][]string{{"a", "b"}}
	params := func() []*Parameter {
		return []*Parameter{NewParameter("a", Randn(rng, 2, 3)), NewParameter("b", Randn(rng, 2))}
	}
	sgd, adam := NewSGD(classifier.Parameters(), 0.1, 0.9), NewAdam(classifier.Parameters(), 0.1)
	vocabulary := NewVocabulary([]string{"a good film", "a dull plot"})
	reviews := []Review{{Text: "a good film", Label: 1}, {Text: "a dull plot"}}
	examples := Examples{seqs, classes}
	how := FitConfig{Epochs: 1, BatchSize: 2, LR: 0.1, ClipNorm: 1}
	stopping := how
	stopping.Patience, stopping.Each = 1, func(Epoch) {}
	results := &Results{Rows: []Row{{"steps": 1.0, "arm": "a", "loss": []float64{1, 2}}, {"steps": 2.0, "arm": "b", "loss": []float64{3}}}}
	cue := CueTask{Classes: 2, Distractors: 2, MinLength: 1, MaxLength: 3}
	file := func(name string) string { return filepath.Join(dir, name) }
	represent := func(x Indices) *Tensor { return NewTensor(len(x), 2) }
	backward := func(*Tensor) *Tensor { return NewTensor(3, 4) }
	is := func(function any, args ...any) call { return call{function, args} }
	return []call{
		is((*Error).Error, &Error{"F", "detail"}),
		is((*BrokenLines).Error, &BrokenLines{Lines: []BrokenLine{{1, "empty"}}, Total: 1}),

		is(NewTensor, 2, 3),
		is(TensorOf, []float64{1, 2}, 1, 2),
		is(Randn, rng, 2, 3),
		is(Uniform, rng, -1.0, 1.0, 2, 3),
		is(Shape.Size, Shape{2, 3}),
		is(Shape.Equal, Shape{2, 3}, Shape{2, 3}),
		is((*Tensor).Shape, x),
		is((*Tensor).Data, x),
		is((*Tensor).At, x, 0, 0, 0),
		is((*Tensor).Set, x, 1.0, 0, 0, 0),
		is((*Tensor).Slice, x, 1),
		is((*Tensor).Reshape, x, 6, 4),
		is((*Tensor).Matrix, x),
		is((*Tensor).Vector, Randn(rng, 3)),
		is((*Tensor).Clone, x),
		is((*Tensor).Flip, x, 1),
		is((*Tensor).String, x),
		is(MaxAbsDiff, x, x.Clone()),
		is(OneHot, []string{"a", "b"}, "a"),
		is(Orthogonal, rng, 2, 1.0),
		is(Sigmoid, 1.0),

		is(NewParameter, "a", x),
		is(ZeroGrad, params()),
		is(WithPrefix, "a.", params()),
		is(SaveParameters, file("saved.safetensors"), params()),
		is(LoadParameters, file("params.safetensors"), params()),
		is(LoadTensors, file("params.safetensors")),
		is(WriteSafetensors, io.Writer(new(strings.Builder)), params()),
		is(ReadSafetensors, io.Reader(strings.NewReader("file"))),

		is(NewLinear, rng, 4, 2),
		is((*Linear).Parameters, linear),
		is((*Linear).Forward, linear, x),
		is((*Linear).ForwardTo, linear, into(), x),
		is((*Linear).Backward, linear, linearOut),
		is((*Linear).BackwardTo, linear, into(), linearOut),
		is(NewEmbedding, rng, 5, 4, PaddingIdx(PAD)),
		is(PaddingIdx, 0),
		is((*Embedding).Parameters, embedding),
		is((*Embedding).Forward, embedding, words),
		is((*Embedding).ForwardTo, embedding, into(), words),
		is((*Embedding).Backward, embedding, embedded),
		is(CrossEntropy, logits, classes),
		is(CrossEntropyTo, into(), logits, classes),
		is(Accuracy, logits, classes),
		is(MSE, x, x.Clone()),
		is(MSETo, into(), x, x.Clone()),
		is(NewSGD, params(), 0.1, 0.9),
		is((*SGD).Step, sgd),
		is(NewAdam, params(), 0.1),
		is((*Adam).Step, adam),
		is(ClipGradNorm, params(), 1.0),

		is(Indices.Shape, words),
		is(Indices.Flip, words, 1),
		is(Indices.Clone, words),
		is(Indices.String, words),
		is(PadPost, seqs, 3),
		is(PadPre, seqs, 3),
		is(ReversePadded, words, lengths),
		is(GatherLast, x, lengths, false),
		is(GatherLastTo, into(), x, lengths, false),
		is(GatherLastBackward, Randn(rng, 2, 4), lengths, 3, false),
		is(GatherLastBackwardTo, into(), Randn(rng, 2, 4), lengths, 3, false),

		is(Tokenize, "a good film"),
		is(NewVocabulary, []string{"a good film"}),
		is(NewCommonVocabulary, []string{"a good film"}, 1),
		is((*Vocabulary).Len, vocabulary),
		is((*Vocabulary).Index, vocabulary, "good"),
		is((*Vocabulary).Word, vocabulary, 2),
		is((*Vocabulary).Encode, vocabulary, "a good plot"),
		is((*Vocabulary).Decode, vocabulary, []int{1, 2}),
		is((*Vocabulary).Examples, vocabulary, reviews),
		is((*Vocabulary).Save, vocabulary, file("saved.txt")),
		is(LoadVocabulary, file("words.txt")),
		is(NewCorpus, reviews, reviews, reviews),
		is(LoadCorpus, file("corpus")),
		is((*Corpus).TestOf, NewCorpus(reviews, reviews, reviews), "a"),
		is(LoadReviews, file("reviews.tsv")),
		is(ReadReviews, io.Reader(strings.NewReader("text\tlabel\na\t1\n"))),
		is(Texts, reviews),
		is(SplitReviews, rng, reviews, 0.25, 0.25),
		is(ReadResults, file("results.json")),
		is((*Results).Best, results, "arm", "steps"),
		is((*Results).Lowest, results, "arm", "steps"),
		is((*Results).Above, results, "steps", 1.5),
		is(MeanInterval, []float64{1, 2, 4}),
		is((*Results).Where, results, "arm", any("a")),
		is((*Results).Numbers, results, "steps"),
		is((*Results).Curves, results, "loss"),

		is(NewCueTask, 3),
		is(FirstWordTask.Words, FirstWordTask(4)),
		is(FirstWordTask.Sample, FirstWordTask(4), rng, 2),
		is(CueTask.Words, cue),
		is(CueTask.Sample, cue, rng, 2),
		is(FirstWordTask.Words, FirstWordTask(4)),
		is(FirstWordTask.Sample, FirstWordTask(4), rng, 2),
		is(MarkedWordTask.Words, MarkedWordTask{}),
		is(MarkedWordTask.Sample, MarkedWordTask{MinLength: 3, MaxLength: 5}, rng, 2),
		is(ParityTask.Words, ParityTask{}),
		is(ParityTask.Sample, ParityTask{MinLength: 1, MaxLength: 3}, rng, 2),
		is(BracketTask.Words, BracketTask{}),
		is(BracketTask.Sample, BracketTask{MinLength: 1, MaxLength: 3}, rng, 2),
		is(AddingTask, rng, 2, 4),
		is(CopyTask, rng, 2, 3),
		is(NegationTask, rng, 2),
		is(DateTask, rng, 2),
		is(WordOrderTask, rng, 2),

		is(BatchFirst, &Config{}),
		is(Bidirectional, &Config{}),
		is(NoBias, &Config{}),
		is(ReLU, &Config{}),
		is(Layers, 2),
		is(Dropout, 0.5),
		is(NewRNN, rng, 4, 4, Option(BatchFirst)),
		is((*RNN).Config, rnn),
		is((*RNN).Parameters, rnn),
		is((*RNN).Parameter, rnn, "weight_hh_l0"),
		is((*RNN).Train, rnn, rng),
		is((*RNN).Eval, rnn),
		is((*RNN).NoGrad, rnn, true),
		is((*RNN).Forward, rnn, x, hidden),
		is((*RNN).ForwardTo, rnn, into(), into(), x, hidden),
		is((*RNN).ForwardPacked, rnn, x, lengths, hidden),
		is((*RNN).ForwardPackedTo, rnn, into(), into(), x, lengths, hidden),
		is((*RNN).Backward, rnn, output, hidden),
		is((*RNN).BackwardTo, rnn, into(), into(), output, hidden),
		is((*RNN).Trace, rnn, x, hidden),
		is((*RNN).Cell, rnn),
		is(NewLSTM, rng, 4, 4, Option(BatchFirst)),
		is((*LSTM).Config, lstm),
		is((*LSTM).Parameters, lstm),
		is((*LSTM).Parameter, lstm, "weight_hh_l0"),
		is((*LSTM).Train, lstm, rng),
		is((*LSTM).Eval, lstm),
		is((*LSTM).NoGrad, lstm, true),
		is((*LSTM).Forward, lstm, x, state),
		is((*LSTM).ForwardTo, lstm, into(), &State{}, x, state),
		is((*LSTM).ForwardPacked, lstm, x, lengths, state),
		is((*LSTM).ForwardPackedTo, lstm, into(), &State{}, x, lengths, state),
		is((*LSTM).Backward, lstm, output, state),
		is((*LSTM).BackwardTo, lstm, into(), &State{}, output, state),
		is((*LSTM).Trace, lstm, x, state),
		is((*LSTM).Cell, lstm),
		is((*LSTM).SetForgetBias, lstm, 1.0),
		is((*LSTM).SetInputBias, lstm, 1.0),
		is(NewGRU, rng, 4, 4, Option(BatchFirst)),
		is((*GRU).Config, gru),
		is((*GRU).Parameters, gru),
		is((*GRU).Parameter, gru, "weight_hh_l0"),
		is((*GRU).Train, gru, rng),
		is((*GRU).Eval, gru),
		is((*GRU).NoGrad, gru, true),
		is((*GRU).Forward, gru, x, hidden),
		is((*GRU).ForwardTo, gru, into(), into(), x, hidden),
		is((*GRU).ForwardPacked, gru, x, lengths, hidden),
		is((*GRU).ForwardPackedTo, gru, into(), into(), x, lengths, hidden),
		is((*GRU).Backward, gru, output, hidden),
		is((*GRU).BackwardTo, gru, into(), into(), output, hidden),
		is((*GRU).Trace, gru, x, hidden),
		is((*GRU).SetUpdateBias, gru, 1.0),
		is(NewMinGRU, rng, 4, 4, Option(BatchFirst)),
		is((*MinGRU).Config, minGRU),
		is((*MinGRU).Parameters, minGRU),
		is((*MinGRU).Parameter, minGRU, "weight_ih_l0"),
		is((*MinGRU).Train, minGRU, rng),
		is((*MinGRU).Eval, minGRU),
		is((*MinGRU).NoGrad, minGRU, true),
		is((*MinGRU).SetScan, minGRU, true),
		is((*MinGRU).Forward, minGRU, x, hidden),
		is((*MinGRU).ForwardTo, minGRU, into(), into(), x, hidden),
		is((*MinGRU).ForwardPacked, minGRU, x, lengths, hidden),
		is((*MinGRU).ForwardPackedTo, minGRU, into(), into(), x, lengths, hidden),
		is((*MinGRU).Backward, minGRU, output, hidden),
		is((*MinGRU).BackwardTo, minGRU, into(), into(), output, hidden),
		is((*MinGRU).Trace, minGRU, x, hidden),
		is((*MinGRU).SetUpdateBias, minGRU, 1.0),
		is(Scan[float64], []float64{1, 2}, func(a, b float64) float64 { return a + b }),
		is(Cell.Step, rnn.Cell(), vector(4), vector(4)),
		is(Cell.Run, rnn.Cell(), []mat.Vector{vector(4), vector(4)}, vector(4)),
		is(LSTMCell.Step, lstm.Cell(), vector(4), vector(4), vector(4)),
		is(LSTMCell.Run, lstm.Cell(), []mat.Vector{vector(4), vector(4)}, vector(4), vector(4)),
		is(NewAttention, rng, 4),
		is((*Attention).Parameters, attention),
		is((*Attention).NoGrad, attention, false),
		is((*Attention).Forward, attention, x),
		is((*Attention).ForwardPacked, attention, x, lengths),
		is((*Attention).Backward, attention, attended),

		is(GradientNorms, rnn, one, NewTensor(1, 1, 4)),
		is(LSTMGradientNorms, lstm, one, &State{NewTensor(1, 1, 4), NewTensor(1, 1, 4)}),
		is(LSTMMemoryNorms, lstm, one, &State{NewTensor(1, 1, 4), NewTensor(1, 1, 4)}),
		is(GRUGradientNorms, gru, one, NewTensor(1, 1, 4)),
		is(InputGradientNorms, 2, backward),
		is(GradientBound, 0.5, 3),
		is(SpectralNorm, mat.Matrix(matrix)),
		is(SpectralRadius, mat.Matrix(matrix)),
		is(Attribution, classifier, []int{1, 2}, 1),
		is(Attribution, NewClassifier(rng, config("Attention", 0, MeanPool)), []int{1, 2}, 1),
		is(IntegratedGradients, classifier, []int{1, 2}, 1, 2),
		is(Influence, represent, []int{1, 2}, []int{1, 2, 3}),

		is(Reading.String, PostPad),
		is(NewClassifier, rng, config("RNN", 4, PostPad, Bidirectional)),
		is(NewClassifier, rng, config("LSTM", 4, Gather)),
		is(NewClassifier, rng, config("GRU", 4, Packed)),
		is(NewClassifier, rng, config("Attention", 0, MeanPool)),
		is(NewClassifier, rng, config("", 0, MaxPool)),
		is((*Classifier).Parameters, classifier),
		is((*Classifier).Represent, classifier, seqs),
		is((*Classifier).InputGradientNorms, classifier, seqs[0]),
		is((*Classifier).Forward, classifier, seqs),
		is((*Classifier).ForwardTo, classifier, into(), seqs),
		is((*Classifier).Backward, classifier, logits),
		is((*Classifier).Backward, gather, gathered),
		is((*Classifier).TrainStep, classifier, Optimizer(sgd), seqs, classes, 1.0),
		is((*Classifier).Train, classifier, rng, seqs, classes, how),
		is((*Classifier).Accuracy, classifier, seqs, classes),
		is(NewBagOfWords, 5, 2),
		is((*BagOfWords).Parameters, bag),
		is((*BagOfWords).Forward, bag, seqs),
		is((*BagOfWords).Backward, bag, NewTensor(2, 2)),
		is(NewWordPairs, seqs, 5, 1),
		is((*WordPairs).Len, NewWordPairs(seqs, 5, 1)),
		is((*WordPairs).Examples, NewWordPairs(seqs, 5, 1), examples),
		is(Fit, rng, Model(bag), examples, examples, stopping),
		is(Fit, rng, Model(classifier), examples, Examples{}, how),
		is(Evaluate, Model(bag), examples),
		is(Evaluate, Model(classifier), examples),
		is(CountTrue, []bool{true}),
		is(Wilson, 1, 2, 1.96),
		is(NewAlphabet, "abca", 1),
		is((*Alphabet).Len, alphabet),
		is((*Alphabet).String, alphabet),
		is((*Alphabet).Index, alphabet, 'a'),
		is((*Alphabet).Encode, alphabet, "abx"),
		is((*Alphabet).Decode, alphabet, []int{1, 2}),
		is(LoadText, file("text.txt")),
		is(LoadTextAs, file("text.txt"), Jamo),
		is(Jamo, "한글 a"),
		is(Syllables, Jamo("한글 a")),
		is(NewLanguageModel, rng, LanguageConfig{Tokens: 5, EmbeddingDim: 4, Encoder: "GRU", HiddenSize: 4, Options: []Option{Layers(2)}}),
		is((*LanguageModel).Parameters, language),
		is((*LanguageModel).Forward, language, words, languageState),
		is((*LanguageModel).ForwardTo, language, into(), &State{}, words, languageState),
		is((*LanguageModel).Backward, language, followed),
		is((*LanguageModel).TrainStep, language, Optimizer(NewSGD(language.Parameters(), 0.1, 0)), Window{words, words.Clone()}, languageState, 1.0),
		is((*LanguageModel).Train, language, text, languageFit),
		is((*LanguageModel).Read, language, text, (*State)(nil), func(int, []float64) {}),
		is((*LanguageModel).Bits, language, text),
		is((*LanguageModel).Generate, language, rng, text, 3, Sampler{Temperature: 1, TopK: 2, TopP: 0.5}),
		is(ReadGoMarks, "f(\"a\") // b"),
		is(Windows, text, 2, 2),
		is(Sampler.Probabilities, Sampler{Temperature: 1, TopK: 2, TopP: 0.5}, []float64{1, 2, 3}),
		is(Sampler.Choose, Sampler{Temperature: 1}, rng, []float64{1, 2, 3}),
		is(NewNGram, text, 5, 2, Additive, 1.0),
		is((*NGram).Counts, ngram),
		is((*NGram).Probabilities, ngram, []int{1, 2}),
		is((*NGram).Bits, ngram, text),
		is(Smoothing.String, KneserNey),
		is(NewSeq2Seq, rng, writer),
		is((*Seq2Seq).Parameters, seq2seq),
		is((*Seq2Seq).Labels, seq2seq, seqs),
		is((*Seq2Seq).Forward, seq2seq, seqs, seqs),
		is((*Seq2Seq).Backward, seq2seq, translated),
		is((*Seq2Seq).TrainStep, seq2seq, Optimizer(NewSGD(seq2seq.Parameters(), 0.1, 0)), seqs, seqs, 1.0),
		is((*Seq2Seq).Translate, seq2seq, seqs, 2),
		is((*Seq2Seq).Beam, seq2seq, []int{1, 2}, BeamSearch{2, 2, 1}),
		is((*Seq2Seq).Alignment, seq2seq, []int{1, 2}, []int{3}),
		is(NewDecoderAttention, rng, 4, "dot"),
		is((*DecoderAttention).Parameters, decoder),
		is((*DecoderAttention).Forward, decoder, x, Randn(rng, 3, 5, 4), []int{5, 1, 2}),
		is((*DecoderAttention).Backward, decoder, context),
		is(BLEU, ones, ones),
	}
}

// exported returns the names of the package's exported functions and methods,
// those promoted from an embedded type included.
func exported(t *testing.T) []string {
	t.Helper()
	typeName := func(e ast.Expr) string {
		if p, pointer := e.(*ast.StarExpr); pointer {
			e = p.X
		}
		if name, ok := e.(*ast.Ident); ok {
			return name.Name
		}
		return ""
	}
	methods, embedded := map[string][]string{}, map[string][]string{} // by type
	collect := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			on := ""
			if n.Recv != nil {
				on = typeName(n.Recv.List[0].Type)
			}
			if n.Name.IsExported() {
				methods[on] = append(methods[on], n.Name.Name)
			}
		case *ast.TypeSpec:
			if s, ok := n.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					if f.Names == nil {
						embedded[n.Name.Name] = append(embedded[n.Name.Name], typeName(f.Type))
					}
				}
			}
		}
		return true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, collect)
	}
	names := methods[""]
	var promote func(to, from string)
	promote = func(to, from string) {
		for _, m := range methods[from] {
			names = append(names, to+"."+m)
		}
		for _, e := range embedded[from] {
			promote(to, e)
		}
	}
	for on := range methods {
		if ast.IsExported(on) {
			promote(on, on)
		}
	}
	for on := range embedded {
		if ast.IsExported(on) && methods[on] == nil {
			promote(on, on)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// A wrong is one change of an argument.
type wrong struct {
	where string
	make  func()
}

// changes returns all that a caller can do wrong in v: nil and zero values,
// other shapes, lengths and numbers, of v and of everything that v refers to.
func changes(v reflect.Value, where string) (all []wrong) {
	to := func(what string, value any) {
		all = append(all, wrong{where + " = " + what, func() {
			if value == nil {
				v.SetZero()
			} else {
				v.Set(reflect.ValueOf(value).Convert(v.Type()))
			}
		}})
	}
	inside := func(v reflect.Value, where string) { all = append(all, changes(v, where)...) }
	switch v.Kind() {
	case reflect.Pointer:
		to("nil", nil)
		if v.IsNil() {
			break
		}
		switch p := v.Interface().(type) {
		case *rand.Rand:
			return all
		case *Tensor:
			for _, shape := range otherShapes(p.shape) {
				to(fmt.Sprint("of shape ", shape), NewTensor(shape...))
			}
		case *mat.Dense:
			to("1×1", mat.NewDense(1, 1, nil))
		case *mat.VecDense:
			to("1 long", mat.NewVecDense(1, nil))
		case interface{ Parameters() []*Parameter }:
			for _, q := range p.Parameters() {
				inside(reflect.ValueOf(q).Elem(), where+"."+q.Name)
			}
		}
		to("zero", reflect.New(v.Type().Elem()).Interface())
		inside(v.Elem(), where)
	case reflect.Interface:
		to("nil", nil)
		if v.NumMethod() == 0 {
			to("a slice", []int{1})
		} else if p := v.Elem(); p.Kind() == reflect.Pointer {
			inside(p.Elem(), where)
			to("zero", reflect.New(p.Type().Elem()).Interface())
			switch q := p.Interface().(type) {
			case Recurrent: // of a nil one Go panics before a method begins
				for _, parameter := range q.Parameters() {
					inside(reflect.ValueOf(parameter).Elem(), where+"."+parameter.Name)
				}
			case Encoder, Model, Optimizer:
				to("nil pointer", reflect.Zero(p.Type()).Interface())
			case *mat.Dense:
				to("empty", new(mat.Dense))
				to("1×2", mat.NewDense(1, 2, nil))
			case *mat.VecDense:
				to("empty", new(mat.VecDense))
				to("1 long", mat.NewVecDense(1, nil))
			}
		}
	case reflect.Func:
		to("nil", nil)
		to("returns zero values", reflect.MakeFunc(v.Type(), func([]reflect.Value) []reflect.Value {
			var zero []reflect.Value
			for i := range v.Type().NumOut() {
				zero = append(zero, reflect.Zero(v.Type().Out(i)))
			}
			return zero
		}).Interface())
	case reflect.Slice:
		to("nil", nil)
		to("empty", reflect.MakeSlice(v.Type(), 0, 0).Interface())
		if n := v.Len(); n > 0 {
			to("shorter", v.Slice(0, n-1).Interface())
			to("longer", reflect.Append(v.Slice3(0, n, n), v.Index(n-1)).Interface())
			inside(v.Index(n-1), fmt.Sprintf("%s[%d]", where, n-1))
		}
	case reflect.Map:
		to("nil", nil)
		to("empty", reflect.MakeMap(v.Type()).Interface())
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				inside(v.Field(i), where+"."+f.Name)
			}
		}
	case reflect.Int:
		for _, n := range []int{math.MinInt, -1, 0, int(v.Int()) + 1, math.MaxInt} {
			to(fmt.Sprint(n), n)
		}
	case reflect.Float64:
		for _, x := range []float64{math.Inf(-1), -1, 0, math.Inf(1), math.NaN()} {
			to(fmt.Sprint(x), x)
		}
	case reflect.String:
		for _, s := range []string{"", "none", "\xff"} {
			to(fmt.Sprintf("%q", s), s)
		}
	case reflect.Bool:
		to("the other", !v.Bool())
	}
	return all
}

// otherShapes returns shapes that differ from s in the number of axes, or in
// the length of one.
func otherShapes(s Shape) (others []Shape) {
	if len(s) < 3 {
		others = append(others, append(Shape{1}, s...))
	}
	if len(s) > 1 {
		others = append(others, s[1:])
	}
	for axis := range s {
		longer := slices.Clone(s)
		longer[axis]++
		others = append(others, longer)
	}
	return others
}

// promoted reports whether the function is a method of an embedded type.
func (c call) promoted() bool {
	at := reflect.ValueOf(c.function).Pointer()
	file, _ := runtime.FuncForPC(at).FileLine(at)
	return file == "<autogenerated>"
}

// arguments returns the arguments as a function takes them, each as a variable of
// its own.
func (c call) arguments() []reflect.Value {
	f := reflect.TypeOf(c.function)
	args := make([]reflect.Value, f.NumIn())
	for i := range args {
		args[i] = reflect.New(f.In(i)).Elem()
		if f.IsVariadic() && i == f.NumIn()-1 {
			for _, a := range c.args[i:] {
				args[i].Set(reflect.Append(args[i], reflect.ValueOf(a)))
			}
		} else {
			args[i].Set(reflect.ValueOf(c.args[i]))
		}
	}
	return args
}

// panics calls the function and returns what it panics with, nil where it does
// not.
func (c call) panics(args []reflect.Value) (with any) {
	defer func() { with = recover() }()
	f := reflect.ValueOf(c.function)
	if f.Type().IsVariadic() {
		f.CallSlice(args)
	} else {
		f.Call(args)
	}
	return nil
}

// mayName reports whether a panic of the call may name the function fn: the one
// called, or a method of an argument whose type is an interface. A promoted
// method of a zero value does not know the type that embeds it.
func (c call) mayName(fn string) bool {
	for _, a := range c.args {
		switch a.(type) {
		case Model, Optimizer:
			if strings.HasPrefix(fn, reflect.TypeOf(a).Elem().Name()+".") {
				return true
			}
		}
	}
	_, method, _ := strings.Cut(c.name(), ".")
	return fn == c.name() || c.promoted() && fn == method
}

// TestEveryWrongArgument: with any one argument changed, a function returns, or it
// panics with an *Error that names it. Every exported function is called.
func TestEveryWrongArgument(t *testing.T) {
	want, dir := exported(t), t.TempDir()
	t.Chdir(dir) // where files of wrong names are written
	for name, text := range map[string]string{
		"reviews.tsv":      "text\tlabel\na\t1\n",
		"corpus-train.tsv": "text\tlabel\na\t1\n", "corpus-valid.tsv": "text\tlabel\na\t1\n", "corpus-test.tsv": "text\tlabel\na\t1\n",
		"text.txt":     "0123456789",
		"words.txt":    "<PAD>\n<UNK>\na\n",
		"results.json": `{"rows": [{"steps": 1}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var called []string
	for i := range validCalls(dir) {
		c := validCalls(dir)[i]
		called = append(called, c.name())
		if with := c.panics(c.arguments()); with != nil {
			t.Errorf("%s panics with valid arguments: %v", c.name(), with)
			continue
		}
		for k, more := 0, true; more; k++ {
			c := validCalls(dir)[i]
			args := c.arguments()
			var wrongs []wrong
			for j, a := range args {
				wrongs = append(wrongs, changes(a, fmt.Sprint("argument ", j))...)
			}
			w := wrongs[k]
			more = k+1 < len(wrongs)
			switch {
			case c.name() == "IntegratedGradients" && w.where == fmt.Sprint("argument 3 = ", math.MaxInt):
				continue // a valid argument, with which it would run for ever
			case c.promoted() && w.where == "argument 0 = nil":
				continue // Go panics before the method begins
			}
			w.make()
			with := c.panics(args)
			if e, ok := with.(*Error); with != nil && !(ok && c.mayName(e.Func)) {
				t.Errorf("%s with %s panics with %T %v", c.name(), w.where, with, with)
			}
		}
	}
	slices.Sort(called)
	for _, name := range want {
		if _, found := slices.BinarySearch(called, name); !found && name != "Must" { // Must panics with what it is given
			t.Errorf("%s is not called: add it to validCalls with valid arguments", name)
		}
	}
}

// TestToVariants: the functions that the package comment names have a form XxxTo,
// and each XxxTo takes the tensors that Xxx returns before its arguments.
func TestToVariants(t *testing.T) {
	functions := map[string]reflect.Type{}
	for _, c := range validCalls(t.TempDir()) {
		functions[c.name()] = reflect.TypeOf(c.function)
	}
	isTensor := func(r reflect.Type) bool { return r == reflect.TypeFor[*Tensor]() || r == reflect.TypeFor[*State]() }
	named := regexp.MustCompile(`^((RNN|LSTM|GRU|MinGRU|Linear|Embedding|Classifier|LanguageModel)\.(Forward|ForwardPacked|Backward)|GatherLast|GatherLastBackward|CrossEntropy|MSE)$`)
	for name, f := range functions {
		to, has := functions[name+"To"]
		var in, out, tensors []reflect.Type
		for r := range f.Outs() {
			if isTensor(r) {
				tensors = append(tensors, r)
			} else {
				out = append(out, r)
			}
		}
		if want := named.MatchString(name) && tensors != nil; has != want {
			t.Errorf("%s has a variant XxxTo: %v, want %v", name, has, want)
		}
		if !has {
			continue
		}
		in = slices.Collect(f.Ins())
		receiver := strings.Count(name, ".")
		in = slices.Insert(in, receiver, tensors...)
		if !slices.Equal(slices.Collect(to.Ins()), in) || !slices.Equal(slices.Collect(to.Outs()), out) {
			t.Errorf("%sTo is %v, want the arguments %v and the results %v", name, to, in, out)
		}
	}
}

func TestMessagesOfWrongArguments(t *testing.T) {
	bag := NewBagOfWords(5, 2)
	bag.Forward([][]int{{1}, {2}})
	for want, call := range map[string]func(){
		"lesson: Linear.Forward: the Linear is nil, want a *lesson.Linear":                                           func() { (*Linear)(nil).Forward(nil) },
		"lesson: Linear.Forward: Weight is nil, want a *lesson.Parameter of shape 0×0":                               func() { new(Linear).Forward(nil) },
		"lesson: Linear.Forward: x is nil, want InFeatures 3 in the last place":                                      func() { NewLinear(newRand(1), 3, 2).Forward(nil) },
		"lesson: Linear.Forward: x is empty, want InFeatures 3 in the last place":                                    func() { NewLinear(newRand(1), 3, 2).Forward(new(Tensor)) },
		"lesson: Forward: the layer is empty, want one from NewRNN, NewLSTM, NewGRU or NewMinGRU":                    func() { new(RNN).Forward(nil, nil) },
		"lesson: BagOfWords.Backward: dLogits is 3×2, want 2×2, as the logits":                                       func() { bag.Backward(NewTensor(3, 2)) },
		"lesson: BagOfWords.Backward: no Forward before it, want one":                                                func() { NewBagOfWords(5, 2).Backward(NewTensor(3, 2)) },
		"lesson: ZeroGrad: parameter 0 is nil, want a value and a gradient of the same shape":                        func() { ZeroGrad([]*Parameter{nil}) },
		`lesson: ZeroGrad: parameter 0 is "a", value 2, gradient nil, want a value and a gradient of the same shape`: func() { ZeroGrad([]*Parameter{{Name: "a", Value: NewTensor(2)}}) },
		"lesson: NewTensor: shape 9223372036854775807, more elements than any memory holds":                          func() { NewTensor(math.MaxInt) },
		"lesson: PadPost: length is 9223372036854775807, more than any memory holds":                                 func() { PadPost([][]int{{1}}, math.MaxInt) },
		"lesson: NewRNN: an option is nil, want one such as BatchFirst":                                              func() { NewRNN(newRand(1), 2, 3, nil) },
		"lesson: GradientBound: sigma is NaN, want 0 or more":                                                        func() { GradientBound(math.NaN(), 2) },
		"lesson: NewSeq2Seq: SourceTokens is 0, want at least 1":                                                     func() { NewSeq2Seq(newRand(1), Seq2SeqConfig{}) },
		"lesson: Cell.Step: Wx is nil, want a *mat.Dense":                                                            func() { Cell{}.Step(nil, nil) },
		"lesson: InputGradientNorms: backward returned nil, want the gradient of one sequence":                       func() { InputGradientNorms(1, func(*Tensor) *Tensor { return nil }) },
		"lesson: Tensor.At: the tensor is empty":                                                                     func() { new(Tensor).At(0) },
		"lesson: Fit: m is nil, want a model":                                                                        func() { Fit(newRand(1), nil, Examples{}, Examples{}, FitConfig{}) },
		"lesson: Attention.Forward: an Attention without parameters for EmbedDim 0, want one from NewAttention":      func() { new(Attention).Forward(nil) },
		"lesson: ReadReviews: r is nil, want something to read":                                                      func() { ReadReviews(nil) },
	} {
		wantPanic(t, want, call)
	}
	if got := fmt.Sprint(new(Tensor), (*Tensor)(nil)); got != "tensor([]) <nil>" {
		t.Errorf("the zero Tensor and nil print as %s", got)
	}
}
