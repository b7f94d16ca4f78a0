"""What a deal has for reporting.xlsx: its agreements, their pools, commissions and splits."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple, cast

from xladdin.core.decimals import slack
from xladdin.errors import REF, NothingToShowError
from xladdin.terms.agreements import FeeSchedule
from xladdin.terms.fields import Exact, Figure
from xladdin.terms.selection import Selection, selected
from xladdin.workbooks import quantities
from xladdin.workbooks.layout import styles
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.sold import MOST_IN_ALL, Sold

STAGE_BEGINS: Final = "Stage_begins"
"""Name of the first days of the times between a deal's actions; 0 for the first of them."""


class TermsStage(NamedTuple):
    """A time in which a deal stays as it is.

    Attributes:
        begins: Its first day; None for the time before the first action.
        day: A day in it.
        selection: The deal on that day.
    """

    begins: datetime.date | None
    day: datetime.date
    selection: Selection


class Amended(NamedTuple):
    """A figure of a commission that is not the same in every stage.

    Attributes:
        figure: It, as it stands on the deal's day.
        key: Key of its agreement; empty for a figure of the whole deal.
        values: Its value in each stage.
        sources: Where each of them comes from.
    """

    figure: Figure
    key: str
    values: tuple[float, ...]
    sources: tuple[str, ...]


class ScheduledLine(NamedTuple):
    """The agreement that bears a schedule of fees: its number, and the schedule."""

    number: int
    fee: FeeSchedule

    @property
    def key(self) -> str:
        """The key of the schedule."""
        return self.fee.key


@dataclass(frozen=True)
class Programme:
    """The agreements of a deal.

    Attributes:
        selection: The deal.
        first_day: First day that may be typed.
    """

    selection: Selection
    first_day: datetime.date

    @cached_property
    def agreements(self) -> tuple[Sold, ...]:
        """The agreements, in the deal's order."""
        deal, names = self.selection.deal, self.selection.figures_by_agreement
        fee = next((one for one in deal.fees if one.paid_in == "USD"), None)
        # The schedule is that of the equity line, which is sold under without agents.
        line = next((one for one in deal.agreements if not one.agents), None)
        found: list[Sold] = []
        for number, sales in enumerate(deal.agreements, 1):
            shares = (one.number for one in found if sales.pool and one.sales.pool == sales.pool)
            own_fee = fee if sales is line and sales.schedule is None else None
            found.append(Sold(number, sales, next(shares, number), own_fee, names))
        return tuple(found)

    @property
    def several(self) -> bool:
        """Whether a sale has to name its agreement."""
        return len(self.agreements) > 1

    @property
    def terms_by_row(self) -> bool:
        """Whether the terms of fees are not the same in all rows of the log."""
        return self.several or bool(self.amended)

    @property
    def pools(self) -> bool:
        """Whether there is more than one capacity."""
        return len({one.pool for one in self.agreements}) > 1

    @property
    def own_rates(self) -> bool:
        """Whether some sales may bear a rate of their own."""
        return any(one.own_rates for one in self.agreements)

    @property
    def highest_rate(self) -> Decimal:
        """The highest rate of its own that a sale of any day may bear."""
        deals = [one.selection for one in self.stages] or [self.selection]
        every = (Programme(one, self.first_day).agreements for one in deals)
        return max(one.highest_rate for agreements in every for one in agreements)

    @property
    def pays(self) -> bool:
        """Whether the deal states what is paid on some sales."""
        return any(one.pays for one in self.agreements)

    @cached_property
    def line(self) -> ScheduledLine | None:
        """The equity line that bears the deal's schedule of fees, if any."""
        for one in self.agreements:
            if one.fee is not None:
                return ScheduledLine(one.number, one.fee)
        return None

    @property
    def tiered(self) -> bool:
        """Whether the commission of some sales is the agreement's own, by tiers or at one rate."""
        return any(one.sales.schedule for one in self.agreements)

    @property
    def fees_typed(self) -> bool:
        """Whether fees of some sales have to be typed, as the deal states none."""
        return not all(one.pays for one in self.agreements)

    @property
    def in_shares(self) -> bool:
        """Whether some capacity is a count of shares."""
        return any(one.capacity_shares for one in self.agreements)

    @property
    def splits(self) -> bool:
        """Whether shares of a sale are carried over splits to the deal's day."""
        return bool(self.selection.all_splits)

    @property
    def shares(self) -> Quantity:
        """The quantity of shares sold: carried over splits unrounded, where there is one."""
        return quantities.CARRIED if self.splits else quantities.COUNT

    @cached_property
    def dollars(self) -> Quantity:
        """The quantity of sums of the log: how far they and their twins may be apart, USD."""
        pools = {one.pool: one.limit or MOST_IN_ALL for one in self.agreements}
        error = float(slack(sum((Fraction(one) for one in pools.values()), Fraction())))
        return Quantity(styles.USD, max(error, quantities.USD_TOLERANCE))

    @cached_property
    def stages(self) -> tuple[TermsStage, ...]:
        """The times between the deal's actions, up to the day that it stands on."""
        origin = self.selection.undated
        stands = self.selection.stands
        actions = origin.deal.actions if origin is not None else ()
        days = sorted({one.date for one in actions if stands is None or one.date <= stands})
        if origin is None or not days:
            return ()
        key, before = self.selection.agreement_key, days[0] - datetime.timedelta(days=1)
        return (
            TermsStage(None, before, selected(origin, key, before)),
            *(TermsStage(day, day, selected(origin, key, day)) for day in days),
        )

    @cached_property
    def amended(self) -> tuple[Amended, ...]:
        """The figures of commissions that changed; none where commissions stayed the same.

        What may be sold in all is among them, if they changed: functions test it by day, too.
        """
        if not self.stages:
            return ()
        rates, limits = set[str](), set[str]()
        for one in self.agreements:
            found = one.figures_of_the_fee()
            rates |= found
            limits |= {one.capacity, one.last_end} - {""}
        changed = {name: each for name in rates | limits if (each := self._by_stage(name))}
        if not changed.keys() & (rates - limits):
            return ()
        return tuple(
            changed[name] for name in self.selection.figures_by_agreement if name in changed
        )

    def _by_stage(self, name: str) -> Amended | None:
        """Find a figure in each stage; None where it is the same in all of them."""
        found = [one.selection.figures_by_agreement[name] for one in self.stages]
        values = [float(cast("Exact", figure.value)) for figure, _ in found]
        if len(set(values)) == 1:
            return None
        sources = tuple(figure.source for figure, _ in found)
        return Amended(*found[-1], tuple(values), sources)

    def on_the_day(self, formula: str, stage: str) -> str:
        """Write a formula of the deal's figures with those of a stage in place of what changed.

        Args:
            formula: The formula.
            stage: Reference to the number of the stage.
        """
        for one in self.amended:
            name = re.escape(one.figure.name)
            own = f"INDEX({by_stage(one.figure.name)},{stage})"
            formula = re.sub(rf"(?<![\w.]){name}(?![\w.])", own, formula)
        return formula


def programme_of(selection: Selection, first_day: datetime.date) -> Programme:
    """Find the agreements of a deal.

    Args:
        selection: The deal.
        first_day: First day that may be typed.

    Raises:
        NothingToShowError: The deal has no agreement and no instrument (#REF!).
    """
    agreements = selection.deal.agreements
    if not (agreements or selection.deal.instruments):
        rule = "has no sales agreement and no instrument"
        raise NothingToShowError(REF, "terms", selection.text, rule)
    chosen = selection.of(agreements[0].key) if agreements else selection
    return Programme(chosen, first_day)


def by_stage(name: str) -> str:
    """Name the list of what a figure is in each stage."""
    return f"by_stage.{name}"
