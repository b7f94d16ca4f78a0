"""What a deal has for reporting.xlsx: its agreements, their pools, commissions and splits."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple

from xladdin.core.decimals import slack
from xladdin.errors import REF, NothingToShowError
from xladdin.terms.agreements import FeeSchedule, SalesAgreement
from xladdin.terms.exact import Schedule
from xladdin.terms.fields import Exact
from xladdin.terms.selection import Selection, selected
from xladdin.workbooks import quantities
from xladdin.workbooks.layout import styles
from xladdin.workbooks.quantities import Quantity

MOST_WITHOUT_CAPACITY: Final = 10**9
"""USD of a sale at most where no capacity bounds it: more lacks cents in a cell."""

_MOST_IN_ALL: Final = 10**10
"""USD that such sales may add up to for their sums to be as exact as `Programme.dollars`."""


@dataclass(frozen=True)
class Sold:
    """One agreement that shares are sold under, and where the Terms sheet has its figures.

    Attributes:
        number: Its number in the deal, from 1.
        sales: The agreement.
        pool: Number of the first agreement that shares its capacity; its own if none does.
        fee: The deal's schedule of fees that it bears, where it states no commission of its own.
        names: Names of the Terms sheet.
    """

    number: int
    sales: SalesAgreement
    pool: int
    fee: FeeSchedule | None
    names: Mapping[str, object]

    @property
    def title(self) -> str:
        """Its title; its key if it has none."""
        return self.sales.title or self.sales.key

    @property
    def pays(self) -> bool:
        """Whether the deal states what is paid on its sales."""
        return self.schedule is not None

    @property
    def schedule(self) -> Schedule | None:
        """What is paid on its sales, if the deal states it."""
        return self.fee.schedule if self.fee else self.sales.schedule

    @property
    def own_rates(self) -> bool:
        """Whether a sale may bear a rate of its own."""
        return self.schedule is not None and self.schedule.at_most and self.schedule.simple

    @property
    def highest(self) -> str:
        """The highest rate that such a sale may bear, from the Terms sheet; 0 of any other."""
        return f"MAX({','.join(self._rates())})" if self.own_rates else "0"

    @property
    def capacity(self) -> str:
        """Name of its capacity in USD, or of its pool's; empty if there is none."""
        return self._named("capacity")

    @property
    def capacity_shares(self) -> str:
        """Name of its capacity in shares, or of its pool's; empty if there is none."""
        return self._named("capacity_shares")

    @property
    def dated(self) -> str:
        """Name of its date; empty if there is none."""
        name = f"agreement_{self.number}.dated"
        return name if name in self.names else ""

    def _named(self, figure: str) -> str:
        places = (f"agreement_{self.number}.{figure}", f"agreement_{self.number}.pool.{figure}")
        return next((name for name in places if name in self.names), "")

    @property
    def limit(self) -> Exact | None:
        """Gross USD beyond which functions refuse a sale: the capacity, or its last tier's end."""
        ends = [self.sales.limit, None if self.schedule is None else self.schedule.limit]
        return min((one for one in ends if one is not None), default=None)

    @property
    def limit_formula(self) -> str:
        """The same, from the Terms sheet; empty if there is none."""
        ends = [self.capacity] if self.capacity else []
        end = "" if self.fee and self.fee.count else self._last_end()
        if end and end not in ends and (self.fee or not ends):
            ends.append(end)
        return f"MIN({','.join(ends)})" if len(ends) > 1 else "".join(ends)

    def _last_end(self) -> str:
        name = self._rates()[-1].replace(".rate", ".up_to") if self.pays else ""
        return name if name in self.names else ""

    def _rates(self) -> list[str]:
        """List the names of the rates of its tiers, or of its one rate."""
        prefix, found = self._tiers(), list[str]()
        while f"{prefix}{len(found) + 1}.rate" in self.names:
            found.append(f"{prefix}{len(found) + 1}.rate")
        return found or [f"agreement_{self.number}.rate"]

    def _tiers(self) -> str:
        own = f"agreement_{self.number}"
        places = [f"fees.{self.fee.key}.tier_"] if self.fee else []
        places += [f"{own}.tier_", f"{own}.pool.tier_"]
        return next((one for one in places if f"{one}1.rate" in self.names), places[0])

    def tiers(self) -> Iterator[tuple[str, str]]:
        """Yield where each tier of its own commission begins, and its rate less the one before."""
        if self.sales.schedule is None:
            return
        begins, before = "0", ""
        for rate in self._rates():
            yield begins, f"{rate}-{before}" if before else rate
            begins, before = rate.replace(".rate", ".up_to"), rate


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
    def pools(self) -> bool:
        """Whether there is more than one capacity."""
        return len({one.pool for one in self.agreements}) > 1

    @property
    def own_rates(self) -> bool:
        """Whether some sales may bear a rate of their own."""
        return any(one.own_rates for one in self.agreements)

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
        return bool(self.selection.splits)

    @cached_property
    def dollars(self) -> Quantity:
        """The quantity of sums of the log: how far they and their twins may be apart, USD."""
        pools = {one.pool: one.limit or _MOST_IN_ALL for one in self.agreements}
        error = float(slack(sum((Fraction(one) for one in pools.values()), Fraction())))
        return Quantity(styles.USD, max(error, quantities.USD_TOLERANCE))

    def check_commissions(self) -> None:
        """Refuse amendments of commissions: the workbook shows one commission for all days.

        Raises:
            NothingToShowError: A commission is not the same on all days (#REF!).
        """
        origin = self.selection.undated
        if origin is None:
            return
        days = sorted(action.date for action in origin.deal.actions)
        before = [days[0] - datetime.timedelta(days=1)] if days else []
        for day in (*before, *days):
            then = selected(origin, self.selection.agreement_key, day)
            for one in Programme(then, self.first_day).agreements:
                if _rates(one.schedule) != _rates(self.agreements[one.number - 1].schedule):
                    rule = "has amendments of a commission, which reporting.xlsx cannot show"
                    raise NothingToShowError(REF, "terms", self.selection.text, rule)


def _rates(schedule: Schedule | None) -> tuple[object, ...]:
    """Return what a commission is worked out from, but for where its last tier ends."""
    if schedule is None:
        return ()
    bounds = schedule.minimum, schedule.maximum, schedule.whole, schedule.at_most
    return schedule.rates, schedule.edges[:-1], bounds


def programme_of(selection: Selection, first_day: datetime.date) -> Programme:
    """Find the agreements of a deal.

    Args:
        selection: The deal.
        first_day: First day that may be typed.

    Raises:
        NothingToShowError: The deal has no agreement, or amendments of a commission (#REF!).
    """
    agreements = selection.deal.agreements
    if not agreements:
        rule = "has no sales agreement"
        raise NothingToShowError(REF, "terms", selection.text, rule)
    programme = Programme(selection.of(agreements[0].key), first_day)
    programme.check_commissions()
    return programme


def met_within(sold: Sold) -> Decimal:
    """Return the USD by which the limit of an agreement must be exceeded to count as exceeded."""
    return Decimal(str(float(sold.limit or 0)))
