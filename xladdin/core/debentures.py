"""Convertible debentures: an initial price, then one that follows the lowest bids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from xladdin.core import prices
from xladdin.core.decimals import ratio_shown
from xladdin.terms.exact import CLOSING_BID

if TYPE_CHECKING:
    import datetime

    from xladdin.calendars import Calendar
    from xladdin.terms.exact import Leg, PriceRule
    from xladdin.terms.model import Debentures


class Quote(NamedTuple):
    """One session's quotation.

    Attributes:
        closing_bid: USD a share.
        market_value: Per-share market value, USD; the closing bid where no other is given.
    """

    closing_bid: float
    market_value: float


def initial_price(
    quotes: Mapping[datetime.date, Quote],
    issued: datetime.date,
    debentures: Debentures,
    calendar: Calendar,
) -> Fraction:
    """Compute the initial conversion price of debentures issued on a day.

    Args:
        quotes: Quotations by session.
        issued: Day of issuance; the window ends with the session before it.
        debentures: The debentures' terms.
        calendar: The sessions of the exchange.

    Returns:
        The multiple of the average per-share market value, exactly, USD a share.

    Raises:
        InputError: A session of the window has no quotation (#N/A).

    Source: S-7.
    """
    initial, _ = debentures.formula.legs
    return _leg_price(initial, quotes, _dates(issued, None), calendar)


def floating_price(
    quotes: Mapping[datetime.date, Quote],
    converted: datetime.date,
    debentures: Debentures,
    calendar: Calendar,
) -> Fraction:
    """Compute the floating part of the conversion price on a day, whatever the initial price.

    Args:
        quotes: Quotations by session.
        converted: Day of conversion; the window ends with the session before it.
        debentures: The debentures' terms.
        calendar: The sessions of the exchange.

    Returns:
        The multiple of the average of the lowest closing bids, or of the lowest market values
        where the terms require these, exactly, USD a share.

    Raises:
        InputError: A session of the window has no quotation (#N/A).

    Source: S-7.
    """
    _, floating = debentures.formula.legs
    return _leg_price(floating, quotes, _dates(None, converted), calendar)


def _leg_price(
    leg: Leg, quotes: Mapping[datetime.date, Quote], dates: prices.Dates, calendar: Calendar
) -> Fraction:
    days = prices.window(leg, dates, calendar)
    return prices.leg_price(leg, columns(quotes)(leg.of, days))


def _dates(issued: datetime.date | None, converted: datetime.date | None) -> prices.Dates:
    return prices.Dates(converted, issued, "conversion_date", "issue_date")


def columns(quotes: Mapping[datetime.date, Quote]) -> prices.Quotes:
    """Read the columns of a price formula from quotations by session."""

    def read(column: str, days: Sequence[datetime.date]) -> list[float]:
        for day in days:
            if day not in quotes:
                raise prices.no_quotation(day, CLOSING_BID)
        if column == CLOSING_BID:
            return [quotes[day].closing_bid for day in days]
        return [quotes[day].market_value for day in days]

    return read


def check_order(issued: datetime.date, converted: datetime.date | None) -> None:
    """Raise `InputError` (#NUM!) where conversion lies before issuance."""
    _dates(issued, converted).check_order()


def floats(issued: datetime.date, converted: datetime.date | None, debentures: Debentures) -> bool:
    """Check whether the day switch has passed on a day of conversion."""
    return converted is not None and (converted - issued).days > debentures.floating_after_days


def sessions_needed(
    issued: datetime.date,
    converted: datetime.date | None,
    formula: PriceRule,
    calendar: Calendar,
) -> list[datetime.date]:
    """List the sessions of the windows that a conversion price needs.

    Args:
        issued: Day of issuance.
        converted: Day of conversion; None stands for the initial price.
        formula: The debentures' price formula.
        calendar: The sessions of the exchange.

    Raises:
        InputError: A window reaches outside the calendar (#NUM!).
    """
    found = prices.counting(formula, _dates(issued, converted), calendar)
    return [day for _, days in found for day in days]


def conversion_price(
    quotes: Mapping[datetime.date, Quote],
    issued: datetime.date,
    converted: datetime.date | None,
    formula: PriceRule,
    calendar: Calendar,
    splits: prices.Splits = prices.NO_SPLITS,
) -> float:
    """Compute the conversion price on a day.

    Args:
        quotes: Quotations by session; prices are read as shown.
        issued: Day of issuance.
        converted: Day of conversion, not before issuance; None stands for the initial price.
        formula: The debentures' price formula.
        calendar: The sessions of the exchange.
        splits: Splits over which quotations are carried, or taken back.

    Returns:
        The initial price until the day switch has passed, then the lesser of it and the
        floating price; clamped to the floor and the cap where there are any. USD a share,
        correctly rounded.

    Raises:
        InputError: A session of a window that is needed has no quotation (#N/A).

    Source: S-7.
    """
    dates = _dates(issued, converted)
    return float(prices.price(formula, columns(quotes), dates, calendar, splits))


def bounded_price(price: Fraction, debentures: Debentures) -> Fraction:
    """Clamp a conversion price to the terms' floor and cap, where there are any."""
    return Fraction(*prices.bounded(price.as_integer_ratio(), debentures.formula))


def conversion_shares(principal: float, price: float, rounding: str = "down") -> int:
    """Count the whole shares issued when principal is converted.

    Args:
        principal: Principal converted, USD, at least 0; read as shown.
        price: Conversion price, USD a share, above 0; read as shown.
        rounding: How the count becomes whole: "down", "up" or "nearest" (halves up).

    Returns:
        The count.
    """
    (amount, parts), (cost, cost_parts) = ratio_shown(principal), ratio_shown(price)
    amount, cost = amount * cost_parts, cost * parts
    if rounding == "down":
        return amount // cost
    if rounding == "up":
        return -(-amount // cost)
    return (2 * amount + cost) // (2 * cost)
