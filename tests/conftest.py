"""What every test may ask for."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from .browser import Chromium, Visit
    from .postgres import Cluster

ROOT = Path(__file__).resolve().parents[1]

# Many container images forbid Python to keep its bytecode; then each of the commands that the tests
# start compiles everything anew, which takes it a second.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

settings.register_profile(
    "test",
    max_examples=100,
    derandomize=True,  # fixed seeds: the same examples on every machine
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.register_profile(
    "check",
    max_examples=500,  # of laws that name no count of their own: the whole run must end within 90 minutes
    derandomize=False,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile(os.environ.get("TAIZHANG_PROFILE", "test"))


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for cycles, and search all the rest seldom.

    A sixth of the time of the tests went into looking at the same objects over and over.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(700, 10, 200)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of outside material beside the repository; it is never part of it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder 'shared' beside the repository: outside material is not here")
    return folder


@pytest.fixture(scope="session")
def soffice() -> str:
    """The LibreOffice command, for opening what we wrote; see ``tools/system-packages.sh``."""
    command = shutil.which("soffice") or shutil.which("libreoffice")
    if command is None:
        reason = "LibreOffice is not installed: run tools/system-packages.sh as root"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return command


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this test process; see ``tests/postgres.py``."""
    from . import postgres
    from .absent import absent

    try:
        postgres.binaries()
    except postgres.NoServerError as reason:
        absent(str(reason))
    with postgres.cluster() as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A browser, for the tests of one module; see ``tests/browser.py``."""
    from .browser import launched

    with launched() as running:
        yield running


@pytest.fixture
def browser_page(chromium: Chromium) -> Iterator[Callable[..., Visit]]:
    """``browser_page(base)`` opens a page that may ask ``base`` alone and remembers what went wrong."""
    with chromium.visits() as visit:
        yield visit
