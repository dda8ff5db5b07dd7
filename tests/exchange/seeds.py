"""Sound workbooks and tables of text, small and with everything that a cell can be, to be mutated."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import xlsxwriter

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "ledgers"
ROWS = 6


@dataclass(frozen=True)
class Seed:
    """A sound file.

    Attributes:
        name: Of the file.
        content: Its bytes.
        kind: ``xlsx``, ``xlsb``, ``xls``, ``ods`` or ``text``.
    """

    name: str
    content: bytes
    kind: str


# ------------------------------------------------------------------------------- seeds


def ledger_xlsx(**options: object) -> bytes:
    """A small ledger with everything that a cell can be."""
    stream = io.BytesIO()
    memory = {} if "constant_memory" in options else {"in_memory": True}
    with xlsxwriter.Workbook(stream, {"strings_to_urls": False, **memory, **options}) as book:
        day = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        local = book.add_format({"num_format": "[$-804]yyyy/m/d;@"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        clock = book.add_format({"num_format": "hh:mm"})
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        page = book.add_worksheet("小区台账")
        page.merge_range("A1:F1", "青棠县台账", bold)
        page.write_row(1, 0, ["小区名称", "户数", "面积", "竣工日期", "已办", "备注"])
        for row in range(2, 2 + ROWS):
            page.write_string(row, 0, f"甲{row}小区")
            page.write_number(row, 1, row * 7)
            page.write_number(row, 2, row * 13.25, money)
            page.write_datetime(row, 3, date(2003, row, 1), (day, local)[row % 2])
            page.write_boolean(row, 4, row % 2 == 0)
            page.write_string(row, 5, "同一备注")
        page.write_formula("G3", "=B3*2", None, 28)
        page.write_formula("G4", '=A4&"<&>"', None, '甲3小区<&"乙"')
        page.write_formula("G5", "=1/0", None, "#DIV/0!")
        page.write_formula("G6", '=""', None, "")
        page.write_datetime("G7", datetime(2024, 1, 28, 9, 30), moment)  # noqa: DTZ001 - workbooks have no zones
        page.write_datetime("G8", time(8, 15), clock)
        other = book.add_worksheet("乙 & 丙")
        other.write_rich_string("A1", "一", bold, "二", "三 ")
        other.write_string("B2", "长" * 200)
        other.write_string("C2", " 前后 ")
        other.write_string("D3", "𠮷\n第二行\t<&>'\"")
        other.write_number("AB4", -0.5)
        other.write_number("C5", 1e-7)
        hidden = book.add_worksheet("隐")
        hidden.write_row("A1", ["x", 1])
        hidden.hide()
    return stream.getvalue()


_ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>
<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"""


def ledger_ods() -> bytes:
    """A small ledger as LibreOffice writes it, repeats included."""
    said = 'office:value-type="string"><text:p>'
    rows = "".join(
        f"<table:table-row><table:table-cell {said}甲{row}小区</text:p></table:table-cell>"
        f'<table:table-cell office:value-type="float" office:value="{row * 7.5}"/>'
        f'<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
        f'<table:table-cell office:value-type="date" office:date-value="2003-05-{row + 10}"/>'
        f'<table:table-cell table:number-columns-repeated="2" {said}同</text:p></table:table-cell>'
        f"<table:table-cell/><table:table-cell {said}末</text:p></table:table-cell></table:table-row>"
        for row in range(ROWS)
    )
    rows += '<table:table-row table:number-rows-repeated="1000"><table:table-cell/></table:table-row>'
    tables = "".join(f'<table:table table:name="{name}">{rows}</table:table>' for name in ("台账", "乙"))
    return packed({
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": _ODS.format(tables=tables).encode(),
        "META-INF/manifest.xml": b'<?xml version="1.0"?><manifest:manifest '
        b'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
    })  # fmt: skip


def _record(number: int, content: bytes = b"") -> bytes:
    """A record of a .xlsb ([MS-XLSB] 2.1.4)."""
    head = bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])
    size = b""
    left = len(content)
    while True:
        size += bytes([left & 127 | (128 if left > 127 else 0)])
        left >>= 7
        if not left:
            return head + size + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def ledger_xlsb(*, date_1904: bool = False) -> bytes:
    """A small ledger of texts, numbers and truths in the binary form of Excel."""
    book = _record(131) + _record(153, struct.pack("<II", int(date_1904), 0) + _wide(""))
    book += (
        _record(143) + _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("台账")) + _record(144)
    )
    sheet = _record(129) + _record(148, struct.pack("<4I", 0, ROWS - 1, 0, 3)) + _record(145)
    for row in range(ROWS):
        sheet += _record(0, struct.pack("<IIHBBB", row, 0, 300, 0, 0, 0) + struct.pack("<I", 0))
        sheet += _record(6, struct.pack("<II", 0, 0) + _wide(f"甲{row}小区"))
        sheet += _record(5, struct.pack("<IId", 1, 0, row * 7.5))
        sheet += _record(4, struct.pack("<IIB", 2, 0, row % 2))
        sheet += _record(7, struct.pack("<III", 3, 0, row % 2))
    sheet += _record(146) + _record(130)
    texts = b"".join(_record(19, b"\0" + _wide(text)) for text in ("共用一", "共用二"))
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = [("worksheet", "worksheets/sheet1.bin"), ("sharedStrings", "sharedStrings.bin")]
    return packed({
        "[Content_Types].xml": b'<?xml version="1.0"?><Types '
        b'xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": relationships([("officeDocument", "xl/workbook.bin")], relations),
        "xl/workbook.bin": book + _record(132),
        "xl/_rels/workbook.bin.rels": relationships(listed, relations),
        "xl/sharedStrings.bin": _record(159, struct.pack("<II", 2, 2)) + texts + _record(160),
        "xl/worksheets/sheet1.bin": sheet,
    })  # fmt: skip


def relationships(listed: list[tuple[str, str]], space: str) -> bytes:
    """A part of relationships."""
    inner = "".join(
        f'<Relationship Id="rId{at}" Type="{space}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(listed, 1)
    )
    outer = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<?xml version="1.0"?><Relationships xmlns="{outer}">{inner}</Relationships>'.encode()


def ledger_xls(*, date_1904: bool = False) -> bytes:
    """A small ledger of BIFF 8 in an OLE container, as small as both may be."""

    def record(kind: int, content: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def text(said: str) -> bytes:
        return struct.pack("<HB", len(said), 1) + said.encode("utf-16-le")

    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    style = struct.pack("<HHHBBBBIIH", 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0)
    texts = ["同一备注", *(f"甲{row}小区" for row in range(ROWS))]
    head = (
        record(0x809, begin)
        + record(0x42, struct.pack("<H", 1200))
        + record(0x22, struct.pack("<H", date_1904))
    )
    head += b"".join(
        record(0x31, struct.pack("<5H4B", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05\x00Arial")
        for _ in range(4)
    )
    head += b"".join(record(0xE0, style[:20]) for _ in range(16))
    shared = record(0xFC, struct.pack("<II", len(texts), len(texts)) + b"".join(map(text, texts)))
    name = struct.pack("<BB", 2, 1) + "台账".encode("utf-16-le")
    at = len(head) + 4 + 6 + len(name) + len(shared) + 4
    globals_ = head + record(0x85, struct.pack("<IH", at, 0) + name) + shared + record(0x0A)
    sheet = record(0x809, begin[:2] + struct.pack("<H", 0x10) + begin[4:])
    sheet += record(0x200, struct.pack("<IIHHH", 0, ROWS, 0, 5, 0))
    for row in range(ROWS):
        sheet += record(0xFD, struct.pack("<HHHI", row, 0, 15, row + 1))
        sheet += record(0x203, struct.pack("<HHHd", row, 1, 15, row * 7.25))
        sheet += record(0x27E, struct.pack("<HHHI", row, 2, 15, (row * 11) << 2 | 2))
        sheet += record(0x205, struct.pack("<HHHBB", row, 3, 15, row % 2, 0))
        sheet += record(0xFD, struct.pack("<HHHI", row, 4, 15, 0))
    sheet += record(0xE5, struct.pack("<HHHHH", 1, 0, 0, 0, 1)) + record(0x0A)
    return ole_of((globals_ + sheet).ljust(4096, b"\0"))


def ole_of(book: bytes) -> bytes:
    """An OLE container of version 3 whose only stream is the workbook."""
    book = book.ljust(-(-len(book) // 512) * 512, b"\0")
    sectors = len(book) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    entries = b""
    for kind, name, child, first, size in (
        (5, "Root Entry", 1, 0xFFFFFFFE, 0),
        (2, "Workbook", 0xFFFFFFFF, 2, len(book)),
    ):
        raw = name.encode("utf-16-le") + b"\0\0"
        entries += raw.ljust(64, b"\0")
        entries += struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        entries += bytes(36) + struct.pack("<IQ", first, size)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x9I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    table = b"".join(struct.pack("<I", one) for one in fat)
    return (
        (head + struct.pack("<I", 0)).ljust(512, b"\xff")
        + table.ljust(512, b"\xff")
        + entries.ljust(512, b"\0")
        + book
    )


def ledger_text(encoding: str, delimiter: str) -> bytes:
    """A small table of text, with quotation marks and line ends in its cells."""
    stream = io.StringIO(newline="")
    rows = [["小区名称", "户数", "备注"], *([f"甲{row}小区", str(row * 7), "备注"] for row in range(ROWS))]
    rows += [['乙"小"区', "0012", f"一{delimiter}二"], ["丙\r\n小区", " 3 ", ""]]
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue().encode(encoding)


def seeds() -> list[Seed]:
    """All seeds; those of the shared folder only where it stands beside the repository."""
    found = [
        Seed("台账.xlsx", ledger_xlsx(), "xlsx"),
        Seed("内联.xlsx", ledger_xlsx(constant_memory=True), "xlsx"),
        Seed("一九零四.xlsx", ledger_xlsx(date_1904=True), "xlsx"),
        Seed("台账.xlsb", ledger_xlsb(), "xlsb"),
        Seed("台账.xls", ledger_xls(), "xls"),
        Seed("台账.ods", ledger_ods(), "ods"),
        *(
            Seed(f"{encoding}{at}.csv", ledger_text(encoding, delimiter), "text")
            for encoding in ("utf-8", "utf-8-sig", "utf-16", "gb18030")
            for at, delimiter in enumerate((",", "\t"))
        ),
    ]
    for name in ("ee_bank_journal.xls", "ee_t01_import_template_notes_row.xls", "hc_meter.xlsx"):
        path = SHARED / name
        if path.is_file():
            found.append(Seed(name, path.read_bytes(), path.suffix[1:]))
    return found


# ------------------------------------------------------------------------------ packages


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of a package."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """A valid package of parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 28, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
