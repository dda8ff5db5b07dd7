"""Which row of an edited sheet is which row of the sheet as it was sent.

An officer sorts, inserts, deletes and overwrites.  Rows are told by what is in them: one that is
unlike every other is itself wherever it stands; one that was edited is the row with which it
still shares most; what is left was added or deleted.

Reads from: nothing of ours.  Read by: ``merging``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeAlias

__all__ = ["Prints", "align_columns", "align_rows"]

Prints: TypeAlias = tuple[str, ...]  # fingerprints of a row, "" for an empty cell

_RARE = 8  # rows that may share a cell for it to tell which row is meant


def align_rows(before: Sequence[Prints], after: Sequence[Prints]) -> list[int | None]:
    """Return for each row of ``after`` its row of ``before``, or ``None`` for a new one.

    Each row of ``before`` is used once at most.  Empty rows are those at the same place.

    >>> align_rows([("a", "b"), ("c", "d")], [("c", "d"), ("a", "x"), ("e", "f")])
    [1, 0, None]
    """
    found: list[int | None] = [None] * len(after)
    free = set(range(len(before)))

    def take(now: int, then: int) -> None:
        found[now] = then
        free.discard(then)

    for now, then in _unmistakable(before, after):
        take(now, then)
    for rarity in (1, _RARE):  # first by cells that stand in one row only, as a number or a name
        for now, then in _most_alike(before, after, found, free, rarity):
            take(now, then)
    for now, row in enumerate(after):  # at the same place, and still alike
        if found[now] is None and now in free and _alike(before[now], row):
            take(now, now)
    for now, row in enumerate(after):  # overwritten where it stands, or empty
        if found[now] is None and now in free and bool(_filled(row)) == bool(_filled(before[now])):
            take(now, now)
    return found


def align_columns(before: Prints, after: Prints) -> list[int | None]:
    """Return for each column of ``after`` its column of ``before``, by their headings."""
    if before == after:
        return list(range(len(after)))
    at_before, at_after = Counter(filter(None, before)), Counter(filter(None, after))
    found: list[int | None] = [None] * len(after)
    free = set(range(len(before)))
    for now, heading in enumerate(after):
        if heading and at_before[heading] == at_after[heading] == 1:
            found[now] = before.index(heading)
            free.discard(before.index(heading))
    last = -1
    for now in range(len(after)):  # the others follow their neighbours
        if (
            found[now] is None
            and last + 1 in free
            and (not before[last + 1] or not after[now] or _moved(found, now))
        ):
            found[now] = last + 1
            free.discard(last + 1)
        last = found[now] if found[now] is not None else last  # type: ignore[assignment]
    return found


def _moved(found: Sequence[int | None], now: int) -> bool:
    """Whether the next column is still the next: then a heading was reworded, and no column put in."""
    following = next((one for one in found[now + 1 :] if one is not None), None)
    leading = next((one for one in reversed(found[:now]) if one is not None), -1)
    gap = sum(one is None for one in found[now:][: _until(found, now)])
    return following is None or following - leading - 1 >= gap


def _until(found: Sequence[int | None], now: int) -> int:
    return next((at for at, one in enumerate(found[now:]) if one is not None), len(found) - now)


# ---------------------------------------------------------------------------------- rows


def _filled(row: Prints) -> int:
    return sum(map(bool, row))


def _alike(one: Prints, other: Prints) -> bool:
    """Whether two rows share half of what the emptier one says: gaps may have been filled in since."""
    same = sum(a == b != "" for a, b in zip(one, other, strict=False))
    return 2 * same >= min(_filled(one), _filled(other)) > 0


def _unmistakable(before: Sequence[Prints], after: Sequence[Prints]) -> Iterable[tuple[int, int]]:
    """Rows that are the same; of several alike, one after the other."""
    places: dict[Prints, list[int]] = defaultdict(list)
    for then, row in enumerate(before):
        if _filled(row):
            places[row].append(then)
    wanted: dict[Prints, list[int]] = defaultdict(list)
    for now, row in enumerate(after):
        if row in places:
            wanted[row].append(now)
    for row, found in wanted.items():
        here = set(places[row])
        stayed = [now for now in found if now in here]
        yield from ((now, now) for now in stayed)
        rest = sorted(here.difference(stayed))
        yield from zip([now for now in found if now not in here], rest, strict=False)


def _most_alike(
    before: Sequence[Prints],
    after: Sequence[Prints],
    found: Sequence[int | None],
    free: set[int],
    rarity: int,
) -> list[tuple[int, int]]:
    """Rows that were edited, moved or not: those that share most cells which few rows have."""
    holders: dict[tuple[int, str], list[int]] = defaultdict(list)
    for then in sorted(free):
        for column, cell in enumerate(before[then]):
            if cell:
                holders[column, cell].append(then)
    claims: list[tuple[float, bool, int, int]] = []
    for now, row in enumerate(after):
        if found[now] is None:
            votes = _votes(row, holders, rarity)
            claims += [(-weight, then != now, now, then) for then, weight in votes.items()]
    taken_now: set[int] = set()
    taken_then: set[int] = set()
    settled: list[tuple[int, int]] = []
    for _, _, now, then in sorted(claims):
        if now not in taken_now and then not in taken_then:
            taken_now.add(now)
            taken_then.add(then)
            settled.append((now, then))
    return settled


def _votes(row: Prints, holders: dict[tuple[int, str], list[int]], rarity: int) -> dict[int, float]:
    """How much each row of before shares with a row; a cell that fewer have says more."""
    votes: dict[int, float] = defaultdict(float)
    for key in enumerate(row):
        near = holders.get(key, ()) if key[1] else ()
        if len(near) <= rarity:
            for then in near:
                votes[then] += 1 / len(near)
    return votes
