"""The database refuses to change the journal; the verifier is a program of its own, and anchors are kept."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction

from taizhang import verify as verifier
from taizhang.cli.verifying import anchor as anchor_command
from taizhang.cli.verifying import verify as verify_command
from taizhang.errors import InputError
from taizhang.verify import read_anchors, verify
from tests.office.tampering import JOURNAL

from .told import head


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
