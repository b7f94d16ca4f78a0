"""What the sheet of the periods compared needs: figures of the report of a year before."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Final

from xladdin.workbooks.input_lines import InputLine
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.reporting.illustrative import outstanding_of
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.reporting.securities import SPANS, EpsSpan

MOST_INCOME: Final = 10**9
"""The greatest income and loss, USD."""

REPORTED_ON: Final = "Compared_reported_on"
"""Name of the input with the day of the report whose figures are restated."""

_INCOMES: Final = (450_000, 800_000)


class Compared:
    """A period compared: the quarter or the year to date, a year before."""

    def __init__(self, own: EpsSpan) -> None:
        """Take the period beside which it stands."""
        self.own = own
        self.name = f"Compared_{own.name.lower()}"
        words = {"Quarter": "Quarter", "Year": "Year to date"}[own.name]
        self.words = f"{words} a year before"

    @property
    def income(self) -> str:
        """Name of the income reported."""
        return f"{self.name}_income"

    @property
    def reported(self) -> str:
        """Name of the weighted average shares reported."""
        return f"Past_{self.own.name.lower()}_shares"  # short, as rules name it often

    @property
    def reported_diluted(self) -> str:
        """Name of those with the securities that dilute."""
        return f"Past_{self.own.name.lower()}_diluted"

    @property
    def interest(self) -> str:
        """Name of what conversions add to the income."""
        return f"{self.name}_interest"


COMPARED: Final = tuple(Compared(span) for span in SPANS)


def compared_inputs(
    programme: Programme, end: datetime.date, days: tuple[datetime.date, datetime.date]
) -> Iterator[InputLine]:
    """Yield the inputs that the sheet needs.

    Args:
        programme: The deal's agreements.
        end: Illustrative end of the period compared, whose shares are reported.
        days: First and last day on which a report may be dated.
    """
    outstanding = outstanding_of(programme, end)
    income = allow.number_between(
        -MOST_INCOME, MOST_INCOME, "Income reported, USD, below 0 for a loss:"
    )
    count = allow.whole_number(1, "Weighted average shares reported")
    interest = allow.amount_of("What the diluted figure adds to the income, USD:")
    for one, earned in zip(COMPARED, _INCOMES, strict=True):
        for name, words, value, form, allowed in (
            (one.income, "income to common stockholders, USD", earned, styles.USD, income),
            (one.reported, "weighted average shares", outstanding, styles.COUNT, count),
            (
                one.reported_diluted,
                "the same, diluted; blank where it is the same",
                outstanding + outstanding // 50,
                styles.COUNT,
                count,
            ),
            (one.interest, "interest saved if diluted, USD, or blank", None, styles.USD, interest),
        ):
            label, source = f"{one.words}: {words}", "illustrative" if value else ""
            yield InputLine(name, label, value, form, allowed, source)
    if programme.splits:
        words = "These are in shares of this day, of that report; blank for the period's end"
        rule = f"Day of the report, from {days[0].year} to {days[1].year}."
        yield InputLine(REPORTED_ON, words, None, styles.DATE, allow.date_between(*days, rule))
