"""Who may do what where: the one policy, for lists and for acts.

A role gives acts; the office it is given for gives the scope.  Every list is narrowed by :func:`visible`
and every act asks :func:`require`; there is no other place where rights are decided.

Reads from: ``ledger.models``.  Read by: ``workflow``, ``selectors``, ``supervision``, the doors.

Source:
    GB/T 22239-2019, 8.1.4.2 (access control down to user and record); OWASP ASVS 5.0, 8.2 and 8.3.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from unicodedata import normalize

from django.db.models import Model, Q, QuerySet

from taizhang.errors import AccessError, InputError
from taizhang.ledger.models import (
    AdoptedPlan,
    Attachment,
    Bill,
    Building,
    Case,
    Certificate,
    Decision,
    Estate,
    Evidence,
    Extension,
    FactValue,
    Grant,
    Meeting,
    Official,
    Payment,
    PlanProposal,
    Registration,
    Secondment,
    StatusRecord,
    SupervisionNotice,
    Suspension,
    SuspensionRequest,
    Task,
    Unit,
)
from taizhang.office.words import act_word

__all__ = [
    "ROLES",
    "Person",
    "Scope",
    "may",
    "may_anywhere",
    "may_in",
    "person_of",
    "require",
    "require_other",
    "require_places",
    "require_role",
    "same_person",
    "visible",
    "visible_names",
    "would_list",
    "would_see",
]

M = TypeVar("M", bound=Model)

_SEE = frozenset({"see", "export"})
_WORK = _SEE | {
    "acknowledge_task",
    "hand_back_task",
    "hand_in_evidence",
    "ask_extension",
    "ask_suspension",
    "resume_task",
}
_LEAD = _SEE | {
    "hand_over_task",
    "accept_evidence",
    "refuse_evidence",
    "decide_extension",
    "decide_suspension",
    "suspend_task",
    "resume_task",
    "adopt_plan",
}
_MEET = {"call_meeting", "put_on_agenda", "record_minutes", "record_decision", "repeal_decision"}
_TITLE = {"record_registration", "record_certificate", "hand_out_certificate", "cancel_registration"}
_BILL = {"issue_bills", "record_payment", "cancel_payment"}
_CASE = {"close_case", "reopen_case"}
ROLES: Mapping[str, frozenset[str]] = {
    "officer": _WORK
    | {
        "read_household",
        "export_ledger",
        "put_on_agenda",
        "hand_out_certificate",
        "record_fact",
    },  #: sub-district officer: the estates of the street
    "case_officer": _WORK,  #: bureau: the tasks of the bureau
    "leader": _LEAD
    | _MEET
    | _TITLE
    | _BILL
    | _CASE
    | {"read_household", "export_ledger", "record_fact"},  #: task force: adopts, decides
    "registrar": _SEE | _TITLE,  #: registry: what is registered, and its certificates
    "cashier": _SEE | _BILL,  #: fees: lists of them, and what was paid
    "importer": _SEE | {"export_ledger", "import_ledger", "undo_import"},
    "analyst": _SEE,
    "auditor": frozenset({"see"}),
}  #: role -> acts; a role gives nothing that is not named here
#: acts on whole estates: no office whose scope is its own tasks does them
_WHOLE = frozenset(
    {"adopt_plan", "export_ledger", "import_ledger", "undo_import", "record_fact", *_MEET, *_CASE}
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a role holds: empty fields mean everywhere; ``supplier`` limits it to a bureau's tasks."""

    role: str
    county: str = ""
    street: str = ""
    supplier: str = ""
    neighbourhood: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, with the scopes in force on the day."""

    official: int
    name: str
    scopes: tuple[Scope, ...]

    @property
    def actor(self) -> str:
        """As the journal names the person."""
        return f"{self.official} {self.name}"


def person_of(official: Official, today: date) -> Person:
    """The person an official is today: grants and secondments that have begun and not ended."""
    now = Q(since__lte=today) & (Q(until__isnull=True) | Q(until__gte=today))
    found: list[Scope] = []
    if official.active:
        for model in (Grant, Secondment):
            for one in (
                model.objects.filter(now, official=official).select_related("organisation").order_by("id")
            ):
                place = one.organisation
                below = place.name if place.kind == "neighbourhood" else ""
                found.append(Scope(one.role, place.county, place.street, place.supplier, below))
    return Person(official.pk, official.name, tuple(dict.fromkeys(found)))


def may(person: Person, name: str, row: Model) -> bool:
    """Whether a person may do an act on a record."""
    return any(_gives(one, name) and _covers(one, row) for one in person.scopes)


def may_anywhere(person: Person, name: str) -> bool:
    """Whether there is any place where a person may do an act."""
    return any(_gives(one, name) for one in person.scopes)


def would_see(other: Official, task: Task, today: date) -> bool:
    """Whether an official would see a task that was handed over to them: else it lay on nobody's desk."""
    given = other.organisation.supplier
    return any(_shows(one, task, given) for one in person_of(other, today).scopes)


def would_list(person: Person, task: Task) -> bool:
    """Whether a person would see a task that is not written yet."""
    given = task.organisation.supplier if task.organisation else ""
    return any(_shows(one, task, given) for one in person.scopes)


def _shows(scope: Scope, task: Task, given: str) -> bool:
    """As the condition on rows, :func:`_tasks`, for a task of a bureau ``given``."""
    return (
        _gives(scope, "see")
        and scope.county in {"", task.county}
        and scope.street in {"", task.street}
        and scope.neighbourhood in {"", task.estate.neighbourhood}
        and scope.supplier in {"", task.supplier, given}
    )


def may_in(person: Person, name: str, places: Collection[tuple[str, str]]) -> bool:
    """Whether a person may do an act on whole estates in each of these counties and streets."""
    scopes = [one for one in person.scopes if _gives(one, name) and not (one.supplier or one.neighbourhood)]
    return all(
        any(one.county in {"", county} and one.street in {"", street} for one in scopes)
        for county, street in places
    )


def require_other(person: Person, *others: Official | None) -> None:
    """Refuse a decision on what the person asked for, handed in or is responsible for (four eyes).

    Somebody who works in two offices may be entered there as two officials.  Nothing but the name is known
    of both, so that officials of one name count as one person, namesakes too: a third person then decides.

    Raises:
        AccessError: ``E-FOUR-EYES``.
    """
    if any(one is not None and same_person(person, one) for one in others):
        raise AccessError(
            "Nobody decides on what they asked for, handed in or are responsible for themselves.",
            hint="Ask a colleague of another name to look at it.",
            zh="不能审批本人提交、申请或负责的事项（同名人员视为同一人），请由其他人员办理。",
            code="E-FOUR-EYES",
        )


def same_person(person: Person, other: Official) -> bool:
    """Whether an official is the person who acts, under that number or another one."""
    return person.official == other.pk or _plain(person.name) == _plain(other.name)


def _plain(name: str) -> str:
    """A name without what nobody hears: spaces, and letters of full width."""
    return "".join(normalize("NFKC", name).split())


def require_places(person: Person, name: str, places: Collection[tuple[str, str]]) -> None:
    """Refuse an act on records of these counties and streets, where it may not be done in each.

    Raises:
        AccessError: ``E-ACCESS-PLACE``, with the first such place.
    """
    for county, street in sorted(places):
        if not may_in(person, name, [(county, street)]):
            raise AccessError(
                "{person} may not {act} in {place}.",
                hint="Ask its task force; in a ledger, leave the rows of that place out.",
                zh="{person}没有在“{place}”办理“{act}”的权限；请联系当地专班，导入台账时请去掉该地的行。",
                code="E-ACCESS-PLACE",
                person=person.name,
                act=act_word(name),
                place=f"{county}{street}" or "全市",
            )


def require(person: Person, name: str, row: Model) -> None:
    """Refuse an act that the person may not do there.

    Raises:
        AccessError: ``E-ACCESS``.
    """
    if not may(person, name, row):
        raise AccessError(
            "{person} may not {act} here.",
            hint="Ask the task force of the county.",
            zh="{person}没有在此办理“{act}”的权限，请联系本县（市、区）专班。",
            code="E-ACCESS",
            person=person.name,
            act=act_word(name),
        )


def require_role(role: str) -> None:
    """Refuse a role that is none.

    Raises:
        InputError: ``E-ROLE``.
    """
    if role not in ROLES:
        raise InputError(
            "There is no role '{role}'.",
            hint="Use one of {roles}.",
            zh="没有“{role}”这一角色，可用：{roles}。",
            code="E-ROLE",
            role=role,
            roles=", ".join(ROLES),
        )


def visible(person: Person, rows: QuerySet[M], name: str = "see") -> QuerySet[M]:
    """Narrow a list to what the person may see, or may do the act to.

    Raises:
        KeyError: A kind of record of which it is not said who may see it.
    """
    how = _NARROW[rows.model]
    wanted = Q(pk__in=[])
    for one in person.scopes:
        if _gives(one, name):
            wanted |= how(one)
    return rows.filter(wanted)


def visible_names(person: Person, county: str) -> tuple[list[str], list[str]]:
    """Counties of the estates a person may see, and the streets of one of them."""
    rows = visible(person, Estate.objects.all()).order_by()
    counties = sorted(set(rows.values_list("county", flat=True).distinct()))
    streets = rows.filter(county=county).exclude(street="") if county else rows.none()
    return counties, sorted(set(streets.values_list("street", flat=True).distinct()))


def _gives(scope: Scope, name: str) -> bool:
    return name in ROLES.get(scope.role, ()) and not (scope.supplier and name in _WHOLE)


def _covers(scope: Scope, row: Model) -> bool:
    model = type(row)
    return bool(model._default_manager.filter(_NARROW[model](scope), pk=row.pk).exists())


# Conditions never go through a relation to many, which would list a record twice: they ask for keys.


def _where(scope: Scope, estate: str = "", street: str = "") -> Q:
    """``estate``: the way to the estate; ``street``: where the record has a street of its own."""
    told = Q(pk__isnull=False)  # everywhere; an empty condition would vanish beside another scope's
    if scope.county:
        told &= Q(county=scope.county)
    if scope.street:
        told &= Q(**{street or f"{estate}street": scope.street})
    if scope.neighbourhood:
        told &= Q(**{f"{estate}neighbourhood": scope.neighbourhood})
    return told


def _tasks(scope: Scope, task: str = "") -> Q:
    told = _where(scope, f"{task}estate__", f"{task}street")
    if scope.supplier:  # the papers the bureau supplies, and the tasks that were given to it
        told &= Q(**{f"{task}supplier": scope.supplier}) | Q(
            **{f"{task}organisation__supplier": scope.supplier}
        )
    return told


def _estates(scope: Scope) -> Q:
    told = _where(scope)
    return told & Q(pk__in=_estates_of_bureau(scope)) if scope.supplier else told


def _under_estate(scope: Scope) -> Q:
    told = _where(scope, "estate__")
    return told & Q(estate__in=_estates_of_bureau(scope)) if scope.supplier else told


def _estates_of_bureau(scope: Scope) -> QuerySet[Task, Any]:
    return Task.objects.filter(_tasks(scope)).values("estate")


def _under_task(scope: Scope) -> Q:
    return _tasks(scope, "task__")


def _evidence(scope: Scope) -> Q:
    """With its task; what a meeting provided and nobody was asked for, with its estate."""
    without = Q(task__isnull=True) & _under_estate(scope)
    return without | (Q(task__isnull=False) & _under_task(scope))


def _meetings(scope: Scope) -> Q:
    """Meetings of the county, the city's that are to come, and those with an estate that may be seen."""
    told = Q(pk__in=Decision.objects.filter(_under_estate(scope)).values("meeting"))
    if not scope.county:
        return told | Q(pk__isnull=False)
    return told | Q(county=scope.county) | Q(county="", minutes="")


def _under_unit(scope: Scope) -> Q:
    told = _where(scope, "unit__estate__")
    return told & Q(unit__estate__in=_estates_of_bureau(scope)) if scope.supplier else told


def _under_case(scope: Scope) -> Q:
    told = _where(scope, "case__estate__")
    return told & Q(case__estate__in=_estates_of_bureau(scope)) if scope.supplier else told


def _attachments(scope: Scope) -> Q:
    """A file is seen by who sees a task it was handed in for; until then by nobody."""
    return Q(pk__in=Evidence.objects.filter(_under_task(scope)).values("attachment"))


_NARROW: Mapping[type[Model], Callable[[Scope], Q]] = {
    Estate: _estates,
    Task: _tasks,
    **dict.fromkeys((Building, Unit, Case, PlanProposal, AdoptedPlan), _under_estate),
    **dict.fromkeys((Decision, Registration, Certificate, Bill, FactValue), _under_estate),
    Meeting: _meetings,
    Payment: _under_unit,
    StatusRecord: _under_case,
    Evidence: _evidence,
    **dict.fromkeys((Suspension, SuspensionRequest, Extension, SupervisionNotice), _under_task),
    Attachment: _attachments,
}
