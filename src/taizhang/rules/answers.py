"""The classes of answers that the guards of a pack tell apart.

An open fact need not be tried with every value: for a guard ``area <= 90`` all areas below
and all above behave alike.  Each fact of a pack gets its short list of classes, one
representative value each; the completions of a case are the combinations of classes.

Reads from: ``expressions``, ``terms``.  Read by: ``ground``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TypeAlias, cast

from taizhang.rules.expressions import Expression
from taizhang.rules.terms import Fact, Pack, Value

__all__ = ["AnswerClass", "answer_classes", "as_read", "guards_of"]

_Point: TypeAlias = Decimal | date
_HALF = Decimal("0.5")  # beyond the last number that a guard names


@dataclass(frozen=True, slots=True)
class AnswerClass:
    """Answers that no guard tells apart.

    Attributes:
        answers: Enum values, ``true``/``false``, or one interval such as ``> 90``.
        value: One answer of the class, to evaluate guards with.
        until: Of numbers and dates, what no answer of the class lies above, and whether it is one of them;
            ``None``: there is no such.
    """

    answers: tuple[str, ...]
    value: Value
    until: tuple[_Point, bool] | None = None


def as_read(fact: Fact, value: Value | None) -> Value | None:
    """Return a recorded value as expressions read it: money is kept in fen and read in yuan."""
    if fact.type == "money" and isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value) / 100
    return value


def guards_of(pack: Pack) -> Iterator[Expression]:
    """Yield every guard that can count on the pack's day: of ways, of needs, of ways not adopted."""
    for name in sorted(pack.nodes):
        for way in pack.nodes[name].ways:
            if not way.effective.holds(pack.as_of):
                continue
            if way.when:
                yield way.when
            for need in way.needs:
                if need.when:
                    yield need.when


def answer_classes(pack: Pack) -> dict[str, tuple[AnswerClass, ...]]:
    """Return the classes of every fact that a guard reads, by fact id.

    Source:
        Region construction over thresholds, as for clock constraints in Alur and Dill,
        "A theory of timed automata" (1994), section 4.
    """
    if "answer_classes" not in pack.once:
        pack.once["answer_classes"] = _of_pack(pack)
    return cast(dict[str, tuple[AnswerClass, ...]], pack.once["answer_classes"])


def _of_pack(pack: Pack) -> dict[str, tuple[AnswerClass, ...]]:
    thresholds: dict[str, set[_Point | str]] = {}
    read: set[str] = set()
    for guard in guards_of(pack):
        read |= guard.names & pack.facts.keys()
        for name, absolute, others, _ in guard.comparisons(pack.params):
            for other in others:
                value = other.value(lambda n: pack.params[n].on(pack.as_of))
                if isinstance(value, Decimal | date | str) and not isinstance(value, bool):
                    thresholds.setdefault(name, set()).add(value)
                    if absolute and isinstance(value, Decimal):
                        thresholds[name].add(-value)
    return {name: _classes(pack.facts[name], thresholds.get(name, set())) for name in sorted(read)}


def _classes(fact: Fact, points: set[_Point | str]) -> tuple[AnswerClass, ...]:
    if fact.type == "bool":
        return (AnswerClass(("true",), True), AnswerClass(("false",), False))
    if fact.type in ("enum", "text"):
        return _named(fact, {point for point in points if isinstance(point, str)})
    if fact.type == "date":
        days = sorted(point for point in points if isinstance(point, date))
        return tuple(_dated(days))
    numbers = sorted(point for point in points if isinstance(point, Decimal))
    return tuple(_numbered(fact, numbers))


def _named(fact: Fact, points: set[str]) -> tuple[AnswerClass, ...]:
    """Each value a guard names is a class; all the others together are one."""
    named = [value for value in fact.values if value in points] or sorted(points)
    rest = tuple(value for value in fact.values if value not in points)
    classes = [AnswerClass((value,), value) for value in named]
    if rest:
        classes.append(AnswerClass(rest, rest[0]))
    elif fact.type == "text":
        classes.append(AnswerClass(("…",), "\0other"))
    return tuple(classes)


def _dated(days: list[date]) -> Iterator[AnswerClass]:
    if not days:
        yield AnswerClass(("…",), date(2000, 1, 1))
        return
    one = timedelta(days=1)
    yield AnswerClass((f"< {days[0]}",), days[0] - one, (days[0], False))
    for here, following in zip(days, [*days[1:], None], strict=True):
        yield AnswerClass((f"= {here}",), here, (here, True))
        if following is None:
            yield AnswerClass((f"> {here}",), here + one)
        elif following - here > one:
            yield AnswerClass((f"{here} … {following}",), here + one, (following, False))


def _numbered(fact: Fact, numbers: list[Decimal]) -> Iterator[AnswerClass]:
    """Only what the fact can be: whole where it counts, and within its limits."""
    if not numbers:
        yield AnswerClass(("…",), fact.minimum if fact.minimum is not None else Decimal(1))
        return
    first, last = numbers[0], numbers[-1]
    if (value := _between(fact, None, first)) is not None:
        yield AnswerClass((f"< {first}",), value, (first, False))
    for here, following in zip(numbers, [*numbers[1:], None], strict=True):
        inside = (fact.minimum is None or fact.minimum <= here) and (
            fact.maximum is None or here <= fact.maximum
        )
        if inside and (fact.type != "integer" or here == here.to_integral_value()):
            yield AnswerClass((f"= {here}",), here, (here, True))
        if following is not None and (value := _between(fact, here, following)) is not None:
            yield AnswerClass((f"{here} … {following}",), value, (following, False))
    if (value := _between(fact, last, None)) is not None:
        yield AnswerClass((f"> {last}",), value)


def _between(fact: Fact, above: Decimal | None, below: Decimal | None) -> Decimal | None:
    """A value that the fact can have, above one number and below another; ``None`` where there is none."""
    low, high = fact.minimum, fact.maximum
    if fact.type == "integer":
        least = None if above is None else above.to_integral_value(ROUND_FLOOR) + 1
        most = None if below is None else below.to_integral_value(ROUND_CEILING) - 1
        bounds = [one for one in (least, low and low.to_integral_value(ROUND_CEILING)) if one is not None]
        least = max(bounds, default=None)
        bounds = [one for one in (most, high and high.to_integral_value(ROUND_FLOOR)) if one is not None]
        most = min(bounds, default=None)
        value = most if least is None else least
        return value if value is None or least is None or most is None or least <= most else None
    if (high is not None and above is not None and high <= above) or (
        low is not None and below is not None and low >= below
    ):
        return None
    if above is not None and (low is None or low <= above):
        limits = [one for one in (below, high) if one is not None]
        return (above + min(limits)) / 2 if limits else above + _HALF
    if low is not None:
        return low
    return below - _HALF if below is not None and (high is None or high >= below) else high
