"""Pieces that read the same open facts: the solver finds the answers under which they cost least.

Own code agrees on such answers by trying one cell after another (``together``), which ends where many
pieces read many facts.  Here all pieces stand in one programme that shares only the answers.

Reads from: ``programme``, ``mip``, ``pieces``.  Read by: ``shared``.

Source:
    As for ``programme`` and ``mip``; weighted constraint networks: Schiex, Fargier and Verfaillie,
    "Valued constraint satisfaction problems" (1995).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from taizhang.rules.favourable import Answers, Total
from taizhang.rules.mip import WORK, minimise
from taizhang.rules.pieces import LocalPiece
from taizhang.rules.programme import Block, Programme, resolved_of, taken
from taizhang.rules.resolve import Changes
from taizhang.rules.search import Solution

__all__ = ["Agreement", "Sharer", "joint_answers"]


@dataclass(frozen=True, slots=True)
class Sharer:
    """A piece that reads open facts which others read too.

    Attributes:
        local: The piece.
        facts: Its own number by open fact of the whole, as in a ``Part``.
        weight: How many like pieces it stands for.
    """

    local: LocalPiece
    facts: Mapping[int, int]
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Agreement:
    """Answers under which pieces together cost least.

    Attributes:
        answers: To every open fact that several pieces read.  Under these the pieces have nothing
            left to agree on: each may be solved on its own, and their costs add up to ``cost``.
        matters: Those of the facts that the solution found relies on; the others may be left open
            where the pieces still agree.
        cost: Lifts, then the parts of the objective, of all pieces by their weights.
        bound: Nothing is below this, in the declared order.
        proved: Whether the cost is the least for certain.
        suspect: Whether the solution found uses a way that may cost more than it does in its piece.
    """

    answers: Answers
    matters: frozenset[int]
    cost: Total
    bound: Total
    proved: bool
    suspect: bool


def joint_answers(
    sharers: Sequence[Sharer],
    widths: Mapping[int, int],
    added: Sequence[str],
    *,
    lift: bool = False,
    work: int = WORK,
) -> Agreement | None:
    """Return the cheapest answers for pieces that read the same open facts.

    Args:
        sharers: The pieces; those that are alike in everything are coded once.
        widths: Number of answers by open fact of the whole.
        added: The parts of the objective that add up, most important first.
        lift: Whether what cannot be had may be had after all, at one lift each.
        work: Nodes times entries of the matrix for each part.

    Returns:
        The answers; ``None`` where no answers suit all pieces, or none were found.

    Raises:
        PackError: ``E-PACK-W08``.
    """
    alike: dict[object, Sharer] = {}
    for one in sharers:
        key = one.local.key, tuple(sorted(one.facts.items()))
        weight = alike[key].weight if key in alike else 0
        alike[key] = replace(one, weight=weight + one.weight)
    pieces = list(alike.values())
    changes, names = Changes(lift=lift), ("lifts", *added)
    blocks = [
        Block(one.local.problem, {own: fact for fact, own in one.facts.items()}, one.weight) for one in pieces
    ]
    programme = Programme(blocks, widths, {}, changes)
    if not programme.feasible:
        return None

    def followed(values: Sequence[float]) -> list[Solution] | None:
        answers, found = programme.answered(values), []
        for block, chosen in zip(blocks, programme.chosen(values), strict=True):
            own = {own: answers[fact] for own, fact in block.facts.items() if fact in answers}
            solution = taken(resolved_of(block, own, changes), chosen)
            if solution is None:
                return None
            found.append(solution)
        return found

    def judge(values: Sequence[float]) -> Mapping[str, int] | None:
        found = followed(values)
        if found is None:
            return None
        weights = [block.weight for block in blocks]
        return {
            name: sum(w * one.costs.part(name) for w, one in zip(weights, found, strict=True))
            for name in names
        }

    told = minimise(programme.model, names, judge, work)
    if told is None:
        return None
    found = followed(told.values)
    assert found is not None, "it was judged"
    answers = programme.answered(told.values)
    cost = tuple(told.cost[name] for name in names)
    return Agreement(
        {fact: answers[fact] for fact in _read_by_several(sharers) if fact in answers},
        _matters(blocks, found),
        cost,
        told.bound,
        told.proved,
        _suspect(pieces, found),
    )


def _read_by_several(sharers: Sequence[Sharer]) -> list[int]:
    users: dict[int, int] = {}
    for one in sharers:
        for fact in one.facts:
            users[fact] = users.get(fact, 0) + 1
    return sorted(fact for fact, count in users.items() if count > 1)


def _matters(blocks: Sequence[Block], found: Sequence[Solution]) -> frozenset[int]:
    """Facts that the guards of the chosen ways read."""
    return frozenset(
        block.facts[fact]
        for block, solution in zip(blocks, found, strict=True)
        for branch in solution.chosen.values()
        for fact in (branch.option.when.facts if branch.option.when else ())
        if fact in block.facts
    )


def _suspect(pieces: Sequence[Sharer], found: Sequence[Solution]) -> bool:
    return any(
        (number, branch.option.way.id) in piece.local.suspects
        for piece, solution in zip(pieces, found, strict=True)
        for number, branch in solution.chosen.items()
    )
