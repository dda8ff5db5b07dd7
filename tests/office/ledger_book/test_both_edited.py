"""The ledger's workbook, there and back: what the office changed, what the workbook changed, and both."""

from __future__ import annotations

import json
import zlib

from taizhang.ledger.models import Building, Estate, ImportBatch, JournalEntry
from taizhang.office.undoing import undo_import
from tests.office.builders import NOON
from tests.office.ledger_books import Book, at_the_desk, bring_back, export_to, first_units, recorded

from .cells import (
    AREA,
    BASIS,
    CONTRACT,
    ESTATES,
    HOUR,
    PAID,
    UNITS,
    codes,
    edited,
    facts_of,
    row_of,
)


def test_a_workbook_that_nobody_edited_changes_nothing(office, pack, tmp_path):
    before, path = recorded(), tmp_path / "台账.xlsx"
    export_to(path, pack)
    entries = JournalEntry.objects.count()

    told = bring_back(path, pack)

    assert told.registered.batch == 0
    assert (told.registered.merged.taken, told.registered.merged.conflicts) == (0, ())
    assert told.registered.same == {"estate": 5, "building": Building.objects.count(), "unit": 40}
    assert (recorded(), JournalEntry.objects.count(), ImportBatch.objects.count()) == (before, entries, 1)
    assert codes(told) == []


def test_only_the_cells_that_were_edited_change(office, pack, tmp_path):
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    unit, other = first_units(2)
    before = recorded()

    edited(path, unit, **{BASIS: "集资名册", AREA: 88.25, CONTRACT: "有，有效期至2026-03-01"})
    told = bring_back(path, pack)

    after = recorded()
    wanted = before[unit.place]
    wanted["facts"] |= {"purchase_basis": "funded_roster", "area_m2": {"decimal": "88.25"}}
    wanted["held"] |= {"filed_contract": "on_hand"}
    wanted["valid_until"] |= {"filed_contract": {"date": "2026-03-01"}}
    assert after == {**before, unit.place: wanted}
    assert told.registered.changed == {"estate": 0, "building": 0, "unit": 1}
    assert told.registered.merged.taken == 3
    assert other.place in after


def test_a_cell_that_was_emptied_is_not_known_any_more(out, pack):
    unit = next(one for one in first_units(40) if "purchase_basis" in facts_of(one))

    edited(out, unit, **{BASIS: None})
    bring_back(out, pack)

    assert "purchase_basis" not in facts_of(unit)


def test_words_of_an_estate_and_its_street_come_back(out, pack):
    estate = Estate.objects.order_by("id").first()
    was = estate.street
    book = Book(out)
    row = book.row(ESTATES, 小区名称=estate.name)
    book.cell(ESTATES, row, "备注").value = "=2+3 已联系开发商"
    book.cell(ESTATES, row, "备注").data_type = "s"  # as Excel writes what begins with an apostrophe
    book.cell(ESTATES, row, "街道").value = "新设街道"
    book.save()

    bring_back(out, pack)

    estate.refresh_from_db()
    words = json.loads(estate.identity)
    assert (estate.street, words["street"], words["remarks"]) == ("新设街道", "新设街道", "=2+3 已联系开发商")
    detail = json.loads(JournalEntry.objects.order_by("id").last().detail)
    # who may take it back is asked in both places
    assert [estate.county, was] in detail["places"]
    assert [estate.county, "新设街道"] in detail["places"]


def test_what_comes_back_is_in_the_journal_and_can_be_undone(out, pack, tmp_path):
    before, unit = recorded(), first_units(1)[0]
    edited(out, unit, **{PAID: "否", AREA: 61.5})
    told = bring_back(out, pack, now=NOON + HOUR)

    entry = JournalEntry.objects.order_by("id").last()
    detail = json.loads(entry.detail)
    assert (entry.act, detail["merged"]["taken"]) == ("import_ledger", told.registered.merged.taken)
    assert detail["merged"]["export"] == told.registered.merged.entry

    undo_import(told.registered.batch, actor="clerk", now=NOON + 2 * HOUR)
    assert recorded() == before


def test_the_journal_says_what_the_rows_say_after_estate_and_unit_changed_together(out, pack, sqlite):
    """The estate's row is written twice in such an import, and its second image must not be an old one."""
    Estate.objects.update(status=1)  # as if it had been planned
    unit = first_units(1)[0]
    book = Book(out)
    book.cell(ESTATES, book.row(ESTATES, 小区名称=unit.estate.name), "备注").value = "已现场核实"
    book.cell(UNITS, row_of(book, unit), AREA).value = 61.5
    book.save()

    bring_back(out, pack)

    images = [json.loads(line) for line in last_images()]
    of_estate = [one for table, key, one in images if (table, key) == ("ledger_estate", unit.estate_id)]
    assert [json.loads(one["identity"])["remarks"] for one in of_estate] == ["已现场核实"] * 2
    assert of_estate[-1]["status"] is None


def last_images():
    entry = JournalEntry.objects.order_by("id").last()
    for part in entry.images.order_by("number"):
        yield from zlib.decompress(bytes(part.images)).split(b"\n")


# ------------------------------------------------------------------------------------- both edited


def test_what_only_the_office_changed_is_kept(out, pack):
    unit = first_units(1)[0]
    at_the_desk(unit.place, facts={"purchase_basis": "court_document"})
    before = recorded()

    told = bring_back(out, pack)

    assert recorded() == before
    assert (told.registered.batch, told.registered.merged.ours, told.registered.merged.taken) == (0, 1, 0)


def test_what_both_changed_alike_is_no_conflict(out, pack):
    unit = first_units(1)[0]
    at_the_desk(unit.place, facts={"area_m2": {"decimal": "61.50"}})
    edited(out, unit, **{AREA: 61.5})

    told = bring_back(out, pack)

    assert (told.registered.merged.same, told.registered.merged.conflicts) == (1, ())
    assert told.registered.batch == 0


def test_what_both_changed_otherwise_is_listed_with_who_and_when_and_not_written(office, pack, tmp_path):
    unit, path = first_units(1)[0], tmp_path / "台账.xlsx"
    was = facts_of(unit).get("purchase_basis")
    export_to(path, pack)
    book = Book(path)
    row = row_of(book, unit)
    book.cell(UNITS, row, BASIS).value = "集资名册"
    address = book.cell(UNITS, row, BASIS).coordinate
    book.save()
    at_the_desk(unit.place, "5 李明", NOON + HOUR, facts={"purchase_basis": "unfiled_contract"})
    at_the_desk(unit.place, "6 王芳", NOON + 2 * HOUR, facts={"purchase_basis": "court_document"})
    at_the_desk(unit.place, "7 赵强", NOON + 3 * HOUR, facts={"lease_pending": True})

    told = bring_back(path, pack)

    (conflict,) = told.registered.merged.conflicts
    assert (conflict.sheet, conflict.cell, conflict.what) == (UNITS, address, "purchase_basis")
    assert (conflict.base, conflict.theirs, conflict.ours) == (was, "funded_roster", "court_document")
    assert (conflict.by, conflict.at, conflict.act) == ("6 王芳", NOON + 2 * HOUR, "record_facts")
    assert not conflict.taken
    assert told.registered.batch == 0
    assert facts_of(unit)["purchase_basis"] == "court_document"


def test_the_importer_may_take_what_is_in_conflict(out, pack):
    unit = first_units(1)[0]
    edited(out, unit, **{BASIS: "集资名册"})
    at_the_desk(unit.place, facts={"purchase_basis": "court_document", "lease_pending": True})

    told = bring_back(out, pack, conflicts="take")

    assert [one.taken for one in told.registered.merged.conflicts] == [True]
    assert facts_of(unit) == {**facts_of(unit), "purchase_basis": "funded_roster", "lease_pending": True}


def test_a_conflict_that_arose_after_the_importer_looked_is_not_taken(out, pack):
    unit, other = first_units(2)
    edited(out, unit, **{BASIS: "集资名册"})
    edited(out, other, **{BASIS: "集资名册"})
    at_the_desk(unit.place, facts={"purchase_basis": "court_document"})
    looked = bring_back(out, pack, dry_run=True).registered.merged
    at_the_desk(other.place, facts={"purchase_basis": "court_document"})

    told = bring_back(out, pack, conflicts="take", looked=looked.head)

    assert [one.taken for one in told.registered.merged.conflicts] == [True, False]
    assert facts_of(unit)["purchase_basis"] == "funded_roster"
    assert facts_of(other)["purchase_basis"] == "court_document"


def test_a_dry_run_says_the_same_and_writes_nothing(out, pack):
    unit = first_units(1)[0]
    edited(out, unit, **{BASIS: "集资名册", AREA: 61.5})
    at_the_desk(unit.place, facts={"purchase_basis": "court_document"})
    before, entries = recorded(), JournalEntry.objects.count()

    dry = bring_back(out, pack, dry_run=True)
    assert (recorded(), JournalEntry.objects.count()) == (before, entries)

    wet = bring_back(out, pack)
    assert dry.registered.merged == wet.registered.merged
    assert dry.registered.changed == wet.registered.changed
