"""The lightest set that proves the top, without all the others.

Module by module.  A set found by going cheaply bounds the weight from above; landmarks bound it from
below: of each of these groups of items every proof takes one, and what the groups were charged for
does not exceed the items' weights.  What would lift the lower bound over the upper one is left out,
and mostly so little remains that its diagram is small.  Where it is not, the search goes on with
one item taken and not taken.

Reads from: ``diagram``, ``gates``, ``modules``.  Read by: ``minimal``.

Source:
    Landmarks charged by what remains of the weights: Helmert and Domshlak, "Landmarks, critical paths
    and abstractions: what's the difference anyway?" (2009); leaving out by reduced costs: Crowder,
    Johnson and Padberg, "Solving large-scale zero-one linear programming problems" (1983).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taizhang.rules.diagram import Diagram, TooLargeError, diagram_of
from taizhang.rules.gates import NO, YES, Formula, Gate, simplified
from taizhang.rules.modules import Core, cores

__all__ = ["lightest"]

_MOST_NODES = (200_000, 30_000)  # of the diagram that ends a search: at its root, and further down
_LANDMARKS = 400  # charged at most: they only have to bound
_TRIALS = 200  # items of a set that are tried for being dispensable

Weights = Mapping[int, int]


def lightest(formula: Formula, weights: Sequence[int]) -> int:
    """Return the weight of the lightest set of leaves under which the top holds.

    Args:
        formula: Its top is a gate.
        weights: By leaf, positive; no two sets of leaves may weigh the same.

    Cost:
        Exponential at worst, as the problem is; for fault trees of 1,600 gates about a second.
    """
    known = dict(enumerate(weights))
    for core in cores(formula):
        known[core.top] = _Search(core, known).run()
    return known[formula.top]


class _Search:
    """Branch and bound over the items of one core."""

    def __init__(self, core: Core, weights: Weights) -> None:
        self.weights = weights
        self.waiting = [(Formula(core.gates, core.top, 0), 0)]
        self.best = 1 + sum(weights[one] for one in _items(core.gates))
        self.rooms = _MOST_NODES[0]

    def run(self) -> int:
        while self.waiting:
            formula, paid = self.waiting.pop()
            if formula.top == YES:
                self.best = min(self.best, paid)
            elif formula.top != NO:
                self._look(formula, paid)
        return self.best

    def _look(self, formula: Formula, paid: int) -> None:
        gates = formula.gates
        near = _greedy(formula, self.weights, self.weights)
        bound, rest = _charged(formula, self.weights)
        # what the landmarks have paid for in full is nearly free: often the better guide
        nearly = {one: (left << 20) + self.weights[one] for one, left in rest.items()}
        near = min(near, _greedy(formula, nearly, self.weights), key=self._sum)
        self.best = min(self.best, paid + self._sum(near))
        spare = self.best - paid - bound
        if spare <= 0:
            return
        closed = {one: False for one, value in _values(gates, rest).items() if value > spare}
        if closed:
            self.waiting.append((simplified(formula, closed), paid))
            return
        try:
            diagram = diagram_of(Core(formula.top, dict(gates)), self.rooms)
        except TooLargeError:
            self._branch(formula, paid, near)
        else:
            self.best = min(self.best, paid + _least(diagram, self.weights))

    def _branch(self, formula: Formula, paid: int, near: Sequence[int]) -> None:
        self.rooms = _MOST_NODES[1]
        one = max(near, key=lambda item: (self.weights[item], -item))
        self.waiting.append((simplified(formula, {one: False}), paid))
        self.waiting.append((simplified(formula, {one: True}), paid + self.weights[one]))

    def _sum(self, items: Sequence[int]) -> int:
        return sum(self.weights[one] for one in items)


def _items(gates: Mapping[int, Gate]) -> list[int]:
    """Inputs that are no gates, each once."""
    return list(dict.fromkeys(one for gate in gates.values() for one in gate.of if one not in gates))


# ------------------------------------------------------------------------------------- bounds


def _values(gates: Mapping[int, Gate], rest: Weights) -> dict[int, int]:
    """By item and gate: the least, over its proofs, of the heaviest item in it."""
    values = dict(rest)
    for number, (k, of) in gates.items():
        row = [values[one] for one in of]
        values[number] = min(row) if k == 1 else max(row) if k == len(row) else sorted(row)[k - 1]
    return values


def _charged(formula: Formula, weights: Weights) -> tuple[int, dict[int, int]]:
    """A lower bound, and what remains of the weights after paying for it."""
    rest = {one: weights[one] for one in _items(formula.gates)}
    bound = 0
    for _ in range(_LANDMARKS):
        values = _values(formula.gates, rest)
        if not values[formula.top]:
            break
        landmark = _landmark(formula, values)
        charge = min(rest[one] for one in landmark)
        bound += charge
        for one in landmark:
            rest[one] -= charge
    return bound, rest


def _landmark(formula: Formula, values: Weights) -> list[int]:
    """Items of which every proof takes one, all of them with something left to charge."""
    met = {formula.top}
    waiting = [formula.top]
    found: list[int] = []
    while waiting:
        number = waiting.pop()
        if number not in formula.gates:
            found.append(number)
            continue
        k, of = formula.gates[number]
        # k of n hold, so one does of any n - k + 1: of those that are worth most
        for one in sorted(of, key=lambda one: -values[one])[: len(of) - k + 1]:
            if one not in met:
                met.add(one)
                waiting.append(one)
    return found


def _greedy(formula: Formula, guide: Weights, weights: Weights) -> list[int]:
    """Items that prove the top: each gate by its lightest inputs, as if nothing were shared."""
    gates = formula.gates
    sums = {one: guide[one] for one in _items(gates)}
    chosen: dict[int, list[int]] = {}
    for number, (k, of) in gates.items():
        chosen[number] = sorted(of, key=lambda one: sums[one])[:k]
        sums[number] = sum(sums[one] for one in chosen[number])
    met = {formula.top: None}
    waiting = [formula.top]
    while waiting:
        for one in chosen.get(waiting.pop(), ()):
            if one not in met:
                met[one] = None
                waiting.append(one)
    found = [one for one in met if one not in gates]
    for one in sorted(found, key=lambda one: -weights[one])[:_TRIALS]:
        without = [other for other in found if other != one]
        if _holds(formula, without):
            found = without
    return found


def _holds(formula: Formula, items: Sequence[int]) -> bool:
    true = set(items)
    for number, (k, of) in formula.gates.items():
        if sum(one in true for one in of) >= k:
            true.add(number)
    return formula.top in true


def _least(diagram: Diagram, weights: Weights) -> int:
    """The weight of the lightest path to the yes of a diagram."""
    never = 1 + sum(weights[item] for item in diagram.items)
    least = {0: never, 1: 0}
    for one in diagram.below():
        taken = weights[diagram.items[diagram.level[one]]] + least[diagram.high[one]]
        least[one] = min(least[diagram.low[one]], taken)
    return least[diagram.top]
