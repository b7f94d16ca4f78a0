"""Illustrative figures of a deal that does not have its own: every workbook has the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

USUAL_PRICE: Final = Decimal(10)
"""Price of a share, USD."""

USUAL_OFFER_PRICE: Final = Decimal(2)
"""The same where shares are sold by an equity line or in an offering: issuers are smaller there."""

USUAL_FEE: Final = Decimal("0.03")
"""Fee paid on a sale whose commission no document states, over its gross proceeds."""

USUAL_OUTSTANDING: Final = 20_000_000
"""Shares outstanding."""
