"""Every error this system raises on purpose.

There is one class per *person who has to act*, not per place in the code:

========================  ===========================  ===============
class                     who can put it right         exit / HTTP
========================  ===========================  ===============
:class:`InputError`       the person with the file     2 / 422
:class:`PackError`        the author of the pack       3 / 500
:class:`TransitionError`  the official, another day    4 / 409
:class:`AccessError`      the supervisor               5 / 403
:class:`CalendarError`    whoever keeps the calendar   6 / 500
========================  ===========================  ===============

An error says where it is, what is wrong there, and what to do next, in Chinese and
in English, and carries a stable code; ``docs/reference/errors.md`` lists the codes.
"""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

__all__ = [
    "AccessError",
    "CalendarError",
    "InputError",
    "PackError",
    "Spoken",
    "TaizhangError",
    "TransitionError",
]


@runtime_checkable
class Spoken(Protocol):
    """What is called something in each language, as a ``Label`` of the rules."""

    def in_(self, language: str) -> str:
        """The word in ``zh`` or ``en``."""


class TaizhangError(Exception):
    """Something a person can put right.

    Args:
        message: What is wrong, as one sentence of fact, with ``{values}``.
        hint: What to do next, as one imperative sentence, with ``{values}``.
        zh: The same two sentences in Chinese, with the same ``{values}``.
        where: A place a person can open: ``file:line:column`` or ``sheet!cell``.
        code: Stable identifier, for example ``"E-PACK-E02"``.
        values: What the sentences quote; what has a name in both languages is said in that of the sentence.
    """

    exit_status: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        code: str,
        where: str = "",
        hint: str = "",
        zh: str = "",
        **values: object,
    ) -> None:
        self.message = message
        self.hint = hint
        self.zh = zh
        self.where = where
        self.code = code
        self.values = values
        super().__init__(message)

    def say(self, language: str = "en") -> str:
        """Return place, fact, next step and code in ``zh`` or ``en``."""
        place = f"{self.where}: " if self.where else ""
        english = " ".join(filter(None, (self.message, self.hint)))
        said = self.zh if language == "zh" and self.zh else english
        told = {
            name: value.in_(language) if isinstance(value, Spoken) else value
            for name, value in self.values.items()
        }
        return f"{place}{said.format(**told)} [{self.code}]"

    def __str__(self) -> str:
        return self.say()


class InputError(TaizhangError):
    """A file, cell or argument that its sender can put right."""

    exit_status = 2
    http_status = 422


class PackError(TaizhangError):
    """A pack, overlay or decision that its author can put right."""

    exit_status = 3
    http_status = 500


class TransitionError(TaizhangError):
    """An act that the state of the record does not allow, or that another person was quicker to do."""

    exit_status = 4
    http_status = 409


class AccessError(TaizhangError):
    """An act that this person's role does not allow there."""

    exit_status = 5
    http_status = 403


class CalendarError(TaizhangError):
    """A day that the calendar has not been told about."""

    exit_status = 6
    http_status = 500
