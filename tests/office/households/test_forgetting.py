"""Keys are turned, a household is forgotten, and a new holder comes after it."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import zlib
from dataclasses import replace

import psycopg
import pytest
from click.testing import CliRunner
from django.db import connection

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import (
    Household,
    JournalEntry,
    JournalPart,
)
from taizhang.office.household_seals import HouseholdDraft, open_ring, texts_of
from taizhang.office.households import (
    admit_new_holder,
    erase_household,
    find_household,
    read_household,
    rotate_keys,
)
from taizhang.office.key_ring import KeyRing
from taizhang.office.sealing import blind_index
from taizhang.office.undoing import what_happened_since
from taizhang.verify import verify
from tests.office.builders import NOON

from .told import HOUR, LI, REASON, WANG, found_in, household, signed_in, someone, taken_in, unit, with_people


def test_keys_turn_and_no_sealed_text_changes(office, keys):
    before = {one.pk: one for one in Household.objects.all()}
    old = KeyRing.open(keys)
    shutil.copy(keys, keys.with_name("copy.json"))

    told = rotate_keys(actor="test", now=NOON + HOUR)

    assert (told.people, told.dropped) == (2, ())
    ring = KeyRing.open(keys)
    assert ring.active == told.key != old.active
    assert old.active in ring.keys  # for the backups of before
    for row in Household.objects.all():
        was = before[row.pk]
        assert row.phone_sealed == was.phone_sealed
        assert row.holder_sealed == was.holder_sealed
        assert bytes(row.subject_key) != bytes(was.subject_key)
        assert bytes(row.subject_key).decode().startswith(f"w1:{ring.active}:")
    only = replace(ring, keys={ring.active: ring.keys[ring.active]})
    assert texts_of(only, household()) == WANG
    entry = JournalEntry.objects.latest("id")
    assert (entry.act, json.loads(entry.detail)) == ("rotate_keys", {"key": told.key, "people": 2})
    assert what_happened_since(1)  # and yet it is no act of a person on them:
    assert {one.act for one in what_happened_since(1)} <= {"rotate_keys", "propose_plans"}
    assert verify(office).findings == ()


def test_the_keys_before_are_dropped_when_asked_to_and_all_is_still_read(office, keys):
    first = KeyRing.open(keys).active
    second = rotate_keys(actor="test", now=NOON + HOUR).key
    third = rotate_keys(actor="test", now=NOON + 2 * HOUR, drop=True)

    assert set(third.dropped) == {first, second}
    assert set(KeyRing.open(keys).keys) == {third.key}
    assert read_household(someone("高秀岚"), unit().pk, NOON, REASON) == WANG
    assert taken_in(with_people(u101=WANG, u102=LI), now=NOON + 3 * HOUR).batch == 0
    assert verify(office).findings == ()


def test_an_erased_household_cannot_be_read_again_and_verify_still_holds(office, keys):
    row, sealed = household(), household().holder_sealed
    gone = [bytes(row.subject_key), bytes(row.id_number_index), bytes(row.told)]
    assert len(found_in(office, *gone)) == 3
    gao = someone("高秀岚")
    key = unit().pk
    with pytest.raises(InputError, match="E-REASON"):
        erase_household(key, reason=" ", actor="test", now=NOON)

    erase_household(key, reason="本人申请", actor="test", now=NOON)

    with pytest.raises(TransitionError, match="E-SEAL-ERASED"):
        read_household(gao, key, NOON, REASON)
    assert find_household(gao, WANG.id_number, NOON, REASON) == []
    assert "已删除" in signed_in("gao").get(f"/units/{key}").content.decode()
    assert found_in(office, *gone) == []  # nor in what the database has not overwritten yet
    assert household().holder_sealed == sealed  # the ciphertext that the journal tells of
    with pytest.raises(TransitionError, match="E-ERASED"):
        erase_household(key, reason="再次", actor="test", now=NOON)
    # The same ledger does not bring back who was forgotten, and keys turn without them.
    assert taken_in(with_people(u101=WANG, u102=LI), now=NOON + HOUR).batch == 0
    assert rotate_keys(actor="test", now=NOON + HOUR).people == 1
    assert verify(office).findings == ()
    entry = JournalEntry.objects.get(act="erase_household")
    assert (entry.subject, json.loads(entry.detail)) == (f"unit:{key}", {"reason": "本人申请"})


def test_a_unit_whose_household_was_erased_has_a_new_holder_once_somebody_says_so(office, keys):
    """The flat was sold: the next ledger brings who bought it, and who was forgotten stays forgotten."""
    key, wu = unit().pk, HouseholdDraft("吴敏", "11010519491231002X", "13900001111")
    with pytest.raises(TransitionError, match="E-NOT-ERASED"):
        admit_new_holder(key, reason="房屋已转让", actor="test", now=NOON)
    erase_household(key, reason="本人申请", actor="test", now=NOON)
    assert taken_in(with_people(u101=wu, u102=LI), now=NOON + HOUR).batch == 0
    with pytest.raises(InputError, match="E-REASON"):
        admit_new_holder(key, reason=" ", actor="test", now=NOON)

    admit_new_holder(key, reason="房屋已转让", actor="test", now=NOON)

    assert "没有写明权利人" in signed_in("gao").get(f"/units/{key}").content.decode()
    assert taken_in(with_people(u101=wu, u102=LI), now=NOON + HOUR).households["new"] == 1
    assert read_household(someone("高秀岚"), key, NOON, REASON) == wu
    assert find_household(someone("高秀岚"), WANG.id_number, NOON, REASON) == []
    assert verify(office).findings == ()
    entry = JournalEntry.objects.get(act="admit_new_holder")
    assert (entry.subject, json.loads(entry.detail)) == (f"unit:{key}", {"reason": "房屋已转让"})


def test_a_household_that_was_changed_behind_the_office_is_found_by_verify(office):
    key = household().pk
    connection.close()
    with psycopg.connect(office) if "://" in office else sqlite3.connect(office) as other:
        other.execute(f"UPDATE ledger_household SET subject_key = told WHERE id = {key}")

    assert [one.where for one in verify(office).findings] == [f"ledger_household:{key}"]


def test_a_number_cannot_be_guessed_from_the_journal_even_with_the_keys(office):
    told = blind_index(open_ring(), WANG.id_number, "identity")
    told_of = {hashlib.sha256(one).hexdigest() for one in (bytes.fromhex(told), told.encode())}
    lines = b"".join(zlib.decompress(bytes(part.images)) for part in JournalPart.objects.all()).decode()

    assert bytes(household().id_number_index).startswith(bytes.fromhex(told))
    assert lines.count('"id_number_index":"sha256:') >= 2
    assert not [one for one in (told, *told_of) if one in lines]


def test_the_commands_turn_keys_and_forget(office, keys):
    from taizhang.cli.office.personal import household as household_command
    from taizhang.cli.office.personal import keys as keys_command

    done = CliRunner().invoke(keys_command, ["rotate", "--drop"], catch_exceptions=False)
    assert (done.exit_code, len(KeyRing.open(keys).keys)) == (0, 1)
    erase = ["erase", str(unit().pk), "--reason", "本人申请"]
    assert CliRunner().invoke(household_command, erase, catch_exceptions=False).exit_code == 0
    assert not household().subject_key
    again = ["new-holder", str(unit().pk), "--reason", "房屋已转让"]
    assert CliRunner().invoke(household_command, again, catch_exceptions=False).exit_code == 0
    assert not Household.objects.filter(unit=unit()).exists()
    with pytest.raises(TransitionError, match="E-NO-HOUSEHOLD"):
        CliRunner().invoke(household_command, ["erase", "999999", "--reason", "x"], catch_exceptions=False)
