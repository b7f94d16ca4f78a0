"""The agreements of proceeds.xlsx: those that agents sell under, or that bear a commission."""

from __future__ import annotations

from decimal import Decimal

from xladdin.errors import REF, NothingToShowError
from xladdin.terms.fields import as_decimal
from xladdin.terms.selection import Selection
from xladdin.workbooks.sold import Sold, agreements_of


def parties_of(selection: Selection) -> list[Sold]:
    """List the agreements that the workbook is about.

    Args:
        selection: The deal.

    Raises:
        NothingToShowError: There is none, or one lacks a capacity in USD of its own or a
            commission (#REF!): a workbook about the others would not be about the deal.
    """
    found = [one for one in agreements_of(selection) if one.pays or one.sales.agents]
    rule = "" if found else "has no sales agreement with agents or a commission"
    for one in found:
        lacks = "" if one.pays else "a commission"
        if one.sales.capacity is None:
            lacks = f"a capacity in USD of its own{lacks and ' and ' + lacks}"
        if lacks and not rule:
            why = "what all of it would bring in, less its commission, is what proceeds.xlsx shows"
            rule = f"has an agreement, {one.sales.key}, without {lacks}: {why}; see reporting.xlsx"
    if rule:
        raise NothingToShowError(REF, "terms", selection.text, rule)
    return found


def capacity_of(sold: Sold) -> Decimal:
    """Return the capacity of an agreement of the workbook, USD."""
    return as_decimal(sold.sales.capacity or Decimal(0))
