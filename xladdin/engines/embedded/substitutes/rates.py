"""Rates of interest, and net present value of cash flows on dates."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Final

from xladdin.engines.embedded.substitutes.values import (
    NA,
    NUM,
    FaultError,
    Raw,
    UnknownRuleError,
    number_of,
    numbers_of,
)


def _flows(values: Raw, dates: Raw) -> tuple[list[float], list[float]]:
    amounts, days = (numbers_of([item]) for item in (values, dates))
    if len(amounts) != len(days):
        raise FaultError(NUM)
    whole = [math.floor(day) for day in days]
    if not whole:
        raise FaultError(NA)
    if min(whole) < whole[0]:
        raise FaultError(NUM)
    return amounts, [(day - whole[0]) / 365 for day in whole]


def _present(rate: float, amounts: Sequence[float], years: Sequence[float]) -> float:
    return math.fsum(a / (1 + rate) ** y for a, y in zip(amounts, years, strict=True))


def xnpv(rate: Raw, values: Raw, dates: Raw) -> Raw:
    """Compute XNPV."""
    amounts, years = _flows(values, dates)
    part = number_of(rate)
    if part <= 0:
        raise UnknownRuleError("XNPV is given a rate that is not above 0")
    return _present(part, amounts, years)


def xirr(values: Raw, dates: Raw, _guess: Raw = 0.1) -> Raw:
    """Find the rate by halving: Excel ends within its own tolerance of it, wherever it begins."""
    amounts, years = _flows(values, dates)
    low, high = 0.0, 10.0
    at_low, at_high = (_present(rate, amounts, years) for rate in (low, high))
    if not at_low or (at_low < 0) == (at_high < 0):
        raise UnknownRuleError("XIRR is given cash flows whose rate is not between 0 and 10")
    return _zero(lambda rate: _present(rate, amounts, years), low, high)


def _zero(function: Callable[[float], float], low: float, high: float) -> float:
    """Find where a function is 0, by halving the distance of two places where its sign differs."""
    at_low = function(low)
    while high - low > 1e-15 * max(1.0, high):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if (function(middle) < 0) == (at_low < 0):
            low = middle
        else:
            high = middle
    return (low + high) / 2


_LOWEST: Final = -0.2
_HIGHEST: Final = 0.5
"""Rates a period between which RATE finds one, beginning at 10%."""


def rate(periods: Raw, payment: Raw, present: Raw, future: Raw = 0.0, due: Raw = 0.0) -> Raw:
    """Compute RATE of flows that change their sign once, so that there is one rate alone."""
    count, each, first, last = map(number_of, (periods, payment, present, future))
    at_once = bool(number_of(due))
    flows = [first + each, each, last] if at_once else [first, each, each + last]
    if count == 1:
        del flows[1]
    changes = sum(
        (one > 0) != (other > 0) for one, other in itertools.pairwise(filter(None, flows))
    )
    if count < 1 or not count.is_integer() or changes != 1:
        raise UnknownRuleError("RATE is given flows that may have no rate, or several")

    def worth(rate: float) -> float:
        growth = math.expm1(count * math.log1p(rate))
        payments = each * (1 + rate * at_once) * (growth / rate if rate else count)
        return first * (growth + 1) + payments + last

    if (worth(_LOWEST) < 0) == (worth(_HIGHEST) < 0):
        raise UnknownRuleError("RATE is given flows whose rate is not between -20% and 50%")
    found = _zero(worth, _LOWEST, _HIGHEST)
    if abs(found) < _NO_RATE:
        raise UnknownRuleError("RATE gives 0 but for its last digits")
    return found


_NO_RATE: Final = 1e-9


def interest_paid(*given: Raw) -> Raw:
    """Compute CUMIPMT."""
    return _paid(*map(number_of, given))[0]


def principal_paid(*given: Raw) -> Raw:
    """Compute CUMPRINC."""
    return _paid(*map(number_of, given))[1]


def _paid(
    rate: float, periods: float, amount: float, first: float, last: float, advance: float
) -> tuple[float, float]:
    """Return the interest and principal that are paid in some periods of a loan, both negative."""
    if min(rate, periods, amount) <= 0 or not 1 <= first <= last <= periods:
        raise FaultError(NUM)
    if not (periods.is_integer() and first.is_integer() and last.is_integer()):
        raise UnknownRuleError("it is given a period that is not whole")
    if rate > 1:
        raise UnknownRuleError("it is given a rate above 100% a period")
    payment = _payment(rate, periods, amount, 0.0, advance)
    interest, owed = 0.0, _owed(rate, first - 1, amount, payment, advance)
    for period in range(int(first), int(last) + 1):
        due = 0.0 if advance and period == 1 else owed * rate
        interest -= due
        owed += due + payment
    principal = payment * (last - first + 1) - interest
    if interest and min(-interest, -principal) < _LOST * amount:
        raise UnknownRuleError("it gives a part of a loan that has lost its last digits")
    return interest, principal


def _payment(rate: float, periods: float, amount: float, future: float, advance: float) -> float:
    """Return what is paid each period, negative for a loan, of which `future` is left."""
    grown = math.exp(periods * math.log1p(rate))
    if grown > _GROWN:
        raise UnknownRuleError("it is given a loan that would grow more than a million times")
    return -(amount * grown + future) * rate / ((grown - 1) * (1 + rate * advance))


def _owed(rate: float, done: float, amount: float, payment: float, advance: float) -> float:
    """Return what is owed after some payments, of which the first may fall on the first day."""
    growth = math.log1p(rate)
    whole = done - advance if done else 0.0
    grown = amount * math.exp(whole * growth)
    owed = grown + payment * math.expm1(done * growth) / rate
    if abs(owed) < _LOST * abs(grown):
        raise UnknownRuleError("it gives a part of a loan that has lost its last digits")
    return owed


def interest(*given: Raw) -> Raw:
    """Compute IPMT."""
    return _of_period(*map(number_of, given))[0]


def principal(*given: Raw) -> Raw:
    """Compute PPMT."""
    return _of_period(*map(number_of, given))[1]


_GROWN: Final = 1e6

_LOST: Final = 1e-6
"""Part of a payment or loan below which what is left of it has lost digits."""


def _of_period(
    rate: float,
    period: float,
    periods: float,
    amount: float,
    future: float = 0.0,
    advance: float = 0.0,
) -> tuple[float, float]:
    """Return the interest and principal of one payment, at the end of its period or the beginning.

    The difference of what has grown and what was paid, and that of a payment and its interest, are
    refused where they have fewer than some nine digits left: Excel subtracts these as well.
    """
    if not 1 <= period <= periods:
        raise FaultError(NUM)
    if not (period.is_integer() and periods.is_integer() and 0 <= rate <= 1):
        raise UnknownRuleError("it is given a period that is not whole, or no usual rate")
    if not rate:
        return 0.0, -(amount + future) / periods
    payment = _payment(rate, periods, amount, future, advance)
    at_once = advance and period == 1
    interest = 0.0 if at_once else -_owed(rate, period - 1, amount, payment, advance) * rate
    if min(1.0 if at_once else abs(interest), abs(payment - interest)) < _LOST * abs(payment):
        raise UnknownRuleError("it gives a part of a payment that has lost its last digits")
    return interest, payment - interest
