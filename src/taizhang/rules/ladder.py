"""The ladder of supervision: which step a task has come to, counted from its due date.

The rungs are data with dates and sources, one document for each programme.  Nothing is claimed here: the
office claims each rung once, on the days that this module names.

Reads from: ``marked``, ``reading``, ``chapters``, ``worktime``, ``packs/supervision``.
Read by: ``office.supervision``.

Source:
    The rungs and their days are planning values, not law; the document says so of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

from taizhang.errors import CalendarError, PackError
from taizhang.rules.chapters import READERS
from taizhang.rules.marked import Mark, Marked, Sequence_, read_file
from taizhang.rules.reading import Reading, nearest
from taizhang.rules.terms import Label, Source, Span
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Ladder", "Rung", "claim_day", "load_ladder", "reached", "read_ladder"]

_DAY = timedelta(days=1)
_FOLDER = Path(__file__).resolve().parents[1] / "packs" / "supervision"
_HEAD = "kind programme title last_checked sources editions"
_RUNG = "label when working_days recipient source"
_RECIPIENTS = "responsible_official lead_organisation sponsor task_force leader"


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of supervision.

    Attributes:
        id: Stable name.
        label: Its name in both languages.
        when: On which side of the due date it lies.
        working_days: How far from it, at least 1.
        recipient: Who is told: ``responsible_official``, ``lead_organisation``, ``sponsor``,
            ``task_force`` or ``leader``.
        sources: Where the rung and its days come from.
    """

    id: str
    label: Label
    when: Literal["before", "after"]
    working_days: int
    recipient: str
    sources: tuple[Source, ...]

    @property
    def offset(self) -> int:
        """Working days from the due date; below 0 before it."""
        return self.working_days if self.when == "after" else -self.working_days


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs in force on a day, in the order in which they are claimed."""

    rungs: tuple[Rung, ...]
    programme: str = ""
    effective: Span = Span()  #: how long this edition is in force


def load_ladder(programme: str, as_of: date) -> Ladder:
    """Return the ladder of a programme as it stands on a day.

    Args:
        programme: Id of the programme.
        as_of: The day.

    Raises:
        PackError: ``E-LADDER-PROGRAMME`` there is no such ladder; ``E-LADDER-DATE`` none is in force on
            the day; otherwise as :func:`read_ladder`.

    >>> ladder = load_ladder("title-certificates", date(2024, 1, 28))
    >>> [(rung.id, rung.offset) for rung in ladder.rungs][:3]
    [('early_warning', -3), ('overdue', 1), ('notice', 3)]
    """
    known = sorted(path.stem for path in _FOLDER.glob("*.yaml"))
    if programme not in known:
        close = nearest(programme, known)
        raise PackError(
            "There is no ladder of supervision for '{programme}'.",
            hint="Did you mean '{close}'?" if close else "There is one for: {known}.",
            zh="专项“{programme}”没有督办梯次。" + ("是否应为“{close}”？" if close else "现有：{known}。"),
            code="E-LADDER-PROGRAMME",
            programme=programme,
            close=close,
            known=", ".join(known),
        )
    return read_ladder(_FOLDER / f"{programme}.yaml", as_of)


def read_ladder(path: Path, as_of: date) -> Ladder:
    """Read a ladder document; its form is described at the head of ``supervision/title-certificates.yaml``.

    All editions are checked, also those that are not in force.

    Raises:
        PackError: the first thing that is wrong, with its position: ``E-PACK-E00`` not YAML, ``E-PACK-E01``
            an unknown key, ``E-PACK-E02`` an unknown source, ``E-PACK-E03`` a key that stands twice,
            ``E-PACK-E07`` editions that overlap, ``E-PACK-E12`` a rung without a source, ``E-PACK-E13`` a
            value of the wrong kind, or a rung out of order; ``E-LADDER-DATE`` none in force on the day.

    >>> read_ladder(_FOLDER / "title-certificates.yaml", date(2024, 1, 28)).effective.start
    datetime.date(2021, 9, 1)
    """
    tree = read_file(path)
    reading = Reading()
    pairs = reading.record(tree, _HEAD, "kind programme title sources editions")
    reading.word(pairs.get("kind"), "ladder", "ladder")
    reading.label(pairs.get("title"))
    reading.day(pairs.get("last_checked"))
    programme = reading.text(pairs.get("programme"))
    sources: dict[str, Source] = {
        name: READERS["sources"](reading, name, mark, node)
        for name, mark, node in reading.items(pairs.get("sources"))
    }
    found = [_edition(reading, node, programme, sources) for node in reading.list_(pairs.get("editions"))]
    _apart(reading, found)
    if reading.errors:
        raise reading.errors[0]
    for ladder, _ in found:
        if ladder.effective.holds(as_of):
            return ladder
    raise PackError(
        "No edition of this ladder is in force on {day}.",
        hint="Add one under 'editions:', or choose another day.",
        zh="{day} 没有生效的督办梯次。请在“editions:”下补充一版，或改用其他日期。",
        where=str(tree.mark),
        code="E-LADDER-DATE",
        day=as_of,
    )


def claim_day(rung: Rung, calendar: WorkCalendar, due_on: date) -> date | None:
    """The day on which a task comes to a rung; ``None`` where the calendar does not reach that far.

    Always a working day.

    >>> rung = load_ladder("title-certificates", date(2024, 1, 28)).rungs[0]
    >>> claim_day(rung, WorkCalendar.china(), date(2024, 2, 20))
    datetime.date(2024, 2, 9)
    """
    try:
        if rung.when == "after":
            return calendar.due(due_on, rung.working_days)
        day, left = due_on, rung.working_days
        while left:
            day -= _DAY
            left -= calendar.is_open(day)
    except CalendarError:
        return None
    return day


def reached(ladder: Ladder, calendar: WorkCalendar, due_on: date, today: date) -> tuple[Rung, ...]:
    """The rungs a task has come to by the end of a day, in order.

    A rung whose day the calendar does not know counts as reached on the due date where it lies before it,
    and as not reached where it lies after it: nobody is called to account on a day that is not certain.

    Args:
        ladder: The rungs.
        calendar: The working days.
        due_on: Due date of the task, with suspensions and extensions.
        today: The day.

    >>> ladder = load_ladder("title-certificates", date(2024, 1, 28))
    >>> [rung.id for rung in reached(ladder, WorkCalendar.china(), date(2024, 2, 8), date(2024, 2, 18))]
    ['early_warning', 'overdue']
    """
    found = []
    for rung in ladder.rungs:
        day = claim_day(rung, calendar, due_on)
        if day is None and rung.when == "before":
            day = due_on
        if day is not None and day <= today:
            found.append(rung)
    return tuple(found)


def _edition(
    reading: Reading, node: Marked, programme: str, sources: dict[str, Source]
) -> tuple[Ladder, Mark]:
    """One edition, with its position."""
    pairs = reading.record(node, "effective rungs", "effective rungs")
    effective = reading.span(pairs.get("effective"))
    marked = [
        (_rung(reading, name, body, sources), mark) for name, mark, body in reading.items(pairs.get("rungs"))
    ]
    for (before, _), (after, mark) in pairwise(marked):
        if after.offset <= before.offset:
            reading.report(
                "E13",
                mark,
                "Rung '{rung}' does not come later than '{before}' above it.",
                "Put the rungs in the order of their days.",
                "“{rung}”不晚于其上一级“{before}”，请按先后排列。",
                rung=after.id,
                before=before.id,
            )
    if not marked:
        reading.report(
            "E13",
            node.mark,
            "This edition has no rung.",
            "Add one under 'rungs:'.",
            "该版没有督办级次，请补上。",
        )
    return Ladder(tuple(rung for rung, _ in marked), programme, effective), node.mark


def _rung(reading: Reading, name: str, node: Marked, sources: dict[str, Source]) -> Rung:
    pairs = reading.record(node, _RUNG, _RUNG)
    days = reading.whole(pairs.get("working_days"), 1)
    if days < 1:
        reading.report(
            "E13",
            pairs["working_days"].mark,
            "A rung lies at least 1 working day from the due date.",
            "Correct the value here.",
            "各级与到期日至少相隔 1 个工作日，请更正。",
        )
    reading.record(pairs.get("label"), "zh en", "zh en")
    when = reading.word(pairs.get("when"), "before after", "after")
    return Rung(
        name,
        reading.label(pairs.get("label")),
        "before" if when == "before" else "after",
        days,
        reading.word(pairs.get("recipient"), _RECIPIENTS, "responsible_official"),
        _sources(reading, pairs.get("source"), sources),
    )


def _sources(reading: Reading, node: Marked | None, sources: dict[str, Source]) -> tuple[Source, ...]:
    """The sources a rung names."""
    found = []
    for item in reading.list_(node):
        name = reading.text(item)
        if name in sources:
            found.append(sources[name])
        elif not isinstance(item, Sequence_):
            close = nearest(name, sources)
            reading.report(
                "E02",
                item.mark,
                "There is no source '{name}'.",
                "Did you mean '{close}'?" if close else "Add it under 'sources:'.",
                "没有来源“{name}”。" + ("是否应为“{close}”？" if close else "请在“sources:”下补上。"),
                name=name,
                close=close,
            )
    return tuple(found)


def _apart(reading: Reading, editions: Sequence[tuple[Ladder, Mark]]) -> None:
    """Refuse two editions for one day."""
    for at, (later, mark) in enumerate(editions):
        for earlier, first in editions[:at]:
            one, other = earlier.effective, later.effective
            if (one.end is None or other.start is None or other.start <= one.end) and (
                other.end is None or one.start is None or one.start <= other.end
            ):
                reading.report(
                    "E07",
                    mark,
                    "Two editions are in force on one day; the other is at {first}.",
                    "End the earlier one with 'to:' before the later begins.",
                    "有两版在同一天生效，另一版在 {first}。请用“to:”使前一版先行终止。",
                    first=first,
                )
