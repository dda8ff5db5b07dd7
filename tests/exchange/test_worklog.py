"""Logs of finished work: from workbooks and tables of text, with everything said that could not be used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from tests.rules.cases import shipped

from taizhang.errors import InputError
from taizhang.exchange.demo_city import made_up_log
from taizhang.exchange.excel.worklog import read_log, write_log
from taizhang.rules.terms import Completed

YEARS = range(2004, 2027)
HEAD = "事项,责任单位,收件日期,开始日期,办结日期"
PAPER = shipped().evidence["deed_tax_receipt"]


def text(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "记录.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_row_is_a_piece_of_finished_work(tmp_path):
    who = shipped().suppliers[PAPER.supplier].zh

    log = read_log(
        text(
            tmp_path,
            f"{PAPER.label.zh},{who},2023-03-01,2023-03-02,2023-03-06",
            f"{PAPER.id},{PAPER.supplier},2023/3/1,2023年3月2日,2023.3.6",
            f"{PAPER.label.en},,2023-03-01,,2023-03-06",
        ),
        shipped(),
        YEARS,
    )

    began = Completed(PAPER.id, PAPER.supplier, date(2023, 3, 1), date(2023, 3, 2), date(2023, 3, 6))
    assert log.completed[:2] == [began, began]
    assert log.completed[2].begun == date(2023, 3, 1), "where none is said, it was begun when it was received"
    assert log.completed[2].supplier == PAPER.supplier, "who is not said is the paper's own supplier"
    assert (log.complaints, log.unfinished, log.without_begun) == ([], 0, False)


def test_the_days_of_beginning_may_be_left_out(tmp_path):
    log = read_log(
        text(tmp_path, f"{PAPER.id},2023-03-01,2023-03-06", head="item,received,ended"), shipped(), YEARS
    )

    assert log.without_begun
    assert log.completed[0].begun == log.completed[0].received == date(2023, 3, 1)


@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        ("deed_tax_recept,,2023-03-01,,2023-03-06", "C-LOG-ITEM", "A2"),
        (",,2023-03-01,,2023-03-06", "C-LOG-ITEM", "A2"),
        ("deed_tax_receipt,税务据,2023-03-01,,2023-03-06", "C-LOG-SUPPLIER", "B2"),
        ("deed_tax_receipt,,,,2023-03-06", "C-LOG-NO-DAY", "C2"),
        ("deed_tax_receipt,,下周,,2023-03-06", "C-DATE", "C2"),
        ("deed_tax_receipt,,2023-03,,2023-03-06", "C-DATE-PRECISION", "C2"),
        ("deed_tax_receipt,,2023-03-01,,2023-02-30", "C-DATE", "E2"),
        ("deed_tax_receipt,,2023-03-07,,2023-03-06", "C-LOG-ORDER", "E2"),
        ("deed_tax_receipt,,2023-03-01,2023-03-07,2023-03-06", "C-LOG-ORDER", "E2"),
        ("deed_tax_receipt,,1998-03-01,,2023-03-06", "C-LOG-YEAR", "C2"),
    ],
)
def test_a_row_that_cannot_be_used_says_where_and_why(tmp_path, row, code, cell):
    log = read_log(text(tmp_path, row, f"{PAPER.id},,2023-03-01,,2023-03-06"), shipped(), YEARS)

    assert [(one.code, one.cell) for one in log.complaints] == [(code, cell)]
    assert log.complaints[0].zh
    assert log.complaints[0].message
    assert len(log.completed) == 1, "the other row counts"


def test_a_name_close_by_is_proposed(tmp_path):
    log = read_log(text(tmp_path, "deed_tax_recept,,2023-03-01,,2023-03-06"), shipped(), YEARS)

    assert "deed_tax_receipt" in log.complaints[0].message
    assert "deed_tax_receipt" in log.complaints[0].zh


def test_what_is_not_done_yet_is_counted_apart(tmp_path):
    """A row without its last day, and one that ends after the day that is looked from."""
    log = read_log(
        text(
            tmp_path,
            f"{PAPER.id},,2023-03-01,,",
            f"{PAPER.id},,2023-03-01,,2025-01-06",
            f"{PAPER.id},,2023-03-01,,/",
            f"{PAPER.id},,2023-03-01,,—",
        ),
        shipped(),
        YEARS,
    )

    assert (log.completed, log.unfinished, log.complaints) == ([], 4, [])


def test_a_time_behind_a_day_is_left_away(tmp_path):
    rows = f"{PAPER.id},,2023-03-01 14:30,,2023-03-06 09:00:15", f"{PAPER.id},,2023-03-01T08:00,,2023年3月6日"

    log = read_log(text(tmp_path, *rows), shipped(), YEARS)

    assert not log.complaints
    assert {(one.received, one.ended) for one in log.completed} == {(date(2023, 3, 1), date(2023, 3, 6))}


def test_a_heading_that_stands_there_twice_is_told(tmp_path):
    log = read_log(
        text(tmp_path, f"{PAPER.id},2023-03-01,2023-03-06,2023-03-09", head="item,received,ended,办结时间"),
        shipped(),
        YEARS,
    )

    assert [(one.code, one.cell) for one in log.complaints] == [("C-HEADING-TWICE", "D1")]
    assert log.completed[0].ended == date(2023, 3, 6)


def test_what_a_pack_does_not_know_is_written_by_its_id(tmp_path):
    """An office's older work may name what today's law does not have any more."""
    old = Completed("old_paper", "", date(2023, 3, 1), date(2023, 3, 1), date(2023, 3, 6))
    path = tmp_path / "log.xlsx"

    write_log(path, [old], shipped(), "zh")

    assert [one.read for one in read_log(path, shipped(), YEARS).complaints] == ["old_paper"]


def test_a_file_without_the_columns_is_refused(tmp_path):
    with pytest.raises(InputError) as refused:
        read_log(text(tmp_path, "1,2", head="小区,户数"), shipped(), YEARS)

    assert refused.value.code == "E-LOG-HEADINGS"
    assert "记录.csv" in str(refused.value)


def test_the_headings_may_stand_below_a_title_and_on_any_sheet(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        book.add_worksheet("说明").write(0, 0, "2023 年办件")
        sheet = book.add_worksheet("三季度")
        sheet.write(0, 0, "办件记录表")
        sheet.write_row(2, 1, ["办结时间", "受理时间", "事项名称"])
        sheet.write_datetime(3, 1, date(2023, 3, 6))
        sheet.write_datetime(3, 2, date(2023, 3, 1))
        sheet.write(3, 3, PAPER.label.zh)
    log = read_log(path, shipped(), YEARS)

    assert [(one.item, one.ended) for one in log.completed] == [(PAPER.id, date(2023, 3, 6))]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_made_up_log_comes_back_as_it_was(tmp_path, language):
    days = [date(2023, 3, day) for day in range(1, 32)]
    log = made_up_log(shipped(), days, 300, seed=4)
    path = tmp_path / "log.xlsx"

    write_log(path, log, shipped(), language)

    back = read_log(path, shipped(), YEARS)
    assert back.completed == log
    assert not back.complaints
    assert made_up_log(shipped(), days, 300, seed=4) == log, "the same seed makes the same log"
    assert all(one.received <= one.begun < one.ended for one in log)
