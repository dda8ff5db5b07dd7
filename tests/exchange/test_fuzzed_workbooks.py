"""Mutated workbooks: none ends the program, none gives a cell that does not stand in the file.

Each chunk is worked off in a process of its own (``tests/exchange/fuzzing.py``), so that a crash, a hang
and the memory it took are seen from outside.
"""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.exchange.seeds import (
    ROWS,
    ledger_ods,
    ledger_text,
    ledger_xls,
    ledger_xlsb,
    ledger_xlsx,
    packed,
    unpacked,
)

from taizhang.errors import InputError
from taizhang.exchange.excel.cells import column_letters
from taizhang.exchange.excel.opening import OpenSheet, open_sheets

CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"
CHUNKS, CASES = (16, 100_800) if CHECK else (4, 600)
PLANTED = 600 if CHECK else 160  # cases; in one of five a value is changed
MOST_MIB = 512


def worked_off(chunk: int, cases: int, folder: Path, spoil: str = "") -> dict:
    command = [sys.executable, "-m", "tests.exchange.fuzzing", str(chunk), str(cases), str(folder)]
    done = subprocess.run([*command, *filter(None, [spoil])], capture_output=True, text=True, check=False)
    last = (folder / f"{chunk}.case").read_text(encoding="utf-8") if done.returncode else ""
    assert done.returncode == 0, f"{last} ended the program ({done.returncode}): {done.stderr[-800:]}"
    return json.loads(done.stdout)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_mutated_file_is_refused_or_read_as_another_reader_reads_it(chunk, tmp_path):
    report = worked_off(chunk, CASES // CHUNKS, tmp_path)
    outcomes = sum((Counter(one) for one in report["outcomes"].values()), Counter())

    assert report["failures"] == []
    assert report["peak_mib"] <= MOST_MIB
    assert outcomes.total() == CASES // CHUNKS
    assert outcomes["read"] > outcomes.total() / 5  # else nothing would be compared
    assert outcomes["crash"] == 0


@pytest.mark.parametrize("how", ["change", "drop", "retype", "move"])
def test_a_value_that_is_changed_behind_the_readers_back_is_reported(how, tmp_path):
    """The judge is judged: whatever a spoilt reader changes is among the failures, case by case."""
    report = worked_off(77, PLANTED, tmp_path, how)
    reported = {failure.split(" ", 1)[0] for failure in report["failures"]}

    assert len(report["planted"]) > PLANTED / 10
    assert set(report["planted"]) - reported == set()


def test_a_file_with_another_value_does_not_pass_for_the_seed(tmp_path):
    report = worked_off(78, 60, tmp_path, "file")
    reported = {failure.split(" ", 1)[0] for failure in report["failures"]}

    assert len(report["planted"]) == 60
    assert set(report["planted"]) == reported


# ------------------------------------------------------------------ what the mutations found


def opened(path: Path, content: bytes) -> list[OpenSheet]:
    path.write_bytes(content)
    return open_sheets(path)


def problem(path: Path, content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        opened(path, content)
    return caught.value.code


def changed(part: str, old: bytes, new: bytes) -> bytes:
    parts = unpacked(ledger_xlsx())
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    return packed(parts)


SHEET, TEXTS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
AREA = b'<c r="B3"><v>14</v></c>'
DAMAGED: list[tuple[str, str, bytes, bytes]] = [
    ("two cells at one place: the reader kept the last", SHEET, AREA, AREA + AREA),
    ("a cell before the one it follows", SHEET, AREA, b'<c r="A3"><v>14</v></c>'),
    ("a cell in the row of others", SHEET, AREA, b'<c r="B4"><v>14</v></c>'),
    ("two rows of one number", SHEET, b'<row r="4"', b'<row r="3"'),
    ("two lists of cells: the reader took the first", SHEET, b"</sheetData>", b"</sheetData><sheetData/>"),
    ("a reference in a number: the reader left it out", SHEET, b"<v>14</v>", b"<v>&#49;4</v>"),
    ("a section in a number: the reader left it out", SHEET, b"<v>14</v>", b"<v><![CDATA[14]]></v>"),
    ("a comment in a number: the reader stopped at it", SHEET, b"<v>14</v>", b"<v>1<!-- -->4</v>"),
    ("two values in a cell", SHEET, b"<v>14</v>", b"<v>1</v><v>4</v>"),
    ("a value before its formula: the reader dropped it", SHEET, b"<v>14</v>", b"<v>14</v><f>7*2</f>"),
    ("no number", SHEET, b"<v>14</v>", b"<v>NaN</v>"),
    ("a number without end", SHEET, b"<v>14</v>", b"<v>1e999</v>"),
    ("a text that is no number and no text", SHEET, b"<v>14</v>", b"<v>abc</v>"),
    ("an attribute twice", SHEET, b'r="B3"', b'r="B3" r="H3"'),
    ("an element of another namespace", SHEET, AREA, b'<y:c xmlns:y="urn:y" r="B3"><v>14</v></y:c>'),
    ("a style that does not exist", SHEET, b'r="B3"', b'r="B3" s="99"'),
    ("a merged range turned around", SHEET, b'ref="A1:F1"', b'ref="F1:A1"'),
    ("a document type", SHEET, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "1">]><worksheet'),
    ("a text that is said twice", TEXTS, b"</t></si>", b"</t><t>x</t></si>"),
    ("a run of a text that says nothing", TEXTS, b"</sst>", b"<si><r/></si></sst>"),
    ("a sign that no XML can hold", TEXTS, b"<si><t>", b"<si><t>\x01"),
    ("another root for the texts", "xl/_rels/workbook.xml.rels", b"sharedStrings.xml", b"other.xml"),
    ("two sheets in one part", BOOK, b'r:id="rId2"', b'r:id="rId1"'),
    ("two sheets of one name", BOOK, "隐".encode(), "小区台账".encode()),
    ("a workbook elsewhere", "_rels/.rels", b"xl/workbook.xml", b"xl/other.xml"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "old", "new"), [one[1:] for one in DAMAGED], ids=[one[0] for one in DAMAGED]
)
def test_what_could_be_read_in_two_ways_is_refused(tmp_path, part, old, new):
    assert problem(tmp_path / "a.xlsx", changed(part, old, new)) == "E-FILE-DAMAGED"


def test_a_sheet_in_utf_16_is_refused_and_not_read_as_empty(tmp_path):
    parts = unpacked(ledger_xlsx())
    parts[SHEET] = parts[SHEET].decode().replace("UTF-8", "UTF-16").encode("utf-16")

    assert problem(tmp_path / "a.xlsx", packed(parts)) == "E-FILE-DAMAGED"


def test_a_number_below_zero_in_a_cell_for_days_stays_the_number(tmp_path):
    """The reader made it midnight."""
    content = changed(SHEET, b"<v>37653</v>", b"<v>-5</v>")

    assert opened(tmp_path / "a.xlsx", content)[0].rows[2][3] == -5.0


@pytest.mark.parametrize("old", [b"", b"x:"])
def test_what_is_written_in_another_way_is_read(tmp_path, old):
    """A prefix, single quotation marks, cells without an address: another form, the same cells."""
    parts, sound = unpacked(ledger_xlsx()), opened(tmp_path / "a.xlsx", ledger_xlsx())
    if old:
        parts[SHEET] = re.sub(rb"<(/?)(?=[a-z])", rb"<\1x:", parts[SHEET]).replace(b"xmlns=", b"xmlns:x=")
    else:
        parts[SHEET] = re.sub(rb'r="(A\d)"', rb"r='\1'", parts[SHEET])
        parts[SHEET] = parts[SHEET].replace(b'<c r="B4"', b"<c")

    assert opened(tmp_path / "b.xlsx", packed(parts))[0].rows == sound[0].rows


@pytest.mark.parametrize("date_1904", [False, True])
def test_from_when_days_count_is_told_for_every_kind_of_workbook(tmp_path, date_1904):
    contents = {
        "a.xlsx": ledger_xlsx(date_1904=date_1904),
        "a.xls": ledger_xls(date_1904=date_1904),
        "a.xlsb": ledger_xlsb(date_1904=date_1904),
    }
    for name, content in contents.items():
        assert opened(tmp_path / name, content)[0].date_1904 == date_1904
    assert not opened(tmp_path / "a.ods", ledger_ods())[0].date_1904
    assert not opened(tmp_path / "a.csv", ledger_text("utf-8", ","))[0].date_1904


def test_a_document_that_says_a_value_in_two_ways_is_refused(tmp_path):
    sound = unpacked(ledger_ods())["content.xml"]
    for old, new in (
        (b'office:boolean-value="true"', b""),  # the reader made it false, or nothing
        (b'office:date-value="2003-05-10"', b""),
        (b'office:value="7.5"', b'office:value="x"'),
        (b"</text:p>", b"<text:tab/></text:p>"),  # the reader left it out
        (b"<text:p>", b"<text:p><![CDATA[x]]>"),
    ):
        assert old in sound
        parts = {**unpacked(ledger_ods()), "content.xml": sound.replace(old, new, 1)}

        assert problem(tmp_path / "a.ods", packed(parts)) == "E-FILE-DAMAGED"


# ------------------------------------------------------------------------- hostile content


def far_apart(cells: str) -> bytes:
    return changed(SHEET, b"</sheetData>", f"{cells}</sheetData>".encode())


def formatted_only() -> bytes:
    """Two million cells without a value, in rows as wide as a sheet can be."""
    letters = [column_letters(column) for column in range(16_384)]
    lines = (
        f'<row r="{row}">' + "".join(f'<c r="{one}{row}" s="1"/>' for one in letters) + "</row>"
        for row in range(100, 222)
    )
    return far_apart("".join(lines))


def repeated(rows: int, columns: int) -> bytes:
    parts = unpacked(ledger_ods())
    row = f'<table:table-row table:number-rows-repeated="{rows}">'
    cell = f'<table:table-cell table:number-columns-repeated="{columns}"'
    sound = b"<table:table-row><table:table-cell"
    parts["content.xml"] = parts["content.xml"].replace(sound, (row + cell).encode(), 1)
    return packed(parts)


def wide_record(row: int, column: int) -> bytes:
    """A .xlsb with one cell far away."""
    parts = unpacked(ledger_xlsb())
    end = b"\x92\x01\x00"
    far = (
        b"\x00\x11"
        + struct.pack("<IIHBBBI", row, 0, 300, 0, 0, 0, 0)
        + b"\x05\x10"
        + struct.pack("<IId", column, 0, 1.0)
    )
    assert end in parts["xl/worksheets/sheet1.bin"]
    parts["xl/worksheets/sheet1.bin"] = parts["xl/worksheets/sheet1.bin"].replace(end, far + end)
    return packed(parts)


def far_in_xls() -> bytes:
    """The last cell of an old sheet, and an extent that is a lie."""
    content = ledger_xls()
    first = struct.pack("<HHHHHd", 0x203, 14, 5, 1, 15, 5 * 7.25)
    assert first in content
    return content.replace(first, struct.pack("<HHHHHd", 0x203, 14, 65_535, 255, 15, 1.0))


FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def said_extent(rows: int, columns: int) -> bytes:
    """An .xls that says it reaches so far."""
    content, said = ledger_xls(), struct.pack("<HHIIHH", 0x200, 14, 0, ROWS, 0, 5)
    assert said in content
    return content.replace(said, struct.pack("<HHIIHH", 0x200, 14, 0, rows, 0, columns))


def said_extent_in_xlsb() -> bytes:
    parts, said = unpacked(ledger_xlsb()), struct.pack("<4I", 0, ROWS - 1, 0, 3)
    assert said in parts["xl/worksheets/sheet1.bin"]
    far = struct.pack("<4I", 0, 1_048_575, 0, 16_383)
    parts["xl/worksheets/sheet1.bin"] = parts["xl/worksheets/sheet1.bin"].replace(said, far)
    return packed(parts)


HOSTILE: list[tuple[str, Callable[[], bytes], set[str]]] = [
    ("a.xlsx", lambda: far_apart('<row r="1048576"><c r="Z1048576"><v>1</v></c></row>'), {"E-FILE-SIZE"}),
    ("a.xlsx", lambda: far_apart(FAR + '<row r="20"><c r="ZZ20"><v>1</v></c></row>'), {"E-FILE-SIZE"}),
    ("a.xlsx", formatted_only, {"read"}),
    ("a.xlsx", lambda: far_apart('<row r="9"><c r="XFD9"><v>1</v></c></row>'), {"read"}),
    ("a.xlsx", lambda: changed(SHEET, b"<row", b"<x>" * 3_000_000), {"E-FILE-DAMAGED"}),
    ("a.xlsx", lambda: changed(SHEET, b"<v>14</v>", b"<v>" + b"1" * 60_000_000 + b"</v>"), {"E-FILE-SIZE"}),
    ("a.xlsx", lambda: changed(TEXTS, b"<si>", b"<si/>" * 3_000_000 + b"<si>"), {"E-FILE-DAMAGED", "read"}),
    ("a.xlsx", lambda: changed(TEXTS, b"uniqueCount=", b'uniqueCount="999999999" x='), {"E-FILE-DAMAGED"}),
    ("a.ods", lambda: repeated(1_048_576, 1), {"E-FILE-SIZE"}),
    ("a.ods", lambda: repeated(1_000_000, 16_000), {"E-FILE-SIZE"}),
    ("a.ods", lambda: repeated(2**31, 2**31), {"E-FILE-DAMAGED"}),
    ("a.xlsb", lambda: wide_record(1_048_575, 16_383), {"E-FILE-SIZE"}),
    ("a.xlsb", lambda: wide_record(2**31, 0), {"E-FILE-DAMAGED"}),
    ("a.xls", far_in_xls, {"E-FILE-SIZE"}),
    ("a.xls", lambda: said_extent(4_294_901_766, 256), {"E-FILE-DAMAGED"}),
    ("a.xls", lambda: said_extent(65_536, 256), {"read"}),
    ("a.xlsb", said_extent_in_xlsb, {"read"}),
    ("a.csv", lambda: b"a,b\n1,2\n" + b"x" * (100 << 20), {"E-FILE-SIZE"}),
    ("a.csv", lambda: b"a,b\n1,2\n" + b"," * 50_000_000, {"E-FILE-SIZE"}),
]  # fmt: skip

_ALONE = """
import resource, sys
from pathlib import Path
from taizhang.errors import InputError
from taizhang.exchange.excel.opening import open_sheets
from tests.peak import peak_mib
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
try:
    said = "read" if open_sheets(Path(sys.argv[1])) else ""
except InputError as error:
    said = error.code
print(said, peak_mib())
"""


def test_a_small_program_is_small_though_a_large_one_starts_it():
    held = bytearray(b"x") * (MOST_MIB << 20)
    code = "from tests.peak import peak_mib; print(peak_mib())"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)

    assert len(held) >> 20 == MOST_MIB
    assert 0 < int(done.stdout) < MOST_MIB / 4


@pytest.mark.parametrize(("name", "make", "codes"), HOSTILE)
def test_hostile_content_takes_neither_long_nor_much_memory(tmp_path, name, make, codes):
    path = tmp_path / name
    path.write_bytes(make())
    command = [sys.executable, "-c", _ALONE, str(path)]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=60, env=environment, cwd=root
    )
    said, mib = done.stdout.split()

    assert said in codes
    assert int(mib) <= MOST_MIB
