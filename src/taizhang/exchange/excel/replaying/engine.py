"""Which program made a plan: its version, its own code, and the libraries that write its files.

Reads from: the files of this version.  Read by: ``record``, ``comparing``.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from taizhang import __version__

__all__ = ["engine", "engine_changes"]

_ROOT = Path(__file__).resolve().parents[3]
_LIBRARIES = ("numpy", "python-calamine", "xlsxwriter")


@cache
def engine() -> Mapping[str, str]:
    """Return what makes the bytes of a plan besides its conditions.

    Returns:
        ``taizhang`` (the version), ``code`` (SHA-256 over every module, whatever its line ends),
        ``python``, ``zlib`` (which compresses workbooks), and the libraries that read and write.
    """
    total = sha256()
    for path in sorted(_ROOT.rglob("*.py")):
        total.update(path.relative_to(_ROOT).as_posix().encode() + b"\0")
        total.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return {
        "taizhang": __version__,
        "code": total.hexdigest(),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{name: version(name) for name in _LIBRARIES},
    }


def engine_changes(then: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is another program now: ``xlsxwriter 3.3.1 → 3.4.0``, the code by its digest.

    >>> engine_changes(engine())
    ()
    >>> engine_changes({**engine(), "taizhang": "0.0.9"})[0].startswith("taizhang 0.0.9 → ")
    True
    """
    now = engine()
    return tuple(
        f"{name} {_short(then.get(name, '-'))} → {_short(now.get(name, '-'))}"
        for name in sorted(then.keys() | now.keys(), key=lambda one: (one != "taizhang", one))
        if then.get(name) != now.get(name)
    )


def _short(text: str) -> str:
    return text[:12] if len(text) == 64 else text
