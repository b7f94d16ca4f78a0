"""Functions that read texts or write them."""

from __future__ import annotations

import decimal
import math
import re
from typing import Final

from xladdin.engines.embedded.substitutes.values import VALUE, Raw, UnknownRuleError, number_of


def value_of_text(text: Raw) -> Raw:
    """Compute VALUE."""
    return text if isinstance(text, dict | float) else number_of(text)


def proper(text: Raw) -> Raw:
    """Compute PROPER."""
    if isinstance(text, dict):
        return text
    return re.sub(r"[A-Za-z]+", lambda run: run[0].capitalize(), text or "")


def replace(text: Raw, start: Raw, count: Raw, other: Raw) -> Raw:
    """Compute REPLACE."""
    for value in (text, start, count, other):
        if isinstance(value, dict):
            return value
    at, length = math.trunc(number_of(start)) - 1, math.trunc(number_of(count))
    if at < 0 or length < 0:
        return VALUE
    before = text or ""
    return before[:at] + (other or "") + before[at + length :]


def character(code: Raw) -> Raw:
    """Compute CHAR of codes that every system reads alike."""
    number = math.trunc(number_of(code))
    if not 1 <= number <= 255:
        return VALUE
    if number > 126:
        raise UnknownRuleError("CHAR is given a code that depends on the system")
    return chr(number)


def fixed(number: Raw, decimals: Raw = 2.0) -> Raw:
    """Write a number with decimals, rounded as Excel shows it: in decimal, away from zero."""
    value, places = number_of(number), int(number_of(decimals))
    shown = float(f"{value:.15g}")
    unit = decimal.Decimal(1).scaleb(-places)
    exact = decimal.Decimal(repr(shown))
    if abs(value) >= _LARGEST_FIXED:
        raise UnknownRuleError("FIXED is given a number of more digits than Excel shows")
    if shown != value and (exact % unit).copy_abs() * 2 == unit:
        raise UnknownRuleError("FIXED is given a number that is half-way but for its last digits")
    rounded = exact.quantize(unit, decimal.ROUND_HALF_UP)
    if value < 0 and not rounded:
        raise UnknownRuleError("FIXED is given a negative number that is rounded to 0")
    return f"{rounded:,.{places}f}"


_LARGEST_FIXED: Final = 1e10
