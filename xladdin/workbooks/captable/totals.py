"""The Totals sheet of captable.xlsx: the prices of an exercise, and what all tranches add."""

from __future__ import annotations

from typing import Final

from openpyxl.chart import BarChart, Reference

from xladdin.functions.dilution import dilution_twin
from xladdin.functions.twins import digits
from xladdin.terms.securities import Capitalisation
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.captable.capitalisation import based, latest_name
from xladdin.workbooks.captable.exercise import (
    AVERAGE,
    COUNTED,
    MARKET,
    MARKET_DIGITS,
    PLAIN_PRICE,
    TABLE,
    UNROUNDED_SHARES,
    hundredths,
)
from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import charts, styles
from xladdin.workbooks.layout.data_validation import price_of
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.table import twin_header, whole
from xladdin.workbooks.quantities import Quantity

TITLE: Final = "Totals"

CASH: Final = Quantity(styles.USD, 0.005)
"""What is paid in all: off by less than a cent, and far more than what adding up hundreds of
thousands of millions in doubles is off by."""

_AVERAGE_OVER_LAST: Final = 150
"""The illustrative average price, in hundredths of the last sale: the shelf warrants of the shipped
deal are in the money at it."""


def write_totals(book: Book, stock: Capitalisation) -> None:
    """Write the sheet; the table of tranches refers to its prices by their names.

    Args:
        book: The workbook.
        stock: Its deal's capitalisation.
    """
    sheet = book.sheet(TITLE, (46, 18, 18, 14, 34), portrait=True)
    sheet.title(TITLE, "The prices of an exercise, and what all tranches add at them.", 5)
    _write_prices(book, sheet, stock)
    sheet.put("A9", "All tranches", styles.HEADING)
    lines = _totals(book.selection, latest_name(stock))
    write_lines(book, sheet, 10, "ABCD", lines)
    _add_chart(sheet, 11, 13, 12 + len(lines))


def _write_prices(book: Book, sheet: Sheet, stock: Capitalisation) -> None:
    """Write the prices that the shares of all tranches rest on."""
    average = float(hundredths(stock.last_sale, _AVERAGE_OVER_LAST))
    day = stock.last_sale_date
    page = sources(book, "capitalisation.last_sale")
    last_sale = f"last sale, {day.day} {day:%b %Y} ({page})"
    prices = (
        (AVERAGE, "Average price", average, "illustrative"),
        (MARKET, "Market price", float(stock.last_sale), last_sale),
    )
    lines = [
        InputLine(
            name,
            f"{what}, USD a share",
            value,
            styles.QUOTE,
            price_of(f"{what}, USD a share:"),
            source,
        )
        for name, what, value, source in prices
    ]
    write_inputs(book, sheet, 4, lines)
    sheet.put("A7", "Digits of the market price", styles.TEXT)
    sheet.formula("C7", f"IF(C6=0,0,{digits('C6')})", styles.TWIN, styles.DIGITS)
    book.name(MARKET_DIGITS, sheet, "C7")


def _totals(selection: Selection, latest: str) -> list[FigureLine]:
    """List the totals, given the name of the latest count of shares outstanding."""
    bought, cashless, counted = (
        whole(TABLE, name) for name in ("Treasury stock shares", "Cashless shares", COUNTED)
    )
    plain_bought, plain_cashless = (
        whole(TABLE, twin_header(name)) for name in ("Treasury stock shares", "Cashless shares")
    )
    return [
        FigureLine("Securities_total", "All, for cash", quantities.COUNT, f"SUM({counted})"),
        FigureLine(
            "Treasury_stock_total",
            "Treasury stock shares",
            UNROUNDED_SHARES,
            f"SUM({bought})",
            f"SUM({plain_bought})",
        ),
        FigureLine(
            "Cashless_total",
            "Cashless shares",
            quantities.COUNT,
            f"SUM({cashless})",
            f"SUM({plain_cashless})",
        ),
        FigureLine(
            "Cash_paid_total",
            "Paid if all exercise for cash, USD",
            CASH,
            f"SUM({whole(TABLE, 'Paid for cash')})",
            f"SUMPRODUCT({counted},{whole(TABLE, PLAIN_PRICE)})",
        ),
        FigureLine(
            "Diluted_shares",
            "Diluted shares, treasury stock",
            UNROUNDED_SHARES,
            f"{latest}+Treasury_stock_total",
            f"{latest}+SUM({plain_bought})",
        ),
        FigureLine(
            "Cashless_dilution",
            "Dilution, all cashless",
            quantities.PERCENT,
            based(latest, f"DILUTION({latest},Cashless_total)"),
            based(latest, dilution_twin(selection, latest, f"SUM({plain_cashless})")),
        ),
        FigureLine(
            "Cash_dilution",
            "Dilution, all for cash",
            quantities.PERCENT,
            based(latest, f"DILUTION({latest},Securities_total)"),
            based(latest, dilution_twin(selection, latest, f"SUM({counted})")),
        ),
    ]


def _add_chart(sheet: Sheet, first: int, last: int, row: int) -> None:
    """Draw some of the totals, whose number does not follow from the tranches, from a row on."""
    chart = BarChart()
    chart.type = "bar"
    charts.prepare(chart, "Shares that all tranches add", "", "Shares")
    chart.x_axis.title, chart.legend = None, None
    worksheet = sheet.worksheet
    chart.add_data(Reference(worksheet, min_col=2, min_row=first, max_row=last))
    charts.colour(chart.series[0], "1F3864")
    chart.set_categories(Reference(worksheet, min_col=1, min_row=first, max_row=last))
    chart.x_axis.scaling.orientation = "maxMin"
    chart.width, chart.height = 18, 7
    worksheet.add_chart(chart, f"A{row}")
