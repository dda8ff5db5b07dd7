"""处置方案（一案一策）: one paper for every estate, written from its plan.

It says what stands in the way, which way is gone, who supplies what by when, what it costs
and what still has to be found out or decided.  It is a draft for the case meeting, not law.

Reads from: ``draft``, ``names``, ``report``, ``diagram``.  Read by: the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from taizhang.exchange.diagram.wording import STATUSES, day_text, due_text, label, total_text
from taizhang.exchange.letters.draft import Draft
from taizhang.exchange.letters.names import file_names
from taizhang.exchange.report.estate import estate_view
from taizhang.exchange.report.identity import given
from taizhang.rules.terms import CityPlan, EstatePlan, Pack, Status

__all__ = ["write_letters"]

_TITLE_LINE = 20  #: characters of the title that fit one line


def _basics(draft: Draft) -> None:
    draft.section("基本情况")
    where = "".join(given(draft.plan, name) for name in ("county", "street", "neighbourhood"))
    said = [f"{draft.view.name}位于{where}" if where else f"{draft.view.name}（所在区划未填写）"]
    for name, words, unit in (
        ("address", "坐落{}", ""),
        ("developer_name", "建设单位为{}", ""),
        ("buildings_total", "共{}幢", "幢栋"),
        ("units_total", "台账所列{}户", "户"),
        ("completed_on", "{}竣工", ""),
        ("occupied_on", "{}入住", ""),
    ):
        if value := given(draft.plan, name).rstrip(unit):
            said.append(words.format(value))
    draft.paper.text("，".join(said) + f"。本方案涉及{draft.view.units}户。")
    draft.paper.text(
        f"责任单位：{draft.who('responsible_organisation')}；责任人：{draft.who('responsible_official')}；"
        f"包保领导：{draft.who('sponsor')}。"
    )
    facts = draft.view.facts
    if facts:
        draft.paper.text("已查明的情况如下：")
        pairs = [
            (*facts[at], *(facts[at + 1] if at + 1 < len(facts) else ("", "")))
            for at in range(0, len(facts), 2)
        ]
        draft.paper.table(("事项", "情况", "事项", "情况"), pairs, (44, 34, 44, 34), "lclc")


def _problems(draft: Draft) -> None:
    draft.section("存在问题")
    pack, plan = draft.pack, draft.plan
    counts = {status: sum(unit.status is status for unit in plan.units) for status in Status}
    split = "、".join(f"{STATUSES[status][0]}{count}户" for status, count in counts.items() if count)
    draft.paper.text(f"经逐项倒推，本小区目前为“{draft.view.status_word}”（{split or '尚无分户数据'}）。")
    classes = [one for one in pack.classes if one.id in plan.classes]
    for number, one in enumerate(classes, 1):
        unmet = [
            f"{label(pack, name)}（{STATUSES[plan.node_status[name]][0]}）"
            for name in one.unmet
            if plan.node_status.get(name, Status.PROVED) is not Status.PROVED
        ]
        lacking = f"尚未具备{'、'.join(unmet)}。" if unmet else "尚未具备相关要件。"
        draft.paper.text(lacking + draft.cite_in_text(one.sources), lead=f"{number}．{one.label.zh}。")
    if not classes:
        draft.paper.text("未归入登记分类中的任何一类。")


def _route(draft: Draft) -> None:
    draft.section("办理路径")
    rows = draft.view.route
    if not rows:
        draft.paper.text("现有条件下没有走得通的办理路径，须先按“需会商事项”解除卡点。")
        return
    swapped = sum(row.substitute for row in rows)
    tail = f"，其中{swapped}处采用替代路径，以“替代”标明" if swapped else "，均为普通程序"
    goal = label(draft.pack, draft.pack.goal)
    draft.paper.text(f"从{goal}倒推，选定路径如下{tail}。依据编号见附注。")
    draft.paper.table(
        ("层级", "要件", "选定路径", "性质", "依据"),
        [
            (
                row.level,
                row.node,
                row.way + ("（部分适用）" if row.partly else ""),
                "替代" if row.substitute else "普通",
                draft.cite(row.sources),
            )
            for row in rows
        ],
        (13, 53, 54, 13, 23),
        "cllcc",
    )


def _gaps(draft: Draft) -> None:
    draft.section("缺项与责任清单")
    view = draft.view
    if not view.gaps:
        draft.paper.text("没有可以列入清单的缺项。" if view.blocked_by else "材料已齐备，没有缺项。")
        return
    start = day_text(draft.plan.start)
    draft.paper.text(
        f"共缺{view.gap_count}件，按类合并为{len(view.gaps)}项；带★的决定总工期。日期自{start}起按工作日推算。"
    )
    official, sponsor = draft.who("responsible_official"), draft.who("sponsor")
    draft.paper.table(
        ("序号", "缺项", "责任单位", "责任人", "包保领导", "依据", "工作日", "应办结日期"),
        [
            (
                str(number),
                f"{'★' if gap.critical else ''}{gap.item}（{gap.places}）",
                gap.supplier,
                official,
                sponsor,
                draft.cite(gap.sources),
                str(gap.days),
                draft.due(gap.end),
            )
            for number, gap in enumerate(view.gaps, 1)
        ],
        (9, 41, 27, 15, 17, 14, 11, 22),
        "cllccccc",
    )


def _money(draft: Draft) -> None:
    draft.section("费用与资金")
    view, joint = draft.view, draft.plan.joint
    if view.until:
        cost = total_text(joint.vector.money_fen, len(joint.unknown_costs))
        draft.paper.text(f"补齐缺项所需费用：{cost}。")
    else:
        draft.paper.text("补齐缺项所需费用：卡点解除之前不能测算。")
    if view.unknown_costs:
        draft.paper.text(f"费用未知、须询价后补入：{'、'.join(view.unknown_costs)}。")
    if not view.fees:
        draft.paper.text("各户税费尚无数据，未作测算。")
        return
    draft.paper.text("各户应缴税费按现有数据测算如下，数据不全的不计入，也不按零计。")
    draft.paper.table(
        ("费种", "缴纳人", "已算户数", "合计", "未算户数", "尚缺数据"),
        [(fee.fee, fee.payer, str(fee.units), fee.total, str(fee.lacking), fee.needs) for fee in view.fees],
        (36, 20, 17, 30, 17, 36),
        "llcrcl",
    )


def _time(draft: Draft) -> None:
    draft.section("时间安排")
    view, plan = draft.view, draft.plan
    if not view.until:
        draft.paper.text("卡点解除之前不能推算工期。")
        return
    draft.paper.text(
        f"自{day_text(plan.start)}起算（当日不计入），总工期{view.days}个工作日，预计{view.until}办结。"
        "关键路线如下，任何一项推迟，总工期随之推迟："
    )
    critical = [(gap.start, gap.end, f"补齐{gap.item}", gap.supplier) for gap in view.gaps if gap.critical]
    critical += [(step.start, step.end, step.node, step.supplier) for step in view.steps if step.critical]
    for number, (start, end, what, who) in enumerate(sorted(critical), 1):
        draft.paper.text(f"{number}．{what}（{who}）：{end - start}个工作日，至{due_text(plan, end)}。")


def _open_facts(draft: Draft) -> None:
    view = draft.view
    if not (view.questions or view.assumes):
        return
    draft.section("待核实事项")
    for number, question in enumerate(view.questions, 1):
        changes = "；".join(f"答“{answer}”的，{change}" for answer, change in question.outcomes)
        draft.paper.text(
            f"由{question.who}答复（{question.where}）。{changes}。", lead=f"{number}．{question.ask}"
        )
    if view.assumes:
        draft.paper.text("；".join(view.assumes) + "。", lead="本方案暂按以下情形推算，须予查实：")


def _others(draft: Draft) -> None:
    if not draft.view.others:
        return
    draft.section("备选路径")
    draft.paper.table(
        ("要件", "备选路径", "代价或不采用的原因"),
        [(other.node, other.way, other.text) for other in draft.view.others],
        (44, 46, 66),
    )


def _meeting(draft: Draft) -> None:
    view = draft.view
    if not (view.blocked_by or view.lift or view.left_out):
        return
    draft.section("需会商事项")
    if view.left_out:
        draft.paper.text(f"有{view.left_out}户受阻，未列入上述清单。")
    if view.blocked_by:
        draft.paper.text(f"卡在：{'、'.join(view.blocked_by)}。")
    if not view.lift:
        draft.paper.text("现有情形下没有可提请采用的办法，须先查清相关事实，再行会商。")
    for number, line in enumerate(view.lift, 1):
        draft.paper.text(f"{number}．{line}。")


def _notes(draft: Draft) -> None:
    draft.section("附注")
    draft.paper.text(
        "本方案由台账系统依据规则包生成，供一案一策会商使用，不是法律文书。工作日、人力和费用均为计划值；"
        "外地做法在本地没有依据，须经会商决定后方可采用。新增材料不会使按所声明次序比较的最好结果变差。"
    )
    if not draft.view.proved:
        draft.paper.text("本方案尚未证明，可能还有更省或更快的方案。")
    if not draft.cited:
        return
    draft.paper.text("依据：")
    for name, number in draft.cited.items():
        source = draft.pack.sources[name]
        marks = ("（待核实）" if source.verify else "") + (
            "（虚构，仅供演示）" if source.kind == "fictional" else ""
        )
        draft.paper.small(f"{number}．{source.title.zh}{marks}")


_SECTIONS: tuple[Callable[[Draft], None], ...] = (
    _basics, _problems, _route, _gaps, _money, _time, _open_facts, _others, _meeting, _notes,
)  # fmt: skip


def _letter(pack: Pack, plan: EstatePlan) -> bytes:
    """Return the paper of one estate as the bytes of a Word file."""
    draft = Draft(pack, plan, estate_view(pack, plan, 1, pictures=False))
    programme = pack.title.zh.partition("（")[0]
    title = f"{draft.view.name}{programme}处置方案"
    lines = (title,) if len(title) <= _TITLE_LINE else (draft.view.name, f"{programme}处置方案")
    draft.paper.title(lines, "（一案一策，供会商使用）")
    for section in _SECTIONS:
        section(draft)
    office = plan.identity.get("responsible_organisation") or "（编制单位）"
    draft.paper.signature(office, day_text(pack.as_of))
    return draft.paper.to_bytes(title, pack.as_of)


def write_letters(folder: Path, city: CityPlan) -> list[Path]:
    """Write a 处置方案 for every estate and return the files, in the order of the estates.

    Args:
        folder: Where to write; it is made where it does not exist.
        city: All estates.  Equal input gives equal bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = file_names(
        [(plan.identity.get("county", ""), plan.place.name or plan.place.id) for plan in city.estates],
        before="处置方案",
        suffix=".docx",
    )
    written: list[Path] = []
    for name, plan in zip(names, city.estates, strict=True):
        path = folder / name
        path.write_bytes(_letter(city.pack, plan))
        written.append(path)
    return written
