"""The matrix of rights: every person, every door, every act, against a list of rights made without them.

The small city of ``rights_world`` is built once a database and copied for each test.  What somebody sees and
may do is told by ``rights``; ``rights_pages`` says what is compared behind each door.  That the matrix would
notice is shown by slips that are planted one by one.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection, connections
from django.urls import set_urlconf

from taizhang.errors import AccessError
from taizhang.ledger.models import (
    AdoptedPlan,
    Attachment,
    Bill,
    Building,
    Case,
    Certificate,
    Decision,
    Estate,
    Evidence,
    Extension,
    FactValue,
    Meeting,
    Official,
    Payment,
    PlanProposal,
    Registration,
    StatusRecord,
    SupervisionNotice,
    Suspension,
    SuspensionRequest,
    Task,
    Unit,
)
from taizhang.office import access
from taizhang.office.access import person_of
from taizhang.office.selectors.task import ACTS

from . import rights_doors, rights_pages  # noqa: F401 - fill the list of checks
from .builders import DAY
from .killing import install_in
from .rights import GIVES, ROUTES, STATES, WHOLE, Rights, enters, in_force
from .rights_people import EAST, ESTATES, LIU, PEOPLE, ROLES, SPECIAL, WEST, XIN
from .rights_plan import plan_once
from .rights_slips import SLIPS, Slip
from .rights_slips_results import RESULT_SLIPS
from .rights_visit import CHECKS, office, routes, visit
from .rights_world import World, build

ROOT = Path(__file__).resolve().parents[2]
CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"
SHARE = 1 if CHECK else 12  # one question of so many of a kind for each person
ONE_A_ROLE = (
    "officer-street",
    "case_officer-bureau",
    "leader-county",
    "registrar-county",
    "cashier-bureau",
    "importer-county",
    "analyst-street",
    "auditor-county",
)
SQLITE = (
    tuple(PEOPLE)
    if CHECK
    else (*ONE_A_ROLE, "leader-bureau", "importer-city", *(one.name for one in SPECIAL))
)
POSTGRES = tuple(PEOPLE) if CHECK else (*ONE_A_ROLE, "two-scopes", "nobody")


@dataclass(frozen=True, slots=True)
class Kept:
    """A city that was built: its data folder, its database, its records."""

    folder: Path
    address: str
    world: World


def _built(folder: Path, address: str) -> Kept:
    with pytest.MonkeyPatch.context() as patch:
        install_in(folder, address, patch)
        plan_once(patch)
        world = build()
        if not address:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections.close_all()
    return Kept(folder, address, world)


@pytest.fixture(scope="module")
def sqlite_city(sqlite_template, tmp_path_factory) -> Kept:
    folder = tmp_path_factory.mktemp("city")
    shutil.copy(sqlite_template, folder / "taizhang.sqlite3")
    return _built(folder, "")


@pytest.fixture(scope="module")
def postgres_city(postgres_template, postgres_cluster, tmp_path_factory) -> Kept:
    address = postgres_cluster.fresh_database("rights_template", template="office_template")
    return _built(tmp_path_factory.mktemp("city"), address)


@pytest.fixture
def here(sqlite_city, tmp_path, monkeypatch) -> Iterator[World]:
    """A copy of the city on SQLite."""
    shutil.copytree(sqlite_city.folder, tmp_path / "data")
    install_in(tmp_path / "data", "", monkeypatch)
    plan_once(monkeypatch)
    yield sqlite_city.world
    set_urlconf(None)
    connections.close_all()


@pytest.fixture
def there(postgres_city, postgres_cluster, tmp_path, monkeypatch) -> Iterator[World]:
    """A copy of the city on PostgreSQL."""
    shutil.copytree(postgres_city.folder, tmp_path / "data")
    address = postgres_cluster.fresh_database("rights_copy", template="rights_template")
    install_in(tmp_path / "data", address, monkeypatch)
    plan_once(monkeypatch)
    yield postgres_city.world
    connections.close_all()


@pytest.fixture(params=["here", "there"])
def city(request) -> World:
    """A copy of the city, once on each database."""
    found: World = request.getfixturevalue(request.param)
    return found


# --------------------------------------------------------------------------- the lists agree


def test_roles_acts_and_routes_are_all_on_the_list():
    """A role, an act or a route that is new, or gone, is noticed here first."""
    assert set(GIVES) == set(ROLES)
    assert access.ROLES == GIVES
    assert set(ACTS) == set(STATES)
    assert {act: frozenset(states) for act, states in ACTS.items()} == STATES
    assert set(routes()) == set(ROUTES)
    assert set(CHECKS) | {name for name, one in ROUTES.items() if one.stranger} == set(ROUTES)


def test_every_right_that_a_role_gives_is_asked_somewhere():
    """A right that nobody asks protects nothing; it is named here, with the act that should ask it."""
    asking = {"require", "require_places", "may", "may_in", "may_anywhere", "_gives", "doing_task"}
    asking |= {"_case", "_decision", "_unit"}  # which ask ``require`` for the acts of their modules
    asked = set()
    for module in (ROOT / "src" / "taizhang").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in asking:
                asked |= {one.value for one in node.args if isinstance(one, ast.Constant)}

    assert {act for acts in access.ROLES.values() for act in acts} - asked == set()


def test_the_reference_says_what_every_role_may():
    page = (ROOT / "docs/reference/rights.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split("|") for line in page.splitlines() if line.startswith("| ")]
    roles = [cell.strip() for cell in rows[0]][1:]
    said = {role: set() for role in roles}
    for act, *cells in rows[1:]:
        for role, cell in zip(roles, [*cells, *[""] * len(roles)], strict=False):
            if "✓" in cell:
                said[role].add(act.strip(" `"))
    assert said == {role: set(acts) for role, acts in access.ROLES.items()}


def test_every_role_and_every_kind_of_office_has_somebody_in_it():
    for names in (SQLITE, POSTGRES):
        posts = [post for name in names for post in in_force(PEOPLE[name])]
        assert {one.role for one in posts} == set(ROLES)
        assert {bool(one.where[1]) for one in posts} == {bool(one.where[2]) for one in posts} == {True, False}
    assert {enters(PEOPLE[name]) for name in SQLITE} == {"nobody", "no role", "in"}


def test_the_world_holds_something_of_everything(here):
    states = {one.state for one in here.tasks.values()}
    assert states == {"open", "acknowledged", "handed_in", "handed_back", "complete", "withdrawn"}
    assert {one.plan for one in here.estates.values()} == {"adopted", "proposed", "none"}
    for county in (EAST, WEST):
        mine = [one for one in here.tasks.values() if one.county == county]
        assert any(one.notices for one in mine)
        assert any(one.asked for one in mine)
        assert {here.tasks[key].county for file in here.files.values() for key in file.tasks} == {EAST, WEST}
    assert len(here.tasks) > 50  # more than a page


def test_the_world_holds_results_of_every_kind(here):
    told = here.results
    places = {(one.county, bool(one.minutes)) for one in told.meetings.values()}
    assert places == {(county, held) for county in (EAST, WEST, "") for held in (True, False)}
    assert {one.state for one in told.decisions.values()} == {"proposed", "taken", "rejected", "repealed"}
    for some in (told.registrations, told.certificates, told.payments):
        assert {one.in_force for one in some.values()} == {True, False}
        assert {here.estates[one.estate].county for one in some.values()} >= {EAST} or some is told.payments
    assert {one.collected for one in told.certificates.values()} == {True, False}
    assert set(told.cases.values()) >= {"closed", "registered"}
    assert any(told.reasons.values())


# -------------------------------------------------------------------------------- the matrix


def half(turn: int) -> tuple[str, ...]:
    """Every other door in turn, so that two people go through all of them; all doors in ``make check``."""
    return () if CHECK else ("gate", *list(CHECKS)[turn % 2 :: 2])


def test_everybody_sees_and_does_what_the_list_says(here):
    """Every door, as everybody, on SQLite; every day each of them goes through every other one in turn."""
    going = [visit(here, name, turn, SHARE, half(turn)) for turn, name in enumerate(SQLITE)]

    assert [line for one in going for line in one.found] == []
    assert sum(one.asked for one in going) > (150 if CHECK else 75) * len(SQLITE)


def test_the_same_on_postgresql(there):
    """Every door, as somebody of another role in turn."""
    going = [
        visit(there, name, turn, 4 if CHECK else SHARE, half(turn)) for turn, name in enumerate(POSTGRES)
    ]

    assert [line for one in going for line in one.found] == []
    assert sum(one.asked for one in going) > 60 * len(POSTGRES)


def test_every_act_on_every_kind_of_task_by_everybody(city):
    """Who may not is refused and nothing is written; who may leaves something."""
    names = SQLITE if connection.vendor == "sqlite" else POSTGRES
    going = [office(city, name, turn, SHARE // 2 or 1) for turn, name in enumerate(names)]

    assert [line for one in going for line in one.found] == []
    assert sum(one.asked for one in going) > 80 * len(names)


# ------------------------------------------------------------------- the policy by itself

_UNDER_ESTATE = (
    *(Building, Unit, Case, PlanProposal, AdoptedPlan),
    *(Decision, Registration, Certificate, Bill, FactValue),
)
_UNDER_ANOTHER = {Payment: "unit__estate", StatusRecord: "case__estate"}
_UNDER_TASK = (Evidence, Suspension, SuspensionRequest, Extension, SupervisionNotice)


def test_every_kind_of_record_is_narrowed_for_every_act(city):
    """The rows of every table that is told of, and the answer for each row."""
    assert set(access._NARROW) == {
        *(Estate, Task, Attachment, Meeting, *_UNDER_ESTATE, *_UNDER_TASK, *_UNDER_ANOTHER)
    }
    acts = sorted({act for some in GIVES.values() for act in some})
    for name in SQLITE if connection.vendor == "sqlite" else POSTGRES:
        rights, official = Rights(city, name), Official.objects.get(name=name)
        person = person_of(official, DAY)
        for turn, act in enumerate(acts):
            tasks, estates = rights.tasks(act), rights.estates(act)
            told = {Task: ("pk", tasks), Estate: ("pk", estates)}
            told |= dict.fromkeys(_UNDER_TASK, ("task_id", tasks))
            told |= dict.fromkeys(_UNDER_ESTATE, ("estate_id", estates))
            told |= {model: (key, estates) for model, key in _UNDER_ANOTHER.items()}
            told[Meeting] = ("pk", rights.meetings(act))
            for model, (key, seen) in told.items():
                if not CHECK and model not in {Task, Estate} and (turn + official.pk) % 8:
                    continue
                rows = model.objects.all()
                places = rows.values_list("pk", key, "estate_id" if model is Evidence else "pk")
                expected = sorted(
                    pk
                    for pk, place, estate in places
                    if place in seen or (place is None and estate in estates)
                )
                found = sorted(one.pk for one in access.visible(person, rows, act))
                assert found == expected, (name, act, model)
        row = Task.objects.get(pk=1 + official.pk % len(city.tasks))
        assert {act for act in acts if access.may(person, act, row)} == {
            act for act in acts if row.pk in rights.tasks(act)
        }
        assert {act for act in acts if access.may_anywhere(person, act)} == {
            act for act in acts if rights.posts(act)
        }


def test_an_import_is_for_places_of_the_importer_alone(here):
    places = {(county, street) for county, street, _ in ESTATES.values()}
    for name in PEOPLE:
        person = person_of(Official.objects.get(name=name), DAY)
        for act in sorted(WHOLE):
            posts = [one.where for one in Rights(here, name).posts(act)]
            for county, street in sorted(places):
                ours = any(one[0] in {"", county} and one[1] in {"", street} for one in posts)
                try:
                    access.require_places(person, act, {(county, street)})
                    allowed = True
                except AccessError as error:
                    allowed = False
                    assert error.code == "E-ACCESS-PLACE"
                assert allowed == ours, (name, act, county, street)
    street = person_of(Official.objects.get(name="importer-street"), DAY)
    with pytest.raises(AccessError, match=XIN):
        access.require_places(street, "import_ledger", {(EAST, LIU), (WEST, XIN)})


# ------------------------------------------------------------------------- slips, planted


EVERY_SLIP = (*SLIPS, *RESULT_SLIPS)
#: doors behind which every question is asked for a slip: each is about one record
ALL_ASKED = {"task", "meetings", "meeting", "agenda", "decision", "on-estate", "on-unit"}
_CLEAN: dict[tuple[object, ...], list[str]] = {}  # what was found without a slip, by who asked what


def _found(world: World, slip: Slip) -> list[str]:
    share = 1 if slip.where[0] in ALL_ASKED else 4
    if "office" in slip.where:
        acts = [slip.name.split()[-1]] if "does" in slip.name else STATES
        return office(world, slip.who, acts=acts).found
    return visit(world, slip.who, slip.turn, share, slip.where).found


@pytest.mark.parametrize("slip", EVERY_SLIP, ids=lambda one: one.name)
def test_a_slip_is_caught(here, slip: Slip, monkeypatch):
    """The part of the matrix that is clean without the slip names it when it is there."""
    asked = (slip.who, slip.where, slip.turn)
    if asked not in _CLEAN:
        _CLEAN[asked] = _found(here, slip)
    assert _CLEAN[asked] == []
    slip.make(monkeypatch)
    said = _found(here, slip)

    assert [one for one in said if re.search(slip.caught, one)], said[:9]


def test_there_are_slips_enough():
    assert len({one.name for one in EVERY_SLIP}) == len(EVERY_SLIP) >= 80
