"""Cell values: error values, and days in the 1900 date system."""

from __future__ import annotations

import copy
import datetime
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xladdin.cells import CLASSIC_ERRORS, LAST_SERIAL, CellError, day_of, serial_of


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        (1, "1900-01-01"),
        (59, "1900-02-28"),
        (61, "1900-03-01"),  # 60 is a 29 February that never was
        (36526, "2000-01-01"),
        (37144, "2001-09-10"),
        (37196, "2001-11-01"),
        (LAST_SERIAL, "9999-12-31"),
    ],
)
def test_serials_as_a_sheet_shows_them(serial: int, day: str) -> None:
    date = datetime.date.fromisoformat(day)
    assert serial_of(date) == serial
    assert day_of(serial) == date
    assert day_of(serial + 0.75) == date  # a time of day is left aside
    assert serial_of(datetime.datetime.combine(date, datetime.time(18))) == serial


@given(st.dates(datetime.date(1900, 1, 1)))
def test_there_and_back(day: datetime.date) -> None:
    serial = serial_of(day)
    assert day_of(serial) == day
    assert day_of(float(serial)) == day
    if day < datetime.date.max and serial != 59:
        assert serial_of(day + datetime.timedelta(days=1)) == serial + 1


@pytest.mark.parametrize(
    "serial",
    [
        *(0.0, -0.0, 0.99, -1.0, 60.0, 60.5, LAST_SERIAL + 1.0),
        *(1e308, -1e308, 5e-324, math.nan, math.inf, -math.inf),
    ],
)
def test_serials_that_name_no_day(serial: float) -> None:
    with pytest.raises(ValueError, match="names no day"):
        day_of(serial)


@pytest.mark.parametrize("code", [*CLASSIC_ERRORS, "#SPILL!"])
def test_an_error_value_is_one_object(code: str) -> None:
    error = CellError(code)
    assert error.code == code == repr(error)
    assert CellError(code) is error
    assert pickle.loads(pickle.dumps(error)) is error
    assert copy.copy(error) is copy.deepcopy(error) is error
    assert error != code
    assert {error: 1}[CellError(code)] == 1


def test_the_seven_classic_errors() -> None:
    assert set(CLASSIC_ERRORS) == {
        "#NULL!",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#N/A",
    }
    assert len({CellError(code) for code in CLASSIC_ERRORS}) == 7
