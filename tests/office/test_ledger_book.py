"""The ledger goes out as a workbook, is edited, and comes back cell by cell.

Gao Xiulan edits the workbook of her street on a machine without a network, while the office goes on.
"""

from __future__ import annotations

import json

import pytest

from taizhang.exchange.demo_city.writing import write_demo_city
from taizhang.ledger.models import Building, Estate, ImportBatch, JournalEntry, Unit
from taizhang.office.journal import act

from .builders import DAY, NOON, law
from .ledger_books import Book, bring_back, export_to, recorded, take_in


@pytest.fixture(scope="module")
def pack():
    return law()


@pytest.fixture(scope="module")
def city_file(tmp_path_factory, pack):
    """A made-up city of five estates and forty homes."""
    path = tmp_path_factory.mktemp("city") / "城市.xlsx"
    write_demo_city(path, estates=5, units=40, seed=3, pack=pack)
    return path


@pytest.fixture
def office(ledger, pack, city_file):
    """The city, taken in."""
    return take_in(city_file, pack)


@pytest.fixture
def small(sqlite, pack, city_file):
    """The same on SQLite alone."""
    return take_in(city_file, pack)


def test_a_workbook_that_nobody_edited_changes_nothing(office, pack, tmp_path):
    before, path = recorded(), tmp_path / "台账.xlsx"
    export_to(path, pack)
    entries = JournalEntry.objects.count()

    told = bring_back(path, pack)

    assert told.registered.merged is not None
    assert told.registered.batch == 0
    assert (told.registered.merged.taken, told.registered.merged.conflicts) == (0, ())
    assert told.registered.same == {"estate": 5, "building": Building.objects.count(), "unit": 40}
    assert (recorded(), JournalEntry.objects.count(), ImportBatch.objects.count()) == (before, entries, 1)
    assert told.intake.complaints == 0
