"""The table of quotations that floating.xlsx is typed into."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from openpyxl.chart import LineChart, Reference

from xladdin import twins
from xladdin.core.sessions import calendar
from xladdin.templates import charts, styles
from xladdin.templates.common import calendar_years, origin_of, twin_column, yes_or_no
from xladdin.templates.rules import date_between, number_above
from xladdin.templates.sheets import (
    EXACT,
    PRICE_TOLERANCE,
    Book,
    Check,
    Column,
    Placed,
    Sheet,
    agree,
    this_row,
    whole,
)
from xladdin.terms.model import Debentures, Selection

TABLE: Final = "Quotes"
HEADER_ROW: Final = 25
FALLS: Final = (0, 25, 50, 75)
"""Falls of the price after issuance, in per cent."""

_ISSUED_AFTER: Final = 10
"""Sessions from the document to the illustrative issue."""

_CONVERTED_AFTER_SWITCH: Final = 8
"""Calendar days from the day switch to the illustrative conversion."""

_USUAL_PRICE: Final = Decimal(10)


class Case(NamedTuple):
    """The illustrative case: days, and the bids that lead up to them."""

    issued: datetime.date
    converted: datetime.date
    bids: list[tuple[datetime.date, float]]


def illustrative(selection: Selection) -> Case:
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
    price = terms.capitalisation.last_sale if terms.capitalisation else _USUAL_PRICE
    bids = []
    number = 0
    while day < converted:
        # A slow swing and a quick one, in whole thousandths: the same on every machine.
        swing = abs(number % 44 - 22) * 9 - 60
        quick = (number * 11 % 17 - 8) * 3
        bid = (price * (1000 + swing + quick) / 1000).quantize(Decimal("0.01"))
        bids.append((day, float(bid)))
        day = sessions.offset(day, 1)
        number += 1
    return Case(issued, converted, bids)


def _here(column: str) -> str:
    return this_row(TABLE, column)


def write_quotes(book: Book, case: Case) -> Placed:
    """Write the Quotes sheet: the table, what follows each closing bid, and a chart.

    Args:
        book: The workbook.
        case: The illustrative case that fills it at first.

    Returns:
        The table.
    """
    selection = book.selection
    terms = selection.terms
    first_year, last_year = calendar_years(book)
    days = datetime.date(first_year, 1, 1), datetime.date(last_year, 12, 31)
    columns = [
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
            allowed=number_above(0, "Closing bid, USD a share: above 0."),
        ),
        Column(
            "Market value",
            styles.INPUT,
            styles.QUOTE,
            10,
            allowed=number_above(0, "Per-share market value where it differs from the bid."),
            optional=True,
        ),
    ]
    if terms.class_b:
        columns += _class_b_columns(book)
    if terms.debentures:
        columns += _window_columns(terms.debentures)
        columns += _fallen_columns(terms.debentures)
    sheet = book.sheet("Quotes", ())
    placed = sheet.table(TABLE, HEADER_ROW, columns)
    sheet.title(
        "Quotations",
        "Yellow cells are for input; grey columns are plain Excel. "
        + origin_of(book, TABLE, "The quotations shown"),
        len(columns),
    )
    sheet.put(f"A{HEADER_ROW - 1}", "Quotations", styles.HEADING)
    sheet.worksheet.freeze_panes = f"B{HEADER_ROW + 1}"
    sheet.print_titles(f"{HEADER_ROW}:{HEADER_ROW}")
    if terms.class_b:
        sheet.put("A4", "Split ratio", styles.TEXT)
        ratio = number_above(
            0, "Old shares per new share since issue: 1 where none, 25 after 1-for-25."
        )
        sheet.input("C4", "Split_ratio", 1, styles.MULTIPLE, ratio)
        letter = next(
            sheet.worksheet.cell(HEADER_ROW, number).column_letter
            for number, column in enumerate(columns, 1)
            if column.header == "Agrees"
        )
        sheet.flag_false(placed.rows_of(letter))
    _add_quotes_chart(sheet, placed, with_class_b=terms.class_b is not None)
    return placed


def _class_b_columns(book: Book) -> list[Column]:
    selection = book.selection
    bid = _here("Closing bid")
    price, plain_price = _here("Class B price"), _here("Plain Class B price")
    usable, plain_usable = _here("Class B usable"), _here("Plain usable")
    book.checks += [
        twin_column(
            "Class B exercise price",
            TABLE,
            ("Class B price", "Plain Class B price"),
            PRICE_TOLERANCE,
            styles.PRICE,
        ),
        Check(
            "Rows of the quotations in which a figure and its twin differ",
            f"COUNTIF({whole(TABLE, 'Agrees')},FALSE)",
            0,
            source="plain-Excel twins",
        ),
    ]
    return [
        Column(
            "Class B price",
            styles.RESULT,
            styles.PRICE,
            10,
            f"CLASSB_EXERCISE_PRICE({bid},{bid},Split_ratio,Deal)",
        ),
        Column(
            "Class B usable",
            styles.RESULT,
            styles.GENERAL,
            9,
            yes_or_no(f"CLASSB_AVAILABLE({bid},Deal)"),
            centred=True,
        ),
        Column(
            "Plain Class B price",
            styles.TWIN,
            styles.PRICE,
            10,
            twins.classb_exercise_price(selection, bid, bid, "Split_ratio"),
        ),
        Column(
            "Plain usable",
            styles.TWIN,
            styles.GENERAL,
            9,
            yes_or_no(twins.classb_available(selection, bid)),
            centred=True,
        ),
        Column(
            "Agrees",
            styles.RESULT,
            styles.FLAG,
            8,
            agree(((price, plain_price, PRICE_TOLERANCE), (usable, plain_usable, EXACT))),
            centred=True,
        ),
    ]


_VALUE = f'IF({_here("Market value")}="",{_here("Closing bid")},{_here("Market value")})'
"""The market value of a row: the closing bid where no other is given."""


def _looked_back_at(debentures: Debentures) -> str:
    """What the lookback window averages in a row."""
    return _VALUE if debentures.averages_market_values else _here("Closing bid")


def _window_columns(debentures: Debentures) -> list[Column]:
    """Helper columns of the debentures' twin: what counts in each window, a dash elsewhere."""
    day = _here("Date")
    start = f"WORKDAY(Issue_date,-debentures.initial_sessions,{twins.CLOSURES})"
    lookback = f"WORKDAY(Conversion_date,-debentures.lookback_sessions,{twins.CLOSURES})"
    return [
        Column(
            "Initial window",
            styles.TWIN,
            styles.QUOTE,
            9,
            f'IF(AND({day}>={start},{day}<Issue_date),{_VALUE},"–")',
        ),
        Column(
            "Lookback window",
            styles.TWIN,
            styles.QUOTE,
            10,
            f'IF(AND({day}>={lookback},{day}<Conversion_date),{_looked_back_at(debentures)},"–")',
        ),
    ]


def _fallen_columns(debentures: Debentures) -> list[Column]:
    """Quotations as they would be had the price fallen by some part after issuance.

    Two columns a fall: the day, and what the windows look at, market values in the initial one.
    """
    columns = []
    for fall in FALLS[1:]:
        fallen = f"{_looked_back_at(debentures)}*IF({_here('Date')}<Issue_date,1,1-{fall}%)"
        columns += [
            Column(f"Day {fall}", styles.RESULT, styles.DATE, 12, _here("Date")),
            Column(
                f"Bid less {fall}",
                styles.RESULT,
                styles.PRICE,
                9,
                f"IF(ISNUMBER({_here('Initial window')}),{_VALUE},{fallen})",
            ),
            Column(
                f"Lookback {fall}",
                styles.TWIN,
                styles.PRICE,
                11,
                f'IF(ISNUMBER({_here("Lookback window")}),{_here(f"Bid less {fall}")},"–")',
            ),
        ]
    return columns


def quotes_range(fall: int) -> str:
    """Refer to the quotations as a function takes them.

    Args:
        fall: Fall of the price after issuance, in per cent; one of `FALLS`.

    Returns:
        A reference to columns of the table.
    """
    return f"{TABLE}[[Day {fall}]:[Bid less {fall}]]" if fall else f"{TABLE}[[Date]:[Market value]]"


def _add_quotes_chart(sheet: Sheet, placed: Placed, *, with_class_b: bool) -> None:
    chart = LineChart()
    charts.prepare(chart, "Closing bid and what follows it", "Session", "USD a share")
    worksheet = sheet.worksheet
    last = placed.last_row
    rows = last - placed.first_row
    lines = ((2, "1F3864"), (4, "C55A11")) if with_class_b else ((2, "1F3864"),)
    for column, rgb in lines:
        data = Reference(worksheet, min_col=column, min_row=HEADER_ROW, max_row=last)
        chart.add_data(data, titles_from_data=True)
        charts.line(chart.series[-1], rgb)
    chart.set_categories(Reference(worksheet, min_col=1, min_row=HEADER_ROW + 1, max_row=last))
    chart.x_axis.number_format = "d mmm yy"
    chart.x_axis.tickLblSkip = max(1, rows // 8)
    chart.x_axis.tickMarkSkip = max(1, rows // 8)
    chart.y_axis.number_format = "0.00"
    chart.width, chart.height = 22, 9.5
    worksheet.add_chart(chart, "F4")
