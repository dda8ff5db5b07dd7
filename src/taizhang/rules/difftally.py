"""How much changed: the sayings of a diff counted and summed.

Every number is the length or the sum of a list of changes, so that it can be opened one by one.
What an officer would call a change is counted; a plan whose rows only stand in another order, or
whose shares of effort moved within the same total, is not.

Reads from: ``plancontent``, ``plandiff``.  Read by: the doors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from taizhang.rules.plancontent import Said
from taizhang.rules.plandiff import Change
from taizhang.rules.terms import Status

__all__ = ["SEEN", "Tally", "tally"]

#: Kinds of sayings that are told as changes of their own; the others follow from them.
SEEN = frozenset(
    {
        "estate", "status", "units", "item", "price", "why", "way", "question", "assumes", "total", "date",
        "duty", "class", "blocker", "lift", "fee", "fees", "fees_unknown", "proved", "identity",
    }
)  # fmt: skip


_OTHERS = frozenset({"why", "assumes", "duty", "class", "blocker", "lift", "proved", "identity"})


@dataclass(frozen=True, slots=True)
class Tally:
    """What a list of changes amounts to.

    Attributes:
        estates: Ids of the estates of which something that is seen changed.
        estates_added, estates_removed: Ids of those that came and went.
        units: Status word to the change in the number of units.
        units_moved: Units whose own status is another.
        items_added, items_removed: Papers newly missing, and missing no more, by paper and place.
        gaps: Change in the number of gaps.
        prices: Papers that cost something else.
        ways: Nodes for which another way is taken.
        questions_opened, questions_closed: Facts to be found out.
        dates: Estates that end on another day.
        money_fen, effort: Change of the joint plans' sums.
        fees_fen: Change of what households owe.
        others: Classes, blockers, duties, assumptions, grades and lifts that are others now.
    """

    estates: tuple[str, ...]
    estates_added: tuple[str, ...]
    estates_removed: tuple[str, ...]
    units: Mapping[str, int]
    units_moved: int
    items_added: int
    items_removed: int
    gaps: int
    prices: int
    ways: int
    questions_opened: int
    questions_closed: int
    dates: int
    money_fen: int
    effort: int
    fees_fen: int
    others: int


def tally(changes: Sequence[Change]) -> Tally:
    """Count and sum changes.

    Args:
        changes: Of one step, of one estate, or of the whole.

    >>> from taizhang.rules.plancontent import Key
    >>> came_in = Change("e1", Key("item", "survey", "e1"), ("land_bureau", 1, 84), None)
    >>> found = tally([came_in, Change("e1", Key("units", "proved"), 0, 84)])
    >>> found.items_removed, found.gaps, found.units["proved"]
    (1, -1, 84)
    """
    seen = [one for one in changes if one.key.kind in SEEN]
    names = [one for one in seen if one.key.kind == "estate"]
    items, questions = _kind(seen, "item"), _kind(seen, "question")
    units: Counter[str] = Counter()
    for one in _kind(seen, "units"):
        units[one.key.name] += _number(one.after) - _number(one.before)
    return Tally(
        tuple(sorted({one.estate for one in seen})),
        tuple(one.estate for one in names if one.before is None),
        tuple(one.estate for one in names if one.after is None),
        {status.word: units[status.word] for status in Status if units[status.word]},
        sum(one.key.kind == "unit" and one.key.name == "status" for one in changes),
        sum(one.before is None for one in items),
        sum(one.after is None for one in items),
        sum(_count(one.after) - _count(one.before) for one in items),
        sum(one.before is not None and one.after is not None for one in _kind(seen, "price")),
        sum(one.before is not None and one.after is not None for one in _kind(seen, "way")),
        sum(one.before is None for one in questions),
        sum(one.after is None for one in questions),
        sum(one.key.name == "finish" for one in _kind(seen, "date")),
        _sum(seen, "money_fen"),
        _sum(seen, "effort"),
        sum(_number(one.after) - _number(one.before) for one in _kind(seen, "fees")),
        sum(one.key.kind in _OTHERS for one in seen),
    )


def _kind(changes: Iterable[Change], kind: str) -> list[Change]:
    return [one for one in changes if one.key.kind == kind]


def _sum(changes: Iterable[Change], part: str) -> int:
    """Change of one part of the joint plans."""
    found = (one for one in changes if one.key.kind == "total" and one.key.name == part)
    return sum(_number(one.after) - _number(one.before) for one in found)


def _number(value: Said) -> int:
    return value if isinstance(value, int) else 0


def _count(value: Said) -> int:
    """The number of gaps of an ``item`` saying: supplier, gaps, units."""
    return _number(value[1]) if isinstance(value, tuple) else 0
