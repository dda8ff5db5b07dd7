"""A city's ledger is read by remembering: nothing may be read otherwise than cell by cell."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.builders import codes, fact, read_rows, small_pack, write_book
from tests.exchange.test_gathering import ledger, row

from taizhang.errors import InputError
from taizhang.exchange.excel.identity import read_identity
from taizhang.exchange.excel.joining.gathering import gather
from taizhang.exchange.excel.reading import read_ledger
from taizhang.exchange.excel.sheetxml import scan
from taizhang.exchange.excel.values import Nearly, Refusal, read_fact, read_held
from taizhang.rules.terms import Held, LedgerRow, Pack

UNITS = {
    "序号": "serial_number",
    "小区名称": "estate",
    "幢号": "building",
    "房号": "unit",
    "户主": "holder",
    "土地状况": "land_status",
    "建筑面积": "area_m2",
    "房款": "price",
    "竣工日期": "completed_day",
    "第几套住房": "family_home_ordinal",
    "土地证": "land_use_certificate",
    "规划许可证": "planning_permit",
}
SAID = {
    "户主": ["王一", "李二", "  张三 ", "赵" * 2_001, None],
    "土地状况": ["出让已办证", "集体", "集体土地", "不清楚", "看不懂", None],
    "建筑面积": [60.0, 75.18, "88.5㎡", 1.0, True, "很大", None],
    "房款": [358000.0, "35.8万", 0.0, False, "1e5", None],
    "竣工日期": ["2003-05-31", "2003年5月", 40_000.0, None],
    "第几套住房": [1.0, 2.0, True, "1", None],
    "土地证": ["有", "缺", "√", "灭失", "也许", 1.0, True, "不清楚", None],
    "规划许可证": ["有", "缺", "地字第12号", 0.0, False, None],
}


@pytest.fixture(scope="module")
def drawn() -> list[list[object]]:
    """3,000 homes whose cells are drawn from a few, understood and not; equal ones lie far apart."""
    rng = np.random.default_rng(20240128)
    rows: list[list[object]] = [list(UNITS)]
    for number in range(3_000):
        drawn = {name: some[int(rng.integers(len(some)))] for name, some in SAID.items()}
        place = {"序号": float(number + 1), "小区名称": f"小区{number // 300}", "幢号": f"{number % 7}幢"}
        if number % 97 == 0:
            place["小区名称"] = "同上"
        drawn |= place | {"房号": str(number)}
        rows.append([drawn[heading] for heading in UNITS])
    return rows


@pytest.fixture(scope="module")
def read(drawn, tmp_path_factory):
    return read_rows(tmp_path_factory.mktemp("large"), *drawn)


def cell_by_cell(pack: Pack, cells: dict[str, object], at: int) -> Iterator[object]:
    """What a row says, read without remembering anything: its complaints, then its papers and facts."""
    held, facts, identity = {}, {}, {}
    for letter, (name, cell) in zip("ABCDEFGHIJKL", cells.items(), strict=True):
        if name in pack.evidence:
            value = read_held(cell)
        elif name in pack.facts:
            value = read_fact(pack.facts[name], cell)
        else:
            identity[name], value = read_identity(name, cell)
        if isinstance(value, Refusal):
            yield value.code, f"{letter}{at}"
        elif isinstance(value, Held):
            held[name] = value
        elif isinstance(value, Nearly):
            facts[name] = value.value
        elif value is not None:
            facts[name] = value
    if identity["estate"] == "同上":
        yield "C-NAME", f"B{at}"
    else:
        places = ("estate", "building", "unit")
        yield {name: text for name, text in identity.items() if text and name not in places}, facts, held


def test_what_is_remembered_is_what_each_cell_says(drawn, read):
    rows, complaints, pack = {one.row: one for one in read.rows}, [], small_pack()
    for at, cells in enumerate(drawn[1:], 2):
        *wrong, last = cell_by_cell(pack, dict(zip(UNITS.values(), cells, strict=True)), at)
        complaints += wrong
        if at not in rows:
            complaints.append(last)
            continue
        found = rows[at]

        assert (dict(found.identity), found.facts, found.held) == last
        assert [list(map(type, one.values())) for one in (found.facts, last[1])] == [
            list(map(type, last[1].values()))
        ] * 2
    assert len(rows) > 2_900
    assert codes(read) == complaints


def test_every_cell_comes_back_and_equal_texts_are_one_object(drawn, read):
    copy = read.sheets[0].rows
    texts = [cell for cell in chain.from_iterable(copy) if isinstance(cell, str)]

    assert [list(one) for one in copy] == drawn
    assert [list(map(type, one)) for one in copy] == [list(map(type, one)) for one in drawn]
    assert len(set(map(id, texts))) == len(set(texts))


def test_the_same_text_on_two_sheets_is_one_object(tmp_path):
    sheets = {name: [["小区名称", "土地状况"], [f"{name}院", "集体土地"]] for name in "甲乙"}
    first, second = read_ledger(write_book(tmp_path / "a.xlsx", sheets), small_pack()).sheets

    assert first.rows[1][1] is second.rows[1][1]


def test_rows_that_hold_the_same_papers_share_one_mapping(read):
    by_content: dict[frozenset[object], set[int]] = {}
    for one in read.rows:
        by_content.setdefault(frozenset(one.held.items()), set()).add(id(one.held))

    assert len(by_content) > 5
    assert all(len(ids) == 1 for ids in by_content.values())


def test_one_and_true_are_equal_and_yet_two_answers(tmp_path):
    pack = small_pack()
    ordinals = [1.0, True, 1.0, "1", True]
    rows = [["甲小区", str(at), one] for at, one in enumerate(ordinals)]
    ledger = read_rows(tmp_path, ["小区名称", "房号", "第几套住房"], *rows, pack=pack)

    assert [one.facts.get("family_home_ordinal") for one in ledger.rows] == [1, None, 1, 1, None]
    assert codes(ledger) == [("C-VALUE", "C3"), ("C-VALUE", "C6")]


def test_the_search_for_cycles_is_on_again_after_reading_and_after_an_error(tmp_path):
    read_rows(tmp_path, ["小区名称", "总户数"], ["甲小区", 1])
    (tmp_path / "no.xlsx").write_bytes(b"no workbook")
    with pytest.raises(InputError):
        read_ledger(tmp_path / "no.xlsx", small_pack())

    assert gc.isenabled()


REFERENCES = [b' r="A1"', b' r="Z2', b' r="BJ7"', b' r="XFD12"', b' r="7"', b' r="1234567"']
NO_REFERENCES = [
    b' r="12345678"',
    b' r="ABCD1"',
    b' r="7',
    b' r="A',
    b'xr="ZZ9"',
    b' r="',
    b"9",
    b'"',
    b"\xff",
]


@given(st.lists(st.sampled_from(REFERENCES + NO_REFERENCES)))
def test_the_extent_of_a_sheet_is_that_of_its_greatest_references(parts):
    text = b"".join(parts)
    rows = [int(one) for one in re.findall(rb' r="([0-9]{1,7})"', text)]
    columns = re.findall(rb' r="([A-Z]{1,3})[0-9]', text)
    numbers = [sum((sign - 64) * 26**at for at, sign in enumerate(reversed(one))) for one in columns]
    seen = scan([text])

    assert (seen.rows, seen.columns) == (max(rows, default=0), max(numbers, default=0))


# ------------------------------------------------------------------------ gathering


def unit(number: int, **given) -> LedgerRow:
    return row(building="1", unit=str(number), number=number, **given)


def units_pack(**facts: str) -> Pack:
    """The small pack with its papers on the level of units, and further facts by their level."""
    pack = small_pack()
    papers = {name: replace(one, level="unit") for name, one in pack.evidence.items()}
    more = {name: fact(name, "bool", level) for name, level in facts.items()}
    return replace(pack, evidence=papers, facts={**pack.facts, **more})


def test_units_of_which_the_same_papers_are_said_share_one_mapping_across_files_and_orders():
    one = {"land_use_certificate": Held.ON_HAND, "planning_permit": Held.MISSING}
    part = {"land_use_certificate": Held.ON_HAND}
    first = ledger(unit(1, held=one), unit(2, held=part))
    second = ledger(unit(3, held=dict(reversed(one.items()))), unit(2, held=part), path="b.xlsx")
    found, complaints = gather([first, second], units_pack())
    held = [found[0].held.at(place.id) for place in found[0].places.values() if place.level == "unit"]

    assert complaints == []
    assert held[0] is held[2]
    assert held[1] == part


def test_what_another_row_adds_to_a_place_leaves_the_first_row_as_it_was():
    pack = units_pack(fenced="estate")
    first = row(facts={"land_status": "no_procedure"}, units_total="2")
    rows = [first, unit(1, facts={"fenced": True}), unit(2, facts={"fenced": False})]
    found, complaints = gather([ledger(*rows)], pack)
    estate = found[0].place.id

    assert found[0].facts == {("land_status", estate): "no_procedure", ("fenced", estate): True}
    assert first.facts == {"land_status": "no_procedure"}
    assert [one.code for one in complaints] == ["C-CONFLICT"]


def test_a_row_alone_at_its_place_gives_it_its_own_mapping():
    said = {"land_use_certificate": Held.ON_HAND}
    found, _ = gather([ledger(unit(1, held=said))], units_pack())
    (home,) = [place.id for place in found[0].places.values() if place.level == "unit"]

    assert found[0].held.at(home) is said
