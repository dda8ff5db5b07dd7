"""The solver finds what trying everything finds, and proves nothing that is not so."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, note
from hypothesis import strategies as st

from taizhang.rules.expressions import parse
from taizhang.rules.favourable import best_whole
from taizhang.rules.ground import Problem, ground
from taizhang.rules.mip import Columns, minimise
from taizhang.rules.plan import papers_by_name
from taizhang.rules.terms import Cost, Dossier, Evidence, Fact, Held, Node, Pack, Ref, Way
from taizhang.rules.whole import solved_whole

from .compact import shown
from .oracle import Oracle, completions
from .packs import OBJECTIVES, cases, estate, examples, fact, label, make_pack, packs
from .test_joint_oracle import estates, levelled


@examples(150, 5_000)
@given(st.data())
def test_the_solver_finds_the_best_plan_over_all_answers(data):
    """The oracle of test_plan_oracle: every completion, every choice of ways."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    note(shown(pack, dossier))
    objective = data.draw(st.sampled_from(OBJECTIVES))
    goal = ("n0", "unit")
    vectors = []
    for answers in completions(pack, dossier):
        oracle = Oracle(pack, dossier, answers)
        plan = oracle.best([goal], objective)
        if plan is not None:
            settled = oracle.follows(goal, False)
            vectors.append(tuple(0 if settled else plan.vector[name] for name in objective))

    found = solved_whole(ground(pack, dossier, [goal]), objective)

    assert (found is None) == (not vectors)
    if found is not None:
        assert found.proved
        assert found.solution.objective(objective)[1:] == min(vectors)


@examples(150, 5_000)
@given(st.data())
def test_the_solver_agrees_with_our_own_search_on_several_goals_with_open_facts(data):
    """Goals that some answers prove keep to what is on hand: the rows of ``keeping``."""
    problem = data.draw(open_estates())
    objective = data.draw(st.sampled_from(OBJECTIVES))
    wanted = best_whole(problem, objective, papers_by_name(problem))

    found = solved_whole(problem, objective)

    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        assert found.proved
        assert found.solution.objective(objective) == wanted.solution.objective(objective)
        assert found.solution.ordered(objective) == wanted.solution.ordered(objective)


def test_a_home_that_is_proved_is_led_into_no_dead_end():
    """Its first way goes through a need that open facts decide; whatever the answer, it is quicker."""
    evidence = {name: Evidence(name, "building", label(name), "", Cost(0, 0, 0)) for name in ("a", "b")}
    asked = Way("w0", label("w0"), (Ref("a", when=parse("f")), Ref("b")))
    slower = Way("w1", label("w1"), (Ref("b"),), step=Cost(0, 0, 1))
    node = Node("n0", "unit", label("n0"), (asked, slower), 0)
    pack = make_pack({"n0": node}, evidence, levels=("estate", "building", "unit"), facts={"f": fact("f")})
    held = {("a", "B1"): Held.ON_HAND, ("a", "B2"): Held.ON_HAND, ("b", "B2"): Held.ON_HAND}
    problem = ground(pack, replace(estate(2, 1), held=held), [("n0", "B1U1"), ("n0", "B2U1")])
    wanted = best_whole(problem, OBJECTIVES[0], papers_by_name(problem))

    found = solved_whole(problem, OBJECTIVES[0])

    assert found is not None
    assert wanted is not None
    assert found.proved
    assert found.solution.ordered(OBJECTIVES[0]) == wanted.solution.ordered(OBJECTIVES[0])


@st.composite
def open_estates(draw: st.DrawFn) -> Problem:
    """Units of a random estate together, with some of their facts unknown, on the unit or the estate."""
    pack: Pack = draw(levelled())
    dossier: Dossier = draw(estates(pack))
    if draw(st.booleans()):
        asked: dict[str, Fact] = {"f": fact("f", "estate")}
        pack, dossier = replace(pack, facts=asked), replace(dossier, facts={})
    else:
        dossier = replace(dossier, facts={key: v for key, v in dossier.facts.items() if draw(st.booleans())})
    goals = [("n0", place.id) for place in dossier.places.values() if place.level == "unit"]
    return ground(pack, dossier, goals)


@examples(40, 2_000)
@given(st.data())
def test_a_bound_is_never_above_the_optimum(data):
    """With hardly any work allowed, what is told is a plan, a bound below it, and no false proof."""
    problem = data.draw(open_estates())
    objective = data.draw(st.sampled_from(OBJECTIVES[:2]))
    wanted = best_whole(problem, objective, papers_by_name(problem))

    found = solved_whole(problem, objective, work=1)

    if found is not None and wanted is not None:
        ordered = wanted.solution.ordered(objective)
        assert found.solution.ordered(objective) >= ordered
        assert found.solution.bound <= ordered
        assert not found.proved or found.solution.ordered(objective) == ordered


def made(nodes: dict[str, tuple[Way, ...]], papers: dict[str, Cost]) -> Pack:
    """A pack on the levels of an estate with the open fact ``f`` of a unit."""
    evidence = {name: Evidence(name, "unit", label(name), "", cost) for name, cost in papers.items()}
    told = {name: Node(name, "unit", label(name), ways) for name, ways in nodes.items()}
    return make_pack(told, evidence, levels=("estate", "building", "unit"), facts={"f": fact("f")})


def test_a_goal_that_the_answers_prove_keeps_to_what_is_on_hand():
    """If f, unit 1 is proved by its card: then the deed that would spare the dear step is not fetched."""
    pack = made(
        {
            "n0": (
                Way("card", label("card"), (Ref("card"),), 0, parse("f"), Cost(10, 0, 0)),
                Way("deed", label("deed"), (Ref("deed"),), 0, parse("f"), Cost(0, 0, 0)),
                Way("long", label("long"), (Ref("deed"),), 0, None, Cost(50, 0, 0)),
            )
        },
        {"card": Cost(0, 0, 0), "deed": Cost(0, 0, 0)},
    )
    homes = estate(1, 2, held={("card", "B1U1"): Held.ON_HAND}, facts={("f", "B1U2"): True})
    problem = ground(pack, homes, [("n0", "B1U1"), ("n0", "B1U2")])

    found = solved_whole(problem, pack.objective)

    assert found is not None
    assert found.proved
    assert (found.solution.costs.money, found.solution.costs.items) == (10, 1)


def test_a_way_that_only_passes_on_what_others_have_obtained_stays_a_choice_of_its_own():
    """If f, unit 1 is proved by its contract, although the list of the building is obtained for unit 2."""
    ways = (
        "n0",
        "unit",
        (
            Way("f", label("f"), (Ref("basis"),), 0, parse("f")),
            Way("g", label("g"), (Ref("basis"), Ref("order"))),
        ),
    )
    basis = (
        "basis",
        "unit",
        (Way("own", label("own"), (Ref("contract"),)), Way("all", label("all"), (Ref("list"),))),
    )
    papers = {"contract": ("unit", 1), "order": ("unit", 1), "list": ("building", 9)}
    pack = make_pack(
        {name: Node(name, level, label(name), own) for name, level, own in (ways, basis)},
        {
            name: Evidence(name, level, label(name), "", Cost(money, 0, 0))
            for name, (level, money) in papers.items()
        },
        levels=("estate", "building", "unit"),
        facts={"f": replace(fact("f"), level="estate")},
    )
    held = {("contract", "B1U1"): Held.ON_HAND, ("contract", "B1U2"): Held.UNOBTAINABLE}
    homes = estate(1, 2, held=held)
    problem = ground(pack, homes, [("n0", "B1U1"), ("n0", "B1U2")])

    found = solved_whole(problem, pack.objective)

    assert found is not None
    assert found.proved
    assert (found.solution.costs.money, found.solution.costs.items) == (9, 1)


def test_the_rank_of_a_way_is_waived_where_the_answers_prove_its_needs():
    """If f, what the substitute needs is proved, so it counts no rank and spares the dear paper."""
    nothing = Cost(0, 0, 0)
    pack = made(
        {
            "n0": (Way("all", label("all"), (Ref("n1"), Ref("card")), 0, None, nothing),),
            "n1": (
                Way("substitute", label("substitute"), (Ref("n2"),), 1, None, nothing),
                Way("ordinary", label("ordinary"), (Ref("deed"),), 0, None, nothing),
            ),
            "n2": (Way("known", label("known"), (), 0, parse("f"), nothing),),
        },
        {"card": nothing, "deed": Cost(500, 0, 0)},
    )
    problem = ground(pack, estate(1, 1), [("n0", "B1U1")])

    found = solved_whole(problem, pack.objective)

    assert found is not None
    assert found.proved
    assert (found.solution.costs.rank, found.solution.costs.money) == (0, 0)
    assert [problem.facts[0].classes[found.answers[0]].value] == [True]


def choose_one(*costs: int) -> Columns:
    """One of several columns, at a price each."""
    columns = Columns()
    made = [columns.column(whole=True) for _ in costs]
    columns.row([(1, one) for one in made], 1)
    for column, cost in zip(made, costs, strict=True):
        columns.cost("money", column, cost)
    return columns


def paid(columns: Columns):
    """Costs added up in integers."""

    def judge(values):
        return {
            "money": sum(round(values[column]) * amount for column, amount in columns.costs["money"].items())
        }

    return judge


def test_a_sum_too_large_for_a_double_is_not_called_proved():
    small, large = choose_one(7, 8), choose_one(2**52 + 1, 2**52 + 3)

    assert minimise(small, ["money"], paid(small)).proved
    assert not minimise(large, ["money"], paid(large)).proved


def test_a_bound_that_the_integers_do_not_bear_out_is_no_proof():
    """The judge finds the choice dearer than the solver thought: the solver's bound stays a bound."""
    columns = choose_one(7, 8)

    told = minimise(columns, ["money"], lambda values: {"money": 9})

    assert (told.proved, told.cost, told.bound) == (False, {"money": 9}, (7,))


def test_choices_that_do_not_hold_are_no_solution():
    assert minimise(choose_one(7, 8), ["money"], lambda values: None) is None


def test_parts_are_minimised_in_their_order():
    columns = choose_one(5, 5, 4)
    for column, cost in enumerate((3, 2, 9)):
        columns.cost("effort", column, cost)

    def judge(values):
        chosen = max(range(3), key=lambda one: values[one])
        return {part: columns.costs[part].get(chosen, 0) for part in ("money", "effort")}

    assert minimise(columns, ["money", "effort"], judge).cost == {"money": 4, "effort": 9}
    assert minimise(columns, ["effort", "money"], judge).cost == {"money": 5, "effort": 2}


def test_the_solver_says_nothing(capfd):
    columns = choose_one(7, 8)
    minimise(columns, ["money"], paid(columns))

    assert capfd.readouterr() == ("", "")
