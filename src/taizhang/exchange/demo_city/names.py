"""Names for the made-up city: places, estates, firms and persons, none of which is meant to exist.

Reads from: numpy.  Read by: ``layout``, ``rows``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = [
    "CITY",
    "COUNTIES",
    "OFFICES",
    "developer_name",
    "estate_name",
    "holder_names",
    "official_names",
    "street_names",
]

CITY = "棠州市"
# Eleven places of county level, and their part of the city's estates.
COUNTIES: tuple[tuple[str, float], ...] = (
    *(("棠阳区", 0.19), ("泽川区", 0.13), ("青棠县", 0.12), ("归棠市", 0.11), ("柏陵县", 0.1)),
    *(("清漪县", 0.09), ("丹沂县", 0.08), ("望棠县", 0.07)),
    *(("棠州高新区", 0.05), ("澜湾经济开发区", 0.04), ("湖东新区", 0.02)),
)
# Who leads the work in a county, by the last character of its name.
OFFICES = {"县": "副县长", "市": "副市长", "区": "副区长"}

_TREES = "柳桐槐榆枫荷兰松竹梅杏桃"
_WATERS = "河堤桥林坊埠湾岭川渡"
_GOOD = "锦华瑞祥和安景明金盛嘉御福康丰泰荣恒兴雅"
_FINE = "园苑庭居湖泰悦宁澜庄"
_SUFFIXES = ("小区", "花园", "家园", "新村", "华庭", "佳苑", "名邸", "新城")
_MOVED = ("安置小区", "新苑", "社区安置楼", "棚改小区")
_EMPLOYERS = (
    *("棉纺厂", "化肥厂", "面粉厂", "农机厂", "机床厂", "造纸厂", "酒厂", "水泥厂", "轴承厂", "制药厂"),
    *("供销社", "粮食局", "第一中学", "第二中学", "人民医院", "汽车站", "邮电局", "物资局", "外贸公司"),
    *("建筑公司", "食品公司", "百货公司", "印刷厂", "油棉厂", "毛巾厂", "五金公司", "农修厂", "糖业公司"),
)
_DWELLINGS = ("家属院", "宿舍", "职工住宅", "家属楼")
_SIDES = ("", "（东区）", "（西区）", "（北区）")
_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国红梅志文慧颖琳晨砚岚"


def street_names(chance: np.random.Generator, count: int) -> list[str]:
    """Different names of streets (sub-districts) and towns."""
    stems = [tree + water for tree in _TREES for water in _WATERS]
    order = [stems[int(one)] for one in chance.permutation(len(stems))]
    return [f"{order[n % len(order)]}{'街道' if n % 3 else '镇'}" for n in range(count)]


def estate_name(chance: np.random.Generator, kind: str, taken: set[str]) -> str:
    """A name that is not taken in its county; it is entered among those taken."""
    stem = _pick(chance, _GOOD) + _pick(chance, _FINE)
    if kind == "employer":
        name = _pick(chance, _EMPLOYERS) + _pick(chance, _DWELLINGS) + _pick(chance, _SIDES)
    elif kind == "resettlement":
        name = _pick(chance, _TREES) + _pick(chance, _WATERS) + _pick(chance, _MOVED)
    else:
        name = stem + _pick(chance, _SUFFIXES)
    found, number = name, 2
    while found in taken:  # the second of a name is its second phase
        found, number = f"{name}{number}期", number + 1
    taken.add(found)
    return found


def developer_name(chance: np.random.Generator, kind: str, county: str, estate: str) -> str:
    """Who built an estate: the employer itself, a company of the town, or a firm."""
    if kind == "employer":
        for dwelling in _DWELLINGS:
            estate = estate.partition(dwelling)[0]
        return county.removesuffix("区") + estate if county.endswith("区") else county + estate
    if kind == "resettlement":
        return f"{county}城建投资有限公司"
    stem = _pick(chance, _GOOD) + _pick(chance, _GOOD)
    return f"{CITY}{stem}{_pick(chance, ('房地产开发', '置业', '建设开发'))}有限公司"


def official_names(chance: np.random.Generator, count: int) -> list[str]:
    """Full names of officials."""
    return [_pick(chance, _FAMILY) + _pick(chance, _GIVEN) + _pick(chance, _GIVEN) for _ in range(count)]


def holder_names() -> tuple[str, ...]:
    """Names of households with one character left out, as a list shows them: 王某芳."""
    return tuple(f"{family}某{given}" for family in _FAMILY for given in _GIVEN)


def _pick(chance: np.random.Generator, choices: Sequence[str]) -> str:
    return choices[int(chance.integers(len(choices)))]
