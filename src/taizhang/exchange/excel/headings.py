"""Which column means what: headings against the synonyms of the pack, each with its reason.

Reads from: ``tables``, ``rules.terms``.  Read by: ``reading``, ``values``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from taizhang.errors import InputError
from taizhang.exchange.excel.tables import Table, address, column_letters
from taizhang.rules.terms import Complaint, Pack, RecognisedColumn

__all__ = ["IDENTITY", "Headings", "Match", "no_headings", "normal", "noted", "recognise", "yuan_of"]

_IGNORED = re.compile(r"[\s*＊:：、,，.。·\-—_/\\|()（）\[\]【】《》<>“”\"']+")
_UNITS = re.compile(
    r"[(（\[【]\s*(单位\s*[:：]\s*)?"
    r"(元|万元|㎡|m2|m²|平方米|平米|户|套|幢|栋|%|年|年月|年月日|必填|选填|是/否|有/无|√/×)\s*[)）\]】]"
)
_BARE_UNIT = re.compile(r"(m2|平方米|平米|万元|元)$")  # without brackets: 建筑面积㎡
_AMOUNTS = ("decimal", "integer", "money", "date")
_PARTS = {
    "whole": ("heading", "表头"),
    "last": ("lower heading", "下级表头"),
    "both": ("upper and lower heading together", "上下级表头合并后"),
}
# What every ledger needs, for packs that say nothing of their own.
IDENTITY = {
    "county": "县市区",
    "street": "街道",
    "neighbourhood": "社区",
    "estate": "小区名称",
    "address": "坐落",
    "building": "幢号",
    "unit": "房号",
    "holder": "户主",
    "units_total": "总户数",
    "buildings_total": "幢数",
    "responsible_official": "责任人",
    "sponsor": "包保领导",
    "remarks": "备注",
}
_SECOND = "同一内容的第二列，原样保留"
_NO_HOMES = "属于每户的内容，而本表不分户；未采用，原样保留"


def normal(text: object) -> str:
    r"""A heading or choice without width, spaces, brackets and units: what tells it apart.

    >>> normal("建筑面积\n（㎡）*")
    '建筑面积'
    """
    plain = unicodedata.normalize("NFKC", str(text))
    return _IGNORED.sub("", _UNITS.sub("", plain)).casefold()


def yuan_of(heading: str, caption: str = "") -> int:
    """What a bare 1 means in yuan: by the heading, else by 单位：万元 above the table.

    >>> yuan_of("合同价（万元）"), yuan_of("合同价（元）", "单位：万元"), yuan_of("合同价", "单位：万元")
    (10000, 1, 10000)
    """
    for text in (heading, caption):
        plain = unicodedata.normalize("NFKC", text)
        if "万元" in plain:
            return 10_000
        if "元" in re.sub("单元|元素", "", plain):
            return 1
    return 1


@dataclass(frozen=True, slots=True)
class Match:
    """What a heading was taken for."""

    field: str
    kind: str  #: identity, fact or evidence
    spelling: str  #: the synonym that matched
    part: str  #: whole, last or both: which part of a merged heading matched


class Headings:
    """The synonyms of one pack, ready to be asked."""

    def __init__(self, pack: Pack) -> None:
        self._known: dict[str, tuple[str, str]] = {}
        self._kinds: dict[str, str] = {}
        self._money = {name for name, fact in pack.facts.items() if fact.type == "money"}
        self._counted = {
            name for name, fact in pack.facts.items() if fact.level == "unit" and fact.type in _AMOUNTS
        }
        for field, synonyms in pack.headings.items():
            self._add(pack, field, *synonyms)
        for table in (pack.facts, pack.evidence, pack.nodes):
            for name in table:
                label = pack.label_of(name)
                self._add(pack, name, name, label.zh, label.en)
        for field, heading in IDENTITY.items():
            self._add(pack, field, heading, field)

    def _add(self, pack: Pack, field: str, *spellings: str) -> None:
        kind = "fact" if field in pack.facts else "identity"
        if field in pack.evidence or field in pack.nodes:
            kind = "evidence"
        self._kinds[field] = kind
        for spelling in spellings:
            self._known.setdefault(normal(spelling), (field, spelling))

    def _find(self, text: str) -> tuple[str, str] | None:
        wanted = normal(text)
        return self._known.get(wanted) or self._known.get(_BARE_UNIT.sub("", wanted)) if wanted else None

    def match(self, parts: tuple[str, ...]) -> Match | None:
        """What a (merged) heading means: the whole first, then its last part, then the last two."""
        tries = [("whole", "".join(parts))]
        if len(parts) > 1:
            tries += [("last", parts[-1]), ("both", "".join(parts[-2:]))]
        for part, text in tries:
            if found := self._find(text):
                return Match(found[0], self._kinds[found[0]], found[1], part)
        return None

    def knows(self, text: str) -> bool:
        """Whether a single cell is a known heading."""
        return self._find(text) is not None

    def is_money(self, field: str) -> bool:
        """Whether a field is an amount of money."""
        return field in self._money

    def is_of_one_home(self, field: str) -> bool:
        """Whether a field is an amount or a day that each home has for itself."""
        return field in self._counted

    def nearest(self, text: str) -> str:
        """The known spelling most like an unknown heading, or nothing."""
        close = get_close_matches(normal(text), self._known, 1, 0.6)
        return self._known[close[0]][1] if close else ""


def recognise(
    known: Headings, sheet: str, table: Table, caption: str
) -> tuple[dict[int, Match], list[RecognisedColumn], list[Complaint]]:
    """Say of each column what it means and why; of two that mean the same the first is used."""
    found: dict[int, Match] = {}
    columns: list[RecognisedColumn] = []
    complaints: list[Complaint] = []
    first: dict[str, str] = {}
    matches = {number: known.match(parts) for number, parts in enumerate(table.headings) if parts}
    homes = any(match and match.field == "unit" for match in matches.values())
    for number, match in matches.items():
        heading, letters = "/".join(table.headings[number]), column_letters(number)
        field, kind = "", "unknown"
        if match is None:
            why = ("not known; kept as it is", "未识别，原样保留")
        elif known.is_of_one_home(match.field) and not homes:
            complaints.append(_of_no_home(sheet, address(table.header_rows[-1], number), heading))
            why = ("belongs to each unit, on a sheet without units; kept as it is", _NO_HOMES)
        elif match.field in first:
            at = address(table.header_rows[-1], number)
            complaints.append(_twice(sheet, at, heading, first[match.field]))
            why = (f"says the same as column {first[match.field]}; kept as it is", _SECOND)
        else:
            first[match.field], found[number] = letters, match
            field, kind = match.field, match.kind
            why = _reason(match, known.is_money(match.field) and yuan_of(heading, caption) > 1)
        columns.append(RecognisedColumn(sheet, letters, heading, field, kind, *why))
    return found, columns, complaints


def _reason(match: Match, in_wan: bool) -> tuple[str, str]:
    part = _PARTS[match.part]
    en, zh = f"{part[0]} matches '{match.spelling}'", f"{part[1]}与“{match.spelling}”一致"
    return (f"{en}; amounts in 10,000 yuan", f"{zh}；金额单位为万元") if in_wan else (en, zh)


def _twice(sheet: str, at: str, heading: str, first: str) -> Complaint:
    return Complaint(
        "C-HEADING-TWICE",
        sheet,
        at,
        heading,
        f"Column {first} already holds this; the first is used. Rename or remove one.",
        f"与 {first} 列含义相同，采用前者；请改名或删除其一。",
    )


def _of_no_home(sheet: str, at: str, heading: str) -> Complaint:
    return Complaint(
        "C-LEVEL",
        sheet,
        at,
        heading,
        "This belongs to each unit, and the sheet has no units; enter it on the unit sheet.",
        "此项应逐户填写，而本表不分户，未采用；请填入户台账。",
    )


def noted(column: RecognisedColumn, nearly: list[str]) -> RecognisedColumn:
    """Say on the column which cells were read by a part of a choice's name."""
    if not nearly:
        return column
    more, zh_more = (f" and {len(nearly) - 3} more", f" 等 {len(nearly)} 处") if len(nearly) > 3 else ("", "")
    some = "; ".join(nearly[:3])
    return replace(
        column,
        reason=f"{column.reason}; read by a part of the name: {some}{more}",
        reason_zh=f"{column.reason_zh}；按部分名称读作：{some}{zh_more}",
    )


def no_headings(file: str, known: Headings, seen: Iterable[str], *, tables: bool) -> InputError:
    """Say which headings were found and are nearest; with ``tables`` only 小区名称 is lacking."""
    close = {one: near for one in seen if (near := known.nearest(one)) and near != one}
    what, zh = "has no sheet whose headings are known", "中没有可识别表头的工作表"
    if tables:
        what = "has no sheet with a column for the name of the estate (小区名称)"
        zh = "的工作表都没有“小区名称”列"
    return InputError(
        "{file} " + what + ". Found: {found}.",
        hint="Nearest known headings: {near}. Compare with: taizhang template blank.xlsx",
        zh="{file} " + zh + "。读到：{found}。相近的表头：{near}。可用 taizhang template 生成空白台账对照。",
        where=file,
        code="E-LEDGER-HEADINGS",
        file=file,
        found="、".join(list(seen)[:12]) or "-",
        near="、".join([f"{one}→{near}" for one, near in close.items()][:5]) or "小区名称、土地状况、总户数",
    )
