"""What a command works with: the law of the installation, the clock, and who is at the terminal.

Reads from: ``office.installation``.  Read by: the commands of this folder.
"""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime

from taizhang.office.installation import Law, law_of, remember_law, require_ready

__all__ = ["Law", "actor", "law_of", "now", "remember_law", "require_ready", "working_day"]


def now() -> datetime:
    """The instant at which the office acts; only the doors look at the clock."""
    return law_of().at(datetime.now(UTC))


def working_day() -> date:
    """The day on which the office works: today in China, or that of a demonstration."""
    return law_of().today(datetime.now(UTC))


def actor() -> str:
    """Who is at the terminal, as the journal names them."""
    return f"terminal:{getpass.getuser()}"
