"""A class on a workshop that runs: make load N=30. They log in one a second, open a notebook, read, and complete a word;
then they run two lessons with thinking time. Prints how long it took and what it needed."""

import argparse
import collections
import json
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
import traceback

from client import Participant

LESSONS = ("02-rnn-equation.ipynb", "06-lstm-gates.ipynb")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--address", default=f"http://127.0.0.1:{os.environ.get('UNROLL_PORT') or 8000}")
    parser.add_argument("--project", default="unroll")
    parser.add_argument("--within", type=float, default=0, help="seconds in which all come; by default one a second")
    parser.add_argument("--read", type=float, default=60, help="seconds within which they come to complete a word")
    parser.add_argument("--think", type=float, default=20, help="mean seconds between cells")
    parser.add_argument("--cells", type=int, default=1000, help="at most so many of a lesson's cells")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    password = os.environ.get("UNROLL_PASSWORD") or sys.exit("Say the participants' password with UNROLL_PASSWORD=…")
    times, failures, lock = collections.defaultdict(list), [], threading.Lock()
    here = threading.Barrier(options.people + 1)
    rng = random.Random(options.seed)
    within = options.within or options.people

    def note(what, seconds):
        with lock:
            times[what].append(seconds)

    def live(number, wait, rng):
        person, opened = Participant(options.address, f"load{number:03}", password), False
        try:
            time.sleep(wait)
            start = time.monotonic()
            person.login()
            note("log in", time.monotonic() - start)
            note("spawn", person.spawn())
            start = time.monotonic()
            person.start_kernel()
            note("kernel", time.monotonic() - start)
            spent = used(person)
            note("processor: start", spent)
            time.sleep(rng.uniform(0, options.read))
            note("first completion", person.complete("import \"fmt\"\n%%\nfmt.Pri")[1])
            opened = True
            here.wait()
            here.wait()  # while what an idle server needs is measured
            note("processor: word", used(person) - spent)
            for lesson in LESSONS:
                for code in person.notebook(lesson)[: options.cells]:
                    time.sleep(rng.expovariate(1 / options.think) if options.think else 0)
                    note(f"cell of {lesson[:2]}", person.run(code)[1])
            note("processor: all", used(person))
        except threading.BrokenBarrierError:
            pass
        except Exception as error:
            with lock:
                failures.append(f"{person.name}: {error or traceback.format_exc()}")
            if not opened:
                here.abort()
        finally:
            person.close()

    threads = [threading.Thread(target=live, args=(n, within * n / options.people, random.Random(rng.random()))) for n in range(options.people)]
    for thread in threads:
        thread.start()
    try:
        here.wait(300 + within + options.read)
        time.sleep(10)
        idle = memory(options.project)
        before, start = cpu(), time.monotonic()
        here.wait()
    except threading.BrokenBarrierError:
        idle, before, start = [], cpu(), time.monotonic()
    peak = idle
    while any(thread.is_alive() for thread in threads):
        time.sleep(15)
        now = memory(options.project)
        peak = max(peak, now, key=sum)
    busy = cpu() - before
    took = time.monotonic() - start

    print(f"{options.people} people came in {within:.0f} s; seconds between cells: {options.think:g} on average; {os.cpu_count()} cores")
    print(f"{'seconds':<18}{'n':>6}{'p50':>8}{'p95':>8}{'worst':>8}")
    for what, values in times.items():
        print(f"{what:<18}{len(values):>6}{quantile(values, 0.5):>8.2f}{quantile(values, 0.95):>8.2f}{max(values):>8.2f}")
    if idle:
        print(f"memory idle, a notebook's kernel open and a completion used: {statistics.mean(idle):.0f} MB each, at most {max(idle):.0f}")
        print(f"memory at the fullest moment: {sum(peak) / 1000:.1f} GB together, at most {max(peak):.0f} MB of one")
    print(f"the whole machine: {busy / took:.2f} cores busy on average over the {took:.0f} s of the lessons; load average {os.getloadavg()[0]:.1f}")
    print(f"failures: {len(failures)}", *failures[:10], sep="\n  ")
    sys.exit(1 if failures else 0)


def quantile(values, q):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def memory(project):
    """Megabytes of each participant's container, as the engine counts them: without the page cache that it can drop."""
    names = subprocess.run(["docker", "ps", "-q", "--filter", f"label=unroll.project={project}", "--filter", "name=load"],
                           stdout=subprocess.PIPE, text=True).stdout.split()  # fmt: skip
    if not names:
        return [0]
    said = subprocess.run(["docker", "stats", "--no-stream", "--format", "{{json .}}", *names], stdout=subprocess.PIPE, text=True).stdout
    return [mega(json.loads(line)["MemUsage"].split(" / ")[0]) for line in said.splitlines()] or [0]


def mega(text):
    for unit, size in (("GiB", 1073.741824), ("MiB", 1.048576), ("KiB", 0.001024), ("B", 1e-6)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * size
    return 0


def used(person):
    """Seconds that processors have worked in a participant's container."""
    said = person.shell("cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null")
    if found := re.search(r"usage_usec (\d+)", said):
        return int(found[1]) / 1e6
    return int(said) / 1e9


def cpu():
    """Seconds that the processors have been busy, of the whole machine."""
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
