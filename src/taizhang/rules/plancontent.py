"""What the plan of an estate says, as single sayings that can be held against another plan's.

A plan is a tree of records; what people compare are sayings: this paper is missing here, this way
is taken, this question is open, the estate is done on that day.  Each saying has a :class:`Key` and
a value, so that two plans differ exactly where their sayings do.  Papers, ways and questions of
single units are told together under the place ``*``, with their number: a plan names any one of
like units, and which one is no difference.  Each unit has its own sayings beside that.

One saying, ``detail``, is a digest over everything the plan says.  It sees to it that plans which
differ anywhere differ here.

Reads from: ``canonical``, ``terms``.  Read by: ``plandiff`` and the doors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

from taizhang.rules.canonical import digest
from taizhang.rules.terms import EstatePlan, Gap, Pack, Status, Vector

__all__ = ["EVERY_UNIT", "Content", "Key", "Said", "content_of", "plan_digest"]

Said: TypeAlias = "str | int | bool | tuple[Said, ...] | None"

EVERY_UNIT = "*"  #: place of what is told of many units together

_PARTS = ("rank", "money_fen", "effort", "items", "days")
_At: TypeAlias = Callable[[str], str]  # place -> the place under which it is told
_INPUTS = frozenset({"places", "facts"})  # of the dossier: no result


class Key(NamedTuple):
    """What a saying is about.

    Attributes:
        kind: ``item``, ``price``, ``why``, ``when``, ``way``, ``step``, ``question``, ``assumes``,
            ``status``, ``units``, ``total``, ``date``, ``fee``, ``unit`` and others.
        name: Node, paper, fact, fee or part; empty where the kind says all.
        place: Place id; ``*`` for many units together; empty for the estate as a whole.
    """

    kind: str
    name: str = ""
    place: str = ""


Content: TypeAlias = Mapping[Key, Said]


def plan_digest(estate: EstatePlan) -> str:
    """Return one digest over everything the plan of an estate says, 64 hexadecimal digits.

    The places and facts it was planned from are not part of it.
    """
    return digest(estate, _INPUTS)


def content_of(pack: Pack, estate: EstatePlan) -> dict[Key, Said]:
    """Return the sayings of one estate's plan.

    Args:
        pack: The law it was planned by; gives the level of the goal.
        estate: The plan.

    Returns:
        Key to value; money in fen, days in working days, dates as ``2024-01-28``, empty where no
        holiday notice is out.  No value is ``None``: what is not said has no key.

    >>> from taizhang.rules import Dossier, WorkCalendar, load_pack
    >>> from taizhang.rules.estate import full_plan
    >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> plan = full_plan(pack, Dossier.of(pack), {}, WorkCalendar.china())
    >>> content_of(pack, plan)[Key("status")]
    'depends'
    """
    level = pack.level_of(pack.goal)

    def at(place: str) -> str:
        found = estate.places.get(place)
        return EVERY_UNIT if found is not None and found.level == level else place

    found: dict[Key, Said] = dict(_whole(estate))
    for papers in (_papers(estate, level), _routes(estate, at), _asked(estate, at), _units(estate)):
        found.update(papers)
    found[Key("detail")] = plan_digest(estate)
    return found


def _whole(estate: EstatePlan) -> Iterator[tuple[Key, Said]]:
    """The estate as a whole."""
    joint = estate.joint
    yield Key("estate"), estate.place.name
    yield Key("status"), estate.status.word
    counted = Counter(unit.status for unit in estate.units)
    for status in Status:
        yield Key("units", status.word), counted[status]
    yield Key("exact"), sum(unit.exact for unit in estate.units)
    for part, value in zip(_PARTS, _vector(joint.vector), strict=True):
        yield Key("total", part), value
    yield Key("date", "start"), estate.start.isoformat()
    yield Key("date", "finish"), _day(estate.due.get(joint.vector.days))
    yield Key("proved"), (joint.proved, joint.bound)
    for name, text in estate.identity.items():
        yield Key("identity", name), text
    for name, node_status in estate.node_status.items():
        yield Key("node", name), node_status.word
    for name in estate.classes:
        yield Key("class", name), True
    for name in estate.blocked_by:
        yield Key("blocker", name), True
    if estate.lift:
        ways = tuple(tuple(one) for one in sorted((w.place, w.node, w.way) for w in estate.lift.ways))
        yield Key("lift"), (tuple(sorted(estate.lift.items)), ways, _vector(estate.lift.vector))
    yield from _fees(estate)


def _fees(estate: EstatePlan) -> Iterator[tuple[Key, Said]]:
    lines: Counter[str] = Counter()
    for unit in estate.units:
        lines.update(unit.bill.lines)
    for name in sorted(lines):
        yield Key("fee", name), lines[name]
    yield Key("fees"), sum(unit.bill.total_fen for unit in estate.units)
    yield Key("fees_unknown"), sum(bool(unit.bill.unknown) for unit in estate.units)


def _papers(estate: EstatePlan, level: str) -> Iterator[tuple[Key, Said]]:
    """Missing papers: that they are missing, what they cost, why, and when."""
    together: dict[tuple[str, str], list[Gap]] = {}
    for gap in estate.joint.gaps:
        place = EVERY_UNIT if gap.level == level else gap.place
        together.setdefault((gap.item, place), []).append(gap)
    for (item, place), gaps in together.items():
        first = gaps[0]
        units = sum(one.units for one in gaps)
        yield Key("item", item, place), (first.supplier, sum(one.count for one in gaps), units)
        yield Key("price", item, place), (first.money_fen, first.effort, first.days)
        if first.grade:
            yield Key("why", item, place), (first.grade, _vector(first.price_of_refusal))
        start, end = min(one.start for one in gaps), max(one.end for one in gaps)
        slack, critical = min(one.slack for one in gaps), any(one.critical for one in gaps)
        yield Key("when", item, place), (start, end, slack, critical, _day(estate.due.get(end)))
    for duty in estate.duties:
        due = _day(estate.due.get(duty.due))
        yield Key("duty", duty.item, duty.place), (duty.supplier, duty.due, due, duty.node, duty.way)


def _routes(estate: EstatePlan, at: _At) -> Iterator[tuple[Key, Said]]:
    """Which way is taken for each node, the work that follows, and the ways not taken."""
    ways: dict[tuple[str, str], set[str]] = {}
    for one in estate.joint.route:
        ways.setdefault((one.node, at(one.place)), set()).add(one.way)
    for (node, place), taken in ways.items():
        yield Key("way", node, place), tuple(sorted(taken))
    steps: dict[tuple[str, str], set[tuple[Said, ...]]] = {}
    for step in estate.joint.steps:
        told = (step.way, step.supplier, step.start, step.end, step.effort, step.money_fen or 0)
        steps.setdefault((step.node, at(step.place)), set()).add(told)
    for (node, place), work in steps.items():
        yield Key("step", node, place), tuple(sorted(work, key=repr))
    for other in estate.alternatives:
        delta = _vector(other.delta)
        yield Key("alternative", f"{other.node}.{other.way}"), (other.reason, delta, other.detail)


def _asked(estate: EstatePlan, at: _At) -> Iterator[tuple[Key, Said]]:
    """Open questions and what the plan assumes."""
    units: Counter[tuple[str, str]] = Counter()
    outcomes: dict[tuple[str, str], set[Said]] = {}
    for one in estate.questions:
        key = one.fact, at(one.place)
        units[key] += one.units
        told = tuple((answers, _vector(vector)) for answers, vector in one.outcomes)
        outcomes.setdefault(key, set()).add(told)
    for (fact, place), count in units.items():
        yield Key("question", fact, place), (count, tuple(sorted(outcomes[fact, place], key=repr)))
    assumed: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for assumption in estate.joint.assumes:
        assumed.setdefault((assumption.fact, at(assumption.place)), set()).add(assumption.answers)
    for (fact, place), answers in assumed.items():
        yield Key("assumes", fact, place), tuple(sorted(answers))


def _units(estate: EstatePlan) -> Iterator[tuple[Key, Said]]:
    """Each unit: where it stands, its own papers, what it waits for, what it owes."""
    for unit in estate.units:
        place = unit.place.id
        yield Key("unit", "status", place), unit.status.word
        yield Key("unit", "items", place), unit.own
        yield Key("unit", "shared", place), unit.shared
        yield Key("unit", "alone", place), (_vector(unit.marginal), unit.exact)
        yield Key("unit", "fees", place), (unit.bill.total_fen, tuple(sorted(unit.bill.unknown)))
        yield Key("unit", "urgent", place), unit.urgent
    for place in estate.joint.left_out:
        yield Key("unit", "left_out", place), True


def _vector(vector: Vector | None) -> tuple[int, ...]:
    """The parts of a cost; nothing where there is none."""
    if vector is None:
        return ()
    return (vector.rank, vector.money_fen, vector.effort, vector.items, vector.days)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
