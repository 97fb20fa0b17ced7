"""Go in the page: compiler, linker and the archives of packages, as WebAssembly and packed into scripts; see site/run."""

import base64
import hashlib
import json
import lzma
import os
import re
import shutil
import struct
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from execute import Line
from lessons import BUILD, ROOT, Problem, alone, renew

SOURCE = ROOT / "site/run"
PAGE = {"GOOS": "js", "GOARCH": "wasm", "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -tags=minimal,safe,simd128", "GOWORK": "off"}
SMALL = ("-trimpath", "-ldflags=-s -w")


def built(store):
    """Builds what the pages load into store, unless what it is made of is as it was there."""
    with alone(store):
        renew(store, fingerprint(), into)


def into(part):
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as work:
        build(Path(work), part)
    Line().end(f"Go for the pages  {time.monotonic() - start:.1f} s")


def build(work, store):
    goroot = Path(go("env", "GOROOT").strip())
    overlay = tools_overlay(work, goroot)
    for name in ("compile", "link"):
        go("build", "-overlay", overlay, *SMALL, "-o", work / f"{name}.wasm", f"cmd/{name}")
    go("build", "-overlay", overlay, *SMALL, "-o", work / "compose.wasm", "./site/run/compose")
    importable = (SOURCE / "packages.txt").read_text(encoding="utf-8").split()
    listed = go("list", f"-modfile={fewer_fonts(work)}", "-overlay", replaced(work, in_the_page(goroot) | in_cells(goroot)), "-export", "-deps", "-trimpath", "-gcflags=all=-dwarf=false",
                "-f", "{{.ImportPath}}\t{{.Name}}\t{{.Export}}\t{{with .Module}}{{.Path}}{{end}}", *importable)  # fmt: skip
    packages = [line.split("\t") for line in listed.splitlines()]
    archives, config, known = [], [], {}
    for number, (path, _, export, _) in enumerate(packages):
        if export:
            archive = with_short_hashes(Path(export).read_bytes(), known)
            archives.append((f"/packages/{number}.a", archive if path in importable else without_exports(archive)))
            config.append(f"packagefile {path}=/packages/{number}.a\n")
    names = {path: name for path, name, *_ in packages if path in importable}
    archives += [("/importcfg", "".join(config).encode()), ("/warm.go", (SOURCE / "warm/main.go").read_bytes())]
    data = sorted(p for p in (ROOT / "notebooks/data").iterdir() if p.is_file() and p.suffix != ".py")
    parts = {
        "toolchain": [
            *((f"{name}.wasm", (work / f"{name}.wasm").read_bytes()) for name in ("compile", "link", "compose")),
            *((f"{name}.wasm", (ROOT / f"internal/simd/wasm/{name}.wasm").read_bytes()) for name in ("fused", "exact")),
            ("packages.json", json.dumps(names).encode()),
            ("wasm_exec.js", (goroot / "lib/wasm/wasm_exec.js").read_bytes()),
            *((name, (SOURCE / name).read_bytes()) for name in ("files.js", "kernels.js", "worker.js")),
        ],
        "packages": archives + [(f"/notebooks/data/{p.name}", p.read_bytes()) for p in data],
    }
    with ThreadPoolExecutor() as beside:
        about = dict(zip(parts, beside.map(lambda name: pack(store, name, parts[name]), parts)))
    engine = (SOURCE / "engine.js").read_text(encoding="utf-8")
    lzma_js = base64.b64encode((SOURCE / "lzma.wasm").read_bytes()).decode()
    (store / "engine.js").write_text(
        f'{engine}UnrollEngine.parts = {json.dumps(about)};\nUnrollEngine.lzma = "{lzma_js}";\n', encoding="utf-8"
    )
    (store / "licences.txt").write_text(licences(goroot, packages), encoding="utf-8")


def replaced(work, changes, added=()):
    """An overlay of source files, each changed by patterns that must match, and of others."""
    replace = {str(path): str(source) for path, source in added}
    for number, (file, patterns) in enumerate(changes.items()):
        text = Path(file).read_text(encoding="utf-8")
        for pattern, put in patterns:
            text, count = re.subn(pattern, put, text)
            if not count:
                raise Problem(f"Go for the pages cannot be made: {file} has no {pattern}")
        target = work / f"{number}-{Path(file).name}"
        target.write_text(text, encoding="utf-8")
        replace[str(file)] = str(target)
    overlay = work / f"{Path(file).name}.json"
    overlay.write_text(json.dumps({"Replace": replace}))
    return overlay


def in_the_page(goroot):
    """What is other in the page's Go, of the tools and of cells' programs."""
    linux = (goroot / "src/syscall/zerrors_linux_amd64.go").read_text(encoding="utf-8")
    numbers = dict(re.findall(r"\t(E\w+) += Errno\((\w+)\)", linux))
    texts = {int(number): text for number, text in re.findall(r'\t(\d+): +"(.*)",', linux[: linux.index("var signals")])}

    def as_on_linux(match):
        return match[1] + json.dumps(texts[int(numbers[match[2]], 0)]) if match[2] in numbers else match[0]

    return {
        # A fault of Go 1.26: on wasm a hash has 32 bits, but that of a nil interface is the map's seed, which has 64. Where a map has more
        # than one table, which it has from 897 keys on, the program crashes; so did the compiler, with 500 statements in a function.
        goroot / "src/runtime/alg.go": [(r"(if (?:tab|t) == nil \{\n\t\treturn )h\n", r"\1trimHash(h)\n")],
        # A function's number is in its address: a table of them took a third of what each cell's program has in memory at the start.
        goroot / "src/runtime/symtab.go": [(r"(?s)\tb := x / abi\.FuncTabBucketSize\n.*?(?=\n\t// Find the ftab entry)", "\tidx := uint32(x >> 16)\n")],
        # Where the collector of garbage expects little more to mark, one look at 64 kB lets a goroutine allocate 300 MB before the next, for
        # other threads mark meanwhile. Here are none: a program of 100 MB took 500 now and then.
        goroot / "src/runtime/mgcmark.go": [(r"debtBytes = (int64\(assistBytesPerWork \* float64\(scanWork\)\))", r"debtBytes = min(\1, debtBytes+gcOverAssistWork)")],
        # What is printed is written at once, as panics are: a goroutine that waits for JavaScript to have written takes 140 µs a line,
        # and waits for ever where another one is always busy.
        goroot / "src/syscall/fs_js.go": [(r'(\t"syscall/js"\n)', r'\1\t"unsafe"\n'), (r"(?=func Write\(fd int)", WASM_WRITE), (r"(func Write\(fd int.*\n)", r"\1" + AT_ONCE)],
        # What is wrong with a file is said as on the kernel.
        goroot / "src/syscall/tables_js.go": [(r'(\t(E\w+): +)"[^"]*"', as_on_linux)],
    }


def in_cells(goroot):
    """What is other in the packages of cells' programs: their kernels have math.Exp with the bits that it has on amd64."""
    return {goroot / "src/math/exp_noasm.go": [(r"haveArchExp = false", "haveArchExp = true"), (r"(?s)func archExp.*", GO_EXP)]}


GO_EXP = """//go:wasmimport simd goexp
//go:noescape
func goexp(x float64) float64

func archExp(x float64) float64 {
	switch {
	case IsNaN(x) || IsInf(x, 1):
		return x
	case x > 7.09782712893384e+02:
		return Inf(1)
	case x < -800:
		return 0
	}
	return goexp(x)
}
"""

WASM_WRITE = """//go:wasmimport gojs runtime.wasmWrite
//go:noescape
func wasmWrite(fd uintptr, p unsafe.Pointer, n int32)

"""
AT_ONCE = """	if fd == 1 || fd == 2 {
		if len(b) > 0 {
			wasmWrite(uintptr(fd), unsafe.Pointer(&b[0]), int32(len(b)))
		}
		return len(b), nil
	}
"""


def tools_overlay(work, goroot):
    """The compiler and the linker without other processors than wasm."""
    others = "amd64|arm|arm64|loong64|mips|mips64|ppc64|riscv64|s390x|x86"
    src = goroot / "src"
    return replaced(work, in_the_page(goroot) | {
        src / "cmd/compile/main.go": [(rf'\t"cmd/compile/internal/({others})"\n', ""), (r'\t"(?!wasm)\w+": +\w+\.Init,\n', "")],
        src / "cmd/link/main.go": [
            (rf'\t"cmd/link/internal/({others})"\n', ""),
            (r'\tcase (?!"wasm")".*:\n\t\tarch, theArch = \w+\.Init\(\)\n', ""),
        ],
        src / "cmd/compile/internal/ssa/opGen.go": [
            (r"(?s)\tOpInvalid Op = iota\n.*?\n\}\n", wasm_alone),
            (r"(\t\{\d+, )(?!wasm)\w+\.REG\w*", r"\g<1>0"),
            (r'\t"cmd/internal/obj/(?!wasm)\w+"\n', ""),
        ],
        src / "cmd/compile/internal/ssa/config.go": [(r"= rewrite(Block|Value)(?!Wasm|dec)[A-Z0-9]\w*", "= nil")],
        # Each growth of the memory takes an engine long, so it grows by 64 MB at a time, and what an earlier link had is there.
        src / "runtime/mem_wasm.go": [
            (r"(?=\tif bl\+n > blocMax)", "\tif have := uintptr(currentMemory()) * physPageSize; have > blocMax {\n\t\tblocMax = have\n\t}\n"),
            (r"grow := \(bl \+ n - blocMax\) / physPageSize\n", "grow := max((bl+n-blocMax)/physPageSize, 1024)\n"),
            (r"blocMax = bl \+ n\n", "blocMax += grow * physPageSize\n"),
        ],
        # What only importers read of a package, the linker checks and forgets: the program's is enough.
        src / "cmd/link/internal/ld/go.go": [(r"if \*flagG \{", 'if lib.Pkg != "main" {')],
        # A linker's memory is not given back before the next link, so what it writes does not grow by copies of itself;
        # and the functions' names, which the program has not, are not made.
        src / "cmd/link/internal/ld/outbuf.go": [(r"\t\tout\.heap = append\(out\.heap, .*\n", OUTPUT)],
        src / "cmd/link/internal/wasm/asm.go": [
            (r"name := nameRegexp\.ReplaceAllString\(ldr\.SymName\(fn\), \"_\"\)", 'name := ""'),
            (r'\t"regexp"\n|var nameRegexp = .*\n', ""),
        ],
        # No table of functions by their addresses, as in_the_page says.
        src / "cmd/link/internal/ld/pcln.go": [
            (r"(writeFindFuncTab := func\(_ \*Link, s loader\.Sym\) \{\n)", r"\1\t\treturn\n"),
            (r"size := 4\*int64\(nbuckets\) \+ int64\(n\)", "size := int64(4)"),
        ],
        # The programs of cells share a base: see base.go.
        src / "cmd/link/internal/wasm/obj.go": [(r"asmb2,", "split,"), (r"asmb,", "nothing,")],
        src / "cmd/link/internal/ld/deadcode.go": [
            (r"(?=\td\.mapinitnoop = )", "\td.markBase()\n"),
            (r"d\.ctxt\.canUsePlugins && (r\.Type)", r"\1"),  # a base calls what makes a package's maps, whoever reads them
            (r"(?=\td\.mapinitcleanup\(\)\n)", "\td.findBase()\n"),
        ],
        src / "cmd/link/internal/ld/data.go": [
            (r'(?=\ttext := ctxt\.xdefine\("runtime\.text")', "\tctxt.baseFirst()\n"),
            (r"(?=\t// Sort symbols\.\n)", "\tstate.takeOthers()\n"),
            (r"(?s)(\t/\* bss \*/\n.*?)(\t/\* pointer-free bss \*/\n.*?)(?=\t// Code coverage counters)", r"\2\1"),
            (r"(?=\tbssGcEnd := )", "\tstate.addRest(sect, rest[:pointers])\n"),
            (r"(?=\t// Code coverage counters)", REST),
            (r"int64\(noptrbss\.Vaddr\+noptrbss\.Length\)", "int64(Segdata.Vaddr+Segdata.Length)"),
            (r"(\t\tgc\.AddSym\(s\)\n\t\t\}\n)", r"\1" + POINTERS),
            (r"(?=\t/\* gopclntab \*/\n)", "\tstate.addConstants(sect)\n"),
            (r"(\t\tctxt\.datap = append\(ctxt\.datap, state\.data\[symn\]\.\.\.\)\n\t\}\n)", r"\1\tctxt.datap = append(append(ctxt.datap, constants...), rest...)\n"),
            (r"if ctxt\.IsWasm\(\) && i == 0 && va < wasmMinDataAddr \{\n\t\t\tva = wasmMinDataAddr", "if i == 0 {\n\t\t\tva = baseText"),
            (r"\*FlagDataAddr != -1", "true"),
            (r"uint64\(\*FlagDataAddr\)", "baseData"),
            (r"(?=\tfor _, si := range dwarfp \{\n\t\tfor _, s := range si\.syms)", "\tctxt.inOrder()\n"),
        ],
        src / "cmd/link/internal/ld/lib.go": [
            # A linker that has all packages when it opens what a cell became: worker.js keeps its memory.
            (r"\ti := 0\n(?=\tfor ; i < len\(ctxt\.Library\))", PACKAGES_FIRST),
            # A variable of the runtime is of one kind, whether a program has a profile of its memory or not.
            (r"memProfile != 0 && !ctxt\.loader\.AttrReachable\(memProfile\)", "memProfile != 0"),
            (r"sb\.AddUint8\(1\) // true bool", PROFILED),
        ],
        src / "cmd/link/internal/loader/loader.go": [
            (r"(?=func \(l \*Loader\) LoadSyms)", PROGRAM),
            (r"(?=\tfor _, vr := range st\.linknameVarRefs)", PROGRAM_LAST),
            # The linker takes the larger of two symbols of the same name, or hash (of "A" and of 65, for one). But a package's stays.
            (r"existed := checkHash\(\); existed \{", "existed := checkHash(); existed && (Packages == 0 || siz <= s.size) {"),
            (r"if oldsz < sz \{\n\t\t\t// new", "if oldsz < sz && Packages == 0 {\n\t\t\t// new"),
            (r"(\n\t*h = r\.Hash\(.*\))", rf"\1\nclear(h[{SHORT}:])"),
        ],
        src / "runtime/rt0_js_wasm.s": [(r"(TEXT wasm_export_run\(SB\),NOSPLIT,\$0\n)", r"\1" + SLEEP)],
    }, [(src / f"cmd/link/internal/{name}", SOURCE / "_link" / Path(name).name) for name in ("ld/base.go", "wasm/split.go")])  # fmt: skip


def wasm_alone(match):
    """The compiler's table of operations with nothing about those of other processors."""
    names, table = match[0].split("\nvar opcodeTable = [...]opInfo{\n")
    names = re.findall(r"^\tOp(\w+)", names, re.M)
    entries = re.findall(r"^\t\{(?:\n(?:\t\t.*\n)*\t\}|.*\}),\n", table, re.M)
    others = ("386", "AMD64", "ARM", "LOONG64", "MIPS", "PPC64", "RISCV64", "S390X")
    kept = ("\t{},\n" if name.startswith(others) else entry for name, entry in zip(names, entries, strict=True))
    return match[0].split("opInfo{\n")[0] + "opInfo{\n" + "".join(kept) + "}\n"


# The linker loads the packages, and their symbols, before the program, which is the first of its libraries.
PACKAGES_FIRST = """
	paths := make([]string, 0, len(ctxt.PackageFile))
	for path := range ctxt.PackageFile {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		loadinternal(ctxt, path)
	}
	i := 1
	for ; i < len(ctxt.Library); i++ {
		loadobjfile(ctxt, ctxt.Library[i])
	}
	loader.Program = func() { loadobjfile(ctxt, ctxt.Library[0]) }
"""
PROGRAM = """// Program loads the program, the last object.
var Program func()

// Packages is the first symbol that is not one of a package.
var Packages Sym

"""
PROGRAM_LAST = """
	Packages = Sym(l.NSym())
	Program()
	for _, kind := range []int{pkgDef, hashed64Def, hashedDef, nonPkgDef} {
		st.preloadSyms(l.objs[len(l.objs)-1], kind)
	}
"""

PROFILED = """
			disabled := uint8(1)
			if ctxt.loader.AttrReachable(memProfile) {
				disabled = 0
			}
			sb.AddUint8(disabled)
"""
REST = """
	sect = state.allocateNamedDataSection(&Segdata, ".rest", []sym.SymKind{sym.SNOPTRBSS}, 06)
	state.addRest(sect, rest[pointers:])
"""
POINTERS = """
		if g.symKind == sym.SBSS {
			for _, s := range rest[:pointers] {
				gc.AddSym(s)
			}
		}
"""

OUTPUT = """
		if lenNeeded > int64(cap(out.heap)) {
			out.heap = append(make([]byte, 0, max(2*lenNeeded, 16<<20)), out.heap...)
		}
		out.heap = out.heap[:lenNeeded]
"""

# run(-1, p) writes to p what a program that sleeps has beside its memory, and run(-2, p) takes it from there:
# the stack pointer and the goroutine; and run(-1, p) writes behind them where what it has taken of its memory ends.
SLEEP = """
	Get R0
	I32Const $-1
	I32Eq
	If
		Get R1
		Get SP
		I32Store $0
		Get R1
		Get g
		I64Store $8
		Get R1
		I64Const $runtime·bloc(SB)
		I32WrapI64
		I64Load $0
		I64Store $16
		Return
	End
	Get R0
	I32Const $-2
	I32Eq
	If
		Get R1
		I32Load $0
		Set SP
		Get R1
		I64Load $8
		Set g
		Return
	End
"""


def fewer_fonts(work):
    """A go.mod whose gonum/plot is without TeX and without the fonts in which no figure of ours has a letter: two megabytes."""
    module = Path(go("list", "-m", "-f", "{{.Dir}}", "gonum.org/v1/plot").strip())
    shutil.copytree(module, work / "plot", copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("testdata", "*_test.go"))
    for folder, _, _ in os.walk(work / "plot"):
        os.chmod(folder, 0o755)  # the module cache's are read-only
    (work / "plot/text/latex.go").unlink()
    unused = r"liberation(?:mono\w+|serif(?!regular)\w+|sans\w*italic)"
    file = work / "plot/font/liberation/liberation.go"
    changed = replaced(work, {file: [
        (rf'\t"codeberg\.org/go-fonts/liberation/{unused}"\n', ""),
        (rf"\t\taddColl\(font\.Font\{{[^{{}}]*\}}, {unused}\.TTF\)\n", ""),
    ]})  # fmt: skip
    [text] = json.loads(changed.read_text())["Replace"].values()
    shutil.copyfile(text, file)
    shutil.copyfile(ROOT / "go.sum", work / "go.sum")
    (work / "go.mod").write_text((ROOT / "go.mod").read_text() + f"\nreplace gonum.org/v1/plot => {work / 'plot'}\n")
    return work / "go.mod"


def without_exports(archive):
    """The archive of a package that no cell may import, without what only its importers read."""
    size = int(archive[8 + 48 : 8 + 58])
    name, content, rest = archive[8 : 8 + 16], archive[8 + 60 : 8 + 60 + size], archive[8 + 60 + size + size % 2 :]
    head, marked, _ = content.partition(b"\n$$B\n")
    if name.rstrip() != b"__.PKGDEF" or not marked:
        raise Problem("Go for the pages cannot be made: an archive is not as this version of Go has it")
    content = head + b"\n$$B\nu\n$$\n"
    padded = content + b"\n" * (len(content) % 2)
    return archive[: 8 + 48] + b"%-10d" % len(content) + archive[8 + 58 : 8 + 60] + padded + rest


OBJECT = b"\0go120ld"  # how an object file begins: magic, 8 + 4 bytes, the places of its blocks
HASHES, HASH = 10, 16  # the block of the content hashes of symbols, and the bytes of one: see cmd/internal/goobj
SHORT = 6  # bytes of a hash, by which the linker for the page finds equal symbols


def with_short_hashes(archive, known):
    """The archive with SHORT bytes of each content hash: they do not compress, and took a megabyte. Of the few
    thousand symbols of a cell, one has a wrong twin among those of the packages in one of a million cells."""
    made = bytearray(archive)
    at = archive.find(OBJECT)
    while at >= 0:
        begin, end = struct.unpack_from("<2I", archive, at + len(OBJECT) + 12 + 4 * HASHES)
        for place in range(at + begin, at + end, HASH):
            whole = archive[place : place + HASH]
            if known.setdefault(whole[:SHORT], whole) != whole:
                raise Problem("Go for the pages cannot be made: two symbols have the same short hash; raise SHORT")
            made[place + SHORT : place + HASH] = bytes(HASH - SHORT)
        at = archive.find(OBJECT, at + end)
    return bytes(made)


PIECE = 1 << 20  # bytes of a script, so that a page can show how much of a part is there
LZMA = {"id": lzma.FILTER_LZMA1, "preset": 9, "dict_size": 1 << 27, "nice_len": 273, "lc": 3, "lp": 0, "pb": 2}  # as lzma.c wants it


def pack(store, part, files):
    """Writes files into scripts: a header of names and sizes, then their bytes, as LZMA in base64. Returns what
    engine.js has to know: the sizes before and after, and how many scripts there are."""
    header = json.dumps([[name, len(content)] for name, content in files]).encode()
    raw = struct.pack("<I", len(header)) + header + b"".join(content for _, content in files)
    packed = lzma.compress(raw, lzma.FORMAT_RAW, filters=[LZMA])
    pieces = [packed[at : at + PIECE] for at in range(0, len(packed), PIECE)]
    for number, piece in enumerate(pieces):
        text = base64.b64encode(piece).decode()
        (store / f"{part}-{number}.js").write_text(f'unrollPart("{part}-{number}", () => {{/*{text}*/}});\n', encoding="ascii")
    return {"size": len(raw), "packed": len(packed), "pieces": len(pieces)}


def licences(goroot, packages):
    """The licences of Go and of the modules whose packages are in the page, with those of their fonts."""
    texts = {"Go": (goroot / "LICENSE").read_text(encoding="utf-8")}
    modules = sorted({module for *_, module in packages if module})
    for line in go("list", "-m", "-f", "{{.Path}}\t{{.Dir}}", *modules).splitlines():
        name, folder = line.split("\t")
        found = [p for p in Path(folder).iterdir() if re.match(r"(?i)(licen[sc]e|copying|ofl|notice)", p.name) and p.is_file()]
        if name != "unroll" and not found:
            found = [p for p in Path(folder).parent.iterdir() if re.match(r"(?i)licen[sc]e", p.name)]
        if not found and not Path(folder).is_relative_to(ROOT):
            raise Problem(f"Go for the pages cannot be made: module {name} has no licence")
        found += (p for p in Path(folder).glob("licenses/ftl.txt"))  # of the two that freetype offers
        for p in sorted(found):
            texts[f"{name}: {p.name}"] = p.read_text(encoding="latin-1" if p.name == "ftl.txt" else "utf-8")
    texts["Hangul in figures"] = (ROOT / "plots/hangul/OFL.txt").read_text(encoding="utf-8")
    return "\n\n".join(f"{name}\n{'=' * len(name)}\n\n{text.strip()}" for name, text in texts.items()) + "\n"


def fingerprint():
    """A digest of what the page's Go is made of."""
    digest = hashlib.sha256(go("env", "GOVERSION").encode())
    files = [ROOT / "go.mod", ROOT / "go.sum", Path(__file__)]
    files += [p for p in (ROOT / "notebooks/data").iterdir() if p.is_file() and p.suffix != ".py"]
    for folder in ("site/run", "lesson", "plots", "exercise", "internal"):
        files += [p for p in (ROOT / folder).rglob("*") if p.is_file() and not re.search(r"_test\.go$|\.md$|\.mjs$|/run/times\.json$|/testdata/|/run/page/", str(p))]
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def long_cells(slug):
    """The cells of a lesson, in any language, that run for a while in the page, by id: seconds as a reader wants to know them."""
    cells = json.loads((SOURCE / "times.json").read_text(encoding="utf-8"))["cells"]
    found = {name.split("/")[-1]: row["page"] for name, row in cells.items() if name.startswith(f"{slug}/")}
    return {cell: 5 * round(seconds / 5) for cell, seconds in found.items() if seconds >= 10}


def in_node(script, *arguments, seconds=1800):
    """Runs a script of site/run on what is built in build/run, and returns what it says; it raises Problem if the script fails."""
    command = [*node(), "--stack-size=8192", SOURCE / script, BUILD / "run", *arguments]
    done = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=seconds)
    if done.returncode:
        raise Problem(done.stdout + done.stderr)
    return done.stdout


def node():
    """The command of node with relaxed SIMD, which is behind a flag in node 20; a later one, where it is on, may not know it."""
    relaxed = ["node", "--experimental-wasm-relaxed-simd"]
    return ["node"] if subprocess.run([*relaxed, "-e", ""], capture_output=True).returncode else relaxed


def go(*arguments):
    done = subprocess.run(["go", *map(str, arguments)], cwd=ROOT, env=os.environ | PAGE, capture_output=True, text=True)
    if done.returncode:
        raise Problem(f"Go for the pages cannot be made: go {arguments[0]} says\n{done.stderr.strip()}")
    return done.stdout
