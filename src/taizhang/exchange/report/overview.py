"""The figures of all estates together, each the sum of a list.

Reads from: ``charts``, ``diagram.wording``.  Read by: ``html``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from taizhang.exchange.diagram.wording import (
    STATUSES,
    due_text,
    label,
    money_text,
    pick,
    supplier,
    total_text,
)
from taizhang.exchange.readiness import units_ready, units_urgent
from taizhang.exchange.report.charts import STATUS_INK, bars, shares
from taizhang.rules.terms import CityPlan, EstatePlan, Status

__all__ = ["EstateLine", "Overview", "overview"]

_MOST = 12  #: bars in one chart


@dataclass(frozen=True, slots=True)
class EstateLine:
    """One estate in the list of all estates."""

    number: int
    name: str
    county: str
    status: str
    status_word: str
    units: int
    gaps: int
    days: str
    until: str
    full: bool  #: whether its chapter is in this file


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures, charts and lists of the first page."""

    tiles: tuple[tuple[str, str, str], ...]  #: name, value, note
    statuses: Markup
    suppliers: Markup
    classes: Markup
    counties: Markup
    leverage: tuple[tuple[str, int, int, int], ...]
    estates: tuple[EstateLine, ...]


def _top(counts: Counter[str], language: str) -> list[tuple[str, int]]:
    """Return the greatest counts; what is left over is one bar."""
    rows = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(rows) <= _MOST:
        return rows
    rest = sum(count for _, count in rows[_MOST - 1 :])
    more = len(rows) - _MOST + 1
    return [*rows[: _MOST - 1], (f"其他 {more} 个" if language == "zh" else f"{more} others", rest)]


def _tiles(city: CityPlan, language: str) -> tuple[tuple[str, str, str], ...]:
    zh = language == "zh"
    units = [unit for estate in city.estates for unit in estate.units]
    gaps = sum(gap.count for estate in city.estates for gap in estate.joint.gaps)
    duties = sum(len(estate.duties) for estate in city.estates)
    ready, urgent = units_ready(city.estates), units_urgent(city.estates)
    blocked = sum(estate.status is Status.BLOCKED for estate in city.estates)
    known = sum(estate.joint.vector.money_fen for estate in city.estates)
    unknown = sum(len(estate.joint.unknown_costs) for estate in city.estates)
    billed = [unit.bill.total_fen for unit in units if unit.bill.lines]
    open_bills = sum(bool(unit.bill.unknown) for unit in units)
    inexact = sum(not unit.exact for unit in units)
    unproved = sum(not estate.joint.proved for estate in city.estates)
    fees = money_text(sum(billed) if billed else None, language)
    if zh:
        return (
            ("小区", f"{len(city.estates):,}", f"其中受阻 {blocked:,} 个"),
            ("户", f"{len(units):,}", f"其中 {inexact:,} 户仅得上下界" if inexact else "全部逐户精确判定"),
            ("现在即可办证的户", f"{ready:,}", "已具备，或只差本户材料"),
            *([("急办户", f"{urgent:,}", "不能等的户，任务由此排序")] if urgent else []),
            ("缺项", f"{gaps:,}", "共用材料只计一次，分户材料逐户计"),
            *([("后续责任", f"{duties:,}", "先办证、后补齐，不计入缺项")] if duties else []),
            ("补件费用", total_text(known, unknown), "计划值" if not unknown else "计划值，合计只含已知部分"),
            ("分户税费（已知）", fees, f"另有 {open_bills:,} 户尚不能算全" if open_bills else "各户均可算出"),
            ("数据问题", f"{len(city.complaints):,}", "不影响其他行，见“数据问题”"),
            (
                "方案证明",
                "已证明" if not unproved else "部分未证明",
                f"{unproved:,} 个小区未证明" if unproved else "",
            ),
        )
    return (
        ("estates", f"{len(city.estates):,}", f"{blocked:,} blocked"),
        ("units", f"{len(units):,}", f"{inexact:,} by bounds only" if inexact else "all exact"),
        ("units ready now", f"{ready:,}", "nothing missing but papers of their own"),
        *([("urgent units", f"{urgent:,}", "cannot wait; tasks are in this order")] if urgent else []),
        ("gaps", f"{gaps:,}", "shared papers once, unit papers for each unit"),
        *([("owed afterwards", f"{duties:,}", "after the certificate, and no gap")] if duties else []),
        ("cost of papers", total_text(known, unknown, language), "planning values"),
        ("known fees of units", fees, f"{open_bills:,} units incomplete"),
        ("data problems", f"{len(city.complaints):,}", ""),
        ("proof", "proved" if not unproved else "partly", f"{unproved:,} estates not proved"),
    )


def _line(city: CityPlan, estate: EstatePlan, number: int, most: int, language: str) -> EstateLine:
    planned = bool(estate.joint.route)
    return EstateLine(
        number,
        estate.place.name or estate.place.id,
        estate.identity.get("county", ""),
        estate.status.word,
        pick(STATUSES[estate.status], language),
        len(estate.units),
        sum(gap.count for gap in estate.joint.gaps),
        str(estate.joint.vector.days) if planned else "—",
        due_text(estate, estate.joint.vector.days, language) if planned else "—",
        number <= most,
    )


def _counted(names: Iterable[str]) -> Counter[str]:
    return Counter(name for name in names if name)


def overview(city: CityPlan, most: int, language: str = "zh") -> Overview:
    """Return the first page.

    Args:
        city: All estates.
        most: Estates whose chapters are in the file.
        language: ``zh`` or ``en``.
    """
    zh = language == "zh"
    pack = city.pack
    status = Counter(unit.status for estate in city.estates for unit in estate.units)
    given: Counter[str] = Counter()
    for estate in city.estates:
        for gap in estate.joint.gaps:
            given[supplier(pack, gap.supplier, language)] += gap.count
    given.pop("", None)  # nobody is named
    names = {one.id: one.label.in_(language) for one in pack.classes}
    classes = _counted(names.get(one, "") for estate in city.estates for one in estate.classes)
    counties = _counted(
        estate.identity.get("county", "") or ("未填写" if zh else "not given") for estate in city.estates
    )
    leverage = sorted(city.leverage, key=lambda row: (-row.sole, -row.in_plan, row.item))[:10]
    return Overview(
        _tiles(city, language),
        shares(
            "各户状态" if zh else "units by status",
            [(pick(STATUSES[one], language), status[one], STATUS_INK[one]) for one in Status],
        ),
        bars("各责任单位的缺项" if zh else "gaps by supplier", _top(given, language)),
        bars("问题分类（小区数，可兼属）" if zh else "estates by class", _top(classes, language), "#6A4C93"),
        bars("各县（市、区）小区数" if zh else "estates by county", _top(counties, language), "#1B7F6B"),
        tuple((label(pack, row.item, language), len(row.estates), row.in_plan, row.sole) for row in leverage),
        tuple(_line(city, estate, at, most, language) for at, estate in enumerate(city.estates, 1)),
    )
