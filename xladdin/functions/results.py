"""Results: what a Python caller gets, and what a cell holds in its place."""

from __future__ import annotations

import datetime
from math import isfinite
from typing import Any

from xladdin.cells import Cell, CellError, serial_of
from xladdin.errors import NUM, Described, InputError


def checked(value: Any) -> Any:
    """Return a result that a cell can hold; raise OverflowError for one that it cannot."""
    if type(value) is float:
        if not isfinite(value):
            raise OverflowError
        value += 0.0  # negative zero shows as -0 in some programs
    return value


def shown_in_cell(value: Any) -> Cell:
    """Convert a result to a cell's value; raise OverflowError for one that is too large."""
    # Only a finite number less itself is 0.
    if type(value) is float and value - value == 0:
        return value + 0.0
    return cell_of(checked(value))


def cell_of(value: Any) -> Cell:
    """Convert a Python value to a cell's value: dates to serials, counts to numbers."""
    if type(value) is str or type(value) is float:  # as nearly all are; instances take longer
        return value
    if isinstance(value, bool | str | float | CellError):
        return value
    if isinstance(value, datetime.date):
        return float(serial_of(value))
    return float(value)


def too_large() -> InputError:
    """Make the error of a result that no cell can hold."""
    return InputError(
        NUM, "", Described("a number too large"), "must give a result that a cell can hold"
    )
