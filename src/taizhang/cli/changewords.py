"""Single changes between two plans in words, with the labels of either law."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from taizhang.cli.console import said
from taizhang.exchange.excel.replaying.difference import end_of
from taizhang.exchange.excel.replaying.sides import Comparison, Side
from taizhang.rules.plancontent import EVERY_UNIT, Said
from taizhang.rules.plandiff import Change
from taizhang.rules.terms import EstatePlan
from taizhang.settings import language

__all__ = ["ChangeWords", "status_word", "yuan"]

_STATUS = {
    "proved": ("已具备", "proved"),
    "open": ("缺件可补", "open"),
    "depends": ("待查明", "depends"),
    "blocked": ("受阻", "blocked"),
}
_TOTALS = {
    "rank": ("替代程度", "rank"),
    "money_fen": ("办理费用", "cost"),
    "effort": ("工时", "person-hours"),
    "items": ("缺件数", "papers"),
    "days": ("工作日", "working days"),
}


def status_word(status: Said) -> str:
    """A status in the language of the settings."""
    return said(*_STATUS[str(status)]) if status in _STATUS else "-"


def yuan(fen: int, *, sign: bool = True) -> str:
    """An amount of fen, in yuan; with ``sign`` as a change."""
    text = f"{'-' if fen < 0 else '+' if sign else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
    return said(f"{text} 元", f"{text} yuan")


class ChangeWords:
    """Puts single changes into words, with the labels of either law."""

    def __init__(self, made: Comparison) -> None:
        self._sides: tuple[Side, Side] = (made.new, made.old)
        self._found = made.found
        self._plans: dict[str, EstatePlan] = {**made.found.former, **made.found.plans}

    def lines(self, one: Change) -> Iterator[str]:
        """The line for a change; none where another line says the same."""
        kind = getattr(self, f"_{one.key.kind}", None)
        text = kind(one) if kind else ""
        if text:
            yield text

    def _label(self, name: str) -> str:
        for side in self._sides:
            pack = side.conditions.pack
            if name in pack.nodes or name in pack.evidence or name in pack.facts:
                return pack.label_of(name).in_(language())
            for table in (pack.fees, {row.id: row for row in pack.classes}):
                if name in table:
                    return table[name].label.in_(language())
        return name

    def _way_label(self, node: str, way: str) -> str:
        for side in self._sides:
            nodes = side.conditions.pack.nodes
            for one in nodes[node].ways if node in nodes else ():
                if one.id == way:
                    return one.label.in_(language())
        return way

    def _where(self, one: Change) -> str:
        if one.key.place in ("", EVERY_UNIT, one.estate):
            return ""
        plan = self._plans[one.estate]
        place = plan.places.get(one.key.place)
        return f"（{place.name}）" if place is not None and place.name else ""

    def _change(self, name: str, one: Change, before: object, after: object) -> str:
        return f"{name}{self._where(one)}：{before} → {after}"

    def _status(self, one: Change) -> str:
        return self._change(said("小区状态", "status"), one, status_word(one.before), status_word(one.after))

    def _units(self, one: Change) -> str:
        after = f"{one.after or 0}{said(' 户', ' units')}"
        return self._change(status_word(one.key.name), one, one.before or 0, after)

    def _item(self, one: Change) -> str:
        name = self._label(one.key.name) + self._where(one)
        old, new = (value[1] if isinstance(value, tuple) else 0 for value in (one.before, one.after))
        many = one.key.place == EVERY_UNIT
        unit = said(" 户", " units")
        if one.before is None:
            return said(f"新增缺项：{name}", f"newly missing: {name}") + (f" {new}{unit}" if many else "")
        if one.after is None:
            return said(f"不再缺：{name}", f"no longer missing: {name}") + (f" {old}{unit}" if many else "")
        if old == new:
            return ""
        return said(f"仍缺：{name} {old} → {new}{unit}", f"missing: {name} {old} → {new}{unit}")

    def _price(self, one: Change) -> str:
        if not isinstance(one.before, tuple) or not isinstance(one.after, tuple):
            return ""
        old, new = (_cost(value) for value in (one.before, one.after))
        return self._change(self._label(one.key.name), one, old, new)

    def _way(self, one: Change) -> str:
        old, new = (
            said("、", ", ").join(self._way_label(one.key.name, str(way)) for way in value)
            if isinstance(value, tuple)
            else ""
            for value in (one.before, one.after)
        )
        name = f"{self._label(one.key.name)}{self._where(one)}"
        if not old or not new:
            return ""
        return said(f"改走路径：{name}：“{old}” → “{new}”", f"another way: {name}: {old} → {new}")

    def _question(self, one: Change) -> str:
        name = f"{self._label(one.key.name)}{self._where(one)}"
        if one.before is None:
            return said(f"新增待核实：{name}", f"question opened: {name}")
        return said(f"已无须核实：{name}", f"question closed: {name}") if one.after is None else ""

    def _total(self, one: Change) -> str:
        old, new = _number(one.before), _number(one.after)
        name = said(*_TOTALS[one.key.name])
        if one.key.name == "money_fen":
            return self._change(name, one, yuan(old, sign=False), yuan(new, sign=False))
        return self._change(name, one, old, new)

    def _date(self, one: Change) -> str:
        name = said("测算起点", "start") if one.key.name == "start" else said("预计完成", "end")
        if one.key.name == "finish" and one.before is not None and one.after is not None:
            none = said("无（受阻）", "none (blocked)")
            ends = [none if day is None else day for day in end_of(self._found, one)]
            if ends == [none, none]:
                return ""
            one = replace(one, before=ends[0], after=ends[1])
        unknown = said("放假安排未公布", "no holiday notice yet")
        return self._change(name, one, one.before or unknown, one.after or unknown)

    def _fee(self, one: Change) -> str:
        old, new = (yuan(_number(value), sign=False) for value in (one.before, one.after))
        return self._change(self._label(one.key.name), one, old, new)

    def _duty(self, one: Change) -> str:
        name = f"{self._label(one.key.name)}{self._where(one)}"
        if one.before is None:
            return said(f"新增证后义务：{name}", f"owed after the certificate: {name}")
        return said(f"不再有证后义务：{name}", f"no longer owed: {name}") if one.after is None else ""

    def _class(self, one: Change) -> str:
        name = self._label(one.key.name)
        if one.after is None:
            return said(f"不再属于问题类型：{name}", f"no longer of class: {name}")
        return said(f"归入问题类型：{name}", f"now of class: {name}")

    def _blocker(self, one: Change) -> str:
        name = self._label(one.key.name)
        if one.after is None:
            return said(f"不再受阻于：{name}", f"no longer blocked by: {name}")
        return said(f"受阻于：{name}", f"blocked by: {name}")

    def _identity(self, one: Change) -> str:
        return self._change(one.key.name, one, one.before or "-", one.after or "-")


def _cost(value: tuple[Said, ...]) -> str:
    money, effort, days = value
    price = yuan(money, sign=False) if isinstance(money, int) else said("费用未知", "price unknown")
    return said(f"{price}、{effort} 工时、{days} 工作日", f"{price}, {effort} h, {days} working days")


def _number(value: Said) -> int:
    return value if isinstance(value, int) else 0
