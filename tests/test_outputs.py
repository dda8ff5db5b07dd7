"""The promise that your file is never changed: nothing is written over what a command reads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from taizhang.cli import taizhang as group
from taizhang.cli.outputs import Writing, Written
from tests.terminal import taizhang

# Parameters that name what a command reads; a new path is either one of these or is Written.
READ = {
    "anchors", "document", "file", "ledger", "ledgers", "lists", "log_file", "mapping_file", "new",
    "old", "paths", "replay", "since",
}  # fmt: skip
SUPPOSED = ("--enable", "transfer_cause.resale_chain")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("city") / "台账.xlsx"
    assert taizhang("demo-city", path, "--estates", "2", "--units", "8").returncode == 0
    return path.read_bytes()


@pytest.fixture
def ledger(city: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(city)
    return path


def commands(of: click.Command = group) -> Iterator[click.Command]:
    if isinstance(of, click.Group):
        context = click.Context(of)
        for name in of.list_commands(context):
            found = of.get_command(context, name)
            assert found is not None
            yield from commands(found)
    else:
        yield of


def test_every_path_of_every_command_is_read_or_guarded():
    """An option that is added tomorrow cannot be forgotten: it is one or the other."""
    import_module("taizhang.settings.site")
    seen = 0
    for command in commands():
        for one in command.params:
            for kind in one.type.types if isinstance(one.type, click.Tuple) else [one.type]:
                if isinstance(kind, Written):
                    assert isinstance(command, Writing), (command.name, one.name)
                    seen += 1
                elif isinstance(kind, click.Path):
                    assert one.name in READ, (command.name, one.name)
    assert seen > 20


@pytest.mark.parametrize(
    "words",
    [
        ("whatif", "LEDGER", *SUPPOSED, "--report", "LEDGER"),
        ("whatif", "LEDGER", *SUPPOSED, "--json", "LEDGER"),
        ("leverage", "LEDGER", "--json", "LEDGER"),
        ("plan", "LEDGER", "-o", "LEDGER"),
        ("plan", "LEDGER", "--report", "LEDGER"),
        ("plan", "LEDGER", "--record", "LEDGER"),
        ("plan", "LEDGER", "--json", "LEDGER"),
        ("plan", "LEDGER", "--bulletin", "LEDGER"),
        ("plan", "LEDGER", "--plan-file", "LEDGER"),
        ("look", "LEDGER", "--save", "LEDGER"),
        ("look", "LEDGER", "--json", "LEDGER"),
        ("diff", "LEDGER", "LEDGER", "--json", "LEDGER"),
        ("pack", "impact", "LEDGER", "--from", "title-certificates", "--to", "title-certificates",
         "--json", "LEDGER"),
        ("import", "LEDGER", "--report", "LEDGER"),
    ],
)  # fmt: skip
def test_no_output_is_written_over_the_ledger(words, ledger, city, tmp_path, monkeypatch):
    """Nothing is even read: the ledger is as it was, and no other file is there."""
    monkeypatch.setenv("TAIZHANG_DATA", str(tmp_path / "office"))
    done = taizhang(*(ledger if one == "LEDGER" else one for one in words))

    assert done.returncode == 2, done.stderr
    assert "[E-OUT-SAME]" in done.stderr
    assert "台账.xlsx" in done.stderr
    assert ledger.read_bytes() == city
    assert [one.name for one in tmp_path.iterdir()] == ["台账.xlsx"]


def test_the_ledger_is_known_by_another_name_too(ledger, city, tmp_path):
    """A symbolic link, a hard link, and a way around through another folder."""
    (tmp_path / "soft.html").symlink_to(ledger)
    os.link(ledger, tmp_path / "hard.html")
    (tmp_path / "folder").mkdir()
    for name in ("soft.html", "hard.html", "folder/../台账.xlsx"):
        done = taizhang("plan", ledger, "--report", tmp_path / name)
        assert "[E-OUT-SAME]" in done.stderr
    assert ledger.read_bytes() == city


def test_law_mapping_and_record_are_guarded_as_the_ledger_is(ledger, tmp_path):
    law, mapping, record = (tmp_path / name for name in ("law.yaml", "map.yaml", "old.json"))
    for path in (law, mapping, record):
        path.write_text("kept", encoding="utf-8")
    for words in (
        ("plan", ledger, "--overlay", law, "--report", law),
        ("whatif", ledger, "--law", law, *SUPPOSED, "--json", law),
        ("plan", ledger, "--mapping", mapping, "--json", mapping),
        ("plan", ledger, "--replay", record, "--record", record),
        ("pack", "show", f"title-certificates+{law}", "--svg", law),
    ):
        done = taizhang(*words)
        assert "[E-OUT-SAME]" in done.stderr, words
    assert {path.read_text(encoding="utf-8") for path in (law, mapping, record)} == {"kept"}


def test_two_outputs_of_one_command_do_not_eat_each_other(ledger, tmp_path):
    once = tmp_path / "out" / "x.html"
    for words in (
        ("--report", once, "--json", once),
        ("--report", ledger.with_name("台账-方案.xlsx")),
        ("--per", "county", tmp_path / "out", "-o", tmp_path / "out" / "目录.xlsx"),
    ):
        done = taizhang("plan", ledger, *words)
        assert "[E-OUT-SAME]" in done.stderr, words
    assert not (tmp_path / "out").exists()


def test_a_book_that_came_back_is_not_written_over_by_the_next_sending(ledger, city, tmp_path):
    back = tmp_path / "books" / "01_甲县_县区簿.xlsx"
    back.parent.mkdir()
    back.write_bytes(city)

    done = taizhang("plan", ledger, back, "--per", "county", back.parent)

    assert "[E-OUT-SAME]" in done.stderr
    assert back.read_bytes() == city


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_cannot_be_written_is_said_before_the_work(language, ledger, tmp_path):
    """Not after minutes, and not as a traceback: a folder, and a folder that is a file."""
    for target in (tmp_path, ledger / "inside.html"):
        for words in (("plan", ledger), ("whatif", ledger, *SUPPOSED)):
            done = taizhang(*words, "--report", target, language=language)
            assert done.returncode == 2
            assert "[E-OUT-FOLDER]" in done.stderr
            assert "--report" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["台账.xlsx"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the administrator may write anywhere")
def test_a_protected_file_and_a_protected_folder_are_said(ledger, tmp_path):
    shut = tmp_path / "shut"
    shut.mkdir()
    (shut / "there.html").touch(mode=0o400)
    shut.chmod(0o500)
    assert "[E-OUT-FOLDER]" in taizhang("plan", ledger, "--report", shut / "new.html").stderr
    assert "[E-OUT-LOCKED]" in taizhang("plan", ledger, "--report", shut / "there.html").stderr


@pytest.mark.parametrize("words", [("template",), ("demo-city", "--estates", "1", "--units", "1")])
def test_a_ledger_that_is_filled_in_is_replaced_only_on_request(words, tmp_path):
    target = tmp_path / "台账.xlsx"
    target.write_bytes(b"a year of work")

    done = taizhang(*words, target)
    assert (done.returncode, target.read_bytes()) == (2, b"a year of work")
    assert "[E-OUT-EXISTS]" in done.stderr

    assert taizhang(*words, target, "--replace").returncode == 0
    assert target.read_bytes().startswith(b"PK")


def test_an_earlier_result_is_replaced_and_a_device_is_no_file(ledger, tmp_path):
    report = tmp_path / "报告.html"
    for _ in range(2):
        done = taizhang("plan", ledger, "--report", report, "--json", "/dev/null")
        assert done.returncode == 0, done.stderr
    assert report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
