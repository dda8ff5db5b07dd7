"""Many rows of one table written at once.

Django's own ways ask every field of every value how it is to be written; here most values go as they
are, and PostgreSQL takes them as a stream.

Reads from: nothing of ours.  Read by: ``journal``, the one door through which rows are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

from django.db import connection, connections, models

__all__ = ["rewrite_rows", "write_rows"]

_Field: TypeAlias = "models.Field[Any, Any]"


def write_rows(rows: Sequence[models.Model]) -> None:
    """Insert rows of one table, in their order."""
    meta = rows[0]._meta
    fields = meta.concrete_fields
    names = ", ".join(str(one.column) for one in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > 50:
            with cursor.cursor.copy(f"COPY {meta.db_table} ({names}) FROM STDIN") as copy:
                for row in _values(rows, fields):
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            told = list(_values(rows, fields))
            cursor.executemany(f"INSERT INTO {meta.db_table} ({names}) VALUES ({marks})", told)


def rewrite_rows(rows: Sequence[models.Model], columns: Sequence[str]) -> None:
    """Write these columns of rows of one table that are there."""
    meta = rows[0]._meta
    fields = [one for one in meta.concrete_fields if one.name in set(columns)]
    told = ", ".join(f"{one.column} = %s" for one in fields)
    values = [(*own, row.pk) for own, row in zip(_values(rows, fields), rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {meta.db_table} SET {told} WHERE id = %s", values)


def _values(rows: Iterable[models.Model], fields: Sequence[_Field]) -> Iterator[tuple[Any, ...]]:
    """What goes into the database, row by row."""
    database = connections[connection.alias]  # itself: through the proxy each value takes twice as long
    readers = [
        (one.attname, _plain(one), partial(one.get_db_prep_save, connection=database)) for one in fields
    ]
    for row in rows:
        yield tuple(
            value if type(value := getattr(row, name)) is plain else prepared(value)
            for name, plain, prepared in readers
        )


def _plain(field: _Field) -> type:
    """The type whose values go into the database as they are."""
    if isinstance(field, models.ForeignKey):
        return _plain(field.target_field)
    if isinstance(field, models.CharField | models.TextField):
        return str
    return int if isinstance(field, models.IntegerField) else _Nothing


class _Nothing:
    """No value is of this type."""
