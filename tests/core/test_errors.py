"""Errors carry data, say it in words, and travel between processes."""

from __future__ import annotations

import copy
import datetime
import math
import pickle
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from xladdin.cells import CellError
from xladdin.errors import NUM, VALUE, Described, FileError, InputError, TermsError

TRIPS = [lambda item: pickle.loads(pickle.dumps(item)), copy.copy, copy.deepcopy]


@pytest.mark.parametrize("trip", TRIPS)
@pytest.mark.parametrize(
    "error",
    [
        InputError(NUM, "gross", -1.0, "must be a number of at least 0"),
        InputError(VALUE, "", 7, "takes 1 to 3 arguments", function="CEO_FEE"),
        InputError(NUM, "gross", -1.0, "must not be", function="CEO_FEE", position=(2, 0)),
    ],
)
def test_input_errors_travel(error: InputError, trip: Any) -> None:
    back = trip(error)
    assert type(back) is InputError
    assert vars(back) == vars(error)
    assert str(back) == str(error)


@pytest.mark.parametrize("trip", TRIPS)
@pytest.mark.parametrize(
    "error",
    [
        FileError("a/b.xlsx", "cannot be read"),
        FileError(Path("a/b.xlsx"), "cannot be read", "close it in Excel"),
        TermsError("a.toml", "class_b.rate", "is missing"),
        TermsError(Path("a.toml"), "", "is not TOML", "look at line 3"),
    ],
)
def test_file_errors_travel(error: FileError, trip: Any) -> None:
    back = trip(error)
    assert type(back) is type(error)
    assert vars(back) == vars(error)
    assert str(back) == str(error)


def test_they_are_pythons_own_kinds() -> None:
    assert issubclass(InputError, ValueError)
    assert issubclass(FileError, OSError)
    assert issubclass(TermsError, FileError)


def test_file_errors_in_words() -> None:
    assert str(FileError("x.xlsx", "is open", "close it")) == "x.xlsx: is open; close it"
    assert str(TermsError("x.toml", "a.b", "is missing")) == "x.toml: a.b: is missing"
    assert str(TermsError("x.toml", "", "is not TOML")) == "x.toml: is not TOML"


def test_input_errors_in_words() -> None:
    error = InputError(NUM, "gross", -1.0, "must be a number of at least 0")
    assert str(error) == "gross must be a number of at least 0; got -1 (#NUM!)"
    assert str(error.located("CEO_FEE")).startswith("CEO_FEE: gross ")
    # The innermost place is the one that counts.
    error.located("OTHER", (1, 2)).located("OTHER", (3, 4))
    assert (error.function, error.position) == ("CEO_FEE", (1, 2))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "a blank"),
        (25_000_001.0, "25000001"),
        (4.04, "4.04"),
        ("text", '"text"'),
        (True, "TRUE"),
        (datetime.date(2001, 11, 7), "7 Nov 2001"),
        (datetime.datetime(2001, 11, 7, 16, 30), "7 Nov 2001"),
        (0.1 + 0.2, "got 0.3 ("),
        (1e308, "1E+308"),
        (Decimal("4.10"), "got 4.1 ("),
        (Fraction(1, 3), "0.333333333333333 ("),
        ("", "a blank"),
        (Described("4 columns"), "got 4 columns ("),
        ("a\n\x1b[31mb", r'"a\n\x1b[31mb"'),
        (CellError("#N/A"), "got #N/A ("),
        (math.nan, "no finite number"),
        ([[1.0] * 1000] * 1000, "a range"),
        # Python refuses to print so many digits.
        pytest.param(10**5000, "a number too large for a cell", id="digits"),
        pytest.param("x" * 10**6, "xxx...", id="long"),
    ],
)
def test_values_in_words_are_short(value: object, words: str) -> None:
    text = str(InputError(NUM, "gross", value, "must be a number"))
    assert words in text
    assert len(text) < 150


def test_what_is_no_cells_value_is_named_by_its_type() -> None:
    nested: dict[str, Any] = {}
    for _ in range(10**5):  # too deep to be spelt out
        nested = {"a": nested}
    assert "a value of type dict" in str(InputError(NUM, "gross", nested, "must be a number"))
