"""The words of what is sent out, in Chinese and English.

Reads from: nothing.  Read by: the other modules of ``books``.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ABOUT", "Words"]

_SAID: Mapping[str, tuple[str, str]] = {
    # files and sheets
    "manifest": ("目录", "Contents"),
    "tasks": ("任务单", "Tasks"),
    "unit_papers": ("单户材料", "Unit papers"),
    "unit_list": ("单户名单", "Units"),
    "about": ("说明", "About"),
    "unnamed": ("未注明", "not named"),
    "book_county": ("县级方案", "county"),
    "book_street": ("街道方案", "street"),
    "book_department": ("部门任务", "office"),
    "title_manifest": ("下发目录", "What is sent out"),
    "title_tasks": ("{name}任务单", "Tasks of {name}"),
    "title_units": ("{name}须出具的单户材料", "Unit papers owed by {name}"),
    "title_list": ("{name}单户名单", "Units waiting for {name}"),
    # headings
    "number": ("序号", "No."),
    "file": ("文件", "File"),
    "county": ("县市区", "County"),
    "street": ("街道（镇）", "Street"),
    "department": ("部门", "Office"),
    "estates": ("小区数", "Estates"),
    "units": ("户数", "Units"),
    "waiting": ("待其出件户数", "Units waiting"),
    "gaps": ("缺项（处）", "Gaps"),
    "elsewhere": ("其中已计入前面各簿", "Counted in a book above"),
    "counted": ("计入合计（处）", "Counted here"),
    "steps": ("办理环节（项）", "Steps"),
    "unit_gaps": ("其中单户材料（处）", "Of these unit papers"),
    "estate": ("小区", "Estate"),
    "place": ("位置", "Place"),
    "kind": ("类别", "Kind"),
    "task": ("事项", "What"),
    "households": ("涉及\n户数", "Units"),
    "urgent": ("急办\n户数", "Urgent units"),
    "due": ("应办结", "Due"),
    "law_days": ("法定时限\n（工作日）", "Legal limit (w.d.)"),
    "days": ("计划\n（工作日）", "Plan (w.d.)"),
    "why": ("缘由（由终到始）", "Why (from the goal down)"),
    "official": ("小区\n责任人", "Official"),
    "sponsor": ("包保\n领导", "Sponsor"),
    "result": ("办理结果", "Result"),
    "done_on": ("办结日期", "Done on"),
    "remark": ("备注", "Remark"),
    "paper": ("材料", "Paper"),
    "building": ("幢、户", "Unit"),
    "papers": ("应出具的材料", "Papers"),
    "paper_count": ("件数", "Count"),
    "urgent_mark": ("急办", "Urgent"),
    # cells
    "gap": ("缺件", "paper"),
    "step": ("环节", "step"),
    "critical": ("★", "★"),
    "shared": ("{names}等{n}个小区共用", "shared by {n} estates: {names} …"),
    "several": ("（多个）", "(several)"),
    "see_list": ("{n}户，见“{sheet}”", "{n} units, see “{sheet}”"),
    "yes": ("是", "yes"),
    "done": ("已办结", "done"),
    "under_way": ("办理中", "under way"),
    "impossible": ("无法办理", "impossible"),
    "total": ("合计", "Total"),
    "none": ("无", "none"),
    # lines
    "subtitle": ("截至{day}　规则包：{law}", "as of {day} · pack {law}"),
    "made_up": ("　【含虚构依据，仅供演示】", " · [fictional sources, for demonstration only]"),
    "fictional": ("虚构演示", "fictional, for demonstration"),
    "blanks": (
        "承办人：＿＿＿＿＿＿　联系电话：＿＿＿＿＿＿＿＿　填报日期：＿＿＿＿＿＿　审核人：＿＿＿＿＿＿",
        "Handled by: ____________  Phone: ____________  Date: ____________  Checked by: ____________",
    ),
    "pages": ("第 &P 页 共 &N 页", "page &P of &N"),
    "choose": ("请从列表中选择。", "Please choose from the list."),
    "day": ("请按 2024-01-28 的格式填写日期。", "Please write a date like 2024-01-28."),
    "not_sent": (
        "台账中有{rows}行未能判定属于哪个小区，有{complaints}条导入问题未能判定属于哪一簿，均未随任何一簿发出，请见全市方案。",
        "{rows} rows of the ledger belong to no estate that could be told, and {complaints} import "
        "problems to no book; they were sent to nobody and stand in the workbook of the whole city.",
    ),
    "all_sent": (
        "台账各行、各条导入问题均已随簿发出。",
        "Every row of the ledger and every import problem is in a book.",
    ),
    "department_note": (
        "各部门待出件户数互有重叠，不相加。",
        "The units waiting for different offices overlap and are not added up.",
    ),
}

ABOUT: tuple[tuple[str, str], ...] = (
    (
        "本簿只列{name}一家的任务：缺件{gaps:,}处（其中单户材料{unit_gaps:,}处），办理环节{steps:,}项。",
        "This workbook holds the tasks of {name} only: {gaps:,} missing papers ({unit_gaps:,} of them for "
        "single units) and {steps:,} steps.",
    ),
    (
        "“任务单”按县市区、小区排列，多个小区共用的排在最前，只办一次、只计一处。单户材料在任务单中每个小区一行，各户见“单户名单”。",
        "“Tasks” are in the order of county and estate; what several estates share comes first, is done once "
        "and counts once. Papers of single units are one line an estate there; the units are listed apart.",
    ),
    (
        "带★的任务决定所在小区的总工期：推迟一天，全小区推迟一天。急办户是规则包所列不能久等的住户，应先办。",
        "A task with ★ decides when its estate is finished. Urgent units are those that, by the pack, cannot "
        "wait; please take them first.",
    ),
    (
        "“法定时限”取自规则包所载依据，空白表示依据中没有写明；“计划”为测算用的工作日，须经承办部门核定。应办结日期自{day}起按工作日推算，当日不计。",
        "“Legal limit” is what the sources in the pack say, empty where they say nothing; “Plan” is a "
        "planning value to be confirmed by the office. Due dates count working days from {day}, that day "
        "not included.",
    ),
    (
        "请在浅黄色各列填写：“办理结果”从列表选择（已办结、办理中、无法办理），“办结日期”写实际日期，无法办理的在“备注”中写明原因，填好后整簿退回。",
        "Please fill in the pale yellow columns: choose the result, give the day it was done, and where it "
        "is impossible say why under “Remark”; then send the whole workbook back.",
    ),
    (
        "受阻的户未纳入测算，不产生任务。本簿由台账系统据规则包{law}生成，供内部调度使用，不是法律文书。",
        "Blocked units are not planned and cause no tasks. Made by Taizhang from pack {law}; for internal "
        "work, not a legal paper.",
    ),
)


class Words:
    """Everything said here, in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._index = 0 if language == "zh" else 1

    def say(self, key: str, **values: object) -> str:
        """Return a phrase; ``values`` fill its braces."""
        return _SAID[key][self._index].format(**values)

    def about(self, **values: object) -> tuple[str, ...]:
        """Return the paragraphs of 说明."""
        return tuple(pair[self._index].format(**values) for pair in ABOUT)
