"""What was found in a file, sheet by sheet, whether or not it is a ledger.

Reads from: ``cells``, ``layouts``, ``mapping``, ``opening``, ``reading``, ``remembering``, ``rules.terms``.
Read by: ``cli``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from taizhang.errors import InputError
from taizhang.exchange.excel.cells import Cell, Grid, address
from taizhang.exchange.excel.headings import Headings
from taizhang.exchange.excel.layouts.look import Layout, look_at
from taizhang.exchange.excel.mapping import LedgerMapping
from taizhang.exchange.excel.opening import OpenSheet, open_sheets
from taizhang.exchange.excel.reading import read_sheets
from taizhang.exchange.excel.recognising import recognise
from taizhang.exchange.excel.remembering import fitting
from taizhang.exchange.excel.tables import Table
from taizhang.rules.terms import Ledger, Pack, RecognisedColumn, SheetCopy

__all__ = ["Examined", "SheetFound", "digest_of", "examine"]


@dataclass(frozen=True, slots=True)
class SheetFound:
    """One sheet as it was understood; rows are numbered as in Excel, from 1.

    Attributes:
        name: Its name.
        kind: ledger (planned from), table, sideways, unclear, empty or hidden.
        hidden: Whether it is hidden.
        cells: How many cells say something.
        digest: Of all of them, by :func:`digest_of`.
        heading_rows: Rows of the heading.
        titles: Rows above it.
        records: Rows that are records; of a sideways table their columns are not counted here.
        hints: Rows below the heading that explain it.
        totals: Rows that add up.
        notes: Rows below that only say something.
        sections: Rows that only name the rows below them.
        merges: How many merged ranges there are.
        columns: Each column with what it was taken for; of no ledger, its heading only.
        others: Further tables on the sheet, as ``A30:F40``.
        reason: Why it is of its kind, in English.
        reason_zh: The same in Chinese.
    """

    name: str
    kind: str
    hidden: bool
    cells: int
    digest: str
    heading_rows: tuple[int, ...]
    titles: tuple[int, ...]
    records: tuple[int, ...]
    hints: tuple[int, ...]
    totals: tuple[int, ...]
    notes: tuple[int, ...]
    sections: tuple[int, ...]
    merges: int
    columns: tuple[RecognisedColumn, ...]
    others: tuple[str, ...]
    reason: str
    reason_zh: str


@dataclass(frozen=True, slots=True)
class Examined:
    """A file as it was understood."""

    file: str
    sheets: tuple[SheetFound, ...]
    mapping: LedgerMapping  #: that was used
    ledger: Ledger | None  #: ``None`` where nothing in it can be planned
    problem: InputError | None  #: then, why
    cells: tuple[Grid, ...]  #: of each sheet


def examine(
    path: Path,
    pack: Pack,
    *,
    mapping: LedgerMapping | None = None,
    remembered: Sequence[LedgerMapping] = (),
) -> Examined:
    """Read a file and say what each of its sheets was taken for.

    Args:
        path: A workbook or a table of text.
        pack: Gives what is known.
        mapping: What the office means.
        remembered: Where none is given, those of earlier ledgers.

    Raises:
        InputError: The file cannot be opened (``E-FILE-…``), or the mapping is wrong (``E-MAPPING-VALUE``).
    """
    sheets = open_sheets(path)
    used = mapping or fitting(sheets, remembered) or LedgerMapping()
    ledger, problem = None, None
    try:
        ledger = read_sheets(path.name, sheets, pack, used)
    except InputError as error:
        if error.code not in ("E-LEDGER-HEADINGS", "E-LEDGER-EMPTY"):
            raise
        problem = error
    copies = ledger.sheets if ledger else [None] * len(sheets)
    known = Headings(pack, used.headings)
    found = tuple(_sheet(one, ledger, copy, known) for one, copy in zip(sheets, copies, strict=True))
    return Examined(path.name, found, used, ledger, problem, tuple(one.rows for one in sheets))


def _sheet(sheet: OpenSheet, ledger: Ledger | None, copy: SheetCopy | None, known: Headings) -> SheetFound:
    layout = look_at(sheet.rows, sheet.merges)
    columns = _columns(sheet, layout, known)
    heading, records, kind = layout.header_rows, layout.records, layout.kind
    reason = (layout.reason, layout.reason_zh)
    if ledger is not None and copy is not None and copy.header_rows:
        columns = tuple(one for one in ledger.columns if one.sheet == sheet.name)
        heading, kind = copy.header_rows, "ledger"
        records = tuple(sorted({row.row - 1 for row in ledger.rows if row.sheet == sheet.name}))
        reason = ("headings are known", "表头可识别")
    elif sheet.hidden and kind != "empty":
        kind, reason = "hidden", ("show it if it is to be read", "如需读取请取消隐藏")
    cells, digest = digest_of(sheet.as_it_was())
    return SheetFound(
        name=sheet.name,
        kind=kind,
        hidden=sheet.hidden,
        cells=cells,
        digest=digest,
        heading_rows=_numbered(heading),
        titles=_numbered(layout.titles),
        records=_numbered(records),
        hints=_numbered(layout.hints),
        totals=_numbered(layout.totals),
        notes=_numbered(layout.notes),
        sections=_numbered(layout.sections),
        merges=len(sheet.merges),
        columns=columns,
        others=tuple(f"{address(*one[:2])}:{address(*one[2:])}" for one in layout.others),
        reason=reason[0],
        reason_zh=reason[1],
    )


def _numbered(rows: Sequence[int]) -> tuple[int, ...]:
    """Row numbers as Excel shows them."""
    return tuple(row + 1 for row in rows)


def _columns(sheet: OpenSheet, layout: Layout, known: Headings) -> tuple[RecognisedColumn, ...]:
    """The headings of a table that is no ledger, as far as they are known."""
    table = Table(layout.headings, layout.header_rows or (0,), ())
    return tuple(recognise(known, sheet.name, table, "")[1])


def digest_of(rows: Sequence[Sequence[Cell]]) -> tuple[int, str]:
    """How many cells say something, and a digest of where and what.

    Two sheets with the same number and digest hold the same cells at the same addresses; 1 and
    1.0 are the same number, and true is none.
    """
    seen = hashlib.sha256()
    count = 0
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is not None and cell != "":
                count += 1
                kind = (
                    "number"
                    if isinstance(cell, int | float) and not isinstance(cell, bool)
                    else type(cell).__name__
                )
                value = float(cell) if kind == "number" else cell  # type: ignore[arg-type]
                seen.update(f"{number},{column},{kind},{value!r}\n".encode("utf-8", "surrogatepass"))
    return count, seen.hexdigest()[:16]
