"""What ``taizhang look`` says of the files officers really have: found, explained, and nothing lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from tests.exchange.ledger_builder import Sheet, codes, read, write

from taizhang.cli import taizhang
from taizhang.errors import InputError
from taizhang.exchange.excel.examining import digest_of
from taizhang.exchange.excel.opening import open_sheets
from taizhang.exchange.excel.workbook import write_workbook
from taizhang.rules.terms import CityPlan, Ledger, SheetCopy


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("TAIZHANG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "300")


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(taizhang, [str(one) for one in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result.output


def found_in(*paths: Path) -> list[dict]:
    return json.loads(run("look", *paths, "--json", "-"))["files"]


LEDGER = Sheet(
    "台账",
    [
        ["某县台账"],
        ["小区名称", "总户数", "土地证", "天气"],
        ["甲小区", 3, "有", "晴"],
        ["乙小区", 2, "说不准", None],
        ["合计", 5],
        ["注：街道填报"],
    ],
    ("A1:D1",),
)


def test_every_column_is_shown_with_its_reason_and_every_kind_of_row_by_its_number(tmp_path):
    seen = run("look", write(tmp_path / "台账.xlsx", LEDGER))

    for said in (
        "表头行 2",
        "标题行 1",
        "合计行 5",
        "注释行 6",
        "记录 2 行",
        "未识别，原样保留",
        "表头与“小区名称”一致",
    ):
        assert said in seen, said
    assert "台账!C4 [说不准] 应填写：有、缺、灭失、不清楚" in seen


def test_the_same_in_english(tmp_path, monkeypatch):
    monkeypatch.setenv("TAIZHANG_LANG", "en")
    seen = run("look", write(tmp_path / "台账.xlsx", LEDGER))

    for said in (
        "heading rows 2",
        "records 2",
        "not known; kept as it is",
        "To be looked at 1",
        "for example 有",
    ):
        assert said in seen, said


def test_a_file_without_known_headings_is_shown_too(tmp_path):
    path = write(tmp_path / "别的.xlsx", Sheet("数据", [["品名", "单价"], ["煤", 3.5]]))
    (one,) = found_in(path)

    assert "E-LEDGER-HEADINGS" in one["problem"]
    assert [column["heading"] for column in one["sheets"][0]["columns"]] == ["品名", "单价"]
    assert (one["sheets"][0]["kind"], one["sheets"][0]["records"]) == ("table", [2])


def test_a_file_that_cannot_be_opened_is_named_and_the_others_are_shown(tmp_path):
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 broken")
    good = write(tmp_path / "台账.xlsx", LEDGER)

    seen = run("look", good, tmp_path / "坏.xlsx")

    assert "E-FILE-DAMAGED" in seen and "台账.xlsx" in seen
    with pytest.raises(InputError):
        run("look", tmp_path / "坏.xlsx")


# -------------------------------------------------------------------- several tables on a sheet


def test_a_second_table_below_is_said_and_not_read(tmp_path, pack):
    rows = [
        *LEDGER.rows[1:4],
        [],
        ["收费项目", "单价", "依据", ""],
        ["登记费", 80, "文件", ""],
        ["测绘费", 2, "合同", ""],
    ]
    ledger = read(tmp_path, pack, Sheet("台账", rows))

    assert [row.estate for row in ledger.rows] == ["甲小区", "乙小区"]
    (said,) = [one for one in ledger.complaints if one.code == "C-SHEET-TABLES"]
    assert (said.cell, said.read) == ("A5", "收费项目")
    assert "A5:C7" in said.zh and "A5:C7" in said.message


def test_a_ledger_beside_another_is_said_and_not_mixed_in(tmp_path, pack):
    rows = [
        ["小区名称", "总户数", "土地证", None, "小区名称", "总户数", "土地证"],
        ["甲小区", 3, "有", None, "丙小区", 4, "缺"],
        ["乙小区", 2, "缺", None, "丁小区", 6, "有"],
    ]
    ledger = read(tmp_path, pack, Sheet("台账", rows))

    assert [row.estate for row in ledger.rows] == ["甲小区", "乙小区"]
    assert codes(ledger) == ["C-SHEET-TABLES"]
    assert ledger.sheets[0].rows[1][4] == "丙小区"  # given back all the same


def test_columns_behind_an_empty_one_are_columns_of_the_ledger(tmp_path, pack):
    rows = [["小区名称", "总户数", None, "土地证"], ["甲小区", 3, None, "有"], ["乙小区", 2, None, "缺"]]
    ledger = read(tmp_path, pack, Sheet("台账", rows))

    assert [len(row.held) for row in ledger.rows] == [1, 1]
    assert codes(ledger) == []


def test_a_heading_that_stands_again_after_an_empty_row_is_a_second_page(tmp_path, pack):
    rows = [*LEDGER.rows[1:3], [], LEDGER.rows[1], LEDGER.rows[3]]
    ledger = read(tmp_path, pack, Sheet("台账", rows))

    assert [row.estate for row in ledger.rows] == ["甲小区", "乙小区"]
    assert "C-SHEET-TABLES" not in codes(ledger)


# ---------------------------------------------------------------------------- the real files


def test_every_expectation_of_the_manifest_is_met_and_shown(shared, capsys):
    """The table of what was found is printed (pytest -s); sheets, headings, records, columns, merges."""
    folder = shared / "data" / "ledgers"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    paths = [folder / one["file"] for one in manifest]
    with capsys.disabled():
        print("\n" + run("look", *paths))  # noqa: T201  the issue asks for it
    found = {one["file"]: one for one in found_in(*paths)}

    assert len(found) == 19
    for one in manifest:
        sheets, wanted = found[one["file"]]["sheets"], one["expected"]
        tables = [sheet for sheet in sheets if sheet["kind"] != "empty"]
        first = tables[0]
        names = wanted.get("sheets")
        assert names in (None, len(sheets), [sheet["name"] for sheet in sheets]), one["file"]
        if "header_row" in wanted:
            assert all(sheet["heading_rows"] == [wanted["header_row"]] for sheet in tables), one["file"]
        if "header_rows" in wanted:
            assert (first["heading_rows"][0], first["heading_rows"][-1]) == tuple(wanted["header_rows"])
        if "data_rows" in wanted:
            rows = [len(sheet["records"]) for sheet in tables]
            assert rows == wanted["data_rows"] or rows[0] == wanted["data_rows"], one["file"]
        assert wanted.get("columns") in (None, len(first["columns"])), one["file"]
        assert wanted.get("merges") in (None, first["merges"]), one["file"]


def test_titles_notes_and_merges_of_the_real_files(shared):
    folder = shared / "data" / "ledgers"
    title = open_sheets(folder / "ee_title_row_loan_table.xlsx")[0]
    assert title.rows[0][0] == "表格 1"
    notes = found_in(folder / "cumcm2024c_att1_land_crops_merged.xlsx")[0]["sheets"]
    assert notes[1]["notes"] == [44, 45, 46]
    names = found_in(folder / "ee_csv_utf16le.csv")[0]["sheets"][0]["columns"]
    assert names[0]["heading"] == "姓名"


def test_no_cell_of_a_real_file_is_lost(shared, tmp_path, pack):
    """By count and digest: what is read of each file is what its plan workbook gives back."""
    for path in sorted((shared / "data" / "ledgers").iterdir()):
        if path.name == "manifest.json":
            continue
        sheets = open_sheets(path)
        copies = tuple(SheetCopy(one.name, one.as_it_was(), one.merges) for one in sheets)
        ledger = Ledger(path.name, (), (), (), copies)
        write_workbook(tmp_path / "out.xlsx", CityPlan(pack, (ledger,), (), (), (), "cheapest", (), ()))
        back = [one for one in open_sheets(tmp_path / "out.xlsx") if one.name.startswith("原表")]

        assert [digest_of(one.rows) for one in back] == [digest_of(one.rows) for one in copies], path.name


@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl, of styles it does not find
def test_a_second_reader_counts_the_same_cells(shared):
    """Openpyxl sees as many cells as ``look`` says that there are."""
    for path in sorted((shared / "data" / "ledgers").glob("*.xlsx")):
        book = load_workbook(path, data_only=True, read_only=True)  # else it drops what merges cover
        theirs = {}
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True)
            theirs[sheet.title] = sum(cell not in (None, "") for row in rows for cell in row)
        book.close()

        assert {one["name"]: one["cells"] for one in found_in(path)[0]["sheets"]} == theirs, path.name
