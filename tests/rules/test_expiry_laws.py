"""What holds of every pack with papers that lapse, of estates and of the city."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.rules import Dossier, cheapest_plan, check_plan, load_pack, plan_estate
from taizhang.rules.city import plan_city
from taizhang.rules.estate import full_plan
from taizhang.rules.lasting import lasting_plans
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

from .expiry_cases import CHINA, MORTGAGED, PACK, USE, with_consent
from .packs import DAY, cases, examples, label, make_pack, packs


@pytest.fixture(scope="module")
def pack() -> Pack:
    """A home with a live mortgage; the lender's consent counts for 90 days, the appraisal for a year."""
    return load_pack(PACK, as_of=DAY)


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


def waiting(*, limits: dict[str, Validity]) -> Pack:
    """A goal that takes one of two papers, both of which the two days of work before it take as well."""
    papers = {
        name: Evidence(name, "unit", label(name), "", Cost(0, 1, 0), valid_for=limits.get(name))
        for name in ("e0", "e1")
    }
    either, work = AtLeast(1, ("e1", "e0")), Ref("n1")
    nodes = {
        "n0": Node("n0", "unit", label("n0"), (Way("w", label("w"), (either, work), step=Cost(0, 0, 0)),)),
        "n1": Node(
            "n1", "unit", label("n1"), (Way("w", label("w"), (Ref("e0"), Ref("e1")), step=Cost(0, 0, 2)),)
        ),
    }
    return make_pack(nodes, papers)


def test_what_lapses_is_not_renewed_where_another_one_is_enough():
    """The work begins today with both; what comes after it takes the one that still counts."""
    pack = waiting(limits={})
    ends = {("e0", "unit"): DAY, ("e1", "unit"): DAY + timedelta(7)}
    case = replace(Dossier.of(pack, on_hand=["e0", "e1"]), valid_until=ends)

    plan = cheapest_plan(pack, case)

    assert plan.items == ()
    assert [one for one in plan.lapses if one.renewal] == []
    assert check_plan(pack, case, plan).problems == ()


def test_the_checker_takes_the_one_that_lasts():
    """Both are obtained today; the one that the law names first counts for a day, the other for a week."""
    pack = waiting(limits={"e0": Validity(0, 7), "e1": Validity(0, 1)})
    case = Dossier.of(pack)
    plan = cheapest_plan(pack, case)

    assert set(plan.items) == {"e0", "e1"}
    assert check_plan(pack, case, plan).problems == ()
    both = waiting(limits={"e0": Validity(0, 1), "e1": Validity(0, 1)})
    assert any(gap.twice for gap in cheapest_plan(both, Dossier.of(both)).gaps), "no other one is there"
