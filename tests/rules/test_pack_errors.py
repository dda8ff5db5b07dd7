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
from taizhang.rules.scope import named_nowhere
from taizhang.rules.terms import Dossier, Place

from .broken_packs import GOOD, OVERLAY, TODAY, points_at_the_token, written


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
    ("E13", "effort: 1, days: 1}", "effort: »some, days: 1}", "Here stands 'some'; a number with at most 15 digits"),
    ("E13", "effort: 1, days: 1}", "effort: »-1, days: 1}", "Here stands '-1'; a whole number of at least 0 is wanted"),
    ("E13", "goal: true", "goal: »yes", "Here stands 'yes'; one of true, false is wanted"),
    ("E13", "last_checked: 2024-05-01", "last_checked: »May", "Write a date like 2024-01-28 here"),
    ("E13", "needs: [card, land, {ref: plan, when: area <= limit}]", "needs: »card", "a list such as [a, b] is wanted"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new", "said"), [row for row in ERRORS if row[1] in GOOD and row[3]])
def test_an_error_names_its_code_and_points_at_the_token(tmp_path, code, old, new, said):
    points_at_the_token(tmp_path, code, old, new, said)


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


DECISION = OVERLAY.replace("kind: overlay", "kind: decision").replace(
    "changes:\n", "scope: {level: estate, ids: [毛巾厂家属院, 毛巾厂家属院（北区）]}\nchanges:\n"
)
SCOPE = "scope: {level: estate, ids: [毛巾厂家属院, 毛巾厂家属院（北区）]}\n"


@pytest.mark.parametrize(
    ("code", "old", "new", "said"),
    [
        ("E14", f"kind: decision\n{DECISION[15:]}", f"kind: »decision\n{DECISION[15:].replace(SCOPE, '')}", "without 'scope' would count for every estate. Add 'scope: {level: estate,"),
        ("E14", SCOPE, "scope: {level: estate, ids: »[]}\n", "names no estate would count for every one"),
        ("E14", SCOPE, 'scope: {level: estate, ids: [甲小区, "»"]}\n', "names no estate"),
        ("E14", SCOPE, "scope: {level: »banana, ids: [甲小区]}\n", "not for places of level 'banana'"),
        ("E14", SCOPE, 'scope: {level: »unit, ids: ["101"]}\n', "told apart by a guard of the way"),
        ("E14", SCOPE, "scope: {level: »building, ids: [1幢]}\n", "Write 'level: estate'"),
        ("E03", SCOPE, "scope: {level: estate, ids: [甲小区, »甲小区]}\n", "'甲小区' stands twice in 'ids'"),
        ("E13", SCOPE, "scope: »{level: estate}\n", "Key 'ids' is missing"),
        ("E13", SCOPE, "scope: {level: estate, ids: »甲小区}\n", "a list such as [a, b] is wanted"),
    ],
)  # fmt: skip
def test_a_decision_says_for_which_estates_it_is(tmp_path, code, old, new, said):
    """Each of these used to be read as a decision for every estate, or for none."""
    base, _ = written(tmp_path, "small.yaml", GOOD, "id: small", "id: small")
    path, where = written(tmp_path, "minutes.yaml", DECISION, old, new)

    with pytest.raises(PackError) as caught:
        load_pack(base, decisions=[path], as_of=TODAY)

    assert caught.value.code == f"E-PACK-{code}"
    assert said in caught.value.say("en")
    assert caught.value.say("zh")
    assert caught.value.where == f"minutes.yaml:{where}"


def test_a_decision_with_a_scope_is_for_these_estates_alone(tmp_path):
    base, _ = written(tmp_path, "small.yaml", GOOD, "id: small", "id: small")
    path, _ = written(tmp_path, "minutes.yaml", DECISION, "id: local", "id: minutes")
    pack = load_pack(base, decisions=[path], as_of=TODAY)

    scopes = {way.id: way.scope for way in pack.nodes["land"].ways}
    assert scopes == {"by_deed": (), "by_kind": (), "by_paper": ("毛巾厂家属院", "毛巾厂家属院（北区）")}


def test_an_overlay_has_no_scope(tmp_path):
    """It was read and passed over: the overlay counted in the whole province."""
    base, _ = written(tmp_path, "small.yaml", GOOD, "id: small", "id: small")
    path, where = written(tmp_path, "local.yaml", OVERLAY, "changes:\n", "»" + SCOPE + "changes:\n")

    with pytest.raises(PackError, match=r"Only a decision has a scope.*E-PACK-E14") as caught:
        load_pack(base, overlays=[path], as_of=TODAY)
    assert caught.value.where == f"local.yaml:{where}"


def test_names_of_a_scope_that_no_estate_has_are_told_with_the_nearest(tmp_path):
    base, _ = written(tmp_path, "small.yaml", GOOD, "id: small", "id: small")
    path, _ = written(tmp_path, "minutes.yaml", DECISION, "id: local", "id: minutes")
    pack = load_pack(base, decisions=[path], as_of=TODAY)

    def city(*names: str) -> list[Dossier]:
        return [Dossier(TODAY, {one: Place("estate", one, None, one)}, {}, {}) for one in names]

    assert named_nowhere(pack, city("毛巾厂家属院", "毛巾厂家属院（北区）", "针织厂")) == []
    (told,) = named_nowhere(pack, city("毛巾厂家属院", "针织厂"))
    assert (told.decision, told.name) == ("minutes", "毛巾厂家属院（北区）")
    assert "是否应为“毛巾厂家属院”" in told.say("zh")
    assert [one.near for one in named_nowhere(pack, city("云锦苑"))] == ["", ""]
    assert "Write it as the ledger has it." in named_nowhere(pack, city("云锦苑"))[0].say("en")


def test_e11_a_decision_may_only_add(tmp_path):
    base, _ = written(tmp_path, "small.yaml", GOOD, "id: small", "id: small")
    text = DECISION.replace("op: add_way", "op: remove_way").replace("way: by_paper", "way: by_deed")
    path = tmp_path / "minutes.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(PackError) as caught:
        load_pack(base, decisions=[path], as_of=TODAY)

    assert caught.value.code == "E-PACK-E11"
    assert caught.value.where == "minutes.yaml:12:9"
