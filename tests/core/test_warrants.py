"""The placement agent's warrants."""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random

import pytest
import strategies
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import contract as oracle

from xladdin.core.warrants import (
    exercise_price,
    net_exercise_shares,
    warrants_earned,
    weighted_price,
)
from xladdin.errors import InputError
from xladdin.terms import select

_found = select("NEOT-2001").sales.warrants
assert _found is not None
WARRANTS = _found

SALES = st.lists(st.tuples(st.integers(0, 10**8), strategies.PRICES), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("shares", "warrants"),
    [(0, 0), (9, 0), (10, 1), (4839, 483), (4840, 484), (4849, 484), (10**30 + 9, 10**29)],
)
def test_warrants_round_down(shares: int, warrants: int) -> None:
    assert warrants_earned(shares, WARRANTS) == warrants


@given(st.integers(0, 10**12))
def test_warrants_are_a_tenth(shares: int) -> None:
    earned = warrants_earned(shares, WARRANTS)
    assert type(earned) is int
    assert 0 <= shares - 10 * earned <= 9


def test_exercise_price_of_two_sales() -> None:
    # (1000 x 4.00 + 3000 x 4.50) / 4000 = 4.375, and 130% of that.
    assert exercise_price([(1000, 4.0), (3000, 4.5)], WARRANTS) == 5.6875


@given(SALES)
def test_exercise_price_is_correctly_rounded(sales: list[tuple[int, float]]) -> None:
    sold = sum(count for count, _ in sales)
    assume(sold)
    dollars = sum((count * oracle.shown(price) for count, price in sales), Fraction(0))
    assert weighted_price(sales) == dollars / sold
    assert exercise_price(sales, WARRANTS) == float(dollars / sold * Fraction("1.3"))


@given(SALES, st.randoms(use_true_random=False))
def test_order_of_sales_does_not_matter(sales: list[tuple[int, float]], random: Random) -> None:
    assume(any(count for count, _ in sales))
    average = weighted_price(sales)
    sold = [oracle.shown(price) for count, price in sales if count]
    assert min(sold) <= average <= max(sold)
    shuffled = random.sample(sales, len(sales))
    assert weighted_price(shuffled) == average
    # Twice the shares at the same prices have the same average.
    assert weighted_price([*sales, *sales]) == average


@pytest.mark.parametrize("sales", [[], [(0, 4.0)], [(0, 4.0), (0, 5.0)]])
def test_no_shares(sales: list[tuple[int, float]]) -> None:
    with pytest.raises(InputError) as caught:
        exercise_price(sales, WARRANTS)
    assert caught.value.code == "#NUM!"


def test_prices_of_every_size_stay_exact() -> None:
    sales = [(1, 5e-324), (1, 1e300), (1, 0.1)]
    assert weighted_price(sales) == sum(oracle.shown(price) for _, price in sales) / 3


@pytest.mark.parametrize(
    ("warrants", "market", "exercise", "shares"),
    [
        (484, 8.0, 5.252, 166),  # 484 x 2.748 / 8 = 166.254
        (100, 4.04, 2.02, 50),
        (300, 0.3, 0.1, 200),  # as doubles, 0.3 - 0.1 is a trifle less than 0.2
        (1000, 1.1, 1.0, 90),
        (400, 8.6, 1.3 * 4.3, 140),
        (1000, 5.252, 5.252, 0),
        (1000, 5.252, 0.0, 1000),
        (1000, 5.25, 5.252, 0),
        (0, 8.0, 5.252, 0),
        (1, 8.0, 5.252, 0),
        (10, 1e308, 5e-324, 9),
    ],
)
def test_net_exercise(warrants: int, market: float, exercise: float, shares: int) -> None:
    assert net_exercise_shares(warrants, market, exercise) == shares


@given(strategies.COUNTS, strategies.PRICES, strategies.PRICES)
def test_net_exercise_pays_for_itself(warrants: int, market: float, exercise: float) -> None:
    found = net_exercise_shares(warrants, market, exercise)
    assert type(found) is int
    assert 0 <= found <= warrants
    if found:
        # Value received is at most the gain; one share more would be above it.
        gain = warrants * (oracle.shown(market) - oracle.shown(exercise))
        assert found * oracle.shown(market) <= gain < (found + 1) * oracle.shown(market)
    # A market that is higher gives no fewer shares.
    assert net_exercise_shares(warrants, math.nextafter(market, math.inf), exercise) >= found
