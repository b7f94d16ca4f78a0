"""The sheet Checks of a workbook: its lines as they are written, and as they are read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeAlias

from xladdin.cells import Cell, CellError, described, shown
from xladdin.engines.tolerance import TOLERANCE
from xladdin.xlsx.sheet_part import Place

TITLE: Final = "Checks"
"""Name of the sheet."""

OK_NAME: Final = "Checks_OK"
"""Defined name of the cell that is TRUE only if no check fails."""

WARNINGS_NAME: Final = "Checks_Warnings"
"""Defined name of the cell that counts the warnings."""

HEADINGS: Final = (
    "Check",
    "Computed",
    "Expected",
    "Difference",
    "Tolerance",
    "Holds",
    "Kind",
    "Against",
)
"""Headings of its lines, from column A."""

JUDGED: Final = HEADINGS[: HEADINGS.index("Kind")]
"""Headings by which the lines are found: release 0.1 had no more of them."""

VERDICT: Final = (4, 2)
"""Row and column of the cell that is TRUE only if no check fails."""

FIRST_ROW: Final = 6
"""Row of the first line."""

_HEADING_ROWS: Final = 20
"""Rows in which the headings are looked for."""

MUST_HOLD: Final = "must hold"
"""Kind of a line that has to hold."""

WARNING: Final = "warning"
"""Kind of a line that counts what is odd and may be right."""

FINGERPRINT: Final = "_xladdin"
"""Name of the sheet that lists what a workbook of ours came with; no program shows it."""

REMARK: Final = "Remark"
"""Heading of the column of a table that names in words what is wrong or odd about a row."""

ROWS_WITH: Final = ", rows with: "
"""What stands in a line between the name of a table and what is wrong or odd about rows of it."""

FAILS: Final = "Failure"
"""How a remark begins on a row that fails."""

MISSING: Final = "What is missing"
LACKS: Final = "Entries missing"
"""Heading of the column that names what a row lacks, and the words for all that it may lack."""

ODD: Final = "Warning"
"""How a remark begins on a row that is odd and may be right."""

Values: TypeAlias = Callable[[int, int], Cell]
"""The value of a cell of the sheet, by row and column from 1."""


class Check(NamedTuple):
    """A line as it is written.

    Attributes:
        what: What is compared.
        computed: Formula of the add-in's figure, without the equals sign.
        expected: Formula or value of what it must be.
        difference: Formula of the difference; empty for computed less expected.
        tolerance: Greatest difference at which the check holds, in the figure's unit.
        source: Page, or where the expected figure comes from.
        format: Number format of both figures.
    """

    what: str
    computed: str
    expected: str | float
    difference: str = ""
    tolerance: float = 0.0
    source: str = ""
    format: str = "General"

    def difference_in(self, row: int) -> str:
        """Write the formula of the difference in a row of the sheet."""
        return self.difference or f"ABS(B{row}-C{row})"


def holds_in(row: int) -> str:
    """Write the formula that is TRUE where the line in a row holds: not where it is an error."""
    return f"IF(ISERROR(D{row}),FALSE,D{row}<=E{row})"


def all_hold(last: int) -> str:
    """Write the formula that is TRUE where all lines that have to hold do, up to a row."""
    return f"AND(F{FIRST_ROW}:F{last})"


class Line(NamedTuple):
    """A line as it is read.

    Attributes:
        place: The cell of its figure.
        what: What it compares, in words.
        figure: What was computed.
        expected: What it must be.
        difference: By how much it differs.
        tolerance: By how much it may.
        holds: The line's own verdict.
        kind: ``failure`` or ``warning``.
    """

    place: Place
    what: Cell
    figure: Cell
    expected: Cell
    difference: Cell
    tolerance: Cell
    holds: Cell
    kind: Cell

    @property
    def words(self) -> str:
        """What was found, what was expected, and by how much they differ.

        Where the difference alone is an error, its cell is named, whose formula looks at more.
        """
        difference = described(self.difference)
        if isinstance(self.difference, CellError) and isinstance(self.figure, float):
            row = self.place[0]
            difference += f" in D{row}, which compares more than B{row} and C{row}"
        return (
            f"{shown(self.what)}: {described(self.figure)}, expected {described(self.expected)} "
            f"(difference {difference}, tolerance {described(self.tolerance)})"
        )

    @property
    def fits(self) -> bool:
        """Whether it holds; its own verdict is not taken on trust."""
        return (
            self.holds is True
            and isinstance(self.difference, float)
            and isinstance(self.tolerance, float)
            and self.difference <= self.tolerance
            and _close(self.figure, self.expected, self.tolerance)
        )


def heading_row(value: Values) -> int:
    """Find the row of the headings; 0 if there is none."""
    for row in range(1, _HEADING_ROWS):
        if tuple(value(row, column) for column, _ in enumerate(JUDGED, 1)) == JUDGED:
            return row
    return 0


def read_lines(value: Values, headings: int = FIRST_ROW - 1) -> Iterator[Line]:
    """Read the lines below the headings, up to the first row without one.

    Args:
        value: The values of the sheet.
        headings: The row of the headings.

    Yields:
        The lines in order, those of both kinds.
    """
    row = headings
    while True:
        row += 1
        values = [value(row, column) for column in range(1, len(JUDGED) + 2)]
        if values[0] in (None, ""):
            return
        yield Line((row, 2), *values)


def _close(figure: Cell, expected: Cell, tolerance: float) -> bool:
    """Whether figure and expected value agree to a line's tolerance, binary rounding aside."""
    if not (isinstance(figure, float) and isinstance(expected, float)):
        return True  # not numbers: the line's own difference is all there is
    return abs(figure - expected) <= tolerance + TOLERANCE * max(abs(figure), abs(expected))
