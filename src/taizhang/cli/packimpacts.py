"""``taizhang pack impact``: what a new state of the law does to ledgers, before it is adopted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from taizhang.cli.console import DATE, out, progress_bars, said, today
from taizhang.cli.mappings import Mappings, mapping_options
from taizhang.cli.outputs import Writing, Written
from taizhang.cli.packnames import difference_words, named_pack
from taizhang.exchange.excel.dossiers import Estates, dossiers_of
from taizhang.exchange.excel.returned.receiving import receive
from taizhang.rules.impact import EstateImpact, Impact, Lawful, impact
from taizhang.rules.terms import Pack, Status
from taizhang.settings import language

__all__ = ["impact_command"]

_SHOWN = 10  # estates, papers and changes on the terminal; the JSON has all


@click.command(name="impact", cls=Writing)
@click.argument("ledgers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--from", "old", required=True, metavar="OLD", help="The law now: NAME+LAYER@DAY.")
@click.option("--to", "new", required=True, metavar="NEW", help="The law to come: NAME+LAYER@DAY.")
@click.option(
    "--as-of", type=DATE, help="Day for names without a day of their own (default: today in China)."
)
@click.option("--json", "json_path", type=Written(), help="Also write JSON; - for the terminal.")
@mapping_options
def impact_command(
    ledgers: tuple[Path, ...],
    old: str,
    new: str,
    as_of: date | None,
    json_path: Path | None,
    mapping_file: Path | None,
    office: str,
    no_memory: bool,
) -> None:
    """Compare ledgers under two states of the law, before the new one is adopted.

    \b
    Example:
      taizhang pack impact 台账.xlsx --from title-certificates@2025-12-31 --to title-certificates@2026-01-01
    """
    day, quiet = as_of or today(), str(json_path) == "-"
    packs = [named_pack(name, day) for name in (old, new)]
    with progress_bars(quiet) as tell:
        estates = []
        for pack in packs:
            mappings = Mappings.asked(pack, mapping_file, office, no_memory=no_memory)
            estates.append(_read(ledgers, pack, mappings, tell))
    before, after = (Lawful(pack, one.dossiers) for pack, one in zip(packs, estates, strict=True))
    found = impact(before, after)
    names = {place.id: place.name for one in after.dossiers for place in one.places.values()}
    text = json.dumps(_as_json(found, (old, new), packs, names), ensure_ascii=False, indent=2)
    if quiet:
        sys.stdout.write(text + "\n")
        return
    for line in _lines(found, after.pack, before.pack, names):
        out.print(line, markup=False)
    if json_path:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(text + "\n", encoding="utf-8")
        out.print(f"  {json_path}", markup=False)


def _read(
    ledgers: Sequence[Path], pack: Pack, mappings: Mappings, tell: Callable[[str, int, int], None]
) -> Estates:
    """The estates of ledgers as one state of the law reads them: each may know other facts and papers."""
    received = receive(ledgers, pack, mapping=mappings.given, remembered=mappings.remembered, progress=tell)
    return dossiers_of(received, pack)


def _words() -> dict[Status, str]:
    return {
        Status.PROVED: said("已具备", "proved"),
        Status.OPEN: said("缺件可补", "open"),
        Status.DEPENDS: said("待查明", "depends"),
        Status.BLOCKED: said("受阻", "blocked"),
    }


def _moves(moved: Sequence[tuple[Status, Status, int]]) -> str:
    words = _words()
    rows = [f"{words[was]} → {words[now]} {count:,}" for was, now, count in moved]
    return said("；", "; ").join(rows) or said("无变化", "none")


def _lines(found: Impact, new: Pack, old: Pack, names: dict[str, str]) -> Iterator[str]:
    yield said(
        f"比较 {found.units:,} 户，涉及小区 {len(found.estates):,} 个。状态变化：{_moves(found.moved)}。",
        f"{found.units:,} units compared, {len(found.estates):,} estates concerned. "
        f"Changes of status: {_moves(found.moved)}.",
    )
    yield said(
        f"单户方案：减轻 {found.cheaper:,} 户，加重 {found.dearer:,} 户，不变 {found.same:,} 户。",
        f"Best plans of single units: lighter {found.cheaper:,}, heavier {found.dearer:,}, "
        f"same {found.same:,}.",
    )
    if found.estimated:
        yield said(
            f"另有 {found.estimated:,} 户的费用只是估计，未比较。",
            f"{found.estimated:,} units have estimated costs and were not compared.",
        )
    if found.missing:
        yield said(
            f"注意：{found.missing:,} 户只在其中一个规则包下读出，未比较。",
            f"Note: {found.missing:,} units are read by one of the two packs only and were not compared.",
        )
    yield from _paper_lines(found, new, old)
    for one in found.estates[:_SHOWN]:
        yield _estate_line(one, names)
    yield from _rest(len(found.estates))
    yield said(f"规则变化 {len(found.changes)} 处：", f"Changes of the law: {len(found.changes)}")
    words = difference_words()
    for change in found.changes[:_SHOWN]:
        yield f"  {words[change.what]}  {change.name}"
    yield from _rest(len(found.changes))


def _rest(count: int) -> Iterator[str]:
    if count > _SHOWN:
        yield said(f"  另有 {count - _SHOWN} 项，见 --json。", f"  {count - _SHOWN} more, see --json.")


def _paper_lines(found: Impact, new: Pack, old: Pack) -> Iterator[str]:
    lang = language()
    for rows, zh, en in (
        (found.needed, "新增所需材料", "Newly needed"),
        (found.dropped, "不再需要材料", "No longer needed"),
    ):
        if rows:
            labels = [
                f"{(new if name in new.evidence else old).label_of(name).in_(lang)} {units:,}"
                for name, units in rows[:_SHOWN]
            ]
            more = "…" if len(rows) > _SHOWN else ""
            yield said(
                f"{zh}（前后均可办的户数）：{'；'.join(labels)}{more}。",
                f"{en} (units planned both before and after): {'; '.join(labels)}{more}.",
            )


def _estate_line(one: EstateImpact, names: dict[str, str]) -> str:
    name = names.get(one.place, one.place)
    return said(
        f"  {name}（{one.units:,} 户）：{_moves(one.moved)}；减轻 {one.cheaper:,}，加重 {one.dearer:,}",
        f"  {name} ({one.units:,} units): {_moves(one.moved)}; "
        f"lighter {one.cheaper:,}, heavier {one.dearer:,}",
    )


def _as_json(
    found: Impact, asked: tuple[str, str], packs: Sequence[Pack], names: dict[str, str]
) -> dict[str, object]:
    def moves(moved: Sequence[tuple[Status, Status, int]]) -> list[dict[str, object]]:
        return [{"from": was.word, "to": now.word, "units": count} for was, now, count in moved]

    return {
        "from": {"asked": asked[0], "as_of": packs[0].as_of.isoformat(), "digest": packs[0].digest},
        "to": {"asked": asked[1], "as_of": packs[1].as_of.isoformat(), "digest": packs[1].digest},
        "units": found.units,
        "status": moves(found.moved),
        "cheaper": found.cheaper,
        "dearer": found.dearer,
        "same": found.same,
        "estimated": found.estimated,
        "read_by_one_only": found.missing,
        "by_estate": [
            {
                "estate": names.get(one.place, one.place),
                "units": one.units,
                "status": moves(one.moved),
                "cheaper": one.cheaper,
                "dearer": one.dearer,
            }
            for one in found.estates
        ],
        "needed": [{"paper": name, "units": units} for name, units in found.needed],
        "dropped": [{"paper": name, "units": units} for name, units in found.dropped],
        "changes": [
            {"what": one.what, "name": one.name, "before": one.before, "after": one.after}
            for one in found.changes
        ],
    }
