"""The weekly bulletin: every number can be counted by hand, and nothing is said that no plan says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document
from tests.exchange.city_builder import AS_OF, blocked_estate, open_estate, small_city

from taizhang.cli import taizhang
from taizhang.errors import InputError
from taizhang.exchange.letters import read_plan_file, write_bulletin, write_plan_file
from taizhang.exchange.letters.bulletin_change import Flow, compare, planned_places, standings
from taizhang.exchange.letters.bulletin_file import Mark, Snapshot, snapshot
from taizhang.rules.terms import CityPlan, EstatePlan, Status, UnitPlan


def placed(estate: EstatePlan, county: str, key: str = "", name: str = "") -> EstatePlan:
    """The estate in another county, on wish under another name."""
    place = replace(estate.place, id=key or estate.place.id, name=name or estate.place.name)
    return replace(estate, place=place, identity={"county": county})


def lacking(estate: EstatePlan, keep: object) -> EstatePlan:
    """The estate with those gaps only for which ``keep(item, place)`` holds."""
    gaps = tuple(gap for gap in estate.joint.gaps if keep(gap.item, gap.place))  # type: ignore[operator]
    return replace(estate, joint=replace(estate.joint, gaps=gaps))


def with_units(estate: EstatePlan, status: Status, numbers: range) -> EstatePlan:
    """The estate with the units of these numbers, from 1, in another status."""

    def moved(number: int, unit: UnitPlan) -> UnitPlan:
        return replace(unit, status=status) if number in numbers else unit

    units = tuple(moved(number, unit) for number, unit in enumerate(estate.units, 1))
    out = tuple(unit.place.id for unit in units if unit.status is Status.BLOCKED)
    return replace(estate, units=units, joint=replace(estate.joint, left_out=out))


def on(city: CityPlan, day: date) -> CityPlan:
    return replace(city, pack=replace(city.pack, as_of=day))


def number(place: str) -> int:
    return int(place.rpartition("/")[2])


@pytest.fixture
def last_week() -> CityPlan:
    """Three counties; both blocked estates, in two of them, wait for one paper of the city."""
    city = small_city(
        placed(open_estate(300, "e1", "甲小区"), "甲县"),
        placed(blocked_estate(), "甲县", "e5", "五小区"),
        placed(open_estate(100, "e3", "乙小区"), "乙县"),
        placed(blocked_estate(), "乙县", "e2", "二小区"),
        placed(open_estate(3, "e4", "丙小区"), "丙县"),
    )
    return on(city, AS_OF - timedelta(days=7))


@pytest.fixture
def this_week() -> CityPlan:
    """甲小区 got its land paper and 60 contracts, 乙小区 38 receipts.

    In 乙小区 two households are blocked now and a second building lacks its survey.  丙小区 is
    complete, 二小区 is no longer in the ledger, and 六小区 is new.
    """
    first = lacking(
        open_estate(300, "e1", "甲小区"),
        lambda item, place: (
            item != "land_permit" and not (item == "purchase_contract" and number(place) <= 60)
        ),
    )
    third = with_units(open_estate(100, "e3", "乙小区"), Status.BLOCKED, range(1, 3))
    third = lacking(
        third,
        lambda item, place: (
            item in ("land_permit", "survey_report")
            or number(place) > 40
            or (item == "purchase_contract" and number(place) > 2)
        ),
    )
    survey = next(gap for gap in third.joint.gaps if gap.item == "survey_report")
    more = (*third.joint.gaps, replace(survey, place="e3/2"))
    third = replace(third, joint=replace(third.joint, gaps=more))
    fourth = with_units(lacking(open_estate(3, "e4", "丙小区"), lambda *_: False), Status.PROVED, range(1, 4))
    return small_city(
        placed(first, "甲县"),
        placed(blocked_estate(), "甲县", "e5", "五小区"),
        placed(open_estate(2, "e6", "六小区"), "甲县"),
        placed(third, "乙县"),
        placed(fourth, "丙县"),
    )


@pytest.fixture
def tables(tmp_path, last_week, this_week) -> dict[str, list[list[str]]]:
    """The tables of the bulletin by their first heading."""
    write_plan_file(tmp_path / "w1.json", last_week)
    write_bulletin(tmp_path / "b.docx", this_week, read_plan_file(tmp_path / "w1.json"))
    return tables_of(tmp_path / "b.docx")


def tables_of(path: Path) -> dict[str, list[list[str]]]:
    found = {}
    for table in Document(str(path)).tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        found[rows[0][0]] = rows[1:]
    return found


def text_of(path: Path) -> str:
    return "\n".join(one.text for one in Document(str(path)).paragraphs)


# ---------------------------------------------------------------------- numbers by hand


def test_the_state_of_the_city_beside_that_of_last_week(tables):
    assert tables["指标"] == [
        ["小区（个）", "5", "5", "0"],
        ["住户（户）", "409", "408", "-1"],  # 二小区 with 3 left, 六小区 with 2 came
        ["其中：已具备", "2", "4", "+2"],  # three of 丙小区, less one of 二小区
        ["其中：缺件可补", "402", "399", "-3"],
        ["其中：待查明", "3", "2", "-1"],
        ["其中：受阻", "2", "3", "+1"],
        ["全部已具备的小区（个）", "0", "1", "+1"],
        ["缺材料（处）", "813", "709", "-104"],
    ]


def test_counties_are_ranked_by_what_they_closed_and_a_small_one_stands_apart(tables):
    rows = [row[:-1] for row in tables["名次"]]

    assert rows == [
        ["1", "乙县", "100", "0", "202", "38", "4", "1", "161", "18.8%"],
        ["2", "甲县", "305", "1", "602", "61", "0", "6", "547", "10.1%"],
        ["—", "丙县", "3", "3", "8", "8", "0", "0", "0", "100.0%"],  # 3 units: under 1 % of 408
        ["", "跨县共用", "", "", "1", "0", "0", "0", "1", "0.0%"],
        ["", "合计", "408", "4", "813", "107", "4", "7", "709", "13.2%"],
    ]


def test_what_every_office_owes_is_last_week_less_closed_less_left_and_new(tables):
    rows = [row[:-1] for row in tables["责任单位"]]

    assert rows == [
        ["税务局", "403", "41", "2", "2", "362"],
        ["住户", "403", "63", "2", "2", "340"],
        ["测绘单位", "3", "1", "0", "2", "4"],
        ["自然资源和规划局", "3", "2", "0", "1", "2"],
        ["市专班", "1", "0", "0", "0", "1"],
        ["合计", "813", "107", "4", "7", "709"],
    ]


def test_all_tables_balance(tables):
    for name, first in (("名次", 4), ("责任单位", 1)):
        numbers = [[int(cell.replace(",", "")) for cell in row[first : first + 5]] for row in tables[name]]
        for last, closed, left, new, now in numbers:
            assert last - closed - left + new == now
        assert [sum(column) for column in zip(*numbers[:-1], strict=True)] == numbers[-1]


def test_the_estates_that_changed_are_named(tables):
    assert tables["变化"] == [
        ["全部具备", "丙县", "丙小区", "3户都已具备办证条件"],
        ["新受阻", "乙县", "乙小区", "现有2户受阻"],
        ["新入台账", "甲县", "六小区", "共2户"],
        ["移出台账", "乙县", "二小区", "上期3户"],
    ]


def test_the_papers_that_hold_back_most_are_those_of_the_plan(tables):
    assert tables["序号"] == [
        ["1", "国有土地使用证", "自然资源和规划局", "1", "4", "0"],
        ["2", "市专班会议纪要", "市专班", "1", "1", "1"],
    ]


def test_blocked_estates_come_with_what_would_open_them(tables):
    row = next(row for row in tables["小区"] if row[0] == "甲县五小区")

    assert row[1:3] == ["1", "国有土地使用证"]
    assert "提请会商：首次登记采用“容缺受理”" in row[3]
    assert next(row for row in tables["小区"] if row[0] == "乙县乙小区")[1] == "2"


def test_the_sentences_say_the_same_numbers(tmp_path, last_week, this_week):
    said = text_of(write_bulletin(tmp_path / "b.docx", this_week, snapshot(last_week)))

    assert "房屋产权确权颁证周调度通报" in said
    assert "〔2024〕第　　期　　2024年1月28日" in said
    assert "台账共列小区5个、408户：已具备4户（1.0%）、缺件可补399户（97.8%）" in said
    assert (
        "上期（2024年1月21日）缺材料813处，本期销项107处（销项率13.2%），转出4处，新增7处，现缺709处" in said
    )
    assert "不足5户的县（市、区）" in said  # 1 % of 408, rounded up
    assert "未排名的：丙县（3户，不足5户）。" in said


def test_without_an_earlier_week_counties_are_ranked_by_units_that_lack_nothing(tmp_path, this_week):
    path = write_bulletin(tmp_path / "b.docx", this_week)

    assert [row[:-1] for row in tables_of(path)["名次"]] == [
        ["1", "甲县", "305", "1", "0.3%", "548"],  # the city's minutes: only 甲县 waits for them now
        ["2", "乙县", "100", "0", "0.0%", "161"],
        ["—", "丙县", "3", "3", "100.0%", "0"],
        ["", "合计", "408", "4", "1.0%", "709"],
    ]
    assert "没有上期存档可比" in text_of(path)


# ---------------------------------------------------------------------- the comparison


def city_of_marks(*marks: Mark) -> Snapshot:
    items = {item: "office" for mark in marks for item in (*mark.gaps, *mark.shared)}
    return Snapshot("p", "1", "", AS_OF, "cheapest", (), (), items, marks)


def mark(key: str, county: str, units: int, gaps: int, name: str = "") -> Mark:
    places = frozenset(f"/{n}" for n in range(gaps))
    return Mark(key, name or key, county, (0, units, 0, 0), {"paper": places} if gaps else {}, {})


def everywhere(*marks: Mark) -> dict[str, frozenset[str]]:
    return {one.id: frozenset(["", *(f"/{n}" for n in range(1_000))]) for one in marks}


def test_equal_shares_share_a_rank_and_the_next_rank_is_left_out():
    last = city_of_marks(
        mark("a", "A", 50, 10), mark("b", "B", 50, 20), mark("c", "C", 50, 10), mark("d", "D", 9, 0)
    )
    now = city_of_marks(
        mark("a", "A", 50, 5), mark("b", "B", 50, 10), mark("c", "C", 50, 8), mark("d", "D", 9, 0)
    )
    found = standings(now, compare(last, now, everywhere(*now.estates)), compared=True)

    assert [(one.county, one.rank, one.apart) for one in found] == [
        ("A", 1, ""),
        ("B", 1, ""),
        ("C", 3, ""),
        ("D", None, "none"),  # nothing was lacking: there is no share
    ]


def test_a_county_that_left_the_ledger_is_shown_so_that_the_columns_add_up():
    last = city_of_marks(mark("a", "A", 5, 4), mark("b", "B", 5, 3))
    now = city_of_marks(mark("a", "A", 5, 4))
    change = compare(last, now, everywhere(*now.estates))
    found = standings(now, change, compared=True)

    assert change.total == Flow(last=7, closed=0, left=3, new=0)
    assert [(one.county, one.apart, one.flow.left) for one in found] == [("A", "", 0), ("B", "gone", 3)]


def test_a_household_that_left_the_ledger_closed_nothing(last_week):
    fewer = open_estate(299, "e1", "甲小区")
    now = replace(last_week, estates=(placed(fewer, "甲县"), *last_week.estates[1:]))
    change = compare(snapshot(last_week), snapshot(now), planned_places(now))

    assert (change.total.closed, change.total.left) == (0, 2)


def test_a_wholly_blocked_estate_closed_nothing(last_week):
    estate = lacking(open_estate(300, "e1", "甲小区"), lambda *_: False)
    stuck = placed(with_units(estate, Status.BLOCKED, range(1, 301)), "甲县")
    now = replace(last_week, estates=(stuck, *last_week.estates[1:]))
    change = compare(snapshot(last_week), snapshot(now), planned_places(now))

    assert (change.total.closed, change.total.left) == (0, 602)
    assert [(move.kind, move.mark.id, move.units) for move in change.moves] == [("blocked", "e1", 300)]


def test_an_estate_whose_county_was_filled_in_is_the_same_estate():
    last = city_of_marks(mark("›x", "", 5, 4, "甲小区"))
    now = city_of_marks(mark("A›x", "A", 5, 1, "甲小区"))
    change = compare(last, now, everywhere(*now.estates))

    assert change.total == Flow(last=4, closed=3)
    assert change.moves == ()


def test_the_same_week_twice_changes_nothing(last_week):
    change = compare(snapshot(last_week), snapshot(last_week), planned_places(last_week))

    assert change.total == Flow(last=813)
    assert change.moves == ()


def test_a_decision_taken_between_the_weeks_is_named(tmp_path, last_week, this_week):
    decided = replace(this_week, decisions=("minutes-7",))
    said = text_of(write_bulletin(tmp_path / "b.docx", decided, snapshot(last_week)))

    assert "一事一议决定与上期（2024年1月21日）不同：上期为无，本期为minutes-7，部分变化由此而来。" in said


# ---------------------------------------------------------------------- the plan file


def test_the_plan_file_comes_back_as_it_was(tmp_path, this_week):
    write_plan_file(tmp_path / "w.json", this_week)

    assert read_plan_file(tmp_path / "w.json") == snapshot(this_week)


def test_the_plan_file_names_no_resident(tmp_path, this_week):
    write_plan_file(tmp_path / "w.json", this_week)

    assert "王五" not in (tmp_path / "w.json").read_text("utf-8")  # the holder in the ledger


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 a workbook",
        b"[1, 2]",
        b"{}",
        b'{"format": "taizhang-plan", "form": 2}',
        b'{"format": "taizhang-plan", "form": 1, "estates": [{"id": 1}]}',
        "{“引号”}".encode("gbk"),
        b"[" * 100_000,
    ],
)
def test_what_is_no_plan_file_is_refused(tmp_path, content):
    (tmp_path / "x.json").write_bytes(content)

    with pytest.raises(InputError, match="E-SINCE-FORMAT"):
        read_plan_file(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("key", "value"), [("units", [1, 2]), ("gaps", ["a"]), ("name", None), ("gaps", {"a": [1]})]
)
def test_a_plan_file_that_was_changed_by_hand_is_refused(tmp_path, this_week, key, value):
    write_plan_file(tmp_path / "w.json", this_week)
    data = json.loads((tmp_path / "w.json").read_text("utf-8"))
    data["estates"][0][key] = value
    (tmp_path / "w.json").write_text(json.dumps(data), "utf-8")

    with pytest.raises(InputError, match="E-SINCE-FORMAT"):
        read_plan_file(tmp_path / "w.json")


def test_another_version_of_the_pack_is_refused(tmp_path, last_week, this_week):
    other = replace(snapshot(last_week), version="0.0.9")

    with pytest.raises(InputError, match="E-SINCE-PACK") as caught:
        write_bulletin(tmp_path / "b.docx", this_week, other, "w1.json")
    assert "title-certificates 0.0.9" in caught.value.say("zh")
    assert not (tmp_path / "b.docx").exists()


def test_a_plan_of_a_later_day_is_refused(tmp_path, last_week, this_week):
    with pytest.raises(InputError, match="E-SINCE-NEWER"):
        write_bulletin(tmp_path / "b.docx", last_week, snapshot(this_week), "w2.json")


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match="E-FILE-MISSING"):
        read_plan_file(tmp_path / "none.json")


# ---------------------------------------------------------------------- the paper


def test_equal_input_gives_equal_bytes(tmp_path, last_week, this_week):
    for name in ("a", "b"):
        write_bulletin(tmp_path / f"{name}.docx", this_week, snapshot(last_week))
        write_plan_file(tmp_path / f"{name}.json", this_week)

    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_city_without_estates_has_a_bulletin(tmp_path):
    empty = replace(small_city(), estates=(), leverage=())
    said = text_of(write_bulletin(tmp_path / "b.docx", empty, snapshot(empty)))

    assert "台账共列小区0个、0户" in said


def test_since_without_a_bulletin_is_refused_before_the_work():
    result = CliRunner().invoke(taizhang, ["plan", "nowhere.xlsx", "--since", "w1.json"])

    assert isinstance(result.exception, InputError)
    assert result.exception.code == "E-ARG-SINCE"


@pytest.mark.libreoffice
def test_libreoffice_opens_it(tmp_path, last_week, this_week):
    office = shutil.which("soffice")
    if office is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice is not installed, and CI must have it")
        pytest.skip("LibreOffice (soffice) is not installed here")
    path = write_bulletin(tmp_path / "b.docx", this_week, snapshot(last_week))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)

    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")
