"""The Windows sheet of floating.xlsx: the sessions of each window, one by one, in plain Excel."""

from __future__ import annotations

from typing import Final

from xladdin.functions.twins import CLOSURES
from xladdin.terms.model import Debentures
from xladdin.workbooks.floating.quotations import (
    DAY,
    FALLS,
    INITIAL_SESSIONS,
    ISSUE_DAY,
    LOOKBACK_SESSIONS,
    TABLE,
    VALUE,
    looked_back_at,
)
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.table import whole
from xladdin.workbooks.terms_sheet import splits_after

TITLE: Final = "Windows"

INITIAL_VALUES: Final = "Initial_values"
INITIAL_MISSING: Final = "Initial_missing"
LOOKBACK_MISSING: Final = "Lookback_missing"
FIRST_MISSING: Final = "First_missing"
FLOATING_COUNTS: Final = "Floating_counts"

_HEADER_ROW: Final = 4
_FIRST: Final = _HEADER_ROW + 1


def lowest_bids(fall: int) -> str:
    """Name the range of the lowest bids had the price fallen by so many per cent."""
    return f"Lowest_bids_less_{fall}" if fall else "Lowest_bids"


def write_windows(book: Book) -> None:
    """Write the sheet; formulas on the Quotes and Debentures sheets refer to it by names.

    Args:
        book: The workbook, of a deal that has debentures.
    """
    debentures = book.selection.terms.debentures
    assert debentures is not None
    sheet = book.sheet(
        TITLE, (8, 14, 8, 14, 3, 8, 14, 8, 14, 11, 11, 11, 3, 8, 11, 11, 11, 11, 3, 30, 14)
    )
    sheet.title(
        TITLE,
        "The plain-Excel twins of the conversion price: each session of both windows, counted with "
        "WORKDAY, the number of quotations of that day, and what the window looks at. A session "
        "without a closing bid shows a dash, and the price waits for it. Quotations of other days "
        "are left aside.",
        21,
    )
    sheet.put("T3", "What the windows wait for", styles.HEADING)
    _write_initial(book, sheet, debentures.initial_sessions)
    _write_lookback(book, sheet, debentures)
    _write_lowest(book, sheet, debentures)
    first = f"IF({INITIAL_MISSING}>0,U7,IF({LOOKBACK_MISSING}>0,U10,0))"
    sheet.put("T11", "First session that is missing", styles.TEXT)
    sheet.formula("U11", first, styles.TWIN, styles.DATE)
    book.name(FIRST_MISSING, sheet, "U11")
    sheet.worksheet.freeze_panes = f"A{_FIRST}"
    sheet.print_titles(f"{_HEADER_ROW}:{_HEADER_ROW}")


def _write_initial(book: Book, sheet: Sheet, count: int) -> None:
    last = _HEADER_ROW + count
    sheet.put("A3", "Before issuance", styles.HEADING)
    _headers(sheet, "ABCD", ("No", "Session", "Rows", "Market value"))
    for row in range(_FIRST, last + 1):
        sheet.put(f"A{row}", row - last - 1, styles.TWIN)
        session = f"IF({ISSUE_DAY}=0,0,WORKDAY({ISSUE_DAY},A{row},{CLOSURES}))"
        sheet.formula(f"B{row}", session, styles.TWIN, styles.DATE)
        _write_found(book, sheet, row, "BCD", VALUE)
    _write_missing(book, sheet, 6, ("before issuance", "BD"), last, INITIAL_MISSING, "")
    sheet.put("T5", "Issued", styles.TEXT)
    issued = "IF(ISNUMBER(Issue_date),INT(Issue_date),0)"
    sheet.formula("U5", issued, styles.TWIN, styles.DATE)
    book.name(ISSUE_DAY, sheet, "U5")
    book.name(INITIAL_SESSIONS, sheet, f"B{_FIRST}:B{last}")
    book.name(INITIAL_VALUES, sheet, f"D{_FIRST}:D{last}")


def _write_lookback(book: Book, sheet: Sheet, debentures: Debentures) -> None:
    last = _HEADER_ROW + debentures.lookback_sessions
    sheet.put("F3", "Before conversion", styles.HEADING)
    bids = looked_back_at(debentures)
    falls = [f"Less {fall}%" for fall in FALLS[1:]]
    _headers(sheet, "FGHIJKL", ("No", "Session", "Rows", bids, *falls))
    for row in range(_FIRST, last + 1):
        sheet.put(f"F{row}", row - last - 1, styles.TWIN)
        session = f"IF({FLOATING_COUNTS},WORKDAY(INT(Conversion_date),F{row},{CLOSURES}),0)"
        sheet.formula(f"G{row}", session, styles.TWIN, styles.DATE)
        _write_found(book, sheet, row, "GHI", bids)
        for letter, fall in zip("JKL", FALLS[1:], strict=True):
            fallen = f"$I{row}*IF($G{row}<{ISSUE_DAY},1,1-{fall}%)"
            sheet.formula(f"{letter}{row}", fallen, styles.TWIN, styles.PRICE)
    window = ("before conversion", "GI")
    _write_missing(book, sheet, 9, window, last, LOOKBACK_MISSING, FLOATING_COUNTS)
    book.name(LOOKBACK_SESSIONS, sheet, f"G{_FIRST}:G{last}")
    days = "INT(Conversion_date)-INT(Issue_date)"
    counts = f"IF(COUNT(Issue_date,Conversion_date)=2,{days}>debentures.floating_after_days,FALSE)"
    sheet.put("T8", "The window before conversion counts", styles.TEXT)
    sheet.formula("U8", counts, styles.TWIN, styles.FLAG)
    book.name(FLOATING_COUNTS, sheet, "U8")


def _write_lowest(book: Book, sheet: Sheet, debentures: Debentures) -> None:
    last_session = _HEADER_ROW + debentures.lookback_sessions
    last = _HEADER_ROW + debentures.lowest_bids
    sheet.put("N3", "The lowest of the second window", styles.HEADING)
    _headers(sheet, "NOPQR", ("Rank", "Lowest", *(f"Less {fall}%" for fall in FALLS[1:])))
    for row in range(_FIRST, last + 1):
        sheet.put(f"N{row}", row - _HEADER_ROW, styles.TWIN)
        for letter, source in zip("OPQR", "IJKL", strict=True):
            window = f"{source}${_FIRST}:{source}${last_session}"
            # A window without all its figures has no lowest ones: Excel gives the error of one of
            # them, which of them no engine is proved to know.
            lowest = f"IF(COUNT({window})<ROWS({window}),NA(),SMALL({window},$N{row}))"
            sheet.formula(f"{letter}{row}", lowest, styles.TWIN, styles.PRICE)
    for letter, fall in zip("OPQR", FALLS, strict=True):
        book.name(lowest_bids(fall), sheet, f"{letter}{_FIRST}:{letter}{last}")


def _headers(sheet: Sheet, letters: str, headers: tuple[str, ...]) -> None:
    for letter, header in zip(letters, headers, strict=True):
        sheet.put(f"{letter}{_HEADER_ROW}", header, styles.TWIN_HEADER)


def _write_found(book: Book, sheet: Sheet, row: int, letters: str, column: str) -> None:
    """Write how many quotations a session has and, where it is one, the figure of that column.

    Quotations are as traded: those from before a split of the deal are carried over it.
    """
    session, rows, found = (f"{letter}{row}" for letter in letters)
    days = whole(TABLE, DAY)
    counted = f"IF({session}=0,0,COUNTIF({days},{session}))"
    sheet.formula(rows, counted, styles.TWIN, styles.COUNT)
    selection = book.selection
    carried = f"*{splits_after(selection, session)}" if selection.splits_of_quotes else ""
    one = f"INDEX({whole(TABLE, column)},MATCH({session},{days},0)){carried}"
    figure = f"IF({rows}=1,{one},IF({rows}=0,0,NA()))"
    sheet.formula(found, figure, styles.TWIN, styles.QUOTE)


def _write_missing(
    book: Book, sheet: Sheet, row: int, window: tuple[str, str], last: int, name: str, counts: str
) -> None:
    """Write how many sessions of a window have no figure, and which is the first of them.

    Args:
        book: The workbook.
        sheet: The sheet.
        row: Row beside the windows to begin in.
        window: The window in words, and the letters of its sessions and figures.
        last: Row of its last session.
        name: Name of the count.
        counts: Condition under which the window counts; always if empty.
    """
    words, letters = window
    place, found = tuple(letters)
    figures = f"{found}{_FIRST}:{found}{last}"
    missing = f"COUNTIF({figures},0)"
    sheet.put(f"T{row}", f"Missing {words}", styles.TEXT)
    formula = f"IF({counts},{missing},0)" if counts else missing
    sheet.formula(f"U{row}", formula, styles.TWIN, styles.COUNT)
    book.name(name, sheet, f"U{row}")
    sheet.put(f"T{row + 1}", f"First missing {words}", styles.TEXT)
    sessions = f"{place}{_FIRST}:{place}{last}"
    first = f"IF(U{row}>0,INDEX({sessions},MATCH(0,{figures},0)),0)"
    sheet.formula(f"U{row + 1}", first, styles.TWIN, styles.DATE)
