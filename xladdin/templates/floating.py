"""floating.xlsx: Class B and debenture prices from a table of closing bids."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.worksheet.datavalidation import DataValidation

from xladdin import twins
from xladdin.core.errors import REF, InputError
from xladdin.core.sessions import calendar
from xladdin.templates import charts, styles
from xladdin.templates.common import (
    Line,
    Step,
    calendar_years,
    twin_column,
    write_closing_sheets,
    write_lines,
    write_start,
)
from xladdin.templates.sheets import (
    EXACT,
    PRICE_TOLERANCE,
    TABLE_HEADER_HEIGHT,
    Book,
    Check,
    Column,
    Sheet,
    Value,
    agree,
    date_between,
    number_above,
    this_row,
    whole,
    whole_number,
)
from xladdin.terms.model import Selection

TITLE: Final = "Floating prices"
TABLE: Final = "Quotes"
HEADER_ROW: Final = 25
FALLS: Final = (0, 25, 50, 75)
"""Falls of the price after issuance, in per cent."""

_ISSUED_AFTER: Final = 10
"""Sessions from the document to the illustrative issue."""

_CONVERTED_AFTER_SWITCH: Final = 8
"""Calendar days from the day switch to the illustrative conversion."""

_USUAL_PRICE: Final = Decimal(10)
_USUAL_OUTSTANDING: Final = 20_000_000
_USUAL_PRINCIPAL: Final = Decimal(1_000_000)


class Case(NamedTuple):
    """The illustrative case: days, and the bids that lead up to them."""

    issued: datetime.date
    converted: datetime.date
    bids: list[tuple[datetime.date, float]]


def build(selection: Selection) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal; it must have Class B warrants or debentures.

    Returns:
        The workbook.

    Raises:
        InputError: The deal has neither (#REF!).
    """
    terms = selection.terms
    if not (terms.class_b or terms.debentures):
        rule = "must name a deal that has floating-price warrants or debentures"
        raise InputError(REF, "terms", selection.text, rule)
    book = Book(selection)
    steps = [Step("Quotes", "Date, Closing bid", "One row for each session, in any order.")]
    if terms.debentures:
        steps.append(Step("Quotes", "Market value", "Only where it differs from the closing bid."))
    steps.append(
        Step("Quotes", "rows below the table", "The table grows: type under its last row.")
    )
    if terms.class_b:
        steps.append(
            Step(
                "Quotes", "Split ratio", "Old shares per new share since issue; 25 after 1-for-25."
            )
        )
    if terms.debentures:
        steps += [
            Step(
                "Debentures", "Principal, Issue date, Conversion date", "The conversion asked for."
            ),
            Step("Debentures", "Shares outstanding", "Before the conversion."),
        ]
    steps.append(Step("all", "quotations, dates", "Illustrative: made up to show the workbook."))
    write_start(
        book,
        TITLE,
        "Type closing bids and read the prices that follow them, the shares that a conversion "
        "issues, and what a falling price does to both.",
        steps,
    )
    case = illustrative(selection)
    _write_quotes(book, case)
    if terms.debentures:
        _write_debentures(book, case)
    write_closing_sheets(book)
    return book


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


def _yes_or_no(truth: str) -> str:
    # As a text: LibreOffice works stored truth values out anew on opening, and without the
    # add-in it would show #NAME? in their place.
    return f'IF({truth},"yes","no")'


def _write_quotes(book: Book, case: Case) -> None:
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
            validation=date_between(*days, f"A session from {days[0].year} to {days[1].year}."),
        ),
        Column(
            "Closing bid",
            styles.INPUT,
            styles.QUOTE,
            10,
            values=[bid for _, bid in case.bids],
            validation=number_above(0, "Closing bid, USD a share: above 0."),
        ),
        Column(
            "Market value",
            styles.INPUT,
            styles.QUOTE,
            10,
            validation=number_above(0, "Per-share market value where it differs from the bid."),
        ),
    ]
    if terms.class_b:
        columns += _class_b_columns(book)
    if terms.debentures:
        columns += _window_columns()
        columns += _fallen_columns()
    sheet = book.sheet("Quotes", ())
    table = sheet.table(TABLE, HEADER_ROW, columns, len(case.bids))
    sheet.title(
        "Quotations",
        "Yellow cells are for input; grey columns are plain Excel. The quotations shown at first "
        "are illustrative.",
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
        last = table.split(":")[1].strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        sheet.flag_false(f"{letter}{HEADER_ROW + 1}:{letter}{last}")
    _add_quotes_chart(sheet, len(case.bids), with_class_b=terms.class_b is not None)


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
            _yes_or_no(f"CLASSB_AVAILABLE({bid},Deal)"),
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
            _yes_or_no(twins.classb_available(selection, bid)),
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


def _window_columns() -> list[Column]:
    """Helper columns of the debentures' twin: what counts in each window, a dash elsewhere."""
    day = _here("Date")
    value = f'IF({_here("Market value")}="",{_here("Closing bid")},{_here("Market value")})'
    start = f"WORKDAY(Issue_date,-debentures.initial_sessions,{twins.CLOSURES})"
    lookback = f"WORKDAY(Conversion_date,-debentures.lookback_sessions,{twins.CLOSURES})"
    return [
        Column(
            "Initial window",
            styles.TWIN,
            styles.QUOTE,
            9,
            f'IF(AND({day}>={start},{day}<Issue_date),{value},"–")',
        ),
        Column(
            "Lookback window",
            styles.TWIN,
            styles.QUOTE,
            10,
            f'IF(AND({day}>={lookback},{day}<Conversion_date),{_here("Closing bid")},"–")',
        ),
    ]


def _fallen_columns() -> list[Column]:
    """Quotations as they would be had the price fallen by some part after issuance."""
    columns = []
    for fall in FALLS[1:]:
        kept = f"IF({_here('Date')}<Issue_date,1,1-{fall}%)"
        columns += [
            Column(f"Day {fall}", styles.RESULT, styles.DATE, 12, _here("Date")),
            Column(
                f"Bid less {fall}",
                styles.RESULT,
                styles.PRICE,
                9,
                f"{_here('Closing bid')}*{kept}",
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


def _quotes_range(fall: int) -> str:
    return f"{TABLE}[[Day {fall}]:[Bid less {fall}]]" if fall else f"{TABLE}[[Date]:[Market value]]"


def _write_debentures(book: Book, case: Case) -> None:
    selection = book.selection
    terms = selection.terms
    debentures = terms.debentures
    assert debentures is not None
    principal = debentures.blocks[-1].principal if debentures.blocks else _USUAL_PRINCIPAL
    capitalisation = terms.capitalisation
    outstanding = capitalisation.later_outstanding if capitalisation else _USUAL_OUTSTANDING
    sheet = book.sheet("Debentures", (34, 17, 17, 15, 14, 14, 13, 17, 15, 14, 14, 13, 9))
    sheet.title(
        "Debentures",
        "One conversion, from the quotations, and what a falling price does to it. Issue and "
        "conversion dates are illustrative; the principal is the deal's.",
        13,
    )
    first_year, last_year = calendar_years(book)
    days = datetime.date(first_year, 1, 1), datetime.date(last_year, 12, 31)
    sheet.put("A4", "Conversion", styles.HEADING)
    a_date = f"A date from {days[0].year} to {days[1].year}."
    a_principal = number_above(0, "Principal converted, USD: above 0.")
    a_count = whole_number(0, "Shares outstanding before the conversion.")
    issued_on, converted_on = date_between(*days, a_date), date_between(*days, a_date)
    inputs: tuple[tuple[str, str, Value, str, DataValidation], ...] = (
        ("Principal", "Principal", principal, styles.USD, a_principal),
        ("Issue date", "Issue_date", case.issued, styles.DATE, issued_on),
        ("Conversion date", "Conversion_date", case.converted, styles.DATE, converted_on),
        ("Shares outstanding", "Outstanding", outstanding, styles.COUNT, a_count),
    )
    for row, (label, name, value, number_format, allowed) in enumerate(inputs, 5):
        sheet.put(f"A{row}", label, styles.TEXT)
        sheet.input(f"B{row}", name, value, number_format, allowed)
    _write_conversion(book, sheet, 10)
    _write_falls(book, sheet, 20)


def _write_conversion(book: Book, sheet: Sheet, row: int) -> None:
    selection = book.selection
    initial, lookback = whole(TABLE, "Initial window"), whole(TABLE, "Lookback window")
    quotes = _quotes_range(0)
    plain_price, plain_shares = f"C{row + 4}", f"C{row + 5}"
    lines = (
        Line(
            "Days_held",
            "Days from issue to conversion",
            styles.COUNT,
            EXACT,
            "Conversion_date-Issue_date",
        ),
        Line(
            "Initial_price",
            "Initial conversion price",
            styles.PRICE,
            PRICE_TOLERANCE,
            f"DEBENTURE_CONVERSION_PRICE({quotes},Issue_date,,Deal)",
            twins.debenture_initial_price(selection, initial),
        ),
        Line(
            "Floating_price",
            "Floating part, from the lowest bids",
            styles.PRICE,
            PRICE_TOLERANCE,
            "",
            twins.debenture_floating_price(selection, lookback),
        ),
        Line(
            "Conversion_price",
            "Conversion price on the date",
            styles.PRICE,
            PRICE_TOLERANCE,
            f"DEBENTURE_CONVERSION_PRICE({quotes},Issue_date,Conversion_date,Deal)",
            twins.debenture_conversion_price(
                selection, initial, lookback, "Issue_date", "Conversion_date"
            ),
        ),
        Line(
            "Shares_issued",
            "Shares issued",
            styles.COUNT,
            EXACT,
            "DEBENTURE_SHARES(Principal,Conversion_price)",
            twins.debenture_shares(selection, "Principal", plain_price),
        ),
        Line(
            "Dilution_share",
            "Dilution",
            styles.PERCENT,
            PRICE_TOLERANCE,
            "DILUTION(Outstanding,Shares_issued)",
            twins.dilution(selection, "Outstanding", plain_shares),
        ),
    )
    write_lines(book, sheet, row, "ABCD", lines)


def _write_falls(book: Book, sheet: Sheet, row: int) -> None:
    """Write what a fall of the price after issuance does, a row for each fall."""
    selection = book.selection
    with_class_b = selection.terms.class_b is not None
    sheet.put(f"A{row - 1}", "If the price falls after issuance", styles.HEADING)
    last_bid = f"INDEX({whole(TABLE, 'Closing bid')},ROWS({whole(TABLE, 'Closing bid')}))"
    figures: list[tuple[str, str, float]] = [
        ("Conversion price", styles.PRICE, PRICE_TOLERANCE),
        ("Shares issued", styles.COUNT, EXACT),
        ("Dilution", styles.PERCENT, PRICE_TOLERANCE),
    ]
    if with_class_b:
        figures += [
            ("Class B price", styles.PRICE, PRICE_TOLERANCE),
            ("Class B usable", styles.GENERAL, EXACT),
        ]
    first_twin = 3 + len(figures)
    agrees = first_twin + len(figures)
    letters = "ABCDEFGHIJKLMNOP"
    sheet.headers(row, ("Fall", "Last bid", *(name for name, _, _ in figures)))
    for number, (name, _, _) in enumerate(figures):
        label = f"Plain {name[0].lower()}{name[1:]}" if name[:5] != "Class" else f"Plain {name}"
        sheet.put(f"{letters[first_twin - 1 + number]}{row}", label, styles.TWIN_HEADER)
    sheet.put(f"{letters[agrees - 1]}{row}", "Agrees", styles.HEADER)
    sheet.worksheet.row_dimensions[row].height = TABLE_HEADER_HEIGHT
    first = row + 1
    for fall in FALLS:
        row += 1
        sheet.put(f"A{row}", fall / 100, styles.TERM, "0%")
        sheet.formula(f"B{row}", f"{last_bid}*(1-A{row})", styles.RESULT, styles.QUOTE)
        plain = {
            name: f"{letters[first_twin - 1 + number]}{row}"
            for number, (name, _, _) in enumerate(figures)
        }
        here = {name: f"{letters[2 + number]}{row}" for number, (name, _, _) in enumerate(figures)}
        initial = whole(TABLE, "Initial window")
        lookback = whole(TABLE, f"Lookback {fall}" if fall else "Lookback window")
        formulas = {
            "Conversion price": (
                f"DEBENTURE_CONVERSION_PRICE({_quotes_range(fall)},Issue_date,Conversion_date,Deal)",
                twins.debenture_conversion_price(
                    selection, initial, lookback, "Issue_date", "Conversion_date"
                ),
            ),
            "Shares issued": (
                f"DEBENTURE_SHARES(Principal,{here['Conversion price']})",
                twins.debenture_shares(selection, "Principal", plain["Conversion price"]),
            ),
            "Dilution": (
                f"DILUTION(Outstanding,{here['Shares issued']})",
                twins.dilution(selection, "Outstanding", plain["Shares issued"]),
            ),
            "Class B price": (
                f"CLASSB_EXERCISE_PRICE(B{row},B{row},Split_ratio,Deal)",
                twins.classb_exercise_price(selection, f"B{row}", f"B{row}", "Split_ratio"),
            ),
            "Class B usable": (
                _yes_or_no(f"CLASSB_AVAILABLE(B{row},Deal)"),
                _yes_or_no(twins.classb_available(selection, f"B{row}")),
            ),
        }
        for name, number_format, _ in figures:
            formula, twin = formulas[name]
            sheet.formula(here[name], formula, styles.RESULT, number_format)
            sheet.formula(plain[name], twin, styles.TWIN, number_format)
            if number_format == styles.GENERAL:
                sheet.centre(here[name])
                sheet.centre(plain[name])
        pairs = [(here[name], plain[name], tolerance) for name, _, tolerance in figures]
        sheet.formula(f"{letters[agrees - 1]}{row}", agree(pairs), number_format=styles.FLAG)
        sheet.centre(f"{letters[agrees - 1]}{row}")
    column = letters[agrees - 1]
    sheet.flag_false(f"{column}{first}:{column}{row}")
    book.checks.append(
        Check(
            "Falls of the price in which a figure and its twin differ",
            f"COUNTIF(Debentures!{column}{first}:{column}{row},FALSE)",
            0,
            source="plain-Excel twins",
        )
    )
    _add_falls_chart(sheet, first, row)


def _add_falls_chart(sheet: Sheet, first: int, last: int) -> None:
    chart = BarChart()
    chart.type = "col"
    charts.prepare(chart, "Shares issued if the price falls", "Fall of the price", "Shares")
    worksheet = sheet.worksheet
    data = Reference(worksheet, min_col=4, min_row=first - 1, max_row=last)
    chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(worksheet, min_col=1, min_row=first, max_row=last))
    charts.colour(chart.series[0], "1F3864")
    chart.x_axis.number_format = "0%"
    chart.legend = None
    chart.width, chart.height = 18, 8.5
    worksheet.add_chart(chart, "F3")


def _add_quotes_chart(sheet: Sheet, rows: int, *, with_class_b: bool) -> None:
    chart = LineChart()
    charts.prepare(chart, "Closing bid and what follows it", "Session", "USD a share")
    worksheet = sheet.worksheet
    last = HEADER_ROW + rows
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
