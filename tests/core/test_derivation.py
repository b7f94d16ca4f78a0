"""EXPLAIN: the steps to each value, in exact arithmetic, in words, and in every host's form."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import pytest
import strategies
from derivations import EXPLAIN, HEADINGS, rows_of, steps_of
from hypothesis import given
from hypothesis import strategies as st
from oracles import contract as oracle
from paths import DATA

import xladdin
from xladdin.cells import Cell, CellError
from xladdin.errors import InputError
from xladdin.functions.derivation import Step
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import store
from xladdin.terms.reader import read_terms

CALLS: Final = {**strategies.ARGUMENTS, **strategies.LOOKUPS, **strategies.DEALS}
NAMES: Final = [name for name in FUNCTIONS if name != "EXPLAIN"]
every_function = pytest.mark.parametrize("name", NAMES)
ISSUED: Final = datetime.date(2001, 11, 12)
A_DAY: Final = datetime.timedelta(days=1)


def test_every_function_has_a_derivation_and_calls() -> None:
    assert {name for name, item in FUNCTIONS.items() if item.derivation} == set(NAMES)
    assert set(CALLS) == set(NAMES)


# Each step in exact arithmetic


def nearest(exact: Fraction | float) -> float:
    """The double nearest to an exact number; what is no fraction is the 0 of an empty sum."""
    assert isinstance(exact, Fraction | int)
    return float(exact)


def rate_of(text: str) -> float:
    return float(Fraction(text))


@pytest.mark.usefixtures("awkward")
@pytest.mark.parametrize("name", ["CEO_FEE", "CEO_NET"])
@given(data=st.data())
def test_tiers(name: str, data: st.DataObject) -> None:
    gross, prior, deal = data.draw(CALLS["CEO_FEE"])
    if isinstance(oracle.ceo_fee(gross, prior, deal), str):
        return
    steps = steps_of(name, gross, prior, deal.terms)
    value = steps[-1].result
    assert steps[-1].amount == gross
    sold = [step for step in steps[:-1] if step.label.startswith("Sold before")]
    tiers = steps[len(sold) : -1]
    assert [(step.amount, step.result) for step in sold] == ([(prior, prior)] if prior else [])
    start, end = Fraction(prior), Fraction(prior) + Fraction(gross)
    lower, wanted = Fraction(0), []
    for number, (up_to, rate) in enumerate(deal.tiers, 1):
        # No upper end to the last one: doubles that fill the programme may add up to a hair more.
        upper = end if number == len(deal.tiers) else min(end, Fraction(up_to))
        part = upper - max(start, lower)
        if part > 0:
            share = Fraction(rate) if name == "CEO_FEE" else 1 - Fraction(rate)
            wanted.append((number, nearest(part), float(share), part * share))
        lower = Fraction(up_to)
    if not gross:  # one row all the same, which says that nothing was sold
        assert [(step.amount, step.result) for step in tiers] == [(0.0, 0.0)]
        return
    assert [int(step.label.split()[1].strip(",")) for step in tiers] == [row[0] for row in wanted]
    assert [(step.amount, step.factor) for step in tiers] == [(row[1], row[2]) for row in wanted]
    for step, row in zip(tiers, wanted, strict=True):
        assert oracle.ulps(step.result, row[3]) <= 3
    assert math.fsum(step.result for step in tiers) == value
    assert math.fsum(step.amount for step in tiers) == pytest.approx(gross, rel=1e-15)


@pytest.mark.parametrize(
    ("prior", "gross", "tiers"),
    [
        (0.0, 10e6, [(1, 10e6)]),
        (0.0, math.nextafter(10e6, 11e6), [(1, 10e6), (2, math.nextafter(10e6, 11e6) - 10e6)]),
        (10e6, 1.0, [(2, 1.0)]),
        (math.nextafter(10e6, 0), 1.0, [(1, 10e6 - math.nextafter(10e6, 0)), (2, 1.0)]),
        (20e6, 5e6, [(3, 5e6)]),
        (10e6, 10e6, [(2, 10e6)]),
        (0.0, 25e6, [(1, 10e6), (2, 10e6), (3, 5e6)]),
        (25e6, 0.0, [(3, 0.0)]),
        (0.0, 0.0, [(1, 0.0)]),
    ],
)
def test_edges_of_tiers(prior: float, gross: float, tiers: list[tuple[int, float]]) -> None:
    steps = steps_of("CEO_FEE", gross, prior)[bool(prior) : -1]
    found = [(int(re.findall(r"^Tier (\d)", step.label)[0]), step.amount) for step in steps]
    assert [number for number, _ in found] == [number for number, _ in tiers]
    # The rest beyond an edge is one rounding of the exact difference.
    assert [amount for _, amount in found] == pytest.approx([part for _, part in tiers], abs=2e-9)


@pytest.mark.usefixtures("awkward")
def test_tiers_of_another_deal() -> None:
    steps = steps_of("CEO_FEE", 1_000_000.0, 0.0, "AWKWARD")
    assert [step.label for step in steps] == [
        "Tier 1, from 0 to 333,333.25",
        "Tier 2, from 333,333.25 to 1,000,000",
        "Commission",
    ]
    assert [step.factor for step in steps] == [0.0525, 0.033, None]
    # One source, and not one for each tier.
    assert {step.source for step in steps} == {"made up"}


def test_commission_cites_every_tier_it_touches(folder: Any) -> None:
    text = (DATA / "AWKWARD.toml").read_text("utf-8").replace("AWKWARD", "CITED")
    for number, rate in enumerate(("0.0525", "0.033", "0.0475"), 1):
        old = f'rate = {{ value = {rate}, source = "made up" }}'
        assert old in text
        text = text.replace(old, old.replace("made up", f"s. {number}"))
    (folder / "CITED.toml").write_text(text, "utf-8")
    assert steps_of("CEO_FEE", 1e6, 0.0, "CITED")[-1].source == "s. 1; s. 2"
    assert steps_of("CEO_NET", 1e6, 2e6, "CITED")[-1].source == "s. 3"


def test_each_step_cites_its_own_clause(folder: Any) -> None:
    lines = (DATA / "AWKWARD.toml").read_text("utf-8").replace("AWKWARD", "CITED").splitlines()
    cited = [
        line.replace("made up", line.partition(" ")[0]) if "= {" in line else line for line in lines
    ]
    (folder / "CITED.toml").write_text("\n".join(cited), "utf-8")

    def sources(name: str, *arguments: Any) -> list[str]:
        return [step.source for step in steps_of(name, *arguments, "CITED")]

    low = ["cap_price", *["low_price_threshold"] * 2, "low_price_rate", "cap_price"]
    assert sources("CLASSB_EXERCISE_PRICE", 4.0, None, 1.0) == low
    assert sources("CLASSB_EXERCISE_PRICE", 4.1, None, 1.0)[3] == "rate"
    assert sources("CLASSB_AVAILABLE", 4.0) == ["financing_floor"] * 2
    # The price of a share is an input, and no clause's.
    assert sources("CEO_CAPACITY", 0.0, 4.0) == [*["capacity"] * 2, "", *["capacity"] * 2]
    assert sources("CANTOR_WARRANTS", 10.0) == ["rate"] * 2
    assert sources("CANTOR_EXERCISE_PRICE", 10.0, 4.0) == ["", *["exercise_multiple"] * 2]
    converted = ISSUED + 31 * A_DAY
    table = [[day, 4.0] for day in oracle.before(converted, 40)]
    windows = ["initial_sessions", "initial_multiple"]
    switch = ["floating_after_days"] * 2
    late = [*switch, "lowest_bids", "floating_multiple", "floating_after_days"]
    assert sources("DEBENTURE_CONVERSION_PRICE", table, ISSUED, converted) == windows + late
    early = sources("DEBENTURE_CONVERSION_PRICE", table, ISSUED, converted - A_DAY)
    assert early == [*windows, *switch, "floating_after_days"]
    assert sources("DEBENTURE_CONVERSION_PRICE", table, ISSUED, None)[2:] == ["initial_multiple"]


@pytest.mark.usefixtures("awkward")
@given(st.data())
def test_capacity(data: st.DataObject) -> None:
    sold, price, deal = data.draw(CALLS["CEO_CAPACITY"])
    dollars = oracle.ceo_capacity(sold, None, deal)
    if isinstance(dollars, str):
        return
    assert isinstance(dollars, Fraction)
    capacity, left, *shares = steps_of("CEO_CAPACITY", sold, price, deal.terms)
    assert capacity.result == float(deal.capacity)
    assert (left.amount, left.result) == (sold, nearest(dollars))
    assert bool(shares) == (price is not None)
    if price is not None:
        given, quotient, whole = shares
        assert (given.result, quotient.amount) == (price, left.result)
        exact = (deal.capacity - oracle.shown(sold)) / oracle.shown(price) if dollars else 0
        assert quotient.result == whole.amount == nearest(exact)
        assert whole.result == oracle.ceo_capacity(sold, price, deal) == math.floor(exact)


@pytest.mark.usefixtures("awkward")
@given(st.data())
def test_warrants(data: st.DataObject) -> None:
    shares, deal = data.draw(CALLS["CANTOR_WARRANTS"])
    product, whole = steps_of("CANTOR_WARRANTS", shares, deal.terms)
    exact = shares * Fraction(deal.warrant_rate)
    assert (product.amount, product.factor) == (shares, rate_of(deal.warrant_rate))
    assert product.result == whole.amount == nearest(exact)
    assert whole.result == math.floor(exact)


@pytest.mark.usefixtures("awkward")
@given(st.data())
def test_volume_weighted_price(data: st.DataObject) -> None:
    shares, prices, deal = data.draw(CALLS["CANTOR_EXERCISE_PRICE"])
    if oracle.cantor_exercise_price(shares, prices, deal) == oracle.NUM:
        return
    sales = [
        (count or 0, oracle.shown(price))
        for counts, row in zip(shares, prices, strict=True)
        for count, price in zip(counts, row, strict=True)
        if price is not None
    ]
    sold, dollars = sum(count for count, _ in sales), sum(count * price for count, price in sales)
    total, average, price = steps_of("CANTOR_EXERCISE_PRICE", shares, prices, deal.terms)
    assert (total.result, average.amount) == (sold, nearest(dollars))
    assert average.result == price.amount == nearest(dollars / Fraction(sold))
    assert price.factor == rate_of(deal.exercise_multiple)
    assert price.result == nearest(dollars / Fraction(sold) * Fraction(deal.exercise_multiple))


@pytest.mark.usefixtures("awkward")
@given(st.data())
def test_cap_against_rate(data: st.DataObject) -> None:
    bid, market, ratio, deal = data.draw(CALLS["CLASSB_EXERCISE_PRICE"])
    steps = steps_of("CLASSB_EXERCISE_PRICE", bid, market, ratio, deal.terms)
    cap, threshold, decides, product, price = steps
    assert (cap.amount, cap.factor) == (rate_of(deal.cap_price), ratio)
    assert cap.result == nearest(Fraction(deal.cap_price) * Fraction(ratio))
    used = bid if market is None else market
    below = oracle.shown(used) < Fraction(deal.threshold)
    assert (threshold.result, decides.result) == (rate_of(deal.threshold), used)
    assert ("below" in decides.label) == below
    rate = deal.low_price_rate if below else deal.rate
    assert (product.amount, product.factor) == (bid, rate_of(rate))
    assert product.result == nearest(Fraction(rate) * oracle.shown(bid))
    assert price.result == min(cap.result, product.result)


@pytest.mark.parametrize(
    ("market", "rate", "words"),
    [
        (5.0, 0.97, "at or above"),
        (math.nextafter(5.0, 0), 0.97, "at or above"),
        (4.99999999999999, 0.95, "below"),
        (math.nextafter(5.0, 6), 0.97, "at or above"),
        (4.99, 0.95, "below"),
    ],
)
def test_threshold_of_the_rate(market: float, rate: float, words: str) -> None:
    for arguments in ([market], [8.0, market]):
        _, _, decides, product, _ = steps_of("CLASSB_EXERCISE_PRICE", *arguments)
        assert (decides.result, product.factor) == (market, rate)
        assert words in decides.label


def test_a_step_too_large_is_left_out() -> None:
    """The cap after the split is no double, and does not matter: the rate of the bid is less."""
    cap, *_, price = steps_of("CLASSB_EXERCISE_PRICE", 4.0, None, 1e308)
    assert cap.result is None
    assert price.result == 3.8
    # So are all shares together, where new ones over all of them is a fraction like any other.
    _, total, part = steps_of("DILUTION", 1.7e308, 1.7e308)
    assert (total.result, part.result) == (None, 0.5)
    sold, average, _ = steps_of("CANTOR_EXERCISE_PRICE", [[1e308], [1e308]], [[4.0], [4.0]])
    assert (sold.result, average.amount, average.result) == (None, None, 4.0)


def test_a_count_too_large_for_a_cell() -> None:
    """Python holds the count; a cell shows an error, and the reason is given."""
    arguments: list[Cell] = ["DEBENTURE_SHARES", 1e308, 1e-300]
    assert EXPLAIN.call(arguments)[-1][3] == 10**608
    reasons: list[InputError] = []
    rows: Any = EXPLAIN.evaluate(arguments, reasons.append)
    assert rows[-1][3] is CellError("#NUM!")
    assert [reason.code for reason in reasons] == ["#NUM!"]


def test_minus_zero_is_shown_as_zero() -> None:
    rows = rows_of(["CEO_FEE", -0.0, -0.0])
    for row in rows[1:]:
        assert all(math.copysign(1, cell) == 1 for cell in row if isinstance(cell, float))


@pytest.mark.usefixtures("awkward")
@given(st.data())
def test_averages_of_quotes(data: st.DataObject) -> None:
    quotes, issued, converted, deal = data.draw(CALLS["DEBENTURE_CONVERSION_PRICE"])
    if isinstance(oracle.debenture_conversion_price(quotes, issued, converted, deal), str):
        return
    table = [[day, *row] for day, row in quotes.items()]
    steps = steps_of("DEBENTURE_CONVERSION_PRICE", table, issued, converted, deal.terms)
    window = oracle.before(issued, deal.initial_sessions)
    values = [oracle.shown(quotes[day][1] or quotes[day][0]) for day in window]
    average, multiple = sum(values) / len(values), Fraction(deal.initial_multiple)
    assert f"{len(window)} market values, {_span(window)}" in steps[0].label
    assert steps[0].result == nearest(average)
    assert steps[1].amount == steps[0].result
    assert (steps[1].factor, steps[1].result) == (float(multiple), nearest(average * multiple))
    if converted is None:
        assert len(steps) == 3
        return
    elapsed = (converted - issued).days
    assert (steps[2].result, steps[3].result) == (deal.floating_after_days, elapsed)
    if elapsed <= deal.floating_after_days:
        assert "does not float yet" in steps[3].label
        assert len(steps) == 5
        assert steps[-1].result == steps[1].result
        return
    window = oracle.before(converted, deal.lookback_sessions)
    bids = sorted(oracle.shown(quotes[day][0]) for day in window)[: deal.lowest_bids]
    floating, multiple = sum(bids) / len(bids), Fraction(deal.floating_multiple)
    assert f"{deal.lowest_bids} lowest closing bids, {_span(window)}" in steps[4].label
    assert steps[4].result == steps[5].amount == nearest(floating)
    assert (steps[5].factor, steps[5].result) == (float(multiple), nearest(floating * multiple))
    assert "the lesser of both" in steps[6].label
    assert steps[-1].result == min(steps[1].result, steps[5].result)


def _span(window: Sequence[datetime.date]) -> str:
    first, last = (f"{day.day} {day:%b %Y}" for day in (window[0], window[-1]))
    return f"{first} to {last}"


@pytest.mark.parametrize(("days", "steps"), [(0, 5), (90, 5), (91, 7)])
def test_the_day_switch(days: int, steps: int) -> None:
    converted = ISSUED + days * A_DAY
    table = [[day, 4.0] for day in oracle.before(converted, 100)]
    found = steps_of("DEBENTURE_CONVERSION_PRICE", table, ISSUED, converted)
    assert len(found) == steps
    assert (found[2].result, found[3].result) == (90, days)
    assert found[-1].result == (4.04 if days > 90 else 4.8)
    assert {step.source for step in found} == {"S-7"}


@pytest.fixture
def meridian() -> Iterator[str]:
    """Offer the made-up deal of today's kinds of terms; it is put nowhere."""
    path = DATA / "MERIDIAN-2024.toml"
    store.forget()
    yield store.offer(read_terms(path), path).text
    store.forget()


@pytest.mark.parametrize(
    ("value", "found", "result", "label", "source"),
    [
        (1.0, 1.15, 1.25, "Conversion price: the floor", "note, s. 3(c)"),
        (1.05, 1.2075, 1.25, "Conversion price: the floor", "note, s. 3(c)"),
        (4.0, None, 4.6, "Conversion price: the initial one", "note, s. 3(a)"),
        (5.0, None, 5.75, "Conversion price: the initial one", "note, s. 3(a)"),
        (8.0, 9.2, 6.0, "Conversion price: the cap", "note, s. 3(d)"),
    ],
)
def test_floor_and_cap(
    meridian: str, value: float, found: float | None, result: float, label: str, source: str
) -> None:
    issued = datetime.date(2024, 3, 18)
    table = [[day, 0.5, value] for day in oracle.before(issued, 5)]
    steps = steps_of("DEBENTURE_CONVERSION_PRICE", table, issued, None, meridian)
    assert len(steps) == 3
    assert steps[1].result == pytest.approx(value * 1.15, rel=1e-15)
    last = steps[-1]
    assert (last.label, last.source) == (label, source)
    assert (last.amount, last.result) == (
        None if found is None else pytest.approx(found, rel=1e-15),
        pytest.approx(result, rel=1e-15),
    )


def test_floating_price_of_market_values(meridian: str) -> None:
    """The window's lowest market values count, not its bids; the floor holds them up, too."""
    issued, converted = datetime.date(2024, 3, 18), datetime.date(2024, 4, 18)
    days = oracle.before(converted, 40)
    table: list[list[Any]] = [[day, 1.0, 4.0 + place / 16] for place, day in enumerate(days)]
    steps = steps_of("DEBENTURE_CONVERSION_PRICE", table, issued, converted, meridian)
    window = oracle.before(converted, 10)
    lowest = [Fraction(row[2]) for row in table if row[0] in window][:3]
    assert "Average of the 3 lowest market values" in steps[4].label
    assert steps[4].result == nearest(sum(lowest) / 3)
    assert steps[5].result == nearest(sum(lowest) / 3 * Fraction("0.92"))
    assert "the price floats" in steps[3].label
    assert [step.source for step in steps[2:]] == ["note, s. 3(b)"] * 5
    for row in table[-10:]:
        row[2] = 1.0
    *_, floating, last = steps_of("DEBENTURE_CONVERSION_PRICE", table, issued, converted, meridian)
    assert floating.result == last.amount == 0.92
    assert (last.label, last.result) == ("Conversion price: the floor", 1.25)


@pytest.mark.usefixtures("awkward")
@given(st.data())
def test_counts_and_parts(data: st.DataObject) -> None:
    principal, price, _ = data.draw(CALLS["DEBENTURE_SHARES"])
    at, quotient, whole = steps_of("DEBENTURE_SHARES", principal, price)
    assert (at.result, quotient.amount) == (price, principal)
    exact = oracle.shown(principal) / oracle.shown(price)
    assert quotient.result == whole.amount == nearest(exact)
    assert whole.result == math.floor(exact)

    outstanding, issued, deal = data.draw(CALLS["NASDAQ20_HEADROOM"])
    if deal.exchange_limit:
        steps = steps_of("NASDAQ20_HEADROOM", outstanding, issued, deal.terms)
        reached, so_far, further = steps
        assert (reached.amount, reached.factor) == (outstanding, rate_of(deal.exchange_limit))
        assert reached.result == nearest(outstanding * Fraction(deal.exchange_limit))
        assert so_far.result == issued
        assert further.result == oracle.nasdaq20_headroom(outstanding, issued, deal)

    if outstanding + issued:
        new, total, part = steps_of("DILUTION", outstanding, issued)
        assert (new.result, total.amount, part.amount) == (issued, outstanding, issued)
        assert total.result == outstanding + issued
        assert part.result == nearest(Fraction(issued, outstanding + issued))

    count, market, exercise = data.draw(CALLS["NET_EXERCISE_SHARES"])
    high, low, each, shares, whole = steps_of("NET_EXERCISE_SHARES", count, market, exercise)
    assert (high.result, low.result) == (market, exercise)
    worth = max(Fraction(0), 1 - oracle.shown(exercise) / oracle.shown(market))
    assert each.result == shares.factor == nearest(worth)
    assert shares.result == whole.amount == nearest(count * worth)
    assert whole.result == math.floor(count * worth)

    proceeds, average, bought, rest = steps_of("TREASURY_STOCK_SHARES", count, exercise, market)
    assert average.result == market
    assert proceeds.result == bought.amount == nearest(count * Fraction(exercise))
    assert bought.result == nearest(count * Fraction(exercise) / Fraction(market))
    exact = max(Fraction(0), count - count * Fraction(exercise) / Fraction(market))
    assert rest.result == exact == 0 or oracle.ulps(rest.result, exact) <= 4
    assert ("out of the money" in rest.label) == (market <= exercise)


@pytest.mark.parametrize(
    ("date", "offset", "labels"),
    [
        ("2001-09-10", 1, ["Monday 10 September 2001 is a session", "Session +1 from there, "]),
        ("2001-09-10", 0, ["Monday 10 September 2001 is a session", "The session itself, "]),
        ("2001-09-11", 0, ["Tuesday 11 September 2001 is no session", "The next session, "]),
        ("2001-09-11", -1, ["Tuesday 11 September 2001 is no session", "Session -1 from there, "]),
    ],
)
def test_sessions(date: str, offset: int, labels: list[str]) -> None:
    first, moved, last = steps_of("TRADING_DAY", datetime.date.fromisoformat(date), offset)
    assert (moved.label, moved.result) == ("Sessions to move", offset)
    steps = [first, last]
    for step, label in zip(steps, labels, strict=True):
        assert step.label.startswith(label)
        assert step.source == "calendar XNYS"
    assert steps[-1].label.endswith(
        f"{steps[-1].result:%A} {steps[-1].result.day} {steps[-1].result:%B %Y}"
    )


def test_figures() -> None:
    assert steps_of("DEAL_TERM", "class_b.cap_price") == [
        Step("Exercise price at most, adjusted for splits", None, None, 33.75, "S-7")
    ]
    assert steps_of("DEAL_SOURCE", "class_b.cap_price")[0].result == "S-7"
    assert steps_of("XLADDIN_VERSION") == [
        Step("Version of the add-in", None, None, xladdin.__version__, "the installed package")
    ]


# Whole results


def test_a_commission_row_by_row() -> None:
    assert rows_of(["CEO_FEE", 2e6, 9e6]) == [
        ["Step", "Amount", "Rate or factor", "Result", "Source"],
        ["Sold before under the agreement", 9e6, "", 9e6, ""],
        ["Tier 1, from 0 to 10,000,000", 1e6, 0.04, 40e3, "cover, S-11"],
        ["Tier 2, from 10,000,000 to 20,000,000", 1e6, 0.035, 35e3, "cover, S-11"],
        ["Commission", 2e6, "", 75e3, "cover, S-11"],
    ]


def test_an_exercise_price_row_by_row() -> None:
    assert rows_of(["CLASSB_EXERCISE_PRICE", 40.0, None, 25.0]) == [
        ["Step", "Amount", "Rate or factor", "Result", "Source"],
        ["Cap, adjusted for splits", 33.75, 25.0, 843.75, "S-7"],
        ["Threshold of the market price", "", "", 5.0, "S-7"],
        ["Market price: at or above the threshold", "", "", 40.0, "S-7"],
        ["Rate of the closing bid", 40.0, 0.97, 38.8, "S-7"],
        ["Exercise price, the lesser of both", "", "", 38.8, "S-7"],
    ]


def test_rows_are_the_callers_own() -> None:
    first = xladdin.explain("CEO_FEE", 1e6)
    first[0][0] = "changed"
    assert xladdin.explain("CEO_FEE", 1e6)[0] == HEADINGS
