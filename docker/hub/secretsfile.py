"""The secrets of a workshop: generated at the first start, stored in the hub's volume, readable only by the hub."""

import json
import os
import secrets
from pathlib import Path

FILE = Path("/srv/data/secrets.json")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike on a blackboard


def phrase(groups=3):
    """Groups of four letters, 20 bits each."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(groups))


def load(settings):
    """The secrets: those from .env first, then stored ones; missing ones are generated."""
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    whole = {
        "password": settings.password or kept.get("password") or phrase(),
        "admin": settings.admin_password or kept.get("admin") or phrase(8),
        "seats": dict(kept.get("seats", {})),
    }
    if settings.entry == "seats":
        for number in range(1, settings.seats + 1):
            whole["seats"].setdefault(f"seat-{number:02}", phrase())
    if whole != kept:
        save(whole)
    return whole


def seats():
    return json.loads(FILE.read_text())["seats"]


def reset(name):
    """Gives a seat a new password, and returns it."""
    whole = json.loads(FILE.read_text())
    if name not in whole["seats"]:
        raise KeyError(name)
    whole["seats"][name] = phrase()
    save(whole)
    return whole["seats"][name]


def save(whole):
    part = FILE.with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(whole, file, indent=1)
    part.replace(FILE)
