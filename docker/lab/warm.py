"""Runs every lesson, to fill the caches with what their cells build. The outputs are discarded."""

import time

from execute import execute
from lessons import find

for lesson in find():
    start = time.monotonic()
    execute(lesson, cell_seconds=3600)  # an emulator for another architecture takes forty times as long
    print(f"{lesson.name}  {time.monotonic() - start:.0f} s", flush=True)
