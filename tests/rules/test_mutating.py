"""Would the examples of a pack miss a rule that is not there?"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from taizhang.cli import taizhang
from taizhang.errors import PackError
from taizhang.rules.compose import compose
from taizhang.rules.document import Document, amended, read_document
from taizhang.rules.lint import errors_of
from taizhang.rules.mutants import KINDS, Site, sites_of, without
from taizhang.rules.mutating import Mutation, mutate
from taizhang.rules.pack import find_document
from taizhang.rules.packcheck import boundary_days, check_documents
from taizhang.rules.packtest import run_test
from tests.rules.broken_packs import GOOD, OVERLAY, written

TODAY = date(2024, 6, 1)
CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"
SHIPPED = (
    "title-certificates",
    "title-certificates-shandong",
    "title-certificates-special-bills",
    "demo-city-rules",
    "demo-decision-knitting-factory",
)


DATED = """\
kind: overlay
id: dated
version: 1.0.0
jurisdiction: CN-37
extends: small@^1
title: {zh: 有期限的补充, en: dated}
last_checked: 2024-05-01
sources:
  paper: {title: {zh: 某文, en: some paper}, kind: local}
changes:
  - op: drop_need
    node: title
    way: usual
    need: plan
    because: {zh: 免图纸, en: no drawing wanted}
    effective: {from: 2022-01-01, to: 2022-12-31}
    source: [paper]
  - op: set_value
    param: limit
    value: 60
    because: {zh: 面积线下调, en: a lower line}
    effective: {from: 2023-01-01, to: 2023-12-31}
    source: [paper]
tests:
"""
CASE = """\
  - name: large on {day}
    "on": {day}
    given: {{have: [card, deed], facts: {{lost: false, area: 80}}}}
    when: {{goal: title}}
    then: {{status: {status}}}
"""
DATED += "".join(
    CASE.format(day=day, status=status)
    for day, status in (
        ("2021-12-31", "open"),
        ("2022-12-31", "proved"),
        ("2023-01-01", "proved"),
        ("2024-01-28", "open"),
    )
)


def documents(folder: Path, base: str = GOOD, *layers: str) -> list[Document]:
    """Documents written into a folder and read."""
    found = []
    for number, text in enumerate((base, *layers)):
        path = folder / ("small.yaml" if not number else f"local{number}.yaml")
        path.write_text(text, encoding="utf-8")
        found.append(read_document(path))
    return found


def mutated(read: list[Document]) -> Mutation:
    return mutate(read[0], read[1:], TODAY)


def fate_of(mutation: Mutation, title: str) -> tuple[str, str]:
    found = [one for one in mutation.fates if one.title == title]
    assert len(found) == 1, (title, [one.title for one in mutation.fates])
    return found[0].fate, found[0].by


def plainly(read: list[Document], site: Site) -> str:
    """The fate of a mutant found the long way: composed anew on every day, every example run."""
    tree = without(site.tree, site.path) if site.path else None
    changed = [*read]
    changed[site.document] = amended(read[site.document], site.chapter, site.name, tree)
    if changed[site.document].errors:
        return "refused"
    for day in boundary_days(read, TODAY):
        pack, errors = compose(changed[0], changed[1:], day)
        if errors or errors_of(pack):
            return "refused"
    for number, document in enumerate(read):
        for test in document.tests:
            if run_test(lambda day, n=number: compose(changed[0], changed[1 : n + 1], day)[0], test).failures:
                return "noticed"
    return "kept"


# ---------------------------------------------------------------------------- a small pack


def test_a_need_that_no_example_misses_is_shown_where_it_stands(tmp_path):
    mutation = mutated(documents(tmp_path))

    # every card is on hand, the first case has all it needs, and in the second the drawing is needed twice
    assert [(one.title, one.where) for one in mutation.survivors] == [
        ("title.usual needs card", "small.yaml:31:17"),
        ("title.usual needs plan", "small.yaml:31:29"),
        ("land.by_deed needs deed", "small.yaml:37:72"),
        ("land.by_kind needs plan", "small.yaml:38:92"),
    ]
    assert mutation.killed("needs") == (2, 6)
    assert fate_of(mutation, "land.by_kind") == ("noticed", "by kind")
    assert fate_of(mutation, "land.by_kind needs deed") == ("noticed", "by kind")


def test_the_only_citation_is_refused_and_one_of_several_is_missed_by_an_example_that_cites(tmp_path):
    twice = GOOD.replace(
        "  law: {title", "  act: {title: {zh: 某令, en: some act}, kind: law}\n  law: {title", 1
    )
    twice = twice.replace(
        "when: not lost, needs: [deed], source: [law]", "when: not lost, needs: [deed], source: [law, act]"
    )
    told = twice.replace(
        "ways: {land: by_deed}}", "ways: {land: by_deed}, cites: {land.by_deed: [law, act]}}"
    )

    blind, seeing = mutated(documents(tmp_path, twice)), mutated(documents(tmp_path, told))

    assert fate_of(blind, "land.by_kind cites law") == ("refused", "E-PACK-E12")
    assert fate_of(blind, "limit cites law") == ("refused", "E-PACK-E12")
    assert fate_of(blind, "land.by_deed cites act") == ("survived", "")
    assert fate_of(seeing, "land.by_deed cites act") == ("noticed", "usual")
    assert fate_of(seeing, "land.by_deed cites law") == ("noticed", "usual")


def test_a_date_is_missed_by_an_example_on_the_day_beside_it(tmp_path):
    beside = OVERLAY + (
        "  - name: no longer\n"
        '    "on": 2025-01-01\n'
        "    given: {have: [card, plan], facts: {lost: true, kind: new, area: 80}}\n"
        "    when: {goal: title}\n"
        "    then: {status: blocked}\n"
    )
    without_it, with_it = (mutated(documents(tmp_path, GOOD, text)) for text in (OVERLAY, beside))
    end, start = "add_way land.by_paper to 2024-12-31", "add_way land.by_paper from 2022-01-01"

    assert (fate_of(without_it, end)[0], fate_of(with_it, end)) == ("survived", ("noticed", "no longer"))
    assert fate_of(with_it, start)[0] == "survived"
    assert fate_of(with_it, "limit from 2021-01-01") == ("refused", "E-PACK-E13")


def test_a_date_before_the_pack_speaks_changes_nothing(tmp_path):
    early = OVERLAY.replace("{from: 2022-01-01, to: 2024-12-31}", "{from: 2019-01-01}")

    assert fate_of(mutated(documents(tmp_path, GOOD, early)), "add_way land.by_paper from 2019-01-01") == (
        "without effect",
        "",
    )


def test_the_dates_of_changes_are_missed_on_the_days_beside_them(tmp_path):
    mutation = mutated(documents(tmp_path, GOOD, DATED))
    found = {one.title: (one.fate, one.by) for one in mutation.fates if one.where.startswith("local1")}

    assert found["drop_need title.usual.plan from 2022-01-01"] == ("noticed", "large on 2021-12-31")
    assert found["drop_need title.usual.plan to 2022-12-31"] == ("noticed", "large on 2024-01-28")
    assert found["set_value limit to 2023-12-31"] == ("noticed", "large on 2024-01-28")
    assert found["set_value limit from 2023-01-01"] == ("noticed", "large on 2021-12-31")


def test_practice_that_is_not_adopted_is_tried_by_supposing_it(tmp_path):
    practice = GOOD.replace("rank: 1, when: kind", "rank: 1, adopted: false, when: kind")
    by_kind = practice.index("  - name: by kind")
    silent = practice[:by_kind]
    supposed = practice.replace(
        "when: {goal: title}\n    then: {status: open, ways: {land: by_kind}",
        "when: {goal: title, enable: [land.by_kind]}\n    then: {status: open, ways: {land: by_kind}",
    )

    assert fate_of(mutated(documents(tmp_path, silent)), "land.by_kind") == ("survived", "")
    assert fate_of(mutated(documents(tmp_path, supposed)), "land.by_kind") == ("noticed", "by kind")


def test_an_example_that_supposes_a_way_that_is_not_there_fails_by_name(tmp_path):
    path, _ = written(
        tmp_path, "small.yaml", GOOD, "when: {goal: title}\n    then: {status: proved",
        "when: {goal: title, enable: [land.by_paper]}\n    then: {status: proved",
    )  # fmt: skip
    report = check_documents(read_document(path), [], TODAY)

    assert [outcome.failures for outcome in report.outcomes if outcome.failures] == [
        ("'land.by_paper' is not a name of this pack",)
    ]


def test_a_citation_of_a_way_off_the_route_is_no_citation(tmp_path):
    path, _ = written(tmp_path, "small.yaml", GOOD, "ways: {land: by_deed}}", "cites: {land.by_kind: [law]}}")
    report = check_documents(read_document(path), [], TODAY)

    assert [outcome.failures for outcome in report.outcomes if outcome.failures] == [
        ("cites.land.by_kind: expected ['law'], got not on the route",)
    ]


@pytest.mark.parametrize("layer", [OVERLAY, DATED])
def test_what_is_pruned_would_not_have_been_noticed_small_pack(tmp_path, layer):
    read = documents(tmp_path, GOOD, layer)
    found = mutate(read[0], read[1:], TODAY)
    sites = sites_of(read)

    assert [one.title for one in found.fates] == [site.title for site in sites]
    for fate, site in zip(found.fates, sites, strict=True):
        assert plainly(read, site) == (fate.fate if fate.fate in ("refused", "noticed") else "kept"), (
            site.title
        )


def test_documents_that_fail_as_they_are_are_not_mutated(tmp_path):
    wrong = documents(tmp_path, GOOD.replace("{status: proved,", "{status: blocked,"))
    broken = documents(tmp_path, GOOD.replace("needs: [card, land,", "needs: [card, lnad,"))

    with pytest.raises(ValueError, match="usual: status"):
        mutated(wrong)
    with pytest.raises(PackError, match="lnad"):
        mutated(broken)


# ---------------------------------------------------------------------------- what is shipped


@pytest.fixture(scope="module")
def shipped() -> tuple[list[Document], Mutation]:
    """The shipped documents together, and the fates of all their mutants."""
    read = [read_document(find_document(name)) for name in SHIPPED]
    return read, mutate(read[0], read[1:], date(2026, 11, 25))


def test_no_need_way_source_or_date_of_the_shipped_documents_can_go_unmissed(shipped):
    _, mutation = shipped

    assert [(one.where, one.title) for one in mutation.survivors] == []
    assert all(killed > 90 for killed, _ in mutation.by_kind.values())


def test_what_is_pruned_would_not_have_been_noticed_shipped_pack():
    """Some mutants of the base are tried the long way: by every example, composed anew."""
    read = [read_document(find_document("title-certificates"))]
    # without most examples, so that some mutants survive
    read[0].tests = read[0].tests[::9]
    found = mutate(read[0], [], date(2026, 11, 25))
    sites = sites_of(read)
    tried = [*range(0, len(sites), 150 if CHECK else 450)]
    kept = [at for at, one in enumerate(found.fates) if one.fate == "survived" and one.kind != "sources"]

    assert len(kept) > 20
    for at in (*tried, *(kept[::40] if CHECK else kept[::120])):
        fate = found.fates[at].fate
        assert plainly(read, sites[at]) == (fate if fate in ("refused", "noticed") else "kept"), sites[
            at
        ].title


# ---------------------------------------------------------------------------- the command


def test_the_command_names_what_survives_and_fails_only_when_told_to(tmp_path, monkeypatch):
    monkeypatch.setenv("TAIZHANG_LANG", "en")
    path = documents(tmp_path)[0].path
    asked = ["pack", "check", str(path), "--as-of", "2024-06-01", "--mutate"]

    lenient = CliRunner().invoke(taizhang, asked)
    strict = CliRunner().invoke(taizhang, [*asked, "--strict"])
    told = json.loads(CliRunner().invoke(taizhang, [*asked, "--json"]).stdout)["mutation"]

    assert lenient.exit_code == 0, lenient.output
    assert strict.exit_code == PackError.exit_status == 3
    assert told["survived"] > 0
    survivors = [one for one in told["mutants"] if one["fate"] == "survived"]
    for one in survivors:
        assert f"{one['where']}: no example fails without '{one['what']}' ({one['kind']})" in lenient.output
        line, column = map(int, one["where"].split(":")[1:])
        assert path.read_text(encoding="utf-8").split("\n")[line - 1][column - 1 :].strip()
    for kind in KINDS:
        counts = told["by_kind"][kind]
        assert counts["killed"] == counts["noticed"] + counts["refused"] <= counts["of"]


def test_the_same_documents_give_the_same_fates(tmp_path):
    first, second = (mutated(documents(tmp_path, GOOD, OVERLAY)) for _ in range(2))

    assert first == second
