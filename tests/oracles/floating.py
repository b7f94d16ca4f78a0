"""What floating.xlsx must show for a filling: exact arithmetic, written from the specification."""

from __future__ import annotations

import datetime
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias

from oracles.contract import SESSIONS, before

Number: TypeAlias = Fraction | int


@dataclass(frozen=True)
class Figures:
    """What a deal says of its Class B warrants and debentures; None where it has none."""

    class_b: tuple[str, str, str, str, str] | None
    """Cap, rate, rate at a low price, the threshold of that, the financing floor."""
    initial: tuple[str, int]
    """Multiple and sessions."""
    floating: tuple[str, int, int, int]
    """Multiple, days after which it counts, lowest, sessions."""
    of_values: bool = False
    floor: str = ""
    cap: str = ""


NEOT: Final = Figures(("33.75", "0.97", "0.95", "5.00", "2.00"), ("1.20", 5), ("1.01", 90, 10, 30))
AWKWARD: Final = Figures(("12.34", "0.91", "0.83", "4.10", "1.37"), ("1.07", 3), ("0.99", 30, 4, 7))
MERIDIAN: Final = Figures(None, ("1.15", 5), ("0.92", 30, 3, 10), True, "1.25", "6.00")


def shown(number: float) -> Fraction:
    """A number as a sheet shows it: 15 significant digits."""
    return Fraction(f"{number:.14e}")


def is_number(value: Any) -> bool:
    """Whether a cell holds a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def day(value: Any) -> datetime.date | None:
    """A date without its time of day."""
    if isinstance(value, datetime.datetime):
        return value.date()
    return value if isinstance(value, datetime.date) else None


def is_session(date: datetime.date) -> bool:
    """Whether the exchange is open."""
    place = bisect_left(SESSIONS, date)
    return place < len(SESSIONS) and SESSIONS[place] == date


@dataclass(frozen=True)
class Quotation:
    """A row of the table that has a date."""

    date: datetime.date
    bid: Fraction | None
    value: Fraction | None


def quotations(rows: Sequence[Mapping[str, Any]]) -> list[Quotation]:
    """Read the rows that have a date."""
    found = []
    for row in rows:
        date = day(row.get("Date"))
        if date is not None:
            bid, value = row.get("Closing bid"), row.get("Market value")
            found.append(
                Quotation(
                    date,
                    None if bid is None else shown(bid),
                    None if value is None else shown(value),
                )
            )
    return found


class Expected:
    """What the workbook must show for valid input; 0 where it waits."""

    def __init__(
        self, cells: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], figures: Figures
    ) -> None:
        """Work it out.

        Args:
            cells: What is typed into input cells.
            rows: What is typed into the table.
            figures: The deal.
        """
        self.figures = figures
        self.cells = cells
        self.quoted = quotations(rows)
        self.incomplete = sum(
            bool(given & {"Closing bid", "Market value"}) and not given >= {"Date", "Closing bid"}
            for given in ({key for key, value in row.items() if value is not None} for row in rows)
        )
        self.issued, self.converted = day(cells["Issue_date"]), day(cells["Conversion_date"])
        bids = [one for one in self.quoted if one.bid is not None]
        self.last_day = max((one.date for one in bids), default=None)
        last = [one.bid for one in bids if one.date == self.last_day]
        self.last_bid = last[0] or Fraction() if last else Fraction()
        self.initial_window: list[datetime.date] = []
        self.lookback_window: list[datetime.date] = []
        if self.issued:
            self.initial_window = before(self.issued, figures.initial[1])
        if self.issued and self.converted:
            self.floats = (self.converted - self.issued).days > figures.floating[1]
            if self.floats:
                self.lookback_window = before(self.converted, figures.floating[3])

    def warnings(self) -> int:
        """Prices without date or bid, days without a session, days twice where no window looks."""
        windows = {*self.initial_window, *self.lookback_window}
        days = Counter(one.date for one in self.quoted)
        twice = sum(count for date, count in days.items() if count > 1 and date not in windows)
        return self.incomplete + twice + sum(not is_session(one.date) for one in self.quoted)

    def missing(self) -> datetime.date | None:
        """The first session that the conversion waits for, the initial window's first."""
        there = {one.date for one in self.quoted if one.bid is not None}
        for window in (self.initial_window, self.lookback_window):
            for session in window:
                if session not in there:
                    return session
        return None

    def _window(
        self, window: Sequence[datetime.date], fall: int, *, values: bool
    ) -> list[Fraction] | None:
        """The figures of a window, had the price fallen after issuance; None if one is missing."""
        assert self.issued is not None
        by_date = {one.date: one for one in self.quoted if one.date in window}
        found: list[Fraction] = []
        for session in window:
            one = by_date.get(session)
            if one is None or one.bid is None:
                return None
            figure = one.value if values and one.value is not None else one.bid
            after = session >= self.issued
            found.append(figure * Fraction(100 - fall, 100) if after else figure)
        return found

    def initial_price(self) -> Fraction:
        """The initial price, within its bounds."""
        found = self._window(self.initial_window, 0, values=True) if self.issued else None
        if found is None:
            return Fraction()
        return self._bounded(Fraction(self.figures.initial[0]) * sum(found) / len(found))

    def floating_price(self, fall: int) -> Fraction | None:
        """The floating part; None if it does not count, 0 if it waits."""
        if not self.lookback_window:
            return None
        multiple, _, lowest, _ = self.figures.floating
        found = self._window(self.lookback_window, fall, values=self.figures.of_values)
        if found is None:
            return Fraction()
        return Fraction(multiple) * sum(sorted(found)[:lowest]) / lowest

    def conversion_price(self, fall: int = 0) -> Fraction:
        """The price on the date of conversion."""
        initial = self.initial_price()
        if not initial or not self.converted:
            return Fraction()
        floating = self.floating_price(fall)
        if floating is None:
            return initial
        return self._bounded(min(initial, floating)) if floating else Fraction()

    def _bounded(self, price: Fraction) -> Fraction:
        if self.figures.floor:
            price = max(price, Fraction(self.figures.floor))
        return min(price, Fraction(self.figures.cap)) if self.figures.cap else price

    def shares(self, fall: int = 0) -> int:
        """Whole shares of the conversion."""
        price = self.conversion_price(fall)
        if not price:
            return 0
        return math.floor(shown(self.cells["Principal"] or 0) / shown(float(price)))

    def dilution(self, fall: int = 0) -> Fraction:
        """Their part of all shares."""
        shares, outstanding = self.shares(fall), self.cells["Outstanding"]
        if not shares or outstanding is None:
            return Fraction()
        return Fraction(shares, shares + outstanding)

    def class_b_price(self, bid: Fraction) -> Fraction:
        """The exercise price at a closing bid; 0 without one."""
        if not bid:
            return Fraction()
        assert self.figures.class_b is not None
        cap, rate, low_rate, threshold, _ = map(Fraction, self.figures.class_b)
        ratio = self.cells["Split_ratio"]
        return min(
            cap * (1 if ratio is None else Fraction(ratio)),
            (low_rate if bid < threshold else rate) * bid,
        )

    def class_b_usable(self, bid: Fraction) -> str:
        """Whether the warrants serve as financing; a dash without a bid."""
        assert self.figures.class_b is not None
        if not bid:
            return "–"
        return "yes" if bid >= Fraction(self.figures.class_b[4]) else "no"
