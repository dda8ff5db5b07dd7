"""Would the examples of a pack notice it, if a rule were not there?

Each need, way, citation and date is left out in turn, and the examples that it can reach run
again.  What no example notices survives.  A mutant is *refused* where reading or linting it gives an
error, *noticed* where an example fails, *without effect* where the law is the same on every day the
pack speaks for, and else it *survived*.

Reads from: ``mutants``, ``compose``, ``lint``, ``packtest``.  Read by: the command ``pack check``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from taizhang.errors import PackError
from taizhang.rules.compose import compose
from taizhang.rules.document import Document, PackTest, amended
from taizhang.rules.lint import errors_of
from taizhang.rules.marked import Mapping_
from taizhang.rules.mutants import KINDS, Site, sites_of, without
from taizhang.rules.packcheck import boundary_days
from taizhang.rules.packtest import Outcome, run_test
from taizhang.rules.terms import Node, Pack, Span, Way
from taizhang.rules.touching import Reached, reached_by, same_law

__all__ = ["Fate", "Mutation", "mutate"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mutant.

    Attributes:
        kind: ``needs``, ``ways``, ``sources`` or ``dates``.
        title: What was left out.
        where: ``file:line:column``.
        fate: ``refused``, ``noticed``, ``without effect`` or ``survived``.
        by: Code of the error, or name of the example.
    """

    kind: str
    title: str
    where: str
    fate: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Mutation:
    """The fates of all mutants, in the order of the files."""

    fates: tuple[Fate, ...]

    def count(self, kind: str, fate: str) -> int:
        """Mutants of a kind with a fate."""
        return sum(one.kind == kind and one.fate == fate for one in self.fates)

    def killed(self, kind: str) -> tuple[int, int]:
        """Mutants of a kind that were refused or noticed, and those that could be."""
        killed = self.count(kind, "refused") + self.count(kind, "noticed")
        return killed, killed + self.count(kind, "survived")

    @property
    def survivors(self) -> tuple[Fate, ...]:
        """What no example notices."""
        return tuple(one for one in self.fates if one.fate == "survived")

    @property
    def by_kind(self) -> Mapping[str, tuple[int, int]]:
        """``killed`` of every kind."""
        return {kind: self.killed(kind) for kind in KINDS}


def mutate(
    base: Document,
    layers: Sequence[Document],
    today: date,
    progress: Callable[[int, int], None] | None = None,
) -> Mutation:
    """Leave out each need, way, citation and date of documents in turn.

    Args:
        base: The pack.
        layers: Overlays and decisions, in the order in which ``check_documents`` takes them.
        today: One of the days on which mutants are linted.
        progress: Told the mutants done and all of them.

    Raises:
        PackError: The first error of the documents as they are.
        ValueError: An example of the documents as they are fails.

    Source:
        Mutation analysis: DeMillo, Lipton and Sayward, "Hints on test data selection" (1978).
    """
    workshop = _Workshop((base, *layers), today)
    sites = sites_of(workshop.documents)
    fates = []
    for number, site in enumerate(sites):
        fates.append(workshop.fate(site))
        if progress:
            progress(number + 1, len(sites))
    return Mutation(tuple(fates))


@dataclass(frozen=True, slots=True)
class _Case:
    """An example with what came of it under the law as it is."""

    test: PackTest
    layers: int  #: documents above the base that it knows
    outcome: Outcome
    reached: Reached
    vague: bool  #: it does not say which papers are missing
    length: int  #: of its route: the shorter, the sooner it is run


class _Workshop:
    """The law as it is, on every day asked for, and what becomes of departures from it."""

    def __init__(self, documents: tuple[Document, ...], today: date) -> None:
        self.documents = documents
        self.days = boundary_days(documents, today)
        self.packs: dict[tuple[int, date], Pack] = {}
        self.all = len(documents) - 1
        for day in self.days:
            errors = errors_of(self.pack(self.all, day))
            if errors:
                raise errors[0]
        self.cases = [
            self._case(test, number) for number, document in enumerate(documents) for test in document.tests
        ]

    def pack(self, layers: int, day: date) -> Pack:
        """The law as it is.

        Raises:
            PackError: The first error.
        """
        if (layers, day) not in self.packs:
            pack, errors = compose(self.documents[0], self.documents[1 : layers + 1], day)
            if errors:
                raise errors[0]
            self.packs[layers, day] = pack
        return self.packs[layers, day]

    def _case(self, test: PackTest, layers: int) -> _Case:
        outcome = run_test(lambda day: self.pack(layers, day), test)
        if outcome.failures:
            raise ValueError(f"{outcome.where}: {outcome.test}: {outcome.failures[0]}")
        plan = test.then.get("plan")
        vague = not (isinstance(plan, Mapping_) and "missing" in plan.pairs)
        reached = reached_by(self.pack(layers, test.on), test)
        return _Case(test, layers, outcome, reached, vague, len(outcome.ways))

    def fate(self, site: Site) -> Fate:
        """What becomes of one mutant."""
        fate, by = self._judged(site)
        return Fate(site.kind, site.title, str(site.mark), fate, by)

    def _judged(self, site: Site) -> tuple[str, str]:
        document = self.documents[site.document]
        tree = without(site.tree, site.path) if site.path else None
        mutated = amended(document, site.chapter, site.name, tree)
        if mutated.errors:
            return "refused", str(mutated.errors[0].code)
        mutant = _Mutant(self, site, mutated)
        error = mutant.error()
        if error:
            return "refused", str(error.code)
        by = mutant.noticed_by()
        if by:
            return "noticed", by
        alike = all(mutant.alike(self.all, day) for day in self.days)
        return ("without effect" if alike else "survived"), ""


class _Mutant:
    """The law with one thing left out."""

    def __init__(self, workshop: _Workshop, site: Site, mutated: Document) -> None:
        self.workshop, self.site = workshop, site
        documents = workshop.documents
        self.documents = (*documents[: site.document], mutated, *documents[site.document + 1 :])
        self.chapter, self.name = _touched(site, documents[site.document])
        self.spans = _spans(self.documents, self.chapter, self.name)
        self.composed: dict[tuple[int, tuple[bool, ...]], tuple[Any, list[PackError]]] = {}
        self.packs: dict[tuple[int, date], Pack] = {}

    def _record(self, layers: int, day: date) -> tuple[Any, list[PackError]]:
        """The record touched, and the errors; the same on all days on which the same changes hold."""
        era = (layers, tuple(span.holds(day) for span in self.spans))
        if era not in self.composed:
            pack, errors = compose(self.documents[0], self.documents[1 : layers + 1], day)
            table = getattr(pack, self.chapter)
            if isinstance(table, tuple):  # classes and reasons for haste
                self.composed[era] = next(one for one in table if one.id == self.name), errors
            else:
                self.composed[era] = table[self.name], errors
        return self.composed[era]

    def pack(self, layers: int, day: date) -> Pack:
        """The law of a day with one thing left out."""
        if (layers, day) not in self.packs:
            pack = self.workshop.pack(layers, day)
            record, _ = self._record(layers, day)
            table = getattr(pack, self.chapter)
            changed: Any = (
                tuple(record if one.id == self.name else one for one in table)
                if isinstance(table, tuple)
                else {**table, self.name: record}
            )
            parts: dict[str, Any] = {self.chapter: changed}
            self.packs[layers, day] = replace(pack, **parts)
        return self.packs[layers, day]

    def error(self) -> PackError | None:
        """The first error that a check of the mutant would report."""
        for day in self.workshop.days:
            _, errors = self._record(self.workshop.all, day)
            if errors:
                return errors[0]
            if self.site.kind == "sources" or self.alike(self.workshop.all, day):
                continue
            pack = self.pack(self.workshop.all, day)
            found = errors_of(pack, self._concerned(pack))
            if found:
                return found[0]
        return None

    def _concerned(self, pack: Pack) -> list[str]:
        """The nodes that have to be linted again."""
        if self.chapter == "nodes":
            return [self.name]
        return [name for name, node in pack.nodes.items() if self.name in _read(node)]

    def alike(self, layers: int, day: date) -> bool:
        """Whether the law of a day is the same as without the mutation."""
        record, _ = self._record(layers, day)
        return same_law(self.workshop.pack(layers, day), record, self.chapter, self.name)

    def noticed_by(self) -> str:
        """The name of the first example that fails, or nothing."""
        way = f"{self.name}.{self.site.way}"
        cases = [case for case in self.workshop.cases if case.layers >= self.site.document]
        cases.sort(key=lambda case: (way not in case.outcome.ways, case.vague, case.length))
        for case in cases:
            if self._fails(case):
                return case.test.name
        return ""

    def _fails(self, case: _Case) -> bool:
        test = case.test
        if self.site.kind == "sources":
            if not self._cited_in(test) or self.alike(case.layers, test.on):
                return False
            outcome = run_test(
                lambda day: self.pack(case.layers, day), test, known=case.outcome.solved, briefly=True
            )
            return bool(outcome.failures)
        if not case.reached.touches(self.chapter, self.name, self._guards(case)):
            return False
        if self.alike(case.layers, test.on):
            return False
        return bool(run_test(lambda day: self.pack(case.layers, day), test, briefly=True).failures)

    def _cited_in(self, test: PackTest) -> bool:
        """Whether an example says what the record touched, or a part of it, relies on."""
        cites = test.then.get("cites")
        names = cites.pairs if isinstance(cites, Mapping_) else {}
        return any(name.partition(".")[0] == self.name for name in names)

    def _guards(self, case: _Case) -> list[Way]:
        """The way touched, as it is and as it would be, on the day of an example."""
        if self.chapter != "nodes":
            return []
        nodes = (pack.nodes[self.name] for pack in self._both(case))
        return [way for node in nodes for way in node.ways if way.id == self.site.way]

    def _both(self, case: _Case) -> Iterator[Pack]:
        yield self.workshop.pack(case.layers, case.test.on)
        yield self.pack(case.layers, case.test.on)


def _touched(site: Site, document: Document) -> tuple[str, str]:
    """The chapter and record that a site belongs to."""
    if site.chapter != "changes":
        return site.chapter, site.name
    change = document.changes[int(site.name)]
    return ("params", change.param) if change.op == "set_value" else ("nodes", change.node)


def _spans(documents: Sequence[Document], chapter: str, name: str) -> list[Span]:
    """The spans of all changes of a record."""
    spans = []
    for document in documents:
        for change in document.changes:
            if (chapter, name) in (("nodes", change.node), ("params", change.param)):
                spans.append(change.effective)
    return spans


def _read(node: Node) -> set[str]:
    guards = [guard for way in node.ways for guard in (way.when, *(need.when for need in way.needs)) if guard]
    return {name for guard in guards for name in guard.names}
