"""Prices by formula: the least, or the greatest, of legs that are fixed or follow quotations.

A leg that follows quotations is a multiple of the average of the lowest ones in a window of
sessions. The window is placed by its anchor, the day of the event (a sale, a conversion) or of
issue. What comes of the legs is clamped to floor and cap, added to, and rounded, in this order.

Exact numbers are pairs of whole numbers here, which multiply and compare several times as fast as
fractions do.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from xladdin.core.decimals import ratio_shown
from xladdin.errors import NA, NUM, VALUE, InputError, day_shown
from xladdin.terms.exact import CLOSING_BID, MARKET_PRICE, MARKET_VALUE

if TYPE_CHECKING:
    from xladdin.calendars import Calendar
    from xladdin.terms.exact import Leg, PriceRule, Ratio

Quotes: TypeAlias = Callable[[str, Sequence[datetime.date]], Sequence[float]]
"""Returns the quotations of a column on some sessions; raises `InputError` (#N/A) if one is
missing."""

Average: TypeAlias = "Callable[[Leg, str], Ratio]"
"""Returns the average of the lowest quotations of a column in a leg's window."""

Split: TypeAlias = tuple[datetime.date, Fraction]
"""Day on which a split takes effect, and old shares for each new one."""


class Splits(NamedTuple):
    """A deal's splits, and the day in whose shares a price is.

    Attributes:
        all: Every split of the deal, those after that day included.
        until: The day in whose shares a price is; its own split is counted.
        adjusted: Whether quotations are in shares after all splits; else they are as traded.
    """

    all: Sequence[Split] = ()
    until: datetime.date = datetime.date.max
    adjusted: bool = False

    def factor(self, day: datetime.date) -> Fraction:
        """Return what a quotation of a day is multiplied by to be in shares of `until`."""
        quoted = datetime.date.max if self.adjusted else day
        on = split_factor(self.all, after=quoted, until=self.until)
        return on / split_factor(self.all, after=self.until, until=quoted)

    def moving(self, days: Iterable[datetime.date]) -> list[Split]:
        """List the splits over which quotations of some days are carried, or taken back."""
        quoted = [datetime.date.max] if self.adjusted else list(days)
        return [
            one
            for one in self.all
            if any(min(day, self.until) < one[0] <= max(day, self.until) for day in quoted)
        ]


NO_SPLITS: Final = Splits()

FALL_BACK: Final = (MARKET_VALUE, MARKET_PRICE)
"""Columns in whose place the closing bid stands on a session that has no figure in them."""


class Dates(NamedTuple):
    """Days that place the windows of a formula.

    Attributes:
        event: Day of the sale or conversion; None where there is none yet.
        issue: Day of issue; None where it does not matter.
        event_name: The argument that gave the first, for errors.
        issue_name: The argument that gave the second.
    """

    event: datetime.date | None
    issue: datetime.date | None
    event_name: str = "event_date"
    issue_name: str = "issue_date"

    def check_order(self) -> None:
        """Raise `InputError` (#NUM!) where the event lies before issue."""
        if self.event is not None and self.issue is not None and self.event < self.issue:
            rule = f"must not lie before the issue date, {day_shown(self.issue)}"
            raise InputError(NUM, self.event_name, self.event, rule)


def price(
    formula: PriceRule,
    quotes: Quotes,
    dates: Dates,
    calendar: Calendar,
    splits: Splits = NO_SPLITS,
) -> Fraction:
    """Compute a price by a formula.

    Args:
        formula: The formula, its figures in shares of the day that the price is for.
        quotes: Quotations, USD a share; read as shown.
        dates: The days that place the windows.
        calendar: The sessions of the exchange.
        splits: The splits over which quotations are carried to the day that the price is for, or
            taken back.

    Returns:
        The price, USD a share, exactly.

    Raises:
        InputError: The event lies before issue, or a window reaches outside the calendar (#NUM!);
            a leg needs a day that is not given (#VALUE!); a session of a window has no quotation
            in a column that is needed, or no leg counts (#N/A).

    Source: the deal's own clauses.
    """
    dates.check_order()
    windows = {id(leg): days for leg, days in counting(formula, dates, calendar)}

    def average(leg: Leg, column: str) -> Ratio:
        days = windows[id(leg)]
        factors = list(map(splits.factor, days)) if splits.all else ()
        return average_of_lowest(quotes(column, days), leg.lowest, factors)

    legs = [leg for leg in formula.legs if id(leg) in windows]
    found = Fraction(*combined(formula, legs, average))
    if found < 0:
        raise InputError(NUM, "formula", float(found), "must give a price of at least 0")
    return found


def counting(
    formula: PriceRule, dates: Dates, calendar: Calendar
) -> list[tuple[Leg, list[datetime.date]]]:
    """List the legs that count by their days, each with the sessions of its window.

    A leg that counts only after some days does not count where no event is given.

    Args:
        formula: The formula.
        dates: The days that place the windows.
        calendar: The sessions of the exchange.

    Raises:
        InputError: A leg needs a day that is not given (#VALUE!), or a window reaches outside the
            calendar (#NUM!).
    """
    return [(leg, window(leg, dates, calendar)) for leg in formula.legs if _counts_on(leg, dates)]


def _counts_on(leg: Leg, dates: Dates) -> bool:
    if leg.after_days is None and leg.until_days is None:
        return True
    if dates.event is None:
        return leg.after_days is None
    if dates.issue is None:
        raise _missing(dates.issue_name)
    passed = (dates.event - dates.issue).days
    if leg.after_days is not None and passed <= leg.after_days:
        return False
    return leg.until_days is None or passed <= leg.until_days


def window(leg: Leg, dates: Dates, calendar: Calendar) -> list[datetime.date]:
    """List the sessions of a leg's window; none for a leg that follows no quotations.

    Raises:
        InputError: The leg's anchor is not given (#VALUE!), or the window reaches outside the
            calendar (#NUM!).
    """
    if not (leg.of or leg.when_of):
        return []
    anchor, name = (
        (dates.issue, dates.issue_name) if leg.at_issue else (dates.event, dates.event_name)
    )
    if anchor is None:
        raise _missing(name)
    return calendar.window(anchor, leg.first, leg.last, name)


def _missing(argument: str) -> InputError:
    return InputError(VALUE, argument, None, "must be given: the formula follows quotations by it")


def combined(formula: PriceRule, legs: Iterable[Leg], average: Average) -> Ratio:
    """Combine the legs of a formula into its price.

    Args:
        formula: The formula.
        legs: Those of its legs that count by their days.
        average: Returns the average of a leg; called only where it is needed.

    Returns:
        The price, USD a share.

    Raises:
        InputError: No leg counts (#N/A).
    """
    found = None
    for leg in legs:
        if leg.when_of and not holds(leg, average(leg, leg.when_of)):
            continue
        value = leg.price or series_value(leg, average(leg, leg.of))
        if found is None or _less(value, found) is formula.least:
            found = value
    if found is None:
        raise InputError(NA, "formula", None, "must have a leg that counts on that day")
    return bounded(found, formula)


def holds(leg: Leg, average: Ratio) -> bool:
    """Check whether a leg counts by an average: below one threshold, and not below the other."""
    below, at_least = leg.when_below, leg.when_at_least
    if below is not None and not _less(average, below):
        return False
    return at_least is None or not _less(average, at_least)


def leg_price(leg: Leg, prices: Sequence[float]) -> Fraction:
    """Compute one leg that follows quotations.

    Args:
        leg: The leg.
        prices: Quotations of its window, USD a share; read as shown.

    Returns:
        The multiple of the average of the lowest, not below the leg's floor, exactly.
    """
    return Fraction(*series_value(leg, average_of_lowest(prices, leg.lowest)))


def series_value(leg: Leg, average: Ratio) -> Ratio:
    """Multiply the average of a leg's window, not below the leg's floor."""
    value = leg.multiple[0] * average[0], leg.multiple[1] * average[1]
    return leg.floor if leg.floor is not None and _less(value, leg.floor) else value


def bounded(found: Ratio, formula: PriceRule) -> Ratio:
    """Clamp what the legs give to a formula's floor and cap, add to it, and round it."""
    if formula.floor is not None and _less(found, formula.floor):
        found = formula.floor
    if formula.cap is not None and _less(formula.cap, found):
        found = formula.cap
    if formula.add is not None:
        more, whole = formula.add
        found = found[0] * whole + more * found[1], found[1] * whole
    return found if formula.round_to is None else _rounded(found, formula.round_to, formula)


def _rounded(found: Ratio, unit: Ratio, formula: PriceRule) -> Ratio:
    numerator, denominator = found[0] * unit[1], found[1] * unit[0]
    if formula.rounding == "down":
        count = numerator // denominator
    elif formula.rounding == "up":
        count = -(-numerator // denominator)
    else:  # nearest, halves up
        count = (2 * numerator + denominator) // (2 * denominator)
    return count * unit[0], unit[1]


def _less(one: Ratio, other: Ratio) -> bool:
    return one[0] * other[1] < other[0] * one[1]


def average_of_lowest(
    prices: Sequence[float], lowest: int = 0, factors: Sequence[Fraction] = ()
) -> Ratio:
    """Average the lowest of some prices.

    Args:
        prices: Prices, USD a share, at least one; read as shown.
        lowest: How many of the lowest; 0 for all.
        factors: What each price is multiplied by; none for 1.
    """
    if any(factor != 1 for factor in factors):
        exact = sorted(
            factor * Fraction(*ratio_shown(price))
            for price, factor in zip(prices, factors, strict=True)
        )
        taken = [number.as_integer_ratio() for number in exact[: lowest or None]]
    else:
        # Rounding is monotonic, so that no more than the lowest need be rounded.
        taken = [ratio_shown(price) for price in sorted(prices)[: lowest or None]]
    # Prices in cents have few denominators: adding numerators by denominator is quick.
    sums: defaultdict[int, int] = defaultdict(int)
    for numerator, denominator in taken:
        sums[denominator] += numerator
    total, whole = 0, 1
    for denominator, numerator in sums.items():
        total, whole = total * denominator + numerator * whole, whole * denominator
    return total, whole * len(taken)


def split_factor(
    splits: Iterable[Split], after: datetime.date, until: datetime.date = datetime.date.max
) -> Fraction:
    """Multiply the ratios of the splits after one day and up to another, that day included."""
    factor = Fraction(1)
    for day, ratio in splits:
        if after < day <= until:
            factor *= ratio
    return factor


@lru_cache(maxsize=256)
def after_split(formula: PriceRule, split_ratio: float) -> PriceRule:
    """Carry a formula's figures over a split.

    Args:
        formula: The formula.
        split_ratio: Old shares for each new one, above 0.

    Returns:
        The formula with every price, floor, cap and threshold multiplied, but for those that splits
        leave as they are. The multiple that a price is rounded to stays.
    """
    factor = split_ratio.as_integer_ratio()
    legs = tuple(
        leg._replace(**_multiplied(leg, factor, "price floor when_below when_at_least"))
        for leg in formula.legs
    )
    return formula._replace(legs=legs, **_multiplied(formula, factor, "floor cap add"))


def _multiplied(item: Leg | PriceRule, factor: Ratio, names: str) -> dict[str, Any]:
    figures = {name: getattr(item, name) for name in names.split() if name not in item.fixed}
    return {
        name: (figure[0] * factor[0], figure[1] * factor[1])
        for name, figure in figures.items()
        if figure is not None
    }


def no_quotation(day: datetime.date, column: str) -> InputError:
    """Make the error for a session of a window without a quotation (#N/A)."""
    name = f"{CLOSING_BID} or a {column}" if column in FALL_BACK else column
    rule = f"must hold a {name} for each session of the window"
    return InputError(NA, "quotes", day, rule)
