"""``taizhang diff``: what changed between two plans of a city, at whose door it is laid, and in words."""

from __future__ import annotations

import json
import os
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from taizhang.cli import taizhang
from taizhang.errors import TaizhangError
from taizhang.exchange.demo_city import write_demo_city
from taizhang.exchange.excel.example import write_example
from taizhang.rules import load_pack
from taizhang.rules.circumstances import CAUSES

DAY = "2024-01-28"
OVERLAYS = ("title-certificates-shandong", "demo-city-rules")
LAW = [text for one in OVERLAYS for text in ("--overlay", one)]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(taizhang, [str(one) for one in arguments])


def done(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.exception or result.output
    return result.output


def refused(*arguments: object) -> TaizhangError:
    result = run(*arguments)
    assert isinstance(result.exception, TaizhangError), result.output
    return result.exception


@cache
def compared(*arguments: object) -> dict[str, Any]:
    """The comparison as JSON; the files of the fixture stay as they are, so each is asked for once."""
    found: dict[str, Any] = json.loads(done("diff", *arguments, "--json", "-"))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A ledger, the same a month later with one paper more, and records of plans of it."""
    folder = tmp_path_factory.mktemp("two-plans")
    os.environ["TAIZHANG_DATA"] = str(folder / "data")
    pack = load_pack("title-certificates", overlays=OVERLAYS, as_of=date.fromisoformat(DAY))
    write_demo_city(folder / "台账.xlsx", estates=3, units=60, seed=3, pack=pack)
    for name, options in (
        ("一月", [*LAW, "--as-of", DAY]),
        ("二月", [*LAW, "--as-of", "2024-02-28"]),
        ("少一层", [*LAW[:2], "--as-of", DAY]),
        ("只记摘要", [*LAW, "--as-of", DAY, "--lock-only"]),
    ):
        record = folder / f"{name}.json"
        done("plan", folder / "台账.xlsx", *options, "-o", folder / f"{name}.xlsx", "--record", record)
    with_papers(folder / "台账.xlsx", folder / "新台账.xlsx")
    return folder


def with_papers(old: Path, new: Path) -> None:
    """Every paper that an estate lacked is there now."""
    book = openpyxl.load_workbook(old)
    missing = [cell for row in book["小区台账"].iter_rows() for cell in row if cell.value == "缺"]
    assert missing
    for cell in missing:
        cell.value = "有"
    book.save(new)


def test_a_record_does_not_differ_from_itself(folder):
    text = done("diff", folder / "一月.json", folder / "一月.json")
    found = compared(folder / "一月.json", folder / "一月.json")

    assert "两个方案没有差别" in text
    assert found["same"] is True
    assert found["by_estate"] == []
    assert [step["estates_replanned"] for step in found["steps"]] == [0] * len(CAUSES)


def test_papers_that_came_in_are_laid_at_the_door_of_the_papers(folder):
    """A ledger beside a record is planned under the conditions of the record."""
    found = compared(folder / "一月.json", folder / "新台账.xlsx")
    causes = {tuple(one["causes"]) for estate in found["by_estate"] for one in estate["changes"]}

    assert found["same"] is False
    assert causes == {("evidence",)}
    assert [step["changes"] > 0 for step in found["steps"]] == [cause == "evidence" for cause in CAUSES]


def test_a_month_that_only_passed_moves_dates(folder):
    found = compared(folder / "一月.json", folder / "二月.json")
    changes = [one for estate in found["by_estate"] for one in estate["changes"]]

    assert {tuple(one["causes"]) for one in changes} == {("expiry",)}
    assert {one["kind"] for one in changes} <= {"date", "when", "duty", "detail"}
    assert found["whole"]["dates"] == found["old"]["estates"] == 3


def test_an_estate_that_is_blocked_has_no_end(tmp_path):
    """Not the day of the plan: where no home can be planned there is nothing that could end."""
    write_example(tmp_path / "台账.xlsx", load_pack("title-certificates", as_of=date.fromisoformat(DAY)))
    for name, options in (("受阻", ["--as-of", DAY]), ("可办", [*LAW, "--as-of", "2024-02-28"])):
        record = tmp_path / f"{name}.json"
        done("plan", tmp_path / "台账.xlsx", *options, "-o", tmp_path / f"{name}.xlsx", "--record", record)
    sides = tmp_path / "受阻.json", tmp_path / "可办.json"

    told = done("diff", *sides, "--json", tmp_path / "差异.json")
    (estate,) = json.loads((tmp_path / "差异.json").read_text(encoding="utf-8"))["by_estate"]
    (finish,) = [one for one in estate["changes"] if (one["kind"], one.get("name")) == ("date", "finish")]
    assert finish["before"] is None
    assert finish["after"] > "2024-02-28"
    assert "完成 无（受阻） → 2024-" in told


@pytest.mark.parametrize(("old", "new"), [("一月", "二月"), ("二月", "少一层"), ("一月", "少一层")])
def test_both_ends_are_what_the_records_say(folder, old, new):
    """What is planned for a comparison, by pinned law and step by step, is the plan of the record."""
    found = compared(folder / f"{old}.json", folder / f"{new}.json")

    assert found["old"]["not_reproduced"] == found["new"]["not_reproduced"] == []


def test_an_overlay_that_was_dropped_bears_what_it_did(folder):
    found = compared(folder / "一月.json", folder / "少一层.json")
    step = next(one for one in found["steps"] if one["causes"] == ["overlays"])

    assert step["units_moved"] == found["whole"]["units_moved"] > 0
    assert step["fees_fen"] == found["whole"]["fees_fen"]
    assert [one["causes"] for one in found["steps"] if one["changes"]] == [["overlays"]]


def test_every_number_is_the_sum_of_its_lists(folder):
    found = compared(folder / "少一层.json", folder / "新台账.xlsx", *LAW, "--to", "2024-02-28")
    whole, estates = found["whole"], found["by_estate"]

    for name in (
        "units_moved",
        "items_added",
        "items_removed",
        "gaps",
        "ways",
        "money_fen",
        "effort",
        "fees_fen",
    ):
        assert whole[name] == sum(one[name] for one in estates), name
        if name in ("gaps", "money_fen", "effort", "fees_fen"):  # what adds up over the steps as well
            assert whole[name] == sum(step[name] for step in found["steps"]), name
    for status, count in found["new"]["units_by_status"].items():
        assert count - found["old"]["units_by_status"][status] == whole["units"].get(status, 0)
    assert len({tuple(step["causes"]) for step in found["steps"] if step["changes"]}) >= 3


def test_two_ledgers_are_compared_under_the_law_that_is_given(folder):
    days = ("--from", DAY, "--to", DAY)
    text = done("diff", folder / "台账.xlsx", folder / "新台账.xlsx", *LAW, *days)

    assert f"台账.xlsx {DAY} → 新台账.xlsx {DAY}" in text
    assert "\n  材料：涉及小区 " in text
    assert "日期推移" not in text


def test_one_estate_is_told_change_by_change(folder):
    found = compared(folder / "一月.json", folder / "新台账.xlsx")
    name = found["by_estate"][0]["name"]
    text = done("diff", folder / "一月.json", folder / "新台账.xlsx", "--estate", name)

    assert "小区 1 → 1 个" in text
    assert "\n材料：\n" in text
    assert "\n  不再缺：" in text


def test_it_is_told_in_english_too(folder, monkeypatch):
    monkeypatch.setenv("TAIZHANG_LANG", "en")
    text = done("diff", folder / "一月.json", folder / "二月.json")

    assert "in a fixed order:\n  passing of time: estates 3" in text
    assert not set("：，；、") & set(text)


def test_a_record_that_this_version_plans_otherwise_is_noted(folder, tmp_path):
    data = json.loads((folder / "一月.json").read_text(encoding="utf-8"))
    data["estates"][0]["plan"] = "0" * 64
    data.pop("sha256")  # as in a record of an earlier version
    other = tmp_path / "旧版.json"
    other.write_text(json.dumps(data), encoding="utf-8")
    text = done("diff", other, folder / "二月.json")

    assert (
        f"旧版.json 由另一版本程序测算，本版本对 1 个小区的结果不同（{data['estates'][0]['name']}）" in text
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["只记摘要.json", "一月.json"], "E-DIFF-LOCK"),
        (["一月.json", "二月.json", "--from", DAY], "E-ARG-DIFF"),
        (["一月.json", "二月.json", "--prefer", "fewest"], "E-ARG-DIFF"),
        (["一月.json", "二月.json", "--estate", "没有的小区"], "E-DIFF-ESTATE"),
        (["一月.json", "没有.json"], "E-FILE-MISSING"),
    ],
)
def test_what_cannot_be_compared_is_refused(folder, arguments, code):
    given = [folder / one if one.endswith(".json") else one for one in arguments]

    assert refused("diff", *given).code == code
