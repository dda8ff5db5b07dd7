"""How a case came to be, and how it stands: rounds of screening, and every change of its state.

These stand beside ``Case`` and not on it: the journal tells every column of a row, so a table it knows
is given no further ones (docs/adr/0013).

Reads from: ``work``, ``people``.  Read by: ``office``.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taizhang.ledger.models.people import Official
from taizhang.ledger.models.work import Case

__all__ = ["Screened", "ScreeningRound", "StatusRecord"]


class ScreeningRound(models.Model):
    """A round in which a city was screened (摸排) for estates without certificates."""

    id = models.BigIntegerField(primary_key=True)
    number = models.IntegerField(unique=True)
    begun_on = models.DateField()


class Screened(models.Model):
    """In which round a case was found."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    case = models.OneToOneField(Case, models.PROTECT, related_name="screened")
    round = models.ForeignKey(ScreeningRound, models.PROTECT, related_name="found")


class StatusRecord(models.Model):
    """A case closed (销号) or opened again (回潮), by whom and why."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    case = models.ForeignKey(Case, models.PROTECT, related_name="statuses")
    state = models.CharField(max_length=16)  #: closed or planned or registered
    since = models.DateField()
    because = models.TextField(blank=True)
    recorded_by = models.ForeignKey(Official, models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case", "id"], name="status_of_case")]
