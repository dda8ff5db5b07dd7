"""What is registered, certified, billed and paid: of an estate and of a unit.

Reads from: ``access``, ``recorded_steps``, ``ledger.models``.  Read by: the doors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taizhang.ledger.models import (
    Bill,
    BillLine,
    Building,
    Certificate,
    Estate,
    Payment,
    Registration,
    Screened,
    StatusRecord,
    Unit,
)
from taizhang.office.access import Person, may, visible
from taizhang.office.dossier import value_of
from taizhang.office.recorded_steps import FIRST, paid_fen, uncertified
from taizhang.office.selectors.estate import estate_seen, not_seen
from taizhang.office.selectors.unit import unit_seen
from taizhang.rules.terms import Value

__all__ = [
    "BuildingTitle",
    "EstateTitles",
    "LineTold",
    "UnitTitles",
    "estate_titles",
    "require_of_estate",
    "require_of_unit",
    "unit_titles",
]


@dataclass(frozen=True, slots=True)
class BuildingTitle:
    """A building with its first registration; ``told``: the ledger says so and there is no record."""

    building: Building
    registration: Registration | None
    told: bool


@dataclass(frozen=True, slots=True)
class EstateTitles:
    """An estate on its way to certificates.

    Attributes:
        buildings: In the order of the ledger.
        certificates: How many units have one; ``collected`` of them with their holders.
        without: Units that have none.
        bills: Units with a list of fees; ``billed_fen`` in all, ``paid_fen`` of it paid.
        round: Number of the round of screening; ``None``: not recorded.
        statuses: The case closed and opened again, the newest first.
        may: Acts that the person may do here.
    """

    buildings: Sequence[BuildingTitle]
    certificates: int
    collected: int
    without: int
    bills: int
    billed_fen: int
    paid_fen: int
    round: int | None
    statuses: Sequence[StatusRecord]
    may: frozenset[str]

    @property
    def unregistered(self) -> bool:
        """Whether a building has no record of its first registration."""
        return any(one.registration is None for one in self.buildings)


@dataclass(frozen=True, slots=True)
class LineTold:
    """A line of a list of fees, with what was paid on it."""

    line: BillLine
    paid: int

    @property
    def open_fen(self) -> int:
        """What is still to be paid; nothing where the list now asks for less than was paid."""
        return max(0, self.line.fen - self.paid)


@dataclass(frozen=True, slots=True)
class UnitTitles:
    """A unit's registrations, certificate, list of fees and payments."""

    first: Registration | None
    registrations: Sequence[Registration]
    certificate: Certificate | None
    bill: Bill | None
    lines: Sequence[LineTold]
    payments: Sequence[Payment]
    may: frozenset[str]


_OF_UNIT: Mapping[str, type[Registration] | type[Certificate] | type[Payment]] = {
    "registration": Registration,
    "certificate": Certificate,
    "payment": Payment,
}
_ESTATE_ACTS = ("record_registration", "cancel_registration", "issue_bills", "close_case", "reopen_case")
_UNIT_ACTS = (
    *("record_certificate", "hand_out_certificate", "cancel_registration"),
    *("record_payment", "cancel_payment"),
)


def estate_titles(person: Person, estate: Estate) -> EstateTitles:
    """Where an estate stands, which the person may see."""
    first = {
        one.building_id: one
        for one in Registration.objects.filter(estate=estate, kind="first", cancelled_on__isnull=True)
    }
    buildings = [
        BuildingTitle(one, first.get(one.pk), json.loads(one.held).get(FIRST) == "on_hand")
        for one in Building.objects.filter(estate=estate).order_by("id")
    ]
    in_force = Certificate.objects.filter(estate=estate, cancelled_on__isnull=True)
    billed = list(
        Bill.objects.filter(estate=estate, replaced_on__isnull=True).values_list("total_fen", flat=True)
    )
    paid = Payment.objects.filter(unit__estate=estate, cancelled_on__isnull=True)
    found = Screened.objects.filter(case__estate=estate).select_related("round").first()
    return EstateTitles(
        buildings,
        in_force.count(),
        in_force.filter(collected_on__isnull=False).count(),
        uncertified(estate),
        len(billed),
        sum(billed),
        sum(paid.values_list("fen", flat=True)),
        found.round.number if found else None,
        list(StatusRecord.objects.filter(case__estate=estate).select_related("recorded_by").order_by("-id")),
        frozenset(name for name in _ESTATE_ACTS if may(person, name, estate)),
    )


def line_inputs(line: BillLine) -> Mapping[str, Value]:
    """What a line was computed from when the list was issued: facts and parameters by name."""
    told: Mapping[str, Value] = json.loads(line.inputs, object_hook=value_of)
    return told


def unit_titles(person: Person, unit: Unit) -> UnitTitles:
    """Where a unit stands, which the person may see."""
    registrations = list(Registration.objects.filter(unit=unit).order_by("-id"))
    first = Registration.objects.filter(
        building=unit.building_id, kind="first", cancelled_on__isnull=True
    ).first()
    bill = visible(person, Bill.objects.filter(unit=unit, replaced_on__isnull=True)).first()
    paid = paid_fen(unit)
    lines = [LineTold(one, paid.get(one.fee, 0)) for one in bill.lines.order_by("id")] if bill else []
    return UnitTitles(
        first,
        registrations,
        Certificate.objects.filter(unit=unit, cancelled_on__isnull=True).first(),
        bill,
        lines,
        list(Payment.objects.filter(unit=unit).select_related("recorded_by").order_by("-id")),
        frozenset(name for name in _UNIT_ACTS if may(person, name, unit)),
    )


def require_of_estate(person: Person, estate: int, registration: int) -> None:
    """Refuse a registration that is not the first one of a building of an estate.

    Raises:
        AccessError: ``E-NOT-SEEN``.
    """
    found = estate_seen(person, estate)
    if not Registration.objects.filter(pk=registration, estate=found, unit=None).exists():
        raise not_seen()


def require_of_unit(person: Person, unit: int, kind: str, key: int) -> None:
    """Refuse a record that is of another unit.

    Args:
        person: Who asks.
        unit: Key of the unit.
        kind: ``registration``, ``certificate`` or ``payment``.
        key: Of the record.

    Raises:
        AccessError: ``E-NOT-SEEN``.
    """
    found = unit_seen(person, unit)
    if not _OF_UNIT[kind].objects.filter(pk=key, unit=found).exists():
        raise not_seen()
