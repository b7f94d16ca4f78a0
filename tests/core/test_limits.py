"""Caps: both sides of each, what lifts them, and the dollars of the float rule."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from oracles import deals as oracle_deals

from xladdin.core.limits import (
    float_headroom,
    headroom,
    issue_headroom,
    months_before,
    ownership_headroom,
)
from xladdin.errors import InputError
from xladdin.terms.exact import Limit, ratio

FIFTH = Limit("exchange", "issue", rate=(1, 5), inclusive=False)
SHELF = Limit("shelf", "float", rate=(1, 3), below_float=Decimal(75_000_000))
DATE = datetime.date(2023, 3, 27)
DAYS = st.dates(datetime.date(2021, 1, 1), datetime.date(2025, 1, 1))


@pytest.mark.parametrize(
    ("outstanding", "issued", "left"),
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
def test_limit_from_both_sides(outstanding: int, issued: int, left: int) -> None:
    assert headroom(issued, FIFTH, outstanding) == left


@given(
    st.integers(1, 10**12),
    st.integers(0, 10**11),
    st.fractions(Fraction(1, 1000), 1),
    st.booleans(),
)
def test_one_share_more_passes_the_cap(
    outstanding: int, issued: int, rate: Fraction, inclusive: bool
) -> None:
    limit = Limit("cap", "issue", rate=ratio(rate), inclusive=inclusive)
    found = headroom(issued, limit, outstanding)
    assert type(found) is int

    def within(count: int) -> bool:
        part = Fraction(issued + count, outstanding)
        return part <= rate if inclusive else part < rate

    assert not within(found + 1)
    assert found == 0 or within(found)


def test_both_readings_of_a_cap_of_just_under_a_fifth() -> None:
    # 5,811,638 shares are printed as the cap of 19.99%: of 29,072,727 to 29,072,731 shares.
    for base in (29_072_727, 29_072_731):
        cap = Limit("exchange", "issue", rate=ratio(Decimal("0.1999")), base=(base, 1))
        assert headroom(0, cap) == 5_811_638
    for base in (29_072_726, 29_072_732):
        cap = cap._replace(base=(base, 1))
        assert headroom(0, cap) != 5_811_638


CAPS = st.dictionaries(
    st.sampled_from(["one", "two", "three", "four"]),
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["issue", "authorised", "registered", "ownership", "float"])},
        optional={
            "inclusive": st.booleans(),
            "lifted_at": st.sampled_from(["0.10", "1.5", "4.04"]),
        },
    ),
    min_size=1,
)
SIZES = st.one_of(
    st.fixed_dictionaries(
        {
            "rate": st.sampled_from(["0.1999", "0.2", "1/3", "0.0499"]),
            "base": st.integers(0, 10**9) | st.fractions(0, 10**9, max_denominator=60),
        }
    ),
    st.fixed_dictionaries(
        {"shares": st.integers(0, 10**9)}, optional={"base": st.integers(0, 10**8)}
    ),
)


def as_limit(key: str, cap: dict[str, Any]) -> Limit:
    rate = cap.get("rate")
    lifted = cap.get("lifted_at")
    return Limit(
        key,
        cap["kind"],
        rate=None if rate is None else ratio(Fraction(rate)),
        shares=(cap.get("shares", 0), 1),
        base=ratio(cap.get("base", 0)),
        inclusive=cap.get("inclusive", True),
        lifted_at=None if lifted is None else Fraction(lifted),
    )


@given(st.data(), st.integers(0, 10**8), st.none() | strategies.PRICES | st.just(1.5))
def test_caps_of_a_deal(data: Any, issued: int, average: float | None) -> None:
    caps = {key: cap | data.draw(SIZES) for key, cap in data.draw(CAPS).items()}
    key = data.draw(st.sampled_from(list(caps)))
    limits = {name: as_limit(name, cap) for name, cap in caps.items()}
    expected = oracle_deals.result(oracle_deals.issue_headroom, key, issued, average, caps)
    try:
        found: int | str = issue_headroom(limits[key], issued, average, list(limits.values()))
    except InputError as error:
        found = error.code
    assert found == expected


def test_a_cap_that_a_price_lifts() -> None:
    cap = Limit("exchange", "issue", rate=(1, 5), base=(1_000, 1), lifted_at=Fraction("1.79"))
    other = Limit("registered", "registered", shares=(700, 1))
    assert issue_headroom(cap, 10, None, [cap, other]) == 190
    assert issue_headroom(cap, 10, 1.78, [cap, other]) == 190
    assert issue_headroom(cap, 10, 1.79, [cap, other]) == 690
    # As a sheet shows it: a double beside 1.79 is 1.79.
    assert issue_headroom(cap, 10, 1.7899999999999998, [cap, other]) == 690
    with pytest.raises(InputError) as caught:
        issue_headroom(cap, 10, 1.79, [cap])
    assert (caught.value.code, caught.value.argument) == ("#N/A", "average_price")


# The float rule


def test_a_printed_third_of_the_float() -> None:
    # Cognition Therapeutics, 424(b)(5) of 27 March 2023: $16,741,022.
    left = float_headroom(23_690_126, 2.12, [], DATE, 0.0, SHELF)
    assert left == pytest.approx(16_741_022.3733333, abs=1e-6)


def test_twelve_months_of_sales() -> None:
    day = datetime.date
    sales = [
        (day(2022, 3, 27), 1e6),  # twelve months ago: no longer
        (day(2022, 3, 28), 2e6),
        (day(2023, 3, 27), 4e6),
        (day(2023, 3, 28), 8e6),  # not yet
    ]
    left = float_headroom(30_000_000, 1.0, sales, DATE, 1e6, SHELF)
    assert left == 3e6


def test_a_float_that_is_not_limited() -> None:
    for price in (7.5, 7.4999999999999991, 8.0):
        with pytest.raises(InputError) as caught:
            float_headroom(10_000_000, price, [], DATE, 0.0, SHELF)
        assert (caught.value.code, caught.value.argument) == ("#N/A", "shares")
        assert "not limited" in caught.value.rule
    assert float_headroom(10_000_000, 7.49, [], DATE, 0.0, SHELF) > 0


def test_sales_that_fill_the_third_leave_nothing() -> None:
    sales = [(DATE, 0.1)] * 10  # their doubles add up to a hair less than 1
    assert float_headroom(3, 1.0, sales, DATE, 0.0, SHELF) == 0
    assert float_headroom(3, 1.0, [(DATE, 5.0)], DATE, 0.0, SHELF) == 0


@given(
    st.integers(0, 30_000_000),
    st.floats(0.01, 3),
    st.lists(
        st.tuples(
            st.dates(datetime.date(2021, 1, 1), datetime.date(2025, 1, 1)), st.floats(0, 1e6)
        ),
        max_size=6,
    ),
    st.dates(datetime.date(2022, 1, 1), datetime.date(2024, 12, 31)),
    st.sampled_from([0.0, 1e5]),
)
def test_the_float_rule(
    shares: int,
    price: float,
    sales: list[tuple[datetime.date, float]],
    date: datetime.date,
    offered: float,
) -> None:
    given_ = (shares, price, sales, date, offered)
    expected = oracle_deals.result(oracle_deals.float_headroom, *given_)
    try:
        found: float | str = float_headroom(*given_, SHELF)
    except InputError as error:
        found = error.code
    assert found == (expected if isinstance(expected, str) else float(expected))


@given(st.dates(datetime.date(1, 2, 1), datetime.date(9999, 12, 31)), st.integers(0, 30))
def test_months_before(day: datetime.date, months: int) -> None:
    if day.year * 12 + day.month - 1 - months < 12:
        with pytest.raises(InputError):
            months_before(day, months)
    elif day.year < 9999:
        assert months_before(day, months) == oracle_deals.edate(day, -months)


# Blockers


@pytest.mark.parametrize(
    ("outstanding", "held", "limit", "left"),
    [
        (10_000_000, 0, 0.0499, 525_207),
        (10_000_000, 0, 0.0999, 1_109_876),
        (10_000_000, 499_000, 0.0499, 0),
        (10_000_000, 10_000_000, 0.0499, 0),
        (0, 0, 0.0499, 0),
        (100, 0, 0.0, 0),
        (100, 0, 0.1 + 0.2, 42),  # 0.3 as shown: 42.857
    ],
)
def test_blockers(outstanding: int, held: int, limit: float, left: int) -> None:
    assert ownership_headroom(outstanding, held, limit) == left


@given(strategies.COUNTS, strategies.COUNTS, st.sampled_from([0.0499, 0.0999, 0.1999, 0.5, 1.0]))
def test_one_share_more_passes_the_blocker(outstanding: int, held: int, limit: float) -> None:
    expected = oracle_deals.result(oracle_deals.ownership_headroom, outstanding, held, limit)
    try:
        found: int | str = ownership_headroom(outstanding, held, limit)
    except InputError as error:
        found = error.code
    assert found == expected
