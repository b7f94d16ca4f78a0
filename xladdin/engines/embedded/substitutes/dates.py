"""Dates and times by Excel's calendar, with its 29 February 1900."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from xladdin.cells import day_of
from xladdin.engines.embedded.substitutes.values import (
    EPOCH,
    LAST_DATE,
    LEAP_1900,
    NUM,
    OMITTED,
    SECONDS_OF_DAY,
    VALUE,
    FaultError,
    Raw,
    UnknownRuleError,
    date_in,
    number_of,
    numbers_of,
)

_LAST_DIGITS: Final = 32
"""Units in the last binary place by which a time may be short of a whole second that it is."""


_NEARLY_NEXT: Final = 0.999
"""Above this, Excel may take a part of a number for the next whole number."""


def serial(year: float, month: float, day: float) -> Raw:
    """Compute DATE in the calendar of the 1900 system, with its 29 February 1900."""
    given = [number_of(part) for part in (year, month, day)]
    if any(part % 1 and (part < 0 or part % 1 > _NEARLY_NEXT) for part in given):
        raise UnknownRuleError("DATE is given part of a number below 0, or nearly the next one")
    years, months, days = map(math.floor, given)
    if years > 9999:
        return NUM
    if years < 1900:
        years += 1900
    years, month_index = years + (months - 1) // 12, (months - 1) % 12
    if not 1899 <= years <= 9999:
        return NUM
    first = datetime.date(years, month_index + 1, 1).toordinal() - EPOCH
    if first <= LEAP_1900:
        first -= 1
    found = first + days - 1
    return float(found) if 0 <= found <= LAST_DATE else NUM


def _seconds(number: float, size: int) -> int:
    """Return the seconds of a time of day, of which parts of so many seconds are asked for.

    Raises:
        UnknownRuleError: It is short of the end of one by half a second or less.
    """
    seconds = number % 1 * SECONDS_OF_DAY
    rounded = math.floor(seconds + 0.5)
    short = rounded - seconds > _LAST_DIGITS * math.ulp(number) * SECONDS_OF_DAY
    if short and math.floor(seconds) // size != rounded // size:
        raise UnknownRuleError("it asks for a part of a time that ends within a second")
    return rounded


def _part_of_day(value: Raw, size: int, count: int) -> Raw:
    """Return a part of a time of so many seconds, of which there are so many."""
    number = number_of(value)
    if number < 0 or number >= LAST_DATE + 1:
        raise FaultError(NUM)
    return float(_seconds(number, size) // size % count)


def hour(value: Raw) -> Raw:
    """Compute HOUR, of a time rounded to a second."""
    return _part_of_day(value, 3600, 24)


def minute(value: Raw) -> Raw:
    """Compute MINUTE, of a time rounded to a second."""
    return _part_of_day(value, 60, 60)


def second(value: Raw) -> Raw:
    """Compute SECOND, of a time rounded to a second."""
    return _part_of_day(value, 1, 60)


def datedif(start: Raw, end: Raw, unit: Raw) -> Raw:
    """Compute DATEDIF, where Excel counts days beside months as anybody would."""
    first, last = (math.floor(number_of(one)) for one in (start, end))
    if first < 0 or last < first or last > LAST_DATE:
        return NUM
    if first <= LEAP_1900:
        raise UnknownRuleError("DATEDIF is given a day before March 1900")
    begin, stop = day_of(first), day_of(last)
    months = (stop.year - begin.year) * 12 + stop.month - begin.month - (stop.day < begin.day)
    if unit.lower() == "md" and stop.day < begin.day:
        raise UnknownRuleError("DATEDIF counts days past the end of a month")
    if unit.lower() == "yd":
        return _days_of_year(begin, stop)
    days = {"d": last - first, "md": stop.day - begin.day}
    found = {"m": months, "y": months // 12, "ym": months % 12, **days}
    return float(found[unit.lower()])


def _days_of_year(begin: datetime.date, stop: datetime.date) -> float:
    """Count the days past the last anniversary, whichever of the two years they are counted in."""
    later = (stop.month, stop.day) >= (begin.month, begin.day)
    counts = set()
    for year in {begin.year, stop.year - (not later)}:
        try:
            counts.add((stop.replace(year=year + (not later)) - begin.replace(year=year)).days)
        except ValueError:
            counts.add(-1)
    if len(counts) > 1 or -1 in counts:
        raise UnknownRuleError("DATEDIF counts days of a year that may have 29 February or not")
    return float(counts.pop())


_PARTS: Final = re.compile(
    r"\[hh?\]|hh?|m{3,4}|(?<=:)mm|mm?|yyyy|yy|d{1,4}|ss|am/pm", re.IGNORECASE
)
_WORDS: Final = {"mmm": "%b", "mmmm": "%B", "ddd": "%a", "dddd": "%A"}


def shown(number: float, number_format: str) -> str:
    """Write a date, a time or both, as `proved_table` has their formats.

    Raises:
        UnknownRuleError: It ends within a second, or is before March 1900 and has a date.
    """
    form = number_format.lower()
    size = 1 if "ss" in form else 60 if "h" in form else SECONDS_OF_DAY
    rounded = math.floor(number) * SECONDS_OF_DAY + _seconds(number, size)
    days, second = divmod(rounded, SECONDS_OF_DAY)
    if re.search("[yd]|^m", form) and days <= LEAP_1900:
        raise UnknownRuleError("TEXT is to show a day before March 1900")
    hour = second // 3600
    twelve = "am/pm" in form
    moment = day_of(max(days, LEAP_1900 + 1))

    def part(match: re.Match[str]) -> str:
        sign = match[0].lower()
        if sign == "am/pm":
            return "AM" if hour < _NOON else "PM"
        if sign.startswith("["):
            return f"{rounded // 3600:0{len(sign) - 2}}"
        if sign.startswith("h"):
            return f"{(hour + 11) % 12 + 1 if twelve else hour:0{len(sign)}}"
        if sign in _WORDS:
            return moment.strftime(_WORDS[sign])
        if match.string[: match.start()].endswith(":"):
            return f"{second // 60 % 60 if sign == 'mm' else second % 60:02}"
        year = moment.year % 100 if sign == "yy" else moment.year
        value = {"y": year, "m": moment.month, "d": moment.day}[sign[0]]
        return f"{value:0{len(sign)}}"

    return _PARTS.sub(part, number_format)


_NOON: Final = 12


def datevalue(text: Raw) -> Raw:
    """Compute DATEVALUE of a date written year first."""
    if isinstance(text, dict):
        return text
    if not isinstance(text, str) or not any(character.isdigit() for character in text):
        return VALUE
    found = date_in(text)
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
            raise FaultError(VALUE)
        return weekend
    days = _WEEKENDS.get(math.floor(number_of(weekend)))
    if days is None:
        raise FaultError(NUM)
    return days


def _is_free(day: int, free: str, holidays: frozenset[int]) -> bool:
    return free[(day - 2) % 7] == "1" or day in holidays


def _holidays(ranges: Sequence[Raw]) -> frozenset[int]:
    return frozenset(math.floor(number) for number in numbers_of(ranges))


def workday(start: Raw, days: Raw, weekend: Raw = None, *holidays: Raw) -> Raw:
    """Compute WORKDAY.INTL."""
    day, left, free = math.floor(number_of(start)), math.trunc(number_of(days)), _free(weekend)
    off = _holidays(holidays)
    if free == "1111111":
        return VALUE
    step = 1 if left > 0 else -1
    while left:
        day += step
        if not LEAP_1900 < day <= LAST_DATE:
            raise UnknownRuleError("WORKDAY.INTL leaves the calendar, or comes before March 1900")
        if not _is_free(day, free, off):
            left -= step
    return float(day)


def networkdays(start: Raw, end: Raw, weekend: Raw = None, *holidays: Raw) -> Raw:
    """Compute NETWORKDAYS.INTL."""
    first, last, free = math.floor(number_of(start)), math.floor(number_of(end)), _free(weekend)
    off = _holidays(holidays)
    sign, low, high = (1, first, last) if first <= last else (-1, last, first)
    weeks, rest = divmod(high - low + 1, 7)
    found = weeks * free.count("0")
    found += sum(free[(day - 2) % 7] == "0" for day in range(high - rest + 1, high + 1))
    found -= sum(low <= day <= high and free[(day - 2) % 7] == "0" for day in off)
    return float(sign * found)
