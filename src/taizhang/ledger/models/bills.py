"""What a household is asked to pay, line by line, and what it has paid (缴费清单).

Reads from: ``land``, ``people``.  Read by: ``office``.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taizhang.ledger.models.land import Estate, Unit
from taizhang.ledger.models.people import Official

__all__ = ["Bill", "BillLine", "Payment"]


class Bill(models.Model):
    """The list of fees of a unit as issued; the next one takes its place."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="bills")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="bills")
    number = models.CharField(max_length=60, unique=True)
    issued_on = models.DateField()
    issued_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    law_on = models.DateField()  #: the day whose rates count
    pack = models.CharField(max_length=60)
    pack_version = models.CharField(max_length=60)
    total_fen = models.BigIntegerField()
    replaced_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit"], condition=models.Q(replaced_on__isnull=True), name="bill_in_force"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["county", "estate"], name="bill_where")]


class BillLine(models.Model):
    """One fee of a bill, with what it was computed from."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="lines")
    fee = models.CharField(max_length=60)
    fen = models.BigIntegerField()
    inputs = models.TextField(default="{}")  #: canonical JSON


class Payment(models.Model):
    """Money that came in for a unit; what is wrong is cancelled, and stays to be seen."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="payments")
    fee = models.CharField(max_length=60)
    fen = models.BigIntegerField()
    paid_on = models.DateField()
    receipt = models.CharField(max_length=80)
    recorded_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    cancelled_on = models.DateField(null=True)
    cancelled_because = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["county", "fee", "receipt"],
                condition=models.Q(cancelled_on__isnull=True),
                name="receipt_once",
            ),
            models.CheckConstraint(condition=models.Q(fen__gt=0), name="payment_positive"),
        ]
