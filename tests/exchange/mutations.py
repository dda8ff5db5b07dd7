"""What may befall the bytes of a workbook or of a table of text.

Every mutation takes a generator of chances and the content, and gives the changed content.  What befalls
the XML within a package stands in ``mutations_xml``; what is changed here is the file as such.
"""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from typing import TypeAlias

from tests.exchange.seeds import packed, unpacked

Mutation: TypeAlias = Callable[[random.Random, bytes], bytes]


# ---------------------------------------------------------------------------- any bytes


def flip_bits(chance: random.Random, content: bytes) -> bytes:
    found = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 2, 8, 40])):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def overwrite_run(chance: random.Random, content: bytes) -> bytes:
    at, length = chance.randrange(len(content)), chance.randrange(1, 120)
    run = chance.choice([bytes(length), b"\xff" * length, chance.randbytes(length)])
    return (content[:at] + run + content[at + length :])[: len(content)]


def cut_off(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(1, len(content))]


def cut_out(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.randrange(1, 300) :]


def put_in(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + chance.randbytes(chance.randrange(1, 60)) + content[at:]


def double_run(chance: random.Random, content: bytes) -> bytes:
    at, length = chance.randrange(len(content)), chance.randrange(1, 200)
    return content[: at + length] + content[at:]


def put_before_or_after(chance: random.Random, content: bytes) -> bytes:
    more = chance.choice([chance.randbytes(20), content, b"PK\x05\x06" + bytes(18), b"\n"])
    return chance.choice([more + content, content + more])


def swap_runs(chance: random.Random, content: bytes) -> bytes:
    length = chance.randrange(1, 64)
    one, two = sorted(chance.sample(range(max(2, len(content) - length)), 2))
    found = bytearray(content)
    found[one : one + length], found[two : two + length] = (
        found[two : two + length],
        found[one : one + length],
    )
    return bytes(found)


ANY_BYTES: list[Mutation] = [
    flip_bits, overwrite_run, cut_off, cut_out, put_in, double_run, put_before_or_after, swap_runs,
]  # fmt: skip

# ------------------------------------------------------------------------------ of a zip


def _heads(content: bytes, mark: bytes) -> list[int]:
    found, at = [], content.find(mark)
    while at >= 0:
        found.append(at)
        at = content.find(mark, at + 4)
    return found


def _field(chance: random.Random, content: bytes, mark: bytes, fields: dict[int, str]) -> bytes:
    """Change a number in one header of a zip."""
    found = bytearray(content)
    at = chance.choice(_heads(content, mark))
    place, size = chance.choice(list(fields.items()))
    (old,) = struct.unpack_from(size, found, at + place)
    most = (1 << 8 * struct.calcsize(size)) - 1
    new = chance.choice(
        [0, 1, most, old + 1, old - 1, old ^ 1 << chance.randrange(16), chance.randrange(most)]
    )
    struct.pack_into(size, found, at + place, new & most)
    return bytes(found)


def local_header(chance: random.Random, content: bytes) -> bytes:
    fields = {4: "<H", 6: "<H", 8: "<H", 14: "<I", 18: "<I", 22: "<I", 26: "<H", 28: "<H"}
    return _field(chance, content, b"PK\x03\x04", fields)


def directory_entry(chance: random.Random, content: bytes) -> bytes:
    fields = {8: "<H", 10: "<H", 16: "<I", 20: "<I", 24: "<I", 28: "<H", 30: "<H", 32: "<H", 42: "<I"}
    return _field(chance, content, b"PK\x01\x02", fields)


def end_of_directory(chance: random.Random, content: bytes) -> bytes:
    return _field(
        chance, content, b"PK\x05\x06", {4: "<H", 6: "<H", 8: "<H", 10: "<H", 12: "<I", 16: "<I", 20: "<H"}
    )


def encrypted_flag(chance: random.Random, content: bytes) -> bytes:
    """One part, or all of them, are called encrypted: in the directory, before the part, or in both."""
    found = bytearray(content)
    marks = chance.choice(
        [[(b"PK\x03\x04", 6)], [(b"PK\x01\x02", 8)], [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)]]
    )
    which = chance.randrange(3)
    for mark, place in marks:
        for number, at in enumerate(_heads(content, mark)):
            found[at + place] |= which in {0, number}
    return bytes(found)


def rename_once(chance: random.Random, content: bytes) -> bytes:
    """Directory and part differ on a name, so that another reader sees another part."""
    found = bytearray(content)
    mark, start, place = chance.choice([(b"PK\x03\x04", 30, 26), (b"PK\x01\x02", 46, 28)])
    at = chance.choice(_heads(content, mark))
    (length,) = struct.unpack_from("<H", found, at + place)
    if length:
        letter = at + start + chance.randrange(length)
        found[letter] = chance.choice([found[letter] ^ 1, found[letter] ^ 32, 0, ord("/"), ord("\\")])
    return bytes(found)


def double_member(chance: random.Random, content: bytes) -> bytes:
    """A part is there twice, with two contents; a bare name, one in other letters or with other strokes."""
    parts = unpacked(content)
    name = chance.choice(list(parts))
    other = chance.choice([name, name, name.upper(), name.replace("/", "\\"), "/" + name, "./" + name])
    changed = parts[name].replace(b"1", b"2")
    stream = io.BytesIO()
    first = chance.random() < 0.5
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            _append(archive, other, changed)
        for one, part in parts.items():
            _append(archive, one, part)
        if not first:
            _append(archive, other, changed)
    return stream.getvalue()


def _append(archive: zipfile.ZipFile, name: str, part: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name stands twice is what is wanted
        archive.writestr(zipfile.ZipInfo(name, (2024, 1, 28, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)


def drop_member(chance: random.Random, content: bytes) -> bytes:
    parts = unpacked(content)
    del parts[chance.choice(list(parts))]
    return packed(parts)


def order_of_members(chance: random.Random, content: bytes) -> bytes:
    """The parts in another order, which says nothing."""
    parts = list(unpacked(content).items())
    chance.shuffle(parts)
    return packed(dict(parts))


def hide_member(chance: random.Random, content: bytes) -> bytes:
    """The directory leads to another part of the same size, whose bytes lie elsewhere in the file."""
    parts = unpacked(content)
    name = chance.choice(
        [one for one in parts if one.startswith(("xl/work", "xl/shared", "content"))] or list(parts)
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for one, part in parts.items():
            archive.writestr(one, part)
    found = bytearray(stream.getvalue())
    local = next(at for at in _heads(found, b"PK\x03\x04") if found[at + 30 :].startswith(name.encode()))
    start = local + 30 + sum(struct.unpack_from("<HH", found, local + 26))
    changed = bytes(found[start : start + len(parts[name])]).replace(b"1", b"2")
    found[start : start + len(changed)] = changed
    if chance.random() < 0.5:  # the checksum of the directory is put right, that before the part is not
        entry = next(at for at in _heads(found, b"PK\x01\x02") if found[at + 46 :].startswith(name.encode()))
        struct.pack_into("<I", found, entry + 16, zlib.crc32(changed))
    return bytes(found)


def zip64_fields(chance: random.Random, content: bytes) -> bytes:
    """A size says that it stands elsewhere, and nowhere it stands."""
    found = bytearray(content)
    mark, places = chance.choice(
        [(b"PK\x03\x04", (18, 22)), (b"PK\x01\x02", (20, 24, 42)), (b"PK\x05\x06", (12, 16))]
    )
    struct.pack_into("<I", found, chance.choice(_heads(content, mark)) + chance.choice(places), 0xFFFFFFFF)
    return bytes(found)


OF_ZIP: list[Mutation] = [
    local_header, directory_entry, end_of_directory, encrypted_flag, rename_once, double_member, drop_member,
    order_of_members, hide_member, zip64_fields,
]  # fmt: skip

# ---------------------------------------------------------------------------- of records


def xls_record(chance: random.Random, content: bytes) -> bytes:
    """The kind, the length or the content of one record of the workbook's stream."""
    found = bytearray(content)
    at, starts = content.find(b"\x09\x08"), []
    while at + 4 <= len(found):
        starts.append(at)
        at += 4 + int.from_bytes(found[at + 2 : at + 4], "little")
    at = chance.choice(starts)
    place = at + chance.choice([0, 2, 4, 6, 8, 10])
    if place + 2 <= len(found):
        struct.pack_into(
            "<H", found, place, chance.choice([0, 1, 0xFFFF, 0x203, 0x0A, chance.randrange(0x10000)])
        )
    return bytes(found)


OF_XLS: list[Mutation] = [xls_record]

# ------------------------------------------------------------------------------- of text


def quotes(chance: random.Random, content: bytes) -> bytes:
    return _insert(chance, content, chance.choice(['"', '""', '"\n', ',"']))


def delimiters(chance: random.Random, content: bytes) -> bytes:
    return _insert(
        chance, content, chance.choice([",", "\t", ";", "|", "，", ",,,,", "\n", "\r", "\r\n\r\n"])
    )


def control_signs(chance: random.Random, content: bytes) -> bytes:
    return _insert(
        chance, content, chance.choice(["\0", "\x01", "\x1a", "\x7f", "\ufeff", "\uffff", "\x85", "\u2028"])
    )


def other_encoding(chance: random.Random, content: bytes) -> bytes:
    """A run of the text is written in another encoding, as when files are put together."""
    at = chance.randrange(len(content)) & ~1
    return (
        content[:at]
        + "混入，文字".encode(chance.choice(["utf-8", "gb18030", "utf-16-le", "big5"]))
        + content[at:]
    )


def _insert(chance: random.Random, content: bytes, said: str) -> bytes:
    wide = content[:2] in {b"\xff\xfe", b"\xfe\xff"}
    at = chance.randrange(len(content)) & (~1 if wide else ~0)
    return content[:at] + said.encode("utf-16-le" if wide else "utf-8") + content[at:]


OF_TEXT: list[Mutation] = [quotes, delimiters, control_signs, other_encoding]
