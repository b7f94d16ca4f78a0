"""The sheet of quotations that equityline.xlsx is typed into."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from xladdin.terms.exact import CLOSING_BID, MARKET_PRICE, MARKET_VALUE, heading
from xladdin.workbooks import share_basis
from xladdin.workbooks.common_sheets import calendar_years, closure_years, origin_of
from xladdin.workbooks.equityline.line import EquityLine
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import date_between, price_of
from xladdin.workbooks.layout.remarks import RowProblem, judged, no_session, when
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, this_row, whole, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.terms_sheet import carries_quotations, splits_after

TABLE: Final = "Quotations"
DAY: Final = "Day"
ROWS: Final = 25
"""Rows of the table at least."""

Quotes = Mapping[datetime.date, float]

_here: Final = partial(this_row, TABLE)


def carried(line: EquityLine, column: str) -> str:
    """Name the column of quotations as they are read, in shares of the deal's day."""
    return f"{column} carried" if carries_quotations(line.selection) else f"{column} read"


def quotes_range(line: EquityLine) -> str:
    """Refer to the quotations with their headings, as a function takes them.

    Formulas that follow none, such as a fixed price, take headings alone.
    """
    if not line.columns:
        return '{"Date","Close"}'
    return f"{TABLE}[[#All],[Date]:[{line.columns[-1]}]]"


def write_quotations(book: Book, line: EquityLine, quotes: Quotes) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        line: The deal's line.
        quotes: Illustrative quotations by session.
    """
    first, last = closure_years(book)[0], calendar_years(book)[1]
    days = datetime.date(first, 1, 1), datetime.date(last, 12, 31)
    a_date = date_between(*days, f"A session from {first} to {last}.")
    listed = sorted(quotes)
    columns = [Column("Date", styles.INPUT, styles.DATE, 13, values=listed, allowed=a_date)]
    for name in line.columns:
        falls_back = heading(name) in (MARKET_VALUE, MARKET_PRICE)
        values = () if falls_back else [quotes[day] for day in listed]
        what = f"{name}, USD a share" + (
            ", where it is not the closing bid:" if falls_back else ":"
        )
        columns.append(
            Column(
                name,
                styles.INPUT,
                styles.PRICE,
                16,
                values=values,
                allowed=price_of(what),
                optional=True,
            )
        )
    columns += _read(line)
    failures, warnings = _problems(line)
    columns = judged(book, TABLE, columns, failures, warnings)
    sheet = book.sheet(TABLE, ())
    placed = write_table(sheet, TABLE, HEADER_ROW, columns, ROWS)
    units = dict.fromkeys(line.columns, "USD a share")
    finish_sheet(
        sheet,
        placed,
        TABLE,
        "Quotations",
        "One row for each session, in any order; a blank is a quotation that is missing. Yellow "
        "cells are for input; grey columns are plain Excel. "
        + origin_of(book, TABLE, "The quotations shown"),
        units,
        frozen=1,
        basis=_basis(line),
    )


def _basis(line: EquityLine) -> Callable[[str], str]:
    """Find which splits a column is after: as traded where it is typed, then all."""
    typed, read = (
        share_basis.of_quotations(line.selection),
        share_basis.of_the_deal(line.selection),
    )
    return lambda header: typed if header in line.columns else read


def _read(line: EquityLine) -> list[Column]:
    """Make helper columns: the day without its time, each quotation as read; 0 for a blank."""
    day = _here(DAY)
    date = _here("Date")
    columns = [Column(DAY, styles.TWIN, styles.DATE, 12, f"IF(ISNUMBER({date}),INT({date}),0)")]
    bid = next((name for name in line.columns if heading(name) == CLOSING_BID), "")
    after = ""
    if carries_quotations(line.selection):
        after = splits_after(line.selection, day, quoted=True)
    for name in line.columns:
        quoted = _here(name)
        read = f"IF(ISNUMBER({quoted}),MAX(0,{quoted}),0)"
        if heading(name) in (MARKET_VALUE, MARKET_PRICE):
            read = f'IF({quoted}="",{_here(carried(line, bid))},{read})'
            # What stands in for it is carried already.
            over = f'IF({quoted}="",1,{after})' if after else ""
        else:
            over = after
        formula = f"{read}*{over}" if over else read
        columns.append(Column(carried(line, name), styles.TWIN, styles.PRICE, 16, formula))
    return columns


def _problems(line: EquityLine) -> tuple[list[RowProblem], list[RowProblem]]:
    """List what is wrong about a row, and what is odd, beside entries that break their rule."""
    day = _here(DAY)
    twice = f"COUNTIF({whole(TABLE, DAY)},{day})>1"
    first, last = line.columns[0], line.columns[-1]
    given = f"COUNT({TABLE}[[#This Row],[{first}]:[{last}]])"
    return (
        [RowProblem("Date stands twice", when(f"AND({day}>0,{twice})"))],
        [
            RowProblem("Date missing", when(f"AND({day}=0,{given}>0)")),
            RowProblem("No session that day", no_session(day)),
        ],
    )
