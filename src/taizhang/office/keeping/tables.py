"""Tables as canonical lines, the same bytes whatever the database; and back again.

A line is a JSON list of the values of one row, columns in order of their names, rows in order of their
keys.  Days and instants are text, yes and no are 1 and 0, bytes are base64.  The tables are those of the
database's own state of migrations, so that a database that waits for its next version can be kept too.

Reads from: ``images``, Django's migrations.  Read by: ``backing_up``, ``restoring``, ``health``.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from taizhang.errors import InputError
from taizhang.office.images import instant

__all__ = [
    "Digest",
    "applied",
    "attachments",
    "columns",
    "fill",
    "head",
    "lines",
    "present",
    "records",
    "require_known",
    "reset_sequences",
    "snapshot",
    "waiting",
]

_APP = "ledger"
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_TOGETHER = 2_000  # rows read or written at a time,
_LARGE = 8  # and of those with bytes: a part of the journal has a megabyte
Record = type[models.Model]


@dataclass(slots=True)
class Digest:
    """The digest of lines as they pass, and how many there were."""

    rows: int = 0
    _sum: Any = None

    def passing(self, told: Iterable[bytes]) -> Iterator[bytes]:
        """Hand on every line, and count it."""
        self._sum = hashlib.sha256()
        for line in told:
            self._sum.update(line)
            self.rows += 1
            yield line

    @property
    def value(self) -> str:
        """64 hexadecimal digits."""
        return str((self._sum or hashlib.sha256()).hexdigest())


def applied() -> tuple[str, ...]:
    """Names of the ledger's migrations that the database has gone through, in order.

    Raises:
        InputError: ``E-BACKUP-VERSION`` the database is of a later version than the program.
    """
    loader = MigrationLoader(connection)
    known = {name for app, name in loader.graph.nodes if app == _APP}
    found = sorted(name for app, name in loader.applied_migrations if app == _APP)
    require_known(found, known)
    return tuple(found)


def require_known(found: Sequence[str], known: Iterable[str] | None = None) -> None:
    """Refuse migrations that the program does not know.

    Raises:
        InputError: ``E-BACKUP-VERSION``.
    """
    if known is None:
        known = {name for app, name in MigrationLoader(None).graph.nodes if app == _APP}
    if later := sorted(set(found) - set(known)):
        raise InputError(
            "The ledger is of a later version of Taizhang: it has {later}.",
            hint="Install that version, or a later one, and try again.",
            zh="台账数据属于更新的版本（含 {later}）；请安装相应或更新的版本后再试。",
            code="E-BACKUP-VERSION",
            later=later[0],
        )


def waiting() -> int:
    """How many migrations of this program the database has not gone through yet."""
    loader = MigrationLoader(connection)
    return len(set(loader.graph.nodes) - set(loader.applied_migrations))


@lru_cache(maxsize=4)
def records(migrations: tuple[str, ...]) -> tuple[Record, ...]:
    """The tables of the ledger after these migrations, by name."""
    if not migrations:
        return ()
    loader = MigrationLoader(None)
    current = set(migrations) == {name for app, name in loader.graph.nodes if app == _APP}
    # a state of the past is rendered, which takes a second; that of today is there
    state = apps if current else loader.project_state([(_APP, name) for name in migrations]).apps
    found = state.get_app_config(_APP).get_models(include_auto_created=True)
    return tuple(sorted(found, key=lambda one: one._meta.db_table))


def columns(record: Record) -> tuple[str, ...]:
    """Names of the columns in the order of a line."""
    return tuple(str(one.column) for one in _fields(record))


def head(found: Sequence[Record]) -> tuple[int, str]:
    """Number and digest of the last entry of the journal; 0 and empty without one."""
    for record in found:
        if record._meta.model_name == "journalentry":
            last = record._base_manager.order_by("-pk").values_list("pk", "digest").first()
            return last or (0, "")
    return 0, ""


def attachments(found: Sequence[Record]) -> set[str]:
    """SHA-256 of every attachment that the ledger records."""
    for record in found:
        if record._meta.model_name == "attachment":
            return set(record._base_manager.values_list("sha256", flat=True).distinct().order_by())
    return set()


def present() -> tuple[str, ...]:
    """Tables of the ledger that are in the database, by name."""
    names = connection.introspection.table_names()
    return tuple(sorted(one for one in names if one.startswith(f"{_APP}_")))


@contextmanager
def snapshot() -> Iterator[None]:
    """One state of the database for all that is read inside, while writers go on."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")  # Django's own transactions would keep writers out
        try:
            cursor.execute("SELECT count(*) FROM sqlite_master")  # the snapshot is taken by reading
            yield
        finally:
            cursor.execute("ROLLBACK")


# -- out


def lines(record: Record) -> Iterator[bytes]:
    """Every row of a table as one line, by key."""
    fields = _fields(record)
    changes = [(at, _VALUES[kind]) for at, field in enumerate(fields) if (kind := _kind(field)) in _VALUES]
    for row in _rows(record, fields):
        told = list(row)
        for at, change in changes:
            if told[at] is not None:
                told[at] = change(told[at])
        yield _ENCODE(told).encode() + b"\n"


def _rows(record: Record, fields: Sequence[models.Field[Any, Any]]) -> Iterator[tuple[Any, ...]]:
    """Values as the database has them; Django would read a day that is none as nothing at all."""
    quote, key = connection.ops.quote_name, record._meta.pk
    assert key is not None
    plain = "" if connection.vendor == "postgresql" else "+"  # an expression is not converted
    names = ", ".join(plain + quote(str(one.column)) for one in fields)
    order = quote(str(key.column))
    if connection.vendor == "postgresql" and isinstance(key, models.CharField):
        order += ' COLLATE "C"'  # byte by byte, as SQLite
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {quote(record._meta.db_table)} ORDER BY {order}")
        while some := cursor.fetchmany(_together(fields)):
            yield from some


def _fields(record: Record) -> list[models.Field[Any, Any]]:
    return sorted(record._meta.concrete_fields, key=lambda one: str(one.column))


def _together(fields: Sequence[models.Field[Any, Any]]) -> int:
    return _LARGE if any(_kind(one) == "BinaryField" for one in fields) else _TOGETHER


def _kind(field: models.Field[Any, Any]) -> str:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field.get_internal_type()


def _yes_or_no(value: object) -> int:
    if value not in {0, 1}:
        raise ValueError(f"neither yes nor no: {value!r}")
    return int(bool(value))


def _day(value: Any) -> str:
    found = value if isinstance(value, date) else date.fromisoformat(value)
    return found.isoformat()


def _instant(value: Any) -> str:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return instant(found if found.tzinfo else found.replace(tzinfo=UTC))


_VALUES: dict[str, Callable[[Any], Any]] = {
    "BooleanField": _yes_or_no,
    "DateField": _day,
    "DateTimeField": _instant,
    "BinaryField": lambda value: b64encode(value).decode(),
    "DecimalField": str,
}

# -- in


def fill(record: Record, told: Iterable[bytes]) -> None:
    """Write the rows that lines tell into an empty table.

    Raises:
        ValueError: A line that is none of this table.
    """
    fields = _fields(record)
    table = connection.ops.quote_name(record._meta.db_table)
    names = ", ".join(connection.ops.quote_name(str(one.column)) for one in fields)
    rows = _told(fields, told)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            order = f"COPY {table} ({names}) FROM STDIN"
            with connection.wrap_database_errors, cursor.cursor.copy(order) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            while some := list(islice(rows, _together(fields))):
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", some)


def _told(fields: Sequence[models.Field[Any, Any]], told: Iterable[bytes]) -> Iterator[tuple[Any, ...]]:
    changes = [(at, _ways_back(field)) for at, field in enumerate(fields) if _kind(field) in _BACK]
    for line in told:
        row = json.loads(line.decode())
        if not isinstance(row, list) or len(row) != len(fields):
            raise ValueError("a line of another table")
        for at, change in changes:
            if row[at] is not None:
                row[at] = change(row[at])
        yield tuple(row)


def _ways_back(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    back = _BACK[_kind(field)]
    return lambda value: field.get_db_prep_save(back(value), connection)


def _bytes(value: str) -> Any:
    return models.BinaryField().to_python(value)


_BACK: dict[str, Callable[[Any], Any]] = {
    "BooleanField": bool,
    "DateField": date.fromisoformat,
    "DateTimeField": datetime.fromisoformat,
    "BinaryField": _bytes,
    "DecimalField": Decimal,
}


def reset_sequences(found: Sequence[Record]) -> None:
    """Let the database go on counting behind the keys that are there now."""
    with connection.cursor() as cursor:
        for query in connection.ops.sequence_reset_sql(no_style(), list(found)):
            cursor.execute(query)
