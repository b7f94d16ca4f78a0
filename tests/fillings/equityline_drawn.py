"""Fillings of equityline.xlsx, drawn at random: valid ones, and ones with one thing wrong."""

from __future__ import annotations

import datetime
import random
from typing import Any, Final

from fillings.base import Filling
from fillings.quoted import Quoted
from oracles.contract import SESSIONS
from oracles.equityline import Figures

_DAY: Final = datetime.timedelta(days=1)


class Drawn(Quoted):
    """A filling in the making.

    Attributes:
        filling: It, the advances among its rows.
        quotes: Rows of the quotations.
    """

    def __init__(
        self,
        chance: random.Random,
        figures: Figures,
        years: tuple[int, int],
        room: int,
        quoted: int,
    ) -> None:
        """Draw a valid one.

        Args:
            chance: Where it comes from.
            figures: The deal.
            years: First and last year whose dates may be typed.
            room: Rows that the table of advances has.
            quoted: Rows that the table of quotations has.
        """
        self.chance, self.figures = chance, figures
        self.first, self.last = datetime.date(years[0], 1, 1), datetime.date(years[1], 12, 31)
        self.low = chance.choice((0.003, 0.05, 0.5, 1.5, 3.0, 20.0))
        self.filling = Filling()
        self.quotes: list[dict[str, Any]] = []
        self._inputs()
        self._advances(room)
        self._quotations(quoted)

    def _inputs(self) -> None:
        chance, cells = self.chance, self.filling.cells
        cells["Line_outstanding"] = chance.choice((None, 10**10, chance.randint(10**8, 10**9)))
        cells["Ownership_limit"] = chance.choice((None, 0.0499, 0.0999, 0.1999))
        cells["Explained_advance"] = chance.choice((None, 1, 2, 5))
        amounts = (None, 1_000_000, chance.randint(1, 10**9) / 100)
        cells["Sensitivity_amount"] = chance.choice(amounts)
        for number in range(1, 8):
            price = round(chance.choice((0.05, 1, 10, 200)) * (0.1 + chance.random()), 2)
            blank = chance.random() < 0.1
            cells[f"Assumed_price_{number}"] = None if blank else max(price, 0.01)

    def _beginning(self) -> datetime.date:
        """Draw a day around which the rows lie: near an action of the deal, or anywhere."""
        chance, figures = self.chance, self.figures
        actions = [one[0] for one in figures.amendments] + [one[0] for one in figures.splits]
        if actions and chance.random() < 0.6:
            return chance.choice(actions) + _DAY * chance.randint(-8, 8)
        edge = chance.random()
        if edge < 0.1:
            return self.first + _DAY * chance.randint(0, 5)
        if edge < 0.2:
            return self.last - _DAY * chance.randint(0, 5)
        return self.first + _DAY * chance.randint(0, (self.last - self.first).days)

    def _advances(self, room: int) -> None:
        chance, rows = self.chance, self.filling.rows
        around = self._beginning()
        days = sorted(
            min(max(around + _DAY * chance.randint(0, 9), self.first), self.last)
            for _ in range(chance.randint(0, min(room, 7)))
        )
        if chance.random() < 0.2:
            chance.shuffle(days)
        for when in days:
            rows.append(self.advance(when))
            kind = chance.random()
            if kind < 0.08:
                rows.append({})
            elif kind < 0.14:
                row = self.advance(when)
                del row[chance.choice([name for name in row if name != "Held before"])]
                rows.append(row)
            elif kind < 0.18:
                rows.append(dict(rows[-1]))
        del rows[room:]

    def advance(self, when: datetime.date) -> dict[str, Any]:
        """Make up a whole row."""
        chance, figures = self.chance, self.figures
        row: dict[str, Any] = {"Date": self.timed(when)}
        if len(figures.choices) > 1:
            row["Formula"] = chance.choice(figures.choices)
        if figures.needs_issue:
            back = chance.choice((0, 1, 4, 30, 31, 90, 91))
            row["Issue date"] = self.timed(max(self.first, when - _DAY * back))
            issued, sold = (
                value
                if isinstance(value, datetime.datetime)
                else datetime.datetime.combine(value, datetime.time())
                for value in (row["Issue date"], row["Date"])
            )
            if issued > sold:
                row["Issue date"] = when
            if row["Formula"] not in figures.needs_issue and chance.random() < 0.5:
                del row["Issue date"]
        row["Amount"] = chance.choice(
            (0, 0.01, 1000, 25_000, chance.randint(1, 10**7) / 100, chance.randint(1, 300) * 100)
        )
        if not figures.formulas:
            row["Price"] = self.price()
        if chance.random() < 0.3:
            row["Held before"] = chance.choice((0, 1000, 10**6))
        return row

    def _windows(self) -> set[datetime.date]:
        """The sessions that the rows look at, as far as the widest windows go."""
        found: set[datetime.date] = set()
        for row in self.filling.rows:
            for name, span in (("Date", (-10, 3)), ("Issue date", (-2, 1))):
                when = row.get(name)
                if when is None:
                    continue
                day = when.date() if isinstance(when, datetime.datetime) else when
                at = next(at for at, session in enumerate(SESSIONS) if session >= day)
                found.update(SESSIONS[at + span[0] : at + span[1]])
        return found

    def _quotations(self, room: int) -> None:
        chance, figures = self.chance, self.figures
        if not figures.columns:
            return
        days = sorted(self._windows())[-room:]
        if chance.random() < 0.1:
            days = [day for day in days if chance.random() < 0.95]
        for day in days:
            row: dict[str, Any] = {"Date": self.timed(day)}
            for name in figures.columns:
                optional = name == "Market value"
                if chance.random() < (0.7 if optional else 0.005):
                    continue
                row[name] = self.price()
            self.quotes.append(row)
        while len(self.quotes) < room and chance.random() < 0.5:
            self.quotes.append({})
        if chance.random() < 0.6:
            chance.shuffle(self.quotes)


def spoil(drawn: Drawn, over: list[tuple[str, str]], below: tuple[str, str]) -> None:
    """Make one thing of a valid filling wrong: in it, over a formula or below the table."""
    chance, filling = drawn.chance, drawn.filling
    kind = chance.randrange(5)
    if kind == 0:
        row = drawn.advance(drawn.first + _DAY * 400)
        heading, values = chance.choice(
            (
                ("Amount", ("40,000", -1, True, 1e308)),
                ("Date", ("4 Feb 2024", "n/a", datetime.date(1901, 11, 1))),
                ("Held before", (1.5, -1, "many")),
            )
        )
        row[heading] = chance.choice(values)
        filling.begin_wrongly(row, f"{row[heading]!r} in {heading}")
    elif kind == 1:
        name, value = chance.choice(
            (
                ("Line_outstanding", -1),
                ("Line_outstanding", "20,000,000"),
                ("Ownership_limit", 1),
                ("Ownership_limit", "5%"),
                ("Sensitivity_amount", True),
                ("Assumed_price_1", 0),
                ("Assumed_price_3", "$2"),
            )
        )
        filling.enter_wrongly(name, value)
    elif kind == 2:
        filling.type_below(chance, below)
    elif kind == 3 and drawn.figures.needs_issue:
        row = drawn.advance(drawn.first + _DAY * 400)
        row["Issue date"] = drawn.first + _DAY * 401
        filling.begin_wrongly(row, "issued after the day")
    else:
        filling.type_over(chance, over)
