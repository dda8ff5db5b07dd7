"""From what an officer writes of a paper's validity to the gap sheet that says when to fetch it."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from tests.exchange.builders import DAY, codes, write_book

from taizhang.exchange.excel.planning import plan_ledgers
from taizhang.exchange.excel.reading import read_ledger
from taizhang.exchange.excel.replaying.casetexts import cases_of_text, text_of_cases
from taizhang.exchange.excel.values import Refusal, read_held
from taizhang.exchange.excel.workbook import write_workbook
from taizhang.rules import city, load_pack
from taizhang.rules.circumstances import Case
from taizhang.rules.terms import Dossier, Held, Ledger, Pack, Place

PACK = Path(__file__).parents[1] / "rules" / "expiry_pack.yaml"
HEADINGS = ["小区名称", "幢号", "房号", "身份证明", "抵押权人同意书", "是否抵押", "婚姻状况"]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(PACK, as_of=DAY)


def home(number: int, consent: object, *more: object) -> list[object]:
    return ["甲小区", "1幢", f"{number}", "有", consent, "是", "否", *more]


def read(folder: Path, pack: Pack, *rows: Sequence[object], headings: Sequence[str] = HEADINGS) -> Ledger:
    return read_ledger(write_book(folder / "台账.xlsx", {"户台账": [headings, *rows]}), pack)


# --------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("cell", "until"),
    [
        ("有，2024-03-01到期", date(2024, 3, 1)),
        ("有（有效期至2024年3月1日）", date(2024, 3, 1)),
        ("有 有效期至 2024.3.1", date(2024, 3, 1)),
        ("２０２４－０３－０１到期", date(2024, 3, 1)),
        ("有，截止2024/3/1", date(2024, 3, 1)),
        ("同意字〔2023〕5号，有效期至20240301", date(2024, 3, 1)),
        ("有，2024-03-01失效", date(2024, 2, 29)),  # on that day it counts no more
        ("2023-11-01出具", date(2024, 1, 30)),  # 90 days by the pack
        ("有（出具日期：2023年11月1日）", date(2024, 1, 30)),
        ("有（2023-11-01出具，有效期至2024-01-15）", date(2024, 1, 15)),  # the earlier counts
        ("有（2023-11-01出具，有效期至2024-06-30）", date(2024, 1, 30)),
        ("有", None),
    ],
)
def test_what_is_written_of_validity_is_read(tmp_path, pack, cell, until):
    ledger = read(tmp_path, pack, home(101, cell))

    row = ledger.rows[0]
    assert codes(ledger) == []
    assert row.held["bank_consent"] is Held.ON_HAND
    assert row.valid_until == ({"bank_consent": until} if until else {})


def test_a_day_of_issue_means_nothing_for_a_paper_that_does_not_lapse(tmp_path, pack):
    ledger = read(tmp_path, pack, ["甲小区", "1幢", "101", "2010-01-01出具", "有", "是", "否"])

    assert ledger.rows[0].held["id_docs"] is Held.ON_HAND
    assert ledger.rows[0].valid_until == {}


@pytest.mark.parametrize(
    "cell",
    [
        "有，2024年3月到期",
        "有，2024-02-30到期",
        "2024-03-01前有效",
        "2023-11-01未出具",
        "无（2024-03-01到期）",
    ],
)
def test_what_is_not_understood_is_complained_of_and_not_counted(tmp_path, pack, cell):
    """A month is no day, a paper that is not there does not lapse: nobody guesses."""
    ledger = read(tmp_path, pack, home(101, "有"), home(102, cell))

    assert codes(ledger) == [("C-VALIDITY", "E3")]
    assert ledger.complaints[0].read == cell
    assert "bank_consent" not in ledger.rows[1].held
    assert ledger.rows[0].held["bank_consent"] is Held.ON_HAND


@pytest.mark.parametrize("cell", ["鲁发证字第12号", "住建局出具〔2023〕5号", "沪（2024）第1号"])
def test_the_number_of_a_document_is_no_validity(cell):
    assert read_held(cell) is Held.ON_HAND
    assert isinstance(read_held("有效期2年"), Refusal)


@pytest.mark.parametrize(
    ("heading", "day", "until"),
    [
        ("抵押权人同意书有效期至", date(2024, 3, 1), date(2024, 3, 1)),
        ("抵押权人同意书（有效期）", "2024年3月1日", date(2024, 3, 1)),
        ("抵押权人同意书到期日", "2024-03-01", date(2024, 3, 1)),
        ("抵押权人同意书出具日期", date(2023, 11, 1), date(2024, 1, 30)),
    ],
)
def test_a_column_beside_the_paper_says_until_when(tmp_path, pack, heading, day, until):
    ledger = read(
        tmp_path, pack,
        home(101, "有", day), home(102, "缺", None), home(103, None, day), home(104, "缺", day),
        home(105, "有", "三月"), home(106, "有", "长期有效"),
        headings=[*HEADINGS, heading],
    )  # fmt: skip

    assert [dict(row.valid_until) for row in ledger.rows[:4]] == [
        {"bank_consent": until}, {}, {"bank_consent": until}, {},
    ]  # fmt: skip
    assert ledger.rows[2].held["bank_consent"] is Held.ON_HAND, "of nothing else there is such a day"
    assert ("C-VALIDITY", "H5") in codes(ledger), "missing, and valid until: one of the two is wrong"
    assert ("C-DATE", "H6") in codes(ledger)
    told = next(one for one in ledger.columns if one.column == "H")
    assert told.kind in ("until", "issued")


# --------------------------------------------------------------------------- the way through


LEDGER = [
    home(101, "有，2024-02-03到期"),
    home(102, "有（有效期至2024-02-20）"),
    home(103, "有，2024-02-20到期"),
    home(104, "有，2024-05-11到期"),
    home(105, "缺"),
    home(106, "有"),
]


def texts(path: Path) -> dict[str, list[list[str]]]:
    """Every sheet of the plan as texts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl does not know every extension
        book = load_workbook(path)
        return {
            one.title: [[str(cell or "") for cell in row] for row in one.iter_rows(values_only=True)]
            for one in book
        }


def sheet(path: Path, name: str, key: str) -> list[dict[str, str]]:
    """The rows of a sheet of the plan as texts, by heading."""
    rows = texts(path)[name]
    at = next(number for number, row in enumerate(rows) if key in row)
    return [dict(zip(rows[at], row, strict=False)) for row in rows[at + 1 :]]


def test_a_cell_travels_to_the_gap_sheet(tmp_path, pack):
    """The consent of four homes ends too early or is missing; the sheet says when to fetch it, and why."""
    ledger = read(tmp_path, pack, *LEDGER)
    path = tmp_path / "方案.xlsx"

    write_workbook(path, plan_ledgers([ledger], pack))

    gaps = {
        row["缺项（材料）"]: row for row in sheet(path, "缺项清单", "缺项（材料）") if row["缺项（材料）"]
    }
    consent = gaps["抵押权人同意书"]
    assert consent["处数"] == "4"
    said = consent["时效（出具不早于、重办）"]
    assert "出具不早于2024年2月18日（有效期90日" in said
    assert "其中3户已有，但有效期至2024年2月3日，2024年5月11日才用，须重办" in said
    assert gaps["规划核实意见"]["时效（出具不早于、重办）"] == ""
    estate = sheet(path, "小区方案", "预计办结")[0]
    assert estate["时效（出具不早于、重办）"].startswith("抵押权人同意书：出具不早于2024年2月18日")


def test_what_lapses_soon_is_listed_by_households(tmp_path, pack):
    ledger = read(tmp_path, pack, *LEDGER)
    path = tmp_path / "方案.xlsx"

    write_workbook(path, plan_ledgers([ledger], pack))

    rows = [row for row in sheet(path, "待核实", "到期及使用") if row["材料"] == "抵押权人同意书"]
    assert [(row["时限"], row["户数"]) for row in rows] == [("30日内", "2"), ("7日内", "1")]
    assert rows[0]["到期及使用"] == "有效期至2024年2月20日，预计2024年5月11日使用，已按缺项计入，须重办"


def test_in_english_too(tmp_path, pack):
    path = tmp_path / "plan.xlsx"

    write_workbook(path, plan_ledgers([read(tmp_path, pack, *LEDGER)], pack), language="en")

    gaps = {row["Missing paper"]: row for row in sheet(path, "Gaps", "Missing paper")}
    said = gaps["lender's consent"]["Validity (not before, renewal)"]
    assert "not to be issued before" in said
    assert "3 of 4 units: there, but valid until" in said


def test_where_nothing_lapses_no_sheet_has_a_word_of_it(tmp_path, pack):
    lasting = replace(
        pack, evidence={key: replace(one, valid_for=None) for key, one in pack.evidence.items()}
    )
    path = tmp_path / "方案.xlsx"

    write_workbook(path, plan_ledgers([read(tmp_path, lasting, home(101, "有"), home(102, "缺"))], lasting))

    said = {text for rows in texts(path).values() for row in rows for text in row}
    assert not any("时效（" in text or "到期及使用" in text for text in said)


def test_of_two_rows_the_earlier_day_counts(tmp_path, pack):
    """A second ledger knows of an earlier end: the cautious reading."""
    first = read(tmp_path, pack, home(101, "有，2024-05-11到期"))
    again = read(tmp_path, pack, home(101, "有，2024-05-10到期"))

    (plan,) = plan_ledgers([first, again], pack).estates

    assert [one.until for one in plan.joint.lapses] == [date(2024, 5, 10)]


def test_a_recorded_case_remembers_until_when_papers_count():
    """A plan is replayed from the record of its cases: the last days belong to it."""
    key = ("consent", "E")
    dossier = Dossier(DAY, {"E": Place("estate", "E")}, {key: Held.ON_HAND}, {}, {key: date(2024, 3, 1)})

    (case,) = cases_of_text(text_of_cases([Case(dossier, {})]))

    assert dict(case.dossier.valid_until) == dict(dossier.valid_until)


@pytest.mark.skipif(
    "lasting_plans" not in inspect.getsource(city), reason="plan_city does not ask lasting_plans yet"
)
def test_a_city_says_the_same_as_an_estate(tmp_path, pack):
    """Several estates are planned in columns; what lapses is marked there too."""
    other = [["乙小区", *row[1:]] for row in LEDGER[4:]]
    both = plan_ledgers([read(tmp_path, pack, *LEDGER, *other)], pack).estates
    (alone,) = plan_ledgers([read(tmp_path, pack, *LEDGER)], pack).estates

    mine = next(one for one in both if one.place.name == "甲小区")
    assert mine.joint.vector == alone.joint.vector
    assert mine.joint.lapses == alone.joint.lapses
    told = {(gap.item, gap.end, gap.slack, gap.obtain_not_before) for gap in alone.joint.gaps}
    assert {(gap.item, gap.end, gap.slack, gap.obtain_not_before) for gap in mine.joint.gaps} == told
    assert [one.own for one in mine.units] == [one.own for one in alone.units]
