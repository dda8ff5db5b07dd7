"""What a list is asked for: wishes by name, as they stand in an address.

A wish that nobody knows, or a value that cannot be one, is an error and not an empty wish: a link with
a slip of the pen must not show more than it says.

Reads from: nothing of ours.  Read by: the lists of this folder and the doors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from django.db.models import Q

from taizhang.errors import InputError
from taizhang.rules.terms import Status

__all__ = ["STATUS_WORDS", "Narrowing", "narrowed", "number", "status"]

STATUS_WORDS: Mapping[str, int] = {one.word: int(one) for one in Status}
Narrowing = Mapping[str, Callable[[str, date], Q]]  #: wish -> its condition, from its value and the day


def narrowed(known: Narrowing, wanted: Mapping[str, str], today: date) -> Q:
    """The condition of all wishes together; empty values wish nothing.

    Raises:
        InputError: ``E-WISH`` no such wish, or no such value.
    """
    found = Q()
    for name, value in wanted.items():
        if not value:
            continue
        try:
            found &= known[name](value, today)
        except (KeyError, ValueError) as error:
            raise InputError(
                "The list cannot be asked for {name}={value}.",
                hint="Use one of {names}; open the list anew and choose there.",
                zh="名单不能按 {name}={value} 筛选，可用条件：{names}。请从名单页重新选择。",
                code="E-WISH",
                name=name,
                value=value,
                names=", ".join(known),
            ) from error
    return found


def status(value: str) -> int:
    """The number of a status by its word.

    >>> status("open")
    1
    """
    return STATUS_WORDS[value]


def number(value: str) -> int:
    """A key.

    >>> number("12")
    12
    """
    if not value.isdecimal() or len(value) > 18:
        raise ValueError(value)
    return int(value)
