"""Headings of the placement log, and how formulas refer to its columns."""

from __future__ import annotations

from functools import partial
from typing import Final

from xladdin.workbooks.layout.table import this_row

TABLE: Final = "Placements"

AGENT: Final = "Agent"
COUNTED: Final = "Counted"
GROSS_TO_DATE: Final = "Gross to date"
PRIOR_GROSS: Final = "Prior gross"
OWN_RATE: Final = "Own rate"
FEE_PAID: Final = "Fee paid"
OTHERS_SOLD: Final = "Sold by others"
READ_RATE: Final = "Rate that counts"
RATE_GIVEN: Final = "Rate given"
READ_FEE: Final = "Fee paid that counts"
READ_OTHERS: Final = "Sold by others that counts"
OTHERS_TO_DATE: Final = "Sold by others to date"
POOL_TO_DATE: Final = "Pooled"
FEE_TO_DATE: Final = "Plain commission to date"
FEE_BEFORE: Final = "Plain commission before"
AT_MOST: Final = "Plain commission at most"
PLAIN_COMMISSION: Final = "Plain commission"
SOLD: Final = "Shares sold"
PRIOR_SHARES: Final = "Prior shares"
DAY: Final = "Plain day"
COUNT: Final = "Plain shares"
PRICE: Final = "Plain price"
READ_SHARES: Final = "Shares that count"
READ_PRICE: Final = "Price that counts"
OTHERS: Final = "Others"
ALIKE: Final = "Alike"
TO_THE_CENT: Final = "Commission to the cent"
SHARES_TO_DATE: Final = "Shares to date"
CARRIED: Final = "Shares carried"
FACTOR: Final = "Splits after"
IN_ALL: Final = "Shares in all"
SETTLEMENT: Final = "Settlement"
CAPACITY_LEFT: Final = "Capacity left"
CHART_DAY: Final = "Chart day"
CHART_GROSS: Final = "Chart gross"
CHART_NET: Final = "Chart net"
"""Headings of columns that others refer to."""

here: Final = partial(this_row, TABLE)
"""Refers to a column in the same row of the log."""


def to_here(column: str) -> str:
    """Refer to a column from its heading, which no sum counts, to this row."""
    return f"{TABLE}[[#Headers],[{column}]]:{here(column)}"
