"""Class B warrants: the two rates, the cap, the financing floor."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from oracles import contract as oracle

from xladdin.core.class_b import available, exercise_price
from xladdin.terms import select

_found = select("NEOT-2001").terms.class_b
assert _found is not None
CLASS_B = _found
FORMULA = CLASS_B.formula

CAP = 33.75
RATIOS = st.sampled_from([1.0, 25.0, 0.5, 3.0, 1 / 3])


@pytest.mark.parametrize(
    ("bid", "market", "price"),
    [
        # The threshold, from both sides: "less than $5.00" leaves 5.00 itself at 97%.
        (4.99, 4.99, "4.7405"),
        (4.99999999999999, 4.99999999999999, "4.7499999999999905"),
        (math.nextafter(5.0, 0.0), math.nextafter(5.0, 0.0), "4.85"),  # shown as 5
        (5.0, 5.0, "4.85"),
        (5.01, 5.01, "4.8597"),
        # It is the market price that decides, not the bid.
        (4.99, 5.0, "4.8403"),
        (5.0, 4.99, "4.75"),
        # The cap, from both sides: 33.75 / 0.97 is 34.793...
        (34.79, 34.79, "33.7463"),
        (34.80, 34.80, "33.75"),
        (40.0, 40.0, "33.75"),
        (40.0, 4.0, "33.75"),
    ],
)
def test_rates_and_cap(bid: float, market: float, price: str) -> None:
    found = exercise_price(bid, market, 1.0, FORMULA)
    assert found == pytest.approx(float(price), rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("bid", "ratio", "price"),
    [
        (40.0, 25.0, 38.8),  # 1-for-25: the cap is 843.75
        (1000.0, 25.0, 843.75),
        (40.0, 0.5, 16.875),  # 2-for-1
        (10.0, 0.5, 9.7),
        (40.0, 1.0, 33.75),
    ],
)
def test_a_split_moves_the_cap_only(bid: float, ratio: float, price: float) -> None:
    assert exercise_price(bid, bid, ratio, FORMULA) == pytest.approx(price, rel=1e-15, abs=0)


@given(strategies.PRICES, strategies.PRICES, RATIOS)
def test_bounds(bid: float, market: float, ratio: float) -> None:
    price = exercise_price(bid, market, ratio, FORMULA)
    cap, shown = Fraction(CAP) * Fraction(ratio), oracle.shown(bid)
    rates = (Fraction("0.95"), Fraction("0.97"))
    assert price in {float(min(cap, rate * shown)) for rate in rates}


@given(strategies.PRICES, strategies.PRICES, strategies.PRICES, RATIOS)
def test_monotone_in_the_bid_within_a_rate(
    bid: float, other: float, market: float, ratio: float
) -> None:
    low, high = sorted((bid, other))
    assert exercise_price(low, market, ratio, FORMULA) <= exercise_price(
        high, market, ratio, FORMULA
    )


def test_falling_below_the_threshold_drops_the_price() -> None:
    assert exercise_price(5.0, 4.99, 1.0, FORMULA) < exercise_price(5.0, 5.0, 1.0, FORMULA)


@pytest.mark.parametrize(
    ("market", "is_available"),
    [
        (1.99, False),
        (1.99999999999999, False),
        (math.nextafter(2.0, 0.0), True),  # shown as 2
        (2.0, True),
        (2.01, True),
        (5e-324, False),
    ],
)
def test_financing_floor(market: float, is_available: bool) -> None:
    assert available(market, CLASS_B) is is_available


def test_a_threshold_that_no_double_holds(awkward: str) -> None:
    made_up = select(awkward).terms.class_b
    assert made_up is not None
    # Typed as 4.10, the market price is not less than 4.10, whatever the double's last digits.
    assert exercise_price(1.0, 4.10, 1.0, made_up.formula) == 0.91
    assert exercise_price(1.0, 4.09, 1.0, made_up.formula) == 0.83
    assert available(1.37, made_up)
    assert not available(1.36, made_up)
    assert oracle.classb_available(1.37, oracle.AWKWARD)
