"""An open question answered in the office: who found it out and how, and what the plan makes of it.

Wang Jianguo leads the city's task force, Gao Xiulan works in the sub-district office, Bai Jie audits.
Every journey runs on both databases.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from taizhang.errors import AccessError, InputError, TransitionError
from taizhang.exchange.otherwise import otherwise_told
from taizhang.ledger.models import (
    Building,
    Estate,
    FactValue,
    JournalEntry,
    Official,
    Organisation,
    PlanProposal,
    Unit,
)
from taizhang.office.accounts import open_account
from taizhang.office.answers import fact_value, record_fact
from taizhang.office.installation import remember_law
from taizhang.office.organisations import grant_role
from taizhang.office.planning import refresh_plan
from taizhang.office.planrecord import unpack_plan
from taizhang.office.register import Otherwise, register
from taizhang.rules.terms import Fact, Label, Place
from taizhang.verify import verify

from .builders import NOON, draft, law
from .results import LAW, furnished, someone

BASIS = "国家企业信用信息公示系统查询"


@pytest.fixture
def office(ledger):
    """An estate of whose developer nothing is known; the address of its ledger."""
    furnished(of_two_buildings())
    city = Organisation.objects.get(kind="city")
    for name, role in {"高秀兰": "officer", "白洁": "auditor"}.items():
        grant_role(name, role, city, actor="test", now=NOON)
    return ledger


def of_two_buildings():
    made = draft()
    second = f"{made.place}›2"
    places = dict(made.dossier.places) | {
        second: Place("building", second, made.place, "2"),
        f"{second}›201": Place("unit", f"{second}›201", second, "201"),
    }
    return replace(made, dossier=replace(made.dossier, places=places))


def found(
    name: str, value: str | None, by: str = "王建国", basis: str = BASIS, places=None
) -> list[FactValue]:
    estate = Estate.objects.get()
    return record_fact(someone(by), law(), estate.pk, name, value, basis, NOON, places)


def planned() -> dict[str, object]:
    refresh_plan(law(), Estate.objects.get().pk, actor="test", now=NOON)
    return dict(unpack_plan(PlanProposal.objects.get().content))


def imported(made, *, dry_run: bool = False):
    how = {"programme": "title-certificates", "file_name": "旧台账.xlsx", "sha256": "1" * 64}
    return register([made], actor="test", now=NOON, dry_run=dry_run, **how)


def asked() -> set[str]:
    return {str(one[0]) for one in planned()["questions"]}


def test_an_answer_changes_the_plan_and_says_who_found_it_out_and_how(office):
    assert "developer_status" in asked()

    (made,) = found("developer_status", "deregistered", by="高秀兰")

    estate = Estate.objects.get()
    assert estate.status is None, "the plan of before is not the plan of now"
    assert json.loads(estate.facts)["developer_status"] == "deregistered"
    assert (made.recorded_by.name, made.basis, json.loads(made.before)) == ("高秀兰", BASIS, None)
    told = planned()
    assert "developer_status" not in {one[0] for one in told["questions"]}
    assert {item["item"] for item in told["gaps"]} >= {"developer_extinct_proof"}
    entry = JournalEntry.objects.get(act="record_fact")
    assert entry.actor.endswith("高秀兰")
    assert json.loads(entry.detail) == {"fact": "developer_status", "places": 1}
    assert not verify(office).findings


def test_a_wrong_answer_is_corrected_and_both_stay_to_be_seen(office):
    found("developer_status", "deregistered")
    found("developer_status", None)  # not known after all

    assert "developer_status" not in json.loads(Estate.objects.get().facts)
    assert "developer_status" in asked()
    told = [(json.loads(one.before), json.loads(one.value)) for one in FactValue.objects.order_by("id")]
    assert told == [(None, "deregistered"), ("deregistered", None)]
    assert not verify(office).findings


def test_what_is_found_out_today_does_not_lapse_with_what_was_known_before(office):
    made = of_two_buildings()
    facts = {**made.dossier.facts, ("developer_status", made.place): "active"}
    until = {("developer_status", made.place): date(2024, 1, 1)}
    imported(replace(made, dossier=replace(made.dossier, facts=facts, valid_until=until)))
    assert "developer_status" in asked(), "the day has passed: it is unknown again"

    found("developer_status", "deregistered")

    assert "developer_status" not in asked()


def test_an_older_ledger_does_not_take_an_answer_back(office):
    found("developer_status", "deregistered")
    made = of_two_buildings()
    other = {("developer_status", made.place): "active"}
    older = replace(made, dossier=replace(made.dossier, facts={**made.dossier.facts, **other}))

    looked = imported(older, dry_run=True)
    assert looked.answers == (Otherwise(made.place, "developer_status", "active", "deregistered"),)
    assert otherwise_told(law(), looked.answers[0]).zh.endswith("台账记为正常经营，已查明为已注销")
    told = imported(older)

    assert told.batch == 0, "nothing else is new"
    assert json.loads(Estate.objects.get().facts)["developer_status"] == "deregistered"
    assert imported(made).answers == (), "a ledger that says nothing of it contradicts nothing"

    found("developer_status", None)
    assert imported(older).answers == ()
    assert json.loads(Estate.objects.get().facts)["developer_status"] == "active", (
        "nobody has found otherwise"
    )
    assert not verify(office).findings


def test_a_ledger_that_writes_the_number_otherwise_does_not_contradict(office):
    unit = Unit.objects.order_by("id")[0]
    found("area_m2", "89.5", places=[("unit", unit.pk)])
    made = of_two_buildings()
    facts = {**made.dossier.facts, ("area_m2", unit.place): Decimal("89.50")}

    assert imported(replace(made, dossier=replace(made.dossier, facts=facts))).answers == ()


def test_buildings_and_units_are_answered_together_or_one_by_one(office):
    unit = Unit.objects.order_by("id")[0]
    (one,) = found("area_m2", "89.50", places=[("unit", unit.pk)])
    unit.refresh_from_db()
    assert one.place == unit.place
    assert json.loads(unit.facts)["area_m2"] == {"decimal": "89.5"}
    with pytest.raises(TransitionError, match="E-FACT-SAME"):
        found("area_m2", "89.500", places=[("unit", unit.pk)])  # the same number
    first, second = Building.objects.order_by("id")
    assert [one.place for one in found("construction_permit", "是")] == [first.place, second.place]
    with pytest.raises(TransitionError, match="E-FACT-SAME"):
        found("construction_permit", "否")  # none is left that is not known
    (one,) = found("construction_permit", "否", places=[("building", second.pk)])
    assert (one.place, json.loads(one.before), json.loads(one.value)) == (second.place, True, False)
    for name, value, places in (
        ("area_m2", "70", None),  # of which unit
        ("area_m2", "70", [("unit", unit.pk), ("unit", 999)]),
        ("area_m2", "70", [("building", unit.pk)]),  # buildings and units are numbered each for themselves
        ("construction_permit", "是", [("unit", first.pk)]),
        ("legacy_case", "是", [("building", first.pk)]),
    ):
        with pytest.raises(InputError, match="E-FACT-PLACE"):
            found(name, value, places=places)
    assert not verify(office).findings


@pytest.mark.parametrize(
    ("name", "value", "basis", "code"),
    [
        ("no_such_fact", "1", BASIS, "E-FACT"),
        ("developer_status", "大概还在", BASIS, "E-FACT-VALUE"),
        ("developer_status", "deregistered", "  ", "E-FACT-BASIS"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_nothing_is_written(office, name, value, basis, code):
    before = JournalEntry.objects.count()
    with pytest.raises(InputError, match=code):
        found(name, value, basis=basis)
    with pytest.raises(AccessError, match="E-ACCESS"):
        found("developer_status", "deregistered", by="白洁")
    assert (JournalEntry.objects.count(), FactValue.objects.count()) == (before, 0)


def test_it_is_done_on_the_page_and_shown_there(office, tmp_path, monkeypatch):
    monkeypatch.setenv("TAIZHANG_DATA", str(tmp_path))
    remember_law(LAW)
    client = Client(SERVER_NAME="localhost")
    client.force_login(
        open_account(
            Official.objects.get(name="高秀兰"), "gao", "a-long-password-2024", actor="test", now=NOON
        )
    )
    key, unit = Estate.objects.get().pk, Unit.objects.order_by("id")[0].pk
    page = client.get(f"/estates/{key}").content.decode()
    assert f'action="/estates/{key}/find-out"' in page
    assert 'value="deregistered"' in page, "what can be answered stands in the form"

    form = {"fact": "developer_status", "value": "deregistered", "basis": BASIS}
    assert client.post(f"/estates/{key}/find-out", form).status_code == 302
    page = client.get(f"/estates/{key}").content.decode()
    assert BASIS in page
    assert "高秀兰" in page
    for value in ("maybe", ""):  # nothing is erased by a form that is sent as it is
        refused = client.post(f"/estates/{key}/find-out", {**form, "value": value})
        assert refused.status_code == 422
        assert "E-FACT-VALUE" in refused.content.decode()
    assert '<option value="deregistered" selected>' in page, "what is known is chosen already"
    building = Building.objects.order_by("id")[1].pk
    of_one = {"fact": "construction_permit", "value": "true", "basis": "许可证", "place": building}
    assert client.post(f"/estates/{key}/find-out", of_one).status_code == 302
    page = client.get(f"/estates/{key}").content.decode()
    assert f'name="place" value="{building}"' in page, "a building that is known can be corrected"
    assert client.post(f"/estates/{key}/find-out", {**of_one, "value": "false"}).status_code == 302
    assert client.post(f"/estates/{key}/find-out", of_one | {"place": "x"}).status_code == 422
    wrong = client.post(f"/estates/{key}/find-out", {**form, "value": "", "unknown": "1", "basis": "误登\0"})
    assert wrong.status_code == 302
    assert client.post(f"/estates/{key}/find-out", form).status_code == 302

    assert (
        client.post(
            f"/units/{unit}/find-out", {"fact": "area_m2", "value": "89.5", "basis": "实测所得0417"}
        ).status_code
        == 302
    )
    page = client.get(f"/units/{unit}").content.decode()
    assert "实测所得0417" in page
    assert "89.5" in page
    auditor = Client(SERVER_NAME="localhost")
    auditor.force_login(
        open_account(Official.objects.get(name="白洁"), "bai", "a-long-password-2024", actor="test", now=NOON)
    )
    page = auditor.get(f"/estates/{key}").content.decode()
    assert BASIS in page
    assert "find-out" not in page
    assert "实测所得0417" not in page
    page = auditor.get(f"/units/{unit}").content.decode()
    assert "实测所得0417" not in page, "what is known of a home may be about its people"
    assert auditor.post(f"/estates/{key}/find-out", form).status_code == 403


# ------------------------------------------------------------------------------- reading answers


def a_fact(kind: str, low: str | None = None, high: str | None = None) -> Fact:
    values = {"old": Label("老", "old"), "new": Label("新", "new")} if kind == "enum" else {}
    name = Label("情况", "fact")
    limits = [None if one is None else Decimal(one) for one in (low, high)]
    return Fact("f", "unit", kind, name, name, "", values, *limits)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("bool", " 是 ", True),
        ("bool", "NO", False),
        ("enum", "老", "old"),
        ("enum", "new", "new"),
        ("decimal", "１，０８９.５０", Decimal("1089.50")),
        ("integer", "3.0", 3),
        ("money", "358,000.05", 35_800_005),
        ("date", "2003-05-01", date(2003, 5, 1)),
        ("text", "东区 3 号", "东区 3 号"),
    ],
)
def test_an_answer_is_read_as_officials_write_it(kind, text, value):
    assert fact_value(a_fact(kind), text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bool", "也许"),
        ("enum", "中"),
        ("decimal", "八十"),
        ("integer", "3.5"),
        ("money", "1.005"),
        ("date", "2003.5"),
        ("decimal", "NaN"),
        ("decimal", "1e30"),
        ("decimal", "89,5"),
        ("decimal", "  "),
    ],
)
def test_what_is_no_answer_is_refused_with_what_can_be_written(kind, text):
    with pytest.raises(InputError, match="E-FACT-VALUE"):
        fact_value(a_fact(kind), text)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=2))
def test_numbers_outside_of_their_limits_are_refused(number):
    fact = a_fact("decimal", "0", "500")
    if 0 <= number <= 500:
        assert fact_value(fact, str(number)) == number
    else:
        with pytest.raises(InputError, match="E-FACT-VALUE"):
            fact_value(fact, str(number))
