"""Runs a lesson on a new Go kernel."""

import asyncio
import re
import sys
import tempfile
import time

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from lessons import Problem, kernel, normalize, read

CELL_SECONDS = 300  # a lesson takes under a minute; a cell that takes five hangs


class Line:
    """A line of progress: rewritten in place on a terminal, written once elsewhere."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self.live = self.stream.isatty()

    def show(self, text):
        if self.live:
            self.stream.write(f"\r{text}\x1b[K")
            self.stream.flush()

    def end(self, text=""):
        self.stream.write(f"\r{text}\x1b[K\n" if self.live else f"{text}\n")
        self.stream.flush()


def execute(lesson, line=None, progress="", cell_seconds=CELL_SECONDS):
    """The lesson's notebook with the outputs of a fresh run; a cell that fails raises Problem.

    What a learner has done of the exercises is neither read nor changed; progress names
    another file to keep it in.
    """
    nb = read(lesson.path)
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    if not cells:
        return normalize(nb, lesson.language)  # a page of text
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    line = line or Line()
    start = time.monotonic()
    done = 0

    def finished(cell, cell_index, execute_reply):
        nonlocal done
        done += 1
        check(cell, f"{lesson.name}, cell {done}")

    client = NotebookClient(
        nb,
        kernel_name=kernel(lesson.language),
        allow_errors=True,  # check decides, with a better message than nbclient's exception
        on_cell_executed=finished,
        record_timing=False,
        resources={"metadata": {"path": str(lesson.path.parent)}},
        timeout=cell_seconds,
    )
    client.create_kernel_manager()
    client.km.kernel_spec.env["UNROLL_PROGRESS"] = str(progress)

    async def run(log):
        task = asyncio.ensure_future(client.async_execute(stdout=log, stderr=log))
        while not task.done():
            seconds = time.monotonic() - start
            line.show(f"{lesson.name}  cell {done + 1} of {len(cells)}  {seconds:.0f} s")
            await asyncio.wait([task], timeout=0.5)
        task.result()

    with tempfile.TemporaryFile() as log:
        try:
            asyncio.run(run(log))
        except CellTimeoutError:
            raise Problem(
                f"{lesson.name}, cell {done + 1} was still running after {cell_seconds} s"
            ) from None
        except (DeadKernelError, RuntimeError) as error:
            log.seek(0)
            said = "".join(log.read().decode(errors="replace").splitlines(True)[-20:])
            raise Problem(
                f"{lesson.name}, cell {done + 1}: the kernel ended ({error}); the end of its output is\n{said}"
            ) from error
        finally:
            if line.live:
                line.show("")
    line.end(f"{lesson.name}  {len(cells)} cells  {time.monotonic() - start:.1f} s")
    return normalize(nb, lesson.language)


def check(cell, name):
    """Raises Problem if the cell failed, or was meant to fail and did not.

    What goes to standard error counts as failure too: it is all that shows of a
    misspelt %command or of a !command that fails. A cell that shows an error on
    purpose carries the tag raises-exception.
    """
    said = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")
    errors = ("\n".join(o.traceback) + "\n" for o in cell.outputs if o.output_type == "error")
    message = said + "".join(errors)
    expected = "raises-exception" in cell.metadata.get("tags", [])
    if message and not expected:
        message = re.sub(r"\x1b\[[0-9;]*m", "", message).strip()
        raise Problem(f"{name} failed:\n{message}")
    if expected and not any(o.output_type == "error" for o in cell.outputs):
        raise Problem(f"{name} carries the tag raises-exception, but ran without an error")
