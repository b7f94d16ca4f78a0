"""What a deal has for equityline.xlsx: its agreement, price formulas, caps, fees, amendments."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple

from xladdin.core.limits import IN_SHARES
from xladdin.errors import REF, NothingToShowError
from xladdin.functions.limits import OWNERSHIP_LIMIT
from xladdin.terms.agreements import FeeSchedule, SalesAgreement
from xladdin.terms.exact import CLOSING_BID, EXCHANGE, MARKET_PRICE, MARKET_VALUE, heading
from xladdin.terms.fields import Exact
from xladdin.terms.price_formulas import PriceFormula, PriceLeg
from xladdin.terms.securities import Cap
from xladdin.terms.selection import Selection, selected
from xladdin.workbooks import quantities
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.terms_sheet import in_whole_shares

OF_FLOATING: Final = ("class_b", "debenture")
"""Price formulas that floating.xlsx is about."""

_OF_FORMULAS: Final = ("floor", "cap", "add", "round_to")
_OF_LEGS: Final = (
    "price",
    "multiple",
    "after_days",
    "until_days",
    "when_below",
    "when_at_least",
    "floor",
)
"""Figures that price formulas and their legs are worked out from; windows are their form."""

_USUAL_AMOUNT: Final = 5_000_000

DRAW: Final = "draw"
PREPAID: Final = "prepaid"
CONVERSION: Final = "conversion"
"""Kinds of rows: shares sold under the agreement; money paid under it before shares are issued;
shares issued for notes or for such money."""


class Stage(NamedTuple):
    """A time in which the figures of the price formulas stay as they are.

    Attributes:
        begins: Its first day.
        formulas: The formulas as they stand in it.
    """

    begins: datetime.date
    formulas: tuple[PriceFormula, ...]


class Changing(NamedTuple):
    """A figure of a price formula that is not the same in every stage.

    Attributes:
        name: Its dotted name.
        unit: Its unit.
        values: Its value in each stage.
        sources: Where each of them comes from.
    """

    name: str
    unit: str
    values: tuple[Exact | int, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class EquityLine:
    """An equity line, or notes that convert at prices by formula.

    Attributes:
        selection: The deal, with the agreement that the line is.
        first_day: First day that may be typed.
    """

    selection: Selection
    first_day: datetime.date

    @cached_property
    def formulas(self) -> tuple[PriceFormula, ...]:
        """The price formulas, as they stand on the deal's day."""
        return _formulas(self.selection)

    @cached_property
    def conversions(self) -> tuple[str, ...]:
        """Keys of the formulas at which notes and pre-paid advances convert."""
        found = self.selection.deal.conversion_formulas
        return tuple(one.key for one in self.formulas if one.key in found)

    @cached_property
    def prepaid(self) -> bool:
        """Whether money is paid under the agreement for which shares are issued later.

        It is what a formula converts that is no instrument's, or all that there is to draw.
        """
        if not self.conversions or not (self.has_capacity or self.fee or self.commitment):
            return False
        notes = {(one.formula or "").casefold() for one in self.selection.deal.instruments}
        draws = len(self.conversions) < len(self.formulas)
        return not draws or any(key.casefold() not in notes for key in self.conversions)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of rows that the deal can have."""
        draws = len(self.conversions) < len(self.formulas) or not self.formulas
        having = {DRAW: draws, PREPAID: self.prepaid, CONVERSION: bool(self.conversions)}
        return tuple(kind for kind, has in having.items() if has)

    @property
    def shares(self) -> Quantity:
        """The quantity of shares issued: carried over splits unrounded, where there is one."""
        return quantities.CARRIED if self.splits else quantities.COUNT

    def in_whole_shares(self, count: str) -> str:
        """Round such a count up, for what takes whole shares alone."""
        return in_whole_shares(count) if self.splits else count

    @property
    def mixed(self) -> bool:
        """Whether some rows count against the capacity and others do not."""
        return len(self.kinds) > 1

    @property
    def averaged(self) -> str:
        """The kind of rows whose average price may lift a cap: what is sold, or else converted."""
        return DRAW if DRAW in self.kinds else CONVERSION

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """What may be typed for a row's formula."""
        return (*(one.key for one in self.formulas), *((PREPAID,) if self.prepaid else ()))

    @cached_property
    def by_date(self) -> bool:
        """Whether each price takes the deal as it stands on its own day, and not on one day."""
        origin = self.selection.undated
        if origin is None or not origin.deal.actions:
            return False
        return self.selection.day == max(action.date for action in origin.deal.actions)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The times between amendments and splits; one alone where prices take a single day."""
        origin = self.selection.undated
        if not self.by_date or origin is None:
            return (Stage(self.first_day, self.formulas),)
        days = sorted({action.date for action in origin.deal.actions})
        before = days[0] - datetime.timedelta(days=1)
        found = []
        for begins, day in [(self.first_day, before), *((day, day) for day in days)]:
            then = selected(origin, self.selection.agreement_key, day)
            found.append(Stage(begins, _formulas(then)))
        return tuple(found)

    @cached_property
    def changing(self) -> dict[str, Changing]:
        """The figures of price formulas that change from stage to stage, by name."""
        found = {}
        for at, formula in enumerate(self.formulas):
            holders: list[tuple[str, tuple[str, ...], int]] = [
                (f"prices.{formula.key}", _OF_FORMULAS, -1)
            ]
            for number in range(len(formula.legs)):
                holders.append((f"prices.{formula.key}.leg_{number + 1}", _OF_LEGS, number))
            for prefix, names, leg in holders:
                records = [
                    stage.formulas[at] if leg < 0 else stage.formulas[at].legs[leg]
                    for stage in self.stages
                ]
                for name in names:
                    values = tuple(getattr(record, name) for record in records)
                    if None in values or len(set(values)) == 1:
                        continue
                    sources = tuple(record.sources.get(name, "") for record in records)
                    unit = next(
                        record.unit_of(entry)
                        for record in records[:1]
                        for entry in record.__dataclass_fields__.values()
                        if entry.name == name
                    )
                    whole = f"{prefix}.{name}"
                    found[whole] = Changing(whole, unit, values, sources)
        return found

    def check_windows(self) -> None:
        """Refuse amendments of windows: the columns of the plain-Excel check are the windows.

        Raises:
            NothingToShowError: A window is not the same in every stage (#REF!).
        """
        for stage in self.stages:
            for formula, now in zip(stage.formulas, self.formulas, strict=True):
                if _form(formula) != _form(now):
                    rule = (
                        f"has amendments of the windows or bounds of its formula {now.key}, which "
                        "equityline.xlsx cannot show"
                    )
                    raise NothingToShowError(REF, "terms", self.selection.text, rule)

    def check_agreement(self) -> None:
        """Refuse a capacity that the workbook does not count: in shares, or of a pool.

        Notes that convert by all of the formulas have nothing to do with it.

        Raises:
            NothingToShowError: The agreement has such a capacity (#REF!).
        """
        notes = {(one.formula or "").casefold() for one in self.selection.deal.instruments}
        of_notes = self.formulas and all(one.key.casefold() in notes for one in self.formulas)
        sales = self.agreement
        if of_notes or sales is None:
            return
        if sales.pool or sales.capacity_shares:
            whose = f"of the pool {sales.pool}" if sales.pool else "in shares"
            rule = (
                f"has an agreement, {sales.key}, with a capacity {whose}: equityline.xlsx counts "
                "what is drawn against one in USD of its own alone; see reporting.xlsx"
            )
            raise NothingToShowError(REF, "terms", self.selection.text, rule)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Headings of the quotations that the formulas use, as the deal writes them."""
        found: dict[str, str] = {}
        for formula in self.formulas:
            for leg in formula.legs:
                for name in (leg.when_of, leg.of):
                    if name:
                        found.setdefault(heading(name), " ".join(name.split()))
        if any(name in (MARKET_VALUE, MARKET_PRICE) for name in found):
            found.setdefault(CLOSING_BID, "Closing bid")
        return tuple(name[0].upper() + name[1:] for name in found.values())

    @cached_property
    def takes_issue(self) -> bool:
        """Whether a price needs the day of issue."""
        return any(one.needs_issue for one in self.formulas)

    @cached_property
    def without_issue(self) -> tuple[str, ...]:
        """What may be typed for a row's formula that does without the day of issue."""
        return tuple(one.key for one in self.formulas if not one.needs_issue) + (
            (PREPAID,) if self.prepaid else ()
        )

    @cached_property
    def caps(self) -> tuple[Cap, ...]:
        """The deal's caps on shares that can be counted."""
        stock = self.selection.deal.capitalisation
        return tuple(
            cap
            for cap in self.selection.deal.caps
            if cap.kind in IN_SHARES and (cap.rate is None or cap.base is not None or stock)
        )

    @cached_property
    def cap(self) -> Cap | None:
        """The cap on the line's shares: one of its own, or else the exchange's."""
        own = [cap for cap in self.caps if cap.kind == "issue"]
        return next((cap for cap in own if cap.key != EXCHANGE), own[0] if own else None)

    @cached_property
    def fee(self) -> FeeSchedule | None:
        """The fee in dollars, if any."""
        return next((one for one in self.selection.deal.fees if one.paid_in == "USD"), None)

    @cached_property
    def commitment(self) -> FeeSchedule | None:
        """The fee in shares, if any."""
        return next((one for one in self.selection.deal.fees if one.paid_in == "shares"), None)

    @cached_property
    def agreement(self) -> SalesAgreement | None:
        """The agreement that the line is; one by which agents sell has nothing to do with it."""
        found = self.selection.sales if self.selection.deal.agreements else None
        return None if found is None or found.agents else found

    @cached_property
    def has_capacity(self) -> bool:
        """Whether the line has a capacity in dollars of its own."""
        return bool(self.agreement) and "agreement.capacity" in self.selection.figures

    @cached_property
    def rounding(self) -> str:
        """How shares become whole: as the deal's notes say."""
        return self.selection.deal.conversion_rounding

    @cached_property
    def of_notes(self) -> bool:
        """Whether notes convert, so that their rounding is that of a table, too."""
        return any(one.kind in ("note", "preferred") for one in self.selection.deal.instruments)

    @cached_property
    def amount(self) -> Exact | int:
        """What may be sold in all, USD: the capacity, the notes' principal, or made up."""
        if self.has_capacity:
            return self.selection.sales.capacity or _USUAL_AMOUNT
        notes = (one.principal or 0 for one in self.selection.deal.instruments)
        return sum(notes) or _USUAL_AMOUNT

    @property
    def terms(self) -> str:
        """Name of the cell with the deal under which prices are worked out."""
        return "Deal_by_date" if self.by_date else "Deal"

    @property
    def splits(self) -> Sequence[tuple[datetime.date, Fraction]]:
        """The splits over which a row's shares are carried to the deal's day, by day."""
        return self.selection.splits if self.by_date else ()


def ownership_limit(selection: Selection) -> tuple[float, str]:
    """Find the deal's cap on a holder's part, or that of its instruments; else the usual one.

    Returns:
        The part of all shares, and where it comes from.
    """
    for cap in selection.deal.caps:
        if cap.kind == "ownership" and cap.rate is not None:
            return float(cap.rate), cap.sources["rate"]
    for one in selection.deal.instruments:
        if one.blocker is not None:
            return float(one.blocker), one.sources["blocker"]
    return OWNERSHIP_LIMIT, "usual; the deal states none"


def line_of(selection: Selection, first_day: datetime.date) -> EquityLine:
    """Find the equity line of a deal.

    Args:
        selection: The deal.
        first_day: First day that may be typed.

    Raises:
        NothingToShowError: The deal has neither a price formula beside those of floating.xlsx nor
            a cap on an issue beside the exchange's, or it has a capacity or amendments that the
            workbook cannot show (#REF!).
    """
    own = [one for one in selection.deal.agreements if not one.agents]
    if own and selection.agreement_key not in {one.key for one in own}:
        selection = selection.of(own[0].key)
    line = EquityLine(selection, first_day)
    caps = [one for one in selection.deal.caps if one.kind == "issue" and one.key != EXCHANGE]
    if not line.formulas and not caps:
        rule = (
            "has no equity line: no price formula beside those of floating.xlsx, and no cap on the "
            "shares of an issue beside the exchange's"
        )
        raise NothingToShowError(REF, "terms", selection.text, rule)
    line.check_agreement()
    line.check_windows()
    return line


def _formulas(selection: Selection) -> tuple[PriceFormula, ...]:
    return tuple(one for one in selection.deal.prices if one.key not in OF_FLOATING)


def _form(formula: PriceFormula) -> tuple[object, ...]:
    """Describe what the columns of the plain-Excel check are made by: windows and bounds."""
    bounds = tuple(getattr(formula, name) is None for name in _OF_FORMULAS)
    return bounds, *(_form_of_leg(leg) for leg in formula.legs)


def _form_of_leg(leg: PriceLeg) -> tuple[object, ...]:
    given = tuple(getattr(leg, name) is None for name in _OF_LEGS)
    return leg.of, leg.when_of, leg.first, leg.last, leg.anchor, leg.lowest, given
