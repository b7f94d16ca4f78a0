"""The parts of a workbook as openpyxl writes them, and what it leaves to be put right."""

from __future__ import annotations

import gc
import re
import sys
import traceback
from pathlib import Path
from typing import Final

from lxml.etree import SerialisationError
from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from xladdin.errors import FileError

_INLINE: Final = re.compile(rb"<is>.*?</is>", re.DOTALL)

_INLINE_ESCAPE: Final = re.compile(rb"_(?=x[0-9A-Fa-f]{4}_)|&#13;|&#xD;")
"""Text that looks like an escape in a cell, and a carriage return, which needs one."""

_SHEETS: Final = "xl/worksheets/"


class _Parts(dict[str, bytes]):
    """Parts by name, with the methods of a zip archive that openpyxl writes them with."""

    def writestr(self, name: str, content: str | bytes) -> None:
        self[name] = content.encode() if isinstance(content, str) else content

    def write(self, path: str, name: str) -> None:
        self[name] = Path(path).read_bytes()

    def namelist(self) -> list[str]:
        return list(self)

    def close(self) -> None:
        pass


class NoRoomError(FileError):
    """There is no room or no folder for the temporary files of a workbook."""


def parts_of(workbook: Workbook, path: Path | str = "workbook") -> dict[str, bytes]:
    """Write a workbook into memory.

    Text that looks like an escape in a cell is escaped, which openpyxl does not do: spreadsheet
    programs read ``_x003D_`` in a cell's text as an equals sign.

    Args:
        workbook: The workbook.
        path: Its name in messages.

    Returns:
        Its parts by name.

    Raises:
        NoRoomError: There is no room or no folder for openpyxl's temporary files.
    """
    parts = _Parts()
    try:
        ExcelWriter(workbook, parts).save()
    except (OSError, SerialisationError) as error:  # openpyxl writes its sheets to the disk first
        # Writers that are open would try once more when they are done away with, and print that.
        hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
        try:
            traceback.clear_frames(error.__traceback__)
            gc.collect()  # each holds itself
        finally:
            sys.unraisablehook = hook
        raise NoRoomError(
            path,
            "it could not be made: no room for temporary files, or no folder",
            "make room, or set TMPDIR to a folder on another disk",
        ) from None
    return {
        name: _INLINE.sub(_escaped, content) if name.startswith(_SHEETS) else content
        for name, content in parts.items()
    }


def _escaped(match: re.Match[bytes]) -> bytes:
    return _INLINE_ESCAPE.sub(
        lambda found: b"_x005F_" if found[0] == b"_" else b"_x000D_", match[0]
    )
