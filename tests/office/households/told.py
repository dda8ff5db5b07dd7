"""Households to work with, and how to look for them in a database.

Wang Xiaoming holds 101 of the knitting mill's estate, and Li Hong 102, whose number has a wrong digit.  Gao
Xiulan is the officer of the street, Wang Jianguo leads the task force, Chen Jing analyses.

Read by: the tests of this folder.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
from django.test import Client

from taizhang.ledger.models import (
    Account,
    Household,
    JournalPart,
    Official,
    Unit,
)
from taizhang.office.access import person_of
from taizhang.office.household_seals import HouseholdDraft
from taizhang.office.register import register
from tests.office.builders import DAY, NOON, draft

HOUR = timedelta(hours=1)

WANG = HouseholdDraft("王小明", "371502189809294004", "13812345678")

LI = HouseholdDraft("李红", "110105194912310021", "0635-8123456")  # the check digit would be X

REASON = "核对登记申请"


def with_people(units=3, **people):
    """The knitting mill's estate; ``u101=WANG``."""
    told = draft(units=units)
    building = f"{told.place}›1"
    return replace(told, households={f"{building}›{name[1:]}": one for name, one in people.items()})


def taken_in(*drafts, now=NOON):
    return register(
        drafts,
        programme="title-certificates",
        file_name="台账.xlsx",
        sha256="0" * 64,
        actor="test",
        now=now,
    )


def someone(name):
    return person_of(Official.objects.get(name=name), DAY)


def unit(name="101"):
    return Unit.objects.get(name=name, estate__name="针织厂家属院")


def household(name="101"):
    return Household.objects.get(unit=unit(name))


def signed_in(account):
    client = Client(SERVER_NAME="localhost")
    client.force_login(Account.objects.get(username=account), "django.contrib.auth.backends.ModelBackend")
    return client


def everything(ledger) -> Iterator[bytes]:
    """Every byte that the ledger holds, and the journal's lines as they were before they were packed."""
    for part in JournalPart.objects.order_by("id"):
        yield zlib.decompress(bytes(part.images))
    if "://" not in ledger:
        for path in sorted(Path(ledger).parent.glob(Path(ledger).name + "*")):
            yield path.read_bytes()
        return
    with psycopg.connect(ledger) as other:
        tables = other.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'ledger_%'")
        for (table,) in tables.fetchall():
            for (row,) in other.execute(f"SELECT t::text FROM {table} t").fetchall():
                yield row.encode()


def spellings(text):
    """A text as it may stand in a file: plain, and as PostgreSQL shows bytes."""
    octets = text if isinstance(text, bytes) else text.encode()
    return octets, octets.hex().encode()


def found_in(ledger, *texts):
    """Those of the texts that stand anywhere in the ledger."""
    held = list(everything(ledger))
    return [one for one in texts if any(said in piece for said in spellings(one) for piece in held)]


def vars_of(draft_):
    return draft_.holder, draft_.id_number, draft_.phone
