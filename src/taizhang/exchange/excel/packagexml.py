"""What the parts of a .xlsx say of each other: its sheets, its styles, its texts.

The reader of values goes by the usual names of the parts, others go by the relationships; a package in
which the two differ would show each of them another workbook, and is refused.

Reads from: ``containers``, ``strictxml``.  Read by: ``opening``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from taizhang.exchange.excel.coarse import coarse_styles
from taizhang.exchange.excel.containers import Parts
from taizhang.exchange.excel.soundsheet import Looks
from taizhang.exchange.excel.strictxml import (
    MAIN,
    NEVER_DEEPER,
    Element,
    StrictParser,
    check_string,
    elements_of,
    text_pattern,
)

__all__ = ["Package", "check_strings", "package_of"]

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_LONGEST_TEXT = 1 << 20  # bytes
_WORKBOOK, _STRINGS, _STYLES = "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"
_FOLDERS = {"worksheet": "worksheets", "chartsheet": "chartsheets", "dialogsheet": "dialogsheets"}
_NO_LETTERS = re.compile(  # of a format: what is quoted, colours and places, General, an exponent
    r'"[^"]*"|[\\_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\]|General|[eE][+-]', re.IGNORECASE
)
_NO_DAYS = frozenset({*range(14), *range(37, 41), 48, 49})  # built-in formats that show no day and no time
_PLAIN_TEXTS = re.compile(
    rb"(?:(?:<si>(?:<t(?: xml:space=\"preserve\")?+>" + text_pattern + rb"</t>|<t/>)"
    rb"(?:<phoneticPr [^<>]*+/>)?+</si>|<si/>)\s*+)++"
)


@dataclass(frozen=True, slots=True)
class Package:
    """What a .xlsx says of itself.

    Attributes:
        sheets: Name of each worksheet -> the part that holds it.
        looks: Its styles.
        date_1904: Whether its days count from 1904.
    """

    sheets: dict[str, str]
    looks: Looks
    date_1904: bool


@dataclass(frozen=True, slots=True)
class _Relation:
    """A relationship.

    Attributes:
        kind: The last word of its type.
        part: The part it leads to; nothing where that is outside of the package.
    """

    kind: str
    part: str


def package_of(parts: Parts) -> Package:
    """Read what the package says of itself.

    Raises:
        ValueError: It contradicts itself, or lacks a part.
    """
    names = {name.casefold() for name in parts.names}
    main = [one.part for one in _relations(parts, "_rels/.rels", "").values() if one.kind == "officeDocument"]
    if [one.casefold() for one in main] != [_WORKBOOK.casefold()]:
        raise ValueError(f"its workbook is not {_WORKBOOK} but {', '.join(main) or 'missing'}")
    _check_types(parts)
    relations = _relations(parts, "xl/_rels/workbook.xml.rels", "xl/")
    for kind, usual in (("sharedStrings", _STRINGS), ("styles", _STYLES)):
        said = [one.part.casefold() for one in relations.values() if one.kind == kind]
        if said != [usual.casefold()] * (usual.casefold() in names) and said != [usual.casefold()]:
            raise ValueError(f"its {kind} are not {usual} but {', '.join(said) or 'not named'}")
    workbook = elements_of(_WORKBOOK, parts.pieces(_WORKBOOK))
    if workbook[0].path != ("workbook",) or workbook[0].space not in MAIN:
        raise ValueError(f"{_WORKBOOK} is no workbook")
    return Package(_sheets(workbook, relations, names), _looks(parts), _date_1904(workbook))


def _check_types(parts: Parts) -> None:
    """Refuse a list of the kinds of parts that others could not read; the reader of values does without."""
    for one in elements_of("[Content_Types].xml", parts.pieces("[Content_Types].xml")):
        known = {"Default": "Extension", "Override": "PartName"}.get(one.name)
        if len(one.path) > 1 and not (
            known and one.attributes.get(known) and "ContentType" in one.attributes
        ):
            raise ValueError(f"[Content_Types].xml lists {one.name} as no kind of a part")


def _relations(parts: Parts, part: str, folder: str) -> dict[str, _Relation]:
    """Number of each relationship of a part -> the relationship."""
    found: dict[str, _Relation] = {}
    for one in elements_of(part, parts.pieces(part)):
        if one.space != _RELATIONS or one.path[1:] != ("Relationship",):
            if one.path != ("Relationships",) or one.space != _RELATIONS:
                raise ValueError(f"{part} lists what is no relationship")
            continue
        number, target = one.attributes.get("Id", ""), one.attributes.get("Target", "")
        if not number or number in found:
            raise ValueError(f"{part} says {number or 'a relationship'} twice or not at all")
        space, _, kind = one.attributes.get("Type", "").rpartition("/")
        outside = one.attributes.get("TargetMode", "Internal") != "Internal"
        found[number] = _Relation(
            kind if space in _OFFICE else "", "" if outside else _resolved(folder, target)
        )
    return found


def _resolved(folder: str, target: str) -> str:
    """The part that a target leads to; nothing where it is written so that readers differ on it."""
    path = posixpath.normpath(target[1:] if target.startswith("/") else folder + target)
    if not target or re.search(r"[\\\\%#?:]|(?:^|/)\\.\\.?(?:/|$)|//", target):
        return ""
    return path


def _sheets(workbook: list[Element], relations: dict[str, _Relation], names: set[str]) -> dict[str, str]:
    sheets: dict[str, str] = {}
    seen: set[str] = set()
    for one in workbook:
        if one.path[1:2] == ("sheets",) and len(one.path) == 3 and one.name != "sheet":
            raise ValueError(f"there is a {one.name} among its sheets")
        if one.name != "sheet":
            continue
        name = one.attributes.get("name", "")
        numbers = [text for key, text in one.attributes.items() if re.fullmatch(r"\S+/relationships id", key)]
        relation = relations.get(numbers[0]) if len(numbers) == 1 else None
        if one.path != ("workbook", "sheets", "sheet") or relation is None or not relation.part:
            raise ValueError(f"the sheet {name!r} is nowhere")
        folder = _FOLDERS.get(relation.kind, "")
        if not folder or relation.part.split("/")[:2] != ["xl", folder]:
            raise ValueError(f"the sheet {name!r} is a {relation.kind or 'thing'} in {relation.part}")
        if re.search(r"[\[\]:*?/\\]", name):
            raise ValueError(f"no sheet can have the name {name!r}")
        if not name or {name.casefold(), f"/{relation.part.casefold()}"} & seen:
            raise ValueError(f"there are two sheets {name!r}, or two names of {relation.part}")
        seen |= {name.casefold(), f"/{relation.part.casefold()}"}
        if relation.part.casefold() not in names:
            raise ValueError(f"the sheet {name!r} is missing")
        if relation.kind == "worksheet":
            sheets[name] = relation.part
    return sheets


def _date_1904(workbook: list[Element]) -> bool:
    said = [one.attributes.get("date1904", "0") for one in workbook if one.name == "workbookPr"]
    if len(said) > 1 or not {"0", "1", "true", "false"}.issuperset(said):
        raise ValueError("it does not say from when its days count")
    return bool(said) and said[0] in {"1", "true"}


def _looks(parts: Parts) -> Looks:
    if _STYLES not in parts.names:
        return Looks()
    codes: dict[str, str] = {}
    formats: list[str] = []
    for one in elements_of(_STYLES, parts.pieces(_STYLES)):
        if one.name == "numFmt" and one.path[1:2] == ("numFmts",):
            number = one.attributes.get("numFmtId", "")
            if number in codes:
                raise ValueError(f"there are two formats {number}")
            codes[number] = one.attributes.get("formatCode", "")
            if "formatCode" not in one.attributes:
                raise ValueError(f"the format {number} says nothing")
        elif one.path == ("styleSheet", "cellXfs", "xf"):
            formats.append(one.attributes.get("numFmtId", "0"))
    if any(not re.fullmatch(r"[0-9]{1,9}", one) for one in (*codes, *formats)):
        raise ValueError("a format has no number")
    if formats and _may_be_day(formats[0], codes):  # the reader of values takes them for numbers
        raise ValueError("its cells without a format of their own would be days")
    days = frozenset(at for at, one in enumerate(formats) if _may_be_day(one, codes))
    own = {int(number): code for number, code in codes.items()}
    return Looks(len(formats), days, coarse_styles(map(int, formats), own))


def _may_be_day(number: str, codes: dict[str, str]) -> bool:
    if number in codes:
        return bool(re.search("[dmyhsegDMYHSEG年月日时]", _NO_LETTERS.sub("", codes[number])))
    return int(number) not in _NO_DAYS


def check_strings(part: str, pieces: Iterable[bytes]) -> None:
    """Look through the texts that cells share.

    Raises:
        ValueError: They are damaged, or could be read in two ways.
    """
    said: list[str] = []  # how many texts the list says it has
    parser, rest = StrictParser(part, partial(_begins_text, part, said), partial(_ends_text, part)), b""
    size = 0
    for piece in pieces:
        size += len(piece)
        text, at = rest + piece, 0
        if not parser.depth and (begun := text.find(b"<si")) > 0:
            parser.feed(text[:begun])
            at = begun
        while True:
            if parser.between(1) and (found := _PLAIN_TEXTS.match(text, at)):
                if not found[0].isascii():
                    found[0].decode()  # no other bytes than UTF-8
                at = found.end()
            if (end := text.find(b"</si>", at)) < 0:
                break
            parser.feed(text[at : end + 5])
            at = end + 5
        rest = text[at:]
        if len(rest) > _LONGEST_TEXT:
            parser.feed(rest)
            rest = b""
    parser.feed(rest)
    parser.feed(b"", last=True)
    if any(not re.fullmatch("[0-9]{1,10}", one) or int(one) > size for one in said):
        raise ValueError(f"{part} says that it has {said} texts")  # the reader makes room for so many


def _begins_text(part: str, said: list[str], element: Element) -> None:
    depth, name = len(element.path), element.name
    if depth == 1:
        said += filter(None, [element.attributes.get("uniqueCount")])
    if (depth == 1) != (name == "sst") or (depth == 2 and name not in {"si", "extLst"}):
        raise ValueError(f"{part} holds a {name} where none can be")
    if "rPr" in element.path[:-1] and name in NEVER_DEEPER:
        raise ValueError(f"{part} holds a {name} within a format")
    if (element.space not in MAIN and "extLst" not in element.path) or "t" in element.path[:-1]:
        raise ValueError(f"{part} holds a {name} that is no text")


def _ends_text(part: str, element: Element) -> None:
    if element.name in {"si", "r"} and len(element.path) in {2, 3}:
        check_string(part, element)
