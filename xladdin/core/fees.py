"""Fees by a schedule on cumulative gross proceeds: by tiers, or so many shares for an amount."""

from __future__ import annotations

from fractions import Fraction
from math import fsum, inf
from typing import TYPE_CHECKING, Final

from xladdin.core.decimals import as_shown, excess, slack
from xladdin.errors import NUM, VALUE, InputError

if TYPE_CHECKING:
    from xladdin.terms.exact import Band, Schedule

_ROUNDING_COUNTS: Final = 1e11
"""Dollars from which on the rounding of amounts (5E-15 of them) comes near what passes a limit."""


def marginal(gross: float, prior: float, schedule: Schedule, argument: str = "gross") -> float:
    """Compute the fee on gross proceeds, each part at the rate of the tier that it falls into.

    Args:
        gross: Gross proceeds of the sale, USD, at least 0.
        prior: Gross proceeds before, USD, at least 0.
        schedule: The schedule, of which only the tiers matter.
        argument: Name of the argument that gave the gross, for errors.

    Returns:
        The fee, USD, unrounded. An amount that exceeds the limit by less than the tolerance is
        charged at the last tier.

    Raises:
        InputError: Prior and gross together exceed the schedule's limit (#NUM!).

    Source: cover, S-11, S-12.
    """
    total = prior + gross
    for lower, upper, paid, _, whole in schedule.bands:
        if total < upper:
            if prior < lower:
                break
            # Most sales fall into one tier. A zero comes out without a sign, as sums do.
            return gross * paid / whole + 0.0
    return fsum(
        [
            amount * paid / whole
            for (_, _, paid, _, whole), amount in slices(gross, prior, schedule, argument)
        ]
    )


def net(gross: float, prior: float, schedule: Schedule) -> float:
    """Compute gross proceeds less the fee by tiers.

    It is computed tier by tier from the part of each dollar that is kept, not as a difference, so
    that no digits cancel. Arguments, errors and source are those of `marginal`.
    """
    return fsum(amount * band.kept / band.whole for band, amount in slices(gross, prior, schedule))


def slices(
    gross: float, prior: float, schedule: Schedule, argument: str = "gross"
) -> list[tuple[Band, float]]:
    """Split gross proceeds over a schedule's tiers.

    Args:
        gross: Gross proceeds of the sale, USD.
        prior: Gross proceeds before, USD.
        schedule: The schedule.
        argument: Name of the argument that gave the gross, for errors.

    Returns:
        Each tier touched, and the dollars that fall into it; correctly rounded each.

    Raises:
        InputError: Prior and gross together exceed the schedule's limit (#NUM!).
    """
    total = prior + gross
    end = schedule.end
    # Exact arithmetic takes longer than all the rest: a programme that is sold out does without.
    if total > end or total == end >= _ROUNDING_COUNTS:
        check_limit(gross, prior, schedule, argument)
    if not schedule.edges_are_doubles or total == inf:
        return _exact_slices(gross, prior, schedule)
    bands = schedule.bands
    last = bands[-1]
    found = []
    start = prior
    for band in bands:
        upper = band[1]  # by position: half the time of access by name
        if upper <= prior and band is not last:
            continue
        # Rounding is monotonic: only a rounded total that equals the edge may lie beyond it.
        if total < upper or band is last or (total == upper and fsum((prior, gross, -upper)) <= 0):
            # The sale ends here. One rounding of the exact difference: total - start would be two.
            found.append((band, gross if start == prior else fsum((prior, gross, -start))))
            break
        found.append((band, upper - start))
        start = upper
    return found


def _exact_slices(gross: float, prior: float, schedule: Schedule) -> list[tuple[Band, float]]:
    """Split gross proceeds where an edge, such as 7,000,000.07, is no double."""
    start, end = Fraction(prior), Fraction(prior) + Fraction(gross)
    last = schedule.bands[-1]
    found: list[tuple[Band, float]] = []
    for band, edge in zip(schedule.bands, schedule.edges, strict=True):
        if band is last or edge is None or end <= edge:
            found.append((band, float(end - start)))
            break
        if edge > start:
            found.append((band, float(edge - start)))
            start = edge
    return found


def check_limit(gross: float, prior: float, schedule: Schedule, argument: str = "gross") -> None:
    """Raise `InputError` (#NUM!) where prior and gross together exceed the schedule's limit."""
    if schedule.limit is not None and excess(schedule.limit, prior, gross) > 0:
        more = f" together with prior ({prior:,.15g})" if prior else ""
        rule = f"must not exceed {schedule.limit_words} of ${schedule.end:,.15g}{more}"
        raise InputError(NUM, argument, gross, rule)


def fee(amount: float, prior: float, rate: float | None, schedule: Schedule) -> float | int:
    """Compute the fee on an amount by any schedule.

    Args:
        amount: Gross proceeds of the sale, USD, at least 0.
        prior: Gross proceeds before, USD, at least 0.
        rate: This sale's own rate, where the schedule's are the most that may be charged; it
            replaces the tiers' rates.
        schedule: The schedule.

    Returns:
        The cumulative fee with the amount less that before it. USD, unrounded; whole shares or
        warrants where the fee is paid in these. It is negative where a rate that applies to all of
        the proceeds falls, and what was paid before is given back in part.

    Raises:
        InputError: Prior and amount together exceed the schedule's limit (#NUM!); the rate is above
            the schedule's highest (#NUM!), or given where the rates are fixed (#VALUE!).

    Source: the deal's own clauses.
    """
    if rate is None and schedule.simple:
        return marginal(amount, prior, schedule, "amount")
    check_limit(amount, prior, schedule, "amount")
    if rate is not None:
        check_rate(rate, schedule)
    before, after = totals(amount, prior, rate, schedule)
    return int(after - before) if schedule.units else float(after - before)


def totals(
    amount: float, prior: float, rate: float | None, schedule: Schedule
) -> tuple[Fraction, Fraction]:
    """Compute the fees on what was sold before, and on that with an amount; exactly.

    Arguments are those of `fee`, which checks them.
    """
    if schedule.units:
        sold = as_shown(prior)
        both = sold, sold + as_shown(amount)
        before, after = (Fraction(_counted(one, schedule)) for one in both)
    else:
        sold = Fraction(prior)
        both = sold, sold + Fraction(amount)
        before, after = (_cumulative(one, rate, schedule) for one in both)
    return before, after


def check_rate(rate: float, schedule: Schedule) -> None:
    """Raise `InputError` where a sale cannot be charged a rate of its own.

    Args:
        rate: The rate, at least 0.
        schedule: The schedule.

    Raises:
        InputError: The schedule's rates are fixed (#VALUE!), or the rate is above them all (#NUM!).
    """
    if not schedule.at_most or not schedule.rates:
        raise InputError(VALUE, "rate", rate, "must be left out: the schedule's rates are fixed")
    highest = max(schedule.rates)
    # A rate such as 2/3 is shown with a last digit that is rounded up.
    if as_shown(rate) > max(highest, as_shown(float(highest))):
        rule = f"must not be above the schedule's highest rate, {float(highest):.15g}"
        raise InputError(NUM, "rate", rate, rule)


def _cumulative(sold: Fraction, rate: float | None, schedule: Schedule) -> Fraction:
    """Compute the fee on all that is sold, in USD; 0 for 0."""
    if not sold:
        return Fraction()
    if rate is not None:
        return clamped(sold * Fraction(rate), schedule)
    charged = (part * schedule.rates[tier] for tier, part in parts(sold, schedule))
    return clamped(sum(charged, Fraction()), schedule)


def parts(sold: Fraction, schedule: Schedule) -> list[tuple[int, Fraction]]:
    """Part all that is sold by the tiers whose rates it bears.

    Args:
        sold: Gross proceeds, USD, above 0.
        schedule: The schedule; where one rate applies to all of the proceeds, there is one part.

    Returns:
        Each tier, counted from 0, and the USD that bear its rate.
    """
    found: list[tuple[int, Fraction]] = []
    start, last = Fraction(), len(schedule.edges) - 1
    for tier, edge in enumerate(schedule.edges):
        if schedule.whole:
            # An edge is met, not passed, by what a running sum's binary error adds to it.
            if edge is None or tier == last or sold - edge < slack(edge):
                return [(tier, sold)]
            continue
        if edge is None or tier == last or sold <= edge:
            return [*found, (tier, sold - start)]
        found.append((tier, edge - start))
        start = edge
    return found


def _counted(sold: Fraction, schedule: Schedule) -> int:
    """Count the shares or warrants for all that is sold, rounded down."""
    if not sold:
        return 0
    return int(clamped(schedule.units * sold / schedule.over, schedule) // 1)


def clamped(found: Fraction, schedule: Schedule) -> Fraction:
    """Clamp a cumulative fee to the schedule's minimum and maximum."""
    if schedule.minimum is not None:
        found = max(found, schedule.minimum)
    return found if schedule.maximum is None else min(found, schedule.maximum)
