"""The words of the workbook in Chinese and English, in one place.

Headings, states, grades, money, days and dates are here.  Labels of papers, facts and offices
come from the pack; the sentences that join them are in ``sheets.sentences``.

Reads from: ``rules.terms``.  Read by: every sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from taizhang.rules.terms import Status, Vector

__all__ = ["SHEET_NAMES", "Wording", "yuan"]

_SHEETS: Mapping[str, tuple[str, str]] = {
    "overview": ("总览", "Overview"),
    "estates": ("小区方案", "Estate plans"),
    "gaps": ("缺项清单", "Gaps"),
    "departments": ("部门任务", "Tasks by office"),
    "duties": ("后续责任", "Duties afterwards"),
    "units": ("户清单", "Units"),
    "leverage": ("突破口", "Leverage"),
    "questions": ("待核实", "To be verified"),
    "entries": ("补录", "Entries"),
    "complaints": ("导入问题", "Import problems"),
    "differences": ("并表对照", "Side by side"),
    "original": ("原表", "Original"),
    "notes": ("说明", "About"),
}

SHEET_NAMES = frozenset(name for key, names in _SHEETS.items() if key != "original" for name in names)

_STATUS: tuple[tuple[str, str], ...] = (
    ("已具备", "proved"),
    ("缺件可补", "open"),
    ("待查明", "depends"),
    ("受阻", "blocked"),
)

_LEVELS: Mapping[str, tuple[str, str]] = {
    "city": ("市", "city"),
    "county": ("县市区", "county"),
    "estate": ("小区", "estate"),
    "building": ("幢", "building"),
    "unit": ("户", "unit"),
}

_GRADES: Mapping[str, tuple[str, str]] = {
    "necessary": ("必需", "necessary"),
    "chosen": ("优选", "chosen"),
    "convenient": ("便利", "convenient"),
    "": ("", ""),
}

_PREFER: Mapping[str, tuple[str, str]] = {
    "cheapest": ("费用最省", "cheapest"),
    "fewest": ("件数最少", "fewest"),
    "fastest": ("时间最短", "fastest"),
}

_PARTS: Mapping[str, tuple[str, str]] = {
    "rank": ("办理路径位次", "rank of the way"),
    "money": ("费用", "money"),
    "effort": ("工时", "effort"),
    "items": ("件数", "papers"),
    "days": ("工作日", "working days"),
}

_DIFFERENCES: Mapping[str, tuple[str, str]] = {
    "disagree": ("两处不一致", "disagree"),
    "conflict": ("双方都改", "both edited"),
    "changed": ("已修改", "changed"),
    "added": ("新增", "added"),
    "deleted": ("删除", "deleted"),
}

_KINDS: Mapping[str, str] = {
    "law": "法律",
    "regulation": "行政法规",
    "rule": "部门规章",
    "notice": "规范性文件",
    "local": "地方文件",
    "practice": "外地做法",
    "background": "背景知识",
    "minutes": "会议纪要",
    "fictional": "虚构（演示）",
}

_PHRASES: Mapping[str, tuple[str, str]] = {
    # headings
    "number": ("序号", "No."),
    "county": ("县市区", "County"),
    "street": ("街道（镇）", "Street"),
    "estate": ("小区", "Estate"),
    "building": ("幢", "Building"),
    "unit": ("户号", "Unit"),
    "place": ("地点", "Place"),
    "level": ("层级", "Level"),
    "item": ("缺项（材料）", "Missing paper"),
    "supplier": ("责任部门", "Office"),
    "official": ("责任人", "Official in charge"),
    "sponsor": ("包保领导", "Sponsor"),
    "days": ("工作日", "Working days"),
    "law_days": ("法定时限（工作日）", "Statutory limit (w.d.)"),
    "start": ("最早开始", "Earliest start"),
    "due": ("应办结", "Due"),
    "slack": ("机动（工作日）", "Slack (w.d.)"),
    "money": ("已知费用（元）", "Known money (CNY)"),
    "effort": ("工时", "Person-hours"),
    "units": ("户数", "Units"),
    "units_affected": ("涉及户数", "Units affected"),
    "places": ("处数", "Places"),
    "ready": ("现可办证", "Ready"),
    "urgent": ("急办情形", "Cannot wait because"),
    "urgent_units": ("急办户数", "Urgent units"),
    "owed": ("后续应补（材料、事项）", "Still owed"),
    "put_off_by": ("缓办依据的路径", "Put off by"),
    "consequence": ("逾期后果", "If it is not supplied"),
    "grade": ("必要程度", "Grade"),
    "progress": ("办理情况", "Progress"),
    "sources": ("依据", "Sources"),
    "why": ("缘由（由终到始）", "Why (from the goal down)"),
    "validity": ("时效（出具不早于、重办）", "Validity (not before, renewal)"),
    "alternatives": ("其他路径及代价", "Other ways and their price"),
    "status": ("状态", "Status"),
    "classes": ("问题分类", "Problem classes"),
    "items": ("缺项件数", "Papers"),
    "unknown_money": ("费用未知项", "Of unknown price"),
    "end": ("预计办结", "Planned end"),
    "blocked": ("受阻原因及破解", "Blocked by, and what would open it"),
    "assumes": ("方案所作假定", "Assumptions"),
    "optimal": ("证明", "Proof"),
    "step": ("环节", "Step"),
    "way": ("办理路径", "Way"),
    "way_kind": ("路径类别", "Kind of way"),
    "kind": ("类别", "Kind"),
    "task": ("事项", "Task"),
    "holder": ("权利人", "Holder"),
    "own": ("本户缺件", "Own missing papers"),
    "own_count": ("本户缺件数", "Own"),
    "shared": ("共用缺件", "Shared missing papers"),
    "shared_count": ("共用缺件数", "Shared"),
    "fees_unknown": ("费用待明（缺少的信息）", "Fees unknown for want of"),
    "fees_total": ("费用合计（元，已知部分）", "Total of known fees (CNY)"),
    "marginal_items": ("本户方案件数", "Unit plan: papers"),
    "marginal_days": ("本户方案工作日", "Unit plan: w.d."),
    "blocked_by": ("受阻原因", "Blocked by"),
    "estates": ("小区数", "Estates"),
    "in_plan": ("方案中涉及户数", "Units whose plan uses it"),
    "sole": ("仅差此件户数", "Units lacking only this"),
    "which": ("涉及小区", "Estates concerned"),
    "priority": ("优先级", "Priority"),
    "fact": ("待核实事项", "Unknown fact"),
    "ask": ("核实问题", "Question to ask"),
    "who": ("由谁答复", "Who can answer"),
    "unknown_places": ("未知处数", "Unknown at"),
    "answer": ("答复", "Answer"),
    "entered": ("填报内容", "Entered"),
    "what": ("材料或事项", "Paper or fact"),
    "origin": ("来源", "From"),
    "outcomes": ("各种答复下的方案", "The plan under each answer"),
    "code": ("代码", "Code"),
    "sheet": ("原表", "Sheet"),
    "cell": ("单元格", "Cell"),
    "read": ("读到的内容", "What was read"),
    "message_zh": ("问题及处理", "Problem (Chinese)"),
    "message_en": ("英文说明", "Problem (English)"),
    "column": ("列", "Column"),
    "heading": ("表头", "Heading"),
    "field": ("识别为", "Understood as"),
    "reason": ("理由", "Reason"),
    "document": ("文件", "Document"),
    "version": ("版本", "Version"),
    "source_kind": ("类别", "Kind"),
    "share": ("占比", "Share"),
    # two cells side by side
    "used_side": ("采用·", "Used: "),
    "other_side": ("另一处·", "Other: "),
    "said": ("内容", "text"),
    "file": ("文件", "file"),
    "empty_cell": ("（空）", "(empty)"),
    "differences_remark": (
        "左为采用，右为另一处；点单元格转到原表",
        "click a cell to see it where it stands",
    ),
    # officers fill these in
    "not_started": ("未开始", "not started"),
    "under_way": ("办理中", "under way"),
    "completed": ("已办结", "completed"),
    "returned": ("退回", "returned"),
    # small words
    "back": ("← 总览", "← Overview"),
    "gap": ("缺件", "paper"),
    "procedure": ("办理环节", "step"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "total": ("合计", "Total"),
    "sum": ("小计", "sum"),
    "none": ("无", "none"),
    "unknown": ("未知", "unknown"),
    "verify_mark": ("（待核实）", " (to be verified)"),
    "to_verify": ("待核实", "to be verified"),
    "ordinary": ("常规", "ordinary"),
    "substitute": ("替代", "substitute"),
    "known_cost": ("已知费用", "known cost "),
    "statutory": ("法定时限{n}个工作日", "statutory limit {n} w.d."),
    "later_way": ("改走替代路径", "by a substitute way"),
    "earlier_way": ("改走较先的路径", "by a way that ranks before"),
    "no_supplier": ("（未注明）", "(not named)"),
    "also_unknown": ("另有{n}项费用未知", "{n} further costs unknown"),
    "also_unknown_places": ("另有{n}处费用未知", "cost unknown at {n} further places"),
    "n_units": ("{n}户", "{n} units"),
    "n_places": ("{n}处", "{n} places"),
    "and_alike": ("{name}等{n}{unit}", "{name} and others, {n} in all"),
    "n_rows": ("共{n}行", "{n} rows"),
    "shared_by": ("{names}等{n}个小区共用", "shared by {n} estates: {names} …"),
    "shared_by_few": ("{names}共用", "shared by {names}"),
    "and_more": ("{names}等{n}个", "{names} … {n} in all"),
    "no_notice": ("{year}年放假安排未公布", "holidays of {year} not yet published"),
    "no_notice_any": ("放假安排未公布", "holidays not yet published"),
    "work_day": ("第{n}个工作日", "working day {n}"),
    "other_sheet": ("（续表：{names}）", " (continued: {names})"),
}

_PROVED = ("已证最优", "proved optimal")
_NOT_PROVED = ("尚未证明，下界：{bound}", "not proved, bound: {bound}")


def yuan(fen: int) -> Decimal:
    """Return money in yuan, exactly.

    >>> yuan(1234567)
    Decimal('12345.67')
    """
    return Decimal(fen).scaleb(-2)


class Wording:
    """Everything the workbook says that does not come from the pack, in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._index = 0 if language == "zh" else 1

    def say(self, key: str, **values: object) -> str:
        """Return a phrase; ``values`` fill its braces."""
        return _PHRASES[key][self._index].format(**values)

    def sheet(self, key: str) -> str:
        """Return the name of a sheet."""
        return _SHEETS[key][self._index]

    def status(self, status: Status) -> str:
        """Return the word for a status."""
        return _STATUS[status][self._index]

    def level(self, level: str) -> str:
        """Return the word for a level; the pack's own name where it is none of ours."""
        return _LEVELS.get(level, (level, level))[self._index]

    def grade(self, grade: str) -> str:
        """Return the word for how much a gap is needed."""
        return _GRADES.get(grade, (grade, grade))[self._index]

    def difference(self, kind: str) -> str:
        """Return the word for how two cells differ."""
        return _DIFFERENCES.get(kind, (kind, kind))[self._index]

    def source_kind(self, kind: str) -> str:
        """Return the word for the kind of a source."""
        return _KINDS.get(kind, kind) if self._index == 0 else kind

    def prefer(self, prefer: str) -> str:
        """Return the word for a preference."""
        return _PREFER.get(prefer, (prefer, prefer))[self._index]

    def part(self, part: str) -> str:
        """Return the word for one part of the objective."""
        return _PARTS.get(part, (part, part))[self._index]

    def joined(self, parts: list[str] | tuple[str, ...], *, sep: str = "") -> str:
        """Return a list in words."""
        return (sep or ("、" if self._index == 0 else ", ")).join(parts)

    def some(self, names: list[str], limit: int = 3) -> str:
        """Return a few names and how many there are."""
        if len(names) <= limit:
            return self.joined(names)
        return self.say("and_more", names=self.joined(names[:limit]), n=len(names))

    def day(self, day: date) -> str:
        """Return a date in words: ``2024年1月28日``."""
        if self._index == 0:
            return f"{day.year}年{day.month}月{day.day}日"
        return day.isoformat()

    def money(self, fen: int) -> str:
        """Return money in words: ``1,200.00元``."""
        return f"{yuan(fen):,}元" if self._index == 0 else f"CNY {yuan(fen):,}"

    def vector(self, vector: Vector) -> str:
        """Return what a plan costs in words."""
        if self._index == 0:
            return (
                f"已知费用{self.money(vector.money_fen)}，工时{vector.effort:,}，"
                f"{vector.items:,}件，{vector.days:,}个工作日"
            )
        return (
            f"known cost {self.money(vector.money_fen)}, {vector.effort:,} person-hours, "
            f"{vector.items:,} papers, {vector.days:,} working days"
        )

    def delta(self, delta: Vector) -> str:
        """Return how one plan differs from another in words; only what differs."""
        said = []
        if delta.rank:
            said.append(self.say("later_way" if delta.rank > 0 else "earlier_way"))
        if delta.money_fen:
            sign = "+" if delta.money_fen > 0 else "-"
            said.append(f"{self.say('known_cost')}{sign}{self.money(abs(delta.money_fen))}")
        for part, value in (("effort", delta.effort), ("items", delta.items), ("days", delta.days)):
            if value:
                said.append(f"{self.part(part)}{value:+,d}")
        if not said:
            return "代价相同" if self._index == 0 else "at the same price"
        return ("，" if self._index == 0 else ", ").join(said)

    def optimality(self, proved: bool, bound: str) -> str:
        """Return whether a plan is proved to be the best, and how much better it could be."""
        if proved:
            return _PROVED[self._index]
        return _NOT_PROVED[self._index].format(bound=bound or self.say("unknown"))
