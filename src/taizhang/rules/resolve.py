"""A problem under some answers: which options are left, and what each would cost.

Answers may be partial.  What is still open is read in the applicant's favour here: an open
guard lets its way count.  The search then says which
open facts its solution relied on, and ``assess`` asks those next.

Reads from: ``ground``, ``terms``.  Read by: ``search``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import combinations, product
from math import comb
from operator import attrgetter

from taizhang.errors import PackError
from taizhang.rules.ground import Choice, Element, Option, Problem
from taizhang.rules.terms import Held

__all__ = [
    "Branch",
    "Changes",
    "Costs",
    "Resolved",
    "aimed",
    "bits",
    "parts_of",
    "resolve",
    "settle",
    "settle_node",
]

_WIDE = 1 << 2_048
_MOST_BRANCHES = 5_000  # combinations one option may stand for, see W08


@dataclass(frozen=True, slots=True)
class Changes:
    """Departures from the problem, for explanations and lifts.

    Attributes:
        without: Elements that cannot be had after all.
        only: For an element, the one way that may be used.
        lift: Let unobtainable papers and ways not adopted count, at one lift each.
    """

    without: frozenset[int] = frozenset()
    only: Mapping[int, str] = field(default_factory=dict)
    lift: bool = False


@dataclass(frozen=True, slots=True)
class Costs:
    """Additive costs, the weight included: lifts, rank, money, effort, items."""

    lifts: int = 0
    rank: int = 0
    money: int = 0
    effort: int = 0
    items: int = 0

    def part(self, name: str) -> int:
        """One part by the name the objective uses."""
        return int(getattr(self, name))


@cache
def parts_of(names: tuple[str, ...]) -> Callable[[Costs], tuple[int, ...]]:
    """Return what reads some parts of costs, in the order of their names.

    >>> parts_of(("rank", "items"))(Costs(rank=2, items=1))
    (2, 1)
    """
    if len(names) < 2:  # a reader of one name gives the bare value
        return lambda costs: tuple(costs.part(name) for name in names)
    return attrgetter(*names)


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to go at a node: an option with its alternatives settled.

    Attributes:
        option: The option.
        needs: Elements that must be established, those on hand left out.
        costs: Of the option's rank and step.
        days: Of its step.
        relies: Open facts read in the applicant's favour.
    """

    option: Option
    needs: tuple[int, ...]
    costs: Costs
    days: int
    relies: frozenset[int]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the search works on; lists are by element number.

    Attributes:
        problem: The problem.
        free: On hand: costs nothing and needs nothing.
        feasible: Can be established.
        proved: Follows from what is on hand.
        branches: Ways to go at a node.
        leaf: Costs of a paper to obtain, ``None`` where it is not such a paper.
        days: Working days to obtain the paper.
        doubts: Open facts on which ``proved`` relies.
        active: Numbers of the elements looked at, ascending; the others are not to be touched.
    """

    problem: Problem
    free: list[bool]
    feasible: list[bool]
    proved: list[bool]
    branches: list[tuple[Branch, ...]]
    leaf: list[Costs | None]
    days: list[int]
    doubts: list[frozenset[int]]
    active: tuple[int, ...]


def bits(mask: int) -> Iterator[int]:
    """Numbers of the bits that are set, ascending."""
    if mask > _WIDE:  # bit by bit, the work would grow with the square
        digits = f"{mask:b}"[::-1]
        at = digits.find("1")
        while at >= 0:
            yield at
            at = digits.find("1", at + 1)
        return
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def resolve(
    problem: Problem, answers: Mapping[int, int], changes: Changes | None = None, within: int = -1
) -> Resolved:
    """Settle a problem under (partial) answers, needs first.

    Args:
        problem: From :func:`taizhang.rules.ground.ground`.
        answers: Open fact number -> class number.
        changes: Departures for explanations and lifts.
        within: Elements to look at, as bits; all by default.

    Raises:
        PackError: ``E-PACK-W08`` an ``at_least`` that stands for more than 5,000 combinations.
    """
    change = changes or Changes()
    n = len(problem.elements)
    active = tuple(range(n)) if within < 0 else tuple(bits(within))
    resolved = Resolved(
        problem,
        [False] * n,
        [False] * n,
        [False] * n,
        [()] * n,
        [None] * n,
        [0] * n,
        [frozenset()] * n,
        active,
    )
    for number in reversed(active):
        settle(resolved, number, answers, change)
    return aimed(resolved)


def aimed(resolved: Resolved) -> Resolved:
    """Leave out what the goals of the problem do without: what is proved stays with what is on hand."""
    goals = resolved.problem.goals
    if goals and all(resolved.proved[goal] for goal in goals):
        _keep_proved(resolved)
    else:
        _settle(resolved)
    return resolved


def settle(resolved: Resolved, number: int, answers: Mapping[int, int], change: Changes) -> None:
    """Enter an element whose needs have been entered already."""
    element = resolved.problem.elements[number]
    if number in change.without:
        return
    if element.held is Held.ON_HAND:
        resolved.free[number] = resolved.feasible[number] = resolved.proved[number] = True
    elif element.cost is not None or (element.held is Held.UNOBTAINABLE and change.lift):
        _paper(resolved, number, element, change)
    else:
        settle_node(resolved, number, element, answers, change)


def _paper(resolved: Resolved, number: int, element: Element, change: Changes) -> None:
    lost = element.held is Held.UNOBTAINABLE
    if lost and not change.lift:
        return
    resolved.feasible[number] = True
    cost, weight = element.cost, element.weight
    if cost is None:
        resolved.leaf[number] = Costs(lifts=1, items=weight)
        return
    resolved.leaf[number] = Costs(int(lost), 0, weight * (cost.money_fen or 0), weight * cost.effort, weight)
    resolved.days[number] = cost.days


def settle_node(
    resolved: Resolved, number: int, element: Element, answers: Mapping[int, int], change: Changes
) -> None:
    """Enter the branches of a node whose needs have been entered already."""
    branches: list[Branch] = []
    proved: list[frozenset[int]] = []
    for option in element.options:
        if change.only.get(number, option.way.id) != option.way.id:
            continue
        when = option.when.under(answers) if option.when else True
        if when is False:
            continue
        relies = _open(option.when.facts, answers) if option.when and when is None else frozenset()
        if not _met(resolved.feasible, option.needs):
            continue
        settled = _met(resolved.proved, option.needs)
        if settled and option.way.adopted:
            resolved.proved[number] = True
            proved.append(relies.union(*(resolved.doubts[one] for need in option.needs for one in need.of)))
        branches.extend(_branches(resolved, element, option, settled, relies))
    resolved.branches[number] = tuple(branches)
    resolved.feasible[number] = bool(branches)
    if proved:
        resolved.doubts[number] = min(proved, key=lambda doubt: (len(doubt), sorted(doubt)))


def _open(facts: tuple[int, ...], answers: Mapping[int, int]) -> frozenset[int]:
    return frozenset(fact for fact in facts if fact not in answers)


def _met(table: list[bool], needs: Sequence[Choice]) -> bool:
    """Whether of every need enough is true."""
    for need in needs:
        if need.k == 1 == len(need.of):  # most needs are of one thing
            if not table[need.of[0]]:
                return False
        elif _count(table, need) < need.k:
            return False
    return True


def _count(table: list[bool], need: Choice) -> int:
    return sum(table[one] for one in need.of)


@lru_cache(maxsize=10_000)
def _step(lifts: int, rank: int, money: int, effort: int) -> Costs:
    """What a way's own work costs: few different ones, asked for often."""
    return Costs(lifts, rank, money, effort)


def _branches(
    resolved: Resolved,
    element: Element,
    option: Option,
    settled: bool,
    relies: frozenset[int],
) -> list[Branch]:
    way, weight = option.way, element.weight
    costs = _step(
        int(not way.adopted),
        0 if settled else weight * way.rank,  # what is already proved needs no permission
        weight * (way.step.money_fen or 0),
        weight * way.step.effort,
    )
    if settled and way.rank:
        relies = relies.union(*(resolved.doubts[one] for need in option.needs for one in need.of))
    plain: set[int] = set()
    groups: list[list[tuple[int, ...]]] = []
    total = 1
    for need in option.needs:
        if need.k == 1 == len(need.of):
            if not resolved.free[need.of[0]]:
                plain.add(need.of[0])
            continue
        wanted = need.k - _count(resolved.free, need)
        candidates = [one for one in need.of if resolved.feasible[one] and not resolved.free[one]]
        if wanted <= 0:
            continue
        total *= comb(len(candidates), wanted)
        if total > _MOST_BRANCHES:
            raise PackError(
                "Way '{way}' of '{node}' stands for more than {most} combinations.",
                hint="Split the 'at_least' into nodes of their own.",
                zh="办理路径“{node}.{way}”的组合超过 {most} 种，请把 at_least 拆成单独的节点。",
                where=way.where,
                code="E-PACK-W08",
                way=way.id,
                node=element.name,
                most=_MOST_BRANCHES,
            )
        groups.append(list(combinations(candidates, wanted)))
    if not groups:
        return [Branch(option, tuple(sorted(plain)), costs, way.step.days, relies)]
    return [
        Branch(option, tuple(sorted(plain.union(*combo))), costs, way.step.days, relies)
        for combo in product(*groups)
    ]


def _keep_proved(resolved: Resolved) -> None:
    """A proved goal lacks nothing: only what is on hand may be used from here on."""
    for number in resolved.active:
        resolved.branches[number] = tuple(
            branch
            for branch in resolved.branches[number]
            if all(resolved.proved[one] for one in branch.needs)
        )
        if not resolved.free[number] and not resolved.proved[number]:
            resolved.feasible[number] = False


def _settle(resolved: Resolved) -> None:
    """Of several goals, one that is proved whatever the answers stays with what is on hand."""
    pending = [goal for goal in resolved.problem.goals if resolved.proved[goal] and not resolved.doubts[goal]]
    seen: set[int] = set()
    while pending:
        number = pending.pop()
        if number in seen or resolved.free[number]:
            continue
        seen.add(number)
        resolved.branches[number] = tuple(
            branch
            for branch in resolved.branches[number]
            if all(resolved.proved[need] for need in branch.needs)
        )
        pending.extend(need for branch in resolved.branches[number] for need in branch.needs)
