"""The note that Windows makes of a file that came from the internet: its zone."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

_STREAM: Final = ":Zone.Identifier"
"""The stream of a file that holds the note."""


def is_marked(path: Path) -> bool:
    """Whether Windows has noted of a file that it came from the internet."""
    # On other systems this asks for a file of that odd name, and there is none.
    return os.path.exists(f"{path}{_STREAM}")  # noqa: PTH110  (a stream's name is not a path's)


def unmark(path: Path) -> None:
    """Take that note off a file: Excel would not run its macros."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(f"{path}{_STREAM}")  # noqa: PTH107
