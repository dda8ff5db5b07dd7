"""What an office was once understood to mean, kept for its next ledger.

One mapping file for each office, in the folder ``mappings`` of the data folder: text that can be
read, corrected, copied and deleted like any other.

Reads from: ``cells``, ``headings``, ``mapping``, ``opening``.  Read by: ``reading``, ``cli``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from taizhang.errors import InputError
from taizhang.exchange.excel.cells import stripped
from taizhang.exchange.excel.headings import Headings, normal
from taizhang.exchange.excel.mapping import LedgerMapping, read_mapping
from taizhang.exchange.excel.opening import OpenSheet

__all__ = ["fitting", "kept_texts", "mapping_of", "remember", "remembered"]

_FOLDER = "mappings"
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST = 60  # characters of a file name: Chinese ones are three bytes each
_TOP = 30  # rows in which headings stand


def _path(data: Path, office: str) -> Path:
    name = _FORBIDDEN.sub("_", office).strip(" .")[:_LONGEST]
    if not name:
        raise InputError(
            "'{office}' cannot be the name of an office.",
            hint="Give its name, for example 河西街道.",
            zh="“{office}”不能作为单位名称，请写明单位，例如“河西街道”。",
            code="E-ARG-OFFICE",
            office=office,
        )
    return data / _FOLDER / f"{name}.yaml"


def remember(data: Path, office: str, text: str) -> Path:
    """Keep a mapping for an office, in place of an earlier one; return where.

    Args:
        data: The data folder; it is made where it is not there.
        office: Its name.
        text: A mapping file.

    Raises:
        InputError: ``E-ARG-OFFICE`` no name.
    """
    path = _path(data, office)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def mapping_of(data: Path, office: str, known: Headings) -> LedgerMapping:
    """The mapping that was kept for an office.

    Raises:
        InputError: ``E-OFFICE-UNKNOWN`` nothing was kept for it; or what reading it raises.
    """
    path = _path(data, office)
    if not path.is_file():
        kept = "、".join(sorted(one.stem for one in path.parent.glob("*.yaml"))[:20])
        raise InputError(
            "Nothing is remembered for the office {office}. Known: {kept}.",
            hint="Look at a ledger of it first: taizhang look LEDGER --ask --office {office}",
            zh="没有“{office}”的对照记录，现有：{kept}。"
            "请先执行 taizhang look 台账 --ask --office {office}。",
            code="E-OFFICE-UNKNOWN",
            office=office,
            kept=kept or "-",
        )
    return read_mapping(path, known)


def remembered(data: Path, known: Headings) -> Iterator[LedgerMapping]:
    """Every mapping that is kept, in order of names; one that the pack no longer fits is passed over."""
    for path in sorted((data / _FOLDER).glob("*.yaml")):
        try:
            yield read_mapping(path, known)
        except InputError:
            continue  # of another pack, or damaged: said when it is asked for by name


def kept_texts(data: Path, office: str = "") -> tuple[tuple[str, str], ...]:
    """Name and text of the mappings that are kept, or of the one that is kept for an office."""
    paths = [_path(data, office)] if office else sorted((data / _FOLDER).glob("*.yaml"))
    return tuple(
        (one.name, one.read_text(encoding="utf-8-sig", errors="replace")) for one in paths if one.is_file()
    )


def fitting(sheets: Iterable[OpenSheet], mappings: Sequence[LedgerMapping]) -> LedgerMapping | None:
    """The remembered mapping of which every heading stands in these sheets; nothing where several do.

    The one that explains more headings is preferred, so that the answer is one office or none.
    """
    if not mappings:
        return None
    there = {
        normal(text)
        for sheet in sheets
        for row in sheet.rows[:_TOP]
        for cell in row
        if (text := stripped(cell))
    }
    found = [one for one in mappings if one.headings and there.issuperset(_parts(one))]
    most = max((len(one.headings) for one in found), default=0)
    best = [one for one in found if len(one.headings) == most]
    return best[0] if len(best) == 1 else None


def _parts(mapping: LedgerMapping) -> set[str]:
    """The headings of a mapping as cells have them: each level of a merged one in its own cell."""
    return {normal(part) for heading in mapping.written for part in heading.split("/") if normal(part)}
