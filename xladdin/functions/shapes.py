"""Shapes of calls: how many arguments, and ranges broadcast against one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from xladdin.errors import VALUE, Described, InputError
from xladdin.functions.arguments import TERMS, Argument

if TYPE_CHECKING:
    from xladdin.functions.function import Function

MAX_CELLS: Final = 4 * 1_048_576
"""Most elements of an array: four whole columns. A row against a column could have billions."""


def completed(function: Function, arguments: Sequence[Any]) -> list[Any]:
    """Fill in omitted arguments, and unwrap ranges of one cell."""
    most = function.max_args
    if not function.min_args <= len(arguments) <= most:
        takes = f"{function.min_args} to {most}" if most > function.min_args else f"{most}"
        rule = f"takes {takes} arguments: {function.signature}"
        raise InputError(VALUE, "", len(arguments), rule)
    given = [
        value[0][0]
        if isinstance(value, list | tuple) and len(value) == 1 and len(value[0]) == 1
        else value
        for value in arguments
    ]
    if not function.variadic:
        given += [None] * (most - len(given))
    return given


def declared(function: Function, given: Sequence[Any]) -> Sequence[Argument]:
    """Return the declared argument of each value given."""
    if not function.variadic:
        return function.arguments
    repeated = len(given) - len(function.arguments)
    return function.arguments[: len(given)] + function.arguments[-1:] * repeated


def shape_of(function: Function, given: Sequence[Any]) -> tuple[int, int] | None:
    """Compute the rows and columns of the result; None for a single value."""
    rows = columns = 1
    spills = False
    for argument, value in zip(declared(function, given), given, strict=True):
        if not isinstance(value, list | tuple) or argument.kind.ranged:
            continue
        if not function.each or argument.kind is TERMS:
            continue  # wrong, which is reported in its turn
        spills = True
        height, width = len(value), len(value[0]) if value else 0
        if value and set(map(len, value)) != {width}:
            raise InputError(VALUE, argument.name, value, "must have rows of one length")
        before, own = (rows, columns), (height, width)
        if any(
            size not in (1, other) and other != 1 for size, other in zip(own, before, strict=True)
        ):
            found = Described(f"{_in_words(own)} beside {_in_words(before)}")
            rule = "must have as many rows and columns as the other ranges, or one"
            raise InputError(VALUE, argument.name, found, rule)
        # One row, or one column, stands for as many as the others have; none stays none.
        rows, columns = (
            size if other == 1 else other for size, other in zip(own, before, strict=True)
        )
    if rows * columns > MAX_CELLS:
        found = Described(f"{rows:,} x {columns:,} cells")
        raise InputError(VALUE, "", found, f"must not spill over more than {MAX_CELLS:,} cells")
    return (rows, columns) if spills else None


def _in_words(shape: tuple[int, int]) -> str:
    """Write how many rows and columns a range has."""
    return " and ".join(
        f"{size:,} {word}" if size == 1 else f"{size:,} {word}s"
        for size, word in zip(shape, ("row", "column"), strict=True)
    )


def picker(value: Any, shape: tuple[int, int], *, whole: bool = False) -> Callable[[int, int], Any]:
    """Return the function that picks one argument's element for a place of the result.

    Args:
        value: The argument.
        shape: Rows and columns of the result.
        whole: Whether a range is taken whole for every element.
    """
    if whole or not isinstance(value, list | tuple):
        return lambda _row, _column: value
    tall = len(value) == shape[0] and shape[0] != 1
    wide = len(value[0]) == shape[1] and shape[1] != 1
    return lambda row, column: value[row if tall else 0][column if wide else 0]
