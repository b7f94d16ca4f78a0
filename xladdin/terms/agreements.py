"""Sales agreements: capacity, commission, what agents are paid, and schedules of fees."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import Field, dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from xladdin.terms.exact import (
    Ratio,
    Room,
    Schedule,
    ratio,
    tiered,
)
from xladdin.terms.fields import (
    DAYS,
    FRACTION,
    MONTHS,
    MULTIPLE,
    NOT_NEGATIVE,
    POSITIVE,
    SESSIONS,
    SETTLEMENT_DAYS,
    SHARE,
    SHARES,
    TEXT,
    USD,
    YEARS,
    Exact,
    FigureError,
    Record,
    figure,
    part,
    refuse_many,
    word,
)
from xladdin.terms.records import (
    AGENTS,
    AT_MOST,
    FIXED,
    HALVES,
    IN_USD,
    ROUNDINGS,
    STEP,
    Keyed,
    need_together,
    refuse_figures,
)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FeeTier(Record):
    """One tier of a schedule of fees."""

    up_to: Exact | None = figure(
        "Cumulative gross proceeds at which this tier ends; the last tier may have no end",
        USD,
        POSITIVE,
        optional=True,
    )
    rate: Exact = figure("Fee on gross proceeds within this tier", FRACTION, SHARE)


def _check_tiers(tiers: Sequence[FeeTier], limit: Exact | None) -> None:
    """Check that tiers climb, to the limit where there is one."""
    refuse_many("tiers", tiers)
    reached: Exact = Decimal(0)
    for number, tier in enumerate(tiers, 1):
        key = f"tiers[{number}].up_to"
        if tier.up_to is None:
            if number < len(tiers):
                raise FigureError(key, "is missing: only the last tier may have no end")
        elif tier.up_to <= reached:
            raise FigureError(key, f"must be above {reached}")
        else:
            reached = tier.up_to
    if tiers and limit is not None and tiers[-1].up_to not in (None, limit):
        key = f"tiers[{len(tiers)}].up_to"
        raise FigureError(key, f"must be the capacity, {limit}: the last tier ends there")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FeeSchedule(Keyed):
    """A schedule of fees: by tiers, or a count of shares or warrants for an amount."""

    tiers: tuple[FeeTier, ...] = part("Rates by cumulative gross proceeds", several=True)
    mode: str = word(
        "Whether each part of the proceeds bears its tier's rate, or all of them the rate of the "
        "tier that they reach",
        ("marginal", "whole"),
        "marginal",
    )
    paid_in: str = word("What the fee is paid in", (IN_USD, "shares", "warrants"), IN_USD)
    rate_is: str = word(
        "Whether a sale bears these rates, or its own of at most these", (FIXED, AT_MOST), FIXED
    )
    count: int | None = figure(
        "Shares or warrants for each amount", SHARES, POSITIVE, optional=True
    )
    over: Exact | None = figure("That amount of gross proceeds", USD, POSITIVE, optional=True)
    minimum: Exact | None = figure(
        "Cumulative fee at least, once something is sold", USD, NOT_NEGATIVE, optional=True
    )
    maximum: Exact | None = figure("Cumulative fee at most", USD, POSITIVE, optional=True)

    def __post_init__(self) -> None:
        """Check the figures, and that there is one way to work the fee out."""
        super().__post_init__()
        need_together(self, "count", "over")
        if self.count is None:
            if not self.tiers:
                raise FigureError("tiers", "needs at least one tier, or count and over")
            if self.paid_in != IN_USD:
                raise FigureError("count", f"is missing: a fee in {self.paid_in} is a count")
        elif self.paid_in == IN_USD:
            raise FigureError("paid_in", "must be 'shares' or 'warrants': the fee is a count")
        elif self.tiers:
            raise FigureError("tiers", "must be left out: the fee is a count for an amount")
        elif self.rate_is != FIXED:
            raise FigureError("rate_is", "must be 'fixed': the fee has no rate")
        _check_tiers(self.tiers, None)
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise FigureError("minimum", f"must not be above maximum, {self.maximum}")

    def unit_of(self, entry: Field[Any]) -> str:
        """Return the unit of a figure: bounds of a fee in shares are counts."""
        if entry.name in ("minimum", "maximum") and self.paid_in != IN_USD:
            return SHARES
        return super().unit_of(entry)

    @cached_property
    def schedule(self) -> Schedule:
        """The schedule, ready for arithmetic."""
        tiers = [(tier.up_to, tier.rate) for tier in self.tiers]
        limit = tiers[-1][0] if tiers else None
        whole = self.mode == "whole"
        return tiered(tiers, limit, "the schedule's last tier")._replace(
            whole=whole,
            minimum=None if self.minimum is None else Fraction(self.minimum),
            maximum=None if self.maximum is None else Fraction(self.maximum),
            units=Fraction(self.count or 0),
            over=Fraction(self.over or 1),
            at_most=self.rate_is == AT_MOST,
            simple=not (whole or self.count or self.minimum or self.maximum),
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Pool(Keyed):
    """A capacity that several agreements share."""

    capacity: Exact | None = figure(
        "Gross proceeds that may be sold in all", USD, POSITIVE, optional=True
    )
    capacity_shares: int | None = figure(
        "Shares that may be sold in all", SHARES, POSITIVE, optional=True
    )
    tiers: tuple[FeeTier, ...] = part("Commission by what the pool sold", several=True)

    def __post_init__(self) -> None:
        """Check the figures, and that there is one capacity."""
        super().__post_init__()
        if (self.capacity is None) == (self.capacity_shares is None):
            raise FigureError("capacity", "or capacity_shares is needed, and not both")
        _check_tiers(self.tiers, self.capacity)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AgentWarrants(Record):
    """Warrants that an agent earns on shares sold."""

    rate: Exact = figure("Warrants earned for each share sold", FRACTION, SHARE)
    exercise_multiple: Exact = figure(
        "Exercise price over the volume-weighted average sale price", MULTIPLE, POSITIVE
    )
    price_round_to: Exact | None = figure(
        "The exercise price is the nearest multiple of", STEP, POSITIVE, optional=True
    )
    life_years: Exact | int | None = figure("Life of the warrants", YEARS, HALVES, optional=True)
    life_months: int | None = figure("Life of the warrants", MONTHS, POSITIVE, optional=True)
    cashless_after_years: Exact | int | None = figure(
        "Cashless exercise begins after", YEARS, HALVES, optional=True
    )
    exercisable_after_months: int | None = figure(
        "Exercise begins after", MONTHS, NOT_NEGATIVE, optional=True
    )
    transfer_lock_years: Exact | int | None = figure(
        "Transfer is restricted for", YEARS, HALVES, optional=True
    )
    lock_days: int | None = figure("Transfer is restricted for", DAYS, NOT_NEGATIVE, optional=True)
    rounding: str = word("How a count becomes whole", ROUNDINGS, "down")
    counted: str = word(
        "Whether warrants are counted on all shares sold, or on each placement",
        ("total", "placement"),
        "total",
    )

    def __post_init__(self) -> None:
        """Check the figures, and that no time is given twice."""
        super().__post_init__()
        for years, other in (("life_years", "life_months"), ("transfer_lock_years", "lock_days")):
            if getattr(self, years) is not None and getattr(self, other) is not None:
                raise FigureError(other, f"must be left out: {years} gives the same")

    @property
    def by_placement(self) -> bool:
        """Whether warrants are counted on each placement, and not on all shares sold."""
        return self.counted == "placement"

    @cached_property
    def exact_rate(self) -> Fraction:
        """The rate as an exact fraction."""
        return Fraction(self.rate)

    @cached_property
    def rate_ratio(self) -> Ratio:
        """The rate as a pair of whole numbers."""
        return ratio(self.rate)

    @cached_property
    def exact_multiple(self) -> Fraction:
        """The exercise multiple as an exact fraction."""
        return Fraction(self.exercise_multiple)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SalesAgreement(Keyed):
    """A sales agreement: its agents, its capacity, and what the agents are paid.

    Attributes:
        shared: The pool that the agreement belongs to.
    """

    title: str | None = figure("Title of the agreement", rule=TEXT, optional=True)
    dated: datetime.date | None = figure("Date of the agreement", optional=True)
    agents: tuple[str, ...] | None = figure(
        "Agents, who sell under one capacity", rule=AGENTS, optional=True
    )
    capacity: Exact | None = figure(
        "Gross proceeds that may be sold in all", USD, POSITIVE, optional=True
    )
    capacity_shares: int | None = figure(
        "Shares that may be sold in all", SHARES, POSITIVE, optional=True
    )
    pool: str | None = word("Key of the pool whose capacity the agreement shares", (), None)
    rate: Exact | None = figure("Commission on gross proceeds", FRACTION, SHARE, optional=True)
    rate_is: str = word(
        "Whether a sale bears this commission, or its own of at most it", (FIXED, AT_MOST), FIXED
    )
    tiers: tuple[FeeTier, ...] = part(
        "Commission, marginal by cumulative gross proceeds", several=True
    )
    expense_reimbursement: Exact | None = figure(
        "Agent's out-of-pocket expenses reimbursed, at most", USD, NOT_NEGATIVE, optional=True
    )
    delivery_sessions: int | None = figure(
        "Shares are delivered after the sale by", SESSIONS, POSITIVE, optional=True
    )
    delivery_calendar: str = word(
        "What delivery is counted in: sessions of the exchange, or those that are no bank holidays",
        (SESSIONS, SETTLEMENT_DAYS),
        SESSIONS,
    )
    standstill_before: int | None = figure(
        "Standstill begins before terms are agreed by", SESSIONS, NOT_NEGATIVE, optional=True
    )
    standstill_after: int | None = figure(
        "Standstill ends after the last settlement by", SESSIONS, NOT_NEGATIVE, optional=True
    )
    warrants: AgentWarrants | None = part("Warrants earned by the agents", optional=True)
    shared: Pool | None = field(default=None)

    def __post_init__(self) -> None:
        """Check the figures, and that capacity and commission are each given once."""
        super().__post_init__()
        refuse_many("agents", self.agents or ())
        if self.capacity is not None and self.capacity_shares is not None:
            raise FigureError("capacity_shares", "must be left out: there is a capacity in USD")
        if self.pool is not None:
            refuse_figures(self, ("capacity", "capacity_shares"), "the pool has the capacity")
            if self.tiers:
                raise FigureError("tiers", "must be left out: an agreement of a pool has one rate")
            if self.rate is not None and self.shared is not None and self.shared.tiers:
                raise FigureError("rate", "must be left out: the pool has tiers")
        if self.tiers and self.rate is not None:
            raise FigureError("rate", "must be left out: there are tiers")
        _check_tiers(self.tiers, self.capacity)

    @property
    def limit(self) -> Exact | None:
        """Gross proceeds that may be sold in all, by the agreement or its pool, USD."""
        return self.shared.capacity if self.shared is not None else self.capacity

    @property
    def limit_shares(self) -> int | None:
        """Shares that may be sold in all, by the agreement or its pool."""
        return self.shared.capacity_shares if self.shared is not None else self.capacity_shares

    @cached_property
    def room(self) -> Room | None:
        """The capacity in dollars, ready for arithmetic; None where there is none."""
        limit = self.limit
        if limit is None:
            return None
        exact = Fraction(limit)
        return Room(limit, float(limit), Fraction(float(limit)) == exact, self._capacity_words)

    @property
    def _capacity_words(self) -> str:
        return "the agreement's capacity" if self.shared is None else "the pool's capacity"

    @cached_property
    def schedule(self) -> Schedule | None:
        """The commission, ready for arithmetic; None where the deal has none."""
        tiers = self.tiers or (self.shared.tiers if self.shared is not None else ())
        limit = self.limit
        found = [(tier.up_to, tier.rate) for tier in tiers]
        if self.rate is not None:
            found = [(limit, self.rate)]
        if not found:
            return None
        if limit is None:
            limit, words = found[-1][0], "the commission's last tier"
        else:
            words = self._capacity_words
            found[-1] = (limit, found[-1][1])
        return tiered(found, limit, words)._replace(at_most=self.rate_is == AT_MOST)
