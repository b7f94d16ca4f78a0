"""What can be wrong with a cell of a workbook, as reports and their JSON call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ENTRY: Final = "entry"
TYPED_OVER: Final = "typed over"
OUTSIDE: Final = "outside"
ROW: Final = "row"
ERROR: Final = "error"

STORED: Final = "stored"
TWIN: Final = "twin"
ENGINE: Final = "engine"
UNRESOLVED: Final = "unresolved"
CHECKS: Final = "checks"

KINDS: Final[Mapping[str, str]] = {
    ENTRY: "an entry breaks the rule of its cell",
    TYPED_OVER: "a formula, or a figure of the workbook, is missing or another",
    OUTSIDE: "an entry is outside of the table that it belongs to",
    ROW: "what is entered in a row of a table fails the workbook's own rules",
    ERROR: "a formula gives an error of its own",
    STORED: "the stored value is another",
    TWIN: "the figure and its twin differ",
    ENGINE: "the engines differ",
    UNRESOLVED: "a name is not known",
    CHECKS: "the workbook's checks are not those that it came with",
}
"""Kinds of root cells, then of differences, in words."""
