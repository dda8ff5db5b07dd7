"""Proof that nothing was changed or lost: a program apart from the one that writes.

It shares no code with the writer and needs Python alone (and psycopg, for PostgreSQL).  In one snapshot
of the database, which it only reads, it recomputes the journal from the first entry on, rebuilds from it
what every row must be, and looks whether the rows are so.  Whoever can write the whole database can also
write a whole new journal: only a head that was kept elsewhere (``--anchor``) shows that.

Reads from: nothing of ours.  Read by: ``cli.verifying``.  Source: RFC 6962, section 2 (chained digests).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

__all__ = ["Finding", "Verdict", "read_anchors", "verify"]

#: Tables without images: the journal itself, the counters, and accounts (password, last sign-in).
_BARE = ("account", "anchor", "issuednumber", "job", "journalentry", "journalpart")
_ENTRY = ("id", "at", "actor", "act", "subject", "county", "detail", "rows", "parts", "previous", "digest")
_PART = ("id", "number", "images", "digest")
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_IMAGE = re.compile(rb'\["(ledger_[a-z_]+)",(-?[0-9]+|"(?:[^"\\]|\\.)*"),(null|\{.*\})\]', re.DOTALL)
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9:]{8})(?:\.([0-9]{1,6}))?(?:\+00)?")
_KINDS = {"blob": "bytes", "bytea": "bytes", "date": "day", "datetime": "instant", "timestamp": "instant"}
_SQLITE = "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c"
_SERVER = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = current_schema()"
)
_WORDS = {
    "V-UNREADABLE": ("读不出：{why}", "cannot be read: {why}"),
    "V-ENTRY-MISSING": ("此处应为第 {expected} 条", "entry {expected} was expected here"),
    "V-ENTRY-CHANGED": ("内容与摘要不符", "is not what its digest says"),
    "V-CHAIN": ("与上一条衔接不上", "does not follow the entry before it"),
    "V-PARTS": ("行影像缺少、多出或错序", "parts of images are missing, added or in another order"),
    "V-PART-CHANGED": ("行影像与摘要不符", "the images are not what their digest says"),
    "V-ROWS": ("应有 {told} 行影像，实有 {seen} 行", "{told} images were written, {seen} are here"),
    "V-ROW-CHANGED": ("与第 {entry} 条留痕所记不符", "is not what entry {entry} says, the last to write it"),
    "V-ROW-MISSING": ("第 {entry} 条留痕所记的这一行不见了", "is gone, though entry {entry} wrote it"),
    "V-ROW-EXTRA": ("没有任何留痕记有这一行", "was written by no entry"),
    "V-NUMBER": ("编号只发到 {last}，却已用到 {used}", "numbers were issued up to {last}, {used} was used"),
    "V-ANCHOR": ("与另存的摘要不符", "has another digest than the one kept elsewhere"),
    "V-TRUNCATED": ("留痕止于第 {last} 条，此后的不见了", "the journal ends at {last}, the rest is gone"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the journal says: a stable code, the place, and what is wrong there."""

    code: str
    where: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries and rows were read, the digest of the last entry, and what was found, in order."""

    entries: int
    rows: int
    head: str
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Reading:
    """A snapshot of a database, and what is known of it so far."""

    connection: Any
    failure: type[Exception]
    server: bool
    tables: dict[str, dict[str, str]] = field(default_factory=dict)  # column -> kind, by table
    rebuilt: dict[str, dict[int | str, bytes]] = field(default_factory=dict)  # digest and entry, by key
    heads: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    rows: int = 0

    def ask(self, query: str) -> Iterator[tuple[Any, ...]]:
        name = (str(hash(query)),) if self.server else ()  # a named cursor fetches some rows at a time
        with closing(self.connection.cursor(*name)) as cursor:
            yield from cursor.execute(query)

    def tell(self, code: str, where: str, **values: object) -> None:
        self.findings.append(Finding(code, where, *(one.format(**values) for one in _WORDS[code])))

    def read(self, table: str, columns: Sequence[str], tail: str = "") -> Iterator[tuple[Any, ...]]:
        """The values of these columns; where they cannot be read, a finding."""
        kinds = self.tables.get(table, {})
        if lacking := [one for one in columns if one not in kinds]:
            self.tell("V-UNREADABLE", table, why=", ".join(lacking))
            return
        text = "::text" if self.server else ""
        told = (f'"{one}"{text if kinds[one] in {"day", "instant"} else ""}' for one in columns)
        try:
            yield from self.ask(f'SELECT {", ".join(told)} FROM "{table}" {tail}')
        except self.failure as error:
            self.tell("V-UNREADABLE", table, why=str(error).strip())


def verify(database: str, anchors: Sequence[tuple[int, str]] = ()) -> Verdict:
    """Whether the ledger is what its journal says.

    Args:
        database: Path of an SQLite file, or ``postgresql://…``; it is only read.
        anchors: Entry numbers and digests of heads that were kept elsewhere.

    Raises:
        OSError: There is no such database.
    """
    with _opened(database) as reading:
        _read_journal(reading)
        issued = dict(reading.read("ledger_issuednumber", ("series", "last")))
        bare = {f"ledger_{one}" for one in _BARE}
        for table in sorted((reading.tables.keys() | reading.rebuilt.keys()) - bare):
            _compare(reading, table, issued.get(table, 0))
        head = max(reading.heads, default=0)
        for entry, digest in sorted(anchors):
            if reading.heads.get(entry, digest) != digest:
                reading.tell("V-ANCHOR", f"journal:{entry}")
            elif entry not in reading.heads:
                reading.tell("V-TRUNCATED", f"journal:{entry}", last=head)
    return Verdict(len(reading.heads), reading.rows, reading.heads.get(head, ""), tuple(reading.findings))


def _read_journal(reading: _Reading) -> None:
    expected, parts, before = 1, 0, "0" * 64
    kinds = reading.tables.get("ledger_journalentry", {})
    for values in reading.read("ledger_journalentry", _ENTRY, "ORDER BY id"):
        *told, rows, count_, previous, digest = map(_canonical, values, (kinds[one] for one in _ENTRY))
        where, entry = f"journal:{told[0]}", told[0] if isinstance(told[0], int) else -1
        if entry != expected:
            reading.tell("V-ENTRY-MISSING", where, expected=expected)
        digests, seen = _read_parts(reading, entry, parts)
        changed = sha256(_encoded([*told, rows, digests, previous])).hexdigest() != digest
        chained, whole = previous == before, len(digests) == count_
        for right, code in ((chained, "V-CHAIN"), (not changed, "V-ENTRY-CHANGED"), (whole, "V-PARTS")):
            if not right:
                reading.tell(code, where)
        if seen != rows:
            reading.tell("V-ROWS", where, told=rows, seen=seen)
        parts, expected, before = parts + len(digests), entry + 1, str(digest)
        reading.heads[entry] = before
    if sum(1 for _ in reading.read("ledger_journalpart", ("id",))) != parts:
        reading.tell("V-PARTS", "journal")  # some belong to no entry


def _read_parts(reading: _Reading, entry: int, before: int) -> tuple[list[Any], int]:
    """Take in the images of an entry; return the digests of its parts, and how many images there are."""
    digests: list[Any] = []
    images = 0
    tail = f"WHERE entry_id = {entry} ORDER BY number, id"
    for key, number, packed, digest in reading.read("ledger_journalpart", _PART, tail):
        digests.append(_canonical(digest, ""))
        where = f"journal:{entry}/{number}"
        if (number, key) != (len(digests), before + len(digests)):
            reading.tell("V-PARTS", where)
        seen = sha256()
        for line in filter(None, map(_IMAGE.fullmatch, _lines(packed, seen))):
            images += 1
            table, row = line[1].decode(), json.loads(line[2])
            known = sha256(line[0]).digest() + entry.to_bytes(8, "big", signed=True)
            reading.rebuilt.setdefault(table, {})[row] = b"" if line[3] == b"null" else known
        if seen.hexdigest() != digest:
            reading.tell("V-PART-CHANGED", where)
    return digests, images


def _lines(packed: Any, seen: Any) -> Iterator[bytes]:
    """The lines of a part, unpacked piece by piece; ``seen`` digests them, and is spoilt by any fault."""
    unpacking, rest = zlib.decompressobj(), b""
    try:
        while not unpacking.eof:
            piece = unpacking.decompress(packed, 2**20)
            packed = unpacking.unconsumed_tail
            if len(rest) > 2**24 or not (piece or packed or unpacking.eof):
                raise zlib.error("no end")
            seen.update(piece)
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines
        yield rest
    except (zlib.error, TypeError) as error:
        seen.update(str(error).encode())
    seen.update(unpacking.unused_data)


def _compare(reading: _Reading, table: str, issued: Any) -> None:
    """Look whether the rows of a table are those that the journal says, under numbers that were issued."""
    due, kinds = reading.rebuilt.pop(table, {}), reading.tables.get(table, {})
    names, found = sorted({*kinds, "id"}), []
    used = max((one for one in due if isinstance(one, int)), default=0)
    if not isinstance(issued, int) or issued < used:
        reading.tell("V-NUMBER", table, last=issued, used=used)
    for values in reading.read(table, names):
        told = {name: _canonical(one, kinds[name]) for name, one in zip(names, values, strict=True)}
        key = told["id"] if isinstance(told["id"], int) else str(told["id"])
        known = due.pop(key, None)
        reading.rows += 1
        if not known:
            found.append((key, "V-ROW-EXTRA", b""))
        elif sha256(_encoded([table, told["id"], told])).digest() != known[:32]:
            found.append((key, "V-ROW-CHANGED", known))
    found += [(key, "V-ROW-MISSING", known) for key, known in due.items() if known]
    for key, code, known in sorted(found, key=lambda one: (isinstance(one[0], str), one)):
        reading.tell(code, f"{table}:{key}", entry=int.from_bytes(known[32:], "big", signed=True))


def _canonical(value: Any, kind: str) -> Any:
    """A value as an image tells it; what its column cannot hold is a list, and no image has lists."""
    if kind == "bytes" and isinstance(value, bytes):
        return f"sha256:{sha256(value).hexdigest()}"
    if kind == "instant" and (told := _INSTANT.fullmatch(str(value))):
        return f"{told[1]}T{told[2]}.{(told[3] or '').ljust(6, '0')}Z"
    if value is None or (isinstance(value, str) and kind in {"", "day"}):
        return value
    return int(value) if isinstance(value, int) else [str(value)]  # yes and no are 1 and 0


def _encoded(told: Any) -> bytes:
    return _JSON.encode(told).encode("utf-8", "surrogateescape")


@contextmanager
def _opened(database: str) -> Iterator[_Reading]:
    """A snapshot; what goes wrong after it was taken is a finding."""
    failure: type[Exception] = sqlite3.Error
    connect: Any
    if server := "://" in database:
        import psycopg  # noqa: PLC0415 - SQLite needs Python alone

        connect, failure = partial(psycopg.connect, database), psycopg.Error
        begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET DateStyle=ISO; SET TimeZone=0"
    else:
        path = Path(database).resolve()  # where nothing can be written, as on a disc, nobody else writes
        alone = not (os.access(path.parent, os.W_OK) or Path(f"{path}-wal").exists())
        address = f"{path.as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
        connect, begin = partial(sqlite3.connect, address, uri=True, isolation_level=None), "BEGIN"
    try:
        with closing(connect()) as connection:
            connection.execute(begin)
            reading = _Reading(connection, failure, server)
            for table, column, kind in reading.ask(_SERVER if server else _SQLITE):
                if table.startswith("ledger_"):
                    word = kind.lower().partition(" ")[0]
                    reading.tables.setdefault(table, {})[column] = _KINDS.get(word, "")
            if not server:
                connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
            yield reading
    except failure as error:
        raise OSError(str(error).strip()) from None


def read_anchors(text: str) -> list[tuple[int, str]]:
    """Heads kept elsewhere, from lines of day, entry and digest; raises ValueError on any other line."""
    found = [re.fullmatch(r"\s*[0-9-]{10}\s+([0-9]+)\s+([0-9a-f]{64})\s*", one) for one in text.splitlines()]
    if None in found:
        raise ValueError(f"not an anchor: {text.splitlines()[found.index(None)]}")
    return [(int(one[1]), one[2]) for one in found if one]


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify and say what was found; return 0 for nothing, 1 for something, 2 for what cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m taizhang.verify", description=__doc__)
    parser.add_argument("database", help="file of SQLite, or postgresql://user:password@host:port/name")
    parser.add_argument("--anchor", type=Path, help="file of heads kept elsewhere: day, entry, digest")
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    asked, start = parser.parse_args(arguments), time.perf_counter()
    try:
        anchors = read_anchors(asked.anchor.read_text("utf-8")) if asked.anchor else []
        verdict = verify(asked.database, anchors)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    told = [
        f"留痕 entries: {verdict.entries}    行 rows: {verdict.rows}    {time.perf_counter() - start:.1f} s",
        f"末条摘要 head: {verdict.head}\n不符之处 findings: {len(verdict.findings)}",
        *(f"{one.where}: {one.zh} / {one.en} [{one.code}]" for one in verdict.findings[:20]),
    ]
    text = json.dumps(asdict(verdict), ensure_ascii=False) if asked.json else "\n".join(told)
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "backslashreplace"))
    return int(bool(verdict.findings))


if __name__ == "__main__":
    sys.exit(main())
