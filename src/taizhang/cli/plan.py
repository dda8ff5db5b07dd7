"""``taizhang plan``: from a ledger to the plan of every estate in it."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from taizhang.cli.console import DATE, out, progress_bars, said, today
from taizhang.cli.mappings import Mappings, mapping_options
from taizhang.cli.sending import SendOut
from taizhang.errors import InputError
from taizhang.exchange.excel.books import KINDS
from taizhang.exchange.excel.planning import plan_ledgers
from taizhang.exchange.excel.returned.receiving import receive
from taizhang.exchange.excel.summary import summary
from taizhang.exchange.excel.workbook import write_workbook
from taizhang.exchange.letters import write_letters
from taizhang.exchange.report import write_report
from taizhang.rules.document import read_document
from taizhang.rules.pack import find_document, load_pack
from taizhang.rules.terms import CityPlan, Pack
from taizhang.settings import language

__all__ = ["plan", "run_plan"]


@click.command()
@click.argument("ledgers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The workbook to write (default: LEDGER-方案.xlsx).",
)
@click.option(
    "--pack",
    "pack_name",
    default="title-certificates",
    show_default=True,
    help="Shipped pack, file or folder.",
)
@click.option("--overlay", "overlays", multiple=True, help="Overlay by name or file; may be repeated.")
@click.option(
    "--decision", "decisions", multiple=True, help="Decision of a meeting, by name or file; may be repeated."
)
@click.option("--as-of", type=DATE, help="The day whose law and knowledge count (default: today in China).")
@click.option(
    "--prefer",
    type=click.Choice(["cheapest", "fewest", "fastest"]),
    default="cheapest",
    show_default=True,
    help="What comes after the legal order: money, number of papers, or days.",
)
@click.option(
    "--json",
    "json_path",
    type=click.Path(path_type=Path),
    help="Also write the summary as JSON; - for the terminal.",
)
@click.option("--report", type=click.Path(path_type=Path), help="Also write a report in one HTML file.")
@click.option(
    "--letters",
    type=click.Path(path_type=Path),
    help="Also write 处置方案 (docx), one per estate, into a folder.",
)
@click.option(
    "--per",
    type=(click.Choice(KINDS), click.Path(path_type=Path, file_okay=False)),
    multiple=True,
    metavar="KIND FOLDER",
    help="Also write one workbook for each county, street or department; may be repeated.",
)
@click.option("--bulletin", type=click.Path(path_type=Path), help="Also write 周调度通报 (docx).")
@click.option(
    "--plan-file",
    type=click.Path(path_type=Path),
    help="Also write what a later bulletin compares with (JSON).",
)
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    help="The --plan-file of an earlier week, for --bulletin to compare with.",
)
@mapping_options
@click.option("--strict", is_flag=True, help="Exit with 2 where there are complaints about the ledger.")
def plan(
    ledgers: tuple[Path, ...],
    output: Path | None,
    pack_name: str,
    overlays: tuple[str, ...],
    decisions: tuple[str, ...],
    as_of: date | None,
    prefer: str,
    json_path: Path | None,
    report: Path | None,
    letters: Path | None,
    per: tuple[tuple[str, Path], ...],
    bulletin: Path | None,
    plan_file: Path | None,
    since: Path | None,
    mapping_file: Path | None,
    office: str,
    no_memory: bool,
    strict: bool,
) -> None:
    """Plan every estate of one or more Excel ledgers.

    \b
    Example:
      taizhang plan 台账.xlsx --overlay title-certificates-shandong -o 方案.xlsx --report 报告.html
    """
    sending = SendOut.asked(per, bulletin, plan_file, since)
    target = output or ledgers[0].with_name(f"{ledgers[0].stem}-方案.xlsx")
    day = as_of or today()
    quiet = str(json_path) == "-"
    pack = load_pack(pack_name, overlays=overlays, decisions=decisions, as_of=day)
    mappings = Mappings.asked(pack, mapping_file, office, no_memory=no_memory)
    city = run_plan(ledgers, target, pack, overlays, decisions, prefer, mappings, quiet=quiet)
    if report:
        write_report(report, city, language=language())
    written = write_letters(letters, city) if letters else []
    written += sending.write(city, quiet=str(json_path) == "-")
    text = json.dumps(summary(city), ensure_ascii=False, indent=2)
    if str(json_path) == "-":
        sys.stdout.write(text + "\n")
    else:
        if json_path:
            json_path.parent.mkdir(parents=True, exist_ok=True)
            json_path.write_text(text + "\n", encoding="utf-8")
        _tell(city, target, report, written)
    if strict and city.complaints:
        sys.exit(2)


def run_plan(
    ledgers: tuple[Path, ...],
    target: Path,
    pack: Pack,
    overlays: tuple[str, ...],
    decisions: tuple[str, ...],
    prefer: str,
    mappings: Mappings | None = None,
    *,
    quiet: bool = False,
) -> CityPlan:
    """Read, plan and write the workbook; return the plan with its timings."""
    _not_over_itself(ledgers, target)
    mappings = mappings or Mappings(None, ())
    names = [[read_document(find_document(one)).id for one in group] for group in (overlays, decisions)]
    with progress_bars(quiet) as tell:
        started = time.perf_counter()
        received = receive(
            ledgers, pack, mapping=mappings.given, remembered=mappings.remembered, progress=tell
        )
        seconds = {"read": time.perf_counter() - started}
        city = plan_ledgers(
            received.ledgers,
            pack,
            prefer=prefer,
            overlays=names[0],
            decisions=names[1],
            regrouping=received.regrouping,
            progress=tell,
        )
        started = time.perf_counter()
        target.parent.mkdir(parents=True, exist_ok=True)
        write_workbook(
            target, city, language=language(), progress=lambda done, total: tell("write", done, total)
        )
        seconds["write"] = time.perf_counter() - started
    return replace(city, seconds={**city.seconds, **seconds})


def _not_over_itself(ledgers: tuple[Path, ...], target: Path) -> None:
    for ledger in ledgers:
        if ledger.resolve() == target.resolve():
            raise InputError(
                "The workbook would be written over the ledger {path}.",
                hint="Give another name with -o.",
                zh="输出会覆盖台账 {path}，请用 -o 指定其他文件名。",
                code="E-OUT-SAME",
                path=ledger.name,
            )


def _tell(city: CityPlan, target: Path, report: Path | None, letters: list[Path]) -> None:
    """A few lines an officer can read at once."""
    found = summary(city)
    status = found["units_by_status"]
    assert isinstance(status, dict)
    out.print(
        said(
            f"小区 {found['estates']} 个，{found['units']} 户：已具备 {status['proved']}，"
            f"缺件可补 {status['open']}，待查明 {status['depends']}，受阻 {status['blocked']}；"
            f"缺项 {found['gaps']} 处。",
            f"Estates {found['estates']}, units {found['units']}: "
            f"proved {status['proved']}, open {status['open']}, "
            f"depends {status['depends']}, blocked {status['blocked']}; gaps {found['gaps']}.",
        ),
        markup=False,
    )
    if city.complaints:
        out.print(
            said(
                f"台账中有 {len(city.complaints)} 处需要核对，见工作表“导入问题”。",
                f"Places in the ledger to look at: {len(city.complaints)}, see sheet Import problems.",
            ),
            markup=False,
        )
    for line in (*_merged(city), *_blocked(city), *_law(city), *_unread(city)):
        out.print(line, markup=False)
    for path in [target, *([report] if report else []), *letters]:
        out.print(f"  {path}", markup=False)


def _merged(city: CityPlan) -> Iterator[str]:
    """What was merged, and what two files say differently."""
    count = Counter(one.kind for one in city.differences)
    taken, open_ = count["changed"] + count["added"], count["conflict"] + count["disagree"]
    if taken:
        yield said(f"已合并线下修改 {taken} 处。", f"Changes made offline and merged: {taken}.")
    lost = sum(one.code in ("C-MERGE-DELETED", "C-MERGE-SHEET") for one in city.complaints)
    if lost:
        yield said(
            f"注意：退回的方案中少了原有的行或工作表 {lost} 处，见工作表“导入问题”。",
            f"Note: rows or sheets are missing in what came back: {lost}, see sheet Import problems.",
        )
    if open_:
        yield said(
            f"两处说法不一 {open_} 处，左右对照见工作表“并表对照”。",
            f"Said in two ways: {open_}, see sheet Side by side.",
        )


def _blocked(city: CityPlan) -> Iterator[str]:
    """Why estates are blocked and what would open them, three at most."""
    blocked = [estate for estate in city.estates if estate.blocked_by]
    lang = language()
    for estate in blocked[:3]:
        names = said("、", ", ").join(city.pack.label_of(name).in_(lang) for name in estate.blocked_by)
        yield said(f"{estate.place.name}受阻于：{names}。", f"{estate.place.name} is blocked by: {names}.")
        if estate.lift:
            ways = {(one.node, one.way) for one in estate.lift.ways}
            labels = [
                way.label.in_(lang)
                for node, way_id in sorted(ways)
                for way in city.pack.nodes[node].ways
                if way.id == way_id
            ]
            labels += sorted({city.pack.label_of(name).in_(lang) for name, _ in estate.lift.items})
            opens = said("、", ", ").join(labels)
            yield said(
                f"  采用或取得以下各项即可破解：{opens}。",
                f"  Adopting or obtaining these would open it: {opens}.",
            )
    if len(blocked) > 3:
        yield said(
            f"另有 {len(blocked) - 3} 个小区受阻，见工作簿。",
            f"{len(blocked) - 3} more are blocked: see the workbook.",
        )


def _law(city: CityPlan) -> Iterator[str]:
    """What a user may not have noticed of the law in use."""
    pack = city.pack
    if pack.effective.start and pack.as_of < pack.effective.start:
        yield said(
            f"注意：规则包自 {pack.effective.start} 起适用，测算日 {pack.as_of} 在此之前。",
            f"Note: the pack speaks from {pack.effective.start}; {pack.as_of} is before that day.",
        )
    live = {way.origin for node in pack.nodes.values() for way in node.ways if pack.in_force(way)}
    for name in city.overlays:
        if name not in live:
            yield said(
                f"注意：{name} 在 {pack.as_of} 已无有效规则。",
                f"Note: nothing in {name} is in force on {pack.as_of}.",
            )
    if pack.id == "title-certificates" and not city.overlays:
        yield said(
            "未启用任何地方规则；如在山东省，请加 --overlay title-certificates-shandong。",
            "No local rules are in use; in Shandong add --overlay title-certificates-shandong.",
        )


def _unread(city: CityPlan) -> Iterator[str]:
    """Columns that were kept but not understood."""
    names = [one.heading for ledger in city.ledgers for one in ledger.columns if one.kind == "unknown"]
    if names:
        shown = "、".join(names[:6]) + ("…" if len(names) > 6 else "")
        yield said(
            f"未识别的列 {len(names)} 个（原样保留）：{shown}。",
            f"Columns not understood, kept as they are: {len(names)} ({shown}).",
        )
