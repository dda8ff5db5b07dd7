"""A file that cannot be read is refused with one line that says what to do, and nothing is left behind."""

from __future__ import annotations

import io
import os
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.exchange.ledger_builder import ESTATE, HEADING, Sheet, patch, write
from tests.terminal import taizhang

from taizhang.errors import InputError
from taizhang.exchange.excel.reading import read_ledger
from taizhang.rules.terms import Ledger, Pack

GOOD = Sheet("台账", [HEADING, ESTATE])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def sound(path: Path) -> Path:
    return write(path, GOOD)


def missing(path: Path) -> Path:
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def text_named_xlsx(path: Path) -> Path:
    path.write_text("小区名称 甲小区", encoding="utf-8")
    return path


def prose_named_xlsx(path: Path) -> Path:
    path.write_text("各县市区：\n请于周五前报送台账。\n", encoding="gb18030")
    return path


def page_named_xls(path: Path) -> Path:
    """What many government systems export as Excel is a web page."""
    path.write_text("<html><table><tr><td>小区名称</td></tr></table></html>", encoding="utf-8")
    return path


def zip_named_xlsx(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("扫描件.jpg", b"\xff\xd8")
    return path


def letter_named_xlsx(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", "<Relationships/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return path


def ole(*names: str) -> bytes:
    """An OLE container of version 3 with empty streams of these names."""
    entries = b""
    for kind, name in [(5, "Root Entry"), *((2, one) for one in names)]:
        raw = name.encode("utf-16-le") + b"\0\0"
        child = 1 if kind == 5 and names else 0xFFFFFFFF
        entries += raw.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child
        )
        entries += bytes(36) + struct.pack("<IQ", 0xFFFFFFFE, 0)
    entries = entries.ljust(-(-len(entries) // 512) * 512, b"\0")
    sectors = len(entries) // 512
    fat = struct.pack("<I", 0xFFFFFFFD) + b"".join(struct.pack("<I", n + 2) for n in range(sectors - 1))
    fat = (fat + struct.pack("<I", 0xFFFFFFFE)).ljust(512, b"\xff")
    numbers = (0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)  # the list of streams is in sector 1
    head = OLE + bytes(16) + struct.pack("<HHHHH6x9I", 0x3E, 3, 0xFFFE, 9, 6, *numbers)
    return (head + struct.pack("<I", 0)).ljust(512, b"\xff") + fat + entries


def encrypted(path: Path) -> Path:
    """As Excel does it with a password to open."""
    pytest.importorskip("msoffcrypto", reason="msoffcrypto-tool makes the encrypted workbook")
    from msoffcrypto.format.ooxml import OOXMLFile

    plain = io.BytesIO(write(path.with_name("offen.xlsx"), GOOD).read_bytes())
    with path.open("wb") as stream:
        OOXMLFile(plain).encrypt("秘密", stream)
    path.with_name("offen.xlsx").unlink()
    return path


def encrypted_by_name(path: Path) -> Path:
    path.write_bytes(ole("EncryptionInfo", "EncryptedPackage"))
    return path


def encrypted_far_down(path: Path) -> Path:
    """The list of streams may stand behind megabytes of data."""
    body = bytearray(ole("EncryptionInfo", "EncryptedPackage"))
    fat, entries = body[512:1024], body[1024:]
    fat[4:8] = struct.pack("<I", 0xFFFFFFFF)
    far = 4 << 20 >> 9
    body[48:52] = struct.pack("<I", far)
    path.write_bytes(bytes(body[:512]) + bytes(fat) + bytes((far - 1) * 512) + bytes(entries))
    return path


def old_letter(path: Path) -> Path:
    """A .doc is an OLE container too."""
    path.write_bytes(ole("WordDocument"))
    return path


def cut_short(path: Path) -> Path:
    content = write(path, GOOD).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def broken_sheet(path: Path) -> Path:
    return patch(sound(path), "xl/worksheets/sheet1.xml", lambda text: text[: len(text) // 2])


def spoilt_bytes(path: Path) -> Path:
    """A download that flipped bytes in the middle of the compressed sheet."""
    content = bytearray(sound(path).read_bytes())
    at = content.index(b"xl/worksheets/sheet1.xml") + 60
    content[at : at + 40] = bytes(40)
    path.write_bytes(content)
    return path


def without_sheet(path: Path) -> Path:
    with zipfile.ZipFile(sound(path)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if "sheet1" not in name}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def nothing(mebibytes: int) -> bytes:
    """So many mebibytes of zeros, packed; each repeats the first."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return one * mebibytes + squeeze.flush()


def with_part(path: Path, part: str, packed: bytes, declared: int) -> Path:
    """Put packed bytes into a workbook, with the size that its directories are to declare."""
    with zipfile.ZipFile(sound(path)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != part}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        archive.writestr(zipfile.ZipInfo(part), packed)
    content = bytearray(path.read_bytes())
    for header, kind, size in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        at = content.rindex(header)
        struct.pack_into("<H", content, at + kind, zipfile.ZIP_DEFLATED)
        struct.pack_into("<I", content, at + size, declared)
    path.write_bytes(content)
    return path


def bomb(path: Path) -> Path:
    """A gigabyte and more of nothing, in a megabyte."""
    return with_part(path, "xl/media/a.bin", nothing(1_100), 1_100 << 20)


def steep_bomb(path: Path) -> Path:
    """Far less than a gigabyte, and still nothing that a ledger would hold."""
    return with_part(path, "xl/media/a.bin", nothing(100), 100 << 20)


def lying_bomb(path: Path) -> Path:
    """A sheet of more than a gigabyte that both directories call small."""
    return with_part(path, "xl/worksheets/sheet1.xml", nothing(1_100), 1_000)


def two_far_cells(path: Path) -> Path:
    """Two cells in the corners of a sheet are 17 thousand million cells to a careless reader."""
    return write(path, Sheet("台账", [HEADING, ESTATE]), Sheet("角", [["左上"]])) and patch(
        path,
        "xl/worksheets/sheet2.xml",
        lambda text: text.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    )


def no_known_headings(path: Path) -> Path:
    return write(path, Sheet("物资", [["物资名称", "小区名", "总户"], ["灭火器", 3, 4]]))


def headings_without_estate(path: Path) -> Path:
    return write(path, Sheet("台账", [["总户数", "土地状况", "消防"], [12, "集体土地", "无"]]))


def headings_without_rows(path: Path) -> Path:
    return write(path, Sheet("台账", [["青棠县台账"], HEADING, ["合计"], ["注：暂无"]]))


BAD: list[tuple[str, Callable[[Path], Path]]] = [
    ("E-FILE-MISSING", missing),
    ("E-FILE-MISSING", folder),
    ("E-FILE-EMPTY", empty),
    ("E-FILE-FORMAT", text_named_xlsx),
    ("E-FILE-FORMAT", prose_named_xlsx),
    ("E-FILE-FORMAT", page_named_xls),
    ("E-FILE-FORMAT", zip_named_xlsx),
    ("E-FILE-FORMAT", letter_named_xlsx),
    ("E-FILE-FORMAT", old_letter),
    ("E-FILE-ENCRYPTED", encrypted),
    ("E-FILE-ENCRYPTED", encrypted_by_name),
    ("E-FILE-ENCRYPTED", encrypted_far_down),
    ("E-FILE-DAMAGED", cut_short),
    ("E-FILE-DAMAGED", broken_sheet),
    ("E-FILE-DAMAGED", spoilt_bytes),
    ("E-FILE-DAMAGED", without_sheet),
    ("E-FILE-SIZE", bomb),
    ("E-FILE-SIZE", lying_bomb),
    ("E-FILE-SIZE", steep_bomb),
    ("E-FILE-SIZE", two_far_cells),
    ("E-LEDGER-HEADINGS", no_known_headings),
    ("E-LEDGER-HEADINGS", headings_without_estate),
    ("E-LEDGER-EMPTY", headings_without_rows),
]


@pytest.mark.parametrize(("code", "make"), BAD, ids=[make.__name__ for _, make in BAD])
def test_every_bad_file_has_its_code_and_says_what_to_do(tmp_path, pack, code, make):
    path = make(tmp_path / "台账.xlsx")
    with pytest.raises(InputError) as caught:
        read_ledger(path, pack)

    error = caught.value
    assert error.code == code
    for language in ("zh", "en"):
        said = error.say(language)
        assert "台账.xlsx" in said and code in said and "{" not in said
        assert "\n" not in said and len(said) < 600


def test_every_code_of_a_file_or_ledger_has_a_bad_file():
    text = (Path(__file__).parents[2] / "docs/reference/errors.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`(E-(?:FILE|LEDGER)-[A-Z]+)`", text))

    elsewhere = {"E-FILE-LOCKED", "E-FILE-KIND", "E-FILE-NONE"}  # see the test below; of uploads to the pages
    assert explained - {code for code, _ in BAD} <= elsewhere


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_an_input_error(tmp_path, pack):
    path = sound(tmp_path / "台账.xlsx")
    path.chmod(0)
    with pytest.raises(InputError, match="E-FILE-LOCKED"):
        read_ledger(path, pack)


def test_a_file_that_another_program_holds_is_an_input_error(tmp_path, pack, monkeypatch):
    """On Windows a workbook that is open elsewhere may not be readable at all."""
    path = sound(tmp_path / "台账.xlsx")

    def held(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", held)
    with pytest.raises(InputError, match="E-FILE-LOCKED"):
        read_ledger(path, pack)


def test_unknown_headings_are_named_beside_the_nearest_known_ones(tmp_path, pack):
    with pytest.raises(InputError) as caught:
        read_ledger(no_known_headings(tmp_path / "a.xlsx"), pack)

    assert "小区名" in caught.value.say("zh")
    assert "小区名→小区名称" in caught.value.say("zh") and "小区名→小区名称" in caught.value.say("en")


# ------------------------------------------------------------------ at the command line


@pytest.mark.parametrize(
    ("code", "make"),
    [(code, make) for n, (code, make) in enumerate(BAD) if code not in {one for one, _ in BAD[:n]}],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_ends_with_2_one_line_and_nothing_left(tmp_path, capfd, code, make, language):
    path = make(tmp_path / "台账.xlsx")
    before = sorted(tmp_path.rglob("*"))
    done = taizhang("plan", path, "-o", tmp_path / "out" / "方案.xlsx", language=language)

    assert done.returncode == 2
    assert done.stdout == ""
    assert capfd.readouterr() == ("", "")  # a reader that is not written in Python could say something
    (line,) = done.stderr.strip().splitlines()
    assert line.endswith(f"[{code}]")
    assert bool(re.search("[一-鿿]", line.replace("台账.xlsx", ""))) == (language == "zh") or "LEDGER" in code
    assert sorted(one for one in tmp_path.rglob("*") if one.is_file()) == [
        one for one in before if one.is_file()
    ]


def test_a_good_ledger_beside_a_bad_one_leaves_nothing_either(tmp_path):
    good, bad = sound(tmp_path / "好.xlsx"), empty(tmp_path / "坏.xlsx")
    done = taizhang("plan", good, bad, "-o", tmp_path / "方案.xlsx")

    assert (done.returncode, "E-FILE-EMPTY" in done.stderr) == (2, True)
    assert not (tmp_path / "方案.xlsx").exists()


# ---------------------------------------------------------------------- files by accident


def outcome(path: Path, pack: Pack) -> str:
    """A ledger, or the code of the error: never another exception."""
    try:
        found = read_ledger(path, pack)
    except InputError as error:
        assert error.say("zh") and error.say("en")
        return error.code
    assert isinstance(found, Ledger)
    return "read"


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_workbook_is_read_or_refused(tmp_path, pack, seed):
    """Flipped, cut and doubled bytes, as bad sticks and interrupted downloads leave them."""
    chance = random.Random(seed)
    content = bytearray(sound(tmp_path / "a.xlsx").read_bytes())
    for _ in range(chance.choice([1, 3, 30])):
        at = chance.randrange(len(content))
        match chance.randrange(3):
            case 0:
                content[at] ^= 1 << chance.randrange(8)
            case 1:
                del content[at : at + chance.randrange(1, 200)]
            case _:
                content[at:at] = content[at : at + 40]
    (tmp_path / "b.xlsx").write_bytes(content)

    outcome(tmp_path / "b.xlsx", pack)


PARTS = [
    "[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml",
    "xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml",
]  # fmt: skip
SPLINTERS = [b"", b"<", b'"', b"9", b"-1", b"&", b"A", b"\xff", b"99999999999"]


@pytest.mark.parametrize("seed", range(40))
def test_damaged_xml_is_read_or_refused(tmp_path, pack, seed):
    """The archive is sound, the text within it is not."""
    chance = random.Random(seed)
    path = write(tmp_path / "a.xlsx", GOOD, Sheet("乙", [["a", 1.5, True]], ["A1:B1"]))
    part = chance.choice(PARTS)

    def spoil(text: bytes) -> bytes:
        found = bytearray(text)
        for _ in range(chance.choice([1, 2, 8])):
            at = chance.randrange(len(found))
            found[at : at + chance.choice([0, 1, 5])] = chance.choice(SPLINTERS)
        return bytes(found)

    outcome(patch(path, part, spoil), pack)
