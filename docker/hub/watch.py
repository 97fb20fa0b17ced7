"""Bounds each participant's home as a whole: a server whose home passes UNROLL_DISK is stopped, and its owner reads why.

Docker's volumes have no quota on common file systems. This service of the hub therefore measures the homes of all running servers
every few seconds, at once if the disk fills quickly. Its other half, `watch.py measure`, runs in a container of its own, which may
read every file and the processes' lists of open files, writes nothing and has no network. If the disk is nearly full all the same,
whoever has written most is stopped first, so that the saves of the others succeed.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

FULL = Path("/srv/data/full.json")  # {participant: [bytes of the home when the server was stopped, whether that is over the bound]}
FILES = 200_000  # in one home
DEPTH = 64
RESERVE = 2 << 30  # of the disk, if no setting says otherwise; half of what is free on a machine that has less
SPARE = 16 << 20  # what a server may add if its home was full when it started: enough to delete in peace


# In the container that measures


def size(home, most):
    """Bytes on the disk of the files in a home; counting ends beyond the most. More files or folders in folders than a home can
    have count as too many bytes."""
    total, files, folders, device = 0, 0, [(home, 0)], os.stat(home).st_dev
    while folders and total <= most:
        folder, depth = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    stat = entry.stat(follow_symlinks=False)
                    total += stat.st_blocks * 512
                    files += 1
                    if entry.is_dir(follow_symlinks=False):
                        folders.append((entry.path, depth + 1))
                    if files > FILES or depth > DEPTH or total > most:
                        return max(total, most + 1), device
        except FileNotFoundError:
            pass  # just deleted
    return total, device


def processes(containers):
    """{container: numbers of its processes}."""
    found = {container: [] for container in containers}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            groups = Path("/proc", name, "cgroup").read_text()
        except OSError:
            continue
        for container in containers:
            if container in groups:
                found[container].append(name)
    return found


def deleted(numbers, device):
    """Bytes of files that have no name any more, but are open."""
    seen = {}
    for number in numbers:
        try:
            for fd in os.listdir(f"/proc/{number}/fd"):
                stat = os.stat(f"/proc/{number}/fd/{fd}")
                if not stat.st_nlink and stat.st_dev == device:
                    seen[stat.st_ino] = stat.st_blocks * 512
        except OSError:
            continue
    return sum(seen.values())


def written(numbers):
    """Bytes that these processes, and those of theirs that have ended, have written to a disk."""
    total = 0
    for number in numbers:
        try:
            said = dict(line.split(": ") for line in Path(f"/proc/{number}/io").read_text().splitlines())
        except (OSError, ValueError):
            continue
        total += int(said["write_bytes"])
    return total


def measure():
    """Answers each line of the input, {container: [volume, most]}, with {container: [bytes of its home, bytes written]}."""
    for line in sys.stdin:
        asked, said = json.loads(line), {}
        numbers = processes(asked)
        for container, (volume, most) in asked.items():
            try:
                total, device = size(f"/homes/{volume}/_data", most)
            except OSError:
                total, device = 0, None  # a volume that is just being made or removed
            said[container] = [total + deleted(numbers[container], device), written(numbers[container])]
        print(json.dumps(said), flush=True)


# In the hub's container


class Measure:
    """The container that measures. It ends when its input does, so with this process."""

    def __init__(self, client, project):
        own = client.inspect_container(os.environ["HOSTNAME"])
        name = f"{project}-measure"
        if client.containers(all=True, filters={"name": f"^/{name}$"}):
            client.remove_container(name, force=True)
        volume = next(mount["Source"] for mount in own["Mounts"] if mount["Destination"] == "/srv/data")
        self.client, self.container = client, client.create_container(
            own["Image"], ["/usr/bin/python3", "-I", "-u", "/srv/hub/watch.py", "measure"], name=name, user="0:0", stdin_open=True,
            labels={"unroll.project": project},
            host_config=client.create_host_config(
                binds={str(Path(volume).parents[1]): {"bind": "/homes", "mode": "ro"}}, network_mode="none", read_only=True,
                cap_drop=["ALL"], cap_add=["DAC_READ_SEARCH", "SYS_PTRACE"], security_opt=["no-new-privileges"], pid_mode="host",
                mem_limit="256m", pids_limit=20, auto_remove=True, log_config={"Type": "none"},
            ),
        )["Id"]  # fmt: skip
        self.stream = client.attach_socket(self.container, {"stdin": 1, "stdout": 1, "stream": 1})
        self.socket = getattr(self.stream, "_sock", self.stream)
        self.socket.settimeout(60)
        client.start(self.container)

    def ask(self, question):
        self.socket.sendall(json.dumps(question).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            head = self.receive(8)  # the stream's kind, and its length
            answer += self.receive(int.from_bytes(head[4:], "big"))
        return json.loads(answer)

    def receive(self, size):
        data = b""
        while len(data) < size:
            chunk = self.socket.recv(size - len(data))
            if not chunk:
                raise ConnectionError("the measuring container has ended")
            data += chunk
        return data

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)


class Watch:
    def __init__(self, client, project, most, reserve, measure):
        self.client, self.project, self.most, self.reserve, self.measure = client, project, most, reserve, measure
        self.bounds = {}  # of each container

    def look(self):
        """Measures all, and stops who has too much; if the disk is nearly full, whoever has written most as well."""
        found = self.client.containers(filters={"label": [f"unroll.project={self.project}", "unroll.user"]})
        names = {it["Id"]: it["Labels"]["unroll.user"] for it in found}
        volumes = {it["Id"]: mount["Name"] for it in found for mount in it["Mounts"] if mount["Destination"] == "/home/learner"}
        if not volumes:
            return
        sizes = self.measure.ask({container: [volume, 2 * self.most] for container, volume in volumes.items()})
        self.bounds = {container: self.bounds.get(container) or self.bound(sizes[container][0]) for container in sizes}
        over = [container for container in sizes if sizes[container][0] > self.bounds[container]]
        if not over and free() < self.reserve:
            most = max(sizes, key=lambda container: sizes[container][1])
            over = [most] if sizes[most][1] > 4 * SPARE else []  # something else fills the disk
        for container in over:
            self.stop(container, names[container], sizes[container][0])
        fine = {names[container] for container, (size, _) in sizes.items() if size <= self.most and container not in over}
        note(lambda full: {name: size for name, size in full.items() if name not in fine})

    def bound(self, first):
        """A home that is full already can be opened, to delete something; it may not grow on and on that way."""
        return self.most if first < self.most else min(first + SPARE, self.most * 5 // 4)

    def stop(self, container, name, size):
        note(lambda full: full | {name: [size, size > self.most]})
        self.client.kill(container)
        ask_hub("DELETE", f"users/{quote(name)}/server")


def free():
    stat = os.statvfs("/srv/data")
    return stat.f_bavail * stat.f_frsize


def reserve(settings):
    """What has to stay free of the disk, in bytes."""
    return settings.reserve or min(RESERVE, free() // 2)


def note(change):
    old = said()
    if (new := change(old)) != old:
        part = FULL.with_suffix(".part")
        part.write_text(json.dumps(new))
        part.replace(FULL)


def said():
    """{participant: [bytes, whether that is over the bound]} of those whose servers were stopped, and have not started again."""
    try:
        return json.loads(FULL.read_text())
    except FileNotFoundError:
        return {}


def ask_hub(method, path):
    request = urllib.request.Request(f"{os.environ['JUPYTERHUB_API_URL']}/{path}", method=method,
                                     headers={"Authorization": f"token {os.environ['JUPYTERHUB_API_TOKEN']}"})  # fmt: skip
    try:
        urllib.request.urlopen(request, timeout=60).close()
    except OSError as error:
        print(f"watch: {path}: {error}", file=sys.stderr, flush=True)


async def main():
    import docker

    from settings import Settings

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    client = docker.APIClient(version="auto", timeout=30)
    project = os.environ["UNROLL_PROJECT"]
    settings = Settings()
    watch = Watch(client, project, settings.disk, reserve(settings), Measure(client, project))
    last, before = 0, free()
    try:
        while True:
            now, left = time.monotonic(), free()
            if now - last > 10 or before - left > 64 << 20 or left < watch.reserve:
                await asyncio.to_thread(watch.look)
                last, before = time.monotonic(), left
            await asyncio.sleep(0.5)
    except asyncio.CancelledError:
        pass
    finally:
        watch.measure.close()


if __name__ == "__main__":
    measure() if sys.argv[1:] == ["measure"] else asyncio.run(main())
