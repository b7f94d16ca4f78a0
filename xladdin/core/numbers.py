"""How a cell's number is read where whole units are counted."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def as_shown(number: float) -> Fraction:
    """Read a double as the decimal number that it stands for.

    A sheet that shows 4.04 holds the double nearest to it, which lies a trifle above. Dividing
    404 dollars by that double leaves a trifle less than 100, and rounding down would lose a
    share. So, where units are counted, a number is the shortest decimal which identifies it:
    the one that the user typed and the sheet shows.

    Args:
        number: Any finite number.

    Returns:
        That decimal, exactly.
    """
    return Fraction(*Decimal(repr(number)).as_integer_ratio())
