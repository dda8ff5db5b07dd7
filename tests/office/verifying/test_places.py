"""A finding names its place, and a file that is damaged or forged neither deceives nor ends the verifier."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tracemalloc
import zlib
from pathlib import Path

import pytest

from taizhang import verify as verifier
from taizhang.verify import verify
from tests.office.tampering import Tamperer

from .told import codes, write_a_ledger


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
