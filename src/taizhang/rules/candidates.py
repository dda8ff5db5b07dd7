"""Solutions of a piece, with the days they take from what is supplied elsewhere.

Reads from: ``pieces``.  Read by: ``optima``, ``together``, ``conditioning``, ``workshop``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from taizhang.rules.favourable import Answers, Total
from taizhang.rules.pieces import LocalPiece
from taizhang.rules.resolve import Branch

__all__ = ["MOST_TIES", "Candidate", "Optimum", "Profile", "profile_of", "spans"]

Profile: TypeAlias = dict[tuple[int, int], int]  # (member, slot or -1 for nothing) -> days

#: Tie, allowed answers, profile.
Key: TypeAlias = tuple[
    tuple[int, int],
    tuple[tuple[int, tuple[int, ...]], ...],
    tuple[tuple[tuple[int, int], int], ...],
]

MOST_TIES = 24  #: solutions of equal cost that are kept


@dataclass(frozen=True, slots=True)
class Candidate:
    """One solution of least cost, in the piece's own numbers.

    Attributes:
        tie: Papers and ways as integers; of equal solutions the smaller is shown.
        papers: Papers to obtain, ascending.
        chosen: Branch by node.
        allowed: Open facts it relies on, with the answers each may have.
        profile: Days to each member.
    """

    tie: tuple[int, int]
    papers: tuple[int, ...]
    chosen: Mapping[int, Branch]
    allowed: Mapping[int, frozenset[int]]
    profile: Profile

    @property
    def answers(self) -> Answers:
        """One answer to each open fact it relies on."""
        return {fact: min(values) for fact, values in sorted(self.allowed.items())}

    @property
    def key(self) -> Key:
        """What tells it from other solutions of the same cost."""
        return (
            self.tie,
            tuple(sorted((f, tuple(sorted(v))) for f, v in self.allowed.items())),
            tuple(sorted(self.profile.items())),
        )


@dataclass(frozen=True, slots=True)
class Optimum:
    """What a piece costs at least.

    Attributes:
        cost: Lifts, then the parts of the objective that add up.
        candidates: Solutions of that cost, the one to be shown first.
        complete: Whether these are all of them.
        proved: Whether it is the least for certain.
        quicker: Whether another candidate might be quicker than the first.
        suspect: Whether a candidate uses a way that may cost more than it does here.
        floor: Whether nothing costs less for certain, though it may be that no solution costs so little.
    """

    cost: Total
    candidates: tuple[Candidate, ...]
    complete: bool
    proved: bool
    quicker: bool
    suspect: bool
    floor: bool = True

    def quickest(self) -> int | None:
        """The candidate that no other is quicker than, on any path; ``None`` where none is such."""
        if not self.quicker:
            return 0
        if not self.complete:
            return None
        keys = {key for one in self.candidates for key in one.profile}
        for at, one in enumerate(self.candidates):
            if all(
                one.profile.get(key, -1) <= other.profile.get(key, -1)
                for other in self.candidates
                for key in keys
            ):
                return at
        return None

    def none_quicker(self, pick: int) -> bool:
        """Whether all solutions are told and none is quicker on any path than the one picked."""
        mine = self.candidates[pick].profile
        told = self.complete and not self.suspect
        return told and not any(
            one.profile.get(key, -1) < days for one in self.candidates for key, days in mine.items()
        )


def spans(
    local: LocalPiece, chosen: Mapping[int, Branch], papers: Sequence[int]
) -> dict[int, dict[int, int]]:
    """Days until each element of a solution, from each slot; slot -1 is the start."""
    ends: dict[int, dict[int, int]] = {}
    for one in papers:
        cost = local.problem.elements[one].cost
        ends[one] = {-1: cost.days if cost else 0}
    for number in sorted(chosen, reverse=True):
        branch = chosen[number]
        reach: dict[int, int] = {-1: branch.days}
        for slot in local.outside.get((number, branch.option.way.id), ()):
            reach[slot] = branch.days
        for need in branch.needs:
            for slot, days in ends.get(need, {}).items():
                if days + branch.days > reach.get(slot, -1):
                    reach[slot] = days + branch.days
        ends[number] = reach
    return ends


def profile_of(local: LocalPiece, chosen: Mapping[int, Branch], papers: Sequence[int]) -> Profile:
    """Days from each slot to each member."""
    ends = spans(local, chosen, papers)
    return {(m, slot): days for m in local.problem.goals for slot, days in ends[m].items()}
