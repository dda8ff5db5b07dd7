"""Each place once: rows that say the same place twice, and units of estates that nobody listed.

Reads from: ``cells``, ``citing``, ``rules.terms``.  Read by: ``gathering``, ``reading``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TypeAlias, TypeVar

from taizhang.exchange.excel.cells import plain
from taizhang.exchange.excel.joining.citing import Citing, cell_of
from taizhang.rules.terms import Complaint, Difference, LedgerRow, SheetCopy

__all__ = ["UNCOMPARED", "each_place_once", "not_said_by", "said_otherwise"]

V = TypeVar("V")
_Key: TypeAlias = tuple[str, str, str, str, str]  # level, county, estate, building, unit
UNCOMPARED = ("serial_number",)  # numbers the rows of its own list, and says nothing of a place
_GUESSES = 50  # strangers for which the nearest name is looked for: each takes a look at every estate


def each_place_once(
    rows: Sequence[LedgerRow], file: str = "", sheets: Sequence[SheetCopy] = ()
) -> tuple[list[LedgerRow], list[Complaint], list[Difference]]:
    """Keep the first row of each place, and of a second one what the first does not say.

    Args:
        rows: Of one ledger.
        file: Its name.
        sheets: Its cells, to be quoted where two rows disagree.

    Returns:
        The rows, where a further row of a place says only what those before it do not; what is
        wrong; and the cells of two rows that say something else of the same place.
    """
    kept: dict[_Key, LedgerRow] = {}
    again: dict[_Key, list[LedgerRow]] = {}  #: of places that stand twice only
    found: list[LedgerRow] = []
    complaints: list[Complaint] = []
    differences: list[Difference] = []
    citing = Citing(file, sheets)
    for row in rows:
        key = (row.level, row.identity.get("county", ""), row.estate, row.building, row.unit)
        first = kept.setdefault(key, row)
        if first is row:
            found.append(row)
            continue
        complaints.append(_double(first, row, file))
        known = again.setdefault(key, [first])
        for one in known:
            differences += [
                Difference("disagree", key[1:], name, citing.cite(one, name), citing.cite(row, name))
                for name in said_otherwise(one, row)
            ]
        more = not_said_by(known, row)
        if more is not None:
            known.append(more)
            found.append(more)
    return found, complaints + list(_strangers(found)), differences


def said_otherwise(first: LedgerRow, row: LedgerRow) -> Iterator[str]:
    """The fields of which two rows of one place say something else; blanks and widths do not count."""
    for name, text in row.identity.items():
        known = first.identity.get(name, text)
        if known != text and name not in UNCOMPARED and plain(known) != plain(text):
            yield name
    for name, value in row.facts.items():
        if first.facts.get(name, value) != value:
            yield name
    for name, state in row.held.items():
        if first.held.get(name, state) != state:
            yield name


def not_said_by(known: Sequence[LedgerRow], row: LedgerRow) -> LedgerRow | None:
    """A row with only what the rows before it do not say of its place; nothing where they say it all."""
    county = {name: text for name, text in row.identity.items() if name == "county"}
    identity = _rest(row.identity, [one.identity for one in known])
    facts = _rest(row.facts, [one.facts for one in known])
    held = _rest(row.held, [one.held for one in known])
    if not (identity or facts or held):
        return None
    return replace(row, identity={**county, **identity}, facts=facts, held=held)


def _rest(said: Mapping[str, V], known: Sequence[Mapping[str, object]]) -> dict[str, V]:
    return {
        name: value
        for name, value in said.items()
        if name not in UNCOMPARED and not any(name in one for one in known)
    }


def _double(first: LedgerRow, row: LedgerRow, file: str) -> Complaint:
    at = f"{file} {first.sheet}!{cell_of(first, row.level)}".strip()
    return Complaint(
        "C-ESTATE-TWICE" if row.level == "estate" else "C-UNIT-TWICE",
        row.sheet,
        row.cells[row.level],
        (row.unit or row.building or row.estate)[:200],
        f"Stands already in row {first.row} of {first.sheet} ({at}); that row is used, "
        "and of this one what that row leaves open. Keep one.",
        f"与“{first.sheet}”第 {first.row} 行（{at}）重复，以该行为先，该行未填的采用本行；请只保留一行。",
    )


def _strangers(rows: Sequence[LedgerRow]) -> Iterator[Complaint]:
    """Complain once of each estate that the units name and the estate sheet does not, or has twice."""
    counties: dict[str, set[str]] = {}
    for row in rows:
        if row.level == "estate":
            counties.setdefault(row.estate, set()).add(row.identity.get("county", ""))
    said: set[tuple[str, str]] = set()
    for row in rows if counties else ():
        county, known = row.identity.get("county", ""), counties.get(row.estate, set())
        listed = county in known or "" in known or (not county and len(known) == 1)
        if listed or (county, row.estate) in said:
            continue
        said.add((county, row.estate))
        if known and not county:
            en = "Several counties have an estate of this name; add a column with the county."
            zh = "多个县区有同名小区，请在户台账中增加“县区”列。"
        else:
            close = get_close_matches(row.estate, counties, 1, 0.6) if len(said) <= _GUESSES else []
            asked, zh_asked = (f" (is it {close[0]}?)", f"（是否为“{close[0]}”？）") if close else ("", "")
            en = "The estate sheet has no such estate; the rows are planned apart. "
            en += f"Add it, or correct the name{asked}."
            zh = f"小区台账中没有该小区，相关各户单独测算；请补充小区或更正名称{zh_asked}。"
        yield Complaint("C-UNIT-ESTATE", row.sheet, row.cells["estate"], row.estate[:200], en, zh)
