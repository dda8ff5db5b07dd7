"""A browser for the tests: the machine's Chromium, driven by Playwright, that writes down complaints.

A page may ask the address under test and nothing else.  What it asks of others is refused and
remembered; so are errors on its console and everything its content security policy had to block.

    visit = browser_page("http://127.0.0.1:8000")
    visit.page.goto("/desk")
    assert visit.recorded() == NOTHING
    assert axe(visit.page) == ()

Under a strict policy ``page.wait_for_function`` fails: it evaluates text.  Wait for a selector.
Playwright's loop runs in the thread of the tests while the browser is open; Django takes that for
asynchronous code and refuses its database, so it is told otherwise for that long.

Reads from: Playwright, loaded only when a browser is asked for.  Read by: ``tests/conftest.py``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from .absent import absent

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

ROOT = Path(__file__).resolve().parents[1]
FRONTEND = ROOT / "frontend"
AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP = (1366, 768)
PHONE = (390, 844)
#: No other host than this machine has an address: redirects go past Playwright's routes.
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
FLAGS = [
    NOWHERE,
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
#: Without a host; Chromium answers them itself.
INSIDE = frozenset({"about", "blob", "data"})
#: Runs before the page's own scripts, outside its policy.
LISTEN = """
addEventListener("securitypolicyviolation", (event) => taizhangViolation(
  `${event.effectiveDirective} ${event.blockedURI}${event.sample ? " " + event.sample : ""}`), true);
"""
RUN_AXE = """
async (tags) => (await axe.run(document, {runOnly: tags, resultTypes: ["violations"]})).violations
  .filter((found) => ["serious", "critical"].includes(found.impact))
  .map(({id, impact, nodes}) => `${id} (${impact}): ${nodes.map((node) => node.target.join(" ")).join(", ")}`)
"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What went wrong on a page, in the order in which it was told.

    Attributes:
        foreign: Addresses asked of others than the base; refused.
        errors: Errors on the console and exceptions nobody caught.
        violations: ``directive what`` of everything that the policy blocked or reported.
    """

    foreign: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()


NOTHING = Recorded()


@dataclass(frozen=True, slots=True)
class Visit:
    """One page with cookies of its own, and what was written down about it."""

    base: str
    page: Page
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def recorded(self) -> Recorded:
        """All complaints so far; those under way are waited for."""
        # A blocked thing reports itself from a task of its own: two frames and a round trip later
        # it has.
        self.page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
        return Recorded(tuple(self.foreign), tuple(self.errors), tuple(self.violations))


def _same_host(base: str, address: str) -> bool:
    """Whether an address belongs to the base: same host and port; ``ws`` is as good as ``http``."""
    ours, asked = urlsplit(base), urlsplit(address)
    return asked.scheme in INSIDE or ours.netloc == asked.netloc


def _watch(context: BrowserContext, visit: Visit) -> None:
    def asked(request: Request) -> None:  # also called for where a redirect leads
        if not _same_host(visit.base, request.url):
            visit.foreign.append(request.url)

    def gate(route: Route) -> None:
        if _same_host(visit.base, route.request.url):
            route.continue_()
        else:
            route.abort("blockedbyclient")

    def socket(asking: Any) -> None:
        if _same_host(visit.base, asking.url):
            asking.connect_to_server()
        else:
            visit.foreign.append(asking.url)
            asking.close()

    def violated(what: str) -> None:
        visit.violations.append(what)

    context.on("request", asked)
    context.on("console", lambda said: visit.errors.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda thrown: visit.errors.append(str(thrown.error)))
    context.route("**/*", gate)
    context.route_web_socket("**/*", socket)
    context.expose_function("taizhangViolation", violated)
    context.add_init_script(LISTEN)


@dataclass(frozen=True, slots=True)
class Chromium:
    """A running browser."""

    browser: Browser

    @contextmanager
    def visits(self) -> Iterator[Callable[..., Visit]]:
        """``visit(base, size=DESKTOP, language="zh-CN")`` opens pages; all are closed in the end."""
        with ExitStack() as stack:

            def visit(base: str, size: tuple[int, int] = DESKTOP, language: str = "zh-CN") -> Visit:
                width, height = size
                context = self.browser.new_context(
                    base_url=base,
                    viewport={"width": width, "height": height},
                    locale=language,
                    timezone_id="Asia/Shanghai",
                    service_workers="block",  # one would ask behind the recorder's back
                )
                stack.callback(context.close)
                context.set_default_timeout(15_000)
                opened = Visit(base, context.new_page())
                _watch(context, opened)
                return opened

            yield visit


def command() -> str:
    """The command of the browser; skips the test where there is none, and fails it with CI=true."""
    for name in NAMES:
        if (found := shutil.which(name)) is not None:
            return found
    absent("Chromium is not installed: run tools/system-packages.sh as root")


@contextmanager
def launched() -> Iterator[Chromium]:
    """Start the machine's Chromium without a window; 1 to 2 seconds."""
    executable = command()
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=executable,
            headless=True,
            chromium_sandbox=os.geteuid() != 0,  # root cannot have one
            args=FLAGS,
        )
        try:
            yield Chromium(browser)
        finally:
            browser.close()


def axe(page: Page) -> tuple[str, ...]:
    """Serious and critical faults of accessibility on a page, by WCAG 2.1 A and AA.

    Returns:
        ``rule (impact): where, where`` of each fault; empty when there is none.

    Skips the test where axe-core is not installed; with CI=true it fails, once ``frontend`` asks for it.
    """
    if not AXE.is_file():
        reason = "axe-core is not installed: run npm ci in frontend"
        if not (FRONTEND / "package.json").is_file():
            pytest.skip(reason)
        absent(reason)
    # evaluate is not subject to the page's policy, a script element would be; `;0` keeps the
    # library's value, which cannot be carried over, from being returned
    page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    return tuple(page.evaluate(RUN_AXE, WCAG))
