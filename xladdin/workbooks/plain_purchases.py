"""Columns of the plain-Excel count of the whole shares that an amount buys, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from xladdin.functions.twins import PlainPurchase, SplitDigits
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.table import Column

NEAREST: Final = "Nearest count"
_LEFT: Final = "Left of the amount"
_ERROR: Final = "Error a share"

Here = Callable[[str], str]
"""Refers to a column in the same row of a table."""


def steps(purchase: PlainPurchase, here: Here) -> Iterator[Column]:
    """Yield the steps from amount and price to whole shares; see `PlainPurchase`.

    Args:
        purchase: The amount, the price and how the count becomes whole.
        here: The table.
    """
    split = SplitDigits(here("Digits of the price"), here("Behind the amount"))
    nearest = here(NEAREST)
    left = (
        f"{here('Digits of the amount')}-{nearest}*{here('First digits')}"
        f"-{nearest}*{here('Last digits')}"
    )
    for header, form, formula in (
        (NEAREST, styles.DIGITS, purchase.nearest),
        ("Digits of the price", styles.DIGITS, purchase.digits),
        ("Behind the amount", styles.DIGITS, purchase.behind),
        ("Digits of the amount", styles.DIGITS, purchase.amount_digits),
        ("First digits", styles.DIGITS, split.first),
        ("Last digits", styles.DIGITS, split.last),
        (_LEFT, styles.DIGITS, left),
        (_ERROR, styles.SMALL, purchase.error(nearest, split)),
    ):
        waits = f"IF({purchase.price}*{purchase.amount}=0,0,{formula})"
        yield Column(header, styles.TWIN, form, 12, waits)


def whole_shares(purchase: PlainPurchase, here: Here) -> str:
    """Count the shares from the steps in helper columns."""
    count = purchase.counted(here(NEAREST), here(_LEFT), here(_ERROR))
    return f"IF({purchase.price}=0,0,{count})"
