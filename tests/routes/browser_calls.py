"""The table of calls as a browser makes them: what Office.js passes on, and what it gets back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from arguments import OMITTED, WHOLE, Error, Omitted, Range, Result, Shown
from routes.cases import CASES, Case
from routes.route import same, shown, single
from routes.routes import Server, to_office

from xladdin.functions.registry import FUNCTIONS

_SERVER: Final = Server()
_MOST_ROWS: Final = 2_000
"""Rows of a range that a test sends; a whole column is cut after them."""


def call_of(case: Case) -> dict[str, Any]:
    """Write a call as the page sends it to Python."""
    function = FUNCTIONS[case.name]
    given = [_rows(argument) for argument in case.arguments]
    if function.variadic:
        fixed = len(function.arguments) - 1
        given = [*given[:fixed], given[fixed:]]
    else:
        given += [None] * (len(function.arguments) - len(given))
    return {"name": case.name, "args": given}


def _rows(argument: Any) -> Any:
    if isinstance(argument, Range) and argument.whole:
        rows = to_office(Range(argument.rows))
        return rows + [[None] * len(rows[0])] * (min(WHOLE, _MOST_ROWS) - len(rows))
    return None if isinstance(argument, Omitted) else to_office(argument)


def fits(case: Case) -> bool:
    """Whether Excel can make the call: more than one gap among repeated arguments it cannot."""
    return not (FUNCTIONS[case.name].variadic and OMITTED in case.arguments)


def table(names: Iterable[str] = FUNCTIONS) -> list[Case]:
    """List the calls."""
    return [case for name in names for case in CASES[name] if fits(case)]


def result_of(rows: Sequence[Sequence[Any]]) -> Result:
    """Read what a call gave."""
    return single(tuple(tuple(map(_cell, row)) for row in rows))


def _cell(value: Any) -> Any:
    return Error(value["error"]) if isinstance(value, dict) else shown(value)


def wrong(cases: Sequence[Case], answers: Sequence[Any]) -> list[str]:
    """Describe the calls that came out wrong."""
    assert len(cases) == len(answers)
    return [
        f"{case.name} {case.label}: {found} is not {_SERVER.expected(case)}"
        for case, found in zip(cases, map(result_of, answers), strict=True)
        if not same(found, _SERVER.expected(case)) and not _near(case, found)
    ]


def _near(case: Case, found: Result) -> bool:
    """Whether a result with exponentials and logarithms is as near as every host has to come.

    A browser's Python has them from another library of mathematics than the machine's own.
    """
    call = (case.name, *case.arguments)
    if case.name == "EXPLAIN":
        call = case.arguments  # the function that it is about, and that one's arguments
    if not call or call[0] != "WARRANT_VALUE":
        return False
    prices = [cell for argument in call[1:3] for cell in _numbers(to_office(argument))]
    wanted = _SERVER.expected(case)
    pairs = list(zip(_flat(found), _flat(wanted), strict=True))
    return all(
        abs(left - right) <= 1e-12 * max(prices, default=1.0)
        if isinstance(left, float) and isinstance(right, float)
        else same(left, right)
        for left, right in pairs
    )


def _numbers(rows: Sequence[Sequence[Any]] | None) -> list[float]:
    cells = [cell for row in rows or () for cell in row]
    return [float(cell) for cell in cells if isinstance(cell, int | float)]


def _flat(value: Result) -> list[Shown]:
    return [cell for row in value for cell in row] if isinstance(value, tuple) else [value]


def counted(cases: Sequence[Case]) -> Counter[str]:
    """Count the calls of each function."""
    return Counter(case.name for case in cases)
