// See base.go in this folder.

package wasm

import (
	"bytes"
	"cmd/internal/obj"
	"cmd/internal/objabi"
	"cmd/link/internal/ld"
	"cmd/link/internal/loader"
	"cmd/link/internal/sym"
	"encoding/binary"
	"strconv"
)

const (
	room       = 1 << 14 // functions that a program may have beside the base's
	imported   = "base"  // the module's name for a program
	kindTable  = 1
	kindMemory = 2
	kindGlobal = 3
)

var registers = []byte{I32, I64, I64, I64, I64, I64, I64, I32} // as in writeGlobalSec

// split writes a program, or the base: the functions of the base as a module of their own, that has the table of functions,
// and the registers; and the others, with all data, as one that imports these.
func split(ctxt *ld.Link, ldr *loader.Loader) {
	n, making := ld.Base.Functions, !ld.Base.Made
	textp, first := ctxt.Textp[n:], n
	if making {
		textp, first = ctxt.Textp[:n], 0
	} else if len(textp) > room {
		ld.Exitf("the cell has too many functions for the page: %d", len(textp))
	}
	types := []*wasmFuncType{{Params: []byte{I32}, Results: []byte{I32}}}

	// What is imported: functions of JavaScript, and those of the base that are called.
	var imports []*wasmFunc
	host, base := map[loader.Sym]int64{}, map[int64]int64{}
	for _, fn := range textp {
		relocs := ldr.Relocs(fn)
		for ri := 0; ri < relocs.Count(); ri++ {
			r := relocs.At(ri)
			switch r.Type() {
			case objabi.R_WASMIMPORT:
				wi := readWasmImport(ldr, ldr.WasmImportSym(fn))
				host[fn] = int64(len(imports))
				imports = append(imports, &wasmFunc{Module: wi.Module, Name: wi.Name,
					Type: lookupType(&wasmFuncType{Params: fieldsToTypes(wi.Params), Results: fieldsToTypes(wi.Results)}, &types)})
			case objabi.R_CALL:
				index := indexOf(ldr, r.Sym())
				if making && index > int64(n) {
					ldr.Errorf(fn, "calls %s, which is not in the base", ldr.SymName(r.Sym()))
				}
				if _, known := base[index]; making || index >= int64(n) || known {
					continue
				}
				base[index] = int64(len(imports))
				imports = append(imports, &wasmFunc{Module: imported, Name: strconv.FormatInt(index, 10), Type: typeOf(ldr, r.Sym(), &types)})
			}
		}
	}

	fns := make([]*wasmFunc, len(textp))
	for i, fn := range textp {
		relocs, P := ldr.Relocs(fn), ldr.Data(fn)
		wfn, off := new(bytes.Buffer), int32(0)
		wfn.Grow(len(P) + 3*relocs.Count())
		for ri := 0; ri < relocs.Count(); ri++ {
			r := relocs.At(ri)
			if r.Siz() == 0 {
				continue // skip marker relocations
			}
			wfn.Write(P[off:r.Off()])
			off = r.Off()
			switch r.Type() {
			case objabi.R_ADDR:
				if making && !ld.IsOfBase(r.Sym()) {
					ldr.Errorf(fn, "refers to %s, which is not in the base", ldr.SymName(r.Sym()))
				}
				writeSleb128(wfn, ldr.SymValue(r.Sym())+r.Add())
			case objabi.R_CALL:
				index := indexOf(ldr, r.Sym())
				if at, is := base[index]; is {
					writeSleb128(wfn, at)
				} else if making && index == int64(n) { // main.main, by the table
					wfn.Truncate(wfn.Len() - 1)
					writeI32Const(wfn, int32(funcValueOffset+n))
					wfn.Write([]byte{0x11, 0, 0})
				} else {
					writeSleb128(wfn, int64(len(imports))+index-int64(first))
				}
			case objabi.R_WASMIMPORT:
				writeSleb128(wfn, host[r.Sym()])
			default:
				ldr.Errorf(fn, "bad reloc type %d (%s)", r.Type(), sym.RelocName(ctxt.Arch, r.Type()))
			}
		}
		wfn.Write(P[off:])
		fns[i] = &wasmFunc{Type: typeOf(ldr, fn, &types), Code: wfn.Bytes()}
	}

	// The program's memory, in pages of 64 kB, with a megabyte for what the runtime allocates first.
	pages := (uint64(ldr.SymValue(ldr.Lookup("runtime.end", 0))) + 1<<20) >> 16

	out := ctxt.Out
	out.Write([]byte{0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00})
	section(ctxt, sectionCustom, func() {
		writeName(out, "pages")
		out.Write(binary.LittleEndian.AppendUint32(nil, uint32(pages)))
	})
	writeTypeSec(ctxt, types)
	section(ctxt, sectionImport, func() {
		count := len(imports) + 1
		if !making {
			count += 1 + len(registers)
		}
		writeUleb128(out, uint64(count))
		for _, fn := range imports {
			module := fn.Module
			if module == "" {
				module = "gojs"
			}
			writeName(out, module)
			writeName(out, fn.Name)
			out.WriteByte(0)
			writeUleb128(out, uint64(fn.Type))
		}
		writeName(out, "go")
		writeName(out, "memory")
		out.Write([]byte{kindMemory, 0})
		writeUleb128(out, 1)
		if making {
			return
		}
		writeName(out, imported)
		writeName(out, "table")
		out.Write([]byte{kindTable, 0x70, 0})
		writeUleb128(out, uint64(funcValueOffset+n+len(fns)))
		for i, kind := range registers {
			writeName(out, imported)
			writeName(out, "register"+strconv.Itoa(i))
			out.Write([]byte{kindGlobal, kind, 1})
		}
	})
	writeFunctionSec(ctxt, fns)
	if making {
		section(ctxt, sectionTable, func() {
			out.Write([]byte{1, 0x70, 0})
			writeUleb128(out, uint64(funcValueOffset+n+room))
		})
		writeGlobalSec(ctxt)
		section(ctxt, sectionExport, func() {
			writeUleb128(out, uint64(5+len(registers)))
			for _, name := range []string{"run", "resume", "getsp"} {
				writeName(out, name)
				out.WriteByte(0)
				writeUleb128(out, uint64(int64(len(imports))+indexOf(ldr, ldr.Lookup("wasm_export_"+name, 0))))
			}
			writeName(out, "table")
			out.Write([]byte{kindTable, 0})
			writeName(out, "mem")
			out.Write([]byte{kindMemory, 0})
			for i := range registers {
				writeName(out, "register"+strconv.Itoa(i))
				out.Write([]byte{kindGlobal, byte(i)})
			}
		})
	}
	section(ctxt, sectionElement, func() {
		out.Write([]byte{1, 0})
		writeI32Const(out, int32(funcValueOffset+first))
		out.WriteByte(0x0b)
		writeUleb128(out, uint64(len(fns)))
		for i := range fns {
			writeUleb128(out, uint64(len(imports)+i))
		}
	})
	writeCodeSec(ctxt, fns)
	segments := ld.Memory(ctxt)
	section(ctxt, sectionData, func() {
		writeUleb128(out, uint64(len(segments)))
		for _, s := range segments {
			out.WriteByte(0)
			writeI32Const(out, int32(s.At))
			out.WriteByte(0x0b)
			writeUleb128(out, uint64(len(s.Data)))
			out.Write(s.Data)
		}
	})
}

// nothing is to be done before split.
func nothing(*ld.Link, *loader.Loader) {}

func section(ctxt *ld.Link, kind byte, content func()) {
	at := writeSecHeader(ctxt, kind)
	content()
	writeSecSize(ctxt, at)
}

func indexOf(ldr *loader.Loader, fn loader.Sym) int64 { return ldr.SymValue(fn)>>16 - funcValueOffset }

func typeOf(ldr *loader.Loader, fn loader.Sym, types *[]*wasmFuncType) uint32 {
	typ := uint32(0)
	if sig, ok := wasmFuncTypes[ldr.SymName(fn)]; ok {
		typ = lookupType(sig, types)
	}
	if s := ldr.WasmTypeSym(fn); s != 0 {
		var o obj.WasmFuncType
		o.Read(ldr.Data(s))
		typ = lookupType(&wasmFuncType{Params: fieldsToTypes(o.Params), Results: fieldsToTypes(o.Results)}, types)
	}
	return typ
}
