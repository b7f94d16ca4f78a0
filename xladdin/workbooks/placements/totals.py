"""The Totals sheet of placements.xlsx: what all placements come to, checks on it, a chart."""

from __future__ import annotations

from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.functions import twins
from xladdin.functions.capacity import ceo_capacity_twin
from xladdin.functions.fees import ceo_fee_twin, ceo_net_twin
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import charts, styles
from xladdin.workbooks.layout.data_validation import price_above
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.table import Placed, whole
from xladdin.workbooks.placements.columns import (
    CHART_DAY,
    CHART_GROSS,
    CHART_NET,
    PRICE,
    SOLD,
    TABLE,
    TO_THE_CENT,
    illustrative,
    log_dollars,
)
from xladdin.workbooks.placements.warrants import cap_checks, warrant_checks, warrant_lines
from xladdin.workbooks.quantities import EXACT, PRICE_TOLERANCE, Quantity
from xladdin.workbooks.share_basis import not_carried

TITLE: Final = "Totals"
_TOTALS_ROW: Final = 7


def write_totals(book: Book, placed: Placed) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        placed: The log.
    """
    selection = book.selection
    sheet = book.sheet(TITLE, (46, 20, 20, 14, 12), portrait=True)
    words = "What all placements of the log come to, and what is left of the agreement."
    sheet.title(TITLE, words + not_carried(selection), 5)
    last_sale = illustrative(selection)[-1][2]
    rest_price = price_above(selection.agreement.capacity, "A price, USD a share:")
    label = "Price for the rest, USD a share"
    price = InputLine("Price_for_the_rest", label, last_sale, styles.QUOTE, rest_price)
    write_inputs(sheet, 4, [price])

    lines = _totals(selection)
    lines += _shares_left(selection, _TOTALS_ROW + len(lines))
    lines += warrant_lines(selection)
    write_lines(book, sheet, _TOTALS_ROW, "ABCD", lines)
    _add_chart(sheet, placed, _TOTALS_ROW + len(lines) + 2)
    _add_checks(book)


def _totals(selection: Selection) -> list[FigureLine]:
    """List what all placements come to, in dollars and shares."""
    dollars = log_dollars(selection)
    gross, shares, price = (whole(TABLE, column) for column in ("Gross", SOLD, PRICE))
    return [
        FigureLine(
            "Gross_total",
            "Gross proceeds, USD",
            dollars,
            f"SUM({gross})",
            f"SUMPRODUCT({shares},{price})",
        ),
        FigureLine("Shares_total", "Shares sold", quantities.COUNT, f"SUM({shares})"),
        FigureLine(
            "Commission_total",
            "Commission, USD",
            dollars,
            "CEO_FEE(Gross_total,0,Deal)",
            ceo_fee_twin(selection, "Gross_total"),
        ),
        FigureLine(
            "Commission_to_the_cent",
            "Commission to the cent, USD",
            dollars,
            f"SUM({whole(TABLE, TO_THE_CENT)})",
            f"Commission_total+SUM({whole(TABLE, 'Rounding')})",
        ),
        FigureLine(
            "Net_total",
            "Net proceeds, USD",
            dollars,
            "CEO_NET(Gross_total,0,Deal)",
            ceo_net_twin(selection, "Gross_total", ceo_fee_twin(selection, "Gross_total")),
        ),
        FigureLine(
            "Capacity_left",
            "Capacity left, USD",
            dollars,
            "CEO_CAPACITY(Gross_total,,Deal)",
            ceo_capacity_twin(selection, "Gross_total"),
        ),
    ]


def _shares_left(selection: Selection, row: int) -> list[FigureLine]:
    """Make the line of the shares that can still be sold, and the steps to it in plain Excel.

    Args:
        selection: The deal and the agreement.
        row: Row of the capacity left, in dollars.
    """
    no_price = "COUNTBLANK(Price_for_the_rest)=1"
    steps = twins.PlainPurchase(f"C{row}", "C5", selection.agreement.capacity)
    price = twins.SplitDigits(f"C{row + 2}", f"C{row + 3}")
    helpers = (
        ("Nearest_left", "To the nearest share", steps.nearest),
        ("Rest_price_digits", "Digits of that price", steps.digits),
        ("Rest_price_behind", "Of them, behind the capacity's", steps.behind),
        ("Rest_error", "Error of doubles a share", steps.error(f"C{row + 1}", price)),
    )
    small = Quantity(styles.SMALL, EXACT)
    return [
        *(
            FigureLine(
                name,
                label,
                small if name == "Rest_error" else quantities.DIGITS,
                "",
                f"IF({no_price},0,{formula})",
            )
            for name, label, formula in helpers
        ),
        FigureLine(
            "Shares_left",
            "Shares left at that price",
            quantities.COUNT,
            f"IF({no_price},0,CEO_CAPACITY(Gross_total,Price_for_the_rest,Deal))",
            f"IF({no_price},0,{steps.shares(f'C{row + 1}', price, f'C{row + 4}')})",
        ),
    ]


def _add_checks(book: Book) -> None:
    selection = book.selection
    dollars = log_dollars(selection)
    book.checks += [
        Check(
            "Commission: sum of the placements' against that on the total",
            f"SUM({whole(TABLE, 'Commission')})",
            "Commission_total",
            "",
            dollars.tolerance,
            "tiers add up over placements",
            dollars.format,
        ),
        Check(
            "Net proceeds and commission make gross proceeds",
            "Net_total+Commission_total",
            "Gross_total",
            "",
            dollars.tolerance,
            "CEO_NET and CEO_FEE",
            dollars.format,
        ),
    ]
    rounding = whole(TABLE, "Rounding")
    book.checks.append(
        Check(
            "Commission to the cent: greatest rounding of a placement, beyond half a cent",
            f"MAX(0,MAX({rounding})-0.005,-0.005-MIN({rounding}))",
            0,
            "",
            PRICE_TOLERANCE,
            "each placement is paid to the cent",
            styles.USD_FINE,
        )
    )
    book.checks += warrant_checks(selection)
    _add_document_checks(book)


def _add_document_checks(book: Book) -> None:
    """Compare with the limit on warrants, and with the commission that the document prints."""
    selection = book.selection
    book.checks += cap_checks(selection)
    printed = selection.figures.get("printed.full_commission")
    if printed and selection.agreement is selection.terms.agreements[0]:
        book.checks.append(
            Check(
                "Commission on the whole capacity, as the document prints it",
                "CEO_FEE(agreement.capacity,0,Deal)",
                printed.name,
                "",
                EXACT,
                f"printed, {printed.source}",
                styles.USD,
            )
        )


def _add_chart(sheet: Sheet, placed: Placed, row: int) -> None:
    """Draw what was sold to date, from a row on: a point a placement, whatever their number."""
    columns = (CHART_GROSS, "1F3864"), (CHART_NET, "C55A11")
    chart = charts.by_day(sheet, placed, CHART_DAY, columns, "Sold to date", "USD")
    chart.width, chart.height = 20, 9.5
    sheet.worksheet.add_chart(chart, f"A{row}")
