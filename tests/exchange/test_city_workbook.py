"""A whole city in one workbook: what a leader reads equals the lists, what cannot wait comes first."""

from __future__ import annotations

import re
import zipfile
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from tests.exchange.city_builder import AS_OF, blocked_estate, ledger, open_estate, small_city

from taizhang.exchange.excel.sheets.gap_rows import gap_rows
from taizhang.exchange.excel.summary import summary
from taizhang.exchange.excel.workbook import write_workbook
from taizhang.exchange.report import write_report
from taizhang.rules.expressions import parse
from taizhang.rules.terms import (
    CityPlan,
    Duty,
    EstatePlan,
    Label,
    OpenDuty,
    Status,
    Urgency,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")

HEAD = 3  # row of the headings, from 0
LISTED = "合同逾期后果：列入重点监管名单"


def pressed(estate: EstatePlan, *numbers: int) -> EstatePlan:
    """The estate with the units of these numbers (from 0) in need of a school place."""
    units = tuple(
        replace(unit, urgent=("school",)) if number in numbers else unit
        for number, unit in enumerate(estate.units)
    )
    urgent = {unit.place.id for unit in units if unit.urgent}
    gaps = tuple(
        replace(gap, urgent=int(gap.place in urgent) if gap.level == "unit" else len(urgent))
        for gap in estate.joint.gaps
    )
    return replace(estate, units=units, joint=replace(estate.joint, gaps=gaps))


def dutiful(estate: EstatePlan) -> EstatePlan:
    """The estate whose first registration puts two papers off: one by 30 days, one beyond the calendar."""
    late = Label(LISTED, "put on a list")
    return replace(
        estate,
        duties=(
            OpenDuty(
                "land_permit", estate.place.id, "land_bureau", 500, "first_registration", "ordinary", late
            ),
            OpenDuty(
                "survey_report",
                f"{estate.place.id}/1",
                "survey_team",
                30,
                "first_registration",
                "ordinary",
                late,
            ),
        ),
    )


def three_counties() -> CityPlan:
    """Three counties: one with two estates, one where a unit lacks only papers of its own, one blocked."""
    first = dutiful(pressed(open_estate(6, "e1", "甲小区"), 0, 4))
    second = pressed(open_estate(9, "e4", "丁小区"), 1, 2, 3)
    ready = tuple(replace(unit, shared=()) for unit in open_estate(5, "e5").units)
    third = replace(open_estate(5, "e5", "戊小区"), identity={"county": "临清市"}, units=ready)
    fourth = replace(blocked_estate(), identity={})
    city = small_city(first, second, third, fourth)
    urgency = (Urgency("school", Label("适龄子女入学", "school place"), parse("developer_exists")),)
    return replace(city, pack=replace(city.pack, urgency=urgency))


@pytest.fixture(scope="module")
def city() -> CityPlan:
    return three_counties()


@pytest.fixture(scope="module")
def path(city, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("city") / "全市.xlsx"
    write_workbook(target, city)
    return target


@pytest.fixture(scope="module")
def sheets(path) -> dict[str, list[list[object]]]:
    """Every sheet as calamine reads it: rows of cells, from the first row on."""
    return as_read(path)


def as_read(path: Path) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def listed(sheets, name: str) -> list[dict[str, object]]:
    """The data rows of a table by heading; the number of rows stands above the headings."""
    rows = sheets[name]
    count = int(re.search(r"[\d,]+", str(rows[2][1]))[0].replace(",", ""))
    return [dict(zip(rows[HEAD], row, strict=False)) for row in rows[HEAD + 1 : HEAD + 1 + count]]


def counties_of(rows: list[list[object]]) -> dict[str, dict[str, object]]:
    """The table of counties of 总览, by county; the narrow gutter column is left out."""
    head = next(n for n, row in enumerate(rows) if row[0] == "县市区")
    names = [name for name in rows[head] if name]
    found = {}
    for row in rows[head + 1 :]:
        values = [value for column, value in enumerate(row) if rows[head][column]]
        found[row[0]] = dict(zip(names, values, strict=True))
        if row[0] == "合计":
            return found
    raise AssertionError("the table of counties has no total")


# ---------------------------------------------------------------- numbers are lists


def test_the_counties_are_the_sums_of_the_lists(sheets, city):
    units, gaps = listed(sheets, "户清单"), listed(sheets, "缺项清单")
    estates, counties = listed(sheets, "小区方案"), counties_of(sheets["总览"])

    assert list(counties) == ["东昌府区", "临清市", "（未填）", "合计"]
    for name, row in counties.items():
        of = [None if name == "合计" else "" if name == "（未填）" else name]
        mine = [unit for unit in units if of == [None] or unit["县市区"] == of[0]]
        status = Counter(unit["状态"] for unit in mine)
        assert row["户数"] == len(mine)
        for word in ("已具备", "缺件可补", "待查明", "受阻"):
            assert row[word] == status[word], (name, word)
        assert row["现可办证"] == sum(unit["现可办证"] == "是" for unit in mine)
        assert row["急办户数"] == sum(unit["急办情形"] != "" for unit in mine)
        assert row["小区数"] == sum(of == [None] or one["县市区"] == of[0] for one in estates)
        assert row["缺项（处）"] == sum(gap["处数"] for gap in gaps if of == [None] or gap["县市区"] == of[0])
        fees = sum(unit["费用合计（元，已知部分）"] or 0 for unit in mine)
        assert round(row["应缴费用（元，已知部分）"] * 100) == round(fees * 100)


def test_the_total_of_the_counties_is_the_summary(sheets, city):
    total, said = counties_of(sheets["总览"])["合计"], summary(city)

    assert (total["小区数"], total["户数"], total["缺项（处）"]) == (
        said["estates"],
        said["units"],
        said["gaps"],
    )
    words = ("已具备", "缺件可补", "待查明", "受阻")
    assert [total[word] for word in words] == list(said["units_by_status"].values())
    assert round(total["应缴费用（元，已知部分）"] * 100) == said["fees_fen"]


def test_the_panels_are_the_sums_of_the_lists(sheets, city):
    """What each bureau owes, how many estates are in a class, where most units wait."""
    gaps, said = listed(sheets, "缺项清单"), summary(city)
    owed: Counter[object] = Counter()
    for gap in gaps:
        owed[gap["责任部门"]] += gap["处数"]
    labels = {one: label.zh for one, label in city.pack.suppliers.items()}
    shown = {
        row[column]: row[column + 3]
        for row in sheets["总览"]
        for column in (0, 7)
        if row[column] in labels.values() and isinstance(row[column + 3], float)
    }

    assert shown == owed
    assert shown == {labels[one]: count for one, count in said["gaps_by_supplier"].items()}


def test_a_leader_reads_first_who_can_have_a_certificate_now(sheets, city):
    rows = sheets["总览"]
    lead = {row[0]: row[2] for row in rows[4:7]}
    ready = sum(unit["现可办证"] == "是" for unit in listed(sheets, "户清单"))

    assert ready == 1 + 5  # one unit is proved, five lack only papers of their own
    assert lead["现可办证"].startswith(
        f"23户中，{ready}户（26.1%）现在即可办证：1户已具备，5户只差本户材料。"
    )
    assert "有急办情形的共5户" in lead["现可办证"]
    assert lead["各部门欠件"].startswith("住户20处、税务局20处、")
    assert lead["突破口"] == "“国有土地使用证”牵动4户；“市专班会议纪要”牵动1户（1户仅差此件）。"


def test_a_blocked_unit_that_waits_for_nothing_is_not_ready(sheets):
    blocked = [unit for unit in listed(sheets, "户清单") if unit["状态"] == "受阻"]

    assert len(blocked) == 1 and blocked[0]["共用缺件数"] == 0
    assert blocked[0]["现可办证"] == ""


def test_several_counties_have_a_chart_of_their_own_and_one_estate_has_none_to_compare(path, tmp_path):
    write_workbook(tmp_path / "one.xlsx", small_city(open_estate()))
    counts = []
    for file in (path, tmp_path / "one.xlsx"):
        with zipfile.ZipFile(file) as archive:
            parts = [archive.read(name).decode() for name in archive.namelist() if "charts/chart" in name]
        counts.append((len(parts), sum('<c:grouping val="stacked"/>' in part for part in parts)))

    assert counts == [(7, 1), (4, 0)]


# ---------------------------------------------------------------- what cannot wait


def test_what_cannot_wait_is_said_of_the_unit_the_paper_and_the_estate(sheets):
    units = listed(sheets, "户清单")
    first = [unit["急办情形"] for unit in units if unit["小区"] == "甲小区"]
    gaps = {row["缺项（材料）"]: row for row in listed(sheets, "缺项清单") if row["小区"] == "丁小区"}
    estates = {row["小区"]: row["急办户数"] for row in listed(sheets, "小区方案")}

    assert first == ["适龄子女入学", "", "", "", "适龄子女入学", ""]
    assert (gaps["国有土地使用证"]["急办户数"], gaps["购房合同"]["急办户数"]) == (3, 3)
    assert estates == {"甲小区": 2, "丁小区": 3, "戊小区": 0, "=乙小区（北区）": 0}


def test_the_tasks_of_an_office_begin_where_most_cannot_wait(sheets):
    by_office = defaultdict(list)
    for task in listed(sheets, "部门任务"):
        if task["类别"] != "小计":
            by_office[task["责任部门"]].append((-task["急办户数"], -task["涉及户数"], str(task["应办结"])))

    for office, tasks in by_office.items():
        assert tasks == sorted(tasks), office
    land = [row for row in listed(sheets, "部门任务") if row["责任部门"] == "自然资源和规划局"]
    assert [row["小区"] for row in land if row["类别"] == "缺件"] == ["丁小区", "甲小区", "戊小区"]


def test_a_step_counts_the_urgent_units_that_wait_for_it(sheets):
    steps = {
        (row["小区"], row["事项"]): (row["涉及户数"], row["急办户数"])
        for row in listed(sheets, "部门任务")
        if row["类别"] == "办理环节"
    }

    assert steps["丁小区", "首次登记（按常规程序）"] == (9, 3)
    assert steps["甲小区", "办证（转移登记）（转移登记）"] == (6, 2)


# ---------------------------------------------------------------- what is owed afterwards


def test_duties_have_owner_day_and_consequence_and_are_no_gaps(sheets, city):
    survey, land = listed(sheets, "后续责任")

    assert (survey["后续应补（材料、事项）"], survey["责任部门"]) == ("房产测绘成果报告", "测绘单位")
    assert (survey["地点"], survey["应办结"].isoformat(), survey["工作日"]) == ("1幢", "2024-03-10", 30)
    assert survey["逾期后果"] == LISTED
    assert survey["缓办依据的路径"] == "首次登记·按常规程序"
    assert survey["依据"] == "不动产登记暂行条例"
    assert land["应办结"] == "第500个工作日"  # the plan has no date for it
    assert summary(city)["gaps"] == sum(gap["处数"] for gap in listed(sheets, "缺项清单"))
    assert sheets["后续责任"][2][1] == "共2行"


def test_the_overview_leads_to_the_duties_with_their_number(path):
    sheet = load_workbook(path)["总览"]
    found = [cell for cell in sheet[3] if cell.value == "后续责任（2）"]

    assert found[0].hyperlink.location == "'后续责任'!A1"


def test_without_duties_there_is_no_such_sheet(tmp_path):
    write_workbook(tmp_path / "out.xlsx", small_city())

    assert "后续责任" not in as_read(tmp_path / "out.xlsx")


def test_what_every_unit_owes_alike_is_one_row(tmp_path):
    estate = open_estate()
    late = Label(LISTED, "put on a list")
    duties = tuple(
        OpenDuty("tax_receipt", unit.place.id, "household", 60, "certificate", "transfer", late)
        for unit in estate.units
    )
    write_workbook(tmp_path / "out.xlsx", small_city(replace(estate, duties=duties)))
    (row,) = listed(as_read(tmp_path / "out.xlsx"), "后续责任")

    assert (row["地点"], row["处数"]) == ("4户", 4)


def test_a_duty_rests_on_its_own_source_where_it_has_one(tmp_path):
    city = small_city(dutiful(open_estate()))
    node = city.pack.nodes["first_registration"]
    own = (Duty("survey_report", 30, "survey_team", Label(LISTED, ""), ("s02",)),)
    ways = (replace(node.ways[0], duties=own), *node.ways[1:])
    nodes = {**city.pack.nodes, node.id: replace(node, ways=ways)}
    write_workbook(tmp_path / "out.xlsx", replace(city, pack=replace(city.pack, nodes=nodes)))
    survey, _ = listed(as_read(tmp_path / "out.xlsx"), "后续责任")

    assert survey["依据"].endswith("（自然资发〔2021〕1号）（待核实）")


@pytest.mark.parametrize(("language", "said"), [("zh", LISTED), ("en", "put on a list")])
def test_the_report_says_what_is_owed_afterwards(tmp_path, language, said):
    write_report(tmp_path / "a.html", small_city(dutiful(open_estate())), language=language)
    write_report(tmp_path / "b.html", small_city(open_estate()), language=language)
    title = "后续责任" if language == "zh" else "Owed after the certificate"
    with_duties = (tmp_path / "a.html").read_text(encoding="utf-8")

    assert said in with_duties and title in with_duties
    assert ("第500个工作日" if language == "zh" else "working day 500") in with_duties
    assert title not in (tmp_path / "b.html").read_text(encoding="utf-8")


# ---------------------------------------------------------------- a plan without explanations


def test_gaps_of_a_city_may_come_without_grade_price_path_and_other_ways(tmp_path):
    estate = open_estate()
    bare = [
        replace(gap, grade="", price_of_refusal=None, path=(), alternatives=()) for gap in estate.joint.gaps
    ]
    estate = replace(estate, joint=replace(estate.joint, gaps=tuple(bare)), alternatives=())
    write_workbook(tmp_path / "out.xlsx", small_city(estate))
    land = listed(as_read(tmp_path / "out.xlsx"), "缺项清单")[0]

    assert (land["缺项（材料）"], land["责任部门"]) == ("国有土地使用证", "自然资源和规划局")
    assert (land["必要程度"], land["缘由（由终到始）"], land["其他路径及代价"]) == ("", "", "")


def test_the_row_of_many_units_shows_the_strictest_grade():
    estate = open_estate()
    gaps = tuple(
        replace(gap, grade="convenient" if n else "chosen") if gap.item == "purchase_contract" else gap
        for n, gap in enumerate(estate.joint.gaps)
    )
    rows = {
        row.item: row for row in gap_rows(small_city(replace(estate, joint=replace(estate.joint, gaps=gaps))))
    }

    assert rows["purchase_contract"].grade == "convenient"
    assert rows["tax_receipt"].grade == "necessary"


# ---------------------------------------------------------------- the file itself


def test_no_archive_of_an_ordinary_size_has_the_headers_of_a_huge_one(path):
    """Excel offers to repair archives whose parts are small and yet marked as of 64 bits."""
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            assert part.extra == b"" and part.create_version <= 20, part.filename
            assert part.date_time == (1980, 1, 1, 0, 0, 0)
            assert archive.testzip() is None


def test_every_text_stands_once_and_every_cell_finds_its_own(tmp_path):
    """Texts a reader could take for markup, for escapes or for blanks come back as they were."""
    odd = [
        "<r><t>x</t></r>", "a&b<c>", " 前后有空格 ", "两\n行", "_x000D_", "a\rb", "=1+1", "'引", "0012",
        "1e5", "", "\u3000全角", "😀", "true",
    ]  # fmt: skip
    sheet = replace(ledger().sheets[0], rows=(tuple(odd), tuple(reversed(odd))), merges=(), header_rows=())
    sent = replace(ledger(), sheets=(sheet,), complaints=())
    target = tmp_path / "out.xlsx"
    write_workbook(target, replace(small_city(), ledgers=(sent,), complaints=()))
    found = [cell.value or "" for cell in load_workbook(target)["原表"][1]]
    found += [""] * (len(odd) - len(found))

    # openpyxl leaves this one of Excel's escapes as it is
    assert found == [text.replace("\r", "_x000D_") for text in odd]
    assert as_read(target)["原表"][0] == odd
    with zipfile.ZipFile(target) as archive:
        shared = archive.read("xl/sharedStrings.xml").decode()
    assert shared.count("a&amp;b&lt;c&gt;") == 1


def test_equal_numbers_of_different_kinds_keep_their_kind(tmp_path):
    """``True == 1 == 1.0``: what is remembered of one is never written for another."""
    rows = ((1, 371502198001010011), (True, 371502198001010011.0), (1.0, 5), (False, 5.5), (0, True))
    sheet = replace(ledger().sheets[0], rows=rows, merges=(), header_rows=())
    sent = replace(ledger(), sheets=(sheet,), complaints=())
    write_workbook(tmp_path / "out.xlsx", replace(small_city(), ledgers=(sent,), complaints=()))
    cells = load_workbook(tmp_path / "out.xlsx")["原表"]

    assert [type(cells.cell(row, 1).value) for row in range(1, 6)] == [int, bool, float, bool, int] or [
        cells.cell(row, 1).data_type for row in range(1, 6)
    ] == ["n", "b", "n", "b", "n"]
    assert (cells["B1"].value, cells["B1"].data_type) == ("371502198001010011", "s")
    assert cells["B2"].data_type == "n"
    assert cells["B5"].value is True


def test_many_different_texts_in_one_column_do_not_confuse_it(tmp_path, monkeypatch):
    from taizhang.exchange.excel.sheets import cell_text

    monkeypatch.setattr(cell_text, "_REMEMBERED", 3)
    rows = tuple((f"第{n % 7}号", n % 5, f"户{n}") for n in range(40))
    sheet = replace(ledger().sheets[0], rows=rows, merges=(), header_rows=())
    sent = replace(ledger(), sheets=(sheet,), complaints=())
    write_workbook(tmp_path / "out.xlsx", replace(small_city(), ledgers=(sent,), complaints=()))

    assert [tuple(row) for row in as_read(tmp_path / "out.xlsx")["原表"]] == list(rows)


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    from taizhang.errors import InputError
    from taizhang.exchange.excel.sheets import archive

    def full(self: object, text: str) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive._Part, "write", full)
    with pytest.raises(InputError) as caught:
        write_workbook(tmp_path / "out.xlsx", small_city())

    assert caught.value.code == "E-OUT-DISK"
    assert list(tmp_path.iterdir()) == []


def test_the_same_city_gives_the_same_bytes(path, tmp_path):
    write_workbook(tmp_path / "again.xlsx", three_counties())

    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_every_status_is_named_in_the_chart_of_the_counties(path):
    with zipfile.ZipFile(path) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist() if "charts/chart" in name]
    (stacked,) = [part for part in parts if '<c:grouping val="stacked"/>' in part]

    assert stacked.count("<c:ser>") == len(Status)
    assert "临清市" in stacked and AS_OF.isoformat() not in stacked
