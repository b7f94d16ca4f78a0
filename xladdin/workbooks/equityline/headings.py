"""Headings of the advances, and how formulas refer to their columns."""

from __future__ import annotations

from functools import partial
from typing import Final

from xladdin.workbooks.equityline.line import EquityLine
from xladdin.workbooks.layout.table import this_row

TABLE: Final = "Advances"

DAY: Final = "Day"
ISSUE_DAY: Final = "Day of issue"
STAGE: Final = "Stage"
FACTOR: Final = "Splits after"
AMOUNT: Final = "Amount"
PRICE: Final = "Price"
SHARES: Final = "Shares"
FORMULA: Final = "Formula"
ISSUED_ON: Final = "Issue date"
HELD: Final = "Held before"
COUNTED: Final = "Counted"
COUNTED_AMOUNT: Final = "Amount that counts"
TO_DATE: Final = "Amount to date"
BEFORE: Final = "Amount before"
ISSUED: Final = "Issued"
ALL_ISSUED: Final = "Issued to date"
FEE: Final = "Fee"
COMMITMENT: Final = "Commitment shares"
CAP_LEFT: Final = "Left under the cap"
OWNED_LEFT: Final = "Ownership limit leaves"
AVERAGE: Final = "Average price"
"""Headings of columns that others refer to."""


here: Final = partial(this_row, TABLE)
"""Refers to a column in the same row of the advances."""

MOST_SHARES: Final = "1E+15"
"""Fewer shares than this have all their digits in a cell."""


def to_here(column: str) -> str:
    """Add up a column from its heading, which no sum counts, to this row."""
    return f"SUM({TABLE}[[#Headers],[{column}]]:{here(column)})"


def counted(formula: str) -> str:
    """Give 0, shown as a dash, in a row that waits for input; an error in one that is wrong."""
    return f"IF({here(COUNTED)}=0,0,{formula})"


def blanks(line: EquityLine) -> str:
    """Count the blanks among what a row cannot do without: all but what the investor holds."""
    last = AMOUNT if line.formulas else PRICE
    return f"COUNTBLANK({TABLE}[[#This Row],[Date]:[{last}]])"
