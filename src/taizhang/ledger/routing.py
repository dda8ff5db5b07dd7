"""Which file a table lies in: on SQLite sessions and failed sign-ins have one of their own.

SQLite lets one writer in at a time.  A city's import writes for half a minute, and who signs in meanwhile
must not wait for it.  Sessions and the count of failures are no records of the ledger: they stand in no
journal and no backup, so that nothing has to agree with anything across the two files.  PostgreSQL keeps
all in one database.

Reads from: Django's connections.  Read by: Django, named in ``settings.site``.
"""

from __future__ import annotations

from django.db import connections, models

__all__ = ["VISITORS", "VISITOR_APPS", "VisitorsRouter", "has_visitors"]

VISITORS = "visitors"  #: the connection
VISITOR_APPS = ("sessions", "axes")


def has_visitors() -> bool:
    """Whether visitors have a file of their own here."""
    return VISITORS in connections.settings


class VisitorsRouter:
    """Sends what concerns visitors to their file, where there is one."""

    def db_for_read(self, model: type[models.Model], **_: object) -> str | None:
        """The connection for a table."""
        return VISITORS if model._meta.app_label in VISITOR_APPS and has_visitors() else None

    db_for_write = db_for_read

    def allow_migrate(self, database: str, app_label: str, **_: object) -> bool | None:
        """Whether tables of an app are made there."""
        if not has_visitors():
            return None
        return (app_label in VISITOR_APPS) == (database == VISITORS)
