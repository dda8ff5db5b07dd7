"""The workbook opens everywhere, says what the plan says, and never runs what a cell says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from tests.exchange.city_builder import INJECTION, city_of, ledger, open_estate, small_city

from taizhang.errors import InputError
from taizhang.exchange.excel import workbook as door
from taizhang.exchange.excel.sheets import units
from taizhang.exchange.excel.summary import summary
from taizhang.exchange.excel.workbook import write_workbook

# openpyxl does not know Excel 2010's data bars; that is its own affair
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")

SHEETS = [
    "总览", "小区方案", "缺项清单", "部门任务", "户清单", "突破口", "待核实", "导入问题", "原表", "说明",
    "taizhang-baseline",
]  # fmt: skip
FIRST = 5  # first row of data, as Excel counts


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small city, written once."""
    target = tmp_path_factory.mktemp("out") / "方案.xlsx"
    write_workbook(target, small_city())
    return target


@pytest.fixture(scope="module")
def book(path):
    """The small city, read again by another library."""
    return load_workbook(path)


def midnight(year: int, month: int, day: int) -> datetime:
    """A date as openpyxl gives it back."""
    return datetime.combine(date(year, month, day), time())


def rows_of(sheet):
    """Data rows of a table as dictionaries by heading."""
    heads = [cell.value for cell in sheet[FIRST - 1]]
    count = int(re.search(r"[\d,]+", str(sheet.cell(3, 2).value))[0].replace(",", ""))
    found = sheet.iter_rows(min_row=FIRST, max_row=FIRST + count - 1, values_only=True)
    return [dict(zip(heads, row, strict=False)) for row in found]


def all_text(sheet):
    """Everything a sheet says."""
    return "\n".join(
        str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    )


def links_of(sheet):
    """Where the cells of a sheet lead."""
    return {
        cell.coordinate: cell.hyperlink.location
        for row in sheet.iter_rows()
        for cell in row
        if cell.hyperlink is not None
    }


# ------------------------------------------------------------------ what is there


def test_the_sheets_are_in_their_order(book):
    assert book.sheetnames == SHEETS


def test_every_table_has_frozen_headings_a_filter_and_a_printed_page(book):
    for name in SHEETS[1:8]:
        sheet = book[name]

        assert sheet.freeze_panes is not None and sheet.freeze_panes.endswith("5"), name
        assert sheet.auto_filter.ref is not None and sheet.auto_filter.ref.startswith("A4:"), name
        assert sheet.print_area, name
        assert sheet.print_title_rows == (None if name in ("小区方案", "待核实") else "$4:$4"), name
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.fitToWidth in (None, 1), name


def test_the_same_plan_gives_the_same_bytes(path, tmp_path):
    again = tmp_path / "again.xlsx"
    write_workbook(again, small_city())

    assert again.read_bytes() == path.read_bytes()


def test_the_file_is_dated_by_the_plan_and_not_by_the_clock(book):
    assert book.properties.created == midnight(2024, 1, 28)


def test_english_has_the_same_rows(tmp_path):
    target = tmp_path / "en.xlsx"
    write_workbook(target, small_city(), language="en")
    found = load_workbook(target)

    assert found.sheetnames[:3] == ["Overview", "Estate plans", "Gaps"]
    assert len(rows_of(found["Gaps"])) == summary(small_city())["gap_rows"]
    assert rows_of(found["Estate plans"])[0]["Status"] == "depends"


# ------------------------------------------------------------------ numbers are lists


def tiles_of(sheet):
    """The tiles of the overview by name: value, remark and where they lead."""
    heads = [row for row in range(5, 20) if sheet.cell(row, 1).value in ("小区数", "户·已具备")]
    links = links_of(sheet)
    return {
        sheet.cell(row, column).value: (
            sheet.cell(row + 1, column).value,
            sheet.cell(row + 2, column).value,
            links[sheet.cell(row + 1, column).coordinate],
        )
        for row in heads
        for column in (1, 3, 5, 8, 10, 12)
    }


def test_the_overview_repeats_the_summary(book):
    said = summary(small_city())
    tiles = {name: value for name, (value, _, _) in tiles_of(book["总览"]).items()}

    assert tiles["小区数"] == said["estates"]
    assert tiles["户数"] == said["units"]
    assert tiles["缺项（处）"] == said["gaps"]
    assert tiles["应缴费用合计（元）"] * 100 == said["fees_fen"]
    assert tiles["导入问题"] == said["complaints"]
    assert tiles["现可办证户数"] == 1  # the unit that is proved; the others wait for a shared paper
    assert [tiles["户·" + word] for word in ("已具备", "缺件可补", "待查明", "受阻")] == [1, 4, 1, 1]


def test_the_known_sum_of_fees_says_how_many_units_are_not_in_it(book):
    _, remark, _ = tiles_of(book["总览"])["应缴费用合计（元）"]

    assert remark == f"仅已知部分，{summary(small_city())['fees_unknown_units']}户待明"


def test_every_number_of_the_overview_is_one_click_from_its_list(book):
    leads = {name: target for name, (_, _, target) in tiles_of(book["总览"]).items()}

    assert leads["小区数"] == "'小区方案'!A1"
    assert leads["缺项（处）"] == "'缺项清单'!A1"
    assert leads["导入问题"] == "'导入问题'!A1"
    for location in links_of(book["总览"]).values():
        assert location.split("!")[0].strip("'") in book.sheetnames


def test_the_overview_has_native_charts(book, path):
    with zipfile.ZipFile(path) as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]

    assert len(charts) == 6  # one county only: nothing to compare


def test_the_sheets_add_up_to_the_summary(book):
    said = summary(small_city())
    gaps, units_ = rows_of(book["缺项清单"]), rows_of(book["户清单"])

    assert len(gaps) == said["gap_rows"]
    assert sum(row["处数"] for row in gaps) == said["gaps"]
    assert len(units_) == said["units"]
    assert round(sum(row["费用合计（元，已知部分）"] or 0 for row in units_) * 100) == said["fees_fen"]
    assert sum(row["费用待明（缺少的信息）"] is not None for row in units_) == said["fees_unknown_units"]
    assert len(rows_of(book["导入问题"])) == said["complaints"]


def test_totals_follow_the_filter_and_hold_their_value_before_excel_computes(path):
    formulas = load_workbook(path)["缺项清单"]
    values = load_workbook(path, data_only=True)["缺项清单"]
    column = next(cell.column for cell in formulas[4] if cell.value == "处数")

    assert formulas.cell(3, column).value == "=SUBTOTAL(9,$Q$5:$Q$9)"
    assert values.cell(3, column).value == summary(small_city())["gaps"]


def test_each_office_has_a_subtotal_that_equals_its_gaps(book):
    rows = rows_of(book["部门任务"])
    sums = {row["责任部门"]: row["处数"] for row in rows if row["类别"] == "小计"}

    assert sums["住户"] == 4 and sums["税务局"] == 4 and sums["不动产登记中心"] == 0
    for office, count in sums.items():
        assert count == sum(r["处数"] for r in rows if r["类别"] == "缺件" and r["责任部门"] == office)


def test_tasks_are_sorted_by_office_then_due_date(book):
    tasks = [row for row in rows_of(book["部门任务"]) if row["类别"] != "小计"]
    registry = [row["应办结"] for row in tasks if row["责任部门"] == "不动产登记中心"]

    assert registry == sorted(registry) and len(registry) == 2
    assert (
        len({r["责任部门"] for r in tasks})
        == sum(a["责任部门"] != b["责任部门"] for a, b in pairwise(tasks)) + 1
    )


# ------------------------------------------------------------------ what the rows say


def test_a_gap_says_who_by_when_why_and_instead_of_what(book):
    land = next(row for row in rows_of(book["缺项清单"]) if row["缺项（材料）"] == "国有土地使用证")

    assert (land["责任部门"], land["责任人"], land["包保领导"]) == ("自然资源和规划局", "张三", "李四")
    assert land["应办结"] == midnight(2024, 2, 25)
    assert land["法定时限（工作日）"] == 30
    assert land["缘由（由终到始）"] == "办证（转移登记） ← 首次登记 ← 土地来源材料"
    assert land["必要程度"] == "优选（不补此件：改走替代路径，已知费用-12,000.00元，工时-2，工作日-10）"
    assert "会议纪要认定：改走替代路径" in land["其他路径及代价"]
    assert "旧规定：已失效（施行至2020年6月29日）" in land["其他路径及代价"]
    assert land["办理情况"] is None


def test_a_source_nobody_has_seen_is_marked(book):
    survey = next(row for row in rows_of(book["缺项清单"]) if row["缺项（材料）"] == "房产测绘成果报告")

    assert survey["依据"].endswith("（自然资发〔2021〕1号）（待核实）")
    assert "外地做法，本地未采用；若经本地采用：" in survey["其他路径及代价"]


def test_an_unknown_cost_is_said_and_never_zero(book):
    gaps = {row["缺项（材料）"]: row for row in rows_of(book["缺项清单"])}
    estate = rows_of(book["小区方案"])[0]

    assert (gaps["房产测绘成果报告"]["已知费用（元）"], gaps["房产测绘成果报告"]["费用未知项"]) == (
        None,
        "未知",
    )
    assert gaps["契税完税凭证"]["已知费用（元）"] == 1500
    assert gaps["契税完税凭证"]["费用未知项"] == "另有3处费用未知"
    assert estate["费用未知项"] == "另有2项费用未知：房产测绘成果报告、契税完税凭证"


def test_a_fee_that_cannot_be_computed_is_empty_and_its_reason_named(book):
    second, third = rows_of(book["户清单"])[1:3]

    assert (second["契税（元）"], second["登记费（元）"], second["费用合计（元，已知部分）"]) == (
        None,
        80,
        80,
    )
    assert third["费用合计（元，已知部分）"] is None
    assert third["费用待明（缺少的信息）"] == "建筑面积、土地状况"


def test_a_date_beyond_the_calendar_is_said_in_words(book):
    estate = rows_of(book["小区方案"])[1]

    assert estate["预计办结"] == "2026年放假安排未公布\n（第600个工作日）"


def test_a_blocked_estate_says_what_stands_in_the_way_and_what_would_open_it(book):
    estate = rows_of(book["小区方案"])[1]

    assert estate["状态"] == "受阻"
    assert "1户受阻，未纳入联合方案" in estate["受阻原因及破解"]
    assert "设法取得“国有土地使用证”" in estate["受阻原因及破解"]
    assert estate["证明"] == "尚未证明，下界：办理路径位次0"


def test_an_assumption_is_said(book):
    assert rows_of(book["小区方案"])[0]["方案所作假定"] == "按“土地状况：出让”假定"


def test_the_route_stands_in_order_with_substitutes_marked(book):
    sheet = book["小区方案"]
    start = next(row for row in range(FIRST, sheet.max_row) if sheet.cell(row, 2).value == "=乙小区（北区）")
    steps = [(sheet.cell(start + n, 4).value, sheet.cell(start + n, 6).value) for n in (2, 3, 4)]

    assert steps == [("土地来源材料", "替代"), ("首次登记", "常规"), ("办证（转移登记）", "常规")]


def test_a_question_says_the_plan_under_each_answer(book):
    first = rows_of(book["待核实"])[0]

    assert first["优先级"] == "1 改变方案"
    assert first["核实问题"] == "土地是出让还是划拨？"
    assert (
        first["各种答复下的方案"]
        == "出让：已知费用13,820.00元，工时32，10件，55个工作日\n划拨：受阻，无路可走"
    )


def test_unknown_facts_are_counted_with_inheritance(book):
    rows = [row for row in rows_of(book["待核实"]) if row["待核实事项"] == "建筑面积"]

    assert [row["未知处数"] for row in rows] == [3, 3]  # one of four is known; none of three
    assert {row["优先级"] for row in rows} == {"3 算费所需"}


def test_the_guarantee_is_printed_and_nothing_stronger(book):
    said = all_text(book["说明"])

    assert (
        "新增材料不会使按所声明次序（办理路径位次 → 费用 → 工时 → 件数 → 工作日）比较的最好结果变差。" in said
    )
    assert "ab" * 32 in said
    assert "同义词" in said


def test_a_holder_whom_the_name_of_the_unit_repeats_is_said_once(tmp_path):
    estate = open_estate()
    unit = estate.units[0]
    named = replace(unit, place=replace(unit.place, id="e1/1/101", name="101 @王五"))
    write_workbook(tmp_path / "out.xlsx", small_city(replace(estate, units=(named, *estate.units[1:]))))
    row = rows_of(load_workbook(tmp_path / "out.xlsx")["户清单"])[0]

    assert (row["户号"], row["权利人"]) == ("101", "@王五")


# ------------------------------------------------------------------ what the officer sent


def test_the_original_comes_back_cell_by_cell(book, path):
    sheet, sent = book["原表"], ledger().sheets[0]

    assert [str(one) for one in sheet.merged_cells.ranges] == ["A1:F1"]
    assert sheet["C3"].value == midnight(2003, 5, 1) and sheet["C3"].is_date
    assert sheet["D3"].value == "371502198001010011" and sheet["D3"].data_type == "s"
    assert sheet["D4"].value == 371502198001010000
    assert sheet["D5"].value is True
    again = CalamineWorkbook.from_path(path).get_sheet_by_name("原表").to_python()
    assert [row[1] for row in again[2:]] == [row[1] for row in sent.rows[2:]]
    assert [row[5] for row in again[2:]] == [
        row[5] for row in sent.rows[2:]
    ]  # openpyxl leaves _x000B_ as it is


def test_problem_cells_are_coloured_and_say_why(book):
    cell = book["原表"]["C4"]

    assert cell.fill.fgColor.rgb == "FFFFE699"
    assert "不是日期" in cell.comment.text


def test_a_complaint_links_to_its_cell_under_the_new_name(book):
    links = links_of(book["导入问题"])

    assert links["D5"] == "'原表'!C4"
    assert "D7" not in links  # the calendar's complaint has no cell


def test_several_sheets_get_names_excel_allows_and_no_two_the_same(tmp_path):
    long = "东昌府区与柳园街道联合摸排结果汇总表（最终版）" + "😀" * 9
    books = (ledger("a/b:c"), ledger("a?b*c"), ledger(long), ledger(long), ledger("'引'号'"))
    city = replace(small_city(), ledgers=books, complaints=tuple(c for one in books for c in one.complaints))
    write_workbook(tmp_path / "out.xlsx", city)
    found = load_workbook(tmp_path / "out.xlsx")
    names = [name for name in found.sheetnames if name.startswith("原表")]

    assert names[:2] == ["原表-a_b_c", "原表-a_b_c(2)"]
    assert len({name.casefold() for name in names}) == 5
    assert all(len(name.encode("utf-16-le")) // 2 <= 31 for name in names)
    links = links_of(found["导入问题"])
    targets = [
        target.split("!")[0][1:-1].replace("''", "'")
        for cell, target in links.items()
        if cell.startswith("D")
    ]
    assert targets == [name for name in names for _ in range(2)]


# ------------------------------------------------------------------ nothing runs


def test_text_that_looks_like_a_formula_stays_text(book, path):
    cell = book["原表"]["F3"]

    assert (cell.value, cell.data_type) == (INJECTION, "s")
    assert cell.style_id and cell.quotePrefix
    assert rows_of(book["小区方案"])[1]["小区"] == "=乙小区（北区）"
    assert rows_of(book["户清单"])[0]["权利人"] == "@王五"


def test_the_only_formulas_are_our_totals(path):
    namespace = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                for formula in ET.fromstring(archive.read(name)).iter(namespace + "f"):
                    assert formula.text.startswith("SUBTOTAL(9,$"), name


def test_no_link_leaves_the_workbook(path):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in archive.read(name), name


@pytest.mark.parametrize(
    "text", ["\x00\x01", "\ud800", "￾", "x" * 40_000, "😀" * 20_000, "\r\n\t", "_x0041_"]
)
def test_text_that_xml_or_excel_forbids_does_not_spoil_the_file(tmp_path, text):
    estate = open_estate()
    estate = replace(
        estate, place=replace(estate.place, name=text), identity={"county": text, "sponsor": text}
    )
    write_workbook(tmp_path / "out.xlsx", small_city(estate))
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                ET.fromstring(archive.read(name))
    found = rows_of(load_workbook(tmp_path / "out.xlsx")["户清单"])[0]["小区"]

    assert len(found.encode("utf-16-le")) // 2 <= 32_767


# ------------------------------------------------------------------ files


def test_a_list_of_states_is_offered_to_the_officer(book):
    validation = book["缺项清单"].data_validations.dataValidation[0]

    assert validation.formula1 == '"未开始,办理中,已办结,退回"'
    assert str(validation.sqref) == "O5:O9"


def test_a_target_that_is_open_elsewhere_is_said_and_kept(tmp_path, monkeypatch):
    target = tmp_path / "open.xlsx"
    target.write_bytes(b"old")

    def refuse(self: Path, other: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(InputError) as caught:
        write_workbook(target, small_city())

    assert caught.value.code == "E-OUT-LOCKED"
    assert "Excel" in caught.value.say("zh") and "Excel" in caught.value.say("en")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anything")
def test_a_target_that_may_not_be_written_is_refused_before_the_work(tmp_path):
    target = tmp_path / "read-only.xlsx"
    target.write_bytes(b"old")
    target.chmod(0o444)

    with pytest.raises(InputError, match="E-OUT-LOCKED"):
        write_workbook(target, small_city())


def test_a_folder_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(InputError, match="E-OUT-FOLDER"):
        write_workbook(tmp_path / "nowhere" / "out.xlsx", small_city())


def test_nothing_half_written_remains_after_a_failure(tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(door, "notes_sheet", fail)
    with pytest.raises(RuntimeError):
        write_workbook(tmp_path / "out.xlsx", small_city())

    assert list(tmp_path.iterdir()) == []


def test_progress_is_true(tmp_path):
    told: list[tuple[int, int]] = []
    write_workbook(
        tmp_path / "out.xlsx", city_of(2_500), progress=lambda done, total: told.append((done, total))
    )

    assert told == sorted(told)
    assert {total for _, total in told} == {told[-1][0]}


def test_a_city_larger_than_a_sheet_is_continued_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(units, "ROWS_PER_SHEET", 100)
    write_workbook(tmp_path / "out.xlsx", city_of(250, per_estate=50))
    found = load_workbook(tmp_path / "out.xlsx")

    assert [name for name in found.sheetnames if name.startswith("户清单")] == [
        "户清单",
        "户清单(2)",
        "户清单(3)",
    ]
    assert found["户清单"]["A1"].value == "户清单（续表：户清单(2)、户清单(3)）"
    assert [len(rows_of(found[name])) for name in ("户清单", "户清单(2)", "户清单(3)")] == [100, 100, 50]
    assert rows_of(found["户清单(3)"])[-1]["序号"] == 250


def test_an_empty_city_is_written(tmp_path):
    empty = replace(small_city(), estates=(), complaints=(), ledgers=(), leverage=())
    write_workbook(tmp_path / "out.xlsx", empty)

    assert load_workbook(tmp_path / "out.xlsx").sheetnames == [
        name for name in SHEETS if name not in ("原表", "taizhang-baseline")
    ]


def test_dates_excel_does_not_know_stay_readable(tmp_path):
    book_ = ledger()
    rows = ((date(1850, 1, 1), date(1900, 1, 1), date(1900, 3, 1), float("nan")),)
    odd = replace(
        book_, sheets=(replace(book_.sheets[0], rows=rows, merges=(), header_rows=()),), complaints=()
    )
    write_workbook(tmp_path / "out.xlsx", replace(small_city(), ledgers=(odd,), complaints=()))
    sheet = load_workbook(tmp_path / "out.xlsx")["原表"]

    assert sheet["A1"].value == "1850-01-01"
    assert sheet["B1"].value == midnight(1900, 1, 1)
    assert sheet["C1"].value == midnight(1900, 3, 1)
    assert sheet["D1"].value == "nan"


@pytest.mark.libreoffice
def test_libreoffice_opens_it_and_prints_every_sheet(path, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice is not installed, and CI must have it")
        pytest.skip("LibreOffice (soffice) is not installed here")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)

    assert (tmp_path / "方案.pdf").read_bytes().startswith(b"%PDF")
    if reader := shutil.which("pdftotext"):
        said = subprocess.run(
            [reader, "-layout", str(tmp_path / "方案.pdf"), "-"], check=True, capture_output=True, timeout=60
        ).stdout.decode()
        for words in ("总览", "小区方案", "缺项清单", "2026年放假安排未公布", "新增材料不会使按所声明次序"):
            assert words in said
