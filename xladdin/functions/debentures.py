"""DEBENTURE_CONVERSION_PRICE and DEBENTURE_SHARES: conversion of the debentures."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from xladdin.calendars import calendar
from xladdin.core import debentures, prices
from xladdin.core.decimals import as_shown
from xladdin.functions.arguments import AMOUNT, DATE, PRICE, QUOTES, TERMS_ARGUMENT, Argument, part
from xladdin.functions.derivation import Step, double, given, rounded, source_of, span
from xladdin.functions.function import Function
from xladdin.functions.prices import splits_of, steps_of_quotes
from xladdin.functions.quotations import Quotations
from xladdin.functions.twins import whole_quotient
from xladdin.terms.exact import DEBENTURE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xladdin.terms.model import Debentures
    from xladdin.terms.price_formulas import PriceFormula
    from xladdin.terms.selection import Selection


def _formula(selection: Selection) -> PriceFormula:
    found: PriceFormula = part(
        selection.part("prices", DEBENTURE), "debentures (prices.debenture)", selection
    )
    return found


def _in_order(
    quotes: Quotations, issue_date: datetime.date, conversion_date: datetime.date | None
) -> tuple[Any, ...]:
    debentures.check_order(issue_date, conversion_date)
    return quotes, issue_date, conversion_date


def _debenture_conversion_price(
    quotes: Quotations,
    issue_date: datetime.date,
    conversion_date: datetime.date | None,
    selection: Selection,
) -> float:
    selection = selection.on(conversion_date or issue_date)
    formula, days = _formula(selection).formula, calendar(selection.terms.calendar)
    needed = debentures.sessions_needed(issue_date, conversion_date, formula, days)
    found = quotes.on(needed)
    splits = splits_of(selection)
    return debentures.conversion_price(found, issue_date, conversion_date, formula, days, splits)


def _debenture_conversion_price_steps(
    quotes: Quotations,
    issue_date: datetime.date,
    conversion_date: datetime.date | None,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """Derive the initial price, the day switch, the floating price, and the lesser of both."""
    selection = selection.on(conversion_date or issue_date)
    terms, days = selection.terms.debentures, calendar(selection.terms.calendar)
    formula = _formula(selection)
    needed = debentures.sessions_needed(issue_date, conversion_date, formula.formula, days)
    found = quotes.on(needed)
    if terms is None or selection.all_splits:  # a formula of another kind, or quotes carried
        dates = prices.Dates(conversion_date, issue_date, "conversion_date", "issue_date")
        read = debentures.columns(found)
        yield from steps_of_quotes(formula, read, dates, selection, value)
        return
    window = days.before(issue_date, terms.initial_sessions)
    initial = debentures.initial_price(found, issue_date, terms, days)
    multiple = float(terms.initial_multiple)
    average = double(initial / Fraction(terms.initial_multiple))
    label = f"Average of {len(window)} market values, {span(window)}"
    yield given(label, average, source_of(terms, "initial_sessions"))
    source = source_of(terms, "initial_multiple")
    yield Step("Initial conversion price", average, multiple, double(initial), source)
    price, label = initial, "Conversion price: the initial one"
    if conversion_date is not None:
        elapsed = (conversion_date - issue_date).days
        switch = terms.floating_after_days
        source = source_of(terms, "floating_after_days")
        floats = debentures.floats(issue_date, conversion_date, terms)
        state = "floats" if floats else "does not float yet"
        yield given("Days since issuance after which the price floats", switch, source)
        yield given(f"Days since issuance: the price {state}", elapsed, source)
        if floats:
            floating = debentures.floating_price(found, conversion_date, terms, days)
            window = days.before(conversion_date, terms.lookback_sessions)
            yield from _floating_price_steps(floating, window, terms)
            price, label = min(initial, floating), "Conversion price: the lesser of both"
    if debentures.bounded_price(price, terms) != price:
        low = terms.price_floor is not None and price < terms.price_floor
        source = source_of(terms, "price_floor" if low else "price_cap")
        label = f"Conversion price: the {'floor' if low else 'cap'}"
        yield Step(label, double(price), None, value, source)
        return
    yield given(label, value, source)


def _floating_price_steps(
    floating: Fraction, window: Sequence[datetime.date], terms: Debentures
) -> Iterator[Step]:
    multiple = float(terms.floating_multiple)
    average = double(floating / Fraction(terms.floating_multiple))
    what = "market values" if terms.averages_market_values else "closing bids"
    label = f"Average of the {terms.lowest_bids} lowest {what}, {span(window)}"
    yield given(label, average, source_of(terms, "lowest_bids"))
    source = source_of(terms, "floating_multiple")
    yield Step("Floating conversion price", average, multiple, double(floating), source)


def initial_price_twin(selection: Selection, initial_values: str) -> str:
    """Multiply the average of a range with the initial window's market values."""
    return _bounded(selection, _multiplied(initial_values, "initial_multiple"))


def floating_price_twin(_selection: Selection, lowest_bids: str) -> str:
    """Multiply the average of a range with the lowest bids of the window."""
    return _multiplied(lowest_bids, "floating_multiple")


def conversion_price_twin(
    selection: Selection, initial: str, floating: str, issue_date: str, conversion_date: str
) -> str:
    """Take the initial price, or the lesser of both after the day switch; times are cut off.

    The initial price is clamped already; the floating price is as its twin gives it.
    """
    switched = f"INT({conversion_date})-INT({issue_date})>debentures.floating_after_days"
    return switched_price_twin(selection, initial, floating, switched)


def switched_price_twin(selection: Selection, initial: str, floating: str, switched: str) -> str:
    """Take the initial price, or the lesser of both where the day switch has passed."""
    return f"IF({switched},{_bounded(selection, f'MIN({initial},{floating})')},{initial})"


def _multiplied(values: str, multiple: str) -> str:
    return f"AVERAGE({values})*debentures.{multiple}"


def _bounded(selection: Selection, price: str) -> str:
    """Clamp a price to floor and cap, where there are any."""
    terms = selection.terms.debentures
    if terms is not None and terms.price_floor is not None:
        price = f"MAX({price},debentures.price_floor)"
    if terms is not None and terms.price_cap is not None:
        price = f"MIN({price},debentures.price_cap)"
    return price


DEBENTURE_CONVERSION_PRICE = Function(
    name="DEBENTURE_CONVERSION_PRICE",
    summary="Conversion price of the debentures on a day; without a day, the initial price.",
    arguments=(
        Argument(
            "quotes",
            QUOTES,
            "Range of 2 or 3 columns: date, closing bid, market value where it differs.",
        ),
        Argument("issue_date", DATE, "Day of issuance."),
        Argument(
            "conversion_date",
            DATE,
            "Day of conversion.",
            optional=True,
            default_words="none: the initial price is given",
        ),
        TERMS_ARGUMENT,
    ),
    result="USD a share, unrounded",
    source="NEOT-2001, S-7",
    implementation=_debenture_conversion_price,
    not_available="a session of a window without a closing bid, or no leg that counts",
    combine=_in_order,
    each=False,
    derivation=_debenture_conversion_price_steps,
    twin=conversion_price_twin,
    # Both prices, which follow from ranges that hold the windows' figures, and both dates.
    twin_takes=(
        _multiplied("Initial_values", "initial_multiple"),
        _multiplied("Lowest_bids", "floating_multiple"),
        "B2",
        "C2",
    ),
    example="=DEBENTURE_CONVERSION_PRICE({37200,4;37201,4.1;37202,4.2;37203,4;37204,3.9},37207)",
    shows="4.848",
)


def _debenture_shares(principal: float, price: float, selection: Selection) -> int:
    return debentures.conversion_shares(principal, price, selection.deal.conversion_rounding)


def _debenture_shares_steps(
    principal: float, price: float, selection: Selection, value: int
) -> Iterator[Step]:
    """Derive principal over price, rounded as the deal's notes are."""
    exact = double(as_shown(principal) / as_shown(price))
    yield given("Conversion price", price)
    note = next(selection.deal.convertible, None)
    source = source_of(note, "rounding")
    yield Step("Principal over conversion price", principal, None, exact, source)
    words = rounded(selection.deal.conversion_rounding)
    yield Step(f"Whole shares, {words}", exact, None, value, source)


def debenture_shares_twin(selection: Selection, principal: str, price: str) -> str:
    """Take the nearest count, or one share fewer or more, as the deal's notes are rounded."""
    return whole_quotient(principal, price, rounding=selection.deal.conversion_rounding)


DEBENTURE_SHARES = Function(
    name="DEBENTURE_SHARES",
    summary="Whole shares issued when principal is converted at a price.",
    arguments=(
        Argument("principal", AMOUNT, "Principal converted, USD."),
        Argument("price", PRICE, "Conversion price, USD a share."),
        TERMS_ARGUMENT,
    ),
    result="whole shares, rounded down unless the deal's notes have it otherwise",
    source="NEOT-2001, S-7",
    implementation=_debenture_shares,
    each=True,
    derivation=_debenture_shares_steps,
    twin=debenture_shares_twin,
    example="=DEBENTURE_SHARES(8000000,4.848)",
    shows="1650165",
)
