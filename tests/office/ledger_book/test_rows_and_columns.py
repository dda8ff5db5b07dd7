"""Rows and columns of the ledger's workbook: sorted, moved, hidden, added, removed, copied."""

from __future__ import annotations

from taizhang.ledger.models import Estate, Unit
from taizhang.office.register import register
from taizhang.office.undoing import undo_import
from tests.office.builders import NOON, draft
from tests.office.ledger_books import Book, bring_back, export_to, first_units, recorded

from .cells import (
    AREA,
    BASIS,
    BUILDINGS,
    ESTATES,
    PAID,
    UNITS,
    codes,
    edited,
    facts_of,
    row_of,
)


def test_sorted_rows_and_moved_hidden_and_added_columns_are_no_trouble(out, pack):
    unit = first_units(1)[0]
    edited(out, unit, **{BASIS: "集资名册"})
    book = Book(out)
    sheet = book.sheet(UNITS)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    heads = [cell.value for cell in sheet[2]]
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))
    order = [*range(1, len(heads)), 0]  # the first column to the end
    for number, line in enumerate([heads, *reversed(rows)], 2):
        for column, at in enumerate(order, 1):
            sheet.cell(number, column).value = line[at]
    sheet.cell(2, len(heads) + 1).value = "走访记录"
    sheet.cell(3, len(heads) + 1).value = "周三再去"
    sheet.column_dimensions["F"].hidden = True
    before = recorded()
    book.save()

    told = bring_back(out, pack)

    before[unit.place]["facts"]["purchase_basis"] = "funded_roster"
    assert recorded() == before
    assert told.registered.merged.taken == 1


def test_rows_that_were_removed_stay_and_are_told(out, pack):
    before, unit = recorded(), first_units(1)[0]
    book = Book(out)
    book.sheet(UNITS).delete_rows(row_of(book, unit))
    book.save()

    told = bring_back(out, pack)

    assert recorded() == before
    assert told.registered.merged.removed == 1
    assert [one.read for one in told.registered.merged.told] == [unit.name]
    assert codes(told) == ["C-BOOK-REMOVED"]


def test_of_estates_that_are_left_out_whole_only_the_number_is_told(out, pack):
    """Who brings the rows of one street back may not see the others: none of their names is told."""
    kept = Estate.objects.order_by("id").first()
    book = Book(out)
    for name in (ESTATES, BUILDINGS, UNITS):
        sheet, column = book.sheet(name), book.column(name, "小区名称")
        for row in range(sheet.max_row, 2, -1):
            if sheet.cell(row, column).value != kept.name:
                sheet.delete_rows(row)
    book.save()

    told = bring_back(out, pack)

    (complaint,) = told.registered.merged.told
    assert (complaint.code, complaint.read) == ("C-BOOK-REMOVED", "")
    assert "4 estates" in complaint.message
    assert told.registered.merged.removed == 0
    assert told.registered.same["estate"] == 1


def test_rows_that_came_into_the_ledger_since_are_not_told_to_be_removed(small, pack, tmp_path):
    path = tmp_path / "台账.xlsx"
    take_in_drafts(draft("新邮电局家属楼", units=1))
    export_to(path, pack)
    take_in_drafts(draft("新邮电局家属楼", units=2))

    told = bring_back(path, pack)

    assert (told.registered.merged.removed, codes(told)) == (0, [])
    assert Unit.objects.filter(estate__name="新邮电局家属楼").count() == 2


def test_rows_that_were_added_are_new(out, pack):
    unit = first_units(1)[0]
    book = Book(out)
    last = book.sheet(UNITS).max_row + 1
    said = {"县区": unit.county, "小区名称": unit.estate.name, "幢号": unit.building.name, "房号": "9-909"}
    for heading, value in {**said, AREA: 77.7}.items():
        book.cell(UNITS, last, heading).value = value
    homes = unit.estate.units_total
    book.save()

    told = bring_back(out, pack)

    new = Unit.objects.get(name="9-909")
    assert (new.estate_id, new.building_id, new.county) == (unit.estate_id, unit.building_id, unit.county)
    assert facts_of(new) == {"area_m2": {"decimal": "77.7"}}
    assert Estate.objects.get(pk=unit.estate_id).units_total == homes + 1
    assert told.registered.new == {"estate": 0, "building": 0, "unit": 1}


def test_an_estate_that_was_added_with_its_homes_is_new_with_a_case(out, pack):
    book = Book(out)
    county = Estate.objects.first().county
    row = book.sheet(ESTATES).max_row + 1
    for heading, value in {"县区": county, "小区名称": "新增小区", "街道": "河西街道"}.items():
        book.cell(ESTATES, row, heading).value = value
    row = book.sheet(UNITS).max_row + 1
    for heading, value in {"县区": county, "小区名称": "新增小区", "幢号": "3", "房号": "101"}.items():
        book.cell(UNITS, row, heading).value = value
    book.save()

    told = bring_back(out, pack)

    estate = Estate.objects.get(name="新增小区")
    assert (estate.street, estate.units_total, estate.cases.count()) == ("河西街道", 1, 1)
    assert told.registered.new == {"estate": 1, "building": 1, "unit": 1}
    assert told.registered.changed == {"estate": 0, "building": 0, "unit": 0}


def test_a_row_that_was_copied_and_given_another_number_is_new(out, pack):
    unit = first_units(1)[0]
    book = Book(out)
    sheet, row = book.sheet(UNITS), row_of(book, unit)
    last = sheet.max_row + 1
    for cell in list(sheet[row]):
        sheet.cell(last, cell.column).value = cell.value
    book.cell(UNITS, last, "房号").value = "9-909"
    book.save()

    bring_back(out, pack)

    assert facts_of(Unit.objects.get(name="9-909")) == facts_of(unit)


def test_a_place_is_not_renamed_by_a_workbook(out, pack):
    before, unit = recorded(), first_units(1)[0]
    edited(out, unit, 房号="9-909", **{AREA: 61.5})

    told = bring_back(out, pack)

    assert recorded() == before
    assert codes(told) == ["C-BOOK-NAME"]


def test_rows_of_which_only_some_columns_were_sorted_are_not_merged(out, pack):
    before, (unit, other) = recorded(), first_units(2)
    book = Book(out)
    one, two = row_of(book, unit), row_of(book, other)
    numbers = [book.cell(UNITS, row, "房号") for row in (one, two)]
    numbers[0].value, numbers[1].value = numbers[1].value, numbers[0].value
    book.save()

    told = bring_back(out, pack)

    assert recorded() == before
    assert codes(told) == ["C-BOOK-KEY", "C-BOOK-KEY"]


def test_a_row_taken_out_of_the_ledger_since_is_told_and_not_brought_back(small, pack, tmp_path):
    path = tmp_path / "台账.xlsx"
    batch = take_in_drafts(draft("新邮电局家属楼", units=1)).batch
    export_to(path, pack)
    undo_import(batch, actor="clerk", now=NOON)
    before = recorded()

    told = bring_back(path, pack)

    assert recorded() == before
    assert codes(told) == ["C-BOOK-GONE"] * 3


def take_in_drafts(*drafts):
    return register(
        drafts,
        programme="title-certificates",
        file_name="a.xlsx",
        sha256="0" * 64,
        actor="clerk",
        now=NOON,
    )


def test_a_cell_that_cannot_be_read_is_complained_of_and_changes_nothing(out, pack):
    before, unit = recorded(), first_units(1)[0]
    edited(out, unit, **{PAID: "大概付清了吧", AREA: "约九十"})

    told = bring_back(out, pack)

    assert recorded() == before
    assert codes(told) == ["C-VALUE", "C-VALUE"]


def test_a_column_of_another_level_is_not_used_and_said(out, pack):
    before, unit = recorded(), first_units(1)[0]
    book = Book(out)
    sheet = book.sheet(UNITS)
    column = sheet.max_column + 1
    sheet.cell(2, column).value = "竣工验收备案表"
    sheet.cell(row_of(book, unit), column).value = "有"
    book.save()

    told = bring_back(out, pack)

    assert recorded() == before
    assert codes(told) == ["C-BOOK-LEVEL"]
