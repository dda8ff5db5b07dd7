"""What the register and its certificates say: first registration, transfer registration, certificate.

Reads from: ``land``, ``people``.  Read by: ``office``.

Source:
    Background, no official text was seen: 不动产登记暂行条例实施细则, article 24 (no other registration
    before the first one, where no law says otherwise); ISO 19152 (LADM) for the idea that a right rests
    on a source.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from taizhang.ledger.models.land import Building, Estate, Unit
from taizhang.ledger.models.people import Official

__all__ = ["Certificate", "Registration"]

_IN_FORCE = models.Q(cancelled_on__isnull=True)


class Registration(models.Model):
    """An entry of the register: the first one of a building, or the transfer of a unit."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="registrations")
    building = models.ForeignKey(Building, models.PROTECT, related_name="registrations")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="registrations")
    kind = models.CharField(max_length=8)  #: first or transfer
    number = models.CharField(max_length=60)  #: under which the registry accepted it
    registered_on = models.DateField()
    recorded_by = models.ForeignKey(Official, models.PROTECT, related_name="+")
    remark = models.TextField(blank=True)  #: why it is recorded although the plan lacks something
    cancelled_on = models.DateField(null=True)
    cancelled_because = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind="first", unit__isnull=True)
                | models.Q(kind="transfer", unit__isnull=False),
                name="registration_kind",
            ),
            models.UniqueConstraint(
                fields=["building"], condition=_IN_FORCE & models.Q(kind="first"), name="first_once"
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=_IN_FORCE & models.Q(kind="transfer"), name="transfer_once"
            ),
        ]


class Certificate(models.Model):
    """A certificate of title (不动产权证书) of a unit."""

    id = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=60)
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="certificates")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="certificates")
    registration = models.ForeignKey(Registration, models.PROTECT, related_name="certificates")
    number = models.CharField(max_length=80)
    issued_on = models.DateField()
    collected_on = models.DateField(null=True)  #: handed to its holder
    cancelled_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit"], condition=_IN_FORCE, name="certificate_once"),
            models.UniqueConstraint(fields=["number"], condition=_IN_FORCE, name="certificate_number"),
        ]
        indexes: ClassVar = [models.Index(fields=["county", "estate"], name="certificate_where")]
