"""One file that holds everything, and the way back: into an empty place, whole or not at all.

An office that has done a little of everything is kept and restored, from each database into each.
"""

from __future__ import annotations

import json
import os
import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from taizhang.ledger.models import (
    Account,
    IssuedNumber,
    JournalEntry,
    Organisation,
)
from taizhang.office.keeping import tables
from taizhang.office.organisations import grant_role
from taizhang.verify import verify
from tests.office.builders import NOON, draft
from tests.office.killing import told_without_times

from .told import LAW, SCANS, brought_back, furnish, head, kept, stored, taken_in


def where_it_is() -> str:
    return os.environ["TAIZHANG_DATABASE"] or f"{os.environ['TAIZHANG_DATA']}/taizhang.sqlite3"


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_everything_comes_back_on_either_database(office, target, tmp_path, empty_place):
    """Tables, attachments and head are equal, the journal holds, and work goes on where it stopped."""
    before, last = told_without_times(), head()
    manifest = kept(tmp_path / "backup.tar")

    folder = empty_place(target)
    brought_back(tmp_path / "backup.tar")

    assert told_without_times() == before
    assert {name for name, rows in before.items() if not rows} <= {
        "ledger_secondment",
        "ledger_anchor",
        "ledger_job",
    }
    assert head() == last == (manifest.entry, manifest.head)
    for content in SCANS.values():
        assert stored(folder, sha256(content).hexdigest()).read_bytes() == content
    assert json.loads((folder / "installation.json").read_text(encoding="utf-8")) == LAW
    assert (folder / "secret.txt").read_text(encoding="ascii") == "the-secret-of-the-sessions"
    assert (folder / "mappings" / "河西街道.yaml").is_file()
    assert not (folder / ".restoring").exists()
    assert verify(where_it_is(), [last]).findings == ()
    # The same file again from there, table for table.
    assert kept(tmp_path / "again.tar").tables == manifest.tables
    # What was restored is an office: the journal is protected, and numbers go on.
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JournalEntry.objects.filter(pk=1).update(actor="somebody else")
    connection.close()
    city = Organisation.objects.get(kind="city")
    li = grant_role("李明", "leader", city, actor="test", now=NOON)
    Account.objects.create(username="li", password="!", official=li)  # its key comes from the database
    assert taken_in(draft("新小区")).new["estate"] == 1
    connection.close()
    assert verify(where_it_is(), [last]).findings == ()


def test_a_backup_is_of_one_moment_and_keeps_nobody_waiting(office, tmp_path, empty_place):
    """Somebody imports an estate after every table that is read; none of it is in the backup."""
    before, done, started = told_without_times(), [], []

    def import_one() -> None:
        done.append(taken_in(draft(f"后来的小区{len(done)}"), now=NOON + timedelta(hours=1)).batch)
        connections.close_all()

    def meanwhile(stage: str, number: int, total: int) -> None:
        if stage == "tables" and number < total and len(done) == len(started):
            started.append(threading.Thread(target=import_one))
            started[-1].start()
            started[-1].join(timeout=15)

    manifest = kept(tmp_path / "backup.tar", progress=meanwhile)
    assert len(done) == len(manifest.tables) - 1

    empty_place("sqlite")
    brought_back(tmp_path / "backup.tar")

    assert told_without_times() == before


def test_a_database_that_waits_for_its_next_version_can_be_kept_and_comes_back_in_this_one(
    tmp_path, empty_place
):
    """The message of an update is: make a backup first."""
    furnish(empty_place("sqlite", "old"))
    call_command("migrate", "ledger", "0001", verbosity=0)
    IssuedNumber.objects.create(series="case:2024", last=7)
    manifest = kept(tmp_path / "backup.tar")
    assert manifest.migrations == ("0001_records",)

    empty_place("sqlite")
    brought_back(tmp_path / "backup.tar")

    assert IssuedNumber.objects.get().last == 7
    assert tables.waiting() == 0
