"""What an office means by its headings and words: proposed, corrected in a small file, remembered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.ledger_builder import Sheet, codes, write

from taizhang.cli import taizhang
from taizhang.errors import InputError
from taizhang.exchange.excel.headings import Headings
from taizhang.exchange.excel.mapping import LedgerMapping, parse_mapping
from taizhang.exchange.excel.mapping_text import mapping_text
from taizhang.exchange.excel.reading import read_ledger
from taizhang.rules.terms import Held, Pack

OWN_WORDS = Sheet(
    "汇总",
    [
        ["某街道遗留项目"],
        ["楼盘", "总户数", "地皮", "国土证", "经办"],
        ["甲小区", 12, "老宅地", "在办", "张三"],
        ["乙小区", 8, "出让手续齐全", "有", "李四"],
    ],
)
MAPPING = """
mapping: 1
office: 河西街道
headings:
  楼盘: 小区名称
  地皮: 用地状况
  国土证: 国有土地使用证或土地不动产权证
  经办: 保留
values:
  国有土地使用证或土地不动产权证: {在办: 缺}
  用地状况: {老宅地: 无用地手续, 出让手续齐全: 出让已办证}
"""


@pytest.fixture(scope="module")
def known(pack: Pack) -> Headings:
    return Headings(pack)


def test_an_office_with_words_of_its_own_is_understood_by_its_mapping(tmp_path, pack, known):
    path = write(tmp_path / "台账.xlsx", OWN_WORDS)
    with pytest.raises(InputError, match="E-LEDGER-HEADINGS"):
        read_ledger(path, pack)

    ledger = read_ledger(path, pack, mapping=parse_mapping(MAPPING, "对照.yaml", known))

    first, second = ledger.rows
    land = known.field_of("国有土地使用证或土地不动产权证")
    assert (first.estate, first.held[land]) == ("甲小区", Held.MISSING)
    assert (second.estate, second.held[land]) == ("乙小区", Held.ON_HAND)
    assert first.facts["land_status"] == "no_procedure"
    assert codes(ledger) == []
    by_heading = {one.heading: one for one in ledger.columns}
    assert by_heading["楼盘"].reason_zh == "按对照文件（对照.yaml:5:7）"
    assert (by_heading["经办"].kind, by_heading["经办"].field) == ("kept", "")


def test_a_column_may_be_told_by_its_letter_and_a_heading_by_its_rows(tmp_path, pack, known):
    rows = [["说明：本表由社区填"], ["名称", "数"], ["", "户"], ["甲小区", 12]]
    path = write(tmp_path / "台账.xlsx", Sheet("一", rows), Sheet("二", OWN_WORDS.rows))
    text = (
        "{mapping: 1, sheets: {一: {heading_rows: 2-3, columns: {A: 小区名称, B: 总户数}}, 二: {skip: true}}}"
    )

    ledger = read_ledger(path, pack, mapping=parse_mapping(text, "对照.yaml", known))

    assert [(row.estate, row.identity["units_total"]) for row in ledger.rows] == [("甲小区", "12")]
    assert codes(ledger) == []
    assert [copy.name for copy in ledger.sheets] == ["一", "二"]  # skipped, and given back


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("mapping: 1\nheadings: {楼盘: 小区名}", "E-MAPPING-FIELD", "对照.yaml:2:16"),
        ("mapping: 1\nheading: {}", "E-MAPPING-FORM", "对照.yaml:2:1"),
        ("mapping: 2", "E-MAPPING-FORM", "对照.yaml:1:10"),
        ("mapping: 1\nsheets: {一: {heading_rows: 二}}", "E-MAPPING-FORM", "对照.yaml:2:28"),
        ("mapping: 1\nsheets: {一: {columns: {1: 小区名称}}}", "E-MAPPING-FORM", "对照.yaml:2:24"),
        ("mapping: 1\nmapping: 1", "E-MAPPING-FORM", "对照.yaml:2:1"),
        ("mapping: [1", "E-MAPPING-FORM", "对照.yaml:2:1"),
    ],
)
def test_a_slip_in_the_mapping_is_shown_where_it_stands(known, text, code, where):
    with pytest.raises(InputError) as caught:
        parse_mapping(text, "对照.yaml", known)

    assert (caught.value.code, caught.value.where) == (code, where)
    assert caught.value.exit_status == 2
    assert caught.value.say("zh") != caught.value.say("en")


def test_the_nearest_name_is_proposed_for_an_unknown_field(known):
    with pytest.raises(InputError) as caught:
        parse_mapping("mapping: 1\nheadings: {楼盘: 小区名}", "对照.yaml", known)

    assert "小区名称" in caught.value.say("zh")


def test_a_word_cannot_be_explained_by_what_its_column_does_not_know(tmp_path, pack, known):
    path = write(tmp_path / "台账.xlsx", OWN_WORDS)
    text = MAPPING.replace("老宅地: 无用地手续", "老宅地: 宅基地")

    with pytest.raises(InputError) as caught:
        read_ledger(path, pack, mapping=parse_mapping(text, "对照.yaml", known))

    assert (caught.value.code, caught.value.where) == ("E-MAPPING-VALUE", "对照.yaml:11:15")


def test_what_is_yes_in_one_column_is_no_in_another(tmp_path, pack, known):
    """√ under 缺国土证 says that it is missing."""
    rows = [["小区名称", "缺国土证", "竣工验收备案表"], ["甲小区", "√", "√"]]
    text = (
        "mapping: 1\nheadings: {缺国土证: 国有土地使用证或土地不动产权证}\n"
        "values: {国有土地使用证或土地不动产权证: {√: 缺}}"
    )
    path = write(tmp_path / "台账.xlsx", Sheet("台账", rows))

    row = read_ledger(path, pack, mapping=parse_mapping(text, "对照.yaml", known)).rows[0]

    assert sorted(state.value for state in row.held.values()) == ["missing", "on_hand"]
    assert row.held[known.field_of("国有土地使用证或土地不动产权证")] is Held.MISSING


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)


@given(
    st.dictionaries(names, st.sampled_from(["小区名称", "用地状况", "保留", "总户数"]), max_size=6),
    st.dictionaries(names, names, max_size=4),
    names,
)
def test_a_mapping_that_is_written_is_read_again(known, headings, words, office):
    lines = ["mapping: 1", f"office: {_json(office)}", "headings:"]
    lines += [f"  {_json(heading)}: {name}" for heading, name in headings.items()]
    lines += ["values:", "  备注:", *(f"    {_json(word)}: {_json(text)}" for word, text in words.items())]
    lines += ['sheets: {"表 1": {heading_rows: 2, columns: {AB: 坐落}}}']
    parts = '{"乙一": {buildings: [1, 2], units: 9}}'
    merged = '[{into: "甲", names: ["甲南", "甲北"]}]'
    lines += [f'estates: {{merge: {merged}, split: [{{estate: "乙", parts: {parts}}}]}}']
    first = parse_mapping("\n".join(lines), "a.yaml", known)

    again = parse_mapping(mapping_text(first, known, "台账.xlsx"), "b.yaml", known)

    assert _plain(again) == _plain(first)


def _json(text: str) -> str:
    """As YAML takes it: what is beyond its characters by number, and no surrogates."""
    return "".join(one if ord(one) > 0xFFFF else json.dumps(one)[1:-1] for one in text).join('""')


def _plain(mapping: LedgerMapping) -> object:
    """A mapping without the places where it stands."""
    return (
        mapping.office,
        {heading: one.field for heading, one in mapping.headings.items()},
        {field: {word: one.text for word, one in words.items()} for field, words in mapping.values.items()},
        {
            name: (one.skip, one.heading_rows, {at: each.field for at, each in one.columns.items()})
            for name, one in mapping.sheets.items()
        },
        [(one.into, one.names, one.county) for one in mapping.regrouping.merges],
        [(one.estate, dict(one.parts), one.county) for one in mapping.regrouping.splits],
    )


# --------------------------------------------------------------------------- at the terminal


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TAIZHANG_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def run(*arguments: object, typed: str = "", status: int = 0) -> str:
    result = CliRunner().invoke(taizhang, [str(one) for one in arguments], input=typed)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result.output


def test_what_was_asked_once_is_remembered_for_the_office(tmp_path, data):
    """The first ledger of an office is asked about; the second is read without a question."""
    first = write(tmp_path / "一月.xlsx", OWN_WORDS)
    answers = ["2", "用地状况", "国有土地使用证或土地不动产权证", ""]

    run("look", first, "--ask", "--remember", "河西街道", typed="\n".join(answers) + "\n")
    second = write(tmp_path / "二月.xlsx", Sheet("汇总", [*OWN_WORDS.rows, ["丙小区", 5, "", "有", ""]]))
    seen = run("look", second)

    assert (data / "mappings" / "河西街道.yaml").is_file()
    assert "台账" in seen
    assert "按对照文件（河西街道.yaml" in seen.replace("\n", "")
    assert "E-LEDGER-HEADINGS" in run("look", second, "--no-memory")


def test_words_are_asked_for_once_the_headings_are_known(tmp_path, data):
    path = write(tmp_path / "一月.xlsx", OWN_WORDS)
    mapping = tmp_path / "对照.yaml"
    mapping.write_text(MAPPING.split("values:", maxsplit=1)[0], encoding="utf-8")

    seen = run(
        "look",
        path,
        "--mapping",
        mapping,
        "--ask",
        "--save",
        tmp_path / "新.yaml",
        typed="\n无用地手续\n缺\n\n\n\n",
    )
    written = (tmp_path / "新.yaml").read_text(encoding="utf-8")

    assert "“在办”" in seen and "“老宅地”" in seen
    assert '"老宅地": "无用地手续"' in written
    assert '"楼盘": "小区名称"' in written  # nothing of the old mapping is lost


def test_the_mapping_that_is_saved_unasked_lists_what_was_not_understood(tmp_path, data):
    rows = [["小区名称", "总户数", "土地的状况", "天气"], ["甲小区", 3, "", "晴"]]
    path = write(tmp_path / "台账.xlsx", Sheet("台账", rows))

    run("look", path, "--save", tmp_path / "对照.yaml")
    written = (tmp_path / "对照.yaml").read_text(encoding="utf-8")

    assert '"天气": 保留\n' in written
    assert '"土地的状况": 保留  # 相近：用地状况' in written


def test_plan_reads_by_the_mapping_it_is_given(tmp_path, data):
    path = write(tmp_path / "台账.xlsx", OWN_WORDS)
    mapping = tmp_path / "对照.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")

    seen = run("plan", path, "--mapping", mapping, "--as-of", "2024-01-28", "-o", tmp_path / "方案.xlsx")

    assert "小区 2 个，20 户" in seen


def test_a_mapping_and_an_office_together_are_refused(tmp_path, data):
    path = write(tmp_path / "台账.xlsx", OWN_WORDS)

    with pytest.raises(InputError, match="E-ARG-MAPPING"):
        run("look", path, "--mapping", "对照.yaml", "--office", "河西街道")
    with pytest.raises(InputError, match="E-OFFICE-UNKNOWN"):
        run("look", path, "--office", "河西街道")
    with pytest.raises(InputError, match="E-ARG-OFFICE"):
        run("look", path, "--office", "..")


def test_two_names_are_one_estate_where_the_mapping_says_so(tmp_path, data):
    """Both have a building 1: the homes of the two stay apart, and none is lost."""
    rows = [
        ["小区名称", "幢号", "房号"],
        ["厂院南区", "1幢", "101"],
        ["厂院北区", "1幢", "101"],
        ["厂院北区", "1幢", "102"],
    ]
    path = write(tmp_path / "台账.xlsx", Sheet("户台账", rows))
    mapping = tmp_path / "对照.yaml"
    merge = "mapping: 1\nestates: {merge: [{into: 厂院, names: [厂院南区, 厂院北区]}]}\n"
    mapping.write_text(merge, encoding="utf-8")

    apart = run("plan", path, "--as-of", "2024-01-28", "-o", tmp_path / "方案.xlsx")
    together = run("plan", path, "--mapping", mapping, "--as-of", "2024-01-28", "-o", tmp_path / "方案.xlsx")

    assert "小区 2 个，3 户" in apart
    assert "小区 1 个，3 户" in together
