"""Price formulas: the worked examples, windows and conditions, and random formulas."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from oracles import contract as oracle
from oracles import deals as oracle_deals
from price_formulas import COLUMNS, compiled, random_formula

from xladdin.calendars import calendar
from xladdin.core import prices
from xladdin.core.prices import FALL_BACK, Dates, Split, Splits, no_quotation
from xladdin.errors import InputError
from xladdin.terms import select
from xladdin.terms.exact import CLOSING_BID, heading

XNYS = calendar("XNYS")
DAY = datetime.timedelta(days=1)
EVENT = datetime.date(2024, 6, 3)

Columns = Mapping[str, Mapping[datetime.date, float]]


def price(
    formula: Mapping[str, Any],
    columns: Columns,
    event: datetime.date | None = EVENT,
    issue: datetime.date | None = None,
    splits: Sequence[Split] = (),
    stands: datetime.date | None = None,
    *,
    adjusted: bool = False,
) -> Fraction:
    def quotes(column: str, days: Sequence[datetime.date]) -> list[float]:
        return [quoted(columns, column, day) for day in days]

    carried = Splits(splits, stands or datetime.date.max, adjusted)
    return prices.price(compiled(formula), quotes, Dates(event, issue), XNYS, carried)


def quoted(columns: Columns, column: str, day: datetime.date) -> float:
    """A quotation; market value and market price fall back to the closing bid of their day."""
    for name in (column, CLOSING_BID) if column in FALL_BACK else (column,):
        if day in columns.get(name, {}):
            return columns[name][day]
    raise no_quotation(day, column)


def refused(*given: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        price(*given)
    return caught.value


def run(first: int, *quoted: float, day: datetime.date = EVENT) -> dict[datetime.date, float]:
    """Quotations of the sessions from one on, relative to a day that is a session."""
    return {XNYS.offset(day, first + number): one for number, one in enumerate(quoted)}


def series(of: str, first: int, last: int, multiple: str = "1", **more: Any) -> dict[str, Any]:
    return {"kind": "series", "of": of, "multiple": multiple, "from": first, "to": last, **more}


def fixed(price: str, **more: Any) -> dict[str, Any]:
    return {"kind": "fixed", "price": price, **more}


# The worked examples

LOWEST_OF_THREE = {"legs": [series("vwap", 0, 2, "0.97", lowest=1)]}
LESSER_OF_TWO = {"legs": [series("low", 0, 0), series("close", -10, -1, lowest=3)]}
WITH_FLOOR = {"legs": [fixed("6.15"), series("vwap", -9, 0, "0.92", lowest=1, floor="0.7160")]}
MINIMUM_PRICE = {"legs": [series("close", -1, -1), series("close", -5, -1)]}
CLOSES = run(-10, 2.00, 1.95, 1.90, 1.88, 1.91, 1.99, 2.05, 2.10, 1.97, 1.93)


@pytest.mark.parametrize(
    ("formula", "columns", "expected"),
    [
        (LOWEST_OF_THREE, {"vwap": run(0, 2.01, 1.90, 2.10)}, Fraction("1.843")),
        (
            {"legs": [series("vwap", 0, 2, "0.97")]},
            {"vwap": run(0, 2.01, 1.90, 2.10)},
            Fraction("5.8297") / 3,  # 1.943233...
        ),
        (LESSER_OF_TWO, {"low": run(0, 1.95), "close": CLOSES}, Fraction("5.69") / 3),
        (LESSER_OF_TWO, {"low": run(0, 1.85), "close": CLOSES}, Fraction("1.85")),
        (WITH_FLOOR, {"vwap": run(-9, *[8.0] * 10)}, Fraction("6.15")),
        (WITH_FLOOR, {"vwap": run(-9, *[1.0] * 10)}, Fraction("0.92")),
        (WITH_FLOOR, {"vwap": run(-9, *[0.7] * 10)}, Fraction("0.716")),
        (MINIMUM_PRICE, {"close": run(-5, 2.10, 2.05, 2.00, 1.90, 1.95)}, Fraction("1.95")),
    ],
)
def test_worked_examples(formula: Mapping[str, Any], columns: Columns, expected: Fraction) -> None:
    assert price(formula, columns) == expected
    assert oracle_deals.price(formula, columns, EVENT, None) == expected


def test_the_2001_deal_is_two_instances() -> None:
    class_b, debentures = select("NEOT-2001").terms.class_b, select("NEOT-2001").terms.debentures
    assert class_b is not None
    assert debentures is not None
    bid = "closing bid"
    assert debentures.formula == compiled(
        {
            "legs": [
                series("market value", -5, -1, "1.20", anchor="issue"),
                series(bid, -30, -1, "1.01", lowest=10, after_days=90),
            ]
        }
    )
    when = {"when_of": "market price"}
    expected = compiled(
        {
            "legs": [
                fixed("33.75"),
                series(bid, 0, 0, "0.97", when_at_least="5", **when),
                series(bid, 0, 0, "0.95", when_below="5", **when),
            ]
        }
    )
    legs = [
        leg._replace(
            fixed=frozenset(name for name in ("when_below", "when_at_least") if getattr(leg, name))
        )
        for leg in expected.legs
    ]
    assert class_b.formula == expected._replace(legs=tuple(legs))


# Bounds and rounding


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "2"),
        ({"take": "greatest"}, "3"),
        ({"floor": "2.5"}, "2.5"),
        ({"cap": "1.5"}, "1.5"),
        ({"floor": "2.5", "cap": "2.25"}, "2.25"),  # the cap comes last
        ({"cap": "1.5", "add": "0.125"}, "1.625"),  # and is added to
        ({"add": "-0.5"}, "1.5"),
        ({"add": "-2"}, "0"),
        ({"add": "0.004", "round_to": "0.01"}, "2.00"),
        ({"add": "0.005", "round_to": "0.01"}, "2.01"),  # half up
        ({"add": "0.009", "round_to": "0.01", "round": "down"}, "2"),
        ({"add": "0.001", "round_to": "0.01", "round": "up"}, "2.01"),
        ({"round_to": "0.01", "round": "up"}, "2"),
        ({"round_to": "0.7"}, "2.1"),
    ],
)
def test_take_bounds_add_and_round(more: dict[str, str], expected: str) -> None:
    formula = {"legs": [fixed("2"), fixed("3")], **more}
    assert price(formula, {}) == Fraction(expected)


def test_a_price_below_nothing() -> None:
    error = refused({"legs": [fixed("2")], "add": "-2.01"}, {})
    assert (error.code, error.argument) == ("#NUM!", "formula")


# Windows


def test_windows_around_a_day_without_session() -> None:
    saturday = datetime.date(2024, 6, 8)
    # 0 is the next session, 1 the one after it, -1 the one before: each session once.
    assert XNYS.window(saturday, -1, 1) == [datetime.date(2024, 6, day) for day in (7, 10, 11)]
    assert XNYS.window(saturday + 2 * DAY, -1, 1) == XNYS.window(saturday, -1, 1)
    assert XNYS.window(saturday, 1, 1) == [datetime.date(2024, 6, 11)]


def test_windows_over_years() -> None:
    found = XNYS.window(datetime.date(2023, 12, 29), -600, 600)
    at = oracle.SESSIONS.index(datetime.date(2023, 12, 29))
    assert found == oracle.SESSIONS[at - 600 : at + 601]
    assert (
        XNYS.window(datetime.date(2023, 12, 29), 300, 301) == oracle.SESSIONS[at + 300 : at + 302]
    )
    assert XNYS.window(datetime.date(2023, 12, 30), 0, 0) == [datetime.date(2024, 1, 2)]
    for first, last, day in ((-10, 0, (1971, 1, 6)), (0, 10, (2100, 12, 27))):
        with pytest.raises(InputError) as caught:
            XNYS.window(datetime.date(*day), first, last, "event_date")
        assert (caught.value.code, caught.value.argument) == ("#NUM!", "event_date")


# Dates, conditions, missing quotations

AFTER = {
    "legs": [
        series("vwap", -1, -1, "1.2", anchor="issue"),
        series("vwap", -1, -1, "0.95", after_days=90),
        series("vwap", -1, -1, "0.9", until_days=30),
    ]
}


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "3.6"), (30, "3.6"), (31, "4.8"), (90, "4.8"), (91, "3.8"), (200, "3.8")],
)
def test_legs_that_count_by_days(days: int, expected: str) -> None:
    event = EVENT + days * DAY
    quotes = dict.fromkeys(XNYS.window(EVENT, -2, 200), 4.0)
    assert price(AFTER, {"vwap": quotes}, event, EVENT) == Fraction(expected)


def test_dates_that_are_not_given() -> None:
    quotes = {"vwap": dict.fromkeys(XNYS.window(EVENT, -2, 2), 4.0)}
    error = refused(AFTER, quotes, EVENT, None)
    assert (error.code, error.argument) == ("#VALUE!", "issue_date")
    error = refused(AFTER, quotes, None, EVENT)  # the leg until 30 days follows the event
    assert (error.code, error.argument) == ("#VALUE!", "event_date")
    # A leg that counts after some days does not count where there is no event.
    assert price({"legs": AFTER["legs"][:2]}, quotes, None, EVENT) == Fraction("4.8")
    assert price({"legs": [fixed("2")]}, {}, None, None) == 2


def test_the_order_of_dates_is_judged_before_the_quotations() -> None:
    error = refused(AFTER, {}, EVENT - DAY, EVENT)
    assert (error.code, error.argument, error.value) == ("#NUM!", "event_date", EVENT - DAY)


def test_conditions_by_price() -> None:
    formula = {
        "legs": [
            series("vwap", 0, 1, "0.9", when_at_least="3", lowest=1),
            series("vwap", 0, 1, "0.8", when_below="3"),
            fixed("1", when_of="close", when_below="2.5", **{"from": -1, "to": -1}),
        ]
    }
    quotes = {"vwap": run(0, 3.0, 4.0), "close": run(-1, 2.5)}
    assert price(formula, quotes) == Fraction("2.7")
    # The condition is on what the leg averages: the lowest, or all.
    quotes = {"vwap": run(0, 2.0, 3.98), "close": run(-1, 2.5)}
    assert price(formula, quotes) == Fraction("2.99") * 4 / 5
    assert price(formula, quotes | {"close": run(-1, 2.49)}) == 1
    # A double beside 3 is 3, as a sheet shows it.
    quotes = {"vwap": run(0, 2.9999999999999996, 4.0), "close": run(-1, 2.5)}
    assert price(formula, quotes) == Fraction("2.7")


def test_no_leg_counts() -> None:
    error = refused({"legs": [series("vwap", 0, 0, when_below="1")]}, {"vwap": run(0, 1.0)})
    assert (error.code, error.argument) == ("#N/A", "formula")


def test_a_session_without_that_column() -> None:
    formula = {"legs": [series("vwap", -1, 0)]}
    quotes = {"vwap": run(0, 2.0), "closing bid": run(-1, 2.0, 2.0)}
    error = refused(formula, quotes)
    assert (error.code, error.argument) == ("#N/A", "quotes")
    assert error.value == XNYS.offset(EVENT, -1)
    assert "vwap" in error.rule


@pytest.mark.parametrize("column", ["market value", "market price"])
def test_two_columns_fall_back_to_the_closing_bid(column: str) -> None:
    formula = {"legs": [series(column, -1, 0)]}
    quotes = {column: run(0, 3.0), "closing bid": run(-1, 2.0, 9.0)}
    assert price(formula, quotes) == Fraction("2.5")
    assert refused(formula, {column: run(0, 3.0), "close": run(-1, 2.0)}).code == "#N/A"


def test_headings_are_compared_without_case_and_surplus_spaces() -> None:
    assert heading("  Closing \t BID ") == heading("closing bid") == "closing bid"


# Splits


def test_quotations_from_before_a_split_are_carried_over_it() -> None:
    split = (EVENT - DAY, Fraction(10))
    quotes = {"close": run(-3, 0.2, 0.21, 2.2, 2.3)}
    assert XNYS.offset(EVENT, -1) < split[0] <= EVENT  # a Sunday
    found = price({"legs": [series("close", -3, 0, lowest=2)]}, quotes, EVENT, None, [split])
    assert found == Fraction("2.05") == (Fraction(2) + Fraction("2.1")) / 2
    both = [split, (EVENT, Fraction(1, 3))]
    found = price({"legs": [series("close", -2, -1)]}, quotes, EVENT, None, both)
    assert found == (Fraction("2.1") + 22) / 6


def test_quotations_from_after_the_day_are_taken_back_over_a_split() -> None:
    split = (datetime.date(2024, 9, 3), Fraction(10))
    thursday = datetime.date(2024, 8, 29)  # and 2 September was Labor Day
    quotes = {"vwap": run(0, 2.0, 2.0, 20.0, day=thursday)}
    formula = {"legs": [series("vwap", 0, 2)]}
    assert price(formula, quotes, thursday, None, [split], thursday) == 2
    assert price(formula, quotes, thursday, None, [split], split[0]) == 20
    quotes = {"vwap": run(0, 20.0, 21.0, 22.0, day=split[0])}
    day_before = split[0] - DAY
    assert price(formula, quotes, split[0], None, [split], day_before) == Fraction("2.1")
    # Two splits of which one holds on the day: what is quoted is in shares of its own day.
    both = [(datetime.date(2024, 8, 30), Fraction(1, 3)), split]
    quotes = {"vwap": run(0, 6.0, 2.0, 20.0, day=thursday)}
    assert price(formula, quotes, thursday, None, both, thursday) == 6
    assert price(formula, quotes, thursday, None, both, both[0][0]) == 2


def test_adjusted_quotations_are_in_shares_after_all_splits() -> None:
    split = (EVENT, Fraction(10))
    formula = {"legs": [series("close", 0, 0)], "floor": "1"}
    before = datetime.date(2024, 5, 30)
    quotes = {"close": run(0, 5.0, day=before)}
    assert price(formula, quotes, before, None, [split], before, adjusted=True) == 1
    del formula["floor"]
    found = price(formula, quotes, before, None, [split], before, adjusted=True)
    assert found == Fraction(1, 2)
    assert price(formula, quotes, before, None, [split], EVENT, adjusted=True) == 5


def test_a_split_moves_prices_and_leaves_what_is_fixed() -> None:
    formula = compiled(
        {
            "legs": [fixed("2"), series("close", 0, 0, "0.9", floor="1", when_below="5")],
            "floor": "0.5",
            "cap": "3",
            "add": "0.25",
            "round_to": "0.01",
        }
    )
    found = prices.after_split(formula, 23.0)
    assert [leg.price for leg in found.legs] == [(46, 1), None]
    assert (found.legs[1].floor, found.legs[1].when_below) == ((23, 1), (115, 1))
    assert (found.floor, found.cap, found.add) == ((23, 2), (69, 1), (23, 4))
    assert (found.legs[1].multiple, found.round_to) == ((9, 10), (1, 100))
    kept = formula.legs[1]._replace(fixed=frozenset({"when_below"}))
    found = prices.after_split(formula._replace(legs=(kept,), fixed=frozenset({"cap"})), 0.5)
    assert (found.legs[0].when_below, found.legs[0].floor) == ((5, 1), (1, 2))
    assert (found.cap, found.floor) == ((3, 1), (1, 4))


# Random formulas


def random_case(rng: random.Random) -> tuple[Any, ...]:
    """A formula, quotations, an event, an issue, splits and a day; sometimes one is not there."""
    issue = datetime.date(2001, 6, 1) + rng.randint(0, 8000) * DAY
    event = issue + rng.randint(-1, 70) * DAY
    columns: dict[str, dict[datetime.date, float]] = {}
    for column in COLUMNS:
        # What is a leg's own threshold, with the dust of sums, is among the quotations.
        level = rng.uniform(0.2, 30)
        columns[column] = {
            day: rng.choice((round(level * rng.uniform(0.7, 1.3), 2), rng.randint(1, 400) * 0.1))
            for day in XNYS.window(issue, -15, 75)
        }
        for day in list(columns[column]):
            if rng.random() < 0.004 or (column == "market value" and rng.random() < 0.5):
                del columns[column][day]
    splits = [
        (issue + rng.randint(-30, 80) * DAY, Fraction(rng.choice(("25", "1/2", "1/3", "1.05"))))
        for _ in range(rng.choice((0, 0, 1, 2)))
    ]
    formula = random_formula(rng)
    given = rng.random()
    return (
        formula,
        columns,
        None if given < 0.1 else event,
        None if 0.1 < given < 0.2 else issue,
        splits,
        rng.choice((None, event, issue + rng.randint(-40, 90) * DAY)),
    )


@pytest.mark.parametrize(
    "count", [100, pytest.param(10_000, marks=pytest.mark.long)], ids=["sample", "whole"]
)
def test_random_formulas(count: int) -> None:
    rng = random.Random(20011101)
    outcomes: dict[str, int] = {}
    for number in range(count):
        case = random_case(rng)
        adjusted = rng.random() < 0.2
        expected = oracle_deals.result(partial(oracle_deals.price, adjusted=adjusted), *case)
        try:
            found: Any = price(*case, adjusted=adjusted)
        except InputError as error:
            found = error.code
        assert found == expected, (number, case)
        if isinstance(found, Fraction):
            # What is handed out is the double nearest to the exact price.
            assert oracle.ulps(float(found), expected) <= 0.5 or not expected, case
        kind = found if isinstance(found, str) else "price"
        outcomes[kind] = outcomes.get(kind, 0) + 1
    # Most give a price, and every error comes about.
    assert outcomes["price"] > count * 0.5
    assert {"#N/A", "#NUM!", "#VALUE!"} < set(outcomes)
