"""The people of a unit: sealed at rest, masked on pages, read with a reason that is kept, and forgotten.

Wang Xiaoming holds 101 of the knitting mill's estate, and Li Hong 102, whose number has a wrong digit.  Gao
Xiulan is the officer of the street, Wang Jianguo leads the task force, Chen Jing analyses.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client

from taizhang.errors import AccessError, InputError, TaizhangError, TransitionError
from taizhang.exchange.intake import read_intake
from taizhang.ledger.models import (
    Account,
    Estate,
    Household,
    JournalEntry,
    JournalPart,
    Official,
    Organisation,
    Unit,
)
from taizhang.office.access import person_of
from taizhang.office.accounts import open_account
from taizhang.office.household_seals import HouseholdDraft, doubt, open_ring, texts_of
from taizhang.office.households import (
    admit_new_holder,
    erase_household,
    find_household,
    read_household,
    rotate_keys,
)
from taizhang.office.identity_numbers import masked_identity, masked_name, masked_phone
from taizhang.office.installation import Law, remember_law
from taizhang.office.key_ring import KeyRing
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import propose_plans
from taizhang.office.register import register
from taizhang.office.sealing import blind_index
from taizhang.office.undoing import undo_import, what_happened_since
from taizhang.verify import verify

from .builders import DAY, NOON, OVERLAYS, draft, law

HOUR = timedelta(hours=1)
PASSWORD = "a-small-office-2024"
WANG = HouseholdDraft("王小明", "371502189809294004", "13812345678")
LI = HouseholdDraft("李红", "110105194912310021", "0635-8123456")  # the check digit would be X
REASON = "核对登记申请"


@pytest.fixture(scope="module")
def pack():
    return law()


def with_people(units=3, **people):
    """The knitting mill's estate; ``u101=WANG``."""
    told = draft(units=units)
    building = f"{told.place}›1"
    return replace(told, households={f"{building}›{name[1:]}": one for name, one in people.items()})


def with_people_elsewhere():
    """An estate of another county."""
    told = draft("邮电局家属楼", "茌平区", "振兴街道", 1)
    return replace(told, households={f"{told.place}›1›101": WANG})


def taken_in(*drafts, now=NOON):
    return register(
        drafts,
        programme="title-certificates",
        file_name="台账.xlsx",
        sha256="0" * 64,
        actor="test",
        now=now,
    )


@pytest.fixture
def keys(tmp_path) -> Path:
    """The key file, as ``taizhang init`` makes it; the ledger's folder is there first."""
    path = tmp_path / "data" / "keys.json"
    KeyRing.create(path, NOON)
    return path


@pytest.fixture
def office(ledger, keys, pack):
    """An estate with two households, planned, with offices, people and accounts; its ledger's address."""
    remember_law(Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat()))
    taken_in(with_people(u101=WANG, u102=LI))
    suppliers = {name: one.zh for name, one in pack.suppliers.items()}
    establish_offices(suppliers, city="市专班", actor="test", now=NOON)
    propose_plans(pack, [Estate.objects.get()], actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    for name, role, account in (("王建国", "leader", "wang"), ("陈静", "analyst", "chen")):
        open_account(
            grant_role(name, role, city, actor="test", now=NOON), account, PASSWORD, actor="t", now=NOON
        )
    open_account(Official.objects.get(name="高秀岚"), "gao", PASSWORD, actor="test", now=NOON)
    return ledger


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


def readings():
    entries = JournalEntry.objects.filter(act="read_household").order_by("id")
    return [(one.actor, one.subject, json.loads(one.detail)) for one in entries]


# -- at rest


def test_nothing_of_a_person_can_be_read_in_the_database(office):
    texts = [*vars_of(WANG), *vars_of(LI)]

    assert Household.objects.count() == 2
    assert found_in(office, *texts) == []
    assert found_in(office, "针织厂家属院") == ["针织厂家属院"]  # what is not sealed is found
    assert verify(office).findings == ()


def vars_of(draft_):
    return draft_.holder, draft_.id_number, draft_.phone


def test_who_has_the_keys_reads_what_was_written(office):
    ring = open_ring()

    assert texts_of(ring, household("101")) == WANG
    assert texts_of(ring, household("102")) == LI
    assert WANG.holder not in repr(WANG)


def test_a_text_that_was_moved_to_another_household_is_noticed(office):
    one, other = household("101"), household("102")
    other.phone_sealed = one.phone_sealed

    with pytest.raises(TaizhangError, match="E-SEAL-SUBJECT"):
        texts_of(open_ring(), other)


def test_the_row_of_an_estate_keeps_no_telephone(ledger, keys):
    told = with_people(u101=WANG)
    taken_in(replace(told, identity={**told.identity, "phone": LI.phone, "id_number": LI.id_number}))

    assert found_in(ledger, LI.phone, LI.id_number) == []


# -- on pages


def test_a_page_shows_a_household_masked(office):
    page = signed_in("gao").get(f"/units/{unit().pk}").content.decode()

    for text, mask in zip(vars_of(WANG), (masked_name, masked_identity, masked_phone), strict=True):
        assert mask(text) in page
        assert text not in page
    assert "号码有误" not in page
    assert "号码有误" in signed_in("gao").get(f"/units/{unit('102').pk}").content.decode()
    assert "没有写明权利人" in signed_in("gao").get(f"/units/{unit('103').pk}").content.decode()
    assert readings() == []


def test_a_page_tells_what_a_unit_lacks_and_owes(office):
    told = unit()
    page = signed_in("gao").get(f"/units/{told.pk}").content.decode()
    sheet = page.split("<main", 1)[1]

    assert "针织厂家属院" in sheet
    assert "缺少：" in sheet  # the fees are not known, and why is said
    section = sheet.split('id="h-own"')[1]
    assert section.count("<li>") == told.papers
    assert f'href="/units/{told.pk}"' in signed_in("gao").get("/units").content.decode()


def test_a_household_is_shown_in_full_once_and_the_reading_is_kept(office):
    gao, address = signed_in("gao"), f"/units/{unit().pk}"
    answer = gao.post(address, {"reason": REASON})
    page = answer.content.decode()

    assert all(text in page for text in vars_of(WANG))
    assert answer["Cache-Control"] == "no-store"
    who = Official.objects.get(name="高秀岚")
    assert readings() == [(f"{who.pk} 高秀岚", f"unit:{unit().pk}", {"reason": REASON})]
    assert JournalEntry.objects.get(act="read_household").at.date() == DAY
    assert WANG.id_number not in gao.get(address).content.decode()
    assert found_in(office, *vars_of(WANG)) == []
    assert verify(office).findings == ()


def test_without_a_reason_nothing_is_shown(office):
    answer = signed_in("gao").post(f"/units/{unit().pk}", {"reason": "  "})

    assert answer.status_code == 422
    assert "E-REASON" in answer.content.decode()
    assert WANG.id_number not in answer.content.decode()
    assert readings() == []


def test_only_officers_and_leaders_of_the_place_read_in_full(office, pack):
    city = Organisation.objects.get(kind="city")
    post = draft("邮电局家属楼", "茌平区", "振兴街道", 2)
    taken_in(replace(post, identity={**post.identity, "responsible_official": "周民"}), now=NOON)
    establish_offices({}, city="市专班", actor="test", now=NOON)
    other = Organisation.objects.get(kind="county", county="茌平区")
    grant_role("赵平", "leader", other, actor="test", now=NOON)
    for name, role in (("钱一", "importer"), ("孙二", "auditor"), ("李三", "case_officer")):
        grant_role(name, role, city, actor="test", now=NOON)

    for name in ("高秀岚", "王建国"):
        assert read_household(someone(name), unit().pk, NOON, REASON) == WANG
    for name in ("陈静", "钱一", "孙二", "李三"):
        with pytest.raises(AccessError, match="E-ACCESS"):
            read_household(someone(name), unit().pk, NOON, REASON)
    with pytest.raises(AccessError, match="E-NOT-SEEN"):
        read_household(someone("赵平"), unit().pk, NOON, REASON)
    assert len(readings()) == 2

    chen = signed_in("chen")
    assert "查看完整信息" not in chen.get(f"/units/{unit().pk}").content.decode()
    assert chen.post(f"/units/{unit().pk}", {"reason": REASON}).status_code == 403


def test_a_number_is_found_by_who_may_read_it_and_the_search_is_kept(office):
    gao = someone("高秀岚")

    assert find_household(gao, "３７１５０２ 18980929 4004", NOON, REASON) == [unit().pk]
    assert find_household(gao, LI.id_number, NOON, REASON) == [unit("102").pk]
    assert find_household(gao, "11010519491231002X", NOON, REASON) == []
    with pytest.raises(AccessError, match="E-ACCESS"):
        find_household(someone("陈静"), WANG.id_number, NOON, REASON)
    with pytest.raises(InputError, match="E-NUMBER"):
        find_household(gao, " ", NOON, REASON)
    page = signed_in("gao").post("/units/holder", {"number": LI.id_number, "reason": REASON}).content.decode()
    assert f'href="/units/{unit("102").pk}"' in page
    assert LI.id_number not in page
    assert 'action="/units/holder"' in signed_in("gao").get("/units").content.decode()
    assert "/units/holder" not in signed_in("chen").get("/units").content.decode()
    assert [detail["units"] for _, _, detail in readings()] == [
        [unit().pk],
        [unit("102").pk],
        [],
        [unit("102").pk],
    ]
    assert found_in(office, WANG.id_number, LI.id_number) == []


def test_a_search_ends_at_the_street(office):
    post = draft("邮电局家属楼", street="古楼街道", units=1)
    other = {f"{post.place}›1›101": WANG}
    taken_in(
        replace(post, identity={**post.identity, "responsible_official": "周民"}, households=other), now=NOON
    )

    assert find_household(someone("高秀岚"), WANG.id_number, NOON, REASON) == [unit().pk]
    assert len(find_household(someone("王建国"), WANG.id_number, NOON, REASON)) == 2


# -- imports


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


# -- keys


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


# -- forgetting


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


# -- commands


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
