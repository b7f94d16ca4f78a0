"""Schedules of fees: the worked examples, edges of tiers, a sale's own rate, random schedules."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from oracles import contract as oracle
from oracles import deals as oracle_deals

from xladdin.core import fees
from xladdin.errors import InputError
from xladdin.terms import select
from xladdin.terms.exact import Schedule, tiered

LEHMAN = [
    *((str(million * 1_000_000), f"0.0{6 - million}") for million in range(1, 5)),
    (None, "0.01"),
]
DOUBLE = [(up_to, str(Decimal(2) * Decimal(rate)).rstrip("0")) for up_to, rate in LEHMAN]


def compiled(schedule: Mapping[str, Any]) -> Schedule:
    """A schedule as its deal's file has it, for the arithmetic."""
    tiers = [
        (None if up_to is None else Decimal(up_to), Fraction(rate))
        for up_to, rate in schedule.get("tiers", ())
    ]
    limit = tiers[-1][0] if tiers else None
    minimum, maximum = schedule.get("minimum"), schedule.get("maximum")
    whole = schedule.get("mode") == "whole"
    units = schedule.get("count", 0)
    return tiered(tiers, limit, "the schedule's last tier")._replace(
        whole=whole,
        minimum=None if minimum is None else Fraction(minimum),
        maximum=None if maximum is None else Fraction(maximum),
        units=Fraction(units),
        over=Fraction(schedule.get("over", 1)),
        at_most=schedule.get("rate_is") == "at most",
        simple=not (whole or units or minimum or maximum),
    )


def fee(
    schedule: Mapping[str, Any], amount: float, prior: float = 0.0, rate: float | None = None
) -> float | int:
    return fees.fee(amount, prior, rate, compiled(schedule))


def refused(*given: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        fee(*given)
    return caught.value


@pytest.mark.parametrize(("tiers", "paid"), [(LEHMAN, 220_000), (DOUBLE, 440_000)])
def test_lehman(tiers: list[Any], paid: int) -> None:
    assert fee({"tiers": tiers}, 12e6) == paid
    assert oracle_deals.fee(12e6, 0.0, None, {"tiers": tiers}) == paid
    assert fee({"tiers": tiers}, 2e6, 3.5e6) == (paid // 220_000) * (10_000 + 15_000)


def test_the_commission_of_2001_is_an_instance() -> None:
    tiers = [("10000000", "0.04"), ("20000000", "0.035"), ("25000000", "0.03")]
    limit = "the agreement's capacity"
    assert select("NEOT-2001").sales.schedule == compiled({"tiers": tiers})._replace(
        limit_words=limit
    )


BY_ALL = {"mode": "whole", "tiers": [("1000000", "0.05"), ("2000000", "0.04"), (None, "0.02")]}


@pytest.mark.parametrize(
    ("amount", "prior", "paid"),
    [
        (1e6, 0.0, 50_000),  # the edge belongs to the tier that it ends
        (1_000_000.01, 0.0, 40_000.0004),
        (1e6, 1e6, 30_000),  # 80,000 on all, 50,000 of it paid
        (1.0, 1e6, 40_000.04 - 50_000),  # what was paid is given back in part
        (0.0, 1e6, 0),
        (0.0, 0.0, 0),
        (1e6 - 0.7, 0.1 + 0.2 + 0.4, 50_000 - 0.035),  # a binary error passes no edge
    ],
)
def test_a_rate_on_all(amount: float, prior: float, paid: float) -> None:
    assert fee(BY_ALL, amount, prior) == pytest.approx(paid, rel=1e-12, abs=1e-9)


def test_minimum_and_maximum_hold_for_all_that_is_sold() -> None:
    schedule = {"tiers": [(None, "0.03")], "minimum": "50000", "maximum": "100000"}
    assert fee(schedule, 1e6) == 50_000
    assert fee(schedule, 500_000.0, 1e6) == 0
    assert fee(schedule, 1e6, 1e6) == 10_000
    assert fee(schedule, 1e6, 2e6) == 30_000
    assert fee(schedule, 5e6, 3e6) == 10_000
    assert fee(schedule, 5e6, 8e6) == 0
    assert fee(schedule, 0.0) == 0  # nothing for nothing


def test_a_limit_that_is_the_last_tier() -> None:
    schedule = {"tiers": [("1000000", "0.05"), ("2000000", "0.04")]}
    for more in ({}, {"mode": "whole"}, {"minimum": "1"}):
        assert fee(schedule | more, 1e6, 1e6) > 0
        error = refused(schedule | more, 1_000_000.01, 1e6)
        assert (error.code, error.argument) == ("#NUM!", "amount")
        assert "last tier" in error.rule
        assert fee(schedule | more, 1_000_000.000001, 1e6) > 0
    assert fee({"tiers": [(None, "0.01")]}, 1e308, 1e308) == 1e306


def test_a_sale_at_its_own_rate() -> None:
    schedule = {"tiers": [("10000000", "0.03"), (None, "0.025")], "rate_is": "at most"}
    assert fee(schedule, 1e6, 0.0, 0.02) == 20_000
    assert fee(schedule, 1e6, 20e6, 0.03) == 30_000  # it replaces the rates of all tiers
    assert fee(schedule, 1e6, 0.0, 0.0) == 0
    assert fee(schedule, 1e6) == 30_000
    error = refused(schedule, 1e6, 0.0, 0.0301)
    assert (error.code, error.argument) == ("#NUM!", "rate")
    # As a sheet shows it: 3% worked out is 3%.
    assert fee(schedule, 1e6, 0.0, 0.1 * 0.3) == 30_000
    third = {"tiers": [(None, "2/3")], "rate_is": "at most"}
    assert fee(third, 3.0, 0.0, 2 / 3) == 2
    error = refused(schedule | {"rate_is": "fixed"}, 1e6, 0.0, 0.02)
    assert (error.code, error.argument) == ("#VALUE!", "rate")


def test_a_fee_in_shares() -> None:
    commitment = {"count": 80_000, "over": "15000000"}
    sold, given = 0.0, 0
    for amount in (2e6, 999_999.99, 3_333_333.33, 8_666_666.68):
        more = fee(commitment, amount, sold)
        assert type(more) is int
        sold, given = sold + amount, given + more
    # On totals: what single sales lose by rounding down is not lost in all.
    assert given == 80_000
    assert fee(commitment, 187.5 - 0.01) == 0
    assert fee(commitment, 187.5) == 1
    assert fee({"count": 1, "over": "0.3"}, 0.1 + 0.2) == 1
    assert fee(commitment | {"maximum": 100}, 15e6) == 100
    error = refused(commitment | {"rate_is": "at most"}, 1.0, 0.0, 0.01)
    assert (error.code, error.argument) == ("#VALUE!", "rate")


# Random schedules


def random_schedule(rng: random.Random) -> dict[str, Any]:
    schedule: dict[str, Any] = {}
    if rng.random() < 0.2:
        schedule |= {"count": rng.randint(1, 10**6), "over": f"{rng.uniform(0.3, 2e7):.2f}"}
    else:
        edges = sorted({rng.randint(1, 10**9) for _ in range(rng.randint(1, 5))})
        rates = ("0.04", "0.035", "1/3", "0.0733", "0.012345678901234567", "0", "1")
        tiers: list[Any] = [(str(Decimal(cents) / 100), rng.choice(rates)) for cents in edges]
        if rng.random() < 0.5:
            tiers.append((None, rng.choice(rates)))
        schedule |= {"tiers": tiers, "mode": rng.choice(("marginal", "whole"))}
        schedule["rate_is"] = rng.choice(("fixed", "at most"))
    for name in ("minimum", "maximum"):
        if rng.random() < 0.25:
            schedule[name] = str(rng.randint(0, 10**6))
    return schedule


def random_amount(rng: random.Random, schedule: Mapping[str, Any]) -> float:
    edges = [float(up_to) for up_to, _ in schedule.get("tiers", ()) if up_to is not None]
    near = rng.choice([0.0, 1e6, *edges]) + rng.choice((0.0, 0.01, -0.01, 1e-6, -1e-6))
    return max(0.0, rng.choice((near, rng.uniform(0, 1.2e7), round(rng.uniform(0, 1.2e7), 2))))


@pytest.mark.parametrize(
    "count", [1_000, pytest.param(50_000, marks=pytest.mark.long)], ids=["sample", "whole"]
)
def test_random_schedules(count: int) -> None:
    rng = random.Random(20011101)
    outcomes: dict[str, int] = {}
    for _ in range(count):
        schedule = random_schedule(rng)
        prior = random_amount(rng, schedule)
        rate = rng.choice((None, None, None, 0.04, 0.0001, 1 / 3))
        amount = random_amount(rng, schedule)
        if rng.random() < 0.3:  # the rest of a tier
            amount = max(0.0, random_amount(rng, schedule) - prior)
        case = (amount, prior, rate, schedule)
        expected = oracle_deals.result(oracle_deals.fee, *case)
        try:
            found: Any = fee(schedule, amount, prior, rate)
        except InputError as error:
            found = error.code
        if isinstance(expected, Fraction) and isinstance(found, float):
            assert oracle.ulps(found, expected) <= 4 if expected else not found, case
        else:
            assert found == expected, case
        kind = found if isinstance(found, str) else type(found).__name__
        outcomes[kind] = outcomes.get(kind, 0) + 1
    assert set(outcomes) == {"float", "int", "#NUM!", "#VALUE!"}
    assert outcomes["float"] + outcomes["int"] > count * 0.4
