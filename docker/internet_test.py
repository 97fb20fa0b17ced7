"""The proxy to the internet refuses private and special addresses."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("hub")))

import internet  # noqa: E402


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.17.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
    "::1", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", "2002:a9fe:a9fe::1", "ff02::1",
])  # fmt: skip
def test_near(address):
    assert not internet.outside(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "151.101.2.132", "2606:4700::1111"])
def test_far(address):
    assert internet.outside(address)
