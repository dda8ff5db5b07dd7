"""A stolen database tells nothing; a moved or changed text is noticed; an erased person stays erased."""

from __future__ import annotations

import hashlib
import hmac
import json
import multiprocessing
import os
import signal
import stat
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.errors import InputError, TaizhangError, TransitionError
from taizhang.office import sealing
from taizhang.office.key_ring import base64_bytes
from taizhang.office.sealing import (
    Context,
    KeyRing,
    blind_index,
    new_data_key,
    rewrap,
    rotate,
    unseal,
    unwrap_key,
    wrap_key,
)

NOW = datetime(2024, 1, 28, 9, 30, tzinfo=UTC)
NUMBER = "371502189809294004"  # nobody: born in 1898
HERE = Context("household", "identity_sealed", "7")
RING = KeyRing("k1", {"k1": bytes(range(32))}, {"k1": "2024-01-28T09:30:00Z"}, bytes(reversed(range(32))))
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "keys.json"


def refusal(act, *arguments) -> str:
    with pytest.raises(TaizhangError) as refused:
        act(*arguments)
    assert refused.value.say("zh") != refused.value.say("en")
    return refused.value.code


def new_subject_key(ring: KeyRing) -> str:
    """The wrapped key of a new person."""
    return wrap_key(ring, new_data_key())


def seal(ring: KeyRing, wrapped: str, text: str, context: Context) -> str:
    return sealing.seal(unwrap_key(ring, wrapped), text, context)


# -- sealing


@given(st.text())
def test_what_was_sealed_is_read_again(text):
    wrapped = new_subject_key(RING)

    assert unseal(RING, wrapped, seal(RING, wrapped, text, HERE), HERE) == text


def test_a_sealed_text_tells_nothing_not_even_that_it_is_the_same():
    wrapped = new_subject_key(RING)
    one, other = (seal(RING, wrapped, NUMBER, HERE) for _ in range(2))

    assert one != other
    assert one.split(":")[:2] == other.split(":")[:2]
    assert NUMBER not in one
    assert NUMBER.encode() not in base64_bytes(one.split(":")[3])


@pytest.mark.parametrize(
    "elsewhere",
    [
        Context("household", "identity_sealed", "8"),
        Context("household", "phone_sealed", "7"),
        Context("official", "identity_sealed", "7"),
        Context("household", "identity", "_sealed7"),
        Context("householdidentity_sealed", "", "7"),
    ],
)
def test_a_text_that_was_moved_is_noticed_even_with_its_key(elsewhere):
    wrapped = new_subject_key(RING)
    sealed = seal(RING, wrapped, NUMBER, HERE)

    assert refusal(unseal, RING, wrapped, sealed, elsewhere) == "E-SEAL-TAMPERED"


def test_every_changed_character_of_a_text_and_of_a_key_is_noticed():
    wrapped = new_subject_key(RING)
    sealed = seal(RING, wrapped, NUMBER, HERE)  # 34 bytes with the tag: base64 leaves four bits over

    for place in range(len(sealed)):
        for other in BASE64 + ":= \n":
            if other != sealed[place]:
                changed = sealed[:place] + other + sealed[place + 1 :]
                assert refusal(unseal, RING, wrapped, changed, HERE) in {"E-SEAL-TAMPERED", "E-SEAL-SUBJECT"}
    for place in range(len(wrapped)):
        for other in BASE64 + ":= \n":
            if other != wrapped[place]:
                changed = wrapped[:place] + other + wrapped[place + 1 :]
                assert refusal(unseal, RING, changed, sealed, HERE) in {"E-SEAL-TAMPERED", "E-SEAL-KEY"}


@pytest.mark.parametrize(
    "cut", ["", "v1", "v1:::", "v1:x:AAAAAAAAAAAAAAAA:", "王小明", NUMBER, "\ud800:\ud800::"]
)
def test_what_is_no_sealed_text_is_refused(cut):
    wrapped = new_subject_key(RING)

    assert refusal(unseal, RING, wrapped, cut, HERE) in {"E-SEAL-TAMPERED", "E-SEAL-SUBJECT"}


def test_the_place_is_named_and_the_text_is_not():
    wrapped = new_subject_key(RING)
    sealed = seal(RING, wrapped, NUMBER, HERE)

    with pytest.raises(TaizhangError) as refused:
        unseal(RING, wrapped, sealed[:-1], HERE)

    assert refused.value.where == "household.identity_sealed 7"
    assert sealed[:-1] not in str(refused.value)


# -- one key for each person


def test_the_key_of_another_person_opens_nothing():
    wang, li = new_subject_key(RING), new_subject_key(RING)

    assert refusal(unseal, RING, li, seal(RING, wang, NUMBER, HERE), HERE) == "E-SEAL-SUBJECT"


def test_an_erased_person_stays_erased_though_the_texts_and_the_ring_remain():
    wang, li = new_subject_key(RING), new_subject_key(RING)
    of_wang, of_li = seal(RING, wang, NUMBER, HERE), seal(RING, li, NUMBER, HERE)

    wang = ""  # the erasure

    with pytest.raises(TransitionError) as refused:
        unseal(RING, wang, of_wang, HERE)
    assert refused.value.code == "E-SEAL-ERASED"
    assert refusal(seal, RING, wang, NUMBER, HERE) == refusal(rewrap, RING, wang) == "E-SEAL-ERASED"
    assert refusal(unseal, RING, new_subject_key(RING), of_wang, HERE) == "E-SEAL-SUBJECT"
    assert unseal(RING, li, of_li, HERE) == NUMBER


def test_a_wrapped_key_does_not_pass_for_a_sealed_text():
    wrapped = new_subject_key(RING)

    assert refusal(unseal, RING, wrapped, wrapped, HERE) == "E-SEAL-TAMPERED"
    assert refusal(rewrap, RING, seal(RING, wrapped, NUMBER, HERE)) == "E-SEAL-TAMPERED"


# -- turning the keys


def test_turning_the_keys_changes_wrapped_keys_alone(path):
    before = KeyRing.create(path, NOW)
    wrapped = new_subject_key(before)
    sealed = seal(before, wrapped, NUMBER, HERE)

    after = rotate(path, NOW + timedelta(days=365))
    assert unseal(after, wrapped, sealed, HERE) == NUMBER  # nothing rewrapped yet

    again = rewrap(after, wrapped)
    assert again.split(":")[1] == after.active != before.active
    assert unseal(after, again, sealed, HERE) == NUMBER
    assert rewrap(after, again) == again
    assert refusal(unseal, before, again, sealed, HERE) == "E-SEAL-KEY"

    old_is_gone = KeyRing(after.active, {after.active: after.keys[after.active]}, {}, after.index_key)
    assert unseal(old_is_gone, again, sealed, HERE) == NUMBER
    assert refusal(unseal, old_is_gone, wrapped, sealed, HERE) == "E-SEAL-KEY"


def test_people_are_found_after_the_keys_were_turned(path):
    before = blind_index(KeyRing.create(path, NOW), NUMBER, "identity")

    assert blind_index(rotate(path, NOW), NUMBER, "identity") == before


def test_the_blind_index_is_hmac_under_its_own_key():
    message = json.dumps(["identity", NUMBER]).encode()
    expected = hmac.new(RING.index_key, message, hashlib.sha256).hexdigest()

    assert blind_index(RING, NUMBER, "identity") == expected
    assert blind_index(RING, NUMBER, "phone") != expected
    assert blind_index(RING, NUMBER) != hmac.new(RING.keys["k1"], message, hashlib.sha256).hexdigest()


# -- the file


def test_the_file_belongs_to_its_owner_alone_and_says_what_it_holds(path):
    mask = os.umask(0)
    try:
        ring = KeyRing.create(path, NOW.astimezone(timezone(timedelta(hours=8))))
    finally:
        os.umask(mask)
    told = json.loads(path.read_text())

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert told["active"] == ring.active
    assert told["keys"][ring.active]["created_at"] == "2024-01-28T09:30:00Z"
    assert len(base64_bytes(told["keys"][ring.active]["key"])) == 32
    assert told["index_key"] != told["keys"][ring.active]["key"]
    assert KeyRing.open(path) == ring
    assert [one.name for one in path.parent.iterdir()] == ["keys.json"]


def test_no_key_is_shown_by_accident(path):
    ring = KeyRing.create(path, NOW)

    for key in (*ring.keys.values(), ring.index_key):
        assert repr(key) not in repr(ring)
    assert ring.active in repr(ring)


def test_a_key_file_is_never_overwritten(path):
    ring = KeyRing.create(path, NOW)

    assert refusal(KeyRing.create, path, NOW) == "E-SEAL-EXISTS"
    assert KeyRing.open(path) == ring


def test_turning_keeps_rights_and_follows_a_link(path, tmp_path):
    KeyRing.create(path, NOW)
    path.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(path)

    ring = rotate(link, NOW)

    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert KeyRing.open(path) == ring
    assert len(ring.keys) == 2


def test_a_file_that_is_missing_open_to_all_or_spoilt_is_refused(path, tmp_path):
    assert refusal(KeyRing.open, path) == refusal(rotate, path, NOW) == "E-SEAL-MISSING"
    assert refusal(KeyRing.open, tmp_path) in {"E-SEAL-READ", "E-SEAL-EXPOSED"}
    assert refusal(KeyRing.create, tmp_path / "nowhere" / "keys.json", NOW) == "E-SEAL-WRITE"
    KeyRing.create(path, NOW)
    path.chmod(0o644)
    assert refusal(KeyRing.open, path) == "E-SEAL-EXPOSED"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told.update(active="nobody"),
        lambda told: told.update(format="taizhang keys 2"),
        lambda told: told.update(index_key="AAAA"),
        lambda told: told.update(keys=[]),
        lambda told: told.update(keys={told["active"]: {"key": "AAAA", "created_at": ""}}),
        lambda told: told["keys"][told["active"]].pop("created_at"),
        lambda told: told.pop("index_key"),
        lambda told: told.update(active=["k"]),
    ],
)
def test_a_file_that_is_not_of_its_form_is_refused_without_quoting_a_key(path, spoil):
    KeyRing.create(path, NOW)
    told = json.loads(path.read_text())
    key = told["index_key"]
    spoil(told)
    path.write_text(json.dumps(told))

    with pytest.raises(InputError) as refused:
        KeyRing.open(path)

    assert refused.value.code == "E-SEAL-FORM"
    assert key not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"{", b"\xff\xfe", b"null"])
def test_any_content_is_read_or_refused(path, content):
    path.write_bytes(content)
    path.chmod(0o600)

    assert refusal(KeyRing.open, path) == "E-SEAL-FORM"


def _turn(path: Path, times: int) -> None:
    for _ in range(times):
        rotate(path, NOW)


def test_of_keys_turned_at_once_none_is_lost(path):
    KeyRing.create(path, NOW)
    spawn = multiprocessing.get_context("fork")
    turning = [spawn.Process(target=_turn, args=(path, 20)) for _ in range(4)]

    for one in turning:
        one.start()
    for one in turning:
        one.join(60)

    assert [one.exitcode for one in turning] == [0] * 4
    assert len(KeyRing.open(path).keys) == 1 + 4 * 20


def test_a_turning_that_is_killed_leaves_the_old_file_or_the_new_one(path):
    first = KeyRing.create(path, NOW)
    spawn = multiprocessing.get_context("fork")

    for wait in range(10):
        turning = spawn.Process(target=_turn, args=(path, 10_000))
        turning.start()
        time.sleep(0.005 + wait * 0.003)
        os.kill(turning.pid, signal.SIGKILL)
        turning.join()
        assert KeyRing.open(path).keys[first.active] == first.keys[first.active]

    rotate(path, NOW)
    assert [one.name for one in path.parent.iterdir()] == ["keys.json"]
