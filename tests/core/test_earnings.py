"""Weighted shares and diluted earnings: textbooks' examples, order of securities, losses."""

from __future__ import annotations

import datetime
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import deals as oracle_deals

from xladdin.core.earnings import Security, diluted_earnings, weighted_shares
from xladdin.core.prices import Splits
from xladdin.errors import InputError

START, END = datetime.date(2021, 1, 1), datetime.date(2021, 12, 31)
CHANGES = [
    (datetime.date(2020, 5, 1), 90_000),
    (datetime.date(2021, 4, 1), 30_000),
    (datetime.date(2021, 7, 1), -39_000),
    (datetime.date(2021, 11, 1), 60_000),
]


def test_a_textbooks_shares_by_days() -> None:
    # By months the textbook has 103,000.
    exact = Fraction(90_000) + Fraction(30_000 * 275 - 39_000 * 184 + 60_000 * 61, 365)
    assert weighted_shares(CHANGES, START, END) == float(exact) == pytest.approx(102_969.863)
    assert weighted_shares(CHANGES[::-1], START, END) == float(exact)


@pytest.mark.parametrize(
    ("day", "shares"),
    [
        ("2020-12-31", 1000.0),
        ("2021-01-01", 1000.0),  # the opening count
        ("2021-01-02", 1000 * 364 / 365),
        ("2021-12-31", 1000 / 365),  # both ends count
        ("2022-01-01", 0.0),
    ],
)
def test_edges_of_the_period(day: str, shares: float) -> None:
    change = (datetime.date.fromisoformat(day), 1000)
    assert weighted_shares([change], START, END) == shares


def test_a_split_applies_to_all_rows_before_it() -> None:
    once = weighted_shares(CHANGES, START, END)
    after = [(datetime.date(2022, 2, 1), Fraction(10))]  # after the period: restated all the same
    assert weighted_shares(CHANGES, START, END, Splits(after)) == pytest.approx(
        once / 10, rel=1e-15
    )
    within = [(datetime.date(2021, 7, 1), Fraction(1, 3))]
    exact = 3 * (90_000 + Fraction(30_000 * 275, 365)) - Fraction(39_000 * 184, 365)
    exact += Fraction(60_000 * 61, 365)
    assert weighted_shares(CHANGES, START, END, Splits(within)) == float(exact)


def test_shares_of_after_the_day_are_taken_back_over_a_split() -> None:
    split = (datetime.date(2021, 7, 1), Fraction(10))
    changes = [(START, 1_000), (split[0], 365)]  # those of July are in new shares
    before = split[0] - datetime.timedelta(1)
    assert weighted_shares(changes, START, END, Splits([split], before)) == 1_000 + 10 * 184
    assert weighted_shares(changes, START, END, Splits([split])) == 100 + 184


def test_periods_and_counts_that_cannot_be() -> None:
    with pytest.raises(InputError) as caught:
        weighted_shares(CHANGES, END, START)
    assert (caught.value.code, caught.value.argument) == ("#NUM!", "end")
    with pytest.raises(InputError) as caught:
        weighted_shares([*CHANGES, (datetime.date(2021, 3, 1), -90_001)], START, END)
    assert (caught.value.code, caught.value.argument) == ("#NUM!", "changes")
    assert "1 Mar 2021" in caught.value.rule
    assert weighted_shares([], START, END) == 0
    assert weighted_shares(CHANGES, START, START) == 90_000


@given(st.integers(0, 10**6))
def test_random_changes(seed: int) -> None:
    rng = random.Random(seed)
    start = datetime.date(2020, 1, 1) + datetime.timedelta(rng.randint(0, 400))
    end = start + datetime.timedelta(rng.randint(-1, 92))

    def day() -> datetime.date:
        return start + datetime.timedelta(rng.randint(-30, 120))

    changes = [(day(), rng.randint(-(10**5), 10**6)) for _ in range(rng.randint(0, 6))]
    splits = [
        (day(), Fraction(rng.choice(("25", "1/3", "1.05")))) for _ in range(rng.randint(0, 2))
    ]
    stands = rng.choice((datetime.date.max, day()))
    given_ = (changes, start, end, splits, stands)
    expected = oracle_deals.result(oracle_deals.weighted_shares, *given_)
    try:
        found: Any = weighted_shares(changes, start, end, Splits(splits, stands))
    except InputError as error:
        found = error.code
    assert found == (expected if isinstance(expected, str) else float(expected))


# Diluted earnings


def names(found: Any) -> list[str]:
    return [step.security.name for step in found.steps if step.dilutes]


def test_a_textbooks_bonds() -> None:
    found = diluted_earnings(750_000.0, 690_000.0, [Security("bonds", 2_100.0, 10_000.0)])
    assert found.diluted == float(Fraction(752_100, 700_000)) == pytest.approx(1.0744, abs=5e-5)
    assert found.basic == 750_000 / 690_000
    assert names(found) == ["bonds"]


def test_the_order_decides() -> None:
    # ASC 260's illustration of the sequence: each by its own effect a share, the lowest first.
    securities = [
        Security("preferred", 1_000_000.0, 200_000.0),  # 5.00 a share
        Security("options", 0.0, 100_000.0),
        Security("notes", 100_000.0, 100_000.0),  # 1.00
        Security("nothing", 50.0, 0.0),
        Security("bonds", 1_060_000.0, 400_000.0),  # 2.65
    ]
    found = diluted_earnings(10_000_000.0, 2_000_000.0, securities)
    assert [step.security.name for step in found.steps] == [
        "options",
        "notes",
        "bonds",
        "preferred",
    ]
    assert names(found) == ["options", "notes", "bonds"]  # 4.29 is below the 5.00 of the preferred
    assert found.diluted == float(Fraction(11_160_000, 2_600_000))
    assert found.steps[-1].per_share == found.diluted


def test_losses() -> None:
    options = Security("options", 0.0, 100.0)
    found = diluted_earnings(-1000.0, 100.0, [options])
    assert (found.diluted, names(found)) == (-10.0, [])
    # A security whose conversion would take from earnings can dilute a loss.
    found = diluted_earnings(-1000.0, 100.0, [options, Security("warrants", -5000.0, 50.0)])
    assert (found.diluted, names(found)) == (-40.0, ["warrants"])
    assert diluted_earnings(0.0, 100.0, [options]).diluted == 0


def test_securities_that_cannot_be() -> None:
    with pytest.raises(InputError) as caught:
        diluted_earnings(1.0, 1.0, [Security("a", 0.0, 1.0), Security("b", 0.0, -1.0)])
    assert (caught.value.code, caught.value.position) == ("#NUM!", (1, 2))


AMOUNTS = st.one_of(st.integers(-(10**6), 10**6).map(float), st.floats(-1e9, 1e9), st.just(0.0))


@given(
    AMOUNTS,
    st.floats(0.5, 1e9),
    st.lists(st.tuples(AMOUNTS, st.one_of(st.just(0.0), st.floats(-1, 1e8))), max_size=6),
)
def test_random_securities(income: float, shares: float, drawn: list[tuple[float, float]]) -> None:
    listed = [(str(number), effect, more) for number, (effect, more) in enumerate(drawn)]
    expected = oracle_deals.result(oracle_deals.diluted_eps, income, shares, listed)
    try:
        result = diluted_earnings(income, shares, [Security(*one) for one in listed])
    except InputError as error:
        assert error.code == expected  # noqa: PT017  (most calls succeed)
        return
    assert (result.diluted, names(result)) == (float(expected[0]), expected[1])
