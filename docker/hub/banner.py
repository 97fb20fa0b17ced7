"""Prints what the teacher writes on the board: the address, the password and a QR code."""

import sys

import segno

from secretsfile import load
from settings import Settings

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
        "unroll-lab", entrypoint=["python", "-c", OWN], host_config=client.create_host_config(network_mode="host")
    )
    try:  # a container without the host's network does not know it
        client.start(container)
        if client.wait(container, timeout=20)["StatusCode"]:
            return ""
        return client.logs(container, stderr=False).decode().strip()
    finally:
        client.remove_container(container, force=True)


def show(client, out=sys.stdout):
    settings = Settings()
    secrets, join = load(settings), address(settings, client)
    lines = ["", "The workshop is open.", "", f"  Address    {join}"]
    if settings.entry == "seats":
        lines.append(f"  Entry      {settings.seats} seats: docker compose exec hub workshop sheet prints their passwords")
    else:
        lines.append(f"  Password   {secrets['password']}")
    lines += ["", "  For you alone: name teacher, password " + secrets["admin"],
              f"  The class at a glance: {join}services/class/", ""]  # fmt: skip
    print("\n".join(lines), file=out)
    segno.make(join, error="l").terminal(out, compact=True, border=2)
    print("", file=out, flush=True)
