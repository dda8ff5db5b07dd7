"""What happened: import batches, the journal with its chain, anchors, and the numbers that were issued.

The journal is append-only: triggers on both databases refuse to change or remove an entry
(migration ``0002``), and PostgreSQL's application role has no right to.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

__all__ = ["Anchor", "ImportBatch", "IssuedNumber", "JournalEntry", "JournalPart"]


class ImportBatch(models.Model):
    """One file taken into the ledger, whole or not at all."""

    id = models.BigIntegerField(primary_key=True)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=120)
    counts = models.TextField(default="{}")
    undone_at = models.DateTimeField(null=True)


class JournalEntry(models.Model):
    """One act: who did what to which subject, when, why, and the digest over all it wrote."""

    id = models.BigIntegerField(primary_key=True)  #: 1, 2, 3, … without a hole
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    act = models.CharField(max_length=60)
    subject = models.CharField(max_length=400, db_index=True)
    county = models.CharField(max_length=60, blank=True)
    detail = models.TextField(default="{}")
    parts = models.IntegerField(default=0)
    rows = models.IntegerField(default=0)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)


class JournalPart(models.Model):
    """After-images of rows an act wrote: compressed lines ``[table, key, image]``."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="images")
    number = models.IntegerField()
    images = models.BinaryField()
    digest = models.CharField(max_length=64)  #: over the lines before they were compressed

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["entry", "number"], name="part_once")]


class Anchor(models.Model):
    """A head of the journal that was written down elsewhere."""

    id = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    kept = models.CharField(max_length=400)


class IssuedNumber(models.Model):
    """The last number of a series; numbers are issued once, also where an act is undone."""

    series = models.CharField(max_length=60, primary_key=True)
    last = models.BigIntegerField(default=0)
