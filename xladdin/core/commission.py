"""Marginal commission on gross proceeds, and what is left of an agreement's capacity."""

from __future__ import annotations

from fractions import Fraction
from math import fsum
from typing import TYPE_CHECKING

from xladdin.core.errors import NUM, InputError
from xladdin.core.numbers import as_shown

if TYPE_CHECKING:
    from xladdin.terms.model import Agreement, Band


def commission(gross: float, prior: float, agreement: Agreement) -> float:
    """Commission on gross proceeds, by the tiers that they fall into.

    Args:
        gross: Gross proceeds of the sale, USD, at least 0.
        prior: Gross proceeds sold under the same agreement before, USD, at least 0.
        agreement: The agreement sold under.

    Returns:
        The commission, USD, unrounded.

    Raises:
        InputError: Prior and gross together are above the agreement's capacity (#NUM!).

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
    """Gross proceeds less commission.

    Worked out tier by tier from what is kept of each dollar, not as a difference, so that no
    digits are lost. Arguments, errors and source are those of `commission`.
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
        InputError: Prior and gross together are above the agreement's capacity (#NUM!).
    """
    total = prior + gross
    if total >= agreement.capacity_usd:
        _check_capacity(gross, prior, agreement)
    bands = agreement.bands
    last = bands[-1]
    found = []
    start = prior
    for band in bands:
        upper = band[1]  # by position: half the time of asking for it by name
        if upper <= prior and band is not last:
            continue
        # Rounding keeps order: only a rounded total that meets the edge may really lie beyond it.
        if total < upper or band is last or (total == upper and fsum((prior, gross, -upper)) <= 0):
            # The sale ends here. One rounding of the exact difference: total - start would be two.
            found.append((band, gross if start == prior else fsum((prior, gross, -start))))
            break
        found.append((band, upper - start))
        start = upper
    return found


def capacity_left(sold: float, agreement: Agreement) -> float:
    """Dollars still unsold under an agreement.

    Args:
        sold: Gross proceeds sold so far, USD, at least 0.
        agreement: The agreement.

    Returns:
        What is left, USD.

    Raises:
        InputError: More is sold than the capacity (#NUM!).

    Source: cover, S-11, S-12.
    """
    left = agreement.capacity_usd - sold
    if left < 0:
        raise _beyond("sold", sold, "", agreement)
    return left


def shares_left(sold: float, price: float, agreement: Agreement) -> int:
    """Whole shares that can still be sold at a price.

    Args:
        sold: Gross proceeds sold so far, USD, at least 0.
        price: Price of a share, USD, above 0.
        agreement: The agreement.

    Returns:
        The count, rounded down.

    Raises:
        InputError: More is sold than the capacity (#NUM!).

    Source: cover, S-11, S-12.
    """
    capacity_left(sold, agreement)
    return int((Fraction(agreement.capacity) - as_shown(sold)) // as_shown(price))


def _check_capacity(gross: float, prior: float, agreement: Agreement) -> None:
    # The last sale of a programme meets the capacity to the cent, and binary rounding must not
    # push it over; so the sum is judged on the decimals that the sheet shows.
    beyond = prior + gross == float("inf") or (
        as_shown(prior) + as_shown(gross) > Fraction(agreement.capacity)
    )
    if beyond:
        raise _beyond(
            "gross", gross, f" together with prior ({prior:,.15g})" if prior else "", agreement
        )


def _beyond(argument: str, value: float, more: str, agreement: Agreement) -> InputError:
    rule = f"must not exceed the agreement's capacity of ${agreement.capacity_usd:,.15g}{more}"
    return InputError(NUM, argument, value, rule)
