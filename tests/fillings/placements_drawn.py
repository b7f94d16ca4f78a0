"""Fillings of placements.xlsx, drawn at random: valid ones, and ones with one thing wrong."""

from __future__ import annotations

import datetime
import math
import random
from fractions import Fraction
from typing import Any, Final

from fillings.base import Filling
from oracles import contract as oracle
from oracles.placements import MOST_SHARES, Expected, Figures

_LAST_KNOWN: Final = oracle.LAST_DAY - datetime.timedelta(days=60)
"""The answer file of sessions ends a little later than this."""

_PENNIES: Final = (0.01, 0.02, 0.07, 0.0001, 0.1, 0.99, 1e-7)
_REPEATING: Final = (10 / 3, 1 / 3, 1.1 * 3, 0.1 + 0.2, 2e-7, 1e7)
_WRONG: Final[dict[str, tuple[Any, ...]]] = {
    "Date": ("4 Feb 2002", True, datetime.date(1985, 1, 2), datetime.date(2085, 1, 3), -3, "#N/A"),
    "Shares": ("40,000", True, 10.5, -1, 10**12 + 1, 1e308, "many", "#N/A"),
    "Price": ("$2.80", True, 0, -4.04, 9e-8, 2e8, 1e308, "4.04", "#REF!"),
}


class Drawn:
    """A filling in the making."""

    def __init__(self, chance: random.Random, figures: Figures, rows: int) -> None:
        """Draw a valid one.

        Args:
            chance: Where it comes from.
            figures: The agreement.
            rows: Rows of the table.
        """
        self.chance = chance
        self.figures = figures
        self.last = min(figures.last, _LAST_KNOWN)
        self.filling = Filling()
        cells = self.filling.cells
        cells["Price_for_the_rest"] = chance.choice(
            (None, 0.01, 4.04, 10, self._price(), figures.least_price())
        )
        cells["Explained_placement"] = chance.choice((None, 1, 2, rows))
        kind = chance.choice(("ordinary", "fills", "fills", "pennies"))
        placed = self._placements(chance.randint(1, rows), kind)
        if kind == "fills":
            placed = self._filled(placed)
        if chance.random() < 0.4:
            placed.sort(key=lambda row: str(row["Date"]))
        for row in placed:
            while len(self.filling.rows) + len(placed) < rows and chance.random() < 0.15:
                self.filling.rows.append(self._waiting())
            self.filling.rows.append(row)
        del self.filling.rows[rows:]
        if len(self.filling.rows) < rows and chance.random() < 0.3:
            self.filling.rows.append(dict(chance.choice(placed)) | {"Shares": 0})

    def _price(self) -> float:
        if self.chance.random() < 0.1:
            return self.chance.choice(_REPEATING)
        return max(round(self.chance.choice((0.5, 8, 40)) * self.chance.random(), 2), 0.01)

    def _date(self) -> datetime.date:
        """A day: mostly within the first years; at the edges of what may be typed; with a time."""
        chance, figures = self.chance, self.figures
        kind = chance.random()
        if kind < 0.1:
            return self.last - datetime.timedelta(days=chance.randint(0, 10))
        if kind < 0.15:
            return figures.first + datetime.timedelta(days=chance.randint(0, 8))
        day = figures.dated + datetime.timedelta(days=chance.randint(-20, 700))
        if kind < 0.8:
            at = max(figures.first, min(day, self.last))
            day = next(one for one in oracle.SESSIONS if one >= at)
        if kind > 0.9:
            clock = datetime.time(chance.randint(0, 23), chance.randint(0, 59))
            return datetime.datetime.combine(day, clock)
        return day

    def _placements(self, count: int, kind: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        room = self.figures.capacity
        for _ in range(count):
            price = self.chance.choice(_PENNIES) if kind == "pennies" else self._price()
            most = math.floor(room / 2 / Fraction(str(price)))
            if kind == "pennies":
                most = min(most, 9)
            shares = self.chance.randint(0, min(max(most, 0), MOST_SHARES))
            room -= shares * Fraction(str(price))
            rows.append({"Date": self._date(), "Shares": shares, "Price": price})
        return rows

    def _filled(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Let the last placement fill the agreement to the cent, or with a cent to spare."""
        del rows[-1]
        sold = sum((row["Shares"] * Fraction(str(row["Price"])) for row in rows), Fraction())
        spare = self.chance.choice((0, 0, 0, 1))
        left = (self.figures.capacity - sold) * 100 - spare
        whole = math.floor(left)  # cents; a capacity may end in less than one
        prices = [cent for cent in range(2, 2000) if whole % cent == 0] or [1]
        price = self.chance.choice(prices)
        rows.append({"Date": self._date(), "Shares": whole // price, "Price": price / 100})
        self.chance.shuffle(rows)
        return rows

    def _waiting(self) -> dict[str, Any]:
        """A row that is blank or half-typed."""
        row = {"Date": self._date(), "Shares": 1000, "Price": self._price()}
        for heading in self.chance.sample(sorted(row), self.chance.randint(1, 3)):
            row[heading] = self.chance.choice((None, None, ""))
        return row


def spoil(drawn: Drawn, over: list[tuple[str, str]], below: list[tuple[str, str]]) -> None:
    """Make one thing of a valid filling wrong: in it, over a formula or below the table."""
    chance, filling = drawn.chance, drawn.filling
    kind = chance.choice(("entry", "entry", "beyond", "cell", "below", "over"))
    at = chance.randrange(len(filling.rows))
    if kind == "entry":
        heading = chance.choice(sorted(_WRONG))
        filling.rows[at] = dict(filling.rows[at])
        filling.rows[at][heading] = chance.choice(_WRONG[heading])
        filling.wrong, filling.place = f"{filling.rows[at][heading]!r} in {heading}", at
    elif kind == "beyond":
        others = filling.rows[:-1]
        sold = Expected(drawn.figures, others, len(others)).sold
        left = math.floor((drawn.figures.capacity - sold) * 100) + 2  # by a cent at least
        filling.rows[-1] = {"Date": drawn.figures.dated, "Shares": left, "Price": 0.01}
        filling.wrong, filling.place = "more than the capacity", len(filling.rows) - 1
    elif kind == "cell":
        name = chance.choice(("Price_for_the_rest", "Explained_placement"))
        filling.enter_wrongly(name, chance.choice((0, -1, 1e308, "4.04", True, "#N/A")))
    elif kind == "below":
        filling.type_below(chance, chance.choice(below))
    else:
        filling.type_over(chance, over)
