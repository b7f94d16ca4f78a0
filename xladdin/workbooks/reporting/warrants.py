"""The sheet of warrants: what they are, how many there were on three days, and their values."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from xladdin.calendars import LAST_YEAR
from xladdin.terms.selection import Selection
from xladdin.workbooks.common_sheets import calendar_years, origin_of
from xladdin.workbooks.figure_tables import FigureColumn, figure_columns
from xladdin.workbooks.illustrative import in_cents
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import date_between, price_of, short_text
from xladdin.workbooks.layout.remarks import (
    RowProblem,
    any_broken,
    judged,
    number_columns,
    when,
    where_counted,
)
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.layout.table import Column, this_row, twin_header, whole, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.reporting import warrant_headings as col
from xladdin.workbooks.reporting.illustrative import PRE_FUNDED, Ends
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.reporting.valuation_days import DIVIDEND_YIELD, VALUATION_DAYS, ValuationDay
from xladdin.workbooks.reporting.warrant_headings import CHANGES, TABLE
from xladdin.workbooks.share_basis import in_basis

EXERCISE: Final = "Exercise price"
EXPIRES: Final = "Expires"

NUMBER: Final = Quantity(styles.COUNT, 1e-4)
VALUE: Final = Quantity(styles.PRICE, 1e-6)
FAIR_VALUE: Final = Quantity(styles.USD, 0.01)
"""Counts, of which splits may leave fractions; what each is worth; what all are worth, which is
exact to the cent up to a trillion."""

MOST_VALUE: Final = "1E+12"
_ROWS: Final = 20
_YEARS_AHEAD: Final = 20
_LIFE: Final = 5
_HOPELESS: Final = -12
"""The d1 below which warrants count as worth nothing: less than 1E-32 of a share each."""

_DAYS_A_YEAR: Final = 365

_here: Final = partial(this_row, TABLE)


class ShownWarrants(NamedTuple):
    """An illustrative row, and how many of them there were at the beginning of the year."""

    name: str
    price: float
    expires: datetime.date | None
    number: int


def illustrative_warrants(programme: Programme, price: float, ends: Ends) -> list[ShownWarrants]:
    """List the deal's warrants that have a price, or made-up ones that fit a price of the share."""
    later = ends.period.replace(year=ends.period.year + _LIFE)
    found = [
        ShownWarrants(one.key, float(one.price), one.expires or later, one.count)
        for one in programme.selection.deal.instruments
        if one.kind in ("warrant", PRE_FUNDED) and one.count and one.price is not None
    ]
    stock = programme.selection.deal.capitalisation
    if stock and stock.shelf_warrants and stock.shelf_warrant_price is not None:
        of_the_shelf = float(stock.shelf_warrant_price)
        found.append(ShownWarrants("Of the shelf", of_the_shelf, later, stock.shelf_warrants))
    return found or [
        ShownWarrants("Of an offering, illustrative", in_cents(price * 0.8), later, 600_000),
        ShownWarrants("Of an agent, illustrative", in_cents(price * 1.3), later, 200_000),
        ShownWarrants("Pre-funded, illustrative", 0.0001, None, 150_000),
    ]


def of_day(one: ValuationDay, what: str) -> str:
    """Name a column of one of the days."""
    return f"{one.words} {what}"


def count_on(one: ValuationDay) -> str:
    """Name the column of how many warrants there were."""
    return of_day(one, "warrants")


def fair_value_on(one: ValuationDay) -> str:
    """Name the column of what all of them were worth."""
    return of_day(one, "fair value")


def value_on(one: ValuationDay) -> str:
    """Name the column of what each of them was worth."""
    return of_day(one, "value each")


def years_on(one: ValuationDay) -> str:
    """Name the column of the years to the expiry."""
    return of_day(one, "years left")


def valued_on(one: ValuationDay) -> str:
    """Name the column of whether there is something to value: 1 where there is."""
    return of_day(one, "valued")


def write_warrants(book: Book, shown: list[ShownWarrants]) -> None:
    """Write the sheet; the sheet Inputs must be there.

    Args:
        book: The workbook.
        shown: Illustrative warrants.
    """
    typed = _typed(book, shown)
    figures = [figure for one in VALUATION_DAYS for figure in _figures(one)]
    waits = f"{_here(col.COUNTED)}=0"
    made = figure_columns(book, TABLE, "the warrants", figures, waits, _steps(typed))
    columns = judged(book, TABLE, [*typed, *made], _failures(), _warnings())
    sheet = book.sheet(TABLE, ())
    placed = write_table(sheet, TABLE, HEADER_ROW, columns, _ROWS)
    finish_sheet(
        sheet,
        placed,
        TABLE,
        "Warrants",
        "One row for each kind of warrants; how many there are follows from the sheet Warrant "
        "changes. Each is worth what WARRANT_VALUE gives; without an expiry, as pre-funded ones "
        "are, the price of the share less the exercise price; nothing once it has expired. "
        f"{origin_of(book, TABLE, 'Those shown')}",
        _units(book.selection),
        frozen=2,
    )


def _units(selection: Selection) -> dict[str, str]:
    """Return the units that do not follow from number formats: all are in the same shares."""
    price, count = in_basis(selection, "USD a share"), in_basis(selection, "warrants")
    values = [value_on(one) for one in VALUATION_DAYS]
    counts = [count_on(one) for one in VALUATION_DAYS]
    return {
        col.COUNTED: "",
        **dict.fromkeys((EXERCISE, col.READ_PRICE), price),
        **{years_on(one): "years" for one in VALUATION_DAYS},
        **dict.fromkeys((*values, *map(twin_header, values)), "USD a warrant"),
        **dict.fromkeys((*counts, *map(twin_header, counts)), count),
    }


def _typed(book: Book, shown: list[ShownWarrants]) -> list[Column]:
    first, last = calendar_years(book)
    years = first - 2, min(last + _YEARS_AHEAD, LAST_YEAR)
    days = datetime.date(years[0], 1, 1), datetime.date(years[1], 12, 31)
    a_day = date_between(*days, f"Day of expiry, from {years[0]} to {years[1]}; blank for none.")
    a_price = price_of("Exercise price, USD a share:", least=0)
    return [
        Column(
            col.NO, styles.RESULT, styles.COUNT, 5, f"ROW()-ROW({TABLE}[[#Headers],[{col.NO}]])"
        ),
        Column(
            col.NAME,
            styles.INPUT,
            styles.GENERAL,
            30,
            values=[one.name for one in shown],
            allowed=short_text(60, "A name, of at most 60 characters."),
        ),
        Column(
            EXERCISE,
            styles.INPUT,
            styles.PRICE,
            14,
            values=[one.price for one in shown],
            allowed=a_price,
        ),
        Column(
            EXPIRES,
            styles.INPUT,
            styles.DATE,
            12,
            values=[one.expires for one in shown],
            allowed=a_day,
            optional=True,
        ),
    ]


def _figures(one: ValuationDay) -> Iterator[FigureColumn]:
    """Yield how many warrants there were on a day, and what each and all were worth."""

    def outstanding(net: str) -> str:
        until = f"({whole(CHANGES, col.CHANGES_DAY)}<={one.day})"
        own = f"({whole(CHANGES, col.CHANGES_AT)}={_here(col.NO)})*{until}"
        return f"ROUND(SUMPRODUCT({own}*{whole(CHANGES, net)}),6)"

    count, value = count_on(one), value_on(one)
    yield FigureColumn(
        count, NUMBER, 13, outstanding(col.CHANGES_NET), outstanding(twin_header(col.CHANGES_NET))
    )
    arguments = (
        one.price,
        _here(col.READ_PRICE),
        _here(years_on(one)),
        *map(as_counted, (one.volatility, one.rate, DIVIDEND_YIELD)),
    )
    in_shares, in_cash = (_here(of_day(one, what)) for what in ("in shares", "in cash"))
    nothing = f"{_here(valued_on(one))}=0"
    hopeless = f"{_here(of_day(one, 'd1'))}<{_HOPELESS}"
    yield FigureColumn(
        value,
        VALUE,
        11,
        f"IF(OR({nothing},{hopeless}),0,WARRANT_VALUE({','.join(arguments)}))",
        f"IF({nothing},0,MAX(0,{in_shares}-{in_cash}))",
    )
    yield FigureColumn(
        fair_value_on(one),
        FAIR_VALUE,
        16,
        f"{_here(count)}*{_here(value)}",
        f"{_here(twin_header(count))}*{_here(twin_header(value))}",
    )


def _steps(typed: list[Column]) -> list[Column]:
    """Make the columns of what counts of a row, and of the steps to its values in plain Excel."""
    wrong = any_broken(TABLE, typed)
    blanks = f"COUNTBLANK({TABLE}[[#This Row],[{col.NAME}]:[{EXERCISE}]])"

    counts = partial(where_counted, TABLE)
    columns = [
        Column(col.COUNTED, styles.TWIN, styles.COUNT, 9, f"IF({blanks}>0,0,IF({wrong}>0,NA(),1))"),
        *number_columns(TABLE, typed),
        Column(col.READ_PRICE, styles.TWIN, styles.PRICE, 14, counts(f"N({_here(EXERCISE)})")),
        Column(col.READ_EXPIRY, styles.TWIN, styles.DATE, 12, counts(f"INT(N({_here(EXPIRES)}))")),
    ]
    return columns + [column for one in VALUATION_DAYS for column in _valuation_steps(one)]


def _valuation_steps(one: ValuationDay) -> Iterator[Column]:
    """Yield the steps of Black, Scholes and Merton, each in a column that a reader can check."""
    expiry, strike, years = _here(col.READ_EXPIRY), _here(col.READ_PRICE), _here(years_on(one))
    price, volatility, rate, dividends = map(
        as_counted, (one.price, one.volatility, one.rate, DIVIDEND_YIELD)
    )
    deviation, first, expired = (
        _here(of_day(one, what)) for what in ("deviation", "d1", "expired")
    )
    share, discounted = (_here(of_day(one, what)) for what in ("share", "strike"))

    def step(what: str, form: str, formula: str) -> Column:
        return Column(of_day(one, what), styles.TWIN, form, 11, formula)

    yield step("expired", styles.COUNT, f"IF(AND({expiry}>0,{expiry}<{one.day}),1,0)")
    lasts = f"MAX(0,{expiry}-{one.day})/{_DAYS_A_YEAR}"
    yield step("years left", styles.MULTIPLE, f"IF({expiry}*{one.day}=0,0,{lasts})")
    there = f"AND({_here(col.COUNTED)}=1,{_some(one)},{price}>0,{expired}=0)"
    yield step("valued", styles.COUNT, f"IFERROR(IF({there},1,0),0)")
    yield step("share", styles.PRICE, f"{price}*EXP(-{dividends}*{years})")
    yield step("strike", styles.PRICE, f"{strike}*EXP(-{rate}*{years})")
    yield step("deviation", styles.SMALL, f"{volatility}*SQRT({years})")
    certain = f"{deviation}*{strike}=0"
    yield step("drift", styles.SMALL, f"({rate}-{dividends}+{volatility}^2/2)*{years}")
    distance = f"(LN({price}/{strike})+{_here(of_day(one, 'drift'))})/{deviation}"
    yield step("d1", styles.SMALL, f"IF(OR({certain},{price}=0),0,{distance})")
    for what, amount, d in (
        ("in shares", share, first),
        ("in cash", discounted, f"{first}-{deviation}"),
    ):
        likely = f"IF({first}<{_HOPELESS},0,NORMSDIST({d}))"
        yield step(what, styles.PRICE, f"{amount}*IF({certain},1,{likely})")
    lacks = f"OR({price}=0,AND({expiry}>0,{volatility}=0))"
    yield step("unpriced", styles.COUNT, f"IF({_some(one)},IF({lacks},1,0),0)")


def _some(one: ValuationDay) -> str:
    """Test whether there are any: splits may leave the dust of binary arithmetic."""
    return f"{_here(count_on(one))}>0.000001"


def _failures() -> list[RowProblem]:
    same = f"SUMPRODUCT(({whole(TABLE, col.NAME)}={_here(col.NAME)})*1)>1"
    most = f"MAX({','.join(_here(count_on(one)) for one in VALUATION_DAYS)})"
    prices = [_here(col.READ_PRICE), *(as_counted(one.price) for one in VALUATION_DAYS)]
    return [
        RowProblem("The same name as another", when(f"IF({_here(col.COUNTED)}=0,FALSE,{same})")),
        RowProblem(
            "Worth above 1 trillion of which cents are lost",
            when(f"{most}*MAX({','.join(prices)})>{MOST_VALUE}"),
        ),
    ]


def _warnings() -> list[RowProblem]:
    some = f"COUNTA({TABLE}[[#This Row],[{col.NAME}]:[{EXPIRES}]])"
    half = f"AND({_here(col.COUNTED)}=0,{some}>0)"

    def any_day(what: str) -> str:
        flags = (f"{_here(of_day(one, what))}*({_some(one)})" for one in VALUATION_DAYS)
        return when(f"{'+'.join(flags)}>0")

    return [
        RowProblem("Name or exercise price missing", when(half)),
        RowProblem("Still there after the expiry", any_day("expired")),
        RowProblem("Price or volatility of a day missing", any_day("unpriced")),
    ]
