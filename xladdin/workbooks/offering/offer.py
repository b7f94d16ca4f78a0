"""What a deal has for offering.xlsx: its fee or commission, warrants and capacity."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from xladdin.errors import REF, NothingToShowError
from xladdin.terms.agreements import AgentWarrants, FeeSchedule
from xladdin.terms.securities import Cap
from xladdin.terms.selection import Selection

_USUAL_PRICE: Final = Decimal(2)
_USUAL_OUTSTANDING: Final = 20_000_000


@dataclass(frozen=True)
class Offer:
    """An offering of shares under a deal.

    Attributes:
        selection: The deal, with the agreement that shares are sold under.
    """

    selection: Selection

    @cached_property
    def fee(self) -> FeeSchedule | None:
        """The fee in dollars by a schedule of its own, if any."""
        return next((one for one in self.selection.deal.fees if one.paid_in == "USD"), None)

    @cached_property
    def has_commission(self) -> bool:
        """Whether the agreement has a commission of its own, and no fee is due instead."""
        sales = self.selection.sales if self.selection.deal.agreements else None
        return self.fee is None and sales is not None and bool(sales.tiers or sales.rate)

    @property
    def by_schedule(self) -> bool:
        """Whether the deal says what the fee is."""
        return self.fee is not None or self.has_commission

    @property
    def share_limit(self) -> str:
        """Name of the figure of a capacity in shares; empty where there is none."""
        name = "agreement.capacity_shares"
        return name if name in self.selection.figures else ""

    @cached_property
    def fee_limit(self) -> str:
        """Name of the figure beyond which no fee is stated, USD sold; empty where there is none."""
        if self.fee is not None:
            tiers = self.fee.tiers
            last = f"fees.{self.fee.key}.tier_{len(tiers)}.up_to"
            return last if tiers and tiers[-1].up_to is not None else ""
        known = self.selection.figures
        return "agreement.capacity" if "agreement.capacity" in known else ""

    @cached_property
    def warrants(self) -> AgentWarrants | None:
        """The agent's warrants, if any."""
        return self.selection.sales.warrants if self.selection.deal.agreements else None

    @cached_property
    def float_cap(self) -> Cap | None:
        """The deal's cap on sales by the public float; the rule's own figures hold without one."""
        return next((one for one in self.selection.deal.caps if one.kind == "float"), None)

    @cached_property
    def price(self) -> Decimal:
        """The last sale, or a usual price."""
        stock = self.selection.deal.capitalisation
        return Decimal(stock.last_sale) if stock else _USUAL_PRICE

    @cached_property
    def outstanding(self) -> int:
        """Shares outstanding by the deal's latest count, or a usual one."""
        stock = self.selection.deal.capitalisation
        return stock.latest_outstanding if stock else _USUAL_OUTSTANDING


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
