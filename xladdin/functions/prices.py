"""DEAL_PRICE: a price by a formula of the deal, and the steps to it."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from xladdin.calendars import calendar as calendar_of
from xladdin.core import prices
from xladdin.errors import REF, InputError, day_shown
from xladdin.functions.arguments import DATE, FORMULA, TERMS_ARGUMENT, Argument
from xladdin.functions.derivation import Step, double, given, source_of, span
from xladdin.functions.function import Function
from xladdin.functions.tables import QUOTATIONS, QuotationTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xladdin.core.prices import Average, Dates, Quotes
    from xladdin.terms.exact import Leg, Ratio
    from xladdin.terms.price_formulas import PriceFormula, PriceLeg
    from xladdin.terms.selection import Selection


def splits_of(selection: Selection) -> prices.Splits:
    """Return the splits over which quotations are carried to the day that a deal stands on."""
    until = selection.stands or datetime.date.max
    return prices.Splits(selection.all_splits, until, adjusted=selection.quotes_are_adjusted)


def steps_of_quotes(
    formula: PriceFormula, quotes: Quotes, dates: Dates, selection: Selection, value: float
) -> Iterator[Step]:
    """Derive a price from quotations.

    Args:
        formula: The formula.
        quotes: The quotations.
        dates: The days that place the windows.
        selection: The deal, whose splits quotations are carried over, or taken back over.
        value: The price.
    """
    calendar, splits = calendar_of(selection.terms.calendar), splits_of(selection)
    windows = {id(leg): days for leg, days in prices.counting(formula.formula, dates, calendar)}
    quoted = {day for days in windows.values() for day in days}
    for day, ratio in splits.moving(quoted) if quoted else ():
        label = f"Split of {day_shown(day)}, old shares for each new one"
        if day > splits.until:
            label += ": after the price's day, quotations are taken back over it"
        yield given(label, double(ratio), selection.source_of_splits([(day, ratio)]))

    def average(leg: Leg, column: str) -> Ratio:
        days = windows[id(leg)]
        factors = list(map(splits.factor, days))
        return prices.average_of_lowest(quotes(column, days), leg.lowest, factors)

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


def _formula(key: str, selection: Selection) -> PriceFormula:
    found: PriceFormula | None = selection.part("prices", key)
    if found is None:
        known = ", ".join(one.key for one in selection.deal.prices) or "none"
        rule = f"must be the key of a price formula of {selection.text}, which has {known}"
        raise InputError(REF, "formula", key, rule)
    return found


def _in_order(
    formula: str,
    quotes: QuotationTable,
    event_date: datetime.date | None,
    issue_date: datetime.date | None,
) -> tuple[Any, ...]:
    prices.Dates(event_date, issue_date).check_order()
    return formula, quotes, event_date, issue_date


def _deal_price(
    formula: str,
    quotes: QuotationTable,
    event_date: datetime.date | None,
    issue_date: datetime.date | None,
    selection: Selection,
) -> float:
    selection = selection.on(event_date or issue_date)
    exact, days = _formula(formula, selection).formula, calendar_of(selection.terms.calendar)
    dates = prices.Dates(event_date, issue_date)
    return float(prices.price(exact, quotes.read, dates, days, splits_of(selection)))


def _deal_price_steps(
    formula: str,
    quotes: QuotationTable,
    event_date: datetime.date | None,
    issue_date: datetime.date | None,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """Derive each leg, the one that is taken, bounds, and rounding."""
    selection = selection.on(event_date or issue_date)
    return steps_of_quotes(
        _formula(formula, selection),
        quotes.read,
        prices.Dates(event_date, issue_date),
        selection,
        value,
    )


DEAL_PRICE = Function(
    name="DEAL_PRICE",
    summary="Price by a formula of the deal: the least or greatest of its legs, within its bounds.",
    arguments=(
        Argument("formula", FORMULA, "Key of the price formula in the deal, such as debenture."),
        Argument(
            "quotes",
            QUOTATIONS,
            "Range with headings, dates in its first column; or date, closing bid, market value.",
        ),
        Argument(
            "event_date",
            DATE,
            "Day of the sale, purchase or conversion.",
            optional=True,
            default_words="none",
        ),
        Argument("issue_date", DATE, "Day of issue.", optional=True, default_words="none"),
        TERMS_ARGUMENT,
    ),
    result="USD a share, unrounded unless the formula rounds",
    source="the deal's own clauses",
    implementation=_deal_price,
    not_available="a session of a window without a quotation, or no leg that counts",
    combine=_in_order,
    each=False,
    derivation=_deal_price_steps,
    no_twin="its legs, windows and bounds are the deal's own; equityline.xlsx checks those of each",
    example='=DEAL_PRICE("debenture",{37200,4;37201,4.1;37202,4.2;37203,4;37204,3.9},,37207)',
    shows="4.848",
)
