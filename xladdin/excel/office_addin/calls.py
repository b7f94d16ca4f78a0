"""The Python side of the browser add-in: calls of functions, as JSON in and JSON out.

It runs in Pyodide, on the standard library alone. `answer` takes what Excel passes to custom
functions, and never raises. A result is rows of values; an error is an object, such as
``{"error": "#NUM!"}``, so that no text is taken for one.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, Final

from xladdin import calendars
from xladdin._version import __version__
from xladdin.cells import Block, Cell
from xladdin.errors import VALUE, InputError
from xladdin.excel.office_values import decode, expressible
from xladdin.excel.values import encode
from xladdin.functions.explain import HEADINGS
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS

CLOSURES: Final = "closures.txt"
"""File beside this module that lists the days on which exchanges are closed, in place of the
calendar library."""

_ONE_CELL: Final = "Explain one of them with a formula that refers to single cells."

_log = logging.getLogger(__name__)


def start() -> str:
    """Prepare for calls.

    Returns:
        What there is, as JSON: the version, and the number of functions.
    """
    path = Path(__file__).with_name(CLOSURES)
    if path.is_file():
        calendars.follow_list(path)
    FUNCTIONS["CEO_FEE"].evaluate([1.0])  # reads the deal that ships, before a cell waits for it
    return json.dumps({"version": __version__, "functions": len(FUNCTIONS)})


def answer(text: str) -> str:
    """Make calls.

    Args:
        text: A JSON list of calls, ``{"name": ..., "args": [...]}``. An argument is rows of
            values, or null where it is omitted; one that may repeat is a list of those.

    Returns:
        A JSON list of results in the same order, ``{"rows": ...}``. Where one value is an error
        that has a reason, the reason is in ``"reason"``.
    """
    return json.dumps([_answered(call) for call in json.loads(text)], allow_nan=False)


def explain(text: str) -> str:
    """Explain calls.

    Args:
        text: A JSON list of calls, as for `answer`.

    Returns:
        A JSON list with the rows of each explanation, as EXPLAIN spills them.
    """
    function = FUNCTIONS["EXPLAIN"]
    explained = []
    for call in json.loads(text):
        about = FUNCTIONS[call["name"]]
        arguments = _arguments(about, call["args"])
        if about.each and any(isinstance(argument, list) for argument in arguments):
            # Not an error, as EXPLAIN of a range is: the cell has a result for each element.
            step = f"{about.name} has a result for each cell of its ranges here. {_ONE_CELL}"
            explained.append([list(HEADINGS), [step, "", "", "", ""]])
            continue
        if about is not function:  # which explains the call that it is about
            arguments.insert(0, about.name)
        explained.append(_rows(function.evaluate(arguments)))
    return json.dumps(explained, allow_nan=False)


def _answered(call: dict[str, Any]) -> dict[str, Any]:
    try:
        function = FUNCTIONS[call["name"]]
        reasons: list[InputError] = []
        result = function.evaluate(_arguments(function, call["args"]), reasons.append)
        answered: dict[str, Any] = {"rows": _rows(result)}
        if reasons and not isinstance(result, list):
            answered["reason"] = str(reasons[0])
    except Exception:
        _log.exception("%s failed", call.get("name"))
        return {"rows": [[{"error": VALUE}]], "reason": "the add-in failed; this is a bug in it"}
    return answered


def _arguments(function: Function, given: list[Any]) -> list[Cell | Block]:
    """Decode a call's arguments."""
    if function.variadic:
        fixed = len(function.arguments) - 1
        repeated = given[fixed] if len(given) > fixed else None
        given = [*given[:fixed], *(repeated or [])]
    return [decode(_unwrapped(argument)) for argument in given]


def _unwrapped(argument: Any) -> Any:
    """Take a single cell out of its rows."""
    if isinstance(argument, list) and len(argument) == 1 == len(argument[0]):
        return argument[0][0]
    return argument


def _rows(result: Cell | list[list[Cell]]) -> list[list[Any]]:
    rows = result if isinstance(result, list) else [[result]]
    return [[_encoded(cell) for cell in row] for row in rows]


def _encoded(cell: Cell) -> Any:
    """Encode one cell of a result."""
    given = expressible(cell)
    assert not isinstance(given, list)
    value = encode(given)
    if isinstance(value, str) and value and not isinstance(cell, str):
        return {"error": value}
    return value
