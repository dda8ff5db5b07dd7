"""In which order a decision diagram asks for the items of a core: those that meet, close together.

The size of a diagram hangs on the order, and no order is good for all.  Walks from the top are tried
as they are and after every item was drawn towards the gates it meets in; the orders under which the
gates reach over the fewest items come first.  Measured on 28 fault trees this sum tells the good
orders of one tree from the bad ones, at a small part of the price of building the diagrams.  It does
not tell an order from its reverse, which may be ten times better or worse; so both are offered.

Reads from: ``modules``.  Read by: ``diagram``.

Source:
    Walks: Bouissou, "An ordering heuristic for building binary decision diagrams from fault-trees"
    (1996); drawing together: Aloul, Markov and Sakallah, "FORCE: a fast and easy-to-implement
    variable-ordering heuristic" (2003).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from taizhang.rules.gates import Gate
from taizhang.rules.modules import Core

__all__ = ["item_orders"]

_FEW = 8  # items of a core too small to be worth more than one walk
_BEST = 2  # orders offered, each with its reverse
_ROUNDS = 60  # of drawing together
_PATIENCE = 5  # rounds without gain before it is given up


def item_orders(core: Core) -> list[list[int]]:
    """Return orders of the items of a core worth trying, the most promising first.

    Cost:
        A few dozen passes over the gates.
    """
    uses: dict[int, int] = {}
    for gate in core.gates.values():
        for one in gate.of:
            uses[one] = uses.get(one, 0) + 1
    walk = _walk(core, lambda of: of)
    if len(walk) - len(core.gates) <= _FEW:
        return [[number for number in walk if number not in core.gates]]
    walks = [
        walk,
        _walk(core, lambda of: of[::-1]),
        _walk(core, lambda of: sorted(of, key=lambda one: -uses[one])),
    ]
    groups = [(number, *gate.of) for number, gate in core.gates.items()]
    walks += [_drawn_together(groups, start) for start in walks]
    orders = [[number for number in one if number not in core.gates] for one in walks]
    orders.sort(key=lambda order: _reach(core.gates, order))
    return [either for order in orders[:_BEST] for either in (order, order[::-1])]


def _walk(core: Core, arranged: Callable[[Sequence[int]], Sequence[int]]) -> list[int]:
    """Gates and items as a walk from the top first comes to them."""
    met: dict[int, None] = {}
    waiting = [core.top]
    while waiting:
        number = waiting.pop()
        if number not in met:
            met[number] = None
            if number in core.gates:
                waiting.extend(reversed(arranged(core.gates[number].of)))
    return list(met)


def _reach(gates: Mapping[int, Gate], order: Sequence[int]) -> int:
    """Over how many items the gates reach, from the first below each to the last, summed up."""
    place = {item: at for at, item in enumerate(order)}
    first, last = dict(place), dict(place)
    for number, gate in gates.items():
        first[number] = min(first[one] for one in gate.of)
        last[number] = max(last[one] for one in gate.of)
    return sum(last[number] - first[number] for number in gates)


def _drawn_together(groups: Sequence[tuple[int, ...]], start: Sequence[int]) -> list[int]:
    """The best of the orders that come of moving everything to the middle of what it meets."""
    member: dict[int, list[int]] = {one: [] for one in start}
    for at, group in enumerate(groups):
        for one in group:
            member[one].append(at)
    place = {one: at for at, one in enumerate(start)}
    best, least, stale = list(start), -1, 0
    for _ in range(_ROUNDS):
        places = [[place[one] for one in group] for group in groups]
        width = sum(max(row) - min(row) for row in places)
        if least < 0 or width < least:
            best, least, stale = list(place), width, 0
        else:
            stale += 1
            if stale > _PATIENCE:
                break
        middle = [sum(row) / len(row) for row in places]
        wish = {one: sum(middle[at] for at in in_) / len(in_) for one, in_ in member.items()}
        order = sorted(place, key=lambda one: (wish[one], place[one]))
        place = {one: at for at, one in enumerate(order)}
    return best
