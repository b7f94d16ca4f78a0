"""What captable.xlsx must show for a filling: exact arithmetic, written from the specification."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from oracles.floating import shown


@dataclass(frozen=True)
class Figures:
    """What a deal says: its exchange's limit, if any, and Class B warrants to add, if any."""

    limit: str
    class_b: int = 0
    voting: bool = True


@dataclass(frozen=True)
class Tranche:
    """A row's figures; None where it waits for something."""

    counted: int
    cash: Fraction
    treasury: Fraction
    cashless: int
    dilution: Fraction


def half_typed(row: Mapping[str, Any]) -> bool:
    """Whether a row has one of its two figures and waits for the other."""
    return (row.get("Securities") is None) != (row.get("Exercise price") is None)


class Expected:
    """What the workbook must show for valid input; 0 or a dash where it waits."""

    def __init__(
        self, cells: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], figures: Figures
    ) -> None:
        """Work it out.

        Args:
            cells: What is typed into input cells.
            rows: What is typed into the table.
            figures: The deal.
        """
        self.cells = {name: value or 0 for name, value in cells.items()}
        self.average, self.market = cells["Average_price"], cells["Market_price"]
        self.figures = figures
        self.outstanding: int = self.cells["Shares_outstanding"]
        self.latest: int = self.cells.get("Later_outstanding") or self.outstanding
        self.tranches = [self._tranche(row) for row in rows]

    def _tranche(self, row: Mapping[str, Any]) -> Tranche:
        securities, price = row.get("Securities"), row.get("Exercise price")
        if securities is None or price is None:
            return Tranche(0, Fraction(), Fraction(), 0, Fraction())
        treasury, cashless = Fraction(), 0
        if self.average is not None:
            bought = securities * Fraction(price) / Fraction(self.average)
            treasury = max(Fraction(), securities - bought)
        if self.market is not None:
            market, exercise = shown(self.market), shown(price)
            cashless = max(0, math.floor(securities * (market - exercise) / market))
        return Tranche(
            securities,
            securities * Fraction(price),
            treasury,
            cashless,
            part(securities, self.latest),
        )

    def headroom(self) -> int:
        """Shares that stay below the limit, less what is issued; the limit is not to be reached."""
        return max(0, self._most() - self.cells["Issued_so_far"])

    def _most(self) -> int:
        return math.ceil(self.latest * Fraction(self.figures.limit)) - 1

    def below(self) -> str:
        """Whether the planned issue stays below the limit."""
        if not self.latest:
            return "–"
        issue = self.cells["Issued_so_far"] + self.cells["Planned_issue"]
        return "yes" if issue < self.latest * Fraction(self.figures.limit) else "no"

    def left(self) -> int:
        """Authorised shares that are left to issue; may be negative."""
        authorised: int = self.cells["Authorised_shares"]
        reserved = self.cells["Options_and_warrants"] + self.cells["Planned_issue"]
        reserved += self.cells.get("Class_B_to_add", 0)
        return authorised - self.latest - reserved if authorised else 0

    def fits(self) -> str:
        """Whether the planned issue is authorised."""
        if not self.cells["Authorised_shares"]:
            return "–"
        return "yes" if self.left() >= 0 else "no"

    def warnings(self) -> int:
        """Count what is odd beside the tranches: a count that is missing, an issue too large."""
        beyond = bool(self.figures.limit) and self.below() == "no"
        return (not self.outstanding) + beyond + (self.fits() == "no")

    def shares(self) -> dict[str, Fraction | int]:
        """Figures of the Capitalisation sheet, by name."""
        cells, outstanding = self.cells, self.outstanding
        options = cells["Options_and_warrants"]
        found: dict[str, Fraction | int] = {
            "Fully_diluted": outstanding + options if outstanding else 0,
            "Dilution_share": part(options, outstanding),
        }
        if "Exercisable_now" in cells:
            found["Dilution_now"] = part(cells["Exercisable_now"], outstanding)
        if "Later_outstanding" in cells:
            found["Latest_outstanding"] = self.latest
            found["Dilution_latest"] = part(options, self.latest)
        if self.figures.voting:
            shares, warrants = cells["Voting_shares"], cells["Voting_warrants"]
            found["Voting_total"] = shares + warrants
            if outstanding:
                whole = outstanding + warrants
                found["Voting_share"] = Fraction(shares, outstanding)
                found["Voting_total_share"] = Fraction(shares + warrants, whole)
                found["Within_60_days_share"] = Fraction(cells["Within_60_days"], outstanding)
        return found

    def totals(self) -> dict[str, Fraction | int]:
        """Totals of the Exercise sheet, by name."""
        tranches = self.tranches
        securities = sum(one.counted for one in tranches)
        treasury = sum((one.treasury for one in tranches), Fraction())
        cashless = sum(one.cashless for one in tranches)
        return {
            "Securities_total": securities,
            "Cash_paid_total": sum((one.cash for one in tranches), Fraction()),
            "Treasury_stock_total": treasury,
            "Diluted_shares": self.latest + treasury,
            "Cashless_total": cashless,
            "Cashless_dilution": part(cashless, self.latest),
            "Cash_dilution": part(securities, self.latest),
        }


def part(new: int, outstanding: int) -> Fraction:
    """New shares over all; 0 while nothing is outstanding."""
    return Fraction(new, outstanding + new) if outstanding else Fraction()
