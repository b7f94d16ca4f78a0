"""Headings of the tables of warrants and of their changes, which refer to each other."""

from __future__ import annotations

from typing import Final

TABLE: Final = "Warrants"
NO: Final = "No"
NAME: Final = "Name"
COUNTED: Final = "Counted"
READ_PRICE: Final = "Price that counts"
READ_EXPIRY: Final = "Expiry that counts"
"""Of the warrants."""

CHANGES: Final = "Warrant_changes"
KINDS: Final = ("Issued", "Exercised", "Expired")
CHANGES_AT: Final = "Number of the warrants"
CHANGES_DAY: Final = "Day"
CHANGES_NET: Final = "Net change"
CHANGES_PRICE: Final = "Exercise price"
"""Of their changes."""


def counted(kind: str) -> str:
    """Name the column of the warrants of a change that count, carried over later splits."""
    return f"{kind} warrants"
