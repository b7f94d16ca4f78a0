"""The unsold rest of an agreement's capacity, in dollars and in shares."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from xladdin.core.errors import NUM, InputError
from xladdin.core.numbers import as_shown, excess

if TYPE_CHECKING:
    from xladdin.terms.model import Agreement


_NEAR: Final = 1.0
"""Dollars below a limit at which the exact comparison begins."""


def capacity_left(sold: float, agreement: Agreement) -> float:
    """Compute the dollars still unsold under an agreement.

    Args:
        sold: Gross proceeds sold so far, USD, at least 0.
        agreement: The agreement.

    Returns:
        The rest, USD; 0 where `excess` finds the capacity met.

    Raises:
        InputError: More is sold than the capacity (#NUM!).

    Source: cover, S-11, S-12.
    """
    left = agreement.capacity_usd - sold
    if left < _NEAR:
        beyond = excess(agreement.capacity, sold)
        if beyond > 0:
            rule = f"must not exceed the agreement's capacity of ${agreement.capacity_usd:,.15g}"
            raise InputError(NUM, "sold", sold, rule)
        if not beyond or left < 0:
            return 0.0
    if agreement.schedule.edges_are_doubles:
        return left
    return float(Fraction(agreement.capacity) - Fraction(sold))


def shares_left(sold: float, price: float, agreement: Agreement) -> int:
    """Count the whole shares that can still be sold at a price.

    Args:
        sold: Gross proceeds sold so far, USD, at least 0; read as shown.
        price: Price of a share, USD, above 0; read as shown.
        agreement: The agreement.

    Returns:
        The count, rounded down.

    Raises:
        InputError: More is sold than the capacity (#NUM!).

    Source: cover, S-11, S-12.
    """
    if not capacity_left(sold, agreement):
        return 0
    return int((Fraction(agreement.capacity) - as_shown(sold)) // as_shown(price))
