"""From a meeting's decision to first registration, lists of fees, certificates and the closed case.

Wang Jianguo and Zhou Li lead the city's task force; Ma Rui is the registry's registrar, Qian Fang takes the
fees; Gao Xiulan works in the sub-district office.  Every journey runs on both databases.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from taizhang.errors import AccessError, InputError, PackError, TransitionError
from taizhang.ledger.models import (
    Bill,
    BillLine,
    Building,
    Case,
    Certificate,
    Decision,
    Estate,
    Evidence,
    JournalEntry,
    Official,
    Organisation,
    Registration,
    StatusRecord,
    Task,
    Unit,
)
from taizhang.office.access import person_of
from taizhang.office.bills import cancel_payment, issue_bills, record_payment
from taizhang.office.cases import close_case, record_screening, reopen_case
from taizhang.office.certificates import CertificateDraft, hand_out_certificate, record_certificates
from taizhang.office.computing import plan_of
from taizhang.office.installation import Law
from taizhang.office.meetings import (
    Matter,
    call_meeting,
    put_on_agenda,
    record_decision,
    record_minutes,
    repeal_decision,
)
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.papers import decision_papers
from taizhang.office.planning import adopt_plan, propose_plans, refresh_plan
from taizhang.office.recorded_steps import paid_fen, uncertified
from taizhang.office.register import register
from taizhang.office.registrations import cancel_registration, record_first_registration
from taizhang.rules.terms import Held, Status
from taizhang.verify import verify

from .builders import DAY, NOON, OVERLAYS, draft, law

LAW = Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat())
TOMORROW = DAY + timedelta(days=1)
MINUTES = "专题会议纪要〔2024〕3号"


def furnished(made) -> None:
    """One estate imported and planned, and the people of the story."""
    register(
        [made],
        programme="title-certificates",
        file_name="台账.xlsx",
        sha256="0" * 64,
        actor="test",
        now=NOON,
    )
    pack = law()
    suppliers = {name: one.zh for name, one in pack.suppliers.items()}
    establish_offices(suppliers, city="市专班", actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    roles = {"王建国": "leader", "周立": "leader", "马瑞": "registrar", "钱芳": "cashier"}
    for name, role in roles.items():
        grant_role(name, role, city, actor="test", now=NOON)
    propose_plans(pack, list(Estate.objects.all()), actor="test", now=NOON)


def lost():
    """An estate whose developer has been lost: a finding of a meeting is among what it lacks."""
    made = draft()
    facts = dict(made.dossier.facts) | {("developer_status", made.place): "lost_contact"}
    return replace(made, dossier=replace(made.dossier, facts=facts))


@pytest.fixture
def office(ledger):
    """An estate that lacks much; the address of its ledger."""
    furnished(lost())
    return ledger


def someone(name: str):
    return person_of(Official.objects.get(name=name), DAY)


def lacking(pack) -> set[str]:
    """Papers the estate's plan lacks now."""
    return {gap.item for gap in plan_of(pack, Estate.objects.get()).joint.gaps}


def decided(item: str, *, document: str = "", taken: bool = True) -> Decision:
    """Called, put on the agenda by Wang, held, and recorded by Zhou."""
    wang, zhou, estate = someone("王建国"), someone("周立"), Estate.objects.get()
    meeting = call_meeting(wang, "", "遗留问题会商", DAY, NOON)
    matter = Matter("是否认定", item, document)
    found = put_on_agenda(wang, LAW, meeting.pk, estate.pk, matter, NOON)
    record_minutes(wang, meeting.pk, MINUTES, NOON)
    return record_decision(zhou, found.pk, NOON, taken=taken, text="同意" if taken else "缓议")


# ------------------------------------------------------------------------------------ meetings


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


# ------------------------------------------------------------------- registration and certificate


def registered(name: str = "马瑞", **how) -> list[Registration]:
    estate = Estate.objects.get()
    how = {"remark": "已登簿"} | how
    return record_first_registration(someone(name), estate.pk, [], "登首2024-17", DAY, NOON, **how)


def certificates(units=None) -> list[CertificateDraft]:
    found = units or Unit.objects.order_by("id")
    return [CertificateDraft(one.pk, f"鲁（2024）聊城市不动产权第{one.pk:07d}号", DAY) for one in found]


def test_a_certificate_needs_the_first_registration_and_completes_the_unit(office):
    ma, pack, estate = someone("马瑞"), law(), Estate.objects.get()
    first = Unit.objects.order_by("id")[0]
    with pytest.raises(TransitionError) as early:
        record_certificates(ma, certificates([first]), NOON)
    assert early.value.code == "E-NOT-REGISTERED"
    assert not Registration.objects.exists()

    with pytest.raises(InputError) as unsaid:
        registered(remark="")
    assert unsaid.value.code == "E-REGISTRATION-REASON"
    assert len(registered()) == Building.objects.count()
    with pytest.raises(TransitionError) as twice:
        registered()
    assert twice.value.code == "E-REGISTERED"

    (made,) = record_certificates(ma, certificates([first]), NOON)
    assert made.registration.kind == "transfer"
    refresh_plan(pack, estate.pk, actor="test", now=NOON)
    first.refresh_from_db()
    assert (Status(first.status), first.papers) == (Status.PROVED, 0)
    assert uncertified(estate) == 2
    assert verify(office).findings == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": ""}, "E-CERTIFICATE-NUMBER"),
        ({"number": "不知道"}, "E-CERTIFICATE-NUMBER"),
        ({"issued_on": TOMORROW}, "E-REGISTRATION-DAY"),
    ],
)
def test_a_certificate_that_cannot_be_is_refused_with_all_beside_it(office, change, code):
    registered()
    good, bad, _ = certificates()
    told = {"unit": bad.unit, "number": bad.number, "issued_on": bad.issued_on} | change
    with pytest.raises(InputError) as refused:
        record_certificates(someone("马瑞"), [good, CertificateDraft(**told)], NOON)
    assert refused.value.code == code
    assert not Certificate.objects.exists()


def test_no_two_units_have_one_number_and_no_unit_two_certificates(office):
    registered()
    ma, (one, two, _) = someone("马瑞"), certificates()
    same = CertificateDraft(two.unit, one.number, DAY)
    with pytest.raises(InputError) as twice:
        record_certificates(ma, [one, same], NOON)
    assert twice.value.code == "E-CERTIFICATE-TWICE"
    record_certificates(ma, [one], NOON)
    with pytest.raises(TransitionError) as used:
        record_certificates(ma, [same], NOON)
    assert used.value.code == "E-CERTIFICATE-USED"
    with pytest.raises(TransitionError) as has:
        record_certificates(ma, [CertificateDraft(one.unit, "鲁2024第7654321号", DAY)], NOON)
    assert has.value.code == "E-CERTIFIED"


def test_a_certificate_is_handed_out_once_and_not_before_it_was_issued(office):
    registered()
    (made, *_) = record_certificates(someone("马瑞"), certificates(), NOON)
    gao = someone("高秀岚")
    with pytest.raises(InputError):
        hand_out_certificate(gao, made.pk, DAY - timedelta(days=1), NOON)
    assert hand_out_certificate(gao, made.pk, DAY, NOON).collected_on == DAY
    with pytest.raises(TransitionError) as again:
        hand_out_certificate(gao, made.pk, DAY, NOON)
    assert again.value.code == "E-COLLECTED"


def test_a_registration_is_cancelled_from_the_end(office):
    (first,) = registered()
    ma, unit = someone("马瑞"), Unit.objects.order_by("id")[0]
    (made,) = record_certificates(ma, certificates([unit]), NOON)
    with pytest.raises(TransitionError) as used:
        cancel_registration(ma, first.pk, NOON, "录入有误")
    assert used.value.code == "E-REGISTRATION-USED"
    cancel_registration(ma, made.registration_id, NOON, "录入有误")
    made.refresh_from_db()
    assert made.cancelled_on == DAY
    held = json.loads(Unit.objects.get(pk=unit.pk).held)
    assert (held["ownership_certificate"], held["transfer_registration"]) == ("missing", "missing")
    cancel_registration(ma, first.pk, NOON, "录入有误")
    assert json.loads(Building.objects.get().held)["first_registration"] == "missing"
    # what was wrong is to be seen, and the right one can be recorded
    assert Registration.objects.filter(cancelled_on__isnull=False).count() == 2
    registered()
    record_certificates(ma, certificates([unit]), NOON)
    assert verify(office).findings == ()


def test_an_officer_and_a_bureau_do_not_register(office):
    with pytest.raises(AccessError):
        registered("高秀岚")
    assert not Registration.objects.exists()


def test_an_older_ledger_does_not_take_away_what_was_recorded(office):
    """The street imports its ledger of last month again: what is registered and certified stays so."""
    registered()
    record_certificates(someone("马瑞"), certificates(), NOON)
    told = lost()
    building = next(one for one in told.dossier.places if told.dossier.places[one].level == "building")
    held = {**told.dossier.held, ("first_registration", building): Held.MISSING}
    told = replace(told, dossier=replace(told.dossier, held=held))
    changed = register(
        [told], programme="title-certificates", file_name="旧.xlsx", sha256="2" * 64, actor="test", now=NOON
    )
    assert json.loads(Building.objects.get().held)["first_registration"] == "on_hand"
    assert {json.loads(one.held)["ownership_certificate"] for one in Unit.objects.all()} == {"on_hand"}
    assert changed.kept


# ------------------------------------------------------------------------------------ fees


def priced(units: int = 3):
    """An estate whose units have been measured and have a price."""
    made = draft(units=units)
    places = [one for one in made.dossier.places if made.dossier.places[one].level == "unit"]
    facts = dict(made.dossier.facts)
    held = dict(made.dossier.held)
    for place in places:
        held["unit_survey_sheet", place] = Held.ON_HAND
        facts |= {
            ("area_m2", place): 100,
            ("price", place): 30_000_000,
            ("residential", place): True,
            ("family_home_ordinal", place): 1,
            ("tax_exempt_reason", place): "none",
            ("maintenance_fund_status", place): "not_required",
        }
    return replace(made, dossier=replace(made.dossier, held=held, facts=facts))


@pytest.fixture
def measured(ledger):
    furnished(priced())
    return ledger


def test_every_measured_household_gets_its_list_line_by_line(measured):
    qian, pack, estate = someone("钱芳"), law(), Estate.objects.get()
    told = issue_bills(qian, pack, estate.pk, NOON)
    assert (told.issued, told.unknown, told.unmeasured) == (3, 0, 0), told
    planned = {one.place.id: one.bill for one in plan_of(pack, estate).units}
    for one in Bill.objects.select_related("unit"):
        lines = {line.fee: line.fen for line in one.lines.all()}
        assert lines == dict(planned[one.unit.place].lines)
        assert sum(lines.values()) == one.total_fen
        assert lines["deed_tax"] == 30_000_000 * 15 // 1000  # first home above 90 square metres: 1.5 %
    assert len({one.number for one in Bill.objects.all()}) == 3
    again = issue_bills(qian, pack, estate.pk, NOON)
    assert (again.issued, again.same) == (0, 3)
    assert "fee_list_issued" not in lacking(pack)
    assert verify(measured).findings == ()


def test_who_has_not_been_measured_gets_no_list(office):
    told = issue_bills(someone("钱芳"), law(), Estate.objects.get().pk, NOON)
    assert told.issued == 0
    assert told.unknown + told.unmeasured == 3


def test_a_list_whose_amounts_have_changed_is_replaced(measured):
    qian, pack, estate = someone("钱芳"), law(), Estate.objects.get()
    issue_bills(qian, pack, estate.pk, NOON)
    unit = Unit.objects.order_by("id")[0]
    facts = json.loads(unit.facts) | {"area_m2": 80}
    Unit.objects.filter(pk=unit.pk).update(facts=json.dumps(facts))
    told = issue_bills(qian, pack, estate.pk, NOON)
    assert (told.issued, told.replaced, told.same) == (1, 1, 2)
    old, new = Bill.objects.filter(unit=unit).order_by("id")
    assert (old.replaced_on, new.replaced_on) == (DAY, None)
    assert new.lines.get(fee="deed_tax").fen == 300_000  # 1 % up to 90 square metres


def test_what_is_paid_in_full_puts_the_receipt_on_hand(measured):
    qian, pack, estate = someone("钱芳"), law(), Estate.objects.get()
    issue_bills(qian, pack, estate.pk, NOON)
    unit = Unit.objects.order_by("id")[0]
    owed = BillLine.objects.get(bill__unit=unit, fee="deed_tax").fen

    def pay(fen: int, receipt: str):
        return record_payment(qian, unit.pk, "deed_tax", fen, receipt, DAY, NOON)

    pay(owed - 100, "税票1")
    assert "deed_tax_receipt" not in json.loads(Unit.objects.get(pk=unit.pk).held)
    for wrong in (0, -5, 101):
        with pytest.raises(InputError) as refused:
            pay(wrong, "税票2")
        assert refused.value.code == "E-PAYMENT-SUM"
    with pytest.raises(TransitionError) as twice:
        pay(100, "税票1")
    assert twice.value.code == "E-RECEIPT-USED"
    last = pay(100, "税票2")
    assert json.loads(Unit.objects.get(pk=unit.pk).held)["deed_tax_receipt"] == "on_hand"
    assert paid_fen(unit) == {"deed_tax": owed}

    cancel_payment(someone("王建国"), last.pk, NOON, "误登他户")
    assert json.loads(Unit.objects.get(pk=unit.pk).held)["deed_tax_receipt"] == "missing"
    assert paid_fen(unit) == {"deed_tax": owed - 100}
    assert verify(measured).findings == ()


def test_nothing_is_paid_where_no_list_was_issued(measured):
    unit = Unit.objects.order_by("id")[0]
    with pytest.raises(TransitionError) as refused:
        record_payment(someone("钱芳"), unit.pk, "deed_tax", 100, "税票1", DAY, NOON)
    assert refused.value.code == "E-NO-BILL"


# ------------------------------------------------------------------------------------ cases


def test_a_case_is_closed_when_every_unit_has_its_certificate(office):
    wang, estate = someone("王建国"), Estate.objects.get()
    with pytest.raises(InputError) as early:
        close_case(wang, estate.pk, NOON)
    assert early.value.code == "E-CLOSE-REASON"
    registered()
    record_certificates(someone("马瑞"), certificates(), NOON)
    assert close_case(wang, estate.pk, NOON).state == "closed"
    assert [one.state for one in StatusRecord.objects.all()] == ["closed"]
    with pytest.raises(TransitionError):
        close_case(wang, estate.pk, NOON)
    assert reopen_case(wang, estate.pk, NOON, "住户反映证书信息有误").state == "registered"
    assert Case.objects.get().state == "registered"
    assert verify(office).findings == ()


def test_a_case_with_running_tasks_is_not_closed(office):
    wang, estate = Official.objects.get(name="王建国"), Estate.objects.get()
    adopt_plan(law(), estate.pk, by=wang, now=NOON, start_on=DAY)
    with pytest.raises(TransitionError) as refused:
        close_case(someone("王建国"), estate.pk, NOON, "不等了")
    assert refused.value.code == "E-CASE-TASKS"


def test_a_case_stays_in_the_round_in_which_it_was_found(office):
    keys = list(Estate.objects.values_list("place", flat=True))
    assert record_screening(1, keys, actor="test", now=NOON) == 1
    assert record_screening(2, keys, actor="test", now=NOON) == 0
    assert Case.objects.get().screened.round.number == 1
    with pytest.raises(InputError):
        record_screening(0, keys, actor="test", now=NOON)
    assert JournalEntry.objects.filter(act="record_screening").count() == 1
