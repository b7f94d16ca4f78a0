"""Formulas that are filled down a column, recognised without being taken apart again.

The formula of a row is kept with a mark for each row number in it. The next row's formula is the
same one if it is what the marks give there, which is a fraction of the work of reading it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from xladdin.engines.embedded.verdicts import Verdict
from xladdin.formulas.tokens import ANY_CELL

if TYPE_CHECKING:
    from xladdin.engines.embedded.formula_cell import FormulaCell

_MARK: Final = "\0"
"""Stands for the number of the formula's own row; no part of a file has this character."""

_CORNER: Final = re.compile(r"(\$?[A-Za-z]{1,2})(\$?)([1-9][0-9]{0,6})")

_MIXED: Final = re.compile(
    rf"{_MARK}:(?!\$?[A-Za-z]{{1,2}}{_MARK})|[0-9]:\$?[A-Za-z]{{1,2}}{_MARK}"
)
"""A range of which one end moves down alone: in another row it may be one cell, or upside down."""


class Run(NamedTuple):
    """Cells of a column with one formula, filled down.

    Attributes:
        text: It, with marks for its own row's number.
        judged: What is known of it.
        cells: The cells, from the top.
    """

    text: str
    judged: Verdict
    cells: list[FormulaCell]


class FilledDown:
    """Finds formulas that refer to cells of their own row alone, and stand in several rows.

    Attributes:
        runs: The cells of each.
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self._last: dict[tuple[str, int], Run] = {}

    def find(self, sheet: str, row: int, column: int, text: str) -> Run | None:
        """Return the run that a formula goes on with; None if it is not the one above.

        Args:
            sheet: Sheet of its cell.
            row: Row of its cell.
            column: Column of its cell.
            text: The formula, without an equals sign.
        """
        run = self._last.get((sheet, column))
        return run if run is not None and in_row(run.text, row) == text else None

    def begin(self, cell: FormulaCell) -> None:
        """Begin a run with a formula that the engine is given as it is written, if it may be one.

        Args:
            cell: Its cell.
        """
        row, column = cell.place
        model = for_any_row(cell.text, row)
        if model != cell.text and _MIXED.search(model) is None:
            run = self._last[cell.sheet, column] = Run(model, cell.judged, [cell])
            self.runs.append(run)


def for_any_row(text: str, row: int) -> str:
    """Return a formula with marks for the numbers of its own row."""
    own = str(row)

    def marked(match: re.Match[str]) -> str:
        return _CORNER.sub(corner, match[0])

    def corner(match: re.Match[str]) -> str:
        letters, fixed, digits = match.groups()
        return f"{letters}{_MARK}" if not fixed and digits == own else match[0]

    return ANY_CELL.sub(marked, text)


def in_row(model: str, row: int) -> str:
    """Return a formula with marks as it stands in a row."""
    return model.replace(_MARK, str(row))
