"""The plan file: what one week's plan must leave behind so that the next can be compared with it.

A workbook is for people and its sheets change; this small JSON file does not.  It holds of each
estate the units by status and the missing papers, no names of residents and no money::

    {"format": "taizhang-plan", "form": 1, "pack": …, "as_of": "2024-01-28", …,
     "suppliers": {paper: office},
     "estates": [
     {"id": …, "name": …, "county": …, "units": [proved, open, depends, blocked],
      "gaps": {paper: [place inside the estate, …]}, "shared": {paper: [place above it, …]}}
     ]}

Reads from: ``rules.terms``.  Read by: ``bulletin``, ``bulletin_change``, the command line.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from taizhang.errors import InputError
from taizhang.rules.terms import CityPlan, EstatePlan, Status

__all__ = ["Mark", "Snapshot", "comparable", "read_plan_file", "snapshot", "write_plan_file"]

_FORMAT, _FORM = "taizhang-plan", 1


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one estate stands."""

    id: str
    name: str
    county: str
    units: tuple[int, ...]  #: how many have each :class:`~taizhang.rules.terms.Status`
    gaps: Mapping[str, frozenset[str]]  #: paper -> places, written without the id of the estate
    shared: Mapping[str, frozenset[str]]  #: paper -> places above the estate

    @property
    def ready(self) -> bool:
        """Whether every unit has all it needs."""
        return sum(self.units) > 0 and self.units[Status.PROVED] == sum(self.units)

    @property
    def blocked(self) -> int:
        """How many units are blocked."""
        return self.units[Status.BLOCKED]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a city stands on one day."""

    pack: str
    version: str
    digest: str
    as_of: date
    prefer: str
    overlays: tuple[str, ...]
    decisions: tuple[str, ...]
    suppliers: Mapping[str, str]  #: paper -> who supplies it
    estates: tuple[Mark, ...]


def snapshot(city: CityPlan) -> Snapshot:
    """Return where a city stands."""
    pack = city.pack
    above = set(pack.levels[: pack.levels.index("estate")]) if "estate" in pack.levels else set()
    found = {gap.item: gap.supplier for estate in city.estates for gap in estate.joint.gaps}
    return Snapshot(
        pack.id,
        pack.version,
        pack.digest,
        pack.as_of,
        city.prefer,
        city.overlays,
        city.decisions,
        dict(sorted(found.items())),
        tuple(_mark(estate, above) for estate in city.estates),
    )


def _mark(estate: EstatePlan, above: set[str]) -> Mark:
    counted = Counter(unit.status for unit in estate.units)
    own: dict[str, set[str]] = {}
    shared: dict[str, set[str]] = {}
    for gap in estate.joint.gaps:
        if gap.level in above:
            shared.setdefault(gap.item, set()).add(gap.place)
        else:
            own.setdefault(gap.item, set()).add(gap.place.removeprefix(estate.place.id))
    return Mark(
        estate.place.id,
        estate.place.name,
        estate.identity.get("county", "").strip(),
        tuple(counted[status] for status in Status),
        {item: frozenset(places) for item, places in own.items()},
        {item: frozenset(places) for item, places in shared.items()},
    )


def write_plan_file(path: Path, city: CityPlan) -> None:
    """Write the plan file of a city; equal plans give equal bytes."""
    now = snapshot(city)
    head = {
        "format": _FORMAT, "form": _FORM, "pack": now.pack, "version": now.version, "digest": now.digest,
        "as_of": now.as_of.isoformat(), "prefer": now.prefer, "overlays": now.overlays,
        "decisions": now.decisions, "suppliers": now.suppliers,
    }  # fmt: skip
    estates = (
        {
            "id": one.id, "name": one.name, "county": one.county, "units": one.units,
            "gaps": {item: sorted(one.gaps[item]) for item in sorted(one.gaps)},
            "shared": {item: sorted(one.shared[item]) for item in sorted(one.shared)},
        }
        for one in now.estates
    )  # fmt: skip
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in estates)
    start = json.dumps(head, ensure_ascii=False)[:-1]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{start}, "estates": [\n{lines}\n]}}\n', encoding="utf-8", newline="\n")


def read_plan_file(path: Path) -> Snapshot:
    """Read the plan file of an earlier week.

    Raises:
        InputError: ``E-FILE-MISSING`` no such file, ``E-SINCE-FORMAT`` not a plan file of ours.
    """
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
        if data["format"] != _FORMAT or data["form"] != _FORM:
            raise ValueError("another format")
        return _snapshot(data)
    except FileNotFoundError as error:
        raise InputError(
            "There is no file {file}.",
            hint="Check the path.",
            zh="找不到文件 {file}，请检查路径。",
            code="E-FILE-MISSING",
            where=path.name,
            file=path.name,
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            "{file} is no plan file that this version reads.",
            hint="Give the file that an earlier run wrote with --plan-file; a workbook will not do.",
            zh="{file} 不是本版本可读的方案存档。请提供以前用 --plan-file 写出的文件（方案工作簿不能代替）。",
            code="E-SINCE-FORMAT",
            where=path.name,
            file=path.name,
        ) from error


def _snapshot(data: Mapping[str, object]) -> Snapshot:
    texts = [_text(data[key]) for key in ("pack", "version", "digest", "as_of", "prefer")]
    estates = tuple(_read_mark(one) for one in _list(data["estates"]))
    if len({one.id for one in estates}) != len(estates):
        raise ValueError("an estate stands twice")
    return Snapshot(
        texts[0],
        texts[1],
        texts[2],
        date.fromisoformat(texts[3]),
        texts[4],
        tuple(_text(one) for one in _list(data["overlays"])),
        tuple(_text(one) for one in _list(data["decisions"])),
        {_text(item): _text(who) for item, who in _dict(data["suppliers"]).items()},
        estates,
    )


def _read_mark(one: object) -> Mark:
    data = _dict(one)
    units = tuple(int(n) for n in _list(data["units"]) if isinstance(n, int) and n >= 0)
    if len(units) != len(Status):
        raise ValueError("units are not counted by status")
    return Mark(
        _text(data["id"]),
        _text(data["name"]),
        _text(data["county"]),
        units,
        _places(data["gaps"]),
        _places(data["shared"]),
    )


def _places(found: object) -> dict[str, frozenset[str]]:
    return {
        _text(item): frozenset(_text(one) for one in _list(places)) for item, places in _dict(found).items()
    }


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _dict(value: object) -> dict[object, object]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def comparable(last: Snapshot, now: Snapshot, name: str) -> None:
    """Refuse to compare what no work of the week could explain.

    Raises:
        InputError: ``E-SINCE-PACK`` another pack or version, ``E-SINCE-NEWER`` of a later day.
    """
    if (last.pack, last.version) != (now.pack, now.version):
        raise InputError(
            "{file} was planned by {old}, this ledger by {new}; rules changed, not only work.",
            hint="Plan the earlier ledger again by this pack with --plan-file, or leave --since out.",
            zh="{file} 按 {old} 测算，本次按 {new} 测算，变化会来自规则而非工作。"
            "请用现行规则包重新测算上期台账并写出 --plan-file，或不用 --since。",
            code="E-SINCE-PACK",
            where=name,
            file=name,
            old=f"{last.pack} {last.version}",
            new=f"{now.pack} {now.version}",
        )
    if last.as_of > now.as_of:
        raise InputError(
            "{file} is of {old}, later than this plan of {new}.",
            hint="Give the plan file of an earlier week, or the right day with --as-of.",
            zh="{file} 的日期 {old} 晚于本次测算日 {new}。请提供更早一期的存档，或用 --as-of 指定正确日期。",
            code="E-SINCE-NEWER",
            where=name,
            file=name,
            old=last.as_of,
            new=now.as_of,
        )
