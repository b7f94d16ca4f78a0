"""Illustrative advances and quotations that fit a deal."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from xladdin.calendars import calendar
from xladdin.core.limits import headroom, ownership_headroom
from xladdin.core.prices import Dates
from xladdin.core.prices import price as deal_price
from xladdin.errors import InputError
from xladdin.functions.limits import based_cap
from xladdin.functions.prices import splits_of
from xladdin.terms.price_formulas import PriceFormula
from xladdin.terms.selection import selected
from xladdin.workbooks.equityline.line import PREPAID, EquityLine, ownership_limit
from xladdin.workbooks.illustrative import (
    USUAL_OFFER_PRICE,
    USUAL_OUTSTANDING,
    last_sale,
    part_of_price,
)

_SHARES: Final = (200_000, 150_000, 250_000, 180_000)
_STEPS: Final = (0, 30, -45, 60)
"""Shares of the advances and their prices, in thousandths above the usual one."""

_LEAST: Final = Decimal("0.0001")

_FIRST: Final = 10
_APART: Final = 8
"""Sessions from the document to the first advance, and from one to the next."""


class Advance(NamedTuple):
    """One illustrative row."""

    day: datetime.date
    formula: str
    issued: datetime.date | None
    amount: float
    price: float


class Illustration(NamedTuple):
    """What fills the workbook at first."""

    advances: list[Advance]
    quotes: dict[datetime.date, float]
    outstanding: int


def illustrative(line: EquityLine) -> Illustration:
    """Make up advances, one after each amendment or split too, and the quotations they need.

    Args:
        line: The deal's line.
    """
    terms = line.selection.terms
    sessions = calendar(terms.calendar)
    stock = line.selection.deal.capitalisation
    base = last_sale(line.selection, USUAL_OFFER_PRICE)
    if stock:  # which the deal has in shares of its own day
        base /= _old_for_new(line, datetime.date.max)
    outstanding = stock.latest_outstanding if stock else USUAL_OUTSTANDING
    begins = line.agreement.dated if line.agreement else None
    begins = max(begins or terms.document_date, line.first_day)
    days = [sessions.offset(begins, _FIRST), sessions.offset(begins, _FIRST + _APART)]
    if line.by_date:
        days += [sessions.offset(stage.begins, _FIRST) for stage in line.stages[1:]]
    else:
        days.append(sessions.offset(begins, _FIRST + 2 * _APART))
    last = datetime.date(line.first_day.year + 8, 12, 1)
    days = sorted({day for day in days if day < last})
    advances = []
    most = min(outstanding // 50, 10**7)
    for number, day in enumerate(days):
        price = part_of_price(base, 1000 + _STEPS[number % len(_STEPS)], 1000)
        shares = min(_SHARES[number % len(_SHARES)], most)
        amount = max(1000, int(shares * price / 1000) * 1000)
        formula = line.formulas[number % len(line.formulas)] if line.formulas else None
        issued = sessions.offset(day, -5)
        key = formula.key if formula else ""
        traded = price * _old_for_new(line, day)
        advances.append(Advance(day, key, issued, amount, float(traded)))
    quotes: dict[datetime.date, float] = {}
    for number, advance in enumerate(advances):
        if line.formulas:
            for day in _days(line, line.formulas[number % len(line.formulas)], advance):
                quotes.setdefault(day, 0)
    for number, day in enumerate(sorted(quotes)):
        # A slow swing and a quick one, in whole thousandths: the same on every machine.
        swing = abs(number % 22 - 11) * 9 - 50 + (number * 11 % 17 - 8) * 3
        traded = base * (1000 + swing) / 1000 * _old_for_new(line, day)
        quotes[day] = float(max(traded.quantize(_LEAST), _LEAST))
    advances = [
        one._replace(amount=_allowed(line, one, quotes, outstanding, len(advances)))
        for one in advances
    ]
    if line.prepaid:
        paid = [
            one._replace(day=one.issued, formula=PREPAID, issued=None)
            for one in advances
            if one.issued and one.formula in line.conversions
        ]
        advances = sorted([*paid, *advances], key=lambda one: one.day)
    return Illustration(advances, quotes, outstanding)


def _allowed(
    line: EquityLine,
    advance: Advance,
    quotes: Mapping[datetime.date, float],
    outstanding: int,
    rows: int,
) -> float:
    """Lower an amount so that all rows together leave half of capacity, cap and ownership limit."""
    selection, day = line.selection, advance.day
    origin = selection.undated if line.by_date else None
    then = selected(origin, selection.agreement_key, day) if origin else selection
    formula = next((one for one in then.deal.prices if one.key == advance.formula), None)
    price = Fraction(str(advance.price))
    if formula is not None:
        dates, sessions = Dates(day, advance.issued), calendar(selection.terms.calendar)
        bids = lambda _, days: [quotes[one] for one in days]  # noqa: E731
        with suppress(InputError):  # of a row without a price
            price = deal_price(formula.formula, bids, dates, sessions, splits_of(then))
    part, _ = ownership_limit(selection)
    most = [Fraction(ownership_headroom(outstanding, 0, part), 2)]
    limit = line.cap and based_cap(line.cap, selection)
    if limit:
        most.append(Fraction(headroom(0, limit), 2 * rows))
    fee = line.commitment
    paid = Fraction(fee.count) / Fraction(fee.over) if fee and fee.count and fee.over else 0
    in_shares = price * (selection.old_for_new(day) if line.splits else 1)
    bounds = [min(most) / (1 / in_shares + paid)] if in_shares else []
    if line.has_capacity:
        bounds.append(Fraction(selection.sales.capacity or 0) / (2 * rows))
    least = min(bounds, default=Fraction(advance.amount))
    if advance.amount <= least:
        return advance.amount
    return math.floor(least * 100) / 100 if least < 1000 else int(least) // 1000 * 1000


def _old_for_new(line: EquityLine, day: datetime.date) -> Decimal:
    """Count the shares before all splits that are one share as quotations of a day are."""
    adjusted = line.selection.quotes_are_adjusted
    ratios = (ratio for since, ratio in line.splits if adjusted or since <= day)
    count = math.prod(ratios, start=Fraction(1))
    return Decimal(count.numerator) / count.denominator


def _days(line: EquityLine, formula: PriceFormula, advance: Advance) -> list[datetime.date]:
    """List the sessions whose quotations a row needs."""
    sessions = calendar(line.selection.terms.calendar)
    found = []
    for leg in formula.legs:
        if leg.of or leg.when_of:
            exact = leg.exact
            anchor = advance.issued if exact.at_issue and advance.issued else advance.day
            found += sessions.window(anchor, exact.first, exact.last)
    return found
