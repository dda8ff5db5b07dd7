"""A good pack and overlay, and how to spoil one word of them.

Read by: ``test_pack_errors``, ``test_pack_nonsense``, ``test_pack_warnings``.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from taizhang.errors import PackError
from taizhang.rules.pack import load_pack

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


def points_at_the_token(folder: Path, code: str, old: str, new: str, said: str) -> None:
    """Break one thing in ``GOOD`` and see the message that points at it."""
    path, where = written(folder, "small.yaml", GOOD, old, new)

    with pytest.raises(PackError) as caught:
        load_pack(path, as_of=TODAY)

    assert caught.value.code == f"E-PACK-{code}"
    assert said in caught.value.say("en")
    assert caught.value.zh
    if where:
        assert caught.value.where == f"small.yaml:{where}"
