"""``taizhang pack check``: errors, warnings, examples, coverage, freshness, and what no example notices."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date

import click

from taizhang.cli.console import DATE, out, progress_bars, said, today
from taizhang.errors import PackError
from taizhang.rules.document import Document, read_document
from taizhang.rules.mutants import KINDS
from taizhang.rules.mutating import Mutation, mutate
from taizhang.rules.pack import check_kinds, find_document
from taizhang.rules.packcheck import CheckReport, check_documents
from taizhang.rules.staleness import Dated, Staleness
from taizhang.settings import language

__all__ = ["check"]

_SHOWN = 6  # names on a line of the terminal


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--as-of", type=DATE, help="Day of the check (default: today in China).")
@click.option(
    "--mutate",
    "mutated",
    is_flag=True,
    help="Also leave out each need, way, source and date in turn and say which no example notices.",
)
@click.option("--strict", is_flag=True, help="With --mutate: exit with 3 where something is not noticed.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--quiet", is_flag=True, help="Leave the warnings out.")
def check(
    paths: tuple[str, ...], as_of: date | None, mutated: bool, strict: bool, as_json: bool, quiet: bool
) -> None:
    """Check packs, overlays and decisions: errors, warnings, examples, coverage.

    \b
    Example:
      taizhang pack check title-certificates title-certificates-shandong --mutate
    """
    base, layers = _documents(paths)
    day = as_of or today()
    report = check_documents(base, layers, day)
    mutation = _mutation(base, layers, day, as_json) if mutated and report.ok else None
    if as_json:
        told = _as_json(report) | ({"mutation": _mutation_json(mutation)} if mutation else {})
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        _tell(report, quiet)
        for line in _mutation_lines(mutation) if mutation else ():
            out.print(line, markup=False)
    if not report.ok or (strict and mutation and mutation.survivors):
        sys.exit(PackError.exit_status)


def _mutation(base: Document, layers: Sequence[Document], day: date, quiet: bool) -> Mutation:
    with progress_bars(quiet) as tell:
        return mutate(base, layers, day, lambda done, total: tell("mutate", done, total))


def _documents(paths: tuple[str, ...]) -> tuple[Document, list[Document]]:
    """The base pack and its layers; a layer alone brings the documents it extends."""
    documents = {str(path): read_document(find_document(path)) for path in paths}
    pending = list(documents.values())
    while pending:
        extends = pending.pop().extends.split("@")[0]
        if extends and extends not in {one.id for one in documents.values()}:
            below = read_document(find_document(extends))
            documents[extends] = below
            pending.append(below)
    bases = [one for one in documents.values() if one.kind == "pack"]
    layers = [one for one in documents.values() if one.kind != "pack"]
    layers.sort(key=lambda one: (one.kind == "decision", len(one.jurisdiction), one.id))
    if len(bases) != 1:
        raise PackError(
            "One base pack is wanted, {count} were given.",
            hint="Name one pack and its overlays.",
            zh="需要一个基础规则包，实际给出 {count} 个。",
            code="E-PACK-E13",
            count=len(bases),
        )
    check_kinds(bases[0], layers)
    return bases[0], layers


def _tell(report: CheckReport, quiet: bool) -> None:
    for error in report.errors:
        out.print(error.say(language()), style="red", markup=False)
    for outcome in report.outcomes:
        for failure in outcome.failures:
            out.print(f"{outcome.where}: {outcome.test}: {failure}", style="red", markup=False)
    if not quiet:
        for warning in report.warnings:
            out.print(warning.say(language()), style="yellow", markup=False)
    passed = sum(not outcome.failures for outcome in report.outcomes)
    share = 100 * len(report.adopted & report.reached) // max(1, len(report.adopted))
    days = ", ".join(day.isoformat() for day in report.days)
    reached = f"{len(report.adopted & report.reached)}/{len(report.adopted)}"
    examples = f"{passed}/{len(report.outcomes)}"
    out.print(
        said(
            f"错误 {len(report.errors)}，用例 {examples} 通过，提醒 {len(report.warnings)}；"
            f"路径覆盖 {share}%（{reached}）；核对日期：{days}。",
            f"{len(report.errors)} errors, {examples} examples passed, {len(report.warnings)} warnings; "
            f"way coverage {share}% ({reached}); checked on {days}.",
        ),
        markup=False,
    )
    for line in _freshness(report.staleness):
        out.print(line, markup=False)


def _freshness(fresh: Staleness) -> Iterator[str]:
    """What has not been seen, was seen long ago, has ended or will soon; nothing where all is well."""
    if fresh.verify or fresh.old:
        old = _listed(fresh.old)
        yield said(
            f"依据 {fresh.sources} 件：待核实 {len(fresh.verify)} 件；"
            f"超过365天未核对 {len(fresh.old)} 件{old}。",
            f"Sources {fresh.sources}: to verify {len(fresh.verify)}; "
            f"not checked for 365 days {len(fresh.old)}{old}.",
        )
    if fresh.ended:
        names = _listed(fresh.ended)
        yield said(
            f"已失效 {len(fresh.ended)} 项{names}。", f"No longer in force: {len(fresh.ended)}{names}."
        )
    if fresh.ending:
        names = _listed(fresh.ending)
        yield said(
            f"90天内失效 {len(fresh.ending)} 项{names}。",
            f"Ending within 90 days: {len(fresh.ending)}{names}.",
        )


def _listed(dated: Sequence[Dated]) -> str:
    """A few of them with their days, the latest first."""
    rows = sorted(dated, key=lambda one: (one.day or date.min, one.name), reverse=True)
    shown = "; ".join(f"{one.name} {one.day or '?'}" for one in rows[:_SHOWN])
    return f" ({shown}{'; …' if len(rows) > _SHOWN else ''})" if rows else ""


def _mutation_lines(mutation: Mutation) -> Iterator[str]:
    """What survives, with its place, and the share that does not."""
    words = {
        "needs": said("要件", "needs"),
        "ways": said("路径", "ways"),
        "sources": said("依据", "sources"),
        "dates": said("日期", "dates"),
    }
    for one in mutation.survivors:
        yield said(
            f"{one.where}: 删去“{one.title}”（{words[one.kind]}）没有用例发现",
            f"{one.where}: no example fails without '{one.title}' ({words[one.kind]})",
        )
    for kind in KINDS:
        killed, all_ = mutation.killed(kind)
        share = 100 * killed // all_ if all_ else 100
        refused, noticed, idle = (
            mutation.count(kind, fate) for fate in ("refused", "noticed", "without effect")
        )
        yield said(
            f"{words[kind]}：发现 {share}%（{killed}/{all_}）：用例 {noticed}，检查器 {refused}；"
            f"另有 {idle} 处删去后法律不变。",
            f"{kind}: {share}% noticed ({killed}/{all_}): by examples {noticed}, by the checker {refused}; "
            f"without effect {idle}.",
        )


def _mutation_json(mutation: Mutation) -> dict[str, object]:
    counts = {
        kind: {
            "killed": mutation.killed(kind)[0],
            "of": mutation.killed(kind)[1],
            "noticed": mutation.count(kind, "noticed"),
            "refused": mutation.count(kind, "refused"),
            "without_effect": mutation.count(kind, "without effect"),
        }
        for kind in KINDS
    }
    fates = [
        {
            "kind": one.kind,
            "what": one.title,
            "where": one.where,
            "fate": one.fate.replace(" ", "_"),
            "by": one.by,
        }
        for one in mutation.fates
    ]
    return {"by_kind": counts, "survived": len(mutation.survivors), "mutants": fates}


def _as_json(report: CheckReport) -> dict[str, object]:
    return {
        "ok": report.ok,
        "errors": [
            {"code": error.code, "where": error.where, "message": error.say("en")} for error in report.errors
        ],
        "warnings": [{"code": one.code, "where": one.where, "message": one.en} for one in report.warnings],
        "examples": [
            {"name": one.test, "where": one.where, "failures": list(one.failures)} for one in report.outcomes
        ],
        "ways": len(report.adopted),
        "ways_reached": len(report.adopted & report.reached),
        "days": [day.isoformat() for day in report.days],
        "staleness": _staleness_json(report.staleness),
    }


def _staleness_json(fresh: Staleness) -> dict[str, object]:
    def rows(dated: Sequence[Dated]) -> list[dict[str, str | None]]:
        return [
            {"name": one.name, "day": one.day.isoformat() if one.day else None, "where": one.where}
            for one in dated
        ]

    return {
        "sources": fresh.sources,
        "verify": list(fresh.verify),
        "old": rows(fresh.old),
        "ended": rows(fresh.ended),
        "ending": rows(fresh.ending),
    }
