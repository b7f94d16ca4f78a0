"""How a figure came about: the steps of each calculation, with the clause that each rests on.

Every function here takes the arguments of the worksheet function that it is named after, as they
are after coercion, and that function's value. The value is the last step's result, so that a
derivation cannot end anywhere else; the steps before it are built from the same pieces of `core`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from xladdin.core import class_b as class_b_rules
from xladdin.core import debentures as debenture_rules
from xladdin.core.commission import capacity_left, slices
from xladdin.core.numbers import as_shown
from xladdin.core.sessions import calendar
from xladdin.core.warrants import weighted_price

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from xladdin.core.debentures import Quote
    from xladdin.terms.model import Debentures, Limits, Record, Selection


class Step(NamedTuple):
    """One step of a derivation.

    Attributes:
        label: What is worked out.
        amount: What it is worked out from; None where there is no single one.
        factor: Rate, multiple or divisor applied; None where there is none.
        result: What comes out.
        source: Clause that the step rests on; empty for plain arithmetic.
    """

    label: str
    amount: Any
    factor: Any
    result: Any
    source: str


def _double(exact: Fraction) -> float | None:
    """Round a step to a double; a step may be too large for one where the value is not."""
    try:
        return float(exact)
    except OverflowError:
        return None


def _holdable(count: int) -> int | None:
    """Return a count; None for one beyond every double, which no cell can show."""
    return None if _double(Fraction(count)) is None else count


def _in_words(day: datetime.date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _source(record: Record | None, name: str) -> str:
    return record.sources.get(name, "") if record is not None else ""


def _tiered(
    gross: float, prior: float, selection: Selection, value: float, *, kept: bool
) -> Iterator[Step]:
    agreement = selection.agreement
    bands = list(agreement.bands)
    if prior:
        yield Step("Sold before under the agreement", prior, None, prior, "")
    touched: list[str] = []
    for band, amount in slices(gross, prior, agreement):
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
    """The part of the sale in each tier, and the commission on it."""
    return _tiered(gross, prior, selection, value, kept=False)


def ceo_net(gross: float, prior: float, selection: Selection, value: float) -> Iterator[Step]:
    """The part of the sale in each tier, and what is kept of it."""
    return _tiered(gross, prior, selection, value, kept=True)


def ceo_capacity(
    sold: float, price: float | None, selection: Selection, value: float
) -> Iterator[Step]:
    """Capacity less what is sold, and the whole shares that it makes."""
    agreement = selection.agreement
    source = _source(agreement, "capacity")
    yield Step("Capacity of the agreement", None, None, agreement.capacity_usd, source)
    if price is None:
        yield Step("Capacity less sold", sold, None, value, source)
        return
    left = capacity_left(sold, agreement)
    yield Step("Capacity less sold", sold, None, left, source)
    yield Step("Whole shares at the price, rounded down", left, price, value, source)


def cantor_warrants(shares: int, selection: Selection, value: int) -> Iterator[Step]:
    """The rate of the shares sold, rounded down."""
    warrants = selection.agreement.warrants
    assert warrants is not None
    rate, source = float(warrants.rate), _source(warrants, "rate")
    exact = _double(shares * warrants.exact_rate)
    yield Step("Warrants for the shares sold", shares, rate, exact, source)
    yield Step("Whole warrants, rounded down", exact, None, value, source)


def cantor_exercise_price(
    sales: Iterable[tuple[int, float]], selection: Selection, value: float
) -> Iterator[Step]:
    """The volume-weighted average price, and its multiple."""
    warrants = selection.agreement.warrants
    assert warrants is not None
    pairs = list(sales)
    shares = sum(count for count, _ in pairs)
    average = weighted_price(pairs)
    source = _source(warrants, "exercise_multiple")
    gross = _double(average * shares)
    price = _double(average)
    label = "Volume-weighted average sale price"
    yield Step(label, gross, _holdable(shares), price, source)
    yield Step("Exercise price", price, float(warrants.exercise_multiple), value, source)


def classb_exercise_price(
    closing_bid: float,
    market_price: float | None,
    split_ratio: float,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """The adjusted cap, the rate that the market price decides, and the lesser of both."""
    terms = selection.terms.class_b
    assert terms is not None
    cap, _, _, threshold, _ = terms.doubles
    market = closing_bid if market_price is None else market_price
    rate = class_b_rules.applied_rate(market, terms)
    below = market < threshold
    cap_source = _source(terms, "cap_price")
    rate_source = _source(terms, "low_price_rate" if below else "rate")
    adjusted = _double(Fraction(cap) * Fraction(split_ratio))
    yield Step("Cap, adjusted for splits", cap, split_ratio, adjusted, cap_source)
    label = f"Rate, the market price being {'below' if below else 'at or above'} the threshold"
    yield Step(label, market, threshold, rate, _source(terms, "low_price_threshold"))
    yield Step("That rate of the closing bid", closing_bid, rate, rate * closing_bid, rate_source)
    yield Step("Exercise price, the lesser of cap and rate", None, None, value, cap_source)


def classb_available(market_price: float, selection: Selection, value: bool) -> Iterator[Step]:
    """A comparison with the floor."""
    terms = selection.terms.class_b
    assert terms is not None
    source = _source(terms, "financing_floor")
    floor = terms.doubles[4]
    yield Step("Market price at or above the floor", market_price, floor, value, source)


def debenture_conversion_price(
    quotes: Mapping[datetime.date, Quote],
    issue_date: datetime.date,
    conversion_date: datetime.date | None,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """The initial price, the day switch, the floating price, and the lesser of both."""
    terms = selection.terms.debentures
    assert terms is not None
    days = calendar(selection.terms.calendar)
    window = days.before(issue_date, terms.initial_sessions)
    initial = debenture_rules.initial_price(quotes, issue_date, terms, days)
    multiple = float(terms.initial_multiple)
    average = _double(initial / Fraction(terms.initial_multiple))
    label = f"Average market value, {window[0]} to {window[-1]}"
    yield Step(label, None, len(window), average, _source(terms, "initial_sessions"))
    source = _source(terms, "initial_multiple")
    yield Step("Initial conversion price", average, multiple, _double(initial), source)
    price, label = initial, "Conversion price: the initial one"
    if conversion_date is not None:
        elapsed = (conversion_date - issue_date).days
        switch = terms.floating_after_days
        source = _source(terms, "floating_after_days")
        floats = elapsed > switch
        state = "floats" if floats else "does not float yet"
        yield Step(f"Days since issuance: the price {state}", elapsed, switch, elapsed, source)
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
    yield Step(label, None, None, value, source)


def _floating(
    floating: Fraction, window: Sequence[datetime.date], terms: Debentures
) -> Iterator[Step]:
    multiple = float(terms.floating_multiple)
    average = _double(floating / Fraction(terms.floating_multiple))
    what = "market values" if terms.averages_market_values else "closing bids"
    label = f"Average of the {terms.lowest_bids} lowest {what}, {window[0]} to {window[-1]}"
    yield Step(label, None, terms.lowest_bids, average, _source(terms, "lowest_bids"))
    source = _source(terms, "floating_multiple")
    yield Step("Floating conversion price", average, multiple, _double(floating), source)


def debenture_shares(principal: float, price: float, value: int) -> Iterator[Step]:
    """Principal over price, rounded down."""
    exact = _double(as_shown(principal) / as_shown(price))
    yield Step("Principal over conversion price", principal, price, exact, "")
    yield Step("Whole shares, rounded down", exact, None, value, "")


def trading_day(
    date: datetime.date, offset: int, selection: Selection, value: datetime.date
) -> Iterator[Step]:
    """Whether the date is a session, and the session that is asked for."""
    days = calendar(selection.terms.calendar)
    kind = "a session" if days.is_session(date) else "no session: between its neighbours"
    yield Step(f"{_in_words(date)} is {kind}", date, None, date, f"calendar {days.code}")
    if offset:
        label = f"Session {offset:+d} from there"
    else:
        label = "The session itself" if days.is_session(date) else "The next session"
    label += f", {_in_words(value)}"
    yield Step(label, date, offset, value, f"calendar {days.code}")


def nasdaq20_headroom(outstanding: int, issued: int, limits: Limits, value: int) -> Iterator[Step]:
    """The count that the limit is, and what stays below it."""
    source = _source(limits, "exchange_limit")
    rate = float(limits.exchange_limit)
    reached = _double(outstanding * Fraction(limits.exchange_limit))
    yield Step("Shares at which the limit is reached", outstanding, rate, reached, source)
    yield Step("Issued in the transaction so far", issued, None, issued, "")
    yield Step("Further shares that stay below it", None, None, value, source)


def dilution(outstanding: int, new_shares: int, value: float) -> Iterator[Step]:
    """All shares after the issue, and the new ones' part."""
    total = _holdable(outstanding + new_shares)
    yield Step("Shares after the issue", outstanding, new_shares, total, "")
    yield Step("New shares over all shares", new_shares, total, value, "")


def net_exercise_shares(
    warrants: int, market_price: float, exercise_price: float, value: int
) -> Iterator[Step]:
    """What a warrant is worth, and the shares that all of them buy."""
    gain = max(Fraction(0), as_shown(market_price) - as_shown(exercise_price))
    worth = _double(gain)
    yield Step("Market price above exercise price", market_price, exercise_price, worth, "")
    exact = _double(warrants * gain / as_shown(market_price))
    yield Step("Shares of that worth at the market price", warrants, market_price, exact, "")
    yield Step("Whole shares, rounded down", exact, None, value, "")


def treasury_stock_shares(
    securities: int, exercise_price: float, average_price: float, value: float
) -> Iterator[Step]:
    """Proceeds of exercise, the shares that they buy back, and the rest."""
    method = "treasury stock method"
    proceeds = _double(securities * Fraction(exercise_price))
    yield Step("Proceeds of exercise", securities, exercise_price, proceeds, method)
    bought = _double(securities * Fraction(exercise_price) / Fraction(average_price))
    yield Step("Shares bought back at the average price", proceeds, average_price, bought, method)
    out = average_price <= exercise_price
    label = "Incremental shares: none, out of the money" if out else "Incremental shares"
    yield Step(label, securities, None, value, method)


def looked_up(what: str, source: str, value: Any) -> Iterator[Step]:
    """A figure that is looked up, not worked out."""
    yield Step(what, None, None, value, source)
