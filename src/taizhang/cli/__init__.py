"""ROOM 5, the counter at the terminal: one command per wish.

``main`` is the outermost door: errors raised on purpose become one line and an exit status.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from taizhang import __version__
from taizhang.cli.console import complain, err, said
from taizhang.cli.diffs import diff
from taizhang.cli.forecast import forecast
from taizhang.cli.ledgers import demo, demo_city, demo_log, template
from taizhang.cli.leverage import leverage
from taizhang.cli.look import look
from taizhang.cli.packs import pack
from taizhang.cli.plan import plan
from taizhang.cli.usage import wrongly_written
from taizhang.cli.verifying import anchor, verify
from taizhang.cli.whatif import whatif
from taizhang.errors import TaizhangError

__all__ = ["main"]


# The office's commands need Django, which takes half a second; they are loaded when they are asked for.
_OFFICE = {
    "init": "intake:init",
    "import": "intake:import_",
    "export": "exporting:export",
    "work-log": "exporting:work_log",
    "undo": "intake:undo",
    "officials": "people:officials",
    "grant": "people:grant",
    "withdraw": "people:withdraw",
    "second": "people:second",
    "close-account": "people:close_account",
    "adopt": "desk:adopt",
    "tasks": "desk:tasks",
    "task": "desk:task",
    "why": "desk:why",
    "found": "finding:found",
    "sweep": "desk:sweep",
    "meeting": "meetings:meeting",
    "register-first": "results:register_first",
    "certificates": "results:certificates",
    "bills": "results:bills",
    "case": "results:case",
    "backup": "keeping:backup",
    "restore": "keeping:restore",
    "doctor": "keeping:doctor",
    "keys": "personal:keys",
    "household": "personal:household",
    "serve": "serving:serve",
    "demo-office": "demonstration:demo_office",
}


class _Commands(click.Group):
    """Commands of the files, and those of the office."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *_OFFICE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _OFFICE:
            return super().get_command(ctx, cmd_name)
        module, name = _OFFICE[cmd_name].split(":")
        found: Any = getattr(import_module(f"taizhang.cli.office.{module}"), name)
        assert isinstance(found, click.Command)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def taizhang() -> None:
    """Taizhang (台账): what is missing for each certificate, who must supply it, by when, and why.

    Start:  taizhang look ledger.xlsx   then   taizhang plan ledger.xlsx
    """


_ASKED = plan, diff, whatif, leverage, forecast, look, pack, verify, anchor
for command in (*_ASKED, template, demo, demo_city, demo_log):
    taizhang.add_command(command)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a GBK console must not end the work
    try:
        status = taizhang(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        complain(wrongly_written(error))
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        err.print(said("已中止。", "Aborted."))
        sys.exit(1)
    except TaizhangError as error:
        complain(error)
        sys.exit(error.exit_status)
