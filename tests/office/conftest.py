"""An installation for each test, on SQLite and on PostgreSQL.

The tables are made once a database and copied: SQLite copies the file, PostgreSQL the database.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_FOLDER = Path(tempfile.mkdtemp(prefix="taizhang-office-"))
os.environ["TAIZHANG_DATA"] = str(_FOLDER)
os.environ["DJANGO_SETTINGS_MODULE"] = "taizhang.settings.site"

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402

# within the tests' own process sessions lie in the ledger's database, which each test has for itself
connections.settings.pop("visitors")
# One connection for this thread, whether the browser's loop runs or not: where it does, what Django keeps
# for the thread it keeps apart, and a test would ask the database of the module before.
connections._connections = threading.local()


def pytest_sessionfinish() -> None:
    connections.close_all()
    shutil.rmtree(_FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template() -> Path:
    """An SQLite file with empty tables."""
    _point({"ENGINE": "django.db.backends.sqlite3", "NAME": str(_FOLDER / "template.sqlite3")})
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()
    return _FOLDER / "template.sqlite3"


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh SQLite ledger; its path."""
    path = tmp_path / "data" / "taizhang.sqlite3"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    monkeypatch.setenv("TAIZHANG_DATA", str(path.parent))
    _point({"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)})
    yield str(path)
    connections.close_all()


@pytest.fixture(scope="session")
def sqlite_ledger(sqlite_template: Path) -> Callable[[Path], None]:
    """``sqlite_ledger(path)`` makes an empty ledger there and lets Django's connection lead to it."""

    def make(path: Path) -> None:
        shutil.copy(sqlite_template, path)
        _point({"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)})

    return make


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster) -> str:
    """A PostgreSQL database with empty tables; its address."""
    address = postgres_cluster.fresh_database("office_template")
    _point(_postgres(address))
    call_command("migrate", verbosity=0)
    connections.close_all()
    return address


@pytest.fixture
def postgres(postgres_template: str, postgres_cluster, tmp_path: Path, monkeypatch) -> Iterator[str]:
    """A fresh PostgreSQL ledger; its address."""
    name = f"office_{tmp_path.parent.name}_{tmp_path.name}".replace("-", "_").lower()[-60:]
    address = postgres_cluster.fresh_database(name, template="office_template")
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("TAIZHANG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TAIZHANG_DATABASE", address)
    _point(_postgres(address))
    yield address
    connections.close_all()
    postgres_cluster.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest) -> str:
    """A fresh ledger, once on each database; its path or address."""
    found: str = request.getfixturevalue(request.param)
    return found


def point_at(address: str) -> None:
    """Let Django's connection lead to a PostgreSQL database by its address."""
    _point(_postgres(address))


def _postgres(address: str) -> dict[str, str]:
    from taizhang.settings import database

    return database({"TAIZHANG_DATABASE": address})


def _point(told: dict[str, str]) -> None:
    """Let Django's connection lead to another database."""
    connections.close_all()
    if hasattr(connections._connections, "default"):
        del connections["default"]
    merged = {**{"HOST": "", "PORT": "", "USER": "", "PASSWORD": ""}, **told}
    if told["ENGINE"].endswith("sqlite3"):
        from taizhang.settings import site

        # what Django holds has been replaced where a test pointed it at PostgreSQL
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("TAIZHANG_DATABASE", raising=False)
            merged["OPTIONS"] = site.told_to_django()["OPTIONS"]
    connections.settings["default"] = connections.configure_settings({"default": merged})["default"]
