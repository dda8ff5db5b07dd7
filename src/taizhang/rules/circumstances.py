"""All that a plan follows from, and the states between two of them.

A plan follows from the law, its parameters, the overlays, the decisions, what is known of the case,
its papers, and the day.  Between two circumstances lie states in which some of these have changed
already and the rest have not; they change in one fixed order (:data:`CAUSES`), so that each
difference between two plans can be laid at the door of one change.

The day moves in parts.  The law's step takes the national law of the new day, the overlays' step
their rules of the new day, and so on; ``expiry`` moves the day of the case itself, from which dates
are counted and on which papers lapse.

Reads from: ``canonical``, ``compose``, ``lint``, ``pinning``, ``terms``.  Read by: ``plandiff``, the doors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, NamedTuple

from taizhang.errors import TaizhangError
from taizhang.rules.canonical import digest
from taizhang.rules.compose import compose
from taizhang.rules.document import Document
from taizhang.rules.lint import errors_of
from taizhang.rules.pinning import pinned
from taizhang.rules.terms import Dossier, Node, Pack, Place, Span, by_place
from taizhang.rules.worktime import WorkCalendar

__all__ = ["CAUSES", "Case", "Circumstances", "State", "estate_of", "law_digest", "states_between"]

#: What can change, in the order in which it is changed.
CAUSES = ("method", "law", "parameters", "overlays", "decisions", "facts", "evidence", "expiry")

_LAST_OF_LAW = CAUSES.index("decisions") + 1  # causes after it leave the law as it is
_OF_NUMBERS = ("params", "fees")  # chapters of a pack that are parameters; all others are law
_NO_MEANING = frozenset({"where"})  # a rule may move to another line
_KNOWN = frozenset({"as_of", "places", "facts"})  # fields of a dossier that are no papers


@dataclass(frozen=True, slots=True)
class Case:
    """One estate: what is recorded of it, and what a ledger says of it in words."""

    dossier: Dossier
    identity: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a plan of a city follows from.

    Attributes:
        base: The pack.
        overlays, decisions: Its layers; their order means nothing.
        calendar: For the dates.
        as_of: The day.
        prefer: ``cheapest``, ``fewest``, ``fastest`` or parts of an objective.
        cases: One for each estate.
    """

    base: Document
    overlays: tuple[Document, ...]
    decisions: tuple[Document, ...]
    calendar: WorkCalendar
    as_of: date
    prefer: str | tuple[str, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class State:
    """Circumstances in which some causes have done their work.

    Attributes:
        causes: Those that worked since the state before; more than one where the law between them
            would be none that can be planned by.
        reason: Why they are told together: the code and sentence of the first error, or empty.
        pack, law: The law, and its :func:`law_digest`.
        prefer, calendar, cases: As in :class:`Circumstances`.
    """

    causes: tuple[str, ...]
    reason: TaizhangError | None
    pack: Pack
    law: str
    prefer: str | tuple[str, ...]
    calendar: WorkCalendar
    cases: tuple[Case, ...]


def estate_of(dossier: Dossier) -> Place:
    """Return the estate that a dossier is about.

    Raises:
        StopIteration: It has none.

    >>> from taizhang.rules import load_pack
    >>> estate_of(Dossier.of(load_pack("title-certificates", as_of=date(2024, 1, 28)))).id
    'estate'
    """
    return next(place for place in dossier.places.values() if place.level == "estate")


def law_digest(pack: Pack) -> str:
    """Return a digest over all of a pack that can change a plan or what is said of it.

    Versions, positions in files, sources and headings are no part of it.

    >>> from taizhang.rules import load_pack
    >>> one = load_pack("title-certificates", as_of=date(2024, 1, 28))
    >>> law_digest(one) == law_digest(replace(one, version="another"))
    True
    """
    parts = (pack.levels, pack.goal, pack.objective, pack.params, pack.facts, pack.evidence)
    return digest((*parts, pack.nodes, pack.fees, pack.classes, pack.urgency), _NO_MEANING)


def states_between(old: Circumstances, new: Circumstances) -> Iterator[State]:
    """Yield the old state, then one state for each cause in order, the new one last.

    Args:
        old: Where the comparison starts.
        new: Where it ends.

    Yields:
        The first state has no causes.  A cause whose state would be no law that can be planned by
        (new ways that need a paper only a new overlay defines) is told together with the next one.
        What a new pack reads and the old one had no parameter for, comes with the law.

    Raises:
        TaizhangError: The first error of the old or of the new law itself.
    """
    day = max(old.as_of, new.as_of)
    olds, news = ({estate_of(one.dossier).id: one for one in side.cases} for side in (old, new))
    before: State | None = None
    waiting: tuple[str, ...] = ()
    reason: TaizhangError | None = None
    law = _law(old, new, frozenset(), day)
    for number in range(len(CAUSES) + 1):
        done = frozenset(CAUSES[:number])
        waiting += CAUSES[number - 1 : number] if number else ()
        if 0 < number <= _LAST_OF_LAW:
            law = _law(old, new, done, day)
        if law.error:
            reason = reason or law.error
            if number in (0, _LAST_OF_LAW):
                raise law.error
            continue
        method, text = ((new if cause in done else old) for cause in ("method", "law"))
        cases = _cases(olds, news, done, before)
        pack = replace(law.pack, as_of=(new if "expiry" in done else old).as_of)
        before = State(waiting, reason, pack, law.digest, method.prefer, text.calendar, cases)
        yield before
        waiting, reason = (), None


# -- the law


class _Law(NamedTuple):
    """A composed pack, its digest, and the first error that keeps it from being planned by."""

    pack: Pack
    digest: str
    error: TaizhangError | None


def _law(old: Circumstances, new: Circumstances, done: frozenset[str], day: date) -> _Law:
    """The law of a state."""

    def of(cause: str) -> Circumstances:
        return new if cause in done else old

    law, numbers = of("law"), of("parameters")
    text = pinned(law.base, law.as_of)
    chapters: dict[str, dict[str, Any]] = dict(text.chapters)
    for name, rows in pinned(numbers.base, numbers.as_of).chapters.items():
        if name in _OF_NUMBERS:
            more = text.chapters.get(name, {}) if name == "params" and law is not numbers else {}
            chapters[name] = {**more, **rows}
    layers = [pinned(one, of("overlays").as_of) for one in of("overlays").overlays]
    layers += [pinned(one, of("decisions").as_of) for one in of("decisions").decisions]
    composed, found = compose(replace(text, chapters=chapters), layers, day)
    pack = replace(composed, nodes={name: _settled(node, day) for name, node in composed.nodes.items()})
    errors: list[TaizhangError] = [*found, *(() if found else errors_of(pack))]
    errors = errors or _unreadable(pack)
    return _Law(pack, law_digest(pack), errors[0] if errors else None)


def _settled(node: Node, day: date) -> Node:
    """A node whose ways are in force for good or never."""
    ways = (
        replace(way, effective=Span() if way.effective.holds(day) else Span(None, date.min))
        for way in node.ways
    )
    return replace(node, ways=tuple(ways))


def _unreadable(pack: Pack) -> list[TaizhangError]:
    """Fees that read what the pack does not have: those of one law beside the facts of another."""
    known = pack.facts.keys() | pack.params.keys()
    found: list[TaizhangError] = []
    for fee in pack.fees.values():
        names = fee.formula.names | (fee.when.names if fee.when else frozenset())
        if names - known:
            found.append(
                TaizhangError(
                    "Fee '{fee}' reads '{name}', which nothing defines.",
                    hint="Define it, or change the formula.",
                    zh="费用“{fee}”引用了未定义的“{name}”，请补充定义或修改公式。",
                    code="E-PACK-E02",
                    fee=fee.id,
                    name=min(names - known),
                )
            )
    return found


# -- the cases


def _cases(
    old: Mapping[str, Case], new: Mapping[str, Case], done: frozenset[str], before: State | None
) -> tuple[Case, ...]:
    """The cases of a state; one that did not change is the record of the state before."""
    if "expiry" in done:
        found = new
    elif "facts" not in done:
        found = old
    else:
        found = {at: _between(old.get(at), one, old, done) for at, one in new.items()}
    kept = {estate_of(one.dossier).id: one for one in before.cases} if before else {}
    return tuple(kept[at] if at in kept and _same(kept[at], one) else one for at, one in found.items())


def _between(old: Case | None, new: Case, olds: Mapping[str, Case], done: frozenset[str]) -> Case:
    """A case whose facts are new, and its papers where ``evidence`` is done; its day is the old one."""
    day = next((one.dossier.as_of for one in olds.values()), new.dossier.as_of)
    changed: dict[str, Any] = {"as_of": day}
    if "evidence" not in done:
        for one in fields(Dossier):
            if one.init and one.name not in _KNOWN:
                papers = getattr(old.dossier, one.name) if old else {}
                changed[one.name] = _inside(papers, new.dossier.places)
    return replace(new, dossier=replace(new.dossier, **changed))


def _inside(papers: Any, places: Mapping[str, Place]) -> Any:
    """What is said of papers at these places."""
    if not isinstance(papers, Mapping):
        return papers
    return type(told)({at: told.at(at) for at in places}) if (told := by_place(papers)) else {}


def _same(one: Case, two: Case) -> bool:
    """Whether two cases say the same."""
    if one is two:
        return True
    if dict(one.identity) != dict(two.identity):
        return False
    return all(
        _alike(getattr(one.dossier, each.name), getattr(two.dossier, each.name), one.dossier.places)
        for each in fields(Dossier)
        if each.init
    )


def _alike(one: object, two: object, places: Mapping[str, Place]) -> bool:
    """Whether two parts of dossiers are equal; what is said place by place is compared so."""
    if one is two:
        return True
    if not isinstance(one, Mapping) or not isinstance(two, Mapping):
        return one == two
    if len(one) != len(two):
        return False
    if one is places:  # their order is that of the ledger
        return list(one.items()) == list(two.items())
    mine, other = by_place(one), by_place(two)
    return all(mine.at(at) == other.at(at) for at in places)
