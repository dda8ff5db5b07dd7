"""``taizhang pack``: check, show and compare the law."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from taizhang.cli.console import DATE, out, said, today
from taizhang.errors import PackError
from taizhang.exchange.diagram import route_diagram
from taizhang.rules.document import Document, read_document
from taizhang.rules.pack import check_kinds, find_document, load_pack
from taizhang.rules.packcheck import CheckReport, check_documents
from taizhang.rules.packdiff import pack_diff
from taizhang.rules.terms import AtLeast, Each, Need, Pack, Share
from taizhang.settings import language

__all__ = ["pack"]


@click.group()
def pack() -> None:
    """Check, show and compare packs."""


@pack.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--as-of", type=DATE, help="Day of the check (default: today in China).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--quiet", is_flag=True, help="Leave the warnings out.")
def check(paths: tuple[str, ...], as_of: date | None, as_json: bool, quiet: bool) -> None:
    """Check packs, overlays and decisions: errors, warnings, examples, coverage.

    \b
    Example:
      taizhang pack check title-certificates title-certificates-shandong
    """
    base, layers = _documents(paths)
    report = check_documents(base, layers, as_of or today())
    if as_json:
        sys.stdout.write(json.dumps(_as_json(report), ensure_ascii=False, indent=2) + "\n")
    else:
        _tell(report, quiet)
    if not report.ok:
        sys.exit(PackError.exit_status)


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
    }


@pack.command()
@click.argument("name", default="title-certificates")
@click.option("--svg", type=click.Path(path_type=Path), help="Draw the route diagram into a file.")
@click.option("--as-of", type=DATE, help="Day whose law is shown (default: today in China).")
def show(name: str, svg: Path | None, as_of: date | None) -> None:
    """Show a pack: what each node needs, by which ways, from which source.

    NAME may add layers with +, for example title-certificates+title-certificates-shandong.

    \b
    Example:
      taizhang pack show title-certificates --svg routes.svg
    """
    shown = _loaded(name, as_of or today())
    if svg:
        svg.parent.mkdir(parents=True, exist_ok=True)
        svg.write_text(route_diagram(shown, language=language()), encoding="utf-8")
        out.print(f"  {svg}", markup=False)
        return
    for line in _lines(shown):
        out.print(line, markup=False)


def _loaded(name: str, as_of: date) -> Pack:
    """``pack+overlay+decision@2025-06-29`` as a pack on a day."""
    names, _, day = name.partition("@")
    base, *layers = names.split("+")
    return load_pack(base, overlays=layers, as_of=DATE.convert(day, None, None) if day else as_of)


def _lines(shown: Pack) -> list[str]:
    lang = language()
    lines = [f"{shown.title.in_(lang)}  {shown.id} {shown.version}  {shown.as_of}"]
    for node in shown.nodes.values():
        lines.append(f"{node.label.in_(lang)}  ({node.id}, {node.level})")
        for way in node.ways:
            mark = (
                ""
                if shown.in_force(way)
                else said("（未采用或不在有效期）", " (not adopted or not in force)")
            )
            when = f" [{way.when.text}]" if way.when else ""
            sources = "; ".join(shown.sources[one].title.in_(lang) for one in way.sources)
            needs = ", ".join(_need(shown, need, lang) for need in way.needs)
            lines.append(f"  {way.rank} {way.label.in_(lang)}{mark}{when} <- {needs}   《{sources}》")
    return lines


def _need(shown: Pack, need: Need, lang: str) -> str:
    if isinstance(need, AtLeast):
        names = "/".join(shown.label_of(name).in_(lang) for name in need.of)
        text = said(f"{names}（至少 {need.k} 项）", f"at least {need.k} of {names}")
    else:
        text = shown.label_of(need.ref).in_(lang)
    if isinstance(need, Each):
        text = said(f"{text}（每个 {need.level}）", f"{text} (each {need.level})")
    elif isinstance(need, Share):
        text = said(f"{text}（{need.level} 的 {need.at_least}）", f"{text} ({need.at_least} of {need.level})")
    return f"{text} [{need.when.text}]" if need.when else text


@pack.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--as-of", type=DATE, help="Day for names without a day of their own (default: today in China)."
)
def diff(old: str, new: str, as_of: date | None) -> None:
    """Compare two states of the law; a name may carry layers (+) and a day (@).

    \b
    Example:
      taizhang pack diff title-certificates@2024-11-30 title-certificates@2024-12-01
    """
    day = as_of or today()
    words = {
        "added": said("新增", "added"),
        "removed": said("删除", "removed"),
        "changed": said("修改", "changed"),
        "in force": said("生效", "in force"),
        "no longer in force": said("失效", "no longer in force"),
    }
    found = pack_diff(_loaded(old, day), _loaded(new, day))
    for one in found:
        out.print(f"{words[one.what]}  {one.name}", markup=False)
        if one.before:
            out.print(f"  - {one.before}", markup=False)
        if one.after and one.after != one.before:
            out.print(f"  + {one.after}", markup=False)
    out.print(said(f"共 {len(found)} 处不同。", f"Differences: {len(found)}."), markup=False)
