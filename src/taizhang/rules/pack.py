"""The door to the law: load a pack with its overlays and decisions for one day.

Reads from: ``document``, ``compose``, ``terms``.  Read by: every room that plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from taizhang.errors import PackError
from taizhang.rules.compose import compose
from taizhang.rules.document import Document, read_document
from taizhang.rules.lint import errors_of
from taizhang.rules.reading import nearest
from taizhang.rules.terms import Pack

__all__ = ["SHIPPED", "compose_pack", "find_document", "load_pack", "shipped_names"]

SHIPPED = Path(__file__).resolve().parent.parent / "packs"


def shipped_names() -> list[str]:
    """Names of the documents that come with the product."""
    files = [path.stem for path in SHIPPED.glob("*.yaml")]
    folders = [path.name for path in SHIPPED.iterdir() if (path / "pack.yaml").is_file()]
    return sorted(files + folders)


def find_document(name: str | Path) -> Path:
    """Return the path of a document given by path or by the name of a shipped one.

    Raises:
        PackError: ``E-PACK-E00`` neither, with the nearest shipped name.
    """
    for path in (Path(name), SHIPPED / str(name), SHIPPED / f"{name}.yaml"):
        if path.is_file() or (path.is_dir() and any(path.glob("*.yaml"))):
            return path
    close = nearest(str(name), shipped_names())
    raise PackError(
        "There is no pack '{name}'.",
        hint="Did you mean '{close}'?" if close else "Shipped with the product: {shipped}; or give a path.",
        zh="没有名为“{name}”的规则包。"
        + ("是否应为“{close}”？" if close else "内置：{shipped}；也可给出路径。"),
        code="E-PACK-E00",
        name=name,
        close=close,
        shipped=", ".join(shipped_names()),
    )


def load_pack(
    name: str | Path,
    *,
    overlays: Sequence[str | Path] = (),
    decisions: Sequence[str | Path] = (),
    as_of: date,
) -> Pack:
    """Load the law as it stands on a day.

    Args:
        name: Name of a shipped pack, or a YAML file or folder.
        overlays: Overlays, by name or path, in any order.
        decisions: Decisions of meetings, by name or path, in any order.
        as_of: The day whose law is wanted.

    Returns:
        The composed pack, good to plan with.

    Raises:
        PackError: The first error, at ``file:line:column``; ``pack check`` shows them all.

    >>> from taizhang.rules import load_pack
    >>> load_pack("title-certificates", as_of=date(2024, 1, 28)).goal
    'ownership_certificate'
    """
    base = _document(name)
    layers = [_document(one) for one in (*overlays, *decisions)]
    return compose_pack(base, layers, as_of)


def _document(name: str | Path) -> Document:
    """Read a document; one that comes with the product only once as long as its files stay the same."""
    path = find_document(name)
    if SHIPPED not in path.parents:
        return read_document(path)
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    return _shipped(path, tuple((one.name, sha256(one.read_bytes()).digest()) for one in files))


@lru_cache(maxsize=16)
def _shipped(path: Path, _: tuple[tuple[str, bytes], ...]) -> Document:
    return read_document(path)


def compose_pack(base: Document, layers: Sequence[Document], as_of: date) -> Pack:
    """Compose documents that were read already, as :func:`load_pack` does.

    Raises:
        PackError: The first error.

    >>> base = read_document(find_document("title-certificates"))
    >>> compose_pack(base, [], date(2024, 1, 28)) == load_pack("title-certificates", as_of=date(2024, 1, 28))
    True
    """
    check_kinds(base, layers)
    pack, errors = compose(base, layers, as_of)
    errors = errors or errors_of(pack)
    if errors:
        raise errors[0]
    return pack


def check_kinds(base: Document, layers: Sequence[Document]) -> None:
    """Refuse documents of the wrong kind, and overlays of another pack.

    Raises:
        PackError: ``E-PACK-E13``.
    """
    known = {base.id, *(layer.id for layer in layers)}
    for document, kinds in ((base, ("pack",)), *((layer, ("overlay", "decision")) for layer in layers)):
        extends = document.extends.split("@")[0]
        if extends and extends not in known:
            raise PackError(
                "{file} builds upon '{extends}', which is not loaded.",
                hint="Add it, for example with --overlay {extends}.",
                zh="{file} 建立在“{extends}”之上，而后者未加载。请一并加上，例如 --overlay {extends}。",
                where=str(document.marks.get("extends", document.path.name)),
                code="E-PACK-E13",
                file=document.path.name,
                extends=extends,
            )
        if document.kind not in kinds:
            raise PackError(
                "{file} is of kind '{kind}'; here {kinds} is wanted.",
                hint="Give packs with --pack, overlays with --overlay, decisions with --decision.",
                zh="{file} 是“{kind}”类文件，此处需要 {kinds}。",
                where=str(document.marks.get("kind", document.path.name)),
                code="E-PACK-E13",
                file=document.path.name,
                kind=document.kind,
                kinds="/".join(kinds),
            )
