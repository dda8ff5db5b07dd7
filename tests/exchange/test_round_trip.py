"""A plan workbook is edited offline and comes back: nothing is lost, nothing is typed twice."""

from __future__ import annotations

import os
import random
import shutil
import warnings
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from tests.exchange.ledger_builder import Sheet, convert, write

from taizhang.exchange.excel.books import write_books
from taizhang.exchange.excel.examining import digest_of
from taizhang.exchange.excel.opening import open_sheets
from taizhang.exchange.excel.planning import plan_ledgers
from taizhang.exchange.excel.returned.receiving import read_ledgers
from taizhang.exchange.excel.workbook import write_workbook
from taizhang.exchange.spreading import home_by_home
from taizhang.rules.terms import CityPlan, Held, Ledger, Pack

DAY = date(2024, 1, 28)
ESTATES = Sheet(
    "小区台账",
    [
        ["青棠县小区台账", None, None, None, None, None],
        ["序号", "县区", "小区名称", "总户数", "土地证", "备注"],
        [1, "青棠县", "甲小区", 3, "缺", "电话 0635"],
        [2, "青棠县", "乙小区", 2, "有", None],
        ["合计", None, None, 5, None, None],
        ["注：由街道填报", None, None, None, None, None],
    ],
    ("A1:F1",),
)
UNITS = Sheet(
    "户台账",
    [
        ["小区名称", "幢号", "房号", "户主", "登记费缴纳凭证", "是否住宅"],
        ["甲小区", "1幢", "101", "张一", "缺", "是"],
        ["甲小区", "1幢", "102", "王二", "有", "是"],
        ["甲小区", "2幢", "101", "李三", None, None],
    ],
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> Path:
    """A folder with a ledger and the plan workbook that was made from it; to be copied only."""
    folder = tmp_path_factory.mktemp("original")
    ledger = write(folder / "台账.xlsx", ESTATES, UNITS)
    write_workbook(folder / "方案.xlsx", planned([ledger], pack))
    return folder


@pytest.fixture
def sent(original: Path, tmp_path: Path) -> SimpleNamespace:
    """A ledger and its plan workbook, of this test alone."""
    copies = [Path(shutil.copy(original / name, tmp_path)) for name in ("台账.xlsx", "方案.xlsx")]
    return SimpleNamespace(ledger=copies[0], plan=copies[1], folder=tmp_path)


def planned(paths: list[Path], pack: Pack) -> CityPlan:
    return plan_ledgers(read_ledgers(paths, pack), pack)


def opened(path: Path):
    with warnings.catch_warnings():  # of colour rules openpyxl does not know
        warnings.simplefilter("ignore")
        return load_workbook(path)


def edit(path: Path, change: Callable[..., None], name: str = "回.xlsx") -> Path:
    """What an officer does in Excel."""
    book = opened(path)
    change(book)
    book.save(path.with_name(name))
    return path.with_name(name)


def column(sheet: Worksheet, heading: str) -> int:
    return next(cell.column for cell in sheet[4] if cell.value == heading)


def row_of(sheet: Worksheet, **wanted: str) -> int:
    return next(
        row
        for row in range(5, sheet.max_row + 1)
        if all(sheet.cell(row, column(sheet, heading)).value == value for heading, value in wanted.items())
    )


def unit(ledger: Ledger, building: str, number: str):
    return next(row for row in ledger.rows if (row.building, row.unit) == (building, number))


# --------------------------------------------------------------------------- our sheets


def test_a_paper_reported_as_done_is_entered_in_the_officers_own_column(sent, pack):
    def report(book) -> None:
        gaps = book["缺项清单"]
        row = row_of(gaps, **{"小区": "甲小区", "缺项（材料）": "登记费缴纳凭证"})
        gaps.cell(row, column(gaps, "办理情况"), "已办结")

    (ledger,) = read_ledgers([edit(sent.plan, report)], pack)

    assert ledger.path == "台账.xlsx"
    assert unit(ledger, "1幢", "101").held["registration_fee_paid"] is Held.ON_HAND
    assert unit(ledger, "2幢", "101").held["registration_fee_paid"] is Held.ON_HAND
    assert {(one.kind, one.other.cell, one.other.text) for one in ledger.differences} == {
        ("changed", "E2", "缺"),
        ("changed", "E4", ""),
    }
    assert ledger.entries == ()


def test_what_has_no_column_is_kept_in_a_sheet_of_its_own_and_need_not_be_typed_again(sent, pack):
    def report(book) -> None:
        gaps = book["缺项清单"]
        names = [gaps.cell(row, column(gaps, "缺项（材料）")).value for row in (5, 6)]
        gaps.cell(5, column(gaps, "办理情况"), "已办结")
        gaps.cell(6, column(gaps, "办理情况"), "办理中")
        report.names = names  # type: ignore[attr-defined]

    back = edit(sent.plan, report)
    city = planned([back], pack)
    second = sent.folder / "二.xlsx"
    write_workbook(second, city)
    book = opened(second)
    entries = book["补录"]

    assert entries.cell(5, column(entries, "材料或事项")).value == report.names[0]  # type: ignore[attr-defined]
    assert (entries.cell(5, column(entries, "填报内容")).value, entries.max_row) == ("有", 5)
    gaps = book["缺项清单"]
    under_way = row_of(gaps, 小区=gaps.cell(5, 3).value, **{"缺项（材料）": report.names[1]})  # type: ignore[attr-defined]
    assert gaps.cell(under_way, column(gaps, "办理情况")).value == "办理中"
    once_more = read_ledgers([second], pack)[0]
    assert {(one.what, one.text) for one in once_more.entries} == {
        (one.what, one.text) for one in city.ledgers[0].entries
    }
    assert [(row.estate, row.held) for row in once_more.rows] == [
        (row.estate, row.held) for row in city.ledgers[0].rows
    ]
    assert not any(one.code == "C-ESTATE-TWICE" for one in city.complaints)


def test_an_answer_goes_where_the_ledger_has_room_for_it(sent, pack):
    def answer(book) -> None:
        asked = book["待核实"]
        for row in range(5, asked.max_row + 1):
            if asked.cell(row, column(asked, "待核实事项")).value == "土地状况" or (
                asked.cell(row, column(asked, "待核实事项")).value == "用地状况"
            ):
                asked.cell(row, column(asked, "答复"), "无用地手续")

    (ledger,) = read_ledgers([edit(sent.plan, answer)], pack)

    found = [row.facts["land_status"] for row in ledger.rows if "land_status" in row.facts]
    assert found == ["no_procedure"] * len(ledger.entries)
    assert {one.place[1] for one in ledger.entries} == {"甲小区", "乙小区"}


def test_an_entry_that_is_not_understood_is_a_complaint_at_its_cell(sent, pack):
    def answer(book) -> None:
        asked = book["待核实"]
        row = row_of(asked, 待核实事项="用地状况")
        asked.cell(row, column(asked, "答复"), "听说有")
        answer.at = f"{asked.cell(row, column(asked, '答复')).coordinate}"  # type: ignore[attr-defined]

    (ledger,) = read_ledgers([edit(sent.plan, answer)], pack)

    (found,) = [one for one in ledger.complaints if one.sheet == "待核实"]
    assert (found.code, found.cell, found.read) == ("C-VALUE", answer.at, "听说有")  # type: ignore[attr-defined]


# --------------------------------------------------------------------------- their sheets


def test_cells_edited_offline_are_merged_into_the_ledger_that_went_on_meanwhile(sent, pack):
    def offline(book) -> None:
        units = book["原表-户台账"]
        units["D2"].value = "张一（已故）"
        units["F4"].value = "是"
        units["E3"].value = "灭失"

    back = edit(sent.plan, offline)
    rows = [list(row) for row in UNITS.rows]
    rows[3][4], rows[2][4] = "有", "缺"  # meanwhile, in the office
    write(sent.ledger, ESTATES, Sheet("户台账", rows))

    (ledger,) = read_ledgers([sent.ledger, back], pack)

    assert unit(ledger, "1幢", "101").identity["holder"] == "张一（已故）"
    assert unit(ledger, "2幢", "101").facts["residential"] is True
    assert unit(ledger, "2幢", "101").held["registration_fee_paid"] is Held.ON_HAND
    assert (
        unit(ledger, "1幢", "102").held["registration_fee_paid"] is Held.MISSING
    )  # both changed it: ours counts
    (conflict,) = [one for one in ledger.complaints if one.code == "C-MERGE-CONFLICT"]
    assert (conflict.sheet, conflict.cell, conflict.read) == ("户台账", "E3", "缺")
    assert "灭失" in conflict.zh and "回.xlsx" in conflict.zh and "灭失" in conflict.message
    (side_by_side,) = [one for one in ledger.differences if one.kind == "conflict"]
    assert (side_by_side.used.text, side_by_side.other.text) == ("缺", "灭失")
    assert side_by_side.place[1:] == ("甲小区", "1幢", "102")


def test_two_copies_of_one_plan_are_merged_with_each_other(sent, pack):
    def first(book) -> None:
        book["原表-户台账"]["D2"].value = "张甲"

    def second(book) -> None:
        book["原表-户台账"]["D3"].value = "王乙"

    one, other = edit(sent.plan, first, "甲.xlsx"), edit(sent.plan, second, "乙.xlsx")

    (ledger,) = read_ledgers([one, other], pack)

    assert [row.identity["holder"] for row in ledger.rows if row.unit] == ["张甲", "王乙", "李三"]
    assert len([row for row in ledger.rows if row.level == "estate"]) == 2


def test_a_ledger_that_was_renamed_is_still_known_by_its_headings(sent, pack):
    def offline(book) -> None:
        book["原表-户台账"]["D2"].value = "张甲"

    back = edit(sent.plan, offline)
    renamed = sent.ledger.rename(sent.folder / "台账（新）.xlsx")

    (ledger,) = read_ledgers([renamed, back], pack)

    assert unit(ledger, "1幢", "101").identity["holder"] == "张甲"


def test_a_sheet_that_did_not_come_back_is_said(sent, pack):
    def offline(book) -> None:
        del book["原表-户台账"]

    (ledger,) = read_ledgers([sent.ledger, edit(sent.plan, offline)], pack)

    assert [one.code for one in ledger.complaints if one.code.startswith("C-MERGE")] == ["C-MERGE-SHEET"]
    assert unit(ledger, "1幢", "101")  # and nothing of the ledger is lost


def test_libreoffice_may_save_it_in_between(sent, pack, soffice):
    """Another program writes every part anew; the sheet that is not shown stays."""
    folder = sent.folder / "lo"
    folder.mkdir()
    ods = convert(soffice, sent.plan, "ods")
    xlsx = convert(soffice, Path(shutil.copy(ods, folder)), "xlsx")

    for path in (ods, xlsx):
        (ledger,) = read_ledgers([path], pack)

        assert [one for one in ledger.differences if one.kind != "disagree"] == []
        assert [row.identity["holder"] for row in ledger.rows if row.unit] == ["张一", "王二", "李三"]


def test_what_is_sent_away_holds_no_hidden_names(sent):
    """An officer deletes a name before sending the workbook on: it must not stay in hiding."""

    def remove(book) -> None:
        book["原表-户台账"]["D2"].value = None
        del book["户清单"]

    sheets = open_sheets(edit(sent.plan, remove))

    assert not any("张一" in str(cell) for sheet in sheets for row in sheet.rows for cell in row)


def test_a_spoilt_baseline_is_no_reason_to_fail(sent, pack):
    def spoil(book) -> None:
        sheet = book["taizhang-baseline"]
        for row in range(2, sheet.max_row + 1, 2):
            sheet.cell(row, 2, "?")
            sheet.cell(row, 6, "[[")

    (ledger,) = read_ledgers([sent.ledger, edit(sent.plan, spoil)], pack)

    assert [row.identity["holder"] for row in ledger.rows if row.unit] == ["张一", "王二", "李三"]


# ---------------------------------------------------------------------- generated ledgers

CHUNKS = 20
LEDGERS = 10_000 if os.environ.get("TAIZHANG_PROFILE") == "check" else 100
HEADINGS = ["序号", "小区名称", "总户数", "土地证", "竣工验收备案表", "建成时间", "备注"]
HEADINGS += ["联系电话", "天气", "是否住宅"]
ODD = ["=1+1", "+86", "-", "@x", "'quoted", "  两边空格  ", "第一行\n第二行", "_x0041_", '<&>"', "𠮷"]
VALUES: list[Callable[[random.Random], object]] = [
    lambda r: r.choice(["有", "缺", "√", "灭失", "不清楚", "/", "鲁(2020)字第1号"]),
    lambda r: r.randint(-5, 10**6),
    lambda r: round(r.uniform(0, 1e6), r.randint(0, 9)),
    lambda r: r.random() * 10 ** r.randint(-12, 14),
    lambda r: date(1901 + r.randint(0, 150), r.randint(1, 12), r.randint(1, 28)),
    lambda r: datetime(1990 + r.randint(0, 40), r.randint(1, 12), 3, r.randint(0, 23), r.randint(0, 59), 1),  # noqa: DTZ001  as Excel has it
    lambda r: r.choice([True, False]),
    lambda r: r.choice(ODD),
    lambda r: str(r.randint(10**16, 10**18)),
    lambda r: "".join(r.choice("台账小区缺有１２３ab_ ,;\t") for _ in range(r.randint(1, 40))),
]  # fmt: skip


def generated(seed: int) -> list[Sheet]:
    """Sheets as offices keep them: titles, merged cells, gaps, notes, columns nobody knows."""
    random_ = random.Random(seed)
    sheets = []
    for number in range(random_.randint(1, 3)):
        width = random_.randint(3, len(HEADINGS))
        rows: list[list[object]] = [[f"台账{seed}"]] * random_.randint(0, 2)
        rows.append([HEADINGS[1], *random_.sample([*HEADINGS[:1], *HEADINGS[2:]], width - 1)])
        head = len(rows)
        for at in range(random_.randint(1, 12)):
            cells = [
                random_.choice(VALUES)(random_) if random_.random() < 0.7 else None for _ in range(width)
            ]
            rows.append([f"小区{number}-{at}", *cells[1:]])
        if random_.random() < 0.5:
            rows += [["合计"], [], ["注：", "由街道填报"]]
        merges = [f"B{head + 1}:B{min(head + 3, len(rows))}"] if random_.random() < 0.4 else []
        if merges:
            for row in rows[head + 1 : min(head + 3, len(rows))]:
                if len(row) > 1:
                    row[1] = None
        merges = merges if len(rows) > head + 1 else []
        sheets.append(Sheet(f"表{number}", rows, merges))
    return sheets


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_cell_of_a_ledger_comes_back_out_of_its_plan(chunk, tmp_path, pack):
    """By count and digest, and by what is found to have changed: nothing."""
    path, plan = tmp_path / "台账.xlsx", tmp_path / "方案.xlsx"
    for seed in range(chunk, LEDGERS, CHUNKS):
        write(path, *generated(seed))
        before = {sheet.name: digest_of(sheet.rows) for sheet in open_sheets(path)}
        ledgers = tuple(read_ledgers([path], pack))
        city = CityPlan(pack, ledgers, (), ledgers[0].complaints, (), "cheapest", (), ())
        write_workbook(plan, city)

        (again,) = read_ledgers([plan], pack)

        after = {copy.name: digest_of(copy.rows) for copy in again.sheets}
        assert after == before, seed
        assert [one for one in again.differences if one.kind != "disagree"] == [], seed
        assert again.rows == ledgers[0].rows, seed


def test_a_changed_cell_is_seen_by_count_or_digest():
    """The test above would see a value that changed, moved or was dropped."""
    rows = [["甲", 1], [None, True]]

    assert digest_of(rows) == digest_of([["甲", 1.0], ["", True]])
    for other in (
        [["甲", 2], [None, True]],
        [["甲", 1], [True, None]],
        [["甲", 1], [None, 1]],
        [["甲", "1"], [None, True]],
    ):
        assert digest_of(rows) != digest_of(other)


def test_the_book_of_one_county_comes_back_into_the_ledger_of_the_city(tmp_path, pack):
    """Each county gets its own rows; what it edits is merged, what the others have is untouched."""
    rows = [["县区", "小区名称", "幢号", "房号", "户主"]]
    rows += [
        [county, f"{county}小区", "1幢", str(100 + n), f"户{n}"]
        for county in ("甲县", "乙县")
        for n in (1, 2)
    ]
    ledger = write(tmp_path / "全市.xlsx", Sheet("户台账", rows))
    city = home_by_home(planned([ledger], pack))
    made = {path.name: path for path in write_books("county", tmp_path / "分县", city)}
    (own,) = [path for name, path in made.items() if "乙县" in name]
    assert not any("甲县" in str(cell) for sheet in open_sheets(own) for row in sheet.rows for cell in row)

    def offline(book) -> None:
        book["原表"]["E2"].value = "户甲"
        book["原表"].append(["乙县", "乙县小区", "1幢", "103", "户3"])

    (merged,) = read_ledgers([ledger, edit(own, offline)], pack)

    assert [(row.estate, row.unit, row.identity["holder"]) for row in merged.rows] == [
        ("甲县小区", "101", "户1"),
        ("甲县小区", "102", "户2"),
        ("乙县小区", "101", "户甲"),
        ("乙县小区", "102", "户2"),
        ("乙县小区", "103", "户3"),
    ]
    assert {one.kind for one in merged.differences} == {"changed", "added"}
    assert merged.complaints == ()


# ------------------------------------------------------ what an officer stumbled over (2026-11-26)


def counted(tmp_path: Path, pack: Pack) -> Path:
    """An estate of which the ledger only counts buildings and homes, and its plan."""
    rows = [["县区", "小区名称", "幢数", "总户数"], ["青棠县", "花园小区", 3, 6], ["青棠县", "乙小区", 1, 1]]
    plan = tmp_path / "方案.xlsx"
    write_workbook(plan, planned([write(tmp_path / "台账.xlsx", Sheet("台账", rows))], pack))
    return plan


def test_a_paper_of_one_building_that_is_only_counted_is_there_for_that_building_alone(tmp_path, pack):
    item = "标准地名门牌证明"

    def report(book) -> None:
        gaps = book["缺项清单"]
        row = row_of(gaps, **{"缺项（材料）": item, "地点": "2幢", "小区": "花园小区"})
        gaps.cell(row, column(gaps, "办理情况"), "已办结")

    back = edit(counted(tmp_path, pack), report)
    city = planned([back], pack)
    write_workbook(tmp_path / "二.xlsx", city)
    gaps = opened(tmp_path / "二.xlsx")["缺项清单"]

    (entry,) = city.ledgers[0].entries
    assert entry.place[1:] == ("花园小区", "2幢", "")
    assert {estate.place.name: len(estate.units) for estate in city.estates} == {"花园小区": 6, "乙小区": 1}
    rows = [[cell.value for cell in row] for row in gaps.iter_rows(min_row=5)]
    at, what, where = (column(gaps, one) - 1 for one in ("地点", "缺项（材料）", "小区"))
    assert [row[at] for row in rows if (row[what], row[where]) == (item, "花园小区")] == ["1幢", "3幢"]


def test_a_hidden_sheet_stays_hidden_and_is_never_counted(tmp_path, pack):
    draft = Sheet("底稿", [["小区名称", "总户数"], ["旧厂宿舍", 33]], hidden=True)
    ledger = write(tmp_path / "台账.xlsx", ESTATES, draft)
    city = planned([ledger], pack)
    write_workbook(tmp_path / "方案.xlsx", city)

    assert [one.code for one in city.complaints if one.sheet == "底稿"] == ["C-SHEET-HIDDEN"]
    assert opened(tmp_path / "方案.xlsx")["原表-底稿"].sheet_state == "hidden"
    (again,) = read_ledgers([tmp_path / "方案.xlsx"], pack)
    assert [row.estate for row in again.rows] == ["甲小区", "乙小区"]


def test_a_sheet_that_was_renamed_is_known_by_its_rows_and_a_new_one_is_kept(sent, pack):
    def offline(book) -> None:
        book["原表-户台账"].title = "住户"
        book["住户"]["D2"].value = "张甲"
        book.create_sheet("电话").append(["物业", "0635-1"])

    (ledger,) = read_ledgers([edit(sent.plan, offline)], pack)

    assert [row.identity["holder"] for row in ledger.rows if row.unit] == ["张甲", "王二", "李三"]
    assert [copy.name for copy in ledger.sheets] == ["小区台账", "户台账", "电话"]
    assert not any(one.code.startswith("C-MERGE") for one in ledger.complaints)


def test_a_row_that_is_missing_is_named_by_its_place(sent, pack):
    def offline(book) -> None:
        book["原表-户台账"].delete_rows(3)

    back = edit(sent.plan, offline)

    for paths, count in (([back], 2), ([sent.ledger, back], 3)):
        (ledger,) = read_ledgers(paths, pack)
        (gone,) = [one for one in ledger.complaints if one.code == "C-MERGE-DELETED"]
        assert gone.read == "甲小区·1幢·102"
        assert len([row for row in ledger.rows if row.unit]) == count


def test_a_cell_merged_over_several_homes_is_taken_apart_where_one_of_them_differs(tmp_path, pack):
    """缺 stands over three homes; the paper of one has come."""
    rows = [list(row) for row in UNITS.rows]
    rows[1][4], rows[2][4], rows[3][4] = "缺", None, None
    ledger = write(tmp_path / "台账.xlsx", ESTATES, Sheet("户台账", rows, ("E2:E4",)))
    write_workbook(tmp_path / "方案.xlsx", planned([ledger], pack))

    def enter_one(book) -> None:
        entries = book.create_sheet("补录")
        for cells in ([], [], [], ["县市区", "小区", "幢", "户号", "材料或事项", "填报内容"]):
            entries.append(cells)
        entries.append(["青棠县", "甲小区", "1幢", "102", "登记费缴纳凭证", "有"])

    (found,) = read_ledgers([edit(tmp_path / "方案.xlsx", enter_one)], pack)

    states = [row.held["registration_fee_paid"].value for row in found.rows if row.unit]
    assert states == ["missing", "on_hand", "missing"]
    assert found.differences[-1].other.text == "缺"
