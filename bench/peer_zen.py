"""ZEN as a yes/no engine: one decision of ordered expressions, generated from the pack.

ZEN computes no plans.  A record is a mapping of papers, recorded nodes and facts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from bench.cases import Case, lawful_ways, needs_of, reached
from bench.translation import to_zen
from taizhang.rules.terms import Pack, Value

__all__ = ["in_batches", "one_by_one"]

_DECISION = "law"


def _expressions(pack: Pack) -> list[dict[str, str]]:
    done: set[str] = set()
    lines = []
    for node in reached(pack):
        ways = []
        for way in lawful_ways(pack, node):
            parts = [to_zen(way.when.text)] if way.when else []
            for when, least, names in needs_of(way):
                assert least == len(names) or least == 1, "the shipped law counts no papers"
                word = " and " if least == len(names) else " or "
                met = "(" + word.join(f"$.{n}" if n in done else f"p_{n}" for n in names) + ")"
                parts.append(f"(not({to_zen(when.text)}) or {met})" if when else met)
            ways.append("(" + " and ".join(parts or ["true"]) + ")")
        lines.append({"id": node, "key": node, "value": " or ".join([f"p_{node}", *ways])})
        done.add(node)
    return lines


def _document(pack: Pack) -> str:
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {
            "id": "law",
            "type": "expressionNode",
            "name": "law",
            "position": {"x": 1, "y": 0},
            "content": {"expressions": _expressions(pack)},
        },
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "law"},
        {"id": "2", "type": "edge", "sourceId": "law", "targetId": "out"},
    ]
    return json.dumps({"nodes": nodes, "edges": edges})


def _loader(pack: Pack) -> Callable[[Sequence[Case]], list[dict[str, Any]]]:
    names = [*pack.nodes, *pack.evidence]

    def plain(value: Value) -> Any:
        return value if isinstance(value, bool | int | str) else float(str(value))

    def load(cases: Sequence[Case]) -> list[dict[str, Any]]:
        return [
            {f"p_{name}": name in case.on_hand for name in names}
            | {name: plain(value) for name, value in case.facts.items()}
            for case in cases
        ]

    return load


def one_by_one(pack: Pack) -> tuple[Callable[[Sequence[Case]], Any], Callable[[Any], Any]]:
    """One call per record."""
    import zen  # noqa: PLC0415 - a peer that may be missing

    decision = zen.ZenEngine().create_decision(_document(pack))

    def answer(records: list[dict[str, Any]]) -> list[bool]:
        return [bool(decision.evaluate(record)["result"][pack.goal]) for record in records]

    return _loader(pack), answer


def in_batches(pack: Pack) -> tuple[Callable[[Sequence[Case]], Any], Callable[[Any], Any]]:
    """All records in one call, which ZEN may spread over cores."""
    import zen  # noqa: PLC0415 - a peer that may be missing

    document = _document(pack)
    engine = zen.ZenEngine({"loader": lambda _: document})
    records = _loader(pack)

    def load(cases: Sequence[Case]) -> list[dict[str, Any]]:
        return [{"key": _DECISION, "context": record} for record in records(cases)]

    def answer(requests: list[Any]) -> list[bool]:
        return [bool(found["data"]["result"][pack.goal]) for found in engine.evaluate_batch(requests)]

    return load, answer
