"""The sheet 小区方案: one row per estate, and beneath the table the chosen route of each.

Reads from: ``frame``, ``lapsing``, ``sentences``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import (
    FIRST_ROW,
    Book,
    Column,
    Table,
    height_of,
    lay,
    mark_status,
)
from taizhang.exchange.excel.sheets.lapsing import any_lapses, validity_of_estate
from taizhang.exchange.excel.sheets.row_sheet import Line
from taizhang.exchange.excel.wording import yuan
from taizhang.rules.terms import (
    AtLeast,
    EstatePlan,
    Pack,
    RouteChoice,
    Step,
    Way,
)

__all__ = ["estates_sheet", "joint_money"]

_COLUMNS = (
    ("number", 9, "center"), ("county", 12, "wrap"), ("street", 14, "wrap"), ("estate", 26, "link"),
    ("classes", 30, "wrap"), ("status", 10, "center"), ("units", 8, "whole"), ("urgent_units", 8, "whole"),
    ("days", 8, "whole"), ("effort", 8, "whole"), ("items", 9, "whole"), ("money", 15, "money"),
    ("unknown_money", 24, "wrap"), ("end", 14, "date"), ("blocked", 48, "wrap"), ("assumes", 90, "wrap"),
    ("optimal", 20, "wrap"), ("official", 11, "wrap"), ("sponsor", 11, "wrap"),
)  # fmt: skip
_VALIDITY = ("validity", 60, "wrap")  # last, and only where something lapses
_PRINTED = 15
_STEPS = (
    "number", "level", "place", "step", "way", "way_kind", "places", "", "days", "effort", "",
    "money", "supplier", "end", "sources",
)  # fmt: skip
_STEP_STYLES = (
    "center", "center", "wrap", "wrap", "wrap", "center", "whole", "whole", "whole", "whole", "whole",
    "money", "wrap", "date", "wrap",
)  # fmt: skip


def estates_sheet(book: Book) -> None:
    """Write 小区方案, and note where the route of each estate stands."""
    w, estates = book.wording, book.city.estates
    name = w.sheet("estates")
    lapses = any_lapses(book)
    columns = (*_COLUMNS, _VALIDITY) if lapses else _COLUMNS
    tail, starts = _routes(book)
    links = {}
    for number, start in enumerate(starts):
        target = f"'{name}'!A{start + 1}"
        links[number, 3] = target
        book.anchors["estate:" + estates[number].place.id] = target
    table = Table(
        sheet=name,
        title=w.sheet("estates"),
        columns=[Column(w.say(key), width, style) for key, width, style in columns],
        rows=(
            (*_row(book, number, estate), *((validity_of_estate(book, estate),) if lapses else ()))
            for number, estate in enumerate(estates, 1)
        ),
        count=len(estates),
        printed=_PRINTED,
        frozen=4,
        totals={
            6: sum(len(estate.units) for estate in estates),
            7: sum(1 for estate in estates for unit in estate.units if unit.urgent),
        },
        remark="点小区名看办理路径" if w.language == "zh" else "click an estate for its route",
        tail=tail,
        links=links,
    )
    sheet = lay(book, table)
    mark_status(book, sheet, 5, len(estates))
    for number, start in enumerate(starts):
        sheet.write_url(start, 0, f"internal:'{name}'!D{FIRST_ROW + number + 1}")


def joint_money(book: Book, estate: EstatePlan) -> tuple[Decimal | None, str]:
    """Return the known money of an estate's plan and what is said of the unknown."""
    unknown = estate.joint.unknown_costs
    if not unknown:
        return yuan(estate.joint.vector.money_fen), ""
    names = [book.sentences.label(one) for one in dict.fromkeys(unknown)]
    said = f"{book.wording.say('also_unknown', n=len(unknown))}：{book.wording.some(names)}"
    money = estate.joint.vector.money_fen
    return (yuan(money) if money else None), said


def _row(book: Book, number: int, estate: EstatePlan) -> tuple[Content, ...]:
    said, w, joint = book.sentences, book.wording, estate.joint
    money, unknown = joint_money(book, estate)
    nothing_planned = len(joint.left_out) == len(estate.units) and bool(estate.units)
    return (
        number,
        estate.identity.get("county", ""),
        estate.identity.get("street", ""),
        estate.place.name,
        said.classes(estate.classes),
        w.status(estate.status),
        len(estate.units),
        sum(1 for unit in estate.units if unit.urgent),
        None if nothing_planned else joint.vector.days,
        None if nothing_planned else joint.vector.effort,
        None if nothing_planned else joint.vector.items,
        None if nothing_planned else money,
        unknown,
        None if nothing_planned else said.due(estate, joint.vector.days),
        _left_out(book, estate) + said.blocked(estate),
        said.assumptions(estate),
        w.optimality(joint.proved, said.bound(joint)),
        estate.identity.get("responsible_official", ""),
        estate.identity.get("sponsor", ""),
    )


def _left_out(book: Book, estate: EstatePlan) -> str:
    """Return how many units the joint plan leaves out because they are blocked."""
    n = len(estate.joint.left_out)
    if not n:
        return ""
    if book.wording.language == "zh":
        return f"{n}户受阻，未纳入联合方案\n"
    return f"{n} blocked units are not in the joint plan\n"


def _routes(book: Book) -> tuple[list[Line], list[int]]:
    """Return the rows beneath the table, and the row (from 0) where each estate begins."""
    styles = book.styles
    blank = Line([], [])
    lines: list[Line] = []
    starts: list[int] = []
    base = FIRST_ROW + len(book.city.estates)
    band, band_link, head = (styles.ink(name) for name in ("band", "band_link", "head"))
    inks = [styles.ink(style) for style in _STEP_STYLES]
    heads = [book.wording.say(key) if key else "" for key in _STEPS]
    widths = [width for _, width, _ in _COLUMNS]
    wrapped = [n for n, style in enumerate(_STEP_STYLES) if style in ("wrap", "date")]
    for number, estate in enumerate(book.city.estates, 1):
        lines.append(blank)
        starts.append(base + len(lines))
        title: list[Content] = [f"{number} ↑", estate.place.name, *[None] * (len(_STEPS) - 2)]
        title[7] = _summary(book, estate)
        lines.append(Line(title, [band_link, *[band] * (len(_STEPS) - 1)], 20))
        lines.append(Line(heads, [head] * len(heads), 34))
        for count, values in enumerate(_steps(book, estate), 1):
            row = (count, *values)
            lines.append(Line(row, inks, height_of([(row[n], widths[n]) for n in wrapped])))
    return lines, starts


def _summary(book: Book, estate: EstatePlan) -> str:
    if estate.joint.left_out and len(estate.joint.left_out) == len(estate.units):
        return book.wording.status(estate.status)
    money, unknown = joint_money(book, estate)
    said = book.wording.vector(estate.joint.vector)
    if money is None:
        said = said.partition("，" if book.wording.language == "zh" else ", ")[2]
    return f"{book.wording.status(estate.status)}　{said}" + (f"（{unknown}）" if unknown else "")


def _steps(book: Book, estate: EstatePlan) -> Iterator[tuple[Content, ...]]:
    """Yield the chosen ways, prerequisites first; equal ways of many places are one row."""
    pack, said, w = book.city.pack, book.sentences, book.wording
    grouped: dict[tuple[str, str], list[RouteChoice]] = defaultdict(list)
    for choice in estate.joint.route:
        grouped[choice.node, choice.way].append(choice)
    steps: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for step in estate.joint.steps:
        steps[step.node, step.way].append(step)
    for node, way in _in_order(pack, grouped):
        found = grouped[node, way]
        chosen = said.way(found[0])
        done = steps.get((node, way), [])
        level = pack.nodes[node].level if node in pack.nodes else ""
        # the route may name the first of many like units only
        count = max(len(found), sum([one.count for one in done]))
        yield (
            w.level(level),
            said.places(estate, [one.place for one in found], count) or w.level(level),
            said.label(node),
            said.way_label(node, way),
            _kind(book, chosen),
            count,
            None,
            max([one.days for one in done], default=None),
            sum([one.effort * one.count for one in done]) if done else None,
            None,
            _step_money(done),
            w.joined([said.supplier(one) for one in dict.fromkeys([one.supplier for one in done]) if one]),
            said.due(estate, max([one.end for one in done])) if done else None,
            _grounds(book, chosen),
        )


def _kind(book: Book, way: Way | None) -> str:
    """Return whether a way is the ordinary procedure or a substitute."""
    return book.wording.say("substitute" if way is not None and way.rank > 0 else "ordinary")


def _grounds(book: Book, way: Way | None) -> str:
    """Return the sources of a way, and the statutory limit of its step where one is known."""
    if way is None:
        return ""
    said = [book.sentences.sources(way.sources)] if way.sources else []
    if way.step.law_days is not None:
        said.append(book.wording.say("statutory", n=way.step.law_days))
    return book.wording.joined(said, sep="；" if book.wording.language == "zh" else "; ")


def _step_money(steps: list[Step]) -> Decimal | None:
    priced = [one for one in steps if one.money_fen is not None]
    return yuan(sum([(one.money_fen or 0) * one.count for one in priced])) if priced else None


def _in_order(pack: Pack, chosen: dict[tuple[str, str], list[RouteChoice]]) -> list[tuple[str, str]]:
    """Return (node, way) pairs so that what a way needs stands before it."""
    ways_of: dict[str, list[str]] = defaultdict(list)
    for node, way in chosen:
        ways_of[node].append(way)
    ordered: list[tuple[str, str]] = []
    seen: set[str] = set()
    for start in (pack.goal, *sorted(ways_of)):
        stack = [(start, False)]
        while stack:
            node, done = stack.pop()
            if done:
                ordered.extend((node, way) for way in sorted(ways_of[node]))
            elif node in ways_of and node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((need, False) for need in reversed(_needs(pack, node, ways_of[node])))
    return ordered


def _needs(pack: Pack, node: str, ways: list[str]) -> list[str]:
    """Return the names that the chosen ways of a node need."""
    names: list[str] = []
    if node not in pack.nodes:
        return names
    for way in pack.nodes[node].ways:
        if way.id in ways:
            for need in way.needs:
                if isinstance(need, AtLeast):
                    names.extend(need.of)
                else:
                    names.append(need.ref)
    return names
