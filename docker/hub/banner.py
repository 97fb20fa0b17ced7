"""Prints what stands on the board: the address, the password and a QR code; and, apart from it, what the teacher alone may know."""

import sys

import segno

import words
from secretsfile import load
from settings import Settings, lab_image

# The address is reserved for documentation. Connecting a UDP socket sends nothing; it only selects the local address.
OWN = 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(("203.0.113.1", 9)); print(s.getsockname()[0])'


def address(settings, client):
    """The workshop's URL, as participants' browsers reach it."""
    host = settings.address or machine(client) or "localhost"
    scheme = "http" if settings.https == "no" else "https"
    port = "" if settings.port == {"http": 80, "https": 443}[scheme] else f":{settings.port}"
    return f"{scheme}://{host}{port}/"


def machine(client):
    """The address, in its network, of the machine that the engine runs on; empty if unknown."""
    container = client.create_container(
        lab_image(), entrypoint=["python", "-c", OWN], host_config=client.create_host_config(network_mode="host")
    )
    try:  # a container without the host's network does not know it
        client.start(container)
        if client.wait(container, timeout=20)["StatusCode"]:
            return ""
        return client.logs(container, stderr=False).decode().strip()
    finally:
        client.remove_container(container, force=True)


def show(client, out=sys.stdout):
    """The board, which the projector may show: nothing of the teacher's alone is on it."""
    settings = Settings()
    secrets, join = load(settings), address(settings, client)
    lines = ["", words.BOARD_OPEN, "", f"  {words.pad(words.BOARD_ADDRESS, 10)} {join}"]
    if settings.entry == "seats":
        lines.append(f"  {words.pad(words.BOARD_ENTRY, 10)} {words.BOARD_SEATS.format(n=settings.seats)}")
    else:
        lines.append(f"  {words.pad(words.BOARD_PASSWORD, 10)} {secrets['password']}")
    print("\n".join(lines) + "\n", file=out)
    segno.make(join, error="l").terminal(out, compact=True, border=2)
    print(f"\n{words.BOARD_TEACHER}\n", file=out, flush=True)


def teacher(client, out=sys.stdout):
    """What the teacher alone may see."""
    settings = Settings()
    lines = [words.TEACHER_ALONE, "", f"  {words.pad(words.TEACHER_NAME, 10)} teacher", f"  {words.pad(words.TEACHER_PASSWORD, 10)} {load(settings)['admin']}",
             f"  {words.TEACHER_CLASS}: {address(settings, client)}services/class/"]  # fmt: skip
    if settings.entry == "seats":
        lines.append(f"  {words.TEACHER_SHEET}")
    print("\n".join(lines), file=out)
