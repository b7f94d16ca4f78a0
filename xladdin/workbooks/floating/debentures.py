"""The Debentures sheet of floating.xlsx: one conversion, and what a falling price does to it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from openpyxl.chart import BarChart, Reference

from xladdin.checking.checks_sheet import Check
from xladdin.functions.class_b import classb_available_twin, classb_exercise_price_twin
from xladdin.functions.debentures import (
    floating_price_twin,
    initial_price_twin,
    switched_price_twin,
)
from xladdin.functions.dilution import dilution_twin
from xladdin.functions.twins import PlainPurchase, SplitDigits
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import calendar_years, yes_or_no
from xladdin.workbooks.figure_tables import rows_agree
from xladdin.workbooks.figures import FigureLine, Pair, agree, write_lines, write_pair
from xladdin.workbooks.floating import windows as windows
from xladdin.workbooks.floating.quotations import (
    CLASS_B_CAP,
    FALLS,
    LAST_BID,
    IllustrativeCase,
    quotes_range,
)
from xladdin.workbooks.illustrative import USUAL_OUTSTANDING
from xladdin.workbooks.layout import charts, styles
from xladdin.workbooks.layout.data_validation import Allowed, amount_of, date_between, whole_number
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted
from xladdin.workbooks.layout.table import TABLE_HEADER_HEIGHT, twin_header
from xladdin.workbooks.layout.user_inputs import Value
from xladdin.workbooks.quantities import Quantity

_USUAL_PRINCIPAL: Final = Decimal(1_000_000)

_FALLS_ROW: Final = 20
_LETTERS: Final = "ABCDEFGHIJKLMNOPQ"
_STEPS: Final = ("Nearest count", "Digits of the price", "Behind the principal's", "Error a share")
"""Steps from the plain conversion price to the shares; see `PlainPurchase`."""

_PRINCIPAL: Final = "$C$5"
_CONVERTED: Final = as_counted("Conversion_date")
_BEFORE: Final = as_counted("Outstanding")
"""Inputs as plain Excel counts them."""


def write_debentures(book: Book, case: IllustrativeCase) -> None:
    """Write the Debentures sheet; the Quotes sheet must be there.

    Args:
        book: The workbook, of a deal that has debentures.
        case: The illustrative case that fills it at first.
    """
    selection = book.selection
    terms = selection.terms
    debentures = terms.debentures
    assert debentures is not None
    principal = debentures.blocks[-1].principal if debentures.blocks else _USUAL_PRINCIPAL
    capitalisation = terms.capitalisation
    outstanding = capitalisation.latest_outstanding if capitalisation else USUAL_OUTSTANDING
    sheet = book.sheet(
        "Debentures", (34, 17, 17, 15, 14, 14, 13, 19, 17, 15, 15, 13, 9, 12, 12, 12, 12)
    )
    sheet.title(
        "Debentures",
        "One conversion, from the quotations, and what a falling price does to it. "
        + (
            "Issue and conversion dates are illustrative; the principal is the deal's."
            if book.entries.illustrative("Issue_date", "Conversion_date", "Principal")
            else ""
        ),
        13,
    )
    first_year, last_year = calendar_years(book)
    days = datetime.date(first_year, 1, 1), datetime.date(last_year, 12, 31)
    sheet.put("A4", "Conversion", styles.HEADING)
    sheet.put("C4", "As counted", styles.TWIN_HEADER)
    a_date = f"A date from {days[0].year} to {days[1].year}."
    a_principal = amount_of("Principal converted, USD:")
    a_count = whole_number(0, "Shares outstanding before the conversion")
    issued_on, converted_on = date_between(*days, a_date), date_between(*days, a_date)
    inputs: tuple[tuple[str, str, Value, str, Allowed], ...] = (
        ("Principal, USD", "Principal", principal, styles.USD, a_principal),
        ("Issue date", "Issue_date", case.issued, styles.DATE, issued_on),
        ("Conversion date", "Conversion_date", case.converted, styles.DATE, converted_on),
        ("Shares outstanding", "Outstanding", outstanding, styles.COUNT, a_count),
    )
    for row, (label, name, value, number_format, allowed) in enumerate(inputs, 5):
        sheet.put(f"A{row}", label, styles.TEXT)
        sheet.input(f"B{row}", name, value, number_format, allowed, f"C{row}")
    before = "IF(INT(Conversion_date)<INT(Issue_date),1,0)"
    book.entry_checks.append(
        Check(
            "Debentures!B7, Conversion date: before the issue date",
            f"IF(COUNT(Issue_date,Conversion_date)=2,{before},0)",
            0,
            source="A conversion follows the issue.",
        )
    )
    fallen = f"Debentures!D{_FALLS_ROW + 1}:D{_FALLS_ROW + len(FALLS)}"
    book.entry_checks.append(
        Check(
            "Debentures!B5, Principal: more shares than a cell shows, which is 15 digits",
            when(f"MAX(Shares_issued,{fallen})>=1E+15"),
            0,
            source="A principal that fits the prices.",
        )
    )
    _write_state(sheet, 9)
    _write_conversion(book, sheet, 10)
    _write_falls(book, sheet, _FALLS_ROW)


def _write_state(sheet: Sheet, row: int) -> None:
    """Write what the conversion waits for, if anything: the dates, or which closing bid first."""
    missing = f"{windows.INITIAL_MISSING}+{windows.LOOKBACK_MISSING}"
    no_issue, no_conversion = 'Issue_date=""', 'Conversion_date=""'
    waits = (
        f'IF({no_issue},"Waits for "&IF({no_conversion},"both dates","the issue date"),'
        f'IF({no_conversion},"Waits for the conversion date",'
        f'IF({missing}>0,"Waits for the closing bid of","Its quotations are complete")))'
    )
    sheet.formula(f"A{row}", waits, styles.TEXT)
    sheet.formula(f"B{row}", windows.FIRST_MISSING, styles.TWIN, styles.DATE)
    more = f'IF({missing}>1,"and "&({missing}-1)&" more","–")'
    sheet.formula(f"C{row}", more, styles.TWIN)


def conversion_price(fall: int) -> str:
    """Give the add-in's formula of the conversion price: 0 while dates or quotations are missing.

    Args:
        fall: Fall of the price after issuance, in per cent.

    Returns:
        The formula, without an equals sign.
    """
    return _complete(f"{quotes_range(fall)},Issue_date,Conversion_date")


def _complete(arguments: str) -> str:
    price = f"DEBENTURE_CONVERSION_PRICE({arguments},Deal)"
    dates = 'Issue_date=""' if arguments.endswith(",") else 'OR(Issue_date="",Conversion_date="")'
    return f"IF({dates},0,IF(ISNA({price}),0,{price}))"


def _plain_conversion_price(selection: Selection, initial: str, fall: int) -> str:
    lowest = floating_price_twin(selection, windows.lowest_bids(fall))
    price = switched_price_twin(selection, initial, lowest, windows.FLOATING_COUNTS)
    missing = f"{windows.INITIAL_MISSING}+{windows.LOOKBACK_MISSING}>0"
    return f"IF(OR({_CONVERTED}=0,{missing}),0,{price})"


def _write_conversion(book: Book, sheet: Sheet, row: int) -> None:
    selection = book.selection
    plain_initial, plain_shares = (f"C{row + down}" for down in (2, 5))
    initial = initial_price_twin(selection, windows.INITIAL_VALUES)
    lines = (
        FigureLine(
            "Days_held",
            "Days from issue to conversion",
            quantities.COUNT,
            "IF(COUNT(Issue_date,Conversion_date)=2,INT(Conversion_date)-INT(Issue_date),0)",
        ),
        FigureLine(
            "Initial_price",
            "Initial conversion price, USD a share",
            quantities.PRICE,
            _complete(f"{quotes_range(0)},Issue_date,"),
            f"IF({windows.INITIAL_MISSING}>0,0,{initial})",
        ),
        FigureLine(
            "Floating_price",
            "Floating part, from the lowest bids, USD a share",
            quantities.PRICE,
            "",
            f"IF(AND({windows.FLOATING_COUNTS},{windows.LOOKBACK_MISSING}=0),"
            f"{floating_price_twin(selection, windows.lowest_bids(0))},0)",
        ),
        FigureLine(
            "Conversion_price",
            "Conversion price on the date, USD a share",
            quantities.PRICE,
            conversion_price(0),
            _plain_conversion_price(selection, plain_initial, 0),
        ),
        FigureLine(
            "Shares_issued",
            "Shares issued",
            quantities.COUNT,
            "IF(Conversion_price=0,0,DEBENTURE_SHARES(Principal,Conversion_price,Deal))",
            # The fall of 0%, worked out step by step there.
            f"{_plain_falls(selection)['Shares issued']}{_FALLS_ROW + 1}",
        ),
        FigureLine(
            "Dilution_share",
            "Dilution",
            quantities.PERCENT,
            _unless_waiting("Shares_issued", "DILUTION(Outstanding,Shares_issued)"),
            _unless_waiting(plain_shares, dilution_twin(selection, _BEFORE, plain_shares)),
        ),
    )
    write_lines(book, sheet, row, "ABCD", lines)


def _fall_figures(selection: Selection) -> list[tuple[str, Quantity]]:
    """List the figures of a fall: heading and quantity."""
    figures: list[tuple[str, Quantity]] = [
        ("Conversion price", quantities.PRICE),
        ("Shares issued", quantities.COUNT),
        ("Dilution", quantities.PERCENT),
    ]
    if selection.terms.class_b:
        figures += [("Class B price", quantities.PRICE), ("Class B usable", quantities.WORDS)]
    return figures


def _plain_falls(selection: Selection) -> dict[str, str]:
    """Find the columns of a fall's plain figures and, after these and "Agrees", of the steps."""
    headings = [heading for heading, _ in _fall_figures(selection)]
    columns = [*headings, "Agrees", *_STEPS]
    return dict(zip(columns, _LETTERS[2 + len(headings) :], strict=False))


def _unless_waiting(shares: str, dilution: str) -> str:
    """Give no dilution while there are no shares, or the count that they are added to is blank."""
    return f'IF(OR(Outstanding="",{shares}=0),0,{dilution})'


def _write_falls(book: Book, sheet: Sheet, row: int) -> None:
    """Write what a fall of the price after issuance does, a row for each fall."""
    selection = book.selection
    sheet.put(f"A{row - 1}", "If the price falls after issuance", styles.HEADING)
    figures, columns = _fall_figures(selection), _plain_falls(selection)
    column = columns["Agrees"]
    prices = {name for name, quantity in figures if quantity == quantities.PRICE}
    units = dict.fromkeys(("Last bid", *prices), ", USD a share")
    headings = ("Fall", "Last bid", *(name for name, _ in figures))
    sheet.headers(row, [f"{name}{units.get(name, '')}" for name in headings])
    for name, letter in columns.items():
        plain = f"{twin_header(name)}{units.get(name, '')}"
        label = name if name == "Agrees" or name in _STEPS else plain
        style = styles.HEADER if name == "Agrees" else styles.TWIN_HEADER
        sheet.put(f"{letter}{row}", label, style)
    sheet.worksheet.row_dimensions[row].height = TABLE_HEADER_HEIGHT
    first = row + 1
    for fall in FALLS:
        row += 1
        sheet.put(f"A{row}", fall / 100, styles.TERM, "0%")
        sheet.formula(f"B{row}", f"{LAST_BID}*(1-$A{row})", styles.RESULT, styles.QUOTE)
        twins = {name: f"{letter}{row}" for name, letter in columns.items()}
        here = {name: f"{_LETTERS[2 + at]}{row}" for at, (name, _) in enumerate(figures)}
        formulas = _fall_formulas(sheet, fall, f"B{row}", here, twins)
        pairs = [(Pair(here[name], twins[name]), quantity) for name, quantity in figures]
        for (name, quantity), (cells, _) in zip(figures, pairs, strict=True):
            write_pair(sheet, cells, quantity, *formulas[name])
            if quantity.in_words:
                sheet.centre(cells.figure)
                sheet.centre(cells.twin)
        sheet.formula(f"{column}{row}", agree(pairs), number_format=styles.FLAG)
        sheet.centre(f"{column}{row}")
    sheet.flag_false(f"{column}{first}:{column}{row}")
    book.checks.append(
        rows_agree(
            "Falls of the price in which a figure and its twin differ",
            f"Debentures!{column}{first}:{column}{row}",
        )
    )
    _add_falls_chart(sheet, first, row)


def _fall_formulas(
    sheet: Sheet, fall: int, bid: str, here: Mapping[str, str], plain: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Write the steps of a fall's row, and give the formulas of its figures and their twins.

    Args:
        sheet: The sheet.
        fall: Fall of the price after issuance, in per cent.
        bid: Cell of the last bid.
        here: Cells of the figures, by heading.
        plain: Cells of their twins and of the steps, by heading.
    """
    selection = sheet.book.selection
    price, shares = here["Conversion price"], here["Shares issued"]
    return {
        "Conversion price": (
            conversion_price(fall),
            _plain_conversion_price(selection, "$C$12", fall),
        ),
        "Shares issued": (
            f"IF({price}=0,0,DEBENTURE_SHARES(Principal,{price},Deal))",
            _write_steps(sheet, plain),
        ),
        "Dilution": (
            _unless_waiting(shares, f"DILUTION(Outstanding,{shares})"),
            _unless_waiting(
                plain["Shares issued"], dilution_twin(selection, _BEFORE, plain["Shares issued"])
            ),
        ),
        "Class B price": (
            f"IF({bid}=0,0,CLASSB_EXERCISE_PRICE({bid},{bid},Split_ratio,Deal))",
            f"IF({bid}=0,0,{classb_exercise_price_twin(selection, bid, cap=CLASS_B_CAP)})",
        ),
        "Class B usable": (
            f'IF({bid}=0,"–",{yes_or_no(f"CLASSB_AVAILABLE({bid},Deal)")})',
            f'IF({bid}=0,"–",{yes_or_no(classb_available_twin(selection, bid))})',
        ),
    }


def _write_steps(sheet: Sheet, plain: Mapping[str, str]) -> str:
    """Write the steps to the shares of a fall in plain Excel, and give the formula of the last."""
    price = plain["Conversion price"]
    rounding = sheet.book.selection.deal.conversion_rounding
    steps = PlainPurchase(_PRINCIPAL, price, rounding=rounding)
    nearest, digits, behind, error = (plain[step] for step in _STEPS)
    split = SplitDigits(digits, behind)
    formulas = (steps.nearest, steps.digits, steps.behind, steps.error(nearest, split))
    for step, formula in zip(_STEPS, formulas, strict=True):
        waiting = f"{_PRINCIPAL}*{price}=0"
        shown = styles.SMALL if plain[step] == error else styles.DIGITS
        sheet.formula(plain[step], f"IF({waiting},0,{formula})", styles.TWIN, shown)
    return f"IF({price}=0,0,{steps.shares(nearest, split, error)})"


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
    chart.width, chart.height = 15.5, 8.5
    worksheet.add_chart(chart, "F3")
