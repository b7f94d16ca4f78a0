"""The sheet Checks of a workbook: what is written on it, and how it is found and read again."""

from __future__ import annotations

from typing import Final

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

FAILURE: Final = "failure"
"""Kind of a line that has to hold."""

WARNING: Final = "warning"
"""Kind of a line that counts what is odd and may be right."""

TITLE: Final = "Checks"
"""Name of the sheet."""

FINGERPRINT: Final = "_xladdin"
"""Name of the sheet that lists what a workbook of ours came with; no program shows it."""

REMARK: Final = "Remark"
"""Heading of the column of a table that names in words what is wrong or odd about a row."""

ROWS_WITH: Final = ", rows with: "
"""What stands in a line between the name of a table and what is wrong or odd about rows of it."""

FAILS: Final = "Failure"
"""How a remark begins on a row that fails."""

ODD: Final = "Warning"
"""How a remark begins on a row that is odd and may be right."""
