"""The functions of deals of today, called as cells call them: worked examples, tables, errors."""

from __future__ import annotations

import datetime
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from oracles import contract as oracle
from oracles import deals as oracle_deals
from paths import DATA

from xladdin.calendars import calendar
from xladdin.cells import CellError, serial_of
from xladdin.errors import InputError
from xladdin.functions.registry import FUNCTIONS

DAY = datetime.date
EVENT: Final = DAY(2024, 6, 3)
XNYS: Final = calendar("XNYS")


@pytest.fixture(autouse=True)
def _installed(folder: Path) -> None:
    shutil.copy(DATA / "TODAY.toml", folder)


def serial(day: datetime.date) -> float:
    return float(serial_of(day))


def table(**columns: tuple[int, list[float]]) -> list[list[Any]]:
    """Quotations under headings: of each column the first session, from the event, and figures."""
    days: dict[datetime.date, dict[str, float]] = {}
    for name, (first, quoted) in columns.items():
        for place, figure in enumerate(quoted):
            days.setdefault(XNYS.window(EVENT, first, first + 20)[place], {})[name] = figure
    rows = [[serial(day), *(row.get(name) for name in columns)] for day, row in days.items()]
    return [["Date", *columns], *rows]


def price(formula: str, rows: Any) -> Any:
    return FUNCTIONS["DEAL_PRICE"].evaluate([formula, rows, serial(EVENT), None, "TODAY"])


CLOSES: Final = (-10, [2.00, 1.95, 1.90, 1.88, 1.91, 1.99, 2.05, 2.10, 1.97, 1.93])


# The worked examples


@pytest.mark.parametrize(
    ("formula", "columns", "expected"),
    [
        ("lowest", {"VWAP": (0, [2.01, 1.90, 2.10])}, 1.843),
        ("average", {"VWAP": (0, [2.01, 1.90, 2.10])}, 1.9432333333333334),
        ("regular", {"Low": (0, [1.95]), "Close": CLOSES}, 1.8966666666666667),
        ("regular", {"Low": (0, [1.85]), "Close": CLOSES}, 1.85),
        ("note", {"VWAP": (-9, [8.0] * 10)}, 6.15),
        ("note", {"VWAP": (-9, [1.0] * 10)}, 0.92),
        ("note", {"VWAP": (-9, [0.7] * 10)}, 0.716),
        ("minimum", {"Close": (-5, [2.10, 2.05, 2.00, 1.90, 1.95])}, 1.95),
    ],
)
def test_prices(formula: str, columns: Any, expected: float) -> None:
    rows = table(**columns)
    assert price(formula, rows) == expected
    assert price(formula.upper(), [rows[0], *reversed(rows[1:])]) == expected
    steps = FUNCTIONS["DEAL_PRICE"].explain([formula, rows, serial(EVENT), None, "TODAY"])
    assert steps[-1].result == expected


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("DEAL_FEE", (12e6, None, None, "lehman"), 220_000.0),
        ("DEAL_FEE", (1e6,), 30_000.0),
        ("DEAL_FEE", (1e6, None, 0.02), 20_000.0),
        ("DEAL_FEE", (15e6, None, None, "commitment"), 80_000.0),
        ("DEAL_FEE", (187.49, None, None, "commitment"), 0.0),
        ("ISSUE_HEADROOM", ("exchange",), 5_811_638.0),
        ("ISSUE_HEADROOM", ("exchange", 800_000.0, 1.78), 5_011_638.0),
        ("ISSUE_HEADROOM", ("exchange", 800_000.0, 1.79), 16_700_000.0),
        ("FLOAT_HEADROOM", (23_690_126.0, 2.12, [[None, None]], 45_012.0), 16_741_022.373333335),
        ("SPLIT_ADJUSTED", (11.5, 45_000.0), 264.5),
        ("SPLIT_ADJUSTED", (61_200_000.0, 45_000.0, None, "Count"), 61_200_000 / 23),
        ("SPLIT_ADJUSTED", (2.15, 45_000.0, 45_473.0), 2.15),
        ("SPLIT_ADJUSTED", (2.15, 45_000.0, 45_474.0), 49.45),
        ("SPLIT_ADJUSTED", (2.15, 45_500.0, 45_000.0), 2.15),
        ("SPLIT_ADJUSTED", (None, 45_000.0, None, "count"), 0.0),
        ("SPLIT_ADJUSTED", ("", 45_000.0, 45_474.0, "count"), 0.0),
    ],
)
def test_a_deal_of_today(name: str, arguments: tuple[Any, ...], expected: float) -> None:
    function = FUNCTIONS[name]
    given = [*arguments, *[None] * (len(function.arguments) - 1 - len(arguments))]
    # Shares are those before the split, whose day the examples of caps and fees lie before.
    text = "TODAY" if name == "SPLIT_ADJUSTED" else "TODAY@2024-06-30"
    assert function.evaluate([*given, text]) == expected
    assert function.explain([*given, text])[-1].result == expected


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("ANTIDILUTION_PRICE", (1.0, 1e7, 5e6, 0.5), 5 / 6),
        ("ANTIDILUTION_PRICE", (1.0, 1e7, 5e6, 0.5, "Full  Ratchet"), 0.5),
        ("OWNERSHIP_HEADROOM", (1e7,), 525_207.0),
        ("OWNERSHIP_HEADROOM", (1e7, None, 0.0999), 1_109_876.0),
        ("DILUTED_EPS", (750_000.0, 690_000.0, [["bonds", 2_100.0, 10_000.0]]), 752_100 / 700_000),
    ],
)
def test_functions_without_a_deal(name: str, arguments: tuple[Any, ...], expected: float) -> None:
    assert FUNCTIONS[name].evaluate(list(arguments)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [((42, 40, 0.5, 0.2, 0.1), 4.7594), ((60, 65, 0.25, 0.3, 0.08), 2.1334)],
)
def test_a_textbooks_values(arguments: tuple[float, ...], printed: float) -> None:
    found = FUNCTIONS["WARRANT_VALUE"].evaluate(list(map(float, arguments)))
    assert found == pytest.approx(printed, abs=5e-5)


def test_who_dilutes_is_explained() -> None:
    rows = [["bonds", 2_100.0, 10_000.0], ["preferred", 90_000.0, 10_000.0], ["none", 1.0, 0.0]]
    steps = FUNCTIONS["DILUTED_EPS"].explain([750_000.0, 690_000.0, rows])
    labels = [step.label for step in steps]
    assert any(label.startswith("bonds dilutes: it is in") for label in labels)
    assert any(label.startswith("preferred antidilutive: it is left out") for label in labels)
    assert not any(label.startswith("none") for label in labels)


# Tables of quotations


def test_headings_in_any_case_and_order() -> None:
    rows = table(VWAP=(0, [2.01, 1.90, 2.10]))
    rows[0] = ["Day", "  vwap "]
    wide = [[row[0], "x" if at == 0 else -1.0, row[1]] for at, row in enumerate(rows)]
    wide[0] = ["Day", "Other", "Vwap"]
    assert price("lowest", rows) == price("lowest", wide) == 1.843  # no other column is judged


def test_rows_that_wait_and_rows_outside_the_window() -> None:
    rows = table(VWAP=(0, [2.01, 1.90, 2.10]))
    more = [[None, None], ["", ""], [None, 5.0], [serial(EVENT) - 40, "x"], ["Date", "VWAP"]]
    assert price("lowest", [rows[0], *more, *rows[1:]]) == 1.843


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda rows: [["Date", "Close"], *rows[1:]], "#N/A"),  # no such column
        (lambda rows: rows[1:], "#N/A"),  # without headings: closing bids
        (lambda rows: [[None, ""], [None, None], *rows], ""),  # blank rows above the headings
        (lambda rows: rows[:-1], "#N/A"),  # a session missing
        (lambda rows: [*rows[:-1], [rows[-1][0], None]], "#N/A"),
        (lambda rows: [*rows, rows[-1]], "#VALUE!"),  # a date twice
        (lambda rows: [*rows[:-1], [rows[-1][0], "2.10"]], "#VALUE!"),
        (lambda rows: [*rows[:-1], [rows[-1][0], True]], "#VALUE!"),
        (lambda rows: [*rows[:-1], [rows[-1][0], -2.10]], "#NUM!"),
        (lambda rows: [*rows[:-1], [rows[-1][0], 0.0]], "#NUM!"),
        (lambda rows: [*rows[:-1], [rows[-1][0], 1e308]], ""),
        (lambda rows: [["Date", "VWAP", "vwap "], *([*row, 1.0] for row in rows[1:])], "#VALUE!"),
        (lambda rows: [[row[0]] for row in rows], "#VALUE!"),  # one column
        (lambda rows: [[*row, 1.0, 1.0] for row in rows[1:]], "#VALUE!"),  # four, no headings
        (lambda rows: [*rows, [serial(EVENT), CellError("#DIV/0!")]], "#DIV/0!"),
    ],
)
def test_what_is_wrong_with_a_table(change: Any, code: str) -> None:
    found = price("lowest", change(table(VWAP=(0, [2.01, 1.90, 2.10]))))
    assert found is CellError(code) if code else found == 1.843


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda rows: [["Date", "Close"], *rows[1:]],
            "must have a column headed vwap; got columns of close",
        ),
        (
            lambda rows: [[*row, 1.0] for row in rows[1:]],
            "must have a column headed vwap; got columns of closing bid and market value",
        ),
        (
            lambda rows: rows[:-1],
            "must hold a vwap for each session of the window; got 5 Jun 2024",
        ),
    ],
)
def test_what_a_table_lacks_in_words(change: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        FUNCTIONS["DEAL_PRICE"].call(
            ["lowest", change(table(VWAP=(0, [2.01, 1.90, 2.10]))), serial(EVENT), None, "TODAY"]
        )
    assert str(caught.value) == f"DEAL_PRICE: quotes {words} (#N/A)"


def test_a_missing_closing_bid_is_called_one() -> None:
    rows = [["Date", "Closing bid"], [serial(DAY(2001, 11, 6)), 5.0]]
    with pytest.raises(InputError, match="must hold a closing bid or a market price for each"):
        FUNCTIONS["DEAL_PRICE"].call(["class_b", rows, serial(DAY(2001, 11, 5))])


def test_a_deal_without_the_exchanges_cap() -> None:
    with pytest.raises(InputError, match="must name a deal that has a cap called exchange"):
        FUNCTIONS["NASDAQ20_HEADROOM"].call([1e6, None, "CDIO-2023"])


@pytest.mark.parametrize(
    ("first", "pair"),
    [([0.0, 10.0, 10.0], "10 followed by 10"), ([0.0, 10.0, 12.0, 11.0], "12 followed by 11")],
)
def test_headings_of_a_make_whole_table_in_words(first: list[float], pair: str) -> None:
    rows = [first, *([row, *[0.1] * (len(first) - 1)] for row in (60.0, 57.0))]
    with pytest.raises(InputError, match=f"rise, or fall; got {pair}"):
        FUNCTIONS["MAKE_WHOLE"].call([rows, 58.0, 10.0])


def test_tables_without_rows() -> None:
    from xladdin import api

    sold: list[list[Any]] = []
    assert api.float_headroom(23_690_126, 2.12, sold, EVENT) == 16_741_022.373333335
    assert api.diluted_eps(100, 10, sold) == 10
    assert api.weighted_shares(sold, EVENT, EVENT) == 0


def test_market_value_falls_back_to_the_closing_bid() -> None:
    function = FUNCTIONS["DEAL_PRICE"]
    days = [DAY(2001, 11, number) for number in (5, 6, 7, 8, 9)]
    issue = serial(DAY(2001, 11, 12))
    rows: list[list[Any]] = [[serial(day), 4.0, 4.2] for day in days]
    assert function.evaluate(["debenture", rows, None, issue]) == 5.04
    rows[0][2] = None
    assert function.evaluate(["debenture", rows, None, issue]) == pytest.approx(4.992, rel=1e-15)
    assert function.evaluate(["debenture", [row[:2] for row in rows], None, issue]) == 4.8
    mapping = dict.fromkeys(days, 4.0)
    from xladdin.api import deal_price

    assert deal_price("debenture", mapping, issue_date=DAY(2001, 11, 12)) == 4.8


@pytest.mark.parametrize(
    ("arguments", "code", "argument"),
    [
        (("nope", [[1.0, 1.0]], serial(EVENT)), "#REF!", "formula"),
        (("lowest", [[1.0, 1.0]]), "#VALUE!", "event_date"),
        (("lowest", [[1.0, 1.0]], 45_000.0, 45_001.0), "#NUM!", "event_date"),
        (("", [[1.0, 1.0]], serial(EVENT)), "#VALUE!", "formula"),
        ((5.0, [[1.0, 1.0]], serial(EVENT)), "#VALUE!", "formula"),
        (("lowest", "x", serial(EVENT)), "#VALUE!", "quotes"),
    ],
)
def test_what_is_wrong_with_a_price(arguments: Any, code: str, argument: str) -> None:
    function = FUNCTIONS["DEAL_PRICE"]
    given = [*arguments, *[None] * (4 - len(arguments)), "TODAY"]
    with pytest.raises(InputError) as caught:
        function.call(given)
    assert (caught.value.code, caught.value.argument) == (code, argument)


def test_the_debenture_function_is_the_same_price() -> None:
    days = oracle.before(DAY(2002, 3, 4), 84)
    rows = [[serial(day), 4 + place % 7 / 10] for place, day in enumerate(days)]
    dates = (serial(DAY(2002, 3, 4)), serial(DAY(2001, 11, 12)))
    own = FUNCTIONS["DEBENTURE_CONVERSION_PRICE"].evaluate([rows, dates[1], dates[0]])
    assert FUNCTIONS["DEAL_PRICE"].evaluate(["debenture", rows, *dates]) == own


# Fees, limits, dates


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("DEAL_FEE", (1.0, None, None, "nope"), "#REF!"),
        ("DEAL_FEE", (1.0, None, 0.0301), "#NUM!"),
        ("DEAL_FEE", (1.0, None, 0.01, "lehman"), "#VALUE!"),
        ("DEAL_FEE", (40_000_000.01,), "#NUM!"),
        ("DEAL_FEE", (-1.0,), "#NUM!"),
        ("DEAL_FEE", ("1",), "#VALUE!"),
        ("ISSUE_HEADROOM", ("nope",), "#REF!"),
        ("ISSUE_HEADROOM", ("float",), "#REF!"),
        ("ISSUE_HEADROOM", ("exchange", 0.5), "#NUM!"),
        ("FLOAT_HEADROOM", (37_500_000.0, 2.0, [[None, None]], 45_012.0), "#N/A"),
        ("FLOAT_HEADROOM", (1.0, 2.0, [[45_000.0, -1.0]], 45_012.0), "#NUM!"),
        ("FLOAT_HEADROOM", (1.0, 2.0, [[None, 1.0]], 45_012.0), "#NUM!"),
        ("FLOAT_HEADROOM", (1.0, 2.0, [[45_000.0]], 45_012.0), "#VALUE!"),
        ("SPLIT_ADJUSTED", (1.0, 45_000.0, None, "both"), "#VALUE!"),
        ("SPLIT_ADJUSTED", (None, 45_000.0), "#NUM!"),
        ("WEIGHTED_SHARES", ([[45_000.0, 1.5]], 45_000.0, 45_001.0), "#NUM!"),
        ("WEIGHTED_SHARES", ([[45_000.0, 1.0]], 45_001.0, 45_000.0), "#NUM!"),
    ],
)
def test_errors(name: str, arguments: tuple[Any, ...], code: str) -> None:
    function = FUNCTIONS[name]
    given = [*arguments, *[None] * (len(function.arguments) - 1 - len(arguments))]
    assert function.evaluate([*given, "TODAY@2024-06-30"]) is CellError(code)


@pytest.mark.parametrize("number", [1e308, 1e-308, -1e308])
def test_numbers_at_the_edge(number: float) -> None:
    for name, function in FUNCTIONS.items():
        if name in ("EXPLAIN",) or not function.arguments:
            continue
        found = function.evaluate([number] * function.min_args)
        cells = [cell for row in found for cell in row] if isinstance(found, list) else [found]
        assert all(cell is not None for cell in cells), name


def test_fees_in_arrays() -> None:
    function = FUNCTIONS["DEAL_FEE"]
    found = function.evaluate([[[1e6], [2e6], ["x"]], None, [[0.01, 0.03]], None, "TODAY"])
    assert found == [[1e4, 3e4], [2e4, 6e4], [CellError("#VALUE!")] * 2]


def test_weighted_shares_over_a_split() -> None:
    rows = [[serial(DAY(2023, 12, 31)), 2_300.0], [serial(DAY(2024, 7, 1)), 100.0]]
    period = (serial(DAY(2024, 1, 1)), serial(DAY(2024, 12, 31)))
    found = FUNCTIONS["WEIGHTED_SHARES"].evaluate([rows, *period, "TODAY"])
    changes = [(DAY(2023, 12, 31), 2_300), (DAY(2024, 7, 1), 100)]
    split = [(DAY(2024, 7, 1), Fraction(23))]
    exact = oracle_deals.weighted_shares(changes, DAY(2024, 1, 1), DAY(2024, 12, 31), split)
    assert found == float(exact)
