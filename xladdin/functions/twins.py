"""Plain-Excel twins: each function's figure from native functions and the Terms sheet alone.

A twin is an independent calculation of the same number. It uses nothing of this package: only the
figures of the Terms sheet, by their defined names, which are the figures' dotted names, and native
functions that every spreadsheet program has. Array forms of SMALL and SUMPRODUCT over computed
arrays are not used, because programs disagree about them.

A twin is declared with its function. It takes the deal, then the texts of the references to the
arguments, and returns the formula without its equals sign. This module has what several share.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from xladdin.core.decimals import slack

CLOSURES: Final = "Closures"
"""Defined name of the exchange's closures on the Terms sheet, for WORKDAY."""

AGREEMENT: Final = "agreement"
"""Prefix of the names of an agreement's figures. On the Terms sheet of a workbook about a whole
deal it is ``agreement_1`` and so on, and the selection given is then that agreement's."""

COUNT_DIGITS: Final = 7
"""Quotients are rounded to this many digits before they are rounded down, or binary rounding
would lose a whole share if the quotient is whole."""

DUST: Final = "0.0000005"
"""Amount added before a product or a quotient is rounded down, so that binary error cannot lose a
whole unit: above that error for amounts and counts up to a thousand million, and below what
rates, prices and amounts of at most six decimals can be short of a whole unit."""

TIERS_FROM: Final = "tiers.from"
"""End of the defined name of the amounts at which an agreement's tiers begin; see `write_terms`."""

TIERS_STEP: Final = "tiers.step"
"""End of the defined name of the steps by which each tier's rate exceeds the tier's before."""

SHOWN_DIGITS: Final = 15
"""Significant digits of a number that a sheet shows, and by which whole units are decided."""


def as_shown(number: str) -> str:
    """Read a number above 0 as a sheet shows it, at 15 significant digits."""
    return f"ROUND({number},{SHOWN_DIGITS - 1}-INT(LOG10({number})))"


def limit_tolerance(limit: Decimal) -> str:
    """Return the USD by which a dollar limit must be exceeded to count as exceeded."""
    return f"{Decimal(str(float(slack(limit)))):f}"


def whole_quotient(amount: str, price: str) -> str:
    """Count the whole shares that an amount buys."""
    return f"INT(({amount}+{DUST})/{price})"
