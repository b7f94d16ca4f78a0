"""Results as values that Excel takes, the same for each of its adapters.

Python cannot return an error value to Excel: `encode` writes errors as their text, which the
add-in's own VBA, or xlwings, turns into real ones. Nothing here needs xlwings.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import Any, Final, TypeAlias

from xladdin.cells import Cell
from xladdin.errors import DIV0, NA, NAME, NULL, NUM, REF, VALUE

ERROR_NUMBERS: Final = {
    NULL: 2000,
    DIV0: 2007,
    VALUE: 2015,
    REF: 2023,
    NAME: 2029,
    NUM: 2036,
    NA: 2042,
    "#GETTING_DATA": 2043,
    "#SPILL!": 2045,
    "#CONNECT!": 2046,
    "#BLOCKED!": 2047,
    "#UNKNOWN!": 2048,
    "#FIELD!": 2049,
    "#CALC!": 2050,
    "#BUSY!": 2051,
}
"""Excel's error values, with their numbers for VBA's ``CVErr``."""

Encoded: TypeAlias = float | bool | str
"""A result for one cell: a number, a logical, or text (which may spell an error)."""


def encode(result: Cell | list[list[Cell]]) -> Encoded | list[list[Encoded]]:
    """Convert a function's result to values that COM passes to Excel.

    Args:
        result: A cell, or rows of cells.

    Returns:
        The same shape in plain floats, logicals and text. An error is its text, such as
        ``"#NUM!"``; so text that spells an error exactly would arrive as one, and no function
        returns such text. A blank in a spilled block is empty text: Excel would show 0 for it.
    """
    if isinstance(result, list):
        # As in decode: numbers only are returned as they are.
        everything: list[Any] = list(chain.from_iterable(result))
        if set(map(type, everything)) == {float} and all(map(math.isfinite, everything)):
            return result  # type: ignore[return-value]
        # Only a finite number less itself is 0.
        return [
            [item if type(item) is float and item - item == 0 else _encoded(item) for item in row]
            for row in result
        ]
    return _encoded(result)


def _encoded(value: Cell) -> Encoded:
    """Encode one cell."""
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, (float, int)):
        # Excel has no infinity and no NaN, and a 64-bit integer does not reach it at all.
        return float(value) if math.isfinite(value) else NUM
    return "" if value is None else value.code
