"""``taizhang export`` and ``work-log``: the ledger, and what was finished, as workbooks."""

from __future__ import annotations

from pathlib import Path

import click

from taizhang.cli.console import out, progress_bars, said
from taizhang.cli.office.installation import actor, now, require_ready, working_day
from taizhang.cli.outputs import Writing, Written
from taizhang.exchange.excel.worklog import write_log
from taizhang.exchange.ledgerbook.writing import write_ledger_file
from taizhang.office.exporting import export_ledger
from taizhang.office.selectors.finished import finished
from taizhang.settings import language

__all__ = ["export", "work_log"]


@click.command(cls=Writing)
@click.argument("target", type=Written(dir_okay=False))
@click.option("--county", default="", help="Only this county.")
@click.option("--street", default="", help="Only this street of the county.")
def export(target: Path, county: str, street: str) -> None:
    """Write the ledger as a workbook to be edited offline and imported again, cell by cell.

    Holders, identity numbers and telephones are not in it.  The journal keeps who took it out and what.

    \b
    Example:
      taizhang export 台账.xlsx --county 东昌府区 --street 柳园街道
    """
    law, who = require_ready(), actor()
    told = export_ledger(
        None, {"county": county, "street": street}, actor=who, now=now(), today=working_day()
    )
    made_up = said("（演示数据，虚构）", " (made up, for demonstration)") if law.day else ""
    day = working_day()
    note = said(f"{day} {who} 导出{made_up}", f"exported by {who} on {day}{made_up}")
    with progress_bars() as tell:
        write_ledger_file(target, law.on(day), told, note=note, progress=tell)
    counts = len(told.estates), len(told.buildings), len(told.units), told.entry
    zh = "  已导出 {} 个小区、{} 幢、{} 户；登记为第 {} 条留痕".format(*counts)
    en = "  exported: {} estates, {} buildings, {} units; entry {} of the journal".format(*counts)
    out.print(said(zh, en), markup=False)


@click.command("work-log", cls=Writing)
@click.argument("target", type=Written(dir_okay=False))
@click.option("--county", default="", help="Only this county.")
def work_log(target: Path, county: str) -> None:
    """Write the finished work of the office as a log for `taizhang forecast --log`.

    One row for each task whose paper was accepted: paper, supplier, and the days on which its clock
    began, its owner acknowledged it and the paper was accepted.  It names no person and no home.

    \b
    Example:
      taizhang work-log 办件记录.xlsx --county 东昌府区
    """
    law = require_ready()
    log = finished(county)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_log(target, log, law.on(working_day()), language())
    zh, en = f"  办结 {len(log):,} 件：{target}", f"  {len(log):,} pieces of finished work: {target}"
    if not log:
        zh += "（尚无审核通过的任务；预测需要数十件以上，可用其他系统的记录。）"
        en += " (no paper of a task was accepted yet; a forecast needs dozens: another system's list will do)"
    out.print(said(zh, en), markup=False)
