"""What becomes of tasks when another plan is adopted, and who is told of it beforehand."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from taizhang.ledger.models import AdoptedPlan, Estate, Official, Organisation, PlanProposal, Task
from taizhang.office.access import Person, Scope, person_of
from taizhang.office.journal import act
from taizhang.office.selectors.estate import estate_sheet
from taizhang.office.tasks import settle_tasks
from taizhang.office.workflow import (
    Paper,
    accept_evidence,
    acknowledge_task,
    hand_in_evidence,
    refuse_evidence,
)

from .builders import DAY, NOON
from .rows import office, plan_in_force, task_of

BUREAUS = {"surveyor": "测绘院", "archive": "档案馆"}


@pytest.fixture
def waiting(ledger) -> Task:
    """A task whose paper waits for a decision."""
    office(bureaus=BUREAUS)
    task = task_of(Official.objects.get(name="高秀岚"))
    acknowledge_task(someone("高秀岚"), task.pk, NOON)
    hand_in_evidence(someone("高秀岚"), task.pk, NOON, Paper("1"))
    task.refresh_from_db()
    return task


def someone(name: str) -> Person:
    return person_of(Official.objects.get(name=name), DAY)


def content(*gaps: dict[str, Any]) -> bytes:
    told = {"gaps": list(gaps), "duties": [], "units": [], "route": [], "questions": [], "blocked_by": []}
    return zlib.compress(json.dumps(told).encode())


def gap(item: str, supplier: str) -> dict[str, Any]:
    place = Estate.objects.get().place
    told = {"item": item, "place": place, "level": "estate", "supplier": supplier}
    return told | {"end": 5, "units": 1, "count": 1, "days": 5, "fen": 0, "critical": False}


def another_plan(*gaps: dict[str, Any]) -> AdoptedPlan:
    """Adopt a plan with these gaps, none of them with a task of its own."""
    before = plan_in_force()
    with act("adopt_plan", actor="test", subject="estate:1", now=NOON) as doing:
        plan = AdoptedPlan.objects.get(pk=before.pk)
        doing.update(before, superseded_at=doing.now)
        plan.pk, plan.superseded_at, plan.content = None, None, content(*gaps)
        doing.insert([plan])
        settle_tasks(doing, plan, before, [])
    return plan


def test_a_task_whose_paper_waits_for_a_decision_stays(waiting):
    """It goes over to the new plan, and the paper is accepted there."""
    other = task_of(Official.objects.get(name="高秀岚"), 2)
    plan = another_plan()

    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.state, waiting.plan_id) == ("handed_in", plan.pk)
    assert other.state == "withdrawn"
    assert accept_evidence(someone("王建国"), waiting.pk, NOON).state == "complete"


def test_refused_it_is_withdrawn_where_the_plan_does_without_it(waiting):
    another_plan()

    assert refuse_evidence(someone("王建国"), waiting.pk, NOON, "看不清").state == "withdrawn"


def test_refused_it_goes_on_where_the_plan_wants_it(waiting):
    another_plan(gap(waiting.item, "household"))

    assert refuse_evidence(someone("王建国"), waiting.pk, NOON, "看不清").state == "acknowledged"


# --------------------------------------------------------------------------- told beforehand


@pytest.fixture
def changed(ledger) -> Estate:
    """The newest plan wants another survey and another file of the archive; each has a task that would go."""
    estate = office(bureaus=BUREAUS)
    for number, supplier in enumerate(BUREAUS):
        bureau = Organisation.objects.get(supplier=supplier)
        task_of(None, number, supplier=supplier, organisation=bureau)
    with act("propose_plans", actor="test", subject="estates", now=NOON) as doing:
        proposal = PlanProposal(
            county=estate.county,
            estate=estate,
            as_of=DAY,
            pack="title-certificates",
            pack_version="1",
            dossier_digest="1" * 64,
            plan_digest="1" * 64,
            proved=True,
            gaps=2,
            money_fen=0,
            effort=0,
            days=5,
            content=content(gap("new_survey", "surveyor"), gap("new_file", "archive")),
        )
        doing.insert([proposal])
    return estate


@pytest.mark.parametrize(
    ("scope", "opened", "withdrawn"),
    [
        (Scope("leader"), {"new_survey", "new_file"}, {"paper_0", "paper_1"}),  # the whole estate
        (Scope("case_officer", "东昌府区", "", "surveyor"), {"new_survey"}, {"paper_0"}),  # the own part
        (Scope("case_officer", "东昌府区", "", "archive"), {"new_file"}, {"paper_1"}),
    ],
)
def test_a_bureau_is_told_of_its_own_tasks_only(changed, scope, opened, withdrawn):
    shift = estate_sheet(Person(9, "李敏", (scope,)), changed.pk).shift

    assert {item for item, _ in shift.opened} == opened
    assert {item for item, _ in shift.withdrawn} == withdrawn


def test_a_task_that_stays_is_not_told_as_one_that_goes(changed):
    Task.objects.filter(item="paper_0").update(state="handed_in")
    shift = estate_sheet(Person(9, "李敏", (Scope("leader"),)), changed.pk).shift

    assert {item for item, _ in shift.withdrawn} == {"paper_1"}
    assert shift.kept == 1
