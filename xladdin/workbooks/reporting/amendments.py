"""Commissions that were amended: their figures by time, and the tiers, for the twins of the log."""

from __future__ import annotations

from typing import Final

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from xladdin.checking.checks_sheet import Check
from xladdin.terms.fields import FRACTION
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.reporting.programme import STAGE_BEGINS, Amended, Programme, by_stage
from xladdin.workbooks.terms_sheet import FORMATS

TITLE: Final = "Commissions"
BY_DATE: Final = "Deal_by_date"
STAGE_DAYS: Final = "Stage_days"
"""Names of the deal without a day, and of a day of each time."""

_MINE, _INSTALLED, _ASKED, _SOURCES = (
    *("Figures of the deal", "The same, as installed"),
    *("The deal that these are asked of", "Sources"),
)
_BLOCKS: Final = (_MINE, _INSTALLED, _ASKED, _SOURCES)
_FIRST: Final = 6
_WIDTH: Final = 24
_WRAPPED: Final = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)


def terms_of_day(stage: str, key: str) -> str:
    """Name an agreement as it stands in a time, for the terms of a function.

    Args:
        stage: Reference to the number of the time.
        key: Formula of the agreement's key.
    """
    return f'{BY_DATE}&"@"&INDEX({STAGE_DAYS},{stage})&"/"&{key}'


def write_amendments(book: Book, programme: Programme) -> None:
    """Write the sheet of a deal whose commissions were amended; nothing for any other.

    Args:
        book: The workbook.
        programme: The deal's agreements.
    """
    amended = programme.amended
    if not amended:
        return
    sheet = book.sheet(TITLE, (16, 16, *[_WIDTH] * max(3, len(amended))))
    sheet.title(
        TITLE,
        "What amendments changed in the commissions, from each day on, beside the same figure of "
        "the terms installed. A sale bears the commission of its own day, with the tiers of that "
        "day for what was sold before, too. All other figures are on the sheet Terms.",
        5,
    )
    sheet.put("A4", "Deal", styles.TEXT)
    sheet.formula("B4", 'IFERROR(LEFT(Deal,FIND("@",Deal)-1),Deal)')
    sheet.note("C4", "The deal, as commissions take it: each on a day of its own.", 3)
    book.name(BY_DATE, sheet, "B4")
    row, blocks = _FIRST, list[tuple[int, int]]()
    for heading in _BLOCKS:
        blocks.append(_write_block(sheet, row, heading, programme))
        row = blocks[-1][1] + 2
    (first, end), (installed, installed_end), *_ = blocks
    book.name(STAGE_BEGINS, sheet, f"A{first}:A{end}")
    book.name(STAGE_DAYS, sheet, f"B{first}:B{end}")
    for column, one in enumerate(amended, 3):
        letter = get_column_letter(column)
        book.name(by_stage(one.figure.name), sheet, f"{letter}{first}:{letter}{end}")
    right = get_column_letter(2 + len(amended))
    mine, theirs = (
        f"'{TITLE}'!C{top}:{right}{bottom}"
        for top, bottom in ((first, end), (installed, installed_end))
    )
    book.checks.append(
        Check(
            "Figures of commissions by day that are not the terms installed",
            f"SUMPRODUCT(({mine}-{theirs})*({mine}-{theirs}))",
            0,
            "",
            1e-18,
            "DEAL_TERM on each day",
        )
    )


def _write_block(sheet: Sheet, row: int, heading: str, programme: Programme) -> tuple[int, int]:
    """Write a figure of each time, its installed value or its source; return its rows."""
    amended = programme.amended
    sheet.put(f"A{row}", heading, styles.HEADING)
    row += 1
    units = ["per cent" if one.figure.unit == FRACTION else one.figure.unit for one in amended]
    words = [f"{one.figure.name}, {unit}" for one, unit in zip(amended, units, strict=True)]
    sheet.headers(row, ("From, day", "As of, day", *words))
    sheet.worksheet.row_dimensions[row].height = 42
    first = row + 1
    for at, stage in enumerate(programme.stages):
        row += 1
        sheet.put(f"A{row}", stage.begins or 0, styles.TERM, styles.DATE)
        sheet.put(f"B{row}", stage.day, styles.TERM, styles.DATE)
        if heading == _SOURCES:
            sheet.fit(row, [(one.sources[at], _WIDTH - 2) for one in amended])
        for column, one in enumerate(amended, 3):
            cell = f"{get_column_letter(column)}{row}"
            number_format = FORMATS.get(one.figure.unit, styles.GENERAL)
            if heading == _MINE:
                sheet.put(cell, one.values[at], styles.TERM, number_format)
            elif heading == _INSTALLED:
                # Of the block after this one: its rows, two headings and an empty row further down.
                asked = f"{get_column_letter(column)}{row + len(programme.stages) + 3}"
                sheet.formula(cell, _installed(one, asked), styles.RESULT, number_format)
            elif heading == _ASKED:
                own = f'&"/{one.key}"' if one.key else ""
                sheet.formula(cell, f'{BY_DATE}&"@"&$B{row}{own}')
                sheet.align(cell, _WRAPPED)
            else:
                sheet.put(cell, one.sources[at], styles.RESULT)
                sheet.align(cell, _WRAPPED)
    return first, row


def _installed(one: Amended, terms: str) -> str:
    name = one.figure.name
    if one.key:
        # What is agreement_2.rate here is the rate of the agreement that terms name.
        name = f"agreement.{name.partition('.')[2]}"
    return f'DEAL_TERM("{name}",{terms})'
