"""What the office has accepted beside what a ledger says later: nothing is lost, and nothing newer either."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from taizhang.exchange.importing import Imported
from taizhang.exchange.intake import Intake
from taizhang.exchange.working import _told
from taizhang.ledger.models import Building, Official
from taizhang.office.accepted import Accepted
from taizhang.office.access import person_of
from taizhang.office.register import register
from taizhang.office.workflow import Paper, accept_evidence, acknowledge_task, hand_in_evidence
from taizhang.rules.terms import Held

from .builders import DAY, NOON, draft, law
from .rows import office, task_of

SURVEY = "building_survey"
OLD, LAST, NEW = date(2024, 5, 1), date(2025, 5, 1), date(2027, 5, 1)


@pytest.mark.parametrize(
    ("accepted", "state", "told", "counts"),
    [
        (LAST, "on_hand", NEW, NEW),  # the ledger has it renewed
        (LAST, "on_hand", OLD, LAST),  # the ledger is older than the acceptance
        (LAST, "on_hand", None, LAST),  # the ledger says nothing of days
        (LAST, "missing", NEW, LAST),  # a day of a paper that is not there says nothing
        (None, "on_hand", OLD, None),  # what was accepted does not lapse
        (None, "unobtainable", None, None),  # and is there, whatever the ledger says
    ],
)
def test_of_two_last_days_the_later_one_counts(accepted, state, told, counts):
    found = Accepted({"a": {SURVEY: accepted}}).beside("a", {SURVEY: state}, {SURVEY: told} if told else {})

    assert found.held == {SURVEY: "on_hand"}
    assert found.until.get(SURVEY) == counts
    assert found.missing == ((SURVEY,) if state == "missing" else ())
    assert found.unobtainable == ((SURVEY,) if state == "unobtainable" else ())


@pytest.fixture
def accepted(ledger) -> Building:
    """The survey of the building was accepted; it counts until 2025-05-01."""
    office()
    building = Building.objects.get()
    gao, wang = (person_of(Official.objects.get(name=name), DAY) for name in ("高秀岚", "王建国"))
    task = task_of(Official.objects.get(name="高秀岚"), item=SURVEY, place=building.place, level="building")
    acknowledge_task(gao, task.pk, NOON)
    hand_in_evidence(gao, task.pk, NOON, Paper("1", valid_until=LAST))
    accept_evidence(wang, task.pk, NOON)
    building.refresh_from_db()
    assert str(LAST) in building.valid_until
    return building


def imported(building: Building, state: Held, until: date | None = None, *, dry_run: bool = False):
    says, key = draft(), (SURVEY, building.place)
    dossier = replace(says.dossier, held={key: state}, valid_until={key: until} if until else {})
    return register(
        [replace(says, dossier=dossier)],
        programme="title-certificates",
        file_name="台账二.xlsx",
        sha256="1" * 64,
        actor="test",
        now=NOON,
        dry_run=dry_run,
    )


def test_a_newer_ledger_with_the_renewed_paper_is_believed(accepted):
    imported(accepted, Held.ON_HAND, NEW)

    accepted.refresh_from_db()
    assert str(NEW) in accepted.valid_until


def test_an_older_ledger_shortens_nothing(accepted):
    imported(accepted, Held.ON_HAND, OLD)

    accepted.refresh_from_db()
    assert str(LAST) in accepted.valid_until


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_ledger_that_calls_an_accepted_paper_unobtainable_is_in_conflict(accepted, dry_run):
    """It is told before anything is written, and the paper stays on hand."""
    told = imported(accepted, Held.UNOBTAINABLE, dry_run=dry_run)

    assert told.conflicts == ((accepted.place, SURVEY),)
    assert told.kept == 0
    accepted.refresh_from_db()
    assert f'"{SURVEY}":"on_hand"' in accepted.held
    page = _told(Imported(Intake((), (), (), 0, "台账二.xlsx", "1" * 64), told, 0), law())
    assert page["conflicts"] == 1
    assert page["conflicting"][0]["place"] == accepted.place
    assert page["conflicting"][0]["zh"] == law().evidence[SURVEY].label.zh


def test_a_ledger_that_agrees_is_in_no_conflict(accepted):
    assert imported(accepted, Held.ON_HAND).conflicts == ()
