"""The ledger's workbook beside what the office does: papers accepted, holders sealed, rights, verify."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from taizhang.errors import AccessError
from taizhang.ledger.models import Estate, Household, JournalEntry, Official, Organisation, Task, Unit
from taizhang.office.access import Person, Scope, person_of
from taizhang.office.exporting import export_ledger
from taizhang.office.household_seals import HouseholdDraft, open_ring, texts_of
from taizhang.office.households import erase_household, rotate_keys
from taizhang.office.ledgerbook import HOLDER
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import adopt_plan, propose_plans
from taizhang.office.register import register
from taizhang.office.workflow import Paper, accept_evidence, acknowledge_task, hand_in_evidence
from taizhang.verify import verify
from tests.office.builders import DAY, NOON, draft
from tests.office.ledger_books import Book, bring_back, export_to

HOUR = timedelta(hours=1)
WANG = HouseholdDraft("王小明", "371502189809294004", "13812345678")
UNITS, ESTATES = "户台账", "小区台账"


def taken_in(*drafts):
    return register(
        drafts,
        programme="title-certificates",
        file_name="台账.xlsx",
        sha256="0" * 64,
        actor="test",
        now=NOON,
    )


@pytest.fixture
def office(sqlite, pack):
    """The knitting mill's estate with a plan that Wang Jianguo has adopted; a second estate elsewhere."""
    first = draft()
    told = replace(first, households={f"{first.place}›1›101": WANG})
    taken_in(told, draft("邮电局家属楼", "茌平区", "振兴街道", 2))
    names = {name: one.zh for name, one in pack.suppliers.items()}
    establish_offices(names, city="市专班", actor="test", now=NOON)
    estate = Estate.objects.get(name="针织厂家属院")
    propose_plans(pack, [estate], actor="test", now=NOON)
    grant_role("王建国", "leader", Organisation.objects.get(kind="city"), actor="test", now=NOON)
    wang = Official.objects.get(name="王建国")
    adopt_plan(pack, estate.pk, by=wang, now=NOON, start_on=DAY)
    return estate


def accepted_paper(until=None):
    """Gao Xiulan hands a paper of the estate in, and Wang Jianguo accepts it; which."""
    mine = Task.objects.filter(responsible__name="高秀岚", level="estate", kind="gap")
    task = mine.order_by("id").first()
    gao, wang = person_of(task.responsible, DAY), person_of(Official.objects.get(name="王建国"), DAY)
    acknowledge_task(gao, task.pk, NOON)
    hand_in_evidence(gao, task.pk, NOON + HOUR, Paper("棠测〔2024〕12号", DAY, until))
    accept_evidence(wang, task.pk, NOON + 2 * HOUR)
    return task


def held(place):
    row = Estate.objects.get(place=place)
    return json.loads(row.held), json.loads(row.valid_until)


@pytest.mark.parametrize(("word", "kept", "unobtainable"), [("缺", 1, 0), ("灭失", 0, 1)])
def test_a_paper_accepted_while_the_workbook_was_out_stays_on_hand(
    office, pack, tmp_path, word, kept, unobtainable
):
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    task = accepted_paper()
    book = Book(path)
    label = pack.evidence[task.item].label.zh
    book.cell(ESTATES, book.row(ESTATES, 小区名称=office.name), label).value = word
    book.save()

    told = bring_back(path, pack, conflicts="take").registered

    assert held(task.place)[0][task.item] == "on_hand"
    assert (told.batch, told.kept, len(told.conflicts)) == (0, kept, unobtainable)
    assert told.merged.conflicts == ()
    assert [one.code for one in told.merged.told] == ["C-BOOK-ACCEPTED"]


def test_an_accepted_paper_that_the_workbook_knows_to_be_renewed_has_the_later_day(office, pack, tmp_path):
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    task = accepted_paper(date(2024, 12, 31))
    book = Book(path)
    label = pack.evidence[task.item].label.zh
    cell = book.cell(ESTATES, book.row(ESTATES, 小区名称=office.name), label)
    cell.value = "有，有效期至2026-12-31"
    book.save()

    bring_back(path, pack)

    states, until = held(task.place)
    assert (states[task.item], until[task.item]) == ("on_hand", {"date": "2026-12-31"})


# ----------------------------------------------------------------------------------------- holders


def with_holders(path, **names):
    """Somebody adds a column with holders to the unit sheet; ``u101="王晓明"``."""
    book = Book(path)
    sheet = book.sheet(UNITS)
    column = sheet.max_column + 1
    sheet.cell(2, column).value = "户主"
    for number, name in names.items():
        row = book.row(UNITS, 小区名称="针织厂家属院", 房号=number[1:])
        sheet.cell(row, column).value = name
    book.save()


def holder(number):
    row = Household.objects.get(unit__name=number, unit__estate__name="针织厂家属院")
    return texts_of(open_ring(), row)


def test_holders_written_in_are_sealed_and_nothing_else_of_them_changes(office, pack, tmp_path):
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    with_holders(path, u101="王晓明", u102="李红")
    rotate_keys(actor="test", now=NOON)  # a new key is no change of a household

    told = bring_back(path, pack).registered

    assert (told.merged.conflicts, told.households) == ((), {"new": 1, "changed": 1, "same": 0})
    assert holder("101") == HouseholdDraft("王晓明", WANG.id_number, WANG.phone)
    assert holder("102").holder == "李红"


def test_a_holder_changed_here_since_is_a_conflict_that_quotes_nobody(office, pack, tmp_path):
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    first = draft()
    taken_in(replace(first, households={f"{first.place}›1›101": HouseholdDraft("王大明")}))
    with_holders(path, u101="王晓明")

    kept = bring_back(path, pack).registered
    (conflict,) = kept.merged.conflicts
    assert (conflict.what, conflict.base, conflict.theirs, conflict.ours) == (HOLDER, None, None, None)
    assert "王" not in repr(conflict)
    assert holder("101").holder == "王大明"

    bring_back(path, pack, conflicts="take")
    assert holder("101").holder == "王晓明"


def test_a_household_that_was_erased_is_not_brought_back(office, pack, tmp_path):
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    with_holders(path, u101="王晓明")
    unit = Unit.objects.get(name="101", estate=office)
    erase_household(unit.pk, reason="本人申请", actor="test", now=NOON)

    bring_back(path, pack, conflicts="take")

    assert bytes(Household.objects.get(unit=unit).subject_key) == b""


# ------------------------------------------------------------------------------------------ rights


def person(*scopes):
    return Person(9, "周丽", scopes)


def test_only_estates_of_the_persons_place_go_out(office, pack):
    scopes = (Scope("leader", "茌平区"), Scope("analyst"))

    told = export_ledger(person(*scopes), {}, actor="9 周丽", now=NOON, today=DAY)

    assert [one.estate for one in told.estates] == ["邮电局家属楼"]
    assert {one.county for one in told.units} == {"茌平区"}
    with pytest.raises(AccessError, match="E-ACCESS"):
        export_ledger(person(Scope("analyst")), {}, actor="9 周丽", now=NOON, today=DAY)


def test_a_bureau_takes_no_ledger_out(office):
    with pytest.raises(AccessError, match="E-ACCESS"):
        export_ledger(
            person(Scope("leader", "东昌府区", "", "surveyor")), {}, actor="9 周丽", now=NOON, today=DAY
        )


def test_it_is_brought_back_by_who_may_import_there_and_moves_no_estate_away(office, pack, tmp_path):
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    here = person(Scope("importer", "东昌府区", "柳园街道"))
    with pytest.raises(AccessError, match="E-ACCESS-PLACE"):
        bring_back(path, pack, person=here)

    export_to(path, pack, {"county": "东昌府区"})
    assert bring_back(path, pack, person=here).registered.batch == 0

    book = Book(path)
    book.cell("小区台账", book.row("小区台账", 小区名称=office.name), "街道").value = "新区街道"
    book.save()
    with pytest.raises(AccessError, match="E-ACCESS-PLACE"):
        bring_back(path, pack, person=here)
    assert Estate.objects.get(pk=office.pk).street == "柳园街道"


# ------------------------------------------------------------------------------------------ verify


def test_the_journal_holds_after_all_of_it(office, pack, sqlite, tmp_path):
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    accepted_paper()
    with_holders(path, u102="李红")
    book = Book(path)
    book.cell("小区台账", book.row("小区台账", 小区名称=office.name), "备注").value = "已核"
    row = book.row(UNITS, 小区名称=office.name, 房号="101")
    book.cell(UNITS, row, "取得方式").value = "集资名册"
    last = book.sheet(UNITS).max_row + 1
    for heading, value in {"县区": "东昌府区", "小区名称": office.name, "幢号": "1", "房号": "104"}.items():
        book.cell(UNITS, last, heading).value = value
    book.save()

    told = bring_back(path, pack, plans=True, now=NOON + 3 * HOUR)

    assert told.registered.merged.taken == 2
    assert told.planned == 2  # the other estate had no plan yet
    assert Estate.objects.get(pk=office.pk).units_total == 4
    assert JournalEntry.objects.filter(act="import_ledger").count() == 2
    assert verify(sqlite).findings == ()
