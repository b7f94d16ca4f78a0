"""Groups of functions by what they take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ELEMENTWISE: Final = frozenset({"IF", "IFERROR", "IFNA"})
"""Functions of single values that the engine has work on every cell of a range."""

CELL_BY_CELL: Final = frozenset(
    {"YEAR", "MONTH", "DAY", "ABS", "INT", "ISNUMBER", "ISTEXT", "ISBLANK", "ISERROR", "ISNA"}
    | {"LEN", "LEFT", "RIGHT", "MOD", "ROUND", "ROUNDDOWN", "ROUNDUP", "TEXT", "TRUNC"}
    | {"WEEKDAY", "MID", "TRIM", "UPPER", "LOWER", "SUBSTITUTE", "EXACT", "FIND", "SEARCH"}
    | {"SIGN", "SQRT", "NOT"}
)
"""Functions of one value for which functions of ours work on every cell of a range."""

OF_EACH: Final = CELL_BY_CELL | {"COUNTIF", "MATCH", "SUMIF"}
"""These, and functions that look for each of several values."""

OF_BLANKS_TOO: Final = frozenset({"EXACT", "MATCH", "WEEKDAY"})
"""Those of them that take blank cells in ranges, which the engine takes for something else."""

OF_LETTERS: Final = frozenset({"UPPER", "LOWER", "SEARCH"})
"""Those of them that ask for capitals, of which the engine knows those of English alone."""

POSITIONS: Final = frozenset({"ROW", "COLUMN", "ROWS", "COLUMNS"})
"""Functions of where cells are, and not of what they hold."""

BY_CRITERIA: Final = frozenset(
    {"SUMIF", "SUMIFS", "COUNTIF", "COUNTIFS", "AVERAGEIF", "AVERAGEIFS", "MAXIFS", "MINIFS"}
)
"""Functions that look at what their cells are asked for."""

BY_KEYS: Final = frozenset(
    {"MATCH", "XMATCH", "LOOKUP", "VLOOKUP", "HLOOKUP", "XLOOKUP", "RANK", "RANK.EQ", "RANK.AVG"}
)
"""Functions that look for their first argument among the cells of their second."""

RANKS: Final = frozenset({"PERCENTRANK.INC", "PERCENTRANK.EXC"})
"""Functions that look for their second argument among the cells of their first."""

FINDING: Final = frozenset({"MATCH", "VLOOKUP", "HLOOKUP"})
"""Those of them that find nothing for a blank cell where there is no 0."""

OF_CELLS: Final = frozenset(
    BY_CRITERIA
    | RANKS
    | {"COUNTBLANK", "RANK", "RANK.EQ", "SUBTOTAL", "AGGREGATE", "ROW", "COLUMN"}
)
"""Functions that take cells alone, where others take arrays as well."""

LAZY: Final[Mapping[str, int]] = dict.fromkeys(
    ("IF", "IFERROR", "IFNA", "IFS", "CHOOSE", "SWITCH"), 1
)
"""Functions that may leave arguments alone, and from which place on."""

TEXT_TAKERS: Final = frozenset(
    {"LEFT", "RIGHT", "MID", "LEN", "TRIM", "LOWER", "UPPER", "CLEAN", "SUBSTITUTE"}
    | {"FIND", "SEARCH", "CONCATENATE", "CONCAT", "TEXTJOIN", "REPT", "EXACT"}
)
"""Functions of texts, for which numbers are written out by a function of ours."""

OF_ANY_SIZE: Final = frozenset(
    {"EXP", "POWER", "FACT", "FACTDOUBLE", "COMBIN", "PERMUT", "SINH", "COSH", "PRODUCT", "VALUE"}
    | {"PHI", "NORM.DIST", "NORM.S.DIST", "NORMSDIST", "PV", "FV", "PMT", "NPV", "XNPV"}
    | {"IPMT", "PPMT", "INDIRECT", "OFFSET"}
)
"""Functions that may give numbers far larger or nearer to 0 than those that they are given."""

PLAIN_INSIDE: Final = frozenset(
    {"SUM", "PRODUCT", "AVERAGE", "MIN", "MAX", "COUNT", "COUNTA", "AND", "OR"}
)
"""Functions that take ranges, in whose arguments Excel still takes single cells of ranges."""

ARRAY_INSIDE: Final = frozenset({"SUMPRODUCT"})
"""Functions in whose arguments operators work on every cell, in whatever formula."""

PAIRING: Final = frozenset({"SUMPRODUCT", "SUMXMY2"})
"""Functions that take the cells of ranges together which have the same place in each."""

OF_WHOLE_COLUMNS: Final = frozenset(
    {"SUM", "COUNT", "COUNTA", "MAX", "MIN", "AVERAGE", "MATCH", "VLOOKUP"}
)
"""Functions to which it makes no difference that the engine ends a column where its cells do."""

OF_WHOLE: Final = frozenset({"DAYS360", "DELTA"})
"""Functions that do not just cut off a time of day, or compare digits after the twelfth."""

OF_RATES: Final = frozenset({"IPMT", "PPMT"})
"""Functions whose last digits are lost where a rate is large."""

SAME_SIZED: Final = frozenset(
    ["SUMIFS", "AVERAGEIFS", "COUNTIFS", "MAXIFS", "MINIFS", "SUMPRODUCT"]
)
"""Functions whose ranges are of one size in Excel, which gives an error otherwise."""
