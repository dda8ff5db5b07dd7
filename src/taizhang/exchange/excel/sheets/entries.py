"""The sheet 补录: what was entered in a plan workbook and has no cell of its own in the tables.

Reads from: ``frame``, ``progress``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections.abc import Iterator

from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import Book, Column, Table, lay
from taizhang.exchange.excel.sheets.progress import Progress
from taizhang.rules.terms import Entry

__all__ = ["entries_of", "entries_sheet"]

_COLUMNS = (
    ("number", 9, "center"), ("county", 12, "text"), ("estate", 24, "wrap"), ("building", 9, "text"),
    ("unit", 12, "text"), ("what", 32, "wrap"), ("entered", 20, "entry"), ("origin", 44, "wrap"),
)  # fmt: skip


def entries_of(book: Book) -> list[Entry]:
    """Return the entries of all ledgers; how far a paper is stands in 缺项清单, as long as it is missing."""
    found = [entry for ledger in book.city.ledgers for entry in ledger.entries]
    shown = Progress(book.city).shown(book.gaps) if found else set()
    return [entry for entry in found if (entry.what, entry.place) not in shown]


def entries_sheet(book: Book) -> None:
    """Write 补录, where there is something to be written."""
    w, found = book.wording, entries_of(book)
    if not found:
        return
    table = Table(
        sheet=w.sheet("entries"),
        title=w.sheet("entries"),
        columns=[Column(w.say(key), width, style) for key, width, style in _COLUMNS],
        rows=_rows(book, found),
        count=len(found),
        printed=len(_COLUMNS),
        frozen=0,
    )
    lay(book, table)


def _rows(book: Book, found: list[Entry]) -> Iterator[tuple[Content, ...]]:
    for number, one in enumerate(found, 1):
        where = "·".join(filter(None, (one.origin.ledger, one.origin.sheet, one.origin.cell)))
        yield number, *one.place, book.sentences.label(one.what), one.text, where
