"""Who works with the ledger: organisations in a tree, officials, what they may do, and their accounts.

Reads from: Django.  Read by: ``office``.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

__all__ = ["Account", "Grant", "Official", "Organisation", "Secondment"]


class Organisation(models.Model):
    """An office: city, county, street or neighbourhood, or a bureau at one of them.

    ``supplier`` names the supplier of the packs that a bureau is; ``county`` and ``street`` say where.
    """

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)  #: city, county, street, neighbourhood or bureau
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    county = models.CharField(max_length=60, blank=True)
    street = models.CharField(max_length=60, blank=True)
    supplier = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "name", "county", "street"], name="organisation_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["city", "county", "street", "neighbourhood", "bureau"]),
                name="organisation_kind",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["county", "supplier"], name="organisation_where")]


class Official(models.Model):
    """A named person in an office; the telephone number is sealed."""

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=60, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="officials")
    county = models.CharField(max_length=60, blank=True)
    phone_sealed = models.TextField(blank=True)
    subject_key = models.BinaryField(default=b"")  #: the journal tells only its digest
    active = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["county", "name"], name="official_name")]


class Grant(models.Model):
    """A role that an official has for an office and everything below it, until it is withdrawn."""

    id = models.BigIntegerField(primary_key=True)
    official = models.ForeignKey(Official, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32)
    organisation = models.ForeignKey(Organisation, models.PROTECT)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["official", "role", "organisation", "since"], name="grant_once"),
        ]


class Secondment(models.Model):
    """An official lent to another office, as to a task force, for a time."""

    id = models.BigIntegerField(primary_key=True)
    official = models.ForeignKey(Official, models.PROTECT, related_name="secondments")
    organisation = models.ForeignKey(Organisation, models.PROTECT)
    role = models.CharField(max_length=32)
    since = models.DateField()
    until = models.DateField(null=True)


class Accounts(BaseUserManager["Account"]):
    """Finds accounts by the name they sign in with."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """The account of a name."""
        return self.get(username=username)


class Account(AbstractBaseUser):
    """What an official signs in with; nobody shares one."""

    username = models.CharField(max_length=60, unique=True)
    official = models.OneToOneField(Official, models.PROTECT, related_name="account")
    is_active = models.BooleanField(default=True)
    objects: ClassVar[Accounts] = Accounts()

    USERNAME_FIELD = "username"

    def get_full_name(self) -> str:
        """The official's name."""
        return self.official.name
