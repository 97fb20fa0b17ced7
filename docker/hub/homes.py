"""Participants' homes, each read and written by inside.py in a container that has nothing else: without a network, a capability or
a right to anything but this home. What a file contains or is called can harm that container alone, which has bounds and a time."""

import contextlib
import sys
import threading
from pathlib import Path

import docker

import inside
from settings import lab_image

SECONDS = 90  # until a container is killed; inside.py's own bound is shorter


class Failed(Exception):
    """Why a home could not be read or written, in a word or two."""


def homes(client, project):
    """{account: volume} of all who have one."""
    volumes = client.volumes(filters={"label": [f"unroll.project={project}", "unroll.user"]})["Volumes"] or []
    return {volume["Labels"]["unroll.user"]: volume["Name"] for volume in sorted(volumes, key=lambda volume: volume["Labels"]["unroll.user"])}


def ask(client, command, *arguments, home=None, handout=None, seconds=SECONDS):
    """Runs inside.py and yields its answers: (header, content)."""
    bounds = client.create_host_config(
        binds={home: {"bind": "/home/learner", "mode": "rw" if handout else "ro"}} if home else {},
        network_mode="none", cap_drop=["ALL"], security_opt=["no-new-privileges"], pids_limit=20,
        mem_limit="1g", memswap_limit="1g", oom_score_adj=500, read_only=not handout, log_config={"Type": "none"},
    )  # fmt: skip
    container = make(
        client, lab_image(), ["-I", "-c", Path(inside.__file__).read_text(), command, *arguments], entrypoint=["/usr/bin/python3"], user="1000:1000",
        working_dir="/", host_config=bounds,
    )  # fmt: skip
    late = threading.Timer(seconds, lambda: kill(client, container))
    try:
        if handout:
            client.put_archive(container, "/", handout)
        stream = client.attach(container, stdout=True, stream=True, demux=True)
        late.start()
        client.start(container)
        ended = False
        for header, content in inside.frames(out for out, _ in stream if out):
            if "error" in header:
                raise Failed(header["error"])
            ended = header.get("end", True)
            yield header, content
        if not ended:
            raise Failed("time" if late.finished.is_set() else "memory")
    except ValueError:
        raise Failed("answer") from None
    except docker.errors.APIError as error:
        raise Failed(str(error.explanation or error)) from None
    finally:
        late.cancel()
        with contextlib.suppress(docker.errors.APIError):
            client.remove_container(container, force=True, v=False)


def make(client, *arguments, **options):
    try:
        return client.create_container(*arguments, **options)
    except docker.errors.APIError as error:
        raise Failed(str(error.explanation or error)) from None


def kill(client, container):
    with contextlib.suppress(docker.errors.APIError):
        client.kill(container)


def course(client, language="en"):
    """(lessons as [slug, title in a language], names of exercises) of the image that participants use."""
    try:
        header, _ = next(ask(client, "course", language))
    except Failed as failed:
        print(f"The course in {lab_image()}: {failed}", file=sys.stderr)
        return [], []
    return header["lessons"], header["exercises"]
