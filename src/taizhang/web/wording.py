"""Words of the pages in both languages, by the identifier they stand for.

Reads from: ``exchange.diagram.wording``, ``office.words``.  Read by: the views and the tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from taizhang.exchange.diagram.wording import STATUSES
from taizhang.office import words
from taizhang.rules.terms import Pack, Status

__all__ = [
    "CASES",
    "COLUMNS",
    "DECISIONS",
    "DUE",
    "FIELDS",
    "JOBS",
    "JOURNAL",
    "PLANS",
    "STAGES",
    "STATES",
    "STATUS_LABELS",
    "TITLES",
    "UNITS",
    "building_name",
    "day_text",
    "fact_text",
    "fen_text",
    "paper_name",
    "rate_text",
    "source_titles",
    "status_word",
    "supplier_name",
    "word",
]

Words = Mapping[str, tuple[str, str]]

_BUILDINGS = ("幢", "楼", "栋", "座", "号")
STATUS_LABELS: Words = {status.word: told for status, told in STATUSES.items()}
STATES: Words = {
    **{name: (label.zh, label.en) for name, label in words.STATES.items()},
    "running": ("未办结", "not complete"),
}
PLANS: Words = {
    "adopted": ("已采用", "adopted"),
    "proposed": ("待采用", "to adopt"),
    "none": ("待测算", "not computed"),
}
DECISIONS: Words = {
    "proposed": ("待议定", "to be decided"),
    "taken": ("同意", "taken"),
    "rejected": ("未同意", "not taken"),
    "repealed": ("已撤销", "repealed"),
}
CASES: Words = {
    "registered": ("已首次登记", "registered first"),
    "closed": ("已销号", "closed"),
}
TITLES: Words = {
    "billed": ("已开缴费清单", "billed"),
    "certified": ("已发证", "with a certificate"),
    "collected": ("已领证", "collected"),
}
UNITS: Words = {
    "m2": ("平方米", "m²"),
    "CNY": ("元", "yuan"),
    "CNY/m2": ("元/平方米", "yuan/m²"),
    "percent": ("%", "%"),
}
DUE: Words = {
    "overdue": ("已逾期", "overdue"),
    "week": ("七日内到期", "due in seven days"),
    "later": ("七日后到期", "due later"),
    "undated": ("未定日期", "no date"),
}
FIELDS: Words = {
    "q": ("名称", "name"),
    "county": ("县（市、区）", "county"),
    "street": ("街道（镇）", "street"),
    "class": ("问题类别", "class"),
    "status": ("办证条件", "status"),
    "plan": ("方案", "plan"),
    "late": ("逾期", "overdue"),
    "case": ("登记与销号", "registered, closed"),
    "title": ("缴费与发证", "billed, certified"),
    "fees": ("费用", "fees"),
    "supplier": ("责任单位", "supplier"),
    "item": ("材料", "paper"),
    "kind": ("类型", "kind"),
    "state": ("状态", "state"),
    "due": ("到期", "due"),
    "estate": ("小区", "estate"),
    "responsible": ("责任人", "official"),
}
COLUMNS: Words = {
    "estates": ("小区", "estates"),
    "tasks": ("任务", "tasks"),
    "units": ("户", "units"),
    "units_proved": ("已具备条件（户）", "units complete"),
    "units_open": ("缺件可补（户）", "units that can be completed"),
    "units_depends": ("待查明（户）", "units that depend on open facts"),
    "units_blocked": ("受阻（户）", "units blocked"),
    "estates_adopted": ("已采用方案（小区）", "estates with an adopted plan"),
    "tasks_running": ("未办结任务", "tasks running"),
    "tasks_overdue": ("逾期任务", "tasks overdue"),
    "tasks_complete": ("已办结任务", "tasks complete"),
    "estates_registered": ("已首次登记（小区）", "estates registered first"),
    "units_certified": ("已发证（户）", "units with a certificate"),
    "estates_closed": ("已销号（小区）", "estates closed"),
}
JOURNAL: Words = {
    "import_ledger": ("导入台账", "imported a ledger"),
    "export_ledger": ("导出台账", "exported the ledger"),
    "adopt_plan": ("采用方案", "adopted a plan"),
    "propose_plans": ("测算方案", "computed plans"),
    "establish_offices": ("建立机构", "opened offices"),
    "acknowledge_task": ("签收", "acknowledged"),
    "hand_in_evidence": ("提交材料", "handed a paper in"),
    "accept_evidence": ("审核通过", "accepted"),
    "refuse_evidence": ("审核不通过", "refused"),
    "hand_back_task": ("退单", "handed back"),
    "hand_over_task": ("转办", "handed over"),
    "ask_suspension": ("申请中止计时", "asked for the clock to be stopped"),
    "decide_suspension": ("审批中止", "decided on a suspension"),
    "suspend_task": ("中止计时", "stopped the clock"),
    "resume_task": ("恢复计时", "let the clock run on"),
    "ask_extension": ("申请延期", "asked for an extension"),
    "decide_extension": ("审批延期", "decided on an extension"),
    "attach_file": ("上传附件", "kept a file"),
    "read_attachment": ("查阅附件", "read a file"),
    "read_household": ("查阅住户信息", "read a household"),
    "erase_household": ("删除住户信息", "erased a household"),
    "undo_import": ("撤销导入", "took an import back"),
    "record_fact": ("登记查明的情况", "recorded what was found out"),
    "call_meeting": ("召集会商", "called a meeting"),
    "put_on_agenda": ("列入议程", "put on an agenda"),
    "record_minutes": ("登记会议纪要", "recorded the minutes"),
    "record_decision": ("登记议定结果", "recorded a decision"),
    "repeal_decision": ("撤销议定事项", "repealed a decision"),
    "record_registration": ("登记首次登记结果", "recorded a first registration"),
    "cancel_registration": ("撤销登记记录", "cancelled a registration"),
    "record_certificate": ("登记发证", "recorded a certificate"),
    "hand_out_certificate": ("证书领取", "handed a certificate out"),
    "issue_bills": ("开具缴费清单", "issued lists of fees"),
    "record_payment": ("登记缴费", "recorded a payment"),
    "cancel_payment": ("撤销缴费记录", "cancelled a payment"),
    "close_case": ("销号", "closed the case"),
    "reopen_case": ("回潮，重新办理", "opened the case again"),
    "admit_new_holder": ("准予登记新权利人", "let a unit have a new holder"),
    "export_list": ("导出名单", "took a list away"),
    "rotate_keys": ("更换密钥", "turned the keys"),
}
JOBS: Words = {
    "dry_run": ("试运行", "dry run"),
    "import": ("导入", "import"),
    "undo": ("撤销导入", "undo of an import"),
    "breakthroughs": ("突破口", "breakthroughs"),
    "waiting": ("排队中", "waiting"),
    "running": ("进行中", "running"),
    "done": ("已完成", "done"),
    "failed": ("未完成", "failed"),
}
STAGES: Words = {
    "read": ("读取台账", "reading"),
    "write": ("入库", "writing"),
    "plan": ("测算方案", "computing plans"),
    "choose": ("比选组合", "choosing sets"),
    "follow": ("推算采纳之后的变化", "working out what follows"),
}


def word(called: Words, name: str, language: str) -> str:
    """A word in a language; what has no word is said as it is.

    >>> word(STATES, "open", "zh")
    '待签收'
    """
    zh, en = called.get(name, (name, name))
    return zh if language == "zh" else en


def fen_text(fen: int | None, language: str) -> str:
    """An amount in yuan; unknown is said so.

    >>> fen_text(123456789, "zh"), fen_text(-150, "zh")
    ('1,234,567.89 元', '-1.50 元')
    """
    if fen is None:
        return "未知" if language == "zh" else "unknown"
    yuan, rest = divmod(abs(fen), 100)
    text = f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d}"
    return f"{text} 元" if language == "zh" else f"{text} yuan"


def paper_name(pack: Pack, item: str, language: str) -> str:
    """The name of a paper or requirement in the law of today; an item it no longer has keeps its id."""
    found = pack.evidence.get(item) or pack.nodes.get(item)
    return found.label.in_(language) if found else item


def source_titles(pack: Pack, names: Iterable[str], language: str) -> list[tuple[str, bool]]:
    """Titles of sources, each with whether it is to be verified; what the law no longer has is left out."""
    found = [pack.sources[name] for name in dict.fromkeys(names) if name in pack.sources]
    return [(one.title.in_(language), one.verify) for one in found]


def building_name(name: str, language: str) -> str:
    """A building by its name, which may say already that it is one.

    >>> building_name("3", "zh"), building_name("3号楼", "zh")
    ('3幢', '3号楼')
    """
    if language == "en":
        return f"building {name}"
    return name if name.endswith(_BUILDINGS) else f"{name}幢"


def fact_text(pack: Pack, name: str, value: object, language: str) -> str:
    """The answer to a fact, as its page says it."""
    if isinstance(value, bool):
        yes, no = ("是", "否") if language == "zh" else ("yes", "no")
        return yes if value else no
    if isinstance(value, dict):  # as it is kept: a decimal or a day
        return str(next(iter(value.values())))
    found = pack.facts[name].values.get(str(value))
    return found.in_(language) if found else str(value)


def rate_text(pack: Pack, name: str, value: object, language: str) -> str:
    """A rate, an amount or a limit with its unit.

    >>> from datetime import date
    >>> from taizhang.rules.pack import load_pack
    >>> rate_text(load_pack("title-certificates", as_of=date(2024, 12, 1)), "deed_tax_rate", "0.03", "zh")
    '3%'
    """
    unit = pack.params[name].unit
    if unit == "ratio":
        return f"{(Decimal(str(value)) * 100).normalize():f}%"
    return f"{value} {word(UNITS, unit, language)}"


def supplier_name(pack: Pack, supplier: str, language: str) -> str:
    """The name of a supplier."""
    found = pack.suppliers.get(supplier)
    return found.in_(language) if found else supplier


def status_word(value: int | None, language: str) -> str:
    """The word of a status as it is kept."""
    if value is None:
        return word(PLANS, "none", language)
    return word(STATUS_LABELS, Status(value).word, language)


def day_text(day: date | None, language: str) -> str:
    """A day; none is said so."""
    if day is None:
        return "未定" if language == "zh" else "no date"
    return day.isoformat()
