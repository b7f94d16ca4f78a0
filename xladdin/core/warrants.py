"""Warrants that a placement agent earns: their count, exercise price and cashless exercise."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from xladdin.core.decimals import as_shown
from xladdin.errors import NUM, InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from xladdin.terms.agreements import AgentWarrants


def warrants_earned(shares: int, warrants: AgentWarrants) -> int:
    """Count the warrants earned on shares sold, rounded to whole warrants as the terms have it.

    Args:
        shares: All shares sold under the agreement, at least 0. What one placement adds is the
            difference between the counts with it and without it.
        warrants: The warrants' terms.

    Returns:
        The count.

    Source: S-11, S-12.
    """
    part, whole = warrants.rate_ratio
    earned, rounding = shares * part, warrants.rounding
    if rounding == "down":
        return earned // whole
    if rounding == "up":
        return -(-earned // whole)
    return (2 * earned + whole) // (2 * whole)  # nearest, halves up


def check_sold(sales: Iterable[tuple[int, float]]) -> None:
    """Raise `InputError` (#NUM!) unless some sale has shares: an average needs at least one."""
    if not any(shares for shares, _ in sales):
        raise InputError(NUM, "shares", 0, "must hold shares sold: an average needs at least one")


def weighted_price(sales: Collection[tuple[int, float]]) -> Fraction:
    """Compute the volume-weighted average price of sales.

    Args:
        sales: Shares sold and price of each sale, USD a share; prices are read as shown.

    Returns:
        The average, exactly, USD a share.

    Raises:
        InputError: No shares were sold (#NUM!).
    """
    check_sold(sales)
    shares_sold = 0
    # Prices in cents have few denominators. Adding up the numerators by denominator keeps the sum
    # exact with plain integers, which is much faster than adding fractions.
    amounts: defaultdict[int, int] = defaultdict(int)
    for shares, price in sales:
        shown = as_shown(price)
        amounts[shown.denominator] += shares * shown.numerator
        shares_sold += shares
    total = sum(
        (Fraction(amount, denominator) for denominator, amount in amounts.items()), Fraction()
    )
    return total / shares_sold


def exercise_price(sales: Collection[tuple[int, float]], warrants: AgentWarrants) -> float:
    """Compute the exercise price of the warrants earned on some sales.

    Args:
        sales: Shares sold and price of each sale, USD a share.
        warrants: The warrants' terms.

    Returns:
        The multiple of the volume-weighted average price, to the nearest step where the terms
        have one; USD a share, correctly rounded.

    Raises:
        InputError: No shares were sold (#NUM!).

    Source: S-11.
    """
    price = weighted_price(sales) * warrants.exact_multiple
    if warrants.price_round_to is not None:
        step = Fraction(warrants.price_round_to)
        price = (price / step + Fraction(1, 2)) // 1 * step  # halves up
    return float(price)


def net_exercise_shares(warrants: int, market_price: float, exercise_price: float) -> int:
    """Count the whole shares from a cashless exercise.

    The holder gives up as many shares, at the market price, as pay for the exercise.

    Args:
        warrants: Warrants exercised, at least 0.
        market_price: Market price of a share, USD, above 0; read as shown.
        exercise_price: Exercise price of a warrant, USD, at least 0; read as shown.

    Returns:
        The count, rounded down; 0 where the warrants are out of the money.

    Source: S-12.
    """
    market, exercise = as_shown(market_price), as_shown(exercise_price)
    return max(0, int(warrants * (market - exercise) // market))
