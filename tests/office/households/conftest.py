"""The knitting mill's estate with two households, and the key file."""

from __future__ import annotations

from pathlib import Path

import pytest

from taizhang.ledger.models import (
    Estate,
    Official,
    Organisation,
)
from taizhang.office.accounts import open_account
from taizhang.office.installation import Law, remember_law
from taizhang.office.key_ring import KeyRing
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import propose_plans
from tests.office.builders import DAY, NOON, OVERLAYS, law

from .told import LI, WANG, taken_in, with_people

PASSWORD = "a-small-office-2024"


@pytest.fixture(scope="module")
def pack():
    return law()


@pytest.fixture
def keys(tmp_path) -> Path:
    """The key file, as ``taizhang init`` makes it; the ledger's folder is there first."""
    path = tmp_path / "data" / "keys.json"
    KeyRing.create(path, NOON)
    return path


@pytest.fixture
def office(ledger, keys, pack):
    """An estate with two households, planned, with offices, people and accounts; its ledger's address."""
    remember_law(Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat()))
    taken_in(with_people(u101=WANG, u102=LI))
    suppliers = {name: one.zh for name, one in pack.suppliers.items()}
    establish_offices(suppliers, city="市专班", actor="test", now=NOON)
    propose_plans(pack, [Estate.objects.get()], actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    for name, role, account in (("王建国", "leader", "wang"), ("陈静", "analyst", "chen")):
        open_account(
            grant_role(name, role, city, actor="test", now=NOON), account, PASSWORD, actor="t", now=NOON
        )
    open_account(Official.objects.get(name="高秀岚"), "gao", PASSWORD, actor="test", now=NOON)
    return ledger
