"""Every template as written for some deals, and the measures of its sheets."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, Final

import pytest
from draws import first
from openpyxl.utils import get_column_letter
from paths import DATA
from templates import LINES, OF_2001, OFFERINGS

from xladdin.building.render import TEMPLATES, write
from xladdin.terms import read_terms, select
from xladdin.terms.store import offer

LINE: Final = DATA / "LINE-2023.toml"
MERIDIAN: Final = DATA / "MERIDIAN-2024.toml"
POOLED: Final = DATA / "POOLED-2024.toml"
HALCYON: Final = DATA / "HALCYON-2024.toml"
REPORTED: Final = (
    "NEOT-2001",
    "CDIO-2023",
    "CGTX-2022",
    "CANOO-2022",
    "CIK886128-SHARES",
    "POOLED-2024",
)
"""Deals whose sales are reported by period."""
BOOKS: Final = (
    *((name, "NEOT-2001") for name in OF_2001),
    *((name, "HALCYON-2024") for name in TEMPLATES),
    *first(("captable", deal) for deal in ("CDIO-2023", "CANOO-2022")),
    *first(("equityline", deal) for deal in (*LINES, "LINE-2023")),
    *first(("reporting", deal) for deal in reversed(REPORTED) if deal != "NEOT-2001"),
    *first(("offering", deal) for deal in OFFERINGS),
    *(pytest.param((name, "MERIDIAN-2024"), marks=pytest.mark.long) for name in OF_2001),
)
"""Templates and deals: an ordinary run looks at some of each."""
HIDDEN: Final = "_xladdin"

COLUMN: Final = 8.43
"""Characters of a column without a width of its own."""

ROW: Final = 15.0
"""Points of a row without a height of its own."""


@functools.cache
def book(name: str, deal: str) -> Any:
    for path in (LINE, MERIDIAN, POOLED, HALCYON):
        offer(read_terms(path), path)
    return write(name, select(deal)).workbook


def sheets(name: str, deal: str) -> list[Any]:
    return [sheet for sheet in book(name, deal).worksheets if sheet.title != HIDDEN]


def cells(sheet: Any) -> Iterator[Any]:
    for row in sheet.iter_rows():
        yield from (cell for cell in row if cell.value is not None)


def width(sheet: Any, column: int) -> float:
    """A column's width in pixels."""
    found = sheet.column_dimensions.get(get_column_letter(column))
    return (found.width if found is not None and found.width else COLUMN) * 7 + 5


def height(sheet: Any, row: int) -> float:
    """A row's height in pixels."""
    found = sheet.row_dimensions.get(row)
    return (found.height if found is not None and found.height else ROW) * 96 / 72
