"""Which splits counts and prices are given after: words behind their units."""

from __future__ import annotations

from typing import Final

from xladdin.errors import day_shown
from xladdin.terms.selection import Selection

OF_ITS_DAY: Final = " of the day"
AS_TRADED: Final = " as traded"


def basis(selection: Selection) -> str:
    """Say which shares the figures of a deal's day are in; empty for a deal without a split."""
    if not selection.all_splits:
        return ""
    if len(selection.splits) == len(selection.all_splits):
        return "after all splits"
    assert selection.stands is not None
    return f"as of {day_shown(selection.stands)}"


def in_basis(selection: Selection, unit: str) -> str:
    """Name a unit of figures that are in these shares."""
    return f"{unit} {basis(selection)}".rstrip()


def as_typed(selection: Selection, unit: str) -> str:
    """Name a unit of figures that are in the shares of their row's day."""
    return f"{unit}{OF_ITS_DAY}" if selection.all_splits else unit


def of_the_deal(selection: Selection) -> str:
    """Return the basis of a deal's figures with a space before it; empty without splits."""
    return f" {basis(selection)}".rstrip()


def of_quotations(selection: Selection) -> str:
    """Return the basis in which quotations are typed; empty without splits.

    Args:
        selection: The deal.
    """
    if not selection.all_splits:
        return ""
    return of_the_deal(selection) if selection.quotes_are_adjusted else AS_TRADED


def in_words(selection: Selection) -> str:
    """Say which splits the figures of a sheet are after.

    Args:
        selection: The deal.

    Returns:
        A sentence with a space before it; empty without splits.
    """
    if not selection.all_splits:
        return ""
    if not selection.splits:
        return " Counts and prices are in shares before all splits."
    last = max(day for day, _ in selection.splits)
    return f" Counts and prices are in shares after the splits up to {last.day} {last:%B %Y}."


def carried_in_words(selection: Selection) -> str:
    """Say which shares the rows and the sums of a log are in.

    Args:
        selection: The deal.

    Returns:
        A sentence with a space before it; empty without splits.
    """
    if not selection.all_splits:
        return ""
    return (
        " Shares and prices are those of the row's day; warrants, their exercise prices and sums "
        "of shares are carried over splits, unrounded."
    )
