"""Sheets that a table fills from row 4 on: title, units above the headings, frozen headings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Sheet
from xladdin.workbooks.layout.table import Placed, watch_around
from xladdin.xlsx.workbook_part import LAST_ROW

HEADER_ROW: Final = 4
"""Row of the headings: so that at least 15 rows show below them on a laptop."""

_UNITS_ROW: Final = HEADER_ROW - 1
_CENTRED: Final = Alignment(horizontal="center", vertical="bottom", wrap_text=True)
_NOTE_WIDTH: Final = 120
"""Characters of the note below the title: as wide as a page's columns."""

_BY_FORMAT: Final[Mapping[str, str]] = {
    styles.USD: "USD",
    styles.USD_FINE: "USD",
    styles.PRICE: "USD a share",
    styles.QUOTE: "USD a share",
    styles.COUNT: "number",
    styles.DATE: "day",
    styles.PERCENT: "per cent",
}
"""Units of columns, by their number format."""


def finish_sheet(
    sheet: Sheet,
    placed: Placed,
    table: str,
    title: str,
    note: str,
    units: Mapping[str, str],
    *,
    frozen: int,
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
    """
    width, columns = 0.0, 0
    for column in placed.columns:
        if width >= _NOTE_WIDTH:
            break
        width += column.width
        columns += 1
    sheet.title(title, note, columns)
    for number, column in enumerate(placed.columns, 1):
        unit = units.get(column.header, _BY_FORMAT.get(column.format, ""))
        if unit:
            cell = sheet.put(f"{get_column_letter(number)}{_UNITS_ROW}", unit, styles.NOTE)
            cell.alignment = _CENTRED
    sheet.worksheet.freeze_panes = f"{get_column_letter(frozen + 1)}{HEADER_ROW + 1}"
    sheet.print_titles(f"{HEADER_ROW - 1}:{HEADER_ROW}")
    # Whole columns, so that the rows printed grow with the table. The plain-Excel checks stay on
    # the screen: with them, nothing could be read on paper.
    shown = next(at for at, column in enumerate(placed.columns) if column.style == styles.TWIN)
    sheet.worksheet.print_area = f"A1:{get_column_letter(shown)}{LAST_ROW}"
    watch_around(sheet, placed, table, f"A{HEADER_ROW - 1}")
