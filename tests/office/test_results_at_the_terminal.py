"""The way to the certificate at the terminal, and lists of certificates as registries write them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from taizhang.cli.office.finding import found
from taizhang.cli.office.intake import import_
from taizhang.cli.office.meetings import meeting
from taizhang.cli.office.results import bills, case, certificates, register_first
from taizhang.exchange.certificates import read_certificates
from taizhang.ledger.models import Case, Certificate, Decision, Estate, Registration, Unit
from taizhang.office.dossier import facts_of
from taizhang.office.installation import Law, remember_law
from taizhang.office.keeping.placing import key_file
from taizhang.office.key_ring import KeyRing

from .builders import DAY, NOON, OVERLAYS, law
from .results import furnished, lost

HEAD = ("县市区", "街道", "小区名称", "幢号", "房号", "不动产权证号", "发证日期")


@pytest.fixture
def office(sqlite):
    remember_law(Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat()))
    KeyRing.create(key_file(), NOON)
    furnished(lost())
    return sqlite


def said(command, *told: object, status: int = 0) -> str:
    done = CliRunner().invoke(command, [str(one) for one in told], env={"TAIZHANG_LANG": "zh"})
    if status == 0:
        assert done.exception is None, done.output
    else:
        assert done.exception is not None
        return f"{done.output}{getattr(done.exception, 'code', '')}"
    return done.output


def listed(path: Path, *rows: tuple[object, ...], head: tuple[str, ...] = HEAD) -> Path:
    """A list of certificates: a title over it, as registries write them."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["发证清单"])
    sheet.append(head)
    for row in rows:
        sheet.append(("东昌府区", "柳园街道", "针织厂家属院", *row))
    book.save(path)
    return path


def test_an_open_question_is_answered(office):
    told = ("--basis", "信用系统查询", "--as", "王建国")
    assert "已登记 1 处" in said(found, "针织厂家属院", "legacy_case", "是", *told)
    assert Estate.objects.get().status is not None  # the plan was computed anew
    assert "已登记 1 处" in said(found, "针织厂家属院", "area_m2", "89.5", "--at", "1/101", *told)
    assert "已登记 1 处" in said(found, "针织厂家属院", "construction_permit", "否", "--at", "1", *told)
    assert "E-FACT-PLACE" in said(found, "针织厂家属院", "area_m2", "89.5", "--at", "1/999", *told, status=2)
    assert "E-FACT-VALUE" in said(found, "针织厂家属院", "legacy_case", "或许", *told, status=2)


def test_an_import_tells_where_it_says_otherwise_than_was_found_out(office, tmp_path):
    told = ("--basis", "信用系统查询", "--as", "王建国")
    said(found, "针织厂家属院", "developer_status", "已注销", *told)
    path = tmp_path / "台账.xlsx"
    book = openpyxl.Workbook()
    book.active.append((*HEAD[:5], "开发建设单位状态"))
    book.active.append(("东昌府区", "柳园街道", "针织厂家属院", "1", "101", "正常经营"))
    book.save(path)

    printed = said(import_, path, "--no-plans")

    assert "不一致：1 处" in printed
    assert "  东昌府区 针织厂家属院 开发建设单位状态：台账记为正常经营，已查明为已注销" in "".join(
        printed.split("\n")
    )
    assert facts_of(Estate.objects.get())["developer_status"] == "deregistered"


def test_from_the_meeting_to_the_closed_case(office, tmp_path):
    assert "2024-001" in said(meeting, "call", "专题会商", "--on", DAY, "--as", "王建国")
    matter = ("--matter", "是否认定失联", "--item", "zombie_state_finding", "--as", "高秀岚")
    assert "议题 1" in said(meeting, "agenda", "2024-001", "针织厂家属院", *matter)
    said(meeting, "minutes", "2024-001", "纪要3号", "--as", "王建国")
    assert "纪要3号" in said(meeting, "list", "--as", "高秀岚")
    said(meeting, "decide", 1, "--taken", "--text", "同意认定", "--as", "周立")
    assert "同意认定" in said(meeting, "show", "2024-001", "--as", "王建国")
    assert Decision.objects.get().state == "taken"
    assert Estate.objects.get().status is not None  # the plan was computed anew
    said(meeting, "repeal", 1, "--reason", "上级纠正", "--as", "王建国")

    assert "登记 1 幢" in said(
        register_first,
        "针织厂家属院",
        "--number",
        "登1",
        "--building",
        "1",
        "--reason",
        "已登簿",
        "--as",
        "马瑞",
    )
    rows = [("1", f"10{at}", f"鲁（2024）不动产权第000{at}号", "2024年1月8日") for at in (1, 2, 3)]
    path = listed(tmp_path / "发证.xlsx", *rows)
    assert "试运行" in said(certificates, path, "--as", "马瑞", "--dry-run")
    assert not Certificate.objects.exists()
    assert "3 本" in said(certificates, path, "--as", "马瑞")
    assert {one.issued_on for one in Certificate.objects.all()} == {date(2024, 1, 8)}
    assert "费用待核" in said(bills, "针织厂家属院", "--as", "钱芳")
    assert "已销号" in said(case, "针织厂家属院", "close", "--as", "王建国")
    assert "重新办理" in said(case, "针织厂家属院", "reopen", "--reason", "信息有误", "--as", "王建国")


def test_a_list_with_a_row_that_cannot_be_is_recorded_not_at_all(office, tmp_path):
    said(register_first, "针织厂家属院", "--number", "登1", "--reason", "已登簿", "--as", "马瑞")
    good = ("1", "101", "鲁第0001号", "2024-01-08")
    strange = listed(tmp_path / "一.xlsx", good, ("1", "909", "鲁第0002号", "2024-01-08"))
    told = said(certificates, strange, "--as", "马瑞", status=2)
    assert "909" in told
    assert "E-CERTIFICATE-ROWS" in told
    undated = listed(tmp_path / "二.xlsx", good, ("1", "102", "鲁第0002号", "不详"))
    assert "没有可读的日期" in said(certificates, undated, "--as", "马瑞", status=2)
    assert not Certificate.objects.exists()
    said(certificates, undated, "--as", "马瑞", "--on", "2024-01-09")
    days = dict(Certificate.objects.values_list("unit__name", "issued_on"))
    assert days == {"101": date(2024, 1, 8), "102": date(2024, 1, 9)}


def test_rows_without_a_number_are_counted_and_left(office, tmp_path):
    path = listed(tmp_path / "清单.xlsx", ("1", "101", "鲁第0001号", "2024.1.8"), ("1", "102", None, None))
    found = read_certificates([path], law())
    assert [one.unit for one in found.drafts] == [Unit.objects.get(name="101").pk]
    assert (found.without, found.unknown, found.undated) == (1, (), ())


def test_an_import_tells_the_round_of_screening(office, tmp_path):
    path = tmp_path / "台账.xlsx"
    book = openpyxl.Workbook()
    book.active.append(("县市区", "街道", "小区名称", "幢号", "房号"))
    book.active.append(("东昌府区", "柳园街道", "铁路家属院", "1", "101"))
    book.save(path)
    assert "第 2 轮摸排：新列入 1 个小区" in said(import_, path, "--no-plans", "--round", 2)
    assert "新列入 0 个小区" in said(import_, path, "--no-plans", "--round", 1)
    assert Case.objects.get(estate__name="铁路家属院").screened.round.number == 2
    assert not Registration.objects.exists()
