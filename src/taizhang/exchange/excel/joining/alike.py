"""Estates of several ledgers whose names are nearly the same: asked about, never made one in silence.

No name is compared with all others: each is looked up by what would be left of it without one
character, without its quarter (南区, 二期) or without the town it begins with.

Reads from: ``citing``, ``conflicts``, ``gathered``, ``rules.terms``.
Read by: ``planning``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import combinations

from taizhang.exchange.excel.joining.citing import Citing
from taizhang.exchange.excel.joining.conflicts import spot
from taizhang.exchange.excel.joining.gathered import Gathered, Told
from taizhang.rules.terms import Cited, Complaint, Ledger

__all__ = ["nearly_alike"]

_MOST = 50  # pairs that are said
_TOGETHER = 20  # names under one key that are held against each other
_OWN = 2  # characters that a name must have of its own without its town
_SHORTEST = 3  # and where it differs from another in one
_IGNORED = re.compile(r"[\W_]+")
_NUMERAL = "0-9a-z一二三四五六七八九十甲乙丙丁"
_QUARTER = re.compile(rf"(第?[{_NUMERAL}]+[期区]|[东南西北中前后]+[区院苑里]|[老新][区院])$")
_TOWN = re.compile(r"^([^市县区镇]{1,3}[市县](?!场)|[^市县区镇社街小园]{2,3}区|[市县区原])")
_KIND = re.compile(  # of an estate, which tells it from no other
    r"(社区|小区|花园|家园|新村|公寓|家属[院楼区]|职工|宿舍|安置|[名华新雅嘉佳][邸庭苑园城府居]|[楼房院苑园里城府庭居区邸])+$"
)
_APART = re.compile(rf"[{_NUMERAL}东南西北中前后上下左右大小新老]")  # a difference that is meant


def nearly_alike(estates: Sequence[Gathered], ledgers: Sequence[Ledger]) -> Iterator[Told]:
    """Complain of pairs of names that are nearly the same, in one county and street, and in no one ledger.

    An officer who lists two names means two estates; it is two officers who write one in two ways.
    """
    if len(ledgers) < 2:
        return
    names = [{row.estate for row in ledger.rows} for ledger in ledgers]
    citing = [Citing(ledger.path, ledger.sheets) for ledger in ledgers]
    taken = {one.place.name for one in estates}
    pairs = list(_pairs(estates, names))
    same = {each.place.id for pair in pairs if _one_form(*pair) for each in pair}
    asked = [pair for pair in pairs if _one_form(*pair) or not same & {each.place.id for each in pair}]
    for said, (first, other) in enumerate(asked):
        if said == _MOST:
            return
        if first.first and other.first:
            cells = [citing[ledger].cite(row, "estate") for ledger, row in (first.first, other.first)]
            yield Told(other.first[0], _complaint(first, other, cells, taken))


def _pairs(estates: Sequence[Gathered], names: Sequence[set[str]]) -> Iterator[tuple[Gathered, Gathered]]:
    """Pairs that are nearly alike, each once, in order of their names."""
    blocks: dict[tuple[str, str], list[Gathered]] = {}
    for one in estates:
        for key in _keys(one.place.name):
            known = blocks.setdefault((_county(one), key), [])
            if len(known) < _TOGETHER:
                known.append(one)
    seen: set[tuple[str, str]] = set()
    for block in blocks.values():
        for one, other in combinations(block, 2):
            pair = (one.place.id, other.place.id)
            if pair in seen:
                continue
            seen.add(pair)
            streets = {street for each in (one, other) if (street := each.identity.get("street"))}
            together = any({one.place.name, other.place.name} <= each for each in names)
            if len(streets) < 2 and not together and _alike(one.place.name, other.place.name):
                yield one, other


def _one_form(one: Gathered, other: Gathered) -> bool:
    """Whether two names only differ in brackets, blanks or width: then no other name is meant."""
    return _normal(one.place.name) == _normal(other.place.name)


def _county(estate: Gathered) -> str:
    return estate.identity.get("county", "") or estate.places[estate.place.parent or "city"].name


def _normal(name: str) -> str:
    """A name without width, blanks and brackets."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", name)).casefold()


def _cores(normal: str) -> set[str]:
    """What is left of a name without its quarter, and without the town before it."""
    found = {normal}
    found |= {short for one in found if len(short := _QUARTER.sub("", one)) >= _SHORTEST}
    return found | {short for one in found if len(_own(short := _TOWN.sub("", one))) >= _OWN}


def _own(name: str) -> str:
    """What is a name's own: 针织厂 of 针织厂家属院."""
    return _KIND.sub("", name)


def _keys(name: str) -> set[str]:
    normal = _normal(name)
    return _cores(normal) | {normal[:at] + normal[at + 1 :] for at in range(len(normal))}


def _alike(one: str, other: str) -> bool:
    """Whether two names may be one: equal but for their form, quarter or town, or in one character."""
    first, second = _normal(one), _normal(other)
    return bool(_cores(first) & _cores(second)) or _one_character(first, second)


def _one_character(one: str, other: str) -> bool:
    """Whether names differ in one character that is no number or direction."""
    if min(len(_own(one)), len(_own(other))) < _SHORTEST or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    rest = one[start : len(one) - end], other[start : len(other) - end]
    return max(map(len, rest)) == 1 and not any(_APART.search(part) for part in rest)


def _complaint(first: Gathered, other: Gathered, cells: Sequence[Cited], taken: set[str]) -> Complaint:
    names = [first.place.name, other.place.name]
    start = min(map(len, names))
    while names[0][:start] != names[1][:start]:
        start -= 1
    common = names[0][:start].rstrip("（(【[〔第 　")
    own = _one_form(first, other) or len(common) <= _SHORTEST or common in taken
    into = names[0] if own else common
    county = _county(first)
    entry = ", ".join(
        [
            f"into: {_quoted(into)}",
            f"names: [{', '.join(map(_quoted, names))}]",
            *([f"county: {_quoted(county)}"] if county else []),
        ]
    )
    entry = f"estates: {{merge: [{{{entry}}}]}}"
    return Complaint(
        "C-ESTATE-ALIKE",
        cells[1].sheet,
        cells[1].cell,
        names[1][:200],
        f"Nearly the name of '{names[0]}' ({spot(cells[0])}); this one is in {spot(cells[1])}. "
        f"They are planned as two estates. If they are one, write in the mapping file: {entry}",
        f"与“{names[0]}”（{spot(cells[0])}）名称相近，本名称见 {spot(cells[1])}，现按两个小区测算；"
        f"如系同一小区，请在对照文件中写入：{entry}",
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
