"""Functions of one value, on each cell of a range."""

from __future__ import annotations

import itertools
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
from xladdin.engines.letters import UNSURE, lowered, meets, widest
from xladdin.engines.proved import DIGITS, EMPTY, FOREIGN, LATIN, TEXT, kind_of_value


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


def matched_past_texts(_limit: Raw, cells: Raw, _kind: Raw = None) -> Raw:
    """Compute MATCH of a text that comes after all others, so that the last one is found.

    Raises:
        UnknownRuleError: It is not sure of all of them that they come before.
    """
    places = _numbers_and_texts(cells)
    at = 0
    for place, value in enumerate(places, 1):
        if isinstance(value, str):
            letters = "".join(filter(str.isalnum, widest(value)))
            if not letters.isascii() or letters.startswith("zz"):
                raise UnknownRuleError("it looks past texts of which one may come after that")
            at = place
    if at and not places[at - 1]:
        raise UnknownRuleError("it looks past texts of which the last one is empty")
    return float(at) if at else NA


def looked_up_past_texts(limit: Raw, cells: Raw, result: Raw = None) -> Raw:
    """Compute LOOKUP of such a text."""
    return _beside(matched_past_texts(limit, cells), cells if result is None else result)


def _line(cells: Raw) -> list[Raw]:
    """Return the cells of one row or column."""
    block = cells if isinstance(cells, list) else [[cells]]
    if 1 not in (len(block), len(block[0])):
        raise UnknownRuleError("a lookup is given several rows and columns")
    return [one for row in block for one in row]


def _numbers_and_texts(cells: Raw) -> list[Raw]:
    """Return the cells of one row or column that has no errors or logicals."""
    found = _line(cells)
    if any(isinstance(one, dict | bool) for one in found):
        raise UnknownRuleError("it looks for the last number or text beside an error or logical")
    return found


def matched_past_numbers(limit: Raw, cells: Raw, _kind: Raw = None) -> Raw:
    """Compute MATCH of a number past all others, so that the last one is found."""
    numbers = [(at, one) for at, one in enumerate(_numbers_and_texts(cells), 1) if _is_number(one)]
    if any(one >= limit for _, one in numbers):
        raise UnknownRuleError("it looks past numbers of which one is as large")
    return float(numbers[-1][0]) if numbers else NA


def looked_up_past_numbers(limit: Raw, cells: Raw, result: Raw = None) -> Raw:
    """Compute LOOKUP of such a number."""
    return _beside(matched_past_numbers(limit, cells), cells if result is None else result)


def _beside(at: Raw, block: Raw) -> Raw:
    if at == NA:
        return NA
    places = _line(block)
    if at > len(places) or places[int(at) - 1] is None:
        raise UnknownRuleError("LOOKUP finds a blank cell")
    return places[int(at) - 1]


def next_match(key: Raw, cells: Raw, mode: Raw, direction: Raw = 1.0) -> Raw:
    """Compute XMATCH of a number among numbers and blank cells, whether these are 0 to it or not.

    Raises:
        UnknownRuleError: That would make a difference.
    """
    numbers = [(at, one) for at, one in enumerate(_line(cells), 1) if _is_number(one)]
    near = [(at, one) for at, one in numbers if (one <= key if mode < 0 else one >= key)]
    best = (max if mode < 0 else min)((one for _, one in near), default=0.0)
    if (best if mode < 0 else key) <= 0:
        raise UnknownRuleError("it looks among blank cells, which may count as 0")
    found = [at for at, one in near if one == best]
    return float(found[0 if direction > 0 else -1]) if found else NA


def _positions(first: Raw, last: Raw) -> list[Raw]:
    return [[float(at)] for at in range(int(first), int(last) + 1)]


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


def _mid(value: Raw, start: Raw, count: Raw) -> Raw:
    if isinstance(value, dict):
        return value
    first, length = math.trunc(number_of(start)), _count(count)
    return text_of(value)[first - 1 : first - 1 + length] if first > 0 else VALUE


def _substituted(value: Raw, old: Raw, new: Raw, number: Raw = None) -> Raw:
    for one in (value, old, new):
        if isinstance(one, dict):
            return one
    text, before, after = text_of(value), text_of(old), text_of(new)
    if not before:
        raise UnknownRuleError("SUBSTITUTE is to replace an empty text")
    if number is None:
        return text.replace(before, after)
    place = math.trunc(number_of(number))
    if place < 1:
        return VALUE
    parts = text.split(before)
    if place >= len(parts):
        return text
    return before.join(parts[:place]) + after + before.join(parts[place:])


def _exact(value: Raw, other: Raw) -> Raw:
    for one in (value, other):
        if isinstance(one, dict):
            return one
    return text_of(value) == text_of(other)


def _sign(value: Raw) -> Raw:
    number = number_of(value)
    return float((number > 0) - (number < 0))


def _root(value: Raw) -> Raw:
    number = number_of(value)
    return math.sqrt(number) if number >= 0 else NUM


def _weekday(value: Raw, kind: Raw = 1.0) -> Raw:
    number = math.floor(number_of(value))
    if number < 0 or number > LAST_DATE:
        return NUM
    first = {1: 1, 2: 2, 3: 2}.get(int(kind), int(kind) - 9)
    return float((number - first) % 7 + (kind != 3))


def _not(value: Raw) -> Raw:
    if isinstance(value, dict | bool):
        return value if isinstance(value, dict) else not value
    return VALUE if isinstance(value, str) else not number_of(value)


def _of_second(function: Callable[..., Raw]) -> Callable[..., Raw]:
    """Return a function of two arguments of which the second may be a range."""
    turned = _on_each(lambda text, asked, *others: function(asked, text, *others))
    return lambda asked, text, *others: turned(text, asked, *others)


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
        raise UnknownRuleError("one of several criteria is a blank cell or an error")
    kind = kind_of_value(value)
    asks = value.startswith(("<", ">", "=")) or not _ASKING.isdisjoint(value)
    if kind & DIGITS and not asks:
        return rounded(float(value))
    if asks or kind & ~(TEXT | EMPTY | LATIN | FOREIGN):
        raise UnknownRuleError("one of several criteria is more than a text, such as >1")
    return lowered(value)


_ASKING: Final = frozenset("*?~")


def count_of_each(cells: Raw, criteria: Raw) -> Raw:
    """Compute COUNTIF of several criteria, each of which asks for what is equal to it."""
    counts: dict[Raw, int] = {}
    for cell in (one for row in cells for one in row):
        if not isinstance(cell, dict):
            key = "" if cell is None else _counted(cell)
            counts[key] = counts.get(key, 0) + 1
    words = [one for one in counts if isinstance(one, str)]
    if not all(map(str.isascii, words)) and len({*map(widest, words)}) < len(words):
        raise UnknownRuleError(UNSURE)
    return [[float(counts.get(_counted(one), 0)) for one in row] for row in criteria]


def sum_of_each(cells: Raw, criteria: Raw, summed: Raw = None) -> Raw:
    """Compute SUMIF by several criteria, each of which asks for what is equal to it."""
    count_of_each(cells, criteria)  # which says what is not known
    totals: dict[Raw, Raw] = {}
    others = cells if summed is None else summed
    # Whole columns end where their last cells are, and blank cells add nothing.
    lines = ([one for row in block for one in row] for block in (cells, others))
    for cell, amount in itertools.zip_longest(*lines):
        if isinstance(cell, dict) or not (_is_number(amount) or isinstance(amount, dict)):
            continue
        key = "" if cell is None else _counted(cell)
        total = totals.get(key, 0.0)
        if not isinstance(total, dict):
            totals[key] = amount if isinstance(amount, dict) else total + amount
    return [[totals.get(_counted(one), 0.0) for one in row] for row in criteria]


def match_of_each(keys: Raw, cells: Raw, kind: Raw = None) -> Raw:
    """Compute MATCH of several values, each of which is looked for itself."""
    if kind is None or number_of(kind):
        raise UnknownRuleError("MATCH is given several values that it looks for in an order")
    line = _line(cells)
    places: dict[Raw, Raw] = {}
    for at, one in enumerate(line, 1):
        if one is not None and not isinstance(one, dict):
            places.setdefault(_key(one), float(at))
    texts = {one: places[_key(one)] for one in line if isinstance(one, str)}

    def found(value: Raw) -> Raw:
        if isinstance(value, dict):
            return value
        if value is None and not places.keys().isdisjoint([0.0, ""]):
            raise UnknownRuleError("MATCH is given a blank cell, which may count as 0")
        if value is None or not isinstance(value, str):
            return NA if value is None else places.get(_key(value), NA)
        if value.isascii() and _ASKING.isdisjoint(value) and all(map(str.isascii, texts)):
            return places.get(_key(value), NA)
        met = [(meets(text, value), at) for text, at in texts.items()]
        if any(sure is None for sure, _ in met):
            raise UnknownRuleError(UNSURE)
        return min((at for sure, at in met if sure), default=NA)

    return [[found(one) for one in row] for row in keys]


def _key(value: Raw) -> Raw:
    if isinstance(value, bool):
        return value, "logical"
    return lowered(value) if isinstance(value, str) else float(value)


EACH: Final[Mapping[str, Callable[..., Raw]]] = {
    "COLUMN": lambda first, last: [[one for [one] in _positions(first, last)]],
    "COUNTIF": count_of_each,
    "MATCH": match_of_each,
    "SUMIF": sum_of_each,
    "YEAR": _on_each(_part_of_day("year", 1900.0)),
    "MONTH": _on_each(_part_of_day("month", 1.0)),
    "DAY": _on_each(_part_of_day("day", 0.0)),
    "ABS": _on_each(lambda value: abs(number_of(value))),
    "INT": _on_each(last_digits.integer),
    "MOD": _on_each(last_digits.remainder),
    "ROUND": _on_each(last_digits.rounded),
    "ROW": _positions,
    "ROUNDDOWN": _on_each(last_digits.rounded_down),
    "ROUNDUP": _on_each(last_digits.rounded_up),
    "TEXT": _on_each(texts.formatted),
    "TRUNC": _on_each(last_digits.rounded_down),
    "ISNUMBER": _on_each(_is_number),
    "ISNA": _on_each(lambda value: value == NA),
    "ISTEXT": _on_each(lambda value: isinstance(value, str)),
    "ISBLANK": _on_each(lambda value: value is None),
    "EXACT": _on_each(_exact),
    "FIND": _of_second(texts.found),
    "LEFT": _on_each(_left),
    "LOWER": _on_each(texts.lower),
    "MID": _on_each(_mid),
    "NOT": _on_each(_not),
    "LEN": _on_each(lambda value: value if isinstance(value, dict) else float(len(text_of(value)))),
    "RIGHT": _on_each(_right),
    "SEARCH": _of_second(texts.searched),
    "SIGN": _on_each(_sign),
    "SQRT": _on_each(_root),
    "SUBSTITUTE": _on_each(_substituted),
    "TRIM": _on_each(texts.trimmed),
    "UPPER": _on_each(texts.upper),
    "WEEKDAY": _on_each(_weekday),
    "ISERROR": _on_each(lambda value: isinstance(value, dict)),
}
"""By function of Excel: what computes it."""
