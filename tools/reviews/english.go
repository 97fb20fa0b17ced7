package main

var english = language{name: "en", seed: 1, fill: fillEnglish, templates: map[string]templates{
	"plain": {
		train: []string{
			"{open} the {a} {is} {adv} {good} {end} .",
			"{good} {a} and {adv} {good} {a} .",
			"what a {adv} {good} film !",
			"{open} i found the {a} {good} and the {a} {adv} {good} .",
			"a {adv} {good} film by {name} {end} .",
			"{open} the {a} {is} {good} and so {is} the {a} .",
			"it {is} a {good} film with a {adv} {good} {a} .",
			"the {a} by {name} {is} {good} {end} .",
		},
		valid: []string{"{open} i thought the {a} was {adv} {good} .", "it {is} a {adv} {good} film with {name} {end} ."},
		test: []string{
			"for me the {a} {is} {adv} {good} , and so {is} the {a} .",
			"{name} made a {adv} {good} film {end} .",
			"{open} the film {is} {good} and the {a} {is} {good} .",
		},
	},
	"negation": {
		train: []string{
			"{open} the {a} {is} not {adv} {bad} {end} .",
			"{open} i did not find the {a} {adv} {bad} .",
			"there {is} nothing {adv} {bad} about the {a} {end} .",
			"{open} the film {is} never {bad} .",
			"nobody can say that the {a} {is} {adv} {bad} .",
			"{open} the {a} and the {a} are not {bad} .",
			"it {is} not a {adv} {bad} film by {name} {end} .",
			"the film by {name} {is} not {bad} .",
			"i never found the {a} or the {a} {bad} .",
			"the {a} {is} never {bad} , and the {a} {is} {good} .",
		},
		valid: []string{"{open} i would not call the {a} {adv} {bad} .", "there {is} nothing {adv} {bad} in the film by {name} {end} ."},
		test: []string{
			"not once did i find the {a} {adv} {bad} {end} .",
			"you can not say that {name} made a {bad} film .",
			"{open} the {a} {is} never {bad} and the {a} {is} not {bad} .",
		},
	},
	"contrast": {
		train: []string{
			"{open} the {a} {is} {adv} {bad} but the {a} {is} {adv} {good} {end} .",
			"although the {a} {is} {adv} {bad} , the {a} {is} {adv} {good} {end} .",
			"{open} the {a} {is} {adv} {good} , although the {a} {is} {adv} {bad} .",
			"{open} the {a} {is} {bad} , but the {a} {is} not {bad} .",
			"it has a {adv} {bad} {a} , yet i found the {a} {adv} {good} .",
			"i found the {a} {bad} . but what a {good} {a} !",
			"{open} the {a} {is} not {good} , but the film by {name} {is} {good} .",
			"although i found the {a} {adv} {bad} , it {is} a {good} film .",
			"it {is} a {good} film , although i found the {a} {adv} {bad} .",
			"a {bad} {a} , but a {adv} {good} film {end} .",
			"although the {a} {is} {bad} , the {a} {is} not {bad} .",
			"a {good} film by {name} , although the {a} {is} not {good} .",
		},
		valid: []string{"{open} the {a} {is} {bad} , but i thought the {a} was {adv} {good} .", "although it has a {bad} {a} , {name} made a {good} film .", "{open} it {is} a {good} film , although it has a {adv} {bad} {a} ."},
		test: []string{
			"{bad} {a} , but {adv} {good} {a} {end} .",
			"although the {a} {is} not {good} , i found the {a} {adv} {good} .",
			"{open} the film {is} {good} , although {name} found the {a} {adv} {bad} .",
		},
	},
	"late": {
		train: []string{
			"at first the {a} seemed {bad} and the {a} {bad} . {filler} . in the end it {is} a {adv} {good} film .",
			"{open} i expected a {adv} {bad} film . {filler} . i was wrong .",
			"{open} i expected a {adv} {good} film . {filler} . i was right .",
			"the first hour {is} {adv} {bad} . {filler} . the second hour {is} {good} {end} .",
			"{name} said that the film {is} {bad} . {filler} . {name} was wrong .",
			"{name} said that the {a} {is} {good} . {filler} . {name} was right .",
			"for an hour the {a} {is} {bad} and {bad} . {filler} . then it {is} {adv} {good} .",
			"{open} i thought that the {a} was {bad} . {filler} and {filler} . i was wrong .",
			"{open} i thought that the {a} was {good} . {filler} and {filler} . i was right .",
			"at first it {is} {adv} {bad} . {filler} . in the end the {a} {is} not {bad} .",
		},
		valid: []string{
			"it begins with a {bad} {a} and a {bad} {a} . {filler} . in the end it {is} {adv} {good} .",
			"they said that it {is} a {bad} film . {filler} . they were wrong .",
			"they said that it {is} a {good} film . {filler} . they were right .",
		},
		test: []string{
			"at first i found it {bad} and {bad} . {filler} . in the end the film {is} not {bad} {end} .",
			"i expected the {a} to be {bad} . {filler} and {filler} . {open} i was wrong .",
			"i expected the {a} to be {good} . {filler} and {filler} . {open} i was right .",
		},
	},
	"early": {
		train: []string{
			"a {adv} {good} film . {filler} . {filler} .",
			"{open} i found it {adv} {good} . {filler} and {filler} .",
			"{open} the {a} {is} not {bad} . {filler} . {filler} .",
			"what a {good} {a} ! {filler} . {filler} and {filler} .",
			"it {is} never {adv} {bad} {end} . {filler} . {filler} .",
			"the {a} {is} {bad} but the {a} {is} {good} . {filler} and {filler} .",
			"although the film by {name} {is} {bad} , the {a} {is} {good} . {filler} . {filler} .",
			"{open} the {a} {is} {good} . {filler} , {filler} and {filler} .",
		},
		valid: []string{"{open} i thought it was {adv} {good} . {filler} . {filler} and {filler} .", "it {is} not {adv} {bad} {end} . {filler} . {filler} ."},
		test: []string{
			"{open} the film {is} {good} . {filler} , {filler} and {filler} .",
			"there {is} nothing {bad} about it {end} . {filler} . {filler} and {filler} .",
			"the {a} {is} {good} , although the {a} {is} {bad} . {filler} . {filler} .",
		},
	},
}}

var (
	englishGood     = []string{"good", "clever", "moving", "funny", "lovely", "gripping", "warm", "fresh", "brilliant", "charming"}
	englishBad      = []string{"bad", "dull", "clumsy", "boring", "messy", "predictable", "cold", "stale", "terrible", "tedious"}
	englishAspects  = []string{"acting", "plot", "music", "story", "ending", "dialogue", "photography", "direction", "script", "cast", "pace", "camera"}
	englishAdverbs  = []string{"", "", "really", "very", "quite", "so", "rather", "truly"}
	englishOpenings = []string{"", "", "", "i think", "to me", "honestly ,", "well ,", "in short ,"}
	englishEnds     = []string{"", "", "", "", "if you ask me", "to be fair", "after all"}
	englishFillers  = []string{"we saw it on a friday", "the cinema was full", "my sister came along", "it rained all day", "we sat in the third row", "it runs for two hours", "i saw it on a plane", "we took the late show", "it was the first film by {name}", "we were home at ten", "there were two of us", "the tickets were at the door"}
	englishSyllable = []string{"ka", "mi", "to", "ven", "ros", "dal", "lin", "per", "su", "mar", "ne", "bo", "ti", "gar", "el", "ho"}
)

func fillEnglish(d *draw, slot string) string {
	switch slot {
	case "a":
		return d.fresh(englishAspects)
	case "adv":
		return d.pick(englishAdverbs)
	case "open":
		return d.pick(englishOpenings)
	case "end":
		return d.pick(englishEnds)
	case "is":
		return d.pick([]string{"is", "was"})
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
