"""Names of files: which are one file, and what a copy is called."""

from __future__ import annotations

import contextlib
import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from xladdin.errors import FileError

_LONGEST_NAME: Final = 255
"""Bytes of a file's name that most file systems take at most."""


def shortened(stem: str, tail: str) -> str:
    """Join a name's beginning and end, cutting the beginning to what a folder takes."""
    while len(os.fsencode(stem + tail)) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem + tail


def refuse_shared_targets(pairs: Iterable[tuple[Path, Path]]) -> None:
    """Refuse to begin where two sources would go to one target.

    Names that differ in case alone, or in how accents are composed, are one file on Windows and
    macOS, and are taken for one everywhere; files that are there and are to be replaced
    themselves are distinguished by the system.

    Args:
        pairs: Sources, each with its target.

    Raises:
        FileError: The second source of such a pair.
    """
    taken: dict[object, Path] = {}
    for source, target in pairs:
        key: object = name_key(target)
        if target == source:
            with contextlib.suppress(OSError):
                found = source.stat()
                key = (found.st_dev, found.st_ino)
        if key in taken:
            same = isinstance(key, tuple) or taken[key] == source
            reason = f"its new content and that of {taken[key]} would both go to {target}"
            if same:
                reason = f"it is the same file as {taken[key]}"
            raise FileError(source, reason, "nothing was written; give each file a name of its own")
        taken[key] = source


def name_key(path: Path) -> str:
    """Return what two paths have in common that some file system takes for one."""
    whole = os.path.realpath(path)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", whole).casefold())
