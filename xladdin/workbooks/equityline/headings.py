"""Headings of the advances, and how formulas refer to their columns."""

from __future__ import annotations

from functools import partial
from typing import Final

from xladdin.workbooks.equityline.line import EquityLine
from xladdin.workbooks.layout.table import this_row, whole

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
COUNTED_HELD: Final = "Held that counts"
KIND: Final = "Kind"
DRAWN: Final = "Amount drawn"
COUNTED: Final = "Counted"
COUNTED_AMOUNT: Final = "Amount that counts"
COUNTED_PRICE: Final = "Price that counts"
TO_DATE: Final = "Amount to date"
BEFORE: Final = "Amount before"
ISSUED: Final = "Issued"
ALL_ISSUED: Final = "Issued to date"
FEE: Final = "Fee"
COMMITMENT: Final = "Commitment shares"
CAP_LEFT: Final = "Left under the cap"
LIMITED: Final = "By the cap"
OWNED_LEFT: Final = "Ownership limit leaves"
AVERAGE: Final = "Average price"
AVERAGED: Final = "Shares averaged"
"""Headings of columns that others refer to."""


here: Final = partial(this_row, TABLE)
"""Refers to a column in the same row of the advances."""

MOST_SHARES: Final = "1E+15"
"""Fewer shares than this have all their digits in a cell."""


def to_here(column: str) -> str:
    """Add up a column from its heading, which no sum counts, to this row."""
    return f"SUM({up_to(column)})"


def up_to(column: str) -> str:
    """Refer to a column from its heading to this row."""
    return f"{TABLE}[[#Headers],[{column}]]:{here(column)}"


def to_here_of(line: EquityLine, column: str, kind: str) -> str:
    """Add a column up to this row, over rows of one kind."""
    if not line.mixed:
        return to_here(column)
    return f'SUMPRODUCT(--({up_to(KIND)}="{kind}"),{up_to(column)})'


def sum_of(line: EquityLine, column: str, kind: str) -> str:
    """Add a whole column up, over rows of one kind."""
    if not line.mixed:
        return f"SUM({whole(TABLE, column)})"
    return f'SUMPRODUCT(--({whole(TABLE, KIND)}="{kind}"),{whole(TABLE, column)})'


def drawn(line: EquityLine) -> str:
    """Name the column of the amounts that count against the capacity."""
    return DRAWN if line.mixed else COUNTED_AMOUNT


def is_of(kind: str) -> str:
    """Test whether a row is of a kind, in a deal that has several."""
    return f'{here(KIND)}="{kind}"'


def counted(formula: str) -> str:
    """Give 0, shown as a dash, in a row that waits for input; an error in one that is wrong."""
    return f"IF({here(COUNTED)}=0,0,{formula})"


def blanks(line: EquityLine) -> str:
    """Count the blanks among what a row cannot do without.

    That is all but what the investor holds, and but the day of issue where its formula has no use
    for it.
    """
    last = AMOUNT if line.formulas else PRICE
    found = f"COUNTBLANK({TABLE}[[#This Row],[Date]:[{last}]])"
    if not line.takes_issue or not line.without_issue:
        return found
    without = ",".join(f'{here(FORMULA)}="{key}"' for key in line.without_issue)
    return f"{found}-OR({without})*COUNTBLANK({here(ISSUED_ON)})"
