"""Illustrative sales and period ends that fit a deal."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from xladdin.calendars import calendar
from xladdin.workbooks.illustrative import (
    USUAL_FEE,
    USUAL_OUTSTANDING,
    USUAL_PRICE,
    last_sale,
    part_of_price,
)
from xladdin.workbooks.reporting.programme import Programme

PRE_FUNDED: Final = "pre-funded warrant"
"""The kind of instruments that count as shares from their issue: ASC 260-10-45-13."""

MOST_SHARES: Final = 10**11
"""The greatest count of a row of shares, so that averages of several have decimals in a cell."""

_USUAL_AMOUNT: Final = 40_000_000
_RATIOS: Final = (40, 55, 25, 60, 35, 45, 30, 50)
"""Sales, in thousandths of their agreement's capacity."""

_STEPS: Final = (0, 12, -9, 24, 31, 18, -15, 40)
"""Their prices, in thousandths above the last sale."""

_FIRST: Final = 3
_APART: Final = 14
"""Sessions from the agreement to the first sale, and from one to the next."""

_IN_THE_PERIOD: Final = 5
"""Of the sales, so many lie up to the period's end, or in the same quarter."""


class Sale(NamedTuple):
    """One illustrative row."""

    agreement: str
    day: datetime.date
    shares: int
    price: float
    fee: float | None = None
    """USD, where the deal states none."""


class Ends(NamedTuple):
    """Ends of the period, of the quarter before it and of the fiscal year before it."""

    period: datetime.date
    quarter_before: datetime.date
    year_before: datetime.date


def illustrative_sales(programme: Programme) -> list[Sale]:
    """Make up some sales, agreement by agreement in turn."""
    terms = programme.selection.terms
    base = last_sale(programme.selection, USUAL_PRICE)
    sessions = calendar(terms.calendar)
    dates = [one.sales.dated or terms.document_date for one in programme.agreements]
    if not dates:
        return []
    begins = max([*dates, programme.first_day])
    found = []
    for number, (ratio, step) in enumerate(zip(_RATIOS, _STEPS, strict=True)):
        chosen = programme.agreements[number % len(programme.agreements)]
        price = part_of_price(base, 1000 + step, 1000)
        limit = chosen.limit or _USUAL_AMOUNT
        shares = int(Decimal(str(float(limit))) * ratio / 1000 / price)
        day = sessions.offset(begins, _FIRST + number * _APART)
        if most := chosen.sales.limit_shares:  # in shares of the deal's day
            in_shares = Fraction(most) * ratio / 1000 * programme.selection.old_for_new(day)
            shares = min(shares, int(in_shares))
        shares = shares // 100 * 100 or shares
        fee = None if chosen.pays else round(float(shares * price * USUAL_FEE), 2)
        found.append(Sale(chosen.sales.key, day, shares, float(price), fee))
    return found


def illustrative_price(programme: Programme, sales: list[Sale]) -> float:
    """Return a price of a share that fits the deal."""
    if sales:
        return sales[-1].price
    return float(last_sale(programme.selection, USUAL_PRICE))


def outstanding_of(programme: Programme, day: datetime.date) -> int:
    """Count the shares outstanding by the deal's latest count, or a usual one, in those of a day.

    The deal has them in shares of its own day, after the splits until then.
    """
    stock = programme.selection.deal.capitalisation
    count = stock.latest_outstanding if stock else USUAL_OUTSTANDING
    return min(int(count * programme.selection.old_for_new(day)), MOST_SHARES)


def period_ends(programme: Programme, sales: list[Sale]) -> Ends:
    """Choose the quarter in which most of the sales lie behind, and some are still to come."""
    signed = programme.selection.terms.document_date
    day = sales[_IN_THE_PERIOD - 1].day if sales else signed
    period = _quarter_end(day)
    if sales and period > sales[-1].day:
        period = _quarter_end(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1), before=True)
    start = period.replace(month=period.month - 2, day=1)
    before = start - datetime.timedelta(days=1)
    return Ends(period, before, datetime.date(period.year - 1, 12, 31))


def a_year_before(day: datetime.date) -> datetime.date:
    """Return the same end of a month a year before."""
    following = day + datetime.timedelta(days=1)
    return following.replace(year=following.year - 1) - datetime.timedelta(days=1)


def _quarter_end(day: datetime.date, *, before: bool = False) -> datetime.date:
    if before:
        return day - datetime.timedelta(days=1)
    month = (day.month + 2) // 3 * 3
    following = datetime.date(day.year + month // 12, month % 12 + 1, 1)
    return following - datetime.timedelta(days=1)
