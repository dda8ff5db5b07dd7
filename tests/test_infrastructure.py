"""The database and the browser that other tests stand on: they work, and they notice what they should.

What is wrong here was planted; a recorder that misses it would let every page pass.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from taizhang.settings import database

from . import browser, postgres
from .absent import absent
from .browser import DESKTOP, NOTHING, PHONE, axe
from .postgres import APPLICATION, SUPERUSER

ROOT = Path(__file__).resolve().parents[1]

# ------------------------------------------------------------------------------ the database


def test_the_cluster_answers_the_superuser_and_the_application(postgres_cluster):
    for role, powerful in ((SUPERUSER, True), (APPLICATION, False)):
        for address in (postgres_cluster.address, postgres_cluster.socket_address):
            with psycopg.connect(address("postgres", role)) as connection:
                row = connection.execute(
                    "select 1, current_user::text, rolsuper from pg_roles where rolname = current_user"
                ).fetchone()
            assert row == (1, role, powerful)


def test_the_application_may_do_nothing_until_it_is_granted(postgres_cluster):
    url = postgres_cluster.fresh_database("granted")
    with psycopg.connect(url) as connection:
        connection.execute("create table journal (line text)")
        connection.execute("insert into journal values ('登记')")

    with psycopg.connect(postgres_cluster.address("granted", APPLICATION), autocommit=True) as connection:
        for refused in ("select * from journal", "delete from journal", "create table mine ()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused)


def test_a_wrong_password_is_refused(postgres_cluster):
    address = postgres_cluster.url.replace(postgres_cluster.password, "guessed")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address)


def test_a_fresh_database_is_empty_again_even_while_somebody_uses_the_old_one(postgres_cluster):
    url = postgres_cluster.fresh_database("台账")
    with psycopg.connect(url, autocommit=True) as forgotten:
        forgotten.execute("create table estate (name text)")

        assert postgres_cluster.fresh_database("台账") == url

        with psycopg.connect(url) as connection:
            tables = "select count(*) from pg_tables where schemaname = 'public'"
            assert connection.execute(tables).fetchone() == (0,)
            kept = "select pg_encoding_to_char(encoding), datcollate from pg_database where datname = '台账'"
            assert connection.execute(kept).fetchone() == ("UTF8", "C")


def test_the_address_is_what_the_setting_of_the_database_takes(postgres_cluster):
    url = postgres_cluster.fresh_database("台账")
    by_socket = postgres_cluster.socket_address("台账")

    for address, host in ((url, "127.0.0.1"), (by_socket, str(postgres_cluster.folder))):
        told = database({"TAIZHANG_DATABASE": address})

        assert (told["NAME"], told["USER"], told["HOST"]) == ("台账", SUPERUSER, host)
        assert told["PORT"] == str(postgres_cluster.port)


# A shell that starts the tests in the background has SIGINT ignored, which every child inherits.
HOLDER = """
import signal, time
from tests import postgres
signal.signal(signal.SIGINT, signal.default_int_handler)
with postgres.cluster() as running:
    print(running.folder, running.port, flush=True)
    time.sleep(120)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_the_cluster_goes_with_its_process_however_that_ends(ending):
    try:
        postgres.binaries()
    except postgres.NoServerError as reason:
        absent(str(reason))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    with holder:
        assert holder.stdout is not None
        folder, port = holder.stdout.readline().split()
        assert (Path(folder) / "data" / "postmaster.pid").is_file()
        os.killpg(holder.pid, ending)  # the whole group, as Ctrl-C does
        assert holder.wait(timeout=60) != 0  # it was ended, and did not come to its own end

    deadline = time.monotonic() + 30
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(folder).exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0


def test_a_machine_without_servers_skips_with_a_reason_and_fails_in_ci(monkeypatch):
    monkeypatch.setattr(postgres.Path, "glob", lambda folder, pattern: iter(()))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(postgres.NoServerError, match=r"tools/system-packages\.sh"):
        postgres.binaries()

    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Chromium is not installed"):
        browser.command()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Chromium is not installed"):
        browser.command()


def test_a_server_that_is_too_old_is_not_taken(monkeypatch):
    monkeypatch.setattr(postgres, "OLDEST", 1_000)

    with pytest.raises(postgres.NoServerError, match=r"too old|not installed"):
        postgres.binaries()


# ------------------------------------------------------------------------------- the browser

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"


@dataclass(frozen=True, slots=True)
class Site:
    """A server of written pages, and the addresses it was asked for."""

    base: str
    pages: dict[str, str] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def page(self, path: str, body: str, policy: str = STRICT) -> None:
        head = "<!doctype html><html lang='zh-CN'><title>台账</title>"
        self.pages[path] = f"{head}<main><h1>台账</h1>{body}</main>"
        self.policies[path] = policy


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path != "/favicon.ico":
                site.asked.append(path)
            text = site.pages.get(path, "")
            if text.startswith("http"):
                self.send_response(302)
                self.send_header("Location", text)
                text = ""
            else:
                self.send_response(200 if path in site.pages or path == "/favicon.ico" else 404)
            kind = "text/javascript" if path.endswith(".js") else "text/html"
            content = text.encode()
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Security-Policy", site.policies.get(path, STRICT))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer((host, 0), Handler) as server:
        site = Site(f"http://{host}:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    """The server under test."""
    with serving() as running:
        yield running


@pytest.fixture
def stranger() -> Iterator[Site]:
    """A server of somebody else, which must never be asked."""
    with serving("127.0.0.2") as running:
        yield running


def test_a_clean_page_under_a_strict_policy_leaves_no_complaint(site, browser_page):
    site.page("/", "<p id='size'></p><script src='/own.js'></script>")
    site.pages["/own.js"] = (
        "document.getElementById('size').textContent ="
        " [innerWidth, innerHeight, navigator.language, new Date(0).getHours()].join()"
    )

    for size in (DESKTOP, PHONE):
        visit = browser_page(site.base, size=size)
        visit.page.goto("/")
        assert visit.page.inner_text("#size") == f"{size[0]},{size[1]},zh-CN,8"
        assert visit.recorded() == NOTHING


def test_a_planted_inline_script_does_not_run_and_is_noticed(site, browser_page):
    site.page("/", "<p>原样</p><script>document.querySelector('p').textContent = '被改'</script>")

    visit = browser_page(site.base)
    visit.page.goto("/")

    assert visit.page.inner_text("p") == "原样"
    assert visit.recorded().violations == ("script-src-elem inline",)
    assert visit.recorded().foreign == ()


def test_a_planted_style_attribute_is_noticed(site, browser_page):
    site.page("/", "<p style='color: red'>红</p>")

    visit = browser_page(site.base)
    visit.page.goto("/")

    assert visit.recorded().violations == ("style-src-attr inline",)


ASKS: dict[str, Callable[[str], str]] = {
    "image": lambda base: f"<img alt='' src='{base}/spy'>",
    "script": lambda base: f"<script src='{base}/spy'></script>",
    "frame": lambda base: f"<iframe title='f' src='{base}/spy'></iframe>",
    "fetch": lambda base: f"<script>fetch('{base}/spy', {{mode: 'no-cors'}}).catch(() => 0)</script>",
    "beacon": lambda base: f"<script>navigator.sendBeacon('{base}/spy', 'x')</script>",
    "socket": lambda base: f"<script>new WebSocket('{base.replace('http', 'ws')}/spy')</script>",
}


@pytest.mark.parametrize("kind", ASKS)
def test_a_planted_request_to_another_host_is_refused_and_noticed(kind, site, stranger, browser_page):
    site.page("/", ASKS[kind](stranger.base), policy="default-src * 'unsafe-inline'")

    visit = browser_page(site.base)
    visit.page.goto("/")

    (asked,) = visit.recorded().foreign
    assert urlsplit(asked)[1:3] == (urlsplit(stranger.base).netloc, "/spy")
    assert visit.recorded().violations == ()
    assert stranger.asked == []


def test_a_redirect_to_another_host_is_refused_and_noticed(site, stranger, browser_page):
    site.page("/", "<img alt='' src='/moved'>", policy="default-src *")
    site.pages["/moved"] = f"{stranger.base}/spy"

    visit = browser_page(site.base)
    visit.page.goto("/")

    assert visit.recorded().foreign == (f"{stranger.base}/spy",)
    assert site.asked == ["/", "/moved"]
    assert stranger.asked == []


@pytest.mark.parametrize("kind", ["image", "socket"])
def test_another_port_of_the_same_machine_is_another_host(kind, site, browser_page):
    with serving() as neighbour:
        site.page("/", ASKS[kind](neighbour.base), policy="default-src * 'unsafe-inline'")

        visit = browser_page(site.base)
        visit.page.goto("/")

        (asked,) = visit.recorded().foreign
        assert urlsplit(asked).netloc == urlsplit(neighbour.base).netloc
        assert neighbour.asked == []


def test_errors_of_the_page_are_noticed(site, browser_page):
    site.page("/", "<script src='/own.js'></script><script src='/lost.js'></script>")
    site.pages["/own.js"] = "console.error('说不通'); console.log('无妨'); throw new Error('没接住')"

    visit = browser_page(site.base)
    visit.page.goto("/")

    errors = visit.recorded().errors
    assert "说不通" in errors
    assert any("没接住" in one for one in errors)
    assert any("404" in one for one in errors)
    assert not any("无妨" in one for one in errors)


def test_what_one_visit_complains_of_is_not_held_against_the_next(site, browser_page):
    site.page("/", "<script>0</script>")
    site.page("/clean", "")

    browser_page(site.base).page.goto("/")
    visit = browser_page(site.base)
    visit.page.goto("/clean")

    assert visit.recorded() == NOTHING


def test_axe_finds_a_planted_fault_under_the_strict_policy(site, browser_page):
    site.page("/", "<button></button>")
    site.page("/clean", "<button>提交</button>")

    visit = browser_page(site.base)
    visit.page.goto("/clean")
    assert axe(visit.page) == ()
    visit.page.goto("/")
    (fault,) = axe(visit.page)

    assert fault == "button-name (critical): button"
    assert visit.recorded() == NOTHING


def test_tests_without_a_browser_do_not_load_playwright():
    code = "import sys, tests.conftest, tests.browser; sys.exit('playwright' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
