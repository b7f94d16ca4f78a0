"""Marginal commission on gross proceeds, and what is left of an agreement's capacity."""

from __future__ import annotations

from fractions import Fraction
from math import fsum
from typing import TYPE_CHECKING, Final

from xladdin.core.errors import NUM, InputError
from xladdin.core.numbers import as_shown, excess

if TYPE_CHECKING:
    from xladdin.terms.model import Agreement, Band


_NEAR: Final = 1.0
"""Dollars below a limit at which the exact comparison begins."""

_ROUNDING_COUNTS: Final = 1e11
"""Dollars from which on the rounding of amounts (5E-15 of them) comes near what passes a limit."""


def commission(gross: float, prior: float, agreement: Agreement) -> float:
    """Compute the commission on gross proceeds, by the tiers that they fall into.

    Args:
        gross: Gross proceeds of the sale, USD, at least 0.
        prior: Gross proceeds sold under the same agreement before, USD, at least 0.
        agreement: The agreement sold under.

    Returns:
        The commission, USD, unrounded. An amount that exceeds the capacity by less than the
        tolerance is charged at the last tier.

    Raises:
        InputError: Prior and gross together exceed the agreement's capacity (#NUM!).

    Source: cover, S-11, S-12.
    """
    total = prior + gross
    for lower, upper, paid, _, whole in agreement.bands:
        if total < upper:
            if prior < lower:
                break
            # Most sales fall into one tier. A zero comes out without a sign, as sums do.
            return gross * paid / whole + 0.0
    return fsum(
        [
            amount * paid / whole
            for (_, _, paid, _, whole), amount in slices(gross, prior, agreement)
        ]
    )


def net_proceeds(gross: float, prior: float, agreement: Agreement) -> float:
    """Compute gross proceeds less commission.

    It is computed tier by tier from the part of each dollar that is kept, not as a difference, so
    that no digits cancel. Arguments, errors and source are those of `commission`.
    """
    return fsum(amount * band.kept / band.whole for band, amount in slices(gross, prior, agreement))


def slices(gross: float, prior: float, agreement: Agreement) -> list[tuple[Band, float]]:
    """Split gross proceeds over the commission's tiers.

    Args:
        gross: Gross proceeds of the sale, USD.
        prior: Gross proceeds before, USD.
        agreement: The agreement sold under.

    Returns:
        Each tier touched, and the dollars that fall into it; correctly rounded each.

    Raises:
        InputError: Prior and gross together exceed the agreement's capacity (#NUM!).
    """
    total = prior + gross
    capacity = agreement.capacity_usd
    # Exact arithmetic takes longer than all the rest: a programme that is sold out does without.
    if total > capacity or total == capacity >= _ROUNDING_COUNTS:
        _check_capacity(gross, prior, agreement)
    if not agreement.edges_are_doubles:
        return _exact_slices(gross, prior, agreement)
    bands = agreement.bands
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


def _exact_slices(gross: float, prior: float, agreement: Agreement) -> list[tuple[Band, float]]:
    """Split gross proceeds where an edge, such as 7,000,000.07, is no double."""
    start, end = Fraction(prior), Fraction(prior) + Fraction(gross)
    last = agreement.bands[-1]
    found: list[tuple[Band, float]] = []
    for band, tier in zip(agreement.bands, agreement.tiers, strict=True):
        edge = Fraction(tier.up_to)
        if edge <= start and band is not last:
            continue
        if end <= edge or band is last:
            found.append((band, float(end - start)))
            break
        found.append((band, float(edge - start)))
        start = edge
    return found


def capacity_left(sold: float, agreement: Agreement) -> float:
    """Compute the dollars still unsold under an agreement.

    Args:
        sold: Gross proceeds sold so far, USD, at least 0.
        agreement: The agreement.

    Returns:
        The rest, USD; 0 where `excess` finds the capacity met.

    Raises:
        InputError: More is sold than the capacity (#NUM!).

    Source: cover, S-11, S-12.
    """
    left = agreement.capacity_usd - sold
    if left < _NEAR:
        beyond = excess(agreement.capacity, sold)
        if beyond > 0:
            raise _beyond("sold", sold, "", agreement)
        if not beyond or left < 0:
            return 0.0
    if agreement.edges_are_doubles:
        return left
    return float(Fraction(agreement.capacity) - Fraction(sold))


def shares_left(sold: float, price: float, agreement: Agreement) -> int:
    """Count the whole shares that can still be sold at a price.

    Args:
        sold: Gross proceeds sold so far, USD, at least 0; read as shown.
        price: Price of a share, USD, above 0; read as shown.
        agreement: The agreement.

    Returns:
        The count, rounded down.

    Raises:
        InputError: More is sold than the capacity (#NUM!).

    Source: cover, S-11, S-12.
    """
    if not capacity_left(sold, agreement):
        return 0
    return int((Fraction(agreement.capacity) - as_shown(sold)) // as_shown(price))


def _check_capacity(gross: float, prior: float, agreement: Agreement) -> None:
    if excess(agreement.capacity, prior, gross) > 0:
        more = f" together with prior ({prior:,.15g})" if prior else ""
        raise _beyond("gross", gross, more, agreement)


def _beyond(argument: str, value: float, more: str, agreement: Agreement) -> InputError:
    rule = f"must not exceed the agreement's capacity of ${agreement.capacity_usd:,.15g}{more}"
    return InputError(NUM, argument, value, rule)
