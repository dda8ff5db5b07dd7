"""Parts of pages that renew themselves, plans that are remembered, and what a building is called."""

from __future__ import annotations

import pytest
from django.test import Client

from taizhang.ledger.models import Estate
from taizhang.office import computing
from taizhang.web.wording import building_name

from .builders import law
from .rows import office


def test_a_page_that_renews_itself_after_the_sessions_end_leads_to_the_sign_in(sqlite):
    """The whole page goes there and comes back to where it was; the part does not become a sign-in."""
    office()
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/import/3"}
    answer = Client(SERVER_NAME="localhost").get("/import/3", headers=headers)

    assert answer.headers["HX-Redirect"] == "/sign-in?next=/import/3"
    assert answer.content == b""


def test_an_address_of_another_host_is_no_way_back(sqlite):
    office()
    headers = {"HX-Request": "true", "HX-Current-URL": "http://evil.example/import/3"}
    answer = Client(SERVER_NAME="localhost").get("/estates/1/route", headers=headers)

    assert answer.headers["HX-Redirect"] == "/sign-in?next=/estates/1/route"


def test_a_plan_is_not_remembered_for_an_estate_of_other_words(sqlite, monkeypatch):
    """The words of a ledger stand in a plan (urgency, officials), and are no part of what is known."""
    estate = office()
    asked: list[str] = []

    def plan_city(pack, dossiers, identities, calendar, objective="cheapest"):
        asked.append(identities[0]["sponsor"])
        yield identities[0]["sponsor"]

    monkeypatch.setattr(computing, "plan_city", plan_city)
    monkeypatch.setattr(computing, "_PLANS", {})
    pack = law()
    told = [computing.plan_of(pack, estate), computing.plan_of(pack, estate)]
    Estate.objects.filter(pk=estate.pk).update(identity=estate.identity.replace("陈英明", "周文"))
    told.append(computing.plan_of(pack, Estate.objects.get()))

    assert told == ["陈英明副县长", "陈英明副县长", "周文副县长"]
    assert len(asked) == 2  # what is the same is remembered


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("3", "3幢", "building 3"),
        ("3幢", "3幢", "building 3幢"),
        ("3号楼", "3号楼", "building 3号楼"),
        ("甲座", "甲座", "building 甲座"),
    ],
)
def test_a_building_is_not_called_a_building_twice(name, zh, en):
    assert (building_name(name, "zh"), building_name(name, "en")) == (zh, en)
