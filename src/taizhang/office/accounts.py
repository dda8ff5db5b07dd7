"""Accounts: who may sign in, opened and closed by an act; the password itself is in no journal.

Reads from: ``journal``, ``ledger.models``.  Read by: the doors.

Source:
    GB/T 22239-2019, 8.1.4.1 (a person of one's own, passwords that are not trivial).
"""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from taizhang.errors import InputError
from taizhang.ledger.models import Account, Official
from taizhang.office.access import Person, person_of
from taizhang.office.journal import act

__all__ = ["open_account", "person_of_account", "person_of_official", "set_password"]


def open_account(official: Official, username: str, password: str, *, actor: str, now: datetime) -> Account:
    """Give an official an account to sign in with, or a new password.

    Args:
        official: Whose account it is.
        username: Name to sign in with.
        password: At least ten characters, not one of the usual ones.
        actor: Who opens it.
        now: The instant.

    Raises:
        InputError: ``E-USERNAME`` it is somebody else's; ``E-PASSWORD`` too weak.
    """
    with act("open_account", actor=actor, subject=f"official:{official.pk}", now=now) as doing:
        doing.keep, doing.detail["username"] = True, username
        taken = Account.objects.filter(username=username).exclude(official=official).exists()
        if taken or not username.strip():
            raise InputError(
                "The account name '{username}' is taken or empty.",
                hint="Choose another one.",
                zh="账号“{username}”已被使用或为空，请另选一个。",
                code="E-USERNAME",
                username=username,
            )
        account = Account.objects.filter(official=official).first() or Account(official=official)
        account.username, account.is_active = username, True
        _secure(account, password)
    return account


def person_of_account(key: int, today: date) -> Person:
    """The person of an account, with the scopes in force on a day."""
    account = Account.objects.select_related("official").get(pk=key)
    return person_of(account.official, today)


def person_of_official(key: int, today: date) -> Person:
    """The person an official is on a day."""
    return person_of(Official.objects.get(pk=key), today)


def set_password(account: Account, password: str, *, now: datetime) -> None:
    """Change one's own password.

    Raises:
        InputError: ``E-PASSWORD``.
    """
    actor = f"{account.official_id} {account.official.name}"
    with act("set_password", actor=actor, subject=f"official:{account.official_id}", now=now) as doing:
        doing.keep = True
        _secure(account, password)


def _secure(account: Account, password: str) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise InputError(
            "The password cannot be used: {why}",
            hint="Use at least ten characters that are not a usual password.",
            zh="密码不可用：{why}请使用至少十个字符、不常见的密码。",
            code="E-PASSWORD",
            why=" ".join(error.messages),
        ) from error
    account.set_password(password)
    account.save()
