"""The door for what is sent out: one workbook each, and 目录.xlsx that lists them.

Reads from: ``narrowing``, ``tasks``, ``department``, ``workbook``, ``letters.names``.
Read by: the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from taizhang.exchange.diagram.wording import day_text
from taizhang.exchange.excel.books.department import Owed, law_of, write_department
from taizhang.exchange.excel.books.narrowing import Area, City, areas, pairs
from taizhang.exchange.excel.books.page import Column, Pages, Sheet, Value
from taizhang.exchange.excel.books.tasks import tasks_by_supplier, waiting_units
from taizhang.exchange.excel.books.words import Words
from taizhang.exchange.excel.workbook import write_workbook
from taizhang.exchange.letters.names import file_names
from taizhang.rules.terms import CityPlan

__all__ = ["KINDS", "write_books"]

KINDS = ("county", "street", "department")

#: Told how many workbooks are written, and how many there are in all.
Progress: TypeAlias = Callable[[int, int], None]

_AREA = (
    ("number", 7, "center"), ("file", 44, "text"), ("county", 14, "text"), ("street", 18, "text"),
    ("estates", 9, "whole"), ("units", 11, "whole"), ("gaps", 11, "whole"), ("elsewhere", 13, "whole"),
    ("counted", 13, "whole"),
)  # fmt: skip
_DEPARTMENT = (
    ("number", 7, "center"), ("file", 44, "text"), ("department", 26, "text"), ("estates", 9, "whole"),
    ("waiting", 12, "whole"), ("gaps", 11, "whole"), ("unit_gaps", 13, "whole"), ("steps", 11, "whole"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Contents:
    """What 目录.xlsx lists."""

    columns: Sequence[tuple[str, float, str]]
    rows: Sequence[Sequence[Value]]
    summed: Sequence[str]  #: keys of the columns that add up
    note: str


def write_books(
    kind: str, folder: Path, city: CityPlan, *, language: str = "zh", progress: Progress | None = None
) -> list[Path]:
    """Write a workbook for every county, street or office, and 目录.xlsx.

    Args:
        kind: ``county`` or ``street``, whole workbooks narrowed to their estates, or
            ``department``, small workbooks of tasks.
        folder: Where to write; made where it does not exist.  Files that are in it already
            stay, unless they have the name of one that is written.
        city: The whole plan.  Equal plans give equal bytes.
        language: ``zh`` or ``en``.
        progress: Told after every workbook.

    Returns:
        The files, the list of contents first.

    Raises:
        InputError: ``E-OUT-LOCKED``, ``E-OUT-FOLDER``, ``E-OUT-DISK``.
    """
    words = Words(language)
    write = _departments if kind == "department" else _areas
    return write(kind, folder, city, words, progress or (lambda done, total: None))


def _areas(kind: str, folder: Path, city: CityPlan, words: Words, tell: Progress) -> list[Path]:
    found = areas(city, kind)
    labels = [tuple(name or words.say("unnamed") for name in area.names) for area in found]
    paths = _paths(folder, labels, words.say(f"book_{kind}"))
    whole = City(city)
    folder.mkdir(parents=True, exist_ok=True)
    for number, (path, area) in enumerate(zip(paths, found, strict=True), 1):
        write_workbook(path, whole.narrowed(area), language=words.language)
        tell(number, len(found))
    rows = _area_rows(city, found, labels, paths)
    columns = [one for one in _AREA if one[0] != "street" or kind == "street"]
    skip = [n for n, one in enumerate(_AREA) if one not in columns]
    cut = [tuple(value for n, value in enumerate(row) if n not in skip) for row in rows]
    rest, complaints = whole.not_sent()
    said = "not_sent" if rest or complaints else "all_sent"
    note = words.say(said, rows=f"{rest:,}", complaints=f"{complaints:,}")
    contents = _Contents(columns, cut, ("estates", "units", "counted"), note)
    return [_manifest(folder, city, words, contents), *paths]


def _area_rows(
    city: CityPlan, found: Sequence[Area], labels: Sequence[tuple[str, ...]], paths: Sequence[Path]
) -> list[tuple[Value, ...]]:
    """Return a row for each book; a gap that several books show is counted in the first."""
    rows: list[tuple[Value, ...]] = []
    counted: set[tuple[str, str]] = set()
    for number, (area, names, path) in enumerate(zip(found, labels, paths, strict=True), 1):
        gaps = pairs(city, area.estates)
        again = len(gaps & counted)
        counted |= gaps
        units = sum(len(estate.units) for estate in area.estates)
        street = names[1] if len(names) > 1 else ""
        rows.append(
            (
                number,
                path.name,
                names[0],
                street,
                len(area.estates),
                units,
                len(gaps),
                again,
                len(gaps) - again,
            )
        )
    return rows


def _departments(kind: str, folder: Path, city: CityPlan, words: Words, tell: Progress) -> list[Path]:
    waiting = waiting_units(city)
    owed = [
        Owed.of(city, tasks, waiting[one], words.language) for one, tasks in tasks_by_supplier(city).items()
    ]
    paths = _paths(folder, [(one.name,) for one in owed], words.say(f"book_{kind}"))
    rows: list[tuple[Value, ...]] = []
    for number, (path, one) in enumerate(zip(paths, owed, strict=True), 1):
        write_department(path, city, one, words.language)
        rows.append((number, path.name, one.name, one.estates, one.units, one.gaps, one.unit_gaps, one.steps))
        tell(number, len(owed))
    contents = _Contents(_DEPARTMENT, rows, ("gaps", "unit_gaps", "steps"), words.say("department_note"))
    return [_manifest(folder, city, words, contents), *paths]


def _paths(folder: Path, labels: Sequence[tuple[str, ...]], word: str) -> list[Path]:
    """Return file names that sort as the books do; the number keeps any two apart."""
    width = max(2, len(str(len(labels))))
    names = [
        file_names([("_".join(label), word)], before=f"{number:0{width}d}", suffix=".xlsx")[0]
        for number, label in enumerate(labels, 1)
    ]
    return [folder / name for name in names]


def _manifest(folder: Path, city: CityPlan, words: Words, contents: _Contents) -> Path:
    """Write 目录.xlsx."""
    path = folder / f"{words.say('manifest')}.xlsx"
    fictional = any(source.kind == "fictional" for source in city.pack.sources.values())
    said = {key: words.say(key) for key in ("pages", "choose", "day", "total")}
    said["fictional"] = words.say("fictional") if fictional else ""
    day = day_text(city.pack.as_of, words.language)
    subtitle = words.say("subtitle", day=day, law=law_of(city)) + (words.say("made_up") if fictional else "")
    at = {key: number for number, (key, _, _) in enumerate(contents.columns)}
    totals = {at[key]: sum(int(str(row[at[key]])) for row in contents.rows) for key in contents.summed}
    columns = [Column(words.say(key), width, style) for key, width, style in contents.columns]
    title = words.say("title_manifest")
    with Pages(path, title, city.pack.as_of, said) as pages:
        pages.table(
            Sheet(words.say("manifest"), title, subtitle, columns, contents.rows, contents.note, totals)
        )
    return path
