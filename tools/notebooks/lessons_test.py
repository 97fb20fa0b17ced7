"""Finding, reading and normalizing lessons."""

import json

import nbformat
import pytest

from lessons import ROOT, Problem, dump, find, normalize, read, tidy_streams, write
from samples import code, display, notebook, stream


def test_find(lesson, tmp_path):
    base = tmp_path / "notebooks"
    lesson("03-b"), lesson("02-a"), lesson("ko/02-a"), lesson(".ipynb_checkpoints/02-a-checkpoint")
    every = find(base=base, language=None)
    assert [x.name for x in every] == ["02-a", "03-b", "ko/02-a"]
    assert [x.slug for x in every] == ["a", "b", "ko/a"]
    assert [x.language for x in every] == ["en", "en", "ko"]
    assert [x.name for x in find(base=base)] == ["02-a", "03-b"]
    assert [x.name for x in find(base=base, language="ko")] == ["ko/02-a"]
    assert [x.name for x in find(["03"], base)] == [x.name for x in find(["b"], base)] == ["03-b"]
    with pytest.raises(Problem, match="no lesson begins with '7'; there are 02-a, 03-b"):
        find(["7"], base)
    lesson("04-b")
    with pytest.raises(Problem, match="03-b and 04-b are one lesson by their names: rename one"):
        find(base=base)


def test_no_lessons(tmp_path):
    with pytest.raises(Problem, match="there is no lesson in"):
        find(base=tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"nbformat": 4, "cells": 3}', '{"cells": []}'])
def test_a_file_that_is_no_notebook(tmp_path, content):
    path = tmp_path / "broken.ipynb"
    path.write_text(content)
    with pytest.raises(Problem, match="broken.ipynb cannot be read as a notebook: ."):
        read(path)


def test_missing_ids_are_always_the_same(tmp_path):
    nb = json.loads(dump(notebook("# T", code("f()"))))
    nb["nbformat_minor"] = 4
    for cell in nb["cells"]:
        del cell["id"]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(nb))
    assert dump(read(path)) == dump(read(path))
    assert len({cell.id for cell in read(path).cells}) == 2


def test_ids_are_kept(tmp_path):
    path = tmp_path / "a.ipynb"
    write(notebook("# T", code("f()")), path)
    assert [cell.id for cell in read(path).cells] == ["c0", "c1"]


def test_normalize_takes_out_the_traces():
    cell = code("f()", [
        stream(f"{ROOT}/lesson/rnn.go:12 +0x65\n\t/tmp/gonb_49cc7354/main.go:9\nf({{0x12, 0x3}})\n"),
        display({"text/html": '<div id="gonb_id_0123456789ab">gonb_49cc7354</div>'}),
    ])
    cell.metadata = nbformat.from_dict(
        {"execution": {"iopub.execute_input": "2024-05-01"}, "tags": ["solution"], "scrolled": True}
    )
    nb = notebook("# T", cell)
    nb.metadata = nbformat.from_dict({"language_info": {"version": "go1.26.8"}, "widgets": {}})
    normalize(nb)
    assert cell.outputs[0].text == "lesson/rnn.go:12\n\tmain.go:9\nf(…)\n"
    assert cell.outputs[1].data["text/html"] == '<div id="gonb_1">gonb_2</div>'
    assert cell.metadata == {"tags": ["solution"]}
    assert "version" not in nb.metadata.language_info and "widgets" not in nb.metadata
    before = dump(nb)
    assert dump(normalize(nb)) == before


def test_streams_arrive_cut_at_random_and_leave_whole():
    pieces = [stream("e", "stderr"), stream("a"), stream("b\n"), display({"text/plain": "fig"}), stream("c")]
    tidy = tidy_streams([nbformat.from_dict(p) for p in pieces])
    assert [(o.get("name"), o.get("text")) for o in tidy] == [
        ("stdout", "ab\n"), ("stderr", "e"), (None, None), ("stdout", "c")
    ]
    assert tidy_streams([nbformat.from_dict(stream("10%\r20%\rdone\nnext\r\n"))])[0].text == "done\nnext\r\n"
