"""The summary says what the sheets say."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.exchange.city_builder import open_estate, small_city

from taizhang.exchange.excel.sheets.gap_rows import gap_rows, gaps_in
from taizhang.exchange.excel.summary import summary

KEYS = [
    "estates", "units", "units_by_status", "exact_units", "gaps", "gaps_by_supplier", "gap_rows",
    "estates_by_class", "fees_fen", "fees_unknown_units", "complaints", "pack", "pack_version", "as_of",
    "proved_optimal", "seconds",
]  # fmt: skip


def test_the_keys_are_those_of_the_contract_in_their_order():
    assert list(summary(small_city())) == KEYS


def test_the_numbers_of_the_small_city():
    said = summary(small_city())

    assert (said["estates"], said["units"], said["exact_units"]) == (2, 7, 6)
    assert said["units_by_status"] == {"proved": 1, "open": 4, "depends": 1, "blocked": 1}
    assert said["gaps"] == 1 + 1 + 4 + 4 + 1  # land, survey, contracts, receipts, the city's minutes
    assert said["gap_rows"] == 5
    assert said["fees_fen"] == 1_508_050 + 8_000 + 0 + 1_508_050
    assert said["fees_unknown_units"] == 5
    assert said["estates_by_class"] == {"LAND": 2, "SURVEY": 1}
    assert said["complaints"] == 3
    assert said["proved_optimal"] is False
    assert said["seconds"] == {"read": 0.5, "assess": 0.0, "plan": 0.0, "joint": 0.0, "write": 0.0}


def test_the_parts_add_up_to_the_whole():
    said = summary(small_city())

    assert sum(said["units_by_status"].values()) == said["units"]
    assert sum(said["gaps_by_supplier"].values()) == said["gaps"]


def test_a_paper_of_the_city_that_two_estates_wait_for_is_one_gap():
    city = small_city()
    waiting = city.estates[1]
    again = replace(waiting, place=replace(waiting.place, id="e3", name="丙小区"))
    rows = gap_rows(small_city(waiting, again))

    assert gaps_in(rows) == 1
    assert [estate.place.name for estate in rows[0].estates] == ["=乙小区（北区）", "丙小区"]
    assert rows[0].units == 2


def test_a_city_without_estates_has_a_summary_of_zeros():
    said = summary(replace(small_city(), estates=(), complaints=()))

    assert (said["estates"], said["units"], said["gaps"], said["gap_rows"], said["fees_fen"]) == (
        0,
        0,
        0,
        0,
        0,
    )


def test_the_unknown_price_of_one_unit_is_not_taken_for_nothing():
    rows = {row.item: row for row in gap_rows(small_city(open_estate()))}

    assert rows["survey_report"].money_fen is None
    assert (rows["tax_receipt"].money_fen, rows["tax_receipt"].money_unknown) == (150_000, 3)


def test_the_summary_is_plain_json():
    assert json.loads(json.dumps(summary(small_city())))["as_of"] == "2024-01-28"
