"""The small sets of missing papers that establish an element: all of them, up to a size.

Sets are bits over papers.  A set is listed only where none of its subsets would do.

Reads from: ``ground``, ``terms``.  Read by: ``bundles``.

Source:
    Labels of an assumption-based truth maintenance system: de Kleer, "An assumption-based
    TMS" (1986); here cut off at a size, so that they stay few.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from taizhang.rules.ground import Choice, Element, Option, Problem
from taizhang.rules.terms import Held

__all__ = ["Label", "Labels", "labels_of"]

#: Sets of papers as bits, none within another, smaller ones first.
Label = tuple[int, ...]

_NOTHING: Label = (0,)
_MOST_SETS = 4_000  # sets kept for one element; beyond this the answer is not exact


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a problem.

    Attributes:
        of: By element.
        papers: Elements that are missing papers, by bit.
        exact: Whether every set up to the size is listed.
    """

    of: Mapping[int, Label]
    papers: tuple[int, ...]
    exact: bool


def labels_of(problem: Problem, most: int) -> Labels:
    """Return the sets of at most ``most`` missing papers that establish each element.

    A way whose guard is still open does not count, and a need whose guard is still open is asked
    for: what is listed holds whatever the answers are.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier, load_pack
    >>> from taizhang.rules.ground import ground
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> problem = ground(pack, Dossier.of(pack), [("archive_material", "estate")])
    >>> told = labels_of(problem, 1)
    >>> sorted(problem.elements[told.papers[bit.bit_length() - 1]].name for bit in told.of[problem.goals[0]])
    ['archive_acceptance']
    """
    return _Labelling(problem, most).run()


class _Labelling:
    def __init__(self, problem: Problem, most: int) -> None:
        self.problem, self.most = problem, most
        self.exact = True
        self.of: dict[int, Label] = {}
        self.papers: list[int] = []

    def run(self) -> Labels:
        for number in range(len(self.problem.elements) - 1, -1, -1):
            self.of[number] = self._element(number, self.problem.elements[number])
        return Labels(self.of, tuple(self.papers), self.exact)

    def _element(self, number: int, element: Element) -> Label:
        if element.held is Held.ON_HAND:
            return _NOTHING
        if element.held is Held.UNOBTAINABLE:
            return ()
        if element.cost is not None:
            self.papers.append(number)
            return (1 << (len(self.papers) - 1),) if self.most else ()
        found: set[int] = set()
        for option in element.options:
            if option.when is None or (element.switch and option.way.id == "with"):
                found.update(self._way(option))
        return self._minimal(found)

    def _way(self, option: Option) -> Iterable[int]:
        needs = [self._need(need) for need in option.needs]
        needs.sort(key=len)
        label: Label = _NOTHING
        for need in needs:
            label = self._joined(label, need)
            if not label:
                break
        return label

    def _need(self, need: Choice) -> Label:
        """At least ``k`` of several: by the number met so far."""
        if need.k == len(need.of) == 1:
            return self.of[need.of[0]]
        met: list[Label] = [_NOTHING] + [()] * need.k
        for one in need.of:
            for count in range(need.k, 0, -1):
                met[count] = self._minimal({*met[count], *self._joined(met[count - 1], self.of[one])})
        return met[need.k]

    def _joined(self, one: Label, other: Label) -> Label:
        """Every set of the one with every set of the other."""
        if one == _NOTHING:
            return other
        if other == _NOTHING:
            return one
        return self._minimal({x | y for x in one for y in other if (x | y).bit_count() <= self.most})

    def _minimal(self, sets: Iterable[int]) -> Label:
        kept: list[int] = []
        for mask in sorted(sets, key=lambda mask: (mask.bit_count(), mask)):
            if not any(smaller & mask == smaller for smaller in kept):
                kept.append(mask)
                if len(kept) > _MOST_SETS:
                    self.exact = False
                    break
        return tuple(kept)
