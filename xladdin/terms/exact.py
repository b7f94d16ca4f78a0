"""Figures of a deal as exact numbers, compiled for the arithmetic of `core`.

Records hold what a contract prints, figure by figure with its source. What is computed with every
call is taken from them once: prices and rates as pairs of whole numbers (numerator, denominator),
which multiply and compare several times as fast as fractions do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf, nextafter
from typing import Final, NamedTuple, TypeAlias

Ratio: TypeAlias = tuple[int, int]
"""An exact number: numerator, and a denominator above 0."""

CLOSING_BID: Final = "closing bid"
MARKET_VALUE: Final = "market value"
MARKET_PRICE: Final = "market price"
"""Columns of quotations that rules of reading know by name."""

CLASS_B: Final = "class_b"
DEBENTURE: Final = "debenture"
EXCHANGE: Final = "exchange"
"""Keys by which the worksheet functions find a deal's formulas and caps."""

ONE: Final[Ratio] = (1, 1)


def heading(text: str) -> str:
    """Bring the heading of a column into the form in which headings are compared."""
    return " ".join(text.split()).casefold()


class Leg(NamedTuple):
    """One leg of a price formula.

    Attributes:
        price: The price of a fixed leg, USD a share; None for a leg that follows quotations.
        of: Column of the quotations.
        multiple: What the average is multiplied by.
        first: First session of the window, relative to the anchor.
        last: Last session of the window.
        at_issue: Whether the window is anchored at the day of issue, and not of the event.
        lowest: How many of the lowest quotations are averaged; 0 for all.
        after_days: The leg counts only when more days than this have passed since issue.
        until_days: The leg counts only while at most this many days have passed since issue.
        when_of: Column whose average decides whether the leg counts.
        when_below: The leg counts only while that average is below this, USD a share.
        when_at_least: The leg counts only while that average is at least this, USD a share.
        floor: The leg's value is at least this, USD a share.
        fixed: Names of the figures above that splits leave as they are.
    """

    price: Ratio | None = None
    of: str = ""
    multiple: Ratio = ONE
    first: int = 0
    last: int = 0
    at_issue: bool = False
    lowest: int = 0
    after_days: int | None = None
    until_days: int | None = None
    when_of: str = ""
    when_below: Ratio | None = None
    when_at_least: Ratio | None = None
    floor: Ratio | None = None
    fixed: frozenset[str] = frozenset()


class PriceRule(NamedTuple):
    """A price formula: the least, or the greatest, of its legs, kept between bounds.

    Attributes:
        legs: At least one.
        least: Whether the least leg is taken, and not the greatest.
        floor: The price is at least this, USD a share.
        cap: The price is at most this, USD a share.
        add: Added to it, USD a share; may be negative.
        round_to: The price is a multiple of this, USD a share.
        rounding: How it comes to be one: "nearest" (halves up), "down" or "up".
        fixed: Names of the figures above that splits leave as they are.
    """

    legs: tuple[Leg, ...]
    least: bool = True
    floor: Ratio | None = None
    cap: Ratio | None = None
    add: Ratio | None = None
    round_to: Ratio | None = None
    rounding: str = "nearest"
    fixed: frozenset[str] = frozenset()


def ratio(number: Decimal | Fraction | int) -> Ratio:
    """Return an exact number as a pair."""
    return Fraction(number).as_integer_ratio()


class Band(NamedTuple):
    """One band of a fee by tiers, ready for arithmetic in doubles.

    The rate is kept as a fraction, because 3.5% is no double but 7 and 200 are: multiplying by
    one and dividing by the other gives round amounts for round amounts.

    An edge need not be a double. `lower` is the least double that is not below it and `upper` the
    nearest double: so whatever double is at least `lower` lies in the band or above it, and
    whatever sum comes out below `upper` lies below the edge.

    Attributes:
        lower: Cumulative gross at which the band begins, USD.
        upper: Cumulative gross at which it ends, USD; infinite where it has no end.
        paid: Numerator of the fee on a dollar in the band.
        kept: Numerator of what is left of it.
        whole: Denominator of both.
    """

    lower: float
    upper: float
    paid: float
    kept: float
    whole: float


class Schedule(NamedTuple):
    """A schedule of fees on cumulative gross proceeds.

    Attributes:
        bands: The tiers in doubles; none where the fee is a count for an amount.
        edges: Where each tier ends, exactly, USD; None for one that has no end.
        rates: The tiers' rates, exactly.
        limit: Gross proceeds that must not be passed, USD; None where there is no such limit.
        limit_words: What that limit is, for errors.
        end: The limit as a double; infinite where there is none.
        edges_are_doubles: Whether a double holds every edge exactly.
        whole: Whether the rate of the tier reached applies to all of the proceeds.
        minimum: The cumulative fee is at least this, once something is sold; USD or a count.
        maximum: The cumulative fee is at most this; USD or a count.
        units: Shares or warrants paid for each `over` of proceeds; 0 for a fee in USD.
        over: Proceeds for which those are paid, USD.
        at_most: Whether the rates are the most that a sale may be charged.
        simple: Whether the fee is in USD and marginal, without minimum and maximum.
    """

    bands: tuple[Band, ...] = ()
    edges: tuple[Fraction | None, ...] = ()
    rates: tuple[Fraction, ...] = ()
    limit: Decimal | Fraction | None = None
    limit_words: str = "the schedule's last tier"
    end: float = inf
    edges_are_doubles: bool = True
    whole: bool = False
    minimum: Fraction | None = None
    maximum: Fraction | None = None
    units: Fraction = Fraction()
    over: Fraction = Fraction(1)
    at_most: bool = False
    simple: bool = True


_EXACT_WHOLE: Final = 2**53
"""The last whole number up to which doubles hold them all."""


def _parts(rate: Fraction) -> tuple[float, float, float]:
    """Split a dollar by a rate: numerators of what is paid and kept, and their denominator."""
    paid, whole = rate.as_integer_ratio()
    if whole > _EXACT_WHOLE:  # more digits than a double holds: one rounding, instead of two
        return float(rate), float(1 - rate), 1.0
    return float(paid), float(whole - paid), float(whole)


def tiered(
    tiers: Iterable[tuple[Decimal | Fraction | None, Decimal | Fraction]],
    limit: Decimal | Fraction | None,
    limit_words: str,
) -> Schedule:
    """Compile a marginal schedule of fees in USD.

    Args:
        tiers: Where each tier ends, USD, and its rate; None for no end.
        limit: Gross proceeds that must not be passed, USD.
        limit_words: What that limit is, for errors.
    """
    lower = 0.0
    bands, edges, rates = [], [], []
    for up_to, rate in tiers:
        upper = inf if up_to is None else float(up_to)
        bands.append(Band(lower, upper, *_parts(Fraction(rate))))
        edges.append(None if up_to is None else Fraction(up_to))
        rates.append(Fraction(rate))
        if up_to is not None:
            lower = upper if Fraction(upper) >= Fraction(up_to) else nextafter(upper, inf)
    return Schedule(
        bands=tuple(bands),
        edges=tuple(edges),
        rates=tuple(rates),
        limit=limit,
        limit_words=limit_words,
        end=inf if limit is None else float(limit),
        edges_are_doubles=all(edge is None or Fraction(float(edge)) == edge for edge in edges),
    )


@dataclass(frozen=True, slots=True)
class Room:
    """A capacity in dollars, ready for arithmetic.

    Attributes:
        limit: The capacity, USD.
        end: The capacity as a double.
        is_double: Whether that double holds it exactly.
        words: What the capacity is, for errors.
    """

    limit: Decimal | Fraction
    end: float
    is_double: bool
    words: str


class Limit(NamedTuple):
    """A cap on shares, or on dollars, ready for arithmetic.

    Attributes:
        key: The cap's name in the deal.
        kind: "issue", "float", "ownership", "authorised" or "registered".
        rate: Part of the base; None where the cap is a count of shares.
        shares: The cap as a count, where there is no rate; a split may leave it no whole one.
        base: Shares that the rate is of, or that are used up before the transaction.
        inclusive: Whether the cap itself may be reached.
        lifted_at: Average price from which the cap is off, USD a share; None for never.
        months: Over how many months sales are counted.
        below_float: Float from which the cap is off, USD.
    """

    key: str
    kind: str
    rate: Ratio | None = None
    shares: Ratio = (0, 1)
    base: Ratio = (0, 1)
    inclusive: bool = True
    lifted_at: Fraction | None = None
    months: int = 12
    below_float: Decimal | Fraction | None = None


def lowered(
    price: Fraction, outstanding: Fraction | int, new_shares: int, new_price: Fraction
) -> Fraction:
    """Lower a conversion price after a cheaper issue, by the broad-based weighted average.

    Args:
        price: The price before, USD a share.
        outstanding: Shares outstanding before the issue; with the new ones more than 0.
        new_shares: Shares issued.
        new_price: Their price, USD a share.

    Returns:
        What all shares would have cost together; the price before where that is not lower.
    """
    together = (price * outstanding + new_price * new_shares) / (outstanding + new_shares)
    return min(price, together)
