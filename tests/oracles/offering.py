"""What offering.xlsx must show for a filling: exact arithmetic, written from the specification."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from oracles import deals
from oracles.contract import shown, slack
from oracles.floating import day

PURPOSES: Final = 3
NEEDED: Final = (
    "Offer_price",
    "Offered_shares",
    "Book_value",
    "Outstanding_before",
    "Cash_actual",
    "Debt_actual",
    "Equity_actual",
    "Float_shares",
    "Float_price",
    "Shelf_day",
    *(f"Close_{number}" for number in range(1, 6)),
)
"""What results wait for: a blank is a warning, and not a 0."""


@dataclass(frozen=True)
class Figures:
    """What a deal says; without a schedule the fee is typed.

    Attributes:
        fee: Its schedule: tiers of upper edge and rate, mode, bounds, and whether at most.
        limit: USD beyond which it states no fee, or no capacity.
        shares: Its capacity in shares.
        warrants: Rate and multiple of the agent's warrants, which are rounded down.
        shelf: Part of the float, months, and the float from which sales are not limited.
    """

    fee: Mapping[str, Any] = field(default_factory=dict)
    limit: Fraction | None = None
    shares: int | None = None
    warrants: tuple[Fraction, Fraction] | None = None
    shelf: tuple[Fraction, int, Fraction] = (Fraction(1, 3), 12, Fraction(75_000_000))


def months_before(when: datetime.date, months: int) -> datetime.date:
    """The same day so many months before, or the last one of that month."""
    year, month = divmod(when.year * 12 + when.month - 1 - months, 12)
    following = datetime.date(year + month // 11, month % 11 + 1 if month < 11 else 1, 1)
    if month == 11:
        following = datetime.date(year + 1, 1, 1)
    last = (following - datetime.timedelta(days=1)).day
    return datetime.date(year, month + 1, min(when.day, last))


class Expected:
    """What a filled workbook must show."""

    def __init__(
        self, cells: Mapping[str, Any], sales: Sequence[Mapping[str, Any]], figures: Figures
    ) -> None:
        """Read what is typed, all of it allowed."""
        self.cells, self.sales, self.own = cells, sales, figures
        self.price, self.shares = self.typed("Offer_price"), self.typed("Offered_shares")
        self.gross = self.price * self.shares

    def typed(self, name: str) -> Fraction:
        """A number that is typed; 0 for a blank."""
        return Fraction(self.cells.get(name) or 0)

    @property
    def fee(self) -> Fraction:
        """The fee on the offering: what is due on all less what was due before."""
        if not self.own.fee:
            return self.typed("Offering_fee")
        # No tier ends: what is beyond the last is named as a failure, and has no fee.
        tiers = self.own.fee["tiers"]
        schedule = {**self.own.fee, "tiers": [*tiers[:-1], (None, tiers[-1][1])]}
        before = float(self.typed("Sold_before"))
        rate = self.cells.get("Offering_rate")
        if rate is not None and self.rate_fails():
            rate = None
        return Fraction(deals.fee(float(self.gross), before, rate, schedule))

    def rate_fails(self) -> bool:
        """Whether the offering's own rate is above the highest that is agreed."""
        rate = self.cells.get("Offering_rate")
        return rate is not None and shown(rate) > max(
            Fraction(part) for _, part in self.own.fee["tiers"]
        )

    @property
    def net(self) -> Fraction:
        """Gross less fee and other costs."""
        return self.gross - self.fee - self.typed("Other_costs")

    def failures(self) -> int:
        """Count what must be named as wrong."""
        own = self.own
        sold = self.gross + (self.typed("Sold_before") if own.fee else 0)
        uses = sum(self.typed(f"Use_{number}") for number in range(1, PURPOSES + 1))
        return (
            self.rate_fails()
            + (own.limit is not None and sold - own.limit >= Fraction("0.00001"))
            + (own.shares is not None and self.shares > own.shares)
            + (uses > 0 and uses - self.net >= Fraction("0.00001"))
            + (self.typed("Use_2") - self.typed("Debt_actual") >= Fraction("0.00001"))
        )

    def warnings(self) -> int:
        """Count what is odd."""
        half = sum(
            (row.get("Date") is None) is not (row.get("Amount") is None) for row in self.sales
        )
        below = self.price > 0 and shown(float(self.price)) < shown(float(self.minimum))
        shelf: bool = self.shelf()["Shelf_fits"] == "no"
        own = self.own
        uncounted = bool(own.fee and own.shares and self.typed("Sold_before") > 0)
        missing = sum(self.cells.get(name) is None for name in NEEDED)
        return half + below + shelf + uncounted + missing

    @property
    def closes(self) -> list[Fraction]:
        """The five closes; none where one is missing."""
        found = [self.typed(f"Close_{number}") for number in range(1, 6)]
        return found if all(found) else []

    @property
    def minimum(self) -> Fraction:
        """The lower of the last close and the average."""
        return min(self.closes[-1], sum(self.closes, Fraction()) / 5) if self.closes else Fraction()

    def dilution(self) -> list[Fraction]:
        """The five lines; 0 where price or count is missing."""
        before = self.typed("Outstanding_before")
        if not before or not self.price:
            return [Fraction()] * 5
        value, price = self.typed("Book_value"), shown(float(self.price))
        costs = self.fee + self.typed("Other_costs")
        then = value / before
        after = (value + price * self.shares - costs) / (before + self.shares)
        return [price, then, after - then, after, price - after]

    def shelf(self) -> dict[str, Any]:
        """Float, what was sold, and what is left before and after the offering."""
        rate, months, most = self.own.shelf
        when = day(self.cells.get("Shelf_day"))
        public = self.typed("Float_shares") * self.typed("Float_price")
        if when is None or None in (self.cells.get("Float_shares"), self.cells.get("Float_price")):
            return {"Public_float": public, "Shelf_before": Fraction(), "Shelf_after": Fraction(),
                    "Shelf_fits": "–"}  # fmt: skip
        first = months_before(when, months)
        sold = sum(
            (
                Fraction(row["Amount"])
                for row in self.sales
                if row.get("Amount") is not None
                and (sale := day(row.get("Date"))) is not None
                and first < sale <= when
            ),
            Fraction(),
        )
        off = public - most > -slack(most)
        left = [
            Fraction() if off else max(Fraction(), rate * public - sold - offered)
            for offered in (Fraction(), self.gross)
        ]
        fits = "yes" if self.gross - left[0] < Fraction("0.00001") else "no"
        return {
            "Public_float": public,
            "Shelf_before": left[0],
            "Shelf_after": left[1],
            "Shelf_fits": "not limited" if off else fits,
        }

    def figures(self) -> dict[str, Any]:
        """All figures, by the names of their cells."""
        cost = self.fee + self.typed("Other_costs")
        repaid = self.typed("Use_2")
        uses = sum(self.typed(f"Use_{number}") for number in range(1, PURPOSES + 1))
        equity, debt = self.typed("Equity_actual") + self.net, self.typed("Debt_actual") - repaid
        names = ("Dilution_price", "Book_value_before", "Book_value_increase", "Book_value_after",
                 "Dilution_a_share")  # fmt: skip
        found: dict[str, Any] = {
            "Gross_proceeds": self.gross,
            "All_costs": cost,
            "Net_proceeds": self.net,
            **dict(zip(names, self.dilution(), strict=True)),
            "Uses_total": Fraction(uses),
            "Uses_rest": self.net - uses,
            "Cash_adjusted": self.typed("Cash_actual") + self.net - repaid,
            "Debt_adjusted": debt,
            "Equity_adjusted": equity,
            "Total_adjusted": debt + equity,
            "Shares_adjusted": int(self.typed("Outstanding_before") + self.shares),
            "Average_close": sum(self.closes, Fraction()) / 5,
            "Minimum_price": self.minimum,
            **self.shelf(),
        }
        if self.own.fee:
            found["Agent_fee"] = self.fee
        if self.own.warrants:
            rate, multiple = self.own.warrants
            found["Agent_warrants"] = math.floor(self.shares * rate)
            exact = shown(float(self.price)) * multiple if self.gross else Fraction()
            found["Agent_exercise_price"] = exact
        return found
