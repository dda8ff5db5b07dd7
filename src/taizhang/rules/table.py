"""A city in columns: what is held and what is answered, one value for each place of a level.

Reads from: ``template``, ``scope_facts``, ``answers``, ``terms``.  Read by: ``columns``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.answers import AnswerClass, as_read
from taizhang.rules.scope_facts import who_is_named
from taizhang.rules.template import Template
from taizhang.rules.terms import Dossier, Fact, Held, Value, by_place

__all__ = ["Ints", "Table", "answer_column", "held_column", "retabulate", "tabulate"]

_V = TypeVar("_V")

Ints: TypeAlias = NDArray[np.int32]
_HELD = {Held.MISSING: 0, Held.ON_HAND: 1, Held.UNOBTAINABLE: 2}


@dataclass(frozen=True, slots=True)
class Table:
    """Many dossiers side by side.

    Attributes:
        places: Place ids by level, coarse to fine; a place's row is its position.
        dossier: Number of the dossier, by level and row.
        above: ``above[l][k]``: for each row of level l, the row of level k it lies in.
        held: State by element of the template: 0 missing, 1 on hand, 2 unobtainable; one per row
            of the element's level.
        answers: Class of the answer by open fact of the template, -1 unknown; one per row of the
            fact's level.
    """

    places: tuple[tuple[str, ...], ...]
    dossier: tuple[Ints, ...]
    above: tuple[tuple[Ints, ...], ...]
    held: tuple[NDArray[np.int8], ...]
    answers: tuple[NDArray[np.int16], ...]
    levels: tuple[tuple[int, ...], tuple[int, ...]]  #: of the columns held, and of the answers

    def only(self, rows: NDArray[np.int64], level: int) -> Table:
        """Return some rows of the finest level with all buildings of their dossiers.

        Args:
            rows: Rows of ``level``, ascending.
            level: The finest.
        """
        wanted = np.unique(self.dossier[level][rows])
        kept = [np.flatnonzero(np.isin(owner, wanted)) for owner in self.dossier[:level]]
        kept.append(rows)
        back = [np.zeros(owner.size, np.int32) for owner in self.dossier]
        for new, old in zip(back, kept, strict=True):
            new[old] = np.arange(old.size, dtype=np.int32)
        return Table(
            tuple(tuple(names[row] for row in old) for names, old in zip(self.places, kept, strict=True)),
            tuple(owner[old] for owner, old in zip(self.dossier, kept, strict=True)),
            tuple(
                tuple(back[k][up[old]] for k, up in enumerate(chain))
                for chain, old in zip(self.above, kept, strict=True)
            ),
            tuple(column[kept[at]] for column, at in zip(self.held, self.levels[0], strict=True)),
            tuple(column[kept[at]] for column, at in zip(self.answers, self.levels[1], strict=True)),
            self.levels,
        )


def tabulate(template: Template, dossiers: Sequence[Dossier]) -> Table:
    """Return dossiers as columns; what lapsed before their day is not there.

    Args:
        template: The compiled pack.
        dossiers: One estate each, with a place on every level of the pack.
    """
    dossiers = [one.current() for one in dossiers]
    places, owner, above = _places(template, dossiers)
    rows = [
        {(number, place): row for row, (number, place) in enumerate(zip(owner[level], names, strict=True))}
        for level, names in enumerate(places)
    ]
    sizes = [len(names) for names in places]
    held = _held(template, dossiers, rows, sizes, above)
    answers = list(_answers(template, dossiers, rows, sizes, above))
    for number, fact in enumerate(template.problem.facts):
        if fact.name in template.scopes:
            at = template.fact_level[number]
            answers[number] = who_is_named(template.scopes[fact.name], dossiers, places[at], owner[at])
    return Table(
        tuple(tuple(names) for names in places),
        tuple(np.asarray(numbers, np.int32) for numbers in owner),
        above,
        held,
        tuple(answers),
        (template.level, template.fact_level),
    )


def retabulate(template: Template, dossiers: Sequence[Dossier], old: Template, table: Table) -> Table:
    """Return the columns of another law for dossiers that are in columns already.

    Args:
        template: The other law, with the same levels.
        dossiers: Those of the table, in its order.
        old: The law of the table.
        table: What is known as that law reads it; columns that both laws have are not made again.
    """
    dossiers = [one.current() for one in dossiers]
    held = {(old.problem.elements[n].name, level): table.held[n] for n, level in enumerate(old.level)}
    answers = {(old.problem.facts[n], level): table.answers[n] for n, level in enumerate(old.fact_level)}
    columns = []
    for number, (element, level) in enumerate(zip(template.problem.elements, template.level, strict=True)):
        known = held.get((element.name, level))
        columns.append(held_column(template, table, dossiers, number) if known is None else known)
    facts = []
    for number, (fact, level) in enumerate(zip(template.problem.facts, template.fact_level, strict=True)):
        told = answers.get((fact, level))
        facts.append(answer_column(template, table, dossiers, number) if told is None else told)
    levels = template.level, template.fact_level
    return replace(table, held=tuple(columns), answers=tuple(facts), levels=levels)


def held_column(
    template: Template, table: Table, dossiers: Sequence[Dossier], number: int
) -> NDArray[np.int8]:
    """Return what is held of one element, as ``tabulate`` does; of dossiers without what lapsed."""
    name, level = template.problem.elements[number].name, template.level[number]
    column = np.zeros(len(table.places[level]), np.int8)
    held = [one.held for one in dossiers]
    entries = {at: _said(table, held, name, at, _HELD.__getitem__) for at in range(level + 1)}
    _fill(column, level, entries, table.above)
    return column


def answer_column(
    template: Template, table: Table, dossiers: Sequence[Dossier], number: int
) -> NDArray[np.int16]:
    """Return the answers to one open fact, as ``tabulate`` does; of dossiers without what lapsed."""
    fact, level = template.problem.facts[number], template.fact_level[number]
    if fact.name in template.scopes:
        owner = table.dossier[level].tolist()
        return who_is_named(template.scopes[fact.name], dossiers, table.places[level], owner)
    column = np.full(len(table.places[level]), -1, np.int16)
    into = _classifier(template.pack.facts[fact.name], fact.classes)
    facts = [one.facts for one in dossiers]
    entries = {at: _said(table, facts, fact.name, at, into) for at in range(level + 1)}
    _fill(column, level, entries, table.above)
    return column


def _said(
    table: Table,
    told: Sequence[Mapping[tuple[str, str], _V]],
    name: str,
    level: int,
    into: Callable[[_V], int],
) -> list[tuple[int, int]]:
    """What is said of a name at the places of a level: row and value."""
    found = []
    owners = table.dossier[level].tolist()
    for row, (place, owner) in enumerate(zip(table.places[level], owners, strict=True)):
        value = told[owner].get((name, place))
        if value is not None:
            found.append((row, into(value)))
    return found


def _places(
    template: Template, dossiers: Sequence[Dossier]
) -> tuple[list[list[str]], list[list[int]], tuple[tuple[Ints, ...], ...]]:
    levels = {name: number for number, name in enumerate(template.pack.levels)}
    places: list[list[str]] = [[] for _ in levels]
    owner: list[list[int]] = [[] for _ in levels]
    parents: list[list[int]] = [[] for _ in levels]
    for number, dossier in enumerate(dossiers):
        row: dict[str, int] = {}
        for place in sorted(dossier.places.values(), key=lambda one: levels[one.level]):
            level = levels[place.level]
            row[place.id] = len(places[level])
            places[level].append(place.id)
            owner[level].append(number)
            parents[level].append(row[place.parent] if place.parent is not None else 0)
    above: list[tuple[Ints, ...]] = []
    for level in range(len(levels)):
        chain = [np.arange(len(places[level]), dtype=np.int32)]
        for coarser in range(level, 0, -1):
            chain.append(np.asarray(parents[coarser], np.int32)[chain[-1]])
        above.append(tuple(reversed(chain)))
    return places, owner, tuple(above)


def _fill(
    column: NDArray[Any],
    level: int,
    entries: Mapping[int, Sequence[tuple[int, int]]],
    above: Sequence[Sequence[Ints]],
) -> None:
    """Enter values at their level and above it; the nearest place speaks last."""
    for at in sorted(entries):
        if at > level:
            continue
        rows = np.asarray([row for row, _ in entries[at]], np.int32)
        values = np.asarray([value for _, value in entries[at]], column.dtype)
        if at == level:
            column[rows] = values
        else:
            size = int(above[at][0].size)
            wide = np.full(size, -9, column.dtype)
            wide[rows] = values
            spread = wide[above[level][at]]
            np.copyto(column, spread, where=spread != -9)


def _held(
    template: Template,
    dossiers: Sequence[Dossier],
    rows: Sequence[Mapping[tuple[int, str], int]],
    sizes: Sequence[int],
    above: Sequence[Sequence[Ints]],
) -> tuple[NDArray[np.int8], ...]:
    levels = {name: number for number, name in enumerate(template.pack.levels)}
    entries: dict[str, dict[int, list[tuple[int, int]]]] = {}
    for number, dossier in enumerate(dossiers):
        for place, told in by_place(dossier.held).by_place():
            level = levels[dossier.places[place].level]
            row = rows[level][number, place]
            for name, state in told.items():
                entries.setdefault(name, {}).setdefault(level, []).append((row, _HELD[state]))
    columns = []
    for number, element in enumerate(template.problem.elements):
        column = np.zeros(sizes[template.level[number]], np.int8)
        _fill(column, template.level[number], entries.get(element.name, {}), above)
        columns.append(column)
    return tuple(columns)


def _answers(
    template: Template,
    dossiers: Sequence[Dossier],
    rows: Sequence[Mapping[tuple[int, str], int]],
    sizes: Sequence[int],
    above: Sequence[Sequence[Ints]],
) -> tuple[NDArray[np.int16], ...]:
    levels = {name: number for number, name in enumerate(template.pack.levels)}
    facts = template.problem.facts
    read = template.pack.facts
    classify = {fact.name: _classifier(read[fact.name], fact.classes) for fact in facts if fact.name in read}
    entries: dict[str, dict[int, list[tuple[int, int]]]] = {}
    for number, dossier in enumerate(dossiers):
        for place, told in by_place(dossier.facts).by_place():
            level = levels[dossier.places[place].level]
            row = rows[level][number, place]
            for name, value in told.items():
                into = classify.get(name)
                if into is not None:
                    entries.setdefault(name, {}).setdefault(level, []).append((row, into(value)))
    columns = []
    for number, fact in enumerate(facts):
        level = template.fact_level[number]
        column = np.full(sizes[level], -1, np.int16)
        _fill(column, level, entries.get(fact.name, {}), above)
        columns.append(column)
    return tuple(columns)


def _classifier(fact: Fact, classes: Sequence[AnswerClass]) -> Callable[[Value], int]:
    """From a value to the class of answers it belongs to."""
    if fact.type in ("bool", "enum", "text"):
        of: dict[Value, int] = {one.value: number for number, one in enumerate(classes)}
        for number, one in enumerate(classes):
            of.update(dict.fromkeys(one.answers, number) if fact.type != "bool" else {})
        return lambda value: of.get(value, len(classes) - 1)
    # classes ascend; the last one ends nowhere, or is the last that the fact can be
    ends: list[Any] = [one.until for one in classes if one.until is not None]

    def into(value: Value) -> int:
        return min(bisect_left(ends, (as_read(fact, value), True)), len(classes) - 1)

    return into
