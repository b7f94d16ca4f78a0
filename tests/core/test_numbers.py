"""How a double is read where whole units are decided, and when a dollar limit is passed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import contract as oracle

from xladdin.core.decimals import as_shown, excess, slack


@pytest.mark.parametrize(
    ("number", "decimal"),
    [
        (4.04, "4.04"),
        (0.1, "1/10"),
        (24_999_999.6, "249999996/10"),
        (100.0, "100"),
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "4.94065645841247e-324"),
        (1e308, "1e308"),
        (1.7976931348623157e308, "1.79769313486232e308"),
        (0.1 + 0.2, "0.3"),
        (-0.1 - 0.2, "-0.3"),
        (1.1 * 3, "3.3"),
        (0.3 - 0.1, "0.2"),
        (2.0**53, "9007199254740990"),
        (999_999_999_999_999.0, "999999999999999"),
        # Halfway between two decimals, to the last bit: away from 0.
        (1_234_567_890_123.125, "1234567890123.13"),
        (-1_234_567_890_123.125, "-1234567890123.13"),
        (1_234_567_890_123.375, "1234567890123.38"),
        (0.5 + 2.0**-16, "0.500015258789063"),  # 0.5000152587890625
        # As close to halfway as doubles come, from below.
        (1_234_567_890_123.124, "1234567890123.12"),
    ],
)
def test_as_shown(number: float, decimal: str) -> None:
    assert as_shown(number) == Fraction(decimal)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_double_has_15_digits(number: float) -> None:
    assert as_shown(number) == oracle.shown(number)
    assert as_shown(-number) == -as_shown(number)


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(-290, 290))
def test_decimals_of_15_digits_are_read_as_they_are(digits: int, exponent: int) -> None:
    assert as_shown(float(f"{digits}e{exponent}")) == digits * Fraction(10) ** exponent


@pytest.mark.parametrize(
    ("limit", "least"),
    [
        ("0.01", "0.00001"),
        ("8400000", "0.00001"),
        ("25000000", "0.00001"),
        ("67108864", "0.0000152587890625"),  # 2^26: 1,024 units of 2^-26
        ("1000000000", "0.0001220703125"),  # 1,024 units of 2^-23
        ("100000000000", "0.005"),
        ("1e300", "0.005"),
    ],
)
def test_how_far_a_limit_may_be_passed(limit: str, least: str) -> None:
    assert slack(Decimal(limit)) == Fraction(least) == oracle.slack(Fraction(limit))


@pytest.mark.parametrize(
    ("amounts", "beyond"),
    [
        ((25e6,), 0),
        ((25_000_000.000009,), 0),
        ((25_000_000.00001,), Fraction("0.00001")),
        ((25_000_000.01,), Fraction("0.01")),
        ((24_999_999.999991,), 0),
        ((24_999_999.99999,), -Fraction("0.00001")),
        ((24_999_999.7, 0.1 + 0.2), 0),
        ((24_999_999.7, 0.30001), Fraction("0.00001")),
        ((0.0, 0.0), -25_000_000),
    ],
)
def test_what_passes_a_limit(amounts: tuple[float, ...], beyond: Fraction | int) -> None:
    assert excess(Decimal(25_000_000), *amounts) == beyond


@given(st.integers(-(10**14), 10**14))
def test_cents_are_read_as_cents(count: int) -> None:
    assert as_shown(count / 100) == Fraction(count, 100)
