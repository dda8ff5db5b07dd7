"""The example ledger is the case of the newspaper page, as untidy as real ones are."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import chain
from pathlib import Path

import openpyxl
import pytest

from taizhang.exchange.excel.example import ESTATE, write_example
from taizhang.exchange.excel.reading import read_ledger
from taizhang.rules.terms import Held, Ledger, LedgerRow, Pack


@pytest.fixture(scope="module")
def path(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("example") / "台账.xlsx"
    write_example(target, pack)
    return target


@pytest.fixture(scope="module")
def ledger(path: Path, pack: Pack) -> Ledger:
    return read_ledger(path, pack)


@pytest.fixture(scope="module")
def estate(ledger: Ledger) -> LedgerRow:
    (row,) = [row for row in ledger.rows if row.level == "estate"]
    return row


@pytest.fixture(scope="module")
def units(ledger: Ledger) -> list[LedgerRow]:
    return [row for row in ledger.rows if row.level == "unit"]


def test_it_is_one_estate_of_84_units_in_one_building_of_seven_storeys(estate, units):
    storeys = Counter(unit.unit.split("单元")[1][0] for unit in units)

    assert (estate.estate, estate.identity["units_total"], estate.identity["buildings_total"]) == (
        ESTATE,
        "84",
        "1",
    )
    assert len({(unit.building, unit.unit) for unit in units}) == 84
    assert {unit.building for unit in units} == {"1幢"}
    assert storeys == dict.fromkeys("1234567", 12)


def test_its_case_is_that_of_the_page(estate):
    """Built with the workers' money in 2001, no land or planning papers, the factory is gone."""
    known = {
        "project_type": "unit_funded_collective",
        "land_status": "no_procedure",
        "planning_permit_status": "none",
        "planning_verification": "cannot_makeup_old",
        "completion_acceptance": "never_accepted",
        "fire_status": "none",
        "developer_status": "deregistered",
    }

    assert {name: estate.facts[name] for name in known} == known
    assert estate.held["in_urban_planning_area"] is Held.ON_HAND
    assert estate.held["land_use_certificate"] is Held.MISSING
    assert estate.identity["completed_on"] == "２００１年"  # as the officer typed it


def test_somebody_is_responsible_and_somebody_vouches(estate):
    assert estate.identity["responsible_official"]
    assert estate.identity["sponsor"]


def test_three_in_ten_facts_are_unknown(ledger):
    asked = known = 0
    for row in ledger.rows:
        fields = [one.field for one in ledger.columns if one.sheet == row.sheet and one.kind == "fact"]
        asked += len(fields)
        known += len(row.facts)

    assert 0.3 <= 1 - known / asked <= 0.4


def test_what_an_officer_types_in_doubt_is_complained_of_with_its_cell(ledger):
    assert [(one.code, one.sheet, one.read) for one in ledger.complaints] == [
        ("C-VALUE", "户台账", "首套?"),
        ("C-VALUE", "户台账", "约75"),
    ]
    assert all(one.cell for one in ledger.complaints)


def test_every_heading_is_recognised_but_the_one_that_is_the_officers_own(ledger):
    assert [(one.sheet, one.heading) for one in ledger.columns if one.kind == "unknown"] == [
        ("小区台账", "群众诉求摘要")
    ]
    copy = ledger.sheets[0]
    at = copy.rows[copy.header_rows[0]].index("群众诉求摘要")
    assert copy.rows[copy.header_rows[-1] + 1][at] == "多次反映孩子上学需要房产证"


def test_it_has_a_title_headings_over_two_rows_a_total_and_a_note(ledger):
    copy = ledger.sheets[0]
    text = [next((str(cell) for cell in row if cell is not None), "") for row in copy.rows]

    assert "演示数据，虚构" in text[0]
    assert copy.header_rows == (1, 2)
    assert len(copy.merges) > 10
    assert text[4] == "合计"
    assert text[6].startswith("注：")


def test_nobody_in_it_is_real(path):
    """Names are a family name, 某 and a number; every sheet says that it is made up."""
    book = openpyxl.load_workbook(path)
    holders = [cell.value for cell in book["户台账"]["E"][3:]]

    assert all(len(name) == 4 and name[1] == "某" and name[2:].isdigit() for name in holders)
    assert all("演示数据，虚构" in str(sheet["A1"].value) for sheet in book)


def test_a_text_that_begins_like_a_formula_is_text(path):
    book = openpyxl.load_workbook(path)

    assert {cell.data_type for cell in chain.from_iterable(chain.from_iterable(book))} <= {"s", "n"}


def test_the_same_pack_gives_the_same_bytes(path, pack, tmp_path):
    write_example(tmp_path / "b.xlsx", pack)

    assert (
        hashlib.sha256((tmp_path / "b.xlsx").read_bytes()).digest()
        == hashlib.sha256(path.read_bytes()).digest()
    )
