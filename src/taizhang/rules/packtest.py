"""The worked examples that travel with a pack: given, when, then.

Reads from: ``assess``, ``plan``, ``fees``, ``document``.  Read by: ``packcheck``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from taizhang.errors import TaizhangError
from taizhang.rules.assess import assess
from taizhang.rules.document import PackTest
from taizhang.rules.fees import bill
from taizhang.rules.marked import Mapping_, Marked, Scalar, Sequence_
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import Assessment, Dossier, Duty, Fact, Pack, Plan, Value, Vector

__all__ = ["Outcome", "run_test"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one example.

    Attributes:
        test: Its name.
        where: ``file:line:column``.
        failures: What differed, in words; empty where it passed.
        ways: Ways it reached, as ``node.way``, for the coverage of a pack.
    """

    test: str
    where: str
    failures: tuple[str, ...]
    ways: frozenset[str]


def run_test(pack_on: Callable[[date], Pack], test: PackTest) -> Outcome:
    """Run one example.

    Args:
        pack_on: Gives the pack composed for a day.
        test: The example.
    """
    try:
        pack = pack_on(test.on)
        facts = _facts(pack, test.given.get("facts"))
        failures: list[str] = []
        ways: set[str] = set()
        if "fees" in test.when:
            failures += _fees(pack, test, facts)
        else:
            failures += _plan(pack, test, facts, ways)
    except TaizhangError as error:
        failures, ways = [str(error)], set()
    except KeyError as error:
        failures, ways = [f"{error} is not a name of this pack"], set()
    return Outcome(test.name, str(test.mark), tuple(failures), frozenset(ways))


def _plan(pack: Pack, test: PackTest, facts: dict[str, Value], ways: set[str]) -> list[str]:
    dossier = Dossier.of(
        pack,
        on_hand=_names(test.given.get("have")),
        unobtainable=_names(test.given.get("cannot")),
        facts=facts,
        as_of=test.on,
    )
    found = assess(pack, dossier)
    plan = cheapest_plan(pack, dossier)
    ways.update(f"{choice.node}.{choice.way}" for choice in plan.route)
    got: list[tuple[str, object, object]] = []
    for key, node in test.then.items():
        if key == "best_case":
            got += _vector(key, node, found.best_case, found.best_items, plan)
        elif key == "worst_case":
            got += _vector(key, node, found.worst_case, found.worst_items, plan)
        elif key == "plan":
            got += _vector(key, node, plan.vector if plan.feasible else None, plan.items, plan)
        elif key == "duties":
            owed = {duty.paper for choice in plan.route for duty in _taken(pack, choice.node, choice.way)}
            got.append((key, sorted(_names(node)), sorted(owed)))
        elif key == "urgency":
            pressing = [one.id for one in pack.urgency if one.when.truth(_known(pack, facts)) is True]
            got.append((key, _names(node), pressing))
        elif key == "ways":
            route = {choice.node: choice.way for choice in plan.route}
            got += [(f"ways.{name}", _text(way), route.get(name)) for name, way in _pairs(node)]
        else:
            got.append(_single(key, node, _text(test.when.get("goal")) or pack.goal, found, plan))
    return [f"{what}: expected {wanted}, got {came}" for what, wanted, came in got if wanted != came]


def _taken(pack: Pack, node: str, way: str) -> tuple[Duty, ...]:
    return next((one.duties for one in pack.nodes[node].ways if one.id == way), ())


def _known(pack: Pack, facts: dict[str, Value]) -> Callable[[str], Value | None]:
    def value(name: str) -> Value | None:
        return facts.get(name) if name in pack.facts else pack.params[name].on(pack.as_of)

    return value


def _single(key: str, node: Marked, goal: str, found: Assessment, plan: Plan) -> tuple[str, object, object]:
    if key == "status":
        return key, _text(node), found.status[goal].word
    lists = {
        "blocked_by": found.blocked_by,
        "questions": [question.fact for question in found.questions],
        "missing": plan.items,
    }
    return key, sorted(_names(node)), sorted(lists.get(key, ()))


def _vector(
    key: str, node: Marked, vector: Vector | None, items: tuple[str, ...], plan: Plan
) -> Iterator[tuple[str, object, object]]:
    for name, wanted in _pairs(node):
        title = f"{key}.{name}"
        if name == "missing":
            yield title, sorted(_names(wanted)), sorted(items)
        elif vector is None:
            yield title, _text(wanted), "blocked"
        elif name == "money":
            yield title, _fen(wanted), vector.money_fen
        elif name == "critical":
            chain = {gap.item for gap in plan.gaps if gap.critical}
            chain |= {step.node for step in plan.steps if step.critical}
            yield title, sorted(_names(wanted)), sorted(chain & set(_names(wanted)))
        else:
            yield title, int(_text(wanted)), getattr(vector, name)


def _fees(pack: Pack, test: PackTest, facts: dict[str, Value]) -> list[str]:
    found = bill(pack, facts, test.on)
    failures: list[str] = []
    for name, wanted in _pairs(test.then.get("fees")):
        if isinstance(wanted, Mapping_):
            lacks = [one.removesuffix("_fen") for one in found.missing_lines.get(name, ())]
            expected = sorted(one.removesuffix("_fen") for one in _names(wanted.pairs.get("unknown")))
            if name in found.lines or sorted(lacks) != expected:
                failures.append(
                    f"fees.{name}: expected unknown {expected}, got {found.lines.get(name, lacks)}"
                )
        elif _text(wanted) in ("null", "none", "absent"):
            if name in found.lines:
                failures.append(f"fees.{name}: expected no line, got {found.lines[name]}")
        elif found.lines.get(name) != _fen(wanted):
            got = found.lines.get(name, found.missing_lines.get(name))
            failures.append(f"fees.{name}: expected {_fen(wanted)} fen, got {got}")
    return failures


# ---------------------------------------------------------------------------- values


def _text(node: Marked | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _names(node: Marked | None) -> list[str]:
    return [_text(item) for item in node.items] if isinstance(node, Sequence_) else []


def _pairs(node: Marked | None) -> list[tuple[str, Marked]]:
    return list(node.pairs.items()) if isinstance(node, Mapping_) else []


def _fen(node: Marked) -> int:
    return int(Decimal(_text(node)) * 100)


def _facts(pack: Pack, node: Marked | None) -> dict[str, Value]:
    """Typed facts of an example; money in yuan, or in fen under its name with ``_fen``."""
    facts: dict[str, Value] = {}
    for name, value in _pairs(node):
        in_fen = name not in pack.facts and name.endswith("_fen")
        fact = pack.facts[name.removesuffix("_fen") if in_fen else name]
        facts[fact.id] = int(_text(value)) if in_fen else _typed(fact, _text(value))
    return facts


def _typed(fact: Fact, text: str) -> Value:
    try:
        if fact.type == "bool":
            return {"true": True, "false": False}[text]
        if fact.type == "money":
            return int(Decimal(text) * 100)
        if fact.type in ("decimal", "integer"):
            return Decimal(text)
        if fact.type == "date":
            return date.fromisoformat(text)
    except (KeyError, ValueError, InvalidOperation):
        raise KeyError(f"{text!r} for {fact.id}") from None
    if fact.type == "enum" and text not in fact.values:
        raise KeyError(f"{text!r} for {fact.id}")
    return text
