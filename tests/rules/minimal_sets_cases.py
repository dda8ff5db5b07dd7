"""What tests of minimal sets share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from taizhang.rules import AtLeast, Graph
from taizhang.rules.graph import Need

Nodes = dict[str, list[list[Need]]]

Sets = list[frozenset[str]]


def proved(graph: Graph, there: Iterable[str], closed: Iterable[str]) -> bool:
    """Whether the goal follows; written from the meaning, without any of the code under test."""
    true, never = set(there), set(closed)
    for name, ways in graph.ways.items():
        holds = any(
            all(
                sum(one in true for one in need.of) >= need.k if isinstance(need, AtLeast) else need in true
                for need in way
            )
            for way in ways
        )
        if holds and name not in never:
            true.add(name)
    return graph.goal in true


SMALL: Nodes = {"top": [["a", "b"], ["c"]], "c": [[AtLeast(2, ["x", "y", "z"])]]}

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "andor_faulttrees"

EXPECTED: list[dict[str, Any]] = (
    json.loads((FOLDER / "expected.json").read_text(encoding="utf-8")) if FOLDER.is_dir() else []
)

TREES = [one for one in EXPECTED if one["file"].startswith("models/")]

counted = [one for one in TREES if one["mcs_count"] is not None]

short = [one for one in counted if "mcs_list" in one]
