"""The pieces of one law that mean the same under another, with all that was found of them.

Laws number their elements and facts each in its own way; what is kept in numbers of a law is told
anew in those of the other.  What the other law does not have, or has in another order, stays behind.

Reads from: ``pieces``, ``template``, ``together``.  Read by: ``workshop``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from taizhang.rules.pieces import LocalPiece
from taizhang.rules.template import Template
from taizhang.rules.together import Part

__all__ = ["Renumbering"]


@dataclass(frozen=True, slots=True)
class Renumbering:
    """Numbers of one law in those of another.

    Attributes:
        elements, facts: New number by old number; -1 where there is none.
        same: Whether all numbers are what they were.
    """

    elements: tuple[int, ...]
    facts: tuple[int, ...]
    same: bool

    @classmethod
    def between(cls, old: Template, new: Template) -> Renumbering:
        """Elements and facts that both laws have, by name and level."""
        one, two = old.problem, new.problem
        elements = _moved(
            [(it.name, it.place) for it in one.elements], [(it.name, it.place) for it in two.elements]
        )
        facts = _moved([(it.name, it.place) for it in one.facts], [(it.name, it.place) for it in two.facts])
        same = elements == tuple(range(len(two.elements))) and facts == tuple(range(len(two.facts)))
        return cls(elements, facts, same)

    def piece(self, local: LocalPiece) -> LocalPiece | None:
        """A piece in the new numbers; ``None`` where something of it is missing or in another order."""
        *inner, owed = local.elements
        elements = self._in_order(inner)
        facts = [self.facts[one] for one in local.facts]
        slots = [self.elements[one] for one in local.slots]
        if elements is None or -1 in facts or -1 in slots:
            return None
        return replace(local, elements=(*elements, owed), facts=tuple(facts), slots=tuple(slots))

    def part(self, part: Part) -> Part:
        """A piece's open facts in the new numbers; only of a piece that :meth:`piece` finds whole."""
        local = {self.facts[fact]: at for fact, at in part.local.items()}
        widths = {self.facts[fact]: width for fact, width in part.widths.items()}
        return Part(sum(1 << fact for fact in local), local, widths, part.ask, part.weight)

    def _in_order(self, numbers: Sequence[int]) -> list[int] | None:
        moved = [self.elements[one] for one in numbers]
        kept = -1 not in moved and all(one < two for one, two in pairwise(moved))
        return moved if kept else None


def _moved(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[int, ...]:
    numbers = {key: number for number, key in enumerate(new)}
    return tuple(numbers.get(key, -1) for key in old)
