"""WARRANT_VALUE and MAKE_WHOLE: what a warrant is worth, and what a table gives."""

from __future__ import annotations

from math import exp, log, sqrt
from typing import TYPE_CHECKING

from xladdin.core import valuation
from xladdin.functions.arguments import EXERCISE_PRICE, FACTOR, NUMBER, PRICE, Argument
from xladdin.functions.derivation import Step, given
from xladdin.functions.function import Function
from xladdin.functions.tables import GRID, Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.terms.selection import Selection

_MODEL = "Black-Scholes-Merton"


def _warrant_value_steps(
    price: float,
    exercise_price: float,
    years: float,
    volatility: float,
    rate: float,
    dividend_yield: float,
    value: float,
) -> Iterator[Step]:
    """Derive both discounted prices, the two deviations, and the difference."""
    share, strike = price * exp(-dividend_yield * years), exercise_price * exp(-rate * years)
    factor = exp(-dividend_yield * years)
    yield Step("Share, less dividends to expiry", price, factor, share, _MODEL)
    yield Step("Exercise price, discounted", exercise_price, exp(-rate * years), strike, _MODEL)
    deviation = volatility * sqrt(years)
    if not deviation or not strike:
        yield given("Nothing is uncertain: the difference, not below 0", value, _MODEL)
        return
    yield Step("Volatility to expiry", volatility, sqrt(years), deviation, _MODEL)
    moneyness = log(price) - log(exercise_price) + (rate - dividend_yield) * years
    first = moneyness / deviation + deviation / 2
    yield given("d1", first, _MODEL)
    yield given("d2", first - deviation, _MODEL)
    yield given("Share x N(d1) less exercise price x N(d2)", value, _MODEL)


def warrant_value_twin(
    _selection: Selection,
    price: str,
    exercise_price: str,
    years: str,
    volatility: str,
    rate: str,
    dividend_yield: str = "0",
) -> str:
    """Take Black-Scholes-Merton from NORM.S.DIST."""
    deviation = f"({volatility}*SQRT({years}))"
    drift = f"({rate}-{dividend_yield}+{volatility}^2/2)*{years}"
    first = f"(LN({price}/{exercise_price})+{drift})/{deviation}"
    share = f"{price}*EXP(-{dividend_yield}*{years})*NORM.S.DIST({first},TRUE)"
    strike = f"{exercise_price}*EXP(-{rate}*{years})*NORM.S.DIST({first}-{deviation},TRUE)"
    return f"{share}-{strike}"


WARRANT_VALUE = Function(
    name="WARRANT_VALUE",
    summary="Value of a warrant as a European call, by Black, Scholes and Merton.",
    arguments=(
        Argument("price", PRICE, "Price of the share, USD."),
        Argument("exercise_price", EXERCISE_PRICE, "Exercise price, USD a share; may be 0."),
        Argument("years", FACTOR, "Years to expiry."),
        Argument("volatility", FACTOR, "Volatility a year, such as 80%."),
        Argument("rate", NUMBER, "Riskless rate a year, continuously compounded."),
        Argument(
            "dividend_yield",
            FACTOR,
            "Dividend yield a year, continuously compounded.",
            optional=True,
            default=0.0,
        ),
    ),
    result="USD, within 1E-12 of the larger of price and exercise price",
    source="Merton (1973); Hull, Options, Futures, and Other Derivatives",
    implementation=valuation.warrant_value,
    each=True,
    derivation=_warrant_value_steps,
    twin=warrant_value_twin,
    example="=WARRANT_VALUE(42,40,0.5,0.2,0.1)",
    shows="4.759422392871532",
)


def _make_whole(grid: Grid, row: float, column: float) -> float:
    return valuation.make_whole(grid.rows, grid.columns, grid.cells, row, column)


def _make_whole_steps(grid: Grid, row: float, column: float, value: float) -> Iterator[Step]:
    """Derive the neighbours among the headings, and the straight lines between them."""
    for what, place, headings in (("row", row, grid.rows), ("column", column, grid.columns)):
        for at, weight in valuation.between(headings, place, f"{what}s"):
            label = f"Weight of the {what} {headings[at]:.15g}"
            yield Step(label, place, None, float(weight), "")
    yield given("The figures of the table by these weights", value, "the deal's own table")


MAKE_WHOLE = Function(
    name="MAKE_WHOLE",
    summary="A figure of a redemption or make-whole table, on straight lines between its figures.",
    arguments=(
        Argument("grid", GRID, "Range with headings in its first row and first column."),
        Argument("row", NUMBER, "Where to read among the rows; beyond an edge, the edge."),
        Argument("column", NUMBER, "Where to read among the columns."),
    ),
    result="the table's unit, unrounded",
    source="the deal's own table",
    implementation=_make_whole,
    not_available="a blank among the cells that are read",
    each=True,
    derivation=_make_whole_steps,
    no_twin="its neighbours are found by search, along headings that rise or fall",
    example="=MAKE_WHOLE({0,10,11;60,0.261,0.281;57,0.257,0.277},58.5,10.5)",
    shows="0.269",
)
