"""Who signs in does not wait for who writes: on a real server, while the ledger is being written to."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from taizhang.ledger.models import Official
from taizhang.office.accounts import open_account

from .builders import NOON
from .rows import office
from .serving import PASSWORD, Served, served

SOON = 5.0  # seconds: a password takes a third of one, a busy machine the rest


@pytest.fixture(scope="module")
def server(sqlite_ledger: Callable[[Path], None], tmp_path_factory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAIZHANG_DATA", str(folder))
        sqlite_ledger(folder / "taizhang.sqlite3")
        office()
        open_account(Official.objects.get(name="高秀岚"), "gao", PASSWORD, actor="test", now=NOON)
        with served(folder, (0, 0, ()), {"TAIZHANG_DATA": str(folder)}) as running:
            yield running


@contextmanager
def somebody_writes(server: Served) -> Iterator[None]:
    """A transaction that writes, as that of an import, open for as long as the block lasts."""
    with closing(sqlite3.connect(server.log.parent / "taizhang.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


class Browser:
    """Signs in and asks for pages, with its cookies."""

    def __init__(self, server: Served) -> None:
        self.base = server.base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def page(self, path: str, **told: str) -> tuple[str, str]:
        """Address and text of the page that is shown in the end."""
        data = urllib.parse.urlencode(told).encode() if told else None
        with self.opener.open(self.base + path, data, timeout=60) as answer:
            return answer.geturl().removeprefix(self.base), answer.read().decode()

    def sign_in(self, password: str = PASSWORD) -> str:
        """Where one is after that."""
        _, text = self.page("/sign-in")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)[1]
        return self.page("/sign-in", username="gao", password=password, csrfmiddlewaretoken=token)[0]


def test_signing_in_and_out_does_not_wait_for_an_import(server):
    with somebody_writes(server):
        begun = time.monotonic()
        browser = Browser(server)
        assert browser.sign_in("not-the-password") == "/sign-in"
        assert browser.sign_in() == "/"
        address, text = browser.page("/password")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)[1]
        left, _ = browser.page("/sign-out", csrfmiddlewaretoken=token)
        took = time.monotonic() - begun

    assert (address, left) == ("/password", "/sign-in")
    assert browser.page("/password")[0].startswith("/sign-in?")  # the session is gone, not only its cookie
    assert took < SOON


def test_a_session_that_is_ended_at_the_terminal_is_ended(server):
    """Sessions stay revocable: each is a row that can be removed."""
    browser = Browser(server)
    browser.sign_in()
    assert browser.page("/password")[0] == "/password"
    with closing(sqlite3.connect(server.log.parent / "visitors.sqlite3", isolation_level=None)) as file:
        assert file.execute("DELETE FROM django_session").rowcount >= 1

    assert browser.page("/password")[0].startswith("/sign-in?")


def test_the_ledgers_own_file_holds_no_session(server):
    Browser(server).sign_in()
    with closing(sqlite3.connect(server.log.parent / "taizhang.sqlite3")) as file:
        sessions = file.execute("SELECT count(*) FROM django_session").fetchone()
        seen = file.execute("SELECT count(*) FROM ledger_account WHERE last_login IS NOT NULL").fetchone()

    assert (sessions, seen) == ((0,), (0,))


def test_many_sign_in_at_once(server):
    """The file of visitors has its own waiting: nobody is turned away."""
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(Browser(server).sign_in())) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert found == ["/"] * 8
