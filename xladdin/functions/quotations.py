"""Ranges that are read row by row: a table of quotations, and sales with their prices."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from xladdin.core.debentures import Quote
from xladdin.errors import VALUE, Described, InputError
from xladdin.functions.coercion import (
    QUOTES_WORDS,
    count,
    date,
    element,
    is_blank,
    price,
    range_rows,
    wrong,
)

if TYPE_CHECKING:
    pass


class Quotations:
    """Rows of a table of quotations by date; a row's figures are checked when they are needed."""

    def __init__(self, argument: str) -> None:
        self._argument = argument
        self._rows: dict[datetime.date, list[tuple[int, Any, Any]]] = {}

    def add(self, number: int, day: datetime.date, bid: Any, market: Any) -> None:
        """Add a row, by its number from 0."""
        self._rows.setdefault(day, []).append((number, bid, market))

    def on(self, sessions: Iterable[datetime.date]) -> dict[datetime.date, Quote]:
        """Read the quotations of some sessions.

        Args:
            sessions: The sessions of every window that is needed.

        Returns:
            Quotations by session; none for a session without a closing bid.

        Raises:
            InputError: A date is there twice (#VALUE!), or a row's figure is wrong: the first of
                these in the table.
        """
        rows = sorted(
            (number, place, day, bid, market)
            for day in set(sessions)
            for place, (number, bid, market) in enumerate(self._rows.get(day, ()))
        )
        quotes = {}
        for number, place, day, bid, market in rows:
            if place:
                rule = "must not hold a date twice within a window"
                raise InputError(VALUE, self._argument, day, rule, position=(number, 0))
            closing_bid = self._price(bid, number, 1)
            market_value = self._price(market, number, 2)
            if closing_bid is not None:
                quotes[day] = Quote(closing_bid, market_value or closing_bid)
        return quotes

    def _price(self, cell: Any, row: int, column: int) -> float | None:
        return None if is_blank(cell) else element(price, cell, self._argument, row, column)


def quotes(value: Any, argument: str) -> Quotations:
    """Read a table of quotations; headings and rows that wait for input are left aside."""
    rows = range_rows(value, argument, QUOTES_WORDS)
    width = len(rows[0])
    if width not in (2, 3):
        raise wrong(VALUE, argument, Described(f"{width} columns"), QUOTES_WORDS)
    quotes = Quotations(argument)
    for number, row in enumerate(rows):
        # Headings, and rows that wait for input. `any` first: it skips the blank rest of a
        # whole column quickly.
        if not any(row) and all(map(is_blank, row)):
            continue
        if all(cell is None or isinstance(cell, str) for cell in row):
            continue
        if is_blank(row[0]):
            continue  # incomplete: without a date it is in no window
        session = element(date, row[0], argument, number, 0)
        quotes.add(number, session, row[1], row[2] if width == 3 else None)
    return quotes


def paired_sales(
    shares: Sequence[Sequence[Any]], prices: Sequence[Sequence[Any]]
) -> list[tuple[int, float]]:
    """Pair two ranges of one size; places blank in both are skipped.

    Args:
        shares: Shares sold.
        prices: Price of each sale, USD a share.

    Returns:
        Shares and price of each sale.

    Raises:
        InputError: The sizes differ (#VALUE!), or an entry is wrong: the first one of the shares,
            then of the prices.
    """
    if len(shares) != len(prices) or len(shares[0]) != len(prices[0]):
        found = f"{len(shares)} x {len(shares[0])} against {len(prices)} x {len(prices[0])}"
        raise InputError(
            VALUE, "prices", Described(found), "must be a range of the same size as shares"
        )
    pairs = list(zip(chain.from_iterable(shares), chain.from_iterable(prices), strict=True))
    sold = [
        at for at, (count, price) in enumerate(pairs) if not (is_blank(count) and is_blank(price))
    ]
    try:
        counts = [count(pairs[at][0], "shares") for at in sold]
        paid = [price(pairs[at][1], "prices") for at in sold]
    except InputError:
        width = len(shares[0])  # once more, to find the cell
        for at in sold:
            element(count, pairs[at][0], "shares", *divmod(at, width))
        for at in sold:
            element(price, pairs[at][1], "prices", *divmod(at, width))
        raise
    return list(zip(counts, paid, strict=True))
