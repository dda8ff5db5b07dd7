"""``taizhang officials``, ``grant``, ``withdraw``, ``second`` and ``close-account``: who may do what."""

from __future__ import annotations

from datetime import date

import click

from taizhang.cli.console import DATE, out, said
from taizhang.cli.office.installation import actor, now, require_ready, working_day
from taizhang.office import posts
from taizhang.office.accounts import open_account
from taizhang.office.organisations import find_official, grant_role, office_named
from taizhang.office.visitors import open_visitors
from taizhang.office.words import STATES

__all__ = ["close_account", "grant", "officials", "second", "withdraw"]


@click.command()
def officials() -> None:
    """List officials with their numbers, offices and the roles in force today.

    \b
    Example:
      taizhang officials
    """
    require_ready()
    for one in posts.everybody(working_day()):
        roles = "、".join(_role(held, one.office) for held in one.roles)
        told = roles if one.active else said("（已离任）", "(has left)")
        out.print(f"  {one.number}  {one.name}  {one.office}  {told}", markup=False)


def _role(held: posts.Held, home: str) -> str:
    """A role with what is not a matter of course: another office, a last day, a loan."""
    lent = said("借调", "lent") if held.lent else ""
    until = said(f"至 {held.until}", f"until {held.until}") if held.until else ""
    where = held.office if held.office != home else ""
    more = " ".join(filter(None, (lent, where, until)))
    return f"{held.role}（{more}）" if more else held.role


@click.command()
@click.argument("name")
@click.argument("role")
@click.option("--office", required=True, help="Name of the office; the role holds there and below.")
@click.option("--account", help="Name to sign in with; the password is asked for.")
def grant(name: str, role: str, office: str, account: str | None) -> None:
    """Give a person a role; a new person is entered.

    \b
    Example:
      taizhang grant 王建国 leader --office 市专班
    """
    require_ready()
    found = office_named(office)
    password = (
        click.prompt(said("口令", "password"), hide_input=True, confirmation_prompt=True) if account else ""
    )
    official = grant_role(name, role, found, actor=actor(), now=now())
    if account:
        open_account(official, account, password, actor=actor(), now=now())
    out.print(f"  {official.pk}  {find_official(str(official.pk)).name}  {role}  {office}", markup=False)


@click.command()
@click.argument("name")
@click.argument("role")
@click.option("--office", required=True, help="Name of the office for which the role was given or lent.")
@click.option("--until", type=DATE, help="Last day on which it holds (default: it ends at once).")
def withdraw(name: str, role: str, office: str, until: date | None) -> None:
    """Take a role away; NAME is the name or the number of the official.

    \b
    Example:
      taizhang withdraw 王建国 leader --office 市专班
    """
    require_ready()
    official, found = find_official(name), office_named(office)
    posts.withdraw_role(official, role, found, actor=actor(), now=now(), last_on=until)
    ends = said(f"至 {until}", f"until {until}") if until else said("即时收回", "ended at once")
    out.print(f"  {official.pk}  {official.name}  {role}  {office}  {ends}", markup=False)


@click.command()
@click.argument("name")
@click.argument("role")
@click.option("--office", required=True, help="Name of the office that borrows, as the task force.")
@click.option("--since", type=DATE, help="First day (default: today in China).")
@click.option("--until", type=DATE, help="Last day (default: until it is withdrawn).")
def second(name: str, role: str, office: str, since: date | None, until: date | None) -> None:
    """Lend an official to another office; the roles at home stay.

    \b
    Example:
      taizhang second 高秀岚 leader --office 市专班 --until 2024-12-31
    """
    require_ready()
    official, found = find_official(name), office_named(office)
    lent = posts.second_official(
        official, role, found, since=since or working_day(), until=until, actor=actor(), now=now()
    )
    days = f"{lent.since} – {lent.until or ''}".rstrip()
    out.print(f"  {official.pk}  {official.name}  {role}  {office}  {days}", markup=False)


@click.command("close-account")
@click.argument("name")
@click.option("--reason", required=True, help="Why; it is kept in the journal.")
def close_account(name: str, reason: str) -> None:
    """An official leaves: roles end, the account is closed and signed out; lists the tasks to hand over.

    \b
    Example:
      taizhang close-account 高秀岚 --reason 调离
    """
    require_ready()
    open_visitors()  # whose sessions are ended
    official = find_official(name)
    tasks = posts.close_account(official, reason=reason, actor=actor(), now=now())
    out.print(
        said(
            f"  {official.name}的账号已关闭、角色已收回；待转办任务 {len(tasks)} 项",
            f"  {official.name}: account closed, roles ended; tasks to hand over: {len(tasks)}",
        ),
        markup=False,
    )
    for one in tasks:
        due = one.due_on.isoformat() if one.due_on else said("未定", "no date")
        state = said(STATES[one.state].zh, STATES[one.state].en)
        out.print(f"  {one.pk}  {due}  {state}  {one.estate.name}  {one.item}", markup=False)
