"""Calls with Python values: single ones, sequences, NumPy arrays and pandas Series.

A function that works on each element gives back what it got: a NumPy array for a NumPy array, or
for anything that NumPy reads as one; a Series, with its index and name, for a Series; a list of
the same nesting for a sequence or a sequence of rows. A flat sequence counts as a column.

Neither NumPy nor pandas is imported before a caller passes an object of theirs.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import nan
from typing import Any, Final, Literal, Protocol, TypeAlias

from xladdin.cells import EXACT_WHOLE
from xladdin.errors import VALUE, Described, InputError
from xladdin.functions.arguments import Argument
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS


class HasArray(Protocol):
    """A NumPy array, or what NumPy reads as one, such as a pandas Series."""

    def __array__(self) -> Any: ...


Number: TypeAlias = float | Decimal | Fraction
Date: TypeAlias = datetime.date | float
Numbers: TypeAlias = Sequence[Number | None] | Sequence[Sequence[Number | None]] | HasArray
Dates: TypeAlias = Sequence[Date | None] | Sequence[Sequence[Date | None]] | HasArray
Quotes: TypeAlias = Sequence[Sequence[Any]] | Mapping[datetime.date, Any] | HasArray
Rows: TypeAlias = Sequence[Sequence[Any]] | HasArray
Errors: TypeAlias = Literal["raise", "coerce"]

_QUOTES: Final = ("quotes", "quotations")
"""Kinds of arguments that take a mapping of date to closing bid."""

_TABLES: Final = (*_QUOTES, "sales", "changes", "securities")
"""Kinds of arguments whose columns may have headings."""

_PLAIN: Final = frozenset(
    {type(None), bool, int, float, str, Decimal, datetime.date, datetime.datetime}
)
"""Exact types that the registry takes as they are: most values, found with one look."""


@dataclass(frozen=True, slots=True)
class _Array:
    """An argument that is an array: its rows, and what the caller passed.

    Attributes:
        argument: Name of the argument.
        rows: The elements, row by row.
        columns: Number of columns, for arrays without rows.
        flat: Whether the caller's was one-dimensional.
        numpy: Whether the caller's was NumPy's, or something that NumPy reads.
        series: The caller's pandas Series; None for anything else.
        before: Rows and columns that stand before the caller's: a frame's headings and index.
    """

    argument: str
    rows: list[list[Any]]
    columns: int
    flat: bool
    numpy: bool
    series: Any = None
    before: tuple[int, int] = (0, 0)

    def index(self, position: Sequence[int]) -> tuple[int, ...]:
        """Turn a place in the result into the caller's own index of the element used there."""
        row = position[0] - self.before[0] if len(self.rows) > 1 else 0
        column = position[1] - self.before[1] if self.columns > 1 else 0
        return (row,) if self.flat else (row, column)


def call(function: Function, arguments: Sequence[Any], errors: Errors = "raise") -> Any:
    """Call a function of the registry with Python values.

    Args:
        function: The function.
        arguments: Values in the registry's order; None is an omitted one.
        errors: "raise"; or "coerce" for NaN in the place of a value or element that is wrong.

    Returns:
        A value; a list, NumPy array or Series of values where an argument worked on by element
        is one.

    Raises:
        InputError: An argument is wrong; `position` is the element's index as the caller has it.
            With "coerce" only for what is no single element's fault: `terms`, or shapes and
            indices that do not fit.
        ValueError: `errors` is neither of the two.
    """
    if errors not in ("raise", "coerce"):
        raise ValueError("errors must be 'raise' or 'coerce'")
    single = function.single
    if single is not None and _PLAIN.issuperset(map(type, arguments)):
        try:
            return single(*arguments)
        except (InputError, OverflowError):
            pass  # below, what is wrong is found out
    values = list(arguments)
    if function.on_array is not None and isinstance(getattr(values[0], "ndim", None), int):
        at_once = _at_once(function, values, errors)
        if at_once is not None:
            return at_once
    return _by_element(function, values, errors)


def _at_once(function: Function, values: Sequence[Any], errors: Errors) -> Any:
    """Compute on a NumPy array, or a Series, of doubles as a whole; None where that cannot be."""
    first, *others = values
    if not first.ndim or not hasattr(type(first), "__array__"):
        return None
    import numpy as np  # only now: whoever passes an array has it loaded already

    array = np.asarray(first)
    fit = array.dtype == np.float64 and array.ndim <= 2 and array.size
    if not fit or any(type(value) not in _PLAIN for value in others):
        return None
    found = function.over(array, others)
    if found is None and errors == "coerce":
        # Gaps, which pandas marks by NaN, are what is most often wrong.
        sound = np.isfinite(array)
        part = function.over(array[sound], others)
        if part is not None:
            found = np.full(array.shape, nan)
            found[sound] = part
    if found is None:
        return None
    return _series(found, [first]) if _is_series(first) else found


def _by_element(function: Function, values: list[Any], errors: Errors) -> Any:
    """Compute by what the registry works on: single values and lists of rows."""
    arrays: list[_Array] = []  # every argument that is an array
    spread: list[_Array] = []  # those of them that are worked on element by element
    for place, value in enumerate(values):
        if type(value) in _PLAIN:
            continue
        argument = function.arguments[min(place, len(function.arguments) - 1)]
        found = _read(value, argument.name, function.name, _table_kind(function, values, place))
        if not isinstance(found, _Array):
            values[place] = found
            continue
        values[place] = found.rows
        arrays.append(found)
        if function.each and not argument.kind.ranged:
            spread.append(found)
    _check_indices(arrays, function.name)
    try:
        result = function.call(values, _not_a_number if errors == "coerce" else None)
    except InputError as error:
        error.position = _position(error, arrays, spread)
        raise
    return _shaped(result, spread) if spread else result


def _not_a_number(error: InputError) -> float:
    """Return NaN for a wrong element; raise what would be wrong with any element."""
    if error.argument == "terms":
        raise error
    return nan


def _table_kind(function: Function, values: Sequence[Any], place: int) -> str:
    """Return the kind of an argument that is a table, also of a function that is explained."""
    declared: Sequence[Argument] = function.arguments
    if function.variadic and place:
        explained = FUNCTIONS.get(str(values[0]).strip().upper())
        declared = explained.arguments if explained is not None else ()
        place -= 1
    kind = declared[place].kind.name if place < len(declared) else ""
    return kind if kind in _TABLES else ""


def _read(value: Any, argument: str, function: str, table: str) -> Any:
    """Read an argument that is not plainly one value: an `_Array`, or else one value."""
    if table in _QUOTES and (isinstance(value, Mapping) or _is_series(value)):
        rows = [[_scalar(day), _scalar(bid)] for day, bid in value.items()]
        return _Array(argument, rows, 2, flat=True, numpy=False)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return _sequence(value, argument, function)
    if getattr(value, "ndim", 0) and hasattr(type(value), "__array__"):
        found = _numpy(value, argument, function)
        return _framed(found, value) if table and _is_frame(value) else found
    return _scalar(value)


def _is_frame(value: Any) -> bool:
    """Check whether a value has columns with names and rows with labels, as a frame of pandas."""
    return getattr(value, "ndim", 0) == 2 and hasattr(value, "columns") and hasattr(value, "index")


def _framed(array: _Array, frame: Any) -> _Array:
    """Add to the cells of a frame its index, where that has its dates, and its headings."""
    names, rows, columns = list(frame.columns), array.rows, array.columns
    if isinstance(next(iter(frame.index), None), datetime.date):
        names = [frame.index.name or "Date", *names]
        rows = [[_scalar(day), *row] for day, row in zip(frame.index, rows, strict=True)]
        columns += 1
    headed = bool(names) and all(isinstance(name, str) for name in names)
    return replace(
        array,
        rows=[names, *rows] if headed else rows,
        columns=columns,
        before=(headed, columns - array.columns),
    )


def _is_series(value: Any) -> bool:
    """Check whether a value is a column with an index, such as a Series of pandas."""
    return getattr(value, "ndim", 0) == 1 and hasattr(value, "items") and hasattr(value, "index")


def _sequence(value: Sequence[Any], argument: str, function: str) -> _Array:
    """Read a sequence of values, or a sequence of rows."""
    nested = [_row(item) for item in value]
    if all(row is None for row in nested):
        rows = [[_scalar(item)] for item in value]
        return _Array(argument, rows, 1, flat=True, numpy=False)
    rows = [[_scalar(item) for item in row] for row in nested if row is not None]
    even = len(rows) == len(nested) and all(len(row) == len(rows[0]) for row in rows)
    if not even or any(_row(item) is not None for row in rows for item in row):
        rule = "must be single values, or rows of one length"
        raise InputError(VALUE, argument, value, rule, function=function)
    return _Array(argument, rows, len(rows[0]), flat=False, numpy=False)


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
    series = value if _is_series(value) else None
    return _Array(argument, rows, array.shape[1], flat=flat, numpy=True, series=series)


def _scalar(value: Any) -> Any:
    """Read one value: NumPy's and pandas' own types become Python's, the rest stays."""
    if type(value) in _PLAIN:
        return value
    if hasattr(type(value), "dtype") and hasattr(value, "item"):
        if value.dtype.kind == "M":
            # item() gives an integer for nanoseconds, and None, a blank, for what is no time.
            moment = value.astype("datetime64[us]").item()
            return nan if moment is None else moment
        return value.item()
    if isinstance(value, datetime.datetime):
        # pandas' NaT calls itself a datetime, but differs from itself as NaN does.
        return value if value == value else nan
    return nan if type(value).__name__ == "NAType" else value  # pandas' NA has no truth


def _check_indices(arrays: Iterable[_Array], function: str) -> None:
    """Refuse Series of one length whose indices differ: their elements do not belong together."""
    known: dict[int, _Array] = {}
    for array in arrays:
        if array.series is None:
            continue
        other = known.setdefault(len(array.rows), array)
        if not array.series.index.equals(other.series.index):
            rule = f"must have the index of {other.argument}, in the same order"
            found = Described("other labels")
            raise InputError(VALUE, array.argument, found, rule, function=function)


def _position(
    error: InputError, arrays: Sequence[_Array], spread: Sequence[_Array]
) -> tuple[int, ...]:
    """Convert an error's position into the caller's own indices."""
    position = error.position
    own = next((array for array in arrays if array.argument == error.argument), None)
    if own is not None:
        if not position and len(own.rows) == own.columns == 1:
            position = (0, 0)  # the registry takes an array of one element for that element
        return own.index(position) if len(position) == 2 else position
    if len(position) == 2 and all(array.flat for array in spread):
        return position[:1]
    return position


def _shaped(result: Any, spread: Sequence[_Array]) -> Any:
    """Nest a result as the arguments that it came from, in their type of array."""
    rows: list[list[Any]] = result if isinstance(result, list) else [[result]]
    flat = all(array.flat for array in spread)
    if not any(array.numpy for array in spread):
        return [row[0] for row in rows] if flat else rows
    import numpy as np

    columns = len(rows[0]) if rows else spread[0].columns
    array = np.array(rows, dtype=_dtype(rows)).reshape(len(rows), columns)
    if not flat:
        return array
    columns_given = [one.series for one in spread if one.series is not None]
    fitting = [one for one in columns_given if len(one) == len(rows)]
    return _series(array[:, 0], fitting) if fitting else array[:, 0]


def _series(array: Any, given: Sequence[Any]) -> Any:
    """Make a Series with the index of those given, and with their name where they share one."""
    first = given[0]
    # As pandas does with the sum of two.
    name = first.name if all(one.name == first.name for one in given) else None
    return type(first)(array, index=first.index, name=name)


def _dtype(rows: Sequence[Sequence[Any]]) -> Any:
    """Choose the type of a NumPy result's elements."""
    kinds = {type(item) for row in rows for item in row}
    if kinds == {int}:
        fits = all(abs(item) < 2**63 for row in rows for item in row)
        return "int64" if fits else object
    if kinds == {bool}:
        return "bool"
    # Whole numbers stand beside doubles only where NaN stands in the place of some.
    exact = all(abs(item) <= EXACT_WHOLE for row in rows for item in row if type(item) is int)
    # Dates stay Python's: NumPy's own would lose their methods.
    return "float64" if exact and kinds <= {float, int} else object
