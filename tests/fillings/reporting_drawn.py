"""Fillings of reporting.xlsx, drawn at random: valid ones, and ones with one thing wrong."""

from __future__ import annotations

import datetime
import random
from fractions import Fraction
from typing import Any, Final

from fillings.base import Filling
from oracles.reporting import Agreement, Figures

_DAY: Final = datetime.timedelta(days=1)
_TIMES: Final = (datetime.time(), datetime.time(9, 30), datetime.time(16), datetime.time(23, 59))


class Drawn:
    """A filling in the making.

    Attributes:
        filling: It.
    """

    def __init__(
        self, chance: random.Random, figures: Figures, years: tuple[int, int], room: int
    ) -> None:
        """Draw a valid one, but for sales beyond what may be sold and ends in a wrong order.

        Args:
            chance: Where it comes from.
            figures: The deal.
            years: First and last year whose sales may be typed.
            room: Rows that the log has.
        """
        self.chance, self.figures = chance, figures
        self.first, self.last = datetime.date(years[0], 1, 1), datetime.date(years[1], 12, 31)
        self.filling = Filling()
        self.begins = self._beginning()
        self._days()
        self._sales(room)

    def timed(self, day: datetime.date) -> datetime.date:
        """Give a day a time, now and then."""
        if self.chance.random() < 0.8:
            return day
        return datetime.datetime.combine(day, self.chance.choice(_TIMES))

    def _within(self, day: datetime.date) -> datetime.date:
        return min(max(day, self.first), self.last)

    def _beginning(self) -> datetime.date:
        """Draw the day of the first sale: near a split or an edge, or anywhere."""
        chance = self.chance
        if self.figures.splits and chance.random() < 0.6:
            return chance.choice(self.figures.splits)[0] - _DAY * chance.randint(-20, 150)
        edge = chance.random()
        if edge < 0.1:
            return self.first
        if edge < 0.2:
            return self.last - _DAY * chance.randint(0, 200)
        return self.first + _DAY * chance.randint(0, (self.last - self.first).days)

    def _days(self) -> None:
        """Draw the ends of periods: whole quarters, or any days, some of them left out."""
        chance, cells = self.chance, self.filling.cells
        end = self._within(self.begins + _DAY * chance.randint(0, 220))
        quarter = end - _DAY * chance.randint(80, 98)
        year = quarter - _DAY * chance.choice((0, 91, 182, 273))
        back = _DAY * chance.choice((364, 365, 366))
        cells["Period_end"] = end
        cells["Quarter_before"] = quarter
        cells["Year_before"] = year
        cells["Compared_end"] = end - back
        cells["Compared_quarter_before"] = quarter - back
        cells["Compared_year_before"] = year - back
        cells["Reported_through"] = self._within(end + _DAY * chance.randint(0, 60))
        for name in cells:
            missing = 0.5 if name == "Reported_through" else 0.06
            if cells[name].year < self.first.year - 2 or chance.random() < missing:
                cells[name] = None
            elif chance.random() < 0.2:
                cells[name] = self.timed(cells[name])
        if chance.random() < 0.04:
            cells["Quarter_before"] = cells["Period_end"]
        cells["Explained_sale"] = chance.choice((None, 1, 2, 5))

    def _sales(self, room: int) -> None:
        chance, rows = self.chance, self.filling.rows
        days = sorted(
            self._within(self.begins + _DAY * chance.randint(0, 300))
            for _ in range(chance.randint(0, min(room, 14)))
        )
        if chance.random() < 0.2:
            chance.shuffle(days)
        for when in days:
            rows.append(self.sale(when))
            kind = chance.random()
            if kind < 0.08:
                rows.append({})
            elif kind < 0.14:
                row = self.sale(when)
                del row[chance.choice([name for name in row if name not in ("Own rate",)])]
                rows.append(row)
            elif kind < 0.18:
                rows.append(dict(rows[-1]))
        del rows[room:]

    def price(self) -> float:
        """Draw a price: cents, parts of a cent, or with the dust of binary arithmetic."""
        chance = self.chance
        if chance.random() < 0.1:
            return chance.choice((0.1 + 0.2, 1.1 * 3, 10 / 3, 1 / 3, 0.0001, 2000.0))
        return max(round(chance.choice((0.5, 4, 60)) * (0.5 + chance.random()), 4), 0.01)

    def sale(self, when: datetime.date) -> dict[str, Any]:
        """Make up a whole row: of any size, now and then of all that may be sold."""
        chance = self.chance
        agreement = chance.choice(self.figures.agreements)
        price = self.price()
        row: dict[str, Any] = {"Date": self.timed(when), "Price": price}
        if len(self.figures.agreements) > 1:
            row["Agreement"] = agreement.key
        row["Shares"] = self._shares(agreement, price)
        if agreement.fee.get("rate_is") == "at most" and chance.random() < 0.5:
            row["Own rate"] = chance.choice((0.01, 0.025, 0.04, round(chance.uniform(0, 0.04), 6)))
        if not agreement.fee and chance.random() < 0.5:
            part = chance.choice((0.0, 0.01, 0.03, 0.03, 1.5))
            row["Fee paid"] = min(round(row["Shares"] * price * part, 2), 1e9)
        return row

    def _shares(self, agreement: Agreement, price: float) -> int:
        chance = self.chance
        most = 10**7
        if agreement.limit:
            most = int(Fraction(agreement.limit) / Fraction(price))
        if agreement.shares:
            most = min(most, agreement.shares)
        if chance.random() < 0.03:
            return most
        small = (0, 1, 100, 2500)
        return chance.choice((*small, chance.randint(0, max(1, most // 12)), most // 1000 * 20))


def spoil(drawn: Drawn, over: list[tuple[str, str]], below: tuple[str, str]) -> None:
    """Make one thing of a valid filling wrong: in it, over a formula or below the table."""
    chance, filling = drawn.chance, drawn.filling
    kind = chance.randrange(5)
    if kind == 0:
        row = drawn.sale(drawn.first + _DAY * 400)
        heading, values = chance.choice(
            (
                ("Shares", ("40,000", -1, True, 1.5, 1e308)),
                ("Price", ("$4.04", 0, -1, False)),
                ("Date", ("4 Feb 2024", "n/a", datetime.date(1901, 11, 1), 0)),
            )
        )
        row[heading] = chance.choice(values)
        filling.begin_wrongly(row, f"{row[heading]!r} in {heading}")
    elif kind == 1:
        name, value = chance.choice(
            (
                ("Period_end", "30 Sep 2001"),
                ("Quarter_before", 12),
                ("Reported_through", True),
                ("Compared_end", datetime.date(1950, 1, 1)),
                ("Explained_sale", 0),
                ("Explained_sale", 10_000),
            )
        )
        filling.enter_wrongly(name, value)
    elif kind == 2:
        filling.type_below(chance, below)
    elif kind == 3 and len(drawn.figures.agreements) > 1:
        row = drawn.sale(drawn.first + _DAY * 400)
        row["Agreement"] = chance.choice(("NONE", 1, True))
        filling.begin_wrongly(row, "an agreement that the deal has not")
    else:
        filling.type_over(chance, over)
