"""What a made-up issuer's staff type in its quarter: see `tools.quarter`.

Prices and counts are as on their days: the stock is split 1 for 4 on 20 May 2024.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Final, NamedTuple


def _day(month: int, day: int) -> datetime.date:
    return datetime.date(2024, month, day)


class Sale(NamedTuple):
    """A placement."""

    agent: str
    day: datetime.date
    shares: int
    price: float


FROM_CSV: Final = (
    Sale("Alder Securities", _day(2, 12), 400_000, 1.52),
    Sale("Birch Capital", _day(3, 14), 600_000, 1.61),
    Sale("Alder Securities", _day(4, 9), 500_000, 1.48),
    Sale("Alder Securities", _day(5, 6), 750_001, 1.57),
)
"""Placements from a broker's file."""

TYPED: Final = (
    Sale("Birch Capital", _day(5, 28), 120_000, 6.22),
    Sale("Alder Securities", _day(6, 18), 90_000, 6.05),
    Sale("Alder Securities", _day(7, 2), 50_000, 6.31),
)
"""Placements typed under them, the last after the quarter."""

ADVANCE: Final = (_day(6, 5), 400_000)
VWAPS: Final = {_day(5, 31): 6.08, _day(6, 3): 5.95, _day(6, 4): 6.02}
"""An advance on the equity line: day of the notice and amount; prices around it."""

ISSUED: Final = _day(1, 16)
CONVERTED: Final = _day(6, 12)
PRINCIPAL: Final = 300_000
BIDS: Final[Mapping[datetime.date, float]] = {
    _day(month, day): bid
    for month, days in {
        1: {8: 1.44, 9: 1.46, 10: 1.43, 11: 1.47, 12: 1.45},
        5: {14: 1.55, 15: 1.46, 16: 1.56, 17: 1.58, 20: 6.20, 21: 6.28, 22: 6.15, 23: 6.02}
        | {24: 5.96, 28: 5.90, 29: 5.85, 30: 5.98, 31: 6.10},
        6: {3: 6.12, 4: 6.05, 5: 5.99, 6: 5.94, 7: 5.91, 10: 6.00, 11: 6.04},
    }.items()
    for day, bid in days.items()
}
"""A conversion of the note: its closing bids as traded, from before the split and after it."""

PERIOD: Final[Mapping[str, datetime.date]] = {
    "Period_end": _day(6, 30),
    "Quarter_before": _day(3, 31),
    "Year_before": datetime.date(2023, 12, 31),
    "Compared_end": datetime.date(2023, 6, 30),
    "Compared_quarter_before": datetime.date(2023, 3, 31),
    "Compared_year_before": datetime.date(2022, 12, 31),
}
INCOME: Final = {"Quarter": 350_000, "Year": 520_000}
AVERAGE: Final = {"Quarter": 6.08, "Year": 6.02}
OPENING: Final = (datetime.date(2023, 12, 31), 20_000_000)
VESTED: Final = (_day(4, 15), 40_000)
"""Counts of shares as they were on those days, before the split."""

OPTIONS: Final = (300_000, 4.00)
WARRANTS: Final = (200_000, 10.00)
UNITS: Final = 20_000
"""Securities after the split: shares and exercise prices."""

NOTE_LEFT: Final = 1_200_000
INTEREST: Final = {"Quarter": 18_000, "Year": 36_000}
"""Principal of the note that is left, and what its conversion would save."""

COMPARED_REPORTED: Final = datetime.date(2023, 8, 10)


class Reported(NamedTuple):
    """What the report of a year before said: income, and weighted average shares of its day."""

    income: int
    shares: int
    diluted: int


COMPARED: Final = {
    "quarter": Reported(210_000, 19_400_000, 19_812_000),
    "year": Reported(333_000, 19_300_000, 19_705_000),
}
"""The same quarter, and the year to date, a year before."""


class Warrants(NamedTuple):
    """A kind of warrants: exercise price after the split, and expiry."""

    name: str
    price: float
    expires: datetime.date


class Change(NamedTuple):
    """A change of their number, in warrants of its day."""

    day: datetime.date
    name: str
    kind: str
    number: int


LENDERS: Final = Warrants("Lender's warrants", 4.40, _day(6, 14))
INVESTORS: Final = Warrants("Investors' warrants", WARRANTS[1], datetime.date(2027, 9, 30))
EXERCISED: Final = (_day(4, 22), 160_000)
"""Most of the lender's, before the split."""

CHANGES: Final = (
    Change(OPENING[0], LENDERS.name, "Issued", 240_000),
    Change(OPENING[0], INVESTORS.name, "Issued", 640_000),
    Change(EXERCISED[0], LENDERS.name, "Exercised", EXERCISED[1]),
    Change(_day(2, 20), INVESTORS.name, "Issued", 160_000),
    Change(LENDERS.expires, LENDERS.name, "Expired", 20_000),
)
VALUATIONS: Final = {
    "Quarter_start": (5.84, 0.85, 0.043),
    "Year_start": (5.60, 0.80, 0.041),
    "Closing": (6.20, 0.90, 0.044),
}
"""Price after the split, volatility and riskless rate on each day of the roll-forward."""

CASH: Final = 9_400_000
CASH_USED: Final = {"Quarter": 2_100_000, "Year": 4_500_000}
"""Cash at the end of the period, and what operations used."""
