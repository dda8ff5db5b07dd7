"""Slips of the pen behind the doors of meetings and results: each is planted and caught.

Reads from: the office and the pages, to spoil them; ``rights_slips``.  Read by: ``test_rights``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Count, Q

from taizhang.ledger.models import Certificate, Decision, Meeting, Payment, Unit
from taizhang.office import access, bills, cases, certificates, meetings, registrations
from taizhang.office.access import Person
from taizhang.office.selectors import meetings as meetings_of
from taizhang.office.selectors import titles as titles_of
from taizhang.web.views import lists as pages
from taizhang.web.views import meeting, title, unit

from .rights_slips import Make, Patch, Slip, all_of, doors, put, unnarrowed, whole_figures

__all__ = ["RESULT_SLIPS"]

_LEADER = "leader-county"
_CLERK = "officer-street"
_READER = "analyst-county"
_MEETING, _ESTATE, _UNIT = ("meeting",), ("on-estate",), ("on-unit",)


def _role(role: str, act: str) -> Make:
    """An act given to a role too many."""
    return lambda patch: patch.setitem(access.ROLES, role, access.ROLES[role] | {act})


def _every_meeting(patch: Patch) -> None:
    patch.setitem(access._NARROW, Meeting, lambda _: Q(pk__isnull=False))


def _all_counted(person: Person) -> Any:
    """Meetings with all their matters counted, as it was written first."""
    taken = Count("decisions", filter=Q(decisions__state="taken"))
    rows = access.visible(person, Meeting.objects.all())
    return rows.annotate(all=Count("decisions"), taken=taken)


def _nothing(*_: object) -> None:
    """Nothing is required."""


def _told(**more: Callable[[], object]) -> Make:
    """The page of a unit tells of another one."""
    real = titles_of.unit_titles

    def slip(person: Person, row: Unit) -> Any:
        return replace(real(person, row), **{name: told() for name, told in more.items()})

    return put(unit, "unit_titles", slip)


RESULT_SLIPS: Sequence[Slip] = (
    # meetings
    Slip("another county's meeting", _every_meeting, _LEADER, _MEETING, "GET /meetings/2: status: 403"),
    Slip(
        "the list of meetings",
        unnarrowed(meeting, "meetings"),
        _CLERK,
        ("meetings",),
        "GET /meetings: meetings",
    ),
    Slip(
        "matters that are counted",
        put(meeting, "meetings", _all_counted),
        _CLERK,
        ("meetings",),
        "GET /meetings: meetings",
    ),
    Slip(
        "an unseen estate on an agenda",
        all_of(meetings_of, Decision),
        _CLERK,
        _MEETING,
        "GET /meetings/1: matters",
    ),
    Slip(
        "a county calls for the city",
        put(meetings, "require_places", _nothing),
        _LEADER,
        ("meetings",),
        "POST /meetings: status: 403 expected, 302",
    ),
    Slip(
        "a county speaks for the city",
        put(meetings, "require_places", _nothing),
        _LEADER,
        ("decision",),
        "/decisions/8/record: status: 403 expected, 302",
    ),
    Slip(
        "a county holds the city's meeting",
        put(meetings, "require_places", _nothing),
        "lent-to-the-west",
        _MEETING,
        "POST /meetings/6: status: 403 expected, 302",
    ),
    Slip(
        "where calling is offered",
        put(meeting, "meeting_places", lambda _: [""]),
        _CLERK,
        ("meetings",),
        "GET /meetings: calling offered",
    ),
    Slip(
        "an agenda that is not seen",
        put(meetings, "_meeting", lambda _, key: Meeting.objects.get(pk=key)),
        _LEADER,
        ("agenda",),
        r"/meetings/\d+/agenda: status: 403 expected",
    ),
    Slip(
        "four eyes on a decision",
        put(Decision, "follows", property(lambda _: False)),
        _LEADER,
        ("decision",),
        "/decisions/3/record: status: 403 expected, 302",
    ),
    Slip(
        "four eyes on the page",
        put(Decision, "follows", property(lambda _: False)),
        _LEADER,
        _MEETING,
        "GET /meetings/1: decisions offered",
    ),
    Slip(
        "an agenda without a door",
        doors(agenda=meeting.agenda.__wrapped__),
        "nobody",
        ("gate",),
        "/meetings/1/agenda",
    ),
    # figures and wishes
    Slip(
        "estates by county", whole_figures("estates"), _LEADER, ("statistics",), "GET /statistics: counties"
    ),
    Slip(
        "registered estates",
        unnarrowed(pages, "estates", "case"),
        "no-longer-lent",
        ("estates",),
        r"/estates\?case=registered: rows",
    ),
    Slip(
        "certified units",
        unnarrowed(pages, "units", "title"),
        "no-longer-lent",
        ("units",),
        r"/units\?title=certified: rows",
        2,
    ),
    # results
    Slip(
        "a receipt",
        _told(payments=lambda: list(Payment.objects.all())),
        _CLERK,
        _UNIT,
        "words of what may not be seen.*收据号000304",
    ),
    Slip(
        "a certificate",
        _told(certificate=lambda: Certificate.objects.get(number__contains="000202")),
        _CLERK,
        _UNIT,
        "words of what may not be seen.*000202",
    ),
    Slip(
        "an act for a role too many",
        _role("analyst", "hand_out_certificate"),
        _READER,
        _UNIT,
        "/hand-out: status: 403 expected, 302",
    ),
    Slip(
        "a bureau closes cases",
        put(access, "_WHOLE", frozenset()),
        "leader-bureau",
        _ESTATE,
        "/estates/1/close: status: 403",
    ),
    Slip(
        "a bureau issues bills",
        put(bills, "require", _nothing),
        "case_officer-bureau",
        _ESTATE,
        "/bill: status: 403 expected, 200",
    ),
    Slip(
        "who registers", put(registrations, "require", _nothing), _READER, _ESTATE, "/register: status: 403"
    ),
    Slip("who closes", put(cases, "require", _nothing), _READER, _ESTATE, "/close: status: 403"),
    Slip("who certifies", put(certificates, "require", _nothing), _READER, _UNIT, "/certify: status: 403"),
    Slip("who takes payments", put(bills, "require", _nothing), _READER, _UNIT, "/pay: status: 403"),
    Slip("forms of an estate", put(titles_of, "may", lambda *_: True), _READER, _ESTATE, "GET .*: forms"),
    Slip(
        "a payment of another unit",
        put(title, "require_of_unit", _nothing),
        "leader-city",
        _UNIT,
        "/units/5/cancel-payment: status: 403 expected, 302",
    ),
    Slip(
        "a registration of another estate",
        put(title, "require_of_estate", _nothing),
        "leader-city",
        _ESTATE,
        "/estates/1/cancel-registration: status: 403",
    ),
)
