"""Where a table stands on a sheet, told by its structure and without knowing one heading of a pack."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange import imtqa

from taizhang.exchange.excel.cells import Cell, Merge
from taizhang.exchange.excel.examining import digest_of
from taizhang.exchange.excel.layouts.look import Layout, look_at
from taizhang.exchange.excel.opening import open_sheets

HEADINGS: list[Cell] = ["序号", "小区名称", "竣工日期", "总户数", "备注"]


def record(number: int) -> list[Cell]:
    return [number, f"东苑{number}区", date(2003, number % 12 + 1, 1), 120 + number, None]


def row(*cells: Cell) -> list[Cell]:
    """A row of the ledger, filled up with blank cells."""
    return [*cells, *[None] * (len(HEADINGS) - len(cells))]


def rows_of(layout: Layout) -> list[int]:
    """Every row that has a name, as often as it has one."""
    named = (layout.header_rows, layout.records, layout.titles, layout.hints, layout.notes, layout.totals)
    return [number for rows in (*named, layout.sections) for number in rows]


# ------------------------------------------------------------------------- what is a table


@pytest.mark.parametrize(
    ("grid", "first", "records"),
    [
        ([HEADINGS, record(1), record(2)], 0, (1, 2)),
        ([HEADINGS, record(1)], 0, (1,)),  # one record is a table
        ([HEADINGS], 0, ()),  # and so is a heading that waits to be filled in
        ([row("某市历史遗留问题台账"), HEADINGS, record(1)], 1, (2,)),
        ([row("台账"), row(None, None, None, None, "单位：万元"), HEADINGS, record(1)], 2, (3,)),
        (
            [row("台账"), row("填报单位：", "住建局", None, "日期：", date(2024, 1, 1)), HEADINGS, record(1)],
            2,
            (3,),
        ),
        ([row("填报单位：住建局", None, None, "单位：万元"), HEADINGS, record(1), record(2)], 1, (2, 3)),
        ([["姓名"], ["张三"], ["李四"]], 0, (1, 2)),  # a list of one column
        ([["小区名称", "地址", "用地"], ["东苑", "和平路1号", "已出让"]], 0, (1,)),  # all of it text
        ([["编号", "户数", "套数", "面积"], [1, 2, 3, 4], [2, 3, 4, 5], [3, 4, 5, 6]], 0, (1, 2, 3)),
        ([["地区", "2021年", "2022年"], ["东区", 1, 2], ["西区", 2, 3]], 0, (1, 2)),
        ([["指标", 2021.0, 2022.0], ["户数", 1, 2], ["面积", 2, 3]], 0, (1, 2)),
        ([["姓名", *range(1, 32)], ["张三", *"√" * 31], ["李四", *"√" * 31]], 0, (1, 2)),  # days of a month
        (
            [["小区", "楼号", "业主", "困难"], ["东苑", "1", "张三", "缺证"], ["西苑", "2", "李四", "欠税"]],
            0,
            (1, 2),
        ),
        ([["Name", "Date", "Sum"], ["A", date(2020, 1, 1), 5], ["B", date(2020, 1, 2), 6]], 0, (1, 2)),
        ([HEADINGS, record(1), row(), record(2)], 0, (1, 3)),  # a blank row inside
        (
            [HEADINGS, record(1), row("东昌府区古楼街道办事处北关片区家属院三期")],
            0,
            (1, 2),
        ),  # only a name yet
        (
            [HEADINGS, row(1, "东苑", None, None, "补充登记日期"), row(2, "西苑", None, None, "核对户数")],
            0,
            (1, 2),
        ),
    ],
)
def test_a_heading_in_one_row_and_the_records_below_it(grid, first, records):
    layout = look_at(grid, [])

    assert (layout.kind, layout.header_rows, layout.records) == ("table", (first,), records)
    assert layout.titles == tuple(range(first))


def test_a_table_may_begin_anywhere():
    grid = [[None] * 7] * 4 + [[None, None, *cells] for cells in (HEADINGS, record(1), record(2))]
    layout = look_at(grid, [])

    assert (layout.header_rows, layout.records) == ((4,), (5, 6))
    assert layout.headings[:4] == ((), (), ("序号",), ("小区名称",))


def test_a_blank_column_inside_is_part_of_the_table():
    grid = [
        ["小区名称", "户数", None, "街道", "人口"],
        ["东苑", 5, None, "东街", 12],
        ["西苑", 6, None, "西街", 9],
    ]
    layout = look_at(grid, [])

    assert (layout.kind, layout.others, layout.records) == ("table", (), (1, 2))
    assert layout.headings == (("小区名称",), ("户数",), (), ("街道",), ("人口",))


TWO_LEVELS: list[list[Cell]] = [
    ["序号", "小区名称", "土地", None, "费用", None],
    [None, None, "用途", "年限", "维修资金", "税费"],
    [1, "东苑", "住宅", 70, 1, 2],
    [2, "西苑", "住宅", 70, 1, 2],
]


@pytest.mark.parametrize(
    "merges",
    [
        [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3), (0, 4, 0, 5)],
        [(0, 2, 0, 3), (0, 4, 0, 5)],
        [],  # as in a table of text, where merges are lost
    ],
)
def test_a_heading_in_two_rows_with_or_without_its_merges(merges):
    layout = look_at(TWO_LEVELS, merges)

    assert (layout.kind, layout.header_rows, layout.records) == ("table", (0, 1), (2, 3))
    assert layout.headings[1:4] == (("小区名称",), ("土地", "用途"), ("土地", "年限"))


def test_groups_may_stand_over_a_row_in_which_every_column_is_named():
    grid = [
        ["基本情况", None, None, "规划", None, "其他"],
        ["序号", "小区", "坐落", "规划许可", "规划核实", "附记"],
        [1, "东苑", "东街", "有", "无", None],
        [2, "西苑", "西街", "有", "无", None],
        [3, "南苑", "南街", "有", "无", None],
    ]
    layout = look_at(grid, [(0, 0, 0, 2), (0, 3, 0, 4)])

    assert (layout.header_rows, layout.records) == ((0, 1), (2, 3, 4))
    assert layout.headings[3] == ("规划", "规划许可")


def test_a_column_merged_over_records_is_no_heading():
    grid = [
        ["小区", "楼栋", "户数"],
        ["东苑", "1幢", 5],
        [None, "2幢", 6],
        ["西苑", "1幢", 5],
        [None, "2幢", 6],
    ]
    layout = look_at(grid, [(1, 0, 2, 0), (3, 0, 4, 0)])

    assert (layout.header_rows, layout.records) == ((0,), (1, 2, 3, 4))


@pytest.mark.parametrize(
    "above",
    [row("填报单位", "某街道", "联系人", "张三"), row("某市历史遗留问题台账", None, None, None, "附件1")],
)
def test_a_row_of_other_things_above_a_plain_heading_is_a_title(above):
    layout = look_at([above, HEADINGS, record(1), record(2)], [])

    assert (layout.titles, layout.header_rows, layout.records) == ((0,), (1,), (2, 3))


def test_a_title_merged_down_the_side_says_nothing_of_the_depth_of_the_heading():
    grid = [["台账", "序号", "小区名称", "土地", None], [None, None, None, "用途", "年限"]]
    grid += [[None, number, f"东苑{number}区", "住宅", 70] for number in range(1, 9)]
    layout = look_at(grid, [(0, 0, 9, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 4)])

    assert (layout.header_rows, layout.records) == ((0, 1), tuple(range(2, 10)))


@pytest.mark.parametrize(
    "grid",
    [
        [
            ["序号", "小区名称", "缺少材料", "备注"],
            [1, "东苑", "规划核实意见", "甲"],
            [2, "西苑", "竣工验收情况", 3],
        ],
        [
            ["小区", "土地证", "备注", "规划证", "备注"],
            ["东苑", "有", "原件", "无", None],
            ["西苑", "有", "", "无", "失"],
        ],
        [
            ["小区名称", "县区", "土地状况", "总户数"],
            ["东苑", "甲县", None, None],
            [None, "甲县", "集体土地", 12],
        ],
        [["幢", "已办证", "未办证"], ["1", 12, 13], ["2", 12, 13]],
    ],
)
def test_entries_that_read_like_headings_make_no_form_of_a_table(grid):
    layout = look_at(grid, [])

    assert (layout.kind, layout.records) == ("table", (1, 2))


# ------------------------------------------------------------------- what is not a record


@pytest.mark.parametrize(
    "hint",
    [
        ["甲", "乙", "丙", 1, 2],
        ["1", "2", "3", "4", "5"],
        [1.0, 2.0, 3.0, 4.0, 5.0],
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        ["必填", "必填", "必填", "必填", "选填"],
        ["必填", "与公安门牌一致", "格式2020-01-01", "整数", None],
        ["示例", "阳光小区", date(2003, 1, 1), 120, "已备案"],
        ["自动编号", "填写小区全称", "格式：2020-01-01", "填写整数", None],
        [None, None, "（年）", "（户）", None],
    ],
)
def test_a_row_that_numbers_the_columns_or_says_how_to_fill_them_is_a_hint(hint):
    layout = look_at([HEADINGS, hint, record(1), record(2)], [])

    assert (layout.kind, layout.hints, layout.records) == ("table", (1,), (2, 3))


def test_subtotals_inside_and_the_total_below_are_no_records():
    grid = [
        HEADINGS,
        record(1),
        row("小计", None, None, 121),
        record(2),
        row(None, "小计", None, 1),
        row("合  计", 9),
    ]
    layout = look_at(grid, [])

    assert (layout.records, layout.totals) == ((1, 3), (2, 4, 5))


def test_notes_and_signatures_below_are_no_records():
    grid = [
        HEADINGS,
        record(1),
        row(),
        row("注：1. 户数以测绘成果为准。"),
        row("2. 日期以备案为准。"),
        row("填表人：张三", None, "审核人：李四", None, "日期：2024年"),
        row("制表：", "张三", None, "复核：", "李四"),
    ]
    layout = look_at(grid, [])

    assert (layout.records, layout.notes) == ((1,), (3, 4, 5, 6))


def test_notes_beside_are_no_columns_and_where_they_go_on_no_records():
    grid = [
        ["小区名称", "户数", None, None, None],
        ["东苑", 5, None, "说明：", None],
        ["西苑", 6, None, "户数", "以测绘为准"],
        [None, None, None, "小区", "填全称"],
    ]
    layout = look_at(grid, [])

    assert (layout.records, layout.notes, layout.beside) == ((1, 2), (3,), (3, 4))
    assert layout.headings == (("小区名称",), ("户数",), (), (), ())


@pytest.mark.parametrize(
    "remark",
    [
        ["填表说明", "1. 户数以测绘为准", "2. 名称用全称"],
        ["单位：户", None, None],
    ],
)
def test_a_remark_in_the_row_of_the_heading_is_no_column(remark):
    rows = [["小区名称", "户数", None], ["东苑", 5, None], ["西苑", 6, None]]
    layout = look_at([[*cells, said] for cells, said in zip(rows, remark, strict=True)], [])

    assert (layout.records, layout.beside, layout.headings[3]) == ((1, 2), (3,), ())


def test_a_band_over_the_whole_width_is_a_note():
    grid = [HEADINGS, row("一、城区"), record(1), row("二、乡镇"), record(2)]
    layout = look_at(grid, [(1, 0, 1, 4), (3, 0, 3, 4)])

    assert (layout.kind, layout.records, layout.notes) == ("table", (2, 4), (1, 3))


def test_a_row_that_only_names_the_rows_below_is_no_record():
    layout = look_at([HEADINGS, row("河西街道："), record(1), record(2), row("河东街道:"), record(3)], [])

    assert (layout.sections, layout.records) == ((1, 4), (2, 3, 5))


@pytest.mark.parametrize("gap", [0, 1])
def test_the_heading_of_a_second_page_is_a_hint(gap):
    grid = [HEADINGS, record(1), *[row()] * gap, HEADINGS, record(2)]
    layout = look_at(grid, [])

    assert (layout.kind, layout.records, layout.hints) == ("table", (1, 3 + gap), (2 + gap,))


# --------------------------------------------------------------------- several tables


BUILDINGS = [["楼栋编号", "层数", "结构"], ["1号楼", 6, "砖混"], ["2号楼", 7, "砖混"]]


@pytest.mark.parametrize("title", [[], [row("附：楼栋表")]])
def test_a_table_below_a_blank_row_is_said_and_not_read(title):
    below = [*title, *(row(*cells) for cells in BUILDINGS)]
    layout = look_at([HEADINGS, record(1), record(2), row(), *below], [])

    assert (layout.kind, layout.records) == ("table", (1, 2))
    assert layout.others == ((4, 0, 6 + len(title), 2),)


@pytest.mark.parametrize(
    "right",
    [
        [["街道", "人口"], ["东街", 1], ["西街", 2], ["南街", 3]],  # it goes on where the first ends
        [["小区名称", "户数"], ["东苑", 1], ["西苑", 2], [None, None]],  # it has the same headings
    ],
)
def test_a_table_beside_a_blank_column_is_said_and_not_read(right):
    left: list[list[Cell]] = [["小区名称", "户数"], ["东苑", 5], ["西苑", 6], [None, None]]
    layout = look_at([[*one, None, *two] for one, two in zip(left, right, strict=True)], [])

    assert (layout.kind, layout.records) == ("table", (1, 2))
    assert [other[1] for other in layout.others] == [3]
    assert layout.headings[3:] == ((), ())


# --------------------------------------------------------------- sideways, unclear, empty


def test_headings_down_the_first_column_make_a_table_on_its_side():
    grid = [
        ["项目名称", "东苑", "西苑", "南苑"],
        ["竣工日期", date(2000, 1, 1), date(2001, 1, 1), date(2002, 1, 1)],
        ["总户数", 12, 34, 56],
        ["土地性质", "划拨", "出让", "出让"],
    ]
    layout = look_at(grid, [])

    assert (layout.kind, layout.header_rows, layout.header_columns) == ("sideways", (), (0,))
    assert layout.records == (1, 2, 3)
    assert layout.headings == (("项目名称",), ("竣工日期",), ("总户数",), ("土地性质",))
    assert "首列" in layout.reason_zh or "同一行" in layout.reason_zh


def test_records_numbered_along_the_top_make_a_table_on_its_side():
    grid = [["序号", 1, 2, 3], ["小区名称", "东苑", "西苑", "南苑"], ["总户数", 12, 34, 56]]

    assert look_at(grid, []).kind == "sideways"


CARD = [
    ["姓名", "张三", "性别", "男"],
    ["出生日期", "1980-01-01", "民族", "汉族"],
    ["籍贯", "山东聊城", "学历", "本科"],
    ["联系电话", "0635-1234567", "职务", "科员"],
]


@pytest.mark.parametrize(
    ("grid", "merges", "why"),
    [
        (CARD, [], "登记卡片"),
        ([["东苑", 12, date(2000, 1, 1)], ["西苑", 13, date(2001, 1, 1)]], [], "表头位置（B1）"),
        (
            [["小区名称", "户数", "小区名称", "户数"], ["东苑", 5, "南苑", 7], ["西苑", 6, "北苑", 8]],
            [],
            "左右重复",
        ),
        (
            [["名称", "日期", "参数", None], ["甲", "2001年1月", "型号", "A1"], [None, None, "功率", "5kW"]],
            [(0, 2, 0, 3), (1, 0, 2, 0), (1, 1, 2, 1)],
            "表内夹有",
        ),
        (
            [["填表说明"], ["本表由各街道按季度填写并于季末报送市住建局汇总，逾期不报的予以通报。"]],
            [],
            "只有文字",
        ),
    ],
)
def test_what_may_be_read_in_two_ways_is_refused_with_the_reason(grid, merges, why):
    layout = look_at(grid, merges)

    assert (layout.kind, layout.records, layout.header_rows) == ("unclear", (), ())
    assert why in layout.reason_zh
    assert layout.reason.endswith(".")


@pytest.mark.parametrize("grid", [[], [[]], [[None, ""], ["  ", None]]])
def test_a_sheet_that_says_nothing_is_empty(grid):
    assert look_at(grid, []).kind == "empty"


# -------------------------------------------------------------------------------- the law

CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "小区名称",
            "合计",
            "注：",
            "备注",
            "必填",
            "一、城区",
            "1",
            "√",
            "2020-01-01",
            "单位：万元",
            " ",
            "",
        ]
    ),
    st.text(max_size=30),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.decimals(),
)
CORNERS = st.integers(min_value=-2, max_value=14)


@given(
    grid=st.lists(st.lists(CELLS, max_size=7), max_size=14),
    merges=st.lists(st.tuples(CORNERS, CORNERS, CORNERS, CORNERS), max_size=6),
)
def test_every_sheet_is_told_and_in_a_table_every_row_has_one_name(grid, merges):
    layout = look_at(grid, merges)
    says = [number for number, cells in enumerate(grid) if not all(map(blank, cells))]

    assert layout.kind in ("table", "sideways", "unclear", "empty")
    assert (layout.kind == "empty") == (not says)
    if layout.kind == "table":
        named = Counter(rows_of(layout))

        assert set(named.values()) <= {1}
        for number in says:
            assert named[number] == 1 or any(top <= number <= bottom for top, _, bottom, _ in layout.others)


def blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def test_numbers_that_python_does_not_write_are_no_fault():
    grid: list[list[Cell]] = [
        HEADINGS,
        [10**6000, Decimal("sNaN"), datetime.fromisoformat("2020-01-01 08:00:00"), float("nan"), True],
    ]

    assert look_at(grid, []).kind == "table"


HOSTILE: dict[str, Callable[[int], tuple[Sequence[Sequence[Cell]], list[Merge]]]] = {
    "all columns Excel has": lambda n: ([list(HEADINGS) * n, *[[1] * 5 * n] * 10], []),
    "one row wide, the others long": lambda n: ([[None] * n + ["x"], *[["x"]] * 10 * n], []),
    "many records": lambda n: ([HEADINGS, *[record(1)] * 10 * n], []),
    "merges on top of each other": lambda n: ([HEADINGS, *[record(1)] * n], [(0, 0, n, 4)] * 4 * n),
    "nothing but columns apart": lambda n: ([["x", None] * n, *[["x", None] * n] * 20], []),
    "nothing but tables": lambda n: ([HEADINGS, *[record(1), row(), HEADINGS, row()] * n], []),
}


def steps_of(grid: Sequence[Sequence[Cell]], merges: list[Merge]) -> int:
    """How many calls looking at a sheet takes: a measure of work that no busy machine changes."""
    count = 0

    def called(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(called)
    try:
        look_at(grid, merges)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_sheet_takes_no_more_work_than_its_cells(name):
    once, fourfold = (steps_of(*HOSTILE[name](size)) for size in (400, 1_600))

    assert fourfold < 5 * once + 2_000


# ------------------------------------------------------------------- the annotated tables

WANTED = {"vertical": "table", "hierarchical": "table", "horizontal": "sideways", "complex": "unclear"}
SPLITS = ("train", "dev", "test")

#: A row that only names the rows below it (应收账款：) is a heading too.  Of 156 hierarchical tables 12
#: differ: most have other rows inside the body annotated, three take in a title above or a section
#: below, two stop one row earlier.
FLOORS = {"vertical": 1.0, "hierarchical": 0.92, "horizontal": 0.9, "complex": 0.85}
REFUSED_AT_MOST = 0.05


@pytest.fixture(scope="module")
def looked(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[imtqa.Annotated, Layout]]:
    """Every annotated table, written to a workbook, read back and looked at."""
    if not (shared / imtqa.FILE).is_file():
        pytest.skip(f"no file {imtqa.FILE} in the folder 'shared': outside material is not here")
    path = tmp_path_factory.mktemp("imtqa") / "table.xlsx"
    found = []
    for table in imtqa.tables(shared):
        sheet = open_sheets(imtqa.write(table, path))[0]
        found.append((table, look_at(sheet.rows, sheet.merges)))
    return found


def right(table: imtqa.Annotated, layout: Layout) -> bool:
    """Whether the kind is told, and for an upright table the heading to the cell."""
    if layout.kind != WANTED[table.kind]:
        return False
    return (
        layout.kind != "table" or table.filled((*layout.header_rows, *layout.sections)) == table.annotated()
    )


def test_no_cell_of_an_annotated_table_is_lost(shared, tmp_path):
    """By count and digest, against what the data set says."""
    if not (shared / imtqa.FILE).is_file():
        pytest.skip(f"no file {imtqa.FILE} in the folder 'shared': outside material is not here")
    compared = 0
    for table in imtqa.tables(shared):
        (sheet,) = open_sheets(imtqa.write(table, tmp_path / "table.xlsx"))
        assert digest_of(sheet.rows) == digest_of(imtqa.written(table)), table.name
        compared += 1

    assert compared == 577


def test_annotated_tables_are_told_as_often_as_is_promised(looked):
    counts = Counter((table.kind, table.split) for table, _ in looked)
    told = Counter((table.kind, table.split) for table, layout in looked if right(table, layout))
    said = ["", " " * 14 + "".join(f"{split:>13}" for split in (*SPLITS, "all"))]
    missed = []
    for kind in WANTED:
        cells = [(told[kind, split], counts[kind, split]) for split in SPLITS]
        cells.append((sum(a for a, _ in cells), sum(b for _, b in cells)))
        said.append(f"{kind:<14}" + "".join(f"{a:>4}/{b:<3}{a / b:>5.0%}" for a, b in cells))
        missed += [kind] if cells[-1][0] < FLOORS[kind] * cells[-1][1] else []
    sys.stdout.write("\n".join([*said, ""]))

    assert missed == []


def test_tables_that_could_be_read_are_hardly_ever_refused(looked):
    simple = [layout for table, layout in looked if table.kind != "complex"]
    refused = sum(layout.kind == "unclear" for layout in simple)

    assert refused <= REFUSED_AT_MOST * len(simple)


# ----------------------------------------------------------------------- the real ledgers

EXPECTED: dict[str, list[tuple[int, int, int]]] = {  # first and last row of the heading from 1, records
    "ee_t01_import_template_notes_row.xls": [(2, 2, 1)],
    "ee_title_row_loan_table.xlsx": [(2, 2, 16)],
    "ee_readme_block_two_level_header.xlsx": [(2, 4, 1)],
    "ee_inspection_record_1771_rows.xls": [(1, 1, 1771)],
    "ee_dimension_XFD.xlsx": [(1, 1, 1)],
    "ee_merged_header_three_sheets.xlsx": [(1, 3, 1), (1, 3, 1), (1, 3, 2)],
    "ee_bank_journal.xls": [(1, 1, 2)],
    "ee_70_vertical_merges.xlsx": [(1, 1, 56)],
    "ee_csv_utf8_no_bom.csv": [(1, 1, 10)],
    "ee_csv_utf16le.csv": [(1, 1, 10)],
    "ee_xls_named_csv_a.csv": [(1, 1, 1)],
    "ee_dataformat_gold.xlsx": [(1, 1, 27)],
    "hc_community_4sheets_2020-06.xlsx": [(1, 1, 26), (1, 1, 5), (1, 1, 8), (1, 1, 1)],
    "hc_community_5sheets_b.xlsx": [(1, 1, 26), (1, 1, 5), (1, 1, 2), (1, 1, 8), (1, 1, 1)],
    "hc_room_import_a.xlsx": [(1, 1, 1)],
    "hc_fee_history_a.xlsx": [(1, 1, 3)],
    "hc_meter.xlsx": [(1, 1, 1)],
    "register_fertiliser_anhui_2925.xlsx": [(1, 1, 2925)],
    "cumcm2024c_att1_land_crops_merged.xlsx": [(1, 1, 54), (1, 1, 41)],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_ledgers_are_tables_with_these_headings_and_records(shared, name):
    path = shared / "data" / "ledgers" / name
    layouts = [look_at(sheet.rows, sheet.merges) for sheet in open_sheets(path)]
    tables = [one for one in layouts if one.kind != "empty"]

    assert {one.kind for one in tables} == {"table"}
    assert [
        (one.header_rows[0] + 1, one.header_rows[-1] + 1, len(one.records)) for one in tables
    ] == EXPECTED[name]
    assert all(one.others == () for one in tables)


def test_what_the_manifest_says_of_columns_and_records_is_found(shared):
    folder = shared / "data" / "ledgers"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

    assert {one["file"] for one in manifest} == set(EXPECTED)
    for one in manifest:
        sheets = open_sheets(folder / one["file"])
        layouts = [
            layout for sheet in sheets if (layout := look_at(sheet.rows, sheet.merges)).kind == "table"
        ]
        records = one["expected"].get("data_rows")
        if isinstance(records, int):
            assert len(layouts[0].records) == records, one["file"]
        if (columns := one["expected"].get("columns")) is not None:
            assert sum(map(bool, layouts[0].headings)) == columns, one["file"]
