"""Illustrative figures of a deal that does not have its own: every workbook has the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from xladdin.terms.fields import as_decimal
from xladdin.terms.selection import Selection

USUAL_PRICE: Final = Decimal(10)
"""Price of a share, USD."""

USUAL_OFFER_PRICE: Final = Decimal(2)
"""The same where shares are sold by an equity line or in an offering: issuers are smaller there."""

USUAL_FEE: Final = Decimal("0.03")
"""Fee paid on a sale whose commission no document states, over its gross proceeds."""

USUAL_OUTSTANDING: Final = 20_000_000
"""Shares outstanding."""

_MOST: Final = Decimal(10) ** 7
"""More than a usual price becomes by any split, and less than a cell takes."""

_CENT: Final = Decimal("0.01")
_FINE: Final = Decimal("0.0001")


def last_sale(selection: Selection, usual: Decimal) -> Decimal:
    """Return the last sale by the deal's capitalisation as a cell holds it, or a usual price."""
    stock = selection.deal.capitalisation
    return as_decimal(stock.last_sale) if stock else usual


def last_sale_now(selection: Selection) -> Decimal:
    """Return the last sale, or the usual price carried over the splits since the document."""
    if selection.deal.capitalisation:
        return last_sale(selection, USUAL_PRICE)
    ratio = selection.old_for_new(selection.terms.document_date)
    return min(part_of_price(USUAL_PRICE, ratio.numerator, ratio.denominator), _MOST)


def part_of_price(price: Decimal, part: int, whole: int) -> Decimal:
    """Take a part of a price, in cents: where a cent is too coarse for it, in its hundredths."""
    found = price * part / whole
    return found.quantize(_CENT) or max(found.quantize(_FINE), _FINE)


def in_cents(price: float) -> float:
    """Round a price likewise."""
    return round(price, 2) or max(round(price, 4), float(_FINE))
