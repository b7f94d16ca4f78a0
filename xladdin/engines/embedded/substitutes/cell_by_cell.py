"""Functions of one value, on each cell of a range."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from xladdin.cells import day_of
from xladdin.engines.embedded.notes import rounded
from xladdin.engines.embedded.substitutes import last_digits, texts
from xladdin.engines.embedded.substitutes.values import (
    DIV,
    LAST_DATE,
    LEAP_1900,
    NA,
    NUM,
    REF,
    VALUE,
    FaultError,
    Raw,
    UnknownRuleError,
    called,
    number_of,
    text_of,
)
from xladdin.engines.proved import DIGITS, EMPTY, TEXT, kind_of_value


def _on_each(function: Callable[..., Raw]) -> Callable[..., Raw]:
    def call(value: Raw, *others: Raw) -> Raw:
        if any(isinstance(one, list) for one in others):
            raise UnknownRuleError("a function is given a range or array in another place as well")
        if isinstance(value, list):
            return [[called(function, one, *others) for one in row] for row in value]
        return called(function, value, *others)

    return call


def cell_of_array(array: Raw, row: Raw, column: Raw = None) -> Raw:
    """Compute INDEX of what a function gives: an array, or one error in its place."""
    if not isinstance(array, list):
        return array
    at = [math.trunc(number_of(place)) for place in (row, column) if place is not None]
    if len(at) == 1 and 1 not in (len(array), len(array[0])):
        raise UnknownRuleError("INDEX is given one place in several rows and columns")
    if len(at) == 1:
        at = [1, *at] if len(array) == 1 else [*at, 1]
    if not min(at):
        raise UnknownRuleError("INDEX is given 0, which stands for a whole row or column")
    if min(at) < 0:
        return VALUE
    return array[at[0] - 1][at[1] - 1] if at[0] <= len(array) and at[1] <= len(array[0]) else REF


def last_of(_limit: Raw, found: Raw, result: Raw) -> Raw:
    """Compute LOOKUP of 2 among ones, and errors where there is none: that of the last one."""
    places, cells = ([one for row in block for one in row] for block in (found, result))
    if len(places) != len(cells):
        raise UnknownRuleError("LOOKUP is given ranges of different sizes")
    if any(place not in (1.0, DIV) for place in places):
        raise UnknownRuleError("LOOKUP is given something else than ones and #DIV/0!")
    last = next(
        (cell for place, cell in zip(places[::-1], cells[::-1], strict=True) if place == 1), NA
    )
    if last is None:
        raise UnknownRuleError("LOOKUP finds a blank cell")
    return last


def last_cell(limit: Raw, found: Raw, result: Raw) -> Raw:
    """Compute the same of two whole columns, which end at their own last cells."""
    rows = max(len(found), len(result))
    return last_of(
        limit,
        found + [[DIV]] * (rows - len(found)),
        result + [[None]] * (rows - len(result)),
    )


def _part_of_day(part: str, of_zero: float) -> Callable[[Raw], Raw]:
    """Return a function that gives a part of a day; `of_zero` is that of a blank cell."""

    def function(value: Raw) -> Raw:
        number = number_of(value)
        if number < 0 or number >= LAST_DATE + 1:
            return NUM
        if number < 1:
            return of_zero
        if number <= LEAP_1900:
            raise UnknownRuleError("a day before March 1900")
        return float(getattr(day_of(math.floor(number)), part))

    return function


def _count(number: Raw) -> int:
    """Return how many characters are taken."""
    count = math.trunc(number_of(number))
    if count < 0:
        raise FaultError(VALUE)
    return count


def _left(value: Raw, count: Raw = 1.0) -> Raw:
    return value if isinstance(value, dict) else text_of(value)[: _count(count)]


def _right(value: Raw, count: Raw = 1.0) -> Raw:
    if isinstance(value, dict):
        return value
    text = text_of(value)
    return text[max(0, len(text) - _count(count)) :]


def _is_number(value: Raw) -> Raw:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _counted(value: Raw) -> Raw:
    """Return what cells have in common that meet one criterion; None for what is not counted.

    Raises:
        UnknownRuleError: As a criterion it may ask for more than what is equal to it.
    """
    if isinstance(value, bool):
        return value, "logical"
    if isinstance(value, int | float):
        return rounded(float(value))
    if not isinstance(value, str):
        raise UnknownRuleError("COUNTIF is asked for a blank cell or an error")
    kind = kind_of_value(value)
    asks = value.startswith(("<", ">", "=")) or not _ASKING.isdisjoint(value)
    if kind & DIGITS and not asks:
        return rounded(float(value))
    if asks or kind & ~(TEXT | EMPTY):
        raise UnknownRuleError("COUNTIF is asked for a text that is more than a text")
    return value.casefold()


_ASKING: Final = frozenset("*?~")


def count_of_each(cells: Raw, criteria: Raw) -> Raw:
    """Compute COUNTIF of several criteria, each of which asks for what is equal to it."""
    counts: dict[Raw, int] = {}
    for cell in (one for row in cells for one in row):
        if not isinstance(cell, dict):
            key = "" if cell is None else _counted(cell)
            counts[key] = counts.get(key, 0) + 1
    return [[float(counts.get(_counted(one), 0)) for one in row] for row in criteria]


EACH: Final[Mapping[str, Callable[..., Raw]]] = {
    "COUNTIF": count_of_each,
    "YEAR": _on_each(_part_of_day("year", 1900.0)),
    "MONTH": _on_each(_part_of_day("month", 1.0)),
    "DAY": _on_each(_part_of_day("day", 0.0)),
    "ABS": _on_each(lambda value: abs(number_of(value))),
    "INT": _on_each(last_digits.integer),
    "MOD": _on_each(last_digits.remainder),
    "ROUND": _on_each(last_digits.rounded),
    "ROUNDDOWN": _on_each(last_digits.rounded_down),
    "ROUNDUP": _on_each(last_digits.rounded_up),
    "TEXT": _on_each(texts.formatted),
    "TRUNC": _on_each(last_digits.rounded_down),
    "ISNUMBER": _on_each(_is_number),
    "ISTEXT": _on_each(lambda value: isinstance(value, str)),
    "ISBLANK": _on_each(lambda value: value is None),
    "LEFT": _on_each(_left),
    "LEN": _on_each(lambda value: value if isinstance(value, dict) else float(len(text_of(value)))),
    "RIGHT": _on_each(_right),
    "ISERROR": _on_each(lambda value: isinstance(value, dict)),
}
"""By function of Excel: what computes it."""
