"""The table of quotations that floating.xlsx is typed into."""

from __future__ import annotations

import datetime
from functools import partial
from typing import Final, NamedTuple

from xladdin.calendars import calendar
from xladdin.functions.class_b import classb_available_twin, classb_exercise_price_twin
from xladdin.terms.model import Debentures
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import calendar_years, closure_years, origin_of, yes_or_no
from xladdin.workbooks.figure_tables import column_check, rows_agree
from xladdin.workbooks.figures import Pair, agree
from xladdin.workbooks.illustrative import USUAL_PRICE, last_sale, part_of_price
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import charts, styles
from xladdin.workbooks.layout.data_validation import date_between, price_of
from xladdin.workbooks.layout.remarks import RowProblem, judged, missing, no_session, when
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted
from xladdin.workbooks.layout.table import Column, Placed, this_row, whole, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet

TABLE: Final = "Quotes"
LATEST: Final = "Latest"
"""Title of the sheet with what is typed once, and what the latest quotation is."""

DAY: Final = "Day"
BID: Final = "Bid"
VALUE: Final = "Value"
QUOTED: Final = "Quoted"
CHART_DAY: Final = "Chart day"
CHART_BID: Final = "Chart closing bid"
CHART_PRICE: Final = "Chart Class B price"
"""Helper columns: the day without its time, bid and market value as read, the day of a bid; and
those of the chart."""

ISSUE_DAY: Final = "Issue_day"
INITIAL_SESSIONS: Final = "Initial_sessions"
LOOKBACK_SESSIONS: Final = "Lookback_sessions"
WINDOWS: Final = (INITIAL_SESSIONS, LOOKBACK_SESSIONS)
"""Defined names of the sessions of the windows, on the sheet of these, as is the issue day."""

LAST_DAY: Final = "Last_day"
LAST_BID: Final = "Last_bid"
CLASS_B_CAP: Final = "Class_B_cap"

FALLS: Final = (0, 25, 50, 75)
"""Falls of the price after issuance, in per cent."""

_ISSUED_AFTER: Final = 10
"""Sessions from the document to the illustrative issue."""

_CONVERTED_AFTER_SWITCH: Final = 8
"""Calendar days from the day switch to the illustrative conversion."""


_here: Final = partial(this_row, TABLE)


class IllustrativeCase(NamedTuple):
    """The illustrative case: days, and the bids that lead up to them."""

    issued: datetime.date
    converted: datetime.date
    bids: list[tuple[datetime.date, float]]


def illustrative(selection: Selection) -> IllustrativeCase:
    """Make up bids for each session that the deal's windows need.

    Args:
        selection: The deal.

    Returns:
        Issue and conversion dates, and a bid for each session.
    """
    terms = selection.terms
    sessions = calendar(terms.calendar)
    debentures = terms.debentures
    issued = sessions.offset(terms.document_date, _ISSUED_AFTER)
    switch = debentures.floating_after_days if debentures else 0
    converted = sessions.offset(
        issued + datetime.timedelta(days=switch + _CONVERTED_AFTER_SWITCH), 0
    )
    before_issue = debentures.initial_sessions if debentures else 1
    lookback = debentures.lookback_sessions if debentures else 1
    day = min(sessions.offset(issued, -before_issue), sessions.offset(converted, -lookback))
    price = last_sale(selection, USUAL_PRICE)
    bids = []
    number = 0
    while day < converted:
        # A slow swing and a quick one, in whole thousandths: the same on every machine.
        swing = abs(number % 44 - 22) * 9 - 60
        quick = (number * 11 % 17 - 8) * 3
        bid = part_of_price(price, 1000 + swing + quick, 1000)
        bids.append((day, float(bid)))
        day = sessions.offset(day, 1)
        number += 1
    return IllustrativeCase(issued, converted, bids)


def quoted_days(book: Book) -> tuple[datetime.date, datetime.date]:
    """Return the first and the last day that may be quoted: the windows of the first issue too."""
    first, last = closure_years(book)[0], calendar_years(book)[1]
    return datetime.date(first, 1, 1), datetime.date(last, 12, 31)


def write_quotes(book: Book, case: IllustrativeCase) -> Placed:
    """Write the Quotes sheet: the table, what follows each closing bid, and a chart.

    Args:
        book: The workbook.
        case: The illustrative case that fills it at first.

    Returns:
        The table.
    """
    selection = book.selection
    terms = selection.terms
    days = quoted_days(book)
    columns = _typed_columns(days, case)
    if terms.class_b:
        columns += _class_b_columns(book)
    columns += _read_columns(with_values=terms.debentures is not None)
    if terms.debentures:
        columns += _fallen_columns()
    columns += _charted(with_class_b=terms.class_b is not None)
    failures, warnings = _row_problems(with_windows=terms.debentures is not None)
    columns = judged(book, TABLE, columns, failures, warnings)
    sheet = book.sheet("Quotes", ())
    placed = write_table(sheet, TABLE, HEADER_ROW, columns)
    finish_sheet(
        sheet,
        placed,
        TABLE,
        "Quotations",
        "One row for each session, in any order. Yellow cells are for input; grey columns are "
        "plain Excel. " + origin_of(book, TABLE, "The quotations shown"),
        {},
        frozen=1,
    )
    _write_latest(book, placed)
    return placed


def _typed_columns(
    days: tuple[datetime.date, datetime.date], case: IllustrativeCase
) -> list[Column]:
    """Make the columns that are typed into."""
    return [
        Column(
            "Date",
            styles.INPUT,
            styles.DATE,
            13,
            values=[day for day, _ in case.bids],
            allowed=date_between(*days, f"A session from {days[0].year} to {days[1].year}."),
        ),
        Column(
            "Closing bid",
            styles.INPUT,
            styles.QUOTE,
            10,
            values=[bid for _, bid in case.bids],
            allowed=price_of("Closing bid, USD a share:"),
        ),
        Column(
            "Market value",
            styles.INPUT,
            styles.QUOTE,
            10,
            allowed=price_of("Per-share market value where it differs from the bid:"),
            optional=True,
        ),
    ]


def _write_latest(book: Book, placed: Placed) -> None:
    """Write the sheet of the latest quotation: the split ratio, what follows, and a chart."""
    with_class_b = book.selection.terms.class_b is not None
    sheet = book.sheet(LATEST, (46, 16, 16, 12, 12), portrait=True)
    sheet.title(LATEST, "The latest day that is quoted, and what all quotations lead to.", 5)
    row = 4
    if with_class_b:
        _write_split_ratio(book, sheet)
        row = 8
    _write_last(book, sheet, row)
    _add_quotes_chart(sheet, placed, row + 3, with_class_b=with_class_b)


def _write_split_ratio(book: Book, sheet: Sheet) -> None:
    """Write the split ratio, and the cap of Class B warrants after it."""
    ratio = price_of("Old shares per new share since issue, 1 where none, 25 after 1-for-25:")
    label = "Split ratio, old shares for one new share"
    write_inputs(sheet, 4, [InputLine("Split_ratio", label, 1, styles.MULTIPLE, ratio)])
    sheet.put("A6", "Class B cap after splits, USD a share", styles.TEXT)
    counted = as_counted("Split_ratio")
    cap = f"class_b.cap_price*IF({counted}=0,1,{counted})"
    sheet.formula("C6", cap, styles.TWIN, styles.PRICE)
    book.name(CLASS_B_CAP, sheet, "C6")


def _row_problems(*, with_windows: bool) -> tuple[list[RowProblem], list[RowProblem]]:
    """List what is wrong about a row, and what is odd, beside entries that break their rule."""
    day = _here(DAY)
    twice = f"COUNTIF({whole(TABLE, DAY)},{day})>1"
    closed = RowProblem("No session that day", no_session(day))
    # A date alone waits for its bid; a price without its date, or a value without its bid, counts
    # nowhere.
    given = f"COUNTBLANK({TABLE}[[#This Row],[Closing bid]:[Market value]])<2"
    needed = f"COUNTBLANK({TABLE}[[#This Row],[Date]:[Closing bid]])>0"
    half = missing(TABLE, ("Date", "Closing bid"), f"AND({given},{needed})")
    if not with_windows:
        stands_twice = RowProblem("Date stands twice", when(f"AND({day}>0,{twice})"))
        return [], [half, closed, stands_twice]
    looked_at = "+".join(f"COUNTIF({name},{day})" for name in WINDOWS)
    return (
        [RowProblem("Date twice within a window", when(f"AND({day}>0,{twice},{looked_at}>0)"))],
        [
            half,
            closed,
            RowProblem("Date stands twice", when(f"AND({day}>0,{twice},{looked_at}=0)")),
        ],
    )


def _write_last(book: Book, sheet: Sheet, row: int) -> None:
    """Write the latest day that has a closing bid, whatever the order of the rows, and the bid."""
    days = whole(TABLE, QUOTED)
    bid = f"INDEX({whole(TABLE, BID)},MATCH({LAST_DAY},{days},0))"
    for label, name, formula, number_format in (
        ("Latest day with a closing bid", LAST_DAY, f"MAX({days})", styles.DATE),
        (
            "Closing bid of that day, USD a share",
            LAST_BID,
            f"IF({LAST_DAY}=0,0,{bid})",
            styles.QUOTE,
        ),
    ):
        sheet.put(f"A{row}", label, styles.TEXT)
        sheet.formula(f"C{row}", formula, styles.TWIN, number_format)
        book.name(name, sheet, f"C{row}")
        row += 1


def _class_b_columns(book: Book) -> list[Column]:
    selection = book.selection
    typed, bid = _here("Closing bid"), _here(BID)
    price, plain_price = _here("Class B price"), _here("Plain Class B price")
    usable, plain_usable = _here("Class B usable"), _here("Plain usable")
    book.checks += [
        column_check(
            "Class B exercise price",
            TABLE,
            ("Class B price", "Plain Class B price"),
            quantities.PRICE,
        ),
        rows_agree(
            "Rows of the quotations in which a figure and its twin differ", whole(TABLE, "Agrees")
        ),
    ]
    plain = classb_exercise_price_twin(selection, bid, cap=CLASS_B_CAP)
    available = yes_or_no(f"CLASSB_AVAILABLE({typed},Deal)")
    plain_available = yes_or_no(classb_available_twin(selection, bid))
    return [
        Column(
            "Class B price",
            styles.RESULT,
            styles.PRICE,
            10,
            f'IF({typed}="",0,CLASSB_EXERCISE_PRICE({typed},{typed},Split_ratio,Deal))',
        ),
        Column(
            "Class B usable",
            styles.RESULT,
            styles.GENERAL,
            9,
            f'IF({typed}="","–",{available})',
            centred=True,
        ),
        Column("Plain Class B price", styles.TWIN, styles.PRICE, 10, f"IF({bid}=0,0,{plain})"),
        Column(
            "Plain usable",
            styles.TWIN,
            styles.GENERAL,
            9,
            f'IF({bid}=0,"–",{plain_available})',
            centred=True,
        ),
        Column(
            "Agrees",
            styles.RESULT,
            styles.FLAG,
            8,
            agree(
                (
                    (Pair(price, plain_price), quantities.PRICE),
                    (Pair(usable, plain_usable), quantities.WORDS),
                )
            ),
            centred=True,
        ),
    ]


def looked_back_at(debentures: Debentures) -> str:
    """Name the column whose figures the lookback window averages."""
    return VALUE if debentures.averages_market_values else BID


def _read_columns(*, with_values: bool) -> list[Column]:
    """Make the helper columns of the twins: a row as it is read, 0 for what is no quotation."""
    date, bid, value = _here("Date"), _here("Closing bid"), _here("Market value")
    day, read = _here(DAY), _here(BID)
    columns = [
        Column(DAY, styles.TWIN, styles.DATE, 12, f"IF(ISNUMBER({date}),INT({date}),0)"),
        Column(BID, styles.TWIN, styles.QUOTE, 10, f"IF(ISNUMBER({bid}),MAX(0,{bid}),0)"),
        Column(QUOTED, styles.TWIN, styles.DATE, 12, f"IF({read}>0,{day},0)"),
    ]
    if with_values:
        other = f'IF({value}="",{read},IF(ISNUMBER({value}),MAX(0,{value}),0))'
        columns.append(Column(VALUE, styles.TWIN, styles.QUOTE, 10, f"IF({read}=0,0,{other})"))
    return columns


def _fallen_columns() -> list[Column]:
    """Make the quotations as they would be had the price fallen by some part after issuance."""
    columns = []
    for fall in FALLS[1:]:
        factor = f"IF({_here(DAY)}<{ISSUE_DAY},1,1-{fall}%)"
        day = f"Day {fall}"
        columns.append(Column(day, styles.RESULT, styles.DATE, 12, _typed("Date")))
        for header, of in (
            (f"Bid less {fall}", "Closing bid"),
            (f"Value less {fall}", "Market value"),
        ):
            fallen = f"IF(ISNUMBER({_here(of)}),{_here(of)}*{factor},{_typed(of)})"
            columns.append(Column(header, styles.RESULT, styles.PRICE, 9, fallen))
    return columns


def _typed(column: str) -> str:
    """Repeat what is typed; a blank stays one for the functions, which take empty text for it."""
    return f'IF({_here(column)}="","",{_here(column)})'


def quotes_range(fall: int) -> str:
    """Refer to the quotations as a function takes them.

    Args:
        fall: Fall of the price after issuance, in per cent; one of `FALLS`.

    Returns:
        A reference to columns of the table.
    """
    return (
        f"{TABLE}[[Day {fall}]:[Value less {fall}]]" if fall else f"{TABLE}[[Date]:[Market value]]"
    )


def _charted(*, with_class_b: bool) -> list[Column]:
    """Make the columns of the chart: a row without a bid repeats the latest one, and adds none."""
    latest = f"MATCH({LAST_DAY},{whole(TABLE, QUOTED)},0)"
    price = f"IF({LAST_DAY}=0,0,INDEX({whole(TABLE, 'Plain Class B price')},{latest}))"
    columns = [
        (CHART_DAY, styles.DATE, LAST_DAY, _here(QUOTED)),
        (CHART_BID, styles.QUOTE, LAST_BID, _here(BID)),
    ]
    if with_class_b:
        columns.append((CHART_PRICE, styles.PRICE, price, _here("Plain Class B price")))
    return [
        Column(header, styles.TWIN, form, 10, f"IF({_here(QUOTED)}=0,{last},{formula})")
        for header, form, last, formula in columns
    ]


def _add_quotes_chart(sheet: Sheet, placed: Placed, row: int, *, with_class_b: bool) -> None:
    columns = [(CHART_BID, "1F3864"), *[(CHART_PRICE, "C55A11")] * with_class_b]
    title = "Closing bid and what follows it"
    chart = charts.by_day(sheet, placed, CHART_DAY, columns, title, "USD a share")
    chart.y_axis.number_format = "0.00"
    shown = [whole(TABLE, heading) for heading, _ in columns]
    charts.begin_near(sheet, f"A{row - 1}", chart, placed.values["Closing bid"], shown)
    chart.width, chart.height = 18, 9.5
    sheet.worksheet.add_chart(chart, f"A{row}")
