"""The ladder of supervision: what is read, when each rung is reached, and what an author is told."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.errors import PackError
from taizhang.rules.ladder import Ladder, claim_day, load_ladder, reached, read_ladder
from taizhang.rules.worktime import WorkCalendar

from .packs import examples

CHINA = WorkCalendar.china()
DAY = timedelta(days=1)
AS_OF = date(2024, 1, 28)

due_dates = st.dates(date(2019, 2, 1), date(2026, 10, 31)).filter(CHINA.is_open)


@pytest.fixture(scope="module")
def title() -> Ladder:
    return load_ladder("title-certificates", AS_OF)


def names(ladder: Ladder, due_on: date, today: date) -> list[str]:
    return [rung.id for rung in reached(ladder, CHINA, due_on, today)]


# ---------------------------------------------------------------------------- what is shipped


def test_the_title_programme_has_six_rungs_in_order(title):
    assert [(rung.id, rung.offset, rung.recipient) for rung in title.rungs] == [
        ("early_warning", -3, "responsible_official"),
        ("overdue", 1, "responsible_official"),
        ("notice", 3, "lead_organisation"),
        ("second_notice", 6, "lead_organisation"),
        ("interview", 10, "lead_organisation"),
        ("report_to_leader", 15, "sponsor"),
    ]
    assert all(rung.label.zh and rung.label.en for rung in title.rungs)


def test_no_rung_pretends_to_be_law(title):
    """No text read sets a term for supervision; whoever finds one gives it a source that was seen."""
    for rung in title.rungs:
        assert rung.sources
        assert {source.kind for source in rung.sources} == {"background"}
        assert all(source.verify and source.note for source in rung.sources)


# ------------------------------------------------------------------------------ when reached


def test_a_task_due_before_national_day_climbs_only_on_working_days(title):
    """Due on Tuesday 30 September 2025; nobody is called to account during the holiday."""
    climbed = {
        date(2025, 9, 20) + DAY * n: names(title, date(2025, 9, 30), date(2025, 9, 20) + DAY * n)
        for n in range(45)
    }
    first = {rung.id: min(day for day, told in climbed.items() if rung.id in told) for rung in title.rungs}

    assert first == {
        "early_warning": date(2025, 9, 26),  # the 29th, Sunday the 28th that is worked, and the 26th
        "overdue": date(2025, 10, 9),
        "notice": date(2025, 10, 11),  # a Saturday that is worked
        "second_notice": date(2025, 10, 15),
        "interview": date(2025, 10, 21),
        "report_to_leader": date(2025, 10, 28),
    }


@examples(300, 20_000)
@given(due_dates, st.integers(-20, 50))
def test_rungs_are_reached_as_a_second_calendar_counts(title, due_on, ahead):
    """Working days between are counted one by one on a calendar that is not ours."""
    today = due_on + DAY * ahead
    days = [today + DAY * n for n in range((due_on - today).days)] if today < due_on else []
    late = [due_on + DAY * n for n in range(1, (today - due_on).days + 1)]
    left = sum(chinese_calendar.is_workday(day) for day in days)
    over = sum(chinese_calendar.is_workday(day) for day in late)
    expected = [
        rung.id
        for rung in title.rungs
        if (over >= rung.offset if rung.offset > 0 else _started(today, due_on, -rung.offset, left))
    ]

    assert names(title, due_on, today) == expected


def _started(today: date, due_on: date, before: int, left: int) -> bool:
    """Fewer days are left, or just as many and today is worked."""
    return today >= due_on or left < before or (left == before and chinese_calendar.is_workday(today))


@examples(200, 10_000)
@given(due_dates, st.integers(-20, 50), st.integers(0, 30))
def test_a_rung_once_reached_stays_and_the_rungs_come_in_order(title, due_on, ahead, more):
    today = due_on + DAY * ahead
    earlier, later = (reached(title, CHINA, due_on, day) for day in (today, today + DAY * more))

    assert earlier == title.rungs[: len(earlier)]
    assert later[: len(earlier)] == earlier


@examples(200, 10_000)
@given(due_dates)
def test_each_rung_is_first_reached_on_the_day_that_is_named(title, due_on):
    """A sweeper sleeps until that day, so it may be neither earlier nor later."""
    for rung in title.rungs:
        day = claim_day(rung, CHINA, due_on)
        assert day is not None
        assert CHINA.is_open(day)
        assert rung in reached(title, CHINA, due_on, day)
        assert rung not in reached(title, CHINA, due_on, day - DAY)


def test_nobody_is_called_to_account_on_a_day_that_no_notice_has_fixed(title):
    due_on = date(2026, 12, 29)

    assert [claim_day(rung, CHINA, due_on) for rung in title.rungs] == [
        date(2026, 12, 24), date(2026, 12, 30), None, None, None, None,
    ]  # fmt: skip
    assert names(title, due_on, date(2027, 3, 1)) == ["early_warning", "overdue"]


def test_a_warning_that_cannot_be_dated_comes_with_the_due_date(title):
    first = min(CHINA.years)

    assert names(title, date(first, 1, 2), date(first, 1, 1)) == []
    assert "early_warning" in names(title, date(first, 1, 2), date(first, 1, 2))


# ------------------------------------------------------------------------ what an author is told


SMALL = """\
kind: ladder
programme: test
title: {zh: 梯次, en: Ladder}
sources:
  paper: {title: {zh: 文件, en: Paper}, kind: local}
editions:
  - effective: {from: 2022-01-01, to: 2022-12-31}
    rungs:
      first: {label: {zh: 一, en: One}, when: before, working_days: 2, recipient: sponsor, source: [paper]}
      second: {label: {zh: 二, en: Two}, when: after, working_days: 1, recipient: leader, source: [paper]}
  - effective: {from: 2023-01-01}
    rungs:
      other: {label: {zh: 三, en: Six}, when: after, working_days: 5, recipient: task_force, source: [paper]}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "test.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("day", "rungs"),
    [
        (date(2022, 1, 1), ["first", "second"]),
        (date(2022, 12, 31), ["first", "second"]),
        (date(2023, 1, 1), ["other"]),
    ],
)
def test_the_edition_of_the_day_counts(tmp_path, day, rungs):
    ladder = read_ladder(written(tmp_path, SMALL), day)

    assert [rung.id for rung in ladder.rungs] == rungs
    assert ladder.programme == "test"
    assert [source.id for source in ladder.rungs[0].sources] == ["paper"]


#: What is right, what is written instead, the code, and the text that the position points at.
WRONG = [
    ("kind: ladder", "kind: pack", "E-PACK-E13", "pack\n"),
    ("title: {", "titel: {", "E-PACK-E01", "titel"),
    ("working_days: 2,", "workdays: 2,", "E-PACK-E01", "workdays"),
    ("working_days: 2", "working_days: two", "E-PACK-E13", "two"),
    ("working_days: 2", "working_days: 0", "E-PACK-E13", "0, rec"),
    ("working_days: 2", "working_days: -2", "E-PACK-E13", "-2, rec"),
    ("when: before", "when: between", "E-PACK-E13", "between"),
    ("recipient: sponsor", "recipient: mayor", "E-PACK-E13", "mayor"),
    ("sponsor, source: [paper]", "sponsor, source: [papr]", "E-PACK-E02", "papr]"),
    ("sponsor, source: [paper]", "sponsor, source: []", "E-PACK-E12", "{label: {zh: 一"),
    ("sponsor, source: [paper]", "sponsor", "E-PACK-E12", "{label: {zh: 一"),
    ("{zh: 一, en: One}", "{en: One}", "E-PACK-E13", "{en: One}"),
    ("second:", "first:", "E-PACK-E03", "first: {label: {zh: 二"),
    ("when: before", "when: after", "E-PACK-E13", "second"),
    (", to: 2022-12-31}", "}", "E-PACK-E07", "effective: {from: 2023"),
    ("to: 2022-12-31}", "to: 2023-01-01}", "E-PACK-E07", "effective: {from: 2023"),
    ("from: 2023-01-01", "from: 2023-13-01", "E-PACK-E13", "2023-13-01"),
    ("rungs:\n      other", "rungs: {}\n    more:\n      other", "E-PACK-E01", "more:"),
    ("task_force", "nobody", "E-PACK-E13", "nobody"),
    ("kind: ladder", "kind: [ladder", "E-PACK-E00", "programme"),
]


def place_of(token: str, text: str) -> str:
    """Line and column, from 1, of a text that stands once."""
    assert text.count(token) == 1, token
    before = text[: text.index(token)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.parametrize(("right", "wrong", "code", "token"), WRONG)
def test_a_mistake_is_shown_where_it_stands(tmp_path, right, wrong, code, token):
    """Also in an edition that is not in force on the day."""
    assert right in SMALL
    text = SMALL.replace(right, wrong, 1)
    for day in (date(2022, 6, 1), date(2023, 6, 1)):
        with pytest.raises(PackError) as caught:
            read_ladder(written(tmp_path, text), day)
        if code == "E-PACK-E00":
            assert caught.value.where.startswith("test.yaml:2:")
        else:
            assert caught.value.where == f"test.yaml:{place_of(token, text)}"
        assert caught.value.code == code
        assert caught.value.say("zh") != caught.value.say("en")


def test_an_edition_without_rungs_is_refused(tmp_path):
    text = SMALL[: SMALL.index("    rungs:\n      other")] + "    rungs: {}\n"

    with pytest.raises(PackError) as caught:
        read_ladder(written(tmp_path, text), date(2023, 6, 1))
    assert caught.value.code == "E-PACK-E13"
    assert caught.value.where == f"test.yaml:{place_of('effective: {from: 2023', text)}"


def test_a_day_before_the_first_edition_has_no_ladder():
    with pytest.raises(PackError) as caught:
        load_ladder("title-certificates", date(2021, 8, 31))

    assert caught.value.code == "E-LADDER-DATE"
    assert caught.value.where.startswith("title-certificates.yaml:")
    assert "2021-08-31" in caught.value.say("zh")


@pytest.mark.parametrize("name", ["title-certificate", "../calendars/cn", "", "city"])
def test_an_unknown_programme_is_refused_and_the_nearest_named(name):
    with pytest.raises(PackError) as caught:
        load_ladder(name, AS_OF)

    assert caught.value.code == "E-LADDER-PROGRAMME"
    assert "title-certificates" in caught.value.say("en")
    assert "title-certificates" in caught.value.say("zh")
