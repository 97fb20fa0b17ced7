"""Simulates a class in a running workshop: make load N=30. Participants log in, one a second, open a notebook, read and
complete a word, and then run two lessons with thinking time. Prints the times and the memory that it took."""

import argparse
import collections
import os
import random
import re
import statistics
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import docker

import banner
import secretsfile
from client import Participant
from settings import Settings
from spawner import own_project

LESSONS = ("03-rnn-equation.ipynb", "07-lstm-gates.ipynb")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--address", help="the workshop's, as a browser has it; by default the one on the board")
    parser.add_argument("--within", type=float, default=0, help="seconds in which all log in; by default one a second")
    parser.add_argument("--read", type=float, default=60, help="the most seconds before they complete a word")
    parser.add_argument("--think", type=float, default=20, help="mean seconds between cells")
    parser.add_argument("--cells", type=int, default=1000, help="at most so many of a lesson's cells")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    client, settings = docker.APIClient(version="auto", timeout=60), Settings()
    password, project = secretsfile.load(settings)["password"], own_project(client)
    address = options.address or banner.address(settings, client).replace("//localhost", "//host.docker.internal")
    times, failures, lock = collections.defaultdict(list), [], threading.Lock()
    here = threading.Barrier(options.people + 1)
    rng = random.Random(options.seed)
    within = options.within or options.people

    def note(what, seconds):
        with lock:
            times[what].append(seconds)

    def live(number, wait, rng):
        person, opened = Participant(address, f"load{number:03}", password, verify=False), False
        try:
            time.sleep(wait)
            start = time.monotonic()
            person.login()
            note("log in", time.monotonic() - start)
            note("spawn", person.spawn(900))  # it may wait for its turn
            start = time.monotonic()
            person.start_kernel()
            note("kernel", time.monotonic() - start)
            spent = used(person)
            note("processor: start", spent)
            time.sleep(rng.uniform(0, options.read))
            note("first completion", person.complete("import \"fmt\"\n%%\nfmt.Pri")[1])
            opened = True
            here.wait()
            here.wait()  # until the memory of idle servers is measured
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
        here.wait(900 + within + options.read)
        time.sleep(10)
        idle = memory(client, project)
        before, start = cpu(), time.monotonic()
        here.wait()
    except threading.BrokenBarrierError:
        idle, before, start = [], cpu(), time.monotonic()
    peak = idle
    while any(thread.is_alive() for thread in threads):
        time.sleep(15)
        now = memory(client, project)
        peak = max(peak, now, key=sum)
    busy = cpu() - before
    took = time.monotonic() - start

    print(f"{options.people} people came in {within:.0f} s; seconds between cells: {options.think:g} on average; {os.cpu_count()} cores")
    print(f"{'seconds':<18}{'n':>6}{'p50':>8}{'p95':>8}{'worst':>8}")
    for what, values in times.items():
        print(f"{what:<18}{len(values):>6}{quantile(values, 0.5):>8.2f}{quantile(values, 0.95):>8.2f}{max(values):>8.2f}")
    if idle:
        print(f"memory idle, a notebook's kernel open and a completion used: {statistics.mean(idle):.0f} MB each, at most {max(idle):.0f}")
        print(f"memory at the peak: {sum(peak) / 1000:.1f} GB together, at most {max(peak):.0f} MB of one")
    print(f"the whole machine: {busy / took:.2f} cores busy on average over the {took:.0f} s of the lessons; load average {os.getloadavg()[0]:.1f}")
    print(f"failures: {len(failures)}", *failures[:10], sep="\n  ")
    sys.exit(1 if failures else 0)


def quantile(values, q):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def memory(client, project):
    """Megabytes of each participant's container, as the engine counts them: without page cache that can be dropped."""
    found = client.containers(filters={"label": [f"unroll.project={project}", "unroll.user"], "name": "load"})
    with ThreadPoolExecutor(len(found) or 1) as pool:
        said = pool.map(lambda container: client.stats(container["Id"], stream=False, one_shot=True).get("memory_stats", {}), found)
        return [(one.get("usage", 0) - dropped(one)) / (1 << 20) for one in said] or [0]


def dropped(memory):
    """Bytes of page cache, which docker stats does not count either."""
    stats = memory.get("stats", {})
    return stats.get("total_inactive_file", stats.get("inactive_file", 0))


def used(person):
    """Seconds of processor time in a participant's container."""
    said = person.shell("cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null")
    if found := re.search(r"usage_usec (\d+)", said):
        return int(found[1]) / 1e6
    return int(said) / 1e9


def cpu():
    """Seconds of processor time on the whole machine."""
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
