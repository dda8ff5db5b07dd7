"""Several names become one estate: its buildings kept apart, its units added up, its papers where they hold.

Reads from: ``claims``, ``conflicts``, ``counting``, ``gathered``, ``regrouped``, ``rules.terms``.
Read by: ``regrouping``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from taizhang.exchange.excel.joining.claims import too_coarse
from taizhang.exchange.excel.joining.conflicts import contradiction
from taizhang.exchange.excel.joining.counting import not_counted, spread, spread_evenly, whole
from taizhang.exchange.excel.joining.gathered import Told, number_of
from taizhang.exchange.excel.joining.regrouped import At, Change, buildings_in, stands_for, units_in
from taizhang.rules.terms import Cited, Difference, LedgerRow, Pack

__all__ = ["merge", "telling_apart"]

V = TypeVar("V")
Cite: TypeAlias = Callable[[int, LedgerRow, str], Cited]
_BRACKETS = "()（）[]【】〔〕「」“”\"'-—·、 　"
_COUNTED = ("units_total", "buildings_total")


@dataclass(slots=True)
class _Part:
    """One of the names that become one estate."""

    name: str
    rows: Sequence[At]
    own: list[At]  #: the rows of the estate itself
    buildings: dict[str, str]  #: number -> as first written
    units: int  #: how many it has
    added: dict[str, list[str]]  #: of a part that only counts its units: building -> numbers of units


def merge(parts: Mapping[str, Sequence[At]], into: str, pack: Pack, cite: Cite) -> Change:
    """Let the rows of several names be of one estate.

    Buildings whose number several parts have are told apart by the part.  What the row of a part says
    of its buildings and units is recorded at its buildings, for it says nothing of the others'.  A
    part that only counts its units has them numbered in its own buildings.  What is said of the
    estate itself, and said otherwise by another part, is left for ``gather`` to set side by side.

    Args:
        parts: Name as the ledgers have it -> its rows, at least one, in the order in which they count.
        into: The name the estate is to have.
        pack: Says where facts and papers live.
        cite: Quotes a cell.
    """
    change = Change()
    if len(parts) == 1:
        for at in next(iter(parts.values())):
            change.put(at, [replace(at.row, estate=into)])
        return change
    found = [_part(change, name, rows) for name, rows in parts.items()]
    names = _building_names(found)
    for part in found:
        rename = {number: names[part.name, number] for number in part.buildings}
        low = _said_of_buildings(part, pack)
        for at in part.rows:
            if at.row.level != "estate":
                change.put(at, [replace(at.row, estate=into, building=rename[number_of(at.row.building)])])
        for at in part.own:
            change.part_of[at.ledger, at.row.sheet, at.row.row] = part.name
            change.put(at, _own_rows(replace(at.row, estate=into), rename, low, pack))
        if part.own:
            first = replace(part.own[0].row, estate=into)
            change.put(
                part.own[0],
                [
                    stands_for(first, rename[number_of(building)], unit)
                    for building, units in part.added.items()
                    for unit in units
                ],
            )
    _add_up(change, found, cite, pack)
    return change


def _part(change: Change, name: str, rows: Sequence[At]) -> _Part:
    """A part; where its units are only counted, they are numbered here, in its own buildings."""
    own = [at for at in rows if at.row.level == "estate"]
    part = _Part(name, rows, own, buildings_in(rows), units_in(rows), {})
    rows_of_table = [at for at in own if not at.row.entered]
    if part.units or not rows_of_table:
        return part
    total = next((n for at in own if (n := whole(at.row.identity.get("units_total", "")))), 0)
    if not part.buildings:
        counted = (whole(at.row.identity.get("buildings_total", "")) for at in own)
        many = next((n for n in counted if n), 1)
        part.buildings = {str(n): f"{n}幢" for n in range(1, many + 1)}
    written = list(part.buildings.values())
    first = next((at for at in own if at.row.identity.get("units_total")), rows_of_table[0])
    if not total:
        change.told.append(Told(first.ledger, not_counted(first.row, name)))
    elif len(written) > 1:
        change.told.append(Told(first.ledger, spread_evenly(first.row, name, total, len(written))))
    for building, unit in spread(total or 1, len(written)):
        part.added.setdefault(written[building], []).append(f"第{unit}户")
    part.units = total or 1
    return part


# ----------------------------------------------------------------------------- buildings


def telling_apart(names: Sequence[str]) -> dict[str, str]:
    """The piece of each name that tells it from the others; the whole name where there is none.

    >>> telling_apart(["针织厂家属院（南区）", "针织厂家属院（北区）"])
    {'针织厂家属院（南区）': '南区', '针织厂家属院（北区）': '北区'}
    >>> telling_apart(["花园小区", "花园小区二期"])
    {'花园小区': '花园小区', '花园小区二期': '二期'}
    """
    start = min(map(len, names))
    while len({name[:start] for name in names}) > 1:
        start -= 1
    while start and any(name[start - 1].isalnum() and name[start - 1].isascii() for name in names):
        start -= 1  # 10号院 and 12号院 are not told apart by 0 and 2
    return {name: name[start:].strip(_BRACKETS) or name for name in names}


def _building_names(parts: Sequence[_Part]) -> dict[tuple[str, str], str]:
    """What each building of each part is to be called: as it was, or with its part where others have it."""
    having = Counter(number for part in parts for number in part.buildings)
    pieces = telling_apart([part.name for part in parts])
    tried = 0
    while True:
        found = {}
        for order, part in enumerate(parts, 1):
            piece = part.name if tried else pieces[part.name]
            piece += f"·{order}" + "·" * tried if tried > 1 else ""  # names that differ in width only
            for number, written in part.buildings.items():
                alone = having[number] == 1
                found[part.name, number] = written if alone else f"{piece}{written or '（幢号未填）'}"
        if len({number_of(name) for name in found.values()}) == len(found):
            return found
        tried += 1  # a piece that makes the name of yet another building: with more of the name it does not


# ------------------------------------------------------------------------ papers and facts


def _said_of_buildings(part: _Part, pack: Pack) -> dict[str, set[str]]:
    """What buildings say themselves, where their estate's row says it only by default."""
    found: dict[str, set[str]] = {}
    for at in part.rows:
        if at.row.level == "estate":
            continue
        said = found.setdefault(number_of(at.row.building), set())
        names = (*at.row.facts, *at.row.held)
        said.update(name for name in names if at.row.level == "building" or pack.level_of(name) == "building")
    return found


def _own_rows(
    row: LedgerRow, rename: Mapping[str, str], low: Mapping[str, set[str]], pack: Pack
) -> list[LedgerRow]:
    """The row of a part, and for each of its buildings what the row says of buildings and units."""
    facts = {
        name: value
        for name, value in row.facts.items()
        if _finer(pack, name) and not too_coarse(pack, "estate", pack.facts[name])
    }
    held = {name: state for name, state in row.held.items() if _finer(pack, name)}
    rows = [replace(row, facts=_without(row.facts, facts), held=_without(row.held, held))]
    for number, name in rename.items():
        own = low.get(number, ())
        said = replace(stands_for(row, name), facts=_without(facts, own), held=_without(held, own))
        if said.facts or said.held:
            rows.append(said)
    return rows


def _finer(pack: Pack, name: str) -> bool:
    return pack.levels.index(pack.level_of(name)) > pack.levels.index("estate")


def _without(said: Mapping[str, V], names: Sequence[str] | Mapping[str, object] | set[str]) -> dict[str, V]:
    return {name: value for name, value in said.items() if name not in names}


# -------------------------------------------------------------------------------- totals


def _add_up(change: Change, parts: Sequence[_Part], cite: Cite, pack: Pack) -> None:
    """Write the sums of units and buildings on the first row of the estate, and on no other."""
    own = sorted((at for part in parts for at in part.own), key=lambda at: (at.ledger, at.index))
    if not own:
        return
    totals = {}
    for name in _COUNTED:
        listed = {part.name: part.units if name == "units_total" else len(part.buildings) for part in parts}
        totals[name] = str(sum(_counted(part, name) or listed[part.name] for part in parts))
        for part in parts:
            _compare(change, part, name, cite, pack)
    for number, at in enumerate(own):
        rows = change.rows[at.ledger, at.index]
        identity = {name: text for name, text in rows[0].identity.items() if name not in _COUNTED}
        rows[0] = replace(rows[0], identity={**identity, **totals} if not number else identity)


def _counted(part: _Part, name: str) -> int:
    return next((n for at in part.own if (n := whole(at.row.identity.get(name, "")))), 0)


def _compare(change: Change, part: _Part, name: str, cite: Cite, pack: Pack) -> None:
    """Two rows of one part that count otherwise are set side by side before their sum replaces them."""
    saying = [at for at in part.own if at.row.identity.get(name)]
    for at in saying[1:]:
        if at.row.identity[name] != saying[0].row.identity[name]:
            used, other = (cite(one.ledger, one.row, name) for one in (saying[0], at))
            where = (at.row.identity.get("county", ""), part.name, "", "")
            change.differences.append(Difference("disagree", where, name, used, other))
            change.told.append(Told(at.ledger, contradiction(pack, name, used, other)))
