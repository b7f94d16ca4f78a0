"""Arrays from Python: sequences, NumPy arrays and pandas Series, and where an error is in them."""

from __future__ import annotations

import datetime
import math
import subprocess
import sys
from collections import OrderedDict, deque
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import calls
import numpy as np
import pandas
import pytest
from calls import BIDS, ISSUE
from hypothesis import given
from hypothesis import strategies as st
from python_functions import called, refused

import xladdin
from xladdin.functions import python_calls
from xladdin.functions.arguments import PRICES, TEXT, Argument
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS

DAY = datetime.date(2001, 9, 10)


# Sequences


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ([1e6, 2e6], [40000.0, 80000.0]),
        ((1e6, 2e6), [40000.0, 80000.0]),
        (deque([1e6, 2e6]), [40000.0, 80000.0]),
        (range(100, 300, 100), [4.0, 8.0]),
        ([1e6], [40000.0]),
        ([[1e6]], [[40000.0]]),
        ([], []),
        ([[1e6, 2e6]], [[40000.0, 80000.0]]),
        ([[1e6], [2e6]], [[40000.0], [80000.0]]),
        ([(1e6, 2e6), (3e6, None)], [[40000.0, 80000.0], [120000.0, 0.0]]),
        ([np.int64(100), Decimal(200)], [4.0, 8.0]),
        ([np.array([100, 200])], [[4.0, 8.0]]),
    ],
)
def test_sequences_keep_their_nesting(given: Any, result: object) -> None:
    found = xladdin.ceo_fee(given)
    assert found == result
    assert type(found) is list


def test_sequences_broadcast() -> None:
    assert xladdin.ceo_fee([1e6, 2e6], prior=9e6) == [40000.0, 75000.0]
    assert xladdin.ceo_fee([1e6, 2e6], prior=[0, 9e6]) == [40000.0, 75000.0]
    assert xladdin.ceo_fee([1e6, 2e6], prior=[9e6]) == [40000.0, 75000.0]
    # A flat sequence is a column, so it spreads against a row.
    table = [[40000.0, 40000.0], [80000.0, 75000.0]]
    assert xladdin.ceo_fee([1e6, 2e6], prior=[[0, 9e6]]) == table
    assert refused("CEO_FEE", [1, 2], prior=[1, 2, 3]).code == "#VALUE!"


@pytest.mark.parametrize("uneven", [[[1.0], [1.0, 2.0]], [1.0, [2.0]], [[[1.0]]]])
def test_uneven_sequences(uneven: Any) -> None:
    error = refused("CEO_FEE", uneven)
    assert (error.code, error.argument, error.function) == ("#VALUE!", "gross", "CEO_FEE")


@given(st.lists(st.floats(0, 25e6), max_size=20))
def test_arrays_agree_with_single_values(amounts: list[float]) -> None:
    single = [xladdin.ceo_fee(amount) for amount in amounts]
    assert xladdin.ceo_fee(amounts) == single
    assert xladdin.ceo_fee([amounts]) == ([single] if amounts else [[]])
    found = xladdin.ceo_fee(np.array(amounts))
    assert found.tolist() == single
    assert found.shape == (len(amounts),)


# NumPy


@pytest.mark.parametrize("shape", [(0,), (1,), (6,), (1, 6), (6, 1), (2, 3), (1, 1)])
@pytest.mark.parametrize("dtype", ["float64", "float32", "longdouble", "int64", "uint8", "object"])
def test_numpy_in_numpy_out(shape: tuple[int, ...], dtype: str) -> None:
    count = int(np.prod(shape))
    amounts = (np.arange(count) * 25).astype(dtype).reshape(shape)
    found = xladdin.ceo_fee(amounts)
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float64
    assert found.shape == shape
    assert found.ravel().tolist() == list(range(count))


def test_numpy_types_of_results() -> None:
    counts = xladdin.cantor_warrants(np.array([4840, 9]))
    assert (counts.dtype, counts.tolist()) == (np.int64, [484, 0])
    flags = xladdin.classb_available(np.array([1.99, 2.0]))
    assert (flags.dtype, flags.tolist()) == (np.bool_, [False, True])
    huge = xladdin.debenture_shares(np.array([1e300]), 1.0)
    assert (huge.dtype, huge.tolist()) == (object, [xladdin.debenture_shares(1e300, 1.0)])
    for unit in ("D", "s", "ns"):
        days = xladdin.trading_day(np.array(["2001-09-10", "2001-09-17"], f"M8[{unit}]"), 1)
        assert days.dtype == object
        assert days.tolist() == [datetime.date(2001, 9, 17), datetime.date(2001, 9, 18)]


def test_numpy_broadcasts_and_mixes() -> None:
    table = [[40000.0, 40000.0], [80000.0, 75000.0]]
    found = xladdin.ceo_fee(np.array([1e6, 2e6]), prior=[[0, 9e6]])
    assert isinstance(found, np.ndarray)
    assert found.tolist() == table
    assert refused("CEO_FEE", np.zeros((2, 2, 2))).code == "#VALUE!"
    assert refused("CEO_FEE", np.array(["1"])).position == (0,)


# pandas


PLACES = pandas.Index(["May", "June", "July"], name="month")


def series(*values: Any, name: str | None = "gross", index: Any = PLACES) -> Any:
    return pandas.Series(list(values), index=index, name=name)


def test_a_series_comes_back_with_index_and_name() -> None:
    for whole in (False, True):  # a column of whole numbers is computed element by element
        given = series(1_000_000, 2_000_000, 25_000_000) if whole else series(1e6, 2e6, 25e6)
        found = xladdin.ceo_fee(given)
        pandas.testing.assert_series_equal(found, series(40000.0, 80000.0, 900000.0))
    assert xladdin.ceo_fee(series(index=[])).shape == (0,)


def test_series_of_every_result() -> None:
    counts = xladdin.cantor_warrants(series(4840, 9, 20))
    pandas.testing.assert_series_equal(counts, series(484, 0, 2))
    flags = xladdin.classb_available(series(1.99, 2.0, 3.0))
    pandas.testing.assert_series_equal(flags, series(False, True, True))
    days = series(*pandas.to_datetime(list(BIDS)[:3]), name="day")
    assert xladdin.trading_day(days, 0).tolist() == list(BIDS)[:3]
    assert xladdin.trading_day(days, 0).index.equals(PLACES)


def test_series_beside_other_arguments() -> None:
    gross = series(1e6, 2e6, 3e6)
    wanted = [40000.0, 75000.0, 120000.0]
    for prior in (series(0.0, 9e6, 0.0, name="prior"), [0.0, 9e6, 0.0], np.array([0.0, 9e6, 0.0])):
        found = xladdin.ceo_fee(gross, prior)
        assert isinstance(found, pandas.Series)
        assert found.tolist() == wanted
        assert found.index.equals(PLACES)
        # As in pandas' own arithmetic: two names are none.
        assert found.name == (None if isinstance(prior, pandas.Series) else "gross")
    assert xladdin.ceo_fee(gross, gross * 0).name == "gross"
    assert xladdin.ceo_fee([1e6, 2e6, 3e6], prior=series(0.0, 9e6, 0.0)).tolist() == wanted
    table = xladdin.ceo_fee(gross, prior=[[0.0, 9e6]])
    assert isinstance(table, np.ndarray)
    assert table.shape == (3, 2)
    lone = series(9e6, index=["all"])
    assert xladdin.ceo_fee(gross, prior=lone).index.equals(PLACES)
    assert isinstance(xladdin.ceo_fee([1e6, 2e6], prior=lone), np.ndarray)


def test_series_of_unlike_index_are_not_paired() -> None:
    """What stands in one place belongs to two months: no result could be right."""
    gross, other = series(1e6, 2e6, 3e6), series(0.0, 9e6, 0.0, index=PLACES[::-1])
    error = refused("CEO_FEE", gross, other)
    assert (error.code, error.argument) == ("#VALUE!", "prior")
    assert "the index of gross" in str(error)
    assert refused("CEO_FEE", gross, other, errors="coerce").argument == "prior"
    shares, prices = series(1000, 3000, 0), series(4.0, 4.5, 9.0, index=PLACES[::-1])
    assert refused("CANTOR_EXERCISE_PRICE", shares, prices).argument == "prices"


def test_frames_and_series_of_quotations() -> None:
    frame = pandas.DataFrame({"day": pandas.to_datetime(list(BIDS)), "bid": list(BIDS.values())})
    price = xladdin.debenture_conversion_price(BIDS, ISSUE)
    assert xladdin.debenture_conversion_price(frame, ISSUE) == price
    assert xladdin.debenture_conversion_price(frame.set_index("day")["bid"], ISSUE) == price
    assert xladdin.explain("DEBENTURE_CONVERSION_PRICE", BIDS, ISSUE)[-1][3] == price
    found = xladdin.ceo_fee(frame[["bid"]])
    assert isinstance(found, np.ndarray)
    assert found.shape == (5, 1)


def test_names_of_columns_are_headings() -> None:
    days = list(BIDS)
    frame = pandas.DataFrame({"Date": days, "Market value": [8.0] * 5, "Closing bid": [4.0] * 5})
    call: Any = partial(xladdin.deal_price, "debenture", issue_date=ISSUE)
    right = 9.6  # 120% of the market values
    assert call(frame) == right
    assert xladdin.explain("DEAL_PRICE", "debenture", frame, None, ISSUE)[-1][3] == right
    by_day = frame.set_index("Date")
    assert call(by_day) == call(by_day.set_index(pandas.to_datetime(days))) == right
    assert call(by_day[["Closing bid"]]) == pytest.approx(4.8)
    # Names that are numbers are none: the columns are read by their place.
    assert call(frame.set_axis([0, 1, 2], axis=1)[[0, 2, 1]]) == right
    with pytest.raises(xladdin.InputError, match="must have a column headed market value"):
        call(frame.rename(columns={"Market value": "x", "Closing bid": "y"}))
    frame.loc[3, "Closing bid"] = -1
    frame.loc[3, "Market value"] = -1
    for table in (frame, frame.set_index("Date")):
        with pytest.raises(xladdin.InputError) as caught:
            call(table)
        assert caught.value.position == (3, table.columns.get_loc("Market value"))


def test_frames_without_rows() -> None:
    none = pandas.DataFrame({"Date": [], "USD": []})
    assert xladdin.float_headroom(23_690_126, 2.12, none, ISSUE) == 16_741_022.373333335
    assert xladdin.diluted_eps(100, 10, pandas.DataFrame()) == 10


def test_series_are_explained_as_they_are_computed() -> None:
    """A Series is a column, and no table of labels and values, where no quotations are wanted."""
    shares, prices = pandas.Series([1000, 3000], [1, 2]), pandas.Series([4.0, 4.5], [1, 2])
    wanted = xladdin.cantor_exercise_price(shares, prices)
    assert wanted == 5.6875
    assert xladdin.explain("cantor_exercise_price", shares, prices)[-1][3] == wanted


# NaN in the place of errors


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf, 25_000_000.01, "1", True])
def test_coerced_single_values(wrong: Any) -> None:
    assert refused("CEO_FEE", wrong)
    assert refused("CEO_FEE", wrong, errors="raise")
    assert math.isnan(called("CEO_FEE")(wrong, errors="coerce"))
    assert xladdin.ceo_fee(2e6, errors="coerce") == 80000.0


KINDS: dict[str, Any] = {"list": list, "array": np.array, "Series": pandas.Series}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", [-1.0, math.nan, 25_000_000.01])
@pytest.mark.parametrize("prior", [None, 0, [0, 0, 0]])
def test_coerced_elements(kind: str, wrong: float, prior: Any) -> None:
    given = KINDS[kind]([1e6, wrong, 3e6])
    assert refused("CEO_FEE", given, prior).position == (1,)
    found = called("CEO_FEE")(given, prior, errors="coerce")
    assert type(found) is type(given)
    first, second, third = list(found)
    assert (first, third) == (40000.0, 120000.0)
    assert math.isnan(second)


def test_coerced_types() -> None:
    counts = xladdin.cantor_warrants(np.array([4840.0, 0.5]), errors="coerce")
    assert counts.dtype == np.float64
    assert counts[0] == 484
    huge = xladdin.debenture_shares(np.array([1e300, -1.0]), 1.0, errors="coerce")
    assert huge.dtype == object
    assert huge[0] == xladdin.debenture_shares(1e300, 1.0)
    flags = xladdin.classb_available(np.array([2.0, 0.0]), errors="coerce")
    assert flags.dtype == object
    assert flags[0] is True
    days = xladdin.trading_day(
        pandas.Series([pandas.Timestamp(DAY), pandas.NaT]), 1, errors="coerce"
    )
    assert days[0] == datetime.date(2001, 9, 17)
    assert math.isnan(days[1])
    rows = xladdin.ceo_fee([[1e6, -1.0], [2e6, 3e6]], errors="coerce")
    assert rows[1] == [80000.0, 120000.0]
    assert math.isnan(rows[0][1])


def test_what_is_no_elements_fault_is_raised_all_the_same() -> None:
    for gross in (1.0, [1.0, 2.0], np.array([1.0, 2.0]), pandas.Series([1.0, math.nan])):
        error = refused("CEO_FEE", gross, terms="NOBODY-2001", errors="coerce")
        assert (error.code, error.argument) == ("#REF!", "terms")
    assert refused("CEO_FEE", [1, 2], [1, 2, 3], errors="coerce").code == "#VALUE!"
    assert refused("CEO_FEE", [[1], [2, 3]], errors="coerce").code == "#VALUE!"
    assert refused("CEO_FEE", np.zeros((2, 2, 2)), errors="coerce").code == "#VALUE!"


@pytest.mark.parametrize("errors", ["ignore", "", None, True])
def test_other_ways_to_treat_errors_are_refused(errors: Any) -> None:
    with pytest.raises(ValueError, match="errors must be 'raise' or 'coerce'"):
        called("CEO_FEE")(1.0, errors=errors)


@pytest.mark.parametrize("name", [one.name for one in FUNCTIONS.values() if one.each])
def test_every_function_of_elements_coerces(name: str) -> None:
    function = FUNCTIONS[name]
    arguments = [one for one in function.arguments if one.kind.name != "terms"]
    given: list[Any] = [calls.good_value(one) for one in arguments]
    numbers = [at for at, one in enumerate(arguments) if not one.kind.ranged]
    place = next((at for at in numbers if arguments[at].kind.unit), numbers[0])
    given[place] = [{"TRADING_DAY": 0.5, "MAKE_WHOLE": math.inf}.get(name, -1.0)]
    (found,) = called(name)(*given, errors="coerce")
    assert math.isnan(found)


# What is imported


def test_nothing_is_imported_for_callers_who_pass_none_of_it() -> None:
    code = (
        "import sys, xladdin; xladdin.ceo_fee([1e6, -1], errors='coerce'); "
        "xladdin.ceo_fee(1e6); import numpy; xladdin.ceo_fee(numpy.array([1e6])); "
        "print('pandas' in sys.modules)"
    )
    root = Path(xladdin.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout == "False\n"


# Where an error is


@pytest.mark.parametrize("kind", [list, np.array])
def test_positions_are_the_callers_own(kind: Any) -> None:
    assert refused("CEO_FEE", kind([1.0, -1.0])).position == (1,)
    assert refused("CEO_FEE", kind([-1.0])).position == (0,)
    assert refused("CEO_FEE", kind([[-1.0]])).position == (0, 0)
    assert refused("CEO_FEE", kind([[1.0, 2.0], [3.0, -1.0]])).position == (1, 1)
    assert refused("CEO_FEE", kind([[1.0, 2.0]]), kind([[0.0], [-1.0]])).position == (1, 0)
    error = refused("CEO_FEE", kind([1.0, 2.0]), kind([[0.0, 0.0, -1.0]]))
    assert (error.argument, error.position) == ("prior", (0, 2))
    assert "prior, row 1, column 3," in str(error)
    assert refused("CEO_FEE", kind([1.0, 2.0]), kind([-3.0])).position == (0,)


def test_positions_of_elements_that_fail_together() -> None:
    """Each is fine by itself; the one that is blamed is so in its own index."""
    assert refused("CEO_FEE", [1e6, 25e6], 1e6).position == (1,)
    assert refused("CEO_FEE", [[1e6, 2e6]], [[0.0], [24.5e6]]).position == (0, 0)
    assert refused("CEO_FEE", [1e6, 2e6], [[0.0, 24.5e6]]).position == (0,)
    # A single value has no index: the place in the result says with what it failed.
    assert refused("CEO_FEE", 1e6, [0.0, 24.5e6]).position == (1,)


# Whole ranges


def test_a_whole_range_beside_an_array() -> None:
    function = Function(
        name="REPEATED",
        summary="A label, once for each amount.",
        arguments=(Argument("label", TEXT, "A label."), Argument("amounts", PRICES, "Amounts.")),
        result="text",
        source="",
        implementation=lambda label, rows: label * len(rows),
        each=True,
        example="",
        shows="",
    )
    # One value: a whole range does not spread.
    assert python_calls.call(function, ("a", [1, 2])) == "aa"


def test_whole_ranges() -> None:
    price = xladdin.cantor_exercise_price([1000, 3000], [4.0, 4.5])
    assert price == 5.6875
    assert xladdin.cantor_exercise_price([[1000, 3000]], [[4.0, 4.5]]) == price
    found = xladdin.cantor_exercise_price(np.array([1000, 3000]), np.array([4.0, 4.5]))
    assert type(found) is float
    assert found == price
    assert xladdin.cantor_exercise_price(1000, 4.0) == 5.2
    assert refused("CANTOR_EXERCISE_PRICE", [1, 2], [4.0]).code == "#VALUE!"


@pytest.mark.parametrize(
    "quotes",
    [
        BIDS,
        OrderedDict(reversed(BIDS.items())),
        list(BIDS.items()),
        tuple([day, bid] for day, bid in BIDS.items()),
        [("date", "bid"), *BIDS.items()],
        [(day, bid, None) for day, bid in BIDS.items()],
        np.array(list(BIDS.items()), dtype=object),
        {np.datetime64(day): np.float64(bid) for day, bid in BIDS.items()},
        {datetime.datetime(day.year, day.month, day.day): bid for day, bid in BIDS.items()},
    ],
)
def test_quotes(quotes: Any) -> None:
    assert called("DEBENTURE_CONVERSION_PRICE")(quotes, ISSUE) == 4.8


def test_wrong_quotes() -> None:
    first = next(iter(BIDS))
    assert refused("DEBENTURE_CONVERSION_PRICE", {}, ISSUE).code == "#VALUE!"
    assert refused("DEBENTURE_CONVERSION_PRICE", dict([*BIDS.items()][1:]), ISSUE).code == "#N/A"
    assert refused("DEBENTURE_CONVERSION_PRICE", {**BIDS, first: -1.0}, ISSUE).code == "#NUM!"
    assert called("DEBENTURE_CONVERSION_PRICE")({**BIDS, ISSUE: -1.0}, ISSUE) == 4.8  # not judged
    assert refused("DEBENTURE_CONVERSION_PRICE", BIDS, [ISSUE, ISSUE]).code == "#VALUE!"
