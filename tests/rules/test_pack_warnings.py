"""What will trouble somebody later is said when a pack is checked, and all errors are said at once."""

from __future__ import annotations

from datetime import date

import pytest

from taizhang.errors import PackError
from taizhang.rules.document import read_document
from taizhang.rules.pack import load_pack
from taizhang.rules.packcheck import check_documents

from .broken_packs import GOOD, OVERLAY, TODAY, written

WARNINGS = [
    ("W01", "land.*no way in force on 2021-01-01", "when: not lost, needs: [deed], source: [law]}\n      by_kind: {", "when: not lost, needs: [deed], source: [law], effective: {from: 2022-01-01}}\n      by_kind: {adopted: false, "),
    ("W02", "never count", 'when: kind == "old"', 'when: kind == "old" and kind == "new"'),
    ("W03", "never better", "rank: 1, when: kind == \"old\", needs:", "rank: 1, when: not lost, needs:"),
    ("W04", "'deed2' cannot be reached", "  plan: {level: building", "  deed2: {level: estate, label: {zh: 契据二, en: deed two}, supplier: office, cost: {money: \"0\", days: 2}}\n  plan: {level: building"),
    ("W05", "last checked 2022-05-01", "last_checked: 2024-05-01", "last_checked: 2022-05-01"),
    ("W06", "label in both languages", "label: {zh: 契据, en: deed}", "label: {zh: 契据, en: 契据}"),
    ("W07", "no supplier or no cost", "supplier: office, cost: {money: \"0\", effort: 1, days: 1}}", "cost: {money: \"0\", effort: 1, days: 1}}"),
    ("W09", "No example reaches 'land.by_kind'", "given: {have: [card], facts: {lost: true, kind: old, area: 80}}", "given: {have: [card], facts: {lost: false, kind: old, area: 80}}"),
    ("W10", "was not read in full", "kind: law}", "kind: law, verify: true}"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "said", "old", "new"), WARNINGS)
def test_a_warning_for_what_will_trouble_somebody_later(tmp_path, code, said, old, new):
    path, _ = written(tmp_path, "small.yaml", GOOD, old, new)

    report = check_documents(read_document(path), [], TODAY)
    found = [warning for warning in report.warnings if warning.code == code]

    assert report.errors == ()
    assert len(found) == 1
    assert found[0].where.startswith("small.yaml:")
    import re

    assert re.search(said, found[0].en)


OLD_AND_NEW = """\
  law: {title: {zh: 某法, en: some law}, kind: law, SPAN}
  old: {title: {zh: 旧法, en: old law}, kind: law, effective: {to: 2021-12-31}}
"""


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("effective: {from: 2022-01-01}", "2021-01-01"),  # not yet in force when the pack begins
        ("effective: {to: 2023-06-30}", "2023-07-01"),  # repealed, on a day on which nothing else changes
        ("effective: {to: 2030-06-30}", "2030-07-01"),  # will end, and no rule ends with it
        ("effective: {from: 2021-01-01}", None),
        ("verify: false", None),
    ],
)
def test_w12_a_rule_that_is_in_force_while_none_of_its_sources_is(tmp_path, span, said):
    text = GOOD.replace(
        "  law: {title: {zh: 某法, en: some law}, kind: law}\n", OLD_AND_NEW.replace("SPAN", span)
    )
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")

    report = check_documents(read_document(path), [], TODAY)
    found = [one for one in report.warnings if one.code == "W12"]
    rules = ["land.by_deed", "land.by_kind", "title.usual", "limit"]

    assert report.errors == ()
    assert [one.en for one in found] == (
        [f"No source of '{rule}' is in force on {said}: law." for rule in rules] if said else []
    )
    assert all(one.where.startswith("small.yaml:") and str(said) in one.zh for one in found)


def test_w12_a_rule_may_cite_the_old_law_and_the_new_one(tmp_path):
    spans = OLD_AND_NEW.replace("SPAN", "effective: {from: 2022-01-01}")
    text = GOOD.replace("  law: {title: {zh: 某法, en: some law}, kind: law}\n", spans)
    text = text.replace("source: [law]", "source: [old, law]")
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")

    report = check_documents(read_document(path), [], TODAY)
    gap = path.read_text(encoding="utf-8").replace("to: 2021-12-31", "to: 2021-11-30")
    path.write_text(gap, encoding="utf-8")
    between = check_documents(read_document(path), [], TODAY)

    assert [one for one in report.warnings if one.code == "W12"] == []
    assert {one.en.split(" on ")[1] for one in between.warnings if one.code == "W12"} == {
        "2021-12-01: old, law."
    }


BELOW = """\
  below:
    level: estate
    label: {zh: 下层, en: what lies below}
    ways:
      one: {label: {zh: 一, en: one}, when: FIRST, needs: [deed], source: [law]}
      two: {label: {zh: 二, en: two}, rank: 1, when: SECOND, needs: [deed], source: [law]}
tests:
"""


@pytest.mark.parametrize(
    ("guard", "first", "second", "usable"),
    [
        ("not lost", 'lost and kind == "old"', 'lost and kind == "new"', False),  # each of them contradicts
        ("not lost", 'lost and kind == "old"', 'kind == "new"', True),
        ("not lost", "lost", "lost or not lost", True),
        ('kind == "old"', 'kind == "new"', 'kind != "old"', False),
        ('kind == "old"', 'kind == "new"', 'kind != "new"', True),
        # together the two leave no answer, apart each of them does
        ("not lost", 'lost or kind == "old"', "lost", True),
    ],
)
def test_w02_a_way_whose_guard_and_what_it_needs_cannot_hold_together(tmp_path, guard, first, second, usable):
    below = BELOW.replace("FIRST", first).replace("SECOND", second)
    text = GOOD.replace("tests:\n", below, 1)
    text = text.replace("when: not lost, needs: [deed]", f"when: {guard}, needs: [deed, below]", 1)
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")

    report = check_documents(read_document(path), [], TODAY)
    unusable = [one.en for one in report.warnings if one.code == "W02" and "land.by_deed" in one.en]

    assert report.errors == ()
    assert unusable == (
        []
        if usable
        else ["'land.by_deed' can never count: its guard and those of what it needs cannot hold together."]
    )


@pytest.mark.parametrize(
    ("needs", "usable"),
    [
        ("[card, land, {ref: plan, when: area <= limit}]", True),
        ("[card, {ref: small, when: area <= limit}, large]", True),  # for large homes the small is not needed
        ("[card, small, large]", False),
        ("[card, {ref: small, when: area > limit}, large]", False),
        ("[card, {ref: small, when: area <= limit}, {ref: large, when: area > limit}]", True),
        ("[card, {at_least: 1, of: [small, large]}]", True),
        ("[card, {at_least: 2, of: [small, large]}]", False),
    ],
)
def test_w02_reads_parameters_and_the_guards_of_needs(tmp_path, needs, usable):
    sizes = "".join(
        f"  {name}:\n    level: unit\n    label: {{zh: {zh}, en: {name} home}}\n    ways:\n"
        f"      only: {{label: {{zh: 仅{zh}, en: only {name}}}, when: {guard}, needs: [card], source: [law]}}\n"
        for name, zh, guard in (("small", "小户", "area < limit"), ("large", "大户", "area > limit + 10"))
    )
    text = GOOD.replace("  land:\n    level: estate", sizes + "  land:\n    level: estate", 1)
    text = text.replace("[card, land, {ref: plan, when: area <= limit}]", needs, 1)
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")

    report = check_documents(read_document(path), [], TODAY)
    found = [one.en for one in report.warnings if one.code == "W02" and "title.usual" in one.en]

    assert report.errors == ()
    assert (found == []) is usable


def test_w02_asks_every_day_on_which_the_way_is_in_force(tmp_path):
    later = (
        "values: [{from: 2021-01-01, value: 90, source: [law]}, {from: 2023-01-01, value: 0, source: [law]}]"
    )
    guarded = "when: area < limit and area > 50, rank: 1, "
    for dates, usable in (("", True), ("effective: {from: 2023-01-01}, ", False)):
        text = GOOD.replace("values: [{from: 2021-01-01, value: 90, source: [law]}]", later, 1)
        text = text.replace(
            "        source: [law]\n  land:",
            "        source: [law]\n"
            f"      small: {{label: {{zh: 小户, en: small homes}}, {guarded}{dates}needs: [card, deed], source: [law]}}\n"
            "  land:",
            1,
        )
        path = tmp_path / "small.yaml"
        path.write_text(text, encoding="utf-8")
        report = check_documents(read_document(path), [], TODAY)

        assert report.errors == ()
        assert ("W02" not in {one.code for one in report.warnings}) is usable, dates


def test_a_source_has_a_day_of_its_own_on_which_it_was_checked(tmp_path):
    path, where = written(tmp_path, "small.yaml", GOOD, "  law: {", "  »law: {last_checked: 2022-05-01, ")
    report = check_documents(read_document(path), [], TODAY)

    assert [(one.code, one.where, one.en) for one in report.warnings] == [
        ("W05", f"small.yaml:{where}", "'law' was last checked 2022-05-01.")
    ]
    assert [(one.name, one.day) for one in report.staleness.old] == [("law", date(2022, 5, 1))]


@pytest.mark.parametrize(
    ("today", "ended", "ending"),
    [
        (date(2024, 10, 1), [], []),  # 91 days before its last day
        (date(2024, 10, 2), [], ["land.by_paper"]),
        (date(2024, 12, 31), [], ["land.by_paper"]),  # the last day belongs to it
        (date(2025, 1, 1), ["land.by_paper"], []),
    ],
)
def test_what_has_ended_and_what_ends_within_ninety_days_is_listed(tmp_path, today, ended, ending):
    base, local = tmp_path / "small.yaml", tmp_path / "local.yaml"
    base.write_text(GOOD, encoding="utf-8")
    local.write_text(OVERLAY, encoding="utf-8")
    fresh = check_documents(read_document(base), [read_document(local)], today).staleness

    assert (fresh.sources, fresh.verify, fresh.old) == (2, (), ())
    assert [one.name for one in fresh.ended] == ended
    assert [one.name for one in fresh.ending] == ending


def test_a_list_of_sources_without_one_is_no_source(tmp_path):
    path, _ = written(
        tmp_path,
        "small.yaml",
        GOOD,
        "when: not lost, needs: [deed], source: [law]",
        "when: not lost, needs: [deed], source: []",
    )

    with pytest.raises(PackError) as caught:
        load_pack(path, as_of=TODAY)

    assert caught.value.code == "E-PACK-E12"


def test_w08_a_choice_among_many_is_named_before_it_hurts(tmp_path):
    many = "".join(
        f'  p{i}: {{level: unit, label: {{zh: 件{i}, en: paper {i}}}, supplier: office, cost: {{money: "0", days: 1}}}}\n'
        for i in range(13)
    )
    text = GOOD.replace("evidence:\n", "evidence:\n" + many).replace(
        "needs: [card,", "needs: [{at_least: 2, of: [" + ", ".join(f"p{i}" for i in range(13)) + "]}, card,"
    )
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")

    report = check_documents(read_document(path), [], TODAY)

    assert [warning.code for warning in report.warnings if warning.code == "W08"] == ["W08"]


def test_all_errors_of_a_document_are_reported_at_once(tmp_path):
    path, _ = written(tmp_path, "small.yaml", GOOD, "needs: [card, land,", "needs: [crad, lnad,")

    report = check_documents(read_document(path), [], TODAY)

    assert [error.code for error in report.errors] == ["E-PACK-E02", "E-PACK-E02"]


def test_aliases_of_aliases_are_refused_before_they_fill_the_memory(tmp_path):
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 12)]
    path = tmp_path / "small.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(PackError, match=r"more than 200000 entries.*E-PACK-E00"):
        read_document(path)
