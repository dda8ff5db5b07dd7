"""Meetings: an estate discussed, a decision that counts, one that adds ways, one that is repealed.

Wang Jianguo and Zhou Li lead the city's task force; Gao Xiulan works in the sub-district office.  Every
journey runs on both databases.
"""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from taizhang.errors import AccessError, InputError, PackError, TransitionError
from taizhang.ledger.models import (
    Building,
    Decision,
    Estate,
    Evidence,
    Official,
    Task,
)
from taizhang.office.accepted import accepted_papers
from taizhang.office.accounts import open_account
from taizhang.office.computing import plan_of
from taizhang.office.installation import remember_law
from taizhang.office.journal import act
from taizhang.office.meetings import (
    Matter,
    call_meeting,
    put_on_agenda,
    record_decision,
    record_minutes,
    repeal_decision,
)
from taizhang.office.papers import (
    complete_tasks,
    decision_papers,
    put_on_hand,
    recorded,
    withdraw_evidence,
)
from taizhang.office.planning import adopt_plan
from taizhang.office.register import register
from taizhang.verify import verify

from .builders import DAY, NOON, draft, law
from .results import LAW, MINUTES, TOMORROW, furnished, lacking, lost, someone


@pytest.fixture
def office(ledger):
    """An estate that lacks much; the address of its ledger."""
    furnished(lost())
    return ledger


def decided(item: str, *, document: str = "", taken: bool = True) -> Decision:
    """Called, put on the agenda by Wang, held, and recorded by Zhou."""
    wang, zhou, estate = someone("王建国"), someone("周立"), Estate.objects.get()
    meeting = call_meeting(wang, "", "遗留问题会商", DAY, NOON)
    matter = Matter("是否认定", item, document)
    found = put_on_agenda(wang, LAW, meeting.pk, estate.pk, matter, NOON)
    record_minutes(wang, meeting.pk, MINUTES, NOON)
    return record_decision(zhou, found.pk, NOON, taken=taken, text="同意" if taken else "缓议")


def test_a_decision_puts_its_paper_on_hand_and_completes_its_task(office):
    pack = law()
    item = sorted(lacking(pack) & decision_papers(pack))[0]
    wang = Official.objects.get(name="王建国")
    adopt_plan(pack, Estate.objects.get().pk, by=wang, now=NOON, start_on=DAY)
    task = Task.objects.get(item=item)

    found = decided(item)

    assert (found.state, found.decided_on, found.text) == ("taken", DAY, "同意")
    task.refresh_from_db()
    assert task.state == "complete"
    evidence = Evidence.objects.get(task=task)
    assert (evidence.number, evidence.accepted, evidence.issued_on) == (MINUTES, True, DAY)
    assert Estate.objects.get().status is None  # the plan is to be computed anew
    assert item not in lacking(pack)
    assert verify(office).findings == ()


def test_a_decision_that_was_repealed_leaves_the_paper_missing(office):
    pack = law()
    item = sorted(lacking(pack) & decision_papers(pack))[0]
    found = decided(item)
    assert item not in lacking(pack)

    with pytest.raises(InputError, match="reason"):
        repeal_decision(someone("王建国"), found.pk, NOON, " ")
    repeal_decision(someone("王建国"), found.pk, NOON, "上级纠正")

    assert item in lacking(pack)
    assert not Evidence.objects.filter(item=item, accepted=True).exists()
    with pytest.raises(TransitionError) as refused:
        repeal_decision(someone("王建国"), found.pk, NOON, "再次")
    assert refused.value.code == "E-DECISION-STATE"


def test_a_repeal_takes_away_what_the_decision_gave_and_nothing_else(office):
    """Two buildings need the paper: of one it was handed in before, to the other the meeting gave it."""
    first = Building.objects.get()
    other = Building.objects.create(
        id=99, county=first.county, place=f"{first.estate.place}›2", name="2", estate=first.estate
    )
    item, estate = "illegal_part_separated", first.estate
    zhou, day = Official.objects.get(name="周立"), NOON
    with act("accept_evidence", actor="test", subject="task:1", now=day) as doing:
        put_on_hand(doing, [first.place], item, None)
        handed_in = recorded(doing, estate, item, "文号1", zhou.pk)
        handed_in.place = first.place
        doing.insert([handed_in])
        put_on_hand(doing, [other.place], item, None)
        given = recorded(doing, estate, item, MINUTES, zhou.pk)
        complete_tasks(doing, estate, given, [other.place])
    assert set(accepted_papers({estate.county}).papers) == {first.place, other.place}
    with act("repeal_decision", actor="test", subject="estate:1", now=day) as doing:
        withdraw_evidence(doing, list(Evidence.objects.filter(number=MINUTES)), "撤销")
    held = {one.place: json.loads(one.held)[item] for one in Building.objects.all()}
    assert held == {first.place: "on_hand", other.place: "missing"}
    assert set(accepted_papers({estate.county}).papers) == {first.place}


def test_a_page_asks_once_which_decisions_are_in_force(office):
    """However many rows it has: each asks for names in the law."""
    wang = Official.objects.get(name="王建国")
    adopt_plan(law(), Estate.objects.get().pk, by=wang, now=NOON, start_on=DAY)
    account = open_account(wang, "wang", "a-long-password-2024", actor="test", now=NOON)
    remember_law(LAW)
    client = Client(SERVER_NAME="localhost")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/tasks")
    assert answer.status_code == 200
    assert answer.content.count(b"/tasks/") > 10
    assert sum("ledger_decision" in one["sql"] for one in asked) == 1


def test_a_meeting_is_of_the_city_or_of_a_county_of_the_ledger(office):
    with pytest.raises(InputError) as unknown:
        call_meeting(someone("王建国"), "不存在的县", "会商", DAY, NOON)
    assert unknown.value.code == "E-MEETING-COUNTY"


def test_a_decision_that_was_not_taken_changes_nothing(office):
    pack = law()
    before = lacking(pack)
    item = sorted(before & decision_papers(pack))[0]
    assert decided(item, taken=False).state == "rejected"
    assert lacking(pack) == before
    assert not Evidence.objects.exists()


def test_who_puts_a_matter_on_the_agenda_does_not_record_that_it_was_taken(office):
    wang, estate = someone("王建国"), Estate.objects.get()
    meeting = call_meeting(wang, "", "会商", DAY, NOON)
    item = sorted(decision_papers(law()))[0]
    found = put_on_agenda(wang, LAW, meeting.pk, estate.pk, Matter("是否认定", item), NOON)
    with pytest.raises(TransitionError) as early:
        record_decision(someone("周立"), found.pk, NOON, taken=True, text="同意")
    assert early.value.code == "E-MEETING-MINUTES"
    record_minutes(wang, meeting.pk, MINUTES, NOON)
    with pytest.raises(AccessError) as own:
        record_decision(wang, found.pk, NOON, taken=True, text="同意")
    assert own.value.code == "E-FOUR-EYES"
    assert Decision.objects.get().state == "proposed"
    with pytest.raises(TransitionError) as held:
        put_on_agenda(wang, LAW, meeting.pk, estate.pk, Matter("另一事项"), NOON)
    assert held.value.code == "E-MEETING-HELD"


def test_an_officer_proposes_and_does_not_decide(office):
    gao, wang, estate = someone("高秀岚"), someone("王建国"), Estate.objects.get()
    with pytest.raises(AccessError):
        call_meeting(gao, "东昌府区", "街道自己召集", DAY, NOON)
    meeting = call_meeting(wang, "东昌府区", "县专班会商", DAY, NOON)
    found = put_on_agenda(gao, LAW, meeting.pk, estate.pk, Matter("请认定主体失联"), NOON)
    with pytest.raises(AccessError):
        record_minutes(gao, meeting.pk, MINUTES, NOON)
    record_minutes(wang, meeting.pk, MINUTES, NOON)
    with pytest.raises(AccessError):
        record_decision(gao, found.pk, NOON, taken=True, text="同意")


def test_a_meeting_cannot_be_held_before_its_day(office):
    wang = someone("王建国")
    meeting = call_meeting(wang, "", "会商", TOMORROW, NOON)
    with pytest.raises(InputError) as refused:
        record_minutes(wang, meeting.pk, MINUTES, NOON)
    assert refused.value.code == "E-MEETING-DAY"


DOCUMENT = """\
kind: decision
id: minutes-2024-3
version: 1.0.0
case: {name}
jurisdiction: CN-3715
extends: title-certificates@*
title: {{zh: 专题会议纪要〔2024〕3号, en: minutes 2024 no. 3}}
last_checked: 2024-01-28
scope: {{level: estate, ids: [{name}]}}
sources:
  minutes-2024-3:
    title: {{zh: 专题会议纪要〔2024〕3号, en: minutes 2024 no. 3}}
    kind: minutes
    effective: {{from: 2024-01-01}}
changes:
  - op: add_way
    node: first_registration
    way: by_meeting
    value:
      label: {{zh: 会议确定直接登簿, en: entered as the meeting decided}}
      rank: 1
      needs: []
      step: {{money: "0", effort: 1, days: 1, supplier: registry}}
      source: [minutes-2024-3]
    because: {{zh: 会议议定, en: decided by the meeting}}
    effective: {{from: 2024-01-01}}
    source: [{{id: minutes-2024-3, at: 一}}]
"""


def test_a_decision_adds_a_way_for_its_estate_and_for_no_other(office):
    """The ways of the law of the office are another law once a decision with a document is in force."""
    register(
        [draft("铁路家属院")],
        programme="title-certificates",
        file_name="另一册.xlsx",
        sha256="1" * 64,
        actor="test",
        now=NOON,
    )
    own, other = Estate.objects.get(name="针织厂家属院"), Estate.objects.get(name="铁路家属院")
    before = len(plan_of(LAW.on(DAY), own).joint.gaps)
    wang, zhou = someone("王建国"), someone("周立")
    meeting = call_meeting(wang, "", "会商", DAY, NOON)
    with pytest.raises(InputError) as foreign:
        matter = Matter("直接登簿", document=DOCUMENT.format(name=other.name))
        put_on_agenda(wang, LAW, meeting.pk, own.pk, matter, NOON)
    assert foreign.value.code == "E-DECISION-SCOPE"
    with pytest.raises(PackError):
        broken = DOCUMENT.format(name=own.name).replace("node: first_registration", "node: no_such_node")
        put_on_agenda(wang, LAW, meeting.pk, own.pk, Matter("直接登簿", document=broken), NOON)
    matter = Matter("直接登簿", document=DOCUMENT.format(name=own.name))
    found = put_on_agenda(wang, LAW, meeting.pk, own.pk, matter, NOON)
    assert len(plan_of(LAW.on(DAY), own).joint.gaps) == before  # proposed is not decided
    record_minutes(wang, meeting.pk, MINUTES, NOON)
    record_decision(zhou, found.pk, NOON, taken=True, text="同意")

    pack = LAW.on(DAY)
    assert any(way.id == "by_meeting" for way in pack.nodes["first_registration"].ways)
    ways = {one.way for one in plan_of(pack, own).joint.route if one.node == "first_registration"}
    assert ways == {"by_meeting"}
    assert len(plan_of(pack, own).joint.gaps) < before
    assert "by_meeting" not in {one.way for one in plan_of(pack, other).joint.route}

    repeal_decision(wang, found.pk, NOON, "撤销")
    assert len(plan_of(LAW.on(DAY), own).joint.gaps) == before
