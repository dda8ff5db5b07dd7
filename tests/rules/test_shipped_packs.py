"""The law that is shipped: its own examples, its coverage, its honesty."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from taizhang.exchange.excel.headings import normal
from taizhang.rules.answers import guards_of
from taizhang.rules.assess import assess
from taizhang.rules.check import check_plan
from taizhang.rules.document import read_document
from taizhang.rules.estate import full_plan
from taizhang.rules.fees import bill
from taizhang.rules.pack import find_document, load_pack
from taizhang.rules.packcheck import check_documents
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import Dossier, Pack, Status, Value
from taizhang.rules.worktime import WorkCalendar

TODAY = date(2026, 11, 25)
DAY = date(2024, 1, 28)
SPECIAL = "title-certificates-special-bills"
LAYERS = [SPECIAL, "title-certificates-shandong", "demo-city-rules", "demo-decision-knitting-factory"]


ORDINARY: dict[str, Value] = {
    "legacy_case": False,
    "sold_after_cutoff": False,
    "developer_status": "active",
    "successor_exists": False,
    "land_status": "granted_certified",
    "project_type": "commodity",
    "land_price_arrears": False,
    "cross_parcel": False,
    "split_registration_mismatch": False,
    "planning_permit_status": "original",
    "far_exceeded": False,
    "planning_verification": "not_applied",
    "completion_acceptance": "accepted_not_filed",
    "construction_permit": False,
    "fire_status": "accepted",
    "developer_tax_arrears": False,
    "project_seizure": "none",
    "project_mortgage": "none",
    "purchase_basis": "presale_contract_filed",
    "price_paid_in_full": True,
    "invoice": "have",
    "minor_or_incapable": False,
    "agent_used": False,
    "advance_notice_registered": False,
    "bank_loan": False,
    "area_error_pct": Decimal(0),
    "unit_seizure": "none",
    "maintenance_fund_status": "unpaid",
    "residential": True,
    "tax_exempt_reason": "none",
}
# what an ordinary estate of an active developer has to have so that no class applies to it
HELD = (
    "land_source_material",
    "land_price_settled",
    "developer_tax_cleared",
    "planning_conformity",
    "responsible_entity",
    "completion_material",
)


@pytest.fixture(scope="module")
def everything() -> Pack:
    """The base with every layer that is shipped."""
    return load_pack("title-certificates", overlays=LAYERS[:3], decisions=LAYERS[3:], as_of=DAY)


@pytest.fixture(scope="module")
def report():
    """The check of the pack with all its layers, on every day on which the law changes."""
    documents = [read_document(find_document(name)) for name in ("title-certificates", *LAYERS)]
    return check_documents(documents[0], documents[1:], TODAY)


def test_every_example_of_every_document_comes_out(report):
    failed = {outcome.where: outcome.failures for outcome in report.outcomes if outcome.failures}

    assert len(report.outcomes) >= 140
    assert failed == {}


def test_no_errors_on_any_day_and_every_adopted_way_is_reached_by_an_example(report):
    assert report.errors == ()
    assert {date(2025, 6, 29), date(2025, 6, 30), date(2024, 12, 1)} <= set(report.days)
    assert report.adopted - report.reached == set()


def test_the_only_warnings_are_sources_whose_text_nobody_has_read_in_full(report):
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
    pack = load_pack("title-certificates", overlays=LAYERS[:3], decisions=LAYERS[3:], as_of=DAY)
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


# ---------------------------------------------------------------------------- the graph


def test_every_node_of_the_domain_graph_is_there_at_its_level_with_its_kind_and_confidence(shared):
    import yaml

    graph = yaml.safe_load((shared / "domain" / "title_graph.yaml").read_text(encoding="utf-8"))
    pack = load_pack("title-certificates", as_of=DAY)
    levels = {"community": "estate", "household": "unit"}
    # first registration is the building's here; two ways rest on less than the graph allows them
    buildings = {"first_reg_application", "first_reg_accepted", "first_reg_notice", "first_registration"}
    doubted = {"pay_separation_decision": "Bh", "planning_determination_opinion": "Bh"}
    assert len(graph["nodes"]) == 155
    for node in graph["nodes"]:
        name = node["id"]
        stands = pack.evidence[name] if name in pack.evidence else pack.nodes[name]
        marks = {stands.confidence} if name in pack.evidence else {way.confidence for way in stands.ways}
        level = "building" if name in buildings else levels.get(node["level"], node["level"])

        assert (name, stands.level, stands.kind) == (name, level, node["kind"])
        assert doubted.get(name, node["conf"]) in marks, name


def test_every_limit_in_working_days_of_the_graph_stands_beside_the_planning_value(shared):
    import yaml

    graph = yaml.safe_load((shared / "domain" / "title_graph.yaml").read_text(encoding="utf-8"))
    pack = load_pack("title-certificates", as_of=DAY)
    limits = {
        node["id"]: node["stat"]["n"] for node in graph["nodes"] if node.get("stat", {}).get("unit") == "wd"
    }

    assert limits == {
        name: pack.nodes[name].ways[0].step.law_days
        for name in (
            "joint_acceptance_opinion",
            "first_reg_accepted",
            "first_reg_notice",
            "first_registration",
            "register_entry",
        )
    }


def test_every_fact_is_read_by_a_guard_a_fee_a_class_or_an_urgency(everything):
    read = {name for guard in guards_of(everything) for name in guard.names}
    for fee in everything.fees.values():
        read |= fee.formula.names | (fee.when.names if fee.when else frozenset())
    read |= {name for one in everything.classes if one.when for name in one.when.names}
    read |= {name for one in everything.urgency for name in one.when.names}
    read |= {"price_with_vat", "vat_rate"}  # they stand in for the price

    assert everything.facts.keys() - read == set()


def test_every_fact_paper_and_node_has_synonyms_and_no_spelling_means_two_things(everything):
    names = [*everything.facts, *everything.evidence, *everything.nodes]
    means: dict[str, str] = {}
    for field, spellings in everything.headings.items():
        for spelling in spellings:
            assert means.setdefault(normal(spelling), field) == field, spelling
    for name in names:
        for label in (everything.label_of(name).zh, everything.label_of(name).en):
            assert means.setdefault(normal(label), name) == name, label

    assert [name for name in names if name not in everything.headings] == []


# ---------------------------------------------------------------------------- classes, duties, urgency


@pytest.mark.parametrize(
    ("changes", "lacks", "classes"),
    [
        ({}, (), ()),
        ({"land_status": "no_procedure"}, ("land_source_material",), ("LAND_PROC",)),
        (
            {"land_status": "granted_uncertified", "land_price_arrears": True},
            ("land_source_material", "land_price_settled"),
            ("LAND_PROC", "ARREARS"),
        ),
        ({"developer_tax_arrears": True}, ("developer_tax_cleared",), ("ARREARS",)),
        ({}, ("developer_tax_cleared",), ()),  # a tax certificate still to be fetched is no arrears
        ({"planning_verification": "failed_correctable"}, ("planning_conformity",), ("PLAN_VERIF",)),
        ({"developer_status": "bankrupt"}, ("responsible_entity",), ("ENTITY_GONE",)),
        ({}, ("responsible_entity",), ()),  # a developer that is there and has not applied yet
        ({"split_registration_mismatch": True}, (), ("SPLIT_REG",)),
        ({"cross_parcel": True}, (), ("CROSS_PARCEL",)),
        ({"completion_acceptance": "never_accepted"}, ("completion_material",), ("COMPLETION",)),
        (
            {"land_status": "collective_land"},
            ("land_source_material",),
            ("LAND_PROC",),
        ),  # blocked has a class too
    ],
)
def test_each_of_the_seven_classes_follows_from_what_is_not_proved(changes, lacks, classes):
    pack = load_pack("title-certificates", as_of=DAY)
    held = [name for name in HELD if name not in lacks]
    dossier = Dossier.of(pack, on_hand=held, facts={**ORDINARY, **changes}, as_of=DAY)
    estate = full_plan(pack, dossier, {}, WorkCalendar.china())

    assert estate.classes == classes


def test_the_seven_classes_are_the_six_of_the_notice_and_completion():
    pack = load_pack("title-certificates", as_of=DAY)

    assert [one.id for one in pack.classes] == [
        "LAND_PROC",
        "ARREARS",
        "PLAN_VERIF",
        "ENTITY_GONE",
        "SPLIT_REG",
        "CROSS_PARCEL",
        "COMPLETION",
    ]


def test_a_duty_names_paper_term_debtor_consequence_and_source(everything):
    owed = {
        (f"{node.id}.{way.id}", duty.paper): duty
        for node in everything.nodes.values()
        for way in node.ways
        for duty in way.duties
    }

    assert {paper for _, paper in owed} == {
        "archive_acceptance",
        "area_settlement_sheet",
        "defence_opinion",
        "developer_tax_certificate",
        "land_price_receipt",
        "penalty_payment_receipt",
    }
    assert all(
        duty.days > 0 and duty.sources and duty.consequence.zh != duty.consequence.en
        for duty in owed.values()
    )
    # the debtor is named where it is not the one who issues the paper, else it is the paper's supplier
    assert owed["developer_tax_cleared.separation", "developer_tax_certificate"].supplier == "developer"
    assert owed["defence_material.parallel", "defence_opinion"].supplier == "civil_defence"


def test_the_households_own_deed_tax_is_never_put_off(everything):
    own = {"deed_tax_cleared", "deed_tax_receipt", "deed_tax_exemption"}

    assert not [
        way.id
        for node in everything.nodes.values()
        for way in node.ways
        for duty in way.duties
        if duty.paper in own
    ]


def test_urgency_is_ordered_lives_at_the_unit_and_is_never_asked_for(everything):
    read = {name for guard in guards_of(everything) for name in guard.names}
    names = [name for one in everything.urgency for name in sorted(one.when.names)]
    dossier = Dossier.of(everything, on_hand=HELD, facts=ORDINARY, as_of=DAY)

    assert [one.id for one in everything.urgency] == ["school", "sale", "mortgage", "lease"]
    assert not read & set(names)
    assert all(everything.facts[name].level == "unit" for name in names)
    assert not {one.fact for one in assess(everything, dossier).questions} & set(names)


@pytest.mark.parametrize(
    ("layers", "on", "day"),
    [
        ([], date(2025, 12, 31), None),  # no national cut-off is known before 2026
        ([], date(2026, 1, 1), date(2024, 12, 31)),
        (["title-certificates-shandong"], date(2025, 6, 29), date(2015, 3, 1)),
        (["title-certificates-shandong"], date(2025, 6, 30), None),  # the guidance has lapsed
        (["title-certificates-shandong"], date(2026, 1, 1), date(2024, 12, 31)),
    ],
)
def test_the_cut_off_day_is_dated_law(layers, on, day):
    pack = load_pack("title-certificates", overlays=layers, as_of=on)

    assert pack.params["sold_before"].on(on) == day


# ---------------------------------------------------------------------------- money


def test_the_lawful_range_of_the_maintenance_fund_at_1500_yuan_a_square_metre():
    pack = load_pack("title-certificates", as_of=DAY)
    low, high = (pack.params[f"maintenance_fund_cost_share_{end}"].on(DAY) for end in ("min", "max"))

    assert (1500 * low, 1500 * high) == (75, 120)


def test_the_special_bills_add_lines_and_leave_the_ordinary_ones_alone(everything):
    plain = load_pack("title-certificates", as_of=DAY)
    special = load_pack("title-certificates", overlays=[SPECIAL], as_of=DAY)

    assert {name: fee.formula.text for name, fee in plain.fees.items()} == {
        name: special.fees[name].formula.text for name in plain.fees
    }
    assert len(special.fees) - len(plain.fees) == 8
    assert special.nodes.keys() == plain.nodes.keys()


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
