"""A file taken into the office, from its cells to the plans: the same for the terminal and the pages.

Reads from: ``intake``, ``office``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from taizhang.collecting import no_search_for_cycles
from taizhang.exchange.intake import Intake, read_intake
from taizhang.office.access import Person, require_places
from taizhang.office.ledgerbook import Choice
from taizhang.office.organisations import establish_offices
from taizhang.office.planning import propose_plans, unplanned
from taizhang.office.register import Registered, places_of, register
from taizhang.rules.terms import Pack

__all__ = ["Imported", "Progress", "import_files"]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do.

    Attributes:
        planned: Estates whose plan is new.
    """

    intake: Intake
    registered: Registered
    planned: int


def import_files(
    paths: Sequence[Path],
    pack: Pack,
    *,
    programme: str,
    city: str,
    actor: str,
    now: datetime,
    person: Person | None = None,
    dry_run: bool = False,
    plans: bool = True,
    conflicts: Choice = "keep",
    looked: int = 0,
    progress: Progress = lambda stage, done, of: None,
) -> Imported:
    """Read files, register their estates, open the offices they name and compute the plans.

    The estates are registered whole or not at all; offices and plans follow in acts of their own, and an
    import that was broken off in between goes on where it was when it is done again.  A workbook that the
    office has exported is merged cell by cell instead of taken as it stands.

    Args:
        paths: In the order in which they count.
        pack: The law on its day.
        programme: Id of the programme.
        city: Name of the city's task force.
        actor: Who imports.
        now: The instant.
        person: Whose rights count; ``None`` at the terminal, where the system decides who may.
        dry_run: Read and compare, and write nothing.
        plans: Compute plans.
        conflicts: Of the office's own workbook: cells that both sides changed are kept as the ledger has
            them (``keep``), or taken from the workbook (``take``).
        looked: Take only conflicts whose last change here is up to this journal entry; 0: all.
        progress: Called with stage (``read``, ``write``, ``plan``), done and of.

    Raises:
        InputError: The file cannot be read.
        AccessError: ``E-ACCESS`` an estate lies outside the person's counties.
        TransitionError: ``E-CHANGED``.
    """
    intake = read_intake(paths, pack, choice=conflicts, looked=looked, progress=progress)
    if person is not None:
        _require(person, intake)
    progress("write", 0, 1)
    with no_search_for_cycles():
        told = register(
            intake.drafts,
            programme=programme,
            file_name=intake.file_name,
            sha256=intake.sha256,
            actor=actor,
            now=now,
            dry_run=dry_run,
            book=intake.returned.book if intake.returned else None,
        )
    progress("write", 1, 1)
    planned = 0
    if not dry_run and plans:
        names = {name: one.zh for name, one in pack.suppliers.items()}
        establish_offices(names, city=city, actor=actor, now=now)
        estates = unplanned(intake.places)
        planned = propose_plans(
            pack, estates, actor=actor, now=now, progress=lambda done, of: progress("plan", done, of)
        )
    return Imported(intake, told, planned)


def _require(person: Person, intake: Intake) -> None:
    """Refuse where files put an estate, or where it is now, is none of the person's.

    Nobody imports an estate away from its street; a workbook that says no street moves none.
    """
    now_at = places_of(intake.places)
    if intake.returned is None:
        wanted = {one.where for one in intake.drafts}
    else:
        told = intake.returned.estates
        wanted = {
            (county, street or "")
            for county, street, place in told
            if street is not None or place not in now_at
        }
    require_places(person, "import_ledger", wanted | set(now_at.values()))
