"""How any worksheet function is called: hostile cells, blanks, arrays, precedence of errors.

Everything here runs over the whole registry. A new function is covered by being in it; a new kind
of argument needs a line in `GOOD` and in `expected`.

EXPLAIN passes its arguments on to another function, and puts what that function gives, errors
included, in the Result column of its last row. What comes out there is judged as if that function
had been called; here it is CEO_FEE. Only a wrong name, of the wrong type, is an error of its own.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import pytest
import strategies
from hypothesis import example, given
from hypothesis import strategies as st

from xladdin.core.errors import InputError
from xladdin.functions import arguments as kinds
from xladdin.functions.arguments import ANYTHING, TERMS, Argument
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS
from xladdin.functions.shapes import MAX_CELLS
from xladdin.terms import select
from xladdin.values import CLASSIC_ERRORS, Block, Cell, CellError, serial_of

NA, REF, DIV0 = CellError("#N/A"), CellError("#REF!"), CellError("#DIV/0!")
VALUE = CellError("#VALUE!")

ISSUED: Final = float(serial_of(datetime.date(2001, 11, 12)))

GOOD: Final[dict[str, Any]] = {
    "amount": 100.0,
    "price": 4.0,
    "exercise price": 3.0,
    "ratio": 1.0,
    "count": 10.0,
    "offset": 1.0,
    "date": ISSUED,
    "text": "class_b.cap_price",
    "anything": 100.0,
    "terms": "NEOT-2001",
    "counts": [[10.0], [20.0], [30.0]],
    "prices": [[4.0], [5.0], [6.0]],
    "quotes": [
        ["Date", "Bid", "Market value"],
        *[[ISSUED - back, 4.0, 4.5] for back in (7, 6, 5, 4, 3)],
    ],
}
"""A value of each kind with which every function succeeds."""

EXPLAINED: Final = "CEO_FEE"
"""What EXPLAIN is asked to explain here."""
RESULT: Final = 3
"""Where EXPLAIN's rows have the result."""

ANY: Final = "any"
"""Expected of a number within the argument's domain: the function may still refuse it."""

HOSTILE: Final[dict[str, Cell]] = {
    "blank": None,
    "empty text": "",
    "space": " ",
    "text": "text",
    "text of a number": "4.04",
    "text of a date": "2001-09-10",
    "text of an error": "#N/A",
    "TRUE": True,
    "FALSE": False,
    "zero": 0.0,
    "minus zero": -0.0,
    "minus one": -1.0,
    "half": 1.5,
    "tiny": 5e-324,
    "huge": 1e308,
    "minus huge": -1e308,
    "greatest": math.nextafter(math.inf, 0),
    "nan": math.nan,
    "inf": math.inf,
    "minus inf": -math.inf,
    "a date": 37144.0,
    "a moment": 37144.75,
    "no date": 60.0,
    "past the last date": 2958466.0,
    "2^53": 2.0**53,
    **{code: CellError(code) for code in [*CLASSIC_ERRORS, "#SPILL!", "#CALC!"]},
}

TEXTS: Final = {
    "space": " ",
    "another": "nope",
    "no agreement after the slash": "NEOT-2001/",
    "no deal before the slash": "/OTHER",
    "unknown agreement": "NEOT-2001/NOPE",
    "two slashes": "NEOT-2001/OTHER/",
    "parent": "../NEOT-2001",
    "parent only": "..",
    "agreement by path": "NEOT-2001/../x",
    "absolute": "/etc/passwd",
    "drive": "C:\\x",
    "share": "\\\\server\\share\\NEOT-2001",
    "address": "https://example.com/NEOT-2001",
    "file name": "NEOT-2001.toml",
    "wildcard": "NEOT*",
    "null": "NEOT-2001\0",
    "line end": "NEOT-2001/OTHER\nx",
    "other hyphen": "NEOT\u20112001",
    "full width": "\uff2e\uff25\uff2f\uff34-2001",
    "long": "N" * 100_000,
    "text of an error": "#N/A",
}

every_function = pytest.mark.parametrize("name", list(FUNCTIONS))
every_argument = pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param(name, place, id=f"{name}-{argument.name}")
        for name, function in FUNCTIONS.items()
        for place, argument in enumerate(function.arguments)
    ],
)
every_terms = pytest.mark.parametrize(
    "name",
    [name for name, item in FUNCTIONS.items() if TERMS in {one.kind for one in item.arguments}],
)
every_number = pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param(name, place, id=f"{name}-{argument.name}")
        for name, function in FUNCTIONS.items()
        for place, argument in enumerate(function.arguments)
        if argument.kind.name in ("amount", "price", "exercise price", "ratio", "count", "offset")
    ],
)
every_element = pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param(name, place, id=f"{name}-{argument.name}")
        for name, function in FUNCTIONS.items()
        for place, argument in enumerate(function.arguments)
        if function.each and argument.kind is not TERMS
    ],
)
"""Every argument that a function takes element by element."""


def good_value(argument: Argument) -> Any:
    """A value with which a function succeeds."""
    return EXPLAINED if argument.name == "function" else GOOD[argument.kind.name]


def good(function: Function) -> list[Any]:
    """Arguments with which a function succeeds."""
    return [good_value(argument) for argument in function.arguments]


def put(function: Function, place: int, value: Any) -> list[Any]:
    """Good arguments but for one."""
    arguments = good(function)
    arguments[place] = value
    return arguments


def is_cell(value: object) -> bool:
    """Whether a spreadsheet can hold a value: no blank, nothing but finite doubles."""
    if type(value) is float:
        return math.isfinite(value) and (value != 0 or math.copysign(1, value) == 1)
    return type(value) in (bool, str, CellError)


def is_result(value: object) -> bool:
    """Whether a spreadsheet can show a result: a value, or a rectangle of values."""
    if not isinstance(value, list):
        return is_cell(value)
    return (
        bool(value)
        and bool(value[0])
        and all(len(row) == len(value[0]) and all(map(is_cell, row)) for row in value)
    )


def expected(argument: Argument, cell: Cell) -> str:
    """What SPEC section 2 says of a cell in one argument: a code, "" for success, or ANY."""
    if argument.kind is ANYTHING:
        argument = FUNCTIONS[EXPLAINED].arguments[0]._replace(optional=argument.optional)
    kind = argument.kind.name
    if isinstance(cell, CellError):
        return cell.code
    if cell is None or cell == "":
        wrong = dict.fromkeys(("price", "exercise price", "ratio", "date"), "#NUM!")
        wrong["text"] = "#VALUE!"
        return "" if argument.optional else wrong.get(kind, "")
    if kind in ("text", "terms"):
        # A deal or a figure is referred to; no function by such a name is a wrong value.
        return "#REF!" if isinstance(cell, str) and argument.name != "function" else "#VALUE!"
    if isinstance(cell, str | bool):
        return "#VALUE!"
    if not math.isfinite(cell):
        return "#NUM!"
    domains = {
        "amount": cell >= 0,
        "price": cell > 0,
        "exercise price": cell >= 0,
        "ratio": cell > 0,
        "count": cell >= 0 and cell.is_integer(),
        "offset": cell.is_integer(),
        "date": 1 <= cell < 2958466 and int(cell) != 60,
    }
    return ANY if domains[kind] else "#NUM!"


def agrees(found: Any, wanted: str) -> bool:
    """Whether a result is the error asked for, or a success."""
    if wanted == ANY:
        return is_cell(found) and getattr(found, "code", "#NUM!") in ("#NUM!", "#N/A")
    return found is CellError(wanted) if wanted else is_cell(found) and type(found) is not CellError


def outcome(function: Function, found: Any) -> Any:
    """The value that a call is about: of EXPLAIN's rows the one they lead to."""
    if not function.spills or isinstance(found, CellError):
        return found
    assert isinstance(found, list)
    value = found[-1][RESULT]
    if isinstance(value, CellError):
        assert len(found) == 2  # headings, and what is wrong in words
        assert value.code in found[-1][0]
    return value


def evaluated(function: Function, arguments: Sequence[Any]) -> Any:
    """The value that a cell call is about."""
    found = function.evaluate(arguments)
    assert is_result(found)
    return outcome(function, found)


def code_of_call(function: Function, arguments: Sequence[Any]) -> str:
    """The code that a Python call raises, or that EXPLAIN tells of; "" if it succeeds."""
    try:
        value = outcome(function, function.call(arguments))
    except InputError as raised:
        error = raised
    else:
        return value.code if isinstance(value, CellError) else ""
    assert error.argument in {"", *(argument.name for argument in function.arguments)}
    assert error.function == function.name
    assert error.rule
    assert error.code in str(error)
    return error.code


# One cell


@every_function
def test_good_arguments_succeed(name: str) -> None:
    function = FUNCTIONS[name]
    found = evaluated(function, good(function))
    assert agrees(found, "")
    if function.variadic:
        return  # how many it needs depends on the function that it explains
    # The least number of arguments is enough, and blanks stand for the rest.
    least = good(function)[: function.min_args]
    short = function.evaluate(least)
    assert agrees(short, "")
    gaps = [None] * (function.max_args - function.min_args)
    assert function.evaluate([*least, *gaps]) == short


@every_argument
def test_hostile_cells(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    argument = function.arguments[place]
    for label, cell in HOSTILE.items():
        arguments = put(function, place, cell)
        found = evaluated(function, arguments)
        if argument.kind.ranged and argument.kind is not ANYTHING:
            # One cell is a range of one cell: of the wrong size, beside what the others hold.
            assert found is (cell if isinstance(cell, CellError) else VALUE), label
        else:
            assert agrees(found, expected(argument, cell)), f"{label}: {found}"
        assert evaluated(function, put(function, place, [[cell]])) == found, label
        # A Python call raises what a cell shows; but a count too large for a cell is one there.
        code = code_of_call(function, arguments)
        if code or not isinstance(found, CellError):
            assert code == getattr(found, "code", ""), label
        else:
            assert type(function.call(arguments)) is int, label


@every_number
def test_minus_zero_is_zero(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    zero = function.evaluate(put(function, place, 0.0))
    assert function.evaluate(put(function, place, -0.0)) == zero


OUTSIDE: Final[dict[str, Any]] = {
    "bytes": b"1",
    "complex": 1j,
    "object": object(),
    "set": {1.0},
    "dict": {"a": 1.0},
}


@every_argument
def test_things_that_are_no_cells(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    for label, thing in OUTSIDE.items():
        assert code_of_call(function, put(function, place, thing)) == "#VALUE!", label


@every_number
def test_numbers_of_every_type(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    wanted = function.call(put(function, place, 4.0))
    for number in (4, Decimal(4), Fraction(4)):
        assert function.call(put(function, place, number)) == wanted, number


UNHOLDABLE: Final[dict[str, Any]] = {
    "10^400": 10**400,
    "10^5000": 10**5000,  # Python refuses to print so many digits
    "NaN": Decimal("NaN"),
    "sNaN": Decimal("sNaN"),
    "Infinity": Decimal("Infinity"),
    "1e999999": Decimal("1e999999"),
    "fraction": Fraction(10**400),
}


@every_argument
def test_numbers_that_no_double_holds(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    kind = function.arguments[place].kind
    no_number = kind.name in ("text", "terms") or (kind.ranged and kind is not ANYTHING)
    wanted = "#VALUE!" if no_number else "#NUM!"
    for label, number in UNHOLDABLE.items():
        assert code_of_call(function, put(function, place, number)) == wanted, label


@every_argument
def test_dates_are_no_numbers(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    kind = function.arguments[place].kind.name
    day = datetime.date(2001, 11, 12)
    for date in (day, datetime.datetime(2001, 11, 12, 16)):
        code = code_of_call(function, put(function, place, date))
        assert code == ("" if kind == "date" else "#VALUE!")


@every_function
def test_numbers_of_arguments(name: str) -> None:
    function = FUNCTIONS[name]
    wrong = [[*good(function), *[1.0] * 300]]
    if not function.variadic:
        wrong.append([*good(function), None])
    if function.min_args:
        wrong += [[], good(function)[: function.min_args - 1]]
    for arguments in wrong:
        assert function.evaluate(arguments) is VALUE
        assert code_of_call(function, arguments) == "#VALUE!"


# Terms


@every_terms
def test_wrong_terms(name: str) -> None:
    function = FUNCTIONS[name]
    for label, text in TEXTS.items():
        arguments = [*good(function)[:-1], text]
        assert function.evaluate(arguments) is REF, label
        assert code_of_call(function, arguments) == "#REF!", label


@pytest.mark.parametrize("wrong", [5.0, True, 37144.0, math.nan])
@every_terms
def test_terms_of_the_wrong_type(name: str, wrong: Cell) -> None:
    function = FUNCTIONS[name]
    assert function.evaluate([*good(function)[:-1], wrong]) is VALUE


@every_terms
def test_terms_in_any_case_and_with_blanks_around(name: str) -> None:
    function = FUNCTIONS[name]
    first = good(function)[:-1]
    default = function.evaluate(first)
    for text in ("NEOT-2001", "neot-2001", " NeoT-2001 ", "NEOT-2001/SALES", "neot-2001 / sales"):
        assert function.evaluate([*first, text]) == default
    other = function.evaluate([*first, "NEOT-2001/OTHER"])
    assert agrees(other, "")
    assert function.evaluate([*first, "neot-2001/other"]) == other


@every_terms
def test_terms_are_one_cell(name: str) -> None:
    function = FUNCTIONS[name]
    first = good(function)[:-1]
    assert function.evaluate([*first, [["NEOT-2001"], ["NEOT-2001"]]]) is VALUE
    assert function.evaluate([*first, [["NEOT-2001"]]]) == function.evaluate(first)
    assert function.evaluate([*first, [["nope"]]]) is REF


# Precedence


@every_function
def test_the_first_error_comes_out(name: str) -> None:
    function = FUNCTIONS[name]
    count = len(function.arguments)
    for left in range(count):
        for right in range(left + 1, count):
            arguments = put(function, left, NA)
            arguments[right] = REF
            assert function.evaluate(arguments) is NA
            if function.arguments[right].kind.errors:
                continue  # the function to explain has to be known before its arguments matter
            # An error in a cell goes before what is wrong with another cell.
            arguments = put(function, left, object())
            arguments[right] = DIV0
            assert function.evaluate(arguments) is DIV0


@every_function
def test_wrong_arguments_are_judged_from_the_left(name: str) -> None:
    function = FUNCTIONS[name]
    wrong = [
        (True, "#VALUE!") if argument.kind.name in ("text", "terms") or argument.kind.ranged
        else (math.nan, "#NUM!")
        for argument in function.arguments
    ]  # fmt: skip
    for left in range(len(wrong)):
        for right in range(left + 1, len(wrong)):
            if function.arguments[left].kind.ranged:
                continue  # sizes are compared with the other range first
            arguments = put(function, left, wrong[left][0])
            arguments[right] = "text" if wrong[left][1] == "#NUM!" else math.nan
            assert function.evaluate(arguments) is CellError(wrong[left][1])


# Ranges


@pytest.mark.parametrize(
    "block",
    [[], (), [[]], [[], []], [[1.0], [1.0, 2.0]], [[1.0, 2.0], [1.0]], [[1.0, 2.0], []]],
    ids=str,
)
@every_argument
def test_empty_and_ragged_ranges(name: str, place: int, block: Any) -> None:
    function = FUNCTIONS[name]
    assert evaluated(function, put(function, place, block)) is VALUE


@every_function
def test_empty_arrays_in_python(name: str) -> None:
    function = FUNCTIONS[name]
    if function.each:
        assert function.call(put(function, 0, [])) == []
        assert function.call(put(function, 0, [[]])) == [[]]
    elif function.arguments:
        assert code_of_call(function, put(function, 0, [])) == "#VALUE!"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param(name, place, id=f"{name}-{argument.name}")
        for name, function in FUNCTIONS.items()
        for place, argument in enumerate(function.arguments)
        if not argument.kind.ranged and (argument.kind is TERMS or not function.each)
    ],
)
def test_ranges_where_one_cell_belongs(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    value = good_value(function.arguments[place])
    assert function.evaluate(put(function, place, [[value, value]])) is VALUE


@every_element
def test_a_bad_element_leaves_the_others_alone(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    value = good_value(function.arguments[place])
    single = function.evaluate(good(function))
    assert function.evaluate(put(function, place, [[value, value], [value, value]])) == [
        [single, single],
        [single, single],
    ]
    for cell in HOSTILE.values():
        alone = function.evaluate(put(function, place, cell))
        if function.arguments[place].changes_unit and cell in (None, ""):
            alone = CellError("#NUM!")  # in a range, it is no argument left out
        block: Block = [[value, value], [cell, value]]
        reports: list[InputError] = []
        found = function.evaluate(put(function, place, block), reports.append)
        assert found == [[single, single], [alone, single]]
        if isinstance(alone, CellError):
            [report] = reports
            assert (report.code, report.position) == (alone.code, (1, 0))
            if code_of_call(function, put(function, place, block)):
                with pytest.raises(InputError) as caught:
                    function.call(put(function, place, block))
                assert (caught.value.code, caught.value.position) == (alone.code, (1, 0))
        else:
            assert reports == []


SHAPES: Final = st.tuples(st.integers(1, 3), st.integers(1, 3))


@pytest.mark.parametrize("name", [name for name, item in FUNCTIONS.items() if item.each])
@given(data=st.data())
def test_arrays_are_single_calls(name: str, data: st.DataObject) -> None:
    function = FUNCTIONS[name]
    height, width = data.draw(SHAPES)
    arguments: list[Any] = []
    for argument in function.arguments:
        value = good_value(argument)
        cells = st.one_of(st.just(value), strategies.NUMBERS, strategies.CELLS)
        if argument.kind is TERMS:
            arguments.append(data.draw(st.sampled_from([None, "NEOT-2001/OTHER", "nope", NA])))
            continue
        rows, columns = data.draw(
            st.sampled_from([(height, width), (1, width), (height, 1), (1, 1)])
        )
        row = st.lists(cells, min_size=columns, max_size=columns)
        arguments.append(data.draw(st.lists(row, min_size=rows, max_size=rows)))

    def element(block: Any, row: int, column: int) -> Cell:
        if not isinstance(block, list):
            return block  # type: ignore[no-any-return]
        cell: Cell = block[min(row, len(block) - 1)][min(column, len(block[0]) - 1)]
        return cell

    blocks = [block for block in arguments if isinstance(block, list)]
    rows = max(len(block) for block in blocks)
    columns = max(len(block[0]) for block in blocks)

    def alone(row: int, column: int) -> Cell:
        given = [element(block, row, column) for block in arguments]
        for argument, block, cell in zip(function.arguments, arguments, given, strict=True):
            if argument.changes_unit and cell in (None, "") and rows * columns > 1:
                # A range with a blank in it, unless it is of one cell, which is that cell.
                given[function.arguments.index(argument)] = (
                    0.0 if isinstance(block, list) and len(block) * len(block[0]) > 1 else None
                )
        found = function.evaluate(given)
        assert not isinstance(found, list)
        return found

    single = [[alone(row, column) for column in range(columns)] for row in range(rows)]
    found = function.evaluate(arguments)
    assert found == (single if rows * columns > 1 else single[0][0])
    tuples = [tuple(map(tuple, block)) if isinstance(block, list) else block for block in arguments]
    assert function.evaluate(tuples) == found


@pytest.mark.parametrize(
    ("first", "second", "shape"),
    [
        ((3, 1), (1, 2), (3, 2)),
        ((1, 2), (3, 1), (3, 2)),
        ((3, 2), (3, 1), (3, 2)),
        ((3, 2), (1, 2), (3, 2)),
        ((3, 2), (3, 2), (3, 2)),
        ((3, 2), (1, 1), (3, 2)),
        ((1, 1), (3, 1), (3, 1)),
        ((3, 1), (2, 1), None),
        ((3, 2), (2, 2), None),
        ((3, 2), (3, 3), None),
        ((1, 2), (1, 3), None),
        ((3, 2), (2, 3), None),
    ],
)
@pytest.mark.parametrize(
    "name",
    [
        name
        for name, function in FUNCTIONS.items()
        if function.each and sum(one.kind is not TERMS for one in function.arguments) > 1
    ],
)
def test_shapes_broadcast(
    name: str, first: tuple[int, int], second: tuple[int, int], shape: tuple[int, int] | None
) -> None:
    function = FUNCTIONS[name]
    arguments = good(function)
    for place, (rows, columns) in enumerate((first, second)):
        arguments[place] = [[arguments[place]] * columns] * rows
    found = function.evaluate(arguments)
    if shape is None:
        assert found is VALUE
        assert code_of_call(function, arguments) == "#VALUE!"
    else:
        assert isinstance(found, list)
        assert (len(found), len(found[0])) == shape


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(InputError) as caught:
        FUNCTIONS["CEO_FEE"].call([[[1.0, 2.0, 3.0]], [[1.0, 2.0], [3.0, 4.0]]])
    assert str(caught.value).endswith(
        "got 2 rows and 2 columns beside 1 row and 3 columns (#VALUE!)"
    )


# Any call at all


@every_function
@given(arguments=st.lists(st.one_of(strategies.CELLS, strategies.blocks()), max_size=6))
@example(arguments=[[[1e308] * 3] * 3] * 2)
@example(arguments=[])
def test_no_call_breaks(name: str, arguments: list[Any]) -> None:
    function = FUNCTIONS[name]
    found = function.evaluate(arguments)
    assert is_result(found)
    # A range of one cell is that cell; in Python, a list of one is a list, blank or not.
    given = [item[0][0] if item in ([[None]], [[""]]) else item for item in arguments]
    code = code_of_call(function, given)
    if not isinstance(found, list):
        assert code in ("", getattr(found, "code", ""))


# Ranges that are taken whole


def test_error_of_an_element_says_where_it_is() -> None:
    function = FUNCTIONS["CANTOR_EXERCISE_PRICE"]
    with pytest.raises(InputError) as caught:
        function.call([[[10.0], [20.0], [1.5]], [[4.0], [5.0], [6.0]]])
    error = caught.value
    assert (error.argument, error.position, error.value) == ("shares", (2, 0), 1.5)
    assert "row 3, column 1" in str(error)
    with pytest.raises(InputError) as caught:
        function.call([[[10.0, 20.0]], [[4.0, 0.0]]])
    assert (caught.value.argument, caught.value.position) == ("prices", (0, 1))


@pytest.mark.parametrize(
    ("shares", "prices", "result"),
    [
        ([[1000.0], [3000.0]], [[4.0], [4.5]], 5.6875),
        ([[1000.0, 3000.0]], [[4.0, 4.5]], 5.6875),
        ([[1000.0], [None], [3000.0]], [[4.0], [None], [4.5]], 5.6875),  # a gap in both
        ([[1000.0], [None], [3000.0]], [[4.0], [9.0], [4.5]], 5.6875),  # a price of no shares
        ([[1000.0], [0.0], [3000.0]], [[4.0], [9.0], [4.5]], 5.6875),
        (1000.0, 4.0, 5.2),
        ([[1000.0]], 4.0, 5.2),
        ([[1000.0], [3000.0]], [[4.0, 4.5]], "#VALUE!"),  # a column against a row
        ([[1000.0], [3000.0]], [[4.0]], "#VALUE!"),
        ([[1000.0]], [[4.0], [4.5]], "#VALUE!"),
        ([[1000.0], [3000.0]], [[4.0], [None]], "#NUM!"),  # a blank price is never 0
        ([[1000.0], [3000.0]], [[4.0], [0.0]], "#NUM!"),
        ([[1000.0], [-1.0]], [[4.0], [4.5]], "#NUM!"),
        ([[1000.0], [0.5]], [[4.0], [4.5]], "#NUM!"),
        ([[0.0], [0.0]], [[4.0], [4.5]], "#NUM!"),
        ([[None], [None]], [[None], [None]], "#NUM!"),
        ([["shares"], [3000.0]], [["price"], [4.5]], "#VALUE!"),
        ([[True], [3000.0]], [[4.0], [4.5]], "#VALUE!"),
        ([[1000.0], [NA]], [[REF], [4.5]], "#N/A"),
        ([[1000.0], [3000.0]], [[REF], [NA]], "#REF!"),
        ([[1e308], [1e308]], [[1e308], [1e308]], 1.3e308),
        ([[1.0]], [[1.7e308]], "#NUM!"),  # 130% of it is no double
    ],
)
def test_sales(shares: Any, prices: Any, result: Any) -> None:
    found = FUNCTIONS["CANTOR_EXERCISE_PRICE"].evaluate([shares, prices])
    assert found == (CellError(result) if isinstance(result, str) else pytest.approx(result))


def quotes(*rows: list[Any]) -> Any:
    """The five sessions before the issue, with other rows after them."""
    return [*[[ISSUED - back, 4.0, None] for back in (7, 6, 5, 4, 3)], *rows]


def conversion(table: Any, *dates: Cell) -> Any:
    return FUNCTIONS["DEBENTURE_CONVERSION_PRICE"].evaluate([table, *(dates or (ISSUED,))])


def swapped(row: int, *cells: Cell) -> Any:
    table = quotes()
    table[row] = list(cells)
    return table


@pytest.mark.parametrize(
    "table",
    [
        quotes(),
        [row[:2] for row in quotes()],
        quotes()[::-1],
        [["Date", "Bid", "Value"], *quotes()],
        [["Date", "Bid", None], *quotes()],
        [[None, None, None], ["Date", "Bid", "Value"], *quotes()],  # blank above the heading
        [[None, None, None], *quotes(), [None, None, None]],
        [*quotes()[:2], [None, None, None], *quotes()[2:]],
        [*quotes(), ["", "", ""]],
        [[day, bid, ""] for day, bid, _ in quotes()],  # empty texts for blanks
        [["Prices", "", None], ["Date", "Bid", "Value"], *quotes()],  # two rows of headings
        [*quotes()[:2], ["Date", "Bid", "Value"], *quotes()[2:]],
        quotes([ISSUED, "none", None], [ISSUED, -1.0, True]),  # outside the window
        quotes([ISSUED - 9, 0.0, None], [ISSUED - 9, "x", None]),
        [[day + 0.7, bid, value] for day, bid, value in quotes()],  # times of day
        quotes([ISSUED, 0.01, None], [ISSUED - 8, 0.01, None], [ISSUED - 2, 0.01, 0.01]),
        quotes([ISSUED + 1, None, None]),  # a day that waits for its quotation
        quotes([None, 4.0, None], [None, None, 4.0]),  # quotations that wait for their day
        [[day, 99.0, 4.0] for day, _, _ in quotes()],
        tuple(tuple(row) for row in quotes()),
    ],
)
def test_tables_of_quotes(table: Any) -> None:
    assert conversion(table) == 4.8


@given(st.permutations(quotes([None, None, None], [None, None, None])))
def test_any_order_of_rows(table: list[Any]) -> None:
    assert conversion(table) == 4.8
    assert conversion([["Date", "Bid", "Value"], *table]) == 4.8


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (quotes()[1:], "#N/A"),
        (swapped(2, ISSUED - 5, None, None), "#N/A"),  # no bid
        (swapped(2, ISSUED - 5, None, 4.0), "#N/A"),  # a market value, but no bid
        (quotes([ISSUED - 3, 4.0, None]), "#VALUE!"),  # twice
        (quotes([ISSUED - 2.5, 4.0, None]), "#VALUE!"),  # twice, at another time of day
        (quotes([ISSUED - 3, "x", None]), "#VALUE!"),  # twice, before it is judged
        (quotes([ISSUED - 3, None, None]), "#VALUE!"),  # twice, once without a bid
        (quotes(["2001-11-12", 4.0, None]), "#VALUE!"),
        ([["2001-11-12", 4.0, None], *quotes()], "#VALUE!"),  # a wrong date, not a heading
        (quotes([True, 4.0, None]), "#VALUE!"),
        (swapped(2, ISSUED - 5, "4", None), "#VALUE!"),
        (swapped(2, ISSUED - 5, True, None), "#VALUE!"),
        (swapped(2, ISSUED - 5, 4.0, "4"), "#VALUE!"),
        (swapped(2, ISSUED - 5, None, "4"), "#VALUE!"),
        (swapped(2, ISSUED - 5, 0.0, None), "#NUM!"),
        (swapped(2, ISSUED - 5, -4.0, None), "#NUM!"),
        (swapped(2, ISSUED - 5, 4.0, 0.0), "#NUM!"),
        (swapped(2, ISSUED - 5, math.inf, None), "#NUM!"),
        (swapped(2, ISSUED - 5, -4.0, None)[1:], "#NUM!"),  # before a session that is missing
        (quotes([math.nan, 4.0, None]), "#NUM!"),
        (quotes([60.0, 4.0, None]), "#NUM!"),
        (quotes([ISSUED, DIV0, None]), "#DIV/0!"),
        ([["Date", REF, None], *quotes()], "#REF!"),
        (quotes([True, NA, None]), "#N/A"),
        ([row[:1] for row in quotes()], "#VALUE!"),
        ([[*row, 1.0] for row in quotes()], "#VALUE!"),
        ([["Date", "Bid", "Value"]], "#N/A"),
        ([[None, None]], "#N/A"),
        ([[None, None]] * 3, "#N/A"),
        (4.0, "#VALUE!"),
        (None, "#VALUE!"),
    ],
)
def test_wrong_tables_of_quotes(table: Any, code: str) -> None:
    assert conversion(table) is CellError(code)


def test_error_in_a_table_says_where_it_is() -> None:
    with pytest.raises(InputError) as caught:
        FUNCTIONS["DEBENTURE_CONVERSION_PRICE"].call([swapped(2, ISSUED - 5, 4.0, -1.0), ISSUED])
    error = caught.value
    assert (error.argument, error.position, error.value) == ("quotes", (2, 2), -1.0)
    assert "row 3, column 3" in str(error)


def test_dates_of_a_conversion() -> None:
    table = quotes()
    assert conversion(table, ISSUED, ISSUED + 90) == 4.8
    assert conversion(table, ISSUED, ISSUED + 91) is NA
    assert conversion(table, ISSUED, ISSUED - 1) is CellError("#NUM!")
    assert conversion(table, ISSUED, None) == 4.8
    assert conversion(table, ISSUED, "") == 4.8
    assert conversion(table, ISSUED + 0.9, ISSUED + 0.1) == 4.8  # times of day are left aside
    assert conversion(table, None) is CellError("#NUM!")
    assert conversion(table, 1.0) is CellError("#NUM!")  # 1900 is outside the calendar


# Results


@pytest.mark.parametrize(
    ("result", "cell"),
    [
        (-0.0, 0.0),  # some programs would show -0
        (math.nan, CellError("#NUM!")),
        (math.inf, CellError("#NUM!")),
        (10**400, CellError("#NUM!")),
        (10**20, 1e20),
        (True, True),
        ("text", "text"),
        (datetime.date(2001, 9, 10), 37144.0),
    ],
)
def test_results_are_what_a_cell_can_hold(result: Any, cell: Cell) -> None:
    function = Function(
        name="MADE_UP",
        summary="Gives one result.",
        arguments=(),
        result="it",
        source="",
        implementation=lambda: result,
        each=False,
        example="=MADE_UP()",
        shows="",
    )
    found = function.evaluate([])
    assert is_cell(found)
    assert found == cell
    assert type(found) is type(cell)


# Size


def test_a_whole_column() -> None:
    rows = 1_048_576
    column: list[list[Cell]] = [[100.0]] * rows
    column[0] = ["Gross"]
    column[700_000] = [NA]
    column[700_001] = [25_000_001.0]
    column[-1] = [None]
    found = FUNCTIONS["CEO_FEE"].evaluate([column])
    assert isinstance(found, list)
    assert len(found) == rows
    others = {0: VALUE, 700_000: NA, 700_001: CellError("#NUM!"), rows - 1: 0.0}
    for place, value in others.items():
        assert found[place] == [value]
    assert sum(row == [4.0] for row in found) == rows - len(others)


def test_a_whole_column_of_quotes() -> None:
    table: Any = [[None, None]] * 1_048_576
    for place, (day, bid, _) in zip((0, 1, 500_000, 900_000, -1), quotes(), strict=True):
        table[place] = [day, bid]
    assert conversion(table) == 4.8


def test_arrays_have_a_limit() -> None:
    side = math.isqrt(MAX_CELLS) + 1
    column, row = [[100.0]] * side, [[0.0] * side]
    function = FUNCTIONS["CEO_FEE"]
    assert function.evaluate([column, row]) is VALUE
    assert code_of_call(function, [column, row]) == "#VALUE!"


@pytest.mark.parametrize("text", [None, "NEOT-2001", "nope"])
def test_an_array_looks_its_deal_up_once(text: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def counting(name: str) -> Any:
        asked.append(name)
        return original(name)

    original = select
    monkeypatch.setattr(kinds, "select", counting)
    found = FUNCTIONS["CEO_FEE"].evaluate([[[100.0]] * 50 + [["text"]], None, text])
    assert asked == [text or "NEOT-2001"]
    # An element's own fault, to the left of the terms, still goes before theirs.
    assert found == [[REF if text == "nope" else 4.0]] * 50 + [[VALUE]]
