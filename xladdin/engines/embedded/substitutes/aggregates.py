"""Functions of many numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from xladdin.engines.embedded.substitutes.values import (
    DIV,
    NA,
    NUM,
    FaultError,
    Raw,
    UnknownRuleError,
    number_of,
    numbers_of,
)

_LARGEST_PRODUCT: Final = 1e300


def harmonic_mean(*values: Raw) -> Raw:
    """Compute HARMEAN."""
    numbers = numbers_of(values)
    if not numbers:
        raise UnknownRuleError("HARMEAN is given no numbers")
    if min(numbers) <= 0:
        return NUM
    return len(numbers) / math.fsum(1 / number for number in numbers)


def geometric_mean(*values: Raw) -> Raw:
    """Compute GEOMEAN."""
    numbers = numbers_of(values)
    if not numbers or min(numbers) <= 0:
        return NUM
    if not 1 / _LARGEST_PRODUCT < math.prod(numbers) < _LARGEST_PRODUCT:
        raise UnknownRuleError("GEOMEAN is given numbers of which Excel may not keep the product")
    return math.exp(math.fsum(map(math.log, numbers)) / len(numbers))


def mode(*values: Raw) -> Raw:
    """Compute MODE: of several commonest numbers, the first."""
    numbers = numbers_of(values)
    commonest = statistics.multimode(numbers)
    if 1 < len(commonest) < len(set(numbers)) and not all(isinstance(one, list) for one in values):
        raise UnknownRuleError("MODE is given several commonest numbers, not all of them cells")
    return NA if len(set(numbers)) == len(numbers) else commonest[0]


def _median(numbers: Sequence[float]) -> float:
    if not numbers:
        raise FaultError(NUM)
    return statistics.median(numbers)


def _product(numbers: Sequence[float]) -> float:
    return math.prod(numbers) if numbers else 0.0


def _mean(numbers: Sequence[float]) -> float:
    if not numbers:
        raise FaultError(DIV)
    return math.fsum(numbers) / len(numbers)


def _spread(numbers: Sequence[float], whole: bool) -> float:
    """Return the variance of numbers that are all there are, or a sample."""
    count = len(numbers) - (not whole)
    if count < 1:
        raise FaultError(DIV)
    mean = _mean(numbers)
    return math.fsum((number - mean) ** 2 for number in numbers) / count


_AGGREGATES: Final[Mapping[int, Callable[[Sequence[float]], float]]] = {
    1: _mean,
    4: lambda numbers: max(numbers, default=0.0),
    5: lambda numbers: min(numbers, default=0.0),
    6: _product,
    7: lambda numbers: math.sqrt(_spread(numbers, whole=False)),
    8: lambda numbers: math.sqrt(_spread(numbers, whole=True)),
    9: sum,
    10: lambda numbers: _spread(numbers, whole=False),
    11: lambda numbers: _spread(numbers, whole=True),
    12: _median,
}
"""By number of AGGREGATE's function: what it makes of the numbers that count."""

_WITHOUT_ERRORS: Final = (2, 3, 6, 7)
"""Options of AGGREGATE by which it passes over errors."""


def aggregate(function: Raw, option: Raw, *ranges: Raw) -> Raw:
    """Compute AGGREGATE of cells; hidden rows are left out before."""
    code, passing = int(function), int(option) in _WITHOUT_ERRORS
    *blocks, last = ranges
    place = number_of(last) if code in (14, 15) else 0.0
    if code not in (14, 15):
        blocks.append(last)
    cells = [
        cell
        for block in blocks
        for row in (block if isinstance(block, list) else [[block]])
        for cell in row
        if cell is not None and not (passing and isinstance(cell, dict))
    ]
    if code == 2:
        return float(len(numbers_of(cell for cell in cells if not isinstance(cell, dict))))
    if code == 3:
        return float(len(cells))
    numbers = numbers_of(cells)
    if code in (14, 15):
        if not 1 <= place <= len(numbers) or not place.is_integer():
            raise UnknownRuleError("AGGREGATE is asked for a place that there is not")
        return sorted(numbers, reverse=code == 14)[int(place) - 1]
    return float(_AGGREGATES[code](numbers))


def aggregate_of_array(function: Raw, _option: Raw, array: Raw, place: Raw) -> Raw:
    """Compute AGGREGATE of the largest or smallest numbers of an array, but for errors."""
    numbers = numbers_of(one for row in array for one in row if not isinstance(one, dict))
    at = number_of(place)
    if not at.is_integer():
        raise UnknownRuleError("AGGREGATE is asked for a place that is not whole")
    if not 1 <= at <= len(numbers):
        return NUM
    return sorted(numbers, reverse=int(function) == 14)[int(at) - 1]
