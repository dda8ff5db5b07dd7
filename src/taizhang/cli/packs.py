"""``taizhang pack``: check, show and compare the law, and see what a change of it does."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from taizhang.cli.console import DATE, out, said, today
from taizhang.cli.outputs import Writing, Written
from taizhang.cli.packchecks import check
from taizhang.cli.packimpacts import impact_command
from taizhang.cli.packnames import difference_words, named_pack
from taizhang.exchange.diagram import route_diagram
from taizhang.rules.document import document_schema
from taizhang.rules.packdiff import pack_diff
from taizhang.rules.terms import AtLeast, Each, Need, Pack, Share
from taizhang.settings import language

__all__ = ["pack"]


@click.group()
def pack() -> None:
    """Check, show and compare packs."""


pack.add_command(check)
pack.add_command(impact_command)


@pack.command(cls=Writing)
@click.argument("name", default="title-certificates")
@click.option("--svg", type=Written(), help="Draw the route diagram into a file.")
@click.option("--as-of", type=DATE, help="Day whose law is shown (default: today in China).")
def show(name: str, svg: Path | None, as_of: date | None) -> None:
    """Show a pack: what each node needs, by which ways, from which source.

    NAME may add layers with +, for example title-certificates+title-certificates-shandong.

    \b
    Example:
      taizhang pack show title-certificates --svg routes.svg
    """
    shown = named_pack(name, as_of or today())
    if svg:
        svg.parent.mkdir(parents=True, exist_ok=True)
        svg.write_text(route_diagram(shown, language=language()), encoding="utf-8")
        out.print(f"  {svg}", markup=False)
        return
    for line in _lines(shown):
        out.print(line, markup=False)


@pack.command(cls=Writing)
@click.argument("path", required=False, type=Written(dir_okay=False))
def schema(path: Path | None) -> None:
    """Write the JSON schema of packs, overlays and decisions, for editors; to the terminal without PATH.

    \b
    Example:
      taizhang pack schema pack.schema.json
    """
    text = json.dumps(document_schema(), ensure_ascii=False, indent=1) + "\n"
    if path is None or str(path) == "-":
        sys.stdout.write(text)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    out.print(f"  {path}", markup=False)


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
            name = f"{way.label.in_(lang)} ({node.id}.{way.id})"
            lines.append(f"  {way.rank} {name}{mark}{when} <- {needs}   《{sources}》")
    lines.append(said("材料", "Papers"))
    for name in shown.evidence:
        lines.append(f"  {shown.label_of(name).in_(lang)}  ({name}, {shown.level_of(name)})")
    lines.append(said("参数", "Parameters"))
    lines += [f"  {one.label.in_(lang)}  ({one.id})" for one in shown.params.values()]
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
    words = difference_words()
    found = pack_diff(named_pack(old, day), named_pack(new, day))
    for one in found:
        out.print(f"{words[one.what]}  {one.name}", markup=False)
        if one.before:
            out.print(f"  - {one.before}", markup=False)
        if one.after and one.after != one.before:
            out.print(f"  + {one.after}", markup=False)
    out.print(said(f"共 {len(found)} 处不同。", f"Differences: {len(found)}."), markup=False)
