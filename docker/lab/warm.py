"""Runs every lesson, to fill the caches with what their cells build. The outputs are discarded."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "internal/notebooks"))

from execute import execute  # noqa: E402
from lessons import find  # noqa: E402

for lesson in find():
    start = time.monotonic()
    execute(lesson, cell_seconds=3600)  # an emulator for another architecture takes forty times as long
    print(f"{lesson.slug}  {time.monotonic() - start:.0f} s", flush=True)
