"""Long work without the search for cycles: millions of small objects are made, and few refer back.

Reads from: nothing of ours.  Read by: the rooms that read whole ledgers or compute over a whole city.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["no_search_for_cycles"]


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """Switch the search for unreachable cycles off for a while; it would look at every cell over and over."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
