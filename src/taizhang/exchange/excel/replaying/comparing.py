"""The second time: the same ledgers, the same documents, and whether the same came out.

Reads from: ``conditions``, ``engine``, ``lawtexts``, ``record``.  Read by: ``cli``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from taizhang.errors import InputError, TaizhangError
from taizhang.exchange.excel.replaying.conditions import Conditions, Wish
from taizhang.exchange.excel.replaying.engine import engine_changes
from taizhang.exchange.excel.replaying.lawtexts import LawText, found_again, law_text, shipped_now
from taizhang.exchange.excel.replaying.record import EstateMark, LedgerMark, PlanRecord, ledger_mark

__all__ = ["changed_since", "conditions_of", "ledgers_of", "refuse_other_result"]

_SHOWN = 5  # names in one message


def ledgers_of(record: PlanRecord, paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the ledgers of a record among the files that were given, in its order.

    The folder they lie in means nothing; their names stand in the workbook and must be the same.

    Raises:
        InputError: ``E-REPLAY-LEDGER`` a ledger has changed, has another name, or is missing.
    """
    marks = {path: ledger_mark(path) for path in paths}
    found: list[Path] = []
    for wanted in record.ledgers:
        same = [path for path, mark in marks.items() if mark == wanted and path not in found]
        if same:
            found.append(same[0])
    missing = [one for one in record.ledgers if one not in [marks[path] for path in found]]
    more = [marks[path] for path in paths if path not in found]
    if not missing and not more:
        return tuple(found)
    told = list(_other_ledgers(missing, more))
    raise InputError(
        "These are not the ledgers of the record: {english}.",
        hint="Give the ledgers as they were; to see what a changed ledger means for the plan, use "
        "taizhang diff RECORD LEDGER.",
        zh="台账与存证不符：{chinese}。请提供原来的台账；若想知道改动的影响，请用 taizhang diff 存证 台账。",
        code="E-REPLAY-LEDGER",
        english="; ".join(english for english, _ in told),
        chinese="；".join(chinese for _, chinese in told),
    )


def _other_ledgers(missing: Sequence[LedgerMark], more: Sequence[LedgerMark]) -> Iterator[tuple[str, str]]:
    """What is wrong with each ledger, in English and Chinese."""
    names, digests = {one.name for one in missing}, {one.sha256 for one in missing}
    for one in missing:
        named = next((mark for mark in more if mark.name == one.name), None)
        renamed = next((mark for mark in more if mark.sha256 == one.sha256), None)
        if renamed:
            yield f"{one.name} is called {renamed.name} now", f"{one.name} 现名 {renamed.name}"
        elif named:
            change = f"{one.sha256[:12]} → {named.sha256[:12]}"
            yield f"{one.name} has changed ({change})", f"{one.name} 已改动（{change}）"
        else:
            yield f"{one.name} was not given", f"未提供 {one.name}"
    for one in more:
        if one.name not in names and one.sha256 not in digests:
            yield f"{one.name} does not belong to it", f"{one.name} 不在存证之内"


def conditions_of(record: PlanRecord, names: Sequence[str] = (), file: str = "") -> Conditions:
    """Return the conditions of a record, from the texts it holds or from documents found again.

    Args:
        record: What is to be planned again.
        names: Documents that were named; only for a record of the lock alone.
        file: Name of the record, for messages.

    Raises:
        InputError: ``E-REPLAY-DOCUMENT`` documents of a record without texts have changed,
            ``E-REPLAY-DAMAGED`` a text in the record is not the one of its lock.
    """
    texts = record.documents if record.whole else _found_again(record.documents, names)
    wish = Wish("", (), (), record.as_of, record.knowledge, record.prefer)
    return Conditions.from_texts(texts, wish, file)


def _found_again(wanted: Sequence[LawText], names: Sequence[str]) -> tuple[LawText, ...]:
    found: list[LawText] = []
    lost: list[LawText] = []
    for text in wanted:
        path = found_again(text, names)
        if path is None:
            lost.append(text)
        else:
            found.append(replace(law_text(text.role, path), name=text.name))
    if lost:
        raise InputError(
            "The record holds only the lock of its documents, and these are not here as they were: {lost}.",
            hint="Name the old files with --pack, --overlay or --decision, or install the version of "
            "Taizhang that has them; a record written without --lock-only holds them itself.",
            zh="该存证只记文件摘要，以下文件已非原样：{lost}。请用 --pack、--overlay 或 --decision "
            "指明旧文件，或安装相应版本；不带 --lock-only 写出的存证自带全文。",
            code="E-REPLAY-DOCUMENT",
            lost="; ".join(f"{one.id} {one.version} ({one.sha256[:12]})" for one in lost),
        )
    return tuple(found)


def changed_since(record: PlanRecord) -> tuple[str, ...]:
    """Return the documents of a record that ship with this version in another state."""
    found = []
    for text in record.documents:
        now = shipped_now(text)
        if now is not None and now.sha256 != text.sha256:
            found.append(f"{text.id} {text.version} ({text.sha256[:12]} → {now.version} {now.sha256[:12]})")
    return tuple(found)


def refuse_other_result(
    record: PlanRecord, estates: Sequence[EstateMark], result: Mapping[str, str], file: str
) -> None:
    """Refuse a second plan that is not the first.

    Args:
        record: The first.
        estates: Digests of the second.
        result: Digests of what was written now; kinds that the record has not are passed over.
        file: Name of the record.

    Raises:
        TaizhangError: ``E-REPLAY-RESULT`` with what differs and, where it is so, the other engine.
    """
    other = [kind for kind, sha in result.items() if record.result.get(kind, sha) != sha]
    if not other:
        return
    known = {one.id: one.plan for one in record.estates}
    names = [one.name for one in estates if known.get(one.id) != one.plan]
    changes = engine_changes(record.engine)
    english = ", ".join(other) + (f"; estates: {_few(names, ', ')}" if names else "")
    chinese = "、".join(_KINDS.get(one, one) for one in other)
    chinese += f"；涉及小区：{_few(names, '、')}" if names else ""
    raise TaizhangError(
        "Planned again, this is not the same: {english}. {engine}",
        hint="What was written now stands beside the record for a comparison."
        if changes
        else "Please report this with the record and its ledgers.",
        zh="重新测算的结果与存证不同：{chinese}。{program}"
        + ("新写出的文件可与存证对照。" if changes else "请连同存证和台账反馈。"),
        code="E-REPLAY-RESULT",
        where=file,
        english=english,
        chinese=chinese,
        engine=f"Made by another program: {'; '.join(changes)}." if changes else "The program is the same.",
        program=f"测算程序不同：{'；'.join(changes)}。" if changes else "测算程序相同。",
    )


_KINDS = {"plan": "方案", "summary": "汇总", "workbook": "工作簿", "report": "报告"}


def _few(names: Sequence[str], joint: str) -> str:
    more = len(names) - _SHOWN
    return joint.join(names[:_SHOWN]) + (f" (+{more})" if more > 0 else "")
