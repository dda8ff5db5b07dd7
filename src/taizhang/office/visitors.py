"""The file of sessions and failed sign-ins, made where it is missing: it holds nothing that must be kept.

Reads from: ``ledger.routing``.  Read by: the doors.
"""

from __future__ import annotations

from django.core.management import call_command

from taizhang.ledger.routing import VISITOR_APPS, VISITORS, has_visitors

__all__ = ["open_visitors"]


def open_visitors() -> None:
    """Make the tables of visitors, or bring them up to date; on PostgreSQL they lie beside the ledger."""
    if has_visitors():
        for app in VISITOR_APPS:
            call_command("migrate", app, database=VISITORS, verbosity=0, interactive=False)
