"""The core on a NumPy array."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import xladdin
from benchmarks.measuring import AT_MOST, Line, compare, print_results, race

EDGES = [0.0, 10e6, 20e6, 25e6]
FEES = [0.0, 400_000.0, 750_000.0, 900_000.0]


def measure(quick: bool) -> Iterator[Line]:
    """Measure in one process."""
    size = 1_000_000
    gross = np.round(np.random.default_rng(2001).random(size) * 25e6, 2)
    gross[: len(EDGES)] = EDGES
    # Values at the edges, and beside them, are where two ways to compute could part.
    found = xladdin.ceo_fee(gross)
    np.testing.assert_allclose(found, np.interp(gross, EDGES, FEES), rtol=1e-15, atol=0)
    assert found[:50_000].tolist() == [xladdin.ceo_fee(one) for one in gross[:50_000].tolist()]
    times = race(
        {
            "xladdin.ceo_fee": lambda: xladdin.ceo_fee(gross),
            "numpy.interp": lambda: np.interp(gross, EDGES, FEES),
            "a copy of the array": gross.copy,
        },
        5 if quick else 31,
    )
    what = f"a NumPy array of {size:,}"
    yield compare(
        what, times, "xladdin.ceo_fee", "numpy.interp", unit="ms", bound=AT_MOST, target=1
    )
    yield compare(what, times, "xladdin.ceo_fee", "a copy of the array", unit="ms")


if __name__ == "__main__":
    print_results(measure)
