"""Headings of the sales log, and how formulas refer to its columns."""

from __future__ import annotations

from functools import partial
from typing import Final

from xladdin.workbooks.layout.table import this_row

TABLE: Final = "Sales"

AGREEMENT: Final = "Agreement"
SHARES: Final = "Shares"
PRICE: Final = "Price"
OWN_RATE: Final = "Own rate"
FEE_PAID: Final = "Fee paid"
COUNTED: Final = "Counted"
AT: Final = "Number of the agreement"
POOL: Final = "Number of the pool"
DAY: Final = "Day"
DAY_GIVEN: Final = "Day given"
COUNT_GIVEN: Final = "Shares given"
COUNT: Final = "Shares that count"
READ_PRICE: Final = "Price that counts"
AMOUNT: Final = "Gross that counts"
TO_DATE: Final = "Gross to date"
BEFORE: Final = "Gross before"
SHARES_TO_DATE: Final = "Shares to date"
FACTOR: Final = "Splits after"
CARRIED: Final = "Shares carried"
STAGE: Final = "Stage"
TERMS: Final = "Terms"
SCHEDULE: Final = "Schedule"
RATE_GIVEN: Final = "Rate given"
PAYS: Final = "Fee is stated"
DUE: Final = "Fee due to date"
DUE_BEFORE: Final = "Fee due before"
BY_TIERS: Final = "Fee by tiers"
READ_FEE: Final = "Fee paid that counts"
READ_RATE: Final = "Rate that counts"
GROSS: Final = "Gross"
SOLD: Final = "Shares sold"
FEE: Final = "Fee"
NET: Final = "Net proceeds"
"""Headings of columns that others refer to."""

here: Final = partial(this_row, TABLE)
"""Refers to a column in the same row of the log."""


def up_to(column: str) -> str:
    """Refer to a column from its heading, which no sum counts, to this row."""
    return f"{TABLE}[[#Headers],[{column}]]:{here(column)}"


def of_agreement(name: str, at: str, *, several: bool) -> str:
    """Refer to a figure in a list of the sheet Agreements.

    Args:
        name: Defined name of the list.
        at: Number of the agreement, a reference.
        several: Whether the deal has several agreements.
    """
    return f"INDEX({name},{at})" if several else name
