"""Estates, buildings and units with what is recorded of each.

What is known of a place stands on its row: the answers to facts, the papers that are on hand, missing
or cannot be obtained, and until when they count, as canonical JSON (docs/adr/0009).  Every row carries
its county, so that a city may be distributed by county.

Source:
    ISO 19152 (LADM) for the names of the records.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taizhang.ledger.models.journal import ImportBatch

__all__ = ["Building", "Estate", "Unit"]


class PlaceRecord(models.Model):
    """A place and what is recorded of it."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    place = models.CharField(max_length=400, unique=True)  #: id in dossiers and plans
    name = models.CharField(max_length=200)
    facts = models.TextField(default="{}")
    held = models.TextField(default="{}")
    valid_until = models.TextField(default="{}")
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, db_index=False)

    class Meta:
        abstract = True


class Estate(PlaceRecord):
    """A residential estate (小区), as the ledger names it and as its plan stands."""

    street = models.CharField(max_length=60, blank=True)
    neighbourhood = models.CharField(max_length=60, blank=True)
    identity = models.TextField(default="{}")  #: everything the ledger says in words
    units_total = models.IntegerField(default=0)
    classes = models.CharField(max_length=200, blank=True)  #: codes, comma before and after each
    status = models.SmallIntegerField(null=True)  #: of its worst unit

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["county", "street", "name"], name="estate_where"),
            models.Index(fields=["status"], name="estate_status"),
        ]


class Building(PlaceRecord):
    """A building (幢)."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="buildings")


class Unit(PlaceRecord):
    """A real property unit (户), with its place in the estate's plan."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="units")
    building = models.ForeignKey(Building, models.PROTECT, related_name="units")
    status = models.SmallIntegerField(null=True)
    papers = models.IntegerField(null=True)  #: papers missing, its own and those it waits for
    fees_fen = models.BigIntegerField(null=True)  #: its bill; null where something is unknown
    exact = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["county", "estate", "status"], name="unit_counted"),
            models.Index(fields=["status", "estate"], name="unit_listed"),  # few are of one status
        ]
