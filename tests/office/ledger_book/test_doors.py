"""The ledger's workbook through other programs, at the terminal and on the pages."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from taizhang.errors import InputError
from taizhang.exchange.working import kinds_of_work
from taizhang.ledger.models import Estate, JournalEntry, Official, Organisation, Unit
from taizhang.office.accounts import open_account
from taizhang.office.installation import Law, remember_law
from taizhang.office.jobs import work_off
from taizhang.office.organisations import establish_offices, grant_role
from tests.absent import absent
from tests.office.builders import DAY, NOON, OVERLAYS
from tests.office.ledger_books import Book, at_the_desk, bring_back, export_to, first_units, recorded, take_in

from .cells import facts_of

PASSWORD = "a-small-office-2024"
UNITS, BASIS, AREA = "户台账", "取得方式", "建筑面积（平方米）"


@pytest.fixture
def office(sqlite, pack, city_file):
    """A city with an importer, Zhou Li, and an analyst, Chen Jing."""
    remember_law(Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat()))
    take_in(city_file, pack)
    names = {name: one.zh for name, one in pack.suppliers.items()}
    establish_offices(names, city="市专班", actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    for name, role in (("周丽", "importer"), ("陈静", "analyst")):
        official = grant_role(name, role, city, actor="test", now=NOON)
        open_account(Official.objects.get(pk=official.pk), role, PASSWORD, actor="test", now=NOON)


def edit(path, unit, heading, value):
    book = Book(path)
    name = {"小区名称": unit.estate.name, "幢号": unit.building.name, "房号": unit.name}
    book.cell(UNITS, book.row(UNITS, **name), heading).value = value
    return book.save()


# ---------------------------------------------------------------------------------- other programs


@pytest.fixture(scope="module")
def soffice() -> str:
    return shutil.which("soffice") or absent("LibreOffice (soffice) is not installed here")


def saved_by_libreoffice(soffice: str, path: Path, kind: str) -> Path:
    """The workbook opened and saved again by LibreOffice, in a folder of its own."""
    folder = path.parent / kind
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(path)]
    told = subprocess.run(command, check=True, capture_output=True, timeout=180)
    assert b"rror" not in told.stderr
    return folder / path.with_suffix(f".{kind}").name


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_saved_by_libreoffice_it_comes_back_as_itself(office, pack, tmp_path, soffice, kind):
    path, unit, before = tmp_path / "台账.xlsx", first_units(1)[0], recorded()
    export_to(path, pack)

    saved = saved_by_libreoffice(soffice, path, kind)
    told = bring_back(saved, pack)
    assert (told.registered.batch, told.intake.told, recorded()) == (0, (), before)
    assert told.registered.merged is not None

    edit(path, unit, AREA, 61.5)
    told = bring_back(saved_by_libreoffice(soffice, path, kind), pack)
    before[unit.place]["facts"]["area_m2"] = {"decimal": "61.5"}
    assert (told.registered.merged.taken, recorded()) == (1, before)


# ------------------------------------------------------------------------------------- the terminal


def run(*arguments):
    from taizhang.cli import taizhang

    told = CliRunner().invoke(taizhang, [str(one) for one in arguments], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return told.output


def test_at_the_terminal_it_goes_out_comes_back_and_tells_conflicts(office, tmp_path):
    path, report, unit = tmp_path / "台账.xlsx", tmp_path / "冲突.xlsx", first_units(1)[0]
    county = unit.county

    said = run("export", path, "--county", county)
    assert f"{Unit.objects.filter(county=county).count()} 户" in said

    edit(path, unit, BASIS, "集资名册")
    at_the_desk(unit.place, facts={"purchase_basis": "court_document"})
    said = run("import", path, "--no-plans", "--dry-run", "--report", report)
    assert "冲突 1 格" in said
    for words in (UNITS, unit.name, "取得方式", "集资名册", "法院文书", "3 高秀岚", "保留台账"):
        assert words in said
    (row,) = list(load_workbook(report).active.iter_rows(min_row=3, values_only=True))
    assert row[0] == UNITS
    assert row[5:8] == ("集资名册", "法院文书", "3 高秀岚")
    assert facts_of(unit)["purchase_basis"] == "court_document"

    assert "采用工作簿" in run("import", path, "--no-plans", "--conflicts", "take")
    assert facts_of(unit)["purchase_basis"] == "funded_roster"


def test_a_folder_that_is_not_there_is_said_and_no_half_file_is_left(office, tmp_path):
    from taizhang.cli import taizhang

    with pytest.raises(InputError, match="E-OUT-FOLDER"):
        CliRunner().invoke(
            taizhang, ["export", str(tmp_path / "nowhere" / "台账.xlsx")], catch_exceptions=False
        )
    run("export", tmp_path / "台账.xlsx")
    assert [one.name for one in tmp_path.iterdir() if one.suffix in {".xlsx", ".part"}] == ["台账.xlsx"]


# ---------------------------------------------------------------------------------------- the pages


def signed_in(name: str) -> Client:
    client = Client(SERVER_NAME="localhost")
    assert client.post("/sign-in", {"username": name, "password": PASSWORD}).status_code == 302
    return client


def worked_off():
    kinds = kinds_of_work(law_here(), lambda: NOON, "title-certificates")
    while work_off(kinds, lambda: NOON):
        pass


def law_here():
    return Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat())


def taken_out(client: Client, path: Path, **wanted: str) -> Path:
    answer = client.post("/ledger.xlsx", wanted)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="ledger-')
    path.write_bytes(answer.content)
    return path


def handed_in(client: Client, path: Path):
    """The number of a dry run that is done, and its page."""
    file = SimpleUploadedFile(path.name, path.read_bytes())
    answer = client.post("/import", {"files": file})
    assert answer.status_code == 302
    worked_off()
    return int(answer["Location"].rpartition("/")[2]), client.get(answer["Location"]).content.decode()


def test_on_the_pages_it_is_taken_out_handed_in_and_its_conflicts_are_decided(office, tmp_path):
    client, unit = signed_in("importer"), first_units(1)[0]
    street = unit.estate.street
    page = client.get(f"/estates?county={unit.county}&street={street}").content.decode()
    assert 'action="/ledger.xlsx"' in page

    path = taken_out(client, tmp_path / "ledger.xlsx", county=unit.county, street=street)
    book = Book(path)
    column = book.column("小区台账", "小区名称") - 1
    names = {row[column] for row in book.sheet("小区台账").iter_rows(min_row=3, values_only=True)}
    there = Estate.objects.filter(county=unit.county, street=street)
    assert names == set(there.values_list("name", flat=True)) != set()
    assert len(names) < Estate.objects.count()
    entry = JournalEntry.objects.get(act="export_ledger")
    assert entry.actor.endswith("周丽")
    assert json.loads(entry.detail)["scope"] == {"county": unit.county, "street": street}

    edit(path, unit, BASIS, "集资名册")
    at_the_desk(unit.place, facts={"purchase_basis": "court_document"})
    key, text = handed_in(client, path)
    for words in ("逐格合并", "集资名册", "法院文书", "3 高秀岚", 'name="conflicts" value="take"'):
        assert words in text
    client.post(f"/import/{key}/write", {"conflicts": "keep"})
    worked_off()
    assert facts_of(unit)["purchase_basis"] == "court_document"

    client.post(f"/import/{key}/write", {"conflicts": "take"})
    worked_off()
    assert facts_of(unit)["purchase_basis"] == "funded_roster"


def test_what_changed_after_the_dry_run_was_shown_is_not_overwritten(office, tmp_path):
    client, unit = signed_in("importer"), first_units(1)[0]
    path = taken_out(client, tmp_path / "ledger.xlsx")
    edit(path, unit, BASIS, "集资名册")
    at_the_desk(unit.place, facts={"purchase_basis": "unfiled_contract"})
    key, _ = handed_in(client, path)
    at_the_desk(unit.place, facts={"purchase_basis": "court_document"})

    client.post(f"/import/{key}/write", {"conflicts": "take"})
    worked_off()

    assert facts_of(unit)["purchase_basis"] == "court_document"


def test_who_may_not_take_the_ledger_out_is_not_offered_it_and_is_refused(office):
    client = signed_in("analyst")
    entries = JournalEntry.objects.count()

    assert 'action="/ledger.xlsx"' not in client.get("/estates").content.decode()
    assert client.post("/ledger.xlsx").status_code == 403
    assert JournalEntry.objects.count() == entries


def test_too_many_units_for_a_page_are_refused_with_what_to_do(office, monkeypatch):
    from taizhang.web.views import lists

    monkeypatch.setattr(lists, "_MOST_UNITS", 39)
    answer = signed_in("importer").post("/ledger.xlsx")

    assert answer.status_code == 422
    assert "E-EXPORT-LARGE" in answer.content.decode()
    assert not JournalEntry.objects.filter(act="export_ledger").exists()
