"""Names of the inputs of an agreement in proceeds.xlsx."""

from __future__ import annotations

from typing import Final

GROSS_NAME: Final = "Gross"
PRICE_NAME: Final = "Price"
RATE_NAME: Final = "Rate"


def input_name(name: str, number: int) -> str:
    """Name the input of an agreement, by its number from 1."""
    return f"{name}_{number}"
