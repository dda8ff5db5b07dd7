"""The role as which pages and commands work on PostgreSQL: it may add to the journal and not change it.

The tables belong to the role that ran ``taizhang init``; another one, given with ``--role``, is granted what
the office needs.  So a hole in the application cannot rewrite what happened, and neither can it take away
the triggers that refuse it.

Reads from: Django's connection.  Read by: ``taizhang init``, ``health``.

Source:
    GB/T 22239-2019, 8.1.4.3 (records of audit are protected from change by those who are audited).
"""

from __future__ import annotations

from django.db import connection
from psycopg import sql

from taizhang.errors import InputError

__all__ = ["limit_role", "may_change_journal"]

_JOURNAL = ("ledger_journalentry", "ledger_journalpart")


def limit_role(role: str) -> None:
    """Grant a role of PostgreSQL what the application needs, and nothing on the journal but adding to it.

    Args:
        role: Its name; the database's administrator has made it.

    Raises:
        InputError: ``E-DATABASE-ROLE`` not PostgreSQL, no such role, or the owner of the tables itself.
    """
    if connection.vendor != "postgresql":
        raise _wrong(role, "SQLite has no roles", "SQLite 没有角色")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
        found = cursor.fetchone()
        if found is None:
            raise _wrong(role, "there is no such role", "没有这一角色")
        cursor.execute("SELECT current_user")
        if found[0] or cursor.fetchone()[0] == role:
            raise _wrong(role, "it owns the tables or may do everything", "它是表的所有者或超级用户")
        for line in (
            "GRANT USAGE ON SCHEMA public TO {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            "REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {journal} FROM {role}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
        ):
            journal = sql.SQL(", ").join(map(sql.Identifier, _JOURNAL))
            cursor.execute(sql.SQL(line).format(role=sql.Identifier(role), journal=journal))


def may_change_journal() -> bool:
    """Whether the role that is connected could change the journal, were it not for the triggers."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        rights = " OR ".join(
            f"has_table_privilege('{table}', '{right}')"
            for table in _JOURNAL
            for right in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
        )
        cursor.execute(f"SELECT {rights}")
        return bool(cursor.fetchone()[0])


def _wrong(role: str, why: str, zh: str) -> InputError:
    return InputError(
        "Role '{role}' cannot be limited: {why}.",
        hint="Let the administrator make a role of its own for the application, and give its name.",
        zh="无法限制角色“{role}”：{zh_why}。请由数据库管理员为应用单独建立角色，再给出其名称。",
        code="E-DATABASE-ROLE",
        role=role,
        why=why,
        zh_why=zh,
    )
