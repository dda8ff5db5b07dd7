"""``taizhang demo-office``: an installation to look at, with people, plans and tasks under way."""

from __future__ import annotations

from pathlib import Path

import click

from taizhang.cli.console import out, progress_bars, said
from taizhang.cli.office.installation import actor, now, require_ready, working_day
from taizhang.errors import InputError
from taizhang.exchange.importing import import_files
from taizhang.office.demonstration import PARTS, PASSWORD, begun, furnish

__all__ = ["demo_office"]


@click.command("demo-office")
@click.argument("ledger", type=click.Path(path_type=Path, exists=True))
def demo_office(ledger: Path) -> None:
    """Fill an empty demonstration: import a ledger, open accounts, adopt plans, begin tasks.

    \b
    Example:
      taizhang init --day 2024-01-28 && taizhang demo-office 台账-演示城市.xlsx
    """
    law, moment = require_ready(), now()
    if not law.day:
        raise InputError(
            "This installation is not a demonstration.",
            hint="Make one with `taizhang init --day 2024-01-28` in an empty folder.",
            zh="当前安装不是演示环境，请在空目录用 taizhang init --day 2024-01-28 建立演示环境。",
            code="E-NOT-DEMO",
        )
    if begun():
        _print_accounts()
        return
    pack = law.on(working_day())
    with progress_bars() as tell:
        import_files(
            [ledger], pack, programme=law.pack, city=law.city, actor=actor(), now=moment, progress=tell
        )
    furnish(law, pack, actor=actor(), now=moment)
    _print_accounts()


def _print_accounts() -> None:
    out.print(said("  演示账号（密码相同）：", "  accounts (one password):"), markup=False)
    for part in PARTS:
        out.print(f"    {part.username:<10} {PASSWORD}   {said(*part.what)}", markup=False)
