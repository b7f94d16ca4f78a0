"""The door for Python callers: the registry's functions in lower case.

Each takes Python values, and raises `InputError` where a worksheet would show an error. Where a
function works element by element, arguments may be NumPy arrays (the result is one, too), anything
NumPy reads as an array, or sequences and sequences of rows (the result is a list of the same
nesting). A flat sequence counts as a column.
"""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Final, cast

from xladdin.core.errors import VALUE, Described, InputError
from xladdin.registry import FUNCTIONS as _REGISTRY

if TYPE_CHECKING:
    from xladdin.calling import Function
    from xladdin.kinds import Argument

_PLAIN: Final = frozenset(
    {type(None), bool, int, float, str, Decimal, datetime.date, datetime.datetime}
)
"""Exact types that the registry takes as they are: most values, found with one look."""


@dataclass(frozen=True, slots=True)
class _Array:
    """An argument that is an array: its rows, and what the caller had in hand.

    Attributes:
        rows: The elements, row by row.
        columns: Number of columns, which rows cannot tell where there are none.
        flat: Whether the caller's was one-dimensional.
        numpy: Whether the caller's was NumPy's, or something that NumPy reads.
    """

    rows: list[list[Any]]
    columns: int
    flat: bool
    numpy: bool

    def index(self, position: Sequence[int]) -> tuple[int, ...]:
        """Turn a place in the result into the caller's own index of the element used there."""
        row = position[0] if len(self.rows) > 1 else 0
        column = position[1] if self.columns > 1 else 0
        return (row,) if self.flat else (row, column)


def _call(function: Function, arguments: Sequence[Any]) -> Any:
    """Call a function of the registry with Python values.

    Args:
        function: The function.
        arguments: Values in the registry's order; None is an omitted one.

    Returns:
        A value; a list or NumPy array of values where an argument worked on by element is one.

    Raises:
        InputError: An argument is wrong; `position` is the element's index as the caller has it.
    """
    values = list(arguments)
    if function.on_array is not None and isinstance(getattr(values[0], "ndim", None), int):
        at_once = _at_once(function, values)
        if at_once is not None:
            return at_once
    arrays: dict[str, _Array] = {}  # every argument that is an array
    spread: list[_Array] = []  # those of them that are worked on element by element
    last = len(function.arguments) - 1
    for place, value in enumerate(values):
        if type(value) in _PLAIN:
            continue
        argument = function.arguments[min(place, last)]
        found = _read(value, argument, function.name)
        if not isinstance(found, _Array):
            values[place] = found
            continue
        values[place] = found.rows
        arrays[argument.name] = found
        if function.each and not argument.kind.ranged:
            spread.append(found)
    try:
        result = function.call(values)
    except InputError as error:
        error.position = _position(error, arrays, spread)
        raise
    return _shaped(result, spread) if spread else result


def _at_once(function: Function, values: Sequence[Any]) -> Any:
    """Compute on a NumPy array of doubles as a whole; None where that cannot be."""
    first, *others = values
    if not first.ndim or not hasattr(type(first), "__array__"):
        return None
    import numpy as np  # only now: whoever passes an array has it loaded already

    array = np.asarray(first)
    fit = array.dtype == np.float64 and array.ndim <= 2 and array.size
    if not fit or any(type(value) not in _PLAIN for value in others):
        return None
    return function.over(array, others)


def _read(value: Any, argument: Argument, function: str) -> Any:
    """Read an argument that is not plainly one value: an `_Array`, or else one value."""
    # EXPLAIN takes anything, and hands quotes on to a function that wants them.
    tabular = argument.kind.name in ("quotes", "anything")
    if tabular and (isinstance(value, Mapping) or _is_series(value)):
        rows = [[_scalar(day), _scalar(bid)] for day, bid in value.items()]
        return _Array(rows, 2, flat=True, numpy=False)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return _sequence(value, argument.name, function)
    if getattr(value, "ndim", 0) and hasattr(type(value), "__array__"):
        return _numpy(value, argument.name, function)
    return _scalar(value)


def _is_series(value: Any) -> bool:
    """Tell whether a value is a column with labels, such as pandas' Series: dates and bids."""
    return getattr(value, "ndim", 0) == 1 and hasattr(value, "items")


def _sequence(value: Sequence[Any], argument: str, function: str) -> _Array:
    """Read a sequence of values, or a sequence of rows."""
    nested = [_row(item) for item in value]
    if all(row is None for row in nested):
        return _Array([[_scalar(item)] for item in value], 1, flat=True, numpy=False)
    rows = [[_scalar(item) for item in row] for row in nested if row is not None]
    even = len(rows) == len(nested) and all(len(row) == len(rows[0]) for row in rows)
    if not even or any(_row(item) is not None for row in rows for item in row):
        rule = "must be single values, or rows of one length"
        raise InputError(VALUE, argument, value, rule, function=function)
    return _Array(rows, len(rows[0]), flat=False, numpy=False)


def _row(item: Any) -> list[Any] | None:
    """Return the elements of a row; None for what is one value."""
    if type(item) in _PLAIN or isinstance(item, (str, bytes, bytearray)):
        return None
    if isinstance(item, Sequence):
        return list(item)
    return list(item) if getattr(item, "ndim", 0) else None


def _numpy(value: Any, argument: str, function: str) -> _Array:
    """Read a NumPy array, or what turns into one."""
    import numpy as np  # only now: whoever passes an array has it loaded already

    array = np.asarray(value)
    if array.ndim > 2:
        rule = "must have one or two dimensions"
        raise InputError(
            VALUE, argument, Described(f"{array.ndim} dimensions"), rule, function=function
        )
    flat = array.ndim == 1
    if flat:
        array = array.reshape(-1, 1)
    rows: list[list[Any]]
    if array.dtype.kind in "fiubU":
        rows = array.tolist()  # at once, and as Python's own types
    else:
        rows = [[_scalar(item) for item in row] for row in array]
    return _Array(rows, array.shape[1], flat=flat, numpy=True)


def _scalar(value: Any) -> Any:
    """Read one value: NumPy's and pandas' own types become Python's, the rest stays."""
    if type(value) in _PLAIN:
        return value
    if hasattr(type(value), "dtype") and hasattr(value, "item"):
        if value.dtype.kind == "M":
            # item() gives an integer for nanoseconds, and None, a blank, for what is no time.
            moment = value.astype("datetime64[us]").item()
            return float("nan") if moment is None else moment
        return value.item()
    if isinstance(value, datetime.datetime):
        # pandas' NaT calls itself a datetime, but differs from itself as NaN does.
        return value if value == value else float("nan")
    return float("nan") if type(value).__name__ == "NAType" else value  # pandas' NA has no truth


def _position(
    error: InputError, arrays: Mapping[str, _Array], spread: Sequence[_Array]
) -> tuple[int, ...]:
    """Put an error's position into the caller's own indices."""
    position = error.position
    own = arrays.get(error.argument)
    if own is not None:
        if not position and len(own.rows) == own.columns == 1:
            position = (0, 0)  # the registry takes an array of one element for that element
        return own.index(position) if len(position) == 2 else position
    if len(position) == 2 and all(array.flat for array in spread):
        return position[:1]
    return position


def _shaped(result: Any, spread: Sequence[_Array]) -> Any:
    """Give a result the nesting, and the type of array, of the arguments it came from."""
    rows: list[list[Any]] = result if isinstance(result, list) else [[result]]
    flat = all(array.flat for array in spread)
    if not any(array.numpy for array in spread):
        return [row[0] for row in rows] if flat else rows
    import numpy as np

    columns = len(rows[0]) if rows else spread[0].columns
    array = np.array(rows, dtype=_dtype(rows)).reshape(len(rows), columns)
    return array[:, 0] if flat else array


def _dtype(rows: Sequence[Sequence[Any]]) -> Any:
    """Choose the type of a NumPy result's elements."""
    kinds = {type(item) for row in rows for item in row}
    if kinds == {int}:
        fits = all(abs(item) < 2**63 for row in rows for item in row)
        return "int64" if fits else object
    if kinds == {bool}:
        return "bool"
    # dates stay Python's: NumPy's own would lose their methods
    return "float64" if kinds <= {float} else object


def _define(function: Function) -> Callable[..., Any]:
    """Write the Python function for a function of the registry.

    It is compiled from source, so that wrong calls raise Python's own TypeErrors, `help()` and
    `inspect` see a plain function, and a call costs no binding of arguments by hand.
    """
    name = function.name.lower()
    parameters = [argument.name for argument in function.arguments]
    for word in (name, *parameters):
        if not word.isidentifier() or iskeyword(word):
            raise ValueError(f"{function.name}: {word!r} cannot be a name in Python")
    values = [*parameters]
    for place, argument in enumerate(function.arguments):
        if function.variadic and argument is function.arguments[-1]:
            parameters[place] = values[place] = f"*{argument.name}"
        elif argument.optional:
            parameters[place] += "=None"
    given = "".join(f"{value}, " for value in values)
    source = f"def {name}({', '.join(parameters)}):\n    return _call(({given}))\n"
    scope: dict[str, Any] = {"_call": partial(_call, function), "__name__": "xladdin"}
    exec(compile(source, f"<xladdin.{name}>", "exec"), scope)
    made = cast("Callable[..., Any]", scope[name])
    made.__doc__ = documentation(function)
    return made


def documentation(function: Function) -> str:
    """Write a function's documentation from the registry."""
    lines = [function.summary, ""]
    if function.arguments:
        lines.append("Args:")
        lines += [
            _entry(f"{argument.name}: {argument.help}{_default(argument)}")
            for argument in function.arguments
        ]
        lines.append("")
    lines += ["Returns:", _entry(_sentence(function.result))]
    if function.arguments:
        lines += [
            "",
            "Raises:",
            _entry("InputError: An argument is wrong; its attributes say which, and why."),
        ]
    if function.source:
        lines += ["", f"Source: {_sentence(function.source)}"]
    return "\n".join(lines)


def _entry(text: str) -> str:
    return textwrap.fill(text, 92, initial_indent="    ", subsequent_indent="        ")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _default(argument: Argument) -> str:
    """Say what an argument is when it is left out."""
    if not argument.optional:
        return ""
    words = argument.default_words
    if not words and argument.default is not None:
        default = argument.default
        words = f"{default:g}" if isinstance(default, float) else repr(default)
    return f" Default: {words}." if words else " Optional."


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    function.name.lower(): _define(function) for function in _REGISTRY.values()
}
"""Every function of the registry, under its Python name."""
