"""Lists that leave the office as a file: who took which one, how it was narrowed, how many rows it had.

Reads from: ``access``, ``journal``.  Read by: the doors.

Source:
    个人信息保护法, articles 51 and 55 (records of how data are handled); GB/T 22239-2019, 8.1.4.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from taizhang.office.access import Person
from taizhang.office.journal import act

__all__ = ["record_export"]


def record_export(person: Person, name: str, wanted: Mapping[str, str], rows: int, now: datetime) -> None:
    """Write an export down, before it is handed out.

    Args:
        person: Who takes it.
        name: Of the list, as ``estates``.
        wanted: How it was narrowed, by wish; empty ones are left out.
        rows: How many there are.
        now: The instant.
    """
    told = {"wanted": {wish: value for wish, value in wanted.items() if value}, "rows": rows}
    with act("export_list", actor=person.actor, subject=f"list:{name}", now=now, detail=told) as doing:
        doing.keep = True
