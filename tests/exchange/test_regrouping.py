"""Estates merged and split as the mapping says: no row is lost, no building runs into another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exchange.builders import fact, paper, small_pack

from taizhang.exchange.excel.joining.gathering import GatheredCity, gather_all
from taizhang.exchange.excel.joining.regrouping import Merging, Part, Regrouping, Splitting, regroup
from taizhang.exchange.excel.planning import plan_ledgers
from taizhang.rules.terms import CityPlan, Held, Label, Ledger, LedgerRow, Pack

SOUTH, NORTH, MILL = "针织厂家属院（南区）", "针织厂家属院（北区）", "针织厂家属院"
MERGE = Regrouping((Merging(MILL, (SOUTH, NORTH), where="对照.yaml:3"),))


def law() -> Pack:
    """A fact and a paper of buildings, a fact of homes, and the small pack's of estates."""
    pack = small_pack()
    facts = (
        fact("fire_status", "bool", "building", label=Label("消防", "fire")),
        fact("residential", "bool", "unit"),
    )
    survey = paper("building_survey", "测绘报告", "building")
    return replace(
        pack,
        facts={**pack.facts, **{one.id: one for one in facts}},
        evidence={**pack.evidence, survey.id: survey},
    )


PACK = law()


def row(estate: str, building: str = "", unit: str = "", number: int = 3, **given) -> LedgerRow:
    """One row; its level follows from what it names."""
    level = "unit" if unit else "building" if building else "estate"
    facts, held = given.pop("facts", {}), given.pop("held", {})
    at = {
        name: f"{letter}{number}"
        for name, letter in zip(("estate", "units_total", "address"), "CDF", strict=True)
    }
    return LedgerRow(level, "台账", number, estate, building, unit, given, facts, held, at)


def ledger(*rows: LedgerRow, path: str = "a.xlsx") -> Ledger:
    return Ledger(path, rows, (), (), ())


def split(parts: dict[str, Part], estate: str = "花园小区", county: str = "") -> Regrouping:
    return Regrouping(splits=(Splitting(estate, parts, county, "对照.yaml:9"),))


def planned(regrouping: Regrouping, *ledgers: Ledger) -> CityPlan:
    return plan_ledgers(ledgers, PACK, regrouping=regrouping)


def gathered(regrouping: Regrouping, *ledgers: Ledger) -> GatheredCity:
    found = regroup(ledgers, regrouping, PACK)
    return gather_all(found.ledgers, PACK, found.part_of)


def homes(city: CityPlan | GatheredCity) -> dict[str, list[str]]:
    """Name of each estate -> its homes, with their buildings."""
    return {
        one.place.name: sorted(
            f"{one.places[place.parent].name} {place.name}"
            for place in one.places.values()
            if place.level == "unit"
        )
        for one in city.estates
    }


def told(city: CityPlan) -> list[tuple[str, str, str]]:
    return [(one.code, one.cell, one.read) for one in city.complaints]


def of_building(city: CityPlan, name: str, what: str) -> object:
    """What is recorded of a building itself."""
    (estate,) = city.estates
    (place,) = [one.id for one in estate.places.values() if (one.level, one.name) == ("building", name)]
    return estate.facts.get(
        (what, place), estate.held.get((what, place)) if hasattr(estate, "held") else None
    )


# ------------------------------------------------------------------------------- merging


def test_two_quarters_that_both_have_a_building_1_become_one_estate():
    one = ledger(row(SOUTH, units_total="2"), row(SOUTH, "1幢", "101"), row(SOUTH, "1", "102"))
    two = ledger(
        row(NORTH, units_total="1"), row(NORTH, "１号楼", "101"), row(NORTH, "2", "101"), path="b.xlsx"
    )
    city = planned(MERGE, one, two)

    assert homes(city) == {MILL: ["2 101", "北区１号楼 101", "南区1幢 101", "南区1幢 102"]}
    assert city.estates[0].identity["units_total"] == "3"
    assert [code for code, _, _ in told(city)] == ["C-UNITS-COUNT"]  # 北区 counts 1 and lists 2
    assert city.differences == ()


def test_quarters_that_are_only_counted_have_their_homes_numbered_in_buildings_of_their_own():
    rows = [
        row(SOUTH, units_total="2", buildings_total="1"),
        row(NORTH, number=4, units_total="3", buildings_total="1"),
    ]
    city = planned(MERGE, ledger(*rows))

    assert homes(city) == {
        MILL: ["北区1幢 第1户", "北区1幢 第2户", "北区1幢 第3户", "南区1幢 第1户", "南区1幢 第2户"]
    }
    assert city.estates[0].identity["units_total"] == "5"
    assert city.estates[0].identity["buildings_total"] == "2"
    assert told(city) == []


def test_a_quarter_that_is_only_counted_keeps_its_homes_beside_one_that_lists_them():
    rows = [row(SOUTH, units_total="1"), row(SOUTH, "1", "101"), row(NORTH, number=9, units_total="2")]
    city = planned(MERGE, ledger(*rows))

    assert homes(city) == {MILL: ["北区1幢 第1户", "北区1幢 第2户", "南区1 101"]}
    assert told(city) == []


def test_a_quarter_without_any_number_of_homes_is_said_at_its_cell():
    city = planned(MERGE, ledger(row(SOUTH, units_total="1"), row(NORTH, number=4)))

    assert homes(city) == {MILL: ["北区1幢 第1户", "南区1幢 第1户"]}
    assert told(city) == [("C-UNITS", "D4", "")]


def test_what_the_row_of_a_quarter_says_of_buildings_holds_for_its_own_only():
    """No part wins over the other, and what a building says itself comes before its estate's row."""
    rows = [
        row(SOUTH, units_total="2", facts={"fire_status": True}, held={"building_survey": Held.ON_HAND}),
        row(SOUTH, "1", facts={"fire_status": False}),
        row(SOUTH, "1", "101"),
        row(SOUTH, "3", "101"),
        row(NORTH, units_total="1", facts={"fire_status": False}, held={"building_survey": Held.MISSING}),
        row(NORTH, "1", "101"),
    ]
    found = gathered(MERGE, ledger(*rows))
    (estate,) = found.estates
    names = {place.id: place.name for place in estate.places.values()}

    assert {names[at]: value for (what, at), value in estate.facts.items() if what == "fire_status"} == {
        "南区1": False,
        "3": True,
        "北区1": False,
    }
    assert {names[at]: state for (_, at), state in estate.held.items()} == {
        "南区1": Held.ON_HAND,
        "3": Held.ON_HAND,
        "北区1": Held.MISSING,
    }
    assert found.differences == ()


def test_what_quarters_say_otherwise_of_the_estate_stands_side_by_side():
    rows = [
        row(SOUTH, units_total="1", address="纺织路18号", facts={"land_status": "no_procedure"}),
        row(NORTH, number=4, units_total="1", address="纺织路20号", facts={"land_status": "collective_land"}),
    ]
    city = planned(MERGE, ledger(*rows))

    assert [(one.what, one.used.text, one.other.text, one.other.cell) for one in city.differences] == [
        ("address", "纺织路18号", "纺织路20号", "F4"),
        ("land_status", "no_procedure", "collective_land", "A4"),
    ]
    assert [code for code, _, _ in told(city)] == ["C-CONFLICT", "C-CONFLICT"]  # and no C-ESTATE-TWICE


def test_two_ledgers_that_count_one_quarter_otherwise_are_set_side_by_side():
    one = ledger(row(SOUTH, units_total="2"), row(NORTH, number=4, units_total="4"))
    two = ledger(row(SOUTH, number=7, units_total="3"), path="b.xlsx")
    city = planned(MERGE, one, two)

    assert len(homes(city)[MILL]) == 6
    assert [(one.what, one.used.text, one.other.ledger, one.other.text) for one in city.differences] == [
        ("units_total", "2", "b.xlsx", "3")
    ]
    assert [code for code, _, _ in told(city)] == ["C-CONFLICT", "C-ESTATE-TWICE"]


def test_names_of_one_county_are_merged_and_those_of_another_are_not():
    rows = [row(SOUTH, county="东县", units_total="1"), row(NORTH, county="东县", units_total="1")]
    rows += [row(SOUTH, county="西县", units_total="1"), row(NORTH, county="西县", units_total="1")]
    east = Regrouping((Merging(MILL, (SOUTH, NORTH), "东县"),))
    city = planned(east, ledger(*rows))

    assert [(one.identity["county"], one.place.name) for one in city.estates] == [
        ("东县", MILL),
        ("西县", NORTH),
        ("西县", SOUTH),
    ]
    both = planned(MERGE, ledger(*rows))
    assert [(one.identity["county"], len(one.units)) for one in both.estates] == [("东县", 2), ("西县", 2)]
    assert [code for code, _, _ in told(both)] == ["C-REGROUP-COUNTY"]


def test_homes_without_a_county_go_with_their_estate():
    one = ledger(row(SOUTH, county="东县", units_total="1"), row(SOUTH, "1", "101"))
    two = ledger(row(NORTH, units_total="1"), path="b.xlsx")
    city = planned(MERGE, one, two)

    assert homes(city) == {MILL: ["北区1幢 第1户", "南区1 101"]}


def test_a_name_that_no_ledger_has_is_said_with_the_line_of_its_entry():
    typing = Regrouping((Merging(MILL, (SOUTH, "针织厂家属院（西区）"), where="对照.yaml:3"),))
    city = planned(typing, ledger(row(SOUTH, units_total="1"), row("粮库", units_total="1")))
    (said,) = city.complaints

    assert set(homes(city)) == {MILL, "粮库"}
    assert (said.code, said.read) == ("C-REGROUP-NAME", "针织厂家属院（西区）")
    for text in (said.message, said.zh):
        assert text.startswith("对照.yaml:3") and SOUTH in text


def test_a_name_that_another_estate_has_already_is_said():
    city = planned(
        MERGE,
        ledger(*(row(name, number=n, units_total="1") for n, name in enumerate((SOUTH, NORTH, MILL), 3))),
    )

    assert len(homes(city)[MILL]) == 3
    assert told(city) == [("C-REGROUP-INTO", "C5", MILL)]


def test_the_first_of_two_entries_for_one_name_counts():
    entries = Regrouping(
        (
            Merging(MILL, (SOUTH, NORTH), where="对照.yaml:3"),
            Merging("另一院", (NORTH, "粮库"), where="对照.yaml:4"),
        )
    )
    rows = [row(name, number=n, units_total="1") for n, name in enumerate((SOUTH, NORTH, "粮库"), 3)]
    city = planned(entries, ledger(*rows))

    assert {name: len(units) for name, units in homes(city).items()} == {MILL: 2, "另一院": 1}
    assert told(city) == [("C-REGROUP-TWICE", "C4", NORTH)]


def test_holders_are_shown_under_the_name_that_the_home_has_now():
    rows = [row(SOUTH, "1", "101", holder="王某"), row(NORTH, "1", "101", holder="李某")]
    city = planned(MERGE, ledger(*rows))

    assert [(one.estate, one.building, one.identity["holder"]) for one in city.ledgers[0].rows] == [
        (MILL, "南区1", "王某"),
        (MILL, "北区1", "李某"),
    ]


@pytest.mark.parametrize(
    ("names", "buildings"),
    [
        (("甲院", "乙院"), ["乙院1", "甲院1"]),
        (("花园小区", "花园小区二期"), ["二期1", "花园小区1"]),
        (("幸福里10号院", "幸福里12号院"), ["10号院1", "12号院1"]),
        (("院（一）", "院(一)"), ["院(一)·2··1", "院（一）·1··1"]),  # alike but for their width
    ],
)
def test_a_building_is_told_apart_by_what_tells_its_estate_apart(names, buildings):
    rows = [row(name, "1", "101") for name in names]
    city = planned(Regrouping((Merging("总院", names),)), ledger(*rows))

    assert sorted(one.name for one in city.estates[0].places.values() if one.level == "building") == buildings


# ------------------------------------------------------------------------------ splitting

PHASES = {"花园一期": Part(("1", "2幢")), "花园二期": Part(("3",))}


def test_an_estate_is_split_by_its_buildings_and_its_row_stands_for_each_part():
    rows = [
        row("花园小区", units_total="3", address="花园路1号", facts={"land_status": "no_procedure"}),
        *(row("花园小区", building, "101") for building in ("1幢", "２号楼", "3")),
    ]
    city = planned(split(PHASES), ledger(*rows))

    assert homes(city) == {"花园一期": ["1幢 101", "２号楼 101"], "花园二期": ["3 101"]}
    assert [one.identity["address"] for one in city.estates] == ["花园路1号"] * 2
    assert [set(one.facts.values()) for one in city.estates] == [{"no_procedure"}] * 2
    assert told(city) == []
    assert city.differences == ()


def test_homes_that_are_only_counted_go_as_the_entry_says_into_the_buildings_it_names():
    parts = {"花园一期": Part(("1", "2"), 4), "花园二期": Part(("3",), 2)}
    city = planned(split(parts), ledger(row("花园小区", units_total="6", buildings_total="3")))

    assert homes(city) == {
        "花园一期": ["1 第1户", "1 第2户", "2 第3户", "2 第4户"],
        "花园二期": ["3 第1户", "3 第2户"],
    }
    assert [code for code, _, _ in told(city)] == ["C-UNITS-SPREAD"]


def test_homes_that_nobody_shares_out_are_shared_by_buildings_and_said():
    city = planned(split(PHASES), ledger(row("花园小区", units_total="7", buildings_total="3")))

    assert {name: len(units) for name, units in homes(city).items()} == {"花园一期": 4, "花园二期": 3}
    assert told(city)[0] == ("C-REGROUP-UNITS", "C3", "7")


def test_units_of_an_entry_that_do_not_add_up_are_said():
    parts = {"花园一期": Part(("1",), 4), "花园二期": Part(("2",), 3)}
    city = planned(split(parts), ledger(row("花园小区", units_total="6")))
    (said,) = city.complaints

    assert (said.code, said.cell, said.read) == ("C-REGROUP-UNITS", "C3", "6")
    assert said.zh.startswith("对照.yaml:9") and "7 户" in said.zh


def test_rows_whose_building_is_in_no_part_keep_the_name_and_are_said_once():
    rows = [
        row("花园小区", units_total="4", facts={"land_status": "no_procedure"}),
        row("花园小区", "1", "101"),
    ]
    rows += [row("花园小区", "9", unit, number=8) for unit in ("101", "102")]
    rows += [row("花园小区", "", "103", number=12)]
    city = planned(split(PHASES), ledger(*rows))
    said = [one for one in city.complaints if one.code == "C-REGROUP-BUILDING"]

    assert homes(city)["花园小区"] == ["9 101", "9 102", "（幢号未填） 103"]
    assert homes(city)["花园一期"] == ["1 101"]
    assert [(one.sheet, one.cell, one.read) for one in said][:2] == [("台账", "C8", "9"), ("台账", "C12", "")]
    assert "2 行" in said[0].zh and said[0].zh.startswith("对照.yaml:9")
    assert {one.read for one in said[2:]} == {"2幢", "3"}  # of which no row speaks
    assert next(one for one in city.estates if one.place.name == "花园小区").facts


def test_a_building_given_to_two_parts_is_of_the_first():
    parts = {"花园一期": Part(("1",)), "花园二期": Part(("1幢", "2"))}
    city = planned(split(parts), ledger(row("花园小区", "1", "101"), row("花园小区", "2", "101")))

    assert homes(city) == {"花园一期": ["1 101"], "花园二期": ["2 101"]}
    assert [one.code for one in city.complaints] == ["C-REGROUP-BUILDING"]


def test_a_part_may_keep_the_name():
    parts = {"花园小区": Part(("1",)), "花园二期": Part(("2",))}
    rows = [row("花园小区", building, "101") for building in ("1", "2", "3")]
    city = planned(split(parts), ledger(row("花园小区", units_total="3"), *rows))

    assert homes(city) == {"花园二期": ["2 101"], "花园小区": ["1 101", "3 101"]}
    assert [one.code for one in city.complaints] == ["C-REGROUP-BUILDING"]


def test_rows_of_the_estate_in_two_ledgers_are_both_split():
    one = ledger(row("花园小区", units_total="2"), row("花园小区", "1", "101"), row("花园小区", "3", "101"))
    two = ledger(
        row("花园小区", address="花园路1号"), row("花园小区", "1", "101", holder="王某"), path="b.xlsx"
    )
    city = planned(split(PHASES), one, two)

    assert homes(city) == {"花园一期": ["1 101"], "花园二期": ["3 101"]}
    assert [one.identity["address"] for one in city.estates] == ["花园路1号"] * 2


# -------------------------------------------------------------------------------- the laws

NAMES = ("甲院南区", "甲院北区", "乙院", "丙院")


@st.composite
def ledgers_and_entries(draw: st.DrawFn) -> tuple[list[Ledger], Regrouping]:
    """Some ledgers of four estates, of which some are merged and some split; every home once."""
    style = {name: draw(st.sampled_from(["listed", "counted", "both"])) for name in NAMES}
    rows: list[list[LedgerRow]] = [[] for _ in range(draw(st.integers(1, 3)))]
    number = 2
    for name in NAMES:
        buildings = draw(st.lists(st.sampled_from(["", "1", "2幢", "03", "A南区1"]), min_size=1, unique=True))
        units = [(one, f"{n}") for one in buildings for n in range(1, draw(st.integers(1, 3)) + 1)]
        count = str(draw(st.integers(20, 40)) if style[name] == "counted" else len(units))
        if style[name] != "listed":
            number += 1
            fire = draw(st.sampled_from([{}, {"fire_status": True}, {"fire_status": False}]))
            rows[draw(st.integers(0, len(rows) - 1))].append(
                row(name, number=number, units_total=count, buildings_total=str(len(buildings)), facts=fire)
            )
        for building, unit in units if style[name] != "counted" else ():
            number += 1
            rows[draw(st.integers(0, len(rows) - 1))].append(row(name, building, unit, number=number))
    merges, splits = [], []
    for entry in range(draw(st.integers(0, 2))):
        names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
        into = draw(st.sampled_from([*NAMES, f"新院{entry}"]))
        merges.append(Merging(into, tuple(names), where=f"m:{entry}"))
    for entry in range(draw(st.integers(0, 2))):
        parts = {
            f"第{entry}部分{n}": Part(tuple(some))
            for n, some in enumerate(
                draw(
                    st.lists(
                        st.lists(st.sampled_from(["1", "2", "3", "4"]), min_size=1), min_size=1, max_size=3
                    )
                )
            )
        }
        splits.append(Splitting(draw(st.sampled_from(NAMES)), parts, where=f"s:{entry}"))
    ledgers = [Ledger(f"{n}.xlsx", tuple(some), (), (), ()) for n, some in enumerate(rows) if some]
    return ledgers, Regrouping(tuple(merges), tuple(splits))


def key(ledger_: Ledger, one: LedgerRow) -> tuple[str, str, int]:
    return ledger_.path, one.sheet, one.row


@settings(max_examples=400, deadline=None)
@given(ledgers_and_entries())
def test_every_row_ends_in_exactly_one_estate(case):
    ledgers, entries = case
    found = regroup(ledgers, entries, PACK).ledgers
    before = [key(one, row) for one in ledgers for row in one.rows]
    after: dict[tuple[str, str, int], list[LedgerRow]] = {}
    for one in found:
        for new in one.rows:
            after.setdefault(key(one, new), []).append(new)

    assert set(before) == set(after)
    for one in ledgers:
        for old in one.rows:
            new = [each for each in after[key(one, old)] if each.level == old.level]
            if old.level == "estate":  # it stands for each part
                assert len({each.estate for each in new}) == len(new) >= 1
            else:
                assert len(new) == 1 and new[0].unit == old.unit and new[0].facts == old.facts


@settings(max_examples=400, deadline=None)
@given(ledgers_and_entries())
def test_no_home_is_lost_or_made(case):
    ledgers, entries = case
    before = gather_all(ledgers, PACK)
    after = gathered(entries, *ledgers)

    assert sum(map(len, homes(after).values())) == sum(map(len, homes(before).values()))


@settings(max_examples=200, deadline=None)
@given(ledgers_and_entries(), st.randoms(use_true_random=False))
def test_the_order_of_ledgers_does_not_change_which_estates_there_are(case, chance):
    ledgers, entries = case
    other = list(ledgers)
    chance.shuffle(other)
    one, two = homes(gathered(entries, *ledgers)), homes(gathered(entries, *other))

    assert {name: len(units) for name, units in one.items()} == {
        name: len(units) for name, units in two.items()
    }


def test_nothing_is_touched_where_nothing_is_to_be_regrouped():
    one = ledger(row(SOUTH, units_total="1"))

    assert regroup([one], Regrouping(), PACK).ledgers[0] is one
