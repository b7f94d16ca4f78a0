"""The records of a deal of any kind: what a file of format 2 says.

A contract is data here, and not only the figures of one kind of contract: price formulas of any
legs, schedules of fees, caps, dated actions, instruments. A deal of format 1 is turned into these
records when it is read (`conversion`), so that one arithmetic computes all.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import Field, dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, TypeVar

from xladdin.terms.exact import (
    CLOSING_BID,
    MARKET_PRICE,
    MARKET_VALUE,
    Formula,
    Leg,
    Limit,
    Ratio,
    Room,
    Schedule,
    heading,
    ratio,
    tiered,
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
    Exact,
    FigureError,
    FigureValue,
    Record,
    Rule,
    figure,
    part,
    refuse_many,
    word,
)
from xladdin.terms.model import Capitalisation, Expenses

MONTHS: Final = "months"
STEP: Final = "USD"
"""Unit of what a price is rounded to, which no split moves."""

HALVES: Final = Rule(
    "at least 0, in halves of a year",
    lambda value: (
        value >= 0
        and value % 1
        in (
            0,
            Decimal("0.5"),
        )
    ),
)
BELOW_ONE: Final = Rule("from 0 to less than 1", lambda value: 0 <= value < 1)
AT_LEAST_ONE: Final = Rule("at least 1", lambda value: value >= 1)
AGENTS: Final = Rule(
    "one or more different names, none of them empty",
    lambda names: all(name.strip() for name in names) and len(set(names)) == len(names) > 0,
)
ANY: Final = Rule("any", lambda _: True)

FULL_RATCHET: Final = "full ratchet"
FIXED: Final = "fixed"
AT_MOST: Final = "at most"
NEAREST: Final = "nearest"
ROUNDINGS: Final = (NEAREST, "down", "up")
IN_USD: Final = "USD"
MOST_CELLS: Final = 10_000
"""Greatest number of figures in a table."""


def _ratio(number: Exact | int | None) -> Ratio | None:
    return None if number is None else ratio(number)


def _together(record: Record, *names: str) -> None:
    """Raise `FigureError` where some but not all of the fields are given."""
    missing = [name for name in names if getattr(record, name) is None]
    if missing and len(missing) < len(names):
        (given, *_) = (name for name in names if name not in missing)
        raise FigureError(missing[0], f"is missing; {given} needs it beside it")


def _refuse(record: Record, names: Iterable[str], why: str) -> None:
    for name in names:
        if getattr(record, name) is not None:
            raise FigureError(name, f"must be left out: {why}")


def _need(record: Record, names: Iterable[str], why: str) -> None:
    for name in names:
        if getattr(record, name) is None:
            raise FigureError(name, f"is missing: {why}")


def _check_below(record: Record, name: str, other: str) -> None:
    """Raise `FigureError` unless one figure is below another, where both are given."""
    low, high = getattr(record, name), getattr(record, other)
    if low is not None and high is not None and low >= high:
        raise FigureError(name, f"must be below {other}, {high}")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Keyed(Record):
    """A record that has a name of its own in the deal.

    Attributes:
        key: The name.
    """

    key: str


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
        _together(self, "count", "over")
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
        "Whether delivery is counted in sessions, or in those that are no bank holidays",
        (SESSIONS, "settlement"),
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
        if self.delivery_calendar != SESSIONS:
            reason = "must be 'sessions': no function counts days on which banks are open"
            raise FigureError("delivery_calendar", reason)
        if self.capacity is not None and self.capacity_shares is not None:
            raise FigureError("capacity_shares", "must be left out: there is a capacity in USD")
        if self.pool is not None:
            _refuse(self, ("capacity", "capacity_shares"), "the pool has the capacity")
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


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PriceLeg(Record):
    """One leg of a price formula."""

    kind: str = word("Whether the leg is one price, or follows quotations", (FIXED, "series"))
    price: Exact | None = figure("The price", USD_A_SHARE, POSITIVE, optional=True)
    of: str | None = word("Heading of the column of the quotations", (), None)
    multiple: Exact | None = figure(
        "The leg over the average of the quotations", MULTIPLE, POSITIVE, optional=True
    )
    first: int | None = figure(
        "First session of the window: -1 the session before the anchor, 0 the anchor or the next "
        "session",
        SESSIONS,
        optional=True,
        key="from",
    )
    last: int | None = figure("Last session of the window", SESSIONS, optional=True, key="to")
    anchor: str = word("The day from which the window is counted", ("event", "issue"), "event")
    lowest: int | None = figure(
        "Number of the lowest quotations averaged; all of the window if not given",
        "quotations",
        POSITIVE,
        optional=True,
    )
    after_days: int | None = figure(
        "The leg counts only when more has passed since issue than",
        DAYS,
        NOT_NEGATIVE,
        optional=True,
    )
    until_days: int | None = figure(
        "The leg counts only while no more has passed since issue than",
        DAYS,
        NOT_NEGATIVE,
        optional=True,
    )
    when_below: Exact | None = figure(
        "The leg counts only while the average is below", USD_A_SHARE, POSITIVE, optional=True
    )
    when_at_least: Exact | None = figure(
        "The leg counts only while the average is at least", USD_A_SHARE, POSITIVE, optional=True
    )
    when_of: str | None = word(
        "Heading of the column whose average decides; the leg's own if not given", (), None
    )
    floor: Exact | None = figure("The leg at least", USD_A_SHARE, POSITIVE, optional=True)

    def __post_init__(self) -> None:
        """Check the figures, and that they make one leg."""
        super().__post_init__()
        conditional = self.when_below is not None or self.when_at_least is not None
        if self.kind == FIXED:
            _need(self, ("price",), "the leg is fixed")
            _refuse(self, ("of", "multiple", "floor"), "the leg is fixed")
            if conditional:
                _need(self, ("when_of",), "a fixed leg has no quotations of its own")
            else:
                _refuse(self, ("first", "last", "lowest"), "the leg follows no quotations")
        else:
            _refuse(self, ("price",), "the leg follows quotations")
            _need(self, ("of", "multiple"), "the leg follows quotations")
        if self.when_of is not None and not conditional:
            raise FigureError("when_of", "must be left out: no threshold is given")
        self._check_window(needed=self.kind != FIXED or conditional)
        _check_below(self, "after_days", "until_days")
        _check_below(self, "when_at_least", "when_below")

    def _check_window(self, *, needed: bool) -> None:
        if not needed:
            return
        for name, key in (("first", "from"), ("last", "to")):
            if getattr(self, name) is None:
                raise FigureError(key, "is missing: the leg follows quotations")
        assert self.first is not None
        assert self.last is not None
        if self.first > self.last:
            raise FigureError("from", f"must not be after to, {self.last}")
        sessions = self.last - self.first + 1
        if self.lowest is not None and self.lowest > sessions:
            raise FigureError("lowest", f"must not be more than the window has, {sessions}")

    @cached_property
    def exact(self) -> Leg:
        """The leg, ready for arithmetic."""
        conditional = self.when_below is not None or self.when_at_least is not None
        return Leg(
            price=_ratio(self.price),
            of=heading(self.of or ""),
            multiple=ratio(self.multiple or 1),
            first=self.first or 0,
            last=self.last or 0,
            at_issue=self.anchor == "issue",
            lowest=self.lowest or 0,
            after_days=self.after_days,
            until_days=self.until_days,
            when_of=heading(self.when_of or self.of or "") if conditional else "",
            when_below=_ratio(self.when_below),
            when_at_least=_ratio(self.when_at_least),
            floor=_ratio(self.floor),
            fixed=self.fixed,
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PriceFormula(Keyed):
    """A price formula: the least, or the greatest, of its legs, then bounds and rounding."""

    legs: tuple[PriceLeg, ...] = part("Legs of the formula")
    take: str = word("Which leg is the price", ("least", "greatest"), "least")
    floor: Exact | None = figure("The price at least", USD_A_SHARE, POSITIVE, optional=True)
    cap: Exact | None = figure("The price at most", USD_A_SHARE, POSITIVE, optional=True)
    add: Exact | None = figure("Added to the price", USD_A_SHARE, optional=True)
    round_to: Exact | None = figure("The price is a multiple of", STEP, POSITIVE, optional=True)
    rounding: str = word("How it becomes one; halves go up", ROUNDINGS, NEAREST, key="round")

    def __post_init__(self) -> None:
        """Check the figures, and that there is a leg."""
        super().__post_init__()
        if not self.legs:
            raise FigureError("legs", "needs at least one leg")
        refuse_many("legs", self.legs)
        if self.floor is not None and self.cap is not None and self.floor > self.cap:
            raise FigureError("floor", f"must not be above cap, {self.cap}")

    @cached_property
    def follows_one_session(self) -> bool:
        """Whether the formula needs no more than the bid and market price of the session itself."""
        columns = {"", CLOSING_BID, MARKET_PRICE, MARKET_VALUE}
        return all(
            {leg.of, leg.when_of} <= columns
            and (leg.first, leg.last, leg.at_issue) == (0, 0, False)
            and (leg.after_days, leg.until_days) == (None, None)
            for leg in self.formula.legs
        )

    @cached_property
    def formula(self) -> Formula:
        """The formula, ready for arithmetic."""
        return Formula(
            tuple(leg.exact for leg in self.legs),
            least=self.take == "least",
            floor=_ratio(self.floor),
            cap=_ratio(self.cap),
            add=_ratio(self.add),
            round_to=_ratio(self.round_to),
            rounding=self.rounding,
            fixed=self.fixed,
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Cap(Keyed):
    """A cap on shares, or on dollars sold."""

    kind: str = word(
        "What is capped: shares of one issue, dollars by the public float, a holder's part of all "
        "shares, authorised or registered shares",
        ("issue", "float", "ownership", "authorised", "registered"),
    )
    rate: Exact | None = figure("Part of the base", FRACTION, PART, optional=True)
    shares: int | None = figure("The cap as a count", SHARES, POSITIVE, optional=True)
    base: int | None = figure(
        "Shares that the rate is of, before signing; of a count, shares used up before. Those "
        "outstanding by the capitalisation if not given, of authorised shares too",
        SHARES,
        NOT_NEGATIVE,
        optional=True,
    )
    inclusive: bool | None = word("Whether the cap itself may be reached", (), None)
    lifted_at: Exact | None = figure(
        "Average price from which the cap is off", USD_A_SHARE, POSITIVE, optional=True
    )
    months: int | None = figure("Sales of so many months count", MONTHS, POSITIVE, optional=True)
    below_float: Exact | None = figure(
        "Public float from which the cap is off", USD, POSITIVE, optional=True
    )

    def __post_init__(self) -> None:
        """Check the figures, and that they fit the kind."""
        super().__post_init__()
        if (self.rate is None) == (self.shares is None):
            raise FigureError("rate", "or shares is needed, and not both")
        if self.kind in ("float", "ownership"):
            _need(self, ("rate",), f"a cap of kind {self.kind!r} is a part")
            _refuse(self, ("base", "lifted_at"), f"a cap of kind {self.kind!r} has none")
        if self.kind != "float":
            _refuse(self, ("months", "below_float"), "they belong to a cap of kind 'float'")
        if self.kind == "issue" and self.inclusive is None:
            raise FigureError("inclusive", "is missing: true for 19.99%, false for '20% or more'")
        if self.kind in ("authorised", "registered") and self.shares is None:
            raise FigureError("shares", f"is missing: a cap of kind {self.kind!r} is a count")

    @cached_property
    def limit(self) -> Limit:
        """The cap, ready for arithmetic."""
        return Limit(
            self.key,
            self.kind,
            rate=_ratio(self.rate),
            shares=ratio(self.shares or 0),
            base=ratio(self.base or 0),
            inclusive=self.inclusive is not False,
            lifted_at=None if self.lifted_at is None else Fraction(self.lifted_at),
            months=self.months or 12,
            below_float=self.below_float,
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Grid(Keyed):
    """A table of a redemption or make-whole clause."""

    title: str | None = word("What the table is of", (), None)
    reading: str | None = word("How dashes and gaps of the printed table are read", (), None)
    columns: tuple[Exact, ...] = figure("Headings of the columns")
    rows: tuple[tuple[Exact, ...], ...] = figure("Rows: a heading, then the figures")

    def __post_init__(self) -> None:
        """Check that the table is a rectangle of numbers under headings that rise or fall."""
        super().__post_init__()
        if not self.columns or not self.rows:
            raise FigureError("rows", "must hold at least one figure")
        if len(self.columns) * len(self.rows) > MOST_CELLS:
            raise FigureError("rows", f"must hold at most {MOST_CELLS:,} figures")
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns) + 1:
                reason = f"must hold a heading and {len(self.columns)} figures"
                raise FigureError(f"rows[{number}]", reason)
        for key, headings in (("columns", self.columns), ("rows", [row[0] for row in self.rows])):
            steps = [one < other for one, other in pairwise(headings)]
            if len(set(steps)) > 1 or any(one == other for one, other in pairwise(headings)):
                raise FigureError(key, "must have headings that rise, or fall")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Action(Record):
    """Something that changes the deal from a day on."""

    kind: str = word("What happens", ("split", "amendment", "issue"))
    date: datetime.date = figure("Day from which it holds")
    ratio: Exact | int | None = figure(
        "Old shares for each new share", "old per new", POSITIVE, optional=True
    )
    amended: str | None = word(
        "The figure that is amended, by its dotted name", (), None, key="figure"
    )
    value: FigureValue | None = figure("What it is from that day on", optional=True)
    shares: int | None = figure("Shares issued", SHARES, POSITIVE, optional=True)
    price: Exact | None = figure("Price of those", USD_A_SHARE, NOT_NEGATIVE, optional=True)

    def __post_init__(self) -> None:
        """Check the figures, and that they fit the kind."""
        super().__post_init__()
        own = {
            "split": ("ratio",),
            "amendment": ("amended", "value"),
            "issue": ("shares", "price"),
        }
        for kind, names in own.items():
            for name in names:
                key = "figure" if name == "amended" else name
                if kind == self.kind and getattr(self, name) is None:
                    raise FigureError(key, f"is missing: the action is of kind {kind!r}")
                if kind != self.kind and getattr(self, name) is not None:
                    raise FigureError(key, f"must be left out: the action is of kind {self.kind!r}")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Instrument(Keyed):
    """A security of the issuer."""

    kind: str = word(
        "What it is",
        (
            "common",
            "option",
            "restricted stock unit",
            "warrant",
            "pre-funded warrant",
            "note",
            "preferred",
        ),
    )
    count: int | None = figure("Number outstanding", SHARES, NOT_NEGATIVE, optional=True)
    original_count: int | None = figure(
        "Number issued at first", SHARES, NOT_NEGATIVE, optional=True
    )
    principal: Exact | None = figure("Principal", USD, POSITIVE, optional=True)
    price: Exact | None = figure(
        "Exercise or conversion price", USD_A_SHARE, NOT_NEGATIVE, optional=True
    )
    formula: str | None = word("Key of the price formula that gives it", (), None)
    available_from: Exact | None = figure(
        "Market price from which it serves as financing", USD_A_SHARE, NOT_NEGATIVE, optional=True
    )
    holders: int | None = figure("Number of holders", "holders", NOT_NEGATIVE, optional=True)
    per_holder: int | None = figure("Held by each of them", SHARES, NOT_NEGATIVE, optional=True)
    exercised: int | None = figure(
        "Shares issued on exercise so far", SHARES, NOT_NEGATIVE, optional=True
    )
    exercised_proceeds: Exact | None = figure(
        "Proceeds of exercise so far, approximate", USD, NOT_NEGATIVE, optional=True
    )
    issued: datetime.date | None = figure("Day of issue", optional=True)
    exercisable: datetime.date | None = figure("Day from which it may be exercised", optional=True)
    expires: datetime.date | None = figure("Day on which it expires or matures", optional=True)
    due: str | None = figure("When it was to be sold", rule=TEXT, optional=True)
    status: str | None = figure("What became of it", rule=TEXT, optional=True)
    interest: Exact | None = figure("Interest a year", FRACTION, SHARE, optional=True)
    issue_price: Exact | None = figure("Issue price over principal", FRACTION, PART, optional=True)
    blocker: Exact | None = figure(
        "A holder's part of all shares at most", FRACTION, BELOW_ONE, optional=True
    )
    anti_dilution: str | None = word(
        "How a cheaper issue lowers its price", ("weighted average", FULL_RATCHET), None
    )
    rounding: str = word("How shares of a conversion become whole", ROUNDINGS, "down")

    def __post_init__(self) -> None:
        """Check the figures, and that they fit together."""
        super().__post_init__()
        if self.price is not None and self.formula is not None:
            raise FigureError("price", "must be left out: a formula gives it")
        if self.count is None and self.principal is None:
            raise FigureError("count", "or principal is needed")
        dates = [
            (name, day)
            for name in ("issued", "exercisable", "expires")
            if (day := getattr(self, name)) is not None
        ]
        for (name, day), (later, other) in pairwise(dates):
            if day > other:
                raise FigureError(later, f"must not be before {name}, {day}")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CompensationLimits(Record):
    """Limits of the self-regulator on an agent's compensation."""

    warrant_cap: Exact | None = figure(
        "Agent's warrants over shares sold, at most", FRACTION, SHARE, optional=True
    )
    compensation_cap: Exact | None = figure(
        "Agent's whole compensation over proceeds, at most", FRACTION, SHARE, optional=True
    )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PrintedFigure(Record):
    """A figure that the document prints, and what must reproduce it.

    Attributes:
        sources: Where it is printed, by the name "value".
    """

    name: str = word("Name of the figure")
    value: str = figure("The figure as printed", rule=TEXT)
    call: str | None = word("A formula that gives it", (), None)
    workbook: str | None = word("A workbook that shows it", (), None)
    cell: str | None = word("The defined name of its cell", (), None)
    exception: str | None = word("Why nothing gives it", (), None)

    def __post_init__(self) -> None:
        """Check the figure, and that one thing reproduces it."""
        super().__post_init__()
        _together(self, "workbook", "cell")
        if sum(name is not None for name in (self.call, self.workbook, self.exception)) != 1:
            raise FigureError("call", "or workbook and cell, or exception is needed, and only one")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CitationException(Record):
    """Figures that do not stand on the pages that they cite, and why."""

    figures: tuple[str, ...] = word("The figures, by their dotted names")
    follows: str | None = word(
        "The figure, or the sum of figures, that gives them: names with + or - between", (), None
    )
    printed: str | None = word("Words that stand on the page in their place", (), None)
    reason: str = word("Why they do not stand there")

    def __post_init__(self) -> None:
        """Check that figures are named, and what there is in their place."""
        super().__post_init__()
        if not self.figures:
            raise FigureError("figures", "must name at least one figure")
        if self.follows is None and self.printed is None:
            raise FigureError("printed", "or follows is needed")


ADJUSTED: Final = "adjusted"
QUOTES_ARE: Final = ("as traded", ADJUSTED)
"""Whether quotations from before a split are as they were traded, or carried over it already."""

_Key = TypeVar("_Key", bound=Keyed)


@dataclass(frozen=True, kw_only=True)
class Deal:
    """A deal: everything its documents fix.

    Attributes:
        name: The deal's name in a `terms` text, such as ``"NEOT-2001"``.
        issuer: The issuer's name.
        ticker: Its ticker symbol.
        document: Title of the source document.
        document_date: Its date.
        calendar: ISO 10383 code of the exchange calendar that gives the sessions.
        quotes_are: One of `QUOTES_ARE`.
    """

    name: str
    issuer: str
    ticker: str
    document: str
    document_date: datetime.date
    calendar: str
    quotes_are: str = QUOTES_ARE[0]
    pools: tuple[Pool, ...] = part("Capacities that several agreements share", several=True)
    agreements: tuple[SalesAgreement, ...] = part(
        "Sales agreements; the first is the default", several=True
    )
    prices: tuple[PriceFormula, ...] = part("Price formulas", several=True)
    fees: tuple[FeeSchedule, ...] = part("Schedules of fees", several=True)
    caps: tuple[Cap, ...] = part("Caps on shares and dollars", several=True)
    limits: CompensationLimits | None = part(
        "Limits of the self-regulator on compensation", optional=True
    )
    expenses: Expenses | None = part("Costs beside the commission", optional=True)
    instruments: tuple[Instrument, ...] = part("Securities of the issuer", several=True)
    capitalisation: Capitalisation | None = part("The issuer's stock", optional=True)
    grids: tuple[Grid, ...] = part("Tables of redemption and make-whole clauses", several=True)
    actions: tuple[Action, ...] = part("What changes the deal, by day", several=True)
    printed: tuple[PrintedFigure, ...] = part("Figures that the document prints", several=True)
    exceptions: tuple[CitationException, ...] = part(
        "Figures that do not stand where they are cited", several=True
    )

    def __post_init__(self) -> None:
        """Check that keys differ, that what is named is there, and that the deal has something."""
        refuse_many("exceptions", self.exceptions)
        for section, items in self.sections():
            refuse_many(section, items)
            keys = [key.casefold() for item in items if (key := _name_of(item))]
            if len(set(keys)) != len(keys):
                raise FigureError(section, "two of them have the same key")
        if not any(items for _, items in self.sections()) and not self.capitalisation:
            raise FigureError("agreements", "or prices, or another section is needed")
        for instrument in self.instruments:
            if instrument.formula is not None and self.find("prices", instrument.formula) is None:
                key = f"instruments.{instrument.key}.formula"
                raise FigureError(key, f"names no price formula of the deal: {instrument.formula}")

    def sections(self) -> Iterator[tuple[str, Sequence[Record]]]:
        """Yield the sections that hold several records, by their names."""
        for name in SECTIONS:
            yield name, getattr(self, name)

    def find(self, section: str, key: str) -> Any:
        """Find a record by its section and key, upper or lower case; None if there is none."""
        wanted = key.strip().casefold()
        return next((one for one in getattr(self, section) if one.key.casefold() == wanted), None)

    def formula(self, key: str) -> PriceFormula | None:
        """Find a price formula."""
        found: PriceFormula | None = self.find("prices", key)
        return found

    def cap(self, key: str) -> Cap | None:
        """Find a cap."""
        found: Cap | None = self.find("caps", key)
        return found

    def schedule(self, key: str) -> FeeSchedule | None:
        """Find a schedule of fees."""
        found: FeeSchedule | None = self.find("fees", key)
        return found


SECTIONS: Final = (
    "pools",
    "agreements",
    "prices",
    "fees",
    "caps",
    "instruments",
    "grids",
    "actions",
    "printed",
)
"""Sections of several records."""


def _name_of(item: Record) -> str:
    return str(getattr(item, "key", "") or getattr(item, "name", ""))
