"""The merge of the ledger's workbook against an oracle that knows only the rule, on random edits.

The oracle is four lines over plain JSON; it reads no code of the merge, and says for each cell what must be
recorded afterwards and which cells must be listed as conflicts.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from taizhang.exchange.demo_city.writing import write_demo_city
from taizhang.ledger.models import Building, Estate, Unit
from tests.office.builders import NOON
from tests.office.ledger_books import Book, at_the_desk, bring_back, export_to, recorded, take_in

SEEDS = range(8)
_PAPER = {"有": "on_hand", "缺": "missing", "灭失": "unobtainable", "不清楚": None, None: None}
_YES_NO = {"是": True, "否": False, "不清楚": None, None: None}
_AREA = {61.5: {"decimal": "61.5"}, 88.25: {"decimal": "88.25"}, None: None}
_WORDS = {"已核": "已核", "再访": "再访", None: None}


@dataclass(frozen=True, eq=False)
class Field:
    """A column: where it stands, where it is recorded, and what its words mean."""

    sheet: str
    heading: str
    kind: str  #: column of the table
    name: str
    words: dict


@pytest.fixture(scope="module")
def city_file(tmp_path_factory, pack) -> Path:
    path = tmp_path_factory.mktemp("city") / "城市.xlsx"
    write_demo_city(path, estates=3, units=24, seed=5, pack=pack)
    return path


def fields(pack) -> dict[str, list[Field]]:
    """Columns to edit, by sheet."""
    basis = {label.zh: value for value, label in pack.facts["purchase_basis"].values.items()} | {None: None}
    fire = {label.zh: value for value, label in pack.facts["fire_status"].values.items()} | {None: None}
    units, buildings, estates = "户台账", "幢台账", "小区台账"
    return {
        units: [
            Field(units, "取得方式", "facts", "purchase_basis", basis),
            Field(units, "房款是否付清", "facts", "price_paid_in_full", _YES_NO),
            Field(units, "建筑面积（平方米）", "facts", "area_m2", _AREA),
            Field(units, "已备案的商品房买卖合同", "held", "filed_contract", _PAPER),
            Field(units, "契税完税凭证", "held", "deed_tax_receipt", _PAPER),
        ],
        buildings: [
            Field(buildings, "消防手续情况", "facts", "fire_status", fire),
            Field(buildings, "竣工验收备案表", "held", "completion_filing_form", _PAPER),
        ],
        estates: [
            Field(estates, "备注", "words", "remarks", _WORDS),
            Field(estates, "竣工验收备案表", "held", "completion_filing_form", _PAPER),
        ],
    }


def merged(base, theirs, ours, choice):
    """The rule: value of the cell afterwards, and whether it is a conflict."""
    if theirs == base:
        return ours, False
    if ours in (base, theirs):
        return theirs, False
    return (theirs if choice == "take" else ours), True


def said(told, kind, name):
    """What a cell says: a paper with its last day, as long as it is on hand."""
    value = told[kind].get(name)
    if kind == "held" and value is not None:
        return value, told["valid_until"].get(name) if value == "on_hand" else None
    return plain(value)


def plain(value):
    """A number by its value: 61.5 and 61.50 are one."""
    return Decimal(value["decimal"]) if isinstance(value, dict) and "decimal" in value else value


def name_cells(model, place: str) -> dict[str, str]:
    row = model.objects.get(place=place)
    if model is Estate:
        return {"小区名称": row.name}
    if model is Building:
        return {"小区名称": row.estate.name, "幢号": row.name}
    return {"小区名称": row.estate.name, "幢号": row.building.name, "房号": row.name}


def shuffled(book: Book, name: str, chance: random.Random) -> None:
    """Sort whole rows anew."""
    sheet = book.sheet(name)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    chance.shuffle(rows)
    for number, row in enumerate(rows, 3):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value


@pytest.mark.parametrize("seed", SEEDS)
def test_every_cell_is_what_the_rule_says_and_every_conflict_is_listed(
    sqlite, pack, city_file, tmp_path, seed
):
    chance = random.Random(seed)
    choice = chance.choice(["keep", "take"])
    take_in(city_file, pack)
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    base = recorded()
    models = {"户台账": Unit, "幢台账": Building, "小区台账": Estate}
    cells = [
        (place, field)
        for name, some in fields(pack).items()
        for place in models[name].objects.values_list("place", flat=True)
        for field in some
    ]
    both = chance.sample(cells, 14)  # so that there are conflicts, and like changes, among them
    theirs, ours = {}, {}
    for place, field in dict.fromkeys([*both, *chance.sample(cells, 10)]):
        text = chance.choice(list(field.words))
        theirs[place, field.kind, field.name] = (field, text)
    for place, field in dict.fromkeys([*both, *chance.sample(cells, 10)]):
        ours[place, field.kind, field.name] = chance.choice(list(field.words.values()))

    book = Book(path)
    for (place, _, _), (field, text) in theirs.items():
        row = book.row(field.sheet, **name_cells(models[field.sheet], place))
        book.cell(field.sheet, row, field.heading).value = text
    gone = chance.choice(
        [one for one in base if one.count("›") == 4 and not any(one == key[0] for key in theirs)]
    )
    book.sheet("户台账").delete_rows(book.row("户台账", **name_cells(Unit, gone)))
    shuffled(book, "户台账", chance)
    book.save()
    for number, ((place, kind, name), value) in enumerate(ours.items()):
        column = "identity" if kind == "words" else kind
        at_the_desk(place, now=NOON + timedelta(minutes=number), **{column: {name: value}})
    before = recorded()

    told = bring_back(path, pack, conflicts=choice).registered.merged

    expected, conflicts = copy.deepcopy(before), set()
    for (place, kind, name), (field, text) in theirs.items():
        wrote = field.words[text]
        edit = (wrote, None) if kind == "held" and wrote else plain(wrote)
        now = said(before[place], kind, name)
        value, is_conflict = merged(said(base[place], kind, name), edit, now, choice)
        if is_conflict:
            conflicts.add((place, name))
        if value != now:
            expected[place][kind].pop(name, None)
            if kind == "held":
                expected[place]["valid_until"].pop(name, None)
            if wrote is not None:
                expected[place][kind][name] = wrote
    assert recorded() == expected
    assert {(one.place, one.what) for one in told.conflicts} == conflicts
    assert all(one.by == "3 高秀岚" and one.at >= NOON for one in told.conflicts)
    assert told.removed == 1


def test_the_seeds_meet_every_case(pack):
    """Some of the seeds keep and some take: else the test above would promise less than it says."""
    assert {random.Random(seed).choice(["keep", "take"]) for seed in SEEDS} == {"keep", "take"}
