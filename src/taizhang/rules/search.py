"""The exact optimum of a resolved problem, by one pass from the goals to the papers.

A state is the set of elements still to be established and what has been spent so far.
Elements are decided in number order, so a shared element is decided, and paid, once.  Of two
states the one that owes no more and has spent no more makes the other superfluous; what is
left stays small because open elements are shared ones only.  Working days are a longest
path, not a sum: a state then also carries how many days must follow each open element.

Costs are compared in the declared order.  Ties are broken by integer keys, never by chance:
the smallest set of papers in id order, then the ways in id order.

Reads from: ``resolve``, ``ground``.  Read by: ``assess``, ``plan``, ``joint``, ``explain``.

Source:
    Dynamic programming over a frontier with dominance, as for series-parallel and
    bounded-width networks: Bodlaender, "Dynamic programming on graphs with bounded
    treewidth" (1988).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from taizhang.rules.resolve import Branch, Costs, Resolved, parts_of

__all__ = ["Solution", "TooWideError", "search"]

MOST_STATES = 20_000  #: open states kept at one element; above this the answer is not proved

_WAY_BITS = 8  # room for the number of a way in the tie key

_Key: TypeAlias = tuple[int, tuple[tuple[int, int], ...]]  # open elements, days after them
_Cost: TypeAlias = tuple[int, ...]
_Back: TypeAlias = Any  # linked list of (element, branch | None)
_State: TypeAlias = tuple[_Cost, int, _Back]


@dataclass(frozen=True, slots=True)
class Solution:
    """The best that can be had.

    Attributes:
        costs: Totals.
        days: Longest path.
        chosen: Branch taken at each node that is established, by element number.
        papers: Papers to obtain, ascending.
        proved: Whether it is the optimum for certain.
        settled: Whether the goals follow from what is on hand: nothing is missing.
        doubts: Open facts on which it rests that a goal is proved.
        bound: Where it is not certain, in the declared order with days as 0: nothing is below this.
    """

    costs: Costs
    days: int
    chosen: dict[int, Branch]
    papers: tuple[int, ...]
    proved: bool
    settled: bool
    doubts: frozenset[int]
    bound: _Cost

    def objective(self, objective: Sequence[str]) -> _Cost:
        """What is compared: what is settled costs nothing, whatever steps remain."""
        return (0,) * (len(objective) + 1) if self.settled else self.ordered(objective)

    def ordered(self, objective: Sequence[str]) -> _Cost:
        """The totals in the declared order, lifts first."""
        parts = [self.costs.lifts]
        return (*parts, *(self.days if name == "days" else self.costs.part(name) for name in objective))


class TooWideError(Exception):
    """More states are open than the caller cares to look at."""


def search(
    resolved: Resolved, objective: Sequence[str], papers_in_order: Sequence[int], *, give_up: int = 0
) -> Solution | None:
    """Return the best solution, or ``None`` where there is none.

    Args:
        resolved: The problem under its answers.
        objective: Names out of rank, money, effort, items, days, most important first.
        papers_in_order: Element numbers of papers, in the order that breaks ties.
        give_up: States at one element above which to end at once; by default the cheapest are kept.

    Raises:
        TooWideError: More states were open than ``give_up``.
    """
    if not all(resolved.feasible[goal] for goal in resolved.problem.goals):
        return None
    return _Search(resolved, tuple(objective), papers_in_order, give_up).run()


class _Search:
    """One search; the objective is split at ``days``, which does not add up."""

    def __init__(
        self, resolved: Resolved, objective: tuple[str, ...], order: Sequence[int], give_up: int
    ) -> None:
        self.resolved, self.give_up = resolved, give_up
        names = list(objective) + [name for name in ("items",) if name not in objective]
        at = names.index("days") if "days" in names else len(names)
        self.before = ("lifts", *names[:at])
        self.after = tuple(names[at + 1 :])
        self.timed = "days" in names
        self.tie = {number: -(1 << (len(order) - 1 - i)) for i, number in enumerate(order)}
        self.proved = True
        self.limit: int | None = None
        self.ceiling: _Cost | None = None
        self.ties = True
        self.minimise_days = False

    def run(self) -> Solution | None:
        first = self._pass()
        if first is None:
            return None
        found = self._solution(first)
        if not self.timed or (not self.after and found.days == self.fewest_days):
            return found  # the canonical cheapest plan cannot be shortened
        self.ceiling = first[0][: len(self.before)]
        self.ties, self.minimise_days = False, True
        timed = self._pass()
        assert timed is not None, "the first pass found a plan within this ceiling"
        self.limit, self.minimise_days, self.ties = max(timed[1], self.fewest_days), False, True
        last = self._pass()
        assert last is not None, "the second pass found a plan within these days"
        return self._solution(last)

    # -- one pass

    def _pass(self) -> _State | None:
        # the parts after the days count only once the days are fixed
        names = self.before + (self.after if self.limit is not None else ())
        price = self._prices(names)
        start = 0
        for goal in self.resolved.problem.goals:
            if not self.resolved.free[goal]:
                start |= 1 << goal
        states: dict[_Key, _State] = {(start, ()): (price.zero, 0, None)}
        while states:
            owed = 0
            for mask, _ in states:
                owed |= mask
            if not owed:
                break
            bit = owed & -owed  # needs have higher numbers: the lowest is ready to be decided
            states = self._decide(bit.bit_length() - 1, bit, states, price)
        if not states:
            return None
        return min(states.values(), key=lambda state: state[:2] if self.minimise_days else state[:1])

    def _decide(
        self, number: int, bit: int, states: dict[_Key, _State], price: _Prices
    ) -> dict[_Key, _State]:
        found: dict[_Key, _State] = {}
        for key, state in states.items():
            mask, tails = key
            if not mask & bit:
                self._keep(found, key, state)
                continue
            timed = bool(tails) and tails[0][0] == number
            tail = tails[0][1] if timed else 0
            rest = mask & ~bit, tails[timed:]
            for branch, spent in price.moves[number]:
                days = tail + (branch.days if branch else self.resolved.days[number])
                self._put(found, rest, (number, branch), days, state, spent)
        return self._undominated(found)

    def _put(
        self,
        found: dict[_Key, _State],
        rest: _Key,
        step: tuple[int, Branch | None],
        reached: int,
        state: _State,
        spent: _Cost,
    ) -> None:
        """Enter the state after one step, unless it cannot be part of the optimum."""
        (mask, tails), (cost, days, back) = rest, state
        total = tuple(map(int.__add__, cost, spent))
        if self.limit is not None and reached > self.limit:
            return
        if self.ceiling is not None and total[: len(self.ceiling)] > self.ceiling:
            return
        needs = step[1].needs if step[1] else ()
        for need in needs:
            mask |= 1 << need
        if self.limit is not None or self.minimise_days:
            merged = self._tails(tails, needs, reached)
            if merged is None:
                return
            tails = merged
        self._keep(found, (mask, tails), (total, max(days, reached), (back, step)))

    def _tails(
        self, tails: tuple[tuple[int, int], ...], needs: tuple[int, ...], tail: int
    ) -> tuple[tuple[int, int], ...] | None:
        """Days that follow each open element; those that cannot matter are left out."""
        merged = dict(tails)
        for need in needs:
            if tail > merged.get(need, 0):
                merged[need] = tail
        safe = self.limit if self.limit is not None else self.fewest_days
        kept = []
        for number, after in sorted(merged.items()):
            if self.limit is not None and after + self.shortest[number] > self.limit:
                return None
            if after + self.longest[number] > safe:
                kept.append((number, after))
        return tuple(kept)

    def _keep(self, found: dict[_Key, _State], key: _Key, state: _State) -> None:
        other = found.get(key)
        if other is None or (state[0], state[1] if self.minimise_days else 0) < (
            other[0],
            other[1] if self.minimise_days else 0,
        ):
            found[key] = state

    def _undominated(self, found: dict[_Key, _State]) -> dict[_Key, _State]:
        if len(found) < 2:
            return found
        if self.give_up and len(found) > self.give_up:
            raise TooWideError
        kept: list[tuple[_Key, _State]] = []
        for key, state in sorted(found.items(), key=lambda item: (item[1][0], item[1][1], item[0])):
            for other, better in kept[:500]:
                if other[0] & ~key[0] == 0 and self._no_later(other, better, key, state):
                    break
            else:
                kept.append((key, state))
        if len(kept) > MOST_STATES:
            self.proved = False
            kept = kept[:MOST_STATES]
        return dict(kept)

    def _no_later(self, one: _Key, better: _State, two: _Key, worse: _State) -> bool:
        if self.minimise_days and better[1] > worse[1]:
            return False
        if not one[1]:
            return True
        after = dict(two[1])
        return all(days <= after.get(number, 0) for number, days in one[1])

    # -- prices and bounds

    def _prices(self, names: tuple[str, ...]) -> _Prices:
        return _Prices(self.resolved, names, self.tie if self.ties else None)

    @cached_property
    def longest(self) -> list[int]:
        return self._spans(max)

    @cached_property
    def shortest(self) -> list[int]:
        return self._spans(min)

    @cached_property
    def fewest_days(self) -> int:
        return max(self.shortest[goal] for goal in self.resolved.problem.goals)

    def _spans(self, pick: Callable[[list[int]], int]) -> list[int]:
        """Days until each element, if the slowest or the quickest branch is taken everywhere."""
        spans = list(self.resolved.days)
        for number in reversed(self.resolved.active):
            options = [
                branch.days + max((spans[need] for need in branch.needs), default=0)
                for branch in self.resolved.branches[number]
            ]
            if options:
                spans[number] = pick(options)
        return spans

    def _solution(self, state: _State) -> Solution:
        chosen: dict[int, Branch] = {}
        papers: list[int] = []
        back = state[2]
        while back is not None:
            back, (number, branch) = back
            if branch is None:
                papers.append(number)
            else:
                chosen[number] = branch
        days = self._length(chosen, papers)
        settled = all(self.resolved.proved[goal] for goal in self.resolved.problem.goals)
        total = self._total(chosen, papers)
        doubts = frozenset[int]().union(*(self.resolved.doubts[goal] for goal in self.resolved.problem.goals))
        bound = () if self.proved else self._bound()
        return Solution(total, days, chosen, tuple(sorted(papers)), self.proved, settled, doubts, bound)

    def _length(self, chosen: dict[int, Branch], papers: list[int]) -> int:
        """The longest path through what was chosen; needs have higher numbers."""
        reach = {number: self.resolved.days[number] for number in papers}
        for number in sorted(chosen, reverse=True):
            branch = chosen[number]
            reach[number] = branch.days + max((reach[need] for need in branch.needs), default=0)
        return max((reach.get(goal, 0) for goal in self.resolved.problem.goals), default=0)

    def _total(self, chosen: dict[int, Branch], papers: list[int]) -> Costs:
        spent = [branch.costs for branch in chosen.values()]
        spent += [cost for number in papers if (cost := self.resolved.leaf[number]) is not None]
        return Costs(
            sum(cost.lifts for cost in spent),
            sum(cost.rank for cost in spent),
            sum(cost.money for cost in spent),
            sum(cost.effort for cost in spent),
            sum(cost.items for cost in spent),
        )

    def _bound(self) -> _Cost:
        """What even a plan that shares everything must spend, by the most expensive chain."""
        names = (*self.before, *self.after)
        price = _Prices(self.resolved, names, None)
        least: list[_Cost] = [price.zero] * len(self.resolved.leaf)
        for number in reversed(self.resolved.active):
            if price.moves.get(number):
                least[number] = min(
                    tuple(
                        map(int.__add__, spent, max((least[n] for n in _needs(branch)), default=price.zero))
                    )
                    for branch, spent in price.moves[number]
                )
        return max(least[goal] for goal in self.resolved.problem.goals)


class _Prices:
    """Costs as integer tuples in the declared order, tie keys last."""

    def __init__(self, resolved: Resolved, names: tuple[str, ...], tie: dict[int, int] | None) -> None:
        extra = (0, 0) if tie is not None else ()
        self.zero: _Cost = (0,) * len(names) + extra
        self.moves: dict[int, list[tuple[Branch | None, _Cost]]] = {}  #: None: get the paper
        parts = parts_of(names)
        place = _places(resolved) if tie is not None else {}
        for number in resolved.active:
            moves: list[tuple[Branch | None, _Cost]] = []
            paper, branches = resolved.leaf[number], resolved.branches[number]
            if paper is not None:
                key = (tie.get(number, 0), 0) if tie is not None else ()
                moves.append((None, parts(paper) + key))
            if tie is None:
                moves += [(branch, parts(branch.costs)) for branch in branches]
            elif branches:
                ways = sorted({branch.option.way.id for branch in branches})
                at = {way: (0, rank << place[number]) for rank, way in enumerate(ways, 1)}
                moves += [(branch, parts(branch.costs) + at[branch.option.way.id]) for branch in branches]
            self.moves[number] = moves


def _places(resolved: Resolved) -> dict[int, int]:
    """Where the way of a node stands in the tie key."""
    elements = resolved.problem.elements
    nodes = [number for number in resolved.active if resolved.branches[number]]
    nodes.sort(key=lambda number: elements[number].key)
    return {number: _WAY_BITS * (len(nodes) - 1 - at) for at, number in enumerate(nodes)}


def _needs(branch: Branch | None) -> tuple[int, ...]:
    return branch.needs if branch else ()
