"""Price formulas: legs over windows of quotations, and how one price comes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from xladdin.terms.exact import (
    CLOSING_BID,
    MARKET_PRICE,
    MARKET_VALUE,
    Leg,
    PriceRule,
    heading,
    ratio,
)
from xladdin.terms.fields import (
    DAYS,
    MULTIPLE,
    NOT_NEGATIVE,
    POSITIVE,
    SESSIONS,
    USD_A_SHARE,
    Exact,
    FigureError,
    Record,
    figure,
    part,
    refuse_many,
    word,
)
from xladdin.terms.records import (
    FIXED,
    NEAREST,
    ROUNDINGS,
    STEP,
    Keyed,
    as_ratio,
    check_below,
    need_figures,
    refuse_figures,
)


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
        "First session of the window: -1 before the anchor, 0 on or after it",
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
            need_figures(self, ("price",), "the leg is fixed")
            refuse_figures(self, ("of", "multiple", "floor"), "the leg is fixed")
            if conditional:
                need_figures(self, ("when_of",), "a fixed leg has no quotations of its own")
            else:
                refuse_figures(self, ("first", "last", "lowest"), "the leg follows no quotations")
        else:
            refuse_figures(self, ("price",), "the leg follows quotations")
            need_figures(self, ("of", "multiple"), "the leg follows quotations")
        if self.when_of is not None and not conditional:
            raise FigureError("when_of", "must be left out: no threshold is given")
        self._check_window(needed=self.kind != FIXED or conditional)
        check_below(self, "after_days", "until_days")
        check_below(self, "when_at_least", "when_below")

    def _check_window(self, *, needed: bool) -> None:
        if not needed:
            return
        missing = [key for key, at in (("from", self.first), ("to", self.last)) if at is None]
        if missing:
            also = ", and to" if len(missing) > 1 else ""
            raise FigureError(missing[0], f"is missing{also}: the leg follows quotations")
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
            price=as_ratio(self.price),
            of=heading(self.of or ""),
            multiple=ratio(self.multiple or 1),
            first=self.first or 0,
            last=self.last or 0,
            at_issue=self.anchor == "issue",
            lowest=self.lowest or 0,
            after_days=self.after_days,
            until_days=self.until_days,
            when_of=heading(self.when_of or self.of or "") if conditional else "",
            when_below=as_ratio(self.when_below),
            when_at_least=as_ratio(self.when_at_least),
            floor=as_ratio(self.floor),
            fixed=self.fixed,
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PriceFormula(Keyed):
    """A price formula: the least, or the greatest, of its legs, then bounds and rounding."""

    legs: tuple[PriceLeg, ...] = part("Legs of the formula")
    take: str = word("Which leg is the price", ("least", "greatest"), "least")
    floor: Exact | None = figure("The price at least", USD_A_SHARE, POSITIVE, optional=True)
    cap: Exact | None = figure("The price at most", USD_A_SHARE, POSITIVE, optional=True)
    add: Exact | None = figure("Added to the price after floor and cap", USD_A_SHARE, optional=True)
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
        if self.rounding != NEAREST and self.round_to is None:
            raise FigureError("round", "must be left out: round_to does not say to what")

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

    @property
    def needs_issue(self) -> bool:
        """Whether the price needs the day on which something was issued."""
        return any(
            leg.anchor == "issue" or leg.after_days is not None or leg.until_days is not None
            for leg in self.legs
        )

    @cached_property
    def formula(self) -> PriceRule:
        """The formula, ready for arithmetic."""
        return PriceRule(
            tuple(leg.exact for leg in self.legs),
            least=self.take == "least",
            floor=as_ratio(self.floor),
            cap=as_ratio(self.cap),
            add=as_ratio(self.add),
            round_to=as_ratio(self.round_to),
            rounding=self.rounding,
            fixed=self.fixed,
        )
