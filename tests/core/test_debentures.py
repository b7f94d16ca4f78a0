"""Debentures: windows, the day switch, the lowest bids, whole shares."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from oracles import contract as oracle

from xladdin.calendars import calendar
from xladdin.core.debentures import (
    Quote,
    check_order,
    conversion_price,
    conversion_shares,
    floating_price,
    initial_price,
)
from xladdin.errors import InputError
from xladdin.terms import select

_found = select("NEOT-2001").terms.debentures
assert _found is not None
DEBENTURES = _found
XNYS = calendar("XNYS")
DAY = datetime.timedelta(days=1)

ISSUED = datetime.date(2001, 11, 12)
CLOSURE = [datetime.date(2001, 9, number) for number in (11, 12, 13, 14)]


def flat(first: datetime.date, last: datetime.date, bid: float) -> dict[datetime.date, Quote]:
    """One bid for every session between two days."""
    days = (first + DAY * number for number in range((last - first).days + 1))
    return {day: Quote(bid, bid) for day in days if XNYS.is_session(day)}


def price(
    quotes: Mapping[datetime.date, Quote],
    converted: datetime.date | None = None,
    issued: datetime.date = ISSUED,
) -> float:
    return conversion_price(quotes, issued, converted, DEBENTURES.formula, XNYS)


def test_initial_price() -> None:
    bids = [4.0, 4.1, 4.2, 4.0, 3.7]  # 5 to 9 November 2001; their average is 4.00
    days = XNYS.before(ISSUED, 5)
    assert days == [datetime.date(2001, 11, number) for number in (5, 6, 7, 8, 9)]
    quotes = {day: Quote(bid, bid) for day, bid in zip(days, bids, strict=True)}
    assert price(quotes) == pytest.approx(4.8, rel=1e-15)
    # It is the market value that counts here, and the bids do not.
    quotes = {day: Quote(bid, 5.0) for day, bid in zip(days, bids, strict=True)}
    assert price(quotes) == 6.0


@pytest.mark.parametrize(
    ("days", "floats"), [(0, False), (1, False), (89, False), (90, False), (91, True), (92, True)]
)
def test_day_switch(days: int, floats: bool) -> None:
    # 10 until issuance, 5 from then on: the floating price is the lesser as soon as it counts.
    quotes = flat(ISSUED - 20 * DAY, ISSUED - DAY, 10.0)
    quotes |= flat(ISSUED, ISSUED + 150 * DAY, 5.0)
    assert price(quotes) == 12.0
    assert price(quotes, ISSUED + days * DAY) == (5.05 if floats else 12.0)


def test_the_lesser_of_both() -> None:
    # The price has risen: the initial price stays.
    quotes = flat(ISSUED - 20 * DAY, ISSUED - DAY, 4.0)
    quotes |= flat(ISSUED, ISSUED + 150 * DAY, 50.0)
    assert price(quotes, ISSUED + 91 * DAY) == 4.8


def test_windows_leave_out_the_day_itself() -> None:
    quotes = flat(ISSUED - 20 * DAY, ISSUED + 150 * DAY, 5.0)
    quotes[ISSUED] = Quote(0.01, 0.01)
    assert price(quotes) == 6.0
    converted = XNYS.offset(ISSUED + 120 * DAY, 0)
    quotes[converted] = Quote(0.01, 0.01)
    assert price(quotes, converted) == pytest.approx(5.05, rel=1e-15)
    # The session after sees it.
    assert price(quotes, XNYS.offset(converted, 1)) < 5.0


@pytest.mark.parametrize(("back", "counts"), [(1, True), (30, True), (31, False)])
def test_lookback_is_thirty_sessions(back: int, counts: bool) -> None:
    quotes = flat(ISSUED - 20 * DAY, ISSUED + 200 * DAY, 5.0)
    converted = XNYS.offset(ISSUED + 150 * DAY, 0)
    quotes[XNYS.offset(converted, -back)] = Quote(1.0, 1.0)
    # Nine bids of 5 and one of 1 average 4.6.
    expected = 1.01 * (4.6 if counts else 5.0)
    assert price(quotes, converted) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(("back", "counts"), [(1, True), (5, True), (6, False)])
def test_initial_window_is_five_sessions(back: int, counts: bool) -> None:
    quotes = flat(ISSUED - 20 * DAY, ISSUED, 5.0)
    quotes[XNYS.offset(ISSUED, -back)] = Quote(1.0, 1.0)
    assert price(quotes) == pytest.approx(1.2 * (4.2 if counts else 5.0), rel=1e-15)


def test_ten_lowest_bids() -> None:
    quotes = flat(ISSUED - 20 * DAY, ISSUED - DAY, 100.0)
    converted = XNYS.offset(ISSUED + 150 * DAY, 0)
    for number, day in enumerate(XNYS.before(converted, 30)):
        bid = float(1 + number * 7 % 30)  # 1 to 30 in mixed order
        quotes[day] = Quote(bid, 99.0)
    # 1 to 10 average 5.5.
    assert price(quotes, converted) == pytest.approx(5.5 * 1.01, rel=1e-15)


def test_windows_straddle_the_closure() -> None:
    issued = datetime.date(2001, 9, 18)
    needed = [datetime.date(2001, 9, number) for number in (5, 6, 7, 10, 17)]
    quotes = {day: Quote(4.0, 4.0) for day in needed}
    assert price(quotes, issued=issued) == 4.8
    # Bids on days without a session change nothing.
    quotes |= {day: Quote(0.01, 0.01) for day in [*CLOSURE, datetime.date(2001, 9, 15)]}
    assert price(quotes, issued=issued) == 4.8
    # Issued while the exchange was closed.
    needed = [datetime.date(2001, 9, number) for number in (4, 5, 6, 7, 10)]
    assert price({day: Quote(4.0, 4.0) for day in needed}, issued=CLOSURE[2]) == 4.8
    # The lookback of a conversion: 30 sessions back from 10 October 2001.
    lookback = XNYS.before(datetime.date(2001, 10, 10), 30)
    assert lookback[0] == datetime.date(2001, 8, 22)
    assert not set(CLOSURE) & set(lookback)
    assert floating_price(
        {day: Quote(2.0, 2.0) for day in lookback}, datetime.date(2001, 10, 10), DEBENTURES, XNYS
    ) == Fraction("2.02")


@pytest.mark.parametrize("missing", range(1, 6))
def test_a_session_of_the_initial_window_without_quote(missing: int) -> None:
    quotes = flat(ISSUED - 20 * DAY, ISSUED, 5.0)
    gone = XNYS.offset(ISSUED, -missing)
    del quotes[gone]
    with pytest.raises(InputError) as caught:
        price(quotes)
    assert (caught.value.code, caught.value.argument) == ("#N/A", "quotes")
    assert caught.value.value == gone


def test_quotes_are_needed_for_windows_only() -> None:
    quotes = flat(ISSUED - 7 * DAY, ISSUED - DAY, 5.0)
    assert price(quotes) == price(quotes, ISSUED + 90 * DAY) == 6.0
    with pytest.raises(InputError) as caught:
        price(quotes, ISSUED + 91 * DAY)
    assert caught.value.code == "#N/A"


def test_conversion_before_issue() -> None:
    quotes = flat(ISSUED - 20 * DAY, ISSUED, 5.0)
    assert price(quotes, ISSUED) == 6.0
    with pytest.raises(InputError) as caught:
        check_order(ISSUED, ISSUED - DAY)
    assert (caught.value.code, caught.value.argument) == ("#NUM!", "conversion_date")


def test_windows_outside_the_calendar() -> None:
    with pytest.raises(InputError) as caught:
        price({}, issued=datetime.date(1971, 1, 6))
    assert (caught.value.code, caught.value.argument) == ("#NUM!", "issue_date")
    issued = XNYS.sessions(2100)[-40]
    quotes = flat(issued - 20 * DAY, issued, 5.0)
    with pytest.raises(InputError) as caught:
        price(quotes, datetime.date(2101, 3, 1), issued)
    assert (caught.value.code, caught.value.argument) == ("#NUM!", "conversion_date")


def _as_quotes(call: tuple[Any, ...]) -> dict[datetime.date, Quote]:
    return {
        day: Quote(bid, bid if market is None else market) for day, (bid, market) in call[0].items()
    }


@given(strategies.debenture_calls(oracle.SALES), st.randoms(use_true_random=False))
def test_order_of_quotes_does_not_matter(call: tuple[Any, ...], random: Any) -> None:
    quotes, (_, issued, converted, _) = _as_quotes(call), call

    def found(given: Mapping[datetime.date, Quote]) -> float | str:
        try:
            return price(given, converted, issued)
        except InputError as error:
            return error.code

    shuffled = dict(random.sample(list(quotes.items()), len(quotes)))
    assert found(shuffled) == found(quotes)


@given(strategies.debenture_calls(oracle.SALES))
def test_never_above_the_initial_price(call: tuple[Any, ...]) -> None:
    quotes, (_, issued, converted, _) = _as_quotes(call), call
    try:
        found = price(quotes, converted, issued)
    except InputError as error:
        assert error.code in {"#N/A", "#NUM!"}  # noqa: PT017  (most calls succeed)
        return
    initial = initial_price(quotes, issued, DEBENTURES, XNYS)
    assert found <= float(initial)
    if converted is not None and (converted - issued).days > 90:
        floating = floating_price(quotes, converted, DEBENTURES, XNYS)
        assert found == float(min(initial, floating))
        low = min(quote.closing_bid for quote in quotes.values())
        assert floating >= Fraction(low)
    else:
        assert found == float(initial)


@pytest.mark.parametrize(
    ("principal", "conversion", "shares"),
    [
        (404.0, 4.04, 100),
        (403.99, 4.04, 99),
        (8_000_000.0, 4.848, 1_650_165),
        (10_000_000.0, 4.0, 2_500_000),
        (0.3, 0.1, 3),
        (33.0, 1.1 * 3, 10),
        (0.3 - 0.1, 0.1, 2),
        (96_000.0, 1.2 * 0.8, 100_000),
        (0.0, 4.04, 0),
        (4.03, 4.04, 0),
        (1.0, 1e308, 0),
    ],
)
def test_shares_are_whole(principal: float, conversion: float, shares: int) -> None:
    assert conversion_shares(principal, conversion) == shares


def test_shares_of_any_number() -> None:
    exact = oracle.shown(1e308) / oracle.shown(5e-324)
    assert conversion_shares(1e308, 5e-324) == exact.numerator // exact.denominator > 10**630


@given(st.integers(0, 10**12), st.integers(1, 10**7))
def test_shares_fit_and_one_more_does_not(principal: int, conversion: int) -> None:
    found = conversion_shares(principal / 100, conversion / 100)
    assert found * conversion <= principal < (found + 1) * conversion


@pytest.mark.parametrize(
    ("principal", "rounding", "shares"),
    [
        (10.0, "down", 3),
        (10.0, "up", 4),
        (10.0, "nearest", 3),
        (10.5, "nearest", 4),
        (9.0, "up", 3),
        (1.1 * 3 * 10, "up", 11),  # of 33, as a sheet shows it
        (0.0, "up", 0),
    ],
)
def test_shares_are_rounded_as_the_notes_are(principal: float, rounding: str, shares: int) -> None:
    assert conversion_shares(principal, 3.0, rounding) == shares
