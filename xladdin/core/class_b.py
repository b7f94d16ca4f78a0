"""Class B warrants: an exercise price that follows the closing bid, up to a cap."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xladdin.terms.model import ClassB


def exercise_price(
    closing_bid: float, market_price: float, split_ratio: float, class_b: ClassB
) -> float:
    """Exercise price once a redemption notice is delivered.

    Args:
        closing_bid: Closing bid on the session after delivery, USD, above 0.
        market_price: Market price that decides between the two rates, USD, above 0.
        split_ratio: Old shares for each new share since issue; moves the cap alone.
        class_b: The warrants' terms.

    Returns:
        The lesser of the adjusted cap and the rate's part of the closing bid, USD a share.

    Source: S-7.
    """
    cap = class_b.doubles[0]
    return min(cap * split_ratio, applied_rate(market_price, class_b) * closing_bid)


def applied_rate(market_price: float, class_b: ClassB) -> float:
    """Part of the closing bid that is taken at a market price.

    Args:
        market_price: Market price, USD, above 0.
        class_b: The warrants' terms.

    Returns:
        The lower rate below the threshold, the other from there on.

    Source: S-7.
    """
    _, rate, low_price_rate, threshold, _ = class_b.doubles
    return low_price_rate if market_price < threshold else rate


def available(market_price: float, class_b: ClassB) -> bool:
    """Whether the warrants can serve as a source of financing.

    Args:
        market_price: Market price, USD, above 0.
        class_b: The warrants' terms.

    Returns:
        True at or above the financing floor.

    Source: S-4.
    """
    return market_price >= class_b.doubles[4]
