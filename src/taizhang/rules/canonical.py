"""One text for one meaning: records written out in the same way on every machine.

A digest says "the same" only where nothing but the meaning goes into it.  Here names of fields and
keys of mappings are sorted, text stays Unicode, and no float, memory address or clock is written.
What kind of value stands there is part of the text: a day is no text that looks like one.

Reads from: ``expressions``, ``terms``.  Read by: ``plancontent``,
``circumstances``, the doors that keep records.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache, partial
from hashlib import sha256
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any

from taizhang.rules.expressions import Expression
from taizhang.rules.terms import ByPlace

__all__ = ["canonical", "digest"]


def canonical(value: object, leave_out: frozenset[str] = frozenset()) -> str:
    """Return the one text of a value: JSON, sorted, without layout.

    Args:
        value: A record of the rules, or mappings, sequences and sets of such; no floats.
        leave_out: Names of fields of records that are not part of the meaning, such as ``where``.

    Raises:
        TypeError: A value of another kind.

    Cost:
        One pass over the value; a record that stands in several places is written out once.

    Source:
        After RFC 8785, *JSON Canonicalization Scheme*, without its numbers: integers only.

    >>> canonical({"b": (1, True), "a": date(2024, 1, 28)})
    '{"a":{"date":"2024-01-28"},"b":[1,true]}'
    >>> canonical({("paper", "u1"): Decimal("1.50")})
    '{"map":[[["paper","u1"],{"decimal":"1.50"}]]}'
    """
    return _Writer(leave_out).text(value)


def digest(value: object, leave_out: frozenset[str] = frozenset()) -> str:
    """Return the SHA-256 of :func:`canonical`, 64 hexadecimal digits.

    Raises:
        TypeError: As :func:`canonical`.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    return sha256(canonical(value, leave_out).encode()).hexdigest()


@cache
def _fields(kind: Any, leave_out: frozenset[str]) -> tuple[str, Callable[[Any], Sequence[Any]]]:
    """The fields of a record that count, sorted: the text with a gap for each value, and a reader."""
    names = sorted(one.name for one in fields(kind) if one.compare and one.name not in leave_out)
    shown = "{" + ",".join(f"{json.dumps(name)}:%s" for name in names) + "}"
    if len(names) < 2:  # a reader of one name gives the bare value
        return shown, lambda record: [getattr(record, name) for name in names]
    return shown, attrgetter(*names)


class _Writer(dict[type, Callable[[Any], str]]):
    """Writes values; how values of a type are written is found out once for each type.

    What is frozen and may stand in several places is known by its identity, and kept, so that no
    other value can have that identity while it is known.
    """

    def __init__(self, leave_out: frozenset[str]) -> None:
        super().__init__({str: encode_basestring, int: str, bool: _TRUTH.__getitem__, type(None): _null})
        self._leave_out = leave_out
        self._known: dict[int, tuple[object, str]] = {}

    def text(self, value: object) -> str:
        """The text of one value."""
        return self[type(value)](value)

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        found = self._writer_for(kind)
        self[kind] = found
        return found

    def _writer_for(self, kind: type) -> Callable[[Any], str]:
        if issubclass(kind, tuple):
            return partial(self._once, self._list)
        if issubclass(kind, list):
            return self._list
        if issubclass(kind, Expression):
            return lambda value: '{"expression":' + encode_basestring(value.text) + "}"
        if is_dataclass(kind):
            return self._record(*_fields(kind, self._leave_out))
        if issubclass(kind, ByPlace):
            return self._by_place
        if issubclass(kind, Mapping):
            return self._mapping
        if issubclass(kind, Set):
            return partial(self._once, lambda value: "[" + ",".join(sorted(map(self.text, value))) + "]")
        return partial(self._once, _scalar) if issubclass(kind, Enum | date) else _scalar

    def _once(self, write: Callable[[Any], str], value: object) -> str:
        found = self._known.get(id(value))
        if found is None:
            found = self._known[id(value)] = value, write(value)
        return found[1]

    def _list(self, value: Sequence[object]) -> str:
        return "[" + ",".join([self[type(one)](one) for one in value]) + "]"

    def _record(self, shown: str, read: Callable[[Any], Sequence[Any]]) -> Callable[[Any], str]:
        known = self._known

        def write(value: object) -> str:
            found = known.get(id(value))
            if found is None:
                text = shown % tuple([self[type(one)](one) for one in read(value)])
                found = known[id(value)] = value, text
            return found[1]

        return write

    def _mapping(self, value: Mapping[object, object]) -> str:
        rows = sorted([(self[type(key)](key), self[type(one)](one)) for key, one in value.items()])
        if all(isinstance(key, str) for key in value):
            return "{" + ",".join([f"{key}:{one}" for key, one in rows]) + "}"
        return '{"map":[' + ",".join([f"[{key},{one}]" for key, one in rows]) + "]}"

    def _by_place(self, value: ByPlace[object]) -> str:
        """The text of a flat mapping with the same keys, whose rows stand by name, then by place.

        No text in quotes begins another one, so names are sorted apart from the places.
        """
        by_name: dict[str, list[str]] = {}
        for place, told in sorted([(encode_basestring(place), told) for place, told in value.by_place()]):
            for name, one in told.items():
                by_name.setdefault(name, []).append(f"{place}],{self[type(one)](one)}]")
        if not by_name:
            return "{}"
        rows = []
        for shown, name in sorted([(encode_basestring(name), name) for name in by_name]):
            before = f"[[{shown},"
            rows.append(before + f",{before}".join(by_name[name]))
        return '{"map":[' + ",".join(rows) + "]}"


_TRUTH = {True: "true", False: "false"}


def _null(_: None) -> str:
    return "null"


def _scalar(value: object) -> str:
    if isinstance(value, Enum):
        return json.dumps(value.name)
    if isinstance(value, date):
        return f'{{"date":"{value.isoformat()}"}}'
    if isinstance(value, Decimal):
        return f'{{"decimal":"{value}"}}'
    if isinstance(value, Fraction):
        return f'{{"fraction":"{value}"}}'
    raise TypeError(f"{type(value).__name__} has no canonical text")
