"""Where every element stands, over all completions of the open facts at once.

The completions of a case multiply: ten open facts with four answers each are a million.
Truth over all of them is kept as a decision diagram over the classes of answers, shared
and reduced, so independent parts of the graph add up instead of multiplying and the answer
stays exact.

Reads from: ``ground``, ``terms``.  Read by: ``assess``.

Source:
    Bryant, "Graph-based algorithms for Boolean function manipulation" (1986), with
    many-valued variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from taizhang.rules.ground import Condition, Option, Problem
from taizhang.rules.terms import Held, Status

__all__ = ["Diagrams", "Standing", "root_blockers", "standing"]

Node: TypeAlias = int
FALSE: Node = 0
TRUE: Node = 1


class Diagrams:
    """Reduced ordered decision diagrams over many-valued variables.

    A diagram is a number: 0 is never, 1 is always; equal functions have equal numbers.

    Args:
        widths: Number of values of each variable, in variable order.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        self._widths = widths
        self._nodes: list[tuple[int, tuple[Node, ...]]] = [(len(widths), ()), (len(widths), ())]
        self._known: dict[tuple[int, tuple[Node, ...]], Node] = {}
        self._pairs: dict[tuple[bool, Node, Node], Node] = {}

    def test(self, variable: int, values: frozenset[int]) -> Node:
        """The diagram of "the variable has one of these values"."""
        return self._make(variable, tuple(int(v in values) for v in range(self._widths[variable])))

    def condition(self, condition: Condition) -> Node:
        """The diagram of an open guard."""
        found = FALSE
        for combo in sorted(condition.holds):
            one = TRUE
            for variable, value in zip(condition.facts, combo, strict=True):
                one = self.both(one, self.test(variable, frozenset({value})))
            found = self.either(found, one)
        return found

    def both(self, one: Node, two: Node) -> Node:
        """And."""
        if FALSE in (one, two):
            return FALSE
        if one in (TRUE, two):
            return two
        return one if two == TRUE else self._apply(True, min(one, two), max(one, two))

    def either(self, one: Node, two: Node) -> Node:
        """Or."""
        if TRUE in (one, two):
            return TRUE
        if one in (FALSE, two):
            return two
        return one if two == FALSE else self._apply(False, min(one, two), max(one, two))

    def at_least(self, k: int, of: list[Node]) -> Node:
        """At least ``k`` of the diagrams hold."""
        if k == len(of):
            holds = TRUE
            for one in of:
                holds = self.both(holds, one)
            return holds
        counts = [TRUE] + [FALSE] * k
        for one in of:
            for j in range(k, 0, -1):
                counts[j] = self.either(counts[j], self.both(one, counts[j - 1]))
        return counts[k]

    def variables(self, root: Node) -> frozenset[int]:
        """The variables a diagram really depends on."""
        seen: set[Node] = set()
        pending, found = [root], set()
        while pending:
            node = pending.pop()
            if node in seen or node in (FALSE, TRUE):
                continue
            seen.add(node)
            variable, children = self._nodes[node]
            found.add(variable)
            pending.extend(children)
        return frozenset(found)

    def _make(self, variable: int, children: tuple[Node, ...]) -> Node:
        if len(set(children)) == 1:
            return children[0]
        key = variable, children
        if key not in self._known:
            self._nodes.append(key)
            self._known[key] = len(self._nodes) - 1
        return self._known[key]

    def _apply(self, conjunction: bool, one: Node, two: Node) -> Node:
        key = conjunction, one, two
        if key not in self._pairs:
            (left, lefts), (right, rights) = self._nodes[one], self._nodes[two]
            variable = min(left, right)
            width = self._widths[variable]
            lefts = lefts if left == variable else (one,) * width
            rights = rights if right == variable else (two,) * width
            join = self.both if conjunction else self.either
            self._pairs[key] = self._make(variable, tuple(map(join, lefts, rights)))
        return self._pairs[key]


@dataclass(frozen=True, slots=True)
class Standing:
    """The diagrams of one problem.

    Attributes:
        diagrams: The store the numbers below belong to.
        proved: Per element: when it follows from what is on hand.
        possible: Per element: when it follows from what is on hand or can be obtained.
    """

    diagrams: Diagrams
    proved: tuple[Node, ...]
    possible: tuple[Node, ...]

    def status(self, number: int) -> Status:
        """The status of an element over all completions."""
        if self.proved[number] == TRUE:
            return Status.PROVED
        if self.possible[number] == TRUE:
            return Status.OPEN
        return Status.BLOCKED if self.possible[number] == FALSE else Status.DEPENDS


def standing(problem: Problem) -> Standing:
    """Evaluate every element over all completions, needs first.

    Cost:
        One pass over the elements; diagrams stay small because open facts are few per part.
    """
    diagrams = Diagrams(tuple(len(fact.classes) for fact in problem.facts))
    proved = [FALSE] * len(problem.elements)
    possible = [FALSE] * len(problem.elements)
    guards: dict[Condition | None, Node] = {None: TRUE}
    for number in range(len(problem.elements) - 1, -1, -1):
        element = problem.elements[number]
        if element.held is Held.ON_HAND:
            proved[number] = possible[number] = TRUE
        elif element.cost is not None:
            possible[number] = int(element.held is not Held.UNOBTAINABLE)
        for option in element.options:
            if option.when not in guards and option.when is not None:
                guards[option.when] = diagrams.condition(option.when)
            for table in (proved, possible):
                holds = _holds(diagrams, option, guards[option.when], table)
                table[number] = diagrams.either(table[number], holds)
    return Standing(diagrams, tuple(proved), tuple(possible))


def _holds(diagrams: Diagrams, option: Option, guard: Node, table: list[Node]) -> Node:
    """When a way holds, given when its needs do."""
    for choice in option.needs:
        guard = diagrams.both(guard, diagrams.at_least(choice.k, [table[one] for one in choice.of]))
    return guard


def root_blockers(problem: Problem, stands: Standing, goal: int) -> tuple[str, ...]:
    """Blocked nodes all of whose needed nodes could be established: where the trouble starts."""
    if stands.status(goal) is not Status.BLOCKED:
        return ()
    found: set[str] = set()
    seen: set[int] = set()
    pending = [goal]
    while pending:
        number = pending.pop()
        if number in seen:
            continue
        seen.add(number)
        below = [
            need
            for option in problem.elements[number].options
            for choice in option.needs
            for need in choice.of
            if problem.elements[need].cost is None and stands.status(need) is Status.BLOCKED
        ]
        pending.extend(below)
        if not below and not problem.elements[number].switch:
            found.add(problem.elements[number].name)
    return tuple(sorted(found))
