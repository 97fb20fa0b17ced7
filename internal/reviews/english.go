package main

var english = language{name: "en", seed: 1, fill: fillEnglish, templates: map[string]templates{
	"plain": {
		train: []string{
			"the {a} is {adv} {good} .",
			"{good} {a} and {good} {a} .",
			"what a {adv} {good} film !",
			"i found the {a} {good} and the {a} {adv} {good} .",
			"a {good} film by {name} .",
			"the {a} was {good} and so was the {a} .",
		},
		valid: []string{"i thought the {a} was {adv} {good} .", "it is a {adv} {good} film with {name} ."},
		test: []string{
			"for me the {a} was {adv} {good} , and so was the {a} .",
			"{name} made a {adv} {good} film .",
			"the film is {good} and the {a} is {good} .",
		},
	},
	"negation": {
		train: []string{
			"the {a} is not {adv} {bad} .",
			"i did not find the {a} {adv} {bad} .",
			"there is nothing {bad} about the {a} .",
			"the film is never {adv} {bad} .",
			"nobody can say that the {a} was {bad} .",
			"the {a} and the {a} are not {bad} .",
			"it is not a {bad} film by {name} .",
		},
		valid: []string{"i would not call the {a} {adv} {bad} .", "there was nothing {adv} {bad} in the film by {name} ."},
		test: []string{
			"not once did i find the {a} {adv} {bad} .",
			"you can not say that {name} made a {bad} film .",
			"the {a} was never {bad} and the {a} was not {bad} .",
		},
	},
	"contrast": {
		train: []string{
			"the {a} is {bad} but the {a} is {adv} {good} .",
			"although the {a} is {adv} {bad} , the {a} is {good} .",
			"the {a} was {adv} {good} , although the {a} was {bad} .",
			"the {a} may be {bad} , but the {a} is not {bad} .",
			"it has a {bad} {a} , yet i found the {a} {adv} {good} .",
			"i found the {a} {bad} . but what a {good} {a} !",
			"the {a} is not {good} , but the film by {name} is {good} .",
		},
		valid: []string{"the {a} was {bad} , but i thought the {a} was {adv} {good} .", "although it has a {bad} {a} , {name} made a {good} film ."},
		test: []string{
			"{bad} {a} , but {adv} {good} {a} .",
			"although the {a} was not {good} , i found the {a} {good} .",
			"the film was {good} , although {name} found the {a} {adv} {bad} .",
		},
	},
	"late": {
		train: []string{
			"at first the {a} seemed {bad} and the {a} {bad} . {filler} . in the end it was a {adv} {good} film .",
			"i expected a {bad} film . {filler} . i was wrong .",
			"i expected a {good} film . {filler} . i was right .",
			"the first hour was {adv} {bad} . {filler} . the second hour was {good} .",
			"{name} said that the film was {bad} . {filler} . {name} was wrong .",
			"{name} said that the {a} was {good} . {filler} . {name} was right .",
			"for an hour the {a} is {bad} and {bad} . {filler} . then it is {adv} {good} .",
		},
		valid: []string{
			"it begins with a {bad} {a} and a {bad} {a} . {filler} . in the end it is {adv} {good} .",
			"they said that it was a {bad} film . {filler} . they were wrong .",
			"they said that it was a {good} film . {filler} . they were right .",
		},
		test: []string{
			"at first i found it {bad} and {bad} . {filler} . in the end the film was not {bad} .",
			"i expected the {a} to be {bad} . {filler} and {filler} . i was wrong .",
			"i expected the {a} to be {good} . {filler} and {filler} . i was right .",
		},
	},
	"early": {
		train: []string{
			"a {adv} {good} film . {filler} . {filler} .",
			"i found it {good} . {filler} and {filler} .",
			"the {a} is not {bad} . {filler} . {filler} .",
			"what a {good} {a} ! {filler} . {filler} and {filler} .",
			"it is never {bad} . {filler} . {filler} .",
			"the {a} was {bad} but the {a} was {good} . {filler} and {filler} .",
		},
		valid: []string{"i thought it was {adv} {good} . {filler} . {filler} and {filler} .", "it was not {bad} . {filler} . {filler} ."},
		test: []string{
			"the film was {good} . {filler} , {filler} and {filler} .",
			"there is nothing {bad} about it . {filler} . {filler} and {filler} .",
			"although the {a} is {bad} , the {a} is {good} . {filler} . {filler} .",
		},
	},
}}

var (
	englishGood     = []string{"good", "clever", "moving", "funny", "lovely", "gripping", "warm", "fresh", "brilliant", "charming"}
	englishBad      = []string{"bad", "dull", "clumsy", "boring", "messy", "predictable", "cold", "stale", "terrible", "tedious"}
	englishAspects  = []string{"acting", "plot", "music", "story", "ending", "dialogue", "photography", "direction", "script", "cast", "pace", "camera"}
	englishAdverbs  = []string{"", "", "really", "very", "quite", "so", "rather", "truly"}
	englishFillers  = []string{"we saw it on a friday", "the cinema was full", "my sister came along", "it rained all day", "we sat in the third row", "it runs for two hours", "i saw it on a plane", "we took the late show", "it was the first film by {name}", "we were home at ten", "there were two of us", "the tickets were at the door"}
	englishSyllable = []string{"ka", "mi", "to", "ven", "ros", "dal", "lin", "per", "su", "mar", "ne", "bo", "ti", "gar", "el", "ho"}
)

func fillEnglish(d *draw, slot string) string {
	switch slot {
	case "a":
		return d.fresh(englishAspects)
	case "adv":
		return d.pick(englishAdverbs)
	case "filler":
		return d.fresh(englishFillers)
	case "name":
		return d.person(func() string { return d.pick(englishSyllable) + d.pick(englishSyllable) + d.pick(englishSyllable) })
	case "good", "bad":
		if d.favourable(slot) {
			return d.fresh(englishGood)
		}
		return d.fresh(englishBad)
	}
	panic("no slot " + slot)
}
