"""Contents of cells for the shared table of calls: good ones, hostile ones, names and figures."""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Mapping
from typing import Final

from arguments import Argument, Content, Currency, Date, Error, Range
from oracles import contract as oracle

ISSUED: Final = Date(datetime.datetime(2001, 11, 12))
CONVERTED: Final = Date(datetime.datetime(2002, 3, 4))


def day_cell(number: float) -> Date:
    """Return a cell with a date, from its serial."""
    return Date(datetime.datetime(1899, 12, 30) + datetime.timedelta(days=number))


def _bid(place: int) -> float:
    return round(4 + math.sin(place) / 2, 2)


_QUOTED: Final[tuple[tuple[Content, ...], ...]] = tuple(
    (Date(datetime.datetime.combine(day, datetime.time())), _bid(place), value)
    for place, (day, value) in enumerate(
        zip(oracle.before(CONVERTED.moment.date(), 84), itertools.cycle([None, 4.25]), strict=False)
    )
)
HEADED: Final = Range((("Date", "Closing bid", "Market value"), *_QUOTED))

GOOD: Final[Mapping[str, Argument]] = {
    "amount": 2_000_000.0,
    "price": 4.04,
    "exercise price": 3.5,
    "ratio": 25.0,
    "count": 4840.0,
    "offset": 1.0,
    "date": ISSUED,
    "text": "class_b.cap_price",
    "terms": "NEOT-2001",
    "counts": Range(((1000.0,), (3000.0,), (840.0,))),
    "prices": Range(((4.04,), (4.4,), (3.99,))),
    "quotes": HEADED,
    "quotations": HEADED,
    "formula": "debenture",
    "schedule": None,
    "cap": "exchange",
    "method": "full ratchet",
    "what": "count",
    "part": 0.25,
    "stock": 10.0,
    "own rate": None,
    "factor": 0.5,
    "number": 1.5,
    "balance": -2_000_000.0,
    "shares": 690_000.5,
    "sales": Range(
        (("Date", "USD"), (day_cell(37_100), 1_000.0), (None, None), (day_cell(37_200), 2.5))
    ),
    "changes": Range(((day_cell(36_900), 90_000.0), (day_cell(37_210), -1_000.0))),
    "securities": Range((("bonds", 2_100.0, 10_000.0), ("options", None, 5_000.5))),
    "grid": Range(((None, 1.0, 3.0), (9.0, 0.261, 0.281), (1.0, 0.257, 0.5))),
}
"""For each kind of argument, one with which every function succeeds."""

_NUMBERS: Final[Mapping[str, Content]] = {
    "zero": 0.0,
    "minus zero": -0.0,
    "one": 1.0,
    "minus one": -1.0,
    "half": 1.5,
    "tenth": 0.1,
    "third": 1 / 3,
    "cents": 12_345.67,
    "a whole number with dust": 0.1 * 3 * 10,
    "cents with dust": 1.1 * 3,
    "million": 1e6,
    "capacity": 25e6,
    "above capacity": 25_000_000.01,
    "tiny": 5e-324,
    "least normal": 2.2250738585072014e-308,
    "small": 1e-9,
    "huge": 1e308,
    "minus huge": -1e308,
    "greatest": math.nextafter(math.inf, 0),
    "2^53": 2.0**53,
    "2^53 less one": 2.0**53 - 1,
    "2^63": 2.0**63,
    "the number of #N/A in COM": -2_146_826_246.0,
    "the number of a gap in COM": -2_147_352_572.0,
    "currency": Currency(12.5),
    "currency, many decimals": Currency(1_234.123456789),
    "currency, negative": Currency(-4.04),
    "a date": day_cell(37_144),
    "a moment": Date(datetime.datetime(2001, 9, 10, 18)),
    "the last second": Date(datetime.datetime(2001, 9, 10, 23, 59, 59)),
    "a Saturday": day_cell(37_149),
    "no date": 60.0,
    "an early date": 61.0,
    "past the last date": 2_958_466.0,
}

_TEXTS: Final[Mapping[str, Content]] = {
    "empty text": "",
    "space": " ",
    "text": "text",
    "text of a number": "4.04",
    "text of a date": "2001-09-10",
    "text of a logical": "TRUE",
    "text of an error": "#N/A",
    "text like a formula": "=1+1",
    "text with quotes": 'say "4"',
    "accents": "Zürich – 4 €",
}

_OTHERS: Final[Mapping[str, Content]] = {
    "blank": None,
    "TRUE": True,
    "FALSE": False,
    **{
        code: Error(code)
        for code in ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
    },
}

HOSTILE: Final[Mapping[str, Content]] = {**_NUMBERS, **_TEXTS, **_OTHERS}
"""Contents that every argument takes in turn."""

NAMES: Final[Mapping[str, Content]] = {
    "small letters": "neot-2001",
    "spaces": " NeoT-2001 ",
    "agreement": "NEOT-2001/OTHER",
    "agreement in small letters": "neot-2001 / other",
    "unknown deal": "NOPE-1999",
    "unknown agreement": "NEOT-2001/NOPE",
    "nothing after the slash": "NEOT-2001/",
    "a path": "../NEOT-2001",
    "a file": "NEOT-2001.toml",
}

FIGURE_VALUES: Final[Mapping[str, tuple[float, ...]]] = {
    "amount": (0.01, 99.99, 9_999_999.99, 1e7, 20_000_000.01, 24_999_999.99, 25e6),
    "price": (0.0001, 1.37, 2.0, 4.1, 4.99, 5.0, 33.75, 1e6),
    "exercise price": (0.0, 0.0001, 1.37, 4.99, 5.0, 33.75, 1e6),
    "ratio": (0.5, 1.0, 25.0),
    "count": (0.0, 1.0, 9.0, 10.0, 21_862_772.0, 8_593_877.0),
    "offset": (-250.0, -5.0, -1.0, 0.0, 5.0, 1_000.0),
    "date": (37_144.0, 37_145.0, 37_148.0, 37_151.0, 38_000.25),
}
