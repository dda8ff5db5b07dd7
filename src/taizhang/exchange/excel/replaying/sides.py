"""The two sides of a comparison: a record, or a ledger under conditions, with its cases.

Reads from: ``comparing``, ``conditions``, ``record``, ``dossiers``, ``rules``.  Read by: ``cli``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from taizhang.errors import InputError
from taizhang.exchange.excel.dossiers import dossiers_of
from taizhang.exchange.excel.planning import MOST_ESTATES_IN_DEPTH, MOST_UNITS_IN_DEPTH
from taizhang.exchange.excel.replaying.comparing import conditions_of
from taizhang.exchange.excel.replaying.conditions import Conditions
from taizhang.exchange.excel.replaying.record import PlanRecord
from taizhang.exchange.excel.returned.receiving import Received
from taizhang.rules.circumstances import Case, estate_of
from taizhang.rules.city import plan_city
from taizhang.rules.plancontent import plan_digest
from taizhang.rules.plandiff import PlanDiff, in_depth, plan_diff
from taizhang.rules.terms import EstatePlan, Pack
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Comparison", "Side", "compared", "side_of_ledgers", "side_of_record"]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    Attributes:
        name: Name of the file.
        conditions: Under what it is planned.
        cases: One for each estate.
        plans: Estate id to the digest of the plan that was recorded; empty for a ledger.
        deep: Whether the recorded plan was made estate by estate.
    """

    name: str
    conditions: Conditions
    cases: tuple[Case, ...]
    plans: Mapping[str, str]
    deep: bool

    def only(self, estate: str) -> Side:
        """The same side with the estates of one name."""
        kept = tuple(one for one in self.cases if estate_of(one.dossier).name == estate)
        return replace(self, cases=kept)


def side_of_record(name: str, record: PlanRecord) -> Side:
    """Return the side of a record.

    Raises:
        InputError: ``E-DIFF-LOCK`` the record holds neither cases nor texts.
    """
    if record.cases is None:
        raise InputError(
            "{file} holds only the lock of its plan, nothing that could be planned again.",
            hint="Compare records that were written without --lock-only.",
            zh="{file} 只记摘要，无法据以重新测算。请比较不带 --lock-only 写出的存证。",
            code="E-DIFF-LOCK",
            where=name,
            file=name,
        )
    conditions = conditions_of(record, file=name)
    plans = {one.id: one.plan for one in record.estates}
    return Side(name, conditions, record.cases, plans, _deep(record.cases, conditions.prefer))


def side_of_ledgers(name: str, received: Received, conditions: Conditions) -> Side:
    """Return the side of ledgers under conditions."""
    found = dossiers_of(received, conditions.pack)
    cases = tuple(map(Case, found.dossiers, found.identities))
    return Side(name, conditions, cases, {}, _deep(cases, conditions.prefer))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides and what changed between them.

    Attributes:
        old, new: The sides, narrowed to the estate that was asked for.
        found: What changed.
        deep: Whether both were planned estate by estate.
    """

    old: Side
    new: Side
    found: PlanDiff
    deep: bool

    def not_reproduced(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the estates that this version plans otherwise than the records of the sides say.

        Nothing is said of a record whose plan was made in another depth than the comparison.
        """
        found = self.found
        return self._other(self.old, found.former), self._other(self.new, found.plans)

    def _other(self, side: Side, plans: Mapping[str, EstatePlan]) -> tuple[str, ...]:
        if side.deep != self.deep:
            return ()
        told = [(plan, side.plans[at]) for at, plan in plans.items() if at in side.plans]
        return tuple(plan.place.name for plan, recorded in told if plan_digest(plan) != recorded)


def compared(old: Side, new: Side, estate: str = "") -> Comparison:
    """Compare two sides, both planned in the same depth.

    Args:
        old: As it was.
        new: As it is.
        estate: Name of the one estate that is wanted; empty for all.

    Raises:
        InputError: ``E-DIFF-ESTATE`` no side has an estate of this name.
    """
    if estate:
        names = sorted({estate_of(one.dossier).name for one in (*old.cases, *new.cases)})
        if estate not in names:
            raise _no_estate(estate, names)
        old, new = old.only(estate), new.only(estate)
    deep = _deep(old.cases, old.conditions.prefer) and _deep(new.cases, new.conditions.prefer)
    deep = deep or "fastest" in (old.conditions.prefer, new.conditions.prefer)
    before, after = (one.conditions.circumstances(one.cases) for one in (old, new))
    return Comparison(old, new, plan_diff(before, after, in_depth if deep else _as_city), deep)


def _deep(cases: Sequence[Case], prefer: str) -> bool:
    """Whether ``plan`` plans these cases estate by estate."""
    units = sum(place.level == "unit" for one in cases for place in one.dossier.places.values())
    return prefer == "fastest" or (len(cases) <= MOST_ESTATES_IN_DEPTH and units <= MOST_UNITS_IN_DEPTH)


def _as_city(
    pack: Pack, cases: Sequence[Case], calendar: WorkCalendar, prefer: str | tuple[str, ...]
) -> list[EstatePlan]:
    if not cases:
        return []
    names = [one.identity for one in cases]
    return plan_city(pack, [one.dossier for one in cases], names, calendar, objective=prefer)


def _no_estate(estate: str, names: Sequence[str]) -> InputError:
    close = get_close_matches(estate, names, 3, 0.3)
    return InputError(
        "Neither side has an estate {estate}. Names like it: {near}.",
        hint="Write the name as the ledger has it.",
        zh="两边都没有小区“{estate}”，相近的有：{near}。请按台账中的名称书写。",
        code="E-DIFF-ESTATE",
        estate=estate,
        near=", ".join(close) or "-",
    )
