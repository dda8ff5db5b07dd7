"""The worked examples that travel with a pack: given, when, then.

Reads from: ``assess``, ``plan``, ``fees``, ``citations``, ``document``, ``numerals``.
Read by: ``packcheck``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import TypeAlias

from taizhang.errors import TaizhangError
from taizhang.rules.assess import assess
from taizhang.rules.citations import cited, cited_on_bill
from taizhang.rules.document import PackTest
from taizhang.rules.fees import bill
from taizhang.rules.marked import Mapping_, Marked, Scalar, Sequence_
from taizhang.rules.numerals import exact_number
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import Assessment, Dossier, Duty, Fact, Pack, Plan, Value, Vector

__all__ = ["Outcome", "Solved", "dossier_of", "run_test", "supposed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one example.

    Attributes:
        test: Its name.
        where: ``file:line:column``.
        failures: What differed, in words; empty where it passed.
        ways: Ways it reached, as ``node.way``, for the coverage of a pack.
        solved: What the planner said of its case; nothing for a bill.
    """

    test: str
    where: str
    failures: tuple[str, ...]
    ways: frozenset[str]
    solved: Solved | None = None


_Compared: TypeAlias = tuple[str, object, object]  # what, expected, got
_ASSESSED = ("status", "blocked_by", "questions", "best_case", "worst_case")


class Solved:
    """What the planner says of one case, worked out when first asked for."""

    def __init__(self, pack: Pack, dossier: Dossier) -> None:
        self._case = pack, dossier
        self._plan: Plan | None = None
        self._found: Assessment | None = None

    @property
    def plan(self) -> Plan:
        """The best plan."""
        if self._plan is None:
            self._plan = cheapest_plan(*self._case)
        return self._plan

    @property
    def found(self) -> Assessment:
        """Where every node stands."""
        if self._found is None:
            self._found = assess(*self._case)
        return self._found


def run_test(
    pack_on: Callable[[date], Pack], test: PackTest, *, known: Solved | None = None, briefly: bool = False
) -> Outcome:
    """Run one example.

    Args:
        pack_on: Gives the pack composed for a day.
        test: The example.
        known: The case solved before, where nothing that a plan depends on has changed.
        briefly: Stop at the first thing that differs.
    """
    solved, failures = known, []
    try:
        pack = supposed(pack_on(test.on), test)
        facts = _facts(pack, test.given.get("facts"))
        if "fees" in test.when:
            failures += _fees(pack, test, facts)
            differing = _differing(_bill_sources(pack, test))
        else:
            solved = known or Solved(pack, dossier_of(pack, test))
            differing = _differing(_compared(pack, test, facts, solved))
        failures += islice(differing, 1 if briefly else None)
    except TaizhangError as error:
        failures, solved = [str(error)], None
    except KeyError as error:
        failures, solved = [f"{error} is not a name of this pack"], None
    except ValueError as error:
        failures, solved = [str(error)], None
    route = solved.plan.route if solved and not briefly else ()
    ways = frozenset(f"{choice.node}.{choice.way}" for choice in route)
    return Outcome(test.name, str(test.mark), tuple(failures), ways, solved)


def supposed(pack: Pack, test: PackTest) -> Pack:
    """Return the pack with the practice of other places that an example supposes to be adopted.

    Unlike ``supposing.suppose`` it does not lint again: a pack is sound with all its ways, adopted or not.

    Raises:
        KeyError: A way that the pack does not have on the day.
    """
    nodes = dict(pack.nodes)
    for name in _names(test.when.get("enable")):
        node_id, _, way_id = name.partition(".")
        node = nodes[node_id]
        if not any(way.id == way_id and way.effective.holds(pack.as_of) for way in node.ways):
            raise KeyError(name)
        ways = tuple(replace(way, adopted=way.adopted or way.id == way_id) for way in node.ways)
        nodes[node_id] = replace(node, ways=ways)
    return replace(pack, nodes=nodes) if "enable" in test.when else pack


def dossier_of(pack: Pack, test: PackTest) -> Dossier:
    """Return what an example knows."""
    return Dossier.of(
        pack,
        on_hand=_names(test.given.get("have")),
        unobtainable=_names(test.given.get("cannot")),
        facts=_facts(pack, test.given.get("facts")),
        as_of=test.on,
        valid_until=_days(test.given.get("valid_until")),
    )


def _days(node: Marked | None) -> dict[str, date]:
    """Last days of what is on hand or known."""
    pairs = node.pairs if isinstance(node, Mapping_) else {}
    return {name: date.fromisoformat(day.text) for name, day in pairs.items() if isinstance(day, Scalar)}


def _differing(compared: Iterable[_Compared]) -> Iterator[str]:
    for what, wanted, came in compared:
        if wanted != came:
            yield f"{what}: expected {wanted}, got {came}"


def _compared(pack: Pack, test: PackTest, facts: dict[str, Value], solved: Solved) -> Iterator[_Compared]:
    """What is expected beside what came, what the plan alone tells first."""
    late = [key for key in test.then if key in _ASSESSED]
    for key in (*(key for key in test.then if key not in _ASSESSED), *late):
        node = test.then[key]
        if key in ("best_case", "worst_case", "plan"):
            yield from _vectors(key, node, solved)
        elif key == "urgency":
            pressing = [one.id for one in pack.urgency if one.when.truth(_known(pack, facts)) is True]
            yield key, _names(node), pressing
        elif key in ("duties", "ways", "cites"):
            yield from _on_route(key, pack, test, solved.plan)
        else:
            yield _single(key, node, _text(test.when.get("goal")) or pack.goal, solved)


def _vectors(key: str, node: Marked, solved: Solved) -> Iterator[_Compared]:
    """The plan, or the best and worst case over all answers."""
    plan = solved.plan
    if key == "plan":
        yield from _vector(key, node, plan.vector if plan.feasible else None, plan.items, plan)
    elif key == "best_case":
        yield from _vector(key, node, solved.found.best_case, solved.found.best_items, plan)
    else:
        yield from _vector(key, node, solved.found.worst_case, solved.found.worst_items, plan)


def _on_route(key: str, pack: Pack, test: PackTest, plan: Plan) -> Iterator[_Compared]:
    """What the route takes, owes and relies on."""
    node = test.then[key]
    if key == "duties":
        owed = {duty.paper for choice in plan.route for duty in _taken(pack, choice.node, choice.way)}
        yield key, sorted(_names(node)), sorted(owed)
    elif key == "ways":
        route = {choice.node: choice.way for choice in plan.route}
        for name, way in _pairs(node):
            yield f"ways.{name}", _text(way), route.get(name)
    else:
        have = _names(test.given.get("have"))
        for name, ids in _pairs(node):
            yield f"cites.{name}", sorted(_names(ids)), cited(pack, name, plan, have)


def _bill_sources(pack: Pack, test: PackTest) -> Iterator[_Compared]:
    for name, ids in _pairs(test.then.get("cites")):
        yield f"cites.{name}", sorted(_names(ids)), cited_on_bill(pack, name)


def _taken(pack: Pack, node: str, way: str) -> tuple[Duty, ...]:
    return next((one.duties for one in pack.nodes[node].ways if one.id == way), ())


def _known(pack: Pack, facts: dict[str, Value]) -> Callable[[str], Value | None]:
    def value(name: str) -> Value | None:
        return facts.get(name) if name in pack.facts else pack.params[name].on(pack.as_of)

    return value


def _single(key: str, node: Marked, goal: str, solved: Solved) -> _Compared:
    if key == "missing":
        return key, sorted(_names(node)), sorted(solved.plan.items)
    found = solved.found
    if key == "status":
        return key, _text(node), found.status[goal].word
    names = found.blocked_by if key == "blocked_by" else [question.fact for question in found.questions]
    return key, sorted(_names(node)), sorted(names)


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
    found = exact_number(_text(node))
    if found is None:
        raise ValueError(f"'{_text(node)}' is no amount in yuan")
    return int(found * 100)


def _facts(pack: Pack, node: Marked | None) -> dict[str, Value]:
    """Typed facts of an example; money in yuan, or in fen under its name with ``_fen``."""
    facts: dict[str, Value] = {}
    for name, value in _pairs(node):
        in_fen = name not in pack.facts and name.endswith("_fen")
        fact = pack.facts[name.removesuffix("_fen") if in_fen else name]
        facts[fact.id] = int(_text(value)) if in_fen else _typed(fact, _text(value))
    return facts


def _number(text: str) -> Decimal:
    found = exact_number(text)
    if found is None:
        raise ValueError(text)
    return found


def _typed(fact: Fact, text: str) -> Value:
    try:
        if fact.type == "bool":
            return {"true": True, "false": False}[text]
        if fact.type == "money":
            return int(_number(text) * 100)
        if fact.type in ("decimal", "integer"):
            return _number(text)
        if fact.type == "date":
            return date.fromisoformat(text)
    except (KeyError, ValueError):
        raise KeyError(f"{text!r} for {fact.id}") from None
    if fact.type == "enum" and text not in fact.values:
        raise KeyError(f"{text!r} for {fact.id}")
    return text
