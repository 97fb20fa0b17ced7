"""A wrong setting is said in a line, before anything starts."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("hub")))

import settings  # noqa: E402

WRONG = {
    "ENTRY": [("open", "shared or seats")],
    "PASSWORD": [("tiny", "8 characters or more"), ("пароль-для-всех", "a to z")],
    "ADMIN_PASSWORD": [("a-short-one", "32 characters or more")],
    "SEATS": [("0", "from 1 to 1000"), ("many", "from 1 to 1000"), ("-3", "from 1 to 1000")],
    "PORT": [("70000", "65535"), ("http", "65535")],
    "HTTPS": [("yes", "no or made or given"), ("given", "cert.pem")],
    "MEMORY": [("2", "such as 1536M"), ("100M", "from 256M"), ("lots", "such as 1536M")],
    "CPUS": [("0", "from 0.1"), ("two", "from 0.1")],
    "IDLE_MINUTES": [("0", "from 1")],
    "SUBNETS": [("8.8.0.0/16", "private"), ("10.0.0.0/30", "256"), ("ours", "private")],
}


@pytest.mark.parametrize(("name", "value", "help"), [(name, *case) for name, cases in WRONG.items() for case in cases])
def test_wrong(name, value, help):
    with pytest.raises(settings.Wrong) as wrong:
        settings.Settings({f"UNROLL_{name}": value})
    said = str(wrong.value)
    assert f"UNROLL_{name}" in said and help in said and "\n" not in said
    if "PASSWORD" in name:
        assert value not in said  # it may be on the projector


def test_a_seat_has_its_own_password():
    with pytest.raises(settings.Wrong, match="remove one"):
        settings.Settings({"UNROLL_ENTRY": "seats", "UNROLL_PASSWORD": "long-enough"})


def test_nothing_set_is_right():
    s = settings.Settings({})
    assert (s.entry, s.password, s.admin_password, s.internet, s.memory) == ("shared", "", "", False, 1536 << 20)


def test_a_certificate_that_is_there_is_right(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "CERTIFICATE", tmp_path)
    (tmp_path / "cert.pem").touch()
    with pytest.raises(settings.Wrong, match="key.pem"):
        settings.Settings({"UNROLL_HTTPS": "given"})
    (tmp_path / "key.pem").touch()
    assert settings.Settings({"UNROLL_HTTPS": "given"}).https == "given"
