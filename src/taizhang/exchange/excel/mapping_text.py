"""A mapping as the text of its file, with notes that help to correct it.

Reads from: ``headings``, ``mapping``, ``regrouping``.  Read by: ``cli``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from taizhang.exchange.excel.headings import KEPT, Headings, normal
from taizhang.exchange.excel.joining.regrouping import Part, Regrouping
from taizhang.exchange.excel.mapping import LedgerMapping, SheetMapping

__all__ = ["mapping_text"]

_FORBIDDEN = re.compile("[^\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_HEAD = """\
# 表头对照：左边是台账中的表头，右边是栏目、事实或材料的名称；“保留”表示原样保留、不采用。
# 用法：taizhang plan {ledger} --mapping 本文件
# Left: a heading of the ledger; right: the name of a field, fact or paper; keep: not used, kept as it is.
mapping: 1
"""


def mapping_text(
    mapping: LedgerMapping, known: Headings, ledger: str, notes: Mapping[str, str] | None = None
) -> str:
    """Return the text of a mapping file; reading it gives the same mapping.

    Args:
        mapping: What is to be written.
        known: Gives the names of fields.
        ledger: The file it was made for, shown in the example.
        notes: Heading as written -> a remark behind it.
    """
    lines = [_HEAD.format(ledger=" ".join(ledger.split())).rstrip("\n")]
    if mapping.office:
        lines.append(f"office: {_quoted(mapping.office)}")
    lines += _headings(mapping, known, notes or {})
    lines += _values(mapping, known)
    lines += _sheets(mapping.sheets, known)
    lines += _estates(mapping.regrouping)
    return "\n".join(lines) + "\n"


def _headings(mapping: LedgerMapping, known: Headings, notes: Mapping[str, str]) -> Iterator[str]:
    if mapping.written:
        yield "headings:"
    for heading in mapping.written:
        note = f"  # {' '.join(notes[heading].split())}" if notes.get(heading) else ""
        yield f"  {_quoted(heading)}: {_named(mapping.headings[normal(heading)].field, known)}{note}"


def _values(mapping: LedgerMapping, known: Headings) -> Iterator[str]:
    if mapping.values:
        yield "values:"
    for field, words in mapping.values.items():
        yield f"  {_named(field, known)}:"
        for word, meant in words.items():
            yield f"    {_quoted(word)}: {_quoted(meant.text)}"


def _sheets(sheets: Mapping[str, SheetMapping], known: Headings) -> Iterator[str]:
    if sheets:
        yield "sheets:"
    for name, told in sheets.items():
        yield f"  {_quoted(name)}:"
        yield f"    skip: {str(told.skip).lower()}"
        if told.heading_rows:
            yield f"    heading_rows: {told.heading_rows[0] + 1}-{told.heading_rows[1] + 1}"
        if told.columns:
            yield "    columns:"
        for letters, meaning in told.columns.items():
            yield f"      {letters}: {_named(meaning.field, known)}"


def _estates(regrouping: Regrouping) -> Iterator[str]:
    if regrouping.merges or regrouping.splits:
        yield "estates:"
    if regrouping.merges:
        yield "  merge:"
    for one in regrouping.merges:
        yield f"    - into: {_quoted(one.into)}"
        yield f"      names: [{', '.join(map(_quoted, one.names))}]"
        if one.county:
            yield f"      county: {_quoted(one.county)}"
    if regrouping.splits:
        yield "  split:"
    for split in regrouping.splits:
        yield f"    - estate: {_quoted(split.estate)}"
        if split.county:
            yield f"      county: {_quoted(split.county)}"
        yield "      parts:"
        for name, part in split.parts.items():
            yield f"        {_quoted(name)}: {_part(part)}"


def _part(part: Part) -> str:
    units = f", units: {part.units}" if part.units is not None else ""
    return f"{{buildings: [{', '.join(map(_quoted, part.buildings))}]{units}}}"


def _named(field: str, known: Headings) -> str:
    """The name of a field; its id where the name is that of another."""
    if not field:
        return KEPT[0]
    name = known.name_of(field)
    return _quoted(name if known.field_of(name) == field else field)


def _quoted(text: str) -> str:
    """A text as YAML and JSON both write it; what YAML does not allow is named by its number."""
    return _FORBIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
