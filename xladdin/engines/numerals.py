"""How Excel reads numbers that are written out, and writes numbers."""

from __future__ import annotations

import math
import sys
from decimal import ROUND_DOWN, Context, Decimal
from typing import Final

_DIGITS: Final = 15
_CUT: Final = Context(prec=_DIGITS, rounding=ROUND_DOWN)

_FIXED_POINT: Final = 2.0**32
_MOST_WHOLE: Final = 2.0**16
_SURELY_SHORT: Final = 2.0**10
"""Binary places are as many decimal ones: ten of them, behind five digits, are within fifteen."""


def as_excel_reads(number: str) -> bool:
    """Whether Excel, which cuts off digits after the fifteenth, has the number that is written."""
    kept = float(_CUT.create_decimal(number))
    return kept == float(number) and (not kept or sys.float_info.min <= abs(kept) < math.inf)


def is_written_shorter(number: float) -> bool:
    """Whether Excel cuts off digits after the fifteenth of a number that it else rounds.

    It does so with numbers below 65,536 that have no more than 32 binary places: it writes
    43863.89142 as 43863.8914199999. No documentation says so, but all numbers that are known to be
    written so have this form, and numbers beside them that have not are written well.
    """
    size = abs(number)
    if (
        size >= _MOST_WHOLE
        or not (size * _FIXED_POINT).is_integer()
        or (size * _SURELY_SHORT).is_integer()
    ):
        return False
    return float(_CUT.create_decimal(Decimal(size))) != float(f"{size:.15g}")
