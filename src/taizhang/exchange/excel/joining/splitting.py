"""One name becomes several estates: its rows go by their buildings, and its own row stands for each part.

Reads from: ``counting``, ``gathered``, ``regrouped``.  Read by: ``regrouping``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from taizhang.exchange.excel.joining.counting import whole
from taizhang.exchange.excel.joining.gathered import number_of
from taizhang.exchange.excel.joining.regrouped import (
    At,
    Change,
    about_entry,
    buildings_in,
    stands_for,
    units_in,
)
from taizhang.rules.terms import LedgerRow

__all__ = ["split"]

_COUNTED = ("units_total", "buildings_total")


@dataclass(slots=True)
class _Part:
    """One of the estates that a name becomes."""

    name: str
    buildings: dict[str, str]  #: number -> as written in the entry
    given: int | None  #: how many units the entry gives it
    rows: list[At]
    units: int | None = None  #: how many units its own row is to count; nothing where they are listed


def split(
    rows: Sequence[At],
    estate: str,
    parts: Mapping[str, tuple[Sequence[str], int | None]],
    where: str,
) -> Change:
    """Let the rows of one name be of several estates; what belongs to no part keeps the name, and is said.

    Args:
        rows: All rows of the name, at least one.
        estate: The name.
        parts: Name of a part -> its buildings, and how many units it has where they are only counted.
        where: ``file:line`` of the entry.
    """
    change = Change()
    found, part_of = _parts(change, rows[0], parts, where)
    rest = _Part(estate, {}, None, [])
    for at in rows:
        if at.row.level != "estate":
            part = part_of.get(number_of(at.row.building), rest)
            part.rows.append(at)
            change.put(at, [replace(at.row, estate=part.name)])
    _say_rest(change, rest, where)
    listed = buildings_in(rows)
    if listed:
        for part in found:
            for number, written in part.buildings.items():
                if number not in listed:
                    said = (
                        f"No row of '{estate}' is about building {written}; correct the entry.",
                        f"“{estate}”没有 {written} 的数据行，请更正。",
                    )
                    change.told.append(about_entry("C-REGROUP-BUILDING", where, rows[0], written, said))
    own = [at for at in rows if at.row.level == "estate"]
    if own:
        _count(change, found, rest, own, where)
        for order, at in enumerate(own):
            change.put(at, _own_rows(at.row, found, rest, first=order == 0))
    return change


def _parts(
    change: Change, first: At, parts: Mapping[str, tuple[Sequence[str], int | None]], where: str
) -> tuple[list[_Part], dict[str, _Part]]:
    """The parts, and the part of each building; of two that name one building the first has it."""
    found: list[_Part] = []
    part_of: dict[str, _Part] = {}
    for name, (buildings, units) in parts.items():
        part = _Part(name, {}, units, [])
        found.append(part)
        for written in buildings:
            number = number_of(written)
            if part_of.setdefault(number, part) is part:
                part.buildings.setdefault(number, written)
                continue
            said = (
                f"Building {written} is given to '{part_of[number].name}' and to '{name}'; "
                f"it is of '{part_of[number].name}'. Name it once.",
                f"{written} 同时列入“{part_of[number].name}”和“{name}”，"
                f"暂归“{part_of[number].name}”，请只列一次。",
            )
            change.told.append(about_entry("C-REGROUP-BUILDING", where, first, written, said))
    return found, part_of


def _say_rest(change: Change, rest: _Part, where: str) -> None:
    """Complain once, on each sheet, of each building that no part has."""
    seen: dict[tuple[int, str, str], list[At]] = {}
    for at in rest.rows:
        seen.setdefault((at.ledger, at.row.sheet, number_of(at.row.building)), []).append(at)
    for rows in seen.values():
        building = rows[0].row.building
        said = (
            f"Building {building or '(not given)'} of '{rest.name}' is in no part of the entry; its "
            f"{len(rows)} rows on this sheet stay under '{rest.name}'. Add it to a part.",
            f"“{rest.name}”的 {building or '（幢号未填）'} 未列入任何部分，本表 {len(rows)} 行仍归"
            f"“{rest.name}”，请补入其中一部分。",
        )
        change.told.append(about_entry("C-REGROUP-BUILDING", where, rows[0], building, said))


# -------------------------------------------------------------------------------- totals


def _count(change: Change, parts: Sequence[_Part], rest: _Part, own: Sequence[At], where: str) -> None:
    """Give each part its units: those of the entry, those listed, else its share by buildings."""
    total = next((n for at in own if (n := whole(at.row.identity.get("units_total", "")))), 0)
    open_, known = [], units_in(rest.rows)
    rest.buildings = buildings_in(rest.rows)
    for part in (*parts, rest) if rest.buildings and not known else parts:
        listed = units_in(part.rows)
        if part.given is not None:
            part.units = part.given
            known += part.given
        elif listed:
            known += listed
        else:
            open_.append(part)
    at = next((one for one in own if one.row.identity.get("units_total")), own[0])
    if not total:
        return
    left = max(0, total - known)
    if known > total or (left and not open_):
        said = (
            f"'{at.row.estate}' has {total} units, its parts have {known}. Correct 'units:', or 总户数.",
            f"“{at.row.estate}”共 {total} 户，各部分合计 {known} 户，请更正 units: 或总户数。",
        )
        change.told.append(about_entry("C-REGROUP-UNITS", where, at, str(total), said))
    buildings = sum(len(part.buildings) for part in open_)
    if left and len(open_) > 1:
        said = (
            f"{left} units of '{at.row.estate}' are shared out by the number of buildings; "
            "write 'units:' for each part.",
            f"“{at.row.estate}”的 {left} 户暂按幢数分给各部分，请为各部分写明 units:。",
        )
        change.told.append(about_entry("C-REGROUP-UNITS", where, at, str(total), said))
    for part in open_:  # what is left is shared so that nothing of it is lost
        share = left * len(part.buildings) // buildings if buildings else left
        if part is open_[-1]:
            share = left
        part.units = share
        left, buildings = left - share, buildings - len(part.buildings)


def _own_rows(row: LedgerRow, parts: Sequence[_Part], rest: _Part, *, first: bool) -> list[LedgerRow]:
    """The row of the estate for each part, and for what is left over."""
    identity = {name: text for name, text in row.identity.items() if name not in _COUNTED}
    names = {part.name for part in parts}
    shared_out = bool(rest.rows) or any(part.rows or part.units for part in parts)
    rows = []
    for part in parts:
        if shared_out and not part.rows and not part.units:
            continue  # nothing is left for it, and that is said: no home is made up
        stand = replace(row, estate=part.name, identity={**identity, **_counts(part)})
        rows.append(stand)
        if first and not units_in(part.rows):  # its units are numbered in the buildings that it has
            own = buildings_in(part.rows)
            buildings = part.buildings.items()
            rows += [stands_for(stand, written) for number, written in buildings if number not in own]
    if rest.rows and rest.name not in names:
        rows.append(replace(row, estate=rest.name, identity={**identity, **_counts(rest)}))
    return rows


def _counts(part: _Part) -> dict[str, str]:
    buildings, units = len(part.buildings), part.units or 0
    return {name: str(n) for name, n in (("buildings_total", buildings), ("units_total", units)) if n}
