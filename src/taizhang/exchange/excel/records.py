"""Which rows below a heading are records: no notes, totals, samples, bands or repeated headings.

Reads from: ``cells``.  Read by: ``tables``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from taizhang.exchange.excel.cells import Cell, Grid, Merge, stripped

__all__ = ["records_below"]

_AGAIN = 2  # cells of a heading that stand below it once more, for a row to be that heading
_TOTAL = re.compile(
    r"^(合|小|总|共|累)\s*计\s*((户|套|幢|面积|金额)\S*|[:：(（\d].*)?$|^.{0,12}(合|小|总)\s*计\s*[:：]?$|^(sub)?total$",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"^(注|备注|说明|填表说明|填报说明|填表人|填报人|填报单位|填报日期|审核|审核人|制表|制表人|负责人|联系人)"
    r"\s*(\d*\s*[:：]|$|[\d一(（])"
)
_BAND = re.compile(r"^[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．]")  # 一、…
_SAMPLE = re.compile(r"^(示例|样例|填写示例|例\s*[:：]|例$|必填|选填)")
_NUMBERING = re.compile(r"^[(（]?(\d{1,3})(?:\.0)?[)）]?$|^([甲乙丙丁戊己庚辛壬癸A-Z])$|^栏次$")
_DECIMAL = re.compile(r"^-?\d+(\.\d*)?(e[+-]?\d+)?$")
_STEMS = "甲乙丙丁戊己庚辛壬癸"


def records_below(
    grid: Grid, merges: Sequence[Merge], headings: Sequence[tuple[str, ...]], last: int
) -> Iterator[int]:
    """Yield the row numbers below a heading that are records.

    Args:
        grid: Cells as read.
        merges: Merged ranges.
        headings: Parts of each column's heading.
        last: The last row of the heading.
    """
    bands = {top for top, left, bottom, right in merges if top == bottom and right - left >= 2}
    named = sum(bool(parts) for parts in headings)
    again, ordinary = _headings_below(grid, headings, last), _Ordinary()
    notes = False  # below the first note, short rows are further notes
    for number in range(last + 1, len(grid)):
        row = grid[number]
        texts = list(islice(filter(None, map(stripped, row)), 3))  # enough of almost every row
        if not texts:
            continue
        repeats = _may_repeat(row, again)
        if number > last + 1 and len(texts) == 3 and not repeats and all(ordinary[one] for one in texts[:2]):
            yield number
        elif _NOTE.match(texts[0]) and len(_filled(row)) <= max(2, named // 2):
            notes = True
        elif not (
            (notes and len(texts) <= min(2, named // 3))
            or (len(texts) == 1 and (number in bands or _BAND.match(texts[0]) or texts[0][-1] in ":："))
            or (number == last + 1 and _numbers(list(_filled(row).values())))
            or _SAMPLE.match(texts[0])
            or any(_TOTAL.match(text) for text in texts[:2])
            or (repeats and _repeats(_filled(row), headings))
        ):
            yield number


class _Ordinary(dict[str, bool]):
    """Whether a text opens a record: no note, sample or total.  Most rows open with what others open with."""

    def __missing__(self, text: str) -> bool:
        if text.replace(".", "", 1).isdecimal():
            return True  # the number of a row: each has its own
        found = self[text] = not (_NOTE.match(text) or _SAMPLE.match(text) or _TOTAL.match(text))
        return found


def _filled(row: Sequence[Cell]) -> dict[int, str]:
    return {column: text for column, cell in enumerate(row) if (text := stripped(cell))}


def _headings_below(grid: Grid, headings: Sequence[tuple[str, ...]], last: int) -> set[Cell]:
    """The cells below the heading that say what is said in it: few, so that few rows need be compared."""
    known = {text for parts in headings for text in parts}
    below = {cell for cell in set[Cell]().union(*grid[last + 1 :]) if not isinstance(cell, int | float)}
    found = {cell for cell in below if stripped(cell) in known}
    numbers = {float(text) for text in known if _DECIMAL.match(text)}  # 5 and 5.0: one in a set, two as text
    return found | numbers | {float(text == "True") for text in known & {"True", "False"}}


def _may_repeat(row: Sequence[Cell], again: set[Cell]) -> bool:
    """Whether there are cells enough that also stand in the heading, in whichever column."""
    return not again.isdisjoint(row) and sum(map(again.__contains__, row)) >= _AGAIN


def _numbers(texts: Sequence[str]) -> bool:
    """Whether a row only numbers the columns: 1 2 3, (1) (2) (3), 甲 乙 1 2."""
    found = [_NUMBERING.match(text) for text in texts]
    if len(texts) < 3 or None in found:
        return False
    numbers = [int(one[1]) for one in found if one and one[1]]
    letters = [one[2] for one in found if one and one[2]]
    row = _STEMS if letters and letters[0] in _STEMS else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return numbers == list(range(1, len(numbers) + 1)) and "".join(letters) == row[: len(letters)]


def _repeats(filled: dict[int, str], headings: Sequence[tuple[str, ...]]) -> bool:
    """Whether the heading stands here again, as on a second printed page."""
    same = sum(column < len(headings) and text in headings[column] for column, text in filled.items())
    return same >= _AGAIN and 2 * same > len(filled)
