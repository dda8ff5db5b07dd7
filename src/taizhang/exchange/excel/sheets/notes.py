"""The sheet 说明: by what law, by what method, from which columns; and what is not promised.

Reads from: ``frame``, ``sentences``.  Read by: ``workbook``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from taizhang.exchange.excel.sheets.cell_text import Content
from taizhang.exchange.excel.sheets.frame import Book, height_of, set_page
from taizhang.exchange.excel.sheets.row_sheet import Line, RowSheet
from taizhang.rules.terms import Source, Status

__all__ = ["notes_sheet"]

_WIDTHS = (22.0, 14.0, 30.0, 26.0, 52.0)
_WHOLE = sum(_WIDTHS)
_Merged: TypeAlias = "tuple[Line, int | None]"

_METHOD: tuple[tuple[str, str], ...] = (
    (
        "规则包把“要件”写成：任一办理路径成立即成立；一条路径须其全部所需成立。"
        "未知事实不按“无”处理，而按所有可能的答复分别推算。",
        "The pack says of each requirement: any one way establishes it, and a way needs all "
        "it names. Unknown facts are not taken for “no”; every possible answer is worked "
        "out.",
    ),
    (
        "状态：{proved}＝凭现有材料即可成立，与未知事实无关；{open}＝补齐所列材料即可，"
        "与未知事实无关；{depends}＝能否办成取决于待核实事项；{blocked}＝无论如何答复，"
        "现有路径都走不通。",
        "Status: {proved} = follows from what is on hand, whatever the unknown facts are; "
        "{open} = can be completed, whatever they are; {depends} = can be completed under "
        "some answers only; {blocked} = cannot be completed under any answer.",
    ),
    (
        "三个数互不混用：本户方案（只看这一户还差什么）；小区联合方案（全小区一起办，"
        "共用材料只算一次）；分摊额（本簿不作分摊）。各户方案相加不等于联合方案。",
        "Three numbers are never mixed: the plan of one unit alone; the joint plan of an "
        "estate, with each shared paper once; an allocated share (none in this workbook). "
        "Unit plans do not add up to the joint plan.",
    ),
    (
        "择优次序：{order}（当前为“{prefer}”）。先用常规程序；替代路径只在常规程序走不通时采用。",
        "Plans are compared by {order} (now: {prefer}). The ordinary procedure comes first; "
        "a substitute is used only where it is closed.",
    ),
    (
        "新增材料不会使按所声明次序（{order}）比较的最好结果变差。",
        "New evidence never makes the best result worse in the declared order ({order}).",
    ),
    (
        "工时、工作日为计划值，须经承办部门核定；法定时限以依据原文为准。期间从次日起算，"
        "按国务院办公厅放假安排计工作日；尚无放假安排的年份只列工作日数，不列日期。",
        "Person-hours and days are planning values, to be confirmed by the office in charge; "
        "statutory limits are those of the sources. The first day is not counted; working "
        "days follow the State Council’s notices; for a year without a notice only the "
        "number of days is given.",
    ),
    (
        "未知费用如实写“未知”，合计只含已知部分；择优比较时，未知的部分不参与，方案排序可能因此改变。金额由整数分换算为元，各项相加等于合计。",
        "A cost that is not known is called unknown; totals hold the known part only, and plans are "
        "compared by it, so that the order may change once it is known. Money is kept in "
        "integer fen; the lines add up to the totals.",
    ),
    (
        "标“待核实”的依据没有读到全文，标“已读公开文本”的读的是公开刊载的文本，均未与官方正式文本核对，使用前须由法规机构核对。"
        "外地做法未经本地文件或一事一议采用的，只供参考，不用于方案。",
        "Sources marked “to be verified” were not read in full; of those marked “public text read” a "
        "public copy was. None was held against the official text, which is for lawyers to do before use. "
        "Practice of other places is shown but not used unless a local paper or decision "
        "adopts it.",
    ),
    (
        "“办理情况”一列供填写，表内有下拉选项。原表各页为所交台账的原样副本，"
        "底色标出有问题的单元格。",
        "The column “Progress” is for the officer to fill in, from a list. The sheets "
        "“Original” are copies of what was handed in; problem cells are coloured.",
    ),
)  # fmt: skip


def notes_sheet(book: Book) -> None:
    """Write 说明."""
    w = book.wording
    sheet: RowSheet = book.workbook.add_worksheet(w.sheet("notes"), worksheet_class=RowSheet)
    for number, width in enumerate(_WIDTHS):
        sheet.set_column(number, number, width)
    sheet.write_url(1, 0, f"internal:'{w.sheet('overview')}'!A1", None, w.say("back"))
    lines: list[Line] = []
    for line, first in _lines(book):
        if first is not None:  # the last value goes to the right edge
            sheet.merge_range(len(lines), first, len(lines), len(_WIDTHS) - 1, "")
        lines.append(line)
    set_page(book, sheet)
    sheet.print_area(0, 0, len(lines) - 1, len(_WIDTHS) - 1)
    sheet.stream(lines, len(lines), len(_WIDTHS), book.written)


def _lines(book: Book) -> Iterator[_Merged]:
    """Yield every row, each with the column from which it is merged to the right edge."""
    w, styles = book.wording, book.styles
    zh = w.language == "zh"
    yield Line([w.sheet("notes")], [styles.ink("title")], 30), None
    yield Line([w.say("back"), book.subtitle], [styles.ink("back"), styles.ink("note")], 18), None
    yield from _section(book, "规则包" if zh else "Pack")
    yield from _pack(book)
    yield from _section(book, "方法与口径" if zh else "Method")
    prose = [styles.ink("prose")] * len(_WIDTHS)
    for text in _method(book):
        yield Line([text], prose, height_of([(text, _WHOLE - 4)]) or 20), 0
    yield from _section(book, "识别的列" if zh else "Columns as understood")
    yield from _columns(book)
    yield from _section(book, "依据" if zh else "Sources")
    yield from _sources(book)


def _section(book: Book, title: str) -> list[_Merged]:
    return [(Line([], []), None), (Line([title], [book.styles.ink("section")] * len(_WIDTHS), 20), 0)]


def _grid(book: Book, heads: Sequence[str], rows: Sequence[Sequence[Content]]) -> Iterator[_Merged]:
    """Yield headings and rows; where there are fewer columns, the last one is the wider."""
    inks, head = [book.styles.ink("wrap")] * len(_WIDTHS), [book.styles.ink("head")] * len(_WIDTHS)
    last = len(heads) - 1
    first = last if len(heads) < len(_WIDTHS) else None
    widths = (*_WIDTHS[:last], sum(_WIDTHS[last:]))
    yield Line(heads, head, 22), first
    for row in rows:
        yield Line(row, inks, height_of(list(zip(row, widths, strict=True))) or 18), first


def _pack(book: Book) -> Iterator[_Merged]:
    pack, w = book.city.pack, book.wording
    zh = w.language == "zh"
    facts = (
        ("名称" if zh else "title", pack.title.in_(w.language)),
        ("编号、版本" if zh else "id, version", f"{pack.id} {pack.version}（{pack.jurisdiction}）"),
        ("截止日" if zh else "as of", w.day(pack.as_of)),
        ("叠加规则" if zh else "overlays", w.joined(book.city.overlays) or w.say("none")),
        ("一事一议决定" if zh else "decisions", w.joined(book.city.decisions) or w.say("none")),
    )
    bold, ink = book.styles.ink("total"), book.styles.ink("text")
    for name, value in facts:
        yield Line([name, value], [bold, *[ink] * 4], 18), 1
    yield from _grid(book, [w.say("document"), w.say("version"), "SHA-256"], pack.lock)


def _method(book: Book) -> Iterator[str]:
    w = book.wording
    order = (" → " if w.language == "zh" else ", ").join(w.part(part) for part in book.sentences.order)
    words = {status.word: w.status(status) for status in Status}
    for zh, en in _METHOD:
        text = zh if w.language == "zh" else en
        yield text.format(order=order, prefer=w.prefer(book.city.prefer), **words)


def _columns(book: Book) -> Iterator[_Merged]:
    w, said = book.wording, book.sentences
    zh = w.language == "zh"
    heads = (
        f"{w.say('sheet')}·{w.say('column')}",
        "类别" if zh else "Kind",
        w.say("heading"),
        w.say("field"),
        w.say("reason"),
    )
    kinds = {"identity": "标识", "fact": "事实", "evidence": "材料", "unknown": "原样保留"}
    rows = [
        (
            f"{column.sheet}·{column.column}",
            kinds.get(column.kind, column.kind) if zh else column.kind,
            column.heading,
            said.label(column.field) if column.field else "—",
            column.reason_zh if zh else column.reason,
        )
        for ledger in book.city.ledgers
        for column in ledger.columns
    ]
    yield from _grid(book, heads, rows)


def _sources(book: Book) -> Iterator[_Merged]:
    """Yield the sources, those in use first."""
    w = book.wording
    zh = w.language == "zh"
    used = book.sentences.sources_used
    heads = (
        "代码" if zh else "Code",
        "文本" if zh else "Text",
        "名称" if zh else "Title",
        "类别、施行期间" if zh else "Kind, in force",
        "说明" if zh else "Note",
    )
    ordered = sorted(book.city.pack.sources.values(), key=lambda source: source.id not in used)
    rows = [
        (
            source.id,
            # not "verified": what was read is a public copy, which nobody held against the official text
            w.say("to_verify") if source.verify else ("已读公开文本" if zh else "public text read"),
            source.title.in_(w.language),
            _kind(book, source),
            (("本簿所用。" if zh else "In use. ") if source.id in used else "")
            + (source.note.in_(w.language) if source.note else ""),
        )
        for source in ordered
    ]
    yield from _grid(book, heads, rows)


def _kind(book: Book, source: Source) -> str:
    """Return the kind of a source and the days it is in force."""
    kind = book.wording.source_kind(source.kind)
    start, end = source.effective.start, source.effective.end
    if start is None and end is None:
        return kind
    comma = "，" if book.wording.language == "zh" else ", "
    return f"{kind}{comma}{start or ''}—{end or ''}"
