"""Cases, plans, tasks and their clocks, evidence, supervision.

Reads from: ``land``, ``people``.  Read by: ``office``.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taizhang.ledger.models.land import Estate
from taizhang.ledger.models.people import Official, Organisation

__all__ = [
    "AdoptedPlan",
    "Attachment",
    "Case",
    "Evidence",
    "Extension",
    "PlanProposal",
    "Programme",
    "SupervisionNotice",
    "Suspension",
    "SuspensionRequest",
    "Task",
]


class Programme(models.Model):
    """A programme (专项): one goal, one pack."""

    id = models.CharField(max_length=60, primary_key=True)
    name = models.CharField(max_length=120)


class Case(models.Model):
    """An estate in a programme."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    programme = models.ForeignKey(Programme, models.PROTECT)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="cases")
    number = models.CharField(max_length=60, unique=True)
    opened_on = models.DateField()
    state = models.CharField(max_length=16)  #: registered, planned or closed

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "estate"], name="case_once"),
        ]


class PlanProposal(models.Model):
    """The best plan of an estate as computed last; nobody has chosen it yet."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    estate = models.OneToOneField(Estate, models.PROTECT, related_name="proposal")
    as_of = models.DateField()
    pack = models.CharField(max_length=60)
    pack_version = models.CharField(max_length=60)
    dossier_digest = models.CharField(max_length=64)
    plan_digest = models.CharField(max_length=64)
    proved = models.BooleanField()
    gaps = models.IntegerField()
    money_fen = models.BigIntegerField()
    effort = models.BigIntegerField()
    days = models.IntegerField()
    content = models.BinaryField()  #: compressed canonical JSON (office.planrecord)


class AdoptedPlan(models.Model):
    """A plan that a person chose for an estate."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    case = models.ForeignKey(Case, models.PROTECT, related_name="plans")
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="plans")
    adopted_at = models.DateTimeField()
    adopted_by = models.ForeignKey(Official, models.PROTECT)
    best = models.BooleanField()
    reason = models.TextField(blank=True)
    as_of = models.DateField()
    start_on = models.DateField()
    pack = models.CharField(max_length=60)
    pack_version = models.CharField(max_length=60)
    lock = models.TextField()
    dossier_digest = models.CharField(max_length=64)
    plan_digest = models.CharField(max_length=64)
    money_fen = models.BigIntegerField()
    effort = models.BigIntegerField()
    days = models.IntegerField()
    content = models.BinaryField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(superseded_at__isnull=True), name="one_plan_in_force"
            ),
            models.CheckConstraint(
                condition=models.Q(best=True) | ~models.Q(reason=""), name="another_plan_needs_a_reason"
            ),
        ]


class Task(models.Model):
    """A gap, or a duty after the certificate, with its owner and its clock."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    street = models.CharField(max_length=60, blank=True)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="tasks")
    plan = models.ForeignKey(AdoptedPlan, models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=8)  #: gap or duty
    item = models.CharField(max_length=80)
    place = models.CharField(max_length=400)  #: of the units that need a paper each: the estate
    level = models.CharField(max_length=16)
    places = models.TextField(default="[]")  #: the units that need a paper each
    units = models.IntegerField()  #: units that wait for it
    supplier = models.CharField(max_length=60)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True)
    responsible = models.ForeignKey(Official, models.PROTECT, null=True, related_name="tasks")
    sponsor = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=16)
    start_on = models.DateField()
    working_days = models.IntegerField()
    due_on = models.DateField(null=True)
    next_look_on = models.DateField(null=True)  #: day on which the sweep has to look at it
    version = models.IntegerField(default=1)
    handed_back = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "kind", "item", "place"], name="task_once"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["open", "acknowledged", "handed_in", "complete", "handed_back", "withdrawn"]
                ),
                name="task_state",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["county", "supplier", "state"], name="task_supplier"),
            models.Index(fields=["responsible", "state", "due_on"], name="task_desk"),
            models.Index(fields=["next_look_on"], name="task_next_look"),
        ]


class Suspension(models.Model):
    """Time in which the clock of a task stands still."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    task = models.ForeignKey(Task, models.PROTECT, related_name="suspensions")
    since = models.DateField()
    until = models.DateField(null=True)
    reason = models.TextField()


class SuspensionRequest(models.Model):
    """A suspension that was asked for, and granted or refused by another person."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    task = models.ForeignKey(Task, models.PROTECT, related_name="suspension_requests")
    reason = models.TextField()
    asked_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    asked_on = models.DateField()
    decided_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)
    granted = models.BooleanField(null=True)


class Extension(models.Model):
    """Working days asked for, and granted or refused by another person."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    task = models.ForeignKey(Task, models.PROTECT, related_name="extensions")
    working_days = models.IntegerField()
    reason = models.TextField()
    asked_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    asked_on = models.DateField()
    decided_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)
    granted = models.BooleanField(null=True)


class Attachment(models.Model):
    """A file by its content; the bytes lie in the data folder under their digest."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    estate = models.ForeignKey(Estate, models.PROTECT)
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=80)


class Evidence(models.Model):
    """A paper that was handed in, and whether it was accepted."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="evidence")
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="evidence")
    item = models.CharField(max_length=80)
    place = models.CharField(max_length=400)
    number = models.CharField(max_length=120, blank=True)
    issued_on = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True)
    handed_in_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField()
    decided_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)
    remark = models.TextField(blank=True)


class SupervisionNotice(models.Model):
    """A rung of the ladder that a task has come to; claimed once for each due date."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    task = models.ForeignKey(Task, models.PROTECT, related_name="notices")
    rung = models.CharField(max_length=32)
    due_on = models.DateField()
    claimed_at = models.DateTimeField()
    recipient = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "rung", "due_on"], name="rung_once"),
        ]
