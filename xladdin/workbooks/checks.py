"""The sheet Checks as a workbook gets it: its lines, whether all hold, and the warnings."""

from __future__ import annotations

from typing import Final

from openpyxl.styles import Alignment

from xladdin.checking import checks_sheet
from xladdin.checking.checks_sheet import FIRST_ROW, Check
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet

_TO_THE_RIGHT: Final = Alignment("right", "center", shrink_to_fit=True)
_APART: Final = Alignment("left", "center", indent=1)
_WRAPPED: Final = Alignment("left", "center", wrap_text=True)


def write_checks(book: Book) -> None:
    """Write every reconciliation, the cell that is TRUE where all hold, and that of the warnings.

    Args:
        book: The workbook, its other sheets written.
    """
    lines = [*book.failures, *book.warnings]
    what = styles.width_for((line.what for line in lines), 54, 80)
    against = styles.width_for((line.source for line in lines), 32, 72)
    sheet = book.sheet(checks_sheet.TITLE, (what, 20, 20, 14, 12, 9, 11, against))
    sheet.title(
        checks_sheet.TITLE,
        "Each line judges what was entered, or compares a figure with its plain-Excel twin, with a "
        "figure that the document prints, or with the terms installed. A line that cannot be "
        "worked out does not hold. The cell named Checks_OK is TRUE only if no failure stands "
        "here; warnings, counted in Checks_Warnings, are odd and may be right.",
        len(checks_sheet.HEADINGS),
    )
    last = FIRST_ROW + len(book.failures) - 1
    sheet.put("A4", "All checks hold", styles.HEADING)
    sheet.formula("B4", checks_sheet.all_hold(last), number_format=styles.FLAG)
    sheet.centre("B4")
    book.name(checks_sheet.OK_NAME, sheet, "B4")
    sheet.put("C4", "Warnings", styles.HEADING)
    sheet.align("C4", _APART)
    warned = f"SUM(B{last + 1}:B{last + len(book.warnings)})" if book.warnings else "0"
    sheet.formula("D4", warned, number_format="0_)")
    book.name(checks_sheet.WARNINGS_NAME, sheet, "D4")
    sheet.headers(FIRST_ROW - 1, checks_sheet.HEADINGS)
    for row, check in enumerate(book.failures, FIRST_ROW):
        _write_check(sheet, row, check, checks_sheet.MUST_HOLD)
        sheet.fit(row, [(check.what, what), (check.source, against)])
    for row, check in enumerate(book.warnings, last + 1):
        _write_check(sheet, row, check, checks_sheet.WARNING)
        sheet.fit(row, [(check.what, what), (check.source, against)])
    sheet.flag_false("B4")
    sheet.flag_false(f"F{FIRST_ROW}:F{last}")
    if book.warnings:
        sheet.flag_false(f"F{last + 1}:F{last + len(book.warnings)}", styles.PALE_AMBER)
    sheet.worksheet.freeze_panes = f"B{FIRST_ROW}"
    sheet.print_titles(f"{FIRST_ROW - 1}:{FIRST_ROW - 1}")


def _write_check(sheet: Sheet, row: int, check: Check, kind: str) -> None:
    """Write one line."""
    shown = styles.difference(check.tolerance)
    sheet.put(f"A{row}", check.what, styles.RESULT)
    sheet.formula(f"B{row}", check.computed, styles.RESULT, check.format)
    sheet.align(f"B{row}", _TO_THE_RIGHT)
    if isinstance(check.expected, str):
        sheet.formula(f"C{row}", check.expected, styles.TWIN, check.format)
    else:
        sheet.put(f"C{row}", check.expected, styles.TWIN, check.format)
    sheet.formula(f"D{row}", check.difference_in(row), styles.RESULT, shown)
    sheet.put(f"E{row}", check.tolerance, styles.RESULT, styles.SMALL)
    sheet.formula(f"F{row}", checks_sheet.holds_in(row), number_format=styles.FLAG)
    sheet.centre(f"F{row}")
    sheet.put(f"G{row}", kind, styles.RESULT)
    sheet.put(f"H{row}", check.source, styles.RESULT)
    for letter in "AH":
        sheet.align(f"{letter}{row}", _WRAPPED)
