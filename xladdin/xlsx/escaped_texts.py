"""Escapes in the texts of cells, which openpyxl does not write."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from xladdin.xlsx.cell_scanner import Place as Place
from xladdin.xlsx.package import Package, replace_parts

_INLINE: Final = re.compile(rb"<is>.*?</is>", re.DOTALL)

_INLINE_ESCAPE: Final = re.compile(rb"_(?=x[0-9A-Fa-f]{4}_)|&#13;|&#xD;")
"""Text that looks like an escape in a cell, and a carriage return, which needs one."""


def escaped_texts(data: bytes, path: Path | str = "workbook") -> bytes:
    """Escape text that looks like an escape in cells, which openpyxl does not do.

    Spreadsheet programs read ``_x003D_`` in a cell's text as an equals sign.

    Args:
        data: A workbook, as openpyxl writes it: with the texts in the cells.
        path: Its name in messages.

    Returns:
        The workbook; the very same bytes if no text needs it.
    """
    package = Package(data, path)
    parts = {
        name: _INLINE.sub(_escaped_inline, content)
        for name in package.names
        if name.startswith("xl/worksheets/")
        and _INLINE_ESCAPE.search(content := package.read(name)) is not None
    }
    return replace_parts(data, parts, path) if parts else data


def _escaped_inline(match: re.Match[bytes]) -> bytes:
    return _INLINE_ESCAPE.sub(
        lambda found: b"_x005F_" if found[0] == b"_" else b"_x000D_", match[0]
    )
