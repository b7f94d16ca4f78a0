"""The Exercise sheet of captable.xlsx: what tranches of options and warrants add."""

from __future__ import annotations

from typing import Final, NamedTuple

from xladdin.functions.dilution import dilution_twin
from xladdin.functions.exercise import PlainExercise, treasury_stock_shares_twin
from xladdin.functions.twins import SplitDigits
from xladdin.terms.deal import Deal
from xladdin.terms.securities import Instrument
from xladdin.workbooks import quantities
from xladdin.workbooks.captable.capitalisation import based, latest_name
from xladdin.workbooks.common_sheets import leave_out, sources
from xladdin.workbooks.figure_tables import FigureColumn, figure_columns
from xladdin.workbooks.illustrative import USUAL_PRICE, last_sale, part_of_price
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.cited import cite_rows
from xladdin.workbooks.layout.remarks import RowProblem, any_broken, judged, missing, number_columns
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.layout.table import Column, Placed, this_row, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.share_basis import of_the_deal

TITLE: Final = "Exercise"
TABLE: Final = "Tranches"
ROWS: Final = 20
"""Rows of the table at first; those without a tranche wait for input."""

_SECURITIES: Final = allow.whole_number(
    0, "Shares under the options or warrants", allow.MOST_SECURITIES
)

UNROUNDED_SHARES: Final = Quantity(styles.COUNT, 1e-4)
"""Shares that are not rounded: off by far less than one, and far more than double rounding is."""

AVERAGE: Final = "Average_price"
MARKET: Final = "Market_price"
MARKET_DIGITS: Final = "Market_price_digits"
COUNTED: Final = "Counted"
"""Column of securities in the totals: those of rows that are complete."""
PLAIN_PRICE: Final = "Plain price"
"""Column of the exercise prices of those rows."""

SOURCE: Final = "Source"
SECURITIES: Final = "Securities"
EXERCISE_PRICE: Final = "Exercise price"
"""Headings of what is typed."""

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


class Tranche(NamedTuple):
    """A first row of the table."""

    name: str
    source: str
    securities: int
    exercise_price: float


def write_exercise(book: Book) -> Placed:
    """Write the sheet.

    Args:
        book: The workbook.

    Returns:
        The table.
    """
    for one in _with_a_price(book.selection.deal):
        if not _SECURITIES.allows(one.count):
            leave_out(book, TABLE, one.key, f"{one.count:,} securities", one.sources["count"])
    sheet = book.sheet(TITLE, ())
    placed = write_table(sheet, TABLE, HEADER_ROW, _columns(book), ROWS)
    finish_sheet(
        sheet,
        placed,
        TABLE,
        "Exercise of options and warrants",
        "By the treasury stock method, the proceeds of an exercise buy shares back at the "
        "period's average price. In a cashless exercise the holder gives up as many shares, at "
        "the market price, as pay for it. Tranches at or above these prices add nothing.",
        {},
        frozen=2,
        basis=lambda _: of_the_deal(book.selection),
    )
    cite_rows(sheet, placed, SOURCE, (SECURITIES, EXERCISE_PRICE), _typed(book))
    return placed


def tranches(book: Book) -> list[Tranche]:
    """Return the first rows: what the deal has, then illustrative ones that fit its document."""
    deal = book.selection.deal
    rows = [
        Tranche(
            one.key[:_LONGEST_NAME],
            _cited(book, one)[:_LONGEST_NAME],
            one.count or 0,
            float(one.price or 0),
        )
        for one in _with_a_price(deal)
        if _SECURITIES.allows(one.count)
    ]
    stock = deal.capitalisation
    if stock is None:
        return rows
    if stock.shelf_warrants and stock.shelf_warrant_price is not None:
        pages = sources(book, "capitalisation.shelf_warrants", "capitalisation.shelf_warrant_price")
        price = float(stock.shelf_warrant_price)
        rows.append(Tranche("Warrants issued under the shelf", pages, stock.shelf_warrants, price))
    for name, part, over in _MADE_UP:
        securities = stock.options_and_warrants * part // 100
        securities -= securities % 1000 if securities > 1000 else 0
        amount = float(part_of_price(last_sale(book.selection, USUAL_PRICE), over, 100))
        if securities:
            rows.append(Tranche(f"{name}, illustrative", "illustrative", securities, amount))
    return rows


def _cited(book: Book, one: Instrument) -> str:
    """Cite the count of a security, with what splits have made of it."""
    source = one.sources.get("count", "")
    figures = {f"instruments.{one.key}.{name}" for name in ("count", "price")}
    after = "; adjusted for splits" if figures & book.selection.adjusted else ""
    return f"{source}{after}" if source else ""


def _with_a_price(deal: Deal) -> list[Instrument]:
    """List the securities of a deal that can be exercised at a price."""
    return [one for one in deal.instruments if one.count and one.price is not None]


def _here(column: str) -> str:
    return this_row(TABLE, column)


def _columns(book: Book) -> list[Column]:
    waiting = f"{_here(COUNTED)}=0"
    securities, price = _here("Securities"), _here("Exercise price")
    blank = f"COUNTBLANK({TABLE}[[#This Row],[Securities]:[Exercise price]])"
    exercise = PlainExercise(_here(COUNTED), as_counted(MARKET), _here(PLAIN_PRICE))
    columns = _typed(book)
    # A formula may leave 3.0000000000000004.
    good = f"IF({any_broken(TABLE, columns[-2:])}>0,NA(),ROUND({securities},0))"
    columns += [
        Column(COUNTED, styles.RESULT, styles.COUNT, 13, f"IF({_here(_BLANK)}=0,{good},0)"),
        Column(
            "Paid for cash", styles.RESULT, styles.USD, 15, f"IF({waiting},0,{securities}*{price})"
        ),
    ]
    steps = [
        Column(_BLANK, styles.TWIN, styles.COUNT, 7, blank),
        *number_columns(TABLE, columns),
        Column(PLAIN_PRICE, styles.TWIN, styles.QUOTE, 12, f"IF({waiting},0,{price})"),
        *_steps_to_cashless_shares(exercise),
    ]
    columns += figure_columns(book, TABLE, "the tranches", _figures(book, exercise), waiting, steps)
    return judged(book, TABLE, columns, warnings=[_half_typed()])


def _figures(book: Book, exercise: PlainExercise) -> list[FigureColumn]:
    """List what a tranche adds, by each way of exercise."""
    selection, latest = book.selection, latest_name(book.selection.deal.capitalisation)
    securities, price, average = _here("Securities"), _here("Exercise price"), as_counted(AVERAGE)
    kept = exercise.shares(_here(_GIVEN_UP), f"{_here(_UNPAID)}+{_here(_UNPAID_REST)}")

    def priced(at: str, formula: str) -> str:
        return f'IF({at}="",0,{formula})'

    return [
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
    ]


def _typed(book: Book) -> list[Column]:
    """Make the columns that are typed into, the last two with what is counted."""
    first = tranches(book)
    any_text = f"A text of at most {_LONGEST_NAME} characters."
    return [
        Column("No", styles.RESULT, styles.COUNT, 5, f"ROW()-ROW({TABLE}[[#Headers],[No]])"),
        Column(
            "Name",
            styles.INPUT,
            styles.GENERAL,
            32,
            values=[item.name for item in first],
            allowed=allow.short_text(_LONGEST_NAME, any_text),
        ),
        Column(
            SOURCE,
            styles.INPUT,
            styles.GENERAL,
            max(15, *(len(item.source) + 2 for item in first)) if first else 15,
            values=[item.source for item in first],
            allowed=allow.short_text(_LONGEST_NAME, any_text),
            optional=True,
        ),
        Column(
            SECURITIES,
            styles.INPUT,
            styles.COUNT,
            15,
            values=[item.securities for item in first],
            allowed=_SECURITIES,
        ),
        Column(
            EXERCISE_PRICE,
            styles.INPUT,
            styles.QUOTE,
            12,
            values=[item.exercise_price for item in first],
            allowed=allow.price_of("Exercise price, USD a share:", least=0),
        ),
    ]


def _steps_to_cashless_shares(exercise: PlainExercise) -> list[Column]:
    """Make the columns on the way to the cashless shares in plain Excel."""
    given_up, worth, digits_, behind, market_behind = (
        this_row(TABLE, column) for column in (_GIVEN_UP, _WORTH, _DIGITS, _BEHIND, _MARKET_BEHIND)
    )
    split, market_split = SplitDigits(digits_, behind), SplitDigits(MARKET_DIGITS, market_behind)
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
    return missing(TABLE, ("Securities", "Exercise price"), half)
