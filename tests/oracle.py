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
from pathlib import Path
from typing import Any, Final, TypeAlias

NUM: Final = "#NUM!"
NA: Final = "#N/A"

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
)
DEALS: Final = (SALES, OTHER, AWKWARD)


def shown(number: float) -> Fraction:
    """The decimal number that a sheet shows for a double: the shortest that identifies it."""
    return Fraction(repr(number))


def ulps(found: float, exact: Fraction) -> float:
    """How far a double lies from an exact value, in units in the last place of that value."""
    return float(abs(Fraction(found) - exact) / Fraction(math.ulp(float(exact))))


# Sessions


def _closures() -> list[datetime.date]:
    path = Path(__file__).with_name("data") / "xnys_closures.csv"
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
    return shown(prior) + shown(gross) > deal.capacity


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
    # No upper end: two doubles that fill the programme may add up to a hair more.
    return fee + max(cumulative - lower, Fraction(0)) * Fraction(deal.tiers[-1][1])


def ceo_net(gross: float, prior: float, deal: Deal) -> Exact:
    """Gross less commission."""
    fee = ceo_fee(gross, prior, deal)
    return fee if isinstance(fee, str) else Fraction(gross) - Fraction(fee)  # type: ignore[arg-type]


def ceo_capacity(sold: float, price: float | None, deal: Deal) -> Exact:
    """What is left, in dollars or in whole shares."""
    if shown(sold) > deal.capacity:
        return NUM
    if price is None:
        return deal.capacity - Fraction(sold)
    return math.floor((deal.capacity - shown(sold)) / shown(price))


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
                dollars += (count or 0) * Fraction(price)
                sold += count or 0
    return dollars / sold * Fraction(deal.exercise_multiple) if sold else NUM


def classb_exercise_price(
    closing_bid: float, market_price: float | None, split_ratio: float, deal: Deal
) -> Exact:
    """The lesser of the cap after the split and the rate of the bid."""
    market = closing_bid if market_price is None else market_price
    # A double typed as 4.10 is not less than 4.10.
    rate = deal.low_price_rate if shown(market) < Fraction(deal.threshold) else deal.rate
    cap = Fraction(deal.cap_price) * Fraction(split_ratio)
    return min(cap, Fraction(rate) * Fraction(closing_bid))


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
    return sum((Fraction(value) for value in values), Fraction(0)) / len(values)


def debenture_shares(principal: float, price: float) -> Exact:
    """Principal over price, rounded down."""
    return math.floor(shown(principal) / shown(price))


# Capitalisation


def nasdaq20_headroom(outstanding: int, issued: int) -> Exact:
    """The greatest count with which all that is issued stays under a fifth."""
    greatest = -1
    if outstanding:
        greatest = (outstanding - 1) // 5
        assert (
            Fraction(greatest, outstanding) < Fraction(1, 5) <= Fraction(greatest + 1, outstanding)
        )
    return max(0, greatest - issued)


def dilution(outstanding: int, new_shares: int) -> Exact:
    """New over all."""
    return Fraction(new_shares, outstanding + new_shares) if outstanding + new_shares else NUM


def treasury_stock_shares(securities: int, exercise_price: float, average_price: float) -> Exact:
    """Shares less those that the proceeds buy back, or none."""
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
