"""Records as rows of a table: every cell already in the visitor's words.

Reads from: ``door``, ``wording``, the records the office hands over.  Read by: the views.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taizhang.office.selectors.reasons import Choice
from taizhang.office.supervision import rung_label
from taizhang.web.door import Visitor
from taizhang.web.wording import STATES, day_text, fen_text, paper_name, status_word, supplier_name, word

if TYPE_CHECKING:
    from taizhang.ledger.models import Estate, SupervisionNotice, Task, Unit

__all__ = [
    "EstateRow",
    "GapRow",
    "NoticeRow",
    "TaskRow",
    "UnitRow",
    "estate_rows",
    "gap_rows",
    "notice_rows",
    "task_rows",
    "unit_rows",
]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in a list."""

    key: int
    item: str
    name: str
    estate: str
    estate_key: int
    place: str
    owner: str
    official: str
    state: str
    state_word: str
    due: str
    late: int  #: calendar days beyond the due date; 0: in time
    units: int
    duty: bool


@dataclass(frozen=True, slots=True)
class GapRow:
    """A missing paper of a plan that nobody has adopted yet."""

    name: str
    place: str
    owner: str
    days: int
    money: str
    units: int
    critical: bool
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EstateRow:
    """An estate in a list."""

    key: int
    name: str
    county: str
    street: str
    units: int
    classes: tuple[str, ...]
    status: str
    status_word: str
    gaps: int | None


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit in a list."""

    key: int
    estate: str
    estate_key: int
    name: str
    status: str
    status_word: str
    papers: int | None
    fees: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice of supervision."""

    task: int
    rung: str
    name: str
    estate: str
    recipient: str
    due: str


def _place(place: str, estate: str) -> str:
    """What of a place's path lies below the estate."""
    return place.removeprefix(estate).lstrip("›").replace("›", " ")


def task_rows(tasks: Iterable[Task], visitor: Visitor) -> list[TaskRow]:
    """Tasks in the visitor's words."""
    return [_task_row(one, visitor) for one in tasks]


def _task_row(task: Task, visitor: Visitor) -> TaskRow:
    pack, language = visitor.pack, visitor.language
    running = task.state not in {"complete", "withdrawn"}
    late = (visitor.today - task.due_on).days if task.due_on and running else 0
    nobody = visitor.said("待指定", "nobody yet")
    return TaskRow(
        task.pk,
        task.item,
        paper_name(pack, task.item, language),
        task.estate.name,
        task.estate_id,
        _place(task.place, task.estate.place),
        task.organisation.name if task.organisation else supplier_name(pack, task.supplier, language),
        task.responsible.name if task.responsible else nobody,
        task.state,
        word(STATES, task.state, language),
        day_text(task.due_on, language),
        max(0, late),
        task.units,
        task.kind == "duty",
    )


def gap_rows(
    gaps: Sequence[Mapping[str, Any]], estate: str, paths: Mapping[str, Sequence[Choice]], visitor: Visitor
) -> list[GapRow]:
    """Missing papers of a plan, those that decide the last day first; like papers of units once."""
    pack, language = visitor.pack, visitor.language
    found: dict[tuple[str, str], GapRow] = {}
    for gap in sorted(gaps, key=lambda one: (not one["critical"], one["end"], one["item"])):
        place = "" if gap["level"] == "unit" else _place(gap["place"], estate)
        known = found.get((gap["item"], place))
        units = gap["count"] if gap["level"] == "unit" else gap["units"]
        found[gap["item"], place] = GapRow(
            paper_name(pack, gap["item"], language),
            place,
            supplier_name(pack, gap["supplier"], language),
            gap["days"],
            fen_text(gap["fen"], language),
            units + (known.units if known else 0),
            gap["critical"] or bool(known and known.critical),
            tuple(path_texts(paths.get(gap["item"], ()), visitor)),
        )
    return list(found.values())


def path_texts(path: Sequence[tuple[str, str]], visitor: Visitor) -> list[str]:
    """Why a paper is needed: from the goal down, each requirement with the way that is gone."""
    said = []
    for name, way_id in path:
        node = visitor.pack.nodes.get(name)
        if node is None:
            continue
        way = next((one for one in node.ways if one.id == way_id), None)
        label = node.label.in_(visitor.language)
        gone = way.label.in_(visitor.language) if way else ""
        said.append(f"{label}（{gone}）" if gone and gone != label else label)
    return said


def estate_rows(estates: Iterable[Estate], visitor: Visitor) -> list[EstateRow]:
    """Estates in the visitor's words."""
    labels = {one.id: one.label.in_(visitor.language) for one in visitor.pack.classes}
    return [
        EstateRow(
            one.pk,
            one.name,
            one.county,
            one.street,
            one.units_total,
            tuple(labels.get(code, code) for code in one.classes.split(",") if code),
            _status_code(one.status),
            status_word(one.status, visitor.language),
            getattr(one, "gaps", None),
        )
        for one in estates
    ]


def unit_rows(units: Iterable[Unit], visitor: Visitor) -> list[UnitRow]:
    """Units in the visitor's words."""
    return [
        UnitRow(
            one.pk,
            one.estate.name,
            one.estate_id,
            f"{one.building.name} {one.name}",
            _status_code(one.status),
            status_word(one.status, visitor.language),
            one.papers,
            fen_text(one.fees_fen, visitor.language),
        )
        for one in units
    ]


def notice_rows(notices: Iterable[SupervisionNotice], visitor: Visitor) -> list[NoticeRow]:
    """Notices in the visitor's words."""
    return [
        NoticeRow(
            one.task_id,
            rung_label(one.rung, visitor.today).in_(visitor.language),
            paper_name(visitor.pack, one.task.item, visitor.language),
            one.task.estate.name,
            one.recipient,
            day_text(one.due_on, visitor.language),
        )
        for one in notices
    ]


def _status_code(value: int | None) -> str:
    return "none" if value is None else ("proved", "open", "depends", "blocked")[value]
