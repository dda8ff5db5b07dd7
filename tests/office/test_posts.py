"""A role ends, somebody is lent, somebody leaves: from that moment on, everywhere, with a record of it.

Gao Xiulan works in the street, Wang Jianguo leads the city's task force.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory

from taizhang.errors import InputError, TransitionError
from taizhang.ledger.models import Account, Grant, JournalEntry, Official, Organisation, Secondment
from taizhang.office.access import person_of
from taizhang.office.accounts import open_account
from taizhang.office.organisations import find_official, grant_role
from taizhang.office.posts import close_account, everybody, second_official, withdraw_role
from taizhang.verify import verify

from .builders import DAY, NOON
from .rows import office, task_of

DAYS = timedelta(days=1)
PASSWORD = "a-small-office-2024"


@pytest.fixture
def street(ledger) -> Organisation:
    """The street of Gao Xiulan."""
    office()
    return Organisation.objects.get(kind="street")


def official(name: str = "高秀岚") -> Official:
    return Official.objects.get(name=name)


def _city() -> Organisation:
    return Organisation.objects.get(kind="city")


def roles(name: str, day=DAY) -> set[tuple[str, str]]:
    return {(one.role, one.street) for one in person_of(official(name), day).scopes}


def signed_in(name: str) -> Client:
    """A browser in which somebody is signed in."""
    account = open_account(official(name), name, PASSWORD, actor="test", now=NOON)
    client = Client(SERVER_NAME="localhost")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/password").status_code == 200
    return client


# ------------------------------------------------------------------------------- withdrawing


def test_a_role_that_is_withdrawn_ends_at_once(street):
    client = signed_in("高秀岚")
    assert withdraw_role(official(), "officer", street, actor="test", now=NOON) == 1

    assert roles("高秀岚") == set()
    assert client.get("/password").status_code == 403  # signed in still, and without a role
    entry = JournalEntry.objects.latest("id")
    assert (entry.act, entry.subject) == ("withdraw_role", f"official:{official().pk}")


def test_a_role_may_end_on_a_day_that_is_told_and_the_day_still_counts(street):
    withdraw_role(official(), "officer", street, actor="test", now=NOON, last_on=DAY + DAYS)

    assert [roles("高秀岚", DAY + ahead * DAYS) for ahead in (0, 1, 2)] == [
        {("officer", "柳园街道")},
        {("officer", "柳园街道")},
        set(),
    ]


def test_a_role_given_taken_and_given_again_on_one_day_holds(street):
    withdraw_role(official(), "officer", street, actor="test", now=NOON)
    grant_role("高秀岚", "officer", street, actor="test", now=NOON)

    assert roles("高秀岚") == {("officer", "柳园街道")}
    assert Grant.objects.filter(official=official()).count() == 1


def test_only_a_role_that_is_held_there_can_be_withdrawn(street):
    for role, where in (("leader", street), ("officer", _city())):
        with pytest.raises(TransitionError, match="E-NO-GRANT"):
            withdraw_role(official(), role, where, actor="test", now=NOON)
    with pytest.raises(InputError, match="E-ROLE"):
        withdraw_role(official(), "emperor", street, actor="test", now=NOON)

    assert roles("高秀岚") == {("officer", "柳园街道")}


# --------------------------------------------------------------------------------- seconding


def test_who_is_lent_has_the_role_there_from_the_first_to_the_last_day(street):
    second_official(
        official(),
        "leader",
        _city(),
        since=DAY + DAYS,
        until=DAY + 2 * DAYS,
        actor="test",
        now=NOON,
    )
    home, lent = ("officer", "柳园街道"), ("leader", "")

    assert [roles("高秀岚", DAY + ahead * DAYS) for ahead in range(4)] == [
        {home},
        {home, lent},
        {home, lent},
        {home},
    ]
    assert JournalEntry.objects.latest("id").act == "second_official"


def test_a_secondment_ends_early_when_it_is_withdrawn(street):
    lent = {"since": DAY, "until": None, "actor": "test", "now": NOON}
    second_official(official(), "leader", _city(), **lent)
    withdraw_role(official(), "leader", _city(), actor="test", now=NOON)

    assert roles("高秀岚") == {("officer", "柳园街道")}
    assert Secondment.objects.get().until == DAY - DAYS


def test_a_secondment_must_have_days_and_not_be_there_already(street):
    lent = {"actor": "test", "now": NOON}
    with pytest.raises(InputError, match="E-SECOND-DAYS"):
        second_official(official(), "leader", _city(), since=DAY, until=DAY - DAYS, **lent)
    second_official(official(), "leader", _city(), since=DAY, until=DAY + 9 * DAYS, **lent)
    with pytest.raises(TransitionError, match="E-SECONDED"):
        second_official(official(), "leader", _city(), since=DAY + 9 * DAYS, until=None, **lent)
    second_official(official(), "leader", _city(), since=DAY + 10 * DAYS, until=None, **lent)

    assert Secondment.objects.count() == 2


# ----------------------------------------------------------------------------------- leaving


def test_who_leaves_is_out_at_once_and_the_tasks_are_told(street, ledger):
    client, other = signed_in("高秀岚"), signed_in("王建国")
    mine = [task_of(official(), 1), task_of(official(), 2, state="complete")]
    second_official(official(), "leader", _city(), since=DAY, until=None, actor="test", now=NOON)
    left = close_account(official(), reason="调离", actor="test", now=NOON)

    assert [one.pk for one in left] == [mine[0].pk]
    assert roles("高秀岚") == set()
    assert client.get("/").headers["Location"].startswith("/sign-in")
    assert authenticate(RequestFactory().post("/sign-in"), username="高秀岚", password=PASSWORD) is None
    assert Session.objects.count() == 1  # that of Wang Jianguo, who works on
    assert other.get("/password").status_code == 200
    assert Account.objects.get(username="高秀岚").is_active is False
    with pytest.raises(TransitionError, match="E-LEFT"):
        close_account(official(), reason="调离", actor="test", now=NOON)
    with pytest.raises(InputError, match="E-OFFICIAL-NAME"):
        find_official("高秀岚")
    assert verify(ledger).findings == ()


def test_leaving_needs_a_reason(street):
    with pytest.raises(InputError, match="E-REASON"):
        close_account(official(), reason=" ", actor="test", now=NOON)

    assert official().active


def test_who_comes_back_has_the_roles_given_anew_and_none_of_before(street):
    second_official(official(), "leader", _city(), since=DAY, until=None, actor="test", now=NOON)
    client = signed_in("高秀岚")
    close_account(official(), reason="调离", actor="test", now=NOON)
    grant_role("高秀岚", "officer", street, actor="test", now=NOON)
    open_account(official(), "高秀岚", PASSWORD, actor="test", now=NOON)

    assert roles("高秀岚") == {("officer", "柳园街道")}
    assert client.get("/").status_code == 302  # the session of before does not come back
    assert signed_in("高秀岚").get("/password").status_code == 200


def test_the_list_of_officials_tells_roles_loans_and_who_has_left(street):
    second_official(official(), "leader", _city(), since=DAY, until=DAY + DAYS, actor="test", now=NOON)
    close_account(official("王建国"), reason="退休", actor="test", now=NOON)
    told = {
        one.name: (one.active, [(x.role, x.office, x.until, x.lent) for x in one.roles])
        for one in everybody(DAY)
    }

    assert told == {
        "高秀岚": (
            True,
            [("officer", "柳园街道", None, False), ("leader", "市专班", DAY + DAYS, True)],
        ),
        "王建国": (False, []),
    }


def test_the_same_at_the_terminal(sqlite):
    """``second``, ``withdraw``, ``close-account`` and ``officials``, as they are typed."""
    from taizhang.cli import taizhang

    office()
    task = task_of(official(), 1)

    def typed(*words: str) -> str:
        told = CliRunner().invoke(taizhang, words, catch_exceptions=False)
        assert told.exit_code == 0, told.output
        return told.output

    typed("second", "高秀岚", "leader", "--office", "市专班", "--until", "2024-12-31")
    assert "leader（借调 市专班 至 2024-12-31）" in typed("officials")
    typed("withdraw", "高秀岚", "leader", "--office", "市专班")
    assert "借调" not in typed("officials")
    told = typed("close-account", "高秀岚", "--reason", "调离")

    assert "待转办任务 1 项" in told
    assert f"  {task.pk}  " in told
    assert "（已离任）" in typed("officials")
