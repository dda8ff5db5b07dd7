"""The mapping file: what an office means by its headings and its words, and which estates are one.

A small YAML file that a person corrects, or that ``taizhang look --ask`` writes::

    mapping: 1
    office: 河西街道
    headings: {房屋名: 小区名称, 经办: 保留}
    values: {国有土地使用证: {在办: 缺}}
    sheets: {汇总: {skip: true}, 台账: {heading_rows: 3-4, columns: {F: 用地状况}}}
    estates:
      merge: [{into: 针织厂家属院, names: [针织厂家属院南区, 针织厂家属院北区]}]
      split: [{estate: 花园小区, parts: {花园小区一期: {buildings: [1, 2]}, 花园小区二期: {buildings: [3]}}}]

Reads from: ``headings``, ``cells``, ``regrouping``, ``rules.marked``, ``rules.reading``.
Read by: ``reading``, ``remembering``, ``cli``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from taizhang.errors import InputError, PackError
from taizhang.exchange.excel.cells import word_of
from taizhang.exchange.excel.headings import KEPT, Headings, Meaning, normal
from taizhang.exchange.excel.joining.regrouping import Merging, Part, Regrouping, Splitting
from taizhang.rules.marked import Mark, Marked, parse_text
from taizhang.rules.reading import Reading

__all__ = ["LedgerMapping", "Reworded", "SheetMapping", "parse_mapping", "read_mapping"]

_LARGEST = 1_000_000  # bytes
_ROWS = re.compile(r"(\d{1,4})(?:\s*[-–—~至]\s*(\d{1,4}))?")
_COLUMN = re.compile(r"[A-Z]{1,3}")


@dataclass(frozen=True, slots=True)
class Reworded:
    """What is to be read where an office writes a word of its own."""

    text: str
    where: str  #: ``file:line:column``


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """What is said of one sheet."""

    skip: bool = False  #: no ledger; it comes back unchanged
    heading_rows: tuple[int, int] | None = None  #: first and last row of the heading, from 0
    columns: Mapping[str, Meaning] = field(default_factory=dict)  #: letters of a column -> what it is


@dataclass(frozen=True, slots=True)
class LedgerMapping:
    """A mapping file.

    Attributes:
        office: Who writes ledgers so; may be empty.
        headings: Heading in its normal form -> what it is.
        written: The headings as they are written, levels of a merged one joined by ``/``.
        values: Field -> word in its looked-up form -> what is to be read instead.
        sheets: Name of a sheet -> what is said of it.
        regrouping: Estates to merge and to split.
    """

    office: str = ""
    headings: Mapping[str, Meaning] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, Reworded]] = field(default_factory=dict)
    sheets: Mapping[str, SheetMapping] = field(default_factory=dict)
    regrouping: Regrouping = field(default_factory=Regrouping)


def read_mapping(path: Path, known: Headings) -> LedgerMapping:
    """Read a mapping file.

    Args:
        path: UTF-8 text.
        known: The headings, facts and papers of the pack.

    Raises:
        InputError: ``E-MAPPING-FILE`` cannot be read, ``E-MAPPING-FORM`` is not of its form,
            ``E-MAPPING-FIELD`` names something that the pack does not know.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise OSError(f"{path.stat().st_size:,} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "The mapping file {file} cannot be read: {problem}.",
            hint="Check the path, and that it is UTF-8 text.",
            zh="无法读取对照文件 {file}（{problem}）。请检查路径，并确认以 UTF-8 保存。",
            where=path.name,
            code="E-MAPPING-FILE",
            file=path.name,
            problem=getattr(error, "strerror", None) or str(error),
        ) from error
    return parse_mapping(text, path.name, known)


def parse_mapping(text: str, file: str, known: Headings) -> LedgerMapping:
    """Read the text of a mapping file; ``file`` is its name in messages.

    Raises:
        InputError: ``E-MAPPING-FORM``, ``E-MAPPING-FIELD``.
    """
    reading = Reading()
    try:
        found = _document(reading, parse_text(text, file), known)
    except PackError as error:
        raise _as_input_error(error, 0) from error
    if reading.errors:
        raise _as_input_error(reading.errors[0], len(reading.errors) - 1)
    return found


def _as_input_error(error: PackError, more: int) -> InputError:
    """An error of a mapping is the sender's to put right, not a pack author's."""
    code = error.code if error.code == "E-MAPPING-FIELD" else "E-MAPPING-FORM"
    en, zh = (f" ({more} more in this file.)", f"（本文件另有 {more} 处问题。）") if more else ("", "")
    return InputError(
        error.message,
        hint=error.hint + en,
        zh=error.zh + zh,
        where=error.where,
        code=code,
        **error.values,
    )


# ------------------------------------------------------------------------------ document


def _document(reading: Reading, node: Marked, known: Headings) -> LedgerMapping:
    parts = reading.record(node, "mapping office headings values sheets estates", "mapping")
    if "mapping" in parts:
        reading.word(parts["mapping"], "1", "1")
    said = list(reading.items(parts.get("headings")))
    return LedgerMapping(
        reading.text(parts.get("office")),
        {normal(heading): _meaning(reading, known, value) for heading, _, value in said},
        tuple(heading for heading, _, _ in said),
        _values(reading, known, parts.get("values")),
        {name: _sheet(reading, known, one) for name, _, one in reading.items(parts.get("sheets"))},
        _estates(reading, parts.get("estates")),
    )


def _meaning(reading: Reading, known: Headings, node: Marked) -> Meaning:
    """What a heading is said to be: a field by its name or id, or nothing that is used."""
    text = reading.text(node)
    if text in KEPT:
        return Meaning("", str(node.mark))
    return Meaning(_field(reading, known, text, node.mark), str(node.mark))


def _field(reading: Reading, known: Headings, text: str, mark: Mark) -> str:
    found = known.field_of(text)
    if found:
        return found
    near = known.nearest(text)
    reading.errors.append(
        PackError(
            "'{text}' is no field, fact or paper of the pack.",
            hint="Did you mean '{near}'?" if near else "Use a heading of the blank ledger, or keep.",
            zh="规则包中没有“{text}”。"
            + ("是否应为“{near}”？" if near else "请使用空白台账中的表头名称，或写“保留”。"),
            where=str(mark),
            code="E-MAPPING-FIELD",
            text=text,
            near=near,
        )
    )
    return ""


def _values(reading: Reading, known: Headings, node: Marked | None) -> dict[str, dict[str, Reworded]]:
    return {
        _field(reading, known, name, mark): {
            word_of(word): Reworded(reading.text(text), str(text.mark))
            for word, _, text in reading.items(words)
        }
        for name, mark, words in reading.items(node)
    }


def _sheet(reading: Reading, known: Headings, node: Marked) -> SheetMapping:
    parts = reading.record(node, "skip heading_rows columns")
    columns = {}
    for letters, mark, value in reading.items(parts.get("columns")):
        if not _COLUMN.fullmatch(letters):
            reading.report(
                "E00", mark, "'{at}' is no column.", "Write A, B … AA.", "“{at}”不是列号，请写作 A、B、AA。",
                at=letters,
            )  # fmt: skip
        columns[letters] = _meaning(reading, known, value)
    rows = None
    if "heading_rows" in parts:
        rows = _rows(reading, parts["heading_rows"])
    return SheetMapping(reading.flag(parts.get("skip"), default=False), rows, columns)


def _rows(reading: Reading, node: Marked) -> tuple[int, int] | None:
    found = _ROWS.fullmatch(reading.text(node).strip())
    first = int(found[1]) if found else 0
    last = int(found[2] or first) if found else 0
    if first < 1 or last < first or last - first > 9:
        reading.report(
            "E00", node.mark, "No row numbers.", "Write 3, or 3-4 for a heading over two rows.",
            "不是行号，请写作 3；表头占两行时写作 3-4。",
        )  # fmt: skip
        return None
    return first - 1, last - 1


# ------------------------------------------------------------------------------- estates


def _estates(reading: Reading, node: Marked | None) -> Regrouping:
    parts = reading.record(node, "merge split") if node else {}
    return Regrouping(
        tuple(_merge(reading, one) for one in reading.list_(parts.get("merge"))),
        tuple(_split(reading, one) for one in reading.list_(parts.get("split"))),
    )


def _merge(reading: Reading, node: Marked) -> Merging:
    parts = reading.record(node, "into names county", "into names")
    names = tuple(reading.text(one) for one in reading.list_(parts.get("names")))
    return Merging(reading.text(parts.get("into")), names, reading.text(parts.get("county")), str(node.mark))


def _split(reading: Reading, node: Marked) -> Splitting:
    parts = reading.record(node, "estate parts county", "estate parts")
    found = {name: _part(reading, one) for name, _, one in reading.items(parts.get("parts"))}
    return Splitting(
        reading.text(parts.get("estate")), found, reading.text(parts.get("county")), str(node.mark)
    )


def _part(reading: Reading, node: Marked) -> Part:
    parts = reading.record(node, "buildings units", "buildings")
    buildings = tuple(reading.text(one) for one in reading.list_(parts.get("buildings")))
    units = parts.get("units")
    if units is None:
        return Part(buildings)
    text = reading.text(units)
    if not text.isdecimal():
        reading.report(
            "E00", units.mark, "'{text}' is no number of units.", "Write a whole number.",
            "“{text}”不是户数，请写整数。", text=text,
        )  # fmt: skip
        return Part(buildings)
    return Part(buildings, int(text))
