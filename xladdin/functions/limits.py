"""NASDAQ20_HEADROOM: shares that stay below the exchange's limit."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from xladdin.core import limits
from xladdin.functions.arguments import COUNT, TERMS_ARGUMENT, Argument, part
from xladdin.functions.derivation import Step, double, given, source_of
from xladdin.functions.dilution import OUTSTANDING
from xladdin.functions.function import Function
from xladdin.functions.twins import DUST
from xladdin.terms.conversion import EXCHANGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.terms.deal import Cap
    from xladdin.terms.selection import Selection


def _cap(selection: Selection) -> Cap:
    found: Cap = part(selection.part("caps", EXCHANGE), "limits", selection)
    return found


def _nasdaq20_headroom(outstanding: int, issued: int, selection: Selection) -> int:
    return limits.headroom(issued, _cap(selection).limit, outstanding)


def _nasdaq20_headroom_steps(
    outstanding: int, issued: int, selection: Selection, value: int
) -> Iterator[Step]:
    """Derive the count at the limit, and the greatest count below it."""
    cap = _cap(selection)
    label = "Shares at which the limit is reached"
    source = source_of(cap, "shares" if cap.rate is None else "rate")
    if cap.rate is None:
        yield given(label, double(Fraction(cap.shares or 0)), source)
    else:
        reached = double(outstanding * Fraction(cap.rate))
        yield Step(label, outstanding, float(cap.rate), reached, source)
    yield Step("Issued in the transaction so far", issued, None, issued, "")
    within = "stay below it" if cap.inclusive is False else "stay within it"
    yield given(f"Further shares that {within}", value, source)


def nasdaq20_headroom_twin(_selection: Selection, outstanding: str, issued: str = "0") -> str:
    """Take one share fewer than the least count that reaches the limit, less the shares issued."""
    reaching = f"-INT({DUST}-{outstanding}*limits.exchange_limit)"
    return f"MAX(0,{reaching}-1-{issued})"


NASDAQ20_HEADROOM = Function(
    name="NASDAQ20_HEADROOM",
    summary="Further shares that can be issued while staying below the exchange's limit.",
    arguments=(
        OUTSTANDING,
        Argument(
            "issued",
            COUNT,
            "Shares issued in the same transaction so far.",
            optional=True,
            default=0,
        ),
        TERMS_ARGUMENT,
    ),
    result="whole shares; 0 where the limit is reached",
    source="S-8",
    implementation=_nasdaq20_headroom,
    each=True,
    derivation=_nasdaq20_headroom_steps,
    twin=nasdaq20_headroom_twin,
    example="=NASDAQ20_HEADROOM(21927372)",
    shows="4385474",
)
