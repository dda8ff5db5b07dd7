"""Modules: gates whose leaves nobody outside uses; each is solved as if it were a leaf.

A minimal set of the whole is a minimal set over modules with every module replaced by a minimal
set of its own.  So counts multiply and costs add, and only the parts that really share something
are ever looked at together.

Reads from: ``gates``.  Read by: ``cheapest_set``, ``families``, ``leaf_order``.

Source:
    Dutuit and Rauzy, "A linear-time algorithm to find modules of fault trees" (1996).
"""

from __future__ import annotations

from typing import NamedTuple

from taizhang.rules.gates import Formula, Gate, bottom_up

__all__ = ["Core", "cores"]


class Core(NamedTuple):
    """A module without the inside of the modules in it.

    Attributes:
        top: Its gate, which is also its number as an item of the core above.
        gates: Inputs first, the top last.  Inputs that are no gates here are items: leaves, or
            modules by their top.
    """

    top: int
    gates: dict[int, Gate]


def cores(formula: Formula) -> list[Core]:
    """Take a formula apart into its modules, inner ones first; the last is that of the top.

    Cost:
        Linear: two passes over the gates.
    """
    order = bottom_up(formula.gates, formula.top)
    tops = _modules(formula, order)
    found: list[Core] = []
    for top in order:
        if top not in tops:
            continue
        inside = {top: formula.gates[top]}
        waiting = [top]
        while waiting:
            for one in inside[waiting.pop()].of:
                if one in formula.gates and one not in tops and one not in inside:
                    inside[one] = formula.gates[one]
                    waiting.append(one)
        found.append(Core(top, {number: inside[number] for number in bottom_up(inside, top)}))
    return found


def _modules(formula: Formula, order: list[int]) -> set[int]:
    """Gates all of whose inputs, however deep, are visited only between its own two visits."""
    first, second, last = _visits(formula)
    earliest: dict[int, int] = {}
    latest: dict[int, int] = {}
    tops = {formula.top}
    for number in order:
        of = formula.gates[number].of
        earliest[number] = min(min(first[one], earliest.get(one, first[one])) for one in of)
        latest[number] = max(max(last[one], latest.get(one, 0)) for one in of)
        if earliest[number] > first[number] and latest[number] < second[number]:
            tops.add(number)
    return tops


def _visits(formula: Formula) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """When a walk from the top comes to a number first, leaves it, and comes to it last."""
    first: dict[int, int] = {}
    second: dict[int, int] = {}
    last: dict[int, int] = {}
    waiting = [(formula.top, False)]
    clock = 0
    while waiting:
        number, leaving = waiting.pop()
        clock += 1
        last[number] = clock
        if leaving:
            second[number] = clock
        elif number not in first:
            first[number] = clock
            if number in formula.gates:
                waiting.append((number, True))
                waiting.extend((one, False) for one in reversed(formula.gates[number].of))
    return first, second, last
