"""A list that is taken away leaves a trace: who, which, how narrowed, how long."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from taizhang.ledger.models import JournalEntry, Official
from taizhang.office.accounts import open_account

from .builders import NOON
from .rows import office


@pytest.fixture
def browser(ledger):
    """``browser(name)``: somebody signed in."""
    office(people={"王建国": "leader", "郑明": "auditor"})

    def signed_in(name: str) -> Client:
        official = Official.objects.get(name=name)
        account = open_account(official, name, "a-small-office-2024", actor="test", now=NOON)
        client = Client(SERVER_NAME="localhost")
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


def exports() -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(act="export_list").order_by("id"))


@pytest.mark.parametrize(
    ("address", "subject", "told"),
    [
        ("/export/units.xlsx", "list:units", {"rows": 3, "wanted": {}}),
        (
            "/export/units.xlsx?q=101&county=",
            "list:units",
            {"rows": 1, "wanted": {"q": "101"}},
        ),
        ("/export/tasks.xlsx", "list:tasks", {"rows": 0, "wanted": {}}),
    ],
)
def test_an_export_is_in_the_journal(browser, address, subject, told):
    assert browser("王建国").get(address).status_code == 200

    (entry,) = exports()
    assert entry.subject == subject
    assert entry.actor.endswith("王建国")
    assert json.loads(entry.detail) == told


def test_what_is_not_handed_out_is_not_recorded(browser):
    """Neither who may not, nor who asks for what there is not."""
    assert browser("郑明").get("/export/units.xlsx").status_code == 403
    assert browser("王建国").get("/export/units.xlsx?nothing=1").status_code == 422
    assert browser("王建国").get("/export/officials.xlsx").status_code == 404

    assert exports() == []
