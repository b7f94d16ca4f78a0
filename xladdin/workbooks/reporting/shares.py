"""The sheet of share changes beside the sales of the log, for the weighted average."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from xladdin.workbooks.common_sheets import calendar_years, origin_of
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import date_between, short_text, whole_number
from xladdin.workbooks.layout.remarks import RowProblem, any_broken, judged, number_columns, when
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, this_row, whole, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.reporting.illustrative import MOST_SHARES, PRE_FUNDED, Ends, outstanding_of
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.share_basis import as_typed, basis
from xladdin.workbooks.terms_sheet import splits_after

TITLE: Final = "Shares"
TABLE: Final = "Share_changes"
DAY: Final = "Day"
NET: Final = "Change"
FACTOR: Final = "Splits after"
DAY_GIVEN: Final = "Day given"
NET_GIVEN: Final = "Change given"
"""Headings of columns that others refer to."""

LONGEST_NAME: Final = 60
_ROWS: Final = 20
_COUNTED: Final = "Counted"

_here: Final = partial(this_row, TABLE)


def changes_range() -> str:
    """Refer to the days and changes as WEIGHTED_SHARES takes them."""
    return f"{TABLE}[[{DAY_GIVEN}]:[{NET_GIVEN}]]"


def opening_rows(first: str) -> str:
    """Count the rows that hold by the first day of a time: the opening count, if there is any."""
    return f"SUMPRODUCT(({whole(TABLE, DAY)}>0)*({whole(TABLE, DAY)}<={first}))"


def carried() -> str:
    """Refer to the changes in shares after all splits, in plain Excel."""
    return f"{whole(TABLE, NET)}/{whole(TABLE, FACTOR)}"


class _Change(NamedTuple):
    """An illustrative row."""

    day: datetime.date
    what: str
    issued: int


def _illustrative(programme: Programme, ends: Ends, first: datetime.date) -> Iterator[_Change]:
    """Make up an opening count and a grant, and enter the deal's pre-funded warrants."""
    yield _Change(ends.year_before, "Outstanding", outstanding_of(programme, ends.year_before))
    grant = ends.quarter_before + datetime.timedelta(days=30)
    yield _Change(grant, "Restricted stock vested", outstanding_of(programme, grant) // 1000)
    for one in programme.selection.deal.instruments:
        if one.kind == PRE_FUNDED and one.count:
            # They are outstanding from their issue: ASC 260-10-45-13.
            day = max(one.issued or ends.year_before, first)
            count = min(int(one.count * programme.selection.old_for_new(day)), MOST_SHARES)
            yield _Change(day, f"{one.key}, pre-funded warrants"[:LONGEST_NAME], count)


def write_shares(book: Book, programme: Programme, ends: Ends) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        programme: The deal's agreements.
        ends: Illustrative ends of periods: the opening count is of that of the year before.
    """
    selection = programme.selection
    first, last = calendar_years(book)
    days = datetime.date(first - 2, 1, 1), datetime.date(last, 12, 31)
    shown = list(_illustrative(programme, ends, days[0]))

    def typed(header: str, form: str, width: float, values: list[object]) -> Column:
        allowed = {
            "Date": date_between(*days, f"Day of the change, from {first - 2} to {last}."),
            "What": short_text(LONGEST_NAME, "What changed the count, of at most 60 characters."),
        }.get(header) or whole_number(0, f"Shares {header.lower()}", MOST_SHARES)
        return Column(header, styles.INPUT, form, width, values=values, allowed=allowed)  # type: ignore[arg-type]

    columns = [
        typed("Date", styles.DATE, 12, [one.day for one in shown]),
        typed("What", styles.GENERAL, 34, [one.what for one in shown])._replace(optional=True),
        typed("Issued", styles.COUNT, 15, [one.issued for one in shown])._replace(optional=True),
        typed("Retired", styles.COUNT, 15, [])._replace(optional=True),
    ]
    columns += _steps(programme, columns)
    net = f"SUMPRODUCT(({whole(TABLE, DAY)}<={_here(DAY)})*{carried()})"
    negative = when(f"IF({_here(DAY)}=0,FALSE,{net}<-0.000001)")
    half = f"AND({_here(_COUNTED)}=0,COUNTA({TABLE}[[#This Row],[Date]:[Retired]])>0)"
    columns = judged(
        book,
        TABLE,
        columns,
        [RowProblem("Fewer than no shares on that day", negative)],
        [RowProblem("Date or count missing", when(half))],
    )
    after = f" Averages are in shares {basis(selection)}." if programme.splits else ""
    sheet = book.sheet(TITLE, ())
    placed = write_table(sheet, TABLE, HEADER_ROW, columns, _ROWS)
    finish_sheet(
        sheet,
        placed,
        TABLE,
        "Changes of the shares outstanding",
        "One row each, in any order, beginning with the count on a day before the year; the sales "
        "of the log count by themselves and do not belong here. Pre-funded warrants are shares "
        f"from the day of issue, and not again when they are exercised.{after} "
        f"{origin_of(book, TABLE, 'The changes shown')}",
        dict.fromkeys(("Issued", "Retired", NET, NET_GIVEN), as_typed(selection, "shares"))
        | {_COUNTED: "", FACTOR: "old for new"},
        frozen=1,
    )


def _steps(programme: Programme, typed: list[Column]) -> list[Column]:
    """Make the columns that the averages stand on: 0, or an empty text, in rows that wait."""
    counts = f"COUNTBLANK({TABLE}[[#This Row],[Issued]:[Retired]])"
    waits = f"OR(COUNTBLANK({_here('Date')})=1,{counts}=2)"
    wrong = any_broken(TABLE, typed)
    day = f"IFERROR(IF({_here(_COUNTED)}=1,INT({_here('Date')}),0),0)"
    net = f"ROUND(N({_here('Issued')})-N({_here('Retired')}),0)"
    given = f"{_here(DAY)}=0"
    factor = splits_after(programme.selection, _here(DAY)) if programme.splits else "1"
    return [
        Column(_COUNTED, styles.TWIN, styles.COUNT, 9, f"IF({waits},0,IF({wrong}>0,NA(),1))"),
        *number_columns(TABLE, typed),
        Column(DAY_GIVEN, styles.RESULT, styles.DATE, 12, f'IF({given},"",{_here(DAY)})'),
        Column(NET_GIVEN, styles.RESULT, styles.COUNT, 15, f'IF({given},"",{_here(NET)})'),
        Column(DAY, styles.TWIN, styles.DATE, 12, day),
        Column(NET, styles.TWIN, styles.COUNT, 15, f"IFERROR(IF({_here(_COUNTED)}=1,{net},0),0)"),
        Column(FACTOR, styles.TWIN, styles.MULTIPLE, 9, factor),
    ]
