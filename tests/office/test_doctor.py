"""What is amiss is told, each by its own check, and with what to do next."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection, connections

from taizhang.cli.office.keeping import backup, doctor
from taizhang.errors import TaizhangError
from taizhang.ledger.models import Official, Organisation
from taizhang.office import health
from taizhang.office.health import FAULT, FINE, NOTE, examine
from taizhang.office.installation import Law, remember_law
from taizhang.office.keeping import soundness
from taizhang.office.keeping.remembering import remember
from taizhang.office.key_ring import KeyRing
from taizhang.office.register import register
from taizhang.office.sealing import new_data_key, wrap_key
from taizhang.rules.worktime import WorkCalendar

from .backups.told import attach
from .builders import NOON, draft
from .killing import install_in

IN_2024 = datetime(2024, 1, 29, 4, tzinfo=UTC)
CHECKS = [
    *("programs", "settings", "installation", "folder", "space", "law", "calendar", "database"),
    *("migrations", "guarantees", "triggers", "journal", "keys", "attachments", "backup", "anchor"),
]


@pytest.fixture
def office(ledger, tmp_path, monkeypatch) -> Path:
    """An installation in which nothing is amiss, kept an hour ago; its folder."""
    folder = tmp_path / "data"
    install_in(folder, ledger if "://" in ledger else "", monkeypatch)
    folder.chmod(0o700)
    remember_law(Law("title-certificates", ("title-certificates-shandong",), "市专班"))
    ring = KeyRing.create(folder / "keys.json", NOON)
    how = {"programme": "title-certificates", "file_name": "台账.xlsx", "sha256": "0" * 64, "actor": "test"}
    for number in range(3):
        register([draft(f"小区{number}")], now=NOON + timedelta(minutes=number), **how)
    city = Organisation.objects.create(id=1, name="市专班", kind="city")
    Official.objects.create(
        id=1, name="王建国", organisation=city, subject_key=wrap_key(ring, new_data_key()).encode()
    )
    attach("测绘报告.pdf", b"%PDF-1.7 survey")
    for kind in ("backup", "anchor"):
        remember(kind, IN_2024 - timedelta(hours=1))
    return folder


def told(now: datetime = IN_2024) -> dict[str, str]:
    """The state of every check that is not fine; of a fault its code."""
    found = {one.id: one for one in examine(now)}
    connections.close_all()
    return {
        name: FAULT + one.found.en[one.found.en.rindex("[") :] if one.state == FAULT else one.state
        for name, one in found.items()
        if one.state != FINE
    }


@pytest.fixture
def fine(office) -> dict[str, str]:
    """The tests' own PostgreSQL writes nothing to the disk, and that is seen."""
    return {"guarantees": "fault[E-DOCTOR-DATABASE]"} if connection.vendor == "postgresql" else {}


def behind_its_back(*queries: str) -> None:
    """What somebody does who may write the whole database."""
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(query)


def test_nothing_is_amiss(office, fine):
    assert [one.id for one in examine(IN_2024)] == CHECKS
    assert told() == fine


# ------------------------------------------------------------------------- planted faults


def test_the_keys_of_another_installation_do_not_fit(office, fine):
    (office / "keys.json").unlink()
    assert told() == fine | {"keys": "fault[E-SEAL-MISSING]"}

    KeyRing.create(office / "keys.json", NOON)
    assert told() == fine | {"keys": "fault[E-SEAL-KEY]"}


def test_a_trigger_that_was_removed(office, fine):
    if connection.vendor == "sqlite":
        behind_its_back("DROP TRIGGER ledger_journalpart_no_delete")
    else:
        behind_its_back("ALTER TABLE ledger_anchor DISABLE TRIGGER ledger_anchor_append_only")

    assert told() == fine | {"triggers": "fault[E-DOCTOR-TRIGGERS]"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_journalentry SET actor = 'somebody else' WHERE id = 2",
        "UPDATE ledger_journalentry SET previous = digest WHERE id = 3",
        f"UPDATE ledger_journalpart SET digest = '{'0' * 64}' WHERE entry_id = 2",
    ],
)
def test_a_journal_that_does_not_hold(office, fine, change, monkeypatch):
    if connection.vendor == "sqlite":
        behind_its_back(
            *(f"DROP TRIGGER {one}_no_update" for one in ("ledger_journalentry", "ledger_journalpart"))
        )
    else:
        behind_its_back(
            "ALTER TABLE ledger_journalentry DISABLE TRIGGER USER",
            "ALTER TABLE ledger_journalpart DISABLE TRIGGER USER",
        )
    behind_its_back(change)

    assert told()["journal"] == "fault[E-DOCTOR-JOURNAL]"
    monkeypatch.setattr(soundness, "_ENTRIES", 2)  # the changed entry is still among the last
    assert told()["journal"] == "fault[E-DOCTOR-JOURNAL]"


def test_an_attachment_that_is_gone_or_cut(office, fine):
    (path,) = (office / "attachments").glob("??/*")
    path.write_bytes(b"%PDF")
    assert told() == fine | {"attachments": "fault[E-DOCTOR-ATTACHMENT]"}

    path.unlink()
    assert told() == fine | {"attachments": "fault[E-DOCTOR-ATTACHMENT]"}


def test_a_database_of_another_version_hides_the_rest(office):
    behind_its_back("DELETE FROM django_migrations WHERE app = 'axes'")

    found = list(examine(IN_2024))

    assert (found[-1].id, found[-1].state) == ("migrations", FAULT)
    assert "E-MIGRATE" in found[-1].found.zh


def test_a_database_that_does_not_answer(office, monkeypatch, tmp_path):
    if connection.vendor == "sqlite":
        connections.close_all()
        for one in office.glob("taizhang.sqlite3*"):
            one.unlink()
    else:
        install_in(office, "postgresql://nobody@127.0.0.1:1/nothing", monkeypatch)

    assert told() == {"database": "fault[E-NO-LEDGER]"}
    assert not (office / "taizhang.sqlite3").exists()  # looking makes no empty one


def test_no_installation_at_all(sqlite, tmp_path, monkeypatch):
    install_in(tmp_path / "nothing", "", monkeypatch)

    assert told() == {"installation": "fault[E-NOT-INSTALLED]"}
    assert not (tmp_path / "nothing").exists()


def test_a_law_that_cannot_be_read(office, fine):
    remember_law(Law("title-certificates", ("no-such-overlay",), "市专班"))

    found = {one.id: one for one in examine(IN_2024)}

    assert found["law"].state == FAULT
    assert found["law"].exit_status == 3  # the author of the pack


def test_sqlite_without_its_guarantees(sqlite):
    behind_its_back("PRAGMA foreign_keys = OFF")

    with pytest.raises(TaizhangError, match=r"foreign_keys = 0, not 1.*E-DOCTOR-DATABASE"):
        soundness.guarantees()


# ---------------------------------------------------------------------------- to take note of


def test_what_is_only_to_be_noted(office, fine, monkeypatch):
    assert told(IN_2024 + timedelta(days=3)) == fine | {"backup": NOTE}
    assert told(IN_2024 + timedelta(days=9)) == fine | {"backup": NOTE, "anchor": NOTE}
    last = max(WorkCalendar.china().years)
    assert told(datetime(last, 6, 1, tzinfo=UTC))["calendar"] == NOTE
    assert told(datetime(last + 1, 6, 1, tzinfo=UTC))["calendar"] == "fault[E-CALENDAR-YEAR]"
    (office / "last-backup.json").write_text("{", encoding="utf-8")  # not readable is as never
    office.chmod(0o755)
    assert told() == fine | {"backup": NOTE, "folder": NOTE}


def test_a_disk_that_fills(office, fine, monkeypatch):
    free = dict.fromkeys(("total", "used"), 0)
    space = type("Space", (), {**free, "free": 500 * 2**20})
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: space)
    assert told() == fine | {"space": NOTE}

    space.free = 50 * 2**20
    assert told() == fine | {"space": "fault[E-DOCTOR-SPACE]"}


# -------------------------------------------------------------------------- at the terminal


def test_at_the_terminal(office, fine, tmp_path, monkeypatch):
    """The status is that of the first fault; a backup that was just made is remembered."""
    monkeypatch.setenv("TAIZHANG_LANG", "zh")
    assert CliRunner().invoke(backup, [str(tmp_path / "backup.tar")], catch_exceptions=False).exit_code == 0
    done = CliRunner().invoke(doctor, ["--json"], catch_exceptions=False)
    checks = {one["id"]: one for one in json.loads(done.output)["checks"]}
    assert list(checks) == CHECKS
    assert checks["backup"]["state"] == FINE
    assert str(tmp_path / "backup.tar") in checks["backup"]["found"]
    assert done.exit_code == (1 if fine else 0)

    (office / "keys.json").unlink()
    done = CliRunner().invoke(doctor, [], catch_exceptions=False)

    assert done.exit_code == (1 if fine else 2)
    assert "故障  密钥" in done.output
    assert "E-SEAL-MISSING" in done.output
    assert "正常  留痕防改" in done.output
