"""Runs every lesson, so that what cells build is in the caches. No output is kept: the build only needs that they run."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "internal/notebooks"))

import execute  # noqa: E402
from lessons import find  # noqa: E402

execute.CELL_SECONDS = 3600  # an emulator, which builds the image for another machine, takes forty times as long
for lesson in find():
    start = time.monotonic()
    execute.execute(lesson)
    print(f"{lesson.slug}  {time.monotonic() - start:.0f} s", flush=True)
