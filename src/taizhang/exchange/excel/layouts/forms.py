"""Signs that a sheet is a form, a card or several tables at once: what is refused rather than guessed.

The signs are added up.  Each weight says how sure the sign is when it stands alone; a sheet is
refused from ``ENOUGH`` on, that is for one sure sign or for several weak ones.

Reads from: ``cells``, ``shape``, ``sheetview``, ``words``, and ``cells`` of the readers.  Read by: ``look``.
"""

from __future__ import annotations

from collections.abc import Iterator

from taizhang.exchange.excel.cells import address
from taizhang.exchange.excel.layouts.cells import Kind
from taizhang.exchange.excel.layouts.shape import NUMERIC, Shape, Sign, mixture, share_named
from taizhang.exchange.excel.layouts.sheetview import Span
from taizhang.exchange.excel.layouts.words import names_something

__all__ = ["ENOUGH", "signs_of_form"]

ENOUGH = 3.0

_SURE = 3.0
_STRONG = 2.0
_WEAK = 1.0
_SLIGHT = 0.5

_CLEAR = 0.75  # of the first row, so much reads like headings where there is no doubt
_PAIRED = 0.9  # of a column of names, so much must be names, and different ones
_INNER = 0.3  # of an inner column, so much reads like headings in a form
_OBLIQUE = 0.2  # of the records, so many have merges that follow no heading
_MIXED = 0.15  # by column, and half as much by row: cells of several kinds on all sides


def signs_of_form(shape: Shape) -> list[Sign]:
    """Everything that speaks for a form."""
    tests = (
        _pairs(shape),
        _names_inside(shape),
        _said_again(shape),
        _values_above(shape),
        _oblique_merges(shape),
        _headings_below(shape),
        _undivided_groups(shape),
        _stacked(shape),
        _uneven(shape),
    )
    return [sign for signs in tests for sign in signs]


# ---------------------------------------------------------------------------- the heading


def _values_above(shape: Shape) -> Iterator[Sign]:
    """Values where headings should be; a day above numbers is a heading, and so is 1 2 3."""
    counted = [span for span in shape.across if span.kind in NUMERIC]
    numbers = [span.text.removesuffix(".0") for span in counted]
    if numbers == [str(number) for number in range(1, len(numbers) + 1)] and len(numbers) > 1:
        return
    values = [span for span in shape.named if shape.depth == 1 and _is_value(shape, span)]
    if values:
        sure = len(values) >= 0.2 * len(shape.named)
        at = address(values[0].top, values[0].left)  # not what it says: it may be somebody's number
        yield Sign(
            _SURE if sure else _WEAK,
            f"a value stands at {at} where a heading should",
            f"表头位置（{at}）上是数据",
            upright=True,
        )


def _is_upright(shape: Shape) -> bool:
    """Whether nearly every heading reads like one, or a column is of numbers or days, or there is a total.

    Then names among the entries are most likely entries.
    """
    bare = any(not shape.head.parts[at] for at in range(shape.left + 1, shape.right + 1))
    wide = any(leaf.wide for leaf in shape.head.leaves.values())
    if not bare and not wide and len(shape.top) >= 3 and share_named(shape.top) >= _CLEAR:
        return True
    return shape.totalled or any(_is_typed(shape, at) for at in range(shape.left, shape.right + 1))


def _is_typed(shape: Shape, column: int) -> bool:
    """Whether a column holds nothing but numbers, or nothing but days, below a name."""
    leaf, below = shape.head.leaves.get(column), shape.columns.get(column, [])
    kinds = {span.kind for span in below if span.kind is not Kind.VOID}
    filled = len(below) >= max(3, len(shape.rows) / 2)
    return leaf is not None and leaf.kind is Kind.NAME and filled and kinds in ({Kind.NUMBER}, {Kind.DATE})


def _is_value(shape: Shape, span: Span) -> bool:
    if span.kind is Kind.NUMBER:
        return True
    if span.kind not in (Kind.MEASURE, Kind.DATE, Kind.CHOICE):
        return False
    below = [one.kind for one in shape.columns.get(span.left, ()) if one.kind is not Kind.VOID]
    return bool(below) and 2 * sum(kind in NUMERIC for kind in below) <= len(below)


def _said_again(shape: Shape) -> Iterator[Sign]:
    """The same headings a second time, key column and all: two tables side by side."""
    names = _leaves(shape)
    again = bool(names) and names[0][0] == shape.left and shape.depth <= 2 and _begins_again(names)
    half, rest = divmod(len(names), 2)
    if not again and rest == 0 and half >= 3:
        same = sum(one[1] == two[1] for one, two in zip(names[:half], names[half:], strict=True))
        key = [span.kind for span in shape.columns.get(names[half][0], ())]
        again = same >= half - 1 and 2 * key.count(Kind.NAME) > len(key)
    if again:
        yield Sign(_SURE, "the same headings stand side by side twice", "相同表头左右重复，似为两张表并排")


def _begins_again(names: list[tuple[int, tuple[str, ...]]]) -> bool:
    """Whether the first heading stands further right again, and the second after it."""

    def alike(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
        return one == two or (len(one) == len(two) == 2 and one[-1] == two[-1])

    parts = [one for _, one in names]
    return any(
        alike(parts[at], parts[0]) and (at + 1 == len(parts) or alike(parts[at + 1], parts[1]))
        for at in range(1, len(parts))
    )


def _leaves(shape: Shape) -> list[tuple[int, tuple[str, ...]]]:
    """Each heading once with its first column."""
    found: list[tuple[int, tuple[str, ...]]] = []
    previous: Span | None = None
    for column in range(shape.left, shape.right + 1):
        leaf = shape.head.leaves.get(column)
        if leaf is not None and leaf is not previous:
            found.append((column, shape.head.parts[column]))
        previous = leaf
    return found


def _stacked(shape: Shape) -> Iterator[Sign]:
    """Columns whose heading has several parts though nothing groups them."""
    groups = {at for span in shape.named if span.wide for at in range(span.left, span.right + 1)}
    loose = [
        at for at in range(shape.left, shape.right + 1) if len(shape.head.parts[at]) > 1 and at not in groups
    ]
    if 2 * len(loose) >= shape.width > 1:
        yield Sign(
            _STRONG, "cells of one row are merged beside unmerged ones", "同一行中有的单元格合并、有的未合并"
        )


# ------------------------------------------------------------------------------ the inside


def _names_inside(shape: Shape) -> Iterator[Sign]:
    """Headings where entries should be, in a column inside the table."""
    labels = any(span.tall for span in shape.down)  # then the second column may name rows as well
    best, said = 0.0, ""
    for column, spans in shape.columns.items():
        if column <= shape.left + labels:
            continue
        named = [span.text for span in spans if names_something(span.text)]
        if len({*named}) >= 2 and len(named) / len(spans) > best:
            best, said = len(named) / len(spans), named[0]
    if best > 0.2:
        yield Sign(
            _SURE if best > _INNER and not _is_upright(shape) else _WEAK,
            f"headings such as '{said[:12]}' stand among the entries",
            f"表内夹有“{said[:12]}”之类的项目名",
        )


def _varies(spans: list[Span]) -> bool:
    """Whether a column holds cells of several kinds."""
    return len({span.kind for span in spans if span.kind is not Kind.VOID}) >= 2


def _pairs(shape: Shape) -> Iterator[Sign]:
    """Name, value, name, value: columns of names that are all different beside columns of all kinds."""
    if shape.width < 4 or shape.width % 2 or len(shape.rows) < 2:
        return
    lines: dict[int, list[Span]] = {}
    for row in (shape.named, *shape.rows):
        for span in row:
            lines.setdefault(span.left, []).append(span)
    keys = range(shape.left, shape.right, 2)
    if not all(_is_key(lines.get(at, []), len(shape.rows) + shape.depth) for at in keys):
        return
    mixed = sum(_is_mixed(lines.get(at + 1, [])) for at in keys)
    if 2 * mixed >= len(keys):
        yield Sign(
            _WEAK if _is_upright(shape) else _SURE,
            "names and values stand in alternate columns",
            "名称与内容隔列交替，似为登记卡片",
        )


def _is_mixed(spans: list[Span]) -> bool:
    """Whether a column holds several kinds; a name above values of one kind is a heading."""
    return _varies(spans[1:] if spans and spans[0].kind is Kind.NAME else spans)


def _is_key(spans: list[Span], rows: int) -> bool:
    """Whether a column holds names only, each once."""
    names = [span for span in spans if span.kind is Kind.NAME or names_something(span.text)]
    reached = sum(span.bottom - span.top + 1 for span in spans)
    different = len({span.text for span in spans})
    return 2 * reached >= rows and min(len(names), different) >= _PAIRED * len(spans) > 0


def _headings_below(shape: Shape) -> Iterator[Sign]:
    """A row of headings among the records."""
    for spans in shape.rows:
        names = [span for span in spans if span.kind in (Kind.NAME, Kind.PERIOD)]
        named = sum(names_something(span.text) for span in spans)
        if len(spans) >= 3 and len(names) == len(spans) and named >= 0.6 * len(spans):
            yield Sign(_STRONG, "further headings stand below the first", "下方另有表头，似为多张表混排")
            return


def _uneven(shape: Shape) -> Iterator[Sign]:
    """Kinds mixed by row and by column, and cells merged downwards in several columns."""
    by_column = mixture(spans for column, spans in shape.columns.items() if column > shape.left)
    by_row = mixture([shape.across, *(spans[1:] for spans in shape.rows)])
    if by_column > _MIXED and by_row > _MIXED / 2:
        yield Sign(_WEAK, "columns hold cells of several kinds", "同一列内数据类型不一")
    if sum(any(span.tall for span in spans) for spans in shape.columns.values()) >= 2:
        yield Sign(_SLIGHT, "cells are merged downwards in several columns", "多列存在纵向合并")


# ------------------------------------------------------------------------------ the merges


def _oblique_merges(shape: Shape) -> Iterator[Sign]:
    """Merges over columns that follow no heading, and merges over the whole width between records."""
    follow = [(span.left, span.right) for span in shape.named if span.wide]
    records = [spans for spans, kept in zip(shape.rows, shape.records, strict=True) if kept]
    oblique = 0
    for spans in records:
        wide = [span for span in spans if span.wide and (span.left, span.right) != (shape.left, shape.right)]
        oblique += any(not any(a <= span.left and span.right <= b for a, b in follow) for span in wide)
    if oblique:
        sure = oblique >= _OBLIQUE * len(records)
        yield Sign(_SURE if sure else _WEAK, "merges inside follow no heading", "表内横向合并与表头不对应")
    if shape.banded:
        yield Sign(_WEAK, "rows merged over the whole width stand inside", "表内有整行合并的分隔行")


def _undivided_groups(shape: Shape) -> Iterator[Sign]:
    """A heading over several columns whose parts have no names, though they hold different things."""
    for leaf in dict.fromkeys(shape.head.leaves.values()):
        if not leaf.wide or (shape.depth > 1 and leaf.left == shape.left):
            continue
        if any(sum(leaf.left <= span.left <= leaf.right for span in spans) >= 2 for spans in shape.rows):
            yield Sign(
                _STRONG,
                f"the columns below '{leaf.text[:12]}' have no headings of their own",
                f"“{leaf.text[:12]}”下的各列没有各自的表头",
            )
            if share_named(shape.down) >= 0.5:
                yield Sign(_WEAK, "names run down the first column", "首列自上而下是项目名")
            return
