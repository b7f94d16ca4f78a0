"""Programmes sold to the last cent, and prices taken to shares and back: nothing is lost.

An ordinary run takes a sample, ``pytest -m long`` the whole. The seeds are fixed; a failure names
the history.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np
import pytest
from oracles import contract as oracle

from xladdin.cells import CellError, serial_of
from xladdin.core import fees
from xladdin.core.capacity import capacity_left, shares_left
from xladdin.errors import InputError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select
from xladdin.terms.conversion import sales_agreement
from xladdin.terms.model import Agreement

SEED: Final = 20011101
SALES: Final = select("NEOT-2001").agreement
LEAST: Final = 840_000_000
MOST: Final = 100_000_000_000
"""Capacities, in cents: $8.4 million to $1 billion."""


class History(NamedTuple):
    """A programme and the sales that fill it.

    Attributes:
        capacity: Its capacity, cents.
        cents: Every sale, cents; they add up to the capacity.
        gross: Every sale as a sheet computes it, USD.
    """

    capacity: int
    cents: Any
    gross: Any


def typed(capacity: int, count: int, numbers: np.random.Generator) -> History:
    """Amounts in cents, at random."""
    cuts = np.unique(numbers.integers(1, capacity, count - 1))
    cents = np.diff(cuts, prepend=0, append=capacity)
    return History(capacity, cents, cents / 100)


def equal(capacity: int, count: int, numbers: np.random.Generator) -> History:
    """The same amount again and again, whose binary error adds up, and a last one."""
    cents = np.full(count, capacity // count - int(numbers.integers(200)))
    cents[-1] = capacity - cents[:-1].sum()
    return History(capacity, cents, cents / 100)


def placed(capacity: int, count: int, numbers: np.random.Generator) -> History:
    """Whole shares at prices in cents; what is left in the end goes as one share."""
    price = numbers.integers(50, 2_000, count)
    share = np.maximum(1, (numbers.random(count) * 2 * capacity / count / price).astype(np.int64))
    fit = int(np.searchsorted(np.cumsum(share * price), capacity))
    price, share = price[:fit], share[:fit]
    left = capacity - int((share * price).sum())
    price = np.append(price, [1_001, left % 1_001 or 1_001])
    share = np.append(share, [(left - int(price[-1])) // 1_001, 1])
    return History(capacity, share * price, share * (price / 100))


KINDS: Final = (typed, equal, placed)


def histories(count: int) -> Iterator[History]:
    """Histories of 2 to 2,000 sales, by capacities that are spread evenly over their digits."""
    numbers = np.random.default_rng(SEED)
    for number in range(count):
        capacity = round(LEAST * (MOST / LEAST) ** numbers.random())
        make = KINDS[number % len(KINDS)]
        yield make(capacity, int(numbers.integers(2, 1_999)), numbers)


def with_capacity(capacity: int) -> Agreement:
    """An agreement with tiers that end in odd cents, and that capacity."""
    edges = [capacity * 2 // 5, capacity * 4 // 5, capacity]
    tiers = tuple(
        dataclasses.replace(tier, up_to=Decimal(edge) / 100)
        for tier, edge in zip(SALES.tiers, edges, strict=True)
    )
    return dataclasses.replace(SALES, tiers=tiers, capacity=tiers[-1].up_to)


def refused(function: Any, *arguments: Any) -> bool:
    try:
        function(*arguments)
    except InputError as error:
        return error.code == "#NUM!"
    return False


@pytest.mark.parametrize(
    "count", [300, pytest.param(100_000, marks=pytest.mark.long)], ids=["sample", "whole"]
)
def test_every_history_fills_its_programme(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    worst, over, sales = 0.0, 0, 0
    for history in histories(count):
        assert int(history.cents.sum()) == history.capacity
        assert history.cents.min() >= 0
        agreement = with_capacity(history.capacity)
        general = sales_agreement(agreement)
        schedule, room = general.schedule, general.room
        assert schedule is not None
        assert room is not None
        running = np.cumsum(history.gross)  # one after the other, as a column of a sheet adds up
        total, prior, last = map(float, (running[-1], running[-2], history.gross[-1]))
        error = abs(Fraction(total) - Fraction(history.capacity, 100))
        worst, over = max(worst, float(error)), over + (error >= Fraction("0.00001"))
        sales += len(history.gross)
        what = (history.capacity, len(history.gross))
        for function in (fees.marginal, fees.net):
            assert function(last, prior, schedule) > 0, what
            assert function(total, 0.0, schedule) > 0, what
            assert refused(function, last + 0.01, prior, schedule), what
            assert refused(function, 0.01, total, schedule), what
        assert capacity_left(total, room) == 0, what
        assert shares_left(total, 0.01, room) == 0, what
        assert refused(capacity_left, total + 0.01, room), what
        assert refused(shares_left, total + 0.01, 0.01, room), what
        # A cent less is a cent left.
        short = total - 0.01
        assert round(capacity_left(short, room), 3) == 0.01, what
    with capsys.disabled():
        print(
            f"\n{count:,} histories of {sales:,} sales, seed {SEED}: none refused, a cent more "
            f"always; worst running sum {worst:.1E} off, {over:,} off by $0.00001 or more",
            end="",
        )


# Prices to shares, and back

PRICES: Final = range(50, 2_000)
"""Cents."""
COUNTS: Final = (1, 7, 100, 4_840, 100_000, 1_650_165)


@pytest.mark.usefixtures("awkward")
@pytest.mark.parametrize(
    "prices",
    [PRICES[::41], pytest.param(PRICES, marks=pytest.mark.long)],
    ids=["sample", "whole"],
)
@pytest.mark.parametrize("deal", [oracle.SALES, oracle.ODD_CENTS], ids=lambda deal: deal.terms)
def test_no_share_is_lost(deal: oracle.Deal, prices: range) -> None:
    """From quotations in cents to a price, and from what so many shares cost back to them."""
    price_of = FUNCTIONS["DEBENTURE_CONVERSION_PRICE"].evaluate
    shares_of = FUNCTIONS["DEBENTURE_SHARES"].evaluate
    issued = oracle.SESSIONS[8_000]
    converted = oracle.SESSIONS[8_200]
    days = [float(serial_of(day)) for day in oracle.before(converted, 250)]
    for cents in prices:
        quotes: Any = [[day, cents / 100] for day in days]
        for date, multiple in ((None, deal.initial_multiple), (converted, deal.floating_multiple)):
            lesser = min(Fraction(deal.initial_multiple), Fraction(multiple))
            exact = Fraction(cents, 100) * lesser
            given = [quotes, float(serial_of(issued)), date and float(serial_of(date))]
            price = price_of([*given, deal.terms])
            assert price == float(exact)
            for count in COUNTS:
                # What the shares cost, typed; and as a sheet multiplies it.
                for principal in (float(exact * count), count * price):
                    assert shares_of([principal, price, deal.terms]) == count, (cents, count)
                assert shares_of([float(exact * count) - 0.000_01, price, deal.terms]) == count - 1


@pytest.mark.parametrize(
    "prices",
    [PRICES[::41], pytest.param(PRICES, marks=pytest.mark.long)],
    ids=["sample", "whole"],
)
def test_what_is_left_buys_the_shares_it_is_the_price_of(prices: range) -> None:
    capacity = FUNCTIONS["CEO_CAPACITY"].evaluate
    cashless = FUNCTIONS["NET_EXERCISE_SHARES"].evaluate
    for cents in prices:
        price = cents / 100
        for count in COUNTS:
            cost = cents * count
            if cost <= 2_500_000_000:
                assert capacity([(2_500_000_000 - cost) / 100, price]) == count
        # Of warrants with half the price to pay, half the shares are left; as a sheet halves it.
        assert cashless([200.0, price, price * 0.5]) == 100
        assert cashless([300.0, price * 3, price * 2]) == 100
    assert capacity([25_000_000.01, 1.0]) is CellError("#NUM!")
