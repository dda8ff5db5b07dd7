"""What comes of an act on a meeting, a decision, an estate or a unit: the code of its refusal, or nothing.

The order is that of the doors: who does not see a record learns nothing of it; who sees it and may not do
the act is refused before anything else about it is looked at; then comes how it stands, then what is written.

Reads from: ``rights``, the records of ``rights_results``.  Read by: ``rights_doors``.
"""

from __future__ import annotations

from .builders import DAY
from .rights import RUNNING, Rights
from .rights_results import DecisionNote

UNSEEN, ACCESS, PLACE = "E-NOT-SEEN", "E-ACCESS", "E-ACCESS-PLACE"


def first(*told: tuple[str, bool]) -> str:
    """The first code whose condition holds; empty: none does."""
    return next((code for code, refused in told if refused), "")


# ------------------------------------------------------------------------------------ meetings


def calling(rights: Rights, county: str, title: str) -> str:
    """Call a meeting."""
    return first((PLACE, not rights.holds("call_meeting", county)), ("E-MEETING-TITLE", not title))


def recording_minutes(rights: Rights, meeting: int, minutes: str) -> str:
    """Record the minutes of a meeting."""
    one = rights.world.results.meetings.get(meeting)
    if one is None or meeting not in rights.meetings():
        return UNSEEN
    return first(
        (PLACE, not rights.holds("record_minutes", one.county)),
        ("E-MEETING-HELD", bool(one.minutes)),
        ("E-MINUTES", not minutes),
        ("E-MEETING-DAY", one.held_on > DAY),
    )


def putting(rights: Rights, meeting: int, estate: int, item: str) -> str:
    """Put an estate on the agenda of a meeting."""
    told = rights.world.results
    if meeting not in rights.meetings() or estate not in rights.estates():
        return UNSEEN
    one, there = told.meetings[meeting], rights.world.estates[estate]
    return first(
        (ACCESS, estate not in rights.estates("put_on_agenda")),
        ("E-MEETING-HELD", bool(one.minutes)),
        (UNSEEN, one.county not in {"", there.county}),
        ("E-AGENDA", (meeting, estate, item) in _waiting(rights)),
    )


def deciding(rights: Rights, one: DecisionNote, *, taken: bool) -> str:
    """Record what a meeting decided: its own task force does, and not who asked for it."""
    meeting = rights.world.results.meetings[one.meeting]
    if one.key not in rights.decisions():
        return UNSEEN
    return first(
        (ACCESS, one.key not in rights.decisions("record_decision")),
        (PLACE, not rights.holds("record_decision", meeting.county)),
        ("E-DECISION-STATE", one.state != "proposed"),
        ("E-MEETING-MINUTES", not meeting.minutes),
        ("E-FOUR-EYES", taken and bool(one.item) and one.put_by == rights.me),
    )


def repealing(rights: Rights, one: DecisionNote) -> str:
    """Repeal a decision."""
    meeting = rights.world.results.meetings[one.meeting]
    if one.key not in rights.decisions():
        return UNSEEN
    return first(
        (ACCESS, one.key not in rights.decisions("repeal_decision")),
        (PLACE, not rights.holds("repeal_decision", meeting.county)),
        ("E-DECISION-STATE", one.state != "taken"),
    )


def agenda_open(rights: Rights, estate: int) -> set[int]:
    """Meetings on whose agenda the page of an estate offers to put it."""
    if estate not in rights.estates("put_on_agenda"):
        return set()
    seen, county = rights.meetings(), rights.world.estates[estate].county
    every = rights.world.results.meetings.values()
    return {one.key for one in every if one.key in seen and not one.minutes and one.county in {"", county}}


def candidates(rights: Rights, meeting: int, papers: frozenset[str]) -> set[tuple[int, str]]:
    """Estate and paper of the tasks that the page of a meeting offers for its agenda."""
    one = rights.world.results.meetings[meeting]
    if one.minutes:
        return set()
    may = rights.estates("put_on_agenda")
    tasks = (rights.world.tasks[key] for key in rights.tasks())
    told = {
        (task.estate, task.item)
        for task in tasks
        if task.state in RUNNING and task.kind == "gap" and task.item in papers
        if task.estate in may and one.county in {"", task.county}
    }
    return {(estate, item) for estate, item in told if (meeting, estate, item) not in _waiting(rights)}


def _waiting(rights: Rights) -> set[tuple[int, int, str]]:
    every = rights.world.results.decisions.values()
    return {(one.meeting, one.estate, one.item) for one in every if one.state == "proposed"}


# ----------------------------------------------------------------------------- of an estate


def on_estate(rights: Rights, act: str, estate: int) -> str:
    """Whether somebody may do an act on an estate at all."""
    return first((UNSEEN, estate not in rights.estates()), (ACCESS, estate not in rights.estates(act)))


def registering(rights: Rights, estate: int, *, remark: bool) -> str:
    """Record the first registration of all buildings: no plan here shows that nothing is lacking for it."""
    told = rights.world.results
    mine = [key for key, place in told.buildings.items() if place == estate]
    return on_estate(rights, "record_registration", estate) or first(
        ("E-REGISTRATION-REASON", not remark), ("E-REGISTERED", all(told.registered(key) for key in mine))
    )


def cancelling_registration(rights: Rights, registration: int, *, estate: int = 0, unit: int = 0) -> str:
    """Cancel a registration on the page of an estate or of a unit, which has to be its own."""
    one = rights.world.results.registrations.get(registration)
    here = one is not None and (one.unit == unit if unit else one.unit is None and one.estate == estate)
    if one is None or one.estate not in rights.estates() or not here or not one.in_force:
        return UNSEEN
    used = one.unit is None and rights.world.results.transferred(one.building)
    return on_estate(rights, "cancel_registration", one.estate) or first(("E-REGISTRATION-USED", used))


def finding_out(rights: Rights, *, basis: bool, estate: int = 0, unit: int = 0) -> str:
    """Record what was found out; what the tests ask is known of no place."""
    may = on_unit(rights, "record_fact", unit) if unit else on_estate(rights, "record_fact", estate)
    return may or first(("E-FACT-BASIS", not basis))


def closing(rights: Rights, estate: int, *, reason: bool) -> str:
    """Close the case of an estate; no estate here has a certificate for every unit."""
    tasks = rights.world.tasks.values()
    running = any(task.estate == estate and task.state in RUNNING for task in tasks)
    return on_estate(rights, "close_case", estate) or first(
        ("E-CASE-STATE", rights.world.results.cases.get(estate) == "closed"),
        ("E-CASE-TASKS", running),
        ("E-CLOSE-REASON", not reason),
    )


def reopening(rights: Rights, estate: int) -> str:
    """Open the case of an estate again."""
    closed = rights.world.results.cases.get(estate) == "closed"
    return on_estate(rights, "reopen_case", estate) or first(("E-CASE-STATE", not closed))


def offered_on_estate(rights: Rights, estate: int) -> set[str]:
    """The forms on the page of an estate."""
    told, closed = rights.world.results, rights.world.results.cases[estate] == "closed"
    mine = [key for key, place in told.buildings.items() if place == estate]
    offers = {
        "register": ("record_registration", not all(told.registered(key) for key in mine)),
        "cancel-registration": ("cancel_registration", any(told.registered(key) for key in mine)),
        "bill": ("issue_bills", True),
        "find-out": ("record_fact", True),
        "close": ("close_case", not closed),
        "reopen": ("reopen_case", closed),
    }
    return {name for name, (act, ready) in offers.items() if ready and estate in rights.estates(act)}


# ------------------------------------------------------------------------------- of a unit


def on_unit(rights: Rights, act: str, unit: int) -> str:
    """Whether somebody may do an act on a unit at all."""
    return first((UNSEEN, unit not in rights.units()), (ACCESS, unit not in rights.units(act)))


def certifying(rights: Rights, unit: int, number: str) -> str:
    """Record a certificate."""
    told = rights.world.results
    used = any(one.number == number and one.in_force for one in told.certificates.values())
    return on_unit(rights, "record_certificate", unit) or first(
        ("E-CERTIFICATE-NUMBER", not number),
        ("E-CERTIFIED", told.certificate(unit) is not None),
        ("E-CERTIFICATE-USED", used),
        ("E-NOT-REGISTERED", not told.registered(told.unit_buildings[unit])),
    )


def handing_out(rights: Rights, unit: int, certificate: int) -> str:
    """Record on the page of a unit that its certificate was collected."""
    one = rights.world.results.certificates.get(certificate)
    if one is None or one.unit != unit or not one.in_force or unit not in rights.units():
        return UNSEEN
    return on_unit(rights, "hand_out_certificate", unit) or first(("E-COLLECTED", one.collected))


def paying(rights: Rights, unit: int, fee: str, fen: int, receipt: str) -> str:
    """Record a payment."""
    told = rights.world.results
    bill, county = told.bill(unit), rights.world.estates[rights.world.units[unit].estate].county
    used = any(
        receipt in one.words
        and one.in_force
        and one.fee == fee
        and rights.world.estates[one.estate].county == county
        for one in told.payments.values()
    )
    return on_unit(rights, "record_payment", unit) or first(
        ("E-NO-BILL", bill is None or fee not in bill.lines),
        ("E-RECEIPT", not receipt),
        ("E-RECEIPT-USED", used),
        ("E-PAYMENT-SUM", not 0 < fen <= told.open_fen(unit, fee)),
    )


def cancelling_payment(rights: Rights, unit: int, payment: int) -> str:
    """Cancel a payment on the page of its unit."""
    one = rights.world.results.payments.get(payment)
    if one is None or one.unit != unit or not one.in_force or unit not in rights.units():
        return UNSEEN
    return on_unit(rights, "cancel_payment", unit)


def offered_on_unit(rights: Rights, unit: int) -> set[str]:
    """The forms on the page of a unit."""
    told = rights.world.results
    found, bill = told.certificate(unit), told.bill(unit)
    owed = any(told.open_fen(unit, fee) for fee in (bill.lines if bill else ()))
    paid = any(one.unit == unit and one.in_force for one in told.payments.values())
    transferred = any(one.unit == unit and one.in_force for one in told.registrations.values())
    offers = {
        "certify": ("record_certificate", found is None),
        "find-out": ("record_fact", True),
        "hand-out": ("hand_out_certificate", found is not None and not found.collected),
        "cancel-registration": ("cancel_registration", transferred),
        "pay": ("record_payment", owed),
        "cancel-payment": ("cancel_payment", paid),
    }
    return {name for name, (act, ready) in offers.items() if ready and unit in rights.units(act)}
