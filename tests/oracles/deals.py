"""The arithmetic of deals of today a second time: in fractions, written from the rules alone.

Nothing here is the package's. A formula, a schedule and a cap are mappings of texts, as a deal's
file has them. Each function gives the exact result, or the text of the error.
"""

from __future__ import annotations

import datetime
import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final, TypeAlias

from oracles.contract import NA, NUM, SESSIONS, shown, slack

VALUE: Final = "#VALUE!"

Day: TypeAlias = datetime.date
Split: TypeAlias = tuple[Day, Fraction]
Quotes: TypeAlias = Mapping[str, Mapping[Day, float]]


class Refused(Exception):  # noqa: N818  (it is an answer, not a fault)
    """The result is an error."""


def result(compute: Callable[..., Any], *given: Any) -> Any:
    """What a function gives, its error as a text."""
    try:
        return compute(*given)
    except Refused as refused:
        return str(refused)


# Prices


def price(
    formula: Mapping[str, Any],
    quotes: Quotes,
    event: Day | None,
    issue: Day | None,
    splits: Sequence[Split] = (),
    stands: Day | None = None,
    *,
    adjusted: bool = False,
) -> Fraction:
    """Take, floor, cap, add, round: in this order."""
    if event is not None and issue is not None and event < issue:
        raise Refused(NUM)
    carried = _in_shares_of(stands or Day.max, quotes, splits, adjusted=adjusted)
    legs = [leg for leg in formula["legs"] if _counts_by_days(leg, event, issue)]
    windows = [_window(leg, event, issue) for leg in legs]
    values = [
        leg_value(leg, days, carried)
        for leg, days in zip(legs, windows, strict=True)
        if _counts_by_price(leg, days, carried)
    ]
    if not values:
        raise Refused(NA)
    found = (min if formula.get("take", "least") == "least" else max)(values)
    if "floor" in formula:
        found = max(found, Fraction(formula["floor"]))
    if "cap" in formula:
        found = min(found, Fraction(formula["cap"]))
    found += Fraction(formula.get("add", 0))
    if "round_to" in formula:
        unit = Fraction(formula["round_to"])
        how: dict[str, Callable[[Fraction], int]] = {
            "nearest": lambda number: math.floor(number + Fraction(1, 2)),
            "down": math.floor,
            "up": math.ceil,
        }
        found = unit * how[formula.get("round", "nearest")](found / unit)
    if found < 0:
        raise Refused(NUM)
    return found


def _in_shares_of(
    stands: Day, quotes: Quotes, splits: Sequence[Split], *, adjusted: bool
) -> dict[str, dict[Day, Fraction]]:
    """Every quotation in shares of one day: as traded it is in those of its own, else of the last.

    What one share after all splits is worth in shares of a day is the same for every quotation.
    """

    def old_for_one(day: Day) -> Fraction:
        """Shares of a day that one share after all splits was."""
        return math.prod((ratio for when, ratio in splits if when > day), start=Fraction(1))

    return {
        column: {
            day: shown(quoted) * (1 if adjusted else old_for_one(day)) / old_for_one(stands)
            for day, quoted in quoted_on.items()
        }
        for column, quoted_on in quotes.items()
    }


def _counts_by_days(leg: Mapping[str, Any], event: Day | None, issue: Day | None) -> bool:
    if "after_days" not in leg and "until_days" not in leg:
        return True
    if event is None:  # nothing has passed since issue
        return "after_days" not in leg
    if issue is None:
        raise Refused(VALUE)
    passed = (event - issue).days
    return bool(leg.get("after_days", -1) < passed <= leg.get("until_days", 10**6))


def _window(leg: Mapping[str, Any], event: Day | None, issue: Day | None) -> list[Day]:
    if leg["kind"] == "fixed" and "when_of" not in leg:
        return []
    anchor = issue if leg.get("anchor") == "issue" else event
    if anchor is None:
        raise Refused(VALUE)
    # 0 is the day itself or the next session: the first one that is not before the day.
    zero = bisect_left(SESSIONS, anchor)
    return [SESSIONS[zero + step] for step in range(leg["from"], leg["to"] + 1)]


def _statistic(
    leg: Mapping[str, Any],
    column: str,
    days: Sequence[Day],
    quotes: Mapping[str, Mapping[Day, Fraction]],
) -> Fraction:
    found = []
    for day in days:
        quoted = quotes.get(column, {}).get(day)
        if quoted is None and column in {"market value", "market price"}:
            quoted = quotes.get("closing bid", {}).get(day)
        if quoted is None:
            raise Refused(NA)
        found.append(quoted)
    lowest = sorted(found)[: leg.get("lowest", len(found))]
    return sum(lowest, Fraction()) / len(lowest)


def _counts_by_price(
    leg: Mapping[str, Any], days: Sequence[Day], quotes: Mapping[str, Mapping[Day, Fraction]]
) -> bool:
    if "when_below" not in leg and "when_at_least" not in leg:
        return True
    found = _statistic(leg, leg.get("when_of", leg.get("of", "")), days, quotes)
    if "when_below" in leg and found >= Fraction(leg["when_below"]):
        return False
    return not ("when_at_least" in leg and found < Fraction(leg["when_at_least"]))


def leg_value(
    leg: Mapping[str, Any], days: Sequence[Day], quotes: Mapping[str, Mapping[Day, Fraction]]
) -> Fraction:
    """A fixed price, or a multiple of the average of the lowest, not below the leg's floor."""
    if leg["kind"] == "fixed":
        return Fraction(leg["price"])
    found = Fraction(leg["multiple"]) * _statistic(leg, leg["of"], days, quotes)
    return max(found, Fraction(leg["floor"])) if "floor" in leg else found


# Fees


def fee(
    amount: float, prior: float, rate: float | None, schedule: Mapping[str, Any]
) -> Fraction | int:
    """The fee on all that is sold less that on what was sold before."""
    tiers = schedule.get("tiers", ())
    last = tiers[-1][0] if tiers else None
    if last is not None and shown(prior) + shown(amount) - Fraction(last) >= slack(Fraction(last)):
        raise Refused(NUM)
    if rate is not None:
        if schedule.get("rate_is", "fixed") == "fixed" or not tiers:
            raise Refused(VALUE)
        if shown(rate) > max(Fraction(part) for _, part in tiers):
            raise Refused(NUM)
        tiers = ((None, Fraction(rate)),)
    if "count" in schedule:
        whole = [
            math.floor(_between(schedule["count"] * sold / Fraction(schedule["over"]), schedule))
            if sold
            else 0
            for sold in (shown(prior), shown(prior) + shown(amount))
        ]
        return whole[1] - whole[0]
    before, after = Fraction(prior), Fraction(prior) + Fraction(amount)
    return _cumulative(after, tiers, schedule) - _cumulative(before, tiers, schedule)


def _cumulative(sold: Fraction, tiers: Sequence[Any], schedule: Mapping[str, Any]) -> Fraction:
    if not sold:
        return Fraction()
    if schedule.get("mode", "marginal") == "whole":
        reached = next(
            (
                part
                for up_to, part in tiers
                if up_to is None or sold - Fraction(up_to) < slack(Fraction(up_to))
            ),
            tiers[-1][1],
        )
        return _between(sold * Fraction(reached), schedule)
    total, lower = Fraction(), Fraction()
    for number, (up_to, part) in enumerate(tiers):
        ends = number == len(tiers) - 1 or up_to is None
        upper = sold if ends else min(sold, Fraction(up_to))
        total += max(upper - lower, Fraction()) * Fraction(part)
        lower = upper if ends else Fraction(up_to)
    return _between(total, schedule)


def _between(fee: Fraction, schedule: Mapping[str, Any]) -> Fraction:
    fee = max(fee, Fraction(schedule.get("minimum", fee)))
    return min(fee, Fraction(schedule.get("maximum", fee)))


# Limits


def cap_left(cap: Mapping[str, Any], issued: int) -> int:
    """Inclusive: floor(rate x base) - issued; else ceil(rate x base) - 1 - issued; not below 0."""
    base = Fraction(cap.get("base", 0))
    most = Fraction(cap["rate"]) * base if "rate" in cap else cap["shares"] - base
    whole = math.floor(most) if cap.get("inclusive", True) else math.ceil(most) - 1
    return max(0, whole - issued)


def issue_headroom(
    key: str, issued: int, average: float | None, caps: Mapping[str, Mapping[str, Any]]
) -> int:
    """The cap's own; where its price lifts it, the least of the others on shares."""

    def on(cap: Mapping[str, Any]) -> bool:
        lifted_at = cap.get("lifted_at")
        return average is None or lifted_at is None or shown(average) < Fraction(lifted_at)

    if on(caps[key]):
        return cap_left(caps[key], issued)
    others = [
        cap_left(cap, issued)
        for name, cap in caps.items()
        if name != key and cap["kind"] in {"issue", "authorised", "registered"} and on(cap)
    ]
    if not others:
        raise Refused(NA)
    return min(others)


def edate(day: Day, months: int) -> Day:
    """The same day of a month some months away, or that month's last."""
    first = day.replace(day=1)
    for _ in range(abs(months)):
        first = (
            (first - datetime.timedelta(days=1)).replace(day=1)
            if months < 0
            else (first + datetime.timedelta(days=31)).replace(day=1)
        )
    following = (first + datetime.timedelta(days=31)).replace(day=1)
    return first.replace(day=min(day.day, (following - first).days))


def float_headroom(
    shares: int,
    quoted: float,
    sales: Sequence[tuple[Day, float]],
    date: Day,
    offered: float,
    rate: Fraction = Fraction(1, 3),
    months: int = 12,
    below: Fraction = Fraction(75_000_000),
) -> Fraction:
    """A third of the float, less the sales of twelve months and what is offered."""
    public = shares * Fraction(quoted)
    if public - below > -slack(below):
        raise Refused(NA)
    since = edate(date, -months)
    sold = sum((Fraction(usd) for day, usd in sales if since < day <= date), Fraction())
    left = rate * public - sold - Fraction(offered)
    return left if left >= slack(rate * public) else Fraction()


def ownership_headroom(outstanding: int, held: int, limit: float) -> int:
    """The greatest count with which the holder has no more than the limit of all."""
    part = shown(limit)
    if part >= 1:
        raise Refused(NUM)
    return max(0, math.floor((part * outstanding - held) / (1 - part)))


# Dilution


def antidilution_price(
    conversion: float, outstanding: int, new: int, new_price: float, method: str
) -> Fraction:
    """CP x (A + C x new / CP) / (A + C), or the new price; never above CP."""
    before, issue = shown(conversion), shown(new_price)
    if method == "full ratchet":
        return min(before, issue)
    if outstanding + new == 0:
        raise Refused(NUM)
    return min(before, before * (outstanding + new * issue / before) / (outstanding + new))


def offering_dilution(
    offer: float, new: int, book: float, outstanding: int, costs: float
) -> list[Fraction]:
    """Price, before, increase, after, dilution."""
    if outstanding == 0:
        raise Refused(NUM)
    before = Fraction(book) / outstanding
    after = (Fraction(book) + new * shown(offer) - Fraction(costs)) / (outstanding + new)
    return [shown(offer), before, after - before, after, shown(offer) - after]


def split_adjusted(
    value: float, since: Day, until: Day, splits: Sequence[Split], what: str
) -> Fraction:
    """Over the splits with since < day <= until: a price times the ratio, a count over it."""
    found = shown(value)
    for day, ratio in splits:
        if since < day <= until:
            found = found * ratio if what == "price" else found / ratio
    return found


# Earnings


def weighted_shares(
    changes: Sequence[tuple[Day, int]],
    start: Day,
    end: Day,
    splits: Sequence[Split] = (),
    stands: Day = Day.max,
) -> Fraction:
    """The count at the end of each day, summed day by day, over the days; in shares of one day."""
    if end < start:
        raise Refused(NUM)
    days = [start + datetime.timedelta(days=number) for number in range((end - start).days + 1)]
    total = Fraction()
    for today in days:
        outstanding = Fraction()
        for day, count in changes:
            if day <= today:
                after, ahead = (
                    math.prod((ratio for when, ratio in splits if when > since), start=Fraction(1))
                    for since in (day, stands)
                )
                outstanding += count * ahead / after
        if outstanding < 0:
            raise Refused(NUM)
        total += outstanding
    return total / len(days)


def diluted_eps(
    income: float, shares: float, securities: Sequence[tuple[str, float, float]]
) -> tuple[Fraction, list[str]]:
    """Those without effect first, then by rising effect a share; in where the figure falls."""
    if any(more < 0 for _, _, more in securities):
        raise Refused(NUM)
    listed = [(name, Fraction(effect), Fraction(more)) for name, effect, more in securities if more]
    plain = [one for one in listed if one[1] == 0]
    others = sorted((one for one in listed if one[1] != 0), key=lambda one: one[1] / one[2])
    earned, count, inside = Fraction(income), Fraction(shares), []
    for name, effect, more in plain + others:
        if (earned + effect) / (count + more) < earned / count:
            earned, count = earned + effect, count + more
            inside.append(name)
    return earned / count, inside


# Values


def make_whole(grid: Sequence[Sequence[float | None]], row: float, column: float) -> Fraction:
    """Straight lines along a row's two neighbours, then between the rows."""
    columns = [Fraction(cell) for cell in grid[0][1:] if cell is not None]
    rows = [Fraction(line[0]) for line in grid[1:] if line[0] is not None]
    for headings in (rows, columns):
        if headings not in (sorted(set(headings)), sorted(set(headings), reverse=True)):
            raise Refused(NUM)
    down, across = _clamped(rows, row), _clamped(columns, column)

    def on_line(line: Sequence[float | None]) -> Fraction:
        return _interpolated(columns, line[1:], across)

    above = [
        on_line(line) if _is_near(rows, at, down) else None for at, line in enumerate(grid[1:])
    ]
    return _interpolated(rows, above, down)


def _clamped(headings: Sequence[Fraction], place: float) -> Fraction:
    return max(min(headings), min(max(headings), Fraction(place)))


def _is_near(headings: Sequence[Fraction], at: int, place: Fraction) -> bool:
    """Whether a heading is the place itself, or the next to it on either side."""
    if place in headings:
        return headings[at] == place
    one = max(heading for heading in headings if heading < place)
    other = min(heading for heading in headings if heading > place)
    return headings[at] in {one, other}


def _interpolated(
    headings: Sequence[Fraction], figures: Sequence[float | Fraction | None], place: Fraction
) -> Fraction:
    near = [at for at in range(len(headings)) if _is_near(headings, at, place)]
    found = []
    for at in near:
        figure = figures[at]
        if figure is None:
            raise Refused(NA)
        found.append((headings[at], Fraction(figure)))
    if len(found) == 1:
        return found[0][1]
    (one, low), (other, high) = found
    return low + (high - low) * (place - one) / (other - one)


def warrant_value(
    share: float, strike: float, years: float, volatility: float, rate: float, dividends: float
) -> Decimal:
    """Black, Scholes and Merton in 60 digits, the normal distribution by its own series."""
    with localcontext() as context:
        context.prec = 60
        s, k, t, v, r, q = map(Decimal, (share, strike, years, volatility, rate, dividends))
        forward, discounted = s * (-q * t).exp(), k * (-r * t).exp()
        if not (t and v and k):
            return max(Decimal(0), forward - discounted)
        deviation = v * t.sqrt()
        first = ((s / k).ln() + (r - q + v * v / 2) * t) / deviation
        return forward * _normal(first) - discounted * _normal(first - deviation)


def _normal(x: Decimal) -> Decimal:
    """1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + ...); nothing or all far out."""
    if abs(x) > 16:  # beyond, what is left is below 1e-56
        return Decimal(x > 0)
    term = total = x
    number = 1
    while abs(term) > Decimal("1e-58") * max(Decimal(1), abs(total)):
        number += 2
        term = term * x * x / number
        total += term
    pi = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
    return Decimal("0.5") + total * (-x * x / 2).exp() / (2 * pi).sqrt()


# Delivery


def bank_holidays(year: int) -> set[datetime.date]:
    """Days of sessions on which banks are closed, from 1999 on: Columbus Day and Veterans Day.

    The second is moved from a Sunday to Monday, and from a Saturday to no other day.
    """
    october = datetime.date(year, 10, 1)
    columbus = october + datetime.timedelta((7 - october.weekday()) % 7 + 7)
    veterans = datetime.date(year, 11, 11)
    return {columbus, veterans + datetime.timedelta(veterans.weekday() == 6)}


def settlement_date(
    date: datetime.date, days: int, sessions: Sequence[datetime.date], *, banks: bool
) -> datetime.date:
    """Count sessions after the day one by one; those on which banks are closed, if they count."""
    for day in sessions:
        if day > date and not (banks and day in bank_holidays(day.year)):
            days -= 1
            if not days:
                return day
    raise AssertionError("the sessions end too early for this")
