"""One problem resolved under many answers.

What can be said of an element rests on the answers to the facts that are read at or below it, and on
nothing else.  So it is settled once for the same answers to these, however many others there are; and
where none of these is answered, it stands as it does while nothing is.

Reads from: ``ground``, ``resolve``.  Read by: ``completions``, ``optima``, ``conditioning``, ``solver``,
``favourable``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import TypeAlias

from taizhang.rules.ground import Problem
from taizhang.rules.resolve import Branch, Changes, Costs, Resolved, aimed, bits, settle

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
        self._readers: dict[int, int] = {}  # open fact -> elements at or above which it is read, as bits
        for number, read in enumerate(self.reads):
            for fact in bits(read):
                self._readers[fact] = self._readers.get(fact, 0) | 1 << number
        self._numbers: dict[int, tuple[int, ...]] = {}  # elements as bits -> elements
        self._base: Resolved | None = None

    def under(self, answers: Mapping[int, int], within: int = -1, without: int | None = None) -> Resolved:
        """Return what :func:`taizhang.rules.resolve.resolve` gives for no goals.

        Args:
            answers: Open fact number -> class number.
            within: Elements to look at, as bits, with all they need; all by default.
            without: An element that cannot be had after all.

        Cost:
            One look at each element that rests on an answer or on the one that cannot be had.
        """
        concerned = 0
        for fact in answers:
            concerned |= self._readers.get(fact, 0)
        if without is not None:
            for number, cone in enumerate(self.cones):
                concerned |= (cone >> without & 1) << number
        resolved = _copied(self._without_answers(), self._active(within))
        changes = Changes(frozenset() if without is None else frozenset({without}), lift=self.lift)
        for number in reversed(self._active(concerned & within)):
            gone = without is not None and bool(self.cones[number] >> without & 1)
            key = tuple(map(answers.get, self.facts_of(number))), without if gone else None
            state = self._known[number].get(key)
            if state is None:
                _enter(resolved, number, _NOTHING)
                settle(resolved, number, answers, changes)
                self._known[number][key] = _state(resolved, number)
            else:
                _enter(resolved, number, state)
        return resolved

    def below(self, goals: Iterable[int]) -> int:
        """The elements at and below some goals, as bits."""
        return reduce(or_, (self.cones[goal] for goal in goals), 0)

    def aimed_at(self, problem: Problem, answers: Mapping[int, int], changes: Changes) -> Resolved:
        """Return what :func:`taizhang.rules.resolve.resolve` gives below the goals of a problem.

        Args:
            problem: Of the same elements.
            answers: Open fact number -> class number.
            changes: Departures, with the ``lift`` of this resolver.

        Cost:
            As :meth:`under`, and a look at each element that rests on one that is changed.
        """
        assert changes.lift == self.lift and problem.elements is self.problem.elements
        resolved = replace(self.under(answers, self.below(problem.goals)), problem=problem)
        changed = {*changes.without, *changes.only}
        if changed:
            marks = sum(1 << number for number in changed)
            for number in reversed(resolved.active):
                if self.cones[number] & marks:
                    _enter(resolved, number, _NOTHING)
                    settle(resolved, number, answers, changes)
        return aimed(resolved)

    def _active(self, within: int) -> tuple[int, ...]:
        """Some elements by number; all for -1."""
        found = self._numbers.get(within)
        if found is None:
            whole = (1 << len(self.cones)) - 1
            found = self._numbers[within] = tuple(bits(within & whole))
        return found

    def _without_answers(self) -> Resolved:
        """The problem as it is while nothing is answered."""
        if self._base is None:
            n = len(self.problem.elements)
            self._base = Resolved(
                self.problem, [False] * n, [False] * n, [False] * n, [()] * n, [None] * n, [0] * n,
                [frozenset()] * n, self._active(-1),
            )  # fmt: skip
            for number in range(n - 1, -1, -1):
                settle(self._base, number, {}, Changes(lift=self.lift))
        return self._base

    def facts_of(self, number: int) -> tuple[int, ...]:
        """The open facts read at or below an element."""
        found = self._facts[number]
        if found is None:
            found = self._facts[number] = tuple(bits(self.reads[number]))
        return found


_NOTHING: _State = (False, False, False, (), None, 0, frozenset())


def _copied(base: Resolved, active: tuple[int, ...]) -> Resolved:
    return Resolved(
        base.problem,
        base.free.copy(),
        base.feasible.copy(),
        base.proved.copy(),
        base.branches.copy(),
        base.leaf.copy(),
        base.days.copy(),
        base.doubts.copy(),
        active,
    )


def _enter(resolved: Resolved, number: int, state: _State) -> None:
    (
        resolved.free[number],
        resolved.feasible[number],
        resolved.proved[number],
        resolved.branches[number],
        resolved.leaf[number],
        resolved.days[number],
        resolved.doubts[number],
    ) = state


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
