"""Papers that lapse: asked for again in time, fetched late enough, and never counted on too long."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.errors import CalendarError, PackError
from taizhang.rules import Dossier, assess, cheapest_plan, check_plan, load_pack
from taizhang.rules.document import read_document
from taizhang.rules.expiry import Days, not_before
from taizhang.rules.packcheck import check_documents
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Evidence,
    Held,
    Lapse,
    Node,
    Pack,
    Plan,
    Ref,
    Validity,
    Way,
)

from .expiry_cases import CHINA, MORTGAGED, PACK, USE, with_consent
from .packs import DAY, examples, label, make_pack


@pytest.fixture(scope="module")
def pack() -> Pack:
    """A home with a live mortgage; the lender's consent counts for 90 days, the appraisal for a year."""
    return load_pack(PACK, as_of=DAY)


def test_the_lenders_consent_is_fetched_last(pack):
    """Rules D.2: 90 days of validity, 70 working days until the transfer can begin."""
    plan = cheapest_plan(pack, Dossier.of(pack, on_hand=["id_docs"], facts=MORTGAGED))

    gap = next(one for one in plan.gaps if one.item == "bank_consent")
    first = CHINA.add_from(DAY, gap.obtain_not_before)
    day_before = CHINA.add_from(DAY, gap.obtain_not_before - 1)
    assert 10 < gap.obtain_not_before <= 70, "at once would be too early, in time it still can be"
    assert (gap.start, gap.end) == (gap.obtain_not_before - 10, gap.obtain_not_before), "so it is planned"
    assert gap.end + gap.slack == 70
    assert first + timedelta(90) >= USE > day_before + timedelta(90)
    assert not gap.renewal
    assert not gap.twice


def test_a_step_with_time_to_spare_gets_its_paper_for_the_planned_day(pack):
    """The appraisal lasts a fortnight; first registration could wait for it, but need not."""
    test = replace(pack.evidence["structure_test"], valid_for=Validity(days=14), cost=Cost(0, 1, 2))
    plan_ok = replace(pack.evidence["planning_accept"], cost=Cost(0, 1, 5))
    slow = replace(pack.evidence["id_docs"], cost=Cost(0, 1, 60))
    more = {"structure_test": test, "planning_accept": plan_ok, "id_docs": slow}
    law = replace(pack, evidence={**pack.evidence, **more})

    case = Dossier.of(law, facts={"mortgaged": False, "married": False})
    plan = cheapest_plan(law, case)

    gap = next(one for one in plan.gaps if one.item == "structure_test")
    step = next(one for one in plan.steps if one.node == "first_reg")
    assert (step.start, step.slack) == (5, 45), "the transfer waits sixty days for the identity papers"
    assert (gap.end, gap.obtain_not_before) == (5, 5), "not before, and not after, the day it is planned for"
    assert bool(check_plan(law, case, plan))


def test_the_checker_refuses_a_paper_that_is_fetched_too_early(pack):
    case = Dossier.of(pack, on_hand=["id_docs"], facts=MORTGAGED)
    plan = cheapest_plan(pack, case)
    early = tuple(replace(gap, start=0, end=10) if gap.item == "bank_consent" else gap for gap in plan.gaps)

    problems = check_plan(pack, case, replace(plan, gaps=early)).problems

    assert bool(check_plan(pack, case, plan))
    assert any("lapses before working day 70" in one for one in problems), problems


def test_what_does_not_lapse_may_be_fetched_at_any_time(pack):
    plan = cheapest_plan(pack, Dossier.of(pack, facts=MORTGAGED))

    told = {gap.item: gap.obtain_not_before for gap in plan.gaps}
    assert told["id_docs"] is None
    assert told["planning_accept"] is None
    assert told["structure_test"] == 0, "a year is longer than the plan"


@pytest.mark.parametrize("short", [0, 1])
def test_a_day_decides(pack, short):
    """On the day of its use a paper still counts; a day earlier it does not."""
    dossier = with_consent(pack, USE - timedelta(short))

    plan = cheapest_plan(pack, dossier)
    known = cheapest_plan(pack, with_consent(pack, None))

    assert ("bank_consent" in plan.items) == bool(short)
    assert plan.money_fen - known.money_fen == 20_000 * short, "the renewal has its price"
    assert plan.working_days == 75
    assert bool(check_plan(pack, dossier, plan))
    renewed = [gap for gap in plan.gaps if gap.renewal]
    assert [gap.item for gap in renewed] == ["bank_consent"] * short
    told = Lapse("bank_consent", "unit", USE - timedelta(1), True, 70, 1)
    assert plan.lapses == ((told,) if short else ())


def test_a_paper_that_lapsed_long_ago_is_missing_and_so_is_what_follows_from_it(pack):
    dossier = with_consent(pack, DAY - timedelta(1))

    assert dossier.state("bank_consent", "unit") is Held.MISSING
    assert dossier.current().held["bank_consent", "unit"] is Held.MISSING
    assert assess(pack, dossier).status["lender_agrees"].word == "open"
    assert with_consent(pack, DAY).state("bank_consent", "unit") is Held.ON_HAND, "the last day counts"
    plan = cheapest_plan(pack, dossier)
    assert plan.lapses == (Lapse("bank_consent", "unit", DAY - timedelta(1), True, None, 1),)


def test_the_assessment_knows_what_the_plan_knows(pack):
    """What has to be renewed does not count as proved."""
    assert assess(pack, with_consent(pack, USE)).status["lender_agrees"].word == "proved"
    assert assess(pack, with_consent(pack, USE - timedelta(1))).status["lender_agrees"].word == "open"


def test_a_proved_goal_is_not_proved_where_a_paper_lapses_before_its_step(pack):
    """Everything is there, but the registration takes ten days and the consent counts for three."""
    have = ["id_docs", "bank_consent", "planning_accept", "structure_test"]

    def planned(until: date) -> Plan:
        ends = {"bank_consent": until}
        return cheapest_plan(pack, Dossier.of(pack, on_hand=have, facts=MORTGAGED, valid_until=ends))

    begins = CHINA.add_from(DAY, 10)
    assert planned(begins).items == ()
    assert planned(begins).objective == (0, 0, 0, 0, 0)
    assert planned(begins - timedelta(1)).items == ("bank_consent",)


def test_a_fact_that_lapsed_is_unknown_again(pack):
    """A marital status a year old is asked for once more."""

    def asked(until: date) -> set[str]:
        case = Dossier.of(pack, facts=MORTGAGED, valid_until={"married": until})
        return {question.fact for question in assess(pack, case).questions}

    case = Dossier.of(pack, facts={"married": True}, valid_until={"married": DAY - timedelta(1)})
    assert case.fact("married", "unit") is None
    assert case.current().facts == {}
    assert asked(DAY) == set()
    assert asked(DAY - timedelta(1)) == {"married"}
    assert pack.facts["married"].valid_for == Validity(months=12)


def test_a_paper_that_lapses_soon_is_told_though_it_is_used_in_time(pack):
    have = ["id_docs", "bank_consent", "first_registration", "first_reg"]
    known = [name for name in have if name in pack.nodes or name in pack.evidence]
    case = Dossier.of(pack, on_hand=known, facts=MORTGAGED, valid_until={"bank_consent": DAY + timedelta(5)})

    plan = cheapest_plan(pack, case)

    assert plan.items == ()
    assert plan.lapses == (Lapse("bank_consent", "unit", DAY + timedelta(5), False, 0, 1),)


def test_a_validity_shorter_than_the_wait_between_two_uses_is_said(pack):
    """First registration needs the appraisal, and so does the transfer ten working days later."""
    transfer = pack.nodes["title_cert"].ways[0]
    needs = (*transfer.needs, replace(transfer.needs[0], ref="structure_test"))
    node = replace(pack.nodes["title_cert"], ways=(replace(transfer, needs=needs),))

    def appraisal(days: int) -> bool:
        test = replace(pack.evidence["structure_test"], valid_for=Validity(days=days))
        papers = {**pack.evidence, "structure_test": test}
        law = replace(pack, nodes={**pack.nodes, "title_cert": node}, evidence=papers)
        plan = cheapest_plan(law, Dossier.of(law, facts=MORTGAGED))
        return next(gap.twice for gap in plan.gaps if gap.item == "structure_test")

    wait = (CHINA.add_from(DAY, 70) - CHINA.add_from(DAY, 60)).days
    assert not appraisal(wait)
    assert appraisal(wait - 1)


def test_a_paper_of_two_uses_waits_until_it_lasts_for_both(pack):
    """The appraisal serves the registration of the building and the transfer sixty days later."""
    transfer = pack.nodes["title_cert"].ways[0]
    needs = (*transfer.needs, replace(transfer.needs[0], ref="structure_test"))
    node = replace(pack.nodes["title_cert"], ways=(replace(transfer, needs=needs),))
    more = {
        "structure_test": replace(
            pack.evidence["structure_test"], valid_for=Validity(days=21), cost=Cost(0, 1, 2)
        ),
        "planning_accept": replace(pack.evidence["planning_accept"], cost=Cost(0, 1, 5)),
        "id_docs": replace(pack.evidence["id_docs"], cost=Cost(0, 1, 60)),
    }
    law = replace(pack, nodes={**pack.nodes, "title_cert": node}, evidence={**pack.evidence, **more})
    case = Dossier.of(law, facts={"mortgaged": False, "married": False})

    plan = cheapest_plan(law, case)

    gap = next(one for one in plan.gaps if one.item == "structure_test")
    issued, use = CHINA.add_from(DAY, gap.end), CHINA.add_from(DAY, 60)
    assert not gap.twice, "registration can wait"
    assert issued + timedelta(21) >= use > CHINA.add_from(DAY, gap.end - 1) + timedelta(21)
    assert plan.working_days == 65
    assert bool(check_plan(law, case, plan))


@pytest.mark.parametrize(("lapse", "renewed"), [(1, 0), (2, 2), (3, 3)])
def test_of_several_papers_on_hand_those_that_last_may_be_enough(lapse, renewed):
    """Two of three witnesses serve: one who leaves early is no loss, two who do are."""
    step = Cost(0, 1, 5)
    needs = (AtLeast(2, ("a", "b", "c")), Ref("slow"))
    node = Node("n0", "unit", label("n0"), (Way("w", label("w"), needs, step=step),))
    names = ("a", "b", "c", "slow")
    papers = {
        one: Evidence(one, "unit", label(one), "", Cost(0, 1, 10 if one == "slow" else 1)) for one in names
    }
    law = make_pack({"n0": node}, papers)
    ends = dict.fromkeys(("a", "b", "c")[:lapse], DAY + timedelta(1))
    case = Dossier.of(law, on_hand=["a", "b", "c"], valid_until=ends)

    plan = cheapest_plan(law, case)

    assert sum(one.renewal for one in plan.lapses) == renewed
    assert len(plan.items) == 1 + max(0, lapse - 1)
    assert bool(check_plan(law, case, plan))


def test_a_year_without_a_notice_is_read_to_the_papers_disadvantage(pack):
    """Nobody knows the holidays of 2027 yet: a paper that ends in doubt is asked for again."""
    day = date(2026, 11, 2)
    late = load_pack(PACK, as_of=day)
    before = CHINA.count(day, date(2026, 12, 31))
    surely = date(2026, 12, 31) + timedelta(2 * (70 - before) + 14)

    def renewed(until: date) -> bool:
        case = Dossier.of(
            late, on_hand=["id_docs", "bank_consent"], facts=MORTGAGED, valid_until={"bank_consent": until}
        )
        plan = cheapest_plan(late, case)
        assert bool(check_plan(late, case, plan))
        return "bank_consent" in plan.items

    assert renewed(surely - timedelta(1))
    assert not renewed(surely)


@given(st.dates(date(2004, 1, 2), date(2025, 12, 31)), st.integers(1, 240))
@examples(60, 2000)
def test_no_known_period_is_longer_than_what_is_supposed_of_years_to_come(start, offset):
    """The caution for years without a notice is more than any year with one ever needed."""
    try:
        end = CHINA.add_from(start, offset)
    except CalendarError:  # it runs beyond the last notice
        return
    assert (end - start).days <= 2 * offset + 14


def test_a_period_ends_as_the_civil_code_says():
    assert Validity.parse("P90D").until(date(2024, 1, 28)) == date(2024, 4, 27)
    assert Validity.parse("P6M").until(date(2023, 8, 31)) == date(2024, 2, 29)
    assert Validity.parse("P1Y").until(date(2024, 2, 29)) == date(2025, 2, 28)


@given(
    st.builds(Validity, st.integers(0, 30), st.integers(0, 400)),
    st.dates(date(2005, 1, 1), date(2024, 12, 31)),
    st.integers(0, 200),
)
@examples(60, 2000)
def test_not_before_is_the_first_day_that_serves(valid_for, start, latest):
    days = Days(CHINA, start)

    first = not_before(valid_for, latest, days)

    serves = [n for n in range(latest + 1) if valid_for.until(days.on(n)) >= days.on(latest)]
    assert first == min(serves)


def test_a_validity_without_a_source_is_warned_of(tmp_path):
    text = PACK.read_text(encoding="utf-8")
    line = next(line for line in text.split("\n") if "valid_for: P90D" in line and "source" in line)
    bare = re.sub(r", source: \[[^]]*\]", "", line, count=1)
    path = tmp_path / "pack.yaml"
    path.write_text(text.replace(line, bare), encoding="utf-8")

    def warned(of: Path) -> list[str]:
        return [
            one.where for one in check_documents(read_document(of), [], DAY).warnings if one.code == "W11"
        ]

    assert warned(PACK) == []
    assert len(warned(path)) == 1


@pytest.mark.parametrize(
    ("found", "put", "where", "code"),
    [
        ("valid_for: P90D", "valid_for: 90 days", "20:", "E-PACK-E13"),
        ("valid_for: P90D", "valid_fr: P90D", "20:", "E-PACK-E01"),
        ("bank_consent: 2024-05-10", "bank_consent: 10 May", "56:", "E-PACK-E13"),
    ],
)
def test_a_validity_that_says_nothing_is_refused_where_it_stands(tmp_path, found, put, where, code):
    text = PACK.read_text(encoding="utf-8")
    assert found in text
    path = tmp_path / "pack.yaml"
    path.write_text(text.replace(found, put, 1), encoding="utf-8")

    with pytest.raises(PackError) as error:
        load_pack(path, as_of=DAY)

    assert error.value.code == code
    assert error.value.where.startswith(f"pack.yaml:{where}")


def test_the_examples_of_the_pack_hold():
    done = subprocess.run(
        [sys.executable, "-m", "taizhang", "pack", "check", str(PACK)],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2/2" in done.stdout
