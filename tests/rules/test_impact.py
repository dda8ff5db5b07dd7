"""What a new state of the law does to a ledger, unit by unit, as the planner of single cases sees it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner

from taizhang.cli import taizhang
from taizhang.rules import load_pack
from taizhang.rules.assess import assess
from taizhang.rules.impact import Impact, Lawful, impact
from taizhang.rules.packdiff import pack_diff
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import Dossier, Pack, Status
from tests.rules.cases import random_estate

LAYERS = ("title-certificates-shandong", "demo-city-rules")
LAWS = {
    "province": load_pack("title-certificates", overlays=LAYERS[:1], as_of=date(2024, 1, 28)),
    "city": load_pack("title-certificates", overlays=LAYERS, as_of=date(2024, 1, 28)),
    "last day": load_pack("title-certificates", overlays=LAYERS, as_of=date(2025, 6, 29)),
    "day after": load_pack("title-certificates", overlays=LAYERS, as_of=date(2025, 6, 30)),
}
PAIRS = [("province", "city"), ("city", "province"), ("last day", "day after"), ("city", "city")]


def estates(seeds: range, unknown: float) -> list[Dossier]:
    """Estates at random, with few facts open and some papers lost."""
    return [random_estate(LAWS["city"], seed, buildings=2, units=2, unknown=unknown) for seed in seeds]


def on(pack: Pack, cases: list[Dossier]) -> Lawful:
    return Lawful(pack, [replace(case, as_of=pack.as_of) for case in cases])


def one_by_one(before: Lawful, after: Lawful) -> tuple[Counter, Counter, Counter, Counter]:  # type: ignore[type-arg]
    """Moves, kinds, papers newly needed and no longer needed, asked of the planner of single cases."""
    moved: Counter[tuple[Status, Status]] = Counter()
    kinds: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for one, two in zip(before.dossiers, after.dossiers, strict=True):
        for place in sorted(place.id for place in one.places.values() if place.level == "unit"):
            told = []
            for law, case in ((before, one), (after, two)):
                status = assess(law.pack, case, place=place).status[law.pack.goal]
                told.append((status, cheapest_plan(law.pack, case, place=place)))
            (was, old), (now, new) = told
            if was != now:
                moved[was, now] += 1
            if old.feasible and new.feasible:
                order = after.pack.objective
                left, right = old.vector.ordered(order), new.vector.ordered(order)
                kinds["cheaper" if right < left else "dearer" if right > left else "same"] += 1
                needed.update(set(new.items) - set(old.items))
                dropped.update(set(old.items) - set(new.items))
    return moved, kinds, needed, dropped


def told(found: Impact) -> tuple[Counter, Counter, Counter, Counter]:  # type: ignore[type-arg]
    kinds = Counter(cheaper=found.cheaper, dearer=found.dearer, same=found.same)
    return (
        Counter({(was, now): count for was, now, count in found.moved}),
        +kinds,
        Counter(dict(found.needed)),
        Counter(dict(found.dropped)),
    )


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("unknown", [0.0, 0.15])
def test_the_columns_say_of_every_unit_what_the_planner_of_single_cases_says(pair, unknown):
    cases = estates(range(5), unknown)
    before, after = (on(LAWS[name], cases) for name in pair)
    found = impact(before, after)
    moved, kinds, needed, dropped = one_by_one(before, after)

    assert found.units == 20
    assert found.estimated == 0
    assert told(found) == (moved, kinds, needed, dropped)


def test_the_same_law_changes_nothing():
    law = on(LAWS["city"], estates(range(5), 0.2))
    found = impact(law, law)

    assert (found.moved, found.cheaper, found.dearer, found.estates) == ((), 0, 0, ())
    assert (found.needed, found.dropped, found.changes, found.missing) == ((), (), (), 0)


def test_the_way_back_is_the_mirror_image():
    cases = estates(range(20), 0.1)
    there = impact(on(LAWS["province"], cases), on(LAWS["city"], cases))
    back = impact(on(LAWS["city"], cases), on(LAWS["province"], cases))

    assert there.moved
    assert {(was, now, count) for was, now, count in there.moved} == {
        (now, was, count) for was, now, count in back.moved
    }
    assert (there.cheaper, there.dearer, there.same) == (back.dearer, back.cheaper, back.same)
    assert (there.needed, there.dropped) == (back.dropped, back.needed)


def test_the_estates_add_up_to_the_whole_and_the_changes_of_the_law_stand_beside():
    cases = estates(range(20), 0.1)
    before, after = on(LAWS["last day"], cases), on(LAWS["day after"], cases)
    found = impact(before, after)
    moved: Counter[tuple[Status, Status]] = Counter()
    for one in found.estates:
        moved.update({(was, now): count for was, now, count in one.moved})

    assert moved == {(was, now): count for was, now, count in found.moved}
    assert sum(one.cheaper for one in found.estates) == found.cheaper
    assert sum(one.dearer for one in found.estates) == found.dearer
    assert {one.place for one in found.estates} <= {f"e{seed}" for seed in range(20)}
    assert found.changes == tuple(pack_diff(before.pack, after.pack))
    assert "responsible_entity.designated_agency" in {one.name for one in found.changes}


def test_units_that_one_reading_alone_has_are_counted_and_not_compared():
    cases = estates(range(3), 0.0)
    found = impact(on(LAWS["city"], cases), on(LAWS["city"], cases[:2]))

    assert (found.units, found.missing) == (8, 4)


def test_the_command_says_and_writes_what_changes(tmp_path, monkeypatch):
    monkeypatch.setenv("TAIZHANG_LANG", "en")
    ledger, target = tmp_path / "city.xlsx", tmp_path / "impact.json"
    made = CliRunner().invoke(taizhang, ["demo-city", str(ledger), "--estates", "4", "--units", "200"])
    assert made.exit_code == 0, made.output
    law = "title-certificates+title-certificates-shandong+demo-city-rules"
    asked = ["pack", "impact", str(ledger), "--from", f"{law}@2025-06-29", "--to", f"{law}@2025-06-30"]
    done = CliRunner().invoke(taizhang, [*asked, "--json", str(target)])

    assert done.exit_code == 0, done.output
    found = json.loads(target.read_text(encoding="utf-8"))
    assert found["units"] == 200
    assert found["read_by_one_only"] == 0
    assert "200 units compared" in done.output
    assert "no longer in force  responsible_entity.designated_agency" in done.output
    assert (found["from"]["as_of"], found["to"]["as_of"]) == ("2025-06-29", "2025-06-30")
    for move in found["status"]:
        assert f"{move['from']} → {move['to']} {move['units']}" in done.output
    again = CliRunner().invoke(taizhang, [*asked, "--json", "-"])
    assert json.loads(again.stdout) == found
