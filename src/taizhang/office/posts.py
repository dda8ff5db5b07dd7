"""Roles that end and people who are lent: a role withdrawn, an official seconded, an official who leaves.

A role is never deleted: its last day is written down, so that a list of an earlier day still knows it.

Reads from: ``access``, ``journal``, ``ledger.models``.  Read by: the doors.

Source:
    GB/T 22239-2019, 8.1.4.2 (accounts that are no longer needed are closed in time, none is shared).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Q

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import Account, Grant, Official, Organisation, Secondment, Task
from taizhang.office.access import require_role
from taizhang.office.journal import Act, act
from taizhang.office.register import CHINA
from taizhang.office.tasks import FINISHED
from taizhang.office.workflow import given_reason

__all__ = ["Held", "Listed", "close_account", "everybody", "second_official", "tasks_of", "withdraw_role"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A role in force: at which office, until when (``None``: until it is withdrawn), whether lent to it."""

    role: str
    office: str
    until: date | None
    lent: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An official in the list of officials; ``active`` is no more for who has left."""

    number: int
    name: str
    office: str
    active: bool
    roles: tuple[Held, ...]


def everybody(today: date) -> Iterator[Listed]:
    """Every official by number, with the roles in force on a day."""
    roles: dict[int, list[Held]] = {}
    for model in (Grant, Secondment):
        found: Any = model.objects.filter(_in_force(today)).select_related("organisation").order_by("id")
        for one in found:
            held = Held(one.role, one.organisation.name, one.until, model is Secondment)
            roles.setdefault(one.official_id, []).append(held)
    for person in Official.objects.select_related("organisation").order_by("id"):
        held_now = tuple(roles.get(person.pk, ())) if person.active else ()
        yield Listed(person.pk, person.name, person.organisation.name, person.active, held_now)


def tasks_of(official: Official) -> list[Task]:
    """Tasks that name an official and are not finished, soonest due first."""
    mine = Task.objects.filter(responsible=official).exclude(state__in=FINISHED)
    return list(mine.select_related("estate").order_by("due_on", "id"))


def withdraw_role(
    official: Official,
    role: str,
    organisation: Organisation,
    *,
    actor: str,
    now: datetime,
    last_on: date | None = None,
) -> int:
    """Take a role away, granted or lent; return how many grants and secondments ended.

    Args:
        official: Whose role it is.
        role: One of :data:`~taizhang.office.access.ROLES`.
        organisation: The office it was given for.
        actor: Who takes it away.
        now: The instant.
        last_on: The last day on which it holds; yesterday where nothing is said: it ends at once.

    Raises:
        InputError: ``E-ROLE`` no such role.
        TransitionError: ``E-NO-GRANT`` the official does not have it, or not longer than that.
    """
    require_role(role)
    last = last_on or _yesterday(now)
    with act("withdraw_role", actor=actor, subject=f"official:{official.pk}", now=now) as doing:
        doing.detail |= {"role": role, "office": organisation.name, "last_on": last.isoformat()}
        ended = _end(doing, last, Q(official=official, role=role, organisation=organisation))
        if not ended:
            raise TransitionError(
                "{name} does not have the role '{role}' at {office} beyond that day.",
                hint="`taizhang officials` lists who has which role.",
                zh="{name}在{office}没有到该日之后仍有效的“{role}”角色；可用 taizhang officials 查看。",
                code="E-NO-GRANT",
                name=official.name,
                role=role,
                office=organisation.name,
            )
    return ended


def second_official(
    official: Official,
    role: str,
    organisation: Organisation,
    *,
    since: date,
    until: date | None,
    actor: str,
    now: datetime,
) -> Secondment:
    """Lend an official to another office, as to a task force; the office of one's own stays.

    Args:
        official: Who is lent.
        role: What the official may do there, one of :data:`~taizhang.office.access.ROLES`.
        organisation: The office that borrows.
        since: First day.
        until: Last day; ``None``: until it is withdrawn.
        actor: Who lends.
        now: The instant.

    Raises:
        InputError: ``E-ROLE`` no such role; ``E-SECOND-DAYS`` it would end before it begins.
        TransitionError: ``E-SECONDED`` the official is lent there in that role already.
    """
    require_role(role)
    if until is not None and until < since:
        raise InputError(
            "A secondment from {since} cannot end on {until}.",
            hint="Give the last day, not before the first.",
            zh="借调自 {since} 起，不能止于 {until}；请填写不早于起始日的最后一天。",
            code="E-SECOND-DAYS",
            since=since,
            until=until,
        )
    with act("second_official", actor=actor, subject=f"official:{official.pk}", now=now) as doing:
        beyond = Q(until__isnull=True) | Q(until__gte=since)
        before = Q(since__lte=until) if until else Q()
        same = Secondment.objects.filter(official=official, role=role, organisation=organisation)
        if same.filter(beyond & before).exists():
            raise TransitionError(
                "{name} is lent to {office} as '{role}' in that time already.",
                hint="Withdraw that role first, or choose other days.",
                zh="{name}在此期间已借调至{office}担任“{role}”；请先收回该角色，或另选日期。",
                code="E-SECONDED",
                name=official.name,
                office=organisation.name,
                role=role,
            )
        lent = Secondment(official=official, role=role, organisation=organisation, since=since, until=until)
        doing.insert([lent])
        doing.detail |= {"role": role, "office": organisation.name}
    return lent


def close_account(official: Official, *, reason: str, actor: str, now: datetime) -> list[Task]:
    """An official leaves: every role ends, the account is closed, whoever is signed in with it is out.

    Returns:
        The tasks that still name the official, for somebody to hand over.

    Raises:
        InputError: ``E-REASON`` no reason.
        TransitionError: ``E-LEFT`` the official has left before.
    """
    told = given_reason(reason)
    with act("close_account", actor=actor, subject=f"official:{official.pk}", now=now) as doing:
        row = Official.objects.get(pk=official.pk)
        if not row.active:
            raise TransitionError(
                "{name} has left before; the account is closed.",
                hint="Nothing needs to be done.",
                zh="{name}此前已离任，账号已关闭，无需重复办理。",
                code="E-LEFT",
                name=row.name,
            )
        doing.detail["reason"] = told
        doing.update(row, active=False)
        _end(doing, _yesterday(now), Q(official=row))
        account = Account.objects.filter(official=row).first()
        if account is not None:
            account.is_active = False
            account.save(update_fields=["is_active"])
            _end_sessions(account)
        tasks = tasks_of(row)
        doing.detail["tasks"] = [one.pk for one in tasks]
    return tasks


def _in_force(today: date) -> Q:
    return Q(since__lte=today) & (Q(until__isnull=True) | Q(until__gte=today))


def _yesterday(now: datetime) -> date:
    return now.astimezone(CHINA).date() - _DAY


def _end(doing: Act, last: date, whose: Q) -> int:
    """Write the last day of grants and secondments that would hold longer."""
    ended = 0
    for model in (Grant, Secondment):
        longer: Any = model.objects.filter(whose & (Q(until__isnull=True) | Q(until__gt=last)))
        for one in longer.order_by("id"):
            doing.update(one, until=last)
            ended += 1
    return ended


def _end_sessions(account: Account) -> None:
    """Sign an account out everywhere, at once.

    A closed account is let in nowhere; its sessions go as well, so that none comes to life again with it.
    """
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(account.pk):
            session.delete()
