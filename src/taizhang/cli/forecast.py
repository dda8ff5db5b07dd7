"""``taizhang forecast``: when certificates can be expected, from a log of finished work."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path

import click

from taizhang.cli.console import err, out, progress_bars, said, today
from taizhang.cli.mappings import Mappings, mapping_options
from taizhang.cli.outputs import Writing, Written
from taizhang.cli.worlds import Worlds, law_options, notice_lines, notices_json
from taizhang.collecting import no_search_for_cycles
from taizhang.errors import InputError
from taizhang.exchange.excel.worklog import Log, read_log
from taizhang.rules.city import plan_city
from taizhang.rules.forecast import Settings
from taizhang.rules.forecast import forecast as forecast_of
from taizhang.rules.plan import declared_order
from taizhang.rules.reading import nearest
from taizhang.rules.terms import Desk, EstateOutlook, Forecast, Pack
from taizhang.rules.worktime import WorkCalendar
from taizhang.settings import language

__all__ = ["forecast"]

_MOST_ROWS = 15  # estates and suppliers told at the terminal; the JSON has them all
_MOST_COMPLAINTS = 5
_LEAST_SHOWN = 0.05  # days of a change


@click.command(cls=Writing)
@click.argument("ledgers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--log",
    "log_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Finished work: item, supplier, received, begun, ended; a workbook or a table of text.",
)
@click.option(
    "--desks",
    multiple=True,
    metavar="SUPPLIER=N",
    help="How much a supplier does at a time (default: the most it had in hand on one day of the log).",
)
@click.option(
    "--more", multiple=True, metavar="SUPPLIER=N", help="Suppose N desks more, or fewer, and tell the change."
)
@click.option(
    "--first",
    type=click.Choice(["come", "homes"]),
    default="come",
    show_default=True,
    help="Who is served first: who comes first, or what most homes wait for.",
)
@click.option(
    "--runs", type=click.IntRange(20, 10_000), default=500, show_default=True, help="Simulated runs."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Where chances begin.")
@law_options
@click.option("--json", "json_path", type=Written(), help="Also write JSON; - for the terminal.")
@mapping_options
def forecast(
    ledgers: tuple[Path, ...],
    log_file: Path,
    desks: tuple[str, ...],
    more: tuple[str, ...],
    first: str,
    runs: int,
    seed: int,
    pack_name: str,
    law: tuple[str, ...],
    as_of: date | None,
    prefer: str,
    json_path: Path | None,
    mapping_file: Path | None,
    office: str,
    no_memory: bool,
) -> None:
    """Tell when each estate will be done, with which certainty, and who is the bottleneck.

    The remaining work of the plans is passed through the desks of its suppliers.  How long things take
    comes from a log of finished work; a forecast of its last third is made first and held against what
    happened.  Where it would not have come true, no dates are told.

    \b
    Example:
      taizhang forecast 台账.xlsx --log 办件记录.xlsx --more surveyor=2
    """
    day = as_of or today()
    worlds = Worlds.of(pack_name, law, day, ())
    pack, calendar = worlds.before_pack, WorkCalendar.china()
    settings = Settings(
        _numbers(pack, desks, "--desks", least=1),
        _numbers(pack, more, "--more"),
        runs,
        seed,
        first == "homes",
    )
    mappings = Mappings.asked(pack, mapping_file, office, no_memory=no_memory)
    log = read_log(log_file, pack, calendar.years)
    quiet = str(json_path) == "-"
    for line in _of_log(log):  # before anything that may be refused because of it
        (err if quiet else out).print(line, markup=False)
    with progress_bars(quiet) as tell, no_search_for_cycles():
        worlds = worlds.reading(ledgers, mappings, tell)
        plans = plan_city(
            pack,
            worlds.dossiers,
            worlds.identities,
            calendar,
            objective=declared_order(pack, prefer),
            progress=lambda done, total: tell("plan", done, total),
        )
        found = forecast_of(
            pack, plans, log.completed, settings, calendar, lambda done, total: tell("forecast", done, total)
        )
    content = {**_as_json(found, log), "notices": notices_json(worlds)}
    told = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    if quiet:
        sys.stdout.write(told)
        return
    if json_path:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(told, encoding="utf-8")
    shown = _first(found), _estates(found), _changed(found, more), _desks(found, pack), _assumed(found, pack)
    for line in chain(notice_lines(worlds), worlds.not_taken(), *shown):
        out.print(line, markup=False)


def _numbers(pack: Pack, given: tuple[str, ...], option: str, least: int = -999) -> Mapping[str, int]:
    """Desks by supplier, who may be named by id or label."""
    names = {text: name for name, label in pack.suppliers.items() for text in (name, label.zh, label.en)}
    found = {}
    for one in given:
        name, _, count = one.partition("=")
        if name.strip() not in names:
            close = nearest(name.strip(), names)
            raise InputError(
                "{option}: there is no supplier '{name}'.",
                hint="Did you mean '{close}'?" if close else "`taizhang pack show` lists them.",
                zh="{option}：没有单位“{name}”。"
                + ("是否应为“{close}”？" if close else "名单见 taizhang pack show。"),
                code="E-FORECAST-SUPPLIER",
                option=option,
                name=name.strip(),
                close=close,
            )
        try:
            number = int(count)
        except ValueError:
            number = least - 1
        if not least <= number <= 999 or names[name.strip()] in found:
            raise InputError(
                "{option}: '{one}' names no number of desks, or a supplier for the second time.",
                hint="Write it as {name}=2, once for each supplier; --desks is at least 1.",
                zh="{option}：“{one}”没有给出有效的台位数，或重复指定。"
                "请写作 {name}=2，每个单位一次；--desks 至少为 1。",
                code="E-FORECAST-DESKS",
                option=option,
                one=one,
                name=name.strip(),
            )
        found[names[name.strip()]] = number
    return found


def _as_json(found: Forecast, log: Log) -> dict[str, object]:
    def days(one: EstateOutlook) -> dict[str, object]:
        return {
            f"p{each}": {"days": one.days[each], "date": str(one.dates[each]) if one.dates[each] else None}
            for each in one.days
        }

    return {
        "start": str(found.start),
        "known": round(found.known, 4),
        "runs": found.runs,
        "seed": found.seed,
        "first": "homes" if found.ranked else "come",
        "backtest": {
            "since": str(found.backtest.since),
            "tested": found.backtest.tested,
            "within": {f"p{each}": round(share, 4) for each, share in found.backtest.within.items()},
        },
        "estates": [
            {
                "place": one.place, "name": one.name, "units": one.units, "path_days": one.path,
                **days(one), "change_days": round(one.change, 2),
            }
            for one in found.estates
        ],
        "desks": [
            {
                "supplier": one.supplier, "desks": one.desks, "pieces": one.pieces,
                "busy": round(one.busy, 4), "wait_days": round(one.wait, 2),
                "change_days": round(one.change, 2),
            }
            for one in found.desks
        ],
        "assumed": list(found.assumed),
        "unseen": list(found.unseen),
        "log": {
            "completed": len(log.completed), "unfinished": log.unfinished, "complaints": len(log.complaints),
        },
    }  # fmt: skip


def _of_log(log: Log) -> Iterator[str]:
    """What was read of the log, and what could not be used."""
    yield said(
        f"办件记录：办结 {len(log.completed):,} 件，未办结 {log.unfinished:,} 件，"
        f"未采用 {len(log.complaints):,} 处。",
        f"Log: {len(log.completed):,} pieces of work finished, {log.unfinished:,} not, "
        f"{len(log.complaints):,} cells not used.",
    )
    for one in log.complaints[:_MOST_COMPLAINTS]:
        text = said(one.zh, one.message)
        yield f"  {one.sheet}!{one.cell} {one.read!r}: {text} [{one.code}]"
    if log.without_begun:
        yield said(
            "  记录没有开始日期：等待时间计入办理时间。",
            "  It does not say when work was begun: waiting counts as work.",
        )


def _first(found: Forecast) -> Iterator[str]:
    """How far the forecast is to be believed."""
    held = found.backtest
    shares = ", ".join(f"P{each} {share:.0%}" for each, share in held.within.items())
    yield said(
        f"回测：{held.since} 起收件的 {held.tested:,} 件，按此前记录预测，在预测日期内办结的比例：{shares}。",
        f"Backtest: {held.tested:,} pieces received since {held.since}, forecast from what was known "
        f"before; ended by the day told: {shares}.",
    )
    order = said("等待户数多者先办", "most homes first") if found.ranked else said("先到先办", "first come")
    yield said(
        f"预测：自 {found.start} 起，{found.runs} 次模拟，{order}；“80%”即十次中有八次在该日之前办结。",
        f"Forecast from {found.start}, {found.runs} runs, {order}; 80%: in eight of ten runs done by then.",
    )
    yield said(
        f"剩余事项中 {found.known:.0%} 的办理时间来自记录。",
        f"Of {found.known:.0%} of the remaining work the log tells how long it takes.",
    )


def _estates(found: Forecast) -> Iterator[str]:
    """The latest estates."""
    rows = sorted(found.estates, key=lambda one: (-one.days[80], one.place))
    for one in rows[:_MOST_ROWS]:
        told = "  ".join(f"{each}%: {_day(one, each)}" for each in one.days)
        change = _shift(one.change, "  变化 {:+.1f} 天", "  {:+.1f} days")
        yield said(
            f"  {one.name}（{one.units:,} 户，关键路径 {one.path} 工作日）  {told}{change}",
            f"  {one.name} ({one.units:,} homes, critical path {one.path} days)  {told}{change}",
        )
    if len(rows) > _MOST_ROWS:
        yield said(
            f"  另有 {len(rows) - _MOST_ROWS:,} 个小区较早办结，全部见 --json。",
            f"  {len(rows) - _MOST_ROWS:,} more estates are done earlier; --json has all.",
        )


def _changed(found: Forecast, more: tuple[str, ...]) -> Iterator[str]:
    """What the desks supposed change in all."""
    if more:
        mean = sum(one.change for one in found.estates) / len(found.estates)
        yield said(
            f"按 {'、'.join(more)} 假设，各小区办结平均变化 {mean:+.1f} 个工作日（同样的随机数）。",
            f"With {', '.join(more)} estates are done {mean:+.1f} working days later on average, "
            "over the same runs.",
        )


def _day(one: EstateOutlook, each: int) -> str:
    day = one.dates[each]
    offset = said(f"第 {one.days[each]} 个工作日", f"working day {one.days[each]}")
    return f"{day} ({offset})" if day else offset


def _desks(found: Forecast, pack: Pack) -> Iterator[str]:
    """Who is the bottleneck."""
    yield said("各单位台位，最忙的在前：", "Suppliers, the busiest first:")
    for one in found.desks[:_MOST_ROWS]:
        yield f"  {_said_of_desk(one, pack)}"


def _shift(days: float, zh: str, en: str) -> str:
    """A change of some days; nothing where it would be shown as 0.0."""
    return said(zh, en).format(days) if abs(days) >= _LEAST_SHOWN else ""


def _said_of_desk(one: Desk, pack: Pack) -> str:
    label = pack.suppliers[one.supplier].in_(language()) if one.supplier in pack.suppliers else one.supplier
    change = _shift(one.change, "，等待变化 {:+.1f}", ", wait {:+.1f}")
    return said(
        f"{label}：{one.desks} 个台位，{one.pieces:,} 件，利用率 {one.busy:.0%}，"
        f"平均等待 {one.wait:.1f} 工作日{change}",
        f"{label}: desks {one.desks}, pieces {one.pieces:,}, {one.busy:.0%} busy, "
        f"{one.wait:.1f} days of waiting{change}",
    )


def _assumed(found: Forecast, pack: Pack) -> Iterator[str]:
    """What the log says too little of."""
    if found.unseen:
        who = [pack.suppliers[one].in_(language()) for one in found.unseen]
        yield said(
            f"记录中没有下列单位的办件，按 1 个台位计算，请用 --desks 指明：{'、'.join(who)}。",
            f"Not in the log, counted with one desk; say with --desks how much they do: {', '.join(who)}.",
        )
    if found.assumed:
        names = [pack.label_of(one).in_(language()) for one in found.assumed[:_MOST_COMPLAINTS]]
        rest = len(found.assumed) - len(names)
        more = said(f"等 {len(found.assumed)} 种", f" and {rest} more") if rest else ""
        yield said(
            f"记录不足 30 件、按法定或计划时限计算：{'、'.join(names)}{more}。",
            f"Seen fewer than 30 times, the days of the law or the plan count: {', '.join(names)}{more}.",
        )
