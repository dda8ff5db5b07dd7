"""A small city in the ledger, and its workbook taken out."""

from __future__ import annotations

import pytest

from taizhang.exchange.demo_city.writing import write_demo_city
from tests.office.builders import law
from tests.office.ledger_books import export_to, take_in


@pytest.fixture(scope="module")
def pack():
    return law()


@pytest.fixture(scope="module")
def city_file(tmp_path_factory, pack):
    """A made-up city of five estates and forty homes."""
    path = tmp_path_factory.mktemp("city") / "城市.xlsx"
    write_demo_city(path, estates=5, units=40, seed=3, pack=pack)
    return path


@pytest.fixture
def office(ledger, pack, city_file):
    """The city, taken in."""
    return take_in(city_file, pack)


@pytest.fixture
def small(sqlite, pack, city_file):
    """The same, on SQLite alone."""
    return take_in(city_file, pack)


@pytest.fixture
def out(small, pack, tmp_path):
    """The workbook that Gao Xiulan has taken with her."""
    path = tmp_path / "台账.xlsx"
    export_to(path, pack)
    return path
