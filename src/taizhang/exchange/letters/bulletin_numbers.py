"""The numbers of the bulletin: where the city stands, the ranking, and what each office owes.

Reads from: ``bulletin_file``, ``bulletin_change``, ``bulletin_words``, ``paper``.  Read by: ``bulletin``.
"""

from __future__ import annotations

from taizhang.exchange.diagram.wording import STATUSES, day_text, supplier
from taizhang.exchange.letters import bulletin_words as words
from taizhang.exchange.letters.bulletin_change import (
    Change,
    Flow,
    Standing,
    compare,
    least_units,
    planned_places,
    standings,
)
from taizhang.exchange.letters.bulletin_file import Snapshot, snapshot
from taizhang.exchange.letters.paper import Paper
from taizhang.rules.terms import CityPlan, Status

__all__ = ["Bulletin", "offices", "overview", "ranking"]


_Table = tuple[tuple[str, ...], tuple[float, ...], str]
_COMPARED: _Table = (
    ("名次", "县（市、区）", "户数", "已具备", "上期缺", "销项", "转出", "新增", "本期缺", "销项率", ""),
    (9, 25, 15, 15, 15, 13, 12, 13, 15, 14, 10),
    "clrrrrrrrrl",
)
_FIRST: _Table = (
    ("名次", "县（市、区）", "户数", "已具备", "占比", "本期缺", ""),
    (12, 40, 22, 22, 18, 22, 20),
    "clrrrrl",
)  # fmt: skip


class Bulletin:
    """One bulletin being written, with what it is written from."""

    def __init__(self, city: CityPlan, last: Snapshot | None) -> None:
        self.city, self.last, self.now = city, last, snapshot(city)
        self.change: Change = compare(last, self.now, planned_places(city))
        self.standings = standings(self.now, self.change, compared=last is not None)
        self.paper = Paper()
        self.sections = 0

    @property
    def units(self) -> int:
        """Households in the ledger."""
        return sum(sum(one.units) for one in self.now.estates)

    def section(self, name: str) -> None:
        """Begin the next section."""
        self.paper.heading(f"{words.NUMBERS[self.sections]}、{name}")
        self.sections += 1


def overview(draft: Bulletin) -> None:
    """Write 总体情况."""
    draft.section("总体情况")
    now, last, flow = draft.now, draft.last, draft.change.total
    by_status = words.by_status(now)
    split = "、".join(
        f"{STATUSES[status][0]}{count:,}户（{words.percent(count, draft.units)}）"
        for status, count in by_status.items()
    )
    ready = sum(one.ready for one in now.estates)
    owing = sum(one.now > 0 for one in draft.change.suppliers.values())
    draft.paper.text(
        f"截至{day_text(now.as_of)}，台账共列小区{len(now.estates):,}个、{draft.units:,}户：{split}。"
        f"全部住户已具备办证条件的小区{ready:,}个。各小区联合方案共缺材料{flow.now:,}处，涉及{owing}个责任单位。"
    )
    if last is None:
        draft.paper.text("本期没有上期存档可比，以下只列现状。")
        return
    draft.paper.text(
        f"上期（{day_text(last.as_of)}）缺材料{flow.last:,}处，本期销项{flow.closed:,}处"
        f"（销项率{words.percent(flow.closed, flow.last)}），转出{flow.left:,}处，新增{flow.new:,}处，"
        f"现缺{flow.now:,}处。主要指标变化如下："
    )
    before = words.by_status(last)
    rows = [
        ("小区（个）", len(last.estates), len(now.estates)),
        ("住户（户）", sum(before.values()), draft.units),
        *((f"其中：{STATUSES[status][0]}", before[status], count) for status, count in by_status.items()),
        ("全部已具备的小区（个）", sum(one.ready for one in last.estates), ready),
        ("缺材料（处）", flow.last, flow.now),
    ]
    draft.paper.table(
        ("指标", "上期", "本期", "增减"),
        [(name, f"{old:,}", f"{new:,}", words.signed(new - old)) for name, old, new in rows],
        (66, 30, 30, 30),
        "lrrr",
    )


def ranking(draft: Bulletin) -> None:
    """Write the ranking of the counties."""
    draft.section("各县（市、区）排名")
    compared, least = draft.last is not None, least_units(draft.units)
    what = "销项率（本期销项处数占上期缺材料处数的比例）" if compared else "已具备办证条件户数占比"
    draft.paper.text(
        f"按{what}由高到低排名，按精确比值比较，比值相同的名次并列。不足{least:,}户的县（市、区）样本过小，"
        f"列在表后部、不排名（界限取500户与全市户数百分之一中较小者）。"
    )
    rows = [_standing_row(one, compared) for one in draft.standings]
    shared = draft.change.counties.get(None)
    if shared is not None:
        rows.append(_flow_row(("", "跨县共用", "", ""), shared, compared))
    ready = words.by_status(draft.now)[Status.PROVED]
    total = ("", "合计", f"{draft.units:,}", f"{ready:,}")
    rows.append(_flow_row(total, draft.change.total, compared, words.percent(ready, draft.units)))
    heads, widths, sides = _COMPARED if compared else _FIRST
    draft.paper.table(heads, rows, widths, sides)
    reasons = [
        f"{one.county or '未注明'}（{words.APART[one.apart].format(units=one.units, least=least)}）"
        for one in draft.standings
        if one.apart
    ]
    if reasons:
        draft.paper.text(f"未排名的：{'、'.join(reasons)}。")


def _standing_row(one: Standing, compared: bool) -> tuple[str, ...]:
    rank = str(one.rank) if one.rank else "—"
    part, whole = (one.flow.closed, one.flow.last) if compared else (one.ready, one.units)
    start = (rank, one.county or "未注明", f"{one.units:,}", f"{one.ready:,}")
    return _flow_row(start, one.flow, compared, words.percent(one.ready, one.units), words.bar(part, whole))


def _flow_row(
    start: tuple[str, ...], flow: Flow, compared: bool, ready: str = "", bar: str = ""
) -> tuple[str, ...]:
    if not compared:
        return (*start, ready, f"{flow.now:,}", bar)
    moved = (flow.last, flow.closed, flow.left, flow.new, flow.now)
    return (*start, *(f"{number:,}" for number in moved), words.percent(flow.closed, flow.last), bar)


def offices(draft: Bulletin) -> None:
    """Write 部门欠件."""
    draft.section("部门欠件")
    flows = draft.change.suppliers
    order = {one: number for number, one in enumerate(draft.city.pack.suppliers)}
    names = sorted(flows, key=lambda one: (-flows[one].now, order.get(one, len(order)), one))
    if not names:
        draft.paper.text("没有欠件。")
        return
    most, total = max(flow.now for flow in flows.values()), draft.change.total
    draft.paper.text("按本期欠件数由多到少排列。")
    rows = []
    for name in names:
        flow = flows[name]
        start = (supplier(draft.city.pack, name),)
        moved = (flow.last, flow.closed, flow.left, flow.new) if draft.last else ()
        rows.append((*start, *(f"{n:,}" for n in (*moved, flow.now)), words.bar(flow.now, most)))
    moved = (total.last, total.closed, total.left, total.new) if draft.last else ()
    rows.append(("合计", *(f"{n:,}" for n in (*moved, total.now)), ""))
    if draft.last:
        heads = ("责任单位", "上期欠", "销项", "转出", "新增", "本期欠", "")
        draft.paper.table(heads, rows, (46, 19, 17, 17, 17, 20, 20), "lrrrrrl")
    else:
        draft.paper.table(("责任单位", "本期欠", ""), rows, (86, 30, 40), "lrl")
