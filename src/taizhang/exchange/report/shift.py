"""The report of a what-if: figures, pictures and lists in one HTML file; and the same as JSON.

Every figure is the sum of a list in the same file.

Reads from: ``charts``, ``html``, ``diagram.wording``.  Read by: the command ``whatif``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from markupsafe import Markup

from taizhang.exchange.diagram.wording import day_text, label, money_text, pick
from taizhang.exchange.report.charts import bars
from taizhang.exchange.report.html import Citations, environment
from taizhang.rules.terms import EstateShift, Pack, Shift, Supposition, Vector, Way

__all__ = ["ShiftSetting", "shift_json", "write_shift_report"]

_KINDS = ("unlocked", "eased", "harmed")
_INK = {"unlocked": "#3C8D4A", "eased": "#2F75B5", "harmed": "#B3402E"}
_KIND_WORDS = {"unlocked": ("破解", "unlocked"), "eased": ("减负", "eased"), "harmed": ("受损", "harmed")}
_SUPPOSED = {
    "overlay": ("采用规则文件", "overlay"),
    "decision": ("作出决定", "decision"),
    "enable": ("采用办理路径", "adopt the way"),
    "waive": ("免去要件", "waive the need"),
    "require": ("增加要件", "add the need"),
    "set": ("调整参数", "change the parameter"),
    "supply": ("取得材料", "obtain the paper"),
}
_MOST = 15  #: bars in one chart
_MOST_UNITS = 2_000  #: homes listed one by one


@dataclass(frozen=True, slots=True)
class ShiftSetting:
    """What stands around a comparison in its report.

    Attributes:
        ledgers: Names of the files.
        law: Overlays and decisions that are in force, as they were named.
        homes: Place id of a unit -> names of its building and its own.
        notices: What was said of the suppositions and of the ledgers.
        why: The answer about one home, in lines; its first names the home.
    """

    ledgers: Sequence[str] = ()
    law: Sequence[str] = ()
    homes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    notices: Sequence[str] = ()
    why: Sequence[str] = ()


def shift_json(shift: Shift, pack: Pack, as_of: date) -> dict[str, object]:
    """Return the result as plain data; sums are over the lists beside them."""
    by_estate = [_estate_row(one) for one in shift.estates]
    same = [one for one in shift.estates if one.planned_before == one.planned_after]
    return {
        "unlocked": shift.count("unlocked"),
        "eased": shift.count("eased"),
        "harmed": shift.count("harmed"),
        "by_estate": by_estate,
        "by_county": _grouped(shift, "county"),
        "by_class": _grouped(shift, "class"),
        "money_fen": sum(one.after.money_fen - one.before.money_fen for one in shift.estates),
        "effort": sum(one.after.effort - one.before.effort for one in shift.estates),
        "days": sum(one.after.days - one.before.days for one in shift.estates),
        "same_homes": {
            "money_fen": sum(one.after.money_fen - one.before.money_fen for one in same),
            "effort": sum(one.after.effort - one.before.effort for one in same),
            "days": sum(one.after.days - one.before.days for one in same),
        },
        "newly_planned": sum(one.planned_after - one.planned_before for one in shift.estates),
        "bottlenecks": [
            {"item": item, "units_before": was, "units_after": now} for item, was, now in shift.bottlenecks
        ],
        "relieved": [
            {"item": item, "units_before": was, "units_after": now} for item, was, now in shift.eased_papers
        ],
        "suppositions": [_supposition(one) for one in shift.suppositions],
        "singly": [
            {**_supposition(one), "unlocked": unlocked, "eased": eased, "harmed": harmed}
            for one, unlocked, eased, harmed in shift.singly
        ],
        "estates_reached": shift.reached,
        "units_estimated": shift.estimated,
        "proved_optimal": all(one.proved for one in shift.estates),
        "digests": list(shift.digests),
        "pack": pack.id,
        "pack_version": pack.version,
        "as_of": as_of.isoformat(),
    }


def _supposition(one: Supposition) -> dict[str, object]:
    return {"kind": one.kind, "target": one.target, **({"value": one.value} if one.value else {})}


def _vector(vector: Vector) -> dict[str, int]:
    return {
        "money_fen": vector.money_fen,
        "effort": vector.effort,
        "items": vector.items,
        "days": vector.days,
    }


def _estate_row(one: EstateShift) -> dict[str, object]:
    return {
        "estate": one.place.name or one.place.id,
        "county": one.county,
        "classes": list(one.classes),
        "units": one.units,
        "unlocked": one.unlocked,
        "eased": one.eased,
        "harmed": one.harmed,
        "planned_before": one.planned_before,
        "planned_after": one.planned_after,
        "before": _vector(one.before),
        "after": _vector(one.after),
        "proved": one.proved,
    }


def _grouped(shift: Shift, by: str) -> dict[str, dict[str, int]]:
    """Homes by county, or by class: an estate of several classes counts in each."""
    found: dict[str, Counter[str]] = {}
    for one in shift.estates:
        for name in (one.county,) if by == "county" else one.classes or ("",):
            count = found.setdefault(name, Counter())
            for kind in _KINDS:
                count[kind] += getattr(one, kind)
    return {name: {kind: found[name][kind] for kind in _KINDS} for name in sorted(found)}


def write_shift_report(
    path: Path, shift: Shift, pack: Pack, setting: ShiftSetting, *, language: str = "zh"
) -> None:
    """Write what would follow as one self-contained HTML file.

    Args:
        path: The file; it is replaced.
        shift: The two worlds compared.
        pack: The supposed law, for labels and sources.
        setting: Of which ledgers and under which law, and what was asked besides.
        language: ``zh`` or ``en``.
    """
    citations = Citations(pack, language)
    supposed = [
        (pick(_SUPPOSED[one.kind], language), _said(one, pack, language), citations.cite(_sources(one, pack)))
        for one in shift.suppositions
    ]
    names = {one.place.id: one.place.name or one.place.id for one in shift.estates}
    page = environment().get_template("shift.html").render(
        zh=language == "zh",
        page_language="zh-Hans" if language == "zh" else "en",
        pack_title=pack.title.in_(language),
        as_of=day_text(pack.as_of, language),
        shift=shift,
        setting=setting,
        kinds=[(kind, pick(_KIND_WORDS[kind], language), shift.count(kind)) for kind in _KINDS],
        supposed=supposed,
        singly=[(_said(one, pack, language), *counts) for one, *counts in shift.singly],
        charts=list(_charts(shift, pack, language)),
        estates=[_line(one, language) for one in sorted(shift.estates, key=_weight)],
        bottlenecks=[(label(pack, item, language), was, now) for item, was, now in shift.bottlenecks[:_MOST]],
        relieved=[(label(pack, item, language), was, now) for item, was, now in shift.eased_papers[:_MOST]],
        units=[
            (
                names.get(one.estate, one.estate),
                *setting.homes.get(one.place.id, ("", one.place.name or one.place.id)),
                one.kind,
                one.before.word,
                one.after.word,
            )
            for one in shift.units[:_MOST_UNITS]
        ],
        sources=citations.listed,
        proved=all(one.proved for one in shift.estates),
    )  # fmt: skip
    path.write_text(page, encoding="utf-8", newline="\n")


def _weight(one: EstateShift) -> tuple[int, int, int, str]:
    return -one.unlocked, -one.eased, -one.harmed, one.place.id


def _ways_of(one: Supposition, pack: Pack) -> Iterator[Way]:
    """The way a supposition names, or those that a supposed document brings."""
    node, _, rest = one.target.partition(".")
    if one.kind in ("enable", "waive", "require") and node in pack.nodes:
        yield from (way for way in pack.nodes[node].ways if way.id == rest.partition(".")[0])
    elif one.kind in ("overlay", "decision"):
        stem = Path(one.target).stem
        for each in pack.nodes.values():
            yield from (way for way in each.ways if way.origin in (one.target, stem))


def _sources(one: Supposition, pack: Pack) -> tuple[str, ...]:
    return tuple(source for way in _ways_of(one, pack) for source in way.sources)


def _said(one: Supposition, pack: Pack, language: str) -> str:
    node, _, rest = one.target.partition(".")
    if one.kind in ("enable", "waive", "require"):
        ways = [way.label.in_(language) for way in _ways_of(one, pack)]
        need = rest.partition(".")[2]
        told = [label(pack, node, language), *ways, *([label(pack, need, language)] if need else [])]
        return " · ".join(told)
    if one.kind == "supply":
        return label(pack, one.target, language) + (f"（{one.value}）" if one.value else "")
    if one.kind == "set":
        return f"{pack.params[one.target].label.in_(language)} = {one.value}"
    return one.target


def _charts(shift: Shift, pack: Pack, language: str) -> Iterator[tuple[str, Markup]]:
    """Pictures: homes by county, class and estate, and the curve of what waits."""
    zh = language == "zh"
    classes = {one.id: one.label.in_(language) for one in pack.classes}
    for kind in _KINDS:
        if not shift.count(kind):
            continue
        word = pick(_KIND_WORDS[kind], language)
        for by, title in (
            ("county", "按县（市、区）" if zh else "by county"),
            ("class", "按问题分类" if zh else "by class"),
        ):
            rows = [
                (classes.get(name, name) or ("未分类" if zh else "none"), counts[kind])
                for name, counts in _grouped(shift, by).items()
                if counts[kind]
            ]
            rows.sort(key=lambda row: (-row[1], row[0]))
            heading = f"{word}户数，{title}" if zh else f"Units {word}, {title}"
            yield heading, bars(heading, rows[:_MOST], _INK[kind])
        estates = [(one.place.name or one.place.id, getattr(one, kind)) for one in shift.estates]
        rows = sorted((row for row in estates if row[1]), key=lambda row: (-row[1], row[0]))
        heading = f"{word}户数最多的小区" if zh else f"Estates with most units {word}"
        yield heading, bars(heading, rows[:_MOST], _INK[kind])


def _line(one: EstateShift, language: str) -> tuple[object, ...]:
    money = one.after.money_fen - one.before.money_fen
    text = money_text(abs(money), language)
    sign = "+" if money > 0 else "−" if money < 0 else ""
    return (
        one.place.name or one.place.id,
        one.county,
        one.units,
        one.unlocked,
        one.eased,
        one.harmed,
        one.planned_after - one.planned_before,
        f"{sign}{text}",
        one.after.effort - one.before.effort,
        one.after.days - one.before.days,
        one.proved,
    )
