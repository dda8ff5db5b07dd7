"""From a ledger row to an adopted plan, to tasks, to evidence, to a new plan: on both databases.

Gao Xiulan works in the sub-district office, Li Ming in the county's surveying and land bureau; Wang Jianguo
leads the city's task force.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from taizhang.errors import AccessError, InputError, TransitionError
from taizhang.exchange.importing import import_files
from taizhang.exchange.intake import Intake
from taizhang.ledger.models import (
    AdoptedPlan,
    Case,
    Estate,
    JournalEntry,
    Official,
    Organisation,
    PlanProposal,
    SupervisionNotice,
    Task,
    Unit,
)
from taizhang.office import computing
from taizhang.office.access import Person, Scope, person_of, visible
from taizhang.office.journal import act
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import adopt_for, adopt_plan, propose_plans
from taizhang.office.register import register
from taizhang.office.supervision import sweep
from taizhang.office.suspending import resume_task, suspend_task
from taizhang.office.tasks import due_of, settle_tasks
from taizhang.office.undoing import undo_import, what_happened_since
from taizhang.office.workflow import (
    Paper,
    accept_evidence,
    acknowledge_task,
    ask_extension,
    decide_extension,
    hand_back_task,
    hand_in_evidence,
    hand_over_task,
    refuse_evidence,
)
from taizhang.rules.terms import Held
from taizhang.rules.worktime import WorkCalendar

from .builders import DAY, NOON, draft, law

HOUR = timedelta(hours=1)
DAYS = timedelta(days=1)


@pytest.fixture(scope="module")
def pack():
    return law()


def taken_in(*drafts, now=NOON):
    return register(
        drafts or [draft()],
        programme="title-certificates",
        file_name="台账.xlsx",
        sha256="0" * 64,
        actor="test",
        now=now,
    )


@pytest.fixture
def office(ledger, pack):
    """One estate imported and planned, with its offices and people."""
    told = taken_in()
    establish_offices(
        {name: one.zh for name, one in pack.suppliers.items()}, city="市专班", actor="test", now=NOON
    )
    estate = Estate.objects.get()
    assert propose_plans(pack, [estate], actor="test", now=NOON) == 1
    grant_role("王建国", "leader", Organisation.objects.get(kind="city"), actor="test", now=NOON)
    return told


def someone(name: str):
    return person_of(Official.objects.get(name=name), DAY)


def adopted(pack, **how):
    wang = Official.objects.get(name="王建国")
    return adopt_plan(pack, Estate.objects.get().pk, by=wang, now=NOON, start_on=DAY, **how)


def test_the_plan_that_was_computed_is_adopted_without_computing_it_again(office, pack, monkeypatch):
    """Unless the law or what is known has changed since: then it is computed."""
    asked = []
    earnest = computing.plan_city

    def counted(*told, **how):
        asked.append(told)
        return earnest(*told, **how)

    monkeypatch.setattr(computing, "plan_city", counted)
    plan = adopted(pack).plan
    assert not asked
    assert plan.content == PlanProposal.objects.get().content
    assert (plan.plan_digest, plan.best) == (PlanProposal.objects.get().plan_digest, True)
    adopted(law(DAY + DAYS))
    assert len(asked) == 1
    estate = Estate.objects.get()
    Estate.objects.filter(pk=estate.pk).update(held='{"land_use_certificate":"on_hand"}')
    adopted(pack)
    assert len(asked) == 2


def test_a_plan_of_an_earlier_edition_of_the_planner_is_computed_anew_before_it_is_adopted(
    office, pack, monkeypatch
):
    before = PlanProposal.objects.get().content
    monkeypatch.setattr(computing, "_EDITION", computing._EDITION + 1)

    assert adopted(pack).plan.content != before  # it says by which edition


def test_from_the_ledger_row_to_the_new_plan(office, pack):
    """The whole way, once."""
    # The ledger is in, and the estate has a case and a plan nobody has chosen yet.
    assert (office.new["estate"], office.new["unit"]) == (1, 3)
    assert Case.objects.get().number == "2024-00001"
    before = PlanProposal.objects.get()
    assert before.gaps > 0

    # Wang Jianguo adopts it: every gap is a task with an owner and a due date.
    told = adopted(pack)
    assert told.plan.best
    assert told.opened == Task.objects.count() > 10
    assert not Task.objects.filter(kind="gap", organisation=None).exists()
    survey = (
        Task.objects.filter(street="柳园街道", responsible__name="高秀岚").order_by("due_on", "id").first()
    )

    # Gao Xiulan sees it on her desk, takes note of it and hands the paper in.
    gao, wang = someone("高秀岚"), someone("王建国")
    assert survey in visible(gao, Task.objects.all())
    acknowledge_task(gao, survey.pk, NOON)
    hand_in_evidence(gao, survey.pk, NOON + HOUR, Paper("棠测〔2024〕12号", DAY))

    # She may not accept it herself; Wang Jianguo does.
    with pytest.raises(AccessError, match="E-ACCESS"):
        accept_evidence(gao, survey.pk, NOON + HOUR)
    accept_evidence(wang, survey.pk, NOON + 2 * HOUR)
    assert Task.objects.get(pk=survey.pk).state == "complete"

    # The estate is planned again: what was handed in is missing no more, and the new plan takes over.
    propose_plans(pack, [Estate.objects.get()], actor="test", now=NOON + 3 * HOUR)
    after = PlanProposal.objects.get()
    assert after.gaps < before.gaps
    again = adopted(pack)
    assert (again.opened, again.withdrawn) == (0, 0)
    assert again.kept == told.opened - 1
    assert AdoptedPlan.objects.filter(superseded_at__isnull=True).get().pk == again.plan.pk

    # Every act is in the journal, one after the other.
    acts = list(JournalEntry.objects.order_by("id").values_list("act", flat=True))
    assert acts.count("adopt_plan") == 2
    assert list(JournalEntry.objects.order_by("id").values_list("id", flat=True)) == list(
        range(1, len(acts) + 1)
    )


def test_a_second_import_changes_nothing_and_leaves_no_entry(office):
    entries = JournalEntry.objects.count()

    again = taken_in(now=NOON + HOUR)

    assert again.batch == 0
    assert again.same == {"estate": 1, "building": 1, "unit": 3}
    assert JournalEntry.objects.count() == entries


def test_a_changed_ledger_changes_what_it_says_and_nothing_else(office):
    told = taken_in(draft(units=4, building_survey="on_hand"), now=NOON + HOUR)

    assert told.new == {"estate": 0, "building": 0, "unit": 1}
    assert told.changed["building"] == 1
    assert told.same["unit"] == 3


def test_a_plan_that_is_not_the_best_needs_a_reason(office, pack, monkeypatch):
    monkeypatch.setattr("taizhang.office.planning._is_best", lambda *_: False)
    with pytest.raises(InputError, match="E-ADOPT-REASON"):
        adopted(pack, prefer="fewest")

    assert not AdoptedPlan.objects.exists()
    assert not Task.objects.exists()
    assert adopted(pack, prefer="fewest", reason="居民要求年内办结").plan.reason


def test_the_clock_stands_still_while_a_task_is_suspended(office, pack):
    adopted(pack)
    task = Task.objects.filter(responsible__name="高秀岚").first()
    gao, due_on = someone("高秀岚"), task.due_on
    suspend_task(someone("王建国"), task.pk, NOON, "等待法院裁定")
    assert Task.objects.get(pk=task.pk).due_on is None

    resume_task(gao, task.pk, NOON + 7 * DAYS)

    task.refresh_from_db()
    told = due_of(task, WorkCalendar.china())
    assert told.on == task.due_on > due_on
    assert sum(1 for line in told.lines if line.number) == task.working_days


def test_an_extension_is_granted_by_somebody_else(office, pack):
    adopted(pack)
    task = Task.objects.filter(responsible__name="高秀岚").first()
    due_on = task.due_on
    ask_extension(someone("高秀岚"), task.pk, NOON, 5, "测绘队排期")
    assert Task.objects.get(pk=task.pk).due_on == due_on

    decide_extension(someone("王建国"), task.pk, NOON + HOUR, granted=True)

    assert Task.objects.get(pk=task.pk).due_on == WorkCalendar.china().due(due_on, 5)


def test_a_refused_paper_leaves_the_task_with_its_owner(office, pack):
    adopted(pack)
    task = Task.objects.filter(responsible__name="高秀岚").first()
    gao = someone("高秀岚")
    acknowledge_task(gao, task.pk, NOON)
    hand_in_evidence(gao, task.pk, NOON, Paper("1"))
    with pytest.raises(InputError, match="E-REASON"):
        refuse_evidence(someone("王建国"), task.pk, NOON, " ")
    refuse_evidence(someone("王建国"), task.pk, NOON, "缺少公章")

    task.refresh_from_db()
    assert task.state == "acknowledged"
    assert task.evidence.get().accepted is False


def test_a_task_that_is_handed_back_is_handed_over(office, pack):
    adopted(pack)
    task = Task.objects.filter(responsible__name="高秀岚").first()
    hand_back_task(someone("高秀岚"), task.pk, NOON, "不属于本街道")
    hand_over_task(someone("王建国"), task.pk, NOON, Official.objects.get(name="王建国").pk)

    task.refresh_from_db()
    assert (task.state, task.responsible.name) == ("open", "王建国")
    with pytest.raises(TransitionError, match="E-TASK-STATE"):
        accept_evidence(someone("王建国"), task.pk, NOON)


def test_supervision_claims_every_rung_once(office, pack):
    adopted(pack)
    first = sweep(NOON + 60 * DAYS)
    again = sweep(NOON + 60 * DAYS)

    assert dict(first.claimed)["report_to_leader"] > 0
    assert again.claimed == ()
    notices = SupervisionNotice.objects.values_list("task", "rung", "due_on")
    assert len(set(notices)) == len(notices)


def test_an_import_is_undone_until_somebody_has_acted_on_it(office, pack):
    assert [one.act for one in what_happened_since(office.batch)] == ["propose_plans"]
    adopted(pack)
    with pytest.raises(TransitionError, match="adopt the plan"):
        undo_import(office.batch, actor="test", now=NOON)
    assert Unit.objects.count() == 3


def test_undo_restores_what_the_import_had_changed(office):
    second = taken_in(draft(units=4, building_survey="on_hand"), now=NOON + HOUR)
    undo_import(second.batch, actor="test", now=NOON + 2 * HOUR)

    assert Unit.objects.count() == 3
    assert taken_in(now=NOON + 3 * HOUR).batch == 0


def test_undo_removes_what_the_import_had_brought(office):
    undo_import(office.batch, actor="test", now=NOON + HOUR)

    assert not Estate.objects.exists()
    assert not PlanProposal.objects.exists()
    assert not Case.objects.exists()
    assert taken_in(now=NOON + 2 * HOUR).batch == office.batch + 1


def test_rights_end_at_the_street_and_with_the_grant(office, pack):
    taken_in(draft("别家院", street="古楼街道"), now=NOON)
    gao = someone("高秀岚")
    assert [one.name for one in visible(gao, Estate.objects.all())] == ["针织厂家属院"]
    assert visible(someone("王建国"), Estate.objects.all()).count() == 2
    assert (
        visible(
            person_of(Official.objects.get(name="王建国"), date(2020, 1, 1)), Estate.objects.all()
        ).count()
        == 0
    )


def test_nobody_imports_an_estate_away_from_its_street(office, pack, monkeypatch):
    """A street's importer writes the estate of another street into the own street's ledger."""
    elsewhere = draft(street="古楼街道")
    intake = Intake((elsewhere,), (), (), 0, "台账.xlsx", "0" * 64)
    monkeypatch.setattr("taizhang.exchange.importing.read_intake", lambda *_, **__: intake)
    thief = Person(1, "某人", (Scope("importer", "东昌府区", "古楼街道"),))
    how = {"programme": "title-certificates", "city": "市专班", "actor": "test", "now": NOON}

    with pytest.raises(AccessError, match=r"柳园街道|E-ACCESS-PLACE"):
        import_files([], pack, person=thief, **how)

    assert Estate.objects.get().street == "柳园街道"


def test_names_longer_than_any_office_has_are_cut_and_said_not_lost(ledger, pack, tmp_path):
    """A remark that slipped into the wrong column: every database takes in the same."""
    heads = ["县区", "街道", "社区", "小区名称", "幢号", "房号", "包保领导", "责任人"]
    table = [
        heads,
        *([f"{word}{'长' * 2_100}" for word in ("东", "柳", "纺", "针", "1", "101", "王", "高")],),
    ]
    path = tmp_path / "台账.csv"
    path.write_text("\n".join(",".join(row) for row in table), encoding="utf-8")

    told = import_files([path], pack, programme="title-certificates", city="市专班", actor="test", now=NOON)

    estate = Estate.objects.get()
    assert (estate.county, estate.street) == ("东" + "长" * 59, "柳" + "长" * 59)
    assert (len(estate.neighbourhood), len(estate.name)) == (60, 150)
    said = [one.code for one in told.intake.told]
    assert said.count("C-LONG") == len(heads)


def test_an_older_ledger_takes_nothing_back_that_the_office_has_accepted(office, pack):
    """The street sends last month's ledger once more; the paper that came in since stays on hand."""
    adopted(pack)
    gao, wang = someone("高秀岚"), someone("王建国")
    task = Task.objects.filter(responsible__name="高秀岚", kind="gap").order_by("id")[0]
    acknowledge_task(gao, task.pk, NOON)
    hand_in_evidence(gao, task.pk, NOON, Paper("1", valid_until=DAY + 400 * DAYS))
    accept_evidence(wang, task.pk, NOON)
    propose_plans(pack, [Estate.objects.get()], actor="test", now=NOON)
    gaps = PlanProposal.objects.get().gaps
    rows = {row.place: (row.held, row.valid_until) for row in (*Estate.objects.all(), *Unit.objects.all())}

    again = taken_in(draft(units=4), now=NOON + HOUR)

    assert again.new["unit"] == 1
    kept = {row.place: (row.held, row.valid_until) for row in (*Estate.objects.all(), *Unit.objects.all())}
    assert rows.items() <= kept.items()
    assert any(task.item in held and str(DAY.year + 1) in until for held, until in kept.values())
    propose_plans(pack, [Estate.objects.get()], actor="test", now=NOON + HOUR)
    assert PlanProposal.objects.get().gaps >= gaps


def test_where_a_ledger_says_missing_and_the_office_has_it_that_is_told(office, pack):
    adopted(pack)
    gao, wang = someone("高秀岚"), someone("王建国")
    task = Task.objects.filter(responsible__name="高秀岚", kind="gap", level="unit").order_by("id")[0]
    acknowledge_task(gao, task.pk, NOON)
    hand_in_evidence(gao, task.pk, NOON, Paper("1"))
    accept_evidence(wang, task.pk, NOON)
    says = draft()
    first = next(place for place in says.dossier.places if place.endswith("›101"))
    held = {(task.item, first): Held.MISSING}

    again = taken_in(replace(says, dossier=replace(says.dossier, held=held)), now=NOON + HOUR)

    assert again.kept == 1
    assert task.item in Unit.objects.get(place=first).held


def test_a_status_that_was_put_in_question_comes_back_though_the_plan_is_the_same(office, pack):
    Estate.objects.update(status=None)

    assert propose_plans(pack, [Estate.objects.get()], actor="test", now=NOON) == 0

    assert Estate.objects.get().status is not None


def test_a_paper_counts_for_the_homes_it_was_handed_in_for(office, pack):
    """A home that the ledger adds between handing in and accepting has no paper yet, and gets a task."""
    adopted(pack)
    gao, wang = someone("高秀岚"), someone("王建国")
    task = Task.objects.filter(responsible__name="高秀岚", kind="gap", level="unit").order_by("id")[0]
    acknowledge_task(gao, task.pk, NOON)
    hand_in_evidence(gao, task.pk, NOON, Paper("1"))
    taken_in(draft(units=4), now=NOON + HOUR)
    adopted(pack)
    accept_evidence(wang, task.pk, NOON + 2 * HOUR)

    assert task.item in Unit.objects.get(place__endswith="›101").held
    assert task.item not in Unit.objects.get(place__endswith="›104").held
    propose_plans(pack, [Estate.objects.get()], actor="test", now=NOON + 3 * HOUR)
    adopted(pack)
    later = Task.objects.get(item=task.item, state="open")
    assert "›104" in later.places
    assert "›101" not in later.places


def test_a_duty_that_is_done_does_not_come_back(office, pack):
    """Adopting another plan opens no task for a duty after the certificate that is complete."""
    plan = adopted(pack).plan
    duty = Task.objects.filter(kind="gap").first()
    Task.objects.filter(pk=duty.pk).update(kind="duty", state="complete")
    draft_ = Task.objects.get(pk=duty.pk)
    draft_.pk, draft_.state = None, "open"

    with act("adopt_plan", actor="test", subject="estate:1", now=NOON) as doing:
        opened, *_ = settle_tasks(doing, plan, None, [draft_])

    assert opened == 0


def test_a_task_beyond_the_calendar_is_dated_once_the_notice_is_out(office, pack):
    adopted(pack)
    late = Task.objects.filter(kind="gap").order_by("id")[0]
    due_on = late.due_on
    Task.objects.filter(pk=late.pk).update(due_on=None, next_look_on=None)

    sweep(NOON + 60 * DAYS)

    late.refresh_from_db()
    assert late.due_on == due_on
    assert SupervisionNotice.objects.filter(task=late, rung="overdue").exists()


def test_a_task_is_handed_to_nobody_who_could_not_find_it(office, pack):
    adopted(pack)
    task = Task.objects.filter(responsible__name="高秀岚").first()
    stranger = Official(id=900, name="无角色", organisation=task.organisation, county=task.county)
    stranger.save()
    with pytest.raises(InputError, match="E-OFFICIAL"):
        hand_over_task(someone("王建国"), task.pk, NOON, stranger.pk)


def test_a_plan_is_adopted_as_it_was_shown_or_not_at_all(office, pack):
    estate = Estate.objects.get()
    wang, shown = someone("王建国"), PlanProposal.objects.get().dossier_digest
    taken_in(draft(building_survey="on_hand"), now=NOON + HOUR)
    with pytest.raises(TransitionError, match="E-ADOPT-SEEN"):
        adopt_for(wang, pack, estate.pk, now=NOON, start_on=DAY, seen=shown)
    assert not AdoptedPlan.objects.exists()

    propose_plans(pack, [Estate.objects.get()], actor="test", now=NOON)
    now_shown = PlanProposal.objects.get().dossier_digest
    assert adopt_for(wang, pack, estate.pk, now=NOON, start_on=DAY, seen=now_shown).opened
