"""Meetings and what they decide (会商、一事一议): each estate discussed one by one, each result traced.

| act | what follows |
|---|---|
| call a meeting | it has a number and a day |
| put an estate on its agenda | the decision is *proposed* |
| record the minutes | the meeting has been held; its decisions may be recorded |
| record a decision | *taken*: the paper it provides is on hand, the ways it adds count here; or *rejected* |
| repeal a decision | the paper is missing again, the ways do not count any more |

Reads from: ``access``, ``journal``, ``law_in_force``, ``papers``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import Decision, Estate, Evidence, Meeting
from taizhang.office.access import Person, require, require_other, require_places, visible
from taizhang.office.installation import Law
from taizhang.office.journal import Act, act
from taizhang.office.papers import (
    complete_tasks,
    decision_papers,
    places_lacking,
    put_on_hand,
    recorded,
    withdraw_evidence,
)
from taizhang.office.register import CHINA
from taizhang.office.selectors.estate import estate_seen, not_seen
from taizhang.office.workflow import given_reason

__all__ = [
    "LONGEST_DOCUMENT",
    "Matter",
    "call_meeting",
    "put_on_agenda",
    "record_decision",
    "record_minutes",
    "repeal_decision",
]

LONGEST = 2_000  #: characters of a matter or a text
LONGEST_DOCUMENT = 200_000  #: bytes of a decision in the pack format


@dataclass(frozen=True, slots=True)
class Matter:
    """What an estate is put on an agenda for.

    Attributes:
        words: The question, in a sentence.
        item: The paper of the pack that a decision would provide; empty: none.
        document: A decision that adds ways for the estate, in the pack format; empty: none.
    """

    words: str
    item: str = ""
    document: str = ""


def call_meeting(person: Person, county: str, title: str, held_on: date, now: datetime) -> Meeting:
    """Call a meeting of a county's task force, or of the city's where no county is named.

    Raises:
        AccessError: ``E-ACCESS-PLACE``.
        InputError: ``E-MEETING-TITLE`` none; ``E-MEETING-COUNTY`` no county of the ledger.
    """
    require_places(person, "call_meeting", [(county, "")])
    if not title.strip():
        raise InputError(
            "The meeting has no title.",
            hint="Write what it is about, as it will stand in its minutes.",
            zh="未填写会议名称，请按纪要上的名称填写。",
            code="E-MEETING-TITLE",
        )
    if county and not Estate.objects.filter(county=county).exists():
        raise InputError(
            "There is no county '{county}' in the ledger.",
            hint="Write it as the ledger has it; leave it out for the city's task force.",
            zh="台账中没有“{county}”；请按台账填写县（市、区），市专班会议则不填。",
            code="E-MEETING-COUNTY",
            county=county,
        )
    with act("call_meeting", actor=person.actor, subject="meetings", now=now, county=county) as doing:
        number = doing.number(f"meeting:{held_on.year}")
        meeting = Meeting(
            county=county,
            number=f"{held_on.year}-{number:03d}",
            title=title.strip()[:120],
            held_on=held_on,
            called_by_id=person.official,
        )
        doing.insert([meeting])
        doing.subject = f"meeting:{meeting.pk}"
        return meeting


def put_on_agenda(
    person: Person, law: Law, meeting_id: int, estate_id: int, matter: Matter, now: datetime
) -> Decision:
    """Put an estate on the agenda of a meeting that has not been held.

    Raises:
        AccessError: ``E-ACCESS``, ``E-NOT-SEEN``.
        InputError: ``E-MATTER`` no question; ``E-DECISION-ITEM`` no paper that a meeting provides;
            ``E-DECISION-SCOPE`` a document for other estates.
        PackError: A document that the law does not take.
        TransitionError: ``E-MEETING-HELD``; ``E-AGENDA`` the estate is on it already.
    """
    pack = law.on(law.today(now))
    if not matter.words.strip():
        raise InputError(
            "It is not said what is to be decided.",
            hint="Write the question in a sentence.",
            zh="未写明议题，请用一句话写明要议定的事项。",
            code="E-MATTER",
        )
    if matter.item and matter.item not in decision_papers(pack):
        raise InputError(
            "'{item}' is no paper that a meeting provides.",
            hint="Choose one of the list, or leave it out.",
            zh="“{item}”不是由会议形成的材料；请从列表中选择，或不选。",
            code="E-DECISION-ITEM",
            item=matter.item,
        )
    with act("put_on_agenda", actor=person.actor, subject=f"meeting:{meeting_id}", now=now) as doing:
        meeting = _meeting(person, meeting_id)
        estate = estate_seen(person, estate_id)
        require(person, "put_on_agenda", estate)
        _require_not_held(meeting)
        if meeting.county not in {"", estate.county}:
            raise not_seen()
        if matter.document:
            law.try_decision(matter.document, estate, law.today(now))
        same = Decision.objects.filter(meeting=meeting, estate=estate, item=matter.item, state="proposed")
        if same.exists():
            raise TransitionError(
                "{estate} is on the agenda of this meeting already.",
                zh="{estate}已列入本次会议议程。",
                code="E-AGENDA",
                estate=estate.name,
            )
        decision = Decision(
            county=estate.county,
            meeting=meeting,
            estate=estate,
            matter=matter.words.strip()[:LONGEST],
            item=matter.item,
            document=matter.document,
            put_by_id=person.official,
        )
        doing.insert([decision])
        doing.county, doing.subject = estate.county, f"estate:{estate.pk}"
        doing.detail["meeting"] = meeting.pk
        return decision


def record_minutes(person: Person, meeting_id: int, minutes: str, now: datetime) -> Meeting:
    """Record the number of the minutes: the meeting has been held.

    Raises:
        AccessError: ``E-ACCESS-PLACE``, ``E-NOT-SEEN``.
        InputError: ``E-MINUTES`` no number; ``E-MEETING-DAY`` its day has not come.
        TransitionError: ``E-MEETING-HELD``.
    """
    with act("record_minutes", actor=person.actor, subject=f"meeting:{meeting_id}", now=now) as doing:
        meeting = _meeting(person, meeting_id)
        require_places(person, "record_minutes", [(meeting.county, "")])
        _require_not_held(meeting)
        if not minutes.strip():
            raise InputError(
                "The minutes have no number.",
                hint="Write it as it stands on the minutes.",
                zh="未填写会议纪要文号，请按纪要填写。",
                code="E-MINUTES",
            )
        if meeting.held_on > now.astimezone(CHINA).date():
            raise InputError(
                "The meeting is on {day}, which has not come.",
                hint="Record its minutes when it has been held.",
                zh="会议定于 {day} 召开，尚未到期；请在会后登记纪要。",
                code="E-MEETING-DAY",
                day=meeting.held_on.isoformat(),
            )
        doing.county = meeting.county
        return doing.update(meeting, minutes=minutes.strip()[:120])


def record_decision(
    person: Person,
    decision_id: int,
    now: datetime,
    *,
    taken: bool,
    text: str,
    valid_until: date | None = None,
) -> Decision:
    """Record what a meeting decided of an estate; its plan is to be computed anew then.

    Args:
        person: Of the task force whose meeting it was; another one than who put it on the agenda, where
            a paper or a way comes of it.
        decision_id: Key of the decision.
        now: The instant.
        taken: Whether it was taken.
        text: As the minutes say it.
        valid_until: The last day on which it counts; ``None``: until it is repealed.

    Raises:
        AccessError: ``E-ACCESS``, ``E-ACCESS-PLACE``, ``E-NOT-SEEN``, ``E-FOUR-EYES``.
        InputError: ``E-REASON`` no text.
        TransitionError: ``E-DECISION-STATE`` it was recorded before; ``E-MEETING-MINUTES`` no minutes yet.
    """
    told = given_reason(text)[:LONGEST]
    with act("record_decision", actor=person.actor, subject=f"decision:{decision_id}", now=now) as doing:
        decision = _decision(person, "record_decision", decision_id, "proposed")
        if not decision.meeting.minutes:
            raise TransitionError(
                "The minutes of the meeting have no number yet.",
                hint="Record the minutes first.",
                zh="会议纪要尚未登记文号，请先登记纪要。",
                code="E-MEETING-MINUTES",
            )
        if taken and decision.follows:
            require_other(person, decision.put_by)
        doing.county, doing.subject = decision.county, f"estate:{decision.estate_id}"
        doing.detail |= {"decision": decision.pk, "taken": taken}
        doing.update(
            decision,
            state="taken" if taken else "rejected",
            text=told,
            valid_until=valid_until,
            decided_by_id=person.official,
            decided_on=decision.meeting.held_on,
        )
        if taken and decision.item:
            _provide(doing, person, decision)
        if taken and decision.follows:
            doing.update(Estate.objects.get(pk=decision.estate_id), status=None)
        return decision


def repeal_decision(person: Person, decision_id: int, now: datetime, reason: str) -> Decision:
    """Repeal a decision: what rested on it is missing again.

    Raises:
        AccessError: ``E-ACCESS``, ``E-ACCESS-PLACE``, ``E-NOT-SEEN``.
        InputError: ``E-REASON``.
        TransitionError: ``E-DECISION-STATE`` it is not in force.
    """
    told = given_reason(reason)[:LONGEST]
    with act("repeal_decision", actor=person.actor, subject=f"decision:{decision_id}", now=now) as doing:
        decision = _decision(person, "repeal_decision", decision_id, "taken")
        doing.county, doing.subject = decision.county, f"estate:{decision.estate_id}"
        doing.detail |= {"decision": decision.pk, "reason": told}
        doing.update(decision, state="repealed")
        rested = Evidence.objects.filter(
            estate=decision.estate_id, item=decision.item, accepted=True, number=decision.meeting.minutes
        )
        if decision.item:
            withdraw_evidence(doing, list(rested.select_related("task")), told)
        doing.update(Estate.objects.get(pk=decision.estate_id), status=None)
        return decision


def _provide(doing: Act, person: Person, decision: Decision) -> None:
    """The paper that a decision provides is on hand where it was lacking; tasks for it are complete."""
    estate, meeting = decision.estate, decision.meeting
    places = places_lacking(estate, decision.item)
    put_on_hand(doing, places, decision.item, decision.valid_until)
    evidence = recorded(doing, estate, decision.item, meeting.minutes, person.official)
    evidence.issued_on, evidence.valid_until = meeting.held_on, decision.valid_until
    evidence.handed_in_by_id, evidence.remark = decision.put_by_id, decision.text
    complete_tasks(doing, estate, evidence, places)


def _meeting(person: Person, key: int) -> Meeting:
    found = visible(person, Meeting.objects.filter(pk=key)).first()
    if found is None:
        raise not_seen()
    return found


def _decision(person: Person, name: str, key: int, state: str) -> Decision:
    rows = Decision.objects.filter(pk=key).select_related("meeting", "estate", "put_by")
    found = visible(person, rows).first()
    if found is None:
        raise not_seen()
    require(person, name, found)
    require_places(person, name, [(found.meeting.county, "")])  # a county does not speak for the city
    if found.state != state:
        raise TransitionError(
            "This decision has been recorded before, or is not in force.",
            hint="Open the meeting again and look at what is there now.",
            zh="该事项的议定结果已登记过或已不在执行，请重新打开会议页面查看。",
            code="E-DECISION-STATE",
        )
    return found


def _require_not_held(meeting: Meeting) -> None:
    if meeting.minutes:
        raise TransitionError(
            "The meeting has been held: its minutes are {minutes}.",
            hint="Call another meeting.",
            zh="该会议已召开，纪要为{minutes}；请另行召集会议。",
            code="E-MEETING-HELD",
            minutes=meeting.minutes,
        )
