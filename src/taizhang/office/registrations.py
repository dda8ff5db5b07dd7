"""The register of a building: its first registration recorded, or cancelled where it was wrong.

| act | what follows |
|---|---|
| record the first registration of buildings | the step is done for each; transfers may be recorded there |
| cancel a registration | it and what rests on it count no more; the steps are missing again |

Reads from: ``access``, ``journal``, ``papers``, ``ledger.models``.  Read by: ``certificates``, the doors.

Source:
    Background, no official text was seen: 不动产登记暂行条例实施细则, article 24 (the first registration
    comes before every other one, where no law says otherwise).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import Building, Certificate, Estate, PlanProposal, Registration
from taizhang.office.access import Person, require, visible
from taizhang.office.journal import Act, act
from taizhang.office.papers import complete_tasks, put_on_hand, recorded, take_from
from taizhang.office.planrecord import unpack_plan
from taizhang.office.recorded_steps import CERTIFICATE, FIRST, TRANSFER
from taizhang.office.register import CHINA
from taizhang.office.selectors.estate import not_seen
from taizhang.office.workflow import given_reason
from taizhang.rules.terms import Status

__all__ = [
    "building_named",
    "cancel_registration",
    "plan_anew",
    "record_first_registration",
    "require_past",
]


def record_first_registration(
    person: Person,
    estate_id: int,
    buildings: Sequence[int],
    number: str,
    registered_on: date,
    now: datetime,
    *,
    remark: str = "",
) -> list[Registration]:
    """Record the first registration of buildings; the plan is to be computed anew then.

    Args:
        person: Who records it.
        estate_id: Key of the estate.
        buildings: Their keys; empty: all of the estate that have none.
        number: Under which the registry accepted it.
        registered_on: The day on which it was entered.
        now: The instant.
        remark: Needed where the plan still lacks something for it: the register goes before the plan.

    Raises:
        AccessError: ``E-ACCESS``.
        InputError: ``E-REGISTRATION-NUMBER``, ``E-REGISTRATION-DAY``; ``E-REGISTRATION-REASON`` the plan
            lacks something and nothing is said of it; ``E-BUILDING`` not of this estate.
        TransitionError: ``E-REGISTERED`` every such building has one.
    """
    subject = f"estate:{estate_id}"
    with act("record_registration", actor=person.actor, subject=subject, now=now) as doing:
        estate = Estate.objects.get(pk=estate_id)
        require(person, "record_registration", estate)
        told = _number(number)
        require_past(registered_on, now)
        if not remark.strip() and _lacks(estate):
            raise InputError(
                "The newest plan of {estate} still lacks something for its first registration.",
                hint="Say why it is registered all the same, or complete the papers in the ledger first.",
                zh="{estate}的最新方案显示首次登记条件尚未齐备；如确已登簿，请写明情况，或先补录材料。",
                code="E-REGISTRATION-REASON",
                estate=estate.name,
            )
        fresh = _unregistered(estate, buildings)
        rows = [
            Registration(
                county=estate.county,
                estate=estate,
                building=one,
                kind="first",
                number=told,
                registered_on=registered_on,
                recorded_by_id=person.official,
                remark=remark.strip()[:400],
            )
            for one in fresh
        ]
        doing.insert(rows)
        put_on_hand(doing, [one.place for one in fresh], FIRST, None)
        complete_tasks(doing, estate, recorded(doing, estate, FIRST, told, person.official))
        plan_anew(doing, estate)
        doing.detail["buildings"] = len(rows)
        return rows


def building_named(estate: Estate, name: str) -> int:
    """The key of a building of an estate, by its name.

    Raises:
        InputError: ``E-BUILDING`` none, or several.
    """
    found = list(Building.objects.filter(estate=estate, name=name).values_list("pk", flat=True)[:2])
    if len(found) != 1:
        raise _no_building(estate)
    return found[0]


def cancel_registration(person: Person, registration_id: int, now: datetime, reason: str) -> Registration:
    """Cancel a registration that was recorded wrongly, and the certificate that rests on it.

    Raises:
        AccessError: ``E-ACCESS``, ``E-NOT-SEEN``.
        InputError: ``E-REASON``.
        TransitionError: ``E-REGISTRATION-USED`` units of the building are transferred on it.
    """
    told = given_reason(reason)[:400]
    subject = f"registration:{registration_id}"
    with act("cancel_registration", actor=person.actor, subject=subject, now=now) as doing:
        rows = Registration.objects.filter(pk=registration_id, cancelled_on__isnull=True)
        found = visible(person, rows.select_related("estate", "building", "unit")).first()
        if found is None:
            raise not_seen()
        require(person, "cancel_registration", found)
        day = now.astimezone(CHINA).date()
        transferred = Registration.objects.filter(
            building=found.building_id, kind="transfer", cancelled_on__isnull=True
        ).count()
        if found.kind == "first" and transferred:
            raise TransitionError(
                "{count} units of this building are transferred on its first registration.",
                hint="Cancel those first.",
                zh="该幢已有 {count} 户办理转移登记，不能先撤销首次登记；请先撤销各户的转移登记。",
                code="E-REGISTRATION-USED",
                count=transferred,
            )
        doing.county, doing.detail["reason"] = found.county, told
        doing.update(found, cancelled_on=day, cancelled_because=told)
        for one in Certificate.objects.filter(registration=found, cancelled_on__isnull=True):
            doing.update(one, cancelled_on=day)
        place = found.unit or found.building
        doing.subject = f"unit:{place.pk}" if found.unit else f"estate:{found.estate_id}"
        for step in (FIRST,) if found.kind == "first" else (TRANSFER, CERTIFICATE):
            take_from(doing, place, step)
        plan_anew(doing, found.estate)
        return found


def _number(text: str) -> str:
    told = text.strip()
    if not told:
        raise InputError(
            "The registration has no number.",
            hint="Write the number under which the registry accepted it.",
            zh="未填写登记受理号，请按登记机构的编号填写。",
            code="E-REGISTRATION-NUMBER",
        )
    return told[:60]


def require_past(day: date, now: datetime, first: date | None = None) -> None:
    """Refuse a day that has not come, or that lies before another one.

    Raises:
        InputError: ``E-REGISTRATION-DAY``.
    """
    if day > now.astimezone(CHINA).date() or (first and day < first):
        raise InputError(
            "{day} cannot be the day.",
            hint="It lies after today, or before the certificate was issued.",
            zh="日期 {day} 不成立：晚于今天，或早于发证日期。",
            code="E-REGISTRATION-DAY",
            day=day.isoformat(),
        )


def _lacks(estate: Estate) -> bool:
    """Whether the newest plan still lacks something for the first registration."""
    proposal = PlanProposal.objects.filter(estate=estate).first()
    if proposal is None:
        return True
    status = unpack_plan(proposal.content)["nodes"].get(FIRST, Status.PROVED)
    return bool(status != Status.PROVED)


def _unregistered(estate: Estate, buildings: Sequence[int]) -> list[Building]:
    rows = {one.pk: one for one in Building.objects.filter(estate=estate).order_by("id")}
    if not set(buildings) <= set(rows):
        raise _no_building(estate)
    has = set(
        Registration.objects.filter(estate=estate, kind="first", cancelled_on__isnull=True).values_list(
            "building", flat=True
        )
    )
    found = [one for key, one in rows.items() if key not in has and (not buildings or key in set(buildings))]
    if not found:
        raise TransitionError(
            "All these buildings have a first registration.",
            zh="所选各幢均已办理首次登记。",
            code="E-REGISTERED",
        )
    return found


def plan_anew(doing: Act, estate: Estate) -> None:
    """Mark the plan of an estate as one that is to be computed anew."""
    doing.update(Estate.objects.get(pk=estate.pk), status=None)


def _no_building(estate: Estate) -> InputError:
    return InputError(
        "A building is not of {estate}.",
        hint="Write its name as the ledger has it.",
        zh="所填的幢不属于{estate}，请按台账名称填写。",
        code="E-BUILDING",
        estate=estate.name,
    )
