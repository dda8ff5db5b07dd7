"""The sheet 待核实: what should be asked, of whom, and what each answer would change.

First the questions whose answer changes the best plan, then the facts a plan takes for
granted, then those a bill waits for, then every other unknown fact.  Beneath stand papers that
lapse soon and are still needed, and the sources nobody has verified yet.

Reads from: ``frame``, ``lapsing``, ``sentences``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from taizhang.exchange.excel.sheets.baseline import Standing, listed_estates, place_of
from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import FIRST_ROW, Book, Column, Table, height_of, lay
from taizhang.exchange.excel.sheets.lapsing import lapsing_lines
from taizhang.exchange.excel.sheets.row_sheet import Line, RowSheet
from taizhang.rules.terms import CityPlan, EstatePlan, Question

__all__ = ["questions_sheet"]

_COLUMNS = (
    ("number", 9, "center"), ("priority", 16, "wrap"), ("county", 12, "wrap"), ("estate", 24, "wrap"),
    ("place", 14, "wrap"), ("fact", 26, "wrap"), ("ask", 44, "wrap"), ("who", 20, "wrap"),
    ("unknown_places", 9, "whole"), ("answer", 14, "entry"), ("outcomes", 64, "wrap"),
)  # fmt: skip
_SOURCE_WIDTHS = (108.0, 107.0)  #: of title and note, each merged over several columns
_LONGEST_LIST = 255  #: characters Excel allows for a list that stands in the rule itself
_RANGES = 400  #: cells one rule is given for
_PRIORITIES = {
    1: ("1 改变方案", "1 changes the best plan"),
    2: ("2 方案以其为假定", "2 assumed by the plan"),
    3: ("3 算费所需", "3 needed for the fees"),
    4: ("4 暂不影响", "4 does not matter yet"),
}


@dataclass(frozen=True, slots=True)
class _Row:
    priority: int
    estate: EstatePlan
    fact: str
    places: tuple[str, ...]  #: empty: see ``count``
    count: int
    question: Question | None = None


def questions_sheet(book: Book) -> tuple[int, list[Standing]]:
    """Write 待核实; return how many rows ask for what changes the best plan, and what each stands for."""
    w = book.wording
    rows = sorted(_all_rows(book.city), key=lambda row: (row.priority, -len(row.estate.units)))
    sources, merges = _sources(book)
    lapsing = lapsing_lines(book, len(_COLUMNS))
    tail = [*lapsing, *sources]
    merges = [(row + len(lapsing), first, last) for row, first, last in merges]
    table = Table(
        sheet=w.sheet("questions"),
        title=w.sheet("questions"),
        columns=[Column(w.say(key), width, style) for key, width, style in _COLUMNS],
        rows=_rows(book, rows),
        count=len(rows),
        printed=len(_COLUMNS),
        frozen=0,
        tail=tail,
        tail_merges=merges,
    )
    _lists(book, lay(book, table), rows)
    listed = listed_estates(book.city)
    standing = [_standing(number, row, listed) for number, row in enumerate(rows, 1)]
    return sum(row.priority == 1 for row in rows), standing


def _standing(number: int, row: _Row, listed: set[str]) -> Standing:
    """A row without places stands for all of the estate that nobody has answered for."""
    places = dict.fromkeys(place_of(row.estate, place, listed) for place in row.places) or {("", ""): None}
    everywhere = len(row.places) < row.count  # one question for every place that is alike
    estate = (row.estate.identity.get("county", ""), row.estate.place.name)
    return number, row.fact, estate, [("", "")] if everywhere else list(places)


def _lists(book: Book, sheet: RowSheet, rows: Sequence[_Row]) -> None:
    """Offer the answers of each question in a list: one rule for all rows that ask the same."""
    column = next(at for at, (key, _, _) in enumerate(_COLUMNS) if key == "answer")
    at: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        at[row.fact].append(FIRST_ROW + number)
    for name, numbers in at.items():
        fact = book.city.pack.facts.get(name)
        if fact is None or fact.type not in ("bool", "enum"):
            continue
        answers = ["是", "否"] if fact.type == "bool" else [one.zh for one in fact.values.values()]
        if len(",".join(answers)) > _LONGEST_LIST:
            continue
        for first in range(0, len(numbers), _RANGES):
            some = numbers[first : first + _RANGES]
            others = [[one, column, one, column] for one in some[1:]]
            rule = {
                "validate": "list", "source": answers, "error_type": "warning", "other_cells": others,
            }  # fmt: skip
            sheet.data_validation(some[0], column, some[0], column, rule)


def _rows(book: Book, rows: Iterable[_Row]) -> Iterator[tuple[Content, ...]]:
    said, w, pack = book.sentences, book.wording, book.city.pack
    for number, row in enumerate(rows, 1):
        fact = pack.facts.get(row.fact)
        words = _PRIORITIES[row.priority]
        level = w.level(fact.level if fact else "")
        where = said.places(row.estate, row.places) or level
        if len(row.places) == 1 < row.count:
            where = w.say("and_alike", name=where, n=row.count, unit=level)
        yield (
            number,
            words[0] if w.language == "zh" else words[1],
            row.estate.identity.get("county", ""),
            row.estate.place.name,
            where,
            said.label(row.fact),
            fact.ask.in_(w.language) if fact else "",
            said.supplier(fact.who) if fact else "",
            row.count,
            None,
            said.outcomes(row.question) if row.question else "",
        )


def _all_rows(city: CityPlan) -> Iterator[_Row]:
    for estate in city.estates:
        asked: dict[tuple[str, object], list[Question]] = defaultdict(list)
        for question in estate.questions:
            level = estate.places[question.place].level if question.place in estate.places else ""
            asked[question.fact, (level, question.outcomes)].append(question)
        known = Counter(fact for fact, _ in asked)
        unknown = _unknown(city, estate)
        for (fact, _), found in asked.items():
            places = tuple(question.place for question in found)
            alone = known[fact] == 1  # one question then stands for every place that is alike
            count = max(len(found), unknown.get(fact, 0)) if alone else len(found)
            yield _Row(1, estate, fact, places, count, found[0])
        assumed: dict[str, list[str]] = defaultdict(list)
        for one in estate.joint.assumes:
            if one.fact not in known:
                assumed[one.fact].append(one.place)
        for fact, where in assumed.items():
            yield _Row(2, estate, fact, tuple(dict.fromkeys(where)), len(set(where)))
        billed = {name.removesuffix("_fen") for unit in estate.units for name in unit.bill.unknown}
        for fact, count in unknown.items():
            if fact not in known and fact not in assumed:
                yield _Row(3 if fact in billed else 4, estate, fact, (), count)


def _unknown(city: CityPlan, estate: EstatePlan) -> dict[str, int]:
    """Return the facts nobody has answered, and at how many places of the estate."""
    given: dict[str, set[str]] = defaultdict(set)
    for name, place in estate.facts:
        given[name].add(place)
    by_level: dict[str, list[str]] = defaultdict(list)
    for one in estate.places.values():
        by_level[one.level].append(one.id)
    unknown: dict[str, int] = {}
    for fact in city.pack.facts.values():
        said, places = given.get(fact.id, set()), by_level[fact.level]
        silent = [place for place in places if place not in said] if said else places
        if len(said) > len(places) - len(silent):  # a coarser place speaks for some of them
            silent = [place for place in silent if not _said(estate, place, said)]
        if silent:
            unknown[fact.id] = len(silent)
    return unknown


def _said(estate: EstatePlan, place: str, said: set[str]) -> bool:
    """Whether a coarser place that a place lies in has an answer."""
    found = estate.places.get(place)
    while found is not None:
        if found.id in said:
            return True
        found = estate.places.get(found.parent) if found.parent else None
    return False


def _sources(book: Book) -> tuple[list[Line], list[tuple[int, int, int]]]:
    """Return the rows beneath the table, and their merges: sources a person must still look up."""
    w, used = book.wording, book.sentences.sources_used
    found = [source for source in book.city.pack.sources.values() if source.id in used and source.verify]
    if not found:
        return [], []
    zh, width = w.language == "zh", len(_COLUMNS)
    title = (
        f"方案所用、尚待核实原文的依据（{len(found)}项）"
        if zh
        else f"Sources in use, to be verified ({len(found)})"
    )
    name, note = ("名称", "说明") if zh else ("Title", "Note")
    heads = [w.say("number"), w.say("code"), w.say("source_kind"), name, None, None, None, note]
    heads += [None] * (width - len(heads))
    section, head, center, wrap = (book.styles.ink(one) for one in ("section", "head", "center", "wrap"))
    lines = [Line([], []), Line([title], [section] * width, 20), Line(heads, [head] * width, 24)]
    for number, source in enumerate(found, 1):
        texts = (source.title.in_(w.language), source.note.in_(w.language) if source.note else "")
        values = (
            number, source.id, w.source_kind(source.kind), texts[0], None, None, None,
            texts[1], None, None, None,
        )  # fmt: skip
        height = height_of(list(zip(texts, _SOURCE_WIDTHS, strict=True)))
        lines.append(Line(values, [center, center, center, *[wrap] * (width - 3)], height))
    merges = [(row, *columns) for row in range(2, len(lines)) for columns in ((3, 6), (7, 10))]
    return lines, merges
