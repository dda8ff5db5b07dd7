"""What states, acts and records are called in a sentence, in both languages.

An error tells an official what cannot be done; the names of the code are no words for that.

Reads from: ``rules.terms``.  Read by: ``access``, ``journal``, ``workflow`` and the doors.
"""

from __future__ import annotations

from collections.abc import Mapping

from taizhang.rules.terms import Label

__all__ = ["ACTS", "RECORDS", "STATES", "act_word", "record_word"]

STATES: Mapping[str, Label] = {
    "open": Label("待签收", "to acknowledge"),
    "acknowledged": Label("办理中", "in progress"),
    "handed_in": Label("待审核", "handed in"),
    "complete": Label("已办结", "complete"),
    "handed_back": Label("已退单", "handed back"),
    "withdrawn": Label("已撤回", "withdrawn"),
}
#: in English as after "may not"
ACTS: Mapping[str, Label] = {
    "see": Label("查看", "see this"),
    "export": Label("导出", "take lists away"),
    "acknowledge_task": Label("签收", "acknowledge the task"),
    "hand_in_evidence": Label("提交材料", "hand the paper in"),
    "accept_evidence": Label("审核通过", "accept the paper"),
    "refuse_evidence": Label("审核不通过", "refuse the paper"),
    "hand_back_task": Label("退单", "hand the task back"),
    "hand_over_task": Label("转办", "hand the task over"),
    "ask_extension": Label("申请延期", "ask for an extension"),
    "decide_extension": Label("审批延期", "decide on an extension"),
    "ask_suspension": Label("申请中止计时", "ask for the clock to be stopped"),
    "decide_suspension": Label("审批中止", "decide on a suspension"),
    "suspend_task": Label("中止计时", "stop the clock"),
    "resume_task": Label("恢复计时", "let the clock run on"),
    "adopt_plan": Label("采用方案", "adopt the plan"),
    "export_ledger": Label("导出台账", "take the ledger away"),
    "import_ledger": Label("导入台账", "import a ledger"),
    "undo_import": Label("撤销导入", "take an import back"),
    "attach_file": Label("上传附件", "keep a file"),
    "erase_household": Label("删除住户信息", "erase a household"),
    "sweep": Label("督办", "supervise"),
    "read_household": Label("查阅住户信息", "read the household in full"),
    "record_fact": Label("登记查明的情况", "record what was found out"),
    "call_meeting": Label("召集会商", "call a meeting"),
    "put_on_agenda": Label("列入议程", "put an estate on an agenda"),
    "record_minutes": Label("登记会议纪要", "record the minutes"),
    "record_decision": Label("登记议定结果", "record a decision"),
    "repeal_decision": Label("撤销议定事项", "repeal a decision"),
    "record_registration": Label("登记首次登记结果", "record a first registration"),
    "cancel_registration": Label("撤销登记记录", "cancel a registration"),
    "record_certificate": Label("登记发证", "record a certificate"),
    "hand_out_certificate": Label("登记领证", "hand a certificate out"),
    "issue_bills": Label("开具缴费清单", "issue lists of fees"),
    "record_payment": Label("登记缴费", "record a payment"),
    "cancel_payment": Label("撤销缴费记录", "cancel a payment"),
    "close_case": Label("销号", "close the case"),
    "reopen_case": Label("回潮，重新办理", "open the case again"),
}
RECORDS: Mapping[str, Label] = {
    "adoptedplan": Label("现行方案", "The plan in force"),
    "bill": Label("缴费清单", "List of fees"),
    "building": Label("幢", "Building"),
    "certificate": Label("不动产权证书", "Certificate"),
    "decision": Label("议定事项", "Decision"),
    "meeting": Label("会商", "Meeting"),
    "payment": Label("缴费", "Payment"),
    "registration": Label("登记", "Registration"),
    "case": Label("案件", "Case"),
    "estate": Label("小区", "Estate"),
    "evidence": Label("材料", "Paper"),
    "factvalue": Label("查明的情况", "What was found out"),
    "extension": Label("延期申请", "Extension"),
    "grant": Label("角色", "Role"),
    "household": Label("住户", "Household"),
    "importbatch": Label("批次", "Batch"),
    "journal": Label("留痕", "The journal"),
    "official": Label("人员", "Official"),
    "secondment": Label("借调", "Secondment"),
    "suspension": Label("中止", "Suspension"),
    "suspensionrequest": Label("中止申请", "Suspension asked for"),
    "task": Label("任务", "Task"),
    "unit": Label("户", "Unit"),
}


def act_word(name: str) -> Label:
    """An act; one that has no word is called as it is."""
    return ACTS.get(name, Label(name, name))


def record_word(kind: str, key: object = "") -> Label:
    """A record by its kind and number.

    >>> record_word("task", 12).zh
    '任务 12'
    """
    known = RECORDS.get(kind, Label("记录", "Record"))
    return Label(f"{known.zh} {key}".strip(), f"{known.en} {key}".strip())
