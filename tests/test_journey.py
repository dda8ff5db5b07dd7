"""One estate walks from its ledger row to its plan: the first thing a newcomer reads.

针织厂家属院（南区）: one building, 84 households, built in 2001 by a knitting factory with its
workers' money, lived in since 2002, no land or planning papers; the factory is gone.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import yaml

from taizhang.exchange.excel.example import ESTATE, write_example
from taizhang.rules.pack import SHIPPED, load_pack

from .terminal import taizhang

# openpyxl, the second reader, does not know data bars of later Excel versions
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")

DAY = "2024-01-28"
OVERLAYS = ["--overlay", "title-certificates-shandong", "--overlay", "demo-city-rules"]
DECISION = ["--decision", "demo-decision-knitting-factory"]


def process(
    *arguments: object, language: str = "zh", seed: str = "random"
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, in a process of its own."""
    environment = {**os.environ, "TAIZHANG_LANG": language, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "taizhang", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def ledger(tmp_path_factory) -> Path:
    """The officer's ledger."""
    path = tmp_path_factory.mktemp("ledger") / "台账.xlsx"
    overlays = ["title-certificates-shandong", "demo-city-rules"]
    write_example(path, load_pack("title-certificates", overlays=overlays, as_of=date.fromisoformat(DAY)))
    return path


@pytest.fixture(scope="module")
def plan_of_the_day(ledger, tmp_path_factory) -> Path:
    """A folder with the plan of the ledger, its report and its letter, written by a process of its own."""
    folder = tmp_path_factory.mktemp("plan")
    out, more = folder / "方案.xlsx", ["--report", folder / "r.html", "--letters", folder / "l"]
    done = process(
        "plan", ledger, "-o", out, "--json", folder / "summary.json", *more, *OVERLAYS, "--as-of", DAY
    )
    assert done.returncode == 0, done.stderr
    (folder / "said").write_text(done.stdout, encoding="utf-8")
    return folder


def planned(ledger: Path, folder: Path, *options: object) -> tuple[dict[str, object], Path]:
    """Plan the ledger; return the summary and the workbook."""
    out = folder / "方案.xlsx"
    done = taizhang("plan", ledger, "-o", out, "--json", folder / "summary.json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "summary.json").read_text(encoding="utf-8")), out


def rows(workbook: Path, sheet: str) -> list[dict[str, object]]:
    """Rows of a sheet as an officer sees them, by heading (row 4 of every list)."""
    table = openpyxl.load_workbook(workbook)[sheet].iter_rows(min_row=4, values_only=True)
    headings = next(table)
    return [dict(zip(headings, row, strict=True)) for row in table if row[0] is not None]


def test_the_estate_walks_from_its_ledger_row_to_its_plan(plan_of_the_day):
    summary = json.loads((plan_of_the_day / "summary.json").read_text(encoding="utf-8"))
    workbook = plan_of_the_day / "方案.xlsx"

    # every household can get its certificate, and the plan is exact and proved
    assert summary["estates"] == 1
    assert summary["units"] == 84
    assert summary["units_by_status"] == {"proved": 0, "open": 84, "depends": 0, "blocked": 0}
    assert summary["exact_units"] == 84
    assert summary["proved_optimal"] is True
    assert summary["estates_by_class"]["LAND_PROC"] == summary["estates_by_class"]["PLAN_VERIF"] == 1

    # each gap has its place, its supplier, its named people, its source, its days and its due date
    gaps = rows(workbook, "缺项清单")
    land = next(row for row in gaps if row["缺项（材料）"] == "补办划拨用地决定")
    assert len(gaps) == summary["gap_rows"]
    assert sum(int(str(row["处数"])) for row in gaps) == summary["gaps"]
    assert land["责任部门"] == "自然资源和规划局"
    assert (land["责任人"], land["包保领导"]) == ("周砚（街道）", "林晓副县长")
    assert land["应办结"].date() == date(2024, 2, 28)  # 20 working days over Spring Festival
    assert land["涉及户数"] == 84
    assert "待核实" in str(land["依据"])
    assert str(land["缘由（由终到始）"]).startswith("不动产权证书 ← 转移登记")

    # each household has its status, its papers and its fees to the fen
    units = rows(workbook, "户清单")
    fees = sum(round(float(row["费用合计（元，已知部分）"]) * 100) for row in units)
    assert len(units) == 84
    assert fees == summary["fees_fen"]

    # what could not be read is said with its cell, and nothing is lost
    complaints = {row["读到的内容"] for row in rows(workbook, "导入问题")}
    assert complaints == {"首套?", "约75"}
    assert summary["complaints"] == len(complaints)


def test_the_provincial_rule_lapses_and_a_decision_opens_the_estate_again(ledger, tmp_path):
    """Law is dated: the day the Shandong guidance ends, nobody may apply for the vanished factory."""
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir(), (tmp_path / "c").mkdir()
    before, _ = planned(ledger, tmp_path / "a", *OVERLAYS, "--as-of", "2025-06-29")
    after, workbook = planned(ledger, tmp_path / "b", *OVERLAYS, "--as-of", "2025-06-30")
    decided, _ = planned(ledger, tmp_path / "c", *OVERLAYS, *DECISION, "--as-of", "2025-06-30")

    assert before["units_by_status"]["open"] == 84
    assert after["units_by_status"]["blocked"] == 84
    assert "政府指定" in str(rows(workbook, "小区方案"))  # the lift names what would open it
    assert decided["units_by_status"]["open"] == 84


def test_without_local_rules_the_estate_is_blocked_and_the_command_says_what_to_add(ledger, tmp_path):
    done = taizhang("plan", ledger, "-o", tmp_path / "x.xlsx", "--as-of", DAY)

    assert done.returncode == 0
    assert "受阻 84" in done.stdout
    assert "--overlay title-certificates-shandong" in done.stdout


def test_dates_in_a_year_without_a_holiday_notice_are_working_days_and_one_complaint(ledger, tmp_path):
    summary, workbook = planned(ledger, tmp_path, *OVERLAYS, *DECISION, "--as-of", "2026-11-20")
    complaints = rows(workbook, "导入问题")

    assert [row["代码"] for row in complaints].count("C-CALENDAR-YEAR") == 1
    assert any(
        "2027年放假安排未公布" in str(row["应办结"])
        for row in rows(workbook, "缺项清单") + rows(workbook, "部门任务")
    )
    assert summary["units_by_status"]["open"] == 84


def test_complaints_alone_leave_exit_0_and_strict_makes_it_2(ledger, plan_of_the_day, tmp_path):
    summary = json.loads((plan_of_the_day / "summary.json").read_text(encoding="utf-8"))
    strict = taizhang("plan", ledger, "-o", tmp_path / "b.xlsx", *OVERLAYS, "--as-of", DAY, "--strict")

    assert summary["complaints"] == 2  # and it ended with 0
    assert strict.returncode == 2


def test_the_template_filled_with_one_row_can_be_planned(tmp_path):
    """``template``, two cells typed, ``plan``: nothing else is needed."""
    blank = tmp_path / "空白.xlsx"
    assert taizhang("template", blank).returncode == 0
    book = openpyxl.load_workbook(blank)
    sheet = book["小区台账"]
    headings = [cell.value for cell in sheet[2]]
    sheet.cell(3, headings.index("小区名称") + 1, "某小区")
    sheet.cell(3, headings.index("总户数") + 1, 12)
    book.save(blank)

    summary, _ = planned(blank, tmp_path, "--as-of", DAY)

    assert summary["units"] == 12


def test_the_report_and_the_letter_are_written_on_request(plan_of_the_day):
    letters = list((plan_of_the_day / "l").glob("*.docx"))

    assert ESTATE in (plan_of_the_day / "r.html").read_text(encoding="utf-8")
    assert len(letters) == 1


def test_a_command_in_the_process_of_the_tests_says_and_writes_what_one_of_its_own_does(
    ledger, plan_of_the_day, tmp_path
):
    """So what other tests ask of ``tests.terminal`` a user gets too."""
    out = tmp_path / "方案.xlsx"
    done = taizhang("plan", ledger, "-o", out, *OVERLAYS, "--as-of", DAY)
    theirs = (plan_of_the_day / "said").read_text(encoding="utf-8").splitlines()

    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.splitlines()) <= {
        line.replace(str(plan_of_the_day), str(tmp_path)) for line in theirs
    }
    assert "小区 1 个，84 户" in done.stdout
    assert out.read_bytes() == (plan_of_the_day / "方案.xlsx").read_bytes()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_error_is_one_line_with_place_fact_next_step_and_code(tmp_path, language):
    done = process("plan", tmp_path / "没有.xlsx", language=language)

    assert done.returncode == 2
    assert done.stderr.strip().endswith("[E-FILE-MISSING]")
    assert len(done.stderr.strip().splitlines()) == 1
    assert ("找不到" in done.stderr) == (language == "zh")
    assert list(tmp_path.iterdir()) == []
    assert taizhang("plan", tmp_path / "没有.xlsx", language=language).stderr == done.stderr


def test_a_misspelt_pack_gets_the_nearest_name(ledger, tmp_path):
    done = taizhang("plan", ledger, "-o", tmp_path / "x.xlsx", "--pack", "title-certificate", language="en")

    assert done.returncode == 3
    assert "Did you mean 'title-certificates'" in done.stderr


def shuffled(source: Path, target: Path, seed: int) -> None:
    """Copy a document with the keys of every mapping in another order.

    The values of a fact and the classes keep theirs: it is the order in which they are shown.
    """
    chance = random.Random(seed)

    def turn(node: yaml.Node, name: str) -> None:
        if isinstance(node, yaml.MappingNode):
            if name not in ("values", "classes"):
                chance.shuffle(node.value)
            for key, value in node.value:
                turn(value, key.value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                turn(item, "")

    node = yaml.compose(source.read_text(encoding="utf-8"))
    turn(node, "")
    target.write_text(yaml.serialize(node, allow_unicode=True), encoding="utf-8")


def test_the_same_input_gives_the_same_bytes(ledger, tmp_path):
    """Under two hash seeds, and with every mapping of every pack file in another order."""
    pack = tmp_path / "title-certificates"
    pack.mkdir()
    for number, path in enumerate(sorted((SHIPPED / "title-certificates").glob("*.yaml"))):
        shuffled(path, pack / path.name, number)
    for number, name in enumerate(("title-certificates-shandong", "demo-city-rules")):
        shuffled(SHIPPED / f"{name}.yaml", tmp_path / f"{name}.yaml", number)
    ours = [*OVERLAYS, "--as-of", DAY]
    theirs = ["--pack", pack, "--as-of", DAY]
    for name in ("title-certificates-shandong", "demo-city-rules"):
        theirs += ["--overlay", tmp_path / f"{name}.yaml"]
    made = []
    for seed, options in (("0", ours), ("1", ours), ("2", theirs)):
        folder = tmp_path / seed
        folder.mkdir()
        done = process(
            "plan",
            ledger,
            "-o",
            folder / "o.xlsx",
            "--report",
            folder / "r.html",
            "--letters",
            folder,
            *options,
            seed=seed,
        )
        assert done.returncode == 0, done.stderr
        made.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})

    assert len(made[0]) == 3
    for other in made[1:]:
        assert {name: other[name] == made[0][name] for name in made[0]} == dict.fromkeys(made[0], True)


def test_a_pack_of_ones_own_without_headings_can_be_planned(tmp_path):
    """The smallest pack of docs/how-to/write-a-pack.md, its template, two cells, a plan."""
    from tests.rules.test_pack_errors import GOOD

    pack, blank = tmp_path / "small.yaml", tmp_path / "blank.xlsx"
    pack.write_text(GOOD, encoding="utf-8")
    assert taizhang("template", blank, "--pack", pack).returncode == 0
    book = openpyxl.load_workbook(blank)
    headings = [cell.value for cell in book["小区台账"][2]]
    book["小区台账"].cell(3, headings.index("小区名称") + 1, "某小区")
    book["小区台账"].cell(3, headings.index("总户数") + 1, 3)
    book.save(blank)

    summary, _ = planned(blank, tmp_path, "--pack", pack, "--as-of", DAY)

    assert summary["units"] == 3
