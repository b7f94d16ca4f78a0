"""What a route is, and what a cell shows of the value that comes back."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Sequence
from typing import Any, ClassVar

from arguments import Argument, Array, Content, Error, Omitted, Range, Result, Shown, Typed
from draws import THOROUGH
from routes.cases import CASES, Case

from xladdin.cells import CellError, serial_of


class Route:
    """A way by which a call reaches a function.

    Attributes:
        name: What the table calls it.
        words: The page's words for it.
        one_in: Of so many cases, an ordinary run puts one on it, where it is slow. It is a prime
            number, so that those that it meets are of every kind.
        uniform: Whether the same code passes on every argument, of any function and in any place.
    """

    name: ClassVar[str]
    words: ClassVar[str]
    one_in: ClassVar[int] = 1
    uniform: ClassVar[bool] = False

    def is_there(self) -> bool:
        """Whether what it needs is there."""
        return True

    def unfit(self, case: Case) -> str:  # noqa: ARG002
        """Say why a case cannot be put here; empty where it can."""
        return ""

    def expected(self, case: Case) -> Result:
        """Say what a case must give here."""
        return case.expected

    def run(self, given: Sequence[Case]) -> list[Result]:
        """Make the calls of one function."""
        return [self.call(case) for case in given]

    def call(self, case: Case) -> Result:
        """Make one call."""
        raise NotImplementedError

    def close(self) -> None:
        """End whatever was started."""


class Formulas:
    """Formulas of calls, and where what they refer to stands.

    Attributes:
        known: The texts of references, by what they refer to.
    """

    between_arguments: ClassVar[str] = ","
    between_rows: ClassVar[str] = ";"
    between_columns: ClassVar[str] = ","
    """Separators of arguments, and of rows and columns in an array constant."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def formula(self, case: Case) -> str:
        """Write a call."""
        return f"={case.name}({self.between_arguments.join(map(self._text, case.arguments))})"

    def _text(self, argument: Argument) -> str:
        if isinstance(argument, Omitted):
            return ""
        if isinstance(argument, Typed):
            return literal(argument.value)
        if isinstance(argument, Array):
            rows = (self.between_columns.join(map(literal, row)) for row in argument.rows)
            return f"{{{self.between_rows.join(rows)}}}"
        key = repr(argument)  # 1 and TRUE are equal in Python, and 0 and -0
        if key not in self.known:
            self.known[key] = self.place(argument)
        return self.known[key]

    def place(self, argument: Range | Content) -> str:
        """Put what is referred to somewhere, and return the reference."""
        raise NotImplementedError


def literal(value: Content) -> str:
    """Write a constant into a formula."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    if isinstance(value, CellError):
        return value.code
    assert isinstance(value, float)
    return repr(value).upper()


def single(rows: tuple[tuple[Shown, ...], ...]) -> Result:
    """Take one row of one value for that value."""
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows


def shown(value: Any) -> Shown:
    """Turn a Python value into what a cell shows."""
    if value is None:
        return ""
    if isinstance(value, bool | str | CellError):
        return value
    if isinstance(value, datetime.date):
        return float(serial_of(value))
    try:
        return float(value)
    except OverflowError:
        return Error("#NUM!")


def block(value: Any) -> Result:
    """Turn a result, or rows of results, into what cells show."""
    if isinstance(value, list | tuple):
        return tuple(tuple(shown(cell) for cell in row) for row in value)
    return shown(value)


def same(found: Result, wanted: Result) -> bool:
    """Whether two results are the same to the last bit."""
    return repr(found) == repr(wanted)


def fit(route: Route, name: str) -> list[Case]:
    """List the cases of a function that can be put on a route."""
    return [case for case in CASES[name] if not route.unfit(case)]


def sample(route: Route, name: str) -> list[Case]:
    """List the cases of a function that a run puts on a route: all of them in a thorough run.

    Otherwise a slow route gets one in so many, and every case that is the first with such an
    argument in its place, or with such an error.
    """
    return _samples(route)[name]


@functools.cache
def _samples(route: Route) -> dict[str, list[Case]]:
    known: set[Any] = set()
    taken: dict[str, list[Case]] = {name: [] for name in CASES}
    for name, of_one in taken.items():
        for number, case in enumerate(fit(route, name)):
            new = _features(case, "" if route.uniform else name) - known
            known |= new
            if THOROUGH or new or number % route.one_in == 0:
                of_one.append(case)
    return taken


def _features(case: Case, name: str) -> set[Any]:
    """Name what sets a case apart on its way: the forms of its arguments, and errors.

    They count for each function and place; without a name, once for all, and so does each place.
    """
    found: set[Any] = {(case.name, place) for place in range(len(case.arguments))}
    found |= {
        (name, place if name else 0, _form(argument))
        for place, argument in enumerate(case.arguments)
    }
    errors = {cell for cell in map(_value_of, case.arguments) if type(cell) is CellError}
    return found | {(name, cell) for cell in errors}


def _form(argument: Argument) -> tuple[Any, ...]:
    if isinstance(argument, Range | Array):
        whole = isinstance(argument, Range) and argument.whole
        return type(argument), whole, len(argument.rows) == 1, len(argument.rows[0]) == 1
    return isinstance(argument, Typed), type(_value_of(argument))


def _value_of(argument: Argument) -> Any:
    return argument.value if isinstance(argument, Typed) else argument
