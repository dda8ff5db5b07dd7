"""One text for one meaning: records written out in the same way on every machine.

A digest says "the same" only where nothing but the meaning goes into it.  Here names of fields and
keys of mappings are sorted, text stays Unicode, and no float, memory address or clock is written.
What kind of value stands there is part of the text: a day is no text that looks like one.

Reads from: ``expressions``.  Read by: ``plancontent``, ``circumstances``, the doors that keep records.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from taizhang.rules.expressions import Expression

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
def _names(kind: Any, leave_out: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The fields of a record that count, sorted, each with its name as JSON."""
    told = sorted(one.name for one in fields(kind) if one.compare and one.name not in leave_out)
    return tuple((name, json.dumps(name)) for name in told)


class _Writer:
    """Writes values; records are frozen, so one that was written is known by its identity."""

    def __init__(self, leave_out: frozenset[str]) -> None:
        self._leave_out = leave_out
        self._known: dict[int, str] = {}

    def text(self, value: object) -> str:
        """The text of one value."""
        kind = type(value)
        if kind is str:
            return encode_basestring(str(value))
        if kind is int:
            return str(value)
        if value is None or kind is bool:
            return json.dumps(value)
        if isinstance(value, tuple | list):
            return "[" + ",".join(map(self.text, value)) + "]"
        if isinstance(value, Expression):
            return '{"expression":' + encode_basestring(value.text) + "}"
        if is_dataclass(value) and not isinstance(value, type):
            return self._record(value)
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, Set):
            return "[" + ",".join(sorted(map(self.text, value))) + "]"
        return _scalar(value)

    def _record(self, value: object) -> str:
        found = self._known.get(id(value))
        if found is None:
            kind: Any = type(value)
            names = _names(kind, self._leave_out)
            parts = (f"{shown}:{self.text(getattr(value, name))}" for name, shown in names)
            found = self._known[id(value)] = "{" + ",".join(parts) + "}"
        return found

    def _mapping(self, value: Mapping[object, object]) -> str:
        if all(isinstance(key, str) for key in value):
            pairs = sorted((self.text(key), self.text(one)) for key, one in value.items())
            return "{" + ",".join(f"{key}:{one}" for key, one in pairs) + "}"
        rows = sorted((self.text(key), self.text(one)) for key, one in value.items())
        return '{"map":[' + ",".join(f"[{key},{one}]" for key, one in rows) + "]}"


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
