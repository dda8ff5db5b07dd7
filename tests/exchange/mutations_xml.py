"""What may befall the XML within a workbook; the package around it is rebuilt and sound.

Every mutation changes the parts in place.  One that finds nothing to change leaves them as they are.
"""
# ruff: noqa: E501  each mutation is a row of a table, whatever its length

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import TypeAlias

Parts: TypeAlias = dict[str, bytes]
XmlMutation: TypeAlias = Callable[[random.Random, Parts], None]

STRINGS, STYLES, BOOK = "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"
LINKS, ROOT, TYPES = "xl/_rels/workbook.xml.rels", "_rels/.rels", "[Content_Types].xml"
_TAG = rb"<[\w:]+(?: [^<>]*)?/?>"


def _sheet(chance: random.Random, parts: Parts) -> str:
    return chance.choice([name for name in parts if name.startswith("xl/worksheets/sheet")])


def _any_part(chance: random.Random, parts: Parts) -> str:
    sheet = _sheet(chance, parts)
    return chance.choice(
        [sheet, sheet, sheet, *(one for one in (STRINGS, STYLES, BOOK, LINKS, ROOT, TYPES) if one in parts)]
    )


def _change(
    chance: random.Random, parts: Parts, part: str, pattern: bytes, new: Callable[[re.Match[bytes]], bytes]
) -> None:
    """Change one place of a part."""
    found = list(re.finditer(pattern, parts.get(part, b""), re.DOTALL))
    if found:
        one = chance.choice(found)
        parts[part] = parts[part][: one.start()] + new(one) + parts[part][one.end() :]


def _on_sheet(pattern: bytes, *choices: bytes) -> XmlMutation:
    r"""One place of a sheet becomes one of these; ``\1`` is what the pattern found."""

    def mutation(chance: random.Random, parts: Parts) -> None:
        choice = chance.choice(choices)
        _change(chance, parts, _sheet(chance, parts), pattern, lambda found: found.expand(choice))

    return mutation


def _on(part: str, pattern: bytes, *choices: bytes) -> XmlMutation:
    """One place of this part becomes one of these."""

    def mutation(chance: random.Random, parts: Parts) -> None:
        choice = chance.choice(choices)
        _change(chance, parts, part, pattern, lambda found: found.expand(choice))

    return mutation


# --------------------------------------------------------------------------- any part


def attribute_removed(chance: random.Random, parts: Parts) -> None:
    _change(chance, parts, _any_part(chance, parts), rb' [\w:]+="[^"<>]*"', lambda found: b"")


def attribute_doubled(chance: random.Random, parts: Parts) -> None:
    other = chance.choice([None, b"1", b"A1", b"0"])

    def twice(found: re.Match[bytes]) -> bytes:
        return found[0] + b" " + found[1] + b'="' + (found[2] if other is None else other) + b'"'

    _change(chance, parts, _any_part(chance, parts), rb' ([\w:]+)="([^"<>]*)"', twice)


def attribute_changed(chance: random.Random, parts: Parts) -> None:
    value = chance.choice(
        [b"", b"0", b"-1", b"1", b"2", b"99999999999999999999", b"x", b" 1", b"A1", b"&#49;", b"&amp;"]
    )
    _change(
        chance,
        parts,
        _any_part(chance, parts),
        rb'( [\w:]+)="[^"<>]*"',
        lambda found: found[1] + b'="' + value + b'"',
    )


def element_removed(chance: random.Random, parts: Parts) -> None:
    pattern = rb"<([\w:]+)(?: [^<>]*)?(?<!/)>[^<]*</\1>|" + rb"<[\w:]+(?: [^<>]*)?/>"
    _change(chance, parts, _any_part(chance, parts), pattern, lambda found: b"")


def element_doubled(chance: random.Random, parts: Parts) -> None:
    pattern = rb"<([\w:]+)(?: [^<>]*)?(?<!/)>[^<]*</\1>|" + rb"<[\w:]+(?: [^<>]*)?/>"
    _change(chance, parts, _any_part(chance, parts), pattern, lambda found: found[0] * 2)


def tag_removed(chance: random.Random, parts: Parts) -> None:
    _change(chance, parts, _any_part(chance, parts), rb"</?[\w:]+[^<>]*>", lambda found: b"")


def tag_renamed(chance: random.Random, parts: Parts) -> None:
    name = chance.choice([b"x", b"c", b"row", b"v", b"si", b"t", b"y:c", b"sheetData"])
    _change(chance, parts, _any_part(chance, parts), rb"(</?)[\w:]+", lambda found: found[1] + name)


def signs_put_in(chance: random.Random, parts: Parts) -> None:
    sign = chance.choice(
        [
            b"<",
            b">",
            b"&",
            b'"',
            b"\0",
            b"\x01",
            b"\xff\xfe",
            b"\xed\xa0\x80",
            b"9",
            b"-",
            b" ",
            b"\xe4",
            b"]]>",
        ]
    )
    part = _any_part(chance, parts)
    at = chance.randrange(len(parts[part]))
    parts[part] = parts[part][:at] + sign + parts[part][at + chance.choice([0, 0, 1, 4]) :]


def something_between(chance: random.Random, parts: Parts) -> None:
    """A comment, a section, an instruction or a reference between tags or within a text."""
    more = chance.choice([
        b"<!-- 9 -->", b"<![CDATA[9]]>", b"<?x 9?>", b"&#57;", b"&#x39;", b"&lt;", b"&nbsp;", b"&#0;", b"\n", b"<!---->",
        b'<!-- <row r="1"><c r="A1"><v>9</v></c></row> -->', b"<![CDATA[<c><v>9</v></c>]]>", b"<x:y xmlns:x='urn:x'/>",
    ])  # fmt: skip
    _change(chance, parts, _any_part(chance, parts), rb">(?=[^<]*<)", lambda found: found[0] + more)


def cut_short(chance: random.Random, parts: Parts) -> None:
    part = _any_part(chance, parts)
    parts[part] = parts[part][: chance.randrange(len(parts[part]))]


def declared_type(chance: random.Random, parts: Parts) -> None:
    """A document type, with entities that grow, that lead outside, or that are harmless."""
    inner = chance.choice([
        b"",
        b'<!ENTITY a "9">',
        b'<!ENTITY a SYSTEM "file:///etc/hostname">',
        b'<!ENTITY % p SYSTEM "http://localhost:9/x"> %p;',
        b'<!ENTITY b "' + b"9" * 99 + b'">' + b"".join(
            b'<!ENTITY %c "%b">' % (c, b"&%c;" % (c - 1) * 30) for c in range(ord("c"), ord("k"))
        ) + b'<!ENTITY a "&j;">',
    ])  # fmt: skip
    part = _any_part(chance, parts)
    parts[part] = re.sub(
        rb"(\?>\s*)", rb"\1<!DOCTYPE x [" + inner.replace(b"\\", rb"\\") + b"]>", parts[part], count=1
    )
    if chance.random() < 0.7:
        _change(chance, parts, part, rb">(?=[^<]+<)", lambda found: found[0] + b"&a;")


def other_encoding(chance: random.Random, parts: Parts) -> None:
    part = _any_part(chance, parts)
    name = chance.choice(["utf-16", "utf-16-le", "utf-16-be", "gbk", "utf-8-sig", "utf-32", "latin-1"])
    text = parts[part].decode(errors="replace")
    if chance.random() < 0.6:
        text = re.sub("encoding=.UTF-8.", f'encoding="{name}"', text, count=1)
    parts[part] = text.encode(name, "xmlcharrefreplace")


def prefixed(chance: random.Random, parts: Parts) -> None:
    """The main namespace by a prefix: another way to say the same, unless the prefix is not declared."""
    part = chance.choice([_sheet(chance, parts), *(one for one in (STRINGS, STYLES, BOOK) if one in parts)])
    declared = chance.choice([b"xmlns:x=", b"xmlns:x=", b"xmlns:x=", b"xmlns:z=", b"xmlns="])
    parts[part] = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", parts[part]).replace(b"xmlns=", declared, 1)


def other_namespace(chance: random.Random, parts: Parts) -> None:
    space = chance.choice([b"urn:x", b"http://purl.oclc.org/ooxml/spreadsheetml/main", b""])
    part = _any_part(chance, parts)
    parts[part] = re.sub(rb'xmlns="[^"]*"', b'xmlns="' + space + b'"', parts[part], count=1)


def nested_deep(chance: random.Random, parts: Parts) -> None:
    depth = chance.choice([10, 70, 5_000, 100_000])
    name = chance.choice([b"x", b"c", b"row", b"t", b"r", b"extLst"])
    _change(
        chance,
        parts,
        _any_part(chance, parts),
        rb">",
        lambda found: (
            b">" + b"<" + name + b">" * 1 + (b"<" + name + b">") * (depth - 1) + (b"</" + name + b">") * depth
        ),
    )


# ------------------------------------------------------------------------------ sheets


def lines_swapped(chance: random.Random, parts: Parts) -> None:
    """Two rows, or two cells of one row, change places."""
    part = _sheet(chance, parts)
    pattern = chance.choice([rb"<row\b[^<>]*>.*?</row>", rb"<c\b[^<>]*>(?:(?!<c\b).)*?</c>"])
    found = list(re.finditer(pattern, parts[part], re.DOTALL))
    if len(found) > 1:
        at = chance.randrange(len(found) - 1)
        one, two = found[at], chance.choice(found[at + 1 : at + 3])
        text = parts[part]
        parts[part] = (
            text[: one.start()] + two[0] + text[one.end() : two.start()] + one[0] + text[two.end() :]
        )


def empty_cells(chance: random.Random, parts: Parts) -> None:
    """Cells that are only formatted, many, or far away."""
    many = "".join(f'<c r="{letters}9" s="1"/>' for letters in ("A", "B", "XFD"))
    far = chance.choice([
        f'<row r="9">{many}</row>', '<row r="1048576"/>', '<row r="1048576"><c r="XFD1048576"/></row>',
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', '<row r="1048577"><c r="A1048577"><v>1</v></c></row>',
        '<row r="20"><c r="ZZ20"><v>1</v></c></row>', '<row r="90000"><c r="Z90000"><v>1</v></c></row>',
    ])  # fmt: skip
    _change(chance, parts, _sheet(chance, parts), rb"</sheetData>", lambda found: far.encode() + found[0])


_MERGES = (
    b"A1:B2", b"A1:F1", b"B2:A1", b"A2:A1", b"F2:A3", b"A1", b"A1:XFD1048576", b"A1:XFE9", b"A0:B2", b"", b"A:C",
    b"1:3", b"A1:B2:C3", b"$A$1:$B$2", b"a1:b2", b"A1:B99999999999", b"C3:D4", b"A4:F4",
)  # fmt: skip


def merges(chance: random.Random, parts: Parts) -> None:
    """Merged ranges that overlap, are turned around, reach too far, or are none."""
    inner = b"".join(
        b'<mergeCell ref="' + one + b'"/>' for one in chance.choices(_MERGES, k=chance.choice([1, 1, 2, 3]))
    )
    part = _sheet(chance, parts)
    if b"<mergeCells" in parts[part] and chance.random() < 0.8:
        parts[part] = re.sub(
            rb"<mergeCells.*?</mergeCells>",
            b"<mergeCells>" + inner + b"</mergeCells>",
            parts[part],
            flags=re.DOTALL,
        )
    else:
        parts[part] = parts[part].replace(
            b"</sheetData>", b"</sheetData><mergeCells>" + inner + b"</mergeCells>"
        )


_VALUES = (
    b"", b"0", b"-0", b"1", b"-5", b"60", b"59.5", b"0.25", b"61", b"2958465", b"2958466", b"1e5", b"1E+2", b"1e308", b"1e309",
    b"1e-400", b"NaN", b"nan", b"inf", b"-inf", b"Infinity", b"0x10", b"1_000", b"1,5", b" 12 ", b"12 ", b"\n7\n", b"+5", b".5", b"5.",
    b"1.2.3", b"--1", "１２".encode(), "甲".encode(), b"TRUE", b"true", b"false", b"2", b"&#53;", b"5&#46;5", b"<![CDATA[5]]>",
    b"5<!-- -->6", b"99999999999999999999", b"123456789012345678", b"0.1234567890123456789012", b"1" * 400, b"#N/A", b"#REF!",
    b"#SPILL!", b"#NIX", b"2024-01-28", b"2024-01-28T10:00:00", b"2024-13-01", b"10:00:00", b"_x0041_", b"_x005F_x0041_", b"a\r\nb",
)  # fmt: skip


def shared_string_changed(chance: random.Random, parts: Parts) -> None:
    new = chance.choice([
        b"<si/>", b"<si></si>", b"<si><t/></si>", b"<si><t></t></si>", b"", b"<si><t>A</t></si>" * 2,
        "<si><t>甲</t><rPh sb=\"0\" eb=\"1\"><t>jia</t></rPh><phoneticPr fontId=\"1\"/></si>".encode(),
        "<si><r><t>甲</t></r><r><rPr><b/></rPr><t>乙</t></r></si>".encode(), "<si><t>甲</t><t>乙</t></si>".encode(),
        "<si><t>甲</t><r><t>乙</t></r></si>".encode(), b"<si><r><t>a</t><t>b</t></r></si>", b"<si><t>a<t>b</t></t></si>",
        b"<si><t> x </t></si>", b'<si><t xml:space="preserve"> x </t></si>', b"<si><t>a_x000D_b</t></si>", b"<si><t>\n</t></si>",
        b"<si><r><t> a</t></r><r><t>b </t></r></si>", b"<si>loose</si>", b"<si><t>&#x20;a&#10;</t></si>", b"<si><x/></si>",
        b"<si><t>a&amp;b</t></si>", b"<si><t>a<![CDATA[<b>]]>c</t></si>", b"<si><t>a<!-- b -->c</t></si>", b"<si><t>\t</t></si>",
    ])  # fmt: skip
    _change(chance, parts, STRINGS, rb"<si>.*?</si>", lambda found: new)


_CELL_ATTRIBUTES = rb'(<c r="[A-Z]+\d+")((?: s="\d+")?)((?: t="\w+")?)(/?>)'

ON_SHEETS: dict[str, XmlMutation] = {
    "kind of a cell": _on_sheet(
        _CELL_ATTRIBUTES,
        *(rb'\1\2 t="' + kind + rb'"\4' for kind in (b"s", b"n", b"b", b"e", b"str", b"inlineStr", b"d", b"zz", b"", b"S")),
        rb"\1\2\4",
    ),
    "style of a cell": _on_sheet(
        _CELL_ATTRIBUTES,
        *(rb'\1 s="' + style + rb'"\3\4' for style in (b"0", b"1", b"2", b"3", b"4", b"5", b"99", b"-1", b"x", b"", b"4294967296", b"+1", b"01")),
    ),
    "value": _on_sheet(rb"<v>[^<]*</v>", *(rb"<v>" + one.replace(b"\\", rb"\\") + b"</v>" for one in _VALUES)),
    "index of a shared text": _on_sheet(
        rb't="s"><v>(\d+)</v>',
        *(b't="s"><v>' + one + b"</v>" for one in (b"0", b"1", b"9", b"99", b"-1", b"4294967296", b"", b"1.0", b" 1", b"+1", b"01", b"1e0", b"x", "１".encode())),
    ),
    "content of a cell": _on_sheet(
        rb"(<v>[^<]*</v>)</c>",
        rb"\1\1</c>", rb"<v>1</v>\1</c>", rb"\1<f>1</f></c>", rb"\1<is><t>x</t></is></c>", rb"<is><t>x</t></is></c>", rb"<f>A1</f></c>",
        rb"<f>A1</f><v/></c>", rb"<f>A1</f><v></v></c>", rb"</c>", rb"<f>A1</f>\1</c>", rb"<x/>\1</c>", rb"\1<extLst/></c>", rb"\1 loose</c>",
        rb"<f t='shared' si='0'/>\1</c>", rb"<v><v>1</v></v></c>", rb"<v>1<t>2</t></v></c>", rb"\1</c></c>", rb"<v xml:space='preserve'> 1</v></c>",
    ),
    "place of a cell": _on_sheet(
        rb'<c r="([A-Z]+)(\d+)"',
        *(rb'<c r="' + one + rb'"' for one in (b"A1", b"B3", rb"\g<2>\g<1>", rb"A\2", rb"C\2", rb"H\2", rb"\g<1>3", rb"\g<1>4", b"XFD1048576", rb"XFE\2",
            b"XFD1048577", rb"$\1$\2", rb"\g<1>0", rb"\g<1>0\2", b"", rb"\1", rb"\2", rb"a\2", rb"\1\2 ", rb"ZZZZ\2", rb"A-1", rb"\1\2\2")),
        rb"<c", rb"<c R='\1\2'", rb"<c r='\1\2'", rb'<c r = "\1\2"', rb'<c s="0" r="\1\2"', rb'<c x:r="\1\2"', rb'<c r="\1\2" r="A1"',
    ),
    "number of a row": _on_sheet(
        rb'<row r="(\d+)"',
        *(rb'<row r="' + one + rb'"' for one in (b"1", b"2", b"3", b"4", b"9", b"0", b"-1", b"", rb"\g<1>0", b"1048577", b"4294967297", b"x", rb"0\1", rb" \1", b"1.0")),
        rb"<row", rb"<row r='\1'", rb'<row spans="1:3" r="\1"', rb'<row r="\1" r="9"',
    ),
    "cell doubled": _on_sheet(rb"(<c\b[^<>]*>(?:(?!<c\b).)*?</c>)", rb"\1\1", rb'\1<c r="B2"><v>9</v></c>', b""),
    "row doubled": _on_sheet(rb"(<row\b[^<>]*>.*?</row>)", rb"\1\1", b"", rb"\1<row/>", rb'\1<row><c><v>9</v></c></row>', rb"<row><c/><c><v>9</v></c></row>\1"),
    "list of cells": _on_sheet(
        rb"</sheetData>",
        rb"</sheetData><sheetData/>", rb'</sheetData><sheetData><row r="1"><c r="A1"><v>9</v></c></row></sheetData>', b"",
        rb"<x/></sheetData>", rb"loose</sheetData>", rb'<c r="A9"><v>9</v></c></sheetData>', rb"</sheetData >",
    ),
    "extent that is said": _on_sheet(
        rb'<dimension ref="[^"]*"/>', *(b'<dimension ref="' + one + b'"/>' for one in (b"A1", b"A1:XFD1048576", b"B2:C3", b"Z9:A1", b"", b"x")), b""
    ),
    "rows or cells swapped": lines_swapped,
    "cells only formatted or far": empty_cells,
    "merged ranges": merges,
    "inline text": _on_sheet(
        rb't="s"><v>(\d+)</v>',
        *(b't="inlineStr">' + one for one in (b"<is><t>x</t></is>", b"<is><t/></is>", b"<is/>", b"", b"<is><t>a</t><t>b</t></is>", b"<is><t> a </t></is>",
            b"<is><r><t>a</t></r><r><t>b</t></r></is>", b"<is>loose</is>", b"<is><t>a</t><rPh sb='0' eb='1'><t>p</t></rPh></is>", b"<is><t>a</t></is><is><t>b</t></is>",
            b"<is><t>a &amp; &#98;</t></is>", b"<is><t><![CDATA[a]]></t></is>", b"<is><t>a<!-- x -->b</t></is>", b"<is><t>a\r\nb</t></is>", b"<is><v>a</v></is>")),
    ),
}  # fmt: skip

ON_OTHERS: dict[str, XmlMutation] = {
    "shared text": shared_string_changed,
    "list of shared texts": _on(STRINGS, rb'(?:unique)?[cC]ount="\d+"|</sst>', b'count="0"', b'uniqueCount="999999999"', b"", b"<x/></sst>", b"</sst><!-- -->", b"<sst><si><t>z</t></si></sst></sst>"),
    "format": _on(
        STYLES, rb'formatCode="[^"]*"', *(b'formatCode="' + one + b'"' for one in (b"General", b"0.00", b"yyyy", b"h", b"[h]:mm", b"@", b"&quot;day&quot;0", b"", b"0;[Red]0", rb"\\d0")),
    ),
    "style": _on(STYLES, rb'<xf numFmtId="(\d+)"([^<>]*?)(/?)>', *(rb'<xf numFmtId="' + one + rb'"\2\3>' for one in (b"0", b"14", b"22", b"1", b"999", b"-1", b"", b"31", b"57", b"49")), rb'<xf\2\3>', b""),
    "name of a sheet": _on(BOOK, rb'<sheet name="([^"]*)"', *(b'<sheet name="' + one + b'"' for one in ("小区台账".encode(), b"", b"x" * 99, b"a&#10;b", b"&amp;", b"[x]:*", "隐".encode(), b"&lt;")), rb"<sheet", rb'<sheet name="\1" name="z"'),
    "link of a sheet": _on(BOOK, rb'r:id="(\w+)"', b'r:id="rId1"', b'r:id="rId2"', b'r:id="rId4"', b'r:id="rId9"', b'r:id=""', b'id="rId1"', rb'relationships:id="\1"', rb'x:id="\1"', b""),
    "state of a sheet": _on(BOOK, rb'state="\w+"|r:id=', b'state="visible" r:id=', b'state="hidden" r:id=', b'state="veryHidden" r:id=', b'state="x" r:id=', b'state="Hidden" r:id='),
    "sheets swapped": _on(BOOK, rb"(<sheet [^<>]*/>)(<sheet [^<>]*/>)", rb"\2\1", rb"\1", rb"\1\1\2", rb"\1<!-- \2 -->", b""),
    "days from 1904": _on(BOOK, rb"<workbookPr", *(b'<workbookPr date1904="' + one + b'"' for one in (b"1", b"0", b"true", b"false", b"on", b"2", b"", b"TRUE")), b'<workbookPr date1904="1"/><workbookPr'),
    "target": _on(
        LINKS, rb'Target="([^"]*)"',
        *(b'Target="' + one + b'"' for one in (rb"/xl/\1", rb"xl/\1", rb"./\1", rb"../xl/\1", rb"../\1", rb"x/../\1", rb"worksheets/sheet1.xml", rb"worksheets/sheet2.xml",
            rb"http://localhost/\1", rb"file:///etc/passwd", b"", rb"\1 ", rb"\1#x", rb"%77orksheets/sheet1.xml", rb"WORKSHEETS/SHEET1.XML", rb"worksheets\\sheet1.xml", rb"/\1", rb"//xl/\1", b"sharedStrings.xml", b"styles.xml")),
        rb'Target="\1" TargetMode="External"', rb'Target="\1" TargetMode="Internal"', rb'target="\1"', b"",
    ),
    "relationship": _on(LINKS, rb"(<Relationship [^<>]*/>)", rb"\1\1", b"", rb"<!-- \1 -->", rb"<x>\1</x>"),
    "kind of a relationship": _on(LINKS, rb'relationships/(worksheet|styles|sharedStrings|theme)"', *(b"relationships/" + one + b'"' for one in (b"worksheet", b"chartsheet", b"styles", b"sharedStrings", b"x", b""))),
    "way to the workbook": _on(ROOT, rb'Target="([^"]*)"', b'Target="xl/other.xml"', rb'Target="/\1"', rb'Target="../\1"', b'Target="xl/worksheets/sheet1.xml"', rb'Target="\1" TargetMode="External"', b""),
    "kind of a part": _on(TYPES, rb'ContentType="([^"]*)"', b'ContentType="application/xml"', b'ContentType="image/png"', b'ContentType=""', rb'ContentType="\1x"', b""),
    "override of a part": _on(TYPES, rb"(<(?:Override|Default) [^<>]*/>)", b"", rb"\1\1", rb"<x/>"),
}  # fmt: skip

ON_ANY: dict[str, XmlMutation] = {
    one.__name__.replace("_", " "): one
    for one in (
        attribute_removed, attribute_doubled, attribute_changed, element_removed, element_doubled, tag_removed, tag_renamed,
        signs_put_in, something_between, cut_short, declared_type, other_encoding, prefixed, other_namespace, nested_deep,
    )
}  # fmt: skip

# -------------------------------------------------------------------------- open documents

_CONTENT = "content.xml"
ON_ODS: dict[str, XmlMutation] = {
    "columns repeated": _on(
        _CONTENT, rb'<table:table-cell(?: table:number-columns-repeated="\d+")?',
        *(b'<table:table-cell table:number-columns-repeated="' + one + b'"' for one in (b"0", b"2", b"3", b"16384", b"1000000", b"4294967295", b"99999999999999999999", b"-1", b"x", b"")),
    ),
    "rows repeated": _on(
        _CONTENT, rb'<table:table-row(?: table:number-rows-repeated="\d+")?',
        *(b'<table:table-row table:number-rows-repeated="' + one + b'"' for one in (b"0", b"2", b"3", b"1048576", b"4294967295", b"99999999999999999999", b"-1", b"x", b"")),
    ),
    "value of a cell": _on(_CONTENT, rb'office:value="[^"]*"', *(b'office:value="' + one + b'"' for one in (b"1", b"-5", b"NaN", b"inf", b"x", b"", b"1e999", b" 5 ", b"1,5")), b""),
    "kind of a value": _on(_CONTENT, rb'office:value-type="\w+"', *(b'office:value-type="' + one + b'"' for one in (b"string", b"float", b"boolean", b"date", b"time", b"percentage", b"currency", b"x", b"void")), b""),
    "text of a cell": _on(_CONTENT, rb"<text:p>([^<]*)</text:p>", rb"<text:p>\1</text:p><text:p>2</text:p>", rb"<text:p>a<text:s/>b</text:p>", rb"<text:p>a<text:s text:c='3'/>b</text:p>", rb"<text:p>a<text:span>b</text:span>c</text:p>", rb"<text:p>a&amp;&#98;</text:p>", rb"<text:p><![CDATA[a]]></text:p>", rb"<text:p>a<!-- -->b</text:p>", rb"<text:p/>", rb"", rb"<text:p>a<text:tab/>b<text:line-break/>c</text:p>", rb"<text:p> a  b </text:p>"),
    "date": _on(_CONTENT, rb'office:date-value="[^"]*"', *(b'office:date-value="' + one + b'"' for one in (b"2003-13-01", b"x", b"", b"2003-05-01T10:11:12", b"20030501")), b""),
    "truth": _on(_CONTENT, rb'office:boolean-value="[^"]*"', *(b'office:boolean-value="' + one + b'"' for one in (b"false", b"TRUE", b"1", b"x", b"")), b""),
    "cell": _on(_CONTENT, rb"(<table:table-cell(?: [^<>]*)?/>)", rb"\1\1", b"", rb"<table:covered-table-cell/>", rb"<table:table-cell office:value-type='string' office:string-value='z'/>"),
    "row": _on(_CONTENT, rb"(<table:table-row>.*?</table:table-row>)", rb"\1\1", b"", rb"<table:table-rows>\1</table:table-rows>", rb"<table:table-row-group>\1</table:table-row-group>", rb"<table:table-header-rows>\1</table:table-header-rows>"),
    "table": _on(_CONTENT, rb'table:name="[^"]*"', b'table:name="z"', b'table:name=""', b""),
}  # fmt: skip
