"""What is remembered of a home is what planning it again would give, after any changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from decimal import Decimal

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from taizhang.errors import InputError, PackError
from taizhang.rules.city import plan_city, prepare
from taizhang.rules.columns import Columns, plan_columns
from taizhang.rules.cuts import Cuts
from taizhang.rules.differing import differing, stands, supposed
from taizhang.rules.ground import ground
from taizhang.rules.lint import needed_names
from taizhang.rules.plan import cheapest_plan, declared_order
from taizhang.rules.recall import Marginal, Recall
from taizhang.rules.solver import Library
from taizhang.rules.supposing import adoptable, suppose
from taizhang.rules.table import Table, retabulate, tabulate
from taizhang.rules.template import compile_pack
from taizhang.rules.terms import Cost, Dossier, Each, Evidence, Held, Node, Pack, Ref, Supposition, Way
from taizhang.rules.upward import Upward
from taizhang.rules.worktime import WorkCalendar
from tests.rules.cases import random_estate, shipped
from tests.rules.packs import estate, examples, label, make_pack

PACK = shipped()
TEMPLATE = compile_pack(PACK)
SEARCHED = Library()  # of the slow side; the memory has pieces of its own
TOLD = ("status", "cost", "days", "papers", "alone", "unsure")


def city(seed: int, estates: int = 3, units: int = 6) -> list[Dossier]:
    return [random_estate(PACK, 100 * seed + at, units=units, unknown=0.15) for at in range(estates)]


def equal(found: Marginal, columns: Columns) -> None:
    for name in TOLD:
        assert np.array_equal(getattr(found, name), getattr(columns, name)), name


def same_tables(one: Table, two: Table) -> None:
    assert (one.places, one.levels) == (two.places, two.levels)
    for mine, theirs in zip((*one.held, *one.answers), (*two.held, *two.answers), strict=True):
        assert np.array_equal(mine, theirs)


def changed(table: Table, draw: np.random.Generator, share: float) -> Table:
    """Papers that came, went or were lost, and facts that were answered or forgotten, anywhere."""
    held, answers = list(table.held), list(table.answers)
    for at in draw.choice(len(held), 12, replace=False).tolist():
        held[at] = _redrawn(held[at], draw, share, (0, 3))
    for at in draw.choice(len(answers), 6, replace=False).tolist():
        width = len(TEMPLATE.problem.facts[at].classes)
        answers[at] = _redrawn(answers[at], draw, share, (-1, width))
    return replace(table, held=tuple(held), answers=tuple(answers))


def _redrawn(
    column: np.ndarray, draw: np.random.Generator, share: float, ends: tuple[int, int]
) -> np.ndarray:
    where = draw.random(column.size) < share
    new = draw.integers(*ends, column.size).astype(column.dtype)
    return np.where(where, new, column)


@examples(8, 200)
@given(seed=st.integers(0, 1_000), share=st.sampled_from([0.02, 0.2, 0.9]))
def test_a_city_planned_again_is_what_planning_it_from_nothing_gives(seed, share):
    """Status, costs, days, papers and what is only an estimate, after changes of any size."""
    draw = np.random.default_rng(seed)
    memory, table = Recall(TEMPLATE, PACK.objective), tabulate(TEMPLATE, city(seed))
    for _ in range(3):
        equal(memory.plan(table), plan_columns(TEMPLATE, table, PACK.objective, SEARCHED))
        table = changed(table, draw, share)

    equal(memory.plan(table), plan_columns(TEMPLATE, table, PACK.objective, SEARCHED))


def test_what_was_seen_before_is_not_planned_again():
    memory = Recall(TEMPLATE, PACK.objective)
    before = tabulate(TEMPLATE, city(1))
    after = changed(before, np.random.default_rng(1), 0.3)
    first = memory.plan(before)
    memory.plan(after)
    planned = memory.planned

    again = memory.plan(before)
    elsewhere = memory.plan(tabulate(TEMPLATE, [*city(1)[::-1], *city(1)]))

    assert memory.planned == planned
    assert all(np.array_equal(getattr(first, one.name), getattr(again, one.name)) for one in fields(Marginal))
    assert elsewhere.status.size == 2 * first.status.size


def small_law(of_each: str):
    """A title that needs something of every building, or of every home, of the estate."""
    paper = {"b": "building", "u": "unit"}
    evidence = {
        name: Evidence(name, level, label(name), "", Cost(100, 1, 1)) for name, level in paper.items()
    }
    all_ = Node("all", "estate", label("all"), (Way("w", label("w"), (Each(paper[of_each], of_each),), 0),))
    goal = Node("n0", "unit", label("n0"), (Way("w", label("w"), (Ref("all"),), 0),))
    return make_pack({"n0": goal, "all": all_}, evidence, levels=("estate", "building", "unit"))


@pytest.mark.parametrize("of_each", ["b", "u"])
def test_a_home_that_rests_on_other_places_is_told_apart_by_them(of_each):
    """A paper lost in one building, or for one home, blocks every home of its estate, and no other."""
    pack = small_law(of_each)
    template = compile_pack(pack)
    dossiers = [estate(2, 2), estate(2, 2)]
    place = next(p.id for p in dossiers[1].places.values() if p.level == ("building", "unit")[of_each == "u"])
    lost = [dossiers[0], replace(dossiers[1], held={(of_each, place): Held.UNOBTAINABLE})]
    memory = Recall(template, pack.objective)

    before, after = (memory.plan(tabulate(template, some)) for some in (dossiers, lost))

    assert before.status.tolist() == [1] * 8
    equal(after, plan_columns(template, tabulate(template, lost), pack.objective))
    assert after.status.tolist() != before.status.tolist()


def ways_to_adopt() -> Sequence[str]:
    return [f"{n.id}.{w.id}" for n in PACK.nodes.values() for w in n.ways if not w.adopted][:6]


@pytest.mark.parametrize("way", ways_to_adopt())
def test_estates_that_cannot_differ_are_planned_alike_under_another_law(way):
    """What blocks a home may differ: a way that would not help either is not named in both worlds."""
    law = suppose(PACK, [Supposition("enable", way)])
    dossiers = city(3, estates=6)
    everyone = range(len(dossiers))
    one, two, owner = supposed(law, dossiers, stands(PACK, dossiers, PACK.objective), everyone)
    same = set(everyone) - differing(one, two, owner)
    plans = [
        plan_city(pack, [dossiers[at] for at in same], [{}] * len(same), WorkCalendar.china())
        for pack in (PACK, law)
    ]

    for before, after in zip(*plans, strict=True):
        mine = [replace(one, blocked_by=()) for one in before.units]
        assert mine == [replace(one, blocked_by=()) for one in after.units]
        assert (before.joint.vector, before.joint.gaps) == (after.joint.vector, after.joint.gaps)


@pytest.mark.parametrize("way", ways_to_adopt()[:2])
def test_columns_taken_over_from_another_law_are_what_reading_the_dossiers_gives(way):
    other = compile_pack(suppose(PACK, [Supposition("enable", way)]))
    dossiers = city(4)

    same_tables(
        retabulate(other, dossiers, TEMPLATE, tabulate(TEMPLATE, dossiers)), tabulate(other, dossiers)
    )


@pytest.mark.parametrize("fact", [False, True])
def test_one_column_made_again_is_what_reading_the_dossier_gives(fact):
    dossier = random_estate(PACK, 5)
    known = prepare(PACK, [dossier])
    table = dossier.facts if fact else dossier.held
    (name, place), _ = sorted(table.items(), key=str)[7]
    without = {key: value for key, value in table.items() if key != (name, place)}
    later = replace(dossier, **{"facts" if fact else "held": without})

    made = known.changed(PACK, [later], name, fact=fact)

    same_tables(made.table, tabulate(TEMPLATE, [later]))
    assert tuple(made.bills) == tuple(prepare(PACK, [later]).bills)


@examples(10, 200)
@given(seed=st.integers(0, 1_000))
def test_a_pass_that_takes_over_what_is_unchanged_is_the_whole_pass(seed):
    table = tabulate(TEMPLATE, city(seed, estates=1))
    before = Upward(TEMPLATE, table)
    later = changed(table, np.random.default_rng(seed), 0.1)

    short, whole = Upward(TEMPLATE, later, before), Upward(TEMPLATE, later)

    for number in range(len(TEMPLATE.ways)):
        for name in ("free", "feasible", "proved", "doubt", "sure"):
            assert np.array_equal(getattr(short, name)[number], getattr(whole, name)[number]), (name, number)


def test_in_columns_the_fewest_papers_cost_what_they_cost():
    """The parts of the objective come in another order than those of a cost."""
    order = declared_order(PACK, "fewest")
    dossiers = city(6)
    table = tabulate(TEMPLATE, dossiers)
    columns = plan_columns(TEMPLATE, table, order)
    level = TEMPLATE.level[TEMPLATE.goal]
    compared = 0
    for unit, place in enumerate(table.places[level]):
        if columns.alone[unit] or columns.status[unit] == 3:
            continue
        plan = cheapest_plan(PACK, dossiers[table.dossier[level][unit]], place=place, objective="fewest")
        vector = plan.vector
        told = (vector.rank, vector.money_fen, vector.effort, vector.items, vector.days)
        assert (*columns.cost[:, unit].tolist(), int(columns.days[unit])) == told, place
        compared += vector.money_fen != vector.items

    assert compared > 5


def test_who_else_is_planned_changes_nothing_of_an_estate():
    """Pieces are numbered as they come; nothing that is shown may depend on these numbers."""
    some = city(8, estates=6, units=20)
    together = plan_city(PACK, some, [{}] * 6, WorkCalendar.china(), library=Library(256))
    alone = [
        plan_city(PACK, [one], [{}], WorkCalendar.china(), library=Library(256))[0] for one in some[::-1]
    ]

    assert together == alone[::-1]


def test_two_tables_recognise_the_same_pieces():
    """Random numbers belong to the law, not to the table: a piece cut out once is known in every city."""
    shop_library = Library()
    columns = plan_columns(TEMPLATE, tabulate(TEMPLATE, city(9)), PACK.objective, shop_library)
    known = len(columns.workshop._by_key)

    again = plan_columns(TEMPLATE, tabulate(TEMPLATE, city(9)[:1]), PACK.objective, shop_library)

    assert again.workshop is columns.workshop
    assert len(again.workshop._by_key) == known
    assert Cuts(again.units.tier).choices


def suppositions() -> list[Supposition]:
    """Every way adopted, a need of every way waived, a paper required, every number moved."""
    found = [Supposition("enable", name) for name in adoptable(PACK)]
    for node in PACK.nodes.values():
        for way in node.ways:
            needed = sorted({name for need in way.needs for name in needed_names(need)})
            found += [Supposition("waive", f"{node.id}.{way.id}.{name}") for name in needed[:1]]
            if "applicant_identity" not in needed:
                found.append(Supposition("require", f"{node.id}.{way.id}.applicant_identity"))
    numbers = [name for name, param in PACK.params.items() if isinstance(param.on(PACK.as_of), Decimal)]
    return [*found, *(Supposition("set", name, "7") for name in sorted(numbers))]


@examples(10, 600)
@given(seed=st.integers(0, 1_000), data=st.data())
def test_what_one_law_lends_to_another_changes_nothing(seed, data):
    """Pieces, solutions and what follows from them are taken over where they mean the same, only there."""
    table = tabulate(TEMPLATE, city(seed))
    memory = Recall(TEMPLATE, PACK.objective)
    memory.plan(table)
    told = data.draw(st.lists(st.sampled_from(suppositions()), min_size=1, max_size=2, unique=True))
    try:
        law = suppose(PACK, told)
    except (InputError, PackError):
        return  # two that do not go together, or a node that would need itself
    template = compile_pack(law)
    after = retabulate(template, city(seed), TEMPLATE, table)

    lent = Recall(template, PACK.objective, memory.library.lent())

    equal(lent.plan(after), plan_columns(template, after, PACK.objective, Library()))

    further = data.draw(st.sampled_from(suppositions()))
    try:
        last = compile_pack(suppose(law, [further]))
    except (InputError, PackError):
        return
    again = retabulate(last, city(seed), TEMPLATE, table)
    equal(
        Recall(last, PACK.objective, lent.library.lent()).plan(again),
        plan_columns(last, again, PACK.objective, Library()),
    )


def test_a_law_of_many_levels_is_planned():
    """A chain of four hundred nodes, each of which needs the next."""
    names = [f"n{at}" for at in range(400)]
    nodes = {
        one: Node(one, "unit", label(one), (Way("w", label("w"), (Ref(after),), 0),))
        for one, after in zip(names, [*names[1:], "paper"], strict=True)
    }
    evidence = {"paper": Evidence("paper", "unit", label("paper"), "", Cost(100, 1, 1))}
    template = compile_pack(make_pack(nodes, evidence, levels=("estate", "building", "unit")))

    columns = plan_columns(template, tabulate(template, [estate(1, 2)]), template.pack.objective)

    assert columns.cost[3].tolist() == [1, 1]


def test_a_law_with_far_fewer_papers_takes_over_what_it_has():
    """Numbers of the larger law mean nothing in the smaller one, not even as places in a row of bits."""
    names = [f"e{at:03}" for at in range(140)]
    evidence = {name: Evidence(name, "unit", label(name), "", Cost(100, 1, 1)) for name in names}
    many = Way("many", label("many"), tuple(Ref(name) for name in names), 0)
    few, other = (Way(name, label(name), (Ref(name),), 0) for name in ("e138", "e139"))
    last = Node("last", "unit", label("last"), (few, other))

    def law(*ways: Way) -> Pack:
        goal = Node("n0", "unit", label("n0"), (*ways, Way("w", label("w"), (Ref("last"), Ref("e000")), 0)))
        return make_pack({"n0": goal, "last": last}, evidence, levels=("estate", "building", "unit"))

    dossiers = [estate(2, 3)]
    home = next(place.id for place in dossiers[0].places.values() if place.level == "unit")
    dossiers.append(replace(dossiers[0], held={("e138", home): Held.UNOBTAINABLE}))
    large, small = compile_pack(law(many)), compile_pack(law())
    memory = Recall(large, large.pack.objective)
    memory.plan(tabulate(large, dossiers))
    table = tabulate(small, dossiers)

    lent = Recall(small, small.pack.objective, memory.library.lent())

    assert len(small.problem.elements) < 64 < len(large.problem.elements)
    equal(lent.plan(table), plan_columns(small, table, small.pack.objective, Library()))


def test_a_law_that_differs_in_one_way_takes_over_what_that_way_does_not_touch():
    dossiers = city(3, estates=8)
    table = tabulate(TEMPLATE, dossiers)
    memory = Recall(TEMPLATE, PACK.objective)
    memory.plan(table)
    law = suppose(PACK, [Supposition("enable", "transfer_cause.resale_chain")])
    template = compile_pack(law)
    lent, own = memory.library.lent(), Library()

    for library in (lent, own):
        Recall(template, PACK.objective, library).plan(retabulate(template, dossiers, TEMPLATE, table))

    known, taken, made = (next(iter(one.shops.values())).shelves for one in (memory.library, lent, own))
    more = taken[len(known) :]
    assert [shelf.local.key for shelf in taken[: len(known)]] == [shelf.local.key for shelf in known]
    assert 0 < len(more) < len(made) / 2


def test_a_need_that_may_be_asked_for_can_be_a_goal_of_its_own():
    """A home's own say in a joint plan may begin at such a need, without the node that has it."""
    switch = next(one.name for one in TEMPLATE.problem.elements if one.switch)
    dossier = Dossier.of(PACK)
    place = next(one.place for one in TEMPLATE.problem.elements if one.name == switch)

    problem = ground(PACK, dossier, [(switch, place)])

    asked = problem.elements[problem.goals[0]]
    assert [option.way.id for option in asked.options] == ["with", "without"]
    assert {option.when.facts for option in asked.options if option.when} == {asked.options[0].when.facts}
