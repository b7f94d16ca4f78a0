"""Functions of Excel computed here, since the embedded engine computes them by other rules.

Each is given what the engine would be, and returns what Excel would. Where Excel's own rule is not
known to the last digit, it raises `UnknownRuleError`, and the formula is refused.
"""

from __future__ import annotations

import datetime
import decimal
import math
import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from xladdin.engines.proved import FOREIGN, TEXT, kind_of_value

Raw: TypeAlias = Any

VALUE: Final = {"type": "Error", "kind": "Value"}
NUM: Final = {"type": "Error", "kind": "Num"}
DIV: Final = {"type": "Error", "kind": "Div"}
NA: Final = {"type": "Error", "kind": "Na"}

OMITTED: Final = "\x00xladdin omitted\x00"
"""What stands for an omitted argument; no cell can hold the character."""

LAST_DATE: Final = 2_958_465
"""31 December 9999."""

_EPOCH: Final = datetime.date(1899, 12, 30).toordinal()
_LEAP_1900: Final = 60
"""29 February 1900, which Excel counts and the calendar does not have."""

_SECONDS: Final = 86_400
_WHOLE: Final = 1e-3
"""Seconds by which a time may be off that is one of whole seconds."""

_NEARLY: Final = 1e-13
"""Parts of one within which a quotient is not told from a whole or half number."""


class UnknownRuleError(Exception):
    """It is not known to the last digit what Excel gives; the text says of what."""


class _FaultError(Exception):
    """A function gives an error value."""

    def __init__(self, value: Mapping[str, str]) -> None:
        super().__init__(value["kind"])
        self.value = value


def _number(value: Raw) -> float:
    """Take one value for a number, as Excel does for an argument."""
    if isinstance(value, dict):
        raise _FaultError(value)
    if isinstance(value, str):
        return number_in(value)
    return float(value or 0)


def _numbers(values: Iterable[Raw]) -> list[float]:
    """Return the numbers among values and ranges: in ranges, nothing but numbers counts."""
    found: list[float] = []
    for value in values:
        cells = [cell for row in value for cell in row] if isinstance(value, list) else [value]
        for cell in cells:
            if isinstance(cell, dict):
                raise _FaultError(cell)
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                found.append(float(cell))
    return found


# Dates


def serial(year: float, month: float, day: float) -> Raw:
    """Compute DATE in the calendar of the 1900 system, with its 29 February 1900."""
    whole = [math.floor(_number(part)) for part in (year, month, day)]
    years, months, days = whole
    if years > 9999:
        return NUM
    if years < 1900:
        years += 1900
    years, month_index = years + (months - 1) // 12, (months - 1) % 12
    if not 1899 <= years <= 9999:
        return NUM
    first = datetime.date(years, month_index + 1, 1).toordinal() - _EPOCH
    if first <= _LEAP_1900:
        first -= 1
    found = first + days - 1
    return float(found) if 0 <= found <= LAST_DATE else NUM


def _part_of_day(value: Raw, size: int, count: int) -> Raw:
    """Return a part of a time of so many seconds, of which there are so many."""
    number = _number(value)
    if number < 0 or number >= LAST_DATE + 1:
        raise _FaultError(NUM)
    seconds = number % 1 * _SECONDS
    rounded = math.floor(seconds + 0.5)
    if abs(seconds - rounded) > _WHOLE and math.floor(seconds) // size != rounded // size:
        raise UnknownRuleError("it asks for a part of a time that ends within a second")
    return float(rounded // size % count)


def _hour(value: Raw) -> Raw:
    return _part_of_day(value, 3600, 24)


def _minute(value: Raw) -> Raw:
    return _part_of_day(value, 60, 60)


def _second(value: Raw) -> Raw:
    return _part_of_day(value, 1, 60)


_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d\d)(?::(\d\d))?)?")


def _date_in(text: str) -> float | None:
    """Return the serial of a date written year first, which every locale reads alike."""
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return None
    try:
        moment = datetime.datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]
    except ValueError:
        raise UnknownRuleError("a text that is nearly a date") from None
    days = moment.date().toordinal() - _EPOCH
    if days <= _LEAP_1900:
        raise UnknownRuleError("a date before March 1900 as text")
    return days + (moment.hour * 3600 + moment.minute * 60 + moment.second) / _SECONDS


def _datevalue(text: Raw) -> Raw:
    if isinstance(text, dict):
        return text
    if not isinstance(text, str) or not any(character.isdigit() for character in text):
        return VALUE
    found = _date_in(text)
    if found is None:
        raise UnknownRuleError("DATEVALUE is given a date in a form that depends on the locale")
    return float(math.floor(found))


_WEEKENDS: Final[Mapping[int, str]] = {
    **{1 + at: "".join("01"[(day - at - 5) % 7 < 2] for day in range(7)) for at in range(7)},
    **{11 + at: "".join("01"[(day - at - 6) % 7 < 1] for day in range(7)) for at in range(7)},
}
"""By the number of a weekend: which days from Monday on are free. 1 is Saturday and Sunday, 11
Sunday alone."""


def _free(weekend: Raw) -> str:
    if weekend is None or weekend == OMITTED:
        return _WEEKENDS[1]
    if isinstance(weekend, str):
        if not re.fullmatch("[01]{7}", weekend):
            raise _FaultError(VALUE)
        return weekend
    days = _WEEKENDS.get(math.floor(_number(weekend)))
    if days is None:
        raise _FaultError(NUM)
    return days


def _is_free(day: int, free: str, holidays: frozenset[int]) -> bool:
    return free[(day - 2) % 7] == "1" or day in holidays


def _holidays(ranges: Sequence[Raw]) -> frozenset[int]:
    return frozenset(math.floor(number) for number in _numbers(ranges))


def _workday(start: Raw, days: Raw, weekend: Raw = None, *holidays: Raw) -> Raw:
    day, left, free = math.floor(_number(start)), math.trunc(_number(days)), _free(weekend)
    off = _holidays(holidays)
    if free == "1111111":
        return VALUE
    step = 1 if left > 0 else -1
    while left:
        day += step
        if not _LEAP_1900 < day <= LAST_DATE:
            raise UnknownRuleError("WORKDAY.INTL leaves the calendar, or comes before March 1900")
        if not _is_free(day, free, off):
            left -= step
    return float(day)


def _networkdays(start: Raw, end: Raw, weekend: Raw = None, *holidays: Raw) -> Raw:
    first, last, free = math.floor(_number(start)), math.floor(_number(end)), _free(weekend)
    off = _holidays(holidays)
    sign, low, high = (1, first, last) if first <= last else (-1, last, first)
    weeks, rest = divmod(high - low + 1, 7)
    found = weeks * free.count("0")
    found += sum(free[(day - 2) % 7] == "0" for day in range(high - rest + 1, high + 1))
    found -= sum(low <= day <= high and free[(day - 2) % 7] == "0" for day in off)
    return float(sign * found)


# Numbers


def _mod(number: Raw, divisor: Raw) -> Raw:
    whole, part = _number(number), _number(divisor)
    if not part:
        return DIV
    if abs(whole / part) > _MOST_PARTS:
        raise UnknownRuleError("MOD is given a divisor that is too small beside the number")
    exact = math.fmod(whole, part)
    if exact and (exact < 0) != (part < 0):
        exact += part
    documented = whole - part * math.floor(whole / part)
    if not math.isclose(exact, documented, rel_tol=1e-12):
        raise UnknownRuleError("MOD is given numbers whose remainder depends on rounding")
    return exact + 0.0  # and never -0


_MOST_PARTS: Final = 1e12
"""How often a divisor may be in a number; Excel's MOD gives up at about as much."""


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


def _mround(number: Raw, multiple: Raw) -> Raw:
    value, part = _number(number), _number(multiple)
    if not part or not value:
        return 0.0
    if (value < 0) != (part < 0):
        return NUM
    return math.floor(_parts(value, part, halves=True) + 0.5) * part


def _ceiling(number: Raw, multiple: Raw) -> Raw:
    value, part = _number(number), _number(multiple)
    if not part or not value:
        return 0.0
    if value > 0 > part:
        return NUM
    return math.ceil(_parts(value, part, halves=False)) * part


def _floor(number: Raw, multiple: Raw) -> Raw:
    value, part = _number(number), _number(multiple)
    if not value:
        return 0.0
    if not part:
        return DIV
    if value > 0 > part:
        return NUM
    return math.floor(_parts(value, part, halves=False)) * part


def _ceiling_math(number: Raw, multiple: Raw = OMITTED, mode: Raw = 0.0) -> Raw:
    value, part = _number(number), abs(_number(1.0 if multiple == OMITTED else multiple))
    if not part or not value:
        return 0.0
    found = _parts(value, part, halves=False)
    return (math.floor(found) if value < 0 and _number(mode) else math.ceil(found)) * part


def _floor_math(number: Raw, multiple: Raw = OMITTED, mode: Raw = 0.0) -> Raw:
    value, part = _number(number), abs(_number(1.0 if multiple == OMITTED else multiple))
    if not part or not value:
        return 0.0
    found = _parts(value, part, halves=False)
    return (math.ceil(found) if value < 0 and _number(mode) else math.floor(found)) * part


def _tangent(number: Raw) -> Raw:
    found = math.tan(_number(number))
    if abs(found) > _STEEPEST:
        raise UnknownRuleError("TAN is given an angle too near to a right one")
    return found


_STEEPEST: Final = 1e6


def _harmonic(*values: Raw) -> Raw:
    numbers = _numbers(values)
    if not numbers:
        raise UnknownRuleError("HARMEAN is given no numbers")
    if min(numbers) <= 0:
        return NUM
    return len(numbers) / math.fsum(1 / number for number in numbers)


def _mode(*values: Raw) -> Raw:
    numbers = _numbers(values)
    commonest = statistics.multimode(numbers)
    return NA if len(set(numbers)) == len(numbers) else commonest[0]


# Rates


def _flows(values: Raw, dates: Raw) -> tuple[list[float], list[float]]:
    amounts, days = (_numbers([item]) for item in (values, dates))
    if len(amounts) != len(days):
        raise _FaultError(NUM)
    whole = [math.floor(day) for day in days]
    if not whole:
        raise _FaultError(NA)
    if min(whole) < whole[0]:
        raise _FaultError(NUM)
    return amounts, [(day - whole[0]) / 365 for day in whole]


def _present(rate: float, amounts: Sequence[float], years: Sequence[float]) -> float:
    return math.fsum(a / (1 + rate) ** y for a, y in zip(amounts, years, strict=True))


def _xnpv(rate: Raw, values: Raw, dates: Raw) -> Raw:
    amounts, years = _flows(values, dates)
    part = _number(rate)
    if part <= 0:
        raise UnknownRuleError("XNPV is given a rate that is not above 0")
    return _present(part, amounts, years)


def _xirr(values: Raw, dates: Raw) -> Raw:
    """Find the rate by halving: Excel ends within its own tolerance of it."""
    amounts, years = _flows(values, dates)
    low, high = 0.0, 10.0
    at_low, at_high = (_present(rate, amounts, years) for rate in (low, high))
    if not at_low or (at_low < 0) == (at_high < 0):
        raise UnknownRuleError("XIRR is given cash flows whose rate is not between 0 and 10")
    while high - low > 1e-15 * max(1.0, high):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if (_present(middle, amounts, years) < 0) == (at_low < 0):
            low = middle
        else:
            high = middle
    return (low + high) / 2


# Texts

_GROUPED: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<currency>\$?)(?P<whole>\d{1,15}|\d{1,3}(?:,\d{3}){1,4})"
    r"(?P<part>\.\d{0,12})?(?P<power>[eE][+-]?\d{1,2})?(?P<percent>%?)"
)


def number_in(text: str) -> float:
    """Return the number that a text is to Excel in the locale of the United States.

    Args:
        text: The text: digits with or without groups of three, a currency, an exponent or a
            percent sign, or a date written year first.

    Returns:
        The number.

    Raises:
        UnknownRuleError: It may be a number or a date to Excel, and it is not known which.
    """
    bare = text.strip(" ")
    if not any(character.isdigit() for character in bare):
        raise _FaultError(VALUE)
    date = _date_in(bare)
    if date is not None:
        return date
    match = _GROUPED.fullmatch(bare)
    if match is None:
        if kind_of_value(text) & (TEXT | FOREIGN):
            raise _FaultError(VALUE)
        raise UnknownRuleError("a text that Excel may take for a number or a date")
    found = float(match["whole"].replace(",", "") + (match["part"] or "") + (match["power"] or ""))
    if match["percent"]:
        found = float(f"{found / 100:.15g}")
    return -found if match["sign"] == "-" else found


def _value(text: Raw) -> Raw:
    return text if isinstance(text, dict | float) else _number(text)


def _proper(text: Raw) -> Raw:
    if isinstance(text, dict):
        return text
    return re.sub(r"[A-Za-z]+", lambda run: run[0].capitalize(), text or "")


def _replace(text: Raw, start: Raw, count: Raw, other: Raw) -> Raw:
    for value in (text, start, count, other):
        if isinstance(value, dict):
            return value
    at, length = math.trunc(_number(start)) - 1, math.trunc(_number(count))
    if at < 0 or length < 0:
        return VALUE
    before = text or ""
    return before[:at] + (other or "") + before[at + length :]


def _character(code: Raw) -> Raw:
    number = math.trunc(_number(code))
    if not 1 <= number <= 255:
        return VALUE
    if number > 126:
        raise UnknownRuleError("CHAR is given a code that depends on the system")
    return chr(number)


def _fixed(number: Raw, decimals: Raw = 2.0) -> Raw:
    """Write a number with decimals, rounded as Excel shows it: in decimal, away from zero."""
    value, places = _number(number), int(_number(decimals))
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


def _median(numbers: Sequence[float]) -> float:
    if not numbers:
        raise _FaultError(NUM)
    return statistics.median(numbers)


def _product(numbers: Sequence[float]) -> float:
    return math.prod(numbers) if numbers else 0.0


def _mean(numbers: Sequence[float]) -> float:
    if not numbers:
        raise _FaultError(DIV)
    return math.fsum(numbers) / len(numbers)


def _spread(numbers: Sequence[float], whole: bool) -> float:
    """Return the variance of numbers that are all there are, or a sample."""
    count = len(numbers) - (not whole)
    if count < 1:
        raise _FaultError(DIV)
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


def _aggregate(function: Raw, option: Raw, *ranges: Raw) -> Raw:
    code, passing = int(function), int(option) in _WITHOUT_ERRORS
    *blocks, last = ranges
    place = _number(last) if code in (14, 15) else 0.0
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
        return float(len(_numbers(cell for cell in cells if not isinstance(cell, dict))))
    if code == 3:
        return float(len(cells))
    numbers = _numbers(cells)
    if code in (14, 15):
        if not 1 <= place <= len(numbers) or not place.is_integer():
            raise UnknownRuleError("AGGREGATE is asked for a place that there is not")
        return sorted(numbers, reverse=code == 14)[int(place) - 1]
    return float(_AGGREGATES[code](numbers))


SUBSTITUTES: Final[Mapping[str, Callable[..., Raw]]] = {
    "AGGREGATE": _aggregate,
    "CEILING": _ceiling,
    "CEILING.MATH": _ceiling_math,
    "CEILING.PRECISE": _ceiling_math,
    "CHAR": _character,
    "DATE": serial,
    "DATEVALUE": _datevalue,
    "FIXED": _fixed,
    "FLOOR": _floor,
    "FLOOR.MATH": _floor_math,
    "FLOOR.PRECISE": _floor_math,
    "HARMEAN": _harmonic,
    "HOUR": _hour,
    "ISO.CEILING": _ceiling_math,
    "MINUTE": _minute,
    "MOD": _mod,
    "MODE": _mode,
    "MODE.SNGL": _mode,
    "MROUND": _mround,
    "NETWORKDAYS.INTL": _networkdays,
    "PROPER": _proper,
    "REPLACE": _replace,
    "SECOND": _second,
    "TAN": _tangent,
    "VALUE": _value,
    "WORKDAY.INTL": _workday,
    "XIRR": _xirr,
    "XNPV": _xnpv,
}
"""By function of Excel: what computes it."""


def called(function: Callable[..., Raw], *arguments: Raw) -> Raw:
    """Call one of them, or pass on an error that it is given or gives.

    Raises:
        UnknownRuleError: It is not known what Excel gives.
    """
    try:
        found = function(*arguments)
    except _FaultError as fault:
        return fault.value
    except (OverflowError, ZeroDivisionError):
        return NUM
    return NUM if type(found) is float and not math.isfinite(found) else found
