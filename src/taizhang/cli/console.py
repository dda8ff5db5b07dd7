"""Saying things at the terminal: errors, progress, the day of today."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from time import monotonic
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from taizhang.errors import TaizhangError
from taizhang.settings import language

__all__ = ["DATE", "complain", "err", "out", "progress_bars", "said", "today"]

_BETWEEN_LINES = 10.0  # seconds between lines of progress where there is no terminal

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class _Day(click.ParamType[date]):
    """A day written 2024-01-28."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date like 2024-01-28 / 日期请写作 2024-01-28", param, ctx)


DATE = _Day()


def today() -> date:
    """Today in China, wherever the machine stands."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def said(zh: str, en: str) -> str:
    """The sentence in the language of the settings."""
    return zh if language() == "zh" else en


def complain(error: TaizhangError) -> None:
    """Print one error: place, fact, next step, code."""
    try:
        text = error.say(language())
    except TaizhangError as setting:  # the setting itself is wrong
        text = setting.say("zh")
    err.print(text, style="red", markup=False)


class _Lines:
    """Progress where there is no terminal: a line now and then, none where the work is short."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words, self.last = words, monotonic()

    def tell(self, stage: str, done: int, total: int) -> None:
        """Write a line where the last one, or the beginning, is some time ago."""
        now = monotonic()
        if now - self.last >= _BETWEEN_LINES:
            self.last = now
            err.print(f"{self.words.get(stage, stage)} {done:,}/{total:,}", markup=False)


@contextmanager
def progress_bars(quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Bars that are true: so many of so many done, one bar a stage."""
    words = {
        "read": said("读取台账", "reading"),
        "plan": said("测算方案", "planning"),
        "write": said("写出工作簿", "writing"),
        "mutate": said("逐项删去并重跑用例", "leaving things out"),
        "forecast": said("模拟办理", "simulating"),
        "bundle": said("比较组合", "comparing sets"),
    }
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    written = _Lines(words)
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal) as bars:
        tasks: dict[str, object] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if not quiet and not err.is_terminal:
                written.tell(stage, done, total)
            if stage not in tasks:
                tasks[stage] = bars.add_task(words.get(stage, stage), total=total)
            bars.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield tell
