"""On PostgreSQL the application works as a role that may add to the journal and not change it."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import ProgrammingError, connection

from taizhang.errors import InputError
from taizhang.ledger.models import Estate, JournalEntry
from taizhang.office.application_role import limit_role, may_change_journal
from taizhang.office.register import register

from .builders import NOON, draft
from .conftest import point_at

ROLE = "taizhang_pages"


@pytest.fixture
def limited(postgres: str, postgres_cluster):
    """Django works as the limited role; the address of the owner."""
    with psycopg.connect(postgres_cluster.socket_address("postgres"), autocommit=True) as server:
        server.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'limited'")
    assert may_change_journal()
    limit_role(ROLE)
    parts = urlsplit(postgres)
    host = parts.netloc.rpartition("@")[2]
    point_at(urlunsplit(parts._replace(netloc=f"{ROLE}:limited@{host}")))
    yield postgres
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == ROLE
    point_at(postgres)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


def taken_in():
    return register(
        [draft()], programme="title-certificates", file_name="a", sha256="0" * 64, actor="test", now=NOON
    )


def test_it_can_do_the_work_of_the_office(limited):
    assert taken_in().batch == 1
    assert Estate.objects.count() == 1
    assert JournalEntry.objects.count() == 1
    assert not may_change_journal()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_journalentry SET actor = 'nobody'",
        "DELETE FROM ledger_journalpart",
        "TRUNCATE ledger_journalentry CASCADE",
        "ALTER TABLE ledger_journalentry DISABLE TRIGGER ALL",
        "DROP TABLE ledger_journalpart",
    ],
)
def test_it_cannot_change_the_journal_nor_its_guards(limited, statement):
    taken_in()
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert JournalEntry.objects.get().actor == "test"


def test_a_role_that_cannot_be_limited_is_refused(postgres):
    with pytest.raises(InputError, match="no such role"):
        limit_role("nobody_at_all")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
    with pytest.raises(InputError, match="owns the tables"):
        limit_role(owner)


def test_sqlite_has_no_roles(sqlite):
    with pytest.raises(InputError, match="E-DATABASE-ROLE"):
        limit_role(ROLE)
