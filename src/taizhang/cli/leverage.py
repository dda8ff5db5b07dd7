"""``taizhang leverage``: which papers and decisions open most homes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path

import click
from click.core import ParameterSource

from taizhang.cli.console import out, progress_bars, said, today
from taizhang.cli.homes import Home
from taizhang.cli.mappings import Mappings, mapping_options
from taizhang.cli.naming import quoted
from taizhang.cli.outputs import Writing, Written
from taizhang.cli.worlds import Worlds, law_options, notice_lines, notices_json
from taizhang.collecting import no_search_for_cycles
from taizhang.rules.leverage import leverage as leverage_of
from taizhang.rules.outline import drawn
from taizhang.rules.plan import declared_order
from taizhang.rules.terms import Bundle, BundleItem, Leverage, Supposition
from taizhang.rules.worktime import WorkCalendar
from taizhang.settings import language

__all__ = ["leverage"]

_MOST_ROWS = 10  # papers told at the terminal; the JSON has them all
_KEPT = {
    "law": "--law", "overlays": "--law", "decisions": "--law", "pack_name": "--pack", "as_of": "--as-of",
    "prefer": "--prefer", "mapping_file": "--mapping", "office": "--office", "no_memory": "--no-memory",
}  # fmt: skip
_MOST_LISTED = 5  # sets up to this size are all listed item by item


@click.command(cls=Writing)
@click.argument("ledgers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-k", "most", type=click.IntRange(1, 30), default=3, show_default=True, help="Largest set of items."
)
@click.option("--overlay", "overlays", multiple=True, help="Overlay in force, by name or file; like --law.")
@click.option("--decision", "decisions", multiple=True, help="Decision taken, by name or file; like --law.")
@click.option("--ready", is_flag=True, help="Count a home only where its own papers are all on hand.")
@click.option(
    "--why", metavar="ESTATE/BUILDING/UNIT", help="Say why a home is, or is not, opened by the set."
)
@law_options
@click.option("--json", "json_path", type=Written(), help="Also write JSON; - for the terminal.")
@mapping_options
def leverage(
    ledgers: tuple[Path, ...],
    most: int,
    overlays: tuple[str, ...],
    decisions: tuple[str, ...],
    ready: bool,
    why: str | None,
    pack_name: str,
    law: tuple[str, ...],
    as_of: date | None,
    prefer: str,
    json_path: Path | None,
    mapping_file: Path | None,
    office: str,
    no_memory: bool,
) -> None:
    """Find the shared papers and decisions that open most homes (突破口).

    A home is opened when nothing shared is missing for it any more: only papers of its own.

    \b
    Example:
      taizhang leverage 台账.xlsx -k 3 --law title-certificates-shandong
    """
    day = as_of or today()
    worlds = Worlds.of(pack_name, (*law, *overlays, *decisions), day, ())
    mappings = Mappings.asked(worlds.before_pack, mapping_file, office, no_memory=no_memory)
    quiet = str(json_path) == "-"
    with progress_bars(quiet) as tell, no_search_for_cycles():
        worlds = worlds.reading(ledgers, mappings, tell)
        home = Home.named(worlds, why) if why else None
        outlines = drawn(
            worlds.before_pack,
            worlds.dossiers,
            WorkCalendar.china(),
            declared_order(worlds.before_pack, prefer),
            None,
            lambda done, total: tell("plan", done, total),
        )
        found = leverage_of(
            worlds.before_pack,
            worlds.dossiers,
            outlines.of(worlds.dossiers),
            most,
            ready=ready,
            progress=lambda done, total: tell("bundle", done, total),
        )
    answer = home.asked(worlds, _supposed(found.bundles[-1])) if home else None
    content = {
        **_as_json(found, worlds, day),
        "notices": notices_json(worlds),
        "why": answer.as_json() if answer else None,
    }
    told = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    if quiet:
        sys.stdout.write(told)
        return
    if json_path:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(told, encoding="utf-8")
    again = _next(found.bundles, worlds, ledgers)
    shown = _rows(found, worlds), _opens(found, worlds), _bundles(found, worlds), again
    for line in chain(notice_lines(worlds), worlds.not_taken(), *shown):
        out.print(line, markup=False)
    for line in answer.lines if answer else ():
        out.print(line, markup=False)


def _supposed(bundle: Bundle) -> list[Supposition]:
    """A bundle as suppositions, to be simulated."""
    return [
        Supposition("supply", one.item, one.place) if one.place else Supposition("enable", one.item)
        for one in bundle.items
    ]


def _as_json(found: Leverage, worlds: Worlds, day: date) -> dict[str, object]:
    rows = [
        {"item": row.item, "estates": len(row.estates), "units": row.in_plan, "sole_units": row.sole}
        for row in found.rows
    ]
    return {
        "sole": sorted(
            ({"item": row["item"], "units": row["sole_units"]} for row in rows if row["sole_units"]),
            key=lambda row: (-int(str(row["units"])), str(row["item"])),
        ),
        "in_plan": sorted(
            ({"item": row["item"], "units": row["units"], "estates": row["estates"]} for row in rows),
            key=lambda row: (-int(str(row["units"])), str(row["item"])),
        ),
        "opens": [{"item": item, "units": units} for item, units in found.opens],
        "bundle": [
            {
                "k": one.k,
                "items": [_item(item) for item in one.items],
                "units": one.units,
                "greedy_units": one.greedy_units,
                "proved": one.proved,
                "bound": one.bound,
            }
            for one in found.bundles
        ],
        "proved": found.proved,
        "mode": found.mode,
        "waiting_units": found.waiting,
        "pack": worlds.before_pack.id,
        "pack_version": worlds.before_pack.version,
        "as_of": day.isoformat(),
        "ledgers": list(worlds.ledgers),
        "law": list(worlds.law),
        "notices": list(worlds.not_taken()),
    }


def _item(one: BundleItem) -> dict[str, str]:
    if not one.place:
        return {"kind": "decision", "item": one.item}
    return {"kind": "paper", "item": one.item, "place": one.place, "estate": one.estate}


def _rows(found: Leverage, worlds: Worlds) -> Iterator[str]:
    lang = language()
    yield said(
        f"等待共用材料或受阻的户数：{found.waiting:,}。",
        f"Units held back by something shared: {found.waiting:,}.",
    )
    for row in found.rows[:_MOST_ROWS]:
        label, where = f"{worlds.label(row.item, lang)} ({row.item})", f"{len(row.estates):,}"
        yield said(
            f"  {label}：{where} 个小区，方案用到 {row.in_plan:,} 户，只差这一项 {row.sole:,} 户",
            f"  {label}: {where} estates, {row.in_plan:,} units use it, {row.sole:,} lack only it",
        )


def _opens(found: Leverage, worlds: Worlds) -> Iterator[str]:
    told = [(item, units) for item, units in found.opens if units][:3]
    if told:
        yield said("某类材料在全市取得，可打开：", "One kind of paper, obtained everywhere, opens:")
    for item, units in told:
        label = worlds.label(item, language())
        yield said(f"  {label}（{item}）：{units:,} 户", f"  {label} ({item}): {units:,} units")


def _bundles(found: Leverage, worlds: Worlds) -> Iterator[str]:
    yield said(
        "最佳组合（最多取几项，能打开多少户）：", "Best sets (so many items at most, units they open):"
    )
    for one in found.bundles:
        sure = (
            said("", "")
            if one.proved
            else said(f"，未证明，上界 {one.bound:,}", f", not proved, bound {one.bound:,}")
        )
        yield said(
            f"  {one.k} 项：{one.units:,} 户（逐步取优 {one.greedy_units:,} 户{sure}）",
            f"  {one.k}: {one.units:,} units (greedily {one.greedy_units:,}{sure})",
        )
        if one.k == len(found.bundles) or len(found.bundles) <= _MOST_LISTED:
            for item in one.items:
                yield f"    - {_named(item, worlds)}"


def _named(one: BundleItem, worlds: Worlds) -> str:
    if not one.place:
        option = f"--enable {one.item}"
        decision = worlds.named(Supposition("enable", one.item), language())
        basis = worlds.basis(one.item, language())
        return said(
            f"全市采用：{decision}（{option}；目前非本地规定，须有本地文件；所据：{basis}）",
            f"adopt in the whole city: {decision} ({option}; no law here yet; it rests on: {basis})",
        )
    option = f"--supply {one.item}@{worlds.address(one.place)}"
    return said(
        f"{worlds.label(one.item, 'zh')}（{worlds.path(one.place)}；{option}）",
        f"{worlds.label(one.item, 'en')} ({worlds.path(one.place)}; {option})",
    )


def _next(bundles: Sequence[Bundle], worlds: Worlds, ledgers: Sequence[Path]) -> Iterator[str]:
    """The command that simulates the largest set, to be copied, with what is in force."""
    if not bundles or not bundles[-1].items:
        return
    words = ["taizhang", "whatif", *map(str, ledgers)]
    context = click.get_current_context()
    for one in context.command.params:
        given = context.params.get(str(one.name))
        if context.get_parameter_source(str(one.name)) is ParameterSource.COMMANDLINE and one.name in _KEPT:
            for value in given if isinstance(given, tuple) else (given,):
                words += [_KEPT[one.name]] if value is True else [_KEPT[one.name], str(value)]
    for item in bundles[-1].items:
        if item.place:
            words += ["--supply", f"{item.item}@{worlds.address(item.place)}"]
        else:
            words += ["--enable", item.item]
    yield said(f"推演这一组：{quoted(words)}", f"To simulate this set: {quoted(words)}")
