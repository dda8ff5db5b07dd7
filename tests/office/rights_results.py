"""What the small city has achieved: meetings and decisions, what is registered, certified, billed and paid.

Every number and every word below is said of one record alone, so that a page which says it says it of
that record.  The notes are plain: the oracle of ``rights`` reads them and nothing else.

Reads from: ``office`` to build, ``ledger.models`` to note down.  Read by: ``rights_world``, ``rights``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from taizhang.ledger.models import (
    Bill,
    BillLine,
    Building,
    Case,
    Certificate,
    Decision,
    Estate,
    FactValue,
    Meeting,
    Official,
    Payment,
    Registration,
    StatusRecord,
    Task,
    Unit,
)
from taizhang.office.access import Person, person_of
from taizhang.office.answers import record_fact
from taizhang.office.bills import cancel_payment, record_payment
from taizhang.office.cases import close_case, reopen_case
from taizhang.office.certificates import CertificateDraft, hand_out_certificate, record_certificates
from taizhang.office.installation import Law
from taizhang.office.meetings import (
    Matter,
    call_meeting,
    put_on_agenda,
    record_decision,
    record_minutes,
    repeal_decision,
)
from taizhang.office.planning import refresh_plan
from taizhang.office.registrations import cancel_registration, record_first_registration

from .builders import DAY, NOON, law
from .rights_people import DAYS, EAST, WEST

__all__ = [
    "PROVIDED",
    "BillNote",
    "CertificateNote",
    "DecisionNote",
    "MeetingNote",
    "PaymentNote",
    "RegistrationNote",
    "Results",
    "achieve",
    "noted",
]

PROVIDED = ("late_sale_decision", "one_case_plan", "responsible_entity")  #: papers that a meeting provides
LINES = {"deed_tax": 45_000, "registration_fee": 8_000}  #: of every list here: fee -> fen


@dataclass(frozen=True, slots=True)
class MeetingNote:
    """``county`` is empty where it is the city's, ``minutes`` where it has not been held."""

    key: int
    county: str
    title: str
    minutes: str
    held_on: date

    @property
    def words(self) -> tuple[str, ...]:
        """Said of this meeting alone."""
        return tuple(word for word in (self.title, self.minutes) if word)


@dataclass(frozen=True, slots=True)
class DecisionNote:
    key: int
    meeting: int
    estate: int
    item: str
    state: str
    put_by: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegistrationNote:
    key: int
    estate: int
    building: int
    unit: int | None  #: ``None``: the first registration of the building
    words: tuple[str, ...]
    in_force: bool


@dataclass(frozen=True, slots=True)
class CertificateNote:
    key: int
    estate: int
    unit: int
    number: str
    collected: bool
    in_force: bool

    @property
    def words(self) -> tuple[str, ...]:
        """Said of this certificate alone."""
        return (self.number,)


@dataclass(frozen=True, slots=True)
class BillNote:
    key: int
    estate: int
    unit: int
    number: str
    lines: Mapping[str, int]  #: fee -> fen

    @property
    def words(self) -> tuple[str, ...]:
        """Said of this list alone."""
        return (self.number,)


@dataclass(frozen=True, slots=True)
class PaymentNote:
    key: int
    estate: int
    unit: int
    fee: str
    fen: int
    words: tuple[str, ...]
    in_force: bool


@dataclass(frozen=True, slots=True)
class Results:
    """What was achieved, in plain records by key; ``cases`` and ``reasons`` by estate."""

    meetings: Mapping[int, MeetingNote] = field(default_factory=dict)
    decisions: Mapping[int, DecisionNote] = field(default_factory=dict)
    registrations: Mapping[int, RegistrationNote] = field(default_factory=dict)
    certificates: Mapping[int, CertificateNote] = field(default_factory=dict)
    bills: Mapping[int, BillNote] = field(default_factory=dict)
    payments: Mapping[int, PaymentNote] = field(default_factory=dict)
    cases: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    buildings: Mapping[int, int] = field(default_factory=dict)  #: building -> estate
    unit_buildings: Mapping[int, int] = field(default_factory=dict)  #: unit -> building

    def registered(self, building: int) -> bool:
        """Whether a building has a first registration in force."""
        some = self.registrations.values()
        return any(one.building == building and one.unit is None and one.in_force for one in some)

    def transferred(self, building: int) -> bool:
        """Whether a unit of a building is transferred."""
        some = self.registrations.values()
        return any(one.building == building and one.unit and one.in_force for one in some)

    def certificate(self, unit: int) -> CertificateNote | None:
        """The certificate of a unit."""
        return next((one for one in self.certificates.values() if one.unit == unit and one.in_force), None)

    def bill(self, unit: int) -> BillNote | None:
        """The list of fees of a unit."""
        return next((one for one in self.bills.values() if one.unit == unit), None)

    def open_fen(self, unit: int, fee: str) -> int:
        """What is still to be paid of a fee."""
        bill = self.bill(unit)
        paid = (
            one.fen for one in self.payments.values() if one.unit == unit and one.fee == fee and one.in_force
        )
        return bill.lines.get(fee, 0) - sum(paid) if bill else 0


# --------------------------------------------------------------------------------- building

Who = Callable[[str], Person]


def achieve(told: Law, officials: Mapping[str, int]) -> None:
    """Hold meetings, register, bill, certify and close; plans that follow from it are computed anew."""

    def who(name: str) -> Person:
        return person_of(Official.objects.get(pk=officials[name]), DAY)

    estates = {one.name: one.pk for one in Estate.objects.order_by("id")}
    for name in ("甲字院", "乙字院", "丙字院", "丁字院"):  # what a meeting has to decide is a task there
        waits = Task.objects.filter(estate=estates[name], state="open", kind="gap").order_by("-id").first()
        Task.objects.filter(pk=waits.pk).update(item=PROVIDED[1])
    _find_out(told, who, estates)
    _meet(told, who, estates)
    _register(who, estates)
    _bill(who, estates)
    close_case(who("leader-city"), estates["己字院"], NOON, "结案缘由001")
    close_case(who("leader-county"), estates["戊字院"], NOON, "结案缘由002")
    reopen_case(who("leader-county"), estates["戊字院"], NOON, "重开缘由003")
    for estate in Estate.objects.filter(status=None, proposal__isnull=False):
        refresh_plan(told.on(DAY), estate.pk, actor="test", now=NOON)


def _find_out(told: Law, who: Who, estates: Mapping[str, int]) -> None:
    """Something that changes no plan, of a home in each county."""
    for name, estate, basis in (
        ("officer-street", "甲字院", "查明依据001"),
        ("leader-city", "丙字院", "查明依据002"),
    ):
        home = Unit.objects.filter(estate=estates[estate]).order_by("id")[0].pk
        record_fact(
            who(name), told.on(DAY), estates[estate], "school_enrolment", "是", basis, NOON, [("unit", home)]
        )


def _meet(told: Law, who: Who, estates: Mapping[str, int]) -> None:
    """Two meetings of each county and of the city: one held, one to come."""

    def call(name: str, county: str, title: str, day: date) -> int:
        return call_meeting(who(name), county, title, day, NOON).pk

    def put(name: str, meeting: int, estate: str, item: str = "") -> int:
        matter = Matter(f"议题{meeting:03d}{estate[0]}{item[:4]}", item)
        return put_on_agenda(who(name), told, meeting, estates[estate], matter, NOON).pk

    def decide(name: str, decision: int, *, taken: bool = True) -> None:
        record_decision(who(name), decision, NOON, taken=taken, text=f"议定内容{decision:03d}")

    week = 7 * DAYS
    east = call("leader-county", EAST, "会商东一", DAY - week)
    agreed = put("officer-street", east, "甲字院", PROVIDED[0])
    refused = put("leader-county", east, "乙字院")
    put("leader-county", east, "甲字院", PROVIDED[1])  # whom four eyes keep from recording it
    put("leader-county", east, "乙字院", PROVIDED[2])
    repealed = put("officer-street", east, "甲字院", PROVIDED[2])
    west = call("lent-to-the-west", WEST, "会商西一", DAY - week)
    agreed_west = put("officer-city", west, "丙字院")
    put("two-scopes", west, "丁字院", PROVIDED[1])
    city = call("leader-city", "", "会商全一", DAY - week)
    put("leader-city", city, "甲字院")
    put("officer-city", city, "丁字院", PROVIDED[2])
    for meeting, name in ((east, "leader-county"), (west, "lent-to-the-west"), (city, "leader-city")):
        record_minutes(who(name), meeting, f"会纪{meeting:03d}号", NOON)
    decide("leader-county", agreed)
    decide("leader-county", refused, taken=False)
    decide("leader-county", repealed)
    repeal_decision(who("leader-city"), repealed, NOON, "撤销议定缘由")
    decide("leader-city", agreed_west)
    put("officer-county", call("leader-county", EAST, "会商东二", DAY), "乙字院", PROVIDED[0])
    call("lent-to-the-west", WEST, "会商西二", DAY + week)
    put("leader-city", call("leader-city", "", "会商全二", DAY), "丙字院", PROVIDED[2])


def _register(who: Who, estates: Mapping[str, int]) -> None:
    """Three first registrations, of which one was wrong; certificates on the two others."""

    def first(name: str, estate: str, number: str) -> int:
        told, remark = f"登记首{number}", f"补登缘由{number}"
        return record_first_registration(who(name), estates[estate], [], told, DAY, NOON, remark=remark)[0].pk

    def certify(name: str, estate: str, at: int, number: str) -> Certificate:
        unit = Unit.objects.filter(estate=estates[estate]).order_by("id")[at].pk
        drafted = CertificateDraft(unit, f"测试不动产权第{number}号", DAY, f"登记转{number}")
        return record_certificates(who(name), [drafted], NOON)[0]

    first("leader-county", "戊字院", "000101")
    first("registrar-city", "丁字院", "000102")
    wrong = first("registrar-county", "甲字院", "000103")
    cancel_registration(who("registrar-county"), wrong, NOON, "误登缘由000103")
    certify("registrar-county", "戊字院", 0, "000201")
    collected = certify("registrar-city", "丁字院", 0, "000202")
    hand_out_certificate(who("officer-city"), collected.pk, DAY, NOON)
    cancelled = certify("registrar-city", "丁字院", 1, "000203")
    cancel_registration(who("registrar-city"), cancelled.registration_id, NOON, "误登缘由000203")


def _bill(who: Who, estates: Mapping[str, int]) -> None:
    """Lists of fees, which estates without prices get by hand here, and payments of all kinds."""
    pack = law(DAY)
    for number, (name, at) in enumerate((("甲字院", 0), ("甲字院", 1), ("丁字院", 0), ("戊字院", 0))):
        unit = Unit.objects.filter(estate=estates[name]).order_by("id")[at]
        bill = Bill.objects.create(
            id=9000 + number,
            county=unit.county,
            estate_id=unit.estate_id,
            unit=unit,
            number=f"清单号00{number}",
            issued_on=DAY,
            issued_by_id=who("cashier-city").official,
            law_on=DAY,
            pack=pack.id,
            pack_version=pack.version,
            total_fen=sum(LINES.values()),
        )
        for at_line, (fee, fen) in enumerate(LINES.items()):
            key = 9000 + 10 * number + at_line
            BillLine.objects.create(id=key, county=unit.county, bill=bill, fee=fee, fen=fen)

    def pay(name: str, bill: int, fee: str, fen: int, receipt: str) -> int:
        unit = Bill.objects.get(pk=9000 + bill).unit_id
        return record_payment(who(name), unit, fee, fen, receipt, DAY, NOON).pk

    pay("cashier-county", 0, "deed_tax", 20_000, "收据号000301")  # a part
    wrong = pay("cashier-county", 0, "registration_fee", 8_000, "收据号000302")
    cancel_payment(who("cashier-county"), wrong, NOON, "误缴缘由000302")
    pay("leader-county", 1, "deed_tax", 45_000, "收据号000303")
    pay("cashier-city", 2, "deed_tax", 45_000, "收据号000304")


# --------------------------------------------------------------------------- noting it down


def noted() -> Results:
    """Note down what is there."""
    return Results(
        {
            one.pk: MeetingNote(one.pk, one.county, one.title, one.minutes, one.held_on)
            for one in Meeting.objects.order_by("id")
        },
        {
            one.pk: DecisionNote(
                *(one.pk, one.meeting_id, one.estate_id, one.item, one.state, one.put_by_id),
                tuple(word for word in (one.matter, one.text) if word),
            )
            for one in Decision.objects.order_by("id")
        },
        {one.pk: _registration(one) for one in Registration.objects.order_by("id")},
        {
            one.pk: CertificateNote(
                *(one.pk, one.estate_id, one.unit_id, one.number),
                one.collected_on is not None,
                one.cancelled_on is None,
            )
            for one in Certificate.objects.order_by("id")
        },
        {
            one.pk: BillNote(one.pk, one.estate_id, one.unit_id, one.number, LINES)
            for one in Bill.objects.order_by("id")
        },
        {one.pk: _payment(one) for one in Payment.objects.select_related("unit")},
        dict(Case.objects.values_list("estate", "state")),
        {key: tuple(_reasons(key)) for key in Estate.objects.values_list("pk", flat=True)},
        dict(Building.objects.values_list("pk", "estate")),
        dict(Unit.objects.values_list("pk", "building")),
    )


def _registration(one: Registration) -> RegistrationNote:
    words = (one.number, one.remark, one.cancelled_because)
    told = (one.pk, one.estate_id, one.building_id, one.unit_id)
    return RegistrationNote(*told, tuple(word for word in words if word), one.cancelled_on is None)


def _payment(one: Payment) -> PaymentNote:
    words = tuple(word for word in (one.receipt, one.cancelled_because) if word)
    told = (one.pk, one.unit.estate_id, one.unit_id, one.fee, one.fen)
    return PaymentNote(*told, words, one.cancelled_on is None)


def _reasons(estate: int) -> Iterable[str]:
    rows = StatusRecord.objects.filter(case__estate=estate).exclude(because="")
    answers = FactValue.objects.filter(estate=estate)
    return [*rows.values_list("because", flat=True), *answers.values_list("basis", flat=True)]
