"""The JSON schema for editors refuses what the reader of documents refuses, and nothing that it takes.

Every shape of record that stands in a shipped document is broken in turn: a key nobody knows, a key left
out, a value of another kind.  Each broken record is given to both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from taizhang.rules.document import document_schema, read_document

PACKS = Path(__file__).parents[2] / "src/taizhang/packs"
DOCUMENTS = sorted(
    path
    for path in PACKS.rglob("*.yaml")
    if path.relative_to(PACKS).parts[0] not in {"calendars", "supervision"}  # these are of another kind
)
SCHEMA = jsonschema.Draft7Validator(document_schema())
_IDS = {  # mappings whose keys are ids
    "sources", "suppliers", "params", "facts", "evidence", "nodes", "fees", "classes", "urgency", "headings",
}  # fmt: skip
Path_ = tuple[str | int, ...]


def test_every_shipped_document_satisfies_the_schema() -> None:
    assert len(DOCUMENTS) > 20
    for path in DOCUMENTS:
        problems = [f"{list(one.absolute_path)} {one.message}" for one in SCHEMA.iter_errors(_read(path))]
        assert problems == [], path.name


def test_what_an_editor_reads_as_numbers_and_truths_satisfies_it_too() -> None:
    text = "nodes: {a: {level: unit, goal: true, label: {zh: 甲, en: a}, ways: {w: {label: {}, rank: 1, "
    text += "needs: [b, {at_least: 2, of: [c, d]}], step: {effort: 3, days: 5}, source: [s]}}}}"
    assert SCHEMA.is_valid(yaml.safe_load(text))


def test_a_broken_record_is_refused_by_both(tmp_path: Path) -> None:
    tried = refused = 0
    for what, document in _broken():
        path = tmp_path / "one.yaml"
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        by_reader = [one.code for one in read_document(path).errors]
        by_schema = next(SCHEMA.iter_errors(document), None)
        tried, refused = tried + 1, refused + bool(by_reader)
        if by_reader:
            assert by_schema is not None, (what, by_reader)
        elif not _read_later(what):
            assert by_schema is None, (what, by_schema and by_schema.message)
    assert refused > 150, f"{refused} of {tried}"


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({"op": "adopt_way", "node": "a", "way": "b"}, True),
        ({"op": "adopt_way", "node": "a"}, False),
        ({"op": "set_value", "param": "a", "value": 3}, True),
        ({"op": "set_value", "node": "a", "value": 3}, False),
        ({"op": "drop_need", "node": "a", "way": "b", "need": "c"}, True),
        ({"op": "drop_need", "node": "a", "way": "b"}, False),
    ],
)
def test_a_change_says_all_that_its_kind_needs(change: dict[str, Any], right: bool) -> None:
    told = {**change, "because": {"zh": "因", "en": "because"}, "source": ["s"]}
    assert SCHEMA.is_valid({"changes": [told]}) is right


@pytest.mark.parametrize(
    "text",
    [
        "objective: [money, money]",
        "objective: []",
        "facts: {a: {level: unit, type: enum, label: {zh: 甲, en: a}}}",
        "facts: {a: {level: unit, type: bool, min: 1, label: {zh: 甲, en: a}}}",
        "evidence: {a: {level: unit, label: {zh: 甲, en: a}, cost: {effort: 1234567890123456}}}",
        *(
            f"changes: [{{op: add_need, node: a, way: w, value: {need}, because: {{}}, source: [s]}}]"
            for need in ("{at_least: 0, of: [b, c]}", "{at_least: 1, of: [b, b]}", "{at_least: 1, of: []}")
        ),
    ],
)
def test_what_can_mean_nothing_is_refused_by_both(text: str, tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(text, encoding="utf-8")
    assert read_document(path).errors
    assert not SCHEMA.is_valid(_read(path))


def _read_later(what: Path_) -> bool:
    """Changes and tests are looked at again when documents are put together; some texts are for people."""
    for_people = {"case", "at"} & set(what) or (what[0] == "fees" and "note" in what)
    return bool(what[0] in {"changes", "tests"} or for_people or what[-2:] == ("scope", "level"))


# -- breaking


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)


def _broken() -> Iterator[tuple[Path_, Any]]:
    seen: set[tuple[str, Path_]] = set()
    for path in DOCUMENTS:
        for chapter, record in _records(_read(path)):
            for at, value in _walked(record):
                shape = _shape(at)
                for how, changed in _breaks(at, value):
                    if (how, shape) not in seen:
                        seen.add((how, shape))
                        document = deepcopy(record)
                        _put(document, at, changed)
                        yield (chapter, how, *at), document


def _records(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Documents of one record each, so that they are read in no time."""
    for chapter, told in document.items():
        if chapter in _IDS:
            yield from ((chapter, {chapter: {name: one}}) for name, one in told.items())
        elif chapter in {"changes", "tests"}:
            yield from ((chapter, {chapter: [one]}) for one in told)
        else:
            yield chapter, {chapter: told}


def _walked(value: Any, at: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    yield at, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in pairs:
        yield from _walked(one, (*at, key))


def _shape(at: Path_) -> Path_:
    """Where a value stands, whatever the ids are called."""
    free = (*_IDS, "ways", "values", "valid_until", "cites")
    return tuple(
        "*" if isinstance(one, int) or (place and at[place - 1] in free) else one
        for place, one in enumerate(at)
    )


def _breaks(at: Path_, value: Any) -> Iterator[tuple[str, Any]]:
    if at and at[0] == "tests" and {"facts", "fees"} & set(map(str, at)):
        return  # what they may say is known only once the pack is
    if isinstance(value, dict):
        yield "unknown", {**value, "zzz": "1"}
        for key in value:
            yield f"without {key}", {name: one for name, one in value.items() if name != key}
        yield "a text", "zzz"
    elif isinstance(value, list):
        yield "a text", "zzz"
        yield "empty", []
    elif at:
        yield "a list", [value]


def _put(document: Any, at: Path_, value: Any) -> None:
    if at:
        for key in at[:-1]:
            document = document[key]
        document[at[-1]] = value
    else:
        document.clear()
        document.update(value if isinstance(value, dict) else {"zzz": value})
