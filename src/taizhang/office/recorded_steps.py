"""Steps that records of our own show, whatever a ledger says: registered, certified, billed, paid.

Reads from: ``ledger.models``.  Read by: ``accepted``, ``registrations``, ``certificates``, ``bills``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.models import F, OuterRef, Subquery, Sum

from taizhang.ledger.models import Bill, BillLine, Certificate, Payment, Registration

__all__ = ["CERTIFICATE", "FEE_LIST", "FIRST", "RECEIPTS", "TRANSFER", "recorded_steps"]

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
