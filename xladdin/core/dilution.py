"""Effects of new shares on those outstanding: dilution, exchange limits, diluted shares."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from xladdin.core.errors import NUM, InputError

if TYPE_CHECKING:
    from decimal import Decimal


def dilution(outstanding: int, new_shares: int) -> float:
    """Compute new shares over all shares after the issue.

    Args:
        outstanding: Shares outstanding before, at least 0.
        new_shares: Shares issued, at least 0.

    Returns:
        A fraction from 0 to 1; correctly rounded.

    Raises:
        InputError: There are no shares at all (#NUM!).

    Source: S-9.
    """
    if not outstanding + new_shares:
        raise InputError(NUM, "outstanding", 0, "and new_shares must not both be 0")
    return new_shares / (outstanding + new_shares)


def issuable_below(outstanding: int, issued: int, limit: Decimal) -> int:
    """Count the further shares that can be issued below a fraction of those outstanding.

    Args:
        outstanding: Shares outstanding before the transaction, at least 0.
        issued: Shares issued in the transaction so far, at least 0.
        limit: The fraction of outstanding stock that the issue must not reach.

    Returns:
        The greatest count that keeps the issue below the limit; 0 where it is reached already.

    Source: S-8.
    """
    rate = Fraction(limit)
    # The limit itself is out of bounds: one share fewer than the least count that reaches it.
    reaching = -(-outstanding * rate.numerator // rate.denominator)
    return max(0, reaching - 1 - issued)


def treasury_stock_shares(securities: int, exercise_price: float, average_price: float) -> float:
    """Compute incremental diluted shares by the treasury stock method.

    Args:
        securities: Shares under the options or warrants, at least 0.
        exercise_price: Exercise price, USD a share, at least 0.
        average_price: Average market price of the period, USD a share, above 0.

    Returns:
        Shares issued on exercise less shares bought back from its proceeds at the average
        price; unrounded, and 0 where out of the money.
    """
    if average_price <= exercise_price:
        return 0.0
    average = Fraction(average_price)
    return float(securities * (average - Fraction(exercise_price)) / average)
