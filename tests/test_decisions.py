"""Before the next meeting: which decisions open most, what they would do, and why a home is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from taizhang.cli import taizhang

LAW = ("--law", "title-certificates-shandong", "--law", "demo-city-rules", "--as-of", "2024-01-28")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up city of ten estates."""
    path = tmp_path_factory.mktemp("city") / "台账.xlsx"
    done = CliRunner().invoke(
        taizhang, ["demo-city", str(path), "--estates", "10", "--units", "260", "--seed", "3"]
    )
    assert done.exit_code == 0, done.output
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(taizhang, [str(one) for one in arguments], env={"TAIZHANG_LANG": "zh"})


@pytest.mark.slow
def test_a_leader_asks_what_to_decide_simulates_it_and_reads_why_a_home_is_left_out(ledger, tmp_path):
    """The whole way: leverage, then what-if of the set it named, then one home, then the report."""
    found = tmp_path / "突破口.json"
    told = run("leverage", ledger, "-k", "8", *LAW, "--json", found)
    assert told.exit_code == 0, told.output
    leverage = json.loads(found.read_text(encoding="utf-8"))
    best = leverage["bundle"][-1]
    assert best["units"] >= best["greedy_units"] > 0
    assert best["proved"] and leverage["proved"]
    assert f"8 项：{best['units']} 户" in told.output

    supposed: list[str] = []
    for item in best["items"]:
        if item["kind"] == "decision":
            supposed += ["--enable", item["item"]]
        else:
            supposed += ["--supply", f"{item['item']}@{item['place']}"]
    result, report = tmp_path / "推演.json", tmp_path / "推演.html"
    estate = next(item["estate"] for item in best["items"] if item.get("estate"))
    done = run(
        "whatif",
        ledger,
        *LAW,
        *supposed,
        "--json",
        result,
        "--report",
        report,
        "--why",
        f"{estate}/1幢/1单元101",
    )
    assert done.exit_code == 0, done.output
    shift = json.loads(result.read_text(encoding="utf-8"))
    assert shift["unlocked"] + shift["eased"] > 0
    assert shift["harmed"] == 0
    assert shift["digests"][0] != shift["digests"][1]
    assert sum(row["unlocked"] for row in shift["by_estate"]) == shift["unlocked"]
    assert sum(row["eased"] for row in shift["by_county"].values()) == shift["eased"]
    assert len(shift["singly"]) == len(best["items"]) if len(best["items"]) > 1 else not shift["singly"]
    assert f"{estate}/1幢/1单元101：现在" in done.output

    page = report.read_text(encoding="utf-8")
    assert "以下内容是假设" in page
    assert "<svg" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    if not shift["proved_optimal"]:
        assert "已证最优" not in page


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "E-WHATIF-NOTHING"),
        (("--enable", "fire_material.comitment"), "E-WHATIF-NAME"),
        (("--set", "deed_tax_rat=0.01"), "E-WHATIF-NAME"),
        (("--overlay", "no-such-overlay"), "E-PACK-E00"),
    ],
)
def test_what_cannot_be_supposed_is_said_before_the_ledger_is_read(arguments, code, tmp_path):
    """The file does not even exist."""
    done = run("whatif", tmp_path / "none.xlsx", *LAW, *arguments)

    assert done.exception is not None
    assert getattr(done.exception, "code", "") == code


def test_a_home_that_is_not_in_the_ledger_is_said(ledger):
    done = run("whatif", ledger, *LAW, "--enable", "fire_material.commitment", "--why", "无此小区/1幢/101")

    assert getattr(done.exception, "code", "") == "E-WHATIF-PLACE"
    assert "无此小区" in done.exception.say("zh")  # type: ignore[union-attr]


def test_both_commands_print_pure_json_on_demand(ledger):
    for command in (
        ("leverage", ledger, "-k", "1", *LAW, "--json", "-"),
        ("whatif", ledger, *LAW, "--enable", "fire_material.commitment", "--json", "-"),
    ):
        done = run(*command)
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        assert {"pack", "as_of"} <= told.keys()


MINUTES = """\
kind: decision
id: minutes-7
version: 1.0.0
case: one
jurisdiction: CN-3715
extends: title-certificates@*
title: {zh: 纪要〔2024〕7号, en: minutes 2024 no. 7}
scope: {level: estate, ids: [NAME]}
sources:
  minutes-7: {title: {zh: 纪要〔2024〕7号, en: minutes 2024 no. 7}, kind: minutes}
changes:
  - op: adopt_way
    node: fire_material
    way: commitment
    because: {zh: 会议议定, en: decided by the meeting}
    effective: {from: 2024-01-01}
    source: [minutes-7]
"""


def test_a_decision_for_an_estate_that_the_ledger_does_not_have_is_said(ledger, tmp_path):
    """A misspelt name used to open nothing, without a word."""
    right = load_workbook(ledger)["小区台账"]["E4"].value
    wrong = right.replace(right[-1], "园")
    minutes = tmp_path / "minutes.yaml"
    law = ("--as-of", "2024-01-28")
    said = f"“{wrong}”不是台账中的小区，对其不起作用。是否应为“{right}”？"

    minutes.write_text(MINUTES.replace("NAME", wrong), encoding="utf-8")
    planned = run("plan", ledger, "--decision", minutes, *law, "-o", tmp_path / "o.xlsx")
    assert f"{said} [C-DECISION-ESTATE]" in planned.output
    assert "见工作表“导入问题”" in planned.output
    for command in ("whatif", ("leverage", "-k", "1")):
        name, *more = (command,) if isinstance(command, str) else command
        done = run(name, ledger, *more, "--decision", minutes, *law, "--json", "-")
        (notice,) = json.loads(done.stdout)["notices"]
        assert (notice["code"], notice["decision"], notice["read"]) == (
            "C-DECISION-ESTATE",
            "minutes-7",
            wrong,
        )
        assert notice["near"] == right
    shown = run("whatif", ledger, "--decision", minutes, *law).output
    assert f"{said} [C-DECISION-ESTATE]" in shown

    minutes.write_text(MINUTES.replace("NAME", right), encoding="utf-8")
    done = run("whatif", ledger, "--decision", minutes, *law, "--json", "-")
    assert json.loads(done.stdout)["notices"] == []


def test_an_overlay_that_builds_on_another_is_simulated_with_it(ledger):
    """Alone it would contradict itself: told is what it does on top of the one before it."""
    supposed = ("--overlay", "title-certificates-shandong", "--overlay", "demo-city-rules")

    done = run("whatif", ledger, *supposed, "--as-of", "2024-01-28", "--json", "-")

    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    first, both = told["singly"]
    assert all(both[one] == told[one] for one in ("unlocked", "eased", "harmed"))
    assert both["unlocked"] + both["eased"] > first["unlocked"] + first["eased"]


def test_an_overlay_without_what_it_builds_on_is_refused_before_anything_is_planned(ledger):
    done = run("whatif", ledger, "--overlay", "demo-city-rules", "--as-of", "2024-01-28", "--json", "-")

    assert getattr(done.exception, "code", "") == "E-PACK-E13"
