"""The Totals sheet of captable.xlsx: the prices of an exercise, and what all tranches add."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from openpyxl.chart import BarChart, Reference

from xladdin.functions.dilution import dilution_twin
from xladdin.functions.limits import nasdaq20_headroom_twin, nasdaq20_limit_twin
from xladdin.functions.twins import digits
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.captable import conversions
from xladdin.workbooks.captable.capitalisation import OUTSTANDING, based, latest_name
from xladdin.workbooks.captable.exercise import (
    AVERAGE,
    COUNTED,
    MARKET,
    MARKET_DIGITS,
    PLAIN_PRICE,
    TABLE,
    UNROUNDED_SHARES,
    tranches,
)
from xladdin.workbooks.captable.headroom import exchange_cap, stays, within
from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.illustrative import (
    USUAL_OUTSTANDING,
    last_sale_now,
    part_of_price,
)
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import charts, styles
from xladdin.workbooks.layout.data_validation import price_of, whole_number
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.table import twin_header, whole
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.share_basis import in_words

TITLE: Final = "Totals"

CASH: Final = Quantity(styles.USD, 0.005)
"""What is paid in all: off by less than a cent, and far more than what adding up hundreds of
thousands of millions in doubles is off by."""


_AVERAGE_OVER_LAST: Final = 150
"""The illustrative average price, in hundredths of the last sale: the shelf warrants of the shipped
deal are in the money at it."""


def write_totals(book: Book) -> None:
    """Write the sheet; the tables refer to its prices by their names.

    Args:
        book: The workbook.
    """
    sheet = book.sheet(TITLE, (46, 18, 18, 14, 34), portrait=True)
    words = "The prices of an exercise, and what all tranches and conversions add."
    sheet.title(TITLE, words + in_words(book.selection), 5)
    row = _write_prices(book, sheet) + 2
    sheet.put(f"A{row}", "All tranches", styles.HEADING)
    latest = latest_name(book.selection.deal.capitalisation)
    lines = _totals(book.selection, latest)
    write_lines(book, sheet, row + 1, "ABCD", lines)
    after = row + len(lines) + 3
    sheet.put(f"A{after}", "All conversions", styles.HEADING)
    more = list(_of_conversions(book.selection, latest))
    write_lines(book, sheet, after + 1, "ABCD", more)
    end = after + len(more) + 3
    sheet.put(f"A{end}", "For the plain-Excel twins", styles.HEADING)
    digits_ = f"IF(C6=0,0,{digits('C6')})"
    words = "Digits of the market price, as a whole number"
    line = FigureLine(MARKET_DIGITS, words, quantities.DIGITS, "", digits_)
    write_lines(book, sheet, end + 1, "ABCD", [line])
    if TABLE in book.entries.tables or tranches(book):
        _add_chart(sheet, row + 2, row + 4, end + 4)


def _write_prices(book: Book, sheet: Sheet) -> int:
    """Write what the shares of all tranches rest on, and return the last row."""
    stock = book.selection.deal.capitalisation
    last, where = last_sale_now(book.selection), "illustrative"
    if stock is not None:
        day = stock.last_sale_date
        page = sources(book, "capitalisation.last_sale")
        where = f"last sale, {day.day} {day:%b %Y} ({page})"
    average = float(part_of_price(last, _AVERAGE_OVER_LAST, 100))
    prices = (
        (AVERAGE, "Average price", average, "illustrative"),
        (MARKET, "Market price", float(last), where),
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
    if stock is None:
        label = "Shares outstanding"
        allowed = whole_number(1, label)
        count = InputLine(
            OUTSTANDING, label, USUAL_OUTSTANDING, styles.COUNT, allowed, "illustrative", True
        )
        lines.append(count)
    write_inputs(sheet, 4, lines)
    return 4 + len(lines)


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
            based(latest, f"{latest}+Treasury_stock_total"),
            based(latest, f"{latest}+SUM({plain_bought})"),
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


def _of_conversions(selection: Selection, latest: str) -> Iterator[FigureLine]:
    """Yield what all conversions add, if-converted, and whether they pass the exchange's limit."""
    shares, plain = (whole(conversions.TABLE, name) for name in ("Shares", "Plain shares"))
    yield FigureLine(
        "Conversion_total",
        "Shares if all convert",
        quantities.COUNT,
        f"SUM({shares})",
        f"SUM({plain})",
    )
    yield FigureLine(
        "Conversion_dilution",
        "Dilution, all converted",
        quantities.PERCENT,
        based(latest, f"DILUTION({latest},Conversion_total)"),
        based(latest, dilution_twin(selection, latest, f"SUM({plain})")),
    )
    bought = whole(TABLE, twin_header("Treasury stock shares"))
    yield FigureLine(
        "Diluted_if_converted",
        "Diluted shares, treasury stock and if-converted",
        UNROUNDED_SHARES,
        based(latest, "Diluted_shares+Conversion_total"),
        based(latest, f"{latest}+SUM({bought})+SUM({plain})"),
    )
    cap = exchange_cap(selection)
    if cap:
        sign = "<" if cap.inclusive is False else "<="
        limit = nasdaq20_limit_twin(selection, latest)
        of = "" if cap.rate is None else " of those outstanding"
        below = f"Conversion_total<=NASDAQ20_HEADROOM({latest},,Deal)"
        yield FigureLine(
            "Conversions_below_limit",
            f"All stay {within(cap)}{of}",
            quantities.WORDS,
            stays(cap, latest, below),
            stays(cap, latest, f"SUM({plain}){sign}{limit}"),
        )
        over = f"MAX(0,Conversion_total-NASDAQ20_HEADROOM({latest},,Deal))"
        beyond = f"MAX(0,SUM({plain})-{nasdaq20_headroom_twin(selection, latest)})"
        label = "Shares above that, if all convert"
        both = (one if cap.rate is None else based(latest, one) for one in (over, beyond))
        yield FigureLine("Conversions_above_limit", label, quantities.COUNT, *both)


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
    chart.y_axis.crosses = "max"  # which is at the bottom then, where its title is
    chart.width, chart.height = 22, 7
    worksheet.add_chart(chart, f"A{row}")
