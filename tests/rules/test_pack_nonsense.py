"""Packs that can mean nothing: numbers without end, limits that are no answers, chains that are too long.

Each breaks one thing in ``GOOD``, and ``»`` marks where the message must point.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from taizhang.errors import PackError
from taizhang.rules.document import read_document
from taizhang.rules.lint import MOST_IN_CHAIN
from taizhang.rules.pack import load_pack
from taizhang.rules.packcheck import check_documents
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import Dossier

from .broken_packs import GOOD, TODAY, points_at_the_token, written

ENDLESS = ["NaN", "sNaN", ".nan", ".inf", "-.inf", "Infinity", "1e999999999", "1e-999999999", "1" * 16]
NUMBERS = [
    ("E13", "value: 90", "value: »#"),
    ("E13", 'money: "0", effort: 1, days: 1}', 'money: "»#", effort: 1, days: 1}'),
    ("E13", 'money: "0", effort: 1, days: 1}', 'money: "0", effort: »#, days: 1}'),
    ("E13", "area: {level: unit, type: decimal,", "area: {level: unit, type: decimal, min: »#,"),
    ("E13", "needs: [deed, {each: building, ref: plan}]", "needs: [{at_least: »#, of: [deed, card]}]"),
    (
        "E13",
        "needs: [deed, {each: building, ref: plan}]",
        "needs: [{share: building, ref: plan, at_least: »#}]",
    ),
]


@pytest.mark.parametrize("number", ENDLESS)
@pytest.mark.parametrize(("code", "old", "new"), NUMBERS)
def test_what_nobody_can_reckon_with_is_no_number(tmp_path, code, old, new, number):
    """Read as decimals they poison every comparison, or fill the memory."""
    points_at_the_token(tmp_path, code, old, new.replace("#", number), "is wanted")


@pytest.mark.parametrize(
    ("guard", "said"),
    [
        ("area > »1e999999 * 1e999999", "more than 15 digits"),
        ("area > »1e-999999", "more than 15 digits"),
        ("area > 0 and area < »0x10", "more than 15 digits"),
        ("area > 1 / 0", "Division by zero"),
        ("area > " + " * ".join(["1e14"] * 40), "of type"),
    ],
)
def test_a_guard_that_nobody_can_reckon_with_is_shown_at_the_token(tmp_path, guard, said):
    """It used to be a traceback of the decimals."""
    if said == "of type":  # long, and within what can be reckoned with
        load_pack(written(tmp_path, "small.yaml", GOOD, "area <= limit", guard)[0], as_of=TODAY)
        return
    points_at_the_token(tmp_path, "E06", "area <= limit", guard, said)


def test_an_example_that_expects_no_amount_fails_and_says_so(tmp_path):
    for wanted in ("NaN", "much", "1e999999999"):
        old = "then: {status: open, ways: {land: by_kind}, plan: {missing: [deed, plan]}}"
        path, _ = written(tmp_path, "small.yaml", GOOD, old, f"then: {{plan: {{money: {wanted}}}}}")
        report = check_documents(read_document(path), [], TODAY)

        assert [one.failures for one in report.outcomes] == [(), (f"'{wanted}' is no amount in yuan",)]


NEEDS = "needs: [deed, {each: building, ref: plan}]"
AREA = "area: {level: unit, type: decimal,"
CHECKED = "last_checked: 2024-05-01"
MEANINGLESS = [
    ("E13", "effective: {from: 2021-01-01}", "effective: {from: 2021-01-01, to: »2020-12-31}", "a day not before 2021-01-01, the day of 'from', is wanted"),
    ("E13", "when: not lost,", "effective: {from: 2024-01-01, to: »2023-12-31},", "a day not before 2024-01-01, the day of 'from', is wanted"),
    ("E13", "value: 90,", "to: »2020-01-01, value: 90,", "a day not before 2021-01-01, the day of 'from', is wanted"),
    ("E03", CHECKED, f"{CHECKED}\nobjective: [money, »money]", "'money' stands twice in the objective; first at small.yaml:9:13"),
    ("E13", CHECKED, f"{CHECKED}\nobjective: »[]", "one or more of rank, money, effort, items, days is wanted"),
    ("E13", NEEDS, "needs: [{at_least: »0, of: [deed, plan]}]", "a whole number from 1 to 2 is wanted"),
    ("E13", NEEDS, "needs: [{at_least: »3, of: [deed, plan]}]", "a whole number from 1 to 2 is wanted"),
    ("E03", NEEDS, "needs: [{at_least: 2, of: [deed, »deed]}]", "'deed' stands twice in 'of'"),
    ("E13", NEEDS, "needs: [{at_least: 1, of: »[]}]", "a list of two or more papers or nodes is wanted"),
    ("E13", AREA, "area: {level: unit, type: integer, min: »2.5,", "a whole number, as the fact is of type integer, is wanted"),
    ("E13", AREA, 'area: {level: unit, type: money, max: "»0.005",', "yuan with two decimals, as the fact is of type money,"),
    ("E13", AREA, "area: {level: unit, type: decimal, min: 9, max: »3,", "a number of at least 9, which is 'min', is wanted"),
    ("E13", "lost: {level: estate, type: bool,", "lost: {level: estate, type: bool, min: »1,", "nothing for a fact of type bool"),
    ("E13", "type: enum, values: {old: {zh: 老, en: old}, new: {zh: 新, en: new}},", "type: »enum,", "a type other than enum, or 'values:'"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new", "said"), MEANINGLESS)
def test_what_can_mean_nothing_is_refused_at_the_token(tmp_path, code, old, new, said):
    """Each of these used to be taken without a word."""
    points_at_the_token(tmp_path, code, old, new, said)


def chained(folder: Path, count: int) -> Path:
    """The small pack whose goal stands on a chain of ``count`` nodes, itself included."""
    rows = [
        f"  n{at}: {{level: estate, label: {{zh: 第{at}步, en: step {at}}}, ways: {{w: {{label: {{zh: 做, en: do}}, "
        f"needs: [{f'n{at + 1}' if at < count - 1 else 'deed'}], source: [law]}}}}}}\n"
        for at in range(1, count)
    ]
    good = GOOD.replace("needs: [card, land, {", "needs: [card, n1, {").replace(
        "tests:\n", "".join(rows) + "tests:\n"
    )
    path = folder / "small.yaml"
    path.write_text(good, encoding="utf-8")
    return path


def test_a_chain_of_needs_may_be_long_and_not_endless(tmp_path):
    """Three thousand nodes, each needing the next, used to be a traceback."""
    pack = load_pack(chained(tmp_path, MOST_IN_CHAIN), as_of=TODAY)
    assert cheapest_plan(pack, Dossier.of(pack)).items == ("card", "deed")

    for count in (MOST_IN_CHAIN + 1, 3_000):
        with pytest.raises(PackError) as caught:
            load_pack(chained(tmp_path, count), as_of=TODAY)
        assert caught.value.code == "E-PACK-E15"
        assert caught.value.where == "small.yaml:24:3", "the node where the chain begins"
        assert f"a chain of {count} nodes that need one another; up to 100" in caught.value.say("en")
        assert f"{count} 层" in caught.value.say("zh")


def test_a_long_chain_that_comes_back_is_a_cycle(tmp_path):
    path = chained(tmp_path, 3_000)
    path.write_text(
        path.read_text(encoding="utf-8").replace("needs: [n2999]", "needs: [n7]"), encoding="utf-8"
    )
    with pytest.raises(PackError) as caught:
        load_pack(path, as_of=TODAY)

    assert caught.value.code == "E-PACK-E04"
    chain = str(caught.value.values["chain"]).split(" <- ")
    assert len(chain) == 2_993 and chain[0] == chain[-1]


@pytest.mark.parametrize("depth", [100, 900, 980, 5_000])
def test_lists_in_lists_are_refused_however_deep(tmp_path, depth):
    path = tmp_path / "deep.yaml"
    path.write_text(f"kind: pack\nheadings: {{a: {'[' * depth}{']' * depth}}}\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"E-PACK-E(00|13)"):
        load_pack(path, as_of=TODAY)
