"""Steps that records of our own show, whatever a ledger says: registered, certified, billed, paid.

Reads from: ``ledger.models``.  Read by: ``accepted``, ``registrations``, ``certificates``, ``bills``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.models import F, OuterRef, Subquery, Sum

from taizhang.ledger.models import Bill, BillLine, Certificate, Estate, Payment, Registration, Unit

__all__ = [
    "CERTIFICATE",
    "FEE_LIST",
    "FIRST",
    "RECEIPTS",
    "TRANSFER",
    "paid_fen",
    "recorded_steps",
    "uncertified",
]

FIRST, TRANSFER, CERTIFICATE = "first_registration", "transfer_registration", "ownership_certificate"
FEE_LIST = "fee_list_issued"
#: fee of the pack -> the paper that shows it was paid
RECEIPTS = {
    "deed_tax": "deed_tax_receipt",
    "registration_fee": "registration_fee_paid",
    "maintenance_fund": "maintenance_fund_deposited",
}


def recorded_steps(counties: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield place and step of everything that is recorded in some counties."""
    registered = Registration.objects.filter(county__in=counties, cancelled_on__isnull=True)
    for place in registered.filter(kind="first").values_list("building__place", flat=True):
        yield place, FIRST
    for place in registered.filter(kind="transfer").values_list("unit__place", flat=True):
        yield place, TRANSFER
    certified = Certificate.objects.filter(county__in=counties, cancelled_on__isnull=True)
    for place in certified.values_list("unit__place", flat=True):
        yield place, CERTIFICATE
    billed = Bill.objects.filter(county__in=counties, replaced_on__isnull=True)
    for place in billed.values_list("unit__place", flat=True):
        yield place, FEE_LIST
    owed = BillLine.objects.filter(
        bill__unit=OuterRef("unit"), fee=OuterRef("fee"), bill__replaced_on__isnull=True
    ).values("fen")
    paid = (
        Payment.objects.filter(county__in=counties, cancelled_on__isnull=True, fee__in=RECEIPTS)
        .order_by()
        .values("unit__place", "fee")
        .annotate(paid=Sum("fen"), owed=Subquery(owed[:1]))
        .filter(paid__gte=F("owed"))
    )
    for one in paid:
        yield one["unit__place"], RECEIPTS[one["fee"]]


def paid_fen(unit: Unit) -> dict[str, int]:
    """What was paid of each fee of a unit."""
    rows = Payment.objects.filter(unit=unit, cancelled_on__isnull=True).order_by().values_list("fee")
    return dict(rows.annotate(sum=Sum("fen")))


def uncertified(estate: Estate) -> int:
    """How many units of an estate have no certificate, by record or by what the ledger says."""
    certified = Certificate.objects.filter(estate=estate, cancelled_on__isnull=True).values("unit")
    rest = Unit.objects.filter(estate=estate).exclude(pk__in=certified)
    return rest.exclude(held__contains='"ownership_certificate":"on_hand"').count()
