"""Where a restore makes everything before anything has its name, and the last step that moves it.

The staging folder lies in the data folder, so that moving is renaming.  A mark in it says that everything
is ready and of which backup: from then on a restore that was killed only has to go on moving.

Reads from: ``placing``, ``manifest``.  Read by: ``restoring``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from taizhang.errors import InputError
from taizhang.office.keeping import placing
from taizhang.office.keeping.manifest import Manifest

__all__ = ["Staging"]

_MARK = "ready.json"
_KEYS = "keys.json"
_LAST = "installation.json"  # without it no command works
#: What may lie in a folder that is empty: keys that were put back, and what no installation needs.
_NOTHING = frozenset({"keys.json", ".keys.json.new", "writing.lock", "lost+found", "static"})


@dataclass(frozen=True, slots=True)
class Staging:
    """The folder beside everything's place.

    Attributes:
        data: The data folder.
        digest: Of the backup.
        keys: Where the key file shall be.
    """

    data: Path
    digest: str
    keys: Path

    @property
    def folder(self) -> Path:
        """Where everything is made."""
        return self.data / ".restoring"

    def taken_up(self) -> bool:
        """Whether everything lies here ready, of a restore that was killed while it moved.

        Raises:
            InputError: ``E-RESTORE-CUT`` it was of another backup.
        """
        try:
            told = json.loads((self.folder / _MARK).read_text(encoding="utf-8"))
        except FileNotFoundError:
            self.forget()  # it was killed before anything had its name
            return False
        if told["digest"] != self.digest:
            raise InputError(
                "A restore of another backup was cut off in {folder}.",
                hint="Finish it with the same backup, or empty the folder.",
                zh="{folder} 中有另一份备份未恢复完；请用原备份继续恢复，或清空该文件夹。",
                code="E-RESTORE-CUT",
                folder=self.data,
            )
        return True

    def begin(self, manifest: Manifest) -> None:
        """Make the folder, if there is nothing in the data folder yet.

        Raises:
            InputError: ``E-RESTORE-FOLDER``.
        """
        allowed = _NOTHING | {self.keys.name}
        if found := sorted({one.name for one in self.data.iterdir()} - allowed):
            raise _not_empty(self.data, found[0])
        self.folder.mkdir(mode=0o700)
        (self.folder / "attachments").mkdir(mode=0o700)

    def file(self, name: str) -> Path:
        """Where a file of the data folder is made."""
        return self.folder / name

    def attachment(self, sha256: str) -> Path:
        """Where an attachment is made."""
        return placing.attachment(self.folder, sha256)

    def write(self, target: Path, pieces: Iterable[bytes]) -> str:
        """Write a file, readable by its owner alone, force it to the disk and return its SHA-256."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = hashlib.sha256()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(target, flags, 0o600), "w+b") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)  # what is told is what was written, not what was meant
            while piece := file.read(2**20):
                digest.update(piece)
        return digest.hexdigest()

    def settle(self, path: Path) -> None:
        """Force a file that somebody else wrote to the disk."""
        path.chmod(0o600)
        with path.open("rb+") as file:
            os.fsync(file.fileno())

    def ready(self, database: str) -> None:
        """Say that everything is there and only has to be moved."""
        for folder, _, _ in os.walk(self.folder):
            placing.settle(Path(folder))
        names = [one.name for one in self.folder.iterdir() if one.name not in {_LAST, _KEYS, database}]
        order = [*sorted(names), *filter(None, (database,))]
        mark = json.dumps({"digest": self.digest, "names": order}).encode()
        with placing.replacing(self.folder / _MARK) as file:
            file.write(mark)

    def move(self) -> None:
        """Give everything its name; what has it already stays.

        Raises:
            InputError: ``E-RESTORE-FOLDER`` somebody has put another thing there.
        """
        told = json.loads((self.folder / _MARK).read_text(encoding="utf-8"))
        self._place_keys()
        for name in (*told["names"], _LAST):
            source, target = self.folder / name, self.data / name
            if source.exists():
                if target.exists():
                    raise _not_empty(self.data, name)
                source.rename(target)
        placing.settle(self.data)
        self.forget()

    def forget(self) -> None:
        """Remove the folder with what is left in it; the mark goes last."""
        if self.folder.exists():
            for one in self.folder.iterdir():
                if one.is_dir():
                    shutil.rmtree(one)
                elif one.name != _MARK:
                    one.unlink()
            shutil.rmtree(self.folder)

    def _place_keys(self) -> None:
        source = self.folder / _KEYS
        if source.exists() and not self.keys.exists():
            with placing.replacing(self.keys) as file:
                file.write(source.read_bytes())


def _not_empty(folder: Path, name: str) -> InputError:
    return InputError(
        "The data folder is not empty: it has {name}.",
        hint="Restore into a new folder: set TAIZHANG_DATA to one that does not exist yet.",
        zh="数据目录不是空的（已有 {name}）；请恢复到新的文件夹：将 TAIZHANG_DATA 设为尚不存在的目录。",
        code="E-RESTORE-FOLDER",
        where=str(folder),
        name=name,
    )
