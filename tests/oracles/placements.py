"""What placements.xlsx must show for a filling: exact, and written from the specification."""

from __future__ import annotations

import datetime
import math
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from oracles import contract as oracle

DUST: Final = Fraction("0.00001")
"""USD by which a limit may be passed and is met."""

LEAST_PRICE: Final = 1e-7
MOST_PRICE: Final = 1e8
MOST_SHARES: Final = 10**12
"""What the workbooks take; docs/readings.md gives the reasons."""

HEADINGS: Final = ("Date", "Shares", "Price")


@dataclass(frozen=True)
class Figures:
    """What a deal says of one agreement, read from its file as it is written there."""

    capacity: Fraction
    tiers: tuple[tuple[Fraction, Fraction], ...]
    dated: datetime.date
    delivery: int
    standstill: tuple[int, int]
    reimbursement: Fraction
    warrants: tuple[Fraction, Fraction] | None
    rounding: str
    by_placement: bool
    first: datetime.date
    last: datetime.date

    def fee(self, sold: Fraction) -> Fraction:
        """Commission on all that is sold, tier by tier."""
        total, lower = Fraction(), Fraction()
        for upper, rate in self.tiers:
            total += max(Fraction(), min(sold, upper) - lower) * rate
            lower = upper
        return total

    def least_price(self) -> float:
        """The least price at which the capacity buys a count of no more than 15 digits."""
        return max(LEAST_PRICE, 10.0 ** (len(str(int(self.capacity))) - 15))

    def earned(self, shares: int) -> int:
        """Warrants on so many shares."""
        exact = shares * self.warrants[0] if self.warrants else Fraction()
        if self.rounding == "up":
            return math.ceil(exact)
        return math.floor(exact + Fraction(self.rounding == "nearest", 2))

    def added(self, shares: int, before: int) -> int:
        """Warrants that a placement adds to those on the shares before it."""
        if self.by_placement:
            return self.earned(shares)
        return self.earned(before + shares) - self.earned(before)

    def beyond(self, sold: Fraction) -> bool:
        """Whether that much cannot be sold."""
        return sold - self.capacity >= DUST

    def left(self, sold: Fraction) -> Fraction:
        """What is left after that much is sold."""
        left = self.capacity - sold
        return Fraction() if abs(left) < DUST else left


def figures(path: Path) -> dict[str, Figures]:
    """Read the agreements of a deal's file, by key."""
    deal = tomllib.loads(path.read_text("utf-8"), parse_float=str)
    year = deal["document_date"].year
    found = {}
    for key, item in deal["agreements"].items():
        given = {name: one["value"] for name, one in item.items() if "value" in one}
        warrants = item.get("warrants")
        found[key] = Figures(
            Fraction(given["capacity"]),
            tuple(
                (Fraction(tier["up_to"]["value"]), Fraction(tier["rate"]["value"]))
                for tier in item["tiers"]
            ),
            given["dated"],
            given["delivery_sessions"],
            (given["standstill_before"], given["standstill_after"]),
            Fraction(given["expense_reimbursement"]),
            (
                Fraction(warrants["rate"]["value"]),
                Fraction(warrants["exercise_multiple"]["value"]),
            )
            if warrants
            else None,
            (warrants or {}).get("rounding", {"value": "down"})["value"],
            (warrants or {}).get("counted", {"value": "total"})["value"] == "placement",
            datetime.date(year - 1, 1, 1),
            datetime.date(year + 8, 12, 31),
        )
    return found


def session(day: datetime.date, offset: int) -> datetime.date:
    """The session so many sessions from a day."""
    sessions = oracle.SESSIONS
    if offset > 0:
        return sessions[bisect_right(sessions, day) + offset - 1]
    return sessions[bisect_left(sessions, day) + offset]


def cents(amount: Fraction) -> Fraction:
    """An amount to the cent, half a cent up."""
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return Fraction(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


def day_of(given: Any) -> datetime.date:
    """The day of a date with or without a time."""
    return given.date() if isinstance(given, datetime.datetime) else given


@dataclass
class Placement:
    """A row's figures; all zeros where it waits."""

    counted: bool = False
    remark: str = ""
    """What it must begin with: Failure, Warning or nothing."""
    shares: int = 0
    gross: Fraction = Fraction()
    prior: Fraction = Fraction()
    commission: Fraction = Fraction()
    warrants: int = 0
    exercise: Fraction = Fraction()
    days: tuple[datetime.date, ...] = ()
    """Standstill begins, settlement, standstill ends."""
    left: Fraction = Fraction()


class Expected:
    """What the workbook must show."""

    def __init__(self, figures: Figures, rows: Sequence[Mapping[str, Any]], length: int) -> None:
        """Work it out.

        Args:
            figures: The agreement.
            rows: What is typed into the table.
            length: Rows of the table.
        """
        self.figures = figures
        self.failures = 0
        self.warnings = 0
        self.broken = False
        """Whether a whole row is wrong, so that there is no total."""
        self.errors = False
        """Whether an entry is an error, which goes into whatever looks at it."""
        self.sold, self.shares = Fraction(), 0
        self.placements: list[Placement] = []
        given = [
            row if any(item not in (None, "") for item in row.values()) else {} for row in rows
        ]
        given += [{}] * (length - len(given))
        good = [row for row in given if row and not self._wrong(row) and self._whole(row)]
        keys = [self._key(row) for row in good]
        latest = datetime.date.min
        for row in given:
            self.placements.append(self._placement(row, keys, latest))
            if self.placements[-1].counted:
                latest = max(latest, day_of(row["Date"]))

    def _placement(
        self, row: Mapping[str, Any], keys: Sequence[Any], latest: datetime.date
    ) -> Placement:
        if not row:
            return Placement()
        wrong, whole = self._wrong(row), self._whole(row)
        self.failures += wrong
        self.errors |= any(str(item).startswith("#") for item in row.values())
        if not whole:
            self.warnings += 1
            return Placement(remark="Failure" if wrong else "Warning")
        if wrong:
            self.broken = True
            return Placement(remark="Failure")
        own = self.figures
        day, shares, price = day_of(row["Date"]), int(row["Shares"]), Fraction(str(row["Price"]))
        gross, prior, before = shares * price, self.sold, self.shares
        self.sold += gross
        self.shares += shares
        over = own.beyond(self.sold)
        self.failures += over
        self.broken |= over
        odd = (
            (day < latest)
            + (day not in oracle.SESSIONS)
            + (day < own.dated)
            + (keys.count(self._key(row)) > 1)
        )
        self.warnings += odd
        settled = session(day, own.delivery)
        return Placement(
            counted=True,
            remark="Failure" if over else "Warning" if odd else "",
            shares=shares,
            gross=gross,
            prior=prior,
            commission=own.fee(self.sold) - own.fee(prior),
            warrants=own.added(shares, before),
            exercise=price * own.warrants[1] if shares and own.warrants else Fraction(),
            days=(
                session(day, -own.standstill[0]),
                settled,
                session(settled, own.standstill[1]),
            ),
            left=own.left(self.sold),
        )

    def _whole(self, row: Mapping[str, Any]) -> bool:
        return all(row.get(heading) not in (None, "") for heading in HEADINGS)

    def _key(self, row: Mapping[str, Any]) -> Any:
        return day_of(row["Date"]), row["Shares"], row["Price"]

    def _wrong(self, row: Mapping[str, Any]) -> int:
        """Count the entries of a row that break their rule."""
        return sum(
            not allowed(row[heading])
            for heading, allowed in (
                ("Date", self._a_day),
                ("Shares", self._a_count),
                ("Price", self._a_price),
            )
            if row.get(heading) not in (None, "")
        )

    def _a_day(self, given: Any) -> bool:
        return (
            isinstance(given, datetime.date)
            and self.figures.first <= day_of(given) <= self.figures.last
        )

    @staticmethod
    def _a_count(given: Any) -> bool:
        number = isinstance(given, int | float) and not isinstance(given, bool)
        return number and 0 <= given <= MOST_SHARES and float(given).is_integer()

    @staticmethod
    def _a_price(given: Any) -> bool:
        number = isinstance(given, int | float) and not isinstance(given, bool)
        return number and LEAST_PRICE <= given <= MOST_PRICE

    def shares_left(self, price: Any) -> int:
        """Whole shares left at a price; none where there is no price."""
        if price in (None, ""):
            return 0
        return math.floor(self.figures.left(oracle.shown(float(self.sold))) / oracle.shown(price))
