"""A plan of a city tells like papers of many units once: every list says what single records would say."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

import pytest
from tests.exchange.city_builder import open_estate, small_city
from tests.exchange.test_city_workbook import as_read, listed, pressed, three_counties

from taizhang.exchange.excel.sheets.gap_rows import gap_rows
from taizhang.exchange.excel.summary import summary
from taizhang.exchange.excel.workbook import write_workbook
from taizhang.exchange.report import write_report
from taizhang.rules.terms import EstatePlan, Gap, RouteChoice, Step

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")


def put_together(estate: EstatePlan) -> EstatePlan:
    """The estate as a plan of a city gives it: one record for what all its units lack or do alike."""
    gaps: dict[tuple[str, int | None, str], list[Gap]] = defaultdict(list)
    steps: dict[tuple[str, str, str], list[Step]] = defaultdict(list)
    route: dict[tuple[str, str, str], RouteChoice] = {}
    units = {unit.place.id for unit in estate.units}
    for gap in estate.joint.gaps:
        gaps[gap.item, gap.money_fen, "" if gap.place in units else gap.place].append(gap)
    for step in estate.joint.steps:
        steps[step.node, step.way, "" if step.place in units else step.place].append(step)
    for one in estate.joint.route:
        route.setdefault((one.node, one.way, "" if one.place in units else one.place), one)
    joint = replace(
        estate.joint,
        gaps=tuple(
            replace(
                found[0],
                count=len(found),
                units=sum(gap.units for gap in found),
                urgent=sum(gap.urgent for gap in found),
            )
            for found in gaps.values()
        ),
        steps=tuple(replace(found[0], count=len(found)) for found in steps.values()),
        route=tuple(route.values()),
    )
    return replace(estate, joint=joint)


def test_one_record_for_many_units_is_said_and_counted_as_many_records(tmp_path):
    """Every cell of every sheet, the summary and the report are those of one record per unit."""
    first, *others = three_counties().estates
    gaps = tuple(
        replace(gap, money_fen=150_000) if gap.item == "tax_receipt" else gap for gap in first.joint.gaps
    )
    priced = replace(first, joint=replace(first.joint, gaps=gaps))
    one_by_one = replace(three_counties(), estates=(priced, *others))
    together = replace(one_by_one, estates=tuple(put_together(one) for one in one_by_one.estates))
    for name, city in (("a", one_by_one), ("b", together)):
        write_workbook(tmp_path / f"{name}.xlsx", city)
        write_report(tmp_path / f"{name}.html", city)
    records = [sum(len(estate.joint.gaps) for estate in city.estates) for city in (one_by_one, together)]

    assert records[1] < records[0]
    assert as_read(tmp_path / "b.xlsx") == as_read(tmp_path / "a.xlsx")
    assert summary(together) == summary(one_by_one)
    said = [
        re.sub(
            r'<div class="wide picture".*?</svg>',
            "",
            (tmp_path / name).read_text(encoding="utf-8"),
            flags=re.DOTALL,
        )
        for name in ("a.html", "b.html")  # the pictures have tests of their own
    ]
    assert said[1] == said[0]


def test_a_record_for_many_units_costs_as_often_as_it_counts():
    estate = put_together(open_estate(4))
    rows = {row.item: row for row in gap_rows(small_city(estate))}
    each = next(gap for gap in open_estate(4).joint.gaps if gap.item == "purchase_contract")
    row = rows["purchase_contract"]

    assert (row.place, row.places, row.units) == (None, 4, 4)
    assert (row.money_fen or 0, row.effort) == (4 * (each.money_fen or 0), 4 * each.effort)
    unpriced = tuple(replace(gap, money_fen=None) for gap in estate.joint.gaps)
    estate = replace(estate, joint=replace(estate.joint, gaps=unpriced))
    rows = {row.item: row for row in gap_rows(small_city(estate))}
    assert (rows["purchase_contract"].money_fen, rows["purchase_contract"].money_unknown) == (None, 4)


def test_which_units_of_a_record_cannot_wait_is_not_guessed(tmp_path):
    """A step of two units of four names the first only: whether the urgent unit is one of them is unknown."""
    estate = put_together(pressed(open_estate(4), 3))
    steps = tuple(replace(one, count=2) if one.node == "certificate" else one for one in estate.joint.steps)
    estate = replace(estate, joint=replace(estate.joint, steps=steps))
    write_workbook(tmp_path / "out.xlsx", small_city(estate))
    tasks = listed(as_read(tmp_path / "out.xlsx"), "部门任务")
    (task,) = [row for row in tasks if str(row["事项"]).startswith("办证")]

    assert (task["处数"], task["涉及户数"], task["急办户数"]) == (2, 2, "")
