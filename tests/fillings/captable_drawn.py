"""Fillings of captable.xlsx, drawn at random: valid ones, and ones with one thing wrong."""

from __future__ import annotations

import math
import random
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from fillings.base import Filling
from oracles.captable import Expected, Figures
from oracles.contract import shown

_PRICES: Final = (
    1e-7,
    0.0001,
    0.01,
    0.07 * 100,
    0.1 + 0.2,
    1.1 * 3,
    4.04,
    5.69,
    1 / 3,
    10 / 3,
    1e7,
)
_NAMES: Final = ("Older options", "Warrants, 2003", "=1+1", "ünïcode", " ", "x" * 60)

COUNTS: Final = (
    ("Shares_outstanding", 10**8),
    ("Later_outstanding", 10**8),
    ("Options_and_warrants", 10**8),
    ("Exercisable_now", 10**8),
    ("Authorised_shares", 10**9),
    ("Voting_shares", 10**7),
    ("Voting_warrants", 10**7),
    ("Within_60_days", 10**6),
    ("Issued_so_far", 10**7),
    ("Planned_issue", 10**8),
)
"""Inputs that are counts of shares, each with the most that is drawn."""

_WRONG: Final = ("40,000", -1, 1.5, 10**12 + 1, 1e308, True, "many")


class Drawn:
    """A filling in the making."""

    def __init__(
        self, chance: random.Random, figures: Figures, names: Collection[str], rows: int
    ) -> None:
        """Draw a valid one.

        Args:
            chance: Where it comes from.
            figures: The deal.
            names: Inputs that the workbook has.
            rows: Rows of the table.
        """
        self.chance = chance
        self.figures = figures
        self.filling = Filling()
        cells = self.filling.cells
        for name, most in COUNTS:
            if name in names:
                cells[name] = self._count(most)
        for name in ("Shares_outstanding", "Authorised_shares"):
            cells[name] = cells[name] or None  # blank, but not 0
        if "Class_B_to_add" in names:
            cells["Class_B_to_add"] = chance.choice((0, None, chance.randint(0, figures.class_b)))
        for name in ("Average_price", "Market_price"):
            cells[name] = None if chance.random() < 0.1 else self._price()
        if "Explained_tranche" in names:
            cells["Explained_tranche"] = chance.choice((None, 1, 2, 3, rows - 1, rows))
        self._near_the_limit()
        for _ in range(chance.randint(0, rows)):
            self.filling.rows.append(self.row())

    def _count(self, most: int) -> int | None:
        kind = self.chance.random()
        if kind < 0.1:
            return None
        if kind < 0.2:
            return self.chance.choice((0, 1, 4, 5, 20))
        return self.chance.randint(0, most)

    def _price(self) -> float:
        chance = self.chance
        if chance.random() < 0.2:
            return chance.choice(_PRICES)
        return max(round(chance.choice((0.05, 1, 10, 200)) * chance.random(), 2), 0.01)

    def _near_the_limit(self) -> None:
        """Plan an issue just below the limit, at it or just above, now and then."""
        cells = self.filling.cells
        if not self.figures.limit or self.chance.random() < 0.5:
            return
        expected = Expected(cells, [], self.figures)
        at = math.ceil(expected.latest * Fraction(self.figures.limit))
        planned = at - (cells["Issued_so_far"] or 0) + self.chance.randint(-2, 2)
        cells["Planned_issue"] = max(0, planned)

    def row(self) -> dict[str, Any]:
        """Make up a row: whole, half-typed or blank."""
        chance = self.chance
        kind = chance.random()
        if kind < 0.2:
            return {}
        row: dict[str, Any] = {
            "Name": chance.choice(_NAMES),
            "Securities": chance.choice((0, 1, chance.randint(1, 10**7))),
            "Exercise price": 0 if chance.random() < 0.1 else self._price(),
        }
        if chance.random() < 0.3:
            # What takes a whole number of the warrants, or the next number that a sheet shows.
            market = self.filling.cells["Market_price"] or 1
            parts = max(row["Securities"], 1)
            price = Decimal(f"{float(shown(market) * chance.randint(0, parts) / parts):.14e}")
            last = Decimal(1).scaleb(price.adjusted() - 14)
            row["Exercise price"] = float(price + chance.choice((-1, 0, 0, 1)) * last * bool(price))
        if kind < 0.4:
            del row[chance.choice(("Name", "Securities", "Exercise price"))]
        return row


def spoil(drawn: Drawn, over: list[tuple[str, str]], below: tuple[str, str]) -> None:
    """Make one thing of a valid filling wrong: in it, over a formula or below the table."""
    chance, filling = drawn.chance, drawn.filling
    kind = chance.randrange(4)
    if kind == 0:
        row = {"Name": "Wrong", "Securities": 1000, "Exercise price": 4.04}
        heading = chance.choice(("Securities", "Exercise price", "Name"))
        row[heading] = (
            "x" * 61 if heading == "Name" else chance.choice((-1, True, 1e308, "$2.80", "40,000"))
        )
        filling.begin_wrongly(row, f"{row[heading]!r} in {heading}")
    elif kind == 1:
        name = chance.choice([name for name, _ in COUNTS if name in filling.cells])
        filling.enter_wrongly(name, chance.choice(_WRONG))
        if chance.random() < 0.1 and "Explained_tranche" in filling.cells:
            filling.enter_wrongly("Explained_tranche", chance.choice((0, 10_000)))
        elif chance.random() < 0.3:
            name = chance.choice(("Average_price", "Market_price"))
            filling.enter_wrongly(name, chance.choice((0, -4.04, 9e-8, 1e308, "4.04", True)))
    elif kind == 2:
        filling.type_below(chance, below)
    else:
        filling.type_over(chance, over)
