"""Fast paths of calls: single values, rows of an array, and NumPy arrays.

Each takes what is usual and gives up on anything else: then the general path of `evaluation`
computes it, or finds the message.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice, repeat, zip_longest
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from xladdin.errors import InputError
from xladdin.functions.arguments import Argument
from xladdin.functions.coercion import is_blank

if TYPE_CHECKING:
    from xladdin.cells import Cell
    from xladdin.functions.function import Function

CHUNK: Final = 256
"""Elements of an array computed at a time; a wrong one slows down only those of its chunk."""


def single(function: Function, finish: Callable[[Any], Any]) -> Callable[..., Any] | None:
    """Return the function that computes one value from single values.

    A call with each number of arguments stands here by itself: a loop over the arguments would
    take longer than the computation.

    Args:
        function: The function.
        finish: Turns what the implementation gives into the result; raises OverflowError.

    Returns:
        The function; None for one that takes or gives ranges, or takes more arguments.
    """
    ranged = any(item.kind.ranged for item in function.arguments)
    if function.variadic or function.spills or ranged:
        return None
    run, empty = function.implementation, ""
    # By position, a function that reads the argument, and what it reads in place of None.
    match [_reader(item) for item in function.arguments]:
        case []:
            return lambda: finish(run())
        case [(a, u), (b, v)]:
            return lambda p=None, q=None: finish(
                run(a(u if p is None else p, empty), b(v if q is None else q, empty))
            )
        case [(a, u), (b, v), (c, w)]:
            return lambda p=None, q=None, r=None: finish(
                run(
                    a(u if p is None else p, empty),
                    b(v if q is None else q, empty),
                    c(w if r is None else r, empty),
                )
            )
        case [(a, u), (b, v), (c, w), (d, x)]:
            return lambda p=None, q=None, r=None, s=None: finish(
                run(
                    a(u if p is None else p, empty),
                    b(v if q is None else q, empty),
                    c(w if r is None else r, empty),
                    d(x if s is None else s, empty),
                )
            )
        case [(a, u), (b, v), (c, w), (d, x), (e, y)]:
            return lambda p=None, q=None, r=None, s=None, t=None: finish(
                run(
                    a(u if p is None else p, empty),
                    b(v if q is None else q, empty),
                    c(w if r is None else r, empty),
                    d(x if s is None else s, empty),
                    e(y if t is None else t, empty),
                )
            )
    return _of_many(function, finish)


def _of_many(function: Function, finish: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return the function of single values for a function of many arguments."""
    run = function.implementation
    readers = [_reader(item) for item in function.arguments]
    return lambda *given: finish(
        run(
            *(
                read(instead if value is None else value, "")
                for (read, instead), value in zip_longest(readers, given)
            )
        )
    )


Reader: TypeAlias = tuple[Callable[[Any, str], Any], Any]


def _reader(argument: Argument) -> Reader:
    """Return what reads one value of an argument, and what is read in place of None."""
    coerce, default = argument.kind.coerce, argument.default
    if not argument.optional:
        return coerce, None
    if default is None:
        return (lambda value, name: None if value is None else coerce(value, name)), None
    return coerce, default


def over(function: Function, array: Any, others: Sequence[Any]) -> Any:
    """Compute on a NumPy array of doubles at once; see `Function.over`."""
    if function.on_array is None:
        return None
    try:
        coerced = [
            item.kind.coerce(item.default if is_blank(value) else value, "")
            for item, value in zip_longest(function.arguments[1:], others)
        ]
        return function.on_array(array, *coerced)
    except InputError:
        return None


def as_array(
    function: Function, given: Sequence[Any], shape: tuple[int, int]
) -> list[list[Cell]] | None:
    """Compute a range of numbers at once, if NumPy is loaded; None if that is impossible."""
    block, *others = given
    size = shape[0] * shape[1]
    # xlwings loads NumPy in Excel's process if it is installed; it is not imported here.
    numpy = sys.modules.get("numpy")
    if numpy is None or function.on_array is None or size < CHUNK:
        return None
    if not isinstance(block, list | tuple) or (len(block), len(block[0])) != shape:
        return None
    if any(isinstance(value, list | tuple) for value in others):
        return None
    if set(map(type, chain.from_iterable(block))) != {float}:
        return None
    array = numpy.fromiter(chain.from_iterable(block), "float64", size)
    found = over(function, array, others)
    return None if found is None else found.reshape(shape).tolist()


def by_column(
    function: Function,
    given: Sequence[Any],
    rows: range,
    shape: tuple[int, int],
    finish: Callable[[Any], Any],
) -> list[list[Any]] | None:
    """Compute some rows of an array column by column, if nothing in them is unusual.

    Returns:
        The rows; None if an element is wrong, or has a result that no cell can hold: then the
        general path computes them, which finds the message.
    """
    width = shape[1]
    columns: list[Iterable[Any]] = []
    try:
        for argument, value in zip(function.arguments, given, strict=True):
            coerce = argument.kind.coerce
            blank = None
            if argument.optional and argument.default is not None:
                blank = coerce(argument.default, "")
            if argument.kind.ranged or not isinstance(value, list | tuple):
                left_out = argument.optional and is_blank(value)
                columns.append(repeat(blank if left_out else coerce(value, "")))
                continue
            taken = value[rows.start : rows.stop] if len(value) > 1 else value * len(rows)
            flat = list(chain.from_iterable(taken))
            if len(value[0]) != width:
                flat = [cell for cell in flat for _ in range(width)]
            if argument.optional:
                columns.append(
                    [blank if cell is None or cell == "" else coerce(cell, "") for cell in flat]
                )
            else:
                columns.append([coerce(cell, "") for cell in flat])
        count = len(rows) * width
        found = [finish(item) for item in islice(map(function.implementation, *columns), count)]
    except (InputError, OverflowError):
        return None
    return [found[start : start + width] for start in range(0, count, width)]
