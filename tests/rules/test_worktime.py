"""Which days are working days, and when a period ends."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.errors import CalendarError, PackError
from taizhang.rules.worktime import DayKind, Notice, WorkCalendar, read_calendar

FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)

days = st.dates(FIRST, date(2026, 9, 30))
periods = st.integers(1, 55)  # 55 working days from the last of these days end in December 2026


@pytest.fixture(scope="module")
def china() -> WorkCalendar:
    return WorkCalendar.china()


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


# --------------------------------------------------------------------- against other lists


def test_every_day_agrees_with_an_independent_calendar(china):
    """8,401 days.  chinesecalendar lists holidays with their weekends, and make-up days."""
    different = [
        day for day in every_day(FIRST, LAST) if china.is_open(day) != chinese_calendar.is_workday(day)
    ]

    assert different == []


#: Days on which a second list, one file a notice for 2007 to 2018, is known to differ from ours.
NOT_IN_THE_SECOND_LIST = {
    date(2018, 12, 29): "made a working day by the notice for 2019, which that list does not hold",
    date(2018, 12, 31): "made free by the notice for 2019, which that list does not hold",
}


def test_2007_to_2018_agree_with_a_second_list_but_for_known_days(china, shared):
    off: dict[date, bool] = {}
    for file in sorted((shared / "data" / "holidays").glob("20[0-9][0-9].json")):
        for entry in json.loads(file.read_text(encoding="utf-8"))["days"]:
            off[date.fromisoformat(entry["date"])] = entry["isOffDay"]

    def open_there(day: date) -> bool:
        return not off[day] if day in off else day.weekday() < 5

    period = every_day(date(2007, 1, 1), date(2018, 12, 31))
    different = {day for day in period if china.is_open(day) != open_there(day)}
    before = {day for day in off if day < period[0] and china.is_open(day) != open_there(day)}

    assert len(off) > 300
    assert different == set(NOT_IN_THE_SECOND_LIST)
    assert before == set()  # 30 and 31 December 2006, worked for the New Year of 2007


def test_the_disputed_saturday_is_where_we_say_it_is(china):
    """Public copies of the notice for 2006 make 2005-12-31 a working day; the check has it free.

    We follow the check until the gazette is seen; ``cn.yaml`` says so beside the entry.
    """
    assert china.kind(date(2005, 12, 31)) is DayKind.WEEKEND
    assert not chinese_calendar.is_workday(date(2005, 12, 31))


# ------------------------------------------------------------------------- published dates


@pytest.mark.parametrize(
    ("start", "working_days", "due"),
    [
        (date(2025, 9, 30), 5, date(2025, 10, 14)),  # eight days off, Saturday 11 October worked
        (date(2022, 4, 7), 15, date(2022, 4, 27)),  # a public notice; Sunday 24 April worked
        (date(2023, 9, 26), 5, date(2023, 10, 9)),  # 7 and 8 October worked
        (date(2023, 9, 20), 30, date(2023, 11, 7)),  # the same festival inside a long period
        (date(2024, 2, 10), 1, date(2024, 2, 18)),  # begun on a day off, ends on a make-up Sunday
        (date(2020, 1, 23), 1, date(2020, 2, 3)),  # the festival was made longer by a second notice
        (date(2003, 12, 31), 1, date(2004, 1, 2)),  # the day it begins need not be in the calendar
    ],
)
def test_a_period_ends_on(china, start, working_days, due):
    assert china.due(start, working_days) == due


def test_a_step_of_no_days_ends_where_it_begins_even_on_a_day_off(china):
    assert china.add_from(date(2024, 2, 11), 0) == date(2024, 2, 11)
    assert china.add_from(date(2024, 2, 11), 1) == china.due(date(2024, 2, 11), 1)


# --------------------------------------------------------------- years without a notice


@pytest.mark.parametrize(
    "ask",
    [
        lambda china: china.is_open(date(2027, 1, 4)),
        lambda china: china.due(date(2026, 12, 25), 10),  # ends beyond
        lambda china: china.due(date(2026, 12, 31), 1),  # begins on the last day
        lambda china: china.due(date(2031, 5, 1), 1),  # begins beyond
        lambda china: china.count(date(2026, 12, 1), date(2027, 1, 1)),
        lambda china: china.day_by_day(date(2026, 12, 31), 3),
        lambda china: china.is_open(date(2003, 12, 31)),
    ],
)
def test_a_year_without_a_notice_is_refused_not_guessed(china, ask):
    with pytest.raises(CalendarError) as refused:
        ask(china)

    assert refused.value.code == "E-CALENDAR-YEAR"
    assert refused.value.where == "calendars/cn.yaml"
    year = refused.value.values["year"]
    assert f"notice for {year}" in refused.value.say("en")
    assert f"{year}年放假安排未公布" in refused.value.say("zh")
    assert "{" not in refused.value.say("zh") + refused.value.say("en")


def test_a_gap_between_two_known_years_is_refused_too():
    gap = WorkCalendar(years=frozenset({2020, 2022}), holidays=frozenset(), makeup_days=frozenset())

    with pytest.raises(CalendarError, match="notice for 2021"):
        gap.due(date(2020, 12, 30), 5)
    with pytest.raises(CalendarError, match="notice for 2021"):
        gap.count(date(2020, 12, 30), date(2022, 1, 5))


@pytest.mark.parametrize("working_days", [0, -1])
def test_a_period_has_at_least_one_day(china, working_days):
    with pytest.raises(ValueError, match="at least 1"):
        china.due(date(2024, 5, 6), working_days)


def test_nothing_is_counted_backwards(china):
    with pytest.raises(ValueError, match="before start"):
        china.count(date(2024, 5, 7), date(2024, 5, 6))


# ------------------------------------------------------------------------------ laws


@given(start=days, working_days=periods)
def test_the_explanation_sums_to_the_date(start, working_days):
    china = WorkCalendar.china()
    lines = china.day_by_day(start, working_days)

    assert [line.day for line in lines] == every_day(start, lines[-1].day)
    assert lines[0] == (start, False, DayKind.BEGINS)
    assert sum(line.counted for line in lines) == working_days
    assert lines[-1].counted
    assert lines[-1].day == china.due(start, working_days)
    assert all(line.counted == chinese_calendar.is_workday(line.day) for line in lines[1:])


@given(start=days, working_days=periods)
def test_count_undoes_due(start, working_days):
    china = WorkCalendar.china()

    assert china.count(start, china.due(start, working_days)) == working_days


@given(start=days, length=st.integers(0, 90))
def test_due_undoes_count_from_a_working_day_on(start, length):
    china = WorkCalendar.china()
    end = start + timedelta(days=length)
    working_days = china.count(start, end)

    assert working_days == sum(chinese_calendar.is_workday(day) for day in every_day(start, end)[1:])
    if working_days and china.is_open(end):
        assert china.due(start, working_days) == end


@given(start=days, first=st.integers(1, 25), second=st.integers(1, 25))
def test_a_period_split_in_two_ends_on_the_same_day(start, first, second):
    china = WorkCalendar.china()

    assert china.due(china.due(start, first), second) == china.due(start, first + second)


# ------------------------------------------------------------------------------ the file


def test_every_year_rests_on_a_notice_and_says_whether_it_was_read(china):
    assert {notice.year for notice in china.notices} == set(range(2004, 2027))
    unread = {notice.year for notice in china.notices if notice.verify}
    assert unread == {2004, 2005, 2008, 2009, 2014, 2020}
    for notice in china.notices:
        assert notice.verify or (notice.number and notice.issued_on), notice


def test_a_year_may_rest_on_two_notices(china):
    assert [notice.number for notice in china.notices if notice.year == 2019] == [
        "国办发明电〔2018〕15号",
        "国办发明电〔2019〕3号",
    ]


@pytest.mark.parametrize(
    ("closed", "opened", "said"),
    [
        ("[2024-02-10]", "[]", "3:14: The calendar has 2024-02-10 among days of the other kind"),
        ("[]", "[2024-02-12]", "4:12: The calendar has 2024-02-12 among"),  # a Monday
        ("[2024-02-12..2024-02-18]", "[]", "2024-02-17 among"),  # a run over a weekend
        ("[2024-02-16..2024-02-12]", "[]", "backward run"),
        ("[2024-02-12, 2024-02-12]", "[]", "a second time"),
        ("[2024-2-12]", "[]", "the day '2024-2-12'"),
        ("[20240212]", "[]", "the day '20240212'"),
        ("2024-02-12", "[]", "no list under 'closed'"),
        ("[[]]", "[]", "no plain text"),
    ],
)
def test_a_slip_of_the_pen_is_shown_where_it_stands(tmp_path, closed, opened, said):
    file = tmp_path / "own.yaml"
    file.write_text(
        f"years:\n  2024: {{notices: [{{title: t}}],\n    closed: {closed},\n    open: {opened}}}\n",
        encoding="utf-8",
    )

    with pytest.raises(CalendarError) as refused:
        read_calendar(file)
    assert refused.value.code == "E-CALENDAR-FORM"
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no mapping"),
        ("years: []", "no mapping"),
        ("years: {24: {notices: [{title: t}]}}", "the year '24'"),
        ("years: {2024: {notices: []}}", "a year without a notice"),
        ("years: {2024: {notices: [{number: n}]}}", "a notice without a title"),
        ("years: {2024: {notices: [{title: t, verify: maybe}]}}", "a verify that is not 'true'"),
        ("years: {2024: {notices: [{title: t}], opened: []}}", "the unknown key 'opened'"),
    ],
)
def test_an_entry_must_be_whole(tmp_path: Path, text, said):
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(CalendarError, match=said):
        read_calendar(file)


def test_a_year_entered_twice_is_refused(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text("years:\n  2024: {}\n  2024: {}\n", encoding="utf-8")

    with pytest.raises(PackError, match="stands twice"):
        read_calendar(file)


def test_a_calendar_of_ones_own_works_like_the_official_one(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(
        "years: {2024: {notices: [{title: 通知, issued_on: 2023-10-25}], open: [2024-02-18]}}",
        encoding="utf-8",
    )

    own = read_calendar(file)

    assert own.notices == (Notice(2024, "通知", issued_on=date(2023, 10, 25)),)
    assert own.due(date(2024, 2, 16), 1) == date(2024, 2, 18)


def test_built_by_hand_misplaced_days_are_refused():
    with pytest.raises(ValueError, match="2024-02-10 follows from its weekday"):
        WorkCalendar(frozenset({2024}), holidays=frozenset({date(2024, 2, 10)}), makeup_days=frozenset())
