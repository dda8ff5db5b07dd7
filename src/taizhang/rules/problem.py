"""The numbered AND/OR graph of one scope, as the planner looks at it.

Every node and paper that the goals can reach is one element per place; guards over known facts are
settled, guards over open facts are conditions over the classes of answers.

Reads from: ``answers``, ``terms``.  Read by: ``ground``, which makes it and hands its records on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod
from typing import TypeAlias

from taizhang.rules.answers import AnswerClass
from taizhang.rules.terms import Cost, Held, Way

__all__ = [
    "SWITCH",
    "Choice",
    "Condition",
    "Element",
    "Key",
    "OpenFact",
    "Option",
    "Problem",
    "condition_of",
    "plain_need",
]

Key: TypeAlias = tuple[str, str]  #: (name, place)

#: A need whose guard is still open becomes an element of its own, with the way "with" where the
#: guard holds and "without" where it does not: so every other element has plain needs only.
SWITCH = "?"


@dataclass(frozen=True, slots=True)
class OpenFact:
    """A fact nobody has answered, at the place where it lives."""

    name: str
    place: str
    classes: tuple[AnswerClass, ...]
    effort: int = 1  #: hours that finding out takes, at least 1


@dataclass(frozen=True, slots=True)
class Condition:
    """A guard over open facts: the combinations of answer classes under which it holds.

    Attributes:
        facts: Numbers of the open facts it reads, ascending.
        holds: Combinations of class numbers, one per fact, under which it is true.
    """

    facts: tuple[int, ...]
    holds: frozenset[tuple[int, ...]]

    def under(self, answers: Mapping[int, int]) -> bool | None:
        """Return the truth under partial answers, ``None`` where it is still open."""
        given = tuple(map(answers.get, self.facts))
        try:  # asked over and over, nearly always of what is known
            return self._truths[given]
        except KeyError:
            found = self._truths[given] = self._under(given)
            return found

    def _under(self, given: tuple[int | None, ...]) -> bool | None:
        possible = sum(
            all(said is None or value == said for value, said in zip(combo, given, strict=True))
            for combo in self.holds
        )
        if not possible:
            return False
        open_ = (width for said, width in zip(given, self._widths, strict=True) if said is None)
        return True if possible == prod(open_) else None

    def left(self, answers: Mapping[int, int], order: tuple[int, ...]) -> frozenset[tuple[int, ...]]:
        """Return the combinations that partial answers leave, of the facts at some positions only."""
        key = order, tuple(map(answers.get, self.facts))
        if key not in self._left:
            self._left[key] = frozenset(
                tuple(combo[at] for at in order)
                for combo in self.holds
                if all(said is None or value == said for value, said in zip(combo, key[1], strict=True))
            )
        return self._left[key]

    _widths: tuple[int, ...] = ()
    _truths: dict[tuple[int | None, ...], bool | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _left: dict[object, frozenset[tuple[int, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )


@lru_cache(maxsize=50_000)
def condition_of(
    facts: tuple[int, ...], holds: frozenset[tuple[int, ...]], widths: tuple[int, ...]
) -> Condition:
    """Return the condition; equal ones are one object, which remembers what it was asked."""
    return Condition(facts, holds, widths)


@dataclass(frozen=True, slots=True)
class Choice:
    """A need: at least ``k`` of the elements; ``k == 1`` of one element is the plain need."""

    k: int
    of: tuple[int, ...]


@lru_cache(maxsize=50_000)
def plain_need(number: int) -> Choice:
    """Return the need of one element; equal ones are one object."""
    return Choice(1, (number,))


@dataclass(frozen=True, slots=True)
class Option:
    """A way at a place, with guards over known facts already settled as true."""

    way: Way
    needs: tuple[Choice, ...]
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A node or a paper at one place.

    Attributes:
        name: Node or evidence id.
        place: Place id.
        held: What the dossier says of it.
        options: The ways that can count; empty for a paper.
        cost: What a paper takes; ``None`` for a node.
        weight: How many identical places this one stands for.
    """

    name: str
    place: str
    held: Held
    options: tuple[Option, ...]
    cost: Cost | None
    weight: int = 1

    @property
    def key(self) -> Key:
        """``(name, place)``."""
        return self.name, self.place

    @property
    def switch(self) -> bool:
        """Whether this only stands for a need whose guard is still open."""
        return SWITCH in self.name


@dataclass(frozen=True, slots=True)
class Problem:
    """All that the planner looks at.

    Attributes:
        elements: Goal first, needs later.
        goals: Numbers of the elements that must be established.
        facts: The open facts that reachable guards read.
        number: Element number by ``(name, place)``.
        closed: Ways that cannot count, with the reason: ``guard_false``, ``not_in_force``
            or ``not_adopted``; by ``(node, place)``.
    """

    elements: tuple[Element, ...]
    goals: tuple[int, ...]
    facts: tuple[OpenFact, ...]
    number: Mapping[Key, int] = field(repr=False)
    closed: Mapping[Key, tuple[tuple[Way, str], ...]] = field(repr=False)
