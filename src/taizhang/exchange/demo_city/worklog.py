"""A made-up year of finished work: what suppliers received, begun and ended, first come first served.

Reads from: ``rules.terms``, xlsxwriter.  Read by: the counter at the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from heapq import heapreplace
from pathlib import Path

import numpy as np
import xlsxwriter

from taizhang.rules.terms import Completed, Pack

__all__ = ["made_up_log", "write_log"]

_HEADINGS = {
    "zh": ("事项", "责任单位", "收件日期", "开始日期", "办结日期"),
    "en": ("item", "supplier", "received", "begun", "ended"),
}
_FULL = (0.55, 0.9)  # share of its desks' time that a supplier is busy
_SPREAD = 0.5  # of the logarithm of the days that one piece takes


def made_up_log(pack: Pack, days: Sequence[date], pieces: int, seed: int) -> list[Completed]:
    """Return finished work of some working days, by the day it ended.

    Args:
        pack: Its papers and steps, with their planned days.
        days: Working days, ascending; what ends later is left out.
        pieces: How much is received, about.
        seed: Where chances begin.
    """
    draw = np.random.default_rng(seed)
    work = _by_supplier(pack)
    total = sum(map(len, work.values()))
    found: list[Completed] = []
    for supplier, some in sorted(work.items()):
        count = max(1, round(pieces * len(some) / total))
        found += _at_one_supplier(draw, supplier, some, days, count)
    return sorted(found, key=lambda one: (one.ended, one.supplier, one.item, one.received))


def _by_supplier(pack: Pack) -> dict[str, list[tuple[str, int]]]:
    """Papers and steps of every supplier, with their planned days."""
    found: dict[str, list[tuple[str, int]]] = {}
    for paper in pack.evidence.values():
        found.setdefault(paper.supplier, []).append((paper.id, paper.cost.days))
    for node in pack.nodes.values():
        for way in node.ways:
            if way.step_supplier and way.step.days:
                found.setdefault(way.step_supplier, []).append((node.id, way.step.days))
    return found


def _at_one_supplier(
    draw: np.random.Generator,
    supplier: str,
    work: Sequence[tuple[str, int]],
    days: Sequence[date],
    pieces: int,
) -> Iterator[Completed]:
    """What one supplier received, in a single queue before its desks."""
    mean = sum(max(1, planned) for _, planned in work) / len(work)
    desks = max(1, round(pieces * mean / len(days) / draw.uniform(*_FULL)))
    free = [0] * desks
    for received in sorted(draw.integers(len(days), size=pieces).tolist()):
        item, planned = work[int(draw.integers(len(work)))]
        begun = max(received, free[0])
        ended = begun + max(1, round(max(1, planned) * draw.lognormal(-(_SPREAD**2) / 2, _SPREAD)))
        heapreplace(free, ended)
        if ended < len(days):
            yield Completed(item, supplier, days[received], days[begun], days[ended])


def write_log(path: Path, log: Sequence[Completed], pack: Pack, language: str) -> None:
    """Write a log as a workbook that ``taizhang forecast --log`` reads."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("办件记录" if language == "zh" else "log")
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, _HEADINGS[language], bold)
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
