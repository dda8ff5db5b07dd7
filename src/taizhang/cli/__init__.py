"""ROOM 5, the counter at the terminal: one command per wish.

``main`` is the outermost door: errors raised on purpose become one line and an exit status.
"""

from __future__ import annotations

import sys

import click

from taizhang import __version__
from taizhang.cli.console import complain
from taizhang.cli.diffs import diff
from taizhang.cli.ledgers import demo, demo_city, template
from taizhang.cli.leverage import leverage
from taizhang.cli.look import look
from taizhang.cli.packs import pack
from taizhang.cli.plan import plan
from taizhang.cli.whatif import whatif
from taizhang.errors import TaizhangError

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def taizhang() -> None:
    """Taizhang (台账): what is missing for each certificate, who must supply it, by when, and why.

    Start:  taizhang look ledger.xlsx   then   taizhang plan ledger.xlsx
    """


for command in (plan, diff, whatif, leverage, look, template, demo, demo_city, pack):
    taizhang.add_command(command)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a GBK console must not end the work
    try:
        taizhang()
    except TaizhangError as error:
        complain(error)
        sys.exit(error.exit_status)
