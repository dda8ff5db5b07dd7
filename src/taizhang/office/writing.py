"""Many rows of one table written at once.

Django's own ways ask every field of every value how it is to be written; here most values go as they
are, and PostgreSQL takes them as a stream, or a column at a time.

Reads from: nothing of ours.  Read by: ``journal``, the one door through which rows are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

from django.db import connection, connections, models

__all__ = ["rewrite_rows", "write_rows"]

_FEW = 50  # rows that are written one by one on PostgreSQL too

_Field: TypeAlias = "models.Field[Any, Any]"


def write_rows(rows: Sequence[models.Model]) -> None:
    """Insert rows of one table, in their order."""
    meta = rows[0]._meta
    fields = meta.concrete_fields
    names = ", ".join(str(one.column) for one in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > _FEW:
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
    table = meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > _FEW:
            told = [*zip(*_values(rows, fields), strict=True), [row.pk for row in rows]]
            assert meta.pk is not None, "every table has a key"
            kinds = [f"%s::{_kind(one)}[]" for one in (*fields, meta.pk)]
            names = [str(one.column) for one in fields]
            sets = ", ".join(f"{name} = new.{name}" for name in names)
            columns = ", ".join((*names, "key_"))
            cursor.execute(
                f"UPDATE {table} SET {sets} FROM unnest({', '.join(kinds)}) AS new ({columns}) "
                f"WHERE {table}.id = new.key_",
                [list(column) for column in told],
            )
        else:
            told_ = ", ".join(f"{one.column} = %s" for one in fields)
            values = [(*own, row.pk) for own, row in zip(_values(rows, fields), rows, strict=True)]
            cursor.executemany(f"UPDATE {table} SET {told_} WHERE id = %s", values)


def _kind(field: _Field) -> str | None:
    """The type of an array of a column's values; text of any length, for a cast cuts what is too long."""
    text = isinstance(field, models.CharField | models.TextField)
    return "text" if text else field.db_type(connections[connection.alias])


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
