"""Numbers in texts, and numbers that rounding for a text may bring to one side or the other."""

from __future__ import annotations

import re
from typing import Final

_HALF: Final = 1e-10
"""Parts within which a number is taken for one half-way between two that can be written."""


_NUMBER: Final = re.compile(r"\s*[-+]?\$?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*%?\s*")


def is_number(text: str) -> bool:
    """Whether a text is written as a number, with a currency or a percent sign perhaps."""
    return _NUMBER.fullmatch(text) is not None


def is_half(value: float, decimals: int) -> bool:
    """Whether a number nearly is half-way between two that have so many decimals."""
    moved = abs(value) * 10.0**decimals
    return moved < 1e15 and abs(moved % 1 - 0.5) < _HALF * max(1.0, moved / 1e3)
