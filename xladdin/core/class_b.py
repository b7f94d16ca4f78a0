"""Class B warrants: an exercise price that follows the closing bid, up to a cap."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from xladdin.core import prices
from xladdin.core.decimals import as_shown, nearest, ratio_shown
from xladdin.terms.exact import CLOSING_BID

if TYPE_CHECKING:
    from xladdin.terms.exact import PriceRule
    from xladdin.terms.model import ClassB


def exercise_price(
    closing_bid: float, market_price: float, split_ratio: float, formula: PriceRule
) -> float:
    """Compute the exercise price once a redemption notice is delivered.

    Args:
        closing_bid: Closing bid on the session after delivery, USD, above 0; read as shown.
        market_price: Market price that decides between the two rates, USD, above 0; read as shown.
        split_ratio: Old shares for each new share since issue; moves the cap alone.
        formula: The warrants' price formula.

    Returns:
        The lesser of the adjusted cap and the rate's part of the closing bid, USD a share;
        correctly rounded.

    Source: S-7.
    """
    if split_ratio != 1:
        formula = prices.after_split(formula, split_ratio)
    bid, market = ratio_shown(closing_bid), ratio_shown(market_price)
    found = prices.combined(
        formula, formula.legs, lambda _, column: bid if column == CLOSING_BID else market
    )
    return nearest(*found)


def adjusted_cap(split_ratio: float, class_b: ClassB) -> float:
    """Adjust the cap of the exercise price for splits, USD a share; infinite if no double holds it.

    Args:
        split_ratio: Old shares for each new share since issue.
        class_b: The warrants' terms.
    """
    fixed, *_ = prices.after_split(class_b.formula, split_ratio).legs
    assert fixed.price is not None
    return nearest(*fixed.price)


def applied_rate(market_price: float, class_b: ClassB) -> Fraction:
    """Choose the part of the closing bid that applies at a market price.

    Args:
        market_price: Market price, USD, above 0; read as shown.
        class_b: The warrants' terms.

    Returns:
        The lower rate below the threshold, the other one from there on; exactly.

    Source: S-7.
    """
    shown = ratio_shown(market_price)
    (rate,) = (
        leg.multiple for leg in class_b.formula.legs if leg.when_of and prices.holds(leg, shown)
    )
    return Fraction(*rate)


def available(market_price: float, class_b: ClassB) -> bool:
    """Check whether the warrants can serve as a source of financing.

    Args:
        market_price: Market price, USD, above 0; read as shown.
        class_b: The warrants' terms.

    Returns:
        True at or above the financing floor.

    Source: S-4.
    """
    return as_shown(market_price) >= class_b.exact_floor
