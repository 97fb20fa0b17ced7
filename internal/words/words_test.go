package words

import "testing"

// speak makes a language of a test's own the reader's until the test ends.
func speak(t *testing.T, catalogue map[string]string) {
	before := Language
	Language = "test"
	texts.Store(Language, catalogue)
	t.Cleanup(func() {
		texts.Delete("test")
		Language = before
	})
}

func TestTranslations(t *testing.T) {
	speak(t, map[string]string{"Right.": "맞았습니다.", "%d of %s": "%[2]s 가운데 %[1]d개"})
	if got := Of("Right."); got != "맞았습니다." {
		t.Error(got)
	}
	if got := Sprintf("%d of %s", 3, "상자"); got != "상자 가운데 3개" {
		t.Error(got)
	}
	if got := Sprintf("%d more", 3); got != "3 more" {
		t.Error(got)
	}
}

func TestContext(t *testing.T) {
	speak(t, map[string]string{"%d steps": "시점 %d개", "descent|%d steps": "%d단계"})
	for text, want := range map[string]string{"%d steps": "시점 2개", "descent|%d steps": "2단계", "stairs|%d steps": "2 steps"} {
		if got := Sprintf(text, 2); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	Language = ""
	if got := Of("descent|step"); got != "step" {
		t.Error(got)
	}
}

func TestEnglish(t *testing.T) {
	for _, language := range []string{"", "no such language"} {
		Language = language
		if got := Sprintf("%d of %d", 1, 2); got != "1 of 2" {
			t.Errorf("in %q: %q", language, got)
		}
	}
	Language = ""
}

func TestPseudo(t *testing.T) {
	speak(t, nil)
	Language = Pseudo
	if got := Sprintf("%d of %d", 1, 2); got != "«1 of 2~~»" {
		t.Error(got)
	}
}

func TestParticles(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"기울기{은/는}", "기울기는"}, {"값{은/는}", "값은"}, {"토큰{이/가}", "토큰이"}, {"패딩{을/를}", "패딩을"},
		{"배치{으로/로}", "배치로"}, {"층{으로/로}", "층으로"}, {"길{으로/로}", "길로"}, {"물{을/를}", "물을"},
		// 영 일 이 삼 사 오 육 칠 팔 구 십 백
		{"0{이/가}", "0이"}, {"1{으로/로}", "1로"}, {"1{이/가}", "1이"}, {"2{이/가}", "2가"}, {"3{으로/로}", "3으로"}, {"4{을/를}", "4를"},
		{"5{은/는}", "5는"}, {"6{은/는}", "6은"}, {"7{으로/로}", "7로"}, {"8{은/는}", "8은"}, {"9{과/와}", "9와"},
		{"10{으로/로}", "10으로"}, {"100{은/는}", "100은"}, {"2.51{으로/로}", "2.51로"}, {"1.4e-16{으로/로}", "1.4e-16으로"},
		{"95%{은/는}", "95%는"}, {"h_{T−1}{은/는}", "h_{T−1}은"}, {"σ{은/는}", "σ는"}, {"W²{은/는}", "W²는"},
		// 엘에스티엠, 알엔엔, 지알유, 아웃풋, 게이트, 배치, 셀, 히든, 패딩
		{"LSTM{은/는}", "LSTM은"}, {"RNN{이/가}", "RNN이"}, {"GRU{을/를}", "GRU를"}, {"{를/을}", "{를/을}"}, {"PAD{은/는}", "PAD는"},
		{"output{을/를}", "output을"}, {"gate{을/를}", "gate를"}, {"batch{은/는}", "batch는"}, {"cell{으로/로}", "cell로"}, {"hidden{이/가}", "hidden이"},
		{"“I”{은/는}", "“I”는"}, {"‘단어’(word){이/가}", "‘단어’(word)가"}, {"정확도(맞힌 비율){을/를}", "정확도(맞힌 비율)를"}, {"(1){은/는}", "(1)은"}, {"{은/는}", "는"}, {"a/b", "a/b"}, {"", ""},
	} {
		if got := particles(c.text); got != c.want {
			t.Errorf("particles(%q) is %q, want %q", c.text, got, c.want)
		}
	}
}

func TestColumns(t *testing.T) {
	if got := Columns("입력 3개 ok"); got != 11 {
		t.Error(got)
	}
}
