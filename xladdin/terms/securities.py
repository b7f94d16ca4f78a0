"""The issuer's stock and securities: caps on shares, instruments, tables, capitalisation."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from xladdin.terms.exact import (
    Limit,
    ratio,
)
from xladdin.terms.fields import (
    FRACTION,
    MONTHS,
    NOT_NEGATIVE,
    PART,
    POSITIVE,
    SHARE,
    SHARES,
    TEXT,
    USD,
    USD_A_SHARE,
    Exact,
    Figure,
    FigureError,
    Record,
    as_decimal,
    figure,
    refuse_many,
    word,
)
from xladdin.terms.records import (
    BELOW_ONE,
    FULL_RATCHET,
    ROUNDINGS,
    Keyed,
    as_ratio,
    need_figures,
    refuse_figures,
)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Capitalisation(Record):
    """The issuer's stock, and the securities that may still be added to it."""

    authorised: int = figure("Authorised common stock", SHARES, POSITIVE)
    outstanding: int = figure("Shares outstanding", SHARES, POSITIVE)
    outstanding_date: datetime.date = figure("Day of that count")
    later_outstanding: int | None = figure(
        "Shares outstanding, later count", SHARES, POSITIVE, optional=True
    )
    later_outstanding_date: datetime.date | None = figure("Day of the later count", optional=True)
    options_and_warrants: int = figure(
        "Shares under options and warrants outstanding", SHARES, NOT_NEGATIVE
    )
    exercisable_now: int | None = figure(
        "Of those, exercisable now", SHARES, NOT_NEGATIVE, optional=True
    )
    voting_shares: int | None = figure(
        "Shares of holders with voting agreements", SHARES, NOT_NEGATIVE, optional=True
    )
    voting_warrants: int | None = figure("Their warrants", SHARES, NOT_NEGATIVE, optional=True)
    voting_within_60_days: int | None = figure(
        "Of those, issuable at their option within 60 days", SHARES, NOT_NEGATIVE, optional=True
    )
    shelf_shares: int | None = figure(
        "Shares issued under the shelf before", SHARES, NOT_NEGATIVE, optional=True
    )
    shelf_proceeds: Decimal | None = figure(
        "Gross proceeds of those", USD, NOT_NEGATIVE, optional=True
    )
    shelf_warrants: int | None = figure(
        "Warrants issued under the shelf before", SHARES, NOT_NEGATIVE, optional=True
    )
    shelf_warrant_price: Exact | None = figure(
        "Their weighted average exercise price", USD_A_SHARE, POSITIVE, optional=True
    )
    last_sale: Exact = figure("Last sale price", USD_A_SHARE, POSITIVE)
    last_sale_date: datetime.date = figure("Day of the last sale")
    year_high: Exact | None = figure(
        "Highest price of the last year", USD_A_SHARE, POSITIVE, optional=True
    )
    year_low: Exact | None = figure(
        "Lowest price of the last year", USD_A_SHARE, POSITIVE, optional=True
    )
    monthly_cash_use: Decimal | None = figure(
        "Cash used a month, more than", USD, NOT_NEGATIVE, optional=True
    )

    def __post_init__(self) -> None:
        """Check the figures, and that figures which belong together are all there."""
        super().__post_init__()
        for names in (
            ("later_outstanding", "later_outstanding_date"),
            ("voting_shares", "voting_warrants"),
            ("shelf_shares", "shelf_proceeds"),
            ("shelf_warrants", "shelf_warrant_price"),
            ("year_high", "year_low"),
        ):
            missing = [name for name in names if getattr(self, name) is None]
            if len(missing) == 1:
                (given,) = set(names) - set(missing)
                raise FigureError(missing[0], f"is missing; {given} needs it beside it")
        if self.voting_within_60_days is not None and self.voting_warrants is None:
            raise FigureError(
                "voting_warrants", "is missing; voting_within_60_days needs it beside it"
            )

    @property
    def latest_outstanding(self) -> int:
        """Shares outstanding by the latest count in the document."""
        return self.outstanding if self.later_outstanding is None else self.later_outstanding

    @property
    def latest_outstanding_date(self) -> datetime.date:
        """Day of that count."""
        return self.later_outstanding_date or self.outstanding_date


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Expenses(Record):
    """Costs of the offering beside the commission."""

    advisory_retainer: Decimal = figure("Advisory retainer, a year", USD, NOT_NEGATIVE)
    advisory_deposit: Decimal = figure("Deposit on advisory expenses", USD, NOT_NEGATIVE)
    advisory_share: Decimal = figure(
        "Part of retainer and deposit that falls to each agreement", FRACTION, SHARE
    )
    other_offering: Decimal = figure("Other expenses of the offering, estimate", USD, NOT_NEGATIVE)


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
            need_figures(self, ("rate",), f"a cap of kind {self.kind!r} is a part")
            refuse_figures(self, ("base", "lifted_at"), f"a cap of kind {self.kind!r} has none")
            if self.inclusive is False:
                # Neither function takes such a limit; a part just below it says the same.
                reason = f"must not be false: a cap of kind {self.kind!r} may itself be reached"
                raise FigureError("inclusive", f"{reason}; state the greatest rate that is allowed")
        if self.kind != "float":
            refuse_figures(self, ("months", "below_float"), "they belong to a cap of kind 'float'")
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
            rate=as_ratio(self.rate),
            shares=ratio(self.shares or 0),
            base=ratio(self.base or 0),
            inclusive=self.inclusive is not False,
            lifted_at=None if self.lifted_at is None else Fraction(self.lifted_at),
            months=self.months or 12,
            below_float=self.below_float,
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MakeWholeTable(Keyed):
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
        refuse_many("columns", self.columns)
        refuse_many("rows", self.rows)
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns) + 1:
                reason = f"must hold a heading and {len(self.columns)} figures"
                raise FigureError(f"rows[{number}]", reason)
        for key, headings in (("columns", self.columns), ("rows", [row[0] for row in self.rows])):
            steps = [one < other for one, other in pairwise(headings)]
            if len(set(steps)) > 1 or any(one == other for one, other in pairwise(headings)):
                raise FigureError(key, "must have headings that rise, or fall")

    def cells(self) -> Iterator[Figure]:
        """Yield each heading and figure of the table, by its dotted name in the deal."""
        prefix, of = f"grids.{self.key}", f"of {self.title}" if self.title else "of the table"

        def cell(name: str, value: Exact, meaning: str, entry: str) -> Figure:
            source = self.sources[entry]
            return Figure(f"{prefix}.{name}", as_decimal(value), "", f"{meaning} {of}", source)

        for at, column in enumerate(self.columns, 1):
            yield cell(f"column_{at}.heading", column, f"Heading of column {at}", "columns")
        for number, (heading, *found) in enumerate(self.rows, 1):
            yield cell(f"row_{number}.heading", heading, f"Heading of row {number}", "rows")
            for at, value in enumerate(found, 1):
                column = as_decimal(self.columns[at - 1])
                meaning = f"Row {as_decimal(heading):f}, column {column:f}"
                yield cell(f"row_{number}.column_{at}", value, meaning, "rows")


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
