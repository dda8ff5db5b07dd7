"""Which sets of missing leaves would prove the goal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from taizhang.errors import InputError
from taizhang.rules import AtLeast, Graph, minimal_sets
from taizhang.rules import families as families_module
from taizhang.rules.cheapest_set import lightest
from taizhang.rules.gates import Formula, Gate

from .minimal_sets_cases import SMALL, Nodes, Sets, proved
from .packs import examples

LEAVES = "pqrstu"

NODES = "abcdef"  # a node needs only what comes after it


def by_trying(graph: Graph, on_hand: Iterable[str] = (), unobtainable: Iterable[str] = ()) -> Sets:
    """All minimal sets, in order: every set of missing leaves is tried, the small ones first."""
    there, closed = set(on_hand), set(unobtainable) - set(on_hand)
    missing = [leaf for leaf in (*graph.leaves, graph.goal) if leaf not in graph.ways]
    missing = sorted(set(missing) - there - closed)
    found: Sets = []
    for size in range(len(missing) + 1):
        for one in map(frozenset, combinations(missing, size)):
            if not any(smaller <= one for smaller in found) and proved(graph, there | one, closed):
                found.append(one)
    return found


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    nodes: Nodes = {}
    for at, name in enumerate(NODES):
        below = st.sampled_from([*NODES[at + 1 :], *LEAVES])
        several = st.lists(below, min_size=1, max_size=5, unique=True)
        counted = several.flatmap(
            lambda of: st.integers(1, len(of)).map(lambda k, of=of: AtLeast(k, of))  # type: ignore[misc]
        )
        way = st.lists(st.one_of(below, below, counted), max_size=3)
        nodes[name] = draw(st.lists(way.filter(bool), max_size=3))
    return Graph.build(nodes, goal="a")


@st.composite
def asked(draw: st.DrawFn) -> tuple[Graph, list[str], list[str]]:
    graph = draw(graphs())
    names = st.sampled_from([*graph.leaves, *graph.ways])
    on_hand = draw(st.lists(names, max_size=2))
    unobtainable = draw(st.lists(names, max_size=2))
    note(f"{dict(graph.ways)} {on_hand=} {unobtainable=}")
    return graph, on_hand, unobtainable


@examples(150, 10_000)
@given(asked())
def test_the_sets_are_those_found_by_trying_every_set(case):
    graph, on_hand, unobtainable = case
    expected = by_trying(graph, on_hand, unobtainable)

    sets = minimal_sets(graph, on_hand, unobtainable)

    assert sets.first(1_000) == expected
    assert sets.count() == len(expected)
    assert sets.count_by_size() == dict(Counter(map(len, expected)))


@examples(150, 10_000)
@given(asked(), st.data())
def test_the_smallest_is_the_first_by_cost_number_and_names(case, data):
    graph, on_hand, unobtainable = case
    prices = st.integers(0, data.draw(st.sampled_from([0, 2, 100])))
    costs = {leaf: data.draw(prices, leaf) for leaf in graph.leaves}
    expected = [
        (sum(costs[leaf] for leaf in one), len(one), sorted(one))
        for one in by_trying(graph, on_hand, unobtainable)
    ]
    sets = minimal_sets(graph, on_hand, unobtainable)

    if expected:
        cost, _, leaves = min(expected)
        assert sets.smallest(costs) == (cost, frozenset(leaves))
    else:
        with pytest.raises(InputError, match="E-GRAPH-BLOCKED"):
            sets.smallest(costs)


@examples(60, 1_000)
@given(graphs(), st.data())
def test_the_smallest_is_found_where_no_diagram_is_small_enough(graph, data):
    """Branching alone gives the same answer."""
    costs = {leaf: data.draw(st.integers(0, 9), leaf) for leaf in graph.leaves}
    sets = minimal_sets(graph)
    if not sets.count():
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("taizhang.rules.cheapest_set._MOST_NODES", (3, 3))
        searched = sets.smallest(costs)

    assert searched == sets.smallest(costs)


def test_a_hard_cover_is_solved_by_branching():
    """Rows of three out of thirty: bounds are weak and the diagram is refused."""
    generator = np.random.default_rng(20261126)
    rows = [tuple(int(one) for one in generator.choice(18, 3, replace=False)) for _ in range(30)]
    gates = {100 + at: Gate(1, row) for at, row in enumerate(rows)}
    formula = Formula({**gates, 999: Gate(len(gates), tuple(gates))}, 999, 18)
    weights = [(1 << 18) + (1 << at) for at in range(18)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("taizhang.rules.cheapest_set._MOST_NODES", (10, 10))
        found = lightest(formula, weights)

    assert found == lightest(formula, weights)


def nest(*levels: tuple[int, int]) -> Graph:
    """``k`` of ``n`` of ``k`` of ``n`` …, every part used once."""
    nodes: Nodes = {}
    parts = ["top"]
    for depth, (k, n) in enumerate(levels):
        below = []
        for part in parts:
            mine = [f"{part}/{depth}.{at:03}" for at in range(n)]
            nodes[part] = [[AtLeast(k, mine)]]
            below += mine
        parts = below
    return Graph.build(nodes, goal="top")


@pytest.mark.parametrize(
    ("levels", "count", "size"),
    [
        ([(2, 3)], 3, 2),
        ([(2, 4), (3, 5)], comb(4, 2) * comb(5, 3) ** 2, 6),
        ([(3, 5), (2, 4), (2, 3)], comb(5, 3) * (comb(4, 2) * comb(3, 2) ** 2) ** 3, 12),
        ([(10, 20), (15, 30)], comb(20, 10) * comb(30, 15) ** 10, 150),
        ([(60, 120)], comb(120, 60), 60),  # by combinations it would take 10**35 steps
    ],
)
def test_k_of_n_is_counted_by_binomials(levels, count, size):
    sets = minimal_sets(nest(*levels))

    assert sets.count() == count
    assert sets.count_by_size() == {size: count}


def test_the_first_of_k_of_n_are_the_combinations_in_order():
    sets = minimal_sets(nest((6, 40)))
    names = sorted(nest((6, 40)).leaves)
    expected = [frozenset(one) for one, _ in zip(combinations(names, 6), range(200), strict=False)]

    assert sets.first(200) == expected


def test_shared_parts_are_counted_once():
    """Two of three chains that all run through the same gatehouse: choose, then the gatehouse's own ways."""
    nodes: Nodes = {"top": [[AtLeast(2, ["c1", "c2", "c3"])]], "gate": [["key"], ["guard", "pass"]]}
    nodes |= {f"c{at}": [["gate", f"rope {at}"]] for at in (1, 2, 3)}
    sets = minimal_sets(Graph.build(nodes, "top"))

    assert sets.count_by_size() == {3: 3, 4: 3}
    costs = {"key": 9, "guard": 4, "pass": 4, "rope 1": 1, "rope 2": 2, "rope 3": 3}
    assert sets.smallest(costs) == (11, frozenset({"guard", "pass", "rope 1", "rope 2"}))


def test_a_chain_deeper_than_any_recursion_is_followed():
    nodes: Nodes = {f"n{at}": [[f"n{at + 1}", f"a{at}"], [f"b{at}"]] for at in range(2_000)}
    graph = Graph.build(nodes, "n0")
    sets = minimal_sets(graph)

    assert sets.count() == 2_001
    assert sets.first(1) == [frozenset({"b0"})]
    assert sets.smallest(dict.fromkeys(graph.leaves, 1)) == (1, frozenset({"b0"}))


def test_a_ladder_of_shared_leaves_has_as_many_sets_as_the_recurrence_says():
    """Every neighbouring pair needs one of its two leaves: minimal vertex covers of a path.

    They are the complements of the maximal independent sets, counted by the Padovan numbers.
    """
    padovan = [1, 2, 2]
    for at in range(3, 301):
        padovan.append(padovan[at - 2] + padovan[at - 3])
    nodes: Nodes = {f"pair {at}": [[f"v{at:03}"], [f"v{at + 1:03}"]] for at in range(299)}
    nodes["top"] = [list(nodes)]

    assert minimal_sets(Graph.build(nodes, "top")).count() == padovan[299]


@pytest.mark.parametrize(
    ("on_hand", "unobtainable", "expected"),
    [
        ([], [], ["ab", "xy", "xz", "yz"]),
        (["a"], [], ["b", "xy", "xz", "yz"]),  # what is there is not listed
        (["x", "y"], [], [""]),  # proved already: one set, the empty one
        (["c"], [], [""]),  # a node on hand is proved
        (["top"], ["a", "x", "y"], [""]),  # and so is the goal itself
        ([], ["x"], ["ab", "yz"]),
        ([], ["c"], ["ab"]),  # a node that cannot be established
        ([], ["a", "x", "y"], []),  # nothing proves it: no set
        ([], ["top"], []),
        (["c"], ["c"], [""]),  # on hand comes first
        (["x"], ["y"], ["z", "ab"]),
    ],
)
def test_what_is_on_hand_and_what_cannot_be_had(on_hand, unobtainable, expected):
    sets = minimal_sets(Graph.build(SMALL, "top"), on_hand, unobtainable)

    assert ["".join(sorted(one)) for one in sets.first(9)] == expected
    assert sets.count() == len(expected)


def test_proved_already_costs_nothing_and_blocked_has_no_smallest():
    graph = Graph.build(SMALL, "top")

    assert minimal_sets(graph, on_hand=["a", "b"]).smallest({}) == (0, frozenset())
    assert minimal_sets(graph, unobtainable=["top"]).count_by_size() == {}
    with pytest.raises(InputError, match=r"Nothing proves 'top'.*E-GRAPH-BLOCKED"):
        minimal_sets(graph, unobtainable=["top"]).smallest({})


def test_a_way_without_needs_holds_and_a_node_without_ways_does_not():
    assert minimal_sets(Graph.build({"top": [[]]}, "top")).first(2) == [frozenset()]
    assert minimal_sets(Graph.build({"top": [["no", "a"], ["b"]], "no": []}, "top")).first(2) == [{"b"}]


def test_a_leaf_may_be_the_goal_and_other_parts_may_be_out_of_its_reach():
    graph = Graph.build(SMALL, goal="x")

    assert minimal_sets(graph).first(2) == [{"x"}]
    assert minimal_sets(graph).smallest({"x": 7, "z": 1}) == (7, {"x"})
    assert minimal_sets(graph, on_hand=["x"]).count_by_size() == {0: 1}


def test_a_leaf_under_two_names_counts_for_both():
    """AtLeast counts names: two nodes that rest on one leaf are two."""
    graph = Graph.build({"top": [[AtLeast(2, ["m", "n", "b", "c"])]], "m": [["a"]], "n": [["a"]]}, "top")

    assert minimal_sets(graph).first(9) == [{"a"}, {"b", "c"}]


@pytest.mark.parametrize(
    ("nodes", "code"),
    [
        ({"top": ["ab"]}, "E-GRAPH-FORM"),  # a text is no list of needs
        ({"top": "ab"}, "E-GRAPH-FORM"),
        ({"top": [["a", 3]]}, "E-GRAPH-FORM"),
        ({"top": [["a", ["b"]]]}, "E-GRAPH-FORM"),
        ({"top": [[AtLeast(1, [AtLeast(1, ["a"])])]]}, "E-GRAPH-FORM"),  # type: ignore[list-item]
        ({"top": [[AtLeast(2, ["a", "a", "b"])]]}, "E-GRAPH-FORM"),  # one name twice
        ({"top": [[AtLeast(0, ["a", "b"])]]}, "E-GRAPH-COUNT"),
        ({"top": [[AtLeast(3, ["a", "b"])]]}, "E-GRAPH-COUNT"),
        ({"top": [[AtLeast(1, [])]]}, "E-GRAPH-COUNT"),
        ({"else": [["a"]]}, "E-GRAPH-NAME"),  # no such goal
        ({"top": [["a"]], "far": [["off"]], "off": [["far"]]}, "E-GRAPH-CYCLE"),  # also out of reach
    ],
)
def test_a_graph_that_is_not_of_its_form_is_refused(nodes, code):
    with pytest.raises(InputError, match=code):
        Graph.build(nodes, "top")


def test_a_circle_is_refused_with_its_chain():
    nodes: Nodes = {"top": [["a"], ["b"]], "b": [["x", "c"]], "c": [[AtLeast(1, ["y", "d"])]], "d": [["b"]]}

    with pytest.raises(InputError, match=r"needs itself: b ⇐ c ⇐ d ⇐ b\..*\[E-GRAPH-CYCLE\]"):
        Graph.build(nodes, "top")
    with pytest.raises(InputError, match="a ⇐ a"):
        Graph.build({"a": [["a"]]}, "a")


def test_names_that_are_not_in_the_graph_are_refused():
    graph = Graph.build(SMALL, "top")

    for asked_for in ({"on_hand": ["q"]}, {"unobtainable": ["q"]}):
        with pytest.raises(InputError, match=r"'q'.*E-GRAPH-NAME"):
            minimal_sets(graph, **asked_for)
    for name in ("q", "c"):  # a node has no cost
        with pytest.raises(InputError, match=rf"'{name}'.*E-GRAPH-NAME"):
            minimal_sets(graph).smallest({**dict.fromkeys("abxyz", 1), name: 1})


@pytest.mark.parametrize("cost", [None, -1, 1.5, True, "1"])
def test_a_cost_that_is_unknown_is_not_nothing(cost):
    costs: dict[str, Any] = {"a": 1, "b": 1, "x": 1, "y": 1}
    if cost is not None:
        costs["z"] = cost

    with pytest.raises(InputError, match=r"'z'.*E-GRAPH-COST"):
        minimal_sets(Graph.build(SMALL, "top")).smallest(costs)


def test_a_leaf_that_cannot_be_in_a_set_needs_no_cost():
    sets = minimal_sets(Graph.build(SMALL, "top"), on_hand=["a"], unobtainable=["z"])

    assert sets.smallest({"b": 5, "x": 2, "y": 2}) == (4, {"x", "y"})


def test_sets_too_many_to_hold_are_refused_while_the_smallest_is_still_found(monkeypatch):
    monkeypatch.setattr(families_module, "MOST_NODES", 20)
    graph = nest((5, 10))
    sets = minimal_sets(graph)

    with pytest.raises(InputError, match="E-GRAPH-SIZE"):
        sets.count()
    assert sets.smallest(dict.fromkeys(graph.leaves, 1))[0] == 5


SCRIPT = """
from taizhang.rules import AtLeast, Graph, minimal_sets
nodes = {}
for i in range(12):
    some = AtLeast(2, [f"p{j % 11}" for j in range(i, i + 5)])
    nodes[f"n{i}"] = [[f"n{i + 1}", f"n{i + 2}", f"p{i % 7}"], [some]]
sets = minimal_sets(Graph.build(nodes, "n0"))
sets.count()
families = sets._families
print(families.taken, families.high, families.low, [sorted(one) for one in sets.first(50)])
print([sorted(part) if isinstance(part, frozenset) else part for part in sets.smallest(
    {f"p{j}": j * j % 5 for j in range(11)} | {"n12": 3, "n13": 0})])
"""


def test_nothing_depends_on_the_hash_seed():
    said = set()
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        said.add(done.stdout)

    assert len(said) == 1


@examples(50, 500)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_in_which_a_graph_is_written_does_not_matter(graph, shuffle):
    costs = {leaf: at % 3 for at, leaf in enumerate(graph.leaves)}
    names = list(graph.ways)
    shuffle.shuffle(names)
    nodes: Nodes = {}
    for name in names:
        ways = [list(way) for way in graph.ways[name]]
        shuffle.shuffle(ways)
        nodes[name] = ways
    one, other = minimal_sets(graph), minimal_sets(Graph.build(nodes, graph.goal), on_hand=[])

    assert one.first(20) == other.first(20)
    if one.count():
        assert one.smallest(costs) == other.smallest(costs)
