"""CEO_CAPACITY: what is left of an agreement's capacity."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from xladdin.core import capacity
from xladdin.core.decimals import as_shown
from xladdin.errors import VALUE, InputError
from xladdin.functions.arguments import AMOUNT, PRICE, TERMS_ARGUMENT, Argument, part
from xladdin.functions.derivation import Step, double, given, source_of
from xladdin.functions.function import Function
from xladdin.functions.twins import AGREEMENT, capacity_name, limit_tolerance, whole_quotient
from xladdin.terms.fields import as_decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.terms.selection import Selection


def _ceo_capacity(sold: float, price: float | None, selection: Selection) -> float | int:
    room = selection.room
    if room is None:
        shares = part(
            selection.sales.limit_shares, "a capacity (capacity, or capacity_shares)", selection
        )
        if price is not None:
            raise InputError(VALUE, "price", price, "must be left out: the capacity is in shares")
        parts = bool(selection.all_splits)
        return capacity.shares_of_capacity_left(sold, Fraction(shares), parts=parts)
    if price is None:
        return capacity.capacity_left(sold, room)
    return capacity.shares_left(sold, price, room)


def _ceo_capacity_steps(
    sold: float, price: float | None, selection: Selection, value: float
) -> Iterator[Step]:
    """Derive the capacity less the amount sold, and the whole shares at a price."""
    agreement = selection.sales
    holder = agreement if agreement.shared is None else agreement.shared
    room = agreement.room
    if room is None:
        source = source_of(holder, "capacity_shares")
        yield given(
            "Capacity of the agreement, in shares", float(agreement.limit_shares or 0), source
        )
        yield Step("Shares left: the capacity less the shares sold", sold, None, value, source)
        return
    source = source_of(holder, "capacity")
    yield given("Capacity of the agreement", room.end, source)
    if price is None:
        yield Step("Capacity less sold", sold, None, value, source)
        return
    left = capacity.capacity_left(sold, room)
    yield Step("Capacity less sold", sold, None, left, source)
    yield given("Price of a share", price)
    quotient = (Fraction(room.limit) - as_shown(sold)) / as_shown(price)
    exact = double(quotient) if left else 0
    yield Step("What is left over the price", left, None, exact, source)
    yield Step("Whole shares, rounded down", exact, None, value, source)


def ceo_capacity_twin(
    selection: Selection, sold: str, price: str = "", *, prefix: str = AGREEMENT
) -> str:
    """Subtract what is sold from the capacity, dollars or shares; with a price, count shares."""
    limit = selection.sales.limit
    if limit is None:
        left = f"{capacity_name(selection, prefix, 'capacity_shares')}-{sold}"
        if selection.all_splits:
            left = f"ROUND({left},{capacity.PARTS_OF_A_SHARE})"
            return f"IF({left}<0,NA(),INT({left}))"
        return f"IF({left}<0,NA(),{left})"
    left = f"{capacity_name(selection, prefix)}-{sold}"
    figure = whole_quotient(f"({left})", price, as_decimal(limit)) if price else left
    near = limit_tolerance(limit)
    return f"IF(ABS({left})<{near},0,IF({left}<0,NA(),{figure}))"


CEO_CAPACITY = Function(
    name="CEO_CAPACITY",
    summary="Dollars still unsold under the agreement; with a price, whole shares at it.",
    arguments=(
        Argument(
            "sold",
            AMOUNT,
            "Gross proceeds sold under the agreement so far, USD; shares sold so far where its "
            "capacity is a count of shares, unrounded where a split carries them.",
        ),
        Argument(
            "price",
            PRICE,
            "Price of a share, USD; asks for whole shares instead of dollars. Left out where the "
            "capacity is in shares.",
            optional=True,
            default_words="none: dollars are given",
            changes_unit=True,
        ),
        TERMS_ARGUMENT,
    ),
    result="USD; whole shares, rounded down, with a price or where the capacity is in shares",
    source="NEOT-2001, cover, S-11, S-12",
    implementation=_ceo_capacity,
    each=True,
    derivation=_ceo_capacity_steps,
    twin=ceo_capacity_twin,
    example="=CEO_CAPACITY(9000000,4.04)",
    shows="3960396",
)
