"""The clock of a task: when it is due, and why, day by day.

The second opinion below shares nothing with the clock: its working days come from another calendar
(chinesecalendar), and it walks through events, morning by morning, as a clerk with a stopwatch would.
"""

from __future__ import annotations

import doctest
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.errors import InputError
from taizhang.office import clocks
from taizhang.office.clocks import Clock, ClockLine, Due, Extended, Limit, Open, Suspended, due, used
from taizhang.rules.worktime import DayKind, WorkCalendar
from tests.rules.packs import examples

CHINA = WorkCalendar.china()
DAY = timedelta(days=1)
FIRST, LAST = date(2019, 1, 1), date(2026, 12, 31)
OPEN_THERE = frozenset(
    FIRST + DAY * n for n in range((LAST - FIRST).days + 1) if chinese_calendar.is_workday(FIRST + DAY * n)
)


def clock(start: date, *working_days: int, stood: object = (), more: object = ()) -> Clock:
    limits = tuple(Limit(f"step {n}", days) for n, days in enumerate(working_days, 1))
    return Clock(start, limits, tuple(stood), tuple(more))  # type: ignore[arg-type]


def stood(since: date, until: date | None) -> Suspended:
    return Suspended(since, until, "survey")


# ------------------------------------------------------------------------- second opinion


def told_by_the_stopwatch(one: Clock, limit: int, as_of: date | None = None) -> date | str:
    """The due date, or why there is none, from events alone."""
    late = date.max if as_of is None else as_of
    stops, goes = Counter[date](), Counter[date]()
    for suspension in one.suspensions:
        if suspension.since <= late:
            stops[suspension.since] += 1
            if suspension.until is not None and suspension.until <= late:
                goes[suspension.until] += 1
    left = one.limits[limit].working_days
    if limit == len(one.limits) - 1:
        left += sum(more.working_days for more in one.extensions if more.approved_on <= late)
    last_event = max([*stops, *goes, one.start])
    day = min([*stops, *goes, one.start])
    standing = stops[day] - goes[day]
    while True:
        if day > one.start and standing == 0:
            if day > LAST:
                return "calendar"
            left -= day in OPEN_THERE
            if left == 0:
                return day
        if standing and day > one.start and day >= last_event:
            return "suspended"
        day += DAY
        standing += stops[day] - goes[day]


@st.composite
def clocks_of_a_life(draw: st.DrawFn) -> Clock:
    """What officials do to one task: suspend, resume, extend, in any order, sometimes carelessly."""
    start = draw(st.dates(date(2019, 1, 2), date(2026, 11, 30)))
    limits = sorted(draw(st.lists(st.integers(1, 40), min_size=1, max_size=3)))
    suspensions, extensions, at = [], [], start
    for act in draw(st.lists(st.sampled_from(["suspend", "resume", "extend"]), max_size=8)):
        at += DAY * draw(st.integers(-6, 25))
        if act == "suspend":
            suspensions.append(stood(at, None))
        elif act == "extend":
            extensions.append(Extended(draw(st.integers(1, 15)), at, "asked"))
        elif suspensions and suspensions[-1].until is None and suspensions[-1].since <= at:
            suspensions[-1] = replace(suspensions[-1], until=at)
    if draw(st.booleans()):  # most tasks run on in the end
        suspensions = [
            replace(one, until=one.since + DAY * draw(st.integers(0, 20))) if one.until is None else one
            for one in suspensions
        ]
    return clock(start, *limits, stood=draw(st.permutations(suspensions)), more=extensions)


def agrees(told: Due, expected: date | str) -> None:
    assert (told.on or str(told.why)) == expected
    assert (told.on is None) == (told.why is not None)


@examples(400, 100_000)
@given(clocks_of_a_life(), st.data())
def test_the_due_date_is_what_a_stopwatch_finds_day_by_day(one, data):
    limit = data.draw(st.integers(0, len(one.limits) - 1))
    agrees(due(CHINA, one, limit), told_by_the_stopwatch(one, limit))


@examples(200, 20_000)
@given(clocks_of_a_life(), st.integers(-10, 200))
def test_an_earlier_day_sees_only_what_was_known_then(one, ahead):
    as_of = one.start + DAY * ahead
    agrees(due(CHINA, one, as_of=as_of), told_by_the_stopwatch(one, len(one.limits) - 1, as_of))


@examples(300, 20_000)
@given(clocks_of_a_life())
def test_the_lines_sum_to_the_date(one):
    told = due(CHINA, one)
    numbers = [line.number for line in told.lines if line.number]
    own = one.limits[-1].working_days

    assert [line.day for line in told.lines] == [one.start + DAY * n for n in range(len(told.lines))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {line.day for line in told.lines if line.number} <= OPEN_THERE
    assert all(line.number == 0 or line.kind in (DayKind.WORKDAY, DayKind.MAKE_UP) for line in told.lines)
    if told.on is not None:
        assert len(numbers) == told.budget
        assert (told.lines[-1].day, told.lines[-1].number) == (told.on, told.budget)
        assert own + sum(line.granted for line in told.lines) == told.budget
    else:
        assert len(numbers) < told.budget


@examples(300, 20_000)
@given(clocks_of_a_life())
def test_each_day_says_whether_the_clock_stood(one):
    """A day is unexplained by the calendar exactly where some suspension covers it."""
    for line in due(CHINA, one).lines[1:]:
        covering = any(
            s.since <= line.day and (s.until is None or line.day < s.until) for s in one.suspensions
        )
        assert (line.kind is None) == covering


@examples(200, 20_000)
@given(clocks_of_a_life(), st.integers(0, 12), st.integers(0, 12), st.integers(1, 12))
def test_suspensions_that_meet_or_overlap_are_one(one, ahead, first, second):
    since = one.start + DAY * ahead
    middle, end = since + DAY * first, since + DAY * (first + second)
    parts = (
        (stood(since, middle + DAY), stood(middle, end))
        if second > 1
        else (stood(since, middle), stood(middle, end))
    )
    whole, split = (
        replace(one, suspensions=one.suspensions + more) for more in ((stood(since, end),), parts)
    )

    assert due(CHINA, whole) == due(CHINA, split)


@examples(200, 20_000)
@given(clocks_of_a_life(), st.integers(1, 10), st.integers(0, 60))
def test_what_stops_or_lengthens_a_clock_never_brings_the_date_forward(one, days, ahead):
    before = due(CHINA, one).on
    at = one.start + DAY * ahead
    for later in (
        replace(one, suspensions=(*one.suspensions, stood(at, at + DAY * days))),
        replace(one, extensions=(*one.extensions, Extended(days, at, "asked"))),
    ):
        after = due(CHINA, later).on
        assert after is None or (before is not None and before <= after)


@examples(200, 20_000)
@given(clocks_of_a_life())
def test_extensions_lengthen_the_last_limit_only(one):
    bare = replace(one, extensions=())

    for limit in range(len(one.limits) - 1):
        assert due(CHINA, one, limit) == due(CHINA, bare, limit)


@examples(200, 20_000)
@given(clocks_of_a_life(), st.integers(0, 200))
def test_days_used_grow_one_working_day_at_a_time_up_to_the_budget(one, ahead):
    day = one.start + DAY * ahead
    spent, budget = used(CHINA, one, day)
    known = due(CHINA, one, as_of=day)

    assert 0 <= spent <= budget == known.budget
    assert (spent == budget) == (known.on is not None and known.on <= day)


# --------------------------------------------------------------------------- worked cases

WORKED = [
    (
        "From the eve of National Day 2025: eight days of holiday do not count, Saturday the 11th does.",
        clock(date(2025, 9, 30), 5),
        date(2025, 10, 14),
    ),
    (
        "One working day from 26 September 2025 is Sunday the 28th, which the notice made a working day.",
        clock(date(2025, 9, 26), 1),
        date(2025, 9, 28),
    ),
    (
        "Suspended over the whole holiday alone, the date does not move: nothing was running.",
        clock(date(2025, 9, 30), 5, stood=[stood(date(2025, 10, 1), date(2025, 10, 9))]),
        date(2025, 10, 14),
    ),
    (
        "Suspended on the 9th and resumed on the 13th, the 9th, the 10th and the make-up Saturday are lost.",
        clock(date(2025, 9, 30), 5, stood=[stood(date(2025, 10, 9), date(2025, 10, 13))]),
        date(2025, 10, 17),
    ),
    (
        "Suspended and resumed on one day, it never stood still.",
        clock(date(2025, 9, 30), 5, stood=[stood(date(2025, 10, 9), date(2025, 10, 9))]),
        date(2025, 10, 14),
    ),
    (
        "A suspension from before the start counts from the start only.",
        clock(date(2025, 9, 30), 5, stood=[stood(date(2025, 8, 1), date(2025, 10, 10))]),
        date(2025, 10, 15),
    ),
    (
        "Two suspensions that overlap cost the days they cover together, once.",
        clock(
            date(2025, 9, 30),
            5,
            stood=[
                stood(date(2025, 10, 9), date(2025, 10, 11)),
                stood(date(2025, 10, 10), date(2025, 10, 13)),
            ],
        ),
        date(2025, 10, 17),
    ),
    (
        "Three days granted after the 14th are the 15th, the 16th and the 17th.",
        clock(date(2025, 9, 30), 5, more=[Extended(3, date(2025, 10, 13), "asked")]),
        date(2025, 10, 17),
    ),
    (
        "From 8 February 2024 two working days are the 9th, and Sunday the 18th after the Spring Festival.",
        clock(date(2024, 2, 8), 2),
        date(2024, 2, 18),
    ),
    (
        "New Year's Eve 2024 was a working day: offices were only encouraged to close.",
        clock(date(2024, 2, 8), 1),
        date(2024, 2, 9),
    ),
    (
        "Both Sunday the 4th and Sunday the 18th of February 2024 are working days.",
        clock(date(2024, 2, 2), 7),
        date(2024, 2, 18),
    ),
    (
        "Stopped on the eve and resumed on Monday the 19th, it has lost the 9th and the make-up Sunday.",
        clock(date(2024, 2, 8), 2, stood=[stood(date(2024, 2, 9), date(2024, 2, 19))]),
        date(2024, 2, 20),
    ),
    (
        "Accepted on a day of the Spring Festival, it begins to count on Sunday the 18th.",
        clock(date(2024, 2, 12), 1),
        date(2024, 2, 18),
    ),
]


@pytest.mark.parametrize(("sentence", "one", "expected"), WORKED, ids=range(1, len(WORKED) + 1))
def test_worked_cases(sentence, one, expected):
    assert due(CHINA, one).on == expected, sentence
    assert told_by_the_stopwatch(one, len(one.limits) - 1) == expected, sentence


def test_first_visit_and_final_answer_count_from_the_same_start():
    one = clock(date(2025, 9, 30), 2, 5, more=[Extended(1, date(2025, 10, 13), "asked")])

    assert (due(CHINA, one, 0).on, due(CHINA, one, 1).on) == (date(2025, 10, 10), date(2025, 10, 15))
    assert due(CHINA, one) == due(CHINA, one, 1)


def test_an_explanation_reads_as_a_clerk_would_tell_it():
    one = clock(
        date(2025, 9, 30),
        2,
        stood=[stood(date(2025, 10, 10), date(2025, 10, 11))],
        more=[Extended(1, date(2025, 10, 11), "flood")],
    )
    lines = due(CHINA, one).lines

    assert [(f"{line.day:%m-%d}", line.number, line.label.en, line.note, line.granted) for line in lines] == [
        ("09-30", 0, "the period begins; not counted", "", 0),
        ("10-01", 0, "holiday", "", 0),
        ("10-02", 0, "holiday", "", 0),
        ("10-03", 0, "holiday", "", 0),
        ("10-04", 0, "weekend", "", 0),
        ("10-05", 0, "weekend", "", 0),
        ("10-06", 0, "holiday", "", 0),
        ("10-07", 0, "holiday", "", 0),
        ("10-08", 0, "holiday", "", 0),
        ("10-09", 1, "working day", "", 0),
        ("10-10", 0, "suspended; not counted", "survey", 0),
        ("10-11", 2, "make-up working day", "", 0),
        ("10-12", 0, "weekend", "", 0),
        ("10-13", 3, "working day", "flood", 1),
    ]
    assert all(line.label.zh for line in lines)


# ----------------------------------------------------------------------------- no date yet


def test_suspended_without_end_there_is_no_date_and_the_days_until_today_are_shown():
    one = clock(date(2025, 9, 30), 5, stood=[stood(date(2025, 10, 10), None)])

    told = due(CHINA, one, as_of=date(2025, 10, 12))
    assert (told.on, told.why) == (None, Open.SUSPENDED)
    assert [line.day.day for line in told.lines if line.kind is None] == [10, 11, 12]
    assert due(CHINA, one).lines[-1] == ClockLine(date(2025, 10, 10), 0, None, "survey")
    assert used(CHINA, one, date(2025, 12, 1)) == (1, 5)


def test_of_two_suspensions_the_one_that_lasts_longest_gives_the_reason():
    """The court has stopped it for good; that the survey ends on the 11th promises nothing."""
    survey, court = stood(date(2025, 10, 9), date(2025, 10, 11)), Suspended(date(2025, 10, 9), None, "court")
    for order in ((survey, court), (court, survey)):
        told = due(CHINA, clock(date(2025, 9, 30), 5, stood=order))
        assert (told.why, told.lines[-1]) == (Open.SUSPENDED, ClockLine(date(2025, 10, 9), 0, None, "court"))


def test_a_suspension_after_the_last_day_changes_nothing():
    one = clock(date(2025, 9, 30), 5, stood=[stood(date(2025, 10, 15), None)])

    assert due(CHINA, one).on == date(2025, 10, 14)


def test_yesterdays_list_shows_yesterdays_date():
    one = clock(
        date(2025, 9, 30),
        5,
        stood=[stood(date(2025, 10, 9), date(2025, 10, 13))],
        more=[Extended(2, date(2025, 10, 14), "asked")],
    )
    by_day = {day: due(CHINA, one, as_of=date(2025, 10, day)).on for day in (8, 9, 12, 13, 14)}

    assert by_day == {
        8: date(2025, 10, 14),
        9: None,
        12: None,
        13: date(2025, 10, 17),
        14: date(2025, 10, 21),
    }


def test_a_year_without_a_notice_is_a_reason_and_no_exception():
    told = due(CHINA, clock(date(2026, 12, 30), 5))

    assert (told.on, told.why) == (None, Open.CALENDAR)
    assert told.lines[-1].day == date(2026, 12, 31)
    assert "放假安排" in told.why.label.zh


def test_work_that_stands_needs_no_calendar_for_the_days_it_stands():
    """What is stopped in one unknown year may only be dated when its notice is out; until then it stands."""
    one = clock(date(2026, 12, 30), 5, stood=[stood(date(2026, 12, 31), None)])

    assert due(CHINA, one).why == Open.SUSPENDED


# ---------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: clock(date(2025, 9, 30)), "E-CLOCK-DAYS"),
        (lambda: clock(date(2025, 9, 30), 0), "E-CLOCK-DAYS"),
        (lambda: clock(date(2025, 9, 30), 5, more=[Extended(0, date(2025, 10, 9), "")]), "E-CLOCK-DAYS"),
        (
            lambda: clock(date(2025, 9, 30), 5, stood=[stood(date(2025, 10, 9), date(2025, 10, 8))]),
            "E-CLOCK-ORDER",
        ),
        (lambda: clock(date(2025, 9, 30), 5, 2), "E-CLOCK-STEPS"),
        (lambda: due(CHINA, clock(date(2025, 9, 30), 5), 1), "E-CLOCK-LIMIT"),
        (lambda: due(CHINA, clock(date(2025, 9, 30), 5), -2), "E-CLOCK-LIMIT"),
    ],
)
def test_what_is_no_clock_is_refused_in_both_languages(make, code):
    with pytest.raises(InputError) as caught:
        make()

    assert caught.value.code == code
    assert code in caught.value.say("zh")
    assert caught.value.say("zh") != caught.value.say("en")


def test_the_examples_in_the_texts_are_true():
    """Only the rules' docstrings are collected by pytest itself."""
    told = doctest.testmod(clocks)

    assert told.attempted >= 5
    assert told.failed == 0
