"""Commission, net proceeds, capacity: edges on both sides, and what must hold for any sale."""

from __future__ import annotations

import dataclasses
import math
from decimal import Decimal
from fractions import Fraction

import pytest
import strategies
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import contract as oracle

from xladdin.core import fees
from xladdin.core.capacity import capacity_left, shares_left
from xladdin.errors import InputError
from xladdin.terms import select
from xladdin.terms.agreements import SalesAgreement
from xladdin.terms.exact import Room, Schedule

SALES = select("NEOT-2001").sales
OTHER = select("NEOT-2001/OTHER").sales

DOLLARS = st.integers(0, 25_000_000).map(float)
"""Sums of these are exact, so that nothing but the function itself rounds."""


def schedule_of(agreement: SalesAgreement) -> Schedule:
    assert agreement.schedule is not None
    return agreement.schedule


def room_of(agreement: SalesAgreement) -> Room:
    assert agreement.room is not None
    return agreement.room


SCHEDULE, ROOM = schedule_of(SALES), room_of(SALES)


def commission(gross: float, prior: float, agreement: SalesAgreement) -> float:
    return fees.marginal(gross, prior, schedule_of(agreement))


def net_proceeds(gross: float, prior: float, agreement: SalesAgreement) -> float:
    return fees.net(gross, prior, schedule_of(agreement))


def refused(gross: float, prior: float = 0.0, agreement: SalesAgreement = SALES) -> InputError:
    with pytest.raises(InputError) as caught:
        commission(gross, prior, agreement)
    with pytest.raises(InputError):
        net_proceeds(gross, prior, agreement)
    return caught.value


@pytest.mark.parametrize(
    ("gross", "prior", "fee"),
    [
        # The first edge, from below and across.
        (9_999_999.99, 0, "399999.9996"),
        (10_000_000, 0, "400000"),
        (10_000_000.01, 0, "400000.00035"),
        (0.01, 9_999_999.99, "0.0004"),
        (0.02, 9_999_999.99, "0.00075"),
        (0.01, 10_000_000, "0.00035"),
        (2_000_000, 9_000_000, "75000"),
        # The second edge.
        (19_999_999.99, 0, "749999.99965"),
        (20_000_000, 0, "750000"),
        (20_000_000.01, 0, "750000.0003"),
        (0.02, 19_999_999.99, "0.00065"),
        # One sale through all tiers, and the whole programme in pieces.
        (15_000_000, 8_000_000, "520000"),
        (25_000_000, 0, "900000"),
        (5_000_000, 20_000_000, "150000"),
        (0, 25_000_000, "0"),
        (0, 0, "0"),
    ],
)
def test_edges_of_tiers(gross: float, prior: float, fee: str) -> None:
    # The figures above are of the decimals; what the doubles give may differ in their last places.
    exact = oracle.ceo_fee(float(gross), float(prior), oracle.SALES)
    assert isinstance(exact, Fraction)
    assert float(exact) == pytest.approx(float(fee), rel=1e-6, abs=0)
    found = commission(float(gross), float(prior), SALES)
    assert found == 0 == exact if not gross else oracle.ulps(found, exact) <= 4


@pytest.mark.parametrize(
    ("gross", "prior", "agreement"),
    [
        (25_000_000.01, 0.0, SALES),
        (25_000_000.00001, 0.0, SALES),
        (0.3, 24_999_999.70001, SALES),
        (0.01, 25_000_000.0, SALES),
        (1.0, 24_999_999.01, SALES),
        (8_400_000.01, 0.0, OTHER),
        (1e308, 1e308, SALES),  # the sum is not finite
    ],
)
def test_beyond_capacity(gross: float, prior: float, agreement: SalesAgreement) -> None:
    error = refused(gross, prior, agreement)
    assert (error.code, error.argument, error.value) == ("#NUM!", "gross", gross)
    assert "capacity" in error.rule


@pytest.mark.parametrize(
    ("gross", "prior"),
    [
        (0.4, 24_999_999.6),  # as doubles these two are a hair more than 25 million
        (0.1 + 0.2, 24_999_999.7),
        (1_600_000 * 9.63, 9_592_000.0),
        (25_000_000.000009, 0.0),
        (0.000009, 25e6),
        (math.nextafter(25e6, 26e6), 0.0),
        (5e-324, 25e6),
        (0.1, 24_999_999.9),
        (24_999_999.99, 0.01),
        (25e6, 0.0),
        (0.0, 25e6),
    ],
)
def test_last_sale_fills_the_programme(gross: float, prior: float) -> None:
    exact = oracle.ceo_fee(gross, prior, oracle.SALES)
    assert isinstance(exact, Fraction)
    assert oracle.ulps(commission(gross, prior, SALES), exact) <= 4
    net = oracle.ceo_net(gross, prior, oracle.SALES)
    assert isinstance(net, Fraction)
    assert oracle.ulps(net_proceeds(gross, prior, SALES), net) <= 4
    assert capacity_left(prior + gross, ROOM) == shares_left(prior + gross, 1e-6, ROOM) == 0


@given(st.integers(0, 2_500_000_200), st.integers(-200, 200))
def test_capacity_is_judged_to_the_cent(prior: int, beyond: int) -> None:
    gross = 2_500_000_000 - prior + beyond
    assume(gross >= 0)
    if beyond > 0:
        refused(gross / 100, prior / 100)
    else:
        assert commission(gross / 100, prior / 100, SALES) >= 0


def test_a_rounded_total_of_a_huge_programme_does_not_hide_what_is_beyond() -> None:
    """Where a double's neighbours lie further apart than what counts as passing a limit."""
    capacity = 10**14
    tier = dataclasses.replace(SALES.tiers[-1], up_to=Decimal(capacity))
    huge = dataclasses.replace(SALES, tiers=(tier,), capacity=Decimal(capacity))
    gross, prior = 0.007, float(capacity)
    assert gross + prior == prior
    assert Fraction(gross) > Fraction(1, 200)
    refused(gross, prior, huge)
    assert commission(prior, 0.0, huge) == 3 * 10**12


def test_agreements_are_not_pooled() -> None:
    assert commission(8.4e6, 0.0, OTHER) == 336_000
    assert commission(25e6, 0.0, SALES) == 900_000
    assert commission(1.0, 8_399_999.0, OTHER) == 0.04


@given(DOLLARS, DOLLARS, DOLLARS)
def test_commission_adds_up_over_placements(first: float, second: float, prior: float) -> None:
    assume(prior + first + second <= 25e6)
    together = commission(first + second, prior, SALES)
    apart = commission(first, prior, SALES) + commission(second, prior + first, SALES)
    # 4 units for each of the three, and a half for the addition.
    assert abs(together - apart) <= 12.5 * math.ulp(together)


@given(DOLLARS, DOLLARS, DOLLARS)
def test_commission_is_monotone(gross: float, more: float, prior: float) -> None:
    assume(prior + gross + more <= 25e6)
    fee = commission(gross, prior, SALES)
    assert commission(gross + more, prior, SALES) >= fee
    # Rates fall from tier to tier: the same sale later costs no more.
    assert commission(gross, prior + more, SALES) <= fee + 8 * math.ulp(fee)
    assert net_proceeds(gross + more, prior, SALES) >= net_proceeds(gross, prior, SALES)


@given(strategies.gross_amounts(oracle.SALES), strategies.gross_amounts(oracle.SALES))
def test_net_and_fee_make_up_gross(gross: float, prior: float) -> None:
    assume(oracle.shown(gross) + oracle.shown(prior) <= 25_000_000)
    fee = commission(gross, prior, SALES)
    net = net_proceeds(gross, prior, SALES)
    # 4 units of the fee and 4 of the net are together at most 8 of the gross.
    assert abs(Fraction(fee) + Fraction(net) - Fraction(gross)) <= 8 * Fraction(math.ulp(gross))
    slack = 4 * math.ulp(fee)
    assert Fraction(gross) * 3 / 100 - slack <= fee <= Fraction(gross) * 4 / 100 + slack


@given(strategies.amounts(25e6))
def test_nothing_sold_costs_nothing(prior: float) -> None:
    assume(prior <= 25e6)
    assert commission(0.0, prior, SALES) == 0
    assert net_proceeds(0.0, prior, SALES) == 0


@given(DOLLARS, DOLLARS)
def test_slices_make_up_the_sale(gross: float, prior: float) -> None:
    assume(prior + gross <= 25e6)
    found = list(fees.slices(gross, prior, SCHEDULE))
    assert sum(amount for _, amount in found) == gross
    assert all(amount > 0 for _, amount in found) or gross == 0
    reached = prior
    for band, amount in found:
        assert band.lower <= reached <= reached + amount <= band.upper
        reached += amount


def touched(gross: float, prior: float) -> list[tuple[float, float]]:
    """Rate and dollars of each tier that a sale touches."""
    return [(band.paid / band.whole, part) for band, part in fees.slices(gross, prior, SCHEDULE)]


def test_round_amounts_give_round_commissions() -> None:
    assert commission(10e6, 10e6, SALES) == 350_000
    assert net_proceeds(10e6, 10e6, SALES) == 9_650_000


def test_a_sale_up_to_an_edge_touches_no_tier_beyond_it() -> None:
    assert touched(10e6, 0.0) == [(0.04, 10e6)]
    assert touched(1.0, 10e6) == [(0.035, 1.0)]
    assert [rate for rate, _ in touched(25e6, 0.0)] == [0.04, 0.035, 0.03]


@given(DOLLARS)
def test_capacity_left(sold: float) -> None:
    assert capacity_left(sold, ROOM) == 25e6 - sold
    left = capacity_left(sold, ROOM)
    commission(left, sold, SALES)
    refused(left + 0.01, sold)


@pytest.mark.parametrize("sold", [25_000_000.01, 25_000_000.00001, 1e308])
def test_more_sold_than_there_is(sold: float) -> None:
    for count in (
        lambda: capacity_left(sold, ROOM),
        lambda: shares_left(sold, 4.0, ROOM),
    ):
        with pytest.raises(InputError) as caught:
            count()
        assert (caught.value.code, caught.value.argument) == ("#NUM!", "sold")


@pytest.mark.parametrize(
    ("sold", "price", "shares"),
    [
        (24_999_596.0, 4.04, 100),  # exactly 404 dollars: as doubles, a trifle less than 100
        (24_999_596.01, 4.04, 99),
        (24_999_595.99, 4.04, 100),
        (24_999_999.7, 0.1, 3),
        (25e6, 4.04, 0),
        (0.0, 25e6, 1),
        (0.0, 25_000_000.01, 0),
        (0.0, 0.01, 2_500_000_000),
    ],
)
def test_whole_shares_left(sold: float, price: float, shares: int) -> None:
    assert shares_left(sold, price, ROOM) == shares


@given(st.integers(0, 2_500_000_000), st.integers(1, 1_000_000))
def test_shares_left_fit_and_one_more_does_not(sold: int, price: int) -> None:
    count = shares_left(sold / 100, price / 100, ROOM)
    assert type(count) is int
    assert count * price <= 2_500_000_000 - sold < (count + 1) * price
