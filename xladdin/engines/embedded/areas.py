"""References as areas of cells."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from xladdin.xlsx.formula_cells import KEPT
from xladdin.xlsx.workbook_part import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    area_of,
    column_letters,
    column_number,
)

MOST_CELLS: Final = 1 << 24
"""Cells of a range for which the engine is proved: 16 whole columns."""


@lru_cache(maxsize=KEPT)
def too_large(text: str) -> bool:
    """Whether a range has more cells than the engine takes; it cuts whole columns and rows."""
    area, first = area_from(text), text.replace("$", "").partition(":")[0]
    if area is None or first.isalpha() or first.isdecimal():
        return False
    return math.prod(area.shape) > MOST_CELLS


@lru_cache(maxsize=KEPT)
def area_from(text: str) -> Area | None:
    """Read a reference, whole columns and rows included; None if it is none."""
    first, colon, last = text.replace("$", "").upper().partition(":")
    try:
        if colon and first.isalpha() and last.isalpha():
            left, right = sorted((column_number(first), column_number(last)))
            return Area(1, left, LAST_ROW, right) if right <= LAST_COLUMN else None
        if colon and first.isdecimal() and last.isdecimal():
            top, bottom = sorted((int(first), int(last)))
            return Area(top, 1, bottom, LAST_COLUMN) if top >= 1 and bottom <= LAST_ROW else None
        return area_of(text)
    except ValueError:
        return None


def intersection(text: str, row: int, column: int) -> str:
    """Return the cell of a range that is in line with a formula's cell; #VALUE! without one."""
    area = area_from(text)
    if area is not None:
        if area.first_column == area.last_column and area.first_row <= row <= area.last_row:
            return f"{column_letters(area.first_column)}{row}"
        if area.first_row == area.last_row and area.first_column <= column <= area.last_column:
            return f"{column_letters(column)}{area.first_row}"
    return "#VALUE!"
