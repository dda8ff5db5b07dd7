"""The database itself refuses to change or remove what the journal says."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_TABLES = ("ledger_journalentry", "ledger_journalpart", "ledger_anchor")
_REFUSAL = "the journal is append-only"


def _refuse(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "sqlite":
        for table in _TABLES:
            for act in ("UPDATE", "DELETE"):
                editor.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
                )
        return
    editor.execute(
        "CREATE FUNCTION taizhang_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    for table in _TABLES:
        editor.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION taizhang_append_only()"
        )


def _allow(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "sqlite":
        for table in _TABLES:
            for act in ("update", "delete"):
                editor.execute(f"DROP TRIGGER {table}_no_{act}")
        return
    for table in _TABLES:
        editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    editor.execute("DROP FUNCTION taizhang_append_only()")


class Migration(migrations.Migration):
    """Triggers on the journal, its parts and the anchors."""

    dependencies: ClassVar = [("ledger", "0001_records")]
    operations: ClassVar = [migrations.RunPython(_refuse, _allow)]
