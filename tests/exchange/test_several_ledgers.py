"""Several ledgers at once: one estate in two of them, what disagrees side by side, names nearly alike."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from tests.exchange.builders import HEADINGS, small_pack
from tests.exchange.ledger_builder import Sheet, write

from taizhang.exchange.excel.headings import Headings
from taizhang.exchange.excel.joining.gathering import gather_all
from taizhang.exchange.excel.mapping import parse_mapping
from taizhang.exchange.excel.planning import plan_ledgers
from taizhang.exchange.excel.reading import read_ledger
from taizhang.exchange.excel.workbook import write_workbook
from taizhang.rules.terms import Cited, CityPlan, Difference, Held, Ledger, LedgerRow, Pack

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")

HEADING = ["县区", "街道", "小区名称", "总户数", "责任人", "坐落", "土地状况", "土地证", "是否已售"]
QINGTANG = ["青棠县", "河西街道", "针织厂家属院", "3", "周砚", "纺织路18号", "集体土地", "有", None]
UNITS = ["县区", "小区名称", "幢号", "房号", "户主", "建筑面积"]
HOMES = ["101", "102", "103"]
FIRST = 5  # first row of data, as Excel counts


def told(city: CityPlan, code: str) -> list[tuple[str, str, str]]:
    return [(one.sheet, one.cell, one.read) for one in city.complaints if one.code == code]


def cells(difference: Difference) -> tuple[str, ...]:
    used, other = difference.used, difference.other
    return (difference.what, used.ledger, used.cell, used.text, other.ledger, other.cell, other.text)


@pytest.fixture(scope="session")
def pack() -> Pack:
    """A small law: what is said of many ledgers does not hang on it."""
    more = {
        "street": ("街道",),
        "neighbourhood": ("社区",),
        "responsible_official": ("责任人",),
        "address": ("坐落",),
        "sold": ("是否已售",),
    }
    return small_pack({**HEADINGS, **more})


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> list[Ledger]:
    """The county's, the street's and another county's; the knitting mill's estate stands in the first two."""
    folder = tmp_path_factory.mktemp("ledgers")
    street = ["青棠县", "河西街道", "针织厂家属院", "3", "郑铎", "纺织路 18 号", "划拨已办证", "缺", None]
    files = {
        "县.xlsx": (
            Sheet("台账", [HEADING, ["青棠县", "河东街道", "粮库小区", "1"], QINGTANG]),
            Sheet("户台账", [UNITS, *(["青棠县", "针织厂家属院", "1幢", one, "王某"] for one in HOMES)]),
        ),
        "街道.xlsx": (
            Sheet("台账", [["2024年摸底"], [*HEADING, "社区"], [*street, "纺织路社区"]]),
            Sheet("户台账", [UNITS, ["青棠县", "针织厂家属院", "1", "102", "李某", 75.5]]),
        ),
        "另一县.xlsx": (Sheet("台账", [HEADING, ["白荷县", "城关镇", "针织厂家属院", "2"]]),),
    }  # fmt: skip
    return [read_ledger(write(folder / name, *sheets), pack) for name, sheets in files.items()]


@pytest.fixture(scope="module")
def city(ledgers, pack) -> CityPlan:
    return plan_ledgers(ledgers, pack)


# --------------------------------------------------------------------------- the story


def test_one_estate_of_two_ledgers_is_planned_once(city):
    names = [(one.identity["county"], one.place.name, len(one.units)) for one in city.estates]

    assert names == [("白荷县", "针织厂家属院", 2), ("青棠县", "粮库小区", 1), ("青棠县", "针织厂家属院", 3)]


def test_what_only_one_ledger_says_is_used(city):
    estate = city.estates[2]
    unit = next(place.id for place in estate.places.values() if place.name == "102")

    assert estate.identity["neighbourhood"] == "纺织路社区"
    assert str(estate.facts["area_m2", unit]) == "75.5"


def test_cells_that_disagree_stand_side_by_side_as_they_are_written(city):
    """纺织路18号 and 纺织路 18 号 are one address; the holder of a home counts too."""
    assert sorted(map(cells, city.differences)) == [
        ("holder", "县.xlsx", "E3", "王某", "街道.xlsx", "E2", "李某"),
        ("land_status", "县.xlsx", "G3", "集体土地", "街道.xlsx", "G3", "划拨已办证"),
        ("land_use_certificate", "县.xlsx", "H3", "有", "街道.xlsx", "H3", "缺"),
        ("responsible_official", "县.xlsx", "E3", "周砚", "街道.xlsx", "E3", "郑铎"),
    ]
    assert {one.place for one in city.differences} == {
        ("青棠县", "针织厂家属院", "", ""),
        ("青棠县", "针织厂家属院", "1幢", "102"),
    }


def test_complaints_say_where_the_other_cell_is(city):
    (twice,) = [one for one in city.complaints if one.code == "C-ESTATE-TWICE"]
    conflicts = [one for one in city.complaints if one.code == "C-CONFLICT"]

    assert (twice.sheet, twice.cell) == ("台账", "C3")
    assert "县.xlsx 台账!C3" in twice.message and "县.xlsx 台账!C3" in twice.zh
    assert {one.cell for one in conflicts} == {"E2", "E3", "G3", "H3"}
    assert all("县.xlsx" in one.zh and "县.xlsx" in one.message for one in conflicts)
    land = next(one for one in conflicts if one.cell == "G3")
    assert land.read == "划拨已办证"
    assert "县.xlsx 台账!G3" in land.zh and "集体土地" in land.zh


def test_one_ledger_alone_says_nothing_of_others(ledgers, pack):
    alone = plan_ledgers(ledgers[2:], pack)

    assert alone.differences == ()
    assert told(alone, "C-ESTATE-TWICE") == []


def test_the_order_of_ledgers_decides_what_counts_and_not_what_is_shown(ledgers, pack):
    shown = set()
    for order in permutations(ledgers):
        found = plan_ledgers(order, pack).differences
        first = next(ledger.path for ledger in order if ledger.path != "另一县.xlsx")
        assert {one.used.ledger for one in found} == {first}
        shown.add(frozenset(frozenset((one.used, one.other)) for one in found))

    assert len(shown) == 1


def test_an_estate_without_a_county_belongs_to_the_only_one_of_its_name_in_any_order():
    bare, east = small(estate("甲院", county=""), path="a.xlsx"), small(estate("甲院"), path="b.xlsx")
    for order in ([bare, east], [east, bare]):
        city = plan_ledgers(order, small_pack())

        assert [(one.identity["county"], one.place.parent) for one in city.estates] == [
            ("东县", "county›东县")
        ]


def test_an_estate_without_a_county_is_none_of_two_of_its_name_in_any_order():
    bare = small(estate("甲院", county=""), path="a.xlsx")
    both = small(estate("甲院"), estate("甲院", county="西县", row=4), path="b.xlsx")
    for order in ([bare, both], [both, bare]):
        city = plan_ledgers(order, small_pack())

        assert sorted(one.identity["county"] for one in city.estates) == ["", "东县", "西县"]
        assert told(city, "C-UNIT-ESTATE") == [("台账", "C3", "甲院")]


# ---------------------------------------------------------------------- rows of one ledger


def test_the_second_row_of_an_estate_fills_what_the_first_leaves_open(tmp_path, pack):
    more = ["青棠县", "河西街道", "针织厂家属院", "4", None, None, None, None, "否"]
    path = write(tmp_path / "a.xlsx", Sheet("台账", [HEADING, QINGTANG, more]))
    city = plan_ledgers([read_ledger(path, pack)], pack)
    (estate,) = city.estates

    assert estate.facts["sold", estate.place.id] is False
    assert len(estate.units) == 3
    assert [cells(one) for one in city.differences] == [
        ("units_total", "a.xlsx", "D2", "3", "a.xlsx", "D3", "4")
    ]
    (twice,) = [one for one in city.complaints if one.code == "C-ESTATE-TWICE"]
    assert "a.xlsx 台账!C2" in twice.message and "a.xlsx 台账!C2" in twice.zh


def test_a_home_on_two_sheets_is_one_and_each_sheet_adds_what_it_knows(tmp_path, pack):
    survey = Sheet(
        "测绘", [["小区名称", "幢号", "房号", "户主", "建筑面积"], ["甲小区", "1", "101", "王某", 75]]
    )
    sale = Sheet(
        "买卖", [["小区名称", "幢号", "房号", "户主", "合同价"], ["甲小区", "1", "101", "李某", 90000]]
    )
    ledger = read_ledger(write(tmp_path / "a.xlsx", survey, sale), pack)
    city = plan_ledgers([ledger], pack)
    unit = city.estates[0].units[0].place.id

    assert {name for name, place in city.estates[0].facts if place == unit} == {"area_m2", "price"}
    assert [cells(one) for one in ledger.differences] == [
        ("holder", "a.xlsx", "D2", "王某", "a.xlsx", "D2", "李某")
    ]
    assert [one.sheet for one in (ledger.differences[0].used, ledger.differences[0].other)] == [
        "测绘",
        "买卖",
    ]


def test_a_value_in_merged_cells_is_quoted_too(tmp_path, pack):
    rows = [UNITS, ["青棠县", "甲小区", "1", "101", "王某"], ["青棠县", "甲小区", "1", "102", None]]
    one = read_ledger(write(tmp_path / "a.xlsx", Sheet("户", rows, ["E2:E3"])), pack)
    other = ["青棠县", "甲小区", "1", "102", "李某"]
    two = read_ledger(write(tmp_path / "b.xlsx", Sheet("户", [UNITS, other])), pack)
    (found,) = plan_ledgers([one, two], pack).differences

    assert cells(found) == ("holder", "a.xlsx", "E3", "王某", "b.xlsx", "E2", "李某")


def test_of_two_cells_of_one_ledger_neither_counts_where_an_earlier_ledger_says_a_third(tmp_path, pack):
    """What stands as used is what is used."""
    doubles = Sheet("台账", [HEADING, QINGTANG, [*QINGTANG[:4], "郑铎"]])
    late = read_ledger(write(tmp_path / "b.xlsx", doubles), pack)
    for official, expected in (
        ("林晓", {("E2", "E2"), ("E2", "E3")}),  # both of b stand beside a
        ("郑铎", {("E2", "E2"), ("E3", "E2")}),  # the second of b says what counts
    ):
        early = write(tmp_path / "a.xlsx", Sheet("台账", [HEADING, [*QINGTANG[:4], official]]))
        city = plan_ledgers([read_ledger(early, pack), late], pack)

        assert {one.used.text for one in city.differences} == {official}
        assert {(one.used.cell, one.other.cell) for one in city.differences} == expected
        assert city.estates[0].identity["responsible_official"] == official


# --------------------------------------------------------------------------- the sheet


@pytest.fixture(scope="module")
def path(city, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("out") / "方案.xlsx"
    write_workbook(target, city)
    return target


def test_both_values_stand_in_one_row_and_lead_to_their_cells(path):
    book = load_workbook(path)
    sheet = book["并表对照"]
    heads = [cell.value for cell in sheet[FIRST - 1]]
    rows = [
        dict(zip(heads, (cell.value for cell in row), strict=True))
        for row in sheet.iter_rows(min_row=FIRST, max_row=FIRST + 3)
    ]

    assert [row["序号"] for row in rows] == [1, 2, 3, 4]
    assert {row["类别"] for row in rows} == {"两处不一致"}
    land = next(row for row in rows if row["采用·内容"] == "集体土地")
    assert land["另一处·内容"] == "划拨已办证"
    assert (land["县市区"], land["小区"]) == ("青棠县", "针织厂家属院")
    assert (land["采用·文件"], land["另一处·文件"]) == ("县.xlsx", "街道.xlsx")
    for row in sheet.iter_rows(min_row=FIRST, max_row=FIRST + 3):
        for text, cell in ((row[7], row[10]), (row[11], row[14])):
            name, at = cell.hyperlink.location.rsplit("!", 1)
            assert book[name.strip("'")][at].value == text.value


def test_complaints_of_two_sheets_of_one_name_lead_to_the_right_ledger(path):
    book = load_workbook(path)
    rows = book["导入问题"].iter_rows(min_row=FIRST)
    (twice,) = [row for row in rows if row[1].value == "C-ESTATE-TWICE"]
    name, at = twice[3].hyperlink.location.rsplit("!", 1)

    assert book[name.strip("'")]["A1"].value == "2024年摸底"
    assert book[name.strip("'")][at].value == "针织厂家属院"


def test_the_overview_leads_to_the_sheet_and_it_prints_on_one_page_across(path):
    book = load_workbook(path)
    links = {cell.value: cell.hyperlink.location for cell in book["总览"][3] if cell.hyperlink}

    assert links["并表对照（4）"] == "'并表对照'!A1"
    assert links["说明"] == "'说明'!A1"
    sheet = book["并表对照"]
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.print_title_rows == "$4:$4"


def test_there_is_no_sheet_where_nothing_differs(ledgers, pack, tmp_path):
    write_workbook(tmp_path / "out.xlsx", plan_ledgers(ledgers[2:], pack))
    book = load_workbook(tmp_path / "out.xlsx")

    assert "并表对照" not in book.sheetnames
    assert not any("并表对照" in str(cell.value) for cell in book["总览"][3])


def test_every_kind_of_difference_has_its_word_in_both_languages(city, tmp_path):
    kinds = {"conflict": "双方都改", "disagree": "两处不一致"}  # what asks for a person comes first
    kinds |= {"deleted": "删除", "added": "新增", "changed": "已修改"}
    empty, formula = Cited("方案.xlsx", "台账", "", ""), Cited("县.xlsx", "别的表", "B2", "=1+1")
    place = ("青棠县", "粮库小区", "", "")
    found = tuple(Difference(one, place, "=自设栏目", empty, formula) for one in kinds)
    for language, words in (("zh", [*kinds.values()]), ("en", ["both edited", "disagree"])):
        write_workbook(tmp_path / f"{language}.xlsx", replace(city, differences=found), language=language)
        book = load_workbook(tmp_path / f"{language}.xlsx")
        sheet = book["并表对照" if language == "zh" else "Side by side"]
        rows = list(sheet.iter_rows(min_row=FIRST, max_row=FIRST + len(kinds) - 1))

        assert [row[1].value for row in rows][: len(words)] == words
        assert (rows[0][6].value, rows[0][11].value, rows[0][11].data_type) == ("=自设栏目", "=1+1", "s")
        assert rows[0][7].value == ("（空）" if language == "zh" else "(empty)")
        assert not any(row[10].hyperlink or row[14].hyperlink for row in rows)


def test_of_two_files_of_one_name_the_link_leads_to_the_cell_that_says_so(tmp_path, pack):
    """Every county calls its file 台账.xlsx."""
    read = []
    for folder, official in (("东", "周砚"), ("西", "郑铎")):
        (tmp_path / folder).mkdir()
        rows = [HEADING, [*QINGTANG[:4], official]]
        read.append(read_ledger(write(tmp_path / folder / "台账.xlsx", Sheet("台账", rows)), pack))
    write_workbook(tmp_path / "out.xlsx", plan_ledgers(read, pack))
    book = load_workbook(tmp_path / "out.xlsx")
    row = book["并表对照"][FIRST]
    targets = [cell.hyperlink.location.rsplit("!", 1) for cell in (row[10], row[14])]

    assert [book[name.strip("'")][at].value for name, at in targets] == ["周砚", "郑铎"]


@pytest.mark.libreoffice
def test_libreoffice_prints_both_values(path, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice is not installed, and CI must have it")
        pytest.skip("LibreOffice (soffice) is not installed here")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)

    assert (tmp_path / "方案.pdf").read_bytes().startswith(b"%PDF")


# ------------------------------------------------------------------------ names nearly alike


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("针织厂家属院（南区）", "针织厂家属院北区", True),  # two quarters
        ("花园小区（一期）", "花园小区(二期)", True),  # two phases
        ("花园小区", "花园小区二期", True),  # the whole and a phase
        ("针织厂家属院", "市针织厂家属院", True),  # with the town before it
        ("针织厂家属院", "聊城市针织厂家属院", True),
        ("针织厂家属院（甲）", "针织厂家属院(甲)", True),  # width of the brackets
        ("纺织厂家属院", "纺职厂家属院", True),  # one character
        ("纺织厂家属院", "纺织厂家属院区", True),  # one character more
        ("幸福里1号院", "幸福里2号院", False),  # another number is another estate
        ("第三小学家属院", "第四小学家属院", False),
        ("安宁佳苑", "锦宁佳苑", False),  # one of two characters of their own
        ("松埠社区安置楼", "桃桥社区安置楼", False),  # a community is no town
        ("东方花园", "西方花园", False),  # another direction
        ("甲小区", "乙小区", False),  # too short to be nearly anything
        ("粮库小区", "针织厂家属院", False),
    ],
)
def test_names_that_may_be_one_are_asked_about(one, other, alike):
    ledgers = [small(estate(one), path="a.xlsx"), small(estate(other, row=7), path="b.xlsx")]
    city = plan_ledgers(ledgers, small_pack())
    found = [said for said in city.complaints if said.code == "C-ESTATE-ALIKE"]

    assert len(city.estates) == 2
    assert len(found) == alike
    for said in found:
        assert "a.xlsx 台账!C3" in said.zh and "b.xlsx 台账!C7" in said.zh
        assert f'"{one}"' in said.message and f'"{other}"' in said.message
        assert "estates: {merge: [{into: " in said.message and 'county: "东县"' in said.zh


def test_the_entry_that_is_shown_makes_them_one():
    """What a complaint tells to write, the mapping file understands."""
    law = small_pack()
    ledgers = [
        small(estate("花园小区（一期）"), path="a.xlsx"),
        small(estate("花园小区(二期)"), path="b.xlsx"),
    ]
    (said,) = [one for one in plan_ledgers(ledgers, law).complaints if one.code == "C-ESTATE-ALIKE"]
    entry = said.message[said.message.index("estates: ") :]
    mapping = parse_mapping(f"mapping: 1\n{entry}\n", "对照.yaml", Headings(law))
    city = plan_ledgers(ledgers, law, regrouping=mapping.regrouping)

    assert [(one.place.name, len(one.units)) for one in city.estates] == [("花园小区", 2)]
    assert told(city, "C-ESTATE-ALIKE") == []


def test_an_officer_who_lists_two_names_means_two_estates():
    both = small(estate("花园小区一期"), estate("花园小区二期"), path="a.xlsx")
    other = small(estate("粮库"), path="b.xlsx")

    assert told(plan_ledgers([both, other], small_pack()), "C-ESTATE-ALIKE") == []


@pytest.mark.parametrize("field", ["county", "street"])
def test_names_of_two_streets_are_not_nearly_alike(field):
    ledgers = [
        small(estate("花园小区一期", **{"county": "东县", "street": "甲街", field: one}), path=f"{one}.xlsx")
        for one in ("东", "西")
    ]

    assert told(plan_ledgers(ledgers, small_pack()), "C-ESTATE-ALIKE") == []


def test_at_most_fifty_pairs_are_said():
    ledgers = [
        small(
            *(estate(f"{chr(0x4E00 + n * 7)}氏纺织厂家属院{quarter}") for n in range(60)),
            path=f"{quarter}.xlsx",
        )
        for quarter in ("南区", "北区")
    ]

    assert len(told(plan_ledgers(ledgers, small_pack()), "C-ESTATE-ALIKE")) == 50


# ------------------------------------------------------------------------------- the law

STATES = (Held.ON_HAND, Held.MISSING, Held.UNOBTAINABLE)
SAID = st.fixed_dictionaries(
    {},
    optional={"land_status": st.sampled_from(["granted_certified", "collective_land", "no_procedure"])},
)
HELD = st.fixed_dictionaries({}, optional={"land_use_certificate": st.sampled_from(STATES)})
NAMED = st.fixed_dictionaries({}, optional={"holder": st.sampled_from(["王某", "李某"])})


def estate(name: str, row: int = 3, **identity: str) -> LedgerRow:
    identity = {"county": "东县", "units_total": "1", **identity}
    return LedgerRow("estate", "台账", row, name, "", "", identity, {}, {}, {"estate": f"C{row}"})


def small(*rows: LedgerRow, path: str) -> Ledger:
    return Ledger(path, rows, (), (), ())


@st.composite
def some_ledgers(draw: st.DrawFn) -> list[Ledger]:
    """Two to four ledgers of two estates, where any cell may disagree with any other."""
    found = []
    for number in range(draw(st.integers(2, 4))):
        rows = {}
        for at in range(draw(st.integers(1, 6))):
            building = draw(st.sampled_from(["", "1", "1幢", "2"]))
            unit = draw(st.sampled_from(["", "101", "102"])) if building else ""
            level = "unit" if unit else "building" if building else "estate"
            name = draw(st.sampled_from(["甲", "乙"]))
            identity = {"county": draw(st.sampled_from(["", "东县"])), **draw(NAMED)}
            rows[name, building, unit] = LedgerRow(
                level, "台账", at + 2, name, building, unit, identity, draw(SAID), draw(HELD), {}
            )
        found.append(Ledger(f"{number}.xlsx", tuple(rows.values()), (), (), ()))
    return found


def shown(ledgers: list[Ledger]) -> dict[tuple[str, str], list[Difference]]:
    """The differences of each value."""
    found: dict[tuple[str, str], list[Difference]] = {}
    for one in gather_all(ledgers, small_pack()).differences:
        number = one.place[2].removesuffix("幢")
        found.setdefault((one.what, f"{one.place[1]}/{number}/{one.place[3]}"), []).append(one)
    return found


@settings(max_examples=300, deadline=None)
@given(some_ledgers(), st.randoms(use_true_random=False))
def test_the_order_of_ledgers_never_changes_which_cells_are_shown(ledgers, chance):
    """Nor the pairs, where two things are said; of three, each stands beside one that counts."""
    other = list(ledgers)
    chance.shuffle(other)
    one, two = shown(ledgers), shown(other)

    assert one.keys() == two.keys()
    for key, found in one.items():
        cited = [{cell for pair in each for cell in (pair.used, pair.other)} for each in (found, two[key])]
        assert cited[0] == cited[1]
        if len({cell.text for cell in cited[0]}) == 2:
            pairs = [{frozenset((pair.used, pair.other)) for pair in each} for each in (found, two[key])]
            assert pairs[0] == pairs[1]
        assert len({pair.used.text for pair in found}) == 1
        assert all(pair.used.text != pair.other.text for pair in found)


@settings(max_examples=200, deadline=None)
@given(some_ledgers())
def test_every_ledger_that_says_otherwise_is_shown(ledgers):
    """Said the slow way: two ledgers whose first word on an estate differs are both cited."""
    found = shown(ledgers)
    for name in ("甲", "乙"):
        said = {}
        for ledger in ledgers:
            for level in ("estate", "building", "unit"):
                for row in ledger.rows:
                    if row.level == level and row.estate == name and "land_status" in row.facts:
                        said.setdefault(ledger.path, row.facts["land_status"])
        if len(set(said.values())) > 1:
            pairs = found["land_status", f"{name}//"]
            assert {cell.ledger for pair in pairs for cell in (pair.used, pair.other)} >= set(said)
