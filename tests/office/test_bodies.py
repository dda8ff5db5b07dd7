"""What comes in from outside is bounded before it is received, and kept under a name that can be kept."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from django.test import Client

from taizhang.cli.office.intake import init
from taizhang.errors import InputError
from taizhang.exchange.intake import _complaints
from taizhang.ledger.models import Official, Organisation
from taizhang.office.accounts import open_account
from taizhang.office.attachments import kind_of
from taizhang.office.installation import Law, law_of, remember_law
from taizhang.office.organisations import grant_role
from taizhang.office.uploads import drop_uploads, keep_upload, upload_path
from taizhang.rules.terms import Complaint, Ledger, RecognisedColumn

from .builders import DAY, NOON


@pytest.fixture
def client(sqlite):
    remember_law(Law("title-certificates", (), "市专班", DAY.isoformat()))
    return Client(SERVER_NAME="localhost")


def test_a_stranger_sends_a_form_and_no_file(client):
    small = client.generic("POST", "/sign-in", b"x" * 1_000, "application/x-www-form-urlencoded")
    large = client.generic("POST", "/sign-in", b"x" * 100_000, "application/x-www-form-urlencoded")
    unknown = client.generic(
        "POST", "/import", b"", headers={"Transfer-Encoding": "chunked"}, CONTENT_LENGTH=""
    )

    assert small.status_code == 200  # the form again
    assert large.status_code == 413
    assert unknown.status_code == 411


def test_who_has_signed_in_sends_files(client):
    city = Organisation.objects.create(id=1, kind="city", name="市专班")
    official = grant_role("周立", "importer", city, actor="test", now=NOON)
    account = open_account(official, "zhou", "a-long-password-2024", actor="test", now=NOON)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.generic("POST", "/import", b"x" * 200_000, "application/x-www-form-urlencoded")

    assert answer.status_code == 422  # taken, and no file was in it
    assert Official.objects.get().account.username == "zhou"


def test_a_long_chinese_name_can_be_kept(client):
    sha256, name = keep_upload("小区台账" * 60 + ".xlsx", [b"one"])

    assert name.endswith(".xlsx")
    assert upload_path(sha256, name).read_bytes() == b"one"
    assert drop_uploads(datetime.now(UTC)) == 0
    with pytest.raises(InputError, match="E-FILE-KIND"):
        keep_upload("../../etc/passwd", [b"one"])


def test_a_broken_package_is_of_no_kind(tmp_path):
    path = tmp_path / "报告.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    assert kind_of(path).endswith("wordprocessingml.document")
    whole = path.read_bytes()
    at = whole.index(b"PK\x01\x02")
    path.write_bytes(whole[:at] + b"XX" + whole[at + 2 :])

    assert kind_of(path) == ""


def test_init_run_again_keeps_what_is_not_said(client):
    done = CliRunner().invoke(init, ["--overlay", "title-certificates-shandong"], catch_exceptions=False)

    assert done.exit_code == 0
    assert law_of() == Law("title-certificates", ("title-certificates-shandong",), "市专班", DAY.isoformat())


def test_what_two_copies_say_of_a_person_is_not_quoted():
    column = RecognisedColumn("户", "C", "身份证号", "id_number", "identity", "", "")
    told = (
        Complaint(
            "C-MERGE-CONFLICT", "户", "C3", "37150119800101123X", "says '110101199003070000'", "为“…0000”"
        ),
        Complaint("C-MERGE-DELETED", "户", "", "王小明", "Row 3 as sent (王小明)", "原第 3 行（王小明）"),
        Complaint("C-DATE", "户", "D3", "昨天", "no date", "不是日期"),
    )
    found = list(_complaints(Ledger("台账.xlsx", (), (column,), told, ())))

    text = json.dumps([(one.read, one.message, one.zh) for one in found], ensure_ascii=False)
    assert not any(word in text for word in ("37150119800101123X", "110101199003070000", "0000", "王小明"))
    assert "昨天" in text
