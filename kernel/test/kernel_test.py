"""Uses the real kernel as JupyterLab does, and examines its processes."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager

from places import ROOT, Mark, wait_for

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="it reads /proc")

MEGABYTES = 150  # the most that a kernel may occupy after a completion


class Kernel:
    def __init__(self, name="gonb", **options):
        self.mark = Mark()
        self.manager = KernelManager(kernel_name=name)
        self.manager.start_kernel(env=self.mark.on(os.environ), stderr=open(os.devnull, "w"), **options)
        self.connect()

    def connect(self):
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, cell, timeout=60):
        """Returns the cell's output and the reply."""
        shown = []

        def take(message):
            content = message["content"]
            shown.append(content.get("text") or "\n".join(content.get("traceback", [])))

        reply = self.client.execute_interactive(cell, timeout=timeout, output_hook=take, allow_stdin=False)
        return "".join(shown), reply["content"]

    def ask(self, cell):
        """Requests completions at the end of the cell."""
        self.asked = self.client.complete(cell, len(cell))

    def matches(self, timeout=60):
        deadline = time.monotonic() + timeout
        while True:
            reply = self.client.get_shell_msg(timeout=deadline - time.monotonic())
            if reply["parent_header"].get("msg_id") == self.asked:
                return reply["content"]["matches"]

    def megabytes(self):
        """What the kernel occupies once the commands that GoNB and gopls run for a completion have ended."""

        def rests():
            commands = (command.split(" ")[0] for command in self.mark.processes().values())
            return not {"go", "goimports"} & {Path(command).name for command in commands}

        wait_for("no go list runs", rests)
        return self.mark.megabytes()

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def lesson_cells():
    """The first code cells of the lesson on the LSTM: its imports and declarations."""
    nb = nbformat.read(next(ROOT.glob("notebooks/*-lstm-gates.ipynb")), as_version=4)
    return [cell.source for cell in nb.cells if cell.cell_type == "code"][:3]


ENDS = ("shut down", "restarted", "killed")


@pytest.fixture(scope="module")
def kernels():
    """Kernels that have run the start of a lesson and completed a word, by the way in which they will end."""
    kernels = {name: Kernel() for name in ENDS}
    try:
        for name, kernel in kernels.items():
            for cell in lesson_cells():
                shown, reply = kernel.run(cell)
                assert reply["status"] == "ok", shown
            kernel.idle = kernel.megabytes()
            kernel.ask("%%\nfmt.Println(lesson.")
        for kernel in kernels.values():
            kernel.found = kernel.matches()
            for _ in range(5):  # GoNB waits only 8 s for a completion, which a busy machine may exceed
                if not kernel.found:
                    kernel.ask("%%\nfmt.Println(lesson.")
                    kernel.found = kernel.matches()
            kernel.after = kernel.megabytes()
        yield kernels
    finally:
        for kernel in kernels.values():
            kernel.end()


def test_a_lesson_is_completed_in_bounded_memory(kernels):
    for kernel in kernels.values():
        print(f"idle {kernel.idle:.0f} MB, after a completion {kernel.after:.0f} MB", file=sys.stderr)
        assert {"NewLSTM", "NewRNN", "Config"} <= set(kernel.found)
        commands = " ".join(kernel.mark.processes().values())
        assert f"{ROOT}/.unroll/lib/gopls" in commands and f"{ROOT}/.unroll/bin/gonb" in commands
        assert 5 < kernel.idle < 40
    for kernel in kernels.values():
        assert kernel.idle + 20 < kernel.after < MEGABYTES
    kernel = kernels["killed"]
    for cell, match in (
        ("%%\nrnn := lesson.NewRNN(lesson.Config{})\nrnn.", "Forward"),
        ("%%\nfmt.Pri", "Println"),
        ("%%\nplots.", "Show"),
    ):
        kernel.ask(cell)
        assert match in kernel.matches()
    assert kernel.megabytes() < MEGABYTES


def test_gopls_occupies_no_more_than_it_uses():
    """It allocates 100 MB that it never uses; if Go collected garbage before, they became resident in one of three."""
    hello = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
    mark, started = Mark(), []
    try:
        for _ in range(12):
            gopls = subprocess.Popen(
                [ROOT / ".unroll/bin/gopls"], env=mark.on(os.environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            started.append(gopls)
            gopls.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(hello), hello))
            gopls.stdin.flush()
        for gopls in started:
            assert gopls.stdout.read(1) == b"C"
        assert mark.megabytes() < 40 * len(started)
    finally:
        for gopls in started:
            gopls.kill()
            gopls.communicate()
    mark.gone()


def test_a_loop_is_interrupted_and_the_kernel_goes_on(kernels):
    kernel = kernels["shut down"]
    sent = kernel.client.execute('%%\nfmt.Println("begun")\nfor {\n}')

    def begun():
        return "begun" in kernel.client.get_iopub_msg(timeout=30)["content"].get("text", "")

    wait_for("the loop runs", begun, 40)
    loop = [pid for pid, command in kernel.mark.processes().items() if command.startswith(tmp(kernel))]
    assert loop, kernel.mark.processes()
    kernel.manager.interrupt_kernel()
    wait_for("the loop ends", lambda: kernel.client.get_shell_msg(timeout=30)["parent_header"].get("msg_id") == sent, 40)
    wait_for("its process is gone", lambda: not set(loop) & set(kernel.mark.processes()))
    shown, reply = kernel.run("%%\nfmt.Println(6 * 7)")
    assert (shown, reply["status"]) == ("42\n", "ok")


def tmp(kernel):
    """The kernel's temporary folder."""
    environ = Path(f"/proc/{kernel.manager.provisioner.pid}/environ").read_bytes().decode()
    return re.search(r"TMPDIR=([^\0]+)", environ)[1]


def test_an_error_shows_its_cell_and_line(kernels):
    kernel = kernels["restarted"]
    shown, reply = kernel.run("%%\nx := 1\nfmt.Println(nope)")
    cell = reply["execution_count"]
    assert reply["status"] == "error" and "undefined: nope" in shown
    assert re.search(rf"Cell {cell}, line 3: ", shown), shown
    shown, reply = kernel.run('func pour() {\n\tpanic("the glass is full")\n}\n\n%%\npour()')
    cell = reply["execution_count"]
    assert reply["status"] == "error" and "panic: the glass is full" in shown
    assert re.search(rf"Cell {cell}, line 2: ", shown), shown
    kernel.run("%rm pour")
    assert kernel.run("%%\nfmt.Println(1)")[0].endswith("1\n")


@pytest.mark.parametrize("how", ENDS)
def test_no_process_and_no_file_is_left(kernels, how):
    kernel = kernels[how]
    before = kernel.mark.processes()
    assert sum("gopls" in command for command in before.values()) >= 2, before
    folder = Path(tmp(kernel))
    assert any(folder.iterdir())
    if how == "shut down":
        kernel.manager.shutdown_kernel()
    elif how == "killed":
        os.kill(kernel.manager.provisioner.pid, signal.SIGKILL)
    else:
        kernel.client.stop_channels()
        kernel.manager.restart_kernel()
        kernel.connect()
        shown, reply = kernel.run("%noautoget\n%%\nfmt.Println(2)")
        assert (shown, reply["status"]) == ("2\n", "ok")
        wait_for("the old processes are gone", lambda: not set(before) & set(kernel.mark.processes()))
        kernel.manager.shutdown_kernel()
    kernel.mark.gone()
    wait_for("its folder is gone", lambda: not folder.exists())
