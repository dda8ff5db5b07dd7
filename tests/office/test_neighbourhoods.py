"""A neighbourhood is the smallest office: its people see their estates and their tasks, and no others'."""

from __future__ import annotations

from dataclasses import replace

import pytest

from taizhang.errors import AccessError
from taizhang.ledger.models import Building, Estate, Official, Organisation, Task, Unit
from taizhang.office.access import may, may_in, person_of, require_places, visible, would_see
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import adopt_plan, propose_plans
from taizhang.office.register import register

from .builders import DAY, NOON, draft, law

SUPPLIERS = {"surveyor": "测绘单位"}


def of(name: str, neighbourhood: str):
    made = draft(name, units=2)
    return replace(made, identity={**made.identity, "neighbourhood": neighbourhood})


@pytest.fixture
def street(ledger):
    """Two estates of one street in two neighbourhoods, both with an adopted plan."""
    register(
        [of("甲字院", "前进社区"), of("乙字院", "光明社区")],
        programme="title-certificates",
        file_name="台账.xlsx",
        sha256="0" * 64,
        actor="test",
        now=NOON,
    )
    establish_offices(SUPPLIERS, city="市专班", actor="test", now=NOON)
    leader = grant_role("王建国", "leader", Organisation.objects.get(kind="city"), actor="test", now=NOON)
    estates = list(Estate.objects.order_by("id"))
    propose_plans(law(), estates, actor="test", now=NOON)
    for one in estates:
        adopt_plan(law(), one.pk, by=leader, now=NOON, start_on=DAY)


@pytest.fixture
def ma(street) -> Official:
    return grant_role("马社区", "officer", Organisation.objects.get(name="前进社区"), actor="test", now=NOON)


def test_every_neighbourhood_of_the_ledger_is_an_office_below_its_street(street):
    found = Organisation.objects.filter(kind="neighbourhood").order_by("name")
    assert [(one.name, one.parent.kind, one.street) for one in found] == [
        ("光明社区", "street", "柳园街道"),
        ("前进社区", "street", "柳园街道"),
    ]


def test_its_people_see_its_estates_alone(ma):
    person = person_of(ma, DAY)
    assert [one.name for one in visible(person, Estate.objects.all())] == ["甲字院"]
    for model in (Building, Unit, Task):
        rows = visible(person, model.objects.all())
        assert {one.estate.name for one in rows} == {"甲字院"}
    own, other = Task.objects.filter(estate__name="甲字院")[0], Task.objects.filter(estate__name="乙字院")[0]
    assert may(person, "acknowledge_task", own)
    assert not may(person, "acknowledge_task", other)
    assert would_see(ma, own, DAY)
    assert not would_see(ma, other, DAY)


def test_nothing_that_concerns_the_street_is_done_by_a_neighbourhood(street):
    """An importer of a neighbourhood imports nothing: a ledger tells streets, and none smaller is asked."""
    office = Organisation.objects.get(name="前进社区")
    person = person_of(grant_role("马社区", "importer", office, actor="test", now=NOON), DAY)
    assert not may_in(person, "import_ledger", [("东昌府区", "柳园街道")])
    with pytest.raises(AccessError):
        require_places(person, "import_ledger", {("东昌府区", "柳园街道")})
