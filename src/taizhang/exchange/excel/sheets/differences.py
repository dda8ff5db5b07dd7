"""The sheet 并表对照: what two cells say of the same thing, side by side, each one click away.

Reads from: ``cells``, ``citing``, ``conflicts``, ``frame``, ``originals``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taizhang.exchange.excel.cells import as_text
from taizhang.exchange.excel.joining.citing import position
from taizhang.exchange.excel.joining.conflicts import label_of
from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import Book, Column, Table, lay
from taizhang.exchange.excel.sheets.originals import OriginalNames
from taizhang.rules.terms import Cited, Difference, SheetCopy

__all__ = ["differences_sheet"]

_PLACE = (
    ("number", 7, "center"), ("kind", 11, "center"), ("county", 9, "wrap"), ("estate", 18, "wrap"),
    ("building", 8, "center"), ("unit", 9, "center"), ("what", 16, "wrap"),
)  # fmt: skip
_SIDE = (("said", 20, "wrap"), ("file", 15, "wrap"), ("sheet", 14, "wrap"), ("cell", 9, "link"))
_USED_CELL, _OTHER_CELL = 10, 14  #: columns that lead to where a text stands
_ORDER = ("conflict", "disagree", "deleted", "added", "changed")  # what asks for a person comes first
_LINKS = 30_000  #: rows with links: Excel allows 65,530 in a sheet, and each row has two


def differences_sheet(book: Book, names: OriginalNames) -> None:
    """Write 并表对照, where ledgers say anything in two ways."""
    found = sorted(book.city.differences, key=lambda one: _ORDER.index(one.kind))
    if not found:
        return
    w = book.wording
    copies = _Copies(book, names)
    targets = [(copies.of(one.used), copies.of(one.other)) for one in found]
    links = {
        (row, column): "'{}'!{}".format(copy.replace("'", "''"), cited.cell)
        for row, (one, pair) in enumerate(zip(found[:_LINKS], targets, strict=False))
        for column, cited, copy in zip((_USED_CELL, _OTHER_CELL), (one.used, one.other), pair, strict=True)
        if copy is not None
    }
    columns = [Column(w.say(key), width, style) for key, width, style in _PLACE]
    for side in ("used_side", "other_side"):
        columns += [Column(f"{w.say(side)}{w.say(key)}", width, style) for key, width, style in _SIDE]
    table = Table(
        sheet=w.sheet("differences"),
        title=w.sheet("differences"),
        columns=columns,
        rows=_rows(book, found, targets),
        count=len(found),
        printed=len(columns),
        frozen=4,
        remark=w.say("differences_remark"),
        links=links,
    )
    lay(book, table)


def _rows(
    book: Book, found: Sequence[Difference], targets: Sequence[tuple[str | None, str | None]]
) -> Iterator[tuple[Content, ...]]:
    w, pack = book.wording, book.city.pack
    empty = w.say("empty_cell")
    for number, (one, copies) in enumerate(zip(found, targets, strict=True), 1):
        sides: list[Content] = []
        for cited, copy in zip((one.used, one.other), copies, strict=True):
            sides += [cited.text or empty, cited.ledger, copy or cited.sheet, cited.cell]
        what = label_of(pack, one.what).in_(w.language)
        yield (number, w.difference(one.kind), *one.place, what, *sides)


class _Copies:
    """Where our copy of a quoted cell is."""

    def __init__(self, book: Book, names: OriginalNames) -> None:
        self._of: dict[tuple[str, str], list[tuple[str, SheetCopy]]] = {}
        for name, ledger, sheet in names.of_ledgers(book.city):
            self._of.setdefault((ledger, sheet.name), []).append((name, sheet))

    def of(self, cited: Cited) -> str | None:
        """The sheet with the copy; of two files of one name that in which the cell says so."""
        at = position(cited.cell)
        copies = self._of.get((cited.ledger, cited.sheet), []) if at else []
        if at is None or not copies:
            return None
        row, column = at
        for name, sheet in copies if len(copies) > 1 else ():
            cells = sheet.rows[row] if row < len(sheet.rows) else ()
            if column < len(cells) and as_text(cells[column]) == cited.text:
                return name
        return copies[0][0]
