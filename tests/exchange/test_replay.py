"""A plan is made again from its record, to the byte, or what differs is said (design 4.6, rules.md C.11)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from taizhang.cli import taizhang
from taizhang.errors import TaizhangError
from taizhang.exchange.demo_city import write_demo_city
from taizhang.exchange.excel.replaying import lawtexts
from taizhang.exchange.excel.replaying.casetexts import cases_of_text, text_of_cases
from taizhang.exchange.excel.replaying.record import read_record
from taizhang.rules import load_pack
from taizhang.rules import pack as pack_module
from taizhang.rules.document import read_document
from taizhang.rules.pack import SHIPPED, find_document
from taizhang.rules.pinning import known_on
from taizhang.rules.worktime import read_calendar

DAY = "2024-01-28"
OVERLAYS = ("title-certificates-shandong", "demo-city-rules")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory) -> Path:
    """A small made-up city."""
    path = tmp_path_factory.mktemp("city") / "台账.xlsx"
    pack = load_pack("title-certificates", overlays=OVERLAYS, as_of=date.fromisoformat(DAY))
    write_demo_city(path, estates=3, units=50, seed=3, pack=pack)
    return path


@pytest.fixture(autouse=True)
def no_memory(tmp_path, monkeypatch):
    """Nothing is remembered of other ledgers."""
    monkeypatch.setenv("TAIZHANG_DATA", str(tmp_path / "data"))


def law(*overlays: object) -> list[str]:
    return [text for one in overlays or OVERLAYS for text in ("--overlay", str(one))]


def run(*arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(taizhang, [str(one) for one in arguments])


def refused(*arguments: object) -> TaizhangError:
    """The error that a command ends with."""
    result = run(*arguments)
    assert isinstance(result.exception, TaizhangError), result.output
    return result.exception


def done(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.exception or result.output
    return result.output


@pytest.fixture(scope="module")
def kept(ledger, tmp_path_factory) -> Path:
    """A plan with its record."""
    folder = tmp_path_factory.mktemp("kept")
    os.environ["TAIZHANG_DATA"] = str(folder / "data")
    done(
        "plan", ledger, *law(), "--as-of", DAY, "-o", folder / "方案.xlsx", "--report", folder / "报告.html",
        "--record", folder / "存证.json",
    )  # fmt: skip
    return folder


def edited(record: Path, target: Path, **changes: Any) -> Path:
    """A copy of a record with some of its parts replaced."""
    data = json.loads(record.read_text(encoding="utf-8")) | changes
    data.pop("sha256")  # as in a record of an earlier version
    target.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return target


def unpacked(data: Mapping[str, Any], part: str) -> str:
    return zlib.decompress(b64decode(data[part])).decode()


def packed(text: str) -> str:
    return b64encode(zlib.compress(text.encode())).decode()


# ------------------------------------------------------------------------------ the same again


def test_another_process_in_another_folder_writes_the_same_bytes(ledger, tmp_path):
    """Another hash seed, another folder, another day: workbook, report and record are the same files."""

    def process(seed: str, *arguments: object) -> None:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TAIZHANG_LANG": "zh", "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "taizhang", "plan", *map(str, arguments)]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)

    def outputs(folder: Path) -> list[object]:
        return [
            "-o", folder / "方案.xlsx", "--report", folder / "报告.html",
            "--json", folder / "汇总.json", "--record", folder / "存证.json",
        ]  # fmt: skip

    first, second = tmp_path / "first", tmp_path / "second"
    second.mkdir()
    moved = Path(shutil.copy(ledger, second / ledger.name))
    process("0", ledger, *law(), "--as-of", DAY, *outputs(first))
    process("1", moved, "--replay", first / "存证.json", *outputs(second))

    for name in ("方案.xlsx", "报告.html"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    records = [(folder / "存证.json").read_text(encoding="utf-8") for folder in (first, second)]
    codes = [json.loads(one)["engine"]["code"] for one in records]  # of the sources on that second
    assert records[0].replace(codes[0], "") == records[1].replace(codes[1], "")
    told = [json.loads((folder / "汇总.json").read_text(encoding="utf-8")) for folder in (first, second)]
    assert [one.pop("seconds") is not None for one in told] == [True, True]
    assert told[0] == told[1]


def test_a_replay_says_that_the_same_came_out(ledger, kept, tmp_path):
    text = done("plan", ledger, "--replay", kept / "存证.json", "-o", tmp_path / "x.xlsx")

    assert "与存证一致：2024-01-28 的方案已原样重现" in text
    assert (tmp_path / "x.xlsx").read_bytes() == (kept / "方案.xlsx").read_bytes()


def test_a_record_names_all_that_the_plan_follows_from(ledger, kept):
    record = json.loads((kept / "存证.json").read_text(encoding="utf-8"))

    assert [(one["role"], one["id"]) for one in record["documents"]] == [
        ("pack", "title-certificates"),
        ("overlay", "title-certificates-shandong"),
        ("overlay", "demo-city-rules"),
        ("calendar", "cn"),
    ]
    assert {len(one["sha256"]) for one in record["documents"]} == {64}
    assert (record["as_of"], record["known_at"], record["prefer"], record["withheld"]) == (
        DAY, DAY, "cheapest", False,
    )  # fmt: skip
    assert record["ledgers"][0]["name"] == ledger.name
    assert record["result"].keys() == {"plan", "summary", "workbook", "report"}
    assert len(record["estates"]) == 3
    assert record["proved"] is True


def test_a_record_holds_no_path_of_the_machine(ledger, kept):
    text = (kept / "存证.json").read_text(encoding="utf-8")
    inside = [unpacked(json.loads(text), part) for part in ("texts", "cases")]

    for folder in (str(ledger.parent), str(kept), str(SHIPPED), str(Path.home())):
        assert not any(folder in one for one in (text, *inside))


def test_cases_are_read_back_as_they_were_written(kept):
    cases = read_record(kept / "存证.json").cases
    assert cases is not None
    again = cases_of_text(text_of_cases(cases))

    assert again == cases
    assert [list(one.dossier.places) for one in again] == [list(one.dossier.places) for one in cases]


def test_the_language_of_the_record_counts(ledger, kept, tmp_path, monkeypatch):
    monkeypatch.setenv("TAIZHANG_LANG", "en")
    done("plan", ledger, "--replay", kept / "存证.json", "-o", tmp_path / "x.xlsx")

    assert (tmp_path / "x.xlsx").read_bytes() == (kept / "方案.xlsx").read_bytes()


def test_a_mapping_of_that_day_is_in_the_record(ledger, tmp_path):
    """The mapping file may be gone when the plan is made again."""
    mapping = tmp_path / "对照.yaml"
    mapping.write_text("mapping: 1\nheadings: {备注: 保留}\n", encoding="utf-8")
    plan = ("plan", ledger, *law(), "--as-of", DAY, "--mapping", mapping)
    done(*plan, "-o", tmp_path / "a.xlsx", "--record", tmp_path / "a.json")
    mapping.unlink()
    done("plan", ledger, "--replay", tmp_path / "a.json", "-o", tmp_path / "b.xlsx")

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


# ------------------------------------------------------------------------------ what differs is said


def test_a_changed_ledger_is_named(ledger, kept, tmp_path):
    other = tmp_path / ledger.name
    other.write_bytes(ledger.read_bytes() + b" ")
    error = refused("plan", other, "--replay", kept / "存证.json", "-o", tmp_path / "x.xlsx")

    assert error.code == "E-REPLAY-LEDGER"
    assert "台账.xlsx has changed" in error.say("en")
    assert "taizhang diff" in error.say("zh")
    assert not (tmp_path / "x.xlsx").exists()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["别名.xlsx"], "台账.xlsx is called 别名.xlsx now"),
        (["台账.xlsx", "别名.xlsx"], "别名.xlsx does not belong to it"),
    ],
)
def test_a_renamed_or_further_ledger_is_named(ledger, kept, tmp_path, names, told):
    """The name of a ledger stands in the workbook."""
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.write_bytes(ledger.read_bytes() + (b"" if len(paths) == 1 or path.name == "台账.xlsx" else b" "))
    error = refused("plan", *paths, "--replay", kept / "存证.json", "-o", tmp_path / "x.xlsx")

    assert error.code == "E-REPLAY-LEDGER"
    assert told in error.say("en")


def rewritten(path: Path, old: str, new: str) -> None:
    """Replace something in a file that has it."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def own_overlay(folder: Path) -> Path:
    """An office's own overlay."""
    path = Path(shutil.copy(find_document("demo-city-rules"), folder / "本地规则.yaml"))
    rewritten(path, "id: demo-city-rules", "id: own-rules")
    return path


def changed(overlay: Path) -> None:
    """Somebody lets the first of its ways lapse."""
    rewritten(overlay, "{from: 2023-09-01}", "{from: 2023-09-01, to: 2023-12-31}")


def test_a_plan_is_made_again_after_its_overlay_has_changed(ledger, tmp_path):
    """The record holds the text of that day."""
    overlay = own_overlay(tmp_path)
    plan = ("plan", ledger, *law(OVERLAYS[0], overlay), "--as-of", DAY)
    done(*plan, "-o", tmp_path / "a.xlsx", "--record", tmp_path / "a.json")
    changed(overlay)
    done("plan", ledger, "--replay", tmp_path / "a.json", "-o", tmp_path / "b.xlsx")

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_record_of_the_lock_alone_names_the_overlay_that_changed(ledger, tmp_path):
    overlay = own_overlay(tmp_path)
    plan = ("plan", ledger, *law(OVERLAYS[0], overlay), "--as-of", DAY)
    done(*plan, "-o", tmp_path / "a.xlsx", "--record", tmp_path / "a.json", "--lock-only")
    again = ("plan", ledger, "--replay", tmp_path / "a.json", "-o", tmp_path / "b.xlsx")
    done(*again, "--overlay", overlay)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    changed(overlay)
    error = refused(*again, "--overlay", overlay)

    assert (tmp_path / "a.json").stat().st_size < 5_000
    assert error.code == "E-REPLAY-DOCUMENT"
    assert "own-rules 0.1.0" in error.say("en")
    assert "title-certificates-shandong" not in error.say("en")


def test_a_shipped_pack_that_changed_since_is_noted_and_the_old_text_used(
    ledger, kept, tmp_path, monkeypatch
):
    packs = tmp_path / "packs"
    shutil.copytree(SHIPPED, packs)
    rewritten(packs / "title-certificates" / "pack.yaml", "version: 0.1.0", "version: 0.2.0")
    assert read_document(packs / "title-certificates").version == "0.2.0"
    for module in (pack_module, lawtexts):
        monkeypatch.setattr(module, "SHIPPED", packs)
    text = done("plan", ledger, "--replay", kept / "存证.json", "-o", tmp_path / "x.xlsx")

    assert "title-certificates 0.1.0" in text
    assert "0.2.0" in text
    assert (tmp_path / "x.xlsx").read_bytes() == (kept / "方案.xlsx").read_bytes()


def test_another_program_with_the_same_result_is_noted(ledger, kept, tmp_path):
    engine = json.loads((kept / "存证.json").read_text(encoding="utf-8"))["engine"]
    older = edited(kept / "存证.json", tmp_path / "old.json", engine={**engine, "taizhang": "0.0.9"})
    text = done("plan", ledger, "--replay", older, "-o", tmp_path / "x.xlsx")

    assert "taizhang 0.0.9 → 0.1.0" in text


def test_another_result_names_estates_files_and_the_program(ledger, kept, tmp_path):
    data = json.loads((kept / "存证.json").read_text(encoding="utf-8"))
    data["estates"][0]["plan"] = "0" * 64
    older = edited(
        kept / "存证.json",
        tmp_path / "old.json",
        engine={**data["engine"], "xlsxwriter": "3.0.0"},
        estates=data["estates"],
        result={**data["result"], "plan": "0" * 64, "workbook": "0" * 64},
    )
    error = refused("plan", ledger, "--replay", older, "-o", tmp_path / "x.xlsx")

    assert error.code == "E-REPLAY-RESULT"
    assert error.exit_status == 1
    assert f"plan, workbook; estates: {data['estates'][0]['name']}." in error.say("en")
    assert "xlsxwriter 3.0.0 → " in error.say("en")
    assert "测算程序不同" in error.say("zh")


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        (f'"as_of": "{DAY}"', '"as_of": "2024-01-29"'),
        ('"prefer": "cheapest"', '"prefer": "fewest"'),
        ('"proved": true', '"proved": false'),
    ],
)
def test_a_record_whose_conditions_were_edited_is_damaged_and_the_program_is_not_blamed(
    ledger, kept, tmp_path, written, changed
):
    text = (kept / "存证.json").read_text(encoding="utf-8")
    assert written in text
    other = tmp_path / "x.json"
    other.write_text(text.replace(written, changed), encoding="utf-8")

    assert refused("plan", ledger, "--replay", other, "-o", tmp_path / "x.xlsx").code == "E-REPLAY-DAMAGED"
    assert not (tmp_path / "x.xlsx").exists()


@pytest.mark.parametrize("part", ["texts", "cases"])
def test_a_record_that_was_tampered_with_is_refused(ledger, kept, tmp_path, part):
    data = json.loads((kept / "存证.json").read_text(encoding="utf-8"))
    text = unpacked(data, part).replace("2023-09-01", "2023-09-02").replace("on_hand", "missing")
    other = edited(kept / "存证.json", tmp_path / "x.json", **{part: packed(text)})

    assert refused("plan", ledger, "--replay", other, "-o", tmp_path / "x.xlsx").code == "E-REPLAY-DAMAGED"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"\xff", b'{"format": "taizhang-record", "form": 1}', b'{"format": "taizhang-plan"}'],
)
def test_a_file_that_is_no_record_is_refused(ledger, tmp_path, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)

    assert refused("plan", ledger, "--replay", path).code == "E-REPLAY-FORMAT"


@pytest.mark.parametrize(
    "options",
    [
        ["--as-of", DAY],
        ["--prefer", "fewest"],
        ["--known-at", DAY],
        ["--overlay", "demo-city-rules"],
        ["--no-memory"],
    ],
)
def test_a_record_brings_its_own_conditions(ledger, kept, options):
    error = refused("plan", ledger, "--replay", kept / "存证.json", *options)

    assert error.code == "E-ARG-REPLAY"
    assert options[0] in error.say("zh")


def test_the_lock_alone_is_asked_for_with_a_record(ledger):
    assert refused("plan", ledger, "--lock-only").code == "E-ARG-REPLAY"


# ------------------------------------------------------------------------------ the knowledge date


def test_a_holiday_notice_counts_from_the_day_it_was_issued():
    """The notice for 2025 is of 12 November 2024."""
    path = SHIPPED / "calendars" / "cn.yaml"

    assert max(read_calendar(path, date(2024, 11, 11)).years) == 2024
    assert max(read_calendar(path, date(2024, 11, 12)).years) == 2025


def test_a_rule_counts_as_known_from_its_first_day():
    overlay = read_document(find_document("demo-city-rules"))
    begins = sorted({one.effective.start for one in overlay.changes if one.effective.start})

    assert len(known_on(overlay, begins[-1]).changes) == len(overlay.changes)
    assert 0 < len(known_on(overlay, begins[0]).changes) < len(overlay.changes)


def test_what_was_published_later_is_left_out_and_the_record_says_so(ledger, tmp_path):
    """Dates after the last notice that was out are open; the ledger itself counts whole."""
    plan = ("plan", ledger, *law(), "--as-of", "2024-11-11")
    done(*plan, "-o", tmp_path / "a.xlsx", "--record", tmp_path / "a.json")
    text = done(*plan, "--known-at", "2024-11-11", "-o", tmp_path / "b.xlsx", "--record", tmp_path / "b.json")
    all_, known = (read_record(tmp_path / f"{name}.json") for name in "ab")

    assert "放假安排截至 2024 年" in text
    assert (known.known_at, known.withheld, all_.withheld) == (date(2024, 11, 11), True, False)
    assert [one.case for one in known.estates] == [one.case for one in all_.estates]
    assert known.result["plan"] != all_.result["plan"]
    done("plan", ledger, "--replay", tmp_path / "b.json", "-o", tmp_path / "c.xlsx")
    assert (tmp_path / "b.xlsx").read_bytes() == (tmp_path / "c.xlsx").read_bytes()
