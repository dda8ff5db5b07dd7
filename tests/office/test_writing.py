"""Many rows rewritten at once say on both databases what a few say, and too much is refused, not cut."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import DataError, connection

from taizhang.ledger.models import Estate, Evidence, Unit
from taizhang.office.journal import act
from taizhang.verify import verify

from .builders import NOON, draft
from .results import furnished

MANY = 60  # more than are written one by one


@pytest.fixture
def office(ledger):
    """An estate of sixty units; the address of its ledger."""
    furnished(draft(units=MANY))
    return ledger


def rewritten(rows, columns) -> None:
    with act("import_ledger", actor="test", subject="file:x", now=NOON) as doing:
        doing.update_all(rows, columns)


def test_every_kind_of_value_comes_back_as_it_was_written(office):
    rows = list(Unit.objects.order_by("id"))
    for at, row in enumerate(rows):
        row.name = f"户 {at} ',{{}}\\ \u2028"
        row.fees_fen = None if at % 3 == 0 else 10**12 + at
        row.exact = at % 2 == 0
        row.status = None
    rewritten(rows, ["name", "fees_fen", "exact", "status"])

    assert [(one.name, one.fees_fen, one.exact, one.status) for one in Unit.objects.order_by("id")] == [
        (one.name, one.fees_fen, one.exact, None) for one in rows
    ]
    assert not verify(office).findings


def test_days_and_instants_too(office):
    estate, told = Estate.objects.get(), []
    by = {"handed_in_by_id": 1, "handed_in_at": NOON, "accepted": True}
    of = {"county": estate.county, "estate": estate, "item": "e", "place": estate.place, **by}
    told += [Evidence(number=str(at), **of) for at in range(MANY)]
    with act("import_ledger", actor="test", subject="file:x", now=NOON) as doing:
        doing.insert(told)
    for at, row in enumerate(told):
        row.valid_until = None if at % 2 else date(2024, 2, 1 + at % 28)
        row.decided_at = None if at % 5 else datetime(2024, 1, 29, at % 24, 1, 2, 345678, tzinfo=UTC)
    rewritten(told, ["valid_until", "decided_at"])

    found = Evidence.objects.order_by("id")
    assert [(one.valid_until, one.decided_at) for one in found] == [
        (one.valid_until, one.decided_at) for one in told
    ]
    assert not verify(office).findings


def test_what_is_too_long_for_its_column_is_refused_and_not_cut(office):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no lengths")
    rows = list(Unit.objects.order_by("id"))
    for row in rows:
        row.county = "县" * 61
    with pytest.raises(DataError):
        rewritten(rows, ["county"])
    assert not verify(office).findings
