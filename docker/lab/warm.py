"""Runs every lesson, so that what cells build is in the caches. No output is kept: the build only needs that they run."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "internal/notebooks"))

from execute import execute  # noqa: E402
from lessons import find  # noqa: E402

for lesson in find():
    start = time.monotonic()
    execute(lesson, cell_seconds=3600)  # an emulator, which builds the image for another machine, takes forty times as long
    print(f"{lesson.slug}  {time.monotonic() - start:.0f} s", flush=True)
