"""Of several goals, one that the answers prove stays with what is on hand: the rows that say so.

Elsewhere in the programme a column may be one only where something holds; here one must be one where
a goal is proved.  Everything below such a goal then keeps to ways whose needs are proved too.

Reads from: ``programme``, ``mip``, ``ground``.  Read by: ``whole``.

Source:
    docs/explanation/plans.md, section 3, "A goal that is proved".
"""

from __future__ import annotations

from taizhang.rules.ground import Choice, Option
from taizhang.rules.mip import ONE, Term
from taizhang.rules.programme import Coded

__all__ = ["Kept"]


class Kept:
    """What the goals of a block keep, where it depends on the answers whether they are proved."""

    def kept_by(self, coded: Coded) -> frozenset[int]:
        """Nodes below goals that some answers prove, as far as they can follow from what is on hand."""
        resolved = coded.resolved
        pending = [
            goal for goal in resolved.problem.goals if resolved.proved[goal] and not resolved.free[goal]
        ]
        seen: set[int] = set()
        while pending:
            number = pending.pop()
            if number not in seen:
                seen.add(number)
                for option in coded.proving(number):
                    below = (one for need in option.needs for one in need.of)
                    pending += [one for one in below if resolved.proved[one] and not resolved.free[one]]
        return frozenset(seen)

    def keep(self, coded: Coded, kept: frozenset[int]) -> None:
        """Add the rows; the ways of ``kept`` have columns of their own."""
        _Keeping(coded).run(kept)


class _Keeping:
    """The rows of one block."""

    def __init__(self, coded: Coded) -> None:
        self.coded, self.model, self.resolved = coded, coded.model, coded.resolved
        self.proofs: dict[int, int] = {}
        self.stays: dict[int, int] = {}

    def run(self, kept: frozenset[int]) -> None:
        for goal in self.resolved.problem.goals:
            if goal in kept:
                self.stays[goal] = self._proved(goal)
        for number in sorted(kept):
            stays = self.stays[number]
            for option in self.coded.proving(number):
                self._below(option, stays)
            for branch, column in self.coded.ways(number):
                for need in branch.needs:
                    proved = self.coded.proved(need)
                    terms = [] if proved is None else [(1, proved)]
                    self.model.row([*terms, (-1, column), (-1, stays)], -1)

    def _below(self, option: Option, stays: int) -> None:
        """What a proved way needs and is proved stays with what is on hand as well."""
        taken = self._way(option)
        for need in option.needs:
            for one in need.of:
                if self.resolved.proved[one] and not self.resolved.free[one]:
                    if one not in self.stays:
                        self.stays[one] = self.model.column(whole=False)
                    if self.stays[one] != ONE:
                        proved = self._proved(one)
                        self.model.row([(1, self.stays[one]), (-1, stays), (-1, taken), (-1, proved)], -2)

    def _proved(self, number: int) -> int:
        """A column that is one where an element is proved."""
        if not self.resolved.doubts[number]:
            return ONE
        if number not in self.proofs:
            self.proofs[number] = column = self.model.column(whole=False)
            for option in self.coded.proving(number):
                self.model.row([(1, column), (-1, self._way(option))], 0)
        return self.proofs[number]

    def _way(self, option: Option) -> int:
        """A column that is one where the guard of a way holds and all its needs are proved."""
        together: list[list[Term]] = []
        guard = self.coded.guard(option.when)
        if guard is not None:
            together.append([(1, one) for one in self.coded.programme.holds(*guard)])
        for need in option.needs:
            together += self._need(need)
        column = self.model.column(whole=False)
        terms = [(-factor, one) for part in together for factor, one in part]
        self.model.row([(1, column), *terms], 1 - len(together))
        return column

    def _need(self, need: Choice) -> list[list[Term]]:
        """Sums that are all one where a need is proved."""
        proofs = [self._proved(one) for one in need.of if self.resolved.proved[one]]
        wanted = need.k - proofs.count(ONE)
        open_ = [one for one in proofs if one != ONE]
        if wanted <= 0:
            return []
        if wanted == len(open_):
            return [[(1, one)] for one in open_]
        column = self.model.column(whole=True)
        spare = len(open_) - wanted + 1
        self.model.row([(spare, column), *((-1, one) for one in open_)], 1 - wanted)
        return [[(1, column)]]
