"""What a home takes of the disk, however it is hidden."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("hub")))

import settings  # noqa: E402
import watch  # noqa: E402

MB = 1 << 20


def test_size(tmp_path):
    (tmp_path / "folder/.hidden").mkdir(parents=True)
    (tmp_path / "folder/.hidden/file").write_bytes(os.urandom(3 * MB))
    with open(tmp_path / "sparse", "wb") as sparse:
        sparse.truncate(1 << 40)
    (tmp_path / "away").symlink_to("/")
    total, device = watch.size(tmp_path, 100 * MB)
    assert 3 * MB <= total < 4 * MB and device == os.stat(tmp_path).st_dev


def test_counting_ends_at_the_most(tmp_path):
    for number in range(9):
        (tmp_path / str(number)).write_bytes(bytes(MB))
    assert 3 * MB < watch.size(tmp_path, 3 * MB)[0] <= 5 * MB


def test_many_files_and_deep_folders_are_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(watch, "FILES", 50)
    for number in range(51):
        (tmp_path / str(number)).touch()
    assert watch.size(tmp_path, 100 * MB)[0] > 100 * MB
    deep = tmp_path / "a" / "/".join("d" * (watch.DEPTH + 1))
    deep.mkdir(parents=True)
    assert watch.size(tmp_path / "a", 100 * MB)[0] > 100 * MB


def test_a_name_may_be_any_bytes(tmp_path):
    (tmp_path / "x").mkdir()
    with open(os.fsencode(tmp_path) + b"/x/\xff\n", "wb") as file:
        file.write(bytes(MB))
    assert watch.size(tmp_path, 100 * MB)[0] >= MB


def test_a_deleted_file_counts_while_it_is_open(tmp_path):
    hide = f"import os, time\nf = open({str(tmp_path / 'x')!r}, 'wb')\nf.write(bytes({5 * MB})); f.flush(); os.unlink(f.name)\nprint(1, flush=True)\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hide], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "1\n"
            device = os.stat(tmp_path).st_dev
            assert watch.deleted([str(process.pid)], device) >= 5 * MB
            assert watch.deleted([str(process.pid)], device + 1) == 0
            assert watch.size(tmp_path, 100 * MB)[0] < MB
        finally:
            process.kill()
    assert watch.deleted([str(process.pid)], device) == 0


def test_what_a_machine_keeps_free(monkeypatch):
    monkeypatch.setattr(watch, "free", lambda: 1024 * MB)
    assert watch.reserve(settings.Settings({})) == 512 * MB
    monkeypatch.setattr(watch, "free", lambda: 99 << 30)
    assert watch.reserve(settings.Settings({})) == 2 << 30
    assert watch.reserve(settings.Settings({"UNROLL_RESERVE": "10G"})) == 10 << 30


def test_a_full_home_opens_and_does_not_grow_on():
    it = watch.Watch.__new__(watch.Watch)
    it.most = 1024 * MB
    assert [it.bound(first * MB) // MB for first in (0, 1023, 1024, 1200, 5000)] == [1024, 1024, 1040, 1216, 1280]
