"""Values of warrants: European calls, and tables of redemption and make-whole clauses."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import erfc, exp, inf, isfinite, log, sqrt

from xladdin.errors import NA, NUM, Described, InputError


def warrant_value(
    price: float,
    exercise_price: float,
    years: float,
    volatility: float,
    rate: float,
    dividend_yield: float,
) -> float:
    """Compute the value of a warrant as a European call, by Black, Scholes and Merton.

    Args:
        price: Price of the share, USD, above 0.
        exercise_price: Exercise price, USD, at least 0.
        years: Years to expiry, at least 0.
        volatility: Volatility a year, at least 0: 0.2 for 20%.
        rate: Riskless rate a year, continuously compounded; may be negative.
        dividend_yield: Dividend yield a year, continuously compounded, at least 0.

    Returns:
        The value, USD. It is within 1e-12 of the larger of price and exercise price, unless the
        rate is so negative that no double holds the discounted exercise price.

    Raises:
        OverflowError: The discounted exercise price is beyond every double.

    Source: Merton (1973), Theory of Rational Option Pricing; Hull, Options, Futures, and Other
    Derivatives, "The Black-Scholes-Merton model".
    """
    share = price * exp(-dividend_yield * years)
    strike = exercise_price * exp(-rate * years)
    if not isfinite(strike):
        raise OverflowError
    deviation = volatility * sqrt(years)
    if not deviation or not strike:
        return max(0.0, share - strike)
    # Logarithms of the prices apart, where no double holds their quotient.
    quotient = price / exercise_price
    moneyness = log(quotient) if 0 < quotient < inf else log(price) - log(exercise_price)
    forward = (moneyness + (rate - dividend_yield) * years) / deviation
    # Symmetric: an error of the common part moves both terms alike, and so not their difference.
    in_shares = share * _normal(forward + deviation / 2)
    in_cash = strike * _normal(forward - deviation / 2)
    return max(0.0, in_shares - in_cash)


def _normal(deviations: float) -> float:
    """Compute the cumulative normal distribution by erfc, exact far to the left as well."""
    return erfc(-deviations / sqrt(2)) / 2


def make_whole(
    rows: Sequence[float],
    columns: Sequence[float],
    cells: Sequence[Sequence[float | None]],
    row: float,
    column: float,
) -> float:
    """Read a table of a redemption or make-whole clause, on straight lines between its figures.

    Args:
        rows: Headings of the rows, rising or falling.
        columns: Headings of the columns, rising or falling.
        cells: The figures, row by row; None for one that is not there.
        row: Where to read among the rows; beyond an edge, the edge is read.
        column: Where to read among the columns.

    Returns:
        The figure; between four neighbours, the straight line along one side of what straight
        lines along the others give. Correctly rounded.

    Raises:
        InputError: Headings neither rise nor fall (#NUM!); a figure that is needed is not there
            (#N/A).

    Source: the deal's own table.
    """
    down, across = between(rows, row, "rows"), between(columns, column, "columns")
    total = Fraction()
    for at_row, part in down:
        for at_column, share in across:
            cell = cells[at_row][at_column]
            if cell is None:
                rule = "must hold a figure in each cell that is read"
                raise InputError(NA, "grid", None, rule, position=(at_row + 1, at_column + 1))
            total += part * share * Fraction(cell)
    return float(total)


def between(headings: Sequence[float], place: float, what: str) -> list[tuple[int, Fraction]]:
    """Find the neighbours of a place among headings, each with its weight, which is not 0.

    Args:
        headings: The headings, rising or falling.
        place: The place.
        what: What they are headings of, for errors.
    """
    falling = len(headings) > 1 and headings[0] > headings[1]
    for one, other in pairwise(headings):
        if one <= other if falling else one >= other:
            pair = Described(f"{one:.15g} followed by {other:.15g}")
            raise InputError(NUM, "grid", pair, f"must have headings of {what} that rise, or fall")
    last = len(headings) - 1
    rising = headings[::-1] if falling else headings
    after = bisect_right(rising, place)
    if not 0 < after <= last or rising[after - 1] == place:
        found = [(max(after - 1, 0), Fraction(1))]
    else:
        low, high = Fraction(rising[after - 1]), Fraction(rising[after])
        part = (Fraction(place) - low) / (high - low)
        found = [(after - 1, 1 - part), (after, part)]
    return [(last - at if falling else at, weight) for at, weight in found]
