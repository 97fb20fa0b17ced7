"""Makes small sites and reads their pages as a browser's parser would."""

import importlib.util
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

import figures
import markup
import pdf
import website
from compare import compare
from execute import execute
from lessons import Lesson, Problem, find
from markup import csp_hash
from samples import code, display, stream

SVG = '<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg width="9pt" height="9pt" viewBox="0 0 9 9"><path d="M0,0"/></svg>'


@pytest.fixture
def site(lesson, tmp_path):
    """site(cells…) makes a site with one lesson of these cells and gives its page; site.out is the folder."""

    def make(*cells):
        lesson("01-sample", *cells)
        website.build(find(base=tmp_path / "notebooks"), out=make.out)
        return page(make.out / "sample.html")

    make.out = tmp_path / "html"
    return make


def page(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def refused(site, *cells):
    with pytest.raises(Problem) as caught:
        site(*cells)
    return str(caught.value)


# Formulas


@pytest.mark.parametrize("tex", [
    r"h_t = \tanh(W_x x_t + W_h h_{t-1} + b)",
    r"\tilde{C}_t = \tanh(W_C [h_{t-1}, x_t] + b_C)",
    r"C_t = f_t \odot C_{t-1} + i_t \odot \tilde{C}_t",
    r"\left\lVert \frac{\partial h_T}{\partial h_{T-k}} \right\rVert_2 \le \sigma^k",
    r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
    r"\prod_{i=t+1}^{T} W_h^\top \operatorname{diag}(1 - h_i^2)",
    r"x \in \mathbb{R}^{32 \times 10 \times 128} \text{ if } a < b",
])
def test_formulas_become_mathml(site, tex):
    soup = site(f"# T\n\nInline ${tex}$, and\n\n$$\n{tex}\n$$\n")
    formulas = soup.find("main").find_all("math")
    assert [m.get("display") for m in formulas] == [None, "block"]
    for m in formulas:
        assert m.find("annotation").text == tex
        m.find("annotation").extract()
        assert m.find("mi") and "\\" not in m.text and "$" not in soup.find("main").text


def test_a_formula_stays_with_the_letters_that_belong_to_it(site):
    main = site("# T\n\n$h_t$는 $k$번째고, $n$-gram의 $x$, $y$ 그리고 $z$th.\n\n$$\nx\n$$\n는").main
    assert [(part.annotation.text, list(part.strings)[-1]) for part in main.select(".whole")] == [("h_t", "는"), ("k", "번째고"), ("z", "th")]


def test_formulas_that_do_not_end_are_looked_through_once():
    for text in ("<math>" * 300_000, "<math>" * 300_000 + "</math>" * 300_000):
        assert markup.whole(text) == text  # each from each beginning would take hours


def test_a_formula_in_an_output(site):
    soup = site("# T", code("f()", [display({"text/latex": "$$x^2$$", "text/plain": "x^2"})]))
    assert soup.find("main").find("msup")


def test_a_formula_that_cannot_be_shown_stops_the_build_by_name(site):
    said = refused(site, "# T", code("f()"), r"So $\nosuch{x}$ holds.")
    assert said == r'01-sample, text after cell 1: the formula \nosuch{x} cannot be shown: Unknown command "\nosuch".'
    assert "text at the top: the formula {x cannot" in refused(site, "# T\n\n${x$")
    assert not site.out.exists()


# What a page may not carry


@pytest.mark.parametrize("evil", [
    "<script>window.caught = 1</script>",
    "text <script>window.caught = 1</script> text",
    '<img src="data:," onerror="window.caught = 1">',
    '<div onmouseover="window.caught = 1" style="position: fixed; inset: 0; background: url(//evil)">x</div>',
    "[x](javascript:window.caught=1)",
    "<javascript:window.caught=1>",
    '<a href="jav&#x09;ascript:window.caught=1">x</a>',
    '<a href="data:text/html,<script>window.caught=1</script>">x</a>',
    '<svg onload="window.caught = 1"><script>window.caught = 1</script></svg>',
    '<iframe srcdoc="<script>parent.caught = 1</script>"></iframe>',
    '<math><mi xlink:href="javascript:window.caught=1">x</mi></math>',
    r"$\text{<script>window.caught = 1</script>}$",
    '![$" onerror="window.caught=1" x="$](data:,)',
    '# <script>window.caught = 1</script>',
    "<style>@import '//evil';</style>",
    "<meta http-equiv=refresh content='0;url=//evil'>",
    '<form action="//evil"><input name=x><button>x</button></form>',
])
def test_markdown_brings_nothing_that_runs(site, evil):
    plain = site("# T")
    soup = site("# T", evil + "\n\nafter", code("f()", [display({"text/markdown": evil})]))
    main = soup.find("main")
    assert not main.find_all(["script", "iframe", "svg", "form", "style", "meta"])
    for tag in ("script", "style", "meta[http-equiv]"):
        assert soup.select(tag) == plain.select(tag)
    assert all(meta.get("http-equiv") or set(meta.attrs) <= {"charset", "name", "property", "content"} for meta in soup.select("meta"))
    for tag in main.find_all(True):
        for name, value in tag.attrs.items():
            value = " ".join(value) if isinstance(value, list) else value
            assert not name.startswith("on") and "javascript" not in re.sub(r"\s", "", value.lower())
            assert name != "style" or not re.search("url|position", value)
            assert name != "href" or not value.startswith("data:text")
    assert "after" in soup.find("main").text


def test_text_is_escaped_and_html_from_a_cell_is_shown(site):
    soup = site("# T", code('f("<i>x</i>")', [
        stream("<b>1</b>\x1b[31mred\x1b[0m\n"),
        display({"text/plain": "<u>2</u>"}),
        display({"text/html": "<table><tr><td>3</td></tr></table>", "text/plain": "three"}),
        {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["<s>undefined: x</s>"]},
    ]))
    main = soup.find("main")
    assert not main.find_all(["b", "u", "i", "s"])
    assert "<b>1</b>red" in main.text and "<u>2</u>" in main.text and "<s>undefined: x</s>" in main.text
    assert main.find("td").text == "3" and "three" not in main.text


# Figures and code


def test_figures_stand_in_the_page_with_their_alternative(site):
    alt = 'Falls from 1 to "3e-9" at <50>'
    soup = site("# T", code("f()", [
        display({"image/svg+xml": SVG, "image/png": "iVBORw0KGgo=", "text/plain": alt}),
        display({"image/png": "iVBORw0KGgo=\n", "text/plain": alt}),
    ]))
    drawn = soup.find("svg")
    assert drawn["role"] == "img" and drawn["aria-label"] == alt
    assert [img["alt"] for img in soup.find_all("img")] == [alt]
    text = (site.out / "sample.html").read_text()
    assert "<?xml" not in text and "<!DOCTYPE svg" not in text and "No description" not in text


def test_figures_of_package_plots_keep_their_own_name_and_offer_their_numbers(site):
    svg = '<svg role="img" aria-labelledby="f-t f-d"><title id="f-t">T</title><desc id="f-d">falls</desc></svg>'
    output = display({"image/svg+xml": svg, "text/plain": "falls", "text/csv": 'k,"norm, first"\n0,1\n1,<0.5\n'})
    output["metadata"] = {"text/csv": {"note": "Every second row."}}
    figure = site("# T", code("f()", [output])).select_one("figure")
    assert not figure.svg.has_attr("aria-label") and figure.desc.text == "falls"
    assert [[cell.text for cell in row.find_all(["th", "td"])] for row in figure.find_all("tr")] == [
        ["k", "norm, first"], ["0", "1"], ["1", "<0.5"]
    ]
    assert figure.details.p.text == "Every second row."


def test_a_figure_without_alternative_stops_the_build_by_name(site):
    said = refused(site, "# T", code("f()", [display({"image/svg+xml": SVG})]))
    assert said == "01-sample, cell 1: a figure comes without a text alternative (text/plain)"


def test_code_is_coloured_as_go(site):
    soup = site("# T", code("%%\nfunc f() { defer g(`raw`) } // why"))
    keywords = [span.text for span in soup.select("pre .k, pre .kd")]
    assert keywords == ["func", "defer"]
    assert soup.select_one("pre .s").text == "`raw`" and soup.select_one("pre .c1").text == "// why"
    assert soup.select_one("pre")["tabindex"] == "0"


def test_what_stands_below_an_empty_corner_heads_its_row(site):
    soup = site("# T\n\n| | a | b |\n|---|---|---|\n| **x** | 1 | 2 |\n| $y$ | 3 | 4 |\n\n| c | d |\n|---|---|\n| 5 | 6 |")
    with_corner, without = soup.find("main").find_all("table")
    assert [row.find(["td", "th"]).name for row in with_corner.find_all("tr")] == ["td", "th", "td"]
    assert {th["scope"] for th in with_corner.select("tbody th")} == {"row"}
    assert [row.find(["td", "th"]).name for row in without.find_all("tr")] == ["th", "td"]


def test_tables_have_names(site):
    table = "| a |\n|---|\n| 1 |"
    output = display({"image/svg+xml": SVG.replace("<path", "<title>Loss &amp; norm</title><path"), "text/plain": "alt", "text/csv": "k\n0\n"})
    soup = site(f"# T\n\nA text. These are *all* of $x_t$:\n\n{table}", f"Not this.\n\n## On **trial**\n\nNor this.\n\n{table}\n\nAnd these:\n\n{table}", f"{'Too long ' * 20}:\n\n{table}", code("f()", [output]))
    assert [table.get("aria-label") for table in soup.select("main table")] == ["These are all of x_t", "On trial", "And these", "On trial", "Loss & norm"]


def test_titles_of_papers_lead_to_them(site):
    soup = site("# T\n\nJ. L. Elman, *Finding structure in\ntime*, and *finding* it; [*Distributional structure*](https://example.org/); W. Baur, *The complexity of partial derivatives*, and *Attention is all you need*.")
    assert [(a["href"], " ".join(a.text.split())) for a in soup.select("main p a")] == [
        ("https://doi.org/10.1207/s15516709cog1402_1", "Finding structure in time"), ("https://example.org/", "Distributional structure"),
        ("https://doi.org/10.1016/0304-3975(83)90110-X", "The complexity of partial derivatives"), ("https://arxiv.org/abs/1706.03762", "Attention is all you need"),
    ]  # fmt: skip


def test_every_reference_is_well_formed_and_cited():
    text = " ".join(" ".join(cell.source.split()) for lesson in find() for cell in website.read(lesson.path).cells if cell.cell_type == "markdown")
    for row in Path(markup.__file__).parents[1].joinpath("references.tsv").read_text(encoding="utf-8").splitlines():
        key, title = row.split("\t")
        assert re.fullmatch(r"10\.\d{4,9}/[\w.()/;:-]+|\d{2}(0[1-9]|1[0-2])\.\d{4,5}", key), row
        assert f"*{title}*" in text, row
        if stated := re.search(rf"\*{re.escape(title)}\*, arXiv:([\d.]+)", text):
            assert key == stated[1].rstrip("."), row
    assert len(markup.references()) == len({url.lower() for url in markup.references().values()}) > 60


def test_solutions_are_folded(site):
    soup = site(
        "# T\n\n<details><summary>Solution</summary>\n\nIt is $x$.\n\n</details>",
        code("f()", tags=["solution"]),
    )
    words, cell = soup.select("main details")
    assert words.find("math") and cell.find("summary").text == "Solution" and "f()" in cell.text
    assert not words.has_attr("open") and not cell.has_attr("open")


def test_what_a_prediction_is_asked_for_is_folded(site):
    soup = site(
        "# T\n\n**Predict before you run.** One or two?",
        code("a()", [stream("1\n")]), code("b()"), code("c()", [display({"image/svg+xml": SVG, "text/plain": "alt"}), stream("2\n")]),
        "You may predict that nothing is folded here.", code("d()", [stream("3\n")]),
        "**Predict** the shape.", code("e()", [stream("4\n")]),
        "**Predict.** This one is an exercise.", code("%%\nexercise.Shape.Check(1)", [stream("Not yet\n")]),
    )  # fmt: skip
    folded = soup.select("main details.answer")
    assert [[pre.text for pre in answer.select("pre, svg")] for answer in folded] == [["1\n"], ["", "2\n"], ["4\n"]]
    assert {answer.find("summary").text for answer in folded} == {"Show what comes out"}
    assert not any(answer.has_attr("open") or answer.select(".highlight") for answer in folded)
    assert [pre.text for pre in soup.select(".cell > .outputs pre")] == ["3\n", "Not yet\n"]
    assert soup.select_one("#answers").text == "Show all answers"
    assert not site("# T", code("d()", [stream("3\n")])).select("#answers, .answer")


# The site as a whole


def test_cover_and_neighbours(lesson, tmp_path):
    for name, title in (("01-order", "Order"), ("02-rnn", "The *RNN* equation"), ("ko/01-order", "순서")):
        lesson(name, f"# {title}\n\nWhy {name}, in short.\n\nYou need {title}. More.\n\n## The end")
    out = tmp_path / "html"
    pages = website.build(find(base=tmp_path / "notebooks", language=None), out=out)
    assert len(pages) == 5
    cover = page(out / "index.html")
    assert [(li.a["href"], li.a.text, li.p.text) for li in cover.select(".lessons li")] == [
        ("order.html", "Order", "Why 01-order, in short."),
        ("rnn.html", "The RNN equation", "Why 02-rnn, in short."),
    ]
    first, last = page(out / "order.html"), page(out / "rnn.html")
    assert last.title.text == "The RNN equation · Unroll"
    assert [[a["href"] for a in some.select(".turn a")] for some in (first, last)] == [["rnn.html"], ["order.html"]]


def test_editions_stand_beside_each_other(lesson, tmp_path):
    for name, title in (("01-order", "Order"), ("02-rnn", "The RNN equation"), ("ko/01-order", "순서")):
        lesson(name, f"# {title}\n\nWhy {name}, in short.", f"You need {title}. More.\n\n## {title[::-1]}")
    out = tmp_path / "html"
    website.build(find(base=tmp_path / "notebooks", language=None), out=out)
    first, middle, korean = page(out / "order.html"), page(out / "rnn.html"), page(out / "ko/order.html")
    assert [(a["href"], a["lang"], a.text) for a in first.select(".editions a")] == [("ko/order.html", "ko", "한국어")]
    assert [(a["href"], a["lang"], a.text) for a in korean.select(".editions a")] == [("../order.html", "en", "English")]
    assert not middle.select(".editions, .offer")  # it is not translated
    assert [a.text for a in first.select(".offer[lang=ko][hidden] a")] == ["한국어로 읽기"]
    assert [section["id"] for section in first.main.select("section")] == [section["id"] for section in korean.main.select("section")]
    assert not korean.select(".turn a") and korean.html["lang"] == "ko"
    assert korean.select_one(".way a")["href"] == "../ko/index.html"
    assert korean.select_one("#search")["data-root"] == "../" and korean.select_one("#search")["data-index"] == "../ko/search-index.js"
    assert korean.find("a", string="노트북")["href"] == "01-order.ipynb"
    assert website.read(out / "ko" / "01-order.ipynb").cells[0].source.startswith("# 순서")
    cover = page(out / "ko/index.html")
    assert [(li.a["href"], li.a.text, li.select_one(".takes").text) for li in cover.select(".lessons li")] == [("../ko/order.html", "순서", "읽는 데 약 5분. You need 순서.")]
    assert cover.html["lang"] == "ko" and [a["href"] for a in cover.select(".editions a")] == ["../index.html"]
    found = json.loads((out / "ko/search-index.js").read_text().removeprefix("unrollIndex(").removesuffix(");\n"))
    assert [(s["href"], s["heading"], s.get("english")) for s in found] == [("ko/order.html", "순서", "Order"), ("ko/order.html#%EC%84%9C%EC%88%9C", "서순", "redrO")]
    assert "순서" not in (out / "search-index.js").read_text()


def test_the_cover_says_what_a_lesson_takes(lesson, tmp_path):
    lesson("01-a", "# A\n\nWhy.\n\nYou need [lesson 0](#A) and $x$. Run this cell first.", "word " * 3000)
    lesson("02-b", "# B\n\nYou needn't worry.")
    out = tmp_path / "html"
    website.build(find(base=tmp_path / "notebooks"), out=out)
    first, second = page(out / "index.html").select(".lessons .takes")
    for formula in first.select("math annotation"):
        formula.extract()
    assert first.text == "About 20 minutes to read. You need lesson 0 and x."
    assert second.text == "About 5 minutes to read."


def test_the_cover_has_a_picture_of_each_lesson(lesson, tmp_path):
    def drawn(name):
        svg = f'<svg role="img" aria-labelledby="{name}-t" id="{name}" width="9" viewBox="0 0 9 9" stroke-linejoin="round">'
        svg += f'<title id="{name}-t">T</title><desc>D</desc><text>W<tspan>x</tspan></text><path class="c1" d="{name}"/></svg>'
        return display({"image/svg+xml": svg, "text/plain": "alt"})

    lesson("01-a", "# A", code("f()", [stream("1\n"), drawn("first"), drawn("second")]))
    lesson("02-b", "# B", code("f()", [drawn("first")]), code("g()", [drawn("chosen"), drawn("other")], tags=["cover"]))
    lesson("03-c", "# C")
    out = tmp_path / "html"
    website.build(find(base=tmp_path / "notebooks"), out=out)
    a, b, c = page(out / "index.html").select(".lessons li")
    assert [li.path["d"] for li in (a, b)] == ["first", "chosen"] and not c.svg
    assert a.svg.attrs == {"aria-hidden": "true", "viewbox": "0 0 9 9", "stroke-linejoin": "round"}
    assert not a.svg.find_all(["title", "desc", "text"])


def test_every_lesson_says_what_it_needs(tmp_path):
    website.build(find(), out=tmp_path / "html")
    for takes in page(tmp_path / "html" / "index.html").select(".lessons .takes"):
        assert "You need" in takes.text, takes.parent.h2.text


def test_the_index_of_the_search(lesson, tmp_path):
    lesson("01-a", "# A\n\nIn $\\rho$ short.\n\n## Two\n\n- one </script>\n- two", code("f(x)", [stream("output")]))
    out = tmp_path / "html"
    website.build(find(base=tmp_path / "notebooks"), out=out)
    script = (out / "search-index.js").read_text(encoding="utf-8")
    assert json.loads(script.removeprefix("unrollIndex(").removesuffix(");\n")) == [
        {"href": "a.html", "lesson": "A", "heading": "A", "text": "In ρ short."},
        {"href": "a.html#Two", "lesson": "A", "heading": "Two", "text": "one </script> two f(x)"},
    ]


@pytest.mark.parametrize("tex, text", [
    (r"h_t = \tanh(W_x x_t + W_h h_{t-1} + b)", "h_t = tanh(W_x x_t + W_h h_(t−1) + b)"),
    (r"\frac{\partial h_T}{\partial h_{T-k}}", "∂h_T/∂h_(T−k)"),
    (r"\frac{1 - x}{2\varepsilon}", "(1 − x)/(2ε)"),
    (r"\tilde{C}_t \odot \sigma^k", "C̃_t ⊙ σ^k"),
    (r"\lVert h_1' \rVert_2 \le -\sqrt{2}", "‖h_1′‖_2 ≤ −√2"),
    (r"p_k = \frac{e^{z_k}}{\sum_{j=1}^n e^{z_j}}", "p_k = (e^(z_k))/(∑_(j=1)^n e^(z_j))"),
    (r"\mathbb{R}^{3 \times 4}, \text{ if } \ln 2", "ℝ^(3×4), if ln 2"),
    (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "[1 2; 3 4]"),
])  # fmt: skip
def test_the_search_shows_formulas_as_one_writes_them_in_a_line(site, tex, text):
    assert markup.linear(site(f"# T\n\n${tex}$").main.math) == text


def test_the_contents_have_all_lessons_and_the_sections_of_this_one(lesson, tmp_path):
    lesson("01-a", "# 1. A\n\n## Why", code("%%\nexercise.One.Check(1)"), code("exercise.Two.Check(2)"), code("f()"))
    lesson("02-b", "# 2. *B*\n\n## How\n\n### In parts"), lesson("glossary", "# Words"), lesson("ko/02-b", "# 2. 나", code("exercise.One.Check(1)"))
    out = tmp_path / "html"
    website.build(find(base=tmp_path / "notebooks", language=None), out=out)
    contents = page(out / "b.html").select_one(".contents")
    assert [(a["href"], a.text) for a in contents.select("a")] == [
        ("a.html", "1. A"), ("b.html", "2. B"), ("#How", "How"), ("#In-parts", "In parts"), ("glossary.html", "Words"),
    ]  # fmt: skip
    assert [a["href"] for a in contents.select("[aria-current=page]")] == ["b.html"]
    assert [(place["data-lesson"], place["data-exercises"]) for place in contents.select("[data-exercises]")] == [("a", "2")]
    korean = page(out / "ko/b.html").select_one(".contents")
    assert korean["aria-label"] == korean.summary.text == "차례"
    assert [(li.a["href"], li.small["data-lesson"]) for li in korean.select("li")] == [("../ko/b.html", "b")]  # the progress is one


def test_the_head_says_what_a_page_is_about(lesson, tmp_path, monkeypatch):
    text = "A state that keeps $h_{t-1}$ and <b>&lt;more&gt;</b>: " + "word " * 60
    drawn = display({"image/svg+xml": SVG, "image/png": "aGVsbG8=\n", "text/plain": 'Falls to "1"'})
    lesson("01-a", "# 1. *A*", text, code("f()", [drawn])), lesson("02-b", "# B\n\nShort."), lesson("ko/01-a", "# 1. 가\n\n짧게.")

    def heads():
        website.build(find(base=tmp_path / "notebooks", language=None), out=tmp_path / "html")
        for name in ("a", "b", "index", "ko/a", "ko/index"):
            soup = page(tmp_path / "html" / f"{name}.html")
            yield soup, {meta.get("name") or meta.get("property"): meta["content"] for meta in soup.select("meta[name], meta[property]")}

    monkeypatch.delenv("UNROLL_SITE", raising=False), monkeypatch.delenv("UNROLL_SOURCE", raising=False)
    described = [head["description"] for _, head in heads()]
    assert described[0].startswith("A state that keeps h_(t−1) and <more>: word") and described[0].endswith("word…") and len(described[0]) <= 200
    assert described[1] == "Short." and described[3] == "짧게." and "RNN" in described[2] and described[4].startswith("Go로 배우는")
    for soup, head in heads():
        assert head["og:title"] == soup.title.text and head["og:description"] == head["description"]
        assert not [name for name in head if name in ("og:url", "og:image")]  # they would need an address
        assert not soup.select(".foot a") and soup.select_one("link[rel=icon]")["href"].startswith("data:image/svg+xml,%3Csvg")
    assert not [*(tmp_path / "html").rglob("*.png")]

    monkeypatch.setenv("UNROLL_SITE", "https://example.org/rnn/"), monkeypatch.setenv("UNROLL_SOURCE", "https://example.org/code/blob/main")
    addressed = [*heads()]
    assert [head["og:url"] for _, head in addressed] == [f"https://example.org/rnn/{name}" for name in ("a.html", "b.html", "", "ko/a.html", "ko/")]
    assert [head["og:image"].removeprefix("https://example.org/rnn/") for _, head in addressed] == ["pictures/a.png", *["lesson.png"] * 4]
    assert addressed[0][1]["og:image:alt"] == 'Falls to "1"' and (tmp_path / "html/pictures/a.png").read_bytes() == b"hello"
    assert (tmp_path / "html/lesson.png").stat().st_size <= 300e3
    assert [soup.select_one(".foot a")["href"].removeprefix("https://example.org/code/blob/main/") for soup, _ in addressed] == [
        "notebooks/01-a.ipynb", "notebooks/02-b.ipynb", "site/cover.html.j2", "po/ko/a.po", "site/cover.html.j2",
    ]  # fmt: skip
    assert addressed[3][0].select_one(".foot a").text == "이 페이지의 원본"


def test_only_the_scripts_of_the_page_may_run(site):
    soup = site("# T", code("f()", [display({"text/html": "<b onclick=x()>3</b><script>x()</script>"})]))
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and "unsafe" not in rules["script-src"]
    ours = [csp_hash(script.string) in rules["script-src"] for script in soup.find_all("script")]
    assert ours == [True, False, False, True]  # the cell's, and the words of the page's script, which are data


def test_headings_have_anchors_of_their_own(site):
    soup = site("# T\n\n## Why?", "## A & *b*\n\n### $x_t$\n\n## Why?")
    ids = [h["id"] for h in soup.select("h1, h2, h3")]
    assert ids == ["T", "Why?", "A-&-b", "x_t", "Why?-2"]
    assert [a.text for a in soup.select(".contents li li a")][:2] == ["Why?", "A & b"]
    assert len(soup.select(".contents li li")) == 4  # that each leads somewhere, build itself checks


def test_links_between_lessons(lesson, tmp_path):
    lesson("01-a", "# A\n\n[next](02-b.ipynb#The-end)")
    lesson("02-b", "# B\n\n## The end")
    out = tmp_path / "html"
    website.build(find(base=tmp_path / "notebooks"), out=out)
    assert page(out / "a.html").select_one("main p a")["href"] == "b.html#The-end"


def test_files_that_a_lesson_links_to_stand_beside_the_pages(lesson, tmp_path):
    program = tmp_path / "notebooks" / "data" / "made.py"
    program.parent.mkdir(parents=True)
    program.write_text("print(1)")
    (tmp_path / "outside.py").write_text("print(2)")
    lesson("01-a", "# A"), lesson("ko/01-a", "# A\n\n[how](../data/made.py)")
    out = tmp_path / "site" / "html"
    website.build(find(base=tmp_path / "notebooks", language=None), out=out)
    assert (out / "data" / "made.py").read_text() == "print(1)"
    lesson("ko/01-a", "# A\n\n[how](../../outside.py)")
    with pytest.raises(Problem, match="links to ../../outside.py, which is not there"):
        website.build(find(base=tmp_path / "notebooks", language=None), out=out)


def test_a_notebook_beside_its_page_finds_what_it_needs(tmp_path):
    out = tmp_path / "html"
    website.build(find(), out=out)
    for lesson in find():
        nb = website.read(out / f"{lesson.name}.ipynb")
        for figure in figures.linked(website.read(lesson.path)):
            assert (out / f"figures/{figure}.html").is_file()
            assert f"](figures/{figure}.html#{figure})" in "\n".join(cell.source for cell in nb.cells)
        assert "README.md#" not in str(nb)
    lesson = find(["rnn-equation"])[0]  # it reads what PyTorch computed
    handed = Lesson(out / f"{lesson.name}.ipynb", out)
    assert compare(website.read(handed.path), execute(handed)) == ""


@pytest.mark.parametrize("text, said", [
    ("[x](nowhere.ipynb)", "sample.html links to nowhere.html, which is not there"),
    ("[x](#Nowhere)", "sample.html links to #Nowhere, but that page has no such heading"),
    ("![x](https://example.org/x.png)", "sample.html would load https://example.org/x.png from the network; pages must work offline"),
    ("![x](//example.org/x.png)", "sample.html would load //example.org/x.png from the network; pages must work offline"),
])
def test_a_link_to_nowhere_stops_the_build_by_name(site, text, said):
    assert refused(site, f"# T\n\n{text}") == said


def test_html_from_a_cell_loads_nothing_either(site):
    said = refused(site, "# T", code("f()", [display({"text/html": '<script src="https://example.org/x.js"></script>'})]))
    assert "would load https://example.org/x.js from the network" in said


def test_a_lesson_without_title(site):
    assert refused(site, "Text only.") == "01-sample has no title: its first cell must begin with a # heading"


def test_images_beside_the_notebook_travel_in_the_page(site, tmp_path, lesson):
    picture = tmp_path / "notebooks" / "a.svg"
    picture.parent.mkdir()
    picture.write_text("<svg/>")
    soup = site("# T\n\n![A square](a.svg)")
    assert soup.find("img")["src"].startswith("data:image/svg+xml;base64,")
    assert soup.find("img")["alt"] == "A square"


def test_only_what_changed_runs_again(lesson, tmp_path, monkeypatch):
    ran = []

    def execute(lesson):
        ran.append(lesson.slug)
        return website.read(lesson.path)

    monkeypatch.setattr(website, "execute", execute)

    def make(run):
        ran.clear()
        website.build(find(base=tmp_path / "notebooks"), run, tmp_path / "html", tmp_path / "runs")
        return list(ran)

    lesson("01-a", "# A", code("f()")), lesson("02-b", "# B", code("f()"))
    assert make(["a", "b"]) == ["a", "b"]
    assert make(["a", "b"]) == []
    lesson("02-b", "# B", code("g()"))
    assert make(["a", "b"]) == ["b"]
    assert make([]) == []


def test_two_builds_at_once_take_turns(lesson, tmp_path, monkeypatch, capsys):
    lesson("01-a", "# A", code("f()"))
    ran = []

    def execute(lesson):
        ran.append(lesson.slug)
        time.sleep(0.5)
        return website.read(lesson.path)

    def make(_):
        return website.build(find(base=tmp_path / "notebooks"), ["a"], tmp_path / "html", tmp_path / "runs")

    monkeypatch.setattr(website, "execute", execute)
    with ThreadPoolExecutor() as both:
        first, second = both.map(make, range(2))
    assert ran == ["a"]  # the second finds that run
    assert first == second and all(path.exists() for path in first)
    assert "Waiting for another run that makes html …" in capsys.readouterr().out


def test_a_page_beside_the_lessons(lesson, tmp_path):
    lesson("01-a", "# A\n\nA [word](glossary.ipynb#Hidden-state)."), lesson("02-b", "# B")
    lesson("glossary", "# Glossary\n\nWords.\n\n## Hidden state\n\nWhat stays: [1](01-a.ipynb).")
    website.build(find(base=tmp_path / "notebooks"), out=tmp_path / "html")
    first, second, words = (page(tmp_path / "html" / f"{name}.html") for name in ("a", "b", "glossary"))
    assert first.find("a", string="word")["href"] == "glossary.html#Hidden-state"
    assert not second.find("a", rel="next") and not words.find("a", rel=["next", "prev"])
    cover = page(tmp_path / "html" / "index.html")
    assert [a["href"] for a in cover.select("ol a")] == ["a.html", "b.html"]
    assert cover.find("a", string="Glossary")["href"] == "glossary.html"


def test_the_course_as_committed(tmp_path, monkeypatch):
    """Every formula and figure of the lessons is in the pages, and they are light."""
    lessons = find()
    monkeypatch.setenv("UNROLL_SITE", "https://example.org")
    website.build(find(language=None), out=tmp_path / "html")
    sizes = {file.relative_to(tmp_path / "html"): file.stat().st_size for file in (tmp_path / "html").rglob("*") if file.is_file()}
    translated = sum(size for file, size in sizes.items() if file.parts[0] == "ko")
    pictures = [size for file, size in sizes.items() if file.suffix == ".png"]
    assert max(pictures) <= 300e3 and len(pictures) == 1 + sum(lesson.numbered for lesson in find(language=None)) and sum(pictures) <= 1.2e6
    assert sum(sizes.values()) - translated - sum(pictures) <= 14.5e6  # fourteen lessons, each with its notebook and the data that it reads
    assert translated <= 8e6  # the same, without the data
    assert (tmp_path / "html/index.html").stat().st_size <= 300e3
    for path in (tmp_path / "html").glob("*.html"):
        hangul = page(path).body.find_all(string=re.compile("[ㄱ-힣]"))
        assert not [str(t) for t in hangul if t.parent.name not in ("script", "title", "desc") and not korean(t)], path.name
    assert len(page(tmp_path / "html/index.html").select(".lessons li > svg")) == sum(lesson.numbered for lesson in lessons)
    for lesson in lessons:
        assert (tmp_path / "html" / f"{lesson.slug}.html").stat().st_size <= 270e3
        soup = page(tmp_path / "html" / f"{lesson.slug}.html")
        cells = website.read(lesson.path).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        prose = re.sub(r"(?s)```.*?```|`[^`]*`", "", text)
        assert "$" not in re.sub(r"(?s)<(pre|code|annotation)\b.*?</\1>", "", str(soup.main))
        assert len(soup.main.find_all("math")) == len(re.findall(r"(?s)\$\$.+?\$\$|\$.+?\$", prose))
        outputs = [o for cell in cells if cell.cell_type == "code" for o in cell.outputs]
        figures = [o for o in outputs if "image/svg+xml" in o.get("data", {})]
        words = [(f.find("title").text, f.find("desc").text) for f in soup.select("figure > svg")]
        assert [f"{title}{'' if title.endswith('?') else '.'} {desc}" for title, desc in words] == [
            f.data["text/plain"].strip() for f in figures
        ]
    book = BeautifulSoup(pdf.book(find(language=None), tmp_path / "html", "en"), "html.parser")
    assert {unquote(a["href"][1:]) for a in book.select("a[href^='#']")} <= {part["id"] for part in book.select("[id]")}
    assert len(book.select(".lesson > section")) == sum(len(website.read(lesson.path).cells) for lesson in lessons)
    for path in (tmp_path / "html").rglob("*.html"):
        assert all(table.get("aria-label") for table in page(path).select("main table") if not table.find_parent(class_="html")), path.name
        assert not shown_marks(path.read_text(encoding="utf-8")), f"{path.name} shows marks of Markdown"


def shown_marks(html):
    """Places of a page where Markdown shows: asterisks, dollars and backticks outside code and formulas."""
    main = BeautifulSoup(html, "html.parser").main
    for part in main.select("pre, code, math, svg, .numbers, .output, script, .living"):
        part.decompose()
    text = " ".join(main.get_text().split())
    return [text[max(mark.start() - 20, 0) : mark.end() + 20] for mark in re.finditer(r"\*\*|(?<!\w)\*\w|\w\*(?!\w)|\$|`", text)]


def test_marks_that_show_are_found():
    assert shown_marks("<main><p>**RNN(…)**과</p></main>") and shown_marks("<main><p>값 $x</p></main>")
    assert not shown_marks("<main><p>값 <code>*p</code></p></main>")


def test_a_lesson_may_follow_an_option(monkeypatch):
    """As in make html EXECUTE=no LESSON=attention."""
    program = importlib.util.spec_from_file_location("program", Path(website.__file__).with_name("__main__.py"))
    program.loader.exec_module(module := importlib.util.module_from_spec(program))
    ran = []
    monkeypatch.setattr(module, "build", lambda lessons, run, go: ran.append(run))
    monkeypatch.setattr(module.toolchain, "built", lambda store: None)
    for arguments, run in ((["attention"], ["attention"]), (["--no-execute", "attention"], [])):
        monkeypatch.setattr("sys.argv", ["build", "html", *arguments])
        module.main()
        assert ran.pop() == run


def test_korean_words_say_that_they_are_korean(site):
    text = "# 패딩\n\nA 영화, *좋다*; `문장`.\n\n$x_{\\text{음절}}$, 단어\n\n<p lang='ko'>이미 <b>그렇다</b></p>"
    made = site(text, code('fmt.Println("정말 좋았다 .") // <영화>', [stream("1 정말 좋았다 .\n")]))
    assert not [text for text in made.main.find_all(string=re.compile("[ㄱ-힣]")) if not korean(text)]
    assert [span.text for span in made.main.select("pre [lang=ko]")] == ["정말 좋았다", "영화", "정말 좋았다"]
    assert len(made.main.select("[lang=ko] [lang=ko]")) == 0
    assert not made.select("math span") and [text["lang"] for text in made.select("math mtext")] == ["ko"]


def test_english_titles_say_that_they_are_english_in_korean_pages(lesson, tmp_path):
    lesson("01-a", "# A"), lesson("ko/01-a", "# 가\n\n*Long short-term memory*, *쉬운 the word*, *seq2seq*, *A text\nof two lines*")
    website.build(find(base=tmp_path / "notebooks", language=None), out=tmp_path / "html")
    assert [" ".join(em.text.split()) for em in page(tmp_path / "html/ko/a.html").select("em[lang=en]")] == ["Long short-term memory", "A text of two lines"]


def korean(text):
    return any(parent.get("lang") == "ko" for parent in text.parents)
