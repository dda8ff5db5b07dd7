"""``taizhang template``, ``taizhang demo`` and ``taizhang demo-city``: a blank ledger, and made-up ones."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import click

from taizhang.cli.console import out, progress_bars, said, today
from taizhang.cli.outputs import Writing, Written, refuse_existing, replace_option
from taizhang.cli.plan import run_plan
from taizhang.cli.replays import Setup
from taizhang.exchange.demo_city import made_up_log, write_demo_city
from taizhang.exchange.excel.example import write_example
from taizhang.exchange.excel.replaying.conditions import Conditions, Wish
from taizhang.exchange.excel.template import write_template
from taizhang.exchange.excel.worklog import write_log
from taizhang.exchange.letters import write_letters
from taizhang.exchange.report import write_report
from taizhang.rules.pack import load_pack
from taizhang.rules.worktime import WorkCalendar
from taizhang.settings import language

__all__ = ["demo", "demo_city", "demo_log", "template"]

# The demonstration stands on the day of the newspaper page and on made-up local rules.
DEMO_DAY = date(2024, 1, 28)
DEMO_OVERLAYS = ("title-certificates-shandong", "demo-city-rules")


@click.command(cls=Writing)
@click.argument("output", type=Written())
@click.option(
    "--pack",
    "pack_name",
    default="title-certificates",
    show_default=True,
    help="Shipped pack, file or folder.",
)
@click.option("--overlay", "overlays", multiple=True, help="Overlay by name or file; may be repeated.")
@replace_option
def template(output: Path, pack_name: str, overlays: tuple[str, ...], replace: bool) -> None:
    """Write a blank ledger with lists and notes.

    \b
    Example:
      taizhang template 空白台账.xlsx
    """
    refuse_existing(output, replace=replace)
    output.parent.mkdir(parents=True, exist_ok=True)
    write_template(output, load_pack(pack_name, overlays=overlays, as_of=today()))
    out.print(f"  {output}", markup=False)


@click.command(cls=Writing)
@click.argument("folder", type=Written(folder=True), default="demo")
def demo(folder: Path) -> None:
    """Write an example ledger and everything that is made from it.

    \b
    Example:
      taizhang demo out/demo
    """
    folder.mkdir(parents=True, exist_ok=True)
    conditions = Conditions.of(Wish("title-certificates", DEMO_OVERLAYS, as_of=DEMO_DAY))
    ledger = folder / "台账-针织厂家属院.xlsx"
    write_example(ledger, conditions.pack)
    target = folder / "方案-针织厂家属院.xlsx"
    city, _ = run_plan(Setup((ledger,), conditions), target)
    report = folder / "报告-针织厂家属院.html"
    write_report(report, city, language=language())
    letters = write_letters(folder / "处置方案", city)
    out.print(said("示例（虚构数据）已生成：", "The example (made-up data) is ready:"), markup=False)
    for path in (ledger, target, report, *letters):
        out.print(f"  {path}", markup=False)


@click.command(name="demo-city", cls=Writing)
@click.argument("output", type=Written(dir_okay=False))
@click.option("--estates", default=732, show_default=True, help="Number of estates.")
@click.option("--units", default=132_600, show_default=True, help="Number of homes in all.")
@click.option("--seed", default=1, show_default=True, help="Decides everything left to chance.")
@replace_option
def demo_city(output: Path, estates: int, units: int, seed: int, replace: bool) -> None:
    """Write the ledger of a made-up city: estates, buildings and homes.

    \b
    Example:
      taizhang demo-city 城市台账.xlsx --estates 6 --units 300
    """
    refuse_existing(output, replace=replace)
    pack = load_pack("title-certificates", overlays=DEMO_OVERLAYS, as_of=DEMO_DAY)
    output.parent.mkdir(parents=True, exist_ok=True)
    with progress_bars() as tell:
        write_demo_city(
            output,
            estates=estates,
            units=units,
            seed=seed,
            pack=pack,
            language=language(),
            progress=lambda done, total: tell("write", done, total),
        )
    out.print(
        said(
            f"合成数据已生成：小区 {estates} 个，{units} 户（种子 {seed}）。",
            f"Synthetic data is ready: estates {estates}, homes {units} (seed {seed}).",
        ),
        markup=False,
    )
    out.print(f"  {output}", markup=False)


@click.command("demo-log", cls=Writing)
@click.argument("output", type=Written())
@click.option("--pieces", type=click.IntRange(100, 200_000), default=20_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@replace_option
def demo_log(output: Path, pieces: int, seed: int, replace: bool) -> None:
    """Write a made-up year of finished work, for `taizhang forecast`.

    \b
    Example:
      taizhang demo-log 办件记录.xlsx
    """
    refuse_existing(output, replace=replace)
    pack = load_pack("title-certificates", overlays=DEMO_OVERLAYS, as_of=DEMO_DAY)
    calendar = WorkCalendar.china()
    year = [DEMO_DAY - timedelta(days=back) for back in range(365, 0, -1)]
    log = made_up_log(pack, [day for day in year if calendar.is_open(day)], pieces, seed)
    output.parent.mkdir(parents=True, exist_ok=True)
    write_log(output, log, pack, language())
    out.print(
        said(
            f"合成办件记录已生成：办结 {len(log):,} 件（种子 {seed}）。",
            f"Synthetic data is ready: {len(log):,} pieces of finished work (seed {seed}).",
        ),
        markup=False,
    )
    out.print(f"  {output}", markup=False)
