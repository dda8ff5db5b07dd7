"""The report: one HTML file with everything in it, for the screen, the phone and the printer.

No script, no request to anywhere: style and pictures stand in the file.  Every text of a
ledger or pack is escaped by the template engine.  Equal input gives equal bytes.

Reads from: ``overview``, ``estate``, ``words`` and the templates.  Read by: the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from taizhang.exchange.diagram.wording import day_text, label, pick
from taizhang.exchange.report.estate import EstateView, estate_view
from taizhang.exchange.report.overview import overview
from taizhang.exchange.report.words import words
from taizhang.rules.terms import CityPlan, Pack

__all__ = ["FULL_ESTATES", "Citations", "environment", "write_report"]

FULL_ESTATES = 30  #: estates that get a chapter of their own
_TEMPLATES = Path(__file__).parent / "templates"
_PREFER = {
    "cheapest": ("费用最省", "cheapest"),
    "fewest": ("材料最少", "fewest papers"),
    "fastest": ("用时最短", "fastest"),
}
_PARTS = {
    "rank": ("普通程序优先", "ordinary procedure first"),
    "money": ("费用", "money"),
    "effort": ("人力", "effort"),
    "items": ("材料件数", "papers"),
    "days": ("工期", "days"),
}
_ORDERS = {
    "cheapest": ("rank", "money", "effort", "items", "days"),
    "fewest": ("rank", "items", "money", "effort", "days"),
    "fastest": ("rank", "days", "items", "money", "effort"),
}


@dataclass(slots=True)
class Citations:
    """Gives every source a number when it is first cited."""

    pack: Pack
    language: str
    numbers: dict[str, int] = field(default_factory=dict)

    def cite(self, sources: tuple[str, ...]) -> list[tuple[int, bool]]:
        """Return number and mark (to be verified) of every known source."""
        found = []
        for name in dict.fromkeys(sources):
            if name in self.pack.sources:
                number = self.numbers.setdefault(name, len(self.numbers) + 1)
                found.append((number, self.pack.sources[name].verify))
        return found

    def listed(self) -> list[tuple[int, str, bool, bool]]:
        """Return number, title and marks (to be verified, fictional) of everything cited."""
        return [
            (number, self.pack.sources[name].title.in_(self.language),
             self.pack.sources[name].verify, self.pack.sources[name].kind == "fictional")
            for name, number in self.numbers.items()
        ]  # fmt: skip


def environment() -> Environment:
    """Return the template engine of all reports: everything is escaped, nothing may be undefined."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def method_lines(city: CityPlan, language: str) -> list[str]:
    """Return how the result came about, and what is promised; nothing stronger is."""
    zh = language == "zh"
    order = _ORDERS.get(city.prefer, city.pack.objective)
    parts = ("、" if zh else ", ").join(pick(_PARTS[one], language) for one in order if one in _PARTS)
    prefer = pick(_PREFER.get(city.prefer, ("", "")), language)
    day = day_text(city.pack.as_of, language)
    goal = label(city.pack, city.pack.goal, language)
    if zh:
        return [
            f"从目标（{goal}）倒推：某项要件有一条办理路径齐备即成立，一条路径须其各项全部齐备。"
            f"规则按 {day} 的规定，规则包 {city.pack.title.zh} {city.pack.version}。",
            f"方案在可行的路径中按下列次序逐项比较取优（{prefer}）：{parts}。共用材料只计一次。",
            "保证：新增材料不会使按所声明次序比较的最好结果变差。除此之外不作更强的承诺。",
            "工作日、人力和费用为计划值，不是法律规定；不知道的费用写“未知”，合计和比较只含已知部分，查明后排序可能改变。"
            "国务院尚未公布放假安排的年份不推算日期。",
            "外地做法在本地没有依据，只作参考和会商议题；标“待核实”的依据没有读到全文，其余读的是公开文本，均未与官方正式文本核对。"
            "本报告不代替任何法律文书。",
        ]
    return [
        f"Backwards from the {goal}: a requirement holds when one way is complete, a way when all its needs "
        f"are. Law of {day}, pack {city.pack.title.en} {city.pack.version}.",
        f"Plans are compared part by part ({prefer}): {parts}. Shared papers count once.",
        "Guarantee: new papers never make the best result worse in the declared order. Nothing stronger.",
        "Days, effort and costs are planning values; an unknown cost is said to be unknown, never 0.",
        "Practice of other places is not law here. Sources to be verified were not read in full, the others "
        "in public copies; none was held against the official text.",
    ]


def write_report(path: Path, city: CityPlan, *, language: str = "zh") -> None:
    """Write the report of a city as one self-contained HTML file.

    Args:
        path: The file; it is replaced.
        city: All estates; the first thirty get a chapter of their own.
        language: ``zh`` or ``en``.
    """
    said = words(language)
    views: list[EstateView] = [
        estate_view(city.pack, estate, at, language)
        for at, estate in enumerate(city.estates[:FULL_ESTATES], 1)
    ]
    citations = Citations(city.pack, language)
    template = environment().get_template("report.html")
    page = template.render(
        t=said,
        language=language,
        page_language="zh-Hans" if language == "zh" else "en",
        city=city,
        pack_title=city.pack.title.in_(language),
        as_of=day_text(city.pack.as_of, language),
        overview=overview(city, FULL_ESTATES, language),
        estates=views,
        total=len(city.estates),
        most=FULL_ESTATES,
        complaints=city.complaints,
        method=method_lines(city, language),
        cite=citations.cite,
        sources=citations.listed,
        start=day_text(city.estates[0].start, language) if city.estates else "",
    )
    path.write_text(page, encoding="utf-8", newline="\n")
