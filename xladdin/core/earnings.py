"""Earnings a share: shares weighted by days, and the securities that dilute."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from xladdin.core.prices import NO_SPLITS, Splits
from xladdin.errors import NUM, InputError, day_shown

_DAY = datetime.timedelta(days=1)


def weighted_shares(
    changes: Iterable[tuple[datetime.date, int]],
    start: datetime.date,
    end: datetime.date,
    splits: Splits = NO_SPLITS,
) -> float:
    """Compute the weighted average number of shares outstanding in a period, by days.

    Args:
        changes: Day and number of each change, negative for shares retired; in any order. Those up
            to the start are the opening count, those after the end change nothing.
        start: First day of the period.
        end: Last day of the period; both days count.
        splits: Splits over which all shares are carried to one day, in this period and after it.

    Returns:
        The average, unrounded, in shares of that day.

    Raises:
        InputError: The end lies before the start, or there would be fewer than no shares on a day
            of the period (#NUM!).

    Source: ASC 260-10-45-10, 260-10-55-12 (splits).
    """
    if end < start:
        rule = f"must not lie before the start, {day_shown(start)}"
        raise InputError(NUM, "end", end, rule)
    by_day: dict[datetime.date, Fraction] = {}
    for day, count in changes:
        if day <= end:
            first = max(day, start)
            more = count / splits.factor(day)
            by_day[first] = by_day.get(first, Fraction()) + more
    outstanding = weighted = Fraction()
    for day in sorted(by_day):
        outstanding += by_day[day]
        if outstanding < 0:
            rule = f"must not leave fewer than no shares, as they do on {day_shown(day)}"
            raise InputError(NUM, "changes", float(outstanding), rule)
        weighted += by_day[day] * ((end - day).days + 1)
    return float(weighted / ((end - start).days + 1))


class Security(NamedTuple):
    """A security that may dilute earnings.

    Attributes:
        name: Its name.
        effect: What its conversion would add to earnings, USD, such as interest saved after tax.
        shares: Incremental shares, at least 0.
    """

    name: str
    effect: float
    shares: float


class Ranked(NamedTuple):
    """The test of one security, in the order of the tests.

    Attributes:
        security: The security.
        dilutes: Whether it is in the figure.
        per_share: Earnings a share after it.
    """

    security: Security
    dilutes: bool
    per_share: float


class DilutedEarnings(NamedTuple):
    """Diluted earnings a share.

    Attributes:
        basic: Earnings a share without any security, USD.
        diluted: Earnings a share with those that dilute, USD.
        steps: The securities in the order in which they are tested; those without incremental
            shares are left out.
    """

    basic: float
    diluted: float
    steps: tuple[Ranked, ...]


def diluted_earnings(
    income: float, shares: float, securities: Iterable[Security]
) -> DilutedEarnings:
    """Compute earnings a share with the securities that lower them.

    Args:
        income: Income to common stockholders, USD; negative for a loss.
        shares: Weighted average shares, above 0.
        securities: The securities; tested by rising effect a share, those without effect first.
            Of equals, the first in the list is tested first.

    Returns:
        The figures, correctly rounded, and who is in. Each security joins only if earnings a share
        fall by it.

    Raises:
        InputError: A security has fewer than no incremental shares (#NUM!).

    Source: ASC 260-10-45-18, 260-10-55-64.
    """
    listed = list(securities)
    for number, security in enumerate(listed):
        if security.shares < 0:
            rule = "must not have fewer than no incremental shares"
            raise InputError(NUM, "securities", security.shares, rule, position=(number, 2))
    earned, count = Fraction(income), Fraction(shares)
    basic = float(earned / count)
    steps = []
    for security in sorted((one for one in listed if one.shares), key=_order):
        more, further = Fraction(security.effect), Fraction(security.shares)
        # Lower with it than without: sums over positive counts, multiplied out.
        dilutes = (earned + more) * count < earned * (count + further)
        if dilutes:
            earned, count = earned + more, count + further
        steps.append(Ranked(security, dilutes, float(earned / count)))
    return DilutedEarnings(basic, float(earned / count), tuple(steps))


def _order(security: Security) -> tuple[bool, Fraction]:
    effect = Fraction(security.effect)
    return bool(effect), effect / Fraction(security.shares)
