"""The unsold rest of an agreement's capacity, in dollars and in shares."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from xladdin.core.decimals import as_shown, excess
from xladdin.errors import NUM, InputError

if TYPE_CHECKING:
    from xladdin.terms.exact import Room


_NEAR: Final = 1.0
"""Dollars below a limit at which the exact comparison begins."""

PARTS_OF_A_SHARE: Final = 4
"""Decimals of a count carried over splits that decide: its doubles add up surer than that."""


def capacity_left(sold: float, room: Room) -> float:
    """Compute the dollars still unsold under an agreement.

    Args:
        sold: Gross proceeds sold so far, USD, at least 0.
        room: The agreement's capacity.

    Returns:
        The rest, USD; 0 where `excess` finds the capacity met.

    Raises:
        InputError: More is sold than the capacity (#NUM!).

    Source: cover, S-11, S-12.
    """
    left = room.end - sold
    if left < _NEAR:
        beyond = excess(room.limit, sold)
        if beyond > 0:
            rule = f"must not exceed {room.words} of ${room.end:,.15g}"
            raise InputError(NUM, "sold", sold, rule)
        if not beyond or left < 0:
            return 0.0
    return left if room.is_double else float(Fraction(room.limit) - Fraction(sold))


def shares_left(sold: float, price: float, room: Room) -> int:
    """Count the whole shares that can still be sold at a price.

    Args:
        sold: Gross proceeds sold so far, USD, at least 0; read as shown.
        price: Price of a share, USD, above 0; read as shown.
        room: The agreement's capacity.

    Returns:
        The count, rounded down.

    Raises:
        InputError: More is sold than the capacity (#NUM!).

    Source: cover, S-11, S-12.
    """
    if not capacity_left(sold, room):
        return 0
    return int((Fraction(room.limit) - as_shown(sold)) // as_shown(price))


def shares_of_capacity_left(sold: float, capacity: Fraction, *, parts: bool = False) -> int:
    """Count the shares still unsold under an agreement whose capacity is a count of shares.

    Args:
        sold: Shares sold so far, at least 0.
        capacity: The capacity, shares; a split may leave it no whole count.
        parts: Whether a split may leave parts of shares of what is sold, too.

    Returns:
        The count, rounded down.

    Raises:
        InputError: Fractions of shares, or more than the capacity, are sold (#NUM!).

    Source: the deal's own clause.
    """
    count = as_shown(sold)
    if count.denominator != 1 and not parts:
        raise InputError(NUM, "sold", sold, "must be a whole number: the capacity is in shares")
    left = round(capacity - count, PARTS_OF_A_SHARE)
    if left < 0:
        rule = f"must not exceed the agreement's capacity of {int(capacity):,} shares"
        raise InputError(NUM, "sold", sold, rule)
    return int(left)
