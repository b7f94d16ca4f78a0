"""Steps to a price by a formula of the deal."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from xladdin.core import prices
from xladdin.errors import day_shown
from xladdin.functions.derivation import Step, double, given, source_of, span

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Mapping, Sequence

    from xladdin.calendars import Calendar
    from xladdin.core.prices import Average, Dates, Quotes
    from xladdin.terms.deal import PriceFormula, PriceLeg
    from xladdin.terms.exact import Leg, Ratio


def steps_of_quotes(
    formula: PriceFormula,
    quotes: Quotes,
    dates: Dates,
    calendar: Calendar,
    splits: Sequence[prices.Split],
    value: float,
) -> Iterator[Step]:
    """Derive a price from quotations.

    Args:
        formula: The formula.
        quotes: The quotations.
        dates: The days that place the windows.
        calendar: The sessions of the exchange.
        splits: Splits over which quotations are carried.
        value: The price.
    """
    windows = {id(leg): days for leg, days in prices.counting(formula.formula, dates, calendar)}
    for day, ratio in splits:
        yield given(f"Split of {day_shown(day)}, old shares for each new one", double(ratio))

    def average(leg: Leg, column: str) -> Ratio:
        days = windows[id(leg)]
        carried = prices.carried(days, splits)
        return prices.average_of_lowest(quotes(column, days), leg.lowest, carried)

    yield from formula_steps(formula, windows, average, value)


def formula_steps(
    formula: PriceFormula,
    windows: Mapping[int, Sequence[datetime.date]],
    average: Average,
    value: float,
) -> Iterator[Step]:
    """Derive a price: each leg, the one that is taken, bounds, and rounding.

    Args:
        formula: The formula.
        windows: The sessions of each leg that counts by its days, by the leg's identity.
        average: Returns the average of a leg.
        value: The price.
    """
    taken: list[Ratio] = []
    for number, leg in enumerate(formula.legs, 1):
        exact = leg.exact
        name = f"Leg {number}"
        if id(exact) not in windows:
            source = source_of(leg, "after_days") or source_of(leg, "until_days")
            yield given(f"{name} does not count on that day", None, source)
            continue
        days = windows[id(exact)]
        if exact.when_of:
            found = average(exact, exact.when_of)
            counts = prices.holds(exact, found)
            yield from _condition_steps(name, leg, found, counts=counts)
            if not counts:
                continue
        if exact.price is not None:
            yield given(f"{name}: a price", double(Fraction(*exact.price)), source_of(leg, "price"))
            taken.append(exact.price)
            continue
        base = average(exact, exact.of)
        yield from _series_steps(name, leg, days, base)
        taken.append(prices.series_value(exact, base))
    yield from _bounds_steps(formula, taken, value)


def _condition_steps(name: str, leg: PriceLeg, found: Ratio, *, counts: bool) -> Iterator[Step]:
    for field, words in (("when_below", "below"), ("when_at_least", "at least")):
        threshold = getattr(leg, field)
        if threshold is not None:
            source = source_of(leg, field)
            yield given(f"{name} counts while the average is {words}", double(threshold), source)
    state = "counts" if counts else "does not count"
    column = leg.when_of or leg.of
    yield given(f"Average of {column}: {name.lower()} {state}", double(Fraction(*found)))


def _series_steps(
    name: str, leg: PriceLeg, days: Sequence[datetime.date], base: Ratio
) -> Iterator[Step]:
    average = double(Fraction(*base))
    lowest = f" the {leg.lowest} lowest" if leg.lowest else ""
    window = f", {span(days)}" if days else ""
    source = source_of(leg, "lowest") or source_of(leg, "first")
    yield given(f"{name}: average of{lowest} {leg.of}{window}", average, source)
    multiple = Fraction(leg.multiple or 1)
    part = multiple * Fraction(*base)
    source = source_of(leg, "multiple")
    yield Step(f"{name}: its multiple", average, double(multiple), double(part), source)
    if leg.floor is not None and part < leg.floor:
        label = f"{name}: its floor"
        yield Step(label, double(part), None, double(Fraction(leg.floor)), source_of(leg, "floor"))


def _bounds_steps(formula: PriceFormula, taken: Sequence[Ratio], value: float) -> Iterator[Step]:
    exact = formula.formula
    best = (min if exact.least else max)(Fraction(*one) for one in taken)
    steps = [given(f"The {formula.take} of the legs that count", double(best))]
    for field, words in (("floor", "Not below the floor"), ("cap", "Not above the cap")):
        bound = getattr(formula, field)
        if bound is not None and (best < bound if field == "floor" else best > bound):
            source = source_of(formula, field)
            steps.append(Step(words, double(best), None, double(Fraction(bound)), source))
            best = Fraction(bound)
    if formula.add is not None:
        source = source_of(formula, "add")
        more = best + Fraction(formula.add)
        yield given("Added to the price", double(Fraction(formula.add)), source)
        steps.append(Step("With what is added", double(best), None, double(more), source))
        best = more
    if formula.round_to is not None:
        source = source_of(formula, "round_to")
        label = f"Rounded ({formula.rounding}) to a multiple of {formula.round_to}"
        steps.append(Step(label, double(best), None, value, source))
    *before, last = steps
    yield from before
    yield last._replace(result=value)
