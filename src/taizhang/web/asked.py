"""What a form sends, as days and numbers; what cannot be one is said so.

Reads from: nothing of ours.  Read by: the views.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from django.http import HttpRequest

from taizhang.errors import InputError

__all__ = ["asked_day", "asked_fen", "asked_number", "asked_text"]


def asked_text(request: HttpRequest, name: str) -> str:
    """The text of a field, without blanks around it and without the sign that no database keeps."""
    return str(request.POST.get(name, "")).replace("\0", "").strip()


def asked_day(request: HttpRequest, name: str) -> date | None:
    """The day of a field; ``None`` where it is empty.

    Raises:
        InputError: ``E-DAY``.
    """
    text = asked_text(request, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            "'{text}' is not a date.",
            hint="Write it like 2024-01-28.",
            zh="“{text}”不是日期，请按 2024-01-28 的样式填写。",
            code="E-DAY",
            text=text,
        ) from error


def asked_number(request: HttpRequest, name: str) -> int:
    """The whole number of a field; 0 where it is none."""
    text = asked_text(request, name)
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def asked_fen(request: HttpRequest, name: str) -> int:
    """An amount that is written in yuan, in fen.

    Raises:
        InputError: ``E-AMOUNT``.
    """
    text = asked_text(request, name).replace(",", "").replace("，", "")
    try:
        fen = Decimal(text) * 100
        if fen == fen.to_integral_value() and 0 < fen < 10**13:
            return int(fen)
    except InvalidOperation:
        pass
    raise InputError(
        "'{text}' is no amount in yuan.",
        hint="Write it like 1234.50.",
        zh="“{text}”不是金额，请以元为单位填写，如 1234.50。",
        code="E-AMOUNT",
        text=text,
    )
