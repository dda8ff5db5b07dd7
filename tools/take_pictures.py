"""Take the tutorial's pictures of the example's report again: ``.venv/bin/python tools/take_pictures.py``.

Needs what the tests in the browser need: Playwright and a Chromium (``make system``).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"


def main() -> None:
    """Write the example, open its report and take the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        subprocess.run(
            [sys.executable, "-m", "taizhang", "demo", folder], check=True, stdout=subprocess.DEVNULL
        )
        (report,) = Path(folder).glob("*.html")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1_200, "height": 932})
        page.goto(report.as_uri())
        _gaps(page)
        _part_of_the_route(page)
        _route(page)
        browser.close()


def _gaps(page: Page) -> None:
    """The estate's heading, its figures and the first rows of its gaps."""
    top = page.locator("h2").nth(1).bounding_box()
    assert top is not None
    clip = {"x": 0, "y": top["y"] - 12, "width": 1_200, "height": 932}
    page.screenshot(path=PICTURES / "gaps.png", clip=clip, full_page=True)


def _part_of_the_route(page: Page) -> None:
    """Around the node that says who may apply."""
    node = page.locator("svg text", has_text="申办主体明确").first
    # the route lies in a box that scrolls sideways
    node.evaluate("at => at.closest('svg').parentElement.scrollTo(0, 0)")
    first = node.bounding_box()
    assert first is not None
    node.evaluate("(at, by) => at.closest('svg').parentElement.scrollTo(by, 0)", first["x"] - 560)
    at = node.bounding_box()
    assert at is not None
    clip = {"x": at["x"] - 520, "y": at["y"] - 200, "width": 1_000, "height": 620}
    page.screenshot(path=PICTURES / "route-part.png", clip=clip, full_page=True)


def _route(page: Page) -> None:
    """The whole route, as wide as a page of the README is shown at twice its points."""
    route = page.locator("svg", has_text="申办主体明确").first
    page.set_viewport_size({"width": 1_760, "height": 900})
    route.evaluate(
        "svg => { svg.style.width = '1690px'; svg.style.height = 'auto';"
        " svg.parentElement.style.overflow = 'visible'; }"
    )
    box = route.bounding_box()
    assert box is not None
    page.screenshot(path=PICTURES / "route.png", clip=box, full_page=True)


if __name__ == "__main__":
    main()
