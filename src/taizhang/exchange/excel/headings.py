"""Which column means what: headings against the synonyms of the pack, each with its reason.

Reads from: ``cells``, ``tables``, ``rules.terms``.  Read by: ``mapping``, ``reading``, ``values``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from taizhang.rules.terms import Pack

__all__ = [
    "IDENTITY",
    "KEPT",
    "Headings",
    "Match",
    "Meaning",
    "normal",
    "yuan_of",
]

_IGNORED = re.compile(r"[\s*＊:：、,，.。·\-—_/\\|()（）\[\]【】《》<>“”\"']+")
_UNITS = re.compile(
    r"[(（\[【]\s*(单位\s*[:：]\s*)?"
    r"(元|万元|㎡|m2|m²|平方米|平米|户|套|幢|栋|%|年|年月|年月日|必填|选填|是/否|有/无|√/×)\s*[)）\]】]"
)
_BARE_UNIT = re.compile(r"(m2|平方米|平米|万元|元)$")  # without brackets: 建筑面积㎡
_AMOUNTS = ("decimal", "integer", "money", "date")
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
_VALIDITY = re.compile(
    r"(?P<paper>.+?)的?(?:有效期限?[至到]?|有效[至到]|有效期截止日期?|到期日期?|失效日期?|(?P<issued>(?:出具|签发|开具)(?:日期|时间|日)))"
)
KEPT = ("保留", "keep")  # how a mapping says that a column is not to be used


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
    kind: str  #: identity, fact or evidence; until or issued: a day of the paper named before a colon
    spelling: str  #: the synonym that matched
    part: str  #: whole, last or both: which part of a merged heading matched
    where: str = ""  #: the place in the mapping file that says so


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a mapping says that a heading or column is."""

    field: str  #: empty: nothing that is used
    where: str  #: ``file:line:column``


class Headings:
    """The synonyms of one pack, ready to be asked."""

    def __init__(self, pack: Pack, given: Mapping[str, Meaning] | None = None) -> None:
        """Gather the synonyms.

        Args:
            pack: Gives the headings, facts and papers.
            given: Headings in their normal form that a mapping file explains: they come first.
        """
        self._given = dict(given or {})
        self._known: dict[str, tuple[str, str]] = {}
        self._kinds: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._money = {name for name, fact in pack.facts.items() if fact.type == "money"}
        self._counted = {
            name for name, fact in pack.facts.items() if fact.level == "unit" and fact.type in _AMOUNTS
        }
        for field, synonyms in pack.headings.items():
            self._add(pack, field, *synonyms)
            self._names[field] = next(iter(synonyms), field)
        for table in (pack.facts, pack.evidence, pack.nodes):
            for name in table:
                label = pack.label_of(name)
                self._add(pack, name, name, label.zh, label.en)
                self._names[name] = label.zh
        for field, heading in IDENTITY.items():
            self._add(pack, field, heading, field)
            self._names[field] = heading

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

    def match(self, parts: tuple[str, ...], at: Meaning | None = None) -> Match | Meaning | None:
        """What a (merged) heading means: the whole first, then its last part, then the last two.

        Args:
            parts: The heading, outermost first.
            at: What the mapping says of this very column.

        Returns:
            What it is, the meaning by which a mapping says that it is not used, or nothing.
        """
        tries = [("whole", "".join(parts))]
        if len(parts) > 1:
            tries += [("last", parts[-1]), ("both", "".join(parts[-2:]))]
        said = at or next((one for _, text in tries if (one := self._given.get(normal(text)))), None)
        if said:
            return self._as_given(said) if said.field else said
        for part, text in tries:
            if found := self._find(text):
                return Match(found[0], self._kinds[found[0]], found[1], part)
        for part, text in tries:
            if match := self._of_validity(text, part):
                return match
        return None

    def _of_validity(self, text: str, part: str) -> Match | None:
        """A column beside that of a paper: until when it counts, or when it was issued."""
        found = _VALIDITY.fullmatch(normal(text))
        named = self._known.get(found["paper"]) if found else None
        if found is None or named is None or self._kinds[named[0]] != "evidence":
            return None
        kind = "issued" if found["issued"] else "until"
        return Match(f"{named[0]}:{kind}", kind, named[1], part)

    def _as_given(self, said: Meaning) -> Match:
        return Match(said.field, self._kinds[said.field], "", "given", said.where)

    def field_of(self, text: str) -> str:
        """The field of a name or id, or nothing."""
        if text in self._kinds:
            return text
        found = self._find(text)
        return found[0] if found else ""

    def name_of(self, field: str) -> str:
        """What a field is called in a ledger."""
        return self._names.get(field, field)

    def fields(self) -> dict[str, str]:
        """Every field and what it is called."""
        return dict(self._names)

    def knows(self, text: str) -> bool:
        """Whether a single cell is a known heading."""
        return normal(text) in self._given or self._find(text) is not None

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

    def alike(self, text: str, most: int) -> list[str]:
        """The names of the fields that have spellings like an unknown heading, best first."""
        close = get_close_matches(normal(text), self._known, 3 * most, 0.5)
        return list(dict.fromkeys(self.name_of(self._known[one][0]) for one in close))[:most]
