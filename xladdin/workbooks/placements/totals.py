"""The Totals sheet of placements.xlsx: what all placements come to, checks on it, a chart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.functions import twins
from xladdin.functions.capacity import ceo_capacity_twin
from xladdin.functions.fees import ceo_fee_twin, ceo_net_twin
from xladdin.workbooks import quantities
from xladdin.workbooks.figures import FigureLine, Pair, check_of, write_lines
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import charts, styles
from xladdin.workbooks.layout.data_validation import price_above
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.table import Placed, twin_header, whole
from xladdin.workbooks.placements import headings as col
from xladdin.workbooks.placements.columns import illustrative
from xladdin.workbooks.placements.headings import TABLE
from xladdin.workbooks.placements.log_terms import LogTerms
from xladdin.workbooks.placements.warrants import cap_checks, warrant_checks, warrant_lines
from xladdin.workbooks.quantities import EXACT, PRICE_TOLERANCE, Quantity
from xladdin.workbooks.share_basis import carried_in_words, of_the_deal

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
    sheet.title(TITLE, words + carried_in_words(selection), 5)
    last_sale = illustrative(selection)[-1][2]
    log, top = LogTerms(selection), _TOTALS_ROW
    if log.in_dollars and log.limit is not None:
        rest_price = price_above(log.limit, "A price, USD a share:")
        label = "Price for the rest, USD a share"
        price = InputLine("Price_for_the_rest", label, last_sale, styles.QUOTE, rest_price)
        write_inputs(sheet, 4, [price])
    else:
        top = 4
    lines, steps = [*_totals(log), *warrant_lines(selection)], list[FigureLine]()
    if top == _TOTALS_ROW:
        left = top + len(_totals(log))
        steps_at = top + len(lines) + 4
        shares, steps = _shares_left(log, left, steps_at)
        lines.insert(len(_totals(log)), shares)
        sheet.put(f"A{steps_at - 1}", "For the plain-Excel twin of the shares left", styles.HEADING)
        write_lines(book, sheet, steps_at, "ABCD", steps)
    write_lines(book, sheet, top, "ABCD", lines)
    _add_chart(sheet, placed, top + len(lines) + 2 + bool(steps) * (len(steps) + 3))
    _add_checks(book)


def _totals(log: LogTerms) -> list[FigureLine]:
    """List what all placements come to, in dollars and shares."""
    selection, dollars = log.selection, log.dollars
    if log.by_total:
        fee, plain = "CEO_FEE(Gross_total,0,Deal)", ceo_fee_twin(selection, "Gross_total")
        net = "CEO_NET(Gross_total,0,Deal)"
    else:
        fee, plain = (f"SUM({whole(TABLE, name)})" for name in ("Commission", col.PLAIN_COMMISSION))
        net = "Gross_total-Commission_total"
    gross, shares, price = (whole(TABLE, column) for column in ("Gross", col.SOLD, col.PRICE))
    return [
        FigureLine(
            "Gross_total",
            "Gross proceeds, USD",
            dollars,
            f"SUM({gross})",
            f"SUMPRODUCT({shares},{price})",
        ),
        _shares_sold(log),
        FigureLine("Commission_total", "Commission, USD", dollars, fee, plain),
        FigureLine(
            "Commission_to_the_cent",
            "Commission to the cent, USD",
            dollars,
            f"SUM({whole(TABLE, col.TO_THE_CENT)})",
            f"Commission_total+SUM({whole(TABLE, 'Rounding')})",
        ),
        FigureLine(
            "Net_total",
            "Net proceeds, USD",
            dollars,
            net,
            ceo_net_twin(selection, "Gross_total", plain),
        ),
        *_capacity_left(log),
    ]


def _shares_sold(log: LogTerms) -> FigureLine:
    """Add the shares up: those of the deal's day."""
    if not log.carried:
        return FigureLine(
            "Shares_total", "Shares sold", log.shares, f"SUM({whole(TABLE, col.SOLD)})"
        )
    label = f"Shares sold{of_the_deal(log.selection)}"
    sums = (f"SUM({whole(TABLE, one)})" for one in (col.CARRIED, twin_header(col.CARRIED)))
    return FigureLine("Shares_total", label, log.shares, *sums)


def _capacity_left(log: LogTerms) -> Iterator[FigureLine]:
    """Yield what is left of the capacity, and what of it is sold where that is not the log's."""
    used, unit, quantity = "Gross_total", "USD", log.dollars
    if log.in_shares:
        used, unit, quantity = "Shares_total", "shares", quantities.COUNT
    if log.pooled:
        added = f"{used}+MAX({whole(TABLE, col.READ_OTHERS)})"
        if log.in_shares and not log.carried:
            added = added.replace(used, f"SUM({whole(TABLE, col.COUNT)})")
        used = "Sold_of_the_capacity"
        label = f"Sold under the whole pool, {unit}"
        yield FigureLine(used, label, log.shares if log.in_shares else quantity, added)
    if log.in_dollars or log.in_shares:
        yield FigureLine(
            "Capacity_left",
            f"Capacity left, {unit}",
            quantity,
            f"CEO_CAPACITY({used},,Deal)",
            ceo_capacity_twin(log.selection, used),
        )


def _shares_left(log: LogTerms, row: int, at: int) -> tuple[FigureLine, list[FigureLine]]:
    """Make the line of the shares that can still be sold, and the steps to it in plain Excel.

    Args:
        log: The agreement.
        row: Row of the capacity left, in dollars.
        at: Row of the headings of the steps.
    """
    used = "Sold_of_the_capacity" if log.pooled else "Gross_total"
    no_price = "COUNTBLANK(Price_for_the_rest)=1"
    steps = twins.PlainPurchase(f"C{row}", "C5", log.limit)
    nearest, error = f"C{at + 1}", f"C{at + 4}"
    price = twins.SplitDigits(f"C{at + 2}", f"C{at + 3}")
    helpers = (
        ("Nearest_left", "Shares that it buys, to the nearest one", steps.nearest),
        ("Rest_price_digits", "Digits of that price, as a whole number", steps.digits),
        ("Rest_price_behind", "How many stand behind the capacity's", steps.behind),
        ("Rest_error", "Error of arithmetic in doubles, a share", steps.error(nearest, price)),
    )
    shares = FigureLine(
        "Shares_left",
        "Shares left at that price",
        quantities.COUNT,
        f"IF({no_price},0,CEO_CAPACITY({used},Price_for_the_rest,Deal))",
        f"IF({no_price},0,{steps.shares(nearest, price, error)})",
    )
    kinds = [quantities.DIGITS] * 3 + [Quantity(styles.SMALL, EXACT)]
    return shares, [
        FigureLine(name, label, kind, "", f"IF({no_price},0,{formula})")
        for kind, (name, label, formula) in zip(kinds, helpers, strict=True)
    ]


def _add_checks(book: Book) -> None:
    selection, log = book.selection, LogTerms(book.selection)
    dollars = log.dollars
    if log.by_total:
        what = "Commission: sum of the placements' against that on the total"
        both = Pair(f"SUM({whole(TABLE, 'Commission')})", "Commission_total")
        book.checks.append(check_of(what, both, dollars, "", "tiers add up over placements"))
    what = "Net proceeds and commission make gross proceeds"
    both = Pair(f"SUM({whole(TABLE, 'Net proceeds')})+Commission_total", "Gross_total")
    book.checks.append(check_of(what, both, dollars, "", "placement by placement"))
    rounding, words = whole(TABLE, "Rounding"), "each placement is paid to the cent"
    what = "Commission to the cent: greatest rounding of a placement, beyond half a cent"
    beyond = f"MAX(0,MAX({rounding})-0.005,-0.005-MIN({rounding}))"
    book.checks.append(Check(what, beyond, 0, "", PRICE_TOLERANCE, words, styles.USD_FINE))
    book.checks += warrant_checks(selection)
    _add_document_checks(book)


def _add_document_checks(book: Book) -> None:
    """Compare with the limit on warrants, and with the commission that the document prints."""
    selection = book.selection
    book.checks += cap_checks(selection)
    printed = selection.figures.get("printed.full_commission")
    if selection.acted_on or not LogTerms(selection).by_total:
        return
    if printed and selection.of("").sales is selection.sales:
        what = "Commission on the whole capacity, as the document prints it"
        both = Pair("CEO_FEE(agreement.capacity,0,Deal)", printed.name)
        source = f"printed, {printed.source}"
        book.checks.append(check_of(what, both, quantities.EXACT_USD, "", source))


def _add_chart(sheet: Sheet, placed: Placed, row: int) -> None:
    """Draw what was sold to date, from a row on: a point a placement, whatever their number."""
    columns = (col.CHART_GROSS, "1F3864"), (col.CHART_NET, "C55A11")
    chart = charts.by_day(sheet, placed, col.CHART_DAY, columns, "Sold to date", "USD")
    chart.width, chart.height = 20, 9.5
    sheet.worksheet.add_chart(chart, f"A{row}")
