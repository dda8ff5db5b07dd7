"""``taizhang whatif``: what a decision, a rule or a paper would open, ease and harm."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click

from taizhang.cli.console import out, progress_bars, said, today
from taizhang.cli.homes import Answer, Home
from taizhang.cli.mappings import Mappings, mapping_options
from taizhang.cli.outputs import Writing, Written
from taizhang.cli.supposed import nothing_new, refuse_contradictions, without_repeats
from taizhang.cli.worlds import Worlds, law_options, notice_lines, notices_json
from taizhang.collecting import no_search_for_cycles
from taizhang.errors import InputError, PackError
from taizhang.exchange.report.shift import ShiftSetting, shift_json, write_shift_report
from taizhang.rules.terms import Shift, Supposition
from taizhang.rules.whatif import what_if
from taizhang.rules.worktime import WorkCalendar
from taizhang.settings import language

__all__ = ["whatif"]


@click.command(cls=Writing)
@click.argument("ledgers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--overlay", "overlays", multiple=True, help="Suppose an overlay, by name or file.")
@click.option("--decision", "decisions", multiple=True, help="Suppose a decision, by name or file.")
@click.option("--enable", multiple=True, metavar="NODE.WAY", help="Suppose a way is adopted here.")
@click.option("--waive", multiple=True, metavar="NODE.WAY.NEED", help="Suppose a need is waived.")
@click.option("--require", multiple=True, metavar="NODE.WAY.NEED", help="Suppose a need is added.")
@click.option("--set", "values", multiple=True, metavar="PARAMETER=VALUE", help="Suppose another value.")
@click.option(
    "--supply",
    multiple=True,
    metavar="PAPER[@ESTATE[/BUILDING]]",
    help="Suppose a paper is there: at one place, or everywhere.",
)
@click.option("--why", metavar="ESTATE/BUILDING/UNIT", help="Say why a home is, or is not, among them.")
@law_options
@click.option("--json", "json_path", type=Written(), help="Also write JSON; - for the terminal.")
@click.option("--report", type=Written(), help="Also write a report in one HTML file.")
@mapping_options
def whatif(
    ledgers: tuple[Path, ...],
    overlays: tuple[str, ...],
    decisions: tuple[str, ...],
    enable: tuple[str, ...],
    waive: tuple[str, ...],
    require: tuple[str, ...],
    values: tuple[str, ...],
    supply: tuple[str, ...],
    why: str | None,
    pack_name: str,
    law: tuple[str, ...],
    as_of: date | None,
    prefer: str,
    json_path: Path | None,
    report: Path | None,
    mapping_file: Path | None,
    office: str,
    no_memory: bool,
) -> None:
    """Suppose something and see which homes it would open, ease or harm.

    What is in force already is named with --law; what is only supposed with the other options.
    Several suppositions are computed together, and each alone.

    \b
    Example:
      taizhang whatif 台账.xlsx --law title-certificates-shandong --enable transfer_cause.contract_makeup
    """
    supposed = (
        *(Supposition("overlay", one) for one in overlays),
        *(Supposition("decision", one) for one in decisions),
        *(Supposition("enable", one) for one in enable),
        *(Supposition("waive", one) for one in waive),
        *(Supposition("require", one) for one in require),
        *(_assigned("set", one, "=") for one in values),
        *(_assigned("supply", one, "@") for one in supply),
    )
    if not supposed:
        raise InputError(
            "Nothing is supposed.",
            hint="Give --enable NODE.WAY, --overlay, --decision, --waive, --require, --set or --supply.",
            zh="没有给出推演内容，请用 --enable 节点.路径、--overlay、--waive、--set 或 --supply 等。",
            code="E-WHATIF-NOTHING",
        )
    supposed, notices = without_repeats(supposed)
    refuse_contradictions(supposed)
    day = as_of or today()
    worlds = Worlds.of(pack_name, law, day, supposed)
    notices += tuple(nothing_new(worlds.before_pack, law, supposed))
    mappings = Mappings.asked(worlds.widest, mapping_file, office, no_memory=no_memory)
    quiet = str(json_path) == "-"
    with progress_bars(quiet) as tell:
        worlds = worlds.reading(ledgers, mappings, tell, supposed)
        home = Home.named(worlds, why) if why else None
        run = _Run(worlds, prefer)
        shift = run.shift(supposed, lambda done, total: tell("plan", done, total))
    answer = home.asked(worlds, supposed) if home else None
    _Told(worlds, shift, notices, answer).told(json_path, report)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of a comparison: at the terminal, as JSON, as a report."""

    worlds: Worlds
    shift: Shift
    notices: tuple[str, ...]
    answer: Answer | None

    def told(self, json_path: Path | None, report: Path | None) -> None:
        """Tell it; with JSON for the terminal nothing else goes there."""
        quiet = str(json_path) == "-"
        text = json.dumps(self._as_json(), ensure_ascii=False, indent=2) + "\n" if json_path else ""
        why = self.answer.lines if self.answer else ()
        if quiet:
            sys.stdout.write(text)
        elif json_path:
            json_path.parent.mkdir(parents=True, exist_ok=True)
            json_path.write_text(text, encoding="utf-8")
        for line in () if quiet else (*self._first(), *_lines(self.shift, self.worlds), *why):
            out.print(line, markup=False)
        if report:
            report.parent.mkdir(parents=True, exist_ok=True)
            homes = self.worlds.names_of_homes({one.place.id for one in self.shift.units})
            setting = ShiftSetting(self.worlds.ledgers, self.worlds.law, homes, self._first(), why)
            pack = self.worlds.after_pack(self.shift.suppositions)
            write_shift_report(report, self.shift, pack, setting, language=language())
            if not quiet:
                out.print(f"  {report}", markup=False)

    def _first(self) -> tuple[str, ...]:
        """What should be looked at before the figures are believed."""
        return (*notice_lines(self.worlds), *self.notices, *self.worlds.not_taken())

    def _as_json(self) -> dict[str, object]:
        more = [{"code": "", "message": text} for text in self.notices]
        return {
            **shift_json(self.shift, self.worlds.before_pack, self.worlds.day),
            "ledgers": list(self.worlds.ledgers),
            "law": list(self.worlds.law),
            "notices": [*notices_json(self.worlds), *more],
            "not_taken": list(self.worlds.not_taken()),
            "why": self.answer.as_json() if self.answer else None,
        }


def _assigned(kind: str, text: str, sign: str) -> Supposition:
    target, _, value = text.partition(sign)
    return Supposition(kind, target.strip(), value.strip())


@dataclass(frozen=True, slots=True)
class _Run:
    """The suppositions together, and each alone where there are several."""

    worlds: Worlds
    prefer: str

    def shift(self, supposed: Sequence[Supposition], tell: object) -> Shift:
        """Compare; progress counts the estates of every comparison."""
        rounds = [tuple(supposed)] + (
            [self._alone(one, supposed) for one in supposed] if len(supposed) > 1 else []
        )
        found: list[Shift] = []
        for at, some in enumerate(rounds):

            def told(done: int, total: int, at: int = at) -> None:
                if callable(tell) and total:
                    tell(at * total + done, len(rounds) * total)

            found.append(self._compared(some, told))
        singly = tuple(
            (one, alone.count("unlocked"), alone.count("eased"), alone.count("harmed"))
            for one, alone in zip(supposed, found[1:], strict=False)
        )
        return replace(found[0], suppositions=tuple(supposed), singly=singly)

    def _alone(self, one: Supposition, supposed: Sequence[Supposition]) -> tuple[Supposition, ...]:
        """One supposition by itself; an overlay with those before it, where it builds on one of them."""
        try:
            self.worlds.after_pack((one,))
        except PackError:
            texts = [other for other in supposed if other.kind in ("overlay", "decision")]
            if one not in texts[1:]:
                raise
            return tuple(texts[: texts.index(one) + 1])
        return (one,)

    def _compared(self, supposed: Sequence[Supposition], tell: object) -> Shift:
        with no_search_for_cycles():  # the pieces that are solved are kept: there is little to be found
            return what_if(
                self.worlds.before(),
                self.worlds.after(supposed),
                self.worlds.identities,
                WorkCalendar.china(),
                objective=self.prefer,
                progress=tell if callable(tell) else None,
            )


def _lines(shift: Shift, worlds: Worlds) -> Iterator[str]:
    """A few lines a leader can read at once."""
    unlocked, eased, harmed = (shift.count(kind) for kind in ("unlocked", "eased", "harmed"))
    yield said(
        f"推演：可破解 {unlocked:,} 户，减负 {eased:,} 户，受损 {harmed:,} 户；"
        f"涉及小区 {len(shift.estates):,} 个（可能涉及 {shift.reached:,} 个，其余不受影响）。",
        f"Supposed: {unlocked:,} units unlocked, {eased:,} eased, {harmed:,} harmed, in "
        f"{len(shift.estates):,} estates ({shift.reached:,} could be concerned).",
    )
    for one, *counts in shift.singly:
        yield said(
            f"  单独看 {_named(one, worlds)}：破解 {counts[0]:,}、减负 {counts[1]:,}、受损 {counts[2]:,}",
            f"  {_named(one, worlds)}: unlocked {counts[0]:,}, eased {counts[1]:,}, harmed {counts[2]:,}",
        )
    alone = sum(counts[0] for _, *counts in shift.singly)
    if shift.singly and unlocked > alone:
        yield said(
            f"  合并多破解 {unlocked - alone:,} 户：它们缺一不可。",
            f"  Together {unlocked - alone:,} more than alone: they need one another.",
        )
    money = sum(one.after.money_fen - one.before.money_fen for one in shift.estates)
    effort = sum(one.after.effort - one.before.effort for one in shift.estates)
    more = sum(one.planned_after - one.planned_before for one in shift.estates)
    yield said(
        f"联合方案费用变化 {money / 100:+,.2f} 元，人力 {effort:+,} 小时"
        + (f"（含新纳入方案的 {more:,} 户）。" if more > 0 else "。"),
        f"Joint plans: money {money / 100:+,.2f} yuan, effort {effort:+,} hours"
        + (f" (with {more:,} units that could not be planned before)." if more > 0 else "."),
    )
    lang = language()
    for item, was, now in shift.bottlenecks[:3]:
        label = worlds.label(item, lang)
        yield said(
            f"  新的卡点：{label}，等待户数 {was:,} → {now:,}。",
            f"  New bottleneck: {label}, {was:,} → {now:,} units.",
        )
    if shift.estimated:
        yield said(
            f"  另有 {shift.estimated:,} 户的费用只是估计，未比较费用。",
            f"  {shift.estimated:,} units have estimated costs and were not compared by cost.",
        )


def _named(one: Supposition, worlds: Worlds) -> str:
    return worlds.named(one, language())
