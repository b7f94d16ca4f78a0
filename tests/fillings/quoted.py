"""What fillings with quotations share: days with times, and prices."""

from __future__ import annotations

import datetime
import random
from typing import Final

TIMES: Final = (datetime.time(), datetime.time(9, 30), datetime.time(16), datetime.time(23, 59))


class Quoted:
    """A filling in the making that has quotations.

    Attributes:
        chance: Where it comes from.
        low: The least usual price; the greatest is twice as high.
    """

    chance: random.Random
    low: float

    def timed(self, day: datetime.date) -> datetime.date:
        """Give a day a time, now and then."""
        if self.chance.random() < 0.7:
            return day
        return datetime.datetime.combine(day, self.chance.choice(TIMES))

    def price(self) -> float:
        """Draw a price: cents, parts of a cent, or with the dust of binary arithmetic."""
        chance, low = self.chance, self.low
        kind = chance.random()
        if kind < 0.1:
            return chance.choice(
                (5.0, 4.99, 4.1, 4.09, 2.0, 1.37, 0.1 + 0.2, 1.1 * 3, 0.07 * 100, 10 / 3, 1 / 3)
            )
        price = low * (1 + chance.random())
        if kind < 0.2:
            return round(price, 2) * 3 or 0.03
        return max(round(price, 7 if low < 0.0001 else 4 if low < 0.1 or kind < 0.4 else 2), 1e-7)
