"""The law that is shipped: its own examples, its coverage, its honesty."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from taizhang.rules.assess import assess
from taizhang.rules.check import check_plan
from taizhang.rules.document import read_document
from taizhang.rules.fees import bill
from taizhang.rules.pack import find_document, load_pack
from taizhang.rules.packcheck import check_documents
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import Dossier, Status

TODAY = date(2026, 11, 25)
DAY = date(2024, 1, 28)
LAYERS = ["title-certificates-shandong", "demo-city-rules", "demo-decision-knitting-factory"]


@pytest.fixture(scope="module")
def report():
    """The check of the pack with all its layers, on every day on which the law changes."""
    documents = [read_document(find_document(name)) for name in ("title-certificates", *LAYERS)]
    return check_documents(documents[0], documents[1:], TODAY)


def test_every_example_of_every_document_comes_out(report):
    failed = {outcome.where: outcome.failures for outcome in report.outcomes if outcome.failures}

    assert len(report.outcomes) >= 90
    assert failed == {}


def test_no_errors_on_any_day_and_every_adopted_way_is_reached_by_an_example(report):
    assert report.errors == ()
    assert {date(2025, 6, 29), date(2025, 6, 30), date(2024, 12, 1)} <= set(report.days)
    assert report.adopted - report.reached == set()


def test_the_only_warnings_are_sources_whose_official_text_nobody_has_seen(report):
    assert {warning.code for warning in report.warnings} == {"W10"}


def test_what_rests_only_on_other_cities_or_on_background_is_not_adopted_by_the_base():
    pack = load_pack("title-certificates", as_of=DAY)
    local = {"local", "practice", "background"}
    for node in pack.nodes.values():
        for way in node.ways:
            kinds = {pack.sources[one].kind for one in way.sources}
            if way.adopted and kinds <= local and way.confidence != "A":
                # "A": the city of the newspaper page does it itself.  Otherwise the way lies below
                # one that is not adopted, and its note says so.
                assert way.note is not None, f"{node.id}.{way.id}"


def test_every_fictional_source_says_so():
    pack = load_pack("title-certificates", overlays=LAYERS[:2], decisions=LAYERS[2:], as_of=DAY)
    fictional = [source for source in pack.sources.values() if source.kind == "fictional"]

    assert fictional
    assert all("虚构" in source.title.zh and "fictional" in source.title.en.lower() for source in fictional)


def test_the_contract_of_design_section_9_holds_word_for_word():
    pack = load_pack("title-certificates", overlays=["title-certificates-shandong"], decisions=[], as_of=DAY)
    dossier = Dossier.of(
        pack,
        on_hand={"filed_contract"},
        unobtainable={"land_use_certificate"},
        facts={"residential": True, "purchase_basis": "presale_contract_filed"},
        as_of=DAY,
    )
    assessment = assess(pack, dossier)
    plan = cheapest_plan(pack, dossier, objective="cheapest")

    assert isinstance(assessment.status[pack.goal], Status)
    assert plan.proved
    assert plan.money_fen >= 0
    assert plan.working_days > 0
    assert check_plan(pack, dossier, plan).problems == ()


def test_a_bill_in_fen_names_what_it_lacks():
    pack = load_pack("title-certificates", as_of=DAY)
    facts = {
        "area_m2": Decimal("90.00"),
        "price_fen": 40_000_000,
        "family_home_ordinal": 1,
        "residential": True,
        "tax_exempt_reason": "none",
    }
    fees = bill(pack, facts, on=date(2024, 12, 1))

    assert fees.lines["deed_tax"] == 400_000
    assert fees.lines["registration_fee"] == 8_000
    assert fees.total_fen == sum(fees.lines.values()) == 408_000
    assert fees.unknown == {"maintenance_fund_rate"}  # set by the city, absent and never 0

    known = {name: value for name, value in facts.items() if name != "price_fen"}
    less = bill(pack, known, on=date(2024, 12, 1))
    assert "deed_tax" not in less.lines
    assert "price_fen" in less.unknown


@pytest.mark.parametrize(
    ("area", "price_fen", "ordinal", "on", "tax_fen"),
    [
        ("90.00", 40_000_000, 1, date(2023, 11, 10), 400_000),  # up to 90 m2: 1 %
        ("90.01", 40_000_000, 1, date(2023, 11, 10), 600_000),  # above: 1.5 %
        ("118.32", 52_000_000, 1, date(2024, 11, 30), 780_000),  # the day before the change
        ("118.32", 52_000_000, 1, date(2024, 12, 1), 520_000),  # the day of the change
        ("140.01", 70_000_000, 2, date(2025, 3, 3), 1_400_000),  # second home, above 140 m2: 2 %
        ("118.32", 52_000_000, 3, date(2025, 3, 3), 1_560_000),  # third home: the statutory 3 %
        ("90.00", 33_333_300, 1, date(2024, 11, 30), 333_333),  # rounded half up to the fen
        ("118.32", 10_350, 3, date(2025, 3, 3), 311),  # 103.50 x 3 % is 3.105: half up
    ],
)
def test_deed_tax_by_date_area_and_number_of_homes(area, price_fen, ordinal, on, tax_fen):
    pack = load_pack("title-certificates", as_of=on)
    facts = {
        "area_m2": Decimal(area),
        "price_fen": price_fen,
        "family_home_ordinal": ordinal,
        "residential": True,
        "tax_exempt_reason": "none",
    }

    assert bill(pack, facts, on).lines["deed_tax"] == tax_fen


def test_the_example_packs_of_the_founders_run(shared, tmp_path):
    """The three documents of rules.md D.2, as they stand there."""
    import re

    text = (shared / "rules.md").read_text(encoding="utf-8")
    blocks = [one for one in re.findall(r"```yaml\n(.*?)```", text, re.S) if re.search(r"^kind: ", one, re.M)]
    documents = []
    for number, block in enumerate(blocks):
        path = tmp_path / f"{number}.yaml"
        path.write_text(block, encoding="utf-8")
        documents.append(read_document(path))
    report = check_documents(documents[0], documents[1:], date(2025, 7, 1))

    assert len(documents) == 3
    assert [str(error) for error in report.errors] == []
    assert {outcome.test: outcome.failures for outcome in report.outcomes if outcome.failures} == {}
    assert len(report.outcomes) == 11
