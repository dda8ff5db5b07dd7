"""One mutated file after another: read by us, read by somebody else, and judged.

Run as a program it works off one chunk in a process of its own, so that a crash, a hang or a hunger for
memory is seen from outside::

    python -m tests.exchange.fuzzing CHUNK CASES FOLDER [SPOIL]
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import resource
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.exchange import mutations as on_bytes
from tests.exchange import mutations_xml as on_xml
from tests.exchange.second_readers import OPINIONS, TOLERATED, Book, book_of, stands_in_xls
from tests.exchange.seeds import Seed, packed, unpacked
from tests.exchange.seeds import seeds as sound_files
from tests.peak import peak_mib

from taizhang.errors import InputError
from taizhang.exchange.excel.opening import OpenSheet, open_sheets

SECONDS = 60  # of one case; a sound one takes a hundredth of one
ADDRESS_SPACE = 3 << 30  # bytes; the resident part is what is promised, and is measured
_STOPS = "xlrd stops at a record that says nothing of cells; we read them all as they were"
_BYTES = "xlrd gives up for other damage; the cell says what stands in the bytes of the file"
Reader = Callable[[Path], list[OpenSheet]]


@dataclass
class Report:
    """What became of the cases of a chunk.

    Attributes:
        outcomes: Of each mutation, how often the file was read and how often refused, by code.
        tolerated: Differences from another reader that have a name, and how many cells have them.
        failures: What must not be.
        planted: Cases in which a value was changed on purpose.
        peak_mib: Most memory the process had.
    """

    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    tolerated: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    planted: list[str] = field(default_factory=list)
    peak_mib: int = 0

    def note(self, mutation: str, outcome: str) -> None:
        self.outcomes.setdefault(mutation, Counter())[outcome] += 1


@dataclass(frozen=True)
class Case:
    """A mutated file.

    Attributes:
        number: By which it can be made again.
        seed: What it was.
        mutation: What befell it.
        content: What it is.
        exact: Whether it must be read as the seed or not at all.
    """

    number: str
    seed: Seed
    mutation: str
    content: bytes
    exact: bool


# ----------------------------------------------------------------------------------- cases


def case_of(number: str, seeds: list[Seed]) -> Case:
    """The case of this number, the same on every machine."""
    chance = random.Random(number)
    weights = [8 if seed.kind == "xlsx" else 3 if seed.kind == "ods" else 2 for seed in seeds]
    (seed,) = chance.choices(seeds, weights)
    zipped = seed.kind in {"xlsx", "xlsb", "ods"}
    if seed.kind in {"xlsx", "ods"} and chance.random() < 0.65:
        return _rebuilt(number, chance, seed)
    some = [
        *on_bytes.ANY_BYTES,
        *{"xls": on_bytes.OF_XLS * 6, "text": on_bytes.OF_TEXT * 2}.get(seed.kind, on_bytes.OF_ZIP),
    ]
    mutation = chance.choice(some)
    name = f"{seed.kind}: {mutation.__name__.replace('_', ' ')}"
    return Case(number, seed, name, mutation(chance, seed.content), exact=zipped)


def _rebuilt(number: str, chance: random.Random, seed: Seed) -> Case:
    parts = unpacked(seed.content)
    if seed.kind == "ods":
        groups = [on_xml.ON_ODS]
    else:
        groups = [on_xml.ON_SHEETS, on_xml.ON_SHEETS, on_xml.ON_OTHERS, on_xml.ON_ANY]
    mutations = chance.choice(groups)
    name = chance.choice(list(mutations))
    for _ in range(chance.choice([1, 1, 1, 1, 2])):
        mutations[name](chance, parts)
    return Case(number, seed, f"{seed.kind}: {name}", packed(parts), exact=False)


# ----------------------------------------------------------------------------------- judging


def judge(case: Case, path: Path, sound: Book, read: Reader, report: Report) -> None:
    """Read a case, and hold what was read against what must be read."""
    path.write_bytes(case.content)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)  # its signal ends the process; the file remains
    try:
        sheets = read(path)
    except InputError as error:
        report.note(case.mutation, error.code)
        if not error.code.startswith("E-FILE-") or re.search(
            r"\{(file|problem|size)\}", error.say("zh") + error.say("en")
        ):
            report.failures.append(f"{case.number} {case.mutation}: refused with {error.code}")
        return
    except BaseException as error:  # noqa: BLE001 - whatever else is raised is what is looked for
        report.note(case.mutation, "crash")
        report.failures.append(f"{case.number} {case.mutation}: {type(error).__name__}: {error}")
        return
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    report.note(case.mutation, "read")
    wrong = list(_differences(case, path, book_of(sheets), sound, report))
    if wrong:
        report.failures.append(f"{case.number} {case.seed.name} {case.mutation}: {'; '.join(wrong[:4])}")


def _differences(case: Case, path: Path, ours: Book, sound: Book, report: Report) -> Iterator[str]:
    if case.exact:
        yield from _told(ours, sound, "as it was")
        return
    theirs = OPINIONS[case.seed.kind](path, case.content)
    if theirs is None:
        wrong = list(_told(ours, sound, "as it was"))
        if case.seed.kind == "xls":
            differing = [
                one for one in ours.keys() | sound.keys() if not _equal(ours.get(one), sound.get(one))
            ]
            reasons = [_of_bytes(case, place, ours.get(place), sound) for place in differing]
            if all(reasons):
                report.tolerated.update(reasons)
                return
        yield from ["read, where the other reader refuses", *wrong] if wrong else []
        return
    for place in sorted(ours.keys() | theirs.keys(), key=repr):
        one, other = ours.get(place), theirs.get(place)
        if _equal(one, other):
            continue
        reason = next((name for name, holds in TOLERATED.items() if holds(case, place, one, other)), "")
        if not reason and case.seed.kind == "xls" and other is None:
            reason = _of_bytes(case, place, one, sound)
        if reason:
            report.tolerated[reason] += 1
        else:
            yield f"{place}: {one!r:.60}, the other reader {other!r:.60}"


def _of_bytes(case: Case, place: tuple[str, int, int], cell: object, sound: Book) -> str:
    if _equal(cell, sound.get(place)):
        return _STOPS
    return _BYTES if place[1] >= 0 and stands_in_xls(case.content, *place[1:], cell) else ""


def _told(ours: Book, sound: Book, name: str) -> Iterator[str]:
    for place in sorted(ours.keys() | sound.keys(), key=repr):
        one, other = ours.get(place), sound.get(place)
        if not _equal(one, other):
            yield f"{place}: {one!r:.60}, {name} {other!r:.60}"


def _equal(one: object, other: object) -> bool:
    """Equal and of one kind: 1 and true are two values."""
    return type(one) is type(other) and one == other


# ----------------------------------------------------------------------------------- a chunk


def work_off(chunk: int, cases: int, folder: Path, spoil: str = "") -> Report:
    """Judge the cases of a chunk; where ``spoil`` is given, values are changed behind the reader's back."""
    report, seeds = Report(), sound_files()
    if spoil == "file":
        seeds = [seed for seed in seeds if seed.kind in {"xlsx", "ods", "xlsb"}]
    sound = {}
    for seed in seeds:
        path = folder / f"{chunk}-{seed.name}"
        path.write_bytes(seed.content)
        sound[seed.name] = book_of(open_sheets(path))
    for at in range(cases):
        number = f"{chunk}.{at}"
        case = case_of(number, seeds)
        if spoil == "file":
            case = _spoilt_file(case)
        read: Reader = open_sheets
        if spoil and spoil != "file":
            read = _Spoiler(spoil, number, report)
        (folder / f"{chunk}.case").write_text(f"{number} {case.mutation}", encoding="utf-8")
        judge(case, folder / f"{chunk}-{case.seed.name}", sound[case.seed.name], read, report)
        if spoil == "file":
            report.planted.append(number)
    report.peak_mib = peak_mib()
    return report


def _spoilt_file(case: Case) -> Case:
    """A sound file with another value, which must not pass for the seed."""
    parts = unpacked(case.seed.content)
    part = next(one for one in parts if one.endswith(("sheet1.xml", "content.xml", "sheet1.bin")))
    old, new = {
        "xlsx": (b"<v>1", b"<v>2"),
        "ods": (b'office:value="7', b'office:value="8'),
        "xlsb": ("甲".encode("utf-16-le"), "乙".encode("utf-16-le")),
    }[case.seed.kind]
    parts[part] = parts[part].replace(old, new, 1)
    return Case(case.number, case.seed, "planted", packed(parts), exact=True)


class _Spoiler:
    """A reader that now and then changes, drops, moves or retypes one cell and says nothing."""

    def __init__(self, how: str, number: str, report: Report) -> None:
        self._how, self._number, self._report = how, number, report

    def __call__(self, path: Path) -> list[OpenSheet]:
        sheets = open_sheets(path)
        chance = random.Random(f"spoil {self._number}")
        filled = [
            (at, row, column)
            for at, sheet in enumerate(sheets)
            for row, line in enumerate(sheet.rows)
            for column, cell in enumerate(line)
            if cell is not None and (row, column) not in sheet.unread
        ]
        if not filled or chance.random() < 0.5:
            return sheets
        at, row, column = chance.choice(filled)
        rows = [list(line) for line in sheets[at].rows]
        cell = rows[row][column]
        if self._how == "drop":
            rows[row][column] = None
        elif self._how == "change":
            rows[row][column] = cell + 1.0 if type(cell) in {int, float} else f"{cell}x"
        elif self._how == "retype":
            rows[row][column] = (
                1.0
                if cell is True
                else 0.0
                if cell is False
                else str(cell) + "\u200b" * isinstance(cell, str)
            )
        else:
            rows[row] = [None, *rows[row]]
        sheets[at] = _with_rows(sheets[at], rows)
        self._report.planted.append(self._number)
        return sheets


def _with_rows(sheet: OpenSheet, rows: list[list[object]]) -> OpenSheet:
    from dataclasses import replace

    return replace(sheet, rows=tuple(map(tuple, rows)))


def main() -> None:
    """Work off a chunk and print its report."""
    chunk, cases, folder, *spoil = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    with contextlib.redirect_stdout(sys.stderr):  # xlrd speaks of what it finds
        report = work_off(int(chunk), int(cases), Path(folder), *spoil)
    sys.stdout.write(json.dumps(vars(report), ensure_ascii=False))


if __name__ == "__main__":
    main()
