"""Cases over their life: found in a round of screening, closed (销号), opened again (回潮).

Reads from: ``access``, ``journal``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import (
    AdoptedPlan,
    Case,
    Estate,
    Screened,
    ScreeningRound,
    StatusRecord,
    Task,
)
from taizhang.office.access import Person, require
from taizhang.office.journal import act
from taizhang.office.recorded_steps import uncertified
from taizhang.office.register import CHINA
from taizhang.office.workflow import OPEN, given_reason

__all__ = ["close_case", "record_screening", "reopen_case"]


def record_screening(number: int, places: Iterable[str], *, actor: str, now: datetime) -> int:
    """Record in which round of screening cases were found; those of an earlier round stay in it.

    Args:
        number: Of the round, from 1.
        places: Of their estates.
        actor: Who records it.
        now: The instant.

    Returns:
        How many cases are new in the round.

    Raises:
        InputError: ``E-ROUND`` no such number.
    """
    if not 1 <= number <= 99:
        raise InputError(
            "Rounds of screening are numbered from 1 to 99.",
            zh="摸排轮次应为 1 至 99。",
            code="E-ROUND",
        )
    with act("record_screening", actor=actor, subject=f"round:{number}", now=now) as doing:
        known = set(Screened.objects.values_list("case", flat=True))
        wanted = set(places)
        fresh = [
            one
            for one in Case.objects.select_related("estate").order_by("id")
            if one.estate.place in wanted and one.pk not in known
        ]
        if not fresh:
            return 0
        found = ScreeningRound.objects.filter(number=number).first()
        if found is None:
            found = ScreeningRound(number=number, begun_on=now.astimezone(CHINA).date())
            doing.insert([found])
        doing.insert([Screened(county=one.county, case=one, round=found) for one in fresh])
        doing.detail["cases"] = len(fresh)
        return len(fresh)


def close_case(person: Person, estate_id: int, now: datetime, reason: str = "") -> Case:
    """Close the case of an estate (销号).

    Args:
        person: Who closes it.
        estate_id: Key of the estate.
        now: The instant.
        reason: Needed where units have no certificate.

    Raises:
        AccessError: ``E-ACCESS``.
        InputError: ``E-CLOSE-REASON`` units without a certificate, and nothing said of them.
        TransitionError: ``E-CASE-STATE`` it is closed; ``E-CASE-TASKS`` tasks are running.
    """
    with act("close_case", actor=person.actor, subject=f"estate:{estate_id}", now=now) as doing:
        case = _case(person, "close_case", estate_id)
        if case.state == "closed":
            raise _state(case)
        running = Task.objects.filter(OPEN, estate=case.estate_id).count()
        if running:
            raise TransitionError(
                "{count} tasks of this estate are running.",
                hint="Complete them first, duties after the certificate included.",
                zh="本小区尚有 {count} 项任务未办结（含发证后的后续事项），不能销号。",
                code="E-CASE-TASKS",
                count=running,
            )
        without = uncertified(case.estate)
        if without and not reason.strip():
            raise InputError(
                "{count} units have no certificate.",
                hint="Say why the case is closed all the same.",
                zh="尚有 {count} 户未发证；如仍须销号，请写明理由。",
                code="E-CLOSE-REASON",
                count=without,
            )
        doing.county, doing.detail["without_certificate"] = case.county, without
        doing.insert([_record(case, "closed", person, now, reason)])
        return doing.update(case, state="closed")


def reopen_case(person: Person, estate_id: int, now: datetime, reason: str) -> Case:
    """Open a closed case again (回潮), with a reason.

    Raises:
        AccessError: ``E-ACCESS``.
        InputError: ``E-REASON``.
        TransitionError: ``E-CASE-STATE`` it is not closed.
    """
    told = given_reason(reason)
    with act("reopen_case", actor=person.actor, subject=f"estate:{estate_id}", now=now) as doing:
        case = _case(person, "reopen_case", estate_id)
        if case.state != "closed":
            raise _state(case)
        planned = AdoptedPlan.objects.filter(case=case, superseded_at__isnull=True).exists()
        state = "planned" if planned else "registered"
        doing.county = case.county
        doing.insert([_record(case, state, person, now, told)])
        return doing.update(case, state=state)


def _case(person: Person, name: str, estate_id: int) -> Case:
    estate = Estate.objects.get(pk=estate_id)
    require(person, name, estate)
    return Case.objects.select_related("estate").get(estate=estate)


def _record(case: Case, state: str, person: Person, now: datetime, reason: str) -> StatusRecord:
    return StatusRecord(
        county=case.county,
        case=case,
        state=state,
        since=now.astimezone(CHINA).date(),
        because=reason.strip()[:400],
        recorded_by_id=person.official,
    )


def _state(case: Case) -> TransitionError:
    return TransitionError(
        "The case of {estate} is not in a state for this.",
        hint="Open the estate again and look at what is there now.",
        zh="{estate}的案件当前状态不能办理此项，请重新打开小区页面查看。",
        code="E-CASE-STATE",
        estate=case.estate.name,
    )
