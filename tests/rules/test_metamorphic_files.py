"""How the reader of packs must follow when a file is rewritten or broken (rules.md C.14: 11 and 20).

docs/reference/check-results.md lists all of C.14, with the test and a planted fault of each item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from taizhang.errors import PackError
from taizhang.rules import load_pack
from taizhang.rules.canonical import canonical
from taizhang.rules.circumstances import law_digest
from taizhang.rules.compose import compose
from taizhang.rules.document import read_document
from taizhang.rules.expressions import parse
from taizhang.rules.lint import errors_of
from taizhang.rules.marked import Mapping_, Mark, Marked, Scalar, parse_text, read_file
from taizhang.rules.pack import find_document
from taizhang.rules.plan import cheapest_plan
from taizhang.rules.terms import AtLeast, Cost, Dossier, Evidence, Node, Plan, Ref, Way

from .broken_packs import GOOD, OVERLAY, TODAY
from .compact import shown
from .packs import OBJECTIVES, cases, examples, fact, label, make_pack, packs
from .test_pack_errors import URGENT, WAITS

# -------------------------------------------------------------------- 11, a file rewritten


def rewritten(tree: Marked, chance: Random, pad: str = "", flow: bool = False) -> str:
    """The same content as other YAML: keys in another order, other quotes and layout, comments."""
    if isinstance(tree, Scalar):
        plain = re.fullmatch(r"[a-z_]+", tree.text) and chance.random() < 0.5
        return tree.text if plain else '"' + tree.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if not isinstance(tree, Mapping_):
        items = [rewritten(item, chance, flow=True) for item in tree.items]
        if flow or not items or chance.random() < 0.5:
            return "[" + ", ".join(items) + "]"
        return "".join(f"\n{pad}- {item}  # an item" for item in items)
    keys = list(tree.pairs)
    chance.shuffle(keys)
    if flow or not keys:
        pairs = (f"{quoted(key)}: {rewritten(tree.pairs[key], chance, flow=True)}" for key in keys)
        return "{" + ", ".join(pairs) + "}"
    lines = []
    for key in keys:
        if chance.random() < 0.3:
            lines.append(f"\n{pad}# {chance.random()}: of {key}")
        one_line = chance.random() < 0.4
        lines.append(f"\n{pad}{quoted(key)}: {rewritten(tree.pairs[key], chance, pad + '  ', one_line)}")
    return "".join(lines)


def quoted(key: str) -> str:
    return f'"{key}"'


@examples(15, 150)
@given(st.randoms(use_true_random=False))
def test_11_comments_layout_and_the_order_of_keys_change_neither_lock_nor_law(tmp_path_factory, chance):
    """YAML to model to other YAML to model; the product writes no packs, so the writer is the test's."""
    folder = tmp_path_factory.getbasetemp()
    law = []
    for again in (False, True):
        paths = []
        for name, text in (("small.yaml", GOOD), ("local.yaml", OVERLAY)):
            path = folder / name
            path.write_text(rewritten(parse_text(text, name), chance) if again else text, encoding="utf-8")
            paths.append(path)
        law.append(load_pack(paths[0], overlays=paths[1:], as_of=TODAY))
    one, two = law

    assert one.digest == two.digest
    assert law_digest(one) == law_digest(two)
    assert (one.sources, one.suppliers, one.objective) == (two.sources, two.suppliers, two.objective)
    assert canonical(cheapest_plan(one, Dossier.of(one))) == canonical(cheapest_plan(two, Dossier.of(two)))


def scalars(tree: Marked) -> Iterator[Scalar]:
    if isinstance(tree, Scalar):
        yield tree
    for one in tree.pairs.values() if isinstance(tree, Mapping_) else getattr(tree, "items", ()):
        yield from scalars(one)


def test_11_the_lock_sees_every_word_of_a_document(tmp_path):
    tree = parse_text(GOOD, "small.yaml")
    path = tmp_path / "small.yaml"
    seen = set()
    for one in [None, *scalars(tree)]:
        text = (
            GOOD
            if one is None
            else put(GOOD, one.mark, one.text, one.text + "1" if one.text[-1:].isdigit() else one.text + "x")
        )
        path.write_text(text, encoding="utf-8")
        seen.add(read_document(path).digest)

    assert len(seen) == 1 + len(list(scalars(tree)))


def test_11_a_file_is_read_as_it_stands_now_and_shown_under_its_own_name(tmp_path):
    """Texts that were read before are remembered: by what they say and by what they are called."""
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("goal: deed", encoding="utf-8")
    two.write_text("goal: deed", encoding="utf-8")
    assert str(read_file(one).mark) == "one.yaml:1:1"
    assert str(read_file(two).mark) == "two.yaml:1:1"
    assert str(read_file(two, shown_as="law/two.yaml").mark) == "law/two.yaml:1:1"

    one.write_text("goal: card", encoding="utf-8")

    assert read_file(one) == parse_text("goal: card", "one.yaml")


def test_11_the_shipped_pack_rewritten_has_the_same_lock(tmp_path):
    base = find_document("title-certificates")
    for number, path in enumerate(sorted(base.glob("*.yaml"))):
        text = rewritten(parse_text(path.read_text(encoding="utf-8"), path.name), Random(number))
        (tmp_path / f"{9 - number}.yaml").write_text(text, encoding="utf-8")
    one, two = read_document(base), read_document(tmp_path)

    assert two.errors == []
    assert two.digest == one.digest
    assert two.chapters["evidence"].keys() == one.chapters["evidence"].keys()


@examples(50, 600)
@given(st.data(), st.randoms(use_true_random=False))
def test_11_the_order_in_which_needs_are_written_is_irrelevant(data, chance):
    """P5 turns nodes and ways round; here the needs of a way, and the names of a choice."""
    pack = data.draw(packs())
    dossier = data.draw(cases(pack))
    objective = data.draw(st.sampled_from(OBJECTIVES))
    note(shown(pack, dossier))

    def turned(way: Way) -> Way:
        needs = [
            replace(need, of=tuple(chance.sample(need.of, len(need.of))))
            if isinstance(need, AtLeast)
            else need
            for need in way.needs
        ]
        return replace(way, needs=tuple(chance.sample(needs, len(needs))))

    other = replace(
        pack,
        nodes={name: replace(one, ways=tuple(map(turned, one.ways))) for name, one in pack.nodes.items()},
    )

    assert cheapest_plan(other, dossier, objective=objective) == cheapest_plan(
        pack, dossier, objective=objective
    )


def test_11_guarded_needs_in_another_order_list_the_papers_in_the_same_one():
    """Found with the counts of ``make check``: open guards were numbered by where they stand."""
    papers = {name: Evidence(name, "unit", label(name), "", Cost(0, 0, 0)) for name in ("e0", "e1")}
    open_ = parse("f")
    needs = Ref("e0", open_), Ref("e1", open_)

    def planned(*told: Ref) -> Plan:
        way = Way("w0", label("w0"), (*told, Ref("e0")), when=open_)
        pack = make_pack(
            {"n0": Node("n0", "unit", label("n0"), (way,))}, papers, facts={"f": fact("f", "unit")}
        )
        return cheapest_plan(pack, Dossier.of(pack))

    assert planned(*needs) == planned(*reversed(needs))


# --------------------------------------------------------------- 20, a fault in every token

IDS = {
    "sources",
    "suppliers",
    "params",
    "facts",
    "evidence",
    "nodes",
    "ways",
    "urgency",
}  #: their keys are ids
DEFINED = ("sources", "suppliers", "params", "facts", "evidence", "nodes")


def at(text: str, mark: Mark) -> int:
    """Where in the text a position points."""
    return sum(len(line) + 1 for line in text.split("\n")[: mark.line - 1]) + mark.column - 1


def put(text: str, mark: Mark, old: str, new: str) -> str:
    """Replace the token at a position; it must really stand there."""
    here = at(text, mark)
    assert text[here : here + len(old)] == old, (mark, old)
    return text[:here] + new + text[here + len(old) :]


def keys_in(tree: Marked, name: str = "") -> Iterator[tuple[Mapping_, str, bool]]:
    """Every key of a file, and whether it is a word of the format rather than an id."""
    if isinstance(tree, Mapping_):
        ids = name in IDS or name == "values"
        for key, value in tree.pairs.items():
            yield tree, key, not ids
            yield from keys_in(value, key)
    elif not isinstance(tree, Scalar):
        for item in tree.items:
            yield from keys_in(item, f"{name}[]")


LAW = GOOD.replace("tests:\n", URGENT).replace("evidence:\n", WAITS + "evidence:\n", 1)
FILES = [("small.yaml", LAW), ("local.yaml", OVERLAY)]


def faults_of(folder: Path, name: str, text: str) -> set[tuple[str, str]]:
    """Codes and positions of all errors of the pack and its overlay, one of them replaced."""
    for file, good in FILES:
        (folder / file).write_text(text if file == name else good, encoding="utf-8")
    try:
        base, local = (read_document(folder / file) for file, _ in FILES)
    except PackError as error:
        return {(error.code, error.where)}
    pack, found = compose(base, [local], TODAY)
    return {(error.code, error.where) for error in found or errors_of(pack)}


def test_20_the_files_without_a_fault_have_none(tmp_path):
    assert faults_of(tmp_path, *FILES[0]) == set()


@pytest.mark.parametrize(("name", "text"), FILES)
def test_20_a_misspelt_key_is_shown_where_it_stands(tmp_path, name, text):
    """Every key that is a word of the format, one after the other."""
    tried = 0
    for tree, key, word in keys_in(parse_text(text, name)):
        if word:
            tried += 1
            mark = tree.keys[key]
            found = faults_of(tmp_path, name, put(text, mark, key, f"{key}x"))
            assert ("E-PACK-E01", str(mark)) in found, (key, found)
    assert tried > 20


@pytest.mark.parametrize(("name", "text"), FILES)
def test_20_a_repeated_key_is_shown_at_its_second_place(tmp_path, name, text):
    """Every key, id or word, in braces or on a line of its own."""
    for tree, key, _ in keys_in(parse_text(text, name)):
        mark = tree.keys[key]
        start = at(text, mark) - (text[at(text, mark) - 1] == '"')
        token = text[start : at(text, mark)] + key + text[start : at(text, mark)]
        braces = text[at(text, tree.mark)] == "{"
        more = f"{token}: 0, " if braces else f"{token}: 0\n" + " " * (mark.column - 1 - (token != key))
        moved = mark.shifted(len(more)) if braces else replace(mark, line=mark.line + 1)
        found = faults_of(tmp_path, name, text[:start] + more + text[start:])
        assert found == {("E-PACK-E03", str(moved))}, (key, str(mark))


@pytest.mark.parametrize(("name", "text"), FILES)
def test_20_a_name_that_nothing_defines_is_shown_where_it_is_used(tmp_path, name, text):
    """Every use: of a source, supplier, level, node, paper, fact or parameter; inside guards too."""
    path = tmp_path / "used.yaml"
    path.write_text(text, encoding="utf-8")
    uses = read_document(path).references
    assert len(uses) >= (30 if name == "small.yaml" else 3)
    for use in uses:
        mark = replace(use.mark, file=name)
        found = faults_of(tmp_path, name, put(text, mark, use.name, f"{use.name}qx"))
        assert ("E-PACK-E02", str(mark)) in found, (use, found)


def test_20_a_definition_that_is_renamed_leaves_every_use_of_it_shown(tmp_path):
    """And nothing else but what hangs on it."""
    path = tmp_path / "used.yaml"
    path.write_text(LAW, encoding="utf-8")
    uses = read_document(path).references
    law = parse_text(LAW, "small.yaml")
    assert isinstance(law, Mapping_)
    for tree, key in (
        (law.pairs[one], key) for one in law.pairs if one in DEFINED for key in law.pairs[one].pairs
    ):
        mine = {("E-PACK-E02", str(replace(use.mark, file="small.yaml"))) for use in uses if use.name == key}
        if not mine:
            continue
        mark = tree.keys[key]
        text = put(LAW, mark, key, f"{key}qx")
        shifted = {
            (code, where if int(where.split(":")[1]) != mark.line else moved(where, mark, 2))
            for code, where in mine
        }
        assert shifted <= faults_of(tmp_path, "small.yaml", text), key


def moved(where: str, mark: Mark, by: int) -> str:
    """A position on the line of a token that became longer."""
    file, line, column = where.split(":")
    return f"{file}:{line}:{int(column) + (by if int(column) > mark.column else 0)}"


WRONG: dict[str, Callable[[str], str]] = {
    "kind": lambda _: "zzz", "type": lambda _: "zzz", "effort": lambda _: "zzz", "days": lambda _: "1.5",
    "money": lambda _: "1.005", "rank": lambda _: "-1", "from": lambda _: "2021-13-01", "to": lambda _: "zzz",
    "op": lambda _: "add_node", "on": lambda _: "zzz", "last_checked": lambda _: "zzz",
    "goal": lambda _: "yes", "value": lambda _: "zzz",
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), FILES)
def test_20_a_value_of_the_wrong_kind_is_shown_where_it_stands(tmp_path, name, text):
    tried = set()
    for tree, key, word in keys_in(parse_text(text, name)):
        value = tree.pairs[key]
        if word and key in WRONG and isinstance(value, Scalar):
            if key == "goal" and value.text != "true":
                continue  # the goal of an example is a name
            tried.add(key)
            found = faults_of(tmp_path, name, put(text, value.mark, value.text, WRONG[key](value.text)))
            assert ("E-PACK-E13", str(value.mark)) in found, (key, str(value.mark), found)
    assert tried >= {"kind", "from", "on", "last_checked"}
