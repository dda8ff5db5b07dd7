"""How fresh a pack is: sources nobody has seen, checks long past, rules that have lapsed or soon will.

Reads from: ``document``, ``terms``.  Read by: ``packcheck``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from taizhang.rules.document import Document
from taizhang.rules.terms import Source

__all__ = ["OLD", "SOON", "Dated", "Staleness", "staleness"]

OLD = timedelta(days=365)
SOON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Dated:
    """A source or rule with a day.

    Attributes:
        name: Id of a source or parameter, or ``node.way``.
        day: When it was checked last, or the last day on which it holds.
        where: ``file:line:column``.
    """

    name: str
    day: date | None
    where: str


@dataclass(frozen=True, slots=True)
class Staleness:
    """How fresh a pack and its layers are.

    Attributes:
        sources: How many sources there are.
        verify: Sources marked ``verify``.
        old: Sources last checked more than 365 days ago, or never; one without a day of its own goes by
            its document's.
        ended: Sources, ways, changes and parameters whose last day has passed.
        ending: Those whose last day comes within 90 days.
    """

    sources: int = 0
    verify: tuple[str, ...] = ()
    old: tuple[Dated, ...] = ()
    ended: tuple[Dated, ...] = ()
    ending: tuple[Dated, ...] = ()


def staleness(documents: Sequence[Document], today: date) -> Staleness:
    """Return how fresh documents are on a day.

    >>> from taizhang.rules.document import read_document
    >>> from taizhang.rules.pack import find_document
    >>> shandong = read_document(find_document("title-certificates-shandong"))
    >>> found = staleness([shandong], date(2025, 5, 1))
    >>> found.verify, found.ended, found.ending[0].name, str(found.ending[0].day)
    (('p24',), (), 'case_in_scope.ordinary', '2025-06-29')
    """
    sources = [
        (source, source.last_checked or document.last_checked, str(document.marks[f"sources.{source.id}"]))
        for document in documents
        for source in _sources(document)
    ]
    lasting = sorted(
        (one for document in documents for one in _ends(document)), key=lambda one: (one.day, one.name)
    )
    return Staleness(
        len(sources),
        tuple(source.id for source, _, _ in sources if source.verify),
        tuple(
            Dated(source.id, day, where) for source, day, where in sources if day is None or today - day > OLD
        ),
        tuple(one for one in lasting if one.day is not None and one.day < today),
        tuple(one for one in lasting if one.day is not None and today <= one.day <= today + SOON),
    )


def _sources(document: Document) -> list[Source]:
    return list(document.chapters.get("sources", {}).values())


def _ends(document: Document) -> Iterator[Dated]:
    """Everything of a document that has a last day."""
    for source in _sources(document):
        if source.effective.end:
            yield Dated(source.id, source.effective.end, str(document.marks[f"sources.{source.id}"]))
    for node in document.chapters.get("nodes", {}).values():
        for way in node.ways:
            if way.effective.end:
                yield Dated(f"{node.id}.{way.id}", way.effective.end, way.where)
    for param in document.chapters.get("params", {}).values():
        if param.values and param.values[-1].effective.end:  # the earlier ones are followed by others
            yield Dated(param.id, param.values[-1].effective.end, param.where)
    for change in document.changes:
        if change.effective.end:
            name = change.param or f"{change.node}.{change.way}"
            yield Dated(name, change.effective.end, str(change.marks["op"]))
