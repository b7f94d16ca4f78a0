"""Sheets that a table fills from row 4 on: title, units above the headings, frozen headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from xladdin.checking.checks_sheet import REMARK
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Sheet
from xladdin.workbooks.layout.table import Column, Placed, watch_around
from xladdin.xlsx.workbook_part import LAST_ROW

HEADER_ROW: Final = 4
"""Row of the headings: so that at least 15 rows show below them on a laptop."""

_UNITS_ROW: Final = HEADER_ROW - 1
_UNITS_HEIGHT: Final = 27
"""Points: a remark beside the units may have two lines."""
_SMALLER: Final = 1.2
"""Room that units have in a column, for each of a text's letters in its cells."""
_CENTRED: Final = Alignment(horizontal="center", vertical="bottom", wrap_text=True)
_WRAPPED: Final = Alignment(horizontal="left", vertical="center", wrap_text=True)
_NOTE_WIDTH: Final = 120
"""Characters of the note below the title: as wide as a page's columns."""

_SPLIT: Final = ("shares", "USD a share", "warrants")
"""Units that a split changes."""

_OF_SPLITS: Final = re.compile(r"(?<=^shares) |(?<=^USD a share) |(?<=^warrants) ")
"""The space between such a unit and the words that say which shares it is in."""

_IN_SHARES: Final = ("shares", "counted", "securities")
"""Words of headings of counts of shares."""

_BY_FORMAT: Final[Mapping[str, str]] = {
    styles.USD: "USD",
    styles.USD_FINE: "USD",
    styles.PRICE: "USD a share",
    styles.QUOTE: "USD a share",
    styles.DATE: "day",
    styles.PERCENT: "per cent",
}
"""Units of columns, by their number format."""


def write_units(
    sheet: Sheet,
    placed: Placed,
    units: Mapping[str, str],
    basis: Callable[[str], str] | None = None,
) -> None:
    """Write the units of a table's columns above their headings, in a row high enough for them.

    Args:
        sheet: The sheet.
        placed: The table.
        units: Units by heading, where they do not follow from number format or heading.
        basis: Gives the words behind a unit that a split changes, by heading.
    """
    row, texts = placed.first_row - 1, [("", 1.0)]
    for number, column in enumerate(placed.columns, 1):
        unit = units.get(column.header, _unit_of(column))
        if unit in _SPLIT and basis:
            unit += basis(column.header)
        # What a split changes stands on a line of its own, apart from the units beside it.
        unit = _OF_SPLITS.sub("\n", unit)
        if unit:
            cell = sheet.put(f"{get_column_letter(number)}{row}", unit, styles.NOTE)
            cell.alignment = _CENTRED
            texts.append((unit, column.width * _SMALLER))
    sheet.fit(row, texts)
    rows = sheet.worksheet.row_dimensions
    rows[row].height = max(_UNITS_HEIGHT, rows[row].height)


def _unit_of(column: Column) -> str:
    words = column.header.casefold()
    if column.format == styles.COUNT:
        if any(word in words for word in _IN_SHARES):
            return "shares"
        return "warrants" if "warrants" in words else ""
    return _BY_FORMAT.get(column.format, "")


def print_without_checks(sheet: Sheet, placed: Placed, last: str = "") -> None:
    """Let a sheet print a table's columns up to its plain-Excel checks.

    These stay on the screen: with all of them on one page, nothing could be read on paper.

    Args:
        sheet: The sheet.
        placed: The table.
        last: Letter of the last column; of the one before the first check if empty.
    """
    if not last:
        checks = (at for at, column in enumerate(placed.columns) if column.style == styles.TWIN)
        last = get_column_letter(next(checks))
    # Whole columns, so that the rows printed grow with the table.
    sheet.worksheet.print_area = f"A1:{last}{LAST_ROW}"


def finish_sheet(
    sheet: Sheet,
    placed: Placed,
    table: str,
    title: str,
    note: str,
    units: Mapping[str, str],
    *,
    frozen: int,
    basis: Callable[[str], str] | None = None,
) -> None:
    """Finish a sheet that a table fills: what stands above it, its units, and what is frozen.

    Args:
        sheet: The sheet.
        placed: The table.
        table: Its name.
        title: The sheet's title.
        note: What it is for.
        units: Units of columns, by heading, where their number format does not show it.
        frozen: Number of columns that stay in sight.
        basis: See `write_units`.
    """
    width, columns = 0.0, 0
    for column in placed.columns:
        # Not beyond what is printed: see `print_without_checks`.
        if width >= _NOTE_WIDTH or column.style == styles.TWIN:
            break
        width += column.width
        columns += 1
    sheet.title(title, note, columns)
    write_units(sheet, placed, units, basis)
    sheet.worksheet.freeze_panes = f"{get_column_letter(frozen + 1)}{HEADER_ROW + 1}"
    sheet.print_titles(f"{HEADER_ROW - 1}:{HEADER_ROW}")
    print_without_checks(sheet, placed)
    remark = next(at for at, one in enumerate(placed.columns, 1) if one.header == REMARK)
    notice = f"{get_column_letter(remark)}{_UNITS_ROW}"
    watch_around(sheet, placed, table, notice)
    for number, column in enumerate(placed.columns, 1):
        if column.header == "Agrees":
            sheet.flag_false(placed.rows_of(get_column_letter(number)))
    sheet.at(notice).alignment = _WRAPPED
