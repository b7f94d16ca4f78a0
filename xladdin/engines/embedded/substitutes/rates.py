"""Net present value and internal rate of return of cash flows on dates."""

from __future__ import annotations

import math
from collections.abc import Sequence

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


def xirr(values: Raw, dates: Raw) -> Raw:
    """Find the rate by halving: Excel ends within its own tolerance of it."""
    amounts, years = _flows(values, dates)
    low, high = 0.0, 10.0
    at_low, at_high = (_present(rate, amounts, years) for rate in (low, high))
    if not at_low or (at_low < 0) == (at_high < 0):
        raise UnknownRuleError("XIRR is given cash flows whose rate is not between 0 and 10")
    while high - low > 1e-15 * max(1.0, high):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if (_present(middle, amounts, years) < 0) == (at_low < 0):
            low = middle
        else:
            high = middle
    return (low + high) / 2
