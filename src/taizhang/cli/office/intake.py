"""``taizhang init``, ``import`` and ``undo``."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click
from django.core.management import call_command
from django.db import connection
from rich.table import Table

from taizhang.cli.console import DATE, out, progress_bars, said
from taizhang.cli.office.installation import Law, actor, law_of, now, remember_law, require_ready, working_day
from taizhang.cli.office.merging import tell_merge
from taizhang.cli.outputs import Writing, Written
from taizhang.exchange.importing import import_files
from taizhang.exchange.otherwise import otherwise_told
from taizhang.office.application_role import limit_role
from taizhang.office.cases import record_screening
from taizhang.office.key_ring import KeyRing
from taizhang.office.ledgerbook import Choice
from taizhang.office.register import Otherwise, Registered
from taizhang.office.undoing import undo_import, what_happened_since
from taizhang.office.visitors import open_visitors
from taizhang.rules.terms import Pack
from taizhang.settings import data_folder, setting

__all__ = ["import_", "init", "undo"]

_SHOWN = 20  # conflicts printed


@click.command()
@click.option("--pack", "pack_name", help="Pack to plan by (at first: title-certificates).")
@click.option("--overlay", "overlays", multiple=True, help="Overlay by name or file; may be repeated.")
@click.option("--city", help="Name of the city's task force (at first: 市专班).")
@click.option("--day", type=DATE, help="For a demonstration: the day on which the office stands still.")
@click.option("--role", help="PostgreSQL: role of the application, which may add to the journal only.")
def init(
    pack_name: str | None, overlays: tuple[str, ...], city: str | None, day: date | None, role: str | None
) -> None:
    """Set an installation up: folder, keys, database; run again it brings the tables up to date.

    \b
    Example:
      taizhang init --overlay title-certificates-shandong
    """
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    law = _law_told(pack_name, overlays, city, day)
    moment = datetime.now(UTC)
    law.alone_on(law.today(moment))  # a pack that cannot be read is refused before anything is written
    secret = folder / "secret.txt"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48), encoding="ascii")
    keys = Path(setting("TAIZHANG_KEYS") or folder / "keys.json")
    if not keys.exists():
        KeyRing.create(keys, moment)
    call_command("migrate", verbosity=0, interactive=False)
    open_visitors()
    if role:
        limit_role(role)
    remember_law(law)
    out.print(said(f"  数据目录：{folder}", f"  folder: {folder}"), markup=False)
    out.print(said(f"  数据库：{connection.vendor}", f"  database: {connection.vendor}"), markup=False)
    out.print(said(f"  密钥：{keys}（请另存一份）", f"  keys: {keys} (keep a copy elsewhere)"), markup=False)


def _law_told(pack: str | None, overlays: tuple[str, ...], city: str | None, day: date | None) -> Law:
    """What is asked for; of what is not said, what the installation has, or else the usual."""
    known = (data_folder() / "installation.json").is_file()
    before = law_of() if known else Law("title-certificates", (), "市专班")
    return Law(
        pack or before.pack,
        overlays or before.overlays,
        city or before.city,
        day.isoformat() if day else before.day,
    )


@click.command("import", cls=Writing)
@click.argument("ledgers", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--programme", default="title-certificates", show_default=True, help="Programme.")
@click.option("--dry-run", is_flag=True, help="Say what would be new or changed, and write nothing.")
@click.option("--as-of", type=DATE, help="The day whose law counts (default: today in China).")
@click.option("--no-plans", is_flag=True, help="Import only; plans are computed later.")
@click.option(
    "--conflicts",
    type=click.Choice(["keep", "take"]),
    default="keep",
    show_default=True,
    help="Of a workbook of `export`: cells that both sides changed stay as they are, or are taken from it.",
)
@click.option("--report", type=Written(dir_okay=False), help="Write all conflicts to .xlsx.")
@click.option("--round", "round_", type=click.IntRange(1, 99), help="The round of screening that found them.")
def import_(  # noqa: PLR0913, PLR0917 (one for each wish)
    ledgers: tuple[Path, ...],
    programme: str,
    dry_run: bool,
    as_of: date | None,
    no_plans: bool,
    conflicts: Choice,
    report: Path | None,
    round_: int | None,
) -> None:
    """Take ledgers into the office: whole or not at all; a second time nothing changes.

    A workbook of ``taizhang export`` is merged cell by cell.

    \b
    Example:
      taizhang import 台账.xlsx --dry-run
    """
    law, moment = require_ready(), now()
    pack = law.on(as_of or working_day())
    with progress_bars() as tell:
        found = import_files(
            ledgers,
            pack,
            programme=programme,
            city=law.city,
            actor=actor(),
            now=moment,
            dry_run=dry_run,
            plans=not no_plans,
            conflicts=conflicts,
            progress=tell,
        )
    if round_ and not dry_run:
        places = found.intake.places
        count = record_screening(round_, places, actor=actor(), now=moment)
        told = f"  第 {round_} 轮摸排：新列入 {count} 个小区", f"  round {round_}: {count} estates new in it"
        out.print(said(*told), markup=False)
    if found.registered.merged:
        tell_merge(found.registered.merged, found.intake.told, pack, report)
    _tell(found.registered, found.intake.complaints, pack, dry_run)
    if found.planned:
        told = f"  已测算方案：{found.planned} 个小区", f"  plans computed: {found.planned} estates"
        out.print(said(*told), markup=False)


def _tell(told: Registered, complaints: int, pack: Pack, dry_run: bool) -> None:
    table = Table(box=None, pad_edge=True)
    for heading in (
        said("级别", "level"),
        said("新增", "new"),
        said("变更", "changed"),
        said("不变", "same"),
    ):
        table.add_column(heading, justify="right")
    names = {
        "estate": said("小区", "estates"),
        "building": said("幢", "buildings"),
        "unit": said("户", "units"),
    }
    for level, name in names.items():
        table.add_row(name, str(told.new[level]), str(told.changed[level]), str(told.same[level]))
    out.print(table)
    out.print(said(f"  待核单元格：{complaints}", f"  complaints: {complaints}"), markup=False)
    if told.kept:
        kept = f"  台账仍记为缺、但已审核收到的材料：{told.kept} 件，按已有处理"
        out.print(
            said(kept, f"  papers the ledger calls missing, but accepted: {told.kept}, kept"), markup=False
        )
    if told.answers:
        _tell_answers(told.answers, pack)
    if told.conflicts:
        _tell_conflicts(told.conflicts)
    if dry_run:
        out.print(said("  试运行：未写入任何内容", "  dry run: nothing was written"), markup=False)
    elif told.batch:
        out.print(
            said(
                f"  批次 {told.batch}；撤销：taizhang undo {told.batch}",
                f"  batch {told.batch}; to undo: taizhang undo {told.batch}",
            ),
            markup=False,
        )
    else:
        out.print(said("  与库中一致，没有变更", "  nothing has changed"), markup=False)


def _tell_answers(answers: Sequence[Otherwise], pack: Pack) -> None:
    """Where the ledger says something else than was found out: that stays until somebody corrects it."""
    count = len(answers)
    zh = f"  台账所记与已查明的情况不一致：{count} 处，按已查明的；如已变化，请登记更正"
    en = f"  told otherwise than was found out: {count}, kept as found; where it has changed, correct it"
    out.print(said(zh, en), markup=False)
    for one in answers[:_SHOWN]:
        told = otherwise_told(pack, one)
        out.print(said(f"    {told.zh}", f"    {told.en}"), markup=False)
    if count > _SHOWN:
        out.print("    …", markup=False)


def _tell_conflicts(conflicts: Sequence[tuple[str, str]]) -> None:
    """Papers that the ledger calls unobtainable and the office has: somebody has to look."""
    count = len(conflicts)
    out.print(
        said(
            f"  台账称无法取得、但已审核收到的材料：{count} 件，仍按已有处理，请核实台账",
            f"  papers the ledger calls unobtainable, but accepted: {count}, kept; check the ledger",
        ),
        markup=False,
    )
    for place, item in conflicts[:_SHOWN]:
        out.print(f"    {item}  {place}", markup=False)
    if count > _SHOWN:
        out.print("    …", markup=False)


@click.command()
@click.argument("batch", type=int)
@click.option("--show", is_flag=True, help="Only show what has happened since.")
@click.option("--reason", default="", help="Why; it is kept in the journal.")
def undo(batch: int, show: bool, reason: str) -> None:
    """Take an import back; refused where people have acted on it since.

    \b
    Example:
      taizhang undo 3 --show
    """
    require_ready()
    for one in what_happened_since(batch):
        out.print(f"  {one.entry}  {one.at:%Y-%m-%d %H:%M}  {one.act}  {one.actor}  {one.rows}", markup=False)
    if not show:
        rows = undo_import(batch, actor=actor(), now=now(), reason=reason.strip())
        out.print(said(f"  已撤销，涉及 {rows} 行", f"  undone: {rows} rows"), markup=False)
