"""Declining balances."""

from __future__ import annotations

from typing import Final

from xladdin.engines.embedded.substitutes.values import (
    NUM,
    FaultError,
    Raw,
    UnknownRuleError,
    number_of,
)

_MONTHS: Final = 12
_NEAR: Final = 1e-6
"""Part of a cost below which a difference has lost its last digits."""


def fixed_declining(cost: Raw, salvage: Raw, life: Raw, period: Raw, months: Raw = 12.0) -> Raw:
    """Compute DB, whose rate has three decimals, and whose first year may have fewer months."""
    amount, rest, years, year, first = map(number_of, (cost, salvage, life, period, months))
    _require_whole(years, year, first)
    _require_usual(amount, rest, years, year)
    if not 1 <= first <= _MONTHS or not rest or year > years + (first < _MONTHS):
        raise UnknownRuleError("DB is given something else than usual years, or no salvage")
    exact = (1 - (rest / amount) ** (1 / years)) * 1000
    if abs(exact % 1 - 0.5) < 1e-9:
        raise UnknownRuleError("DB is given a rate whose digits after the fifteenth decide")
    rate = round(exact) / 1000
    if year == 1:
        return amount * rate * first / _MONTHS
    left = amount * (1 - rate * first / _MONTHS) * (1 - rate) ** (year - 2)
    return left * rate * (1.0 if year <= years else (_MONTHS - first) / _MONTHS)


def double_declining(cost: Raw, salvage: Raw, life: Raw, period: Raw, factor: Raw = 2.0) -> Raw:
    """Compute DDB, which ends where the salvage is left."""
    amount, rest, years, year, times = map(number_of, (cost, salvage, life, period, factor))
    _require_whole(years, year)
    _require_usual(amount, rest, years, year)
    if not _NEAR < times / years <= 1 or year > years:
        raise UnknownRuleError("DDB is given something else than usual years, or its factor")
    left = amount * (1 - times / years) ** (year - 1)
    if 0 < abs(left - rest) < _NEAR * amount:
        raise UnknownRuleError("DDB comes to the salvage but for last digits")
    return max(0.0, min(left * times / years, left - rest))


def _require_whole(*numbers: float) -> None:
    if not all(map(float.is_integer, numbers)):
        raise UnknownRuleError("it is given part of a year or month")


def _require_usual(amount: float, rest: float, years: float, year: float) -> None:
    if min(amount, rest) < 0 or min(years, year) < 1:
        raise FaultError(NUM)
    if not amount or rest > amount:
        raise UnknownRuleError("it is given a cost that is not above the salvage")
