"""The joint plan of an estate equals what trying everything finds, each shared item once."""

from __future__ import annotations

from hypothesis import given, note
from hypothesis import strategies as st

from taizhang.rules.check import check_joint_plan
from taizhang.rules.expressions import parse
from taizhang.rules.joint import plan_estate
from taizhang.rules.terms import Cost, Dossier, Each, Evidence, Held, Need, Node, Pack, Ref, Status, Way

from .compact import shown
from .oracle import Oracle
from .packs import OBJECTIVES, Choices, estate, examples, fact, label, make_pack

LEVELS = ("estate", "building", "unit")


@st.composite
def levelled(draw: st.DrawFn) -> Pack:
    """A random pack over three levels; units need buildings need the estate, and back by ``each``."""
    choose, only = Choices(draw, 256), parse("f")
    evidence = {
        name: Evidence(name, level, label(name), "", choose.cost())
        for name, level in (
            ("eu0", "unit"),
            ("eu1", "unit"),
            ("eb0", "building"),
            ("eb1", "building"),
            ("es0", "estate"),
            ("es1", "estate"),
        )
    }
    names = [("n0", "unit"), ("nu1", "unit"), ("nb0", "building"), ("ns0", "estate"), ("nb9", "building")]
    nodes: dict[str, Node] = {}
    for i, (name, level) in enumerate(names):
        depth = LEVELS.index(level)
        later = {other: LEVELS.index(at) for other, at in names[i + 1 :]}
        below = sorted(
            [other for other, at in later.items() if at <= depth]
            + [one.id for one in evidence.values() if LEVELS.index(one.level) <= depth]
        )
        ways = []
        for j in range(choose.upto(2, 1)):
            needs: list[Need] = []
            for _ in range(choose.upto(2, 1)):
                when = only if choose.upto(4) == 4 and level == "unit" else None
                needs.append(Ref(choose.one_of(below), when))
            if level == "estate" and choose.upto(1):
                needs.append(Each("building", choose.one_of(["nb9", "eb0"])))
            step = choose.cost()
            ways.append(Way(f"w{j}", label(f"w{j}"), tuple(needs), choose.upto(1), None, step))
        nodes[name] = Node(name, level, label(name), tuple(ways))
    return make_pack(nodes, evidence, levels=LEVELS, facts={"f": fact("f")})


@st.composite
def estates(draw: st.DrawFn, pack: Pack) -> Dossier:
    choose = Choices(draw, 96)
    dossier = estate(choose.upto(2, 1), choose.upto(2, 1))
    held, facts = {}, {}
    for place in dossier.places.values():
        for name in (*pack.evidence, *pack.nodes):
            if pack.level_of(name) == place.level and name != "n0":
                roll = choose.upto(11)
                if roll > 8:
                    held[name, place.id] = Held.ON_HAND
                elif roll == 1:
                    held[name, place.id] = Held.UNOBTAINABLE
        if place.level == "unit":
            facts["f", place.id] = bool(choose.upto(1))
    return Dossier(dossier.as_of, dossier.places, held, facts)


@examples(500, 15_000)
@given(st.data())
def test_the_joint_plan_is_the_optimum_over_all_units_that_are_not_blocked(data):
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    objective = data.draw(st.sampled_from(OBJECTIVES))
    note(shown(pack, dossier))
    oracle = Oracle(pack, dossier, {})
    units = [place.id for place in dossier.places.values() if place.level == "unit"]
    able = [("n0", unit) for unit in units if oracle.follows(("n0", unit), True)]
    wanted = oracle.best(able, objective) if able else None

    found = plan_estate(pack, dossier, objective=objective)

    assert set(found.plan.left_out) == {unit for unit in units if ("n0", unit) not in able}
    if wanted:
        settled = all(oracle.follows(goal, False) for goal in able)
        assert found.plan.vector.ordered(objective) == tuple(wanted.vector[name] for name in objective)
        assert found.plan.objective == (
            (0,) * len(objective) if settled else found.plan.vector.ordered(objective)
        )
        assert found.plan.proved
    alike = {group.first: group.units for group in found.groups}
    assert check_joint_plan(pack, dossier, found.plan, alike).problems == ()


@given(st.data())
def test_a_joint_plan_costs_no_more_than_the_plans_one_by_one_and_no_less_than_the_dearest(data):
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    found = plan_estate(pack, dossier)
    oracle = Oracle(pack, dossier, {})
    alone = [
        oracle.best([("n0", unit)], pack.objective)
        for group in found.groups
        for unit in group.units
        if group.status is not Status.BLOCKED
    ]
    ranks = [plan.vector["rank"] for plan in alone if plan]

    assert found.plan.vector.rank <= sum(ranks)
    # what is proved lacks nothing and keeps the steps it has, so it is compared by itself only
    if all(rank == 0 for rank in ranks) and all(group.status is not Status.PROVED for group in found.groups):
        money = [plan.vector["money"] for plan in alone if plan]
        assert max(money, default=0) <= found.plan.vector.money_fen <= sum(money)


@given(st.data())
def test_each_unit_can_be_proved_from_its_part_of_the_joint_plan(data):
    """Own and shared items of a unit, once obtained, leave nothing missing for it."""
    pack = data.draw(levelled())
    dossier = data.draw(estates(pack))
    found = plan_estate(pack, dossier)
    for group in found.groups:
        for unit in group.units:
            if group.status is Status.BLOCKED:
                continue
            held = dict(dossier.held)
            held |= {(item, unit): Held.ON_HAND for item in found.own[unit]}
            held |= dict.fromkeys(found.shared[unit], Held.ON_HAND)

            assert Oracle(pack, Dossier(dossier.as_of, dossier.places, held, dossier.facts), {}).follows(
                ("n0", unit), False
            )


def scoped(scope: tuple[str, ...]) -> Pack:
    """A goal that only a decision for the named estates can open."""
    way = Way("minutes", label("minutes"), (Ref("card"),), scope=scope)
    card = Evidence("card", "unit", label("card"), "", Cost(0, 1, 1))
    return make_pack({"n0": Node("n0", "unit", label("n0"), (way,))}, {"card": card}, levels=LEVELS)


def test_a_decision_opens_the_estates_it_names_and_no_other():
    dossier = estate(1, 2)

    assert {group.status for group in plan_estate(scoped(("E",)), dossier).groups} == {Status.OPEN}
    assert {group.status for group in plan_estate(scoped(("毛巾厂家属院",)), dossier).groups} == {
        Status.BLOCKED
    }


def test_a_unit_that_is_proved_is_asked_for_nothing_although_another_way_saves_work():
    """u1 holds the card of a laborious way; the deed of the easy way is fetched for u2 only."""
    ways = (
        Way("by_card", label("by card"), (Ref("card"),), step=Cost(10_000, 9, 1)),
        Way("by_deed", label("by deed"), (Ref("deed"),), step=Cost(0, 1, 1)),
    )
    evidence = {name: Evidence(name, "unit", label(name), "", Cost(0, 1, 1)) for name in ("card", "deed")}
    pack = make_pack({"n0": Node("n0", "unit", label("n0"), ways)}, evidence, levels=LEVELS)
    dossier = estate(1, 2, held={("card", "B1U1"): Held.ON_HAND})

    found = plan_estate(pack, dossier)

    assert found.own["B1U1"] == ()
    assert found.own["B1U2"] == ("deed",)


def test_what_holds_for_like_units_is_said_of_each_of_them():
    pack = scoped(())
    found = plan_estate(pack, estate(1, 3))

    assert len(found.groups) == 1
    assert [gap.place for gap in found.plan.gaps] == ["B1U1", "B1U2", "B1U3"]
    assert [choice.place for choice in found.plan.route] == ["B1U1", "B1U2", "B1U3"]
