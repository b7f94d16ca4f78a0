"""Caps on shares and dollars, and the headroom under each."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from xladdin.core.decimals import as_shown, slack
from xladdin.errors import NA, NUM, InputError

if TYPE_CHECKING:
    from xladdin.terms.exact import Limit

IN_SHARES: Final = ("issue", "authorised", "registered")
"""Kinds of caps that count shares issued, and take each other's place when one is lifted."""


def headroom(issued: int, limit: Limit, base: int | None = None) -> int:
    """Count the further shares that can be issued within a cap on shares.

    Args:
        issued: Shares issued under the cap so far, at least 0.
        limit: The cap: a part of a base, or a count of shares, of which the base is used up.
        base: The base, where it is not the deal's own.

    Returns:
        The greatest count within the cap, or below it where the cap must not be reached; 0 if none
        is left.

    Source: the deal's own clause; S-8 for the exchange's 20%.
    """
    own, whole = limit.base if base is None else (base, 1)
    if limit.rate is not None:
        numerator, denominator = limit.rate[0] * own, limit.rate[1] * whole
    else:
        count, parts = limit.shares
        numerator, denominator = count * whole - own * parts, whole * parts
    # Where the cap itself is out of bounds: one share fewer than the least count that reaches it.
    most = numerator // denominator if limit.inclusive else -(-numerator // denominator) - 1
    return max(0, most - issued)


def issue_headroom(
    limit: Limit, issued: int, average_price: float | None, others: Sequence[Limit]
) -> int:
    """Count the further shares that can be issued within one of a deal's caps.

    Args:
        limit: The cap: of kind issue, authorised or registered.
        issued: Shares issued in the transaction so far, at least 0.
        average_price: Average price of what is issued, USD a share; read as shown. None where it
            lifts no cap.
        others: The deal's other caps.

    Returns:
        Whole shares. From the average price on that lifts a cap, it is off, and the least that
        the other caps on shares leave is given.

    Raises:
        InputError: The cap is off, and there is no other on shares (#N/A).

    Source: the deal's own clauses.
    """
    if not _lifted(limit, average_price):
        return headroom(issued, limit)
    left = [
        headroom(issued, other)
        for other in others
        if other.kind in IN_SHARES and other.key != limit.key and not _lifted(other, average_price)
    ]
    if not left:
        assert limit.lifted_at is not None
        rule = (
            f"lifts the cap {limit.key} from {float(limit.lifted_at):.15g} on, and the deal has no "
            "other cap on shares: the issue is not limited"
        )
        raise InputError(NA, "average_price", average_price, rule)
    return min(left)


def _lifted(limit: Limit, average_price: float | None) -> bool:
    if limit.lifted_at is None or average_price is None:
        return False
    return as_shown(average_price) >= limit.lifted_at


def float_headroom(
    shares: int,
    price: float,
    sales: Iterable[tuple[datetime.date, float]],
    date: datetime.date,
    offered: float,
    limit: Limit,
) -> float:
    """Compute the dollars that can still be sold under a cap on a part of the public float.

    Args:
        shares: Shares held by non-affiliates, at least 0.
        price: Price at which they are valued, USD a share, above 0.
        sales: Day and USD of each sale under the rule; in any order.
        date: Day of the test.
        offered: USD offered now, at least 0.
        limit: The cap, of kind float.

    Returns:
        The rate of the float, less sales of the last months and what is offered; USD, unrounded,
        not below 0.

    Raises:
        InputError: The float is at or above the figure from which it is not limited (#N/A).

    Source: Form S-3, General Instruction I.B.6.
    """
    public_float = shares * Fraction(price)
    if limit.below_float is not None:
        most = Fraction(limit.below_float)
        if public_float - most > -slack(most):
            rule = (
                f"make a float of ${float(public_float):,.2f}, at or above "
                f"${float(most):,.15g}: sales are not limited"
            )
            raise InputError(NA, "shares", shares, rule)
    assert limit.rate is not None
    first = months_before(date, limit.months)
    sold = sum((Fraction(usd) for day, usd in sales if first < day <= date), Fraction())
    allowed = Fraction(*limit.rate) * public_float
    left = allowed - sold - Fraction(offered)
    # The dust of a sum that fills the cap is nothing left.
    return float(left) if left >= slack(allowed) else 0.0


def months_before(day: datetime.date, months: int) -> datetime.date:
    """Go back some months, as EDATE does: to the month's last day where it has no such day.

    Args:
        day: Any day.
        months: How many, at least 0.

    Raises:
        InputError: That is before the first year there is (#NUM!).
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < datetime.MINYEAR:
        raise InputError(NUM, "date", day, "must leave room for the months before it")
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))


def ownership_headroom(outstanding: int, held: int, limit: float) -> int:
    """Count the whole shares that a holder may take without exceeding a part of all shares.

    The shares taken are new ones: they count among the holder's and among all.

    Args:
        outstanding: Shares outstanding before, at least 0.
        held: Shares that the holder has, at least 0.
        limit: Part of all shares that the holder may have, at least 0 and below 1; read as shown.

    Returns:
        The count, rounded down; 0 where the holder has as much already.

    Raises:
        InputError: The limit is 1 or more (#NUM!).

    Source: the deal's own clause (beneficial ownership limitation).
    """
    part = as_shown(limit)
    if part >= 1:
        raise InputError(NUM, "limit", limit, "must be a number from 0 to less than 1")
    return max(0, int((part * outstanding - held) / (1 - part) // 1))
