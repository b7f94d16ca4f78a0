"""The mark of the web: a stream in which Windows stores that a file came from the internet."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

_STREAM: Final = ":Zone.Identifier"
"""Name of the stream."""


def is_marked(path: Path) -> bool:
    """Check whether Windows has marked a file as coming from the internet."""
    # On other systems this is a file of that odd name, which does not exist.
    return os.path.exists(f"{path}{_STREAM}")  # noqa: PTH110  (a stream's name is not a path's)


def unmark(path: Path) -> None:
    """Remove the mark from a file, whose macros Excel would not run otherwise."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(f"{path}{_STREAM}")  # noqa: PTH107
