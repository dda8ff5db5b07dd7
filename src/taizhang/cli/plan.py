"""``taizhang plan``: from a ledger to the plan of every estate in it."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from taizhang.cli.console import DATE, progress_bars, today
from taizhang.cli.mappings import mapping_options
from taizhang.cli.outcome import tell_plan
from taizhang.cli.outputs import Writing, Written
from taizhang.cli.replays import Keeping, MappingWish, Setup, record_options
from taizhang.cli.sending import SendOut
from taizhang.exchange.excel.books import KINDS
from taizhang.exchange.excel.planning import plan_ledgers
from taizhang.exchange.excel.replaying.conditions import Wish
from taizhang.exchange.excel.returned.receiving import Received, receive
from taizhang.exchange.excel.summary import summary
from taizhang.exchange.excel.workbook import write_workbook
from taizhang.exchange.letters import write_letters
from taizhang.exchange.report import write_report
from taizhang.rules.terms import CityPlan

__all__ = ["plan", "run_plan"]


def _beside(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """The workbook to write: by default beside the first ledger, which is read from the line before it."""
    ledgers: tuple[Path, ...] = ctx.params.get("ledgers", ())
    return value or next((one.with_name(f"{one.stem}-方案.xlsx") for one in ledgers), None)


@click.command(cls=Writing)
@click.argument("ledgers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=Written(),
    callback=_beside,
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
    type=Written(),
    help="Also write the summary as JSON; - for the terminal.",
)
@click.option("--report", type=Written(), help="Also write a report in one HTML file.")
@click.option(
    "--letters",
    type=Written(folder=True),
    help="Also write 处置方案 (docx), one per estate, into a folder.",
)
@click.option(
    "--per",
    type=(click.Choice(KINDS), Written(folder=True)),
    multiple=True,
    metavar="KIND FOLDER",
    help="Also write one workbook for each county, street or department; may be repeated.",
)
@click.option("--bulletin", type=Written(), help="Also write 周调度通报 (docx).")
@click.option(
    "--plan-file",
    type=Written(),
    help="Also write what a later bulletin compares with (JSON).",
)
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    help="The --plan-file of an earlier week, for --bulletin to compare with.",
)
@record_options
@mapping_options
@click.option("--strict", is_flag=True, help="Exit with 2 where there are complaints about the ledger.")
def plan(
    ledgers: tuple[Path, ...],
    output: Path,
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
    known_at: date | None,
    record: Path | None,
    lock_only: bool,
    replay: Path | None,
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
    keeping = Keeping.asked(record, replay, lock_only=lock_only)
    wish = Wish(pack_name, overlays, decisions, as_of or today(), known_at, prefer)
    setup = keeping.setup(ledgers, wish, MappingWish(mapping_file, office, no_memory))
    quiet = str(json_path) == "-"
    city, received = run_plan(setup, output, quiet=quiet)
    files = {"workbook": output}
    if report:
        write_report(report, city, language=setup.language)
        files["report"] = report
    written = write_letters(letters, city) if letters else []
    written += sending.write(city, quiet=quiet)
    text = json.dumps(summary(city), ensure_ascii=False, indent=2)
    if quiet:
        sys.stdout.write(text + "\n")
    elif json_path:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(text + "\n", encoding="utf-8")
    kept, notes = keeping.kept(setup, city, received, files)
    if not quiet:
        tell_plan(city, [*files.values(), *written, *kept], notes)
    if strict and city.complaints:
        sys.exit(2)


def run_plan(setup: Setup, target: Path, *, quiet: bool = False) -> tuple[CityPlan, Received]:
    """Read, plan and write the workbook; return the plan with its timings, and what was read."""
    conditions, mappings = setup.conditions, setup.mappings
    with progress_bars(quiet) as tell:
        started = time.perf_counter()
        received = receive(
            setup.ledgers,
            conditions.pack,
            mapping=mappings.given,
            remembered=mappings.remembered,
            progress=tell,
        )
        seconds = {"read": time.perf_counter() - started}
        city = plan_ledgers(
            received.ledgers,
            conditions.pack,
            prefer=conditions.prefer,
            overlays=conditions.ids("overlay"),
            decisions=conditions.ids("decision"),
            regrouping=received.regrouping,
            calendar=conditions.calendar,
            progress=tell,
        )
        started = time.perf_counter()
        target.parent.mkdir(parents=True, exist_ok=True)
        write_workbook(
            target, city, language=setup.language, progress=lambda done, total: tell("write", done, total)
        )
        seconds["write"] = time.perf_counter() - started
    return replace(city, seconds={**city.seconds, **seconds}), received
