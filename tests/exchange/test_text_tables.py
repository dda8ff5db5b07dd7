"""A ledger that was saved as text is read as if it had stayed a workbook."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.terminal import taizhang

from taizhang.errors import InputError
from taizhang.exchange.excel import opening, textfile
from taizhang.exchange.excel.example import write_example
from taizhang.exchange.excel.opening import OpenSheet, open_sheets
from taizhang.exchange.excel.reading import read_ledger
from taizhang.exchange.excel.tables import as_text
from taizhang.exchange.excel.values import Refusal, read_fact

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030")
DELIMITERS = (",", "\t", ";", "，", "|")
HEADING, ESTATE = ("小区名称", "总户数", "土地证"), ("甲小区", "12", "缺")
SIMPLE = "小区名称,总户数\n甲小区,12\n"


def sheet_of(path: Path, content: str | bytes, encoding: str = "utf-8") -> OpenSheet:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    (sheet,) = open_sheets(path)
    return sheet


def written(rows: Iterable[Sequence[object]], delimiter: str = ",") -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def refused(path: Path, content: str | bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        sheet_of(path, content)
    return caught.value


# ----------------------------------------------------------------------------- encodings


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encoding_and_delimiter_are_told_by_the_content(tmp_path, encoding, delimiter):
    sheet = sheet_of(tmp_path / "台账.xlsx", written([HEADING, ESTATE], delimiter), encoding)

    assert (sheet.name, sheet.rows) == ("台账", (HEADING, ESTATE))
    assert (sheet.longest, sheet.mixed, sheet.hidden, sheet.macros) == (4, False, False, False)


def test_a_byte_order_mark_of_gb18030_is_no_part_of_the_first_heading(tmp_path):
    assert sheet_of(tmp_path / "a.csv", "\ufeff" + SIMPLE, "gb18030").rows[0][0] == "小区名称"


TEXTS = st.text(
    st.characters(codec="gb18030", exclude_categories=["Cc", "Cs", "Co", "Cn"], exclude_characters="\ufeff=")
    | st.sampled_from(',\t;，|"\r\n \x0c'),
    max_size=8,
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A heading whose GB18030 cannot be taken for UTF-8, and at least one row below it."""
    width = draw(st.integers(2, 5))
    row = st.lists(TEXTS, min_size=width, max_size=width)
    heading = ["小区名称", *(f"列{number}" for number in range(1, width))]
    return [heading, *draw(st.lists(row, min_size=1, max_size=6))]


@given(table=tables(), encoding=st.sampled_from(ENCODINGS), delimiter=st.sampled_from(DELIMITERS))
def test_any_table_of_texts_comes_back_cell_by_cell(tmp_path_factory, table, encoding, delimiter):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    sheet = sheet_of(path, written(table, delimiter), encoding)

    found = [[cell or "" for cell in row] for row in sheet.rows]
    for wanted, row in zip_longest(table, found, fillvalue=[]):
        assert [one for _, one in zip(wanted, row, strict=False)] == wanted[: len(row)]
        assert not any(wanted[len(row) :])


# ------------------------------------------------------------------------ cells and rows


def test_texts_stay_as_they_stand(tmp_path):
    content = (
        '编号,小区名称,备注\r\n007, 甲小区 ,"第一行\r\n第""二""行"\r\n="00123",乙,\r\n"=""0,4""",丙,=1+2\r\n'
    )

    assert sheet_of(tmp_path / "a.csv", content).rows == (
        ("编号", "小区名称", "备注"),
        ("007", " 甲小区 ", '第一行\r\n第"二"行'),
        ("00123", "乙", None),
        ("0,4", "丙", "=1+2"),
    )


def test_blank_rows_keep_their_numbers_and_titles_stand_above(tmp_path):
    content = "青棠县台账，2026年\n\n小区名称,总户数,备注\n甲小区,12\n,,\n\n"

    assert sheet_of(tmp_path / "a.csv", content).rows == (
        ("青棠县台账，2026年", None, None),
        (None, None, None),
        ("小区名称", "总户数", "备注"),
        ("甲小区", "12", None),
    )


@pytest.mark.parametrize("first", ["sep=;\r\n", "SEP=;\n", '"sep=;"\r\n', "\ufeffsep=;\r\n"])
def test_the_delimiter_that_excel_declares_is_honoured_and_no_row(tmp_path, first):
    rows = sheet_of(tmp_path / "a.csv", first + "小区名称;面积,套内\r\n甲小区;86,5\r\n").rows

    assert rows == (("小区名称", "面积,套内"), ("甲小区", "86,5"))


def test_a_delimiter_must_divide_the_headings_too(tmp_path):
    rows = sheet_of(tmp_path / "a.csv", "小区名称;面积;单价\n" + "甲;86,5;1,2\n" * 300).rows

    assert rows[:2] == (("小区名称", "面积", "单价"), ("甲", "86,5", "1,2"))


@pytest.mark.parametrize(
    ("file", "sheet"),
    [
        ("台账.2026.csv", "台账.2026"),
        ("a[1]:*?\\b.csv", "a_1_____b"),
        ("x" * 40 + ".csv", "x" * 31),
        ("' '.csv", "Sheet1"),
    ],
)
def test_the_sheet_is_named_as_the_file_where_excel_allows_it(file, sheet):
    assert textfile.sheet_name_of(Path(file)) == sheet


# ------------------------------------------------------------------------------- refused

NO_TABLES = {
    "prose": "今天，我们去了青棠县。\n那里有84户\n没有土地证，也没有规划许可证，更没有验收。\n",
    "one column": "小区名称\n甲小区\n乙小区\n",
    "one row": "小区名称,总户数\n",
    "page": "\n<HTML><table><tr><td>小区,名称</td></tr>\n<tr><td>甲,乙</td></tr></table>",
    "xml": '\ufeff<?xml version="1.0"?>\n<Workbook a="1,2">\n<a b="1,2"/></Workbook>',
    "json": '[\n {"a": 1, "b": 2},\n {"a": 1, "b": 2}]',
    "pdf": b"%PDF-1.7\n1,2\n3,4\n",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1",
    "rar": b"Rar!\x1a\x07\x01\0",
    "controls": "a,b\nc\x02,d\n",
    "no encoding": b"a,b\nc,\xff\xff\n",
    "cut utf-16": "a,b\nc,d\n".encode("utf-16")[:-1],
    "a mark that lies": b"\xef\xbb\xbf" + SIMPLE.encode("gb18030"),
}


@pytest.mark.parametrize("content", NO_TABLES.values(), ids=NO_TABLES)
def test_what_is_no_table_is_refused_and_the_refusal_speaks_of_csv(tmp_path, content):
    error = refused(tmp_path / "台账.csv", content)

    assert error.code == "E-FILE-FORMAT"
    assert ".csv）" in error.say("zh") and "网页" in error.say("zh")
    assert "(.csv)" in error.say("en") and "web page" in error.say("en")


@pytest.mark.parametrize("content", [b"", " \r\n\t\n", "\ufeff", "\ufeff\n".encode("utf-16-le")])
def test_a_file_of_blanks_is_empty(tmp_path, content):
    assert refused(tmp_path / "a.csv", content).code == "E-FILE-EMPTY"


def test_a_quotation_mark_that_never_closes_swallows_no_rows(tmp_path):
    error = refused(tmp_path / "a.csv", SIMPLE + '"乙小区,3\n' + "丙小区,4\n" * 500)

    assert error.code == "E-FILE-DAMAGED"
    assert "row 3" in error.say("en")


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(textfile, "_LARGEST", 1 << 20)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))

    assert refused(tmp_path / "a.csv", SIMPLE * 60_000).code == "E-FILE-SIZE"


@pytest.mark.parametrize("content", [SIMPLE + "," * 1001, SIMPLE * 40 + "," * 60], ids=["wide", "ragged"])
def test_too_many_cells_are_refused_before_they_are_made(tmp_path, monkeypatch, content):
    monkeypatch.setattr(opening, "_MOST_CELLS", 1000)

    assert refused(tmp_path / "a.csv", content).code == "E-FILE-SIZE"


def test_a_cell_may_be_longer_than_the_csv_module_expects(tmp_path):
    sheet = sheet_of(tmp_path / "a.csv", SIMPLE + "乙," + "长" * 200_000)

    assert sheet.longest == 200_000


# ------------------------------------------------------------------------ downstream


@pytest.mark.parametrize(
    ("name", "rows"),
    [("ee_csv_utf8_no_bom.csv", 11), ("ee_csv_utf16le.csv", 11), ("ee_xls_named_csv_a.csv", 2)],
)
def test_real_files_named_csv_have_clean_headings(shared, name, rows):
    path = shared / "data" / "ledgers" / name
    if not path.is_file():
        pytest.skip(f"{name} is not among the outside material")
    sheet = open_sheets(path)[0]

    assert len(sheet.rows) == rows
    assert sheet.rows[0][0] == "姓名"


def test_numbers_and_sums_that_are_texts_are_read(tmp_path, pack):
    path = tmp_path / "a.csv"
    heading = ["小区名称", "幢号", "房号", "建筑面积（平方米）", "成交价（不含增值税）（元）"]
    cells = ["甲小区", "1幢", "101", "86.50", "1,234.5"]
    path.write_bytes(written([heading, cells, [*cells[:2], "102", "90平", "一万"]]).encode("gb18030"))
    ledger = read_ledger(path, pack)

    assert ledger.rows[0].facts == {"area_m2": Decimal("86.50"), "price": 123_450}
    assert [(one.code, one.cell) for one in ledger.complaints] == [("C-VALUE", "D3"), ("C-VALUE", "E3")]
    assert ledger.sheets[0].rows == (tuple(heading), tuple(cells), (*cells[:2], "102", "90平", "一万"))


def test_days_that_are_texts_are_read(tmp_path, pack):
    rows = sheet_of(tmp_path / "a.csv", "小区名称,竣工日期\n甲小区,2003-05-01\n乙小区,2003年5月\n").rows
    fact = replace(pack.facts["area_m2"], type="date")

    assert read_fact(fact, rows[1][1], 1) == date(2003, 5, 1)
    assert isinstance(read_fact(fact, rows[2][1], 1), Refusal)


def plan(folder: Path, *ledgers: Path) -> dict[str, object]:
    """What the command sums up, but for the time it took."""
    outputs = ["-o", str(folder / "方案.xlsx"), "--json", str(folder / "方案.json")]
    done = taizhang("plan", *ledgers, "--as-of", "2026-03-01", *outputs)
    assert done.returncode == 0, done.stderr
    said = json.loads((folder / "方案.json").read_text(encoding="utf-8"))
    return {name: value for name, value in said.items() if name != "seconds"}


def saved_as_text(sheet: OpenSheet) -> bytes:
    """The sheet as Excel saves it: two rows of headings, of whose merged cells only the first speaks."""
    return written([[as_text(cell) for cell in row] for row in sheet.rows]).encode("gb18030")


def test_the_example_saved_as_text_in_gb18030_gives_the_same_plan(tmp_path, pack):
    workbook = tmp_path / "例.xlsx"
    write_example(workbook, pack)
    texts = [tmp_path / f"{sheet.name}.csv" for sheet in open_sheets(workbook)]
    for path, sheet in zip(texts, open_sheets(workbook), strict=True):
        path.write_bytes(saved_as_text(sheet))

    from_texts = plan(tmp_path, *texts)

    assert from_texts == plan(tmp_path, workbook)
    assert from_texts["units"] == 84
