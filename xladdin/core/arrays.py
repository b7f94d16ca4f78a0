"""Fees on whole NumPy arrays: the same doubles as one call for each element gives.

NumPy is imported only when a caller passes a NumPy array.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from xladdin.core.decimals import excess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xladdin.terms.exact import Band, Schedule

Array: TypeAlias = Any
"""A NumPy array of doubles."""

_AT_ONCE: Final = 16_384
"""Elements computed at a time, so that intermediate results stay in the processor's cache."""


def marginal(gross: Array, schedule: Schedule) -> Array | None:
    """Compute the fee on each of many amounts, as if nothing had been sold before.

    Args:
        gross: Gross proceeds of each sale, USD.
        schedule: A marginal schedule.

    Returns:
        The fees; None where an amount is wrong or the tiers cannot be computed this way, so that
        the amounts have to be computed one by one.
    """
    return _by_tier(gross, [band.paid for band in schedule.bands], schedule)


def net(gross: Array, schedule: Schedule) -> Array | None:
    """Compute gross proceeds less the fee for each of many amounts, as `marginal` does."""
    return _by_tier(gross, [band.kept for band in schedule.bands], schedule)


def _by_tier(gross: Array, parts: Sequence[float], schedule: Schedule) -> Array | None:
    import numpy as np  # only now: a caller that passes an array has it loaded already

    bands = schedule.bands
    if not (schedule.edges_are_doubles and _exact(bands, tuple(parts))):
        return None
    # An amount that exceeds the limit by less than the tolerance is charged at the last tier.
    uppers = [*(band.upper for band in bands[:-1]), inf]
    flat = np.ascontiguousarray(gross).reshape(-1)
    total = np.zeros_like(flat)
    room = np.empty(min(len(flat), _AT_ONCE))
    for start in range(0, len(flat), _AT_ONCE):
        amounts = flat[start : start + _AT_ONCE]
        # NaN is neither above nor below anything, and fails this as well.
        if not (amounts.min() >= 0 and _met(float(amounts.max()), schedule)):
            return None
        sums, here = total[start : start + _AT_ONCE], room[: len(amounts)]
        for band, upper, part in zip(bands, uppers, parts, strict=True):
            np.minimum(amounts, upper, out=here)
            if band.lower:
                np.subtract(here, band.lower, out=here)
                np.maximum(here, 0, out=here)
            if part != 1:
                np.multiply(here, part, out=here)
            np.divide(here, band.whole, out=here)
            np.add(sums, here, out=sums)
    return total.reshape(gross.shape)


def _met(amount: float, schedule: Schedule) -> bool:
    """Check whether an amount does not exceed the schedule's limit."""
    if amount <= schedule.end:
        return amount < inf
    return amount < inf and schedule.limit is not None and excess(schedule.limit, amount) <= 0


@lru_cache(maxsize=64)
def _exact(bands: tuple[Band, ...], parts: tuple[float, ...]) -> bool:
    """Check whether adding the tiers one by one rounds as adding all at once does.

    It does if the sum of the whole tiers is a double: then only the last addition rounds.
    """
    total = 0.0
    exact = Fraction()
    for band, part in zip(bands, parts, strict=True):
        if exact != Fraction(total):
            return False
        whole_tier = (band.upper - band.lower) * part / band.whole
        total += whole_tier
        exact += Fraction(whole_tier)
    return True
