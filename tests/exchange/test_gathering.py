"""From ledger rows to places: nothing merged that is apart, nothing apart that is one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from taizhang.exchange.excel.joining.gathering import gather
from taizhang.exchange.excel.planning import plan_ledgers
from taizhang.rules.pack import load_pack
from taizhang.rules.terms import Held, Ledger, LedgerRow


@pytest.fixture(scope="module")
def pack():
    return load_pack("title-certificates", as_of=date(2024, 1, 28))


def row(estate="甲院", building="", unit="", number=3, **given) -> LedgerRow:
    """One row; its level follows from what it names."""
    level = "unit" if unit else "building" if building else "estate"
    facts, held = given.pop("facts", {}), given.pop("held", {})
    return LedgerRow(level, "台账", number, estate, building, unit, given, facts, held, {})


def ledger(*rows: LedgerRow, path="a.xlsx") -> Ledger:
    return Ledger(path, rows, (), (), ())


def units(estate) -> list[str]:
    return [place.id for place in estate.places.values() if place.level == "unit"]


def codes(complaints) -> list[str]:
    return [one.code for one in complaints]


def test_one_building_however_its_number_is_written(pack):
    rows = [row(building=text, unit=f"{n}01") for n, text in enumerate(("1", "1幢", "１号楼", "01栋"), 1)]
    found, complaints = gather([ledger(row(), *rows)], pack)

    assert len([place for place in found[0].places.values() if place.level == "building"]) == 1
    assert len(units(found[0])) == 4
    assert complaints == []


def test_names_with_separators_do_not_run_into_each_other(pack):
    rows = [row(building="1/2", unit="101"), row(building="1", unit="2/101"), row(building="1", unit="2›101")]
    found, _ = gather([ledger(row(), *rows)], pack)

    assert len(set(units(found[0]))) == 3


def test_a_building_that_is_not_given_is_not_building_one(pack):
    found, _ = gather([ledger(row(), row(unit="101"), row(building="1幢", unit="101"))], pack)

    assert len(units(found[0])) == 2


def test_a_county_may_be_called_anything(pack):
    found, _ = gather([ledger(row(county="city"), row(estate="乙院", county="county"))], pack)

    assert [one.place.name for one in found] == ["甲院", "乙院"]
    for one in found:
        levels = [place.level for place in one.places.values()]
        assert levels == ["city", "county", "estate", "building", "unit"]


def test_estates_of_one_name_in_two_counties_stay_apart(pack):
    found, _ = gather(
        [ledger(row(county="东县"), row(county="西县"), row(county="西县", building="1", unit="1"))], pack
    )

    assert [(one.identity["county"], len(units(one))) for one in found] == [("东县", 1), ("西县", 1)]


def test_a_count_that_differs_from_the_unit_sheet_is_said(pack):
    found, complaints = gather([ledger(row(units_total="84"), row(building="1", unit="101"))], pack)

    assert len(units(found[0])) == 1
    assert codes(complaints) == ["C-UNITS-COUNT"]


def test_units_that_are_only_counted_are_numbered_and_spread_with_a_complaint(pack):
    found, complaints = gather([ledger(row(units_total="10", buildings_total="3"))], pack)

    assert len(units(found[0])) == 10
    assert codes(complaints) == ["C-UNITS-SPREAD"]


def test_the_same_estate_in_two_ledgers_is_one_and_what_contradicts_is_said(pack):
    one = ledger(row(county="东县", facts={"legacy_case": True}, units_total="2"))
    two = ledger(row(county="东县", facts={"legacy_case": False}, units_total="2"), path="b.xlsx")
    found, complaints = gather([one, two], pack)

    assert len(found) == 1
    assert codes(complaints) == ["C-ESTATE-TWICE", "C-CONFLICT"]
    assert "a.xlsx" in complaints[0].message
    assert found[0].facts["legacy_case", found[0].place.id] is True


def test_a_ledger_of_units_only_keeps_who_is_responsible(pack):
    found, _ = gather(
        [ledger(row(building="1", unit="101", county="东县", responsible_official="周砚"))], pack
    )

    assert found[0].identity["responsible_official"] == "周砚"


def test_an_amount_of_a_unit_is_not_taken_from_the_row_of_its_estate(pack):
    found, complaints = gather([ledger(row(facts={"area_m2": Decimal(9000)}, units_total="1"))], pack)

    assert found[0].facts == {}
    assert codes(complaints) == ["C-LEVEL"]


def test_what_an_estate_row_says_holds_for_its_buildings_unless_a_building_says_otherwise(pack):
    rows = [
        row(facts={"fire_status": "none"}, held={"building_survey": Held.ON_HAND}, units_total="2"),
        row(building="1", facts={"fire_status": "accepted"}),
        row(building="1", unit="101"),
        row(building="2", unit="201"),
    ]
    found, complaints = gather([ledger(*rows)], pack)
    city = plan_ledgers([ledger(*rows)], pack)
    first, second = sorted(place for place in found[0].places.values() if place.level == "building")

    assert complaints == []
    facts = city.estates[0].facts
    assert facts["fire_status", first.id] == "accepted"
    assert ("fire_status", second.id) not in facts
    assert not any(gap.item == "building_survey" for gap in city.estates[0].joint.gaps)
