"""Meetings, their agendas, and what was decided of an estate.

Reads from: ``access``, ``papers``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from taizhang.ledger.models import Decision, Estate, Meeting, PlanProposal, Task
from taizhang.office.access import Person, may, may_in, same_person, visible, visible_names
from taizhang.office.papers import decision_papers
from taizhang.office.planrecord import unpack_plan
from taizhang.office.selectors.estate import not_seen
from taizhang.office.selectors.lists import RUNNING
from taizhang.rules.terms import Pack

__all__ = [
    "AgendaItem",
    "EstateMatters",
    "MeetingSheet",
    "estate_matters",
    "meeting_numbered",
    "meeting_places",
    "meeting_sheet",
    "meetings",
]

_MOST = 30  # candidates offered


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """A decision as its meeting's page shows it, with what the person may do about it.

    Attributes:
        may_record: Whether the person may record that it was not taken.
        may_take: Whether also that it was: not who put it on the agenda, where something comes of it.
        may_repeal: Whether the person may repeal it.
    """

    decision: Decision
    may_record: bool
    may_take: bool
    may_repeal: bool


@dataclass(frozen=True, slots=True)
class MeetingSheet:
    """A meeting as its page shows it.

    Attributes:
        agenda: Estates that the person may see, in the order in which they were put on it.
        candidates: Running tasks for papers that a meeting provides, most households first.
        may_record: Whether the person may record its minutes.
    """

    meeting: Meeting
    agenda: Sequence[AgendaItem]
    candidates: Sequence[Task]
    may_record: bool


@dataclass(frozen=True, slots=True)
class EstateMatters:
    """What meetings have to do with an estate.

    Attributes:
        decisions: The newest first.
        meetings: Those to come, on whose agenda the person may put it.
        papers: Papers that a meeting provides: those its newest plan lacks first, then all others.
        lacking: How many of them come first.
    """

    decisions: Sequence[Decision]
    meetings: Sequence[Meeting]
    papers: Sequence[str]
    lacking: int


def meetings(person: Person) -> QuerySet[Meeting]:
    """Meetings a person may see, the newest first: how many matters of the person's, and how many taken.

    Matters of estates that the person does not see are not counted: a number is the length of its list.
    """
    seen = Q(decisions__in=visible(person, Decision.objects.all()))
    counts = {
        "all": Count("decisions", filter=seen),
        "taken": Count("decisions", filter=seen & Q(decisions__state="taken")),
    }
    rows = visible(person, Meeting.objects.all())
    return rows.annotate(**counts).order_by("-held_on", "-id")


def meeting_places(person: Person) -> list[str]:
    """Counties of which a person may call a meeting, the whole city (an empty name) first."""
    counties, _ = visible_names(person, "")
    return [one for one in ("", *counties) if may_in(person, "call_meeting", [(one, "")])]


def meeting_numbered(person: Person, number: str) -> Meeting:
    """The meeting of a number, which the person may see.

    Raises:
        AccessError: ``E-NOT-SEEN``.
    """
    found = visible(person, Meeting.objects.filter(number=number)).first()
    if found is None:
        raise not_seen()
    return found


def meeting_sheet(person: Person, pack: Pack, key: int) -> MeetingSheet:
    """Everything the page of a meeting shows.

    Raises:
        AccessError: ``E-NOT-SEEN``.
    """
    meeting = visible(person, Meeting.objects.filter(pk=key)).select_related("called_by").first()
    if meeting is None:
        raise not_seen()
    rows = visible(person, Decision.objects.filter(meeting=meeting)).select_related(
        "estate", "meeting", "put_by"
    )
    held = bool(meeting.minutes)
    agenda = [_item(person, one, held=held) for one in rows.order_by("id")]
    candidates = [] if held else _candidates(person, pack, meeting, [one.decision for one in agenda])
    return MeetingSheet(
        meeting, agenda, candidates, not held and may_in(person, "record_minutes", [(meeting.county, "")])
    )


def _item(person: Person, one: Decision, *, held: bool) -> AgendaItem:
    records = held and one.state == "proposed" and _decides(person, "record_decision", one)
    takes = records and not (one.follows and same_person(person, one.put_by))
    repeals = one.state == "taken" and _decides(person, "repeal_decision", one)
    return AgendaItem(one, records, takes, repeals)


def _decides(person: Person, name: str, one: Decision) -> bool:
    """Whether a person acts on a decision for the task force whose meeting it is of."""
    return may(person, name, one) and may_in(person, name, [(one.meeting.county, "")])


def estate_matters(person: Person, pack: Pack, estate: Estate) -> EstateMatters:
    """The decisions of an estate that the person may see, and what could be put on an agenda."""
    rows = visible(person, Decision.objects.filter(estate=estate)).select_related("meeting")
    open_: list[Meeting] = []
    if may(person, "put_on_agenda", estate):
        to_come = Meeting.objects.filter(minutes="", county__in=["", estate.county])
        open_ = list(visible(person, to_come).order_by("held_on", "id"))
    provided = decision_papers(pack)
    lacking = sorted(provided & _lacking(estate)) if open_ else []
    rest = sorted(provided - set(lacking)) if open_ else []
    return EstateMatters(list(rows.order_by("-id")), open_, [*lacking, *rest], len(lacking))


def _lacking(estate: Estate) -> set[str]:
    proposal = PlanProposal.objects.filter(estate=estate).first()
    return {gap["item"] for gap in unpack_plan(proposal.content)["gaps"]} if proposal else set()


def _candidates(person: Person, pack: Pack, meeting: Meeting, agenda: Sequence[Decision]) -> Sequence[Task]:
    rows = Task.objects.filter(state__in=RUNNING, kind="gap", item__in=decision_papers(pack))
    if meeting.county:
        rows = rows.filter(county=meeting.county)
    on_it = {(one.estate_id, one.item) for one in agenda if one.state == "proposed"}
    found = visible(person, rows, "see").select_related("estate").order_by("-units", "id")
    allowed = visible(person, Estate.objects.all(), "put_on_agenda")
    found = found.filter(estate__in=allowed)
    return [one for one in found[: _MOST + len(on_it)] if (one.estate_id, one.item) not in on_it][:_MOST]
