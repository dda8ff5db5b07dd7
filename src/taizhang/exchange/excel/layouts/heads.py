"""Which rows are the heading: titles and captions above are left out, merged rows below are taken in.

Reads from: ``cells``, ``sheetview``, ``words``.  Read by: ``extent``, ``body``, ``shape``, ``look``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from taizhang.exchange.excel.layouts.cells import Kind
from taizhang.exchange.excel.layouts.sheetview import LOWEST, Span, View
from taizhang.exchange.excel.layouts.words import names_something

__all__ = ["Head", "find_head"]

_DEEPEST = 6  # rows of one heading
_GROUPED = 0.6  # of the columns, so many stand under groups where every column may be named below
_CLEAR = 0.75  # of a row, so much reads like headings where there is no doubt
_DOUBTFUL = 0.6  # and where there is some
_AHEAD = 12  # rows below a title among which the widest is taken for the table
_CAPTION = re.compile(
    r"(单位|日期|时间|部门|地区|区划|[表报审制核]人|编号|文号|密级|年度)\s*[:：]|^(附件|附表|表)\s*\d"
)
_VALUES = (Kind.NUMBER, Kind.MEASURE, Kind.DATE, Kind.CHOICE)


@dataclass(frozen=True, slots=True)
class Head:
    """The rows of a heading and the rows above it.

    Attributes:
        first: First row of the heading.
        last: Last row of the heading.
        titles: Rows above that say something.
        parts: What each column is called, outermost first; ``()`` for nothing.
        leaves: The span that names each column, in the lowest row that says something.
    """

    first: int
    last: int
    titles: tuple[int, ...]
    parts: tuple[tuple[str, ...], ...]
    leaves: dict[int, Span]


def find_head(view: View) -> Head | None:
    """Find the first row that is no title, and how deep the heading goes."""
    titles: list[int] = []
    for row in range(min(LOWEST, len(view.rows))):
        spans = view.filled(row)
        if not spans:
            continue
        if _is_title(view, row, spans):
            titles.append(row)
            continue
        last, groups = _depth(view, row)
        return _named(view, row, last, groups, tuple(titles))
    return None


# -------------------------------------------------------------------------------- titles


def _is_title(view: View, row: int, spans: list[Span]) -> bool:
    """Whether a row above the table speaks of the whole table."""
    below = [len(view.filled(number)) for number in range(row + 1, min(row + _AHEAD, len(view.rows)))]
    widest = max(below, default=0)
    if len(spans) == 1:
        return widest >= 2
    if widest < 2 or any(span.bottom > row for span in spans):
        return False
    wordy = sum(span.kind is Kind.SENTENCE for span in spans)
    if wordy == len(spans) or (2 * wordy >= len(spans) and 2 * len(spans) <= widest):
        return widest > len(spans)
    if _is_overshadowed(view, row, spans):
        return True
    if any(_CAPTION.search(span.text) for span in spans):
        return 2 * len(spans) <= widest or len(spans) == 2 < widest or _only_captions(view, row, spans)
    if any(span.wide for span in spans) or _share_named(spans) >= _CLEAR:
        return False
    return 3 * len(spans) <= widest and not _lost(view, row)


def _is_overshadowed(view: View, row: int, spans: list[Span]) -> bool:
    """Whether the next row is plainly a heading, and this one is not: names and values above a table."""
    following = view.next_filled(row)
    if following is None or any(span.wide for span in view.filled(following)):
        return False
    below = view.filled(following)
    after = view.filled(view.next_filled(following) or following)
    return (
        len(below) >= max(4, len(spans))
        and _share_named(below) >= _CLEAR
        and _share_named(spans) <= _DOUBTFUL
        and _share_named(after) <= _DOUBTFUL / 2
        and all(span.kind is Kind.NAME for span in below)
        and len({span.text for span in below}) == len(below)
    )


def _share_named(spans: list[Span]) -> float:
    return sum(names_something(span.text) for span in spans) / len(spans) if spans else 0.0


def _only_captions(view: View, row: int, spans: list[Span]) -> bool:
    """Whether a row says 填报单位： and the like with what follows, above a row that has none of it."""
    below = view.filled(view.next_filled(row) or row)
    said = [one for at, one in enumerate(spans) if not (at and spans[at - 1].text.endswith((":", "：")))]
    return (
        all(_CAPTION.search(span.text) for span in said)
        and len(below) >= max(3, len(spans))
        and not any(span.text.endswith((":", "：")) or _CAPTION.search(span.text) for span in below)
    )


# --------------------------------------------------------------------------------- depth


def _depth(view: View, first: int) -> tuple[int, list[Span]]:
    """The last row of the heading, and the groups whose merges a table of text has lost."""
    last = first
    while last - first < _DEEPEST - 1 and last + 1 < len(view.rows):
        ends = [span.bottom for span in view.rows[last] if span.bottom < first + _DEEPEST]
        reach = max(ends, default=last)
        if last < reach < len(view.rows):
            last = reach
        elif _names_parts(view, last):
            last += 1
        else:
            break
    if last == first and (groups := _lost(view, first)):
        return first + 1, groups
    return last, []


def _names_parts(view: View, row: int) -> bool:
    """Whether the next row names the parts of what is merged over several columns here."""
    groups = [span for span in view.filled(row) if span.wide and span.bottom == row]
    below = view.filled(row + 1)
    if not groups or not below or any(span.kind in _VALUES or span.kind is Kind.VOID for span in below):
        return False
    if any(span.tall and span.bottom == row for span in view.rows[row]):
        return False  # what is merged downwards has said how deep the heading goes
    said = {column for span in view.filled(row) for column in range(span.left, span.right + 1)}
    under = {column for group in groups for column in range(group.left, group.right + 1)}
    parts = {column for span in below for column in range(span.left, span.right + 1)}
    if (parts - under) & said:  # a record, unless nearly everything is grouped
        grouped = len(under) >= _GROUPED * len(said) and len(parts & under) >= _GROUPED * len(under)
        return len(groups) >= 2 and grouped and _are_names(view, row)
    return sum(groups[0].left <= span.left <= groups[0].right for span in below) >= 2 and not any(
        span.kind is Kind.SENTENCE for span in below
    )


def _are_names(view: View, row: int) -> bool:
    """Whether the row below a row of groups is of names, each once, and no record."""
    below = view.filled(row + 1)
    if len(below) < 2 * len(view.filled(row)) or len({span.text for span in below}) < len(below):
        return False
    rows = [number for number in range(row + 2, min(row + 2 + _AHEAD, len(view.rows))) if view.filled(number)]
    if not rows or 2 * sum(names_something(span.text) for span in below) >= len(below):
        return True
    kinds: dict[int, list[bool]] = {}
    for number in rows:
        for span in view.filled(number):
            kinds.setdefault(span.left, []).append(span.kind in _VALUES)
    unlike = [span for span in below if all(kinds.get(span.left, [False]))]  # a name above values only
    return len(unlike) >= (1 if len(rows) >= 3 else 2)


def _lost(view: View, row: int) -> list[Span]:
    """The groups over a row of parts where merges are gone: a group stands above the first part only."""
    upper = {span.left: span for span in view.filled(row)}
    lower = {span.left: span for span in view.filled(row + 1)}
    body = {span.left for number in (row + 2, row + 3) for span in view.filled(number)}
    if len(upper) < 2 or len(lower) < 2 or any(span.wide for span in view.rows[row]):
        return []
    if any(span.kind in (*_VALUES, Kind.SENTENCE) for span in lower.values()):
        return []
    alone = set(upper) - set(lower)
    if not alone or 2 * len(body & (set(upper) | set(lower))) <= len(set(upper) | set(lower)):
        return []
    groups: list[Span] = []
    for column in sorted(lower):
        if column in upper:
            groups.append(upper[column])
        elif groups and groups[-1].right == column - 1:
            one = groups[-1]
            groups[-1] = Span(one.top, one.left, one.bottom, column, one.text, one.kind)
        else:
            return []  # a part of nothing: a record with gaps
    wide = [group for group in groups if group.wide]
    texts = [span.text for span in lower.values()]
    named = sum(map(names_something, texts))
    return wide if wide and (2 * named >= len(texts) or len(set(texts)) < len(texts)) else []


# --------------------------------------------------------------------------------- names


def _named(view: View, first: int, last: int, groups: list[Span], titles: tuple[int, ...]) -> Head:
    parts: list[list[str]] = [[] for _ in range(view.width)]
    leaves: dict[int, Span] = {}
    for row in range(first, last + 1):
        for span in [*view.filled(row), *(group for group in groups if group.top == row)]:
            for column in range(span.left, span.right + 1):
                if not parts[column] or parts[column][-1] != span.text:
                    parts[column].append(span.text)
                leaves[column] = span
    return Head(first, last, titles, tuple(map(tuple, parts)), leaves)
