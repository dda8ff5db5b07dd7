"""Acts on the people of a unit: reading them in full, forgetting them, and turning the keys.

Nobody sees a household in full but by :func:`read_household`, which leaves an entry in the journal:
who, when, whose and why, and nothing of what was read.

Reads from: ``household_seals``, ``key_ring``, ``access``, ``journal``, ``ledger.models``.
Read by: the doors.

Source:
    个人信息保护法, articles 47 (forgetting), 51 (encryption, rights) and 54 to 55 (records of access).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from taizhang.errors import AccessError, InputError, TransitionError
from taizhang.ledger.models import Household, Official, Unit
from taizhang.office.access import Person, may_anywhere, require, visible
from taizhang.office.household_seals import (
    HouseholdDraft,
    MaskedHousehold,
    masked,
    number_range,
    open_ring,
    require_fitting,
    texts_of,
)
from taizhang.office.journal import Act, act, in_line
from taizhang.office.keeping.placing import key_file

# to drop keys is to replace the key file, as to turn them
from taizhang.office.key_ring import KeyRing, alone_in, rotate, write_ring
from taizhang.office.sealing import rewrap
from taizhang.office.selectors.estate import not_seen
from taizhang.office.workflow import given_reason

__all__ = [
    "Rotated",
    "admit_new_holder",
    "erase_household",
    "find_household",
    "masked_household",
    "read_household",
    "rotate_keys",
]

_TOGETHER = 5_000  # rows rewrapped at a time


@dataclass(frozen=True, slots=True)
class Rotated:
    """What turning the keys did.

    Attributes:
        key: Id of the new key.
        people: Whose data keys are wrapped by it now.
        dropped: Ids of keys that are gone from the file.
    """

    key: str
    people: int
    dropped: tuple[str, ...]


def masked_household(unit: Unit) -> MaskedHousehold | None:
    """The household of a unit that the asker may see, masked; ``None`` where none is named.

    Raises:
        InputError: ``E-SEAL-MISSING`` and others of the key file.
        TaizhangError: ``E-SEAL-KEY``, ``E-SEAL-TAMPERED``, ``E-SEAL-SUBJECT``.
    """
    row = Household.objects.filter(unit=unit).first()
    if row is None:
        return None
    return masked(open_ring(), row) if row.subject_key else MaskedHousehold(erased=True)


def read_household(person: Person, unit_id: int, now: datetime, reason: str) -> HouseholdDraft:
    """A household in full; the reading is recorded before anything is shown.

    Args:
        person: Who reads.
        unit_id: Key of the unit.
        now: The instant.
        reason: Why; it stands in the journal.

    Raises:
        InputError: ``E-REASON`` no reason; ``E-SEAL-MISSING`` and others of the key file.
        AccessError: ``E-NOT-SEEN``, ``E-ACCESS``.
        TransitionError: ``E-NO-HOUSEHOLD`` no holder is named; ``E-SEAL-ERASED``.
        TaizhangError: ``E-SEAL-KEY``, ``E-SEAL-TAMPERED``, ``E-SEAL-SUBJECT``.
    """
    unit = visible(person, Unit.objects.filter(pk=unit_id)).first()
    if unit is None:
        raise not_seen()
    require(person, "read_household", unit)
    with _reading(person, f"unit:{unit.pk}", unit.county, now, reason):
        return texts_of(open_ring(), _household(unit.pk))


def find_household(person: Person, number: str, now: datetime, reason: str) -> list[int]:
    """Keys of the units that are held under an identity number, where the person may read households.

    The search is a reading, and recorded as one whether or not something is found; the number is not.

    Raises:
        AccessError: ``E-ACCESS`` the person may read no household anywhere.
        InputError: ``E-NUMBER`` no number; ``E-REASON``; ``E-SEAL-MISSING`` and others of the key file.
    """
    if not may_anywhere(person, "read_household"):
        raise AccessError(
            "{person} may not look for households.",
            hint="Ask the task force of the county.",
            zh="{person}没有查找住户信息的权限，请联系本县（市、区）专班。",
            code="E-ACCESS",
            person=person.name,
        )
    if not number.strip():
        raise InputError(
            "No identity number was given.",
            hint="Write the whole number.",
            zh="未填写证件号，请填写完整的号码。",
            code="E-NUMBER",
        )
    with _reading(person, "search", "", now, reason) as doing:
        found = Household.objects.filter(**number_range(open_ring(), number)).values("unit")
        units = visible(person, Unit.objects.filter(pk__in=found), "read_household")
        keys = list(units.order_by("id").values_list("pk", flat=True))
        doing.detail["units"] = keys
    return keys


def erase_household(unit_id: int, *, reason: str, actor: str, now: datetime) -> None:
    """Forget a household: its key and all by which it could be found are destroyed.

    The sealed texts remain, in the row and in the journal, and nobody can read them.  A backup holds the
    wrapped key of its day; the older ones must go as well.

    Raises:
        InputError: ``E-REASON``.
        TransitionError: ``E-NO-HOUSEHOLD``; ``E-ERASED`` it was erased before.
    """
    told = given_reason(reason)[:400]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")  # what is taken away is overwritten with zeros
    with act("erase_household", actor=actor, subject=f"unit:{unit_id}", now=now) as doing:
        row = _household(unit_id)
        if not row.subject_key:
            raise TransitionError(
                "This household was erased before.",
                hint="Nothing needs to be done.",
                zh="该户的个人信息此前已经删除，无需重复办理。",
                code="E-ERASED",
            )
        doing.county, doing.detail["reason"] = row.county, told
        doing.update(row, subject_key=b"", id_number_index=b"", told=b"")
    _overwrite()


def admit_new_holder(unit_id: int, *, reason: str, actor: str, now: datetime) -> None:
    """Let a unit whose household was erased have a new one: the next ledger that names a holder brings it.

    Until somebody says so, no ledger does: the one of before would bring back who asked to be forgotten.

    Raises:
        InputError: ``E-REASON``.
        TransitionError: ``E-NO-HOUSEHOLD``; ``E-NOT-ERASED`` one that is there is changed by a ledger.
    """
    told = given_reason(reason)[:400]
    with act("admit_new_holder", actor=actor, subject=f"unit:{unit_id}", now=now) as doing:
        row = _household(unit_id)
        if row.subject_key:
            raise TransitionError(
                "The household of this unit was not erased.",
                hint="Import a ledger that names the new holder; it takes the place of the one before.",
                zh="该户的个人信息并未删除；请直接导入写明新权利人的台账。",
                code="E-NOT-ERASED",
            )
        doing.county, doing.detail["reason"] = row.county, told
        doing.delete([row])


def rotate_keys(*, actor: str, now: datetime, drop: bool = False) -> Rotated:
    """Make a new key and wrap every person's key by it; no sealed text changes.

    Args:
        actor: Who turns them.
        now: The instant.
        drop: Also take the keys before out of the file; backups of before are then unreadable.

    Raises:
        InputError: ``E-SEAL-MISSING`` and others of the key file.
        TaizhangError: ``E-SEAL-KEY`` the key file belongs to another ledger; nothing is changed.

    Cost:
        About 0.2 ms a person.
    """
    path, people = key_file(), 0
    with act("rotate_keys", actor=actor, subject="keys", now=now) as doing:
        require_fitting(KeyRing.open(path), _wrapped_keys())
        # in the act: of two who turn them, the second wraps all anew.  Where it fails, a key lies idle
        ring = rotate(path, doing.now)
        for model in (Household, Official):
            people += _rewrap(doing, ring, model)
        doing.keep, doing.detail["key"], doing.detail["people"] = True, ring.active, people
    return Rotated(ring.active, people, _drop_unused() if drop else ())


def _rewrap(doing: Act, ring: KeyRing, model: type[Household] | type[Official]) -> int:
    """Wrap the keys of a table by the active one; how many there are."""
    count = last = 0
    sealed: QuerySet[Any] = model._default_manager.exclude(subject_key=b"").order_by("pk")
    while rows := list(sealed.filter(pk__gt=last)[:_TOGETHER]):
        for row in rows:
            row.subject_key = rewrap(ring, bytes(row.subject_key).decode()).encode()
        doing.update_all(rows, ["subject_key"])
        count, last = count + len(rows), rows[-1].pk
    return count


def _wrapped_keys() -> Iterator[str]:
    for model in (Household, Official):
        found = model.objects.exclude(subject_key=b"").values_list("subject_key", flat=True)
        yield from (bytes(one).decode() for one in found.iterator(_TOGETHER))


def _drop_unused() -> tuple[str, ...]:
    """Take every key out of the file that wraps nobody's key and is not the active one."""
    path = key_file()
    with in_line(), alone_in(path):
        ring = KeyRing.open(path)
        kept = {ring.active, *(one.split(":", 2)[1] for one in _wrapped_keys())}
        gone = tuple(sorted(ring.keys.keys() - kept))
        keys = {name: key for name, key in ring.keys.items() if name in kept}
        write_ring(path, replace(ring, keys=keys, created={name: ring.created[name] for name in keys}))
    return gone


# -- what the acts share


@contextmanager
def _reading(person: Person, subject: str, county: str, now: datetime, reason: str) -> Iterator[Act]:
    """An act that is recorded although it writes nothing; what fails inside was no reading."""
    told = {"reason": given_reason(reason)[:400]}
    with act(
        "read_household", actor=person.actor, subject=subject, now=now, county=county, detail=told
    ) as doing:
        doing.keep = True
        yield doing


def _household(unit_id: int) -> Household:
    row = Household.objects.filter(unit=unit_id).first()
    if row is None:
        raise TransitionError(
            "No holder of this unit is named.",
            hint="Import a ledger that names one.",
            zh="该户没有登记权利人，请导入写明权利人的台账。",
            code="E-NO-HOUSEHOLD",
        )
    return row


def _overwrite() -> None:
    """Let the database forget also on the disk what was taken away, as far as it can be told to."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute("VACUUM ledger_household")
