"""Calls of worksheet functions: coercion, blanks, errors and arrays, once for every host.

A call comes in one of two forms. A *cell call* is what a spreadsheet makes: it never raises, and
an error is a value. A *Python call* raises `InputError` instead, and keeps dates and whole
numbers as they are. Both go through the same steps:

1. An error value in an argument comes out unchanged, the first one from left to right.
2. Each argument is coerced by its kind, left to right; an omitted or blank optional argument
   takes its default, and an empty text is a blank. Arguments that depend on one another are
   combined before the last one, `terms`, is read.
3. The implementation computes.

If a function works on *each* element, ranges are broadcast first (one row, one column or one
cell against the rest) and the steps are taken for every element on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

from xladdin.cells import Block, Cell, CellError
from xladdin.errors import NUM, VALUE, Described, InputError
from xladdin.functions import fast_paths
from xladdin.functions.arguments import TERMS, Argument
from xladdin.functions.coercion import is_blank
from xladdin.functions.garbage_collection import uncollected
from xladdin.functions.results import cell_of, checked, shown_in_cell, too_large
from xladdin.functions.shapes import completed, declared, picker, shape_of
from xladdin.terms.selection import Selection
from xladdin.terms.store import DEFAULT_DEAL

if TYPE_CHECKING:
    from xladdin.functions.derivation import Step
    from xladdin.functions.function import Function

Report: TypeAlias = Callable[[InputError], None]


def evaluate(
    function: Function, arguments: Sequence[Cell | Block], report: Report | None
) -> Cell | list[list[Cell]]:
    """Make a cell call by the general path; see `Function.evaluate`."""
    try:
        given = completed(function, arguments)
        shape = shape_of(function, given)
    except InputError as error:
        return _reported(error.located(function.name), report)
    if shape is None:
        return _cells(function, given, report)
    if not all(shape):
        found, rule = Described("an empty array"), "must give at least one cell"
        return _reported(InputError(VALUE, "", found, rule, function=function.name), report)

    def one(values: Sequence[Any], position: tuple[int, int]) -> Cell:
        return _cell(function, values, position, report)

    with uncollected():
        return fast_paths.as_array(function, given, shape) or _one_by_one(
            function, given, shape, shown_in_cell, one
        )


def call(
    function: Function, arguments: Sequence[Any], instead: Callable[[InputError], Any] | None
) -> Any:
    """Make a Python call by the general path; see `Function.call`."""

    def one(values: Sequence[Any], position: tuple[int, ...]) -> Any:
        try:
            return _value(function, values, position)
        except InputError as error:
            if instead is None:
                raise
            return instead(error)

    try:
        # An array of one element is that element; but None in it is not an omitted argument.
        given = completed(function, _with_blanks_found(function, arguments))
        shape = shape_of(function, given)
    except InputError as error:
        raise error.located(function.name) from None
    if shape is None:
        return one(given, ())
    if not all(shape):
        return [[] for _ in range(shape[0])]
    return _one_by_one(function, given, shape, checked, one)


def explain(function: Function, arguments: Sequence[Any]) -> list[Step]:
    """Derive the value of one call; see `Function.explain`."""
    if function.derivation is None:
        raise InputError(VALUE, "", function.name, "must be of a function that can be explained")
    try:
        given = completed(function, arguments)
        shape_of(function, given)  # ranges that do not fit are wrong whatever is in them
        coerced = _coerced(function, given)
        value = checked(function.implementation(*coerced))
        steps = [_fitting(step) for step in function.derivation(*coerced, value)]
    except InputError as error:
        raise error.located(function.name) from None
    except OverflowError:
        raise too_large().located(function.name) from None
    # If the steps are plain arithmetic, their result still rests on the rule.
    last = steps[-1]
    if last.source:
        return steps
    deal = next((item for item in coerced if isinstance(item, Selection)), None)
    return [*steps[:-1], last._replace(source=source_of_rule(function, deal))]


def source_of_rule(function: Function, deal: Selection | None = None) -> str:
    """Name the source of a function's rule as what it is to a deal: its own document, or a like.

    Args:
        function: The function.
        deal: The deal that it works for; None where it takes none, or that is not known.
    """
    if deal is not None and deal.terms.name == DEFAULT_DEAL:
        return function.source
    return function.source.replace(DEFAULT_DEAL, f"rule as in {DEFAULT_DEAL}")


def _one_by_one(
    function: Function,
    given: Sequence[Any],
    shape: tuple[int, int],
    finish: Callable[[Any], Any],
    one: Callable[[Sequence[Any], tuple[int, int]], Any],
) -> list[list[Any]]:
    """Compute every element of an array.

    Args:
        function: The function.
        given: The arguments.
        shape: Rows and columns of the result; at least one of each.
        finish: Turns what the implementation gives into an element; raises OverflowError.
        one: Computes one element by the general path, given its arguments and its position.
    """
    ready = _with_terms_read(function, given)
    picks = [
        picker(value, shape, whole=argument.kind.ranged)
        for argument, value in zip(declared(function, given), ready, strict=True)
    ]
    found: list[list[Any]] = []
    step = max(1, fast_paths.CHUNK // shape[1])
    for top in range(0, shape[0], step):
        rows = range(top, min(top + step, shape[0]))
        found += fast_paths.by_column(function, ready, rows, shape, finish) or [
            [
                one([pick(row, column) for pick in picks], (row, column))
                for column in range(shape[1])
            ]
            for row in rows
        ]
    return found


def _with_terms_read(function: Function, given: Sequence[Any]) -> list[Any]:
    """Look the deal up once for a whole array, and find blanks that are not omitted arguments.

    Otherwise each element would look the deal up; a deal that is not found, or whose file is
    wrong, would be searched for and read every time. An error takes the value's place, to be
    raised in its turn.
    """
    return [
        _attempt(argument, value) if argument.kind is TERMS else value
        for argument, value in zip(
            declared(function, given), _with_blanks_found(function, given), strict=True
        )
    ]


def _with_blanks_found(function: Function, given: Sequence[Any]) -> Sequence[Any]:
    """Replace blanks by errors in ranges whose elements must not be omitted."""
    if not any(argument.changes_unit for argument in function.arguments):
        return given
    return (
        [
            _blanks_as_errors(argument, value)
            if argument.changes_unit and isinstance(value, list | tuple)
            else value
            for argument, value in zip(function.arguments, given)  # noqa: B905  (there may be too many)
        ]
        + list(given[len(function.arguments) :])
    )


def _cells(
    function: Function, given: Sequence[Any], report: Report | None
) -> Cell | list[list[Cell]]:
    """Compute the result of one call: a value, or a block that it spills."""
    if not function.spills:
        return _cell(function, given, (), report)
    try:
        rows = _value(function, given, ())
    except InputError as error:
        return _reported(error, report)
    return [[_spilled(function, value, report) for value in row] for row in rows]


def _spilled(function: Function, value: Any, report: Report | None) -> Cell:
    """Convert one value of a block to a cell's value."""
    try:
        return cell_of(value)
    except OverflowError:  # a count that is too large for a cell
        return _reported(too_large().located(function.name), report)


def _cell(
    function: Function, given: Sequence[Any], position: tuple[int, ...], report: Report | None
) -> Cell:
    """Compute one cell's value; errors become error values."""
    try:
        return cell_of(_value(function, given, position))
    except OverflowError:
        return _reported(too_large().located(function.name, position), report)
    except InputError as error:
        return _reported(error, report)


def _reported(error: InputError, report: Report | None) -> CellError:
    if report is not None:
        report(error)
    return CellError(error.code)


def _value(function: Function, given: Sequence[Any], position: tuple[int, ...]) -> Any:
    """Compute one value, or raise with function and position."""
    try:
        return checked(function.implementation(*_coerced(function, given)))
    except InputError as error:
        raise error.located(function.name, position) from None
    except OverflowError:
        raise too_large().located(function.name, position) from None


def _coerced(function: Function, given: Sequence[Any]) -> list[Any]:
    """Convert the values of one call to the implementation's arguments."""
    slots = declared(function, given)
    for argument, value in zip(slots, given, strict=True):
        found = None if argument.kind.errors else _first_error(value)
        if found is not None:
            raise _passed_on(found, argument.name)
    if function.combine is None:
        return [_read(argument, value) for argument, value in zip(slots, given, strict=True)]
    *others, terms = zip(slots, given, strict=True)
    read = function.combine(*(_read(argument, value) for argument, value in others))
    return [*read, _read(*terms)]


def _read(argument: Argument, value: Any) -> Any:
    """Convert one argument's value to the implementation's."""
    if isinstance(value, InputError):  # found to be wrong before its turn
        raise type(value)(value.code, argument.name, value.value, value.rule)
    if argument.optional and is_blank(value):
        default = argument.default
        return None if default is None else argument.kind.coerce(default, argument.name)
    if isinstance(value, list | tuple) and not argument.kind.ranged:
        raise InputError(VALUE, argument.name, value, "must be one cell, not a range")
    return argument.kind.coerce(value, argument.name)


def _attempt(argument: Argument, value: Any) -> Any:
    """Read a value; an error is returned, to be raised in its turn."""
    found = _first_error(value)
    if found is not None:
        return found
    try:
        return _read(argument, value)
    except InputError as error:
        return error


def _blanks_as_errors(argument: Argument, rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Replace every blank of a range by an error."""
    rule = f"must be {argument.kind.words} in every cell of the range"
    wrong = InputError(NUM, argument.name, None, rule)
    return [[wrong if is_blank(cell) else cell for cell in row] for row in rows]


def _passed_on(found: CellError, argument: str) -> InputError:
    return InputError(found.code, argument, found, "holds an error, which comes out unchanged")


def _first_error(value: Any) -> CellError | None:
    if isinstance(value, CellError):
        return value
    if isinstance(value, list | tuple):
        for row in value:
            for cell in row:
                if isinstance(cell, CellError):
                    return cell
    return None


def _fitting(step: Step) -> Step:
    """Return a step whose values all fit into cells."""
    # Anew, and not by _replace, which takes three times as long.
    label, amount, factor, result, source = step
    values = _step_value(amount), _step_value(factor), _step_value(result)
    return type(step)(label, *values, source)


def _step_value(value: Any) -> Any:
    """Return a step's value as a cell can hold it; None for a number too large, which is no fault.

    The final value may be small even if a step towards it is not.
    """
    if type(value) is not float:
        return value
    return value + 0.0 if isfinite(value) else None
