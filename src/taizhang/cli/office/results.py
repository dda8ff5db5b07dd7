"""``taizhang register-first``, ``certificates``, ``bills`` and ``case``: on the way to certificates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from taizhang.cli.console import DATE, out, said
from taizhang.cli.office.installation import now, require_ready, working_day
from taizhang.errors import InputError
from taizhang.exchange.certificates import CertificateList, read_certificates
from taizhang.office.access import Person, person_of
from taizhang.office.bills import issue_bills
from taizhang.office.cases import close_case, reopen_case
from taizhang.office.certificates import record_certificates
from taizhang.office.organisations import find_official
from taizhang.office.planning import propose_plans, refresh_plan, unplanned
from taizhang.office.registrations import building_named, record_first_registration
from taizhang.office.selectors.estate import estate_named

__all__ = ["bills", "case", "certificates", "register_first"]

_AS = click.option("--as", "name", required=True, help="Name or number of the official who acts.")
_SHOWN = 20


def _person(name: str) -> Person:
    return person_of(find_official(name), working_day())


@click.command()
@click.argument("estate")
@_AS
@click.option("--number", required=True, help="Number under which the registry accepted it.")
@click.option("--on", "day", type=DATE, help="The day on which it was entered (default: today in China).")
@click.option("--building", "buildings", multiple=True, help="A building; without: all that have none.")
@click.option("--reason", default="", help="Why, where the plan still lacks something.")
def register_first(
    estate: str, name: str, number: str, day: date | None, buildings: tuple[str, ...], reason: str
) -> None:
    """Record the first registration of an estate's buildings.

    \b
    Example:
      taizhang register-first 针织厂家属院（南区） --number 2024-0117 --as 马瑞
    """
    law, person, moment = require_ready(), _person(name), now()
    found = estate_named(person, estate)
    keys = [building_named(found, one) for one in buildings]
    made = record_first_registration(
        person, found.pk, keys, number, day or working_day(), moment, remark=reason
    )
    refresh_plan(law.on(working_day()), found.pk, actor=person.actor, now=moment)
    out.print(said(f"  已登记 {len(made)} 幢", f"  {len(made)} buildings recorded"), markup=False)


@click.command()
@click.argument("lists", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@_AS
@click.option("--on", "day", type=DATE, help="The day of rows that tell none.")
@click.option("--dry-run", is_flag=True, help="Say what would be recorded, and write nothing.")
def certificates(lists: tuple[Path, ...], name: str, day: date | None, dry_run: bool) -> None:
    """Record the certificates of a list: all of it or nothing.

    \b
    Example:
      taizhang certificates 发证清单.xlsx --as 马瑞 --dry-run
    """
    law, person, moment = require_ready(), _person(name), now()
    pack = law.on(working_day())
    found = read_certificates(lists, pack, day)
    _tell(found)
    if found.unknown or found.undated:
        raise InputError(
            "{count} rows of the list cannot be recorded; nothing was written.",
            hint="Correct the rows named above, or give the day with --on.",
            zh="清单中有 {count} 行不能登记，未写入任何内容；请更正上列各行，或用 --on 给出日期。",
            code="E-CERTIFICATE-ROWS",
            count=len(found.unknown) + len(found.undated),
        )
    if dry_run:
        out.print(said("  试运行：未写入任何内容", "  dry run: nothing was written"), markup=False)
        return
    made = record_certificates(person, found.drafts, moment)
    propose_plans(pack, unplanned(), actor=person.actor, now=moment)
    out.print(said(f"  已登记证书 {len(made)} 本", f"  {len(made)} certificates recorded"), markup=False)


def _tell(found: CertificateList) -> None:
    told = (
        f"  有证号 {len(found.drafts)} 户，无证号 {found.without} 行，待核单元格 {found.complaints}",
        f"  with a number: {len(found.drafts)} units; without: {found.without} rows; "
        f"complaints: {found.complaints}",
    )
    out.print(said(*told), markup=False)
    for places, zh, en in (
        (found.unknown, "台账中没有此户", "not in the ledger"),
        (found.undated, "没有可读的日期", "no day that can be read"),
    ):
        for place in places[:_SHOWN]:
            out.print(f"    {place.replace('›', ' ')}：{said(zh, en)}", markup=False)
        if len(places) > _SHOWN:
            more = len(places) - _SHOWN
            out.print(said(f"    另有 {more} 户", f"    and {more} more"), markup=False)


@click.command()
@click.argument("estate")
@_AS
def bills(estate: str, name: str) -> None:
    """Issue the list of fees of every unit of an estate that can have one.

    \b
    Example:
      taizhang bills 针织厂家属院（南区） --as 钱芳
    """
    law, person, moment = require_ready(), _person(name), now()
    pack, found = law.on(working_day()), estate_named(person, estate)
    told = issue_bills(person, pack, found.pk, moment)
    if told.issued:
        refresh_plan(pack, found.pk, actor=person.actor, now=moment)
    zh = f"  开具 {told.issued} 户（其中更换 {told.replaced}），不变 {told.same}，"
    zh += f"费用待核 {told.unknown}，未测绘 {told.unmeasured}，暂无应缴 {told.nothing}"
    en = f"  issued: {told.issued} ({told.replaced} replaced), same: {told.same}, "
    en += f"not known: {told.unknown}, not measured: {told.unmeasured}, nothing to pay now: {told.nothing}"
    out.print(said(zh, en), markup=False)


@click.command()
@click.argument("estate")
@click.argument("act", type=click.Choice(["close", "reopen"]))
@_AS
@click.option("--reason", default="", help="Why; needed to open again, and where units have no certificate.")
def case(estate: str, act: str, name: str, reason: str) -> None:
    """Close the case of an estate, or open it again.

    \b
    Example:
      taizhang case 针织厂家属院（南区） close --as 王建国
    """
    require_ready()
    person = _person(name)
    found = estate_named(person, estate)
    made = (close_case if act == "close" else reopen_case)(person, found.pk, now(), reason)
    told = said("已销号", "closed") if made.state == "closed" else said("重新办理", "opened again")
    out.print(f"  {made.number} {told}", markup=False)
