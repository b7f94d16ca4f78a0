"""The worked examples of deals of today, as cells have them, with the deal that they are about."""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from arguments import OMITTED, Argument, Content, Date, Range, Result
from oracles.contract import SESSIONS
from paths import DATA
from routes.cases import Case

from xladdin.terms import store

TODAY: Final = DATA / "TODAY.toml"
EVENT: Final = datetime.date(2023, 6, 15)
AT: Final = next(at for at, session in enumerate(SESSIONS) if session >= EVENT)


def moment(day: datetime.date) -> Date:
    return Date(datetime.datetime.combine(day, datetime.time()))


def table(heading: str, first: int, prices: Sequence[float]) -> Range:
    """Prices of sessions from one on, relative to the event."""
    rows = [(moment(SESSIONS[AT + first + at]), price) for at, price in enumerate(prices)]
    return Range((("Date", heading), *rows))


def priced(formula: str, quotes: Range) -> tuple[Argument, ...]:
    return formula, quotes, moment(EVENT), OMITTED, "TODAY"


CLOSES: Final = (2.00, 1.95, 1.90, 1.88, 1.91, 1.99, 2.05, 2.10, 1.97, 1.93)


def regular(low: float) -> Range:
    rows: list[tuple[Content, ...]] = [("Date", "Close", "Low")]
    for at, close in enumerate(CLOSES):
        rows.append((moment(SESSIONS[AT - 10 + at]), close, None))
    return Range((*rows, (moment(EVENT), None, low)))


DAYS: Final = (2.01, 1.90, 2.10)
BONDS: Final = Range((("bonds", 2_100.0, 10_000.0),))
CHANGES: Final = Range(
    tuple(
        (moment(datetime.date(2021, month, 1)), shares)
        for month, shares in ((1, 90_000.0), (4, 30_000.0), (7, -39_000.0), (11, 60_000.0))
    )
)
YEAR: Final = tuple(moment(datetime.date(2021, *day)) for day in ((1, 1), (12, 31)))
WEIGHTED: Final = float(Fraction(90_000 * 90 + 120_000 * 91 + 81_000 * 123 + 141_000 * 61, 365))
FLOAT: Final = float(23_690_126 * Fraction(2.12) / 3)

EXAMPLES: Final[list[tuple[str, tuple[Argument, ...], Result]]] = [
    ("DEAL_PRICE", priced("lowest", table("VWAP", 0, DAYS)), 1.843),
    (
        "DEAL_PRICE",
        priced("average", table("VWAP", 0, DAYS)),
        float(Fraction("0.97") * Fraction("6.01") / 3),
    ),
    ("DEAL_PRICE", priced("regular", regular(1.95)), float(Fraction("5.69") / 3)),
    ("DEAL_PRICE", priced("regular", regular(1.85)), 1.85),
    ("DEAL_PRICE", priced("note", table("VWAP", -9, [8.0] * 10)), 6.15),
    ("DEAL_PRICE", priced("note", table("VWAP", -9, [1.0] * 10)), 0.92),
    ("DEAL_PRICE", priced("note", table("VWAP", -9, [0.70] * 10)), 0.716),
    ("DEAL_PRICE", priced("minimum", table("Close", -5, [2.10, 2.05, 2.00, 1.90, 1.95])), 1.95),
    ("DEAL_FEE", (12e6, OMITTED, OMITTED, "lehman", "TODAY"), 220_000.0),
    ("DEAL_FEE", (12e6, OMITTED, OMITTED, "double", "TODAY"), 440_000.0),
    ("ANTIDILUTION_PRICE", (1.0, 1e7, 5e6, 0.5), 5 / 6),
    ("ANTIDILUTION_PRICE", (1.0, 1e7, 5e6, 0.5, "full ratchet"), 0.5),
    ("OWNERSHIP_HEADROOM", (1e7,), 525_207.0),
    ("OWNERSHIP_HEADROOM", (1e7, OMITTED, 0.0999), 1_109_876.0),
    ("WEIGHTED_SHARES", (CHANGES, *YEAR), WEIGHTED),
    ("DILUTED_EPS", (750_000.0, 690_000.0, BONDS), 752_100 / 700_000),
    ("WARRANT_VALUE", (42.0, 40.0, 0.5, 0.2, 0.1), 4.759422392871532),
    ("WARRANT_VALUE", (60.0, 65.0, 0.25, 0.3, 0.08), 2.1333684449162007),
    (
        "FLOAT_HEADROOM",
        (
            23_690_126.0,
            2.12,
            Range(((None, None),)),
            moment(datetime.date(2023, 3, 27)),
            OMITTED,
            "CGTX-2022",
        ),
        FLOAT,
    ),
    # Of deals that are shipped, on a day.
    ("DEAL_TERM", ("prices.first.floor", "CANOO-2022@2023-01-24"), 0.5),
    ("DEAL_TERM", ("prices.first.floor", "CANOO-2022@45359"), 2.3),
    ("SPLIT_ADJUSTED", (11.5, moment(EVENT), OMITTED, "price", "CANOO-2022@2024-03-08"), 264.5),
    ("SETTLEMENT_DATE", (moment(datetime.date(2001, 9, 7)),), 37_152.0),
    ("ISSUE_HEADROOM", ("purchase", 811_638.0, OMITTED, "CGTX-2022"), 5_000_000.0),
    ("OFFERING_DILUTION", (10.0, 100.0, 500.0, 100.0), ((10.0,), (5.0,), (2.5,), (7.5,), (2.5,))),
    (
        "MAKE_WHOLE",
        (Range(((None, 10.0, 11.0), (60.0, 0.261, 0.281), (57.0, 0.257, 0.277))), 58.5, 10.5),
        0.269,
    ),
]
"""Function, arguments and result."""


CASES: Final = [
    Case(f"example {at}", name, arguments, expected)
    for at, (name, arguments, expected) in enumerate(EXAMPLES, 1)
]


@contextlib.contextmanager
def installed(folder: Path | None = None) -> Iterator[None]:
    """Put the deal of the examples into a folder of deals: the one of the tests' own processes."""
    folder = folder or Path(os.environ[store.ENVIRONMENT])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / TODAY.name
    shutil.copy(TODAY, path)
    store.forget()
    try:
        yield
    finally:
        path.unlink()
        store.forget()
