"""Papers that lapse: asked for again in time, fetched late enough, and never counted on too long."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.errors import CalendarError, PackError
from taizhang.rules import Dossier, assess, cheapest_plan, check_plan, load_pack, plan_estate
from taizhang.rules.city import plan_city
from taizhang.rules.document import read_document
from taizhang.rules.estate import full_plan
from taizhang.rules.expiry import Days, not_before
from taizhang.rules.lasting import lasting_plans
from taizhang.rules.packcheck import check_documents
from taizhang.rules.plan import declared_order
from taizhang.rules.terms import (
    AtLeast,
    Cost,
    Evidence,
    Held,
    Lapse,
    Node,
    Pack,
    Place,
    Plan,
    Ref,
    Validity,
    Way,
)
from taizhang.rules.worktime import WorkCalendar

from .packs import DAY, cases, examples, label, make_pack, packs

PACK = Path(__file__).with_name("expiry_pack.yaml")
CHINA = WorkCalendar.china()
USE = date(2024, 5, 11)  # working day 70, a make-up Saturday: planning 60 days, first registration 10
MORTGAGED = {"mortgaged": True, "married": False}


@pytest.fixture(scope="module")
def pack() -> Pack:
    """A home with a live mortgage; the lender's consent counts for 90 days, the appraisal for a year."""
    return load_pack(PACK, as_of=DAY)


def with_consent(pack: Pack, until: date | None, **facts: bool) -> Dossier:
    """A case in which the lender's consent is there until a day."""
    known = {**MORTGAGED, **facts}
    ends = {"bank_consent": until} if until else {}
    return Dossier.of(pack, on_hand=["id_docs", "bank_consent"], facts=known, valid_until=ends)


# ------------------------------------------------------------------- the lender's consent


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


# ------------------------------------------------------------------------------- periods


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


# ------------------------------------------------------------------------ what a pack says


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


# ------------------------------------------------------------------------------ the rule


@st.composite
def ladders(draw: st.DrawFn) -> Pack:
    """A random pack whose papers are used late: each node waits for the next one and takes some days."""
    leaves = [f"e{n}" for n in range(draw(st.integers(3, 6)))]
    count = draw(st.integers(2, 4))
    nodes: dict[str, Node] = {}
    for n in range(count):
        ways = []
        for number in range(draw(st.integers(1, 2))):
            own = draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=3, unique=True))
            needs: list[Ref | AtLeast] = [Ref(one) for one in own]
            if len(own) > 1 and draw(st.integers(0, 3)) == 0:
                needs = [AtLeast(len(own) - 1, tuple(own))]
            if n + 1 < count and draw(st.integers(0, 4)):
                needs.append(Ref(f"n{n + 1}"))
            step = Cost(draw(st.integers(0, 3)), draw(st.integers(0, 1)), draw(st.integers(0, 4)))
            ways.append(Way(f"w{number}", label("w"), tuple(needs), draw(st.integers(0, 1)), None, step))
        nodes[f"n{n}"] = Node(f"n{n}", "unit", label(f"n{n}"), tuple(ways))
    papers = {
        name: Evidence(
            name, "unit", label(name), "", Cost(draw(st.integers(0, 5)), 1, draw(st.integers(0, 4)))
        )
        for name in leaves
    }
    return make_pack(nodes, papers)


@st.composite
def lapsing(draw: st.DrawFn, *, most: int = 4, limited: bool = False) -> tuple[Pack, Dossier]:
    """A random pack and a case in which some of what is there has a last day."""
    pack = draw(st.one_of(ladders(), ladders(), packs()))
    if limited:
        periods = st.none() | st.builds(Validity, st.just(0), st.integers(1, 6))
        papers = {name: replace(one, valid_for=draw(periods)) for name, one in pack.evidence.items()}
        pack = replace(pack, evidence=papers)
    case = draw(cases(pack, known=True)) if pack.facts else Dossier.of(pack)
    useful = cheapest_plan(pack, case).items or tuple(sorted(pack.evidence))
    found = draw(st.lists(st.sampled_from(useful), min_size=1, max_size=most, unique=True))
    held = {**case.held, **{(name, "unit"): Held.ON_HAND for name in found}}
    ends = {(name, "unit"): DAY + timedelta(draw(st.integers(0, 6))) for name in found}
    return pack, replace(case, held=held, valid_until=ends)


def ordered(pack: Pack, plan: Plan) -> tuple[float, ...]:
    return plan.objective if plan.feasible else (float("inf"),)


def planned_without(pack: Pack, case: Dossier, lost: frozenset[tuple[str, str]]) -> Plan:
    """The plan if just these were missing and all else lasted for ever."""
    held = dict(case.held) | dict.fromkeys(lost, Held.MISSING)
    return cheapest_plan(pack, replace(case, held=held, valid_until={}))


def consistent(pack: Pack, case: Dossier, lost: frozenset[tuple[str, str]], plan: Plan) -> bool:
    """Whether all that such a plan counts on lasts: as the second checker sees it."""
    told = tuple(Lapse(*key, case.valid_until[key], True) for key in sorted(lost))
    return bool(check_plan(pack, case, replace(plan, lapses=told)))


@given(lapsing())
@examples(80, 3000)
def test_the_plan_lies_between_the_best_that_lasts_and_everything_renewed(pair):
    """Trying all sets of renewals: the rule finds one that holds, and no miracle."""
    pack, case = pair
    plan = cheapest_plan(pack, case)
    ends = sorted(case.valid_until)
    subsets = [frozenset(some) for n in range(len(ends) + 1) for some in combinations(ends, n)]
    tried = {lost: planned_without(pack, case, lost) for lost in subsets}
    lasting = [
        ordered(pack, one)
        for lost, one in tried.items()
        if not one.feasible or consistent(pack, case, lost, one)
    ]

    assert bool(check_plan(pack, case, plan)), "what it counts on lasts"
    mine = ordered(pack, plan)
    marks = frozenset((one.item, one.place) for one in plan.lapses if one.renewal)
    assert mine == ordered(pack, tried[marks]), "it is the best for what it marks"
    assert mine >= ordered(pack, tried[frozenset()]), "lapsing never helps"
    assert mine <= ordered(pack, tried[frozenset(ends)]), "at worst all is renewed"
    assert mine >= min(lasting), "cautious: never better than trying all"
    if len(ends) == 1:
        assert mine == min(lasting), "of one paper the rule is exact"


@given(lapsing(limited=True))
@examples(80, 3000)
def test_what_is_fetched_lasts_or_is_said_to_be_needed_twice(pair):
    """Issued on the day the plan says, a paper counts when the work begins: as the second checker sees it."""
    pack, case = pair
    plan = cheapest_plan(pack, case)

    assert check_plan(pack, case, plan).problems == ()
    for gap in plan.gaps:
        limit = pack.evidence[gap.item].valid_for
        assert (gap.obtain_not_before is None) == (limit is None)
        assert gap.slack >= 0
        assert gap.end - gap.start == gap.days


@given(lapsing(most=1), st.integers(1, 30))
@examples(80, 3000)
def test_longer_validity_never_makes_the_plan_worse(pair, more):
    """Promised for one paper at a time; of several the rule is cautious, see plans.md."""
    pack, case = pair
    longer = replace(case, valid_until={key: day + timedelta(more) for key, day in case.valid_until.items()})

    assert ordered(pack, cheapest_plan(pack, longer)) <= ordered(pack, cheapest_plan(pack, case))


@given(lapsing())
@examples(60, 2000)
def test_the_checker_sees_a_paper_that_does_not_last(pair):
    """A plan made as if nothing lapsed is accepted only where nothing it counts on does."""
    pack, case = pair
    plan = cheapest_plan(pack, replace(case, valid_until={}))
    marked = {one.item for one in cheapest_plan(pack, case).lapses if one.renewal and one.use is not None}

    if plan.feasible and not any(day < DAY for day in case.valid_until.values()):
        assert bool(check_plan(pack, case, plan)) == (not marked)


def test_the_checker_refuses_a_plan_that_counts_on_a_paper_too_long(pack):
    """The plan of a case in which nothing lapses, held against one in which the consent does."""
    plan = cheapest_plan(pack, with_consent(pack, None))

    assert bool(check_plan(pack, with_consent(pack, USE), plan))
    problems = check_plan(pack, with_consent(pack, USE - timedelta(1)), plan).problems
    assert problems == ("bank_consent@unit: lapses on 2024-05-10, before its use on working day 70",)


def test_the_checker_does_not_take_a_renewal_on_trust(pack):
    """A plan that calls a paper lapsing which has no last day is refused."""
    dossier = with_consent(pack, USE - timedelta(1))
    plan = cheapest_plan(pack, dossier)

    problems = check_plan(pack, with_consent(pack, USE), plan).problems

    assert any("does not lapse" in one for one in problems), problems


# ------------------------------------------------------------------- estates and the city


def estate(ends: dict[str, date]) -> Dossier:
    """Two buildings of three homes; all have the lender's consent, some until a day."""
    places = {
        "city": Place("city", "city"),
        "K": Place("county", "K", "city"),
        "E": Place("estate", "E", "K", "E"),
    }
    held: dict[tuple[str, str], Held] = {}
    facts: dict[tuple[str, str], bool] = {}
    for building in ("B1", "B2"):
        places[building] = Place("building", building, "E", building)
        for number in "123":
            unit = f"{building}-{number}"
            places[unit] = Place("unit", unit, building, unit)
            held |= {("id_docs", unit): Held.ON_HAND, ("bank_consent", unit): Held.ON_HAND}
            facts |= {(name, unit): value for name, value in MORTGAGED.items()}
    until = {("bank_consent" if "-" in at else "structure_test", at): day for at, day in ends.items()}
    held |= dict.fromkeys(until, Held.ON_HAND)
    return Dossier(DAY, places, held, facts, until)


ENDS = {"B1-2": USE - timedelta(1), "B2-1": USE, "B2": DAY + timedelta(9), "B2-3": DAY - timedelta(3)}


def test_of_like_homes_only_those_whose_paper_lapses_renew_it(pack):
    found = plan_estate(pack, estate(ENDS))

    renewed = sorted((gap.item, gap.place) for gap in found.plan.gaps if gap.renewal)
    assert renewed == [("bank_consent", "B1-2"), ("bank_consent", "B2-3"), ("structure_test", "B2")]
    assert {one.place: one.units for one in found.plan.lapses} == {"B1-2": 1, "B2-3": 1, "B2": 3}
    assert found.plan.vector.items == 3 + 3, "three renewals, planning twice, one first appraisal"
    assert found.own["B1-1"] == ()
    assert found.own["B1-2"] == ("bank_consent",)


def test_all_that_is_said_of_an_estate_passes_the_checker(pack):
    plan = full_plan(pack, estate(ENDS), {}, CHINA)

    gap = next(one for one in plan.joint.gaps if one.item == "bank_consent")
    assert plan.due[gap.obtain_not_before] is not None, "the day from which it may be issued has a date"
    assert {one.place.id: one.own for one in plan.units}["B2-3"] == ("bank_consent",)


def city(pack: Pack, dossiers: list[Dossier]):
    """A city with the rule: what ``plan_city`` does."""
    order = declared_order(pack, None)

    def plain(some, names):
        return plan_city(pack, [replace(one, valid_until={}) for one in some], names, CHINA)

    today = [one.current() for one in dossiers]
    return lasting_plans(pack, today, plain(today, [{}] * len(today)), CHINA, order, plain)


def test_the_city_marks_what_the_estate_marks(pack):
    """Estate by estate or all at once: the same papers, the same price, the same first days."""
    dossiers = [estate(ENDS), estate({}), estate({"B1-1": USE + timedelta(400)})]

    found = city(pack, dossiers)

    for dossier, plan in zip(dossiers, found, strict=True):
        alone = plan_estate(pack, dossier).plan
        assert plan.joint.vector == alone.vector
        assert plan.joint.lapses == alone.lapses
        told, mine = ({} for _ in range(2))
        for gap in alone.gaps:
            told.setdefault(gap.item, set()).add(gap.obtain_not_before)
        for gap in plan.joint.gaps:
            mine.setdefault(gap.item, set()).add(gap.obtain_not_before)
            if gap.obtain_not_before is not None:
                assert plan.due[gap.obtain_not_before] is not None
        assert mine == told
    assert [gap.item for gap in found[0].joint.gaps if gap.renewal] == ["structure_test", "bank_consent"]
    assert [gap.item for gap in found[1].joint.gaps if gap.renewal] == []


def test_a_city_without_last_days_is_planned_once(pack):
    """Nothing is looked at again where nothing lapses."""

    def again(some, names):
        raise AssertionError("planned again")

    dossiers = [estate({}), estate({"B1-1": date(2030, 1, 1)})]
    plans = plan_city(pack, [replace(one, valid_until={}) for one in dossiers], [{}, {}], CHINA)

    found = lasting_plans(pack, dossiers, plans, CHINA, declared_order(pack, None), again)

    assert [one.joint.vector for one in found] == [one.joint.vector for one in plans]
