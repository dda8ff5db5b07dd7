"""The people of a unit in imports: the same again, changed, undone, and with whose keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from taizhang.errors import InputError, TaizhangError
from taizhang.exchange.intake import read_intake
from taizhang.ledger.models import (
    Household,
    JournalEntry,
    Unit,
)
from taizhang.office.household_seals import HouseholdDraft, doubt, open_ring, texts_of
from taizhang.office.households import (
    find_household,
    read_household,
    rotate_keys,
)
from taizhang.office.identity_numbers import masked_identity
from taizhang.office.key_ring import KeyRing
from taizhang.office.undoing import undo_import
from taizhang.verify import verify
from tests.office.builders import NOON, draft

from .told import HOUR, LI, REASON, WANG, household, signed_in, someone, taken_in, unit, with_people


def with_people_elsewhere():
    """An estate of another county."""
    told = draft("邮电局家属楼", "茌平区", "振兴街道", 1)
    return replace(told, households={f"{told.place}›1›101": WANG})


def test_the_same_ledger_again_changes_nothing(office):
    entries = JournalEntry.objects.count()
    again = taken_in(with_people(u101=WANG, u102=LI), now=NOON + HOUR)

    assert again.batch == 0
    assert again.households == {"new": 0, "changed": 0, "same": 2}
    assert JournalEntry.objects.count() == entries
    # A ledger without telephones does not take them away.
    assert taken_in(with_people(u101=replace(WANG, phone="")), now=NOON + HOUR).batch == 0


def test_a_changed_ledger_changes_what_it_says_and_an_undo_puts_it_back(office):
    before = household()
    told = taken_in(
        with_people(u101=replace(WANG, holder="", phone="13900000000"), u103=WANG), now=NOON + HOUR
    )
    assert told.households == {"new": 1, "changed": 1, "same": 0}
    ring = open_ring()
    assert texts_of(ring, household()) == replace(WANG, phone="13900000000")
    assert bytes(household().subject_key) == bytes(before.subject_key)
    rotate_keys(actor="test", now=NOON + HOUR)  # the keys of people turn in between

    undo_import(told.batch, actor="test", now=NOON + 2 * HOUR)

    assert texts_of(open_ring(), household()) == WANG
    assert Household.objects.count() == 2
    assert find_household(someone("高秀岚"), WANG.id_number, NOON, REASON) == [unit().pk]
    assert taken_in(with_people(u101=WANG, u102=LI), now=NOON + 3 * HOUR).batch == 0
    assert verify(office).findings == ()


def test_an_undo_takes_away_the_households_it_brought(ledger, keys):
    told = taken_in(with_people(u101=WANG))
    undo_import(told.batch, actor="test", now=NOON + HOUR)

    assert not Household.objects.exists()
    assert not Unit.objects.exists()
    assert verify(ledger).findings == ()


def test_the_first_household_makes_the_key_file_and_no_later_one_does(ledger, tmp_path):
    path = tmp_path / "data" / "keys.json"
    taken_in(with_people(u101=WANG))
    assert texts_of(KeyRing.open(path), household()) == WANG
    path.unlink()

    for told in (with_people(u101=WANG, u102=LI), with_people_elsewhere()):
        with pytest.raises(InputError, match="E-SEAL-MISSING"):
            taken_in(told)
    assert not path.exists()
    assert Household.objects.count() == 1


def test_a_key_file_of_another_ledger_is_refused_before_anything_is_written(office, keys):
    keys.unlink()
    KeyRing.create(keys, NOON)
    entries = JournalEntry.objects.count()

    for doing in (
        lambda: taken_in(with_people(u101=LI), now=NOON + HOUR),
        lambda: taken_in(with_people_elsewhere(), now=NOON + HOUR),
        lambda: read_household(someone("高秀岚"), unit().pk, NOON, REASON),
        lambda: rotate_keys(actor="test", now=NOON + HOUR),
    ):
        with pytest.raises(TaizhangError) as refused:
            doing()
        assert refused.value.code == "E-SEAL-KEY"
        assert "密钥文件" in refused.value.say("zh")
    assert JournalEntry.objects.count() == entries
    assert len(KeyRing.open(keys).keys) == 1
    page = signed_in("gao").get(f"/units/{unit().pk}")
    assert page.status_code == 200
    assert "E-SEAL-KEY" in page.content.decode()


def test_a_ledger_file_brings_its_holders_and_a_wrong_number_is_a_complaint(ledger, keys, pack, tmp_path):
    path = tmp_path / "台账.csv"
    path.write_text(
        "县市区,小区名称,楼号,房号,户主,身份证号,联系电话\n"
        f"东昌府区,针织厂家属院,1,101,{WANG.holder},{WANG.id_number},{WANG.phone}\n"
        f"东昌府区,针织厂家属院,1,102,{LI.holder},{LI.id_number},{LI.phone}\n"
        "东昌府区,针织厂家属院,1,103,,,\n"
        "东昌府区,针织厂家属院,1,104,JOHN SMITH,E12345678,\n",
        encoding="utf-8",
    )

    told = read_intake([path], pack)

    (one,) = told.drafts
    names = {place.rsplit("›", 1)[1]: people for place, people in one.households.items()}
    assert names == {"101": WANG, "102": LI, "104": HouseholdDraft("JOHN SMITH", "E12345678")}
    (wrong,) = (complaint for complaint in told.told if complaint.code == "C-ID-NUMBER")
    assert (wrong.cell, wrong.read) == ("F3", masked_identity(LI.id_number))
    assert "校验码" in wrong.zh
    assert LI.id_number not in wrong.zh + wrong.message
    assert told.complaints == len(told.told)
    taken_in(*told.drafts)
    assert texts_of(open_ring(), household("102")) == LI
    assert doubt("91350100M000100Y43") is None  # a company holds it


def test_a_complaint_of_the_reader_quotes_nobody_either(pack, tmp_path):
    path = tmp_path / "台账.csv"
    path.write_text(
        "县市区,小区名称,楼号,房号,户主,身份证号\n东昌府区,针织厂家属院,1,101,王小明,3.715021898092940E+17\n",
        encoding="utf-8",
    )

    (rounded,) = read_intake([path], pack).told

    assert (rounded.code, rounded.cell) == ("C-NUMBER-PRECISION", "F2")
    assert "18980929" not in rounded.read + rounded.zh + rounded.message
