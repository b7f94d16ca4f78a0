"""NASDAQ20_HEADROOM, ISSUE_, FLOAT_ and OWNERSHIP_HEADROOM: what is left within caps."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from xladdin.core import limits
from xladdin.core.decimals import as_shown
from xladdin.errors import REF, InputError, day_shown
from xladdin.functions.arguments import (
    AMOUNT,
    CAP,
    COUNT,
    DATE,
    PART,
    PRICE,
    TERMS_ARGUMENT,
    Argument,
    part,
)
from xladdin.functions.derivation import Step, double, fitting, given, source_of
from xladdin.functions.dilution import OUTSTANDING
from xladdin.functions.function import Function
from xladdin.functions.tables import SALES
from xladdin.functions.twins import part_of
from xladdin.terms.exact import EXCHANGE, Limit, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xladdin.terms.securities import Cap
    from xladdin.terms.selection import Selection


_EXCHANGE_CAP: Final = f"a cap called {EXCHANGE} (caps.{EXCHANGE})"


def _cap(selection: Selection) -> Cap:
    found: Cap = part(selection.part("caps", EXCHANGE), _EXCHANGE_CAP, selection)
    return found


def _nasdaq20_headroom(outstanding: int, issued: int, selection: Selection) -> int:
    cap = _cap(selection)
    # A count is no part of the shares outstanding.
    return limits.headroom(issued, cap.limit, None if cap.rate is None else outstanding)


def _nasdaq20_headroom_steps(
    outstanding: int, issued: int, selection: Selection, value: int
) -> Iterator[Step]:
    """Derive the count at the limit, and the greatest count below it."""
    cap = _cap(selection)
    label = "Shares at which the limit is reached"
    source = source_of(cap, "shares" if cap.rate is None else "rate")
    if cap.rate is None:
        yield given(label, double(Fraction(cap.shares or 0)), source)
        if cap.base:
            yield given("Used up before", double(Fraction(cap.base)), source_of(cap, "base"))
    else:
        reached = double(outstanding * Fraction(cap.rate))
        yield Step(label, outstanding, float(cap.rate), reached, source)
    yield Step("Issued in the transaction so far", issued, None, issued, "")
    within = "stay below it" if cap.inclusive is False else "stay within it"
    yield given(f"Further shares that {within}", value, source)


def exchange_rate(selection: Selection) -> str:
    """Name the figure of the Terms sheet with the exchange's limit, as a part."""
    old = "limits.exchange_limit"
    return old if old in selection.figures else f"caps.{EXCHANGE}.rate"


def nasdaq20_limit_twin(selection: Selection, outstanding: str) -> str:
    """Multiply the shares outstanding by the exchange's limit; of a count, take what is left."""
    cap = _cap(selection)
    if cap.rate is None:
        used = f"-caps.{EXCHANGE}.base" if cap.base else ""
        return f"ROUND(caps.{EXCHANGE}.shares{used},6)"
    return part_of(outstanding, exchange_rate(selection), cap.rate)


def nasdaq20_headroom_twin(selection: Selection, outstanding: str, issued: str = "0") -> str:
    """Subtract the shares issued from the greatest count within the limit, or below it."""
    limit = nasdaq20_limit_twin(selection, outstanding)
    if _cap(selection).inclusive is not False:
        return f"MAX(0,INT({limit})-{issued})"
    # One share fewer than the least count that reaches the limit.
    return f"MAX(0,-INT(-{limit})-1-{issued})"


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
    source="NEOT-2001, S-8",
    implementation=_nasdaq20_headroom,
    each=True,
    derivation=_nasdaq20_headroom_steps,
    twin=nasdaq20_headroom_twin,
    example="=NASDAQ20_HEADROOM(21927372)",
    shows="4385474",
)


def _cap_on_shares(key: str, selection: Selection) -> Cap:
    found: Cap | None = selection.part("caps", key)
    if found is None or found.kind not in limits.IN_SHARES:
        known = [one.key for one in selection.deal.caps if one.kind in limits.IN_SHARES]
        has = ", ".join(known) or "none"
        rule = f"must be the key of a cap on shares of {selection.text}, which has {has}"
        raise InputError(REF, "cap", key, rule)
    if based_cap(found, selection) is None:
        rule = f"must be a cap of {selection.text} that has a base: shares before signing"
        raise InputError(REF, "cap", key, rule)
    return found


def based_cap(cap: Cap, selection: Selection) -> Limit | None:
    """Return a cap with its base: the shares outstanding by the deal where the cap has none."""
    stock = selection.deal.capitalisation
    if cap.base is not None or (cap.rate is None and cap.kind != "authorised"):
        return cap.limit
    if stock is not None:
        return cap.limit._replace(base=ratio(stock.outstanding))
    return None if cap.rate is not None else cap.limit


def _caps(selection: Selection) -> list[Limit]:
    found = (based_cap(one, selection) for one in selection.deal.caps)
    return [one for one in found if one is not None]


def _issue_headroom(
    cap: str, issued: int, average_price: float | None, selection: Selection
) -> int:
    limit = based_cap(_cap_on_shares(cap, selection), selection)
    assert limit is not None
    return limits.issue_headroom(limit, issued, average_price, _caps(selection))


def _issue_headroom_steps(
    cap: str, issued: int, average_price: float | None, selection: Selection, value: int
) -> Iterator[Step]:
    """Derive the cap as a count, what lifts it, and what is left."""
    bound = _cap_on_shares(cap, selection)
    if bound.lifted_at is not None:
        source = source_of(bound, "lifted_at")
        lifted_at = Fraction(bound.lifted_at)
        yield given("Average price that lifts the cap", double(lifted_at), source)
        if average_price is not None and as_shown(average_price) >= lifted_at:
            yield given("Average price: the cap is off", average_price)
            bound = next(
                one
                for one in selection.deal.caps
                if one.key != bound.key
                and one.kind in limits.IN_SHARES
                and (limit := based_cap(one, selection)) is not None
                and limits.headroom(issued, limit) == value
            )
            yield given(f"The least other cap holds: {bound.key}", None)
    limit = based_cap(bound, selection)
    assert limit is not None
    base = Fraction(*limit.base)
    own = source_of(bound, "base")
    if not own and selection.deal.capitalisation is not None:
        own = source_of(selection.deal.capitalisation, "outstanding")
    if bound.rate is not None:
        rate, source = Fraction(bound.rate), source_of(bound, "rate")
        label = "Shares at the cap: its part of the base"
        yield Step(label, double(base), double(rate), double(rate * base), f"{source}; {own}")
    else:
        source = source_of(bound, "shares")
        yield given("Shares at the cap", double(Fraction(bound.shares or 0)), source)
        yield given("Used up before", double(base), own)
    yield Step("Issued so far", issued, None, issued, "")
    within = "stay below it" if bound.inclusive is False else "stay within it"
    yield given(f"Further whole shares that {within}", value, source)


ISSUE_HEADROOM = Function(
    name="ISSUE_HEADROOM",
    summary="Further shares that can be issued within one of the deal's caps.",
    arguments=(
        Argument("cap", CAP, "Key of the cap in the deal, such as exchange."),
        Argument("issued", COUNT, "Shares issued under it so far.", optional=True, default=0),
        Argument(
            "average_price",
            PRICE,
            "Average price of the issue, USD, which may lift the cap.",
            optional=True,
            default_words="none: no cap is lifted",
        ),
        TERMS_ARGUMENT,
    ),
    result="whole shares; 0 where the cap is reached",
    source="the deal's own clauses",
    implementation=_issue_headroom,
    not_available="an average price that lifts the cap where no other cap on shares holds",
    each=True,
    derivation=_issue_headroom_steps,
    no_twin="which cap holds is the deal's own; equityline.xlsx checks those of each",
    example='=ISSUE_HEADROOM("exchange",4000000)',
    shows="372554",
)

BABY_SHELF: Final = Limit("float", "float", rate=(1, 3), months=12, below_float=Decimal(75_000_000))
"""The rule's own figures: Form S-3, General Instruction I.B.6."""

_INSTRUCTION: Final = "Form S-3, General Instruction I.B.6"


def _float_cap(selection: Selection) -> Cap | None:
    return next((one for one in selection.deal.caps if one.kind == "float"), None)


def _float_headroom(
    shares: int,
    price: float,
    sales: Sequence[tuple[datetime.date, float]],
    date: datetime.date,
    offered: float,
    selection: Selection,
) -> float:
    cap = _float_cap(selection)
    limit = BABY_SHELF if cap is None else cap.limit
    return limits.float_headroom(shares, price, sales, date, offered, limit)


def _float_headroom_steps(
    shares: int,
    price: float,
    sales: Sequence[tuple[datetime.date, float]],
    date: datetime.date,
    offered: float,
    selection: Selection,
    value: float,
) -> Iterator[Step]:
    """Derive the float, its part, the sales of the last months, and what is left."""
    cap = _float_cap(selection)
    limit = BABY_SHELF if cap is None else cap.limit
    source = _INSTRUCTION if cap is None else source_of(cap, "rate")
    public = shares * Fraction(price)
    rate = Fraction(*(limit.rate or (1, 3)))
    yield Step("Public float: shares at the price", shares, price, double(public), source)
    if limit.below_float is not None:
        yield given(
            "Float from which sales are not limited", double(Fraction(limit.below_float)), source
        )
    yield Step("Part that may be sold", double(public), double(rate), double(rate * public), source)
    first = limits.months_before(date, limit.months)
    sold = sum((Fraction(usd) for day, usd in sales if first < day <= date), Fraction())
    yield given(f"Sold after {day_shown(first)}, to {day_shown(date)}", double(sold), source)
    yield Step("Offered now", offered, None, offered, "")
    yield given("Left, not below 0", value, source)


def float_headroom_twin(
    _selection: Selection,
    shares: str,
    price: str,
    dates: str,
    usd: str,
    date: str,
    offered: str = "0",
) -> str:
    """Subtract the sales of twelve months, and what is offered, from a third of the float.

    Times of day are cut off: a sale of a day lies before the next day begins.
    """
    first = f'">="&EDATE(INT({date}),-12)+1'
    sold = f'SUMIFS({usd},{dates},{first},{dates},"<"&INT({date})+1)'
    return f"IF({shares}*{price}>=75000000,NA(),MAX(0,{shares}*{price}/3-{sold}-{offered}))"


FLOAT_HEADROOM = Function(
    name="FLOAT_HEADROOM",
    summary="Dollars that can still be sold under the baby-shelf rule, or the deal's cap like it.",
    arguments=(
        Argument("shares", COUNT, "Shares held by non-affiliates."),
        Argument("price", PRICE, "Price at which they are valued, USD."),
        Argument("sales", SALES, "Range of 2 columns: date and USD of each sale under the rule."),
        Argument("date", DATE, "Day of the test."),
        Argument("offered", AMOUNT, "Offered now, USD.", optional=True, default=0.0),
        TERMS_ARGUMENT,
    ),
    result="USD, unrounded; #N/A where sales are not limited",
    source=_INSTRUCTION,
    implementation=_float_headroom,
    not_available="a float from which on sales are not limited",
    each=False,
    derivation=_float_headroom_steps,
    twin=float_headroom_twin,
    twin_takes=("A2", "B2", "C2:C9", "D2:D9", "E2", "F2"),
    example="=FLOAT_HEADROOM(23690126,2.12,{44800,0},45008)",
    shows="16741022.373333335",
)


OWNERSHIP_LIMIT: Final = 0.0499
"""The part of all shares that a holder may have where no other is given."""


def _ownership_headroom_steps(
    outstanding: int, held: int, limit: float, value: int
) -> Iterator[Step]:
    """Derive the holder's most, what is missing to it, and the shares that make it up."""
    part_ = as_shown(limit)
    most = part_ * outstanding
    yield Step(
        "The holder's part of the shares before", fitting(outstanding), limit, double(most), ""
    )
    yield given("Held already", fitting(held))
    yield given("One less that part: what each share taken adds to the distance", double(1 - part_))
    exact = (most - held) / (1 - part_)
    yield Step("Shares that make up the difference", double(most - held), None, double(exact), "")
    yield Step("Whole shares, rounded down, not below 0", double(exact), None, value, "")


def ownership_headroom_twin(
    _selection: Selection, outstanding: str, held: str = "0", limit: str = str(OWNERSHIP_LIMIT)
) -> str:
    """Divide what is missing to the limit by one less it, and round down."""
    return f"MAX(0,INT(ROUND(({limit}*{outstanding}-{held})/(1-{limit}),6)))"


OWNERSHIP_HEADROOM = Function(
    name="OWNERSHIP_HEADROOM",
    summary="Whole shares that a holder may take under a limit on beneficial ownership.",
    arguments=(
        OUTSTANDING,
        Argument("held", COUNT, "Shares that the holder has.", optional=True, default=0),
        Argument(
            "limit",
            PART,
            f"Part of all shares that the holder may have, such as {OWNERSHIP_LIMIT:.2%}.",
            optional=True,
            default=OWNERSHIP_LIMIT,
        ),
    ),
    result="whole shares, rounded down, not below 0",
    source="beneficial ownership limitation (Exchange Act Section 13(d))",
    implementation=limits.ownership_headroom,
    each=True,
    derivation=_ownership_headroom_steps,
    twin=ownership_headroom_twin,
    example="=OWNERSHIP_HEADROOM(10000000)",
    shows="525207",
)
