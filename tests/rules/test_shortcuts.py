"""Ways to the same answer: what is taken from elsewhere is what working it out here gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from taizhang.rules.columns import plan_columns
from taizhang.rules.completions import Explorer
from taizhang.rules.favourable import below
from taizhang.rules.ground import Problem, ground
from taizhang.rules.joining import _settle_status
from taizhang.rules.joint import papers_in_order
from taizhang.rules.optima import PieceSolver, WeightedSolver
from taizhang.rules.pieces import LocalPiece
from taizhang.rules.plan import goal_place
from taizhang.rules.resolve import Changes, resolve
from taizhang.rules.resolver import Resolver, cones_of
from taizhang.rules.solver import Library, cut_apart
from taizhang.rules.table import tabulate
from taizhang.rules.template import compile_pack
from taizhang.rules.terms import Held
from taizhang.rules.truth import standing
from tests.rules.cases import random_estate, shipped
from tests.rules.packs import cases, examples, packs

RESOLVED = ("free", "feasible", "proved", "branches", "leaf", "days", "doubts")


class Plainly(Library):
    """Solves every piece as it is, for as many places as it stands for."""

    def _new(self, local: LocalPiece, added: tuple[str, ...], lift: bool) -> PieceSolver:
        return PieceSolver(local, added, self, lift)


@examples(60, 3_000)
@given(data=st.data(), weight=st.integers(2, 300))
def test_a_piece_of_many_like_places_is_that_of_one_times_their_number(data, weight):
    """Costs, solutions, their order, their days and what each of their ways costs."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    place = goal_place(pack, dossier, None)
    problem = ground(pack, dossier, [(pack.goal, place)], weights={place: weight})
    taken = cut_apart(problem, pack.objective, papers_in_order(pack, problem), Library(256))
    if taken is None:
        return  # blocked: nothing is taken apart
    added = tuple(name for name in pack.objective if name != "days")
    for local, solver in zip(taken.locals, taken.solvers, strict=True):
        assert isinstance(solver, WeightedSolver)
        plain = Plainly(256).solver(local, added)
        for answers in ({}, *({fact: 0} for fact in range(len(local.facts)))):
            assert solver.optimum(answers) == plain.optimum(answers)


def some_answers(data: st.DataObject, problem: Problem) -> dict[int, int]:
    return {
        fact: data.draw(st.integers(0, len(one.classes) - 1))
        for fact, one in enumerate(problem.facts)
        if data.draw(st.booleans())
    }


@examples(60, 3_000)
@given(data=st.data())
def test_a_problem_is_resolved_under_answers_as_if_nothing_had_been_asked_before(data):
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    problem = ground(pack, dossier, [(pack.goal, goal_place(pack, dossier, None))])
    resolver, cones = Resolver(problem), cones_of(problem)[0]
    elements = st.integers(0, len(problem.elements) - 1)
    for _ in range(4):
        answers = some_answers(data, problem)
        without = data.draw(st.none() | elements)
        within = data.draw(st.just(-1) | elements.map(cones.__getitem__))
        gone = Changes(frozenset() if without is None else frozenset({without}))

        found = resolver.under(answers, within, without)
        whole = resolve(replace(problem, goals=()), answers, gone, within)

        assert found.active == whole.active
        for number in found.active:
            for name in RESOLVED:
                assert getattr(found, name)[number] == getattr(whole, name)[number], (name, number)


@examples(60, 3_000)
@given(data=st.data())
def test_a_problem_that_is_changed_is_resolved_as_if_nothing_had_been_asked_before(data):
    """Goals, papers that cannot be had after all, and the one way that may be used, in any combination."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    told = ground(pack, dossier, [(pack.goal, goal_place(pack, dossier, None))])
    lift = data.draw(st.booleans())
    resolver = Resolver(told, lift=lift)
    elements = st.integers(0, len(told.elements) - 1)
    nodes = [number for number, one in enumerate(told.elements) if one.options]
    for _ in range(4):
        goals = tuple(sorted(data.draw(st.sets(elements, min_size=1, max_size=3))))
        problem, answers = replace(told, goals=goals), some_answers(data, told)
        only = {
            number: data.draw(st.sampled_from(told.elements[number].options)).way.id
            for number in data.draw(st.sets(st.sampled_from(nodes), max_size=2) if nodes else st.just(()))
        }
        changes = Changes(data.draw(st.frozensets(elements, max_size=2)), only, lift)

        found = resolver.aimed_at(problem, answers, changes)
        whole = resolve(problem, answers, changes, below(problem))

        assert found.problem is problem
        assert found.active == whole.active
        for number in found.active:
            for name in RESOLVED:
                assert getattr(found, name)[number] == getattr(whole, name)[number], (name, number)


@examples(20, 500)
@given(seed=st.integers(0, 10_000), lapsing=st.booleans())
def test_what_is_there_at_a_place_is_read_off_as_the_dossier_tells_it(seed, lapsing):
    """Finer places speak before coarser ones, and what lapsed is missing."""
    pack = shipped()
    dossier = random_estate(pack, seed, units=2)
    draw = np.random.default_rng(seed)
    home = next(place.id for place in dossier.places.values() if place.level == "estate")
    said = {
        (name, home): list(Held)[int(draw.integers(3))] for name, _ in dossier.held if draw.random() < 0.5
    }
    held = {**said, **dossier.held}
    last = {
        key: date(2024, 1, 10 + int(draw.integers(20))) for key in held if lapsing and draw.random() < 0.5
    }
    dossier = replace(dossier, held=held, valid_until=last)
    units = [place.id for place in dossier.places.values() if place.level == "unit"]

    problem = ground(pack, dossier, [(pack.goal, unit) for unit in units])

    assert [one.held for one in problem.elements] == [
        dossier.state(one.name, one.place) for one in problem.elements
    ]


def test_homes_looked_at_together_stand_where_each_stands_alone():
    """Of all homes, as if the columns left every one of them open."""
    pack = shipped()
    template, dossiers = compile_pack(pack), [random_estate(pack, seed, unknown=0.2) for seed in range(3)]
    columns = plan_columns(template, tabulate(template, dossiers), pack.objective, Library(256))
    columns.unsure[:], columns.status[:] = True, -1

    _settle_status(pack, template, columns, dossiers)

    owner, names = columns.table.dossier[-1], columns.table.places[-1]
    for unit, found in enumerate(columns.status.tolist()):
        alone = ground(pack, dossiers[int(owner[unit])], [(pack.goal, names[unit])])
        assert found == standing(alone).status(alone.goals[0]), names[unit]
    assert len(set(columns.status.tolist())) > 2


@examples(150, 5_000)
@given(data=st.data())
def test_the_facts_that_matter_are_those_that_going_through_all_answers_finds(data):
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    problem = ground(pack, dossier, [(pack.goal, goal_place(pack, dossier, None))])
    taken = cut_apart(problem, pack.objective, papers_in_order(pack, problem), Library(256))
    for local in taken.locals if taken else ():
        goals = tuple(local.problem.goals)
        every = Explorer(local.problem, pack.objective, local.order, 100_000).together(goals)
        assert every.exact
        assert Explorer(local.problem, pack.objective, local.order, 100_000).matter(goals) == every.asks
