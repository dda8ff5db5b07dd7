"""Whose failures lock whom: the address of a visitor behind proxies, and what a stranger cannot forge."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from taizhang.errors import InputError
from taizhang.ledger.models import Official
from taizhang.office.accounts import open_account
from taizhang.settings import proxies
from taizhang.web.addresses import client_address

from .builders import NOON
from .rows import office

PASSWORD = "a-small-office-2024"
PROXY, OFFICIAL, STRANGER = "10.0.0.1", "192.0.2.7", "203.0.113.9"


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, OFFICIAL, PROXY),  # nobody is trusted: only who speaks to the server counts
        (1, OFFICIAL, OFFICIAL),  # the proxy tells whom it speaks for
        (1, f"{OFFICIAL}, {STRANGER}", STRANGER),  # what the stranger wrote stands to the left
        (1, "", PROXY),  # the proxy tells nothing
        (2, f"{OFFICIAL}, {STRANGER}, 10.0.0.2", STRANGER),  # of two proxies the outer one tells
        (2, STRANGER, PROXY),  # it came past one of the two
        (1, "unknown", PROXY),  # no address
        (1, f"{OFFICIAL}:4711", OFFICIAL),  # a port is no part of an address
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, f"::ffff:{OFFICIAL}", OFFICIAL),  # one address, one spelling
        (1, "2001:0DB8::0001", "2001:db8::1"),
    ],
)
def test_the_address_is_that_which_the_outermost_proxy_saw(hops, forwarded, address, monkeypatch):
    monkeypatch.setattr(settings, "TAIZHANG_PROXIES", hops)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    assert client_address(RequestFactory().get("/", REMOTE_ADDR=PROXY, headers=headers)) == address


@pytest.fixture
def sign_in(sqlite, monkeypatch):
    """``sign_in(address, password, forged)`` through one proxy; the status."""
    office()
    open_account(Official.objects.get(name="高秀岚"), "gao", PASSWORD, actor="test", now=NOON)
    monkeypatch.setattr(settings, "TAIZHANG_PROXIES", 1)

    def asked(address: str, password: str, forged: str = "") -> int:
        told = f"{forged}, {address}" if forged else address
        client = Client(SERVER_NAME="localhost", REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": told})
        return client.post("/sign-in", {"username": "gao", "password": password}).status_code

    return asked


def test_a_stranger_behind_the_same_proxy_does_not_lock_an_official_out(sign_in):
    assert [sign_in(STRANGER, "guess") for _ in range(6)][-1] == 429

    assert sign_in(OFFICIAL, PASSWORD) == 302


def test_a_stranger_gains_no_guess_by_forging_the_header(sign_in):
    """Another address for every guess is of no use, and the official's own neither."""
    told = [sign_in(STRANGER, "guess", forged=f"198.51.100.{number}") for number in range(6)]

    assert told[-1] == 429
    assert sign_in(STRANGER, PASSWORD, forged=OFFICIAL) == 429
    assert sign_in(OFFICIAL, PASSWORD) == 302


@pytest.mark.parametrize("value", ["-1", "one", "10", "1.5", "²", ""])
def test_a_number_of_proxies_that_is_none_stops_the_start(value):
    with pytest.raises(InputError, match="E-SETTING"):
        proxies({"TAIZHANG_PROXIES": value})


def test_the_number_of_proxies_is_none_unless_it_is_said():
    assert (proxies({}), proxies({"TAIZHANG_PROXIES": "2"})) == (0, 2)
