"""Functions whose results depend on a number's last digits: remainders, multiples, tangents."""

from __future__ import annotations

import bisect
import decimal
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from xladdin.engines.embedded.substitutes.values import (
    DIV,
    NA,
    NUM,
    OMITTED,
    Raw,
    UnknownRuleError,
    number_of,
    numbers_of,
)
from xladdin.engines.proved import NEARLY, kind_of_value

_NEARLY: Final = 1e-13
"""Parts of one within which a quotient is taken for a whole or half number."""


def remainder(number: Raw, divisor: Raw) -> Raw:
    """Compute MOD, where the remainder does not depend on rounding."""
    whole, part = number_of(number), number_of(divisor)
    if not part:
        return DIV
    if abs(whole / part) > _MOST_PARTS:
        raise UnknownRuleError("MOD is given a divisor that is too small beside the number")
    exact = math.fmod(whole, part)
    if exact and (exact < 0) != (part < 0):
        exact += part
    documented = whole - part * math.floor(whole / part)
    nearly = kind_of_value(whole / part) == NEARLY
    if nearly or not math.isclose(exact, documented, rel_tol=1e-12):
        raise UnknownRuleError("MOD is given numbers whose remainder depends on rounding")
    return documented + 0.0  # and never -0


_MOST_PARTS: Final = 1e12
"""How often a divisor may be in a number; Excel's MOD gives up at about as much."""


def quotient(number: Raw, divisor: Raw) -> Raw:
    """Compute QUOTIENT, where the parts do not depend on a number's last digits."""
    whole, part = number_of(number), number_of(divisor)
    if not part:
        return DIV
    return _cut(whole / part, 0, decimal.ROUND_DOWN)


_CONTEXT: Final = decimal.Context(prec=700)
_MOST_DIGITS: Final = 340
"""Digits before and behind the point that any number has, at the most."""


def _cut(number: float, digits: int, rounding: str) -> float:
    """Round to some digits, unless those after the fifteenth decide what comes out."""
    shown = decimal.Decimal(f"{number:.15g}")
    ways = {shown} if float(shown) == number else {shown, decimal.Decimal(number)}
    unit = decimal.Decimal(1).scaleb(-max(-_MOST_DIGITS, min(digits, _MOST_DIGITS)))
    found = {one.quantize(unit, rounding, _CONTEXT) for one in ways}
    if len(found) > 1:
        raise UnknownRuleError("it rounds a number of which digits after the fifteenth decide")
    return float(found.pop()) + 0.0


def _rounder(rounding: str) -> Callable[..., Raw]:
    def rounded(number: Raw, digits: Raw = OMITTED) -> Raw:
        value, places = (0.0 if one == OMITTED else number_of(one) for one in (number, digits))
        return _cut(value, math.trunc(places), rounding)

    return rounded


integer = _rounder(decimal.ROUND_FLOOR)
rounded = _rounder(decimal.ROUND_HALF_UP)
rounded_down = _rounder(decimal.ROUND_DOWN)
rounded_up = _rounder(decimal.ROUND_UP)


_MOST_OF_RANK: Final = 15
"""Digits of a rank; a power of ten of any size takes all time there is."""


def _percent_rank(ends: int) -> Callable[..., Raw]:
    """Return a function that ranks among numbers; `ends` is 1 where 0% and 100% are beyond them."""

    def rank(cells: Raw, number: Raw, digits: Raw = 3.0) -> Raw:
        numbers, value = sorted(numbers_of([cells])), number_of(number)
        if len(numbers) < 2 or number_of(digits) > _MOST_OF_RANK:
            raise UnknownRuleError("it ranks among fewer than two numbers, or by too many digits")
        unit = 10 ** math.trunc(number_of(digits))
        if unit < 10:
            return NUM
        if not numbers[0] <= value <= numbers[-1]:
            return NA
        at, count = bisect.bisect_left(numbers, value), len(numbers) - 1 + 2 * ends
        ranks: list[float | Fraction] = [Fraction(at + ends, count), (at + ends) / count]
        if numbers[at] != value:
            low, high, before = numbers[at - 1], numbers[at], at - 1 + ends
            between = (value - low) / (high - low)
            ranks = [(before + between) / count, before / count + between * (1 / count)]
            for exact in (Fraction, _as_shown):
                part = (exact(value) - exact(low)) / (exact(high) - exact(low))
                ranks.append((before + part) / count)
        cut = {math.floor(one * unit) for one in ranks}
        if len(cut) > 1:
            raise UnknownRuleError("it cuts off a rank of which digits after the fifteenth decide")
        return cut.pop() / unit

    return rank


def _as_shown(number: float) -> Fraction:
    return Fraction(f"{number:.15g}")


percent_rank = _percent_rank(0)
percent_rank_within = _percent_rank(1)


def angle(across: Raw, up: Raw) -> Raw:
    """Compute ATAN2, where it does not depend on the sign of a zero."""
    x, y = number_of(across), number_of(up)
    if x < 0 and y == 0 and math.copysign(1, y) < 0:
        raise UnknownRuleError("ATAN2 is given a zero that may have a sign")
    return math.atan2(y, x) if x or y else DIV


def _parts(number: float, multiple: float, halves: bool) -> float:
    """Divide a number into parts, of which it must be clear how many there are."""
    found = number / multiple
    near = round(2 * found) / 2 if halves else round(found)
    clear = found == near and multiple.is_integer()
    if not clear and abs(found - near) <= _NEARLY * max(1.0, abs(found) / 10):
        if halves and near != math.floor(near):
            raise UnknownRuleError("a number half-way between two multiples")
        if abs(near * multiple - number) > _LAST_DIGITS * math.ulp(number):
            raise UnknownRuleError("a number that is a multiple but for its last digits")
        return float(near)
    return found


_LAST_DIGITS: Final = 4
"""Units in the last binary place by which a multiple may miss the number that it is written as."""


def nearest_multiple(number: Raw, multiple: Raw) -> Raw:
    """Compute MROUND."""
    value, part = number_of(number), number_of(multiple)
    if not part or not value:
        return 0.0
    if (value < 0) != (part < 0):
        return NUM
    return math.floor(_parts(value, part, halves=True) + 0.5) * part


def ceiling(number: Raw, multiple: Raw) -> Raw:
    """Compute CEILING."""
    value, part = number_of(number), number_of(multiple)
    if not part or not value:
        return 0.0
    if value > 0 > part:
        return NUM
    return math.ceil(_parts(value, part, halves=False)) * part


def floor(number: Raw, multiple: Raw) -> Raw:
    """Compute FLOOR."""
    value, part = number_of(number), number_of(multiple)
    if not value:
        return 0.0
    if not part:
        return DIV
    if value > 0 > part:
        return NUM
    return math.floor(_parts(value, part, halves=False)) * part


def ceiling_math(number: Raw, multiple: Raw = OMITTED, mode: Raw = 0.0) -> Raw:
    """Compute CEILING.MATH, CEILING.PRECISE or ISO.CEILING."""
    value, part = number_of(number), abs(number_of(1.0 if multiple == OMITTED else multiple))
    if not part or not value:
        return 0.0
    found = _parts(value, part, halves=False)
    return (math.floor(found) if value < 0 and number_of(mode) else math.ceil(found)) * part


def floor_math(number: Raw, multiple: Raw = OMITTED, mode: Raw = 0.0) -> Raw:
    """Compute FLOOR.MATH or FLOOR.PRECISE."""
    value, part = number_of(number), abs(number_of(1.0 if multiple == OMITTED else multiple))
    if not part or not value:
        return 0.0
    found = _parts(value, part, halves=False)
    return (math.ceil(found) if value < 0 and number_of(mode) else math.floor(found)) * part


_LARGEST_ANGLE: Final = 2.0**27
"""From here on, Excel gives an error."""


def _angle(number: Raw) -> float:
    value = number_of(number)
    if abs(value) >= _LARGEST_ANGLE:
        raise UnknownRuleError("an angle of 2^27 or more")
    return value


def sine(number: Raw) -> Raw:
    """Compute SIN."""
    return math.sin(_angle(number))


def cosine(number: Raw) -> Raw:
    """Compute COS."""
    return math.cos(_angle(number))


def tangent(number: Raw) -> Raw:
    """Compute TAN, of angles that are not nearly right ones."""
    found = math.tan(_angle(number))
    if abs(found) > _STEEPEST:
        raise UnknownRuleError("TAN is given an angle too near to a right one")
    return found


_STEEPEST: Final = 1e6
