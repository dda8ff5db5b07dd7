"""What the office has finished goes out as a log, and a forecast reads it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner

from taizhang.cli.office.exporting import work_log
from taizhang.exchange.excel.worklog import read_log
from taizhang.ledger.models import Official
from taizhang.office.access import person_of
from taizhang.office.installation import Law, remember_law
from taizhang.office.selectors.finished import finished
from taizhang.office.workflow import Paper, accept_evidence, acknowledge_task, hand_in_evidence
from taizhang.rules.terms import Completed

from .builders import DAY, NOON, OVERLAYS, law
from .rows import office, task_of

DAYS = timedelta(days=1)
SURVEY = "building_survey"


@pytest.fixture
def task(ledger):
    """A task of the office, with who hands in and who accepts."""
    remember_law(Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat()))
    office()
    gao, wang = (person_of(Official.objects.get(name=name), DAY) for name in ("高秀岚", "王建国"))
    return task_of(Official.objects.get(name="高秀岚"), item=SURVEY), gao, wang


def test_a_task_is_received_begun_and_ended_on_the_days_of_its_acts(task):
    it, gao, wang = task
    assert finished() == []
    acknowledge_task(gao, it.pk, NOON + 2 * DAYS)
    hand_in_evidence(gao, it.pk, NOON + 5 * DAYS, Paper("1", DAY))
    assert finished() == [], "handed in is not accepted"
    accept_evidence(wang, it.pk, NOON + 6 * DAYS)

    assert finished() == [Completed(SURVEY, it.supplier, it.start_on, DAY + 2 * DAYS, DAY + 6 * DAYS)]
    assert finished(it.county) == finished()
    assert finished("别处") == []


def test_the_log_is_a_workbook_that_a_forecast_reads(task, tmp_path):
    it, gao, wang = task
    acknowledge_task(gao, it.pk, NOON)
    hand_in_evidence(gao, it.pk, NOON, Paper("1", DAY))
    accept_evidence(wang, it.pk, NOON)
    path = tmp_path / "办件记录.xlsx"
    none = CliRunner().invoke(work_log, [str(path), "--county", "别处"], env={"TAIZHANG_LANG": "zh"})
    assert "尚无审核通过的任务" in none.output

    done = CliRunner().invoke(work_log, [str(path)], env={"TAIZHANG_LANG": "zh"})

    assert done.exception is None, done.output
    assert "办结 1 件" in done.output
    back = read_log(path, law(), range(2004, 2027))
    assert back.completed == finished()
    assert not back.complaints
