"""Sentences that join the pack's labels: why, instead of what, on whose word, on what condition.

Reads from: ``names``, ``rules.terms`` and ``wording``.  Read by: every sheet.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache

from taizhang.exchange.excel.sheets.gap_rows import GapRow
from taizhang.exchange.excel.sheets.names import Names
from taizhang.exchange.excel.wording import Wording
from taizhang.rules.terms import (
    Alternative,
    Assumption,
    CityPlan,
    EstatePlan,
    JointPlan,
    Question,
    RouteChoice,
)

__all__ = ["Sentences"]

_ORDERS = {
    "fewest": ("rank", "items", "money", "effort", "days"),
    "fastest": ("rank", "days", "items", "money", "effort"),
}
_DIGITS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_YEAR = re.compile(r"(\d{4})年放假安排未公布")


class Sentences(Names):
    """What the sheets say about one city, in one language."""

    def __init__(self, city: CityPlan, wording: Wording) -> None:
        super().__init__(city, wording)
        self._year = _year_without_notice(city)
        self.why = cache(self._why)
        self.alternative = cache(self._alternative)

    # ---- reasons

    def _why(self, path: tuple[RouteChoice, ...]) -> str:
        """Return the path from the goal down: ``办证 ← 首次登记 ← 规划核实``."""
        said: list[str] = []
        for choice in path:
            name = self.label(choice.node)
            if not said or said[-1] != name:
                said.append(name)
        return " ← ".join(said)

    def grade(self, row: GapRow) -> str:
        """Return how much a paper is needed, and what it costs to do without."""
        word = self._w.grade(row.grade)
        if row.refusal is None:
            return word
        without = self._w.delta(row.refusal)
        return f"{word}（不补此件：{without}）" if self._zh else f"{word} (without it: {without})"

    def alternatives(self, found: Sequence[Alternative]) -> str:
        """Return the other ways, numbered."""
        return self._numbered([self.alternative(one) for one in found])

    def _numbered(self, said: Sequence[str]) -> str:
        """Return sentences in one paragraph, each once, numbered where there are several."""
        said = list(dict.fromkeys(said))
        if len(said) <= 1:
            return "".join(said)
        return "  ".join(
            f"{_DIGITS[n] if n < len(_DIGITS) else f'({n + 1})'}{one}" for n, one in enumerate(said)
        )

    def _alternative(self, one: Alternative) -> str:
        name = f"{self.label(one.node)}·{self.way_label(one.node, one.way)}"
        return f"{name}：{self._reason(one)}" if self._zh else f"{name}: {self._reason(one)}"

    def _reason(self, one: Alternative) -> str:
        price = self._w.delta(one.delta) if one.delta is not None else ""
        detail = self.labels(one.detail)
        if one.reason == "dearer":
            return price or self._w.grade("convenient")
        if one.reason == "blocked":
            if not detail:
                return "走不通" if self._zh else "blocked"
            return f"走不通（{detail}）" if self._zh else f"blocked by {detail}"
        if one.reason == "guard_false":
            if not detail:
                return "条件不符" if self._zh else "does not apply"
            return f"条件不符（{detail}）" if self._zh else f"does not apply ({detail})"
        if one.reason == "not_in_force":
            return self._not_in_force(one)
        if one.reason == "not_adopted":
            if self._zh:
                return "外地做法，本地未采用" + (f"；若经本地采用：{price}" if price else "")
            return "practice of other places, not adopted here" + (f"; if adopted: {price}" if price else "")
        return one.reason

    def _not_in_force(self, one: Alternative) -> str:
        way = self._ways.get((one.node, one.way))
        start, end = (way.effective.start, way.effective.end) if way else (None, None)
        if start is not None and start > self._pack.as_of:
            day = self._w.day(start)
            return f"尚未施行（自{day}起施行）" if self._zh else f"not yet in force (from {day})"
        if end is not None:
            day = self._w.day(end)
            return f"已失效（施行至{day}）" if self._zh else f"no longer in force (until {day})"
        return "不在施行期间" if self._zh else "not in force"

    # ---- conditions

    def answers(self, fact: str, answers: Iterable[str]) -> str:
        """Return answers in words: labels of an enum, yes and no, or an interval."""
        known = self._pack.facts.get(fact)
        said = []
        for answer in answers:
            if known is not None and answer in known.values:
                said.append(known.values[answer].in_(self._w.language))
            elif answer in ("true", "false"):
                said.append(self._w.say("yes" if answer == "true" else "no"))
            else:
                said.append(answer)
        return self._w.joined(said, sep="或" if self._zh else " or ")

    def assumptions(self, estate: EstatePlan) -> str:
        """Return what a plan takes for granted; equal ones of many places once."""
        grouped: dict[tuple[str, tuple[str, ...]], list[Assumption]] = {}
        for one in estate.joint.assumes:
            grouped.setdefault((one.fact, one.answers), []).append(one)
        said = []
        for (fact, answers), found in grouped.items():
            where = self.places(estate, [one.place for one in found])
            name, value = self.label(fact), self.answers(fact, answers)
            said.append(
                f"按“{name}：{value}”假定{f'（{where}）' if where else ''}"
                if self._zh
                else f"assuming {name}: {value}{f' ({where})' if where else ''}"
            )
        return self._numbered(said)

    def places(self, estate: EstatePlan, ids: Sequence[str], count: int = 0) -> str:
        """Return a few places of an estate in words; nothing for the estate itself.

        Args:
            estate: The estate.
            ids: The places, or some of them.
            count: How many there are, where ``ids`` does not name all.
        """
        count = max(count, len(ids))
        if not ids or list(ids) == [estate.place.id]:
            return ""
        if count == 1:
            return self.place(estate, ids[0])
        level = estate.places[ids[0]].level if ids[0] in estate.places else ""
        if level == "unit":
            return self._w.say("n_units", n=count)
        if count > len(ids):
            return self._w.say("n_places", n=count)
        return self._w.some([self.place(estate, one) for one in ids])

    def outcomes(self, question: Question) -> str:
        """Return the plan under each answer, one to a line."""
        said = []
        differing = question.differing() or ((),) * len(question.outcomes)
        for (answers, vector), names in zip(question.outcomes, differing, strict=True):
            plan = self._w.vector(vector) if vector is not None else self._blocked_word
            only = self._w.some([self.label(name) for name in names]) if names else ""
            if only:
                plan += f"；须补{only}" if self._zh else f"; it takes {only}"
            said.append(f"{self.answers(question.fact, answers)}{'：' if self._zh else ': '}{plan}")
        return "\n".join(said)

    @property
    def _blocked_word(self) -> str:
        return "受阻，无路可走" if self._zh else "blocked, no way left"

    def blocked(self, estate: EstatePlan) -> str:
        """Return what stands in the way of an estate, and what would open it."""
        if not estate.blocked_by:
            return ""
        reason = self.labels(estate.blocked_by)
        said = [f"受阻于：{reason}" if self._zh else f"blocked by: {reason}"]
        if estate.lift is not None:
            said.append(self._lift(estate))
        return "\n".join(said)

    def _lift(self, estate: EstatePlan) -> str:
        lift = estate.lift
        if lift is None:
            return ""
        got = Counter(name for name, _ in lift.items)
        adopted = Counter((choice.node, choice.way) for choice in lift.ways)
        acts = []
        for name, count in got.items():
            said = f"设法取得“{self.label(name)}”" if self._zh else f"get {self.label(name)} after all"
            acts.append(said + self._times(count))
        for (node, way), count in adopted.items():
            name = f"{self.label(node)}·{self.way_label(node, way)}"
            said = (
                f"经本地文件或一事一议采用“{name}”"
                if self._zh
                else f"adopt {name} by a local paper or decision"
            )
            acts.append(said + self._times(count))
        after = self._w.vector(lift.vector)
        listed = self._w.joined(acts, sep="；" if self._zh else "; ")
        return f"破解：{listed}；其后{after}" if self._zh else f"would open: {listed}; then {after}"

    def _times(self, count: int) -> str:
        """Return at how many places, where there is more than one."""
        if count == 1:
            return ""
        places = self._w.say("n_places", n=count)
        return f"（{places}）" if self._zh else f" ({places})"

    # ---- time and the order of plans

    def due(self, estate: EstatePlan, offset: int) -> date | str:
        """Return the date of a working day of a plan, or why there is none."""
        return self.due_of((estate,), offset)

    def due_of(self, estates: Sequence[EstatePlan], offset: int) -> date | str:
        """Return the same for a paper of several estates: the first plan that knows the day."""
        known = [estate.due[offset] for estate in estates if offset in estate.due]
        day = next((day for day in known if day is not None), None)
        if day is not None:
            return day
        if offset == 0:
            return estates[0].start
        counted = self._w.say("work_day", n=offset)
        if not known:
            return counted
        return f"{self.no_notice}\n（{counted}）" if self._zh else f"{self.no_notice}\n({counted})"

    @property
    def no_notice(self) -> str:
        """Why a date is missing: ``2027年放假安排未公布``."""
        if self._year is None:
            return self._w.say("no_notice_any")
        return self._w.say("no_notice", year=self._year)

    @property
    def order(self) -> tuple[str, ...]:
        """The parts by which plans are compared, first the one that counts most."""
        return _ORDERS.get(self._city.prefer, self._pack.objective)

    def bound(self, joint: JointPlan) -> str:
        """Return the first part in which another plan may be better, and what it cannot be below."""
        least = joint.least(self.order)
        if least is None:
            return ""
        part, value = least
        amount = self._w.money(value) if part == "money" else f"{value:,}"
        return f"{self._w.part(part)}{'' if self._zh else ' '}{amount}"


def _year_without_notice(city: CityPlan) -> int | None:
    """Return the first year the calendar has not been told about, from the complaint that says so."""
    for complaint in city.complaints:
        if found := _YEAR.search(complaint.zh):
            return int(found[1])
        if complaint.code == "C-CALENDAR-YEAR" and complaint.read.isdecimal():
            return int(complaint.read)
    return None
