"""Numbers and fixed sentences of the bulletin.

Reads from: ``bulletin_file``, ``rules.terms``.  Read by: ``bulletin``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from taizhang.errors import InputError
from taizhang.exchange.diagram.wording import day_text
from taizhang.exchange.letters.bulletin_file import Snapshot
from taizhang.rules.terms import CityPlan, Status

__all__ = ["APART", "MOVES", "NUMBERS", "bar", "by_status", "locked", "notes", "percent", "signed"]

NUMBERS = "一二三四五六七八九十"
_BAR = 5  #: blocks of a full bar

#: why a county is not ranked
APART: Mapping[str, str] = {
    "few": "{units:,}户，不足{least:,}户",
    "none": "上期没有缺项",
    "unnamed": "台账未填",
    "gone": "已不在台账",
}

#: what changed at an estate, and what is said of it
MOVES: Mapping[str, tuple[str, str]] = {
    "ready": ("全部具备", "{units}户都已具备办证条件"),
    "opened": ("解除受阻", "原受阻{units}户，现无受阻户"),
    "blocked": ("新受阻", "现有{units}户受阻"),
    "unready": ("不再全部具备", "共{units}户，上期全部具备"),
    "added": ("新入台账", "共{units}户"),
    "gone": ("移出台账", "上期{units}户"),
}

_PREFER = {"cheapest": "费用最省", "fewest": "件数最少", "fastest": "时间最短"}


def percent(part: int, whole: int) -> str:
    """Return a share to one decimal, halves up, from the integers themselves.

    >>> percent(1, 8), percent(1, 2000), percent(0, 0)
    ('12.5%', '0.1%', '—')
    """
    if not whole:
        return "—"
    tenths = (2_000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def bar(part: int, whole: int) -> str:
    """Return a bar of up to five blocks; what is more than nothing shows at least a thin one.

    >>> bar(5, 5), bar(1, 2), bar(1, 100), bar(0, 5)
    ('█████', '██▌', '▏', '')
    """
    if not whole or not part:
        return ""
    eighths = max(1, (2 * 8 * _BAR * part + whole) // (2 * whole))
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def signed(number: int) -> str:
    """Return a change with its sign.

    >>> signed(1200), signed(-3), signed(0)
    ('+1,200', '-3', '0')
    """
    return f"{number:+,}" if number else "0"


def by_status(one: Snapshot) -> dict[Status, int]:
    """Return how many units have each status."""
    return {status: sum(mark.units[status] for mark in one.estates) for status in Status}


def notes(city: CityPlan, last: Snapshot | None, now: Snapshot) -> Iterator[str]:
    """Yield what the numbers mean and by what law they were found."""
    layers = "、".join((*now.overlays, *now.decisions))
    law = f"{now.pack} {now.version}" + (f"，并用{layers}" if layers else "")
    yield f"数据取自本期台账的测算结果，规则包{law}；择优次序：{_PREFER.get(now.prefer, now.prefer)}。"
    yield (
        "已具备：现有材料已足以办证；缺件可补：补齐所列材料即可；待查明：能否办成取决于尚未查清的事实；"
        "受阻：现有路径都走不通，未列入方案。"
    )
    yield "缺材料按“处”计，一处是一个地点缺一件材料；几个小区共用的只计一处，跨县的单列“跨县共用”。"
    if last is not None:
        yield (
            "销项：上期所缺、本期方案不再缺的，包括已经取得和因改走其他路径而不再需要的；转出：因所在小区或住户移出台账、"
            "或住户现已受阻而退出方案的，不算销项；新增：上期方案没有的。上期缺－销项－转出＋新增＝本期缺。"
        )
        yield from _otherwise(last, now)
    if any(source.kind == "fictional" for source in city.pack.sources.values()):
        yield "所用规则含虚构依据，仅供演示。"
    yield "工作日、费用等为计划值，本通报不是法律文书。"


def _otherwise(last: Snapshot, now: Snapshot) -> Iterator[str]:
    """Yield what else changed between the weeks besides the work."""
    for name, old, new in (
        ("地方规则", last.overlays, now.overlays),
        ("一事一议决定", last.decisions, now.decisions),
    ):
        if old != new:
            yield (
                f"{name}与上期（{day_text(last.as_of)}）不同：上期为{'、'.join(old) or '无'}，"
                f"本期为{'、'.join(new) or '无'}，部分变化由此而来。"
            )
    if last.prefer != now.prefer:
        before = _PREFER.get(last.prefer, last.prefer)
        yield f"择优次序与上期不同（上期：{before}），部分变化由此而来。"
    if last.digest != now.digest and (last.overlays, last.decisions) == (now.overlays, now.decisions):
        yield "规则文本与上期不同，部分变化由此而来。"


def locked(path: Path) -> InputError:
    """Say that a file is open elsewhere."""
    return InputError(
        "The file cannot be replaced; it is probably open in Word or WPS.",
        hint="Close it there, or give another name, and run the command again.",
        zh="文件无法替换，可能正在 Word 或 WPS 中打开。请先关闭，或另取文件名，再重新执行。",
        code="E-OUT-LOCKED",
        where=str(path),
    )
