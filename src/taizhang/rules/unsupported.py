"""Rules in force on a day on which none of the sources they cite is.

Reads from: ``document``, ``lint``, ``terms``.  Read by: ``packcheck``.

A source that holds only later is no ground for a rule today, and one that has been repealed is none any
more.  A rule may cite several, the old law and the new; it is enough that one of them is in force.  What is
asked here is what counts on the day: ways that are adopted and in force, with their needs and duties, the
papers they need, the values of parameters, and the lines of the bill.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from taizhang.rules.document import Document
from taizhang.rules.lint import needed_names
from taizhang.rules.terms import Pack, Ref, Way

__all__ = ["Unsupported", "days_of_sources", "unsupported"]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A rule without a source in force.

    Attributes:
        name: ``node.way``, ``node.way.paper`` (a need or a duty of the way), or the id of a paper, a
            parameter or a line of the bill.
        where: ``file:line:column``.
        day: The first of the days looked at.
        sources: What it cites.
    """

    name: str
    where: str
    day: date
    sources: tuple[str, ...]


def days_of_sources(documents: Sequence[Document]) -> set[date]:
    """The days after the last day of a source: from then on a rule may have none."""
    return {
        source.effective.end + timedelta(days=1)
        for document in documents
        for source in document.chapters.get("sources", {}).values()
        if source.effective.end
    }


def unsupported(packs: Sequence[Pack]) -> list[Unsupported]:
    """Return what rests on no source in force, once for every rule, in the order of the days.

    Args:
        packs: The law, composed for every day on which it or one of its sources changes.
    """
    found: dict[str, Unsupported] = {}
    for pack in sorted(packs, key=lambda one: one.as_of):
        for name, where, sources in _rules(pack):
            known = [pack.sources[one] for one in sources if one in pack.sources]
            if known and not any(source.effective.holds(pack.as_of) for source in known):
                found.setdefault(name, Unsupported(name, where, pack.as_of, tuple(sources)))
    return list(found.values())


def _rules(pack: Pack) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Name, place and sources of everything that counts on the day of the pack."""
    papers: set[str] = set()
    for node in pack.nodes.values():
        for way in node.ways:
            if pack.in_force(way):
                yield from _of_way(f"{node.id}.{way.id}", way)
                papers.update(name for need in way.needs for name in needed_names(need))
    for name in sorted(papers & pack.evidence.keys()):
        yield name, pack.evidence[name].where, pack.evidence[name].sources
    for param in pack.params.values():
        for row in param.values:
            if row.effective.holds(pack.as_of) and row.value is not None:
                yield param.id, param.where, row.sources
    for fee in pack.fees.values():
        if fee.effective.holds(pack.as_of):
            yield fee.id, fee.where, fee.sources


def _of_way(title: str, way: Way) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    yield title, way.where, way.sources
    for need in way.needs:
        if isinstance(need, Ref):
            yield f"{title}.{need.ref}", way.where, need.sources
    for duty in way.duties:
        yield f"{title}.{duty.paper}", way.where, duty.sources
