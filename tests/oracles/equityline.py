"""What equityline.xlsx must show for a filling: exact arithmetic, written from the contract."""

from __future__ import annotations

import copy
import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, Final

from oracles import deals
from oracles.contract import SESSIONS, shown, slack
from oracles.deals import Refused
from oracles.floating import day, is_session

_PRICES: Final = ("floor", "cap", "add", "price", "when_below", "when_at_least")
"""Figures of formulas and legs that a split multiplies."""


DRAW: Final = "draw"
PREPAID: Final = "prepaid"
CONVERSION: Final = "conversion"


@dataclass(frozen=True)
class Figures:
    """What a deal says; counts and caps in shares after its last action."""

    formulas: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    amendments: tuple[tuple[datetime.date, tuple[Any, ...], str], ...] = ()
    """Day, path of the figure in `formulas`, and its new value."""
    splits: tuple[tuple[datetime.date, int], ...] = ()
    adjusted: bool = False
    capacity: str = ""
    dated: datetime.date | None = None
    caps: Mapping[str, Any] = field(default_factory=dict)
    cap: str = ""
    fee: Mapping[str, Any] = field(default_factory=dict)
    commitment: Mapping[str, Any] = field(default_factory=dict)
    rounding: str = "down"
    of_notes: bool = False
    needs_issue: tuple[str, ...] = ()
    """Keys of the formulas whose prices need the day of issue."""
    conversions: tuple[str, ...] = ()
    """Keys of the formulas at which something converts: no draw on the line."""
    prepaid: bool = False
    """Whether money is paid under the agreement before its shares are issued."""

    @property
    def choices(self) -> list[str]:
        """What a row's formula may be."""
        return [*self.formulas, *([PREPAID] if self.prepaid else [])]

    def kind(self, key: str | None) -> str:
        """What a row is whose formula has that key."""
        if self.prepaid and key == PREPAID:
            return PREPAID
        alone = key or next(iter(self.formulas), "")
        return CONVERSION if alone in self.conversions else DRAW

    @property
    def averaged(self) -> str:
        """The rows whose average price may lift a cap: draws, or else conversions."""
        draws = not self.formulas or set(self.formulas) - set(self.conversions)
        return DRAW if draws else CONVERSION

    def on(self, when: datetime.date) -> Mapping[str, Any]:
        """The formulas as they stand on a day."""
        found = copy.deepcopy(dict(self.formulas))
        actions = [(when_, path, value) for when_, path, value in self.amendments]
        actions += [(when_, (), str(ratio)) for when_, ratio in self.splits]
        for since, path, value in sorted(actions, key=lambda one: one[0]):
            if since > when:
                continue
            if path:
                place = found
                for step in path[:-1]:
                    place = place[step]
                place[path[-1]] = value
                continue
            for formula in found.values():
                for record in (formula, *formula["legs"]):
                    for name in _PRICES:
                        if name in record and name not in record.get("fixed", ()):
                            record[name] = str(Fraction(record[name]) * int(value))
        return found

    @property
    def all_splits(self) -> list[tuple[datetime.date, Fraction]]:
        """The splits, their ratios exact."""
        return [(since, Fraction(ratio)) for since, ratio in self.splits]


def is_number(value: Any) -> bool:
    """Whether a cell holds a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass
class Row:
    """What the add-in must show in a row; all 0 in one that waits for input."""

    counted: bool = False
    kind: str = ""
    price: Fraction = Fraction()
    shares: int = 0
    fee: Fraction = Fraction()
    commitment: int = 0
    issued: Fraction = Fraction()
    """Shares of the row in shares of the deal's day, unrounded."""
    all_issued: Fraction = Fraction()
    average: Fraction = Fraction()
    capacity_left: Fraction = Fraction()
    cap_left: int = 0
    owned_left: int = 0
    owned: Fraction = Fraction(-1)
    """Shares by which the holder is above the limit after the row, commitment shares aside."""


class Expected:
    """What a filled workbook must show."""

    def __init__(
        self,
        cells: Mapping[str, Any],
        rows: Sequence[Mapping[str, Any]],
        quotes: Sequence[Mapping[str, Any]],
        figures: Figures,
    ) -> None:
        """Read what is typed.

        Args:
            cells: Inputs by name.
            rows: Rows of the advances.
            quotes: Rows of the quotations.
            figures: The deal.
        """
        self.figures = figures
        self.typed = rows
        self.quotes = quotes
        self.outstanding: int | None = cells.get("Line_outstanding")
        self.asked: float | None = cells.get("Sensitivity_amount")
        limit = cells.get("Ownership_limit")
        self.limit = 0.0499 if limit is None else limit

    @cached_property
    def by_column(self) -> dict[str, dict[datetime.date, float]]:
        """Quotations by heading and day."""
        found: dict[str, dict[datetime.date, float]] = {}
        for name in self.figures.columns:
            found[name.casefold()] = {
                when: row[name]
                for row in self.quotes
                if (when := day(row.get("Date"))) and row.get(name) is not None
            }
        return found

    def needed(self, key: str | None) -> list[str]:
        """Headings that a row needs whose formula has that key."""
        figures = self.figures
        return [
            "Date",
            *(["Formula"] if len(figures.choices) > 1 else []),
            *(["Issue date"] if key in figures.needs_issue else []),
            "Amount",
            *([] if figures.formulas else ["Price"]),
        ]

    def complete(self, row: Mapping[str, Any]) -> bool:
        """Whether a row has all that it needs."""
        return all(row.get(name) is not None for name in self.needed(row.get("Formula")))

    @cached_property
    def rows(self) -> list[Row]:
        """Each row, with what it adds to those above."""
        found = []
        sold, issued, paid = Fraction(), Fraction(), 0
        amounts = dict.fromkeys((DRAW, PREPAID, CONVERSION), Fraction())
        bought, carried = dict.fromkeys(amounts, 0), dict.fromkeys(amounts, Fraction())
        averaged = self.figures.averaged
        for typed in self.typed:
            row = Row()
            found.append(row)
            if not self.complete(typed):
                continue
            row.counted = True
            amount = typed["Amount"]
            when = day(typed["Date"])
            assert when is not None
            row.kind = self.figures.kind(typed.get("Formula"))
            row.price = Fraction() if row.kind == PREPAID else self._price(typed, when)
            if row.price:
                row.shares = self.whole(shown(amount) / shown(float(row.price)))
            # A conversion sells nothing: it takes no capacity, bears no fee, earns no shares.
            after = sold + (Fraction(amount) if row.kind != CONVERSION else 0)
            row.fee = self._due(after) - self._due(sold)
            row.commitment = self._commitment(after) - self._commitment(sold)
            sold = after
            now, held = Fraction(row.shares), Fraction(typed.get("Held before") or 0)
            for since, ratio in self.figures.splits:
                if when < since:
                    now, held = now / ratio, held / ratio
            row.issued = now + row.commitment
            row.owned_left = self.owned(math.ceil(issued), math.ceil(held))
            if self.outstanding is not None:
                part = shown(self.limit)
                row.owned = held + now - part * (self.outstanding + issued + now)
            issued += row.issued
            paid += row.commitment
            amounts[row.kind] += Fraction(amount)
            bought[row.kind] += row.shares
            carried[row.kind] += row.issued - row.commitment
            row.all_issued = issued
            row.average = over(amounts[averaged], carried[averaged])
            if self.figures.capacity:
                row.capacity_left = self.left(sold)
            if self.figures.cap:
                row.cap_left = self.cap_left(math.ceil(issued), row.average)
        self.sold, self.issued, self.paid = sold, math.ceil(issued), paid
        self.amounts, self.bought, self.carried = amounts, bought, carried
        self.average = over(amounts[averaged], carried[averaged])
        return found

    def _price(self, typed: Mapping[str, Any], when: datetime.date) -> Fraction:
        figures = self.figures
        if not figures.formulas:
            return shown(typed["Price"])
        key = typed.get("Formula") or next(iter(figures.formulas))
        issue = day(typed.get("Issue date"))
        formula = figures.on(when)[key]
        price = partial(deals.price, adjusted=figures.adjusted)
        found = deals.result(price, formula, self.by_column, when, issue, figures.all_splits, when)
        assert found == "#N/A" or isinstance(found, Fraction)
        return Fraction() if isinstance(found, str) else found

    def whole(self, shares: Fraction) -> int:
        """Shares as the deal rounds them."""
        return {
            "down": math.floor(shares),
            "up": math.ceil(shares),
            "nearest": math.floor(shares + Fraction(1, 2)),
        }[self.figures.rounding]

    def _due(self, sold: Fraction) -> Fraction:
        if not self.figures.fee:
            return Fraction()
        return Fraction(deals.fee(float(sold), 0, None, self.figures.fee))

    def _commitment(self, sold: Fraction) -> int:
        if not self.figures.commitment:
            return 0
        return int(deals.fee(float(sold), 0, None, self.figures.commitment))

    def left(self, sold: Fraction) -> Fraction:
        """What is left of the capacity."""
        capacity = Fraction(self.figures.capacity)
        left = capacity - sold
        return Fraction() if abs(left) < slack(capacity) else left

    def cap_left(self, issued: int, average: Fraction) -> int:
        """What the cap leaves; 0 where none holds."""
        price = float(average) if average else None
        try:
            return deals.issue_headroom(self.figures.cap, issued, price, self.figures.caps)
        except Refused:
            return 0

    def owned(self, issued: int, held: int) -> int:
        """What the ownership limit leaves; 0 where the count before is blank."""
        if self.outstanding is None:
            return 0
        return deals.ownership_headroom(self.outstanding + issued, held, self.limit)

    @property
    def issued_share(self) -> Fraction:
        """The shares issued over all shares after; 0 where the count before is blank."""
        if self.outstanding is None or not self.issued:
            return Fraction()
        return Fraction(self.issued, self.outstanding + self.issued)

    def broken(self) -> list[int]:
        """Rows that pass a limit, from 0."""
        found = []
        sold = Fraction()
        for at, (typed, row) in enumerate(zip(self.typed, self.rows, strict=True)):
            if not row.counted:
                continue
            sold += Fraction(typed["Amount"])
            over = bool(self.figures.capacity) and (
                sold - Fraction(self.figures.capacity) >= slack(Fraction(self.figures.capacity))
            )
            if over or row.owned > 0 or self._beyond_cap(row):
                found.append(at)
        return found

    def _beyond_cap(self, row: Row) -> bool:
        if not self.figures.cap:
            return False
        cap = self.figures.caps[self.figures.cap]
        lifted = cap.get("lifted_at")
        if lifted is not None and row.average and shown(float(row.average)) >= Fraction(lifted):
            return False
        reached = Fraction(cap.get("shares", 0)) - Fraction(cap.get("base", 0))
        if "rate" in cap:
            reached = Fraction(cap["rate"]) * Fraction(cap["base"])
        if cap.get("inclusive") is False:
            return row.all_issued >= reached
        return row.all_issued > reached

    def warnings(self) -> int:
        """Count what is odd."""
        odd = self._odd_rows() + self._odd_quotes() + self._beyond_what_is_left()
        return odd + self._more_converted_than_paid()

    def _more_converted_than_paid(self) -> bool:
        """Whether conversions are of more than was paid in advance, where they are of that."""
        if not self.figures.prepaid or self.figures.averaged == DRAW:
            return False
        return self.amounts[CONVERSION] - self.sold > Fraction("0.005")

    def _beyond_what_is_left(self) -> bool:
        """Whether the table of assumed prices is about more than the line has left."""
        if not self.figures.capacity or self.asked is None:
            return False
        return Fraction(self.asked) - self.left(self.sold) >= slack(Fraction(self.figures.capacity))

    def _odd_rows(self) -> int:
        count = 0
        highest = datetime.date.min
        keys = [self._key(typed) if self.complete(typed) else None for typed in self.typed]
        for typed, row, key in zip(self.typed, self.rows, keys, strict=True):
            given = [value for value in typed.values() if value is not None]
            count += bool(given) and not row.counted
            if not row.counted:
                continue
            when = day(typed["Date"])
            assert when is not None
            count += when < highest
            highest = max(highest, when)
            count += not is_session(when)
            count += not row.price and row.kind != PREPAID
            count += self.figures.dated is not None and when < self.figures.dated
            count += keys.count(key) > 1
        return count

    def _key(self, typed: Mapping[str, Any]) -> tuple[Any, ...]:
        return day(typed["Date"]), typed["Amount"], typed.get("Formula")

    def _odd_quotes(self) -> int:
        count = 0
        for row in self.quotes:
            when = day(row.get("Date"))
            given = any(row.get(name) is not None for name in self.figures.columns)
            count += when is None and given
            count += when is not None and when not in _OPEN
        return count

    def at_price(self, price: float, amount: Fraction, *, capped: bool) -> tuple[int, Fraction]:
        """Shares at an assumed price, and their part of all shares after."""
        quotient = shown(float(amount)) / shown(price)
        shares = math.floor(quotient + Fraction(1, 2))
        if self.figures.of_notes:
            shares = self.whole(quotient)
        if capped and shares:
            # As in a row: the average of all that is bought, these shares included.
            bought = self.carried[self.figures.averaged] + shares
            sold = self.amounts[self.figures.averaged]
            average = float((sold + shares * Fraction(price)) / bought)
            try:
                caps = self.figures.caps
                room = deals.issue_headroom(self.figures.cap, self.issued, average, caps)
                shares = min(shares, room)
            except Refused:
                pass
        if self.outstanding is None or not shares:
            return shares, Fraction()
        return shares, Fraction(shares, self.outstanding + self.issued + shares)


def over(amount: Fraction, shares: Fraction) -> Fraction:
    """Average a price: 0 where there are no shares."""
    return amount / shares if shares else Fraction()


_OPEN: Final = frozenset(SESSIONS)
