"""Sessions: day for day against an answer file, and what must hold for any day and offset."""

from __future__ import annotations

import datetime
import math

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from oracles import contract as oracle

from xladdin.calendars import CALENDARS, FIRST_YEAR, LAST_YEAR, calendar
from xladdin.errors import InputError

XNYS = calendar("XNYS")
DAY = datetime.timedelta(days=1)

WITHIN = st.dates(datetime.date(1975, 1, 1), datetime.date(2097, 1, 1))
"""Days from which no offset below leads out of the calendar."""

OFFSETS = st.one_of(st.integers(-10, 10), st.integers(-600, 600))


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def refused(start: datetime.date, offset: int) -> InputError:
    with pytest.raises(InputError) as caught:
        XNYS.offset(start, offset)
    assert caught.value.code == "#NUM!"
    return caught.value


def test_closures_day_for_day() -> None:
    found = XNYS.closures(oracle.FIRST_DAY.year, oracle.LAST_DAY.year)
    # A difference names its days.
    assert sorted(set(found) - set(oracle.CLOSURES)) == []
    assert sorted(set(oracle.CLOSURES) - set(found)) == []
    assert found == oracle.CLOSURES


def test_sessions_day_for_day() -> None:
    years = range(oracle.FIRST_DAY.year, oracle.LAST_DAY.year + 1)
    found = [session for year in years for session in XNYS.sessions(year)]
    assert found == oracle.SESSIONS
    assert len(oracle.CLOSURES) == 531  # the answer file is whole


@pytest.mark.parametrize(
    ("start", "offset", "result"),
    [
        # The closure of 11 to 14 September 2001; the 15th and 16th were a weekend.
        ("2001-09-10", 0, "2001-09-10"),
        ("2001-09-10", 1, "2001-09-17"),
        ("2001-09-10", 2, "2001-09-18"),
        ("2001-09-11", 0, "2001-09-17"),
        ("2001-09-11", 1, "2001-09-17"),
        ("2001-09-11", -1, "2001-09-10"),
        ("2001-09-13", 2, "2001-09-18"),
        ("2001-09-13", -2, "2001-09-07"),
        ("2001-09-15", 1, "2001-09-17"),
        ("2001-09-17", -1, "2001-09-10"),
        ("2001-09-17", 0, "2001-09-17"),
        # Weekends.
        ("2001-10-06", 0, "2001-10-08"),
        ("2001-10-06", 1, "2001-10-08"),
        ("2001-10-06", -1, "2001-10-05"),
        ("2001-10-07", 1, "2001-10-08"),
        # Delivery on the third session after the sale, over Thanksgiving.
        ("2001-11-20", 3, "2001-11-26"),
        # Year ends.
        ("2000-12-29", 1, "2001-01-02"),
        ("2001-01-01", 0, "2001-01-02"),
        ("2001-01-01", -1, "2000-12-29"),
        ("2001-12-31", 1, "2002-01-02"),
        ("2002-01-02", -1, "2001-12-31"),
        ("2001-12-31", 0, "2001-12-31"),
        ("2004-12-31", 1, "2005-01-03"),  # New Year on a Saturday is not kept on the Friday
        # Years and years.
        ("2001-09-10", 252, "2002-09-16"),
        ("1999-12-31", 2520, "2010-01-08"),
    ],
)
def test_offsets(start: str, offset: int, result: str) -> None:
    assert XNYS.offset(day(start), offset) == day(result)


@pytest.mark.parametrize(
    ("start", "offset", "result"),
    [
        ("1971-01-01", 0, "1971-01-04"),
        ("1971-01-01", 1, "1971-01-04"),
        ("1971-01-04", 0, "1971-01-04"),
        ("2100-12-31", 0, "2100-12-31"),
        ("2100-12-30", 1, "2100-12-31"),
        ("2100-12-31", -1, "2100-12-30"),
    ],
)
def test_first_and_last_year(start: str, offset: int, result: str) -> None:
    assert (FIRST_YEAR, LAST_YEAR) == (1971, 2100)
    assert XNYS.offset(day(start), offset) == day(result)


@pytest.mark.parametrize(
    ("start", "offset", "argument"),
    [
        ("1970-12-31", 0, "date"),
        ("1970-12-31", 1, "date"),
        ("1971-01-01", -1, "offset"),
        ("1971-01-04", -1, "offset"),
        ("2100-12-31", 1, "offset"),
        ("2101-01-01", 0, "date"),
        ("2101-01-03", -1, "date"),
        ("0001-01-01", 0, "date"),
        ("9999-12-31", -1, "date"),
        ("2001-09-10", 10**6, "offset"),
        ("2001-09-10", -(10**6), "offset"),
        ("2001-09-10", int(1e308), "offset"),
        ("2001-09-10", -int(1e308), "offset"),
    ],
)
def test_outside_the_calendar(start: str, offset: int, argument: str) -> None:
    error = refused(day(start), offset)
    assert error.argument == argument
    assert error.value == (day(start) if argument == "date" else offset)


@given(WITHIN, OFFSETS)
def test_result_is_a_session(start: datetime.date, offset: int) -> None:
    assert XNYS.is_session(XNYS.offset(start, offset))


@given(st.sampled_from(oracle.SESSIONS[1000:-1000]), OFFSETS)
def test_there_and_back(session: datetime.date, offset: int) -> None:
    assert XNYS.offset(session, 0) == session
    assert XNYS.offset(XNYS.offset(session, offset), -offset) == session


@given(st.sampled_from(oracle.SESSIONS[1000:-2000]), OFFSETS, OFFSETS)
def test_offsets_add_up(session: datetime.date, first: int, second: int) -> None:
    assert XNYS.offset(XNYS.offset(session, first), second) == XNYS.offset(session, first + second)


@given(WITHIN, OFFSETS)
def test_strictly_increasing(start: datetime.date, offset: int) -> None:
    found, following = XNYS.offset(start, offset), XNYS.offset(start, offset + 1)
    if offset == 0 and not XNYS.is_session(start):
        assert found == following  # the next session, and one session on from between
    else:
        assert found < following
    assert found <= XNYS.offset(start + DAY, offset)


@given(strategies.DAYS)
def test_a_day_lies_between_its_neighbours(start: datetime.date) -> None:
    assert XNYS.offset(start, -1) < start < XNYS.offset(start, 1)
    assert XNYS.offset(start, 0) >= start
    assert XNYS.is_session(start) == (XNYS.offset(start, 0) == start)


@given(st.dates(datetime.date(1972, 1, 1), datetime.date(2030, 12, 31)), st.integers(1, 60))
def test_sessions_before(start: datetime.date, count: int) -> None:
    found = XNYS.before(start, count)
    assert found == oracle.before(start, count)
    assert found[-1] == XNYS.offset(start, -1)
    assert found[0] == XNYS.offset(start, -count)


def test_sessions_before_straddle_the_closure() -> None:
    assert XNYS.before(day("2001-09-18"), 5) == [
        day("2001-09-05"),
        day("2001-09-06"),
        day("2001-09-07"),
        day("2001-09-10"),
        day("2001-09-17"),
    ]
    for closed in ("2001-09-11", "2001-09-14", "2001-09-15", "2001-09-17"):
        assert XNYS.before(day(closed), 1) == [day("2001-09-10")]


def test_sessions_before_the_first_year() -> None:
    fifth = XNYS.sessions(1971)[5]
    assert len(XNYS.before(fifth, 5)) == 5
    for start, count in ((fifth, 6), (day("1971-01-01"), 1), (fifth, 10**29)):
        with pytest.raises(InputError) as caught:
            XNYS.before(start, count, "issue_date")
        assert (caught.value.code, caught.value.argument) == ("#NUM!", "issue_date")
        assert caught.value.value == start


def test_calendars_are_known_by_code() -> None:
    assert set(CALENDARS) == {"XNYS"}
    assert calendar("XNYS") is XNYS
    with pytest.raises(ValueError, match="XNYS"):
        calendar("XETR")


def test_an_infinite_offset_is_no_offset() -> None:
    # int() of the greatest double is the worst that a cell can ask for.
    assert refused(day("2001-09-10"), int(math.nextafter(math.inf, 0))).argument == "offset"
