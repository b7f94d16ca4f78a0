"""A line of the Checks sheet, and how closely figures have to agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from xladdin.workbooks.layout import styles


class Check(NamedTuple):
    """One line of the Checks sheet.

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
    format: str = styles.GENERAL


USD_TOLERANCE: Final = 1e-6
"""A ten-thousandth of a cent: far above double rounding on amounts of this size, which is some
1E-8 for tens of millions, and far below anything that could be paid."""

PRICE_TOLERANCE: Final = 1e-9
"""For prices a share and fractions."""

ENTERED: Final = "entered"
"""The source of a figure that a user gave."""

FIRST_CHECK_ROW: Final = 6
"""Row of the first line of the Checks sheet."""

EXACT: Final = 0.0
"""For counts, dates and truth values."""


def agree(pairs: Sequence[tuple[str, str, float]]) -> str:
    """Write whether figures and their twins agree within a tolerance; an error agrees with nothing.

    Args:
        pairs: Reference of the figure, reference of the twin, tolerance.

    Returns:
        A formula without its equals sign.
    """
    tests = [
        f"ABS({figure}-{twin})<={tolerance:G}" if tolerance else f"{figure}={twin}"
        for figure, twin, tolerance in pairs
    ]
    return f"IFERROR(AND({','.join(tests)}),FALSE)"
