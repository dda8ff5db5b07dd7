"""The plan equals what trying everything finds."""

from __future__ import annotations

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from taizhang.rules import check_plan
from taizhang.rules.assess import assess
from taizhang.rules.expressions import parse
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import Cost, Dossier, Evidence, Node, Pack, Ref, Status, Vector, Way

from .compact import shown
from .oracle import Oracle, completions
from .packs import FACTS, OBJECTIVES, cases, examples, fact, label, make_pack, packs


def as_tuple(vector: Vector, objective: tuple[str, ...]) -> tuple[int, ...]:
    return vector.ordered(objective)


@examples(500, 50_000)
@given(st.data())
def test_the_plan_of_a_known_case_is_the_optimum_with_its_canonical_papers(data):
    """P0: objective, papers and days, for every declared order."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack, known=True))
    note(shown(pack, dossier))
    objective = data.draw(st.sampled_from(OBJECTIVES))
    wanted = Oracle(pack, dossier, {}).best([("n0", "unit")], objective)

    plan = cheapest_plan(pack, dossier, objective=objective)

    assert plan.proved
    assert plan.feasible == (wanted is not None)
    if wanted:
        assert as_tuple(plan.vector, objective) == tuple(wanted.vector[name] for name in objective)
        assert plan.items == wanted.items


@examples(300, 35_000)
@given(st.data())
def test_open_facts_are_judged_over_all_their_answers(data):
    """Status, best case, worst case and questions are those of all completions."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    note(shown(pack, dossier))
    objective = data.draw(st.sampled_from((OBJECTIVES[0], OBJECTIVES[1], OBJECTIVES[3])))
    goal = ("n0", "unit")
    outcomes = {}
    for answers in completions(pack, dossier):
        oracle = Oracle(pack, dossier, answers)
        plan = oracle.best([goal], objective)
        vector = tuple(plan.vector[name] for name in objective) if plan else None
        objective_value = tuple(0 for _ in objective) if oracle.follows(goal, False) else vector
        outcomes[tuple(sorted(answers.items()))] = (
            oracle.follows(goal, False),
            plan is not None,
            vector,
            plan,
            objective_value,
        )
    proved = all(one[0] for one in outcomes.values())
    possible = [one[1] for one in outcomes.values()]
    status = (
        Status.PROVED
        if proved
        else Status.OPEN
        if all(possible)
        else Status.DEPENDS
        if any(possible)
        else Status.BLOCKED
    )
    vectors = [one[2] for one in outcomes.values() if one[2] is not None]

    found = assess(pack, dossier, objective=objective)

    assert found.exact
    assert found.status["n0"] is status
    assert (found.best_case is None) == (not vectors)
    if vectors and found.best_case:
        sums = [name for name in objective if name != "days"]
        _, lowest = min((one[4], one[2]) for one in outcomes.values() if one[2] is not None)
        told = [(one[4], one[2]) for one in outcomes.values() if one[2] is not None]
        _, highest = max((value[: len(sums)], vector[: len(sums)]) for value, vector in told)
        assert found.best_case.ordered(objective) == lowest
        if all(possible):
            assert found.worst_case is not None
            assert found.worst_case.ordered(objective)[: len(sums)] == highest
        else:
            assert found.worst_case is None
    else:
        assert not any(possible)
    changing = {
        name
        for name in FACTS
        for one in outcomes
        for two in outcomes
        if dict(one) | {(name, "unit"): 0} == dict(two) | {(name, "unit"): 0}
        and _papers(outcomes[one][3], objective) != _papers(outcomes[two][3], objective)
    }
    assert changing <= {question.fact for question in found.questions}


def _papers(plan, objective):
    return plan and (plan.items, tuple(plan.vector[name] for name in objective))


@examples(150, 5_000)
@given(st.data())
def test_the_favourable_plan_is_the_best_over_all_answers(data):
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    note(shown(pack, dossier))
    objective = data.draw(st.sampled_from(OBJECTIVES))
    vectors = [
        tuple(
            plan.vector[name] if not Oracle(pack, dossier, answers).follows(("n0", "unit"), False) else 0
            for name in objective
        )
        for answers in completions(pack, dossier)
        if (plan := Oracle(pack, dossier, answers).best([("n0", "unit")], objective))
    ]

    plan = cheapest_plan(pack, dossier, objective=objective)

    assert plan.feasible == bool(vectors)
    if vectors:
        assert plan.objective == min(vectors)


NONE = Cost(0, 0, 0)
F = parse("f")


def doubtful(first: Way, third: Way) -> Pack:
    """``n4`` is proved by ``e0`` if f is false; the ways of rank 1 above it are not spared by that."""
    second = Way("w1", label("w1"), (Ref("e1"),), 1, None, NONE)
    proof = (Ref("e0"), Ref("e1", F))
    ways = {
        "n0": (first, second),
        "n2": (Way("w0", label("w0"), (Ref("n3"), Ref("n4")), 0, None, NONE),),
        "n3": (third,),
        "n4": tuple(
            Way(f"w{at}", label("w"), needs, 0, None, NONE) for at, needs in enumerate(((Ref("e1"),), proof))
        ),
    }
    nodes = {name: Node(name, "unit", label(name), told) for name, told in ways.items()}
    papers = {name: Evidence(name, "unit", label(name), "", NONE) for name in ("e0", "e1", "e2")}
    return make_pack(nodes, papers, facts={"f": fact("f")})


@pytest.mark.parametrize(
    "third",
    [
        Way("w0", label("w0"), (Ref("n4"),), 1, F, NONE),  # the answer that proves n4 shuts this way
        Way("w0", label("w0"), (Ref("e0"), Ref("e2", parse("not f")), Ref("n4", F)), 1, None, NONE),
    ],
    ids=["a way that is shut", "two needs that are never met together"],
)
def test_what_is_proved_only_under_other_answers_spares_no_rank(third):
    """Found by the oracle among thousands of cases: the plan said rank 0, and the second checker 1."""
    pack = doubtful(Way("w0", label("w0"), (Ref("e1"), Ref("n2")), 0, None, NONE), third)
    dossier = Dossier.of(pack, on_hand=["e0"])

    plan = cheapest_plan(pack, dossier)

    assert plan.objective == (1, 0, 0, 1, 0)
    assert check_plan(pack, dossier, plan).problems == ()
