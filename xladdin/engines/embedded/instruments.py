"""Functions of ours that formulas call in the embedded engine's copy, and never in a workbook.

They compute by Excel's rules what the engine computes by others, and see to it that a value on its
way from one function to the next is of a kind that the engine is proved to handle. What is not is
noted with the number of its cell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import formualizer

from xladdin.cells import Cell
from xladdin.engines.embedded.notes import Notes
from xladdin.engines.embedded.operators import Operators
from xladdin.engines.embedded.rewrite import KNOWN_CALL, UNKNOWN_CALL
from xladdin.engines.embedded.substitutes.table import SUBSTITUTES
from xladdin.engines.embedded.substitutes.values import VALUE, Raw, UnknownRuleError, called
from xladdin.engines.embedded.value_checks import ValueChecks

CHECK: Final = "XLADDIN.CHECK"
REACHED: Final = "XLADDIN.REACHED"
COMPARE: Final = "XLADDIN.COMPARE"
POWER: Final = "XLADDIN.POWER"
WRITTEN: Final = "XLADDIN.WRITTEN"
DIFFERENCE: Final = "XLADDIN.DIFFERENCE"
ADDRESS: Final = "XLADDIN.PLAIN.ADDRESS"
READ: Final = "XLADDIN.READ"
WHOLE: Final = "XLADDIN.WHOLE"
STEP: Final = "XLADDIN.STEP"
ARRAY: Final = "XLADDIN.FITTING.ARRAY"
RATE: Final = "XLADDIN.USUAL.RATE"
PATTERN: Final = "XLADDIN.PATTERN"
CRITERION: Final = "XLADDIN.CRITERION"
WORDS: Final = "XLADDIN.WORDS"
FOUND: Final = "XLADDIN.FOUND.CELLS"
FILLED: Final = "XLADDIN.FILLED.CELL"
AROUND: Final = {"words": WORDS, "criterion": CRITERION, "filled": FILLED}
"""By what is to be done where cells hold something: what is put around a part."""
KEY: Final = "XLADDIN.KEY"
COLUMNS: Final = "XLADDIN.COLUMNS."
"""What names of our functions begin with where they are given several whole columns."""

SUBSTITUTE: Final = "XLADDIN."
"""What the names of `SUBSTITUTES` begin with."""

NAMES: Final = (
    *(CHECK, REACHED, COMPARE, POWER, WRITTEN, DIFFERENCE, ADDRESS, READ, WHOLE, ARRAY, RATE),
    *(STEP, PATTERN, CRITERION, WORDS, FOUND, FILLED, KEY, UNKNOWN_CALL, KNOWN_CALL),
    *(SUBSTITUTE + name for name in SUBSTITUTES),
)


def register(workbook: formualizer.Workbook, notes: Notes, cell_of: Callable[[Raw], Cell]) -> None:
    """Make the functions known to the engine.

    Args:
        workbook: The engine's workbook.
        notes: Where they note what is not proved.
        cell_of: Turns a value of the engine into a cell's.
    """
    checks, operators = ValueChecks(notes, cell_of), Operators(notes)
    for name, function, count in (
        (REACHED, checks.reached, 2),
        (UNKNOWN_CALL, checks.unknown, 2),
        (ADDRESS, checks.address, 3),
        (CHECK, checks.check, 3),
        (WRITTEN, checks.written, 3),
        (KEY, checks.key, 4),
        (WHOLE, checks.whole, 2),
        (STEP, checks.step, 3),
        (ARRAY, checks.array, 2),
        (RATE, checks.rate, 2),
        (PATTERN, checks.pattern, 2),
        (CRITERION, checks.criterion, 2),
        (WORDS, checks.words, 2),
        (FOUND, checks.found, 2),
        (FILLED, checks.filled, 2),
        (COMPARE, operators.compare, 4),
        (POWER, operators.power, 3),
        (DIFFERENCE, operators.difference, 4),
        (READ, operators.number, 2),
    ):
        workbook.register_function(name, _noting(function, notes), min_args=count, max_args=count)
    workbook.register_function(KNOWN_CALL, lambda value: value, min_args=1, max_args=1)
    for name, function in SUBSTITUTES.items():
        substitute = _noting(_substitute(function, notes), notes)
        workbook.register_function(SUBSTITUTE + name, substitute, min_args=1)


def _noting(function: Callable[..., Raw], notes: Notes) -> Callable[..., Raw]:
    """Note what goes wrong in a function: the engine would make an error value of it."""

    def call(*arguments: Raw) -> Raw:
        try:
            return function(*arguments)
        except Exception as error:
            what = f"a function of this package fails on it ({type(error).__name__}: {error})"
            notes.refused[int(arguments[-1])] = what
        except BaseException as error:  # raised again once the engine has stopped
            notes.interruption = error
        return VALUE

    return call


def _substitute(function: Callable[..., Raw], notes: Notes) -> Callable[..., Raw]:
    def call(*arguments: Raw) -> Raw:
        *given_, cell = arguments
        try:
            return called(function, *given_)
        except UnknownRuleError as unknown:
            notes.refused[int(cell)] = str(unknown)
            return VALUE

    return call
