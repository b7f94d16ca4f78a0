"""How any worksheet function is called: hostile cells, blanks, arrays, precedence of errors.

Everything here runs over the whole registry. A new function is covered by being in it; a new kind
of argument needs a line in `calls.GOOD` and in `calls.expected`.

EXPLAIN passes its arguments on to another function, and puts what that function gives, errors
included, in the Result column of its last row. What comes out there is judged as if that function
had been called; here it is CEO_FEE. Only a wrong name, of the wrong type, is an error of its own.
"""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import calls
import pytest
import strategies
from calls import (
    DIV0,
    HOSTILE,
    NA,
    REF,
    TEXTS,
    VALUE,
    agrees,
    code_of_call,
    evaluated,
    every_argument,
    every_function,
    every_number,
    every_terms,
    expected,
    good,
    is_cell,
    is_result,
    put,
)
from hypothesis import example, given
from hypothesis import strategies as st

from xladdin.cells import Cell, CellError
from xladdin.functions.arguments import ANYTHING
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS

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
    short = evaluated(function, least)
    if name == "DEAL_PRICE":  # its formula needs a date
        assert agrees(short, "#VALUE!")
        return
    assert agrees(short, "")
    gaps = [None] * (function.max_args - function.min_args)
    assert evaluated(function, [*least, *gaps]) == short


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
    no_number = kind.name in calls.WORDS or (kind.ranged and kind is not ANYTHING)
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
        (True, "#VALUE!") if argument.kind.name in calls.WORDS or argument.kind.ranged
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
