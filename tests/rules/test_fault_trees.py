"""Minimal sets of published fault trees: the cheapest, their number, and the list itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from taizhang.errors import InputError
from taizhang.rules import Graph, minimal_sets
from taizhang.rules.graph import names_of

from .faulttrees import listed, read_tree
from .minimal_sets_cases import SMALL, TREES, Sets, counted, proved, short


def in_order(sets: Iterable[frozenset[str]]) -> Sets:
    return sorted(sets, key=lambda one: (len(one), sorted(one)))


trees = pytest.mark.parametrize("expected", TREES, ids=[one["model"] for one in TREES])


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    """The fault trees; without them these tests are skipped."""
    return shared / "data" / "andor_faulttrees"


def graph_of(folder: Path, expected: dict[str, Any]) -> Graph:
    tree = read_tree(folder / expected["file"])

    assert tree.graph.goal == expected["top"]
    assert len(tree.graph.leaves) == expected["basic_events"]
    return tree.graph


@trees
def test_the_cheapest_set_of_every_tree_and_variant(folder, expected):
    graph = graph_of(folder, expected)
    costs = json.loads((folder / "weights" / f"{expected['model']}.json").read_text(encoding="utf-8"))
    plain = {"blocked": [], "already_done": [], "min_cost": expected["min_cost"]}
    for case in [plain, *expected["variants"]]:
        sets = minimal_sets(graph, on_hand=case["already_done"], unobtainable=case["blocked"])
        if case["min_cost"] is None:
            assert sets.count() == 0
            continue
        cost, leaves = sets.smallest(costs)

        assert (cost, sum(costs[leaf] for leaf in leaves)) == (case["min_cost"], case["min_cost"])
        assert leaves.isdisjoint([*case["blocked"], *case["already_done"]])
        assert proved(graph, leaves | set(case["already_done"]), case["blocked"])


@pytest.mark.parametrize("expected", counted, ids=[one["model"] for one in counted])
def test_the_sets_of_every_tree_are_as_many_as_are_known(folder, expected):
    graph = graph_of(folder, expected)
    sets = minimal_sets(graph)

    assert sets.count() == expected["mcs_count"]
    assert sets.count_by_size() == {int(size): n for size, n in expected["mcs_by_order"].items()}
    first = sets.first(20)
    assert first == in_order(first)
    assert all(proved(graph, one, ()) for one in first)
    assert not any(proved(graph, one - {leaf}, ()) for one in first for leaf in one)


@pytest.mark.parametrize("expected", short, ids=[one["model"] for one in short])
def test_the_sets_are_those_of_the_list(folder, expected):
    known = in_order(listed(folder / expected["mcs_list"]))
    sets = minimal_sets(graph_of(folder, expected))
    wanted = len(known) + 1 if len(known) < 6_000 else 500  # beyond: the first, and the count above

    assert sets.first(wanted) == known[:wanted]


def test_a_tree_with_not_or_xor_is_refused(folder):
    with pytest.raises(InputError, match=r"das9601\.xml: Gate '\w+' is of kind '(not|xor)'.*\[E-TREE-GATE\]"):
        read_tree(folder / "not_coherent" / "das9601.xml")


def test_house_events_are_on_hand_or_unobtainable(tmp_path):
    text = """<opsa-mef><define-fault-tree name="t">
      <define-gate name="g"><label>a gate</label><or><event name="a"/><gate name="h"/></or></define-gate>
      <define-gate name="h"><and><house-event name="on"/><basic-event name="b"/></and></define-gate>
      <define-house-event name="on"><constant value="{}"/></define-house-event>
    </define-fault-tree></opsa-mef>"""
    found: Sequence[Sets] = []
    for value in ("true", "false"):
        path = tmp_path / f"{value}.xml"
        path.write_text(text.format(value), encoding="utf-8")
        tree = read_tree(path)
        found = [*found, minimal_sets(tree.graph, tree.on_hand, tree.unobtainable).first(9)]

    assert found == [[{"a"}, {"b"}], [{"a"}]]


def test_a_gate_in_a_gate_is_refused(tmp_path):
    path = tmp_path / "nested.xml"
    path.write_text(
        '<m><define-gate name="g"><and><event name="a"/><not><event name="b"/></not></and></define-gate></m>',
        encoding="utf-8",
    )

    with pytest.raises(InputError, match=r"Gate 'g' is of kind 'not'"):
        read_tree(path)


def test_names_of_a_node_come_as_written():
    graph = Graph.build(SMALL, "top")

    assert list(names_of(graph.ways["c"])) == ["x", "y", "z"]
    assert list(graph.ways) == ["c", "top"]
