"""Groups of functions by what they take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ELEMENTWISE: Final = frozenset({"IF", "IFERROR", "IFNA"})
"""Functions of single values that the engine has work on every cell of a range."""

BY_CRITERIA: Final = frozenset(
    {"SUMIF", "SUMIFS", "COUNTIF", "COUNTIFS", "AVERAGEIF", "AVERAGEIFS", "MAXIFS", "MINIFS"}
)
"""Functions that look at what their cells are asked for."""

OF_CELLS: Final = frozenset(
    BY_CRITERIA | {"COUNTBLANK", "RANK", "RANK.EQ", "SUBTOTAL", "AGGREGATE", "ROW", "COLUMN"}
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
