"""What changed between two plans, and what made it change.

The plan of the old circumstances is changed into that of the new ones by one cause at a time, in
the order of :data:`~taizhang.rules.circumstances.CAUSES`, and planned again after each.  A
difference is laid at the door of the step at which it appears.  That is a convention, and a
deterministic one: where two changes only work together, the later one bears the difference.

Promised, and tested: a diff with itself is empty; a diff applied to the old plan gives the new one;
the steps, applied one after the other, give the whole.  An estate for which nothing changed in a
step keeps its plan.

Reads from: ``circumstances``, ``estate``, ``plancontent``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from taizhang.errors import TaizhangError
from taizhang.rules.circumstances import Case, Circumstances, State, estate_of, states_between
from taizhang.rules.estate import full_plan
from taizhang.rules.plancontent import Content, Key, Said, content_of
from taizhang.rules.terms import EstatePlan, Pack
from taizhang.rules.worktime import WorkCalendar

__all__ = [
    "Change",
    "CityContent",
    "DiffStep",
    "PlanDiff",
    "Planner",
    "applied",
    "caused_by",
    "contents",
    "diff",
    "in_depth",
    "plan_diff",
]

#: Estate id -> what its plan says.
CityContent: TypeAlias = Mapping[str, Content]

#: Plans cases under a pack: the law, the cases, the calendar, the preference.
Planner: TypeAlias = Callable[
    [Pack, Sequence[Case], WorkCalendar, "str | tuple[str, ...]"], Sequence[EstatePlan]
]


@dataclass(frozen=True, slots=True)
class Change:
    """One saying that is another now.

    Attributes:
        estate: Place id of the estate.
        key: What the saying is about.
        before, after: The values; ``None`` where nothing is said.
    """

    estate: str
    key: Key
    before: Said
    after: Said


@dataclass(frozen=True, slots=True)
class DiffStep:
    """What one cause changed.

    Attributes:
        causes: One, or several that cannot be told apart.
        reason: Why they cannot: the error the law between them would have.
        changes: In order of estate and key.
        replanned: Estates that had to be planned again.
    """

    causes: tuple[str, ...]
    reason: TaizhangError | None
    changes: tuple[Change, ...]
    replanned: int


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """What changed between two plans of a city.

    Attributes:
        old, new: What the plans say.
        whole: Every difference between them.
        steps: The same differences as they came about, in the order of the causes.
        plans: The plan of each estate in the new circumstances, by its id.
        former: The plan of each estate in the old circumstances.
    """

    old: CityContent
    new: CityContent
    whole: tuple[Change, ...]
    steps: tuple[DiffStep, ...]
    plans: Mapping[str, EstatePlan]
    former: Mapping[str, EstatePlan]


def diff(old: CityContent, new: CityContent) -> tuple[Change, ...]:
    """Return every difference between what two plans say, in order of estate and key.

    >>> one = {"e1": {Key("status"): "open"}}
    >>> diff(one, {"e1": {Key("status"): "proved"}})[0].after
    'proved'
    >>> diff(one, one)
    ()
    """
    found = []
    for estate in sorted(old.keys() | new.keys()):
        before, after = old.get(estate, {}), new.get(estate, {})
        if before is after:
            continue
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                found.append(Change(estate, key, before.get(key), after.get(key)))
    return tuple(found)


def applied(changes: Iterable[Change], old: CityContent) -> dict[str, dict[Key, Said]]:
    """Return what a plan says after the changes.

    Raises:
        ValueError: A change does not begin with what the plan says.

    >>> one, two = {"e1": {Key("status"): "open"}}, {"e2": {Key("status"): "proved"}}
    >>> applied(diff(one, two), one) == two
    True
    """
    made = {estate: dict(content) for estate, content in old.items()}
    for change in changes:
        here = made.setdefault(change.estate, {})
        if here.get(change.key) != change.before:
            raise ValueError(f"{change.estate} {change.key} is not {change.before!r}")
        if change.after is None:
            del here[change.key]
        else:
            here[change.key] = change.after
    return {estate: content for estate, content in made.items() if content}


def caused_by(found: PlanDiff) -> dict[tuple[str, Key], tuple[DiffStep, ...]]:
    """Return for every difference of the whole the steps at which it came about."""
    trail: dict[tuple[str, Key], list[DiffStep]] = {(one.estate, one.key): [] for one in found.whole}
    for step in found.steps:
        for change in step.changes:
            if (change.estate, change.key) in trail:
                trail[change.estate, change.key].append(step)
    return {key: tuple(steps) for key, steps in trail.items()}


def contents(pack: Pack, plans: Iterable[EstatePlan]) -> dict[str, dict[Key, Said]]:
    """Return what the plans of estates say, by the id of the estate."""
    return {plan.place.id: content_of(pack, plan) for plan in plans}


def in_depth(
    pack: Pack, cases: Sequence[Case], calendar: WorkCalendar, prefer: str | tuple[str, ...]
) -> list[EstatePlan]:
    """Plan estate by estate, with grades, alternatives and lifts."""
    return [full_plan(pack, one.dossier, one.identity, calendar, objective=prefer) for one in cases]


def plan_diff(old: Circumstances, new: Circumstances, planner: Planner = in_depth) -> PlanDiff:
    """Plan two circumstances, and say what changed between the plans and why.

    Args:
        old: As it was.
        new: As it is.
        planner: Plans the estates; the same for all states.

    Raises:
        TaizhangError: The law of one of the two has an error, or a plan does not pass its check.

    Cost:
        Two plans of the city, and after each cause one of the estates whose circumstances changed.

    >>> from datetime import date
    >>> from taizhang.rules import Dossier
    >>> from taizhang.rules.document import read_document
    >>> from taizhang.rules.pack import find_document, load_pack
    >>> day, base = date(2024, 1, 28), read_document(find_document("title-certificates"))
    >>> pack = load_pack("title-certificates", as_of=day)
    >>> def circumstances(*on_hand):
    ...     case = Case(Dossier.of(pack, on_hand=on_hand), {})
    ...     return Circumstances(base, (), (), WorkCalendar.china(), day, "cheapest", (case,))
    >>> found = plan_diff(circumstances(), circumstances("filed_contract"))
    >>> [(step.causes, bool(step.changes)) for step in found.steps if step.replanned]
    [(('evidence',), True)]
    """
    states = states_between(old, new)
    before = next(states)
    former = plans = _planned(before, None, {}, planner)[0]
    first = last = contents(before.pack, plans.values())
    steps = []
    for state in states:
        plans, again = _planned(state, before, plans, planner)
        said = {at: content_of(state.pack, plan) if at in again else last[at] for at, plan in plans.items()}
        steps.append(DiffStep(state.causes, state.reason, diff(last, said), len(again)))
        before, last = state, said
    return PlanDiff(first, last, diff(first, last), tuple(steps), plans, former)


def _planned(
    state: State, before: State | None, known: Mapping[str, EstatePlan], planner: Planner
) -> tuple[dict[str, EstatePlan], frozenset[str]]:
    """The plans of a state, and which estates had to be planned again."""
    kept: frozenset[int] = frozenset()
    if before is not None and _same_rules(before, state):
        kept = frozenset(map(id, before.cases))
    again = [one for one in state.cases if id(one) not in kept]
    made = {plan.place.id: plan for plan in planner(state.pack, again, state.calendar, state.prefer)}
    ids = [estate_of(one.dossier).id for one in state.cases]
    return {at: made[at] if at in made else known[at] for at in ids}, frozenset(made)


def _same_rules(one: State, two: State) -> bool:
    """Whether two states plan the same case in the same way."""
    return one.prefer == two.prefer and one.calendar == two.calendar and one.law == two.law
