"""What is there is never overwritten, and what was cut off is never mixed with something else."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.db import connection

from taizhang.cli.office.keeping import backup as backup_command
from taizhang.cli.office.keeping import restore as restore_command
from taizhang.errors import InputError
from taizhang.ledger.models import (
    Estate,
)
from taizhang.office.keeping import archive, tables
from tests.office.builders import draft
from tests.office.killing import install_in

from .told import brought_back, furnish, head, kept, taken_in


def test_nothing_that_is_there_is_overwritten(office, tmp_path, empty_place):
    kept(tmp_path / "backup.tar")
    with pytest.raises(InputError, match="E-RESTORE-FOLDER"):
        brought_back(tmp_path / "backup.tar")

    folder = empty_place("sqlite")
    folder.mkdir()
    (folder / "notes.txt").touch()
    with pytest.raises(InputError, match=r"notes.txt.*E-RESTORE-FOLDER"):
        brought_back(tmp_path / "backup.tar")
    assert [one.name for one in folder.iterdir()] == ["notes.txt"]


def test_a_database_with_rows_is_not_filled(postgres, tmp_path, monkeypatch):
    furnish(tmp_path / "data")
    taken_in(draft())
    kept(tmp_path / "backup.tar")
    taken_in(draft("新小区"))
    install_in(tmp_path / "elsewhere", postgres, monkeypatch)

    with pytest.raises(InputError, match="E-RESTORE-DATABASE"):
        brought_back(tmp_path / "backup.tar")

    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert Estate.objects.count() == 2


def test_a_text_that_the_other_database_does_not_take_is_told(small, tmp_path, empty_place):
    """SQLite holds texts of any length; PostgreSQL does not."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_estate SET county = %s", ["县" * 61])
    kept(tmp_path / "backup.tar")
    folder = empty_place("postgres")

    with pytest.raises(InputError, match=r"too long.*E-RESTORE-WRITE"):
        brought_back(tmp_path / "backup.tar")

    assert list(folder.iterdir()) == []
    assert tables.present() == ()


def test_a_database_that_holds_the_backup_already_only_lacks_its_folder(postgres, tmp_path, monkeypatch):
    """So a restore goes on that was killed between the database and the folder."""
    furnish(tmp_path / "data")
    taken_in(draft())
    kept(tmp_path / "backup.tar")
    install_in(tmp_path / "elsewhere", postgres, monkeypatch)

    brought_back(tmp_path / "backup.tar")

    assert (tmp_path / "elsewhere" / "installation.json").is_file()


def test_a_restore_of_another_backup_that_was_cut_off_is_not_mixed_with_this(
    small, tmp_path, empty_place, monkeypatch
):
    kept(tmp_path / "first.tar")
    taken_in(draft("新小区"))
    kept(tmp_path / "second.tar")
    folder = empty_place("sqlite")
    monkeypatch.setattr(
        "taizhang.office.keeping.staging.Staging.move", lambda self: None
    )  # the light goes out
    with pytest.raises(OSError, match="unable to open"):
        brought_back(tmp_path / "first.tar")
    monkeypatch.undo()
    install_in(folder, "", monkeypatch)

    with pytest.raises(InputError, match="E-RESTORE-CUT"):
        brought_back(tmp_path / "second.tar")
    brought_back(tmp_path / "first.tar")

    assert Estate.objects.count() == 1


def test_at_the_terminal(office, tmp_path, empty_place, monkeypatch):
    monkeypatch.setenv("TAIZHANG_LANG", "en")
    done = CliRunner().invoke(backup_command, [str(tmp_path / "backup.tar")], catch_exceptions=False)
    assert done.exit_code == 0
    number, digest = head()
    assert f"head: {number} {digest}" in done.output
    assert "without the keys" in done.output
    last = json.loads((tmp_path / "data" / "last-backup.json").read_text(encoding="utf-8"))
    assert last["sha256"] == archive.check(tmp_path / "backup.tar")

    empty_place("sqlite")
    done = CliRunner().invoke(restore_command, [str(tmp_path / "backup.tar")], catch_exceptions=False)

    assert done.exit_code == 0
    assert f"head: {digest}" in done.output
    assert "nothing was changed or lost" in done.output
    assert "keys are still missing" in done.output
