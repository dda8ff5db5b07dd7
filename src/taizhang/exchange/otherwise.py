"""Where a ledger says something else than the office has found out, in a sentence.

Reads from: ``office.register``, ``rules.terms``.  Read by: ``working``, the doors.
"""

from __future__ import annotations

from collections.abc import Mapping

from taizhang.office.register import Otherwise
from taizhang.rules.terms import Label, Pack

__all__ = ["otherwise_told"]


def otherwise_told(pack: Pack, one: Otherwise) -> Label:
    """Place, fact, what the ledger says and what was found out."""
    fact, place = pack.facts.get(one.fact), one.place.removeprefix("county›").replace("›", " ")
    if fact is None:
        return Label(
            f"{place} {one.fact}：{one.said}／{one.found}", f"{place} {one.fact}: {one.said}/{one.found}"
        )
    said, found = (_words(fact.values, fact.type, value) for value in (one.said, one.found))
    return Label(
        f"{place} {fact.label.zh}：台账记为{said.zh}，已查明为{found.zh}",
        f"{place} {fact.label.en}: the ledger says {said.en}, found: {found.en}",
    )


def _words(values: Mapping[str, Label], kind: str, value: str) -> Label:
    if value in values:
        return values[value]
    if kind == "bool":
        return Label("是", "yes") if value == "true" else Label("否", "no")
    if kind == "money" and value.isdecimal():
        yuan = f"{int(value) // 100}.{int(value) % 100:02d}"
        return Label(f"{yuan} 元", f"{yuan} yuan")
    return Label(value, value)
