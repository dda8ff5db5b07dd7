"""A graph as counting gates over numbered leaves, made as small as its meaning allows.

Every gate holds where at least ``k`` of its inputs hold: one of them for the ways of a node, all of
them for the needs of a way.  What is on hand lowers ``k``; what is unobtainable leaves the inputs.
So one rule does for all kinds of gates and for everything that becomes known.

Reads from: ``graph``.  Read by: ``modules``, ``cheapest_set``, ``minimal``.

Source:
    Coalescing gates and drawing out inputs that always stand together: Platz and Olsen, "FAUNET: a
    program package for evaluation of fault trees and networks" (1976); Niemelä, "On simplification
    of large fault trees" (1994).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from taizhang.rules.graph import Graph, Need
from taizhang.rules.terms import AtLeast

__all__ = ["NO", "YES", "Formula", "Gate", "bottom_up", "formula_of", "simplified"]

NO, YES = -2, -1  #: tops of formulas that nothing proves, and that nothing is missing from


class Gate(NamedTuple):
    """Holds where at least ``k`` of its inputs hold; an input may stand more than once."""

    k: int
    of: tuple[int, ...]


class Formula(NamedTuple):
    """Gates by number, over leaves ``0..leaves-1``.

    Attributes:
        gates: All that the top needs and none else, inputs first; numbers from ``leaves`` on.
        top: A gate, or ``NO`` or ``YES``.
        leaves: How many numbers are reserved for leaves.
    """

    gates: Mapping[int, Gate]
    top: int
    leaves: int


def bottom_up(gates: Mapping[int, Gate], top: int) -> list[int]:
    """Gates at or below the top, inputs first."""
    order: list[int] = []
    met: set[int] = set()
    waiting = [(top, False)]
    while waiting:
        number, finished = waiting.pop()
        if finished:
            order.append(number)
        elif number in gates and number not in met:
            met.add(number)
            waiting.append((number, True))
            waiting.extend((one, False) for one in reversed(gates[number].of))
    return order


def formula_of(graph: Graph, on_hand: Container[str], unobtainable: Container[str]) -> Formula:
    """Return the graph as gates, with what is on hand or unobtainable put in; simplified.

    Leaves are numbered as ``graph.leaves``.  A name that is both counts as on hand.
    """
    numbers = {name: at for at, name in enumerate((*graph.leaves, *graph.ways))}
    known = {
        number: name in on_hand for name, number in numbers.items() if name in on_hand or name in unobtainable
    }
    gates: dict[int, Gate] = {}
    spare = len(numbers)

    def add(gate: Gate) -> int:
        nonlocal spare
        gates[spare] = gate
        spare += 1
        return spare - 1

    def need(written: Need) -> int:
        if isinstance(written, AtLeast):
            return add(Gate(written.k, tuple(numbers[one] for one in written.of)))
        return numbers[written]

    for name, ways in graph.ways.items():
        inputs = [add(Gate(len(way), tuple(map(need, way)))) for way in ways]
        gates[numbers[name]] = Gate(1, tuple(inputs))
    top = numbers[graph.goal]
    return simplified(Formula(gates, top, len(graph.leaves)), known)


def simplified(formula: Formula, known: Mapping[int, bool]) -> Formula:
    """Return a smaller formula of the same minimal sets of unknown leaves.

    Args:
        formula: Any.
        known: Leaves and gates that hold, or that must not be used.

    Cost:
        Linear per round; a round that changes nothing is the last, and few are needed.
    """
    gates, top = dict(formula.gates), formula.top
    used = max((one for gate in gates.values() for one in gate.of), default=0)
    spare = 1 + max(used, *gates, formula.leaves)
    while True:
        smaller, top = _folded(gates, top, known)
        known = {}
        spare, grouped = _grouped(smaller, top, spare)
        if not grouped and len(smaller) == len(gates):
            break
        gates = smaller
    if top >= 0 and top not in smaller:  # a single leaf is left
        smaller, top = {spare: Gate(1, (top,))}, spare
    return Formula(smaller, top, formula.leaves)


def _folded(gates: Mapping[int, Gate], top: int, known: Mapping[int, bool]) -> tuple[dict[int, Gate], int]:
    """One pass from the leaves up: settle, merge into parents, and keep one of equal gates."""
    order = bottom_up(gates, top)
    used: dict[int, int] = {}
    for number in order:
        for one in gates[number].of:
            used[one] = used.get(one, 0) + 1
    stands_for = {number: YES if holds else NO for number, holds in known.items()}
    folded: dict[int, Gate] = {}
    seen: dict[Gate, int] = {}
    for number in order:
        if number in stands_for:
            continue
        gate = _settled(gates[number], stands_for)
        if gate.k <= 0 or gate.k > len(gate.of):
            stands_for[number] = YES if gate.k <= 0 else NO
            continue
        gate = _merged(gate, folded, used)
        if len(gate.of) == 1:
            stands_for[number] = gate.of[0]
            used[gate.of[0]] += used.get(number, 1) - 1  # its users now use the input
            continue
        first = seen.setdefault(Gate(gate.k, tuple(sorted(gate.of))), number)
        if first == number:
            folded[number] = gate
        else:
            stands_for[number] = first
            used[first] = used.get(first, 0) + used.get(number, 0)
    top = stands_for.get(top, top)
    return {number: folded[number] for number in bottom_up(folded, top)}, top


def _settled(gate: Gate, stands_for: Mapping[int, int]) -> Gate:
    """A gate over what its inputs stand for, without those that are settled."""
    inputs = [stands_for.get(one, one) for one in gate.of]
    return Gate(gate.k - inputs.count(YES), tuple(one for one in inputs if one >= 0))


def _merged(gate: Gate, folded: Mapping[int, Gate], used: Mapping[int, int]) -> Gate:
    """A gate with the inputs of those of its inputs that are of its kind and nobody else's."""
    every, any_ = gate.k == len(gate.of), gate.k == 1
    if not every and not any_:
        return gate
    inputs: list[int] = []
    for one in gate.of:
        below = folded.get(one)
        if below is None or used[one] > 1 or below.k != (1 if any_ and not every else len(below.of)):
            inputs.append(one)
        else:
            inputs.extend(below.of)
    of = tuple(dict.fromkeys(inputs))
    return Gate(len(of) if every else 1, of)


def _grouped(gates: dict[int, Gate], top: int, spare: int) -> tuple[int, bool]:
    """Draw inputs that always stand together into a gate of their own, in place."""
    parents: dict[int, list[int]] = {}
    for number in bottom_up(gates, top):
        for one in gates[number].of:
            parents.setdefault(one, []).append(number)
    groups: dict[tuple[int, ...], list[int]] = {}
    for one, users in parents.items():
        if len(users) > 1:
            groups.setdefault(tuple(users), []).append(one)
    found = False
    for above, inputs in groups.items():
        kinds = {_kind(gates[parent]) for parent in above}
        if len(inputs) < 2 or len(kinds) > 1 or "count" in kinds:
            continue
        found = True
        gates[spare] = Gate(1 if "any" in kinds else len(inputs), tuple(inputs))
        for parent in above:
            gates[parent] = _replaced(gates[parent], inputs, spare)
        spare += 1
    return spare, found


def _kind(gate: Gate) -> str:
    if gate.k == len(gate.of):
        return "all"
    return "any" if gate.k == 1 else "count"


def _replaced(gate: Gate, inputs: Iterable[int], by: int) -> Gate:
    out = set(inputs)
    kept = [by if one in out else one for one in gate.of]
    of = tuple(dict.fromkeys(kept))
    return Gate(1 if gate.k == 1 else len(of), of)
