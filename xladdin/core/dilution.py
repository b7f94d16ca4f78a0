"""Effects of new shares on those outstanding, and of splits on prices and counts."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from xladdin.core.decimals import as_shown
from xladdin.core.prices import split_factor
from xladdin.errors import NUM, InputError
from xladdin.terms.exact import lowered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xladdin.core.prices import Split


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


def weighted_average_price(
    price: float, outstanding: int, new_shares: int, new_price: float
) -> float:
    """Compute a conversion price after a cheaper issue, by the broad-based weighted average.

    Args:
        price: Conversion price before, USD a share, above 0; read as shown.
        outstanding: Shares outstanding before the issue, at least 0.
        new_shares: Shares issued, at least 0.
        new_price: Price of these, USD a share, at least 0; read as shown.

    Returns:
        The price at which the shares before and the new ones would have been issued together; the
        price before where that is not lower. USD a share, correctly rounded.

    Raises:
        InputError: There are no shares at all (#NUM!).

    Source: the usual clause: price x (outstanding + new_shares x new_price / price) /
    (outstanding + new_shares).
    """
    if not outstanding + new_shares:
        raise InputError(NUM, "outstanding", 0, "and new_shares must not both be 0")
    return float(lowered(as_shown(price), outstanding, new_shares, as_shown(new_price)))


def ratchet_price(price: float, new_price: float) -> float:
    """Compute a conversion price after a cheaper issue by a full ratchet: the new price, if lower.

    Args:
        price: Conversion price before, USD a share, above 0; read as shown.
        new_price: Price of the issue, USD a share, at least 0; read as shown.
    """
    return float(min(as_shown(price), as_shown(new_price)))


class OfferingDilution(NamedTuple):
    """The five lines of a prospectus's table of dilution, USD a share.

    Attributes:
        price: The price that new investors pay.
        before: Book value a share before the offering; may be negative.
        increase: What the offering adds to it; may be negative.
        after: Book value a share after the offering.
        dilution: The price less that; negative where the price is below book value.
    """

    price: float
    before: float
    increase: float
    after: float
    dilution: float


def offering_dilution(
    offer_price: float, new_shares: int, book_value: float, outstanding: int, costs: float
) -> OfferingDilution:
    """Compute the dilution of those who buy in an offering, by net tangible book value.

    Args:
        offer_price: Price of the offering, USD a share, above 0; read as shown.
        new_shares: Shares offered, at least 0.
        book_value: Net tangible book value before, USD; may be negative.
        outstanding: Shares outstanding before, above 0.
        costs: Fees and expenses of the offering, USD, at least 0.

    Returns:
        The five lines, each correctly rounded from exact figures.

    Raises:
        InputError: There are no shares outstanding (#NUM!).

    Source: Regulation S-K, Item 506.
    """
    if not outstanding:
        raise InputError(NUM, "outstanding", outstanding, "must be above 0")
    price, book = as_shown(offer_price), Fraction(book_value)
    before = book / outstanding
    after = (book + price * new_shares - Fraction(costs)) / (outstanding + new_shares)
    lines = (price, before, after - before, after, price - after)
    return OfferingDilution(*map(float, lines))


def split_adjusted(
    value: float,
    from_date: datetime.date,
    to_date: datetime.date,
    splits: Iterable[Split],
    *,
    is_count: bool = False,
) -> float:
    """Carry a price or a count over the splits between two days.

    Args:
        value: The price, USD a share, or the count; read as shown.
        from_date: Day in whose shares it is.
        to_date: Day in whose shares it is wanted; before the other, no split lies between.
        splits: The deal's splits.
        is_count: Whether the value is a count.

    Returns:
        The price times, or the count over, the product of the ratios of the splits after the first
        day up to the second; unrounded.

    Source: the deal's own splits.
    """
    factor = split_factor(splits, from_date, to_date)
    exact = as_shown(value)
    return float(exact / factor if is_count else exact * factor)
