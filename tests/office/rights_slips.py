"""Slips of the pen that would let somebody see or do too much, or too little: each is planted and caught.

Each is what a developer might write: a narrowing that is forgotten, a day that is not compared, a page
without its door.  ``everyone`` is who a list is narrowed for where it is not narrowed.

Reads from: the office and the pages, to spoil them.  Read by: ``rights_slips_results``,
``test_rights``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, HttpResponse
from django.urls import URLPattern, path

from taizhang import urls
from taizhang.exchange.excel.listed import write_list
from taizhang.ledger.models import (
    Attachment,
    Estate,
    Evidence,
    Extension,
    Grant,
    Household,
    Job,
    Secondment,
    Task,
    Unit,
)
from taizhang.office import access, accounts, attachments, exporting, households, planning, workflow
from taizhang.office.access import Person, Scope
from taizhang.office.attachments import content_path
from taizhang.office.household_seals import open_ring, texts_of
from taizhang.office.selectors import desk as desk_of
from taizhang.office.selectors import estate as estate_of
from taizhang.office.selectors import figures, lists
from taizhang.office.selectors import task as task_of
from taizhang.office.selectors import unit as unit_of
from taizhang.web import door
from taizhang.web.views import desk, estate, importing, statistics, task, unit
from taizhang.web.views import lists as pages

from .rights import STATES

__all__ = [
    "SLIPS",
    "Make",
    "Patch",
    "Slip",
    "all_of",
    "doors",
    "put",
    "unnarrowed",
    "whole_figures",
]

Patch = pytest.MonkeyPatch
Make = Callable[[Patch], None]
_LEADER = "leader-county"
_CLERK = "officer-street"
_BUREAU = "case_officer-bureau"
_READER = "analyst-county"


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip, who notices it, behind which doors, and what is said of it."""

    name: str
    make: Make
    who: str
    where: tuple[str, ...]
    caught: str
    turn: int = 0  #: in which turn it is asked


def everyone(person: Person) -> Person:
    """The person, seeing the whole city."""
    return Person(person.official, person.name, (Scope("leader"),))


def unnarrowed(where: Any, name: str, wish: str = "") -> Make:
    """A function that forgets for whom it looks; or does so where it is asked for one wish."""
    real = getattr(where, name)

    def slip(who: Person, *rest: Any) -> Any:
        return real(everyone(who) if not wish or rest[0].get(wish) else who, *rest)

    return lambda patch: patch.setattr(where, name, slip)


def all_of(where: Any, model: type) -> Make:
    """``visible`` forgotten for one kind of record in one module."""

    def slip(person: Person, rows: Any, *name: str) -> Any:
        return rows if rows.model is model else access.visible(person, rows, *name)

    return lambda patch: patch.setattr(where, "visible", slip)


def _person(*, since: bool = True, until: bool = True, active: bool = True, lent: str = "now") -> Make:
    """The scopes of a person, with something forgotten."""

    def person_of(official: Any, today: date) -> Person:
        now = Q(since__lte=today) if since else Q()
        if until:
            now &= Q(until__isnull=True) | Q(until__gte=today)
        found: list[Scope] = []
        for model, when in ((Grant, now), (Secondment, now if lent == "now" else Q())):
            if (official.active or not active) and (model is Grant or lent != "never"):
                for one in model.objects.filter(when, official=official).select_related("organisation"):
                    place = one.organisation
                    found.append(Scope(one.role, place.county, place.street, place.supplier))
        return Person(official.pk, official.name, tuple(found))

    return lambda patch: patch.setattr(accounts, "person_of", person_of)


def _where(**forgotten: str) -> Make:
    real = access._where
    return lambda patch: patch.setattr(
        access, "_where", lambda scope, *rest: real(replace(scope, **forgotten), *rest)
    )


def _bureau(mine: Callable[[Scope, str], Q]) -> Make:
    """Other tasks of a bureau."""

    def tasks(scope: Scope, task: str = "") -> Q:
        told = access._where(scope, f"{task}street")
        return told & mine(scope, task) if scope.supplier else told

    def make(patch: Patch) -> None:
        patch.setattr(access, "_tasks", tasks)
        patch.setitem(access._NARROW, Task, tasks)

    return make


def doors(*more: URLPattern, **views: Callable[..., Any]) -> Make:
    """The routes with other views, and with more of them."""
    module = ModuleType("doors")
    module.urlpatterns = [  # type: ignore[attr-defined]
        *(
            URLPattern(one.pattern, views.get(one.name, one.callback), name=one.name)
            for one in urls.urlpatterns
        ),
        *more,
    ]
    return lambda patch: patch.setattr(settings, "ROOT_URLCONF", module)


class _Counted(Paginator):
    """Counts the table and not the list."""

    @property
    def count(self) -> int:
        return int(self.object_list.model.objects.count())


@door.page
def _exported(request: Any, visitor: Any, name: str) -> HttpResponse:
    rows = [(one.county, one.street, one.name, one.units_total) for one in Estate.objects.all()]
    content = write_list("x", ["1", "2", "3", "4"], rows, note="")
    return HttpResponse(content, content_type="application/octet-stream")


def _file(_: Any, key: int) -> FileResponse:
    row = Attachment.objects.get(pk=key)
    return FileResponse(content_path(row.sha256).open("rb"))


def _no_four_eyes(_: Person, row: Task) -> Evidence:
    return Evidence.objects.filter(task=row, accepted__isnull=True).latest("id")


def _any_button(_: Person, row: Task, *__: Any) -> frozenset[str]:
    return frozenset(act for act, states in task_of.ACTS.items() if row.state in states)


def _default_role(key: int, today: date) -> Person:
    found = accounts.person_of_account(key, today)
    return found if found.scopes else replace(found, scopes=(Scope("analyst"),))


def _sheet_with_every_paper(person: Person, pack: Any, key: int, today: date) -> Any:
    sheet = task_of.task_sheet(person, pack, key, today)
    return replace(sheet, evidence=list(Evidence.objects.filter(estate=sheet.task.estate)))


def _in_full(row: Any) -> Any:
    found = Household.objects.filter(unit=row).first()
    return texts_of(open_ring(), found) if found else None


def _lax(known: Any, wanted: Mapping[str, str], today: date) -> Q:
    return real_narrowed(known, {name: value for name, value in wanted.items() if name in known}, today)


real_narrowed = lists.narrowed


def put(where: Any, name: str, value: Any) -> Make:
    """Something else in the place of a name."""
    return lambda patch: patch.setattr(where, name, value)


def _without_require(act: str) -> Make:
    def slip(person: Person, name: str, row: Any) -> None:
        if name != act:
            access.require(person, name, row)

    return put(workflow, "require", slip)


def _by_estate(patch: Patch) -> None:
    patch.setitem(access._NARROW, Attachment, access._under_estate)


def whole_figures(kind: str) -> Make:
    """Figures of a list that forget for whom they count."""
    real = figures._LISTS[kind]
    return lambda patch: patch.setitem(figures._LISTS, kind, lambda who, *rest: real(everyone(who), *rest))


_LISTED = ("estates",)
SLIPS: Sequence[Slip] = (
    # the policy
    Slip("the street of a scope", _where(street=""), _CLERK, _LISTED, "/estates.*: rows"),
    Slip("the county of a scope", _where(county=""), _LEADER, _LISTED, "/estates.*: rows"),
    Slip("the supplier of a scope", _bureau(lambda *_: Q()), _BUREAU, ("tasks",), "/tasks.*: rows"),
    Slip(
        "what was given to a bureau",
        _bureau(lambda scope, task: Q(**{f"{task}supplier": scope.supplier})),
        _BUREAU,
        ("tasks",),
        "/tasks.*: rows",
    ),
    Slip("the acts of a role", put(access, "_gives", lambda *_: True), _READER, ("task",), "acts offered"),
    Slip(
        "a bureau adopts for all", put(access, "_WHOLE", frozenset()), "leader-bureau", ("adopt",), "/adopt"
    ),
    Slip("files by the estate", _by_estate, "archivist", ("attachment",), "GET /attachments.*status: 403"),
    # who somebody is
    Slip(
        "the days of a grant",
        _person(since=False, until=False),
        "grant-ended",
        ("gate",),
        "GET /: status: 403",
    ),
    Slip("the first day", _person(since=False), "grant-not-begun", ("gate",), "GET /: status: 403"),
    Slip("the last day", _person(until=False), "grant-ended", ("gate",), "GET /: status: 403"),
    Slip("who has left", _person(active=False), "has-left", ("gate",), "GET /: status: 403"),
    Slip("the end of a loan", _person(lent="ever"), "no-longer-lent", _LISTED, "/estates.*: rows"),
    Slip("loans", _person(lent="never"), "lent-to-the-west", ("desk",), "GET /: status: 200 expected, 403"),
    Slip(
        "a role by default",
        put(door, "person_of_account", _default_role),
        "without-role",
        ("gate",),
        "GET /: ",
    ),
    # lists, counts, exports, searches, boxes
    Slip("estates", unnarrowed(pages, "estates"), _CLERK, _LISTED, "/estates.*: rows"),
    Slip("units", unnarrowed(pages, "units"), _CLERK, ("units",), "/units.*: rows"),
    Slip("tasks", unnarrowed(pages, "tasks"), _CLERK, ("tasks",), "/tasks.*: rows"),
    Slip(
        "a search", unnarrowed(pages, "estates", "q"), "no-longer-lent", _LISTED, r"/estates\?q=.*: rows", 1
    ),
    Slip(
        "the units of an estate by its number",
        unnarrowed(pages, "units", "estate"),
        "no-longer-lent",
        _LISTED,
        r"/units\?estate=.*: rows",
        1,
    ),
    Slip(
        "a county by its name",
        unnarrowed(pages, "tasks", "county"),
        _LEADER,
        ("tasks",),
        r"/tasks\?county=.*: rows",
    ),
    Slip("a count", put(pages, "Paginator", _Counted), _CLERK, _LISTED, "/estates.*: count"),
    Slip("an export", doors(exported=_exported), _CLERK, ("exported",), "rows of an export"),
    Slip("the ledger taken out", unnarrowed(exporting, "estates"), _CLERK, ("ledger",), "estates taken out"),
    Slip(
        "who takes the ledger out",
        put(exporting, "may_anywhere", lambda *_: True),
        _READER,
        ("ledger",),
        "/ledger.*status",
    ),
    Slip(
        "names to narrow by",
        unnarrowed(pages, "visible_names"),
        _CLERK,
        _LISTED,
        "names to narrow by county",
    ),
    Slip("wishes nobody knows", put(lists, "narrowed", _lax), _CLERK, _LISTED, "nothing=1: status: 422"),
    # figures
    Slip("units by county", whole_figures("units"), _LEADER, ("statistics",), "GET /statistics: figure"),
    Slip("tasks by county", whole_figures("tasks"), _BUREAU, ("statistics",), "GET /statistics: figure"),
    Slip(
        "figures by class",
        unnarrowed(statistics, "class_figures"),
        _LEADER,
        ("statistics",),
        "figure of .*class",
    ),
    Slip("figures of the desk", unnarrowed(desk_of, "tasks"), _CLERK, ("desk",), "GET /: figure"),
    # the desk and the sheets
    Slip("the whole desk", unnarrowed(desk, "desk_of"), _READER, ("desk",), "GET /: "),
    Slip("notices", unnarrowed(desk_of, "notices"), _CLERK, ("desk",), "GET /: notices that are none"),
    Slip("extensions", all_of(desk_of, Extension), _LEADER, ("desk",), "GET /: extensions that are none"),
    Slip("an estate", unnarrowed(estate_of, "estate_seen"), _CLERK, ("estate",), r"/estates/\d: status: 403"),
    Slip("the tasks of an estate", all_of(estate_of, Task), _BUREAU, ("estate",), r"/estates/\d: tasks"),
    Slip("what has happened", unnarrowed(estate, "happened"), _BUREAU, ("estate",), "what has happened"),
    Slip("the route", unnarrowed(estate, "estate_seen"), _CLERK, ("route",), "/route: status: 403"),
    Slip("work on the route", unnarrowed(estate, "in_progress"), "archivist", ("route",), "work drawn"),
    Slip("a task", unnarrowed(task_of, "task_seen"), _CLERK, ("task",), r"/tasks/\d+: status: 403"),
    Slip(
        "papers of another task",
        put(task, "task_sheet", _sheet_with_every_paper),
        _BUREAU,
        ("task",),
        "what may not be seen",
    ),
    Slip("buttons", put(task_of, "_offered", _any_button), _READER, ("task",), "acts offered"),
    # files and jobs
    Slip("files", all_of(attachments, Attachment), _BUREAU, ("attachment",), "/attachments.*status: 403"),
    Slip(
        "somebody's jobs",
        put(importing, "jobs_of", lambda _: list(Job.objects.all())),
        "importer-city",
        ("import",),
        "GET /import: jobs",
    ),
    Slip(
        "somebody's job",
        put(importing, "seen_job", lambda _, key: Job.objects.get(pk=key)),
        "importer-city",
        ("job",),
        r"/import/\d: status: 403",
    ),
    Slip(
        "who imports",
        put(importing, "_require", lambda _: None),
        _READER,
        ("import",),
        "GET /import: status: 403",
    ),
    # households
    Slip("a search by number", all_of(households, Unit), _CLERK, ("holder",), "POST /units/holder: "),
    Slip(
        "a unit",
        unnarrowed(unit_of, "unit_seen"),
        "no-longer-lent",
        ("unit",),
        r"GET /units/\d+: status: 403",
    ),
    Slip(
        "who reads a household",
        put(households, "require", lambda *_: None),
        _READER,
        ("unit",),
        "POST /units",
    ),
    Slip(
        "a name in full",
        put(unit, "masked_household", _in_full),
        _READER,
        ("unit",),
        "words of what may not",
    ),
    # doors
    Slip(
        "a new route",
        doors(path("officials", _exported, name="officials")),
        "nobody",
        ("gate",),
        "route officials",
    ),
    Slip(
        "a file without a door",
        doors(attachment=_file),
        "nobody",
        ("gate",),
        "GET /attachments/1: status: 302",
    ),
    Slip(
        "adopting by a link",
        doors(adopt=estate.adopt.__wrapped__),
        "nobody",
        ("gate",),
        "GET /estates/1/adopt",
    ),
    # acts
    Slip(
        "who adopts",
        put(planning, "require", lambda *_: None),
        _READER,
        ("adopt",),
        "/adopt: something written",
    ),
    Slip("four eyes", put(workflow, "_waiting", _no_four_eyes), "two-hats", ("office",), "accept_evidence"),
    *(
        Slip(
            f"who does {act}",
            _without_require(act),
            _READER,
            ("office",),
            f"{act} on task .*something written",
        )
        for act in STATES
    ),
)
