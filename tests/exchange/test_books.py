"""What is sent out: every receiver gets its own, all of it, and nobody else's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from tests.exchange.city_builder import INJECTION, blocked_estate, open_estate, small_city
from tests.exchange.ledger_builder import Sheet, write

from taizhang.cli import taizhang
from taizhang.errors import InputError
from taizhang.exchange.excel.books import department, write_books
from taizhang.exchange.excel.books.narrowing import City, areas
from taizhang.exchange.excel.books.tasks import tasks_by_supplier
from taizhang.exchange.excel.reading import read_ledger
from taizhang.exchange.excel.summary import summary
from taizhang.rules.terms import CityPlan, EstatePlan, Ledger

ESTATES = Sheet(
    "小区台账",
    [
        ["全市房屋产权台账", None, None, None, None, None],
        ["填报人：赵市办", "电话：0635-1", None, None, None, None],
        ["序号", "县市区", "街道", "小区名称", "总户数", "土地状况", "备注"],
        [1, "甲县", "东街", "和平小区", 4, "出让已办证", "甲县备注"],
        [2, None, "西街", "甲西小区", 2, "甲看不懂", "甲县第二条"],
        [3, "乙县", "南街", "和平小区", 3, "乙看不懂", "乙县备注"],
        [4, None, "北街", "乙北小区", 3, "出让已办证", "乙县第二条"],
        [5, None, None, "无名县小区", 2, "出让已办证", "没有县"],
        ["合计", None, None, None, 14, None, "全市合计"],
    ],
    merges=["A1:F1", "B4:B5", "B6:B7"],
)
UNITS = Sheet(
    "户台账",
    [
        ["县市区", "小区名称", "幢号", "房号", "权利人"],
        ["甲县", "和平小区", "1", "101", "甲东人"],
        ["甲县", "甲西小区", "1", "101", "甲西人"],
        ["乙县", "和平小区", "1", "101", "乙南人"],
        ["乙县", "乙北小区", "1", "101", "乙北人"],
        [None, "无名县小区", "1", "101", "无县人"],
        [None, "和平小区", "1", "102", "说不清的人"],  # of which county?
        ["甲县", "甲西小区", "1", "101", "甲西重复人"],
    ],
)
PERSONS = {
    ("甲县", "东街"): {"甲东人"},
    ("甲县", "西街"): {"甲西人", "甲西重复人"},
    ("乙县", "南街"): {"乙南人"},
    ("乙县", "北街"): {"乙北人"},
    ("", ""): {"无县人"},
}
EVERYBODY = set().union(*PERSONS.values(), {"说不清的人", "赵市办"})


def placed(estate: EstatePlan, key: str, name: str, county: str, street: str) -> EstatePlan:
    """The estate at another place; an empty name of county or street is one nobody filled in."""
    known = {"county": county, "street": street, "responsible_official": f"{name}责任人"}
    return replace(
        estate,
        place=replace(estate.place, id=key, name=name),
        identity={field: text for field, text in known.items() if text},
    )


@pytest.fixture
def ledger(tmp_path, pack) -> Ledger:
    return read_ledger(write(tmp_path / "台账.xlsx", ESTATES, UNITS), pack)


@pytest.fixture
def city(ledger) -> CityPlan:
    """Two counties of two streets each, and an estate of no county; two wait for the city's minutes."""
    city = small_city(
        placed(open_estate(4, "a1"), "a1", "和平小区", "甲县", "东街"),
        placed(blocked_estate(), "a2", "甲西小区", "甲县", "西街"),
        placed(open_estate(3, "b1"), "b1", "和平小区", "乙县", "南街"),
        placed(blocked_estate(), "b2", "乙北小区", "乙县", "北街"),
        placed(open_estate(2, "c1"), "c1", "无名县小区", "", ""),
    )
    return replace(city, ledgers=(ledger,), complaints=ledger.complaints)


def cells(path: Path) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def text(path: Path) -> str:
    return "\n".join(str(cell) for rows in cells(path).values() for row in rows for cell in row)


def contents(folder: Path) -> list[dict[str, object]]:
    """The rows of 目录.xlsx as dictionaries, the sum last."""
    rows = cells(folder / "目录.xlsx")["目录"]
    return [dict(zip(map(str, rows[3]), row, strict=True)) for row in rows[4:]]


def book_of(folder: Path, *names: str) -> Path:
    (found,) = [path for path in sorted(folder.glob("0*.xlsx")) if all(name in path.name for name in names)]
    return found


# ------------------------------------------------------------------ each gets its own


def test_there_is_a_book_for_every_county_and_one_for_estates_without(tmp_path, city):
    made = write_books("county", tmp_path / "out", city)

    assert [path.name for path in made] == [
        "目录.xlsx",
        "01_甲县_县级方案.xlsx",
        "02_乙县_县级方案.xlsx",
        "03_未注明_县级方案.xlsx",
    ]


@pytest.mark.parametrize("kind", ["county", "street"])
def test_a_book_names_its_own_persons_and_no_others(tmp_path, city, kind):
    write_books(kind, tmp_path / "out", city)
    for names, persons in PERSONS.items():
        part = names if kind == "street" else names[:1]
        shown = [name or "未注明" for name in part]
        own = {one for key, found in PERSONS.items() if key[: len(part)] == part for one in found}
        said = text(book_of(tmp_path / "out", "_".join(shown)))

        assert persons <= {one for one in EVERYBODY if one in said} == own


def test_nothing_of_other_estates_is_in_the_parts_of_the_file_either(tmp_path, city):
    """Comments, properties and names are looked through as well as cells."""
    import zipfile

    write_books("county", tmp_path / "out", city)
    with zipfile.ZipFile(book_of(tmp_path / "out", "甲县")) as archive:
        everything = "".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())

    for word in ("乙县", "乙南", "乙北", "无县人", "说不清的人", "没有县", "全市合计"):
        assert word not in everything, word
    assert "甲东人" in everything


def test_headings_stay_and_rows_are_only_those_of_the_county(tmp_path, city):
    write_books("county", tmp_path / "out", city)
    rows = cells(book_of(tmp_path / "out", "乙县"))["原表-小区台账"]

    assert [row[3] for row in rows] == ["", "小区名称", "和平小区", "乙北小区"]
    assert rows[0][0] == "全市房屋产权台账"
    assert [row[6] for row in rows[2:]] == ["乙县备注", "乙县第二条"]


def test_a_cell_merged_over_two_streets_keeps_its_value_in_both(tmp_path, city):
    write_books("street", tmp_path / "out", city)
    rows = cells(book_of(tmp_path / "out", "西街"))["原表-小区台账"]

    assert rows[-1][1:4] == ["甲县", "西街", "甲西小区"]


def test_a_complaint_points_at_the_cell_where_it_stands_now(tmp_path, city):
    write_books("county", tmp_path / "out", city)
    sheets = cells(book_of(tmp_path / "out", "甲县"))
    heads, *rows = sheets["导入问题"][3:]
    found = [dict(zip(map(str, heads), row, strict=True)) for row in rows]

    assert {"C-VALUE", "C-UNIT-TWICE"} <= {row["代码"] for row in found}
    for row in found:
        if cell := str(row["单元格"]):
            there = sheets[str(row["原表"])][int(cell.strip("ABCDEFG")) - 1]["ABCDEFG".index(cell[0])]
            assert str(there) == row["读到的内容"]
    assert not any("乙看不懂" in str(row["读到的内容"]) for row in found)  # that is of 乙县


def test_every_complaint_goes_to_one_book_and_what_cannot_be_told_is_counted(city):
    whole = City(city)
    found = [whole.narrowed(area).complaints for area in areas(city, "county")]
    rows, complaints = whole.not_sent()

    assert sum(map(len, found)) + complaints == len(city.complaints)
    assert rows == 2  # the sum of all counties, and a household of 和平小区 without a county
    assert len(city.complaints) > 0


def test_leverage_is_counted_anew(city):
    whole = City(city)
    first = whole.narrowed(areas(city, "county")[0])

    assert {row.item: (row.in_plan, row.estates) for row in first.leverage} == {
        "land_permit": (4, ("a1",)),
        "survey_report": (4, ("a1",)),
        "city_minutes": (1, ("a2",)),
    }


def test_one_ledger_for_each_county_comes_back_whole(tmp_path, city, pack):
    """Notes and sums of a ledger that is all one county's are that county's."""
    own = Sheet(
        "小区台账", [ESTATES.rows[2], *ESTATES.rows[3:5], ["合计", None, None, None, 6, None, "甲县合计"]]
    )
    other = Sheet("小区台账", [ESTATES.rows[2], [1, "乙县", "南街", "和平小区", 3, None, "乙县备注"]])
    ledgers = tuple(
        read_ledger(write(tmp_path / f"{n}.xlsx", sheet), pack) for n, sheet in enumerate((own, other))
    )
    write_books("county", tmp_path / "out", replace(city, ledgers=ledgers, complaints=()))
    rows = cells(book_of(tmp_path / "out", "甲县"))["原表"]

    assert rows[-1][6] == "甲县合计"
    assert "乙县备注" not in text(book_of(tmp_path / "out", "甲县"))


# ------------------------------------------------------------------ numbers


@pytest.mark.parametrize("kind", ["county", "street"])
def test_the_books_add_up_to_the_summary(tmp_path, city, kind):
    write_books(kind, tmp_path / "out", city)
    *rows, total = contents(tmp_path / "out")
    whole = summary(city)

    assert sum(int(row["计入合计（处）"]) for row in rows) == int(total["计入合计（处）"]) == whole["gaps"]
    assert sum(int(row["户数"]) for row in rows) == int(total["户数"]) == whole["units"]
    assert sum(int(row["小区数"]) for row in rows) == whole["estates"]
    for row in rows:
        assert row["缺项（处）"] == row["其中已计入前面各簿"] + row["计入合计（处）"]
    assert sum(int(row["其中已计入前面各簿"]) for row in rows) == 1  # the minutes of the city, in two books


def test_a_book_says_what_the_contents_say_of_it(tmp_path, city):
    write_books("county", tmp_path / "out", city)
    for row, area in zip(contents(tmp_path / "out"), areas(city, "county"), strict=False):
        narrowed = summary(City(city).narrowed(area))

        assert (row["缺项（处）"], row["户数"]) == (narrowed["gaps"], narrowed["units"])
        assert len(cells(tmp_path / "out" / str(row["文件"]))["户清单"]) == 4 + narrowed["units"]


def test_offices_together_owe_every_gap_of_the_summary(tmp_path, city):
    write_books("department", tmp_path / "out", city)
    *rows, total = contents(tmp_path / "out")
    whole = summary(city)
    labels = {key: one.zh for key, one in city.pack.suppliers.items()}

    assert total["缺项（处）"] == whole["gaps"]
    by_name = {str(row["部门"]): int(row["缺项（处）"]) for row in rows if row["缺项（处）"]}
    assert by_name == {labels[key]: count for key, count in whole["gaps_by_supplier"].items()}


def test_the_unit_papers_of_an_office_are_listed_unit_by_unit(tmp_path, city):
    write_books("department", tmp_path / "out", city)
    found = cells(book_of(tmp_path / "out", "税务局"))
    papers, units = found["单户材料"], found["单户名单"]

    assert [row[2:5] for row in papers[4:-1]] == [
        ["和平小区", "契税完税凭证", 4],
        ["和平小区", "契税完税凭证", 3],
        ["无名县小区", "契税完税凭证", 2],
    ]
    assert papers[-1][4] == 9
    assert Counter(row[2] for row in units[4:]) == {"和平小区": 7, "无名县小区": 2}
    assert sum(int(row[5]) for row in units[4:]) == 9


def test_equal_steps_of_many_units_are_one_task(city):
    steps = [task for task in tasks_by_supplier(city)["registry"] if task.steps]

    assert [(task.estate.place.id, task.steps[0].node, len(task.steps)) for task in steps] == [
        ("a1", "first_registration", 1),
        ("a1", "certificate", 4),
        ("b1", "first_registration", 1),
        ("b1", "certificate", 3),
        ("c1", "first_registration", 1),
        ("c1", "certificate", 2),
    ]
    assert steps[1].units(city.pack) == (4, 0)


def test_households_that_cannot_wait_are_counted(city):
    first = city.estates[0]
    units = (replace(first.units[0], urgent=("school",)), *first.units[1:])
    gaps = tuple(
        replace(gap, urgent=1) if gap.units > 1 or gap.place == units[0].place.id else gap
        for gap in first.joint.gaps
    )
    estate = replace(first, units=units, joint=replace(first.joint, gaps=gaps))
    found = tasks_by_supplier(replace(city, estates=(estate,)))

    assert [task.units(city.pack) for task in found["household"]] == [(4, 1)]
    assert [task.units(city.pack) for task in found["land_bureau"]] == [(4, 1)]
    assert [task.units(city.pack) for task in found["registry"]] == [(4, 1), (4, 1)]


# ------------------------------------------------------------------ ready to send


def test_a_task_says_what_for_whom_by_when_and_why(tmp_path, city):
    write_books("department", tmp_path / "out", city)
    rows = cells(book_of(tmp_path / "out", "自然资源和规划局"))["任务单"]
    task = dict(zip((str(head).replace("\n", "") for head in rows[3]), rows[4], strict=True))

    assert task["县市区"] == "甲县" and task["小区"] == "和平小区"
    assert task["事项"] == "★国有土地使用证"
    assert (task["涉及户数"], task["法定时限（工作日）"], task["计划（工作日）"]) == (4, 30, 20)
    assert str(task["应办结"]) == "2024-02-25"
    assert task["缘由（由终到始）"] == "办证（转移登记） ← 首次登记 ← 土地来源材料"
    assert task["小区责任人"] == "和平小区责任人"
    assert [task[name] for name in ("办理结果", "办结日期", "备注")] == ["", "", ""]


def test_a_paper_that_several_estates_wait_for_is_one_task(tmp_path, city):
    write_books("department", tmp_path / "out", city)
    rows = cells(book_of(tmp_path / "out", "市专班"))["任务单"]

    assert len(rows) == 5
    assert rows[4][1:3] == ["（多个）", "甲西小区、乙北小区等2个小区共用"]


def test_answers_are_chosen_from_a_list_and_pages_are_ready_to_print(tmp_path, city):
    write_books("department", tmp_path / "out", city)
    sheet = load_workbook(book_of(tmp_path / "out", "税务局"))["任务单"]
    rules = {str(one.sqref): one for one in sheet.data_validations.dataValidation}

    assert rules["O5:O7"].formula1 == '"已办结,办理中,无法办理"'
    assert rules["P5:P7"].type == "date"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.page_setup.fitToHeight == 0 and sheet.sheet_properties.pageSetUpPr.fitToPage
    assert "&P" in sheet.oddFooter.right.text


def test_a_long_list_of_units_is_continued_on_the_next_sheet(tmp_path, city, monkeypatch):
    monkeypatch.setattr(department, "UNITS_PER_SHEET", 4)
    write_books("department", tmp_path / "out", city)
    found = cells(book_of(tmp_path / "out", "住户"))

    assert [name for name in found if name.startswith("单户名单")] == [
        "单户名单",
        "单户名单(2)",
        "单户名单(3)",
    ]
    assert [len(found[name]) - 4 for name in found if name.startswith("单户名单")] == [4, 4, 1]
    assert found["单户名单(3)"][4][0] == 9


@pytest.mark.parametrize("hostile", [INJECTION, "CON", "a/b:c*?", "../x", "\x00\ud800", " . ", "长" * 300])
def test_a_hostile_name_spoils_neither_file_nor_path(tmp_path, city, hostile):
    estate = replace(city.estates[0], identity={"county": hostile, "street": hostile, "sponsor": hostile})
    for kind in ("county", "department"):
        made = write_books(kind, tmp_path / kind, replace(city, estates=(estate,)))

        assert all(path.parent == tmp_path / kind and len(path.name.encode()) < 255 for path in made)
        for path in made:
            assert cells(path)
    sheet = load_workbook(book_of(tmp_path / "department", "税务局"))["任务单"]
    assert sheet["B5"].data_type == "s"


def test_names_that_look_alike_are_two_books(tmp_path, city):
    estates = [
        replace(one, identity={"county": name})
        for one, name in zip(city.estates, ("a/b", "a_b", "A_B"), strict=False)
    ]
    made = write_books("county", tmp_path / "out", replace(city, estates=tuple(estates)))

    assert len({path.name.casefold() for path in made}) == 4
    assert [path.name for path in made[1:]] == sorted(path.name for path in made[1:])


@pytest.mark.parametrize("kind", ["county", "department"])
def test_equal_plans_give_equal_bytes(tmp_path, city, kind):
    one, two = (write_books(kind, tmp_path / name, city) for name in ("1", "2"))

    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


@pytest.mark.parametrize("kind", ["county", "street", "department"])
def test_progress_is_true(tmp_path, city, kind):
    told: list[tuple[int, int]] = []
    made = write_books(kind, tmp_path / "out", city, progress=lambda *now: told.append(now))

    assert told == [(n, len(made) - 1) for n in range(1, len(made))]


def test_english_is_english(tmp_path, city):
    made = write_books("department", tmp_path / "out", city, language="en")

    assert made[0].name == "Contents.xlsx"
    assert list(cells(made[1])) == ["Tasks", "About"]


def test_a_city_without_estates_has_an_empty_list_of_contents(tmp_path, city):
    empty = replace(city, estates=(), ledgers=(), complaints=(), leverage=())

    for kind in ("county", "street", "department"):
        assert len(write_books(kind, tmp_path / kind, empty)) == 1


def test_two_kinds_in_one_folder_are_refused_before_the_work(tmp_path):
    command = ["plan", "nowhere.xlsx", "--per", "county", str(tmp_path), "--per", "street", str(tmp_path)]
    result = CliRunner().invoke(taizhang, command)

    assert isinstance(result.exception, InputError)
    assert result.exception.code == "E-ARG-PER"


@pytest.mark.libreoffice
def test_libreoffice_opens_and_prints_a_book(tmp_path, city):
    office = shutil.which("soffice")
    if office is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice is not installed, and CI must have it")
        pytest.skip("LibreOffice (soffice) is not installed here")
    write_books("department", tmp_path / "out", city)
    path = book_of(tmp_path / "out", "税务局")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)

    assert path.with_suffix(".pdf").name in {one.name for one in tmp_path.iterdir()}
