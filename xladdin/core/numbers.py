"""How a cell's number is read: as a sheet shows it where whole units are decided."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import inf, ulp
from typing import Final

DIGITS: Final = 15
"""Significant digits that a sheet shows of a number."""

_SHEET: Final = Context(prec=DIGITS, rounding=ROUND_HALF_UP)

_LEAST_SLACK: Final = Fraction(1, 100_000)
_MOST_SLACK: Final = Fraction(1, 200)
_ADDITIONS: Final = 2_048
"""Numbers in a running sum whose binary error a limit has to bear."""


@lru_cache(maxsize=4_096)
def as_shown(number: float) -> Fraction:
    """Round a double to the 15 significant digits that a sheet shows.

    A sheet that shows 4.04 holds the double nearest to it, which lies a trifle above; and 1.1*3
    is a double beside that of 3.3. Rounding down a quotient of such doubles may lose a whole
    share. So, where whole units are decided, a number is what the sheet shows of it, and
    arithmetic is exact from there on.

    Args:
        number: Any finite number.

    Returns:
        The rounded number, exactly. What lies halfway between two decimals is rounded away from
        0, as Excel does; it is judged on the double's exact value. 0 is returned for -0.
    """
    return Fraction(*_SHEET.create_decimal_from_float(number).as_integer_ratio())


def times(amount: Fraction, factor: Fraction) -> float:
    """Multiply exactly, and round once; infinite where no double is large enough."""
    try:
        return (amount.numerator * factor.numerator) / (amount.denominator * factor.denominator)
    except OverflowError:
        return inf


@lru_cache
def slack(limit: Decimal) -> Fraction:
    """Return by how much a dollar limit must be passed for it to count as passed.

    A running sum of doubles carries a binary error that no reader sees. Each addition is off by
    at most half a unit in the last place, so that a sum of 2,048 numbers can be off by 1,024 of
    the limit's units. Up to some $67 million that is less than $0.00001.

    Args:
        limit: The limit, USD.

    Returns:
        $0.00001, or the error of such a sum where that is more; never more than half a cent, so
        that a limit that is passed by a cent is always passed.
    """
    error = _ADDITIONS // 2 * Fraction(ulp(float(limit)))
    return min(max(_LEAST_SLACK, error), _MOST_SLACK)


def excess(limit: Decimal, *amounts: float) -> Fraction:
    """Return by how much amounts, as shown, pass a dollar limit together.

    Args:
        limit: The limit, USD.
        amounts: Amounts that add up, USD, finite.

    Returns:
        The sum less the limit, exactly; 0 where they lie within `slack` of each other.
    """
    found = sum(map(as_shown, amounts), -Fraction(limit))
    return found if abs(found) >= slack(limit) else Fraction()
