"""``taizhang found``: an open fact answered by who found it out."""

from __future__ import annotations

import click

from taizhang.cli.console import out, said
from taizhang.cli.office.installation import now, require_ready, working_day
from taizhang.office.access import person_of
from taizhang.office.answers import place_named, record_fact
from taizhang.office.organisations import find_official
from taizhang.office.planning import refresh_plan
from taizhang.office.selectors.estate import estate_named

__all__ = ["found"]


@click.command(context_settings={"ignore_unknown_options": True})  # a value may be negative
@click.argument("estate")
@click.argument("fact")
@click.argument("value")
@click.option("--as", "name", required=True, help="Name or number of the official who found it out.")
@click.option("--basis", required=True, help="How it is known: a paper, a register, a person asked.")
@click.option("--at", "places", multiple=True, help="A building, or a unit as building/unit.")
def found(estate: str, fact: str, value: str, name: str, basis: str, places: tuple[str, ...]) -> None:
    """Record what was found out, and compute the plan anew; an empty VALUE: not known after all.

    \b
    Example:
      taizhang found 针织厂家属院（南区） legacy_case 是 --basis 县政府纪要〔2023〕5号 --as 王建国
    """
    law, moment = require_ready(), now()
    person = person_of(find_official(name), working_day())
    there, pack = estate_named(person, estate), law.on(working_day())
    keys = [place_named(there, one) for one in places] or None
    made = record_fact(person, pack, there.pk, fact, value.strip() or None, basis, moment, keys)
    refresh_plan(pack, there.pk, actor=person.actor, now=moment)
    out.print(
        said(f"  已登记 {len(made)} 处，方案已重新测算", f"  recorded of {len(made)}, planned anew"),
        markup=False,
    )
