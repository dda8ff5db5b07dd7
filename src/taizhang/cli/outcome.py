"""What ``taizhang plan`` says at the terminal when it is done: a few lines an officer can read at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from taizhang.cli.console import out, said
from taizhang.exchange.excel.summary import summary
from taizhang.rules.terms import CityPlan
from taizhang.settings import language

__all__ = ["tell_plan"]


def tell_plan(city: CityPlan, written: Sequence[Path], notes: Sequence[str] = ()) -> None:
    """Say how a city stands, what is noted beside it, and which files were written."""
    found = summary(city)
    status = found["units_by_status"]
    assert isinstance(status, dict)
    out.print(
        said(
            f"小区 {found['estates']} 个，{found['units']} 户：已具备 {status['proved']}，"
            f"缺件可补 {status['open']}，待查明 {status['depends']}，受阻 {status['blocked']}；"
            f"缺项 {found['gaps']} 处。",
            f"Estates {found['estates']}, units {found['units']}: "
            f"proved {status['proved']}, open {status['open']}, "
            f"depends {status['depends']}, blocked {status['blocked']}; gaps {found['gaps']}.",
        ),
        markup=False,
    )
    if city.complaints:
        out.print(
            said(
                f"台账中有 {len(city.complaints)} 处需要核对，见工作表“导入问题”。",
                f"Places in the ledger to look at: {len(city.complaints)}, see sheet Import problems.",
            ),
            markup=False,
        )
    for line in (*_merged(city), *_blocked(city), *_law(city), *_unread(city), *notes):
        out.print(line, markup=False)
    for path in written:
        out.print(f"  {path}", markup=False)


def _merged(city: CityPlan) -> Iterator[str]:
    """What was merged, and what two files say differently."""
    count = Counter(one.kind for one in city.differences)
    taken, open_ = count["changed"] + count["added"], count["conflict"] + count["disagree"]
    if taken:
        yield said(f"已合并线下修改 {taken} 处。", f"Changes made offline and merged: {taken}.")
    lost = sum(one.code in ("C-MERGE-DELETED", "C-MERGE-SHEET") for one in city.complaints)
    if lost:
        yield said(
            f"注意：退回的方案中少了原有的行或工作表 {lost} 处，见工作表“导入问题”。",
            f"Note: rows or sheets are missing in what came back: {lost}, see sheet Import problems.",
        )
    if open_:
        yield said(
            f"两处说法不一 {open_} 处，左右对照见工作表“并表对照”。",
            f"Said in two ways: {open_}, see sheet Side by side.",
        )


def _blocked(city: CityPlan) -> Iterator[str]:
    """Why estates are blocked and what would open them, three at most."""
    blocked = [estate for estate in city.estates if estate.blocked_by]
    lang = language()
    for estate in blocked[:3]:
        names = said("、", ", ").join(city.pack.label_of(name).in_(lang) for name in estate.blocked_by)
        yield said(f"{estate.place.name}受阻于：{names}。", f"{estate.place.name} is blocked by: {names}.")
        if estate.lift:
            ways = {(one.node, one.way) for one in estate.lift.ways}
            labels = [
                way.label.in_(lang)
                for node, way_id in sorted(ways)
                for way in city.pack.nodes[node].ways
                if way.id == way_id
            ]
            labels += sorted({city.pack.label_of(name).in_(lang) for name, _ in estate.lift.items})
            opens = said("、", ", ").join(labels)
            yield said(
                f"  采用或取得以下各项即可破解：{opens}。",
                f"  Adopting or obtaining these would open it: {opens}.",
            )
    if len(blocked) > 3:
        yield said(
            f"另有 {len(blocked) - 3} 个小区受阻，见工作簿。",
            f"{len(blocked) - 3} more are blocked: see the workbook.",
        )


def _law(city: CityPlan) -> Iterator[str]:
    """What a user may not have noticed of the law in use."""
    pack = city.pack
    for one in city.complaints:
        if one.code == "C-DECISION-ESTATE":
            yield f"{said(one.zh, one.message)} [{one.code}]"
    if pack.effective.start and pack.as_of < pack.effective.start:
        yield said(
            f"注意：规则包自 {pack.effective.start} 起适用，测算日 {pack.as_of} 在此之前。",
            f"Note: the pack speaks from {pack.effective.start}; {pack.as_of} is before that day.",
        )
    live = {way.origin for node in pack.nodes.values() for way in node.ways if pack.in_force(way)}
    for name in city.overlays:
        if name not in live:
            yield said(
                f"注意：{name} 在 {pack.as_of} 已无有效规则。",
                f"Note: nothing in {name} is in force on {pack.as_of}.",
            )
    if pack.id == "title-certificates" and not city.overlays:
        yield said(
            "未启用任何地方规则；如在山东省，请加 --overlay title-certificates-shandong。",
            "No local rules are in use; in Shandong add --overlay title-certificates-shandong.",
        )


def _unread(city: CityPlan) -> Iterator[str]:
    """Columns that were kept but not understood."""
    names = [one.heading for ledger in city.ledgers for one in ledger.columns if one.kind == "unknown"]
    if names:
        shown = "、".join(names[:6]) + ("…" if len(names) > 6 else "")
        yield said(
            f"未识别的列 {len(names)} 个（原样保留）：{shown}。",
            f"Columns not understood, kept as they are: {len(names)} ({shown}).",
        )
