"""What an agreement has for a log of its placements: capacity, commission, pool, splits."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from xladdin.core.decimals import slack
from xladdin.errors import REF, NothingToShowError
from xladdin.terms.deal import AMENDMENT
from xladdin.terms.fields import as_decimal
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.layout import styles
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.sold import MOST_IN_ALL, Sold, sold_under

USUAL_CAPACITY: Final = 10_000_000
"""USD that illustrative placements are a part of, where no capacity in dollars is stated."""

_LARGE: Final = 2**26
"""USD from which on the running sum of a log can be off by more than an amount's rounding."""


@dataclass(frozen=True)
class LogTerms:
    """The agreement of a log.

    Attributes:
        selection: The deal and the agreement.
    """

    selection: Selection

    @property
    def sold(self) -> Sold:
        """The agreement, and where the Terms sheet has its figures."""
        return sold_under(self.selection)

    @property
    def limit(self) -> Decimal | None:
        """Gross proceeds beyond which functions refuse a sale, USD; None without an end."""
        limit = self.sold.limit
        return None if limit is None else as_decimal(limit)

    @property
    def same_terms(self) -> tuple[datetime.date | None, datetime.date | None]:
        """Days from which and before which the fee and the warrants are those shown.

        None where no amendment changes them on that side of the day that the deal stands on.
        """
        origin, stands = self.selection.undated, self.selection.stands
        if origin is None:
            return None, None
        fee = self.sold.figures_of_the_fee() - {self.sold.capacity, self.sold.last_end}
        own = f"agreements.{self.selection.agreement_key}."
        amended = [
            (action.date, (action.amended or "").replace(own, "agreement."))
            for action in origin.deal.actions
            if action.kind == AMENDMENT
        ]
        days = {
            day
            for day, figure in amended
            if figure in fee or figure.startswith("agreement.warrants.")
        }
        until = {day for day in days if stands is None or day <= stands}
        return max(until, default=None), min(days - until, default=None)

    @property
    def in_dollars(self) -> bool:
        """Whether the capacity is in dollars."""
        return bool(self.sold.capacity)

    @property
    def in_shares(self) -> bool:
        """Whether the capacity is a count of shares."""
        return bool(self.sold.capacity_shares)

    @property
    def carried(self) -> bool:
        """Whether shares are carried over splits: sums are in those of the deal's day."""
        return bool(self.selection.all_splits)

    @property
    def shares(self) -> Quantity:
        """The quantity of sums of shares: carried over splits unrounded, where there is one."""
        return quantities.CARRIED if self.carried else quantities.COUNT

    @property
    def by_placement(self) -> bool:
        """Whether warrants are counted on each placement, and not on all shares sold."""
        warrants = self.selection.sales.warrants
        return warrants is not None and warrants.by_placement

    @property
    def pooled(self) -> bool:
        """Whether the capacity is shared with other agreements."""
        return self.selection.sales.shared is not None

    @property
    def pays(self) -> bool:
        """Whether the deal states the commission; where not, what was paid is typed."""
        return self.sold.pays

    @property
    def own_rates(self) -> bool:
        """Whether a placement may bear a rate of its own: one is agreed at most."""
        return self.sold.own_rates

    @property
    def by_total(self) -> bool:
        """Whether the commission follows from all that is sold, and not from each placement."""
        return self.pays and not self.own_rates and not self.pooled

    @property
    def dollars(self) -> Quantity:
        """The quantity of the log's dollars: how far they and their twins may be apart, USD."""
        limit = self.limit or Decimal(MOST_IN_ALL)
        return Quantity(styles.USD, float(slack(limit))) if limit >= _LARGE else quantities.USD


def log_of(selection: Selection) -> LogTerms:
    """Find the agreement of a log.

    Args:
        selection: The deal and the agreement.

    Raises:
        NothingToShowError: It is sold under without agents and without a commission (#REF!).
    """
    if not selection.deal.agreements:
        raise NothingToShowError(REF, "terms", selection.text, "has no sales agreement")
    log = LogTerms(selection)
    if not (log.pays or selection.sales.agents):
        rule = f"has no agents and no commission in agreements.{selection.sales.key}"
        raise NothingToShowError(REF, "terms", selection.text, rule)
    shared = selection.sales.shared
    if shared is not None and shared.tiers and log.in_shares:
        rule = f"has no capacity in USD in pools.{shared.key}, by whose sales its tiers count"
        raise NothingToShowError(REF, "terms", selection.text, rule)
    return log
