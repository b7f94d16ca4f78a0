"""Calls from Python: one value, and a pandas Series."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas

import xladdin
from benchmarks.arrays import EDGES, FEES
from benchmarks.measuring import AT_MOST, Line, compare, print_results, race
from xladdin.core.fees import marginal
from xladdin.terms import select

GROSS = 25_000_000.0
"""The whole programme: it goes through every tier, and to the limit."""


def measure(quick: bool) -> Iterator[Line]:
    """Measure in one process."""
    yield _one(5 if quick else 31, 2_000 if quick else 10_000)
    yield from _series(5 if quick else 31)


def _one(rounds: int, times: int) -> Line:
    schedule = select().schedule
    assert xladdin.ceo_fee(GROSS) == marginal(GROSS, 0.0, schedule) == 900_000
    found = race(
        {
            "xladdin.ceo_fee(25e6)": lambda: xladdin.ceo_fee(GROSS),
            "the core's commission": lambda: marginal(GROSS, 0.0, schedule),
        },
        rounds,
        times,
    )
    return compare(
        "one call from Python",
        found,
        "xladdin.ceo_fee(25e6)",
        "the core's commission",
        unit="us",
        bound=AT_MOST,
        target=4,
        absolute=True,
    )


def _series(rounds: int) -> Iterator[Line]:
    size = 1_000_000
    array = np.round(np.random.default_rng(2001).random(size) * 25e6, 2)
    series = pandas.Series(array, name="gross")
    assert xladdin.ceo_fee(series).tolist() == xladdin.ceo_fee(array).tolist()
    found = race(
        {
            "xladdin.ceo_fee": lambda: xladdin.ceo_fee(series),
            "its NumPy array": lambda: xladdin.ceo_fee(array),
            "numpy.interp": lambda: np.interp(series, EDGES, FEES),
        },
        rounds,
    )
    what = f"a pandas Series of {size:,}"
    yield compare(
        what, found, "xladdin.ceo_fee", "numpy.interp", unit="ms", bound=AT_MOST, target=1.3
    )
    yield compare(what, found, "xladdin.ceo_fee", "its NumPy array", unit="ms")


if __name__ == "__main__":
    print_results(measure)
