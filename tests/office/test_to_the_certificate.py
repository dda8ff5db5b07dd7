"""From a meeting's decision to first registration, lists of fees, certificates and the closed case.

Wang Jianguo and Zhou Li lead the city's task force; Ma Rui is the registry's registrar, Qian Fang takes the
fees; Gao Xiulan works in the sub-district office.  Every journey runs on both databases.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from taizhang.errors import AccessError, InputError, TransitionError
from taizhang.ledger.models import (
    Bill,
    BillLine,
    Building,
    Case,
    Certificate,
    Estate,
    JournalEntry,
    Official,
    Registration,
    StatusRecord,
    Unit,
)
from taizhang.office.accounts import open_account
from taizhang.office.bills import cancel_payment, issue_bills, record_payment
from taizhang.office.cases import close_case, record_screening, reopen_case
from taizhang.office.certificates import CertificateDraft, hand_out_certificate, record_certificates
from taizhang.office.computing import plan_of
from taizhang.office.installation import remember_law
from taizhang.office.planning import adopt_plan, refresh_plan
from taizhang.office.recorded_steps import paid_fen, uncertified
from taizhang.office.register import register
from taizhang.office.registrations import cancel_registration, record_first_registration
from taizhang.rules.terms import Held, Status
from taizhang.verify import verify

from .builders import DAY, NOON, draft, law, measured
from .results import LAW, TOMORROW, furnished, lacking, lost, someone


@pytest.fixture
def office(ledger):
    """An estate that lacks much; the address of its ledger."""
    furnished(lost())
    return ledger


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


@pytest.fixture
def priced(ledger):
    """An estate whose units have been measured and have a price; the address of its ledger."""
    furnished(measured(draft()))
    return ledger


def test_every_measured_household_gets_its_list_line_by_line(priced):
    qian, pack, estate = someone("钱芳"), law(), Estate.objects.get()
    told = issue_bills(qian, pack, estate.pk, NOON)
    assert (told.issued, told.unknown, told.unmeasured) == (3, 0, 0), told
    planned = {one.place.id: one.bill for one in plan_of(pack, estate).units}
    for one in Bill.objects.select_related("unit"):
        lines = {line.fee: line.fen for line in one.lines.all()}
        asked = dict(planned[one.unit.place].lines)
        assert lines == {fee: fen for fee, fen in asked.items() if fee != "maintenance_fund"}
        assert sum(lines.values()) == one.total_fen
        assert lines["deed_tax"] == 30_000_000 * 15 // 1000  # first home above 90 square metres: 1.5 %
    assert len({one.number for one in Bill.objects.all()}) == 3
    again = issue_bills(qian, pack, estate.pk, NOON)
    assert (again.issued, again.same) == (0, 3)
    assert "fee_list_issued" not in lacking(pack)
    assert verify(priced).findings == ()


def test_who_has_not_been_measured_gets_no_list(office):
    told = issue_bills(someone("钱芳"), law(), Estate.objects.get().pk, NOON)
    assert told.issued == 0
    assert told.unknown + told.unmeasured == 3


def test_a_list_whose_amounts_have_changed_is_replaced(priced):
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


def test_what_the_ledger_calls_paid_or_not_required_is_not_asked_for_again(priced):
    """The maintenance fund is not required here, though its amount is known; one deed tax was paid before."""
    qian, pack, estate = someone("钱芳"), law(), Estate.objects.get()
    first, second, _ = Unit.objects.order_by("id")
    held = json.loads(first.held) | {"deed_tax_receipt": "on_hand"}
    Unit.objects.filter(pk=first.pk).update(held=json.dumps(held))
    bill = plan_of(pack, estate).units[0].bill
    assert "maintenance_fund" in bill.lines  # the amount is known all the same
    issue_bills(qian, pack, estate.pk, NOON)
    fees = {unit: set(unit.bills.get().lines.values_list("fee", flat=True)) for unit in (first, second)}
    assert fees == {first: {"registration_fee"}, second: {"registration_fee", "deed_tax"}}


def test_who_has_the_certificate_is_sent_no_list(priced):
    registered()
    record_certificates(someone("马瑞"), certificates(Unit.objects.order_by("id")[:1]), NOON)
    told = issue_bills(someone("钱芳"), law(), Estate.objects.get().pk, NOON)
    assert (told.issued, told.nothing) == (2, 1)


def test_a_receipt_counts_no_more_when_a_new_list_asks_for_more(priced):
    qian, pack, estate = someone("钱芳"), law(), Estate.objects.get()
    issue_bills(qian, pack, estate.pk, NOON)
    unit = Unit.objects.order_by("id")[0]
    record_payment(qian, unit.pk, "deed_tax", 450_000, "税票1", DAY, NOON)
    facts = json.loads(unit.facts) | {"price": 40_000_000}
    Unit.objects.filter(pk=unit.pk).update(facts=json.dumps(facts))
    issue_bills(qian, pack, estate.pk, NOON)
    assert json.loads(Unit.objects.get(pk=unit.pk).held)["deed_tax_receipt"] == "missing"
    record_payment(qian, unit.pk, "deed_tax", 150_000, "税票2", DAY, NOON)
    assert json.loads(Unit.objects.get(pk=unit.pk).held)["deed_tax_receipt"] == "on_hand"


def test_a_line_is_explained_by_what_was_in_force_on_its_day(priced):
    """The relief of 2016 and not that of December 2024; the price in yuan, the rates in per cent."""
    qian = Official.objects.get(name="钱芳")
    issue_bills(someone("钱芳"), law(), Estate.objects.get().pk, NOON)
    account = open_account(qian, "qian", "a-long-password-2024", actor="test", now=NOON)
    remember_law(LAW)
    client = Client(SERVER_NAME="localhost")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/units/{Unit.objects.order_by('id')[0].pk}").content.decode()
    assert "300000 元" in page
    assert "1.5%" in page
    assert "财税〔2016〕23号" in page
    assert "2024年第16号" not in page
    assert page.count("契税法、") == 1  # though it is cited at three articles


def test_what_is_paid_in_full_puts_the_receipt_on_hand(priced):
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
    assert verify(priced).findings == ()


def test_nothing_is_paid_where_no_list_was_issued(priced):
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
