"""The people of a unit (户、住户): who holds it and how to reach them, sealed.

No text of a person stands here that can be read without the key file.  What is binary is told in the
journal by its digest only, so that taking it away takes it away for good.

Reads from: ``land``, ``journal``.  Read by: ``office``.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taizhang.ledger.models.journal import ImportBatch
from taizhang.ledger.models.land import Unit

__all__ = ["Household"]


class Household(models.Model):
    """The holder of a unit, as a ledger names them; without a key once they were erased."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    unit = models.OneToOneField(Unit, models.PROTECT, related_name="household")
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, db_index=False)
    subject_key = models.BinaryField(default=b"")  #: the wrapped key of this household; empty: erased
    holder_sealed = models.TextField(blank=True)
    id_number_sealed = models.TextField(blank=True)
    phone_sealed = models.TextField(blank=True)
    id_number_index = models.BinaryField(default=b"")  #: blind index, then random bytes
    told = models.BinaryField(default=b"")  #: random bytes, then a keyed digest of each text

    class Meta:
        indexes: ClassVar = [models.Index(fields=["id_number_index"], name="household_number")]
