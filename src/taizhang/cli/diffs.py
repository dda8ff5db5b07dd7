"""``taizhang diff``: what changed between two plans, and what made it change."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
from click.core import ParameterSource

from taizhang.cli.console import DATE, out, progress_bars, today
from taizhang.cli.diffwords import lines_of
from taizhang.cli.mappings import Mappings, mapping_options
from taizhang.cli.outputs import Writing, Written
from taizhang.cli.replays import MappingWish
from taizhang.errors import InputError
from taizhang.exchange.excel.replaying.comparing import conditions_of
from taizhang.exchange.excel.replaying.conditions import Conditions, Wish
from taizhang.exchange.excel.replaying.difference import difference
from taizhang.exchange.excel.replaying.record import PlanRecord, read_record
from taizhang.exchange.excel.replaying.sides import Side, compared, side_of_ledgers, side_of_record
from taizhang.exchange.excel.returned.receiving import receive

__all__ = ["diff"]

_LAW = ("pack_name", "overlays", "decisions", "prefer")


@click.command(cls=Writing)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--from", "old_day", type=DATE, help="The day of an old ledger (default: today in China).")
@click.option("--to", "new_day", type=DATE, help="The day of a new ledger (default: today in China).")
@click.option("--estate", default="", help="Only the estate of this name, with every change.")
@click.option(
    "--pack", "pack_name", default="title-certificates", show_default=True, help="The pack, for ledgers."
)
@click.option("--overlay", "overlays", multiple=True, help="Overlay, for ledgers; may be repeated.")
@click.option("--decision", "decisions", multiple=True, help="Decision, for ledgers; may be repeated.")
@click.option(
    "--prefer",
    type=click.Choice(["cheapest", "fewest", "fastest"]),
    default="cheapest",
    show_default=True,
    help="What comes after the legal order, for ledgers.",
)
@mapping_options
@click.option(
    "--json",
    "json_path",
    type=Written(),
    help="Also write every change with its causes as JSON; - for the terminal.",
)
def diff(
    old: Path,
    new: Path,
    old_day: date | None,
    new_day: date | None,
    estate: str,
    pack_name: str,
    overlays: tuple[str, ...],
    decisions: tuple[str, ...],
    prefer: str,
    mapping_file: Path | None,
    office: str,
    no_memory: bool,
    json_path: Path | None,
) -> None:
    """Compare two plans: what changed, and by which cause.

    OLD and NEW are records (plan --record) or ledgers.  A ledger beside a record is planned under
    the conditions of the record, unless the law for it is given.

    \b
    Example:
      taizhang diff 一月.json 二月.json --estate 针织厂家属院（南区）
    """
    wish = Wish(pack_name, overlays, decisions, today(), None, prefer)
    asked = _Asked((old, new), (old_day, new_day), wish, MappingWish(mapping_file, office, no_memory))
    quiet = str(json_path) == "-"
    made = compared(*asked.sides(quiet=quiet), estate)
    if json_path:
        text = json.dumps(difference(made), ensure_ascii=False, indent=1) + "\n"
        if quiet:
            sys.stdout.write(text)
            return
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(text, encoding="utf-8")
    for line in lines_of(made, every=bool(estate)):
        out.print(line, markup=False)
    if json_path:
        out.print(f"  {json_path}", markup=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Two files and what is given for those of them that are ledgers."""

    paths: tuple[Path, Path]
    days: tuple[date | None, date | None]
    wish: Wish
    mapping: MappingWish

    def sides(self, *, quiet: bool) -> tuple[Side, Side]:
        """Read both sides."""
        records = [read_record(path) if path.suffix.lower() == ".json" else None for path in self.paths]
        law_given = _given(_LAW)
        for record, day, option in zip(records, self.days, ("--from", "--to"), strict=True):
            if record and day:
                raise _contradiction(option)
        if all(records) and law_given:
            raise _contradiction(law_given[0])
        beside = None if law_given else next((one for one in records if one), None)
        sides = []
        for path, record, day in zip(self.paths, records, self.days, strict=True):
            if record:
                sides.append(side_of_record(path.name, record))
            else:
                sides.append(self._ledger(path, self._conditions(beside, day), quiet=quiet))
        return sides[0], sides[1]

    def _conditions(self, beside: PlanRecord | None, day: date | None) -> Conditions:
        """What a ledger is planned under: what was given, or what the record on the other side says."""
        given = self.wish
        if beside is None:
            days = (day or given.as_of, given.known_at)
            return Conditions.of(Wish(given.pack, given.overlays, given.decisions, *days, given.prefer))
        told = conditions_of(beside, (given.pack, *given.overlays, *given.decisions))
        if day is None:
            return told
        return Conditions.from_texts(told.texts, Wish("", as_of=day, prefer=told.prefer), "")

    def _ledger(self, path: Path, conditions: Conditions, *, quiet: bool) -> Side:
        one = self.mapping
        known = Mappings.asked(conditions.pack, one.file, one.office, no_memory=one.no_memory)
        with progress_bars(quiet) as tell:
            received = receive(
                (path,), conditions.pack, mapping=known.given, remembered=known.remembered, progress=tell
            )
        return side_of_ledgers(path.name, received, conditions)


def _given(names: tuple[str, ...]) -> list[str]:
    """Those of the options that stand on the command line, as they are written there."""
    context = click.get_current_context()
    return [
        one.opts[-1]
        for one in context.command.params
        if one.name in names and context.get_parameter_source(one.name) is ParameterSource.COMMANDLINE
    ]


def _contradiction(option: str) -> InputError:
    return InputError(
        "{option} is for a ledger, and here stands a record.",
        hint="Leave it out: a record brings its own day, documents and preference.",
        zh="{option} 只用于台账，而此处给出的是存证（存证自带日期、规则与择优口径），请勿使用。",
        code="E-ARG-DIFF",
        option=option,
    )
