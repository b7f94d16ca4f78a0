"""Convertible debentures: an initial price, then one that follows the lowest bids."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from xladdin.core.errors import NA, NUM, InputError, day_shown
from xladdin.core.numbers import as_shown

if TYPE_CHECKING:
    import datetime

    from xladdin.core.sessions import Calendar
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
    window = calendar.before(issued, debentures.initial_sessions, "issue_date")
    values = [as_shown(_quote(quotes, day).market_value) for day in window]
    return Fraction(debentures.initial_multiple) * sum(values) / len(values)


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
    window = calendar.before(converted, debentures.lookback_sessions, "conversion_date")
    found = [_quote(quotes, day) for day in window]
    by_value = debentures.averages_market_values
    prices = sorted(quote.market_value if by_value else quote.closing_bid for quote in found)
    lowest = [as_shown(price) for price in prices[: debentures.lowest_bids]]
    return Fraction(debentures.floating_multiple) * sum(lowest) / len(lowest)


def check_order(issued: datetime.date, converted: datetime.date | None) -> None:
    """Raise `InputError` (#NUM!) where conversion lies before issuance."""
    if converted is not None and converted < issued:
        rule = f"must not lie before the issue date, {day_shown(issued)}"
        raise InputError(NUM, "conversion_date", converted, rule)


def floats(issued: datetime.date, converted: datetime.date | None, debentures: Debentures) -> bool:
    """Check whether the day switch has passed on a day of conversion."""
    return converted is not None and (converted - issued).days > debentures.floating_after_days


def sessions_needed(
    issued: datetime.date,
    converted: datetime.date | None,
    debentures: Debentures,
    calendar: Calendar,
) -> list[datetime.date]:
    """List the sessions of the windows that a conversion price needs.

    Args:
        issued: Day of issuance.
        converted: Day of conversion; None stands for the initial price.
        debentures: The debentures' terms.
        calendar: The sessions of the exchange.

    Raises:
        InputError: A window reaches outside the calendar (#NUM!).
    """
    needed = calendar.before(issued, debentures.initial_sessions, "issue_date")
    if converted is not None and floats(issued, converted, debentures):
        needed += calendar.before(converted, debentures.lookback_sessions, "conversion_date")
    return needed


def conversion_price(
    quotes: Mapping[datetime.date, Quote],
    issued: datetime.date,
    converted: datetime.date | None,
    debentures: Debentures,
    calendar: Calendar,
) -> float:
    """Compute the conversion price on a day.

    Args:
        quotes: Quotations by session; prices are read as shown.
        issued: Day of issuance.
        converted: Day of conversion, not before issuance; None stands for the initial price.
        debentures: The debentures' terms.
        calendar: The sessions of the exchange.

    Returns:
        The initial price until the day switch has passed, then the lesser of it and the
        floating price; clamped to the floor and the cap where there are any. USD a share,
        correctly rounded.

    Raises:
        InputError: A session of a window that is needed has no quotation (#N/A).

    Source: S-7.
    """
    price = initial_price(quotes, issued, debentures, calendar)
    if converted is not None and floats(issued, converted, debentures):
        price = min(price, floating_price(quotes, converted, debentures, calendar))
    return float(held(price, debentures))


def held(price: Fraction, debentures: Debentures) -> Fraction:
    """Clamp a conversion price to the terms' floor and cap, where there are any."""
    if debentures.price_floor is not None:
        price = max(price, Fraction(debentures.price_floor))
    if debentures.price_cap is not None:
        price = min(price, Fraction(debentures.price_cap))
    return price


def conversion_shares(principal: float, price: float) -> int:
    """Count the whole shares issued when principal is converted.

    Args:
        principal: Principal converted, USD, at least 0; read as shown.
        price: Conversion price, USD a share, above 0; read as shown.

    Returns:
        The count, rounded down.
    """
    return int(as_shown(principal) // as_shown(price))


def _quote(quotes: Mapping[datetime.date, Quote], day: datetime.date) -> Quote:
    found = quotes.get(day)
    if found is None:
        raise InputError(
            NA, "quotes", day, "must hold a closing bid for each session of the window"
        )
    return found
