"""The days on which warrants are counted and valued, and the inputs that their values need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from xladdin.workbooks.illustrative import in_cents
from xladdin.workbooks.input_lines import InputLine
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import number_between, price_of
from xladdin.workbooks.layout.sheet import as_counted
from xladdin.workbooks.layout.user_inputs import Value

DIVIDEND_YIELD: Final = "Dividends"

_VOLATILITY: Final = 0.8
_RATE: Final = 0.04


class ValuationDay(NamedTuple):
    """A day on which warrants are counted and valued.

    Attributes:
        name: It begins defined names.
        words: What it is called, with a capital.
        ended: Defined name of the input with the day.
    """

    name: str
    words: str
    ended: str

    @property
    def day(self) -> str:
        """The day without its time, as a formula; 0 where it is not given."""
        return f"INT({as_counted(self.ended)})"

    @property
    def price(self) -> str:
        """Name of the share's price on that day."""
        return f"{self.name}_price"

    @property
    def volatility(self) -> str:
        """Name of the volatility a year."""
        return f"{self.name}_volatility"

    @property
    def rate(self) -> str:
        """Name of the riskless rate a year."""
        return f"{self.name}_rate"


QUARTER_START: Final = ValuationDay("Quarter_start", "Quarter start", "Quarter_before")
YEAR_START: Final = ValuationDay("Year_start", "Year start", "Year_before")
CLOSING: Final = ValuationDay("Closing", "Closing", "Period_end")
VALUATION_DAYS: Final = (QUARTER_START, YEAR_START, CLOSING)


def valuation_inputs(price: float, after: str) -> Iterator[InputLine]:
    """Yield the inputs that the values of warrants need.

    Args:
        price: An illustrative price of a share.
        after: Words for what splits a price is after; empty where there are none.
    """
    allowed = price_of("Price of the share, USD:")
    a_volatility = number_between(0, 10, "Volatility a year, 80% as 0.8:")
    a_rate = number_between(-1, 1, "Riskless rate a year, continuously compounded, 4% as 0.04:")
    for part, one in zip((80, 70, 100), VALUATION_DAYS, strict=True):
        shown: Value = in_cents(price * part / 100)
        of = f"{one.words}:"
        words = f"{of} price, USD a share{after}"
        yield InputLine(one.price, words, shown, styles.PRICE, allowed, "illustrative")
        for name, what, value, form, rule in (
            (one.volatility, "volatility a year", _VOLATILITY, styles.STEP, a_volatility),
            (one.rate, "riskless rate a year, continuously", _RATE, styles.STEP, a_rate),
        ):
            label = f"{of} {what}, per cent"
            yield InputLine(name, label, value, form, rule, "illustrative")
    a_yield = number_between(0, 1, "Dividend yield a year, continuously compounded, 2% as 0.02:")
    words = "Dividend yield a year, continuously, per cent; blank for none"
    yield InputLine(DIVIDEND_YIELD, words, None, styles.STEP, a_yield)
