"""The people of a unit on pages: masked, in full once and with a reason that is kept, found by who may."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from taizhang.errors import AccessError, InputError
from taizhang.ledger.models import (
    JournalEntry,
    Official,
    Organisation,
)
from taizhang.office.households import (
    find_household,
    read_household,
)
from taizhang.office.identity_numbers import masked_identity, masked_name, masked_phone
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.register import CHINA
from taizhang.verify import verify
from tests.office.builders import DAY, NOON, draft

from .told import LI, REASON, WANG, found_in, signed_in, someone, taken_in, unit, vars_of


def readings():
    entries = JournalEntry.objects.filter(act="read_household").order_by("id")
    return [(one.actor, one.subject, json.loads(one.detail)) for one in entries]


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
    section = sheet.split('id="h-own"')[1].split('id="h-ask"')[0]  # its papers, and those above it
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
    assert JournalEntry.objects.get(act="read_household").at.astimezone(CHINA).date() == DAY
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
