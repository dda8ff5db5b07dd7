"""One problem resolved under many answers.

What can be said of an element rests on the answers to the facts that are read at or below it, and on
nothing else.  So it is settled once for the same answers to these, however many others there are.

Reads from: ``ground``, ``resolve``.  Read by: ``completions``, ``optima``, ``conditioning``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from taizhang.rules.ground import Problem
from taizhang.rules.resolve import Branch, Changes, Costs, Resolved, bits, settle

__all__ = ["Resolver", "cones_of"]

#: Free, feasible, proved, branches, leaf, days and doubts of an element, as in ``Resolved``.
_State: TypeAlias = tuple[bool, bool, bool, tuple[Branch, ...], "Costs | None", int, frozenset[int]]


def cones_of(problem: Problem) -> tuple[list[int], list[int]]:
    """Per element, as bits: the elements below it, itself included, and the open facts read there."""
    cones, reads = [0] * len(problem.elements), [0] * len(problem.elements)
    for number in range(len(problem.elements) - 1, -1, -1):
        cone, read = 1 << number, 0
        for option in problem.elements[number].options:
            for fact in option.when.facts if option.when else ():
                read |= 1 << fact
            for need in (one for choice in option.needs for one in choice.of):
                cone, read = cone | cones[need], read | reads[need]
        cones[number], reads[number] = cone, read
    return cones, reads


class Resolver:
    """Resolves a problem without regard to its goals, and remembers what it settled.

    Args:
        problem: The problem.
        lift: Let unobtainable papers and ways not adopted count, at one lift each.

    Attributes:
        cones, reads: Per element, as bits: the elements at and below it, the open facts read there.
    """

    def __init__(self, problem: Problem, *, lift: bool = False) -> None:
        self.problem = replace(problem, goals=())
        self.lift = lift
        self.cones, self.reads = cones_of(problem)
        self._facts: list[tuple[int, ...] | None] = [None] * len(problem.elements)
        self._known: list[dict[object, _State]] = [{} for _ in problem.elements]

    def under(self, answers: Mapping[int, int], within: int = -1, without: int | None = None) -> Resolved:
        """Return what :func:`taizhang.rules.resolve.resolve` gives for no goals.

        Args:
            answers: Open fact number -> class number.
            within: Elements to look at, as bits, with all they need; all by default.
            without: An element that cannot be had after all.
        """
        n = len(self.problem.elements)
        active = tuple(range(n)) if within < 0 else tuple(bits(within))
        resolved = Resolved(
            self.problem, [False] * n, [False] * n, [False] * n, [()] * n, [None] * n, [0] * n,
            [frozenset()] * n, active,
        )  # fmt: skip
        changes = Changes(frozenset() if without is None else frozenset({without}), lift=self.lift)
        for number in reversed(active):
            gone = without is not None and bool(self.cones[number] >> without & 1)
            key = tuple(map(answers.get, self.facts_of(number))), without if gone else None
            state = self._known[number].get(key)
            if state is None:
                settle(resolved, number, answers, changes)
                self._known[number][key] = _state(resolved, number)
            else:
                (
                    resolved.free[number],
                    resolved.feasible[number],
                    resolved.proved[number],
                    resolved.branches[number],
                    resolved.leaf[number],
                    resolved.days[number],
                    resolved.doubts[number],
                ) = state
        return resolved

    def facts_of(self, number: int) -> tuple[int, ...]:
        """The open facts read at or below an element."""
        found = self._facts[number]
        if found is None:
            found = self._facts[number] = tuple(bits(self.reads[number]))
        return found


def _state(resolved: Resolved, number: int) -> _State:
    return (
        resolved.free[number],
        resolved.feasible[number],
        resolved.proved[number],
        resolved.branches[number],
        resolved.leaf[number],
        resolved.days[number],
        resolved.doubts[number],
    )
