"""What nobody tampered with is clean: imports, undoings, acts that failed, an empty ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from taizhang.ledger.models import (
    AdoptedPlan,
    Building,
    Case,
    Estate,
    Grant,
    ImportBatch,
    JournalEntry,
    JournalPart,
    Official,
    Organisation,
    Programme,
    Task,
    Unit,
)
from taizhang.office.journal import act
from taizhang.office.register import register
from taizhang.office.undoing import undo_import
from taizhang.verify import verify
from tests.office.builders import draft

from .told import NOON, head

WRITTEN = (
    *(Organisation, Official, Grant, ImportBatch, Programme),
    *(Estate, Building, Unit, Case, AdoptedPlan, Task),
)


def test_a_ledger_that_nobody_tampered_with_is_clean(small):
    verdict = verify(small, [head()])

    assert verdict.findings == ()
    assert (verdict.entries, verdict.head) == head()
    assert verdict.rows == sum(model.objects.count() for model in WRITTEN)
    assert JournalPart.objects.count() > JournalEntry.objects.count()


def test_an_import_another_and_its_undoing_are_clean(ledger):
    def taken_in(one, minutes: int):
        how = {
            "programme": "title-certificates",
            "file_name": "台账.xlsx",
            "sha256": "0" * 64,
            "actor": "test",
        }
        return register([one], now=NOON + timedelta(minutes=minutes), **how)

    taken_in(draft(), 0)
    second = taken_in(draft(units=5, building_survey="on_hand"), 1)
    assert verify(ledger).findings == ()
    undo_import(second.batch, actor="test", now=NOON + timedelta(minutes=2))
    connection.close()

    verdict = verify(ledger)
    assert verdict.findings == ()
    assert verdict.entries == 3


def test_an_act_that_fails_leaves_no_hole(small):
    """A sequence of PostgreSQL would: parts are numbered by the journal."""
    with pytest.raises(RuntimeError), act("fail", actor="a", subject="s", now=NOON) as now:
        now.insert([Programme(id="lost", name="")])
        now._close()
        raise RuntimeError
    with act("go_on", actor="a", subject="s", now=NOON) as now:
        now.insert([Programme(id="kept", name="")])
    connection.close()

    assert verify(small).findings == ()


def test_an_empty_ledger_is_clean(ledger):
    verdict = verify(ledger)

    assert (verdict.entries, verdict.rows, verdict.head, verdict.findings) == (0, 0, "", ())
