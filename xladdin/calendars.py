"""Sessions: the days on which an exchange is open."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Callable, Container, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, TypeAlias

from xladdin.errors import NUM, InputError

FIRST_YEAR: Final = 1971
"""First year of a calendar. New York had Saturday sessions until 1952, and for years before 1971
independent calendars differ on observed holidays; from 1971 on they agree on every day."""

LAST_YEAR: Final = 2100
"""Last year of a calendar. Future years follow today's holiday rules, without closures that nobody
can foresee."""

CALENDARS: Final[Mapping[str, str]] = {"XNYS": "New York Stock Exchange"}
"""Exchange calendars that deals may name, by ISO 10383 code. The special closures, such as that
of 11 to 14 September 2001, come with the calendar library."""

BANKS: Final = "FED"
"""Calendar of the holidays on which banks in the United States are closed, in the library."""

FIRST_BANK_YEAR: Final = 1999
"""First year of the calendar of banks, in the library."""

_SATURDAY: Final = 5
_ONE_DAY: Final = datetime.timedelta(days=1)


class Calendar:
    """The sessions of one exchange, or those of them on which banks are open as well.

    Attributes:
        code: ISO 10383 code; of settlement days, with that of the banks behind it.
        first_year: First year of the calendar.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.first_year = FIRST_BANK_YEAR if "+" in code else FIRST_YEAR

    def sessions(self, year: int) -> tuple[datetime.date, ...]:
        """List the sessions of a year, in order."""
        return _sessions(self.code, year)

    def closures(self, first_year: int, last_year: int) -> list[datetime.date]:
        """List the weekdays from one year to another on which the exchange is closed."""
        years = range(first_year, last_year + 1)
        return [day for year in years for day in _closed(self.code, year)]

    def is_session(self, day: datetime.date) -> bool:
        """Check whether the exchange is open on a day."""
        sessions = self._year(day, day.year)
        place = bisect_left(sessions, day)
        return place < len(sessions) and sessions[place] == day

    def offset(self, day: datetime.date, offset: int) -> datetime.date:
        """Find the session some sessions away from a day.

        A day that is no session counts as lying between its neighbours.

        Args:
            day: Any day.
            offset: Sessions to move: forward if positive, back if negative; 0 gives the day
                itself or the next session.

        Returns:
            The session.

        Raises:
            InputError: The day or the result is outside the calendar (#NUM!).
        """
        sessions = self._year(day, day.year)
        place = bisect_left(sessions, day)
        on_session = place < len(sessions) and sessions[place] == day
        # Between sessions, the next one is at `place`: one step forward already reaches it.
        place += offset if on_session or offset <= 0 else offset - 1
        year = day.year
        while place < 0:
            year -= 1
            sessions = self._year(offset, year, "offset")
            place += len(sessions)
        while place >= len(sessions):
            place -= len(sessions)
            year += 1
            sessions = self._year(offset, year, "offset")
        return sessions[place]

    def before(self, day: datetime.date, count: int, argument: str = "date") -> list[datetime.date]:
        """List the sessions before a day, the day itself left out.

        Args:
            day: Any day.
            count: How many, above 0.
            argument: Name of the argument that gave the day, for errors.

        Returns:
            That many sessions, in order.

        Raises:
            InputError: They reach outside the calendar (#NUM!).
        """
        return self.window(day, -count, -1, argument)

    def window(
        self, day: datetime.date, first: int, last: int, argument: str = "date"
    ) -> list[datetime.date]:
        """List the sessions of a window around a day.

        Args:
            day: Any day; one that is no session counts as lying before the next one.
            first: First session of the window: 0 for the day itself or the next session, negative
                before it.
            last: Last session of the window, not before the first.
            argument: Name of the argument that gave the day, for errors.

        Returns:
            The sessions, in order, each once.

        Raises:
            InputError: They reach outside the calendar (#NUM!).
        """
        year = day.year
        sessions = self._year(day, year, argument)
        start = bisect_left(sessions, day) + first
        while start < 0:
            year -= 1
            sessions = self._year(day, year, argument)
            start += len(sessions)
        found: list[datetime.date] = []
        missing = last - first + 1
        while True:
            found += sessions[start : start + missing - len(found)]
            if len(found) == missing:
                return found
            start = max(0, start - len(sessions))
            year += 1
            sessions = self._year(day, year, argument)

    def _year(self, given: object, year: int, argument: str = "date") -> tuple[datetime.date, ...]:
        if not self.first_year <= year <= LAST_YEAR:
            exchange, _, banks = self.code.partition("+")
            name = f"{CALENDARS[exchange]}{' and of banks' if banks else ''}"
            rule = f"must stay within the calendar of the {name}, {self.first_year} to {LAST_YEAR}"
            raise InputError(NUM, argument, given, rule)
        return _sessions(self.code, year)


@lru_cache(maxsize=8)
def calendar(code: str) -> Calendar:
    """Return the calendar of an exchange.

    Args:
        code: One of `CALENDARS`.

    Returns:
        Its calendar.
    """
    if code not in CALENDARS:
        raise ValueError(f"{code!r} is not one of {', '.join(CALENDARS)}")
    return Calendar(code)


@lru_cache(maxsize=8)
def settlement_calendar(code: str) -> Calendar:
    """Return the calendar of the sessions of an exchange that are no bank holidays.

    Args:
        code: One of `CALENDARS`.
    """
    return Calendar(f"{calendar(code).code}+{BANKS}")


Closures: TypeAlias = Callable[[str, int], Container[datetime.date]]
"""Lists the weekdays of a year on which an exchange, or banks, named by a code, are closed."""


def library_closures(code: str, year: int) -> Container[datetime.date]:
    """List closures from the calendar library; see `Closures`."""
    # Imported here: most functions need no calendar, and Excel's start must not wait for one.
    import holidays

    return {day for one in code.split("+") for day in holidays.financial_holidays(one, years=year)}


_closures: Closures = library_closures


def follow(closures: Closures) -> None:
    """Set other closures for all calendars.

    Args:
        closures: Their source; at first it is `library_closures`.
    """
    global _closures
    _closures = closures
    _sessions.cache_clear()
    _closed.cache_clear()


def closures_listed() -> str:
    """List the closures of every exchange, a line each, for a host without the calendar library.

    Returns:
        The text of a file for `follow_list`: a calendar's code and its closures, in order.
    """
    lines = []
    for made in (settlement_calendar, calendar):
        for one in map(made, sorted(CALENDARS)):
            days = one.closures(one.first_year, LAST_YEAR)
            lines.append(" ".join([one.code, *(day.isoformat() for day in days)]) + "\n")
    return "".join(lines)


def follow_list(path: Path) -> None:
    """Set the closures listed in a file for all calendars, in place of the calendar library.

    Args:
        path: A file with what `closures_listed` gives. It is read when a session is needed.
    """

    @cache
    def closed() -> dict[str, frozenset[datetime.date]]:
        read = {}
        for line in path.read_text(encoding="ascii").splitlines():
            code, *days = line.split()
            read[code] = frozenset(map(datetime.date.fromisoformat, days))
        return read

    follow(lambda code, _: closed()[code])


@cache
def _sessions(code: str, year: int) -> tuple[datetime.date, ...]:
    closed = _closures(code, year)
    return tuple(day for day in _weekdays(year) if day not in closed)


@cache
def _closed(code: str, year: int) -> tuple[datetime.date, ...]:
    sessions = set(_sessions(code, year))
    return tuple(day for day in _weekdays(year) if day not in sessions)


def _weekdays(year: int) -> list[datetime.date]:
    day = datetime.date(year, 1, 1)
    days = (datetime.date(year + 1, 1, 1) - day).days
    every = (day + _ONE_DAY * number for number in range(days))
    return [day for day in every if day.weekday() < _SATURDAY]
