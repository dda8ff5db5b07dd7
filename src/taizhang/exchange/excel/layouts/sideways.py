"""Signs that a table lies on its side: headings run down the first column, one record to a column.

Reads from: ``cells``, ``shape``, ``sheetview``, ``words``.  Read by: ``look``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from taizhang.exchange.excel.layouts.cells import Kind
from taizhang.exchange.excel.layouts.shape import Shape, Sign, mixture, share_named
from taizhang.exchange.excel.layouts.sheetview import Span
from taizhang.exchange.excel.layouts.words import is_item, names_something, normal

__all__ = ["ENOUGH", "signs_of_sideways"]

ENOUGH = 1.5

_NAMED = 3.0  # for names down the first column and none along the top; less in proportion
_COUNTED = 2.0
_STEM = 2.0
_KINDS = 2.0
_ITEMS = 1.5
_TOTAL = 1.0

_TIME = re.compile(r"年份|年度|月份|季度|日期|时间|期间")
_MOST_ROWS = 40  # a table with more rows is no card
_APART = 0.1  # by so much more kinds are mixed along one way than along the other
_FAR_APART = 0.3
_ALIKE = 3  # two cells of one kind may be chance
_STEM_LEAST = 2  # characters that the corner and the names below begin with


def signs_of_sideways(shape: Shape) -> list[Sign]:
    """Everything that speaks for a table on its side, and what speaks against it."""
    if not _may_lie(shape):
        return []
    tests = (
        _names_down(shape),
        _same_stem(shape),
        _numbered(shape),
        _items(shape),
        _totals(shape),
        _kinds(shape),
    )
    return [sign for signs in tests for sign in signs]


def _may_lie(shape: Shape) -> bool:
    """Whether there is a column of names at all, and none of what only an upright table has."""
    if not shape.rows or len(shape.rows) >= _MOST_ROWS or shape.width < 2 or shape.depth > 1:
        return False
    if any(span.wide for span in shape.named) or not shape.down:
        return False
    names = [span for span in shape.down if span.kind in (Kind.NAME, Kind.SENTENCE, Kind.DATE, Kind.PERIOD)]
    if 2 * len(names) < len(shape.down) or all(span.kind is Kind.DATE for span in shape.down):
        return False
    return len(shape.rows) > 1 or not _is_plain_record(shape)


def _is_plain_record(shape: Shape) -> bool:
    """One row of numbers below names reads either way: the usual way is taken."""
    return all(span.kind in (Kind.NUMBER, Kind.VOID) for span in shape.rows[0][1:])


def _names_down(shape: Shape) -> Iterator[Sign]:
    difference = share_named(shape.down) - _named_across(shape)
    said = next((span.text for span in shape.down if names_something(span.text)), "")[:12]
    if difference > 0:
        yield Sign(
            _NAMED * difference,
            f"headings such as '{said}' run down the first column",
            f"“{said}”等项目名在首列自上而下排列",
        )
    elif difference < 0:
        yield Sign(_NAMED * difference, "headings run along the top", "表头在首行")


def _named_across(shape: Shape) -> float:
    """The share of the top row that reads like headings; years and days do, unless the corner says 年份."""
    timed = shape.corner is not None and bool(_TIME.search(normal(shape.corner.text)))
    periods = [span for span in shape.across if span.kind in (Kind.PERIOD, Kind.DATE)]
    named = share_named(shape.across) * len(shape.across) + (0 if timed else len(periods))
    return named / len(shape.across) if shape.across else 0.0


def _same_stem(shape: Shape) -> Iterator[Sign]:
    """公司名称 above 公司类型: the corner is the heading of the first row."""
    corner = shape.corner
    if corner is None or not names_something(corner.text):
        return
    stem = normal(corner.text)
    alike = [span for span in shape.down if _common(stem, normal(span.text)) >= _STEM_LEAST]
    across = [span for span in shape.across if _common(stem, normal(span.text)) >= _STEM_LEAST]
    if 2 * len(alike) >= len(shape.down) and len(shape.down) <= 2 and not across:
        yield Sign(_STEM, "the first column goes on as its corner begins", "首列项目名与左上角同类")


def _common(one: str, two: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(one, two, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(two)))


def _numbered(shape: Shape) -> Iterator[Sign]:
    """序号 1 2 3 along the top."""
    texts = [span.text.removesuffix(".0") for span in shape.across]
    texts = [text for text in texts if not _is_total(text)]
    corner = shape.corner
    counted = texts == [str(number) for number in range(1, len(texts) + 1)]
    if counted and len(texts) >= 2 and corner is not None and normal(corner.text) in ("序号", "编号", "次序"):
        yield Sign(_COUNTED, "records are numbered along the top", "首行是 1、2、3……的记录序号")


def _items(shape: Shape) -> Iterator[Sign]:
    """Items of a list (一、, 其中：) along the top are entries; down the first column they are records."""
    if shape.across and sum(is_item(span.text) for span in shape.across) >= 0.3 * len(shape.across):
        yield Sign(_ITEMS, "items of a list run along the top", "首行是逐项列举的内容")
    if sum(is_item(span.text) for span in shape.down) >= 0.3 * len(shape.down):
        yield Sign(-_ITEMS, "items of a list run down the first column", "首列是逐项列举的内容")


def _totals(shape: Shape) -> Iterator[Sign]:
    if shape.across and any(_is_total(span.text) for span in shape.across[-2:]):
        yield Sign(_TOTAL, "the total stands at the end of the top row", "合计在首行末尾")
    if shape.down and _is_total(shape.down[-1].text):
        yield Sign(-_TOTAL, "the total stands at the end of the first column", "合计在首列末尾")


def _is_total(text: str) -> bool:
    return normal(text) in ("合计", "总计", "小计", "共计")


def _kinds(shape: Shape) -> Iterator[Sign]:
    """Whether cells are of one kind along the rows or down the columns."""
    by_column = mixture(spans for column, spans in shape.columns.items() if column > shape.left)
    by_row = mixture([_without_first(shape, spans) for spans in (shape.top, *shape.rows)])
    if by_column > by_row + _FAR_APART and len(shape.across) >= _ALIKE:
        yield Sign(_KINDS, "rows hold one kind each, columns several", "同一行类型一致，同一列类型不一")
    elif by_column > by_row + _APART:
        yield Sign(_KINDS / 2, "rows hold one kind each", "同一行类型一致")
    elif by_row > by_column + _APART:
        yield Sign(-_KINDS / 2, "columns hold one kind each", "同一列类型一致")


def _without_first(shape: Shape, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(span for span in spans if span.left > shape.left)
