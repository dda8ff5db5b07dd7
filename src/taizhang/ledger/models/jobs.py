"""Long work: asked for by somebody, done beside the pages, found again after a crash.

A job is no record of the ledger and stands outside the journal; what it does there, it does by acts.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taizhang.ledger.models.people import Official

__all__ = ["Job"]


class Job(models.Model):
    """One piece of long work, with how far it is."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=32)
    argument = models.TextField(default="{}")  #: JSON
    asked_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, default="waiting")  #: waiting, running, done or failed
    stage = models.CharField(max_length=16, blank=True)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    holder = models.CharField(max_length=40, blank=True)  #: which run of which worker has it
    beat_at = models.DateTimeField(null=True)  #: last sign of life of its holder
    result = models.TextField(default="{}")  #: JSON
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "id"], name="job_waiting")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "failed"]), name="job_state"
            ),
        ]
