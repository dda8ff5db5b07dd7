"""The canonical image of a row, the same bytes whatever the database.

An image is one line of JSON: table, key, and every column with its value.  Days and instants are text,
yes and no are 1 and 0, bytes are told by their digest.

Reads from: nothing of ours.  Read by: ``journal``.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from django.db import models

__all__ = ["gone", "image", "instant"]

# The bytes are those of the standard library, which ``verify`` uses: ``ensure_ascii=False``, no spaces.
_ENCODE = msgspec.json.Encoder().encode
_PLAIN = frozenset({str, int, type(None)})  # types that stand in an image as they are
_COLUMNS: dict[type[models.Model], tuple[tuple[str, str], ...]] = {}


def image(row: models.Model) -> bytes:
    """The line of a row."""
    meta = row._meta
    columns = _COLUMNS.get(type(row))
    if columns is None:
        columns = tuple(sorted((str(one.column), one.attname) for one in meta.concrete_fields))
        _COLUMNS[type(row)] = columns
    told = {
        column: value if type(value := getattr(row, name)) in _PLAIN else _value(value)
        for column, name in columns
    }
    return _ENCODE([meta.db_table, row.pk, told])


def gone(table: str, key: int | str) -> bytes:
    """The line of a row that was removed."""
    return _ENCODE([table, key, None])


def instant(moment: datetime) -> str:
    """An instant as text: 2024-01-28T01:02:03.000004Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _value(value: Any) -> str | int | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):  # yes and no included
        return int(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return f"sha256:{hashlib.sha256(bytes(value)).hexdigest()}"
