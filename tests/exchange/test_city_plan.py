"""A small made-up city goes the whole way: ledger, plan, summary, and what is sent out."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from taizhang.cli.plan import plan
from taizhang.exchange.demo_city import write_demo_city
from taizhang.exchange.excel.planning import plan_ledgers
from taizhang.exchange.excel.reading import read_ledger
from taizhang.exchange.excel.summary import summary
from taizhang.exchange.spreading import home_by_home
from taizhang.rules import load_pack
from taizhang.rules.terms import Status

OVERLAYS = ["title-certificates-shandong", "demo-city-rules"]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    path = tmp_path_factory.mktemp("city") / "city.xlsx"
    pack = load_pack("title-certificates", overlays=OVERLAYS, as_of=date(2024, 1, 28))
    write_demo_city(path, estates=12, units=700, seed=3, pack=pack)
    return path


@pytest.fixture(scope="module")
def city(ledger):
    pack = load_pack("title-certificates", overlays=OVERLAYS, as_of=date(2024, 1, 28))
    return plan_ledgers([read_ledger(ledger, pack)], pack)


def test_every_home_is_planned_and_nearly_all_exactly(city):
    units = [unit for estate in city.estates for unit in estate.units]

    assert len(city.estates) == 12
    assert len(units) == 700
    assert {unit.status for unit in units} >= {Status.PROVED, Status.OPEN, Status.DEPENDS}
    assert sum(unit.exact for unit in units) >= 0.95 * len(units)


def test_the_gaps_of_a_city_are_those_of_its_homes(city):
    """Counted records, told home by home, and the homes' own lists are three ways to one number."""
    spread = home_by_home(city)
    counted = sum(gap.count for estate in city.estates for gap in estate.joint.gaps)
    told = [gap for estate in spread.estates for gap in estate.joint.gaps]
    owned = sum(len(unit.own) for estate in city.estates for unit in estate.units)
    shared = sum(gap.level != "unit" for gap in told)

    assert any(gap.count > 1 for estate in city.estates for gap in estate.joint.gaps)
    assert counted == len(told) == owned + shared == summary(city)["gaps"]
    assert all(
        estate.joint.vector.items == sum(g.count for g in estate.joint.gaps) for estate in city.estates
    )


def test_an_estates_money_and_effort_are_those_of_its_papers_and_steps(city):
    for estate in city.estates:
        parts = [*estate.joint.gaps, *estate.joint.steps]

        assert estate.joint.vector.effort == sum(one.effort * one.count for one in parts), estate.place.name
        assert estate.joint.vector.money_fen == sum((one.money_fen or 0) * one.count for one in parts)


def test_the_command_sends_out_what_the_summary_counts(ledger, tmp_path):
    told = tmp_path / "summary.json"
    arguments = [
        str(ledger), "--as-of", "2024-01-28", "-o", str(tmp_path / "plan.xlsx"), "--json", str(told),
        "--per", "county", str(tmp_path / "counties"), "--per", "department", str(tmp_path / "offices"),
        "--bulletin", str(tmp_path / "week.docx"), "--plan-file", str(tmp_path / "week.json"),
    ]  # fmt: skip
    for overlay in OVERLAYS:
        arguments += ["--overlay", overlay]

    result = CliRunner().invoke(plan, arguments, catch_exceptions=False)

    assert result.exit_code == 0
    lines = (tmp_path / "week.json").read_text(encoding="utf-8")
    estates = json.loads(lines)["estates"]
    gaps = sum(len(places) for one in estates for places in one["gaps"].values())
    assert gaps == json.loads(told.read_text(encoding="utf-8"))["gaps"]
    assert len(list((tmp_path / "counties").glob("*.xlsx"))) > 2
    assert (tmp_path / "week.docx").stat().st_size > 5_000
