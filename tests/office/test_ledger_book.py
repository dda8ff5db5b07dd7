"""The ledger goes out as a workbook, is edited, and comes back cell by cell.

Gao Xiulan edits the workbook of her street on a machine without a network, while the office goes on.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from datetime import timedelta

import pytest
from openpyxl import Workbook, load_workbook

from taizhang.errors import InputError
from taizhang.exchange.demo_city.writing import write_demo_city
from taizhang.exchange.intake import read_intake
from taizhang.exchange.ledgerbook.marker import MARK
from taizhang.ledger.models import Building, Estate, Household, ImportBatch, JournalEntry, Unit
from taizhang.office.exporting import export_ledger
from taizhang.office.register import register
from taizhang.office.undoing import undo_import

from .builders import DAY, NOON, draft, law
from .ledger_books import Book, at_the_desk, bring_back, export_to, first_units, recorded, take_in

HOUR = timedelta(hours=1)
UNITS, ESTATES, BUILDINGS = "户台账", "小区台账", "幢台账"
BASIS, PAID, AREA = "取得方式", "房款是否付清", "建筑面积（平方米）"
CONTRACT = "已备案的商品房买卖合同"


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
    """The same, on SQLite alone."""
    return take_in(city_file, pack)


@pytest.fixture
def out(small, pack, tmp_path):
    """The workbook that Gao Xiulan has taken with her."""
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    return path


def row_of(book, unit):
    name = {"小区名称": unit.estate.name, "幢号": unit.building.name, "房号": unit.name}
    return book.row(UNITS, **name)


def edited(path, unit, **cells):
    """Write into cells of the row of a unit."""
    book = Book(path)
    row = row_of(book, unit)
    for heading, value in cells.items():
        book.cell(UNITS, row, heading).value = value
    return book.save()


def facts_of(unit):
    return json.loads(Unit.objects.get(pk=unit.pk).facts)


def codes(told):
    return [one.code for one in (*told.registered.merged.told, *told.intake.told)]


# ------------------------------------------------------------------------------------ there and back


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


# ---------------------------------------------------------------------------------- rows and columns


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


# ------------------------------------------------------------------------------------- other ledgers


def spoilt(path, row, column, value):
    book = load_workbook(path)
    book[MARK].cell(row, column).value = value
    book.save(path)


@pytest.mark.parametrize("how", ["another digest", "another entry", "no mark"])
def test_a_workbook_whose_mark_is_not_ours_is_an_ordinary_ledger_and_said_to_be(out, pack, how):
    unit = first_units(1)[0]
    edited(out, unit, **{AREA: 61.5})
    if how == "no mark":
        book = load_workbook(out)
        del book[MARK]
        book.save(out)
    else:
        spoilt(out, 1, 4 if how == "another digest" else 3, "0" * 64 if how == "another digest" else "1")

    told = bring_back(out, pack)

    assert told.registered.merged is None
    assert told.intake.told[0].code == "C-BOOK-OTHER"
    assert facts_of(unit)["area_m2"] == {"decimal": "61.5"}
    assert told.registered.new == {"estate": 0, "building": 0, "unit": 0}


def test_it_is_imported_by_itself(out, pack, city_file):
    with pytest.raises(InputError, match="E-BOOK-ALONE"):
        read_intake([city_file, out], pack)


# -------------------------------------------------------------------------------------- what goes out


def test_the_export_is_in_the_journal_with_who_what_and_how_much(small, pack, tmp_path):
    county = Estate.objects.first().county
    estates = list(Estate.objects.filter(county=county).values_list("pk", flat=True))

    told = export_to(tmp_path / "台账.xlsx", pack, {"county": county})

    entry = JournalEntry.objects.get(pk=told.entry)
    detail = json.loads(entry.detail)
    assert (entry.act, entry.actor, entry.county, entry.digest) == (
        "export_ledger",
        "clerk",
        county,
        told.digest,
    )
    assert (detail["scope"], sorted(detail["estates"])) == ({"county": county}, sorted(estates))
    assert detail["units"] == Unit.objects.filter(county=county).count() == len(told.units)


def test_no_text_of_a_person_leaves_with_it(small, pack, tmp_path, city_file):
    assert Household.objects.count() > 0
    book = load_workbook(city_file, read_only=True)
    sheet = book.worksheets[2]
    heads = [cell.value for cell in next(iter(sheet.iter_rows(min_row=3, max_row=3)))]
    at = next(number for number, head in enumerate(heads) if head in ("户主", "权利人", "购房人", "姓名"))
    names = {row[at] for row in sheet.iter_rows(min_row=4, values_only=True) if row[at]}
    path = tmp_path / "台账.xlsx"

    export_to(path, pack)

    with zipfile.ZipFile(path) as package:
        text = "".join(package.read(name).decode() for name in package.namelist() if name.endswith(".xml"))
    assert len(names) > 10
    assert [name for name in names if name in text] == []


def test_an_empty_scope_is_refused_and_leaves_no_entry(small, pack):
    entries = JournalEntry.objects.count()

    with pytest.raises(InputError, match="E-EXPORT-EMPTY"):
        export_ledger(None, {"county": "没有的县"}, actor="clerk", now=NOON, today=DAY)

    assert JournalEntry.objects.count() == entries


def test_text_that_looks_like_a_formula_is_text(small, pack, tmp_path):
    estate, path = Estate.objects.order_by("id").first(), tmp_path / "台账.xlsx"
    at_the_desk(
        estate.place, identity={"remarks": "=1+1", "address": "@SUM(A1)", "sponsor": "+8613800000000"}
    )

    export_to(path, pack)

    book = Book(path)
    row = book.row(ESTATES, 小区名称=estate.name)
    cells = [book.cell(ESTATES, row, heading) for heading in ("备注", "坐落", "包保领导")]
    assert [(one.value, one.data_type, one.number_format) for one in cells] == [
        ("=1+1", "s", "@"),
        ("@SUM(A1)", "s", "@"),
        ("+8613800000000", "s", "@"),
    ]


def test_every_kind_of_value_is_written_as_an_officer_would_and_comes_back(small, pack, tmp_path):
    unit, path = first_units(1)[0], tmp_path / "台账.xlsx"
    at_the_desk(
        unit.place,
        facts={
            "purchase_basis": "court_document",
            "price_paid_in_full": False,
            "area_m2": {"decimal": "88.125"},
            "price": 35_800_050,
            "vat_rate": {"decimal": "0.05"},
            "family_home_ordinal": 2,
            "no_such_fact": "kept",
        },
        held={"filed_contract": "on_hand", "deed_tax_receipt": "missing", "sale_invoice": "unobtainable"},
        valid_until={"filed_contract": {"date": "2026-03-01"}},
    )
    before = recorded()
    export_to(path, pack)
    book = Book(path)
    row = row_of(book, unit)

    headings = (BASIS, PAID, AREA, "成交价（不含增值税）", "增值税率（征收率）", "家庭第几套住房")
    papers = (CONTRACT, "契税完税凭证", "销售不动产发票")
    assert [book.cell(UNITS, row, one).value for one in headings] == [
        "法院文书",
        "否",
        88.125,
        358000.5,
        0.05,
        2,
    ]
    assert [book.cell(UNITS, row, one).value for one in papers] == ["有，有效期至2026-03-01", "缺", "灭失"]
    assert book.cell(UNITS, row, "成交价（不含增值税）").number_format == "#,##0.00"
    assert bring_back(path, pack).registered.merged.taken == 0
    assert recorded() == before


def test_a_sheet_that_would_be_too_long_goes_on_on_a_further_one(small, pack, tmp_path):
    path, unit = tmp_path / "台账.xlsx", Unit.objects.order_by("id").last()
    export_to(path, pack, most=15)
    book = load_workbook(path)
    assert [name for name in book.sheetnames if name.startswith(UNITS)] == [UNITS, "户台账 2", "户台账 3"]

    assert bring_back(path, pack).registered.same["unit"] == 40

    sheet = book["户台账 3"]
    heads = [cell.value for cell in sheet[2]]
    sheet.cell(sheet.max_row, heads.index(AREA) + 1).value = 61.5
    book.save(path)
    told = bring_back(path, pack)
    assert told.registered.merged.taken == 1
    assert facts_of(unit)["area_m2"] == {"decimal": "61.5"}


def test_its_headings_are_frozen_filtered_and_listed(out):
    book = load_workbook(out)
    for name in (ESTATES, BUILDINGS, UNITS):
        sheet = book[name]
        assert sheet.freeze_panes.endswith("3")
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
        rules = [one for one in sheet.data_validations.dataValidation if one.formula1.startswith("选项!")]
        assert len(rules) > 10
        assert {str(one.sqref).rpartition(":")[2].strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for one in rules} == {
            str(sheet.max_row)
        }
    assert [book[name].sheet_state for name in (MARK, "选项")] == ["hidden", "hidden"]


def test_units_that_were_only_counted_and_buildings_without_a_number_come_back_as_themselves(
    sqlite, pack, tmp_path
):
    book = load_ledger(
        tmp_path / "简.xlsx",
        小区台账=[["县区", "小区名称", "总户数", "幢数"], ["甲县", "只计户数的小区", 12, 2]],
        户台账=[["县区", "小区名称", "房号", "竣工验收备案表"], ["甲县", "没有幢号的小区", "101", "有"]],
    )
    take_in(book, pack)
    before, path = recorded(), tmp_path / "台账.xlsx"
    export_to(path, pack)
    assert Building.objects.filter(name="（幢号未填）").exists()

    assert codes(bring_back(path, pack)) == []
    spoilt(path, 1, 4, "0" * 64)  # as an ordinary ledger it names the same places as well
    told = bring_back(path, pack)

    assert told.registered.new == {"estate": 0, "building": 0, "unit": 0}
    assert recorded().keys() == before.keys()


def load_ledger(path, **sheets):
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path
