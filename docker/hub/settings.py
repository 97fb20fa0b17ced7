#!/usr/bin/env python3
"""The workshop's settings, from the environment that compose.yaml makes of .env. Run as a program, it prints in one line
what is wrong with them, before anything starts."""

import ipaddress
import os
import re
import sys
from pathlib import Path

LANGUAGES = ("en", "ko")  # English, and the folders of po
CERTIFICATE = Path("/certificate")  # the folder that UNROLL_CERTIFICATE names


class Wrong(Exception):
    """An error for the teacher: what is wrong and what to do, in one line."""


def lab_image(env=os.environ):
    """The participants' image: made here, or where UNROLL_IMAGE and UNROLL_TAG say that there is one."""
    name, tag = (env.get(f"UNROLL_{part}", "").strip() or default for part, default in (("IMAGE", "unroll"), ("TAG", "latest")))
    if not re.fullmatch(r"([a-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*", name):
        raise Wrong(f"UNROLL_IMAGE={name} is not a name of images: it is one in small letters, without -lab and a tag, such as ghcr.io/owner/unroll")
    if not re.fullmatch(r"[\w][\w.-]{0,127}", tag, re.ASCII):
        raise Wrong(f"UNROLL_TAG={tag} is not a tag: it is one such as v1.0")
    return f"{name}-lab:{tag}"


class Settings:
    def __init__(self, env=os.environ):
        self.env = env
        self.language = self.choice("LANGUAGE", *LANGUAGES)
        self.entry = self.choice("ENTRY", "shared", "seats")
        self.seats = self.number("SEATS", 30, 1, 1000)
        self.internet = self.choice("INTERNET", "no", "yes") == "yes"
        self.https = self.choice("HTTPS", "no", "made", "given")
        self.port = self.number("PORT", 8000, 1, 65535)
        self.labs_port = self.number("LABS_PORT", 8001, 1, 65535)
        self.address = self.text("ADDRESS")
        self.password = self.secret("PASSWORD", 8)
        self.admin_password = self.secret("ADMIN_PASSWORD", 32)
        self.memory = self.size("MEMORY", "1536M")
        self.disk = self.size("DISK", "1G")
        self.reserve = self.size("RESERVE", "2G") if self.text("RESERVE") else 0
        self.processes = self.number("PROCESSES", 400, 100, 10000)
        self.cpus = self.decimal("CPUS", "2")
        self.idle = self.number("IDLE_MINUTES", 60, 1, 100000)
        self.subnets = self.network("SUBNETS", "10.213.0.0/16")
        self.lab = lab_image(self.env)
        if self.port == self.labs_port:
            raise Wrong("UNROLL_PORT and UNROLL_LABS_PORT are the same: participants' servers need a port of their own, change one in .env")
        if self.password and self.password == self.admin_password:
            raise Wrong("UNROLL_PASSWORD and UNROLL_ADMIN_PASSWORD are the same: change one of them in .env")
        if self.password and self.entry == "seats":
            raise Wrong("UNROLL_PASSWORD is for UNROLL_ENTRY=shared, seats have their own: remove one of the two from .env")
        if self.https == "given":
            for name in ("cert.pem", "key.pem"):
                if not (CERTIFICATE / name).is_file():
                    raise Wrong(f"UNROLL_HTTPS=given needs the file {name}, and the folder that UNROLL_CERTIFICATE names does not have it: "
                                "put it there, or set UNROLL_HTTPS=made")  # fmt: skip
                try:
                    (CERTIFICATE / name).read_bytes()
                except OSError as error:
                    raise Wrong(f"{name} in the folder that UNROLL_CERTIFICATE names cannot be read ({error.strerror}): "
                                "make it readable") from None  # fmt: skip

    def text(self, name, default=""):
        return self.env.get(f"UNROLL_{name}", "").strip() or default

    def choice(self, name, *allowed):
        value = self.text(name, allowed[0])
        if value not in allowed:
            raise Wrong(f"UNROLL_{name}={value} is not known: it is {' or '.join(allowed)}")
        return value

    def number(self, name, default, least, most):
        value = self.text(name, str(default))
        if not re.fullmatch("[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise Wrong(f"UNROLL_{name}={value} is not possible: it is a number from {least} to {most}")
        return int(value)

    def decimal(self, name, default):
        value = self.text(name, default)
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", value) or float(value) < 0.1:
            raise Wrong(f"UNROLL_{name}={value} is not possible: it is a number from 0.1, such as 1.5")
        return float(value)

    def size(self, name, default):
        """In bytes."""
        value = self.text(name, default)
        found = re.fullmatch("([0-9]{1,6})([MG])", value)
        if not found or (size := int(found[1]) << {"M": 20, "G": 30}[found[2]]) < 256 << 20:
            raise Wrong(f"UNROLL_{name}={value} is not possible: it is a size from 256M, such as {default}")
        return size

    def secret(self, name, least):
        value = self.text(name)
        if value and len(value) < least:
            raise Wrong(f"UNROLL_{name} is too short: use {least} characters or more, or leave it out and one is generated")
        if not value.isascii():
            raise Wrong(f"UNROLL_{name} has a character that not every keyboard has: use letters from a to z, digits and signs")
        return value

    def network(self, name, default):
        value = self.text(name, default)
        try:
            network = ipaddress.IPv4Network(value)
        except ValueError:
            network = None
        if not network or network.prefixlen > 24 or not network.is_private:
            raise Wrong(f"UNROLL_{name}={value} is not possible: it is a private range of 256 addresses or more, such as {default}")
        return network


def main():
    try:
        Settings()
    except Wrong as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    main()
