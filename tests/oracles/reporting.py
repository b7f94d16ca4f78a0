"""What reporting.xlsx must show for a filling: exact arithmetic, written from the contract."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from oracles import deals
from oracles.contract import shown, slack
from oracles.floating import day, is_session

_DAY: Final = datetime.timedelta(days=1)
_MOST_ALONE: Final = 10**9
"""USD of a sale at most where nothing else bounds it."""


@dataclass(frozen=True)
class Agreement:
    """An agreement: what bounds it, and what is paid on its sales."""

    key: str
    title: str = ""
    pool: str = ""
    limit: str = ""
    """Gross USD that may be sold in all."""
    shares: int = 0
    """Shares that may be sold in all, after all splits."""
    fee: Mapping[str, Any] = field(default_factory=dict)
    dated: datetime.date | None = None

    @property
    def group(self) -> str:
        """What its capacity belongs to."""
        return self.pool or self.key


@dataclass(frozen=True)
class Figures:
    """What a deal says."""

    agreements: tuple[Agreement, ...]
    splits: tuple[tuple[datetime.date, int], ...] = ()

    def find(self, key: str | None) -> Agreement:
        """The agreement of a key; the only one where a log names none."""
        found = [one for one in self.agreements if key is None or one.key == key]
        return found[0]


@dataclass
class Sale:
    """What the add-in must show of a row; all 0 in one that waits for input."""

    agreement: Agreement | None = None
    day: datetime.date = datetime.date.min
    gross: Fraction = Fraction()
    shares: Fraction = Fraction()
    fee: Fraction = Fraction()
    problem: bool = False

    @property
    def net(self) -> Fraction:
        """What is left of the gross proceeds."""
        return self.gross - self.fee


class Expected:
    """What a filled workbook must show."""

    def __init__(
        self, cells: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], figures: Figures
    ) -> None:
        """Read what is typed.

        Args:
            cells: Inputs by name.
            rows: Rows of the log.
            figures: The deal.
        """
        self.figures, self.cells, self.typed = figures, cells, rows
        self.several = len(figures.agreements) > 1
        self.sales: list[Sale] = []
        for row in rows:
            self.sales.append(self._sale(row) if self._complete(row) else Sale())

    def _complete(self, row: Mapping[str, Any]) -> bool:
        needed = [*(["Agreement"] if self.several else []), "Date", "Shares", "Price"]
        return all(row.get(name) is not None for name in needed)

    def _sale(self, row: Mapping[str, Any]) -> Sale:
        agreement = self.figures.find(row["Agreement"] if self.several else None)
        when = day(row["Date"])
        assert when is not None
        gross = Fraction(row["Shares"]) * Fraction(row["Price"])
        carried = Fraction(row["Shares"])
        for since, ratio in self.figures.splits:
            if when < since:
                carried /= ratio
        sale = Sale(agreement, when, gross, carried)
        before = self._sold(agreement)
        paid, rate = row.get("Fee paid"), row.get("Own rate")
        fee = agreement.fee
        if agreement.limit:
            limit = Fraction(agreement.limit)
            sale.problem = before + gross - limit >= slack(limit)
        elif gross > _MOST_ALONE:
            sale.problem = True
        if agreement.shares:
            sale.problem |= self._sold_shares(agreement) + sale.shares > agreement.shares
        if rate is not None:
            highest = max((Fraction(part) for _, part in fee.get("tiers", ())), default=Fraction())
            fixed = fee.get("rate_is", "fixed") == "fixed"
            sale.problem |= fixed or shown(rate) > highest
        sale.problem |= bool(fee) and paid is not None
        if sale.problem:
            return sale
        if fee:
            found = deals.fee(float(gross), float(before), rate, fee)
            sale.fee = Fraction(found)
        else:
            sale.fee = Fraction(paid or 0)
        return sale

    def _sold(self, agreement: Agreement) -> Fraction:
        pool = (one for one in self.sales if one.agreement and self._same(one, agreement))
        return sum((one.gross for one in pool), Fraction())

    def _sold_shares(self, agreement: Agreement) -> Fraction:
        pool = (one.shares for one in self.sales if self._same(one, agreement))
        return sum(pool, Fraction())

    @staticmethod
    def _same(sale: Sale, agreement: Agreement) -> bool:
        return sale.agreement is not None and sale.agreement.group == agreement.group

    def broken(self) -> list[int]:
        """The rows that fail, from 0."""
        return [number for number, sale in enumerate(self.sales) if sale.problem]

    def given(self, name: str) -> datetime.date | None:
        """The day of an input."""
        return day(self.cells[name])

    def out_of_order(self) -> bool:
        """Whether ends of periods contradict each other."""
        pairs = (
            ("Quarter_before", "Period_end", False),
            ("Year_before", "Quarter_before", True),
            ("Period_end", "Reported_through", True),
            ("Compared_end", "Period_end", False),
            ("Compared_quarter_before", "Compared_end", False),
            ("Compared_year_before", "Compared_quarter_before", True),
        )
        for first, second, equal in pairs:
            one, other = self.given(first), self.given(second)
            if one and other and (one > other or (one == other and not equal)):
                return True
        return False

    @property
    def through(self) -> datetime.date:
        """The last day whose sales are reported."""
        given = self.given("Reported_through")
        if given:
            return given
        days = [sale.day for sale in self.sales if sale.agreement]
        end = self.given("Period_end")
        return max([*days, *([end] if end else [])], default=datetime.date.min)

    def spans(self) -> list[tuple[datetime.date, datetime.date] | None]:
        """First and last day of each column, in order; None where a day is missing."""
        end, compared = self.given("Period_end"), self.given("Compared_end")
        found: list[tuple[datetime.date, datetime.date] | None] = []
        for before in ("Quarter", "Year"):
            own = f"{before}_before", f"Compared_{before.lower()}_before"
            for name, last in zip(own, (end, compared), strict=True):
                first = self.given(name)
                found.append((first + _DAY, last) if first and last else None)
        found.append((datetime.date.min + _DAY, end) if end else None)
        found.append((end + _DAY, self.through) if end else None)
        return found

    def until(self, number: int) -> datetime.date | None:
        """The last day of a column; None where it is missing."""
        span = self.spans()[number]
        return span[1] if span else None

    def inside(self, number: int, agreement: Agreement | None) -> list[Sale]:
        """The sales of a column, of one agreement or of all."""
        span = self.spans()[number]
        if span is None:
            return []
        return [
            sale
            for sale in self.sales
            if sale.agreement
            and span[0] <= sale.day <= span[1]
            and (agreement is None or sale.agreement.key == agreement.key)
        ]

    def used(self, number: int, agreement: Agreement) -> Fraction:
        """What is sold of a capacity up to the end of a column: USD, or shares."""
        end = self.until(number)
        sales = [one for one in self.sales if end and one.day <= end and self._same(one, agreement)]
        if agreement.shares:
            return sum((sale.shares for sale in sales), Fraction())
        return sum((sale.gross for sale in sales), Fraction())

    def left(self, number: int, agreement: Agreement) -> Fraction | int:
        """What is left of it; nothing where the agreement is of a later day."""
        end = self.until(number)
        if end is None or (agreement.dated and end < agreement.dated):
            return 0
        if agreement.shares:
            return math.floor(agreement.shares - self.used(number, agreement))
        limit = Fraction(agreement.limit)
        rest = limit - self.used(number, agreement)
        return Fraction() if abs(rest) < slack(limit) else rest

    def warnings(self) -> int:
        """Count what is odd."""
        count = sum(
            self.given(name) is None for name in ("Period_end", "Quarter_before", "Year_before")
        )
        counted = [sale for sale in self.sales if sale.agreement]
        count += sum(sale.day > self.through for sale in counted)
        highest = datetime.date.min
        keys = [
            (sale.agreement.key, sale.day, row["Shares"], row["Price"]) if sale.agreement else None
            for sale, row in zip(self.sales, self.typed, strict=True)
        ]
        for row, sale, key in zip(self.typed, self.sales, keys, strict=True):
            if sale.agreement is None:
                count += any(value is not None for value in row.values())
                continue
            count += sale.day < highest
            highest = max(highest, sale.day)
            count += not is_session(sale.day)
            count += sale.agreement.dated is not None and sale.day < sale.agreement.dated
            count += (row.get("Fee paid") or 0) > sale.gross
            blank = not sale.agreement.fee and row.get("Fee paid") is None
            count += blank and sale.gross > 0
            count += keys.count(key) > 1
        return count
