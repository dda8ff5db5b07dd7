"""``python -m bench``: run one bench or all, print its table, keep its result."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bench import bench_bare, bench_city, bench_decisions, bench_engines, bench_joint, bench_office
from bench.machine import described
from bench.tables import RESULTS, shown, write_page

BENCHES: dict[str, Callable[..., dict[str, Any]]] = {
    "engines": bench_engines.run,
    "bare": bench_bare.run,
    "city": bench_city.run,
    "joint": bench_joint.run,
    "decisions": bench_decisions.run,
    "office": bench_office.run,
}


@click.command(help=__doc__)
@click.argument("names", nargs=-1, type=click.Choice([*BENCHES, "all"]))
@click.option("--rounds", type=int, help="Timed rounds (default: what the bench thinks is enough).")
@click.option("--scale", default=1.0, show_default=True, help="Factor on the size of the work.")
@click.option("--docs", is_flag=True, help="Write the latest tables into docs/reference/benchmarks.md.")
@click.option("--no-save", is_flag=True, help="Print only.")
@click.option("--output", type=click.Path(path_type=Path), default=RESULTS, help="Folder of the results.")
def main(
    names: tuple[str, ...], rounds: int | None, scale: float, docs: bool, no_save: bool, output: Path
) -> None:
    """Run the benches that were named."""
    if not names and not docs:
        names = ("all",)
    for name in BENCHES if "all" in names else names:
        before = described()
        options = {"scale": scale} | ({"rounds": rounds} if rounds else {})
        date = datetime.now(UTC).date().isoformat()
        result = {"bench": name, "date": date, "scale": scale, "machine": before, **BENCHES[name](**options)}
        click.echo(f"\n# {name}\n\n{shown(name, result)}")
        if not no_save:
            output.mkdir(parents=True, exist_ok=True)
            path = output / f"{date}-{name}.json"
            path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            click.echo(f"\nwritten: {path.name}")
    if docs:
        click.echo(f"written: {write_page(list(BENCHES)).name}")


if __name__ == "__main__":
    main(prog_name="python -m bench")
