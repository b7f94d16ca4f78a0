"""Archives whose bytes are the same wherever and whenever they are made."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

_UNIX: Final = 3
_PACKAGE: Final = Path(__file__).parents[1]

COMPUTING: Final = (
    "__init__.py",
    "_version.py",
    "calendars.py",
    "cells.py",
    "characters.py",
    "core/*.py",
    "errors.py",
    "files/*.py",
    "functions/*.py",
    "terms/*.py",
    "terms/deals/*.toml",
)
"""Files of the package with which the functions compute."""


def packaged(*others: str) -> Iterator[tuple[str, str]]:
    """Read the files of the package that compute, and others: path and text of each.

    They are read as text: a checkout on Windows has other line ends.
    """
    for pattern in (*COMPUTING, *others):
        for path in _PACKAGE.glob(pattern):
            yield path.relative_to(_PACKAGE).as_posix(), path.read_text(encoding="utf-8")


def entry(name: str, mode: int = 0o644) -> zipfile.ZipInfo:
    """Describe a file of an archive, without the time and the machine."""
    made = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    made.external_attr = (stat.S_IFREG | mode) << 16
    made.create_system = _UNIX
    return made


def archive(contents: Mapping[str, str], kind: int) -> bytes:
    """Pack texts by their names, compressed or not as `zipfile` has it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, text in sorted(contents.items()):
            packed.writestr(entry(name), text.encode(), kind)
    return out.getvalue()
