"""Runs every lesson, so that what cells build is in the caches. No output is kept: the build only needs that they run."""

import time

from execute import execute
from lessons import find

for lesson in find():
    start = time.monotonic()
    execute(lesson, cell_seconds=3600)  # an emulator, which builds the image for another machine, takes forty times as long
    print(f"{lesson.name}  {time.monotonic() - start:.0f} s", flush=True)
