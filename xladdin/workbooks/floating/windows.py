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
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.table import whole
from xladdin.workbooks.terms_sheet import carries_quotations, splits_after

TITLE: Final = "Windows"

INITIAL_VALUES: Final = "Initial_values"
INITIAL_MISSING: Final = "Initial_missing"
LOOKBACK_MISSING: Final = "Lookback_missing"
FIRST_MISSING: Final = "First_missing"
FLOATING_COUNTS: Final = "Floating_counts"

_MISSING: Final = "Missing"
"""Heading of the columns that hold 1 where a session has no figure."""

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
        TITLE, (8, 14, 8, 14, 9, 6, 8, 14, 8, 14, 11, 11, 11, 9, 3, 8, 11, 11, 11, 11, 3, 30, 14)
    )
    sheet.title(
        TITLE,
        "The plain-Excel twins of the conversion price: each session of both windows, counted with "
        "WORKDAY, the number of quotations of that day, and what the window looks at. A session "
        "without a closing bid shows a dash, and the price waits for it. Quotations of other days "
        "are left aside. Bids and market values are in USD a share.",
        23,
    )
    sheet.put("V3", "What the windows wait for", styles.HEADING)
    _write_initial(book, sheet, debentures.initial_sessions)
    _write_lookback(book, sheet, debentures)
    _write_lowest(book, sheet, debentures)
    first = f"IF({INITIAL_MISSING}>0,W7,IF({LOOKBACK_MISSING}>0,W10,0))"
    sheet.put("V11", "First session that is missing", styles.TEXT)
    sheet.formula("W11", first, styles.TWIN, styles.DATE)
    book.name(FIRST_MISSING, sheet, "W11")
    sheet.worksheet.freeze_panes = f"A{_FIRST}"
    sheet.print_titles(f"{_HEADER_ROW}:{_HEADER_ROW}")


def _write_initial(book: Book, sheet: Sheet, count: int) -> None:
    last = _HEADER_ROW + count
    sheet.put("A3", "Before issuance", styles.HEADING)
    _headers(sheet, "ABCDE", ("No", "Session", "Rows", "Market value", _MISSING))
    for row in range(_FIRST, last + 1):
        sheet.put(f"A{row}", row - last - 1, styles.TWIN)
        session = f"IF({ISSUE_DAY}=0,0,WORKDAY({ISSUE_DAY},A{row},{CLOSURES}))"
        sheet.formula(f"B{row}", session, styles.TWIN, styles.DATE)
        _write_found(book, sheet, row, "BCDE", VALUE)
    _write_missing(book, sheet, 6, ("before issuance", "BE"), last, INITIAL_MISSING, "")
    sheet.put("V5", "Issued", styles.TEXT)
    issued = "IF(ISNUMBER(Issue_date),INT(Issue_date),0)"
    sheet.formula("W5", issued, styles.TWIN, styles.DATE)
    book.name(ISSUE_DAY, sheet, "W5")
    book.name(INITIAL_SESSIONS, sheet, f"B{_FIRST}:B{last}")
    book.name(INITIAL_VALUES, sheet, f"D{_FIRST}:D{last}")


def _write_lookback(book: Book, sheet: Sheet, debentures: Debentures) -> None:
    last = _HEADER_ROW + debentures.lookback_sessions
    sheet.put("G3", "Before conversion", styles.HEADING)
    bids = looked_back_at(debentures)
    falls = [f"Less {fall}%" for fall in FALLS[1:]]
    _headers(sheet, "GHIJKLMN", ("No", "Session", "Rows", bids, *falls, _MISSING))
    for row in range(_FIRST, last + 1):
        sheet.put(f"G{row}", row - last - 1, styles.TWIN)
        session = f"IF({FLOATING_COUNTS},WORKDAY(INT(Conversion_date),G{row},{CLOSURES}),0)"
        sheet.formula(f"H{row}", session, styles.TWIN, styles.DATE)
        _write_found(book, sheet, row, "HIJN", bids)
        for letter, fall in zip("KLM", FALLS[1:], strict=True):
            fallen = f"$J{row}*IF($H{row}<{ISSUE_DAY},1,1-{fall}%)"
            sheet.formula(f"{letter}{row}", fallen, styles.TWIN, styles.PRICE)
    window = ("before conversion", "HN")
    _write_missing(book, sheet, 9, window, last, LOOKBACK_MISSING, FLOATING_COUNTS)
    book.name(LOOKBACK_SESSIONS, sheet, f"H{_FIRST}:H{last}")
    days = "INT(Conversion_date)-INT(Issue_date)"
    counts = f"IF(COUNT(Issue_date,Conversion_date)=2,{days}>debentures.floating_after_days,FALSE)"
    sheet.put("V8", "The window before conversion counts", styles.TEXT)
    sheet.formula("W8", counts, styles.TWIN, styles.FLAG)
    book.name(FLOATING_COUNTS, sheet, "W8")


def _write_lowest(book: Book, sheet: Sheet, debentures: Debentures) -> None:
    last_session = _HEADER_ROW + debentures.lookback_sessions
    last = _HEADER_ROW + debentures.lowest_bids
    sheet.put("P3", "The lowest of the second window", styles.HEADING)
    _headers(sheet, "PQRST", ("Rank", "Lowest", *(f"Less {fall}%" for fall in FALLS[1:])))
    for row in range(_FIRST, last + 1):
        sheet.put(f"P{row}", row - _HEADER_ROW, styles.TWIN)
        for letter, source in zip("QRST", "JKLM", strict=True):
            window = f"{source}${_FIRST}:{source}${last_session}"
            # A window without all its figures has no lowest ones: Excel gives the error of one of
            # them, which of them no engine is proved to know.
            lowest = f"IF(COUNT({window})<ROWS({window}),NA(),SMALL({window},$P{row}))"
            sheet.formula(f"{letter}{row}", lowest, styles.TWIN, styles.PRICE)
    for letter, fall in zip("QRST", FALLS, strict=True):
        book.name(lowest_bids(fall), sheet, f"{letter}{_FIRST}:{letter}{last}")


def _headers(sheet: Sheet, letters: str, headers: tuple[str, ...]) -> None:
    for letter, header in zip(letters, headers, strict=True):
        sheet.put(f"{letter}{_HEADER_ROW}", header, styles.TWIN_HEADER)


def _write_found(book: Book, sheet: Sheet, row: int, letters: str, column: str) -> None:
    """Write a session's quotations, the figure of that column if it is one, and if none is there.

    Quotations are as traded: those from before a split of the deal are carried over it.
    """
    session, rows, found, missing = (f"{letter}{row}" for letter in letters)
    days = whole(TABLE, DAY)
    counted = f"IF({session}=0,0,COUNTIF({days},{session}))"
    sheet.formula(rows, counted, styles.TWIN, styles.COUNT)
    selection = book.selection
    carried = ""
    if carries_quotations(selection):
        carried = f"*{splits_after(selection, session, quoted=True)}"
    one = f"INDEX({whole(TABLE, column)},MATCH({session},{days},0)){carried}"
    figure = f"IF({rows}=1,{one},IF({rows}=0,0,NA()))"
    sheet.formula(found, figure, styles.TWIN, styles.QUOTE)
    # Whole numbers, which MATCH finds whatever digits the figures have.
    sheet.formula(missing, when(f"{found}=0"), styles.TWIN, styles.COUNT)


def _write_missing(
    book: Book, sheet: Sheet, row: int, window: tuple[str, str], last: int, name: str, counts: str
) -> None:
    """Write how many sessions of a window have no figure, and which is the first of them.

    Args:
        book: The workbook.
        sheet: The sheet.
        row: Row beside the windows to begin in.
        window: The window in words, and the letters of its sessions and of what is missing.
        last: Row of its last session.
        name: Name of the count.
        counts: Condition under which the window counts; always if empty.
    """
    words, letters = window
    place, flag = tuple(letters)
    flags = f"{flag}{_FIRST}:{flag}{last}"
    missing = f"SUM({flags})"
    sheet.put(f"V{row}", f"Missing {words}", styles.TEXT)
    formula = f"IF({counts},{missing},0)" if counts else missing
    sheet.formula(f"W{row}", formula, styles.TWIN, styles.COUNT)
    book.name(name, sheet, f"W{row}")
    sheet.put(f"V{row + 1}", f"First missing {words}", styles.TEXT)
    sessions = f"{place}{_FIRST}:{place}{last}"
    first = f"IF(W{row}>0,INDEX({sessions},MATCH(1,{flags},0)),0)"
    sheet.formula(f"W{row + 1}", first, styles.TWIN, styles.DATE)
