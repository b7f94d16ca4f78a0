"""Fees on all that is sold, in plain Excel."""

from __future__ import annotations

from typing import Final

from xladdin.terms.agreements import FeeSchedule
from xladdin.terms.selection import Selection

_MET: Final = "0.00001"
"""By less than so many USD an edge is met, and not passed."""


def cumulative(fee: FeeSchedule, sold: str) -> str:
    """Write the fee on all that is sold: in dollars, or a whole count.

    Args:
        fee: The schedule, its figures on the Terms sheet.
        sold: Reference to the amount sold, USD.

    Returns:
        The formula, without an equals sign; 0 where nothing is sold.
    """
    prefix = f"fees.{fee.key}"
    if fee.count is not None:
        due = f"{prefix}.count*{sold}/{prefix}.over"
        return f"IF({sold}=0,0,INT(ROUND({_clamped(fee, due)},8)))"
    due = _whole(fee, sold) if fee.mode == "whole" else _marginal(prefix, len(fee.tiers), sold)
    return f"IF({sold}=0,0,{_clamped(fee, due)})"


def commission(selection: Selection, sold: str) -> str:
    """Write the commission of the agreement or its pool, as `cumulative` does a fee."""
    sales = selection.sales
    if sales.rate is not None:
        return f"{sold}*agreement.rate"
    if sales.tiers or sales.shared is None:
        return _marginal("agreement", len(sales.tiers), sold)
    return _marginal("agreement.pool", len(sales.shared.tiers), sold)


def _clamped(fee: FeeSchedule, due: str) -> str:
    prefix = f"fees.{fee.key}"
    if fee.minimum is not None:
        due = f"MAX({prefix}.minimum,{due})"
    return due if fee.maximum is None else f"MIN({prefix}.maximum,{due})"


def _marginal(prefix: str, tiers: int, sold: str) -> str:
    parts = [f"{sold}*{prefix}.tier_1.rate"]
    for number in range(2, tiers + 1):
        before = f"{prefix}.tier_{number - 1}"
        step = f"({prefix}.tier_{number}.rate-{before}.rate)"
        parts.append(f"MAX(0,{sold}-{before}.up_to)*{step}")
    return "+".join(parts)


def _whole(fee: FeeSchedule, sold: str) -> str:
    prefix = f"fees.{fee.key}"
    rate = f"{prefix}.tier_{len(fee.tiers)}.rate"
    for number in range(len(fee.tiers) - 1, 0, -1):
        tier = f"{prefix}.tier_{number}"
        rate = f"IF({sold}-{tier}.up_to<{_MET},{tier}.rate,{rate})"
    return f"{sold}*{rate}"
