"""Groups of functions that LibreOffice is known to compute otherwise than Excel in some way."""

from __future__ import annotations

from typing import Final

OTHERS: Final = frozenset({"CODE", "CHAR", "ATAN2", "TYPE", "CELL", "INFO", "DDE", "GETPIVOTDATA"})
"""Functions that are refused whatever they are given. Excel has no DDE, and the copy of a workbook
that LibreOffice is given has no pivot tables."""

ITS_OWN: Final = ("ORG.LIBREOFFICE.", "ORG.OPENOFFICE.")
"""What the names of functions begin with that Excel does not have."""

ROUNDED_TEXTS: Final = frozenset({"FIXED", "DOLLAR"})
"""Functions that write a number with decimals, of which LibreOffice rounds the binary value."""

BY_CRITERIA: Final = frozenset(
    {"COUNTIF", "COUNTIFS", "SUMIF", "SUMIFS", "AVERAGEIF", "AVERAGEIFS", "MAXIFS", "MINIFS"}
)

DAYS: Final = {"DAYS360": 2, "YEARFRAC": 2, "DATEDIF": 2} | dict.fromkeys(
    ("YEAR", "MONTH", "DAY", "WEEKDAY", "WEEKNUM", "ISOWEEKNUM", "EDATE", "EOMONTH"), 1
)
"""Functions of dates, and how many of their arguments are dates."""

SUMS: Final = frozenset({"SUM", "PRODUCT", "AVERAGE", "MIN", "MAX", "COUNT", "SUMSQ"})

LOGICAL_RESULT: Final = frozenset(
    {"AND", "OR", "NOT", "XOR", "TRUE", "FALSE", "ISBLANK", "ISERR", "ISERROR", "ISLOGICAL"}
    | {"ISNA", "ISNONTEXT", "ISNUMBER", "ISTEXT", "EXACT", "ISEVEN", "ISODD", "ISREF"}
)

OF_TEXTS: Final = frozenset(
    {"LEFT", "RIGHT", "MID", "LEN", "UPPER", "LOWER", "PROPER", "TRIM", "CLEAN", "SUBSTITUTE"}
    | {"REPT", "CONCATENATE", "CONCAT", "TEXTJOIN", "FIND", "SEARCH", "EXACT", "REPLACE", "TEXT"}
)

TO_TEXT: Final = OF_TEXTS - {"LEN", "FIND", "SEARCH", "EXACT"}
"""Functions whose result is a text."""

TAKES_LOGICALS: Final = frozenset(
    {"IF", "IFS", "IFERROR", "IFNA", "AND", "OR", "NOT", "XOR", "CHOOSE", "INDEX", "COUNTA"}
    | {"COUNTBLANK", "ROWS", "COLUMNS", "ROW", "COLUMN", "ISBLANK", "ISERR", "ISERROR", "ISNA"}
    | {"ISLOGICAL", "ISTEXT", "ISREF", "EXPLAIN", "AVERAGEA", "MAXA", "MINA", "N"}
)
"""Functions to which a cell with TRUE or FALSE means the same in LibreOffice as in Excel."""
