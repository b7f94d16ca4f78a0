"""The contract a second time: exact arithmetic in fractions, written from SPEC.md alone.

Nothing here is the package's: figures are typed in, sessions come from the answer file. Each
function takes what the worksheet function of its name takes, as doubles, whole numbers and dates,
with every argument given, and a `Deal` in place of the `terms` text. It gives the exact result,
or the text of the error.
"""

from __future__ import annotations

import csv
import datetime
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias

from paths import DATA

NUM: Final = "#NUM!"
NA: Final = "#N/A"
REF: Final = "#REF!"

Exact: TypeAlias = Fraction | int | bool | datetime.date | str


@dataclass(frozen=True)
class Deal:
    """The figures of one deal, with one of its agreements."""

    terms: str
    tiers: tuple[tuple[str, str], ...]
    warrant_rate: str
    exercise_multiple: str
    cap_price: str
    rate: str
    low_price_rate: str
    threshold: str
    floor: str
    initial_multiple: str
    initial_sessions: int
    floating_after_days: int
    floating_multiple: str
    lowest_bids: int
    lookback_sessions: int
    exchange_limit: str | None

    @property
    def capacity(self) -> Fraction:
        """Where the last tier ends."""
        return Fraction(self.tiers[-1][0])


def _neot(terms: str, *tiers: tuple[str, str]) -> Deal:
    return Deal(
        terms=terms,
        tiers=tiers,
        warrant_rate="0.10",
        exercise_multiple="1.30",
        cap_price="33.75",
        rate="0.97",
        low_price_rate="0.95",
        threshold="5.00",
        floor="2.00",
        initial_multiple="1.20",
        initial_sessions=5,
        floating_after_days=90,
        floating_multiple="1.01",
        lowest_bids=10,
        lookback_sessions=30,
        exchange_limit="0.20",
    )


SALES: Final = _neot("NEOT-2001", ("10000000", "0.04"), ("20000000", "0.035"), ("25000000", "0.03"))
OTHER: Final = _neot("NEOT-2001/OTHER", ("8400000", "0.04"))
AWKWARD: Final = Deal(
    terms="AWKWARD",
    tiers=(("333333.25", "0.0525"), ("1000000", "0.033"), ("7777777.5", "0.0475")),
    warrant_rate="0.075",
    exercise_multiple="1.15",
    cap_price="12.34",
    rate="0.91",
    low_price_rate="0.83",
    threshold="4.10",
    floor="1.37",
    initial_multiple="1.07",
    initial_sessions=3,
    floating_after_days=30,
    floating_multiple="0.99",
    lowest_bids=4,
    lookback_sessions=7,
    exchange_limit=None,
)


def _odd_cents(terms: str, rate: str, multiple: str, *tiers: tuple[str, str]) -> Deal:
    return Deal(
        terms=terms,
        tiers=tiers,
        warrant_rate=rate,
        exercise_multiple=multiple,
        cap_price="10.01",
        rate="0.985",
        low_price_rate="0.9325",
        threshold="0.3",
        floor="1.1",
        initial_multiple="0.97",
        initial_sessions=1,
        floating_after_days=0,
        floating_multiple="0.97",
        lowest_bids=1,
        lookback_sessions=10,
        exchange_limit="0.1999",
    )


ODD_CENTS: Final = _odd_cents(
    "ODD-CENTS",
    "0.0733",
    "1.234567",
    ("123456.78", "0.0525"),
    ("2345678.91", "0.012345678901234567"),
    ("7000000.07", "0.03125"),
)
FLAT: Final = _odd_cents("ODD-CENTS/FLAT", "0.05", "1.25", ("1000000000.01", "0.027"))
DEALS: Final = (SALES, OTHER, AWKWARD, ODD_CENTS, FLAT)


def shown(number: float) -> Fraction:
    """Round a double to 15 significant digits, halves away from 0, as a sheet shows it."""
    exact = Fraction(number)
    if not exact:
        return exact
    # The place of the 15th digit, guessed by a logarithm and set right.
    place = math.floor(math.log10(abs(exact))) - 14
    while abs(exact) >= Fraction(10) ** (place + 15):
        place += 1
    while abs(exact) < Fraction(10) ** (place + 14):
        place -= 1
    unit = Fraction(10) ** place
    return (1 if exact > 0 else -1) * math.floor(abs(exact) / unit + Fraction(1, 2)) * unit


def slack(limit: Fraction) -> Fraction:
    """By how much a dollar limit is passed before it counts: $0.00001, or 1,024 of its units."""
    units = 1024 * Fraction(math.ulp(float(limit)))
    return min(max(Fraction("0.00001"), units), Fraction("0.005"))


def ulps(found: float, exact: Fraction) -> float:
    """How far a double lies from an exact value, in units in the last place of that value."""
    return float(abs(Fraction(found) - exact) / Fraction(math.ulp(float(exact))))


# Sessions


def _closures() -> list[datetime.date]:
    path = DATA / "xnys_closures.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [datetime.date.fromisoformat(row["date"]) for row in rows]


FIRST_DAY: Final = datetime.date(1971, 1, 1)
LAST_DAY: Final = datetime.date(2030, 12, 31)
CLOSURES: Final = _closures()


def _sessions() -> list[datetime.date]:
    closed = set(CLOSURES)
    days = (
        datetime.date.fromordinal(number)
        for number in range(FIRST_DAY.toordinal(), LAST_DAY.toordinal() + 1)
    )
    return [day for day in days if day.weekday() < 5 and day not in closed]


SESSIONS: Final = _sessions()
"""Every session that the answer file knows, in order."""


def before(day: datetime.date, count: int) -> list[datetime.date]:
    """The sessions before a day."""
    assert day <= LAST_DAY, "the answer file ends too early for this"
    place = bisect_left(SESSIONS, day)
    assert place >= count, "the answer file begins too late for this"
    return SESSIONS[place - count : place]


def trading_day(date: datetime.date, offset: int, _deal: Deal) -> Exact:
    """Count sessions after the day, or those before it, one by one in the list."""
    if offset > 0:
        return SESSIONS[bisect_right(SESSIONS, date) + offset - 1]
    place = bisect_left(SESSIONS, date) + offset
    assert place >= 0, "the answer file begins too late for this"
    return SESSIONS[place]


# Commission


def _beyond(gross: float, prior: float, deal: Deal) -> bool:
    return shown(prior) + shown(gross) - deal.capacity >= slack(deal.capacity)


def ceo_fee(gross: float, prior: float, deal: Deal) -> Exact:
    """What the commission on everything sold comes to, less that on what was sold before."""
    if _beyond(gross, prior, deal):
        return NUM
    return _fee_on(Fraction(prior) + Fraction(gross), deal) - _fee_on(Fraction(prior), deal)


def _fee_on(cumulative: Fraction, deal: Deal) -> Fraction:
    fee, lower = Fraction(0), Fraction(0)
    for up_to, rate in deal.tiers[:-1]:
        fee += max(min(cumulative, Fraction(up_to)) - lower, Fraction(0)) * Fraction(rate)
        lower = Fraction(up_to)
    # No upper end: what passes the capacity by less than counts is charged at the last tier.
    return fee + max(cumulative - lower, Fraction(0)) * Fraction(deal.tiers[-1][1])


def ceo_net(gross: float, prior: float, deal: Deal) -> Exact:
    """Gross less commission."""
    fee = ceo_fee(gross, prior, deal)
    return fee if isinstance(fee, str) else Fraction(gross) - Fraction(fee)  # type: ignore[arg-type]


def ceo_capacity(sold: float, price: float | None, deal: Deal) -> Exact:
    """What is left, in dollars or in whole shares."""
    left = deal.capacity - shown(sold)
    if left <= -slack(deal.capacity):
        return NUM
    if left < slack(deal.capacity):
        return Fraction(0) if price is None else 0
    return deal.capacity - Fraction(sold) if price is None else math.floor(left / shown(price))


# Warrants


def cantor_warrants(shares: int, deal: Deal) -> Exact:
    """The rate of the shares, rounded down."""
    return math.floor(shares * Fraction(deal.warrant_rate))


def cantor_exercise_price(
    shares: Sequence[Sequence[int | None]], prices: Sequence[Sequence[float | None]], deal: Deal
) -> Exact:
    """The multiple of dollars over shares."""
    dollars, sold = Fraction(0), 0
    for share_row, price_row in zip(shares, prices, strict=True):
        for count, price in zip(share_row, price_row, strict=True):
            if price is not None:
                dollars += (count or 0) * shown(price)
                sold += count or 0
    return dollars / sold * Fraction(deal.exercise_multiple) if sold else NUM


def classb_exercise_price(
    closing_bid: float, market_price: float | None, split_ratio: float, deal: Deal
) -> Exact:
    """The lesser of the cap after the split and the rate of the bid."""
    market = closing_bid if market_price is None else market_price
    rate = deal.low_price_rate if shown(market) < Fraction(deal.threshold) else deal.rate
    cap = Fraction(deal.cap_price) * Fraction(split_ratio)
    return min(cap, Fraction(rate) * shown(closing_bid))


def classb_available(market_price: float, deal: Deal) -> Exact:
    """Not under the floor."""
    return shown(market_price) >= Fraction(deal.floor)


def net_exercise_shares(warrants: int, market_price: float, exercise_price: float) -> Exact:
    """Warrants less the shares that pay for them, rounded down."""
    market, exercise = shown(market_price), shown(exercise_price)
    return max(0, math.floor(warrants - warrants * exercise / market))


# Debentures


def debenture_conversion_price(
    quotes: Mapping[datetime.date, tuple[float, float | None]],
    issue_date: datetime.date,
    conversion_date: datetime.date | None,
    deal: Deal,
) -> Exact:
    """The initial price; from the switch on, the lesser of it and the floating price."""
    if conversion_date is not None and conversion_date < issue_date:
        return NUM
    window = before(issue_date, deal.initial_sessions)
    if any(day not in quotes for day in window):
        return NA
    values = [quotes[day][0] if quotes[day][1] is None else quotes[day][1] for day in window]
    price = _average(values) * Fraction(deal.initial_multiple)
    if conversion_date is None:
        return price
    if conversion_date <= issue_date + datetime.timedelta(days=deal.floating_after_days):
        return price
    window = before(conversion_date, deal.lookback_sessions)
    if any(day not in quotes for day in window):
        return NA
    lowest = sorted(quotes[day][0] for day in window)[: deal.lowest_bids]
    return min(price, _average(lowest) * Fraction(deal.floating_multiple))


def _average(values: Sequence[Any]) -> Fraction:
    return sum(map(shown, values), Fraction(0)) / len(values)


def debenture_shares(principal: float, price: float, _deal: Deal) -> Exact:
    """Principal over price, rounded down."""
    return math.floor(shown(principal) / shown(price))


# Capitalisation


def nasdaq20_headroom(outstanding: int, issued: int, deal: Deal) -> Exact:
    """The greatest count with which all that is issued stays under the deal's limit."""
    if deal.exchange_limit is None:
        return REF
    limit = Fraction(deal.exchange_limit) * outstanding
    greatest = math.ceil(limit) - 1
    assert greatest < limit <= greatest + 1
    return max(0, greatest - issued)


def dilution(outstanding: int, new_shares: int) -> Exact:
    """New over all."""
    return Fraction(new_shares, outstanding + new_shares) if outstanding + new_shares else NUM


def treasury_stock_shares(securities: int, exercise_price: float, average_price: float) -> Exact:
    """Shares less those that the proceeds buy back, or none."""
    # No whole count and no price: the doubles as they are.
    bought = Fraction(securities) * Fraction(exercise_price) / Fraction(average_price)
    return max(Fraction(0), securities - bought)


ORACLES: Final[Mapping[str, Callable[..., Exact]]] = {
    "CEO_FEE": ceo_fee,
    "CEO_NET": ceo_net,
    "CEO_CAPACITY": ceo_capacity,
    "CANTOR_WARRANTS": cantor_warrants,
    "CANTOR_EXERCISE_PRICE": cantor_exercise_price,
    "CLASSB_EXERCISE_PRICE": classb_exercise_price,
    "CLASSB_AVAILABLE": classb_available,
    "DEBENTURE_CONVERSION_PRICE": debenture_conversion_price,
    "DEBENTURE_SHARES": debenture_shares,
    "TRADING_DAY": trading_day,
    "NASDAQ20_HEADROOM": nasdaq20_headroom,
    "DILUTION": dilution,
    "NET_EXERCISE_SHARES": net_exercise_shares,
    "TREASURY_STOCK_SHARES": treasury_stock_shares,
}
"""By worksheet name."""
