"""Reading a cell's number: as a sheet shows it where whole units are decided."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import inf, ulp
from typing import Final

DIGITS: Final = 15
"""Significant digits of a number that a sheet shows."""

_SHEET: Final = Context(prec=DIGITS, rounding=ROUND_HALF_UP)

_LEAST_SLACK: Final = Fraction(1, 100_000)
_MOST_SLACK: Final = Fraction(1, 200)
_ADDITIONS: Final = 2_048
"""Numbers in a running sum whose binary error a limit tolerates."""


@lru_cache(maxsize=4_096)
def as_shown(number: float) -> Fraction:
    """Round a double to the 15 significant digits that a sheet shows.

    A cell that shows 4.04 contains the double nearest to it, which is slightly greater; and 1.1*3
    is a neighbour of the double of 3.3. Rounding down a quotient of such doubles may lose a whole
    share. So, where whole units are decided, a number is what the sheet shows of it, and
    arithmetic is exact from there on.

    Args:
        number: Any finite number.

    Returns:
        The rounded number, exactly. A number halfway between two decimals is rounded away from
        0, as in Excel; its exact value decides. 0 is returned for -0.
    """
    return Fraction(*ratio_shown(number))


@lru_cache(maxsize=4_096)
def ratio_shown(number: float) -> tuple[int, int]:
    """Read a number as `as_shown` does, as numerator and denominator in lowest terms.

    Plain whole numbers multiply and compare several times as fast as fractions do.
    """
    return _SHEET.create_decimal_from_float(number).as_integer_ratio()


def nearest(numerator: int, denominator: int) -> float:
    """Divide whole numbers, and round once; infinite where no double is large enough.

    Args:
        numerator: Any whole number.
        denominator: A whole number above 0.
    """
    try:
        return numerator / denominator
    except OverflowError:
        return inf if numerator > 0 else -inf


@lru_cache
def slack(limit: Decimal | Fraction) -> Fraction:
    """Return the amount by which a dollar limit must be exceeded to count as exceeded.

    A running sum of doubles has a binary error that no reader sees. Each addition is off by
    at most half a unit in the last place, so that a sum of 2,048 numbers can be off by 1,024 of
    the limit's units. Up to some $67 million that is less than $0.00001.

    Args:
        limit: The limit, USD.

    Returns:
        $0.00001, or the error of such a sum if that is more; never more than half a cent, so that
        an excess of a cent always counts.
    """
    error = _ADDITIONS // 2 * Fraction(ulp(float(limit)))
    return min(max(_LEAST_SLACK, error), _MOST_SLACK)


def excess(limit: Decimal | Fraction, *amounts: float) -> Fraction:
    """Return the amount by which amounts, as shown, exceed a dollar limit together.

    Args:
        limit: The limit, USD.
        amounts: Amounts that add up, USD, finite.

    Returns:
        The sum less the limit, exactly; 0 where they lie within `slack` of each other.
    """
    found = sum(map(as_shown, amounts), -Fraction(limit))
    return found if abs(found) >= slack(limit) else Fraction()
