"""Nothing can be changed or lost without being seen: the journal, its triggers, and who verifies it.

A small ledger is written through the office's own door.  Somebody who may write the whole database then
changes it behind the office's back, in ways that are drawn by lot, and ``verify`` has to see each.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction

from taizhang import verify as verifier
from taizhang.cli.verifying import anchor as anchor_command
from taizhang.cli.verifying import verify as verify_command
from taizhang.errors import InputError
from taizhang.ledger.models import (
    AdoptedPlan,
    Building,
    Case,
    Estate,
    Grant,
    ImportBatch,
    JournalEntry,
    JournalPart,
    Official,
    Organisation,
    Programme,
    Task,
    Unit,
)
from taizhang.office import journal
from taizhang.office.journal import act
from taizhang.office.register import register
from taizhang.office.undoing import undo_import
from taizhang.verify import read_anchors, verify

from .builders import draft
from .tampering import ACTS, JOURNAL, NothingDoneError, State, Tamperer

CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"
TRIES = {"sqlite": 5_000 if CHECK else 200, "postgresql": 1_000 if CHECK else 100}
NOON = datetime(2024, 1, 29, 4, tzinfo=UTC)
DAY = date(2024, 1, 29)
PLACE = {"county": "东昌府区"}
WRITTEN = (
    *(Organisation, Official, Grant, ImportBatch, Programme),
    *(Estate, Building, Unit, Case, AdoptedPlan, Task),
)


def write_a_ledger(watch: Tamperer | None = None) -> list[State]:
    """Nine acts with every kind of column; what the database held after each."""
    states: list[State] = []

    def doing(name: str, minutes: int):
        if watch:
            states.append(watch.state())
        return act(
            name,
            actor="王建国",
            subject='张三 "甲"\\',
            now=NOON + timedelta(minutes=minutes),
            detail={"第": minutes},
        )

    with doing("establish_offices", 0) as now:
        city = Organisation(name="市专班", kind="city")
        now.insert([city])
        bureau = Organisation(name="不动产局", kind="bureau", parent=city, supplier="registry", **PLACE)
        now.insert([bureau])
        wang = Official(name="王建国", organisation=city, subject_key=b"\0key\xff")
        li = Official(name="李明", organisation=bureau, phone_sealed="🔒sealed", **PLACE)
        now.insert([wang, li])
        now.insert([Grant(official=wang, role="leader", organisation=city, since=DAY)])
    with doing("import_ledger", 1) as now:
        now.insert([Programme(id="title-certificates", name="办证")])
        batch = ImportBatch(file_name="台账.xlsx", sha256="0" * 64, imported_at=now.now, imported_by="王建国")
        now.insert([batch])
        estates = [
            Estate(place=f"E{n}", name=f"针织厂{n}", status=n or None, batch=batch, **PLACE) for n in range(3)
        ]
        now.insert(estates)
        buildings = [
            Building(place=f"{one.place}›1", name="1", estate=one, batch=batch, **PLACE) for one in estates
        ]
        now.insert(buildings)
        units = [
            Unit(
                place=f"{one.place}›{n}", name=str(n), estate=one.estate, building=one, exact=n == 1, **PLACE
            )
            for one in buildings
            for n in (1, 2)
        ]
        now.insert(units)
    with doing("open_case", 2) as now:
        case = Case(
            programme_id="title-certificates",
            estate=estates[0],
            number="2024-00001",
            opened_on=DAY,
            state="registered",
            **PLACE,
        )
        now.insert([case])
    with doing("adopt_plan", 3) as now:
        plan = AdoptedPlan(
            case=case,
            estate=estates[0],
            adopted_at=now.now + timedelta(microseconds=4),
            adopted_by=wang,
            best=False,
            reason="费用较低",
            as_of=DAY,
            start_on=DAY,
            pack="p",
            pack_version="1",
            lock="{}",
            dossier_digest="d",
            plan_digest="p",
            money_fen=2**40,
            effort=3,
            days=9,
            content=zlib.compress("方案".encode()),
            **PLACE,
        )
        now.insert([plan])
        tasks = [
            Task(
                estate=estates[0],
                plan=plan,
                kind="gap",
                item=item,
                place="E0",
                level="estate",
                units=2,
                supplier="registry",
                organisation=bureau,
                responsible=li,
                state="open",
                start_on=DAY,
                working_days=5,
                due_on=DAY,
                **PLACE,
            )
            for item in ("survey", "premium")
        ]
        now.insert(tasks)
    with doing("acknowledge_task", 4) as now:
        now.update(tasks[0], state="acknowledged")
    with doing("propose_plans", 5) as now:
        for one in units:
            one.papers, one.fees_fen, one.status = 7, 12_345_600, 1
        now.update_all(units, ["papers", "fees_fen", "status"])
    with doing("merge_units", 6) as now:
        now.delete(units[-1:])
    with doing("sweep", 7) as now:
        now.keep = True  # an act that leaves an entry and no row
    with doing("supersede_plan", 8) as now:
        now.update(plan, superseded_at=now.now)
    connection.close()
    if watch:
        states.append(watch.state())
    return states


@pytest.fixture
def small(ledger, monkeypatch) -> str:
    """A written ledger whose acts need more than one part."""
    monkeypatch.setattr(journal, "_LINES", 5)
    write_a_ledger()
    return ledger


def head() -> tuple[int, str]:
    last = JournalEntry.objects.order_by("-id").first()
    connection.close()
    return last.pk, last.digest


def codes(database: str, *anchors: tuple[int, str]) -> set[str]:
    return {one.code for one in verify(database, anchors).findings}


@pytest.fixture
def tamperer(small) -> Iterator[Tamperer]:
    somebody = Tamperer(small)
    somebody.drop_triggers()
    yield somebody
    somebody.close()


# ------------------------------------------------------------------- what was not changed


def test_a_ledger_that_nobody_tampered_with_is_clean(small):
    verdict = verify(small, [head()])

    assert verdict.findings == ()
    assert (verdict.entries, verdict.head) == head()
    assert verdict.rows == sum(model.objects.count() for model in WRITTEN)
    assert JournalPart.objects.count() > JournalEntry.objects.count()


def test_an_import_another_and_its_undoing_are_clean(ledger):
    def taken_in(one, minutes: int):
        how = {
            "programme": "title-certificates",
            "file_name": "台账.xlsx",
            "sha256": "0" * 64,
            "actor": "test",
        }
        return register([one], now=NOON + timedelta(minutes=minutes), **how)

    taken_in(draft(), 0)
    second = taken_in(draft(units=5, building_survey="on_hand"), 1)
    assert verify(ledger).findings == ()
    undo_import(second.batch, actor="test", now=NOON + timedelta(minutes=2))
    connection.close()

    verdict = verify(ledger)
    assert verdict.findings == ()
    assert verdict.entries == 3


def test_an_act_that_fails_leaves_no_hole(small):
    """A sequence of PostgreSQL would: parts are numbered by the journal."""
    with pytest.raises(RuntimeError), act("fail", actor="a", subject="s", now=NOON) as now:
        now.insert([Programme(id="lost", name="")])
        now._close()
        raise RuntimeError
    with act("go_on", actor="a", subject="s", now=NOON) as now:
        now.insert([Programme(id="kept", name="")])
    connection.close()

    assert verify(small).findings == ()


def test_an_empty_ledger_is_clean(ledger):
    verdict = verify(ledger)

    assert (verdict.entries, verdict.rows, verdict.head, verdict.findings) == (0, 0, "", ())


# ---------------------------------------------------------------------- what was changed


def test_every_tampering_is_found(ledger, monkeypatch):
    """Flip, delete, insert, reorder in the journal and in the tables; truncation by an anchor alone."""
    monkeypatch.setattr(journal, "_LINES", 5)
    tamperer = Tamperer(ledger)
    states = write_a_ledger(tamperer)
    last, before = head(), states[-1]
    tamperer.drop_triggers()
    draw = random.Random(20261126)
    seen: Counter[str] = Counter()
    for number in range(TRIES[connection.vendor]):
        kind = draw.choice([*ACTS, "truncate"])
        cut = kind == "truncate"
        where = truncated(tamperer, states, draw) if cut else drawn(tamperer, before, kind, draw)
        verdict = verify(ledger, [last] if cut else [])

        assert verdict.findings, f"{number}: {kind} {where} was not seen"
        seen.update({kind, *(one.code for one in verdict.findings)})
        tamperer.put(before, () if cut else (tamperer.touched,))
    assert verify(ledger, [last]).findings == ()
    tamperer.close()
    assert {*ACTS, "truncate"} <= set(seen)
    assert {*verifier._WORDS} - set(seen) <= {"V-UNREADABLE", "V-ANCHOR", "V-NUMBER"}, seen


def drawn(tamperer: Tamperer, before: State, kind: str, draw: random.Random) -> str:
    while True:
        try:
            return ACTS[kind](tamperer, draw)
        except NothingDoneError:
            tamperer.put(before, (tamperer.touched,))


def truncated(tamperer: Tamperer, states: list[State], draw: random.Random) -> str:
    """The last acts are gone: from the journal alone, or from everything, as if they had never been."""
    earlier = draw.choice(states[1:-1])
    alone = draw.random() < 0.3
    tamperer.put(earlier, JOURNAL if alone else ())
    return f"to {len(earlier['ledger_journalentry'])} entries{' of the journal alone' if alone else ''}"


def test_only_an_anchor_shows_that_a_copy_of_yesterday_was_put_back(ledger):
    tamperer = Tamperer(ledger)
    states = write_a_ledger(tamperer)
    last = head()
    tamperer.drop_triggers()
    tamperer.put(states[4])
    tamperer.close()

    assert codes(ledger) == set()
    assert codes(ledger, last) == {"V-TRUNCATED"}


def test_only_an_anchor_shows_that_the_whole_tail_was_written_anew(small, tamperer):
    """The row, its image and every digest after it agree; what was kept elsewhere does not."""
    last = head()
    entry, part = JournalEntry.objects.last(), JournalPart.objects.last()
    lines = zlib.decompress(bytes(part.images)).replace("费用较低".encode(), "费用最低".encode())
    digest = hashlib.sha256(lines).hexdigest()
    tamperer.connection.execute("UPDATE ledger_adoptedplan SET reason = '费用最低'")
    mark = tamperer.mark
    tamperer.connection.execute(
        f"UPDATE ledger_journalpart SET images = {mark}, digest = {mark} WHERE id = {mark}",
        (zlib.compress(lines), digest, part.pk),
    )
    tamperer.connection.execute(
        f"UPDATE ledger_journalentry SET digest = {mark} WHERE id = {mark}",
        (journal.entry_digest(entry, [digest]), entry.pk),
    )
    connection.close()

    assert codes(small) == set()
    assert codes(small, last) == {"V-ANCHOR"}


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ("UPDATE ledger_unit SET status = 3 WHERE id = 2", "V-ROW-CHANGED", "ledger_unit:2"),
        ("DELETE FROM ledger_grant", "V-ROW-MISSING", "ledger_grant:1"),
        ("INSERT INTO ledger_programme VALUES ('other', '')", "V-ROW-EXTRA", "ledger_programme:other"),
        ("UPDATE ledger_issuednumber SET last = 5 WHERE series = 'ledger_unit'", "V-NUMBER", "ledger_unit"),
        ("DELETE FROM ledger_issuednumber WHERE series = 'ledger_task'", "V-NUMBER", "ledger_task"),
        ("UPDATE ledger_journalentry SET actor = '李明' WHERE id = 5", "V-ENTRY-CHANGED", "journal:5"),
        ("UPDATE ledger_journalentry SET parts = 9 WHERE id = 5", "V-PARTS", "journal:5"),
        ("DELETE FROM ledger_journalpart WHERE entry_id = 5", "V-ROWS", "journal:5"),
        ("DELETE FROM ledger_journalentry WHERE id = 8", "V-ENTRY-MISSING", "journal:9"),
        ("UPDATE ledger_journalentry SET previous = digest WHERE id = 7", "V-CHAIN", "journal:7"),
        ("ALTER TABLE ledger_journalentry DROP COLUMN county", "V-UNREADABLE", "ledger_journalentry"),
        ("ALTER TABLE ledger_grant RENAME TO ledger_grants", "V-ROW-MISSING", "ledger_grant:1"),
    ],
)
def test_a_finding_names_its_place(small, tamperer, change, code, where):
    tamperer.connection.execute(change)

    found = [one for one in verify(small).findings if one.code == code]
    assert where in {one.where for one in found}
    assert all(one.zh and one.en for one in found)


@pytest.mark.parametrize(
    "disguise",
    [
        # the text that an image has of bytes, instead of the bytes
        "UPDATE ledger_official SET subject_key = 'sha256:' || '{digest}' WHERE id = 1",
        # the bytes of a text, instead of the text
        "UPDATE ledger_official SET name = CAST(name AS BLOB) WHERE id = 1",
        # the text that an image has of an instant
        "UPDATE ledger_adoptedplan SET adopted_at = '2024-01-29T04:03:00.000004Z'",
        "UPDATE ledger_unit SET exact = 2 WHERE exact = 1",
        "UPDATE ledger_unit SET papers = 7.5",
        "UPDATE ledger_unit SET papers = x'37' WHERE id = 1",
        "UPDATE ledger_journalentry SET actor = CAST(actor AS BLOB) WHERE id = 3",
        "UPDATE ledger_journalpart SET images = CAST(images || x'21' AS BLOB) WHERE id = 3",
        "UPDATE ledger_journalpart SET images = NULL WHERE id = 3",
        "UPDATE ledger_journalentry SET at = '2024-01-29T04:01:00.000000Z' WHERE id = 2",
    ],
)
def test_what_looks_alike_is_not_taken_for_the_same(sqlite, disguise):
    """SQLite keeps any kind of value in any column."""
    write_a_ledger()
    tamperer = Tamperer(sqlite)
    tamperer.drop_triggers()
    tamperer.connection.executescript("PRAGMA writable_schema = ON;" + _nullable("ledger_journalpart"))
    tamperer.close()
    assert codes(sqlite) == set()
    with sqlite3.connect(sqlite) as direct:
        direct.execute(disguise.format(digest=hashlib.sha256(b"\0key\xff").hexdigest()))
    direct.close()

    assert codes(sqlite) != set()


def _nullable(table: str) -> str:
    lax = "replace(sql, '\"images\" BLOB NOT NULL', '\"images\" BLOB')"
    return f"UPDATE sqlite_master SET sql = {lax} WHERE name = '{table}';"


def test_a_part_that_unpacks_to_gigabytes_takes_no_memory(sqlite):
    write_a_ledger()
    packing = zlib.compressobj(9)
    bomb = b"".join(packing.compress(bytes(2**20)) for _ in range(300)) + packing.flush()
    tamperer = Tamperer(sqlite)
    tamperer.drop_triggers()
    tamperer.connection.execute("UPDATE ledger_journalpart SET images = ? WHERE id = 2", (bomb,))
    tamperer.close()
    tracemalloc.start()
    found = codes(sqlite)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "V-PART-CHANGED" in found
    assert most < 250 * 2**20


def test_a_file_that_is_damaged_is_found_and_one_that_is_none_is_refused(sqlite, tmp_path):
    write_a_ledger()
    with sqlite3.connect(sqlite) as direct:
        direct.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page, size = (direct.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        root = direct.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ledger_unit'").fetchone()[0]
    direct.close()
    assert root <= page
    damaged = tmp_path / "damaged.sqlite3"
    octets = bytearray(Path(sqlite).read_bytes())
    octets[(root - 1) * size : root * size] = b"\xaa" * size
    damaged.write_bytes(octets)
    assert "V-UNREADABLE" in codes(str(damaged))

    for name, content in (("none.sqlite3", None), ("other.sqlite3", b"not a database, but long enough" * 99)):
        if content:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(OSError, match="database"):
            verify(str(tmp_path / name))


def test_a_copy_on_a_disc_that_cannot_be_written_is_read(sqlite, tmp_path, monkeypatch):
    write_a_ledger()
    with sqlite3.connect(sqlite) as direct:
        direct.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    direct.close()
    disc = tmp_path / "disc"
    disc.mkdir()
    shutil.copy(sqlite, disc / "copy.sqlite3")
    monkeypatch.setattr(verifier.os, "access", lambda *_: False)  # root may write everywhere

    assert codes(str(disc / "copy.sqlite3")) == set()
    assert [one.name for one in disc.iterdir()] == ["copy.sqlite3"]


# ------------------------------------------------------------------------- the triggers


@pytest.mark.parametrize("table", ["ledger_journalentry", "ledger_journalpart", "ledger_anchor"])
@pytest.mark.parametrize("change", ["UPDATE {} SET digest = ''", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_journal(small, table, change):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_anchor (id, entry, digest, at, kept)"
            " VALUES (1, 1, 'd', '2024-01-29 04:00:00', 'k')"
        )
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(change.format(table))

    assert verify(small).findings == ()


def test_postgresql_refuses_to_empty_the_journal(postgres):
    with psycopg.connect(postgres, autocommit=True) as direct:
        for table in (*JOURNAL, "ledger_anchor"):
            with pytest.raises(psycopg.Error, match="append-only"):
                direct.execute(f"TRUNCATE {table} CASCADE")


# ------------------------------------------------------------- the program and its commands


def test_the_verifier_shares_no_code_with_the_writer():
    path = Path(verifier.__file__)
    text = path.read_text(encoding="utf-8")
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or "."]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported - set(sys.stdlib_module_names) == {"psycopg"}
    assert len(text.splitlines()) <= 300


def test_it_runs_as_a_program_of_its_own(small, tmp_path):
    entry, digest = head()
    kept = tmp_path / "anchors.txt"
    kept.write_text(f"2024-01-29 {entry} {digest}\n", encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "taizhang.verify", small, *arguments],
            capture_output=True, encoding="utf-8", check=False, timeout=60,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    status, said = run("--anchor", str(kept))
    assert status == 0, said
    assert f"entries: {entry} " in said
    assert digest in said
    kept.write_text(f"2024-01-29 {entry + 1} {digest}\n", encoding="utf-8")
    status, said = run("--anchor", str(kept), "--json")
    assert status == 1
    assert [one["code"] for one in json.loads(said)["findings"]] == ["V-TRUNCATED"]
    kept.write_text("yesterday it was right\n", encoding="utf-8")
    assert run("--anchor", str(kept)) == (2, "not an anchor: yesterday it was right\n")


def test_an_anchor_is_kept_and_found_again(small, tmp_path, monkeypatch):
    monkeypatch.setenv("TAIZHANG_LANG", "en")
    kept = tmp_path / "anchors.txt"
    entries = verify(small).entries
    for _ in range(2):
        done = CliRunner().invoke(anchor_command, ["-o", str(kept)], catch_exceptions=False)
        assert (done.exit_code, done.output) == (0, kept.read_text("utf-8").splitlines()[-1] + "\n")
    assert read_anchors(kept.read_text("utf-8")) == [head(), head()]
    assert verify(small).entries == entries

    clean = CliRunner().invoke(verify_command, ["--anchor", str(kept)], catch_exceptions=False)
    assert clean.exit_code == 0
    assert "Nothing was changed or lost." in clean.output
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_unit SET status = 3 WHERE id = 2")
    connection.close()
    spoilt = CliRunner().invoke(verify_command, [], catch_exceptions=False)
    assert spoilt.exit_code == 1
    assert "ledger_unit:2" in spoilt.output
    assert "[V-ROW-CHANGED]" in spoilt.output
    told = CliRunner().invoke(verify_command, ["--json"], catch_exceptions=False)
    assert [one["where"] for one in json.loads(told.output)["findings"]] == ["ledger_unit:2"]


def test_the_commands_say_what_they_cannot_read(small, tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("no anchor\n", encoding="utf-8")
    with pytest.raises(InputError, match="E-ANCHOR"):
        CliRunner().invoke(verify_command, ["--anchor", str(tmp_path / "a.txt")], catch_exceptions=False)
    monkeypatch.delenv("TAIZHANG_DATABASE", raising=False)
    monkeypatch.setenv("TAIZHANG_DATA", str(tmp_path / "nowhere"))
    for command in (verify_command, anchor_command):
        with pytest.raises(InputError, match="E-NO-LEDGER"):
            CliRunner().invoke(command, [], catch_exceptions=False)
