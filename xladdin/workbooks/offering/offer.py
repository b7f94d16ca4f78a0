"""What a deal has for offering.xlsx: its fee or commission, warrants and capacity."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from xladdin.errors import REF, NothingToShowError
from xladdin.terms.agreements import AgentWarrants, FeeSchedule, SalesAgreement
from xladdin.terms.exact import Schedule
from xladdin.terms.fields import as_decimal
from xladdin.terms.securities import Cap
from xladdin.terms.selection import Selection
from xladdin.workbooks.illustrative import USUAL_OFFER_PRICE, USUAL_OUTSTANDING, last_sale


@dataclass(frozen=True)
class Offer:
    """An offering of shares under a deal.

    Attributes:
        selection: The deal, with the agreement that shares are sold under.
    """

    selection: Selection

    @cached_property
    def fee(self) -> FeeSchedule | None:
        """The fee in dollars by a schedule of the deal, where the agreement has none of its own.

        It is that of the equity line, which is sold under without agents, where there is one.
        """
        deal, sales = self.selection.deal, self._sales
        fee = next((one for one in deal.fees if one.paid_in == "USD"), None)
        if sales is None:
            return fee
        line = next((one for one in deal.agreements if not one.agents), sales)
        return fee if sales is line and sales.schedule is None else None

    @cached_property
    def _sales(self) -> SalesAgreement | None:
        return self.selection.sales if self.selection.deal.agreements else None

    @cached_property
    def schedule(self) -> Schedule | None:
        """What is paid: the fee, or the commission of the agreement; None where none is stated."""
        if self.fee is not None:
            return self.fee.schedule
        return self._sales.schedule if self._sales else None

    @property
    def has_own_rate(self) -> bool:
        """Whether an offering may bear a rate of its own: one is agreed at most."""
        return self.schedule is not None and self.schedule.at_most and self.schedule.simple

    @property
    def function(self) -> str:
        """The function that gives the fee."""
        return "DEAL_FEE" if self.fee or self.has_own_rate else "CEO_FEE"

    @property
    def highest_rate(self) -> Decimal:
        """The highest rate that it may bear."""
        assert self.schedule
        return as_decimal(max(self.schedule.rates))

    @property
    def by_schedule(self) -> bool:
        """Whether the deal says what the fee is."""
        return self.schedule is not None

    @property
    def share_limit(self) -> str:
        """Name of the figure of a capacity in shares; empty where there is none."""
        return self._capacity("capacity_shares")

    def _capacity(self, figure: str) -> str:
        """Name a capacity of the agreement, or of its pool."""
        places = (f"agreement.{figure}", f"agreement.pool.{figure}")
        return next((name for name in places if name in self.selection.figures), "")

    @cached_property
    def dollar_limits(self) -> list[str]:
        """Names of the figures beyond which no fee is stated, or no capacity is left, USD sold."""
        found = [self._capacity("capacity")]
        if self.fee is not None and self.fee.tiers and self.fee.tiers[-1].up_to is not None:
            found.append(f"fees.{self.fee.key}.tier_{len(self.fee.tiers)}.up_to")
        return [name for name in found if name]

    @cached_property
    def warrants(self) -> AgentWarrants | None:
        """The agent's warrants, if any."""
        return self._sales.warrants if self._sales else None

    @cached_property
    def float_cap(self) -> Cap | None:
        """The deal's cap on sales by the public float; the rule's own figures hold without one."""
        return next((one for one in self.selection.deal.caps if one.kind == "float"), None)

    @cached_property
    def price(self) -> Decimal:
        """The last sale, or a usual price."""
        return last_sale(self.selection, USUAL_OFFER_PRICE)

    @cached_property
    def outstanding(self) -> int:
        """Shares outstanding by the deal's latest count, or a usual one."""
        stock = self.selection.deal.capitalisation
        return stock.latest_outstanding if stock else USUAL_OUTSTANDING


def offer_of(selection: Selection) -> Offer:
    """Find what a deal has for an offering.

    Args:
        selection: The deal.

    Raises:
        NothingToShowError: It has neither a fee in dollars nor an agreement (#REF!).
    """
    offer = Offer(selection)
    if offer.fee is None and not selection.deal.agreements:
        rule = "has no offering: neither an agreement to sell shares nor a fee in dollars"
        raise NothingToShowError(REF, "terms", selection.text, rule)
    return offer
