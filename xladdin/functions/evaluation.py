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

import datetime
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, repeat, zip_longest
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from xladdin.core.errors import NUM, VALUE, Described, InputError
from xladdin.functions.arguments import TERMS, Argument, is_blank
from xladdin.functions.garbage_collection import uncollected
from xladdin.values import Block, Cell, CellError, serial_of

if TYPE_CHECKING:
    from xladdin.functions.derivation import Step

MAX_CELLS: Final = 4 * 1_048_576
"""Most elements of an array: four whole columns. A row against a column could have billions."""

MAX_ARGUMENTS: Final = 255
"""Most arguments of a worksheet function."""

_AT_ONCE: Final = 256
"""Elements of an array computed at a time; a wrong one slows down only those of its chunk."""

Report: TypeAlias = Callable[[InputError], None]


@dataclass(frozen=True)
class Function:
    """A worksheet function, declared once for every host.

    Attributes:
        name: Name in a worksheet, in capitals.
        summary: Its result, in a sentence; at most 255 characters, since wizards cut it there.
        arguments: Its arguments, in order.
        result: Its result, in words with the unit.
        source: Source of its rule.
        implementation: Takes the coerced arguments in order.
        each: Whether it works on ranges of numbers element by element.
        example: A formula that shows it.
        twin: Builds the same figure from native functions, given the texts of cell references;
            None if there is none.
        no_twin: Reason why there is none; empty otherwise.
        on_array: The implementation for many values of the first argument at once: takes a NumPy
            array of doubles for it and single values for the others, and gives an array, or None
            where the values have to be computed one by one.
        derivation: Takes the implementation's arguments and the value; gives the steps to it.
        combine: Reads arguments that depend on one another: takes all but `terms`, coerced, and
            gives the implementation's arguments in their place; raises `InputError`.
        variadic: Whether the last argument may repeat.
        spills: Whether one call gives a block of values.
    """

    name: str
    summary: str
    arguments: tuple[Argument, ...]
    result: str
    source: str
    implementation: Callable[..., Any]
    each: bool
    example: str
    twin: Callable[..., str] | None = None
    no_twin: str = ""
    on_array: Callable[..., Any] | None = None
    derivation: Callable[..., Iterable[Step]] | None = None
    combine: Callable[..., Iterable[Any]] | None = None
    variadic: bool = False
    spills: bool = False

    @cached_property
    def min_args(self) -> int:
        """Least number of arguments in a call."""
        return sum(not argument.optional for argument in self.arguments)

    @cached_property
    def max_args(self) -> int:
        """Greatest number of arguments in a call."""
        return MAX_ARGUMENTS if self.variadic else len(self.arguments)

    @property
    def signature(self) -> str:
        """The call's form, such as ``CEO_FEE(gross, [prior], [terms])``."""
        names = [f"[{item.name}]" if item.optional else item.name for item in self.arguments]
        if self.variadic:
            names.append("...")
        return f"{self.name}({', '.join(names)})"

    def evaluate(
        self, arguments: Sequence[Cell | Block], report: Report | None = None
    ) -> Cell | list[list[Cell]]:
        """Make a cell call.

        Args:
            arguments: Values of the cells; a range is a rectangle, row by row; a blank or an
                omitted argument is None.
            report: Called with each `InputError` that becomes an error value.

        Returns:
            A value, or a rectangle of values that spills. Dates are serials, counts numbers.
        """
        run = self._of_cells
        if run is not None and self.min_args <= len(arguments) <= self.max_args:
            try:
                return run(*arguments)
            except (InputError, OverflowError):
                pass  # something is wrong, or an array: the general path finds the message
        try:
            given = self._given(arguments)
            shape = self._shape(given)
        except InputError as error:
            return self._error(error.located(self.name), report)
        if shape is None:
            return self._cells(given, report)
        if not all(shape):
            rule = "must give at least one cell"
            return self._error(
                InputError(VALUE, "", Described("an empty array"), rule, function=self.name), report
            )

        def one(values: Sequence[Any], position: tuple[int, int]) -> Cell:
            return self._cell(values, position, report)

        with uncollected():
            return self._as_array(given, shape) or self._one_by_one(
                given, shape, _shown_in_cell, one
            )

    def _one_by_one(
        self,
        given: Sequence[Any],
        shape: tuple[int, int],
        finish: Callable[[Any], Any],
        one: Callable[[Sequence[Any], tuple[int, int]], Any],
    ) -> list[list[Any]]:
        """Compute every element of an array.

        Args:
            given: The arguments.
            shape: Rows and columns of the result; at least one of each.
            finish: Turns what the implementation gives into an element; raises OverflowError.
            one: Computes one element by the general path, given its arguments and its position.
        """
        settled = self._settled(given)
        picks = _pickers(settled, shape)
        found: list[list[Any]] = []
        step = max(1, _AT_ONCE // shape[1])
        for top in range(0, shape[0], step):
            rows = range(top, min(top + step, shape[0]))
            found += self._quickly(settled, rows, shape, finish) or [
                [
                    one([pick(row, column) for pick in picks], (row, column))
                    for column in range(shape[1])
                ]
                for row in rows
            ]
        return found

    def call(
        self, arguments: Sequence[Any], instead: Callable[[InputError], Any] | None = None
    ) -> Any:
        """Make a Python call.

        Args:
            arguments: Python values; an array is a list of rows; None is an omitted argument.
            instead: Called with the error of a value or element that cannot be computed; gives
                the value in its place, or raises. Without it, the error is raised.

        Returns:
            A number, whole number, date, truth value or text, or a list of rows of those.

        Raises:
            InputError: An argument is wrong; `position` is the element of an array.
        """

        def one(values: Sequence[Any], position: tuple[int, ...]) -> Any:
            try:
                return self._value(values, position)
            except InputError as error:
                if instead is None:
                    raise
                return instead(error)

        try:
            # An array of one element is that element; but None in it is not an omitted argument.
            given = self._given(self._with_blanks_found(arguments))
            shape = self._shape(given)
        except InputError as error:
            raise error.located(self.name) from None
        if shape is None:
            return one(given, ())
        if not all(shape):
            return [[] for _ in range(shape[0])]
        return self._one_by_one(given, shape, _held, one)

    @cached_property
    def single(self) -> Callable[..., Any] | None:
        """The function that computes one value from single Python values.

        It raises InputError or OverflowError if anything is wrong; `call` then finds the error. A
        function that takes or gives more than single values has none.
        """
        return self._compiled(_held)

    @cached_property
    def _of_cells(self) -> Callable[..., Cell] | None:
        """The function that computes one cell's value from single cells."""
        return self._compiled(_shown_in_cell)

    def _compiled(self, finish: Callable[[Any], Any]) -> Callable[..., Any] | None:
        """Compile a call of single values from source.

        A loop over the arguments would take longer than the computation.
        """
        if self.variadic or self.spills or any(item.kind.ranged for item in self.arguments):
            return None
        scope: dict[str, Any] = {"run": self.implementation, "finish": finish}
        parameters, given = [], []
        for at, item in enumerate(self.arguments):
            scope |= {f"coerce{at}": item.kind.coerce, f"default{at}": item.default}
            parameters.append(f"a{at}=None")
            blank = f"default{at}" if item.default is None else f"coerce{at}(default{at}, '')"
            coerced = f"coerce{at}(a{at}, '')"
            given.append(f"{blank} if a{at} is None else {coerced}" if item.optional else coerced)
        source = f"lambda {', '.join(parameters)}: finish(run({', '.join(given)}))"
        made: Callable[..., Any] = eval(compile(source, f"<{self.name}>", "eval"), scope)
        return made

    def _given(self, arguments: Sequence[Any]) -> list[Any]:
        """Fill in omitted arguments, and unwrap ranges of one cell."""
        most = self.max_args
        if not self.min_args <= len(arguments) <= most:
            takes = f"{self.min_args} to {most}" if most > self.min_args else f"{most}"
            raise InputError(
                VALUE, "", len(arguments), f"takes {takes} arguments: {self.signature}"
            )
        given = [
            value[0][0]
            if isinstance(value, list | tuple) and len(value) == 1 and len(value[0]) == 1
            else value
            for value in arguments
        ]
        if not self.variadic:
            given += [None] * (most - len(given))
        return given

    def _slots(self, given: Sequence[Any]) -> Sequence[Argument]:
        """Return the declared argument of each value given."""
        if not self.variadic:
            return self.arguments
        repeated = len(given) - len(self.arguments)
        return self.arguments[: len(given)] + self.arguments[-1:] * repeated

    def _shape(self, given: Sequence[Any]) -> tuple[int, int] | None:
        """Compute the rows and columns of the result; None for a single value."""
        rows = columns = 1
        spills = False
        for argument, value in zip(self._slots(given), given, strict=True):
            if not isinstance(value, list | tuple) or argument.kind.ranged:
                continue
            if not self.each or argument.kind is TERMS:
                continue  # wrong, which is reported in its turn
            spills = True
            height, width = len(value), len(value[0]) if value else 0
            if value and set(map(len, value)) != {width}:
                raise InputError(VALUE, argument.name, value, "must have rows of one length")
            before, own = (rows, columns), (height, width)
            if any(
                size not in (1, other) and other != 1
                for size, other in zip(own, before, strict=True)
            ):
                found = Described(f"{_shape_shown(own)} beside {_shape_shown(before)}")
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

    def over(self, array: Any, others: Sequence[Any]) -> Any:
        """Compute on a NumPy array of doubles at once.

        Args:
            array: Values of the first argument.
            others: The other arguments, single values.

        Returns:
            An array of the same shape, with the same elements as single calls; None if the function
            cannot do this, or anything is wrong.
        """
        if self.on_array is None:
            return None
        try:
            coerced = [
                item.kind.coerce(item.default if is_blank(value) else value, "")
                for item, value in zip_longest(self.arguments[1:], others)
            ]
            return self.on_array(array, *coerced)
        except InputError:
            return None

    def _as_array(self, given: Sequence[Any], shape: tuple[int, int]) -> list[list[Cell]] | None:
        """Compute a range of numbers at once, if NumPy is loaded; None if that is impossible."""
        block, *others = given
        size = shape[0] * shape[1]
        # xlwings loads NumPy in Excel's process if it is installed; it is not imported here.
        numpy = sys.modules.get("numpy")
        if numpy is None or self.on_array is None or size < _AT_ONCE:
            return None
        if not isinstance(block, list | tuple) or (len(block), len(block[0])) != shape:
            return None
        if any(isinstance(value, list | tuple) for value in others):
            return None
        if set(map(type, chain.from_iterable(block))) != {float}:
            return None
        array = numpy.fromiter(chain.from_iterable(block), "float64", size)
        found = self.over(array, others)
        return None if found is None else found.reshape(shape).tolist()

    def _settled(self, given: Sequence[Any]) -> list[Any]:
        """Look the deal up once for a whole array, and find blanks that are not omitted arguments.

        Otherwise each element would look the deal up; a deal that is not found, or whose file is
        wrong, would be searched for and read every time. An error takes the value's place, to be
        raised in its turn.
        """
        return [
            _attempt(argument, value) if argument.kind is TERMS else value
            for argument, value in zip(
                self._slots(given), self._with_blanks_found(given), strict=True
            )
        ]

    def _with_blanks_found(self, given: Sequence[Any]) -> Sequence[Any]:
        """Replace blanks by errors in ranges whose elements must not be omitted."""
        if not any(argument.changes_unit for argument in self.arguments):
            return given
        return (
            [
                _blanks_as_errors(argument, value)
                if argument.changes_unit and isinstance(value, list | tuple)
                else value
                for argument, value in zip(self.arguments, given)  # noqa: B905  (there may be too many)
            ]
            + list(given[len(self.arguments) :])
        )

    def _quickly(
        self,
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
            for argument, value in zip(self.arguments, given, strict=True):
                coerce = argument.kind.coerce
                blank = None
                if argument.optional and argument.default is not None:
                    blank = coerce(argument.default, "")
                if not isinstance(value, list | tuple):
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
            found = [finish(item) for item in islice(map(self.implementation, *columns), count)]
        except (InputError, OverflowError):
            return None
        return [found[start : start + width] for start in range(0, count, width)]

    def _value(self, given: Sequence[Any], position: tuple[int, ...]) -> Any:
        """Compute one value, or raise with function and position."""
        try:
            return _held(self.implementation(*self._coerced(given)))
        except InputError as error:
            raise error.located(self.name, position) from None
        except OverflowError:
            raise _too_large().located(self.name, position) from None

    def _coerced(self, given: Sequence[Any]) -> list[Any]:
        """Convert the values of one call to the implementation's arguments."""
        slots = self._slots(given)
        for argument, value in zip(slots, given, strict=True):
            found = None if argument.kind.errors else _first_error(value)
            if found is not None:
                raise _passed_on(found, argument.name)
        if self.combine is None:
            return [_read(argument, value) for argument, value in zip(slots, given, strict=True)]
        *others, terms = zip(slots, given, strict=True)
        read = self.combine(*(_read(argument, value) for argument, value in others))
        return [*read, _read(*terms)]

    def explain(self, arguments: Sequence[Any]) -> list[Step]:
        """Derive the value of one call.

        Args:
            arguments: As for a call; single values, no arrays of elements.

        Returns:
            The steps; the last one's result is the value.

        Raises:
            InputError: An argument is wrong.
        """
        if self.derivation is None:
            raise InputError(VALUE, "", self.name, "must be of a function that can be explained")
        try:
            coerced = self._coerced(self._given(arguments))
            value = _held(self.implementation(*coerced))
            steps = [_fitting(step) for step in self.derivation(*coerced, value)]
        except InputError as error:
            raise error.located(self.name) from None
        except OverflowError:
            raise _too_large().located(self.name) from None
        # If the steps are plain arithmetic, their result still rests on the rule.
        last = steps[-1]
        return [*steps[:-1], last._replace(source=last.source or self.source)]

    def _cells(self, given: Sequence[Any], report: Report | None) -> Cell | list[list[Cell]]:
        """Compute the result of one call: a value, or a block that it spills."""
        if not self.spills:
            return self._cell(given, (), report)
        try:
            rows = self._value(given, ())
        except InputError as error:
            return self._error(error, report)
        return [[self._shown(value, report) for value in row] for row in rows]

    def _shown(self, value: Any, report: Report | None) -> Cell:
        """Convert one value of a block to a cell's value."""
        try:
            return _cell_of(value)
        except OverflowError:  # a count that is too large for a cell
            return self._error(_too_large().located(self.name), report)

    def _cell(self, given: Sequence[Any], position: tuple[int, ...], report: Report | None) -> Cell:
        """Compute one cell's value; errors become error values."""
        try:
            return _cell_of(self._value(given, position))
        except OverflowError:
            return self._error(_too_large().located(self.name, position), report)
        except InputError as error:
            return self._error(error, report)

    @staticmethod
    def _error(error: InputError, report: Report | None) -> CellError:
        if report is not None:
            report(error)
        return CellError(error.code)


def _shown_in_cell(value: Any) -> Cell:
    """Convert a result to a cell's value; raise OverflowError for one that is too large."""
    # Only a finite number less itself is 0.
    if type(value) is float and value - value == 0:
        return value + 0.0
    return _cell_of(_held(value))


def _cell_of(value: Any) -> Cell:
    """Convert a Python value to a cell's value: dates to serials, counts to numbers."""
    if isinstance(value, bool | str | float | CellError):
        return value
    if isinstance(value, datetime.date):
        return float(serial_of(value))
    return float(value)


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
    if isinstance(value, CellError):
        return value
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


def _too_large() -> InputError:
    return InputError(
        NUM, "", Described("a number too large"), "must give a result that a cell can hold"
    )


def _held(value: Any) -> Any:
    """Return a result that a cell can hold; raise OverflowError for one that it cannot."""
    if type(value) is float:
        if not isfinite(value):
            raise OverflowError
        value += 0.0  # negative zero shows as -0 in some programs
    return value


def _fitting(step: Step) -> Step:
    """Return a step whose values all fit into cells."""
    amount, factor, result = map(_step_value, (step.amount, step.factor, step.result))
    return step._replace(amount=amount, factor=factor, result=result)


def _step_value(value: Any) -> Any:
    """Return a step's value as a cell can hold it; None for a number too large, which is no fault.

    The final value may be small even if a step towards it is not.
    """
    try:
        return _held(value)
    except OverflowError:
        return None


def _shape_shown(shape: tuple[int, int]) -> str:
    """Say in words how many rows and columns a range has."""
    return " and ".join(
        f"{size:,} {word}" if size == 1 else f"{size:,} {word}s"
        for size, word in zip(shape, ("row", "column"), strict=True)
    )


def _pickers(given: Sequence[Any], shape: tuple[int, int]) -> list[Callable[[int, int], Any]]:
    # Nothing is picked from an empty array, which has no first row.
    return [_picker(value, shape) for value in given] if all(shape) else []


def _picker(value: Any, shape: tuple[int, int]) -> Callable[[int, int], Any]:
    """Return the function that picks one argument's element for a place of the result."""
    if not isinstance(value, list | tuple):
        return lambda _row, _column: value
    tall = len(value) == shape[0] and shape[0] != 1
    wide = len(value[0]) == shape[1] and shape[1] != 1
    return lambda row, column: value[row if tall else 0][column if wide else 0]


def _first_error(value: Any) -> CellError | None:
    if isinstance(value, CellError):
        return value
    if isinstance(value, list | tuple):
        for row in value:
            for cell in row:
                if isinstance(cell, CellError):
                    return cell
    return None
