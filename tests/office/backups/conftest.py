"""The office to keep, on each database, and an empty place to restore into."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, connections

from taizhang.ledger.models import (
    Account,
    Estate,
    Official,
    Organisation,
    Task,
)
from taizhang.office.access import person_of
from taizhang.office.answers import record_fact
from taizhang.office.household_seals import HouseholdDraft
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import adopt_plan, propose_plans
from taizhang.office.supervision import sweep
from taizhang.office.suspending import ask_suspension, decide_suspension
from taizhang.office.workflow import Paper, acknowledge_task, ask_extension, hand_in_evidence
from tests.office.builders import DAY, NOON, draft, law, measured
from tests.office.killing import install_in
from tests.office.results import achieved

from .told import SCANS, attach, furnish, taken_in


def work_a_little() -> None:
    """Something of nearly everything an office does."""
    pack = law()
    first = draft(building_survey="on_hand")
    home = next(place for place in first.dossier.places if place.endswith("›101"))
    people = {home: HouseholdDraft("张三丰", "", "13800000000")}
    taken_in(replace(first, households=people), measured(draft("纺织小区", units=2)))
    suppliers = {name: one.zh for name, one in pack.suppliers.items()}
    establish_offices(suppliers, city="市专班", actor="test", now=NOON)
    propose_plans(pack, list(Estate.objects.all()), actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    wang = grant_role("王建国", "leader", city, actor="test", now=NOON)
    Account.objects.create(username="wang", password="!", official=wang)
    estate = Estate.objects.order_by("id").first()
    adopt_plan(pack, estate.pk, by=wang, now=NOON, start_on=DAY)
    gao = person_of(Official.objects.get(name="高秀岚"), DAY)
    mine = list(Task.objects.filter(responsible__name="高秀岚").order_by("id")[:3])
    acknowledge_task(gao, mine[0].pk, NOON)
    hand_in_evidence(gao, mine[0].pk, NOON, Paper("棠测〔2024〕12号", DAY))
    ask_suspension(gao, mine[1].pk, NOON, "等待法院裁定")
    decide_suspension(person_of(wang, DAY), mine[1].pk, NOON, granted=True)
    ask_extension(gao, mine[2].pk, NOON, 5, "测绘队排期")
    record_fact(gao, pack, estate.pk, "legacy_case", "是", "县政府专题会议纪要〔2023〕5号", NOON)
    achieved(Estate.objects.get(name="纺织小区"))
    sweep(NOON + timedelta(days=60))
    for name, content in SCANS.items():
        attach(name, content)
    connection.close()


@pytest.fixture(scope="module")
def worked(request, tmp_path_factory):
    """``worked("sqlite")``: where an installation was made once, in which a little was done."""
    made: dict[str, tuple[Path, str]] = {}

    def once(kind: str) -> tuple[Path, str]:
        if kind not in made:
            folder, address = tmp_path_factory.mktemp(f"worked_{kind}") / "data", ""
            if kind == "postgres":
                request.getfixturevalue("postgres_template")
                cluster = request.getfixturevalue("postgres_cluster")
                address = cluster.fresh_database("office_worked", template="office_template")
            furnish(folder)
            if kind == "sqlite":
                shutil.copy(request.getfixturevalue("sqlite_template"), folder / "taizhang.sqlite3")
            with pytest.MonkeyPatch.context() as patch:
                install_in(folder, address, patch)
                work_a_little()
                connections.close_all()
            made[kind] = folder, address
        return made[kind]

    return once


@pytest.fixture(params=["sqlite", "postgres"])
def office(request, worked, tmp_path, monkeypatch):
    """A copy of that installation, once on each database."""
    folder, address = worked(request.param)
    shutil.copytree(folder, tmp_path / "data")
    if address:
        cluster = request.getfixturevalue("postgres_cluster")
        name = f"kept_{tmp_path.name}".replace("-", "_").lower()[-60:]
        address = cluster.fresh_database(name, template="office_worked")
    install_in(tmp_path / "data", address, monkeypatch)
    yield
    connections.close_all()


@pytest.fixture
def small(sqlite, tmp_path) -> Path:
    """An installation on SQLite with one estate; its folder."""
    taken_in(draft())
    furnish(tmp_path / "data")
    connection.close()
    return tmp_path / "data"


@pytest.fixture
def empty_place(tmp_path, monkeypatch, request):
    """``empty_place("sqlite")`` leads to a folder that does not exist, and a database without a table."""

    def lead(kind: str, name: str = "elsewhere") -> Path:
        address = ""
        if kind == "postgres":
            cluster = request.getfixturevalue("postgres_cluster")
            address = cluster.fresh_database(f"{name}_{tmp_path.name}".replace("-", "_").lower()[-60:])
        install_in(tmp_path / name, address, monkeypatch)
        return tmp_path / name

    yield lead
    connections.close_all()
