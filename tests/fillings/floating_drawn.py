"""Fillings of floating.xlsx, drawn at random: valid ones, and ones with one thing wrong."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from typing import Any, Final

from fillings.base import Filling
from fillings.quoted import Quoted
from oracles.contract import before
from oracles.floating import Expected, Figures

_DAY: Final = datetime.timedelta(days=1)


class Drawn(Quoted):
    """A filling in the making."""

    def __init__(
        self, chance: random.Random, figures: Figures, years: tuple[int, int], room: int
    ) -> None:
        """Draw a valid one.

        Args:
            chance: Where it comes from.
            figures: The deal.
            years: First and last year whose dates may be typed.
            room: Rows that the table has.
        """
        self.chance = chance
        self.figures = figures
        self.first, self.last = (
            datetime.date(years[0], 1, 1),
            datetime.date(years[1], 12, 31),
        )
        self.low = chance.choice((0.000003, 0.0003, 0.02, 0.5, 3.0, 4.6, 20.0))
        self.filling = Filling()
        self._dates()
        self._quotations(room)
        self._inputs()

    def _dates(self) -> None:
        chance = self.chance
        span = (self.last - self.first).days
        edge = chance.random()
        if edge < 0.15:
            issued = self.first + _DAY * chance.randint(0, 12)
        elif edge < 0.3:
            issued = self.last - _DAY * chance.randint(0, 12)
        else:
            issued = self.first + _DAY * chance.randint(0, span)
        after = self.figures.floating[1]
        held = chance.choice((0, 1, after - 1, after, after + 1, after + 8, chance.randint(0, 250)))
        converted = min(issued + _DAY * held, self.last)
        self.issued, self.converted = issued, converted
        self.window = set(before(issued, self.figures.initial[1]))
        if (converted - issued).days > after:
            self.window |= set(before(converted, self.figures.floating[3]))
        cells = self.filling.cells
        cells["Issue_date"] = self.timed(issued)
        cells["Conversion_date"] = self.timed(converted)
        if chance.random() < 0.08:
            cells[chance.choice(("Issue_date", "Conversion_date"))] = None

    def _quotations(self, room: int) -> None:
        chance, rows = self.chance, self.filling.rows
        needed = sorted(self.window)
        if chance.random() < 0.2:
            needed = [day for day in needed if chance.random() < 0.97]
        if chance.random() < 0.08:
            needed = []
        for day in needed[:room]:
            rows.append(self.quotation(day))
            if chance.random() < 0.002:
                del rows[-1]["Closing bid"]
        for _ in range(chance.randint(0, room - len(rows))):
            rows.append(self.other_row())
        if chance.random() < 0.05:
            rows[:] = [{} for _ in rows]
        order = chance.random()
        if order < 0.5:
            chance.shuffle(rows)
        elif order < 0.75:
            rows.reverse()

    def quotation(self, day: datetime.date) -> dict[str, Any]:
        """Make up a whole row."""
        row: dict[str, Any] = {"Date": self.timed(day), "Closing bid": self.price()}
        if self.chance.random() < 0.2:
            row["Market value"] = self.price()
        return row

    def other_row(self) -> dict[str, Any]:
        """Make up a row that no window looks at: blank, half-typed, on another day."""
        chance = self.chance
        kind = chance.random()
        if kind < 0.25:
            return {}
        if kind < 0.3:
            return {"Closing bid": self.price()}
        if kind < 0.33:
            return {"Market value": self.price()}
        while True:
            day = self.first + _DAY * chance.randint(0, (self.last - self.first).days)
            if kind < 0.5:
                day = min(self.issued + _DAY * chance.randint(-20, 130), self.last)
            if day not in self.window and day >= self.first:
                break
        row = self.quotation(day)
        if kind > 0.9:
            del row["Closing bid"]
        return row

    def _inputs(self) -> None:
        chance, cells = self.chance, self.filling.cells
        cells["Principal"] = chance.choice(
            (8_000_000, 0.01, 96_000, chance.randint(1, 10**9) / 100, chance.randint(1, 10**6) * 3)
        )
        if chance.random() < 0.4:
            self._principal_that_leaves_nothing()
        cells["Outstanding"] = chance.choice((21_927_372, 1, chance.randint(1, 10**9)))
        if chance.random() < 0.1:
            cells[chance.choice(("Principal", "Outstanding"))] = None
        if self.figures.class_b:
            cells["Split_ratio"] = chance.choice((None, 1, 1, 25, 0.5, 1 / 3, 0.0625))
            cells["Explained_day"] = chance.choice((None, None, self.issued, self.converted))

    def _principal_that_leaves_nothing(self) -> None:
        """Convert what a whole number of shares costs, where that is so many cents."""
        cells = self.filling.cells
        expected = Expected({**cells, "Split_ratio": None}, self.filling.rows, self.figures)
        cents = self.chance.randint(1, 10_000) * 300 * expected.conversion_price() * 100
        if cents and cents.denominator == 1:
            cells["Principal"] = int(cents) / 100


def _text_for_bid(drawn: Drawn, row: dict[str, Any]) -> str:
    row["Closing bid"] = drawn.chance.choice(("$2.80", "4.04", "n/a", " "))
    return "text for a bid"


def _text_for_date(drawn: Drawn, row: dict[str, Any]) -> str:
    row["Date"] = drawn.chance.choice(("4 Feb 2002", "2002-02-04", "37202"))
    return "text for a date"


def _true_for_bid(_: Drawn, row: dict[str, Any]) -> str:
    row["Closing bid"] = True
    return "TRUE for a bid"


def _no_price(drawn: Drawn, row: dict[str, Any]) -> str:
    row[drawn.chance.choice(("Closing bid", "Market value"))] = drawn.chance.choice(
        (0, -4.04, 9e-8, 1e308)
    )
    return "a price out of bounds"


def _other_century(_: Drawn, row: dict[str, Any]) -> str:
    row["Date"] = datetime.date(1901, 11, 1)
    return "a date out of range"


IN_A_ROW: Final[tuple[Callable[[Drawn, dict[str, Any]], str], ...]] = (
    _text_for_bid,
    _text_for_date,
    _true_for_bid,
    _no_price,
    _other_century,
)
"""What makes a whole row wrong; each says what it did."""

_IN_AN_INPUT: Final = (
    ("Principal", "8,000,000"),
    ("Principal", -1),
    ("Principal", True),
    ("Principal", 1e308),
    ("Outstanding", -5),
    ("Outstanding", 1.5),
    ("Outstanding", "many"),
    ("Issue_date", "15 Nov 2001"),
    ("Conversion_date", "soon"),
    ("Conversion_date", datetime.date(1901, 1, 1)),
    ("Split_ratio", 0),
    ("Split_ratio", "25"),
)


def spoil(drawn: Drawn, over: list[tuple[str, str]], below: tuple[str, str]) -> None:
    """Make one thing of a valid filling wrong: in it, over a formula or below the table."""
    chance, filling = drawn.chance, drawn.filling
    kind = chance.randrange(5)
    if kind == 0:
        filling.place = chance.randint(0, len(filling.rows))
        row = drawn.quotation(drawn.chance.choice(sorted(drawn.window)))
        filling.wrong = chance.choice(IN_A_ROW)(drawn, row)
        filling.rows.insert(filling.place, row)
    elif kind == 1:
        inputs = [one for one in _IN_AN_INPUT if one[0] in filling.cells]
        name, value = chance.choice(inputs)
        filling.enter_wrongly(name, value)
    elif kind == 2:
        filling.type_below(chance, below)
    elif kind == 3:
        filling.type_over(chance, over)
    else:
        _twice(drawn)


def _twice(drawn: Drawn) -> None:
    """Give a session of a window two rows, or let the conversion come before the issue."""
    filling = drawn.filling
    cells = filling.cells
    if drawn.chance.random() < 0.3 and drawn.issued > drawn.first:
        cells["Issue_date"] = drawn.issued
        cells["Conversion_date"] = drawn.issued - _DAY
        filling.wrong = "conversion before issue"
        return
    if cells["Issue_date"] is None or cells["Conversion_date"] is None:
        cells["Issue_date"], cells["Conversion_date"] = drawn.issued, drawn.converted
    session = drawn.chance.choice(sorted(drawn.window))
    filling.rows[:] = [drawn.quotation(session), drawn.quotation(session)]
    filling.place = 1
    filling.wrong = "a date twice within a window"
