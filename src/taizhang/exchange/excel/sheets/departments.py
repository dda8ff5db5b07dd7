"""The sheet 部门任务: what each office has to supply or to do, first where most cannot wait.

Reads from: ``gap_rows``, ``gaps``, ``frame``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import FIRST_ROW, Book, Column, Table, lay
from taizhang.exchange.excel.sheets.gap_rows import gaps_by_supplier
from taizhang.exchange.excel.sheets.gaps import estates_of, gap_money, gap_place
from taizhang.exchange.excel.wording import yuan
from taizhang.rules.terms import EstatePlan, Step

__all__ = ["departments_sheet"]

_COLUMNS = (
    ("number", 9, "center"), ("supplier", 22, "wrap"), ("kind", 10, "center"), ("task", 34, "wrap"),
    ("county", 12, "wrap"), ("estate", 24, "wrap"), ("place", 14, "wrap"), ("places", 8, "whole"),
    ("units_affected", 10, "whole"), ("urgent_units", 9, "whole"), ("days", 8, "whole"),
    ("start", 13, "date"), ("due", 13, "date"),
    ("law_days", 11, "whole"), ("money", 15, "money"), ("unknown_money", 18, "wrap"), ("effort", 8, "whole"),
    ("official", 11, "wrap"), ("sponsor", 11, "wrap"),
)  # fmt: skip
_AT = {key: number for number, (key, _, _) in enumerate(_COLUMNS)}


@dataclass(frozen=True, slots=True)
class _Task:
    supplier: str
    gap: bool
    urgent: int
    units: int
    start: date | str
    due: date | str
    effort: int
    values: tuple[Content, ...]  #: from the column 类别 on

    @property
    def order(self) -> tuple[int, int, date]:
        """Where most urgent units wait, then where most units wait, then by due date."""
        return -self.urgent, -self.units, self.due if isinstance(self.due, date) else date.max


def departments_sheet(book: Book) -> None:
    """Write 部门任务, subtotals by office first, and note where each office begins."""
    w = book.wording
    tasks = _sorted(book, [*_gap_tasks(book), *_step_tasks(book)])
    offices = list(dict.fromkeys(task.supplier for task in tasks))
    name = w.sheet("departments")
    subtotals = [_subtotal(book, office, tasks) for office in offices]
    rows: list[tuple[Content, ...]] = [*subtotals]
    begins: dict[str, int] = {}
    for number, task in enumerate(tasks, 1):
        begins.setdefault(task.supplier, len(rows))
        rows.append((number, book.sentences.supplier(task.supplier), *task.values))
    for office, row in begins.items():
        book.anchors["supplier:" + office] = f"'{name}'!A{FIRST_ROW + row + 1}"
    links = {(n, 1): book.anchors["supplier:" + office] for n, office in enumerate(offices)}
    zh = w.language == "zh"
    table = Table(
        sheet=name,
        title=name,
        columns=[Column(w.say(key), width, style) for key, width, style in _COLUMNS],
        rows=rows,
        count=len(rows),
        printed=13,
        frozen=2,
        remark=(
            f"其中部门小计{len(offices)}行在前，任务{len(tasks):,}行在后；点部门名转到其任务"
            if zh
            else f"{len(offices)} subtotals first, then {len(tasks):,} tasks; click an office for its tasks"
        ),
        links=links,
        subtotals=len(offices),
    )
    lay(book, table)


def _sorted(book: Book, tasks: list[_Task]) -> list[_Task]:
    """Return tasks by office in the pack's order, and by whom they hold back."""
    known = {office: number for number, office in enumerate(book.city.pack.suppliers)}
    return sorted(tasks, key=lambda task: (known.get(task.supplier, len(known)), task.supplier, task.order))


def _gap_tasks(book: Book) -> Iterator[_Task]:
    said, w = book.sentences, book.wording
    for row in book.gaps:
        start, due = said.due_of(row.estates, row.start), said.due_of(row.estates, row.end)
        money, unknown = gap_money(book, row)
        identity = row.estate.identity
        values = (
            w.say("gap"), said.label(row.item), identity.get("county", ""), estates_of(book, row),
            gap_place(book, row), row.places, row.units, row.urgent, row.days, start, due,
            said.law_days(row.item), money, unknown, row.effort,
            identity.get("responsible_official", ""), identity.get("sponsor", ""),
        )  # fmt: skip
        yield _Task(row.supplier, True, row.urgent, row.units, start, due, row.effort, values)


def _step_tasks(book: Book) -> Iterator[_Task]:
    """Yield the steps that take work; equal steps of many units are one task."""
    pack = book.city.pack
    alike = {node.id for node in pack.nodes.values() if node.level == pack.levels[-1]}
    for estate in book.city.estates:
        grouped: dict[tuple[str, str, str, str], list[Step]] = defaultdict(list)
        for step in estate.joint.steps:
            if step.days or step.effort or step.money_fen or step.money_fen is None:
                where = "" if step.node in alike else step.place
                grouped[step.node, step.way, step.supplier, where].append(step)
        waiting = _Waiting(estate)
        for found in grouped.values():
            yield _step_task(book, estate, found, waiting)


def _step_task(book: Book, estate: EstatePlan, found: list[Step], waiting: _Waiting) -> _Task:
    said, w, first = book.sentences, book.wording, found[0]
    start = said.due(estate, min([one.start for one in found]))
    due = said.due(estate, max([one.end for one in found]))
    count = sum([one.count for one in found])
    effort = sum([one.effort * one.count for one in found])
    priced = [one for one in found if one.money_fen is not None]
    money = sum([(one.money_fen or 0) * one.count for one in priced])
    level = _level(book, first)
    units, urgent = waiting.of(level, found)
    name, way = said.label(first.node), said.way_label(first.node, first.way)
    unknown = count - sum([one.count for one in priced])
    values = (
        w.say("procedure"),
        f"{name}（{way}）" if w.language == "zh" else f"{name} ({way})",
        estate.identity.get("county", ""), estate.place.name,
        said.places(estate, [one.place for one in found], count) or w.level(level),
        count, units, urgent, max([one.days for one in found]),
        start, due,
        first.law_days, yuan(money) if priced else None,
        _unknown_money(book, unknown, some_known=bool(priced)),
        effort,
        estate.identity.get("responsible_official", ""), estate.identity.get("sponsor", ""),
    )  # fmt: skip
    return _Task(first.supplier, False, urgent or 0, units, start, due, effort, values)


def _unknown_money(book: Book, unknown: int, *, some_known: bool) -> str:
    """Return what is said of steps whose price nobody knows; ``unknown`` is their number."""
    if not unknown:
        return ""
    return book.wording.say("also_unknown_places", n=unknown) if some_known else book.wording.say("unknown")


def _level(book: Book, step: Step) -> str:
    node = book.city.pack.nodes.get(step.node)
    return node.level if node else ""


class _Waiting:
    """The units that the plan of an estate is for, and those of them that cannot wait."""

    def __init__(self, estate: EstatePlan) -> None:
        left_out = set(estate.joint.left_out)
        self._all, self._urgent = 0, 0
        self._in_building: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self._pressed: set[str] = set()
        for unit in estate.units:
            if unit.place.id not in left_out:
                urgent = bool(unit.urgent)
                counts = self._in_building[unit.place.parent or ""]
                counts[0] += 1
                counts[1] += urgent
                self._all += 1
                self._urgent += urgent
                if urgent:
                    self._pressed.add(unit.place.id)

    def of(self, level: str, steps: list[Step]) -> tuple[int, int | None]:
        """Return how many units wait for steps of one level, and how many of them cannot.

        A step that stands for many units names the first only.  Unless they are all units of the
        plan, nobody knows which of them cannot wait: ``None``.
        """
        if level == "unit":
            units = sum([step.count for step in steps])
            if units == len(steps):
                return units, sum(step.place in self._pressed for step in steps)
            return units, self._urgent if units == self._all else None
        if level == "building":
            units, urgent = self._in_building.get(steps[0].place, (0, 0))
            return units, urgent
        return self._all, self._urgent


def _subtotal(book: Book, office: str, tasks: list[_Task]) -> tuple[Content, ...]:
    """Return the row that sums up one office; its number of gaps is that of 缺项清单."""
    own = [task for task in tasks if task.supplier == office]
    gaps = gaps_by_supplier(row for row in book.gaps if row.supplier == office).get(office, 0)
    steps = sum(1 for task in own if not task.gap)
    days = [task.due for task in own if isinstance(task.due, date)]
    zh = book.wording.language == "zh"
    values: list[Content] = [None] * len(_COLUMNS)
    values[1] = book.sentences.supplier(office)
    values[2] = book.wording.say("sum")
    values[3] = f"缺件{gaps:,}处，办理环节{steps:,}项" if zh else f"{gaps:,} papers, {steps:,} steps"
    values[_AT["places"]] = gaps
    values[_AT["start"]] = min((task.start for task in own if isinstance(task.start, date)), default=None)
    values[_AT["due"]] = max(days, default=None)
    values[_AT["effort"]] = sum(task.effort for task in own)
    return tuple(values)
