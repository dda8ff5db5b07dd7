"""Meetings in which estates are discussed one by one (会商、一事一议), and what they decide.

Reads from: ``land``, ``people``.  Read by: ``office``.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taizhang.ledger.models.land import Estate
from taizhang.ledger.models.people import Official

__all__ = ["Decision", "Meeting"]


class Meeting(models.Model):
    """A meeting of a task force; of the whole city where no county is named."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60, blank=True)
    number = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    held_on = models.DateField()
    called_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    minutes = models.CharField(max_length=120, blank=True)  #: their number; empty: not yet held

    class Meta:
        indexes: ClassVar = [models.Index(fields=["county", "held_on"], name="meeting_where")]


class Decision(models.Model):
    """One estate on the agenda of a meeting, and what was decided of it.

    ``item`` is the paper of the pack that the decision provides, ``document`` a decision that adds ways
    for this estate, in the pack format; both are empty where it is only told in words.
    """

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="decisions")
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="decisions")
    matter = models.TextField()
    item = models.CharField(max_length=80, blank=True)
    document = models.TextField(blank=True)
    put_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, default="proposed")
    text = models.TextField(blank=True)
    valid_until = models.DateField(null=True)
    decided_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=["proposed", "taken", "rejected", "repealed"]),
                name="decision_state",
            ),
            models.UniqueConstraint(
                fields=["meeting", "estate", "item"],
                condition=models.Q(state="proposed"),
                name="decision_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "estate"], name="decision_in_force")]
