"""Kinds of figures: how each is shown, and how far it may be off its plain-Excel twin."""

from __future__ import annotations

from typing import Final, NamedTuple

from xladdin.workbooks.layout import styles

USD_TOLERANCE: Final = 1e-6
"""A ten-thousandth of a cent: far above double rounding on amounts of this size, which is some
1E-8 for tens of millions, and far below anything that could be paid."""

PRICE_TOLERANCE: Final = 1e-9
"""For prices a share and fractions."""

EXACT: Final = 0.0
"""For counts, dates and truth values."""


class Quantity(NamedTuple):
    """A kind of figure: how it is shown, and how far it may be off its twin.

    Attributes:
        format: Number format.
        tolerance: Greatest difference from the twin at which they agree.
    """

    format: str
    tolerance: float

    @property
    def in_words(self) -> bool:
        """Whether it is a text, such as yes or no."""
        return self.format == styles.GENERAL

    @property
    def adds_up(self) -> bool:
        """Whether a sum of several has a meaning; dates and prices have none."""
        return self.format in (styles.USD, styles.COUNT)


USD: Final = Quantity(styles.USD, USD_TOLERANCE)
EXACT_USD: Final = Quantity(styles.USD, EXACT)
PRICE: Final = Quantity(styles.PRICE, PRICE_TOLERANCE)
COUNT: Final = Quantity(styles.COUNT, EXACT)
CARRIED: Final = Quantity(styles.COUNT, 1e-4)
"""Shares carried over splits, unrounded: `PARTS_OF_A_SHARE` decide."""
DIGITS: Final = Quantity(styles.DIGITS, EXACT)
DATE: Final = Quantity(styles.DATE, EXACT)
PERCENT: Final = Quantity(styles.PERCENT, PRICE_TOLERANCE)
RATE: Final = Quantity(styles.RATE, EXACT)
WORDS: Final = Quantity(styles.GENERAL, EXACT)
