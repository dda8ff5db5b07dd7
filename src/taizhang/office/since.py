"""What the journal says of places: as they were at an entry, and what became of them after it.

The journal keeps the image of every row after each act, so nothing need be kept of an export but the
number of its entry: what a cell said then, who changed it since and when, all stands here already.

Reads from: ``ledger.models``.  Read by: ``merging``.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.db.models import QuerySet

from taizhang.ledger.models import JournalEntry, JournalPart

__all__ = ["Change", "Key", "Recorded", "Since", "since"]

Key: TypeAlias = tuple[str, int]  #: table and key of a row
_HEAD = re.compile(rb'\["(ledger_\w+)",(\d+),')
_HOUSEHOLD = ("holder_sealed", "id_number_sealed", "phone_sealed")
_TOGETHER = 8  # parts read at once: each holds up to 20,000 images


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded of a place, as canonical JSON."""

    facts: str
    held: str
    valid_until: str
    words: str  #: of an estate, else empty


@dataclass(frozen=True, slots=True)
class Change:
    """A place as an entry left it; ``None``: removed."""

    entry: int
    recorded: Recorded | None


@dataclass(slots=True)
class Since:
    """What became of places after an entry.

    Attributes:
        before: Of every place written since: as it was at the entry; ``None``: it was not there.
        changes: What was recorded anew, the first first; an act that left it as it was is none.
        households: Units whose household was written since, by key.
    """

    before: dict[Key, Recorded | None] = field(default_factory=dict)
    changes: dict[Key, list[Change]] = field(default_factory=dict)
    households: set[int] = field(default_factory=set)


def since(entry: int, keys: Collection[Key], *, households: bool = False) -> Since:
    """Read what became of some places after an entry.

    Args:
        entry: Its number.
        keys: Of the places.
        households: Whether those of units are asked for too.

    Cost:
        The entries after it; of the places written there also entries before it, from the nearest back,
        until each is found: 1 s for a city of which nothing was written since, 9 s where everything was.
    """
    found = Since()
    after = JournalPart.objects.filter(entry_id__gt=entry)
    people = after.exclude(entry__act="rotate_keys") if households else after.none()
    found.households = {
        image["unit_id"] for _, (table, _), image in _images(people, _households) if table and image
    }
    wanted = set(keys)
    touched: dict[Key, list[Change]] = {}
    for number, key, image in _images(after, wanted.__contains__):
        touched.setdefault(key, []).append(Change(number, _recorded(image)))
    missing = set(touched)
    before = JournalPart.objects.filter(entry_id__lte=entry)
    for _, key, image in _images(before, missing.__contains__, backwards=True):
        found.before[key] = _recorded(image)
        missing.discard(key)
        if not missing:
            break
    for key, changes in touched.items():
        last = found.before.setdefault(key, None)
        for one in changes:
            if one.recorded != last:
                found.changes.setdefault(key, []).append(one)
                last = one.recorded
    return found


def _households(key: Key) -> bool:
    return key[0] == "ledger_household"


def _images(
    parts: QuerySet[JournalPart], wanted: Any, *, backwards: bool = False
) -> Iterator[tuple[int, Key, dict[str, Any] | None]]:
    """Entry, key and image of the rows that are wanted; backwards the newest first.

    Only the head of a line is looked at before it is known to be wanted: most are not.
    """
    order = ("-entry_id", "-number") if backwards else ("entry_id", "number")
    rows = parts.order_by(*order).values_list("entry_id", "images")
    for entry, images in rows.iterator(_TOGETHER):
        lines = zlib.decompress(bytes(images)).split(b"\n")
        for line in reversed(lines) if backwards else lines:
            head = _HEAD.match(line)
            if head is None:
                continue
            key = (head[1].decode(), int(head[2]))
            if wanted(key):
                yield entry, key, json.loads(line)[2]


def _recorded(image: dict[str, Any] | None) -> Recorded | None:
    if image is None:
        return None
    return Recorded(image["facts"], image["held"], image["valid_until"], image.get("identity", ""))


def entries(numbers: Collection[int]) -> dict[int, JournalEntry]:
    """Entries by their numbers: who did what and when."""
    return {one.pk: one for one in JournalEntry.objects.filter(pk__in=set(numbers))}
