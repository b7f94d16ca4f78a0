"""How a double is read where whole units are counted."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xladdin.core.numbers import as_shown


@pytest.mark.parametrize(
    ("number", "decimal"),
    [
        (4.04, "4.04"),
        (0.1, "1/10"),
        (24_999_999.6, "249999996/10"),
        (100.0, "100"),
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (1e308, "1e308"),
        (0.1 + 0.2, "0.30000000000000004"),
    ],
)
def test_as_shown(number: float, decimal: str) -> None:
    assert as_shown(number) == Fraction(decimal)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_it_stays_the_same_double(number: float) -> None:
    assert float(as_shown(number)) == number


@given(st.integers(-(10**14), 10**14))
def test_cents_are_read_as_cents(count: int) -> None:
    assert as_shown(count / 100) == Fraction(count, 100)
