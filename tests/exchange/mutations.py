"""Workbooks and tables of text as seeds, and what may befall their bytes.

Every mutation takes a generator of chances and the content, and gives the changed content.  What befalls
the XML within a package stands in ``mutations_xml``; what is changed here is the file as such.
"""

from __future__ import annotations

import csv
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TypeAlias

import xlsxwriter

Mutation: TypeAlias = Callable[[random.Random, bytes], bytes]
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
        page.write_datetime("G7", datetime(2024, 1, 28, 9, 30), moment)
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


# ---------------------------------------------------------------------------- any bytes


def flip_bits(chance: random.Random, content: bytes) -> bytes:
    found = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 2, 8, 40])):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def overwrite_run(chance: random.Random, content: bytes) -> bytes:
    at, length = chance.randrange(len(content)), chance.randrange(1, 120)
    run = chance.choice([bytes(length), b"\xff" * length, chance.randbytes(length)])
    return (content[:at] + run + content[at + length :])[: len(content)]


def cut_off(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(1, len(content))]


def cut_out(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.randrange(1, 300) :]


def put_in(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + chance.randbytes(chance.randrange(1, 60)) + content[at:]


def double_run(chance: random.Random, content: bytes) -> bytes:
    at, length = chance.randrange(len(content)), chance.randrange(1, 200)
    return content[: at + length] + content[at:]


def put_before_or_after(chance: random.Random, content: bytes) -> bytes:
    more = chance.choice([chance.randbytes(20), content, b"PK\x05\x06" + bytes(18), b"\n"])
    return chance.choice([more + content, content + more])


def swap_runs(chance: random.Random, content: bytes) -> bytes:
    length = chance.randrange(1, 64)
    one, two = sorted(chance.sample(range(max(2, len(content) - length)), 2))
    found = bytearray(content)
    found[one : one + length], found[two : two + length] = (
        found[two : two + length],
        found[one : one + length],
    )
    return bytes(found)


ANY_BYTES: list[Mutation] = [
    flip_bits, overwrite_run, cut_off, cut_out, put_in, double_run, put_before_or_after, swap_runs,
]  # fmt: skip

# ------------------------------------------------------------------------------ of a zip


def _heads(content: bytes, mark: bytes) -> list[int]:
    found, at = [], content.find(mark)
    while at >= 0:
        found.append(at)
        at = content.find(mark, at + 4)
    return found


def _field(chance: random.Random, content: bytes, mark: bytes, fields: dict[int, str]) -> bytes:
    """Change a number in one header of a zip."""
    found = bytearray(content)
    at = chance.choice(_heads(content, mark))
    place, size = chance.choice(list(fields.items()))
    (old,) = struct.unpack_from(size, found, at + place)
    most = (1 << 8 * struct.calcsize(size)) - 1
    new = chance.choice(
        [0, 1, most, old + 1, old - 1, old ^ 1 << chance.randrange(16), chance.randrange(most)]
    )
    struct.pack_into(size, found, at + place, new & most)
    return bytes(found)


def local_header(chance: random.Random, content: bytes) -> bytes:
    fields = {4: "<H", 6: "<H", 8: "<H", 14: "<I", 18: "<I", 22: "<I", 26: "<H", 28: "<H"}
    return _field(chance, content, b"PK\x03\x04", fields)


def directory_entry(chance: random.Random, content: bytes) -> bytes:
    fields = {8: "<H", 10: "<H", 16: "<I", 20: "<I", 24: "<I", 28: "<H", 30: "<H", 32: "<H", 42: "<I"}
    return _field(chance, content, b"PK\x01\x02", fields)


def end_of_directory(chance: random.Random, content: bytes) -> bytes:
    return _field(
        chance, content, b"PK\x05\x06", {4: "<H", 6: "<H", 8: "<H", 10: "<H", 12: "<I", 16: "<I", 20: "<H"}
    )


def encrypted_flag(chance: random.Random, content: bytes) -> bytes:
    """One part, or all of them, are called encrypted: in the directory, before the part, or in both."""
    found = bytearray(content)
    marks = chance.choice(
        [[(b"PK\x03\x04", 6)], [(b"PK\x01\x02", 8)], [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)]]
    )
    which = chance.randrange(3)
    for mark, place in marks:
        for number, at in enumerate(_heads(content, mark)):
            found[at + place] |= which in {0, number}
    return bytes(found)


def rename_once(chance: random.Random, content: bytes) -> bytes:
    """Directory and part differ on a name, so that another reader sees another part."""
    found = bytearray(content)
    mark, start, place = chance.choice([(b"PK\x03\x04", 30, 26), (b"PK\x01\x02", 46, 28)])
    at = chance.choice(_heads(content, mark))
    (length,) = struct.unpack_from("<H", found, at + place)
    if length:
        letter = at + start + chance.randrange(length)
        found[letter] = chance.choice([found[letter] ^ 1, found[letter] ^ 32, 0, ord("/"), ord("\\")])
    return bytes(found)


def double_member(chance: random.Random, content: bytes) -> bytes:
    """A part is there twice, with two contents; a bare name, one in other letters or with other strokes."""
    parts = unpacked(content)
    name = chance.choice(list(parts))
    other = chance.choice([name, name, name.upper(), name.replace("/", "\\"), "/" + name, "./" + name])
    changed = parts[name].replace(b"1", b"2")
    stream = io.BytesIO()
    first = chance.random() < 0.5
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            _append(archive, other, changed)
        for one, part in parts.items():
            _append(archive, one, part)
        if not first:
            _append(archive, other, changed)
    return stream.getvalue()


def _append(archive: zipfile.ZipFile, name: str, part: bytes) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name stands twice is what is wanted
        archive.writestr(zipfile.ZipInfo(name, (2024, 1, 28, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)


def drop_member(chance: random.Random, content: bytes) -> bytes:
    parts = unpacked(content)
    del parts[chance.choice(list(parts))]
    return packed(parts)


def order_of_members(chance: random.Random, content: bytes) -> bytes:
    """The parts in another order, which says nothing."""
    parts = list(unpacked(content).items())
    chance.shuffle(parts)
    return packed(dict(parts))


def hide_member(chance: random.Random, content: bytes) -> bytes:
    """The directory leads to another part of the same size, whose bytes lie elsewhere in the file."""
    parts = unpacked(content)
    name = chance.choice(
        [one for one in parts if one.startswith(("xl/work", "xl/shared", "content"))] or list(parts)
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for one, part in parts.items():
            archive.writestr(one, part)
    found = bytearray(stream.getvalue())
    local = next(at for at in _heads(found, b"PK\x03\x04") if found[at + 30 :].startswith(name.encode()))
    start = local + 30 + sum(struct.unpack_from("<HH", found, local + 26))
    changed = bytes(found[start : start + len(parts[name])]).replace(b"1", b"2")
    found[start : start + len(changed)] = changed
    if chance.random() < 0.5:  # the checksum of the directory is put right, that before the part is not
        entry = next(at for at in _heads(found, b"PK\x01\x02") if found[at + 46 :].startswith(name.encode()))
        struct.pack_into("<I", found, entry + 16, zlib.crc32(changed))
    return bytes(found)


def zip64_fields(chance: random.Random, content: bytes) -> bytes:
    """A size says that it stands elsewhere, and nowhere it stands."""
    found = bytearray(content)
    mark, places = chance.choice(
        [(b"PK\x03\x04", (18, 22)), (b"PK\x01\x02", (20, 24, 42)), (b"PK\x05\x06", (12, 16))]
    )
    struct.pack_into("<I", found, chance.choice(_heads(content, mark)) + chance.choice(places), 0xFFFFFFFF)
    return bytes(found)


OF_ZIP: list[Mutation] = [
    local_header, directory_entry, end_of_directory, encrypted_flag, rename_once, double_member, drop_member,
    order_of_members, hide_member, zip64_fields,
]  # fmt: skip

# ---------------------------------------------------------------------------- of records


def xls_record(chance: random.Random, content: bytes) -> bytes:
    """The kind, the length or the content of one record of the workbook's stream."""
    found = bytearray(content)
    at, starts = content.find(b"\x09\x08"), []
    while at + 4 <= len(found):
        starts.append(at)
        at += 4 + int.from_bytes(found[at + 2 : at + 4], "little")
    at = chance.choice(starts)
    place = at + chance.choice([0, 2, 4, 6, 8, 10])
    if place + 2 <= len(found):
        struct.pack_into(
            "<H", found, place, chance.choice([0, 1, 0xFFFF, 0x203, 0x0A, chance.randrange(0x10000)])
        )
    return bytes(found)


OF_XLS: list[Mutation] = [xls_record]

# ------------------------------------------------------------------------------- of text


def quotes(chance: random.Random, content: bytes) -> bytes:
    return _insert(chance, content, chance.choice(['"', '""', '"\n', ',"']))


def delimiters(chance: random.Random, content: bytes) -> bytes:
    return _insert(
        chance, content, chance.choice([",", "\t", ";", "|", "，", ",,,,", "\n", "\r", "\r\n\r\n"])
    )


def control_signs(chance: random.Random, content: bytes) -> bytes:
    return _insert(
        chance, content, chance.choice(["\0", "\x01", "\x1a", "\x7f", "\ufeff", "\uffff", "\x85", "\u2028"])
    )


def other_encoding(chance: random.Random, content: bytes) -> bytes:
    """A run of the text is written in another encoding, as when files are put together."""
    at = chance.randrange(len(content)) & ~1
    return (
        content[:at]
        + "混入，文字".encode(chance.choice(["utf-8", "gb18030", "utf-16-le", "big5"]))
        + content[at:]
    )


def _insert(chance: random.Random, content: bytes, said: str) -> bytes:
    wide = content[:2] in {b"\xff\xfe", b"\xfe\xff"}
    at = chance.randrange(len(content)) & (~1 if wide else ~0)
    return content[:at] + said.encode("utf-16-le" if wide else "utf-8") + content[at:]


OF_TEXT: list[Mutation] = [quotes, delimiters, control_signs, other_encoding]
