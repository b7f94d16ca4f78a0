"""The declaration of a worksheet function: from it, every host derives what it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any, Final

from xladdin.cells import Block, Cell
from xladdin.errors import InputError
from xladdin.functions import evaluation, fast_paths
from xladdin.functions.arguments import Argument
from xladdin.functions.results import checked, shown_in_cell

if TYPE_CHECKING:
    from xladdin.functions.derivation import Step

MAX_ARGUMENTS: Final = 255
"""Most arguments of a worksheet function."""


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
        shows: What cells show for the example: a line a row, with tabs between columns.
        twin: Builds the same figure from native functions, given the texts of cell references;
            None if there is none.
        twin_takes: Texts that the twin takes where documents show it; by default cells in the
            order of the arguments.
        no_twin: Reason why there is none; empty otherwise.
        on_array: The implementation for many values of the first argument at once: takes a NumPy
            array of doubles for it and single values for the others, and gives an array, or None
            where the values have to be computed one by one.
        derivation: Takes the implementation's arguments and the value; gives the steps to it.
        combine: Reads arguments that depend on one another: takes all but `terms`, coerced, and
            gives the implementation's arguments in their place; raises `InputError`.
        not_available: What #N/A stands for; empty where the function never gives it by itself.
        variadic: Whether the last argument may repeat.
        spills: Whether one call gives a block of values.
        errors_inside: Whether an error of such a call is a value of its block.
    """

    name: str
    summary: str
    arguments: tuple[Argument, ...]
    result: str
    source: str
    implementation: Callable[..., Any]
    each: bool
    example: str
    shows: str
    twin: Callable[..., str] | None = None
    twin_takes: tuple[str, ...] = ()
    no_twin: str = ""
    on_array: Callable[..., Any] | None = None
    derivation: Callable[..., Iterable[Step]] | None = None
    combine: Callable[..., Iterable[Any]] | None = None
    not_available: str = ""
    variadic: bool = False
    spills: bool = False
    errors_inside: bool = False

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
        self, arguments: Sequence[Cell | Block], report: evaluation.Report | None = None
    ) -> Cell | list[list[Cell]]:
        """Make a cell call.

        Args:
            arguments: Values of the cells; a range is a rectangle, row by row; a blank or an
                omitted argument is None.
            report: Called with each `InputError` that becomes an error value.

        Returns:
            A value, or a rectangle of values that spills. Dates are serials, counts numbers.
        """
        run, least, most = self._of_cells
        if least <= len(arguments) <= most:
            try:
                return run(*arguments)
            except (InputError, OverflowError):
                pass  # something is wrong, or an array: the general path finds the message
        return evaluation.evaluate(self, arguments, report)

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
        return evaluation.call(self, arguments, instead)

    def explain(self, arguments: Sequence[Any]) -> list[Step]:
        """Derive the value of one call.

        Args:
            arguments: As for a call; single values, no arrays of elements.

        Returns:
            The steps; the last one's result is the value.

        Raises:
            InputError: An argument is wrong.
        """
        return evaluation.explain(self, arguments)

    def over(self, array: Any, others: Sequence[Any]) -> Any:
        """Compute on a NumPy array of doubles at once.

        Args:
            array: Values of the first argument.
            others: The other arguments, single values.

        Returns:
            An array of the same shape, with the same elements as single calls; None if the function
            cannot do this, or anything is wrong.
        """
        return fast_paths.over(self, array, others)

    @cached_property
    def single(self) -> Callable[..., Any] | None:
        """The function that computes one value from single Python values.

        It raises InputError or OverflowError if anything is wrong; `call` then finds the error. A
        function that takes or gives more than single values has none.
        """
        return fast_paths.single(self, checked)

    @cached_property
    def _of_cells(self) -> tuple[Callable[..., Cell], float, float]:
        """The function that computes one cell's value from single cells, and how many it takes.

        All in one, as looking each of them up takes a tenth of a call. Where there is no such
        function, no number of cells is enough.
        """
        run = fast_paths.single(self, shown_in_cell)
        return (run, self.min_args, self.max_args) if run else (self.implementation, inf, 0)
