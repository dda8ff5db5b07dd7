"""The made-up city: its size and shape, its blanks, and that it reads as a clean ledger."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from taizhang.cli import taizhang
from taizhang.errors import InputError
from taizhang.exchange.demo_city import write_demo_city
from taizhang.exchange.demo_city.archetypes import ARCHETYPES, EVERYWHERE, FOLLOWS, HABITS, KNOWN
from taizhang.exchange.demo_city.papers import _EXISTS, _GONE, _LADDER, STEPS
from taizhang.exchange.excel.example import ESTATE, write_example
from taizhang.exchange.excel.joining.gathering import Gathered, gather
from taizhang.exchange.excel.reading import read_ledger
from taizhang.rules.pack import load_pack
from taizhang.rules.terms import Complaint, Cost, Dossier, Evidence, Fact, Held, Label, Ledger, Pack

DAY = date(2024, 1, 28)
SIGN = "合成数据"


@cache
def pack() -> Pack:
    return load_pack(
        "title-certificates", overlays=("title-certificates-shandong", "demo-city-rules"), as_of=DAY
    )


def read(path: Path, law: Pack) -> tuple[Ledger, list[Gathered], list[Complaint]]:
    ledger = read_ledger(path, law)
    estates, complaints = gather([ledger], law)
    return ledger, estates, [*ledger.complaints, *complaints]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city of a tenth of the estates and a twentieth of the homes."""
    path = tmp_path_factory.mktemp("city") / "台账.xlsx"
    write_demo_city(path, estates=73, units=6_630, seed=1, pack=pack())
    return path


@pytest.fixture(scope="module")
def estates(town: Path) -> list[Gathered]:
    return read(town, pack())[1]


def count(estates: list[Gathered], level: str) -> int:
    return sum(place.level == level for one in estates for place in one.places.values())


def held(one: Gathered, name: str) -> list[str]:
    """Where a paper is on hand."""
    return [place for (paper, place), state in one.held.items() if paper == name and state is Held.ON_HAND]


# ---------------------------------------------------------------------------- a clean ledger


def test_the_ledger_is_read_without_a_complaint_and_every_column_is_understood(town):
    ledger, _, complaints = read(town, pack())

    assert complaints == []
    assert [one.heading for one in ledger.columns if one.kind == "unknown"] == []
    assert [one.reason for one in ledger.columns if "part of the name" in one.reason] == []


def test_it_has_the_estates_and_homes_that_were_asked_for(estates):
    assert (len(estates), count(estates, "unit")) == (73, 6_630)
    assert {one.identity["county"] for one in estates} >= {"青棠县", "棠阳区"}


def test_every_fact_and_paper_of_the_pack_has_a_column_on_the_sheet_of_its_level(town):
    ledger = read_ledger(town, pack())
    sheet_of = {"building": "楼栋台账", "unit": "户台账"}
    wanted = {(name, sheet_of.get(pack().level_of(name), "小区台账")) for name in pack().facts}
    wanted |= {(name, sheet_of.get(pack().level_of(name), "小区台账")) for name in pack().evidence}

    assert wanted <= {(one.field, one.sheet) for one in ledger.columns}


def test_the_tables_of_shares_know_only_facts_papers_and_answers_of_the_pack():
    """A name that the pack has changed would quietly fall back to the shares of a new one."""
    law = pack()
    shares = [EVERYWHERE, *(one.facts for one in ARCHETYPES)]
    shares += [{fact: weights} for fact, (_, told) in FOLLOWS.items() for weights in told.values()]
    answers = {(fact, value) for table in shares for fact, weights in table.items() for value in weights}
    answers |= {(fact, value) for fact, values in _EXISTS.values() for value in values}
    names = {*_EXISTS, *_LADDER, *_GONE, *STEPS}

    assert {fact for fact, _ in answers} | {*KNOWN, *HABITS} <= law.facts.keys()
    assert {
        (fact, value)
        for fact, value in answers
        if law.facts[fact].type == "enum" and value not in law.facts[fact].values
    } == set()
    assert {name for name in names if name not in law.evidence and name not in law.nodes} == set()


def test_a_fact_and_a_paper_that_are_new_to_the_pack_get_a_column(tmp_path):
    """Of every type and level, with no change to the city."""
    text = Label("新项目甲", "new item one")
    facts = {
        f"new_{level}_{kind}": Fact(
            f"new_{level}_{kind}", level, kind, Label(f"{kind}新{level}", f"new {kind}, {level}"), text, "",
            values={"one": Label("甲类情形", "case one"), "two": Label("乙类情形", "case two")},
        )
        for level in ("county", "estate", "building", "unit")
        for kind in ("bool", "enum", "date", "integer", "decimal", "money", "text")
    }  # fmt: skip
    papers = {
        f"new_paper_{level}": Evidence(
            f"new_paper_{level}", level, Label(f"新材料{level}", f"new {level} paper"), "", Cost()
        )
        for level in ("city", "estate", "building", "unit")
    }
    law = replace(pack(), facts={**pack().facts, **facts}, evidence={**pack().evidence, **papers})
    write_demo_city(tmp_path / "a.xlsx", estates=12, units=400, pack=law)
    ledger, found, complaints = read(tmp_path / "a.xlsx", law)

    assert complaints == []
    assert {*facts, *papers} <= {one.field for one in ledger.columns}
    told = {name for one in found for name, _ in one.facts}
    assert {name for name in facts if not name.endswith("text")} <= told


def test_a_ledger_in_english_is_read_with_the_same_content(tmp_path):
    read_back = []
    for language in ("zh", "en"):
        path = tmp_path / f"{language}.xlsx"
        write_demo_city(path, estates=9, units=500, pack=pack(), language=language)
        _, found, complaints = read(path, pack())
        assert complaints == []
        read_back.append([(one.facts, one.held) for one in found])

    assert read_back[0] == read_back[1]


# ------------------------------------------------------------------------------ what is unknown


def guard_facts(law: Pack) -> set[str]:
    """Facts that some way or need of the pack reads."""
    guards = [
        one.when
        for node in law.nodes.values()
        for way in node.ways
        for one in (way, *way.needs)
        if one.when is not None
    ]
    return {name for guard in guards for name in guard.names if name in law.facts}


def test_three_in_ten_of_the_facts_that_guards_read_are_unknown_on_every_level(estates):
    law, asked, unknown = pack(), Counter[str](), Counter[str]()
    for one in estates:
        dossier = Dossier(law.as_of, one.places, one.held, one.facts)
        for name in guard_facts(law):
            level = law.facts[name].level
            places = [place.id for place in one.places.values() if place.level == level]
            asked[level] += len(places)
            unknown[level] += sum(dossier.fact(name, place) is None for place in places)
    shares = {level: unknown[level] / asked[level] for level in asked}

    assert set(shares) == {"estate", "building", "unit"}
    assert all(0.3 <= share <= 0.6 for share in shares.values()), shares


# --------------------------------------------------------------------------- what is plausible


def test_half_the_estates_are_registered_and_certificates_are_issued_only_there(estates):
    """363 of 732 estates and 48,000 of 132,600 homes, in proportion."""
    registered = [one for one in estates if held(one, "first_registration")]
    certified = {one.place.id: len(held(one, "ownership_certificate")) for one in estates}

    assert len(registered) == round(363 / 732 * 73)
    assert sum(certified.values()) == round(48_000 / 132_600 * 6_630)
    assert {key for key, many in certified.items() if many} <= {one.place.id for one in registered}
    assert 0.5 < count(registered, "unit") / 6_630 < 0.72


def test_what_an_employer_built_has_no_permit_and_what_was_sold_has_one(estates):
    permits = Counter(
        (facts.get("project_type"), facts.get("planning_permit_status"))
        for one in estates
        if (facts := {name: value for (name, place), value in one.facts.items() if place == one.place.id})
    )

    assert permits["unit_funded_collective", "original"] == 0
    assert permits["unit_funded_collective", "none"] > 0
    assert permits["commodity", "original"] > permits["commodity", "none"]


def test_estates_differ_in_size_and_have_different_names_in_a_county(estates):
    sizes = sorted(count([one], "unit") for one in estates)
    names = [(one.identity["county"], one.place.name) for one in estates]

    assert sizes[-8] > 4 * sizes[8]
    assert len(set(names)) == len(names)


def test_the_estate_of_the_article_says_what_the_example_ledger_says(estates, tmp_path):
    write_example(tmp_path / "b.xlsx", pack())
    (example,) = read(tmp_path / "b.xlsx", pack())[1]
    (named,) = [one for one in estates if one.place.name == ESTATE]

    for one in (example, named):
        assert (count([one], "building"), count([one], "unit")) == (1, 84)
    levels = ("estate", "building")
    dossiers = [Dossier(DAY, one.places, one.held, one.facts) for one in (example, named)]
    for table, ask in ((pack().facts, Dossier.fact), (pack().evidence, Dossier.state)):
        for name in [name for name in table if pack().level_of(name) in levels]:
            said = [
                ask(dossier, name, dossier.below(one.place.id, "building")[0])
                for dossier, one in zip(dossiers, (example, named), strict=True)
            ]
            assert said[0] == said[1], name
    for field in ("county", "street", "neighbourhood", "developer_name", "responsible_official", "sponsor"):
        assert example.identity[field] == named.identity[field]


# --------------------------------------------------------------------------- it says what it is


def test_every_sheet_and_the_properties_say_that_it_is_synthetic(town):
    book = openpyxl.load_workbook(town)

    assert [SIGN in str(sheet["A1"].value) for sheet in book] == [True] * 3
    assert [SIGN in sheet.oddFooter.left.text for sheet in book] == [True] * 3
    assert SIGN in book.properties.title
    assert SIGN in book.properties.keywords


def test_a_second_reader_sees_the_same_cells(town):
    """The rows are joined by our own code: another reader must agree with ours."""
    ledger = read_ledger(town, pack())
    sheets = openpyxl.load_workbook(town, read_only=True, data_only=True)
    for copy in ledger.sheets:
        rows = [tuple(cell for cell in row) for row in sheets[copy.name].iter_rows(values_only=True)]
        width = len(copy.rows[2])

        assert [row[:width] for row in rows] == [row[:width] for row in copy.rows]


# -------------------------------------------------------------------------- the same, every time


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(tmp_path):
    code = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from taizhang.exchange.demo_city import write_demo_city; from taizhang.rules.pack import load_pack;"
        "write_demo_city(Path(sys.argv[1]), estates=15, units=700, seed=4,"
        "pack=load_pack('title-certificates', as_of=date(2024, 1, 28)))"
    )
    for number in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": number}
        command = [sys.executable, "-c", code, str(tmp_path / number)]
        subprocess.run(command, check=True, env=environment, timeout=120)

    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_another_seed_gives_another_city_of_the_same_size(tmp_path):
    found = []
    for seed in (1, 2):
        write_demo_city(tmp_path / "a.xlsx", estates=15, units=700, seed=seed, pack=pack())
        found.append(read(tmp_path / "a.xlsx", pack())[1])

    assert [count(one, "unit") for one in found] == [700, 700]
    assert {one.place.name for one in found[0]} != {one.place.name for one in found[1]}


# ------------------------------------------------------------------------------------- any size


@pytest.mark.parametrize(
    ("estates", "units"), [(1, 1), (1, 84), (3, 50), (2, 2), (11, 95), (200, 200), (1, 3_000), (1_500, 3_000)]
)
def test_any_size_gives_a_clean_ledger(tmp_path, estates, units):
    write_demo_city(tmp_path / "a.xlsx", estates=estates, units=units, pack=pack())
    _, found, complaints = read(tmp_path / "a.xlsx", pack())

    assert complaints == []
    assert (len(found), count(found, "unit")) == (estates, units)


@pytest.mark.parametrize(
    ("estates", "units", "seed"), [(0, 10, 1), (-1, 10, 1), (5, 4, 1), (1, 1_000_001, 1), (1, 1, -1)]
)
def test_sizes_that_make_no_city_are_refused_and_nothing_is_written(tmp_path, estates, units, seed):
    with pytest.raises(InputError) as refused:
        write_demo_city(tmp_path / "a.xlsx", estates=estates, units=units, seed=seed, pack=pack())

    assert refused.value.code == "E-ARG-CITY"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error_with_its_code(tmp_path):
    with pytest.raises(InputError) as refused:
        write_demo_city(tmp_path / "none" / "a.xlsx", estates=1, units=1, pack=pack())

    assert refused.value.code == "E-OUT-FOLDER"


def test_the_rows_are_told_as_they_are_written(tmp_path):
    told: list[tuple[int, int]] = []
    write_demo_city(
        tmp_path / "a.xlsx",
        estates=4,
        units=5_000,
        pack=pack(),
        progress=lambda done, total: told.append((done, total)),
    )

    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 5_004


def test_the_command_writes_the_ledger_and_says_where(tmp_path):
    target = tmp_path / "new" / "城市.xlsx"
    done = CliRunner().invoke(taizhang, ["demo-city", str(target), "--estates", "6", "--units", "300"])

    assert done.exit_code == 0, done.output
    assert "城市.xlsx" in done.output
    assert zipfile.is_zipfile(target)


@pytest.mark.slow
def test_the_whole_city_is_written_in_seconds(tmp_path):
    """15 seconds were asked for on two free cores; the test allows for a busy machine."""
    started = time.process_time()
    write_demo_city(tmp_path / "a.xlsx", pack=pack())

    assert time.process_time() - started < 15
    assert (tmp_path / "a.xlsx").stat().st_size < 30 << 20
