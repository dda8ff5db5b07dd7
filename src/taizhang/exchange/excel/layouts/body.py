"""Which rows below the heading are records, and which are hints, notes, totals or a further table.

Every row that says something gets exactly one of these names.

Reads from: ``cells``, ``extent``, ``heads``, ``words``.  Read by: ``shape``, ``look``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from taizhang.exchange.excel.cells import Cell, Grid, Merge
from taizhang.exchange.excel.layouts.cells import Kind, is_numbering, kind_of, text_of
from taizhang.exchange.excel.layouts.extent import Extent
from taizhang.exchange.excel.layouts.heads import Head
from taizhang.exchange.excel.layouts.words import names_something, normal

__all__ = ["Body", "body_of"]

_TOTAL = re.compile(
    r"^(本页|本表|全部)?(合|小|总|共|累)计((户|套|幢|栋|面积|金额|数)\S{0,6}|[:：(（\d].*)?$|^.{0,12}(合|小|总)计[:：]?$|^(sub)?total$",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"^[*※]?(注|备注|说明|填表说明|填报说明|填写说明|注意|注意事项|填表人|填报人|填报单位|填报日期|制表|制表人|制表日期|审核|审核人|"
    r"复核|复核人|经办人|负责人|单位负责人|联系人|联系电话|单位\(盖章\)|日期|数据来源|资料来源)"
    r"(\d{0,2}[:：、.]|$|[\d(（])"
)
_BAND = re.compile(r"^[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．]|^[(（][一二三四五六七八九十]{1,3}[)）]")
_LISTED = re.compile(r"^[(（]?\d{1,2}[)）.、．]\D")
_SAMPLE = re.compile(
    r"^[(（【]?(示例|样例|填写示例|例[:：]|例$|必填|选填|填写要求|填写说明|格式|单选|多选|非必填)"
)
_UNIT = re.compile(
    r"^[(（]?(万?元|㎡|m2|平方米|亩|公顷|户|套|幢|栋|个|人|%|％|年|月|日|米|吨|千克|必填|选填|文本|数字|日期|[-—/])[)）]?$"
)
_GUIDE = re.compile(r"填写|填报|格式|必填|选填|请[填选输]|下拉|例如|如[:：]|示例|自动")
_PROSE = re.compile(r"[。；;，,：:\n]")
_SIGNED = re.compile(r"^\S{2,8}[:：]")
#: A character without which a text matches none of those: most texts need no closer look.
_ODD = re.compile(r"[计注联明说填审复表核人单日期来源例必选格写一二三四五六七八九十lL]")
_SENTENCE = 20  # characters from which a text that stands alone is a note
_TITLES = 3  # rows above the heading of a further table
_FIRST = 4  # columns by whose headings a second page is seen to begin
_SHORT = 3  # cells of a row that are enough to tell almost every one


@dataclass(slots=True)
class Body:
    """The rows below a heading, by what they are; row numbers from 0."""

    records: list[int] = field(default_factory=list)
    hints: list[int] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    sections: list[int] = field(default_factory=list)
    others: list[tuple[int, int, int, int]] = field(default_factory=list)


class _Ordinary(dict[str, bool]):
    """Whether a text opens a record: no note, sample, total or band.  Most rows open as others do."""

    def __missing__(self, text: str) -> bool:
        if text.replace(".", "", 1).isdecimal():
            return True  # the number of a row: each has its own
        short = normal(text)
        found = self[text] = not (
            _ODD.search(short) and any(one.match(short) for one in (_NOTE, _SAMPLE, _TOTAL, _BAND))
        )
        return found


@dataclass(slots=True)
class _Pass:
    """One walk down the rows below a heading."""

    grid: Grid
    head: Head
    extent: Extent
    bands: frozenset[int]
    covered: bytearray  # rows that a merge from above reaches
    named: int
    opening: frozenset[str]  # what the heading says in its first columns
    body: Body = field(default_factory=Body)
    ordinary: _Ordinary = field(default_factory=_Ordinary)
    gap: bool = False  # a blank row stands above
    noted: bool = False  # below the first note, short rows are further notes
    other: bool = False  # inside a further table

    def part(self, row: int) -> Sequence[Cell]:
        """The cells of a row that stand in the columns of the table."""
        return self.grid[row][self.extent.left : self.extent.right + 1]

    def texts(self, row: int, most: int | None = None) -> list[str]:
        """What they say, up to so many."""
        return list(islice(filter(None, map(text_of, self.part(row))), most))


def body_of(grid: Grid, merges: Sequence[Merge], head: Head, extent: Extent) -> Body:
    """Give every row below the heading that says something its name."""
    bands = frozenset(top for top, left, bottom, right in merges if top == bottom and right > left)
    named = sum(bool(parts) for parts in head.parts[extent.left : extent.right + 1])
    first = head.parts[extent.left : extent.left + _FIRST]
    opening = frozenset(text for parts in first for text in parts)
    walk = _Pass(grid, head, extent, bands, _covered(len(grid), merges), named, opening)
    for row in range(head.last + 1, len(grid)):
        texts = walk.texts(row, _SHORT)
        if texts:
            _take(walk, row, texts)
            walk.gap = False
        elif any(cell is not None and text_of(cell) for cell in grid[row]):
            _take_beside(walk, row)
        elif not walk.covered[row]:
            walk.gap = True
    return walk.body


def _covered(rows: int, merges: Sequence[Merge]) -> bytearray:
    """Which rows a merge from above reaches, each marked once."""
    covered, done = bytearray(rows), 0
    for top, bottom in sorted((one[0], one[2]) for one in merges if one[2] > one[0] >= 0):
        start, end = max(top + 1, done), min(bottom + 1, rows)
        if end > start:
            covered[start:end] = b"\1" * (end - start)
            done = end
    return covered


def _take_beside(walk: _Pass, row: int) -> None:
    """A row that says something only outside the table: in a table beside or below, or a note."""
    if walk.other and not walk.gap:
        _widen(walk, row)
    elif not any(top <= row <= bottom for top, _, bottom, _ in walk.extent.others):
        walk.body.notes.append(row)


def _take(walk: _Pass, row: int, texts: list[str]) -> None:
    body = walk.body
    if (walk.gap or (len(texts) == 1 and not walk.other)) and _begins_table(walk, row, texts):
        walk.other = True
        body.others.append(_across(walk, row, row))
        return
    if walk.other:
        if not walk.gap or (len(texts) > 1 and not _is_note(walk, row, texts)):
            _widen(walk, row)
        else:
            walk.noted, walk.other = True, False
            body.notes.append(row)
        return
    if not walk.gap and len(texts) == _SHORT and walk.ordinary[texts[0]] and walk.ordinary[texts[1]]:
        _take_full(walk, row, texts)
    elif not body.records and _is_hint(walk, row):
        body.hints.append(row)
    elif len(texts) == 1 and walk.named > 1 and _heads_section(walk, row, texts[0]):
        body.sections.append(row)
    elif _is_note(walk, row, texts):
        walk.noted = True
        body.notes.append(row)
    elif any(_TOTAL.match(normal(text)) for text in texts[:2]):
        body.totals.append(row)
    elif len(texts) == 1 and (row in walk.bands or _BAND.match(normal(texts[0]))):
        body.notes.append(row)
    else:
        _take_full(walk, row, texts)


def _widen(walk: _Pass, row: int) -> None:
    """Count a row to the further table above it."""
    top, left, _, right = walk.body.others[-1]
    now = _across(walk, row, row)
    walk.body.others[-1] = (top, min(left, now[1]), row, max(right, now[3]))


def _take_full(walk: _Pass, row: int, texts: list[str]) -> None:
    """A record, unless the heading stands here again or the columns are only numbered."""
    if _repeats(walk, row, texts) or (not walk.body.records and _is_hint(walk, row)):
        walk.body.hints.append(row)
    else:
        walk.noted = False
        walk.body.records.append(row)


# -------------------------------------------------------------------------------- telling


def _is_hint(walk: _Pass, row: int) -> bool:
    """Whether a row right below the heading numbers the columns or says how to fill them."""
    if row > walk.head.last + 1 + len(walk.body.hints):
        return False
    texts = walk.texts(row)
    if _SAMPLE.match(texts[0]):
        return True
    if is_numbering(texts):
        below = walk.texts(row + 1, 1) if row + 1 < len(walk.grid) else []
        return not below or _whole(below[0]) != _whole(texts[0]) + 1  # else the records count on
    if len(texts) >= 2 and 2 * sum(bool(_GUIDE.search(text)) for text in texts) >= len(texts):
        return True
    kinds = sum(bool(_UNIT.match(normal(text))) for text in texts)
    return len(texts) >= 2 and kinds == len(texts) and not all(normal(text) in "-—/" for text in texts)


def _whole(text: str) -> int:
    """A whole number as it stands in a cell; for anything else none that counts on."""
    digits = text.removesuffix(".0")
    return int(digits) if digits.isdecimal() and len(digits) < 10 else -10


def _is_note(walk: _Pass, row: int, texts: list[str]) -> bool:
    """Whether a row is a note, a signature, or a further line of a note."""
    first = normal(texts[0])
    if _NOTE.match(first):
        filled = walk.texts(row)
        return len(filled) <= max(2, walk.named // 2) or _all_signed(filled)
    if _SIGNED.match(first) and walk.named > 2:
        return _all_signed(walk.texts(row))
    if walk.noted and len(texts) <= max(1, min(2, walk.named // 3)):
        return True
    if len(texts) == 1 and walk.named > 2:
        wordy = kind_of(texts[0]) in (Kind.NAME, Kind.SENTENCE) or bool(_LISTED.match(first))
        return wordy if walk.gap else len(first) >= _SENTENCE and bool(_PROSE.search(texts[0]))
    return False


def _heads_section(walk: _Pass, row: int, text: str) -> bool:
    """Whether a row only names the rows below it: 应收账款：, alone in the first column."""
    alone = text.rstrip().endswith((":", "：")) and text_of(walk.part(row)[0]) == text
    return alone and not walk.noted and not walk.gap and not _NOTE.match(normal(text))


def _all_signed(texts: list[str]) -> bool:
    """Whether all of a row is 制表人：… and the like; what follows a colon in the next cell belongs to it."""
    said = [one for at, one in enumerate(texts) if not (at and texts[at - 1].rstrip().endswith((":", "：")))]
    return all(_SIGNED.match(normal(text)) for text in said)


def _repeats(walk: _Pass, row: int, texts: list[str]) -> bool:
    """Whether the heading stands here again, as on a second printed page."""
    if walk.opening.isdisjoint(texts[:2]):
        return False
    column = walk.extent.left
    filled = [(column + at, text_of(cell)) for at, cell in enumerate(walk.part(row)) if text_of(cell)]
    same = sum(text in walk.head.parts[at] for at, text in filled if at < len(walk.head.parts))
    return same >= 2 and 2 * same > len(filled)


def _begins_table(walk: _Pass, row: int, texts: list[str]) -> bool:
    """Whether another heading stands here, with or without a title and a caption above it."""
    for _ in range(_TITLES):
        if len(texts) != 1 or _NOTE.match(normal(texts[0])) or row + 1 >= len(walk.grid):
            break
        row, texts = row + 1, walk.texts(row + 1, _SHORT)
    if len(texts) < 2 or row + 1 >= len(walk.grid) or _repeats(walk, row, texts):
        return False
    heads, below = walk.texts(row), walk.texts(row + 1)
    if len(below) < 2 or any(kind_of(text) is not Kind.NAME for text in heads):
        return False
    if any(_TOTAL.match(normal(text)) for text in heads[:2]) or any(map(_is_signed, heads)):
        return False
    named, named_below = sum(map(names_something, heads)), sum(map(names_something, below))
    return 2 * named >= len(heads) and named_below < named


def _is_signed(text: str) -> bool:
    short = normal(text)
    return bool(_NOTE.match(short) or _SIGNED.match(short))


def _across(walk: _Pass, first: int, last: int) -> tuple[int, int, int, int]:
    """The area that rows of a further table take."""
    filled = [at for at, cell in enumerate(walk.grid[last]) if cell is not None and text_of(cell)]
    return first, min(filled), last, max(filled)
