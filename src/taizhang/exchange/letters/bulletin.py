"""周调度通报: one week in one paper, from the plan and from nothing else.

Reads from: ``bulletin_numbers``, ``bulletin_file``, ``bulletin_words``, ``report``.
Read by: the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from taizhang.exchange.diagram.wording import day_text, label, supplier
from taizhang.exchange.letters import bulletin_words as words
from taizhang.exchange.letters.bulletin_file import Snapshot, comparable, snapshot
from taizhang.exchange.letters.bulletin_numbers import Bulletin, offices, overview, ranking
from taizhang.exchange.report.estate import lift_lines
from taizhang.rules.terms import CityPlan, EstatePlan, Status

__all__ = ["write_bulletin"]

_LEVERS = 5  #: papers named as 突破口
_MOVES = 60  #: estates listed one by one
_AGENDA = 30  #: blocked estates listed one by one


def _levers(draft: Bulletin) -> None:
    draft.section("突破口")
    found = draft.city.leverage[:_LEVERS]
    if not found:
        draft.paper.text("没有多户共等的材料。")
        return
    pack = draft.city.pack
    draft.paper.text(
        f"以下材料一件办成、多户受益，按只差它的户数、再按等它的户数由多到少，列前{len(found)}项："
    )
    draft.paper.table(
        ("序号", "材料", "责任单位", "小区", "等它的户", "只差它的户"),
        [
            (
                str(number),
                label(pack, row.item),
                supplier(pack, pack.evidence[row.item].supplier if row.item in pack.evidence else ""),
                f"{len(row.estates):,}",
                f"{row.in_plan:,}",
                f"{row.sole:,}",
            )
            for number, row in enumerate(found, 1)
        ],
        (11, 59, 36, 14, 18, 18),
        "cllrrr",
    )


def _moves(draft: Bulletin) -> None:
    draft.section("变化明细")
    if draft.last is None:
        draft.paper.text("没有上期存档可比。")
        return
    moves = draft.change.moves
    if not moves:
        draft.paper.text("小区层面没有变化。")
        return
    counted = [(kind, sum(move.kind == kind for move in moves)) for kind in words.MOVES]
    draft.paper.text("、".join(f"{words.MOVES[kind][0]}{count}个" for kind, count in counted if count) + "。")
    draft.paper.table(
        ("变化", "县（市、区）", "小区", "说明"),
        [
            (
                words.MOVES[move.kind][0],
                move.mark.county or "未注明",
                move.mark.name or "（未写名称）",
                words.MOVES[move.kind][1].format(units=f"{move.units:,}"),
            )
            for move in moves[:_MOVES]
        ],
        (28, 30, 52, 46),
        "clll",
    )
    if len(moves) > _MOVES:
        draft.paper.text(f"另有{len(moves) - _MOVES}个小区的变化未列，见方案工作簿。")


def _agenda(draft: Bulletin) -> None:
    draft.section("需协调事项")
    blocked = [estate for estate in draft.city.estates if _blocked(estate)]
    if not blocked:
        draft.paper.text("没有受阻小区。")
        return
    blocked.sort(key=lambda estate: -_blocked(estate))
    units = sum(_blocked(estate) for estate in blocked)
    with_lift = sum(estate.lift is not None for estate in blocked)
    draft.paper.text(
        f"受阻小区{len(blocked):,}个、{units:,}户，其中{with_lift:,}个有可提请会商的办法。按受阻户数由多到少列出，"
        "办法只供会商，不等于准许。"
    )
    draft.paper.table(
        ("小区", "受阻户", "卡在", "可提请的办法"),
        [_agenda_row(draft, estate) for estate in blocked[:_AGENDA]],
        (34, 15, 42, 65),
        "lrll",
    )
    if len(blocked) > _AGENDA:
        draft.paper.text(f"另有{len(blocked) - _AGENDA:,}个受阻小区未列，见方案工作簿。")


def _blocked(estate: EstatePlan) -> int:
    return sum(unit.status is Status.BLOCKED for unit in estate.units)


def _agenda_row(draft: Bulletin, estate: EstatePlan) -> tuple[str, ...]:
    pack = draft.city.pack
    causes = dict.fromkeys((*estate.blocked_by, *(one for unit in estate.units for one in unit.blocked_by)))
    lines = lift_lines(pack, estate, "zh")
    return (
        f"{estate.identity.get('county', '')}{estate.place.name}",
        f"{_blocked(estate):,}",
        "、".join(label(pack, one) for one in causes),
        "；".join(lines) if lines else "没有可提请的办法，须先查清事实",
    )


def _notes(draft: Bulletin) -> None:
    draft.section("口径")
    for number, line in enumerate(words.notes(draft.city, draft.last, draft.now), 1):
        draft.paper.small(f"{number}．{line}")


_SECTIONS: tuple[Callable[[Bulletin], None], ...] = (
    overview, ranking, offices, _levers, _moves, _agenda, _notes,
)  # fmt: skip


def write_bulletin(path: Path, city: CityPlan, last: Snapshot | None = None, since: str = "") -> Path:
    """Write the bulletin of one week.

    Args:
        path: The Word file; its folder is made where it does not exist.
        city: This week's plan.  Equal input gives equal bytes.
        last: An earlier week, as :func:`~taizhang.exchange.letters.bulletin_file.read_plan_file`
            reads it; without it the counties are ranked by units that have all they need.
        since: The name of the file it was read from, for messages.

    Raises:
        InputError: ``E-SINCE-PACK``, ``E-SINCE-NEWER``; ``E-OUT-LOCKED`` where the file is open.
    """
    if last is not None:
        comparable(last, snapshot(city), since)
    draft = Bulletin(city, last)
    programme = city.pack.title.zh.partition("（")[0]
    day = city.pack.as_of
    draft.paper.title((f"{programme}周调度通报",), f"〔{day.year}〕第　　期　　{day_text(day)}")
    for section in _SECTIONS:
        section(draft)
    draft.paper.text("签发：＿＿＿＿　审核：＿＿＿＿　编制：＿＿＿＿")
    draft.paper.text("报送：＿＿＿＿＿＿＿　发至：＿＿＿＿＿＿＿")
    draft.paper.signature("（编制单位）", day_text(day))
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, draft.paper.to_bytes(f"{programme}周调度通报", day))
    return path


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except PermissionError as error:
        raise words.locked(path) from error
