"""Dilution, the exchange's limit, the treasury stock method."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import oracle
import pytest
import strategies
from hypothesis import assume, given
from hypothesis import strategies as st

from xladdin.core.dilution import dilution, issuable_below, treasury_stock_shares
from xladdin.core.errors import InputError

FIFTH = Decimal("0.20")


@pytest.mark.parametrize(
    ("outstanding", "issued", "headroom"),
    [
        (100, 0, 19),  # 20 of 100 reach the limit
        (101, 0, 20),  # 20 of 101 do not
        (104, 0, 20),
        (105, 0, 20),
        (106, 0, 21),
        (100, 18, 1),
        (100, 19, 0),
        (100, 20, 0),
        (100, 10**9, 0),
        (5, 0, 0),
        (6, 0, 1),
        (1, 0, 0),
        (0, 0, 0),
        (21_927_372, 0, 4_385_474),
    ],
)
def test_limit_from_both_sides(outstanding: int, issued: int, headroom: int) -> None:
    assert issuable_below(outstanding, issued, FIFTH) == headroom


@given(st.integers(1, 10**12), st.integers(0, 10**11), st.decimals("0.001", 1, places=3))
def test_one_share_more_reaches_the_limit(outstanding: int, issued: int, limit: Decimal) -> None:
    found = issuable_below(outstanding, issued, limit)
    assert type(found) is int
    rate = Fraction(limit)
    assert Fraction(issued + found + 1, outstanding) >= rate
    assert found == 0 or Fraction(issued + found, outstanding) < rate


@given(strategies.COUNTS, strategies.COUNTS)
def test_dilution_is_a_fraction(outstanding: int, new: int) -> None:
    assume(outstanding + new)
    share = dilution(outstanding, new)
    assert 0 <= share <= 1
    assert share == float(Fraction(new, outstanding + new))
    assert dilution(outstanding, new + 1) >= share


def test_dilution_at_its_ends() -> None:
    assert dilution(100, 0) == 0
    assert dilution(0, 100) == 1
    assert dilution(100, 100) == 0.5
    assert dilution(10**300, 10**300) == 0.5
    with pytest.raises(InputError) as caught:
        dilution(0, 0)
    assert caught.value.code == "#NUM!"


@given(strategies.COUNTS, strategies.PRICES, strategies.PRICES)
def test_treasury_stock_bounds(securities: int, exercise: float, average: float) -> None:
    found = treasury_stock_shares(securities, exercise, average)
    assert type(found) is float
    assert 0 <= found <= securities
    assert (found == 0) == (average <= exercise or not securities)


def test_treasury_stock_at_the_money() -> None:
    assert treasury_stock_shares(405_000, 5.69, 5.69) == 0
    assert treasury_stock_shares(405_000, 5.69, 5.68) == 0
    # 405,000 x (8 - 5.69) / 8 is 116,943.75 in decimals; as a double 5.69 is not exact.
    exact = oracle.treasury_stock_shares(405_000, 5.69, 8.0)
    assert isinstance(exact, Fraction)
    assert treasury_stock_shares(405_000, 5.69, 8.0) == float(exact)
    assert float(exact) == pytest.approx(116_943.75, rel=1e-15)
