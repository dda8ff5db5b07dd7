"""Somebody who may write the whole database, and changes it behind the office's back.

A *state* is every row of the journal and of the journalled tables, as the database holds them.  The
tamperer drops the triggers, writes what they like, and puts a state back when they are told to.

Reads from: nothing of ours.  Read by: ``verifying``.
"""

from __future__ import annotations

import random
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

import psycopg

JOURNAL = ("ledger_journalentry", "ledger_journalpart")
BARE = ("ledger_account", "ledger_anchor")  # nothing is promised of these
COUNTERS = "ledger_issuednumber"
Row: TypeAlias = tuple[Any, ...]
State: TypeAlias = dict[str, list[Row]]
REFUSED = (sqlite3.Error, psycopg.Error, OverflowError)


class NothingDoneError(Exception):
    """The draw would leave everything as it is, or the database refuses it: draw again."""


class Tamperer:
    """A connection that no trigger and no foreign key stops."""

    def __init__(self, database: str) -> None:
        self.touched = ""  # the table that was changed last
        self.server = "://" in database
        self.mark = "%s" if self.server else "?"
        if self.server:
            self.connection: Any = psycopg.connect(database, autocommit=True)
            self.connection.execute("SET session_replication_role = replica")  # foreign keys are triggers
            tables = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'ledger_%' ORDER BY 1"
        else:
            self.connection = sqlite3.connect(database, isolation_level=None)
            self.connection.execute("PRAGMA ignore_check_constraints = ON")
            self.connection.execute("PRAGMA synchronous = OFF")
            tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'ledger_%' ORDER BY 1"
        self.tables = [one for (one,) in self.connection.execute(tables).fetchall() if one not in BARE]
        self.columns = {table: self._columns(table) for table in self.tables}

    def drop_triggers(self) -> None:
        triggers = (
            "SELECT 'DROP TRIGGER ' || tgname || ' ON ' || tgrelid::regclass FROM pg_trigger"
            " WHERE NOT tgisinternal"
            if self.server
            else "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'"
        )
        for (drop,) in self.connection.execute(triggers).fetchall():
            self.connection.execute(drop)

    def _columns(self, table: str) -> list[str]:
        return [one[0] for one in self.connection.execute(f"SELECT * FROM {table} LIMIT 0").description]

    def close(self) -> None:
        self.connection.close()

    # -- states

    def state(self) -> State:
        return {table: self.rows(table) for table in self.tables}

    def rows(self, table: str) -> list[Row]:
        return list(self.connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall())

    def put(self, state: State, tables: Sequence[str] = ()) -> None:
        """Let these tables, or all, be as they were."""
        self.connection.execute("BEGIN")
        for table in tables or self.tables:
            self.connection.execute(f"DELETE FROM {table}")
            for row in state[table]:
                self.write(table, row)
        self.connection.execute("COMMIT")

    def write(self, table: str, row: Row) -> None:
        marks = ", ".join([self.mark] * len(row))
        self.connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)

    def replace(self, table: str, old: Sequence[Row], new: Sequence[Row]) -> None:
        """Put rows in the place of others.

        Raises:
            NothingDoneError: The database refuses it, and everything is as it was.
        """
        key = self.columns[table][0]
        self.connection.execute("BEGIN")
        try:
            for row in old:
                self.connection.execute(f"DELETE FROM {table} WHERE {key} = {self.mark}", (row[0],))
            for row in new:
                self.write(table, row)
        except REFUSED:
            self.connection.execute("ROLLBACK")
            raise NothingDoneError from None
        self.connection.execute("COMMIT")
        if _same(table, sorted(old, key=_key), sorted(new, key=_key)):
            raise NothingDoneError

    def cast(self, table: str, column: str, key: object, octets: bytes) -> None:
        """SQLite alone: write octets into a column of text, whether or not they are UTF-8."""
        self.connection.execute(f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE id = ?", (octets, key))


def _key(row: Row) -> str:
    return str(row[0])


def _same(table: str, old: Sequence[Row], new: Sequence[Row]) -> bool:
    """Whether rows say the same; images packed in another way are the same images."""
    if table != "ledger_journalpart":
        return list(old) == list(new)
    return [_unpacked(row) for row in old] == [_unpacked(row) for row in new]


def _unpacked(row: Row) -> list[Any]:
    return [_lines(bytes(one)) if isinstance(one, bytes) else one for one in row]


def _lines(packed: bytes) -> object:
    unpacking = zlib.decompressobj()
    try:
        lines = unpacking.decompress(packed)
    except zlib.error:
        return packed
    return lines if unpacking.eof and not unpacking.unused_data else packed


# ------------------------------------------------------------------------------- the acts


def flip(tamperer: Tamperer, draw: random.Random) -> str:
    """Another character, byte, bit, day or instant in one column of a row; or nothing where something was."""
    table, row = _any_row(tamperer, draw)
    at = draw.randrange(len(row))
    column, value = tamperer.columns[table][at], row[at]
    if not tamperer.server and isinstance(value, str) and at and draw.random() < 0.2:
        octets = _other_byte(value.encode() or b"-", draw)
        tamperer.cast(table, column, row[0], octets)
    else:
        told = None if value is not None and draw.random() < 0.1 else _other(tamperer, table, at, value, draw)
        tamperer.replace(table, [row], [(*row[:at], told, *row[at + 1 :])])
    return f"{table}.{column} of {row[0]}"


def delete(tamperer: Tamperer, draw: random.Random) -> str:
    """A row is gone."""
    table, row = _any_row(tamperer, draw)
    tamperer.replace(table, [row], [])
    return f"{table} {row[0]}"


def insert(tamperer: Tamperer, draw: random.Random) -> str:
    """A row once more, under another key; names that stand once are written a little differently."""
    table, row = _any_row(tamperer, draw)
    names = tamperer.columns[table]
    keys = [one[0] for one in tamperer.rows(table)]
    new = list(row)
    new[0] = max(keys) + draw.randint(1, 3) if isinstance(row[0], int) else f"{row[0]}2"
    for at, name in enumerate(names[1:], 1):
        if name in {"place", "number", "item", "rung"}:
            new[at] = row[at] + (1000 if isinstance(row[at], int) else "′")
    tamperer.replace(table, [], [tuple(new)])
    return f"{table} {row[0]} as {new[0]}"


def reorder(tamperer: Tamperer, draw: random.Random) -> str:
    """Two rows of one table change places: what was said by one is said by the other."""
    table, one = _any_row(tamperer, draw)
    other = draw.choice(tamperer.rows(table))
    tamperer.replace(table, [one, other], [(one[0], *other[1:]), (other[0], *one[1:])])
    return f"{table} {one[0]} and {other[0]}"


def _any_row(tamperer: Tamperer, draw: random.Random) -> tuple[str, Row]:
    """Half of the draws touch the journal, half the tables it tells of."""
    told = [one for one in tamperer.tables if one not in JOURNAL and one != COUNTERS]
    filled = [one for one in (JOURNAL if draw.random() < 0.5 else told) if tamperer.rows(one)]
    table = tamperer.touched = draw.choice(filled)
    return table, draw.choice(tamperer.rows(table))


def _other_byte(octets: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(octets))
    return octets[:at] + bytes([octets[at] ^ draw.randint(1, 255)]) + octets[at + 1 :]


def _other(tamperer: Tamperer, table: str, at: int, value: Any, draw: random.Random) -> Any:
    """A value near this one."""
    if value is None:  # what another row has there, or a number, or a day
        others = [row[at] for row in tamperer.rows(table) if row[at] is not None]
        return draw.choice(others or [0, 1, True, date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)])
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ (1 << draw.randrange(15))
    if isinstance(value, datetime):
        return value + timedelta(microseconds=draw.choice([-1, 1, 1_000_000]))
    if isinstance(value, date):
        return value + timedelta(days=draw.choice([-1, 1, 365]))
    if isinstance(value, bytes):
        return _other_byte(value, draw) if value else b"\0"
    place = draw.randrange(len(value) + 1)
    kept = value[place + draw.choice([0, 1]) :]
    return value[:place] + draw.choice(["", "0", "1", "a", " ", "户", '"', "\\"]) + kept


ACTS: dict[str, Callable[[Tamperer, random.Random], str]] = {
    "flip": flip,
    "delete": delete,
    "insert": insert,
    "reorder": reorder,
}
