"""A small ledger to export, workbooks edited as officers edit them, and what the ledger says afterwards.

Reads from: ``builders``, openpyxl.  Read by: ``test_ledger_book*``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl

from taizhang.exchange.importing import Imported, import_files
from taizhang.exchange.ledgerbook.columns import KEY_HEADING
from taizhang.exchange.ledgerbook.writing import write_ledger_book
from taizhang.ledger.models import Building, Estate, Unit
from taizhang.office.drafts import packed
from taizhang.office.exporting import ExportedLedger, export_ledger
from taizhang.office.journal import act
from taizhang.rules.terms import Pack

from .builders import DAY, NOON

__all__ = ["Book", "at_the_desk", "bring_back", "export_to", "first_units", "recorded", "take_in"]

_LEVELS = {"小区台账": Estate, "幢台账": Building, "户台账": Unit}


def take_in(path: Path, pack: Pack, **how: Any) -> Imported:
    """Import files without computing plans."""
    told = {
        "programme": "title-certificates",
        "city": "市专班",
        "actor": "clerk",
        "now": NOON,
        "plans": False,
    }
    return import_files([path], pack, **{**told, **how})


bring_back = take_in


def export_to(path: Path, pack: Pack, wanted: Mapping[str, str] | None = None, **how: Any) -> ExportedLedger:
    """Export to a file, as at the terminal."""
    told = export_ledger(None, wanted or {}, actor="clerk", now=NOON, today=DAY)
    write_ledger_book(path, pack, told, **how)
    return told


def at_the_desk(
    place: str, who: str = "3 高秀岚", now: datetime = NOON, **columns: Mapping[str, Any]
) -> None:
    """Somebody changes what is recorded of a place while the workbook is out; ``None`` takes it away."""
    with act("record_facts", actor=who, subject=f"place:{place}", now=now) as doing:
        model = next(one for one in _LEVELS.values() if one.objects.filter(place=place).exists())
        row = model.objects.get(place=place)
        for name, changes in columns.items():
            told = json.loads(getattr(row, name)) | changes
            setattr(row, name, packed({key: value for key, value in told.items() if value is not None}))
        doing.update_all([row], list(columns))


class Book:
    """A workbook in the hands of an officer: cells by heading and by what the row names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)

    def sheet(self, name: str) -> Any:
        return self.book[name]

    def column(self, name: str, heading: str) -> int:
        """Number of a column, from 1."""
        for cell in self.book[name][2]:
            if cell.value == heading:
                return int(cell.column)
        raise KeyError(heading)

    def row(self, name: str, **named: str) -> int:
        """Number of the row that says this under these headings."""
        at = {self.column(name, heading): value for heading, value in named.items()}
        for row in self.book[name].iter_rows(min_row=3):
            if all(row[column - 1].value == value for column, value in at.items()):
                return int(row[0].row)
        raise KeyError(named)

    def cell(self, name: str, row: int, heading: str) -> Any:
        return self.book[name].cell(row, self.column(name, heading))

    def key(self, name: str, row: int) -> Any:
        return self.cell(name, row, KEY_HEADING)

    def save(self, path: Path | None = None) -> Path:
        target = path or self.path
        self.book.save(target)
        return target


def recorded() -> dict[str, dict[str, object]]:
    """Everything the ledger says of every place, by place."""
    found: dict[str, dict[str, object]] = {}
    for model in _LEVELS.values():
        for row in model.objects.all():
            told = {name: json.loads(getattr(row, name)) for name in ("facts", "held", "valid_until")}
            told["name"] = row.name
            if isinstance(row, Estate):
                told |= {"words": json.loads(row.identity), "street": row.street, "units": row.units_total}
            found[row.place] = told
    return found


def first_units(count: int) -> list[Unit]:
    """Units in the order of their keys."""
    return list(Unit.objects.order_by("id").select_related("estate", "building")[:count])
