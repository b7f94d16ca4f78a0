"""Dilution, the treasury stock method, anti-dilution, offerings, splits."""

from __future__ import annotations

import datetime
from fractions import Fraction

import pytest
import strategies
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import contract as oracle
from oracles import deals as oracle_deals

from xladdin.core.dilution import (
    dilution,
    offering_dilution,
    ratchet_price,
    split_adjusted,
    treasury_stock_shares,
    weighted_average_price,
)
from xladdin.errors import InputError


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


# Anti-dilution


@pytest.mark.parametrize(
    ("price", "outstanding", "new", "new_price", "weighted", "ratchet"),
    [
        (1.0, 10**7, 5 * 10**6, 0.5, 5 / 6, 0.5),
        (1.0, 10**7, 5 * 10**6, 1.0, 1.0, 1.0),
        (1.0, 10**7, 5 * 10**6, 2.0, 1.0, 1.0),  # never above the price before
        (1.0, 10**7, 10**7, 0.0, 0.5, 0.0),
        (1.1 * 3, 1, 0, 0.5, 3.3, 0.5),  # as shown
        (4.04, 0, 5, 2.02, 2.02, 2.02),
    ],
)
def test_antidilution(
    price: float, outstanding: int, new: int, new_price: float, weighted: float, ratchet: float
) -> None:
    assert weighted_average_price(price, outstanding, new, new_price) == weighted
    assert ratchet_price(price, new_price) == ratchet


@given(strategies.PRICES, strategies.COUNTS, strategies.COUNTS, st.just(0.0) | strategies.PRICES)
def test_random_antidilution(price: float, outstanding: int, new: int, new_price: float) -> None:
    given_ = (price, outstanding, new, new_price)
    expected = oracle_deals.result(oracle_deals.antidilution_price, *given_, "weighted average")
    try:
        found: float | str = weighted_average_price(*given_)
    except InputError as error:
        found = error.code
    assert found == (expected if isinstance(expected, str) else float(expected))
    ratchet = oracle_deals.antidilution_price(*given_, "full ratchet")
    assert ratchet_price(price, new_price) == float(ratchet)


# Offerings


def test_an_offering_below_book_value() -> None:
    # Cognition Therapeutics, 424(b)(4) of November 2022, thousands: 43,899 and 49,289 of equity.
    price, before, increase, after, dilution_ = offering_dilution(
        1.20, 5_000_000, 43_899_000.0, 22_597_907, 610_000.0
    )
    assert [round(line, 2) for line in (before, increase, after)] == [1.94, -0.16, 1.79]
    assert (price, round(dilution_, 2)) == (1.2, -0.59)


def test_an_offering_without_shares_before() -> None:
    with pytest.raises(InputError) as caught:
        offering_dilution(1.0, 1, 0.0, 0, 0.0)
    assert (caught.value.code, caught.value.argument) == ("#NUM!", "outstanding")


@given(
    strategies.PRICES,
    strategies.COUNTS,
    st.floats(-1e12, 1e12),
    st.integers(1, 10**12),
    strategies.amounts(1e9),
)
def test_random_offerings(
    price: float, new: int, book: float, outstanding: int, costs: float
) -> None:
    given_ = (price, new, book, outstanding, costs)
    assert list(offering_dilution(*given_)) == [
        float(line) for line in oracle_deals.offering_dilution(*given_)
    ]


# Splits

SPLITS = [
    (datetime.date(2024, 3, 8), Fraction(23)),
    (datetime.date(2024, 12, 24), Fraction(20)),
    (datetime.date(2025, 6, 2), Fraction(1, 3)),
]


@pytest.mark.parametrize(
    ("since", "until", "factor"),
    [
        ("2024-03-07", "2024-03-07", 1),
        ("2024-03-07", "2024-03-08", 23),
        ("2024-03-08", "2024-12-23", 1),  # the day itself has the new shares
        ("2022-07-20", "2024-12-24", 460),
        ("2022-07-20", "2030-01-01", Fraction(460, 3)),
        ("2024-12-24", "2022-07-20", 1),  # no day is after the first and not after the second
    ],
)
def test_splits_between_two_days(since: str, until: str, factor: Fraction) -> None:
    days = (datetime.date.fromisoformat(since), datetime.date.fromisoformat(until))
    for value in (1.0, 0.5, 11.5, 2.15, 1e-3):
        price = split_adjusted(value, *days, SPLITS)
        assert price == float(oracle.shown(value) * factor)
        assert price == float(oracle_deals.split_adjusted(value, *days, SPLITS, "price"))
        count = split_adjusted(value, *days, SPLITS, is_count=True)
        assert count == float(oracle_deals.split_adjusted(value, *days, SPLITS, "count"))
