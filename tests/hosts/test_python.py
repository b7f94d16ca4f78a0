"""Python's door: the functions in lower case, arrays, positions of errors, the type stub."""

from __future__ import annotations

import copy
import datetime
import inspect
import pickle
import subprocess
import sys
from collections import OrderedDict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xladdin
from xladdin.calling import Function
from xladdin.hosts import python, stub
from xladdin.kinds import AMOUNT, PRICES, TEXT, Argument
from xladdin.registry import FUNCTIONS

DAY = datetime.date(2001, 9, 10)
BIDS = {
    datetime.date(2001, 11, 5): 4.0,
    datetime.date(2001, 11, 6): 4.1,
    datetime.date(2001, 11, 7): 4.2,
    datetime.date(2001, 11, 8): 4.0,
    datetime.date(2001, 11, 9): 3.7,
}
ISSUE = datetime.date(2001, 11, 12)

every_function = pytest.mark.parametrize("name", list(FUNCTIONS))


def called(name: str) -> Any:
    return getattr(xladdin, name.lower())


def refused(name: str, *arguments: Any, **named: Any) -> xladdin.InputError:
    with pytest.raises(xladdin.InputError) as caught:
        called(name)(*arguments, **named)
    return caught.value


# Single values


def test_values_of_every_type() -> None:
    assert xladdin.ceo_fee(2e6, prior=9e6) == 75000.0
    assert xladdin.ceo_fee(2_000_000, 9_000_000) == 75000.0
    assert xladdin.ceo_fee(Decimal(2_000_000), Fraction(9_000_000)) == 75000.0
    assert called("CEO_FEE")(np.float64(2e6), prior=np.int64(9_000_000)) == 75000.0
    assert called("CEO_FEE")(np.array(2e6), prior=np.float32(9e6)) == 75000.0
    assert xladdin.ceo_fee(8.4e6, terms="NEOT-2001/OTHER") == 336000.0
    assert xladdin.ceo_fee(2e6, None, None) == 80000.0


def test_results_have_python_types() -> None:
    assert type(xladdin.ceo_fee(2_000_000)) is float
    assert type(xladdin.cantor_warrants(4840.0)) is int
    assert xladdin.cantor_warrants(4840.0) == 484
    assert xladdin.classb_available(2) is True
    assert xladdin.trading_day(DAY, 1) == datetime.date(2001, 9, 17)
    assert type(xladdin.trading_day(datetime.datetime(2001, 9, 10, 16), 1)) is datetime.date
    assert called("TRADING_DAY")(np.datetime64("2001-09-10"), 1) == datetime.date(2001, 9, 17)
    assert xladdin.trading_day(37144.0, 1) == datetime.date(2001, 9, 17)
    assert xladdin.deal_source("class_b.cap_price") == "S-7"
    assert xladdin.xladdin_version() == xladdin.__version__


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("2000000", "#VALUE!"),
        (True, "#VALUE!"),
        (np.True_, "#VALUE!"),
        (b"2", "#VALUE!"),
        (object(), "#VALUE!"),
        ({1.0, 2.0}, "#VALUE!"),
        ((number for number in [1.0]), "#VALUE!"),
        (-1, "#NUM!"),
        (float("nan"), "#NUM!"),
        (10**400, "#NUM!"),
        (Decimal("Infinity"), "#NUM!"),
    ],
)
def test_wrong_values(wrong: object, code: str) -> None:
    error = refused("CEO_FEE", wrong)
    assert isinstance(error, ValueError)
    assert (error.code, error.argument, error.function) == (code, "gross", "CEO_FEE")
    assert error.value is wrong or error.value == wrong
    assert error.position == ()
    assert "gross" in str(error)


def test_no_time_is_no_blank() -> None:
    pandas = pytest.importorskip("pandas")
    for nothing in (np.datetime64("NaT"), pandas.NaT):
        assert refused("TRADING_DAY", nothing, 1).code == "#NUM!"
        assert refused("TRADING_DAY", [DAY, nothing], 1).position == (1,)
        # Were it a blank, this would be the initial price.
        assert refused("DEBENTURE_CONVERSION_PRICE", BIDS, ISSUE, nothing).code == "#NUM!"


# Being a Python function


@every_function
def test_signature(name: str) -> None:
    function, made = FUNCTIONS[name], called(name)
    assert made.__name__ == made.__qualname__ == name.lower()
    assert made.__module__ == "xladdin"
    parameters = inspect.signature(made).parameters
    assert list(parameters) == [argument.name for argument in function.arguments]
    for argument in function.arguments:
        # An argument that repeats has no default: it is there as often as it is given.
        repeats = function.variadic and argument is function.arguments[-1]
        default = None if argument.optional and not repeats else inspect.Parameter.empty
        assert parameters[argument.name].default is default
        assert (parameters[argument.name].kind is inspect.Parameter.VAR_POSITIONAL) == repeats


@every_function
def test_documentation(name: str) -> None:
    function = FUNCTIONS[name]
    text = inspect.getdoc(called(name))
    assert text is not None
    assert text.startswith(function.summary)
    squeezed = " ".join(text.split())
    assert all(f"{item.name}: {item.help}" in squeezed for item in function.arguments)
    assert all(len(line) <= 100 for line in text.splitlines())


@every_function
def test_wrong_calls_are_type_errors(name: str) -> None:
    function = FUNCTIONS[name]
    too_many = [1.0] * (function.max_args + 1)
    if function.variadic:  # Python takes any number; a worksheet does not
        assert refused(name, *too_many).code == "#VALUE!"
    else:
        with pytest.raises(TypeError, match=rf"{name.lower()}\(\) takes"):
            called(name)(*too_many)
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
        called(name)(nonsense=1)
    if function.min_args:
        with pytest.raises(TypeError, match="missing"):
            called(name)()


def test_functions_travel() -> None:
    assert pickle.loads(pickle.dumps(xladdin.ceo_fee)) is xladdin.ceo_fee
    assert copy.deepcopy(xladdin.ceo_fee) is xladdin.ceo_fee
    error = pickle.loads(pickle.dumps(refused("CEO_FEE", [1.0, -1.0])))
    assert (error.code, error.argument, error.position) == ("#NUM!", "gross", (1,))


def made(**changes: Any) -> Function:
    fields: dict[str, Any] = {
        "name": "TOTAL",
        "summary": "Total of amounts.",
        "arguments": (Argument("label", TEXT, "A label."), Argument("amount", AMOUNT, "Amounts.")),
        "result": "USD",
        "source": "",
        "implementation": lambda label, amount: f"{label}: {amount}",
        "each": False,
        "example": "",
    }
    return Function(**{**fields, **changes})


def test_an_argument_that_repeats() -> None:
    built = python._define(made(variadic=True))
    assert str(inspect.signature(built)) == "(label, *amount)"
    assert built("sum", 4) == "sum: 4.0"


@pytest.mark.parametrize("name", ["class", "a b", "1st", "a=__import__('os')"])
def test_names_are_checked_before_they_are_compiled(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a name"):
        python._define(made(arguments=(Argument(name, AMOUNT, ""),)))


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


def test_pandas_columns() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"day": pandas.to_datetime(list(BIDS)), "bid": list(BIDS.values())})
    found = xladdin.classb_exercise_price(frame["bid"])
    assert isinstance(found, np.ndarray)
    assert found[0] == xladdin.classb_exercise_price(4.0)
    price = xladdin.debenture_conversion_price(BIDS, ISSUE)
    assert xladdin.debenture_conversion_price(frame, ISSUE) == price
    assert xladdin.debenture_conversion_price(frame.set_index("day")["bid"], ISSUE) == price
    assert xladdin.trading_day(frame["day"], 0).tolist() == list(BIDS)


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
    arguments = (Argument("label", TEXT, "A label."), Argument("amounts", PRICES, "Amounts."))
    built = python._define(
        made(arguments=arguments, each=True, implementation=lambda label, rows: label * len(rows))
    )
    assert built("a", [1, 2]) == "aa"  # one value: a whole range does not spread


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


# The package


def test_package_lists_its_names() -> None:
    names = dir(xladdin)
    assert {name.lower() for name in FUNCTIONS} < set(names)
    assert {"InputError", "load_terms", "build", "recalc", "__version__"} < set(names)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = xladdin.nonsense  # type: ignore[attr-defined]


@every_function
def test_no_function_hides_a_module(name: str) -> None:
    modules = {path.stem for path in Path(xladdin.__file__).parent.iterdir()}
    assert name.lower() not in modules
    assert not vars(xladdin)["_HOMES"].keys() & modules


def test_import_loads_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import xladdin; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before})); "
        "print(*[name for name in sys.modules if name.startswith('xladdin')]); "
        "from xladdin import values; "
        "print('xladdin.registry' in sys.modules); "
        "import xladdin.registry; xladdin.ceo_fee(1); "
        "print(*{'numpy', 'holidays', 'xlwings', 'openpyxl', 'click'} & set(sys.modules))"
    )
    root = Path(xladdin.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    roots, own, registry, heavy = done.stdout.splitlines()
    assert set(roots.split()) <= {"importlib", "warnings", "xladdin"}
    assert own == "xladdin"
    assert registry == "False"
    assert heavy == ""


def test_stub_is_what_the_registry_gives() -> None:
    written = stub.PATH.read_text(encoding="utf-8")
    assert written == stub.stub(), "run: python -m xladdin.hosts.stub"
