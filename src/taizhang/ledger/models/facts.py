"""What the office has found out of a place, beside what a ledger says of it.

The answer itself stands on the place, where plans read it; here stands who found it out, when, on what
ground, and what was known before.

Reads from: ``land``, ``people``.  Read by: ``office``.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taizhang.ledger.models.land import Estate
from taizhang.ledger.models.people import Official

__all__ = ["FactValue"]


class FactValue(models.Model):
    """An open fact answered, corrected, or said to be unknown again."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="answers")
    place = models.CharField(max_length=400)  #: of the estate, the building or the unit
    fact = models.CharField(max_length=60)
    value = models.TextField()  #: as on the place; null where it is unknown again
    before = models.TextField()  #: what stood there, null where nothing did
    basis = models.CharField(max_length=400)  #: how it is known
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Official, models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["place", "fact", "id"], name="fact_of_place")]
