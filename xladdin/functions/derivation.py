"""Derivations: the steps of each calculation, with the clause that each step rests on.

Every function takes the coerced arguments of the worksheet function that it is named after, and
that function's value. The value is the last step's result, so that a derivation ends in nothing
else; the steps before it come from the same functions of `core`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from xladdin.core import class_b as class_b_rules
from xladdin.core import debentures as debenture_rules
from xladdin.core.capacity import capacity_left
from xladdin.core.errors import day_shown
from xladdin.core.fees import slices
from xladdin.core.numbers import as_shown
from xladdin.core.sessions import calendar
from xladdin.core.warrants import weighted_price

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Mapping, Sequence

    from xladdin.core.debentures import Quote
    from xladdin.terms.model import Debentures, Record, Selection


class Step(NamedTuple):
    """One step of a derivation.

    Attributes:
        label: Name of the figure that the step computes.
        amount: Amount that it is computed from; None where there is no single one.
        factor: Factor that gives the result when multiplied by the amount; None where there is
            none.
        result: Result of the step.
        source: Clause that the step rests on; empty for plain arithmetic.
    """

    label: str
    amount: Any
    factor: Any
    result: Any
    source: str


def _double(exact: Fraction) -> float | None:
    """Round a step to a double; a step may be too large for one even if the value is not."""
    try:
        return float(exact)
    except OverflowError:
        return None


def _holdable(count: int) -> int | None:
    """Return a count; None for one larger than every double, which no cell can show."""
    return None if _double(Fraction(count)) is None else count


def _in_words(day: datetime.date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _span(window: Sequence[datetime.date]) -> str:
    return f"{day_shown(window[0])} to {day_shown(window[-1])}"


def _source(record: Record | None, name: str) -> str:
    return record.sources.get(name, "") if record is not None else ""


def _input(label: str, value: Any, source: str = "") -> Step:
    """Show a figure that later steps use."""
    return Step(label, None, None, value, source)


def _tiered(
    gross: float, prior: float, selection: Selection, value: float, *, kept: bool
) -> Iterator[Step]:
    agreement = selection.agreement
    bands = list(agreement.schedule.bands)
    if prior:
        yield Step("Sold before under the agreement", prior, None, prior, "")
    touched: list[str] = []
    for band, amount in slices(gross, prior, agreement.schedule):
        number = bands.index(band) + 1
        share = band.kept if kept else band.paid
        label = f"Tier {number}, from {band.lower:,.15g} to {band.upper:,.15g}"
        source = _source(agreement.tiers[number - 1], "rate")
        touched.append(source)
        yield Step(
            f"{label}, kept" if kept else label,
            amount,
            share / band.whole,
            amount * share / band.whole,
            source,
        )
    sources = "; ".join(dict.fromkeys(touched))
    yield Step("Net proceeds" if kept else "Commission", gross, None, value, sources)


def ceo_fee(gross: float, prior: float, selection: Selection, value: float) -> Iterator[Step]:
    """Derive the part of the sale in each tier, and the commission on it."""
    return _tiered(gross, prior, selection, value, kept=False)


def ceo_net(gross: float, prior: float, selection: Selection, value: float) -> Iterator[Step]:
    """Derive the part of the sale in each tier, and the rest after commission."""
    return _tiered(gross, prior, selection, value, kept=True)


def ceo_capacity(
    sold: float, price: float | None, selection: Selection, value: float
) -> Iterator[Step]:
    """Derive the capacity less the amount sold, and the whole shares at a price."""
    agreement = selection.agreement
    source = _source(agreement, "capacity")
    yield _input("Capacity of the agreement", agreement.capacity_usd, source)
    if price is None:
        yield Step("Capacity less sold", sold, None, value, source)
        return
    left = capacity_left(sold, agreement)
    yield Step("Capacity less sold", sold, None, left, source)
    yield _input("Price of a share", price)
    quotient = (Fraction(agreement.capacity) - as_shown(sold)) / as_shown(price)
    exact = _double(quotient) if left else 0
    yield Step("What is left over the price", left, None, exact, source)
    yield Step("Whole shares, rounded down", exact, None, value, source)


def cantor_warrants(shares: int, selection: Selection, value: int) -> Iterator[Step]:
    """Derive the rate times the shares sold, rounded down."""
    warrants = selection.agreement.warrants
    assert warrants is not None
    rate, source = float(warrants.rate), _source(warrants, "rate")
    exact = _double(shares * warrants.exact_rate)
    yield Step("Warrants for the shares sold", _holdable(shares), rate, exact, source)
    yield Step("Whole warrants, rounded down", exact, None, value, source)


def cantor_exercise_price(
    sales: Sequence[tuple[int, float]], selection: Selection, value: float
) -> Iterator[Step]:
    """Derive the volume-weighted average price, and its multiple."""
    warrants = selection.agreement.warrants
    assert warrants is not None
    shares = sum(count for count, _ in sales)
    average = weighted_price(sales)
    source = _source(warrants, "exercise_multiple")
    price = _double(average)
    yield _input("Shares sold", _holdable(shares))
    gross = _double(average * shares)
    yield Step("Volume-weighted average price: gross over shares", gross, None, price, source)
    yield Step("Exercise price", price, float(warrants.exercise_multiple), value, source)


def classb_exercise_price(
    closing_bid: float,
    market_price: float | None,
    split_ratio: float,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """Derive the adjusted cap, the rate by market price, and the lesser of both."""
    terms = selection.terms.class_b
    assert terms is not None
    market = closing_bid if market_price is None else market_price
    rate = class_b_rules.applied_rate(market, terms)
    below = as_shown(market) < terms.low_price_threshold
    cap_source = _source(terms, "cap_price")
    rate_source = _source(terms, "low_price_rate" if below else "rate")
    adjusted = class_b_rules.adjusted_cap(split_ratio, terms)
    cap = float(terms.cap_price)
    yield Step("Cap, adjusted for splits", cap, split_ratio, adjusted, cap_source)
    source = _source(terms, "low_price_threshold")
    yield _input("Threshold of the market price", float(terms.low_price_threshold), source)
    label = f"Market price: {'below' if below else 'at or above'} the threshold"
    yield _input(label, market, source)
    part = _double(rate * as_shown(closing_bid))
    yield Step("Rate of the closing bid", closing_bid, float(rate), part, rate_source)
    yield _input("Exercise price, the lesser of both", value, cap_source)


def classb_available(market_price: float, selection: Selection, value: bool) -> Iterator[Step]:
    """Derive the comparison with the floor."""
    terms = selection.terms.class_b
    assert terms is not None
    source = _source(terms, "financing_floor")
    yield _input("Financing floor", float(terms.financing_floor), source)
    yield Step("Market price at or above the floor", market_price, None, value, source)


def debenture_conversion_price(
    quotes: Mapping[datetime.date, Quote],
    issue_date: datetime.date,
    conversion_date: datetime.date | None,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """Derive the initial price, the day switch, the floating price, and the lesser of both."""
    terms = selection.terms.debentures
    assert terms is not None
    days = calendar(selection.terms.calendar)
    window = days.before(issue_date, terms.initial_sessions)
    initial = debenture_rules.initial_price(quotes, issue_date, terms, days)
    multiple = float(terms.initial_multiple)
    average = _double(initial / Fraction(terms.initial_multiple))
    label = f"Average of {len(window)} market values, {_span(window)}"
    yield _input(label, average, _source(terms, "initial_sessions"))
    source = _source(terms, "initial_multiple")
    yield Step("Initial conversion price", average, multiple, _double(initial), source)
    price, label = initial, "Conversion price: the initial one"
    if conversion_date is not None:
        elapsed = (conversion_date - issue_date).days
        switch = terms.floating_after_days
        source = _source(terms, "floating_after_days")
        floats = debenture_rules.floats(issue_date, conversion_date, terms)
        state = "floats" if floats else "does not float yet"
        yield _input("Days since issuance after which the price floats", switch, source)
        yield _input(f"Days since issuance: the price {state}", elapsed, source)
        if floats:
            floating = debenture_rules.floating_price(quotes, conversion_date, terms, days)
            yield from _floating(
                floating, days.before(conversion_date, terms.lookback_sessions), terms
            )
            price, label = min(initial, floating), "Conversion price: the lesser of both"
    if debenture_rules.held(price, terms) != price:
        low = terms.price_floor is not None and price < terms.price_floor
        name = "price_floor" if low else "price_cap"
        source = _source(terms, name)
        label = f"Conversion price: the {'floor' if low else 'cap'}"
        yield Step(label, _double(price), None, value, source)
        return
    yield _input(label, value, source)


def _floating(
    floating: Fraction, window: Sequence[datetime.date], terms: Debentures
) -> Iterator[Step]:
    multiple = float(terms.floating_multiple)
    average = _double(floating / Fraction(terms.floating_multiple))
    what = "market values" if terms.averages_market_values else "closing bids"
    label = f"Average of the {terms.lowest_bids} lowest {what}, {_span(window)}"
    yield _input(label, average, _source(terms, "lowest_bids"))
    source = _source(terms, "floating_multiple")
    yield Step("Floating conversion price", average, multiple, _double(floating), source)


def debenture_shares(
    principal: float, price: float, _selection: Selection, value: int
) -> Iterator[Step]:
    """Derive principal over price, rounded down."""
    exact = _double(as_shown(principal) / as_shown(price))
    yield _input("Conversion price", price)
    yield Step("Principal over conversion price", principal, None, exact, "")
    yield Step("Whole shares, rounded down", exact, None, value, "")


def trading_day(
    date: datetime.date, offset: int, selection: Selection, value: datetime.date
) -> Iterator[Step]:
    """Derive whether the date is a session, and the target session."""
    days = calendar(selection.terms.calendar)
    kind = "a session" if days.is_session(date) else "no session: between its neighbours"
    yield Step(f"{_in_words(date)} is {kind}", date, None, date, f"calendar {days.code}")
    yield _input("Sessions to move", _holdable(offset))
    if offset:
        label = f"Session {offset:+d} from there"
    else:
        label = "The session itself" if days.is_session(date) else "The next session"
    label += f", {_in_words(value)}"
    yield Step(label, date, None, value, f"calendar {days.code}")


def nasdaq20_headroom(
    outstanding: int, issued: int, selection: Selection, value: int
) -> Iterator[Step]:
    """Derive the count at the limit, and the greatest count below it."""
    limits = selection.terms.limits
    assert limits is not None
    source = _source(limits, "exchange_limit")
    rate = float(limits.exchange_limit)
    reached = _double(outstanding * Fraction(limits.exchange_limit))
    yield Step("Shares at which the limit is reached", outstanding, rate, reached, source)
    yield Step("Issued in the transaction so far", issued, None, issued, "")
    yield _input("Further shares that stay below it", value, source)


def dilution(outstanding: int, new_shares: int, value: float) -> Iterator[Step]:
    """Derive all shares after the issue, and the part of the new ones."""
    yield _input("New shares", _holdable(new_shares))
    total = _holdable(outstanding + new_shares)
    yield Step("Shares outstanding, with the new ones", _holdable(outstanding), None, total, "")
    yield Step("New shares over all shares", _holdable(new_shares), None, value, "")


def net_exercise_shares(
    warrants: int, market_price: float, exercise_price: float, value: int
) -> Iterator[Step]:
    """Derive the value of a warrant, and the shares that all of them buy."""
    gain = max(Fraction(0), as_shown(market_price) - as_shown(exercise_price))
    yield _input("Market price", market_price)
    yield _input("Exercise price", exercise_price)
    each = gain / as_shown(market_price)
    yield _input("Gain of a warrant over the market price", _double(each))
    exact = _double(warrants * each)
    yield Step("Shares of that gain", _holdable(warrants), _double(each), exact, "")
    yield Step("Whole shares, rounded down", exact, None, value, "")


def treasury_stock_shares(
    securities: int, exercise_price: float, average_price: float, value: float
) -> Iterator[Step]:
    """Derive the proceeds of exercise, the shares that they buy back, and the rest."""
    method = "treasury stock method"
    proceeds = _double(securities * Fraction(exercise_price))
    yield Step("Proceeds of exercise", _holdable(securities), exercise_price, proceeds, method)
    yield _input("Average market price of the period", average_price)
    bought = _double(securities * Fraction(exercise_price) / Fraction(average_price))
    yield Step("Shares bought back at the average price", proceeds, None, bought, method)
    out = average_price <= exercise_price
    label = "Incremental shares: none, out of the money" if out else "Incremental shares"
    yield Step(label, _holdable(securities), None, value, method)


def looked_up(what: str, source: str, value: Any) -> Iterator[Step]:
    """Derive a figure that is looked up, in one step."""
    yield _input(what, value, source)
