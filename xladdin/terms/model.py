"""The records of a programme like that of 2001: what a file of format 1 says.

They are what the workbooks of such a programme show. A deal of any kind is in `deal`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from xladdin.terms.exact import (
    CLOSING_BID,
    MARKET_PRICE,
    MARKET_VALUE,
    Leg,
    Limit,
    PriceRule,
    ratio,
)
from xladdin.terms.fields import (
    DAYS,
    FRACTION,
    MULTIPLE,
    NOT_NEGATIVE,
    PART,
    POSITIVE,
    SESSIONS,
    SHARE,
    SHARES,
    TEXT,
    USD,
    USD_A_SHARE,
    YEARS,
    FigureError,
    Record,
    Rule,
    figure,
    part,
    refuse_many,
)
from xladdin.terms.securities import Capitalisation, Expenses

if TYPE_CHECKING:
    from xladdin.terms.deal import Deal

BASIS = Rule(
    f"{CLOSING_BID!r} or {MARKET_VALUE!r}", lambda value: value in (CLOSING_BID, MARKET_VALUE)
)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Tier(Record):
    """One tier of a marginal commission."""

    up_to: Decimal = figure("Cumulative gross proceeds at which this tier ends", USD, POSITIVE)
    rate: Decimal = figure("Commission on gross proceeds within this tier", FRACTION, SHARE)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PlacementWarrants(Record):
    """Warrants that the placement agent earns on shares sold."""

    rate: Decimal = figure("Warrants earned for each share sold", FRACTION, SHARE)
    exercise_multiple: Decimal = figure(
        "Exercise price over the volume-weighted average sale price", MULTIPLE, POSITIVE
    )
    life_years: int = figure("Life of the warrants", YEARS, POSITIVE)
    cashless_after_years: int = figure("Cashless exercise begins after", YEARS, NOT_NEGATIVE)
    transfer_lock_years: int = figure("Transfer is restricted for", YEARS, NOT_NEGATIVE)

    @cached_property
    def exact_rate(self) -> Fraction:
        """The rate as an exact fraction."""
        return Fraction(self.rate)

    @cached_property
    def exact_multiple(self) -> Fraction:
        """The exercise multiple as an exact fraction."""
        return Fraction(self.exercise_multiple)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Agreement(Record):
    """One sales agreement: its capacity, and the agent's compensation.

    Tiers accumulate within one agreement and are never pooled with another's.

    Attributes:
        key: Name after the slash in a `terms` text, such as ``"OTHER"``.
    """

    key: str
    title: str = figure("Title of the agreement", rule=TEXT)
    dated: datetime.date = figure("Date of the agreement")
    capacity: Decimal = figure("Gross proceeds that may be sold in all", USD, POSITIVE)
    tiers: tuple[Tier, ...] = part("Commission, marginal by cumulative gross proceeds")
    expense_reimbursement: Decimal = figure(
        "Agent's out-of-pocket expenses reimbursed, at most", USD, NOT_NEGATIVE
    )
    delivery_sessions: int = figure("Shares are delivered after the sale by", SESSIONS, POSITIVE)
    standstill_before: int = figure(
        "Standstill begins before terms are agreed by", SESSIONS, NOT_NEGATIVE
    )
    standstill_after: int = figure(
        "Standstill ends after the last settlement by", SESSIONS, NOT_NEGATIVE
    )
    warrants: PlacementWarrants | None = part("Warrants earned by the agent", optional=True)

    def __post_init__(self) -> None:
        """Check the figures, and that the tiers climb to the capacity."""
        super().__post_init__()
        if not self.tiers:
            raise FigureError("tiers", "needs at least one tier")
        refuse_many("tiers", self.tiers)
        reached = Decimal(0)
        for number, tier in enumerate(self.tiers, 1):
            if tier.up_to <= reached:
                raise FigureError(f"tiers[{number}].up_to", f"must be above {reached}")
            reached = tier.up_to
        if reached != self.capacity:
            raise FigureError(
                f"tiers[{len(self.tiers)}].up_to",
                f"must be the capacity, {self.capacity}: the last tier ends there",
            )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Limits(Record):
    """Limits set by the self-regulator and the exchange."""

    warrant_cap: Decimal = figure("Agent's warrants over shares sold, at most", FRACTION, SHARE)
    compensation_cap: Decimal = figure(
        "Agent's whole compensation over proceeds, at most", FRACTION, SHARE
    )
    exchange_limit: Decimal = figure(
        "Share of outstanding stock from which an issue needs stockholders' approval",
        FRACTION,
        PART,
    )

    @cached_property
    def exchange(self) -> Limit:
        """The exchange's limit as a cap, which must not be reached."""
        return Limit("exchange", "issue", rate=ratio(self.exchange_limit), inclusive=False)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ClassB(Record):
    """Warrants whose exercise price floats once a redemption notice is delivered.

    Splits move their cap alone.
    """

    fixed: frozenset[str] = field(
        default=frozenset({"low_price_threshold", "financing_floor"}), repr=False
    )
    original_issue: int = figure("Warrants issued at first", SHARES, NOT_NEGATIVE)
    outstanding: int = figure("Warrants outstanding", SHARES, NOT_NEGATIVE)
    per_holder: int = figure("Warrants held by each of the holders", SHARES, NOT_NEGATIVE)
    holders: int = figure("Number of holders", "holders", NOT_NEGATIVE)
    exercised: int = figure("Shares issued on exercise so far", SHARES, NOT_NEGATIVE)
    exercised_proceeds: Decimal = figure(
        "Proceeds of exercise so far, approximate", USD, NOT_NEGATIVE
    )
    cap_price: Decimal = figure(
        "Exercise price at most, adjusted for splits", USD_A_SHARE, POSITIVE
    )
    rate: Decimal = figure("Exercise price over the closing bid", FRACTION, POSITIVE)
    low_price_rate: Decimal = figure(
        "The same where the market price is below the threshold", FRACTION, POSITIVE
    )
    low_price_threshold: Decimal = figure(
        "Market price below which the lower rate holds", USD_A_SHARE, POSITIVE
    )
    financing_floor: Decimal = figure(
        "Market price from which the warrants serve as financing", USD_A_SHARE, NOT_NEGATIVE
    )

    @cached_property
    def exact_floor(self) -> Fraction:
        """The financing floor as an exact fraction."""
        return Fraction(self.financing_floor)

    @cached_property
    def formula(self) -> PriceRule:
        """The exercise price as a formula: the cap, and the rate that the market price decides."""
        bid = Leg(of=CLOSING_BID, when_of=MARKET_PRICE)
        threshold = ratio(self.low_price_threshold)
        return PriceRule(
            (
                Leg(price=ratio(self.cap_price)),
                bid._replace(
                    multiple=ratio(self.rate),
                    when_at_least=threshold,
                    fixed=frozenset({"when_at_least"}),
                ),
                bid._replace(
                    multiple=ratio(self.low_price_rate),
                    when_below=threshold,
                    fixed=frozenset({"when_below"}),
                ),
            )
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DebentureBlock(Record):
    """One block of debentures."""

    principal: Decimal = figure("Principal", USD, POSITIVE)
    due: str = figure("When it was to be sold", rule=TEXT)
    status: str = figure("What became of it", rule=TEXT)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Debentures(Record):
    """Convertible debentures whose conversion price floats after a while."""

    initial_multiple: Decimal = figure(
        "Initial conversion price over the average market value", MULTIPLE, POSITIVE
    )
    initial_sessions: int = figure("Window of that average, before issuance", SESSIONS, POSITIVE)
    floating_after_days: int = figure(
        "The price floats when more has passed since issuance than", DAYS, NOT_NEGATIVE
    )
    floating_multiple: Decimal = figure(
        "Floating conversion price over the average of the lowest bids", MULTIPLE, POSITIVE
    )
    lowest_bids: int = figure("Number of lowest closing bids averaged", "bids", POSITIVE)
    lookback_sessions: int = figure("Window of those bids, before conversion", SESSIONS, POSITIVE)
    lookback_basis: str | None = figure(
        "What the window's averages are of: closing bids, or market values such as a "
        "volume-weighted average; closing bids if not said",
        rule=BASIS,
        optional=True,
    )
    price_floor: Decimal | None = figure(
        "Conversion price at least", USD_A_SHARE, POSITIVE, optional=True
    )
    price_cap: Decimal | None = figure(
        "Conversion price at most", USD_A_SHARE, POSITIVE, optional=True
    )
    blocks: tuple[DebentureBlock, ...] = part("Blocks agreed")

    def __post_init__(self) -> None:
        """Check the figures, and that the window has as many bids as are averaged."""
        super().__post_init__()
        refuse_many("blocks", self.blocks)
        if self.lowest_bids > self.lookback_sessions:
            raise FigureError(
                "lowest_bids", f"must not be more than lookback_sessions, {self.lookback_sessions}"
            )
        if self.price_floor and self.price_cap and self.price_floor > self.price_cap:
            raise FigureError("price_floor", f"must not be above price_cap, {self.price_cap}")

    @cached_property
    def formula(self) -> PriceRule:
        """The conversion price as a formula: the initial leg, and the one that floats."""
        initial = Leg(
            of=MARKET_VALUE,
            multiple=ratio(self.initial_multiple),
            first=-self.initial_sessions,
            last=-1,
            at_issue=True,
        )
        floating = Leg(
            of=self.lookback_basis or CLOSING_BID,
            multiple=ratio(self.floating_multiple),
            lowest=self.lowest_bids,
            first=-self.lookback_sessions,
            last=-1,
            after_days=self.floating_after_days,
        )
        floor, cap = self.price_floor, self.price_cap
        return PriceRule(
            (initial, floating),
            floor=None if floor is None else ratio(floor),
            cap=None if cap is None else ratio(cap),
        )

    @property
    def averages_market_values(self) -> bool:
        """Whether the lookback window averages market values instead of closing bids."""
        return self.lookback_basis == MARKET_VALUE


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Printed(Record):
    """Results that the document itself prints, for reconciliation."""

    full_commission: Decimal | None = figure(
        "Commission on the first agreement's whole capacity", USD, NOT_NEGATIVE, optional=True
    )
    advisory_share: Decimal | None = figure(
        "Advisory share of each agreement", USD, NOT_NEGATIVE, optional=True
    )
    dilution: Decimal | None = figure(
        "Price effect if all options and warrants are exercised", FRACTION, SHARE, optional=True
    )
    voting_total: int | None = figure(
        "Shares and warrants under voting agreements", SHARES, NOT_NEGATIVE, optional=True
    )
    voting_share: Decimal | None = figure(
        "Shares under voting agreements over outstanding", FRACTION, SHARE, optional=True
    )
    voting_total_share: Decimal | None = figure(
        "The same with their warrants exercised", FRACTION, SHARE, optional=True
    )
    within_60_days_share: Decimal | None = figure(
        "Issuable within 60 days over outstanding", FRACTION, SHARE, optional=True
    )


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A deal: everything that its documents fix.

    Attributes:
        name: The deal's name in a `terms` text, such as ``"NEOT-2001"``.
        issuer: The issuer's name.
        ticker: Its ticker symbol.
        document: Title of the source document.
        document_date: Its date.
        calendar: ISO 10383 code of the exchange calendar.
        origin: The deal as a file of format 2 has it; None for a file of format 1.
    """

    name: str
    issuer: str
    ticker: str
    document: str
    document_date: datetime.date
    calendar: str
    agreements: tuple[Agreement, ...] = part("Sales agreements; the first is the default")
    limits: Limits | None = part("Limits of regulator and exchange", optional=True)
    expenses: Expenses | None = part("Costs beside the commission", optional=True)
    class_b: ClassB | None = part("Floating-price warrants", optional=True)
    debentures: Debentures | None = part("Convertible debentures", optional=True)
    capitalisation: Capitalisation | None = part("The issuer's stock", optional=True)
    printed: Printed | None = part("Results that the document prints", optional=True)
    origin: Deal | None = field(default=None, compare=False, repr=False)

    @cached_property
    def deal(self) -> Deal:
        """The deal as records of any kind; of a file of format 1, made of these."""
        if self.origin is not None:
            return self.origin
        from xladdin.terms.conversion import deal_of  # it needs this module first

        return deal_of(self)

    def __post_init__(self) -> None:
        """Check that agreements' keys differ."""
        refuse_many("agreements", self.agreements)
        keys = [agreement.key.casefold() for agreement in self.agreements]
        if len(set(keys)) != len(keys):
            raise FigureError("agreements", "two agreements have the same key")
