"""The best plan of every estate computed and kept; one of them chosen, with a task for every gap.

Reads from: ``dossier``, ``journal``, ``planrecord``, ``tasks``, ``rules``.  Read by: the doors.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connections

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import AdoptedPlan, Case, Estate, Official, PlanProposal, Unit
from taizhang.office.dossier import dossiers_of, identity_of
from taizhang.office.journal import Act, act
from taizhang.office.planrecord import pack_plan, unpack_plan
from taizhang.office.tasks import open_tasks, settle_tasks
from taizhang.rules.canonical import digest
from taizhang.rules.city import plan_city
from taizhang.rules.plancontent import plan_digest
from taizhang.rules.terms import Dossier, EstatePlan, Pack
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Adoption", "Computed", "adopt_plan", "propose_plans"]

_CHUNK = 24  # estates planned together: pieces are shared, and the work is spread evenly
_FEW = 12  # estates for which no further process is started


@dataclass(frozen=True, slots=True)
class Computed:
    """The plan of one estate as it will be kept."""

    place: str
    status: int
    classes: tuple[str, ...]
    proved: bool
    gaps: int
    vector: tuple[int, int, int, int, int]  #: rank, fen, hours, papers, working days
    dossier_digest: str
    plan_digest: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Adoption:
    """A plan that was adopted, and what it changed."""

    plan: AdoptedPlan
    opened: int
    kept: int
    withdrawn: int


def propose_plans(
    pack: Pack, estates: Sequence[Estate], *, actor: str, now: datetime, prefer: str = "cheapest"
) -> int:
    """Compute the best plan of estates and keep it; return the number of proposals that are new.

    Args:
        pack: The law on its day; its day is the day of the knowledge.
        estates: Their records.
        actor: Who asks.
        now: The instant.
        prefer: ``cheapest`` or ``fewest``; the columns of a city compare days last.

    Cost:
        About 80 ms an estate on one core; many estates are spread over the cores.
    """
    dossiers = list(dossiers_of(estates, pack.as_of))
    identities = [dict(identity_of(one)) for one in estates]
    computed = {one.place: one for one in _compute(pack, dossiers, identities, prefer)}
    keys = [one.pk for one in estates]
    with act("propose_plans", actor=actor, subject="estates", now=now) as doing:
        known = {
            one.estate_id: one
            for at in range(0, len(keys), 500)
            for one in PlanProposal.objects.filter(estate__in=keys[at : at + 500])
        }
        fresh: list[PlanProposal] = []
        stale: list[PlanProposal] = []
        for estate in Estate.objects.filter(pk__in=keys) if len(keys) < 500 else Estate.objects.all():
            told = computed.get(estate.place)
            if told is None:
                continue
            old = known.get(estate.pk)
            if old and (old.plan_digest, old.dossier_digest) == (told.plan_digest, told.dossier_digest):
                continue
            new = _proposal(pack, estate, told)
            new.pk = old.pk if old else None
            (stale if old else fresh).append(new)
            _mark(doing, estate, told)
        doing.insert(fresh)
        columns = [one.name for one in PlanProposal._meta.concrete_fields if one.name not in {"id", "estate"}]
        doing.update_all(stale, columns)
        doing.detail["estates"] = len(fresh) + len(stale)
    return len(fresh) + len(stale)


def _proposal(pack: Pack, estate: Estate, told: Computed) -> PlanProposal:
    _, money, effort, _, days = told.vector
    return PlanProposal(
        county=estate.county,
        estate=estate,
        as_of=pack.as_of,
        pack=pack.id,
        pack_version=pack.version,
        dossier_digest=told.dossier_digest,
        plan_digest=told.plan_digest,
        proved=told.proved,
        gaps=told.gaps,
        money_fen=money,
        effort=effort,
        days=days,
        content=told.content,
    )


def _mark(doing: Act, estate: Estate, told: Computed) -> None:
    """Write what lists are filtered by onto the estate and its units."""
    estate.status, estate.classes = told.status, f",{','.join(told.classes)}," if told.classes else ""
    doing.update_all([estate], ["status", "classes"])
    said = {one[0]: one for one in unpack_plan(told.content)["units"]}
    changed = []
    for unit in Unit.objects.filter(estate=estate):
        _, status, exact, own, shared, fen, _ = said[unit.place]
        now = (status, exact, len(own) + shared, fen)
        if (unit.status, unit.exact, unit.papers, unit.fees_fen) != now:
            unit.status, unit.exact, unit.papers, unit.fees_fen = now
            changed.append(unit)
    doing.update_all(changed, ["status", "exact", "papers", "fees_fen"])


# ------------------------------------------------------------------------------ computing


def _compute(
    pack: Pack, dossiers: Sequence[Dossier], identities: Sequence[dict[str, str]], prefer: str
) -> Iterator[Computed]:
    if len(dossiers) <= _FEW:
        yield from _planned(pack, dossiers, identities, prefer)
        return
    connections.close_all()  # a process that is forked off must not use the connection of this one
    _WORK.update(pack=pack, dossiers=dossiers, identities=identities, prefer=prefer)
    starts = range(0, len(dossiers), _CHUNK)
    context = multiprocessing.get_context(
        "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    )
    with ProcessPoolExecutor(mp_context=context, initializer=_begin, initargs=(dict(_WORK),)) as pool:
        for found in pool.map(_chunk, starts):
            yield from found
    _WORK.clear()


_WORK: dict[str, object] = {}


def _begin(work: dict[str, object]) -> None:
    _WORK.update(work)


def _chunk(start: int) -> list[Computed]:
    pack, dossiers, identities, prefer = (
        _WORK[name] for name in ("pack", "dossiers", "identities", "prefer")
    )
    assert isinstance(pack, Pack)
    assert isinstance(dossiers, list)
    assert isinstance(identities, list)
    stop = start + _CHUNK
    return list(_planned(pack, dossiers[start:stop], identities[start:stop], str(prefer)))


def _planned(
    pack: Pack, dossiers: Sequence[Dossier], identities: Sequence[dict[str, str]], prefer: str
) -> Iterator[Computed]:
    calendar = WorkCalendar.china()
    plans = plan_city(pack, dossiers, identities, calendar, objective=prefer)
    for dossier, plan in zip(dossiers, plans, strict=True):
        yield _computed(dossier, plan)


def _computed(dossier: Dossier, plan: EstatePlan) -> Computed:
    joint = plan.joint
    vector = joint.vector
    return Computed(
        plan.place.id,
        int(plan.status),
        plan.classes,
        joint.proved,
        sum(one.count for one in joint.gaps),
        (vector.rank, vector.money_fen, vector.effort, vector.items, vector.days),
        digest(dossier),
        plan_digest(plan),
        pack_plan(plan),
    )


# ------------------------------------------------------------------------------- adopting


def adopt_plan(
    pack: Pack,
    estate_id: int,
    *,
    by: Official,
    now: datetime,
    start_on: date,
    prefer: str = "cheapest",
    reason: str = "",
) -> Adoption:
    """Adopt the plan of an estate: its gaps become tasks, and tasks of the plan before are settled.

    Args:
        pack: The law on its day.
        estate_id: Key of the estate.
        by: The official who decides.
        now: The instant.
        start_on: First day of the plan.
        prefer: ``cheapest``, or ``fewest``, which may give another plan.
        reason: Needed where the plan is not the best in the declared order.

    Raises:
        InputError: ``E-ADOPT-REASON`` a plan that is not the best, without a reason.
        TransitionError: ``E-ADOPT-SAME`` this plan is in force already.
    """
    with act("adopt_plan", actor=f"{by.pk} {by.name}", subject=f"estate:{estate_id}", now=now) as doing:
        estate = Estate.objects.get(pk=estate_id)
        case = Case.objects.get(estate=estate)
        dossier = next(dossiers_of([estate], pack.as_of))
        told = next(_planned(pack, [dossier], [dict(identity_of(estate))], prefer))
        best = prefer == "cheapest" or _is_best(pack, dossier, estate, told)
        if not best and not reason.strip():
            raise _no_reason(estate)
        before = AdoptedPlan.objects.filter(case=case, superseded_at__isnull=True).first()
        if before and (before.plan_digest, before.dossier_digest) == (told.plan_digest, told.dossier_digest):
            raise TransitionError(
                "This plan is in force already for {estate}.",
                hint="Nothing needs to be adopted.",
                zh="{estate}已按此方案执行，无需重复采用。",
                code="E-ADOPT-SAME",
                estate=estate.name,
            )
        if before:
            doing.update(before, superseded_at=doing.now)
        plan = _adopted(pack, case, told, (by, doing.now, start_on, best, reason))
        doing.county, doing.detail["plan_digest"] = estate.county, told.plan_digest
        doing.insert([plan])
        doing.update(case, state="planned")
        opened, kept, withdrawn = settle_tasks(doing, plan, before, open_tasks(plan, estate))
    return Adoption(plan, opened, kept, withdrawn)


def _is_best(pack: Pack, dossier: Dossier, estate: Estate, told: Computed) -> bool:
    best = next(_planned(pack, [dossier], [dict(identity_of(estate))], "cheapest"))
    return told.vector == best.vector


def _adopted(
    pack: Pack, case: Case, told: Computed, how: tuple[Official, datetime, date, bool, str]
) -> AdoptedPlan:
    by, at, start_on, best, reason = how
    _, money, effort, _, days = told.vector
    return AdoptedPlan(
        county=case.county,
        case=case,
        estate_id=case.estate_id,
        adopted_at=at,
        adopted_by=by,
        best=best,
        reason=reason.strip(),
        as_of=pack.as_of,
        start_on=start_on,
        pack=pack.id,
        pack_version=pack.version,
        lock=json.dumps([list(one) for one in pack.lock], ensure_ascii=False),
        dossier_digest=told.dossier_digest,
        plan_digest=told.plan_digest,
        money_fen=money,
        effort=effort,
        days=days,
        content=told.content,
    )


def _no_reason(estate: Estate) -> InputError:
    return InputError(
        "The plan for {estate} is not the best one in the declared order.",
        hint="Say why it is adopted all the same.",
        zh="{estate}的这一方案不是既定次序下的最优方案，采用须写明理由。",
        code="E-ADOPT-REASON",
        estate=estate.name,
    )
