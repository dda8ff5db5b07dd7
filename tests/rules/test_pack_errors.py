"""One broken pack per code of rules.md C.16; the position points at the token.

``GOOD`` is a small pack without a complaint.  Every case breaks one thing in it and marks,
with ``»``, where the message must point.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from taizhang.errors import PackError
from taizhang.rules.answers import answer_classes
from taizhang.rules.document import read_document
from taizhang.rules.pack import load_pack
from taizhang.rules.packcheck import check_documents

TODAY = date(2024, 6, 1)

GOOD = """\
kind: pack
id: small
version: 1.0.0
jurisdiction: CN
level_order: [estate, building, unit]
title: {zh: 小规则包, en: small pack}
effective: {from: 2021-01-01}
last_checked: 2024-05-01
sources:
  law: {title: {zh: 某法, en: some law}, kind: law}
suppliers:
  office: {zh: 某办, en: office}
params:
  limit: {label: {zh: 面积线, en: area line}, values: [{from: 2021-01-01, value: 90, source: [law]}]}
facts:
  lost: {level: estate, type: bool, label: {zh: 已灭失, en: lost}, who: office}
  kind: {level: estate, type: enum, values: {old: {zh: 老, en: old}, new: {zh: 新, en: new}}, label: {zh: 种类, en: kind of estate}, who: office}
  area: {level: unit, type: decimal, label: {zh: 面积, en: area}, who: office}
evidence:
  deed: {level: estate, label: {zh: 契据, en: deed}, supplier: office, cost: {money: "0", effort: 1, days: 2}}
  plan: {level: building, label: {zh: 图纸, en: drawing}, supplier: office, cost: {money: "0", effort: 1, days: 2}}
  card: {level: unit, label: {zh: 证件, en: card}, supplier: office, cost: {money: "0", effort: 1, days: 1}}
nodes:
  title:
    level: unit
    goal: true
    label: {zh: 办证, en: title}
    ways:
      usual:
        label: {zh: 常规, en: usual}
        needs: [card, land, {ref: plan, when: area <= limit}]
        source: [law]
  land:
    level: estate
    label: {zh: 用地, en: land matter}
    ways:
      by_deed: {label: {zh: 凭契据, en: by deed}, when: not lost, needs: [deed], source: [law]}
      by_kind: {label: {zh: 凭种类, en: by kind}, rank: 1, when: kind == "old", needs: [deed, {each: building, ref: plan}], source: [law]}
tests:
  - name: usual
    "on": 2024-01-28
    given: {have: [card, deed, plan], facts: {lost: false, area: 80}}
    when: {goal: title}
    then: {status: proved, ways: {land: by_deed}}
  - name: by kind
    "on": 2024-01-28
    given: {have: [card], facts: {lost: true, kind: old, area: 80}}
    when: {goal: title}
    then: {status: open, ways: {land: by_kind}, plan: {missing: [deed, plan]}}
"""

OVERLAY = """\
kind: overlay
id: local
version: 1.0.0
jurisdiction: CN-37
extends: small@^1
title: {zh: 地方补充, en: local}
last_checked: 2024-05-01
sources:
  paper: {title: {zh: 某文, en: some paper}, kind: local}
changes:
  - op: add_way
    node: land
    way: by_paper
    value: {label: {zh: 凭文件, en: by paper}, rank: 2, needs: [deed], source: [paper]}
    because: {zh: 地方规定, en: local rule}
    effective: {from: 2022-01-01, to: 2024-12-31}
    source: [paper]
tests:
  - name: by paper
    "on": 2024-01-28
    given: {have: [card, plan], facts: {lost: true, kind: new, area: 80}}
    when: {goal: title}
    then: {status: open, ways: {land: by_paper}}
"""


def written(folder: Path, name: str, good: str, old: str, new: str) -> tuple[Path, str]:
    """Write a broken copy; return it and the ``line:column`` of the mark."""
    assert good.count(old) == 1, old
    text = good.replace(old, new)
    where = ""
    if "»" in text:
        before = text[: text.index("»")]
        where = f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    path = folder / name
    path.write_text(text.replace("»", ""), encoding="utf-8")
    return path, where


def test_the_good_pack_and_overlay_have_no_complaint(tmp_path):
    base = tmp_path / "small.yaml"
    base.write_text(GOOD, encoding="utf-8")
    local = tmp_path / "local.yaml"
    local.write_text(OVERLAY, encoding="utf-8")

    report = check_documents(read_document(base), [read_document(local)], TODAY)

    assert [str(error) for error in report.errors] == []
    assert [outcome.failures for outcome in report.outcomes] == [(), (), ()]
    assert [warning.say() for warning in report.warnings] == []
    assert report.adopted == report.reached


ERRORS = [
    ("E00", "title: {zh: 小规则包, en: small pack}", "title: {zh: 小规则包, en: small pack»]", "Not valid YAML"),
    ("E01", "money: \"0\", effort: 1, days: 1}", "»mony: \"0\", effort: 1, days: 1}", "Did you mean 'money'"),
    ("E02", "needs: [card, land,", "needs: [card, »lnad,", "Did you mean 'land'"),
    ("E02", "when: not lost,", "when: not »lots,", "Did you mean 'lost'"),
    ("E02", "when: area <= limit", "when: area <= »limmit", "Did you mean 'limit'"),
    ("E02", "when: not lost, needs: [deed], source: [law]", "when: not lost, needs: [deed], source: [»lav]", "Did you mean 'law'"),
    ("E03", "  card: {level: unit, label", "  »deed: {level: unit, label", "stands twice"),
    ("E03", "  land:\n    level: estate", "  »deed:\n    level: estate", "is defined twice"),
    ("E04", "»", "", ""),
    ("E05", "»", "", ""),
    ("E06", "when: not lost,", "when: not lost »= true,", "Not an expression"),
    ("E06", "when: not lost,", "when: not »fetch(lost),", "'fetch' is not a function"),
    ("E06", 'when: kind == "old"', 'when: »kind == "olt"', "Did you mean 'old'"),
    ("E06", "when: not lost,", "when: »area_of,", ""),
    ("E07", "value: 90, source: [law]}]", "value: 90, to: 2023-12-31, source: [law]}, »{from: 2023-06-01, value: 80, source: [law]}]", "overlap"),
    ("E08", "values: [{from: 2021-01-01, value: 90", "values: [{from: 2021-01-01, to: 2023-12-31, value: 90", "has no value on"),
    ("E12", "by_deed: {label: {zh: 凭契据, en: by deed}, when: not lost, needs: [deed], source: [law]}", "by_deed: »{label: {zh: 凭契据, en: by deed}, when: not lost, needs: [deed]}", "'source' is missing"),
    ("E13", "jurisdiction: CN\n", "jurisdiction: CN\nkin: x\n", ""),
    ("E13", "effort: 1, days: 1}", "effort: »some, days: 1}", "a number"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new", "said"), [row for row in ERRORS if row[1] in GOOD and row[3]])
def test_an_error_names_its_code_and_points_at_the_token(tmp_path, code, old, new, said):
    path, where = written(tmp_path, "small.yaml", GOOD, old, new)

    with pytest.raises(PackError) as caught:
        load_pack(path, as_of=TODAY)

    assert caught.value.code == f"E-PACK-{code}"
    assert said in caught.value.say("en")
    assert caught.value.zh
    if where:
        assert caught.value.where == f"small.yaml:{where}"


DUTY = "duties: [{paper: deed, days: 30, supplier: office, consequence: {zh: 催缴, en: a reminder}, source: [law]}]"
PUT_OFF = [
    ("E02", "paper: deed", "paper: »ded", "Did you mean 'deed'"),
    ("E02", "supplier: office", "supplier: »ofice", "Did you mean 'office'"),
    ("E02", "source: [law]}]", "source: [»lav]}]", "Did you mean 'law'"),
    ("E01", "days: 30", "»day: 30", "Did you mean 'days'"),
    ("E12", "duties: [{", "duties: [»{", "'source' is missing"),
    ("E13", "days: 30", "days: »soon", "a number"),
]


@pytest.mark.parametrize(("code", "old", "new", "said"), PUT_OFF)
def test_a_duty_that_is_wrong_is_shown_at_the_token(tmp_path, code, old, new, said):
    duty = DUTY.replace(old, new)
    if code == "E12":
        duty = duty.replace(", source: [law]}]", "}]")
    good = 'rank: 1, when: kind == "old", needs: [deed, {each: building, ref: plan}], source: [law]}'
    broken = f'rank: 1, when: kind == "old", needs: [{{each: building, ref: plan}}], source: [law], {duty}}}'
    path, where = written(tmp_path, "small.yaml", GOOD, good, broken)

    with pytest.raises(PackError) as caught:
        load_pack(path, as_of=TODAY)

    assert caught.value.code == f"E-PACK-{code}"
    assert said in caught.value.say("en")
    assert caught.value.where == f"small.yaml:{where}"


def with_duty(folder: Path, duty: str, needs: str = "{each: building, ref: plan}") -> Path:
    """The small pack whose second way puts a paper off."""
    good = "needs: [deed, {each: building, ref: plan}], source: [law]}"
    return written(folder, "small.yaml", GOOD, good, f"needs: [{needs}], source: [law], {duty}}}")[0]


def test_a_duty_without_a_supplier_is_owed_by_the_papers_own(tmp_path):
    pack = load_pack(with_duty(tmp_path, DUTY.replace("supplier: office, ", "")), as_of=TODAY)
    (duty,) = pack.nodes["land"].ways[1].duties

    assert (duty.paper, duty.days, duty.supplier, duty.sources) == ("deed", 30, "office", ("law",))
    assert duty.consequence.en == "a reminder"


def test_w06_what_follows_a_broken_duty_is_said_in_both_languages(tmp_path):
    path = with_duty(tmp_path, DUTY.replace("en: a reminder", "en: 催缴"))
    report = check_documents(read_document(path), [], TODAY)

    assert [warning.code for warning in report.warnings] == ["W06"]


def test_a_duty_that_nobody_owes_is_refused(tmp_path):
    lonely = "deed: {level: estate, label: {zh: 契据, en: deed}, supplier: office,"
    duty = with_duty(tmp_path, DUTY.replace("supplier: office, ", ""))
    duty.write_text(
        duty.read_text(encoding="utf-8").replace(lonely, lonely.replace(" supplier: office,", "")), "utf-8"
    )

    with pytest.raises(PackError, match=r"nobody is named who owes it.*E-PACK-E13"):
        load_pack(duty, as_of=TODAY)


def test_a_paper_cannot_be_needed_and_put_off_by_one_way(tmp_path):
    with pytest.raises(PackError, match=r"puts off 'deed' and needs it as well.*E-PACK-E13"):
        load_pack(with_duty(tmp_path, DUTY, "deed"), as_of=TODAY)


def test_e05_a_duty_is_not_finer_than_its_node(tmp_path):
    with pytest.raises(PackError) as caught:
        load_pack(with_duty(tmp_path, DUTY.replace("paper: deed", "paper: card")), as_of=TODAY)

    assert caught.value.code == "E-PACK-E05"


def test_an_overlay_brings_duties_of_its_own(tmp_path):
    base, _ = written(tmp_path, "small.yaml", GOOD, "id: small", "id: small")
    duty = DUTY.replace("[law]", "[paper]")
    local, _ = written(
        tmp_path, "local.yaml", OVERLAY, "rank: 2, needs: [deed],", f"rank: 2, needs: [], {duty},"
    )
    pack = load_pack(base, overlays=[local], as_of=TODAY)

    assert [(way.id, one.paper) for way in pack.nodes["land"].ways for one in way.duties] == [
        ("by_paper", "deed")
    ]


URGENT = """\
urgency:
  sale: {label: {zh: 待售, en: sale}, when: waits, source: [law]}
  area: {label: {zh: 大户, en: large}, when: area > limit, source: [law]}
tests:
"""
WAITS = "  waits: {level: unit, type: bool, label: {zh: 待售否, en: waits for a sale}, who: office}\n"


def urgent(folder: Path, old: str = "", new: str = "") -> tuple[Path, str]:
    """The small pack with two reasons for haste, one of them broken."""
    good = GOOD.replace("tests:\n", URGENT).replace("evidence:\n", WAITS + "evidence:\n", 1)
    return written(folder, "small.yaml", good, old or "id: small", new or "id: small")


def test_urgency_keeps_its_order_and_asks_for_nothing(tmp_path):
    path, _ = urgent(tmp_path)
    pack = load_pack(path, as_of=TODAY)
    report = check_documents(read_document(path), [], TODAY)

    assert [one.id for one in pack.urgency] == ["sale", "area"]
    assert "waits" not in answer_classes(pack)
    assert [warning.say() for warning in report.warnings] == []
    assert [outcome.failures for outcome in report.outcomes] == [(), ()]


@pytest.mark.parametrize(
    ("code", "old", "new", "said"),
    [
        ("E02", "when: waits", "when: »wait", "Did you mean 'waits'"),
        ("E06", "when: area > limit", 'when: »area > "x"', ""),
        ("E12", "when: waits, source: [law]}", "when: waits}", "'source' is missing"),
        ("E01", "when: waits, source", "when: waits, »rank: 1, source", "Unknown key 'rank'"),
    ],
)
def test_an_urgency_that_is_wrong_is_shown_at_the_token(tmp_path, code, old, new, said):
    path, where = urgent(tmp_path, old, new)

    with pytest.raises(PackError) as caught:
        load_pack(path, as_of=TODAY)

    assert caught.value.code == f"E-PACK-{code}"
    assert said in caught.value.say("en")
    if where:
        assert caught.value.where == f"small.yaml:{where}"


def test_a_parameter_may_be_a_day_and_an_overlay_may_move_it(tmp_path):
    base, _ = written(
        tmp_path,
        "small.yaml",
        GOOD,
        "values: [{from: 2021-01-01, value: 90, source: [law]}]}\n",
        "values: [{from: 2021-01-01, value: 90, source: [law]}]}\n"
        "  cut: {label: {zh: 截止日, en: cut-off}, values: [{from: 2021-01-01, value: 2020-12-31, source: [law]}]}\n",
    )
    moved = "  - op: set_value\n    param: cut\n    value: 2015-03-01\n    because: {zh: 某, en: some}\n"
    moved += "    effective: {from: 2022-01-01, to: 2024-12-31}\n    source: [paper]\ntests:\n"
    local, _ = written(tmp_path, "local.yaml", OVERLAY, "tests:\n", moved)
    pack = load_pack(base, overlays=[local], as_of=TODAY)

    assert pack.params["cut"].on(TODAY) == date(2015, 3, 1)
    assert pack.params["cut"].on(date(2025, 1, 1)) == date(2020, 12, 31)


def test_e04_a_cycle_is_shown_as_a_chain(tmp_path):
    path, _ = written(
        tmp_path, "small.yaml", GOOD, "when: not lost, needs: [deed]", "when: not lost, needs: [land]"
    )

    with pytest.raises(PackError, match=r"land <- land.*E-PACK-E04"):
        load_pack(path, as_of=TODAY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("when: not lost, needs: [deed]", "when: not lost, needs: [plan]"),  # a finer paper
        ("when: not lost,", "when: area > 3,"),  # a finer fact
    ],
)
def test_e05_a_finer_need_wants_a_quantifier(tmp_path, old, new):
    path, _ = written(tmp_path, "small.yaml", GOOD, old, new)

    with pytest.raises(PackError) as caught:
        load_pack(path, as_of=TODAY)

    assert caught.value.code == "E-PACK-E05"
    assert caught.value.where.startswith("small.yaml:37:")


CHANGES = [
    ("E09", "node: land", "node: »lnad", "Did you mean 'land'"),
    ("E09", "way: by_paper", "way: »by_deed", "already stands"),
    ("E12", "    because: {zh: 地方规定, en: local rule}\n", "", "'because' is missing"),
    ("E02", "extends: small@^1", "extends: smal@^1", ""),
]


@pytest.mark.parametrize(("code", "old", "new", "said"), [row for row in CHANGES if row[3]])
def test_an_overlay_names_what_it_cannot_change(tmp_path, code, old, new, said):
    base, _ = written(tmp_path, "small.yaml", GOOD, "id: small", "id: small")
    local, where = written(tmp_path, "local.yaml", OVERLAY, old, new)

    with pytest.raises(PackError) as caught:
        load_pack(base, overlays=[local], as_of=TODAY)

    assert caught.value.code == f"E-PACK-{code}"
    assert said in caught.value.say("en")
    if where:
        assert caught.value.where == f"local.yaml:{where}"


def test_an_overlay_of_another_pack_is_refused(tmp_path):
    base, _ = written(tmp_path, "small.yaml", GOOD, "id: small", "id: small")
    local, _ = written(tmp_path, "local.yaml", OVERLAY, "extends: small@^1", "extends: other@^1")

    with pytest.raises(PackError, match="E-PACK-E13"):
        load_pack(base, overlays=[local], as_of=TODAY)


def test_e10_two_layers_of_one_rank_may_not_change_one_key_on_the_same_day(tmp_path):
    base, _ = written(tmp_path, "small.yaml", GOOD, "id: small", "id: small")
    one, _ = written(tmp_path, "one.yaml", OVERLAY, "id: local", "id: one")
    two, _ = written(
        tmp_path,
        "two.yaml",
        OVERLAY.replace("\n  paper:", "\n  other:").replace("[paper]", "[other]"),
        "id: local",
        "id: two",
    )

    with pytest.raises(PackError) as caught:
        load_pack(base, overlays=[one, two], as_of=TODAY)

    assert caught.value.code == "E-PACK-E10"
    assert "one.yaml:11:9" in str(caught.value)
    assert caught.value.where == "two.yaml:11:9"


def test_e11_a_decision_may_only_add(tmp_path):
    base, _ = written(tmp_path, "small.yaml", GOOD, "id: small", "id: small")
    text = (
        OVERLAY.replace("kind: overlay", "kind: decision")
        .replace("op: add_way", "op: remove_way")
        .replace("way: by_paper", "way: by_deed")
    )
    path = tmp_path / "minutes.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(PackError) as caught:
        load_pack(base, decisions=[path], as_of=TODAY)

    assert caught.value.code == "E-PACK-E11"
    assert caught.value.where == "minutes.yaml:11:9"


WARNINGS = [
    ("W01", "land.*no way in force on 2021-01-01", "when: not lost, needs: [deed], source: [law]}\n      by_kind: {", "when: not lost, needs: [deed], source: [law], effective: {from: 2022-01-01}}\n      by_kind: {adopted: false, "),
    ("W02", "never count", 'when: kind == "old"', 'when: kind == "old" and kind == "new"'),
    ("W03", "never better", "rank: 1, when: kind == \"old\", needs:", "rank: 1, when: not lost, needs:"),
    ("W04", "'deed2' cannot be reached", "  plan: {level: building", "  deed2: {level: estate, label: {zh: 契据二, en: deed two}, supplier: office, cost: {money: \"0\", days: 2}}\n  plan: {level: building"),
    ("W05", "last checked 2022-05-01", "last_checked: 2024-05-01", "last_checked: 2022-05-01"),
    ("W06", "label in both languages", "label: {zh: 契据, en: deed}", "label: {zh: 契据, en: 契据}"),
    ("W07", "no supplier or no cost", "supplier: office, cost: {money: \"0\", effort: 1, days: 1}}", "cost: {money: \"0\", effort: 1, days: 1}}"),
    ("W09", "No example reaches 'land.by_kind'", "given: {have: [card], facts: {lost: true, kind: old, area: 80}}", "given: {have: [card], facts: {lost: false, kind: old, area: 80}}"),
    ("W10", "No official text", "kind: law}", "kind: law, verify: true}"),
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
