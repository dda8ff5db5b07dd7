"""One queue of writers for an installation, in the order in which they came.

SQLite lets one writer in at a time and lets the others try again at random, so that a busy hour
starves some of them.  Here writers of a process wait in line, and processes of one installation wait
for a lock on a file beside the database.  PostgreSQL needs neither.

Reads from: ``settings``.  Read by: ``journal``.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: one process serves, and SQLite's own waiting does for commands beside it
    fcntl = None  # type: ignore[assignment]

__all__ = ["WriterQueue", "waiting_in_line"]


class WriterQueue:
    """First come, first served, among the threads of a process; a thread may enter again.

    >>> queue = WriterQueue()
    >>> with queue.turn(), queue.turn():
    ...     "inside"
    'inside'
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._owner: int | None = None
        self._depth = 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait in line, and let the next one in at the end."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @property
    def depth(self) -> int:
        """How often the owner has entered."""
        return self._depth

    def _enter(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._owner == me:
                self._depth += 1
                return
            if self._owner is None:
                self._owner, self._depth = me, 1
                return
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait()
        with self._guard:  # the one before has handed the turn over: nobody can have come between
            self._owner, self._depth = me, 1

    def _leave(self) -> None:
        with self._guard:
            self._depth -= 1
            if self._depth:
                return
            if self._waiting:
                self._owner = -1  # nobody yet, but taken
                self._waiting.popleft().set()
            else:
                self._owner = None


_QUEUE = WriterQueue()


@contextmanager
def waiting_in_line(folder: Path | None) -> Iterator[None]:
    """Wait for the turn of this process, then for that of this thread.

    Args:
        folder: Where the installation keeps its database; ``None`` where the database has a queue.
    """
    if folder is None:
        yield
        return
    with _QUEUE.turn():
        if _QUEUE.depth > 1 or fcntl is None:
            yield
            return
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "writing.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield
            finally:  # said, not left to the closing: a process forked off meanwhile has the file open too
                fcntl.flock(lock, fcntl.LOCK_UN)
