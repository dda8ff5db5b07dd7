"""A log of finished work: one row for each piece of work; read from any table, written as a workbook.

Reads from: ``opening``, ``cells``, ``values``, ``headings``, ``rules``, xlsxwriter.
Read by: the counter at the terminal.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import xlsxwriter

from taizhang.errors import InputError
from taizhang.exchange.excel.cells import Cell, address, as_text, word_of
from taizhang.exchange.excel.headings import normal
from taizhang.exchange.excel.opening import OpenSheet, open_sheets
from taizhang.exchange.excel.values import Nearly, Refusal, read_day
from taizhang.rules.reading import nearest
from taizhang.rules.terms import Complaint, Completed, Label, Pack

__all__ = ["Log", "read_log", "write_log"]

_HOUR = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*$")  # behind a day that is written as text
_DEEPEST = 20  # rows among which the headings are looked for
#: What a column may be called: first as it is written in Chinese, last as in English.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "item": ("事项", "材料", "缺项", "事项名称", "办理事项", "item"),
    "supplier": ("责任单位", "单位", "部门", "经办单位", "承办单位", "责任部门", "supplier"),
    "received": ("收件日期", "收件时间", "受理日期", "受理时间", "交办日期", "received"),
    "begun": ("开始日期", "开始办理", "开始办理日期", "着手日期", "begun"),
    "ended": ("办结日期", "办结时间", "完成日期", "完成时间", "销号日期", "ended"),
}


@dataclass(slots=True)
class Log:
    """What a log says.

    Attributes:
        completed: Finished work, in the order of the rows.
        unfinished: Rows without a day on which the work ended, or with one that is still to come.
        complaints: Rows that could not be used.
        without_begun: Whether it does not say when work was begun: then that is the day it was received.
    """

    completed: list[Completed] = field(default_factory=list)
    unfinished: int = 0
    complaints: list[Complaint] = field(default_factory=list)
    without_begun: bool = False


def read_log(path: Path, pack: Pack, years: Collection[int]) -> Log:
    """Read a log of finished work.

    Args:
        path: A workbook or a table of text with the columns 事项, 责任单位, 收件日期, 开始日期, 办结日期 in
            any order, or their English names ``item``, ``supplier``, ``received``, ``begun``, ``ended``;
            supplier and begun may be left out.
        pack: Its nodes, papers and suppliers may be named by id or label.
        years: Those whose working days are known.

    Raises:
        InputError: ``E-LOG-HEADINGS`` no sheet has these columns; or as :func:`open_sheets`.
    """
    log, found = Log(), False
    for sheet in open_sheets(path):
        table = None if sheet.hidden else _table(sheet)
        if table is not None:
            found = True
            log.without_begun |= "begun" not in table.columns
            log.complaints += [_twice(sheet.name, table.row, *one) for one in table.again]
            _Rows(sheet, table.columns, pack, years, log).read(table.row)
    if not found:
        raise InputError(
            "No sheet has the columns of a log of finished work.",
            hint="Name them item, supplier, received, begun, ended; item, received and ended are needed.",
            zh="没有找到办件记录的列。请使用列名：事项、责任单位、收件日期、开始日期、办结日期"
            "（事项、收件日期、办结日期必填）。",
            where=path.name,
            code="E-LOG-HEADINGS",
        )
    return log


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a log stands on a sheet: the row of its headings, their columns, and those that come again."""

    row: int
    columns: dict[str, int]
    again: list[tuple[int, str]]


def _table(sheet: OpenSheet) -> _Table | None:
    """The first row that has the headings of a log."""
    known = {normal(name): what for what, names in _HEADINGS.items() for name in names}
    for row, cells in enumerate(sheet.rows[:_DEEPEST]):
        columns: dict[str, int] = {}
        again: list[tuple[int, str]] = []
        for column, cell in enumerate(cells):
            what = known.get(normal(as_text(cell)))
            if what and what in columns:
                again.append((column, as_text(cell)))
            elif what:
                columns[what] = column
        if columns.keys() >= {"item", "received", "ended"}:
            return _Table(row, columns, again)
    return None


class _Rows:
    """The rows of one sheet."""

    def __init__(
        self, sheet: OpenSheet, columns: Mapping[str, int], pack: Pack, years: Collection[int], log: Log
    ) -> None:
        self.sheet, self.columns, self.pack, self.years, self.log = sheet, columns, pack, years, log
        things = {**pack.nodes, **pack.evidence}
        self.items, self.suppliers = _names(things.items()), _names(pack.suppliers.items())
        self.spelt = {"item": _spelt(things.items()), "supplier": _spelt(pack.suppliers.items())}

    def read(self, headings: int) -> None:
        for row, cells in enumerate(self.sheet.rows[headings + 1 :], headings + 1):
            if any(word_of(cell) for cell in cells):
                self._read(row, cells)

    def _read(self, row: int, cells: Sequence[Cell]) -> None:
        item = self._named(row, cells, "item", self.items, "C-LOG-ITEM")
        ended = self._day(row, cells, "ended")
        received = self._day(row, cells, "received")
        begun = self._day(row, cells, "begun") if word_of(self._cell(cells, "begun")) else received
        supplier = ""
        if word_of(self._cell(cells, "supplier")):
            supplier = self._named(row, cells, "supplier", self.suppliers, "C-LOG-SUPPLIER") or "?"
        if read_day(self._cell(cells, "ended")) is None:
            self.log.unfinished += 1
            return
        if item is None or ended is None or received is None or begun is None or supplier == "?":
            return
        if ended > self.pack.as_of:
            self.log.unfinished += 1
            return
        if not received <= begun <= ended:
            self._complain(
                row, "ended", cells, "C-LOG-ORDER",
                "The days are not in order: received, begun, ended.",
                "日期先后有误：应为收件、开始、办结。",
            )  # fmt: skip
            return
        self.log.completed.append(
            Completed(item, supplier or _usual(self.pack, item), received, begun, ended)
        )

    def _cell(self, cells: Sequence[Cell], what: str) -> Cell:
        column = self.columns.get(what, -1)
        return cells[column] if 0 <= column < len(cells) else None

    def _named(
        self, row: int, cells: Sequence[Cell], what: str, known: Mapping[str, str], code: str
    ) -> str | None:
        cell = self._cell(cells, what)
        found = known.get(normal(as_text(cell)))
        if found is None:
            close = nearest(as_text(cell).strip(), self.spelt[what])
            self._complain(
                row, what, cells, code,
                "The pack has no such name." + (f" Did you mean '{close}'?" if close else ""),
                "规则包中没有这一名称。" + (f"是否应为“{close}”？" if close else ""),
            )  # fmt: skip
        return found

    def _day(self, row: int, cells: Sequence[Cell], what: str) -> date | None:
        cell = self._cell(cells, what)
        day = _HOUR.sub("", cell) if isinstance(cell, str) else cell
        read = read_day(day, date_1904=self.sheet.date_1904)
        if isinstance(read, Nearly):
            read = read.value if isinstance(read.value, date) else None
        if isinstance(read, Refusal):
            self._complain(row, what, cells, read.code, read.en, read.zh)
            return None
        if read is not None and read.year not in self.years:
            self._complain(
                row, what, cells, "C-LOG-YEAR",
                "The working days of this year are not known.",
                "该年份没有工作日历，未采用。",
            )  # fmt: skip
            return None
        if read is None and what == "received":
            self._complain(
                row, what, cells, "C-LOG-NO-DAY", "The day it was received is missing.", "缺少收件日期。"
            )
        return read

    def _complain(self, row: int, what: str, cells: Sequence[Cell], code: str, en: str, zh: str) -> None:
        at = address(row, self.columns[what])
        read = as_text(self._cell(cells, what))[:200]
        self.log.complaints.append(Complaint(code, self.sheet.name, at, read, en, zh))


def _twice(sheet: str, row: int, column: int, heading: str) -> Complaint:
    return Complaint(
        "C-HEADING-TWICE",
        sheet,
        address(row, column),
        heading,
        "Another column before it holds this; that one is used.",
        "前面已有含义相同的列，采用前者。",
    )


def _called(name: str, record: object) -> set[str]:
    label = record if isinstance(record, Label) else getattr(record, "label", None)
    return {name} if label is None else {name, label.zh, label.en}


def _spelt(records: Collection[tuple[str, object]]) -> set[str]:
    return {one for name, record in records for one in _called(name, record)}


def _names(records: Collection[tuple[str, object]]) -> dict[str, str]:
    """Ids by what they may be called; a name that two have is nobody's."""
    found: dict[str, set[str]] = {}
    for name, record in records:
        for one in _called(name, record):
            found.setdefault(normal(one), set()).add(name)
    return {one: min(names) for one, names in found.items() if len(names) == 1}


def _usual(pack: Pack, item: str) -> str:
    """Who supplies a paper, or does the step of a node."""
    if item in pack.evidence:
        return pack.evidence[item].supplier
    return next((way.step_supplier for way in pack.nodes[item].ways if way.step_supplier), "")


def write_log(path: Path, log: Sequence[Completed], pack: Pack, language: str) -> None:
    """Write a log as a workbook that ``taizhang forecast --log`` reads."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("办件记录" if language == "zh" else "log")
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, [names[0 if language == "zh" else -1] for names in _HEADINGS.values()], bold)
        for row, one in enumerate(log, 1):
            known = one.item in pack.nodes or one.item in pack.evidence  # of another day's law some are not
            sheet.write_string(row, 0, pack.label_of(one.item).in_(language) if known else one.item)
            who = pack.suppliers.get(one.supplier)
            sheet.write_string(row, 1, who.in_(language) if who else one.supplier)
            for column, day in enumerate((one.received, one.begun, one.ended), 2):
                sheet.write_datetime(row, column, day)
        sheet.set_column(0, 1, 28)
        sheet.set_column(2, 4, 12)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(log), 4)
