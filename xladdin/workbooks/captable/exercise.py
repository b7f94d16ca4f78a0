"""The Exercise sheet of captable.xlsx: what tranches of options and warrants add."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment

from xladdin.functions.dilution import dilution_twin
from xladdin.functions.exercise import PlainExercise, treasury_stock_shares_twin
from xladdin.functions.twins import SplitDigits, digits
from xladdin.terms.securities import Capitalisation
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.captable.capitalisation import based, latest_name
from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.figure_tables import FigureColumn, figure_columns, finish_table
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.layout import charts, styles
from xladdin.workbooks.layout.data_validation import price_of, short_text, whole_number
from xladdin.workbooks.layout.remarks import RowProblem, any_broken, judged, number_columns, when
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted
from xladdin.workbooks.layout.table import Column, Placed, this_row, twin_header, whole, write_table
from xladdin.workbooks.quantities import Quantity

TITLE: Final = "Exercise"
TABLE: Final = "Tranches"
HEADER_ROW: Final = 24
ROWS: Final = 20
"""Rows of the table at first; those without a tranche wait for input."""

_MOST_SECURITIES: Final = 10**10
"""The most that one row may have: what they are worth is then exact in cents, see `SplitDigits`."""

UNROUNDED_SHARES: Final = Quantity(styles.COUNT, 1e-4)
"""Shares that are not rounded: off by far less than one, and far more than double rounding is."""

CASH: Final = Quantity(styles.USD, 0.005)
"""What is paid in all: off by less than a cent, and far more than what adding up hundreds of
thousands of millions in doubles is off by."""

AVERAGE: Final = "Average_price"
MARKET: Final = "Market_price"
COUNTED: Final = "Counted"
"""Column of securities in the totals: those of rows that are complete."""
PLAIN_PRICE: Final = "Plain price"
"""Column of the exercise prices of those rows."""

_BLANK: Final = "Blank"
"""Column of how many of a row's two figures are missing."""

_GIVEN_UP: Final = "Given up"
_WORTH: Final = "Worth"
_DIGITS: Final = "Digits"
_BEHIND: Final = "Behind"
_MARKET_BEHIND: Final = "Behind market"
_FIRST: Final = "First digits"
_LAST: Final = "Last digits"
_MARKET_FIRST: Final = "First of market"
_MARKET_LAST: Final = "Last of market"
_UNPAID: Final = "Unpaid"
_UNPAID_REST: Final = "Unpaid rest"
"""Columns on the way to the cashless shares; see `PlainExercise`."""

_LONGEST_NAME: Final = 60

_MADE_UP: Final = (("Older options", 10, 60), ("Newer options", 15, 90), ("Warrants", 20, 125))
"""Illustrative tranches: name, securities in hundredths of all options and warrants, exercise
price in hundredths of the last sale."""

_AVERAGE_OVER_LAST: Final = 150
"""The illustrative average price, in hundredths of the last sale: the shelf warrants of the shipped
deal are in the money at it."""


class Tranche(NamedTuple):
    """A first row of the table."""

    name: str
    source: str
    securities: int
    exercise_price: float


def write_exercise(book: Book) -> Placed:
    """Write the sheet; the Capitalisation sheet must be there.

    Args:
        book: The workbook, of a deal that has a capitalisation.

    Returns:
        The table.
    """
    stock = book.selection.terms.capitalisation
    assert stock is not None
    sheet = book.sheet(TITLE, ())
    columns = _columns(book, stock)
    placed = write_table(sheet, TABLE, HEADER_ROW, columns, ROWS)
    sheet.title(
        "Exercise of options and warrants",
        "By the treasury stock method, the proceeds of an exercise buy shares back at the "
        "period's average price. In a cashless exercise the holder gives up as many shares, at "
        "the market price, as pay for it. Tranches at or above these prices add nothing.",
        len(columns),
    )
    _write_totals(book, sheet, stock)
    _add_chart(sheet, placed)
    finish_table(sheet, placed, TABLE, columns, "Tranches")
    return placed


def tranches(book: Book, stock: Capitalisation) -> list[Tranche]:
    """Return the first rows: what the document has, then illustrative ones that fit the deal."""
    rows = []
    if stock.shelf_warrants and stock.shelf_warrant_price is not None:
        pages = sources(book, "capitalisation.shelf_warrants", "capitalisation.shelf_warrant_price")
        price = float(stock.shelf_warrant_price)
        rows.append(Tranche("Warrants issued under the shelf", pages, stock.shelf_warrants, price))
    for name, part, over in _MADE_UP:
        securities = stock.options_and_warrants * part // 100
        securities -= securities % 1000 if securities > 1000 else 0
        amount = float(_hundredths(stock.last_sale, over))
        if securities and amount:
            rows.append(Tranche(f"{name}, illustrative", "illustrative", securities, amount))
    return rows


def _hundredths(price: Decimal, part: int) -> Decimal:
    return (price * part / 100).quantize(Decimal("0.01"))


def _columns(book: Book, stock: Capitalisation) -> list[Column]:
    selection = book.selection
    latest = latest_name(stock)

    def here(column: str) -> str:
        return this_row(TABLE, column)

    waiting = f"{here(COUNTED)}=0"
    blank = f"COUNTBLANK({TABLE}[[#This Row],[Securities]:[Exercise price]])"

    def priced(price: str, formula: str) -> str:
        return f'IF({price}="",0,{formula})'

    securities, price = here("Securities"), here("Exercise price")
    counted, plain_price = here(COUNTED), here(PLAIN_PRICE)
    average = as_counted(AVERAGE)
    # The market price as it counts.
    exercise = PlainExercise(counted, "$D$6", plain_price)
    kept = exercise.shares(here(_GIVEN_UP), f"{here(_UNPAID)}+{here(_UNPAID_REST)}")
    results = (
        FigureColumn(
            "Treasury stock shares",
            UNROUNDED_SHARES,
            14,
            priced(AVERAGE, f"TREASURY_STOCK_SHARES({securities},{price},{AVERAGE})"),
            priced(AVERAGE, treasury_stock_shares_twin(selection, securities, price, average)),
        ),
        FigureColumn(
            "Cashless shares",
            quantities.COUNT,
            14,
            priced(MARKET, f"NET_EXERCISE_SHARES({securities},{MARKET},{price})"),
            priced(MARKET, kept),
        ),
        FigureColumn(
            "Dilution for cash",
            quantities.PERCENT,
            10,
            based(latest, f"DILUTION({latest},{securities})"),
            based(latest, dilution_twin(selection, latest, securities)),
        ),
    )
    columns = _typed(book, stock)
    # A formula may leave 3.0000000000000004.
    good = f"IF({any_broken(TABLE, columns[-2:])}>0,NA(),ROUND({securities},0))"
    columns += [
        Column(_BLANK, styles.RESULT, styles.COUNT, 7, blank),
        Column(COUNTED, styles.RESULT, styles.COUNT, 13, f"IF({here(_BLANK)}=0,{good},0)"),
        *number_columns(TABLE, columns),
        Column(
            "Paid for cash", styles.RESULT, styles.USD, 15, f"IF({waiting},0,{securities}*{price})"
        ),
    ]
    columns += figure_columns(book, TABLE, "the tranches", results, waiting)
    at = next(at for at, column in enumerate(columns) if column.style == styles.TWIN)
    columns[at:at] = [
        Column(PLAIN_PRICE, styles.TWIN, styles.QUOTE, 10, f"IF({waiting},0,{price})"),
        *_steps_to_cashless_shares(exercise),
    ]
    return judged(book, TABLE, columns, warnings=[_half_typed()])


def _typed(book: Book, stock: Capitalisation) -> list[Column]:
    """Make the columns that are typed into, the last two with what is counted."""
    first = tranches(book, stock)
    any_text = f"A text of at most {_LONGEST_NAME} characters."
    return [
        Column("No", styles.RESULT, styles.COUNT, 5, f"ROW()-ROW({TABLE}[[#Headers],[No]])"),
        Column(
            "Name",
            styles.INPUT,
            styles.GENERAL,
            32,
            values=[item.name for item in first],
            allowed=short_text(_LONGEST_NAME, any_text),
        ),
        Column(
            "Source",
            styles.INPUT,
            styles.GENERAL,
            15,
            values=[item.source for item in first],
            allowed=short_text(_LONGEST_NAME, any_text),
            optional=True,
        ),
        Column(
            "Securities",
            styles.INPUT,
            styles.COUNT,
            15,
            values=[item.securities for item in first],
            allowed=whole_number(0, "Shares under the options or warrants", _MOST_SECURITIES),
        ),
        Column(
            "Exercise price",
            styles.INPUT,
            styles.QUOTE,
            10,
            values=[item.exercise_price for item in first],
            allowed=price_of("Exercise price, USD a share:", least=0),
        ),
    ]


def _steps_to_cashless_shares(exercise: PlainExercise) -> list[Column]:
    """Make the columns on the way to the cashless shares in plain Excel."""
    given_up, worth, digits_, behind, market_behind = (
        this_row(TABLE, column) for column in (_GIVEN_UP, _WORTH, _DIGITS, _BEHIND, _MARKET_BEHIND)
    )
    split, market_split = SplitDigits(digits_, behind), SplitDigits("$D$7", market_behind)
    first, last, market_first, market_last = (
        this_row(TABLE, column) for column in (_FIRST, _LAST, _MARKET_FIRST, _MARKET_LAST)
    )
    waiting = f"{exercise.warrants}*{exercise.market}=0"
    return [
        Column(header, styles.TWIN, styles.GENERAL, 12, f"IF({waiting},0,{formula})")
        for header, formula in (
            (_GIVEN_UP, exercise.given_up),
            (_WORTH, exercise.order),
            (_DIGITS, exercise.digits),
            (_BEHIND, exercise.behind(worth)),
            (_MARKET_BEHIND, exercise.market_behind(worth)),
            (_FIRST, split.first),
            (_LAST, split.last),
            (_MARKET_FIRST, market_split.first),
            (_MARKET_LAST, market_split.last),
            (_UNPAID, exercise.unpaid(given_up, first, market_first)),
            (_UNPAID_REST, exercise.unpaid(given_up, last, market_last)),
        )
    ]


def _half_typed() -> RowProblem:
    """Name a tranche that has one of its two figures and so is in no total."""
    half = f"{this_row(TABLE, _BLANK)}=1"
    return RowProblem("Securities or exercise price missing", when(half))


def _write_totals(book: Book, sheet: Sheet, stock: Capitalisation) -> None:
    """Write the prices and the totals above the table: it grows downwards."""
    _write_prices(book, sheet, stock)
    sheet.put("A8", "All tranches", styles.HEADING)
    write_lines(book, sheet, 9, "ACDE", _totals(book.selection, latest_name(stock)))


def _write_prices(book: Book, sheet: Sheet, stock: Capitalisation) -> None:
    """Write the prices that the shares of all tranches rest on."""
    average = float(_hundredths(stock.last_sale, _AVERAGE_OVER_LAST))
    day = stock.last_sale_date
    page = sources(book, "capitalisation.last_sale")
    last_sale = f"last sale, {day.day} {day:%b %Y} ({page})"
    sheet.put("A4", "Prices", styles.HEADING)
    for row, label, name, value, what, source in (
        (5, "Average price, USD", AVERAGE, average, "Average price", "illustrative"),
        (6, "Market price, USD", MARKET, float(stock.last_sale), "Market price", last_sale),
    ):
        sheet.put(f"A{row}", label, styles.TEXT)
        sheet.merge(f"A{row}", 2)
        rule = price_of(f"{what}, USD a share:")
        sheet.input(f"C{row}", name, value, styles.QUOTE, rule, f"D{row}")
        sheet.note(f"E{row}", book.source_of_inputs([name], source), 2)
        note = sheet.at(f"E{row}")
        note.alignment = Alignment("left", vertical="center", wrap_text=True, indent=1)
    sheet.put("A7", "Digits of the market price", styles.TEXT)
    sheet.merge("A7", 2)
    sheet.formula("D7", f"IF(D6=0,0,{digits('D6')})", styles.TWIN, styles.DIGITS)


def _totals(selection: Selection, latest: str) -> list[FigureLine]:
    """List the totals, given the name of the latest count of shares outstanding."""
    bought, cashless, counted = (
        whole(TABLE, name) for name in ("Treasury stock shares", "Cashless shares", COUNTED)
    )
    plain_bought, plain_cashless = (
        whole(TABLE, twin_header(name)) for name in ("Treasury stock shares", "Cashless shares")
    )
    return [
        FigureLine("Securities_total", "Securities", quantities.COUNT, f"SUM({counted})"),
        FigureLine(
            "Cash_paid_total",
            "Paid if all exercise for cash, USD",
            CASH,
            f"SUM({whole(TABLE, 'Paid for cash')})",
            f"SUMPRODUCT({counted},{whole(TABLE, PLAIN_PRICE)})",
        ),
        FigureLine(
            "Treasury_stock_total",
            "Treasury stock shares",
            UNROUNDED_SHARES,
            f"SUM({bought})",
            f"SUM({plain_bought})",
        ),
        FigureLine(
            "Diluted_shares",
            "Diluted shares, treasury stock",
            UNROUNDED_SHARES,
            f"{latest}+Treasury_stock_total",
            f"{latest}+SUM({plain_bought})",
        ),
        FigureLine(
            "Cashless_total",
            "Cashless shares",
            quantities.COUNT,
            f"SUM({cashless})",
            f"SUM({plain_cashless})",
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


def _add_chart(sheet: Sheet, placed: Placed) -> None:
    chart = BarChart()
    chart.type = "col"
    charts.prepare(chart, "Shares that each tranche adds", "Tranche", "Shares")
    worksheet = sheet.worksheet
    headings = {column.header: number for number, column in enumerate(placed.columns, 1)}
    last = placed.last_row
    for header, colour in (("Treasury stock shares", "1F3864"), ("Cashless shares", "C55A11")):
        data = Reference(worksheet, min_col=headings[header], min_row=HEADER_ROW, max_row=last)
        chart.add_data(data, titles_from_data=True)
        charts.colour(chart.series[-1], colour)
    numbers = Reference(worksheet, min_col=1, min_row=HEADER_ROW + 1, max_row=last)
    chart.set_categories(numbers)
    chart.width, chart.height = 16, 9
    worksheet.add_chart(chart, "G4")
