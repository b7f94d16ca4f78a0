"""An agreement that shares are sold under, and where the Terms sheet has its figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from xladdin.functions.twins import AGREEMENT
from xladdin.terms.agreements import FeeSchedule, SalesAgreement
from xladdin.terms.exact import Schedule
from xladdin.terms.fields import Exact, as_decimal
from xladdin.terms.selection import Selection

MOST_WITHOUT_CAPACITY: Final = 10**9
"""USD of a sale at most where no capacity bounds it: more lacks cents in a cell."""

MOST_IN_ALL: Final = 10**10
"""USD that such sales may add up to for their sums to be as exact as those within a capacity."""


@dataclass(frozen=True)
class Sold:
    """One agreement that shares are sold under, and where the Terms sheet has its figures.

    Attributes:
        number: Its number in the deal, from 1; 0 in a workbook that is about it alone.
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
    def prefix(self) -> str:
        """How the names of its figures begin."""
        return f"{AGREEMENT}_{self.number}" if self.number else AGREEMENT

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
    def highest_rate(self) -> Decimal:
        """The highest rate that such a sale may bear; 0 of any other."""
        schedule = self.schedule if self.own_rates else None
        return as_decimal(max(schedule.rates)) if schedule else Decimal(0)

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
        name = f"{self.prefix}.dated"
        return name if name in self.names else ""

    def _named(self, figure: str) -> str:
        places = (f"{self.prefix}.{figure}", f"{self.prefix}.pool.{figure}")
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
        end = "" if self.fee and self.fee.count else self.last_end
        if end and end not in ends and (self.fee or not ends):
            ends.append(end)
        return f"MIN({','.join(ends)})" if len(ends) > 1 else "".join(ends)

    @property
    def last_end(self) -> str:
        """Name of where its last tier ends; empty if it has no end."""
        name = self._rates()[-1].replace(".rate", ".up_to") if self.pays else ""
        return name if name in self.names else ""

    def _rates(self) -> list[str]:
        """List the names of the rates of its tiers, or of its one rate."""
        prefix, found = self._tiers(), list[str]()
        while f"{prefix}{len(found) + 1}.rate" in self.names:
            found.append(f"{prefix}{len(found) + 1}.rate")
        return found or [f"{self.prefix}.rate"]

    def _tiers(self) -> str:
        own = self.prefix
        places = [f"fees.{self.fee.key}.tier_"] if self.fee else []
        places += [f"{own}.tier_", f"{own}.pool.tier_"]
        return next((one for one in places if f"{one}1.rate" in self.names), places[0])

    def figures_of_the_fee(self) -> set[str]:
        """Name the figures that its commission, or its schedule of fees, is worked out from."""
        if self.fee is not None:
            return {name for name in self.names if name.startswith(f"fees.{self.fee.key}.")}
        if not self.pays:
            return set()
        rates = self._rates()
        ends = (rate.replace(".rate", ".up_to") for rate in rates if rate.endswith(".rate"))
        return {name for name in (*rates, *ends) if name in self.names}

    def bands(self) -> Iterator[tuple[str, str, str]]:
        """Yield where each tier of its own commission begins and ends, and its rate, by names."""
        begins = "0"
        for rate in self._rates():
            ends = rate.replace(".rate", ".up_to")
            ends = ends if ends in self.names else self.capacity
            yield begins, ends, rate
            begins = ends

    def tiers(self) -> Iterator[tuple[str, str]]:
        """Yield where each tier of its own commission begins, and its rate less the one before."""
        if self.sales.schedule is None:
            return
        begins, before = "0", ""
        for rate in self._rates():
            yield begins, f"{rate}-{before}" if before else rate
            begins, before = rate.replace(".rate", ".up_to"), rate


def sold_under(selection: Selection) -> Sold:
    """Return the agreement that is chosen, for a workbook that is about it alone."""
    return Sold(0, selection.sales, 0, None, selection.figures)


def agreements_of(selection: Selection) -> list[Sold]:
    """Return the agreements of a deal, for a workbook that is about all of them."""
    names = selection.figures_by_agreement
    return [
        Sold(number, sales, number, None, names)
        for number, sales in enumerate(selection.deal.agreements, 1)
    ]


def met_within(sold: Sold) -> Decimal:
    """Return the USD by which the limit of an agreement must be exceeded to count as exceeded."""
    return Decimal(str(float(sold.limit or 0)))
