"""What lapses: from when a paper may be issued, what is there and must be renewed, what lapses soon.

Reads from: ``frame``, ``gap_rows``, ``row_sheet``, ``rules.terms``.
Read by: ``estates``, ``gaps``, ``questions``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from taizhang.exchange.excel.sheets.frame import Book, height_of
from taizhang.exchange.excel.sheets.gap_rows import GapRow
from taizhang.exchange.excel.sheets.row_sheet import Line
from taizhang.rules.terms import EstatePlan, Gap, Lapse

__all__ = ["any_lapses", "lapsing_lines", "validity_of_estate", "validity_of_row"]

_SOON = (7, 30)  #: days before the last day; the nearer is said first
_TEXT_WIDTH = 44.0  #: of the column the sentence stands in


def any_lapses(book: Book) -> bool:
    """Whether anything at all is said of validity: else no sheet has a column for it."""
    return any(
        estate.joint.lapses or any(_speaks(gap) for gap in estate.joint.gaps) for estate in book.city.estates
    )


def _speaks(gap: Gap) -> bool:
    return gap.renewal or gap.twice or bool(gap.obtain_not_before)


def validity_of_row(book: Book, row: GapRow) -> str:
    """Return what a paper's validity means for the day it is obtained; nothing where it means nothing."""
    said: list[str] = []
    for estate in row.estates:
        gaps = [gap for gap in estate.joint.gaps if gap.item == row.item and _of_row(row, gap)]
        said += _said(book, estate, row.item, gaps)
    return _paragraph(book, said)


def _of_row(row: GapRow, gap: Gap) -> bool:
    return row.place is None or gap.place == row.place.id


def validity_of_estate(book: Book, estate: EstatePlan) -> str:
    """Return the same for all papers of an estate, each with its name."""
    by_item: dict[str, list[Gap]] = defaultdict(list)
    for gap in estate.joint.gaps:
        if _speaks(gap):
            by_item[gap.item].append(gap)
    between = "：" if book.wording.language == "zh" else ": "
    return "\n".join(
        book.sentences.label(item) + between + _paragraph(book, _said(book, estate, item, gaps))
        for item, gaps in by_item.items()
    )


def _paragraph(book: Book, said: Iterable[str]) -> str:
    return ("；" if book.wording.language == "zh" else "; ").join(dict.fromkeys(said))


def _said(book: Book, estate: EstatePlan, item: str, gaps: Sequence[Gap]) -> Iterator[str]:
    zh = book.wording.language == "zh"
    firsts = sorted({gap.obtain_not_before for gap in gaps if gap.obtain_not_before})
    paper = book.city.pack.evidence.get(item)
    if firsts and paper is not None and paper.valid_for is not None:
        days = " ~ ".join(
            _day(book, book.sentences.due(estate, one)) for one in dict.fromkeys((firsts[0], firsts[-1]))
        )
        counts = paper.valid_for.in_(book.wording.language)
        yield (
            f"出具不早于{days}（有效期{counts}，早办则用时已失效）"
            if zh
            else f"not to be issued before {days} (valid for {counts}: earlier, and it lapses before its use)"
        )
    if any(gap.twice for gap in gaps):
        yield (
            "有效期短于两次使用的间隔，一份不够用，须办理两次"
            if zh
            else "valid for less than the wait between two of its uses: it is needed twice"
        )
    if any(gap.renewal for gap in gaps):
        yield from _renewals(book, estate, item, gaps)


def _renewals(book: Book, estate: EstatePlan, item: str, gaps: Sequence[Gap]) -> Iterator[str]:
    zh = book.wording.language == "zh"
    places = {at for gap in gaps for at in _around(estate, gap.place)}
    told = gaps[0].count > 1 or len(gaps) > 1  # of many like places the first alone is named
    found = [
        one
        for one in estate.joint.lapses
        if one.renewal and one.item == item and one.units and (told or one.place in places)
    ]
    if not found:
        return
    last = _day(book, min(one.until for one in found))
    uses = [one.use for one in found if one.use is not None]
    use = f"，{_day(book, book.sentences.due(estate, min(uses)))}才用" if uses and zh else ""
    use = use or (f", needed on {_day(book, book.sentences.due(estate, min(uses)))}" if uses else "")
    n, every = sum(one.units for one in found), sum(gap.units for gap in gaps)
    if zh:
        some = f"其中{n}户" if n < every else ""
        yield f"{some}已有，但有效期至{last}{use}，须重办"
    else:
        some = f"{n} of {every} units: " if n < every else ""
        yield f"{some}there, but valid until {last} only{use}: to be renewed"


def _around(estate: EstatePlan, place: str) -> Iterator[str]:
    at: str | None = place
    while at is not None:
        yield at
        at = estate.places[at].parent


def _day(book: Book, day: date | str) -> str:
    """A day as it is written in a sentence; of one without a notice the number of the working day."""
    return book.wording.day(day) if isinstance(day, date) else day.replace("\n", "")


def lapsing_lines(book: Book, width: int) -> list[Line]:
    """Return the rows that list what is there, still needed, and lapses within 30 days.

    Args:
        book: What every sheet is made from.
        width: How many columns the sheet has.

    Returns:
        Nothing where nothing lapses soon; most households first.
    """
    w, zh = book.wording, book.wording.language == "zh"
    found = sorted(_soon(book), key=lambda one: (-_units(one[1]), one[1][0].until, one[1][0].item))
    if not found:
        return []
    title = (
        f"{_SOON[-1]}日内到期、仍需使用的已有材料（{len(found)}项，按涉及户数排序）"
        if zh
        else f"Papers on hand that lapse within {_SOON[-1]} days and are still needed ({len(found)})"
    )
    when, paper, until = ("时限", "材料", "到期及使用") if zh else ("Within", "Paper", "Until, and its use")
    heads: list[str | None] = [w.say("number"), when, w.say("county"), w.say("estate"), w.say("place"), paper]
    heads += [until, w.say("supplier"), w.say("units")]
    heads += [None] * (width - len(heads))
    section, head, center, wrap, whole = (
        book.styles.ink(one) for one in ("section", "head", "center", "wrap", "whole")
    )
    lines = [Line([], []), Line([title], [section] * width, 20), Line(heads, [head] * width, 24)]
    inks = [center, center, *[wrap] * (width - 2)]
    inks[8] = whole
    for number, (estate, lapses) in enumerate(found, 1):
        text = _sentence(book, estate, lapses)
        left = (lapses[0].until - book.city.pack.as_of).days
        near = next(one for one in _SOON if left <= one)
        evidence = book.city.pack.evidence.get(lapses[0].item)
        values = (
            number,
            f"{near}日内" if zh else f"{near} days",
            estate.identity.get("county", ""),
            estate.place.name,
            book.sentences.places(estate, [one.place for one in lapses]) or w.level("estate"),
            book.sentences.label(lapses[0].item),
            text,
            book.sentences.supplier(evidence.supplier) if evidence else "",
            _units(lapses),
        )
        lines.append(Line(values, inks, height_of([(text, _TEXT_WIDTH)])))
    return lines


def _units(lapses: Sequence[Lapse]) -> int:
    return sum(one.units for one in lapses)


def _soon(book: Book) -> Iterator[tuple[EstatePlan, list[Lapse]]]:
    """Each paper of an estate that lapses in the coming days, with the places where it does."""
    today = book.city.pack.as_of
    for estate in book.city.estates:
        alike: dict[tuple[str, date, bool], list[Lapse]] = defaultdict(list)
        for one in estate.joint.lapses:
            if one.units and today <= one.until <= today + timedelta(_SOON[-1]):
                alike[one.item, one.until, one.renewal].append(one)
        yield from ((estate, lapses) for lapses in alike.values())


def _sentence(book: Book, estate: EstatePlan, lapses: Sequence[Lapse]) -> str:
    zh, last = book.wording.language == "zh", _day(book, lapses[0].until)
    uses = [one.use for one in lapses if one.use is not None]
    use = _day(book, book.sentences.due(estate, min(uses))) if uses else ""
    if lapses[0].renewal:
        return (
            f"有效期至{last}，预计{use}使用，已按缺项计入，须重办"
            if zh
            else f"valid until {last}, needed on {use}: planned as missing, to be renewed"
        )
    return (
        f"有效期至{last}，按方案{use}使用时仍有效；如推迟须重办"
        if zh
        else f"valid until {last}, in time for its use on {use}; if that is put off, it must be renewed"
    )
