"""The workbook of one office: what it owes, for whom, by when, and room for its answers.

Reads from: ``tasks``, ``page``, ``words``, ``diagram.wording``.  Read by: ``writing``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from taizhang.exchange.diagram.wording import day_text, label, supplier, unit_name
from taizhang.exchange.excel.books.page import Column, Pages, Sheet, Value
from taizhang.exchange.excel.books.tasks import Routes, Task, due_of
from taizhang.exchange.excel.books.words import Words
from taizhang.rules.terms import CityPlan, EstatePlan, Place

__all__ = ["UNITS_PER_SHEET", "Owed", "law_of", "write_department"]

#: What a person can still scroll through and a printer can still be asked for.
UNITS_PER_SHEET = 50_000

_TASKS = (
    ("number", 5.5, "center"), ("county", 9, "text"), ("estate", 17, "text"), ("place", 12, "text"),
    ("kind", 5.5, "center"), ("task", 25, "text"), ("households", 6.5, "whole"), ("urgent", 6.5, "whole"),
    ("due", 11.5, "date"), ("law_days", 7.5, "whole"), ("days", 7.5, "whole"), ("why", 25, "text"),
    ("official", 8.5, "text"), ("sponsor", 8.5, "text"), ("result", 9, "entry"),
    ("done_on", 11, "entry_date"), ("remark", 12, "entry"),
)  # fmt: skip
_UNIT_PAPERS = (
    ("number", 6, "center"), ("county", 12, "text"), ("estate", 28, "text"), ("paper", 34, "text"),
    ("households", 9, "whole"), ("urgent", 9, "whole"), ("due", 13, "date"), ("remark", 24, "entry"),
)  # fmt: skip
_UNIT_LIST = (
    ("number", 8, "center"), ("county", 12, "text"), ("estate", 24, "text"), ("building", 14, "text"),
    ("papers", 40, "text"), ("paper_count", 7, "whole"), ("urgent_mark", 7, "center"), ("due", 13, "date"),
    ("result", 11, "entry"), ("done_on", 13, "entry_date"), ("remark", 20, "entry"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owed:
    """What one office owes, in numbers."""

    name: str
    tasks: tuple[Task, ...]
    estates: int
    units: int  #: that lack at least one paper of this office
    gaps: int
    unit_gaps: int  #: of these papers of single units
    steps: int

    @classmethod
    def of(cls, city: CityPlan, tasks: tuple[Task, ...], units: int, language: str) -> Owed:
        """Count what an office owes; it has at least one task."""
        finest = city.pack.levels[-1]
        return cls(
            name=supplier(city.pack, tasks[0].supplier, language),
            tasks=tasks,
            estates=len({estate.place.id for task in tasks for estate in task.estates}),
            units=units,
            gaps=sum(task.count for task in tasks),
            unit_gaps=sum(task.count for task in tasks if task.level == finest),
            steps=sum(bool(task.steps) for task in tasks),
        )


def law_of(city: CityPlan) -> str:
    """Return by which pack, overlays and decisions a plan was made."""
    return " + ".join((f"{city.pack.id} {city.pack.version}", *city.overlays, *city.decisions))


def write_department(path: Path, city: CityPlan, owed: Owed, language: str) -> None:
    """Write the workbook of one office.

    Args:
        path: The file; one that exists is replaced.
        city: The whole plan.
        owed: What this office owes.
        language: ``zh`` or ``en``.

    Raises:
        InputError: ``E-OUT-LOCKED``, ``E-OUT-FOLDER``, ``E-OUT-DISK``.
    """
    sheets = _Sheets(city, owed, Words(language))
    w = sheets.words
    made_up = w.say("fictional") if sheets.fictional else ""
    said = {key: w.say(key) for key in ("pages", "choose", "day", "total")} | {"fictional": made_up}
    with Pages(path, w.say("title_tasks", name=owed.name), city.pack.as_of, said) as pages:
        pages.table(sheets.tasks())
        if owed.unit_gaps:
            pages.table(sheets.unit_papers())
            for sheet in sheets.unit_lists():
                pages.table(sheet)
        about = w.about(
            name=owed.name,
            gaps=owed.gaps,
            unit_gaps=owed.unit_gaps,
            steps=owed.steps,
            day=day_text(city.pack.as_of, language),
            law=law_of(city),
        )
        pages.prose(w.say("about"), w.say("about"), [sheets.note, *about])


class _Sheets:
    """The tables of one office."""

    def __init__(self, city: CityPlan, owed: Owed, words: Words) -> None:
        self._city, self._owed, self.words = city, owed, words
        self._lang = words.language
        self._of_units = [task for task in owed.tasks if self._unit_paper(task)]
        self.fictional = any(source.kind == "fictional" for source in city.pack.sources.values())
        self.note = words.say("subtitle", day=day_text(city.pack.as_of, self._lang), law=law_of(city)) + (
            words.say("made_up") if self.fictional else ""
        )

    def _unit_paper(self, task: Task) -> bool:
        return bool(task.gaps) and task.level == self._city.pack.levels[-1]

    def _columns(self, columns: Sequence[tuple[str, float, str]]) -> list[Column]:
        answers = tuple(self.words.say(key) for key in ("done", "under_way", "impossible"))
        return [
            Column(self.words.say(key), width, style, answers if key == "result" else ())
            for key, width, style in columns
        ]

    def _sheet(
        self,
        name: str,
        title: str,
        columns: Sequence[tuple[str, float, str]],
        rows: Iterator[tuple[Value, ...]],
    ) -> Sheet:
        return Sheet(name, title, self.note, self._columns(columns), rows, self.words.say("blanks"))

    def tasks(self) -> Sheet:
        """The sheet 任务单."""
        title = self.words.say("title_tasks", name=self._owed.name)
        return self._sheet(self.words.say("tasks"), title, _TASKS, self._task_rows())

    def _task_rows(self) -> Iterator[tuple[Value, ...]]:
        w, pack, lang = self.words, self._city.pack, self._lang
        routes = Routes(pack)
        for number, task in enumerate(self._owed.tasks, 1):
            units, urgent = task.units(pack)
            where = task.where(pack, lang)
            if self._unit_paper(task):
                where = w.say("see_list", n=len(task.gaps), sheet=w.say("unit_list"))
            identity = {} if task.shared else task.estate.identity
            yield (
                number,
                self._county(task.estates),
                self._names(task.estates),
                where,
                w.say("step" if task.steps else "gap"),
                (w.say("critical") if task.critical else "") + task.what(pack, lang),
                units,
                urgent or None,
                due_of(task.estates, task.end, lang),
                task.law_days(pack),
                task.days,
                task.why(pack, lang, routes),
                identity.get("responsible_official", ""),
                identity.get("sponsor", ""),
                None,
                None,
                None,
            )

    def _county(self, estates: tuple[EstatePlan, ...]) -> str:
        found = {estate.identity.get("county", "") for estate in estates}
        return found.pop() if len(found) == 1 else self.words.say("several")

    def _names(self, estates: tuple[EstatePlan, ...]) -> str:
        names = [estate.place.name for estate in estates]
        if len(names) == 1:
            return names[0]
        joined = ("、" if self._lang == "zh" else ", ").join(names[:2])
        return self.words.say("shared", names=joined, n=len(names))

    def unit_papers(self) -> Sheet:
        """The sheet 单户材料: estate by estate, how many units lack which paper."""
        title = self.words.say("title_units", name=self._owed.name)
        rows = (
            (
                number,
                task.estate.identity.get("county", ""),
                task.estate.place.name,
                task.what(self._city.pack, self._lang),
                len(task.gaps),
                sum(gap.urgent for gap in task.gaps) or None,
                due_of(task.estates, task.end, self._lang),
                None,
            )
            for number, task in enumerate(self._of_units, 1)
        )
        sheet = self._sheet(self.words.say("unit_papers"), title, _UNIT_PAPERS, rows)
        urgent = sum(gap.urgent for task in self._of_units for gap in task.gaps)
        return Sheet(
            sheet.name, title, sheet.note, sheet.columns, sheet.rows, sheet.blanks,
            {4: self._owed.unit_gaps, 5: urgent},
        )  # fmt: skip

    def unit_lists(self) -> Iterator[Sheet]:
        """The sheets 单户名单, 单户名单(2) …: one row a unit, with every paper it waits for."""
        title = self.words.say("title_list", name=self._owed.name)
        rows = self._unit_rows()
        total = len({gap.place for task in self._of_units for gap in task.gaps})
        for part in range(-(-total // UNITS_PER_SHEET)):
            name = self.words.say("unit_list") + (f"({part + 1})" if part else "")
            yield self._sheet(name, title, _UNIT_LIST, islice(rows, UNITS_PER_SHEET))

    def _unit_rows(self) -> Iterator[tuple[Value, ...]]:
        papers: dict[str, dict[str, list[str]]] = {}  # estate -> unit -> papers
        ends: dict[str, int] = {}
        for task in self._of_units:
            for gap in task.gaps:
                name = label(self._city.pack, gap.item, self._lang)
                papers.setdefault(task.estate.place.id, {}).setdefault(gap.place, []).append(name)
                ends[gap.place] = max(ends.get(gap.place, 0), gap.end)
        number = 0
        for estate in self._city.estates:
            waiting = papers.get(estate.place.id, {})
            urgent = {unit.place.id for unit in estate.units if unit.urgent} if waiting else set()
            for unit, names in sorted(waiting.items()):
                number += 1
                place = estate.places.get(unit) or Place("unit", unit)
                yield (
                    number,
                    estate.identity.get("county", ""),
                    estate.place.name,
                    unit_name(estate, place),
                    ("、" if self._lang == "zh" else ", ").join(names),
                    len(names),
                    self.words.say("yes") if unit in urgent else "",
                    due_of((estate,), ends[unit], self._lang),
                    None,
                    None,
                    None,
                )
