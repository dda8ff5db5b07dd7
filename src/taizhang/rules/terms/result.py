"""What the rules answer: assessments, plans, explanations and bills.

Three numbers are never mixed: a unit's *marginal* plan (:class:`Plan`), the *joint* plan of
an estate with each shared item once (:class:`JointPlan`), and an allocated share (none here).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from taizhang.rules.terms.case import Complaint, Difference, Ledger, Place
from taizhang.rules.terms.law import Label, Pack, Value
from taizhang.rules.terms.validity import Lapse

__all__ = [
    "Alternative",
    "Assessment",
    "Assumption",
    "Bill",
    "BillLine",
    "CityPlan",
    "EstatePlan",
    "Gap",
    "JointPlan",
    "LeverageRow",
    "Lift",
    "OpenDuty",
    "Plan",
    "Question",
    "RouteChoice",
    "Status",
    "Step",
    "UnitPlan",
    "Vector",
]


class Status(IntEnum):
    """Where a node stands, best first; new evidence never moves it to the right."""

    PROVED = 0  #: follows from what is on hand, whatever the open facts turn out to be
    OPEN = 1  #: can be completed, whatever the open facts turn out to be
    DEPENDS = 2  #: can be completed under some answers only
    BLOCKED = 3  #: cannot be completed under any answer

    @property
    def word(self) -> str:
        """``proved``, ``open``, ``depends`` or ``blocked``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Vector:
    """What a plan costs: rank, fen, person-hours, number of papers, working days."""

    rank: int = 0
    money_fen: int = 0
    effort: int = 0
    items: int = 0
    days: int = 0

    def ordered(self, objective: tuple[str, ...]) -> tuple[int, ...]:
        """Return the parts in the declared order."""
        parts = {
            "rank": self.rank,
            "money": self.money_fen,
            "effort": self.effort,
            "items": self.items,
            "days": self.days,
        }
        return tuple(parts[name] for name in objective)

    def __sub__(self, other: Vector) -> Vector:
        return Vector(
            self.rank - other.rank,
            self.money_fen - other.money_fen,
            self.effort - other.effort,
            self.items - other.items,
            self.days - other.days,
        )


@dataclass(frozen=True, slots=True, order=True)
class RouteChoice:
    """The way chosen for one node at one place."""

    place: str
    node: str
    way: str


@dataclass(frozen=True, slots=True, order=True)
class Assumption:
    """An open fact and the class of answers under which a plan holds."""

    fact: str
    place: str
    answers: tuple[str, ...]  #: enum values, ``true``/``false`` or intervals like ``< 90``


@dataclass(frozen=True, slots=True)
class Question:
    """An open fact whose answer changes the best plan."""

    fact: str
    place: str
    outcomes: tuple[tuple[tuple[str, ...], Vector | None], ...]  #: answers -> best plan (None: blocked)
    units: int = 1  #: units it concerns; ``place`` is the first of them for a unit's own fact
    papers: tuple[tuple[str, ...] | None, ...] = ()  #: papers of the best plan under each answer

    def differing(self) -> tuple[tuple[str, ...], ...]:
        """For each answer the papers of its plan that some other answer's plan does without."""
        plans = [set(one) for one in self.papers if one is not None]
        common = set.intersection(*plans) if plans else set()
        return tuple(tuple(name for name in one or () if name not in common) for one in self.papers)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What follows for one case; every node of the pack is in ``status``."""

    status: Mapping[str, Status]
    goal: str
    exact: bool
    best_case: Vector | None  #: ``None``: blocked
    worst_case: Vector | None  #: ``None``: blocked under some answer
    best_items: tuple[str, ...]
    worst_items: tuple[str, ...]
    questions: tuple[Question, ...]
    blocked_by: tuple[str, ...]  #: root blockers, in id order
    unknown_facts: tuple[str, ...]  #: open facts that some reachable guard reads


@dataclass(frozen=True, slots=True)
class Step:
    """Work that follows when the needs of a chosen way are met."""

    node: str
    place: str
    way: str
    supplier: str
    days: int
    effort: int
    money_fen: int | None
    start: int  #: earliest start, working days from the plan's start
    end: int
    slack: int  #: working days it may slip without moving the end
    critical: bool
    law_days: int | None = None
    count: int = 1  #: like steps of several units told once; money and effort are of one of them


@dataclass(frozen=True, slots=True)
class Alternative:
    """A way that was not chosen, and its price or the reason it is closed."""

    node: str
    place: str
    way: str
    reason: str  #: dearer, blocked, guard_false, not_in_force, not_adopted
    delta: Vector | None = None  #: for ``dearer``
    detail: tuple[str, ...] = ()  #: for ``blocked`` the blockers, for ``guard_false`` the facts


@dataclass(frozen=True, slots=True)
class Gap:
    """One missing paper at one place, and who must supply it."""

    item: str
    place: str
    level: str
    supplier: str
    money_fen: int | None
    effort: int
    days: int
    start: int  #: earliest start, working days from the plan's start
    end: int
    slack: int
    critical: bool
    units: int  #: units whose plan uses it
    grade: str = ""  #: necessary, chosen or convenient
    price_of_refusal: Vector | None = None  #: for ``chosen``: how much dearer without it
    path: tuple[RouteChoice, ...] = ()  #: from the goal down to the item
    alternatives: tuple[Alternative, ...] = ()
    urgent: int = 0  #: of the units that use it, those that cannot wait
    count: int = 1  #: like papers of several units told once; money and effort are of one of them
    obtain_not_before: int | None = None  #: working day; issued earlier, it may lapse before its last use
    renewal: bool = False  #: it is on hand, but lapses before its use (of like papers told once: some are)
    twice: bool = False  #: no single copy is valid at its first and its last use


@dataclass(frozen=True, slots=True)
class OpenDuty:
    """A paper that the chosen route puts off until after the certificate; no gap."""

    item: str  #: node or evidence id
    place: str
    supplier: str
    due: int  #: working days from the plan's start
    node: str  #: whose way puts it off
    way: str
    consequence: Label


@dataclass(frozen=True, slots=True)
class Lift:
    """The fewest and cheapest changes that would open a blocked case."""

    items: tuple[tuple[str, str], ...]  #: unobtainable papers (name, place) to be got after all
    ways: tuple[RouteChoice, ...]  #: ways that are not adopted here, to be adopted
    vector: Vector  #: of the plan after the lift


@dataclass(frozen=True, slots=True)
class Plan:
    """The cheapest complete set of missing papers of one case (marginal)."""

    feasible: bool
    items: tuple[str, ...]  #: names, sorted
    route: tuple[RouteChoice, ...]
    vector: Vector  #: what it takes; remaining steps included
    objective: tuple[int, ...]  #: in the declared order; all zero when the goal is proved
    proved: bool  #: whether the optimum is proved
    bound: tuple[int, ...] | None = None  #: where not proved: nothing can be cheaper than this
    gaps: tuple[Gap, ...] = ()
    steps: tuple[Step, ...] = ()
    assumes: tuple[Assumption, ...] = ()
    blocked_by: tuple[str, ...] = ()
    unknown_costs: tuple[str, ...] = ()  #: items whose price is not known
    lapses: tuple[Lapse, ...] = ()  #: papers on hand planned as missing, and those used that lapse soon

    @property
    def money_fen(self) -> int:
        """Known money in fen."""
        return self.vector.money_fen

    @property
    def effort(self) -> int:
        """Person-hours."""
        return self.vector.effort

    @property
    def working_days(self) -> int:
        """Working days from start to goal along the critical path."""
        return self.vector.days


@dataclass(frozen=True, slots=True)
class JointPlan:
    """The cheapest plan for all units of an estate together, each shared item once."""

    vector: Vector
    objective: tuple[int, ...]
    proved: bool
    gaps: tuple[Gap, ...]  #: estate and building papers first, then units, in id order
    steps: tuple[Step, ...]
    route: tuple[RouteChoice, ...]
    assumes: tuple[Assumption, ...]
    left_out: tuple[str, ...]  #: units that are blocked
    bound: tuple[int, ...] | None = None  #: where not proved: nothing can be cheaper than this
    unknown_costs: tuple[str, ...] = ()
    lapses: tuple[Lapse, ...] = ()  #: papers on hand planned as missing, and those used that lapse soon

    def least(self, order: tuple[str, ...]) -> tuple[str, int] | None:
        """Return the first part in which another plan may be better, and what it cannot be below.

        Args:
            order: Parts in the declared order; those before the one returned are proved.

        Returns:
            The part and its bound; ``None`` where the plan is proved.

        >>> plan = JointPlan(Vector(days=12), (0, 12), False, (), (), (), (), (), bound=(0, 10))
        >>> plan.least(("rank", "days"))
        ('days', 10)
        """
        mine = self.vector.ordered(order)
        told = zip(order, mine, self.bound or mine, strict=False)
        return next(((part, least) for part, cost, least in told if least != cost), None)


@dataclass(frozen=True, slots=True)
class BillLine:
    """One fee of one unit, with the inputs it was computed from."""

    fee: str
    fen: int
    inputs: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Bill:
    """What a household owes, in fen; a line that cannot be computed is in ``unknown``."""

    lines: Mapping[str, int]
    total_fen: int
    unknown: frozenset[str]  #: facts not known and parameters not set
    on: date
    details: tuple[BillLine, ...] = ()
    missing_lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: fee -> what it lacks


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """One unit inside its estate's plan."""

    place: Place
    status: Status
    exact: bool
    marginal: Vector | None  #: None: blocked
    own: tuple[str, ...]  #: items of its own it lacks in the joint plan
    shared: tuple[tuple[str, str], ...]  #: (item, place) of shared items it waits for
    bill: Bill
    blocked_by: tuple[str, ...] = ()
    urgent: tuple[str, ...] = ()  #: ids of the pack's urgencies that hold, most pressing first


@dataclass(frozen=True, slots=True)
class EstatePlan:
    """Everything the outputs say about one estate; ids only, labels come from the pack."""

    place: Place
    identity: Mapping[str, str]  #: county, street, responsible_official, sponsor, …
    places: Mapping[str, Place]
    facts: Mapping[tuple[str, str], Value]
    status: Status  #: the worst of its units
    node_status: Mapping[str, Status]  #: worst over its places
    classes: tuple[str, ...]
    joint: JointPlan
    units: tuple[UnitPlan, ...]
    questions: tuple[Question, ...]
    blocked_by: tuple[str, ...]
    lift: Lift | None
    alternatives: tuple[Alternative, ...]  #: every way of the route's nodes that was not chosen
    start: date
    due: Mapping[int, date | None]  #: offset in working days -> date; None: no holiday notice yet
    duties: tuple[OpenDuty, ...] = ()  #: owed after the certificate, counted apart from the gaps


@dataclass(frozen=True, slots=True)
class LeverageRow:
    """How many units one shared item holds back."""

    item: str
    estates: tuple[str, ...]  #: place ids of the estates whose joint plan uses it
    in_plan: int  #: units whose part of the joint plan uses it
    sole: int  #: units for which it is the only missing shared item


@dataclass(frozen=True, slots=True)
class CityPlan:
    """All estates of one or more ledgers, planned under one pack on one day."""

    pack: Pack
    ledgers: tuple[Ledger, ...]
    estates: tuple[EstatePlan, ...]
    complaints: tuple[Complaint, ...]  #: of reading and of planning
    leverage: tuple[LeverageRow, ...]
    prefer: str  #: cheapest, fewest or fastest
    overlays: tuple[str, ...]  #: ids of the overlays in use
    decisions: tuple[str, ...]  #: ids of the decisions in use
    seconds: Mapping[str, float] = field(default_factory=dict)  #: read, assess, plan, joint, write
    differences: tuple[Difference, ...] = ()  #: what the ledgers say in two ways
