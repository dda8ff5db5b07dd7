"""A comparison in words: first how much changed and why, then estate by estate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taizhang.cli.changewords import ChangeWords, status_word, yuan
from taizhang.cli.console import said
from taizhang.exchange.excel.replaying.difference import by_estate, end_of, name_of, units_of
from taizhang.exchange.excel.replaying.sides import Comparison
from taizhang.rules.difftally import SEEN, Tally, tally
from taizhang.rules.plancontent import Key
from taizhang.rules.plandiff import Change, DiffStep, PlanDiff, caused_by
from taizhang.rules.terms import Status
from taizhang.settings import language

__all__ = ["lines_of"]

_MOST_ESTATES = 12
_FIRST = ("status", "units", "blocker", "item", "price", "way", "question", "duty", "total", "date")

_CAUSES = {
    "method": ("择优口径", "preference"),
    "law": ("规则", "law"),
    "parameters": ("标准与收费", "parameters"),
    "overlays": ("地方规则", "overlays"),
    "decisions": ("一事一议决定", "decisions"),
    "facts": ("事实", "facts"),
    "evidence": ("材料", "papers"),
    "expiry": ("日期推移", "passing of time"),
}


def lines_of(made: Comparison, *, every: bool) -> Iterator[str]:
    """Yield the lines for the terminal.

    Args:
        made: The comparison.
        every: Whether every change of every estate is told; else the estates in one line each.
    """
    found = made.found
    yield _heads(made)
    yield from _other_plans(made)
    if not any(one.key.kind in SEEN for one in found.whole):
        yield said("两个方案没有差别。", "The two plans do not differ.")
        return
    yield from _whole(found)
    yield said(
        "原因（按固定次序逐项推演，差别记在首次出现的一步）：",
        "Causes, changed one at a time in a fixed order:",
    )
    for step in found.steps:
        told = _amount(tally(step.changes))
        if told:
            yield f"  {_named(step)}：{told}" if language() == "zh" else f"  {_named(step)}: {told}"
        if told and step.reason:
            yield f"    {said('不能分开，因为', 'not told apart, because')} {step.reason.say(language())}"
    if every:
        yield from _each_change(made)
    else:
        yield from _each_estate(found)


# -- the whole


def _heads(made: Comparison) -> str:
    old, new = (f"{one.name} {one.conditions.as_of}" for one in (made.old, made.new))
    return f"{old} → {new}"


def _other_plans(made: Comparison) -> Iterator[str]:
    for side, names in zip((made.old, made.new), made.not_reproduced(), strict=True):
        if names:
            few = said("、", ", ").join(names[:3]) + ("…" if len(names) > 3 else "")
            yield said(
                f"注意：{side.name} 由另一版本程序测算，本版本对 {len(names)} 个小区的结果不同（{few}），"
                "以下均按本版本比较。",
                f"Note: {side.name} was planned by another version, which planned {len(names)} estates "
                f"otherwise ({few}); what follows compares plans of this version.",
            )


def _whole(found: PlanDiff) -> Iterator[str]:
    amount = tally(found.whole)
    before, after = units_of(found.former), units_of(found.plans)
    yield said(
        f"小区 {len(found.former)} → {len(found.plans)} 个（新增 {len(amount.estates_added)}，"
        f"退出 {len(amount.estates_removed)}，有变化 {len(amount.estates)}）；"
        f"户 {sum(before.values())} → {sum(after.values())}，其中状态有变 {amount.units_moved} 户。",
        f"Estates {len(found.former)} → {len(found.plans)} (new {len(amount.estates_added)}, "
        f"gone {len(amount.estates_removed)}, changed {len(amount.estates)}); "
        f"units {sum(before.values())} → {sum(after.values())}, status changed for {amount.units_moved}.",
    )
    states = [f"{status_word(one.word)} {before[one.word]} → {after[one.word]}" for one in Status]
    yield "  " + said("，", ", ").join(states)
    yield "  " + _amount(amount)


def _named(step: DiffStep) -> str:
    return "＋".join(said(*_CAUSES[one]) for one in step.causes)


def _amount(amount: Tally) -> str:
    """What a tally of many estates amounts to, leaving out what is nothing."""
    count = len(amount.estates)
    parts = [said(f"涉及小区 {count}", f"estates {count}")] if count else []
    parts += _parts(amount)
    if amount.dates:
        parts.append(said(f"完成日期变动 {amount.dates}", f"end dates {amount.dates}"))
    return said("，", ", ").join(parts)


def _parts(amount: Tally) -> list[str]:
    """What a tally amounts to beside estates and their dates."""
    told = [f"{status_word(name)} {count:+d}" for name, count in amount.units.items()]
    told.append(_pair(amount.items_added, amount.items_removed, said("缺项", "missing papers")))
    told += [
        f"{said(*words)} {text}"
        for words, text in (
            (("缺项合计", "gaps"), f"{amount.gaps:+d}" if amount.gaps else ""),
            (("价格变动", "prices"), f"{amount.prices or ''}"),
            (("改走路径", "ways switched"), f"{amount.ways or ''}"),
        )
        if text
    ]
    told.append(_pair(amount.questions_opened, amount.questions_closed, said("待核实", "questions")))
    told += [
        f"{said(*words)} {text}"
        for words, text in (
            (("办理费用", "cost"), yuan(amount.money_fen) if amount.money_fen else ""),
            (("工时", "person-hours"), f"{amount.effort:+d}" if amount.effort else ""),
            (("住户税费", "fees"), yuan(amount.fees_fen) if amount.fees_fen else ""),
            (("其他变动", "other changes"), f"{amount.others or ''}"),
        )
        if text
    ]
    return [one for one in told if one]


def _pair(added: int, removed: int, what: str) -> str:
    told = [f"+{added}"] * bool(added) + [f"−{removed}"] * bool(removed)
    return f"{what} {' '.join(told)}" if told else ""


# -- estate by estate


def _each_estate(found: PlanDiff) -> Iterator[str]:
    trail = caused_by(found)
    estates = {at: told for at, told in by_estate(found).items() if tally(told).estates}
    for estate, changes in list(estates.items())[:_MOST_ESTATES]:
        seen = [one for one in changes if one.key.kind in SEEN]
        ids = {id(step) for one in seen for step in trail[estate, one.key]}
        why = said("；", "; ").join(_named(step) for step in found.steps if id(step) in ids)
        name = f"{name_of(found, estate)}{_moved(changes)}"
        amount = said("，", ", ").join([*_parts(tally(changes)), *_finish(found, changes)])
        yield said(f"  {name}：{amount}（{why}）", f"  {name}: {amount} ({why})")
    more = len(estates) - _MOST_ESTATES
    if more > 0:
        yield said(
            f"另有 {more} 个小区有变化；逐项见 --json，单个小区用 --estate 名称。",
            f"{more} more estates changed: see --json, or --estate NAME for one.",
        )


def _finish(found: PlanDiff, changes: Sequence[Change]) -> Iterator[str]:
    """When an estate was to end, and when it is to now; a blocked one has no end."""
    for one in changes:
        if one.key == Key("date", "finish") and one.before is not None and one.after is not None:
            ends = end_of(found, one)
            if ends == (None, None):
                yield said("受阻，前后均无完成日期", "blocked: no end, then and now")
                continue
            days = [said("无（受阻）", "none (blocked)") if day is None else day for day in ends]
            days = [day or said("未定", "open") for day in days]
            yield said(f"完成 {days[0]} → {days[1]}", f"ends {days[0]} → {days[1]}")


def _moved(changes: Sequence[Change]) -> str:
    """How the status of an estate moved, or that it came or went."""
    for one in changes:
        if one.key.kind == "estate" and one.before is None:
            return said("（新增）", " (new)")
        if one.key.kind == "estate" and one.after is None:
            return said("（退出）", " (gone)")
        if one.key.kind == "status":
            return f" {status_word(one.before)} → {status_word(one.after)}"
    return ""


def _place_in_list(change: Change) -> int:
    """Where an estate stands comes first, then its papers, then what follows."""
    return _FIRST.index(change.key.kind) if change.key.kind in _FIRST else len(_FIRST)


def _each_change(made: Comparison) -> Iterator[str]:
    """Every change that is seen, under the cause at which it came about."""
    found = made.found
    trail = caused_by(found)
    words = ChangeWords(made)
    for step in found.steps:
        told = [
            line
            for one in sorted(found.whole, key=_place_in_list)
            if one.key.kind in SEEN and trail[one.estate, one.key][-1] is step
            for line in words.lines(one)
        ]
        if told:
            yield f"{_named(step)}{said('：', ':')}"
            yield from (f"  {line}" for line in told)
