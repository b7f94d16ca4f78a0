"""A pause of Python's garbage collector while many cells are processed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Suspend the garbage collector, in a ``with`` statement or for a whole function.

    It would look through a million cells again and again, and there are no cycles among them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
