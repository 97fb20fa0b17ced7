// Programs of cells that share the functions of their packages: see site/run/README.md, "The base". This file is added to
// cmd/link/internal/ld, and split.go to cmd/link/internal/wasm, by toolchain.py.

package ld

import (
	"cmd/internal/objabi"
	"cmd/link/internal/loader"
	"cmd/link/internal/sym"
	"encoding/binary"
	"hash/fnv"
	"os"
	"slices"
	"sort"
)

// Base tells what the programs of all cells have alike: the functions of the lessons' packages, what they reach, and what the
// first program does. That is linked first, and makes the base: it leaves in the file "base" which symbols it has. The others
// find that file, and lay the base out as it was, before what they have beside it: a function of the base has the same index in
// all programs, and a variable or a constant the same address. So its code, and the data that are alike, are a module of
// their own, which the browser compiles once.
var Base struct {
	Made      bool   // by an earlier link
	Functions int    // the first functions of the text are the base's
	places    uint64 // a sum of where all of it is
}

var ours = []string{"unroll/lesson", "unroll/plots"}

const (
	baseFile = "base"
	baseText = 1 << 20  // the addresses that functions take, 16 each
	baseData = 12 << 20 // the address of the first variable: constants end before it
)

// What is known of a symbol of the base.
const (
	isBase  = 1 << iota
	isAlike // in all programs: it refers to nothing beside the base
	isIface // a type that is converted to an interface
	isNews  // what it reaches depends on what else is reached
)

var (
	base            []byte       // of each symbol
	constants, rest []loader.Sym // those beside the base: what a program does not write to, and its variables
	pointers        int          // so many of its variables may have pointers
)

// IsOfBase tells whether a symbol has its place in all programs.
func IsOfBase(s loader.Sym) bool { return int(s) < len(base) && base[s] != 0 }

// markBase marks the base as reachable: what it had, or what it has to have.
func (d *deadcodePass) markBase() {
	had, err := os.ReadFile(baseFile)
	if Base.Made = err == nil; Base.Made {
		Base.places, base = binary.LittleEndian.Uint64(had), had[8:]
	} else {
		for s := loader.Sym(1); s < loader.Packages; s++ {
			if d.ldr.SymType(s).IsText() && d.ldr.SymSize(s) > 0 && slices.Contains(ours, d.ldr.SymPkg(s)) {
				d.mark(s, 0)
			}
		}
		return
	}
	for s, known := range base {
		s := loader.Sym(s)
		if known&isBase != 0 {
			d.ldr.SetAttrReachable(s, true)
		}
		if known&isIface != 0 {
			d.ldr.SetAttrUsedInIface(s, true)
		}
		if known&isNews != 0 {
			d.wq.push(s)
		}
	}
}

// findBase finds what is the base, where it is made.
func (d *deadcodePass) findBase() {
	if Base.Made {
		return
	}
	base = make([]byte, loader.Packages)
	for s := range base {
		if d.ldr.AttrReachable(loader.Sym(s)) {
			base[s] = isBase
		}
	}
	for s := range base {
		if base[s] != 0 {
			base[s] |= d.known(loader.Sym(s))
		}
	}
}

func (d *deadcodePass) known(s loader.Sym) (known byte) {
	if d.ldr.AttrUsedInIface(s) {
		known |= isIface
	}
	if d.ldr.IsReflectMethod(s) {
		known |= isNews
	}
	relocs := d.ldr.Relocs(s)
	for i := range relocs.Count() {
		r := relocs.At(i)
		switch r.Type() {
		case objabi.R_USEIFACEMETHOD, objabi.R_USENAMEDMETHOD:
			known |= isNews
		case objabi.R_METHODOFF:
			if known&isIface != 0 {
				known |= isNews
			}
		}
		if r.Sym() >= loader.Packages { // it is another symbol in another program
			known |= isNews
		}
	}
	return known
}

// keepBase leaves what is known of the base for later links. Alike are data of packages that refer to nothing beside the base,
// and that the linker has not changed.
func keepBase(ldr *loader.Loader) {
	for s := range base {
		s := loader.Sym(s)
		if !IsOfBase(s) || ldr.IsExternal(s) {
			continue
		}
		relocs, alike := ldr.Relocs(s), byte(isAlike)
		for i := range relocs.Count() {
			if r := relocs.At(i); r.Siz() > 0 && !IsOfBase(r.Sym()) {
				alike = 0
			}
		}
		base[s] |= alike
	}
	if err := os.WriteFile(baseFile, append(binary.LittleEndian.AppendUint64(nil, Base.places), base...), 0o666); err != nil {
		Exitf("%v", err)
	}
}

// baseFirst puts the functions of the base before all others, of which main.main is the first: the runtime calls it.
func (ctxt *Link) baseFirst() {
	main := ctxt.loader.Lookup("main.main", 0)
	others := []loader.Sym{main}
	text := ctxt.Textp[:0]
	for _, s := range ctxt.Textp {
		if IsOfBase(s) {
			text = append(text, s)
		} else if s != main {
			others = append(others, s)
		}
	}
	slices.Sort(text) // the order of packages is another where a program imports others
	Base.Functions = len(text)
	ctxt.Textp = append(text, others...)
}

// takeOthers takes the symbols that are not the base's out of the data that is laid out as the base had it.
func (state *dodataState) takeOthers() {
	ldr := state.ctxt.loader
	take := func(kind sym.SymKind) (others []loader.Sym) {
		state.data[kind] = slices.DeleteFunc(state.data[kind], func(s loader.Sym) bool {
			// What takes no room has the address of all such variables of the base.
			other := !IsOfBase(s) && (kind != sym.SNOPTRBSS || ldr.SymSize(s) > 0)
			if other {
				others = append(others, s)
			}
			return other
		})
		sort.SliceStable(others, func(i, j int) bool { return ldr.SymSize(others[i]) < ldr.SymSize(others[j]) })
		return others
	}
	for _, kind := range sym.ReadOnly {
		constants = append(constants, take(kind)...)
	}
	rest = append(take(sym.SBSS), take(sym.SDATA)...)
	pointers = len(rest)
	rest = append(append(rest, take(sym.SNOPTRDATA)...), take(sym.SNOPTRBSS)...)
}

// addConstants puts the other constants behind the base's.
func (state *dodataState) addConstants(sect *sym.Section) {
	state.datsize = Rnd(state.datsize, 32)
	state.assignDsymsToSection(sect, constants, sym.SRODATA, aligndatsize)
}

// addRest puts other variables behind all of the base's: those with pointers first, in which alone the collector of garbage looks.
func (state *dodataState) addRest(sect *sym.Section, rest []loader.Sym) {
	state.datsize = Rnd(state.datsize, 32)
	state.assignDsymsToSection(sect, rest, sym.SBSS, aligndatsize)
}

// inOrder ends the layout: the others are among the data, by their addresses. A program whose base is elsewhere is none.
func (ctxt *Link) inOrder() {
	slices.SortStableFunc(ctxt.datap, func(a, b loader.Sym) int { return int(ctxt.loader.SymValue(a) - ctxt.loader.SymValue(b)) })
	if end := Segtext.Vaddr + Segtext.Length; end > baseData {
		Exitf("the cell has too many constants for the page: %d bytes", end)
	}
	places := fnv.New64a()
	add := func(s loader.Sym) {
		if IsOfBase(s) {
			places.Write(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(nil, uint32(s)), uint64(ctxt.loader.SymValue(s))))
		}
	}
	for _, s := range ctxt.Textp {
		add(s)
	}
	for _, s := range ctxt.datap {
		add(s)
	}
	if sum := places.Sum64(); !Base.Made {
		Base.places = sum
	} else if sum != Base.places {
		Exitf("the linker has lost the base")
	}
}

// Piece is a part of a program's memory as it is at the start.
type Piece struct {
	At   int64
	Data []byte
}

// Memory returns what the base has in memory, or what a program has there that the base has not.
func Memory(ctxt *Link) (pieces []Piece) {
	ldr := ctxt.loader
	if !Base.Made {
		keepBase(ldr)
	}
	whole := []string{"runtime.typelink", "runtime.itablink", "runtime.pclntab"} // these the linker makes as a whole
	var apart []*sym.Section
	for _, name := range whole {
		sect := ldr.SymSect(ldr.Lookup(name, 0))
		apart = append(apart, sect)
		if Base.Made {
			pieces = append(pieces, Piece{int64(sect.Vaddr), DatblkBytes(ctxt, int64(sect.Vaddr), int64(sect.Length))})
		}
	}
	st := ctxt.makeRelocSymState()
	var before *sym.Section // of what stands before, where that belongs to the last piece
	for _, s := range ctxt.datap {
		data := ldr.Data(s)
		if len(data) == 0 || ldr.AttrSubSymbol(s) || slices.Contains(apart, ldr.SymSect(s)) {
			continue
		}
		if wanted := IsOfBase(s) != Base.Made || Base.Made && base[s]&isAlike == 0; !wanted {
			before = nil
			continue
		}
		at := ldr.SymValue(s)
		if before != ldr.SymSect(s) {
			pieces = append(pieces, Piece{At: at})
		}
		before = ldr.SymSect(s)
		last := &pieces[len(pieces)-1]
		begin := int(at - last.At)
		last.Data = slices.Grow(last.Data, begin+len(data)-len(last.Data))[:begin+len(data)]
		copy(last.Data[begin:], data)
		st.relocsym(s, last.Data[begin:])
	}
	return pieces
}
