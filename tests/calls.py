"""Calls of any worksheet function: good arguments, hostile cells, and what is expected of each."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import Any, Final

import pytest
from oracles.calls import code_of_refusal

from xladdin.cells import CLASSIC_ERRORS, Cell, CellError, serial_of
from xladdin.errors import InputError
from xladdin.functions.arguments import ANYTHING, TERMS, Argument
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS

NA, REF, DIV0 = CellError("#N/A"), CellError("#REF!"), CellError("#DIV/0!")
VALUE = CellError("#VALUE!")

ISSUE: Final = datetime.date(2001, 11, 12)
ISSUED: Final = float(serial_of(ISSUE))
BIDS: Final = {
    datetime.date(2001, 11, 5): 4.0,
    datetime.date(2001, 11, 6): 4.1,
    datetime.date(2001, 11, 7): 4.2,
    datetime.date(2001, 11, 8): 4.0,
    datetime.date(2001, 11, 9): 3.7,
}
"""Closing bids of the sessions before the issue."""

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
    "quotations": [
        ["Date", "Closing bid", "Market value"],
        *[[ISSUED - back, 4.0, 4.5] for back in (7, 6, 5, 4, 3)],
    ],
    "formula": "debenture",
    "schedule": None,
    "cap": "exchange",
    "method": "full ratchet",
    "what": "count",
    "part": 0.25,
    "stock": 10.0,
    "own rate": None,
    "factor": 0.5,
    "number": 1.5,
    "balance": -100.0,
    "shares": 10.5,
    "sales": [[ISSUED - 7, 100.0], [ISSUED - 3, 0.5]],
    "changes": [[ISSUED - 400, 90.0], [ISSUED, -10.0]],
    "securities": [["bonds", 2.0, 10.0], ["options", 0.0, 5.5]],
    "grid": [[None, 1.0, 3.0], [9.0, 0.2, 0.3], [1.0, 0.5, 0.6]],
}
"""A value of each kind with which every function succeeds."""

EXPLAINED: Final = "CEO_FEE"
"""What EXPLAIN is asked to explain here."""
RESULT: Final = 3
"""Where EXPLAIN's rows have the result."""

KEYS: Final = ("text", "formula", "schedule", "cap")
"""Kinds of texts that name something."""
WORDS: Final = (*KEYS, "terms", "method", "what")
"""Kinds of texts."""

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
        if function.each and argument.kind is not TERMS and not argument.kind.ranged
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
        first = FUNCTIONS[EXPLAINED].arguments[0]
        argument = first._replace(optional=argument.optional, default=0.0)
    if isinstance(cell, CellError):
        return cell.code
    refused = code_of_refusal(argument, cell)
    if argument.name == "issue_date" and argument.optional and cell in (None, ""):
        return "#VALUE!"  # the debentures' formula needs it
    if refused or cell is None or cell == "":
        return refused
    if argument.kind.name == "own rate":
        return "#VALUE!"  # the deal's rates are fixed
    if argument.kind.name in KEYS:
        # A figure is referred to; no function by such a name is a wrong value.
        return "#VALUE!" if argument.name == "function" else "#REF!"
    return ANY


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
    if function.name != "EXPLAIN":
        return found[-1][-1]
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
    """The code that a Python call raises, or that EXPLAIN shows; "" if it succeeds."""
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
