"""A problem as an integer programme: one column per way, paper and answer, rows that only enable.

Whatever has one way left is settled beforehand and costs no column.  A way needs its needs and its
guard; a guard over open facts needs one of the answers under which it holds; and every open fact has
one answer.  Nothing is ever forbidden by a column being one, so the rows are few and tight.

Reads from: ``ground``, ``resolve``, ``pieces``, ``mip``.  Read by: ``whole``, ``keeping``, ``solver``.

Source:
    Minimal-cost proofs as integer programmes: Santos, "A linear constraint satisfaction approach to
    cost-based abduction" (1994).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from taizhang.rules.favourable import below
from taizhang.rules.ground import Choice, Condition, Option, Problem
from taizhang.rules.mip import ONE, Columns, Term
from taizhang.rules.pieces import split
from taizhang.rules.resolve import Branch, Changes, Costs, Resolved, bits, resolve
from taizhang.rules.search import Solution

__all__ = [
    "ONE",
    "Block",
    "Chosen",
    "Coded",
    "Columns",
    "Programme",
    "Term",
    "assembled",
    "resolved_of",
    "spans",
    "taken",
]


@dataclass(frozen=True, slots=True)
class Block:
    """A problem, or a piece of one, that takes part.

    Attributes:
        problem: Its elements and goals.
        facts: The open facts it reads: number in the whole by own number.
        weight: How many like ones it stands for.
        ends: Whether its goals are the end: one that is proved then stays with what is on hand.
        known: It under the answers that are given, where that has been settled before.
    """

    problem: Problem
    facts: Mapping[int, int]
    weight: int = 1
    ends: bool = False
    known: Resolved | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a solution takes in one block: the branch by node, and the papers."""

    branches: Mapping[int, Branch]
    papers: tuple[int, ...]


class Keeping(Protocol):
    """What has to be added where it depends on the answers whether a goal is proved."""

    def kept_by(self, coded: Coded) -> frozenset[int]:
        """The nodes concerned."""

    def keep(self, coded: Coded, kept: frozenset[int]) -> None:
        """Add the rows."""


class Programme:
    """Blocks that share answers to open facts.

    Args:
        blocks: The blocks.
        widths: Number of answers by open fact of the whole.
        given: Answers already fixed, by fact of the whole.
        changes: Departures from the problem, in the numbers of the only block.
        timed: Whether days are told too, as the part ``days``.
        keeping: What the goals keep, where that depends on the answers.

    Raises:
        PackError: ``E-PACK-W08``.
    """

    def __init__(
        self,
        blocks: Sequence[Block],
        widths: Mapping[int, int],
        given: Mapping[int, int],
        changes: Changes | None = None,
        *,
        timed: bool = False,
        keeping: Keeping | None = None,
    ) -> None:
        self.blocks, self.widths, self.given = blocks, widths, given
        self.changes = changes or Changes()
        self.model = Columns()
        self.answers: dict[int, list[int]] = {}
        self._holds: dict[object, list[int]] = {}
        self.end = self.model.column(whole=False, upper=0) if timed else None
        self.coded = [Coded(self, block) for block in blocks]
        self.feasible = all(one.feasible for one in self.coded)
        if self.feasible:
            for one in self.coded:
                one.run(keeping)
        if self.end is not None:
            self.model.cost("days", self.end, 1)

    def answer(self, fact: int) -> list[int]:
        """One column per answer to an open fact; one of them is one."""
        if fact not in self.answers:
            columns = [self.model.column(whole=True) for _ in range(self.widths[fact])]
            self.model.row([(1, one) for one in columns], 1)
            self.model.row([(-1, one) for one in columns], -1)
            self.answers[fact] = columns
        return self.answers[fact]

    def holds(self, facts: tuple[int, ...], combos: frozenset[tuple[int, ...]]) -> list[int]:
        """Columns whose sum is at most one, and one only where the answers are among the combinations."""
        key = facts, combos
        if key not in self._holds:
            if len(facts) == 1:
                own = self.answer(facts[0])
                self._holds[key] = [own[value] for (value,) in sorted(combos)]
            else:
                made = {combo: self.model.column(whole=False) for combo in sorted(combos)}
                for at, fact in enumerate(facts):
                    for value, column in enumerate(self.answer(fact)):
                        alike = [(-1, one) for combo, one in made.items() if combo[at] == value]
                        if alike:
                            self.model.row([(1, column), *alike], 0)
                self._holds[key] = list(made.values())
        return self._holds[key]

    def answered(self, values: Sequence[float]) -> dict[int, int]:
        """The answers of a solution, those given included."""
        told = dict(self.given)
        for fact, columns in sorted(self.answers.items()):
            told[fact] = max(range(len(columns)), key=lambda value: (values[columns[value]], -value))
        return told

    def chosen(self, values: Sequence[float]) -> list[Chosen]:
        """What a solution takes, block by block."""
        return [one.chosen(values) for one in self.coded]


class Coded:
    """One block in columns and rows."""

    def __init__(self, programme: Programme, block: Block) -> None:
        self.programme, self.block, self.model = programme, block, programme.model
        self.given = {own: programme.given[at] for own, at in block.facts.items() if at in programme.given}
        self.resolved = block.known or resolved_of(block, self.given, programme.changes)
        self.feasible = all(self.resolved.feasible[goal] for goal in block.problem.goals)
        self.columns: dict[int, int] = {}
        self.picks: dict[int, list[tuple[Branch, int]]] = {}
        self.sure: dict[int, int | None] = {}  # column: proved; None: not in any case
        self.ends: dict[int, int] = {}
        self.own: frozenset[int] = frozenset()  # nodes whose ways all have columns of their own

    def ways(self, number: int) -> list[tuple[Branch, int]]:
        """The ways of a node that has been coded, with their columns."""
        if number not in self.columns:
            return []
        branches = self.resolved.branches[number]
        return self.picks.get(number, [(branches[0], ONE)] if branches else [])

    def run(self, keeping: Keeping | None) -> None:
        """Add the columns and rows of the block."""
        if keeping is not None:
            self.own = keeping.kept_by(self)
        told = split(self.resolved, self.block.problem.goals)
        self.columns = dict.fromkeys(bits(told.demanded), ONE)
        if self.programme.end is not None:
            self.longest, self.shortest = spans(self.resolved, max), spans(self.resolved, min)
            for goal in self.block.problem.goals:
                self._ends_by_the_end(goal)
        forced = frozenset(told.forced)
        for number in self.resolved.active:  # what an element needs has a higher number
            if number not in self.columns or self.resolved.free[number]:
                continue
            if number in forced:
                self._forced(number)
            elif self.resolved.branches[number]:
                self._node(number)
        if keeping is not None:
            keeping.keep(self, self.own)

    def _forced(self, number: int) -> None:
        """What every solution takes."""
        branches = self.resolved.branches[number]
        self._cost(ONE, branches[0].costs if branches else self.resolved.leaf[number])
        if branches and self.programme.end is not None:
            self._time(number, [(branches[0], ONE)])

    def _cost(self, column: int, costs: Costs | None) -> None:
        if costs is not None:
            for part in ("lifts", "rank", "money", "effort", "items"):
                self.model.cost(part, column, self.block.weight * costs.part(part))

    def _column(self, number: int) -> int:
        """The column of an element that a way may ask for."""
        if number not in self.columns:
            self.columns[number] = column = self.model.column(whole=False)
            self._cost(column, self.resolved.leaf[number])
        return self.columns[number]

    # -- ways

    def _node(self, number: int) -> None:
        """An element with ways: as many of them as there are demands for it."""
        at, branches = self.columns[number], self.resolved.branches[number]
        timed = self.programme.end is not None
        alias = not timed and number not in self.own
        if len(branches) == 1 and not branches[0].relies:
            picks = [(branches[0], at)]
            self._cost(at, branches[0].costs)
        else:
            picks = [(one, self._taken(number, one, alias=alias)) for one in branches]
            self.model.row([*((1, column) for _, column in picks), (-1, at)], 0)
            own = [(one, column) for one, column in picks if not (alias and _alias(one))]
            if len(own) > 1:
                self.model.row([(-1, column) for _, column in own], -1)
            self._demands(own)
        if len(picks) == 1 and picks[0][1] == at:
            self._demands(picks)
        self.picks[number] = picks
        if timed:
            self._time(number, picks)

    def _taken(self, number: int, branch: Branch, *, alias: bool) -> int:
        """The column of a way; one that only passes a need on is that need."""
        if alias and _alias(branch):
            column = self._column(branch.needs[0])
            if column != ONE:
                self.model.whole[column] = True
            return column
        column = self.model.column(whole=True)
        costs, weight = branch.costs, self.resolved.problem.elements[number].weight
        self._cost(column, costs)
        rank = weight * branch.option.way.rank
        if rank > costs.rank and any(self._doubted(need) for need in branch.option.needs):
            self._waived(column, branch.option, self.block.weight * rank)
        return column

    def _demands(self, picks: Sequence[tuple[Branch, int]]) -> None:
        """Of each need, and of each guard, as much as the ways ask for."""
        users: dict[int, list[Term]] = {}
        guards: dict[tuple[tuple[int, ...], frozenset[tuple[int, ...]]], list[Term]] = {}
        for branch, column in picks:
            for need in branch.needs:
                users.setdefault(need, []).append((-1, column))
            guard = self.guard(branch.option.when)
            if guard is not None:
                guards.setdefault(guard, []).append((-1, column))
        for need, terms in users.items():
            supply = self._column(need)
            if supply != ONE:
                self.model.row([(1, supply), *terms], 0)
        for guard, terms in guards.items():
            self.model.row([*((1, one) for one in self.programme.holds(*guard)), *terms], 0)

    def guard(self, when: Condition | None) -> tuple[tuple[int, ...], frozenset[tuple[int, ...]]] | None:
        """A guard over the facts that are still open, in the numbers of the whole."""
        if when is None or when.under(self.given) is True:
            return None
        open_ = [at for at, fact in enumerate(when.facts) if fact not in self.given]
        combos = frozenset(
            tuple(combo[at] for at in open_)
            for combo in when.holds
            if all(self.given.get(f, v) == v for f, v in zip(when.facts, combo, strict=True))
        )
        return tuple(self.block.facts[when.facts[at]] for at in open_), combos

    # -- what is proved counts no rank

    def _doubted(self, need: Choice) -> bool:
        """Whether it depends on the answers that a need follows from what is on hand."""
        resolved = self.resolved
        certain = sum(resolved.proved[one] and not resolved.doubts[one] for one in need.of)
        return certain < need.k

    def _waived(self, column: int, option: Option, rank: int) -> None:
        """The rank of a way counts, unless its needs are proved under the answers."""
        waived = self._proof(option.needs)
        self.model.row([(1, column), (-1, waived)], 0)
        self.model.cost("rank", column, rank)
        self.model.cost("rank", waived, -rank)

    def _proof(self, needs: Sequence[Choice]) -> int:
        """A column that can be one only where all needs are proved."""
        column = self.model.column(whole=True)
        for need in needs:
            terms, short = [], need.k
            for one in need.of:
                proved = self.proved(one)
                if proved == ONE:
                    short -= 1
                elif proved is not None:
                    terms.append((1, proved))
            if short > 0:
                self.model.row([*terms, (-short, column)], 0)
        return column

    def proved(self, number: int) -> int | None:
        """A column that can be one only where an element is proved; ``None``: it never is."""
        if number not in self.sure:
            resolved = self.resolved
            if not resolved.proved[number]:
                self.sure[number] = None
            elif not resolved.doubts[number]:
                self.sure[number] = ONE
            else:
                self.sure[number] = self._proved_by_ways(number)
        return self.sure[number]

    def proving(self, number: int) -> list[Option]:
        """The ways of a node that can be proved under some answers."""
        only, found = self.programme.changes.only, []
        for option in self.resolved.problem.elements[number].options:
            needs = [(need.k, sum(self.resolved.proved[one] for one in need.of)) for need in option.needs]
            possible = option.way.adopted and all(there >= k for k, there in needs)
            closed = option.when is not None and option.when.under(self.given) is False
            if possible and not closed and only.get(number, option.way.id) == option.way.id:
                found.append(option)
        return found

    def _proved_by_ways(self, number: int) -> int:
        columns = []
        for option in self.proving(number):
            columns.append(self._proof(option.needs))
            guard = self.guard(option.when)
            if guard is not None:
                self.model.row([*((1, one) for one in self.programme.holds(*guard)), (-1, columns[-1])], 0)
        found = self.model.column(whole=False)
        self.model.row([*((1, one) for one in columns), (-1, found)], 0)
        return found

    # -- days

    def _ends_by_the_end(self, goal: int) -> None:
        end = self.programme.end
        assert end is not None
        self.model.upper[end] = max(self.model.upper[end], self.longest[goal])
        if self.resolved.branches[goal]:
            self.model.row([(1, end), (-1, self._end(goal))], 0)
        elif not self.resolved.free[goal]:
            self.model.row([(1, end)], self.resolved.days[goal])

    def _end(self, number: int) -> int:
        """The column of the day on which a node is there."""
        if number not in self.ends:
            self.ends[number] = self.model.column(whole=False, upper=self.longest[number])
        return self.ends[number]

    def _time(self, number: int, picks: Sequence[tuple[Branch, int]]) -> None:
        """A node ends when the last need of its way is there and the step is done."""
        end = self._end(number)
        soonest = []
        for branch, column in picks:
            soonest.append((-branch.days - max((self.shortest[n] for n in branch.needs), default=0), column))
            for need in branch.needs:
                if not self.resolved.branches[need]:
                    continue
                late = self.longest[need] + branch.days
                row = [(1, end), (-1, self._end(need)), (-late, column)]
                self.model.row(row, branch.days - late)
        self.model.row([(1, end), *soonest], 0)
        for branch, column in picks:
            papers = max(
                (self.resolved.days[n] for n in branch.needs if not self.resolved.branches[n]), default=0
            )
            self.model.row([(1, end), (-branch.days - papers, column)], 0)

    # -- a solution

    def chosen(self, values: Sequence[float]) -> Chosen:
        """Walk down from the goals along the ways that are one."""
        branches: dict[int, Branch] = {}
        papers: list[int] = []
        pending = set(self.block.problem.goals)
        for number in self.resolved.active:
            if number not in pending or self.resolved.free[number]:
                continue
            own = self.resolved.branches[number]
            if not own:
                papers.append(number)
                continue
            picks = self.picks.get(number, [(own[0], ONE)])
            branch = max(picks, key=lambda pick: 1.0 if pick[1] == ONE else values[pick[1]])[0]
            branches[number] = branch
            pending.update(branch.needs)
        return Chosen(branches, tuple(papers))


def _alias(branch: Branch) -> bool:
    """Whether a way does nothing but pass one need on."""
    return (
        len(branch.needs) == 1
        and not branch.relies
        and branch.costs == Costs()
        and not branch.option.way.rank
    )


def resolved_of(block: Block, answers: Mapping[int, int], changes: Changes) -> Resolved:
    """A block under answers in its own numbers."""
    within = below(block.problem)
    if block.ends:
        return resolve(block.problem, answers, changes, within)
    asked = replace(block.problem, goals=())
    return replace(resolve(asked, answers, changes, within), problem=block.problem)


def spans(resolved: Resolved, pick: Callable[[list[int]], int]) -> list[int]:
    """Days until each element where the slowest or the quickest way is taken everywhere."""
    found = list(resolved.days)
    for number in reversed(resolved.active):
        ways = [
            branch.days + max((found[need] for need in branch.needs), default=0)
            for branch in resolved.branches[number]
        ]
        if ways:
            found[number] = pick(ways)
    return found


def assembled(resolved: Resolved, chosen: dict[int, Branch], papers: Sequence[int]) -> Solution:
    """Totals and days of what was chosen."""
    spent = [branch.costs for branch in chosen.values()]
    spent += [cost for number in papers if (cost := resolved.leaf[number]) is not None]
    total = Costs(
        sum(cost.lifts for cost in spent),
        sum(cost.rank for cost in spent),
        sum(cost.money for cost in spent),
        sum(cost.effort for cost in spent),
        sum(cost.items for cost in spent),
    )
    reach = {number: resolved.days[number] for number in papers}
    for number in sorted(chosen, reverse=True):
        branch = chosen[number]
        reach[number] = branch.days + max((reach.get(need, 0) for need in branch.needs), default=0)
    days = max((reach.get(goal, 0) for goal in resolved.problem.goals), default=0)
    return Solution(total, days, chosen, tuple(sorted(papers)), True, False, frozenset(), ())


def taken(resolved: Resolved, chosen: Chosen) -> Solution | None:
    """Choices as a solution with its costs, added up anew; ``None`` where one of them is not open."""
    branches: dict[int, Branch] = {}
    for number, wanted in chosen.branches.items():
        for branch in resolved.branches[number]:
            if branch.option.way.id == wanted.option.way.id and branch.needs == wanted.needs:
                branches[number] = branch
                break
        else:
            return None
    if any(resolved.leaf[number] is None for number in chosen.papers):
        return None
    goals = resolved.problem.goals
    settled = bool(goals) and all(resolved.proved[goal] for goal in goals)
    doubts = frozenset[int]().union(*(resolved.doubts[goal] for goal in goals)) if settled else frozenset()
    return replace(assembled(resolved, branches, chosen.papers), settled=settled, doubts=doubts)
