"""A document of the law as it counts on one day, or as it was known on one.

*Pinned* to a day, a document counts in the same way whatever day a pack is composed for: what is in
force on that day is so for good, and what is not, never.  A comparison of two days can then move
the national law first and the local rules afterwards, one at a time.

*Known* on a day, a document holds only what can have been known on it.  Sources carry the days on
which they are in force, and none on which they were published.  So a rule counts as known from the
first day on which it is in force, and no earlier: one that was enacted before, and begins later, is
left out until it begins.  What is recorded of a case carries no day of its own at all before there
is a database; a ledger counts as known, whole, on the day it is planned for.

Reads from: ``document``, ``terms``.  Read by: ``circumstances``, ``exchange.excel.replaying``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from taizhang.rules.document import Change, Document
from taizhang.rules.terms import Fee, Node, Parameter, ParameterValue, Span, Way

__all__ = ["known_on", "pinned"]

_ADDS = "add_way"  # stays as a way that lapsed, so that it can still be explained


def pinned(document: Document, day: date) -> Document:
    """Return the document as it counts on ``day``, for every day from then on.

    Args:
        document: A pack, an overlay or a decision.
        day: The day whose law is wanted.

    Returns:
        A document that composes to the same law on every later day.

    >>> from taizhang.rules.document import read_document
    >>> from taizhang.rules.pack import find_document
    >>> base = read_document(find_document("title-certificates"))
    >>> fixed = pinned(base, date(2024, 1, 28)).chapters["params"]
    >>> all(len(one.values) <= 1 for one in fixed.values())
    True
    """

    def value(one: ParameterValue) -> ParameterValue | None:
        return replace(one, effective=Span()) if one.effective.holds(day) else None

    def change(one: Change) -> Change | None:
        if one.op == "set_value":  # read again on the day of a bill
            return replace(one, effective=Span()) if one.effective.holds(day) else None
        if one.op != _ADDS and not one.effective.holds(day):
            return None
        return replace(one, effective=_fixed(one.effective, day))

    def span(one: Span) -> Span:
        return Span() if one.holds(day) else Span(None, date.min)

    return _mapped(document, value, change, span)


def known_on(document: Document, day: date) -> Document:
    """Return what of a document can have been known on ``day``.

    Args:
        document: A pack, an overlay or a decision.
        day: Until which what is known counts.

    Returns:
        The document without ways, changes, fees and values that begin after ``day``.  An overlay or
        decision that begins after it as a whole changes nothing.

    >>> from taizhang.rules.document import read_document
    >>> from taizhang.rules.pack import find_document
    >>> minutes = read_document(find_document("demo-decision-knitting-factory"))
    >>> len(minutes.changes), len(known_on(minutes, date(2024, 1, 28)).changes)
    (2, 0)
    """

    def begun(span: Span) -> bool:
        return span.start is None or span.start <= day

    whole = document.kind == "pack" or begun(document.effective)
    return _mapped(
        document,
        lambda one: one if begun(one.effective) else None,
        lambda one: one if whole and begun(one.effective) else None,
        lambda span: span if begun(span) else Span(None, date.min),
    )


def _fixed(span: Span, day: date) -> Span:
    """In force for good or never; the first day stays, for changes are applied in its order."""
    return Span(span.start, None if span.holds(day) else date.min)


def _mapped(
    document: Document,
    value: Callable[[ParameterValue], ParameterValue | None],
    change: Callable[[Change], Change | None],
    span: Callable[[Span], Span],
) -> Document:
    """The document with every dated part put through the function for it."""

    def way(one: Way) -> Way:
        return replace(one, effective=span(one.effective))

    def node(one: Node) -> Node:
        return replace(one, ways=tuple(map(way, one.ways)))

    def param(one: Parameter) -> Parameter:
        return replace(one, values=tuple(kept for each in one.values if (kept := value(each)) is not None))

    def fee(one: Fee) -> Fee:
        return replace(one, effective=span(one.effective))

    chapters: dict[str, dict[str, Any]] = dict(document.chapters)
    for name, of in (("nodes", node), ("params", param), ("fees", fee)):
        chapters[name] = _each(document.chapters.get(name, {}), of)
    changes = tuple(kept for one in document.changes if (kept := change(one)) is not None)
    return replace(document, chapters=chapters, changes=changes)


def _each(rows: Mapping[str, Any], of: Callable[[Any], Any]) -> dict[str, Any]:
    return {name: of(row) for name, row in rows.items()}
