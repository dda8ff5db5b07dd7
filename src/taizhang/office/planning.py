"""The best plan of every estate computed and kept; one of them chosen, with a task for every gap.

Reads from: ``computing``, ``dossier``, ``journal``, ``planrecord``, ``tasks``.  Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import Max, Q

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import AdoptedPlan, Case, Estate, JournalEntry, Official, PlanProposal, Unit
from taizhang.office.access import Person, require
from taizhang.office.computing import Computed, compute, law_digest, planned
from taizhang.office.dossier import dossiers_of, identity_of
from taizhang.office.journal import Act, act
from taizhang.office.planrecord import unpack_plan
from taizhang.office.tasks import open_tasks, settle_tasks
from taizhang.rules.canonical import digest
from taizhang.rules.terms import Dossier, Pack

__all__ = ["Adoption", "adopt_for", "adopt_plan", "propose_plans", "refresh_plan", "unplanned"]

_BATCH = 100  # estates written together: what is written is not computed again after a crash
Told = Callable[[int, int], None]  #: done, of


@dataclass(frozen=True, slots=True)
class Adoption:
    """A plan that was adopted, and what it changed."""

    plan: AdoptedPlan
    opened: int
    kept: int
    withdrawn: int


def propose_plans(
    pack: Pack,
    estates: Sequence[Estate],
    *,
    actor: str,
    now: datetime,
    prefer: str = "cheapest",
    progress: Told = lambda done, of: None,
) -> int:
    """Compute the best plan of estates and keep it; return the number of proposals that are new.

    Args:
        pack: The law on its day; its day is the day of the knowledge.
        estates: Their records.
        actor: Who asks.
        now: The instant.
        prefer: ``cheapest`` or ``fewest``; the columns of a city compare days last.
        progress: Called with estates done, of all.

    Cost:
        About 0.1 s an estate on one core, writing included; many estates are spread over the cores.
    """
    head = _head()
    computed = compute(pack, estates, prefer)
    written = done = 0
    while batch := list(islice(computed, _BATCH)):
        written += _keep(pack, batch, head, actor, now)
        done += len(batch)
        progress(done, len(estates))
    return written


def unplanned(places: Sequence[str] | None = None) -> list[Estate]:
    """Estates whose plan has not been computed since something there changed.

    Args:
        places: Of these estates; ``None``: of all.
    """
    rows = Estate.objects.filter(Q(proposal__isnull=True) | Q(status__isnull=True)).order_by("id")
    wanted = set(places) if places is not None else None
    return [row for row in rows if wanted is None or row.place in wanted]


def _head() -> int:
    return JournalEntry.objects.aggregate(last=Max("id"))["last"] or 0


def _keep(pack: Pack, batch: Sequence[Computed], head: int, actor: str, now: datetime) -> int:
    """Write the proposals of some estates, as one act."""
    computed = {one.place: one for one in batch}
    with act("propose_plans", actor=actor, subject="estates", now=now) as doing:
        rows = list(Estate.objects.filter(place__in=computed).order_by("id"))
        if JournalEntry.objects.filter(id__gt=head).exclude(act="propose_plans").exists():
            rows = _unchanged(rows, computed, pack.as_of)
        known = {one.estate_id: one for one in PlanProposal.objects.filter(estate__in=rows)}
        fresh: list[PlanProposal] = []
        stale: list[PlanProposal] = []
        marked: list[Estate] = []
        for estate in rows:
            told, old = computed[estate.place], known.get(estate.pk)
            if old and (old.plan_digest, old.dossier_digest) == (told.plan_digest, told.dossier_digest):
                if estate.status is None:  # something came in that is no news to the plan
                    marked.append(estate)
                continue
            new = _proposal(pack, estate, told)
            new.pk = old.pk if old else None
            (stale if old else fresh).append(new)
            marked.append(estate)
        _mark(doing, marked, computed)
        doing.insert(fresh)
        columns = [one.name for one in PlanProposal._meta.concrete_fields if one.name not in {"id", "estate"}]
        doing.update_all(stale, columns)
        doing.detail["estates"] = len(fresh) + len(stale)
    return len(fresh) + len(stale)


def _unchanged(rows: Sequence[Estate], computed: Mapping[str, Computed], as_of: date) -> list[Estate]:
    """Estates of which nothing new is known since they were computed; the others have been, or will be."""
    found = dossiers_of(rows, as_of)
    pairs = zip(rows, found, strict=True)
    return [row for row, dossier in pairs if digest(dossier) == computed[row.place].dossier_digest]


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


def _mark(doing: Act, estates: Sequence[Estate], computed: Mapping[str, Computed]) -> None:
    """Write what lists are filtered by onto estates and their units."""
    said: dict[str, Sequence[Any]] = {}
    for estate in estates:
        told = computed[estate.place]
        estate.status, estate.classes = told.status, f",{','.join(told.classes)}," if told.classes else ""
        said |= {one[0]: one for one in unpack_plan(told.content)["units"]}
    doing.update_all(estates, ["status", "classes"])
    changed = []
    for unit in Unit.objects.filter(estate__in=estates).order_by("id").iterator():
        _, status, exact, own, shared, fen, _ = said[unit.place]
        now = (status, exact, len(own) + shared, fen)
        if (unit.status, unit.exact, unit.papers, unit.fees_fen) != now:
            unit.status, unit.exact, unit.papers, unit.fees_fen = now
            changed.append(unit)
    doing.update_all(changed, ["status", "exact", "papers", "fees_fen"])


def refresh_plan(pack: Pack, estate_id: int, *, actor: str, now: datetime) -> int:
    """Compute the plan of one estate anew, after something there has changed."""
    return propose_plans(pack, [Estate.objects.get(pk=estate_id)], actor=actor, now=now)


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
    told, best = _chosen(pack, Estate.objects.get(pk=estate_id), prefer)  # before the act: others may write
    with act("adopt_plan", actor=f"{by.pk} {by.name}", subject=f"estate:{estate_id}", now=now) as doing:
        estate = Estate.objects.get(pk=estate_id)
        case = Case.objects.get(estate=estate)
        if digest(next(dossiers_of([estate], pack.as_of))) != told.dossier_digest:
            told, best = _chosen(pack, estate, prefer)  # something has come in meanwhile
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


def adopt_for(
    person: Person,
    pack: Pack,
    estate_id: int,
    *,
    now: datetime,
    start_on: date,
    prefer: str = "cheapest",
    reason: str = "",
    seen: str = "",
) -> Adoption:
    """Adopt the plan of an estate as a person who may; see :func:`adopt_plan`.

    ``seen`` is the digest of what the plan that was shown follows from; empty: whatever is known now.

    Raises:
        AccessError: ``E-ACCESS``.
        TransitionError: ``E-ADOPT-SEEN`` something has come in since it was shown.
    """
    estate = Estate.objects.get(pk=estate_id)
    require(person, "adopt_plan", estate)
    same = PlanProposal.objects.filter(estate=estate, dossier_digest=seen).exists()
    if seen and not (same and estate.status is not None):
        raise TransitionError(
            "Something has come in for {estate} since its plan was shown.",
            hint="Look at the plan as it is now, and adopt that one.",
            zh="{estate}在方案显示之后又有新情况；请查看最新方案后再采用。",
            code="E-ADOPT-SEEN",
            estate=estate.name,
        )
    by = Official.objects.get(pk=person.official)
    return adopt_plan(pack, estate_id, by=by, now=now, start_on=start_on, prefer=prefer, reason=reason)


def _chosen(pack: Pack, estate: Estate, prefer: str) -> tuple[Computed, bool]:
    """The plan that is wanted, and whether it is the best in the declared order."""
    dossier = next(dossiers_of([estate], pack.as_of))
    known = _kept_plan(pack, dossier, estate) if prefer == "cheapest" else None
    told = known or next(planned(pack, [dossier], [dict(identity_of(estate))], prefer))
    return told, prefer == "cheapest" or _is_best(pack, dossier, estate, told)


def _kept_plan(pack: Pack, dossier: Dossier, estate: Estate) -> Computed | None:
    """The plan that was computed before, where neither the law nor what is known has changed since."""
    one = PlanProposal.objects.filter(estate=estate, dossier_digest=digest(dossier)).first()
    if one is None:
        return None
    content = unpack_plan(one.content)
    if content.get("law") != law_digest(pack, "cheapest"):
        return None
    return Computed(
        estate.place,
        content["status"],
        tuple(content["classes"]),
        one.proved,
        one.gaps,
        tuple(content["vector"]),
        one.dossier_digest,
        one.plan_digest,
        bytes(one.content),
    )


def _is_best(pack: Pack, dossier: Dossier, estate: Estate, told: Computed) -> bool:
    best = next(planned(pack, [dossier], [dict(identity_of(estate))], "cheapest"))
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
