"""Every way by which a call reaches a function, for the shared table of cases.

A route takes cases, puts their cells to the function in its own manner, and gives what a cell would
show. It says of a case that it cannot be put there at all, and why; and where the way itself makes
two inputs the same, it says once what the case then comes to.
"""

from __future__ import annotations

import functools
import importlib.util
import itertools
import os
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final

from arguments import (
    OMITTED,
    WHOLE,
    Argument,
    Array,
    Content,
    Currency,
    Date,
    Error,
    Omitted,
    Range,
    Result,
    Shown,
    Typed,
    plain,
    seen,
)
from oracles.calls import result
from routes.cases import CASES, Case
from routes.embedded_route import Embedded
from routes.route import Route, block, fit, shown, single
from routes.vba_route import Wrapper

import xladdin
from xladdin.cells import CellError
from xladdin.errors import InputError
from xladdin.excel.values import ERROR_NUMBERS
from xladdin.functions.registry import FUNCTIONS

HERE: Final = Path(__file__).parent


class Registry(Route):
    """The registry itself."""

    name = "registry"
    words = "`Function.evaluate`, which every host calls"

    def call(self, case: Case) -> Result:
        """Make one call."""
        return block(FUNCTIONS[case.name].evaluate([seen(item) for item in case.arguments]))


class Python(Route):
    """`import xladdin`."""

    name = "Python"
    words = "`xladdin.ceo_fee(...)`, where an error is an exception"
    one_in = 3

    def unfit(self, case: Case) -> str:
        """Say why a case cannot be put here."""
        name, arguments = case.name, case.arguments
        if name == "EXPLAIN" and isinstance(arguments[0], str):
            name, arguments = arguments[0], arguments[1:]
        function = FUNCTIONS.get(name)
        kinds = [] if function is None else [item.kind.name for item in function.arguments]
        if any(map(_has_date, arguments, kinds)):
            return "a date is no number in Python"
        return ""

    def expected(self, case: Case) -> Result:
        """Say what a case must give: the first wrong element of an array is raised."""
        if FUNCTIONS[case.name].spills:
            return _without_words(case.expected)
        if isinstance(case.expected, tuple):
            for cell in itertools.chain.from_iterable(case.expected):
                if isinstance(cell, CellError):
                    return cell
        return case.expected

    def call(self, case: Case) -> Result:
        """Make one call."""
        function = getattr(xladdin, case.name.lower())
        try:
            found = function(*map(_python, case.arguments))
        except InputError as error:
            return Error(error.code)
        return _without_words(block(found))


def _has_date(argument: Argument, kind: str) -> bool:
    """Whether there is a date where a number belongs."""
    if isinstance(argument, Range):
        skipped = {"quotes": 1, "date": 100}.get(kind, 0)  # dates belong into these columns
        return any(isinstance(cell, Date) for row in argument.rows for cell in row[skipped:])
    return isinstance(argument, Date) and kind not in ("date", "quotes", "text", "terms")


def _without_words(rows: Result) -> Result:
    """Leave out the message of a wrong call, which repeats what was given as it was given."""
    if isinstance(rows, tuple) and rows[-1][1:3] == ("", ""):
        return (*rows[:-1], ("", *rows[-1][1:]))
    return rows


def _python(argument: Argument) -> Any:
    if isinstance(argument, Omitted):
        return None
    if isinstance(argument, Typed):
        return argument.value
    if isinstance(argument, Array):
        return [list(row) for row in argument.rows]
    if isinstance(argument, Range):
        rows = [[_python_value(cell) for cell in row] for row in argument.rows]
        if len(rows) == len(rows[0]) == 1 and not argument.whole:
            return rows[0][0]  # an array of one element would stay an array
        return rows + [[None] * len(rows[0])] * (WHOLE - len(rows)) if argument.whole else rows
    return _python_value(argument)


def _python_value(cell: Content) -> Any:
    if isinstance(cell, Currency):
        return Decimal(repr(cell.number))
    return cell.moment if isinstance(cell, Date) else cell


class Program(Route):
    """A route through a program of its own, which answers requests on its standard input."""

    one_in = 7
    file: ClassVar[str]
    environment: ClassVar[dict[str, str]] = {}

    @functools.cached_property
    def process(self) -> subprocess.Popen[bytes]:
        """The program, started when it is first asked."""
        folders = (str(Path(xladdin.__file__).parents[1]), str(HERE.parent))
        path = os.pathsep.join(filter(None, [*folders, os.environ.get("PYTHONPATH")]))
        return subprocess.Popen(
            [sys.executable, str(HERE / self.file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **self.environment, "PYTHONPATH": path},
        )

    def ask(self, verb: str, *arguments: Any) -> Any:
        """Ask for something, and return the answer."""
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        pickle.dump((verb, *arguments), process.stdin, protocol=5)
        process.stdin.flush()
        well, answer = pickle.load(process.stdout)
        assert well, answer
        return answer

    def close(self) -> None:
        """End the program."""
        if "process" in self.__dict__:
            self.process.communicate()  # no more requests: it ends
            del self.process


_COM: Final = 0x800A0000 - 2**32
_MISSING: Final = -2147352572


class Classic(Program):
    """Excel on Windows, by way of xlwings' COM server."""

    name = "classic"
    words = "xlwings' COM server, over a stand-in for pywin32"
    file = "fake_pywin32.py"

    def call(self, case: Case) -> Result:
        """Make one call."""
        function = FUNCTIONS[case.name]
        given = [_com(item) for item in case.arguments]
        if not function.variadic:
            given += [_MISSING] * (len(function.arguments) - len(given))
        # Ranges of whole columns go as the values that our own wrapper passes: the stand-in
        # for a reference looks at every cell.
        whole = any(isinstance(item, Range) and item.whole for item in case.arguments)
        found = self.ask("own_wrapper" if whole else "cell", case.name, *given)
        if not isinstance(found, tuple):
            return _spelt(found)
        rows = found if isinstance(found[0], tuple) else (found,)
        return tuple(tuple(_spelt(cell) for cell in row) for row in rows)


def _com(argument: Argument) -> Any:
    """Describe an argument to `fake_pywin32`."""
    if isinstance(argument, Omitted):
        return _MISSING
    if isinstance(argument, Typed):
        return _com_value(argument.value)
    if isinstance(argument, Array):
        rows = tuple(tuple(_com_value(cell) for cell in row) for row in argument.rows)
        return rows[0] if len(rows) == 1 else rows
    if isinstance(argument, Range):
        if argument.whole:
            return _whole(tuple(tuple(map(_com_number, row)) for row in argument.rows))
        return {"rows": [[_com_value(cell) for cell in row] for row in argument.rows]}
    return {"rows": [[_com_value(argument)]]}


def _com_value(cell: Content) -> Any:
    if isinstance(cell, CellError):
        return _COM + ERROR_NUMBERS[cell.code]
    return _python_value(cell)


def _com_number(cell: Content) -> Any:
    return _com_value(plain(cell))


def _whole(rows: tuple[tuple[Any, ...], ...]) -> tuple[tuple[Any, ...], ...]:
    blank = (None,) * len(rows[0])
    return rows + (blank,) * (WHOLE - len(rows))


def _spelt(cell: Any) -> Shown:
    """Take the text of an error for the error, as our VBA and xlwings' server do."""
    return Error(cell) if cell in ERROR_NUMBERS else shown(cell)


_ERROR_TYPES: Final = {
    "#DIV/0!": "Div0",
    "#N/A": "NotAvailable",
    "#NAME?": "Name",
    "#NULL!": "Null",
    "#NUM!": "Num",
    "#REF!": "Ref",
    "#VALUE!": "Value",
}


class Server(Program):
    """Office.js, by way of xlwings Server or xlwings Lite."""

    name = "Office.js"
    words = "xlwings' server code, as xlwings Server and xlwings Lite run it"
    file = "fake_office.py"
    environment: ClassVar[dict[str, str]] = {
        "XLWINGS_ON_SERVER": "true",
        "XLWINGS_LICENSE_KEY": "noncommercial",
    }

    def is_there(self) -> bool:
        """Whether this xlwings comes with its server part."""
        return importlib.util.find_spec("xlwings.server") is not None

    def expected(self, case: Case) -> Result:
        """Say what a case must give: here empty text is a blank, for blanks may come as that."""
        given = [_without_empty_text(argument) for argument in case.arguments]
        if given == list(case.arguments):
            return case.expected
        return result(case.name, given)

    def call(self, case: Case) -> Result:
        """Make one call."""
        function = FUNCTIONS[case.name]
        given = [to_office(item) for item in case.arguments]
        if function.variadic:
            fixed = len(function.arguments) - 1
            given = [*given[:fixed], given[fixed:]]
        else:
            given += [None] * (len(function.arguments) - len(given))
        rows = self.ask("cell", case.name, *given)
        return single(tuple(tuple(map(_from_json, row)) for row in rows))


def _without_empty_text(argument: Argument) -> Argument:
    if isinstance(argument, Range):
        rows = tuple(tuple(None if cell == "" else cell for cell in row) for row in argument.rows)
        return Range(rows, argument.whole)
    if isinstance(argument, Typed):
        return OMITTED if argument.value == "" else argument
    return None if argument == "" else argument


def to_office(argument: Argument) -> Any:
    """Write an argument as Office.js sends it and Python reads it."""
    if isinstance(argument, Omitted):
        return None
    if isinstance(argument, Typed):
        return [[_json_value(argument.value)]]
    if isinstance(argument, Range | Array):
        rows = [[_json_value(cell) for cell in row] for row in argument.rows]
        if isinstance(argument, Range) and argument.whole:
            rows += [[None] * len(rows[0])] * (WHOLE - len(rows))
        return rows
    return [[_json_value(argument)]]


def _json_value(cell: Content) -> Any:
    value = plain(cell)
    if isinstance(value, CellError):
        return {
            "type": "Error",
            "basicType": "Error",
            "basicValue": value.code,
            "errorType": _ERROR_TYPES[value.code],
        }
    if type(value) is float and value.is_integer() and abs(value) < 1e21:
        return int(Decimal(repr(value)))  # without a point, in as few digits as identify it
    return value


def _from_json(cell: Any) -> Shown:
    if isinstance(cell, dict):
        assert cell["type"] == "Error"
        [code] = [code for code, name in _ERROR_TYPES.items() if name == cell["errorType"]]
        return Error(code)
    assert cell not in ERROR_NUMBERS, "an error as text"
    return shown(cell)


class Vba(Classic):
    """Excel on Windows, by way of our own VBA wrapper."""

    name = "VBA"
    one_in = 31
    uniform = True
    words = "our own VBA wrapper, run by an interpreter of VBA, and xlwings' COM server"

    @functools.cached_property
    def wrapper(self) -> Wrapper:
        """The wrapper, over the COM server."""
        return Wrapper(self.ask)

    def call(self, case: Case) -> Result:
        """Make one call."""
        found = self.wrapper.call(case.name, case.arguments)
        if not isinstance(found, tuple):
            return shown(found)
        return tuple(tuple(shown(cell) for cell in row) for row in found)


ROUTES: Final = (Registry(), Python(), Classic(), Server(), Embedded(), Vba())
"""Every route, as the table has them."""


# The table

TALLY: Final[dict[str, dict[str, int]]] = {}
"""By function and route: cases that agreed in this run."""


def tally() -> Iterator[str]:
    """Write the table of this run, line by line; a route that did not run shows a dash."""
    width = max(map(len, CASES))
    names = [route.name for route in ROUTES]
    yield " ".join([" " * width, *(f"{name:>10}" for name in names)])
    for function, counts in TALLY.items():
        yield " ".join([f"{function:{width}}", *(f"{counts.get(name, '-'):>10}" for name in names)])
    total: Counter[str] = sum((Counter(counts) for counts in TALLY.values()), Counter())
    yield " ".join([" " * width, *(f"{total.get(name, '-'):>10}" for name in names)])


def page() -> str:
    """Write the page that counts the cases."""
    routes = [route for route in ROUTES if route.is_there()]
    lines = [
        "# Routes",
        "",
        "The same function is reached in several ways. One table of calls, written once as what is",
        "in the cells, goes through all of them, and every result must be the same: identical",
        "doubles, the same error. A run with `XLADDIN_THOROUGH=1`, as in CI, makes all calls; an",
        "ordinary run makes some of them on the slow routes: classic, Office.js and VBA. This page",
        "counts the calls; `python -m tools.generate` writes it, and a test compares it.",
        "",
        *(f"- **{route.name}**: {route.words}" for route in routes),
        "",
        "| function | " + " | ".join(route.name for route in routes) + " |",
        "|---|" + "---:|" * len(routes),
    ]
    sums: Counter[str] = Counter()
    for name in CASES:
        counts = {route.name: len(fit(route, name)) for route in routes}
        sums.update(counts)
        lines.append(f"| `{name}` | " + " | ".join(f"{item:,}" for item in counts.values()) + " |")
    lines.append("| all | " + " | ".join(f"{item:,}" for item in sums.values()) + " |")
    reasons = Counter(
        (route.name, reason)
        for route in routes
        for given in CASES.values()
        for case in given
        if (reason := route.unfit(case))
    )
    lines += ["", "Calls that a route cannot express are not counted there:", ""]
    lines += [f"- {name}: {reason} ({count:,})" for (name, reason), count in reasons.items()]
    return "\n".join([*lines, ""])
