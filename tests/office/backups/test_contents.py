"""What is in a backup, what stays elsewhere, and what a failure leaves of the one before."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import stat
import subprocess
import sys
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection

from taizhang.cli.office.keeping import backup as backup_command
from taizhang.errors import InputError, TaizhangError
from taizhang.ledger.models import (
    Estate,
    IssuedNumber,
    JournalPart,
)
from tests.office.builders import draft

from .told import attach, brought_back, furnish, kept, taken_in

ROOT = Path(__file__).resolve().parents[3]


def test_keys_stay_elsewhere_unless_they_are_asked_for(small, tmp_path, empty_place):
    secret = json.loads((small / "keys.json").read_bytes())["index_key"].encode()
    kept(tmp_path / "without.tar")
    kept(tmp_path / "with.tar", keys=small / "keys.json")
    assert secret not in (tmp_path / "without.tar").read_bytes()
    assert secret in (tmp_path / "with.tar").read_bytes()

    folder = empty_place("sqlite")
    assert not brought_back(tmp_path / "without.tar").keys
    folder = empty_place("sqlite", "with_keys")
    assert brought_back(tmp_path / "with.tar").keys
    assert (folder / "keys.json").read_bytes() == (small / "keys.json").read_bytes()
    assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600


def test_keys_that_are_not_there_cannot_be_in_it(small, tmp_path):
    (small / "keys.json").unlink()

    done = CliRunner().invoke(backup_command, [str(tmp_path / "backup.tar"), "--with-keys"])

    assert done.exception.code == "E-SEAL-MISSING"
    assert not (tmp_path / "backup.tar").exists()


def test_keys_that_were_put_back_before_are_not_replaced(small, tmp_path, empty_place):
    kept(tmp_path / "with.tar", keys=small / "keys.json")
    folder = empty_place("sqlite")
    folder.mkdir()
    (folder / "keys.json").write_text("a later ring", encoding="utf-8")

    brought_back(tmp_path / "with.tar")

    assert (folder / "keys.json").read_text(encoding="utf-8") == "a later ring"


def test_any_tar_opens_it_and_only_its_owner(small, tmp_path):
    kept(tmp_path / "backup.tar")
    listed = subprocess.run(
        ["tar", "-tf", tmp_path / "backup.tar"], capture_output=True, text=True, check=True
    ).stdout.split()

    assert listed[0] == "manifest.json"
    assert listed[-1] == "sha256.txt"
    assert "tables/ledger_unit.jsonl.gz" in listed
    assert stat.S_IMODE((tmp_path / "backup.tar").stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_what_is_lost_already_does_not_cost_the_rest(small, tmp_path, empty_place):
    """The backup is written, says what it lacks, and can be restored."""
    gone, spoilt = attach("甲.pdf", b"%PDF gone"), attach("乙.pdf", b"%PDF spoilt")
    attach("丙.pdf", b"%PDF sound")
    gone.unlink()
    spoilt.write_bytes(b"%PDF other")

    done = CliRunner().invoke(backup_command, [str(tmp_path / "backup.tar")])

    assert isinstance(done.exception, TaizhangError)
    assert done.exception.code == "E-BACKUP-LACKS"
    assert "2" in done.exception.say("zh")
    folder = empty_place("sqlite")
    assert sorted(brought_back(tmp_path / "backup.tar").manifest.lacking) == sorted([gone.name, spoilt.name])
    assert [one.name for one in (folder / "attachments").glob("??/*")] == [sha256(b"%PDF sound").hexdigest()]


@contextmanager
def full_at(size: int):
    """No file can grow beyond some bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [2_000, 20_000])
def test_a_disk_that_is_full_leaves_the_backup_before(small, size, tmp_path):
    kept(tmp_path / "backup.tar")
    whole = (tmp_path / "backup.tar").read_bytes()
    attach("large.pdf", b"%PDF" + bytes(100_000))

    with full_at(size), pytest.raises(InputError, match="E-BACKUP-WRITE"):
        kept(tmp_path / "backup.tar")

    assert (tmp_path / "backup.tar").read_bytes() == whole
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("size", [2_000, 40_000, 300_000])
def test_a_disk_that_is_full_leaves_nothing_of_a_restore(small, size, tmp_path, empty_place):
    attach("large.pdf", b"%PDF" + bytes(100_000))
    kept(tmp_path / "backup.tar")
    folder = empty_place("sqlite")

    with full_at(size), pytest.raises(InputError, match="E-RESTORE-WRITE"):
        brought_back(tmp_path / "backup.tar")
    assert list(folder.iterdir()) == []
    brought_back(tmp_path / "backup.tar")

    assert Estate.objects.count() == 1


def test_what_a_killed_backup_left_is_removed_but_not_what_another_is_writing(small, tmp_path):
    left, written = tmp_path / ".backup.tar.abc.part", tmp_path / ".backup.tar.def.part"
    other = tmp_path / ".another.tar.abc.part"
    for one in (left, written, other):
        one.write_bytes(b"half")
    with written.open("rb") as somebody:
        fcntl.flock(somebody, fcntl.LOCK_EX)
        kept(tmp_path / "backup.tar")

    assert sorted(tmp_path.glob(".*.part")) == sorted([written, other])


def test_a_backup_that_fails_leaves_the_one_before(small, tmp_path):
    kept(tmp_path / "backup.tar")
    whole = (tmp_path / "backup.tar").read_bytes()
    for wrong in ("opened_on = 'not a day'", "opened_on = '2024-01-29', state = x'ff'"):
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_case SET {wrong}")
        with pytest.raises(TaizhangError, match=r"ledger_case.*E-BACKUP-READ"):
            kept(tmp_path / "backup.tar")
    with pytest.raises(InputError, match="E-BACKUP-WRITE"):
        kept(tmp_path / "nowhere" / "backup.tar")

    assert (tmp_path / "backup.tar").read_bytes() == whole
    assert [one.name for one in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_a_ledger_that_is_gone_does_not_replace_the_last_backup_by_nothing(
    small, target, tmp_path, empty_place
):
    kept(tmp_path / "backup.tar")
    whole = (tmp_path / "backup.tar").read_bytes()
    furnish(empty_place(target))

    with pytest.raises(InputError, match="E-NO-LEDGER"):
        kept(tmp_path / "backup.tar")

    assert (tmp_path / "backup.tar").read_bytes() == whole
    assert not (tmp_path / "elsewhere" / "taizhang.sqlite3").exists()


_MEASURED = """
import tracemalloc
from pathlib import Path
from sys import argv

import taizhang.cli.office
from taizhang.errors import TaizhangError
from tests.office.backups.told import brought_back, kept

tracemalloc.start()
try:
    {"backup": kept, "restore": brought_back}[argv[1]](Path(argv[2]))
    said = ""
except TaizhangError as error:
    said = error.code
print(said, tracemalloc.get_traced_memory()[1])
"""


def measured(act: str, path: Path) -> tuple[str, int]:
    """What one way says and how many bytes it takes at most, in a process of its own as at the terminal."""
    command = [sys.executable, "-c", _MEASURED, act, str(path)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    said, most = done.stdout.rsplit(" ", 1)
    return said.strip(), int(most)


def test_neither_way_takes_more_memory_than_a_piece(sqlite, tmp_path, empty_place):
    """20,000 rows, a file of 40 MB and 48 MB of the journal: none is ever held as a whole."""
    furnish(tmp_path / "data")
    taken_in(draft())
    IssuedNumber.objects.bulk_create(
        [IssuedNumber(series=f"series {number}" * 4, last=number) for number in range(20_000)]
    )
    for number in range(48):  # of no entry that tells of them: verify will say so, at the very end
        JournalPart.objects.create(entry_id=1, number=100 + number, images=os.urandom(2**20))
    attach("large.pdf", b"%PDF" + bytes(40 * 2**20))
    connection.close()
    kept_, backup_most = measured("backup", tmp_path / "backup.tar")
    empty_place("sqlite")
    restored, restore_most = measured("restore", tmp_path / "backup.tar")

    assert (kept_, restored) == ("", "E-RESTORE-UNSOUND")
    assert max(backup_most, restore_most) < 36 * 2**20
    assert IssuedNumber.objects.filter(series__startswith="series").count() == 20_000
