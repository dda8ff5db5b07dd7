"""How much memory this program has had at most."""

from __future__ import annotations

import resource
from pathlib import Path

__all__ = ["peak_mib"]

_STATUS = Path("/proc/self/status")


def peak_mib() -> int:
    """Return the most memory that was resident since the program began, in MiB.

    What ``getrusage`` says is no less than what the program had that started it, so a small program that a
    large one starts looks large; Linux counts anew in ``VmHWM``.
    """
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    line = next(one for one in _STATUS.read_text(encoding="ascii").splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) >> 10
